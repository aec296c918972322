#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Two containers' roots take their ends of veth ports up and down without
# pause. Other clients get their answers, the misses of other ports are
# answered, none is lost; and the flapped ports work afterwards.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

dp_up 1 2 3 4

# The attacker: in a namespace of its own, with the one device in it.
cat > "$WORK/flap.py" <<'END'
import fcntl, socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
get = lambda: fcntl.ioctl(s, 0x8913, struct.pack("16sH14x", b"h0", 0))
flags = struct.unpack("16xH14x", get())[0]
req = [struct.pack("16sH14x", b"h0", flags ^ f) for f in (1, 0)]
n = 0
while True:
    for r in req:
        fcntl.ioctl(s, 0x8914, r)
    n += 2
    if n % 1000 == 0:
        open(sys.argv[1], "w").write("%d\n" % n)
END
attackers=()
for n in 1 2; do
	nsenter --net="/run/netns/oxh$n-$$" python3 "$WORK/flap.py" \
		"$WORK/flaps$n" &
	attackers+=($!)
	PIDS+=($!)
done
flapped() { # times
	local n
	for n in 1 2; do
		read -r n < "$WORK/flaps$n" && [ "$n" -gt "$1" ] || return 1
	done
}
check e2e.hostile_flap.flapping wait_for 10 flapped 2000

# A client that asks again and again: how long did the worst answer take?
cat > "$WORK/ask.py" <<'END'
import sys, time
import ovsnl as n
o = n.Genl(n.OVSXDPD, timeout=60)
worst = 0
for i in range(200):
    t = time.monotonic()
    o.dp_get("dp0")
    worst = max(worst, time.monotonic() - t)
    time.sleep(0.01)
print("%.0f ms" % (worst * 1e3), file=sys.stderr)
sys.exit(worst > float(sys.argv[1]))
END
# some ms here; when each event was asked about it was six seconds and more
check e2e.hostile_flap.answers py "$WORK/ask.py" "$PATIENCE"
sed 's/^/# worst answer /' "$WORK/check"

py tests/lib/upcall.py dp0 p3 p4 > "$WORK/upcall" 2>&1 &
PIDS+=($!)
check e2e.hostile_flap.ready wait_for 5 grep -q ready "$WORK/upcall"
misses() { # each ping's way there and back begins with a miss
	local i
	for ((i = 0; i < 20; i++)); do
		ctl del-flows dp0
		host 3 ping -q -c 2 -i 0.01 -W 30 10.0.0.4 || return 1
	done
	[ "$(grep -c miss "$WORK/upcall")" -ge 40 ]
}
cat > "$WORK/lost.py" <<'END'
import struct
import ovsnl as n
print(struct.unpack("=4Q", n.Genl(n.OVSXDPD).dp_get("dp0")
                    .attrs[n.DPA["STATS"]])[2])
END
lost() { py "$WORK/lost.py"; }
before=$(lost)
[ -n "$before" ] || before="a number"
check e2e.hostile_flap.misses misses
check_eq e2e.hostile_flap.none_lost "$before" "$(lost)"
check e2e.hostile_flap.flapping_still wait_for 1 flapped 4000

# a port that is renamed meanwhile is followed
sw ip link set p4 down
sw ip link set p4 name renamed
sw ip link set renamed up
renamed() { ctl show dp0 | grep -q renamed; }
check e2e.hostile_flap.renamed wait_for 5 renamed

kill "${attackers[@]}"
wait "${attackers[@]}" 2> /dev/null
for n in 1 2; do
	host $n ip link set h0 up
done
ctl del-flows dp0
wire 1 2
wire 2 1
neighbours 1 2
check e2e.hostile_flap.afterwards host 1 ping -q -c 3 -i 0.05 -W 30 10.0.0.2
finish
