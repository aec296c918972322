// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * nfnl.c - the kernel's ctnetlink, asked.
 */
#include "tests/lib/nfnl.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

static bool there(struct nfnl *n)
{
	uint8_t data[64];
	struct ox_nlbuf b = { .data = data, .size = sizeof(data) };
	struct nfgenmsg h = { 0 };

	ox_nl_begin_raw(&b, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
			NLM_F_DUMP, 0, 0, &h, sizeof(h));
	ox_nl_end(&b);
	return !nfnl_ask(n, &b);
}

bool nfnl_open(struct nfnl *n)
{
	return !unshare(CLONE_NEWNET) && nfnl_socket(n);
}

bool nfnl_socket(struct nfnl *n)
{
	struct timeval wait = { .tv_sec = 10 };
	struct sockaddr_nl me = { .nl_family = AF_NETLINK };
	int room = 1 << 21;

	memset(n, 0, sizeof(*n));
	n->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (n->fd < 0)
		return false;
	if (!bind(n->fd, (struct sockaddr *)&me, sizeof(me)) &&
	    !setsockopt(n->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) &&
	    !setsockopt(n->fd, SOL_SOCKET, SO_RCVBUFFORCE, &room,
			sizeof(room)) &&
	    there(n))
		return true;
	close(n->fd);
	return false;
}

bool nfnl_sysctl(const char *name, const char *value)
{
	char path[128];
	ssize_t done = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/netfilter/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		done = write(fd, value, strlen(value));
		close(fd);
	}
	return done > 0;
}

static ssize_t take(struct nfnl *n, int flags)
{
	ssize_t len =
		recv(n->fd, n->room + n->len, sizeof(n->room) - n->len, flags);

	if (len > 0)
		n->len += (uint32_t)len;
	return len;
}

/* 1: go on; else the end, *err is set. */
static bool ended(const struct nfnl *n, uint32_t from, int *err)
{
	const struct nlmsghdr *h = (const void *)(n->room + from);
	int left = (int)(n->len - from);

	for (; NLMSG_OK(h, (unsigned int)left); h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_seq != n->seq || (h->nlmsg_type != NLMSG_ERROR &&
					       h->nlmsg_type != NLMSG_DONE))
			continue;
		memcpy(err, NLMSG_DATA(h), sizeof(*err));
		return true;
	}
	return false;
}

int nfnl_ask(struct nfnl *n, struct ox_nlbuf *b)
{
	struct nlmsghdr *h = (void *)b->data;
	uint32_t from = 0;
	int err = 0;

	n->len = 0;
	h->nlmsg_seq = ++n->seq;
	h->nlmsg_flags |= NLM_F_REQUEST;
	if ((h->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		h->nlmsg_flags |= NLM_F_ACK;
	if (send(n->fd, b->data, b->len, 0) < 0)
		return -errno;
	do {
		from = n->len;
		if (take(n, 0) < 0)
			return -errno;
	} while (!ended(n, from, &err));
	return err;
}

void nfnl_events(struct nfnl *n)
{
	n->len = 0;
	while (take(n, MSG_DONTWAIT) > 0)
		;
}

void nfnl_join(struct nfnl *n, uint32_t group)
{
	setsockopt(n->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
		   sizeof(group));
}

static const struct nlmsghdr *from(const struct nfnl *n,
				   const struct nlmsghdr *h)
{
	const uint8_t *end = n->room + n->len;

	while ((const uint8_t *)h + NLMSG_HDRLEN <= end &&
	       (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE))
		h = (const void *)((const uint8_t *)h +
				   NLMSG_ALIGN(h->nlmsg_len));
	return (const uint8_t *)h + NLMSG_HDRLEN <= end ? h : NULL;
}

const struct nlmsghdr *nfnl_first(const struct nfnl *n)
{
	return from(n, (const void *)n->room);
}

const struct nlmsghdr *nfnl_next(const struct nfnl *n, const struct nlmsghdr *h)
{
	return from(n, (const void *)((const uint8_t *)h +
				      NLMSG_ALIGN(h->nlmsg_len)));
}
