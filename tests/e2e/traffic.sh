#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Ping, TCP and UDP both ways through two flows, and that every counter says
# what was sent.

. "$(dirname "$0")/../lib/e2e.sh"

dp_up 1 2
wire 1 2
wire 2 1

check e2e.traffic.ping host 1 ping -q -c 10 -i 0.01 -W 30 10.0.0.2
check_eq e2e.traffic.flow_packets "10 10" \
	"$(ctl dump-flows dp0 | grep -o 'packets:[0-9]*' | cut -d: -f2 |
		xargs)"
check_eq e2e.traffic.flow_bytes "980 980" \
	"$(ctl dump-flows dp0 | grep -o 'bytes:[0-9]*' | cut -d: -f2 | xargs)"

cat > "$WORK/stats.py" <<'END'
import struct
import ovsnl as n
nl = n.Genl(n.OVSXDPD)
dp = nl.dp_get("dp0")
hit, missed, lost, flows = struct.unpack("=4Q", dp.attrs[n.DPA["STATS"]])
print("hit", hit, "missed", missed, "lost", lost, "flows", flows)
for m in nl.dump(n.VPORT, dp.ifindex):
    s = struct.unpack("=8Q", m.attrs[n.VPA["STATS"]])
    print(m.attrs[3].rstrip(b"\0").decode(), *s)
END
py "$WORK/stats.py" > "$WORK/stats"
check_eq e2e.traffic.dp_stats "hit 20 missed 0 lost 0 flows 2" \
	"$(sed -n 1p "$WORK/stats")"
check_eq e2e.traffic.port_stats "p1 10 10 980 980 0 0 0 0" \
	"$(grep '^p1' "$WORK/stats")"
check_eq e2e.traffic.port_stats_far "p2 10 10 980 980 0 0 0 0" \
	"$(grep '^p2' "$WORK/stats")"

check e2e.traffic.tcp tcp 1 2 20000000
check e2e.traffic.tcp_back tcp 2 1 20000000 5003
check e2e.traffic.udp udp 1 2
check e2e.traffic.udp_back udp 2 1
check e2e.traffic.large_ping host 1 ping -q -c 3 -i 0.05 -s 1472 -M "do" \
	10.0.0.2
check e2e.traffic.fragments host 1 ping -q -c 3 -i 0.05 -s 4000 10.0.0.2

# a flow without actions drops, and says so
ctl mod-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4()" drop
check_fails e2e.traffic.drop "100% packet loss" \
	host 1 ping -q -c 3 -i 0.05 -W 1 10.0.0.2
check e2e.traffic.drop_reason sh -c \
	"nsenter --net=/run/netns/$SW $O/ovsxdpctl stats dp0 |
	grep -E 'flow_drop.*3'"
finish
