#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# A daemon whose programs are of another build takes over, under ping and TCP:
# its programs are on all devices then, and no packet was lost or counted twice.
# Once there and once back. One that can't load its programs leaves the old ones.
# build/other/ovsxdpd differs in one number: a list may cost 64 ops.

. "$(dirname "$0")/../lib/e2e.sh"

other=$O/other/ovsxdpd
[ -x "$other" ] || bail "$other: not built (make interop)"
build_of() { "$1" -V | sed 's/.*build //'; }
old=$(build_of "$O/ovsxdpd")
new=$(build_of "$other")
check e2e.upgrade.builds_differ test "$old" != "$new"

start() { # program [environment...]
	local program=$1
	shift
	nsenter --net="/run/netns/$SW" env "$@" "$program" --root="$ROOT" \
		--spare=off >> "$WORK/daemon" 2>&1 &
	DAEMON=$!
	wait_for 20 sw "$O/ovsxdpctl" -t "$PATIENCE" ping
}
runs() { # build
	[ "$(json 'd[0]["build"]' show dp0)" = "$1" ]
}
count() { # port rx|tx
	json "[p['stats']['$2_packets'] for p in d[0]['ports'] \
		if p['port_no'] == $1][0]" show dp0
}
reason() { json "d[0]['reasons'].get('$1', 0)" stats dp0; }

dp_up 1 2 3
# branches on clones, tail calls, recirculation and ct() are all on the way
wire 1 2 "clone(push_vlan(vid=7,pcp=0),3),"
ctl add-flow dp0 "in_port(2),recirc_id(0),eth(),eth_type(0x0800),ipv4()" \
	"ct(commit),recirc(1)"
ctl add-flow dp0 "in_port(2),recirc_id(1),eth(),eth_type(0x0800),ipv4()" 1
check e2e.upgrade.show runs "$old"
check e2e.upgrade.show_text grep -q "build: $old\$" <(ctl show dp0)

stream_start 1 2
host 1 ping -q -i 0.002 -c 3000 -W 5 10.0.0.2 > "$WORK/ping" 2>&1 &
ping=$!
daemon_kill 9
start "$other"
check e2e.upgrade.there wait_for 30 runs "$new"
# the ports, and the local port's far end
check e2e.upgrade.devices grep -q "build $new are in place on 4 devices" \
	"$WORK/daemon"
daemon_kill 9
start "$O/ovsxdpd"
check e2e.upgrade.back wait_for 30 runs "$old"
wait $ping
check e2e.upgrade.no_loss grep -q '3000 received, 0% packet loss' "$WORK/ping"
check e2e.upgrade.tcp_stream stream_end
sleep 0.3

check_eq e2e.upgrade.forwarded "$(count 1 rx)" "$(count 2 tx)"
check_eq e2e.upgrade.cloned "$(count 1 rx)" "$(count 3 tx)"
check_eq e2e.upgrade.tracked "$(count 2 rx)" "$(count 1 tx)"
check_eq e2e.upgrade.drops 0 "$(json 'd[0]["drops"]' stats dp0)"
check_eq e2e.upgrade.lookups "$(($(count 1 rx) + 2 * $(count 2 rx)))" \
	"$(json 'd[0]["hit"]' show dp0)"
check_eq e2e.upgrade.no_litter "" "$(find "$ROOT" -name 'next-*')"

# how it fails depends on the kind of hook alone, and each load of programs
# takes seconds
[[ $MODE != xdp-generic && $MODE != tc ]] || finish

# the number takes effect with the programs that have it
long=$(printf 'push_vlan(vid=5,pcp=0),pop_vlan,%.0s' {1..40})
wire 3 1 "$long"
send() { host 3 ping -q -c 3 -i 0.05 -W 0.1 10.0.0.1; }
before=$(count 1 tx)
send > /dev/null
check_eq e2e.upgrade.long_list "$((before + 3))" "$(count 1 tx)"
daemon_kill TERM
start "$other"
wait_for 30 runs "$new"
send > /dev/null
check_eq e2e.upgrade.long_list_there "$((before + 3))" "$(count 1 tx)"
check_eq e2e.upgrade.number_there 3 "$(reason work_limit)"
daemon_kill TERM

# programs that can't be loaded
start "$O/ovsxdpd" LD_PRELOAD="$O/tests/libdeny.so" OX_DENY=load
refused() { ctl show dp0 | grep -q "daemon's is $old: can't load"; }
check e2e.upgrade.refused wait_for 30 refused
check e2e.upgrade.refused_log grep -q "goes on with the programs of build $new" \
	"$WORK/daemon"
send > /dev/null
check_eq e2e.upgrade.refused_old 6 "$(reason work_limit)"
check_eq e2e.upgrade.refused_litter "" "$(find "$ROOT" -name 'next-*')"
daemon_kill TERM
start "$O/ovsxdpd"
check e2e.upgrade.after_refusal wait_for 30 runs "$old"
send > /dev/null
check_eq e2e.upgrade.number_back "$((before + 6))" "$(count 1 tx)"

# a daemon that dies in the middle: the next one goes on
die() { # id program build where
	daemon_kill TERM
	start "$2" LD_PRELOAD="$O/tests/libdeny.so" OX_DIE="$4"
	check "e2e.upgrade.$1_dies" wait_for 30 eval "! kill -0 $DAEMON"
	wait "$DAEMON" 2> /dev/null
	check "e2e.upgrade.$1_forwards" host 1 ping -q -c 3 -i 0.01 -W 30 \
		10.0.0.2
	start "$2"
	check "e2e.upgrade.$1_goes_on" wait_for 30 runs "$3"
	check_eq "e2e.upgrade.$1_litter" "" "$(find "$ROOT" -name 'next-*')"
}
# on kernels without tcx, and of XDP, programs are attached by netlink
if ! mode_is_xdp && sw "$O/ovsxdpctl" check-host | grep -q '^tcx.*yes'
then
	die attach "$other" "$new" attach:2
else
	die rename_first "$other" "$new" rename:1
fi
die pin "$O/ovsxdpd" "$old" pin:4
die rename "$other" "$new" rename:8
die rename_last "$O/ovsxdpd" "$old" rename:9
before=$(count 1 tx)
send > /dev/null
check_eq e2e.upgrade.number_last "$((before + 3))" "$(count 1 tx)"
check_eq e2e.upgrade.counters_carried 6 "$(reason work_limit)"
check e2e.upgrade.del_dp ctl del-dp dp0
check_eq e2e.upgrade.nothing_left "" \
	"$(find "$ROOT" -mindepth 1 -not -path '*/%*')"
finish
