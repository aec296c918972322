#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 1800
#
# arm64: all programs, the BPF objects and the unit tests of the core compile
# without a warning; `make cross` has all unit tests. The objects have what a CPU
# needs that loads out of order (ox_after() in bpf/core/compiler.h), and this
# kernel's verifier takes them. Where there is an emulator, the unit tests run.

# shellcheck disable=SC2317 # ok() calls the functions
set -u
cd "$(dirname "$0")/../.." || exit 1
O=${O:-build}
cross=aarch64-linux-gnu
root=$O/cross/root
core=(core core_host key hash actions_run work exec_ring table prune)
failed=0
n=0

ok() { # id [command...]: the test is that the command succeeds
	local id=cross.$1 out
	shift
	n=$((n + 1))
	if out=$("$@" 2>&1); then
		echo "ok - $id"
	else
		echo "not ok - $id"
		tail -n 20 <<< "$out" | sed 's/^/# /'
		failed=1
	fi
}
skip() { # id why
	n=$((n + 1))
	echo "ok - cross.$1 # SKIP $2"
}
all_skip() {
	skip build "$1"
	echo "1..1"
	exit 0
}

command -v $cross-gcc > /dev/null || all_skip "no $cross-gcc: apt-get install gcc-$cross"
tests/cross/sysroot "$root" > /dev/null 2>&1 || all_skip "no arm64 packages to be had"
# For the same warnings and code that runs, -O1 takes half the time.
ok build make -j2 WERROR=1 CFLAGS=-O1 cross \
	CROSS_UNIT="${core[*]/#/$O/cross/tests/unit/test_}"
is_arm() { readelf -h "$O/cross/$1" | grep -q AArch64; }
for prog in ovsxdpd ovsxdpctl libovsxdp-genl.so ovsxdp-seccomp; do
	ok $prog is_arm $prog
done
# more instructions than the objects for this machine
ordered() {
	local a b
	a=$(size -A "$O/bpf/$1.bpf.o" | awk '$2 ~ /^[0-9]+$/ && /^\.text|^tc|^xdp/ { n += $2 } END { print n }')
	b=$(size -A "$O/cross/bpf/$1.bpf.o" | awk '$2 ~ /^[0-9]+$/ && /^\.text|^tc|^xdp/ { n += $2 } END { print n }')
	echo "$a and $b bytes"
	[ "$b" -gt "$a" ]
}
if [ "$(uname -m)" = x86_64 ] && [ -e "$O/bpf/tc.bpf.o" ]; then
	ok ordered.xdp ordered xdp
	ok ordered.tc ordered tc
fi
if [ "$(id -u)" != 0 ]; then
	skip verifier "needs root"
elif [ ! -x "$O/tests/vm/insns" ]; then
	skip verifier "$O/tests/vm/insns isn't built"
else
	ok verifier "$O/tests/vm/insns" "$O"/cross/bpf/*.bpf.o
fi
emulator=$(command -v qemu-aarch64-static || command -v qemu-aarch64)
for t in "${core[@]}"; do
	if [ -z "$emulator" ]; then
		skip unit.$t "no qemu-aarch64: apt-get install qemu-user-static"
		continue
	fi
	ok unit.$t "$emulator" -L /usr/$cross \
		-E "LD_LIBRARY_PATH=$root/usr/lib/$cross:$root/lib/$cross" \
		"$O/cross/tests/unit/test_$t"
done
echo "1..$n"
exit $failed
