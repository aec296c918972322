#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# ovsxdpd --flush-linger: which flush leaves flows to the packets, what clients
# see of these flows, what ends them; and a daemon that dies meanwhile.

. "$(dirname "$0")/../lib/e2e.sh"

DAEMON_OPTIONS=--flush-linger=600
dp_up 1 2
id=e2e.linger

lingering() { json 'd[0]["lingering"]' show dp0; }
none_lingers() { [ "$(lingering)" = 0 ]; }
visible() { json 'd[0]["flows"]' show dp0; }
passes() { host 1 ping -q -c 3 -i 0.02 -W 5 10.0.0.2; }
blocked() { ! host 1 ping -q -c 2 -i 0.02 -W 1 10.0.0.2; }
wires() {
	wire 1 2
	wire 2 1
}
# Ports' upcalls go to a socket of this process, which ends with its input.
reader() {
	py -c '
import sys, ovsnl as n
nl, up = n.Genl(n.OVSXDPD), n.Genl(n.OVSXDPD)
dp = nl.dp_get("dp0").ifindex
for port in sys.argv[1:]:
    nl.call(n.VPORT, n.SET, dp, n.nla(n.VPA["NAME"], n.string(port)),
            n.nla(n.VPA["UPCALL_PID"], n.u32(up.pid)))
print("ready", flush=True)
sys.stdin.read()' p1 p2
}
flushed_by_the_dead() {
	reader < /dev/null > /dev/null
	ctl del-flows dp0
}

# Whose flush deletes at once.
wires
ctl del-flows dp0
check_eq $id.no_reader_ever "0 0" "$(visible) $(lingering)"
check $id.no_reader_ever_blocked blocked
wires
coproc READER { reader; }
read -r _ <&"${READER[0]}"
ctl del-flows dp0
check_eq $id.reader_alive "0 0" "$(visible) $(lingering)"
fd=${READER[1]}
exec {fd}>&-
wait "$READER_PID" 2> /dev/null

# Whose doesn't, and what there is to see then.
wires
flushed_by_the_dead
check_eq $id.reader_gone "0 2" "$(visible) $(lingering)"
check $id.passes passes
check $id.shown grep -q 'flows: 0 lingering:2' <(ctl show dp0)
check_eq $id.dumped 2 "$(ctl dump-flows dp0 | grep -c ', lingering')"
check $id.counted test "$(ctl dump-flows dp0 | grep 'in_port(1)' |
	grep -o 'packets:[0-9]*' | cut -d: -f2)" -ge 3
check_eq $id.json "True True" "$(json \
	'" ".join(str(f["lingering"]) for f in d)' dump-flows dp0)"
key="in_port(1),eth(),eth_type(0x0800),ipv4()"
check_fails $id.get "no such flow" ctl get-flow dp0 "$key"
check_fails $id.del "no such flow" ctl del-flow dp0 "$key"
check_fails $id.set "no such flow" ctl mod-flow dp0 "$key" drop

# What takes a lingering flow's place is new, and is what packets meet.
check $id.new ctl add-flow dp0 "$key" drop
check $id.new_acts blocked
check_eq $id.new_beside "1 1" "$(visible) $(lingering)"
check $id.new_goes ctl del-flow dp0 "$key"
check $id.nothing_comes_back blocked
# nobody has read upcalls since: this means it
ctl del-flows dp0
check_eq $id.second_flush "0 0" "$(visible) $(lingering)"

# The same by UFID, and as a dump of other programs sees it.
py - << 'END' > "$WORK/ufid" 2>&1
import ovsnl as n
nl, up = n.Genl(n.OVSXDPD), n.Genl(n.OVSXDPD)
dp = nl.dp_get("dp0").ifindex
nl.call(n.VPORT, n.SET, dp, n.nla(n.VPA["NAME"], n.string("p1")),
        n.nla(n.VPA["UPCALL_PID"], n.u32(up.pid)))
ufid = n.f_ufid(b"u" * 16)


def new(port, flags=n.NLM_CREATE | n.NLM_EXCL):
    nl.call(n.FLOW, n.NEW, dp, ufid,
            n.f_key(n.k_in_port(1), n.k_eth(), n.k_type(0x1234)),
            n.f_mask(n.k_in_port(0xffffffff), n.k_eth(), n.k_type(0xffff)),
            n.f_actions(n.a_output(port)), flags=flags)


def outcome(fn, *args, **kw):
    try:
        fn(*args, **kw)
        return "ok"
    except n.NlError as e:
        return n.errname(e.errno)


new(2)
print(len(nl.dump(n.FLOW, dp)), outcome(new, 1))
up.close()
nl.call(n.FLOW, n.DEL, dp)
print(len(nl.dump(n.FLOW, dp)))
for cmd in n.GET, n.SET, n.DEL:
    print(outcome(nl.call, n.FLOW, cmd, dp, ufid))
print(outcome(new, 1), outcome(new, 1), len(nl.dump(n.FLOW, dp)))
print(outcome(nl.call, n.FLOW, n.DEL, dp, ufid), len(nl.dump(n.FLOW, dp)))
END
check $id.ufid diff "$WORK/ufid" - << 'END'
1 EEXIST
0
ENOENT
ENOENT
ENOENT
ok EEXIST 1
ok 0
END
check $id.ufid_none_left none_lingers

# A port takes those along that name it.
wires
flushed_by_the_dead
ctl del-if dp0 p2
check $id.port wait_for 10 none_lingers
ctl add-if dp0 p2,port_no=2
wires
flushed_by_the_dead
check $id.port_again ctl del-if dp0 p2
check $id.port_again_add ctl add-if dp0 p2,port_no=2
check_eq $id.port_again_none 0 "$(lingering)"

# A daemon that dies: the next one goes on, if it may, and ends it.
wires
# as one that was killed before it had looked at all flows of a port
ctl add-flow dp0 "in_port(1),eth(),eth_type(0x1234)" 9
flushed_by_the_dead
check_eq $id.no_port "0 3" "$(visible) $(lingering)"
daemon_kill 9
check $id.dead_passes passes
daemon_start
two_linger() { [ "$(lingering)" = 2 ]; }
check $id.taken_over_ports wait_for 10 two_linger
check_eq $id.taken_over "0 2" "$(visible) $(lingering)"
check $id.taken_over_passes passes
check_fails $id.taken_over_get "no such flow" ctl get-flow dp0 "$key"
daemon_kill 9
DAEMON_OPTIONS=--flush-linger=1
daemon_start
check $id.time_is_up wait_for 10 none_lingers
check $id.time_is_up_blocked blocked
wires
flushed_by_the_dead
daemon_kill 9
DAEMON_OPTIONS=
daemon_start
check_eq $id.taken_over_without "0 0" "$(visible) $(lingering)"
wires
flushed_by_the_dead
check_eq $id.off "0 0" "$(visible) $(lingering)"

# A datapath takes all along.
daemon_kill 9
DAEMON_OPTIONS=--flush-linger=600
daemon_start
wires
flushed_by_the_dead
check $id.del_dp ctl del-dp dp0
check $id.del_dp_gone test ! -e "$ROOT/dp0"
finish
