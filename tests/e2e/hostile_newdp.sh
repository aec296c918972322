#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# New datapaths, while the verifier doesn't come to an end (libdeny.so holds
# it). One that was made ahead is there at once. Who asks for another one waits,
# and everybody else is answered meanwhile. A daemon that is killed in the
# middle leaves nothing.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes
deny=$O/tests/libdeny.so
[ -e "$deny" ] || { echo "not ok - $deny: not built"; exit 1; }
HOLD=$WORK/hold

switch_up
held_daemon() { # options: one whose verifier can be held
	export OX_HOLD=$HOLD LD_PRELOAD=$deny
	DAEMON_OPTIONS="--log-level=dbg $*" daemon_start
	unset OX_HOLD LD_PRELOAD
}
made() { [ "$(grep -c 'waits for its name' "$WORK/daemon")" -ge "$1" ]; }
counter() { # name
	ctl stats | awk -v n="$1" '$1 == n { print $2; exit }'
}
add_later() { # file arguments...: in the background; its exit code goes to file
	local out=$1
	shift
	(
		sw "$O/ovsxdpctl" -t 600 add-dp "$@"
		echo $? > "$out"
	) > "$out.log" 2>&1 &
	PIDS+=($!)
}
# Its request has come in, and is put off.
is_put_off() { # process's exit file
	[ ! -e "$1" ] && [ "$(counter requests_put_off)" -gt 0 ]
}

# ---- one is made ahead ----
held_daemon --spare=on
check e2e.hostile_newdp.ahead wait_for 60 made 1
# The loop touches little memory for it, also where another one has been freed:
# a page can take 10 us.
faults() { awk '{ print $10 }' "/proc/$DAEMON/task/$DAEMON/stat"; }
before=$(faults)
ctl -t 100 add-dp dp0
ctl -t 100 del-dp dp0
check e2e.hostile_newdp.again wait_for 60 made 2
touch "$HOLD"
check e2e.hostile_newdp.at_once ctl -t 100 add-dp dp0
pages=$(($(faults) - before))
echo "# $pages pages touched"
check e2e.hostile_newdp.pages test $pages -le 600
check_eq e2e.hostile_newdp.path "$ROOT/dp0" "$(ctl --json stats dp0 | python3 -c \
	'import json,sys; print(json.load(sys.stdin)[0]["path"])')"

# ---- the next ones wait, of these limits and of others; nobody else does ----
add_later "$WORK/dp1" dp1
check e2e.hostile_newdp.put_off wait_for 20 is_put_off "$WORK/dp1"
add_later "$WORK/dp2" dp2 max-flows=5000
add_later "$WORK/dp3" dp3 max-flows=9000
for i in 1 2 3 4 5; do
	check e2e.hostile_newdp.others_$i ctl -t 100 show dp0
done
check e2e.hostile_newdp.flows ctl -t 100 add-flow dp0 \
	"in_port(1),eth(),eth_type(0x0800),ipv4()" drop
# An error comes at once.
check_fails e2e.hostile_newdp.exists "exists" ctl -t 100 add-dp dp0
check_eq e2e.hostile_newdp.waiting "" \
	"$(ls "$WORK"/dp[123] 2> /dev/null)"
check_eq e2e.hostile_newdp.nothing_pinned "dp0" \
	"$(cd "$ROOT" && ls -d dp*)"
rm "$HOLD"
for i in 1 2 3; do
	wait_for 60 test -e "$WORK/dp$i"
	check_eq e2e.hostile_newdp.done_$i 0 "$(cat "$WORK/dp$i")"
done
check_eq e2e.hostile_newdp.limits "8192 12288" "$(for i in dp2 dp3; do
	ctl --json stats $i | python3 -c \
	'import json,sys; print(json.load(sys.stdin)[0]["max_flows"])'
done | xargs)"
# A turn of the loop handles so many requests at most.
check e2e.hostile_newdp.turn test "$(counter loop_most_requests)" -le 64
check e2e.hostile_newdp.longest test "$(counter loop_longest_us)" -gt 0
check_eq e2e.hostile_newdp.none_waits 0 "$(counter requests_put_off)"

# ---- killed in the middle ----
touch "$HOLD"
add_later "$WORK/dp4" dp4 max-flows=20000
wait_for 20 is_put_off "$WORK/dp4"
daemon_kill KILL
rm "$HOLD"
check_eq e2e.hostile_newdp.nothing_left "dp0 dp1 dp2 dp3" \
	"$(cd "$ROOT" && find dp* -maxdepth 0 | sort | xargs)"
held_daemon --spare=off
check_eq e2e.hostile_newdp.taken_over 4 "$(ctl dump-dps | wc -l)"

# ---- without a set made ahead: it waits, others don't ----
: > "$WORK/daemon"
touch "$HOLD"
add_later "$WORK/dp5" dp5
check e2e.hostile_newdp.off wait_for 20 is_put_off "$WORK/dp5"
check e2e.hostile_newdp.off_others ctl -t 100 show dp0
rm "$HOLD"
wait_for 60 test -e "$WORK/dp5"
check_eq e2e.hostile_newdp.off_done 0 "$(cat "$WORK/dp5")"
check e2e.hostile_newdp.off_one made 1
finish
