# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Raw generic netlink for the OVS families, by nothing but the socket module.

A second implementation of the encoding, so that a mistake in ours shows. The
same code talks to the kernel module (portid 0) and to ovsxdpd (its port id).
"""

import errno
import os
import socket
import struct

OVSXDPD = 0x4F565358  # OX_NL_PORTID of include/ovsxdp/nl.h

NLM_REQUEST, NLM_MULTI, NLM_ACK, NLM_ECHO = 0x1, 0x2, 0x4, 0x8
NLM_DUMP_INTR, NLM_DUMP = 0x10, 0x300
NLM_EXCL, NLM_CREATE = 0x200, 0x400
NLMSG_ERROR, NLMSG_DONE = 2, 3
ACK_CAPPED, ACK_TLVS = 0x100, 0x200

DP, VPORT, FLOW, PACKET = "ovs_datapath ovs_vport ovs_flow ovs_packet".split()
VERSION = {DP: 2, VPORT: 1, FLOW: 1, PACKET: 1}
NEW, DEL, GET, SET = 1, 2, 3, 4
MISS, ACTION, EXECUTE = 1, 2, 3


def names(text):
    """'a b c' -> {'a': 1, 'b': 2, 'c': 3}; '-' leaves a number out."""
    return {n: i for i, n in enumerate(text.split(), 1) if n != "-"}


DPA = names("NAME UPCALL_PID STATS MEGAFLOW_STATS USER_FEATURES PAD"
            " MASKS_CACHE_SIZE PER_CPU_PIDS IFINDEX")
VPA = names("PORT_NO TYPE NAME OPTIONS UPCALL_PID STATS PAD IFINDEX NETNSID"
            " UPCALL_STATS")
FLA = names("KEY ACTIONS STATS TCP_FLAGS USED CLEAR MASK PROBE UFID"
            " UFID_FLAGS PAD")
PKA = names("PACKET KEY ACTIONS USERDATA EGRESS_TUN_KEY UNUSED1 UNUSED2"
            " PROBE MRU LEN HASH UPCALL_PID")
KEY = names("ENCAP PRIORITY IN_PORT ETHERNET VLAN ETHERTYPE IPV4 IPV6 TCP UDP"
            " ICMP ICMPV6 ARP ND SKB_MARK TUNNEL SCTP TCP_FLAGS DP_HASH"
            " RECIRC_ID MPLS CT_STATE CT_ZONE CT_MARK CT_LABELS"
            " CT_ORIG_TUPLE_IPV4 CT_ORIG_TUPLE_IPV6 NSH PACKET_TYPE"
            " ND_EXTENSIONS TUNNEL_INFO IPV6_EXTHDRS")
ACT = names("OUTPUT USERSPACE SET PUSH_VLAN POP_VLAN SAMPLE RECIRC HASH"
            " PUSH_MPLS POP_MPLS SET_MASKED CT TRUNC PUSH_ETH POP_ETH CT_CLEAR"
            " PUSH_NSH POP_NSH METER CLONE CHECK_PKT_LEN ADD_MPLS DEC_TTL"
            " DROP PSAMPLE")
ATTRS = {DP: DPA, VPORT: VPA, FLOW: FLA, PACKET: PKA}


def u8(v):
    return struct.pack("=B", v)


def u16(v):
    return struct.pack("=H", v)


def u32(v):
    return struct.pack("=I", v)


def be16(v):
    return struct.pack("!H", v)


def string(s):
    return s.encode() + b"\0"


def nla(kind, data=b""):
    head = struct.pack("=HH", len(data) + 4, kind)
    return head + data + b"\0" * (-len(data) % 4)


def nest(kind, *parts):
    return nla(kind | 0x8000, b"".join(parts))


def parse(data):
    """Attributes of a stream as a list of (type, bytes), in order."""
    out = []
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4 or length > len(data):
            raise ValueError("attribute of length %d" % length)
        out.append((kind & 0x3FFF, data[4:length]))
        data = data[(length + 3) & ~3:]
    return out


class NlError(OSError):
    """An errno answer; msg, offs, miss_type as of the extended ACK."""

    def __init__(self, err, tlvs):
        super().__init__(err, os.strerror(err))
        tlvs = dict(tlvs)
        self.msg = tlvs.get(1, b"").rstrip(b"\0").decode()
        self.offs = struct.unpack("=I", tlvs[2])[0] if 2 in tlvs else None
        self.miss = struct.unpack("=I", tlvs[5])[0] if 5 in tlvs else None


class Message:
    """A reply or notification: family's id, flags, cmd, ifindex, attrs."""

    def __init__(self, kind, flags, seq, body):
        self.type, self.flags, self.seq = kind, flags, seq
        self.cmd = body[0] if body else 0
        self.ifindex = struct.unpack_from("=i", body, 4)[0] \
            if len(body) >= 8 else 0
        self.list = parse(body[8:])
        self.attrs = dict(self.list)

    def names(self, table):
        back = {v: k for k, v in table.items()}
        return [back.get(k, str(k)) for k, _ in self.list]


def daemon_portid(sock):
    """Where the daemon of the socket's network namespace is."""
    cookie, = struct.unpack("=Q", sock.getsockopt(socket.SOL_SOCKET, 71, 8))
    try:
        with open(f"/run/ovsxdp/portid-{cookie:x}", "rb") as f:
            return int(f.readline().split()[0], 0)
    except (OSError, IndexError, ValueError):
        return OVSXDPD


class Genl:
    """A socket to the families of the module or of the daemon."""

    def __init__(self, portid=0, timeout=60.0):
        self.portid = portid
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sock.setsockopt(270, 11, 1)  # NETLINK_EXT_ACK
        self.sock.setsockopt(270, 10, 1)  # NETLINK_CAP_ACK
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind((0, 0))
        self.sock.settimeout(timeout)
        if portid == OVSXDPD:
            self.portid = daemon_portid(self.sock)
        self.pid = self.sock.getsockname()[0]
        self.seq = 0
        self.ids = {}
        self.groups = {}

    def close(self):
        self.sock.close()

    def send(self, kind, flags, body):
        self.seq += 1
        head = struct.pack("=IHHII", 16 + len(body), kind,
                           flags | NLM_REQUEST, self.seq, self.pid)
        self.sock.sendto(head + body, (self.portid, 0))
        return self.seq

    def read(self):
        """One datagram as a list of (type, flags, seq, body)."""
        data = self.sock.recv(1 << 20)
        out = []
        while len(data) >= 16:
            length, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
            if length < 16:
                break
            out.append((kind, flags, seq, data[16:length]))
            data = data[(length + 3) & ~3:]
        return out

    def transact(self, kind, flags, body):
        """Sends, reads up to the ACK, error or DONE; returns the replies."""
        seq = self.send(kind, flags | NLM_ACK, body)
        replies = []
        while True:
            for kind_, flags_, seq_, data in self.read():
                if seq_ != seq:
                    continue
                if kind_ in (NLMSG_ERROR, NLMSG_DONE):
                    err = struct.unpack_from("=i", data)[0] \
                        if len(data) >= 4 else 0
                    if err < 0:
                        raise NlError(-err, self._tlvs(kind_, flags_, data))
                    return replies
                replies.append(Message(kind_, flags_, seq_, data))

    @staticmethod
    def _tlvs(kind, flags, data):
        if not flags & ACK_TLVS:
            return []
        skip = 4
        if kind == NLMSG_ERROR:
            skip = 20
            if not flags & ACK_CAPPED:
                skip += struct.unpack_from("=I", data, 4)[0] - 16
        return parse(data[skip:])

    def resolve(self, family):
        """The id of a family; OSError ENOENT if there is none."""
        if family not in self.ids:
            body = struct.pack("=BBH", 3, 1, 0) + nla(2, string(family))
            seq = self.send(16, NLM_ACK, body)
            done = False
            while not done:
                for kind, flags, seq_, data in self.read():
                    if seq_ != seq:
                        continue
                    if kind == NLMSG_ERROR:
                        err = struct.unpack_from("=i", data)[0]
                        if err:
                            raise NlError(-err, self._tlvs(kind, flags, data))
                        done = True
                        continue
                    self._family(family, dict(parse(data[4:])))
        return self.ids[family]

    def _family(self, family, attrs):
        self.ids[family] = struct.unpack_from("=H", attrs[1])[0]
        for _, grp in parse(attrs.get(7, b"")):
            grp = dict(parse(grp))
            name = grp[1].rstrip(b"\0").decode()
            self.groups[family, name] = struct.unpack("=I", grp[2])[0]

    def call(self, family, cmd, ifindex=0, *attrs, flags=0, version=None):
        version = VERSION[family] if version is None else version
        body = struct.pack("=BBHi", cmd, version, 0, ifindex)
        return self.transact(self.resolve(family), flags,
                             body + b"".join(attrs))

    def dump(self, family, ifindex=0, *attrs):
        return self.call(family, GET, ifindex, *attrs, flags=NLM_DUMP)

    # ---- what most callers want ----

    def dp_new(self, name, *attrs, upcall_pid=0):
        got = self.call(DP, NEW, 0, nla(DPA["NAME"], string(name)),
                        nla(DPA["UPCALL_PID"], u32(upcall_pid)), *attrs,
                        flags=NLM_ECHO)
        return got[0].ifindex

    def dp_get(self, name):
        return self.call(DP, GET, 0, nla(DPA["NAME"], string(name)))[0]

    def dp_del(self, name):
        self.call(DP, DEL, 0, nla(DPA["NAME"], string(name)))

    def vport_new(self, dp, name, kind=1, pid=0, *attrs):
        got = self.call(VPORT, NEW, dp, nla(VPA["NAME"], string(name)),
                        nla(VPA["TYPE"], u32(kind)),
                        nla(VPA["UPCALL_PID"], u32(pid)), *attrs,
                        flags=NLM_ECHO)
        return struct.unpack("=I", got[0].attrs[VPA["PORT_NO"]])[0]


# ---- keys and actions ----

def k_in_port(port):
    return nla(KEY["IN_PORT"], u32(port))


def k_eth(src=b"\0" * 6, dst=b"\0" * 6):
    return nla(KEY["ETHERNET"], src + dst)


def k_type(eth_type):
    return nla(KEY["ETHERTYPE"], be16(eth_type))


def k_ipv4(src="10.0.0.1", dst="10.0.0.2", proto=6, tos=0, ttl=64, frag=0):
    return nla(KEY["IPV4"], socket.inet_aton(src) + socket.inet_aton(dst) +
               bytes([proto, tos, ttl, frag]))


def k_ipv6(src="fd00::1", dst="fd00::2", label=0, proto=6, tclass=0, hlimit=64,
           frag=0):
    return nla(KEY["IPV6"], socket.inet_pton(socket.AF_INET6, src) +
               socket.inet_pton(socket.AF_INET6, dst) +
               struct.pack("!IBBBB", label, proto, tclass, hlimit, frag))


def k_ports(kind, src, dst):
    return nla(KEY[kind], be16(src) + be16(dst))


def k_tcp(src=1000, dst=80, flags=0):
    """A TCP key is complete only with its flags."""
    return k_ports("TCP", src, dst) + nla(KEY["TCP_FLAGS"], be16(flags))


def a_output(port):
    return nla(ACT["OUTPUT"], u32(port))


def a_userspace(pid, userdata=None, actions=False):
    parts = [nla(1, u32(pid))]
    if userdata is not None:
        parts.append(nla(2, userdata))
    if actions:
        parts.append(nla(4))
    return nest(ACT["USERSPACE"], *parts)


def a_set(*key):
    return nest(ACT["SET"], *key)


def a_set_masked(*key):
    return nest(ACT["SET_MASKED"], *key)


def a_push_vlan(tci, tpid=0x8100):
    return nla(ACT["PUSH_VLAN"], struct.pack("!HH", tpid, tci))


def a_pop_vlan():
    return nla(ACT["POP_VLAN"])


def f_key(*parts):
    return nest(FLA["KEY"], *parts)


def f_mask(*parts):
    return nest(FLA["MASK"], *parts)


def f_actions(*parts):
    return nest(FLA["ACTIONS"], *parts)


def f_ufid(data):
    return nla(FLA["UFID"], data)


def errname(err):
    return errno.errorcode.get(err, str(err))
