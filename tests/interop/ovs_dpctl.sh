#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Debian's ovs-dpctl, unmodified, under ovsxdp-run; then genl of iproute2.

. "$(dirname "$0")/../lib/e2e.sh"
command -v ovs-dpctl > /dev/null || bail "openvswitch-switch is not installed"

switch_up
host_up 1
host_up 2
neighbours 1 2
daemon_start
dpctl() {
	sw timeout 120 "$O/ovsxdp-run" ovs-dpctl -vdpif_netlink:off "$@"
}
v4="eth(),eth_type(0x0800),ipv4()"

check interop.dpctl.add_dp dpctl add-dp dp0
check_fails interop.dpctl.add_dp_again "exists" dpctl add-dp dp0
check interop.dpctl.dump_dps grep -qx system@dp0 <(dpctl dump-dps)
check interop.dpctl.add_if dpctl add-if dp0 p1,port_no=1
check interop.dpctl.add_if_2 dpctl add-if dp0 p2,port_no=2
check_fails interop.dpctl.add_if_none "no such device" \
	dpctl add-if dp0 nope
dpctl show dp0 > "$WORK/show"
check interop.dpctl.show_local grep -q 'port 0: dp0 (internal)' "$WORK/show"
check interop.dpctl.show_port grep -q 'port 2: p2' "$WORK/show"
check interop.dpctl.show_cache grep -q 'masks-cache: size:256' "$WORK/show"
check interop.dpctl.add_flow dpctl add-flow dp0 "in_port(1),$v4" 2
check interop.dpctl.add_flow_back dpctl add-flow dp0 "in_port(2),$v4" 1
check interop.dpctl.ping host 1 ping -q -c 5 -i 0.05 -W "$PATIENCE" 10.0.0.2
dpctl dump-flows dp0 > "$WORK/flows"
check_eq interop.dpctl.dump_flows 2 "$(grep -c 'packets:5, bytes:490' \
	"$WORK/flows")"
check interop.dpctl.show_statistics grep -q 'RX packets:5' \
	<(dpctl -s show dp0)
# Its "drop" is a newer action of its own number, which a module of 6.1 refuses
# as well; the empty list is what drops everywhere.
check interop.dpctl.mod_flow dpctl mod-flow dp0 "in_port(1),$v4" ""
check_fails interop.dpctl.mod_flow_drops "100% packet loss" \
	host 1 ping -q -c 2 -i 0.05 -W "$PATIENCE" 10.0.0.2
check interop.dpctl.mod_back dpctl mod-flow dp0 "in_port(1),$v4" 2
check interop.dpctl.cache_size dpctl cache-set-size dp0 masks-cache 1024
check interop.dpctl.cache_size_shows grep -q 'size: *1024' \
	<(dpctl cache-get-size dp0 2>&1)
check interop.dpctl.del_flow dpctl del-flow dp0 "in_port(1),$v4"
check_eq interop.dpctl.one_left 1 "$(dpctl dump-flows dp0 | grep -c in_port)"
check interop.dpctl.del_flows dpctl del-flows dp0
check_eq interop.dpctl.none_left 0 "$(dpctl dump-flows dp0 | grep -c in_port)"

# Keys and actions that it can both write and read.
mac='eth(src=00:11:22:33:44:55,dst=00:11:22:33:44:56)'
n=100
while read -r name key acts; do
	n=$((n + 1))
	check "interop.dpctl.add.$name" dpctl add-flow dp0 \
		"skb_priority($n),in_port(1),${key//MAC/$mac}" "$acts"
done << 'END'
outputs eth() 1,2,0
set MAC,eth_type(0x0800),ipv4(proto=6,frag=no),tcp(),tcp_flags(0/0) set(eth(dst=00:00:00:00:00:01)),set(ipv4(src=1.2.3.4,ttl=9)),set(tcp(src=80)),2
set_masked MAC,eth_type(0x86dd),ipv6(proto=17,frag=no),udp(dst=53) set(ipv6(tclass=0x4/0xfc,hlimit=7)),set(udp(dst=5353)),2
metadata dp_hash(0x5/0xf),skb_mark(0x3),eth() set(skb_mark(0x7)),set(skb_priority(0x2/0xff)),2
vlans MAC,eth_type(0x88a8),vlan(vid=1,pcp=2),encap(eth_type(0x8100),vlan(vid=2,pcp=0),encap(eth_type(0x1234))) pop_vlan,pop_vlan,2
mpls MAC,eth_type(0x8847),mpls(label=100,tc=7,ttl=64,bos=0,label=101,tc=6,ttl=63,bos=1) set(mpls(label=5)),2
mpls_masked eth(),eth_type(0x8847),mpls(label=0x10/0xffff0,bos=1) 2
add_mpls MAC,eth_type(0x1234) add_mpls(label=10,tc=3,ttl=64,bos=1,eth_type=0x8847),2
push_nsh MAC,eth_type(0x1234) push_nsh(flags=0,ttl=63,mdtype=1,np=3,spi=0x10,si=255,c1=0x1,c2=0x2,c3=0x3,c4=0x4),2
trunc eth() trunc(100),2
sample eth() sample(sample=50%,actions(2,userspace(pid=5,userdata(0102030405060708)))),2
clone eth() clone(push_vlan(vid=5,pcp=1),2),2
recirc recirc_id(0x5),eth() clone(recirc(6)),2
check_pkt_len eth() check_pkt_len(size=100,gt(2),le(0,2))
meter eth() meter(4),2
userspace eth() userspace(pid=5,userdata(0102030405060708),actions)
END
check_eq interop.dpctl.add_all 16 "$((n - 100))"
# Those that it writes but doesn't read: added by our own tool.
while read -r name key acts; do
	n=$((n + 1))
	check "interop.dpctl.own.$name" ctl add-flow dp0 \
		"skb_priority($n),in_port(1),${key//MAC/$mac}" "$acts"
done << 'END'
push_mpls MAC,eth_type(0x0800),ipv4(frag=no) push_mpls(label=10,tc=3,ttl=64,bos=1,eth_type=0x8847),2
pop_mpls MAC,eth_type(0x8847),mpls(label=100,bos=1) pop_mpls(eth_type=0x800),2
eth MAC,eth_type(0x0800),ipv4(frag=no) pop_eth,push_eth(src=00:00:00:00:00:01,dst=00:00:00:00:00:02),2
no_eth eth_type(0x0800),ipv4(src=10.0.0.0/8,frag=no) push_eth(src=00:00:00:00:00:01,dst=00:00:00:00:00:02),2
nsh MAC,eth_type(0x894f),nsh(mdtype=1,np=3,spi=0x10,si=255,c1=0x5) pop_nsh(),2
nsh_masked eth(),eth_type(0x894f),nsh(flags=0x1/0x3,mdtype=1,spi=0x10/0xf0) 2
hash eth() hash(sym_l4(5)),hash(l4(0)),recirc(0x7)
END
# It has no name for the extension headers, which the module always reports,
# and shows them even where they don't count.
dpctl dump-flows dp0 | sed 's|,key32(00 00/00 00)||' | sort > "$WORK/theirs"
ctl dump-flows dp0 | sort > "$WORK/ours"
check_eq interop.dpctl.all_there 23 "$(grep -c in_port "$WORK/theirs")"
check interop.dpctl.same_text diff "$WORK/theirs" "$WORK/ours"
check interop.dpctl.del_flows_again dpctl del-flows dp0
check interop.dpctl.del_if dpctl del-if dp0 p2
check interop.dpctl.del_dp dpctl del-dp dp0
check_eq interop.dpctl.no_dps "" "$(dpctl dump-dps)"

sw "$O/ovsxdp-run" genl ctrl list > "$WORK/genl" 2>&1
check interop.genl.ours grep -q 'Name: ovs_datapath' "$WORK/genl"
check interop.genl.kernels grep -q 'Name: nlctrl' "$WORK/genl"
check interop.genl.meter grep -q 'Name: ovs_meter' "$WORK/genl"
check interop.genl.get grep -q 'Name: ovs_flow' \
	<(sw "$O/ovsxdp-run" genl ctrl get name ovs_flow)
finish
