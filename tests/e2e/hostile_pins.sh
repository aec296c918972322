#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# A user without rights gets at the folder of the pins before the daemon: many
# a bpffs is writable for all. The daemon refuses what isn't root's alone, says
# what to do, and changes nothing. A lock that somebody holds stops nobody.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes
command -v setpriv > /dev/null || bail "setpriv is not installed"
switch_up

# A bpffs of our own, whose root is as systemd's or as the kernel's default is.
BPFFS=$(mktemp -d /tmp/ox-bpffs-XXXXXX)
ROOT=$BPFFS/ovsxdp
mount -t bpf -o mode=1777 bpf "$BPFFS" || bail "can't mount a bpffs"
unmount() {
	cleanup
	umount -l "$BPFFS"
	rmdir "$BPFFS"
}
trap unmount EXIT

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
daemon_once() { sw timeout 60 "$O/ovsxdpd" --root="$ROOT" "$@"; }
# refused ID TEXT: the daemon ends with these words, before it serves anybody.
refused() {
	check_fails "$1" "$2" daemon_once
	check_fails "$1.nobody_served" "isn.t running" \
		sw "$O/ovsxdpctl" -t 1 ping
	check_fails "$1.check_host" "$2" sw "$O/ovsxdpctl" check-host "$ROOT"
}

# ---- somebody else's folder, which he holds locked ----
nobody mkdir "$ROOT"
setpriv --reuid 65534 --regid 65534 --clear-groups \
	flock --no-fork "$ROOT" sleep 600 &
PIDS+=($!)
wait_for 5 grep -q "$(stat -c %i "$ROOT") " /proc/locks
refused e2e.hostile_pins.owner "belongs to uid 65534.*mv $ROOT $ROOT-65534"
check_eq e2e.hostile_pins.owner_untouched "65534 755" \
	"$(stat -c '%u %a' "$ROOT")"
check_eq e2e.hostile_pins.owner_empty "" "$(find "$ROOT" -mindepth 1)"

# The remedy that it names is one, though the lock is still held.
check e2e.hostile_pins.move_away mv "$ROOT" "$ROOT-65534"
daemon_start
check_eq e2e.hostile_pins.private "0 700" "$(stat -c '%u %a' "$ROOT")"

# ---- somebody holds a lock while the daemon runs: nothing waits for it ----
for i in "$ROOT" "$ROOT"/%net-*; do
	flock --no-fork "$i" sleep 600 &
	PIDS+=($!)
done
wait_for 5 grep -q "$(stat -c %i "$ROOT") " /proc/locks
check e2e.hostile_pins.locked_add ctl -t 100 add-dp dp0
check e2e.hostile_pins.locked_del ctl -t 100 del-dp dp0
daemon_kill TERM

# ---- open to others, or below what others may change ----
rm -rf "$ROOT"
mkdir -m 750 "$ROOT"
refused e2e.hostile_pins.mode "mode 750.*chmod 700 $ROOT"
mkdir -m 777 "$BPFFS/above"
ROOT=$BPFFS/above/ovsxdp
refused e2e.hostile_pins.above "changed by others.*chmod +t $BPFFS/above"
nobody mkdir "$BPFFS/his"
ROOT=$BPFFS/his/ovsxdp
refused e2e.hostile_pins.above_owner "$BPFFS/his belongs to uid 65534"

# ---- a link to where root would rather not pin ----
mkdir -m 700 "$BPFFS/other"
ROOT=$BPFFS/link
nobody ln -s other "$ROOT"
refused e2e.hostile_pins.link "belongs to uid 65534"
rm "$ROOT"
ln -s other "$ROOT"
refused e2e.hostile_pins.own_link "is no folder"
finish
