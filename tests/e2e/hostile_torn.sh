#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The daemon is killed at each system call, one after the other, by which a port
# is added or removed (strace sends the signal). The next daemon has the port
# whole or not at all, and a device that is no port has nothing of it left.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes
{ command -v strace && strace -o /dev/null true; } > /dev/null 2>&1 ||
	bail "no strace here"

id=e2e.hostile_torn
CALLS=bpf,sendto,sendmsg
switch_up
host_up 1 on
host_up 2 on
daemon_start
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1,mode=xdp
neighbours 1 2
wire 1 2
wire 2 1
is_port() { ctl show dp0 | grep -q ": p2 \["; }
left() { # on a device that is no port
	sw ip -d -o link show dev p2 |
		grep -o 'promiscuity [1-9]\|prog/xdp'
	py tests/lib/progs.py p2
}
attached() { grep -q attached "$WORK/strace"; }
# dies_at N COMMAND...: true if the daemon died at its Nth call.
dies_at() {
	local n=$1 pid
	shift
	strace -o "$WORK/calls" -p "$DAEMON" -e "trace=$CALLS" \
		-e "inject=$CALLS:signal=SIGKILL:when=$n" \
		2> "$WORK/strace" &
	pid=$!
	PIDS+=("$pid")
	wait_for 10 attached || return 1
	OVSXDP_TIMEOUT=2 ctl -t 2 "$@" > /dev/null 2>&1
	if kill -0 "$DAEMON" 2> /dev/null &&
		! grep -q 'killed by' "$WORK/calls"; then
		kill "$pid"
		wait "$pid" 2> /dev/null
		return 1
	fi
	wait "$DAEMON" "$pid" 2> /dev/null
	DAEMON=
	daemon_start
}
# By both tiers: native XDP, and the skb tier after it.
PORT=p2,port_no=2,mode=xdp
torn() { # command...
	local n=1 bad=
	while [ $n -lt 60 ]; do
		if [ "$1" = add-if ]; then
			ctl del-if dp0 p2 > /dev/null 2>&1
		else
			is_port || ctl add-if dp0 $PORT
		fi
		dies_at $n "$@" || break
		if ! is_port; then
			[ -z "$(left)" ] || bad+=" $n:$(left | xargs)"
		elif ! host 1 ping -q -c 1 -W 30 10.0.0.2 > /dev/null; then
			bad+=" $n:no_ping"
		fi
		n=$((n + 1))
	done
	echo "# $1: killed at $((n - 1)) calls"
	check_eq "$id.$1" "" "$bad"
	check "$id.$1_calls" test $n -gt 5
}
torn add-if dp0 $PORT
torn del-if dp0 p2
finish
