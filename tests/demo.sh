#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# `make demo`: two hosts (namespaces) and a switch (a third) whose packets an
# XDP program forwards through flows put over netlink. Then the daemon is
# killed while a ping runs. Everything is gone at the end.

set -eu
cd "$(dirname "$0")/.."
O=$(realpath "${O:-build}")
[ "$(id -u)" = 0 ] || { echo "run it as root: sudo make demo" >&2; exit 1; }
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf

root=/sys/fs/bpf/ovsxdp-demo-$$
sw=demo-sw-$$ a=demo-a-$$ b=demo-b-$$
work=$(mktemp -d)
daemon=''

cleanup() {
	[ -z "$daemon" ] || kill "$daemon" 2> /dev/null || true
	wait 2> /dev/null || true
	for ns in "$a" "$b" "$sw"; do
		ip netns del "$ns" 2> /dev/null || true
	done
	[ ! -d "$root" ] || find "$root" -depth -delete
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
in_ns() { local ns=$1; shift; nsenter --net="/run/netns/$ns" "$@"; }
run() { # shows the command as it is typed in a shell
	local word line=
	for word; do
		[[ $word != *\(* ]] || word="'$word'"
		line+=" $word"
	done
	echo "\$$line"
	case $1 in
	ovsxdpctl) shift; in_ns "$sw" "$O/ovsxdpctl" "$@" ;;
	*) "$@" ;;
	esac
}
start_daemon() {
	nsenter --net="/run/netns/$sw" "$O/ovsxdpd" --root="$root" \
		2>> "$work/log" &
	daemon=$!
	for _ in $(seq 100); do
		in_ns "$sw" "$O/ovsxdpctl" -t 1 ping > /dev/null 2>&1 && return
		sleep 0.05
	done
	cat "$work/log" >&2
	exit 1
}

say "Two hosts, each with a veth pair to the switch"
ip netns add "$sw"
for h in a:1 b:2; do
	ns=demo-${h%:*}-$$ n=${h#*:}
	ip netns add "$ns"
	ip -n "$sw" link add "port$n" type veth peer name eth0 netns "$ns"
	ip -n "$ns" addr add "10.0.0.$n/24" dev eth0
	ip -n "$ns" link set eth0 up
	ip -n "$sw" link set "port$n" up
	echo "$ns: 10.0.0.$n on eth0, whose other end is port$n of the switch"
done

say "A datapath with two ports, and two flows: what comes in here goes out there"
start_daemon
run ovsxdpctl add-dp dp0
run ovsxdpctl add-if dp0 port1,port_no=1
run ovsxdpctl add-if dp0 port2,port_no=2
run ovsxdpctl add-flow dp0 'in_port(1),eth()' 2
run ovsxdpctl add-flow dp0 'in_port(2),eth()' 1

say "Ping and TCP from a to b"
in_ns "$a" ping -q -c 100 -i 0.01 10.0.0.2 | sed -n '/transmitted/p'
head -c 50000000 /dev/urandom > "$work/sent"
in_ns "$b" python3 -c '
import socket, sys
s = socket.create_server(("10.0.0.2", 5001)); c, _ = s.accept()
f = open(sys.argv[1], "wb")
while d := c.recv(1 << 16): f.write(d)
' "$work/got" &
server=$!
in_ns "$a" python3 -c '
import socket, sys, time
for _ in range(100):
    try: s = socket.create_connection(("10.0.0.2", 5001)); break
    except ConnectionRefusedError: time.sleep(0.05)
t = time.time(); s.sendall(open(sys.argv[1], "rb").read()); s.close()
print("50 MB over TCP in %.2f s" % (time.time() - t))
' "$work/sent"
wait "$server"
cmp "$work/sent" "$work/got"
echo "and they arrived unchanged"

say "The counters, over netlink"
run ovsxdpctl dump-flows dp0
run ovsxdpctl show dp0

say "Frames, too: port1 in native XDP, port2 as it is"
run ovsxdpctl set-if dp0 port1,mode=xdp
ip -n "$sw" link show | grep -o 'port[12]@.*xdp'
run ovsxdpctl dump-flows dp0 --tiers
in_ns "$a" ping -q -c 100 -i 0.01 10.0.0.2 | sed -n '/transmitted/p'

say "The daemon is killed while a ping runs: the datapath forwards on"
in_ns "$a" ping -q -c 300 -i 0.01 10.0.0.2 > "$work/ping" &
ping=$!
sleep 1
echo "\$ kill -9 ovsxdpd"
kill -9 "$daemon"
wait "$daemon" 2> /dev/null || true
daemon=''
wait "$ping"
sed -n '/transmitted/p' "$work/ping"
grep -q ' 0% packet loss' "$work/ping"

say "A new daemon takes over flows and counters"
start_daemon
run ovsxdpctl dump-flows dp0
run ovsxdpctl del-dp dp0
