#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# sFlow, IPFIX and NetFlow: sampled packets come by the datapath's sample and
# userspace actions, collectors get records of them.

# shellcheck disable=SC2016 # some conditions are evaluated later
. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_sampling
bridge_up 1 2
sw ip addr add 10.0.0.100/24 dev br0
sw ip link set br0 up
host 1 ip addr flush dev h0
host 2 ip addr flush dev h0

# A collector that says what it got, a line a datagram or record.
cat > "$WORK/collect.py" <<-'END'
	import socket, struct, sys
	kind, s = sys.argv[1], socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("127.0.0.1", int(sys.argv[2])))
	print("ready", flush=True)

	def sflow(d):
	    version, ip, agent, sub, seq, up, n = struct.unpack_from("!7I", d)
	    assert version == 5 and ip == 1, "no sFlow v5"
	    at = 28
	    for _ in range(n):
	        what, size = struct.unpack_from("!II", d, at)
	        if what == 1:
	            body = d[at + 8:at + 8 + size]
	            rate, pool, drops, i, o, records = struct.unpack_from("!6I", body, 8)
	            rec, rsize, proto, length = struct.unpack_from("!4I", body, 32)
	            while rec != 1:  # the packet's header
	                body = body[8 + rsize:]
	                rec, rsize, proto, length = struct.unpack_from("!4I", body, 32)
	            head = body[56:]
	            print("sample rate=%d length=%d drops=%d dst=%s" % (
	                rate, length, drops, head[:6].hex()), flush=True)
	        else:
	            print("counters", flush=True)
	        at += 8 + size

	def ipfix(d):
	    version, length = struct.unpack_from("!HH", d)
	    assert version == 10 and length == len(d), "no IPFIX"
	    at = 16
	    while at < length:
	        what, size = struct.unpack_from("!HH", d, at)
	        print("template" if what in (2, 3) else "data", flush=True)
	        at += size

	def netflow(d):
	    version, n = struct.unpack_from("!HH", d)
	    assert version == 5, "no NetFlow v5"
	    for i in range(n):
	        r = d[24 + 48 * i:]
	        print("flow src=%s dst=%s packets=%d bytes=%d" % (
	            socket.inet_ntoa(r[:4]), socket.inet_ntoa(r[4:8]),
	            *struct.unpack_from("!II", r, 16)), flush=True)

	while True:
	    globals()[kind](s.recv(65536))
END
collector() { # kind port
	nsenter --net="/run/netns/$SW" timeout 100 /usr/bin/python3 \
		"$WORK/collect.py" "$1" "$2" > "$WORK/$1" 2>&1 &
	PIDS+=($!)
	wait_for 10 grep -q ready "$WORK/$1"
}
collector sflow 6343
collector ipfix 4739
collector netflow 5566
many() { # frames, length: how many arrive?
	local args=()
	for _ in $(seq "$1"); do args+=("udp:len=$2"); done
	frames 1 2 -- "${args[@]}" | wc -l
}
# How many lines of a collector match
got() { grep -cE "$2" "$WORK/$1"; }

# ---- sFlow ----
vsctl -- --id=@s create sflow agent=br0 'target="127.0.0.1:6343"' header=64 \
	sampling=1 polling=1 -- set bridge br0 sflow=@s > /dev/null
appctl revalidator/purge
check_eq $id.sflow_arrive 20 "$(many 20 200)"
check $id.sflow_every wait_for 10 eval \
	'[ "$(got sflow "sample rate=1 length=20[04] .*dst=020000000002")" = 20 ]'
check $id.sflow_counters wait_for 10 eval '[ "$(got sflow counters)" -ge 1 ]'
# one in four, by the datapath's dice: of 240 neither 15 nor 150, surely
vsctl set sflow . sampling=4 > /dev/null 2>&1 ||
	vsctl set sflow "$(vsctl --bare --columns=_uuid list sflow)" sampling=4
appctl revalidator/purge
check_eq $id.sflow_some_arrive "80 80 80" \
	"$(many 80 300) $(many 80 300) $(many 80 300)"
check $id.sflow_some wait_for 10 eval \
	'[ "$(got sflow "sample rate=4 length=30[04]")" -ge 16 ]'
check $id.sflow_not_all test "$(got sflow 'sample rate=4 length=30')" -lt 150
sflow_flow() {
	appctl dpctl/dump-flows > "$WORK/flows"
	cat "$WORK/flows"
	grep -q 'sample(sample=25.0%,actions(userspace(pid=.*sFlow(' \
		"$WORK/flows"
}
check $id.sflow_flow sflow_flow
vsctl clear bridge br0 sflow

# ---- IPFIX: of a bridge, and of a flow ----
vsctl -- --id=@i create ipfix 'targets="127.0.0.1:4739"' obs_domain_id=1 \
	obs_point_id=2 sampling=1 cache_active_timeout=1 cache_max_flows=100 \
	-- set bridge br0 ipfix=@i > /dev/null
appctl revalidator/purge
check_eq $id.ipfix_arrive 20 "$(many 20 200)"
check $id.ipfix wait_for 15 eval \
	'[ "$(got ipfix template)" -ge 1 ] && [ "$(got ipfix data)" -ge 1 ]'
vsctl clear bridge br0 ipfix
vsctl -- --id=@br get bridge br0 -- --id=@i create ipfix \
	'targets="127.0.0.1:4739"' cache_active_timeout=1 cache_max_flows=100 \
	-- create flow_sample_collector_set id=1 bridge=@br ipfix=@i > /dev/null
flows br0 <<-END
	in_port=1,udp actions=sample(probability=65535,collector_set_id=1,obs_domain_id=5,obs_point_id=6,sampling_port=2),2
END
# shellcheck disable=SC2034 # used below
before=$(got ipfix data)
check_eq $id.sample_action_arrive 20 "$(many 20 200)"
check $id.sample_action wait_for 15 eval '[ "$(got ipfix data)" -gt "$before" ]'
vsctl --all destroy flow_sample_collector_set
ofctl del-flows br0
ofctl add-flow br0 actions=NORMAL

# ---- NetFlow: from the flows' counters ----
vsctl -- --id=@n create netflow 'targets="127.0.0.1:5566"' active-timeout=1 \
	-- set bridge br0 netflow=@n > /dev/null
appctl revalidator/purge
check_eq $id.netflow_arrive 20 "$(many 20 200)"
netflow_sum() {
	awk '/src=10.0.0.1 dst=10.0.0.2/ { sub("packets=", "", $4); n += $4 }
		END { print n + 0 }' "$WORK/netflow"
}
check $id.netflow wait_for 20 eval '[ "$(netflow_sum)" = 20 ]'
vsctl clear bridge br0 netflow

ovs_quiet $id.log
finish
