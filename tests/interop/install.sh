#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make install below DESTDIR: what it puts where, and that it changes no other
# service, which install-openvswitch does. The copies work from there. make
# uninstall leaves nothing.

. "$(dirname "$0")/../lib/e2e.sh"

dest=$WORK/dest
to=$dest/opt/ovsxdp
in_dest() {
	make --no-print-directory O="$(realpath --relative-to=. "$O")" \
		DESTDIR="$dest" PREFIX=/opt/ovsxdp "$@" < /dev/null
}
files() { (cd "$dest" && find . ! -type d | sort); }

check interop.install.install in_dest install
check_eq interop.install.other_services "" \
	"$(files | grep 'service\.d/\|modprobe')"
check interop.install.openvswitch in_dest install-openvswitch
# the exporter, where it could be built
exporter=
[ ! -x "$O/ovsxdp-exporter" ] || exporter="
./opt/ovsxdp/lib/systemd/system/ovsxdp-exporter.service
./opt/ovsxdp/sbin/ovsxdp-exporter
./opt/ovsxdp/share/ovsxdp/grafana/ovsxdp.json"
check_eq interop.install.files "$(sort <<- END
./etc/default/ovsxdp
./opt/ovsxdp/bin/ovsxdp-run
./opt/ovsxdp/include/ovsxdp/abi.h
./opt/ovsxdp/lib/libovsxdp.a
./opt/ovsxdp/lib/ovsxdp/bin/modprobe
./opt/ovsxdp/lib/ovsxdp/libovsxdp-genl.so
./opt/ovsxdp/lib/ovsxdp/ovsxdp-down
./opt/ovsxdp/lib/ovsxdp/ovsxdp-seccomp
./opt/ovsxdp/lib/systemd/system/ovs-vswitchd.service.d/ovsxdp.conf
./opt/ovsxdp/lib/systemd/system/ovsxdpd.service
./opt/ovsxdp/lib/tmpfiles.d/ovsxdp.conf
./opt/ovsxdp/sbin/ovsxdpctl
./opt/ovsxdp/sbin/ovsxdpd
./opt/ovsxdp/share/bash-completion/completions/ovsxdpctl
./opt/ovsxdp/share/bash-completion/completions/ovsxdpd
./opt/ovsxdp/share/man/man1/ovsxdp-run.1
./opt/ovsxdp/share/man/man8/ovsxdp-exporter.8
./opt/ovsxdp/share/man/man8/ovsxdpctl.8
./opt/ovsxdp/share/man/man8/ovsxdpd.8$exporter
END
)" \
	"$(files | grep -v 'include/ovsxdp/\([^a]\|a[^b]\|abi/\)')"
check_eq interop.install.headers "$(cd include/ovsxdp && echo ./*.h abi/*.h)" \
	"$(cd "$to/include/ovsxdp" && echo ./*.h abi/*.h)"
check_eq interop.install.no_marks "" "$(grep -rlE '@[A-Z]+@' "$dest")"
check interop.install.unit_names_it grep -q '^ExecStart=/opt/ovsxdp/sbin/' \
	"$to/lib/systemd/system/ovsxdpd.service"

# A second time: what a person has changed stays.
echo 'OVSXDPD_OPTS=--log-level=warn' > "$dest/etc/default/ovsxdp"
in_dest install > /dev/null
check interop.install.keeps_config grep -qx 'OVSXDPD_OPTS=--log-level=warn' \
	"$dest/etc/default/ovsxdp"

# The copies: ovsxdp-run takes the library that it was installed with.
switch_up
O=$to/sbin daemon_start
mkdir -p /opt
ln -s "$to" "$WORK/link"
check interop.install.ctl sw "$to/sbin/ovsxdpctl" add-dp dp0
sed "s|/opt/ovsxdp/lib|$to/lib|" "$to/bin/ovsxdp-run" > "$WORK/run"
chmod +x "$WORK/run"
if command -v ovs-dpctl > /dev/null; then
	check_eq interop.install.run "system@dp0" \
		"$(sw "$WORK/run" ovs-dpctl dump-dps)"
else
	skip interop.install.run "openvswitch-switch is not installed"
fi
check interop.install.modprobe "$to/lib/ovsxdp/bin/modprobe" openvswitch
check_fails interop.install.modprobe_other "" \
	"$to/lib/ovsxdp/bin/modprobe" ovsxdp-no-such-module

check interop.install.uninstall in_dest uninstall
check_eq interop.install.nothing_left "" "$(files)"
finish
