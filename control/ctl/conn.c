// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * conn.c - the socket: sending a request and collecting its answers.
 */
#include "control/ctl/conn.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ovsxdp/address.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/now.h"

#define RX_SIZE	 (1024 * 1024) /* largest datagram */
#define RCVBUF	 (4 << 20)     /* the daemon waits for a slow reader */
#define SLICE_MS 500 /* without an answer: is the daemon still there? */

static int sock_open(int protocol, int *out, uint32_t *portid)
{
	struct sockaddr_nl me = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(me);
	int on = 1, size = RCVBUF;
	_cleanup_fd_ int fd = -1;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&me, sizeof(me)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&me, &len) < 0)
		return -errno;
	*portid = me.nl_pid;
	*out = take_fd(fd);
	return 0;
}

static int absent(struct ox_err *e)
{
	return ox_err_set(e, -ECONNREFUSED,
			  "ovsxdpd isn't running in this network namespace; "
			  "start it with: ovsxdpd --detach");
}

/* 0 or -ECONNREFUSED: there is no daemon; c->peer and c->inode. */
static int find_peer(struct ox_conn *c)
{
	struct ox_address a;
	uint64_t netns;
	int err;

	if (ox_netns_cookie(c->fd, &netns))
		netns = 0;
	err = ox_address_find(netns, true, &a, NULL);
	c->found = true;
	c->peer = a.portid;
	c->inode = a.inode;
	return err;
}

/* The daemon that has the request is gone, or was, and another one is there:
 * nobody knows what became of the request. */
static int check_peer(struct ox_conn *c, struct ox_err *e)
{
	struct ox_conn was = *c;

	if (!c->found ||
	    (!find_peer(c) && c->peer == was.peer && c->inode == was.inode))
		return 0;
	return ox_err_set(e, -ECONNRESET,
			  "ovsxdpd has ended, or was started anew, before it "
			  "answered; see what it has done, and try again");
}

int ox_conn_open(int protocol, uint32_t peer, int timeout_ms,
		 struct ox_conn **out, struct ox_err *e)
{
	struct ox_conn *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return ox_err_set(e, -ENOMEM, "no memory");
	c->protocol = protocol;
	c->peer = peer;
	c->timeout_ms = timeout_ms;
	c->fd = -1;
	c->rx = malloc(RX_SIZE);
	err = c->rx ? sock_open(protocol, &c->fd, &c->portid) : -ENOMEM;
	if (err) {
		ox_conn_close(c);
		return ox_err_set(e, err, "can't open a netlink socket");
	}
	if (!peer)
		find_peer(c); /* who sends is told */
	*out = c;
	return 0;
}

void ox_conn_close(struct ox_conn *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	free(c->rx);
	free(c);
}

static int conn_send(struct ox_conn *c, struct ox_msg *m, struct ox_err *e)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_pid = c->peer };

	if (m->overflow)
		return ox_err_set(e, -EMSGSIZE, "the request is too long");
	if (!c->peer)
		return absent(e);
	m->nlh.nlmsg_seq = ++c->seq;
	m->nlh.nlmsg_pid = c->portid;
	if (sendto(c->fd, &m->nlh, m->nlh.nlmsg_len, 0, (struct sockaddr *)&to,
		   sizeof(to)) >= 0)
		return 0;
	if (errno == ECONNREFUSED && c->protocol != NETLINK_GENERIC &&
	    !find_peer(c))
		return ox_err_set(e, -EOPNOTSUPP,
				  "ovsxdpd serves no connection tracking here; "
				  "its log may say why");
	if (errno == ECONNREFUSED)
		return absent(e);
	if (errno == EPERM)
		return ox_err_set(e, -EPERM,
				  "talking to ovsxdpd needs CAP_NET_ADMIN; "
				  "run it as root");
	return ox_err_set(e, -errno, "sending the request failed");
}

/* false: it isn't the daemon's. */
static bool take_pid(struct ox_conn *c, struct msghdr *mh)
{
	struct cmsghdr *h;
	struct ucred cred;

	for (h = CMSG_FIRSTHDR(mh); h; h = CMSG_NXTHDR(mh, h)) {
		if (h->cmsg_level != SOL_SOCKET ||
		    h->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&cred, CMSG_DATA(h), sizeof(cred));
		c->peer_pid = cred.pid;
		return ox_address_is_root(cred.uid);
	}
	return false;
}

/* One datagram of the daemon into c->rx; what others send is dropped. */
static ssize_t conn_read(struct ox_conn *c)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { c->rx, RX_SIZE };
	struct msghdr mh = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(c->fd, &mh, MSG_DONTWAIT);

	if (n < 0)
		return -errno;
	if (from.nl_pid != c->peer)
		return 0;
	if (mh.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return take_pid(c, &mh) ? n : 0;
}

int ox_conn_recv(struct ox_conn *c, int timeout_ms, ox_msg_fn fn, void *arg)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	const struct nlmsghdr *nlh;
	ssize_t n;
	int left, err = 0;

	n = poll(&p, 1, timeout_ms);
	if (n < 0)
		return -errno;
	n = n ? conn_read(c) : -EAGAIN;
	if (n < 0)
		return (int)n;
	nlh = (const void *)c->rx;
	for (left = (int)n; !err && mnl_nlmsg_ok(nlh, left);
	     nlh = mnl_nlmsg_next(nlh, &left))
		err = nlh->nlmsg_type == NLMSG_OVERRUN ? -ENOBUFS
						       : fn(nlh, arg);
	return err;
}

struct talk {
	struct ox_conn *c;
	uint32_t seq;
	bool dump;
	bool done;
	int result;
	ox_msg_fn fn;
	void *arg;
	struct ox_err *e;
};

static void take_text(struct ox_err *e, const struct nlattr *a, int left)
{
	for (; mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG)
			ox_attr_str(a, e->msg, sizeof(e->msg));
		else if (mnl_attr_get_type(a) == NLMSGERR_ATTR_OFFS)
			e->offset = ox_attr_u32(a, 0);
		left -= (int)MNL_ALIGN(a->nla_len);
	}
}

/* The extended ACK comes after the error and, unless capped, after a copy of
 * the request. */
static void take_extack(const struct nlmsghdr *nlh, struct ox_err *e)
{
	const struct nlmsgerr *m = mnl_nlmsg_get_payload(nlh);
	size_t len = mnl_nlmsg_get_payload_len(nlh);
	size_t skip = sizeof(*m);

	if (!e || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED) &&
	    m->msg.nlmsg_len > sizeof(m->msg))
		skip += MNL_ALIGN(m->msg.nlmsg_len - sizeof(m->msg));
	if (skip < len)
		take_text(e, mnl_nlmsg_get_payload_offset(nlh, skip),
			  (int)(len - skip));
}

static int talk_end(struct talk *t, const struct nlmsghdr *nlh)
{
	const int *code = mnl_nlmsg_get_payload(nlh);
	size_t len = mnl_nlmsg_get_payload_len(nlh);

	if (nlh->nlmsg_type == NLMSG_DONE) {
		t->result = len >= sizeof(*code) ? *code : 0;
		if (t->e && len > sizeof(*code) &&
		    (nlh->nlmsg_flags & NLM_F_ACK_TLVS))
			take_text(t->e, (const void *)(code + 1),
				  (int)(len - sizeof(*code)));
	} else if (len >= sizeof(struct nlmsgerr)) {
		t->result = *code;
		take_extack(nlh, t->e);
	} else {
		t->result = -EPROTO;
	}
	if (t->e)
		t->e->code = t->result;
	t->done = true;
	return 0;
}

static int talk_msg(const struct nlmsghdr *nlh, void *arg)
{
	struct talk *t = arg;
	int err;

	if (nlh->nlmsg_seq != t->seq || t->done)
		return 0;
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		t->c->interrupted = true;
	if (nlh->nlmsg_type == NLMSG_ERROR ||
	    (nlh->nlmsg_type == NLMSG_DONE && t->dump))
		return talk_end(t, nlh);
	if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
		return 0;
	/* go on reading after a failure: the answer has to leave the socket */
	err = t->fn ? t->fn(nlh, t->arg) : 0;
	if (err && !t->result)
		t->result = err;
	return 0;
}

/* The kernel's own words for a value that it can't take name nothing. */
static void name_attr(const struct ox_msg *m, struct ox_err *e)
{
	const char *name;
	size_t n;

	if (!e || !e->offset || !strstr(e->msg, "policy validation"))
		return;
	name = ox_msg_attr_at(m, e->offset);
	n = strlen(e->msg);
	if (name)
		snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", name);
}

int ox_conn_talk(struct ox_conn *c, struct ox_msg *m, ox_msg_fn fn, void *arg,
		 struct ox_err *e)
{
	struct talk t = { .c = c, .fn = fn, .arg = arg, .e = e };
	int64_t end = ox_now_ms() + c->timeout_ms;
	int err;

	t.dump = (m->nlh.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	if (!t.dump)
		m->nlh.nlmsg_flags |= NLM_F_ACK;
	c->interrupted = false;
	err = conn_send(c, m, e);
	if (err)
		return err;
	t.seq = c->seq;
	while (!t.done) {
		int64_t left = end - ox_now_ms();

		int slice = left < SLICE_MS ? (int)left : SLICE_MS;

		err = left > 0 ? ox_conn_recv(c, slice, talk_msg, &t) : -EAGAIN;
		if (err == -EAGAIN && left > 0 && check_peer(c, e))
			return -ECONNRESET;
		if (err == -EAGAIN && left <= 0)
			return ox_err_set(e, -ETIMEDOUT,
					  "no answer within %d ms; is ovsxdpd "
					  "stopped?",
					  c->timeout_ms);
		if (err && err != -EAGAIN && err != -EINTR)
			return ox_err_set(e, err, "reading the answer failed");
	}
	if (t.result < 0)
		name_attr(m, e);
	return t.result;
}
