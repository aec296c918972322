#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Several network namespaces share one bpffs: each has its datapaths, of the
# same names. One that lives without a daemon keeps its own; those of dead ones
# are cleaned up. And a daemon finds a bpffs, or mounts one, where /sys has been
# mounted anew.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

declare -A PID
netns() { echo "oxn$1-$$"; }
ns_add() { # name...
	local n
	for n in "$@"; do
		ip netns add "$(netns "$n")"
		HOSTS+=("$(netns "$n")")
		quiet_ipv6 "$(netns "$n")"
	done
}
in_ns() { # name command...
	local n=$1
	shift
	nsenter --net="/run/netns/$(netns "$n")" "$@"
}
# start NAME: a daemon of that namespace, which logs to $WORK/NAME.
start() {
	nsenter --net="/run/netns/$(netns "$1")" "$O/ovsxdpd" --root="$ROOT" \
		--spare=off > "$WORK/$1" 2>&1 &
	PID[$1]=$!
	PIDS+=($!)
	wait_for 20 in_ns "$1" "$O/ovsxdpctl" -t "$PATIENCE" ping || {
		not_ok "namespaces.start" "$1: $(tail -n 3 "$WORK/$1")"
		finish
	}
}
stop() { # name signal
	kill "-$2" "${PID[$1]}"
	wait "${PID[$1]}" 2> /dev/null
}
ns_ctl() { # name command...
	local n=$1
	shift
	in_ns "$n" "$O/ovsxdpctl" "$@"
}
path_of() { # name datapath
	ns_ctl "$1" --json stats "$2" |
		python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["path"])'
}
cookie_of() { # name
	in_ns "$1" python3 -c 'import socket
s = socket.socket(socket.AF_UNIX)
print("%x" % int.from_bytes(s.getsockopt(1, 71, 8), "little"))'
}
ns_dead() { # name: until the kernel has cleaned it up
	local cookie map
	cookie=$(cookie_of "$1")
	ip netns del "$(netns "$1")"
	map="$ROOT/%net-$cookie/%alive"
	command -v bpftool > /dev/null || { pause 2; return; }
	wait_for 10 sh -c "! bpftool map lookup pinned '$map' key 0 0 0 0"
}
pins() { # count of a datapath's pins
	find "$1" -type f 2> /dev/null | wc -l
}

# ---- two namespaces, one name ----
ns_add a b
start a
start b
check e2e.namespaces.first ns_ctl a add-dp ovs-system
check e2e.namespaces.second ns_ctl b add-dp ovs-system
A=$(cookie_of a)
B=$(cookie_of b)
check_eq e2e.namespaces.first_path "$ROOT/ovs-system" "$(path_of a ovs-system)"
check_eq e2e.namespaces.second_path "$ROOT/%net-$B/ovs-system" \
	"$(path_of b ovs-system)"
# as documented
in_ns a ip link add v0 type veth peer name v1
check e2e.namespaces.by_hand in_ns a \
	ip link set dev v0 xdp pinned "$ROOT/ovs-system/xdp"
check e2e.namespaces.by_hand_attached sh -c \
	"nsenter --net=/run/netns/$(netns a) ip link show v0 | grep -q xdp"
# An error about a name that is taken gives no deadly advice.
check_fails e2e.namespaces.exists "exists" ns_ctl a add-dp ovs-system
check_fails e2e.namespaces.no_rm "no 'rm -r'" sh -c \
	"nsenter --net=/run/netns/$(netns a) $O/ovsxdpctl add-dp ovs-system \
	2>&1 | grep 'rm -r' || { echo \"no 'rm -r'\"; exit 1; }"
check_fails e2e.namespaces.one_daemon "taken by process ${PID[a]}; stop" \
	in_ns a timeout 60 "$O/ovsxdpd" --root="$ROOT"

# ---- both daemons die, one comes back: neither loses anything ----
ns_ctl b add-if ovs-system i0,type=internal
stop a KILL
stop b KILL
start a
check_eq e2e.namespaces.taken_over "$ROOT/ovs-system" "$(path_of a ovs-system)"
N=$(pins "$ROOT/%net-$B/ovs-system")
check e2e.namespaces.lives_on test "$N" -gt 20
start b
check_eq e2e.namespaces.taken_over_b "$ROOT/%net-$B/ovs-system" \
	"$(path_of b ovs-system)"
check e2e.namespaces.port_b sh -c \
	"nsenter --net=/run/netns/$(netns b) $O/ovsxdpctl show | grep -q i0"

# ---- the first one ends; who has a folder keeps it, a new one becomes first --
stop a KILL
ns_dead a
stop b KILL
start b
check_eq e2e.namespaces.cleaned "" \
	"$(ls -d "$ROOT/%net-$A" "$ROOT/ovs-system" 2> /dev/null)"
check e2e.namespaces.cleaned_said grep -q \
	"removed 1 datapaths of network namespaces that have ended" "$WORK/b"
check_eq e2e.namespaces.stays "$ROOT/%net-$B/ovs-system" \
	"$(path_of b ovs-system)"
ns_add c
start c
check e2e.namespaces.new ns_ctl c add-dp ovs-system
check_eq e2e.namespaces.new_first "$ROOT/ovs-system" "$(path_of c ovs-system)"

# ---- a clean end with nothing left leaves nothing ----
check e2e.namespaces.del ns_ctl c del-dp ovs-system
stop c TERM
check_eq e2e.namespaces.nothing_left "%net-$B" "$(ls "$ROOT")"
# With a datapath, and with a creation that was cut short.
start c
ns_ctl c add-dp dp1
stop c TERM
check e2e.namespaces.kept test -e "$ROOT/dp1/config"
mkdir "$ROOT/half"
stop b KILL
ns_dead c
start b
check_eq e2e.namespaces.half_cleaned "%net-$B" "$(ls "$ROOT")"

stop b TERM

# ---- no bpffs in sight ----
# Each in a container, of which a script is process 1, with a bpffs or without.
container() { # namespace script arguments...
	in_ns "$1" unshare --mount --pid --fork --mount-proc \
		timeout 120 bash "$WORK/$2" "${@:3}"
}
cat > "$WORK/up" << 'END'
O=$1 LOG=$2
daemon() { # command prefix
	"$@" "$O/ovsxdpd" > "$LOG" 2>&1 &
	PID=$!
	for _ in $(seq 200); do
		"$O/ovsxdpctl" -t 10 ping > /dev/null 2>&1 && return
		sleep 0.1
	done
}
umount -l /sys/fs/bpf
END
# None is there: one is mounted, and that is said.
cat "$WORK/up" - > "$WORK/none" << 'END'
daemon
stat -f -c %T /sys/fs/bpf
stat -c %a /sys/fs/bpf
END
ns_add d
check_eq e2e.namespaces.mounts "bpf_fs 1700" \
	"$(container d none "$O" "$WORK/d" | xargs)"
check e2e.namespaces.mounts_said grep -q \
	"no bpffs in /sys/fs/bpf: mounted one" "$WORK/d"
# `ip netns exec` mounts another /sys, and so hides it: the one of process 1
# comes back, and what is pinned outlives the daemon and its mounts.
cat "$WORK/up" - > "$WORK/hidden" << 'END'
mount -t bpf bpf /sys/fs/bpf
daemon ip netns exec "$3"
cat "$LOG"
"$O/ovsxdpctl" -t 100 add-dp dp0
kill -9 $PID
wait $PID
ls /sys/fs/bpf/ovsxdp/dp0/config
daemon ip netns exec "$3"
cat "$LOG"
END
container d hidden "$O" "$WORK/d" "$(netns d)" > "$WORK/hidden.out" 2>&1
check e2e.namespaces.hidden_said grep -q "that of process 1 is mounted there" \
	"$WORK/hidden.out"
check e2e.namespaces.hidden_pins grep -q "^/sys/fs/bpf/ovsxdp/dp0/config" \
	"$WORK/hidden.out"
check e2e.namespaces.hidden_taken_over grep -q "dp0: datapath taken over" \
	"$WORK/hidden.out"
finish
