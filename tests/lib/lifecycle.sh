# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Sourced by tests/interop/lifecycle_*.sh after ovs.sh: traffic between hosts 1
# and 2 that counts each lost packet. It is a ping each millisecond, a TCP
# stream and a UDP flood, at rates that a machine as busy as this one carries
# without loss. What misses while ovs-vswitchd waits for a CPU has to fit into
# its queue.

[ -n "${OX_VM:-}" ] || NO_SPARE=''
TRAFFIC=$O/tests/interop/traffic
# less inside of tests/vm/run, where all takes longer
if [ -n "${OX_VM:-}" ]; then
	UDP_PPS=${UDP_PPS:-500} TCP_KBS=${TCP_KBS:-1000}
fi
UDP_PPS=${UDP_PPS:-$((5000 / $(busy)))}
TCP_KBS=${TCP_KBS:-$((10000 / $(busy)))}
TRAFFIC_PIDS=()

# In the background: kill, and wait, need the program's own pid.
in_host() { # N output command...
	local n=$1 out=$2
	shift 2
	nsenter --net="/run/netns/oxh$n-$$" "$@" > "$WORK/$out" 2>&1 &
	TRAFFIC_PIDS+=($!)
	PIDS+=($!)
}
# traffic_start SECONDS: returns when all of it flows.
traffic_start() {
	local t=$1
	TRAFFIC_PIDS=()
	host 1 ping -q -c 3 -i 0.05 10.0.0.2 > /dev/null
	in_host 2 udp.recv "$TRAFFIC" udp-recv 7001 20
	in_host 2 tcp.recv "$TRAFFIC" tcp-recv 7002 20
	wait_for 10 listening 2 7002
	in_host 1 udp.send "$TRAFFIC" udp-send 10.0.0.2 7001 "$UDP_PPS" "$t"
	in_host 1 tcp.send "$TRAFFIC" tcp-send 10.0.0.2 7002 "$TCP_KBS" "$t"
	in_host 1 ping ping -n -D -O -W 2 -i 0.001 -w "$t" 10.0.0.2
	sleep 1
}
traffic_wait() {
	local pid
	for pid in "${TRAFFIC_PIDS[@]}"; do
		wait "$pid"
	done
	tail -q -n 1 "$WORK"/{udp,tcp}.{send,recv} | sed 's/^/# /'
}
# Pings that no answer came to; the last ones may be on their way still.
ping_missing() {
	awk -F'icmp_seq=' '
	NF > 1 { n = $2 + 0; if (n > last) last = n }
	/bytes from/ { got[n] = 1 }
	END { for (i = 1; i < last - 20; i++) if (!(i in got)) print i }' \
		"$WORK/ping"
}
udp_lost() { # what the receiving socket itself dropped isn't the switch's
	awk '/^received/ { print $4 - $10 }' "$WORK/udp.recv"
}
# Segments that left and didn't arrive. Retransmissions don't tell: what a miss
# delays is overtaken and sent again though it isn't lost. More may arrive than
# left. What a daemon was executing when it was killed, the next one executes as
# well, if it can't know that the packet is on its way.
tcp_lost() {
	awk '{ n[FILENAME] = $5 } END { lost = n[ARGV[1]] - n[ARGV[2]]
		print lost < 0 ? 0 : lost }' \
		"$WORK/tcp.send" "$WORK/tcp.recv"
}
# traffic_check ID: waits for the end; a test of each kind, that none is lost.
traffic_check() {
	local id=$1
	traffic_wait
	check "$id.ping_sent" test "$(grep -c 'bytes from' "$WORK/ping")" -ge 100
	check_eq "$id.ping_lost" "" "$(ping_missing | tr '\n' ' ')"
	check_eq "$id.udp_lost" 0 "$(udp_lost)"
	check_eq "$id.tcp_lost" 0 "$(tcp_lost)"
	# who dropped them
	[ "$(udp_lost)$(tcp_lost)" = 00 ] || {
		ctl show ovs-system | grep lookups
		ctl stats ovs-system
	} | sed 's/^/# /'
	check_eq "$id.tcp_bytes" \
		"$(awk '{ print $2, "wrong 0" }' "$WORK/tcp.send")" \
		"$(awk '{ print $2, $6, $7 }' "$WORK/tcp.recv")"
}
# The datapath answers packets of flows it hasn't seen, within a second of an
# idle machine.
new_flow() { # id from to
	host "$2" ip neigh replace "10.0.0.$3" lladdr "$(mac "$3")" dev h0
	check "$1" host "$2" ping -q -c 1 \
		-W $((PATIENCE * $(busy))) "10.0.0.$3"
}
# What vswitchd says over the module, too, whoever was killed meanwhile:
# threads that wait for each other on a busy machine.
lifecycle_quiet() { # id [regex...]
	ovs_quiet "$@" 'ovs_rcu.*blocked [0-9]+ ms waiting' \
		'poll_loop.*wakeup due to'
}
restore_wait() { # on or off
	if [ "$1" = on ]; then
		vsctl set Open_vSwitch . other_config:flow-restore-wait=true
	else
		vsctl remove Open_vSwitch . other_config flow-restore-wait
	fi
}
counter() { # name: of `ovsxdpctl stats`
	ctl stats ovs-system | awk -v n="$1" '$1 == n { print $2; f = 1 }
		END { if (!f) print 0 }'
}
