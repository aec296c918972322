# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Sends frames on a device of one network namespace and prints what arrives in
others, a line a frame, in order of arrival in each:

    frames.py FROM:DEV TO:DEV... -- FRAME...

FRAME: udp:FIELD=VALUE,... (dst src: last byte of MAC and IPv4 address;
ttl tos len dport vlan), or hex:HEXDIGITS. Output lines: the number of the
receiver from 1, then fields. A tag that the kernel took out is put back;
checksums are looked at as they are in memory.

FRAMES_WAIT: seconds to wait for a frame after the last one was sent, longer
ones on a busy machine and inside of tests/vm/run (OX_VM). FRAMES_WANT: that
many frames are waited for, however long it takes, and little longer for one
too many. FRAMES_GAP: seconds between two frames. FRAMES_READY: a file that is
made when frames are heard.
"""
import ctypes
import os
import select
import socket
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
PACKET_AUXDATA = 8
SOL_PACKET = 263
BUSY = min(max(os.getloadavg()[0] / os.cpu_count(), 1), 5)
SLOW = BUSY * (4 if os.environ.get("OX_VM") else 1)
LIBC = ctypes.CDLL(None, use_errno=True)


def open_at(where):
    """A packet socket on NAMESPACE:DEVICE."""
    ns, dev = where.split(":")
    with open("/run/netns/" + ns) as f:
        if LIBC.setns(f.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns " + ns)
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                      socket.htons(0x0003))
    s.bind((dev, 0x0003))
    s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    s.setblocking(False)
    return s


def csum(data):
    if len(data) % 2:
        data += b"\0"
    n = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return n ^ 0xffff


def make_udp(spec):
    """An Ethernet frame with IPv4 and UDP; len counts all of it."""
    v = dict(src=1, dst=2, ttl=64, tos=0, len=100, dport=7, vlan=0)
    for field in filter(None, spec.split(",")):
        name, value = field.split("=")
        v[name] = int(value, 0)
    data = bytes(i & 0xff for i in range(v["len"] - 42))
    src = bytes((10, 0, 0, v["src"]))
    dst = bytes((10, 0, 0, v["dst"]))
    head = struct.pack("!HHHH", 4000, v["dport"], 8 + len(data), 0)
    pseudo = src + dst + struct.pack("!BBH", 0, 17, 8 + len(data))
    head = head[:6] + struct.pack("!H", csum(pseudo + head + data) or 0xffff)
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, v["tos"], 28 + len(data), 1, 0,
                     v["ttl"], 17, 0, src, dst)
    ip = ip[:10] + struct.pack("!H", csum(ip)) + ip[12:]
    tag = struct.pack("!HH", 0x8100, v["vlan"]) if v["vlan"] else b""
    return b"\2\0\0\0\0" + bytes([v["dst"]]) + b"\2\0\0\0\0" + \
        bytes([v["src"]]) + tag + b"\x08\0" + ip + head + data


def make(text):
    kind, _, spec = text.partition(":")
    return make_udp(spec) if kind == "udp" else bytes.fromhex(spec)


def receive(s):
    """One frame with its tag, or None for our own host's."""
    data, aux, _, addr = s.recvmsg(65536, 256)
    if addr[2] == socket.PACKET_OUTGOING:
        return None
    for level, kind, body in aux:
        if level != SOL_PACKET or kind != PACKET_AUXDATA:
            continue
        status, _, _, _, _, tci, tpid = struct.unpack_from("=IIIHHHH", body)
        if status & 0x10:
            data = data[:12] + struct.pack(
                "!HH", tpid if status & 0x40 else 0x8100, tci) + data[12:]
    return data


def ip_text(p, whole):
    out = ["ttl=%d" % p[8], "tos=%d" % p[1],
           "src=%s" % socket.inet_ntoa(p[12:16]),
           "dst=%s" % socket.inet_ntoa(p[16:20])]
    good = csum(p[:20]) == 0
    size = struct.unpack_from("!H", p, 2)[0]
    if p[9] == 17 and len(p) >= 28:
        out.append("dport=%d" % struct.unpack_from("!H", p, 22)[0])
        seg = p[20:size]
        pseudo = p[12:20] + struct.pack("!BBH", 0, 17, size - 20)
        if whole and len(p) >= size:
            good = good and csum(pseudo + seg) == 0
    out.append("csum=" + ("ok" if good else "bad"))
    return out


def describe(f):
    out = ["len=%d" % len(f), "to=%s" % f[0:6].hex()]
    at = 12
    while struct.unpack_from("!H", f, at)[0] in (0x8100, 0x88a8):
        tci = struct.unpack_from("!H", f, at + 2)[0]
        out.append("vlan=%d" % (tci & 0xfff) + ("+dei" if tci & 0x1000 else ""))
        at += 4
    kind = struct.unpack_from("!H", f, at)[0]
    p = f[at + 2:]
    if kind == 0x0800 and len(p) >= 20:
        return " ".join(out + ip_text(p, True))
    return " ".join(out + ["type=0x%04x" % kind, f[at + 2:at + 34].hex()])


def main():
    split = sys.argv.index("--")
    sender = open_at(sys.argv[1])
    receivers = {open_at(w): i for i, w in enumerate(sys.argv[2:split], 1)}
    got = {i: [] for i in receivers.values()}
    if "FRAMES_READY" in os.environ:
        open(os.environ["FRAMES_READY"], "w").close()
    for text in sys.argv[split + 1:]:
        sender.send(make(text))
        time.sleep(float(os.environ.get("FRAMES_GAP", "0.01")) * SLOW)
    # Quiet for so long: nothing more comes. The first may need user space.
    wait = float(os.environ.get("FRAMES_WAIT", "0.4")) * SLOW
    want = int(os.environ.get("FRAMES_WANT", "0"))
    end = time.monotonic() + (60 if want else wait)
    last = end + 5 * SLOW
    while time.monotonic() < end:
        for s in select.select(list(receivers), [], [],
                               max(0, end - time.monotonic()))[0]:
            f = receive(s)
            if f is not None:
                got[receivers[s]].append(f)
                want -= 1
                more = time.monotonic() + min(wait, 0.4 * SLOW)
                end = time.monotonic() + 0.1 * SLOW if want == 0 else \
                    max(end, min(last, more))
    for i in sorted(got):
        for f in got[i]:
            print(i, describe(f))


if __name__ == "__main__":
    main()
