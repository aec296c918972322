#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# 1,000 masks and 100,000 flows: put, read back one by one, matched by
# packets, gone after a flush.

. "$(dirname "$0")/../lib/e2e.sh"

dp_up 1 2
cat > "$WORK/put.py" <<'END'
"""Flows by IPv4 source address, masks by which of its bits (and others)."""
import socket
import struct
import sys
import ovsnl as n

nl = n.Genl(n.OVSXDPD, timeout=60)
dp = nl.dp_get("dp0").ifindex
kind = nl.resolve(n.FLOW)


def flow(i, mask):
    """Flow i; mask: 32 bits over the source, 10 over source MAC's tail."""
    src = struct.pack("!I", i)
    mac = b"\2" + struct.pack("!I", i) + b"\0"
    bits = struct.pack("!I", 0xffffffff)
    key = n.f_key(n.k_in_port(7), n.k_eth(mac), n.k_type(0x0800),
                  n.nla(n.KEY["IPV4"], src + b"\0" * 4 + b"\xfd\0\0\0"))
    msk = n.f_mask(n.k_in_port(0xffffffff),
                   n.k_eth(b"\xff" + struct.pack("!I", mask) + b"\0"),
                   n.k_type(0xffff),
                   n.nla(n.KEY["IPV4"], bits + b"\0" * 8))
    return key + msk + n.f_actions(n.a_output(2)) + \
        n.f_ufid(struct.pack("!QQ", i, mask))


def put(todo):
    """Sends in batches, an ACK for the last of each."""
    batch, seq = [], 0
    for count, attrs in enumerate(todo, 1):
        body = struct.pack("=BBHi", n.NEW, 1, 0, dp) + attrs
        last = count % 100 == 0
        seq += 1
        batch.append(struct.pack("=IHHII", 16 + len(body), kind,
                                 1 | (n.NLM_ACK if last else 0), seq,
                                 nl.pid) + body)
        if last:
            nl.sock.sendto(b"".join(batch), (nl.portid, 0))
            batch = []
            for k, _, _, data in nl.read():
                err = struct.unpack_from("=i", data)[0] if k == 2 else -999
                if err:
                    sys.exit("put: answer %d, %d" % (k, err))


def stats():
    at = nl.dp_get("dp0").attrs
    flows = struct.unpack("=4Q", at[n.DPA["STATS"]])[3]
    masks = struct.unpack_from("=QI", at[n.DPA["MEGAFLOW_STATS"]])[1]
    return flows, masks


if sys.argv[1] == "masks":
    # 1,000 masks, one flow each
    put(flow(i, i) for i in range(1, 1001))
elif sys.argv[1] == "flows":
    put(flow(0x0b000000 + i, 0xffffffff) for i in range(100000))
elif sys.argv[1] == "read":
    want = set(range(0x0b000000, 0x0b000000 + 100000))
    got = 0
    for m in nl.dump(n.FLOW, dp):
        i, mask = struct.unpack("!QQ", m.attrs[n.FLA["UFID"]])
        key = dict(n.parse(m.attrs[n.FLA["KEY"]]))
        src = struct.unpack("!I", key[n.KEY["IPV4"]][:4])[0]
        if src != i:
            sys.exit("flow %x has the key of %x" % (i, src))
        got += 1
        want.discard(i)
    print(got, "missing", len(want))
elif sys.argv[1] == "get":
    for i in range(0x0b000000, 0x0b000000 + 100000, 997):
        m = nl.call(n.FLOW, n.GET, dp,
                    n.f_ufid(struct.pack("!QQ", i, 0xffffffff)))[0]
        assert n.ACT["OUTPUT"] == n.parse(m.attrs[n.FLA["ACTIONS"]])[0][0]
    print("ok")
elif sys.argv[1] == "hits":
    hit = 0
    for m in nl.dump(n.FLOW, dp):
        if n.FLA["STATS"] in m.attrs:
            hit += struct.unpack("=QQ", m.attrs[n.FLA["STATS"]])[0]
    print(hit)
print(*stats())
END
# Sends one frame for each of COUNT flows from START, every STEPth.
cat > "$WORK/send.py" <<'END'
import socket
import struct
import sys
import time
start, count, step = (int(a, 0) for a in sys.argv[1:])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("h0", 0))
for k, i in enumerate(range(start, start + count * step, step)):
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 46, 0, 0, 64, 253, 0,
                     struct.pack("!I", i), b"\x0a\0\0\2")
    s.send(b"\2\0\0\0\0\2\2" + struct.pack("!I", i) + b"\0\x08\0" + ip +
           b"x" * 26)
    if k % 50 == 49:
        time.sleep(0.002)
END
# The flows' in_port is 7: host 1's port shall be that.
ctl del-if dp0 p1
ctl add-if dp0 p1,port_no=7

check_eq e2e.scale.masks_put "1000 1000" "$(py "$WORK/put.py" masks)"
host 1 python3 "$WORK/send.py" 1 1000 1
check_eq e2e.scale.masks_match "1000 1000 1000" \
	"$(py "$WORK/put.py" hits | xargs)"
ctl del-flows dp0
check_eq e2e.scale.flush "0 0" "$(py "$WORK/put.py" stats)"

start=$(date +%s%N)
check_eq e2e.scale.flows_put "100000 1" "$(py "$WORK/put.py" flows)"
echo "# put in $((($(date +%s%N) - start) / 1000000)) ms"
check_eq e2e.scale.flows_read "100000 missing 0 100000 1" \
	"$(py "$WORK/put.py" read | xargs)"
check_eq e2e.scale.flows_get "ok 100000 1" "$(py "$WORK/put.py" get | xargs)"
host 1 python3 "$WORK/send.py" 0x0b000000 2000 50
check_eq e2e.scale.flows_match "2000 100000 1" \
	"$(py "$WORK/put.py" hits | xargs)"

# they survive the daemon, each of them
daemon_kill 9
daemon_start
check_eq e2e.scale.takeover "100000 missing 0 100000 1" \
	"$(py "$WORK/put.py" read | xargs)"
ctl del-flows dp0
check_eq e2e.scale.flush_flows "0 0" "$(py "$WORK/put.py" stats)"
# in so many turns of the loop as it takes; two of requests may be in one
check e2e.scale.flush_turns test "$(ctl stats |
	awk '$1 == "loop_most_flows" { print $2 }')" -le 8192
finish
