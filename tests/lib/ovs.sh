# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Sourced by tests/interop/*.sh after e2e.sh: Debian's ovsdb-server and
# ovs-vswitchd in the switch namespace, with a database, log and sockets of
# their own under $WORK/ovs. OVS_RUN is what they run under.

OVS_DIR=$WORK/ovs
OVS_RUN=${OVS_RUN:-$O/ovsxdp-run}
OVS_LOG=$OVS_DIR/ovs-vswitchd.log
OVSDB=
VSWITCHD=

for tool in ovs-vswitchd ovsdb-server ovs-vsctl ovs-ofctl ovs-appctl; do
	command -v $tool > /dev/null || PATH=$PATH:/usr/sbin:/sbin
	command -v $tool > /dev/null ||
		bail "$tool: openvswitch-switch is not installed"
done
export OVS_RUNDIR=$OVS_DIR OVS_LOGDIR=$OVS_DIR OVS_DBDIR=$OVS_DIR
export OVS_SYSCONFDIR=$OVS_DIR

ovs_cleanup() {
	local pid
	for pid in $VSWITCHD $OVSDB; do
		kill -9 "$pid" 2> /dev/null
	done
	cleanup
}
trap ovs_cleanup EXIT

vsctl() { sw timeout 30 ovs-vsctl --db="unix:$OVS_DIR/db.sock" "$@"; }
ofctl() { sw timeout 30 ovs-ofctl -O OpenFlow15 "$@"; }
appctl() { # command of ovs-vswitchd's
	sw timeout 30 ovs-appctl -t "$OVS_DIR/ovs-vswitchd.$VSWITCHD.ctl" "$@"
}

ovsdb_start() {
	mkdir -p "$OVS_DIR"
	[ -e "$OVS_DIR/conf.db" ] ||
		ovsdb-tool create "$OVS_DIR/conf.db" \
			/usr/share/openvswitch/vswitch.ovsschema
	nsenter --net="/run/netns/$SW" ovsdb-server "$OVS_DIR/conf.db" \
		--remote="punix:$OVS_DIR/db.sock" -vconsole:off \
		--log-file="$OVS_DIR/ovsdb-server.log" &
	OVSDB=$!
	wait_for 10 vsctl --no-wait init
}
# Until it has done what the database says.
vswitchd_start() {
	# not by sw(): the signal shall reach ovs-vswitchd, not a shell
	nsenter --net="/run/netns/$SW" "$OVS_RUN" \
		ovs-vswitchd "unix:$OVS_DIR/db.sock" -vconsole:off \
		--log-file="$OVS_LOG" &
	VSWITCHD=$!
	wait_for 15 appctl version
}
vswitchd_stop() { # [signal]
	if [ "${1:-exit}" = exit ]; then
		appctl exit
	else
		kill "-$1" "$VSWITCHD"
	fi
	wait "$VSWITCHD" 2> /dev/null
	VSWITCHD=
}
# Daemon, database and ovs-vswitchd in a new switch namespace.
ovs_up() {
	switch_up
	daemon_start
	ovsdb_start
	vswitchd_start
}
# What ovs-vswitchd.log has of warnings and errors.
ovs_complaints() {
	grep -E '\|(WARN|ERR|EMER)\|' "$OVS_LOG"
}
