#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovsxdpctl metrics and ovsxdp-exporter: the text is what the formats ask for,
# everything that counts is in it with the number that other commands show, and
# there are as many series with many flows as with none.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

id=e2e.metrics
dp_up 1 2
# a name with all that a label has to escape
odd=$'q"\\\xff'
sw ip link add "$odd" type veth peer name odd9
sw ip link set "$odd" up
sw ip link set odd9 up
ctl add-if dp0 "$odd,port_no=9"
ctl set-if dp0 p2,upcall_pid=4000000 # nobody's
ctl add-meter dp0 "meter=7,bands=type=drop,rate=1,burst_size=1"
ctl add-meter dp0 meter=8
ctl ct-set-limits zone=5,limit=100
ip4="eth(),eth_type(0x0800),ipv4(proto=17,frag=no),udp(),tcp_flags(0/0)"
ctl add-flow dp0 "in_port(2),eth(),eth_type(0x0806),arp()" 1
ctl add-flow dp0 "in_port(1),$ip4,ct_state(-trk)" \
	"meter(7),ct(commit,zone=5),9"
send() { # number of datagrams, destination
	host 1 python3 - "$@" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		for i in range(int(sys.argv[1])):
		    s.sendto(b"x", (sys.argv[2], 5002))
	END
}
send 10 10.0.0.2
host 2 ping -c 3 -W 0.2 10.0.0.1 > /dev/null # no flow matches: three misses

# ---- the text ----
ctl metrics > "$WORK/open"
ctl metrics --prometheus > "$WORK/old"
check $id.openmetrics py tests/lib/openmetrics.py "$WORK/open"
check $id.end grep -qx '# EOF' <(tail -n 1 "$WORK/open")
check_fails $id.parser_is_strict "no HELP" \
	py tests/lib/openmetrics.py <(grep -v 'HELP ovsxdp_flows ' "$WORK/open")
if command -v promtool > /dev/null; then
	check $id.promtool promtool check metrics < "$WORK/old"
	check_eq $id.promtool_silent "" "$(promtool check metrics < "$WORK/old" 2>&1)"
else
	skip $id.promtool "no promtool: Debian's package prometheus"
fi
check_eq $id.formats_differ_in_names_alone \
	"$(grep -v '^#' "$WORK/open" | sed 's/ [^ ]*$//')" \
	"$(grep -v '^#' "$WORK/old" | sed 's/ [^ ]*$//')"
check $id.escaped grep -qF 'port="q\"\\\\xff"' "$WORK/open"

# ---- the numbers ----
value() { # series, of $WORK/open
	grep -F "$1 " "$WORK/open" | sed 's/.* //'
}
check_eq $id.flows 2 "$(value 'ovsxdp_flows{dp="dp0"}')"
check_eq $id.meter 10 \
	"$(value 'ovsxdp_meter_packets_total{dp="dp0",meter="7"}')"
check_eq $id.meter_drops "$(value \
	'ovsxdp_drop_packets_total{dp="dp0",reason="meter"}')" \
	"$(value 'ovsxdp_meter_band_packets_total{dp="dp0",meter="7",band="0"}')"
check_eq $id.meter_without_band "" "$(value \
	'ovsxdp_meter_band_packets_total{dp="dp0",meter="8",band="0"}')"
check_eq $id.zone 1 "$(value 'ovsxdp_conntrack_entries{zone="5"}')"
check_eq $id.zone_limit 100 \
	"$(value 'ovsxdp_conntrack_entries_limit{zone="5"}')"
check_eq $id.inserts 1 "$(value 'ovsxdp_conntrack_insert_total')"
check_eq $id.missed 3 \
	"$(value 'ovsxdp_lookup_packets_total{dp="dp0",result="missed"}')"
check_eq $id.upcall_lost 3 \
	"$(value 'ovsxdp_drop_packets_total{dp="dp0",reason="client_gone"}')"
check_eq $id.port_upcalls 3 "$(value \
	'ovsxdp_port_upcall_packets_total{dp="dp0",port="p2",result="lost"}')"
check_eq $id.port_sent 1 "$(value \
	'ovsxdp_port_transmit_packets_total{dp="dp0",port="q\"\\\\xff"}')"
check_eq $id.port_packets 10 \
	"$(value 'ovsxdp_port_receive_packets_total{dp="dp0",port="p1"}')"
# of what stats --json has, nothing is missing, the daemon's own counters too
check $id.complete python3 - "$WORK/open" <(ctl --json stats dp0) <<'END'
import json, sys
text = open(sys.argv[1]).read()
d = json.load(open(sys.argv[2]))[0]
missing = [r for r in d["reasons"] if f'="{r}"' not in text]
for c in d["daemon"]:
    name = c.replace("_us", "_seconds")
    word = c.removeprefix("loop_longest_").removeprefix("loop_most_")
    if f"ovsxdp_daemon_{name}" not in text and f'what="{word}"' not in text:
        missing.append(c)
sys.exit(f"not there: {missing}" if missing or len(d["daemon"]) < 20 else 0)
END

# docs/metrics.md has each with its type and words, and no other
families() {
	sed -n 's/^# HELP \([^ ]*\) \(.*\)/\1 \2/p' "$WORK/old" |
		while read -r name help; do
			type=$(sed -n "s/^# TYPE $name //p" "$WORK/old")
			echo "| \`$name\` | $type | $help |"
		done
}
check_eq $id.documented "$(families)" "$(grep '^| `ovsxdp_' docs/metrics.md)"
# the dashboard asks for none that isn't there
check_eq $id.dashboard "" "$(grep -o 'ovsxdp_[a-z_]*' \
	packaging/grafana/ovsxdp.json | sort -u |
	grep -vxFf <(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$WORK/old"))"
check $id.dashboard_json python3 -m json.tool packaging/grafana/ovsxdp.json

# ---- no series per flow ----
series() { ctl metrics | grep -vc '^#'; }
n=$(series)
for i in {1..50}; do
	ctl add-flow dp0 "in_port(2),eth(),eth_type(0x0800),ipv4(src=10.9.9.$i)" 1
done
check_eq $id.no_series_per_flow "$n" "$(series)"
check_eq $id.other_flow_count 52 \
	"$(ctl metrics | sed -n 's/^ovsxdp_flows{dp="dp0"} //p')"

# ---- the exporter ----
[ -x "$O/ovsxdp-exporter" ] || {
	skip $id.exporter "libmicrohttpd isn't there"
	finish
}
nsenter --net="/run/netns/$SW" "$O/ovsxdp-exporter" --listen=127.0.0.1:9475 \
	2> "$WORK/exporter" &
PIDS+=($!)
exporter=$!
listens() { sw ss -Hltn 'sport = :9475' | grep -q .; }
wait_for 5 listens
cat > "$WORK/get" <<'END'
import http.client, sys
method, path, accept = sys.argv[1:4]
c = http.client.HTTPConnection("127.0.0.1", 9475, timeout=60)
c.request(method, path, headers={"Accept": accept})
r = c.getresponse()
body = r.read().decode()
print(r.status, r.getheader("Content-Type"))
print(body, end="")
END
get() { sw python3 "$WORK/get" "$@"; }
get GET /metrics 'application/openmetrics-text;version=1.0.0' > "$WORK/got"
check_eq $id.http_type \
	"200 application/openmetrics-text; version=1.0.0; charset=utf-8" \
	"$(head -n 1 "$WORK/got")"
sed -i 1d "$WORK/got"
check $id.http_openmetrics py tests/lib/openmetrics.py "$WORK/got"
check_eq $id.http_same "$(ctl metrics | grep -c .)" "$(grep -c . "$WORK/got")"
check_eq $id.http_old_type "200 text/plain; version=0.0.4; charset=utf-8" \
	"$(get GET /metrics '*/*' | sed -n 1p)"
check_eq $id.http_head "200 text/plain; version=0.0.4; charset=utf-8" \
	"$(get HEAD /metrics '*/*')"
check $id.http_page grep -q 'href="metrics"' <(get GET / '*/*')
check_eq $id.http_no_page "404 text/plain" \
	"$(get GET /metrics/x '*/*' | sed -n 1p)"
check_eq $id.http_no_method "405 text/plain" \
	"$(get POST /metrics '*/*' | sed -n 1p)"
check_fails $id.listen_twice "can't listen at '127.0.0.1:9475': Address already" \
	sw "$O/ovsxdp-exporter" --listen=127.0.0.1:9475
check_fails $id.listen_wrong "'9475' is not ADDRESS:PORT" \
	sw "$O/ovsxdp-exporter" --listen=9475

# ---- without a daemon ----
daemon_kill 9
get GET /metrics 'application/openmetrics-text' | sed 1d > "$WORK/got"
check_eq $id.down "ovsxdp_up 0" "$(grep -v '^#' "$WORK/got")"
check $id.down_openmetrics py tests/lib/openmetrics.py "$WORK/got"
check_fails $id.down_tool "ovsxdpd isn't running" ctl metrics
get GET /metrics '*/*' > /dev/null
check_eq $id.down_told_once 1 "$(grep -c "isn't running" "$WORK/exporter")"
daemon_start
up() { get GET /metrics '*/*' | grep -qx 'ovsxdp_up 1'; }
check $id.up_again wait_for 5 up
kill "$exporter"
wait "$exporter"
check_eq $id.exporter_ends 0 $?
finish
