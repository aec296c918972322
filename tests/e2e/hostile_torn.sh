#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
#
# The daemon is killed at each system call, one after the other, by which a port
# is added, removed, or goes with its device to another network namespace
# (strace sends the signal, before the call). The next daemon has the port whole
# or not at all, and a device that is no port has nothing of it left.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes
{ command -v strace && strace -o /dev/null true; } > /dev/null 2>&1 ||
	bail "no strace here"

id=e2e.hostile_torn
DAEMON_OPTIONS=--spare=off # it starts sooner
switch_up
host_up 1 on
host_up 2 on
ip netns add "oxaway-$$"
daemon_start
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1,mode=xdp
neighbours 1 2
wire 1 2
wire 2 1
PORT=p2,port_no=2,mode=xdp # by both tiers
is_port() { ctl show dp0 | grep -q ": p2 \["; }
away() { ip netns exec "oxaway-$$" "$@"; }
left() { # on p2, in the namespace that "$@" leads to
	"$@" ip -d -o link show dev p2 |
		grep -o 'promiscuity [1-9]\|prog/xdp'
	PYTHONPATH=tests/lib "$@" /usr/bin/python3 tests/lib/progs.py p2
}
attached() { grep -q attached "$WORK/strace"; }
died() { grep -q 'killed by' "$WORK/calls"; }
# dies_at CALL N COMMAND...: true if a thread of the daemon died at its Nth
# CALL. strace counts each call for itself.
dies_at() {
	local call=$1 n=$2 pid
	shift 2
	: > "$WORK/strace"
	strace -f -o "$WORK/calls" -p "$DAEMON" -e "trace=$call" \
		-e "inject=$call:signal=SIGKILL:when=$n" \
		2> "$WORK/strace" &
	pid=$!
	PIDS+=("$pid")
	wait_for 10 attached || return 1
	"$@" > /dev/null 2>&1
	if ! died; then
		kill "$pid"
		wait "$pid" 2> /dev/null
		return 1
	fi
	wait "$DAEMON" "$pid" 2> /dev/null
	DAEMON=
	daemon_start
}

# What is killed, and how it is before.
adding() { OVSXDP_TIMEOUT=2 ctl -t 2 add-if dp0 $PORT; }
adding_before() {
	! is_port || ctl del-if dp0 p2
	away ip link set p2 netns "$SW" 2> /dev/null
	sw ip link set p2 up
}
removing() { OVSXDP_TIMEOUT=2 ctl -t 2 del-if dp0 p2; }
removing_before() {
	is_port || { adding_before && ctl add-if dp0 $PORT; }
}
undone() { [ -z "$(left away 2>&1)" ]; }
leaving() {
	sw ip link set p2 netns "oxaway-$$"
	# of the daemon that died, or of this one
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		! died && ! undone || break
		sleep 0.1
	done
}
leaving_before() { removing_before; }

check_whole() { # after the next daemon's start
	if is_port; then
		host 1 ping -q -c 1 -W 30 10.0.0.2 > /dev/null || echo no_ping
	elif sw ip link show dev p2 > /dev/null 2>&1; then
		left sw
	else
		wait_for 5 undone > /dev/null || left away
	fi
}
torn() { # what CALL...
	local what=$1 call n bad='' kills=0
	shift
	for call; do
		for ((n = 1; n < 40; n++)); do
			"${what}_before"
			dies_at "$call" $n "$what" || break
			kills=$((kills + 1))
			bad+=$(check_whole | sed "s/^/ $call,$n:/" | xargs)
		done
	done
	echo "# $what: killed at $kills calls"
	check_eq "$id.$what" "" "$bad"
	check "$id.${what}_calls" test $kills -ge 4
}
# Promiscuity and XDP by sendto, tc and maps by bpf.
torn adding sendto ${ALL:+bpf}
torn removing sendto bpf
torn leaving sendto setns ${ALL:+bpf}
ip netns del "oxaway-$$"
finish
