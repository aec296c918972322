#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Misses: a learning switch in user space gets them, installs flows and
# re-injects the packets, so that not even the first one is lost.

. "$(dirname "$0")/../lib/e2e.sh"

switch_up
host_up 1
host_up 2
daemon_start
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1
ctl add-if dp0 p2,port_no=2

# Nobody takes the misses: counted as lost, as the module does. ARP doesn't go
# on asking afterwards.
check_fails e2e.upcall.nobody "100% packet loss" \
	host 1 ping -q -c 2 -i 0.05 -W 1 10.0.0.2
host 1 ip neigh flush dev h0
lost() { json "d[0]['stats']['lost'] if isinstance(d, list) else \
d['datapaths'][0]['stats']['lost']" show dp0; }
cat > "$WORK/dp.py" <<'END'
import struct
import ovsnl as n
print(*struct.unpack("=4Q", n.Genl(n.OVSXDPD).dp_get("dp0")
                     .attrs[n.DPA["STATS"]]))
END
read -r hit missed lost _ < <(py "$WORK/dp.py")
check e2e.upcall.lost test "$missed" -gt 0 -a "$lost" = "$missed"

py tests/lib/upcall.py dp0 p1 p2 > "$WORK/upcall" 2>&1 &
PIDS+=($!)
check e2e.upcall.ready wait_for 5 grep -q ready "$WORK/upcall"
check e2e.upcall.first_ping host 1 ping -c 1 -W 30 10.0.0.2
check e2e.upcall.arp_and_ip grep -q 'miss in_port=1.*len=42' "$WORK/upcall"
n=$(ctl dump-flows dp0 | grep -c .)
check e2e.upcall.flows test "$n" -ge 2
before=$(grep -c miss "$WORK/upcall")
check e2e.upcall.flood host 1 ping -q -c 200 -i 0.002 -W 30 10.0.0.2
check_eq e2e.upcall.no_more_misses "$before" "$(grep -c miss "$WORK/upcall")"
read -r hit2 _ lost2 _ < <(py "$WORK/dp.py")
check e2e.upcall.hits test $((hit2 - hit)) -ge 400
check_eq e2e.upcall.none_lost "$lost" "$lost2"
check e2e.upcall.tcp tcp 1 2 3000000
finish
