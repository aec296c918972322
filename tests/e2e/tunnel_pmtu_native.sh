#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
#
# Tunnels without the kernel's device over a wire with a smaller MTU than the
# hosts have: who sends too much with DF is told what fits, and learns it.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/second.sh
own_modes

DAEMON_OPTIONS=--tunnels=native
second_up
second_host
for n in 1 2; do
	ipv6_up $n
	host $n ip neigh replace 10.0.0.$((3 - n)) \
		lladdr "$(mac $((3 - n)))" dev h0
	host $n ip -6 neigh replace fd00::$((3 - n)) \
		lladdr "$(mac $((3 - n)))" dev h0
done
second_six 1400
second_daemon
ctl2 add-if dp0 p1,port_no=1

A4=172.16.0.1
IP4="eth_type(0x0800),ipv4()" IP6="eth_type(0x86dd),ipv6()"
# flows PREFIX [FLAGS [PUSH, POP, [MATCH'S HEAD, TAIL]]]: both switches, for
# both families; the key has both addresses, so nobody else's reply comes in.
flows() {
	local six='' m n c
	[[ $1 != *:* ]] || six=ipv6_
	for n in 1 2; do
		c=ctl
		[ $n = 1 ] || c=ctl2
		$c del-flows dp0
		for m in "$IP4" "$IP6"; do
			$c add-flow dp0 "in_port(1),eth(),$m" \
				"${3:-}set(tunnel(tun_id=100,${six}dst=$1$((3 - n)),ttl=64,flags(${2:-df|key}))),5"
			$c add-flow dp0 "tunnel(tun_id=100,${six}src=$1$((3 - n)),${six}dst=$1$n,ttl=0/0,flags(+key)),in_port(5),eth(),${5:-}$m${6:-}" "${4:-}1"
		done
	done
}
forget() { # what hosts have learned
	local n
	for n in 1 2; do
		host $n ip route flush cache
		host $n ip -6 route flush cache
	done
}
learned() { # N ADDRESS MTU
	host "$1" ip route get "$2" | grep -qw "mtu $3"
}
# The packet's loss is told by an ICMP error, not by an answer.
teaches() { # N ADDRESS MTU
	host "$1" ping -q -c 1 -W 0.2 -M "do" -s 1440 "$2" > "$WORK/ping" 2>&1
	learned "$@"
}
fits() { # ADDRESS MTU HEADER
	host 1 ping -q -c 1 -W 30 -M "do" -s $(($2 - $3)) "$1"
}
counted() { # REASON [ctl]
	"${2:-ctl}" stats dp0 | awk -v r="$1" '$1 == r { n = $2 } END { print n + 0 }'
}
tcp6() {
	local pid
	head -c 500000 /dev/urandom > "$WORK/sent6"
	host 2 timeout 300 socat -u "TCP6-LISTEN:5006,reuseaddr" \
		"OPEN:$WORK/tcp6,creat,trunc" &
	pid=$!
	wait_for 5 listening 2 5006
	host 1 timeout 300 socat -u "OPEN:$WORK/sent6" "TCP6:[fd00::2]:5006" ||
		return 1
	wait $pid
	cmp "$WORK/sent6" "$WORK/tcp6"
}
# try NAME MTU: of both families; then TCP, whose first segments are too long
try() {
	local before
	before=$(counted pmtu_told)
	forget
	check "e2e.tunnel_pmtu_native.$1.ping" wait_for 5 teaches 1 10.0.0.2 "$2"
	check "e2e.tunnel_pmtu_native.$1.fits" fits 10.0.0.2 "$2" 28
	check "e2e.tunnel_pmtu_native.$1.ping6" wait_for 5 teaches 1 fd00::2 "$2"
	check "e2e.tunnel_pmtu_native.$1.fits6" fits fd00::2 "$2" 48
	check "e2e.tunnel_pmtu_native.$1.told" \
		[ "$(counted pmtu_told)" -ge $((before + 2)) ]
	forget
	check "e2e.tunnel_pmtu_native.$1.tcp" tcp 1 2 500000
	check "e2e.tunnel_pmtu_native.$1.tcp_learned" learned 1 10.0.0.2 "$2"
	check "e2e.tunnel_pmtu_native.$1.tcp6" tcp6
	check "e2e.tunnel_pmtu_native.$1.tcp6_learned" learned 1 fd00::2 "$2"
}
both() { # type [more]: a port of that type on both
	ctl add-if dp0 "t0,port_no=5,type=$1${2:-}"
	ctl2 add-if dp0 "t0,port_no=5,type=$1${2:-}"
}
gone() {
	ctl del-flows dp0
	ctl2 del-flows dp0
	ctl del-if dp0 t0
	ctl2 del-if dp0 t0
}
both vxlan ,dst_port=4789
flows 172.16.0.
try vxlan 1350
flows 172.16.0. key
forget
check e2e.tunnel_pmtu_native.vxlan.without_df wait_for 5 teaches 1 10.0.0.2 1350
flows fd16::
try vxlan6 1330
gone
both geneve ,dst_port=6081
flows 172.16.0. "df|csum|key"
try geneve 1350
# a tag goes in line: four bytes less, and the error has it, too
flows 172.16.0. "df|key" "push_vlan(vid=7,pcp=0)," "pop_vlan," \
	"eth_type(0x8100),vlan(vid=7),encap(" ")"
try vlan 1346
gone
both gre
flows 172.16.0.
try gre 1358
# GSO packets have no checksum, what comes after them has: it must fit, too
flows 172.16.0. "df|csum|key"
try gre_csum 1354
gone
both ip6gre
flows fd16::
try ip6gre 1338
gone

# ---- nobody is told ----
both vxlan ,dst_port=4789
flows 172.16.0.
silent() { # NAME COMMAND...: it is dropped once, as over_mtu
	local name=$1 lost told
	shift
	lost=$(counted over_mtu)
	told=$(counted pmtu_told)
	"$@" > /dev/null 2>&1
	wait_for 5 lost_now $((lost + 1))
	check_eq "e2e.tunnel_pmtu_native.silent.$name" \
		"$((lost + 1)) $told" "$(counted over_mtu) $(counted pmtu_told)"
}
lost_now() { [ "$(counted over_mtu)" -ge "$1" ]; }
forget
silent no_df host 1 ping -q -c 1 -W 0.1 -M dont -s 1400 10.0.0.2
host 1 ip neigh replace 224.0.0.9 lladdr 01:00:5e:00:00:09 dev h0
host 1 ip route add 224.0.0.9 dev h0
silent multicast host 1 ping -q -c 1 -W 0.1 -M "do" -s 1400 -I h0 224.0.0.9

# ---- a client has the packets executed ----
FROM1="tunnel(tun_id=100,src=$A4,dst=172.16.0.2,ttl=0/0,flags(+key)),in_port(5),eth()"
ctl2 del-flows dp0
ctl2 add-flow dp0 "$FROM1,$IP4" 1
ctl2 add-flow dp0 "in_port(1),eth(),$IP4" \
	"set(tunnel(tun_id=100,dst=$A4,ttl=64,flags(df|key))),5"
ctl del-dp dp0
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1
ctl add-if dp0 t0,port_no=5,type=vxlan,dst_port=4789
nsenter --net="/run/netns/$SW" env PYTHONPATH=tests/lib \
	/usr/bin/python3 tests/lib/tunnels.py dp0 p1 t0 "id=100,dst=172.16.0.2" \
	> "$WORK/client" 2>&1 &
PIDS+=($!)
wait_for 10 grep -q ready "$WORK/client"
forget
check e2e.tunnel_pmtu_native.execute wait_for 5 teaches 1 10.0.0.2 1350
# the error came from the tunnel, as the module has it
check e2e.tunnel_pmtu_native.execute_from \
	grep -q "in=5 id=100,src=172.16.0.2,dst=$A4,tos=0,ttl=64" "$WORK/client"
check e2e.tunnel_pmtu_native.execute_first \
	[ "$(counted pmtu_told)" -ge 1 ]

# ---- switched off ----
daemon_kill 9
DAEMON_OPTIONS="--tunnels=native --tunnel-pmtu=off"
daemon_start
ctl add-flow dp0 "in_port(1),eth(),$IP4" \
	"set(tunnel(tun_id=100,dst=172.16.0.2,ttl=64,flags(df|key))),5" 2> /dev/null
forget
silent off host 1 ping -q -c 1 -W 0.1 -M "do" -s 1400 10.0.0.2
finish
