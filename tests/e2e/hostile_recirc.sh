#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# One packet and lists that recirculate and fork: how much work it makes, in
# whatever tier, has an end; what the module forwards whole arrives whole.

. "$(dirname "$0")/../lib/e2e.sh"

dp_up 1 2 3
plain=udp:dst=2,dport=7
at="in_port(1),eth(),eth_type(0x0800),ipv4(proto=17),udp()"

hits() { ctl show dp0 | grep -o 'hit:[0-9]*' | head -n 1 | cut -d: -f2; }
times() { # word n: "word,word,..."
	local i s=
	for ((i = 0; i < $2; i++)); do s+=,$1; done
	echo "${s#,}"
}
# What one frame costs in passes, when no tier counts any more.
passes() {
	local a b
	a=$(hits)
	python3 tests/lib/frames.py "oxh1-$$:h0" -- "$plain" > /dev/null
	b=$(hits)
	while a2=$b && sleep 0.1 && b=$(hits) && [ "$b" != "$a2" ]; do :; done
	echo $((b - a))
}
within() { # least most value
	echo "$3" && [ "$3" -ge "$1" ] && [ "$3" -le "$2" ]
}
first() { # actions of a packet that comes in
	ctl del-flow dp0 "recirc_id(0),$at" > /dev/null 2>&1
	ctl add-flow dp0 "recirc_id(0),$at" "$1"
}

# The longest way without a fork: 31 passes.
ctl add-flow dp0 "recirc_id(0),$at" "recirc(1)"
for i in $(seq 29); do
	ctl add-flow dp0 "recirc_id($i),$at" "recirc($((i + 1)))"
done
ctl add-flow dp0 "recirc_id(30),$at" 2
check_eq e2e.hostile_recirc.longest_whole "31 1" "$(passes) $(ctl dump-flows \
	dp0 | grep 'recirc_id(0x1e)' | grep -o 'packets:[0-9]*' | cut -d: -f2)"

# Two lists that fork into themselves: four million passes without a limit.
# The module makes 15 and 9 times 7. The skb tier and user space may put off 9
# lists each.
for op in "" "push_mpls(label=1,tc=0,ttl=64,bos=1,eth_type=0x8847),pop_mpls(eth_type=0x800),"; do
	name=${op:+_user}
	ctl del-flows dp0
	first "${op}recirc(7),recirc(7)"
	ctl add-flow dp0 "recirc_id(7),$at" "recirc(7),recirc(7)"
	check "e2e.hostile_recirc.self$name" within 78 $((78 + 63)) "$(passes)"
	check "e2e.hostile_recirc.self_named$name" sh -c \
		"nsenter --net=/run/netns/$SW $O/ovsxdpctl stats dp0 |
		grep -E 'recirc_limit.*[1-9]'"
done

# Three levels of 10 arrive whole.
ctl del-flows dp0
first "$(times "recirc(1)" 10)"
ctl add-flow dp0 "recirc_id(1),$at" "$(times "recirc(2)" 10)"
ctl add-flow dp0 "recirc_id(2),$at" "$(times "recirc(3)" 10)"
ctl add-flow dp0 "recirc_id(3),$at" 2
check_eq e2e.hostile_recirc.fan_whole 1111 "$(passes)"
check_eq e2e.hostile_recirc.fan_arrives 1000 "$(ctl dump-flows dp0 |
	grep 'recirc_id(0x3)' | grep -o 'packets:[0-9]*' | cut -d: -f2)"

# Three levels of 400 would be 64 million passes. Others go on meanwhile.
ctl del-flows dp0
wire 2 3
wire 3 2
first "$(times "recirc(1)" 400)"
for i in 1 2; do
	ctl add-flow dp0 "recirc_id($i),$at" "$(times "recirc($((i + 1)))" 400)"
done
ctl add-flow dp0 "recirc_id(3),$at" 2
check e2e.hostile_recirc.fan_ends within 1000 131072 "$(passes)"
check e2e.hostile_recirc.fan_named sh -c \
	"nsenter --net=/run/netns/$SW $O/ovsxdpctl stats dp0 |
	grep -E 'work_limit.*[1-9]'"
check e2e.hostile_recirc.others host 2 ping -q -c 5 -i 0.05 -W 30 10.0.0.3
check e2e.hostile_recirc.answers timeout 20 nsenter --net=/run/netns/$SW \
	"$O/ovsxdpctl" -t 20 ping
finish
