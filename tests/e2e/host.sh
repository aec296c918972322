#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What this host has of what a datapath needs. check-host agrees with the
# kernel, and names what is taken away (libdeny.so). A datapath on a kernel
# without AF_XDP has its misses all the same.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes
deny=$O/tests/libdeny.so
[ -e "$deny" ] || { echo "not ok - $deny: not built"; exit 1; }

switch_up
check_host() { sw "$O/ovsxdpctl" "$@" check-host "$ROOT"; }
without() { # words command...
	local words=$1
	shift
	OX_DENY=$words LD_PRELOAD=$deny "$@"
}
# there FEATURE [WORDS]: yes, no or ? without those.
there() {
	without "${2:-}" check_host 2> /dev/null |
		awk -v f="$1" '$1 == f { print $2 }'
}

# Without a daemon.
check e2e.host.can check_host
check_eq e2e.host.json True "$(check_host --json |
	python3 -c 'import json,sys; print(json.load(sys.stdin)["datapath"])')"
check_eq e2e.host.folder_untouched "" "$(ls -d "$ROOT" 2> /dev/null)"

# Without any of these there is no datapath.
for i in jit:jit_enable loop:'helper 181' ringbuf:ring-buffer \
	packet:CONFIG_PACKET; do
	check_fails "e2e.host.without_${i%%:*}" "${i#*:}" \
		without "${i%%:*}" check_host
done
# Without these there is one.
check e2e.host.without_xsk without xsk check_host
check_eq e2e.host.xsk_named no "$(there xdp-sockets xsk)"
check e2e.host.without_tcx without tcx check_host
check_eq e2e.host.tcx_named no "$(there tcx tcx)"
check_eq e2e.host.cls_bpf_instead yes "$(there cls_bpf tcx)"

# These are really so.
check_fails e2e.host.no_capability "missing are CAP_NET_RAW$" \
	setpriv --bounding-set -net_raw --inh-caps -net_raw \
	nsenter --net="/run/netns/$SW" "$O/ovsxdpctl" check-host "$ROOT"
check_fails e2e.host.no_bpffs "mount -t bpf bpf /sys/fs/bpf" \
	"$O/ovsxdpctl" check-host "$WORK/pins"
check_fails e2e.host.daemon_says_it "no jit" \
	without jit sw "$O/ovsxdpd" --root="$ROOT"

# A datapath of a kernel without AF_XDP: ports are in native XDP, its misses
# come by the skb tier.
host_up 1 on
host_up 2 on
export OX_DENY=xsk LD_PRELOAD=$deny
daemon_start
unset OX_DENY LD_PRELOAD
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1,mode=xdp p2,port_no=2,mode=xdp
check_eq e2e.host.xdp_is_on "['xdp', 'xdp']" "$(json \
	"[p['mode'] for p in d[0]['ports'] if p['name'] in ('p1', 'p2')]" \
	show dp0)"
check e2e.host.said_once_a_port wait_for 5 \
	test "$(grep -c 'misses go through the skb tier' "$WORK/daemon")" = 2
py tests/lib/upcall.py dp0 p1 p2 > "$WORK/upcall" 2>&1 &
PIDS+=($!)
check e2e.host.upcalls wait_for 5 grep -q ready "$WORK/upcall"
check e2e.host.first_ping host 1 ping -c 1 -W 2 10.0.0.2
check e2e.host.misses grep -q 'miss in_port=1' "$WORK/upcall"
reason() { json "d[0]['reasons'].get('$1', 0)" stats dp0; }
check e2e.host.counted_to_skb test "$(reason to_skb)" -gt 0
check_eq e2e.host.none_without_socket 0 "$(reason no_socket)"
check e2e.host.tcp tcp 1 2 1000000

# The next daemon finds a map that takes no sockets.
daemon_kill 9
daemon_start
check e2e.host.map_without_sockets \
	grep -q 'takes no AF_XDP sockets' "$WORK/daemon"
before=$(grep -c miss "$WORK/upcall")
ctl del-flows dp0
check e2e.host.other_daemon host 1 ping -c 1 -W 2 10.0.0.2
check e2e.host.misses_again test "$(grep -c miss "$WORK/upcall")" -gt "$before"
finish
