// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * send.c - a datagram of requests on its way: the daemon's part to the
 * daemon, the kernel's to the kernel, in order. Returns when the daemon has
 * answered, as the kernel has when sendmsg(2) returns (fact T3).
 */
#include "preload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 100 /* of a non-blocking socket against a full daemon */

static void rendezvous(struct ox_fd *f)
{
	struct ox_side_call call = { .cmd = OX_CMD_SYNC };

	ox_side_ask(f->netns, &call);
}

static ssize_t post(int fd, const struct msghdr *like, const void *buf,
		    size_t len, uint32_t portid, int flags)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = portid };
	struct iovec iov = { (void *)buf, len };
	struct msghdr m = *like;

	m.msg_name = &to;
	m.msg_namelen = sizeof(to);
	m.msg_iov = &iov;
	m.msg_iovlen = 1;
	return ox_real()->sendmsg(fd, &m, flags);
}

/*
 * Without waiting would mean: not at all if the daemon is busy, which never
 * happens with the kernel. So it waits, whatever flags and O_NONBLOCK say.
 */
static ssize_t to_daemon(int fd, struct ox_fd *f, const struct msghdr *like,
			 const void *buf, size_t len, int flags)
{
	for (int i = 0;; i++) {
		ssize_t n = post(fd, like, buf, len, OX_NL_PORTID,
				 flags & ~MSG_DONTWAIT);

		if (n >= 0) {
			ox_fd_set(f, OX_FD_PENDING);
			rendezvous(f);
			return n;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || i == TRIES)
			return n;
		rendezvous(f);
	}
}

/* No daemon, or none for us: the world is as without the module. */
static bool is_absent(ssize_t n)
{
	return n < 0 && (errno == ECONNREFUSED || errno == EPERM);
}

static ssize_t to_both(int fd, struct ox_fd *f, const struct msghdr *like,
		       const void *buf, size_t len, int flags)
{
	struct nlmsghdr *copy = malloc(len);
	ssize_t n;

	if (!copy)
		return -1;
	memcpy(copy, buf, len);
	copy->nlmsg_flags |= OX_NLM_F_NO_DONE;
	n = to_daemon(fd, f, like, copy, len, flags);
	if (n >= 0 || is_absent(n))
		n = post(fd, like, buf, len, 0, flags);
	free(copy);
	return n;
}

static ssize_t send_part(int fd, struct ox_fd *f, enum ox_route route,
			 const struct msghdr *like, const void *buf, size_t len,
			 int flags)
{
	ssize_t n;

	switch (route) {
	case OX_TO_BOTH:
		return to_both(fd, f, like, buf, len, flags);
	case OX_TO_DAEMON:
		n = to_daemon(fd, f, like, buf, len, flags);
		if (!is_absent(n))
			return n;
		break;
	default:
		break;
	}
	return post(fd, like, buf, len, 0, flags);
}

static ssize_t send_parts(int fd, struct ox_fd *f, const struct msghdr *msg,
			  const uint8_t *buf, size_t len, int flags)
{
	size_t at = 0;

	while (at < len) {
		enum ox_route route;
		ssize_t r;
		size_t n;

		route = ox_route_next(buf + at, len - at, &n);
		/* all of it the kernel's: the program's own call */
		if (!at && n == len && route == OX_TO_KERNEL)
			return ox_real()->sendmsg(fd, msg, flags);
		r = send_part(fd, f, route, msg, buf + at, n, flags);
		if (r < 0)
			return at ? (ssize_t)at : r;
		at += n;
	}
	return (ssize_t)len;
}

/* To the kernel, or by way of a real connection or address elsewhere? */
static bool is_for_kernel(const struct ox_fd *f, const struct msghdr *msg)
{
	const struct sockaddr_nl *to = msg->msg_name;

	if (!to || !msg->msg_namelen)
		return !(ox_fd_flags(f) & OX_FD_PEER);
	return msg->msg_namelen >= sizeof(*to) && to->nl_family == AF_NETLINK &&
	       !to->nl_pid && !to->nl_groups;
}

ssize_t ox_genl_sendmsg(int fd, struct ox_fd *f, const struct msghdr *msg,
			int flags)
{
	uint8_t *buf, *p;
	size_t len = 0;
	ssize_t n;

	for (size_t i = 0; i < msg->msg_iovlen; i++)
		len += msg->msg_iov[i].iov_len;
	if (!len || !is_for_kernel(f, msg))
		return ox_real()->sendmsg(fd, msg, flags);
	if (msg->msg_iovlen == 1)
		return send_parts(fd, f, msg, msg->msg_iov->iov_base, len,
				  flags);
	buf = p = malloc(len);
	if (!buf)
		return -1;
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		memcpy(p, msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
		p += msg->msg_iov[i].iov_len;
	}
	n = send_parts(fd, f, msg, buf, len, flags);
	free(buf);
	return n;
}
