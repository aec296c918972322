#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# OVN's routers: a gateway that fails over by BFD, SNAT and a floating address
# that leaves from its own host, policy routes, IPv6, a load balancer that
# looks after its backends, and a router with two ways out and symmetric reply
# over a VLAN that ends at a port of br-ex.
#
#   ch1: vm1 10.0.0.1, vm2 .2 (sw0), vm3 10.0.2.3 (sw2)   ch3: vm4 10.0.0.4
#   lr0: sw0 and public 172.16.0.1, whose gateway is ch2, then ch3
#   gr: on ch2, sw2 and public17 172.17.0.1 (VLAN 17)
#   outside: ext 172.16.0.100; r1 and r2 172.16.0.101 and .102, and in VLAN 17
#   172.17.0.101 and .102; each of these two has 198.51.100.1, too

ENCAP=${ENCAP:-vxlan}
. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovn.sh
command -v tcpdump > /dev/null || bail "tcpdump is not installed"

id=interop.ovn_router
central_up || { not_ok $id.central "no databases"; finish; }
ext_up 172.16.0.100/24 fd02::100/64
for n in 1 2 3; do
	chassis_up $n || { not_ok $id.chassis "ch$n"; finish; }
	external $n
done
# wired NAME DEVICE BRIDGE: a device of that name, joined to ext's bridge
wired() {
	at ext ip link add "$1$3" type veth peer name "$2" netns "$(ns_of "$1")"
	at ext ip link set "$1$3" master "$3" up
	at "$1" ip link set "$2" up
	as_on_a_wire ext "$1$3"
	as_on_a_wire "$1" "$2"
}
at ext ip link add tagged type bridge
at ext ip link set tagged up
wired ch2 eth2 tagged
ch_vsctl 2 --no-wait add-port br-ex eth2 tag=17
for n in 1 2; do
	ns_add r$n
	wired r$n eth0 out
	wired r$n eth1 tagged
	at r$n ip addr add 172.16.0.10$n/24 dev eth0
	at r$n ip addr add 172.17.0.10$n/24 dev eth1
	at r$n ip addr add 198.51.100.1/32 dev lo
	at r$n ip route add 10.0.2.0/24 via 172.17.0.1
	serve r$n 8080
done
serve ext 8080
nb -- ls-add sw0 -- ls-add sw2 -- ls-add public -- ls-add public17 \
	-- lr-add lr0 -- lr-add gr -- set logical_router gr options:chassis=ch2
lr_join lr0 sw0 0a:00:00:00:01:00 10.0.0.254/24 fd00::fe/64
lr_join lr0 public 0a:00:00:00:02:00 172.16.0.1/24 fd02::1/64
lr_join gr sw2 0a:00:00:00:01:02 10.0.2.254/24
lr_join gr public17 0a:00:00:00:02:17 172.17.0.1/24
localnet public
localnet public17 17
nb -- lrp-set-gateway-chassis lr0-public ch2 20 \
	-- lrp-set-gateway-chassis lr0-public ch3 10
vm_up 1 sw0 1 10.0.0.1/24 10.0.0.254 fd00::1/64 fd00::fe
vm_up 2 sw0 1 10.0.0.2/24 10.0.0.254 fd00::2/64 fd00::fe
vm_up 3 sw2 1 10.0.2.3/24 10.0.2.254
vm_up 4 sw0 3 10.0.0.4/24 10.0.0.254
for n in 1 2 3 4; do
	check $id.bound_$n wait_for 20 vm_is_up $n
	vm_serve $n 8080
done
nb lr-nat-add lr0 snat 172.16.0.10 10.0.0.0/24
nb lr-nat-add lr0 dnat_and_snat 172.16.0.20 10.0.0.2 vm2 0a:00:00:00:03:02
nb lr-route-add lr0 198.51.100.0/24 172.16.0.102
nb --ecmp-symmetric-reply lr-route-add gr 198.51.100.0/24 172.17.0.101
nb --ecmp-symmetric-reply lr-route-add gr 198.51.100.0/24 172.17.0.102
check $id.flows nb --wait=hv sync

# ---- addresses ----
check $id.snat wait_for 20 vm_answers 1 172.16.0.100 8080 ext
sniff ext x1 'host 172.16.0.20 and tcp'
check $id.floating.out wait_for 10 vm_answers 2 172.16.0.100 8080 ext
answers() { # name address who
	[ "$(ask "$1" "$2" 8080)" = "$3" ]
}
check $id.floating.in wait_for 10 answers ext 172.16.0.20 vm2
check $id.floating.own_host test "$(sniffed ext)" -ge 10
at ext ip route add fd00::/64 via fd02::1
check $id.ipv6.out wait_for 10 vm_ping 1 fd02::100
check $id.ipv6.in wait_for 10 at ext ping -q -c 1 -W 2 fd00::2
check $id.ipv6.tcp wait_for 10 answers vm1 fd02::100 ext

# ---- policy routes ----
check $id.policy.none wait_for 10 answers vm1 198.51.100.1 r2
nb lr-policy-add lr0 100 \
	'ip4.src == 10.0.0.1 && ip4.dst == 198.51.100.0/24' \
	reroute 172.16.0.101
nb lr-policy-add lr0 110 'ip4.src == 10.0.0.4 && ip4.dst == 172.16.0.100' drop
nb --wait=hv sync
check $id.policy.reroute wait_for 10 answers vm1 198.51.100.1 r1
check $id.policy.others wait_for 10 answers vm2 198.51.100.1 r2
check_eq $id.policy.drop "" "$(vm_ask 4 172.16.0.100 8080)"
check $id.policy.drops_no_others wait_for 10 answers vm4 172.16.0.101 r1

# ---- two ways out: who asks by one of them is answered by the same ----
symmetric() { # r1 or r2: of 8 connections, each is answered
	local i
	for i in 1 2 3 4 5 6 7 8; do
		[ "$(ask "$1" 10.0.2.3 8080 198.51.100.1)" = vm3 ] || return 1
	done
}
for n in 1 2; do
	check $id.ecmp.in_$n wait_for 10 answers r$n 10.0.2.3 vm3
	check $id.ecmp.symmetric_$n symmetric r$n
done
ways() { # both are taken by new connections of vm3's
	local i seen=
	for i in {1..24}; do seen+=" $(vm_ask 3 198.51.100.1 8080)"; done
	echo "$seen"
	[[ $seen == *r1* && $seen == *r2* ]]
}
check $id.ecmp.both ways

# ---- a balancer that looks after its backends ----
nb lb-add lb0 10.0.9.100:80 10.0.0.1:8080,10.0.0.4:8080 tcp
nb set load_balancer lb0 ip_port_mappings:10.0.0.1=vm1:10.0.0.250 \
	ip_port_mappings:10.0.0.4=vm4:10.0.0.250
nb -- --id=@hc create load_balancer_health_check \
	vip='"10.0.9.100:80"' options:interval=1 options:timeout=1 \
	options:success_count=1 options:failure_count=1 \
	-- add load_balancer lb0 health_check @hc > /dev/null
nb ls-lb-add sw0 lb0
nb --wait=hv sync
monitored() { # address state
	[ "$(sb --bare --columns=status find service_monitor ip="$1")" = "$2" ]
}
check $id.health.online_1 wait_for 20 monitored 10.0.0.1 online
check $id.health.online_4 wait_for 20 monitored 10.0.0.4 online
backends() { # names of those that answer to vm2, each once
	local i
	for i in {1..16}; do vm_ask 2 10.0.9.100 80 || echo -; done |
		sort -u | tr '\n' ' '
}
answered_by() { [ "$(backends)" = "$1" ]; }
check $id.health.both wait_for 10 answered_by "vm1 vm4 "
kill -9 "${SERVER[vm4]}"
check $id.health.offline wait_for 20 monitored 10.0.0.4 offline
nb --wait=hv sync
check_eq $id.health.one "vm1 " "$(backends)"

# ---- the gateway fails, and another takes over by BFD ----
bfd_up() { # chassis: sessions that are up
	[ "$(ch_vsctl "$1" --bare --columns=bfd_status list interface |
		grep -c 'state=up')" -ge "$2" ]
}
check $id.bfd.up_2 wait_for 20 bfd_up 2 2
check $id.bfd.up_3 wait_for 20 bfd_up 3 2
gateway_is() { # chassis
	[ "$(sb --bare --columns=chassis find port_binding \
		logical_port=cr-lr0-public)" = \
		"$(sb --bare --columns=_uuid find chassis name="$1")" ]
}
check $id.failover.before gateway_is ch2
check $id.failover.traffic vm_ping 1 172.16.0.100
wires() { # down or up: the wires of ch2
	at central ip link set c2 "$1"
	at ext ip link set x2 "$1"
}
wires down
check $id.failover.taken wait_for 30 gateway_is ch3
check $id.failover.ping wait_for 20 vm_ping 1 172.16.0.100
check $id.failover.tcp wait_for 20 vm_answers 1 172.16.0.100 8080 ext
wires up
check $id.failover.back wait_for 30 gateway_is ch2
check $id.failover.ping_back wait_for 20 vm_ping 1 172.16.0.100
ch_end 9 "${CH_VSWITCHD[2]}"
check $id.failover.vswitchd wait_for 20 vm_ping 1 172.16.0.100
ch_vswitchd_start 2
check $id.failover.vswitchd_again wait_for 20 bfd_up 2 2
check $id.failover.ping_again wait_for 20 vm_ping 1 172.16.0.100
# OVN says this of a gateway that goes, over any datapath.
ovn_complaints | grep -v 'ch2/\|release unknown interface cr-' > "$WORK/complaints"
check_eq $id.log "" "$(cut -c1-300 "$WORK/complaints" | head -n 5)"
finish
