// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * route.c - which messages are the daemon's (docs/facts.md, T6): those of its
 * family ids, what nlctrl is asked about its families, and on sockets of
 * NETLINK_NETFILTER those about connections. No I/O: unit-tested.
 */
#include "preload.h"

#include <string.h>
#include <linux/netfilter/nfnetlink.h>

/* Also families that the daemon may not have yet: its "no" is as good as
 * the kernel's. */
static const char *const names[] = {
	"ovs_datapath", "ovs_vport",	"ovs_flow",	"ovs_packet",
	"ovs_meter",	"ovs_ct_limit", OX_FAMILY_NAME,
};

static bool is_our_name(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if (len >= n && !memcmp(s, names[i], n) &&
		    (len == n || s[n] == '\0'))
			return true;
	}
	return false;
}

/* Does a request to nlctrl name one of our families? */
static bool names_ours(const uint8_t *p, size_t len)
{
	bool ours = false;

	while (len >= NLA_HDRLEN) {
		struct nlattr a;
		size_t step;
		uint16_t id;

		memcpy(&a, p, sizeof(a));
		if (a.nla_len < NLA_HDRLEN || a.nla_len > len)
			break;
		switch (a.nla_type & NLA_TYPE_MASK) {
		case CTRL_ATTR_FAMILY_ID:
			if (a.nla_len < NLA_HDRLEN + sizeof(id))
				break;
			memcpy(&id, p + NLA_HDRLEN, sizeof(id));
			ours = ours || OX_GENL_IS_OURS(id);
			break;
		case CTRL_ATTR_FAMILY_NAME:
			/* the kernel, too, prefers the name */
			return is_our_name((const char *)p + NLA_HDRLEN,
					   a.nla_len - NLA_HDRLEN);
		}
		step = NLA_ALIGN((size_t)a.nla_len);
		if (step >= len)
			break;
		p += step;
		len -= step;
	}
	return ours;
}

static enum ox_route route_ctrl(const struct nlmsghdr *nlh)
{
	const uint8_t *p = (const uint8_t *)nlh + NLMSG_HDRLEN;
	uint16_t want = NLM_F_DUMP | NLM_F_REQUEST;
	struct genlmsghdr g;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return OX_TO_KERNEL;
	memcpy(&g, p, sizeof(g));
	if (g.cmd == CTRL_CMD_GETFAMILY && (nlh->nlmsg_flags & want) == want)
		return OX_TO_BOTH;
	if (g.cmd != CTRL_CMD_GETFAMILY && g.cmd != CTRL_CMD_GETPOLICY)
		return OX_TO_KERNEL;
	return names_ours(p + GENL_HDRLEN,
			  nlh->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN)
		       ? OX_TO_DAEMON
		       : OX_TO_KERNEL;
}

/* Conntrack's subsystems. What else is on such a socket, as nftables, logs and
 * queues, stays the kernel's. */
static enum ox_route route_nfnl(uint16_t type)
{
	switch (NFNL_SUBSYS_ID(type)) {
	case NFNL_SUBSYS_CTNETLINK:
	case NFNL_SUBSYS_CTNETLINK_EXP:
	case NFNL_SUBSYS_CTNETLINK_TIMEOUT:
		return OX_TO_DAEMON;
	default:
		return OX_TO_KERNEL;
	}
}

uint32_t ox_groups_ours(uint32_t groups)
{
	return (groups & ~OX_NFNLGRPS_CT) | (groups & OX_NFNLGRPS_CT)
						    << OX_NFNLGRP_SHIFT;
}

uint32_t ox_groups_kernels(uint32_t groups)
{
	return (groups & ~OX_NFNLGRPS_OURS) |
	       (groups & OX_NFNLGRPS_OURS) >> OX_NFNLGRP_SHIFT;
}

enum ox_route ox_route_message(int protocol, const struct nlmsghdr *nlh)
{
	if (protocol == NETLINK_NETFILTER)
		return route_nfnl(nlh->nlmsg_type);
	if (nlh->nlmsg_type == GENL_ID_CTRL)
		return route_ctrl(nlh);
	return OX_GENL_IS_OURS(nlh->nlmsg_type) ? OX_TO_DAEMON : OX_TO_KERNEL;
}

bool ox_route_whole(const void *buf, size_t len)
{
	size_t at = 0;

	while (len - at >= NLMSG_HDRLEN) {
		const struct nlmsghdr *nlh;

		nlh = (const void *)((const uint8_t *)buf + at);
		if (nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > len - at)
			break;
		if (NLMSG_ALIGN(nlh->nlmsg_len) >= len - at)
			return nlh->nlmsg_len == len - at ||
			       NLMSG_ALIGN(nlh->nlmsg_len) == len - at;
		at += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	return false;
}

enum ox_route ox_route_next(int protocol, const void *buf, size_t len,
			    size_t *n)
{
	enum ox_route first = OX_TO_KERNEL;
	size_t at = 0;

	while (len - at >= NLMSG_HDRLEN) {
		const struct nlmsghdr *nlh;
		enum ox_route route;

		nlh = (const void *)((const uint8_t *)buf + at);
		if (nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > len - at)
			break;
		route = ox_route_message(protocol, nlh);
		if (!at)
			first = route;
		else if (route != first || first == OX_TO_BOTH)
			goto out;
		if (NLMSG_ALIGN(nlh->nlmsg_len) >= len - at)
			break;
		at += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	at = len;
out:
	*n = at;
	return first;
}
