#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
#
# Geneve without the kernel's device: two switches, each with a daemon and a
# host, and between them a wire.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/second.sh
own_modes
command -v ovs-dpctl > /dev/null || bail "openvswitch-switch is not installed"

DAEMON_OPTIONS=--tunnels=native
dpctl() { # 1 or 2, arguments
	local n=$1
	shift
	if [ "$n" = 1 ]; then
		sw timeout 120 "$O/ovsxdp-run" ovs-dpctl -vdpif_netlink:off "$@"
	else
		in2 timeout 120 "$O/ovsxdp-run" ovs-dpctl -vdpif_netlink:off "$@"
	fi
}

second_up
second_host
second_daemon
ctl2 add-if dp0 p1,port_no=1

check e2e.tunnel_native.add ctl add-if dp0 ge0,port_no=5,type=geneve,dst_port=6081
check e2e.tunnel_native.add_other ctl2 add-if dp0 ge0,port_no=5,type=geneve,dst_port=6081


OPT='geneve({class=0x102,type=0x80,len=4,0x10002})'
out() { # remote [flags]
	local six=
	[[ $1 != *:* ]] || six=ipv6_
	echo "set(tunnel(tun_id=0x77,${six}dst=$1,ttl=64,tp_dst=6081,$OPT,flags(${2:-df|csum|key}))),5"
}
from() { # local remote
	local six=
	[[ $1 != *:* ]] || six=ipv6_
	echo "tunnel(tun_id=0x77,${six}src=$2,${six}dst=$1,ttl=0/0,$OPT,flags(+key)),in_port(5),eth()"
}
flows() { # match local remote [flags]
	dpctl 1 add-flow dp0 "in_port(1),eth(),$1" "$(out "$3" "${4:-}")"
	dpctl 2 add-flow dp0 "in_port(1),eth(),$1" "$(out "$2" "${4:-}")"
	dpctl 1 add-flow dp0 "$(from "$2" "$3"),$1" 1
	dpctl 2 add-flow dp0 "$(from "$3" "$2"),$1" 1
}
A4=172.16.0.1 B4=172.16.0.2 A6=fd16::1 B6=fd16::2
ip4="eth_type(0x0800),ipv4(frag=no)"
arp="eth_type(0x0806),arp()"
ip6="eth_type(0x86dd),ipv6(frag=no)"
all_flows() { # local remote [flags]
	local m
	for m in "$ip4" "$arp" "$ip6"; do
		flows "$m" "$@"
	done 2> "$WORK/dpctl"
}
clear_flows() { ctl del-flows dp0; ctl2 del-flows dp0; }
# frames on the wire while COMMAND runs: wire_dump FILE FILTER COUNT COMMAND...
wire_dump() {
	local file=$1 filter=$2 n=$3
	shift 3
	in2 timeout 60 tcpdump -nnvvei u0 -c "$n" "$filter" \
		> "$file" 2> "$file.err" &
	local pid=$!
	wait_for 5 grep -q listening "$file.err"
	"$@" > /dev/null 2>&1
	wait $pid
}
pings() { host 1 ping -q -c 3 -i 0.05 -W "$PATIENCE" "$@"; }
host 2 sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6
	echo 0 > /proc/sys/net/ipv6/conf/h0/disable_ipv6'
ipv6_up 1
host 2 ip -6 addr add fd00::2/64 dev h0 nodad
for n in sw in2; do
	$n sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 0 > /proc/sys/net/ipv6/conf/u0/disable_ipv6'
done
sw ip -6 addr add $A6/64 dev u0 nodad
in2 ip -6 addr add $B6/64 dev u0 nodad
host 1 ip neigh del 10.0.0.2 dev h0 2> /dev/null

try_all() { # family
	check "e2e.tunnel_native.ping.$1" pings 10.0.0.2
	check "e2e.tunnel_native.ping6.$1" pings fd00::2
	check "e2e.tunnel_native.big.$1" pings -s 1400 10.0.0.2
	check "e2e.tunnel_native.tcp.$1" tcp 1 2 3000000
}
all_flows $A4 $B4
try_all 4
wire_dump "$WORK/wire" "udp port 6081" 2 pings 10.0.0.2
check e2e.tunnel_native.sum grep -q 'udp sum ok.*Geneve, Flags \[C\], vni 0x77' "$WORK/wire"
check e2e.tunnel_native.df grep -q 'flags \[DF\], proto UDP' "$WORK/wire"
clear_flows
all_flows $A6 $B6
try_all 6
wire_dump "$WORK/wire" "ip6 and udp port 6081" 2 pings 10.0.0.2
check e2e.tunnel_native.sum6 grep -q 'udp sum ok.*Geneve, Flags \[C\], vni 0x77' "$WORK/wire"

drops() { # ctl or ctl2: what is lost of packets into tunnels
	"$1" stats dp0 | awk '$1 ~ /send_failed|no_port|tunnel|over_mtu|frag/ {
		print $1, $2 }'
}
# What user space sends. ct() puts fragments together and the output makes them
# again, none larger than they were.
clear_flows
flows "$arp" $A4 $B4
pieces() { # 1 or 2, local, remote
	local way="set(tunnel(tun_id=0x77,dst=$3,ttl=64,tp_dst=6081,$OPT,flags(df|csum|key))),5"
	dpctl "$1" add-flow dp0 \
		"recirc_id(0),in_port(1),eth(),eth_type(0x0800),ipv4()" \
		"ct(zone=5),recirc(7)"
	dpctl "$1" add-flow dp0 \
		"recirc_id(7),in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)" "$way"
	dpctl "$1" add-flow dp0 \
		"recirc_id(0),$(from "$2" "$3"),eth_type(0x0800),ipv4()" \
		"ct(zone=6),recirc(8)"
	dpctl "$1" add-flow dp0 \
		"recirc_id(8),$(from "$2" "$3"),eth_type(0x0800),ipv4(frag=no)" 1
}
{ pieces 1 $A4 $B4; pieces 2 $B4 $A4; } 2>&1 | grep -v INFO > "$WORK/dpctl"
check_eq e2e.tunnel_native.pieces_flows "" "$(cat "$WORK/dpctl")"
check e2e.tunnel_native.pieces pings -s 4000 10.0.0.2
check e2e.tunnel_native.pieces_most pings -s 65507 10.0.0.2
check_eq e2e.tunnel_native.pieces_lost "" "$(drops ctl; drops ctl2)"
# larger than the local port's MTU
for n in 1 2; do host $n ip link set h0 mtu 8000; done
sw ip link set p1 mtu 8000
in2 ip link set p1 mtu 8000
sw ip link set u0 mtu 9000
in2 ip link set u0 mtu 9000
check e2e.tunnel_native.pieces_jumbo pings -s 30000 10.0.0.2
check_eq e2e.tunnel_native.jumbo_lost "" "$(drops ctl; drops ctl2)"

# first packets: a client has each of them executed. ovs-dpctl has taken upcalls
# from ports, so the datapath is made anew.
FROM1="tunnel(tun_id=0x77,src=$A4,dst=$B4,ttl=0/0,flags(+key)),in_port(5),eth()"
for m in "$arp" "eth_type(0x0800),ipv4()"; do
	dpctl 2 add-flow dp0 "$FROM1,$m" 1
	dpctl 2 add-flow dp0 "in_port(1),eth(),$m" "$(out $A4)"
done 2> /dev/null
ctl del-dp dp0
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1
ctl add-if dp0 ge0,port_no=5,type=geneve,dst_port=6081
nsenter --net="/run/netns/$SW" env PYTHONPATH=tests/lib \
	/usr/bin/python3 tests/lib/tunnels.py dp0 p1 ge0 "id=119,dst=$B4" \
	> "$WORK/client" 2>&1 &
PIDS+=($!)
wait_for 10 grep -q ready "$WORK/client"
check e2e.tunnel_native.first host 1 ping -q -c 1 -W 30 -s 30000 10.0.0.2
check e2e.tunnel_native.first_more pings -s 30000 10.0.0.2
check_eq e2e.tunnel_native.first_lost "" "$(drops ctl; drops ctl2)"
finish
