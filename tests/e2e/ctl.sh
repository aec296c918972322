#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovsxdpctl and the daemon: what a command leaves behind when it fails halfway,
# what it doesn't touch, and what its errors say.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

id=e2e.ctl
switch_up
no_daemon="ovsxdp-run: no ovsxdpd answers in this network namespace"
run_true() { sw "$O/ovsxdp-run" true 2>&1; }
check $id.run_warns grep -q "$no_daemon" <(run_true)
check_eq $id.run_expects "" "$(OVSXDP_EXPECT=1 run_true)"
for n in 1 2; do
	host_up $n
done
daemon_start
check_eq $id.run_quiet "" "$(run_true)"

# ---- bash completion ----
# Words as bash cuts them, at "=" too: what is there for the last of them.
complete_words() {
	# shellcheck disable=SC2016 # that bash expands them
	sw env PATH="$O:$PATH" bash -c '
		. control/ctl/ovsxdpctl.bash-completion
		COMP_WORDS=(ovsxdpctl "$@") COMP_CWORD=$#
		_ovsxdpctl
		echo "${COMPREPLY[@]}"' bash "$@"
}
check_eq $id.completes_modes "xdp xdp-generic" \
	"$(complete_words set-if dp0 port1,mode = xd)"
check_eq $id.completes_all_modes "auto xdp xdp-generic tc none" \
	"$(complete_words add-if dp0 port1,port_no = 2,mode =)"
check_eq $id.completes_port_options "port1,mode=" \
	"$(complete_words set-if dp0 port1,m)"
check_eq $id.completes_features "unaligned,vport-pids" \
	"$(complete_words set-dp dp0 features = unaligned,v)"
check_eq $id.completes_options "--json --more" \
	"$(complete_words stats --j) $(complete_words stats --m)"
check_eq $id.completes_drops --reason "$(complete_words drops --re)"
check_eq $id.completes_no_option "" "$(complete_words del-dp --j)"
check_eq $id.completes_commands \
	"$(sw "$O/ovsxdpctl" --help | sed -n 's/^  \([a-z][a-z-]*\).*/\1/p' | sort)" \
	"$(complete_words '' | tr ' ' '\n' | sort)"

# ---- what exists stays as it is ----
asked=unaligned,vport-pids,tc-recirc-sharing
ctl add-dp dp0 features=$asked
check_eq $id.completes_reasons "ct_limit ct_full ct_clash ct_fragment ct_helper" \
	"$(complete_words drops --reason ct_)"
features() { json '",".join(d[0]["features"])' stats dp0; }
check_eq $id.features $asked "$(features)"
check_fails $id.add_dp_again "datapath dp0 exists already" ctl add-dp dp0
check_eq $id.add_dp_again_features $asked "$(features)"
check_fails $id.add_dp_device "device p1 exists already" ctl add-dp p1
check $id.set_dp_cache ctl set-dp dp0 masks-cache-size=512
check_eq $id.set_dp_cache_features $asked "$(features)"
check $id.set_dp_pid ctl set-dp dp0 upcall-pid=7
check_eq $id.set_dp_pid_features $asked "$(features)"
check $id.set_dp_features ctl set-dp dp0 features=unaligned
check_eq $id.set_dp_features_set unaligned "$(features)"

# ---- all or nothing ----
dps() { ctl dump-dps | tr '\n' ' '; }
ports() { json '" ".join(p["name"] for p in d[0]["ports"])' show dp0; }
check_fails $id.add_dp_half "no device nosuch0; dp1 was deleted again" \
	ctl add-dp dp1 p1 nosuch0
check_eq $id.add_dp_undone "dp0 " "$(dps)"
check_fails $id.add_dp_bad_port "unknown mode 'fast'" \
	ctl add-dp dp1 p1,mode=fast
check_eq $id.add_dp_bad_port_first "dp0 " "$(dps)"
check $id.add_dp_repeated ctl add-dp dp1 p1
check $id.add_dp_repeated_gone ctl del-dp dp1
check_fails $id.add_if_half "nosuch0.*were taken out again" \
	ctl add-if dp0 p1 in7,type=internal nosuch0 p2
check_eq $id.add_if_undone "dp0" "$(ports)"
check_fails $id.add_if_internal_undone "does not exist" \
	sw ip link show dev in7
check_fails $id.add_if_bad_option "unknown option 'colour'" \
	ctl add-if dp0 p1 p2,colour=red
check_eq $id.add_if_bad_option_first "dp0" "$(ports)"
check $id.add_if ctl add-if dp0 p1 p2
check_fails $id.del_if_half "nosuch0.*done to those before it" \
	ctl del-if dp0 p1 nosuch0 p2
check_eq $id.del_if_half_done "dp0 p2" "$(ports)"

# ---- errors name the object, the value and the way out ----
says() { # text command...: fails, with exactly these lines
	local text=$1
	shift
	"$@" > "$WORK/says" 2>&1 && return 1
	diff "$WORK/says" - <<< "$text"
}
check $id.syntax_flow says "ovsxdpctl: add-flow: FLOW, column 12: expected \
a field of ipv4: src= dst= proto= tos= ttl= frag=, found 'source=1)'
  eth(),ipv4(source=1)
             ^" ctl add-flow dp0 "eth(),ipv4(source=1)" drop
check $id.may_create_adds ctl mod-flow --may-create dp0 \
	"in_port(9),eth(),eth_type(0x88b5)" drop
check $id.may_create_changes ctl mod-flow --may-create dp0 \
	"in_port(9),eth(),eth_type(0x88b5)" 9
check $id.may_create_changed grep -q 'actions:9$' \
	<(ctl get-flow dp0 "in_port(9),eth(),eth_type(0x88b5)")
check $id.may_create_gone ctl del-flow dp0 "in_port(9),eth(),eth_type(0x88b5)"
check_fails $id.syntax_far "^ \{40\}^$" ctl add-flow dp0 \
	"recirc_id(0),in_port(1),eth(src=02:00:00:00:00:01),eth_type(0x0800),ipv4(x),tcp(dst=80)" \
	drop
check_fails $id.syntax_actions "ACTIONS, column 3: expected an action: .*ct_clear, found 'foo(1)'" \
	ctl add-flow dp0 "eth(),eth_type(0x88b5)" "1,foo(1)"
check_fails $id.syntax_ct "ACTIONS, column 4: expected commit, force_commit" \
	ctl add-flow dp0 "eth(),eth_type(0x88b5)" "ct(comit)"
check_fails $id.no_helper "no helper amanda of IP protocol 6" ctl add-flow dp0 \
	"eth(),eth_type(0x0800),ipv4(proto=6,frag=no),tcp(),tcp_flags(0/0)" \
	"ct(commit,helper=amanda)"
check_fails $id.bad_ct "ct: mark without commit" ctl add-flow dp0 \
	"eth(),eth_type(0x0800),ipv4(proto=200,frag=no)" "ct(mark=1)"
check_fails $id.no_dp "no datapath 'dp9'; ovsxdpctl dump-dps lists them" \
	ctl show dp0 dp9
check_fails $id.no_dp_del "no datapath 'dp9'" ctl del-dp dp9
check_fails $id.policy "OVS_PACKET_ATTR_PACKET" \
	ctl execute dp0 "in_port(1),eth()" 1 0102
check_fails $id.policy_value "HEXPACKET has 2 bytes, an Ethernet header 14" \
	ctl execute dp0 "in_port(1),eth()" 1 0102
check_fails $id.near_key "a key attribute, perhaps eth_type(, found 'eth_typ(" \
	ctl add-flow dp0 "eth(),eth_typ(0x88b5)" drop
check_fails $id.no_near_key "a key attribute like ipv4(, found 'foo(1)" \
	ctl add-flow dp0 "eth(),foo(1)" drop
check_fails $id.meter_number "rate='500k' is not a number; kbps" \
	ctl add-meter dp0 "meter=1,bands=type=drop,rate=500k"
check_fails $id.missing_all "lacks tcp.*tcp_flags" \
	ctl add-flow dp0 "eth(),eth_type(0x0800),ipv4(proto=6)" drop
check_fails $id.no_port_name "a port of this datapath.*found 'port9),eth()'" \
	ctl add-flow dp0 "in_port(port9),eth()" drop
flow="in_port(77),eth(),eth_type(0x88b6)"
check_eq $id.no_port_noted "ovsxdpctl: note: dp0 has no port 77 now; \
'ovsxdpctl show dp0' lists them" "$(ctl add-flow dp0 "$flow" drop 2>&1)"
check_fails $id.flow_exists "'ovsxdpctl get-flow' with the same FLOW shows it" \
	ctl add-flow dp0 "$flow" drop
check_eq $id.flow_exists_shown 1 "$(ctl get-flow dp0 "$flow" | grep -c drop)"
check $id.port_noted_not test -z \
	"$(ctl add-flow dp0 "in_port(0),eth(),eth_type(0x88b6)" drop 2>&1)"
ctl add-dp dp1
check_fails $id.port_elsewhere "take it out with: ovsxdpctl del-if dp0 2" \
	ctl add-if dp1 p2
ctl del-dp dp1

# ---- stats: which port has lost something, and the module's names ----
check $id.stats_no_losses grep -qx '  ports with losses: none' <(ctl stats dp0)
ctl set-if dp0 p2,upcall_pid=4000000 # nobody's
host 2 ping -c 2 -W 0.2 10.0.0.77 > /dev/null
check $id.stats_losses grep -Eqx '    p2 +upcalls_failed [1-9][0-9]*' \
	<(ctl stats dp0)
check $id.stats_kernel_name grep -q OVS_DROP_METER \
	<(ctl stats -m dp0 | grep -A1 "^    meter ")
check_eq $id.stats_kernel_names 12 \
	"$(ctl stats -m dp0 | grep -c '^ *(OVS_DROP_[A-Z_]*)$')"

# ---- show: programs as the kernel has them, lines that fit a terminal ----
programs() { # id: does the kernel have it?
	python3 -c "import os, sys, ctypes
attr = ctypes.create_string_buffer((int(sys.argv[1])).to_bytes(4, 'little'), 128)
fd = ctypes.CDLL(None).syscall(321, 13, attr, 128)
sys.exit(fd < 0)" "$1"
}
tc_id=$(json 'd[0]["ports"][1]["tc_id"]' show dp0)
check $id.show_more grep -Eqx \
	"    up, mtu 1500, ifindex [0-9]+, tc id $tc_id \((tcx|clsact)\)" \
	<(ctl show -m dp0 | grep -A1 ': p2 ')
sw ip link set p2 mtu 1400
mtu_is_1400() { ctl show -m dp0 | grep -q 'mtu 1400,'; }
check $id.show_mtu wait_for 5 mtu_is_1400
[ "$(uname -m)" != x86_64 ] || check $id.show_id_exists programs "$tc_id"
check_eq $id.show_less 0 "$(ctl show dp0 | grep -c mtu)"
cat > "$WORK/term.py" <<'END'
import pty, sys
pty.spawn(sys.argv[1:])
END
sw python3 "$WORK/term.py" "$O/ovsxdpctl" show dp0 < /dev/null |
	tr -d '\r' > "$WORK/shown"
check_eq $id.show_fits "" "$(grep -E '.{81}' "$WORK/shown")"
check_eq $id.show_broken_alike "$(ctl show dp0 | tr -s ' \n' ' ')" \
	"$(tr -s ' \n' ' ' < "$WORK/shown")"
check $id.show_whole_in_pipes grep -q '.\{81\}' <(ctl show dp0)
check $id.statistics_anywhere ctl dump-flows -s dp0
finish
