#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# The daemon dies by SIGKILL under a ping flood and a TCP stream: nothing is
# lost. The next one takes over datapaths, ports, flows and counters, and
# goes on changing them. A second daemon beside a running one is refused.

. "$(dirname "$0")/../lib/e2e.sh"

dp_up 1 2
wire 1 2
wire 2 1
ctl add-dp dp1
host_up 3
ctl add-if dp1 p3,port_no=9

check_fails e2e.restart.second_daemon "taken by process" \
	sw timeout 100 "$O/ovsxdpd" --root="$ROOT"

state() { # all that must survive, without what moves
	ctl dump-dps
	ctl dump-flows dp0 |
		sed 's/packets:[0-9]*, bytes:[0-9]*//; s/used:[^,]*, //;
			s/flags:[^,]*, //' | sort
	ctl show dp0 | grep -v 'hit\|missed'
	ctl show dp1 | grep -v 'hit\|missed'
}
state > "$WORK/before"

stream_start 1 2
host 1 ping -q -i 0.002 -c 2000 -W 1 10.0.0.2 > "$WORK/ping" 2>&1 &
ping=$!
sleep 0.3
daemon_kill 9
sleep 1
check_fails e2e.restart.really_dead "answer\|no daemon\|refused\|running" \
	ctl -t 1 ping
check e2e.restart.dead_forwards host 1 ping -q -c 20 -i 0.01 -W 30 10.0.0.2
sleep 0.5
daemon_start
check e2e.restart.state diff "$WORK/before" <(state)
wait $ping
check e2e.restart.flood_no_loss grep -q '2000 received, 0% packet loss' \
	"$WORK/ping"
check e2e.restart.tcp_stream stream_end
n=$(ctl dump-flows dp0 | grep 'in_port(1)' | grep -o 'packets:[0-9]*' |
	cut -d: -f2)
check e2e.restart.counters_kept test "${n:-0}" -ge 2020

# the new one rules: changes, adds, deletes
check e2e.restart.mod_flow ctl mod-flow dp0 \
	"in_port(1),eth(),eth_type(0x0800),ipv4()" drop
check_fails e2e.restart.mod_flow_works "100% packet loss" \
	host 1 ping -q -c 2 -i 0.05 -W 1 10.0.0.2
check e2e.restart.mod_back ctl mod-flow dp0 \
	"in_port(1),eth(),eth_type(0x0800),ipv4()" 2
check e2e.restart.ping host 1 ping -q -c 3 -i 0.01 -W 30 10.0.0.2
check e2e.restart.add_if ctl del-if dp1 p3
check e2e.restart.move_if ctl add-if dp0 p3,port_no=3
check e2e.restart.del_flows ctl del-flows dp0
check_eq e2e.restart.no_flows 0 "$(ctl dump-flows dp0 | grep -c in_port)"

# clean end: the data plane stays, too
wire 1 2
wire 2 1
daemon_kill TERM
check e2e.restart.after_term host 1 ping -q -c 3 -i 0.01 -W 30 10.0.0.2
daemon_start

# misses still reach user space after a takeover
ctl del-flows dp0
host 1 ip neigh flush dev h0
py tests/lib/upcall.py dp0 p1 p2 > "$WORK/upcall" 2>&1 &
PIDS+=($!)
wait_for 20 grep -q ready "$WORK/upcall"
check e2e.restart.upcalls host 1 ping -q -c 3 -i 0.05 -W 30 10.0.0.2

check e2e.restart.del_dps sh -c "nsenter --net=/run/netns/$SW sh -c \
	'$O/ovsxdpctl del-dp dp0 && $O/ovsxdpctl del-dp dp1'"
check_eq e2e.restart.nothing_left "" \
	"$(find "$ROOT" -mindepth 1 -not -path '*/%*')"
check_eq e2e.restart.no_programs 0 "$(sw ip link | grep -c xdp)"
finish
