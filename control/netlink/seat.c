// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * seat.c - files in /run/ovsxdp. The lock, not the port id, makes a daemon the
 * only one of its network namespace: the port id may be anybody's. What daemons
 * left that were killed, in namespaces that may be gone, the next one removes.
 */
#include "control/netlink/seat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ovsxdp/address.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"

static int read_cookie(uint64_t *cookie)
{
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : ox_netns_cookie(fd, cookie);
}

static int open_dir(void)
{
	_cleanup_fd_ int dir = -1;

	if (mkdir(OX_RUN_DIR, 0755) && errno != EEXIST)
		return -errno;
	dir = open(OX_RUN_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	return ox_address_is_roots(dir, S_IFDIR) ? take_fd(dir) : -EPERM;
}

/* -EWOULDBLOCK: its daemon lives. The file may have been removed meanwhile,
 * see sweep(). */
static int open_lock(int dir, const char *name, int create)
{
	for (;;) {
		_cleanup_fd_ int fd =
			openat(dir, name,
			       O_RDWR | create | O_NOFOLLOW | O_CLOEXEC, 0600);
		struct stat st;

		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &st))
			return -errno;
		if (st.st_nlink)
			return take_fd(fd);
		if (!create)
			return -ENOENT;
	}
}

/* The daemon of that lock is dead. */
static void sweep_one(int dir, const char *lock)
{
	_cleanup_fd_ int fd = open_lock(dir, lock, 0);
	char name[NAME_MAX + 16];

	if (fd < 0)
		return;
	snprintf(name, sizeof(name), OX_RUN_PORTID "%s",
		 lock + strlen(OX_RUN_LOCK));
	unlinkat(dir, name, 0);
	unlinkat(dir, lock, 0);
}

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

static void sweep(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *ent;

	while (d && (ent = readdir(d))) {
		if (!strncmp(ent->d_name, OX_RUN_LOCK, strlen(OX_RUN_LOCK)))
			sweep_one(dir, ent->d_name);
	}
}

static int another(int dir, const char *name, struct ox_err *e)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	char pid[16] = "";
	ssize_t n = fd < 0 ? 0 : read(fd, pid, sizeof(pid) - 1);

	pid[n > 0 ? n : 0] = '\0';
	return ox_err_set(e, -EADDRINUSE,
			  "another ovsxdpd, process %s, serves this network "
			  "namespace; stop it first",
			  n > 0 ? pid : "(starting)");
}

int ox_seat_take(struct ox_seat *s, struct ox_err *e)
{
	char name[OX_RUN_NAME];
	int err;

	*s = (struct ox_seat){ .dir = -1, .lock = -1 };
	err = read_cookie(&s->netns);
	if (!err) {
		err = open_dir();
		s->dir = err < 0 ? -1 : err;
	}
	if (s->dir >= 0) {
		ox_address_name(name, OX_RUN_LOCK, s->netns);
		err = open_lock(s->dir, name, O_CREAT);
		if (err == -EWOULDBLOCK)
			return another(s->dir, name, e);
		s->lock = err < 0 ? -1 : err;
	}
	if (err < 0) {
		ox_log_warn(OX_RUN_DIR ": %s: clients can't be told the "
				       "netlink port id",
			    strerror(-err));
		ox_seat_leave(s);
		return 0;
	}
	if (ftruncate(s->lock, 0) || dprintf(s->lock, "%d", (int)getpid()) < 0)
		ox_log_dbg(OX_RUN_DIR "/%s: %s", name, strerror(errno));
	sweep(s->dir);
	return 0;
}

static void word_drop(struct ox_seat *s)
{
	if (!s->word)
		return;
	__atomic_store_n(s->word, 0, __ATOMIC_RELEASE);
	s->robust.list.next = &s->robust.list;
	munmap((char *)s->word - OX_RUN_ALIVE, OX_RUN_SIZE);
	s->word = NULL;
}

/*
 * The word is a robust futex (Documentation/locking/robust-futex-ABI.rst): when
 * this thread ends, of whatever, the kernel sets FUTEX_OWNER_DIED in it. It
 * does so before it closes the process's files, so before another socket can
 * get the port id. The list of the C library, which robust mutexes need, is
 * given up.
 */
static int word_set(struct ox_seat *s, int file)
{
	char *page = mmap(NULL, OX_RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  file, 0);

	if (page == MAP_FAILED)
		return -errno;
	s->word = (void *)(page + OX_RUN_ALIVE);
	s->robust.list.next = &s->entry;
	s->robust.futex_offset = (char *)s->word - (char *)&s->entry;
	s->robust.list_op_pending = NULL;
	s->entry.next = &s->robust.list;
	if (syscall(SYS_set_robust_list, &s->robust, sizeof(s->robust))) {
		int err = -errno;

		word_drop(s);
		return err;
	}
	__atomic_store_n(s->word, (uint32_t)syscall(SYS_gettid),
			 __ATOMIC_RELEASE);
	return 0;
}

/* All of it or nothing is read: by another name first. */
static int write_file(struct ox_seat *s, const char text[OX_RUN_SIZE])
{
	char name[OX_RUN_NAME], new[OX_RUN_NAME + 4];
	_cleanup_fd_ int fd = -1;
	int err;

	ox_address_name(name, OX_RUN_PORTID, s->netns);
	snprintf(new, sizeof(new), "%s.new", name);
	unlinkat(s->dir, new, 0);
	fd = openat(s->dir, new, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || fchmod(fd, 0644) ||
	    write(fd, text, OX_RUN_SIZE) != (ssize_t)OX_RUN_SIZE)
		return -errno;
	err = word_set(s, fd);
	return err || !renameat(s->dir, new, s->dir, name) ? err : -errno;
}

int ox_seat_publish(struct ox_seat *s, int fd, uint32_t portid,
		    struct ox_err *e)
{
	struct stat st;
	char text[OX_RUN_SIZE];
	int err = fstat(fd, &st) ? -errno : 0;
	int n;

	if (s->dir < 0)
		return 0;
	n = snprintf(text, OX_RUN_ALIVE, "0x%" PRIx32 " %" PRIu64 " %d", portid,
		     (uint64_t)st.st_ino, (int)getpid());
	memset(text + n, '\n', sizeof(text) - (size_t)n);
	if (!err)
		err = write_file(s, text);
	return err ? ox_err_set(e, err, OX_RUN_DIR ": writing the port id: %s",
				strerror(-err))
		   : 0;
}

void ox_seat_leave(struct ox_seat *s)
{
	char name[OX_RUN_NAME];

	word_drop(s);
	if (s->lock >= 0) {
		ox_address_name(name, OX_RUN_PORTID, s->netns);
		unlinkat(s->dir, name, 0);
		ox_address_name(name, OX_RUN_LOCK, s->netns);
		unlinkat(s->dir, name, 0);
		close(s->lock);
	}
	if (s->dir >= 0)
		close(s->dir);
	*s = (struct ox_seat){ .dir = -1, .lock = -1 };
}
