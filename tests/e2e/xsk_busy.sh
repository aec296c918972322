#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A receive queue whose AF_XDP socket is still another process's: of a daemon
# that has just died, or of a stranger. The daemon waits for none: misses go
# through the skb tier, and the sockets are opened when the queue is free.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

# Holds an AF_XDP socket on queue 0 of a device until it is killed.
cat > "$WORK/hold.py" <<'END'
import ctypes, mmap, signal, socket, struct, sys
AF_XDP, SOL_XDP = 44, 283
area = mmap.mmap(-1, 64 * 4096)
at = ctypes.addressof(ctypes.c_char.from_buffer(area))
s = socket.socket(AF_XDP, socket.SOCK_RAW, 0)
s.setsockopt(SOL_XDP, 4, struct.pack("=QQIIII", at, 64 * 4096, 4096, 0, 0, 0))
for ring in (5, 6, 2):
    s.setsockopt(SOL_XDP, ring, struct.pack("=i", 64))
libc = ctypes.CDLL(None, use_errno=True)
sa = struct.pack("=HHIII", AF_XDP, 2, socket.if_nametoindex(sys.argv[1]), 0, 0)
if libc.bind(s.fileno(), sa, len(sa)):
    sys.exit("bind: errno %d" % ctypes.get_errno())
print("holds", flush=True)
signal.pause()
END
hold() { # device
	nsenter --net="/run/netns/$SW" /usr/bin/python3 "$WORK/hold.py" "$1" \
		> "$WORK/hold" 2>&1 &
	HOLDER=$!
	PIDS+=("$HOLDER")
	wait_for 10 grep -q . "$WORK/hold"
	grep -q holds "$WORK/hold"
}
release() {
	kill "$HOLDER"
	wait "$HOLDER" 2> /dev/null
}
without() { ctl show dp0 | grep ": $1 \[" | grep -q 'no AF_XDP socket'; }
with() { ! without "$1"; }

switch_up
host_up 1 on
host_up 2 on
daemon_start
ctl add-dp dp0
hold p1 || bail "no AF_XDP here: $(cat "$WORK/hold")"
check e2e.xsk_busy.add ctl add-if dp0 p1,port_no=1,mode=xdp
check e2e.xsk_busy.add_shown without p1
ctl add-if dp0 p2,port_no=2,mode=xdp
check e2e.xsk_busy.other_port with p2
py tests/lib/upcall.py dp0 p1 p2 > "$WORK/upcall" 2>&1 &
PIDS+=($!)
wait_for 10 grep -q ready "$WORK/upcall"
ping() { host 1 ping -q -c 3 -i 0.05 -W 30 10.0.0.2; }
neighbours 1 2
check e2e.xsk_busy.misses ping
check e2e.xsk_busy.missed grep -q 'miss in_port=1' "$WORK/upcall"
release
check e2e.xsk_busy.free wait_for 10 with p1
ctl del-flows dp0
: > "$WORK/upcall"
check e2e.xsk_busy.misses_after ping
check e2e.xsk_busy.missed_after grep -q 'miss in_port=1' "$WORK/upcall"
lost() { json 'd[0]["lost"]' stats dp0; }
check_eq e2e.xsk_busy.nothing_lost 0 "$(lost)"

# at takeover, where the former daemon's sockets may be there for a while
daemon_kill 9
hold p1
daemon_start
check e2e.xsk_busy.takeover without p1
check e2e.xsk_busy.takeover_other wait_for 10 with p2
check e2e.xsk_busy.takeover_logged wait_for 10 \
	grep -q 'p1.*misses go through the skb tier' "$WORK/daemon"
check e2e.xsk_busy.takeover_ping ping
# a port that goes while it waits
check e2e.xsk_busy.del ctl del-if dp0 p1
check e2e.xsk_busy.add_again ctl add-if dp0 p1,port_no=1,mode=xdp
release
check e2e.xsk_busy.takeover_free wait_for 10 with p1
# the port's own sockets, which the kernel takes down after the port
for _ in 1 2 3 4 5; do
	ctl del-if dp0 p1
	ctl add-if dp0 p1,port_no=1,mode=xdp
done
check e2e.xsk_busy.again wait_for 10 with p1
ctl set-if dp0 p1,mode=tc
ctl set-if dp0 p1,mode=xdp
check e2e.xsk_busy.mode wait_for 10 with p1
# a datapath that goes while a port waits
ctl del-if dp0 p1
wait_for 10 hold p1
ctl add-if dp0 p1,port_no=1,mode=xdp
check e2e.xsk_busy.del_dp ctl del-dp dp0
check e2e.xsk_busy.daemon_lives ctl show
finish
