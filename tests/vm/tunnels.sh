#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Our own encapsulation against the kernel's devices of each kind, inside of
# tests/vm/run: Debian's kernel has them as modules.

cd "$(dirname "$0")/../.." || exit 1
if [ "${OX_VM:-}" != 1 ]; then
	echo "ok - vm.tunnels # SKIP only inside of tests/vm/run"
	exit 0
fi
for kind in vxlan geneve ip_gre ip6_gre veth; do
	modprobe $kind || { echo "not ok - vm.tunnels: no module $kind"; exit 1; }
done
# what this kernel has can't be skipped
tests/e2e/tunnel_kinds.sh "$@" | sed -u 's/^ok\(.*this kernel has no\)/not ok\1/'
exit "${PIPESTATUS[0]}"
