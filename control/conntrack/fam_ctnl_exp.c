// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_ctnl_exp.c - NFNL_SUBSYS_CTNETLINK_EXP: connections that a helper waits
 * for; ctnl_exp_cb of nf_conntrack_netlink.c.
 */
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>

#include "control/codec/ctnl_exp.h"
#include "control/conntrack/conntrack.h"
#include "control/conntrack/exp_view.h"
#include "control/conntrack/view.h"
#include "control/packet/ct_exp.h"

static uint8_t family_of(const struct nlmsghdr *nlh)
{
	const struct nfgenmsg *h =
		(const void *)((const uint8_t *)nlh + NLMSG_HDRLEN);

	return h->nfgen_family;
}

static int do_get(struct ox_req *req)
{
	struct ox_ctnl_to to = { .portid = req->portid,
				 .seq = req->nlh->nlmsg_seq };
	struct ox_nlbuf *b = ox_req_reply_empty(req);
	struct ox_ctnl_exp_request rq;
	struct ox_ctnl_exp x;
	int err = ox_ctnl_exp_get_parse(req->nlh, req->attrs,
					family_of(req->nlh), false, &rq,
					&req->err);

	if (err)
		return err;
	if (ox_ct_exp_next(req->datapaths->ct, 0, &rq, &x, NULL) == OX_CT_NONE)
		return -ENOENT;
	err = ox_ctnl_exp_put(b, &to, IPCTNL_MSG_EXP_NEW, &x);
	return err ? err : ox_req_reply_send(req, b);
}

static int do_delete(struct ox_req *req)
{
	struct ox_ct_mem *m = req->datapaths->ct;
	struct ox_ctnl_exp_request rq;
	struct ox_ctnl_exp x;
	uint32_t at, word, n = 0;
	int err = ox_ctnl_exp_delete_parse(req->nlh, req->attrs,
					   family_of(req->nlh), &rq, &req->err);

	if (err)
		return err;
	m->portid = req->portid; /* events name it */
	for (at = ox_ct_exp_next(m, 0, &rq, &x, &word); at != OX_CT_NONE;
	     at = ox_ct_exp_next(m, at + 1, &rq, &x, &word))
		n += ox_ct_exp_remove(m, at, word);
	m->portid = 0;
	ox_ct_exp_tick(m);
	return rq.what == OX_CTNL_EXP_ONE && !n ? -ENOENT : 0;
}

static int do_new(struct ox_req *req)
{
	return ox_err_set(&req->err, -EOPNOTSUPP,
			  "expectations can't be made by netlink");
}

/* ctnetlink_dump_exp_ct(): a master has to be there, by either tuple. */
static int request_of(struct ox_dump *d, struct ox_ctnl_exp_request *rq)
{
	struct ox_ctnl_which which;
	struct ox_ctnl_entry e;
	uint32_t idx;
	int err = ox_ctnl_exp_get_parse(d->nlh, d->attrs, family_of(d->nlh),
					true, rq, &d->err);

	if (err || rq->what != OX_CTNL_EXP_MASTER)
		return err;
	which = (struct ox_ctnl_which){ .tuple = rq->tuple, .zone = rq->zone };
	err = ox_ct_find(d->datapaths->ct, &which, &e, &idx, NULL);
	if (!err)
		rq->tuple = e.tuple[OX_CTNL_ORIG];
	return err;
}

static int dump_start(struct ox_dump *d)
{
	struct ox_ctnl_exp_request rq;

	return request_of(d, &rq);
}

static int dump(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct ox_ctnl_to to = { .portid = d->portid,
				 .seq = d->nlh->nlmsg_seq };
	struct ox_ct_mem *m = d->datapaths->ct;
	uint32_t at = (uint32_t)d->cursor[0];
	struct ox_ctnl_exp_request rq;
	struct ox_ctnl_exp x;

	if (request_of(d, &rq)) /* the master ended meanwhile */
		return 0;
	for (at = ox_ct_exp_next(m, at, &rq, &x, NULL); at != OX_CT_NONE;
	     at = ox_ct_exp_next(m, at + 1, &rq, &x, NULL)) {
		d->cursor[0] = at;
		if (ox_ctnl_exp_put(b, &to, IPCTNL_MSG_EXP_NEW, &x))
			return 1;
	}
	return 0;
}

static int do_nothing(struct ox_req *req)
{
	(void)req;
	return 0;
}

/* One message a CPU; what the daemon counts is on the first one. */
static int dump_stats_cpu(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct ox_ctnl_to to = { .portid = d->portid,
				 .seq = d->nlh->nlmsg_seq };
	struct ox_ct_mem *m = d->datapaths->ct;

	for (; d->cursor[0] < m->n_cpus; d->cursor[0]++) {
		uint32_t cpu = (uint32_t)d->cursor[0];
		struct ox_ct_stats s = { 0 };

		m->ops->stats(m, cpu, &s);
		if (ox_ctnl_stats_exp_put(b, &to, (uint16_t)cpu,
					  (uint32_t)s.n[OX_CT_S_EXPECTED],
					  cpu ? 0 : ox_ct_exp_stats.created,
					  cpu ? 0 : ox_ct_exp_stats.deleted))
			return 1;
	}
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
	       .dumpit = dump),
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
