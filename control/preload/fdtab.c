// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fdtab.c - a word a file descriptor: is it a netlink socket that may ask the
 * daemon, and in what state. No locks: a program that races on one fd races
 * with the kernel as well. A number may be closed and used again behind our
 * back (closefrom(3), a raw system call), so each use but reading (recv.c) asks
 * the kernel first.
 */
#include "preload.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

/* Untouched pages of it cost nothing. */
struct ox_fd ox_fds[OX_FD_MAX];
unsigned int ox_fd_end;

bool ox_fd_watches(int domain, int protocol)
{
	const char *ct;

	if (domain != AF_NETLINK || protocol != NETLINK_NETFILTER)
		return domain == AF_NETLINK && protocol == NETLINK_GENERIC;
	ct = getenv("OVSXDP_CT");
	return !ct || strcmp(ct, "kernel");
}

/* The protocol of a socket of ours; -1: it is none. */
static int protocol_of(int fd)
{
	int domain = 0, protocol = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len))
		return -1;
	len = sizeof(int);
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
	    !ox_fd_watches(domain, protocol))
		return -1;
	return protocol;
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	return getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) ? 0
								    : cookie;
}

static void note_end(int fd)
{
	unsigned int end = __atomic_load_n(&ox_fd_end, __ATOMIC_RELAXED);

	while (end <= (unsigned int)fd &&
	       !__atomic_compare_exchange_n(&ox_fd_end, &end,
					    (unsigned int)fd + 1, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

struct ox_fd *ox_fd_slow(int fd)
{
	uint64_t sock = ox_fds[fd].sock;
	int saved = errno;
	bool ours = (sock && cookie_of(fd) == sock) ||
		    protocol_of(fd) == ox_fd_protocol(&ox_fds[fd]);

	errno = saved;
	if (ours)
		return &ox_fds[fd];
	/* the child of a vfork must not tidy up in its parent's memory */
	if (ox_fds[fd].owner == getpid())
		__atomic_store_n(&ox_fds[fd].flags, 0, __ATOMIC_RELAXED);
	return NULL;
}

void ox_fd_opened(int fd, int protocol)
{
	struct ox_fd *f = &ox_fds[fd];
	socklen_t len = sizeof(f->netns);
	int saved = errno;

	if ((unsigned int)fd >= OX_FD_MAX)
		return;
	if (protocol < 0) {
		if (f->flags)
			__atomic_store_n(&f->flags, 0, __ATOMIC_RELAXED);
		return;
	}
	note_end(fd);
	f->recv_size = 0;
	f->cookie = 0;
	f->turn = 0;
	ox_again_drop(f);
	f->owner = getpid();
	f->netns = 0;
	f->sock = cookie_of(fd);
	getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &f->netns, &len);
	__atomic_store_n(&f->flags,
			 protocol == NETLINK_NETFILTER ? OX_FD_GENL | OX_FD_NFNL
						       : OX_FD_GENL,
			 __ATOMIC_RELEASE);
	errno = saved;
}

uint32_t ox_fd_portid(int fd)
{
	struct sockaddr_nl me = { 0 };
	socklen_t len = sizeof(me);

	if (getsockname(fd, (struct sockaddr *)&me, &len))
		return 0;
	if (me.nl_pid)
		return me.nl_pid;
	/* nl_groups as it is: bind() would take them away otherwise */
	me.nl_family = AF_NETLINK;
	if (ox_real()->bind(fd, (struct sockaddr *)&me, sizeof(me)))
		return 0;
	len = sizeof(me);
	if (getsockname(fd, (struct sockaddr *)&me, &len))
		return 0;
	return me.nl_pid;
}

/*
 * The child of a fork closes copies, that of a vfork even in its parent's
 * memory: only the process that opened the socket ends its life here. What
 * others leave behind in the table protocol_of() finds out.
 */
void ox_fd_closing(int fd)
{
	struct ox_fd *f = ox_fd_get(fd);
	struct ox_side_call call = { .cmd = OX_CMD_FORGET };
	uint32_t flags;
	int saved = errno;

	if (!f || f->owner != getpid())
		return;
	flags = ox_fd_flags(f);
	__atomic_store_n(&f->flags, 0, __ATOMIC_RELAXED);
	ox_again_drop(f);
	if (flags & OX_FD_SHARED ||
	    !(flags & (OX_FD_PENDING | OX_FD_SUBSCRIBED)))
		return;
	call.portid = ox_fd_portid(fd);
	if (flags & OX_FD_NFNL)
		call.protocol = NETLINK_NETFILTER;
	/* The next socket may get this port id, and nothing of a dump that is
	 * under way may reach it. */
	if (call.portid && flags & OX_FD_PENDING)
		ox_side_settle(f->netns, fd, &call);
	else if (call.portid)
		ox_side_tell(f->netns, fd, &call);
	errno = saved;
}

void ox_fd_duped(int from, int to)
{
	struct ox_fd *f = ox_fd_get(from), copy;

	if ((unsigned int)to >= OX_FD_MAX || from == to)
		return;
	if (!f) {
		ox_fd_opened(to, -1);
		return;
	}
	if (f->owner != getpid())
		return;
	ox_fd_set(f, OX_FD_SHARED);
	note_end(to);
	ox_again_drop(&ox_fds[to]);
	copy = *f;
	copy.dump = NULL;
	ox_fds[to] = copy;
}

/* From another process, or of one's own: like those that were inherited. */
static void adopt(int fd)
{
	struct stat st;
	int protocol;

	/* a socket? asked first in the way that any filter allows */
	if ((unsigned int)fd >= OX_FD_MAX || fstat(fd, &st) ||
	    !S_ISSOCK(st.st_mode))
		return;
	protocol = protocol_of(fd);
	if (protocol < 0)
		return;
	ox_fd_opened(fd, protocol);
	ox_fd_set(&ox_fds[fd], OX_FD_SHARED);
}

void ox_fd_received(struct msghdr *msg)
{
	struct cmsghdr *c;
	int saved = errno;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		const uint8_t *p = CMSG_DATA(c);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); n;
		     n--, p += sizeof(int)) {
			int fd;

			memcpy(&fd, p, sizeof(fd));
			adopt(fd);
		}
	}
	errno = saved;
}

/* Sockets that were open before this program began. */
__attribute__((constructor)) static void inherit(void)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *ent;

	ox_real();
	while (d && (ent = readdir(d)))
		adopt(atoi(ent->d_name));
	if (d)
		closedir(d);
	errno = 0;
}
