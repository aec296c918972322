// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * root.c - the folder with all pins. A bpffs is often writable for all
 * (mode 1777), so that anybody may have made a folder of this name there.
 * Whoever owns it, or may write above it, could exchange the maps and programs
 * that the daemon and `ip link` open as root. So it has to be root's alone.
 */
#include "loader/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <linux/magic.h>

#define LOCK_TRIES   100
#define LOCK_WAIT_US 100000

/* Makes the folders of path that are missing. */
static int make(char *path, struct ox_err *e)
{
	struct stat st;
	char *slash = strrchr(path, '/');
	int err = 0;

	if (!lstat(path, &st))
		return 0;
	if (slash && slash != path) {
		*slash = '\0';
		err = make(path, e);
		*slash = '/';
	}
	if (err)
		return err;
	if (mkdir(path, 0700) && errno != EEXIST)
		return ox_err_set(e, -errno, "can't make folder %s: %s%s", path,
				  strerror(errno),
				  strchr(path, '.') ? " (bpffs takes no dots)"
						    : "");
	return 0;
}

static int not_owned(const char *path, uid_t uid, struct ox_err *e)
{
	return ox_err_set(e, -EPERM,
			  "%s belongs to uid %u, who could exchange what is "
			  "pinned there: move it away with 'mv %s %s-%u', or "
			  "name another folder with --root",
			  path, (unsigned int)uid, path, path,
			  (unsigned int)uid);
}

/* One folder on the way, or at its end: the root itself. */
static int check_one(const char *path, bool last, struct ox_err *e)
{
	struct stat st;

	if (lstat(path, &st))
		return ox_err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (st.st_uid)
		return not_owned(path, st.st_uid, e);
	if (!S_ISDIR(st.st_mode))
		return ox_err_set(e, -ENOTDIR,
				  "%s is no folder: name another one with "
				  "--root",
				  path);
	if (last && (st.st_mode & 077))
		return ox_err_set(e, -EPERM,
				  "%s is open to others than root (mode %o): "
				  "chmod 700 %s",
				  path, st.st_mode & 07777, path);
	if ((st.st_mode & 022) && !(st.st_mode & S_ISVTX))
		return ox_err_set(e, -EPERM,
				  "%s may be changed by others than root (mode "
				  "%o): chmod +t %s",
				  path, st.st_mode & 07777, path);
	return 0;
}

/* From the end up to where the bpffs is mounted; what is above isn't ours.
 * last: the end is the root itself. */
static int check(char *path, bool last, struct ox_err *e)
{
	int err = 0;

	while (!err) {
		struct statfs fs;
		char *slash;

		if (statfs(path, &fs) || fs.f_type != BPF_FS_MAGIC)
			return 0;
		err = check_one(path, last, e);
		last = false;
		slash = strrchr(path, '/');
		if (!slash || slash == path)
			break;
		*slash = '\0';
	}
	return err;
}

int ox_root_make(const char *root, struct ox_err *e)
{
	_cleanup_free_ char *path = strdup(root);
	size_t n = strlen(root);
	int err;

	if (!path)
		return -ENOMEM;
	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	err = make(path, e);
	return err ? err : check(path, true, e);
}

int ox_root_check(const char *path, bool is_root, struct ox_err *e)
{
	_cleanup_free_ char *copy = strdup(path);

	return copy ? check(copy, is_root, e) : -ENOMEM;
}

/* Nobody holds it for long, and only root can: the limit is for what went
 * wrong. */
int ox_root_lock(const char *root, struct ox_err *e)
{
	_cleanup_fd_ int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int i;

	if (fd < 0)
		return ox_err_set(e, -errno, "%s: %s", root, strerror(errno));
	for (i = 0; i < LOCK_TRIES; i++) {
		if (!flock(fd, LOCK_EX | LOCK_NB))
			return take_fd(fd);
		if (errno != EWOULDBLOCK)
			return ox_err_set(e, -errno, "can't lock %s: %s", root,
					  strerror(errno));
		usleep(LOCK_WAIT_US);
	}
	return ox_err_set(e, -EBUSY,
			  "%s stays locked by another process: see "
			  "/proc/locks, or 'lsof %s'",
			  root, root);
}
