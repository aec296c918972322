// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * recv.c - receiving, where it matters who has sent: libraries of Go take
 * answers from port id 0 alone. They read by recvfrom(2) with room for 64 KiB
 * and for the address, which is all that the filter can see of it. Of such
 * calls on sockets that have asked the daemon, its answers are read here, and
 * given to the program under the kernel's name.
 */
#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "control/preload/preload.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/now.h"

#define SLICE_MS 100   /* then: does the call still wait? */
#define WAIT_MS	 10000 /* a call that waits longer goes on without us */

/* Else its thread id may be another program's by now. */
static bool still_waits(const struct ox_call *c)
{
	return !ioctl(c->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &c->id);
}

/* Waits until something is there. 0; OX_CONTINUE: it is the kernel's to
 * answer. */
static int64_t wait_readable(const struct ox_call *c)
{
	struct pollfd p = { .fd = c->sock, .events = POLLIN };
	int64_t end = ox_now_ms() + WAIT_MS;
	struct timeval limit = { 0 };
	socklen_t len = sizeof(limit);

	if (poll(&p, 1, 0) > 0)
		return 0;
	if (fcntl(c->sock, F_GETFL) & O_NONBLOCK)
		return OX_CONTINUE;
	/* a limit of its own is for the kernel to keep: it begins anew */
	if (getsockopt(c->sock, SOL_SOCKET, SO_RCVTIMEO, &limit, &len) ||
	    limit.tv_sec || limit.tv_usec)
		end = ox_now_ms() + SLICE_MS;
	while (ox_now_ms() < end) {
		if (poll(&p, 1, SLICE_MS) > 0)
			return 0;
		if (!still_waits(c))
			return -EINTR;
	}
	return OX_CONTINUE;
}

/* Whose is the next datagram? */
static bool next_is_daemons(const struct ox_call *c)
{
	struct sockaddr_nl from = { 0 };
	socklen_t len = sizeof(from);

	return recvfrom(c->sock, NULL, 0, MSG_PEEK | MSG_DONTWAIT,
			(struct sockaddr *)&from, &len) >= 0 &&
	       from.nl_pid && ox_known(c->netns, from.nl_pid);
}

/* As the kernel's move_addr_to_user(). */
static int give_address(const struct ox_call *c)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	socklen_t room, full = sizeof(kernel);

	if (ox_caller_read(c->tid, c->data.args[5], &room, sizeof(room)))
		return -EFAULT;
	if (room > full)
		room = full;
	if (ox_caller_write(c->tid, c->data.args[4], &kernel, room) ||
	    ox_caller_write(c->tid, c->data.args[5], &full, sizeof(full)))
		return -EFAULT;
	return 0;
}

int64_t ox_recv_datagram(const struct ox_call *c)
{
	_cleanup_free_ uint8_t *buf = NULL;
	uint32_t portid = ox_caller_portid(c);
	int64_t err;
	ssize_t n;

	if (!portid || !ox_portids_noted(c, portid))
		return OX_CONTINUE;
	err = wait_readable(c);
	if (err)
		return err;
	if (!next_is_daemons(c))
		return OX_CONTINUE;
	buf = malloc(OX_RECV_ROOM);
	if (!buf)
		return OX_CONTINUE;
	n = recv(c->sock, buf, OX_RECV_ROOM, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN ? OX_CONTINUE : -errno;
	if (!still_waits(c))
		return -EINTR;
	if (ox_caller_write(c->tid, c->data.args[1], buf, (size_t)n))
		return -EFAULT;
	err = give_address(c);
	return err ? err : n;
}
