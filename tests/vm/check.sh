#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 3600
# beside: it has a machine of its own
#
# Debian's kernel, in a machine. Our programs pass its verifier, and the
# recorded answers of its module still hold. The same requests and packets go to
# it and to us, and the answers are compared (docs/fidelity.md).
#
# All of it runs in one machine, since each boot takes 20 seconds of CPU. With
# FULL=1 (make check-vm) each part has a machine of its own. There are more
# cases, the newest kernels, native XDP on a real driver, bench/pktgen, all BPF
# and end-to-end tests. CASES and SEED choose.

set -u
cd "$(dirname "$0")/../.." || exit 1
export O=${O:-build}
FULL=${FULL:-0}
CASES=${CASES:-$([ "$FULL" = 0 ] && echo 300 || echo 20000)}
SEED=${SEED:-1}

# What the host and the machine both see.
if [ "${OX_VM:-}" = 1 ]; then
	out=/out
else
	mkdir -p "$O/vm/out"
	out=$O/vm/out
	if ! tests/vm/kernel > /dev/null 2> "$O/vm.err"; then
		echo "ok - vm # SKIP $(tail -n 1 "$O/vm.err")"
		exit 0
	fi
fi
result=$out/result-$$
facts=facts-$$
trap 'rm -f "$out/$facts" "$result"' EXIT

ok() { echo "ok - $1"; }
not_ok() { # id why: with the output
	echo "not ok - $1: $2"
	tail -n 100 "$result" | cut -c 1-2000 | sed 's/^#* */# /'
}
# A command in a machine of its own, or in this one, where the options say
# nothing. The seconds are those of an idle host: five times as many may pass.
machine() { # seconds options... command...
	local limit=$(($1 * 5))
	shift
	if [ "${OX_VM:-}" != 1 ]; then
		tests/vm/run -t "$limit" "$@" > "$result" 2>&1
		return
	fi
	while [[ $1 == -* ]]; do
		shift 2
	done
	timeout "$limit" "$@" > "$result" 2>&1
}

facts() {
	if ! machine 120 sh -c "modprobe -a openvswitch veth &&
		/usr/bin/python3 tests/vm/probe_module.py > /out/$facts"; then
		not_ok vm.module.facts "no answers"
	elif diff tests/vm/module.facts "$out/$facts" > "$result"; then
		ok vm.module.facts
	else
		not_ok vm.module.facts "the module answers otherwise"
	fi
}

# All programs pass the verifier of a kernel, within what is recorded of them;
# what it counted is printed and kept in $O/vm/out/insns-KERNEL.
insns() { # kernel [compilers]
	machine 400 -k "$1" env O="$O" COMPILERS="${2:-all}" tests/vm/insns.sh
	if grep -q '^tests/vm/kernel:' "$result"; then
		echo "ok - vm.verifier.$1 # SKIP $(tail -n 1 "$result")"
	elif grep -q '^\(not \)\?ok - verifier.datapath' "$result"; then
		sed "s/ok - verifier/ok - vm.verifier.$1/" "$result" |
			grep '^#\|^ok\|^not ok'
		cp "$result" "$out/insns-$1"
	else
		not_ok "vm.verifier.$1" "no end"
	fi
}

packets() { # mode cases [tunnels]
	local id=vm.packets.$1${3:+.tunnels_$3}
	if machine $((200 + $2 / 8)) env O="$O" tests/vm/diff packets \
		-m "$1" -n "$2" -s "$SEED" -e 5 ${3:+-t "$3"}; then
		ok "$id"
		grep '^# accepted\|^# .*tunnels\|^[a-z]' "$result" |
			sed 's/^#* */# /'
	else
		not_ok "$id" "$(tail -n 1 "$result")"
	fi
}

netlink() { # cases
	if machine $((200 + $1 / 20)) env O="$O" tests/vm/diff netlink \
		-n "$1" -s "$SEED" -e 10; then
		ok vm.netlink
		grep '^# accepted\|^[a-z]' "$result" | sed 's/^#* */# /'
	else
		not_ok vm.netlink "$(tail -n 1 "$result")"
	fi
}

# Connection tracking against that of this kernel, which ours follows.
ct() { # packets
	machine $((100 + $1 / 200)) sh -c "
		modprobe -a nf_conntrack nf_conntrack_netlink nft_ct nft_nat veth &&
		OX_CT_PACKETS=$1 $O/tests/unit/test_ct_oracle &&
		OX_CT_PACKETS=$1 $O/tests/unit/test_ct_nat_oracle"
	if [ "$(grep -c '^1\.\.' "$result")" = 2 ]; then
		sed -n 's/^\(not \)\?ok [0-9]* - unit/\1ok - vm/p' "$result"
	else
		not_ok vm.ct_oracle "no end"
	fi
}

# part NAME SECONDS [OPTION...]: tests/vm/NAME.sh in the machine, as TAP.
part() {
	local name=$1 limit=$2
	shift 2
	machine "$limit" "$@" env O="$O" "tests/vm/$name.sh"
	if grep -q '^1\.\.' "$result"; then
		grep -v '^1\.\.' "$result"
	else
		not_ok "vm.$name" "no end"
	fi
}

# The host's $O is read-only there: what is written to it stays in memory.
suite() { # id seconds tests...
	local id=$1 limit=$2 t tests=()
	shift 2
	for t in "$@"; do
		[[ $t == *.[od] ]] || tests+=("$t")
	done
	machine "$limit" -m 4096 env O="$O" OVS_ORACLE="${ORACLE:-}" \
		tests/vm/suite "${tests[@]}"
	if tail -n 1 "$result" | grep -q ' 0 failed' &&
		grep -q ' passed' "$result"; then
		ok "$id"
		tail -n 1 "$result" | sed 's/^/# /'
	else
		not_ok "$id" "$(tail -n 1 "$result")"
	fi
}

# ovs-vswitchd and its kin over ovsxdp, and over the module. Packages aren't
# built there, nothing is measured, and the module's answers are
# vm.module.facts.
interop() {
	local t ours=() modules=(tests/interop/vswitchd_*.sh)
	for t in tests/interop/*.sh; do
		case ${t##*/} in
		bench.sh|deb.sh|install.sh|module.sh) ;;
		*) ours+=("$t") ;;
		esac
	done
	suite vm.interop_on_debian_kernel 5000 "${ours[@]}"
	ORACLE=1 suite vm.interop_over_the_module 3000 "${modules[@]}"
}

# In the order of what stays behind in a machine: the suite wants the module
# unloaded.
short() {
	facts
	# what the other compilers build passes this host's verifier (insns.sh)
	insns default usual
	packets module 100
	for mode in tc xdp host; do
		packets $mode "$CASES"
	done
	packets tc $((CASES / 3)) kernel
	packets tc $((CASES / 3)) native
	netlink $((CASES / 2))
	modprobe -r openvswitch
	suite vm.tests_on_debian_kernel 500 tests/e2e/restart.sh \
		"$O/tests/bpf/test_xdp" "$O/tests/bpf/test_ct" \
		tests/e2e/hostile_mirred.sh tests/e2e/hostile_leaving.sh
	ct 2000
}

full() {
	facts
	insns default
	# That the comparison itself is sound: the module agrees with itself.
	packets module 200
	for mode in tc xdp host; do
		packets $mode "$CASES"
	done
	for tunnels in kernel native; do
		packets module 200 $tunnels
		for mode in tc xdp host; do
			packets $mode $((CASES / 10)) $tunnels
		done
	done
	netlink "$CASES"
	insns 6.6
	insns 6.12
	insns newest
	packets xdp-generic $((CASES / 10))
	packets auto $((CASES / 10))
	part nic 280 --nics -m 3000
	# what is taken away from the kernel is named
	part host 400
	# what the benchmarks for real hosts send is what arrives
	part pktgen 400
	# our own encapsulation against the devices of this kernel
	part tunnels 400
	ct 100000
	suite vm.tests_on_debian_kernel 2400 tests/e2e/*.sh \
		"$O"/tests/bpf/test_*[a-z]
	interop
}

if [ "$FULL" = 1 ]; then
	full
elif [ "${OX_VM:-}" = 1 ]; then
	short
else
	tests/vm/run -m 4096 -t 3000 env O="$O" CASES="$CASES" SEED="$SEED" \
		tests/vm/check.sh
fi
