# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""progs.py [DEVICE]... - BPF programs on the tc hooks of devices, by tcx or by
a clsact qdisc: "DEVICE HOOK ID..." a line. Those of Debian 12's bpftool show no
tcx. XDP is what `ip link` shows."""
import ctypes
import re
import socket
import subprocess
import sys

TCX = {"ingress": 46, "egress": 47}
LIBBPF = ctypes.CDLL("libbpf.so.1", use_errno=True)


def tcx(dev, hook):
    ids = (ctypes.c_uint32 * 64)()
    n = ctypes.c_uint32(64)
    try:
        index = socket.if_nametoindex(dev)
    except OSError:
        return []
    # the kernel takes an ifindex where other hooks have a descriptor
    if LIBBPF.bpf_prog_query(index, TCX[hook], 0, None, ids, ctypes.byref(n)):
        return []  # none, or a kernel without tcx
    return [str(i) for i in ids[:n.value]]


def clsact(dev, hook):
    out = subprocess.run(["tc", "filter", "show", "dev", dev, hook],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return re.findall(r"\bid (\d+)", out.stdout.decode())


for name in sys.argv[1:]:
    for hook_name in TCX:
        found = tcx(name, hook_name) + clsact(name, hook_name)
        if found:
            print(name, hook_name, *found)
