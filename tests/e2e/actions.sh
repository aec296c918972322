#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# Action lists of several outputs, branches and limits, looked at where they
# arrive: floods, edits between outputs, clone, sample, check_pkt_len, trunc,
# dec_ttl, recirculation, meters, mark and priority.

. "$(dirname "$0")/../lib/e2e.sh"

switch_up
for n in 1 2 3 4; do
	host_up $n
done
# Classes on port 4 tell priority and mark; there before the port is, since
# bpf_redirect_peer() would pass the qdisc by.
qdisc=
if sw tc qdisc add dev p4 root handle 1: htb default 1 2> "$WORK/tc"; then
	qdisc=1
	for c in 1 2 3; do
		sw tc class add dev p4 parent 1: classid 1:$c htb rate 10gbit \
			quantum 60000
	done
	# skb->mark 7, by classic BPF: cls_fw isn't everywhere
	sw tc filter add dev p4 parent 1: protocol all prio 1 bpf bytecode \
		'4,32 0 0 4294963220,21 0 1 7,6 0 0 4294967295,6 0 0 0' \
		classid 1:3 2>> "$WORK/tc" || qdisc=
fi
daemon_start
ctl add-dp dp0
for n in 1 2 3 4; do
	ctl add-if dp0 "p$n,port_no=$n"
done
neighbours 1 2 3 4
ipv4="eth_type(0x0800),ipv4()"

# sent FRAME...: what hosts 2, 3 and 4 get, as "1 ...", "2 ...", "3 ..."
sent() {
	/usr/bin/python3 tests/lib/frames.py "oxh1-$$:h0" "oxh2-$$:h0" \
		"oxh3-$$:h0" "oxh4-$$:h0" -- "$@"
}
fields() { # names: only these fields of what sent() printed
	python3 -c '
import sys
for line in sys.stdin:
    n, *f = line.split()
    print(n, *[x for x in f if x.split("=")[0] in sys.argv[1:]])' "$@" |
		paste -sd';'
}
flow() { # actions [match]: what becomes of host 1's packets
	ctl del-flows dp0
	ctl add-flow dp0 "recirc_id(0),in_port(1),eth(),${2:-$ipv4}" "$1"
}
# case_of ID ACTIONS FIELDS FRAME WANT [MATCH]
case_of() {
	local id=e2e.actions.$1 want
	if ! flow "$2" "${6:-$ipv4}" > "$WORK/flow" 2>&1; then
		not_ok "$id" "$(tail -n 1 "$WORK/flow")"
		return
	fi
	want=$(grep -o '[^;][^;]*' <<< "$5" | wc -l)
	# shellcheck disable=SC2086 # several words
	check_eq "$id" "$5" "$(FRAMES_WANT=$want sent $4 | fields $3)"
}
plain=udp:dst=2

case_of flood "2,3,4" "ttl csum" $plain \
	"1 ttl=64 csum=ok;2 ttl=64 csum=ok;3 ttl=64 csum=ok"
case_of twice "2,2" "ttl csum" $plain "1 ttl=64 csum=ok;1 ttl=64 csum=ok"
case_of edits "set(ipv4(ttl=9)),2,set(ipv4(ttl=8,src=10.0.0.77)),3,set(udp(dst=99)),4" \
	"ttl src dport csum" "$plain" \
	"1 ttl=9 src=10.0.0.1 dport=7 csum=ok;2 ttl=8 src=10.0.0.77 dport=7 csum=ok;3 ttl=8 src=10.0.0.77 dport=99 csum=ok" \
	"eth_type(0x0800),ipv4(proto=17),udp()"
case_of tags "push_vlan(vid=5,pcp=0),2,pop_vlan,3,push_vlan(vid=6,pcp=0),push_vlan(vid=7,pcp=0),4" \
	"vlan csum" $plain "1 vlan=5 csum=ok;2 csum=ok;3 vlan=7 vlan=6 csum=ok"
case_of clone "clone(set(ipv4(ttl=5)),3),2" "ttl csum" $plain \
	"1 ttl=64 csum=ok;2 ttl=5 csum=ok"
case_of clone_nested "clone(set(ipv4(ttl=5)),clone(set(ipv4(ttl=4)),4),3),2" \
	"ttl csum" $plain "1 ttl=64 csum=ok;2 ttl=5 csum=ok;3 ttl=4 csum=ok"
case_of clone_last "set(ipv4(ttl=5)),clone(3)" "ttl csum" $plain \
	"2 ttl=5 csum=ok"
case_of sample_all "sample(sample=100.0%,actions(set(ipv4(ttl=3)),3)),2" \
	"ttl csum" $plain "1 ttl=64 csum=ok;2 ttl=3 csum=ok"
case_of sample_none "sample(sample=0.0%,actions(3)),2" "ttl csum" $plain \
	"1 ttl=64 csum=ok"
case_of len_le "check_pkt_len(size=200,gt(3),le(2))" "len" "$plain,len=200" \
	"1 len=200"
case_of len_gt "check_pkt_len(size=200,gt(3),le(2))" "len" "$plain,len=201" \
	"2 len=201"
case_of len_goes_on "check_pkt_len(size=200,gt(set(ipv4(ttl=3)),3),le(2)),4" \
	"ttl csum" "$plain,len=300" "2 ttl=3 csum=ok;3 ttl=64 csum=ok"
case_of trunc "trunc(64),2,3" "len" "$plain,len=200" "1 len=64;2 len=200"
case_of trunc_last "3,trunc(64),2" "len" "$plain,len=200" \
	"1 len=64;2 len=200"
case_of trunc_longer "trunc(1000),2" "len" "$plain,len=200" "1 len=200"
case_of drop_list "drop" "ttl" $plain ""
case_of in_port "1,2" "ttl" $plain "1 ttl=64"

ctl add-flow dp0 "in_port(2),eth(),$ipv4" 1 > /dev/null
# dec_ttl, and its branch for the packet that has no hop left
case_of dec_ttl "dec_ttl(le_1(3)),2" "ttl csum" "$plain,ttl=9" "1 ttl=8 csum=ok"
case_of dec_ttl_1 "dec_ttl(le_1(3)),2" "ttl csum" "$plain,ttl=1" \
	"2 ttl=1 csum=ok"

# recirculation: three passes, an edit in each
ctl del-flows dp0
check e2e.actions.recirc_put ctl add-flow dp0 \
	"recirc_id(0),in_port(1),eth(),$ipv4" "set(ipv4(ttl=40)),recirc(0x1)"
ctl add-flow dp0 "recirc_id(0x1),in_port(1),eth(),eth_type(0x0800),ipv4(ttl=40)" \
	"3,set(ipv4(ttl=41)),recirc(0x2)"
ctl add-flow dp0 "recirc_id(0x2),in_port(1),eth(),eth_type(0x0800),ipv4(ttl=41)" 2
check_eq e2e.actions.recirc "1 ttl=41 csum=ok;2 ttl=40 csum=ok" \
	"$(sent $plain | fields ttl csum)"
check_eq e2e.actions.recirc_counted "1 1 1" \
	"$(ctl dump-flows dp0 | grep -o 'packets:[0-9]*' | cut -d: -f2 | xargs)"
# not last: the list goes on, the copy recirculates
case_of recirc_copy "recirc(0x3),2" "ttl csum" $plain "1 ttl=64 csum=ok"
ctl add-flow dp0 "recirc_id(0x3),in_port(1),eth(),$ipv4" "set(ipv4(ttl=7)),3"
check_eq e2e.actions.recirc_both "1 ttl=64 csum=ok;2 ttl=7 csum=ok" \
	"$(sent $plain | fields ttl csum)"

# A hash: the same flow's packets get the same one, and it can be matched.
flow "hash(l4(0)),recirc(0x4)"
ctl add-flow dp0 "recirc_id(0x4),dp_hash(0/1),in_port(1),eth(),$ipv4" 2
ctl add-flow dp0 "recirc_id(0x4),dp_hash(1/1),in_port(1),eth(),$ipv4" 3
check_eq e2e.actions.hash_stable 1 "$(sent $plain $plain $plain $plain |
	cut -d' ' -f1 | sort -u | wc -l)"
frames=()
for i in $(seq 40); do
	frames+=("udp:dst=2,dport=$i")
done
check_eq e2e.actions.hash_spreads 2 \
	"$(sent "${frames[@]}" | cut -d' ' -f1 | sort -u | wc -l)"

# Segments are measured as they will be on the wire, however large the skb.
flow "check_pkt_len(size=1514,gt(drop),le(2))"
wire 2 1
check e2e.actions.len_gso tcp 1 2 4000000 5021
# every branch copies; none may break a large segment
flow "clone(3),sample(sample=100.0%,actions(4)),2"
wire 2 1
check e2e.actions.copies_gso tcp 1 2 4000000 5022
flow "3,4,set(ipv4(ttl=30)),2"
wire 2 1
check e2e.actions.flood_gso tcp 1 2 4000000 5023
flow "recirc(0x5)"
ctl add-flow dp0 "recirc_id(0x5),in_port(1),eth(),$ipv4" 2
wire 2 1
check e2e.actions.recirc_gso tcp 1 2 4000000 5024

# mark and priority: which class of port 4's qdisc counted
class_packets() { # minor
	sw tc -s class show dev p4 | grep -A1 "htb 1:$1 " |
		sed -n 's/.* \([0-9]*\) pkt.*/\1/p'
}
if [ -n "$qdisc" ]; then
	flow "set(skb_priority(0x10002)),4"
	sent $plain $plain $plain > "$WORK/got"
	check_eq e2e.actions.priority 3 "$(class_packets 2)"
	flow "set(skb_mark(0x7)),4"
	sent $plain $plain > "$WORK/got"
	check_eq e2e.actions.mark 2 "$(class_packets 3)"
	check_eq e2e.actions.mark_arrives 2 "$(grep -c '^3 .*csum=ok' "$WORK/got")"
else
	skip e2e.actions.priority "$(tail -n 1 "$WORK/tc")"
	skip e2e.actions.mark "$(tail -n 1 "$WORK/tc")"
fi

# A meter of 5 packets a second that lets a burst of 5 through.
if ctl --help | grep -q add-meter; then
	check e2e.actions.meter_add ctl add-meter dp0 \
		"meter=1 pktps burst stats bands=type=drop rate=5 burst_size=5"
	flow "meter(1),2"
	frames=()
	for i in $(seq 30); do
		frames+=("$plain")
	done
	n=$(FRAMES_GAP=0 sent "${frames[@]}" | wc -l)
	check e2e.actions.meter_drops test "$n" -ge 5 -a "$n" -le 12
else
	skip e2e.actions.meter_add "ovsxdpctl has no add-meter"
fi

# userspace() beside outputs: the packets go on
flow "2,userspace(pid=4242),3"
check_eq e2e.actions.userspace_between "1 ttl=64 csum=ok;2 ttl=64 csum=ok" \
	"$(sent $plain | fields ttl csum)"

# where they ran
flow "2,set(ipv4(ttl=3)),3"
check e2e.actions.tier_several grep -q "tier:skb (" \
	<(ctl --tiers dump-flows dp0)
flow "set(ipv4(ttl=3)),2"
want=skb
mode_is_xdp && want=xdp
check e2e.actions.tier_one grep -q "tier:$want" <(ctl --tiers dump-flows dp0)
finish
