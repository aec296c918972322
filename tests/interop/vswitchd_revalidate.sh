#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-vswitchd's revalidators over the datapath's statistics: idle flows go,
# used ones stay, limits hold, flow and port counters are exact, OpenFlow
# timeouts follow the packets.

# shellcheck disable=SC2016 # some conditions are evaluated later
. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_revalidate
bridge_up 1 2
host 1 ip addr flush dev h0
host 2 ip addr flush dev h0
dp_flows() { # regex: how many of the datapath's flows are like that
	appctl dpctl/dump-flows | grep -c "${1:-actions}"
}
# n flows, a frame each
many() {
	local n args=()
	for n in $(seq "$1"); do args+=("udp:dport=$((1000 + n))"); done
	frames 1 2 -- "${args[@]}" | grep -c dport=
}
sending() { # seconds: a frame every tenth of one, of one flow
	nsenter --net="/run/netns/oxh1-$$" /usr/bin/python3 - "$1" <<-'END' &
		import socket, sys, time
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("h0", 0))
		f = bytes.fromhex("02000000000202000000000188b5") + bytes(50)
		end = time.time() + float(sys.argv[1])
		while time.time() < end:
		    s.send(f)
		    time.sleep(0.1)
	END
	SENDING=$!
	PIDS+=("$SENDING")
}
flows br0 <<-END
	priority=9,udp,tp_src=4000/0xfff0 actions=2
	priority=5,dl_type=0x88b5,idle_timeout=5 actions=2
	priority=4,dl_type=0x88b6,hard_timeout=3,idle_timeout=2 actions=2
END
# Each flow of its own: one with all of a port's bits
for n in $(seq 40); do
	echo "priority=20,udp,tp_dst=$((1000 + n)) actions=2"
done | ofctl add-flows br0 -

# ---- the default: idle for ten seconds ----
vsctl set Open_vSwitch . other_config:max-idle=300000
check_eq $id.many_arrive 40 "$(many 40)"
sending 90
check_eq $id.many_flows 40 "$(dp_flows 'udp(dst=10')"
vsctl remove Open_vSwitch . other_config max-idle
check $id.idle_go wait_for 15 eval '[ "$(dp_flows "udp(dst=10")" = 0 ]'
check_eq $id.used_stays 1 "$(dp_flows 0x88b5)"
check_eq $id.exact 1 "$(ofctl dump-flows br0 | grep -c 'n_packets=1, n_bytes=100,.*tp_dst=1040')"
check_eq $id.all_exact 40 \
	"$(ofctl dump-flows br0 | grep -c 'n_packets=1, n_bytes=100,')"
# The OpenFlow flow lives as long as packets of the datapath's come, though
# vswitchd sees only counters.
check_eq $id.timeout_waits 1 "$(ofctl dump-flows br0 | grep -c 0x88b5)"
kill "$SENDING"
check $id.timeout_comes wait_for 20 eval \
	'! ofctl dump-flows br0 | grep -q 0x88b5'
check_eq $id.hard_timeout 0 "$(ofctl dump-flows br0 | grep -c 0x88b6)"

# ---- as asked ----
vsctl set Open_vSwitch . other_config:max-idle=1000
check_eq $id.again 20 "$(many 20)"
check $id.max_idle wait_for 5 eval '[ "$(dp_flows "udp(dst=10")" = 0 ]'
vsctl set Open_vSwitch . other_config:max-idle=60000 \
	other_config:max-revalidator=200
check_eq $id.counted_twice 20 "$(
	many 20 > /dev/null
	appctl revalidator/purge
	ofctl dump-flows br0 | grep -c 'n_packets=3, n_bytes=300,')"

# ---- limits: above twice as many all go at once, above as many idle ones ----
many 40 > /dev/null
check_eq $id.before_limit 40 "$(dp_flows 'udp(dst=10')"
vsctl set Open_vSwitch . other_config:flow-limit=15
limited() {
	appctl upcall/show | grep -q 'limit 15)' && [ "$(dp_flows)" -le 15 ]
}
check $id.limit wait_for 15 limited
check_eq $id.limit_packets_pass 40 "$(many 40)"
check $id.limit_again limited
check_eq $id.set_flow_limit "set flow_limit to 12" \
	"$(appctl upcall/set-flow-limit 12)"
vsctl remove Open_vSwitch . other_config flow-limit
check $id.no_limit wait_for 10 eval \
	'! appctl upcall/show | grep -q "limit 1[25])"'

# ---- what a rule's change does to the datapath's flows ----
ofctl del-flows br0
ofctl add-flow br0 actions=2
settle
check_eq $id.rule_changed 1 "$(many 1)"
ofctl del-flows br0
settle
check_eq $id.rule_gone 0 "$(many 1)"

check_eq $id.ports_exact "rx pkts=$(host 1 ip -j -s link show h0 |
	sed 's/.*"tx":{[^}]*"packets":\([0-9]*\).*/\1/')" \
	"$(ofctl dump-ports br0 1 | grep -o 'rx pkts=[0-9]*')"
ovs_quiet $id.log 'dynamic (flow )?limit'
finish
