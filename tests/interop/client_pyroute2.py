# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""client_pyroute2.py DATAPATH DEVICE - pyroute2 as of the distribution, with
no knowledge of ovsxdp: a datapath, a port, a flow, read back, heard of, taken
away. Prints TAP."""

import errno
import select
import sys

from pyroute2.netlink import (NLM_F_ACK, NLM_F_DUMP, NLM_F_ECHO,
                              NLM_F_REQUEST, genlmsg, nla)
from pyroute2.netlink.exceptions import NetlinkError
from pyroute2.netlink.generic import GenericNetlinkSocket

NEW, DEL, GET, SET = 1, 2, 3, 4
FIELDS = (("cmd", "B"), ("version", "B"), ("reserved", "H"), ("ifindex", "i"))


class dpmsg(genlmsg):
    fields = FIELDS
    nla_map = (
        ("A_UNSPEC", "none"), ("A_NAME", "asciiz"), ("A_UPCALL_PID", "uint32"),
        ("A_STATS", "hex"), ("A_MEGAFLOW_STATS", "hex"),
        ("A_USER_FEATURES", "uint32"), ("A_PAD", "hex"),
        ("A_MASKS_CACHE_SIZE", "uint32"), ("A_PER_CPU_PIDS", "hex"),
        ("A_IFINDEX", "uint32"))


class vportmsg(genlmsg):
    fields = FIELDS
    nla_map = (
        ("A_UNSPEC", "none"), ("A_PORT_NO", "uint32"), ("A_TYPE", "uint32"),
        ("A_NAME", "asciiz"), ("A_OPTIONS", "hex"), ("A_UPCALL_PID", "uint32"),
        ("A_STATS", "hex"), ("A_PAD", "hex"), ("A_IFINDEX", "uint32"),
        ("A_NETNSID", "hex"), ("A_UPCALL_STATS", "hex"))


class flowmsg(genlmsg):
    fields = FIELDS
    nla_map = (
        ("A_UNSPEC", "none"), ("A_KEY", "keys"), ("A_ACTIONS", "actions"),
        ("A_STATS", "hex"), ("A_TCP_FLAGS", "hex"), ("A_USED", "hex"),
        ("A_CLEAR", "hex"), ("A_MASK", "keys"), ("A_PROBE", "hex"),
        ("A_UFID", "hex"), ("A_UFID_FLAGS", "uint32"), ("A_PAD", "hex"))

    class keys(nla):
        nla_map = (
            ("K_UNSPEC", "none"), ("K_ENCAP", "hex"), ("K_PRIORITY", "hex"),
            ("K_IN_PORT", "uint32"), ("K_ETHERNET", "cdata"),
            ("K_VLAN", "hex"), ("K_ETHERTYPE", "be16"))

    class actions(nla):
        nla_map = (("T_UNSPEC", "none"), ("T_OUTPUT", "uint32"))


class metermsg(genlmsg):
    fields = FIELDS
    nla_map = (
        ("A_UNSPEC", "none"), ("A_ID", "uint32"), ("A_KBPS", "flag"),
        ("A_STATS", "hex"), ("A_BANDS", "bands"), ("A_USED", "uint64"),
        ("A_CLEAR", "flag"), ("A_MAX_METERS", "uint32"),
        ("A_MAX_BANDS", "uint32"))

    class bands(nla):
        nla_map = ((0, "B_BAND", "band"),)

        class band(nla):
            nla_map = (("B_UNSPEC", "none"), ("B_TYPE", "uint32"),
                       ("B_RATE", "uint32"), ("B_BURST", "uint32"),
                       ("B_STATS", "hex"))


class Family:
    def __init__(self, name, message, version):
        self.message, self.version = message, version
        self.sock = GenericNetlinkSocket()
        self.sock.bind(name, message)

    def call(self, cmd, ifindex=0, flags=NLM_F_ACK, **attrs):
        msg = self.message()
        msg["cmd"], msg["version"], msg["reserved"] = cmd, self.version, 0
        msg["ifindex"] = ifindex
        msg["attrs"] = [("A_" + k.upper(), v) for k, v in attrs.items()]
        return list(self.sock.nlm_request(
            msg, msg_type=self.sock.prid, msg_flags=NLM_F_REQUEST | flags))


class Ears(Family):
    """A socket in the multicast group of the family's name."""

    def __init__(self, name, message, version):
        super().__init__(name, message, version)
        self.sock.add_membership(name)

    def hears(self, cmd, **attrs):
        """The notification comes within ten seconds."""
        while select.select([self.sock], [], [], 10)[0]:
            for m in self.sock.get():
                if (m["header"]["type"] == self.sock.prid and
                        m["cmd"] == cmd and
                        all(m.get_attr("A_" + k.upper()) == v
                            for k, v in attrs.items())):
                    return True
        return False


count = 0


def check(ident, good, why=""):
    global count
    count += 1
    print("%s - interop.pyroute2.%s%s" % (
        "ok" if good else "not ok", ident, "" if good else ": %s" % why))


def error(func, *args, **kwargs):
    try:
        func(*args, **kwargs)
    except NetlinkError as e:
        return e.code
    return 0


def use_meters(dp):
    features, mset, mdel, mget = 1, 2, 3, 4
    meters = Family("ovs_meter", metermsg, 1)
    bands = {"attrs": [("B_BAND", {"attrs": [
        ("B_TYPE", 1), ("B_RATE", 100), ("B_BURST", 10)]})]}
    got = meters.call(features, dp)[0]
    band = got.get_attr("A_BANDS").get_attr("B_BAND")
    check("meter_features", got.get_attr("A_MAX_METERS") > 0 and
          got.get_attr("A_MAX_BANDS") == 1 and band.get_attr("B_TYPE") == 1,
          got)
    check("meter_none", error(meters.call, mget, dp, id=5) == errno.ENOENT)
    got = meters.call(mset, dp, id=5, bands=bands)[0]
    check("meter_set", got.get_attr("A_ID") == 5 and
          not got.get_attr("A_STATS"), got)
    got = meters.call(mset, dp, id=5, kbps=True, bands=bands)[0]
    check("meter_set_again", got.get_attr("A_STATS") and
          got.get_attr("A_USED"), got)
    got = meters.call(mget, dp, id=5)[0]
    check("meter_get", got.get_attr("A_BANDS").get_attr("B_BAND")
          .get_attr("B_STATS"), got)
    check("meter_no_bands", error(meters.call, mset, dp, id=5) ==
          errno.EINVAL)
    check("meter_no_id", error(meters.call, mset, dp, bands=bands) ==
          errno.EINVAL)
    check("meter_no_dp", error(meters.call, mget, 1 << 20, id=5) ==
          errno.ENODEV)
    got = meters.call(mdel, dp, id=5)[0]
    check("meter_del", got.get_attr("A_ID") == 5, got)
    check("meter_gone", error(meters.call, mget, dp, id=5) == errno.ENOENT)
    got = meters.call(mdel, dp, id=5)
    check("meter_del_none", got and not got[0]["attrs"], got)


def main():
    name, dev = sys.argv[1:3]
    echo = NLM_F_ACK | NLM_F_ECHO
    dps = Family("ovs_datapath", dpmsg, 2)
    vports = Family("ovs_vport", vportmsg, 1)
    flows = Family("ovs_flow", flowmsg, 1)
    check("families", dps.sock.prid != vports.sock.prid)
    dp_ears = Ears("ovs_datapath", dpmsg, 2)
    vport_ears = Ears("ovs_vport", vportmsg, 1)
    flow_ears = Ears("ovs_flow", flowmsg, 1)

    got = dps.call(NEW, name=name, upcall_pid=0, flags=echo)
    check("dp_new", got and got[0].get_attr("A_NAME") == name, got)
    dp = got[0]["ifindex"]
    check("dp_new_notified", dp_ears.hears(NEW, name=name), "silence")
    check("dp_new_exists", error(dps.call, NEW, name=name, upcall_pid=0) ==
          errno.EEXIST)
    check("dp_no_name", error(dps.call, NEW, upcall_pid=0) == errno.EINVAL)
    got = dps.call(GET, flags=NLM_F_DUMP)
    check("dp_dump", [m["ifindex"] for m in got] == [dp], got)

    got = vports.call(NEW, dp, name=dev, type=1, upcall_pid=0, flags=echo)
    check("vport_new", got and got[0].get_attr("A_PORT_NO") == 1, got)
    check("vport_new_notified", vport_ears.hears(NEW, name=dev), "silence")
    got = vports.call(GET, dp, flags=NLM_F_DUMP)
    check("vport_dump", [m.get_attr("A_NAME") for m in got] == [name, dev],
          got)

    key = {"attrs": [("K_IN_PORT", 1), ("K_ETHERNET", b"\2" * 12),
                     ("K_ETHERTYPE", 0x88b5)]}
    acts = {"attrs": [("T_OUTPUT", 0)]}
    got = flows.call(NEW, dp, key=key, actions=acts, flags=echo)
    check("flow_new", bool(got), got)
    check("flow_new_notified", flow_ears.hears(NEW), "silence")
    got = flows.call(GET, dp, flags=NLM_F_DUMP)
    check("flow_dump", len(got) == 1 and
          got[0].get_attr("A_KEY").get_attr("K_IN_PORT") == 1 and
          got[0].get_attr("A_ACTIONS").get_attr("T_OUTPUT") == 0, got)
    check("flow_get", len(flows.call(GET, dp, key=key)) == 1)
    flows.call(DEL, dp, key=key)
    check("flow_del_notified", flow_ears.hears(DEL), "silence")
    check("flow_del", error(flows.call, GET, dp, key=key) == errno.ENOENT)
    use_meters(dp)
    vports.call(DEL, dp, name=dev)
    check("vport_del_notified", vport_ears.hears(DEL, name=dev), "silence")
    check("vport_del", error(vports.call, GET, dp, name=dev) == errno.ENODEV)
    dps.call(DEL, dp)
    check("dp_del_notified", dp_ears.hears(DEL, name=name), "silence")
    check("dp_del", error(dps.call, GET, dp) == errno.ENODEV)
    print("1..%d" % count)


if __name__ == "__main__":
    main()
