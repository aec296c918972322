#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The documents: lines and sentences are short (prose.py), numbers are those of
# bench/results.txt, bench/baseline.txt and the sources (bench/quote), and
# commits that are named exist. Whether both programs notice a fault is tried
# first, on a page with known ones.

set -u
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

report() { # ID FAULTS: passes if there are none
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok - lint.docs.$1"
	else
		echo "not ok - lint.docs.$1"
		printf '%s\n' "$2" | sed 's/^/# /'
	fi
}

# notices ID PROGRAM PATTERN LINE...: PROGRAM finds fault with these lines
notices() {
	local id=$1 program=$2 pattern=$3
	shift 3
	printf '%s\n' "$@" > "$work/page.md"
	"$program" "$work/page.md" > "$work/out"
	if grep -q '^not ok' "$work/out" && grep -q "$pattern" "$work/out"; then
		report "notices.$id" ""
	else
		report "notices.$id" "$(cat "$work/out")"
	fi
}

# numbers of a baseline of its own: what is measured next may be another
sed 's/^skbs\.tc .*/&\npage.value 884/' bench/baseline.txt > "$work/baseline"

words=$(printf 'word %.0s' $(seq 15))
notices long_line tests/lint/prose.py '1: 150 columns' \
	"$words$words"
notices long_sentence tests/lint/prose.py '1: 31 words' \
	"$words" "$words" "end."
notices rate tests/lint/prose.py 'say per' "It takes 12 ns a packet."
BASELINE=$work/baseline notices wrong_number bench/quote '1: 883 is 884' \
	'883<!--= {page.value}-->'
notices wrong_constant bench/quote 'is another\|is [0-9]' \
	'99999<!--= {bpf/core/lookup.h:OX_SCAN_STEP}-->'
notices unknown_key bench/quote 'nothing measured' \
	'1<!--= {skbs.nobody}-->'
notices changed_table bench/quote 'table peers is another' \
	'<!-- table peers -->' '| a |' '<!-- end -->'

pages=(README.md docs/*.md)
for page in *.md; do
	[ "$page" = README.md ] || pages+=("$page")
done
while read -r line; do
	case $line in
	"ok - "*|"not ok - "*) n=$((n + 1)) ;;
	esac
	printf '%s\n' "$line"
done < <(
	tests/lint/prose.py "${pages[@]}" NEWS man/*.[18] | grep -v '^1\.\.'
	bench/quote "${pages[@]}" | grep -v '^1\.\.'
)

# The page of results is made of the results; the machine's kind may differ.
report results_page "$(diff <(bench/report | grep -v '^| machine') \
	<(grep -v '^| machine' bench/results.md))"

# Commits are in the last column of architecture.md's table of decisions.
if git rev-parse --is-shallow-repository 2> /dev/null | grep -q false; then
	report commits "$(sed -n '/^| decision/,/^$/p' docs/architecture.md |
		sed '1,2d; /^$/d' | while IFS= read -r row; do
		last=${row% |}
		last=${last##*| }
		commits=$(grep -oE '\b[0-9a-f]{7}\b' <<< "$last")
		[ -n "$commits" ] || echo "no commit: $row"
		for c in $commits; do
			git cat-file -e "$c^{commit}" 2> /dev/null ||
				echo "no such commit: $c"
		done
	done)"
else
	n=$((n + 1))
	echo "ok - lint.docs.commits # SKIP no whole git history here"
fi
echo "1..$n"
