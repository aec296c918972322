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

strace -f -o "$WORK/calls" -p "$DAEMON" -e \
	trace=bpf,socket,sendto,sendmsg,recvmsg,recvfrom,ioctl,openat \
	2> "$WORK/strace" &
strace=$!
PIDS+=("$strace")
# The least calls from a port's question to the N-th question after it, that is
# within one round. What the events of the new devices ask for comes on top of
# the first rounds alone.
least() {
	awk -F'[ (]+' -v n=$N '/BPF_PROG_QUERY/ {
		at[++q] = NR
		calls = NR - at[q - n + 1] + 1
		if (q >= n && (!best || calls < best))
			best = calls
	} END { print best + 0 }' "$WORK/calls"
}
# and what the tick of a second asks of a datapath
cheap() { local n; n=$(least); [ "$n" -gt 0 ] && [ "$n" -le $((3 * N + 40)) ]; }
check $id.calls wait_for 60 cheap
kill $strace
wait $strace 2> /dev/null
echo "# $(least) calls a round of $N ports"
kill -0 "$DAEMON" && check $id.answers ctl show dp0
for ((i = 1; i <= N; i++)); do
	sw ip link del "v$i"
done
finish
