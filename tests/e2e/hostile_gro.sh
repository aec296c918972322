#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A container's root switches GRO off and on at its end of a veth. From then on
# XDP_REDIRECT doesn't reach it, and the kernel counts no frame that it loses so
# (docs/facts.md, V1). The daemon follows the kernel's notifications, also when
# there are many of them.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

switch_up
for n in 1 2 3 4; do
	host_up $n on
done
daemon_start
ctl check-host 2>&1 | grep -q "^xdp-features *yes" ||
	bail "this kernel doesn't tell XDP features"
ctl add-dp dp0
for n in 1 2 3 4; do
	ctl add-if dp0 "p$n,port_no=$n,mode=xdp"
done
neighbours 1 2 3 4
wire 1 2
wire 2 1
wire 3 4
wire 4 3
gro() { host "$1" ethtool -K h0 gro "$2"; }
reached() { ! ctl show dp0 | grep ": p$1 \[" | grep -q "doesn't reach"; }
unreached() { ! reached "$1"; }

check e2e.hostile_gro.at_first reached 2
gro 2 off
check e2e.hostile_gro.off wait_for 5 unreached 2
gro 2 on
check e2e.hostile_gro.on wait_for 5 reached 2

# 600 packets while GRO changes 60 times. A poll every few seconds loses
# nearly half of them, and says nothing of it.
host 1 ping -q -c 600 -i 0.01 -W 5 10.0.0.2 > "$WORK/ping" 2>&1 &
ping=$!
toggles=0
while kill -0 $ping 2> /dev/null; do
	gro 2 off
	sleep 0.1
	gro 2 on
	sleep 0.1
	toggles=$((toggles + 2))
done
wait $ping
lost=$((600 - $(sed -n 's/.* \([0-9]*\) received.*/\1/p' "$WORK/ping")))
echo "# $lost of 600 lost, GRO changed $toggles times"
# what is on its way when it is switched, and until the daemon's next turn
check e2e.hostile_gro.loses_few test "$lost" -le 60

# The attackers: as fast as they can, in namespaces of their own.
cat > "$WORK/flap.py" <<'END'
import array, fcntl, socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
n = 0
while True:
    for on in (0, 1):
        val = array.array("I", [0x2c, on]) # ETHTOOL_SGRO
        fcntl.ioctl(s, 0x8946, struct.pack("16sP", b"h0",
                                           val.buffer_info()[0]))
    n += 2
    if n % 100 == 0:
        open(sys.argv[1], "w").write("%d\n" % n)
END
attackers=()
for n in 1 2; do
	nsenter --net="/run/netns/oxh$n-$$" python3 "$WORK/flap.py" \
		"$WORK/flaps$n" &
	attackers+=($!)
	PIDS+=($!)
done
flapped() {
	local n
	for n in 1 2; do
		[ -e "$WORK/flaps$n" ] || return 1
	done
}
check e2e.hostile_gro.flapping wait_for 20 flapped
host 3 ping -q -c 100 -i 0.01 -W 30 10.0.0.4 > "$WORK/ping"
check e2e.hostile_gro.others_lose_none grep -q ' 0% packet loss' "$WORK/ping"
check e2e.hostile_gro.answers ctl show dp0
kill "${attackers[@]}"
wait "${attackers[@]}" 2> /dev/null
# whatever came last is what the port goes by
for n in 1 2; do
	gro $n off
	check "e2e.hostile_gro.last_off_$n" wait_for 5 unreached $n
	gro $n on
	check "e2e.hostile_gro.last_on_$n" wait_for 5 reached $n
done
check e2e.hostile_gro.works host 1 ping -q -c 5 -i 0.05 -W 30 10.0.0.2
finish
