#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# conntrack -E hears what happens to the daemon's connections, under the preload
# and the supervisor. The same packets go through nf_conntrack of the kernel, in
# a network namespace that forwards them, and both say the same, line by line.
# timeout: 300

. "$(dirname "$0")/../lib/e2e.sh"
own_modes
command -v conntrack > /dev/null || bail "conntrack is not installed"

id=interop.conntrack_events
# shellcheck disable=SC2016 # awk's, not the shell's
served() {
	sw awk '$2 == 12 && $3 == 1331057496 { n++ } END { exit !n }' \
		/proc/thread-self/net/netlink
}
acct() { # command prefix
	$1 sh -c 'echo 1 > /proc/sys/net/netfilter/nf_conntrack_acct' \
		2> /dev/null
}
# dp_up, but with a sysctl before the table is made
switch_up
host_up 1
host_up 2
acct sw || bail "no nf_conntrack here"
daemon_start
served || bail "this build serves no connection tracking"
ctl add-dp dp0
ctl add-if dp0 p1,port_no=1
ctl add-if dp0 p2,port_no=2
neighbours 1 2

# Commands, not functions, for those that are ended: $! shall be theirs.
IN=(nsenter "--net=/run/netns/$SW")
RUN=("${IN[@]}" timeout 200 "$O/ovsxdp-run")
run() { "${RUN[@]}" "$@"; }
ct() { run conntrack "$@" > /dev/null 2>&1; }
# The kernel's own, in a namespace that forwards.
ORACLE=(nsenter "--net=/run/netns/oxor-$$")
oracle() { "${ORACLE[@]}" "$@"; }
kernel_up() {
	local n or=oxor-$$
	ip netns add $or
	HOSTS+=("$or")
	for n in 3 4; do
		host_up $n
		sw ip link set "p$n" netns $or
		oracle ip link set "p$n" address "$(mac $((5 - n)))" up
		oracle ip route add "10.1.0.$((n - 2))" dev "p$n"
		oracle ip neigh add "10.1.0.$((n - 2))" dev "p$n" \
			lladdr "$(mac "$n")"
	done
	oracle sysctl -qw net.ipv4.ip_forward=1
	acct oracle
	oracle nft -f - <<- END
		table ip t {
			chain c {
				type filter hook forward priority 0
				ct state invalid counter
			}
		}
	END
}
# Ends of segments.py have the MACs of hosts 1 and 2.
segments() { # host host < packets
	PYTHONPATH=tests/lib timeout 120 /usr/bin/python3 tests/lib/segments.py \
		"oxh$1-$$:h0" "oxh$2-$$:h0"
}

# listen NAME COMMAND...: a conntrack -E, whose lines go to $WORK/NAME.
declare -A EAR
listen() {
	local name=$1
	shift
	"$@" > "$WORK/$name" 2> "$WORK/$name.err" &
	EAR[$name]=$!
	PIDS+=($!)
}
deaf() { # NAME
	kill "${EAR[$1]}" 2> /dev/null
	wait "${EAR[$1]}" 2> /dev/null
}
MARK_ZONE=0
mark_with() { # NAME PORT COMMAND...: COMMAND is a conntrack -I; until it shows
	local name=$1 port=$2
	shift 2
	"$@" -I -s 10.9.0.1 -d 10.9.0.2 -p udp --sport "$port" --dport 9 \
		-t 100 -w "$MARK_ZONE" > /dev/null 2>&1
	"$@" -D -s 10.9.0.1 -p udp --sport "$port" -w "$MARK_ZONE" > /dev/null 2>&1
	grep -q "sport=$port .*dport=9" "$WORK/$name"
}
hears() { wait_for 30 mark_with "$1" 1 run conntrack; }
# All that has happened before is there.
caught_up() { # NAME COMMAND...
	local name=$1
	shift
	ct_marks=$((${ct_marks:-100} + 1))
	mark_with "$name" $ct_marks "$@"
	wait_for 30 grep -q "DESTROY.*sport=$ct_marks .*dport=9" "$WORK/$name"
}
# Lines without what differs by chance: spaces, ids, a second that is just over,
# and the time that was left of what ended.
lines() { # NAME
	grep -v 10.9.0.1 "$WORK/$1" | python3 -c '
import re, sys
for line in sys.stdin:
    w = line.split(" [USERSPACE]")[0].split()
    if w[0] == "[DESTROY]":
        w = w[:3] + (w[4:] if len(w) > 3 and w[3].isdigit() else w[3:])
    elif w[3].isdigit() and int(w[3]) % 10 == 9:
        w[3] = str(int(w[3]) + 1)
    print(" ".join(w))'
}
n_lines() { # NAME REGEX
	grep -v 10.9.0.1 "$WORK/$1" | grep -c -- "$2"
}

# ---- the same packets through both ----

sequence() {
	cat <<- END
		1 tcp 1000 S 1 0
		2 tcp 1000 SA 100 2
		1 tcp 1000 A 2 101
		1 tcp 1000 PA 2 101 10
		2 tcp 1000 A 101 12
		1 tcp 1000 FA 12 101
		2 tcp 1000 A 101 13
		2 tcp 1000 FA 101 13
		1 tcp 1000 A 13 102
		1 tcp 1000 S 5000 0
		2 tcp 1000 RA 0 5001
		1 tcp 1001 S 1 0
		2 tcp 1001 SA 100 2
		1 tcp 1001 A 2 101
		2 tcp 1001 R 101 0
		1 tcp 1002 A 70 80
		2 tcp 1002 A 80 70
		1 udp 2000 10
		1 udp 2000 10
		2 udp 2000 20
		1 udp 2000 10
		1 icmp 77 8
		2 icmp 77 0
		1 icmp 77 8
	END
}
wire 1 2 "ct(commit),"
wire 2 1 "ct(commit),"
listen ours "${RUN[@]}" conntrack -E
check $id.hears hears ours
check $id.packets segments 1 2 < <(sequence)
check $id.caught_up caught_up ours run conntrack
check $id.flush ct -F
check $id.caught_up_again caught_up ours run conntrack
deaf ours
if ! command -v nft > /dev/null; then
	skip $id.same "nftables is not installed"
else
	kernel_up
	listen kernels "${ORACLE[@]}" conntrack -E
	wait_for 30 mark_with kernels 1 oracle conntrack
	# hosts 3 and 4 play 1 and 2
	check $id.kernels_packets segments 3 4 < <(sequence)
	caught_up kernels oracle conntrack
	oracle conntrack -F > /dev/null 2>&1
	caught_up kernels oracle conntrack
	deaf kernels
	lines ours | grep -v DESTROY > "$WORK/a"
	lines kernels | grep -v DESTROY > "$WORK/b"
	check $id.same diff "$WORK/a" "$WORK/b"
	# a flush ends them in the table's order
	lines ours | grep DESTROY | sort > "$WORK/a"
	lines kernels | grep DESTROY | sort > "$WORK/b"
	check $id.same_ends diff "$WORK/a" "$WORK/b"
	check_eq $id.some 24 "$(n_lines kernels .)"
fi

# ---- what conntrack asks for ----

acts() { # from to actions: other ones than before
	ctl mod-flow dp0 "in_port($1),eth(),eth_type(0x0800),ipv4()" "$3$2"
}

listen news "${RUN[@]}" conntrack -E -e NEW
listen zone "${RUN[@]}" conntrack -E -w 5
listen both "${RUN[@]}" conntrack -E -e UPDATES,DESTROY
check $id.hears_both hears both
MARK_ZONE=5
check $id.hears_zone hears zone
MARK_ZONE=0
wait_for 30 grep -q 'sport=1 .*dport=9' "$WORK/news"
acts 1 2 "ct(commit,zone=5),"
acts 2 1 "ct(commit,zone=5),"
check $id.zone_packets segments 1 2 <<- END
	1 udp 3000
	2 udp 3000
	1 udp 3001
END
ct -I -s 10.8.0.1 -d 10.8.0.2 -p udp --sport 3002 --dport 80 -t 100
check $id.mark ct -U -s 10.8.0.1 -d 10.8.0.2 -p udp --sport 3002 --dport 80 -m 7
# a flush of a zone tells of each, when somebody listens
check $id.zone_flush ctl flush-conntrack zone=5
check $id.caught_up_both caught_up both run conntrack
check $id.caught_up_zone wait_for 30 grep -q 'DESTROY.*sport=3001 ' "$WORK/zone"
deaf news
deaf zone
deaf both
check_eq $id.news 3 "$(n_lines news 'NEW. udp.*=300')"
check_eq $id.news_only 0 "$(n_lines news 'UPDATE\|DESTROY')"
check_eq $id.zone_new 2 "$(n_lines zone 'NEW.*sport=300.*zone=5')"
check_eq $id.zone_update 1 "$(n_lines zone 'UPDATE.*sport=3000.*zone=5')"
check_eq $id.zone_gone 2 "$(n_lines zone 'DESTROY.*zone=5')"
check_eq $id.zone_only 0 "$(grep -vc zone=5 "$WORK/zone")"
check_eq $id.updates 2 "$(n_lines both UPDATE)"
check_eq $id.changed 1 "$(n_lines both 'UPDATE.*sport=3002.*mark=7')"
check_eq $id.both_new 0 "$(n_lines both NEW)"
ct -F

# ---- an action's eventmask: 4 is DESTROY, 8 REPLY ----

acts 1 2 "ct(commit,zone=1,eventmask=0x4),"
acts 2 1 "ct(commit,zone=1),"
listen masked "${RUN[@]}" conntrack -E
check $id.hears_masked hears masked
check $id.masked_packets segments 1 2 <<- END
	1 udp 4000
	2 udp 4000
END
acts 1 2 "ct(commit,zone=1,eventmask=0x8),"
check $id.masked_more segments 1 2 <<- END
	1 udp 4001
	2 udp 4001
END
ct -D -p udp --orig-port-src 4000 -w 1
ct -D -p udp --orig-port-src 4001 -w 1
check $id.caught_up_masked caught_up masked run conntrack
check_eq $id.masked "DESTROY" "$(sed -n 's/.*\[\(.*\)\] udp.*sport=4000.*/\1/p' "$WORK/masked")"
check_eq $id.masked_reply "UPDATE" "$(sed -n 's/.*\[\(.*\)\] udp.*sport=4001.*/\1/p' "$WORK/masked")"

# ---- times out; without commit nothing is told ----

acts 1 2 "ct(zone=1),"
acts 2 1 "ct(zone=1),"
ct -I -s 10.8.0.1 -d 10.8.0.2 -p udp --sport 4002 --dport 80 -t 1
check $id.times_out wait_for 30 grep -q 'DESTROY.*sport=4002' "$WORK/masked"
check $id.uncommitted segments 1 2 <<- END
	1 udp 4003
	2 udp 4003
END
check $id.caught_up_late caught_up masked run conntrack
check_eq $id.untold 0 "$(n_lines masked sport=4003)"

# ---- connections that a helper announces ----

# a helper wants to know the protocol
any="in_port(1),eth(),eth_type(0x0800),ipv4()"
ctl del-flow dp0 "$any"
ctl add-flow dp0 "${any/ipv4()/ipv4(proto=17),udp()}" "ct(commit,zone=2,helper=tftp),2"
acts 2 1 "ct(commit,zone=2),"
listen expect "${RUN[@]}" conntrack -E expect
# shellcheck disable=SC2016 # awk's, not the shell's
joined_exp() { # the daemon's groups of NFNLGRP_CONNTRACK_EXP_*
	sw awk '$2 == 12 && $4 == "00380000" { n++ } END { exit !n }' \
		/proc/thread-self/net/netlink
}
check $id.expect.joined wait_for 30 joined_exp
# a read request of "abc"; its answer comes from another port. Then one that
# nobody answers.
check $id.expect.packets segments 1 2 <<- END
	1 udp 8000 hex:0001616263006f6374657400
	2 udp 8000:9999
	1 udp 8001 hex:0001616263006f6374657400
END
check $id.expect.caught_up caught_up masked run conntrack
ct -D -p udp --orig-port-src 8001 -w 2
check $id.expect.master_gone wait_for 30 grep -q 'DESTROY.*dport=8001 ' "$WORK/expect"
deaf expect
check_eq $id.expect.lines "NEW 8000,DESTROY 8000,NEW 8001,DESTROY 8001," "$(sed -nE \
	's/^ *\[(.*)\].* src=10.1.0.2 dst=10.1.0.1 sport=0 dport=(800.) .* master-src=10.1.0.1 master-dst=10.1.0.2 sport=800. dport=80 .*helper=tftp.*/\1 \2/p' \
	"$WORK/expect" | tr '\n' ,)"
check_eq $id.expect.related 1 "$(n_lines masked 'NEW.*src=10.1.0.2 dst=10.1.0.1 sport=9999 dport=8000 ')"

# ---- the daemon is killed ----

ctl del-flow dp0 "${any/ipv4()/ipv4(proto=17),udp()}"
wire 1 2 "ct(commit,zone=1),"
acts 2 1 "ct(commit,zone=1),"
daemon_kill 9
check $id.killed_packets segments 1 2 <<- END
	1 udp 5000
	2 udp 5000
END
daemon_start
check $id.told_later wait_for 30 grep -q 'UPDATE.*sport=5000 ' "$WORK/masked"
check_eq $id.told_once 2 "$(n_lines masked sport=5000)"
check $id.caught_up_after caught_up masked run conntrack

# ---- nobody listens: nothing is told, and there is no ring ----

listening_flag() { # the kernel's view of it: 0x200 of ct_conf.flags
	[ $(($(bpftool -j map dump pinned "$(echo "$ROOT"/%net-*/%ct/config)" |
		python3 -c '
import json, sys
print(int.from_bytes(bytes(int(b, 16) for b in json.load(sys.stdin)[0]["value"][40:44]), "little"))') & 512)) = "$1" ]
}
deaf masked
if command -v bpftool > /dev/null; then
	check $id.off wait_for 30 listening_flag 0
	listen again "${RUN[@]}" conntrack -E
	check $id.hears_again hears again
	check $id.on listening_flag 512
	deaf again
	check $id.off_again wait_for 30 listening_flag 0
else
	skip $id.off "bpftool is not installed"
fi

# ---- a client that doesn't read, and a daemon that doesn't ----

count_of() { # event_lost or event_unread
	ctl metrics | sed -n "s/^ovsxdp_conntrack_$1_total //p"
}
blast() { # as many connections
	host 1 python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.0.0.1", 0))
for i in range(int(sys.argv[1])):
    s.sendto(b"x", ("10.0.0.2", 1024 + i))' "$1"
}
cat > "$WORK/lazy.py" <<- END
	import errno, os, socket, sys, time
	s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
	s.bind((0, 7))
	open(sys.argv[1] + ".ready", "w")
	while not os.path.exists(sys.argv[1] + ".go"):
	    time.sleep(0.05)
	n, overrun = 0, False
	s.setblocking(False)
	while True:
	    try:
	        data, (pid, groups) = s.recvfrom(65536)
	        assert pid == 0 and groups in (1, 2, 4), (pid, groups)
	        n += 1
	    except BlockingIOError:
	        break
	    except OSError as e:
	        assert e.errno == errno.ENOBUFS, e
	        overrun = True
	print(overrun, n > 0)
END
lazy() { # command prefix
	rm -f "$WORK/lazy.ready" "$WORK/lazy.go"
	"$@" /usr/bin/python3 "$WORK/lazy.py" "$WORK/lazy" > "$WORK/lazy.out" 2>&1 &
	EAR[lazy]=$!
	PIDS+=($!)
	wait_for 30 test -e "$WORK/lazy.ready" || return 1
	before=$(count_of event_unread)
	blast 300
	wait_for 30 eval "[ \$(count_of event_unread) -gt $before ]"
}
acts 1 2 "ct(commit,zone=3),"
check $id.unread lazy "${RUN[@]}"
touch "$WORK/lazy.go"
wait "${EAR[lazy]}"
check_eq $id.enobufs "True True" "$(cat "$WORK/lazy.out")"
check_eq $id.not_lost 0 "$(count_of event_lost)"
ct -F
listen stopped "${RUN[@]}" conntrack -E
check $id.hears_stopped hears stopped
kill -STOP "$DAEMON"
blast 20000
kill -CONT "$DAEMON"
lost() { [ "$(count_of event_lost)" -gt 0 ]; }
check $id.lost wait_for 30 lost
deaf stopped
ct -F

# ---- the kernel's own connections are another's ----

listen kernel "${IN[@]}" conntrack -E
listen own "${RUN[@]}" conntrack -E
kernel_mark() {
	sw conntrack -I -s 10.9.0.1 -d 10.9.0.2 -p udp --sport 1 --dport 9 -t 9
	sw conntrack -D -p udp
	grep -q 'DESTROY.*sport=1 ' "$WORK/kernel"
}
check $id.hears_ours hears own
check $id.kernels_own wait_for 30 kernel_mark
check $id.made ct -I -s 10.8.0.1 -d 10.8.0.2 -p udp --sport 6000 --dport 80 -t 100
check $id.caught_up_ours caught_up own run conntrack
check_eq $id.ours_hears 1 "$(n_lines own sport=6000)"
check $id.kernels_last wait_for 30 kernel_mark
check_eq $id.kernels_doesnt 0 "$(n_lines kernel sport=6000)"
deaf kernel
deaf own

# ---- the supervisor ----

if sw "$O/ovsxdp-run" --seccomp true 2> /dev/null; then
	listen super "${RUN[@]}" --seccomp conntrack -E
	acts 2 1 "ct(commit,zone=3),"
	check $id.seccomp.hears hears super
	check $id.seccomp.packets segments 1 2 <<- END
		1 udp 7000
		2 udp 7000
	END
	check $id.seccomp.caught_up caught_up super run conntrack
	check_eq $id.seccomp.lines 1 "$(n_lines super 'NEW.*sport=7000 ')"
	deaf super
	check $id.seccomp.unread lazy "${RUN[@]}" --seccomp
	deaf lazy
else
	skip $id.seccomp "no supervisor on this kernel"
fi

finish
