// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * send.c - a datagram of requests on its way: the daemon's part to the
 * daemon, the kernel's to the kernel, in order. Returns when the daemon has
 * answered, as the kernel has when sendmsg(2) returns (fact T3).
 */
#include "preload.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define WAIT_MS	 10000 /* for a daemon whose queue is full */
#define PAUSE_MS 5
#define SMALL	 2048 /* gathered on the stack; it may be a signal's */

static int rendezvous(struct ox_fd *f, uint64_t *cookie)
{
	struct ox_side_call call = { .cmd = OX_CMD_SYNC };

	return ox_side_ask(f->netns, ox_fd_of(f), &call, cookie);
}

/* first, if not NULL, goes in place of the header that buf begins with. */
static ssize_t post(int fd, const struct msghdr *like, const void *buf,
		    size_t len, const struct nlmsghdr *first, int flags)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = first ? OX_NL_PORTID : 0 };
	struct iovec iov[2] = { { (void *)buf, len } };
	struct msghdr m = *like;

	m.msg_name = &to;
	m.msg_namelen = sizeof(to);
	m.msg_iov = iov;
	m.msg_iovlen = 1;
	if (first) {
		iov[0] = (struct iovec){ (void *)first, sizeof(*first) };
		iov[1].iov_base = (uint8_t *)buf + sizeof(*first);
		iov[1].iov_len = len - sizeof(*first);
		m.msg_iovlen = 2;
	}
	return ox_real()->sendmsg(fd, &m, flags);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * "Not now" never comes from the kernel, so a daemon that is busy is waited
 * for, whatever flags and O_NONBLOCK say: in the rendezvous, which takes 10 s
 * at most. One that is stopped doesn't hold up a blocking socket longer than
 * that either: EAGAIN, as if there were a SO_SNDTIMEO.
 */
static ssize_t put(int fd, struct ox_fd *f, const struct msghdr *like,
		   const void *buf, size_t len, const struct nlmsghdr *first,
		   int flags, bool stopped)
{
	int64_t end = 0;

	for (;;) {
		ssize_t n =
			post(fd, like, buf, len, first, flags | MSG_DONTWAIT);
		int err;

		if (n >= 0 || errno != EAGAIN || stopped)
			return n;
		end = end ?: now_ms() + WAIT_MS;
		err = rendezvous(f, NULL);
		if (err && err != -ECONNREFUSED && err != -ETIMEDOUT)
			poll(NULL, 0, PAUSE_MS);
		stopped = err == -ETIMEDOUT || now_ms() >= end;
	}
}

/*
 * first carries the turn. The daemon that says that all is handled must be
 * the one that it was when we sent; else nobody knows who got it, and it is
 * sent again. The new daemon leaves out what was answered (genl_turn.c).
 */
static ssize_t put_until_handled(int fd, struct ox_fd *f,
				 const struct msghdr *like, const void *buf,
				 size_t len, struct nlmsghdr *first, int flags)
{
	uint64_t before = ox_side_cookie(f->netns), after;
	int err = 0;

	if (!before)
		err = rendezvous(f, &before);
	for (;;) {
		bool stopped = err == -ETIMEDOUT;
		ssize_t n;

		if (err == -ECONNREFUSED || err == -EPERM) {
			errno = -err;
			return -1;
		}
		n = put(fd, f, like, buf, len, first, flags, stopped);
		/* it has been waited for: what it has it will answer */
		if (n >= 0 && stopped)
			return n;
		if (n < 0 && errno != ECONNREFUSED)
			return n;
		err = rendezvous(f, &after);
		if (n < 0 && err)
			return n;
		f->cookie = after;
		if (n >= 0 && (err ? err != -ECONNREFUSED : after == before))
			return n;
		before = after;
		first->nlmsg_flags |= OX_NLM_F_AGAIN;
	}
}

static ssize_t to_daemon(int fd, struct ox_fd *f, const struct msghdr *like,
			 const void *buf, size_t len, uint16_t add, int flags)
{
	struct nlmsghdr first;
	ssize_t n;

	memcpy(&first, buf, sizeof(first));
	f->turn = f->turn % 3 + 1;
	first.nlmsg_flags |= add | f->turn << OX_NLM_F_TURN_SHIFT;
	n = put_until_handled(fd, f, like, buf, len, &first, flags);
	if (n < 0)
		return n;
	ox_again_keep(f, buf, len);
	ox_fd_set(f, OX_FD_PENDING);
	return n;
}

int ox_genl_again(int fd, struct ox_fd *f, const struct ox_again *a)
{
	struct msghdr like = { 0 };
	struct nlmsghdr first;

	memcpy(&first, a->msg, sizeof(first));
	first.nlmsg_flags |= OX_NLM_F_AGAIN | f->turn << OX_NLM_F_TURN_SHIFT;
	if (ox_route_message((const void *)a->msg) == OX_TO_BOTH)
		first.nlmsg_flags |= OX_NLM_F_NO_DONE;
	return put_until_handled(fd, f, &like, a->msg, a->len, &first, 0) < 0
		       ? -errno
		       : 0;
}

/* No daemon, or none for us: the world is as without the module. */
static bool is_absent(ssize_t n)
{
	return n < 0 && (errno == ECONNREFUSED || errno == EPERM);
}

static ssize_t to_both(int fd, struct ox_fd *f, const struct msghdr *like,
		       const void *buf, size_t len, int flags)
{
	ssize_t n = to_daemon(fd, f, like, buf, len, OX_NLM_F_NO_DONE, flags);

	if (n >= 0 || is_absent(n))
		n = post(fd, like, buf, len, NULL, flags);
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
		n = to_daemon(fd, f, like, buf, len, 0, flags);
		if (!is_absent(n))
			return n;
		break;
	default:
		break;
	}
	return post(fd, like, buf, len, NULL, flags);
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

/* By its own port id: a program that knows ovsxdp, such as ovsxdpctl. */
static bool is_for_daemon(const struct msghdr *msg)
{
	const struct sockaddr_nl *to = msg->msg_name;

	return to && msg->msg_namelen >= sizeof(*to) &&
	       to->nl_family == AF_NETLINK && to->nl_pid == OX_NL_PORTID;
}

static void gather(uint8_t *p, const struct msghdr *msg)
{
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		memcpy(p, msg->msg_iov[i].iov_base, msg->msg_iov[i].iov_len);
		p += msg->msg_iov[i].iov_len;
	}
}

/* Not by malloc(3): sendmsg(2) is allowed in signal handlers. */
static ssize_t send_gathered(int fd, struct ox_fd *f, const struct msghdr *msg,
			     size_t len, int flags)
{
	uint8_t small[SMALL] __attribute__((aligned(NLMSG_ALIGNTO)));
	void *buf;
	ssize_t n;

	if (len <= sizeof(small)) {
		gather(small, msg);
		return send_parts(fd, f, msg, small, len, flags);
	}
	buf = mmap(NULL, len, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buf == MAP_FAILED)
		return -1;
	gather(buf, msg);
	n = send_parts(fd, f, msg, buf, len, flags);
	munmap(buf, len);
	return n;
}

ssize_t ox_genl_sendmsg(int fd, struct ox_fd *f, const struct msghdr *msg,
			int flags)
{
	size_t len = 0;

	for (size_t i = 0; i < msg->msg_iovlen; i++)
		len += msg->msg_iov[i].iov_len;
	if (!len || !is_for_kernel(f, msg)) {
		if (is_for_daemon(msg))
			ox_fd_set(f, OX_FD_NATIVE);
		return ox_real()->sendmsg(fd, msg, flags);
	}
	if (msg->msg_iovlen == 1)
		return send_parts(fd, f, msg, msg->msg_iov->iov_base, len,
				  flags);
	return send_gathered(fd, f, msg, len, flags);
}
