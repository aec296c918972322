#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which lists of actions does openvswitch.ko accept, and what do its dumps
make of them? Run inside of tests/vm/run:

    tests/vm/run tests/vm/probe_actions.py > tests/unit/actions_module.h

Each list is put as a flow's and taken away again. The output is a table for
tests/unit/test_actions_module.c, which asks our own code the same.
"""

import errno
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import ovsnl as n  # noqa: E402

A, K = n.ACT, n.KEY
ETH = n.k_eth(b"\2" * 6, b"\4" * 6)


def mpls(*lses):
    return n.nla(K["MPLS"], b"".join(struct.pack("!I", v) for v in lses))


def nsh_base(np=3, mdtype=1, ttl=63):
    return n.nla(1, struct.pack("!BBBBI", 0, ttl, mdtype, np, 0x1ff))


NSH_MD1 = n.nla(2, b"\1" * 16)


def nsh(*parts):
    return n.nest(K["NSH"], *parts)


def nsh_key(np):
    return ETH + n.k_type(0x894f) + nsh(nsh_base(np), NSH_MD1)


ENCAP_IP = n.nest(K["ENCAP"], n.k_type(0x800), n.k_ipv4(proto=17),
                  n.k_ports("UDP", 1, 2))
KEYS = {
    "UDP4": ETH + n.k_type(0x800) + n.k_ipv4(proto=17) +
    n.k_ports("UDP", 1, 2),
    "TCP4": ETH + n.k_type(0x800) + n.k_ipv4(proto=6) + n.k_tcp(),
    "SCTP4": ETH + n.k_type(0x800) + n.k_ipv4(proto=132) +
    n.k_ports("SCTP", 1, 2),
    "TCP6": ETH + n.k_type(0x86dd) + n.k_ipv6(proto=6) + n.k_tcp(),
    "ARP": ETH + n.k_type(0x806) +
    n.nla(K["ARP"], b"\1" * 8 + b"\0\1" + b"\3" * 12 + b"\0\0"),
    "L2": ETH + n.k_type(0x88b5),
    "VLAN": ETH + n.k_type(0x8100) + n.nla(K["VLAN"], n.be16(0x1005)) +
    ENCAP_IP,
    "MPLS1": ETH + n.k_type(0x8847) + mpls(0x00001140),
    "MPLS2": ETH + n.k_type(0x8847) + mpls(0x00001040, 0x00002140),
    "NSH_IP": nsh_key(1),
    "NSH_ETH": nsh_key(3),
    "NSH_BAD": nsh_key(9),
    "L3": n.k_type(0x800) + n.k_ipv4(proto=17) + n.k_ports("UDP", 1, 2),
    "L3_MPLS": n.k_type(0x8847) + mpls(0x00001140),
    "L3_88B5": n.k_type(0x88b5),
    # the same packets, less of them matched
    "ANY_PROTO": ETH + n.k_type(0x800) + n.k_ipv4(proto=17) +
    n.k_ports("UDP", 1, 2),
    "ANY_TYPE": ETH + n.k_type(0x800) + n.k_ipv4(proto=17) +
    n.k_ports("UDP", 1, 2),
    "ANY_VLAN": ETH + n.k_type(0x8100) + n.nla(K["VLAN"], n.be16(0x1005)) +
    n.nest(K["ENCAP"], n.k_type(0x88b5)),
}
MASKS = {
    "ANY_PROTO": n.k_type(0xffff) + n.nla(K["IPV4"], b"\0" * 12),
    "ANY_TYPE": n.k_eth(),
    "ANY_VLAN": n.k_type(0xffff) + n.nla(K["VLAN"], n.be16(0x1000)) +
    n.nest(K["ENCAP"], n.k_type(0xffff)),
}

OUT = n.a_output(1)
PUSH = n.a_push_vlan(0x1005)
POP = n.a_pop_vlan()
USER = n.a_userspace(7)
SET_UDP = n.a_set(n.k_ports("UDP", 3, 4))
POP_ETH = n.nla(A["POP_ETH"])
PUSH_ETH = n.nla(A["PUSH_ETH"], b"\2" * 6 + b"\4" * 6)
POP_NSH = n.nla(A["POP_NSH"])
RECIRC = n.nla(A["RECIRC"], n.u32(1))


def push_mpls(kind=0x8847):
    return n.nla(A["PUSH_MPLS"], struct.pack("!IH2x", 0x1140, kind))


def add_mpls(l3, kind=0x8847):
    return n.nla(A["ADD_MPLS"], struct.pack("!IH", 0x1140, kind) + n.u16(l3))


def pop_mpls(kind):
    return n.nla(A["POP_MPLS"], n.be16(kind))


def push_nsh(*parts):
    return n.nest(A["PUSH_NSH"], nsh(*parts))


def trunc(size):
    return n.nla(A["TRUNC"], n.u32(size))


def ahash(alg, basis=5):
    return n.nla(A["HASH"], n.u32(alg) + n.u32(basis))


def sample(prob, *acts):
    return n.nest(A["SAMPLE"], n.nla(1, n.u32(prob)), n.nest(2, *acts))


def clone(*acts):
    return n.nest(A["CLONE"], *acts)


def cpl(size, gt, le):
    return n.nest(A["CHECK_PKT_LEN"], n.nla(1, n.u16(size)), n.nest(2, gt),
                  n.nest(3, le))


def dec_ttl(*acts):
    return n.nest(A["DEC_TTL"], n.nest(1, *acts))


def masked(kind, value, mask):
    return n.a_set_masked(n.nla(K[kind], value + mask))


def ip4(proto=17, frag=0):
    return n.k_ipv4("1.2.3.4", "5.6.7.8", proto, 4, 9, frag)


def ip6(proto=6, label=0, frag=0):
    return n.k_ipv6("fd01::1", "fd01::2", label, proto, 4, 9, frag)


def deep(levels, make):
    acts = OUT
    for _ in range(levels):
        acts = make(acts)
    return acts


F4, F6 = b"\xff" * 12, b"\xff" * 40
CASES = [
    # output, userspace, trunc, hash, recirc, meter
    ("nothing", "UDP4", b""),
    ("output", "UDP4", OUT),
    ("outputs", "UDP4", OUT + n.a_output(2) + n.a_output(3)),
    ("output 65534", "UDP4", n.a_output(65534)),
    ("output 65535", "UDP4", n.a_output(65535)),
    ("output short", "UDP4", n.nla(A["OUTPUT"], b"\0\0")),
    ("output long", "UDP4", n.nla(A["OUTPUT"], b"\0" * 8)),
    ("type 0", "UDP4", n.nla(0)),
    ("type 0 long", "UDP4", n.nla(0, b"\0" * 4)),
    ("set_to_masked", "UDP4", n.nla(25, b"\0" * 4)),
    ("type 60", "UDP4", n.nla(60, b"\0" * 4)),
    ("stray bytes", "UDP4", OUT + b"\2\0\0\0"),
    ("userspace", "UDP4", USER),
    ("userspace pid 0", "UDP4", n.a_userspace(0)),
    ("userspace no pid", "UDP4", n.nest(A["USERSPACE"])),
    ("userspace all", "UDP4", n.nest(
        A["USERSPACE"], n.nla(1, n.u32(7)), n.nla(2, b"abc"),
        n.nla(3, n.u32(9)), n.nla(4))),
    ("userspace short pid", "UDP4", n.nest(A["USERSPACE"],
                                           n.nla(1, b"\1\0"))),
    ("userspace short tun port", "UDP4", n.nest(
        A["USERSPACE"], n.nla(1, n.u32(7)), n.nla(3, b"\0\0"))),
    ("userspace long pid", "UDP4", n.nest(A["USERSPACE"],
                                          n.nla(1, b"\1" * 8))),
    ("userspace unknown", "UDP4", n.nest(A["USERSPACE"], n.nla(1, n.u32(7)),
                                         n.nla(9))),
    ("trunc 14", "UDP4", trunc(14) + OUT),
    ("trunc 13", "UDP4", trunc(13) + OUT),
    ("trunc short", "UDP4", n.nla(A["TRUNC"], b"\0\1")),
    ("hash l4", "UDP4", ahash(0) + RECIRC),
    ("hash 2", "UDP4", ahash(2)),
    ("hash short", "UDP4", n.nla(A["HASH"], n.u32(0))),
    ("recirc in the middle", "UDP4", RECIRC + OUT),
    ("recirc short", "UDP4", n.nla(A["RECIRC"], b"")),
    ("meter", "UDP4", n.nla(A["METER"], n.u32(4711)) + OUT),
    ("meter short", "UDP4", n.nla(A["METER"], b"\1\0")),
    # VLAN
    ("push_vlan", "UDP4", PUSH + OUT),
    ("push_vlan no cfi", "UDP4", n.a_push_vlan(5)),
    ("push_vlan 9100", "UDP4", n.a_push_vlan(0x1005, 0x9100)),
    ("push_vlan 88a8", "UDP4", n.a_push_vlan(0x1005, 0x88a8)),
    ("push_vlan l3", "L3", PUSH),
    ("pop_vlan", "VLAN", POP + OUT),
    ("pop_vlan long", "VLAN", n.nla(A["POP_VLAN"], b"\0" * 4)),
    ("pop_vlan l3", "L3", POP),
    ("push_vlan behind pop_eth", "UDP4", POP_ETH + PUSH),
    # MPLS
    ("push_mpls", "UDP4", push_mpls() + OUT),
    ("push_mpls 8848", "TCP6", push_mpls(0x8848) + OUT),
    ("push_mpls 0800", "UDP4", push_mpls(0x800)),
    ("push_mpls arp", "ARP", push_mpls()),
    ("push_mpls 88b5", "L2", push_mpls()),
    ("push_mpls vlan", "VLAN", push_mpls()),
    ("push_mpls popped vlan", "VLAN", POP + push_mpls()),
    ("push_vlan push_mpls", "UDP4", PUSH + push_mpls()),
    ("push_mpls nsh", "NSH_IP", push_mpls()),
    ("push_mpls l3", "L3", push_mpls() + OUT),
    ("push_mpls short", "UDP4", n.nla(A["PUSH_MPLS"], b"\0" * 6)),
    ("pop_mpls", "MPLS1", pop_mpls(0x800) + OUT),
    ("pop_mpls ip", "UDP4", pop_mpls(0x800)),
    ("pop_mpls twice of one", "MPLS1", pop_mpls(0x8847) + pop_mpls(0x800)),
    ("pop_mpls twice of two", "MPLS2", pop_mpls(0x8847) + pop_mpls(0x800)),
    ("pop_mpls thrice of two", "MPLS2",
     pop_mpls(0x8847) + pop_mpls(0x8847) + pop_mpls(0x800)),
    ("pop_mpls then ip", "MPLS2", pop_mpls(0x800) + pop_mpls(0x800)),
    ("pop_mpls set ip", "MPLS1", pop_mpls(0x800) + n.a_set(ip4())),
    ("pop_mpls set mpls", "MPLS2", pop_mpls(0x8847) +
     n.a_set(mpls(0x3140))),
    ("pop_mpls set mpls last", "MPLS1", pop_mpls(0x8847) +
     n.a_set(mpls(0x3140))),
    ("push_mpls pop_mpls pop_mpls", "UDP4",
     push_mpls() + pop_mpls(0x800) + pop_mpls(0x800)),
    ("push_mpls pop_mpls", "UDP4", push_mpls() + pop_mpls(0x800) + OUT),
    ("push push pop pop", "UDP4", push_mpls() + push_mpls() +
     pop_mpls(0x8847) + pop_mpls(0x800)),
    ("pop_mpls teb", "MPLS1", pop_mpls(0x6558)),
    ("pop_mpls teb l3", "L3_MPLS", pop_mpls(0x6558) + OUT),
    ("pop_mpls vlan", "MPLS1", PUSH + pop_mpls(0x800)),
    ("pop_mpls of 4 bytes", "MPLS1", n.nla(A["POP_MPLS"], b"\0" * 4)),
    ("pop_mpls unpadded", "MPLS1", pop_mpls(0x800)[:6]),
    ("add_mpls l3", "UDP4", add_mpls(1) + OUT),
    ("add_mpls l2", "UDP4", add_mpls(0) + OUT),
    ("add_mpls l3 88b5", "L2", add_mpls(1)),
    ("add_mpls l2 88b5", "L2", add_mpls(0)),
    ("add_mpls l3 vlan", "VLAN", add_mpls(1)),
    ("add_mpls l2 vlan", "VLAN", add_mpls(0)),
    ("add_mpls 0800", "UDP4", add_mpls(1, 0x800)),
    ("add_mpls l2 push_vlan", "UDP4", add_mpls(0) + PUSH),
    ("add_mpls l3 push_vlan", "UDP4", add_mpls(1) + PUSH),
    ("add_mpls l2 push_eth", "UDP4", add_mpls(0) + PUSH_ETH + OUT),
    ("add_mpls l2 pop_mpls teb", "UDP4", add_mpls(0) + pop_mpls(0x6558) +
     OUT),
    ("add_mpls l2 twice pop", "UDP4", add_mpls(0) + add_mpls(0) +
     pop_mpls(0x8847) + pop_mpls(0x6558)),
    ("add_mpls l2 on mpls, pops", "MPLS2", add_mpls(0) + pop_mpls(0x8847) +
     pop_mpls(0x8847)),
    ("add_mpls short", "UDP4", n.nla(A["ADD_MPLS"], b"\0" * 4)),
    ("add_mpls other flags", "L2", add_mpls(2)),
    # Ethernet
    ("push_eth", "L3", PUSH_ETH + OUT),
    ("push_eth on eth", "UDP4", PUSH_ETH),
    ("push_eth twice", "L3", PUSH_ETH + PUSH_ETH),
    ("push_eth short", "L3", n.nla(A["PUSH_ETH"], b"\0" * 8)),
    ("push_eth push_vlan", "L3", PUSH_ETH + PUSH + OUT),
    ("push_eth set eth", "L3", PUSH_ETH + n.a_set(n.k_eth()) + OUT),
    ("pop_eth", "UDP4", POP_ETH + OUT),
    ("pop_eth l3", "L3", POP_ETH),
    ("pop_eth vlan", "VLAN", POP_ETH),
    ("pop_vlan pop_eth", "VLAN", POP + POP_ETH),
    ("pop_eth twice", "UDP4", POP_ETH + POP_ETH),
    ("pop_eth push_eth", "UDP4", POP_ETH + PUSH_ETH + OUT),
    ("pop_eth long", "UDP4", n.nla(A["POP_ETH"], b"\0" * 4)),
    ("pop_eth set ip", "UDP4", POP_ETH + n.a_set(ip4()) + OUT),
    ("pop_eth in clone", "UDP4", POP_ETH + clone(POP_ETH) + OUT),
    ("push_eth, set in clone", "L3", PUSH_ETH + clone(n.a_set(n.k_eth())) +
     OUT),
    # NSH
    ("push_nsh", "UDP4", push_nsh(nsh_base(), NSH_MD1) + OUT),
    ("push_nsh md2", "UDP4", push_nsh(nsh_base(3, 2), n.nla(3, b"\0" * 8))),
    ("push_nsh md2 248", "UDP4", push_nsh(nsh_base(3, 2),
                                          n.nla(3, b"\0" * 248))),
    ("push_nsh md2 249", "UDP4", push_nsh(nsh_base(3, 2),
                                          n.nla(3, b"\0" * 249))),
    ("push_nsh md2 empty", "UDP4", push_nsh(nsh_base(3, 2), n.nla(3))),
    ("push_nsh no base", "UDP4", push_nsh(NSH_MD1)),
    ("push_nsh no md", "UDP4", push_nsh(nsh_base())),
    ("push_nsh both", "UDP4", push_nsh(nsh_base(), NSH_MD1,
                                       n.nla(3, b"\0" * 8))),
    ("push_nsh md1 of type 2", "UDP4", push_nsh(nsh_base(3, 2), NSH_MD1)),
    ("push_nsh md2 of type 1", "UDP4", push_nsh(nsh_base(3, 1),
                                                n.nla(3, b"\0" * 8))),
    ("push_nsh short base", "UDP4", push_nsh(n.nla(1, b"\0" * 4), NSH_MD1)),
    ("push_nsh short md1", "UDP4", push_nsh(nsh_base(), n.nla(2, b"\0" * 8))),
    ("push_nsh attr 0", "UDP4", push_nsh(nsh_base(), NSH_MD1, n.nla(0))),
    ("push_nsh attr 7", "UDP4", push_nsh(nsh_base(), NSH_MD1, n.nla(7))),
    ("push_nsh empty", "UDP4", n.nest(A["PUSH_NSH"])),
    ("push_nsh of eth", "UDP4", n.nest(A["PUSH_NSH"], n.k_eth())),
    ("push_nsh of two", "UDP4", n.nest(
        A["PUSH_NSH"], nsh(nsh_base(), NSH_MD1), nsh(nsh_base(), NSH_MD1))),
    ("push_nsh l3", "L3", push_nsh(nsh_base(1), NSH_MD1) + PUSH_ETH + OUT),
    ("push_nsh l3 88b5", "L3_88B5", push_nsh(nsh_base(), NSH_MD1)),
    ("push_nsh twice", "UDP4", push_nsh(nsh_base(), NSH_MD1) +
     push_nsh(nsh_base(4), NSH_MD1)),
    ("push_nsh twice l2", "L2", push_nsh(nsh_base(), NSH_MD1) +
     push_nsh(nsh_base(4), NSH_MD1)),
    ("push_nsh push_vlan", "UDP4", push_nsh(nsh_base(), NSH_MD1) + PUSH),
    ("push_nsh set ip", "UDP4", push_nsh(nsh_base(), NSH_MD1) +
     n.a_set(ip4())),
    ("pop_nsh ip", "NSH_IP", POP_ETH + POP_NSH + OUT),
    ("pop_nsh under eth", "NSH_IP", POP_NSH + OUT),
    ("pop_nsh eth", "NSH_ETH", POP_ETH + POP_NSH + OUT),
    ("pop_nsh eth push_vlan", "NSH_ETH", POP_ETH + POP_NSH + PUSH + OUT),
    ("pop_nsh ip push_vlan", "NSH_IP", POP_ETH + POP_NSH + PUSH),
    ("pop_nsh of no np", "NSH_BAD", POP_NSH),
    ("pop_nsh ip flow", "UDP4", POP_NSH),
    ("pop_nsh long", "NSH_IP", n.nla(A["POP_NSH"], b"\0" * 4)),
    # set
    ("set eth", "UDP4", n.a_set(n.k_eth()) + OUT),
    ("set eth l3", "L3", n.a_set(n.k_eth())),
    ("set eth flags", "UDP4", n.nest(A["SET"], n.nla(
        K["ETHERNET"] | 0x4000, b"\1" * 12)) + OUT),
    ("set_masked eth", "UDP4", masked("ETHERNET", b"\1" * 12, F4)),
    ("set_masked eth outside", "UDP4", masked("ETHERNET", b"\1" * 12,
                                              b"\2" * 12)),
    ("set_masked eth zero", "UDP4", masked("ETHERNET", b"\0" * 12,
                                           b"\0" * 12)),
    ("set_masked eth no mask", "UDP4", n.a_set_masked(n.k_eth())),
    ("set_masked eth 25 bytes", "UDP4", masked("ETHERNET", b"\1" * 12,
                                               F4 + b"\xff")),
    ("set none", "UDP4", n.nest(A["SET"])),
    ("set two", "UDP4", n.a_set(n.k_eth(), n.k_eth())),
    ("set eth short", "UDP4", n.a_set(n.nla(K["ETHERNET"], b"\0" * 6))),
    ("set ipv4", "UDP4", n.a_set(ip4()) + OUT),
    ("set ipv4 proto", "UDP4", n.a_set(ip4(6))),
    ("set ipv4 frag", "UDP4", n.a_set(ip4(17, 1))),
    ("set ipv4 on ipv6", "TCP6", n.a_set(ip4(6))),
    ("set ipv4 in vlan", "VLAN", n.a_set(ip4())),
    ("set_masked ipv4 ttl", "UDP4", masked(
        "IPV4", b"\0" * 10 + b"\5\0", b"\0" * 10 + b"\xff\0")),
    ("set_masked ipv4 all", "UDP4", masked("IPV4", b"\0" * 12, F4)),
    ("set_masked ipv4 frag", "UDP4", masked("IPV4", b"\0" * 12,
                                            b"\0" * 11 + b"\1")),
    ("set ipv6", "TCP6", n.a_set(ip6()) + OUT),
    ("set ipv6 label", "TCP6", n.a_set(ip6(6, 0xfffff))),
    ("set ipv6 label 21 bits", "TCP6", n.a_set(ip6(6, 0x100000))),
    ("set ipv6 proto", "TCP6", n.a_set(ip6(17))),
    ("set ipv6 frag", "TCP6", n.a_set(ip6(6, 0, 2))),
    ("set_masked ipv6 label mask", "TCP6", masked(
        "IPV6", b"\0" * 40, b"\0" * 32 + b"\0\x1f\0\0" + b"\0" * 4)),
    ("set_masked ipv6 hlimit", "TCP6", masked(
        "IPV6", b"\0" * 38 + b"\7\0", b"\0" * 38 + b"\xff\0")),
    ("set_masked ipv6 proto", "TCP6", masked(
        "IPV6", b"\0" * 40, b"\0" * 36 + b"\1\0\0\0")),
    ("set ipv6_exthdrs", "TCP6", n.a_set(n.nla(K["IPV6_EXTHDRS"],
                                               b"\0\0"))),
    ("set tcp", "TCP4", n.a_set(n.k_ports("TCP", 3, 4)) + OUT),
    ("set tcp on udp", "UDP4", n.a_set(n.k_ports("TCP", 3, 4))),
    ("set tcp on ipv6", "TCP6", n.a_set(n.k_ports("TCP", 3, 4))),
    ("set udp", "UDP4", SET_UDP),
    ("set udp on tcp", "TCP4", SET_UDP),
    ("set sctp", "SCTP4", n.a_set(n.k_ports("SCTP", 3, 4))),
    ("set sctp on tcp", "TCP4", n.a_set(n.k_ports("SCTP", 3, 4))),
    ("set_masked tcp 9 bytes", "TCP4", masked(
        "TCP", b"\0\1\0\2", b"\xff\xff\xff\xff\0")),
    ("push_mpls set tcp", "TCP4", push_mpls() + n.a_set(
        n.k_ports("TCP", 3, 4))),
    ("set mpls", "MPLS1", n.a_set(mpls(0x3140)) + OUT),
    ("set mpls of two", "MPLS2", n.a_set(mpls(0x3140, 0x4140))),
    ("set mpls on ip", "UDP4", n.a_set(mpls(0x3140))),
    ("push_mpls set mpls", "UDP4", push_mpls() + n.a_set(mpls(0x3140))),
    ("set_masked mpls", "MPLS1", masked("MPLS", b"\0\0\0\7", b"\0\0\0\xff")),
    ("set priority", "UDP4", n.a_set(n.nla(K["PRIORITY"], n.u32(5)))),
    ("set mark", "L3", n.a_set(n.nla(K["SKB_MARK"], n.u32(5)))),
    ("set_masked mark", "UDP4", masked("SKB_MARK", n.u32(5), n.u32(0xff))),
    ("set priority short", "UDP4", n.a_set(n.nla(K["PRIORITY"], b"\1\0"))),
    ("set arp", "ARP", n.a_set(n.nla(K["ARP"], b"\1" * 24))),
    ("set nd", "TCP6", n.a_set(n.nla(K["ND"], b"\1" * 28))),
    ("set icmp", "UDP4", n.a_set(n.nla(K["ICMP"], b"\0\0"))),
    ("set nsh", "NSH_IP", n.a_set(nsh(nsh_base(1), NSH_MD1))),
    ("set_masked nsh", "NSH_IP", n.a_set_masked(nsh(nsh_base(1), NSH_MD1,
                                                    nsh_base(1), NSH_MD1))),
    ("set in_port", "UDP4", n.a_set(n.nla(K["IN_PORT"], n.u32(5)))),
    ("set dp_hash", "UDP4", n.a_set(n.nla(K["DP_HASH"], n.u32(5)))),
    ("set recirc_id", "UDP4", n.a_set(n.nla(K["RECIRC_ID"], n.u32(5)))),
    ("set ct_state", "UDP4", n.a_set(n.nla(K["CT_STATE"], n.u32(5)))),
    ("set vlan", "VLAN", n.a_set(n.nla(K["VLAN"], b"\0\0"))),
    ("set ethertype", "UDP4", n.a_set(n.k_type(0x800))),
    ("set tcp_flags", "TCP4", n.a_set(n.nla(K["TCP_FLAGS"], b"\0\0"))),
    ("set encap", "VLAN", n.a_set(n.nest(K["ENCAP"]))),
    ("set unspec", "UDP4", n.a_set(n.nla(0))),
    ("set 33", "UDP4", n.a_set(n.nla(33, n.u32(0)))),
    ("set_masked tunnel", "UDP4", n.a_set_masked(n.nest(K["TUNNEL"]))),
    # sample
    ("sample", "UDP4", sample(5, OUT)),
    ("sample in the middle", "UDP4", sample(5, PUSH, OUT) + OUT),
    ("sample of nothing", "UDP4", sample(0)),
    ("sample other order", "UDP4", n.nest(
        A["SAMPLE"], n.nest(2, OUT), n.nla(1, n.u32(1)))),
    ("sample no actions", "UDP4", n.nest(A["SAMPLE"], n.nla(1, n.u32(1)))),
    ("sample no probability", "UDP4", n.nest(A["SAMPLE"], n.nest(2, OUT))),
    ("sample probability of 2", "UDP4", n.nest(
        A["SAMPLE"], n.nla(1, b"\1\0"), n.nest(2, OUT))),
    ("sample probability of 8", "UDP4", n.nest(
        A["SAMPLE"], n.nla(1, b"\1" * 8), n.nest(2, OUT))),
    ("sample twice an attribute", "UDP4", n.nest(
        A["SAMPLE"], n.nla(1, n.u32(1)), n.nla(1, n.u32(1)),
        n.nest(2, OUT))),
    ("sample unknown attribute", "UDP4", n.nest(
        A["SAMPLE"], n.nla(1, n.u32(1)), n.nest(2, OUT), n.nla(3))),
    ("sample stray bytes", "UDP4", n.nest(
        A["SAMPLE"], n.nla(1, n.u32(1)), n.nest(2, OUT), b"\1\0\0\0")),
    ("sample actions of 2 bytes", "UDP4", n.nest(
        A["SAMPLE"], n.nla(1, n.u32(1)), n.nla(2, b"\0\0"))),
    ("sample bad inside", "UDP4", sample(5, n.a_output(65535))),
    ("sample empty", "UDP4", n.nest(A["SAMPLE"])),
    ("sample push_vlan, pop_eth", "UDP4", sample(5, PUSH) + POP_ETH + OUT),
    ("push_vlan, sample pop_eth", "UDP4", PUSH + sample(5, POP_ETH)),
    ("sample set_masked flags", "UDP4", sample(5, n.nest(
        A["SET"], n.nla(K["UDP"] | 0x4000, b"\1" * 4)), OUT)),
    # clone
    ("clone", "UDP4", clone(OUT)),
    ("clone of nothing", "UDP4", clone() + OUT),
    ("clone stray bytes", "UDP4", n.nla(A["CLONE"], b"\0\0")),
    ("clone stray bytes behind", "UDP4", clone(OUT, b"\1\0\0\0")),
    ("clone bad inside", "UDP4", clone(n.a_set(n.k_ports("TCP", 1, 2)))),
    ("clone unpadded pop_mpls", "MPLS1",
     n.nla(A["CLONE"], pop_mpls(0x800)[:6]) + OUT),
    ("clone pop_mpls, pop_mpls", "MPLS1", clone(pop_mpls(0x800)) +
     pop_mpls(0x800)),
    ("push_mpls, clone pop_mpls", "UDP4", push_mpls() +
     clone(pop_mpls(0x800)) + OUT),
    ("clone 16 deep", "UDP4", deep(16, clone)),
    ("clone 17 deep", "UDP4", deep(17, clone)),
    ("sample 16 deep", "UDP4", deep(16, lambda x: sample(5, x))),
    ("sample 17 deep", "UDP4", deep(17, lambda x: sample(5, x))),
    ("dec_ttl 17 deep", "UDP4", deep(17, dec_ttl)),
    ("cpl 17 deep", "UDP4", deep(17, lambda x: cpl(5, b"", x))),
    ("clone of 4200 sets", "UDP4", clone(SET_UDP * 4200) + OUT),
    ("clone of 4000 sets", "UDP4", clone(SET_UDP * 4000) + OUT),
    # check_pkt_len
    ("cpl", "UDP4", cpl(100, OUT, n.a_output(2))),
    ("cpl of nothing", "UDP4", cpl(100, b"", b"")),
    ("cpl of 0", "UDP4", cpl(0, OUT, OUT)),
    ("cpl no length", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nest(2, OUT), n.nest(3, OUT))),
    ("cpl no greater", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nla(1, n.u16(1)), n.nest(3, OUT))),
    ("cpl no less", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nla(1, n.u16(1)), n.nest(2, OUT))),
    ("cpl length of 1", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nla(1, b"\1"), n.nest(2), n.nest(3))),
    ("cpl length of 4", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nla(1, n.u32(7)), n.nest(2), n.nest(3))),
    ("cpl unknown", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nla(1, n.u16(7)), n.nest(2), n.nest(3),
        n.nla(4))),
    ("cpl type 0", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nla(1, n.u16(7)), n.nest(2), n.nest(3),
        n.nla(0))),
    ("cpl stray bytes", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nla(1, n.u16(7)), n.nest(2), n.nest(3),
        b"\1\0\0\0")),
    ("cpl twice", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nla(1, n.u16(7)), n.nest(2), n.nest(3, OUT),
        n.nest(3, USER))),
    ("cpl actions of 2 bytes", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nla(1, n.u16(7)), n.nla(2, b"\0\0"),
        n.nest(3))),
    ("cpl not flagged nested", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nla(1, n.u16(7)), n.nla(2, OUT), n.nla(3))),
    ("cpl bad inside", "UDP4", cpl(100, OUT, n.a_output(65535))),
    ("cpl less first", "UDP4", n.nest(
        A["CHECK_PKT_LEN"], n.nest(3, OUT), n.nest(2, USER),
        n.nla(1, n.u16(9))) + OUT),
    # dec_ttl
    ("dec_ttl", "UDP4", dec_ttl(USER) + OUT),
    ("dec_ttl of nothing", "UDP4", dec_ttl() + OUT),
    ("dec_ttl empty", "UDP4", n.nest(A["DEC_TTL"])),
    ("dec_ttl unknown", "UDP4", n.nest(A["DEC_TTL"], n.nla(5, b"abcd"),
                                       n.nest(1, USER)) + OUT),
    ("dec_ttl type 0", "UDP4", n.nest(A["DEC_TTL"], n.nla(0),
                                      n.nest(1, USER))),
    ("dec_ttl twice", "UDP4", n.nest(A["DEC_TTL"], n.nest(1, USER),
                                     n.nest(1, USER))),
    ("dec_ttl on l2", "L2", dec_ttl(USER) + OUT),
    ("dec_ttl stray bytes", "UDP4", n.nest(A["DEC_TTL"], n.nest(1, USER),
                                           b"\1\0\0\0")),
    ("dec_ttl actions of 2 bytes", "UDP4", n.nest(A["DEC_TTL"],
                                                  n.nla(1, b"\0\0"))),
    ("dec_ttl bad inside", "UDP4", dec_ttl(n.a_userspace(0))),
    # what the mask leaves open
    ("any proto, set ipv4", "ANY_PROTO", n.a_set(ip4(17))),
    ("any proto, set ipv4 of 0", "ANY_PROTO", n.a_set(ip4(0))),
    ("any proto, set_masked ipv4", "ANY_PROTO", masked(
        "IPV4", b"\0" * 12, b"\xff" * 9 + b"\0\xff\0")),
    ("any proto, set udp", "ANY_PROTO", SET_UDP),
    ("any proto, push_mpls", "ANY_PROTO", push_mpls()),
    ("any type, set ipv4", "ANY_TYPE", n.a_set(ip4(17))),
    ("any type, set udp", "ANY_TYPE", SET_UDP),
    ("any type, set eth", "ANY_TYPE", n.a_set(n.k_eth())),
    ("any type, push_mpls", "ANY_TYPE", push_mpls()),
    ("any type, add_mpls l3", "ANY_TYPE", add_mpls(1)),
    ("any type, add_mpls l2", "ANY_TYPE", add_mpls(0)),
    ("any type, push_vlan", "ANY_TYPE", PUSH + OUT),
    ("any type, push_nsh", "ANY_TYPE", push_nsh(nsh_base(), NSH_MD1)),
    ("any type, dec_ttl", "ANY_TYPE", dec_ttl() + OUT),
    ("any type, pop_eth", "ANY_TYPE", POP_ETH),
    ("any vlan, pop_eth", "ANY_VLAN", POP_ETH),
    ("any vlan, pop_vlan", "ANY_VLAN", POP + POP_ETH),
]


# No key may be what is wrong.
CASES += [("output under " + key, key, OUT) for key in KEYS]


def ask(nl, dp, key, acts):
    """(errno, list as echoed)"""
    k = n.f_key(KEYS[key])
    mask = [n.f_mask(MASKS[key])] if key in MASKS else []
    try:
        got = nl.call(n.FLOW, n.NEW, dp, k, *mask, n.f_actions(acts),
                      flags=n.NLM_ECHO | n.NLM_CREATE)
    except n.NlError as e:
        return e.errno, b""
    kept = got[0].attrs.get(n.FLA["ACTIONS"], b"")
    nl.call(n.FLOW, n.DEL, dp, k)
    return 0, kept


def c_string(data):
    text = data.hex()
    parts = [text[i:i + 64] for i in range(0, len(text), 64)] or [""]
    return "\n\t  ".join('"%s"' % p for p in parts)


def main():
    subprocess.run(["modprobe", "openvswitch"], check=False)
    nl = n.Genl(0)
    dp = nl.dp_new("pract")
    print("/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */\n"
          "/*\n * actions_module.h - what openvswitch.ko of kernel %s\n"
          " * answers to lists of actions: errno, and the list in its dumps"
          "\n * where that differs. Made by tests/vm/probe_actions.py.\n */"
          % os.uname().release)
    print("/* clang-format off */")
    for name, key, acts in CASES:
        err, kept = ask(nl, dp, key, acts)
        if len(acts) > 4000:  # described by the test itself
            print('BIG("%s", K_%s, %u, %s)' % (
                name, key, len(acts), errno.errorcode.get(err, "0")))
            continue
        same = "NULL" if err or kept == acts else c_string(kept)
        print('CASE("%s", K_%s, %s,\n\t  %s,\n\t  %s)' % (
            name, key, errno.errorcode.get(err, "0"), c_string(acts), same))
    print("/* clang-format on */")
    nl.dp_del("pract")


if __name__ == "__main__":
    main()
