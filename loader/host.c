// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * host.c - notes what this kernel and this process have of what a datapath
 * needs; see host.h.
 */
#include "ovsxdp/host.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <linux/capability.h>
#include <linux/magic.h>

#include "loader/host_int.h"
#include "loader/priv.h"
#include "loader/tc.h"
#include "ovsxdp/netns.h"

#define LOOPBACK 1 /* its ifindex in every network namespace */

static bool has_cap(const struct __user_cap_data_struct *d, int cap)
{
	return d[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

/* CAP_BPF won't do: chunks are found by map id, which takes CAP_SYS_ADMIN. */
static int ask_caps(struct ox_host *h)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &head, d))
		return -errno;
	if (!has_cap(d, CAP_SYS_ADMIN))
		h->caps_missing |= OX_HOST_CAP_SYS_ADMIN;
	if (!has_cap(d, CAP_NET_ADMIN))
		h->caps_missing |= OX_HOST_CAP_NET_ADMIN;
	if (!has_cap(d, CAP_NET_RAW))
		h->caps_missing |= OX_HOST_CAP_NET_RAW;
	return h->caps_missing ? -EPERM : 0;
}

/* The first line of a small file, without its end; "" if there is none. */
static void read_line(const char *path, char *buf, int size)
{
	_cleanup_file_ FILE *f = fopen(path, "re");

	if (!f || !fgets(buf, size, f))
		*buf = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

/* "none [integrity] confidentiality" */
static void read_lockdown(char *out, size_t size)
{
	char line[80];
	char *from, *to;

	read_line("/sys/kernel/security/lockdown", line, sizeof(line));
	from = strchr(line, '[');
	to = from ? strchr(from, ']') : NULL;
	if (!to)
		return;
	*to = '\0';
	snprintf(out, size, "%s", from + 1);
}

static int read_jit_knob(void)
{
	char line[16];
	int v;

	read_line("/proc/sys/net/core/bpf_jit_enable", line, sizeof(line));
	return sscanf(line, "%d", &v) == 1 ? v : -1;
}

/* The nearest folder that is there has to be in a bpffs, and root's. */
static int ask_root(struct ox_host *h, const char *root)
{
	_cleanup_free_ char *path = strdup(root);
	size_t size = sizeof(h->root_why);
	struct statfs fs;
	struct stat st;

	if (!path)
		return -ENOMEM;
	while (stat(path, &st)) {
		char *slash = strrchr(path, '/');
		int err = -errno;

		if (err != -ENOENT) {
			snprintf(h->root_why, size, "%s: %s", path,
				 strerror(-err));
			return err;
		}
		if (!slash || slash == path) {
			snprintf(h->root_why, size,
				 "%s is not in a bpffs: name a folder below "
				 "/sys/fs/bpf",
				 root);
			return -ENODEV;
		}
		*slash = '\0';
	}
	if (!S_ISDIR(st.st_mode)) {
		snprintf(h->root_why, size, "%s is no folder", path);
		return -ENOTDIR;
	}
	if (!statfs(path, &fs) && fs.f_type == BPF_FS_MAGIC) {
		struct ox_err e = { 0 };
		int err = ox_root_check(path, !strcmp(path, root), &e);

		snprintf(h->root_why, size, "%s", e.msg);
		return err;
	}
	snprintf(h->root_why, size,
		 "%s is not in a bpffs: mount one with "
		 "'mount -t bpf bpf /sys/fs/bpf', or under 'ip netns exec', "
		 "which hides it, use 'nsenter --net=' instead",
		 path);
	return -ENODEV;
}

static int ask_socket(int family, int type)
{
	_cleanup_fd_ int fd = socket(family, type | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : 0;
}

static int ask_netns_cookie(void)
{
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint64_t cookie;

	return fd < 0 ? -errno : ox_netns_cookie(fd, &cookie);
}

static int zero_or_error(int rc)
{
	return rc < 0 ? rc : 0;
}

static void ask_net(struct ox_host *h)
{
	const struct ox_prog none = { .fd = -1 };
	int *n = h->note;

	n[OX_HOST_PACKET] = ask_socket(AF_PACKET, SOCK_RAW);
	n[OX_HOST_VETH] = ox_host_ask_veth();
	n[OX_HOST_XDP_FEATURES] = zero_or_error(ox_xdp_xmit_query(LOOPBACK));
	ox_xmit_forget();
	n[OX_HOST_TCX] =
		zero_or_error(ox_tcx_query(LOOPBACK, OX_TC_INGRESS, &none));
	if (n[OX_HOST_TCX])
		n[OX_HOST_CLS_BPF] = ox_host_ask_cls_bpf();
}

void ox_host_probe(struct ox_host *h, const char *root)
{
	struct utsname u;

	memset(h, 0, sizeof(*h));
	for (int f = 0; f < OX_HOST_COUNT; f++)
		h->note[f] = OX_HOST_UNASKED;
	if (!uname(&u))
		snprintf(h->kernel, sizeof(h->kernel), "%s", u.release);
	read_lockdown(h->lockdown, sizeof(h->lockdown));
	h->jit_knob = read_jit_knob();
	h->note[OX_HOST_PRIVILEGES] = ask_caps(h);
	h->note[OX_HOST_BPFFS] = ask_root(h, root);
	h->note[OX_HOST_NETNS_COOKIE] = ask_netns_cookie();
	if (h->note[OX_HOST_PRIVILEGES])
		return;
	ox_host_ask_bpf(h);
	ask_net(h);
}

void ox_host_probe_long(struct ox_host *h)
{
	struct ox_err e = { 0 };

	if (h->note[OX_HOST_PRIVILEGES] || h->note[OX_HOST_BPF])
		return;
	if (h->note[OX_HOST_CLS_BPF] == OX_HOST_UNASKED)
		h->note[OX_HOST_CLS_BPF] = ox_host_ask_cls_bpf();
	h->note[OX_HOST_PROGRAMS] = ox_dp_try(&e);
	snprintf(h->programs_why, sizeof(h->programs_why), "%s", e.msg);
}
