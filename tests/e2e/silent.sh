#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The daemon's own devices send nothing of their own: the far end of an
# internal port has a MAC address and is up, in a namespace with IPv6 and
# forwarding. What its stack said would seem to come from the network.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

# A namespace as most are: IPv6 is on, and a router joins groups of its own.
ip netns add "$SW"
sw ip link set lo up
# shellcheck disable=SC2016 # expanded there
sw sh -c 'for i in all default; do
	echo 0 > /proc/sys/net/ipv6/conf/$i/disable_ipv6
	echo 1 > /proc/sys/net/ipv6/conf/$i/forwarding
done' 2> /dev/null || bail "no IPv6 in this kernel"
daemon_start
ctl add-dp dp0
ctl add-if dp0 int0,type=internal
sw ip link set dp0 up
sw ip link set int0 up

far_of() { # near end
	sw ip -j link show dev "$1" | python3 -c \
		'import json,sys; print(json.load(sys.stdin)[0]["link"])'
}
# There are no flows: whatever comes in at a near end, its far end said.
heard() { # near end
	sw ip -s -j link show dev "$1" | python3 -c \
		'import json,sys; print(json.load(sys.stdin)[0]["stats64"]["rx"]["packets"])'
}
# An ordinary device in the same namespace does speak, meanwhile.
sw ip link add talk type veth peer name listen
sw ip link set listen up
sw ip link set talk up
spoke() { [ "$(heard listen)" -ge 2 ]; }
check e2e.silent.others_speak wait_for 10 spoke
pause 3
for dev in dp0 int0; do
	check_eq "e2e.silent.$dev" 0 "$(heard $dev)"
	check_eq "e2e.silent.no_address_$dev" "" \
		"$(sw ip -o -6 addr show dev "$(far_of $dev)")"
	# the near end is the host's: there IPv6 is as the host has it
	check "e2e.silent.near_end_$dev" sh -c \
		"nsenter --net=/run/netns/$SW ip -o -6 addr show dev $dev |
		grep -q fe80"
done

# A daemon that takes over one that an older daemon made.
far=$(far_of int0)
daemon_kill 9
sw sh -c "echo 0 > /proc/sys/net/ipv6/conf/$far/disable_ipv6"
sw ip link set dev "$far" addrgenmode eui64
daemon_start
check_eq e2e.silent.takeover 1 \
	"$(sw cat "/proc/sys/net/ipv6/conf/$far/disable_ipv6")"
check_eq e2e.silent.takeover_no_address "" \
	"$(sw ip -o -6 addr show dev "$far")"
ctl del-dp dp0
finish
