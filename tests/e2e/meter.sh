#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A meter drops what exceeds its band, counts the rest, can be replaced and
# deleted while packets pass.

. "$(dirname "$0")/../lib/e2e.sh"

switch_up
host_up 1
host_up 2
neighbours 1 2
daemon_start
ctl add-dp dp0 > "$WORK/add" 2>&1
check e2e.meter.ports ctl add-if dp0 p1,port_no=1 p2,port_no=2
v4="eth(),eth_type(0x0800),ipv4()"
# All at once, so that no meter lets more through on a busy machine.
pings() { # count
	host 1 ping -q -c "$1" -l "$1" -W "$(busy)" 10.0.0.2 |
		sed -n 's/.* \([0-9]*\) received.*/\1/p'
}
field() { # JSON path, e.g. "['bands'][0]['packets']"
	ctl -j get-meter dp0 4 |
		python3 -c "import json,sys; print(json.load(sys.stdin)$1)"
}
number() { # NAME of ovsxdpctl stats
	ctl stats dp0 | awk -v n="$1" '$1 == n { print $2 }'
}

check e2e.meter.features grep -q 'max_bands:1' <(ctl meter-features dp0)
check_fails e2e.meter.none ENOENT ctl get-meter dp0 4
check e2e.meter.flow ctl add-flow dp0 "in_port(1),$v4" "meter(4),2"
check e2e.meter.flow_back ctl add-flow dp0 "in_port(2),$v4" 1
# A meter that isn't there lets everything pass, as in the module.
check_eq e2e.meter.absent_passes 5 "$(pings 5)"
check e2e.meter.add ctl add-meter dp0 \
	meter=4,pktps,burst,bands=type=drop,rate=1,burst_size=3
check_eq e2e.meter.drops 3 "$(pings 8)"
check_eq e2e.meter.packets 8 "$(field "['packets']")"
check_eq e2e.meter.bytes $((8 * 98)) "$(field "['bytes']")"
check_eq e2e.meter.band_packets 5 "$(field "['bands'][0]['packets']")"
check_eq e2e.meter.reason 5 "$(number meter)"
# One of plenty; what the last one counted comes back.
check e2e.meter.replace grep -q 'packet_in_count:8' \
	<(ctl -s add-meter dp0 meter=4,kbps,bands=type=drop,rate=100000)
check_eq e2e.meter.kbps_passes 5 "$(pings 5)"
check_eq e2e.meter.counts_anew 5 "$(field "['packets']")"
# Less than one packet of 98 bytes a second.
check e2e.meter.kbps ctl add-meter dp0 \
	meter=4,kbps,bands=type=drop,rate=1,burst_size=1
check_eq e2e.meter.kbps_drops 1 "$(pings 4)"
check e2e.meter.del ctl del-meter dp0 4
check_fails e2e.meter.del_again ENOENT ctl del-meter dp0 4
check_eq e2e.meter.gone_passes 5 "$(pings 5)"
# It outlives the daemon.
check e2e.meter.add_last ctl add-meter dp0 meter=4
check_eq e2e.meter.no_band_passes 2 "$(pings 2)"
daemon_kill 9
check_eq e2e.meter.without_daemon 2 "$(pings 2)"
daemon_start
check_eq e2e.meter.after_restart 4 "$(field "['packets']")"
finish
