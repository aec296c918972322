#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# ovsxdpd and ovs-vswitchd are both killed, and started in either order:
# established flows lose no packet, new ones are forwarded again.

. "$(dirname "$0")/../lib/e2e.sh"
. "$(dirname "$0")/../lib/ovs.sh"
. "$(dirname "$0")/../lib/lifecycle.sh"

[ -z "${OVS_ORACLE:-}" ] || bail "the module is no daemon"
bridge_up 1 2 3 4
id=interop.lifecycle_both

both_killed() { # flow-restore-wait: on or off
	restore_wait "$1"
	daemon_kill 9
	vswitchd_stop 9
	sleep 0.5
}
restored() {
	ofctl add-flow br0 priority=0,actions=NORMAL
	restore_wait off
	settle
}

traffic_start 6
both_killed on
daemon_start
vswitchd_start
restored
new_flow $id.daemon_first.new_flow 3 4
traffic_check $id.daemon_first

# vswitchd first: told to expect a daemon, it waits for it
traffic_start 7
both_killed on
export OVSXDP_EXPECT=1
vswitchd_begin
sleep 1
daemon_start
check $id.vswitchd_first.up wait_for 20 appctl version
restored
new_flow $id.vswitchd_first.new_flow 4 3
traffic_check $id.vswitchd_first

# without flow-restore-wait, where the next daemon lets flows linger
DAEMON_OPTIONS="--flush-linger=8 ${DAEMON_OPTIONS:-}"
traffic_start 13
both_killed off
daemon_start
vswitchd_start
new_flow $id.linger.new_flow 3 4
traffic_check $id.linger
lifecycle_quiet $id.log
finish
