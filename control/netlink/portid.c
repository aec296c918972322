// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * portid.c - whose socket has a netlink port id: /proc/net/netlink names its
 * inode, /proc/PID/fd the process.
 */
#include "control/netlink/portid.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netlink.h>

#include "ovsxdp/cleanup.h"

#define NEAR (32 << 10) /* bytes of the list: some 300 sockets */

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}
#define _cleanup_dir_ _cleanup_(closedirp)

/* sk eth pid groups rmem wmem dump locks drops inode */
static uint64_t inode_of(const char *line, int protocol, uint32_t portid)
{
	unsigned int proto, id;
	uint64_t inode;

	/* most lines are others': the cheap look first */
	if (sscanf(line, "%*s %u %u", &proto, &id) != 2 ||
	    proto != (unsigned int)protocol || id != portid ||
	    sscanf(line, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64,
		   &inode) != 1)
		return 0;
	return inode;
}

/* Up to so many bytes of the list; 0: all of it. */
static uint64_t find_inode(int protocol, uint32_t portid, size_t most)
{
	/* not /proc/net: that is the main thread's namespace */
	_cleanup_file_ FILE *f = fopen("/proc/thread-self/net/netlink", "re");
	uint64_t inode = 0;
	size_t seen = 0;
	char line[256];

	while (f && !inode && (!most || seen < most) &&
	       fgets(line, sizeof(line), f)) {
		inode = inode_of(line, protocol, portid);
		seen += strlen(line);
	}
	return inode;
}

uint64_t ox_portid_inode(uint32_t portid)
{
	return find_inode(NETLINK_GENERIC, portid, 0);
}

uint64_t ox_portid_inode_near(int protocol, uint32_t portid)
{
	return find_inode(protocol, portid, NEAR);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int ox_portid_any(uint32_t *ids, size_t n)
{
	_cleanup_file_ FILE *f = fopen("/proc/thread-self/net/netlink", "re");
	unsigned int proto, id;
	char line[256];

	if (!f)
		return -errno;
	qsort(ids, n, sizeof(*ids), compare);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %u %u", &proto, &id) == 2 && id &&
		    proto == NETLINK_GENERIC &&
		    bsearch(&id, ids, n, sizeof(*ids), compare))
			return 1;
	}
	return ferror(f) ? -EIO : 0;
}

static bool holds(const char *pid, const char *link)
{
	char path[64], target[64];
	struct dirent *ent;

	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	_cleanup_dir_ DIR *d = opendir(path);
	while (d && (ent = readdir(d))) {
		ssize_t n;

		n = readlinkat(dirfd(d), ent->d_name, target,
			       sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		if (!strcmp(target, link))
			return true;
	}
	return false;
}

pid_t ox_portid_owner(uint32_t portid)
{
	uint64_t inode = ox_portid_inode(portid);
	_cleanup_dir_ DIR *proc = opendir("/proc");
	struct dirent *ent;
	char link[64];

	if (!inode)
		return 0;
	snprintf(link, sizeof(link), "socket:[%" PRIu64 "]", inode);
	while (proc && (ent = readdir(proc))) {
		if (isdigit((unsigned char)ent->d_name[0]) &&
		    holds(ent->d_name, link))
			return (pid_t)atoi(ent->d_name);
	}
	return 0;
}
