#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Tunnels' devices as ports. One that takes its key from each packet (`external`)
# belongs to the skb tier, whatever mode was asked. One with a key of its own is
# a netdev like others.

. "$(dirname "$0")/../lib/e2e.sh"

dp_up 1
sw ip link add vx0 type vxlan external dstport 4790 2> "$WORK/vx" ||
	bail "$(cat "$WORK/vx")"
sw ip link set dev vx0 up
why() { ctl show dp0 | grep ": $1 "; }
# what a person sees of it; a bridge counts apart
promisc() { sw ip link show "$1" | grep -o PROMISC; }
master() { sw ip link show "$1" | sed -n 's/.* master \([^ ]*\).*/\1/p'; }
bridges() { sw ip -br link show type bridge | wc -l; }
logged() { grep -q -- "$1" "$WORK/daemon"; }

check e2e.tunnel.add ctl add-if dp0 vx0,port_no=2
check e2e.tunnel.skb_tier grep -q \
	'\[tc: .*; vxlan tunnel, UDP port 4790, by this device' <(why vx0)
check_eq e2e.tunnel.no_promisc "" "$(promisc vx0)"
check_eq e2e.tunnel.no_xdp "" "$(sw ip link show vx0 | grep xdp)"
check e2e.tunnel.set_mode ctl set-if dp0 vx0,mode=xdp-generic
check e2e.tunnel.still_skb_tier grep -q 'tc: only skbs' <(why vx0)
check_eq e2e.tunnel.still_no_xdp "" "$(sw ip link show vx0 | grep xdp)"
check_fails e2e.tunnel.twice EEXIST ctl add-if dp0 vx0

# a key of its own
sw ip link add vx1 type vxlan id 7 remote 10.9.9.9 dstport 4791
# XDP would be asked for in vain
check e2e.tunnel.own_key ctl add-if dp0 vx1,port_no=3,mode=tc
check_eq e2e.tunnel.own_key_plain "" "$(why vx1 | grep 'tunnel key')"
check_eq e2e.tunnel.own_key_promisc PROMISC "$(promisc vx1)"

# into a bridge, for the kernel's ICMP errors (docs/tunnels.md)
if sw ip link add oxk0 type bridge 2> /dev/null; then
	sw ip link del dev oxk0
	BRIDGE=$(master vx0)
	check e2e.tunnel.bridge test -n "$BRIDGE"
	check_eq e2e.tunnel.bridge_down "" \
		"$(sw ip link show "${BRIDGE:-lo}" | grep -o '[<,]UP[,>]')"
	check_eq e2e.tunnel.bridge_own_key "" "$(master vx1)"
	check_eq e2e.tunnel.bridge_quiet "" \
		"$(grep -E 'gets no packets|other device' "$WORK/daemon")"
	check_eq e2e.tunnel.bridge_not_shown "" "$(why vx0 | grep 'gets nothing')"
	sw ip link set dev vx0 nomaster
	back() { [ "$(master vx0)" = "$BRIDGE" ]; }
	check e2e.tunnel.bridge_back wait_for 5 back
	sw ip link del dev "$BRIDGE"
	check e2e.tunnel.bridge_made_again wait_for 5 back
	daemon_kill 9
	daemon_start
	check e2e.tunnel.bridge_taken_over back
	ctl del-if dp0 vx0
	check_eq e2e.tunnel.bridge_left "" "$(master vx0)"
	check_eq e2e.tunnel.bridge_gone 0 "$(bridges)"
	ctl add-if dp0 vx0,port_no=2
	sw ip link set dev vx0 nomaster
	wait_for 5 back
	# a user's own is left alone, and said
	sw ip link add up0 type bridge
	sw ip link set dev vx0 master up0
	check e2e.tunnel.bridge_other wait_for 5 logged 'up0 (bridge), its master'
	check_eq e2e.tunnel.bridge_other_stays up0 "$(master vx0)"
	sw ip link del dev up0
	check e2e.tunnel.bridge_other_gone wait_for 5 back
	# the daemon is dead meanwhile
	daemon_kill 9
	sw ip link del dev vx0
	daemon_start
	check_eq e2e.tunnel.bridge_cleaned 0 "$(bridges)"
	sw ip link add vx0 type vxlan external dstport 4790
	daemon_kill 9
	DAEMON_OPTIONS=--tunnel-pmtu=off
	daemon_start
	ctl add-if dp0 vx0,port_no=2
	check_eq e2e.tunnel.bridge_off 0 "$(bridges)"
	ctl del-if dp0 vx0
	daemon_kill 9
	DAEMON_OPTIONS=
	daemon_start
	ctl add-if dp0 vx0,port_no=2
else
	skip e2e.tunnel.bridge "no bridge in this kernel"
fi

# a daemon's death, and devices that came and went during it
daemon_kill 9
daemon_start
check e2e.tunnel.taken_over grep -q 'vxlan tunnel' <(why vx0)
check_eq e2e.tunnel.taken_over_promisc "" "$(promisc vx0)"
daemon_kill 9
sw ip link del dev vx0
sw ip link add vx0 type vxlan external dstport 4790
daemon_start
check_eq e2e.tunnel.another_is_none "" "$(why vx0)"
check_eq e2e.tunnel.another_is_clean "" \
	"$(sw tc filter show dev vx0 ingress 2> /dev/null)"
check e2e.tunnel.another ctl add-if dp0 vx0,port_no=2
sw ip link del dev vx0
gone() { ! why vx0; }
check e2e.tunnel.goes_with_device wait_for 5 gone

# types of tunnels: the daemon makes the device, which goes with the port
check_fails e2e.tunnel.no_port "EINVAL.*UDP port" ctl add-if dp0 vx2,type=vxlan
check e2e.tunnel.type ctl add-if dp0 vx2,port_no=4,type=vxlan,dst_port=4792,exts=gbp
check_eq e2e.tunnel.type_shown "vx2 (vxlan: dst_port=4792, exts=gbp)" \
	"$(why vx2 | sed 's/.*: vx2/vx2/; s/ \[.*//')"
check e2e.tunnel.type_why grep -q \
	"vxlan GBP tunnel, UDP port 4792, by a device of the kernel's" <(why vx2)
check e2e.tunnel.type_device grep -q 'mtu 65535.*dstport 4792.* gbp ' \
	<(sw ip -d link show vx2 | paste -s)
check_eq e2e.tunnel.json "vxlan 4792 ['gbp']" \
	"$(json "' '.join(str(p[k]) for p in d[0]['ports'] if p['name'] == 'vx2' for k in ('type', 'dst_port', 'exts'))" show dp0)"
check_fails e2e.tunnel.type_twice "EEXIST" ctl add-if dp0 vx9,type=vxlan,dst_port=4792,exts=gbp
check_fails e2e.tunnel.exts_unknown "gbp and gpe" ctl add-if dp0 vx9,type=vxlan,dst_port=1,exts=gbb
daemon_kill 9
daemon_start
check e2e.tunnel.type_taken_over grep -q 'exts=gbp' <(why vx2)
check e2e.tunnel.type_del ctl del-if dp0 vx2
check_fails e2e.tunnel.type_device_gone "does not exist" sw ip link show vx2

# without a device
daemon_kill 9
DAEMON_OPTIONS=--tunnels=native
daemon_start
links() { sw ip -br link | sed 's/[@ ].*//' | sort; }
links > "$WORK/links"
check e2e.tunnel.native ctl add-if dp0 ge0,port_no=5,type=geneve,dst_port=6081
check e2e.tunnel.native_no_device cmp "$WORK/links" <(links)
check e2e.tunnel.native_why grep -q \
	'geneve: dst_port=6081.*tc: no device; .* --tunnels=native' <(why ge0)
check_fails e2e.tunnel.native_mode "no device to attach" ctl set-if dp0 ge0,mode=xdp
check_fails e2e.tunnel.native_twice EBUSY ctl add-if dp0 ge1,type=geneve,dst_port=6081
check_fails e2e.tunnel.not_served "EAFNOSUPPORT.*use geneve" ctl add-if dp0 gt0,type=gtpu,dst_port=2152
check_fails e2e.tunnel.not_native "EAFNOSUPPORT.*bareudp.*--tunnels=native" \
	ctl add-if dp0 bu0,type=bareudp,dst_port=6635
daemon_kill 9
daemon_start
check e2e.tunnel.native_taken_over why ge0
check e2e.tunnel.native_del ctl del-if dp0 ge0
daemon_kill
DAEMON_OPTIONS=--tunnels=kernel
daemon_start
if ! sw ip link add oxk0 type geneve external 2> /dev/null; then
	check_fails e2e.tunnel.no_kind "EAFNOSUPPORT.*this kernel has no" \
		ctl add-if dp0 ge0,type=geneve,dst_port=6081
	check e2e.tunnel.no_kind_clean cmp "$WORK/links" <(links)
else
	sw ip link del dev oxk0
fi
if ! sw ip link add oxk0 type erspan external 2> /dev/null; then
	check_fails e2e.tunnel.remedy "EAFNOSUPPORT.*erspan.*load its module ip_gre" \
		ctl add-if dp0 er0,type=erspan
else
	sw ip link del dev oxk0
fi

# nothing is left
ctl add-if dp0 vx2,type=vxlan,dst_port=4792
ctl del-dp dp0
check_eq e2e.tunnel.nothing_left "lo p1 vx1" "$(links | paste -sd ' ')"
finish
