#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
#
# "ovsxdpctl trace" says what would become of a packet, in which tier, and why;
# real packets then do it. Neither counters, meters nor connections change.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

switch_up
# the peers of the XDP ports take XDP_REDIRECT, the third host's doesn't
host_up 1 on
host_up 2 on
host_up 3 off
neighbours 1 2 3
# shellcheck disable=SC2034 # of e2e.sh
DAEMON_OPTIONS=--tunnels=native
daemon_start
check e2e.trace.dp ctl add-dp dp0
check e2e.trace.ports ctl add-if dp0 p1,port_no=1,mode=xdp \
	p2,port_no=2,mode=xdp p3,port_no=3,mode=tc
check e2e.trace.tunnel_port ctl add-if dp0 \
	ge0,port_no=5,type=geneve,dst_port=6081

V4="eth(),eth_type(0x0800),ipv4()"
ETH="eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02)"
IP="eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,ttl=64)"
UDP="$ETH,$IP,udp(src=1000,dst=2000)"

first() { # port, actions: of the flow for packets that come in there
	local match="recirc_id(0),in_port($1),$V4"
	ctl mod-flow --may-create dp0 "$match" "$2"
}
# what trace says, without the packet and the flows
said() { ctl trace dp0 "$@" 2>&1 | grep -v '^Packet:\|^     '; }
# trace_is ID WANT ARGUMENT...
trace_is() {
	local id=$1 want=$2
	shift 2
	check_eq "e2e.trace.$id" "$want" "$(said "$@")"
}
is_down() { ctl show dp0 | grep -q 'port 2: .*the device is down'; }
is_up() { ! is_down; }
connected() { ctl dump-conntrack zone=5 | grep -q sport=1000; }
ping_2() {
	host 1 ping -q -c 3 -i 0.05 -W "$(busy)" 10.0.0.2 |
		sed -n 's/.* \([0-9]*\) received.*/\1/p'
}
# Everything that a packet could change, but for the times.
state() {
	ctl stats dp0 | grep -v '^ *loop_\|turn'
	ctl dump-flows dp0 | sed "s/used:[^,]*//"
	ctl -j show -s dp0
	ctl -j get-meter dp0 4 | grep -v idle_ms
	ctl dump-conntrack | sed 's/timeout=[0-9]*//g' | sort
}

# ---- no flow, and lists that drop ----

trace_is no_flow "xdp   comes in: mode xdp
xdp   pass 1
xdp   upcall: dropped: no_upcall_pid (no flow matches, and no client asked for upcalls)
The packet is dropped: no_upcall_pid (no flow matches, and no client asked for upcalls)" \
	"in_port(1),$UDP"
first 1 drop
trace_is drop "xdp   comes in: mode xdp
xdp   pass 1
xdp   dropped: flow_drop (the flow's list of actions is empty)
The packet is dropped: flow_drop (the flow's list of actions is empty)" \
	"in_port(1),$UDP"
check e2e.trace.flow_text grep -q \
	'^        flow: .*in_port(1),eth(),eth_type(0x0800).*, actions:drop$' \
	<(ctl trace dp0 "in_port(1),$UDP")

# ---- outputs, and where they are done ----

first 1 2
trace_is output "xdp   comes in: mode xdp
xdp   pass 1
xdp   output 2 (p2): leaves, 106 bytes
The packet leaves by 2 (p2)" "in_port(1),$UDP"
trace_is by_name "$(said "in_port(1),$UDP")" "in_port(p1),$UDP"
first 2 1
check_eq e2e.trace.output_is_so 3 "$(ping_2)"
first 1 2,3
trace_is copies "xdp   comes in: mode xdp
xdp   pass 1
skb   handed down: XDP can't copy a frame, and this isn't the last output
skb   output 2 (p2): leaves, 106 bytes
skb   output 3 (p3): leaves, 106 bytes
The packet leaves by 2 (p2), 3 (p3)" "in_port(1),$UDP"
first 1 3
trace_is no_xmit "xdp   comes in: mode xdp
xdp   pass 1
skb   handed down: XDP_REDIRECT doesn't reach the output
skb   output 3 (p3): leaves, 106 bytes
The packet leaves by 3 (p3)" "in_port(1),$UDP"
first 3 "set(ipv4(ttl=5)),push_vlan(vid=5,pcp=1),2"
trace_is edits "skb   comes in: mode tc
skb   pass 1
skb   set(ipv4(ttl=5))
skb   push_vlan(tpid=0x8100,vid=5,pcp=1)
skb   output 2 (p2): leaves, 110 bytes
The packet leaves by 2 (p2)" "in_port(3),$UDP"
first 3 "push_mpls(label=16,tc=0,ttl=64,bos=1,eth_type=0x8847),2"
check e2e.trace.user_tier grep -q \
	"^user  handed down: tc programs can't add or remove this header" \
	<(said "in_port(3),$UDP")
host 2 ip link set h0 down
wait_for 10 is_down
first 1 2
trace_is port_down "xdp   comes in: mode xdp
xdp   pass 1
xdp   output 2 (p2): dropped: port_down (output to a device that is down or has no carrier)
The packet is dropped: port_down (output to a device that is down or has no carrier)" \
	"in_port(1),$UDP"
host 2 ip link set h0 up
neighbours 1 2 3
wait_for 10 is_up

# ---- branches and conditions ----

first 1 "clone(set(ipv4(dst=10.0.0.9)),3),check_pkt_len(size=200,gt(3),le(2))"
trace_is branches "xdp   comes in: mode xdp
xdp   pass 1
skb   handed down: XDP can't copy a frame, and a branch runs on a copy
skb   clone
skb     set(ipv4(dst=10.0.0.9))
skb     output 3 (p3): leaves, 106 bytes
skb   check_pkt_len(200): 106 bytes: not longer
skb   output 2 (p2): leaves, 106 bytes
The packet leaves by 3 (p3), 2 (p2)" "in_port(1),$UDP"
first 1 "sample(sample=50.0%,actions(3)),2"
check e2e.trace.sample grep -q 'sample(50.00%): followed as if it is taken' \
	<(said "in_port(1),$UDP")
first 1 "userspace(pid=77),2"
check e2e.trace.userspace grep -q '^skb   userspace: an upcall for port id 77' \
	<(said "in_port(1),$UDP")
check e2e.trace.both grep -q \
	'^The packet leaves by 2 (p2), goes to user space: an upcall for port id 77' \
	<(said "in_port(1),$UDP")

# ---- a meter ----

check e2e.trace.meter_add ctl add-meter dp0 \
	meter=4,pktps,burst,bands=type=drop,rate=1,burst_size=1
first 1 "meter(4),meter(4),2"
trace_is meter "xdp   comes in: mode xdp
xdp   pass 1
xdp   meter(4): within its rate
xdp   meter(4): over its rate
xdp   dropped: meter (over the rate of a meter's band)
The packet is dropped: meter (over the rate of a meter's band)" \
	"in_port(1),$UDP"
# it has taken no token, so the next one says the same
trace_is meter_again "$(said "in_port(1),$UDP")" "in_port(1),$UDP"
check_eq e2e.trace.meter_counts 0 "$(json "d['packets']" get-meter dp0 4)"
first 1 "meter(9),2"
check e2e.trace.meter_none grep -q \
	'meter(9): no such meter: the packet passes' <(said "in_port(1),$UDP")

# ---- connections and recirculation ----

first 1 "ct(commit,zone=5,mark=7),recirc(0x7)"
first 2 "ct(zone=5),recirc(0x7)"
after() { # state, in_port, actions
	ctl mod-flow --may-create dp0 \
		"recirc_id(7),ct_state($1),in_port($2),$V4" "$3"
}
after +new-est+trk 1 2
after -new+est+trk 1 2
after -new+est+trk 2 1
trace_is ct_new "xdp   comes in: mode xdp
xdp   pass 1
xdp   ct(commit,zone=5,mark=0x7/0xffffffff): ct_state +new+trk, ct_mark 0x7, would be committed
xdp   recirc(0x7)
xdp   pass 2
xdp   output 2 (p2): leaves, 106 bytes
The packet leaves by 2 (p2)" "in_port(1),$UDP"
check e2e.trace.ct_key grep -q \
	'^        key: recirc_id(0x7),.*ct_state(new|trk),ct_zone(0x5),ct_mark(0x7)' \
	<(ctl trace dp0 "in_port(1),$UDP")
check_eq e2e.trace.ct_kept_none "" "$(ctl dump-conntrack zone=5)"
REPLY="in_port(2),eth(src=02:00:00:00:00:02,dst=02:00:00:00:00:01),eth_type(0x0800),ipv4(src=10.0.0.2,dst=10.0.0.1,proto=17,ttl=64),udp(src=2000,dst=1000)"
# An answer without a connection is new, and no flow takes it.
check e2e.trace.ct_unknown grep -q 'ct_state +new+trk$' <(said "$REPLY")
# Now there is one: the answer is its reply.
host 1 python3 - <<-'END'
	import socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("", 1000)); s.sendto(b"x", ("10.0.0.2", 2000))
END
check e2e.trace.ct_there wait_for 10 connected
trace_is ct_reply "xdp   comes in: mode xdp
xdp   pass 1
xdp   ct(zone=5): ct_state +est+rpl+trk, ct_mark 0x7
xdp   recirc(0x7)
xdp   pass 2
xdp   output 1 (p1): leaves, 106 bytes
The packet leaves by 1 (p1)" "$REPLY"
# A fragment waits for the rest, in the user tier.
trace_is ct_fragment "xdp   comes in: mode xdp
xdp   pass 1
xdp   ct(commit,zone=5,mark=0x7/0xffffffff): waits until the packet is whole
skb   handed down: a fragment in front of ct()
user  handed down: a fragment in front of ct()
The packet waits until the packet is whole" \
	"in_port(1),$ETH,eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,ttl=64,frag=later)"
# No flow for that state.
check e2e.trace.second_miss grep -q '^xdp   pass 2$' \
	<(said "in_port(1),$ETH,eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=1,ttl=64),icmp(type=0,code=0)")

# ---- a tunnel ----

first 1 "set(tunnel(tun_id=0x77,dst=172.16.0.1,ttl=64,tp_dst=6081,flags(df|key))),5"
trace_is tunnel "xdp   comes in: mode xdp
xdp   pass 1
skb   handed down: XDP gives no packet a tunnel key
skb   set(tunnel)
skb   output 5 (ge0): leaves, 106 bytes, in a tunnel: tun_id=0x77,src=0.0.0.0,dst=172.16.0.1
The packet leaves by 5 (ge0)" "in_port(1),$UDP"
first 1 5
check e2e.trace.no_tunnel_key grep -q \
	'^The packet is dropped: no_tunnel_key (output to a tunnel' \
	<(said "in_port(1),$UDP")

# ---- a packet in hexadecimal digits ----

first 1 2
HEX=02000000000202000000000108004500001d00000000401166ce0a0000010a00000203e807d00009000078
trace_is hex "xdp   comes in: mode xdp
xdp   pass 1
xdp   output 2 (p2): leaves, 43 bytes
The packet leaves by 2 (p2)" "in_port(1)" "$HEX"
check e2e.trace.hex_key grep -q \
	'^Packet: .*ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17.*udp(src=1000,dst=2000); 43 bytes' \
	<(ctl trace dp0 "in_port(1)" "$HEX")

# ---- nothing changes ----

state > "$WORK/before"
for actions in 2 2,3 3 "meter(4),2" "ct(commit,zone=9),recirc(0x7)" \
	"userspace(pid=77)" "set(tunnel(tun_id=0x77,dst=172.16.0.1,ttl=64,tp_dst=6081,flags(df|key))),5"; do
	first 1 "$actions"
	said "in_port(1),$UDP"
	said "$REPLY"
done > "$WORK/said"
first 1 2
state > "$WORK/after"
check e2e.trace.nothing_changed diff "$WORK/before" "$WORK/after"
check_eq e2e.trace.all_said 14 "$(grep -c '^The packet' "$WORK/said")"
check_eq e2e.trace.packets_go_on 3 "$(first 2 1; ping_2)"

# ---- JSON ----

check_eq e2e.trace.json "packet pass op end" \
	"$(json "' '.join(s['step'] for s in d)" trace dp0 "in_port(1),$UDP")"
check_eq e2e.trace.json_flow "2 xdp" \
	"$(json "d[1]['flow']['actions'], d[1]['tier']" trace dp0 \
		"in_port(1),$UDP" | tr -d "(),'")"
first 1 drop
check_eq e2e.trace.json_reason flow_drop \
	"$(json "d[2]['reason']" trace dp0 "in_port(1),$UDP")"

# ---- what can't be followed ----

check_fails e2e.trace.bad_syntax 'column 1: .*foo' ctl trace dp0 "foo(1)"
check_fails e2e.trace.no_port 'by which port does the packet come in? Say in_port(N)' \
	ctl trace dp0 "$UDP"
check_fails e2e.trace.bad_port 'dp0 has no port 9 that the packet could come in by' \
	ctl trace dp0 "in_port(9),$UDP"
check_fails e2e.trace.bad_dp 'nodp' ctl trace nodp "in_port(1)"
check_fails e2e.trace.runt "the packet can't be parsed" \
	ctl trace dp0 "in_port(1)" 0011
check_fails e2e.trace.bad_hex 'hexadecimal' ctl trace dp0 "in_port(1)" 0g
check_fails e2e.trace.empty 'at least in_port(N)' ctl trace dp0 ufid:11
check_fails e2e.trace.incomplete 'ipv4' \
	ctl trace dp0 "in_port(1),eth(),eth_type(0x0800)"

# More than a line, or an attribute, can name: 4,500 outputs and a miss at the end.
ctl add-dp dp9
ctl add-if dp9 many,type=internal,port_no=1
acts=$(for ((i = 0; i < 1500; i++)); do printf '1,'; done)
for i in 0 1 2; do
	ctl add-flow dp9 "recirc_id($i),in_port(0),eth(),eth_type(0x0800),ipv4()" \
		"${acts}recirc($((i + 1)))"
done
ctl trace dp9 "in_port(0),eth(),eth_type(0x0800),ipv4()" | tail -n 1 \
	> "$WORK/many"
check e2e.trace.many grep -q ', and 4437 more' "$WORK/many"
check e2e.trace.many_left_out grep -q 'steps are left out' "$WORK/many"
finish
