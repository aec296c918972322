# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""outer.py KIND ADDRESS ID MAC FILE - a tunnel's packet with FILE in it.

KIND is vxlan, geneve or gre, ADDRESS the remote one, of IPv4 or IPv6, and ID
the tunnel's. Inside is a frame to MAC with UDP from 10.0.0.2 to 10.0.0.1, port
5009. The kernel sends it, and makes fragments of it where it must.
"""

import socket
import struct
import sys

GRE = 47


def checksum(data):
    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    s = (s & 0xffff) + (s >> 16)
    return ~(s + (s >> 16)) & 0xffff


def frame(mac, payload):
    """Without UDP's checksum, which IPv4 allows."""
    ip = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), 1,
                               0, 64, 17, 0, socket.inet_aton("10.0.0.2"),
                               socket.inet_aton("10.0.0.1")))
    ip[10:12] = struct.pack("!H", checksum(bytes(ip)))
    return (bytes.fromhex(mac.replace(":", "")) + b"\2\0\0\0\0\2\x08\0" + ip +
            struct.pack("!HHHH", 5009, 5009, 8 + len(payload), 0) + payload)


def main():
    kind, address, ident, mac, path = sys.argv[1:]
    ident = int(ident)
    with open(path, "rb") as f:
        inner = frame(mac, f.read())
    head, port, proto = {
        "vxlan": (struct.pack("!II", 0x08000000, ident << 8), 4789, 0),
        "geneve": (struct.pack("!BBHI", 0, 0, 0x6558, ident << 8), 6081, 0),
        "gre": (struct.pack("!HHI", 0x2000, 0x6558, ident), 0, GRE),
    }[kind]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    s = socket.socket(family, socket.SOCK_RAW if proto else socket.SOCK_DGRAM,
                      proto)
    if family == socket.AF_INET:
        # or it would have DF, and be refused
        s.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER, ..._DONT
    s.sendto(head + inner, (address, port))


main()
