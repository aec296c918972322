# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Sourced by tests/interop/*.sh after e2e.sh: Debian's ovsdb-server and
# ovs-vswitchd in the switch namespace, with a database, log and sockets of
# their own under $WORK/ovs. OVS_RUN is what they run under.
#
# With OVS_ORACLE=1 they run over the kernel's module and without ovsxdp, which
# proves the tests themselves right; meant for the machine of tests/vm/run:
# tests/vm/run env OVS_ORACLE=1 tests/interop/vswitchd_bridge.sh

OVS_DIR=$WORK/ovs
OVS_ORACLE=${OVS_ORACLE:-}
OVS_RUN=${OVS_RUN:-$O/ovsxdp-run}
OVS_LOG=$OVS_DIR/ovs-vswitchd.log
OVSDB=
VSWITCHD=

for tool in ovs-vswitchd ovsdb-server ovs-vsctl ovs-ofctl ovs-appctl; do
	command -v $tool > /dev/null || PATH=$PATH:/usr/sbin:/sbin
	command -v $tool > /dev/null ||
		bail "$tool: openvswitch-switch is not installed"
done
if [ -n "$OVS_ORACLE" ]; then
	OVS_RUN="env"
	modprobe -a openvswitch veth || bail "OVS_ORACLE: no openvswitch module"
	daemon_start() { :; }
fi
# As in e2e.sh: scripts of the daemon's life (lifecycle.sh) keep one ready.
NO_SPARE=--spare=off
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

vsctl() { sw timeout $((120 * PATIENCE)) ovs-vsctl --db="unix:$OVS_DIR/db.sock" "$@"; }
ofctl() { sw timeout $((120 * PATIENCE)) ovs-ofctl -O OpenFlow15 "$@"; }
appctl() { # command of ovs-vswitchd's
	sw timeout $((120 * PATIENCE)) ovs-appctl -t "$OVS_DIR/ovs-vswitchd.$VSWITCHD.ctl" "$@"
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
vswitchd_begin() {
	# in the host's first ten seconds vswitchd counts no CPUs
	while [ "$(cut -d. -f1 /proc/uptime)" -lt 12 ]; do sleep 1; done
	# not by sw(): the signal shall reach ovs-vswitchd, not a shell
	nsenter --net="/run/netns/$SW" "$OVS_RUN" \
		ovs-vswitchd "unix:$OVS_DIR/db.sock" -vconsole:off \
		--log-file="$OVS_LOG" &
	VSWITCHD=$!
}
# Until it has done what the database says.
vswitchd_start() {
	vswitchd_begin
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

# ---- bridges and what they do ----

# bridge_up N...: all of the above, and br0 with the ports p1... of the hosts;
# OpenFlow port numbers are the hosts'.
bridge_up() {
	local n args=(add-br br0)
	ovs_up
	for n in "$@"; do
		host_up "$n"
		args+=(-- add-port br0 "p$n"
			-- set interface "p$n" "ofport_request=$n")
	done
	vsctl "${args[@]}"
	neighbours "$@"
}
# Until the datapath's flows are what the bridges now say.
settle() { appctl revalidator/wait; }
# Flows instead of the ones there are; see ovs-ofctl(8). One a line.
flows() { # bridge < flows
	ofctl del-flows "$1"
	ofctl add-flows "$1" -
	settle
}
# What a datapath flow of the bridge's would be: the line that tells actions.
trace() { # bridge flow
	appctl ofproto/trace "$1" "$2" | sed -n 's/^Datapath actions: //p'
}
# frames FROM TO... -- FRAME...: see tests/lib/frames.py
frames() {
	local args=() n
	while [ "$1" != -- ]; do
		args+=("oxh$1-$$:h0")
		shift
	done
	FRAMES_WAIT=${FRAMES_WAIT:-0.7} /usr/bin/python3 \
		tests/lib/frames.py "${args[@]}" "$@"
}
ping_ok() { # from address [options]: five of five
	local from=$1 to=$2
	shift 2
	host "$from" ping -q -c 5 -i 0.05 -W 30 "$@" "$to" |
		grep -q ' 5 received'
}
# A host that nobody answers: five pings, none comes back.
ping_lost() { # from address
	host "$1" ping -q -c 5 -i 0.05 -W 1 "$2" | grep -q ' 0 received'
}
# n_packets of the OpenFlow flow whose line matches; vswitchd fetches the
# datapath's counters once a second and when it is asked to.
n_packets() { # bridge regex
	appctl revalidator/purge > /dev/null
	ofctl dump-flows "$1" | grep -E -- "$2" |
		sed -n 's/.*n_packets=\([0-9]*\).*/\1/p'
}
# The test ID is that vswitchd complained of nothing, but for lines that match
# one of the patterns: what it says over the module, too. How long a busy
# machine let it wait (timeval) is no matter of the datapath's, nor how long
# its threads wait for each other (ovs_rcu) where all takes longer.
ovs_quiet() { # id [regex...]
	local id=$1 lines
	shift
	lines=$(ovs_complaints | grep -v '|timeval[^|]*|WARN|')
	[ -z "${OX_VM:-}" ] ||
		lines=$(grep -v '|ovs_rcu[^|]*|WARN|blocked' <<< "$lines")
	while [ $# -gt 0 ]; do
		lines=$(grep -vE -- "$1" <<< "$lines")
		shift
	done
	if [ -z "$lines" ]; then
		ok "$id"
	else
		not_ok "$id" "ovs-vswitchd: $(paste -sd ';' <<< "$lines")"
	fi
}
