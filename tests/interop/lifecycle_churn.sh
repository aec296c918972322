#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# ovsxdpd is killed again and again while every packet of a host is a flow of
# its own, so that each time requests of ovs-vswitchd's are under way. vswitchd
# meets no error, and established flows lose no packet.

. "$(dirname "$0")/../lib/e2e.sh"
. "$(dirname "$0")/../lib/ovs.sh"
. "$(dirname "$0")/../lib/lifecycle.sh"

[ -z "${OVS_ORACLE:-}" ] || bail "the module is no daemon"
bridge_up 1 2 3 4
id=interop.lifecycle_churn
flows br0 <<-'END'
	priority=10,in_port=3,udp actions=move:NXM_OF_UDP_DST[]->NXM_NX_REG0[0..15],NORMAL
	priority=0 actions=NORMAL
END
host 3 ping -q -c 2 -i 0.05 10.0.0.4 > /dev/null
traffic_start 12
cat > "$WORK/churn.py" <<-'END'
	import socket, sys, time
	end = time.time() + int(sys.argv[1])
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	n = 0
	while time.time() < end:
	    s.sendto(b"new flow", ("10.0.0.4", 1000 + n % 60000))
	    n += 1
	    time.sleep(0.002)
	print("flows", n)
END
in_host 3 churn python3 "$WORK/churn.py" 9
for pause in 0.4 0.7 0.55 0.3 0.61; do
	sleep $pause
	daemon_kill 9
	sleep 0.2
	daemon_start
done
new_flow $id.new_flow 4 3
traffic_check $id
made=$(awk '/^flows/ { print $2 }' "$WORK/churn")
echo "# flows made: ${made:-0}"
check $id.many_flows test "${made:-0}" -ge 500
# what vswitchd believes and what there is are the same again
agree() {
	appctl revalidator/wait
	[ "$(appctl upcall/show | sed -n 's/.*(current \([0-9]*\)).*/\1/p')" = \
		"$(ctl dump-flows ovs-system | grep -c in_port)" ]
}
check $id.flows_expire wait_for 40 sh -c "! nsenter --net=/run/netns/$SW \
	'$O/ovsxdpctl' dump-flows ovs-system | grep -q 'udp(dst'"
check $id.same_flows wait_for 10 agree
lifecycle_quiet $id.log
finish
