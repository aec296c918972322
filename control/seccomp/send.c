// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * send.c - a datagram of requests on its way, over the program's own socket:
 * the daemon's part to the daemon, the kernel's to the kernel, in order.
 * Returns when the daemon has answered (docs/facts.md, T3). What is the
 * kernel's alone the program's own call brings there, with its own rights.
 */
#include "seccomp.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "control/preload/preload.h"
#include "ovsxdp/cleanup.h"

static int rendezvous(const struct ox_call *c)
{
	struct ox_side_call call = { .cmd = OX_CMD_SYNC };

	return ox_side_ask(c->netns, -1, &call, NULL);
}

static ssize_t post(const struct ox_call *c, const void *buf, size_t len,
		    uint32_t portid, int flags)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = portid };
	ssize_t n;

	do {
		n = sendto(c->sock, buf, len, flags | MSG_NOSIGNAL,
			   (struct sockaddr *)&to, sizeof(to));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* The requests to the daemon, whose first header says what ACKs the socket
 * wants. */
static ssize_t post_requests(const struct ox_call *c, const uint8_t *buf,
			     size_t len, uint32_t peer, int flags)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = peer };
	struct nlmsghdr first;
	struct iovec iov[] = { { &first, sizeof(first) },
			       { (void *)(buf + sizeof(first)),
				 len - sizeof(first) } };
	struct msghdr m = { .msg_name = &to,
			    .msg_namelen = sizeof(to),
			    .msg_iov = iov,
			    .msg_iovlen = 2 };
	ssize_t n;

	memcpy(&first, buf, sizeof(first));
	first.nlmsg_flags |= ox_ack_flags(c->sock);
	do {
		n = sendmsg(c->sock, &m, flags | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Never "not now": the kernel never says so. A busy daemon is waited for in
 * the rendezvous, one that has stopped some seconds, one that was there as long
 * as preload/wait.c has both. */
static ssize_t to_daemon(const struct ox_call *c, const void *buf, size_t len,
			 int flags)
{
	for (bool stopped = false, refused = false;;) {
		uint32_t peer = ox_side_find(c->netns, -1);
		ssize_t n = peer ? post_requests(c, buf, len, peer,
						 flags | MSG_DONTWAIT)
				 : -ECONNREFUSED;
		int err;

		if (n < 0 && n != -ECONNREFUSED && (n != -EAGAIN || stopped))
			return n;
		err = rendezvous(c);
		/* there, without such a socket: it serves no conntrack */
		if (n >= 0 ||
		    (n == -ECONNREFUSED &&
		     (err || (refused && c->protocol != NETLINK_GENERIC))))
			return n;
		refused = n == -ECONNREFUSED;
		stopped = err && err != -ECONNREFUSED;
	}
}

static bool is_absent(ssize_t n)
{
	return n == -ECONNREFUSED || n == -EPERM;
}

/* The kernel's own families and DONE follow the daemon's. */
static ssize_t families_to_daemon(const struct ox_call *c, const void *buf,
				  size_t len, int flags)
{
	_cleanup_free_ struct nlmsghdr *copy = malloc(len);
	ssize_t n;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, buf, len);
	copy->nlmsg_flags |= OX_NLM_F_NO_DONE;
	n = to_daemon(c, copy, len, flags);
	return is_absent(n) ? 0 : n;
}

/* OX_CONTINUE: it, or the rest of it, is the kernel's. */
static int64_t send_part(const struct ox_call *c, enum ox_route route,
			 const void *buf, size_t len, int flags)
{
	ssize_t n;

	switch (route) {
	case OX_TO_BOTH:
		n = families_to_daemon(c, buf, len, flags);
		return n < 0 ? n : OX_CONTINUE;
	case OX_TO_DAEMON:
		n = to_daemon(c, buf, len, flags);
		return is_absent(n) ? OX_CONTINUE : n;
	case OX_TO_KERNEL:
		break;
	}
	return OX_CONTINUE;
}

int64_t ox_send_datagram(const struct ox_call *c, const uint8_t *buf,
			 size_t len, int flags, bool whole)
{
	size_t at = 0, n;

	while (at < len) {
		enum ox_route route =
			ox_route_next(c->protocol, buf + at, len - at, &n);
		int64_t r = send_part(c, route, buf + at, n, flags);

		if (r == OX_CONTINUE && whole && !at && n == len)
			return r;
		if (r == OX_CONTINUE)
			r = post(c, buf + at, n, 0, flags);
		if (r < 0)
			return at ? (int64_t)at : r;
		at += n;
	}
	return (int64_t)len;
}

bool ox_send_concerns(const struct ox_call *c, const uint8_t *buf, size_t len)
{
	size_t at = 0, n;

	for (; at < len; at += n) {
		if (ox_route_next(c->protocol, buf + at, len - at, &n) !=
		    OX_TO_KERNEL)
			return true;
	}
	return false;
}
