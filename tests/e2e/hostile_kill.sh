#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# The daemon is killed (-9) again and again, also while it takes over, and
# while requests are under way. Meanwhile there are pings, TCP and new flows on
# eight ports in all attach modes: no packet of what is established is lost.
# While the daemon is dead, devices of ports go, and others come that have their
# index, name or both. None of them is a port, none gets a frame, whether a daemon
# lives or not, and nothing is left on any device.
#
#   KILLS=200 tests/e2e/hostile_kill.sh      as many; 12 are the default
#   SEED=7 tests/e2e/hostile_kill.sh         other moments
#   PROGRESS=FILE tests/e2e/hostile_kill.sh  says in FILE how far it is

. "$(dirname "$0")/../lib/e2e.sh"
own_modes
id=e2e.hostile_kill
KILLS=${KILLS:-12}
SEED=${SEED:-1}
RANDOM=$SEED
all=(1 2 3 4 5 6 7 8)
modes=(auto xdp xdp-generic tc)
OUT=9 # the host where far ends of devices are that come and go

switch_up
for n in "${all[@]}" $OUT; do
	host_up "$n" on
done
devices() { sw ip -br link | awk '{ sub(/@.*/, "", $1); print $1 }' | sort; }
devices > "$WORK/devices"
daemon_start
ctl add-dp dp0
for n in "${all[@]}"; do
	ctl add-if dp0 "p$n,port_no=$n,mode=${modes[(n - 1) / 2]}"
done
neighbours "${all[@]}"

# What is established. The pings of 1 and 2 also go to port 20, whose device
# comes and goes.
VICTIM=20 OTHER=21
partner() { echo $((($1 - 1 ^ 1) + 1)); }
for n in "${all[@]}"; do
	to=$(partner "$n")
	for proto in "proto=1),icmp()" "proto=6),tcp(),tcp_flags(0/0)"; do
		ctl add-flow dp0 "in_port($n),eth(),eth_type(0x0800),ipv4($proto" \
			"$([ "$n" -gt 2 ] || echo $VICTIM,)$to"
	done
done
for n in "${all[@]}"; do
	check "$id.ping_$n" host "$n" ping -q -c 2 -i 0.05 -W 30 \
		"10.0.0.$(partner "$n")"
done
n_flows=$(ctl dump-flows dp0 | wc -l)

STOP=$WORK/stop
pings() { # from to
	while [ ! -e "$STOP" ]; do
		host "$1" ping -q -c 200 -i 0.005 -W 60 "10.0.0.$2"
	done > "$WORK/ping$1"
}
numbers() { # counts, at a rate that a busy machine can carry
	local i=0
	while [ ! -e "$STOP" ]; do
		seq $((i + 1)) $((i + 5000))
		i=$((i + 5000))
		sleep 0.1
	done
	echo $i > "$WORK/numbers"
}
host 8 timeout 36000 socat -u TCP-LISTEN:5001 - | awk '$1 != NR { bad++ }
	END { print NR, bad + 0 }' > "$WORK/tcp" &
tcp=$!
wait_for 5 listening 8 5001
numbers | host 7 timeout 36000 socat -u - TCP:10.0.0.8:5001 &
traffic=()
for n in 1 3 5 7; do
	pings "$n" $((n + 1)) &
	traffic+=($!)
done
netns=()
for n in "${all[@]}"; do
	netns+=("oxh$n-$$")
done
py tests/lib/newflows.py dp0 "$STOP" "${netns[@]}" > "$WORK/newflows" 2>&1 &
PIDS+=($!)
traffic+=($!)
wait_for 30 grep -q ready "$WORK/newflows"

# ---- devices that come and go ----

far() { host $OUT "$@"; }
declare -A end=() # of a device: the name of its far end
serial=0 looked=0
# A veth whose far end is in another namespace. More words: "index N".
device() { # name [words]
	local name=$1
	shift
	end[$name]=far$((serial += 1))
	sw ip link add "$name" "$@" type veth peer name "${end[$name]}" \
		netns "oxh$OUT-$$"
	sw ip link set "$name" up
	far ip link set "${end[$name]}" up
}
index_of() { # name
	sw ip -o link show dev "$1" | cut -d: -f1
}
is_there() { # name
	sw ip link show dev "$1" > /dev/null 2>&1
}
# What becomes of the port's device while the daemon is dead: $victim, which
# has $index. Devices that aren't the port's are noted in $foreign.
away() { # it is in another namespace
	sw ip link set "$victim" netns "oxh$OUT-$$"
}
index_taken() { # it is gone, its index is another's
	sw ip link del "$victim"
	device "x$k" index "$index"
	foreign+=("x$k")
}
name_taken() { # its name is another's
	sw ip link del "$victim"
	device "$victim"
	foreign+=("$victim")
}
both_taken() {
	sw ip link del "$victim"
	device "$victim" index "$index"
	foreign+=("$victim")
}
moved_in() { # its index is that of a device from another namespace
	end[x$k]=far$((serial += 1))
	# which may have a device of that index already
	if ! far ip link add "x$k" index "$index" type veth \
		peer name "${end[x$k]}" 2> /dev/null; then
		index_taken
		return
	fi
	sw ip link del "$victim"
	far ip link set "${end[x$k]}" up
	far ip link set "x$k" netns "$SW"
	sw ip link set "x$k" up
	foreign+=("x$k")
}
swapped() { # it is away, another one has its index and name
	away
	device "$victim" index "$index"
	foreign+=("$victim")
}
bridge_taken() { # by one of another kind, which joins no groups of its own
	sw ip link del "$victim"
	unset "end[$victim]"
	sw ip link add "$victim" index "$index" type bridge mcast_snooping 0
	sw ip link set "$victim" up
	foreign+=("$victim")
}
renamed() { # the port is called otherwise, and its name is another's
	sw ip link set "$victim" down
	sw ip link set "$victim" name "y$k"
	sw ip link set "y$k" up
	device "$victim"
	foreign+=("$victim")
}
internal_taken() { # an internal port's device is another's
	sw ip link del "$victim"
	device "$victim" index "$index"
	foreign+=("$victim")
}
fates=(index_taken internal_taken name_taken both_taken moved_in swapped
	bridge_taken renamed away)

# ---- what may never be ----

fault() { # file text
	echo "kill $kills, $fate of $victim: $2" >> "$WORK/bad.$1"
}
port_names() {
	json '" ".join(sorted(p["name"] for p in d[0]["ports"]))' show dp0
}
is_port() { [[ " $ports " == *" $1 "* ]]; }
promiscuous() { # names
	sw ip -d -o link | sed -n 's/^[0-9]*: \([^:@]*\).* promiscuity [1-9].*/\1/p'
}
programs() { # on devices
	local name
	for name in "$@"; do
		sw ip -o link show dev "$name" | grep -o '^.* prog/xdp[^ ]* id [0-9]*'
	done
	py tests/lib/progs.py "$@"
}
given() { # what a device has sent, or couldn't, and its far end has got
	{
		sw ip -s -j link show dev "$1"
		[ -z "${end[$1]:-}" ] || far ip -s -j link show dev "${end[$1]}"
	} | python3 -c 'import json, sys
s = [json.loads(l)[0]["stats64"] for l in sys.stdin.read().splitlines()]
print(sum(s[0]["tx"].values()) + sum(sum(f["rx"].values()) for f in s[1:]))'
}
look_at_foreign() { # name
	[ -z "${PROGRESS:-}" ] || echo "# $kills kills, $fate: $(cat \
		"$WORK"/bad.* 2> /dev/null | tail -n 1)" >> "$PROGRESS"
	! is_port "$1" || fault port "$1 is a port: $ports"
	if ! is_there "$1"; then
		fault left "$1 was deleted"
		return
	fi
	untouched "$1"
	looked=$((looked + 1))
	# it is there since before this daemon
	[ "$(given "$1")" = 0 ] ||
		fault dead "$1 got frames: $(sw ip -s link show dev "$1" | xargs)"
	host 1 ping -q -c 3 -i 0.01 -W 30 10.0.0.2 > /dev/null
	[ "$(given "$1")" = 0 ] || fault frames "$1 got frames"
}
untouched() { # name
	[[ " $promisc " != *" $1 "* ]] || fault left "$1 is promiscuous"
	[ -z "$(programs "$1")" ] || fault left "$1: $(programs "$1")"
}
look() {
	local name
	ports=$(port_names)
	promisc=$(promiscuous | xargs)
	for name in "${foreign[@]}"; do
		look_at_foreign "$name"
	done
	names=(p1 p2 p3 p4 p5 p6 p7 p8)
	[ "$fate" != renamed ] || names+=("y$k")
	for name in "${names[@]}"; do
		is_port "$name" || fault port "$name isn't a port: $ports"
		[[ " $promisc " == *" $name "* ]] ||
			fault port "$name isn't promiscuous"
	done
	# what a request was under way for is a port or is nothing
	is_port "c$k" || untouched "c$k"
}
# that these would see it
for n in "${all[@]}"; do
	[ -n "$(programs "p$n")" ] || echo "p$n has no program"
done > "$WORK/without"
check_eq $id.programs "" "$(cat "$WORK/without")"

# ---- kills ----

moment() { # of an instant up to so many milliseconds
	sleep "$(printf '0.%03d' $((RANDOM % $1)))"
}
start_and_kill() { # while it takes over
	nsenter --net="/run/netns/$SW" "$O/ovsxdpd" --root="$ROOT" \
		>> "$WORK/daemon" 2>&1 &
	DAEMON=$!
	moment 200
	daemon_kill 9
	kills=$((kills + 1))
}
kills=0 k=$((SEED - 1))
while [ $kills -lt "$KILLS" ]; do
	fate=${fates[k % ${#fates[@]}]}
	k=$((k + 1))
	victim=v$k foreign=()
	device "c$k"
	if [[ $fate == internal* ]]; then
		words=type=internal
	else
		device "$victim"
		words=mode=${modes[k % 4]}
	fi
	ctl add-if dp0 "$victim,port_no=$VICTIM,$words" > /dev/null ||
		fault left "$victim can't be a port"
	index=$(index_of "$victim")
	# requests are under way when it dies
	{
		moment 50
		while ctl -t 1 add-if dp0 "c$k,port_no=$OTHER"; do
			ctl -t 1 del-if dp0 "c$k" || break
		done
	} > /dev/null 2>&1 &
	requests=$!
	moment 400
	daemon_kill 9
	kills=$((kills + 1))
	$fate
	wait $requests
	[ $((k % 3)) != 0 ] || start_and_kill
	daemon_start
	look
	for name in "c$k" "y$k"; do
		! is_port "$name" || ctl del-if dp0 "$name" > /dev/null
	done
	for name in "${foreign[@]}" "c$k" "y$k"; do
		sw ip link del "$name" 2> /dev/null
	done
	far ip link del "$victim" 2> /dev/null
done
echo "# $kills kills, seed $SEED; $looked foreign devices of $k moments"

: > "$STOP"
wait "${traffic[@]}" "$tcp"
sed 's/^/# /' <(tail -n 3 "$WORK/newflows")
sum() { # of the pings' numbers
	cat "$WORK"/ping? | awk -F'[ ,]+' "/packets transmitted/ {
		sent += \$1; got += \$4 } END { print $1 }"
}
echo "# $(sum sent) pings, $(cat "$WORK/numbers") lines over TCP"
check $id.pings test "$(sum sent)" -ge $((KILLS * 4))
check_eq $id.ping_lost 0 "$(sum 'sent - got')"
check_eq $id.tcp "$(cat "$WORK/numbers") 0" "$(cat "$WORK/tcp")"
word() { # of the last line, after that one
	sed -n "\$s/.*$1 \\([0-9]*\\).*/\\1/p" "$WORK/newflows"
}
check $id.new_flows test "$(word flows)" -ge $((KILLS * 8))
check_eq $id.new_flows_lost "0 0" "$(word lost) $(word unanswered)"
bad() { cat "$WORK/bad.$1" 2> /dev/null; }
check_eq $id.no_foreign_port "" "$(bad port)"
check_eq $id.no_foreign_frame "" "$(bad frames)"
check_eq $id.no_foreign_frame_without_daemon "" "$(bad dead)"
check $id.foreign_devices test "$looked" -gt 0
check_eq $id.devices_as_before "" "$(bad left)"

# Nothing is left behind.
check_eq $id.flows_left "$n_flows" "$(ctl dump-flows dp0 | wc -l)"
ports=$(port_names)
check_eq $id.ports_left "$(echo dp0 p{1,2,3,4,5,6,7,8})" "$ports"
check $id.del_dp ctl del-dp dp0
check_eq $id.nothing_pinned "" \
	"$(find "$ROOT" -mindepth 1 -not -path '*/%*')"
programs p{1,2,3,4,5,6,7,8} > "$WORK/on"
promiscuous >> "$WORK/on"
check_eq $id.nothing_on_devices "" "$(cat "$WORK/on")"
check_eq $id.no_device_left "" "$(devices | diff "$WORK/devices" -)"
finish
