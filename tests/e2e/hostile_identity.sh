#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# While no daemon lives, ports' devices go, and others with their ifindex, name
# and MAC come: made here, or moved in from a namespace of their owner. None of
# them becomes a port or is touched; the ports go, and listeners hear of it.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

switch_up
for n in 1 2 3 4; do
	host_up $n on
done
daemon_start
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1
ctl add-if dp0 p2,port_no=2,mode=xdp
ctl add-if dp0 p3,port_no=3,mode=none
ctl add-if dp0 p4,port_no=4
ctl add-if dp0 int0,type=internal,port_no=5
neighbours 1 2 3 4
wire 1 4 2,3,5,
wire 4 1

index() { sw ip -o link show dev "$1" | cut -d: -f1; }
address() { sw ip -o link show dev "$1" | sed -n 's|.*link/ether \([^ ]*\).*|\1|p'; }
promiscuity() {
	sw ip -d -o link show dev "$1" |
		sed -n 's/.*promiscuity \([0-9]*\).*/\1/p'
}
carries() { # XDP and tc programs of a device
	sw ip -o link show dev "$1" | grep -o 'prog/xdp'
	sw tc filter show dev "$1" ingress | grep bpf
}
# As ports 1 and 4 talk, and the flow sends copies to 2, 3 and 5.
check e2e.hostile_identity.before host 1 ping -q -c 3 -i 0.05 -W 30 10.0.0.4

sw timeout 300 "$O/ovsxdpctl" monitor dp0 > "$WORK/monitor" 2>&1 &
PIDS+=($!)
listens() { # a change is made until the listener hears of one
	ctl set-if dp0 p4,mode=tc && ctl set-if dp0 p4,mode=auto &&
		test -s "$WORK/monitor"
}
check e2e.hostile_identity.monitor wait_for 5 listens

for dev in p2 p3 int0; do
	eval "index_$dev=$(index $dev) address_$dev=$(address $dev)"
done
daemon_kill 9
# p2: its owner deletes it, and makes another one just like it
# shellcheck disable=SC2154 # by eval
sw ip link del p2
# shellcheck disable=SC2154
sw ip link add p2 index "$index_p2" address "$address_p2" type veth peer name q2
# p3: a device of another namespace comes in, with the same index
sw ip link del p3
# shellcheck disable=SC2154
host 3 ip link add foreign3 index "$index_p3" type veth peer name q3
host 3 ip link set foreign3 netns "/run/netns/$SW"
# int0, the near end
sw ip link del int0
# shellcheck disable=SC2154
sw ip link add int0 index "$index_int0" address "$address_int0" \
	type veth peer name q5
check_eq e2e.hostile_identity.same_index "$index_p2 $index_p3 $index_int0" \
	"$(index p2) $(index foreign3) $(index int0)"
for dev in p2 q2 foreign3 int0 q5; do
	sw ip link set "$dev" up
done
sent() { # what a foreign device was given to send, and couldn't, all told
	sw ip -s -j link show dev "$1" | python3 -c \
		'import json,sys; d=json.load(sys.stdin)[0]; print(sum(d["stats64"]["tx"].values()))'
}
for dev in p2 foreign3 int0; do
	eval "sent_$dev=$(sent $dev)"
done
check e2e.hostile_identity.dead host 1 ping -q -c 20 -i 0.02 -W 30 10.0.0.4
for dev in p2 foreign3 int0; do
	eval "before=\$sent_$dev"
	# shellcheck disable=SC2154
	check_eq e2e.hostile_identity.dead_sees_nothing_$dev "$before" \
		"$(sent $dev)"
done
: > "$WORK/monitor"
daemon_start
gone() {
	! ctl show dp0 | grep -q 'p2\|p3\|int0\|foreign'
}
check e2e.hostile_identity.ports_gone wait_for 5 gone
for dev in p2 p3 int0; do
	check e2e.hostile_identity.notified_$dev \
		wait_for 5 grep -q "$dev" "$WORK/monitor"
done
for dev in p2 foreign3 int0; do
	check_eq e2e.hostile_identity.not_promiscuous_$dev 0 \
		"$(promiscuity $dev)"
	check_eq e2e.hostile_identity.no_programs_$dev "" "$(carries $dev)"
	eval "sent_$dev=$(sent $dev)"
done
check e2e.hostile_identity.others host 1 ping -q -c 20 -i 0.02 -W 30 10.0.0.4
for dev in p2 foreign3 int0; do
	eval "before=\$sent_$dev"
	check_eq e2e.hostile_identity.sees_nothing_$dev "$before" \
		"$(sent $dev)"
done
# what the owners had, they have still; and it may become a port
check e2e.hostile_identity.add ctl add-if dp0 foreign3,port_no=3
check_eq e2e.hostile_identity.promiscuous 1 "$(promiscuity foreign3)"
finish
