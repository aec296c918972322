#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A libnl-genl-3 program that was written for the module, under ovsxdp-run;
# and the two programs that list families, iproute2's and libnl's.

. "$(dirname "$0")/../lib/e2e.sh"
[ -x "$O/tests/interop/client_nl" ] || bail "libnl-genl-3-dev is not installed"

switch_up
host_up 1
daemon_start
cases_of sw timeout 60 "$O/ovsxdp-run" "$O/tests/interop/client_nl" dpn p1

# Each of our families with its group, beside all of the kernel's.
listed() { # program's output
	local name
	for name in nlctrl ovs_datapath ovs_vport ovs_flow ovs_packet ovs_meter; do
		grep -q "\\b$name\\b" "$1" || { echo "no $name"; return 1; }
	done
	sw "${@:2}" > "$WORK/kernel"
	[ "$(grep -c 'nlctrl' "$1")" = "$(grep -c nlctrl "$WORK/kernel")" ] ||
		{ echo "the kernel's families come twice"; return 1; }
	if grep -q 'ovs_' "$WORK/kernel"; then
		echo "without ovsxdp-run there are ours as well"
		return 1
	fi
}
lists() { # id command...
	local id=$1
	shift
	if ! command -v "$1" > /dev/null; then
		skip "$id" "$1 is not installed"
		return
	fi
	sw timeout 120 "$O/ovsxdp-run" "$@" > "$WORK/list"
	check "$id" listed "$WORK/list" "$@"
}
lists interop.genl.list genl ctrl list
lists interop.genl.libnl_list genl-ctrl-list -d
groups() {
	sw timeout 120 "$O/ovsxdp-run" genl ctrl get name ovs_vport \
		> "$WORK/get"
	grep -A9 'multicast groups' "$WORK/get" | grep -q 'name: ovs_vport' &&
		[ "$(grep -cE '#[1-4]:  ID-0x[1-4] *$' "$WORK/get")" = 4 ]
}
check interop.genl.ops_and_groups groups
# What each operation can, as the module has it. iproute2 shows it for families
# of version 2 only.
capabilities() {
	sw timeout 120 "$O/ovsxdp-run" genl ctrl get name ovs_datapath |
		sed -n 's/.*Capabilities (\(.*\)):/\1/p' | xargs
}
check_eq interop.genl.capabilities "0x1a 0x1a 0xe 0x1a" "$(capabilities)"
# What each attribute takes, as the module has it.
policy() { # family
	sw timeout 120 "$O/ovsxdp-run" genl ctrl policy name "$1" |
		sed 's/^[[:space:]]*ID: 0x[0-9a-f]*[[:space:]]*//'
}
check_eq interop.genl.policy "op 1 policies: do=0
op 2 policies: do=0
op 3 policies: do=0
op 4 policies: do=0
policy[0]:attr[1]: type=NUL_STRING max len:15
policy[0]:attr[2]: type=U32 range:[0,4294967295]
policy[0]:attr[5]: type=U32 range:[0,4294967295]
policy[0]:attr[7]: type=U32 range:[0,4096]
policy[0]:attr[9]: type=S32 range:[0,2147483647]" "$(policy ovs_datapath)"
check_eq interop.genl.policy_packet "op 3 policies: do=0
policy[0]:attr[2]: type=NESTED
policy[0]:attr[3]: type=NESTED
policy[0]:attr[8]: type=FLAG
policy[0]:attr[9]: type=U16 range:[0,65535]
policy[0]:attr[11]: type=U64 range:[0,18446744073709551615]" \
	"$(policy ovs_packet | grep -v 'attr\[12\]')" # newer than the module
finish
