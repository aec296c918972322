# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Sourced by tests/e2e/*.sh and tests/interop/*.sh: a switch namespace with a
# daemon, host namespaces joined to it by veth pairs, TAP lines, cleanup.
#
# `tests/e2e/restart.sh stream` reports only the cases whose id contains
# "stream"; all steps are run, since they build on each other.
#
# MODE (auto, xdp, xdp-generic or tc) is the attach mode of the ports that a
# script adds without saying one; test ids carry it: e2e.tc.traffic.ping.
#
# Names carry the script's process id, so that scripts can run side by side.
# Programs enter namespaces by nsenter: `ip netns exec` would mount another
# /sys and hide the bpffs with the pins.

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
# The system's own programs: others' python3 may lack what Debian's packages
# have, or be a slow script that looks for it.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
O=$(realpath "${O:-build}")
MODE=${MODE:-auto}
ONLY=${1:-}
BPFFS=${BPFFS:-/sys/fs/bpf}
ROOT=$BPFFS/ox-e2e-$$
SW=oxsw-$$
WORK=$(mktemp -d)
DAEMON=
HOSTS=()
PIDS=()
TESTS=0
# Inside of tests/vm/run, where all takes longer, a test that waits for
# something to come waits so many times as long.
PATIENCE=1
[ -z "${OX_VM:-}" ] || PATIENCE=5
# On a busy machine a new datapath's programs are looked at for more than ten
# seconds. Limits are for what never ends; nothing waits that long otherwise.
export OVSXDP_TIMEOUT=${OVSXDP_TIMEOUT:-100}

bail() { # why
	echo "ok - $(basename "$0" .sh) # SKIP $*"
	exit 0
}
case $MODE in
auto | xdp | xdp-generic | tc) ;;
*) echo "not ok - MODE=$MODE: auto, xdp, xdp-generic or tc"; exit 1 ;;
esac
# For scripts that choose the modes themselves: they run once.
own_modes() {
	[ "$MODE" = auto ] || bail "chooses modes itself; runs with MODE=auto"
}
mode_is_xdp() { [[ $MODE == xdp* ]]; }
[ "$(id -u)" = 0 ] || bail "needs root"
for tool in ip nsenter ethtool python3; do
	command -v $tool > /dev/null || bail "$tool is not installed"
done
[ -x "$O/ovsxdpd" ] || { echo "not ok - $O/ovsxdpd: not built"; exit 1; }
mountpoint -q "$BPFFS" || mount -t bpf bpf "$BPFFS" || bail "no bpffs"

cleanup() {
	local pid ns
	for pid in "${PIDS[@]}" $DAEMON; do
		kill -9 "$pid" 2> /dev/null
	done
	wait 2> /dev/null
	for ns in "${HOSTS[@]}" "$SW"; do
		# what those have started: timeout's, a shell's
		for pid in $(ip netns pids "$ns" 2> /dev/null); do
			kill -9 "$pid" 2> /dev/null
		done
		ip netns del "$ns" 2> /dev/null
	done
	[ ! -d "$ROOT" ] || find "$ROOT" -depth -delete
	rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# ---- TAP ----

test_id() { echo "${1/#e2e./e2e.$MODE.}"; }
asked() { # id
	[[ $1 == *"$ONLY"* || $(test_id "$1") == *"$ONLY"* ]]
}
ok() { # id
	asked "$1" || return 0
	TESTS=$((TESTS + 1))
	echo "ok - $(test_id "$1")"
}
not_ok() { # id why
	asked "$1" || return 0
	TESTS=$((TESTS + 1))
	echo "not ok - $(test_id "$1"): $2"
	FAILED=1
}
skip() { # id why
	asked "$1" || return 0
	TESTS=$((TESTS + 1))
	echo "ok - $(test_id "$1") # SKIP $2"
}
FAILED=0

# check ID COMMAND...: the test ID is that COMMAND succeeds.
check() {
	local id=$1
	shift
	if "$@" > "$WORK/check" 2>&1; then
		ok "$id"
	else
		not_ok "$id" "exit code $? of: $*"
		sed 's/^/# /' "$WORK/check" | tail -n 20
	fi
}
# check_eq ID WANT GOT
check_eq() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "want '$2', got '$3'"
	fi
}
# check_fails ID TEXT COMMAND...: it fails, and its output has TEXT.
check_fails() {
	local id=$1 text=$2
	shift 2
	if "$@" > "$WORK/check" 2>&1; then
		not_ok "$id" "no error from: $*"
	elif ! grep -qi -- "$text" "$WORK/check"; then
		not_ok "$id" "no '$text' in: $(tail -n 3 "$WORK/check")"
	else
		ok "$id"
	fi
}
# cases_of COMMAND...: it prints TAP, and its cases count as this script's.
cases_of() {
	local code line bad=$FAILED
	"$@" > "$WORK/cases"
	code=$?
	while read -r line; do
		if [[ ! $line =~ ^(not )?ok[\ 0-9]*-\ ([^ :]+) ]]; then
			[[ $line == 1..* ]] || echo "$line"
		elif asked "${BASH_REMATCH[2]}"; then
			TESTS=$((TESTS + 1))
			echo "${BASH_REMATCH[1]}ok - ${line#* - }"
			[ -z "${BASH_REMATCH[1]}" ] || FAILED=1
		fi
	done < "$WORK/cases"
	[ $code = 0 ] || [ "$FAILED" != "$bad" ] ||
		not_ok "$(basename "$0" .sh).end" "exit code $code of: $*"
}
# The end of a script: its plan and exit code.
finish() {
	if [ -n "$ONLY" ] && [ "$TESTS" = 0 ]; then
		echo "no case matches $ONLY" >&2
		exit 1
	fi
	echo "1..$TESTS"
	[ "$FAILED" = 0 ] || [ ! -e "$WORK/daemon" ] ||
		sed 's/^/# ovsxdpd: /' "$WORK/daemon" | tail -n 20
	exit "$FAILED"
}

# wait_for SECONDS COMMAND...: until COMMAND succeeds. The seconds are those of
# an idle machine: ten times as many may pass.
wait_for() {
	local end=$((SECONDS + $1 * 10))
	shift
	until "$@" > /dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# How many programs want to run on each CPU, 1 to 5.
busy() {
	awk -v cpus="$(nproc)" '{ n = int($1 / cpus + 0.5)
		print (n < 1 ? 1 : (n > 5 ? 5 : n)) }' /proc/loadavg
}
# For what can't be seen: seconds, longer ones on a busy machine and inside of
# tests/vm/run.
pause() { # seconds
	sleep "$(awk "BEGIN { print $1 * $PATIENCE * $(busy) }")"
}

# ---- namespaces ----

sw() { # command in the switch namespace
	nsenter --net="/run/netns/$SW" "$@"
}
host() { # number command...
	local ns=oxh$1-$$
	shift
	nsenter --net="/run/netns/$ns" "$@"
}
quiet_ipv6() { # ns: no multicast of its own between the counted packets
	nsenter --net="/run/netns/$1" sh -c \
		'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6'
}
switch_up() {
	ip netns add "$SW"
	quiet_ipv6 "$SW"
	sw ip link set lo up
}
mac() { printf "02:00:00:00:00:%02x" "$1"; }

# host_up N [gro]: a namespace with h0 (10.0.0.N/24, mac N), whose peer is pN of
# the switch. Offloads are the kernel's defaults. gro=on gives the peer NAPI, so
# that it takes XDP_REDIRECT (docs/facts.md, V1). With MODE=xdp that is the default.
host_up() {
	local n=$1 gro=${2:-} ns=oxh$1-$$
	[ "$MODE" = xdp ] && gro=${gro:-on}
	ip netns add "$ns"
	HOSTS+=("$ns")
	quiet_ipv6 "$ns"
	sw ip link add "p$n" type veth peer name h0 netns "$ns"
	host "$n" ip link set lo up
	host "$n" ip link set h0 address "$(mac "$n")"
	host "$n" ip addr add "10.0.0.$n/24" dev h0
	[ -z "$gro" ] || host "$n" ethtool -K h0 gro "$gro" > /dev/null
	host "$n" ip link set h0 up
	sw ip link set "p$n" up
}
# Native and generic XDP on a veth don't see tags that are in the skb's
# metadata: whoever sends tags has to put them in line.
tags_in_line() { # command prefix, device
	$1 ethtool -K "$2" txvlan off rxvlan off > /dev/null
	$1 ethtool -K "$2" tx-vlan-stag-hw-insert off > /dev/null
}
# IPv6 on host N: fd00::N/64
ipv6_up() { # N
	host "$1" sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 0 > /proc/sys/net/ipv6/conf/h0/disable_ipv6'
	host "$1" ip -6 addr add "fd00::$1/64" dev h0 nodad
}
# Hosts know each other, so that no ARP comes between counted packets.
neighbours() { # N...
	local a b
	for a in "$@"; do
		for b in "$@"; do
			[ "$a" = "$b" ] || host "$a" ip neigh replace \
				"10.0.0.$b" lladdr "$(mac "$b")" dev h0
		done
	done
}

# ---- daemon and tools ----

# The verifier looks for a second at each datapath that is made ahead, and in
# the machine of tests/vm/run for ten. Most scripts make one, so they do without
# except in the mode that all of them run in.
[ "$MODE" = auto ] && [ -z "${OX_VM:-}" ] || NO_SPARE=--spare=off
# With DAEMON_OPTIONS, if there are any.
daemon_start() {
	# not by sw(): the signal shall reach the daemon, not a shell
	# shellcheck disable=SC2086 # several options
	nsenter --net="/run/netns/$SW" "$O/ovsxdpd" --root="$ROOT" \
		${NO_SPARE:-} ${DAEMON_OPTIONS:-} \
		>> "$WORK/daemon" 2>&1 &
	DAEMON=$!
	if ! wait_for 20 sw "$O/ovsxdpctl" -t "$PATIENCE" ping; then
		not_ok daemon.start "no answer: $(tail -n 3 "$WORK/daemon")"
		finish
	fi
}
daemon_kill() { # signal
	kill "-${1:-9}" "$DAEMON" 2> /dev/null
	wait "$DAEMON" 2> /dev/null
	DAEMON=
}
ctl() {
	if [ "$1" = add-if ] && [ "$MODE" != auto ]; then
		local i args=("$@")
		for ((i = 2; i < ${#args[@]}; i++)); do
			[[ ${args[i]} == *mode=* || ${args[i]} == *internal* ]] ||
				args[i]+=,mode=$MODE
		done
		set -- "${args[@]}"
	fi
	sw "$O/ovsxdpctl" -t "$OVSXDP_TIMEOUT" "$@"
}
py() { sw env PYTHONPATH=tests/lib /usr/bin/python3 "$@"; }

# Value of a JSON path in `ctl ... --json`: json 'expression with d' args...
json() {
	local expr=$1
	shift
	ctl --json "$@" | python3 -c \
		"import json,sys; d=json.load(sys.stdin); print($expr)"
}

# dp_up N...: datapath dp0 with ports p1... of hosts that it sets up; port
# numbers are the hosts'. Any frame between hosts 1 and 2 is switched.
dp_up() {
	local n
	switch_up
	for n in "$@"; do
		host_up "$n"
	done
	daemon_start
	ctl add-dp dp0
	for n in "$@"; do
		ctl add-if dp0 "p$n,port_no=$n"
	done
	neighbours "$@"
}
wire() { # from to [actions before the output]
	ctl add-flow dp0 "in_port($1),eth(),eth_type(0x0800),ipv4()" "${3:-}$2"
}

# TCP both through: tcp FROM TO [BYTES] [PORT]; prints what arrived.
tcp() {
	local from=$1 to=$2 bytes=${3:-1000000} port=${4:-5001} pid
	head -c "$bytes" /dev/urandom > "$WORK/sent"
	host "$to" timeout 300 socat -u "TCP-LISTEN:$port,reuseaddr" \
		"OPEN:$WORK/tcp,creat,trunc" &
	pid=$!
	wait_for 5 listening "$to" "$port"
	host "$from" timeout 300 socat -u "OPEN:$WORK/sent" \
		"TCP:10.0.0.$to:$port" || return 1
	wait $pid
	cmp "$WORK/sent" "$WORK/tcp"
}
# A TCP stream that goes on, some 5 MB per second, until stream_end is called:
# stream_start FROM TO [PORT]. stream_end fails unless all has arrived.
stream_start() {
	local from=$1 to=$2 port=${3:-5001}
	rm -f "$WORK"/stream.*
	host "$to" timeout 300 socat -u "TCP-LISTEN:$port,reuseaddr" \
		"OPEN:$WORK/stream.got,creat,trunc" &
	STREAM=$!
	wait_for 5 listening "$to" "$port"
	while [ ! -e "$WORK/stream.end" ]; do
		head -c 100000 /dev/urandom
		sleep 0.02
	done | tee "$WORK/stream.sent" |
		host "$from" timeout 300 socat -u - "TCP:10.0.0.$to:$port" &
	wait_for 60 test -s "$WORK/stream.got"
}
stream_end() {
	: > "$WORK/stream.end"
	wait "$STREAM"
	cmp "$WORK/stream.sent" "$WORK/stream.got"
}
listening() { # host port
	host "$1" ss -Hltn "sport = :$2" | grep -q .
}
udp() { # from to: 20 datagrams, all must arrive
	local from=$1 to=$2
	rm -f "$WORK/udp" "$WORK/udp.up"
	host "$to" timeout 120 python3 - "$WORK/udp" <<-'END' &
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("", 5002)); s.settimeout(60)
		open(sys.argv[1] + ".up", "w").close()
		n = sum(len(s.recv(2000)) for _ in range(20))
		open(sys.argv[1], "w").write(str(n))
	END
	local pid=$!
	wait_for 5 test -e "$WORK/udp.up"
	host "$from" python3 - "10.0.0.$to" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		for i in range(20):
		    s.sendto(bytes([i]) * 1000, (sys.argv[1], 5002))
	END
	wait $pid && [ "$(cat "$WORK/udp")" = 20000 ]
}
# capture N OPTIONS...: tcpdump on host N in the background, to $WORK/capN.
capture() {
	local n=$1
	shift
	rm -f "$WORK/cap$n.err"
	# not by host(): the signal shall reach tcpdump, not a shell
	nsenter --net="/run/netns/oxh$n-$$" timeout 300 tcpdump -i h0 \
		--immediate-mode -U -n -w "$WORK/cap$n.pcap" "$@" \
		2> "$WORK/cap$n.err" &
	PIDS+=($!)
	CAPTURE=$!
	wait_for 5 grep -q 'listening on' "$WORK/cap$n.err"
}
captured() { # N [tcpdump options]
	local n=$1 size=-1
	shift
	# until it ends by itself or writes nothing more
	while kill -0 "$CAPTURE" 2> /dev/null &&
		[ "$size" != "$(stat -c %s "$WORK/cap$n.pcap")" ]; do
		size=$(stat -c %s "$WORK/cap$n.pcap")
		pause 0.2
	done
	kill "$CAPTURE" 2> /dev/null
	wait "$CAPTURE" 2> /dev/null
	tcpdump -n -e -vv -r "$WORK/cap$n.pcap" "$@" 2> /dev/null
}
