#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# `make demo-ovn`: two hosts (namespaces) with Debian's Open vSwitch and OVN on
# ovsxdp, two virtual machines (namespaces) on each, an ACL, a load balancer,
# and a daemon that is killed while a ping runs. Everything is gone at the end.

. "$(dirname "$0")/lib/e2e.sh"
. tests/lib/ovn.sh
# the two hosts' programs log to files, and nothing of this is a test
bail() {
	echo "$*" >&2
	exit 1
}

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
ovn() { # shows and runs a command of ovn-nbctl
	local word line=
	for word; do
		[[ $word != *[\"\&]* ]] || word="'$word'"
		line+=" $word"
	done
	echo "\$ ovn-nbctl$line"
	nb "$@"
}
vm_pings() { # number address count
	echo "vm$1\$ ping $2"
	at "vm$1" ping -q -c "$3" -i 0.01 -W 2 "$2" | sed -n '/transmitted/p'
}

say "Two hosts, each with ovsxdpd, ovs-vswitchd and ovn-controller"
central_up || bail "no OVN databases"
for n in 1 2; do chassis_up $n || bail "ch$n doesn't start"; done
both_there() { [ "$(sb --bare --columns=name list chassis | grep -c ch)" = 2 ]; }
wait_for 20 both_there
echo "\$ ovn-sbctl show"
sb show

say "Two virtual machines on each, in one logical switch"
ovn ls-add sw0
for n in 1 2 3 4; do
	vm_up $n sw0 $(((n + 1) / 2)) "10.0.0.$n/24" 10.0.0.254
	echo "vm$n: 10.0.0.$n on ch$(((n + 1) / 2))"
done
for n in 1 2 3 4; do
	wait_for 20 vm_is_up $n
	vm_serve $n 80 8080
done
nb --wait=hv sync
vm_pings 1 10.0.0.2 100
vm_pings 1 10.0.0.3 100

say "An ACL: of TCP, vm3 takes port 80 alone, and answers what it is asked"
ovn acl-add sw0 to-lport 1001 'outport=="vm3" && tcp.dst==80' allow-related
ovn --wait=hv acl-add sw0 to-lport 1000 'outport=="vm3" && tcp' drop
for port in 80 8080; do
	echo "vm1 asks 10.0.0.3:$port: $(vm_ask 1 10.0.0.3 $port ||
		echo no answer)"
done

say "A router, and a load balancer over both hosts"
ovn lr-add lr0
ovn lrp-add lr0 lr0-sw0 0a:00:00:00:01:00 10.0.0.254/24
nb lsp-add sw0 sw0-lr0 -- lsp-set-type sw0-lr0 router \
	-- lsp-set-addresses sw0-lr0 router \
	-- lsp-set-options sw0-lr0 router-port=lr0-sw0
ovn lb-add lb0 10.0.0.100:80 10.0.0.2:80,10.0.0.4:80
ovn ls-lb-add sw0 lb0
ovn --wait=hv lr-lb-add lr0 lb0
for _ in 1 2 3 4 5 6 7 8; do vm_ask 1 10.0.0.100 80; done | sort | uniq -c

say "Its connections, and the flows into the tunnel"
echo "ch1\$ ovsxdpctl dump-conntrack | grep 10.0.0.100 | head -n 2"
ch_xctl 1 dump-conntrack | grep 10.0.0.100 | head -n 2
echo "ch1\$ ovsxdpctl dump-flows ovs-system | grep -c 'set(tunnel('"
ch_xctl 1 dump-flows ovs-system | grep -c 'set(tunnel('

say "ovsxdpd of ch2 is killed while vm1 pings vm3"
at vm1 ping -q -c 300 -i 0.01 -W 2 10.0.0.3 > "$WORK/pings" &
pinging=$!
sleep 0.5
ch_end 9 "${CH_DAEMON[2]}"
sleep 1
ch_daemon_start 2
wait $pinging
sed -n '/transmitted/p' "$WORK/pings"
