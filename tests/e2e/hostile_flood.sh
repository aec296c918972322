#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# One port floods the daemon with misses. It loses what is over its share, by
# name and in its own counter; another port's misses all arrive. The daemon
# stands still meanwhile, so that nothing depends on how fast it is.

. "$(dirname "$0")/../lib/e2e.sh"

N=20000 # frames of the hostile port
M=300	# of its neighbour: fewer than an AF_XDP socket has room for

dp_up 1 2

# send HOST FRAMES: each a flow of its own
send() {
	host "$1" /usr/bin/python3 - "$2" <<-'END'
		import socket, struct, sys
		s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		s.bind(("h0", 0))
		for i in range(int(sys.argv[1])):
		    s.send(bytes.fromhex("020000000063 020000000062 88b5") +
		           struct.pack("!I", i) + bytes(46))
	END
}

# Asks for the misses of both ports, by one port id per port or per CPU. Then it
# prints how many came of each port, and how many the datapath and each port lost.
cat > "$WORK/client" <<'END'
import os, select, socket, struct, sys, time
import ovsnl as n

kind, ready, go, patience = sys.argv[1:5]
nl = n.Genl(n.OVSXDPD, timeout=100)
dp = nl.dp_get("dp0").ifindex
socks = [n.Genl(n.OVSXDPD) for _ in range(2)]
for s in socks:
    s.sock.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE


def lost():
    total = struct.unpack_from("=QQQQ", nl.dp_get("dp0").attrs[n.DPA["STATS"]])
    ports = []
    for name in "p1", "p2":
        a = nl.call(n.VPORT, n.GET, dp, n.nla(n.VPA["NAME"], n.string(name)))
        up = dict(n.parse(a[0].attrs[n.VPA["UPCALL_STATS"]]))
        ports.append(struct.unpack("=Q", up[1])[0])
    return [total[2]] + ports


if kind == "port":
    for name, s in zip(("p1", "p2"), socks):
        nl.call(n.VPORT, n.SET, dp, n.nla(n.VPA["NAME"], n.string(name)),
                n.nla(n.VPA["UPCALL_PID"], n.u32(s.pid)))
else:
    pids = b"".join(n.u32(socks[0].pid) for _ in range(os.cpu_count()))
    nl.call(n.DP, n.SET, 0, n.nla(n.DPA["NAME"], n.string("dp0")),
            n.nla(n.DPA["USER_FEATURES"], n.u32(8)),
            n.nla(n.DPA["PER_CPU_PIDS"], pids))
before = lost()
open(ready, "w").close()
while not os.path.exists(go):
    time.sleep(0.05)
got = {1: 0, 2: 0}
while True:
    r, _, _ = select.select([s.sock for s in socks], [], [], float(patience))
    if not r:
        break
    for s in r:
        body = s.recv(65536)[16:]
        key = dict(n.parse(dict(n.parse(body[8:]))[n.PKA["KEY"]]))
        got[struct.unpack("=I", key[n.KEY["IN_PORT"]])[0]] += 1
time.sleep(2)  # sockets are asked once a second what they have lost
print(got[1], got[2], *(b - a for a, b in zip(before, lost())))
END

flood() { # kind: GOT1 GOT2 LOST LOST1 LOST2
	rm -f "$WORK/ready" "$WORK/go"
	py "$WORK/client" "$1" "$WORK/ready" "$WORK/go" $((2 * $(busy))) \
		> "$WORK/got" 2>&1 &
	local client=$!
	wait_for 10 test -e "$WORK/ready"
	kill -STOP "$DAEMON"
	send 1 $N
	send 2 $M
	kill -CONT "$DAEMON"
	: > "$WORK/go"
	wait $client
	cat "$WORK/got"
}
for kind in port cpu; do
	got=$(flood $kind)
	read -r got1 got2 lost lost1 lost2 <<< "$got"
	check_eq e2e.hostile_flood.neighbour_$kind "$M 0" "$got2 $lost2"
	# a share, neither all nor nothing, and nothing vanishes
	check_eq e2e.hostile_flood.counted_$kind "$N $lost" \
		"$((got1 + lost1)) $lost1"
	check e2e.hostile_flood.share_$kind test "${got1:-0}" -ge 256 -a \
		"${lost1:-0}" -ge $((N / 2))
	[ "$FAILED" = 0 ] || echo "# $kind: $got"
done
why=ring_share
mode_is_xdp && why=socket_full
check e2e.hostile_flood.named sh -c \
	"nsenter --net=/run/netns/$SW $O/ovsxdpctl stats dp0 |
	grep -E '$why.*[1-9]'"
finish
