#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovs-vswitchd's tunnel ports: with a device of the kernel's, which ovs-vswitchd
# makes itself, and, where the kernel has no such kind, without one. They come
# and go, live through restarts of both daemons, and leave nothing behind. What
# can't be had isn't asked for again and again.

. "$(dirname "$0")/../lib/e2e.sh"
. tests/lib/ovs.sh
own_modes

id=interop.vswitchd_tunnel
bridge_up 1
REMOTE=options:remote_ip=172.16.0.2
tunnel_add() { # name type [options...]
	local name=$1 type=$2
	shift 2
	vsctl add-port br0 "$name" -- \
		set interface "$name" "type=$type" $REMOTE "$@"
}
error() { vsctl get interface "$1" error; }
dp_port() { appctl dpctl/show | grep -q ": $1 ($2"; }
no_port() { ! dp_port "$@"; }
device() { sw ip link show dev "$1" > /dev/null 2>&1; }
no_device() { ! device "$1"; }
links() { sw ip -br link | sed 's/[@ ].*//' | sort; }
links > "$WORK/links"
left() { cmp "$WORK/links" <(links); }
kernel_has() { # kind
	sw ip link add oxk0 type "$1" external 2> "$WORK/kind" &&
		sw ip link del dev oxk0
}
# Those with encapsulation of our own. Others are refused where the kernel lacks
# them.
NATIVE="vxlan geneve gre ip6gre"
can_be() { # type, kernel's kind
	kernel_has "$2" || { [ -z "$OVS_ORACLE" ] && [[ " $NATIVE " == *" $1 "* ]]; }
}
REFUSED=0
# Each kind of tunnel: name of the datapath's port, type there, kernel's kind
KINDS="vxlan=vxlan_sys_4789=vxlan=vxlan geneve=genev_sys_6081=geneve=geneve
	gre=gre_sys=gre=gretap erspan=erspan_sys=erspan=erspan
	ip6gre=ip6gre_sys=ip6gre=ip6gretap ip6erspan=ip6erspan_sys=ip6erspan=ip6erspan"
options_of() { # type
	case $1 in
	*erspan) echo options:erspan_ver=1 options:erspan_idx=3 ;;
	esac
}

for kind in $KINDS; do
	IFS='=' read -r type port dp_type dev <<< "$kind"
	if ! can_be "$type" "$dev"; then
		[ -z "$OVS_ORACLE" ] || continue
		# shellcheck disable=SC2046 # several options
		tunnel_add "t_$type" "$type" $(options_of "$type")
		check "$id.$type.refused" test "$(error "t_$type")" != "[]"
		check "$id.$type.no_port" no_port "$port" "$dp_type"
		REFUSED=$((REFUSED + 1))
		continue
	fi
	# shellcheck disable=SC2046 # several options
	tunnel_add "t_$type" "$type" $(options_of "$type")
	check_eq "$id.$type.no_error" "[]" "$(error "t_$type")"
	check "$id.$type.port" wait_for 10 dp_port "$port" "$dp_type"
	if kernel_has "$dev"; then
		check "$id.$type.device" device "$port"
	else
		check "$id.$type.no_device" no_device "$port"
	fi
done
# They aren't asked for again and again: each try of ovs-vswitchd's is one
# dpif_port_add().
tries() {
	appctl coverage/show | sed -n 's/^dpif_port_add .*total: *//p'
}
before=$(tries)
pause 3
check $id.refused_no_storm test $(($(tries) - before)) -le $((2 * REFUSED))
for kind in $KINDS; do
	IFS='=' read -r type port dp_type dev <<< "$kind"
	can_be "$type" "$dev" || [ -n "$OVS_ORACLE" ] ||
		vsctl del-port br0 "t_$type"
done
tunnel_add t_gbp vxlan options:dst_port=4790 options:exts=gbp
check $id.gbp.port wait_for 10 dp_port vxlan_sys_4790 vxlan
check $id.gbp.device sh -c \
	"nsenter --net=/run/netns/$SW ip -d link show vxlan_sys_4790 | grep -q ' gbp '"
if [ -z "$OVS_ORACLE" ]; then
	check $id.shown grep -q 'vxlan GBP tunnel, UDP port 4790, by this device' \
		<(sw "$O/ovsxdpctl" show ovs-system)
fi
# A second tunnel of a kind shares the port.
# a port that ovs-vswitchd makes again may get another number
ports() { appctl dpctl/show | sed -n 's/^  port [0-9]*: //p' | sort; }
ports > "$WORK/ports"
same_ports() { cmp "$WORK/ports" <(ports); }
tunnel_add t_vxlan2 vxlan options:key=5
settle
check $id.shared cmp "$WORK/ports" <(ports)
check_eq $id.shared_error "[]" "$(error t_vxlan2)"
vsctl del-port br0 t_vxlan2

# ovs-vswitchd's restart: it looks for a geneve device and ends itself if it
# finds another kind's.
vswitchd_stop
vswitchd_start
check $id.restart wait_for 10 same_ports
vswitchd_stop 9
vswitchd_start
check $id.restart_killed wait_for 10 same_ports
if [ -z "$OVS_ORACLE" ]; then
	daemon_kill 9
	daemon_start
	check $id.takeover wait_for 10 same_ports
	check $id.takeover_whole grep -q 'tc: .*vxlan tunnel' \
		<(sw "$O/ovsxdpctl" show ovs-system)
fi
for kind in $KINDS; do
	IFS='=' read -r type port dp_type dev <<< "$kind"
	can_be "$type" "$dev" || continue
	vsctl del-port br0 "t_$type"
	check "$id.$type.device_gone" wait_for 10 no_device "$port"
	check "$id.$type.port_gone" no_port "$port" "$dp_type"
done
vsctl del-port br0 t_gbp
check $id.nothing_left wait_for 10 left

# Many times, with the daemon killed in between
for ((i = 1; i <= ${ROUNDS:-60}; i++)); do
	tunnel_add "v$i" vxlan options:dst_port=$((4789 + i % 3))
	[ $((i % 30)) != 15 ] || [ -n "$OVS_ORACLE" ] || {
		daemon_kill 9
		daemon_start
	}
	vsctl del-port br0 "v$i"
done
check $id.often wait_for 10 left
check_eq $id.often_ports 0 "$(ports | grep -c vxlan)"

# What can't be had: as often as over the module without the kind.
if [ -z "$OVS_ORACLE" ]; then
	daemon_kill
	DAEMON_OPTIONS=--tunnels=kernel
	daemon_start
	before=$(tries)
	tunnel_add t_gtpu gtpu options:key=flow
	check $id.refused test "$(error t_gtpu)" != "[]"
	pause 3
	check $id.no_storm test $(($(tries) - before)) -le 6
	vsctl del-port br0 t_gtpu
	check $id.refused_left left
fi
vsctl del-br br0
# "port_del": ovs-vswitchd deletes a device that never was.
ovs_quiet $id.log \
	'failed to add [^ ]* as port: Address family not supported' \
	'could not add network device t_[^ ]* to ofproto' \
	'port_del failed \(No such device\)' \
	'Dropped [0-9]* log messages'
finish
