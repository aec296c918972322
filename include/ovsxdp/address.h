/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * address.h - which netlink port id is the daemon's. Any user may bind any
 * port id, also OX_NL_PORTID, before the daemon does, so there is a file for
 * each network namespace that only root can write (docs/abi.md, 1). It names
 * the inode of the daemon's socket, too: whoever else has the port id now, has
 * another one. A word in it says whether the daemon lives. The kernel changes
 * that when the daemon dies, before it gives up the port id.
 *
 * Inline, and without calls that take locks or memory: the preload uses it in
 * the processes of others, also in signal handlers.
 */
#ifndef OVSXDP_ADDRESS_H
#define OVSXDP_ADDRESS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ovsxdp/netns.h"
#include "ovsxdp/nl.h"

#define OX_RUN_DIR "/run/ovsxdp"
/* In it, both with the namespace's name (netns.h): "PORTID INODE PID" and, at
 * OX_RUN_ALIVE, a word, for all to read; and a file that a daemon has locked as
 * long as it lives. */
#define OX_RUN_PORTID "portid-"
#define OX_RUN_LOCK   "lock-"
#define OX_RUN_ALIVE  128 /* between: line feeds */
#define OX_RUN_NAME   (sizeof(OX_RUN_PORTID) + OX_NETNS_NAME_LEN)

struct ox_address {
	uint32_t portid; /* 0: none */
	uint64_t inode;	 /* of its socket; 0: unknown */
	uint32_t pid;	 /* in the daemon's pid namespace; 0: unknown */
	bool has_word;	 /* its word is mapped, for who asked for that */
};

/* what: OX_RUN_*. */
static inline void ox_address_name(char name[OX_RUN_NAME], const char *what,
				   uint64_t netns)
{
	ox_netns_name(netns, stpcpy(name, what));
}

/* A number at *s, decimal or 0x...; *s becomes what follows. */
static inline uint64_t ox_address_number(const char **s)
{
	char *end;
	uint64_t v = strtoull(*s, &end, 0);

	*s = end;
	return v;
}

/* Only root could have written it. */
static inline bool ox_address_is_roots(int fd, mode_t type)
{
	struct stat st;

	return !fstat(fd, &st) && (st.st_mode & S_IFMT) == type && !st.st_uid &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

#define OX_RUN_SIZE (OX_RUN_ALIVE + sizeof(uint32_t))
/*
 * Maps an open file: then it costs a load to see whether the daemon lives.
 * *page: where a former one is mapped, or NULL. A signal handler may come while
 * that is read, so the new one takes its place. False: the file has no word, as
 * those of older daemons.
 */
static inline bool ox_address_map(int fd, void **page)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st) || st.st_size < (off_t)OX_RUN_SIZE)
		return false;
	p = mmap(*page, OX_RUN_SIZE, PROT_READ,
		 MAP_SHARED | (*page ? MAP_FIXED : 0), fd, 0);
	if (p == MAP_FAILED)
		return false;
	*page = p;
	return true;
}

/* What the word of a mapped file says. */
static inline bool ox_address_lives(const void *page)
{
	const uint32_t *word =
		(const void *)((const char *)page + OX_RUN_ALIVE);
	uint32_t v = __atomic_load_n(word, __ATOMIC_ACQUIRE);

	return v && !(v & FUTEX_OWNER_DIED);
}

/*
 * What the file of the network namespace says. 0, or an error. -ENOENT: There
 * is none, so no daemon. -ENOTDIR: No folder for such files is root's, as in
 * most containers, so nothing is known. -EINVAL: No daemon writes such a file.
 * page: As of ox_address_map(), or NULL: It isn't mapped.
 */
static inline int ox_address_read(uint64_t netns, struct ox_address *a,
				  void **page)
{
	int dir = open(OX_RUN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[OX_RUN_NAME], text[80];
	const char *s = text;
	ssize_t n = -1;
	int fd, err;

	memset(a, 0, sizeof(*a));
	if (dir < 0)
		return -ENOTDIR;
	ox_address_name(name, OX_RUN_PORTID, netns);
	err = ox_address_is_roots(dir, S_IFDIR) ? 0 : -ENOTDIR;
	fd = err ? -1
		 : openat(dir, name,
			  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (!err && fd < 0)
		err = -ENOENT;
	if (fd >= 0 && ox_address_is_roots(fd, S_IFREG)) {
		n = read(fd, text, sizeof(text) - 1);
		a->has_word = page && ox_address_map(fd, page);
	}
	if (fd >= 0)
		close(fd);
	close(dir);
	if (err)
		return err;
	text[n > 0 ? n : 0] = '\0';
	a->portid = (uint32_t)ox_address_number(&s);
	a->inode = ox_address_number(&s);
	a->pid = (uint32_t)ox_address_number(&s);
	return a->portid ? 0 : -EINVAL;
}

/* Does a line of /proc/net/netlink tell of this socket? The fields: sk
 * protocol port-id groups rmem wmem dump locks drops inode. */
static inline bool ox_address_line(const char *s, const struct ox_address *a)
{
	uint64_t v[10] = { 0 };

	s += strcspn(s, " "); /* an address, or a star */
	for (int i = 1; i < 10; i++) {
		s += strspn(s, " ");
		/* groups are hexadecimal, and nobody's business here */
		if (i == 3)
			s += strcspn(s, " ");
		else
			v[i] = strtoull(s, (char **)&s, 10);
	}
	return v[1] == NETLINK_GENERIC && v[2] == a->portid && v[9] == a->inode;
}

/*
 * Is that socket bound, in the network namespace of the calling thread? 1, 0,
 * or -errno where /proc doesn't say.
 */
static inline int ox_address_is_bound(const struct ox_address *a)
{
	int fd = open("/proc/thread-self/net/netlink", O_RDONLY | O_CLOEXEC);
	char text[2048];
	size_t have = 0;
	ssize_t n;
	int found = 0;

	if (fd < 0)
		return -errno;
	while (!found &&
	       (n = read(fd, text + have, sizeof(text) - 1 - have)) > 0) {
		char *line = text, *end;

		have += (size_t)n;
		text[have] = '\0';
		for (; (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			found |= ox_address_line(line, a);
		}
		have -= (size_t)(line - text);
		memmove(text, line, have);
		if (have == sizeof(text) - 1)
			have = 0; /* no such line */
	}
	close(fd);
	return found;
}

/*
 * Where to send: what OVSXDP_PORTID says, else what the file says, else, where
 * nothing is known, OX_NL_PORTID. netns 0: It is unknown. here: The calling
 * thread is in that network namespace, so that it can be seen whether the
 * daemon lives. page: As of ox_address_read(). 0 or -ECONNREFUSED: There is
 * none.
 */
static inline int ox_address_find(uint64_t netns, bool here,
				  struct ox_address *a, void **page)
{
	const char *s = getenv("OVSXDP_PORTID");
	int err = -ENOTDIR;

	memset(a, 0, sizeof(*a));
	if (s && *s)
		a->portid = (uint32_t)ox_address_number(&s);
	if (a->portid)
		return 0;
	if (netns)
		err = ox_address_read(netns, a, page);
	if (err == -ENOTDIR)
		a->portid = OX_NL_PORTID;
	else if (err || (here && a->inode && !ox_address_is_bound(a)))
		memset(a, 0, sizeof(*a));
	return a->portid ? 0 : -ECONNREFUSED;
}

/*
 * Is this user, by the kernel's word (SCM_CREDENTIALS), the one that runs the
 * daemon? Root; from inside a user namespace, which hasn't the daemon's root,
 * "nobody". That only holders of CAP_NET_ADMIN can send to us at all the kernel
 * sees to.
 */
static inline bool ox_address_is_root(uint32_t uid)
{
	static const char all[] = "         0          0 4294967295\n";
	char map[sizeof(all)] = "";
	ssize_t n;
	int fd;

	if (!uid || uid != 65534)
		return !uid;
	fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, map, sizeof(map) - 1);
	if (fd >= 0)
		close(fd);
	return n > 0 && strcmp(map, all) != 0;
}

#endif /* OVSXDP_ADDRESS_H */
