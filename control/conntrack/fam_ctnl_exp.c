// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_ctnl_exp.c - NFNL_SUBSYS_CTNETLINK_EXP: connections that a helper waits
 * for; ctnl_exp_cb of nf_conntrack_netlink.c. There are none as long as no
 * helper runs.
 */
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>

#include "control/codec/ctnl_exp.h"
#include "control/conntrack/conntrack.h"

static uint8_t family_of(const struct nlmsghdr *nlh)
{
	const struct nfgenmsg *h =
		(const void *)((const uint8_t *)nlh + NLMSG_HDRLEN);

	return h->nfgen_family;
}

static int do_get(struct ox_req *req)
{
	struct ox_ctnl_exp_request rq;
	int err = ox_ctnl_exp_get_parse(req->nlh, req->attrs,
					family_of(req->nlh), false, &rq,
					&req->err);

	return err ? err : -ENOENT;
}

static int do_delete(struct ox_req *req)
{
	struct ox_ctnl_exp_request rq;
	int err = ox_ctnl_exp_delete_parse(req->nlh, req->attrs,
					   family_of(req->nlh), &rq, &req->err);

	if (err)
		return err;
	return rq.what == OX_CTNL_EXP_ONE ? -ENOENT : 0;
}

static int do_new(struct ox_req *req)
{
	return ox_err_set(&req->err, -EOPNOTSUPP,
			  "expectations can't be made by netlink");
}

static int dump_start(struct ox_dump *d)
{
	struct ox_ctnl_exp_request rq;

	return ox_ctnl_exp_get_parse(d->nlh, d->attrs, family_of(d->nlh), true,
				     &rq, &d->err);
}

static int dump_none(struct ox_dump *d, struct ox_nlbuf *b)
{
	(void)d;
	(void)b;
	return 0;
}

static int do_nothing(struct ox_req *req)
{
	(void)req;
	return 0;
}

/* One message a CPU, of zeros. */
static int dump_stats_cpu(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct ox_ctnl_to to = { .portid = d->portid,
				 .seq = d->nlh->nlmsg_seq };

	for (; d->cursor[0] < d->datapaths->ct->n_cpus; d->cursor[0]++)
		if (ox_ctnl_stats_exp_put(b, &to, (uint16_t)d->cursor[0], 0, 0,
					  0))
			return 1;
	return 0;
}

#define EXP_OP(c, ...)                                    \
	{                                                 \
		.cmd = (c), .policy = ox_ctnl_exp_policy, \
		.max_attr = CTA_EXPECT_MAX, __VA_ARGS__   \
	}

static const struct ox_genl_op ops[] = {
	EXP_OP(IPCTNL_MSG_EXP_NEW, .doit = do_new),
	EXP_OP(IPCTNL_MSG_EXP_GET, .doit = do_get, .dump_start = dump_start,
	       .dumpit = dump_none),
	EXP_OP(IPCTNL_MSG_EXP_DELETE, .doit = do_delete),
	EXP_OP(IPCTNL_MSG_EXP_GET_STATS_CPU, .doit = do_nothing,
	       .dumpit = dump_stats_cpu),
};

const struct ox_genl_family ox_fam_ctnl_exp = {
	.id = NFNL_SUBSYS_CTNETLINK_EXP,
	.name = "ctnetlink_exp",
	.maxattr = CTA_EXPECT_MAX,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(*ops),
};
