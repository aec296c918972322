// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * space.c - the part of the root that belongs to a network namespace. Each has
 * a folder "%net-COOKIE" (ovsxdp/netns.h) with
 *
 *   %alive   a devmap that holds the namespace's loopback device. The kernel
 *            takes the device out when the namespace ends, and nobody else
 *            can: an empty map means a dead namespace. Nothing runs over it.
 *   %state   what the daemon remembers (state.c)
 *   %ct      the maps of connection tracking (ct_set.c)
 *   DP       its datapaths, each in a folder
 *
 * The first namespace has its datapaths in the root itself, where most hosts
 * have no others: "%first" is a symbolic link to its folder. It stays the first
 * as long as it lives, with a daemon or without.
 *
 * The folder's lock is held while a daemon serves the namespace; the root's
 * lock is held while folders come and go.
 */
#include "loader/ct_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <bpf/bpf.h>

#include "ovsxdp/netns.h"

#define PREFIX	 "%net-"
#define FIRST	 "%first"
#define ALIVE	 "%alive"
#define LOOPBACK 1u /* its ifindex in every network namespace */

#define NAME_LEN (sizeof(PREFIX) - 1 + OX_NETNS_NAME_LEN)

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}
#define _cleanup_dir_ _cleanup_(closedirp)

/* ---- is a namespace alive? ---- */

static int alive_make(const char *folder, struct ox_err *e)
{
	_cleanup_fd_ int fd = ox_pin_get(folder, ALIVE);
	uint32_t key = 0, lo = LOOPBACK;
	int err;

	if (fd >= 0)
		return 0;
	fd = bpf_map_create(BPF_MAP_TYPE_DEVMAP, "ovsxdp_alive", sizeof(key),
			    sizeof(lo), 1, NULL);
	err = fd < 0 ? -errno : bpf_map_update_elem(fd, &key, &lo, BPF_ANY);
	if (err)
		return ox_err_set(e, err, "can't make %s/%s: %s", folder, ALIVE,
				  strerror(-err));
	return ox_pin_fd(folder, ALIVE, fd, e);
}

/* Only what is known to be dead is. */
static bool is_dead(const char *folder)
{
	_cleanup_fd_ int fd = ox_pin_get(folder, ALIVE);
	uint32_t key = 0, lo;

	return fd >= 0 && bpf_map_lookup_elem(fd, &key, &lo) == -ENOENT;
}

/* ---- what a dead one left ---- */

/* Calls fn for each folder in "folder" that has this kind of name. */
static int each(const char *folder, bool of_netns,
		int (*fn)(const char *folder, const char *file, void *arg),
		void *arg)
{
	_cleanup_dir_ DIR *d = opendir(folder);
	struct dirent *de;
	int err = 0;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while (!err && (de = readdir(d))) {
		bool is = !strncmp(de->d_name, PREFIX, strlen(PREFIX));

		if (de->d_type == DT_DIR && de->d_name[0] != '.' &&
		    is == of_netns && strcmp(de->d_name, OX_CT_FOLDER))
			err = fn(folder, de->d_name, arg);
	}
	return err;
}

/* 0 where a datapath doesn't say. */
static uint64_t cookie_of(const char *folder)
{
	_cleanup_fd_ int fd = ox_pin_get(folder, "config");
	struct bpf_map_info info;
	const char *p;
	uint64_t cookie;

	if (fd < 0 || ox_map_info(fd, &info) ||
	    info.value_size < offsetof(struct ox_config, max_flows))
		return 0;
	p = ox_map_mmap(fd, info.value_size, 1);
	if (!p)
		return 0;
	memcpy(&cookie, p + offsetof(struct ox_config, netns_cookie),
	       sizeof(cookie));
	ox_map_munmap((void *)p, info.value_size, 1);
	return cookie;
}

struct clean {
	const struct ox_space *s;
	const char *first; /* file name of the first one's folder, or "" */
	uint64_t cookie;   /* of the dead one, whose datapaths go */
	uint32_t n;
};

/* A datapath of a dead namespace: all its devices are gone, so are packets. */
static int clean_dp(const char *folder, const char *file, void *arg)
{
	_cleanup_free_ char *path = ox_pin_path(folder, file);
	struct clean *c = arg;
	uint64_t cookie;

	if (!path)
		return -ENOMEM;
	cookie = cookie_of(path);
	if ((!cookie || cookie == c->cookie) &&
	    !ox_pin_remove_folder(path, NULL))
		c->n++;
	return 0;
}

static void unlink_in(const char *folder, const char *file)
{
	_cleanup_free_ char *path = ox_pin_path(folder, file);

	if (path)
		unlink(path);
}

/* The mark of life goes last: till then all of it is done again. */
static int clean_netns(const char *root, const char *file, void *arg)
{
	_cleanup_free_ char *path = ox_pin_path(root, file);
	struct clean *c = arg;

	if (!path)
		return -ENOMEM;
	if (!strcmp(path, c->s->own) || !is_dead(path))
		return 0;
	c->cookie = strtoull(file + strlen(PREFIX), NULL, 16);
	each(path, false, clean_dp, c);
	if (!strcmp(c->first, file)) {
		each(root, false, clean_dp, c);
		unlink_in(root, FIRST);
	}
	ox_ct_set_remove(path, NULL);
	unlink_in(path, OX_STATE);
	unlink_in(path, ALIVE);
	rmdir(path);
	return 0;
}

/* ---- which folder? ---- */

static void first_read(const char *root, char name[NAME_LEN])
{
	_cleanup_free_ char *path = ox_pin_path(root, FIRST);
	ssize_t n = path ? readlink(path, name, NAME_LEN - 1) : -1;

	name[n > 0 ? n : 0] = '\0';
}

static int found(const char *folder, const char *file, void *arg)
{
	(void)folder;
	(void)file;
	(void)arg;
	return 1;
}

/* Called with the root's lock. */
static int choose(struct ox_space *s, const char *root, const char *name,
		  struct ox_err *e)
{
	_cleanup_free_ char *link = ox_pin_path(root, FIRST);
	char first[NAME_LEN];

	if (!link)
		return -ENOMEM;
	first_read(root, first);
	/* who has datapaths in a folder of its own keeps it */
	if (!*first && !each(s->own, false, found, NULL)) {
		if (symlink(name, link))
			return ox_err_set(e, -errno, "can't make %s: %s", link,
					  strerror(errno));
		strcpy(first, name);
	}
	s->folder = strdup(strcmp(first, name) ? s->own : root);
	return s->folder ? 0 : -ENOMEM;
}

/* Who has locked a file, as far as /proc says; else 0. */
static pid_t lock_owner(int fd)
{
	_cleanup_file_ FILE *f = fopen("/proc/locks", "re");
	char line[128];
	struct stat st;

	if (fstat(fd, &st))
		return 0;
	while (f && fgets(line, sizeof(line), f)) {
		unsigned int major, minor;
		unsigned long ino;
		int pid;

		if (sscanf(line, "%*s FLOCK %*s %*s %d %x:%x:%lu", &pid, &major,
			   &minor, &ino) == 4 &&
		    ino == st.st_ino && makedev(major, minor) == st.st_dev)
			return pid;
	}
	return 0;
}

static int own_locked(const struct ox_space *s, const char *root,
		      struct ox_err *e)
{
	pid_t pid = lock_owner(s->lock);
	char who[32] = "another process";

	if (pid > 0)
		snprintf(who, sizeof(who), "process %d", (int)pid);
	return ox_err_set(e, -EBUSY,
			  "the datapaths of this network namespace in %s are "
			  "taken by %s; stop it first",
			  root, who);
}

static int own_lock(struct ox_space *s, const char *root, struct ox_err *e)
{
	if (mkdir(s->own, 0700) && errno != EEXIST)
		return ox_err_set(e, -errno, "can't make folder %s: %s", s->own,
				  strerror(errno));
	s->lock = open(s->own, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->lock < 0)
		return ox_err_set(e, -errno, "%s: %s", s->own, strerror(errno));
	if (flock(s->lock, LOCK_EX | LOCK_NB))
		return own_locked(s, root, e);
	return 0;
}

static int read_cookie(uint64_t *out, struct ox_err *e)
{
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = fd < 0 ? -errno : ox_netns_cookie(fd, out);

	if (err)
		return ox_err_set(e, err,
				  "SO_NETNS_COOKIE: %s (a kernel from 5.14 on "
				  "has it)",
				  strerror(-err));
	return 0;
}

static int open_locked(struct ox_space *s, const char *root, const char *name,
		       struct ox_err *e)
{
	struct clean c = { .s = s };
	char first[NAME_LEN];
	int err;

	err = own_lock(s, root, e);
	if (!err)
		err = alive_make(s->own, e);
	if (err)
		return err;
	first_read(root, first);
	c.first = first;
	each(root, true, clean_netns, &c);
	s->n_cleaned = c.n;
	return choose(s, root, name, e);
}

int ox_space_open(const char *root, struct ox_space *s, struct ox_err *e)
{
	char name[NAME_LEN] = PREFIX;
	_cleanup_fd_ int lock = -1;
	int err;

	*s = (struct ox_space){ .lock = -1 };
	err = read_cookie(&s->cookie, e);
	if (err)
		return err;
	ox_netns_name(s->cookie, name + strlen(PREFIX));
	s->root = strdup(root);
	s->own = ox_pin_path(root, name);
	if (!s->root || !s->own)
		return ox_err_set(e, -ENOMEM, "out of memory");
	lock = ox_root_lock(root, e);
	return lock < 0 ? lock : open_locked(s, root, name, e);
}

void ox_space_remove(struct ox_space *s)
{
	_cleanup_fd_ int lock = -1;
	char first[NAME_LEN];

	if (!s->folder || each(s->folder, false, found, NULL))
		return;
	lock = ox_root_lock(s->root, NULL);
	if (lock < 0)
		return;
	first_read(s->root, first);
	if (*first && !strcmp(first, strrchr(s->own, '/') + 1))
		unlink_in(s->root, FIRST);
	ox_ct_set_remove(s->own, NULL);
	unlink_in(s->own, OX_STATE);
	unlink_in(s->own, ALIVE);
	rmdir(s->own);
}

void ox_space_close(struct ox_space *s)
{
	if (!s->root) /* never opened */
		return;
	if (s->lock >= 0)
		close(s->lock);
	free(s->root);
	free(s->own);
	free(s->folder);
	*s = (struct ox_space){ .lock = -1 };
}
