#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the tree says about itself: facts that comments cite are in
# docs/facts.md, and code that cites one names that page. The manual explains
# each counter, in the words of OX_REASONS.

cd "$(dirname "$0")/.." || exit 1
exec /usr/bin/python3 - <<'END'
import os, re

SKIP = {"build", ".git"}
ENDS = (".c", ".h", ".md", ".sh", ".py", ".8", ".1", "Makefile")
CITED = re.compile(r"(?:\b[Ff]acts?|docs/facts\.md,) "
                   r"([A-Z]\d+)(?:(?: to |, | and )([A-Z]\d+))?")
tests = 0


def report(name, bad):
    global tests
    tests += 1
    print(f"{'not ok' if bad else 'ok'} - docs.{name}")
    for b in bad:
        print(f"#   {b}")
    return bool(bad)


def files():
    for folder, dirs, names in os.walk("."):
        dirs[:] = [d for d in dirs if d not in SKIP and
                   not d.startswith("build")]
        for n in names:
            if n.endswith(ENDS):
                yield os.path.join(folder, n)


def unwrapped(text):
    """A comment as one line: a citation may be broken anywhere."""
    return re.sub(r"\s*\n[ \t]*(?:\*(?!/)|//|#)?[ \t]*", " ", text)


facts = open("docs/facts.md").read()
there = re.findall(r"^\*\*([A-Z]\d+)\. ", facts, re.M)
unknown, unnamed, n = [], [], 0
for path in files():
    if path == "./docs/facts.md":
        continue
    text = unwrapped(open(path, errors="replace").read())
    cited = [c for m in CITED.finditer(text) for c in m.groups() if c]
    n += len(cited)
    unknown += [f"{path}: {c}" for c in cited if c not in there]
    if cited and path.endswith((".c", ".h")) and "docs/facts.md" not in text:
        unnamed.append(path)

failed = report("facts.cited_exist", unknown)
failed |= report("facts.page_named", unnamed)
failed |= report("facts.numbered_once",
                 [f for f in there if there.count(f) > 1])
failed |= report("facts.some_cited", [] if n > 20 else [f"only {n}"])
abi = open("include/ovsxdp/abi/reason.h").read().replace("\\\n", "\n")
reasons = re.findall(r'^\tX\(\w+,\s*"(\w+)",\s*(\w+),\s*"([^"]*)"\)', abi, re.M)
drops, events = open("man/ovsxdpctl.8").read().split(
    ".Sh DIAGNOSTICS")[1].split("\nEvents,")
missing = [f"{name}: {text}" for name, kind, text in reasons
           if f".It Cm {name}\n{text}\n" not in
           (drops if kind == "DROP" else events)]
failed |= report("man.reasons", missing or
                 ([] if len(reasons) >= 30 else [f"only {len(reasons)} found"]))
hacking = open("docs/hacking.md").read()
paths = set(re.findall(r"`((?:bpf|control|include|loader|tests|man|docs)/"
                       r"[\w./-]+\.\w+)`", hacking))
failed |= report("hacking.files_exist",
                 [p for p in sorted(paths) if not os.path.exists(p)] or
                 ([] if len(paths) > 20 else [f"only {len(paths)}"]))
print(f"1..{tests}")
raise SystemExit(failed)
END
