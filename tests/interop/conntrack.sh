#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Programs that ask the kernel for connections ask the daemon: the conntrack
# tool under the preload and the supervisor, ovs-vswitchd's dpctl commands, a
# static Go program. Connections are made by conntrack -I.
# timeout: 300

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes
command -v conntrack > /dev/null || bail "conntrack is not installed"

id=interop.conntrack
bridge_up 1 2
# 12 is NETLINK_NETFILTER, 1331057496 the daemon's port id
served() {
	# shellcheck disable=SC2016 # awk's, not the shell's
	sw awk '$2 == 12 && $3 == 1331057496 { n++ } END { exit !n }' \
		/proc/thread-self/net/netlink
}
served || bail "this build serves no connection tracking"
run() { sw timeout 60 "$O/ovsxdp-run" "$@"; }
ct() { run conntrack "$@" 2> /dev/null; }
n_of() { ct -L "$@" | grep -c 'src='; }
tcp() { # source port, and more
	local port=$1
	shift
	ct -I -s 10.0.0.1 -d 10.0.0.2 -p tcp --sport "$port" --dport 80 \
		--state ESTABLISHED -t 600 -u ASSURED,SEEN_REPLY "$@"
}
udp() { # source port, and more
	local port=$1
	shift
	ct -I -s 10.0.0.1 -d 10.0.0.2 -p udp --sport "$port" --dport 53 \
		-t 600 "$@"
}

# ---- the conntrack tool ----

check_eq $id.empty 0 "$(ct -C)"
check $id.insert tcp 1000 -m 5
check_fails $id.insert_twice "exist" \
	run conntrack -I -s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1000 \
	--dport 80 --state ESTABLISHED -t 600
check $id.insert_zone udp 1001 --zone 7
check $id.insert_v6 ct -I -s fd00::1 -d fd00::2 -p udp --sport 1002 \
	--dport 53 -t 600
check $id.insert_icmp ct -I -s 10.0.0.1 -d 10.0.0.2 -p icmp --icmp-type 8 \
	--icmp-code 0 --icmp-id 77 -t 600
check_eq $id.count 4 "$(ct -C)"
check $id.list grep -Eq \
	'^tcp .* ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=80 src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1000 \[ASSURED\] mark=5' \
	<(ct -L)
check $id.list_icmp grep -q 'type=8 code=0 id=77 .*type=0 code=0 id=77' \
	<(ct -L -p icmp)
check_eq $id.list_all 4 "$(n_of)"
check_eq $id.list_v4 3 "$(n_of -f ipv4)"
check_eq $id.list_v6 1 "$(n_of -f ipv6)"
check_eq $id.list_zone 1 "$(n_of -w 7)"
check_eq $id.list_mark 1 "$(n_of -m 5)"
check_eq $id.list_nobody 0 "$(n_of -w 9)"
check $id.get grep -q 'sport=1000' <(ct -G -s 10.0.0.1 -d 10.0.0.2 -p tcp \
	--sport 1000 --dport 80)
check $id.update ct -U -s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1000 --dport 80 \
	-m 9 -t 500
# as the kernel, which finds no tuple in such a request
check_fails $id.update_port "not supported" \
	run conntrack -U -p tcp --sport 1000 -m 7
check $id.updated grep -Eq '^tcp +6 (500|49.) ESTABLISHED .* mark=9' <(ct -L)
inserts() { ct -S | grep -o ' insert=[0-9]*' | awk -F= '{ n += $2 } END { print n }'; }
check_eq $id.stats 4 "$(inserts)"
check $id.delete ct -D -p udp -w 7
check_eq $id.deleted 0 "$(n_of -w 7)"
check_fails $id.delete_again "0 flow entries" run conntrack -D -p udp -w 7
check $id.flush ct -F
check_eq $id.flushed 0 "$(ct -C)"
check $id.expect_none ct -L expect

# ---- the kernel's own table, and nftables, stay where they are ----

kernel_ct() { sw env OVSXDP_CT=kernel "$O/ovsxdp-run" conntrack "$@" 2> /dev/null; }
tcp 1000
check_eq $id.ours 1 "$(ct -C)"
check_eq $id.kernels 0 "$(kernel_ct -C)"
if command -v nft > /dev/null; then
	check $id.nft run nft add table ip ox_there
	check $id.nft_kernels grep -q ox_there <(sw nft list tables)
else
	skip $id.nft "nftables is not installed"
fi

# ---- connections outlive the daemon ----

udp 1003 -t 2
check_eq $id.before_kill 2 "$(ct -C)"
kill -9 $DAEMON
wait $DAEMON 2> /dev/null
expired() { # by the timer, while nobody is there
	[ "$(bpftool -j map dump pinned "$(echo "$ROOT"/%net-*/%ct/zones)" \
		2> /dev/null | python3 -c '
import json, sys
print(int.from_bytes(bytes(int(b, 16) for b in json.load(sys.stdin)[0]["value"][:4]), "little"))')" = 1 ]
}
if command -v bpftool > /dev/null; then
	check $id.expires_alone wait_for 30 expired
else
	skip $id.expires_alone "bpftool is not installed"
fi
check_eq $id.kernel_meanwhile 0 "$(OVSXDP_WAIT=0 ct -C)"
daemon_start
check_eq $id.after_kill 1 "$(n_of)"
check $id.same grep -q 'sport=1000 .*\[ASSURED\]' <(ct -L)

# ---- ovs-vswitchd ----

ct -F
tcp 1000 --zone 5
tcp 1001 --zone 5
udp 1002 --zone 6
dump() { appctl dpctl/dump-conntrack "$@" | grep -c 'orig='; }
check $id.appctl.dump grep -q \
	'tcp,orig=(src=10.0.0.1,dst=10.0.0.2,sport=1000,dport=80),reply=(src=10.0.0.2,dst=10.0.0.1,sport=80,dport=1000),zone=5' \
	<(appctl dpctl/dump-conntrack)
check_eq $id.appctl.dump_all 3 "$(dump)"
check_eq $id.appctl.dump_zone 2 "$(dump zone=5)"
check $id.appctl.stats grep -q 'Connections Stats:' \
	<(appctl dpctl/ct-stats-show)
check $id.appctl.stats_tcp grep -Eq 'Tcp: 2|TCP: 2' <(appctl dpctl/ct-stats-show)
check $id.appctl.flush_tuple appctl dpctl/flush-conntrack zone=5 \
	'ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=6,ct_tp_src=1000,ct_tp_dst=80'
check_eq $id.appctl.flushed_tuple 2 "$(dump)"
check $id.appctl.flush_zone appctl dpctl/flush-conntrack zone=5
check_eq $id.appctl.flushed_zone 1 "$(dump)"
check $id.appctl.flush appctl dpctl/flush-conntrack
check_eq $id.appctl.flushed 0 "$(dump)"
check $id.limits.set appctl dpctl/ct-set-limits default=10 zone=5,limit=2 \
	zone=6,limit=3
tcp 1000 --zone 5
check $id.limits.get grep -q 'zone=5,limit=2,count=1' \
	<(appctl dpctl/ct-get-limits zone=5,6)
check $id.limits.default grep -q 'default limit=10' \
	<(appctl dpctl/ct-get-limits)
tcp 1001 --zone 5
check_fails $id.limits.over "not enough memory" \
	run conntrack -I -s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1002 \
	--dport 80 --state ESTABLISHED -t 600 --zone 5
check $id.limits.del appctl dpctl/ct-del-limits zone=5
check $id.limits.gone tcp 1002 --zone 5

# ---- a zone's timeout policy ----

check $id.policy.datapath vsctl --id=@m create Datapath datapath_version=0 \
	-- set Open_vSwitch . datapaths:system=@m
check $id.policy.zone vsctl add-zone-tp system zone=9 udp_single=7 udp_multiple=9
flows br0 <<- END
	in_port=1,udp actions=ct(commit,zone=9),2
END
frames 1 2 -- udp: > /dev/null
check $id.policy.used grep -Eq '^udp +17 [0-7] ' <(ct -L -w 9)
check $id.policy.listed grep -q 'udp_single=7' <(vsctl list-zone-tp system)
check $id.policy.del vsctl del-zone-tp system zone=9

# ---- ovsxdpctl ----

ct -F
tcp 1000 --zone 5
tcp 1001 --zone 5
udp 1002 --zone 6
check $id.ctl.dump grep -q \
	'^tcp,orig=(src=10.0.0.1,dst=10.0.0.2,sport=1000,dport=80),reply=(src=10.0.0.2,dst=10.0.0.1,sport=80,dport=1000),zone=5,protoinfo=(state=ESTABLISHED)' \
	<(ctl dump-conntrack)
check_eq $id.ctl.dump_zone 2 "$(ctl dump-conntrack zone=5 | wc -l)"
check_eq $id.ctl.dump_json 1002 "$(json 'd[0]["orig"]["sport"]' \
	dump-conntrack zone=6)"
check $id.ctl.stats grep -q 'zone 5: 2' <(ctl conntrack-stats)
check_eq $id.ctl.stats_json 3 "$(json 'd["connections"]' conntrack-stats)"
check $id.ctl.flush_tuple ctl flush-conntrack zone=5 \
	ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=6,ct_tp_src=1001,ct_tp_dst=80
check_fails $id.ctl.flush_again "no such connection" ctl flush-conntrack \
	zone=5 ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=6,ct_tp_src=1001,ct_tp_dst=80
check_eq $id.ctl.flushed_tuple 2 "$(ctl dump-conntrack | wc -l)"
check $id.ctl.flush_zone ctl flush-conntrack zone=5
check_eq $id.ctl.flushed_zone 1 "$(ctl dump-conntrack | wc -l)"
check $id.ctl.limits ctl ct-set-limits default=7 zone=6,limit=1
check_eq $id.ctl.limits_get "zone=6,limit=1,count=1" \
	"$(ctl ct-get-limits | grep zone)"
check $id.ctl.limits_del ctl ct-del-limits zone=6
check_eq $id.ctl.limits_gone "default limit=7" "$(ctl ct-get-limits)"
ctl ct-set-limits default=0

# ---- the supervisor ----

ct -F
tcp 1000 --zone 5
if sw "$O/ovsxdp-run" --seccomp true 2> /dev/null; then
	check_eq $id.seccomp.count 1 "$(sw timeout 60 "$O/ovsxdp-run" --seccomp \
		conntrack -C 2> /dev/null)"
	check $id.seccomp.list grep -q sport=1000 \
		<(sw timeout 60 "$O/ovsxdp-run" --seccomp conntrack -L \
			2> /dev/null)
	check_eq $id.seccomp.kernel 0 "$(sw env OVSXDP_CT=kernel timeout 60 \
		"$O/ovsxdp-run" --seccomp conntrack -C 2> /dev/null)"
else
	skip $id.seccomp "no supervisor on this kernel"
fi

# A static program of Go: dump, delete by filter, and nothing else goes.
golib=/usr/share/gocode/src/github.com/vishvananda/netlink
if ! command -v go > /dev/null; then
	skip $id.go "golang-go is not installed"
elif [ ! -d $golib ]; then
	skip $id.go "golang-github-vishvananda-netlink-dev is not installed"
elif ! CGO_ENABLED=0 GOPATH=/usr/share/gocode GO111MODULE=off \
	GOCACHE=$O/gocache GOFLAGS='' go build -o "$WORK/ctclient" \
	tests/interop/seccomp/conntrack.go 2> "$WORK/go"; then
	not_ok $id.go "$(tail -n 3 "$WORK/go")"
else
	ct -F
	udp 2000
	udp 2001
	tcp 2002
	ct -I -s 10.0.0.1 -d 10.0.0.9 -p udp --sport 2003 --dport 53 -t 600
	cases_of sw timeout 60 "$O/ovsxdp-run" --seccomp "$WORK/ctclient" \
		10.0.0.9 4
	check_eq $id.go.left 3 "$(ct -C)"
	check_eq $id.go.right_one 0 "$(n_of -d 10.0.0.9)"
	check_eq $id.go.without_us 0 "$(sw "$WORK/ctclient" count)"
fi

finish
