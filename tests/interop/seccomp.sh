#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovsxdp-run --seccomp: a static program, a Go program, ovs-dpctl, children;
# and what a program must not notice of it. Go's first build takes long.
# timeout: 600

. "$(dirname "$0")/../lib/e2e.sh"

switch_up
host_up 1
daemon_start
run() { # command in the switch namespace, served
	sw timeout 60 "$O/ovsxdp-seccomp" "$@"
}
id=interop.seccomp
probe=$(sw "$O/ovsxdp-run" --seccomp true 2>&1) || bail "$probe"

# ---- programs: each prints its own test lines ----

program() { # id command...
	local name=$1
	shift
	"$@" > "$WORK/program" 2>&1
	local code=$?
	cat "$WORK/program"
	TESTS=$((TESTS + $(grep -cE '^(not )?ok ' "$WORK/program")))
	check_eq "$id.$name.exit_code" 0 "$code"
}
raw=$WORK/raw
if ! command -v gcc > /dev/null; then
	skip $id.raw "gcc is not installed"
elif ! gcc -static -O2 -D_GNU_SOURCE -Iinclude -o "$raw" \
	tests/interop/seccomp/raw.c -lpthread 2> "$WORK/gcc"; then
	if [ -e "$(gcc -print-file-name=libc.a)" ]; then
		not_ok $id.raw "$(tail -n 3 "$WORK/gcc")"
	else
		skip $id.raw "no libc.a (libc6-dev) to link statically with"
	fi
else
	program raw run "$raw" all dpr 4000
	program threads run "$raw" threads dpt
	program plain run "$raw" plain
	# the supervisor is found by its network namespace
	supervisors() {
		local pid
		for pid in $(ip netns pids "$SW"); do
			[ "$(cat "/proc/$pid/comm" 2> /dev/null)" != \
				ovsxdp-seccomp ] || echo "$pid"
		done
	}
	nobody_served() { [ -z "$(supervisors)" ]; }
	check $id.supervisors_end wait_for 20 nobody_served
	mkfifo "$WORK/fifo"
	run "$raw" patient < "$WORK/fifo" > "$WORK/patient" &
	patient=$!
	exec 9> "$WORK/fifo"
	wait_for 20 grep -q ready "$WORK/patient"
	for pid in $(supervisors); do
		parent=$(awk '/^PPid/ { print $2 }' "/proc/$pid/status")
		[ "$(cat "/proc/$parent/comm")" != ovsxdp-seccomp ] ||
			check $id.supervisor_kill kill -9 "$pid"
	done
	exec 9>&-
	wait $patient
	check_eq $id.patient.exit_code 0 $?
	check_eq $id.supervisor_killed "ok - $id.raw.supervisor_killed" \
		"$(grep -v '^#' "$WORK/patient")"
	# children, of which one outlives its parent
	run sh -c "(sleep 0.3; $raw all dpc1 50 > $WORK/c1) &
		$raw all dpc2 50 > $WORK/c2 & wait \$!"
	check_eq $id.child 0 $?
	check $id.orphan wait_for 20 grep -q dp_gone "$WORK/c1"
	check_eq $id.orphan_served 0 "$(grep -c '^not' "$WORK/c1")"
fi

golib=/usr/share/gocode/src/github.com/mdlayher/genetlink
if ! command -v go > /dev/null; then
	skip $id.go "golang-go is not installed"
elif [ ! -d $golib ]; then
	skip $id.go "golang-github-mdlayher-genetlink-dev is not installed"
elif ! GOPATH=/usr/share/gocode GO111MODULE=off GOCACHE=$O/gocache \
	GOFLAGS='' go build -o "$WORK/client" tests/interop/seccomp/client.go \
	2> "$WORK/go"; then
	not_ok $id.go "$(tail -n 3 "$WORK/go")"
else
	program go run "$WORK/client" dpg 2000
fi

dpctl() {
	run ovs-dpctl -vdpif_netlink:off "$@"
}
if ! command -v ovs-dpctl > /dev/null; then
	skip $id.dpctl "openvswitch-switch is not installed"
else
	check $id.dpctl.add_dp dpctl add-dp dp0
	check $id.dpctl.add_if dpctl add-if dp0 p1
	check $id.dpctl.show grep -q 'port 1: p1' <(dpctl show dp0)
	check $id.dpctl.add_flow dpctl add-flow dp0 "in_port(1),eth()" 0
	check_eq $id.dpctl.dump_flows 1 "$(dpctl dump-flows dp0 |
		grep -c in_port)"
	# the socket's network namespace counts, not the supervisor's
	check $id.netns grep -q 'port 1: p1' <(timeout 60 "$O/ovsxdp-run" \
		--seccomp nsenter \
		--net="/run/netns/$SW" ovs-dpctl -vdpif_netlink:off show dp0)
	check $id.pidns grep -q 'port 1: p1' <(run unshare -pf \
		ovs-dpctl -vdpif_netlink:off show dp0)
	check $id.nested grep -q 'port 1: p1' <(run "$O/ovsxdp-run" \
		--seccomp ovs-dpctl -vdpif_netlink:off show dp0)
	check $id.with_preload grep -q 'port 1: p1' <(run \
		"$O/ovsxdp-run" ovs-dpctl -vdpif_netlink:off show dp0)
	check $id.dpctl.del_dp dpctl del-dp dp0
fi
check $id.genl_kernels grep -q 'Name: nlctrl' \
	<(run genl ctrl get name nlctrl)
# root of another user namespace has no rights over this network namespace
if unshare -r true 2> /dev/null; then
	check_fails $id.userns "no such file" \
		run unshare -r genl ctrl get name ovs_flow
else
	skip $id.userns "no user namespaces"
fi

# ---- what a program must not notice ----

run sh -c 'exit 7'
check_eq $id.exit_code 7 $?
run sh -c 'kill -USR1 $$' 2> /dev/null
check_eq $id.killed_by 138 $?
check_eq $id.stdin "some words" "$(echo some words | run cat)"
check_fails $id.not_found "no such file" run /nonexistent
run /nonexistent 2> /dev/null
check_eq $id.not_found_code 127 $?
run /etc/passwd 2> /dev/null
check_eq $id.not_executable_code 126 $?
check_fails $id.no_command "usage" "$O/ovsxdp-run" --seccomp
check_fails $id.bad_option "unknown option --sec" "$O/ovsxdp-run" --sec true
check_fails $id.no_root "needs root" setpriv --reuid=65534 --regid=65534 \
	--clear-groups --bounding-set=-all --inh-caps=-all \
	"$O/ovsxdp-run" --seccomp true

# It is the very process that was started, with its children only.
nsenter --net="/run/netns/$SW" "$O/ovsxdp-run" --seccomp sh -c \
	"trap 'exit 9' TERM; : > $WORK/started; while :; do sleep 0.1; done" &
pid=$!
PIDS+=("$pid")
check $id.started wait_for 10 test -e "$WORK/started"
check_eq $id.same_process sh "$(cat /proc/$pid/comm)"
kill -TERM $pid
wait $pid
check_eq $id.signal 9 $?
# Ctrl-C on a terminal of its own, after a line read from there
check $id.terminal timeout 60 /usr/bin/python3 - "$O/ovsxdp-run" << 'END'
import os, pty, sys
pid, fd = pty.fork()
if not pid:
    os.execv(sys.argv[1], [sys.argv[1], "--seccomp", "sh", "-c",
                           "read x; echo got $x; read y"])
os.write(fd, b"line\n")
out = b""
while b"got line" not in out:
    out += os.read(fd, 100)
os.write(fd, b"\x03")
assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == 2
END
# wait(2) knows of no child; a pipe ends when the program does
check $id.no_child run python3 -c '
import os
try:
    os.wait()
    raise SystemExit(1)
except ChildProcessError:
    pass'
start=$SECONDS
run sh -c "sleep 20 > /dev/null 2>&1 < /dev/null & echo x" | cat > /dev/null
check $id.pipe_ends test $((SECONDS - start)) -lt 15
fds='import os; print(*sorted(os.listdir("/proc/self/fd")))'
check_eq $id.fds "$(sw python3 -c "$fds")" "$(run python3 -c "$fds")"

# A program that takes answers from the kernel alone: with the library beside
# the supervisor it gets them.
if command -v genl > /dev/null; then
	check $id.genl grep -q 'Name: ovs_flow' <(sw timeout 60 \
		"$O/ovsxdp-run" --seccomp genl ctrl get name ovs_flow)
	check_fails $id.genl_unknown "no such file" sw timeout 60 \
		"$O/ovsxdp-run" --seccomp genl ctrl get name nosuch
else
	skip $id.genl "no genl"
fi
preloaded='import os; print(os.environ.get("LD_PRELOAD"),
	os.environ.get("OVSXDP_SECCOMP_PRELOAD"))'
check_eq $id.preload "$O/libovsxdp-genl.so:libm.so.6 None" \
	"$(LD_PRELOAD=libm.so.6 sw "$O/ovsxdp-run" --seccomp \
		python3 -c "$preloaded")"

# A daemon that is stopped, its queue full, holds up nobody for ever: EAGAIN.
request() { # port id, statements after a message m and a socket s
	cat <<-END
	import socket, struct
	to = ($1, 0)
	m = struct.pack("=IHHIIBBHi", 24, 0x4f00, 1, 1, 0, 3, 2, 0, 0)
	s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
	try:
	    $2
	except BlockingIOError:
	    print("EAGAIN")
	END
}
kill -STOP "$DAEMON"
check_eq $id.fill EAGAIN "$(request 0x4f565358 \
	'while True: s.sendto(m, socket.MSG_DONTWAIT, to)' | sw python3 -)"
check_eq $id.stopped EAGAIN "$(request 0 's.sendto(m, to)' |
	OVSXDP_TIMEOUT=3 run python3 -)"
kill -CONT "$DAEMON"
check $id.goes_on sw "$O/ovsxdpctl" ping
finish
