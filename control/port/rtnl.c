// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rtnl.c - rtnetlink requests and events; see rtnl.h.
 *
 * Requests and events have a socket each: a flood of events can overrun the
 * one without costing the other its answers.
 */
#include "control/port/rtnl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "control/base/loop.h"
#include "ovsxdp/talk.h"

#define REQUEST_SIZE 512
#define EVENT_SIZE   (32 * 1024)
#define EVENT_RCVBUF (4 * 1024 * 1024)

/* The latest news of a device, and that it went. */
struct news {
	struct ox_link l;
	bool gone;
};

struct ox_rtnl {
	struct ox_loop *loop; /* NULL: no events */
	struct ox_rtnl_events tell;
	struct mnl_socket *req;
	struct mnl_socket *ev;
	struct ox_watch *watch;
	uint64_t n_asked;
	uint64_t n_lost;		  /* times that events were lost */
	struct news news[OX_RTNL_BUDGET]; /* of a turn */
	uint32_t n_news;
	uint8_t buf[EVENT_SIZE];
};

/* What to do with the devices that answer a request. */
struct links {
	int (*fn)(const struct ox_link *l, void *arg);
	void *arg;
};

static int each_link(const struct nlmsghdr *nlh, void *arg)
{
	const struct links *ls = arg;
	struct ox_link l;

	return ox_link_parse(nlh, &l) ? 0 : ls->fn(&l, ls->arg);
}

static int ask(struct ox_rtnl *r, struct nlmsghdr *nlh, struct links *ls,
	       struct ox_err *e)
{
	r->n_asked++;
	return ox_nl_talk(r->req, nlh, ls ? each_link : NULL, ls, e);
}

uint64_t ox_rtnl_asked(const struct ox_rtnl *r)
{
	return r->n_asked;
}

uint64_t ox_rtnl_lost(const struct ox_rtnl *r)
{
	return r->n_lost;
}

int ox_rtnl_ack(struct ox_rtnl *r, struct nlmsghdr *nlh, struct ox_err *e)
{
	struct ox_err said = { 0 };
	int err;

	nlh->nlmsg_flags |= NLM_F_ACK;
	err = ask(r, nlh, NULL, &said);
	return err ? ox_err_set(e, err, "rtnetlink: %s", said.msg) : 0;
}

static struct nlmsghdr *link_begin(void *buf, uint16_t type, uint32_t ifindex,
				   struct ifinfomsg **ifi)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	*ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(**ifi));
	(*ifi)->ifi_family = AF_UNSPEC;
	(*ifi)->ifi_index = (int)ifindex;
	return nlh;
}

static int link_copy(const struct ox_link *l, void *arg)
{
	*(struct ox_link *)arg = *l;
	return 0;
}

static int link_get(struct ox_rtnl *r, uint32_t ifindex, const char *name,
		    struct ox_link *l)
{
	/* cppcheck-suppress ctuuninitvar; link_copy() fills it in */
	struct links ls = { link_copy, l };
	uint8_t buf[REQUEST_SIZE];
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;

	nlh = link_begin(buf, RTM_GETLINK, ifindex, &ifi);
	if (name)
		mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return ask(r, nlh, &ls, NULL);
}

int ox_rtnl_get(struct ox_rtnl *r, uint32_t ifindex, struct ox_link *l)
{
	if (!ifindex || ifindex > INT32_MAX)
		return -ENODEV;
	return link_get(r, ifindex, NULL, l);
}

int ox_rtnl_get_name(struct ox_rtnl *r, const char *name, struct ox_link *l)
{
	if (!name[0] || strlen(name) >= IFNAMSIZ)
		return -ENODEV;
	return link_get(r, 0, name, l);
}

int ox_rtnl_dump(struct ox_rtnl *r,
		 int (*fn)(const struct ox_link *l, void *arg), void *arg)
{
	struct links ls = { fn, arg };
	uint8_t buf[REQUEST_SIZE];
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh = link_begin(buf, RTM_GETLINK, 0, &ifi);

	nlh->nlmsg_flags |= NLM_F_DUMP;
	return ask(r, nlh, &ls, NULL);
}

int ox_rtnl_set_flags(struct ox_rtnl *r, uint32_t ifindex, uint32_t flags,
		      uint32_t mask, struct ox_err *e)
{
	uint8_t buf[REQUEST_SIZE];
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;

	nlh = link_begin(buf, RTM_SETLINK, ifindex, &ifi);
	ifi->ifi_flags = flags;
	ifi->ifi_change = mask;
	return ox_rtnl_ack(r, nlh, e);
}

int ox_rtnl_set_mtu(struct ox_rtnl *r, uint32_t ifindex, uint32_t mtu,
		    struct ox_err *e)
{
	uint8_t buf[REQUEST_SIZE];
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;

	nlh = link_begin(buf, RTM_SETLINK, ifindex, &ifi);
	mnl_attr_put_u32(nlh, IFLA_MTU, mtu);
	return ox_rtnl_ack(r, nlh, e);
}

int ox_rtnl_set_master(struct ox_rtnl *r, uint32_t ifindex, uint32_t master,
		       struct ox_err *e)
{
	uint8_t buf[REQUEST_SIZE];
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;

	nlh = link_begin(buf, RTM_SETLINK, ifindex, &ifi);
	mnl_attr_put_u32(nlh, IFLA_MASTER, master);
	return ox_rtnl_ack(r, nlh, e);
}

int ox_rtnl_set_alias(struct ox_rtnl *r, uint32_t ifindex, const char *alias,
		      struct ox_err *e)
{
	uint8_t buf[REQUEST_SIZE];
	struct ifinfomsg *ifi;
	struct nlmsghdr *nlh;

	nlh = link_begin(buf, RTM_SETLINK, ifindex, &ifi);
	if (!mnl_attr_put_strz_check(nlh, sizeof(buf), IFLA_IFALIAS, alias))
		return ox_err_set(e, -EINVAL, "alias too long");
	return ox_rtnl_ack(r, nlh, e);
}

int ox_rtnl_del(struct ox_rtnl *r, uint32_t ifindex, struct ox_err *e)
{
	uint8_t buf[REQUEST_SIZE];
	struct ifinfomsg *ifi;

	return ox_rtnl_ack(r, link_begin(buf, RTM_DELLINK, ifindex, &ifi), e);
}

/*
 * What is told of a device is the latest of a turn's messages. But "it went" is
 * told for itself: what comes after it is another device.
 */
static void news_add(struct ox_rtnl *r, const struct ox_link *l, bool gone)
{
	struct news *n = NULL;

	for (uint32_t i = r->n_news; i-- > 0 && !n;)
		if (r->news[i].l.ifindex == l->ifindex)
			n = &r->news[i];
	if (!n || n->gone)
		n = &r->news[r->n_news++];
	n->l = *l;
	n->gone = gone;
}

static void news_tell(struct ox_rtnl *r)
{
	for (uint32_t i = 0; i < r->n_news; i++)
		r->tell.link(r->tell.arg, &r->news[i].l, r->news[i].gone);
	r->n_news = 0;
}

static void event_message(struct ox_rtnl *r, const struct nlmsghdr *nlh)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	struct ox_link l;

	switch (nlh->nlmsg_type) {
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
	case RTM_DELTFILTER:
		if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(*tc))
			r->tell.tc(r->tell.arg, (uint32_t)tc->tcm_ifindex);
		return;
	}
	if (ox_link_parse(nlh, &l))
		return;
	if (r->n_news == OX_RTNL_BUDGET)
		news_tell(r);
	news_add(r, &l, nlh->nlmsg_type == RTM_DELLINK);
}

/* A datagram of events; false: there is none. */
static bool event_recv(struct ox_rtnl *r, bool *lost)
{
	const struct nlmsghdr *m = (const void *)r->buf;
	ssize_t n = recv(mnl_socket_get_fd(r->ev), r->buf, sizeof(r->buf),
			 MSG_DONTWAIT);
	int len = (int)n;

	if (n < 0 && errno == ENOBUFS)
		*lost = true;
	if (n < 0)
		return errno == EINTR || errno == ENOBUFS;
	for (; mnl_nlmsg_ok(m, len); m = mnl_nlmsg_next(m, &len))
		event_message(r, m);
	return n > 0;
}

/*
 * Whoever may change a device's state, as a container's root may that of its
 * own end of a veth, makes as many events as they like. So there is a budget
 * per turn, and what is left over comes with the next. Lost events (ENOBUFS)
 * mean: look at everything.
 */
static void event_read(void *arg, uint32_t events)
{
	struct ox_rtnl *r = arg;
	bool lost = false;
	uint32_t n = 0;

	(void)events;
	while (n < OX_RTNL_BUDGET && event_recv(r, &lost))
		n++;
	ox_loop_did(r->loop, OX_DID_LINKS, n);
	news_tell(r);
	if (!lost)
		return;
	r->n_lost++;
	r->tell.lost(r->tell.arg);
}

static int open_events(struct ox_rtnl *r, struct ox_loop *loop)
{
	int size = EVENT_RCVBUF, fd;

	r->ev = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!r->ev || mnl_socket_bind(r->ev, RTMGRP_LINK | RTMGRP_TC, 0) < 0)
		return -errno;
	fd = mnl_socket_get_fd(r->ev);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return ox_loop_add(loop, fd, EPOLLIN, event_read, r, &r->watch);
}

int ox_rtnl_open(struct ox_loop *loop, const struct ox_rtnl_events *ev,
		 struct ox_rtnl **out)
{
	struct ox_rtnl *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	err = ox_nl_open(NETLINK_ROUTE, &r->req);
	if (!err && loop) {
		r->tell = *ev;
		r->loop = loop;
		err = open_events(r, loop);
	}
	if (err) {
		ox_rtnl_close(r);
		return err;
	}
	*out = r;
	return 0;
}

void ox_rtnl_close(struct ox_rtnl *r)
{
	if (!r)
		return;
	ox_loop_del(r->watch);
	if (r->ev)
		mnl_socket_close(r->ev);
	if (r->req)
		mnl_socket_close(r->req);
	free(r);
}
