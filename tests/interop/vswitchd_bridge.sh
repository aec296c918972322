#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-vswitchd's bridges: ports that come and go, patch ports, the internal
# port with an address as a host among the others, ports that can't be had.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_bridge
bridge_up 1 2 3

check $id.hosts ping_ok 1 10.0.0.2
check $id.tcp tcp 1 2
check $id.udp udp 2 3

# ---- the bridge's own port: a host like the others ----
host 1 ip -4 neigh flush dev h0
sw ip addr add 10.0.0.100/24 dev br0
sw sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6
	echo 0 > /proc/sys/net/ipv6/conf/br0/disable_ipv6'
sw ip -6 addr add fd00::100/64 dev br0 nodad
sw ip link set br0 up
ipv6_up 1
check $id.local_icmp ping_ok 1 10.0.0.100
check $id.local_nd ping_ok 1 fd00::100
check $id.local_out sw ping -q -c 3 -i 0.05 -W $((5 * PATIENCE)) fd00::1
check $id.local_out_arp sw ping -q -c 3 -i 0.05 -W $((5 * PATIENCE)) 10.0.0.2
# 4 MB through TCP and 20 datagrams: stream FROM-PREFIX TO-PREFIX ADDRESS
stream() {
	local from=$1 to=$2 at=$3 pid
	head -c 4000000 /dev/urandom > "$WORK/sent"
	$to timeout 120 socat -u "TCP-LISTEN:5003,reuseaddr,pf=${4:-ip4}" \
		"OPEN:$WORK/got,creat,trunc" &
	pid=$!
	wait_for 5 eval "$to ss -Hltn 'sport = :5003' | grep -q ."
	$from timeout 120 socat -u "OPEN:$WORK/sent" "TCP:$at:5003" || return 1
	wait "$pid"
	cmp "$WORK/sent" "$WORK/got"
}
check $id.local_tcp stream "host 1" sw 10.0.0.100
check $id.local_tcp_out stream sw "host 1" 10.0.0.1
check $id.local_tcp6 stream "host 1" sw "[fd00::100]" ip6
check $id.local_tcp6_out stream sw "host 1" "[fd00::1]" ip6
echo_udp() { # prefix address
	sw timeout 120 socat UDP6-LISTEN:5004,ipv6only=0,fork EXEC:cat &
	PIDS+=($!)
	wait_for 5 eval "sw ss -Hlun 'sport = :5004' | grep -q ."
	[ "$(echo "hello $1" | host 1 timeout 120 socat -t $((2 * PATIENCE * $(busy))) - "$1")" = \
		"hello $1" ]
}
check $id.local_udp echo_udp UDP4:10.0.0.100:5004
check $id.local_udp6 echo_udp "UDP6:[fd00::100]:5004"

# ---- a second internal port, in a namespace of its own as containers have ----
vsctl add-port br0 in7 -- set interface in7 type=internal
wait_for 5 sw ip link show in7
ip netns add "oxh7-$$"
HOSTS+=("oxh7-$$")
quiet_ipv6 "oxh7-$$"
sw ip link set in7 netns "oxh7-$$"
host 7 ip addr add 10.0.0.7/24 dev in7
host 7 ip link set in7 up
check $id.internal_moved ping_ok 1 10.0.0.7
check $id.internal_moved_out ping_ok 7 10.0.0.3
vsctl del-port br0 in7
check_fails $id.internal_gone "does not exist" host 7 ip link show in7

# ---- bridges are apart until a patch joins them ----
vsctl add-br br1 -- del-port br0 p3 -- add-port br1 p3
check $id.apart ping_lost 1 10.0.0.3
vsctl add-port br0 to1 -- set interface to1 type=patch options:peer=to0 \
	-- add-port br1 to0 -- set interface to0 type=patch options:peer=to1
check $id.patch ping_ok 1 10.0.0.3
check $id.patch_tcp tcp 1 3
vsctl del-port br0 to1
check $id.patch_gone ping_lost 1 10.0.0.3
vsctl del-port br1 p3 -- add-port br0 p3
check $id.moved_back ping_ok 1 10.0.0.3
vsctl del-br br1
check_fails $id.del_br "does not exist" sw ip link show br1
check $id.others_stay ping_ok 1 10.0.0.2

# ---- what can't be had ----
# ovs-vsctl prints why, and exits with 0.
vsctl_says() { # text arguments...
	local text=$1
	shift
	vsctl "$@" > "$WORK/says" 2>&1
	cat "$WORK/says"
	grep -qF "$text" "$WORK/says"
}
check $id.no_device vsctl_says "could not open network device nope" \
	add-port br0 nope
vsctl del-port br0 nope
check $id.unharmed ping_ok 1 10.0.0.2

# ---- a device that goes and comes while it is a port ----
sw ip link del p2
host_up 2 2> /dev/null
neighbours 1 2
check $id.device_again wait_for 10 ping_ok 1 10.0.0.2

vsctl del-br br0
wait_for 5 eval '! appctl dpctl/show 2> /dev/null | grep -q p1'
check_fails $id.datapath_gone "does not exist" sw ip link show ovs-system
ovs_quiet $id.log \
	'bridge\|WARN\|could not (open|add) network device (nope|p2)' \
	'network device p2 .*No such device' \
	'ofproto\|WARN\|br0: cannot get R?STP status on nonexistent port 2' \
	'dpif\|WARN\|Dropped [0-9]* log messages'
finish
