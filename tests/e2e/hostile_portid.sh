#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The attacker is a user without rights in the switch's network namespace, who
# binds the well-known netlink port id before the daemon, or while it restarts.
# The daemon takes another one, and clients find it and send him nothing. What
# systemd keeps for the daemon he can't get at all.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

id=e2e.hostile_portid
RUN_DIR=/run/ovsxdp
ip netns add "$SW"
sw ip link set lo up
cookie=$(sw python3 -c '
import socket, struct
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
print("%x" % struct.unpack("=Q", s.getsockopt(socket.SOL_SOCKET, 71, 8)))')
file=$RUN_DIR/portid-$cookie

# Binds a port id as nobody, and prints what it gets.
cat > "$WORK/squat.py" <<'END'
import os, socket, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
s.bind((int(sys.argv[1], 0), 0))
print("holds", flush=True)
while True:
    data, who = s.recvfrom(1 << 16)
    print("got", len(data), "bytes", flush=True)
    try:  # an answer of its own
        s.sendto(data, (who[0], 0))
        print("answered", flush=True)
    except OSError as e:
        print("no answer:", e.strerror, flush=True)
END
squat() { # port id, file; SQUATTER
	sw python3 "$WORK/squat.py" "$1" > "$2" 2>&1 &
	SQUATTER=$!
	PIDS+=("$SQUATTER")
	wait_for 10 grep -q . "$2"
}
published() { awk 'NR == 1 { print $1 }' "$file"; }
ping_ok() { sw "$O/ovsxdpctl" -t 20 ping; }
preload() { sw env LD_PRELOAD="$O/libovsxdp-genl.so" "$@"; }
ask="import sys; sys.path.insert(0, 'tests/lib'); import ovsnl as n
print(n.Genl(0).dp_get('dp0').ifindex > 0)"

# Nobody there: no file, and who asks is told at once.
check_fails $id.absent "isn't running" sw "$O/ovsxdpctl" -t 20 ping
daemon_start
check_eq $id.usual 0x4f565358 "$(published)"
check_eq $id.roots "root 644 root 755" \
	"$(stat -c '%U %a' "$file" "$RUN_DIR" | tr '\n' ' ' | sed 's/ $//')"
check_fails $id.one_daemon "process $DAEMON" \
	sw "$O/ovsxdpd" --root="$ROOT"
check_fails $id.taken "in use" \
	timeout 10 nsenter --net=/run/netns/"$SW" python3 "$WORK/squat.py" \
	0x4f565358
kill "$DAEMON"
wait "$DAEMON" 2> /dev/null
DAEMON=
check $id.file_gone [ ! -e "$file" ]

# The port id is his before the daemon starts.
squat 0x4f565358 "$WORK/first"
check_eq $id.held holds "$(cat "$WORK/first")"
check_fails $id.none_yet "isn't running" sw "$O/ovsxdpctl" -t 20 ping
daemon_start
id_now=$(published)
check $id.another [ "$id_now" != 0x4f565358 ]
check $id.said grep -q "no ovsxdpd: using $id_now" "$WORK/daemon"
check $id.ping ping_ok
ctl add-dp dp0
check_eq $id.preload True "$(preload python3 -c "$ask")"
check_eq $id.supervisor True \
	"$(sw "$O/ovsxdp-seccomp" python3 -c "$ask" 2> "$WORK/supervisor")"
check_eq $id.got_nothing holds "$(cat "$WORK/first")"

# A client that knows the daemon, which dies; he binds what it had.
cat > "$WORK/client.py" <<'END'
import sys
sys.path.insert(0, "tests/lib")
import ovsnl as n
g = n.Genl(0, timeout=100)
for line in sys.stdin:
    print(g.dp_get("dp0").ifindex > 0, flush=True)
END
coproc CLIENT { preload python3 "$WORK/client.py" 2> "$WORK/client"; }
exec {from}<&"${CLIENT[0]}" {to}>&"${CLIENT[1]}" # bash forgets it when it ends
PIDS+=("$CLIENT_PID")
echo >&"$to"
read -r -t 100 answer <&"$from"
check_eq $id.client True "$answer"
kill -9 "$DAEMON"
wait "$DAEMON" 2> /dev/null
squat "$id_now" "$WORK/second"
check_eq $id.held_too holds "$(cat "$WORK/second")"
echo >&"$to"
check_fails $id.dead "isn't running" sw "$O/ovsxdpctl" -t 20 ping
daemon_start
answer=
read -r -t 100 answer <&"$from"
check_eq $id.client_moves True "$answer"
check $id.moved [ "$(published)" != "$id_now" ]
check $id.ping_again ping_ok
# the client sees that the daemon is dead before it sends him anything
check_eq $id.got_nothing_too holds "$(cat "$WORK/second")"

# A file that isn't root's is believed by nobody.
kill "$DAEMON"
wait "$DAEMON" 2> /dev/null
DAEMON=
printf '0x4f565358 0 1\n' > "$file"
chmod 666 "$file"
check_fails $id.writable "isn't running" sw "$O/ovsxdpctl" -t 20 ping
chmod 644 "$file"
chown 65534 "$file"
check_fails $id.not_roots "isn't running" sw "$O/ovsxdpctl" -t 20 ping
rm -f "$file"
check_eq $id.nothing_more holds "$(cat "$WORK/first")"
kill "$SQUATTER" "${PIDS[@]}" 2> /dev/null

# systemd keeps the socket: over a kill nobody else gets the port id.
cat > "$WORK/systemd.py" <<'END'
"""Starts the daemon twice, as systemd does with a socket in its store."""
import os, signal, socket, subprocess, sys
daemon, root, notify = sys.argv[1:]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(notify)
s.settimeout(100)
kept = None

def start(kept):
    pid = os.fork()
    if pid:
        return pid
    env = dict(os.environ, NOTIFY_SOCKET=notify)
    if kept is not None:
        os.dup2(kept, 3)
        env.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()),
                   LISTEN_FDNAMES="netlink")
    os.execve(daemon, [daemon, "--root=" + root], env)

def until_ready():
    global kept
    stored = 0
    while True:
        text, fds, _, _ = socket.recv_fds(s, 4096, 4)
        if b"FDSTORE=1" in text and b"FDNAME=netlink" in text:
            kept, stored = fds[0], stored + 1
        if b"READY=1" in text:
            return stored

def holder():
    try:
        t = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        t.bind((0x4F565358, 0))
        t.close()
        return "free"
    except OSError as e:
        return e.strerror

sys.path.insert(0, "tests/lib")
import ovsnl as n
pid = start(None)
print("stored", until_ready(), flush=True)
g = n.Genl(n.OVSXDPD, timeout=100)
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
print("port id:", holder(), flush=True)
# a request that nobody can answer yet
seq = g.send(0x4f0f, n.NLM_ACK, bytes([3, 1, 0, 0, 0, 0, 0, 0]))
pid = start(kept)
print("stored", until_ready(), flush=True)
print("answered", [m[2] == seq for m in g.read()], flush=True)
os.kill(pid, signal.SIGTERM)
os.waitpid(pid, 0)
END
sw python3 "$WORK/systemd.py" "$O/ovsxdpd" "$ROOT" "$WORK/notify" \
	> "$WORK/kept" 2> "$WORK/kept.log"
check_eq $id.stored "stored 1" "$(sed -n 1p "$WORK/kept")"
check_eq $id.kept "port id: Address already in use" "$(sed -n 2p "$WORK/kept")"
check_eq $id.not_again "stored 0" "$(sed -n 3p "$WORK/kept")"
check_eq $id.queue_kept "answered [True]" "$(sed -n 4p "$WORK/kept")"
finish
