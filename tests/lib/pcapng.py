# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Reads a capture file (pcapng) block by block, as draft-ietf-opsawg-pcapng has
it, and prints a line a packet:

    pcapng.py FILE
    INTERFACE LINKTYPE KEPT/LEN COMMENT

Fails where the file isn't as the draft says.
"""
import struct
import sys


def need(what, ok):
    if not ok:
        sys.exit("not a capture file: " + what)


def options(data):
    """Code and value of each; the end of them is there, and is the end."""
    at = 0
    while True:
        need("options without an end", at + 4 <= len(data))
        code, size = struct.unpack_from("=HH", data, at)
        value = data[at + 4:at + 4 + size]
        need("option longer than its block", len(value) == size)
        pad = data[at + 4 + size:at + 4 + (size + 3 & ~3)]
        need("padding", not any(pad))
        at += 4 + (size + 3 & ~3)
        if code == 0:
            need("bytes behind the last option", not size and
                 at == len(data))
            return
        yield code, value


def blocks(data):
    at = 0
    while at < len(data):
        need("block cut short", at + 12 <= len(data))
        kind, size = struct.unpack_from("=II", data, at)
        need("length %d" % size, size % 4 == 0 and size >= 12 and
             at + size <= len(data))
        need("lengths differ",
             struct.unpack_from("=I", data, at + size - 4)[0] == size)
        yield kind, data[at + 8:at + size - 4]
        at += size


def interface(body):
    link, zero, snaplen = struct.unpack_from("=HHI", body)
    opts = dict(options(body[8:]))
    need("reserved", zero == 0)
    need("nanoseconds", opts.get(9) == b"\x09")
    return opts[2].decode(), link, snaplen


def packet(body, interfaces):
    i, _, _, kept, size = struct.unpack_from("=IIIII", body)
    need("interface %d" % i, i < len(interfaces))
    name, link, snaplen = interfaces[i]
    need("kept more than the packet has", kept <= size)
    need("kept %d of at most %d" % (kept, snaplen), kept <= snaplen)
    opts = dict(options(body[20 + (kept + 3 & ~3):]))
    return "%s %d %d/%d %s" % (name, link, kept, size, opts[1].decode())


def main():
    with open(sys.argv[1], "rb") as f:
        data = f.read()
    interfaces = []
    first = True
    for kind, body in blocks(data):
        if first:
            need("begins with block %#x" % kind, kind == 0x0a0d0d0a)
            need("byte order", body[:4] == struct.pack("=I", 0x1a2b3c4d))
            need("version", struct.unpack_from("=HH", body, 4) == (1, 0))
            first = False
        elif kind == 1:
            interfaces.append(interface(body))
        else:
            need("block %#x" % kind, kind == 6)
            print(packet(body, interfaces))
    need("empty", not first)


main()
