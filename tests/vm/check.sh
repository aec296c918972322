#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# Debian's kernel, in a machine: the recorded answers of its module still
# hold, our programs pass its verifier, and packets flow. With FULL=1 all BPF
# and end-to-end tests run there.

set -u
cd "$(dirname "$0")/../.." || exit 1
export O=${O:-build}

if ! O=$O tests/vm/kernel > /dev/null 2> "$O/vm.err"; then
	echo "ok - vm # SKIP $(tail -n 1 "$O/vm.err")"
	exit 0
fi

facts=$O/vm/out/facts-$$
result=$O/vm/out/result-$$
trap 'rm -f "$facts" "$result"' EXIT

if tests/vm/run -t 120 sh -c "modprobe -a openvswitch veth &&
	/usr/bin/python3 tests/vm/probe_module.py > /out/facts-$$"; then
	if diff tests/vm/module.facts "$facts" > "$result"; then
		echo "ok - vm.module.facts"
	else
		echo "not ok - vm.module.facts: the module answers otherwise"
		sed 's/^/# /' "$result"
	fi
else
	echo "not ok - vm.module.facts: no answers"
fi

tests="tests/e2e/traffic.sh tests/e2e/restart.sh
	$O/tests/bpf/test_loader_dp $O/tests/bpf/test_xdp"
limit=500
[ "${FULL:-0}" = 0 ] || limit=2000 tests="$(echo tests/e2e/*.sh "$O"/tests/bpf/test_*[a-z])"
tests=$(for t in $tests; do
	[[ $t == *.[od] ]] || echo "$t"
done | xargs)
# The host's $O is read-only there: what is written to it stays in memory.
# shellcheck disable=SC2086 # one argument a test
tests/vm/run -t "$limit" -m 4096 env O="$O" TEST_TIMEOUT=400 \
	tests/run $tests \
	> "$result" 2>&1
sed 's/^/# /' "$result"
if tail -n 1 "$result" | grep -q ' 0 failed' && grep -q ' passed' "$result"
then
	echo "ok - vm.tests_on_debian_kernel"
else
	echo "not ok - vm.tests_on_debian_kernel: $(tail -n 1 "$result")"
fi
