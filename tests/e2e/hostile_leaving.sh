#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A port's device leaves for another network namespace, while the daemon lives
# and while it doesn't. What the port did to it is taken back there, and the
# device works for its new owner.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

switch_up
for n in 1 2 3 4 5; do
	host_up $n on
done
daemon_start
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1
ctl add-if dp0 p2,port_no=2,mode=xdp
ctl add-if dp0 p3,port_no=3
ctl add-if dp0 p4,port_no=4,mode=xdp
sw ip link set p5 promisc on # an administrator's
ctl add-if dp0 p5,port_no=5

ip netns add "oxh9-$$"
HOSTS+=("oxh9-$$")
quiet_ipv6 "oxh9-$$"
# of the device's new owner, who then uses it: without the port's programs
# packets reach its stack
leave() { # N
	sw ip link set "p$1" netns "/run/netns/oxh9-$$"
	host 9 ip addr add "10.0.$1.9/24" dev "p$1"
	host 9 ip link set "p$1" up
	host "$1" ip addr add "10.0.$1.1/24" dev h0
}
clean() { # N: neither promiscuous nor XDP
	host 9 ip -d -o link show dev "p$1" | grep -q 'promiscuity 0 ' &&
		! host 9 ip -o link show dev "p$1" | grep -q prog/xdp
}
no_port() { ! ctl show dp0 | grep -q "p$1"; }
left() { # N
	check "e2e.hostile_leaving.port_gone_$1" wait_for 5 no_port "$1"
	check "e2e.hostile_leaving.clean_$1" wait_for 5 clean "$1"
	check "e2e.hostile_leaving.works_$1" host "$1" ping -q -c 2 -i 0.05 \
		-W 30 "10.0.$1.9"
}
logged() { grep -q "$1 is in another network namespace" "$WORK/daemon"; }

for n in 1 2; do
	leave $n
	check e2e.hostile_leaving.said_$n wait_for 5 logged p$n
	left $n
done
daemon_kill 9
for n in 3 4; do
	leave $n
done
daemon_start
for n in 3 4; do
	check e2e.hostile_leaving.said_$n wait_for 5 logged p$n
	left $n
done
# the programs are gone for good: another daemon and its datapath change nothing
ctl del-dp dp0
for n in 1 2 3 4; do
	check e2e.hostile_leaving.still_$n host $n ping -q -c 1 -W 30 "10.0.$n.9"
done
# what an administrator did stays theirs
check_eq e2e.hostile_leaving.theirs 1 "$(sw ip -d -o link show dev p5 |
	sed -n 's/.*promiscuity \([0-9]*\).*/\1/p')"
finish
