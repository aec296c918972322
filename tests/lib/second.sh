# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Sourced by tests/e2e/tunnel_*.sh after e2e.sh: a second switch S2, in a network
# namespace of its own, and a wire u0 between both, 172.16.0.1 to .2.

S2=oxs2-$$
in2() { nsenter --net="/run/netns/$S2" "$@"; }
ctl2() { in2 "$O/ovsxdpctl" -t "$OVSXDP_TIMEOUT" "$@"; }

# Both namespaces, the first daemon, dp0 with port 1 in it, and the wire.
second_up() {
	ip netns add "$S2"
	HOSTS+=("$S2")
	quiet_ipv6 "$S2"
	in2 ip link set lo up
	dp_up 1
	sw ip link add u0 mtu 1600 type veth peer name u0 mtu 1600 netns "$S2"
	sw ip addr add 172.16.0.1/24 dev u0
	in2 ip addr add 172.16.0.2/24 dev u0
	sw ip link set u0 up
	in2 ip link set u0 up
}

# IPv6 on the wire as well, fd16::1 to ::2, and its MTU.
second_six() { # MTU
	local n ns
	for n in 1 2; do
		ns=sw
		[ $n = 1 ] || ns=in2
		$ns sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6
			echo 0 > /proc/sys/net/ipv6/conf/u0/disable_ipv6'
		$ns ip -6 addr add fd16::$n/64 dev u0 nodad
		$ns ip link set u0 mtu "$1"
	done
}

# Host 2, as host_up makes them, but behind port p1 of the second switch.
second_host() {
	ip netns add "oxh2-$$"
	HOSTS+=("oxh2-$$")
	quiet_ipv6 "oxh2-$$"
	in2 ip link add p1 type veth peer name h0 netns "oxh2-$$"
	host 2 ip link set h0 address "$(mac 2)"
	host 2 ip addr add 10.0.0.2/24 dev h0
	host 2 ip link set h0 up
	in2 ip link set p1 up
}

# Its daemon, and dp0 in it.
second_daemon() {
	# shellcheck disable=SC2086 # several options
	nsenter --net="/run/netns/$S2" "$O/ovsxdpd" --root="$ROOT" \
		${NO_SPARE:-} $DAEMON_OPTIONS >> "$WORK/daemon2" 2>&1 &
	PIDS+=($!)
	wait_for 20 ctl2 ping
	ctl2 add-dp dp0
}
