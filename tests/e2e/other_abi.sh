#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
#
# A datapath of another ABI version, newer or older, is left as it is: its
# packets go on, show says what to do, and another datapath works. So are the
# connections and the daemon's memory of another version.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

# version PIN [NUMBER]: the second word of a pinned map's memory; sets it.
version() {
	python3 - "$@" <<-'END'
		import ctypes, mmap, struct, sys
		libc = ctypes.CDLL(None, use_errno=True)
		path = ctypes.create_string_buffer(sys.argv[1].encode())
		attr = struct.pack("QII", ctypes.addressof(path), 0, 0)
		# BPF_OBJ_GET, x86_64 or the number that asm-generic has
		nr = 321 if __import__("platform").machine() == "x86_64" else 280
		fd = libc.syscall(nr, 7, attr, len(attr))
		assert fd >= 0, ctypes.get_errno()
		m = mmap.mmap(fd, 4096)
		if len(sys.argv) > 2:
		    m[4:8] = struct.pack("I", int(sys.argv[2]))
		print(struct.unpack("I", m[4:8])[0])
	END
}
count() { ctl dump-dps | wc -l; }
ping() { host 1 ping -q -c 5 -i 0.02 -W 30 10.0.0.2; }
pins() { find "$ROOT/dp0" | sort; }

dp_up 1 2
wire 1 2 "ct(commit),"
wire 2 1
ctl add-dp dp1
own=$(echo "$ROOT"/%net-*)
abi=$(version "$ROOT/dp0/config")
check e2e.other_abi.ping ping
pins > "$WORK/pins"

for other in $((abi + 1)) $((abi - 1)); do
	word=newer
	[ "$other" -gt "$abi" ] || word=older
	daemon_kill 9
	version "$ROOT/dp0/config" "$other" > /dev/null
	daemon_start
	check "e2e.other_abi.$word.forwards" ping
	check_eq "e2e.other_abi.$word.others" dp1 "$(ctl dump-dps)"
	check "e2e.other_abi.$word.show" grep -q "^dp0: left alone:.*has ABI\
 version $other, this is $abi: made by an* $word.*save.*restore" <(ctl show)
	check "e2e.other_abi.$word.log" grep -q "dp0 is left alone:.* $other" \
		"$WORK/daemon"
	check_fails "e2e.other_abi.$word.name_taken" "exists" ctl add-dp dp0
	check_fails "e2e.other_abi.$word.no_dp" "dp0" ctl show dp0
	check "e2e.other_abi.$word.new_dp" ctl add-dp dp2
	check "e2e.other_abi.$word.del_dp" ctl del-dp dp2
	check "e2e.other_abi.$word.pins" diff "$WORK/pins" <(pins)
	daemon_kill TERM
	check "e2e.other_abi.$word.after_daemon" ping
done
version "$ROOT/dp0/config" "$abi" > /dev/null

# connections of another version go on, too
ct=$(version "$own/%ct/config")
version "$own/%ct/config" $((ct + 1)) > /dev/null
version "$own/%state" $((abi + 1)) > /dev/null
daemon_start
check e2e.other_abi.ct_forwards ping
check_eq e2e.other_abi.ct_dps "2" "$(count)"
check_fails e2e.other_abi.ct_refused "." ctl add-flow dp1 \
	"in_port(0),eth(),eth_type(0x0800),ipv4()" "ct(commit),0"
check e2e.other_abi.ct_others ctl add-flow dp1 \
	"in_port(0),eth(),eth_type(0x0800),ipv4()" drop
check e2e.other_abi.ct_log grep -q "version $((ct + 1)) of connection tracking" \
	"$WORK/daemon"
check e2e.other_abi.state_log grep -q "subscriptions to notifications end" \
	"$WORK/daemon"
daemon_kill TERM
version "$own/%ct/config" "$ct" > /dev/null
daemon_start
check e2e.other_abi.back ping
check_eq e2e.other_abi.all_back "2" "$(count)"
check e2e.other_abi.ct_back ctl mod-flow dp1 \
	"in_port(0),eth(),eth_type(0x0800),ipv4()" "ct(commit),0"
check e2e.other_abi.del ctl del-dp dp0
ctl del-dp dp1
finish
