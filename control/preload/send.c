// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * send.c - a datagram of requests on its way: the daemon's part to the
 * daemon, the kernel's to the kernel, in order. Returns when the daemon has
 * answered, as the kernel has when sendmsg(2) returns (docs/facts.md, T3).
 */
#include "preload.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "ovsxdp/now.h"

#define PAUSE_MS 5
#define SMALL	 2048 /* gathered on the stack; it may be a signal's */
#define PIECES	 104  /* of a datagram that is sent as it lies; as SMALL */

/* Requests on their way, all of them the daemon's or all the kernel's. */
struct part {
	const struct iovec *iov; /* whole messages, where there are several */
	size_t n_iov;		 /* PIECES at most */
	size_t len;
	bool whole; /* nothing but messages */
};

static int rendezvous(struct ox_fd *f, uint64_t *cookie)
{
	struct ox_side_call call = { .cmd = OX_CMD_SYNC };

	return ox_side_ask(f->netns, ox_fd_of(f), &call, cookie);
}

static ssize_t post(int fd, const struct msghdr *like, const struct iovec *iov,
		    size_t n_iov, uint32_t portid, int flags)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = portid };
	struct msghdr m = *like;

	m.msg_name = &to;
	m.msg_namelen = sizeof(to);
	m.msg_iov = (struct iovec *)iov;
	m.msg_iovlen = n_iov;
	return ox_real()->sendmsg(fd, &m, flags);
}

static ssize_t to_kernel(int fd, const struct msghdr *like,
			 const struct part *p, int flags)
{
	return post(fd, like, p->iov, p->n_iov, 0, flags);
}

/* first goes in place of the header that the part begins with, sync behind
 * its end. */
static ssize_t post_requests(int fd, uint32_t peer, const struct msghdr *like,
			     const struct part *p, const struct nlmsghdr *first,
			     const struct ox_side_sync *sync, int flags)
{
	static const uint8_t zero[NLMSG_ALIGNTO];
	struct iovec iov[PIECES + 3];
	size_t n = p->n_iov + 1;
	ssize_t r;

	iov[0] = (struct iovec){ (void *)first, sizeof(*first) };
	memcpy(&iov[1], p->iov, p->n_iov * sizeof(iov[0]));
	iov[1].iov_base = (uint8_t *)iov[1].iov_base + sizeof(*first);
	iov[1].iov_len -= sizeof(*first);
	if (sync->len) {
		iov[n++] = (struct iovec){ (void *)zero,
					   NLMSG_ALIGN(p->len) - p->len };
		iov[n++] = (struct iovec){ (void *)sync->msg, sync->len };
	}
	if (!peer) {
		errno = ECONNREFUSED;
		return -1;
	}
	r = post(fd, like, iov, n, peer, flags);
	return r < 0 ? r : (ssize_t)p->len;
}

/* As post_requests(). The SYNC is part of it, where it can be: that saves a
 * call and wakes the daemon once. sync->len says whether it is. */
static ssize_t post_sync(int fd, struct ox_fd *f, const struct msghdr *like,
			 const struct part *p, const struct nlmsghdr *first,
			 struct ox_side_sync *sync, int flags)
{
	ssize_t n;

	sync->len = 0;
	if (p->whole && !ox_side_begin(f->netns, fd, sync)) {
		n = post_requests(fd, ox_side_peer(f->netns), like, p, first,
				  sync, flags);
		/* with it beyond the socket's send buffer? */
		if (n >= 0 || errno != EMSGSIZE)
			return n;
		sync->len = 0;
	}
	return post_requests(fd, ox_side_peer(f->netns), like, p, first, sync,
			     flags);
}

/*
 * "Not now" never comes from the kernel, so a daemon that is busy is waited
 * for, whatever flags and O_NONBLOCK say: in the rendezvous, which ends after
 * OVSXDP_TIMEOUT seconds. One that is stopped doesn't hold up a blocking socket
 * longer than that either: EAGAIN, as if there were a SO_SNDTIMEO.
 */
static ssize_t put(int fd, struct ox_fd *f, const struct msghdr *like,
		   const struct part *p, const struct nlmsghdr *first,
		   struct ox_side_sync *sync, int flags, bool stopped)
{
	int64_t end = 0;

	for (;;) {
		ssize_t n = post_sync(fd, f, like, p, first, sync,
				      flags | MSG_DONTWAIT);
		int err;

		if (n >= 0 || errno != EAGAIN || stopped)
			return n;
		end = end ?: ox_now_ms() + ox_wait_timeout_ms();
		err = rendezvous(f, NULL);
		if (err && err != -ECONNREFUSED && err != -ETIMEDOUT)
			poll(NULL, 0, PAUSE_MS);
		stopped = err == -ETIMEDOUT || ox_now_ms() >= end;
	}
}

/* Until the daemon has handled what was put. */
static int await(struct ox_fd *f, const struct ox_side_sync *sync,
		 uint64_t *cookie, bool *idle)
{
	*idle = false;
	return sync->len ? ox_side_await(f->netns, ox_fd_of(f), sync, cookie,
					 idle)
			 : rendezvous(f, cookie);
}

/*
 * first carries the turn. The daemon that says that all is handled must be the
 * one that it was when we sent; else nobody knows who got it, and it is sent
 * again. The new daemon leaves out what was answered (genl_turn.c). idle says
 * whether it has nothing more for this socket.
 */
static ssize_t put_until_handled(int fd, struct ox_fd *f,
				 const struct msghdr *like,
				 const struct part *p, struct nlmsghdr *first,
				 int flags, bool *idle)
{
	uint64_t before = ox_side_cookie(f->netns), after;
	struct ox_side_sync sync;
	int err = 0;

	*idle = false;
	if (!before)
		err = rendezvous(f, &before);
	for (;;) {
		bool stopped = err == -ETIMEDOUT;
		ssize_t n;

		if (err == -ECONNREFUSED || err == -EPERM) {
			errno = -err;
			return -1;
		}
		n = put(fd, f, like, p, first, &sync, flags, stopped);
		/* it has been waited for: what it has it will answer */
		if (n >= 0 && stopped)
			return n;
		if (n < 0 && errno != ECONNREFUSED)
			return n;
		if (n < 0)
			sync.len = 0;
		err = await(f, &sync, &after, idle);
		if (n < 0 && err)
			return n;
		/* it is there, and has no such socket: it serves no conntrack
		 */
		if (n < 0 && after == before &&
		    ox_fd_protocol(f) == NETLINK_NETFILTER) {
			errno = ECONNREFUSED;
			return -1;
		}
		f->cookie = after;
		if (n >= 0 && (err ? err != -ECONNREFUSED : after == before))
			return n;
		before = after;
		first->nlmsg_flags |= OX_NLM_F_AGAIN;
	}
}

static ssize_t to_daemon(int fd, struct ox_fd *f, const struct msghdr *like,
			 const struct part *p, uint16_t add, int flags)
{
	struct nlmsghdr first;
	bool idle;
	ssize_t n;

	memcpy(&first, p->iov->iov_base, sizeof(first));
	f->turn = f->turn % 3 + 1;
	first.nlmsg_flags |= add | ox_ack_flags(fd) |
			     f->turn << OX_NLM_F_TURN_SHIFT;
	n = put_until_handled(fd, f, like, p, &first, flags, &idle);
	if (n < 0)
		return n;
	ox_again_keep(f, p->iov->iov_base, p->iov->iov_len);
	if (!idle)
		ox_fd_set(f, OX_FD_PENDING);
	return n;
}

int ox_genl_again(int fd, struct ox_fd *f, const struct ox_again *a)
{
	const struct iovec iov = { (void *)a->msg, a->len };
	const struct part p = { &iov, 1, a->len,
				ox_route_whole(a->msg, a->len) };
	struct msghdr like = { 0 };
	struct nlmsghdr first;
	bool idle;

	memcpy(&first, a->msg, sizeof(first));
	first.nlmsg_flags |= OX_NLM_F_AGAIN | ox_ack_flags(fd) |
			     f->turn << OX_NLM_F_TURN_SHIFT;
	if (ox_route_message(ox_fd_protocol(f), (const void *)a->msg) ==
	    OX_TO_BOTH)
		first.nlmsg_flags |= OX_NLM_F_NO_DONE;
	return put_until_handled(fd, f, &like, &p, &first, 0, &idle) < 0
		       ? -errno
		       : 0;
}

/* No daemon, or none for us: the world is as without the module. */
static bool is_absent(ssize_t n)
{
	return n < 0 && (errno == ECONNREFUSED || errno == EPERM);
}

static ssize_t to_both(int fd, struct ox_fd *f, const struct msghdr *like,
		       const struct part *p, int flags)
{
	ssize_t n = to_daemon(fd, f, like, p, OX_NLM_F_NO_DONE, flags);

	if (n >= 0 || is_absent(n))
		n = to_kernel(fd, like, p, flags);
	return n;
}

static ssize_t send_part(int fd, struct ox_fd *f, enum ox_route route,
			 const struct msghdr *like, const struct part *p,
			 int flags)
{
	ssize_t n;

	switch (route) {
	case OX_TO_BOTH:
		return to_both(fd, f, like, p, flags);
	case OX_TO_DAEMON:
		n = to_daemon(fd, f, like, p, 0, flags);
		if (!is_absent(n))
			return n;
		break;
	case OX_TO_KERNEL:
		break;
	}
	return to_kernel(fd, like, p, flags);
}

static ssize_t send_parts(int fd, struct ox_fd *f, const struct msghdr *msg,
			  const uint8_t *buf, size_t len, int flags)
{
	size_t at = 0;

	while (at < len) {
		struct iovec iov = { .iov_base = (void *)(buf + at) };
		struct part p = { .iov = &iov, .n_iov = 1 };
		enum ox_route route;
		ssize_t r;

		route = ox_route_next(ox_fd_protocol(f), buf + at, len - at,
				      &p.len);
		/* all of it the kernel's: the program's own call */
		if (!at && p.len == len && route == OX_TO_KERNEL)
			return ox_real()->sendmsg(fd, msg, flags);
		iov.iov_len = p.len;
		p.whole = ox_route_whole(iov.iov_base, iov.iov_len);
		r = send_part(fd, f, route, msg, &p, flags);
		if (r < 0)
			return at ? (ssize_t)at : r;
		at += p.len;
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
static bool is_for_daemon(const struct ox_fd *f, const struct msghdr *msg)
{
	const struct sockaddr_nl *to = msg->msg_name;

	return to && msg->msg_namelen >= sizeof(*to) &&
	       to->nl_family == AF_NETLINK &&
	       ox_is_daemons(f->netns, to->nl_pid);
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

/*
 * Requests in many pieces, as Open vSwitch sends them: where each piece is
 * whole messages, and all are the daemon's, they can go as they lie. A dump
 * can't, as it may have to be kept.
 */
static bool is_all_daemons(const struct ox_fd *f, const struct msghdr *msg)
{
	for (size_t i = 0; i < msg->msg_iovlen; i++) {
		const struct iovec *v = &msg->msg_iov[i];
		const struct nlmsghdr *nlh = v->iov_base;
		size_t n;

		if (!ox_route_whole(nlh, v->iov_len) ||
		    (NLMSG_ALIGN(v->iov_len) != v->iov_len &&
		     i + 1 < msg->msg_iovlen) ||
		    (nlh->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP ||
		    ox_route_next(ox_fd_protocol(f), nlh, v->iov_len, &n) !=
			    OX_TO_DAEMON ||
		    n != v->iov_len)
			return false;
	}
	return true;
}

ssize_t ox_genl_sendmsg(int fd, struct ox_fd *f, const struct msghdr *msg,
			int flags)
{
	struct part p = { msg->msg_iov, msg->msg_iovlen, 0, true };

	for (size_t i = 0; i < msg->msg_iovlen; i++)
		p.len += msg->msg_iov[i].iov_len;
	if (!p.len || !is_for_kernel(f, msg)) {
		if (is_for_daemon(f, msg))
			ox_fd_set(f, OX_FD_NATIVE);
		return ox_real()->sendmsg(fd, msg, flags);
	}
	if (msg->msg_iovlen == 1)
		return send_parts(fd, f, msg, msg->msg_iov->iov_base, p.len,
				  flags);
	if (msg->msg_iovlen <= PIECES && is_all_daemons(f, msg))
		return send_part(fd, f, OX_TO_DAEMON, msg, &p, flags);
	return send_gathered(fd, f, msg, p.len, flags);
}
