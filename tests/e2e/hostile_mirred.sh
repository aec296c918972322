#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A user's tc rule sends what leaves by one port back into another one at once,
# in the middle of a list of actions. The list goes on with its own packet, the
# other packet goes its own way.

. "$(dirname "$0")/../lib/e2e.sh"

dp_up 1 2 3
plain=udp:dst=2,dport=7
kind="eth(),eth_type(0x0800),ipv4(proto=17),udp()"
counted() { # flow's port
	ctl dump-flows dp0 | grep "in_port($1)" | grep -o 'packets:[0-9]*' |
		cut -d: -f2 | head -n 1
}
# What leaves by port 3 comes in by port 2, before it has left.
sw tc qdisc add dev p3 clsact 2> /dev/null
sw tc filter add dev p3 egress matchall action mirred ingress redirect dev p2 \
	2> /dev/null || bail "no tc mirred"

# The outer list: a copy to port 3 in a branch that edits, then to port 2. The
# packet that comes back in by port 2 has a list of branches, too.
ctl add-flow dp0 "in_port(1),$kind" \
	"clone(set(ipv4(ttl=10)),3),set(ipv4(ttl=20)),clone(set(ipv4(ttl=30)),3),2"
ctl add-flow dp0 "in_port(2),$kind" \
	"clone(set(ipv4(ttl=40)),1),clone(set(ipv4(tos=4)),1)"
sent=10 frames=()
while [ ${#frames[@]} -lt $sent ]; do
	frames+=("$plain")
done
check_eq e2e.hostile_mirred.outer_goes_on "$sent ttl=20" \
	"$(python3 tests/lib/frames.py "oxh1-$$:h0" "oxh2-$$:h0" -- \
		"${frames[@]}" |
		grep -o 'ttl=[0-9]*' | sort | uniq -c | xargs)"
check_eq e2e.hostile_mirred.inner_runs $((2 * sent)) "$(counted 2)"
check e2e.hostile_mirred.no_limit sh -c \
	"! nsenter --net=/run/netns/$SW $O/ovsxdpctl stats dp0 |
	grep -E 'nest_limit +[1-9]'"

# Without the rule the switch is as before.
sw tc filter del dev p3 egress
wire 1 2
wire 2 1
check e2e.hostile_mirred.goes_on host 1 ping -q -c 5 -i 0.05 -W 30 10.0.0.2
ctl mod-flow dp0 "in_port(2),$kind" 1
check e2e.hostile_mirred.udp udp 1 2
finish
