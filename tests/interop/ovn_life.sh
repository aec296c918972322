#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What happens in the life of two chassis while a connection lives and pings go
# on: a port moves between hosts, the encapsulation changes, and each process
# is killed and started again.
#
#   sw0 10.0.0.0/24: vm1 .1 (ch1), vm2 .2 (ch2); ACLs with connection tracking
#   to vm2: ICMP and TCP 8080 alone

ENCAP=${ENCAP:-vxlan}
. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovn.sh

id=interop.ovn_life
central_up || { not_ok $id.central "no databases"; finish; }
for n in 1 2; do
	chassis_up $n || { not_ok $id.chassis "ch$n"; finish; }
done
nb -- ls-add sw0 -- lr-add lr0
lr_join lr0 sw0 0a:00:00:00:01:00 10.0.0.254/24
vm_up 1 sw0 1 10.0.0.1/24 10.0.0.254
vm_up 2 sw0 2 10.0.0.2/24 10.0.0.254
nb acl-add sw0 to-lport 1000 'outport == "vm2" && ip' drop
nb acl-add sw0 to-lport 1001 'outport == "vm2" && icmp4' allow-related
nb acl-add sw0 to-lport 1001 'outport == "vm2" && tcp.dst == 8080' allow-related
for n in 1 2; do check $id.bound_$n wait_for 20 vm_is_up $n; done
check $id.flows nb --wait=hv sync
check $id.ping wait_for 20 vm_ping 1 10.0.0.2

# ---- one connection, from here to the end ----
begin "$WORK/echo" vm2 /usr/bin/python3 -c '
import socket
c, _ = socket.create_server(("0.0.0.0", 8080)).accept()
while True:
    data = c.recv(4096)
    if not data:
        break
    c.sendall(data)'
begin "$WORK/echoed" vm1 /usr/bin/python3 -u -c '
import socket, struct, time
while True:
    try:
        s = socket.create_connection(("10.0.0.2", 8080), timeout=1)
        break
    except OSError:
        time.sleep(0.1)
s.settimeout(600)
f = s.makefile("rb")
n = 0
while True:
    n += 1
    s.sendall(struct.pack("!Q", n))
    got = f.read(8)
    if got != struct.pack("!Q", n):
        print("broken", got)
        break
    print(n)
    time.sleep(0.01)'
echoed() { tail -n 1 "$WORK/echoed"; }
more() { [ "$(echoed)" -gt "$1" ]; } 2> /dev/null
# lives ID: the connection goes on
lives() {
	local n
	n=$(echoed)
	check "$1" wait_for 30 more $((n + 5))
}
wait_for 10 more 5
lives $id.connection

# ---- each process, killed ----
# lasts ID COMMAND...: neither a ping is lost while it runs nor the connection
lasts() {
	local id=$1
	shift
	vm_lost 1 10.0.0.2 "$@" > "$WORK/lost"
	check_eq "$id.pings_lost" 0 "$(cat "$WORK/lost")"
	lives "$id.connection"
	check "$id.synced" nb --wait=hv sync
}
synced() { nb --wait=hv sync; }
again_controller() {
	ch_end 9 "${CH_CONTROLLER[2]}"
	ch_controller_start 2
	synced
}
lasts $id.controller again_controller
again_northd() {
	ch_end 9 "$NORTHD"
	northd_start
	synced
}
lasts $id.northd again_northd
again_central() { # nb or sb
	ch_end 9 "${DATABASE[$1]}"
	central_db_start "$1"
	wait_for 10 "$1" show
	synced
}
lasts $id.database_nb again_central nb
lasts $id.database_sb again_central sb
again_db() {
	ch_end 9 "${DATABASE[ch2]}"
	ch_db_start 2
	wait_for 10 ch_vsctl 2 show
	synced
}
lasts $id.database again_db
if [ -z "$OVN_ORACLE" ]; then
	again_daemon() { # signal
		ch_end "$1" "${CH_DAEMON[2]}"
		sleep 1
		ch_daemon_start 2
		synced
	}
	lasts $id.ovsxdpd_killed again_daemon 9
	lasts $id.ovsxdpd_ended again_daemon TERM
fi
without_vswitchd() {
	ch_end 9 "${CH_VSWITCHD[2]}"
	sleep 1
}
vm_lost 1 10.0.0.2 without_vswitchd > "$WORK/lost"
[ "$OVN_ORACLE" = netdev ] ||
	check_eq $id.vswitchd.pings_lost 0 "$(cat "$WORK/lost")"
ch_vswitchd_start 2
check $id.vswitchd.ping wait_for 20 vm_ping 1 10.0.0.2
lives $id.vswitchd.connection
check $id.vswitchd.synced synced
# As its service restarts it, with the flows and without a pause.
again_vswitchd() {
	chassis 2 /usr/share/openvswitch/scripts/ovs-save save-flows br-int \
		> "$WORK/restore"
	ch_vsctl 2 --no-wait set open_vswitch . \
		other_config:flow-restore-wait=true
	ch_end TERM "${CH_VSWITCHD[2]}"
	ch_vswitchd_start 2
	chassis 2 sh "$WORK/restore"
	ch_vsctl 2 --no-wait remove open_vswitch . \
		other_config flow-restore-wait
	synced
}
vm_lost 1 10.0.0.2 again_vswitchd > "$WORK/lost"
echo "# restart of ovs-vswitchd: $(cat "$WORK/lost") pings lost at 50 per second"
check $id.vswitchd_restart.ping wait_for 20 vm_ping 1 10.0.0.2
lives $id.vswitchd_restart.connection
check $id.vswitchd_restart.synced synced

# ---- another encapsulation and back ----
tunnel_is() { # chassis type
	[[ $(ch_vsctl "$1" --bare --columns=ofport find interface \
		type="$2") =~ ^[1-9] ]]
}
encap() { # type
	local n type=$1
	for n in 1 2; do
		ch_vsctl $n set open_vswitch . \
			external_ids:ovn-encap-type="$type"
	done
	for n in 1 2; do
		check "$id.encap.$type.tunnel_$n" wait_for 20 tunnel_is $n "$type"
	done
	check "$id.encap.$type.ping" wait_for 20 vm_ping 1 10.0.0.2
	lives "$id.encap.$type.connection"
}
other=vxlan
[ "$ENCAP" = geneve ] || other=geneve
encap $other
encap "$ENCAP"

# ---- a port moves ----
is_at() { # chassis
	[ "$(sb --bare --columns=chassis find port_binding logical_port=vm2)" = \
		"$(sb --bare --columns=_uuid find chassis name="ch$1")" ]
}
move() { # from to
	local from=$1 to=$2
	ch_vsctl "$from" del-port br-int vm2
	at "ch$from" ip link del vm2
	vm_plug 2 "$to"
	at vm2 ip addr add 10.0.0.2/24 dev eth0
	at vm2 ip link set eth0 up
	at vm2 ip route add default via 10.0.0.254
	as_on_a_wire vm2 eth0
	check "$id.move.to_$to" wait_for 20 is_at "$to"
	check "$id.move.ping_$to" wait_for 20 vm_ping 1 10.0.0.2
	lives "$id.move.connection_$to"
}
move 2 1
move 1 2
check_eq $id.never_broken "" "$(grep -v '^[0-9]*$' "$WORK/echoed")"
# What OVS and OVN say, over any datapath, while they don't know the tunnel or
# its options yet or any more; and what a port without a device makes OVS say
# when it goes (docs/tunnels.md).
known='receive tunnel port not found|Invalid Geneve tunnel metadata'
known+='|Failed to locate tunnel to reach|release unknown interface'
known+='|terminating with signal 15' # as the test asks for
known+='|port_del failed \(No such device'
ovn_complaints | grep -vE "$known" > "$WORK/complaints"
check_eq $id.log "" "$(cut -c1-300 "$WORK/complaints" | head -n 9)"
finish
