#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-vswitchd under ovsxdp-run --seccomp: threads, epoll, batches and dumps
# of a large program.

. "$(dirname "$0")/../lib/e2e.sh"
cat > "$WORK/served" << END
#!/bin/sh
exec "$O/ovsxdp-run" --seccomp "\$@"
END
chmod +x "$WORK/served"
OVS_RUN=$WORK/served
. tests/lib/ovs.sh
own_modes

id=interop.seccomp_vswitchd
switch_up
why=$(sw "$OVS_RUN" true 2>&1) || bail "$why"
ip netns del "$SW"
bridge_up 1 2

check $id.same_process grep -q ovs-vswitchd "/proc/$VSWITCHD/comm"
check $id.ping ping_ok 1 10.0.0.2
check $id.tcp tcp 1 2
check $id.dpctl grep -q 'port 2: p1\|port 1: p1' <(appctl dpctl/show)
check $id.dump grep -q 'in_port' <(host 1 ping -q -c 1 10.0.0.2 > /dev/null
	appctl dpctl/dump-flows)
check $id.del_port vsctl del-port br0 p2
check $id.add_port vsctl add-port br0 p2
check $id.ping_again ping_ok 1 10.0.0.2
check $id.threads test "$(find "/proc/$VSWITCHD/task" -mindepth 1 \
	-maxdepth 1 | wc -l)" -gt 1
vswitchd_stop exit
ovs_quiet $id.quiet
finish
