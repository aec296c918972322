// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * recv.c - what a program reads: the daemon's messages under the kernel's name,
 * and dumps that go on while they are read (docs/facts.md, T5). A call for each
 * upcall counts, so the kernel isn't asked first whether the number is still
 * that socket's: the address of what came says so.
 */
#include "preload.h"

#include <errno.h>
#include <string.h>

static bool has_data(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) != 0; /* an error is the program's to see */
}

/* Another daemon is there than the one that was asked for a dump. */
static int ask_again(int fd, struct ox_fd *f, const struct ox_side_call *call)
{
	struct ox_again *a = ox_again_take(f);
	int err = 0;

	if (a && !(ox_fd_flags(f) & OX_FD_SHARED))
		err = ox_genl_again(fd, f, a);
	if (a)
		ox_again_give(f, a);
	if (!err && !has_data(fd))
		err = ox_side_ask(f->netns, fd, call, NULL);
	return err;
}

/*
 * Nothing there, and the daemon may have more, held back while the buffer was
 * full: asks for it. A program that gets EAGAIN in mid dump gives up, and one
 * that blocks would wait for the daemon's timer. -ENOBUFS says that the rest of
 * a dump is lost, as the daemon has gone for good.
 */
static int fetch(int fd, struct ox_fd *f)
{
	struct ox_side_call call = { .cmd = OX_CMD_SYNC };
	int saved = errno, err = 0;
	uint64_t cookie;

	call.portid = ox_fd_portid(fd);
	call.recv_size = f->recv_size;
	if (ox_fd_flags(f) & OX_FD_NFNL)
		call.protocol = NETLINK_NETFILTER;
	err = ox_side_ask(f->netns, fd, &call, &cookie);
	if (!err && cookie != f->cookie)
		err = ask_again(fd, f, &call);
	if (err || !has_data(fd))
		ox_fd_clear(f, OX_FD_PENDING);
	errno = saved;
	return err == -ECONNREFUSED && f->dump ? -ENOBUFS : 0;
}

static void note_size(struct ox_fd *f, const struct msghdr *msg, int flags)
{
	size_t len = 0;

	/* who peeks will read with what it takes */
	if (flags & MSG_PEEK)
		return;
	for (size_t i = 0; i < msg->msg_iovlen; i++)
		len += msg->msg_iov[i].iov_len;
	if (len > f->recv_size && len <= INT32_MAX)
		f->recv_size = (uint32_t)len;
}

/* A dump's end comes in a datagram of its own. */
static void note_end(struct ox_fd *f, const struct msghdr *msg, ssize_t len)
{
	struct nlmsghdr nlh;

	if (len < NLMSG_HDRLEN || !msg->msg_iovlen ||
	    msg->msg_iov[0].iov_len < sizeof(nlh))
		return;
	memcpy(&nlh, msg->msg_iov[0].iov_base, sizeof(nlh));
	if (nlh.nlmsg_type == NLMSG_DONE || nlh.nlmsg_type == NLMSG_ERROR)
		ox_again_drop(f);
}

/* The kernel's messages come from process 0, root. */
static void hide_creds(struct msghdr *msg)
{
	static const struct ucred kernel = { 0 };
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_CREDENTIALS &&
		    c->cmsg_len >= CMSG_LEN(sizeof(kernel)))
			memcpy(CMSG_DATA(c), &kernel, sizeof(kernel));
	}
}

/* A connected socket would have refused it: takes it out of the queue. */
static void discard(int fd, int flags)
{
	if (flags & MSG_PEEK)
		ox_real()->recv(fd, NULL, 0, MSG_DONTWAIT);
}

/* A datagram, or what any other socket has, and where it is from. */
struct arrival {
	struct msghdr m;
	union {
		struct sockaddr_nl nl;
		struct sockaddr_storage any;
	} from;
};

static ssize_t take(int fd, struct arrival *a, const struct msghdr *msg,
		    int flags)
{
	a->m = *msg;
	a->m.msg_name = &a->from;
	a->m.msg_namelen = sizeof(a->from);
	memset(&a->from.nl, 0, sizeof(a->from.nl));
	return ox_real()->recvmsg(fd, &a->m, flags);
}

/* What is held back is asked for only when nothing is there. -ENOBUFS as
 * fetch(); else as recvmsg(2). */
static ssize_t take_or_fetch(int fd, struct ox_fd *f, struct arrival *a,
			     const struct msghdr *msg, int flags)
{
	ssize_t n;

	while ((ox_fd_flags(f) & OX_FD_PENDING) && !(flags & MSG_ERRQUEUE)) {
		n = take(fd, a, msg, flags | MSG_DONTWAIT);
		if (n >= 0 || errno != EAGAIN)
			return n;
		if (!ox_fd_get(fd))
			break;
		if (fetch(fd, f)) {
			ox_again_drop(f);
			errno = ENOBUFS;
			return -1;
		}
	}
	return take(fd, a, msg, flags);
}

/* Is it still the socket that it was opened as, or some other? */
static bool is_netlink(const struct arrival *a)
{
	return a->m.msg_namelen == sizeof(a->from.nl) &&
	       a->from.nl.nl_family == AF_NETLINK;
}

static void hand_over(struct msghdr *msg, const struct arrival *a)
{
	if (msg->msg_name) {
		socklen_t room = msg->msg_namelen;

		memcpy(msg->msg_name, &a->from,
		       room < a->m.msg_namelen ? room : a->m.msg_namelen);
		msg->msg_namelen = a->m.msg_namelen;
	}
	msg->msg_controllen = a->m.msg_controllen;
	msg->msg_flags = a->m.msg_flags;
}

/* The number is another file's: forgets what it was. */
static void hand_over_other(int fd, struct msghdr *msg, const struct arrival *a)
{
	int saved = errno;

	ox_fd_get(fd);
	hand_over(msg, a);
	if (msg->msg_controllen)
		ox_fd_received(msg);
	errno = saved;
}

/* The daemon had no room for what this socket didn't read: the kernel says so
 * by ENOBUFS, unless the socket doesn't want to hear of it. */
static bool is_overrun(const struct msghdr *msg, ssize_t len)
{
	struct nlmsghdr nlh;

	if (len != NLMSG_HDRLEN || !msg->msg_iovlen ||
	    msg->msg_iov[0].iov_len < sizeof(nlh))
		return false;
	memcpy(&nlh, msg->msg_iov[0].iov_base, sizeof(nlh));
	return nlh.nlmsg_type == NLMSG_OVERRUN;
}

static bool no_enobufs(int fd)
{
	int on = 0;
	socklen_t len = sizeof(on);

	return !getsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, &len) &&
	       on;
}

/* The next daemon may have another port id, and send before it is asked. */
static bool is_daemons(const struct ox_fd *f, uint32_t portid)
{
	if (!portid || ox_known(f->netns, portid))
		return portid;
	if (!ox_is_daemons(f->netns, portid))
		return false;
	ox_known_add(f->netns, portid);
	return true;
}

ssize_t ox_genl_recvmsg(int fd, struct ox_fd *f, struct msghdr *msg, int flags)
{
	bool daemons = false;
	struct arrival a;
	ssize_t n;

	note_size(f, msg, flags);
again:
	for (;;) {
		uint32_t portid;

		n = take_or_fetch(fd, f, &a, msg, flags);
		if (n < 0)
			return n;
		if (!is_netlink(&a)) {
			hand_over_other(fd, msg, &a);
			return n;
		}
		portid = a.from.nl.nl_pid;
		daemons = is_daemons(f, portid);
		if (!portid || daemons || !(ox_fd_flags(f) & OX_FD_CONNECTED))
			break;
		discard(fd, flags);
	}
	if (daemons && is_overrun(&a.m, n)) {
		discard(fd, flags);
		ox_again_drop(f);
		if (!no_enobufs(fd)) {
			errno = ENOBUFS;
			return -1;
		}
		goto again;
	}
	if (f->dump && !(flags & MSG_PEEK))
		note_end(f, &a.m, n);
	/* who has addressed the daemon wants to see its address, too */
	if (daemons && !(ox_fd_flags(f) & OX_FD_NATIVE)) {
		a.from.nl.nl_pid = 0;
		if (ox_fd_flags(f) & OX_FD_NFNL)
			a.from.nl.nl_groups =
				ox_groups_kernels(a.from.nl.nl_groups);
		hide_creds(&a.m);
	}
	hand_over(msg, &a);
	return n;
}
