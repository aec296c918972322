#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Who attaches the program: the daemon, or a person before or after. What
# happens when somebody takes it off, when another program is there, when the
# device goes away. Generic mode, and promiscuity.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

switch_up
for n in 1 2 3; do
	host_up $n on
done
daemon_start
ctl add-dp dp0
neighbours 1 2 3
prog=$ROOT/dp0/xdp

xdp_of() { sw ip -o link show dev "$1" | grep -o 'prog/xdp id [0-9]*'; }
logged() { grep -qi -- "$1" "$WORK/daemon"; }

# a person attaches first; without a vport traffic goes to the stack
check e2e.attach.by_hand sw ip link set dev p1 xdp pinned "$prog"
sw ip addr add 10.0.0.101/24 dev p1
check e2e.attach.no_vport_passes host 1 ping -q -c 2 -i 0.05 -W 30 10.0.0.101
sw ip addr del 10.0.0.101/24 dev p1
id=$(xdp_of p1)
check e2e.attach.then_vport ctl add-if dp0 p1,port_no=1
check_eq e2e.attach.program_kept "$id" "$(xdp_of p1)"
check e2e.attach.mode_none ctl add-if dp0 p2,port_no=2,mode=none
check_eq e2e.attach.none_attached "" "$(xdp_of p2)"
check e2e.attach.by_hand_after sw ip link set dev p2 xdp pinned "$prog"
wire 1 2
wire 2 1
check e2e.attach.ping host 1 ping -q -c 3 -i 0.05 -W 30 10.0.0.2
check e2e.attach.tcp tcp 1 2 2000000
check e2e.attach.promiscuous sh -c "nsenter --net=/run/netns/$SW \
	ip -d link show p1 | grep -q 'promiscuity 1'"

# off is noticed
sw ip link set dev p2 xdp off
check e2e.attach.off_noticed wait_for 5 logged 'p2.*\(program\|xdp\)'
ctl del-if dp0 p2
check_eq e2e.attach.not_promiscuous "" \
	"$(sw ip -d link show p2 | grep -o 'promiscuity 1')"

# another program: refused, nothing changed. Any pinned XDP program that
# isn't dp0's will do: that of another datapath.
ctl add-dp dp1
sw ip link set dev p2 xdp pinned "$ROOT/dp1/xdp"
id=$(xdp_of p2)
check_fails e2e.attach.foreign_busy "EBUSY\|busy" \
	ctl add-if dp0 p2,mode=xdp
check_eq e2e.attach.foreign_kept "$id" "$(xdp_of p2)"
check_eq e2e.attach.foreign_no_port 0 "$(ctl show dp0 | grep -c p2)"
# the skb tier lives behind it
check e2e.attach.foreign_tc ctl add-if dp0 p2,port_no=2
check e2e.attach.foreign_tc_ping host 1 ping -q -c 3 -i 0.05 -W 30 10.0.0.2
ctl del-if dp0 p2
check_eq e2e.attach.foreign_still "$id" "$(xdp_of p2)"
sw ip link set dev p2 xdp off

# Generic mode doesn't take segmentation offload from the sender: what is
# too long for XDP is the skb tier's.
check e2e.attach.generic ctl add-if dp0 p2,port_no=2,mode=xdp-generic
check e2e.attach.generic_is sh -c \
	"nsenter --net=/run/netns/$SW ip link show p2 | grep -q xdpgeneric"
check e2e.attach.generic_ping host 1 ping -q -c 3 -i 0.05 -W 30 10.0.0.2
check e2e.attach.generic_tcp tcp 2 1 2000000 5007
check e2e.attach.generic_tcp_back tcp 1 2 2000000 5008

# a device that goes away takes its port along, and a listener hears of it
ctl add-if dp0 p3,port_no=3
sw timeout 120 "$O/ovsxdpctl" monitor dp0 > "$WORK/monitor" 2>&1 &
PIDS+=($!)
listens() { # a change is made until the listener hears of one
	ctl set-if dp0 p3,mode=tc && ctl set-if dp0 p3,mode=auto &&
		test -s "$WORK/monitor"
}
check e2e.attach.monitor wait_for 5 listens
: > "$WORK/monitor"
sw ip link del p3
check e2e.attach.gone_port wait_for 5 sh -c \
	"! nsenter --net=/run/netns/$SW $O/ovsxdpctl show dp0 | grep -q p3"
check e2e.attach.gone_notified wait_for 5 grep -q 'p3' "$WORK/monitor"

# no NAPI behind the port: XDP_REDIRECT can't reach it, yet nothing is lost
host_up 4 off
ctl add-if dp0 p4,port_no=4,mode=xdp
neighbours 1 4
ctl del-flows dp0
wire 1 4
wire 4 1
check e2e.attach.no_xmit_ping host 1 ping -q -c 5 -i 0.05 -W 30 10.0.0.4
check e2e.attach.no_xmit_tcp tcp 1 4 300000 5009
check e2e.attach.no_xmit_counted sh -c "nsenter --net=/run/netns/$SW \
	$O/ovsxdpctl stats dp0 | grep -E 'no_ndo_xmit'"

# modes change while packets flow; the reason is shown
why() { ctl show dp0 | grep ": $1 \["; }
host 1 ping -q -i 0.005 -c 600 -W 1 10.0.0.4 > "$WORK/ping" 2>&1 &
ping=$!
for mode in tc xdp-generic xdp none auto; do
	[ $mode != none ] || start=$(date +%s%N)
	check "e2e.attach.set_$mode" ctl set-if dp0 "p4,mode=$mode"
	[ $mode = none ] || sleep 0.3
	[ $mode != auto ] || end=$(date +%s%N)
done
check e2e.attach.why_auto grep -q 'tc: veth carries skbs' <(why p4)
ctl set-if dp0 p4,mode=xdp
check e2e.attach.why_asked grep -q 'xdp: asked' <(why p4)
wait $ping
# "none" is the one during which nothing comes in: a ping each 5 ms
got=$(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$WORK/ping")
check e2e.attach.set_lost_little \
	test "$got" -gt $((600 - 40 - (end - start) / 5000000))
sw ip link set dev p4 xdp off
taken_off() { why p4 | grep -q 'tc: the XDP program was taken off'; }
check e2e.attach.off_goes_on wait_for 5 taken_off
check e2e.attach.off_ping host 1 ping -q -c 3 -i 0.05 -W 30 10.0.0.4

# deleting takes off what the daemon attached; what a person did stays
ctl del-dp dp0
ctl del-dp dp1
check_eq e2e.attach.all_off "" "$(xdp_of p2)$(xdp_of p4)"
check e2e.attach.by_hand_stays test -n "$(xdp_of p1)"
finish
