#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 200
#
# What the running kernel's verifier says of all programs, as each compiler
# builds them (insns.c), compared with tests/vm/insns.base. A test fails if a
# program isn't loaded, or if its deepest chain of calls takes more than 384
# bytes of stack or more than recorded. It fails, too, if it has over 3 % more
# instructions, or if the verifier looks at over 25 % more of them.
#
#   tests/vm/insns.sh            TAP
#   tests/vm/insns.sh --print    lines for insns.base
#   ... | tests/vm/insns.sh --keep
#                                puts such lines into insns.base
#
# COMPILERS=usual: only as the usual one builds them. Inside of tests/vm/run it
# also has a daemon make a datapath.

set -u
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build}
base=tests/vm/insns.base
MAX_STACK=384
kernel=$(uname -r | cut -d. -f1,2)
err=$(mktemp)
trap 'rm -f "$err"' EXIT

# Lines KERNEL COMPILER PROGRAM INSNS VERIFIED STACK CHAIN...; the compiler's
# name is that of its folder below $O, clang-N for $O itself.
figures() { # compiler folder
	"$O/tests/vm/insns" "$2"/bpf/*.bpf.o 2> "$err" |
		sed -E "s/^/$kernel $1 /; s/ (insns|verified|stack|chain) / /g"
	return "${PIPESTATUS[0]}"
}
compilers() {
	local d
	echo "clang-$(${CLANG:-clang} -dumpversion | cut -d. -f1) $O"
	[ "${COMPILERS:-all}" = all ] || return
	for d in "$O"/clang-*/; do
		[ -d "$d" ] && echo "$(basename "$d") ${d%/}"
	done
}

compare() { # figures on stdin
	awk -v most=$MAX_STACK '
	FILENAME != "-" { insns[$1, $2, $3] = $4; seen[$1, $2, $3] = $5
		stack[$1, $2, $3] = $6; next }
	{
		at = $1 SUBSEP $2 SUBSEP $3
		why = ""
		if ($6 > most)
			why = why " stack " $6 " of " most " bytes;"
		if (!(at in insns))
			note = "not recorded"
		else
			note = "was " insns[at] " " seen[at] " " stack[at]
		if (at in insns && $6 > stack[at])
			why = why " stack " $6 ", was " stack[at] ";"
		if (at in insns && $4 > insns[at] * 1.03)
			why = why " instructions " $4 ", was " insns[at] ";"
		if (at in insns && $5 > seen[at] * 1.25)
			why = why " verified " $5 ", was " seen[at] ";"
		print (why == "" ? "ok" : "not ok") " - verifier." $2 "." $3 \
			(why == "" ? "" : ":" why)
		print "# " $0 " (" note ")"
	}' "$base" -
}

datapath() {
	local daemon rc=1
	"$O/ovsxdpd" --root=/sys/fs/bpf/ox-insns --spare=off > "$err" 2>&1 &
	daemon=$!
	for _ in $(seq 100); do
		! "$O/ovsxdpctl" -t 1 ping > /dev/null 2>&1 || break
		sleep 0.1
	done
	if "$O/ovsxdpctl" -t 100 add-dp dp0 >> "$err" 2>&1; then
		"$O/ovsxdpctl" del-dp dp0 && rc=0
	fi
	kill $daemon
	[ $rc = 0 ] || tail -n 30 "$err" | sed 's/^/# /'
	return $rc
}

case ${1:-} in
--keep)
	awk 'NR == FNR { new[NR] = $0; is[$1, $2, $3] = 1; n = NR; next }
	!(($1, $2, $3) in is)
	END { for (i = 1; i <= n; i++) print new[i] }' - "$base" |
		LC_ALL=C sort -V > "$err" && cat "$err" > "$base"
	exit ;;
esac
if [ "$(id -u)" != 0 ]; then
	echo "ok - verifier # SKIP needs root"
	exit
fi
compilers | while read -r name dir; do
	if ! lines=$(figures "$name" "$dir"); then
		echo "not ok - verifier.$name: a program isn't loaded"
		sed 's/^/# /' "$err"
	elif [ "${1:-}" = --print ]; then
		echo "$lines"
	else
		echo "$lines" | compare
	fi
done
if [ -n "${OX_VM:-}" ] && [ "${1:-}" != --print ]; then
	datapath && echo "ok - verifier.datapath" ||
		echo "not ok - verifier.datapath: no datapath"
fi
