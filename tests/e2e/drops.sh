#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 400
#
# "ovsxdpctl drops" shows packets as they are dropped: the reason that counted,
# the tier, the port, the flow and the packet. Nobody who listens has gone, and
# the data plane tells of nothing.

. "$(dirname "$0")/../lib/e2e.sh"

dp_up 1 2
tier=skb
! mode_is_xdp || tier=xdp
v4="eth(),eth_type(0x0800),ipv4()"
UFID=ufid:0123abcd-0123-0123-0123-0123456789ab

send() { # FRAME...: from host 1
	FRAMES_GAP=0 FRAMES_WAIT=0.05 host 1 python3 tests/lib/frames.py \
		"oxh1-$$:h0" "oxh2-$$:h0" -- "$@"
}
flow() { # actions: of what comes in by port 1
	ctl mod-flow --may-create dp0 "in_port(1),$v4" "$1"
}
number() { # NAME of ovsxdpctl stats
	json "d[0]['reasons']['$1']" stats dp0
}
told() { # True or False: do the programs tell of drops?
	json "d[0]['drops_told']" stats dp0
}
is_told() { [ "$(told)" = "$1" ]; }
# listen NAME OPTION...: in the background; its output is $WORK/NAME
listen() {
	local name=$1
	shift
	# not by sw(): signals shall reach ovsxdpctl, not a shell
	nsenter --net="/run/netns/$SW" "$O/ovsxdpctl" -t "$OVSXDP_TIMEOUT" \
		drops "$@" > "$WORK/$name" 2> "$WORK/$name.err" &
	PIDS+=($!)
	LISTENER=$!
	wait_for 10 grep -q listening "$WORK/$name.err"
}
upcalls_are_taken() { # of port 1, by somebody
	[ "$(json "[p['upcall_pids'] for p in d[0]['ports'] if p['port_no'] == 1][0]" \
		show dp0)" != "[]" ]
}
overrun() { # more upcalls than a client that doesn't read has room for
	flood 1000 1400
	[ "$(number client_full)" != 0 ]
}
# Ends it, and waits until it has said what is missing.
stop() { # pid
	kill "$1"
	wait "$1"
}
end() { # pid: without a chance to say so
	{ kill -9 "$1" && wait "$1"; } 2> /dev/null
}
# dropped NAME REASON TIER N FRAME...: N of these frames are dropped for that
# reason, by that tier, and shown so; the counter moves as far.
dropped() {
	local id=e2e.drops.$1 name=$2 tier=$3 n=$4 before
	shift 4
	before=$(number "${name%% *}")
	listen "$id"
	send "$@" > "$WORK/$id.got"
	stop "$LISTENER"
	check_eq "$id.shown" "$n" \
		"$(grep -c "dp0: port 1 (p1): $name, $tier tier, " "$WORK/$id")"
	check_eq "$id.counted" "$n" $(($(number "${name%% *}") - before))
	check_eq "$id.all" "ovsxdpctl: $n shown, 0 not" \
		"$(tail -n 1 "$WORK/$id.err")"
}

# ---- reasons and tiers ----

# what host 2 answers, if it does
ctl add-flow dp0 "in_port(2),$v4" 1

check_eq e2e.drops.off_at_first False "$(told)"
dropped no_flow no_upcall_pid user 1 udp:
ctl add-flow dp0 "$UFID,in_port(1),$v4" drop
dropped by_flow "flow_drop (OVS_DROP_LAST_ACTION)" "$tier" 3 udp: udp:ttl=9 udp:
check e2e.drops.by_flow.line grep -Eq "^[0-9:]{8}\.[0-9]{6} dp0: port 1 \(p1\): \
flow_drop \(OVS_DROP_LAST_ACTION\), $tier tier, $UFID, 100 bytes, \
in_port\(1\),eth\(src=02:00:00:00:00:01,dst=02:00:00:00:00:02\),\
eth_type\(0x0800\),ipv4\(src=10.0.0.1,dst=10.0.0.2,.*ttl=9,.*udp\(" \
	"$WORK/e2e.drops.by_flow"
# the skb tier has what XDP can't do
flow "sample(sample=100%,actions(2)),9"
dropped no_port no_port skb 1 udp:
check_eq e2e.drops.no_port.copy_arrives 1 "$(wc -l < "$WORK/e2e.drops.no_port.got")"
flow "9,2"
dropped copy no_port skb 1 udp:
check_eq e2e.drops.copy.other_arrives 1 "$(wc -l < "$WORK/e2e.drops.copy.got")"
flow "set(ipv4(tos=4)),dec_ttl(le_1()),2"
dropped ttl "ttl_expired (OVS_DROP_IP_TTL)" "$tier" 1 udp:ttl=1 udp:ttl=2
flow "drop(0)"
dropped action "drop_action (OVS_DROP_EXPLICIT)" "$tier" 1 udp:
ctl add-meter dp0 meter=4,pktps,burst,bands=type=drop,rate=1,burst_size=3 \
	> "$WORK/meter"
flow "meter(4),2"
dropped meter "meter (OVS_DROP_METER)" "$tier" 5 \
	udp: udp: udp: udp: udp: udp: udp: udp:
flow 2
sw ip link set p2 down
wait_for 10 grep -q 'port 2: .*down' <(ctl show dp0)
dropped port_down port_down "$tier" 1 udp:
sw ip link set p2 up
flow drop

# ---- what is shown ----

listen json -j -n 1
send udp:len=400
wait "$LISTENER"
check_eq e2e.drops.json "dp0 p1 1 flow_drop OVS_DROP_LAST_ACTION $tier 400 256 $UFID" \
	"$(python3 -c 'import json, sys
d = json.loads(sys.stdin.readline())
print(d["dp"], d["port"], d["port_no"], d["reason"], d["kernel_reason"],
      d["tier"], d["len"], len(d["packet"]) // 2, d["ufid"])' \
	< "$WORK/json")"
# a tag beside the frame is back in its place
ctl add-flow dp0 \
	"in_port(1),eth(),eth_type(0x8100),vlan(vid=5),encap(eth_type(0x0800),ipv4())" drop
listen tag -j -n 4
send udp:vlan=5,len=100 udp:vlan=5,len=252 udp:vlan=5,len=254 udp:vlan=5,len=256
wait "$LISTENER"
check_eq e2e.drops.tag "104/104 256/256 256/258 256/260" \
	"$(python3 -c 'import json, sys
for d in map(json.loads, sys.stdin):
    b = bytes.fromhex(d["packet"])
    if b[:18].hex() == "020000000002020000000001810000050800":
        print("%d/%d" % (len(b), d["len"]))' < "$WORK/tag" | xargs)"
ctl mod-flow dp0 "in_port(2),$v4" 9
listen port --port p2
on_port=$LISTENER
listen number --port 1
on_number=$LISTENER
listen reason dp0 --reason no_port
on_reason=$LISTENER
send udp: udp:
FRAMES_GAP=0 FRAMES_WAIT=0.05 host 2 python3 tests/lib/frames.py \
	"oxh2-$$:h0" "oxh1-$$:h0" -- udp:src=2,dst=1
stop "$on_port"
stop "$on_number"
stop "$on_reason"
check_eq e2e.drops.port "1 1" \
	"$(wc -l < "$WORK/port") $(grep -c 'port 2 (p2): no_port' "$WORK/port")"
check_eq e2e.drops.port_number "2 2" "$(wc -l < "$WORK/number") \
$(grep -c 'port 1 (p1): flow_drop' "$WORK/number")"
check_eq e2e.drops.reason "1 1" \
	"$(wc -l < "$WORK/reason") $(grep -c 'port 2 (p2): no_port' "$WORK/reason")"
check_eq e2e.drops.reason.all "ovsxdpctl: 1 shown, 0 not" \
	"$(tail -n 1 "$WORK/reason.err")"

# ---- a capture file ----

listen pcap -w "$WORK/drops.pcapng"
send udp:len=400 udp:len=60
FRAMES_GAP=0 FRAMES_WAIT=0.05 host 2 python3 tests/lib/frames.py \
	"oxh2-$$:h0" "oxh1-$$:h0" -- udp:src=2,dst=1
stop "$LISTENER"
check_eq e2e.drops.pcapng \
	"dp0:p1 1 256/400 dp0: port 1 (p1): flow_drop (OVS_DROP_LAST_ACTION), $tier tier, $UFID
dp0:p1 1 60/60 dp0: port 1 (p1): flow_drop (OVS_DROP_LAST_ACTION), $tier tier, $UFID
dp0:p2 1 100/100 dp0: port 2 (p2): no_port, $tier tier" \
	"$(python3 tests/lib/pcapng.py "$WORK/drops.pcapng")"
check_eq e2e.drops.pcapng_quiet 0 "$(wc -l < "$WORK/pcap")"
if command -v tcpdump > /dev/null; then
	check_eq e2e.drops.tcpdump "10.0.0.1.4000 > 10.0.0.2.7: 358
10.0.0.1.4000 > 10.0.0.2.7: 18
10.0.0.2.4000 > 10.0.0.1.7: 58" \
		"$(tcpdump -n -t -r "$WORK/drops.pcapng" 2> /dev/null |
			sed 's/^IP //; s/: UDP.* length/:/')"
else
	skip e2e.drops.tcpdump "tcpdump is not installed"
fi
if command -v tshark > /dev/null; then
	check_eq e2e.drops.tshark "dp0:p2|dp0: port 2 (p2): no_port, $tier tier" \
		"$(tshark -r "$WORK/drops.pcapng" -T fields -E separator='|' \
			-e frame.interface_name -e frame.comment 2> /dev/null |
			tail -n 1)"
else
	skip e2e.drops.tshark "tshark is not installed"
fi
listen stdout -n 1 -w -
send udp:
wait "$LISTENER"
check_eq e2e.drops.pcapng_stdout 1 \
	"$(python3 tests/lib/pcapng.py "$WORK/stdout" | grep -c "^dp0:p1 1 100/100")"

# ---- more than is told ----

flood() { # frames, bytes behind their headers
	host 1 python3 - "$1" "$2" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("h0", 0))
		frame = bytes.fromhex("020000000002" "020000000001" "0800"
		    "4500002e00000000401100000a0000010a000002"
		    "00010002001a0000") + bytes(int(sys.argv[2]))
		for i in range(int(sys.argv[1])):
		    s.send(frame)
	END
}
before=$(number flow_drop)
begun=$SECONDS
listen many
flood 3000 18
stop "$LISTENER"
dropped=$(($(number flow_drop) - before))
shown=$(grep -c flow_drop "$WORK/many")
missing=$(awk '/more not shown/ { n += $2 } END { print n + 0 }' "$WORK/many")
check_eq e2e.drops.many.sum "$dropped" $((shown + missing))
# some of this second's may have been used up
check e2e.drops.many.some test "$shown" -ge 50
check e2e.drops.many.limit test "$shown" -le \
	$((100 * $(nproc) * (SECONDS - begun + 2)))
check_eq e2e.drops.many.all "ovsxdpctl: $shown shown, $missing not" \
	"$(tail -n 1 "$WORK/many.err")"

# ---- upcalls that a client doesn't take ----

ctl del-flow dp0 "$UFID"
listen full --reason client_full
full=$LISTENER
nsenter --net="/run/netns/$SW" "$O/ovsxdpctl" monitor dp0 --upcalls \
	> "$WORK/monitor" 2>&1 &
PIDS+=($!)
monitor=$!
wait_for 10 upcalls_are_taken
kill -STOP "$monitor"
check e2e.drops.client_full wait_for 20 overrun
end "$monitor"
stop "$full"
missing=$(awk '/more not shown/ { n += $2 } END { print n + 0 }' "$WORK/full")
check_eq e2e.drops.client_full.sum "$(number client_full)" \
	$(($(grep -c "port 1 (p1): client_full, user tier, .*udp(src=1,dst=2)" \
		"$WORK/full") + missing))
ctl add-flow dp0 "$UFID,in_port(1),$v4" drop

# ---- nobody listens any more ----

check e2e.drops.off_after wait_for 10 is_told False
listen first
first=$LISTENER
listen second
second=$LISTENER
check_eq e2e.drops.on True "$(told)"
end "$first"
send udp:
check e2e.drops.other_goes_on wait_for 10 grep -q flow_drop "$WORK/second"
check_eq e2e.drops.still_on True "$(told)"
end "$second"
check e2e.drops.off_after_kill wait_for 10 is_told False
# the daemon forgets nobody who is there, and finds out who isn't
listen stays
daemon_kill 9
daemon_start
send udp:ttl=33
check e2e.drops.after_restart wait_for 10 grep -q "flow_drop.*ttl=33" "$WORK/stays"
check e2e.drops.on_after_restart is_told True
daemon_kill 9
end "$LISTENER"
daemon_start
check e2e.drops.off_after_restart wait_for 10 is_told False

# ---- what is refused ----

check_fails e2e.drops.bad_reason "no packet is dropped for 'flow_dorp'; did you mean 'flow_drop'" \
	ctl drops --reason flow_dorp
check_fails e2e.drops.event "no packet is dropped for 'to_user'" \
	ctl drops --reason to_user
check_fails e2e.drops.bad_port "has a port 'p11'; did you mean 'p1'" \
	ctl drops --port p11
check_fails e2e.drops.bad_dp dp7 ctl drops dp7
check_fails e2e.drops.bad_file "can't write $WORK/none/x" \
	ctl drops -w "$WORK/none/x"
check_fails e2e.drops.both "exclude each other" ctl -j drops -w "$WORK/x"
check e2e.drops.off_at_last wait_for 10 is_told False
finish
