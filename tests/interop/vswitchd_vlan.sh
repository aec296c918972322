#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-vswitchd's VLANs: access, trunk, native-untagged, native-tagged and
# dot1q-tunnel ports, an internal
# port as an access port, a VLAN device of the kernel's as a port.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_vlan
bridge_up 1 2 3 4

# VLAN devices of the hosts, where their kernel has such; frames with tags go
# through everywhere.
check_vlan() { # id command...
	if [ "$vlans" ]; then
		check "$@"
	else
		skip "$1" "this kernel has no VLAN devices"
	fi
}
vlans=
host 1 ip link add link h0 name v9 type vlan id 9 2> /dev/null &&
	vlans=yes && host 1 ip link del v9
# Host N's device for a tag: its address is 10.0.TAG.N
tagged() { # host tag
	[ "$vlans" ] || return 0
	host "$1" ip link add link h0 name "h0.$2" type vlan id "$2"
	host "$1" ip addr add "10.0.$2.$1/24" dev "h0.$2"
	host "$1" ip link set "h0.$2" up
}
arrives() { # from to... -- frame: what comes where, without the hosts' ARP
	frames "$@" | grep -v type=0x0806 | sed 's/ csum=.*//; s/ ttl=.*//'
}

# ---- access ----
vsctl set port p1 tag=10 -- set port p2 tag=10 -- set port p3 tag=20
check $id.access_same ping_ok 1 10.0.0.2
check $id.access_tcp tcp 1 2
check $id.access_other ping_lost 1 10.0.0.3
vsctl add-port br0 in10 tag=10 -- set interface in10 type=internal
wait_for 5 sw ip link show in10
sw ip addr add 10.0.0.100/24 dev in10
sw ip link set in10 up
check $id.access_internal ping_ok 1 10.0.0.100
check $id.access_internal_other ping_lost 3 10.0.0.100

# ---- trunk ----
# host 4's network tags: 10 and 30 may, 20 may not
vsctl set port p4 trunks=10,30
tagged 4 10
tagged 4 20
tagged 4 30
host 1 ip addr add 10.0.10.1/24 dev h0
check_vlan $id.trunk ping_ok 1 10.0.10.4
trunk_tcp() { # from to address
	host "$2" timeout 120 iperf3 -s -1 -B "$3" > "$WORK/iperf" &
	wait_for 5 listening "$2" 5201
	host "$1" timeout 120 iperf3 -c "$3" -n 20M
}
check_vlan $id.trunk_tcp trunk_tcp 1 4 10.0.10.4
check_vlan $id.trunk_tcp_back trunk_tcp 4 1 10.0.10.1
check_eq $id.trunk_tag "1 len=104 to=020000000004 vlan=10" \
	"$(arrives 1 4 3 -- udp:src=1,dst=4,len=100)"
host 3 ip addr add 10.0.20.3/24 dev h0
check_vlan $id.trunk_left_out ping_lost 3 10.0.20.4
vsctl set port p3 trunks=20,30 -- clear port p3 tag
tagged 3 30
check_vlan $id.trunk_trunk ping_ok 3 10.0.30.4
check_eq $id.trunk_trunk_tag "1 len=104 to=020000000003 vlan=30" \
	"$(arrives 4 3 1 2 -- udp:src=4,dst=3,len=100,vlan=30)"

# ---- native ----
vsctl set port p3 vlan_mode=native-untagged tag=10 trunks=30
host 1 ip neigh flush dev h0
check $id.native_untagged ping_ok 1 10.0.0.3
check_vlan $id.native_untagged_trunk ping_ok 3 10.0.30.4
vsctl set port p3 vlan_mode=native-tagged
check_eq $id.native_tagged "1 len=104 to=020000000003 vlan=10" \
	"$(arrives 1 3 -- udp:src=1,dst=3,len=100)"
check_eq $id.native_tagged_in_untagged "1 len=100 to=020000000001" \
	"$(arrives 3 1 -- udp:src=3,dst=1,len=100)"
check_eq $id.native_tagged_in_tagged "1 len=100 to=020000000001" \
	"$(arrives 3 1 -- udp:src=3,dst=1,len=100,vlan=10)"

# ---- QinQ: the customer's tags travel in the provider's ----
for p in p1 p2 p3 p4; do
	vsctl clear port $p tag trunks vlan_mode
done
vsctl set Open_vSwitch . other_config:vlan-limit=2
vsctl set port p1 vlan_mode=dot1q-tunnel tag=100 cvlans=5,6 \
	-- set port p2 vlan_mode=dot1q-tunnel tag=100
tagged 1 5
tagged 2 5
tagged 1 7
tagged 2 7
check_vlan $id.qinq ping_ok 1 10.0.5.2
check_vlan $id.qinq_not_customers ping_lost 1 10.0.7.2
check_eq $id.qinq_tags "1 len=108 to=020000000009 vlan=100 vlan=5
2 len=104 to=020000000009 vlan=5" \
	"$(arrives 1 4 2 -- udp:src=1,dst=9,len=100,vlan=5)"
vsctl set port p1 other_config:qinq-ethtype=802.1q \
	-- set port p2 other_config:qinq-ethtype=802.1q
check_vlan $id.qinq_8100 ping_ok 1 10.0.5.2

# ---- the kernel takes the tags off: its VLAN device is the port ----
vsctl clear port p1 tag vlan_mode cvlans other_config \
	-- clear port p2 tag vlan_mode other_config -- del-port br0 p3
tagged 3 9
if [ "$vlans" ]; then
	sw ip link add link p3 name p3.9 type vlan id 9
	sw ip link set p3.9 up
	vsctl add-port br0 p3.9
fi
host 1 ip addr add 10.0.9.1/24 dev h0
check_vlan $id.device ping_ok 1 10.0.9.3
check_vlan $id.device_tcp trunk_tcp 1 3 10.0.9.3
check_vlan $id.device_tcp_back trunk_tcp 3 1 10.0.9.1
check_vlan $id.device_untagged_apart ping_lost 3 10.0.0.1

# it tells of frames that a port may not bring
ovs_quiet $id.log 'ofproto_dpif_xlate.*\|WARN\|dropping VLAN'
finish
