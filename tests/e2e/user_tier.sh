#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Lists that no tier of the kernel can finish. The user tier takes the packets
# from the ring. Among them are large ones of TCP with segmentation offload,
# whose segments it sends, and open checksums.

. "$(dirname "$0")/../lib/e2e.sh"

# there and back again: what leaves is what came
mpls="push_mpls(label=1,tc=0,ttl=64,bos=1,eth_type=0x8847)"
there_and_back="$mpls,pop_mpls(eth_type=0x800),"

dp_up 1 2
wire 1 2 "$there_and_back"
wire 2 1 "$there_and_back"

check e2e.user_tier.lists sh -c \
	"nsenter --net=/run/netns/$SW $O/ovsxdpctl dump-flows dp0 |
	grep -c push_mpls | grep -x 2"
check e2e.user_tier.ping host 1 ping -q -c 10 -i 0.01 -W 30 10.0.0.2
check_eq e2e.user_tier.flow_packets "10 10" \
	"$(ctl dump-flows dp0 | grep -o 'packets:[0-9]*' |
		cut -d: -f2 | xargs)"
check e2e.user_tier.udp udp 1 2
check e2e.user_tier.tcp tcp 1 2 4000000 5031
check e2e.user_tier.tcp_back tcp 2 1 4000000 5032
check e2e.user_tier.large_ping host 1 ping -q -c 3 -i 0.05 -s 1472 -M "do" \
	10.0.0.2
check e2e.user_tier.moved_down sh -c \
	"nsenter --net=/run/netns/$SW $O/ovsxdpctl stats dp0 |
	grep -E 'to_user.*[1-9]'"

# Frames so short that the stack would drop them over their tag, or over the
# one that generic XDP needs around them.
frame=02000000000206010000000188b5
sent() {
	/usr/bin/python3 tests/lib/frames.py "oxh1-$$:h0" "oxh2-$$:h0" -- \
		hex:$frame hex:${frame}58 | wc -l
}
short="recirc_id(0),in_port(1),eth(),eth_type(0x88b5)"
ctl add-flow dp0 "$short" "userspace(pid=4242),2"
check_eq e2e.user_tier.short 2 "$(sent)"
ctl del-flows dp0
ctl add-flow dp0 "$short" "push_vlan(vid=5,pcp=0),recirc(1)"
ctl add-flow dp0 "recirc_id(1),in_port(1),eth(),eth_type(0x8100),vlan(),encap(eth_type(0x88b5))" \
	"userspace(pid=4242),2"
gone() {
	ctl stats dp0 | awk '$1 == "client_gone" { print $2 }'
}
n=$(gone)
both_gone() { # to user space, where nobody listens
	test "$(gone)" -eq $((n + 2))
}
sent > /dev/null
check e2e.user_tier.short_tagged wait_for 5 both_gone
finish
