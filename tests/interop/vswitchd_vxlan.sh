#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Packets through ovs-vswitchd's vxlan ports: the other end is the kernel's own
# vxlan device in another namespace. Ping, TCP, UDP, fragments, VLANs inside,
# IPv6 outside, packets that don't fit; the underlay on a device of the host and
# on a bridge of the same datapath; and a daemon that is killed meanwhile.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh

id=interop.vswitchd_vxlan
bridge_up 1
sw ip link add vxk0 type vxlan id 1 dstport 4799 2> "$WORK/vx" ||
	bail "$(cat "$WORK/vx")"
sw ip link del dev vxk0
# host 2 is the peer: its h0 is the underlay, vx its own end of the tunnel
host_up 2
if [ -z "$OVS_ORACLE" ] && [ "$MODE" != auto ]; then
	sw "$O/ovsxdpctl" -t 60 set-if ovs-system "p1,mode=$MODE" > "$WORK/modes" 2>&1
fi
host 2 ip addr flush dev h0
host 2 ip addr add 172.16.0.2/24 dev h0
peer() { # vxlan options...: host 2's end, with 10.0.0.2
	host 2 ip link del dev vx 2> /dev/null
	host 2 ip link add vx type vxlan dstport 4789 "$@"
	host 2 ip link set vx address "$(mac 2)"
	# by itself it has the 1500 of any Ethernet, which host 1 can't take: the
	# first long replies would be lost until host 2 has learned better
	host 2 ip link set vx mtu "${INNER_MTU:-1450}"
	host 2 ip addr add 10.0.0.2/24 dev vx
	host 2 ip link set vx up
	host 2 ip neigh replace 10.0.0.1 lladdr "$(mac 1)" dev vx
}
tunnel() { # options...: br0's end
	vsctl --if-exists del-port br0 t0 -- add-port br0 t0 -- \
		set interface t0 type=vxlan ofport_request=9 "$@"
}
host 1 ip neigh replace 10.0.0.2 lladdr "$(mac 2)" dev h0
host 1 ip link set h0 mtu 1450

traffic() { # name
	check "$id.$1.ping" ping_ok 1 10.0.0.2
	check "$id.$1.ping_back" ping_ok 2 10.0.0.1
	check "$id.$1.tcp" tcp 1 2 3000000 5001
	check "$id.$1.tcp_back" tcp 2 1 3000000 5002
	check "$id.$1.udp" udp 1 2
	# the first ones, whose flows aren't there yet, too
	check "$id.$1.fragments" ping_ok 1 10.0.0.2 -s 4000
}

# ---- the underlay on a device of the host ----
sw ip addr add 172.16.0.1/24 dev p2
peer id 100 remote 172.16.0.1 local 172.16.0.2
tunnel options:remote_ip=172.16.0.2 options:key=100
traffic nic
# another key is another tunnel
peer id 101 remote 172.16.0.1 local 172.16.0.2
check $id.other_key ping_lost 1 10.0.0.2
peer id 100 remote 172.16.0.1 local 172.16.0.2
check $id.right_key ping_ok 1 10.0.0.2

# ---- packets that don't fit ----
host 1 ip link set h0 mtu 1500
host 2 ip link set vx mtu 1500
too_big() { # the ICMP error, from the first too long ping
	host 1 ping -c 3 -i 0.2 -W 5 -M "do" -s 1472 10.0.0.2 2>&1 |
		grep -qE 'mtu ?= ?1450'
}
check $id.too_big too_big
check $id.pmtu_learned grep -q 'mtu 1450' <(host 1 ip route get 10.0.0.2)
host 1 ip route flush cache
check $id.pmtu_tcp tcp 1 2 3000000 5003
host 1 ip link set h0 mtu 1450
host 2 ip link set vx mtu 1450

# ---- a VLAN inside ----
host 1 ip link add link h0 name h0.7 type vlan id 7 2> "$WORK/vlan" && {
	host 1 ip addr add 10.7.0.1/24 dev h0.7
	host 1 ip link set h0.7 up
	host 2 ip link add link vx name vx.7 type vlan id 7
	host 2 ip addr add 10.7.0.2/24 dev vx.7
	host 2 ip link set vx.7 up
	check $id.vlan ping_ok 1 10.7.0.2
}

# ---- the daemon dies ----
if [ -z "$OVS_ORACLE" ]; then
	stream_start 1 2 5004
	daemon_kill 9
	pause 1
	daemon_start
	check $id.killed stream_end
	check $id.after_kill ping_ok 1 10.0.0.2
fi

# ---- IPv6 outside ----
for ns in sw "host 2"; do
	# shellcheck disable=SC2016 # the inner shell's
	$ns sh -c 'for f in all p2 h0; do
		[ ! -e /proc/sys/net/ipv6/conf/$f ] ||
			echo 0 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done'
done
sw ip -6 addr add fd16::1/64 dev p2 nodad
host 2 ip -6 addr add fd16::2/64 dev h0 nodad
host 1 ip link set h0 mtu 1430
INNER_MTU=1430
peer id 100 remote fd16::1 local fd16::2 udp6zerocsumrx
tunnel options:remote_ip=fd16::2 options:key=100
traffic ipv6

# ---- the underlay on a bridge of the same datapath ----
sw ip addr flush dev p2
host 1 ip link set h0 mtu 1450
INNER_MTU=1450
vsctl add-br br-phys -- add-port br-phys p2
sw ip addr add 172.16.0.1/24 dev br-phys
sw ip link set br-phys up
peer id 100 remote 172.16.0.1 local 172.16.0.2
tunnel options:remote_ip=172.16.0.2 options:key=100
check $id.bridge.underlay wait_for 5 sw ping -c 1 -W 2 172.16.0.2
traffic bridge
finish
