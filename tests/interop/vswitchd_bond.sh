#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-vswitchd's bonds: two bridges joined by two cables. active-backup,
# balance-slb, balance-tcp with and without LACP (hash and recirculation),
# a member that fails, both members used.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_bond
bridge_up 1 2
# br0 has host 1, br1 has host 2; a0-b0 and a1-b1 are the cables
for n in 0 1; do
	sw ip link add a$n type veth peer name b$n
	sw ip link set a$n up
	sw ip link set b$n up
done
vsctl del-port br0 p2 -- add-br br1 -- add-port br1 p2

bond() { # mode lacp
	local args=()
	for side in 0:a 1:b; do
		args+=(-- --if-exists del-port "br${side%:*}" "bond${side#*:}"
			-- add-bond "br${side%:*}" "bond${side#*:}"
			"${side#*:}0" "${side#*:}1" "bond_mode=$1" "lacp=$2"
			other_config:lacp-time=fast
			# both sides choose the same cable
			"other_config:bond-primary=${side#*:}0"
			other_config:bond-rebalance-interval=1000)
	done
	vsctl "${args[@]:1}"
	wait_for 20 bond_ready "$2"
}
bond_ready() { # lacp
	local side
	for side in a b; do
		[ "$(appctl bond/show "bond$side" |
			grep -c 'member.*: enabled')" = 2 ] || return 1
		[ "$1" = off ] || appctl bond/show "bond$side" |
			grep -q 'lacp_status: negotiated' || return 1
	done
}
dp_tx() { # frames that the datapath has sent to a port
	appctl dpctl/show -s | awk -v p="$1" '
		/^  port/ { here = $3 == p }
		here && /TX packets/ { sub("packets:", "", $2); print $2 }'
}
# Twenty UDP flows of some frames, told apart by their port
many() { # frames length
	local n args=()
	for n in $(seq 20); do
		for _ in $(seq "$1"); do
			args+=("udp:src=1,dst=2,dport=$((5000 + n)),len=$2")
		done
	done
	frames 1 2 -- "${args[@]}" | grep -c 'dport=50'
}

for mode in active-backup balance-slb balance-tcp; do
	for lacp in off active; do
		name=${mode//-/_}_lacp_$lacp
		check "$id.$name".ready bond $mode $lacp
		if [ "$name" = balance_tcp_lacp_off ]; then
			# Open vSwitch lets nothing pass then
			check "$id.$name".blocked ping_lost 1 10.0.0.2
			continue
		fi
		check "$id.$name".ping wait_for 10 ping_ok 1 10.0.0.2
		check "$id.$name".tcp tcp 1 2
	done
done

# ---- balance-tcp with LACP, as it is now: by hash and recirculation ----
hash_uses_both() {
	a0=$(dp_tx a0) a1=$(dp_tx a1)
	arrived=$(many 5 100)
	a0=$(($(dp_tx a0) - a0)) a1=$(($(dp_tx a1) - a1))
	[ "$arrived" = 100 ] && [ "$a0" -ge 5 ] && [ "$a1" -ge 5 ] && return
	# a member whose LACP was later than the other's has no share before
	# Open vSwitch finds the other's load (100 KB a second) worth sharing
	many 20 1000
	return 1
}
check $id.hash_uses_both wait_for 20 hash_uses_both
echo "# of ${arrived:-no} frames a0 took ${a0:-0}, a1 ${a1:-0}"
hash_flows() {
	appctl dpctl/dump-flows > "$WORK/flows"
	cat "$WORK/flows"
	grep -q 'actions:.*hash(l4(0)),recirc' "$WORK/flows" &&
		grep -q 'recirc_id(0x.*dp_hash(' "$WORK/flows"
}
check $id.hash_flows hash_flows

# ---- a cable breaks ----
broken() {
	host 1 ping -q -c 20 -i 0.1 -W 2 10.0.0.2 > "$WORK/ping" &
	local pid=$!
	sleep 0.5
	sw ip link set a0 down
	wait "$pid"
	tail -n 2 "$WORK/ping"
	ping_ok 1 10.0.0.2
}
check $id.member_fails broken
sw ip link set a0 up
check $id.member_returns wait_for 20 bond_ready active
check $id.member_returns_ping ping_ok 1 10.0.0.2

ovs_quiet $id.log
finish
