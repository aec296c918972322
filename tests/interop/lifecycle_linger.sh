#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# ovs-vswitchd ends and starts again without flow-restore-wait, over a daemon
# with --flush-linger. The flush at its start costs established flows nothing,
# neither then nor when the flows that lingered are deleted. In the second round
# these recirculate.

. "$(dirname "$0")/../lib/e2e.sh"
. "$(dirname "$0")/../lib/ovs.sh"
. "$(dirname "$0")/../lib/lifecycle.sh"
[ -z "$OVS_ORACLE" ] || bail "the module's flows don't linger"

LINGER=${LINGER:-$((8 * PATIENCE))}
DAEMON_OPTIONS="--flush-linger=$LINGER ${DAEMON_OPTIONS:-}"
bridge_up 1 2 3 4
id=interop.lifecycle_linger

lingering() { json 'd[0]["lingering"]' show ovs-system; }
some_linger() { [ "$(lingering)" -ge 2 ]; }
none_lingers() { [ "$(lingering)" = 0 ]; }

# By hash and recirculation, as balance-tcp does, with ids that the next
# ovs-vswitchd begins to hand out anew.
by_groups() {
	local n
	for n in 1 2; do
		ofctl add-group br0 "group_id=$n,type=select,$(
			)selection_method=dp_hash,$(
			)bucket=actions=output:$n,bucket=actions=output:$n"
		ofctl add-flow br0 "priority=9,in_port=$((3 - n)),actions=group:$n"
	done
	settle
}
for how in exit 9; do
	[ $how = exit ] || by_groups
	traffic_start $((LINGER + 5))
	[ $how = exit ] || check $id.$how.recirculates grep -q 'recirc(0x' \
		<(ctl dump-flows ovs-system)
	vswitchd_stop $how
	sleep 0.3
	vswitchd_start
	check $id.$how.lingering wait_for 10 some_linger
	new_flow $id.$how.new_flow 3 4
	check $id.$how.ended wait_for $((LINGER + 5)) none_lingers
	traffic_check $id.$how
done
# the bridge's flows as ovs-vswitchd has them, and no others
settle
check_eq $id.flows "$(appctl dpctl/dump-flows | grep -c in_port)" \
	"$(ctl dump-flows ovs-system | grep -c in_port)"
appctl dpctl/del-flows
check_eq $id.flushed_at_once 0 "$(lingering)"
lifecycle_quiet $id.log
finish
