#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""prose.py FILE... - the English of documents: Markdown, man pages (mdoc) and
plain text. It looks at three things:

- a line has at most 80 columns,
- a sentence has at most 30 words,
- a rate says "per packet", not "a packet".

Code blocks, tables and lines that hold nothing but a link or one long word are
left out. Prints TAP, one test per file.
"""
import re
import sys

COLUMNS = 80
WORDS = 30
UNITS = r"(?:instructions?|cycles?|ns|us|µs|ms|bytes|[KM]i?B|%|CPUs?|times)"
RATES = re.compile(
    rf"\b{UNITS} (?:of CPU )?an? (packet|mask|flow|frame|port|connection|CPU|"
    r"second|put|upcall|probe|datapath|dump|entry|queue)\b"
    r"|\b[0-9,.]+ (?:[a-z]+ ){0,2}a second\b")
# What ends a sentence: not the dots of "e.g." or of a file's name.
END = re.compile(r"(?<=[.!?])[)\"']*\s+(?=[A-Z0-9`*(\"'_\[])")
SHORT = re.compile(r"\b(e\.g|i\.e|etc|vs|cf|No)\.\s")


class Report:
    def __init__(self):
        self.faults = []

    def line(self, number, text):
        width = len(text.expandtabs(8))
        if width > COLUMNS and len(text.split()) > 2:
            self.faults.append(f"{number}: {width} columns")

    def prose(self, number, text):
        """One paragraph, which begins at that line."""
        text = SHORT.sub(lambda m: m.group(1).replace(".", "") + " ", text)
        for sentence in END.split(" ".join(text.split())):
            # one word per group of characters that has a letter or digit
            words = [w for w in sentence.split() if re.search(r"\w", w)]
            if len(words) > WORDS:
                start = " ".join(words[:8])
                self.faults.append(f"{number}: {len(words)} words: {start} ...")
            rate = RATES.search(sentence)
            if rate:
                self.faults.append(f"{number}: say per: {rate.group(0)}")


def spoken(text):
    """Markdown without its marks: links are their text, code is one word."""
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"`[^`]*`", "Code", text)
    return re.sub(r"\*\*?([^*]+)\*\*?", r"\1", text)


def markdown(lines, report):
    para, start, fence, comment = [], 0, False, False

    def flush():
        if para:
            report.prose(start, spoken(" ".join(para)))
            para.clear()

    for n, line in enumerate(lines, 1):
        if re.match(r"\s*(```|~~~)", line):
            flush()
            fence = not fence
            continue
        if fence or line.startswith("    ") and not para:
            continue
        if comment or line.lstrip().startswith("<!--"):
            comment = "-->" not in line
            continue
        text = line.strip()
        if not text or text.startswith("|"):
            flush()
            continue
        if not re.match(r"\S*\(?\[.*\]\(.*\)[,.;)]*$", text):
            report.line(n, re.sub(r"<!--.*?-->", "", line))
        if re.match(r"(#+ |[-*] |[0-9]+\. )", text):
            flush()
            text = re.sub(r"^(#+ |[-*] |[0-9]+\. )", "", text)
        if not para:
            start = n
        para.append(text)
    flush()


def plain(lines, report):
    """Text with lists of "- ", as NEWS is."""
    markdown([l if l.strip() else "" for l in lines], report)


# Macros that are words of the sentence around them, and what they print.
INLINE = {"Nm", "Xr", "Fl", "Ar", "Pa", "Dv", "Er", "Ev", "Em", "Sy", "Ql",
          "Cm", "Li", "Va", "Vt", "Fn", "Pq", "Dq", "Sq", "Op", "No", "Ns",
          "Sx", "Ic", "Ad", "Brq", "Bq", "Aq", "Lk"}


def mdoc(lines, report):
    para, start, literal, head = [], 0, False, True

    def flush():
        if para:
            report.prose(start, " ".join(para))
            para.clear()

    def add(number, text):
        """Some words; a sentence ends where its line does."""
        nonlocal start
        start = start if para else number
        para.append(text)
        if re.search(r"[.!?][)\"]*$", text):
            flush()

    for n, line in enumerate(lines, 1):
        # an item's head can't be broken
        if not line.startswith((".\\\"", ".It")):
            report.line(n, line)
        if line.startswith(".Sh"):
            head = line.split()[1:] in (["NAME"], ["SYNOPSIS"])
        macro = re.match(r"\.(\w+) ?(.*)", line)
        if not macro:
            if not line.startswith(".") and not literal and not head:
                add(n, line)
            continue
        name, rest = macro.groups()
        if name == "Bd":
            literal = "-literal" in rest or "-unfilled" in rest
        elif name == "Ed":
            literal = False
        if name not in INLINE:
            flush()
        elif not literal and not head:
            # a section number, or names that are enumerated, are no words
            words = [w for w in rest.split() if w not in INLINE]
            end = words[-1] if words and words[-1] in (".", ":", ";") else ""
            add(n, (words[0] if words else "name") + end)
    flush()


def main():
    print(f"1..{len(sys.argv) - 1}")
    for path in sys.argv[1:]:
        report = Report()
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        if path.endswith(".md"):
            markdown(lines, report)
        elif re.search(r"\.[1-8]$", path):
            mdoc(lines, report)
        else:
            plain(lines, report)
        bad = "not " if report.faults else ""
        print(f"{bad}ok - lint.prose.{path.split('/')[-1]}")
        for fault in report.faults:
            print(f"# {path}:{fault}")


main()
