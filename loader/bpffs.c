// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * bpffs.c - a file system for the pins, where there is none. Most often it is
 * hidden only: `ip netns exec`, and containers, have a /sys of their own. Then
 * the one of process 1 is brought here, because a new one would end with this
 * mount namespace, and the datapaths would be lost for the next daemon.
 */
#include "loader/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <linux/magic.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x4
#endif

#define PLACE OX_BPFFS

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type == BPF_FS_MAGIC;
}

static bool is_below(const char *path, const char *place)
{
	size_t n = strlen(place);

	return !strncmp(path, place, n) && (!path[n] || path[n] == '/');
}

/* Of which mount namespace is process 1? False where /proc doesn't say. */
static bool of_process_1(void)
{
	struct stat mine, its;

	return !stat("/proc/self/ns/mnt", &mine) &&
	       !stat("/proc/1/ns/mnt", &its) && mine.st_ino == its.st_ino;
}

/* Entering a mount namespace changes root and working folder: so a thread
 * does, with some of its own. */
static void *tree_open(void *arg)
{
	_cleanup_fd_ int ns = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
	int *tree = arg;

	if (ns < 0 || unshare(CLONE_FS) || setns(ns, CLONE_NEWNS) ||
	    !is_bpffs(PLACE))
		return NULL;
	*tree = (int)syscall(SYS_open_tree, AT_FDCWD, PLACE,
			     OPEN_TREE_CLONE | O_CLOEXEC);
	return NULL;
}

/* True if the bpffs of process 1 is here now. */
static bool bring(void)
{
	_cleanup_fd_ int tree = -1;
	pthread_t tid;

	if (of_process_1() || pthread_create(&tid, NULL, tree_open, &tree))
		return false;
	pthread_join(tid, NULL);
	return tree >= 0 && !syscall(SYS_move_mount, tree, "", AT_FDCWD, PLACE,
				     MOVE_MOUNT_F_EMPTY_PATH);
}

enum ox_bpffs ox_bpffs_ensure(const char *root)
{
	if (!is_below(root, PLACE) || is_bpffs(PLACE))
		return OX_BPFFS_AS_IT_WAS;
	if (bring())
		return OX_BPFFS_BROUGHT;
	if (mount("bpf", PLACE, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  "mode=0700"))
		return OX_BPFFS_AS_IT_WAS;
	return of_process_1() ? OX_BPFFS_MOUNTED : OX_BPFFS_MOUNTED_PRIVATE;
}
