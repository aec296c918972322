#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Packets through a vxlan device that takes its key from each of them, to a
# kernel's vxlan device of another host. A client has each first packet
# executed; the flows that it makes set the key, and match it on the way back.

. "$(dirname "$0")/../lib/e2e.sh"

dp_up 1
# the other host: 10.0.0.9 inside of the tunnel
FAR=oxh9-$$
ip netns add "$FAR"
HOSTS+=("$FAR")
quiet_ipv6 "$FAR"
sw ip link add u0 mtu 1600 type veth peer name u0 mtu 1600 netns "$FAR"
sw ip addr add 172.16.0.1/24 dev u0
sw ip link set u0 up
host 9 ip link set lo up
host 9 ip addr add 172.16.0.2/24 dev u0
host 9 ip link set u0 up
far_vxlan() { # options
	host 9 ip link del h9 2> /dev/null
	host 9 ip link add h9 mtu 1500 type vxlan dstport 4789 "$@"
	# no frames of its own, also where the underlay speaks IPv6
	host 9 sh -c "echo 1 > /proc/sys/net/ipv6/conf/h9/disable_ipv6"
	host 9 ip link set h9 address "$(mac 9)"
	host 9 ip addr add 10.0.0.9/24 dev h9
	host 9 ip link set h9 up
	host 9 ip neigh replace 10.0.0.1 lladdr "$(mac 1)" dev h9
}
vxlan() { # options
	[ -z "${PORT:-}" ] || ctl del-if dp0 tv
	sw ip link del tv 2> /dev/null
	sw ip link add tv type vxlan external dstport 4789 udp6zerocsumrx "$@"
	sw ip link set tv up
	ctl add-if dp0 tv,port_no=5
	PORT=5
}
host 1 ip neigh replace 10.0.0.9 lladdr "$(mac 9)" dev h0

CLIENT=
client() { # key
	[ -z "$CLIENT" ] || { kill "$CLIENT"; wait "$CLIENT" 2> /dev/null; }
	ctl del-flows dp0
	: > "$WORK/client"
	nsenter --net="/run/netns/$SW" env PYTHONPATH=tests/lib \
		/usr/bin/python3 tests/lib/tunnels.py dp0 p1 tv "$1" \
		> "$WORK/client" 2>&1 &
	CLIENT=$!
	PIDS+=($!)
	wait_for 10 grep -q ready "$WORK/client"
}
said() { grep -c "$1" "$WORK/client"; }
ping9() { host 1 ping -q -c "$1" -i 0.05 -W 30 "${@:2}" 10.0.0.9; }
lost() { # nothing by any reason of tunnels
	ctl stats dp0 | awk '$1 ~ /tunnel/ { n += $2 } END { print n + 0 }'
}

vxlan
far_vxlan id 100 local 172.16.0.2 remote 172.16.0.1 ttl 33 tos 0x20
client id=100,dst=172.16.0.2
# the first packets alone, none of which is lost
check e2e.tunnel_vxlan.first ping9 1
check e2e.tunnel_vxlan.ping ping9 10
check_eq e2e.tunnel_vxlan.misses 2 "$(said cmd)"
check_eq e2e.tunnel_vxlan.upcall_plain 1 "$(said 'in=1 -$')"
check_eq e2e.tunnel_vxlan.upcall_key 1 \
	"$(said 'in=5 id=100,src=172.16.0.2,dst=172.16.0.1,tos=32,ttl=33,csum$')"
check e2e.tunnel_vxlan.large ping9 3 -s 1400
check e2e.tunnel_vxlan.tcp tcp 1 9 4000000 5041
check e2e.tunnel_vxlan.tcp_back tcp 9 1 4000000 5042
# another VNI matches none of these flows
host 9 ip link set h9 down
far_vxlan id 101 local 172.16.0.2 remote 172.16.0.1
before=$(said cmd)
host 9 ping -q -c 1 -W 1 10.0.0.1 > /dev/null 2>&1
missed() { [ "$(said 'in=5 id=101')" = 1 ]; }
check e2e.tunnel_vxlan.other_key wait_for 5 missed
check_eq e2e.tunnel_vxlan.nothing_lost 0 "$(lost)"

# the key set, with all that IPv4 has
far_vxlan id 100 local 172.16.0.2 remote 172.16.0.1 noudpcsum
client id=100,dst=172.16.0.2,src=172.16.0.1,ttl=7,tos=40,csum
check e2e.tunnel_vxlan.first_all_fields ping9 1
check e2e.tunnel_vxlan.all_fields ping9 2
check_eq e2e.tunnel_vxlan.upcall_no_csum 1 "$(said 'in=5 id=100.*ttl=[0-9]*$')"

# without a key, and by a list of the user tier
ctl del-flows dp0
kill "$CLIENT"; wait "$CLIENT" 2> /dev/null; CLIENT=
ctl add-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4()" "5"
ping9 2 -W 0.2 > /dev/null 2>&1
check_eq e2e.tunnel_vxlan.no_key 2 \
	"$(ctl stats dp0 | awk '$1 == "no_tunnel_key" { print $2 }')"

# Group Based Policy
vxlan gbp
far_vxlan id 100 local 172.16.0.2 remote 172.16.0.1 gbp
client id=100,dst=172.16.0.2,gbp=524407
check e2e.tunnel_vxlan.gbp_first ping9 1
check e2e.tunnel_vxlan.gbp ping9 3
check_eq e2e.tunnel_vxlan.gbp_misses 2 "$(said cmd)"

# over IPv6
sw sh -c 'echo 0 > /proc/sys/net/ipv6/conf/u0/disable_ipv6'
sw ip addr add fd72::1/64 dev u0 nodad
host 9 sh -c 'echo 0 > /proc/sys/net/ipv6/conf/u0/disable_ipv6
	echo 0 > /proc/sys/net/ipv6/conf/default/disable_ipv6'
host 9 ip addr add fd72::2/64 dev u0 nodad
vxlan
far_vxlan id 100 local fd72::2 remote fd72::1 udp6zerocsumrx
client id=100,dst=fd72::2
check e2e.tunnel_vxlan.ipv6_first ping9 1
check e2e.tunnel_vxlan.ipv6 ping9 10
check_eq e2e.tunnel_vxlan.ipv6_misses 2 "$(said cmd)"
check_eq e2e.tunnel_vxlan.ipv6_key 1 "$(said 'in=5 id=100,src=fd72::2,dst=fd72::1')"
check e2e.tunnel_vxlan.ipv6_tcp tcp 1 9 4000000 5043

# the daemon's death stops nobody, and its successor injects as well
daemon_kill 9
check e2e.tunnel_vxlan.daemon_dead ping9 5
daemon_start
client id=100,dst=fd72::2
check e2e.tunnel_vxlan.daemon_again_first ping9 1
check e2e.tunnel_vxlan.daemon_again ping9 5
check_eq e2e.tunnel_vxlan.daemon_again_misses 2 "$(said cmd)"
finish
