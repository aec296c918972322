#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 1800
#
# make deb: lintian has nothing to say; in a throw-away copy of this root (an
# overlay, in namespaces of its own) the package is installed, ovs-ctl starts
# Open vSwitch over it as the units would, and after a purge the file system
# is what it was.

. "$(dirname "$0")/../lib/e2e.sh"
for tool in dh lintian fakeroot dpkg-buildpackage ovs-vswitchd; do
	PATH=$PATH:/usr/sbin command -v $tool > /dev/null ||
		bail "$tool is not installed"
done
[ -d .git ] || [ -f .git ] || bail "no git tree to export"

DEBS=$WORK/debs
check interop.deb.build make --no-print-directory deb DEB="$DEBS" < /dev/null
check interop.deb.lintian lintian --allow-root --fail-on error,warning \
	"$DEBS"/*.changes

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
cp "$2"/ovsxdp_*.deb "$3" tmp
exec chroot . /bin/bash /tmp/steps
END
# Answers go to stdout as NAME=VALUE.
cat > "$WORK/steps" << 'END'
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
unset LD_PRELOAD OVS_RUNDIR
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
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

list > /tmp/before
dpkg -i /tmp/ovsxdp_*.deb > /tmp/install.log 2>&1
echo "install=$?"
! command -v systemd-analyze > /dev/null ||
	echo "verify=$(systemd-analyze verify ovsxdpd.service 2>&1 |
		grep -c ovsxdp)"
. /etc/default/ovsxdp
mkdir -p /run/ovsxdp
dropin=/lib/systemd/system/ovs-vswitchd.service.d/ovsxdp.conf
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
# The worst case: ovs-vswitchd runs, and there is no daemon.
kill -9 "$(cat /run/ovsxdp/ovsxdpd.pid)"
dpkg --remove ovsxdp > /tmp/remove.log 2>&1
echo "remove=$?"
echo "says=$(grep -c 'systemctl restart ovs-vswitchd' /tmp/remove.log)"
echo "keeps=$(find /etc/default -name ovsxdp)"
ctl --no-ovsdb-server stop > /dev/null 2>&1
ctl --no-ovs-vswitchd stop > /dev/null 2>&1
dpkg --purge ovsxdp > /tmp/purge.log 2>&1
echo "purge=$?"
echo "run_files=$(find /run -name '*ovsxdp*' | wc -l)"
echo "pins=$(find /sys/fs/bpf -mindepth 1 ! -name '*.debug' | wc -l)"
echo "links=$(ip -br link | grep -cv '^lo ')"
list > /tmp/after
echo "traces=$(diff /tmp/before /tmp/after | grep -c '^[<>]')"
diff /tmp/before /tmp/after
cat /tmp/install.log /tmp/vswitchd.log /tmp/remove.log /tmp/purge.log
END
unshare --mount --pid --net --fork --kill-child bash "$WORK/inside" \
	"$WORK/root" "$DEBS" "$WORK/steps" > "$WORK/answers" 2>&1
[ $? != 77 ] || bail "no overlay over this root"

answer() { # name value
	check_eq "interop.deb.$1" "$2" "$(sed -n "s/^$1=//p" "$WORK/answers")"
}
answer install 0
grep -q '^verify=' "$WORK/answers" && answer verify 0
answer daemon 0
answer ovsdb 0
answer vswitchd 0
answer add_br 0
answer datapath ovs-system
answer run "system@ovs-system"
answer remove 0
answer says 1
answer keeps /etc/default/ovsxdp
answer purge 0
for name in pins links run_files traces; do
	answer $name 0
done
[ "$FAILED" = 0 ] || sed 's/^/# /' "$WORK/answers" | tail -n 60
finish
