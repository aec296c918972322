#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# OpenFlow groups: all, indirect, select by the datapath's hash and by fields,
# fast failover, buckets with edits, counters of buckets.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_group
bridge_up 1 2 3
for n in 1 2 3; do
	host $n ip addr flush dev h0
done
# What hosts 2 and 3 (numbered 1 and 2) get of frames from host 1
from1() { frames 1 2 3 -- "$@" | sed 's/ tos=.*//'; }
use() { # group
	ofctl del-groups br0
	ofctl add-group br0 "group_id=1,$1"
	flows br0 <<< "in_port=1,udp actions=group:1"
}

use "type=all,bucket=output:2,bucket=dec_ttl,output:3"
check_eq $id.all "1 len=100 to=020000000002 ttl=64
2 len=100 to=020000000002 ttl=63" "$(from1 udp:)"
from1 udp: udp: > /dev/null
appctl revalidator/purge
check $id.counted wait_for 5 eval 'ofctl dump-group-stats br0 |
	grep -q "packet_count=3.*bucket0:packet_count=3.*bucket1:packet_count=3"'

use "type=indirect,bucket=dec_ttl,output:3"
check_eq $id.indirect "2 len=100 to=020000000002 ttl=63" "$(from1 udp:)"

# ---- select ----
# 64 flows of two frames each: how many go to hosts 2 and 3, and do a flow's
# frames stay together?
spread() {
	local n args=()
	for n in $(seq 64); do
		args+=("udp:dport=$((100 + n))" "udp:dport=$((100 + n))")
	done
	frames 1 2 3 -- "${args[@]}" |
		sed 's/^\([0-9]*\) .*dport=\([0-9]*\).*/\1 \2/' > "$WORK/spread"
	sort "$WORK/spread" | uniq -c | awk '$1 != 2 { print "torn:", $0 }'
	cut -d' ' -f1 "$WORK/spread" | sort | uniq -c |
		awk '$1 >= 20 { print "host", $2 }'
}
select_group() { # options
	use "type=select$1,bucket=weight:100,output:2,bucket=weight:100,output:3"
}
select_group ",selection_method=dp_hash"
check_eq $id.select_dp_hash "host 1
host 2" "$(spread)"
dp_hash_flows() {
	appctl dpctl/dump-flows > "$WORK/flows"
	cat "$WORK/flows"
	# the module of Linux 6.1 has no symmetric hash, ovsxdp has
	grep -qE 'actions:hash\((l4|sym_l4)\(0\)\),recirc' "$WORK/flows" &&
		grep -q 'dp_hash(0x.*/0x' "$WORK/flows"
}
check $id.select_dp_hash_flows dp_hash_flows
select_group ",selection_method=hash,fields(udp_dst)"
check_eq $id.select_fields "host 1
host 2" "$(spread)"
select_group ""
check_eq $id.select_default "host 1
host 2" "$(spread)"
use "type=select,selection_method=dp_hash,bucket=weight:100,output:2,bucket=weight:0,output:3"
check_eq $id.select_weight_0 "host 1" "$(spread)"

# ---- fast failover ----
use "type=ff,bucket=watch_port:2,output:2,bucket=watch_port:3,output:3"
check_eq $id.failover_first "1 len=100 to=020000000002 ttl=64" "$(from1 udp:)"
sw ip link set p2 down
wait_for 5 eval 'ofctl show br0 | grep -A2 "(p2)" | grep -q LINK_DOWN'
settle
check_eq $id.failover_second "2 len=100 to=020000000002 ttl=64" \
	"$(from1 udp:)"
sw ip link set p2 up
wait_for 5 eval '! ofctl show br0 | grep -A2 "(p2)" | grep -q LINK_DOWN'
settle
check_eq $id.failover_back "1 len=100 to=020000000002 ttl=64" "$(from1 udp:)"

# ---- a group of groups ----
ofctl del-groups br0
ofctl add-group br0 "group_id=2,type=all,bucket=output:2,bucket=output:3"
ofctl add-group br0 "group_id=1,type=indirect,bucket=group:2"
flows br0 <<< "in_port=1,udp actions=group:1"
check_eq $id.chained 2 "$(from1 udp: | wc -l)"

ovs_quiet $id.log
finish
