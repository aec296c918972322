#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# QoS: queues of a port by OpenFlow (set_queue: the skb's priority picks the
# class), counters of queues, a limited rate. What a port brings is limited over
# the module alone (docs/openvswitch.md).

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_qos
bridge_up 1 2
sw tc qdisc add dev p2 root handle 9: htb 2> "$WORK/tc" ||
	bail "no HTB in this kernel: $(tail -n 1 "$WORK/tc")"
sw tc qdisc del dev p2 root
host 1 ip addr flush dev h0
host 2 ip addr flush dev h0
many() { # dport: fifty frames; how many arrive?
	local args=()
	for _ in $(seq 50); do args+=("udp:dport=$1"); done
	frames 1 2 -- "${args[@]}" | wc -l
}
queue() { # number: packets that it has sent
	ofctl queue-stats br0 2 |
		sed -n "s/.* queue $1: bytes=[0-9]*, pkts=\([0-9]*\),.*/\1/p"
}

waits() { # how often has queue 1 had to wait?
	sw tc -s class show dev p2 classid 1:2 |
		sed -n 's/.*overlimits \([0-9]*\) .*/\1/p'
}

flows br0 <<-END
	in_port=1,udp,tp_dst=7 actions=2
	in_port=1,udp,tp_dst=8 actions=set_queue:1,output:2
	in_port=1,udp,tp_dst=9 actions=set_queue:2,output:2,pop_queue,output:2
END
# The flows are in the datapath before there is a queue.
check_eq $id.before 50 "$(many 8)"
check $id.set vsctl set port p2 qos=@q -- --id=@q create qos type=linux-htb \
	other-config:max-rate=1000000000 queues=1=@q1,2=@q2 \
	-- --id=@q1 create queue other-config:max-rate=500000000 \
	-- --id=@q2 create queue other-config:max-rate=400000000
settle
q0=$(queue 0)
check_eq $id.none_arrive 50 "$(many 7)"
check_eq $id.none 50 $(($(queue 0) - q0))
check_eq $id.queue1_arrive 50 "$(many 8)"
check_eq $id.queue1 50 "$(queue 1)"
check_eq $id.queue2_and_none_arrive 100 "$(many 9)"
check_eq $id.queue2 50 "$(queue 2)"
check_eq $id.queue2_and_none 100 $(($(queue 0) - q0))
check_eq $id.queue1_still 50 "$(queue 1)"

# A queue of 20 kbit/s: a frame of 1,400 bytes each half second
check $id.slow vsctl set queue "$(vsctl --bare --columns=_uuid find queue \
	other_config:max-rate=500000000)" other-config:max-rate=20000 \
	other-config:burst=1
settle
args=()
for _ in $(seq 50); do args+=("udp:dport=8,len=1400"); done
# however long the frames are waited for, most of them had to wait
check_eq $id.not_limited_yet 0 "$(waits)"
FRAMES_WAIT=0.4 frames 1 2 -- "${args[@]}" > /dev/null
check $id.limited [ "$(waits)" -gt 0 ]

check $id.cleared vsctl clear port p2 qos
wait_for 5 eval '! sw tc qdisc show dev p2 | grep -q htb'
check_eq $id.cleared_arrive 50 "$(many 8)"

# What p1 brings: 100 kbit/s, four frames of 1,400 bytes at once
vsctl set interface p1 ingress_policing_rate=100 ingress_policing_burst=50
settle
if [ -n "$OVS_ORACLE" ]; then
	check $id.policing wait_for 10 eval \
		'sw tc filter show dev p1 ingress | grep -q "police .*rate 100Kbit"'
	got=$(frames 1 2 -- "${args[@]}" | wc -l)
	if [ "$got" -lt 40 ]; then
		ok $id.policed
	else
		not_ok $id.policed "$got of 50 frames came through"
	fi
else
	args=("${args[@]/dport=8/dport=7}")
	check_eq $id.not_policed 50 \
		"$(frames 1 2 -- "${args[@]}" | grep -c len=1400)"
fi
vsctl set interface p1 ingress_policing_rate=0 ingress_policing_burst=0
settle
check_eq $id.policing_ends 50 "$(many 7)"
refused=()
[ -n "$OVS_ORACLE" ] ||
	refused+=('netdev_linux\|WARN\|p1: adding .*polic.* failed: ')
ovs_quiet $id.log "${refused[@]}"
finish
