#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Each header compiles alone, so that editors show no errors in it and a file
# may include it first. It does so for the host, without a warning. Those of the
# packet core, which declare what their context defines, do so for BPF as well.

set -u
cd "$(dirname "$0")/../.." || exit 1
clang=${CLANG:-clang} cc=${CC:-gcc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

# alone ID HEADER COMPILER...
alone() {
	local id=$1 header=$2
	shift 2
	"$@" -std=gnu11 -I. -Iinclude -fsyntax-only -x c "$header" 2>&1 |
		grep -E "$faults" > "$work/out"
	n=$((n + 1))
	if [ -s "$work/out" ]; then
		echo "not ok - lint.headers.$id.$header"
		head -n 5 "$work/out" | sed 's/^/# /'
	else
		echo "ok - lint.headers.$id.$header"
	fi
}

for_host() {
	local faults='\<(warning|error):'
	[[ $1 != bpf/* ]] || faults='\<error:'
	alone host "$1" "$cc" -D_GNU_SOURCE -Wall -Wextra
}

for_bpf() {
	local faults='\<error:'
	alone bpf "$1" "$clang" -O2 -target bpf -mcpu=v3 \
		-idirafter "/usr/include/$("$cc" -dumpmachine)"
}

# Is an error found? A header that lacks what it uses:
echo 'static inline uint32_t f(struct ox_key *k) { return k->recirc_id; }' \
	> "$work/lacks.h"
if for_host "$work/lacks.h" | grep -q '^not ok' &&
	for_bpf "$work/lacks.h" | grep -q '^not ok'; then
	echo "ok - lint.headers.notices"
else
	echo "not ok - lint.headers.notices"
fi

n=1
shopt -s nullglob
for h in include/ovsxdp/*.h include/ovsxdp/abi/*.h loader/*.h control/*.h \
	control/*/*.h bpf/host.h bpf/core/*.h bpf/tier/*host.h; do
	for_host "$h"
done
for h in include/ovsxdp/abi.h include/ovsxdp/abi/*.h bpf/core/*.h bpf/tier/*.h; do
	case $h in
	*host.h) ;;
	*) for_bpf "$h" ;;
	esac
done
echo "1..$n"
