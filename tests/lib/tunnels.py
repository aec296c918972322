# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""tunnels.py DP HOST TUNNEL KEY - a small ovs-vswitchd for one tunnel.

HOST and TUNNEL are ports of DP. Each packet of HOST without a flow goes into
the tunnel: a flow with set(tunnel()) is made, and the packet is executed with
it. Each packet of TUNNEL without a flow makes one that matches its tunnel key,
and goes on to HOST. KEY: id=N,dst=ADDR[,src=ADDR][,ttl=N][,tos=N][,gbp=N][,csum]
is what is set. Prints a line a MISS, with the tunnel key that it came with.
"""

import errno
import socket
import struct
import sys

import ovsnl as n

ID, SRC4, DST4, TOS, TTL, DF, CSUM = range(7)
VXLAN_OPTS, SRC6, DST6 = 11, 12, 13


def address(text):
    if ":" in text:
        return socket.inet_pton(socket.AF_INET6, text)
    return socket.inet_aton(text)


def tunnel_key(text):
    """A nest OVS_KEY_ATTR_TUNNEL."""
    f = dict(p.partition("=")[::2] for p in text.split(","))
    dst = address(f["dst"])
    six = len(dst) == 16
    parts = [n.nla(ID, struct.pack("!Q", int(f["id"]))),
             n.nla(DST6 if six else DST4, dst),
             n.nla(TTL, n.u8(int(f.get("ttl", 64))))]
    if "src" in f:
        parts.append(n.nla(SRC6 if six else SRC4, address(f["src"])))
    if "tos" in f:
        parts.append(n.nla(TOS, n.u8(int(f["tos"]))))
    if "csum" in f:
        parts.append(n.nla(CSUM))
    if "gbp" in f:
        parts.append(n.nest(VXLAN_OPTS, n.nla(1, n.u32(int(f["gbp"])))))
    return n.nest(n.KEY["TUNNEL"], *parts)


def tunnel_text(key):
    """What a key's tunnel nest says; '-' where there is none."""
    if n.KEY["TUNNEL"] not in key:
        return "-"
    t = dict((k & 0x3fff, v) for k, v in n.parse(key[n.KEY["TUNNEL"]]))
    family = socket.AF_INET6 if SRC6 in t else socket.AF_INET
    out = ["id=%d" % struct.unpack("!Q", t[ID])[0],
           "src=" + socket.inet_ntop(family, t[SRC6 if SRC6 in t else SRC4]),
           "dst=" + socket.inet_ntop(family, t[DST6 if DST6 in t else DST4]),
           "tos=%d" % t.get(TOS, b"\0")[0], "ttl=%d" % t[TTL][0]]
    if CSUM in t:
        out.append("csum")
    if VXLAN_OPTS in t:
        gbp = dict(n.parse(t[VXLAN_OPTS]))
        out.append("gbp=%#x" % struct.unpack("=I", gbp[1])[0])
    return ",".join(out)


def mask_of(key):
    """Of the tunnel nest: all but the ttl, as ovs-vswitchd has it."""
    t = n.parse(key[n.KEY["TUNNEL"]])
    parts = []
    for kind, value in t:
        kind &= 0x3fff
        if kind == VXLAN_OPTS:
            parts.append(n.nest(kind, n.nla(1, b"\xff" * 4)))
        elif kind != TTL:
            parts.append(n.nla(kind, b"\xff" * len(value)))
    parts.append(n.nla(TTL, b"\0"))
    return n.nest(n.KEY["TUNNEL"], *parts)


def request(nl, *args):
    """Says what was refused. Another packet may have made the flow before."""
    try:
        nl.call(*args)
    except n.NlError as e:
        if e.errno != errno.EEXIST:
            print("error: %s %s" % (n.errname(e.errno), e.msg), flush=True)


def main():
    dp, host, tunnel, out = sys.argv[1:]
    nl, up = n.Genl(n.OVSXDPD), n.Genl(n.OVSXDPD, timeout=60)
    dp = nl.dp_get(dp).ifindex
    port = {}
    for name in (host, tunnel):
        got = nl.call(n.VPORT, n.SET, dp, n.nla(n.VPA["NAME"], n.string(name)),
                      n.nla(n.VPA["UPCALL_PID"], n.u32(up.pid)),
                      flags=n.NLM_ECHO)
        port[name] = struct.unpack("=I", got[0].attrs[n.VPA["PORT_NO"]])[0]
    print("ready", flush=True)
    while True:
        for kind, flags, seq, body in up.read():
            msg = n.Message(kind, flags, seq, body)
            raw = msg.attrs[n.PKA["KEY"]]
            key = dict((k & 0x3fff, v) for k, v in n.parse(raw))
            came = struct.unpack("=I", key[n.KEY["IN_PORT"]])[0]
            mask = [n.k_in_port(0xffffffff)]
            acts = [n.a_output(port[host])]
            if came == port[host]:
                acts = [n.a_set(tunnel_key(out)), n.a_output(port[tunnel])]
            elif n.KEY["TUNNEL"] in key:
                mask.append(mask_of(key))
            print("cmd %d in=%d %s" % (msg.cmd, came, tunnel_text(key)),
                  flush=True)
            request(nl, n.FLOW, n.NEW, msg.ifindex,
                    n.nla(n.FLA["KEY"] | 0x8000, raw), n.f_mask(*mask),
                    n.f_actions(*acts))
            request(nl, n.PACKET, n.EXECUTE, msg.ifindex,
                    n.nla(n.PKA["PACKET"], msg.attrs[n.PKA["PACKET"]]),
                    n.nla(n.PKA["KEY"] | 0x8000, raw),
                    n.nest(n.PKA["ACTIONS"], *acts))


main()
