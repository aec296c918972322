#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The same questions to the daemon as to Debian's kernel module, whose answers
# are in tests/vm/module.facts; differences must be known ones.

. "$(dirname "$0")/../lib/e2e.sh"

switch_up
daemon_start
if ! ip netns exec "$SW" /usr/bin/python3 tests/vm/probe_module.py \
	--ovsxdpd > "$WORK/ours" 2> "$WORK/err"; then
	not_ok interop.module.probe "$(tail -n 3 "$WORK/err")"
	finish
fi
python3 tests/vm/compare_facts.py tests/vm/module.facts "$WORK/ours"
exit $?
