#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Internal ports: the host's own stack behind the datapath: ARP, ping, TCP.
# Several datapaths at once don't see each other.

. "$(dirname "$0")/../lib/e2e.sh"

switch_up
host_up 1
host_up 2
daemon_start
ctl add-dp dp0
ctl add-dp dp1
ctl add-if dp0 p1,port_no=1
ctl add-if dp1 p2,port_no=1
for n in 0 1; do
	sw ip link set "dp$n" up
	ctl add-flow "dp$n" "in_port(0),eth()" 1
	ctl add-flow "dp$n" "in_port(1),eth()" 0
done
sw ip addr add 10.0.0.100/24 dev dp0
check e2e.internal.arp_ping host 1 ping -q -c 5 -i 0.05 -W 2 10.0.0.100
check e2e.internal.ping_out sw ping -q -c 5 -i 0.05 -W 2 10.0.0.1

head -c 3000000 /dev/urandom > "$WORK/sent"
stream() { # listener's prefix, sender's prefix, address, port
	local pid
	$1 timeout 20 socat -u "TCP-LISTEN:$4,reuseaddr" \
		"OPEN:$WORK/got,creat,trunc" &
	pid=$!
	wait_for 5 eval "$1 ss -Hltn 'sport = :$4' | grep -q ."
	$2 timeout 15 socat -u "OPEN:$WORK/sent" "TCP:$3:$4" || return 1
	wait "$pid"
	cmp "$WORK/sent" "$WORK/got"
}
check e2e.internal.tcp_in stream sw "host 1" 10.0.0.100 5001
check e2e.internal.tcp_out stream "host 1" sw 10.0.0.1 5002

# further internal ports, as type=internal
check e2e.internal.add ctl add-if dp0 int0,type=internal,port_no=5
sw ip addr del 10.0.0.100/24 dev dp0
sw ip addr add 10.0.0.105/24 dev int0
sw ip link set int0 up
ctl del-flows dp0
ctl add-flow dp0 "in_port(5),eth()" 1
ctl add-flow dp0 "in_port(1),eth()" 5
host 1 ip neigh flush dev h0
check e2e.internal.second host 1 ping -q -c 5 -i 0.05 -W 2 10.0.0.105

# its device may live in another namespace, as a container's does
cat > "$WORK/netnsid.py" <<'END'
import struct
import ovsnl as n
nl = n.Genl(n.OVSXDPD)
m = nl.call(n.VPORT, n.GET, 0, n.nla(n.VPA["NAME"], n.string("int0")))[0]
nsid = m.attrs.get(n.VPA["NETNSID"])
print("here" if nsid is None else struct.unpack("=i", nsid)[0] >= 0)
END
check_eq e2e.internal.here here "$(py "$WORK/netnsid.py")"
sw ip link set int0 netns "oxh2-$$"
check_eq e2e.internal.moved True "$(py "$WORK/netnsid.py")"
check e2e.internal.del ctl del-if dp0 int0
check_eq e2e.internal.moved_gone 0 "$(host 2 ip link | grep -c int0)"
check_eq e2e.internal.device_gone 0 "$(sw ip link | grep -c int0)"

# dp1 saw nothing of it
sw ip addr flush dev dp0
sw ip addr add 10.0.0.101/24 dev dp1
check e2e.internal.other_dp host 2 ping -q -c 5 -i 0.05 -W 2 10.0.0.101
check_fails e2e.internal.apart "100% packet loss" \
	host 1 ping -q -c 2 -i 0.05 -W 1 10.0.0.101
check e2e.internal.del_dp ctl del-dp dp0
check_eq e2e.internal.dp_gone 0 "$(sw ip link | grep -c dp0)"
check e2e.internal.other_stays host 2 ping -q -c 2 -i 0.05 -W 2 10.0.0.101
finish
