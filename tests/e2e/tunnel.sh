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
why() { ctl show dp0 | grep ": $1 \["; }
promisc() { sw ip -d link show "$1" | grep -o 'promiscuity [0-9]*'; }

check e2e.tunnel.add ctl add-if dp0 vx0,port_no=2
check e2e.tunnel.skb_tier grep -q 'tc: only skbs have a tunnel key' <(why vx0)
check_eq e2e.tunnel.no_promisc "promiscuity 0" "$(promisc vx0)"
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
check_eq e2e.tunnel.own_key_promisc "promiscuity 1" "$(promisc vx1)"

# a daemon's death, and devices that came and went during it
daemon_kill 9
daemon_start
check e2e.tunnel.taken_over grep -q 'tc: only skbs' <(why vx0)
check_eq e2e.tunnel.taken_over_promisc "promiscuity 0" "$(promisc vx0)"
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
finish
