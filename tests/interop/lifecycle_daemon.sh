#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# ovsxdpd is killed, and stopped, under a running ovs-vswitchd, which goes on as
# if nothing had been. Established flows lose no packet, new ones are forwarded
# when the daemon is back, and the log has nothing to say.

. "$(dirname "$0")/../lib/e2e.sh"
. "$(dirname "$0")/../lib/ovs.sh"
. "$(dirname "$0")/../lib/lifecycle.sh"

[ -z "${OVS_ORACLE:-}" ] || bail "the module is no daemon"
bridge_up 1 2 3 4
id=interop.lifecycle_daemon
pid=$VSWITCHD
traffic_start 11

daemon_kill 9
host 3 ping -q -c 1 -W 1 10.0.0.1 > /dev/null # a miss that nobody takes
sleep 0.7
daemon_start
new_flow $id.new_flow 3 4

# while vswitchd asks: its commands wait, and are done
daemon_kill 9
(sleep 0.5; appctl dpctl/dump-flows > "$WORK/dump" 2>&1) &
asks=$!
timeout 120 ovs-vsctl --db="unix:$OVS_DIR/db.sock" add-port br0 i0 -- \
	set interface i0 type=internal > "$WORK/vsctl" 2>&1 &
adds=$!
PIDS+=("$asks" "$adds")
sleep 1
daemon_start
wait $asks
check $id.dump_waits grep -q 'in_port' "$WORK/dump"
wait $adds
check_eq $id.add_port_waits "0 " "$? $(cat "$WORK/vsctl")"
check $id.internal_port sw ip link show i0
new_flow $id.new_flow_again 4 3

daemon_kill TERM
sleep 0.3
daemon_start
new_flow $id.new_flow_after_term 3 2
check_fails $id.second_daemon "taken by process" \
	sw timeout 100 "$O/ovsxdpd" --root="$ROOT"

traffic_check $id
check_eq $id.same_vswitchd "$pid" "$(pgrep -P $$ ovs-vswitchd)"
# statistics and deletions still work: idle flows expire
no_flows() { ! ctl dump-flows ovs-system | grep -q in_port; }
check $id.flows_expire wait_for 30 no_flows
lifecycle_quiet $id.log
finish
