#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-vswitchd's probes at its start: what it takes the datapath for.
# docs/openvswitch.md has the table, and this test compares. It leaves nothing
# behind.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_probe
bridge_up 1 2

# The column of the table: 2 is ovsxdp, 3 the module.
column=2
[ -z "$OVS_ORACLE" ] || column=3
appctl dpif/show-dp-features br0 > "$WORK/features"
sed -n '/^| feature/,/^$/p' docs/openvswitch.md | sed '1,2d' |
	awk -F' *\\| *' -v c=$((column + 1)) 'NF > 3 { print $2 ": " $c }' |
	sed 's/ (.*)//' > "$WORK/table"
check $id.table_read test "$(wc -l < "$WORK/table")" -gt 20
check $id.features diff <(sort "$WORK/table") <(sort "$WORK/features")

check_eq $id.no_flows_left "" "$(appctl dpctl/dump-flows)"
check $id.ufid eval 'appctl upcall/show | grep -q "ufid enabled : true"'
check $id.meters eval 'ofctl meter-features br0 | grep -q "max_meter:[1-9]"'

# A vswitchd that starts again meets the datapath that there is.
vswitchd_stop exit
vswitchd_start
check $id.again wait_for 10 ping_ok 1 10.0.0.2
appctl dpif/show-dp-features br0 > "$WORK/again"
check $id.again_features cmp "$WORK/features" "$WORK/again"
ovs_quiet $id.log
finish
