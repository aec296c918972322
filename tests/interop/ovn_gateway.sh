#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# OVN's way to the outside, and its life: a gateway router port on ch1 with
# SNAT and a floating address, a provider network by br-ex with a NIC as its
# port, answers of ARP, ND and DNS by the controller, a meter for the log of
# an ACL; and programs that end while connections live.
#
#   sw0 10.0.0.0/24: vm1 .1 (ch1), vm2 .2 (ch2); lr0 .254
#   public 172.16.0.0/24: lr0 .1 (gateway chassis ch1), the host "ext" .100
#   SNAT to 172.16.0.10, vm2 is 172.16.0.20 to the outside

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovn.sh

id=interop.ovn_gateway
central_up || { not_ok $id.central "no databases"; finish; }
ext_up 172.16.0.100/24
for n in 1 2; do
	chassis_up $n || { not_ok $id.chassis "ch$n"; finish; }
	external $n
done
nb -- ls-add sw0 -- ls-add public -- lr-add lr0
lr_join lr0 sw0 0a:00:00:00:01:00 10.0.0.254/24 fd01::fe/64
lr_join lr0 public 0a:00:00:00:02:00 172.16.0.1/24
localnet public
nb lrp-set-gateway-chassis lr0-public ch1 20
vm_up 1 sw0 1 10.0.0.1/24 10.0.0.254
vm_up 2 sw0 2 10.0.0.2/24 10.0.0.254
nb lr-nat-add lr0 snat 172.16.0.10 10.0.0.0/24
nb lr-nat-add lr0 dnat_and_snat 172.16.0.20 10.0.0.2
for n in 1 2; do vm_serve $n 8080; done
begin "$WORK/served" ext /usr/bin/python3 -u -c '
import socket
s = socket.create_server(("0.0.0.0", 8080))
while True:
    c, a = s.accept()
    print(a[0])
    c.sendall(b"ext\n")
    c.close()'
for n in 1 2; do check $id.bound_$n wait_for 20 vm_is_up $n; done
check $id.flows nb --wait=hv sync

# ---- the outside ----
check $id.snat.ping_gateway_chassis wait_for 10 vm_ping 1 172.16.0.100
check $id.snat.ping_other_chassis wait_for 10 vm_ping 2 172.16.0.100
seen() { # who the server saw last
	tail -n 1 "$WORK/served"
}
check $id.snat.tcp wait_for 10 vm_answers 1 172.16.0.100 8080 ext
check_eq $id.snat.address 172.16.0.10 "$(seen)"
check $id.floating.out wait_for 10 vm_answers 2 172.16.0.100 8080 ext
check_eq $id.floating.address 172.16.0.20 "$(seen)"
ext_asks() { # address who
	[ "$(ask ext "$1" 8080)" = "$2" ]
}
check $id.floating.in wait_for 10 ext_asks 172.16.0.20 vm2
check $id.floating.ping at ext ping -q -c 3 -i 0.2 -W 2 172.16.0.20
nb lb-add lbx 172.16.0.30:8080 10.0.0.1:8080,10.0.0.2:8080 tcp
nb lr-lb-add lr0 lbx
nb --wait=hv sync
either() { ext_asks 172.16.0.30 vm1 || ext_asks 172.16.0.30 vm2; }
check $id.balancer_from_outside wait_for 10 either

# ---- what the controller answers ----
dns=$(nb create dns records='{vm2.example=10.0.0.2}')
nb set logical_switch sw0 dns_records="$dns"
nb --wait=hv sync
resolved() {
	[ "$(at vm1 timeout $((4 * PATIENCE)) /usr/bin/python3 -c '
import socket
q = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0" + b"\3vm2\7example\0" + b"\0\1\0\1"
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
s.sendto(q, ("10.0.0.254", 53))
print(socket.inet_ntoa(s.recv(512)[-4:]))')" = 10.0.0.2 ]
}
check $id.dns wait_for 10 resolved
nb meter-add aclm drop 10 pktps
nb --log --meter=aclm --name=logged acl-add sw0 to-lport 2000 \
	'outport == "vm1" && udp.dst == 9' drop
nb --wait=hv sync
logged() {
	at vm2 bash -c 'for i in 1 2 3; do echo x > /dev/udp/10.0.0.1/9; done'
	grep -q 'acl_log.*name="logged"' "$WORK/ch1/controller.log"
}
check $id.acl_log wait_for 10 logged

# ---- life ----
lasts() { # id command...
	local id=$1
	shift
	vm_lost 1 10.0.0.2 "$@" > "$WORK/lost"
	check_eq "$id" 0 "$(cat "$WORK/lost")"
}
again_controller() {
	ch_end 9 "${CH_CONTROLLER[1]}"
	ch_controller_start 1
}
lasts $id.life.controller again_controller
again_northd() {
	ch_end 9 "$NORTHD"
	northd_start
}
lasts $id.life.northd again_northd
if [ -z "$OVN_ORACLE" ]; then
	again_daemon() {
		ch_end 9 "${CH_DAEMON[2]}"
		sleep 1
		ch_daemon_start 2
	}
	lasts $id.life.daemon_killed again_daemon
	check $id.life.after wait_for 10 vm_answers 1 172.16.0.100 8080 ext
fi
other=vxlan
[ "$ENCAP" = geneve ] || other=geneve
for n in 1 2; do
	ch_vsctl $n set open_vswitch . external_ids:ovn-encap-type=$other
done
check $id.life.encap_changed wait_for 20 vm_ping 1 10.0.0.2
finish
