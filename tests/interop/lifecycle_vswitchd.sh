#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# ovs-vswitchd ends and starts again: by `ovs-appctl exit` and by SIGKILL, with
# flow-restore-wait (which is how ovs-ctl restarts it), and without.

. "$(dirname "$0")/../lib/e2e.sh"
. "$(dirname "$0")/../lib/ovs.sh"
. "$(dirname "$0")/../lib/lifecycle.sh"

bridge_up 1 2 3 4
id=interop.lifecycle_vswitchd

restart() { # exit or a signal
	vswitchd_stop "$1"
	sleep 0.3
	vswitchd_start
}
restored() { # what ovs-ctl does after a start with flow-restore-wait
	ofctl add-flow br0 priority=0,actions=NORMAL
	restore_wait off
	settle
}

for how in exit 9; do
	traffic_start 6
	restore_wait on
	restart $how
	sleep 0.3
	restored
	new_flow $id.restore_wait.$how.new_flow 3 4
	traffic_check $id.restore_wait.$how
done

# Without it vswitchd flushes the datapath, and before it has its ports and
# OpenFlow flows it answers misses with flows that drop. Over the module, too,
# packets are lost by its word. Whatever is missing must have been a miss, or
# have met such a flow; each has its counter.
if [ -z "${OVS_ORACLE:-}" ]; then
	dropped=$(counter flow_drop)
	missed=$(counter missed)
fi
traffic_start 6
restart exit
new_flow $id.flush.new_flow 3 4
traffic_wait
echo "# UDP lost $(udp_lost), TCP $(tcp_lost), pings $(ping_missing | wc -l)"
if [ -z "${OVS_ORACLE:-}" ]; then
	dropped=$(($(counter flow_drop) - dropped))
	missed=$(($(counter missed) - missed))
	echo "# flows that drop took $dropped, misses $missed"
	check $id.flush.accounted test $(($(udp_lost) + $(ping_missing |
		wc -l))) -le $((dropped + missed))
fi
lifecycle_quiet $id.log
finish
