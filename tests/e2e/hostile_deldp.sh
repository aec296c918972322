#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A client deletes a datapath of many ports. Its devices go one in each turn of
# the loop, so that others are served meanwhile. Nobody finds the datapath any
# more, and who wants its name or devices waits until it has gone.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

id=e2e.hostile_deldp
N=40
dp_up 1 2
wire 1 2
wire 2 1
counter() { # name
	ctl stats | awk -v n="$1" '$1 == n { print $2; exit }'
}
devices() { sw ip -br link | awk '{ sub(/@.*/, "", $1); print $1 }' | sort; }
devices > "$WORK/before"
ctl add-dp big > "$WORK/add"
ports=("i1,type=internal" "i2,type=internal" "i3,type=internal"
	"i4,type=internal")
for ((i = 1; i <= N; i++)); do
	sw ip link add "v$i" type veth peer name "w$i"
	sw ip link set "v$i" up
	sw ip link set "w$i" up
	ports+=("v$i")
done
check $id.add ctl add-if big "${ports[@]}"
# what it counts begins here
daemon_kill 9
daemon_start
check_eq $id.ports $((N + 5)) "$(json 'len(d[0]["ports"])' show big)"

turns=$(counter loop_turns)
ctl -t 100 del-dp big > "$WORK/del" 2>&1 &
del=$!
PIDS+=("$del")
# gone for others long before its devices are
gone() { ! ctl show big > /dev/null 2>&1; }
check $id.gone wait_for 20 gone
check $id.others ctl show dp0
# of its name, its devices: each waits, and succeeds
ctl -t 100 add-dp big i1,type=internal v1 > "$WORK/again" 2>&1 &
again=$!
PIDS+=("$again")
check $id.device_again ctl -t 100 add-if dp0 v2
wait $del
check_eq $id.deleted "0 " "$? $(cat "$WORK/del")"
wait $again
check_eq $id.name_again "0 " "$? $(cat "$WORK/again")"
check_eq $id.ports_again "big i1 v1" "$(json \
	'" ".join(sorted(p["name"] for p in d[0]["ports"]))' show big)"

# One in a turn; two turns of requests may be in one of the loop.
check $id.turn test "$(counter loop_most_ports)" -le 2
check $id.turns test $(($(counter loop_turns) - turns)) -ge $((N / 2))
check $id.traffic host 1 ping -q -c 5 -i 0.05 -W 30 10.0.0.2

# Killed in the middle: the next daemon removes what is left.
check $id.more ctl -t 100 add-if big i2,type=internal v{3..30}
ctl -t 100 del-dp big > /dev/null 2>&1 &
PIDS+=($!)
wait_for 20 gone
daemon_kill 9
daemon_start
check $id.gone_for_good gone
check $id.del_if ctl del-if dp0 v2
for ((i = 1; i <= N; i++)); do
	sw ip -d link show dev "v$i" | grep -o 'promiscuity [1-9].*\|prog/xdp.*'
	sw ip link del "v$i"
done > "$WORK/left"
check_eq $id.nothing_on_devices "" "$(cat "$WORK/left")"
check_eq $id.no_device_left "" "$(devices | diff "$WORK/before" -)"
check_eq $id.nothing_pinned "" "$(ls -d "$ROOT"/big 2> /dev/null)"
finish
