#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# Ports of one datapath in mixed modes: every ordered pair of xdp,
# xdp-generic and tc, by ping, TCP and UDP over both IP versions, and with an
# MTU of 9,000. Nobody calls ethtool: offloads are the kernel's defaults.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

modes=(xdp xdp-generic tc)
all=(1 2 3 4 5 6) # two hosts a mode, a pair is from the first to the second
mode_of() { echo "${modes[($1 - 1) % 3]}"; }

switch_up
daemon_start
ctl add-dp dp0
check e2e.modes.knob_default grep -q 'redirect-peer=off' <(ctl stats dp0)
ctl set-dp dp0 redirect-peer=on
for n in "${all[@]}"; do
	host_up "$n"
	ipv6_up "$n"
	ctl add-if dp0 "p$n,port_no=$n,mode=$(mode_of "$n")"
	check_eq "e2e.modes.in_force_$n" "$(mode_of "$n")" \
		"$(json "[p['mode'] for p in d[0]['ports'] \
			if p['port_no'] == $n][0]" show dp0)"
done
# a switch: unicast by address, all else to everybody else
for n in "${all[@]}"; do
	ctl add-flow dp0 "eth(dst=$(mac "$n"))" "$n"
	others=$(printf '%s\n' "${all[@]}" | grep -v "$n" | paste -sd,)
	ctl add-flow dp0 "in_port($n),eth(dst=01:00:00:00:00:00/01:00:00:00:00:00)" \
		"$others"
done

tcp6() { # from to port
	local pid
	host "$2" timeout 120 socat -u "TCP6-LISTEN:$3,reuseaddr" \
		"OPEN:$WORK/tcp6,creat,trunc" &
	pid=$!
	wait_for 5 listening "$2" "$3"
	host "$1" timeout 120 socat -u "OPEN:$WORK/sent" \
		"TCP6:[fd00::$2]:$3" || return 1
	wait "$pid"
	cmp "$WORK/sent" "$WORK/tcp6"
}
udp_large() { # from to: 5 datagrams of 8,900 bytes, each one frame
	rm -f "$WORK/udpl" "$WORK/udpl.up"
	host "$2" timeout 120 python3 - "$WORK/udpl" <<-'END' &
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("", 5003)); s.settimeout(60)
		open(sys.argv[1] + ".up", "w").close()
		n = sum(len(s.recv(9000)) for _ in range(5))
		open(sys.argv[1], "w").write(str(n))
	END
	local pid=$!
	wait_for 5 test -e "$WORK/udpl.up"
	host "$1" python3 - "10.0.0.$2" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.IPPROTO_IP, 10, 2) # IP_MTU_DISCOVER, DO
		for i in range(5):
		    s.sendto(bytes([i]) * 8900, (sys.argv[1], 5003))
	END
	wait "$pid" && [ "$(cat "$WORK/udpl")" = 44500 ]
}

port=6000
pair() { # from to
	local a=$1 b=$2 id
	id=e2e.modes.$(mode_of "$a")_to_$(mode_of "$b")
	port=$((port + 2))
	check "$id.ping" host "$a" ping -q -c 3 -i 0.02 -W 30 "10.0.0.$b"
	check "$id.ping6" host "$a" ping -q -c 3 -i 0.02 -W 30 "fd00::$b"
	check "$id.tcp" tcp "$a" "$b" 4000000 $port
	check "$id.tcp6" tcp6 "$a" "$b" $((port + 1))
	check "$id.udp" udp "$a" "$b"
}
jumbo() { # from to
	local a=$1 b=$2 id
	id=e2e.modes.$(mode_of "$a")_to_$(mode_of "$b").jumbo
	port=$((port + 1))
	check "${id}_ping" host "$a" ping -q -c 3 -i 0.02 -W 30 -M "do" \
		-s 8900 "10.0.0.$b"
	check "${id}_tcp" tcp "$a" "$b" 4000000 $port
	check "${id}_udp" udp_large "$a" "$b"
}
for a in 1 2 3; do
	for b in 4 5 6; do
		pair $a $b
	done
done
for n in "${all[@]}"; do
	sw ip link set "p$n" mtu 9000
	host "$n" ip link set h0 mtu 9000
done
pause 0.5 # the daemon hears of it
for a in 1 2 3; do
	for b in 4 5 6; do
		jumbo $a $b
	done
done

# What nobody should have seen: packets of ports in the host's own stack,
# drops for any reason.
for reason in over_mtu redirect_failed edit_failed bad_flow no_socket \
	ring_full send_failed tx_busy no_metadata; do
	check_eq "e2e.modes.no_$reason" 0 \
		"$(json "d[0]['reasons']['$reason']" stats dp0)"
done

# With bpf_redirect_peer() the port's device doesn't count what it sends. By
# default it does, as the module's.
tx_of() { # device
	sw ip -j -s link show dev "$1" | python3 -c 'import json, sys
print(json.load(sys.stdin)[0]["stats64"]["tx"]["packets"])'
}
counted() { # pings 3 times: how many did p6 count?
	local before
	before=$(tx_of p6)
	host 3 ping -q -c 3 -i 0.02 -W 30 10.0.0.6 > /dev/null || echo lost
	echo $(($(tx_of p6) - before))
}
check e2e.modes.knob_shown grep -q 'redirect-peer=on' <(ctl stats dp0)
check_eq e2e.modes.knob_on_uncounted 0 "$(counted)"
check e2e.modes.knob_off ctl set-dp dp0 redirect-peer=off
check e2e.modes.knob_off_shown grep -q 'redirect-peer=off' <(ctl stats dp0)
check_eq e2e.modes.knob_off_counted 3 "$(counted)"
finish
