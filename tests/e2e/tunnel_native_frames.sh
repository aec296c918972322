#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
#
# Frames through a tunnel without a device: what comes out is what went in, byte
# for byte, tags and short frames as well. And how they are counted.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/second.sh
own_modes

DAEMON_OPTIONS=--tunnels=native
second_up
second_host
second_daemon
ctl2 add-if dp0 p1,port_no=1
declare -A number=([geneve]=5 [vxlan]=6 [gre]=7)
for add in ctl ctl2; do
	$add add-if dp0 geneve,port_no=5,type=geneve,dst_port=6081
	$add add-if dp0 vxlan,port_no=6,type=vxlan,dst_port=4789
	$add add-if dp0 gre,port_no=7,type=gre
done
# The first frame asks for the neighbour, which takes its time.
sw ping -q -c 1 -W 30 172.16.0.2 > /dev/null

IP="eth_type(0x0800),ipv4()" OTHER="eth_type(0x88b5)"
tagged() { echo "eth_type(0x8100),vlan(),encap($1)"; }
# All packets of this kind into the tunnel, and out of it.
into() { # type, match, actions before the output
	ctl add-flow dp0 "in_port(1),eth(),$2" \
		"$3set(tunnel(tun_id=7,dst=172.16.0.2,ttl=64,flags(key))),${number[$1]}"
}
out_of() { # type, match
	ctl2 add-flow dp0 "tunnel(tun_id=7,src=172.16.0.1,dst=172.16.0.2,ttl=0/0,flags(+key)),in_port(${number[$1]}),eth(),$2" 1
}
# What host 2 gets of frames.
get() { # frames...
	FRAMES_WANT=${WANT:-$#} python3 tests/lib/frames.py "oxh1-$$:h0" \
		"oxh2-$$:h0" -- "$@"
}
through() { # type, match there, actions before the output, match here, frame
	ctl del-flows dp0
	ctl2 del-flows dp0
	into "$1" "$2" "$3"
	out_of "$1" "$4"
	get "$5"
}
MACS=020000000002020000000001 SHORT=88b50102ff04
UDP="ttl=64 tos=0 src=10.0.0.1 dst=10.0.0.2 dport=7 csum=ok"
for type in geneve vxlan gre; do
	id=e2e.tunnel_native_frames.$type
	check_eq "$id.tag" "1 len=104 to=020000000002 vlan=5 $UDP" \
		"$(through $type "$(tagged "$IP")" "" "$(tagged "$IP")" \
			udp:vlan=5)"
	check_eq "$id.dei" "1 len=104 to=020000000002 vlan=5+dei $UDP" \
		"$(through $type "$(tagged "$IP")" "" "$(tagged "$IP")" \
			udp:vlan=0x1005)"
	check_eq "$id.pushed" "1 len=104 to=020000000002 vlan=9 $UDP" \
		"$(through $type "$IP" "push_vlan(vid=9,pcp=0)," \
			"$(tagged "$IP")" udp:)"
	check_eq "$id.short" "1 len=18 to=020000000002 type=0x88b5 0102ff04" \
		"$(through $type "$OTHER" "" "$OTHER" hex:$MACS$SHORT)"
	check_eq "$id.short_tag" \
		"1 len=22 to=020000000002 vlan=5 type=0x88b5 0102ff04" \
		"$(through $type "$(tagged "$OTHER")" "" "$(tagged "$OTHER")" \
			hex:${MACS}81000005$SHORT)"
done

# A frame that ends within its IP header goes no further, as with the kernel's
# devices: not into geneve's, and not out of vxlan's. The one behind it does.
reason() { "$1" stats dp0 | awk -v r="$2" '$1 == r { print $2 }'; }
for type in geneve vxlan; do
	id=e2e.tunnel_native_frames.cut_ip.$type
	through $type "$OTHER" "" "$OTHER" hex:$MACS$SHORT > /dev/null
	into $type "$IP" ""
	out_of $type "$IP"
	check_eq "$id" "1 len=18 to=020000000002 type=0x88b5 0102ff04" \
		"$(WANT=1 get hex:${MACS}08004500 hex:$MACS$SHORT)"
done
check_eq e2e.tunnel_native_frames.cut_ip.not_in 1 "$(reason ctl tunnel_failed)"
check_eq e2e.tunnel_native_frames.cut_ip.not_out 1 "$(reason ctl2 bad_outer)"
through geneve "$OTHER" "" "$OTHER" hex:$MACS$SHORT > /dev/null

# Each is counted once, also one that the daemon sends.
packets() { # port: those sent by it
	ctl show dp0 -s --json | python3 -c 'import json, sys
print([p["stats"]["tx_packets"] for dp in json.load(sys.stdin)
       for p in dp["ports"] if p["name"] == sys.argv[1]][0])' "$1"
}
n=$(packets geneve)
get hex:$MACS$SHORT > /dev/null
check_eq e2e.tunnel_native_frames.counted 1 $(($(packets geneve) - n))
n=$(packets geneve)
MAC='src=02:00:00:00:00:01,dst=02:00:00:00:00:02'
check_eq e2e.tunnel_native_frames.user \
	"1 len=18 to=020000000002 type=0x88b5 0102ff04" \
	"$(through geneve "$OTHER" "pop_eth,push_eth($MAC)," "$OTHER" \
		hex:$MACS$SHORT)"
check_eq e2e.tunnel_native_frames.counted_user 1 $(($(packets geneve) - n))
finish
