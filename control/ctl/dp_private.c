// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * dp_private.c - limits, knobs and drop reasons: the private family's
 * OX_CMD_DP_GET and OX_CMD_DP_SET.
 */
#include "control/ctl/ctl.h"

#include <string.h>

#include "ovsxdp/nl.h"

static void read_reason(const struct nlattr *nest, struct ox_dp_private *p)
{
	const uint32_t room = sizeof(p->reasons) / sizeof(p->reasons[0]);
	const struct nlattr *tb[OX_A_MAX__];
	struct ox_dp_reason *r;

	if (p->n_reasons == room)
		return;
	r = &p->reasons[p->n_reasons++];
	ox_nest_attrs(nest, tb, OX_A_MAX__ - 1);
	ox_attr_str(tb[OX_A_REASON_NAME], r->name, sizeof(r->name));
	r->count = ox_attr_u64(tb[OX_A_REASON_COUNT], 0);
}

void ox_reasons_read(const struct nlattr *nest, struct ox_dp_private *p)
{
	const struct nlattr *a;

	if (!nest)
		return;
	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_type(a) == OX_A_REASON)
			read_reason(a, p);
	}
}

static int read_private(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[OX_A_MAX__];
	struct ox_dp_private *p = arg;

	ox_msg_attrs(nlh, tb, OX_A_MAX__ - 1);
	ox_attr_str(tb[OX_A_DP_PATH], p->path, sizeof(p->path));
	p->max_flows = ox_attr_u32(tb[OX_A_DP_MAX_FLOWS], 0);
	p->max_masks = ox_attr_u32(tb[OX_A_DP_MAX_MASKS], 0);
	p->max_ports = ox_attr_u32(tb[OX_A_DP_MAX_PORTS], 0);
	p->lingering = ox_attr_u32(tb[OX_A_DP_LINGERING], 0);
	ox_attr_str(tb[OX_A_DP_BUILD], p->build, sizeof(p->build));
	ox_attr_str(tb[OX_A_DP_BUILD_OURS], p->build_ours,
		    sizeof(p->build_ours));
	ox_attr_str(tb[OX_A_DP_BUILD_WHY], p->build_why, sizeof(p->build_why));
	p->knobs = ox_attr_u32(tb[OX_A_DP_KNOBS], 0);
	ox_reasons_read(tb[OX_A_DP_REASONS], p);
	return 0;
}

static int read_daemon(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[OX_A_MAX__];

	ox_msg_attrs(nlh, tb, OX_A_MAX__ - 1);
	ox_reasons_read(tb[OX_A_DAEMON], arg);
	return 0;
}

int ox_daemon_counts_get(struct ox_ctl *ctl, struct ox_dp_private *p)
{
	struct ox_msg m;

	memset(p, 0, sizeof(*p));
	ox_msg_begin(&m, OX_GENL_OVSXDP, 0, OX_CMD_DAEMON_GET, 0);
	return ox_conn_talk(ctl->conn, &m, read_daemon, p, &ctl->err);
}

int ox_dp_private_get(struct ox_ctl *ctl, uint32_t dp_ifindex,
		      struct ox_dp_private *p)
{
	struct ox_msg m;

	memset(p, 0, sizeof(*p));
	ox_msg_begin(&m, OX_GENL_OVSXDP, 0, OX_CMD_DP_GET, dp_ifindex);
	return ox_conn_talk(ctl->conn, &m, read_private, p, &ctl->err);
}

int ox_dp_knobs_set(struct ox_ctl *ctl, uint32_t dp_ifindex, uint32_t knobs,
		    uint32_t mask)
{
	struct ox_msg m;

	ox_msg_begin(&m, OX_GENL_OVSXDP, 0, OX_CMD_DP_SET, dp_ifindex);
	ox_msg_put_u32(&m, OX_A_DP_KNOBS, knobs);
	ox_msg_put_u32(&m, OX_A_DP_KNOBS_MASK, mask);
	return ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
}
