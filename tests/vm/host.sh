#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What check-host says of a kernel from which things are really taken away:
# inside of tests/vm/run, whose kernel has no tcx, and the rest as modules.

if [ "${OX_VM:-}" != 1 ]; then
	echo "ok - vm.host # SKIP only inside of tests/vm/run"
	exit 0
fi
. "$(dirname "$0")/../lib/e2e.sh"
own_modes
# ids are vm.host.*, whatever the mode
test_id() { echo "$1"; }
check_host() { "$O/ovsxdpctl" check-host; }
lacks() { # module: as if it weren't installed
	echo "install $1 /bin/false" > "/etc/modprobe.d/lacks-$1.conf"
	! lsmod | grep -q "^$1 " || rmmod "$1"
}

check vm.host.can check_host

sysctl -q net.core.bpf_jit_enable=0
check_fails vm.host.no_jit "no jit: net.core.bpf_jit_enable is 0" check_host
check_fails vm.host.no_jit_daemon "no jit: net.core.bpf_jit_enable is 0" \
	timeout 60 "$O/ovsxdpd" --root="$ROOT"
check_fails vm.host.no_jit_elsewhere "built without CONFIG_BPF_JIT, or" \
	unshare --net "$O/ovsxdpctl" check-host
sysctl -q net.core.bpf_jit_enable=1

lacks cls_bpf
check_fails vm.host.no_cls_bpf "no cls_bpf: .*CONFIG_NET_CLS_BPF" check_host
rm /etc/modprobe.d/lacks-cls_bpf.conf
lacks veth
check_fails vm.host.no_veth "no veth: .*CONFIG_VETH" check_host
rm /etc/modprobe.d/lacks-veth.conf

# It can't be taken back, and it keeps programs only from kernel memory.
mount -t securityfs securityfs /sys/kernel/security
echo confidentiality > /sys/kernel/security/lockdown
check vm.host.lockdown check_host
check vm.host.lockdown_named sh -c \
	"'$O/ovsxdpctl' check-host | grep -q ', lockdown confidentiality'"
finish
