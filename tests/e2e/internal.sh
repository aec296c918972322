#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
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
check e2e.internal.arp_ping host 1 ping -q -c 5 -i 0.05 -W 30 10.0.0.100
check e2e.internal.ping_out sw ping -q -c 5 -i 0.05 -W 30 10.0.0.1

head -c 3000000 /dev/urandom > "$WORK/sent"
stream() { # listener's prefix, sender's prefix, address, port, IP version
	local pid
	$1 timeout 120 socat -u "TCP${5:-4}-LISTEN:$4,reuseaddr" \
		"OPEN:$WORK/got,creat,trunc" &
	pid=$!
	wait_for 5 eval "$1 ss -Hltn 'sport = :$4' | grep -q ."
	$2 timeout 120 socat -u "OPEN:$WORK/sent" "TCP${5:-4}:$3:$4" || return 1
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
check e2e.internal.second host 1 ping -q -c 5 -i 0.05 -W 30 10.0.0.105

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

# The host's stack and namespaces of every mode: ARP, ND, ICMP, TCP, UDP,
# jumbo frames, with default offloads.
mode_net() { # number mode
	local n=$1
	host_up "$n"
	ipv6_up "$n"
	sw "$O/ovsxdpctl" add-if dp0 "p$n,port_no=$n,mode=$2"
	ctl add-flow dp0 "in_port($n),eth()" 0
}
udp_recv() { # prefix, port
	$1 timeout 120 python3 - "$2" "$WORK/udp" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("", int(sys.argv[1])))
		s.settimeout(60)
		open(sys.argv[2], "w").close()
		sys.exit(sum(len(s.recv(9000)) for _ in range(20)) != 20000)
	END
}
udp_send() { # prefix, address, port
	$1 python3 - "$2" "$3" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		for i in range(20):
		    s.sendto(bytes([i]) * 1000, (sys.argv[1], int(sys.argv[2])))
	END
}
datagrams() { # receiver's prefix, sender's prefix, address, port
	local pid
	rm -f "$WORK/udp"
	udp_recv "$1" "$4" &
	pid=$!
	wait_for 5 test -e "$WORK/udp"
	udp_send "$2" "$3" "$4"
	wait "$pid"
}
sw sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/disable_ipv6
	echo 0 > /proc/sys/net/ipv6/conf/dp0/disable_ipv6'
sw ip addr flush dev dp0
sw ip addr add 10.0.0.100/24 dev dp0
sw ip -6 addr add fd00::100/64 dev dp0 nodad
mode_tests() {
	local n=$1 id=e2e.internal.$2 dev
	ctl del-flows dp0
	mode_net "$n" "$2"
	ctl add-flow dp0 "in_port(0),eth()" "$n"
	check "$id.arp_ping" host "$n" ping -q -c 3 -i 0.05 -W 30 10.0.0.100
	host "$n" ip neigh flush dev h0
	check "$id.ping_out" sw ping -q -c 3 -i 0.05 -W 30 "10.0.0.$n"
	check "$id.nd_ping6" host "$n" ping -q -c 3 -i 0.05 -W 30 fd00::100
	sw ip -6 neigh flush dev dp0
	check "$id.nd_ping6_out" sw ping -q -c 3 -i 0.05 -W 30 "fd00::$n"
	check "$id.tcp_in" stream sw "host $n" 10.0.0.100 "51$n"
	check "$id.tcp_out" stream "host $n" sw "10.0.0.$n" "52$n"
	check "$id.tcp6_in" stream sw "host $n" "[fd00::100]" "53$n" 6
	check "$id.udp_in" datagrams sw "host $n" 10.0.0.100 "54$n"
	check "$id.udp_out" datagrams "host $n" sw "10.0.0.$n" "55$n"
	for dev in dp0 "p$n"; do
		sw ip link set "$dev" mtu 9000
	done
	host "$n" ip link set h0 mtu 9000
	pause 0.5
	check "$id.jumbo_in" host "$n" ping -q -c 3 -i 0.05 -W 30 -M "do" \
		-s 8900 10.0.0.100
	check "$id.jumbo_out" sw ping -q -c 3 -i 0.05 -W 30 -M "do" -s 8900 \
		"10.0.0.$n"
	check "$id.jumbo_tcp" stream sw "host $n" 10.0.0.100 "56$n"
	sw ip link set dp0 mtu 1500
}
if [ "$MODE" = auto ]; then
	mode_tests 10 tc
	mode_tests 11 xdp
	mode_tests 12 xdp-generic
fi

# dp1 saw nothing of it
sw ip addr flush dev dp0
sw ip addr add 10.0.0.101/24 dev dp1
check e2e.internal.other_dp host 2 ping -q -c 5 -i 0.05 -W 30 10.0.0.101
check_fails e2e.internal.apart "100% packet loss" \
	host 1 ping -q -c 2 -i 0.05 -W 1 10.0.0.101
check e2e.internal.del_dp ctl del-dp dp0
check_eq e2e.internal.dp_gone 0 "$(sw ip link | grep -c dp0)"
check e2e.internal.other_stays host 2 ping -q -c 2 -i 0.05 -W 30 10.0.0.101
finish
