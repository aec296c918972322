#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The attacker may talk to the daemon (CAP_NET_ADMIN), and sends requests
# without reading an answer, as many as a datagram holds. Another client is
# answered after a bounded number of the attacker's messages.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

id=e2e.hostile_requests
switch_up
daemon_start
ctl add-dp dp0
chmod 711 "$WORK"

as_attacker() { # command: another user, with that one right
	sw setpriv --reuid=65534 --regid=65534 --clear-groups \
		--inh-caps=-all,+net_admin --ambient-caps=+net_admin "$@"
}
as_attacker true 2> /dev/null || bail "setpriv knows no ambient rights"

# Sends N datagrams of 5,000 requests (OVS_DP_CMD_GET of a datapath that isn't
# there: an error each, which nobody reads), or without end.
cat > "$WORK/flood.py" <<'END'
import itertools, signal, socket, struct, sys
port, n = int(sys.argv[1], 0), int(sys.argv[2])
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.setsockopt(socket.SOL_SOCKET, 32, 1 << 20)  # SO_SNDBUFFORCE
m = struct.pack("=IHHIIBBHi", 24, 0x4f00, 1, 1, 0, 3, 2, 0, 77) * 5000
for i in range(n) if n else itertools.count():
    s.sendto(m, (port, 0))
print("sent", flush=True)
signal.pause()
END
flood() { # datagrams, output
	as_attacker python3 "$WORK/flood.py" 0x4f565358 "$1" \
		> "$2" 2>&1 &
	PIDS+=($!)
}
cat > "$WORK/victim.py" <<'END'
"""What the daemon counts, as the answer to one request says it."""
import struct, sys
import ovsnl as n

def counts(g):
    body = g.answer()
    out = {}
    def attrs(data):
        while len(data) >= 4:
            length, kind = struct.unpack_from("=HH", data)
            yield kind, data[4:length]
            data = data[(length + 3) & ~3:]
    for kind, data in attrs(body[8:]):
        for _, reason in attrs(data):
            pair = dict(attrs(reason))
            out[pair[11].rstrip(b"\0").decode()] = \
                struct.unpack("=Q", pair[12])[0]
    return out

class Victim(n.Genl):
    def ask(self):
        self.send(0x4f0f, 0, bytes([8, 1, 0, 0, 0, 0, 0, 0]))

    def answer(self):
        return self.read()[0][3]

v = Victim(n.OVSXDPD, timeout=100)
v.ask()
before = counts(v)
print("ready", flush=True)
for line in sys.stdin:
    if line == "ask\n":
        v.ask()
    else:
        now = counts(v)
        print(now["requests"] - before["requests"], now["requests_refused"],
              flush=True)
    print("ok", flush=True)
END
coproc VICTIM { py "$WORK/victim.py" 2> "$WORK/victim"; }
exec {from}<&"${VICTIM[0]}" {to}>&"${VICTIM[1]}" # bash forgets it when it ends
PIDS+=("$VICTIM_PID")
tell() { # word; answer in ANSWER
	local line
	ANSWER=
	[ -z "$1" ] || echo "$1" >&"$to"
	while read -r -t 100 line <&"$from"; do
		case $line in ok | ready) return 0 ;; *) ANSWER=$line ;; esac
	done
}
tell ""

# All of the flood is there before the victim's request.
kill -STOP "$DAEMON"
flood 12 "$WORK/flood"
wait_for 20 grep -q sent "$WORK/flood"
tell ask
kill -CONT "$DAEMON"
tell answer
read -r handled refused <<< "$ANSWER"
check $id.before_the_flood [ "${handled:-99999}" -le 256 ]
check_eq $id.none_refused 0 "$refused"
drained() { [ "$(json 'd[0]["daemon"]["requests_waiting_bytes"]' stats)" = 0 ]; }
check $id.flood_served wait_for 60 drained
check $id.all_handled [ "$(json 'd[0]["daemon"]["requests"]' stats)" -ge 60000 ]

# Three of them without end: others go on, and packets' misses are answered.
for i in 1 2 3; do
	flood 0 "$WORK/flood.$i"
done
answers='
import ovsnl as n
g = n.Genl(n.OVSXDPD, timeout=100)
print(sum(g.dp_get("dp0").ifindex > 0 for _ in range(100)))'
check_eq $id.answers 100 "$(py -c "$answers")"
check_eq $id.preload 100 "$(sw env PYTHONPATH=tests/lib \
	LD_PRELOAD="$O/libovsxdp-genl.so" \
	python3 -c "${answers/n.OVSXDPD/0}")"
rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$DAEMON/status")
check $id.memory [ "$rss" -lt 300000 ]
finish
