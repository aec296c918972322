#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Fragments in front of ct(): pings and datagrams larger than the MTU go through
# zones and NAT of both families, and come out in fragments of the size that
# they had. Fragments that make no packet are lost, each with its counter.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh

id=interop.vswitchd_ct_frag
bridge_up 1 2
# a lone fragment waits so long; shorter than the kernel's 30 s
sw sysctl -qw net.ipv4.ipfrag_time=8
for n in 1 2; do
	host $n sysctl -qw net.ipv6.conf.h0.disable_ipv6=0
	host $n ip addr add "fd00::$n/64" dev h0 nodad
done
for n in 1 2; do
	host $n ip -6 neigh replace "fd00::$((3 - n))" \
		lladdr "$(mac $((3 - n)))" dev h0
done
if [ -z "$OVS_ORACLE" ] && [ "$MODE" != auto ]; then
	for n in 1 2; do
		sw "$O/ovsxdpctl" -t 60 set-if ovs-system "p$n,mode=$MODE"
	done > "$WORK/modes" 2>&1
fi

# udp_echo ADDRESS PORT SIZE [PEER]: 1 sends datagrams to ADDRESS, 2 sends them
# back from PORT; PEER is who 2 shall see.
udp_echo() {
	local pid
	rm -f "$WORK/echo.up"
	host 2 timeout 60 python3 - "$2" "$WORK/echo.up" "${4:-}" <<-'END' &
		import socket, sys
		s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
		s.bind(("::", int(sys.argv[1])))
		s.settimeout(30)
		open(sys.argv[2], "w").close()
		for i in range(5):
		    data, peer = s.recvfrom(65536)
		    if sys.argv[3] and sys.argv[3] not in peer[0]:
		        sys.exit(f"from {peer}")
		    s.sendto(data, peer)
	END
	pid=$!
	wait_for 5 test -e "$WORK/echo.up"
	host 1 timeout 60 python3 - "$1" "${5:-$2}" "$3" <<-'END' || return 1
		import os, socket, sys
		family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
		s = socket.socket(family, socket.SOCK_DGRAM)
		s.connect((sys.argv[1], int(sys.argv[2])))
		s.settimeout(20)
		for i in range(5):
		    data = os.urandom(int(sys.argv[3]))
		    s.send(data)
		    assert s.recv(65536) == data
	END
	wait $pid
}
# The largest frame that tcpdump has caught on a host, and how many.
sizes() { # host filter
	captured "$1" "$2" | sed -n 's/^.* ethertype IPv[46] .*, length \([0-9]*\): .*/\1/p' |
		sort -n | awk '{ n++; max = $1 } END { print max + 0, n + 0 }'
}

common() {
	cat <<-END
		table=0,priority=100,arp,actions=normal
		table=0,priority=100,icmp6,icmp_type=135,actions=normal
		table=0,priority=100,icmp6,icmp_type=136,actions=normal
	END
	cat
}

# ---- zones: the packet is tracked twice ----
common <<-END | flows br0
	table=0,priority=10,ip,actions=ct(table=1,zone=31)
	table=0,priority=10,ipv6,actions=ct(table=1,zone=31)
	table=1,in_port=1,ct_state=+trk+new,ip,actions=ct(commit,zone=31),ct(commit,zone=32),2
	table=1,in_port=1,ct_state=+trk+new,ipv6,actions=ct(commit,zone=31),ct(commit,zone=32),2
	table=1,in_port=1,ct_state=+trk+est,actions=2
	table=1,in_port=2,ct_state=+trk+est+rpl,ip,actions=ct(table=2,zone=32)
	table=1,in_port=2,ct_state=+trk+est+rpl,ipv6,actions=ct(table=2,zone=32)
	table=2,ct_state=+trk+est+rpl,actions=1
END
check $id.ping ping_ok 1 10.0.0.2 -s 3000
check $id.ping6 ping_ok 1 fd00::2 -s 3000
check $id.udp udp_echo 10.0.0.2 6001 8000
check $id.udp6 udp_echo fd00::2 6002 8000
check $id.udp_large udp_echo 10.0.0.2 6003 65000
check $id.whole_too udp_echo 10.0.0.2 6004 100

# ---- fragments leave as large as they came ----
host 1 ip route replace 10.0.0.0/24 dev h0 src 10.0.0.1 mtu 1400
host 1 sysctl -qw net.ipv6.conf.h0.mtu=1404
capture 2 'ip or ip6'
check $id.smaller udp_echo 10.0.0.2 6005 4000
check $id.smaller6 udp_echo fd00::2 6006 4000
# 4008 bytes in three pieces of 1376 (of 1352 with IPv6) at most
check_eq $id.smaller_size "1410 15" "$(sizes 2 'ip src 10.0.0.1 and ip proto 17')"
check_eq $id.smaller6_size "1414 15" \
	"$(sizes 2 'ip6 src fd00::1 and ip6[6] == 44')"
host 1 ip route replace 10.0.0.0/24 dev h0 src 10.0.0.1
host 1 sysctl -qw net.ipv6.conf.h0.mtu=1500

# ---- NAT ----
common <<-END | flows br0
	table=0,priority=10,in_port=1,ip,actions=ct(commit,zone=33,nat(src=10.0.0.200)),2
	table=0,priority=10,in_port=2,ip,actions=ct(table=1,zone=33,nat)
	table=0,priority=10,in_port=1,ipv6,actions=ct(commit,zone=33,nat(src=fd00::200)),2
	table=0,priority=10,in_port=2,ipv6,actions=ct(table=1,zone=33,nat)
	table=1,in_port=2,ct_state=+trk+est,ip,nw_dst=10.0.0.1,actions=1
	table=1,in_port=2,ct_state=+trk+est,ipv6,ipv6_dst=fd00::1,actions=1
END
host 2 ip neigh replace 10.0.0.200 lladdr "$(mac 1)" dev h0
host 2 ip -6 neigh replace fd00::200 lladdr "$(mac 1)" dev h0
check $id.snat udp_echo 10.0.0.2 6011 8000 10.0.0.200
check $id.snat6 udp_echo fd00::2 6012 8000 fd00::200
check $id.snat_ping ping_ok 1 10.0.0.2 -s 3000
check $id.snat_ping6 ping_ok 1 fd00::2 -s 3000
common <<-END | flows br0
	table=0,priority=10,in_port=1,ip,nw_dst=10.0.0.100,actions=ct(commit,zone=34,nat(dst=10.0.0.2:6013)),2
	table=0,priority=10,in_port=2,ip,actions=ct(table=1,zone=34,nat)
	table=1,in_port=2,ct_state=+trk+est,ip,nw_src=10.0.0.100,actions=1
END
host 1 ip neigh replace 10.0.0.100 lladdr "$(mac 2)" dev h0
check $id.dnat udp_echo 10.0.0.100 6013 8000 10.0.0.1 53

# ---- what is lost ----
common <<-END | flows br0
	table=0,priority=10,ip,actions=ct(table=1,zone=35)
	table=1,in_port=1,ct_state=+trk+new,ip,actions=ct(commit,zone=35),2
	table=1,in_port=1,ct_state=+trk+est,actions=2
END
# pieces ID OFF,LEN,MORE...: IPv4 fragments from 1 to 2, of UDP
pieces() {
	local ipid=$1
	shift
	host 1 python3 - "$ipid" "$(mac 2)" "$(mac 1)" "$@" <<-'END'
		import socket, struct, sys
		def csum(b):
		    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
		    s = (s & 0xffff) + (s >> 16)
		    return ~(s + (s >> 16)) & 0xffff
		out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		out.bind(("h0", 0))
		eth = b"".join(bytes.fromhex(m.replace(":", "")) for m in sys.argv[2:4])
		udp = struct.pack("!HHHH", 4000, 4001, 1208, 0) + bytes(1200)
		for piece in sys.argv[4:]:
		    off, n, more = map(int, piece.split(","))
		    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + n,
		                       int(sys.argv[1]), more << 13 | off // 8, 64,
		                       17, 0, bytes((10, 0, 0, 1)),
		                       bytes((10, 0, 0, 2)))
		    head = head[:10] + struct.pack("!H", csum(head)) + head[12:]
		    out.send(eth + b"\x08\x00" + head + udp[off:off + n])
	END
}
arrive() { # id pieces...: how many 2 gets, and two of a packet after them
	capture 2 'udp port 4001 or ip[6:2] & 0x3fff != 0'
	pieces "$@"
	pieces $(($1 + 1000)) 0,808,1 808,400,0
	sizes 2 'ip proto 17' | cut -d' ' -f2
}
check_eq $id.turned 4 "$(arrive 1 808,400,0 0,808,1)"
check_eq $id.twice 4 "$(arrive 2 0,808,1 0,808,1 808,400,0)"
check_eq $id.overlap 2 "$(arrive 3 0,808,1 800,400,1 808,400,0)"
check_eq $id.two_ends 2 "$(arrive 4 808,400,0 808,392,0 0,808,1)"
check_eq $id.alone 2 "$(arrive 5 0,808,1)"

if [ -z "$OVS_ORACLE" ]; then
	lost() { json "d[0]['reasons'].get('$1', 0)" stats ovs-system; }
	check_eq $id.lost_twice 1 "$(lost frag_duplicate)"
	check_eq $id.lost_overlap 2 "$(lost frag_overlap)"
	check_eq $id.lost_ends 2 "$(lost ct_fragment)"
	# the fragments that were left over after those, and the lone one
	timed_out() { [ "$(lost frag_timeout)" = 3 ]; }
	check $id.lost_timeout wait_for 20 timed_out
	daemon_kill
	daemon_start
	check_eq $id.restarted 4 "$(arrive 6 0,808,1 808,400,0)"
fi
ovs_quiet $id.log
finish
