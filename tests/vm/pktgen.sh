#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# bench/pktgen, inside of tests/vm/run: what send says it sends is what comes
# out behind a datapath, by number, sizes, flows and queues. Host 1 sends out
# of a veth with two queues, port 1; host 2, behind port 2, writes all down.

if [ "${OX_VM:-}" != 1 ]; then
	echo "ok - vm.pktgen # SKIP only inside of tests/vm/run"
	exit 0
fi
. "$(dirname "$0")/../lib/e2e.sh"
own_modes
# ids are vm.pktgen.*, whatever the mode
test_id() { echo "$1"; }

modprobe -a veth pktgen
# as many as are sent, should they come faster than they are taken
sysctl -qw net.core.netdev_max_backlog=100000
switch_up
for n in 1 2; do
	ns=oxh$n-$$
	ip netns add "$ns"
	HOSTS+=("$ns")
	quiet_ipv6 "$ns"
	sw ip link add "p$n" numtxqueues 2 numrxqueues 2 type veth \
		peer name h0 numtxqueues 2 numrxqueues 2 netns "$ns"
	sw ip link set "p$n" up
	host $n ip link set h0 address "$(mac $n)" up
done
daemon_start
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1
ctl add-if dp0 p2,port_no=2
ctl add-flow dp0 "in_port(1),eth()" 2

send() { host 1 bench/pktgen/send -d h0 -m "$(mac 2)" "$@"; }

# sent N OPTION...: send's own line, and in $WORK/got what came to host 2, one
# "LENGTH SOURCE" line a packet, the length with the CRC that a wire would add
sent() {
	local n=$1 pid
	shift
	nsenter --net="/run/netns/oxh2-$$" tcpdump -i h0 -s 64 -B 32768 \
		-c "$n" -w "$WORK/pcap" udp > "$WORK/tcpdump" 2>&1 &
	pid=$!
	wait_for 20 grep -q 'listening on' "$WORK/tcpdump"
	send -n "$n" "$@" > "$WORK/said" 2>&1
	# it ends when it has them all
	wait_for 30 grep -q 'packets captured' "$WORK/tcpdump" ||
		{ kill $pid; lost; }
	wait $pid
	python3 - "$WORK/pcap" > "$WORK/got" <<-END
	import struct, sys
	d = open(sys.argv[1], "rb").read()
	at = 24
	while at < len(d):
	    caught, length = struct.unpack_from("<II", d, at + 8)
	    p = d[at + 16:at + 16 + caught]
	    print(length + 4, ".".join(map(str, p[26:30])))
	    at += 16 + caught
	END
	[ "$(cut -d' ' -f 1-2 "$WORK/said")" = "packets $n" ] ||
		sed 's/^/# /' "$WORK/said"
}
# where it may have been
lost() {
	ctl -s show dp0 | sed 's/^/# /'
	host 2 ip -s link show h0 | sed 's/^/# /'
	sed 's/^/# /' "$WORK/tcpdump"
}
said() { cut -d' ' -f 1-2,9-10 "$WORK/said"; }
sizes() { cut -d' ' -f1 "$WORK/got" | sort -n | uniq -c | awk '{ print $2 "*" $1 }'; }
sources() { cut -d' ' -f2 "$WORK/got" | sort | uniq -c; }

sent 1000
check_eq vm.pktgen.one.said "packets 1000 errors 0" "$(said)"
check_eq vm.pktgen.one.sizes "64*1000" "$(sizes)"
check_eq vm.pktgen.one.source "1000 10.16.0.0" "$(sources | xargs)"

sent 1000 -s 1518 -f 50
check_eq vm.pktgen.flows.said "packets 1000 errors 0" "$(said)"
check_eq vm.pktgen.flows.sizes "1518*1000" "$(sizes)"
check_eq vm.pktgen.flows.number 50 "$(sources | wc -l)"
check_eq vm.pktgen.flows.share 20 "$(sources | awk '{ print $1 }' | uniq)"
check_eq vm.pktgen.flows.last "20 10.16.0.49" "$(sources |
	sort -t. -k4n | tail -n 1 | xargs)"

# each thread half of the flows, and what the division leaves, one of them
sent 1001 -q 2 -f 100
check_eq vm.pktgen.queues.said "packets 1001 errors 0" "$(said)"
check_eq vm.pktgen.queues.number 100 "$(sources | wc -l)"
check_eq vm.pktgen.queues.first_half 500 "$(sources |
	awk '{ split($2, a, "."); if (a[4] < 50) n += $1 } END { print n }')"

# 7:4:1 by chance: 1,400, 800 and 200, within six standard deviations
sent 2400 -s imix -f 10 -q 2
check_eq vm.pktgen.imix.said "packets 2400 errors 0" "$(said)"
check_eq vm.pktgen.imix.sizes "64 594 1518" \
	"$(sizes | sed 's/\*.*//' | xargs)"
sizes > "$WORK/sizes"
about() { # size least most
	local n
	n=$(sed -n "s/^$1\*//p" "$WORK/sizes")
	[ "$n" -ge "$2" ] && [ "$n" -le "$3" ]
}
check vm.pktgen.imix.seven about 64 1250 1550
check vm.pktgen.imix.four about 594 660 940
check vm.pktgen.imix.one about 1518 110 290

host 1 bench/pktgen/sweep -s "64 imix" -f "1 100" -q "1 2" -- -d h0 -n 200 \
	> "$WORK/sweep" 2>&1
check_eq vm.pktgen.sweep.rows 10 "$(wc -l < "$WORK/sweep")"
check_eq vm.pktgen.sweep.no_errors 8 "$(grep -cE \
	'^\| (64|imix) \| 1(00)? \| [12] \| [1-9][0-9]* \| [0-9]+ \| 0 \|$' \
	"$WORK/sweep")"
grep -v '^|' "$WORK/sweep" | sed 's/^/# /'

check_fails vm.pktgen.bad.size "-s 63: a number from 64" send -s 63
check_fails vm.pktgen.bad.flows "-f 0: a number from 1" send -f 0
check_fails vm.pktgen.bad.queues "3 queues: this machine has 2" send -q 3
check_fails vm.pktgen.bad.packets "-n 1: a number from 2" send -q 2 -n 1
check_fails vm.pktgen.bad.device "there is no device nope" \
	host 1 bench/pktgen/send -d nope -n 1
host 1 ip link add few type veth peer name few-far
host 1 ip link set few up
host 1 ip link set few-far up
check_fails vm.pktgen.bad.tx_queues "few has fewer transmit queues" \
	host 1 bench/pktgen/send -d few -q 2 -n 2
finish
