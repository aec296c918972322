#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What does openvswitch.ko make of the keys of connection tracking, in flows
and in an EXECUTE's metadata, and of ct() in a list of actions? Run inside of
tests/vm/run:

    tests/vm/run tests/vm/probe_ct.py > tests/unit/ct_module.h

Not asked is what shows where struct sw_flow_key of the module keeps fields in
one place: tuples of both families at once, a tuple beside ND.

The output is a table for tests/unit/test_key_module.c (CASE, EXECUTE) and
test_actions_module.c (ACTION). Keys keep their ct_* here.
"""

import errno
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
import probe_actions as pa  # noqa: E402
import probe_keys as pk  # noqa: E402
from probe_keys import n, K, P, E, M_T, t  # noqa: E402

A = n.ACT
ONES = 0xffffffff
LABELS = bytes(range(1, 17))


def state(v):
    return n.nla(K["CT_STATE"], n.u32(v))


def zone(v):
    return n.nla(K["CT_ZONE"], n.u16(v))


def mark(v):
    return n.nla(K["CT_MARK"], n.u32(v))


def labels(v=LABELS):
    return n.nla(K["CT_LABELS"], v)


def tuple4(src=b"\x0a\0\0\1", dst=b"\x0a\0\0\2", sport=b"\0\1", dport=b"\0\2",
           proto=17):
    return n.nla(K["CT_ORIG_TUPLE_IPV4"],
                 src + dst + sport + dport + bytes([proto]) + b"\0" * 3)


def tuple6(src=b"\xfd" * 16, dst=b"\xfe" * 16, sport=b"\0\1", dport=b"\0\2",
           proto=6):
    return n.nla(K["CT_ORIG_TUPLE_IPV6"],
                 src + dst + sport + dport + bytes([proto]) + b"\0" * 3)


T4_ONES = tuple4(b"\xff" * 4, b"\xff" * 4, b"\xff" * 2, b"\xff" * 2, 255)
T6_ONES = tuple6(b"\xff" * 16, b"\xff" * 16, b"\xff" * 2, b"\xff" * 2, 255)
L2 = P + E + t(0x88b5)
IP = P + E + t(0x800) + n.k_ipv4(proto=200)
IP6 = P + E + t(0x86dd) + n.k_ipv6(proto=200)
ARP = P + E + t(0x806) + n.nla(K["ARP"],
                               b"\1" * 8 + b"\0\1" + b"\3" * 12 + b"\0\0")
ND = P + E + t(0x86dd) + n.k_ipv6(proto=58) + n.nla(
    K["ICMPV6"], b"\x87\0") + n.nla(K["ND"], b"\1" * 28)
ALL4 = state(0x22) + zone(7) + mark(0x55) + labels() + tuple4()
ALL6 = state(0x2a) + zone(65535) + mark(ONES) + labels() + tuple6()
M_ND = n.nla(K["IPV6"], b"\0" * 36 + b"\xff\0\0\0") + n.nla(
    K["ICMPV6"], b"\xff\0")

KEYS = [  # name, key, mask (None: exact)
    ("state", L2 + state(0x21), None),
    ("state zero", L2 + state(0), None),
    ("state, all bits", L2 + state(0xff), None),
    ("state, bit 8", L2 + state(0x100), None),
    ("state, bit 31", L2 + state(0x80000001), None),
    ("state of 1 byte", L2 + n.nla(K["CT_STATE"], b"\1"), None),
    ("state of 8 bytes", L2 + n.nla(K["CT_STATE"], b"\1" * 8), None),
    ("state twice", L2 + state(1) * 2, None),
    ("state, byte order flag",
     L2 + n.nla(K["CT_STATE"] | 0x4000, n.u32(1)), None),
    ("state open", L2 + state(0x21), M_T),
    ("state mask", L2 + state(0x21), M_T + state(0x20)),
    ("state mask of zero", L2 + state(0x21), M_T + state(0)),
    ("state mask, bit 8", L2 + state(0x21), M_T + state(0x120)),
    ("state mask of ones", L2 + state(0x21), M_T + state(ONES)),
    ("state mask, not in key", L2, M_T + state(0x20)),
    ("state mask of zero, not in key", L2, M_T + state(0)),
    ("state bad, open", L2 + state(0x100), M_T),
    ("state on ip", IP + state(0x25), None),
    ("state without eth", P + t(0x800) + n.k_ipv4(proto=200) + state(0x25),
     None),
    ("state on 802.2", P + E + state(0x25), None),
    ("state in a tag", P + E + pk.tag(0x1005, t(0x88b5), state(0x20)), None),
    ("state beside a tag", P + E + state(0x20) + pk.tag(0x1005, t(0x88b5)),
     None),
    ("zone", L2 + zone(0x1234), None),
    ("zone mask", L2 + zone(0x1234), M_T + zone(0xff00)),
    ("zone mask, not in key", L2, M_T + zone(1)),
    ("zone of 4 bytes", L2 + n.nla(K["CT_ZONE"], b"\1" * 4), None),
    ("mark", L2 + mark(0x12345678), None),
    ("mark mask", L2 + mark(0x12345678), M_T + mark(0xff)),
    ("mark mask, not in key", L2, M_T + mark(1)),
    ("mark of 2 bytes", L2 + n.nla(K["CT_MARK"], b"\1" * 2), None),
    ("labels", L2 + labels(), None),
    ("labels mask", L2 + labels(), M_T + labels(b"\xff" * 4 + b"\0" * 12)),
    ("labels mask, not in key", L2, M_T + labels()),
    ("labels of 8 bytes", L2 + labels(b"\1" * 8), None),
    ("labels zero", L2 + labels(b"\0" * 16), None),
    ("tuple4", IP + tuple4(), None),
    ("tuple4 of protocol 0", IP + tuple4(proto=0), None),
    ("tuple4 zero", IP + tuple4(b"\0" * 4, b"\0" * 4, b"\0\0", b"\0\0", 0),
     None),
    ("tuple4 open", IP + tuple4(), M_T),
    ("tuple4 mask", IP + tuple4(), M_T + tuple4(b"\xff\0\0\0", b"\0\0\0\xff",
                                                b"\0\xff", b"\xff\0", 255)),
    ("tuple4 mask, protocol open", IP + tuple4(), M_T + tuple4(
        b"\xff" * 4, b"\0" * 4, b"\0\0", b"\0\0", 0)),
    ("tuple4 mask, protocol partly", IP + tuple4(proto=17), M_T + tuple4(
        b"\xff" * 4, b"\0" * 4, b"\0\0", b"\0\0", 0x0e)),
    ("tuple4 mask, type open", IP + tuple4(), T4_ONES),
    ("tuple4 mask, type partly", IP + tuple4(),
     n.nla(K["ETHERTYPE"], b"\xff\0") + T4_ONES),
    ("tuple4 mask of zero, type open", IP + tuple4(), tuple4(
        b"\0" * 4, b"\0" * 4, b"\0\0", b"\0\0", 0)),
    ("tuple4 mask, not in key", IP, M_T + T4_ONES),
    ("tuple4 on l2", L2 + tuple4(), None),
    ("tuple4 on l2, open", L2 + tuple4(), M_T),
    ("tuple4 on arp", ARP + tuple4(), None),
    ("tuple4 on arp, open", ARP + tuple4(), M_T),
    ("tuple4 on ipv6", IP6 + tuple4(), None),
    ("tuple4 of 12 bytes", IP + n.nla(K["CT_ORIG_TUPLE_IPV4"], b"\1" * 12),
     None),
    ("tuple4 of 13 bytes", IP + n.nla(K["CT_ORIG_TUPLE_IPV4"], b"\1" * 13),
     None),
    ("tuple4, padding not zero",
     IP + n.nla(K["CT_ORIG_TUPLE_IPV4"], b"\1" * 16), None),
    ("tuple4 mask of padding only", IP + tuple4(),
     M_T + n.nla(K["CT_ORIG_TUPLE_IPV4"], b"\0" * 13 + b"\1" * 3)),
    ("tuple4 without state", IP + tuple4() + zone(3), None),
    ("tuple4 without ip", P + E + t(0x800) + tuple4(), None),
    ("tuple6", IP6 + tuple6(), None),
    ("tuple6 of protocol 0", IP6 + tuple6(proto=0), None),
    ("tuple6 open", IP6 + tuple6(), M_T),
    ("tuple6 mask", IP6 + tuple6(), M_T + T6_ONES),
    ("tuple6 mask, type open", IP6 + tuple6(), T6_ONES),
    ("tuple6 mask, not in key", IP6, M_T + T6_ONES),
    ("tuple6 on ip", IP + tuple6(), None),
    ("tuple6 on l2", L2 + tuple6(), None),
    ("tuple6 on nd", ND + tuple6(), None),
    ("tuple6 mask on nd, proto open", ND + tuple6(), M_T + T6_ONES),
    ("tuple6 mask on nd, nd open", ND + tuple6(), M_T + M_ND + T6_ONES),
    ("both tuples on ip", IP + tuple4() + tuple6(), None),
    ("both tuples on ipv6, the other open", IP6 + tuple4() + tuple6(),
     M_T + T6_ONES),
    ("all on ip", IP + ALL4, None),
    ("all on ip, first", ALL4 + IP, None),
    ("all on ip, open", IP + ALL4, b""),
    ("all on ipv6", IP6 + ALL6, None),
    ("all on ipv6, all masked", IP6 + ALL6, M_T + state(0xff) + zone(0xffff) +
     mark(ONES) + labels(b"\xff" * 16) + T6_ONES),
]

EXECUTES = [  # name, key, packet
    ("all on ip", P + ALL4, pk.frame(0x800, pk.UDP4)),
    ("all on ipv6", P + ALL6, pk.frame(0x86dd, pk.ICMP_6)),
    ("state", P + state(0x21), pk.frame(0x88b5, pk.UDP4)),
    ("state, bit 8", P + state(0x121), pk.frame(0x88b5, pk.UDP4)),
    ("state of 2 bytes", P + n.nla(K["CT_STATE"], b"\1\0"),
     pk.frame(0x88b5, pk.UDP4)),
    ("tuple of ipv4 on l2", P + tuple4(), pk.frame(0x88b5, pk.UDP4)),
    ("tuple of ipv4 on ipv6", P + tuple4(), pk.frame(0x86dd, pk.ICMP_6)),
    ("tuple of ipv4 and protocol 0", P + tuple4(proto=0),
     pk.frame(0x800, pk.UDP4)),
    ("tuple of ipv6 on ip", P + tuple6(), pk.frame(0x800, pk.UDP4)),
    ("both tuples on ip", P + tuple4() + tuple6(), pk.frame(0x800, pk.UDP4)),
    ("labels only", P + labels(), pk.frame(0x800, pk.UDP4)),
    ("no eth, all", P + t(0x800) + ALL4, pk.UDP4),
]

# ---- ct() ----

COMMIT = n.nla(1)
C = {"ZONE": 2, "MARK": 3, "LABELS": 4, "HELPER": 5, "NAT": 6, "FORCE": 7,
     "EVENTMASK": 8, "TIMEOUT": 9}
SRC, DST = n.nla(1), n.nla(2)
PERSISTENT, HASH, RANDOM = n.nla(7), n.nla(8), n.nla(9)
FORCE = n.nla(C["FORCE"])
MARK = n.nla(C["MARK"], n.u32(5) + n.u32(0xff))
LBL = n.nla(C["LABELS"], LABELS + b"\xff" * 16)


def ct(*parts):
    return n.nest(A["CT"], *parts)


def cz(v):
    return n.nla(C["ZONE"], n.u16(v))


def name(kind, text, end=b"\0"):
    return n.nla(C[kind], text.encode() + end)


def nat(*parts):
    return n.nest(C["NAT"], *parts)


def ip(kind, last, size=4):
    return n.nla(kind, b"\x0a" + b"\0" * (size - 2) + bytes([last]))


def port(kind, v):
    return n.nla(kind, n.u16(v))


OUT = n.a_output(1)
ACTIONS = [  # name, key, list
    ("ct", "UDP4", ct()),
    ("ct, output", "UDP4", ct() + OUT),
    ("ct on tcp6", "TCP6", ct(cz(5))),
    ("ct on arp", "ARP", ct()),
    ("ct on l2", "L2", ct(COMMIT)),
    ("ct on mpls", "MPLS1", ct()),
    ("ct in a vlan", "VLAN", ct()),
    ("ct without eth", "L3", ct()),
    ("ct on any type", "ANY_TYPE", ct()),
    ("ct on any proto", "ANY_PROTO", ct(COMMIT)),
    ("push_mpls, ct", "UDP4", pa.push_mpls() + ct()),
    ("ct not flagged nested", "UDP4", n.nla(A["CT"], cz(5))),
    ("ct stray bytes", "UDP4", n.nla(A["CT"], cz(5) + b"\1\0\0\0")),
    ("ct stray byte", "UDP4", n.nla(A["CT"], cz(5) + b"\1")),
    ("ct of 2 bytes", "UDP4", n.nla(A["CT"], b"\1\0")),
    ("commit", "UDP4", ct(COMMIT)),
    ("commit twice", "UDP4", ct(COMMIT, COMMIT)),
    ("commit of 4 bytes", "UDP4", ct(n.nla(1, n.u32(1)))),
    ("force_commit", "UDP4", ct(FORCE)),
    ("commit and force_commit", "UDP4", ct(COMMIT, FORCE)),
    ("force_commit of 1 byte", "UDP4", ct(n.nla(7, b"\1"))),
    ("type 0", "UDP4", ct(n.nla(0))),
    ("type 0 of 4 bytes", "UDP4", ct(n.nla(0, b"abcd"))),
    ("type 10", "UDP4", ct(n.nla(10))),
    ("type 10 behind commit", "UDP4", ct(COMMIT, n.nla(10, b"abcd"))),
    ("zone", "UDP4", ct(cz(0x1234))),
    ("zone 0", "UDP4", ct(cz(0))),
    ("zone twice", "UDP4", ct(cz(1), cz(2))),
    ("zone of 4 bytes", "UDP4", ct(n.nla(2, n.u32(1)))),
    ("zone, byte order flag", "UDP4", ct(n.nla(0x4002, n.u16(1)))),
    ("mark", "UDP4", ct(COMMIT, MARK)),
    ("mark before commit", "UDP4", ct(MARK, COMMIT)),
    ("mark without commit", "UDP4", ct(MARK)),
    ("mark without commit, stray byte", "UDP4", n.nla(A["CT"], MARK + b"\1")),
    ("mark, mask 0", "UDP4", ct(COMMIT, n.nla(3, n.u32(5) + n.u32(0)))),
    ("mark outside of its mask", "UDP4",
     ct(COMMIT, n.nla(3, n.u32(0xf5) + n.u32(0xf)))),
    ("mark of 4 bytes", "UDP4", ct(COMMIT, n.nla(3, n.u32(5)))),
    ("mark twice", "UDP4", ct(COMMIT, MARK, n.nla(3, n.u32(1) + n.u32(1)))),
    ("labels", "UDP4", ct(COMMIT, LBL)),
    ("labels without commit", "UDP4", ct(LBL)),
    ("labels, mask 0", "UDP4", ct(COMMIT, n.nla(4, LABELS + b"\0" * 16))),
    ("labels of 16 bytes", "UDP4", ct(COMMIT, n.nla(4, LABELS))),
    ("labels by force", "UDP4", ct(FORCE, LBL)),
    ("ftp", "TCP4", ct(COMMIT, name("HELPER", "ftp"))),
    ("ftp on tcp6", "TCP6", ct(COMMIT, name("HELPER", "ftp"))),
    ("ftp on udp", "UDP4", ct(COMMIT, name("HELPER", "ftp"))),
    ("ftp on any proto", "ANY_PROTO", ct(COMMIT, name("HELPER", "ftp"))),
    ("ftp without commit", "TCP4", ct(name("HELPER", "ftp"))),
    ("ftp with nat", "TCP4", ct(COMMIT, name("HELPER", "ftp"), nat())),
    ("tftp", "UDP4", ct(COMMIT, name("HELPER", "tftp"))),
    ("tftp on tcp", "TCP4", ct(COMMIT, name("HELPER", "tftp"))),
    ("helper unknown", "TCP4", ct(COMMIT, name("HELPER", "nosuch"))),
    ("helper unterminated", "TCP4", ct(COMMIT, name("HELPER", "ftp", b""))),
    ("helper with two NULs", "TCP4",
     ct(COMMIT, name("HELPER", "ftp", b"\0\0"))),
    ("helper empty", "TCP4", ct(COMMIT, name("HELPER", ""))),
    ("helper of 0 bytes", "TCP4", ct(COMMIT, n.nla(5))),
    ("helper of 16 bytes", "TCP4", ct(COMMIT, name("HELPER", "a" * 15))),
    ("helper of 17 bytes", "TCP4", ct(COMMIT, name("HELPER", "a" * 16))),
    ("helper twice", "TCP4", ct(COMMIT, name("HELPER", "nosuch"),
                                name("HELPER", "ftp"))),
    ("timeout", "UDP4", ct(COMMIT, name("TIMEOUT", "nosuch"))),
    ("timeout unterminated", "UDP4", ct(name("TIMEOUT", "nosuch", b""))),
    ("timeout empty", "UDP4", ct(name("TIMEOUT", ""))),
    ("timeout of 0 bytes", "UDP4", ct(n.nla(9))),
    ("timeout of 32 bytes", "UDP4", ct(name("TIMEOUT", "a" * 31))),
    ("timeout of 33 bytes", "UDP4", ct(name("TIMEOUT", "a" * 32))),
    ("timeout with two NULs", "UDP4", ct(name("TIMEOUT", "ab", b"\0c\0"))),
    ("timeout twice", "UDP4", ct(name("TIMEOUT", "abcdef"),
                                 name("TIMEOUT", "xy"))),
    ("eventmask", "UDP4", ct(COMMIT, n.nla(8, n.u32(0x6de)))),
    ("eventmask 0 without commit", "UDP4", ct(n.nla(8, n.u32(0)))),
    ("eventmask of 2 bytes", "UDP4", ct(COMMIT, n.nla(8, n.u16(0x6de)))),
    ("everything", "TCP4", ct(
        name("TIMEOUT", "tp"), n.nla(8, n.u32(7)), name("HELPER", "ftp"), LBL,
        MARK, cz(9), FORCE, nat(SRC, ip(3, 1)))),
    ("nat", "UDP4", ct(nat())),
    ("nat committed", "UDP4", ct(COMMIT, nat())),
    ("nat twice", "UDP4", ct(COMMIT, nat(), nat())),
    ("nat plain, then src", "UDP4", ct(COMMIT, nat(), nat(SRC))),
    ("nat src, then plain", "UDP4", ct(COMMIT, nat(SRC), nat())),
    ("nat src", "UDP4", ct(COMMIT, nat(SRC))),
    ("nat dst", "UDP4", ct(FORCE, nat(DST))),
    ("nat src, dst", "UDP4", ct(COMMIT, nat(SRC, DST))),
    ("nat src, src", "UDP4", ct(COMMIT, nat(SRC, SRC))),
    ("nat src without commit", "UDP4", ct(nat(SRC))),
    ("nat src before commit", "UDP4", ct(nat(SRC), COMMIT)),
    ("nat src, dst without commit", "UDP4", ct(nat(SRC, DST))),
    ("nat src of 4 bytes", "UDP4", ct(COMMIT, nat(n.nla(1, n.u32(1))))),
    ("nat address", "UDP4", ct(COMMIT, nat(SRC, ip(3, 1)))),
    ("nat range", "UDP4", ct(COMMIT, nat(SRC, ip(3, 1), ip(4, 9)))),
    ("nat range of one", "UDP4", ct(COMMIT, nat(SRC, ip(3, 1), ip(4, 1)))),
    ("nat range downwards", "UDP4", ct(COMMIT, nat(SRC, ip(3, 9), ip(4, 1)))),
    ("nat last only", "UDP4", ct(COMMIT, nat(DST, ip(4, 9)))),
    ("nat address before src", "UDP4", ct(COMMIT, nat(ip(3, 1), SRC))),
    ("nat address without src", "UDP4", ct(COMMIT, nat(ip(3, 1)))),
    ("nat address 0", "UDP4", ct(COMMIT, nat(SRC, n.nla(3, b"\0" * 4)))),
    ("nat ipv6 on ip", "UDP4", ct(COMMIT, nat(SRC, ip(3, 1, 16)))),
    ("nat ipv6", "TCP6", ct(COMMIT, nat(SRC, ip(3, 1, 16)))),
    ("nat ipv6 range", "TCP6", ct(COMMIT, nat(DST, ip(3, 1, 16),
                                              ip(4, 2, 16)))),
    ("nat ipv6 last only", "TCP6", ct(COMMIT, nat(DST, ip(4, 2, 16)))),
    ("nat ip on ipv6", "TCP6", ct(COMMIT, nat(SRC, ip(3, 1)))),
    ("nat port", "UDP4", ct(COMMIT, nat(SRC, ip(3, 1), port(5, 80)))),
    ("nat ports", "UDP4", ct(COMMIT, nat(SRC, ip(3, 1), port(5, 80),
                                         port(6, 90)))),
    ("nat ports of one", "UDP4", ct(COMMIT, nat(SRC, port(5, 80),
                                                port(6, 80)))),
    ("nat ports without address", "UDP4", ct(COMMIT, nat(SRC, port(5, 80)))),
    ("nat ports downwards", "UDP4", ct(COMMIT, nat(SRC, port(5, 90),
                                                   port(6, 80)))),
    ("nat last port only", "UDP4", ct(COMMIT, nat(SRC, port(6, 80)))),
    ("nat port 0", "UDP4", ct(COMMIT, nat(SRC, port(5, 0)))),
    ("nat port of 4 bytes", "UDP4", ct(COMMIT, nat(SRC, n.nla(5, n.u32(1))))),
    ("nat port without src", "UDP4", ct(COMMIT, nat(port(5, 80)))),
    ("nat flags", "UDP4", ct(COMMIT, nat(SRC, RANDOM, HASH, PERSISTENT))),
    ("nat hash", "UDP4", ct(COMMIT, nat(SRC, HASH))),
    ("nat random of 1 byte", "UDP4", ct(COMMIT, nat(SRC, n.nla(9, b"\1")))),
    ("nat persistent without src", "UDP4", ct(COMMIT, nat(PERSISTENT))),
    ("nat hash without src or commit", "UDP4", ct(nat(HASH))),
    ("nat type 0", "UDP4", ct(COMMIT, nat(n.nla(0)))),
    ("nat type 0 of 4 bytes", "UDP4", ct(COMMIT, nat(n.nla(0, b"abcd")))),
    ("nat type 10", "UDP4", ct(COMMIT, nat(n.nla(10)))),
    ("nat stray bytes", "UDP4", ct(COMMIT, n.nla(6, SRC + b"\1\0\0"))),
    ("nat of 1 byte", "UDP4", ct(COMMIT, n.nla(6, b"\1"))),
    ("nat not flagged nested", "UDP4", ct(COMMIT, n.nla(6, SRC))),
    ("nat flagged inside", "UDP4", ct(COMMIT, nat(n.nla(0x8001)))),
    ("nat everything", "UDP4", ct(COMMIT, nat(
        PERSISTENT, HASH, RANDOM, port(6, 99), port(5, 9), ip(4, 9), ip(3, 1),
        DST))),
    ("ct in a clone", "UDP4", pa.clone(ct(COMMIT), OUT)),
    ("ct in a sample, bad", "UDP4", pa.sample(5, ct(MARK))),
    ("ct_clear", "UDP4", n.nla(A["CT_CLEAR"])),
    ("ct_clear on l2", "L2", n.nla(A["CT_CLEAR"])),
    ("ct_clear of 4 bytes", "UDP4", n.nla(A["CT_CLEAR"], n.u32(0))),
    ("set ct_mark", "UDP4", n.a_set(mark(5))),
    ("set ct_mark of 2 bytes", "UDP4", n.a_set(n.nla(K["CT_MARK"], b"\1\1"))),
    ("set ct_labels", "UDP4", n.a_set(labels())),
    ("set_masked ct_mark", "L2", pa.masked("CT_MARK", n.u32(5), n.u32(0xf))),
    ("set ct_zone", "UDP4", n.a_set(zone(5))),
    ("set ct_tuple4", "UDP4", n.a_set(tuple4())),
    ("set ct_tuple6", "TCP6", n.a_set(tuple6())),
]


def main():
    subprocess.run(["modprobe", "-a", "openvswitch", "nf_conntrack_ftp",
                    "nf_conntrack_tftp"], check=False)
    pk.strip = bytes
    nl, up = n.Genl(0), n.Genl(0)
    dp = nl.dp_new("prct")
    print("/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */\n"
          "/*\n * ct_module.h - what openvswitch.ko of kernel %s\n"
          " * answers to keys of connection tracking and to ct(). As"
          "\n * key_module.h and actions_module.h. Made by"
          " tests/vm/probe_ct.py.\n */" % os.uname().release)
    print("/* clang-format off */\n#ifdef CASE")
    for what, key, mask in KEYS:
        err, full, m = pk.flow(nl, dp, key, mask, False)
        err2, masked, m2 = pk.flow(nl, dp, key, mask, True)
        assert err == err2 and m == m2, what
        pk.line("CASE", what, err, key, mask, full, masked, m)
    print("#endif\n#ifdef EXECUTE")
    for what, key, packet in EXECUTES:
        err, got = pk.execute(nl, up, dp, key, packet)
        pk.line("EXECUTE", what, err, key, packet, got)
    print("#endif\n#ifdef ACTION")
    for what, key, acts in ACTIONS:
        err, kept = pa.ask(nl, dp, key, acts)
        print('ACTION("%s", K_%s, %s,\n\t  %s,\n\t  %s)' % (
            what, key, errno.errorcode.get(err, "0"), pa.c_string(acts),
            "NULL" if err or kept == acts else pa.c_string(kept)))
    print("#endif\n/* clang-format on */")
    nl.dp_del("prct")


if __name__ == "__main__":
    main()
