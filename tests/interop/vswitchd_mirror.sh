#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-vswitchd's mirrors: to a port (SPAN), to a VLAN (RSPAN), by direction,
# by VLAN, cut to a length; what is mirrored arrives all the same.

# shellcheck disable=SC2016 # some conditions are evaluated later
. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_mirror
bridge_up 1 2 3

mirror() { # columns...: the bridge's only mirror
	vsctl -- clear bridge br0 mirrors -- --id=@1 get port p1 \
		-- --id=@2 get port p2 -- --id=@3 get port p3 \
		-- --id=@m create mirror name=m0 "$@" \
		-- set bridge br0 mirrors=@m > /dev/null
	learn
}
# The bridge learns where hosts 1 and 2 are, so that nothing is flooded.
learn() {
	# vswitchd 3.1 doesn't look at its flows again for a mirror's sake
	appctl revalidator/purge
	FRAMES_WAIT=0.1 frames 2 1 -- udp:src=2,dst=1 > /dev/null
	FRAMES_WAIT=0.1 frames 1 2 -- udp:src=1,dst=2 > /dev/null
	settle
}
# What hosts 2 and 3 (numbered 1 and 2) get of a frame from host 1, without
# what host 2 answers ("port unreachable", tos 192)
from1() {
	frames 1 2 3 -- "$@" | grep -v tos=192 | sed 's/ ttl=.*//' |
		sort
}
udp1=udp:src=1,dst=2,len=300

learn
check $id.before ping_ok 1 10.0.0.2
check_eq $id.none "1 len=300 to=020000000002" "$(from1 $udp1)"

mirror select-all=true output-port=@3
check_eq $id.span "1 len=300 to=020000000002
2 len=300 to=020000000002" "$(from1 $udp1)"
check $id.span_ping ping_ok 1 10.0.0.2
check $id.span_tcp tcp 1 2

mirror select-dst-port=@1 output-port=@3
check_eq $id.span_other_way "1 len=300 to=020000000002" "$(from1 $udp1)"
check_eq $id.span_dst "1 len=300 to=020000000001
2 len=300 to=020000000001" "$(
	frames 2 1 3 -- udp:src=2,dst=1,len=300 | sed 's/ ttl=.*//')"

mirror select-src-port=@1 output-port=@3 snaplen=100
check_eq $id.snaplen "1 len=300 to=020000000002
2 len=100 to=020000000002" "$(from1 $udp1)"

# ---- a VLAN of its own: host 3 is a trunk that carries it ----
mirror select-src-port=@1 output-vlan=77
check_eq $id.rspan "1 len=300 to=020000000002
1 len=304 to=020000000002 vlan=77
2 len=304 to=020000000002 vlan=77" "$(from1 $udp1)"
vsctl set port p2 tag=0 -- set port p3 trunks=77
learn
check_eq $id.rspan_trunk "1 len=300 to=020000000002
2 len=304 to=020000000002 vlan=77" "$(from1 $udp1)"
vsctl clear port p3 trunks -- clear port p2 tag
settle

# ---- one VLAN's frames only ----
mirror select-all=true select-vlan=9 output-port=@3
check_eq $id.select_vlan_other "1 len=300 to=020000000002" "$(from1 $udp1)"
frames 2 1 -- udp:src=2,dst=1,vlan=9 > /dev/null
settle
check_eq $id.select_vlan "1 len=304 to=020000000002 vlan=9
2 len=304 to=020000000002 vlan=9" "$(from1 $udp1,vlan=9)"

appctl revalidator/purge > /dev/null
sleep 1
check $id.counted wait_for 10 eval \
	'[ "$(vsctl get mirror m0 statistics:tx_packets)" -ge 1 ]'
vsctl clear bridge br0 mirrors
learn
check_eq $id.off "1 len=300 to=020000000002" "$(from1 $udp1)"

ovs_quiet $id.log
finish
