#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What ovs-vswitchd gets from the datapath and gives back, with upcalls per CPU
# and per port. Misses come in bursts; there are userspace actions, slow-path
# packets, and the key and actions that its flows need. Nothing is lost.

# shellcheck disable=SC2016 # some conditions are evaluated later
. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_upcall
bridge_up 1 2
dispatch() { grep -o 'dispatch mode: .*' "$OVS_LOG" | tail -n 1; }
lookups() { # hit, missed or lost
	appctl dpctl/show | grep -o "$1:[0-9]*" | head -n 1 | cut -d: -f2
}
# 300 new flows at once: TCP to closed ports, each answered by a reset, so
# that a flow each way is set up before the other end gives up
burst() {
	host 1 timeout 60 /usr/bin/python3 - <<-'END'
		import errno, select, socket
		todo = {}
		for i in range(300):
		    s = socket.socket()
		    s.setblocking(False)
		    s.bind(("10.0.0.1", 20000 + i))
		    assert s.connect_ex(("10.0.0.2", 9)) == errno.EINPROGRESS
		    todo[s.fileno()] = s
		p = select.poll()
		for fd in todo: p.register(fd, select.POLLOUT)
		while todo:
		    for fd, _ in p.poll(30000):
		        p.unregister(fd)
		        e = todo.pop(fd).getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
		        assert e == errno.ECONNREFUSED, e
	END
}
both_ways() { # id
	local at=$1 lost
	check "$at.ping" ping_ok 1 10.0.0.2
	check "$at.tcp" tcp 1 2
	# a flow for each connection
	flows br0 <<-END
		table=0,tcp actions=resubmit(,1)
		table=0,priority=0 actions=NORMAL
		table=1,tcp,tcp_src=20000 actions=NORMAL
		table=1,tcp,tcp_dst=20000 actions=NORMAL
		table=1,priority=0 actions=NORMAL
	END
	lost=$(lookups lost)
	check "$at.burst" burst
	check_eq "$at.burst_none_lost" "$lost" "$(lookups lost)"
	# the number is asked for every now and then
	check "$at.show" wait_for 5 eval 'appctl upcall/show |
		tee "$WORK/show" | grep -q "flows *: (current [1-9]"'
	check "$at.keys" grep -q 'keys [1-9]' "$WORK/show"
	# userspace actions: 50 packets cut out by a flow, each told once
	host 1 ip addr flush dev h0
	flows br0 <<-END
		priority=9,udp,tp_dst=7 actions=controller,2
		priority=0 actions=NORMAL
	END
	nsenter --net="/run/netns/$SW" timeout 60 ovs-ofctl -O OpenFlow15 \
		monitor br0 65534 > "$WORK/monitor" 2>&1 &
	PIDS+=($!)
	pause 0.5
	local n args=()
	for n in $(seq 50); do args+=(udp:len=1500); done
	check_eq "$at.userspace_and_output" 50 \
		"$(frames 1 2 -- "${args[@]}" | grep -c len=1500)"
	check "$at.userspace" wait_for 10 eval \
		'[ "$(grep -c "PACKET_IN.*total_len=1500" "$WORK/monitor")" = 50 ]'
	check_eq "$at.userspace_counted" 50 "$(n_packets br0 tp_dst=7)"
	host 1 ip addr add 10.0.0.1/24 dev h0
	neighbours 1 2
	ofctl del-flows br0
	ofctl add-flow br0 actions=NORMAL
}

check_eq $id.per_cpu "dispatch mode: per-cpu" "$(dispatch)"
both_ways $id.per_cpu
ovs_quiet $id.per_cpu.log

if [ -z "$OVS_ORACLE" ]; then
	# as a kernel without per-CPU port ids: a datapath that is made anew,
	# since the feature stays with the one there is
	vswitchd_stop exit
	ctl del-dp ovs-system
	daemon_kill TERM
	DAEMON_OPTIONS=--upcall-dispatch=per-vport daemon_start
	: > "$OVS_LOG"
	vswitchd_start
	wait_for 10 ping_ok 1 10.0.0.2
	check_eq $id.per_vport "dispatch mode: per-vport" "$(dispatch)"
	both_ways $id.per_vport
	ovs_quiet $id.per_vport.log
fi
finish
