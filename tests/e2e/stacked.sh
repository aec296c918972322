#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Devices on a port's device. One whose packets a bridge, a bond, a macvlan or
# their like has can't become a port (EBUSY, as the module says), also where
# that is in another network namespace. The other way round can't be refused:
# the log and "show" say who gets nothing.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

switch_up
for n in 1 2 3 4; do
	host_up $n
done
OTHER=oxo-$$
ip netns add "$OTHER"
HOSTS+=("$OTHER")
daemon_start
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1
ctl add-if dp0 p2,port_no=2
neighbours 1 2
wire 1 2
wire 2 1
pings() { host 1 ping -q -c 2 -i 0.05 -W 30 10.0.0.2; }
logged() { [ "$(grep -c -- "$1" "$WORK/daemon")" -ge "${2:-1}" ]; }
ports() { json 'sorted(p["name"] for p in d[0]["ports"])' show dp0; }
why() { ctl show dp0 | grep ": $1 \["; }

# In use: refused, and what uses it goes on as before.
refused() { # id text, of p3
	check_fails "e2e.stacked.$1" "EBUSY.*$2" ctl add-if dp0 p3
	check_eq "e2e.stacked.$1_no_port" "['dp0', 'p1', 'p2']" "$(ports)"
	check_eq "e2e.stacked.$1_no_program" "" \
		"$(sw tc filter show dev p3 ingress 2> /dev/null)"
}
for kind in bridge bond team vrf; do
	master=()
	[ $kind != vrf ] || master=(table 77)
	if ! sw ip link add name up0 type $kind "${master[@]}" 2> /dev/null
	then
		skip "e2e.stacked.$kind" "no $kind in this kernel"
		continue
	fi
	sw ip link set dev p3 down
	sw ip link set dev p3 master up0
	refused $kind "has a master, up0 ($kind)"
	sw ip link del dev up0
	sw ip link set dev p3 up
done
for kind in macvlan macvtap ipvlan ipvtap macsec; do
	if ! sw ip link add link p3 name up0 type $kind 2> /dev/null; then
		skip "e2e.stacked.$kind" "no $kind in this kernel"
		continue
	fi
	refused $kind "p3 has up0 on it ($kind)"
	if [ $kind = macvtap ]; then
		check_fails e2e.stacked.of_a_program "/dev/tap" \
			ctl add-if dp0 up0
	fi
	sw ip link del dev up0
done
# in a container's namespace nobody here sees it
sw ip link add link p3 name up0 netns "$OTHER" type macvlan
refused elsewhere "in another network namespace"
nsenter --net="/run/netns/$OTHER" ip link del dev up0
check e2e.stacked.free_again ctl add-if dp0 p3,port_no=3
check_eq e2e.stacked.says_nothing "" "$(why p3 | grep 'gets nothing')"

# On the local port, of a datapath that would be below itself
sw ip link add link dp0 name up0 type macvlan
check_fails e2e.stacked.on_local "local port of the same" \
	ctl add-if dp0 up0
sw ip link del dev up0
sw ip link add name up0 type bridge
sw ip link set dev dp0 master up0
check_fails e2e.stacked.over_local "local port of the same" \
	ctl add-if dp0 up0
sw ip link del dev up0

# A device that others are over may be one itself, as in the module.
sw ip link add name up0 type bridge
check e2e.stacked.a_bridge ctl add-if dp0 up0
ctl del-if dp0 up0
sw ip link del dev up0

# The other way round: packets stay the datapath's, and a person hears of it.
sw ip link add link p1 name up0 type macvlan
sw ip link set dev up0 up
check e2e.stacked.later_logged wait_for 5 logged 'p1: up0 (macvlan) on it'
check e2e.stacked.later_shown grep -q 'up0 (macvlan) on it gets nothing' \
	<(why p1)
check e2e.stacked.later_ping pings
sw ip link del dev up0
check e2e.stacked.later_gone wait_for 5 logged 'p1: no other device'
check_eq e2e.stacked.later_not_shown "" "$(why p1 | grep 'gets nothing')"
sw ip link add link p1 name up0 netns "$OTHER" type macvlan
check e2e.stacked.later_elsewhere wait_for 5 logged 'p1: a device on it'
nsenter --net="/run/netns/$OTHER" ip link del dev up0
check e2e.stacked.later_elsewhere_gone wait_for 5 \
	logged 'p1: no other device' 2
sw ip link add name up0 type bridge
sw ip link set dev up0 up
sw ip link set dev p1 master up0
check e2e.stacked.enslaved_logged wait_for 5 \
	logged 'p1: up0 (bridge), its master'
check e2e.stacked.enslaved_shown grep -q \
	'up0 (bridge), its master, gets nothing' <(why p1)
check e2e.stacked.enslaved_ping pings
# one line a change: a device that changes often fills no log
before=$(grep -c 'p1: ' "$WORK/daemon")
for _ in 1 2 3 4 5; do
	sw ip link set dev p1 down
	sw ip link set dev p1 up
done
sw ip link set dev p1 alias seen
daemon_kill 9
daemon_start
check_eq e2e.stacked.once "$before" "$(grep -c 'p1: ' "$WORK/daemon")"
check e2e.stacked.takeover_shown grep -q 'its master, gets nothing' \
	<(why p1)
sw ip link set dev p1 nomaster
check e2e.stacked.free_logged wait_for 5 logged 'p1: no other device' 3
sw ip link del dev up0
# VLAN devices get no packets either; the module gives them theirs first
if sw ip link add link p4 name up0 type vlan id 5 2> /dev/null; then
	check e2e.stacked.vlan ctl add-if dp0 p4
	check e2e.stacked.vlan_logged logged 'p4: up0 (vlan) on it'
	sw ip link del dev up0
else
	skip e2e.stacked.vlan "no VLAN devices in this kernel"
fi
finish
