#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# ovsxdpctl save and restore: what is dumped afterwards is what was dumped
# before. A file that isn't right changes nothing.

. "$(dirname "$0")/../lib/e2e.sh"
own_modes

dp_up 1 2
ctl add-if dp0 int0,type=internal,port_no=7
ctl set-dp dp0 redirect-peer=on
ctl add-meter dp0 "meter=5,kbps,bands=type=drop,rate=1000,burst_size=100"
ctl add-meter dp0 "meter=4000000000,bands=type=drop,rate=7"
wire 1 2 "meter(5),"
wire 2 1 "ct(commit,zone=3),"
ctl add-flow dp0 "ufid:00112233-4455-6677-8899-aabbccddeeff,in_port(7),eth(),eth_type(0x86dd),ipv6(src=2001:db8::/32)" \
	"push_vlan(vid=5,pcp=1),sample(sample=50.0%,actions(2)),1"
ctl add-flow dp0 "in_port(1),eth(src=02:00:00:00:00:00/ff:00:00:00:00:00),eth_type(0x0806),arp()" \
	drop

dump() { # all that is restored
	ctl dump-flows -m dp0 | sed 's/packets:[0-9]*, bytes:[0-9]*, //
		s/used:[^,]*, //; s/flags:[^,]*, //' | sort
	json "[(p['port_no'], p['name'], p['type'], p.get('mode_asked'))
		for p in d[0]['ports']]" show dp0
	json "sorted((k, v) for k, v in d[0].items() if k in ('features',
		'masks_cache_size', 'max_flows', 'max_masks', 'max_ports',
		'redirect_peer'))" stats dp0
	ctl get-meter dp0 5 | grep -o 'meter:[0-9]*'
}
dump > "$WORK/before"
check e2e.save.save ctl save dp0 "$WORK/saved"
check e2e.save.same_on_stdout cmp "$WORK/saved" <(ctl save dp0)
check_eq e2e.save.lines "3 2 4" "$(python3 -c 'import json, sys
end = [json.loads(l) for l in open(sys.argv[1])][-1]["end"]
print(end["ports"], end["meters"], end["flows"])' "$WORK/saved")"
check_fails e2e.save.exists "line 1.*exists" ctl restore "$WORK/saved"
check_eq e2e.save.exists_stays "$(cat "$WORK/before")" "$(dump)"
check e2e.save.del_dp ctl del-dp dp0
check e2e.save.restore ctl restore "$WORK/saved"
check e2e.save.equal diff "$WORK/before" <(dump)
# in any order: meters are in a hash
check e2e.save.saved_again cmp <(sort "$WORK/saved") <(ctl save dp0 | sort)
check e2e.save.packets host 1 ping -q -c 5 -i 0.05 -W 30 10.0.0.2
ctl del-dp dp0

bad() { # id text sed-script: the file is edited so
	sed "$3" "$WORK/saved" > "$WORK/bad"
	check_fails "e2e.save.$1" "$2" ctl restore "$WORK/bad"
}
bad cut "the file was cut" '$d'
bad flow "line 8.*" '8s/in_port/in_prot/'
bad count "flows were saved" '8d'
bad no_json "line 3: no JSON" '3s/.*/{/'
bad version "saved as version 9" '1s/"ovsxdp":1/"ovsxdp":9/'
bad unknown "neither" '2s/port/prot/'
bad second "nowhere else" '1p'
bad number "max-flows.* is no number" '1s/"max-flows":[0-9]*/"max-flows":-1/'
check_eq e2e.save.nothing_done "" "$(ctl dump-dps)"
# this one is found only when it is done
bad device "line 2.*p9.*No such device\|line 2.*p9" '2s/"p1"/"p9"/'
check_eq e2e.save.undone "" "$(ctl dump-dps)"
check_eq e2e.save.nothing_left "" \
	"$(find "$ROOT" -mindepth 1 -not -path '*/%*')"
finish
