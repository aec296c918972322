#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Asks a datapath implementation many questions, one line an answer.

probe_module.py          asks the kernel module (inside of tests/vm/run)
probe_module.py --ovsxdpd  asks the daemon of this network namespace

A line is `case: answer`, the answer being the attributes of the replies in
order, or errno with the extended ACK. Nothing that differs between two runs
is printed (interface indexes, port ids, times), so the outputs of both can be
compared. Makes and removes datapaths pr*, needs a namespace of its own.
"""

import os
import socket
import struct
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import ovsnl as n  # noqa: E402

KEYTAB = {v: k for k, v in n.KEY.items()}


def ip(*args):
    subprocess.run(("ip",) + args, check=True)


class Probe:
    def __init__(self, portid):
        self.nl = n.Genl(portid)
        self.section = ""

    def clean(self):
        for dp in ("pr0", "pr1", "pr2", "pr3", "pr9"):
            try:
                self.nl.dp_del(dp)
            except OSError:
                pass

    def head(self, text):
        self.section = text
        print("\n# " + text)

    def ask(self, case, func, show=None):
        """Runs func; prints its replies, or the error."""
        try:
            got = func()
        except n.NlError as e:
            text = "-" + n.errname(e.errno)
            if e.msg:
                text += ' "%s"' % e.msg
            if e.offs is not None:
                text += " offs=%d" % e.offs
            if e.miss is not None:
                text += " miss=%d" % e.miss
            print("%s: %s" % (case, text))
            return None
        if show:
            print("%s: %s" % (case, show(got)))
        else:
            print("%s: ok%s" % (case, "" if not got else
                                " %d replies" % len(got)))
        return got

    def attrs(self, family):
        """A printer: cmd, flags and attribute names of each reply."""
        def show(got):
            return " | ".join("cmd=%d flags=0x%x [%s]" % (
                m.cmd, m.flags, " ".join(m.names(n.ATTRS[family])))
                for m in got) or "no reply"
        return show

    # ---- ovs_datapath ----

    def dp(self, cmd, *attrs, ifindex=0, flags=0, version=None):
        return lambda: self.nl.call(n.DP, cmd, ifindex, *attrs, flags=flags,
                                    version=version)

    def dp_new(self, name, *attrs, flags=0):
        return self.dp(n.NEW, n.nla(n.DPA["NAME"], n.string(name)),
                       n.nla(n.DPA["UPCALL_PID"], n.u32(0)), *attrs,
                       flags=flags)

    def dp_cache(self, name):
        got = self.nl.dp_get(name).attrs[n.DPA["MASKS_CACHE_SIZE"]]
        return struct.unpack("=I", got)[0]

    def dp_features(self, name):
        got = self.nl.dp_get(name).attrs[n.DPA["USER_FEATURES"]]
        return struct.unpack("=I", got)[0]

    def datapaths(self):
        name = n.nla(n.DPA["NAME"], n.string("pr0"))
        pid = n.nla(n.DPA["UPCALL_PID"], n.u32(0))
        feat = lambda v: n.nla(n.DPA["USER_FEATURES"], n.u32(v))
        cache = lambda v: n.nla(n.DPA["MASKS_CACHE_SIZE"], n.u32(v))
        show = self.attrs(n.DP)

        self.head("ovs_datapath NEW")
        self.ask("no name", self.dp(n.NEW, pid))
        self.ask("no upcall pid", self.dp(n.NEW, name))
        self.ask("nothing", self.dp(n.NEW))
        self.ask("name too long", self.dp_new("a" * 16))
        self.ask("name empty", self.dp_new(""))
        self.ask("name with slash", self.dp_new("a/b"))
        self.ask("name with blank", self.dp_new("a b"))
        self.ask("name is dot", self.dp_new("."))
        self.ask("name not terminated", self.dp(
            n.NEW, n.nla(n.DPA["NAME"], b"pr0"), pid))
        self.ask("short upcall pid", self.dp(
            n.NEW, name, n.nla(n.DPA["UPCALL_PID"], b"\0\0")))
        self.ask("two upcall pids", self.dp(
            n.NEW, name, n.nla(n.DPA["UPCALL_PID"], n.u32(0) * 2)))
        self.ask("pr0 exists by that", self.dp(n.GET, name), show)
        self.ask("del pr0", self.dp(n.DEL, name))
        for bits in (0x10, 0x100, 0x80000000, 0x12):
            self.ask("features 0x%x" % bits,
                     self.dp(n.NEW, name, pid, feat(bits)))
        for size in (1, 2, 3, 4096, 8192, 16384, 65536):
            self.ask("cache size %d" % size,
                     self.dp(n.NEW, name, pid, cache(size)))
            self.ask("  del", self.dp(n.DEL, name))
        self.ask("lo", self.dp_new("lo"))
        self.ask("name of a netdev", self.dp_new("prveth0"))
        self.ask("echo", self.dp_new("pr0", flags=n.NLM_ECHO), show)
        self.ask("duplicate", self.dp_new("pr0"))
        self.ask("duplicate, bad features too", self.dp_new("pr0",
                                                            feat(0x100)))
        self.ask("name of another's port", self.dp_new("pr0"))
        self.ask("unknown attribute 500", self.dp_new(
            "pr1", n.nla(500, b"abcd")))
        self.ask("  del", self.dp(n.DEL, n.nla(1, n.string("pr1"))))
        self.ask("version 0", self.dp(n.NEW, n.nla(1, n.string("pr1")), pid,
                                      version=0))
        self.ask("version 9", self.dp(n.NEW, n.nla(1, n.string("pr1")), pid,
                                      version=9))
        self.ask("  del", self.dp(n.DEL, n.nla(1, n.string("pr1"))))
        self.ask("ifindex 4242", self.dp_new(
            "pr1", n.nla(n.DPA["IFINDEX"], n.u32(4242)), flags=n.NLM_ECHO),
            lambda g: "dp_ifindex is it: %s" % (g[0].ifindex == 4242))
        self.ask("  del", self.dp(n.DEL, n.nla(1, n.string("pr1"))))
        self.ask("ifindex taken (lo's)", self.dp_new(
            "pr1", n.nla(n.DPA["IFINDEX"], n.u32(1))))
        self.ask("ifindex negative", self.dp_new(
            "pr1", n.nla(n.DPA["IFINDEX"], n.u32(0x80000001))))
        self.ask("per-cpu pids, feature set, empty", self.dp_new(
            "pr2", feat(8), n.nla(n.DPA["PER_CPU_PIDS"])))
        self.ask("per-cpu pids, feature set, 6 bytes", self.dp_new(
            "pr2", feat(8), n.nla(n.DPA["PER_CPU_PIDS"], b"\1\0\0\0\1\0")))
        self.ask("per-cpu pids, feature set", self.dp_new(
            "pr2", feat(8), n.nla(n.DPA["PER_CPU_PIDS"], n.u32(1)),
            flags=n.NLM_ECHO), show)
        self.ask("per-cpu pids without feature", self.dp_new(
            "pr3", n.nla(n.DPA["PER_CPU_PIDS"], n.u32(1)),
            flags=n.NLM_ECHO), show)
        for dp in ("pr2", "pr3"):
            self.ask("  del", self.dp(n.DEL, n.nla(1, n.string(dp))))

        self.head("ovs_datapath GET")
        self.ask("by name", self.dp(n.GET, name), show)
        index = self.nl.dp_get("pr0").ifindex
        self.ask("by ifindex", self.dp(n.GET, ifindex=index), show)
        self.ask("no name, ifindex 0", self.dp(n.GET))
        self.ask("ifindex 99999", self.dp(n.GET, ifindex=99999))
        self.ask("ifindex of lo", self.dp(n.GET, ifindex=1))
        self.ask("unknown name", self.dp(n.GET, n.nla(1, n.string("nope"))))
        self.ask("name of a plain netdev",
                 self.dp(n.GET, n.nla(1, n.string("lo"))))
        self.ask("name right, ifindex wrong",
                 self.dp(n.GET, name, ifindex=99999), show)
        self.ask("dump", self.dp(n.GET, flags=n.NLM_DUMP), show)
        self.ask("dump with a name of none", self.dp(
            n.GET, n.nla(1, n.string("nope")), flags=n.NLM_DUMP), show)
        got = self.nl.dp_get("pr0").attrs
        print("sizes: stats %d, megaflow stats %d" % (
            len(got[n.DPA["STATS"]]), len(got[n.DPA["MEGAFLOW_STATS"]])))
        print("defaults: features 0x%x, cache %d" % (
            self.dp_features("pr0"), self.dp_cache("pr0")))

        self.head("ovs_datapath SET")
        self.ask("unknown name", self.dp(n.SET, n.nla(1, n.string("nope"))))
        self.ask("ifindex 99999", self.dp(n.SET, ifindex=99999))
        self.ask("echo", self.dp(n.SET, name, feat(3), cache(128),
                                 flags=n.NLM_ECHO), show)
        print("then: features 0x%x, cache %d" % (
            self.dp_features("pr0"), self.dp_cache("pr0")))
        self.ask("nothing to set", self.dp(n.SET, name, flags=n.NLM_ECHO),
                 show)
        print("then: features 0x%x, cache %d" % (
            self.dp_features("pr0"), self.dp_cache("pr0")))
        self.ask("features 0x100", self.dp(n.SET, name, feat(0x100)))
        self.ask("features 4 (recirc sharing)", self.dp(n.SET, name, feat(4)))
        self.ask("features 0xf", self.dp(n.SET, name, feat(0xf)))
        print("then: features 0x%x" % self.dp_features("pr0"))
        for size in (0, 1, 2, 3, 100, 4096, 8192, 16384, 0xffffffff):
            self.ask("cache size %d" % size, self.dp(n.SET, name,
                                                     cache(size)))
            print("  then %d" % self.dp_cache("pr0"))
        self.ask("bad cache and good features", self.dp(
            n.SET, name, feat(1), cache(3)))
        print("then: features 0x%x" % self.dp_features("pr0"))
        self.ask("upcall pid", self.dp(
            n.SET, name, n.nla(n.DPA["UPCALL_PID"], n.u32(7)),
            flags=n.NLM_ECHO), show)

        self.head("ovs_datapath DEL")
        self.ask("unknown name", self.dp(n.DEL, n.nla(1, n.string("nope"))))
        self.ask("nothing", self.dp(n.DEL))
        self.ask("ifindex 99999", self.dp(n.DEL, ifindex=99999))
        self.ask("echo", self.dp(n.DEL, name, flags=n.NLM_ECHO), show)
        self.ask("again", self.dp(n.DEL, name))
        self.ask("unknown command 9", self.dp(9, name))
        self.ask("unknown command 0", self.dp(0, name))

    # ---- ovs_vport ----

    def vp(self, cmd, *attrs, dp=None, flags=0):
        dp = self.index if dp is None else dp
        return lambda: self.nl.call(n.VPORT, cmd, dp, *attrs, flags=flags)

    def stats(self, got):
        return "[%s]" % " ".join(str(v) for v in struct.unpack(
            "=8Q", got[0].attrs[n.VPA["STATS"]]))

    def port_no(self, got):
        return "port_no %d" % struct.unpack(
            "=I", got[0].attrs[n.VPA["PORT_NO"]])

    def vports(self):
        self.index = self.nl.dp_new("pr0")
        name = lambda s: n.nla(n.VPA["NAME"], n.string(s))
        kind = lambda v: n.nla(n.VPA["TYPE"], n.u32(v))
        port = lambda v: n.nla(n.VPA["PORT_NO"], n.u32(v))
        pids = lambda *v: n.nla(n.VPA["UPCALL_PID"],
                                b"".join(n.u32(p) for p in v))
        show = self.attrs(n.VPORT)

        self.head("ovs_vport NEW")
        self.ask("no type", self.vp(n.NEW, name("prveth0"), pids(0)))
        self.ask("no name", self.vp(n.NEW, kind(1), pids(0)))
        self.ask("no upcall pid", self.vp(n.NEW, name("prveth0"), kind(1)))
        self.ask("unknown datapath", self.vp(
            n.NEW, name("prveth0"), kind(1), pids(0), dp=99999))
        self.ask("unknown datapath, no type", self.vp(
            n.NEW, name("prveth0"), pids(0), dp=99999))
        self.ask("no such netdev", self.vp(n.NEW, name("nope"), kind(1),
                                           pids(0)))
        self.ask("lo", self.vp(n.NEW, name("lo"), kind(1), pids(0)))
        self.ask("type 0", self.vp(n.NEW, name("prveth0"), kind(0), pids(0)))
        self.ask("type 6", self.vp(n.NEW, name("prveth0"), kind(6), pids(0)))
        self.ask("type 99", self.vp(n.NEW, name("prveth0"), kind(99),
                                    pids(0)))
        self.ask("port_no 65535", self.vp(n.NEW, name("prveth0"), kind(1),
                                          pids(0), port(65535)))
        self.ask("port_no 65536", self.vp(n.NEW, name("prveth0"), kind(1),
                                          pids(0), port(65536)))
        self.ask("port_no 0", self.vp(n.NEW, name("prveth0"), kind(1),
                                      pids(0), port(0),
                                      flags=n.NLM_ECHO), self.port_no)
        self.ask("  del", self.vp(n.DEL, name("prveth0")))
        self.ask("pids of 0 bytes", self.vp(n.NEW, name("prveth0"), kind(1),
                                            pids()))
        self.ask("pids of 6 bytes", self.vp(
            n.NEW, name("prveth0"), kind(1),
            n.nla(n.VPA["UPCALL_PID"], b"\0" * 6)))
        self.ask("name too long", self.vp(n.NEW, name("a" * 16), kind(1),
                                          pids(0)))
        self.ask("the datapath's own port", self.vp(
            n.NEW, name("pr0"), kind(1), pids(0)))
        self.ask("options on a netdev", self.vp(
            n.NEW, name("prveth1"), kind(1), pids(0),
            n.nest(n.VPA["OPTIONS"], n.nla(1, n.u32(1)))))
        self.ask("  del", self.vp(n.DEL, name("prveth1")))
        self.ask("no pids at all, pid 0 only", self.vp(
            n.NEW, name("prveth1"), kind(1), pids(0), flags=n.NLM_ECHO),
            lambda g: g[0].attrs[5].hex())
        self.ask("  del", self.vp(n.DEL, name("prveth1")))
        self.ask("prveth0, echo", self.vp(
            n.NEW, name("prveth0"), kind(1), pids(0), flags=n.NLM_ECHO), show)
        self.ask("prveth0 again", self.vp(n.NEW, name("prveth0"), kind(1),
                                          pids(0)))
        self.ask("prveth1, port_no in use", self.vp(
            n.NEW, name("prveth1"), kind(1), pids(0), port(1)))
        self.ask("prveth1, more pids than CPUs", self.vp(
            n.NEW, name("prveth1"), kind(1), pids(*range(1, 9000))))
        self.ask("prveth1, port_no 77", self.vp(
            n.NEW, name("prveth1"), kind(1), pids(1, 2), port(77),
            flags=n.NLM_ECHO), self.port_no)
        self.ask("internal print, lowest free", self.vp(
            n.NEW, name("print"), kind(2), pids(0), flags=n.NLM_ECHO),
            self.port_no)
        self.ask("internal, name of a netdev", self.vp(
            n.NEW, name("prother0"), kind(2), pids(0)))
        self.ask("internal again", self.vp(n.NEW, name("print"), kind(2),
                                           pids(0)))
        self.ask("ifindex for internal", self.vp(
            n.NEW, name("print2"), kind(2), pids(0),
            n.nla(n.VPA["IFINDEX"], n.u32(5151)), flags=n.NLM_ECHO), show)
        self.ask("  del", self.vp(n.DEL, name("print2")))
        self.ask("port in another datapath", self.vp(
            n.NEW, name("prveth0"), kind(1), pids(0),
            dp=self.nl.dp_new("pr9")))
        self.nl.dp_del("pr9")

        self.head("ovs_vport GET")
        self.ask("by name", self.vp(n.GET, name("prveth0")), show)
        self.ask("by name, dp 0", self.vp(n.GET, name("prveth0"), dp=0), show)
        self.ask("by name, wrong dp", self.vp(n.GET, name("prveth0"),
                                              dp=99999))
        self.ask("by number", self.vp(n.GET, port(77)), show)
        self.ask("local by number", self.vp(n.GET, port(0)), show)
        self.ask("by number, unknown dp", self.vp(n.GET, port(1), dp=99999))
        self.ask("by number, dp 0", self.vp(n.GET, port(1), dp=0))
        self.ask("no such number", self.vp(n.GET, port(500)))
        self.ask("number 65535", self.vp(n.GET, port(65535)))
        self.ask("number 65536", self.vp(n.GET, port(65536)))
        self.ask("no such name", self.vp(n.GET, name("nope")))
        self.ask("a netdev that is no port", self.vp(n.GET,
                                                     name("prother0")))
        self.ask("neither name nor number", self.vp(n.GET))
        order = lambda g: " ".join(
            "%d:%s" % (struct.unpack("=I", m.attrs[1])[0],
                       m.attrs[3].rstrip(b"\0").decode()) for m in g)
        self.ask("dump", self.vp(n.GET, flags=n.NLM_DUMP), order)
        self.ask("dump, attributes", self.vp(n.GET, flags=n.NLM_DUMP), show)
        self.ask("dump of no datapath", self.vp(n.GET, dp=99999,
                                                flags=n.NLM_DUMP))

        self.head("ovs_vport SET")
        self.ask("no such name", self.vp(n.SET, name("nope")))
        self.ask("same type", self.vp(n.SET, name("prveth0"), kind(1)))
        self.ask("another type", self.vp(n.SET, name("prveth0"), kind(2)))
        self.ask("options on a netdev", self.vp(
            n.SET, name("prveth0"),
            n.nest(n.VPA["OPTIONS"], n.nla(1, n.u32(1)))))
        self.ask("pids, echo", self.vp(n.SET, name("prveth0"), pids(5, 6),
                                       flags=n.NLM_ECHO), show)
        self.ask("pids of 6 bytes", self.vp(
            n.SET, name("prveth0"), n.nla(n.VPA["UPCALL_PID"], b"\0" * 6)))
        self.ask("pids of 0 bytes", self.vp(n.SET, name("prveth0"), pids()))
        two = lambda g: "%d bytes of pids" % len(g[0].attrs[5])
        self.ask("  then", self.vp(n.GET, name("prveth0")), two)
        zero = struct.pack("=8Q", *range(100, 108))
        self.ask("stats", self.vp(n.SET, name("prveth0"),
                                  n.nla(n.VPA["STATS"], zero)))
        self.ask("  then", self.vp(n.GET, name("prveth0")), self.stats)
        self.ask("nothing", self.vp(n.SET, name("prveth0")))
        self.ask("neither name nor number", self.vp(n.SET))

        self.head("ovs_vport, features VPORT_PIDS off and on")
        feat = lambda v: n.nla(n.DPA["USER_FEATURES"], n.u32(v))
        length = lambda g: "%d bytes of pids" % len(g[0].attrs[5])
        self.ask("off", self.vp(n.GET, port(77)), length)
        self.nl.call(n.DP, n.SET, self.index, feat(2))
        self.ask("on", self.vp(n.GET, port(77)), length)

        self.head("ovs_vport DEL")
        self.ask("local by number", self.vp(n.DEL, port(0)))
        self.ask("local by name", self.vp(n.DEL, name("pr0")))
        self.ask("no such", self.vp(n.DEL, name("nope")))
        self.ask("no such number", self.vp(n.DEL, port(500)))
        self.ask("nothing", self.vp(n.DEL))
        self.ask("echo", self.vp(n.DEL, port(77), flags=n.NLM_ECHO), show)
        self.ask("again", self.vp(n.DEL, port(77)))
        self.ask("internal by name", self.vp(n.DEL, name("print")))
        print("internal device is gone: %s" %
              (not os.path.exists("/sys/class/net/print")))
        self.ask("unknown command 9", self.vp(9))
        self.nl.dp_del("pr0")
        print("datapath's device is gone: %s" %
              (not os.path.exists("/sys/class/net/pr0")))

    # ---- ovs_flow ----

    def fl(self, cmd, *attrs, dp=None, flags=0):
        dp = self.index if dp is None else dp
        return lambda: self.nl.call(n.FLOW, cmd, dp, *attrs, flags=flags)

    def flow_count(self):
        stats = self.nl.dp_get("pr0").attrs[n.DPA["STATS"]]
        mega = self.nl.dp_get("pr0").attrs[n.DPA["MEGAFLOW_STATS"]]
        print("  flows %d, masks %d" % (struct.unpack("=4Q", stats)[3],
                                        struct.unpack("=QI", mega[:12])[1]))

    def flush(self):
        self.nl.call(n.FLOW, n.DEL, self.index)

    def full_key(self, **ipv4):
        """An exact TCP key with all that the module wants to see."""
        return (n.k_in_port(0), n.k_eth(b"\2" * 6, b"\4" * 6),
                n.k_type(0x0800), n.k_ipv4(**ipv4),
                n.k_tcp(1000, 80))

    def flows(self):
        self.index = self.nl.dp_new("pr0")
        show = self.attrs(n.FLOW)
        key = n.f_key(*self.full_key())
        acts = n.f_actions(n.a_output(0))
        ufid = bytes(range(16))

        self.head("ovs_flow NEW")
        self.ask("nothing", self.fl(n.NEW))
        self.ask("no key", self.fl(n.NEW, acts))
        self.ask("no actions", self.fl(n.NEW, key))
        self.ask("unknown datapath", self.fl(n.NEW, key, acts, dp=99999))
        self.ask("echo, no mask", self.fl(n.NEW, key, acts,
                                          flags=n.NLM_ECHO), show)
        self.flow_count()
        self.ask("the same", self.fl(n.NEW, key, acts), show)
        self.ask("the same, EXCL", self.fl(
            n.NEW, key, acts, flags=n.NLM_CREATE | n.NLM_EXCL), show)
        self.ask("the same, CREATE", self.fl(
            n.NEW, key, n.f_actions(), flags=n.NLM_CREATE | n.NLM_ECHO), show)
        self.ask("the same with a UFID", self.fl(n.NEW, key, acts,
                                                 n.f_ufid(ufid)), show)
        wide = n.f_mask(n.k_eth(), n.k_type(0xffff))
        narrow = n.f_mask(n.k_in_port(0xffffffff), n.k_type(0xffff))
        self.ask("wider mask over it", self.fl(n.NEW, key, wide, acts))
        self.flow_count()
        self.ask("wider mask, other key", self.fl(
            n.NEW, n.f_key(*self.full_key(src="10.0.0.9")), wide, acts))
        self.ask("narrower under the wider", self.fl(
            n.NEW, n.f_key(*self.full_key(src="10.0.0.9")), narrow, acts))
        self.ask("key exact under the wider", self.fl(
            n.NEW, n.f_key(*self.full_key(src="10.0.0.8")), acts))
        self.flow_count()
        self.flush()
        self.ask("UFID flow, echo", self.fl(
            n.NEW, key, acts, n.f_ufid(ufid), flags=n.NLM_ECHO), show)
        self.ask("UFID flow, same UFID, other key", self.fl(
            n.NEW, n.f_key(*self.full_key(src="10.0.0.9")), acts,
            n.f_ufid(ufid)))
        self.ask("other UFID, same key", self.fl(
            n.NEW, key, acts, n.f_ufid(b"\7" * 16)))
        self.ask("the same without UFID", self.fl(n.NEW, key, acts))
        self.flow_count()
        self.ask("UFID of 0 bytes", self.fl(
            n.NEW, n.f_key(*self.full_key(src="10.0.0.3")), acts,
            n.f_ufid(b"")))
        self.ask("UFID of 4 bytes", self.fl(
            n.NEW, n.f_key(*self.full_key(src="10.0.0.4")), acts,
            n.f_ufid(b"abcd")))
        self.ask("UFID of 17 bytes", self.fl(
            n.NEW, n.f_key(*self.full_key(src="10.0.0.5")), acts,
            n.f_ufid(b"a" * 17), flags=n.NLM_ECHO), show)
        for flags in (1, 2, 4, 7, 8):
            self.ask("UFID flags %d" % flags, self.fl(
                n.NEW, n.f_key(*self.full_key(src="10.1.0.%d" % flags)),
                acts, n.f_ufid(n.u32(flags) * 4),
                n.nla(n.FLA["UFID_FLAGS"], n.u32(flags)), flags=n.NLM_ECHO),
                show)
        self.ask("UFID flags 7 without a UFID", self.fl(
            n.NEW, n.f_key(*self.full_key(src="10.1.1.9")), acts,
            n.nla(n.FLA["UFID_FLAGS"], n.u32(7)), flags=n.NLM_ECHO), show)
        self.flush()
        self.flow_count()
        self.ask("probe", self.fl(n.NEW, key, acts, n.nla(n.FLA["PROBE"])))
        self.ask("probe, bad key", self.fl(n.NEW, n.f_key(), acts,
                                           n.nla(n.FLA["PROBE"])))
        self.flow_count()
        self.flush()
        self.keys()
        self.masks()
        self.actions()
        self.flow_commands()
        self.nl.dp_del("pr0")

    def new_key(self, case, *parts, mask=None):
        attrs = [n.f_key(*parts), n.f_actions()]
        if mask is not None:
            attrs.append(n.f_mask(*mask))
        self.ask(case, self.fl(n.NEW, *attrs, flags=n.NLM_ECHO), self.keyattrs)
        self.flush()

    def keyattrs(self, got):
        """The key's attributes as they come back."""
        def text(data):
            return " ".join(
                "%s=%s" % (KEYTAB.get(k, str(k)),
                           "{%s}" % text(v) if k == n.KEY["ENCAP"] else
                           v.hex()) for k, v in n.parse(data))
        attrs = got[0].attrs
        out = "key {%s}" % self.short(text(attrs[n.FLA["KEY"]]))
        if n.FLA["MASK"] in attrs:
            out += " mask {%s}" % self.short(text(attrs[n.FLA["MASK"]]))
        return out

    @staticmethod
    def short(text):
        """Names the run of attributes that every flow repeats."""
        zero = "00000000"
        text = text.replace("CT_STATE=%s CT_ZONE=0000 CT_MARK=%s CT_LABELS=%s"
                            % (zero, zero, zero * 4), "(ct 0)")
        return text.replace("RECIRC_ID=%s DP_HASH=%s PRIORITY=%s" % (
            zero, zero, zero), "(recirc dp_hash priority 0)")

    def keys(self):
        self.head("keys (no mask given)")
        p, e, t = n.k_in_port(0), n.k_eth(b"\2" * 6, b"\4" * 6), n.k_type
        self.new_key("empty")
        self.new_key("eth only", e)
        self.new_key("in_port, eth", p, e)
        self.new_key("in_port, eth, type 0x88b5", p, e, t(0x88b5))
        self.new_key("no eth", p, t(0x0800), n.k_ipv4())
        self.new_key("type 0x0100 (802.3)", p, e, t(0x0100))
        self.new_key("ip type without ipv4", p, e, t(0x0800))
        self.new_key("ipv4 without type", p, e, n.k_ipv4())
        self.new_key("tcp without ports", p, e, t(0x0800), n.k_ipv4())
        self.new_key("udp", p, e, t(0x0800), n.k_ipv4(proto=17),
                     n.k_ports("UDP", 5, 6))
        self.new_key("tcp proto with udp ports", p, e, t(0x0800), n.k_ipv4(),
                     n.k_ports("UDP", 5, 6))
        self.new_key("later fragment, no ports", p, e, t(0x0800),
                     n.k_ipv4(frag=2))
        self.new_key("later fragment with ports", p, e, t(0x0800),
                     n.k_ipv4(frag=2), n.k_ports("TCP", 1, 2))
        self.new_key("frag 3", p, e, t(0x0800), n.k_ipv4(frag=3))
        self.new_key("proto 200", p, e, t(0x0800), n.k_ipv4(proto=200))
        self.new_key("tcp flags", p, e, t(0x0800), n.k_ipv4(),
                     n.k_tcp(1, 2, 2))
        self.new_key("tcp without its flags", p, e, t(0x0800), n.k_ipv4(),
                     n.k_ports("TCP", 1, 2))
        self.new_key("icmp", p, e, t(0x0800), n.k_ipv4(proto=1),
                     n.nla(n.KEY["ICMP"], b"\x08\x00"))
        self.new_key("sctp", p, e, t(0x0800), n.k_ipv4(proto=132),
                     n.k_ports("SCTP", 1, 2))
        self.new_key("ipv6 tcp", p, e, t(0x86dd), n.k_ipv6(),
                     n.k_tcp(1, 2))
        self.new_key("ipv6, label of 21 bits", p, e, t(0x86dd),
                     n.k_ipv6(label=0x100000), n.k_tcp(1, 2))
        self.new_key("icmpv6", p, e, t(0x86dd), n.k_ipv6(proto=58),
                     n.nla(n.KEY["ICMPV6"], b"\x80\x00"))
        nd = n.nla(n.KEY["ND"], b"\1" * 28)
        self.new_key("nd solicit", p, e, t(0x86dd), n.k_ipv6(proto=58),
                     n.nla(n.KEY["ICMPV6"], b"\x87\x00"), nd)
        self.new_key("nd solicit without nd", p, e, t(0x86dd),
                     n.k_ipv6(proto=58), n.nla(n.KEY["ICMPV6"], b"\x87\x00"))
        self.new_key("echo with nd", p, e, t(0x86dd), n.k_ipv6(proto=58),
                     n.nla(n.KEY["ICMPV6"], b"\x80\x00"), nd)
        arp = struct.pack("!4s4sH6s6sH", b"\1" * 4, b"\2" * 4, 1, b"\3" * 6,
                          b"\4" * 6, 0)
        self.new_key("arp", p, e, t(0x0806), n.nla(n.KEY["ARP"], arp))
        arp = arp[:8] + b"\1\1" + arp[10:]
        self.new_key("arp, op 257", p, e, t(0x0806), n.nla(n.KEY["ARP"], arp))
        self.new_key("arp without arp", p, e, t(0x0806))
        vlan = n.nla(n.KEY["VLAN"], n.be16(0x1005))
        inner = (t(0x0800), n.k_ipv4(), n.k_tcp(1, 2))
        self.new_key("vlan", p, e, t(0x8100), vlan,
                     n.nest(n.KEY["ENCAP"], *inner))
        self.new_key("vlan without CFI", p, e, t(0x8100),
                     n.nla(n.KEY["VLAN"], n.be16(5)),
                     n.nest(n.KEY["ENCAP"], *inner))
        self.new_key("vlan without encap", p, e, t(0x8100), vlan)
        self.new_key("encap without vlan", p, e, t(0x8100),
                     n.nest(n.KEY["ENCAP"], *inner))
        self.new_key("truncated vlan", p, e, t(0x8100),
                     n.nla(n.KEY["VLAN"], n.be16(0)), n.nest(n.KEY["ENCAP"]))
        self.new_key("type 0x8100 alone", p, e, t(0x8100))
        self.new_key("qinq", p, e, t(0x88a8), vlan, n.nest(
            n.KEY["ENCAP"], t(0x8100), n.nla(n.KEY["VLAN"], n.be16(0x1006)),
            n.nest(n.KEY["ENCAP"], *inner)))
        third = n.nest(n.KEY["ENCAP"], t(0x8100), vlan,
                       n.nest(n.KEY["ENCAP"], *inner))
        self.new_key("three tags", p, e, t(0x88a8), vlan, n.nest(
            n.KEY["ENCAP"], t(0x8100), vlan, third))
        self.new_key("attribute twice", p, p, e, t(0x88b5))
        self.new_key("attribute of wrong length", n.nla(
            n.KEY["IN_PORT"], b"\0\0"), e, t(0x88b5))
        self.new_key("unknown attribute 29", p, e, t(0x88b5),
                     n.nla(29, b"abcd"))
        self.new_key("unknown attribute 40", p, e, t(0x88b5),
                     n.nla(40, b"abcd"))
        self.new_key("zero attribute 40", p, e, t(0x88b5), n.nla(40, b""))
        self.new_key("in_port 65535", n.k_in_port(65535), e, t(0x88b5))
        self.new_key("in_port 65536", n.k_in_port(65536), e, t(0x88b5))
        self.new_key("in_port 500 (no port)", n.k_in_port(500), e, t(0x88b5))
        self.new_key("skb mark, priority, recirc, dp_hash", p, e, t(0x88b5),
                     n.nla(n.KEY["SKB_MARK"], n.u32(5)),
                     n.nla(n.KEY["PRIORITY"], n.u32(6)),
                     n.nla(n.KEY["RECIRC_ID"], n.u32(7)),
                     n.nla(n.KEY["DP_HASH"], n.u32(8)))
        self.new_key("ct state, zone, mark", p, e, t(0x0800),
                     n.k_ipv4(proto=200),
                     n.nla(n.KEY["CT_STATE"], n.u32(0)),
                     n.nla(n.KEY["CT_ZONE"], n.u16(0)),
                     n.nla(n.KEY["CT_MARK"], n.u32(0)),
                     n.nla(n.KEY["CT_LABELS"], b"\0" * 16))
        self.new_key("ct state 0x100", p, e, t(0x88b5),
                     n.nla(n.KEY["CT_STATE"], n.u32(0x100)))
        self.new_key("mpls", p, e, t(0x8847),
                     n.nla(n.KEY["MPLS"], b"\0\0\x11\x40"))
        self.new_key("mpls without label", p, e, t(0x8847))

    def masks(self):
        self.head("masks")
        k = self.full_key()
        ff = lambda size: b"\xff" * size
        port = n.k_in_port(0xffffffff)
        eth = n.k_eth(ff(6), ff(6))
        typ = n.k_type(0xffff)
        v4 = lambda data: n.nla(n.KEY["IPV4"], data)
        self.new_key("empty mask", *k, mask=())
        self.new_key("in_port only", *k, mask=(port,))
        self.new_key("in_port partly", *k, mask=(n.k_in_port(0xff),))
        self.new_key("in_port zero", *k, mask=(n.k_in_port(0),))
        self.new_key("eth partly", *k, mask=(port, n.k_eth(b"\xff\0" * 3)))
        self.new_key("type", *k, mask=(port, eth, typ))
        self.new_key("type partly", *k, mask=(port, n.k_type(0xff00)))
        self.new_key("ipv4 without type", *k, mask=(port, v4(ff(12))))
        self.new_key("ipv4, exact proto", *k, mask=(
            port, typ, v4(ff(4) + b"\0" * 4 + b"\xff\0\0\0")))
        self.new_key("ipv4, proto partly", *k, mask=(
            port, typ, v4(b"\0" * 8 + b"\x0f\0\0\0")))
        self.new_key("ports without proto", *k, mask=(
            port, typ, v4(b"\0" * 12), n.k_ports("TCP", 0xffff, 0)))
        self.new_key("ports", *k, mask=(
            port, typ, v4(b"\0" * 8 + b"\xff\0\0\0"),
            n.k_ports("TCP", 0xffff, 0xff)))
        self.new_key("udp mask on tcp key", *k, mask=(
            port, typ, v4(b"\0" * 8 + b"\xff\0\0\0"),
            n.k_ports("UDP", 0xffff, 0)))
        self.new_key("frag partly", *k, mask=(
            port, typ, v4(b"\0" * 11 + b"\1")))
        self.new_key("arp mask on ip key", *k, mask=(
            port, typ, n.nla(n.KEY["ARP"], b"\0" * 24)))
        self.new_key("mask attribute twice", *k, mask=(port, port))
        self.new_key("key not masked (in_port 5 under 0)", *k[1:],
                     mask=(n.k_in_port(0), typ))
        p, e, t = n.k_in_port(0), n.k_eth(b"\2" * 6, b"\4" * 6), n.k_type
        inner = (t(0x0800), n.k_ipv4(), n.k_tcp(1, 2))
        tagged = (p, e, t(0x8100), n.nla(n.KEY["VLAN"], n.be16(0x1005)),
                  n.nest(n.KEY["ENCAP"], *inner))
        tci = lambda v: n.nla(n.KEY["VLAN"], n.be16(v))
        self.new_key("vlan exact", *tagged, mask=(
            port, typ, tci(0xffff), n.nest(n.KEY["ENCAP"], typ)))
        self.new_key("vlan, tci partly", *tagged, mask=(
            port, typ, tci(0x1fff), n.nest(n.KEY["ENCAP"], typ)))
        self.new_key("vlan, CFI not in mask", *tagged, mask=(
            port, typ, tci(0x0fff), n.nest(n.KEY["ENCAP"], typ)))
        self.new_key("vlan, tpid partly", *tagged, mask=(
            port, t(0xff00), tci(0xffff), n.nest(n.KEY["ENCAP"], typ)))
        self.new_key("vlan, inner type partly", *tagged, mask=(
            port, typ, tci(0xffff), n.nest(n.KEY["ENCAP"], t(0xff00))))
        self.new_key("vlan key, mask without vlan", *tagged,
                     mask=(port, typ))
        self.new_key("vlan key, mask of ports only", *tagged, mask=(port,))
        self.new_key("untagged key, vlan in mask", *k, mask=(
            port, typ, tci(0xffff), n.nest(n.KEY["ENCAP"], typ)))
        self.new_key("untagged key, vlan 0 in mask", *k, mask=(
            port, typ, tci(0xffff)))

    def act(self, case, *acts, key=None):
        key = self.full_key() if key is None else key
        self.ask(case, self.fl(n.NEW, n.f_key(*key), n.f_actions(*acts),
                               flags=n.NLM_ECHO),
                 self.actattrs)
        self.flush()

    @staticmethod
    def actattrs(got):
        data = got[0].attrs.get(n.FLA["ACTIONS"], b"")
        if len(data) > 200:
            return "%d bytes" % len(data)
        return "[%s]" % " ".join("%d:%s" % (t, v.hex())
                                 for t, v in n.parse(data))

    def actions(self):
        self.head("actions")
        p, e, t = n.k_in_port(0), n.k_eth(b"\2" * 6, b"\4" * 6), n.k_type
        l2 = (p, e, t(0x88b5))
        self.act("none")
        self.act("output 0", n.a_output(0))
        self.act("output 500 (no port)", n.a_output(500))
        self.act("output 65535", n.a_output(65535))
        self.act("output 65536", n.a_output(65536))
        self.act("output of 2 bytes", n.nla(1, b"\0\0"))
        self.act("output of 8 bytes", n.nla(1, b"\0" * 8))
        self.act("two outputs", n.a_output(0), n.a_output(0))
        self.act("unknown 60", n.nla(60, n.u32(1)))
        self.act("attribute 0", n.nla(0, n.u32(1)))
        self.act("truncated", struct.pack("=HH", 12, 1) + n.u32(0))
        self.act("userspace", n.nest(2, n.nla(1, n.u32(7))))
        self.act("userspace, pid 0", n.nest(2, n.nla(1, n.u32(0))))
        self.act("userspace without pid", n.nest(2, n.nla(2, b"abcd")))
        self.act("userspace, userdata", n.a_userspace(7, b"abcde"))
        self.act("userspace, actions", n.a_userspace(7, None, True))
        self.act("userspace, unknown attribute",
                 n.nest(2, n.nla(1, n.u32(7)), n.nla(9, b"")))
        self.act("push_vlan", n.a_push_vlan(0x1005))
        self.act("push_vlan without CFI", n.a_push_vlan(0x0005))
        self.act("push_vlan, tpid 0x88a8", n.a_push_vlan(0x1005, 0x88a8))
        self.act("push_vlan, tpid 0x9100", n.a_push_vlan(0x1005, 0x9100))
        self.act("pop_vlan", n.a_pop_vlan())
        self.act("push, pop", n.a_push_vlan(0x1005), n.a_pop_vlan())
        self.act("push, push, push", *[n.a_push_vlan(0x1005)] * 3)
        self.act("set eth", n.a_set(e), n.a_output(0))
        self.act("set eth of 6 bytes", n.a_set(n.nla(4, b"\0" * 6)))
        self.act("set two", n.a_set(e, n.k_ipv4()))
        self.act("set none", n.a_set())
        self.act("set ipv4", n.a_set(n.k_ipv4(src="1.2.3.4", ttl=3)))
        self.act("set ipv4, other proto", n.a_set(n.k_ipv4(proto=17)))
        self.act("set ipv4, other frag", n.a_set(n.k_ipv4(frag=1)))
        self.act("set ipv4 on l2", n.a_set(n.k_ipv4()), key=l2)
        self.act("set tcp", n.a_set(n.k_ports("TCP", 1, 2)))
        self.act("set udp on tcp", n.a_set(n.k_ports("UDP", 1, 2)))
        self.act("set tcp on proto unknown", n.a_set(
            n.k_ports("TCP", 1, 2)), key=l2)
        self.act("set ethertype", n.a_set(t(0x0800)))
        self.act("set in_port", n.a_set(p))
        self.act("set vlan", n.a_set(n.nla(n.KEY["VLAN"], n.be16(0x1001))))
        self.act("set icmp", n.a_set(n.nla(n.KEY["ICMP"], b"\0\0")))
        self.act("set arp", n.a_set(n.nla(n.KEY["ARP"], b"\0" * 24)))
        self.act("set mark", n.a_set(n.nla(n.KEY["SKB_MARK"], n.u32(1))))
        self.act("set priority", n.a_set(n.nla(n.KEY["PRIORITY"], n.u32(1))))
        self.act("set tcp_flags", n.a_set(
            n.nla(n.KEY["TCP_FLAGS"], n.be16(1))))
        six = (p, e, t(0x86dd), n.k_ipv6(), n.k_tcp(1, 2))
        self.act("set ipv6", n.a_set(n.k_ipv6(src="fd00::9")), key=six)
        self.act("set ipv6, label of 21 bits",
                 n.a_set(n.k_ipv6(label=0x100000)), key=six)
        self.act("set ipv6, other proto", n.a_set(n.k_ipv6(proto=17)),
                 key=six)
        self.act("set ipv4 on ipv6", n.a_set(n.k_ipv4()), key=six)
        self.act("set_masked eth", n.a_set_masked(
            n.nla(4, b"\1" * 12 + b"\xff" * 12)))
        self.act("set_masked eth, value outside of mask", n.a_set_masked(
            n.nla(4, b"\1" * 12 + b"\xfe" * 12)))
        self.act("set_masked eth without mask", n.a_set_masked(e))
        self.act("set_masked ipv4 ttl", n.a_set_masked(n.nla(
            n.KEY["IPV4"], b"\0" * 10 + b"\5\0" + b"\0" * 10 + b"\xff\0")))
        self.act("set_masked ipv4 proto", n.a_set_masked(n.nla(
            n.KEY["IPV4"], b"\0" * 9 + b"\6\0\0" + b"\0" * 9 +
            b"\xff\0\0"[:3])))
        self.act("set_masked tcp", n.a_set_masked(n.nla(
            n.KEY["TCP"], b"\0\1\0\0" + b"\xff\xff\0\0")))
        frag = self.full_key(frag=2)[:4]
        self.act("set tcp on later fragment", n.a_set(
            n.k_ports("TCP", 1, 2)), key=frag)
        self.act("push_vlan, then set ipv4", n.a_push_vlan(0x1005),
                 n.a_set(n.k_ipv4(ttl=3)))
        self.act("pop_vlan on untagged, then set ipv4", n.a_pop_vlan(),
                 n.a_set(n.k_ipv4(ttl=3)))
        self.act("list of 32000 bytes", *[n.a_output(0)] * 4000)
        self.act("list of 33000 bytes", *[n.a_output(0)] * 4125)
        self.act("list of 64000 bytes", *[n.a_output(0)] * 8000)

    def flow_commands(self):
        show = self.attrs(n.FLOW)
        key = n.f_key(*self.full_key())
        other = n.f_key(*self.full_key(src="10.9.9.9"))
        acts = n.f_actions(n.a_output(0))
        ufid = n.f_ufid(bytes(range(16)))
        clear = n.nla(n.FLA["CLEAR"])

        for title, ident, wrong in (
                ("by key", key, other),
                ("by UFID", ufid, n.f_ufid(b"\7" * 16))):
            self.head("ovs_flow GET, SET, DEL " + title)
            self.flush()
            extra = () if ident is key else (ufid,)
            self.nl.call(n.FLOW, n.NEW, self.index, key, acts, *extra)
            self.ask("get", self.fl(n.GET, ident), show)
            self.ask("get wrong", self.fl(n.GET, wrong))
            self.ask("get, unknown dp", self.fl(n.GET, ident, dp=99999))
            self.ask("get nothing", self.fl(n.GET))
            self.ask("get, UFID flags 7", self.fl(
                n.GET, ident, n.nla(n.FLA["UFID_FLAGS"], n.u32(7))), show)
            self.ask("get, key with mask", self.fl(
                n.GET, ident, n.f_mask(n.k_type(0xffff))), show)
            self.ask("set actions, echo", self.fl(
                n.SET, ident, n.f_actions(), flags=n.NLM_ECHO), show)
            self.ask("set actions with key too, echo", self.fl(
                n.SET, ident, key, n.f_actions(n.a_output(0)),
                flags=n.NLM_ECHO) if ident is ufid else self.fl(
                n.SET, key, n.f_actions(n.a_output(0)), flags=n.NLM_ECHO),
                show)
            self.ask("set nothing", self.fl(n.SET, ident), show)
            self.ask("set nothing, echo", self.fl(n.SET, ident,
                                                  flags=n.NLM_ECHO), show)
            self.ask("set clear", self.fl(n.SET, ident, clear,
                                          flags=n.NLM_ECHO), show)
            self.ask("set wrong", self.fl(n.SET, wrong, acts))
            self.ask("set wrong, key too", self.fl(n.SET, wrong, key, acts))
            self.ask("set, unknown dp", self.fl(n.SET, ident, key, acts,
                                                dp=99999))
            self.ask("set without identity", self.fl(n.SET, acts))
            self.ask("set bad action", self.fl(
                n.SET, ident, key, n.f_actions(n.nla(60, n.u32(0)))))
            self.ask("dump", self.fl(n.GET, flags=n.NLM_DUMP), show)
            self.ask("dump, UFID flags 7", self.fl(
                n.GET, n.nla(n.FLA["UFID_FLAGS"], n.u32(7)),
                flags=n.NLM_DUMP), show)
            self.ask("dump, unknown dp", self.fl(n.GET, dp=99999,
                                                 flags=n.NLM_DUMP))
            self.ask("del wrong", self.fl(n.DEL, wrong))
            self.ask("del, unknown dp", self.fl(n.DEL, ident, dp=99999))
            self.ask("del, UFID flags 7, echo", self.fl(
                n.DEL, ident, n.nla(n.FLA["UFID_FLAGS"], n.u32(7)),
                flags=n.NLM_ECHO), show)
            self.ask("del again", self.fl(n.DEL, ident))
        self.head("ovs_flow flush")
        self.nl.call(n.FLOW, n.NEW, self.index, key, acts)
        self.nl.call(n.FLOW, n.NEW, self.index, other, acts, ufid)
        self.flow_count()
        self.ask("flush, echo", self.fl(n.DEL, flags=n.NLM_ECHO), show)
        self.flow_count()
        self.ask("flush, unknown dp", self.fl(n.DEL, dp=99999))
        self.ask("dump of none", self.fl(n.GET, flags=n.NLM_DUMP), show)
        self.ask("unknown command 9", self.fl(9))

    # ---- ovs_packet ----

    def pk(self, *attrs, dp=None, cmd=n.EXECUTE):
        dp = self.index if dp is None else dp
        return lambda: self.nl.call(n.PACKET, cmd, dp, *attrs)

    def packets(self):
        self.index = self.nl.dp_new("pr0")
        frame = n.nla(n.PKA["PACKET"], b"\2" * 12 + b"\x88\xb5" + b"x" * 50)
        runt = n.nla(n.PKA["PACKET"], b"\2" * 13)
        key = n.nest(n.PKA["KEY"], n.k_in_port(0))
        acts = lambda *a: n.nest(n.PKA["ACTIONS"], *a)
        self.head("ovs_packet EXECUTE")
        self.ask("good", self.pk(frame, key, acts(n.a_output(0))))
        self.ask("no packet", self.pk(key, acts()))
        self.ask("no key", self.pk(frame, acts()))
        self.ask("no actions", self.pk(frame, key))
        self.ask("empty actions", self.pk(frame, key, acts()))
        self.ask("unknown datapath", self.pk(frame, key, acts(), dp=99999))
        self.ask("runt", self.pk(runt, key, acts()))
        self.ask("key empty", self.pk(frame, n.nest(n.PKA["KEY"]), acts()))
        self.ask("key, in_port 500", self.pk(
            frame, n.nest(n.PKA["KEY"], n.k_in_port(500)), acts()))
        self.ask("key, in_port 65536", self.pk(
            frame, n.nest(n.PKA["KEY"], n.k_in_port(65536)), acts()))
        self.ask("output 500 (no port)", self.pk(frame, key,
                                                 acts(n.a_output(500))))
        self.ask("bad action", self.pk(frame, key, acts(
            n.nla(60, n.u32(0)))))
        self.ask("userspace to nobody", self.pk(
            frame, key, acts(n.a_userspace(0x7fffffff))))
        self.ask("userspace, pid 0", self.pk(
            frame, key, acts(n.nest(2, n.nla(1, n.u32(0))))))
        self.ask("set ipv4 on l2", self.pk(frame, key,
                                           acts(n.a_set(n.k_ipv4()))))
        self.ask("probe", self.pk(frame, key, acts(),
                                  n.nla(n.PKA["PROBE"])))
        self.ask("mru", self.pk(frame, key, acts(),
                                n.nla(n.PKA["MRU"], n.u16(1500))))
        self.ask("hash", self.pk(frame, key, acts(), n.nla(
            n.PKA["HASH"], struct.pack("=Q", 1))))
        self.ask("command MISS", self.pk(frame, key, acts(), cmd=n.MISS))
        self.head("EXECUTE userspace: what comes back")
        me = n.Genl(self.nl.portid)
        me.sock.settimeout(60)
        for case, action in (
                ("plain", n.a_userspace(me.pid)),
                ("userdata", n.a_userspace(me.pid, b"abcde")),
                ("actions", n.a_userspace(me.pid, None, True))):
            self.nl.call(n.PACKET, n.EXECUTE, self.index, frame, key,
                         acts(action, n.a_output(0)))
            kind, flags, seq, body = me.read()[0]
            msg = n.Message(kind, flags, seq, body)
            print("%s: cmd=%d flags=0x%x seq=%d [%s]" % (
                case, msg.cmd, flags, seq, " ".join(msg.names(n.PKA))))
            key_ = n.parse(msg.attrs[n.PKA["KEY"]])
            print("  key %s" % " ".join(KEYTAB[k] for k, _ in key_))
        self.head("a datapath's own counters after these")
        stats = self.nl.dp_get("pr0").attrs[n.DPA["STATS"]]
        print("hit %d missed %d lost %d flows %d" % struct.unpack("=4Q",
                                                                  stats))
        self.nl.dp_del("pr0")

    def internal_stats(self):
        """In which direction does an internal port count?"""
        self.head("internal port's statistics")
        self.index = self.nl.dp_new("pr0")
        with open("/proc/sys/net/ipv6/conf/pr0/disable_ipv6", "w") as f:
            f.write("1")
        ip("link", "set", "pr0", "up")
        get = lambda: self.nl.call(
            n.VPORT, n.GET, self.index,
            n.nla(n.VPA["NAME"], n.string("pr0")))
        frame = b"\xff" * 6 + b"\2" * 6 + b"\x88\xb5" + b"x" * 50
        key = n.nest(n.PKA["KEY"], n.k_in_port(0))
        for _ in range(3):
            self.nl.call(n.PACKET, n.EXECUTE, self.index,
                         n.nla(n.PKA["PACKET"], frame), key,
                         n.nest(n.PKA["ACTIONS"], n.a_output(0)))
        self.ask("3 frames of 64 bytes output to it", get, self.stats)
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        raw.bind(("pr0", 0))
        for _ in range(5):
            raw.send(frame)
        time.sleep(0.5)
        self.ask("5 sent by the host through it", get, self.stats)
        stats = self.nl.dp_get("pr0").attrs[n.DPA["STATS"]]
        print("datapath: hit %d missed %d lost %d flows %d" %
              struct.unpack("=4Q", stats))
        raw.close()
        self.nl.dp_del("pr0")


def main():
    probe = Probe(n.OVSXDPD if "--ovsxdpd" in sys.argv else 0)
    for i in (0, 1):
        ip("link", "add", "prveth%d" % i, "type", "veth",
           "peer", "name", "prother%d" % i)
    try:
        for part in (probe.datapaths, probe.vports, probe.flows,
                     probe.packets, probe.internal_stats):
            try:
                part()
            except OSError as e:
                print("part ended early: %s" % e)
                traceback.print_exc(file=sys.stderr)
                probe.clean()
    finally:
        for i in (0, 1):
            ip("link", "del", "prveth%d" % i)


if __name__ == "__main__":
    main()
