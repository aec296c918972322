#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Inside of tests/vm/run: a datapath is made, so that the kernel's verifier
# has seen all programs; prints what it says of them (insns.c).

set -eu
cd "$(dirname "$0")/../.."
O=${O:-build}
"$O/ovsxdpd" --root=/sys/fs/bpf/ox-insns > /tmp/daemon 2>&1 &
daemon=$!
trap 'kill $daemon' EXIT
for _ in $(seq 100); do
	! "$O/ovsxdpctl" -t 1 ping > /dev/null 2>&1 || break
	sleep 0.1
done
if ! "$O/ovsxdpctl" -t 100 add-dp dp0; then
	tail -n 30 /tmp/daemon >&2
	exit 1
fi
uname -r
"$O/tests/vm/insns"
"$O/ovsxdpctl" del-dp dp0
