#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# VLAN tags: matched, pushed, popped, exchanged; two tags.

. "$(dirname "$0")/../lib/e2e.sh"

dp_up 1 2
# A trunk: a veth pair, both ends ports. What leaves by 3 comes in by 4.
sw ip link add ta type veth peer name tb
if mode_is_xdp; then
	tags_in_line sw ta
	tags_in_line sw tb
fi
sw ip link set ta up
sw ip link set tb up
ctl add-if dp0 ta,port_no=3
ctl add-if dp0 tb,port_no=4
any="eth_type(0x0800),ipv4()"
q5="eth_type(0x8100),vlan(vid=5),encap($any)"

# trunk ACTIONS KEY POPS: hosts untagged, the trunk tagged
trunk() {
	ctl del-flows dp0
	ctl add-flow dp0 "in_port(1),eth(),$any" "${1}3"
	ctl add-flow dp0 "in_port(4),eth(),$2" "${3}2"
	ctl add-flow dp0 "in_port(2),eth(),$any" "${1}4"
	ctl add-flow dp0 "in_port(3),eth(),$2" "${3}1"
}

trunk "push_vlan(vid=5,pcp=3)," "$q5" "pop_vlan,"
check e2e.vlan.push_pop host 1 ping -q -c 3 -i 0.05 -W 30 10.0.0.2
check e2e.vlan.tcp tcp 1 2 2000000
check e2e.vlan.tcp_back tcp 2 1 2000000 5003
check e2e.vlan.udp udp 1 2

# the tags as they are on the wire
ctl del-flows dp0
ctl add-flow dp0 "in_port(1),eth(),$any" "push_vlan(vid=5,pcp=3),2"
capture 2 -c 2
host 1 ping -q -c 2 -i 0.05 -W 1 10.0.0.2 > /dev/null
check e2e.vlan.tag_on_wire grep -q 'length 102: vlan 5, p 3' <(captured 2)
ctl del-flows dp0
ctl add-flow dp0 "in_port(1),eth(),$any" \
	"push_vlan(vid=5,pcp=0),push_vlan(tpid=0x88a8,vid=7,pcp=0),2"
capture 2 -c 2
host 1 ping -q -c 2 -i 0.05 -W 1 10.0.0.2 > /dev/null
check e2e.vlan.qinq_on_wire \
	grep -q '802.1Q-QinQ.*length 106: vlan 7.*vlan 5' <(captured 2)

# another VLAN doesn't match
trunk "push_vlan(vid=5,pcp=0)," "${q5/vid=5/vid=6}" "pop_vlan,"
check_fails e2e.vlan.other_vid "100% packet loss" \
	host 1 ping -q -c 2 -i 0.05 -W 1 10.0.0.2

# Two tags: 802.1ad 7 outside, 802.1Q 5 inside. The MTU allows for one tag
# as the module's does; the second needs room.
sw ip link set ta mtu 1504
sw ip link set tb mtu 1504
trunk "push_vlan(vid=5,pcp=0),push_vlan(tpid=0x88a8,vid=7,pcp=0)," \
	"eth_type(0x88a8),vlan(vid=7),encap($q5)" "pop_vlan,pop_vlan,"
check e2e.vlan.qinq host 1 ping -q -c 3 -i 0.05 -W 30 10.0.0.2
check e2e.vlan.qinq_tcp tcp 1 2 1000000 5004
finish
