#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-appctl's dpctl/*, dpif/*, upcall/* and ofproto/trace: what a person asks
# ovs-vswitchd about its datapath, and does to it by hand.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_dpctl
bridge_up 1 2
vsctl set Open_vSwitch . other_config:max-idle=100000
check $id.ping ping_ok 1 10.0.0.2
settle
says() { # regex command...: its output has a line like that
	local regex=$1
	shift
	"$@" > "$WORK/says" 2>&1
	cat "$WORK/says"
	grep -qE -- "$regex" "$WORK/says"
}
port_of() { # device: its number in the datapath
	appctl dpctl/show | sed -n "s/^  port \([0-9]*\): $1\( .*\)*$/\1/p"
}
p1=$(port_of p1) p2=$(port_of p2)

# ---- show ----
check_eq $id.dump_dps "system@ovs-system" "$(appctl dpctl/dump-dps)"
check $id.show says 'lookups: hit:[0-9]+ missed:[1-9][0-9]* lost:0' \
	appctl dpctl/show
check $id.show_internal says "port [0-9]+: br0 \(internal\)" appctl dpctl/show
check $id.show_stats says 'RX packets:5 errors:0 dropped:0' \
	appctl dpctl/show -s ovs-system
check $id.show_cache says 'masks-cache: size:256' appctl dpctl/cache-get-size

# ---- flows ----
check $id.dump says "in_port\($p1\).*ipv4\(frag=no\), packets:[0-9]+, bytes:[0-9]+, used:.*actions:$p2" \
	appctl dpctl/dump-flows
check $id.dump_names says 'in_port\(p1\).*actions:p2' \
	appctl dpctl/dump-flows --names
check $id.dump_more says '^ufid:[-0-9a-f]{36}, recirc_id\(0\),dp_hash\(0/0\).*dp:ovs, actions:p2' \
	appctl dpctl/dump-flows -m
check_eq $id.dump_filter 1 \
	"$(appctl dpctl/dump-flows "filter=dl_src=$(mac 1),icmp" |
		grep -c actions)"
check_eq $id.dump_type_ovs 2 \
	"$(appctl dpctl/dump-flows type=ovs | grep -c actions)"
check_eq $id.dump_type_offloaded "" \
	"$(appctl dpctl/dump-flows type=offloaded)"
check $id.dpif_dump says "in_port\(1\).*actions:2" \
	appctl dpif/dump-flows br0
ufid=$(appctl dpctl/dump-flows -m | sed -n 's/^\(ufid:[^,]*\),.*actions:p2$/\1/p')
check $id.get says "in_port\($p1\).*actions:$p2" appctl dpctl/get-flow "$ufid"
check_fails $id.get_unknown "No such file" \
	appctl dpctl/get-flow ufid:00000000-0000-0000-0000-000000000001

check $id.del_all appctl dpctl/del-flows
check_eq $id.del_all_seen "" "$(appctl dpctl/dump-flows)"
check $id.ping_again ping_ok 1 10.0.0.2

# ---- datapaths and ports by hand: vswitchd leaves those alone ----
host_up 3
host_up 4
check $id.add_dp appctl dpctl/add-dp dp7
check $id.add_dp_seen says '^system@dp7' appctl dpctl/dump-dps
check $id.add_if appctl dpctl/add-if dp7 p3 p4,port_no=9 in7,type=internal
check $id.add_if_seen says 'port 9: p4' appctl dpctl/show dp7
check $id.add_if_internal says 'port [0-9]+: in7 \(internal\)' \
	appctl dpctl/show dp7
check_fails $id.add_if_busy "busy" appctl dpctl/add-if ovs-system p3
check_fails $id.add_if_unknown "No such device" \
	appctl dpctl/add-if dp7 nope
check $id.del_if appctl dpctl/del-if dp7 in7

# ---- flows by hand ----
p3=$(appctl dpctl/show dp7 | sed -n 's/^  port \([0-9]*\): p3.*/\1/p') p4=9
key="in_port($p3),eth(),eth_type(0x88b5)"
check $id.add appctl dpctl/add-flow dp7 "$key" "$p4"
check_eq $id.add_works 1 "$(frames 3 4 -- \
	hex:02000000000202000000000188b5"$(printf '00%.0s' {1..46})" | wc -l)"
check $id.add_counted says 'packets:1, bytes:60' \
	appctl dpctl/dump-flows dp7 filter=eth_type=0x88b5
check_fails $id.add_again "File exists" appctl dpctl/add-flow dp7 "$key" "$p4"
check $id.mod appctl dpctl/mod-flow dp7 "$key" "$p4,$p4"
check $id.mod_seen says "packets:1, .*actions:$p4,$p4" \
	appctl dpctl/dump-flows dp7 filter=eth_type=0x88b5
# its own number for drop isn't the kernel's
check_fails $id.no_explicit_drop "nvalid argument" \
	appctl dpctl/mod-flow dp7 "$key" drop
check $id.del appctl dpctl/del-flow dp7 "$key"
check_fails $id.del_again "No such file" appctl dpctl/del-flow dp7 "$key"
u=ufid:00010203-0405-0607-0809-0a0b0c0d0e0f
check $id.ufid_add appctl dpctl/add-flow dp7 "$u,$key" "$p4,push_vlan(vid=3,pcp=0),$p3"
check $id.ufid_get says "actions:$p4,push_vlan\(vid=3,pcp=0\),$p3" \
	appctl dpctl/get-flow dp7 $u
check $id.ufid_del appctl dpctl/del-flow dp7 "$u,$key"
check_fails $id.bad_action "nvalid argument" \
	appctl dpctl/add-flow dp7 "$key" "set(ipv4(ttl=3))"
cat > "$WORK/flows" <<-END
	in_port($p3),eth(),eth_type(0x88b5) $p4
	in_port($p4),eth(),eth_type(0x88b6) $p3
END
check $id.add_flows appctl dpctl/add-flows dp7 "$WORK/flows"
check_eq $id.add_flows_seen 2 "$(appctl dpctl/dump-flows dp7 | grep -c 0x88b)"
check $id.del_these appctl dpctl/del-flows dp7
check_eq $id.del_these_seen "" "$(appctl dpctl/dump-flows dp7)"
check $id.del_dp appctl dpctl/del-dp dp7

# ---- the cache of masks ----
check $id.cache_set appctl dpctl/cache-set-size ovs-system masks-cache 1024
check $id.cache_seen says 'masks-cache: size:1024' appctl dpctl/cache-get-size
check_fails $id.cache_too_large "failed\|range\|nvalid" \
	appctl dpctl/cache-set-size ovs-system masks-cache 1000000
check $id.cache_off appctl dpctl/cache-set-size ovs-system masks-cache 0
check $id.cache_off_ping ping_ok 1 10.0.0.2
check_eq $id.features_stay 0 "$(appctl dpctl/show | grep -c 'lost:[1-9]')"

# ---- our own tool beside it: what it doesn't ask for stays ----
features() { json '",".join(d[0]["features"])' stats ovs-system; }
asked=$(features)
check $id.ctl_features grep -q dispatch-upcall-per-cpu <<< "$asked"
check_fails $id.ctl_add_dp_again "datapath ovs-system exists already" \
	ctl add-dp ovs-system
check_eq $id.ctl_add_dp_again_features "$asked" "$(features)"
check $id.ctl_cache_set ctl set-dp ovs-system masks-cache-size=512
check_eq $id.ctl_cache_set_features "$asked" "$(features)"
check $id.ctl_del_flows appctl dpctl/del-flows
settle
check $id.ctl_new_flows ping_ok 1 10.0.0.2
check_eq $id.ctl_none_lost 0 "$(ctl show ovs-system | grep -c 'lost:[1-9]')"

# ---- conntrack: what vswitchd sees is what another client has made ----
cat > "$WORK/ct.py" <<-'END'
	from pyroute2 import NFCTSocket
	from pyroute2.netlink.nfnetlink import nfctsocket as n
	ip = dict(saddr="10.7.0.1", daddr="10.7.0.2", proto=17)
	t = n.NFCTAttrTuple(sport=1111, dport=2222, **ip)
	with NFCTSocket() as s:
	    s.entry("add", timeout=300, tuple_orig=t, tuple_reply=t.reverse())
END
if sw "$OVS_RUN" /usr/bin/python3 "$WORK/ct.py" 2> "$WORK/ct.err"; then
	entry='udp,orig=\(src=10.7.0.1,dst=10.7.0.2,sport=1111,dport=2222\),reply=\(src=10.7.0.2'
	check $id.conntrack says "$entry" appctl dpctl/dump-conntrack
	check $id.conntrack_zone says "^$" \
		sh -c "echo; $(declare -f appctl sw); $(declare -p SW OVS_DIR VSWITCHD |
			sed 's/^declare -[-x]* //')
			appctl dpctl/dump-conntrack zone=5"
	check $id.ct_stats says 'UDP: 1' appctl dpctl/ct-stats-show
	check $id.flush_conntrack appctl dpctl/flush-conntrack
	check_eq $id.flush_conntrack_done "" "$(appctl dpctl/dump-conntrack)"
else
	skip $id.conntrack "no entry can be made: $(tail -n 1 "$WORK/ct.err")"
fi

# ---- the others ----
check $id.upcall_show says 'flows +: \(current [0-9]+\).*limit [0-9]+\)' \
	appctl upcall/show
check $id.dpif_show says 'p1 1/[0-9]+: \(system\)' appctl dpif/show
check $id.trace says "^Datapath actions: $p2$" appctl ofproto/trace br0 \
	"in_port=1,dl_src=$(mac 1),dl_dst=$(mac 2)"
check $id.trace_by_datapath says "^Datapath actions: $p2$" \
	appctl ofproto/trace ovs-system \
	"in_port($p1),eth(src=$(mac 1),dst=$(mac 2)),eth_type(0x88b5)"
check $id.trace_generate says 'Final flow: ' appctl ofproto/trace br0 \
	"in_port=1,dl_src=$(mac 1),dl_dst=$(mac 2),udp" -generate

# by hand added flows are told of when vswitchd finds them
ovs_quiet $id.log 'dpif.*\|WARN\|.*(failed to put|failed to flow_del|failed to flow_get|failed to add nope|failed to add p3)' \
	'ofproto_dpif_upcall.*\|WARN\|Failed to acquire udpif_key' \
	'dpif\|WARN\|.*failed to .*set cache' \
	'dpif\|WARN\|Dropped [0-9]+ log messages'
finish
