// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * probe.c - can a datapath run here? Asked once at the start, so that what
 * is missing is named together with the command that mends it.
 */
#include "loader/priv.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <linux/capability.h>
#include <linux/magic.h>

#define KERNEL_MAJOR 5 /* XDP frags, BPF_F_TEST_XDP_LIVE_FRAMES */
#define KERNEL_MINOR 18

static bool has_cap(const struct __user_cap_data_struct *d, int cap)
{
	return d[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap);
}

/* CAP_BPF won't do: chunks are found by map id, which takes CAP_SYS_ADMIN. */
static int check_caps(struct ox_err *e)
{
	struct __user_cap_header_struct h = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &h, d))
		return ox_err_set(e, -errno, "capget: %s", strerror(errno));
	if (has_cap(d, CAP_SYS_ADMIN) && has_cap(d, CAP_NET_ADMIN))
		return 0;
	return ox_err_set(e, -EPERM,
			  "no privilege: run as root, or with CAP_SYS_ADMIN "
			  "and CAP_NET_ADMIN");
}

static int check_kernel(struct ox_err *e)
{
	unsigned int major = 0, minor = 0;
	struct utsname u;

	if (uname(&u) || sscanf(u.release, "%u.%u", &major, &minor) != 2)
		return ox_err_set(e, -ENOSYS, "can't tell the kernel version");
	if (major > KERNEL_MAJOR ||
	    (major == KERNEL_MAJOR && minor >= KERNEL_MINOR))
		return 0;
	return ox_err_set(e, -ENOSYS,
			  "kernel %s is too old: boot %d.%d or newer",
			  u.release, KERNEL_MAJOR, KERNEL_MINOR);
}

/* Makes the missing folders of path from its first mounted parent on. */
static int make_root(char *path, struct ox_err *e)
{
	struct statfs fs;
	struct stat st;
	char *slash;
	int err;

	if (!stat(path, &st)) {
		if (!S_ISDIR(st.st_mode))
			return ox_err_set(e, -ENOTDIR, "%s is no folder", path);
		if (statfs(path, &fs))
			return ox_err_set(e, -errno, "%s: %s", path,
					  strerror(errno));
		if (fs.f_type == BPF_FS_MAGIC)
			return 0;
		return ox_err_set(e, -ENODEV,
				  "%s is not in a bpffs: mount one with "
				  "'mount -t bpf bpf /sys/fs/bpf'",
				  path);
	}
	if (errno != ENOENT)
		return ox_err_set(e, -errno, "%s: %s", path, strerror(errno));
	slash = strrchr(path, '/');
	if (!slash || slash == path)
		return ox_err_set(e, -ENODEV,
				  "%s is not in a bpffs: name a folder below "
				  "/sys/fs/bpf",
				  path);
	*slash = '\0';
	err = make_root(path, e);
	*slash = '/';
	if (err)
		return err;
	if (mkdir(path, 0700) && errno != EEXIST)
		return ox_err_set(e, -errno, "can't make folder %s: %s%s", path,
				  strerror(errno),
				  strchr(path, '.') ? " (bpffs takes no dots)"
						    : "");
	return 0;
}

int ox_probe(const char *root, struct ox_err *e)
{
	_cleanup_free_ char *path = NULL;
	int err;

	if (*root != '/')
		return ox_err_set(e, -EINVAL,
				  "folder '%s' must begin with a '/'", root);
	path = strdup(root);
	if (!path)
		return -ENOMEM;
	err = check_kernel(e);
	if (!err)
		err = check_caps(e);
	return err ? err : make_root(path, e);
}
