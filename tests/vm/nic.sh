#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# Native XDP on a real driver: inside of `tests/vm/run --nics`, where n0 and n1,
# n2 and n3 are wired in pairs. n0 and n2 (offloads off: the driver takes XDP)
# become the ports p1 and p2. n1 and n3 become the devices of hosts 1 and 2.
# Host 3 has a veth, and the datapath an internal port.

if [ "${OX_VM:-}" != 1 ] || [ ! -e /sys/class/net/n0 ]; then
	echo "ok - vm.nic # SKIP only inside of tests/vm/run --nics"
	exit 0
fi
. "$(dirname "$0")/../lib/e2e.sh"
own_modes
# ids are vm.nic.*, whatever the mode
test_id() { echo "$1"; }

nic_up() { # port's NIC, host's NIC, number
	local ns=oxh$3-$$
	ip netns add "$ns"
	HOSTS+=("$ns")
	quiet_ipv6 "$ns"
	ip link set "$1" name "p$3"
	ip link set "p$3" netns "$SW"
	ip link set "$2" name h0
	ip link set h0 netns "$ns"
	host "$3" ip link set lo up
	host "$3" ip link set h0 address "$(mac "$3")"
	host "$3" ip addr add "10.0.0.$3/24" dev h0
	host "$3" ip link set h0 up
	sw ip link set "p$3" up
}

modprobe veth
switch_up
nic_up n0 n1 1
nic_up n2 n3 2
host_up 3
daemon_start
ctl add-dp dp0
prog=$ROOT/dp0/xdp
ping_to() { # from host, address
	host "$1" ping -q -c 5 -i 0.05 -W 2 "$2"
}
native() { # device: with the driver's own XDP, not the generic one
	sw ip -o link show dev "$1" | grep -q ' xdp .*prog/xdp'
}

# by hand, before and without the daemon's doing
check vm.nic.by_hand sw ip link set dev p1 xdp pinned "$prog"
check vm.nic.by_hand_native native p1
check vm.nic.vport_keeps_it ctl add-if dp0 p1,port_no=1
check vm.nic.still_native native p1
# by the daemon, which chooses the mode
check vm.nic.auto ctl add-if dp0 p2,port_no=2
check vm.nic.auto_native native p2
check vm.nic.mode_shown sh -c "nsenter --net=/run/netns/$SW \
	$O/ovsxdpctl show dp0 | grep 'p2' | grep -q '\[xdp'"
check vm.nic.promiscuous sh -c "nsenter --net=/run/netns/$SW \
	ip -d link show p2 | grep -q 'promiscuity [1-9]'"

# NIC to NIC, with misses through AF_XDP and EXECUTE for the first packets
py tests/lib/upcall.py dp0 p1 p2 > "$WORK/upcall" 2>&1 &
learner=$!
PIDS+=("$learner")
check vm.nic.upcalls_ready wait_for 10 grep -q ready "$WORK/upcall"
check vm.nic.first_ping host 1 ping -c 1 -W 5 10.0.0.2
check vm.nic.missed_by_af_xdp grep -q 'miss in_port=1.*len=' "$WORK/upcall"
before=$(grep -c miss "$WORK/upcall")
check vm.nic.ping ping_to 1 10.0.0.2
check_eq vm.nic.flows_hit "$before" "$(grep -c miss "$WORK/upcall")"
check vm.nic.tcp tcp 1 2 3000000
check vm.nic.tcp_back tcp 2 1 3000000 5003
check vm.nic.udp udp 1 2
kill "$learner"
ctl del-flows dp0

# tags: the hosts' VLAN devices, and pushed and popped on the way
neighbours 1 2 3
any="eth_type(0x0800),ipv4()"
q5="eth_type(0x8100),vlan(vid=5),encap($any)"
for n in 1 2; do
	host $n ip link add link h0 name h0.5 type vlan id 5
	host $n ip addr add "10.5.0.$n/24" dev h0.5
	host $n ip link set h0.5 up
done
host 1 ip neigh replace 10.5.0.2 lladdr "$(mac 2)" dev h0.5
host 2 ip neigh replace 10.5.0.1 lladdr "$(mac 1)" dev h0.5
ctl add-flow dp0 "in_port(1),eth(),$q5" 2
ctl add-flow dp0 "in_port(2),eth(),$q5" 1
check vm.nic.vlan ping_to 1 10.5.0.2
ctl del-flows dp0
# host 1 untagged, host 2 in VLAN 5
host 2 ip addr add 10.0.0.22/24 dev h0.5
host 2 ip neigh replace 10.0.0.1 lladdr "$(mac 1)" dev h0.5
host 2 ip route replace 10.0.0.1/32 dev h0.5 src 10.0.0.22
host 1 ip neigh replace 10.0.0.22 lladdr "$(mac 2)" dev h0
ctl add-flow dp0 "in_port(1),eth(),$any" "push_vlan(vid=5,pcp=0),2"
ctl add-flow dp0 "in_port(2),eth(),$q5" "pop_vlan,1"
check vm.nic.vlan_push_pop ping_to 1 10.0.0.22
host 2 ip route del 10.0.0.1/32
host 2 ip link del h0.5
host 1 ip link del h0.5
ctl del-flows dp0

# NIC to veth (skb tier) and back
ctl add-if dp0 p3,port_no=3
wire 1 3
wire 3 1
check vm.nic.to_veth ping_to 1 10.0.0.3
check vm.nic.to_veth_tcp tcp 1 3 3000000
check vm.nic.from_veth_tcp tcp 3 1 3000000 5003
check vm.nic.to_veth_udp udp 1 3
ctl del-flows dp0

# NIC to the host's own stack: the internal port
sw ip addr add 10.0.0.100/24 dev dp0
sw ip link set dp0 up
ctl add-flow dp0 "in_port(0),eth()" 1
ctl add-flow dp0 "in_port(1),eth()" 0
check vm.nic.internal ping_to 1 10.0.0.100
check vm.nic.internal_out sw ping -q -c 5 -i 0.05 -W 2 10.0.0.1
ctl del-flows dp0

# without the daemon traffic goes on; the next one takes over
wire 1 2
wire 2 1
check vm.nic.wired ping_to 1 10.0.0.2
daemon_kill 9
check vm.nic.without_daemon ping_to 1 10.0.0.2
daemon_start
check vm.nic.taken_over ping_to 1 10.0.0.2
check vm.nic.counted sh -c "nsenter --net=/run/netns/$SW \
	$O/ovsxdpctl dump-flows dp0 | grep -q 'packets:[1-9]'"
check vm.nic.removed ctl del-dp dp0
check_eq vm.nic.detached "" "$(sw ip -o link show dev p2 | grep -o prog/xdp)"
finish
