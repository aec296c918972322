# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Sourced by tests/interop/ovn_*.sh after e2e.sh: Debian's OVN. "central" has
# its databases, ovn-northd, and a Linux bridge that is the wire of the
# underlay. Each chassis has ovsdb-server, ovs-vswitchd, ovn-controller and an
# ovsxdpd of its own. Each of them, and each virtual machine, is a network
# namespace.
#
# What may be chosen before: ENCAP (geneve, vxlan), UNDERLAY (nic: the tunnel's
# address is on the chassis' NIC; bridge: on br-phys, an OVS bridge that has the
# NIC as its port), UNDERLAY6=1 (the underlay is IPv6). With OVN_ORACLE=module,
# in the machine of tests/vm/run, or OVN_ORACLE=netdev, OVS's own datapaths are
# used instead of ovsxdp.

ENCAP=${ENCAP:-geneve}
UNDERLAY=${UNDERLAY:-nic}
UNDERLAY6=${UNDERLAY6:-}
OVN_ORACLE=${OVN_ORACLE:-}
OVN_MTU=1500
OVN_LIMIT=$((60 * PATIENCE)) # seconds of a client's patience
CENTRAL=$WORK/central

for tool in ovs-vswitchd ovsdb-server ovs-vsctl ovs-appctl; do
	command -v $tool > /dev/null ||
		bail "$tool: openvswitch-switch is not installed"
done
for tool in ovn-northd ovn-controller ovn-nbctl ovn-sbctl; do
	command -v $tool > /dev/null ||
		bail "$tool: ovn-central and ovn-host are not installed"
done
BRIDGE_TYPE=system
if [ "$OVN_ORACLE" = netdev ]; then
	BRIDGE_TYPE=netdev
	UNDERLAY=bridge
elif [ -n "$OVN_ORACLE" ]; then
	modprobe -a openvswitch vport-geneve vport-vxlan ||
		bail "OVN_ORACLE: no openvswitch module"
fi

ns_of() { echo "oxo-$1-$$"; }
at() { # name command...: in the namespace of that name
	local ns
	ns=$(ns_of "$1")
	shift
	nsenter --net="/run/netns/$ns" "$@"
}
# Its standard output and errors go to the log.
begin() { # log name command...
	local log=$1 ns
	ns=$(ns_of "$2")
	shift 2
	# not by at(): the signal shall reach the program, not a shell
	nsenter --net="/run/netns/$ns" "$@" >> "$log" 2>&1 < /dev/null &
	PIDS+=($!)
	BEGUN=$!
}
ns_add() { # name [6]: without 6 it has no IPv6
	ip netns add "$(ns_of "$1")"
	HOSTS+=("$(ns_of "$1")")
	at "$1" ip link set lo up
	at "$1" sysctl -qw net.ipv6.conf.all.accept_dad=0 \
		net.ipv6.conf.default.accept_dad=0
	[ -n "${2:-}" ] || at "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
		net.ipv6.conf.default.disable_ipv6=1
}
# OVS's userspace datapath takes frames as they are on a wire.
as_on_a_wire() { # name device
	[ "$OVN_ORACLE" != netdev ] ||
		at "$1" ethtool -K "$2" tx off tso off gso off gro off > /dev/null 2>&1
}
if [ -n "$UNDERLAY6" ]; then
	UNDER_LEN=64
	under() { echo "fd20::$1"; }
	SB="tcp:[$(under 100)]:6642" SB_LISTEN='ptcp:6642:[::]'
else
	UNDER_LEN=24
	under() { echo "10.20.0.$1"; }
	SB=tcp:$(under 100):6642 SB_LISTEN=ptcp:6642:0.0.0.0
fi
under_add() { # name device number
	if [ -n "$UNDERLAY6" ]; then
		at "$1" ip addr add "$(under "$3")/$UNDER_LEN" dev "$2" nodad
	else
		at "$1" ip addr add "$(under "$3")/$UNDER_LEN" dev "$2"
	fi
}

# ---- central ----

nb() { timeout "$OVN_LIMIT" ovn-nbctl --db="unix:$CENTRAL/nb.sock" "$@"; }
sb() { timeout "$OVN_LIMIT" ovn-sbctl --db="unix:$CENTRAL/sb.sock" "$@"; }
northd_start() {
	OVN_RUNDIR=$CENTRAL begin "$CENTRAL/northd.out" central ovn-northd \
		--ovnnb-db="unix:$CENTRAL/nb.sock" \
		--ovnsb-db="unix:$CENTRAL/sb.sock" \
		--unixctl="$CENTRAL/northd.ctl" \
		--log-file="$CENTRAL/northd.log" -vconsole:off
	NORTHD=$BEGUN
}
declare -A DATABASE # process ids by nb, sb, ch1...
central_db_start() { # nb or sb
	local remote=()
	[ "$1" = nb ] || remote=(--remote="$SB_LISTEN")
	begin "$CENTRAL/$1.out" central ovsdb-server "$CENTRAL/$1.db" \
		--remote="punix:$CENTRAL/$1.sock" "${remote[@]}" \
		--unixctl="$CENTRAL/$1.ctl" \
		--log-file="$CENTRAL/$1.log" -vconsole:off
	DATABASE[$1]=$BEGUN
}
central_up() {
	local db
	mkdir -p "$CENTRAL"
	ns_add central 6
	at central ip link add wire type bridge
	at central ip link set wire mtu "$OVN_MTU" up
	as_on_a_wire central wire
	under_add central wire 100
	for db in nb sb; do
		ovsdb-tool create "$CENTRAL/$db.db" "/usr/share/ovn/ovn-$db.ovsschema"
		central_db_start $db
	done
	wait_for 10 nb init && wait_for 10 sb init || return 1
	northd_start
}

# ---- chassis ----

chassis() { # number command...: with its sockets
	local d=$WORK/ch$1 n=$1
	shift
	OVS_RUNDIR=$d OVS_LOGDIR=$d OVS_DBDIR=$d OVS_SYSCONFDIR=$d \
		OVN_RUNDIR=$d OVN_LOGDIR=$d at "ch$n" "$@"
}
chassis_begin() { # log number command...
	local log=$1 n=$2 d=$WORK/ch$2
	shift 2
	OVS_RUNDIR=$d OVS_LOGDIR=$d OVS_DBDIR=$d OVS_SYSCONFDIR=$d \
		OVN_RUNDIR=$d OVN_LOGDIR=$d begin "$log" "ch$n" "$@"
}
ch_vsctl() { # number ovs-vsctl's arguments
	local n=$1
	shift
	chassis "$n" timeout "$OVN_LIMIT" ovs-vsctl \
		--db="unix:$WORK/ch$n/db.sock" "$@"
}
ch_appctl() { # number a command of ovs-vswitchd's
	local n=$1
	shift
	chassis "$n" timeout "$OVN_LIMIT" ovs-appctl \
		-t "$WORK/ch$n/vswitchd.ctl" "$@"
}
ch_xctl() { # number ovsxdpctl's arguments
	local n=$1
	shift
	chassis "$n" "$O/ovsxdpctl" -t "$OVSXDP_TIMEOUT" "$@"
}
# Process ids by chassis, for whoever ends them.
declare -A CH_DAEMON CH_VSWITCHD CH_CONTROLLER
ch_db_start() { # number
	local d=$WORK/ch$1
	chassis_begin "$d/ovsdb.out" "$1" ovsdb-server "$d/conf.db" \
		--remote="punix:$d/db.sock" --unixctl="$d/ovsdb.ctl" \
		--log-file="$d/ovsdb.log" -vconsole:off
	DATABASE[ch$1]=$BEGUN
}
ch_daemon_start() { # number
	[ -z "$OVN_ORACLE" ] || return 0
	chassis_begin "$WORK/ch$1/ovsxdpd.log" "$1" "$O/ovsxdpd" \
		--root="$ROOT/ch$1" --spare=off
	CH_DAEMON[$1]=$BEGUN
	wait_for 20 ch_xctl "$1" show
}
ch_vswitchd_start() { # number
	local run=()
	[ -n "$OVN_ORACLE" ] || run=("$O/ovsxdp-run")
	chassis_begin "$WORK/ch$1/vswitchd.out" "$1" "${run[@]}" ovs-vswitchd \
		"unix:$WORK/ch$1/db.sock" --unixctl="$WORK/ch$1/vswitchd.ctl" \
		--log-file="$WORK/ch$1/vswitchd.log" -vconsole:off
	CH_VSWITCHD[$1]=$BEGUN
	wait_for 20 ch_appctl "$1" version
}
ch_controller_start() { # number
	chassis_begin "$WORK/ch$1/controller.out" "$1" ovn-controller \
		"unix:$WORK/ch$1/db.sock" \
		--log-file="$WORK/ch$1/controller.log" -vconsole:off
	CH_CONTROLLER[$1]=$BEGUN
	wait_for 20 chassis "$1" ovs-appctl \
		-t "$WORK/ch$1/ovn-controller.$BEGUN.ctl" version
}
# End a program of a chassis and wait for it: ch_end SIGNAL PID.
ch_end() {
	kill "-$1" "$2" 2> /dev/null
	wait "$2" 2> /dev/null
}
chassis_up() { # number
	local n=$1 d=$WORK/ch$1 dev=eth0
	mkdir -p "$d"
	ns_add "ch$n" 6
	at central ip link add "c$n" mtu "$OVN_MTU" type veth \
		peer name eth0 mtu "$OVN_MTU" netns "$(ns_of "ch$n")"
	at central ip link set "c$n" master wire up
	at "ch$n" ip link set eth0 up
	as_on_a_wire central "c$n"
	as_on_a_wire "ch$n" eth0
	ovsdb-tool create "$d/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	ch_db_start "$n"
	wait_for 10 ch_vsctl "$n" --no-wait init || return 1
	ch_daemon_start "$n" && ch_vswitchd_start "$n" || return 1
	ch_vsctl "$n" --no-wait add-br br-int -- set bridge br-int \
		datapath_type=$BRIDGE_TYPE fail-mode=secure \
		other-config:disable-in-band=true
	if [ "$UNDERLAY" = bridge ]; then
		dev=br-phys
		ch_vsctl "$n" --no-wait add-br br-phys -- set bridge br-phys \
			datapath_type=$BRIDGE_TYPE -- add-port br-phys eth0
		wait_for 20 at "ch$n" ip link show br-phys || return 1
	fi
	at "ch$n" ip link set $dev mtu "$OVN_MTU" up
	as_on_a_wire "ch$n" $dev
	under_add "ch$n" $dev "$n"
	ch_vsctl "$n" --no-wait set open_vswitch . \
		external_ids:system-id="ch$n" external_ids:hostname="ch$n" \
		external_ids:ovn-remote="$SB" \
		external_ids:ovn-encap-type="$ENCAP" \
		external_ids:ovn-encap-ip="$(under "$n")" \
		external_ids:ovn-bridge-datapath-type=$BRIDGE_TYPE \
		external_ids:ovn-monitor-all=true
	ch_controller_start "$n"
}
# All that a chassis or central has logged of warnings and errors, and how
# often. Those of the start, when a peer isn't there yet, and of a busy machine
# are left out.
ovn_complaints() {
	local f quiet='br-int.mgmt: connection failed|vif_plug_provider'
	quiet+='|clean up all ports|timeval[|(]|poll_loop[|(]|ovs_rcu.*blocked'
	# who waits for a CPU for five seconds is taken for dead by its peer
	quiet+='|inactivity probe|connection dropped'
	quiet+='|receive error: Connection reset'
	for f in "$WORK"/ch*/{vswitchd,controller}.log "$CENTRAL/northd.log"; do
		[ ! -e "$f" ] || grep -hE '\|(WARN|ERR|EMER)\|' "$f" |
			grep -vE "$quiet" |
			sed -E 's/^[^|]*\|[0-9]+\|//' | sort | uniq -c |
			sed "s|^|${f#"$WORK"/}: |"
	done
}

# ---- the logical network ----

vm_mac() { printf '0a:00:00:00:00:%02x' "$1"; }
# lr_join ROUTER SWITCH MAC ADDRESS/LEN...: a port of the router in the switch.
lr_join() {
	local lr=$1 ls=$2 mac=$3
	shift 3
	nb -- lrp-add "$lr" "$lr-$ls" "$mac" "$@" -- lsp-add "$ls" "$ls-$lr" \
		-- lsp-set-type "$ls-$lr" router \
		-- lsp-set-addresses "$ls-$lr" router \
		-- lsp-set-options "$ls-$lr" router-port="$lr-$ls"
}
# vm_up N SWITCH CHASSIS ADDRESS/LEN GATEWAY [ADDRESS6/LEN GATEWAY6]: a virtual
# machine with eth0.
vm_up() {
	local n=$1 ch=$3 mtu=$((OVN_MTU - 100)) six=${6:-}
	nb -- lsp-add "$2" "vm$n" -- lsp-set-addresses "vm$n" \
		"$(vm_mac "$n") ${4%/*}${six:+ ${six%/*}}"
	ns_add "vm$n" ${six:+6}
	vm_plug "$n" "$ch"
	at "vm$n" ip addr add "$4" dev eth0
	at "vm$n" ip link set eth0 up
	at "vm$n" ip route add default via "$5"
	[ -z "$six" ] || at "vm$n" ip addr add "$six" dev eth0 nodad
	[ -z "${7:-}" ] || at "vm$n" ip route add default via "$7"
	as_on_a_wire "vm$n" eth0
}
# Its eth0 is plugged into a chassis' br-int.
vm_plug() { # number chassis
	local n=$1 mtu=$((OVN_MTU - 100))
	at "ch$2" ip link add "vm$n" mtu $mtu type veth peer name eth0 \
		mtu $mtu address "$(vm_mac "$n")" netns "$(ns_of "vm$n")"
	at "ch$2" ip link set "vm$n" up
	ch_vsctl "$2" add-port br-int "vm$n" -- set interface "vm$n" \
		external_ids:iface-id="vm$n"
}
vm_is_up() { [ "$(nb lsp-get-up "vm$1")" = up ]; }
# Answers each TCP connection with the machine's name.
declare -A SERVER # process ids by name
serve() { # name port...
	local name=$1
	shift
	begin "$WORK/serve.$name" "$name" /usr/bin/python3 -c '
import select, socket, sys
listeners = []
six = socket.has_dualstack_ipv6()
for port in sys.argv[2:]:
    listeners.append(socket.create_server(
        ("::" if six else "0.0.0.0", int(port)), backlog=64,
        family=socket.AF_INET6 if six else socket.AF_INET,
        dualstack_ipv6=six))
while True:
    for s in select.select(listeners, [], [])[0]:
        c, _ = s.accept()
        c.sendall(sys.argv[1].encode() + b"\n")
        c.close()' "$name" "$@"
	SERVER[$name]=$BEGUN
}
vm_serve() { # number port...
	local n=$1
	shift
	serve "vm$n" "$@"
}
# Who answers at that address? Nothing if nobody does.
ask() { # name address port [own address]
	at "$1" timeout $((4 * PATIENCE)) /usr/bin/python3 -c '
import socket, sys
s = socket.create_connection(
    (sys.argv[1], int(sys.argv[2])), timeout=int(sys.argv[3]),
    source_address=(sys.argv[4], 0) if sys.argv[4] else None)
print(s.makefile().readline().strip())' "$2" "$3" $((2 * PATIENCE)) \
		"${4:-}" 2> /dev/null
}
vm_ask() { # number address port
	ask "vm$1" "$2" "$3"
}
vm_answers() { # number address port who
	[ "$(vm_ask "$1" "$2" "$3")" = "$4" ]
}
vm_ping() { # number ping's arguments
	local n=$1
	shift
	at "vm$n" ping -q -c 3 -i 0.2 -W "$PATIENCE" "$@"
}
# vm_lost N ADDRESS COMMAND...: how many of the pings that go on while COMMAND
# runs are lost. Those after the last answer don't count: they are under way.
# Not in a subshell: COMMAND may wait for processes of this one.
vm_lost() {
	local n=$1 address=$2 pid
	shift 2
	vm_ping "$n" "$address" > /dev/null
	# not by at(): the signal shall reach ping
	nsenter --net="/run/netns/$(ns_of "vm$n")" stdbuf -oL ping -i 0.02 \
		-W 2 "$address" > "$WORK/pings" &
	pid=$!
	PIDS+=("$pid")
	sleep 0.5
	"$@" > "$WORK/life" 2>&1
	sleep 0.5
	kill $pid
	wait $pid 2> /dev/null
	sed -n 's/.*icmp_seq=\([0-9]*\) ttl.*/\1/p' "$WORK/pings" | sort -un |
		awk '{ n++; last = $1 } END { print n ? last - n : "all" }'
}
# Counts frames: sniff NAME DEVICE [-Q in] FILTER..., and sniffed NAME says how
# many there were.
declare -A SNIFF
sniff() {
	local name=$1 dev=$2
	shift 2
	rm -f "$WORK/sniff.$name"
	nsenter --net="/run/netns/$(ns_of "$name")" tcpdump -i "$dev" -n \
		--immediate-mode -U -w "$WORK/sniff.$name.pcap" "$@" \
		2> "$WORK/sniff.$name" &
	PIDS+=($!)
	SNIFF[$name]=$!
	wait_for 5 grep -q 'listening on' "$WORK/sniff.$name"
}
sniffed() { # name
	pause 0.3 # for what shall not come
	kill "${SNIFF[$1]}"
	wait "${SNIFF[$1]}" 2> /dev/null
	tcpdump -n -r "$WORK/sniff.$1.pcap" 2> /dev/null | wc -l
}
vm_sniff() { # number [-Q in] FILTER...
	local n=$1
	shift
	sniff "vm$n" eth0 "$@"
}
vm_sniffed() { # number
	sniffed "vm$1"
}

# ---- the outside ----

# ext has the bridge "out", which is the wire of a provider network.
ext_up() { # address/len...
	local a
	ns_add ext 6
	at ext ip link add out type bridge
	at ext ip link set out up
	for a; do at ext ip addr add "$a" dev out; done
	as_on_a_wire ext out
}
# A chassis' br-ex with eth1, which is joined to that wire, is network "phys".
external() { # number
	at ext ip link add "x$1" type veth peer name eth1 \
		netns "$(ns_of "ch$1")"
	at ext ip link set "x$1" master out up
	at "ch$1" ip link set eth1 up
	as_on_a_wire ext "x$1"
	as_on_a_wire "ch$1" eth1
	ch_vsctl "$1" --no-wait add-br br-ex -- set bridge br-ex \
		datapath_type=$BRIDGE_TYPE -- add-port br-ex eth1 -- \
		set open_vswitch . external_ids:ovn-bridge-mappings=phys:br-ex
}
localnet() { # switch [tag]
	nb -- lsp-add "$1" "ln-$1" -- lsp-set-type "ln-$1" localnet \
		-- lsp-set-addresses "ln-$1" unknown \
		-- lsp-set-options "ln-$1" network_name=phys
	[ -z "${2:-}" ] || nb set logical_switch_port "ln-$1" tag="$2"
}
