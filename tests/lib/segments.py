# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Sends packets of connections between two devices of two network namespaces, one
after the other: the next one when the last one has come out at the other side.

    segments.py NAMESPACE:DEVICE NAMESPACE:DEVICE < PACKETS

A line of PACKETS is the end that sends (1 or 2), then one of

    tcp PORT FLAGS SEQ ACK [LENGTH]   FLAGS: letters of SFRPA
    udp PORT [LENGTH | hex:BYTES]
    icmp ID TYPE

PORT is end 1's; end 2 has 80, or what follows a colon. End N is 10.1.0.N, which is nobody's, with the
MAC of host N of tests/lib/e2e.sh. Checksums are right. Exit code 1: one didn't
come out.
"""
import select
import struct
import sys

from frames import csum, open_at

FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}
WAIT = 60


def with_sum(l4, at, pseudo):
    return l4[:at] + struct.pack("!H", csum(pseudo + l4)) + l4[at + 2:]


def numbers(word):
    number, _, other = word.partition(":")
    return int(number), int(other or 80)


def payload(word):
    kind, _, data = word.partition(":")
    return bytes.fromhex(data) if data else b"x" * int(kind)


def layer4(src, words):
    """Protocol, and bytes with the sum as if there were no pseudo header."""
    kind, (number, other) = words[0], numbers(words[1])
    ports = (number, other) if src == 1 else (other, number)
    if kind == "icmp":
        return 1, 2, struct.pack("!BBHHH", int(words[2]), 0, 0, number, 1)
    if kind == "udp":
        load = payload(words[2] if len(words) > 2 else "1")
        return 17, 6, struct.pack("!HHHH", *ports, 8 + len(load), 0) + load
    flags = sum(FLAGS[c] for c in words[2])
    load = b"x" * int(words[5] if len(words) > 5 else 0)
    return 6, 16, struct.pack("!HHIIBBHHH", *ports, int(words[3]),
                              int(words[4]), 5 << 4, flags, 8192, 0,
                              0) + load


def frame(src, number, words):
    dst = 3 - src
    proto, at, l4 = layer4(src, words)
    ends = bytes([10, 1, 0, src, 10, 1, 0, dst])
    pseudo = b"" if proto == 1 else ends + struct.pack("!HH", proto, len(l4))
    l4 = with_sum(l4, at, pseudo)
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(l4), number, 0, 64, proto,
                     0) + ends
    ip = with_sum(ip, 10, b"")
    mac = [b"\2\0\0\0\0" + bytes([n]) for n in (dst, src)]
    return mac[0] + mac[1] + b"\x08\x00" + ip + l4


def came_out(sock, number):
    while select.select([sock], [], [], WAIT)[0]:
        data = sock.recv(2048)
        if data[12:14] == b"\x08\x00" and data[18:20] == struct.pack(
                "!H", number):
            return True
    return False


def main():
    socks = [open_at(where) for where in sys.argv[1:3]]
    for number, line in enumerate(sys.stdin, 1):
        words = line.split()
        src = int(words[0])
        socks[src - 1].send(frame(src, number, words[1:]))
        if not came_out(socks[2 - src], number):
            print("lost: " + line.strip(), file=sys.stderr)
            return 1
    return 0


sys.exit(main())
