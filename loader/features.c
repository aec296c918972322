// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * features.c - the kernel tells, by multicasts of its family "netdev", whose
 * XDP features have changed. So the daemon hears when a veth's other end gets
 * or loses its NAPI, with GRO or with an XDP program (docs/facts.md, V1).
 */
#include "ovsxdp/dp.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "loader/netdev.h"
#include "loader/priv.h"
#include "ovsxdp/talk.h"

#define RCVBUF (1024 * 1024)

struct ox_features {
	struct mnl_socket *s;
	uint16_t family;
};

/* The family's id, and that of its group. */
struct ids {
	uint16_t family;
	uint32_t group;
};

static void group_see(const struct nlattr *nest, struct ids *ids)
{
	const struct nlattr *a;
	const char *name = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_NAME &&
		    !mnl_attr_validate(a, MNL_TYPE_NUL_STRING))
			name = mnl_attr_get_str(a);
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_ID &&
		    !mnl_attr_validate(a, MNL_TYPE_U32))
			id = mnl_attr_get_u32(a);
	}
	if (!strcmp(name, OX_NETDEV_GROUP_MGMT))
		ids->group = id;
}

static int family_see(const struct nlmsghdr *nlh, void *arg)
{
	struct ids *ids = arg;
	const struct nlattr *a, *group;

	mnl_attr_for_each (a, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID &&
		    !mnl_attr_validate(a, MNL_TYPE_U16))
			ids->family = mnl_attr_get_u16(a);
		if (mnl_attr_get_type(a) != CTRL_ATTR_MCAST_GROUPS)
			continue;
		mnl_attr_for_each_nested (group, a)
			group_see(group, ids);
	}
	return 0;
}

static int join(struct ox_features *f)
{
	char buf[256] __attribute__((aligned(4)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	struct ids ids = { 0 };
	int size = RCVBUF, err;

	nlh->nlmsg_type = GENL_ID_CTRL;
	g->cmd = CTRL_CMD_GETFAMILY;
	g->version = 1;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, OX_NETDEV_FAMILY_NAME);
	err = ox_nl_talk(f->s, nlh, family_see, &ids, NULL);
	if (err == -ENOENT || (!err && !ids.group))
		return -EOPNOTSUPP;
	if (err)
		return err;
	f->family = ids.family;
	setsockopt(mnl_socket_get_fd(f->s), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		   sizeof(size));
	return mnl_socket_setsockopt(f->s, NETLINK_ADD_MEMBERSHIP, &ids.group,
				     sizeof(ids.group)) < 0
		       ? -errno
		       : 0;
}

int ox_features_open(struct ox_features **out)
{
	struct ox_features *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	err = ox_nl_open(NETLINK_GENERIC, &f->s);
	if (!err)
		err = join(f);
	if (err) {
		ox_features_close(f);
		return err;
	}
	*out = f;
	return 0;
}

void ox_features_close(struct ox_features *f)
{
	if (!f)
		return;
	if (f->s)
		mnl_socket_close(f->s);
	free(f);
}

int ox_features_fd(const struct ox_features *f)
{
	return mnl_socket_get_fd(f->s);
}

/* What one message tells. */
static void message(const struct nlmsghdr *nlh, ox_features_fn *fn, void *arg)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;
	uint32_t ifindex = 0;
	uint64_t bits = 0;
	bool told = false;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*g) ||
	    (g->cmd != OX_NETDEV_CMD_DEV_ADD_NTF &&
	     g->cmd != OX_NETDEV_CMD_DEV_CHANGE_NTF))
		return;
	mnl_attr_for_each (a, nlh, sizeof(*g)) {
		if (mnl_attr_get_type(a) == OX_NETDEV_A_IFINDEX &&
		    !mnl_attr_validate(a, MNL_TYPE_U32))
			ifindex = mnl_attr_get_u32(a);
		if (mnl_attr_get_type(a) == OX_NETDEV_A_XDP_FEATURES &&
		    !mnl_attr_validate(a, MNL_TYPE_U64)) {
			bits = mnl_attr_get_u64(a);
			told = true;
		}
	}
	if (ifindex && told)
		fn(arg, ifindex, bits & OX_NETDEV_XDP_ACT_NDO_XMIT);
}

int ox_features_read(struct ox_features *f, uint32_t budget, ox_features_fn *fn,
		     void *arg)
{
	char buf[4096] __attribute__((aligned(4)));
	bool lost = false;

	while (budget--) {
		const struct nlmsghdr *m = (const void *)buf;
		ssize_t n =
			recv(ox_features_fd(f), buf, sizeof(buf), MSG_DONTWAIT);
		int len = (int)n;

		if (n < 0 && errno == ENOBUFS)
			lost = true;
		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			break;
		for (; n > 0 && mnl_nlmsg_ok(m, len);
		     m = mnl_nlmsg_next(m, &len))
			if (m->nlmsg_type == f->family)
				message(m, fn, arg);
	}
	return lost ? -ENOBUFS : 0;
}
