#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# A port's device goes and comes back, is renamed, moved to another network
# namespace and back, taken down, and changes its MTU. The flows between other
# ports lose no packet. The port works again without a word to vswitchd.

. "$(dirname "$0")/../lib/e2e.sh"
. "$(dirname "$0")/../lib/ovs.sh"
. "$(dirname "$0")/../lib/lifecycle.sh"

bridge_up 1 2 3 4
id=interop.lifecycle_netdev
link_up() { # N: pN's peer is made again, as host_up does it
	sw ip link add "p$1" type veth peer name h0 netns "oxh$1-$$"
	host "$1" ip link set h0 address "$(mac "$1")"
	host "$1" ip addr add "10.0.0.$1/24" dev h0
	host "$1" ip link set h0 up
	sw ip link set "p$1" up
	neighbours 1 2 3 4
}
pings() { # the port comes by vswitchd's watching
	wait_for 15 host "$1" ping -q -c 1 -W "$PATIENCE" "10.0.0.$2"
}
traffic_start 14
check $id.before pings 3 4

sw ip link del p4
sleep 0.5
link_up 4
check $id.made_again pings 3 4

sw ip link set p4 down
sw ip link set p4 name q4
sleep 0.3
sw ip link set q4 name p4
sw ip link set p4 up
check $id.renamed pings 3 4

sw ip link set p4 netns "oxh4-$$"
sleep 0.3
host 4 ip link set p4 netns "/run/netns/$SW"
sw ip link set p4 up
check $id.moved pings 3 4

sw ip link set p4 mtu 1400
host 4 ip link set h0 mtu 1400
check $id.mtu pings 3 4
for _ in 1 2 3 4 5; do
	sw ip link set p4 down
	sw ip link set p4 up
done
check $id.flapped pings 3 4

# a bridge comes and goes, and its internal port with it
vsctl add-br br1
check $id.bridge_added sw ip link show br1
vsctl del-br br1
check_fails $id.bridge_deleted "does not exist" sw ip link show br1

if [ -z "${OVS_ORACLE:-}" ]; then
	# goes and comes while no daemon lives
	daemon_kill 9
	sw ip link del p4
	sleep 0.3
	daemon_start
	link_up 4
	check $id.went_unseen pings 3 4
	daemon_kill 9
	sw ip link del p4
	link_up 4
	daemon_start
	check $id.replaced_unseen pings 3 4
fi
traffic_check $id
# It is so. vswitchd says it when it looks for the device, or asks the device
# itself something that moment (ethtool), whatever datapath it has.
lifecycle_quiet $id.log 'network device p4 .*No such device'
finish
