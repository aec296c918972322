#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every five seconds the daemon asks about all ports, since no event says that a
# tcx program was taken off. With thousands of ports the price counts: three
# system calls for each port where nothing has changed. They ask whether the
# device is still the port's, who has its rx_handler, and for the tcx program.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes
{ command -v strace && strace -o /dev/null true; } > /dev/null 2>&1 ||
	bail "no strace here"

id=e2e.rounds
N=60
switch_up
daemon_start
ctl check-host 2>&1 | grep -q "^xdp-features *yes" ||
	bail "this kernel doesn't tell XDP features"
ctl add-dp dp0
ports=()
for ((i = 1; i <= N; i++)); do
	sw ip link add "v$i" type veth peer name "w$i"
	sw ip link set "v$i" up
	sw ip link set "w$i" up
	ports+=("v$i,mode=tc")
done
check $id.add ctl add-if dp0 "${ports[@]}"
# what the new devices' events have put into the queue is done
quiet() {
	local before
	before=$(ctl stats | grep loop_events)
	sleep 0.3
	[ "${before##* }" -ge $(($(ctl stats |
		awk '$1 == "loop_events" { print $2 }') - 6)) ]
}
check $id.quiet wait_for 20 quiet

strace -f -o "$WORK/calls" -p "$DAEMON" -e \
	trace=bpf,socket,sendto,sendmsg,recvmsg,recvfrom,ioctl,openat \
	2> "$WORK/strace" &
strace=$!
PIDS+=("$strace")
seen() { [ "$(grep -c BPF_PROG_QUERY "$WORK/calls")" -ge "$1" ]; }
# one round, from its first port to its last one
check $id.begins wait_for 10 seen 1
check $id.round wait_for 10 seen $N
kill $strace
wait $strace 2> /dev/null
awk '/BPF_PROG_QUERY/ { n++ } n && n <= '$N' { print $2 }' FS='[ (]+' \
	"$WORK/calls" | sort | uniq -c | sed 's/^/# /'
calls=$(awk '/BPF_PROG_QUERY/ { n++ } n && n <= '$N "$WORK/calls" | wc -l)
# and what the tick of a second asks of a datapath
check $id.calls test "$calls" -le $((3 * N + 40))
kill -0 "$DAEMON" && check $id.answers ctl show dp0
for ((i = 1; i <= N; i++)); do
	sw ip link del "v$i"
done
finish
