#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
#
# Tunnels of all kinds without the kernel's device: to one of the kernel's on the
# other host, where it has the kind, and between two switches, each with a daemon
# of its own.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/second.sh
own_modes

DAEMON_OPTIONS=--tunnels=native
six_on() { # command prefix, device
	$1 sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 0 > /proc/sys/net/ipv6/conf/'"$2"'/disable_ipv6'
}
second_up
for n in 1 2; do
	ns=sw
	[ $n = 1 ] || ns=in2
	six_on $ns u0
	$ns ip -6 addr add fd16::$n/64 dev u0 nodad
done
ping2() { host 1 ping -q -c 3 -i 0.05 -W 30 "$@"; }
host 1 ip neigh replace 10.0.0.2 lladdr "$(mac 2)" dev h0
ipv6_up 1
host 1 ip -6 neigh replace fd00::2 lladdr "$(mac 2)" dev h0
lost() { # ctl or ctl2
	"$1" stats dp0 | awk '$1 ~ /tunnel|outer|no_port|send_failed/ {
		print $1, $2 }'
}

# ---- against the kernel's devices ----
ip netns add "oxh2-$$"
HOSTS+=("oxh2-$$")
quiet_ipv6 "oxh2-$$"
peer() { # type options...: host 2's h0
	in2 ip link add vx mtu 1500 type "$@" 2> "$WORK/peer" || return
	in2 ip link set vx netns "oxh2-$$"
	host 2 ip link set vx name h0 address "$(mac 2)"
	host 2 ip addr add 10.0.0.2/24 dev h0
	host 2 ip link set h0 up
	ipv6_up 2
	host 2 ip neigh replace 10.0.0.1 lladdr "$(mac 1)" dev h0
	host 2 ip -6 neigh replace fd00::1 lladdr "$(mac 1)" dev h0
}
peer_gone() { host 2 ip link del h0; }
flows() { # local remote [flags, each with a |, [more of the key]]
	local six='' m
	[[ $2 != *:* ]] || six=ipv6_
	ctl del-flows dp0
	for m in "eth_type(0x0800),ipv4()" "eth_type(0x86dd),ipv6()"; do
		ctl add-flow dp0 "in_port(1),eth(),$m" \
			"set(tunnel(tun_id=100,${six}dst=$2,ttl=64${4:-},flags(${3:-}key))),5"
		ctl add-flow dp0 "tunnel(tun_id=100,${six}src=$2,${six}dst=$1,ttl=0/0,flags(+key)),in_port(5),eth(),$m" 1
	done
}
try() { # name
	check "e2e.tunnel_kinds.$1.ping" ping2 10.0.0.2
	check "e2e.tunnel_kinds.$1.ping6" ping2 fd00::2
	check "e2e.tunnel_kinds.$1.big" ping2 -s 1400 10.0.0.2
	check "e2e.tunnel_kinds.$1.fragments" ping2 -s 6000 10.0.0.2
	check "e2e.tunnel_kinds.$1.tcp" tcp 1 2 3000000
	check "e2e.tunnel_kinds.$1.tcp_back" tcp 2 1 3000000 5003
}
A4=172.16.0.1 B4=172.16.0.2 A6=fd16::1 B6=fd16::2
# against NAME A B TYPE OF THE PORT, DEVICE OPTIONS...: to the kernel's device
against() {
	local name=$1 a=$2 b=$3 port=$4
	shift 4
	if ! peer "$@"; then
		skip "e2e.tunnel_kinds.$name" "this kernel has no $1"
		return 1
	fi
	ctl add-if dp0 "tv,port_no=5,type=$port"
	flows "$a" "$b"
	try "$name"
	# a gretap takes checksums only if it has been told to, and then no
	# packet without one
	if [[ $port != *gre ]]; then
		flows "$a" "$b" "csum|"
		check "e2e.tunnel_kinds.$name.csum" ping2 10.0.0.2
	fi
	check_eq "e2e.tunnel_kinds.$name.no_device" "" \
		"$(sw ip -br link show dev tv 2> /dev/null)"
	# first the flows: what a host still sends would count as no_port
	ctl del-flows dp0
	ctl del-if dp0 tv
	peer_gone
}
zero6="udp6zerocsumrx udp6zerocsumtx"
against vxlan $A4 $B4 vxlan,dst_port=4789 \
	vxlan id 100 dstport 4789 local $B4 remote $A4
# shellcheck disable=SC2086 # several options
against vxlan6 $A6 $B6 vxlan,dst_port=4789 \
	vxlan id 100 dstport 4789 local $B6 remote $A6 $zero6
against geneve $A4 $B4 geneve,dst_port=6081 \
	geneve id 100 dstport 6081 remote $A4
# shellcheck disable=SC2086 # several options
against geneve6 $A6 $B6 geneve,dst_port=6081 \
	geneve id 100 dstport 6081 remote $A6 $zero6
against gre $A4 $B4 gre gretap key 100 local $B4 remote $A4
against gre_seq $A4 $B4 gre gretap key 100 oseq local $B4 remote $A4
against ip6gre $A6 $B6 ip6gre ip6gretap key 100 local $B6 remote $A6
if peer gretap key 100 csum local $B4 remote $A4; then
	ctl add-if dp0 tv,port_no=5,type=gre
	flows $A4 $B4 "csum|"
	check e2e.tunnel_kinds.gre.csum_kernel ping2 10.0.0.2
	check e2e.tunnel_kinds.gre.csum_fragments ping2 -s 6000 10.0.0.2
	ctl del-flows dp0
	ctl del-if dp0 tv
	peer_gone
fi
if peer vxlan gbp id 100 dstport 4789 local $B4 remote $A4; then
	ctl add-if dp0 tv,port_no=5,type=vxlan,dst_port=4789,exts=gbp
	# what the peer sends has no policy, as nobody has marked it
	flows $A4 $B4 "" ",vxlan(gbp(id=7,flags=8))"
	check e2e.tunnel_kinds.vxlan.gbp ping2 10.0.0.2
	ctl del-flows dp0
	ctl del-if dp0 tv
	peer_gone
fi
check_eq e2e.tunnel_kinds.against.lost "" "$(lost ctl)"
ctl del-flows dp0

# ---- between two switches ----
in2 ip link add p1 type veth peer name h0 netns "oxh2-$$"
host 2 ip link set h0 address "$(mac 2)"
host 2 ip addr add 10.0.0.2/24 dev h0
host 2 ip link set h0 up
in2 ip link set p1 up
ipv6_up 2
host 2 ip neigh replace 10.0.0.1 lladdr "$(mac 1)" dev h0
host 2 ip -6 neigh replace fd00::1 lladdr "$(mac 1)" dev h0
second_daemon
ctl2 add-if dp0 p1,port_no=1
both() { # type [more]: a port of that type on both
	ctl add-if dp0 "t0,port_no=5,type=$1${2:-}"
	ctl2 add-if dp0 "t0,port_no=5,type=$1${2:-}"
}
both_flows() { # address prefix, set's flags, match's flags
	local six='' m n c
	[[ $1 != *:* ]] || six=ipv6_
	for n in 1 2; do
		c=ctl
		[ $n = 1 ] || c=ctl2
		$c del-flows dp0
		for m in "eth_type(0x0800),ipv4()" "eth_type(0x86dd),ipv6()"; do
			$c add-flow dp0 "in_port(1),eth(),$m" \
				"set(tunnel(tun_id=$4,${six}dst=$1$((3 - n)),ttl=${TTL:-64},flags($2))),5"
			$c add-flow dp0 "tunnel(tun_id=$4,${six}src=$1$((3 - n)),${six}dst=$1$n,ttl=0/0,flags($3)),in_port(5),eth(),$m" 1
		done
	done
}
gone() {
	ctl del-flows dp0
	ctl2 del-flows dp0
	ctl del-if dp0 t0
	ctl2 del-if dp0 t0
}
wire() { # FILTER COMMAND...: two frames on the wire while COMMAND runs
	local filter=$1
	shift
	in2 timeout 60 tcpdump -nnvvi u0 -c 2 "$filter" \
		> "$WORK/wire" 2> "$WORK/wire.err" &
	local pid=$!
	wait_for 5 grep -q listening "$WORK/wire.err"
	"$@" > /dev/null 2>&1
	wait $pid
}
both gre
both_flows 172.16.0. "df|key" "+key" 0x12345678
try gre
check_fails e2e.tunnel_kinds.gre.twice EEXIST ctl add-if dp0 t1,type=gre
wire "ip proto 47" ping2 10.0.0.2
check e2e.tunnel_kinds.gre.wire grep -q 'GREv0, Flags \[key present\], key=0x12345678' "$WORK/wire"
both_flows 172.16.0. "df|csum|key" "+csum+key" 0x12345678
wire "ip proto 47" ping2 10.0.0.2
check e2e.tunnel_kinds.gre.csum ping2 10.0.0.2
check e2e.tunnel_kinds.gre.csum_wire grep -q 'GREv0, Flags \[checksum present, key present\]' "$WORK/wire"
both_flows 172.16.0. "df" "-key" 0
check e2e.tunnel_kinds.gre.no_key ping2 10.0.0.2
gone
both ip6gre
both_flows fd16:: "df|key" "+key" 0x12345678
try ip6gre
gone
both vxlan ,dst_port=4790
both_flows 172.16.0. "df|csum|key" "+key" 0x77
try vxlan_both
gone

# ---- keys without a TTL ----
# GRE takes that of the inner packet. Where that has none, and with vxlan, it is
# the host's own.
sw sh -c 'echo 77 > /proc/sys/net/ipv4/ip_default_ttl
	echo 78 > /proc/sys/net/ipv6/conf/default/hop_limit'
ttl_is() { # NAME FILTER TTL COMMAND...
	local name=$1 filter=$2 ttl=$3
	shift 3
	wire "$filter" "$@"
	check "e2e.tunnel_kinds.ttl.$name" grep -Eq \
		"(ttl|hlim) $ttl, .*(proto|next-header) (GRE|UDP)" "$WORK/wire"
}
TTL=0
both gre
both_flows 172.16.0. "df|key" "+key" 7
ctl add-flow dp0 "in_port(1),eth(),eth_type(0x0806),arp()" \
	"set(tunnel(tun_id=1,dst=172.16.0.2,ttl=0,flags(df|key))),5"
from="src 172.16.0.1"
ttl_is gre "ip proto 47 and $from" 33 ping2 -t 33 10.0.0.2
ttl_is gre_ip6 "ip proto 47 and $from" 34 ping2 -t 34 fd00::2
ttl_is gre_arp "ip proto 47 and $from" 77 host 1 ping -q -c 1 -W 3 10.0.0.9
gone
both ip6gre
both_flows fd16:: "df|key" "+key" 7
ttl_is ip6gre "ip6 proto 47 and src fd16::1" 33 ping2 -t 33 10.0.0.2
gone
both vxlan ,dst_port=4790
both_flows 172.16.0. "df|csum|key" "+key" 7
ttl_is vxlan "udp port 4790 and $from" 77 ping2 -t 33 10.0.0.2
both_flows fd16:: "df|csum|key" "+key" 7
ttl_is vxlan6 "ip6 and udp port 4790 and src fd16::1" 78 ping2 -t 33 10.0.0.2
gone
check_eq e2e.tunnel_kinds.lost "" "$(lost ctl; lost ctl2)"
finish
