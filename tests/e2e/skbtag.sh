#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# VLAN tags in the skb's metadata, where the kernel's offloads put them: VLAN
# devices on top of hosts' veth, nobody calls ethtool. Matched, popped,
# pushed, exchanged, with TCP's large segments.

. "$(dirname "$0")/../lib/e2e.sh"
[ "$MODE" = auto ] || [ "$MODE" = tc ] ||
	bail "XDP on a veth doesn't see tags in the skb's metadata"

dp_up 1 2 3
host 1 ip link add link h0 name v5 type vlan id 5 2> /dev/null ||
	bail "the kernel has no VLAN devices (8021q)"
host 1 ip addr add 10.5.0.1/24 dev v5
host 1 ip link set v5 up
host 2 ip link add link h0 name v5 type vlan id 5
host 2 ip addr add 10.5.0.2/24 dev v5
host 2 ip link set v5 up
host 3 ip link add link h0 name v7 type vlan id 7
host 3 ip addr add 10.5.0.3/24 dev v7
host 3 ip link set v7 up

# What is behind a tag must be told: the module wants an Ethertype there.
tagged() { # in_port vid actions
	local in
	for in in "eth_type(0x0800),ipv4()" "eth_type(0x0806),arp()"; do
		ctl add-flow dp0 \
			"in_port($1),eth(),eth_type(0x8100),vlan(vid=$2),encap($in)" \
			"$3"
	done
}
stream() { # from to address port
	local pid
	head -c 3000000 /dev/urandom > "$WORK/sent"
	host "$2" timeout 120 socat -u "TCP-LISTEN:$4,reuseaddr" \
		"OPEN:$WORK/got,creat,trunc" &
	pid=$!
	wait_for 5 listening "$2" "$4"
	host "$1" timeout 120 socat -u "OPEN:$WORK/sent" "TCP:$3:$4" || return 1
	wait "$pid"
	cmp "$WORK/sent" "$WORK/got"
}

# tagged at both ends: matched by tag and passed on
tagged 1 5 2
tagged 2 5 1
check e2e.skbtag.match host 1 ping -q -c 3 -i 0.05 -W 30 10.5.0.2
check e2e.skbtag.match_tcp stream 1 2 10.5.0.2 5011
check_fails e2e.skbtag.untagged_apart "100% packet loss" \
	host 1 ping -q -c 2 -i 0.05 -W 1 10.0.0.2

# tag 5 here is tag 7 there
ctl del-flows dp0
tagged 1 5 "pop_vlan,push_vlan(vid=7,pcp=0),3"
tagged 3 7 "pop_vlan,push_vlan(vid=5,pcp=0),1"
check e2e.skbtag.exchange host 1 ping -q -c 3 -i 0.05 -W 30 10.5.0.3
check e2e.skbtag.exchange_tcp stream 1 3 10.5.0.3 5012
check e2e.skbtag.exchange_back stream 3 1 10.5.0.1 5013

# tagged at one end only
ctl del-flows dp0
host 2 ip addr add 10.5.0.4/24 dev h0
host 2 ip link del v5
tagged 1 5 "pop_vlan,2"
ctl add-flow dp0 "in_port(2),eth(),eth_type(0x0800),ipv4()" \
	"push_vlan(vid=5,pcp=0),1"
ctl add-flow dp0 "in_port(2),eth(),eth_type(0x0806),arp()" \
	"push_vlan(vid=5,pcp=0),1"
host 1 ip neigh flush dev v5
check e2e.skbtag.pop_push host 1 ping -q -c 3 -i 0.05 -W 30 10.5.0.4
check e2e.skbtag.pop_tcp stream 1 2 10.5.0.4 5014
check e2e.skbtag.push_tcp stream 2 1 10.5.0.1 5015
finish
