// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * transport.c - datagrams in and out of the daemon's netlink sockets
 * (docs/facts.md, T1: sockets of one protocol can unicast to each other).
 */
#include "control/netlink/genl_int.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "ovsxdp/cleanup.h"

/* Requests wait here until the next turns of the loop (inbox.c), one after the
 * other, whoever sent them. So what fits here is what a client may have to wait
 * for: the kernel doubles this, for 3 datagrams of 256 KiB or 1,400 of one
 * request. A full buffer makes all senders wait until there is room. */
#define RCVBUF (512 << 10)
#define SNDBUF (4 << 20) /* a message must be smaller than this */

/* Beyond net.core.[rw]mem_max where we may, up to it where not. */
static void set_buffer(int fd, int force, int plain, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof(bytes));
}

int ox_transport_socket(int protocol, int *out, struct ox_err *e)
{
	_cleanup_fd_ int fd = -1;
	int on = 1;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    protocol);
	if (fd < 0)
		return ox_err_set(e, -errno, "netlink socket: %s",
				  strerror(errno));
	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, RCVBUF);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, SNDBUF);
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return ox_err_set(e, -errno, "SO_PASSCRED: %s",
				  strerror(errno));
	*out = take_fd(fd);
	return 0;
}

int ox_transport_bind(int fd, uint32_t portid)
{
	struct sockaddr_nl me = { .nl_family = AF_NETLINK, .nl_pid = portid };

	return bind(fd, (struct sockaddr *)&me, sizeof(me)) ? -errno : 0;
}

static void take_creds(struct msghdr *m, struct ox_datagram *out)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct ucred cred;

		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&cred, CMSG_DATA(c), sizeof(cred));
		out->uid = cred.uid;
		out->pid = cred.pid;
	}
}

int ox_transport_recv(int fd, uint8_t *buf, uint32_t size,
		      struct ox_datagram *out)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	do {
		n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	*out = (struct ox_datagram){
		.data = buf,
		.len = (uint32_t)n,
		.truncated = m.msg_flags & MSG_TRUNC,
		.portid = from.nl_pid,
		.uid = (uid_t)-1,
	};
	take_creds(&m, out);
	return 0;
}

static int send_error(void)
{
	return errno == ENOBUFS || errno == ENOMEM ? -EAGAIN : -errno;
}

static int send_to(int fd, struct sockaddr_nl *to, const struct iovec *iov,
		   int n_iov)
{
	struct msghdr m = {
		.msg_name = to,
		.msg_namelen = sizeof(*to),
		.msg_iov = (struct iovec *)iov,
		.msg_iovlen = (size_t)n_iov,
	};
	ssize_t n;

	do {
		n = sendmsg(fd, &m, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	return n >= 0 ? 0 : send_error();
}

int ox_transport_send(int fd, uint32_t portid, const struct iovec *iov,
		      int n_iov)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = portid };

	/* Port id 0 is the kernel: it would take our reply for a request. */
	if (!portid)
		return -ECONNREFUSED;
	return send_to(fd, &to, iov, n_iov);
}

/* The kernel gets it as well, at port id 0, and ignores what is no request:
 * another port id might be somebody's. */
int ox_transport_tell(int fd, uint32_t group, const struct iovec *iov,
		      int n_iov)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_groups = 1u << (group - 1) };

	return send_to(fd, &to, iov, n_iov);
}

int ox_transport_send_many(int fd, struct mmsghdr *msgs, uint32_t n)
{
	int r;

	do {
		r = sendmmsg(fd, msgs, n, MSG_DONTWAIT);
	} while (r < 0 && errno == EINTR);
	return r >= 0 ? r : send_error();
}
