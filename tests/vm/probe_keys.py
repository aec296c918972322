#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which keys and masks does openvswitch.ko accept, and what do its dumps
make of them? And which keys do packets of an EXECUTE get? Run inside of
tests/vm/run:

    tests/vm/run tests/vm/probe_keys.py > tests/unit/key_module.h

The output is a table for tests/unit/test_key_module.c, which asks our own
code the same. Attributes of connection tracking are left out of dumps.
"""

import errno
import os
import socket
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import ovsnl as n  # noqa: E402

K = n.KEY
P = n.k_in_port(0)
MACS = b"\2" * 6 + b"\4" * 6
E = n.nla(K["ETHERNET"], MACS)
M_E = n.nla(K["ETHERNET"], b"\xff" * 12)
M_T = n.nla(K["ETHERTYPE"], b"\xff\xff")
ICMP6 = n.nla(K["ICMPV6"], b"\x80\0")


def t(v):
    return n.k_type(v)


def key32(name, v):
    return n.nla(K[name], n.u32(v))


# ---- MPLS ----

def mpls(*lses):
    return n.nla(K["MPLS"], b"".join(struct.pack("!I", v) for v in lses))


M1, M2, M3 = 0x00001140, 0x00002040, 0x00003140
MPLS1 = P + E + t(0x8847) + mpls(M1)
MPLS2 = P + E + t(0x8847) + mpls(M2, M1)
MPLS3 = P + E + t(0x8848) + mpls(M2, M2, M3)
ONES = 0xffffffff

# ---- NSH ----

MD1 = n.nla(2, bytes(range(1, 17)))


def base(np=1, mdtype=1, ttl=63, flags=1, path=0x1ff):
    return n.nla(1, struct.pack("!BBBBI", flags, ttl, mdtype, np, path))


def nsh(*parts):
    return n.nest(K["NSH"], *parts)


NSH_T = P + E + t(0x894f)
NSH = NSH_T + nsh(base(), MD1)

# ---- IPv6 ----


def ext(bits):
    return n.nla(K["IPV6_EXTHDRS"], n.u16(bits))


V6 = P + E + t(0x86dd) + n.k_ipv6(proto=58)

# ---- without Ethernet ----

L3 = P + t(0x800) + n.k_ipv4(proto=17) + n.k_ports("UDP", 1, 2)
L3_6 = P + t(0x86dd) + n.k_ipv6(proto=58) + ICMP6
META = (key32("SKB_MARK", 5) + key32("PRIORITY", 6) + key32("RECIRC_ID", 7) +
        key32("DP_HASH", 8))
L2 = P + E + t(0x88b5)


def tag(tci, *inside, tpid=0x8100):
    return t(tpid) + n.nla(K["VLAN"], n.be16(tci)) + n.nest(K["ENCAP"],
                                                           *inside)


CASES = [  # name, key, mask (None: exact)
    ("mpls 1", MPLS1, None),
    ("mpls 2", MPLS2, None),
    ("mpls 3", MPLS3, None),
    ("mpls 4", P + E + t(0x8847) + mpls(M2, M2, M2, M1), None),
    ("mpls 0", P + E + t(0x8847) + mpls(), None),
    ("mpls of 6 bytes", P + E + t(0x8847) + n.nla(K["MPLS"], b"\0" * 6),
     None),
    ("mpls of 2 bytes", P + E + t(0x8847) + n.nla(K["MPLS"], b"\0" * 2),
     None),
    ("mpls without", P + E + t(0x8847), None),
    ("mpls twice", MPLS1 + mpls(M1), None),
    ("mpls on ip, exact", P + E + t(0x800) + n.k_ipv4(proto=200) + mpls(M1),
     None),
    ("mpls on l2, exact", L2 + mpls(M1), None),
    ("mpls on l2, open", L2 + mpls(M1), M_T),
    ("mpls zero label", P + E + t(0x8847) + mpls(0), None),
    ("mpls open", MPLS2, b""),
    ("mpls type only", MPLS2, M_T),
    ("mpls mask", MPLS2, M_T + mpls(0xfffff000, 0x100)),
    ("mpls mask of 1 over 3", MPLS3, M_T + mpls(0xfffff000)),
    ("mpls mask of 3 over 1", MPLS1, M_T + mpls(ONES, 0, 0xff)),
    ("mpls mask of 4", MPLS3, M_T + mpls(ONES, ONES, ONES, ONES)),
    ("mpls mask of 4 zeros", MPLS3, M_T + mpls(0, 0, 0, 0)),
    ("mpls mask zero", MPLS3, M_T + mpls(0, 0)),
    ("mpls mask first zero", MPLS3, M_T + mpls(0, ONES)),
    ("mpls mask of 2 bytes", MPLS3, M_T + n.nla(K["MPLS"], b"\1\1")),
    ("mpls mask empty", MPLS3, M_T + n.nla(K["MPLS"])),
    ("mpls mask, type open", MPLS2, mpls(ONES)),
    ("mpls mask on ip", P + E + t(0x800) + n.k_ipv4(proto=200),
     M_T + mpls(ONES)),
    ("mpls in a vlan", P + E + tag(0x1005, t(0x8847), mpls(M1)), None),
    ("mpls without eth", P + t(0x8847) + mpls(M2, M1), None),
    ("nsh", NSH, None),
    ("nsh base only", NSH_T + nsh(base()), None),
    ("nsh empty", NSH_T + nsh(), None),
    ("nsh without", NSH_T, None),
    ("nsh twice", NSH + nsh(base(), MD1), None),
    ("nsh type 2", NSH_T + nsh(base(mdtype=2)), None),
    ("nsh type 7", NSH_T + nsh(base(mdtype=7)), None),
    ("nsh type 2 with md1", NSH_T + nsh(base(mdtype=2), MD1), None),
    ("nsh type 0 with md1", NSH_T + nsh(base(mdtype=0), MD1), None),
    ("nsh md1 only", NSH_T + nsh(MD1), None),
    ("nsh md1 before base", NSH_T + nsh(MD1, base()), None),
    ("nsh md2", NSH_T + nsh(base(mdtype=2), n.nla(3, b"\0" * 8)), None),
    ("nsh md2 empty", NSH_T + nsh(base(mdtype=2), n.nla(3)), None),
    ("nsh base twice", NSH_T + nsh(base(ttl=1), base(ttl=2), MD1), None),
    ("nsh base twice, last of type 2",
     NSH_T + nsh(base(), base(mdtype=2), MD1), None),
    ("nsh md1 twice", NSH_T + nsh(base(), n.nla(2, b"\7" * 16), MD1), None),
    ("nsh base short", NSH_T + nsh(n.nla(1, b"\0" * 4), MD1), None),
    ("nsh base long", NSH_T + nsh(n.nla(1, b"\0" * 12), MD1), None),
    ("nsh md1 short", NSH_T + nsh(base(), n.nla(2, b"\0" * 12)), None),
    ("nsh type 0", NSH_T + nsh(base(), n.nla(0)), None),
    ("nsh type 0 of 4 bytes", NSH_T + nsh(base(), n.nla(0, b"\0" * 4)), None),
    ("nsh unknown", NSH_T + nsh(base(), n.nla(4, b"\0" * 4)), None),
    ("nsh stray bytes", NSH_T + n.nla(K["NSH"], base() + MD1 + b"\1\0\0\0"),
     None),
    ("nsh stray byte", NSH_T + n.nla(K["NSH"], base() + MD1 + b"\1"), None),
    ("nsh no nested flag", NSH_T + n.nla(K["NSH"], base() + MD1), None),
    ("nsh nested flag inside", NSH_T + nsh(
        n.nla(0x8001, struct.pack("!BBBBI", 0, 1, 1, 1, 1)), MD1), None),
    ("nsh byte order flag inside", NSH_T + nsh(
        n.nla(0x4001, struct.pack("!BBBBI", 0, 1, 1, 1, 1)), MD1), None),
    ("nsh on l2, exact", L2 + nsh(base(), MD1), None),
    ("nsh on l2, open", L2 + nsh(base(), MD1), M_T),
    ("nsh bad on l2, open", L2 + nsh(base(mdtype=2), MD1), M_T),
    ("nsh open", NSH, b""),
    ("nsh type only", NSH, M_T),
    ("nsh mask base", NSH, M_T + nsh(base(0xff, 0xff, 0, 0, ONES))),
    ("nsh mask base, mdtype", NSH, M_T + nsh(base(0, 0xff, 0, 0, 0))),
    ("nsh mask md1", NSH, M_T + nsh(n.nla(2, b"\xff" * 8 + b"\0" * 8))),
    ("nsh mask md1, type 2 in the mask", NSH,
     M_T + nsh(base(0xff, 2, 0, 0, 0), n.nla(2, b"\xff" * 16))),
    ("nsh mask md1 over type 2", NSH_T + nsh(base(mdtype=2)),
     M_T + nsh(base(0xff, 0xff, 0, 0, 0), n.nla(2, b"\xff" * 16))),
    ("nsh mask zero", NSH, M_T + nsh(base(0, 0, 0, 0, 0))),
    ("nsh mask empty", NSH, M_T + nsh()),
    ("nsh mask md2", NSH, M_T + nsh(n.nla(3, b"\xff" * 8))),
    ("nsh mask unknown", NSH, M_T + nsh(n.nla(9, b"\xff" * 8))),
    ("nsh mask stray bytes", NSH, M_T + n.nla(K["NSH"], base() + b"\1\2")),
    ("nsh mask, type open", NSH, nsh(base())),
    ("nsh in a vlan", P + E + tag(0x1005, t(0x894f), nsh(base(), MD1)), None),
    ("nsh without eth", P + t(0x894f) + nsh(base(), MD1), None),
    ("exthdrs", V6 + ICMP6 + ext(0x49), None),
    ("exthdrs zero", V6 + ICMP6 + ext(0), None),
    ("exthdrs none", V6 + ICMP6, None),
    ("exthdrs unknown bits", V6 + ICMP6 + ext(0xfe00), None),
    ("exthdrs of 4 bytes", V6 + ICMP6 + n.nla(K["IPV6_EXTHDRS"], b"\0" * 4),
     None),
    ("exthdrs of 0 bytes", V6 + ICMP6 + n.nla(K["IPV6_EXTHDRS"]), None),
    ("exthdrs twice", V6 + ICMP6 + ext(1) + ext(1), None),
    ("exthdrs open", V6 + ICMP6 + ext(0x49), M_T),
    ("exthdrs mask", V6 + ICMP6 + ext(0x49), M_T + ext(0x40)),
    ("exthdrs mask, type open", V6 + ICMP6 + ext(0x49), ext(0x40)),
    ("exthdrs mask, not in key", V6 + ICMP6, M_T + ext(0x40)),
    ("exthdrs mask zero, not in key", V6 + ICMP6, M_T + ext(0)),
    ("exthdrs on ip", P + E + t(0x800) + n.k_ipv4(proto=200) + ext(3), None),
    ("exthdrs on ip, mask", P + E + t(0x800) + n.k_ipv4(proto=200) + ext(3),
     M_T + ext(1)),
    ("exthdrs on l2", L2 + ext(1), None),
    ("exthdrs on mpls", MPLS2 + ext(1), None),
    ("exthdrs, later fragment", P + E + t(0x86dd) +
     n.k_ipv6(proto=44, frag=2) + ext(0x10), None),
    ("metadata", L2 + META, None),
    ("metadata open", L2 + META, M_T),
    ("metadata mask", L2 + META, M_T + key32("SKB_MARK", 0xf) +
     key32("PRIORITY", 0xf0) + key32("RECIRC_ID", ONES) +
     key32("DP_HASH", 0xff)),
    ("metadata zero", L2 + key32("SKB_MARK", 0) + key32("PRIORITY", 0) +
     key32("RECIRC_ID", 0) + key32("DP_HASH", 0), None),
    ("mark mask, not in key", L2, M_T + key32("SKB_MARK", 1)),
    ("priority mask, not in key", L2, M_T + key32("PRIORITY", 1)),
    ("recirc_id mask, not in key", L2, M_T + key32("RECIRC_ID", 1)),
    ("dp_hash mask, not in key", L2, M_T + key32("DP_HASH", 1)),
    ("mark of 2 bytes", L2 + n.nla(K["SKB_MARK"], b"\1\0"), None),
    ("dp_hash of 8 bytes", L2 + n.nla(K["DP_HASH"], b"\1" * 8), None),
    ("recirc_id twice", L2 + key32("RECIRC_ID", 1) * 2, None),
    ("priority, nested flag", L2 + n.nla(K["PRIORITY"] | 0x8000, b"\1" * 4),
     None),
    ("priority, byte order flag",
     L2 + n.nla(K["PRIORITY"] | 0x4000, b"\1" * 4), None),
    ("no eth, ipv4", L3, None),
    ("no eth, ipv6", L3_6, None),
    ("no eth, ipv4, metadata", L3 + META, None),
    ("no eth, no in_port", t(0x800) + n.k_ipv4(proto=200), None),
    ("no eth, no type", P, None),
    ("no eth, no type, ip", P + n.k_ipv4(proto=200), None),
    ("no eth, type 0x88b5", P + t(0x88b5), None),
    ("no eth, type 0x8100", P + t(0x8100), None),
    ("no eth, type 0x5ff", P + t(0x5ff), None),
    ("no eth, ip missing", P + t(0x800), None),
    ("no eth, arp", P + t(0x806) + n.nla(
        K["ARP"], b"\1" * 8 + b"\0\1" + b"\3" * 12 + b"\0\0"), None),
    ("no eth, tag", P + tag(0x1005, t(0x88b5)), None),
    ("no eth, vlan", L3 + n.nla(K["VLAN"], n.be16(0x1005)), None),
    ("no eth, encap", L3 + n.nest(K["ENCAP"]), None),
    ("no eth, open", L3, b""),
    ("no eth, type open, in_port", L3, key32("IN_PORT", ONES)),
    ("no eth, type", L3, M_T),
    ("no eth, type partly", L3, n.nla(K["ETHERTYPE"], b"\0\1")),
    ("no eth, eth in mask", L3, M_T + M_E),
    ("no eth, eth zero in mask", L3, M_T + n.nla(K["ETHERNET"], b"\0" * 12)),
    ("no eth, ip in mask", L3, M_T + n.nla(
        K["IPV4"], b"\xff" * 4 + b"\0" * 4 + b"\xff\0\0\0")),
    ("no eth, ports in mask", L3, M_T + n.nla(
        K["IPV4"], b"\xff" * 4 + b"\0" * 4 + b"\xff\0\0\0") +
     n.k_ports("UDP", 0xffff, 0)),
    ("no eth, ports, proto open", L3, M_T + n.k_ports("UDP", 0xffff, 0)),
    ("eth, mask without", L2, key32("IN_PORT", ONES)),
    ("eth, mask of eth only", L2, M_E),
    ("802.2", P + E, None),
    ("802.2, mask of type", P + E, M_T),
    ("802.2, open", P + E, b""),
    ("802.2, ip", P + E + n.k_ipv4(proto=200), None),
    ("attribute 0", L2 + n.nla(0), None),
    ("attribute 0 of 4 bytes", L2 + n.nla(0, b"abcd"), None),
    ("attribute 0 in mask", L2, M_T + n.nla(0)),
    ("attribute 0 in mask of 4 bytes", L2, M_T + n.nla(0, b"abcd")),
    ("packet_type", L2 + key32("PACKET_TYPE", 0), None),
    ("nd_extensions", L2 + n.nla(K["ND_EXTENSIONS"], b"\0" * 8), None),
    ("tunnel_info", L2 + n.nla(K["TUNNEL_INFO"], b"\0" * 8), None),
    ("attribute 33", L2 + n.nla(33, b"abcd"), None),
    ("attribute 33 in mask", L2, M_T + n.nla(33, b"abcd")),
    ("attribute 33 zero in mask", L2, M_T + n.nla(33, b"\0" * 4)),
    ("bad length, zero in mask", L2, M_T + n.nla(K["SKB_MARK"], b"\0" * 2)),
    ("twice zero in mask", L2, M_T + n.nla(K["SKB_MARK"], b"\0" * 4) * 2),
    ("stray bytes", L2 + b"\1\2", None),
    ("stray attribute header", L2 + b"\3\0\1\0", None),
    ("stray bytes in mask", L2, M_T + b"\1\2\3"),
    ("attribute too long", L2 + struct.pack("=HH", 9, K["SKB_MARK"]) +
     b"\1" * 4, None),
    ("last attribute unpadded", E + P + struct.pack(
        "=HH", 6, K["ETHERTYPE"]) + b"\x88\xb5", None),
    ("eth of 10 bytes", P + n.nla(K["ETHERNET"], b"\1" * 10), None),
    ("encap empty on l2", L2 + n.nest(K["ENCAP"]), None),
    ("encap in mask on l2", L2, M_T + n.nest(K["ENCAP"], M_T)),
    ("tag, eth inside", P + E + tag(0x1005, E, t(0x88b5)), None),
    ("tag, in_port inside", E + tag(0x1005, P, t(0x88b5)), None),
    ("tag, in_port inside and outside", P + E + tag(0x1005, P, t(0x88b5)),
     None),
    ("tag, stray bytes inside", P + E + tag(0x1005, t(0x88b5), b"\1\0\0\0"),
     None),
    ("tag, encap inside", P + E + tag(0x1005, n.nest(K["ENCAP"])), None),
    ("tag, 802.2 inside", P + E + tag(0x1005), None),
    ("tag, no nested flag", P + E + t(0x8100) + n.nla(
        K["VLAN"], n.be16(0x1005)) + n.nla(K["ENCAP"], t(0x88b5)), None),
    ("tag, mask without tci", P + E + tag(0x1005, t(0x88b5)),
     M_T + n.nest(K["ENCAP"], M_T)),
    ("tag, mask of tci zero", P + E + tag(0x1005, t(0x88b5)),
     M_T + n.nla(K["VLAN"], b"\0\0") + n.nest(K["ENCAP"], M_T)),
    ("tags, mask without tci",
     P + E + tag(0x1005, tag(0x3006, t(0x88b5)), tpid=0x88a8),
     M_T + n.nest(K["ENCAP"], M_T, n.nest(K["ENCAP"], M_T))),
    ("tags, mask without inner tci",
     P + E + tag(0x1005, tag(0x3006, t(0x88b5)), tpid=0x88a8),
     M_T + n.nla(K["VLAN"], b"\x1f\xff") +
     n.nest(K["ENCAP"], M_T, n.nest(K["ENCAP"], M_T))),
    ("tag, mask without tpid, type 0xffff",
     P + E + tag(0x1005, t(0xffff)),
     n.nla(K["VLAN"], b"\x1f\xff") + n.nest(K["ENCAP"], M_T)),
    ("mpls without eth, mask", P + t(0x8847) + mpls(M2, M1),
     M_T + mpls(0, 0x100)),
    ("tag of type 0x9100", P + E + tag(0x1005, t(0x88b5), tpid=0x9100), None),
]

# ---- EXECUTE ----

UDP4 = bytes.fromhex("4500001d00004000401126ce0a0000010a000002"
                     "03e807d00009000078")
ICMP_6 = bytes.fromhex("6000000000083a40") + b"\xfd" + b"\0" * 14 + b"\1" + \
    b"\xfd" + b"\0" * 14 + b"\2" + bytes.fromhex("8000000000010001")
HOP_6 = bytes.fromhex("6000000000100040") + b"\xfd" + b"\0" * 14 + b"\1" + \
    b"\xfd" + b"\0" * 14 + b"\2" + bytes.fromhex("3a000104000000008000"
                                                 "000000010001")
STACK = struct.pack("!II", M2, M1) + UDP4
HEADER = bytes.fromhex("0fc60101000001ff") + bytes(range(1, 17))


def frame(eth_type, data):
    return MACS[6:] + MACS[:6] + struct.pack("!H", eth_type) + data


EXECUTES = [  # name, key, packet
    ("eth", P, frame(0x800, UDP4)),
    ("eth, key of no eth", P + t(0x800), frame(0x800, UDP4)),
    ("no eth, ipv4", P + t(0x800), UDP4),
    ("no eth, ipv4, metadata", P + t(0x800) + META, UDP4),
    ("no eth, rest of the key is not looked at",
     P + t(0x800) + n.k_ipv4(proto=99) + mpls(1), UDP4),
    ("no eth, ipv6", P + t(0x86dd), ICMP_6),
    ("no eth, ipv6 with options", P + t(0x86dd), HOP_6),
    ("no eth, mpls", P + t(0x8847), STACK),
    ("no eth, nsh", P + t(0x894f), HEADER + UDP4),
    ("no eth, nsh cut", P + t(0x894f), HEADER[:20]),
    ("no eth, type 0x88b5", P + t(0x88b5), UDP4),
    ("no eth, type 0x8100", P + t(0x8100), UDP4),
    ("no eth, type 0x5ff", P + t(0x5ff), UDP4),
    ("no eth, ipv6 as ipv4", P + t(0x800), ICMP_6),
    ("no eth, 13 bytes", P + t(0x800), UDP4[:13]),
    ("no eth, 14 bytes", P + t(0x800), UDP4[:14]),
    ("eth 0, no type", P + E, frame(0x800, UDP4)),
    ("eth, other type", P + E + t(0x86dd), frame(0x800, UDP4)),
    ("metadata", P + META, frame(0x800, UDP4)),
    ("no in_port", META, frame(0x88b5, b"\0" * 46)),
    ("mpls", P, frame(0x8847, STACK)),
    ("mpls, no bottom", P, frame(0x8847, struct.pack("!I", M2) * 5)),
    ("mpls, cut", P, frame(0x8847, struct.pack("!I", M2) + b"\0\1")),
    ("nsh", P, frame(0x894f, HEADER + UDP4)),
    ("nsh, wrong length", P, frame(0x894f, b"\x0f\xc2" + HEADER[2:])),
    ("nsh of type 2", P, frame(0x894f, b"\x0f\xc2\2" + HEADER[3:])),
    ("ipv6 with options", P, frame(0x86dd, HOP_6)),
    ("802.2", P, frame(46, b"\x42\x42\3" + b"\0" * 43)),
    ("mark of 2 bytes", P + n.nla(K["SKB_MARK"], b"\1\0"),
     frame(0x800, UDP4)),
    ("attribute 33", P + n.nla(33), frame(0x800, UDP4)),
    ("in_port twice", P + P, frame(0x800, UDP4)),
    ("stray bytes", P + b"\1", frame(0x800, UDP4)),
    ("fields of a bad length", P + n.nla(K["IPV4"], b"\1"),
     frame(0x800, UDP4)),
    ("fields of bad values", P + n.k_ipv4(frag=7) + nsh(n.nla(7)) + mpls(),
     frame(0x800, UDP4)),
    ("tuple of ipv4", P + n.nla(K["CT_ORIG_TUPLE_IPV4"], b"\0" * 13),
     frame(0x800, UDP4)),
    ("tuple of ipv4 on l2", P + n.nla(K["CT_ORIG_TUPLE_IPV4"], b"\0" * 13),
     frame(0x88b5, UDP4)),
    ("tuple of ipv6 on ipv4", P + n.nla(K["CT_ORIG_TUPLE_IPV6"], b"\0" * 37),
     frame(0x800, UDP4)),
    ("tuple of ipv6, no eth", P + t(0x86dd) + n.nla(
        K["CT_ORIG_TUPLE_IPV6"], b"\0" * 37), ICMP_6),
]


def strip(data):
    """A key without the attributes of connection tracking."""
    ct = range(K["CT_STATE"], K["CT_ORIG_TUPLE_IPV6"] + 1)
    return b"".join(n.nla(k, v) for k, v in n.parse(data) if k not in ct)


def flow(nl, dp, key, mask, ufid):
    """(errno, key and mask as echoed)"""
    attrs = [n.nest(n.FLA["KEY"], key), n.f_actions()]
    ident = attrs[0]
    if mask is not None:
        attrs.append(n.nest(n.FLA["MASK"], mask))
    if ufid:
        ident = n.f_ufid(b"\1" * 16)
        attrs.append(ident)
    try:
        got = nl.call(n.FLOW, n.NEW, dp, *attrs, flags=n.NLM_ECHO |
                      n.NLM_CREATE)[0].attrs
    except n.NlError as e:
        return e.errno, b"", b""
    nl.call(n.FLOW, n.DEL, dp, ident)
    return 0, strip(got[n.FLA["KEY"]]), strip(got.get(n.FLA["MASK"], b""))


def execute(nl, up, dp, key, packet):
    """(errno, key of the packet that comes back)"""
    try:
        nl.call(n.PACKET, n.EXECUTE, dp, n.nla(n.PKA["PACKET"], packet),
                n.nest(n.PKA["KEY"], key),
                n.nest(n.PKA["ACTIONS"], n.a_userspace(up.pid)))
    except n.NlError as e:
        return e.errno, b""
    kind, flags, seq, body = up.read()[0]
    return 0, strip(n.Message(kind, flags, seq, body).attrs[n.PKA["KEY"]])


def c_string(data):
    if data is None:
        return "NULL"
    text = data.hex()
    parts = [text[i:i + 64] for i in range(0, len(text), 64)] or [""]
    return "\n\t  ".join('"%s"' % p for p in parts)


def line(macro, name, err, *data):
    print('%s("%s", %s,\n\t  %s)' % (
        macro, name, errno.errorcode.get(err, "0"),
        ",\n\t  ".join(c_string(d) for d in data)))


def main():
    subprocess.run(["modprobe", "openvswitch"], check=False)
    nl, up = n.Genl(0), n.Genl(0)
    dp = nl.dp_new("prkey")
    print("/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */\n"
          "/*\n * key_module.h - what openvswitch.ko of kernel %s\n"
          " * answers to keys and masks: errno, the key in its dumps, the same"
          "\n * masked (flows with a UFID), the mask; and to packets: errno and"
          "\n * their key. Made by tests/vm/probe_keys.py.\n */"
          % os.uname().release)
    print("/* clang-format off */\n#ifdef CASE")
    for name, key, mask in CASES:
        err, full, m = flow(nl, dp, key, mask, False)
        err2, masked, m2 = flow(nl, dp, key, mask, True)
        assert err == err2 and m == m2, name
        line("CASE", name, err, key, mask, full, masked, m)
    print("#endif\n#ifdef EXECUTE")
    for name, key, packet in EXECUTES:
        try:
            err, got = execute(nl, up, dp, key, packet)
        except socket.timeout:
            sys.exit("%s: nothing came back" % name)
        line("EXECUTE", name, err, key, packet, got)
    print("#endif\n/* clang-format on */")
    nl.dp_del("prkey")


if __name__ == "__main__":
    main()
