#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# OpenFlow flows of a bridge, as their packets show them where they arrive:
# resubmit, learn, edits, dec_ttl, MPLS, check_pkt_larger, clone, fragments;
# and that counters are exact.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_flow
bridge_up 1 2 3
# Nobody shall answer what is looked at.
for n in 1 2 3; do
	host $n sh -c 'echo 0 > /proc/sys/net/ipv4/icmp_ratelimit
		ip addr flush dev h0'
done
m2=02:00:00:00:00:02
# What hosts 2 and 3 (numbered 1 and 2) get of frames from host 1
from1() { frames 1 2 3 -- "$@"; }
ip="src=10.0.0.1 dst=10.0.0.2 dport=7 csum=ok"

# ---- tables ----
flows br0 <<-END
	table=0,in_port=1,udp actions=load:0x77->NXM_NX_REG3[],resubmit(,5),resubmit(,6),3
	table=5,ip,reg3=0x77 actions=set_field:8->ip_dscp
	table=6,udp,tp_dst=7 actions=2
	table=6,udp,tp_dst=8 actions=drop
END
check_eq $id.resubmit \
	"1 len=100 to=020000000002 ttl=64 tos=32 $ip
2 len=100 to=020000000002 ttl=64 tos=32 $ip
2 len=100 to=020000000002 ttl=64 tos=32 ${ip/dport=7/dport=8}" \
	"$(from1 udp: udp:dport=8)"

# ---- a flow that a packet makes ----
flows br0 <<-END
	table=0,priority=9,in_port=3,udp actions=resubmit(,1)
	table=0,priority=9,in_port=1,udp actions=learn(table=1,idle_timeout=60,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),2
	table=1,priority=0 actions=drop
END
check_eq $id.learn_before "" "$(frames 3 1 -- udp:src=3,dst=1)"
from1 udp: > /dev/null
settle
check_eq $id.learn "1 len=100 to=020000000001" \
	"$(frames 3 1 -- udp:src=3,dst=1 | sed 's/ ttl=.*//')"

# ---- edits ----
flows br0 <<-END
	in_port=1,udp,tp_dst=7 actions=mod_dl_src:$(mac 9),mod_nw_src:10.0.0.9,mod_nw_dst:10.0.0.2,mod_tp_dst:99,dec_ttl,2
	in_port=1,udp,tp_dst=8 actions=push_vlan:0x8100,set_field:4103->vlan_vid,2,pop_vlan,set_field:10.0.0.77->ip_dst,3
	in_port=1,udp,tp_dst=9 actions=2,dec_ttl,3,dec_ttl,2
	in_port=1,udp,tp_dst=10 actions=clone(dec_ttl,set_field:10.0.0.5->ip_src,3),2
	in_port=1,udp,tp_dst=11 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],in_port
	in_port=1,udp,tp_dst=12 actions=output(port=2,max_len=60),3
END
check_eq $id.rewrite "1 len=100 to=020000000002 ttl=63 tos=0 src=10.0.0.9 dst=10.0.0.2 dport=99 csum=ok" \
	"$(from1 udp:)"
check_eq $id.vlan_and_ip "1 len=104 to=020000000002 vlan=7 ttl=64 tos=0 ${ip/dport=7/dport=8}
2 len=100 to=020000000002 ttl=64 tos=0 src=10.0.0.1 dst=10.0.0.77 dport=8 csum=ok" \
	"$(from1 udp:dport=8)"
check_eq $id.dec_ttl "1 len=100 to=020000000002 ttl=64 tos=0 ${ip/dport=7/dport=9}
1 len=100 to=020000000002 ttl=62 tos=0 ${ip/dport=7/dport=9}
2 len=100 to=020000000002 ttl=63 tos=0 ${ip/dport=7/dport=9}" \
	"$(from1 udp:dport=9)"
check_eq $id.clone "1 len=100 to=020000000002 ttl=64 tos=0 ${ip/dport=7/dport=10}
2 len=100 to=020000000002 ttl=63 tos=0 src=10.0.0.5 dst=10.0.0.2 dport=10 csum=ok" \
	"$(from1 udp:dport=10)"
check_eq $id.in_port "1 len=100 to=020000000001 ttl=64 tos=0 ${ip/dport=7/dport=11}" \
	"$(frames 1 1 2 -- udp:dport=11)"
check_eq $id.max_len "1 len=60 to=020000000002
2 len=200 to=020000000002" \
	"$(from1 udp:dport=12,len=200 | sed 's/ ttl=.*//')"
# TTL 1: nothing leaves, the controller (there is none) would be told
check_eq $id.dec_ttl_out "1 len=100 to=020000000002 ttl=1 tos=0 ${ip/dport=7/dport=9}" \
	"$(from1 udp:dport=9,ttl=1)"

# ---- MPLS: three labels on and off ----
flows br0 <<-END
	in_port=1,udp actions=push_mpls:0x8847,set_field:20->mpls_label,push_mpls:0x8847,set_field:30->mpls_label,dec_mpls_ttl,2
	in_port=2,mpls,mpls_bos=0 actions=pop_mpls:0x8847,3
	in_port=2,mpls,mpls_bos=1 actions=pop_mpls:0x0800,3
END
check_eq $id.mpls_push \
	"1 len=108 to=020000000002 type=0x8847 0001e03f0001414045000056" \
	"$(from1 udp: | cut -c 1-62)"
inner=4500001c00010000401166ce0a0000010a0000020fa0000700080000
check_eq $id.mpls_pop_outer \
	"1 len=46 to=020000000003 type=0x8847 00014140$inner" \
	"$(frames 2 3 -- hex:02000000000302000000000288470001e03f00014140$inner |
		cut -c 1-101)"
check_eq $id.mpls_pop \
	"1 len=42 to=020000000003 ttl=64 tos=0 src=10.0.0.1 dst=10.0.0.2" \
	"$(frames 2 3 -- hex:020000000003020000000002884700014140$inner |
		sed 's/ dport=.*//')"

# ---- by length ----
flows br0 <<-END
	table=0,in_port=1,udp actions=check_pkt_larger(500)->NXM_NX_REG0[0],resubmit(,1)
	table=1,reg0=1/1 actions=3
	table=1,reg0=0/1 actions=2
END
check_eq $id.check_pkt_larger "1 len=500 to=${m2//:/}
2 len=501 to=${m2//:/}" \
	"$(from1 udp:len=501 udp:len=500 | sed 's/ ttl=.*//' | sort)"

# ---- fragments: first and later ones of a datagram, in each mode ----
# header of 20 bytes: more fragments, offset 0; then offset 8, none to follow
# (proto 17, ports 4000 and 7)
first=450000240001200040110000
first+=0a0000010a0000020fa0000700180000aabbccdd11223344
later=450000240001000240110000
later+=0a0000010a0000020fa0000700180000aabbccdd11223344
frag() { # mode: where the first and the later go
	ofctl set-frags br0 "$1"
	settle
	from1 hex:${m2//:/}0200000000010800$first \
		hex:${m2//:/}0200000000010800$later | cut -c 1
}
flows br0 <<-END
	priority=9,in_port=1,udp,tp_dst=7 actions=2
	priority=5,in_port=1,ip,ip_frag=later actions=3
	priority=4,in_port=1,ip,ip_frag=first actions=3
	priority=1,in_port=1 actions=drop
END
# normal: a fragment's ports are 0 for OpenFlow; nx-match: the first has them
check_eq $id.frag_normal "2
2" "$(frag normal)"
check_eq $id.frag_nx_match "1
2" "$(frag nx-match)"
check_eq $id.frag_drop "" "$(frag drop)"
ofctl set-frags br0 normal

# ---- counters: every packet, once ----
flows br0 <<-END
	priority=9,in_port=1,udp,tp_dst=7 actions=2
	priority=9,in_port=1,udp,tp_dst=8 actions=dec_ttl,2,3
	priority=0 actions=drop
END
args=()
for _ in $(seq 40); do args+=(udp: udp:dport=8 udp:dport=9); done
check_eq $id.all_arrive 120 "$(from1 "${args[@]}" | wc -l)"
check_eq $id.n_packets_output 40 "$(n_packets br0 tp_dst=7)"
check_eq $id.n_packets_edit 40 "$(n_packets br0 tp_dst=8)"
check_eq $id.n_packets_drop 40 "$(n_packets br0 priority=0)"
from1 udp: > /dev/null
check_eq $id.n_packets_again 41 "$(n_packets br0 tp_dst=7)"
check_eq $id.n_bytes 4100 "$(ofctl dump-flows br0 |
	sed -n 's/.*n_bytes=\([0-9]*\),.*tp_dst=7.*/\1/p')"

# ---- NORMAL beside flows ----
flows br0 <<-END
	priority=9,in_port=1,udp,tp_dst=7 actions=drop
	priority=0 actions=NORMAL
END
check_eq $id.normal 1 "$(from1 udp: udp:dport=8 | grep -c '^1')"

ovs_quiet $id.log
finish
