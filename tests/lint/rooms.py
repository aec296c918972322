#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""rooms.py - every folder includes and calls only what is below it.

ROOMS is the table of docs/architecture.md: a folder, and what it may include
beside itself and the system's headers. Calls are read from the object files in
$O, so it wants a tree that is built. Prints TAP.
"""
import os
import re
import subprocess
import sys

O = os.environ.get("O", "build")
ALL_BPF = ["bpf/core", "bpf/tier", "bpf/host.h"]
PACKET = ["include", "control/base", "control/codec", "control/flow",
          "control/netlink", "bpf/host.h"]
ROOMS = {
    "include/ovsxdp": ["include"],
    "include/ovsxdp/abi": ["include"],
    "bpf/core": ["include"],
    "bpf/tier": ["include", "bpf/core", "bpf/host.h", "bpf/trace.h"],
    "bpf": ["include"] + ALL_BPF,
    "loader": ["include", "bpf/*.skel.h"],
    "control/base": ["include"],
    "control/codec": ["include", "control/base"],
    "control/flow": ["include", "control/base", "control/codec",
                     "bpf/host.h", "bpf/core/hash.h"],
    "control/netlink": ["include", "control/base"],
    "control/packet": PACKET + ["bpf/core/ct_exp_key.h", "bpf/trace.h",
                                "bpf/ct_host.h"],
    "control/port": PACKET + ["control/packet"],
    "control/datapath": PACKET + ["control/packet", "control/port"],
    "control/conntrack": PACKET + ["control/packet", "control/port",
                                   "control/datapath",
                                   "bpf/core/ct_tuple.h",
                                   "bpf/core/ct_timeout.h"],
    "control/family": PACKET + ["control/packet", "control/port",
                                "control/datapath", "control/conntrack"],
    "control": PACKET + ["control/packet", "control/port", "control/datapath",
                         "control/conntrack", "control/family"],
    "control/ctl": ["include", "control/base", "control/codec"],
    "control/exporter": ["include", "control/ctl"],
    "control/preload": ["include"],
    "control/seccomp": ["include", "control/preload"],
}
# What implements include/, and so may be called by whoever includes it: all of
# it by those who have a datapath in hand, the text of errors by the others.
LOADER = {"control/packet", "control/port", "control/datapath",
          "control/conntrack", "control/family", "control", "control/ctl",
          "control/exporter"}
ERRORS = "loader/err.c"
# The host build, and the header by which it is called.
CORE = {"bpf/host.c": "bpf/host.h", "bpf/ct_host.c": "bpf/ct_host.h"}
LIBS = ["-lxdp", "-lbpf", "-lelf", "-lz", "-lmnl", "-lpthread"]
# Files of one room that call each other, and why that is right.
CIRCLES = {
    ("control/codec/actions_check.c", "control/codec/actions_nest.c"):
        "lists of actions nest: the grammar recurses",
    ("control/ctl/odp_format_actions.c", "control/ctl/odp_format_nested.c"):
        "the same in text",
    ("control/ctl/odp_parse_actions.c", "control/ctl/odp_parse_nested.c"):
        "and back from text",
}
# Includes that go up, and why that is right.
ALONE = "the default for a header that is compiled alone, as editors do: an " \
        "entry has chosen its context before"
TABLES = "whoever includes it gets the tables of its side: there is one choice"
UPWARDS = {
    ("bpf/core/ctx.h", "bpf/tier/ctx_xdp.h"): ALONE,
    ("bpf/core/ctx.h", "bpf/tier/ctx_host.h"): ALONE,
    ("bpf/core/ct_ctx.h", "bpf/tier/ct_maps.h"): TABLES,
    ("bpf/core/ct_ctx.h", "bpf/tier/ct_host.h"): TABLES,
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def home(path):
    """The room of a file: the longest folder of ROOMS that it is in."""
    folder = os.path.dirname(path)
    return folder if folder in ROOMS else None


def sources(ends=(".c", ".h")):
    for room in ROOMS:
        for name in sorted(os.listdir(room)):
            if name.endswith(ends):
                yield f"{room}/{name}"


def read(path):
    with open(path, errors="replace") as f:
        return f.read()


def resolve(path, name):
    """What an include names, as a path in the tree; None: not ours."""
    if name.endswith(".skel.h"):
        return name
    for base in ("", "include/", os.path.dirname(path) + "/"):
        if os.path.exists(base + name):
            return os.path.normpath(base + name)
    return None


def may_include(room, target):
    if home(target) == room:
        return True
    for rule in ROOMS[room]:
        if rule == target or rule == os.path.dirname(target):
            return True
        if rule == "include" and target.startswith("include/"):
            return True
        if rule.endswith("*.skel.h") and target.endswith(".skel.h"):
            return True
    return False


def is_private(target):
    return target.endswith(("_int.h", "/priv.h"))


def include_faults(files):
    """files: (path, text) of each source."""
    for path, text in files:
        room = home(path)
        for name in INCLUDE.findall(text):
            target = resolve(path, name)
            if target is None:
                yield f"{path}: {name} is nowhere"
            elif (path, target) in UPWARDS:
                continue
            elif not may_include(room, target):
                yield f"{path} includes {target}"
            elif is_private(target) and home(target) != room:
                yield f"{path} includes {target}, which is its room's own"


def may_call(room, callee):
    to = home(callee)
    if to == room or callee == ERRORS:
        return True
    if callee in CORE:
        return CORE[callee] in ROOMS[room]
    if to == "loader":
        return room in LOADER
    return to in ROOMS[room]


def call_faults(calls):
    """calls: {caller: {callee: symbols}}"""
    for caller, to in sorted(calls.items()):
        for callee, symbols in sorted(to.items()):
            if not may_call(home(caller), callee):
                yield f"{caller} calls {', '.join(sorted(symbols))} of {callee}"


def circles(calls):
    """Sets of files that reach each other by calls."""
    index, low, stack, found = {}, {}, [], []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in calls.get(v, ()):
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            at = stack.index(v)
            if len(stack) - at > 1:
                found.append(tuple(sorted(stack[at:])))
            del stack[at:]

    for v in sorted(calls):
        if v not in index:
            visit(v)
    return found


def circle_faults(calls):
    found = circles(calls)
    for files in found:
        if files not in CIRCLES:
            yield "call each other in a circle: " + ", ".join(files)
    for files in CIRCLES:
        if files not in found:
            yield "no circle any more: " + ", ".join(files)


def symbols(objects):
    """(defined, wanted) of each source, by nm."""
    defined, wanted = {}, {}
    out = subprocess.run(["nm", "-A", *objects.values()], check=True,
                         capture_output=True, text=True).stdout
    source_of = {o: s for s, o in objects.items()}
    for line in out.splitlines():
        obj, rest = line.split(":", 1)
        kind, name = rest.split()[-2:]
        path = source_of[obj]
        if kind == "U":
            wanted.setdefault(path, set()).add(name)
        elif kind.isupper():
            defined.setdefault(name, []).append(path)
    return defined, wanted


def read_calls(defined, wanted):
    calls = {}
    for caller, names in wanted.items():
        for name in names:
            for callee in defined.get(name, ()):
                # names such as main() exist more than once
                if len(defined[name]) == 1 or home(callee) == home(caller):
                    calls.setdefault(caller, {}).setdefault(
                        callee, set()).add(name)
    return calls


def link_faults():
    """Links each room whole over those below it: the linker's own proof. That
    of the daemon isn't: what a room above has pulled in already is there."""
    order = ["family", "conntrack", "datapath", "port", "packet", "netlink", "flow",
             "codec", "base", "ovsxdp", "core"]
    libs = [f"{O}/lib{name}.a" for name in order]
    cc = os.environ.get("CC", "gcc").split()
    for i, lib in enumerate(libs):
        p = subprocess.run(
            cc + ["-nostartfiles", "-Wl,-e,0", "-Wl,--whole-archive", lib,
                  "-Wl,--no-whole-archive", *libs[i + 1:], *LIBS,
                  "-o", "/dev/null"], capture_output=True, text=True)
        if p.returncode:
            yield f"{lib}: " + (re.findall(r"undefined .*", p.stderr) or
                                p.stderr.splitlines())[0]


def built():
    """What is linked into programs of ours; the preload's files are built by
    one command, without objects."""
    for path in sources((".c",)):
        if not path.endswith(".bpf.c") and home(path) != "control/preload":
            yield path


def style_faults(files):
    for path, text in files:
        first = text.split("\n", 1)[0]
        spdx = "SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause"
        want = f"// {spdx}" if path.endswith(".c") else f"/* {spdx} */"
        if first != want:
            yield f"{path}: its first line isn't {want}"
        own = path[:-2] + ".h"
        if path.endswith(".c") and os.path.exists(own):
            names = INCLUDE.findall(text)
            if not names or resolve(path, names[0]) != own:
                yield f"{path} doesn't include its own header first"


def headers_of(path):
    """Where a file of control/ with a header of its own declares what it
    defines; libovsxdp's headers are those of its users."""
    room, name = os.path.split(path[:-2])
    own = path[:-2] + ".h"
    if not room.startswith("control/") or (
            not os.path.exists(own) and room != "control/base"):
        return []
    return [own, f"include/ovsxdp/{name}.h"] + [
        f"{room}/{h}" for h in os.listdir(room)
        if h.endswith("_int.h") or name.startswith(h[:-2] + "_")]


def header_faults(defined):
    """defined: {symbol: files}"""
    for symbol, paths in sorted(defined.items()):
        for path in paths:
            headers = [h for h in headers_of(path) if os.path.exists(h)]
            if headers_of(path) and not any(
                    re.search(rf"\b{symbol}\b", read(h)) for h in headers):
                yield f"{path} defines {symbol}, no header of its own has it"


def notices():
    """Faults that are made up must be found."""
    up = "control/packet/output.c"
    wrong = [(up, '#include "control/port/vport.h"\n'),
             ("loader/maps.c", '#include "control/base/loop.h"\n'),
             ("bpf/core/hash.h", '#include "bpf/tier/maps.h"\n'),
             ("control/family/fam_flow.c",
              '#include "control/netlink/genl_int.h"\n')]
    for case in wrong:
        if not list(include_faults([case])):
            yield f"{case[0]}: {case[1].strip()} went unseen"
    for case in ((up, "control/port/vport.c"),
                 ("control/flow/table.c", "loader/maps.c"),
                 ("control/base/log.c", "bpf/host.c")):
        if not list(call_faults({case[0]: {case[1]: {"f"}}})):
            yield f"a call of {case[1]} by {case[0]} went unseen"
    if not list(header_faults({"ox_nl_put": ["control/base/attr.c"]})):
        yield "a function in another's header went unseen"
    ring = {"a.c": {"b.c": {}}, "b.c": {"c.c": {}}, "c.c": {"a.c": {}}}
    if circles(ring) != [("a.c", "b.c", "c.c")]:
        yield "a circle went unseen"


def main():
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
    files = [(p, read(p)) for p in sources()]
    missing = [p for p in built() if not os.path.exists(f"{O}/{p[:-2]}.o")]
    defined, wanted = ({}, {}) if missing else symbols(
        {p: f"{O}/{p[:-2]}.o" for p in built()})
    calls = read_calls(defined, wanted)
    tests = [
        ("lint.rooms.built", [f"{p} isn't built" for p in missing]),
        ("lint.rooms.includes", include_faults(files)),
        ("lint.rooms.calls", call_faults(calls)),
        ("lint.rooms.links", [] if missing else link_faults()),
        ("lint.rooms.circles", circle_faults(calls) if calls else []),
        ("lint.rooms.style", style_faults(files)),
        ("lint.rooms.headers", header_faults(defined)),
        ("lint.rooms.notices", notices()),
    ]
    failed = 0
    for n, (name, faults) in enumerate(tests, 1):
        faults = list(faults)
        failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {n} - {name}")
        for f in faults:
            print(f"# {f}")
    print(f"1..{len(tests)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
