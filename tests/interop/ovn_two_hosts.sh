#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# OVN on two chassis: switches, a distributed router, ACLs with connection
# tracking, a load balancer, tunnels between the hosts.
#
#   sw0 10.0.0.0/24: vm1 .1 (ch1), vm2 .2 (ch2), vm4 .4 (ch2)
#   sw1 10.0.1.0/24: vm3 .3 (ch2)       lr0: .254 of both, distributed
#   ACLs of sw0: to vm2 TCP 8080, ICMP and what belongs to connections;
#   all else that is IP and goes to vm2 is dropped
#   load balancer 10.0.0.100:80 -> vm2:8080, vm3:8080, of sw0 and lr0

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovn.sh

id=interop.ovn_two_hosts
# comes ID COMMAND...: within a while COMMAND succeeds. Once three didn't come,
# nobody waits that long any more.
comes() {
	local id=$1 s=10
	shift
	[ "$TESTS_MISSED" -lt 3 ] || s=1
	if wait_for $s "$@"; then
		ok "$id"
	else
		TESTS_MISSED=$((TESTS_MISSED + 1))
		check "$id" "$@"
	fi
}
TESTS_MISSED=0

central_up || { not_ok $id.central "no databases"; finish; }
for n in 1 2; do
	chassis_up $n || { not_ok "$id.chassis" "ch$n: $(tail -n 3 \
		"$WORK/ch$n"/*.out "$WORK/ch$n"/ovsxdpd.log)"; finish; }
done
is_chassis() { [ "$(sb --bare --columns=name find chassis name="$1")" = "$1" ]; }
for n in 1 2; do
	comes $id.underlay_$n at ch$n ping -q -c 1 -W 1 "$(under 100)"
	comes $id.chassis_$n is_chassis ch$n
done

nb -- ls-add sw0 -- ls-add sw1 -- lr-add lr0
lr_join lr0 sw0 0a:00:00:00:01:00 10.0.0.254/24
lr_join lr0 sw1 0a:00:00:00:01:01 10.0.1.254/24
vm_up 1 sw0 1 10.0.0.1/24 10.0.0.254
vm_up 2 sw0 2 10.0.0.2/24 10.0.0.254
vm_up 3 sw1 2 10.0.1.3/24 10.0.1.254
vm_up 4 sw0 2 10.0.0.4/24 10.0.0.254
nb acl-add sw0 to-lport 1000 'outport == "vm2" && ip' drop
nb acl-add sw0 to-lport 1001 'outport == "vm2" && icmp4' allow-related
nb acl-add sw0 to-lport 1001 'outport == "vm2" && tcp.dst == 8080' allow-related
nb acl-add sw0 from-lport 1001 'inport == "vm2" && ip' allow-related
nb lb-add lb0 10.0.0.100:80 10.0.0.2:8080,10.0.1.3:8080 tcp
nb ls-lb-add sw0 lb0
nb lr-lb-add lr0 lb0
for n in 1 2 3 4; do
	comes $id.bound_$n vm_is_up $n
	vm_serve $n 8080 9090
done
comes $id.flows nb --wait=hv sync
tunnel_up() { # chassis
	[[ $(ch_vsctl "$1" --bare --columns=ofport find interface \
		type="$ENCAP") =~ ^[1-9] ]]
}
for n in 1 2; do comes $id.tunnel_$n tunnel_up $n; done

# ---- packets of all kinds ----
traffic() { # prefix of the cases
	comes "$1.one_chassis" vm_ping 4 10.0.1.3
	comes "$1.ping" vm_ping 1 10.0.0.2
	comes "$1.ping_back" vm_ping 2 10.0.0.1
	comes "$1.routed" vm_ping 1 10.0.1.3
	comes "$1.router" vm_ping 1 10.0.0.254
	comes "$1.largest" vm_ping 1 -M "do" -s $((OVN_MTU - 128)) 10.0.0.2
	comes "$1.fragments" vm_ping 1 -s 4000 10.0.0.2
	comes "$1.acl_allows" vm_answers 1 10.0.0.2 8080 vm2
	check_eq "$1.acl_drops" "" "$(vm_ask 1 10.0.0.2 9090)"
	comes "$1.no_acl" vm_answers 1 10.0.0.4 9090 vm4
	comes "$1.established" vm_answers 2 10.0.0.1 9090 vm1
	comes "$1.balancer" both_answer 1
	comes "$1.balancer_beside" both_answer 4
}
both_answer() { # client: within 24 tries both backends did
	local i seen='' lost=0 a
	for ((i = 0; i < 24 && lost < 3; i++)); do
		a=$(vm_ask "$1" 10.0.0.100 80) || lost=$((lost + 1))
		seen+=" ${a:--}"
	done
	echo "$seen"
	[[ $seen == *vm2* && $seen == *vm3* ]]
}
traffic "$id.$ENCAP"
tunnel_flows() { # chassis: flows into the tunnel and out of it
	vm_ping 1 10.0.0.2 > /dev/null
	ch_appctl "$1" dpctl/dump-flows -m > "$WORK/dpflows"
	[ "$OVN_ORACLE" = netdev ] ||
		{ grep -q 'set(tunnel(' "$WORK/dpflows" &&
			grep -q '[^(]tunnel(\|^tunnel(' "$WORK/dpflows"; }
}
for n in 1 2; do comes $id.tunnel_flows_$n tunnel_flows $n; done

ovn_complaints > "$WORK/complaints"
check_eq $id.log "" "$(cut -c1-300 "$WORK/complaints" | head -n 5)"
finish
