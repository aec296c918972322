#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""compare_facts.py MODULE OURS - one TAP line a section of probe_module.py.

What may differ from the module is written down here, with its reason; any
other difference fails.
"""

import re
import sys

# (pattern, replacement), applied to both sides.
SAME = (
    # More text than the module gives helps, and hurts nobody.
    (r' ".*?"(?= offs=| miss=|$)', ""),
    # The family specification has it in replies; the module doesn't send it.
    (r"(MASKS_CACHE_SIZE.*?) UPCALL_PID\]", r"\1]"),
    # Linux 6.4 sends it, 6.1 doesn't.
    (r" UPCALL_STATS", ""),
    # Sent by a module that was built with conntrack; ours has none yet.
    (r" \(ct 0\)", ""),
    (r" CT_STATE=\w+ CT_ZONE=\w+ CT_MARK=\w+ CT_LABELS=\w+", ""),
    (r" CT_STATE CT_ZONE CT_MARK CT_LABELS", ""),
    # Unknown to most clients; matching on it isn't supported yet.
    (r" IPV6_EXTHDRS=0000", ""),
)

# "section/case": why the answer differs.
DIFFERS = {
    "ovs_datapath SET/features 4 (recirc sharing)":
        "Debian's 6.1 has no CONFIG_NET_TC_SKB_EXT",
    "ovs_datapath SET/features 0xf": "so has this",
    "ovs_datapath SET/then": "so has this",
    "keys (no mask given)/ct state, zone, mark": "no conntrack yet",
    "actions/list of 33000 bytes": "over 4,096 steps (OX_ACTS_MAX_OPS)",
    "actions/list of 64000 bytes": "over 4,096 steps (OX_ACTS_MAX_OPS)",
    "internal port's statistics/3 frames of 64 bytes output to it":
        "the stack's own drops show in the device's counters only",
    "internal port's statistics/5 sent by the host through it":
        "the stack's own drops show in the device's counters only",
}


def same(want, have):
    """Where the module says the place of an error, ours must be the same; it
    may say more."""
    for place in (r" offs=\d+", r" miss=\d+"):
        if not re.search(place, want):
            have = re.sub(place, "", have)
    return normal(want) == normal(have)


def normal(line):
    for pattern, to in SAME:
        line = re.sub(pattern, to, line)
    return line.strip()


def sections(path):
    out, name = {}, ""
    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.rstrip()
            if line.startswith("# "):
                name = line[2:]
                out[name] = []
            elif line:
                out.setdefault(name, []).append(line)
    return out


def main():
    theirs, ours = sections(sys.argv[1]), sections(sys.argv[2])
    print("1..%d" % len(theirs))
    failed = False
    for name, lines in theirs.items():
        got = ours.get(name, [])
        bad = []
        if len(got) != len(lines):
            bad.append("%d answers instead of %d" % (len(got), len(lines)))
        for want, have in zip(lines, got):
            case = name + "/" + want.split(": ")[0].strip()
            if not same(want, have) and case not in DIFFERS:
                bad.append("module: %s\n#  ours:   %s" % (want, have))
        ident = re.sub(r"\W+", "_", name.lower()).strip("_")
        print("%s - interop.module.%s%s" % (
            "not ok" if bad else "ok", ident,
            ": differs from the module" if bad else ""))
        for text in bad:
            print("# " + text)
        failed |= bool(bad)
    sys.exit(failed)


if __name__ == "__main__":
    main()
