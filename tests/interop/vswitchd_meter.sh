#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# OpenFlow meters over the datapath's: features, drops beyond a burst, counts
# of meter and band, change and removal.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_meter
bridge_up 1 2
host 1 ip addr flush dev h0
host 2 ip addr flush dev h0
# Thirty frames in a third of a second; how many arrive?
thirty() {
	local n args=()
	for n in $(seq 30); do args+=(udp:); done
	frames 1 2 -- "${args[@]}" | wc -l
}
stats() { # field of the first band or of the meter
	ofctl meter-stats br0 meter=1 | grep -o "$1:[0-9]*" | cut -d: -f2
}

ofctl meter-features br0 > "$WORK/features"
check $id.features grep -q 'max_meter:[1-9]' "$WORK/features"
check $id.features_bands grep -q 'band_types: drop' "$WORK/features"
check $id.features_flags \
	grep -q 'capabilities:.*kbps.*pktps.*burst.*stats' "$WORK/features"

# Ten packets and then one a second
ofctl add-meter br0 "meter=1,pktps,burst,stats,bands=type=drop,rate=1,burst_size=10"
flows br0 <<< "in_port=1,udp actions=meter:1,2"
got=$(thirty)
if [ "$got" -ge 9 ] && [ "$got" -le 14 ]; then
	ok $id.pktps
else
	not_ok $id.pktps "$got of 30 frames arrived"
fi
check_eq $id.packets_in 30 "$(stats packet_in_count)"
check_eq $id.dropped $((30 - got)) "$(stats packet_count)"
check_eq $id.flow_counts_all 30 "$(n_packets br0 udp)"

# A rate that nobody meets
ofctl mod-meter br0 "meter=1,kbps,burst,stats,bands=type=drop,rate=1000000,burst_size=1000000"
check_eq $id.changed 30 "$(thirty)"
ofctl mod-meter br0 "meter=1,kbps,burst,stats,bands=type=drop,rate=1,burst_size=8"
got=$(thirty) # of 800 bits each, eight kilobits
if [ "$got" -ge 9 ] && [ "$got" -le 14 ]; then
	ok $id.kbps
else
	not_ok $id.kbps "$got of 30 frames arrived"
fi

ofctl del-meter br0 meter=1
check_eq $id.deleted "" "$(ofctl dump-meters br0 | grep meter=1)"
check_eq $id.flow_went_too "" "$(ofctl dump-flows br0 | grep meter)"
datapath_meters() {
	ofctl add-meter br0 "meter=$1,pktps,bands=type=drop,rate=1000"
}
for n in 5 6 7; do check $id.add_$n datapath_meters $n; done
check_eq $id.three 3 "$(ofctl dump-meters br0 | grep -c 'meter=[567]')"

ovs_quiet $id.log
finish
