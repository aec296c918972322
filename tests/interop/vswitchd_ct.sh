#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-vswitchd's connection tracking: a stateful firewall, marks and labels, NAT
# of both kinds, a load balancer of groups, related ICMP, zones, IPv6; and a
# download that doesn't notice that the daemon dies.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh

id=interop.vswitchd_ct
bridge_up 1 2 3
for n in 1 2 3; do
	host $n sysctl -qw net.ipv6.conf.h0.disable_ipv6=0
	host $n ip addr add "fd00::$n/64" dev h0 nodad
done
if [ -z "$OVS_ORACLE" ] && [ "$MODE" != auto ]; then
	for n in 1 2 3; do
		sw "$O/ovsxdpctl" -t 60 set-if ovs-system "p$n,mode=$MODE"
	done > "$WORK/modes" 2>&1
fi
tcp_to() { # from to address [port]: what 'to' gets, and who it sees
	local from=$1 to=$2 address=$3 port=${4:-5001} family pid
	family=4
	[[ $address == *:* ]] && family=6 && address="[$address]"
	head -c 300000 /dev/urandom > "$WORK/sent"
	host "$to" timeout 60 socat -u -d -d "TCP$family-LISTEN:$port,reuseaddr" \
		"OPEN:$WORK/tcp,creat,trunc" 2> "$WORK/listen" &
	pid=$!
	wait_for 5 listening "$to" "$port"
	host "$from" timeout 60 socat -u "OPEN:$WORK/sent" \
		"TCP$family:$address:${5:-$port},connect-timeout=10" || {
		kill $pid
		return 1
	}
	wait $pid
	cmp "$WORK/sent" "$WORK/tcp"
}
peer() { # the address and port that the listener of tcp_to() saw
	sed -n 's/.*accepting connection from AF=[0-9]* \(.*\) on .*/\1/p' \
		"$WORK/listen"
}
refused() { # from address port
	! host "$1" timeout 10 socat -u /dev/null \
		"TCP:$2:$3,connect-timeout=1" 2> /dev/null
}

# ---- a stateful firewall: 1 may open, 2 may answer ----
firewall() {
	flows br0 <<-END
		table=0,priority=100,arp,actions=normal
		table=0,priority=100,icmp6,icmp_type=135,actions=normal
		table=0,priority=100,icmp6,icmp_type=136,actions=normal
		table=0,priority=10,ip,ct_state=-trk,actions=ct(table=1,zone=11)
		table=0,priority=10,ipv6,ct_state=-trk,actions=ct(table=1,zone=11)
		table=1,priority=50,ct_state=+trk+inv,actions=drop
		table=1,priority=40,in_port=1,ct_state=+trk+new,ip,actions=ct(commit,zone=11,exec(set_field:0x7->ct_mark,set_field:0x123->ct_label)),2
		table=1,priority=40,in_port=1,ct_state=+trk+new,ipv6,actions=ct(commit,zone=11),2
		table=1,priority=30,in_port=1,ct_state=+trk+est,actions=2
		table=1,priority=30,in_port=2,ct_state=+trk+est+rpl,actions=1
		table=1,priority=30,in_port=2,ct_state=+trk+rel+rpl,actions=1
		table=1,priority=1,actions=drop
	END
}
firewall
check $id.firewall_ping ping_ok 1 10.0.0.2
check $id.firewall_tcp tcp_to 1 2 10.0.0.2
check $id.firewall_refuses refused 2 10.0.0.1 5001
check $id.firewall_ping_back ping_lost 2 10.0.0.1
check $id.firewall_ipv6 tcp_to 1 2 fd00::2
check $id.firewall_ping6 ping_ok 1 fd00::2
udp_closed() { # from address: the ICMP error comes back
	host "$1" timeout 20 python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect((sys.argv[1], 999))
s.send(b"x")
try:
    s.recv(1)
except ConnectionRefusedError:
    sys.exit(0)
sys.exit(1)' "$2"
}
check $id.related udp_closed 1 10.0.0.2
dump() { appctl dpctl/dump-flows -m; }
check $id.flows_show_state eval 'dump | grep -q "ct_state(0x.*/0x"'
check $id.flows_show_commit eval \
	'dump | grep -q "ct(commit,zone=11,mark=0x7/0xffffffff,label=0x123"'

# ---- marks and labels are the connection's ----
flows br0 <<-END
	table=0,priority=100,arp,actions=normal
	table=0,priority=10,in_port=1,ip,actions=ct(commit,zone=12,exec(set_field:0x5->ct_mark,set_field:0xabcd0000000000000001->ct_label)),2
	table=0,priority=10,in_port=2,ip,actions=ct(table=1,zone=12)
	table=1,in_port=2,ct_state=+trk+est,ct_mark=0x5,ct_label=0xabcd0000000000000001,ip,actions=1
END
check $id.mark_and_label ping_ok 1 10.0.0.2
flows br0 <<-END
	table=0,priority=100,arp,actions=normal
	table=0,priority=10,in_port=1,ip,actions=ct(commit,zone=13,exec(set_field:0x5->ct_mark)),2
	table=0,priority=10,in_port=2,ip,actions=ct(table=1,zone=13)
	table=1,in_port=2,ct_state=+trk+est,ct_mark=0x6,ip,actions=1
END
check $id.other_mark ping_lost 1 10.0.0.2

# ---- source NAT with a range of ports ----
flows br0 <<-END
	table=0,priority=100,arp,actions=normal
	table=0,priority=10,in_port=1,ip,actions=ct(commit,zone=14,nat(src=10.0.0.200:5000-5009)),2
	table=0,priority=10,in_port=2,ip,actions=ct(table=1,zone=14,nat)
	table=1,in_port=2,ct_state=+trk+est,ip,nw_dst=10.0.0.1,actions=1
END
host 2 ip neigh replace 10.0.0.200 lladdr "$(mac 1)" dev h0
check $id.snat tcp_to 1 2 10.0.0.2
check $id.snat_seen eval 'peer | grep -q "^10.0.0.200:500[0-9]$"'
check $id.snat_ping ping_ok 1 10.0.0.2

# ---- destination NAT ----
flows br0 <<-END
	table=0,priority=100,arp,actions=normal
	table=0,priority=10,in_port=1,ip,nw_dst=10.0.0.100,actions=ct(commit,zone=15,nat(dst=10.0.0.2:5001)),2
	table=0,priority=10,in_port=2,ip,actions=ct(table=1,zone=15,nat)
	table=1,in_port=2,ct_state=+trk+est,ip,nw_src=10.0.0.100,actions=1
END
host 1 ip neigh replace 10.0.0.100 lladdr "$(mac 2)" dev h0
check $id.dnat tcp_to 1 2 10.0.0.100 5001 80

# ---- IPv6 ----
flows br0 <<-END
	table=0,priority=100,icmp6,icmp_type=135,actions=normal
	table=0,priority=100,icmp6,icmp_type=136,actions=normal
	table=0,priority=10,in_port=1,ipv6,actions=ct(commit,zone=16,nat(src=fd00::200)),2
	table=0,priority=10,in_port=2,ipv6,actions=ct(table=1,zone=16,nat)
	table=1,in_port=2,ct_state=+trk+est,ipv6,ipv6_dst=fd00::1,actions=1
END
host 2 ip neigh replace fd00::200 lladdr "$(mac 1)" dev h0
check $id.snat6 tcp_to 1 2 fd00::2
check $id.snat6_seen eval 'peer | grep -q "^.fd00:.*:0*200"'
check $id.snat6_ping ping_ok 1 fd00::2

# ---- a load balancer ----
ofctl add-group br0 'group_id=1,type=select,bucket=weight:1,actions=ct(commit,zone=17,table=2,nat(dst=10.0.0.2:5001)),bucket=weight:1,actions=ct(commit,zone=17,table=2,nat(dst=10.0.0.3:5001))'
flows br0 <<-END
	table=0,priority=100,arp,actions=normal
	table=0,priority=20,in_port=1,tcp,nw_dst=10.0.0.99,actions=ct(table=1,zone=17,nat)
	table=0,priority=10,in_port=2,ip,actions=ct(table=3,zone=17,nat)
	table=0,priority=10,in_port=3,ip,actions=ct(table=3,zone=17,nat)
	table=1,ct_state=+trk+new,ip,actions=group:1
	table=1,ct_state=+trk+est,ip,actions=goto_table:2
	table=2,ip,nw_dst=10.0.0.2,actions=mod_dl_dst:$(mac 2),2
	table=2,ip,nw_dst=10.0.0.3,actions=mod_dl_dst:$(mac 3),3
	table=3,ct_state=+trk+est,ip,actions=mod_dl_dst:$(mac 1),1
END
host 1 ip neigh replace 10.0.0.99 lladdr 02:00:00:00:00:99 dev h0
balance() { # both are chosen, and each answers
	local n i got=
	for n in 2 3; do
		host $n timeout 60 socat -u "TCP-LISTEN:5001,reuseaddr,fork" \
			"SYSTEM:cat >> $WORK/lb$n" &
		eval "local lb$n=$!"
		wait_for 5 listening $n 5001
	done
	for i in $(seq 24); do
		echo "$i" | host 1 timeout 20 socat -u - \
			"TCP:10.0.0.99:80,connect-timeout=5" || break
	done
	sleep 0.5
	kill "$lb2" "$lb3"
	got=$(cat "$WORK/lb2" "$WORK/lb3" | sort -n | paste -sd ' ')
	[ -s "$WORK/lb2" ] && [ -s "$WORK/lb3" ] &&
		[ "$got" = "$(seq -s ' ' 24)" ]
}
check $id.balanced balance

# ---- ct_clear, and a second zone on the way ----
flows br0 <<-END
	table=0,priority=100,arp,actions=normal
	table=0,priority=10,in_port=1,ip,actions=ct(commit,zone=18),ct(table=1,zone=19)
	table=0,priority=10,in_port=2,ip,actions=ct(table=2,zone=18)
	table=1,ct_state=+trk+new,ct_zone=19,ip,actions=ct(commit,zone=19),ct_clear,resubmit(,3)
	table=1,ct_state=+trk+est,ct_zone=19,ip,actions=ct_clear,resubmit(,3)
	table=2,ct_state=+trk+est,ct_zone=18,ip,actions=ct(table=4,zone=19)
	table=3,ct_state=-trk,ip,actions=2
	table=4,ct_state=+trk+est,ct_zone=19,ip,actions=1
END
check $id.two_zones ping_ok 1 10.0.0.2
check $id.two_zones_tcp tcp_to 1 2 10.0.0.2 5004

# The stream has gone on by a megabyte since the last look.
seen=0
grows() {
	local now
	now=$(stat -c %s "$WORK/stream.got")
	[ "$now" -gt $((seen + 1000000)) ] || return 1
	seen=$now
}

# ---- the daemon dies in the middle of a download ----
if [ -z "$OVS_ORACLE" ]; then
	firewall
	stream_start 1 2 5005
	daemon_kill
	check $id.killed wait_for 20 grows
	daemon_start
	check $id.restarted wait_for 20 grows
	check $id.stream stream_end
	check $id.after tcp_to 1 2 10.0.0.2 5006
fi
ovs_quiet $id.log
finish
