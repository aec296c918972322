#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 400
#
# The BPF programs as other compilers build them (Debian 12's and 13's newest)
# pass the kernel's verifier and do the same. Programs of tests/bpf run over the
# objects in $O/clang-N (`make compilers`). Test ids begin with the compiler's
# name. FULL=1 runs all of them instead of those without devices.
#
#   tests/bpf/compilers.sh [CLANG]...

set -u
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build}
[ $# -gt 0 ] || set -- clang-16 clang-19
log=$(mktemp)
trap 'rm -f "$log"' EXIT

tests_of() { # folder
	local t
	echo test_xdp test_tc test_ct
	[ "${FULL:-0}" != 0 ] || return
	for t in "$1"/test_loader_*[a-z]; do
		[[ $t == *.* ]] || echo "${t##*/}"
	done
}

run() { # compiler program
	local code=0 id=$1.${2##*/}
	if [ ! -x "$2" ]; then
		echo "not ok - $id: not built, make compilers"
		return
	fi
	"$2" > "$log" 2>&1 || code=$?
	# the group's own line has no test in it
	sed -E "s/^((not )?ok [0-9]+ - )/\1$1./; /^1\.\./d" "$log"
	if [ $code != 0 ] && ! grep -q '^not ok' "$log"; then
		echo "not ok - $id: exit code $code"
	elif [ "$(grep -cE '^(not )?ok [0-9]' "$log")" != \
		"$(sed -n 's/^1\.\.//p' "$log")" ]; then
		echo "not ok - $id: no end"
	fi
}

for clang in "$@"; do
	if ! command -v "$clang" > /dev/null; then
		echo "ok - $clang # SKIP no $clang here: make deps-check"
		continue
	fi
	for t in $(tests_of "$O/$clang/tests/bpf"); do
		run "$clang" "$O/$clang/tests/bpf/$t"
	done
done
