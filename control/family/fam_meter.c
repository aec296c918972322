// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_meter.c - the family ovs_meter: the ovs_meter_cmd_*() functions of
 * net/openvswitch/meter.c. Its changes are answered to who asked for them
 * and to nobody else: the module has a multicast group that it never uses.
 */
#include "control/family/family.h"

#include <errno.h>
#include <linux/genetlink.h>

#include "control/codec/codec_meter.h"
#include "ovsxdp/nl.h"
#include "ovsxdp/now.h"

static struct ox_mem *lookup(struct ox_req *req)
{
	const struct ovs_header *hdr = req->user_hdr;
	struct ox_datapath *dp;

	dp = ox_datapath_by_ifindex(req->datapaths, (uint32_t)hdr->dp_ifindex);
	if (!dp)
		ox_err_set(&req->err, -ENODEV, "no such datapath");
	return dp ? dp->mem : NULL;
}

static struct ox_nlbuf *reply_begin(struct ox_req *req, uint8_t cmd)
{
	const struct ovs_header *hdr = req->user_hdr;
	struct ovs_header *reply;
	struct ox_nlbuf *b = ox_req_reply_begin(req, cmd, (void **)&reply);

	if (b)
		reply->dp_ifindex = hdr->dp_ifindex;
	return b;
}

static int reply_end(struct ox_req *req, struct ox_nlbuf *b, int err)
{
	if (!err)
		return ox_req_reply_send(req, b);
	ox_nl_abort(b);
	return err;
}

static int cmd_features(struct ox_req *req)
{
	struct ox_mem *mem = lookup(req);
	struct ox_nlbuf *b;

	if (!mem)
		return -ENODEV;
	b = reply_begin(req, OVS_METER_CMD_FEATURES);
	if (!b)
		return -ENOMEM;
	return reply_end(req, b, ox_meter_features_put(b));
}

/* old NULL: there was none. The id comes twice if it is answered, as the
 * module has it. */
static int set_reply(struct ox_req *req, uint32_t id,
		     const struct ox_meter *old)
{
	struct ox_nlbuf *b = reply_begin(req, OVS_METER_CMD_SET);
	int err;

	if (!b)
		return -ENOMEM;
	err = ox_nl_put_u32(b, OVS_METER_ATTR_ID, id);
	if (!err && old && (old->flags & OX_METER_KEEP_STATS))
		err = ox_meter_stats_put(b, id, old);
	return reply_end(req, b, err);
}

static int cmd_set(struct ox_req *req)
{
	const struct nlattr *const *a = req->attrs;
	struct ox_meter meter, old;
	struct ox_mem *mem;
	uint32_t id;
	int err, had;

	if (!a[OVS_METER_ATTR_ID])
		return ox_err_set(&req->err, -EINVAL, "a meter needs an id");
	err = ox_meter_decode(a, ox_now_ms(), &meter);
	if (err)
		return err;
	mem = lookup(req);
	if (!mem)
		return -ENODEV;
	id = mnl_attr_get_u32(a[OVS_METER_ATTR_ID]);
	had = mem->ops->meter_get(mem, id, &old);
	if (had && had != -ENOENT)
		return had;
	err = mem->ops->meter_set(mem, id, &meter);
	if (err == -ENOSPC)
		return ox_err_set(&req->err, -EFBIG, "all %u meters are taken",
				  OX_MAX_METERS);
	return err ? err : set_reply(req, id, had ? NULL : &old);
}

static int cmd_get(struct ox_req *req)
{
	const struct nlattr *id = req->attrs[OVS_METER_ATTR_ID];
	struct ox_meter meter;
	struct ox_mem *mem;
	struct ox_nlbuf *b;
	int err;

	if (!id)
		return ox_err_set(&req->err, -EINVAL, "which meter?");
	mem = lookup(req);
	if (!mem)
		return -ENODEV;
	err = mem->ops->meter_get(mem, mnl_attr_get_u32(id), &meter);
	if (err)
		return err;
	b = reply_begin(req, OVS_METER_CMD_GET);
	if (!b)
		return -ENOMEM;
	return reply_end(req, b,
			 ox_meter_stats_put(b, mnl_attr_get_u32(id), &meter));
}

/* No such meter is fine; the answer is empty then. */
static int cmd_del(struct ox_req *req)
{
	const struct nlattr *a = req->attrs[OVS_METER_ATTR_ID];
	struct ox_meter old;
	struct ox_mem *mem;
	struct ox_nlbuf *b;
	uint32_t id;
	int err, had;

	if (!a)
		return ox_err_set(&req->err, -EINVAL, "which meter?");
	mem = lookup(req);
	if (!mem)
		return -ENODEV;
	id = mnl_attr_get_u32(a);
	had = mem->ops->meter_get(mem, id, &old);
	err = had ? had : mem->ops->meter_del(mem, id);
	if (err && err != -ENOENT)
		return err;
	b = reply_begin(req, OVS_METER_CMD_DEL);
	if (!b)
		return -ENOMEM;
	return reply_end(req, b, had ? 0 : ox_meter_stats_put(b, id, &old));
}

static const struct ox_genl_op ops[] = {
	{ .cmd = OVS_METER_CMD_FEATURES,
	  .policy = ox_meter_policy,
	  .max_attr = OVS_METER_ATTR_MAX,
	  .doit = cmd_features },
	{ .cmd = OVS_METER_CMD_SET,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_meter_policy,
	  .max_attr = OVS_METER_ATTR_MAX,
	  .doit = cmd_set },
	{ .cmd = OVS_METER_CMD_GET,
	  .policy = ox_meter_policy,
	  .max_attr = OVS_METER_ATTR_MAX,
	  .doit = cmd_get },
	{ .cmd = OVS_METER_CMD_DEL,
	  .flags = GENL_UNS_ADMIN_PERM,
	  .policy = ox_meter_policy,
	  .max_attr = OVS_METER_ATTR_MAX,
	  .doit = cmd_del },
};

static const struct ox_genl_group groups[] = {
	{ .name = OVS_METER_MCGROUP, .id = OX_MCGRP_METER },
};

const struct ox_genl_family ox_fam_meter = {
	.id = OX_GENL_METER,
	.name = OVS_METER_FAMILY,
	.version = OVS_METER_VERSION,
	.hdrsize = sizeof(struct ovs_header),
	.maxattr = OVS_METER_ATTR_MAX,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(ops[0]),
	.groups = groups,
	.n_groups = 1,
};
