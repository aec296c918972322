#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovsxdpctl and the daemon: what a command leaves behind when it fails halfway,
# what it doesn't touch, and what its errors say.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

switch_up
for n in 1 2; do
	host_up $n
done
daemon_start
id=e2e.ctl

# ---- what exists stays as it is ----
asked=unaligned,vport-pids,tc-recirc-sharing
ctl add-dp dp0 features=$asked
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
finish
