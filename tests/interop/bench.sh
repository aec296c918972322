#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 600
#
# The benchmarks run and print what bench/run and bench/plot read; how fast
# anything was is not looked at: a round is a millisecond.

. "$(dirname "$0")/../lib/e2e.sh"
export ROUNDS=1 ROUND_MS=1 SECONDS_EACH=1 FLOOD=20000
ROWS=$WORK/rows
mkdir "$ROWS"
[ -x "$O/bench/micro" ] || bail "$O/bench isn't built: make interop"

# run ID COMMAND...: what it prints is kept for rows().
run() {
	local id=$1
	shift
	"$@" > "$ROWS/$id" 2> "$ROWS/$id.err"
	echo $? > "$ROWS/$id.code"
}
# rows ID LINES FIELDS: it succeeded with so many lines of so many fields, all
# but the first and the last of which are numbers. What one case costs above
# another can be less than nothing where a round is so short.
rows() {
	local why
	why=$(awk -F'|' -v lines="$2" -v fields="$3" '
	NF != fields { print "fields of: " $0 }
	{
		for (i = 2; i < fields; i++) {
			if ($i !~ /^-?[0-9]+(\.[0-9]+)?$/ || $i == 0)
				print "no number: " $0
		}
	}
	END { if (NR != lines) print NR " lines, not " lines }
	' "$ROWS/$1")
	check_eq "interop.bench.$1" "exit code 0" \
		"exit code $(< "$ROWS/$1.code")$why"
	sed 's/^/# /' "$ROWS/$1.err" | tail -n 5
}
# has ID WHAT PATTERN: one of its rows matches that.
has() {
	check "interop.bench.$1.$2" grep -qE "$3" "$ROWS/$1"
}

# Two at a time: each waits for the kernel most of its time.
forwarding() {
	local root=$ROOT/a
	mkdir -m 700 "$root"
	run micro "$O/bench/micro" "$root" 2
	run traffic "$O/bench/traffic" "$root" packets masks 8 flows 100
	run lookup "$O/bench/lookup" "$root" masks 4 attack 300
}
others() {
	local root=$ROOT/b
	mkdir -m 700 "$root"
	run cores "$O/bench/cores" "$root" 1 100
	run control "$O/bench/control" "$O" "$root" 2000
	run first "$O/bench/first" "$O" "$root" 50
}
mkdir -m 700 "$ROOT"
forwarding &
PIDS+=($!)
others &
PIDS+=($!)
wait "${PIDS[@]}"

rows micro 6 4
has micro no_cache '^datapath, 2 masks, no cache\|'
rows traffic 18 4
has traffic recirculated '^IPv4, recirculated twice\|'
# the cache does what the names say
has traffic hit '^8 masks, cache hit\|.* (0\.9|1\.0)[0-9] cache hits'
has traffic miss '^8 masks, cache miss\|.* 0\.00 cache hits'
has traffic zipf '^100 flows, Zipf, cache 256\|'
rows lookup 11 3
has lookup all_probed '^4 masks, none to skip\|.* 4\.00 masks probed'
has lookup same_port '^1000 flows, cache 256, 300 masks of the same port\|'
rows cores 7 5
has cores datapath '^datapath, 1 flow a CPU, cache 256\|'
rows control 5 3
has control puts '^flow puts, 2000 flows\|'
has control memory '^memory of a flow, 2000 flows\|'
rows first 4 3
has first p50 '^first packet of a flow, p50\|'
# no datapath is left behind
check_eq interop.bench.nothing_left "" "$(find "$ROOT" -name bench)"

# so that two runs share nothing
pins() { find "$BPFFS" -maxdepth 1 -name 'bare*'; }
if command -v iperf3 > /dev/null; then
	before=$(pins)
	run bulk bench/bulk "$O" "ovsxdp auto" "bare tc bpf_redirect_peer"
	rows bulk 2 3
	has bulk auto '^ovsxdp auto\|'
	check_eq interop.bench.bulk.no_pins "$before" "$(pins)"
else
	skip interop.bench.bulk "iperf3 is not installed"
fi

# all that was measured finds its place in the report, and its aim
{
	echo "# kernel: $(uname -r)"
	for id in micro traffic cores lookup control first; do
		sed "s/^/$id|/" "$ROWS/$id"
	done
} > "$WORK/results.txt"
run report env RESULTS="$WORK/results.txt" bench/report
check_eq interop.bench.report.whole "" "$(grep -v '^#' "$WORK/results.txt" |
	cut -d'|' -f2 | while read -r name; do
		grep -qF "| $name |" "$ROWS/report" || echo "no $name"
	done)"
has report aim_1 '^\| 1 \| frames: over the bare redirect.* ns \| (yes|no) \|$'
has report aim_3 '^\| 3 \| rate of others .* times \| (yes|no) \|$'
has report aim_7 '^\| 7 \| .* times \| (yes|no) \|$'
finish
