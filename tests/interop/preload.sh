#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The preload library in programs that are not its business, and in one that
# asks much of it.

. "$(dirname "$0")/../lib/e2e.sh"
LIB=$O/libovsxdp-genl.so
RUN=$O/ovsxdp-run

switch_up
daemon_start
ctl add-dp dps

# ---- what it shows of itself ----
cat > "$WORK/symbols" << EOF
__read_chk __recv_chk __recvfrom_chk bind close close_range connect dup dup2
dup3 fcntl fcntl64 read readv recv recvfrom recvmmsg recvmsg send sendmmsg
sendmsg sendto setsockopt socket write writev
EOF
check_eq interop.preload.symbols "$(xargs -n1 < "$WORK/symbols" | sort | xargs)" \
	"$(nm -D --defined-only "$LIB" | awk '{ print $NF }' | sort | xargs)"
# close(2) and sendmsg(2) are called in signal handlers
check_eq interop.preload.no_malloc "" "$(nm -D --undefined-only "$LIB" |
	grep -owE 'malloc|calloc|realloc|free|pthread_mutex_lock|pthread_once')"

# ---- children ----
same() { # command...: output, errors and status with it and without
	sw "$@" > "$WORK/a" 2>&1
	echo "$?" >> "$WORK/a"
	sw "$RUN" "$@" > "$WORK/b" 2>&1
	echo "$?" >> "$WORK/b"
	cmp "$WORK/a" "$WORK/b" && [ -s "$WORK/a" ]
}
check interop.preload.sh same sh -c 'echo a | cat; exec 3>&1 >&-; echo b >&3; exit 7'
check interop.preload.ip same ip -d link
check interop.preload.ls same ls -l /usr /nosuch
check interop.preload.python same /usr/bin/python3 -c '
import os, socket, subprocess
a, b = socket.socketpair()
a.send(b"x"), b.recv(1)
print(subprocess.run(["echo", "y"], close_fds=True, capture_output=True))
print(os.listdir("/proc/self/fd"))'
check interop.preload.chroot same chroot /proc/self/cwd /bin/ls -d .

# a program of ovsxdp's own, which needs no library, and its child
check interop.preload.ovsxdpctl same "$O/ovsxdpctl" show
check interop.preload.ovsxdpctl_child same sh -c "$O/ovsxdpctl show dps; :"

# ---- system calls after start-up ----
calls() { # [library]: of a program with other sockets, without those of ld.so
	sw strace -f -o "$WORK/strace" env ${1:+LD_PRELOAD="$1"} \
		/usr/bin/python3 -Sc '
import os, socket
os.getppid()
a, b = socket.socketpair()
for i in range(100):
    a.send(b"x"); b.recv(1); a.sendall(b"y"); os.read(b.fileno(), 1)
c = os.dup(0); os.close(c)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.close()
os.getppid()' && awk '{ sub(/^[0-9]+ +/, "") } /^getppid/ { on = !on }
		on { sub(/\(.*/, ""); n[$0]++ }
		END { for (c in n) print c, n[c] }' "$WORK/strace" | sort
}
if command -v strace > /dev/null && sw strace -o /dev/null true; then
	calls > "$WORK/without"
	calls "$LIB" > "$WORK/with"
	check interop.preload.calls grep -q '^recvfrom 100$' "$WORK/without"
	check_eq interop.preload.no_more_calls "$(cat "$WORK/without")" \
		"$(cat "$WORK/with")"
else
	skip interop.preload.no_more_calls "no strace here"
fi

# ---- threads, forks, signals ----
check interop.preload.stress sw timeout 100 "$RUN" \
	"$O/tests/interop/stress" 5
finish
