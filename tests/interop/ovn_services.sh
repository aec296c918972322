#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What OVN does for its ports: addresses by DHCP (4 and 6) and by router
# advertisements, answers of ARP and ND, port security, ACLs that reject and
# that log at a limited rate, QoS, IPv6 between hosts, multicast.
#
#   sw0 10.0.0.0/24 fd00::/64: vm1 .1 (ch1), vm2 .2 (ch2), vm4 .4 (ch2)
#   sw1 10.0.1.0/24 fd01::/64: vm3 .3 (ch2)    lr0: .254 and ::fe of both

ENCAP=${ENCAP:-vxlan}
. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovn.sh
command -v tcpdump > /dev/null || bail "tcpdump is not installed"

id=interop.ovn_services
central_up || { not_ok $id.central "no databases"; finish; }
for n in 1 2; do
	chassis_up $n || { not_ok $id.chassis "ch$n"; finish; }
done
nb -- ls-add sw0 -- ls-add sw1 -- lr-add lr0
lr_join lr0 sw0 0a:00:00:00:01:00 10.0.0.254/24 fd00::fe/64
lr_join lr0 sw1 0a:00:00:00:01:01 10.0.1.254/24 fd01::fe/64
vm_up 1 sw0 1 10.0.0.1/24 10.0.0.254 fd00::1/64 fd00::fe
vm_up 2 sw0 2 10.0.0.2/24 10.0.0.254 fd00::2/64 fd00::fe
vm_up 3 sw1 2 10.0.1.3/24 10.0.1.254 fd01::3/64 fd01::fe
vm_up 4 sw0 2 10.0.0.4/24 10.0.0.254 fd00::4/64 fd00::fe
for n in 1 2 3 4; do
	check $id.bound_$n wait_for 20 vm_is_up $n
	vm_serve $n 8080
done
check $id.flows nb --wait=hv sync
check $id.ping wait_for 20 vm_ping 1 10.0.0.2

# ---- IPv6 between hosts ----
check $id.ipv6.ping wait_for 20 vm_ping 1 fd00::2
check $id.ipv6.largest vm_ping 1 -M "do" -s $((OVN_MTU - 148)) fd00::2
check $id.ipv6.fragments wait_for 5 vm_ping 1 -s 4000 fd00::2
check $id.ipv6.routed wait_for 20 vm_ping 1 fd01::3
check $id.ipv6.router vm_ping 1 fd00::fe
check $id.ipv6.tcp wait_for 10 vm_answers 1 fd00::2 8080 vm2
check $id.ipv6.tcp_routed wait_for 10 vm_answers 1 fd01::3 8080 vm3
ttl_ends() { # address
	at vm1 ping -c 1 -W "$PATIENCE" -t 1 "$1" > "$WORK/ttl"
	grep -qi 'time to live exceeded\|hop limit' "$WORK/ttl"
}
check $id.ttl.ipv4 wait_for 10 ttl_ends 10.0.1.3
check $id.ttl.ipv6 wait_for 10 ttl_ends fd01::3

# ---- ARP and ND: OVN answers in a port's place ----
vm_sniff 2 "ether src $(vm_mac 1) and ether multicast and
	(arp or icmp6[icmp6type] = icmp6-neighborsolicit)"
at vm1 ip neigh flush dev eth0
check $id.responder.arp vm_ping 1 10.0.0.2
check $id.responder.nd vm_ping 1 fd00::2
check_eq $id.responder.not_asked 0 "$(vm_sniffed 2)"

# ---- DHCP and router advertisements ----
four=$(nb create dhcp_options cidr=10.0.0.0/24 options:lease_time=3600 \
	options:server_id=10.0.0.254 options:dns_server=10.0.0.53 \
	options:server_mac='"0a:00:00:00:01:00"' \
	options:router=10.0.0.254 options:mtu=1400)
six=$(nb create dhcp_options cidr='"fd00::/64"' \
	options:server_id='"0a:00:00:00:01:00"' \
	options:dns_server='"fd00::53"')
nb lsp-set-dhcpv4-options vm1 "$four"
nb lsp-set-dhcpv6-options vm1 "$six"
nb --wait=hv sync
at vm1 ip -4 addr flush dev eth0
cat > "$WORK/lease.sh" <<-'END'
	#!/bin/sh
	[ "$1" = bound ] || exit 0
	ip addr add "$ip/$mask" dev eth0
	ip route replace default via "$router"
	echo "$ip/$mask $router $dns $mtu $lease $serverid" > "${0%.sh}"
END
chmod +x "$WORK/lease.sh"
if busybox --list | grep -qx udhcpc; then
	check $id.dhcp.client at vm1 timeout $OVN_LIMIT busybox udhcpc \
		-i eth0 -f -q -n -t 5 -T 1 -O mtu -s "$WORK/lease.sh"
	check_eq $id.dhcp.lease \
		"10.0.0.1/24 10.0.0.254 10.0.0.53 1400 3600 10.0.0.254" \
		"$(cat "$WORK/lease")"
	check $id.dhcp.works wait_for 5 vm_ping 1 10.0.1.3
else
	skip $id.dhcp.client "busybox has no udhcpc"
	at vm1 ip addr add 10.0.0.1/24 dev eth0
	at vm1 ip route replace default via 10.0.0.254
fi
# An answer to SOLICIT: the address and the name server that it has.
dhcp6() {
	at vm1 timeout $((4 * PATIENCE)) /usr/bin/python3 -c '
import socket, struct
opt = lambda code, data: struct.pack("!HH", code, len(data)) + data
duid = bytes.fromhex("00030001" "0a0000000001")
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.settimeout(1)
s.bind(("::", 546))
s.sendto(b"\1\xab\xcd\xef" + opt(1, duid) + opt(3, b"iaid" + bytes(8)) +
         opt(8, b"\0\0") + opt(6, struct.pack("!H", 23)),
         ("ff02::1:2", 547, 0, socket.if_nametoindex("eth0")))
got = s.recv(1500)
out, at = [str(got[0]), got[1:4].hex()], 4
while at < len(got):
    code, n = struct.unpack("!HH", got[at:at + 4])
    data = got[at + 4:at + 4 + n]
    if code == 3:
        out.append(socket.inet_ntop(socket.AF_INET6, data[16:32]))
    if code == 23:
        out.append(socket.inet_ntop(socket.AF_INET6, data[:16]))
    at += 4 + n
print(*out)'
}
has_dhcp6() { dhcp6 > "$WORK/dhcp6"; }
check $id.dhcp6.answer wait_for 10 has_dhcp6
check_eq $id.dhcp6.address "2 abcdef fd00::1 fd00::53" "$(cat "$WORK/dhcp6")"
nb set logical_router_port lr0-sw1 ipv6_ra_configs:address_mode=slaac \
	ipv6_ra_configs:mtu=1380 ipv6_ra_configs:send_periodic=true \
	ipv6_ra_configs:max_interval=4 ipv6_ra_configs:min_interval=3
nb --wait=hv sync
at vm3 ip -6 addr flush dev eth0
at vm3 sysctl -qw net.ipv6.conf.eth0.accept_ra=2
at vm3 ip link set eth0 down
at vm3 ip link set eth0 up # asks for advertisements
advertised() {
	at vm3 ip -6 addr show dev eth0 dynamic | grep -q fd01::800:ff:fe00:3
}
check $id.ra.address wait_for 20 advertised
check_eq $id.ra.mtu 1380 \
	"$(at vm3 cat /proc/sys/net/ipv6/conf/eth0/mtu)"
at vm3 ip -6 addr add fd01::3/64 dev eth0 nodad
at vm3 ip route replace default via 10.0.1.254

# ---- port security: only its own addresses come from vm4 ----
nb lsp-set-port-security vm4 "$(vm_mac 4) 10.0.0.4 fd00::4"
nb --wait=hv sync
check $id.security.own wait_for 10 vm_ping 4 10.0.0.1
check $id.security.own6 wait_for 10 vm_ping 4 fd00::1
at vm4 ip addr add 10.0.0.77/24 dev eth0
at vm4 ip addr add fd00::77/64 dev eth0 nodad
at vm4 ip neigh replace 10.0.0.1 lladdr "$(vm_mac 1)" dev eth0
at vm4 ip neigh replace fd00::1 lladdr "$(vm_mac 1)" dev eth0
vm_sniff 1 -Q in "host 10.0.0.77 or host fd00::77 or
	ether src 0a:00:00:00:00:77"
at vm4 ping -q -c 3 -i 0.2 -W 1 -I 10.0.0.77 10.0.0.1 > /dev/null
at vm4 ping -q -c 3 -i 0.2 -W 1 -I fd00::77 fd00::1 > /dev/null
at vm4 ip link set eth0 address 0a:00:00:00:00:77
at vm4 ip neigh replace 10.0.0.1 lladdr "$(vm_mac 1)" dev eth0 nud permanent
at vm4 ping -q -c 3 -i 0.2 -W 1 10.0.0.1 > /dev/null
check_eq $id.security.spoofed 0 "$(vm_sniffed 1)"
at vm4 ip link set eth0 address "$(vm_mac 4)"
at vm4 ip addr del 10.0.0.77/24 dev eth0
at vm4 ip addr del fd00::77/64 dev eth0
check $id.security.own_again wait_for 10 vm_ping 4 10.0.0.1

# ---- ACLs: reject, and a log of one line a second ----
refused() { # address port
	at vm1 /usr/bin/python3 -c '
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2)
except ConnectionRefusedError:
    sys.exit(0)
sys.exit(1)' "$1" "$2"
}
nb acl-add sw0 to-lport 1001 'outport == "vm2" && tcp.dst == 8080' reject
nb --wait=hv sync
check $id.reject.ipv4 wait_for 10 refused 10.0.0.2 8080
check $id.reject.ipv6 wait_for 10 refused fd00::2 8080
nb meter-add slow drop 1 pktps
nb --log --meter=slow --name=slowly acl-add sw0 to-lport 2000 \
	'outport == "vm1" && udp.dst == 9' drop
nb --wait=hv sync
lines() { grep -c 'acl_log.*name="slowly"' "$WORK/ch1/controller.log"; }
udp9() { # count
	at vm4 bash -c "for ((i = 0; i < $1; i++)); do
		echo x > /dev/udp/10.0.0.1/9; done"
}
logged() { udp9 1; [ "$(lines)" -gt 0 ]; }
check $id.acl_log.line wait_for 10 logged
before=$(lines) start=$SECONDS
udp9 60
pause 0.5
check $id.acl_log.meter test $(($(lines) - before)) -le \
	$((SECONDS - start + 3))

# ---- QoS: a mark, and a limit of 800 kbit/s with 80 kbit at once ----
nb qos-add sw0 from-lport 100 'inport == "vm1" && udp.dst == 7' dscp=46
nb qos-add sw0 to-lport 100 'outport == "vm2" && udp.dst == 77' \
	rate=800 burst=80
nb --wait=hv sync
udp_many() { # port count: datagrams of 1000 bytes with headers
	at vm1 /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(int(sys.argv[2])):
    s.sendto(bytes(958), ("10.0.0.2", int(sys.argv[1])))' "$1" "$2"
}
vm_sniff 2 -Q in 'udp dst port 7 and ip[1] = 0xb8'
udp_many 7 5
check_eq $id.qos.dscp 5 "$(vm_sniffed 2)"
vm_sniff 2 -Q in 'udp dst port 77'
start=$SECONDS
udp_many 77 400
most=$((100 * (SECONDS - start + 1) + 12))
got=$(vm_sniffed 2)
check "$id.qos.limit.$((most < 400))" test "$got" -ge 5 -a "$got" -le $most

# ---- multicast: who joined gets it, in the switch and by the router ----
for n in 0 1; do
	nb set logical_switch sw$n other_config:mcast_snoop=true \
		other_config:mcast_querier=true \
		other_config:mcast_eth_src='"0a:00:00:00:01:0'$n'"' \
		other_config:mcast_ip4_src=10.0.$n.254
done
nb set logical_router lr0 options:mcast_relay=true
nb --wait=hv sync
joins() { # number group
	begin "$WORK/joined$1" "vm$1" /usr/bin/python3 -u -c '
import socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 5007))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack(
    "=4s4si", socket.inet_aton(sys.argv[1]), bytes(4),
    socket.if_nametoindex("eth0")))
while True:
    print(s.recv(100).decode())' "$2"
}
says() { # text
	at vm1 /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 8)
s.sendto(sys.argv[1].encode(), ("239.1.1.1", 5007))' "$1"
}
for n in 2 3; do joins $n 239.1.1.1; done
groups() { [ "$(sb --bare --columns=address find igmp_group \
	address=239.1.1.1 | grep -c .)" -ge "$1" ]; }
check $id.multicast.groups wait_for 20 groups 2
nb --wait=hv sync
vm_sniff 4 -Q in 'host 239.1.1.1 and udp'
heard() { # number text
	says "$2"
	grep -q "$2" "$WORK/joined$1"
}
check $id.multicast.switch wait_for 10 heard 2 one
check $id.multicast.relay wait_for 10 heard 3 two
check_eq $id.multicast.others 0 "$(vm_sniffed 4)"

ovn_complaints > "$WORK/complaints"
check_eq $id.log "" "$(cut -c1-300 "$WORK/complaints" | head -n 5)"
finish
