// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * xmit.c - asks the kernel's "netdev" family what XDP on a device can do:
 * whether its driver runs programs, and whether XDP_REDIRECT reaches it. Frames
 * into a veth whose peer has no NAPI vanish (docs/facts.md, V1).
 */
#include "ovsxdp/dp.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "loader/netdev.h"
#include "loader/priv.h"
#include "ovsxdp/talk.h"

/* An attribute looked for in the reply. */
struct want {
	uint16_t type;
	uint16_t size; /* of value */
	bool found;
	union {
		uint16_t u16;
		uint64_t u64;
	} value;
};

static int look_for(const struct nlmsghdr *nlh, void *data)
{
	struct want *w = data;
	const struct nlattr *a;

	mnl_attr_for_each (a, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(a) != w->type ||
		    mnl_attr_get_payload_len(a) < w->size)
			continue;
		if (w->size == sizeof(w->value.u16))
			w->value.u16 = mnl_attr_get_u16(a);
		else
			w->value.u64 = mnl_attr_get_u64(a);
		w->found = true;
	}
	return 0;
}

static struct nlmsghdr *request(void *buf, uint16_t family, uint8_t cmd,
				uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = family;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = version;
	return nlh;
}

static int transact(struct mnl_socket *s, struct nlmsghdr *nlh, struct want *w)
{
	int err = ox_nl_talk(s, nlh, look_for, w, NULL);

	return err || w->found ? err : -EOPNOTSUPP;
}

static int family_id(struct mnl_socket *s, uint16_t *id)
{
	struct want w = {
		.type = CTRL_ATTR_FAMILY_ID,
		.size = sizeof(w.value.u16),
	};
	char buf[256];
	struct nlmsghdr *nlh =
		request(buf, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	int err;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, OX_NETDEV_FAMILY_NAME);
	err = transact(s, nlh, &w);
	*id = w.value.u16;
	return err == -ENOENT ? -EOPNOTSUPP : err;
}

/*
 * Kept open, since every port is asked about again and again. Its network
 * namespace is that of the first question. id 0: the family isn't known yet.
 */
static struct {
	struct mnl_socket *s;
	uint16_t id;
} kept;

static int kept_open(void)
{
	int err = kept.s ? 0 : ox_nl_open(NETLINK_GENERIC, &kept.s);

	if (err || kept.id)
		return err;
	return family_id(kept.s, &kept.id);
}

void ox_xmit_forget(void)
{
	if (kept.s)
		mnl_socket_close(kept.s);
	kept.s = NULL;
	kept.id = 0;
}

/* The device's features, or -errno; -EOPNOTSUPP: a kernel that can't say. */
static int query(uint32_t ifindex, uint64_t *f)
{
	struct want w = {
		.type = OX_NETDEV_A_XDP_FEATURES,
		.size = sizeof(w.value.u64),
	};
	struct nlmsghdr *nlh;
	char buf[256];
	int err = kept_open();

	if (err)
		return err;
	nlh = request(buf, kept.id, OX_NETDEV_CMD_DEV_GET,
		      OX_NETDEV_FAMILY_VERSION);
	mnl_attr_put_u32(nlh, OX_NETDEV_A_IFINDEX, ifindex);
	err = transact(kept.s, nlh, &w);
	*f = w.value.u64;
	return err;
}

int ox_xdp_xmit_query(uint32_t ifindex)
{
	uint64_t f = 0;
	int err = query(ifindex, &f);

	return err ? err : !!(f & OX_NETDEV_XDP_ACT_NDO_XMIT);
}

int ox_xdp_native_query(uint32_t ifindex)
{
	const uint64_t want = OX_NETDEV_XDP_ACT_BASIC |
			      OX_NETDEV_XDP_ACT_REDIRECT;
	uint64_t f = 0;
	int err = query(ifindex, &f);

	return err ? err : (f & want) == want;
}
