# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""upcall.py DP PORT... - a small ovs-vswitchd: a learning switch.

Takes the ports' upcalls; for each MISS installs a flow to the port where the
destination was seen (or else the other port) and re-injects the packet with
EXECUTE. Prints a line a MISS. Ends after --count N of them, if given.
"""

import struct
import sys

import ovsnl as n


def main():
    args = sys.argv[1:]
    count = 0
    if args[0] == "--count":
        count = int(args[1])
        args = args[2:]
    nl, up = n.Genl(n.OVSXDPD), n.Genl(n.OVSXDPD, timeout=60)
    dp = nl.dp_get(args[0]).ifindex
    ports = {}
    for name in args[1:]:
        got = nl.call(n.VPORT, n.SET, dp, n.nla(n.VPA["NAME"], n.string(name)),
                      n.nla(n.VPA["UPCALL_PID"], n.u32(up.pid)),
                      flags=n.NLM_ECHO)
        ports[struct.unpack("=I", got[0].attrs[n.VPA["PORT_NO"]])[0]] = name
    learned = {}
    seen = 0
    print("ready", flush=True)
    while not count or seen < count:
        for kind, flags, seq, body in up.read():
            msg = n.Message(kind, flags, seq, body)
            if msg.cmd != n.MISS:
                print("cmd %d" % msg.cmd, flush=True)
                continue
            seen += 1
            key = msg.attrs[n.PKA["KEY"]]
            fields = dict(n.parse(key))
            in_port = struct.unpack("=I", fields[n.KEY["IN_PORT"]])[0]
            eth = fields[n.KEY["ETHERNET"]]
            learned[eth[:6]] = in_port
            to = learned.get(eth[6:], next(p for p in ports if p != in_port))
            acts = n.a_output(to)
            mask = n.f_mask(n.k_in_port(0xffffffff),
                            n.k_eth(b"\xff" * 6, b"\xff" * 6))
            try:
                nl.call(n.FLOW, n.NEW, msg.ifindex,
                        n.nla(n.FLA["KEY"] | 0x8000, key), mask,
                        n.f_actions(acts))
            except n.NlError as e:
                print("flow: %s %s" % (n.errname(e.errno), e.msg), flush=True)
            nl.call(n.PACKET, n.EXECUTE, msg.ifindex,
                    n.nla(n.PKA["PACKET"], msg.attrs[n.PKA["PACKET"]]),
                    n.nla(n.PKA["KEY"] | 0x8000, key),
                    n.nest(n.PKA["ACTIONS"], acts))
            print("miss in_port=%d to=%d len=%d" % (
                in_port, to, len(msg.attrs[n.PKA["PACKET"]])), flush=True)


if __name__ == "__main__":
    main()
