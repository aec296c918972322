#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A tun device, whose packets have no Ethernet header, as a port. Its packets
# get one by push_eth, and lose it by pop_eth. One tun to another. What can't be
# sent where it doesn't fit.

. "$(dirname "$0")/../lib/e2e.sh"
[ "$MODE" = auto ] || [ "$MODE" = tc ] || bail "XDP takes no L3 devices"
[ -c /dev/net/tun ] || bail "no /dev/net/tun"

dp_up 1
sw ip tuntap add dev tn0 mode tun 2> "$WORK/tun" || bail "$(cat "$WORK/tun")"
sw ip tuntap add dev tn1 mode tun
# Answers pings for any address, and logs what comes: IN DEVICE HEX
cat > "$WORK/echo.py" <<'END'
import fcntl
import os
import select
import struct
import sys


def tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, 0x400454ca,  # TUNSETIFF, IFF_TUN | IFF_NO_PI
                struct.pack("16sH22x", name.encode(), 0x1001))
    return fd


def csum(d):
    n = sum(struct.unpack("!%dH" % (len(d) // 2), d + b"\0" * (len(d) % 2)))
    n = (n & 0xffff) + (n >> 16)
    return 0xffff ^ ((n & 0xffff) + (n >> 16))


def reply(p):
    p = bytearray(p)
    p[12:16], p[16:20] = p[16:20], p[12:16]
    p[20:24] = b"\0\0\0\0"
    p[22:24] = struct.pack("!H", csum(bytes(p[20:])))
    return bytes(p)


fds = {tun(name): name for name in sys.argv[1:]}
print("ready", flush=True)
while True:
    for fd in select.select(list(fds), [], [])[0]:
        p = os.read(fd, 65536)
        print(fds[fd], p.hex(), flush=True)
        if len(p) >= 28 and p[0] == 0x45 and p[9] == 1 and p[20] == 8:
            os.write(fd, reply(p))
END
# not by sw(): the signal shall reach python, not a shell
nsenter --net="/run/netns/$SW" python3 "$WORK/echo.py" tn0 tn1 \
	> "$WORK/echo" 2>&1 &
PIDS+=($!)
wait_for 5 grep -q ready "$WORK/echo"
sw ip link set tn0 up
sw ip link set tn1 up

check e2e.l3.add ctl add-if dp0 tn0,port_no=5
check e2e.l3.add_second ctl add-if dp0 tn1,port_no=6
why="tc: .*without Ethernet"
[ "$MODE" = auto ] || why="tc: asked"
check e2e.l3.why grep -q "tn0 .*\[$why" <(ctl show dp0)
check_fails e2e.l3.no_xdp "Ethernet" \
	sh -c "nsenter --net=/run/netns/$SW $O/ovsxdpctl set-if dp0 tn0,mode=xdp"
check e2e.l3.mode_kept grep -q 'tn0 \[tc' <(ctl show dp0)

# host 1 <-> tun: the header off one way, on the other way
host 1 ip route add 10.7.0.0/24 via 10.0.0.7
host 1 ip neigh replace 10.0.0.7 lladdr "$(mac 7)" dev h0
check e2e.l3.flow_in ctl add-flow dp0 \
	"in_port(1),eth(),eth_type(0x0800),ipv4()" "pop_eth,5"
check e2e.l3.flow_out ctl add-flow dp0 "in_port(5),eth_type(0x0800),ipv4()" \
	"push_eth(src=$(mac 7),dst=$(mac 1)),1"
check e2e.l3.ping host 1 ping -q -c 3 -i 0.05 -W 30 10.7.0.9
check e2e.l3.ping_large host 1 ping -q -c 3 -i 0.05 -W 30 -s 1400 10.7.0.9
check e2e.l3.no_header grep -q '^tn0 4500' "$WORK/echo"
check_eq e2e.l3.counted "6 6" \
	"$(ctl dump-flows dp0 | grep -o 'packets:[0-9]*' | cut -d: -f2 | xargs)"

# one tun to the other: nothing to do but to send
ctl del-flows dp0
ctl add-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4()" "pop_eth,5"
ctl add-flow dp0 "in_port(5),eth_type(0x0800),ipv4()" 6
host 1 ping -q -c 1 -W 1 10.7.0.9 > /dev/null
check e2e.l3.tun_to_tun wait_for 3 grep -q '^tn1 4500' "$WORK/echo"

# A packet without header can't leave by an Ethernet device.
ctl del-flows dp0
ctl add-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4()" "pop_eth,5"
ctl add-flow dp0 "in_port(5),eth_type(0x0800),ipv4()" 1
check_fails e2e.l3.no_ethernet "100% packet loss" \
	host 1 ping -q -c 2 -i 0.05 -W 1 10.7.0.9
check_eq e2e.l3.no_ethernet_reason 2 \
	"$(json "d[0]['reasons']['no_ethernet']" stats dp0)"
finish
