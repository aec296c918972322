#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
#
# Tunnels without the kernel's device: outer packets that come in fragments. The
# listener leaves them to the stack, which puts them together for the daemon's
# socket.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/second.sh
own_modes
command -v tcpdump > /dev/null || bail "tcpdump is not installed"

# shellcheck disable=SC2034 # daemon_start's
DAEMON_OPTIONS=--tunnels=native
second_up
second_six 1400
head -c 1440 /dev/urandom > "$WORK/payload"
received() { cmp -s "$WORK/payload" "$WORK/received"; }
listens() { host 1 ss -Hlun "sport = :5009" | grep -q 5009; }
stat_of() { # NAME: of the port
	ctl show dp0 --json | /usr/bin/python3 -c "
import json, sys
for p in json.load(sys.stdin)[0]['ports']:
    if p['name'] == 'tv':
        print(p['stats']['$1'])"
}
# try NAME KIND PORT'S TYPE AND OPTIONS, FROM, TO
try() {
	local name=$1 kind=$2 type=$3 from=$4 to=$5 six='' pid dump
	[[ $to != *:* ]] || six=ipv6_
	ctl add-if dp0 "tv,port_no=5,type=$type"
	ctl add-flow dp0 "tunnel(tun_id=100,${six}src=$from,${six}dst=$to,ttl=0/0,flags(+key)),in_port(5),eth(),eth_type(0x0800),ipv4()" 1
	rm -f "$WORK/received"
	host 1 timeout 60 socat -u UDP4-RECVFROM:5009 \
		"OPEN:$WORK/received,creat" &
	pid=$!
	in2 timeout 60 tcpdump -nni u0 -c 2 \
		"(ip[6:2] & 0x3fff != 0) or (ip6[6] = 44)" \
		> "$WORK/wire" 2> "$WORK/wire.err" &
	dump=$!
	wait_for 5 grep -q listening "$WORK/wire.err"
	wait_for 5 listens
	in2 /usr/bin/python3 tests/lib/outer.py "$kind" "$to" 100 "$(mac 1)" \
		"$WORK/payload"
	check "e2e.tunnel_fragments.$name.on_wire" wait $dump
	check "e2e.tunnel_fragments.$name.arrives" wait_for 5 received
	check_eq "e2e.tunnel_fragments.$name.counted" 1 "$(stat_of rx_packets)"
	wait $pid
	ctl del-flows dp0
	ctl del-if dp0 tv
}
A4=172.16.0.1 B4=172.16.0.2 A6=fd16::1 B6=fd16::2
try vxlan vxlan vxlan,dst_port=4789 $B4 $A4
try vxlan6 vxlan vxlan,dst_port=4789 $B6 $A6
try geneve geneve geneve,dst_port=6081 $B4 $A4
try geneve6 geneve geneve,dst_port=6081 $B6 $A6
try gre gre gre $B4 $A4
try ip6gre gre ip6gre $B6 $A6
finish
