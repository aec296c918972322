// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * underlay_addr.c - the addresses of this network namespace; see underlay.h.
 */
#include "control/port/underlay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/talk.h"

struct list {
	struct ox_underlay_addr *a;
	uint32_t n, room;
};

static struct ox_underlay_addr *list_add(struct list *l)
{
	if (l->n == l->room) {
		uint32_t room = l->room ? 2 * l->room : 64;
		void *more = realloc(l->a, room * sizeof(*l->a));

		if (!more)
			return NULL;
		l->a = more;
		l->room = room;
	}
	memset(&l->a[l->n], 0, sizeof(*l->a));
	return &l->a[l->n++];
}

/* The local end: of a device with a peer, IFA_ADDRESS is the other one. */
static const struct nlattr *local_of(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr, *found = NULL;

	mnl_attr_for_each (attr, nlh, sizeof(struct ifaddrmsg)) {
		if (mnl_attr_get_type(attr) == IFA_LOCAL)
			return attr;
		if (mnl_attr_get_type(attr) == IFA_ADDRESS)
			found = attr;
	}
	return found;
}

static int each_addr(const struct nlmsghdr *nlh, void *arg)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	size_t len = ifa->ifa_family == AF_INET ? 4 : 16;
	struct ox_underlay_addr *to;
	const struct nlattr *a;

	if (nlh->nlmsg_type != RTM_NEWADDR ||
	    (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6))
		return 0;
	a = local_of(nlh);
	if (!a || mnl_attr_get_payload_len(a) != len)
		return 0;
	to = list_add(arg);
	if (!to)
		return -ENOMEM;
	to->ifindex = ifa->ifa_index;
	to->family = ifa->ifa_family;
	to->local = ifa->ifa_scope < RT_SCOPE_HOST;
	memcpy(to->addr, mnl_attr_get_payload(a), len);
	return 0;
}

/* Addresses that change meanwhile bring an event, so that they are asked for
 * again. */
int ox_underlay_addrs(struct ox_underlay_addr **out, uint32_t *n)
{
	struct list l = { 0 };
	struct ifaddrmsg *ifa;
	struct nlmsghdr *nlh;
	uint8_t buf[64];
	int err;

	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_GETADDR;
	nlh->nlmsg_flags = NLM_F_DUMP;
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = AF_UNSPEC;
	err = ox_nl_ask(NETLINK_ROUTE, nlh, each_addr, &l);
	if (err && err != -EINTR) {
		free(l.a);
		return err;
	}
	*out = l.a;
	*n = l.n;
	return 0;
}
