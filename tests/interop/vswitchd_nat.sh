#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# NAT as ovs-vswitchd's flows have it: ct_state of each direction, ICMP errors
# that come back to who caused them, ranges that are exhausted, a source that
# keeps its port, the address that the kernel's hash picks. IPv4 and IPv6.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh

id=interop.vswitchd_nat
bridge_up 1 2 3
for n in 1 2 3; do
	host $n sysctl -qw net.ipv6.conf.h0.disable_ipv6=0
	host $n ip addr add "fd00::$n/64" dev h0 nodad
	# its own limit is one error a second
	host $n sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
done
if [ -z "$OVS_ORACLE" ] && [ "$MODE" != auto ]; then
	for n in 1 2 3; do
		sw "$O/ovsxdpctl" -t 60 set-if ovs-system "p$n,mode=$MODE"
	done > "$WORK/modes" 2>&1
fi
# What NAT gives is at who speaks, what it takes at who answers.
for a in 200 201 210 211 212 213 214 215 216 217; do
	host 2 ip neigh replace 10.0.0.$a lladdr "$(mac 1)" dev h0
	host 3 ip neigh replace 10.0.0.$a lladdr "$(mac 1)" dev h0
done
host 1 ip neigh replace 10.0.0.100 lladdr "$(mac 2)" dev h0
host 2 ip neigh replace fd00::200 lladdr "$(mac 1)" dev h0
host 1 ip neigh replace fd00::100 lladdr "$(mac 2)" dev h0
host 1 ip neigh replace fd00::2 lladdr "$(mac 2)" dev h0

nat_flows() { # zone nat(...) of host 1's packets
	flows br0 <<-END
		table=0,priority=100,arp,actions=normal
		table=0,priority=100,icmp6,icmp_type=135,actions=normal
		table=0,priority=100,icmp6,icmp_type=136,actions=normal
		table=0,priority=10,in_port=1,ip,actions=ct(commit,zone=$1,table=1,nat($2))
		table=0,priority=10,in_port=2,ip,actions=ct(zone=$1,table=1,nat)
		table=0,priority=10,in_port=3,ip,actions=ct(zone=$1,table=1,nat)
		table=0,priority=10,in_port=1,ipv6,actions=ct(commit,zone=$1,table=1,nat($3))
		table=0,priority=10,in_port=2,ipv6,actions=ct(zone=$1,table=1,nat)
		table=1,priority=50,in_port=1,ct_state=+new-snat-dnat,actions=resubmit(,2)
		table=1,priority=51,in_port=1,ct_state=+new+snat-dnat,actions=resubmit(,2)
		table=1,priority=52,in_port=1,ct_state=+new-snat+dnat,actions=resubmit(,2)
		table=1,priority=53,in_port=1,ct_state=+new+snat+dnat,actions=resubmit(,2)
		table=1,priority=54,in_port=1,ct_state=+est+snat-dnat,actions=resubmit(,2)
		table=1,priority=55,in_port=1,ct_state=+est-snat+dnat,actions=resubmit(,2)
		table=1,priority=56,in_port=1,ct_state=+est+snat+dnat,actions=resubmit(,2)
		table=1,priority=57,ct_state=+rpl+est-snat+dnat,actions=1
		table=1,priority=58,ct_state=+rpl+est+snat-dnat,actions=1
		table=1,priority=59,ct_state=+rpl+est+snat+dnat,actions=1
		table=1,priority=60,ct_state=+rpl+rel-snat+dnat,actions=1
		table=1,priority=61,ct_state=+rpl+rel+snat-dnat,actions=1
		table=1,priority=62,ct_state=+rpl+rel+snat+dnat,actions=1
		table=2,ip,nw_dst=10.0.0.2,actions=2
		table=2,ip,nw_dst=10.0.0.3,actions=3
		table=2,ipv6,ipv6_dst=fd00::2,actions=2
	END
}
# The states that packets had, in a line.
states() {
	appctl revalidator/purge > /dev/null
	ofctl dump-flows br0 table=1 |
		sed -n '/n_packets=0,/d; s/.*ct_state=\([^, ]*\).*/\1/p' |
		sort | paste -sd ' '
}
# A UDP socket of host 1 gets the error of a closed port.
refused() { # address port
	host 1 timeout 20 python3 -c '
import socket, sys
v6 = ":" in sys.argv[1]
s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect((sys.argv[1], int(sys.argv[2])))
s.send(b"x" * 64)
try:
    s.recv(1)
except ConnectionRefusedError:
    sys.exit(0)
sys.exit(1)' "$@"
}
# One socket of host 1 for each port, a datagram to each address: what the
# servers saw, a line "PORT ADDRESS SOURCE SOURCE-PORT" each.
udp_seen() { # "addresses" ports...
	python3 - "$$" "$@" <<-'END'
	import ctypes, os, socket, sys
	setns = ctypes.CDLL(None).setns
	pid, addrs, ports = sys.argv[1], sys.argv[2].split(), sys.argv[3:]

	def sock(host):
	    here = os.open("/proc/self/ns/net", os.O_RDONLY)
	    with open(f"/run/netns/oxh{host}-{pid}") as f:
	        setns(f.fileno(), 0)
	    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    setns(here, 0)
	    return s

	servers = {}
	for a in addrs:
	    s = servers[a] = sock(a.split(".")[-1])
	    s.bind((a, 9999))
	    s.settimeout(1)
	for p in ports:
	    c = sock(1)
	    c.bind(("10.0.0.1", int(p)))
	    for a in addrs:
	        for _ in range(2):
	            c.sendto(p.encode(), (a, 9999))
	            try:
	                data, src = servers[a].recvfrom(99)
	            except socket.timeout:
	                print(p, a, "lost")
	                break
	        else:
	            print(p, a, src[0], src[1])
	END
}

# ---- what each packet is, and errors about it ----
nat_flows 30 src=10.0.0.200 src=fd00::200
check $id.snat_error refused 10.0.0.2 999
check $id.snat_error6 refused fd00::2 999
check $id.snat_ping ping_ok 1 10.0.0.2
check $id.snat_ping6 ping_ok 1 fd00::2
check_eq $id.snat_states \
	"+est+rpl-snat+dnat +est+snat-dnat +new+snat-dnat +rel+rpl-snat+dnat" \
	"$(states)"
shown() { # regex
	appctl dpctl/dump-conntrack "zone=$1" | grep -E -- "$2"
}
check $id.snat_shown shown 30 \
	'orig=\(src=10.0.0.1,dst=10.0.0.2,.*reply=\(src=10.0.0.2,dst=10.0.0.200,'
nat_flows 31 dst=10.0.0.2:999 'dst=[fd00::2]:999'
check $id.dnat_error refused 10.0.0.100 80
check $id.dnat_error6 refused fd00::100 80
nat_flows 32 dst=10.0.0.2 dst=fd00::2
check $id.dnat_ping ping_ok 1 10.0.0.100
check $id.dnat_ping6 ping_ok 1 fd00::100
check $id.dnat_error_port refused 10.0.0.100 998
check_eq $id.dnat_states \
	"+est+rpl+snat-dnat +est+snat+dnat +new+snat+dnat +rel+rpl+snat-dnat" \
	"$(states)"

# ---- which ends ----
nat_flows 33 src=10.0.0.201:6000-6001 src=fd00::200
udp_seen 10.0.0.2 5001 5002 5003 > "$WORK/seen"
check_eq $id.exhausted "10.0.0.201 6000 10.0.0.201 6001 lost" \
	"$(cut -d ' ' -f 3- "$WORK/seen" | sort | paste -sd ' ')"
nat_flows 34 src=10.0.0.201:7000-7999 src=fd00::200
udp_seen "10.0.0.2 10.0.0.3" 5001 5002 > "$WORK/seen"
check_eq $id.keeps_port "1 1" \
	"$(for p in 5001 5002; do
		grep "^$p .* 7...$" "$WORK/seen" | cut -d ' ' -f 4 | sort -u | wc -l
	done | paste -sd ' ')"
nat_flows 35 src=10.0.0.210-10.0.0.217 src=fd00::200
udp_seen "10.0.0.2 10.0.0.3" 5001 > "$WORK/seen"
udp_seen "10.0.0.3 10.0.0.2" 5002 >> "$WORK/seen"
# As the module's: the hash of both ends has no secret, and the second place
# finds the source's mapping.
check_eq $id.hash "10.0.0.211 10.0.0.211 10.0.0.215 10.0.0.215" "$(cut -d ' ' -f 3 "$WORK/seen" | paste -sd ' ')"
nat_flows 36 src=10.0.0.200 src=fd00::200
udp_seen 10.0.0.2 5001 > "$WORK/seen"
check_eq $id.free_port "5001 10.0.0.2 10.0.0.200 5001" "$(cat "$WORK/seen")"
ovs_quiet $id.log
finish
