// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * side.c - netlink towards one datapath, in batches.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/genetlink.h>

#include "ovsxdp/nl.h"
#include "ovsxdp/uapi.h"
#include "side.h"
#include "wire.h"

static const char *const family_name[SIDE_FAMILIES] = {
	OVS_DATAPATH_FAMILY, OVS_VPORT_FAMILY, OVS_FLOW_FAMILY,
	OVS_PACKET_FAMILY,   OVS_METER_FAMILY,
};
static const uint8_t family_version[SIDE_FAMILIES] = {
	OVS_DATAPATH_VERSION, OVS_VPORT_VERSION, OVS_FLOW_VERSION,
	OVS_PACKET_VERSION,   OVS_METER_VERSION,
};

static int genl_socket(uint32_t pid)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_pid = pid };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	int big = 32 << 20, one = 1;
	struct timeval tv = { .tv_sec = 180 }; /* of a busy machine */

	if (fd < 0 || bind(fd, (void *)&sa, sizeof(sa)))
		err(1, "netlink socket %u", pid);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof(big));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	return fd;
}

static int enter(const char *netns)
{
	int old = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), fd;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (old < 0 || fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "network namespace %s", netns);
	close(fd);
	return old;
}

static void leave(int old)
{
	if (setns(old, CLONE_NEWNET))
		err(1, "setns");
	close(old);
}

/* ---- families ---- */

static void first_group(struct side *s, int family, const struct nlattr *groups)
{
	nla_each(g, nla_body(groups), nla_size(groups))
	{
		const struct nlattr *id = nla_find(nla_body(g), nla_size(g),
						   CTRL_ATTR_MCAST_GRP_ID);

		if (id)
			memcpy(&s->group[family], nla_body(id), 4);
		return;
	}
}

static void family_found(struct side *s, int family, const struct nlmsghdr *h)
{
	const uint8_t *p = (const uint8_t *)h + 20;
	uint32_t n = h->nlmsg_len - 20;
	const struct nlattr *id = nla_find(p, n, CTRL_ATTR_FAMILY_ID);
	const struct nlattr *groups = nla_find(p, n, CTRL_ATTR_MCAST_GROUPS);

	if (id)
		memcpy(&s->family[family], nla_body(id), 2);
	if (groups)
		first_group(s, family, groups);
}

static void family_find(struct side *s, int family)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = s->portid };
	struct {
		struct nlmsghdr h;
		struct genlmsghdr g;
		struct nlattr a;
		char name[GENL_NAMSIZ];
	} m = {
		.h = { .nlmsg_type = GENL_ID_CTRL,
		       .nlmsg_flags = NLM_F_REQUEST,
		       .nlmsg_seq = ++s->seq },
		.g = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 },
		.a = { .nla_type = CTRL_ATTR_FAMILY_NAME },
	};
	size_t n = strlen(family_name[family]) + 1;
	uint8_t b[8192];
	ssize_t got;

	memcpy(m.name, family_name[family], n);
	m.a.nla_len = (uint16_t)(NLA_HDRLEN + n);
	m.h.nlmsg_len = (uint32_t)(24 + NLA_ALIGN(n));
	if (sendto(s->nl, &m, m.h.nlmsg_len, 0, (void *)&to, sizeof(to)) < 0)
		err(1, "%s: is it running? sendto", s->name);
	got = recv(s->nl, b, sizeof(b), 0);
	if (got < 20 || ((struct nlmsghdr *)b)->nlmsg_type == NLMSG_ERROR)
		errx(1, "%s: no family %s", s->name, family_name[family]);
	family_found(s, family, (const void *)b);
}

void side_open(struct side *s, const char *name, const char *netns,
	       const char *wires, uint32_t portid)
{
	int old = enter(netns);

	memset(s, 0, sizeof(*s));
	s->name = name;
	s->portid = portid;
	s->nl = genl_socket(0);
	s->up = genl_socket(SIDE_UPCALL_PID);
	leave(old);
	for (int i = 0; i < SIDE_FAMILIES; i++)
		family_find(s, i);
	s->wire[GEN_UNDER] = -1;
	for (int i = gen_tunnels ? GEN_UNDER : 1; wires && i <= GEN_PORTS; i++)
		s->wire[i] = wire_open(wires, i);
}

/* ovsxdp's groups are joined by a request to it. */
static void join_ours(struct side *s, uint32_t group)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = s->portid };
	struct {
		struct nlmsghdr h;
		struct genlmsghdr g;
		uint32_t ifindex;
		struct nlattr a;
		uint32_t group;
	} m = {
		.h = { .nlmsg_len = sizeof(m),
		       .nlmsg_type = OX_GENL_OVSXDP,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.g = { .cmd = OX_CMD_SUBSCRIBE, .version = OX_FAMILY_VERSION },
		.a = { .nla_len = 8, .nla_type = OX_A_GROUP },
		.group = group,
	};
	struct {
		struct nlmsghdr h;
		int error;
		uint8_t rest[1000];
	} answer;

	if (sendto(s->note, &m, sizeof(m), 0, (void *)&to, sizeof(to)) < 0 ||
	    recv(s->note, &answer, sizeof(answer), 0) < 20 || answer.error)
		errx(1, "%s: can't join group %#x", s->name, group);
}

void side_subscribe(struct side *s, const char *netns)
{
	int old = enter(netns);

	s->note = genl_socket(0);
	leave(old);
	for (int i = 0; i < SIDE_FAMILIES; i++) {
		uint32_t group = s->group[i];

		if (!group)
			continue;
		if (s->portid)
			join_ours(s, group);
		else if (setsockopt(s->note, SOL_NETLINK,
				    NETLINK_ADD_MEMBERSHIP, &group,
				    sizeof(group)))
			err(1, "group %u", group);
	}
}

/* ---- requests ---- */

#define BATCH_BYTES 30000
#define BATCH_REQS  32

static uint32_t put_req(struct side *s, uint8_t *b, const struct side_req *q)
{
	struct nlmsghdr h = {
		.nlmsg_len = 24 + (q->attrs ? q->attrs->len : 0),
		.nlmsg_type = s->family[q->family],
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | q->flags,
		.nlmsg_seq = ++s->seq,
	};
	struct genlmsghdr g = { q->cmd, family_version[q->family], 0 };
	uint32_t ifindex = q->ifindex;

	memcpy(b, &h, 16);
	memcpy(b + 16, &g, 4);
	memcpy(b + 20, &ifindex, 4);
	if (q->attrs)
		memcpy(b + 24, q->attrs->b, q->attrs->len);
	return h.nlmsg_len;
}

static bool is_end(const struct nlmsghdr *h)
{
	return h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE;
}

/* Reads up to the last answer of requests first to first + n - 1. */
static void read_answers(struct side *s, struct side_req *v, uint32_t n,
			 uint32_t first, side_reply *reply, void *ctx)
{
	static _Alignas(8) uint8_t b[1 << 18];
	uint32_t left = n;

	while (left) {
		ssize_t len = recv(s->nl, b, sizeof(b), 0);
		const struct nlmsghdr *h = (const void *)b;

		if (len < 0)
			err(1,
			    "%s: %u of %u requests unanswered (first: family %d cmd %d)",
			    s->name, left, n, v->family, v->cmd);
		for (; len > 0 && NLMSG_OK(h, (uint32_t)len);
		     h = NLMSG_NEXT(h, len)) {
			uint32_t i = h->nlmsg_seq - first;

			if (i >= n)
				continue;
			if (!is_end(h)) {
				if (reply)
					reply(ctx, h);
				continue;
			}
			memcpy(&v[i].err, NLMSG_DATA(h), 4);
			left--;
		}
	}
}

void side_ask(struct side *s, struct side_req *v, uint32_t n, side_reply *reply,
	      void *ctx)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK,
				  .nl_pid = s->portid };
	static uint8_t b[BATCH_BYTES + GEN_NLB_MAX + 64];

	for (uint32_t i = 0, k; i < n; i += k) {
		uint32_t first = s->seq + 1, len = 0;

		for (k = 0; i + k < n && k < BATCH_REQS; k++) {
			if (len > BATCH_BYTES)
				break;
			len += put_req(s, b + len, &v[i + k]);
		}
		if (sendto(s->nl, b, len, 0, (void *)&to, sizeof(to)) < 0)
			err(1, "%s: sendto", s->name);
		read_answers(s, v + i, k, first, reply, ctx);
	}
}

void side_must(struct side *s, enum side_family f, uint8_t cmd, uint16_t flags,
	       const struct nlb *attrs, side_reply *reply, void *ctx)
{
	struct side_req q = { .family = f,
			      .cmd = cmd,
			      .flags = flags,
			      .ifindex = s->dp_ifindex,
			      .attrs = attrs };

	side_ask(s, &q, 1, reply, ctx);
	if (q.err)
		errx(1, "%s: family %d command %d: %s", s->name, f, cmd,
		     strerror(-q.err));
}
