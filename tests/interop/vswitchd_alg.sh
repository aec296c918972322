#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ct() with helpers under ovs-vswitchd: ftp, active and passive, and tftp, over
# IPv4 and IPv6, with NAT of the source and of the destination; what dpctl shows
# of it; and a transfer that doesn't notice that the daemon dies.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh

id=interop.vswitchd_alg
if [ -n "$OVS_ORACLE" ]; then
	modprobe -a nf_conntrack_ftp nf_conntrack_tftp nf_nat_ftp nf_nat_tftp
fi
bridge_up 1 2
for n in 1 2; do
	host $n sysctl -qw net.ipv6.conf.h0.disable_ipv6=0
	host $n ip addr add "fd00::$n/64" dev h0 nodad
done
if [ -z "$OVS_ORACLE" ] && [ "$MODE" != auto ]; then
	for n in 1 2; do
		sw "$O/ovsxdpctl" -t 60 set-if ovs-system "p$n,mode=$MODE"
	done > "$WORK/modes" 2>&1
fi
mkdir "$WORK/files"
head -c 300000 /dev/urandom > "$WORK/files/some"
head -c 20000 /dev/urandom > "$WORK/files/little"
head -c 20000000 /dev/urandom > "$WORK/files/large"
alg() { # host args...
	local n=$1
	shift
	nsenter --net="/run/netns/${HOSTS[$((n - 1))]}" python3 tests/lib/alg.py "$@"
}
serve() { # what address
	alg 2 "$1" "$2" "$WORK/files" 2> "$WORK/$1.log" &
	PIDS+=($!)
}
serve ftpd 10.0.0.2
serve ftpd fd00::2
serve tftpd 10.0.0.2
serve tftpd fd00::2
served() { host 2 ss -Hltn "sport = $1" | grep -qF "$2"; }
wait_for 10 served 21 10.0.0.2
wait_for 10 served 21 fd00::2
got() { # file how...: what came is what is there
	local file=$1
	shift
	timeout 60 nsenter --net="/run/netns/${HOSTS[0]}" python3 \
		tests/lib/alg.py "$@" "$file" > "$WORK/got" 2> "$WORK/client.log" &&
		cmp "$WORK/files/$file" "$WORK/got"
}
fails() { ! got "$@"; }
conns() { appctl dpctl/dump-conntrack "$@"; }

# ---- who may open what: only what a helper has announced ----
rules() { # [with NAT: commit's, other's] [helper]
	local commit=${1:-} nat=${2:-} alg=${3-alg=ftp} talg=${4-alg=tftp}
	cat <<-END
		table=0,priority=100,arp,actions=normal
		table=0,priority=100,icmp6,icmp_type=135,actions=normal
		table=0,priority=100,icmp6,icmp_type=136,actions=normal
		table=0,priority=10,ip,actions=ct(table=1,zone=21$nat)
		table=0,priority=10,ipv6,actions=ct(table=1,zone=21$nat)
		table=1,priority=60,ct_state=+trk+est,ip,actions=resubmit(,2)
		table=1,priority=60,ct_state=+trk+est,ipv6,actions=resubmit(,2)
		table=1,priority=50,ct_state=+trk+inv,actions=drop
		table=1,priority=45,ct_state=+trk+new+rel,ip,actions=ct(commit,zone=21$nat),resubmit(,2)
		table=1,priority=45,ct_state=+trk+new+rel,ipv6,actions=ct(commit,zone=21$nat),resubmit(,2)
		table=1,priority=40,in_port=1,ct_state=+trk+new-rel,tcp,tp_dst=21,actions=ct(commit,zone=21,${alg:+$alg,}exec(set_field:0x7->ct_mark)$commit),2
		table=1,priority=40,in_port=1,ct_state=+trk+new-rel,udp,tp_dst=69,actions=ct(commit,zone=21${talg:+,$talg}$commit),2
		table=1,priority=40,in_port=1,ct_state=+trk+new-rel,tcp6,tp_dst=21,actions=ct(commit,zone=21${alg:+,$alg}${5-}),2
		table=1,priority=40,in_port=1,ct_state=+trk+new-rel,udp6,tp_dst=69,actions=ct(commit,zone=21${talg:+,$talg}${5-}),2
		table=1,priority=1,actions=drop
		table=2,in_port=1,actions=2
		table=2,in_port=2,actions=1
	END
}
rules "" "" "" "" | flows br0
check $id.without fails some get passive 10.0.0.2
conns_flush() { appctl dpctl/flush-conntrack; }
conns_flush
rules | flows br0
check $id.passive got some get passive 10.0.0.2
check $id.shows_helper eval 'conns -s | grep "dport=21[,)]" | grep -q "helper=ftp"'
check $id.shows_related eval 'conns -m | grep "parent=" | grep -q "parent=(src=10.0.0.1,dst=10.0.0.2"'
check $id.mark_of_master eval 'conns | grep -v "dport=21[,)]" | grep -q "mark=7"'
check $id.active got some get active 10.0.0.2
check $id.passive6 got some get passive fd00::2
check $id.active6 got some get active fd00::2
check $id.tftp got little tftp 10.0.0.2
check $id.tftp_shown eval 'conns -s | grep "dport=69[,)]" | grep -q "helper=tftp"'
check $id.tftp6 got little tftp fd00::2

# ---- an expectation that nobody has used yet ----
alg 1 hold 10.0.0.2 > "$WORK/held" &
held=$!
PIDS+=("$held")
wait_for 20 grep -q . "$WORK/held"
expected() { sw "$OVS_RUN" conntrack -L expect 2> "$WORK/expect.log"; }
check $id.expect eval 'expected | grep -q "proto=6 src=10.0.0.1 dst=10.0.0.2.*dport=$(cut -d" " -f2 "$WORK/held").*helper=ftp"'
check $id.expect_flush sw "$OVS_RUN" conntrack -F expect
check $id.expect_gone eval '! expected | grep -q proto='
kill $held

# ---- source NAT: the server sees another address, also in PORT ----
host 2 ip neigh replace 10.0.0.240 lladdr "$(mac 1)" dev h0
host 2 ip neigh replace fd00::240 lladdr "$(mac 1)" dev h0
conns_flush
rules ",nat(src=10.0.0.240)" ",nat" alg=ftp alg=tftp ",nat(src=fd00::240)" | flows br0
check $id.snat_passive got some get passive 10.0.0.2
check $id.snat_active got some get active 10.0.0.2
check $id.snat_seen eval 'conns | grep "dport=21[,)]" | grep -q "reply=(src=10.0.0.2,dst=10.0.0.240"'
check $id.snat_passive6 got some get passive fd00::2
check $id.snat_active6 got some get active fd00::2
check $id.snat_tftp got little tftp 10.0.0.2

# ---- destination NAT: the client knows another address ----
host 1 ip neigh replace 10.0.0.250 lladdr "$(mac 2)" dev h0
host 1 ip neigh replace fd00::250 lladdr "$(mac 2)" dev h0
conns_flush
rules ",nat(dst=10.0.0.2)" ",nat" alg=ftp alg=tftp ",nat(dst=fd00::2)" | flows br0
check $id.dnat_passive got some get passive 10.0.0.250
check $id.dnat_active got some get active 10.0.0.250
check $id.dnat_passive6 got some get passive fd00::250
check $id.dnat_active6 got some get active fd00::250
check $id.dnat_tftp got little tftp 10.0.0.250

# ---- the daemon dies in the middle of a transfer ----
if [ -z "$OVS_ORACLE" ]; then
	timeout 60 nsenter --net="/run/netns/${HOSTS[0]}" python3 \
		tests/lib/alg.py slow passive 10.0.0.250 large \
		> "$WORK/slow" 2> "$WORK/client.log" &
	client=$!
	slow_has() { [ "$(stat -c %s "$WORK/slow")" -gt "$1" ]; }
	wait_for 20 slow_has 500000
	daemon_kill
	at=$(stat -c %s "$WORK/slow")
	check $id.killed wait_for 20 slow_has $((at + 1000000))
	daemon_start
	check $id.restarted wait $client
	check $id.whole cmp "$WORK/files/large" "$WORK/slow"
	check $id.after got some get active 10.0.0.250
fi
ovs_quiet $id.log
finish
