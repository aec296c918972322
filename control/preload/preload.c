// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * preload.c - the calls that this library puts in front of the C library's.
 * getsockname(2) and getpeername(2) are not among them. A socket "connected to
 * the kernel" is really just bound, so they say the truth already.
 */
#undef _FORTIFY_SOURCE /* it would define some of these calls inline */
#include "preload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* ---- life of a descriptor ---- */

EXPORT int socket(int domain, int type, int protocol)
{
	int fd = ox_real()->socket(domain, type, protocol);

	if (fd >= 0)
		ox_fd_opened(fd,
			     ox_fd_watches(domain, protocol) ? protocol : -1);
	return fd;
}

/* The daemon hears of it before the port id can be anybody else's. */
EXPORT int close(int fd)
{
	ox_fd_closing(fd);
	return ox_real()->close(fd);
}

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	if (!(flags & CLOSE_RANGE_CLOEXEC)) {
		unsigned int end = last < ox_fd_end ? last + 1 : ox_fd_end;

		for (unsigned int fd = first; fd < end; fd++)
			ox_fd_closing((int)fd);
	}
	if (!ox_real()->close_range) {
		errno = ENOSYS;
		return -1;
	}
	return ox_real()->close_range(first, last, flags);
}

EXPORT int dup(int fd)
{
	int to = ox_real()->dup(fd);

	if (to >= 0)
		ox_fd_duped(fd, to);
	return to;
}

EXPORT int dup2(int fd, int to)
{
	int r;

	if (fd != to)
		ox_fd_closing(to);
	r = ox_real()->dup2(fd, to);
	if (r >= 0)
		ox_fd_duped(fd, to);
	return r;
}

EXPORT int dup3(int fd, int to, int flags)
{
	int r;

	if (fd != to)
		ox_fd_closing(to);
	r = ox_real()->dup3(fd, to, flags);
	if (r >= 0)
		ox_fd_duped(fd, to);
	return r;
}

/* Only two commands make descriptors; the rest passes through. */
static int dup_by_fcntl(int fd, int cmd, int r)
{
	if (r >= 0 && (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC))
		ox_fd_duped(fd, r);
	return r;
}

EXPORT int fcntl(int fd, int cmd, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	return dup_by_fcntl(fd, cmd, ox_real()->fcntl(fd, cmd, arg));
}

EXPORT int fcntl64(int fd, int cmd, ...);
EXPORT int fcntl64(int fd, int cmd, ...)
{
	int (*fn)(int, int, ...) = ox_real()->fcntl64 ?: ox_real()->fcntl;
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	return dup_by_fcntl(fd, cmd, fn(fd, cmd, arg));
}

/* ---- addresses and options ---- */

/*
 * A socket connected to the kernel would refuse the daemon's messages
 * (docs/facts.md, T2): it is bound instead, and sends go to the kernel by
 * default anyway.
 */
static int connect_kernel(int fd, struct ox_fd *f)
{
	if (ox_fd_flags(f) & OX_FD_PEER) {
		struct sockaddr_nl none = { .nl_family = AF_UNSPEC };

		if (ox_real()->connect(fd, (struct sockaddr *)&none,
				       sizeof(none)))
			return -1;
		ox_fd_clear(f, OX_FD_PEER);
	}
	if (!ox_fd_portid(fd))
		return -1;
	ox_fd_clear(f, OX_FD_NATIVE);
	ox_fd_set(f, OX_FD_CONNECTED);
	return 0;
}

EXPORT int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	const struct sockaddr_nl *to = (const void *)addr;
	struct ox_fd *f = ox_fd_get(fd);
	int r;

	if (f && to && len >= sizeof(*to) && to->nl_family == AF_NETLINK &&
	    !to->nl_pid && !to->nl_groups)
		return connect_kernel(fd, f);
	r = ox_real()->connect(fd, addr, len);
	if (!f || r)
		return r;
	ox_fd_clear(f, OX_FD_CONNECTED | OX_FD_PEER | OX_FD_NATIVE);
	if (addr && addr->sa_family == AF_NETLINK)
		ox_fd_set(f, OX_FD_PEER);
	if (addr && addr->sa_family == AF_NETLINK && len >= sizeof(*to) &&
	    ox_is_daemons(f->netns, to->nl_pid))
		ox_fd_set(f, OX_FD_NATIVE);
	return 0;
}

/* Membership in a group of the daemon's is a subscription (docs/facts.md, T4).
 */
static int change_membership(int fd, struct ox_fd *f, bool add, uint32_t group)
{
	struct ox_side_call call = {
		.cmd = add ? OX_CMD_SUBSCRIBE : OX_CMD_UNSUBSCRIBE,
		.group = group,
		.portid = ox_fd_portid(fd),
	};
	int err;

	if (!call.portid)
		return -1;
	err = ox_side_ask(f->netns, fd, &call, NULL);
	if (!err) {
		if (add)
			ox_fd_set(f, OX_FD_SUBSCRIBED);
		return 0;
	}
	/* no daemon: the kernel doesn't know such a group */
	errno = err == -ECONNREFUSED ? EINVAL : -err;
	return -1;
}

/*
 * Groups of nfnetlink about connections: the daemon's are others than the
 * kernel's, and the kernel keeps who is in them (ovsxdp/nl.h). The daemon hears
 * of it afterwards, so that it finds the socket there when it looks. False: it
 * tells nothing, or isn't there; then the kernel's own are meant.
 */
static bool told_join(int fd, struct ox_fd *f, uint32_t groups)
{
	struct ox_side_call call = {
		.cmd = OX_CMD_SUBSCRIBE,
		.group = (uint32_t)__builtin_ffs((int)groups),
		.protocol = NETLINK_NETFILTER,
	};

	return !ox_side_ask(f->netns, fd, &call, NULL);
}

static bool wants_events(const struct ox_fd *f, uint32_t groups)
{
	return (ox_fd_flags(f) & OX_FD_NFNL) && (groups & OX_NFNLGRPS_CT);
}

EXPORT int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	struct ox_fd *f = ox_fd_get(fd);
	struct sockaddr_nl a;
	int r, saved = errno;

	if (!f || !addr || len < sizeof(a) || addr->sa_family != AF_NETLINK)
		return ox_real()->bind(fd, addr, len);
	memcpy(&a, addr, sizeof(a));
	if (!wants_events(f, a.nl_groups))
		return ox_real()->bind(fd, addr, len);
	a.nl_groups = ox_groups_ours(a.nl_groups);
	r = ox_real()->bind(fd, (struct sockaddr *)&a, sizeof(a));
	if (r ||
	    told_join(fd, f, ox_groups_kernels(a.nl_groups) & OX_NFNLGRPS_CT))
		return r;
	errno = saved;
	return ox_real()->bind(fd, addr, len);
}

static int change_events(int fd, struct ox_fd *f, int name, uint32_t group)
{
	uint32_t ours = OX_NFNLGRP_OURS(group);
	int r = ox_real()->setsockopt(fd, SOL_NETLINK, name, &ours,
				      sizeof(ours));

	if (r || name == NETLINK_DROP_MEMBERSHIP) {
		/* it may be in the kernel's, from before the daemon came */
		if (!r)
			ox_real()->setsockopt(fd, SOL_NETLINK, name, &group,
					      sizeof(group));
		return r;
	}
	if (told_join(fd, f, 1u << (group - 1)))
		return 0;
	ox_real()->setsockopt(fd, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &ours,
			      sizeof(ours));
	return ox_real()->setsockopt(fd, SOL_NETLINK, name, &group,
				     sizeof(group));
}

EXPORT int setsockopt(int fd, int level, int name, const void *val,
		      socklen_t len)
{
	struct ox_fd *f = ox_fd_get(fd);
	uint32_t group;

	if (f && level == SOL_NETLINK && val && len >= sizeof(group) &&
	    (name == NETLINK_ADD_MEMBERSHIP ||
	     name == NETLINK_DROP_MEMBERSHIP)) {
		memcpy(&group, val, sizeof(group));
		if (OX_MCGRP_IS_OURS(group))
			return change_membership(
				fd, f, name == NETLINK_ADD_MEMBERSHIP, group);
		if ((ox_fd_flags(f) & OX_FD_NFNL) && OX_NFNLGRP_IS_CT(group))
			return change_events(fd, f, name, group);
	}
	return ox_real()->setsockopt(fd, level, name, val, len);
}

/* ---- sending ---- */

/*
 * All ways of sending become sendmsg(2), all of receiving recvmsg(2): a
 * message may have to be split, and the sender's address is always wanted.
 */
static ssize_t send_iov(int fd, struct ox_fd *f, const struct iovec *iov,
			size_t n, int flags, const void *to, socklen_t to_len)
{
	struct msghdr m = { .msg_name = (void *)to,
			    .msg_namelen = to ? to_len : 0,
			    .msg_iov = (struct iovec *)iov,
			    .msg_iovlen = n };

	return ox_genl_sendmsg(fd, f, &m, flags);
}

EXPORT ssize_t sendto(int fd, const void *buf, size_t len, int flags,
		      const struct sockaddr *to, socklen_t to_len)
{
	struct ox_fd *f = ox_fd_get(fd);
	struct iovec iov = { (void *)buf, len };

	if (!f)
		return ox_real()->sendto(fd, buf, len, flags, to, to_len);
	return send_iov(fd, f, &iov, 1, flags, to, to_len);
}

EXPORT ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	struct ox_fd *f = ox_fd_get(fd);
	struct iovec iov = { (void *)buf, len };

	if (!f)
		return ox_real()->send(fd, buf, len, flags);
	return send_iov(fd, f, &iov, 1, flags, NULL, 0);
}

EXPORT ssize_t write(int fd, const void *buf, size_t len)
{
	struct ox_fd *f = ox_fd_get(fd);
	struct iovec iov = { (void *)buf, len };

	if (!f)
		return ox_real()->write(fd, buf, len);
	return send_iov(fd, f, &iov, 1, 0, NULL, 0);
}

EXPORT ssize_t writev(int fd, const struct iovec *iov, int n)
{
	struct ox_fd *f = ox_fd_get(fd);

	if (!f || n < 0)
		return ox_real()->writev(fd, iov, n);
	return send_iov(fd, f, iov, (size_t)n, 0, NULL, 0);
}

EXPORT ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct ox_fd *f = ox_fd_get(fd);

	if (!f || !msg)
		return ox_real()->sendmsg(fd, msg, flags);
	return ox_genl_sendmsg(fd, f, msg, flags);
}

EXPORT int sendmmsg(int fd, struct mmsghdr *v, unsigned int n, int flags)
{
	struct ox_fd *f = ox_fd_get(fd);
	unsigned int i;

	if (!f)
		return ox_real()->sendmmsg(fd, v, n, flags);
	for (i = 0; i < n; i++) {
		ssize_t r = ox_genl_sendmsg(fd, f, &v[i].msg_hdr, flags);

		if (r < 0)
			return i ? (int)i : -1;
		v[i].msg_len = (unsigned int)r;
	}
	return (int)n;
}

/* ---- receiving ---- */

static ssize_t recv_iov(int fd, struct ox_fd *f, const struct iovec *iov,
			size_t n, int flags, void *from, socklen_t *from_len)
{
	struct msghdr m = { .msg_name = from,
			    .msg_namelen = from && from_len ? *from_len : 0,
			    .msg_iov = (struct iovec *)iov,
			    .msg_iovlen = n };
	ssize_t r = ox_genl_recvmsg(fd, f, &m, flags);

	if (r >= 0 && from && from_len)
		*from_len = m.msg_namelen;
	return r;
}

EXPORT ssize_t recvfrom(int fd, void *buf, size_t len, int flags,
			struct sockaddr *from, socklen_t *from_len)
{
	struct ox_fd *f = ox_fd_opened_as(fd);
	struct iovec iov = { buf, len };

	if (!f)
		return ox_real()->recvfrom(fd, buf, len, flags, from, from_len);
	return recv_iov(fd, f, &iov, 1, flags, from, from_len);
}

EXPORT ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	struct ox_fd *f = ox_fd_opened_as(fd);
	struct iovec iov = { buf, len };

	if (!f)
		return ox_real()->recv(fd, buf, len, flags);
	return recv_iov(fd, f, &iov, 1, flags, NULL, NULL);
}

EXPORT ssize_t read(int fd, void *buf, size_t len)
{
	struct ox_fd *f = ox_fd_get(fd);
	struct iovec iov = { buf, len };

	if (!f)
		return ox_real()->read(fd, buf, len);
	return recv_iov(fd, f, &iov, 1, 0, NULL, NULL);
}

EXPORT ssize_t readv(int fd, const struct iovec *iov, int n)
{
	struct ox_fd *f = ox_fd_get(fd);

	if (!f || n < 0)
		return ox_real()->readv(fd, iov, n);
	return recv_iov(fd, f, iov, (size_t)n, 0, NULL, NULL);
}

EXPORT ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct ox_fd *f = ox_fd_opened_as(fd);

	ssize_t n;

	if (f && msg)
		return ox_genl_recvmsg(fd, f, msg, flags);
	n = ox_real()->recvmsg(fd, msg, flags);
	if (n >= 0 && msg->msg_controllen)
		ox_fd_received(msg);
	return n;
}

static bool is_past(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec > end->tv_sec ||
	       (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

/* As the kernel's: the time is looked at after each datagram. */
EXPORT int recvmmsg(int fd, struct mmsghdr *v, unsigned int n, int flags,
		    struct timespec *timeout)
{
	struct ox_fd *f = ox_fd_get(fd);
	struct timespec end;
	unsigned int i = 0;

	if (!f) {
		int got = ox_real()->recvmmsg(fd, v, n, flags, timeout);

		for (int m = 0; m < got; m++) {
			if (v[m].msg_hdr.msg_controllen)
				ox_fd_received(&v[m].msg_hdr);
		}
		return got;
	}
	if (timeout) {
		clock_gettime(CLOCK_MONOTONIC, &end);
		end.tv_sec += timeout->tv_sec;
		end.tv_nsec += timeout->tv_nsec;
		if (end.tv_nsec >= 1000000000) {
			end.tv_nsec -= 1000000000;
			end.tv_sec++;
		}
	}
	while (i < n) {
		ssize_t r = ox_genl_recvmsg(fd, f, &v[i].msg_hdr,
					    flags & ~MSG_WAITFORONE);

		if (r < 0)
			return i ? (int)i : -1;
		v[i++].msg_len = (unsigned int)r;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (timeout && is_past(&end))
			break;
	}
	return (int)i;
}

/* ---- what programs built with _FORTIFY_SOURCE call ---- */

EXPORT ssize_t __read_chk(int fd, void *buf, size_t len, size_t room);
EXPORT ssize_t __read_chk(int fd, void *buf, size_t len, size_t room)
{
	if (len > room || !ox_fd_get(fd))
		return ox_real()->read_chk(fd, buf, len, room);
	return read(fd, buf, len);
}

EXPORT ssize_t __recv_chk(int fd, void *buf, size_t len, size_t room,
			  int flags);
EXPORT ssize_t __recv_chk(int fd, void *buf, size_t len, size_t room, int flags)
{
	if (len > room || !ox_fd_opened_as(fd))
		return ox_real()->recv_chk(fd, buf, len, room, flags);
	return recv(fd, buf, len, flags);
}

EXPORT ssize_t __recvfrom_chk(int fd, void *buf, size_t len, size_t room,
			      int flags, struct sockaddr *from,
			      socklen_t *from_len);
EXPORT ssize_t __recvfrom_chk(int fd, void *buf, size_t len, size_t room,
			      int flags, struct sockaddr *from,
			      socklen_t *from_len)
{
	if (len > room || !ox_fd_opened_as(fd))
		return ox_real()->recvfrom_chk(fd, buf, len, room, flags, from,
					       from_len);
	return recvfrom(fd, buf, len, flags, from, from_len);
}
