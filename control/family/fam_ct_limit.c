// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_ct_limit.c - the family ovs_ct_limit: the ovs_ct_limit_cmd_*() functions
 * of net/openvswitch/conntrack.c. It is there where connection tracking is
 * served. Its group is never used, as the module's.
 */
#include "control/family/family.h"

#include <errno.h>
#include <linux/genetlink.h>

#include "control/conntrack/limit.h"
#include "ovsxdp/nl.h"

static const struct nlattr *limits_of(const struct ox_req *req)
{
	return req->attrs[OVS_CT_LIMIT_ATTR_ZONE_LIMIT];
}

/* An answer without attributes; its dp_ifindex is 0. */
static int answer(struct ox_req *req, uint8_t cmd)
{
	return ox_req_reply_send(req, ox_req_reply_begin(req, cmd, NULL));
}

static int cmd_set(struct ox_req *req)
{
	struct ox_ct_mem *m = req->datapaths->ct;
	struct ox_ct_limit l;
	uint32_t at = 0;
	int err = ox_ct_limit_need(req->attrs, &req->err);

	if (err)
		return err;
	while (ox_ct_limit_next(limits_of(req), &at, &l))
		ox_ct_limit_set(m, &l);
	return answer(req, OVS_CT_LIMIT_CMD_SET);
}

static int cmd_del(struct ox_req *req)
{
	struct ox_ct_mem *m = req->datapaths->ct;
	struct ox_ct_limit l;
	uint32_t at = 0;
	int err = ox_ct_limit_need(req->attrs, &req->err);

	if (err)
		return err;
	while (ox_ct_limit_next(limits_of(req), &at, &l))
		ox_ct_limit_del(m, l.zone);
	return answer(req, OVS_CT_LIMIT_CMD_DEL);
}

static int put_one(const struct ox_ct_mem *m, struct ox_nlbuf *b, int32_t zone)
{
	struct ox_ct_limit l;

	ox_ct_limit_view(m, zone, &l);
	return ox_ct_limit_put(b, &l);
}

/* The default, and all zones that have one of their own. */
static int put_all(const struct ox_ct_mem *m, struct ox_nlbuf *b)
{
	int32_t zone = ox_ct_limit_next_zone(m, 0);
	int err = put_one(m, b, OX_CT_LIMIT_DEFAULT);

	for (; !err && zone >= 0; zone = ox_ct_limit_next_zone(m, zone + 1))
		err = put_one(m, b, zone);
	return err;
}

static int put_asked(const struct ox_ct_mem *m, struct ox_nlbuf *b,
		     const struct nlattr *asked)
{
	struct ox_ct_limit l;
	uint32_t at = 0;
	int err = 0;

	while (!err && ox_ct_limit_next(asked, &at, &l))
		err = put_one(m, b, l.zone);
	return err;
}

static int cmd_get(struct ox_req *req)
{
	struct ox_nlbuf *b =
		ox_req_reply_begin(req, OVS_CT_LIMIT_CMD_GET, NULL);
	const struct ox_ct_mem *m = req->datapaths->ct;
	uint32_t mark;
	int err = ox_ct_limit_put_begin(b, &mark);

	if (!err)
		err = limits_of(req) ? put_asked(m, b, limits_of(req))
				     : put_all(m, b);
	if (err) {
		ox_nl_abort(b);
		return err;
	}
	ox_ct_limit_put_end(b, mark);
	return ox_req_reply_send(req, b);
}

static const struct ox_genl_op ops[] = {
	{ .cmd = OVS_CT_LIMIT_CMD_SET,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_ct_limit_policy,
	  .max_attr = OVS_CT_LIMIT_ATTR_MAX,
	  .doit = cmd_set },
	{ .cmd = OVS_CT_LIMIT_CMD_DEL,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_ct_limit_policy,
	  .max_attr = OVS_CT_LIMIT_ATTR_MAX,
	  .doit = cmd_del },
	{ .cmd = OVS_CT_LIMIT_CMD_GET,
	  .policy = ox_ct_limit_policy,
	  .max_attr = OVS_CT_LIMIT_ATTR_MAX,
	  .doit = cmd_get },
};

static const struct ox_genl_group groups[] = {
	{ .name = OVS_CT_LIMIT_MCGROUP, .id = OX_MCGRP_CT_LIMIT },
};

const struct ox_genl_family ox_fam_ct_limit = {
	.id = OX_GENL_CT_LIMIT,
	.name = OVS_CT_LIMIT_FAMILY,
	.version = OVS_CT_LIMIT_VERSION,
	.hdrsize = sizeof(struct ovs_header),
	.maxattr = OVS_CT_LIMIT_ATTR_MAX,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(ops[0]),
	.groups = groups,
	.n_groups = 1,
};
