#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Debian's ovs-dpctl, unmodified, under ovsxdp-run; then genl of iproute2.

. "$(dirname "$0")/../lib/e2e.sh"
command -v ovs-dpctl > /dev/null || bail "openvswitch-switch is not installed"

switch_up
host_up 1
host_up 2
neighbours 1 2
daemon_start
dpctl() {
	sw timeout 20 "$O/ovsxdp-run" ovs-dpctl -vdpif_netlink:off "$@"
}
v4="eth(),eth_type(0x0800),ipv4()"

check interop.dpctl.add_dp dpctl add-dp dp0
check_fails interop.dpctl.add_dp_again "exists" dpctl add-dp dp0
check interop.dpctl.dump_dps grep -qx system@dp0 <(dpctl dump-dps)
check interop.dpctl.add_if dpctl add-if dp0 p1,port_no=1
check interop.dpctl.add_if_2 dpctl add-if dp0 p2,port_no=2
check_fails interop.dpctl.add_if_none "no such device" \
	dpctl add-if dp0 nope
dpctl show dp0 > "$WORK/show"
check interop.dpctl.show_local grep -q 'port 0: dp0 (internal)' "$WORK/show"
check interop.dpctl.show_port grep -q 'port 2: p2' "$WORK/show"
check interop.dpctl.show_cache grep -q 'masks-cache: size:256' "$WORK/show"
check interop.dpctl.add_flow dpctl add-flow dp0 "in_port(1),$v4" 2
check interop.dpctl.add_flow_back dpctl add-flow dp0 "in_port(2),$v4" 1
check interop.dpctl.ping host 1 ping -q -c 5 -i 0.05 -W 1 10.0.0.2
dpctl dump-flows dp0 > "$WORK/flows"
check_eq interop.dpctl.dump_flows 2 "$(grep -c 'packets:5, bytes:490' \
	"$WORK/flows")"
check interop.dpctl.show_statistics grep -q 'RX packets:5' \
	<(dpctl -s show dp0)
# Its "drop" is a newer action of its own number, which a module of 6.1 refuses
# as well; the empty list is what drops everywhere.
check interop.dpctl.mod_flow dpctl mod-flow dp0 "in_port(1),$v4" ""
check_fails interop.dpctl.mod_flow_drops "100% packet loss" \
	host 1 ping -q -c 2 -i 0.05 -W 1 10.0.0.2
check interop.dpctl.mod_back dpctl mod-flow dp0 "in_port(1),$v4" 2
check interop.dpctl.cache_size dpctl cache-set-size dp0 masks-cache 1024
check interop.dpctl.cache_size_shows grep -q 'size: *1024' \
	<(dpctl cache-get-size dp0 2>&1)
check interop.dpctl.del_flow dpctl del-flow dp0 "in_port(1),$v4"
check_eq interop.dpctl.one_left 1 "$(dpctl dump-flows dp0 | grep -c in_port)"
check interop.dpctl.del_flows dpctl del-flows dp0
check_eq interop.dpctl.none_left 0 "$(dpctl dump-flows dp0 | grep -c in_port)"
check interop.dpctl.del_if dpctl del-if dp0 p2
check interop.dpctl.del_dp dpctl del-dp dp0
check_eq interop.dpctl.no_dps "" "$(dpctl dump-dps)"

sw "$O/ovsxdp-run" genl ctrl list > "$WORK/genl" 2>&1
check interop.genl.ours grep -q 'Name: ovs_datapath' "$WORK/genl"
check interop.genl.kernels grep -q 'Name: nlctrl' "$WORK/genl"
check interop.genl.get grep -q 'Name: ovs_flow' \
	<(sw "$O/ovsxdp-run" genl ctrl get name ovs_flow)
finish
