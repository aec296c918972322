# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""openmetrics.py FILE - is it OpenMetrics 1.0, as far as counters and gauges
go? Strict: what the specification calls MUST, Prometheus' names of units, and
HELP for each family."""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?(e[+-][0-9]+)?")
BAD_UNITS = ("_ms", "_us", "_ns", "_kb", "_milliseconds", "_microseconds")


def faults(text):
    helps, types, seen, family, done = {}, {}, set(), None, set()
    if not text.endswith("# EOF\n"):
        yield "no EOF at the end"
    for n, line in enumerate(text.split("\n")[:-1], 1):
        if line == "# EOF":
            if n != text.count("\n"):
                yield f"{n}: EOF isn't the end"
            continue
        m = re.fullmatch(rf"# (HELP|TYPE) ({NAME}) (.+)", line)
        if m:
            kind, name, rest = m.groups()
            table = helps if kind == "HELP" else types
            if name in table:
                yield f"{n}: {kind} of {name} comes twice"
            table[name] = rest
            if name in done:
                yield f"{n}: {name} is in two places"
            if family and family != name:
                done.add(family)
            family = name
            if kind == "TYPE" and rest not in ("counter", "gauge"):
                yield f"{n}: type {rest}"
            if name.endswith(BAD_UNITS) or name.endswith("_total"):
                yield f"{n}: {name} isn't a family's name"
            continue
        m = SAMPLE.fullmatch(line)
        if not m:
            yield f"{n}: no sample: {line}"
            continue
        name, labels, value = m.group(1), m.group(2) or "", m.groups()[-1]
        pairs = re.findall(LABEL, labels)
        if len({k for k, _ in pairs}) != len(pairs):
            yield f"{n}: a label comes twice"
        if (name, tuple(sorted(pairs))) in seen:
            yield f"{n}: the series comes twice: {line}"
        seen.add((name, tuple(sorted(pairs))))
        want = family + "_total" if types.get(family) == "counter" else family
        if name != want:
            yield f"{n}: {name} is no sample of {family}"
        if family not in helps:
            yield f"{n}: no HELP of {family}"
        if not NUMBER.fullmatch(value):
            yield f"{n}: value {value}"
    if not seen:
        yield "no samples"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        bad = list(faults(f.read()))
    for b in bad:
        print(b)
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
