#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 1800
#
# make deb: lintian has nothing to say. In a throw-away copy of this root (an
# overlay, in namespaces of its own) ovsxdp is installed and changes no service.
# With ovsxdp-openvswitch ovs-ctl starts Open vSwitch over it as the units
# would, and after a purge the file system is what it was. Then both replace the
# one package that there was before.

. "$(dirname "$0")/../lib/e2e.sh"
for tool in dh lintian fakeroot dpkg-buildpackage ovs-vswitchd; do
	PATH=$PATH:/usr/sbin command -v $tool > /dev/null ||
		bail "$tool is not installed"
done
[ -d .git ] || [ -f .git ] || bail "no git tree to export"

# What is tried here doesn't depend on it, and it takes three quarters of the
# time.
export DEB_CFLAGS_APPEND=-O1

# Objects of an earlier run serve again, as long as they'd be built from the
# same files, in the same way. Make looks which of these files have changed.
DEBS=$WORK/debs
kept=$O/deb-objects
mkdir -p "$kept"
exec 9> "$kept/lock"
flock 9
{
	git ls-files
	cat Makefile packaging/debian/rules
	dpkg-buildflags
	gcc --version
	clang --version
} > "$WORK/how" 2>&1
if ! cmp -s "$WORK/how" "$kept/how"; then
	rm -rf "$kept/objects"
	cp "$WORK/how" "$kept/how"
fi
check interop.deb.build make --no-print-directory deb DEB="$DEBS" \
	DEB_O="$kept/objects" < /dev/null 9>&-
exec 9>&-
check interop.deb.lintian lintian --allow-root --fail-on error,warning \
	"$DEBS"/*.changes

# What there was before: one package with the files of both, in version 0.1.
for name in ovsxdp ovsxdp-openvswitch; do
	dpkg-deb -R "$DEBS"/${name}_*.deb "$WORK/$name"
done
cp -r "$WORK"/ovsxdp-openvswitch/{lib,usr} "$WORK/ovsxdp"
rm -r "$WORK/ovsxdp/usr/share/doc/ovsxdp-openvswitch"
sed -i 's/^Version: .*/Version: 0.1/' "$WORK/ovsxdp/DEBIAN/control"
dpkg-deb --root-owner-group -Znone -b "$WORK/ovsxdp" "$WORK/one.deb" \
	> /dev/null

mkdir -p "$WORK/root"
cat > "$WORK/inside" << 'END'
set -u
mount -t tmpfs none "$1" && mkdir "$1/up" "$1/work" "$1/root"
mount -t overlay none "$1/root" -o \
	"lowerdir=/,upperdir=$1/up,workdir=$1/work" || exit 77
cd "$1/root" || exit 77
mount -t proc none proc
mount -t sysfs none sys
mount -t bpf none sys/fs/bpf
mount --rbind /dev dev
mount -t tmpfs none run
mkdir -p "$1/root/tmp"
mount -t tmpfs none tmp
cp "$2"/ovsxdp_*.deb "$2"/ovsxdp-openvswitch_*.deb "$3" "$4" tmp
exec chroot . /bin/bash /tmp/steps
END
# Answers go to stdout as NAME=VALUE.
cat > "$WORK/steps" << 'END'
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
unset LD_PRELOAD OVS_RUNDIR
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
# what other packages do about each change of man pages takes long
ln -sf /bin/true /usr/bin/mandb
ip link set lo up
list() {
	find /etc /opt /usr /var -xdev ! -path '/var/lib/dpkg/*' \
		! -path '/var/log/*' ! -path '/var/cache/*' \
		! -path '*/openvswitch/*' ! -path '/var/lib/systemd/*' \
		! -path '*/__pycache__*' -printf '%p %y %l\n' | sort
}
ctl() { /usr/share/openvswitch/scripts/ovs-ctl "$@"; }
# the unit's line, as systemd would take it
unit() { sed -n "s/^$2=//p" "$1"; }

dropin=/lib/systemd/system/ovs-vswitchd.service.d/ovsxdp.conf
# whose file it is
owner() { dpkg -S "$1" 2> /dev/null | sed 's/:.*//'; }

list > /tmp/before
dpkg -i /tmp/ovsxdp_*.deb > /tmp/install.log 2>&1
echo "install=$?"
echo "other_services=$(dpkg -L ovsxdp | grep -c 'service.d\|modprobe')"
dpkg -i /tmp/ovsxdp-openvswitch_*.deb > /tmp/install2.log 2>&1
echo "openvswitch=$?"
echo "openvswitch_says=$(grep -c 'systemctl restart ovs-vswitchd' \
	/tmp/install2.log)"
echo "openvswitch_files=$(dpkg -L ovsxdp-openvswitch |
	xargs -I{} find {} -maxdepth 0 -type f ! -path '/usr/share/doc/*' |
	sort | xargs)"
echo "readme=$(find /usr/share/doc/ovsxdp-openvswitch -name 'README.Debian*' |
	wc -l)"
! command -v systemd-analyze > /dev/null ||
	echo "verify=$(systemd-analyze verify ovsxdpd.service 2>&1 |
		grep -c ovsxdp)"
. /etc/default/ovsxdp
mkdir -p /run/ovsxdp
/usr/sbin/ovsxdpd --detach --pidfile=/run/ovsxdp/ovsxdpd.pid $OVSXDPD_OPTS
echo "daemon=$?"
ctl --no-ovs-vswitchd --no-monitor --system-id=random \
	--no-record-hostname start > /tmp/ovsdb.log 2>&1
echo "ovsdb=$?"
env $(unit $dropin Environment) /usr/share/openvswitch/scripts/ovs-ctl \
	--no-ovsdb-server --no-monitor --system-id=random \
	--no-record-hostname start > /tmp/vswitchd.log 2>&1
echo "vswitchd=$?"
ovs-vsctl -t 20 add-br br0
echo "add_br=$?"
echo "datapath=$(ovsxdpctl dump-dps)"
echo "run=$(ovsxdp-run ovs-dpctl dump-dps)"
dpkg --remove ovsxdp-openvswitch > /tmp/remove1.log 2>&1
echo "remove_openvswitch=$?"
echo "goes_on=$(grep -c 'goes on over ovsxdp' /tmp/remove1.log)"
echo "dropin_gone=$(find "${dropin%/*}" /usr/lib/ovsxdp/bin 2> /dev/null | wc -l)"
# The worst case: ovs-vswitchd runs, and there is no daemon.
kill -9 "$(cat /run/ovsxdp/ovsxdpd.pid)"
dpkg --remove ovsxdp > /tmp/remove.log 2>&1
echo "remove=$?"
echo "says=$(grep -c 'systemctl restart ovs-vswitchd' /tmp/remove.log)"
echo "keeps=$(find /etc/default -name ovsxdp)"
ctl --no-ovsdb-server stop > /dev/null 2>&1
ctl --no-ovs-vswitchd stop > /dev/null 2>&1
dpkg --purge ovsxdp ovsxdp-openvswitch > /tmp/purge.log 2>&1
echo "purge=$?"
echo "run_files=$(find /run -name '*ovsxdp*' | wc -l)"
echo "pins=$(find /sys/fs/bpf -mindepth 1 ! -name '*.debug' | wc -l)"
echo "links=$(ip -br link | grep -cv '^lo ')"
list > /tmp/after
echo "traces=$(diff /tmp/before /tmp/after | grep -c '^[<>]')"
diff /tmp/before /tmp/after

# From the one package that there was: alone it says what changes, and both
# take over all of its files.
dpkg -i /tmp/one.deb > /tmp/one.log 2>&1
echo "one=$?"
echo "one_owner=$(owner $dropin)"
dpkg -i /tmp/ovsxdp_*.deb > /tmp/alone.log 2>&1
echo "alone=$?"
echo "alone_says=$(grep -c 'apt install ovsxdp-openvswitch' /tmp/alone.log)"
echo "alone_dropin=$(find $dropin 2> /dev/null | wc -l)"
dpkg --purge ovsxdp > /dev/null 2>&1
dpkg -i /tmp/one.deb >> /tmp/one.log 2>&1
# as apt calls it
dpkg -B -i /tmp/ovsxdp-openvswitch_*.deb /tmp/ovsxdp_*.deb > /tmp/both.log 2>&1
echo "both=$?"
echo "both_says=$(grep -c 'apt install ovsxdp-openvswitch' /tmp/both.log)"
echo "both_owner=$(owner $dropin) $(owner /usr/lib/ovsxdp/bin/modprobe)"
echo "audit=$(dpkg --audit 2>&1 | grep -c ovsxdp)"
dpkg --purge ovsxdp-openvswitch ovsxdp > /tmp/purge2.log 2>&1
echo "purge_both=$?"
list > /tmp/after
echo "traces_both=$(diff /tmp/before /tmp/after | grep -c '^[<>]')"
cat /tmp/install*.log /tmp/vswitchd.log /tmp/remove*.log /tmp/purge*.log \
	/tmp/one.log /tmp/alone.log /tmp/both.log
END
unshare --mount --pid --net --fork --kill-child bash "$WORK/inside" \
	"$WORK/root" "$DEBS" "$WORK/steps" "$WORK/one.deb" \
	> "$WORK/answers" 2>&1
[ $? != 77 ] || bail "no overlay over this root"

answer() { # name value
	check_eq "interop.deb.$1" "$2" "$(sed -n "s/^$1=//p" "$WORK/answers")"
}
answer install 0
answer other_services 0
answer openvswitch 0
answer openvswitch_says 1
dropin=/lib/systemd/system/ovs-vswitchd.service.d/ovsxdp.conf
answer openvswitch_files "$dropin /usr/lib/ovsxdp/bin/modprobe"
answer readme 1
grep -q '^verify=' "$WORK/answers" && answer verify 0
answer daemon 0
answer ovsdb 0
answer vswitchd 0
answer add_br 0
answer datapath ovs-system
answer run "system@ovs-system"
answer remove_openvswitch 0
answer goes_on 1
answer dropin_gone 0
answer remove 0
answer says 1
answer keeps /etc/default/ovsxdp
answer purge 0
for name in pins links run_files traces; do
	answer $name 0
done
answer one 0
answer one_owner ovsxdp
answer alone 0
answer alone_says 1
answer alone_dropin 0
answer both 0
answer both_says 0
answer both_owner "ovsxdp-openvswitch ovsxdp-openvswitch"
answer audit 0
answer purge_both 0
answer traces_both 0
[ "$FAILED" = 0 ] || sed 's/^/# /' "$WORK/answers" | tail -n 60
finish
