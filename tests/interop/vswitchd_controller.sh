#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-vswitchd and a controller: packet-in (with its reason, metadata and
# userdata), packet-out (to ports, to the table, to NORMAL), a controller that
# learns.

# shellcheck disable=SC2016 # some conditions are evaluated later
. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes
command -v ovs-testcontroller > /dev/null ||
	bail "openvswitch-testcontroller is not installed"

id=interop.vswitchd_controller
bridge_up 1 2 3
for n in 1 2 3; do
	host $n ip addr flush dev h0
done
from1() { frames 1 2 3 -- "$@" | sed 's/ tos=.*//'; }

# ---- packet-in ----
monitor() { # options: what the bridge tells a controller, to $WORK/monitor
	rm -f "$WORK/monitor"
	# shellcheck disable=SC2086 # several options
	nsenter --net="/run/netns/$SW" timeout 60 ovs-ofctl -O OpenFlow10 \
		monitor br0 "$@" > "$WORK/monitor" 2>&1 &
	MONITOR=$!
	PIDS+=("$MONITOR")
	pause 0.5
}
monitored() { # seconds regex...: each comes
	local s=$1 r
	shift
	for r in "$@"; do
		wait_for "$s" grep -qE -- "$r" "$WORK/monitor" || {
			cat "$WORK/monitor"
			return 1
		}
	done
}
monitor_end() {
	kill "$MONITOR" 2> /dev/null
	wait "$MONITOR" 2> /dev/null
}
flows br0 <<-END
	in_port=1,udp,tp_dst=7 actions=controller
	in_port=1,udp,tp_dst=8 actions=set_field:77->metadata,dec_ttl,controller(userdata=01.02.03),2
	in_port=1,udp,tp_dst=9 actions=2,controller(reason=no_match),3
	in_port=1,udp,tp_dst=10 actions=dec_ttl,2
END
monitor 65534 invalid_ttl -P nxt_packet_in2
from1 udp: > /dev/null
check $id.packet_in monitored 5 \
	'PACKET_IN.*total_len=100 in_port=1.*\(via action\) data_len=100' \
	'nw_src=10.0.0.1,nw_dst=10.0.0.2,.*nw_ttl=64,.*tp_src=4000,tp_dst=7'
check_eq $id.packet_in_and_out "1 len=100 to=020000000002 ttl=63" \
	"$(from1 udp:dport=8)"
check $id.packet_in_userdata monitored 5 \
	'PACKET_IN.*total_len=100 metadata=0x4d,in_port=1.*data_len=100' \
	'userdata=01.02.03' 'nw_ttl=63'
check_eq $id.packet_in_between "1 len=100 to=020000000002 ttl=64
2 len=100 to=020000000002 ttl=64" "$(from1 udp:dport=9)"
check $id.packet_in_reason monitored 5 '\(via no_match\)'
from1 udp:dport=10,ttl=1 > /dev/null
check $id.packet_in_ttl monitored 5 '\(via invalid_ttl\)'
# A hundred packets through slow-path or userspace actions: none is lost.
: > "$WORK/monitor"
args=()
for n in $(seq 100); do args+=(udp:); done
from1 "${args[@]}" > /dev/null
check $id.packet_in_all wait_for 10 eval \
	'[ "$(grep -c "PACKET_IN.*data_len=100" "$WORK/monitor")" = 100 ]'
monitor_end
check_eq $id.counted 101 "$(n_packets br0 tp_dst=7)"

# ---- packet-out ----
# out ACTIONS [IN_PORT]: a datagram from the controller; what hosts 2, 3 get
out() {
	local frame=0200000000020200000000010800
	frame+=4500001c000100003f1167ce0a0000010a0000020fa0000700080000
	rm -f "$WORK/ready"
	{
		wait_for 10 test -e "$WORK/ready"
		ofctl packet-out br0 "in_port=${2:-CONTROLLER} packet=$frame actions=$1"
	} &
	FRAMES_READY=$WORK/ready FRAMES_WAIT=2 frames 1 2 3 -- udp:dport=99 | grep ttl=63 | sed 's/ tos=.*//'
	wait $!
}
flows br0 <<-END
	in_port=3,udp actions=2
	in_port=1,udp,tp_dst=99 actions=drop
	priority=0 actions=drop
END
check_eq $id.packet_out "1 len=42 to=020000000002 ttl=63
2 len=42 to=020000000002 ttl=63" "$(out 2,3)"
check_eq $id.packet_out_edit "1 len=46 to=020000000002 vlan=5 ttl=63" \
	"$(out push_vlan:0x8100,set_field:4101-\>vlan_vid,2)"
check_eq $id.packet_out_table "1 len=42 to=020000000002 ttl=63" \
	"$(out TABLE 3)"
check_eq $id.packet_out_flood "1 len=42 to=020000000002 ttl=63
2 len=42 to=020000000002 ttl=63" "$(out FLOOD 1)"
check_eq $id.packet_out_normal "1 len=42 to=020000000002 ttl=63
2 len=42 to=020000000002 ttl=63" "$(out NORMAL 1)"

# ---- a controller that learns ----
for n in 1 2 3; do
	host $n ip addr add 10.0.0.$n/24 dev h0
done
ofctl del-flows br0
nsenter --net="/run/netns/$SW" ovs-testcontroller "punix:$OVS_DIR/c.sock" \
	-vconsole:off --log-file="$OVS_DIR/controller.log" &
PIDS+=($!)
wait_for 5 test -S "$OVS_DIR/c.sock"
vsctl set-fail-mode br0 secure -- set-controller br0 "unix:$OVS_DIR/c.sock"
check $id.connected wait_for 10 eval \
	'[ "$(vsctl get controller br0 is_connected)" = true ]'
check $id.learning wait_for 10 ping_ok 1 10.0.0.2
check $id.learning_other ping_ok 1 10.0.0.3
check $id.learning_tcp tcp 1 2
check $id.learned_flows eval 'ofctl dump-flows br0 | grep -q "in_port=1.*output:\|in_port=p1.*output:"'
vsctl del-controller br0

ovs_quiet $id.log
finish
