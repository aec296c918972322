// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_sync.c - the part of the private family that the preload library
 * needs: subscriptions, rendezvous, and a word when a socket closes.
 */
#include <errno.h>

#include "control/genl_int.h"

const struct ox_nla_policy ox_sync_policy[OX_A_MAX__] = {
	[OX_A_GROUP] = { .type = OX_NLA_U32 },
	[OX_A_PORTID] = { .type = OX_NLA_U32 },
	[OX_A_PORT_NO] = { .type = OX_NLA_U32 },
	[OX_A_RECV_SIZE] = { .type = OX_NLA_U32 },
	[OX_A_DP_KNOBS] = { .type = OX_NLA_U32 },
	[OX_A_DP_KNOBS_MASK] = { .type = OX_NLA_U32 },
};

static uint32_t portid_of(const struct ox_req *req)
{
	const struct nlattr *a = req->attrs[OX_A_PORTID];

	return a ? mnl_attr_get_u32(a) : req->portid;
}

int ox_req_missing(struct ox_req *req, uint32_t type, const char *text)
{
	req->err.miss_type = type + 1;
	return ox_err_set(&req->err, -EINVAL, "%s", text);
}

static int do_group(struct ox_req *req,
		    int (*fn)(struct ox_genl *, uint32_t, uint32_t))
{
	const struct nlattr *a = req->attrs[OX_A_GROUP];
	int err;

	if (!a)
		return ox_req_missing(req, OX_A_GROUP, "which group?");
	req->err.cookie = req->genl->cookie;
	err = fn(req->genl, mnl_attr_get_u32(a), portid_of(req));
	if (err == -EINVAL) {
		ox_err_attr(&req->err, req->nlh, a);
		ox_err_set(&req->err, err, "no such group");
	} else if (err == -ENOSPC) {
		ox_err_set(&req->err, err, "more than %d subscriptions",
			   OX_MAX_SUBS);
	}
	return err;
}

int ox_sync_subscribe(struct ox_req *req)
{
	return do_group(req, ox_genl_subscribe);
}

int ox_sync_unsubscribe(struct ox_req *req)
{
	return do_group(req, ox_genl_unsubscribe);
}

int ox_sync_sync(struct ox_req *req)
{
	const struct nlattr *size = req->attrs[OX_A_RECV_SIZE];
	struct ox_client *c;

	req->err.cookie = req->genl->cookie;
	if (!req->attrs[OX_A_PORTID])
		return 0;
	c = ox_client_find(req->genl, portid_of(req));
	if (!c)
		return 0;
	if (size) {
		c->part_size = mnl_attr_get_u32(size);
		if (c->part_size < OX_PART_MIN)
			c->part_size = OX_PART_MIN;
		if (c->part_size > OX_PART_MAX)
			c->part_size = OX_PART_MAX;
	}
	ox_client_push(req->genl, c);
	return 0;
}

int ox_sync_forget(struct ox_req *req)
{
	if (!req->attrs[OX_A_PORTID])
		return ox_req_missing(req, OX_A_PORTID, "which port id?");
	ox_client_drop(req->genl, portid_of(req));
	ox_subs_drop(req->genl, portid_of(req));
	ox_turn_forget(req->genl, portid_of(req));
	return 0;
}
