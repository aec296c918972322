#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The attacker may talk to the daemon (CAP_NET_ADMIN), opens many sockets, asks
# for large answers and reads none. The daemon's memory has one limit for all
# clients. Who reads loses nothing.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

id=e2e.hostile_memory
switch_up
# A datapath made ahead would count as memory of the clients.
DAEMON_OPTIONS=--spare=off daemon_start
ctl add-dp dp0
chmod 711 "$WORK"

as_attacker() { # command: another user, with that one right
	sw setpriv --reuid=65534 --regid=65534 --clear-groups \
		--inh-caps=-all,+net_admin --ambient-caps=+net_admin "$@"
}
as_attacker true 2> /dev/null || bail "setpriv knows no ambient rights"

# 30 sockets, each asks for 300 errors that quote 12 KB of request: 100 MB. One
# half subscribes, too. At the end it reads what there is of the first one.
cat > "$WORK/attack.py" <<'END'
import socket, struct, sys
port = int(sys.argv[1], 0)
pad = struct.pack("=HH", 12004, 99) + bytes(12000)
m = struct.pack("=IHHIIBBHi", 24 + len(pad), 0x4f00, 1, 1, 0, 3, 2, 0, 77) + pad
join = struct.pack("=IHHIIBBHiHHI", 32, 0x4f0f, 1, 1, 0, 1, 1, 0, 0,
                   8, 1, 0x4f565302)
sync = struct.pack("=IHHIIBBHi", 24, 0x4f0f, 5, 1, 0, 3, 1, 0, 0)
side = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
socks = []
for i in range(30):
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    if i % 2:
        s.sendto(join, (port, 0))
    for _ in range(300):
        s.sendto(m, (port, 0))
    socks.append(s)
    side.sendto(sync, (port, 0))  # not faster than they are handled
    side.recv(4096)
print("sent", flush=True)
sys.stdin.readline()
kinds = []
socks[0].settimeout(3)
try:
    while True:
        data = socks[0].recv(1 << 16)
        kinds.append(struct.unpack_from("=IH", data)[1])
except OSError:
    pass
print("errors", kinds.count(2) > 0, "overrun", kinds.count(4), flush=True)
END
# Reads the notifications of flows, and counts.
coproc READER {
	py -c '
import sys, ovsnl as n
g = n.Genl(n.OVSXDPD, timeout=100)
g.send(0x4f0f, n.NLM_ACK, bytes([1, 1, 0, 0, 0, 0, 0, 0]) +
       n.nla(1, n.u32(0x4f565302)))
g.read()
print("joined", flush=True)
got = 0
while got < 200:
    got += sum(kind == 0x4f02 for kind, *_ in g.read())
print(got, flush=True)'
}
PIDS+=("$READER_PID")
exec {reader}<&"${READER[0]}" # bash forgets READER when it ends
read -r -t 100 _ <&"$reader"

counter() { json "d[0]['daemon']['$1']" stats; }
before=$(awk '/^VmRSS/ { print $2 }' "/proc/$DAEMON/status")
mkfifo "$WORK/go"
as_attacker python3 "$WORK/attack.py" 0x4f565358 \
	< <(exec cat "$WORK/go") > "$WORK/attack" 2>&1 &
PIDS+=($!)
wait_for 60 grep -q . "$WORK/attack"
check_eq $id.attacked sent "$(cat "$WORK/attack")"
check $id.overrun [ "$(counter clients_overrun)" -ge 5 ]
check $id.limit [ "$(counter answers_waiting_bytes)" -le $((64 << 20)) ]
check $id.was_much [ "$(counter answers_waiting_bytes)" -ge $((32 << 20)) ]
check $id.lost_counted [ "$(counter answers_lost)" -ge 1000 ]
after=$(awk '/^VmRSS/ { print $2 }' "/proc/$DAEMON/status")
check $id.memory [ $((after - before)) -le 120000 ]
check $id.said grep -q "doesn't read: messages lost" "$WORK/daemon"

# Who reads misses nothing meanwhile.
py -c '
import ovsnl as n
g = n.Genl(n.OVSXDPD, timeout=100)
dp = g.dp_get("dp0").ifindex
for i in range(200):
    key = (n.nla(n.KEY["IN_PORT"], n.u32(0)) +
           n.nla(n.KEY["ETHERNET"], bytes([2, 0, 0, 0, 0, i]) + bytes(6)) +
           n.nla(n.KEY["ETHERTYPE"], n.be16(0x1234)))
    g.call(n.FLOW, n.NEW, dp, n.nest(n.FLA["KEY"], key),
           n.nest(n.FLA["ACTIONS"]))'
read -r -t 100 got <&"$reader"
check_eq $id.reader 200 "$got"

# And the one that lost is told so, in its place.
echo > "$WORK/go"
wait_for 60 grep -q errors "$WORK/attack"
check_eq $id.told "errors True overrun 1" "$(tail -n 1 "$WORK/attack")"
finish
