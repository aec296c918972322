#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Header rewriting, looked at where it arrives: addresses, ports, TTL, TOS,
# and that every checksum is still good.

. "$(dirname "$0")/../lib/e2e.sh"
command -v tcpdump > /dev/null || bail "tcpdump is not installed"

dp_up 1 2
# Checksums are filled in by the sender: what arrives was computed by it and
# updated by the datapath.
host 1 ethtool -K h0 tx off tso off gso off > /dev/null
host 2 ethtool -K h0 tx off tso off gso off > /dev/null
# host 2 takes what is rewritten to it
host 2 ip addr add 10.9.0.2/24 dev h0
host 2 ip neigh replace 10.9.0.1 lladdr 02:00:00:00:00:aa dev h0
m1=$(mac 1) m2=$(mac 2)

# NAT by hand: 10.0.0.1 -> 10.0.0.2:80 becomes 10.9.0.1 -> 10.9.0.2:8080
there="set(eth(src=02:00:00:00:00:aa,dst=$m2)),"
there+="set(ipv4(src=10.9.0.1,dst=10.9.0.2,tos=0x20,ttl=7)),"
back="set(eth(src=$m2,dst=$m1)),set(ipv4(src=10.0.0.2,dst=10.0.0.1)),"
v4="eth(),eth_type(0x0800),ipv4(proto=%s)"

# The whole of set(ipv4) carries proto and frag, which must be the packet's.
for proto in 6:tcp 17:udp; do
	p=${proto%%:*} name=${proto#*:}
	# The module wants a TCP key's flags, be they masked out.
	flags=
	[ "$name" = udp ] || flags=",tcp_flags(0/0)"
	# shellcheck disable=SC2059 # the format is ours
	ctl add-flow dp0 "in_port(1),$(printf "$v4" "$p"),$name(dst=80)$flags" \
		"${there}set($name(dst=8080)),2"
	# shellcheck disable=SC2059
	ctl add-flow dp0 "in_port(2),$(printf "$v4" "$p"),$name(src=8080)$flags" \
		"${back}set($name(src=80)),1"
done

capture 2 -c 40 ip
host 2 timeout 120 socat TCP-LISTEN:8080,reuseaddr EXEC:'cat' &
PIDS+=($!)
wait_for 5 listening 2 8080
check_eq e2e.rewrite.tcp_echo hello \
	"$(echo hello | host 1 timeout 120 socat -t 60 - TCP:10.0.0.2:80)"
host 2 timeout 120 socat UDP-LISTEN:8080,reuseaddr EXEC:'cat' &
PIDS+=($!)
listening_udp() { host 2 ss -Hlun 'sport = :8080' | grep -q .; }
wait_for 5 listening_udp
check_eq e2e.rewrite.udp_echo hallo \
	"$(echo hallo | host 1 timeout 120 socat -t "$(busy)" - UDP:10.0.0.2:80)"
captured 2 > "$WORK/seen"
check e2e.rewrite.eth grep -q "02:00:00:00:00:aa > $m2" "$WORK/seen"
check e2e.rewrite.tos_ttl grep -q 'tos 0x20, ttl 7' "$WORK/seen"
check e2e.rewrite.tcp_addresses \
	grep -q '10.9.0.1.[0-9]* > 10.9.0.2.8080: Flags.*(correct)' \
	"$WORK/seen"
check e2e.rewrite.udp_addresses \
	grep -q '10.9.0.1.[0-9]* > 10.9.0.2.8080: \[udp sum ok\]' "$WORK/seen"
check_eq e2e.rewrite.no_bad_checksum 0 \
	"$(grep -cE 'incorrect|bad (udp|tcp|ip)? ?cksum' "$WORK/seen")"

# masked: only the lowest byte of an address, only the TTL
ctl del-flows dp0
ctl add-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4()" \
	"set(ipv4(ttl=33/0xff)),2"
wire 2 1
capture 2 -c 2 icmp
check e2e.rewrite.masked host 1 ping -q -c 2 -i 0.05 -W 30 10.0.0.2
captured 2 > "$WORK/seen"
check e2e.rewrite.masked_ttl grep -q 'ttl 33.*proto ICMP' "$WORK/seen"

# IPv6: addresses, hop limit, ports, with the checksum over the addresses
for n in 1 2; do
	host $n sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 0 > /proc/sys/net/ipv6/conf/h0/disable_ipv6'
	host $n ip -6 addr add "fd00::$n/64" dev h0 nodad
	host $n ip -6 neigh replace "fd00::$((3 - n))" \
		lladdr "$(mac $((3 - n)))" dev h0
done
host 2 ip -6 addr add fd00:9::2/64 dev h0 nodad
host 2 ip -6 neigh replace fd00:9::1 lladdr "$m1" dev h0
ctl del-flows dp0
ctl add-flow dp0 "in_port(1),eth(),eth_type(0x86dd),ipv6(proto=6),tcp(dst=80),tcp_flags(0/0)" \
"set(ipv6(src=fd00:9::1,dst=fd00:9::2,hlimit=9)),set(tcp(dst=8081)),2"
ctl add-flow dp0 \
	"in_port(2),eth(),eth_type(0x86dd),ipv6(proto=6),tcp(src=8081),tcp_flags(0/0)" \
	"set(ipv6(src=fd00::2,dst=fd00::1)),set(tcp(src=80)),1"
capture 2 -c 40 ip6 and tcp
host 2 timeout 120 socat TCP6-LISTEN:8081,reuseaddr EXEC:'cat' &
PIDS+=($!)
wait_for 5 listening 2 8081
check_eq e2e.rewrite.tcp6_echo hello \
	"$(echo hello | host 1 timeout 120 socat -t 60 - 'TCP6:[fd00::2]:80')"
captured 2 > "$WORK/seen"
check e2e.rewrite.ipv6 grep -q \
	'hlim 9,.* fd00:9::1.[0-9]* > fd00:9::2.8081.*(correct)' \
	<(tr -d '\n' < "$WORK/seen")
finish
