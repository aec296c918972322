// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_ctnl.c - NFNL_SUBSYS_CTNETLINK: connections; ctnl_conntrack_cb of
 * nf_conntrack_netlink.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <linux/netfilter/nfnetlink.h>

#include "control/conntrack/change.h"
#include "control/conntrack/conntrack.h"
#include "control/conntrack/event.h"

static struct ox_ct_mem *mem_of(const struct ox_req *req)
{
	return req->datapaths->ct;
}

static const struct nfgenmsg *hdr_of(const struct nlmsghdr *nlh)
{
	return (const void *)((const uint8_t *)nlh + NLMSG_HDRLEN);
}

static struct ox_ctnl_to answer_to(const struct nlmsghdr *nlh, uint32_t portid,
				   uint16_t flags)
{
	return (struct ox_ctnl_to){ .portid = portid,
				    .seq = nlh->nlmsg_seq,
				    .flags = flags };
}

static int reply(struct ox_req *req, struct ox_nlbuf *b, int err)
{
	return err ? err : ox_req_reply_send(req, b);
}

/* ---- GET ---- */

static int do_get(struct ox_req *req)
{
	struct ox_ctnl_to to = answer_to(req->nlh, req->portid, 0);
	struct ox_nlbuf *b = ox_req_reply_empty(req);
	struct ox_ctnl_which which;
	struct ox_ctnl_entry e;
	uint32_t idx;
	int err = ox_ctnl_which_parse(req->nlh, req->attrs,
				      hdr_of(req->nlh)->nfgen_family, &which,
				      &req->err);

	if (!err)
		err = ox_ct_find(mem_of(req), &which, &e, &idx, NULL);
	return reply(req, b, err ? err : ox_ctnl_entry_put(b, &to, &e));
}

static int filter_of(struct ox_dump *d, struct ox_ctnl_filter *f)
{
	return ox_ctnl_filter_parse(d->nlh, d->attrs,
				    hdr_of(d->nlh)->nfgen_family, f, &d->err);
}

static int dump_start(struct ox_dump *d)
{
	struct ox_ctnl_filter f;

	return filter_of(d, &f);
}

static int dump(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct ox_ct_mem *m = d->datapaths->ct;
	bool zero = NFNL_MSG_TYPE(d->nlh->nlmsg_type) ==
		    IPCTNL_MSG_CT_GET_CTRZERO;
	struct ox_ctnl_to to = answer_to(d->nlh, d->portid, 0);
	uint32_t idx = (uint32_t)d->cursor[0];
	struct ox_ctnl_filter f;
	struct ox_ctnl_entry e;
	uint16_t gen;
	int err = filter_of(d, &f);

	if (err)
		return err;
	to.flags = f.given ? NLM_F_DUMP_FILTERED : 0;
	for (idx = ox_ct_next(m, idx); idx != OX_CT_NONE;
	     idx = ox_ct_next(m, idx + 1)) {
		d->cursor[0] = idx;
		if (ox_ct_view(m, idx, &e, &gen) ||
		    !ox_ctnl_filter_match(&f, &e))
			continue;
		if (ox_ctnl_entry_put(b, &to, &e))
			return 1;
		if (zero)
			m->ops->change(m, idx, gen, OX_CT_CHANGE_COUNTERS,
				       NULL);
	}
	return 0;
}

/* Lists that the kernel keeps apart. We have none: what dies is gone, and what
 * isn't committed is nowhere. */
static int dump_none(struct ox_dump *d, struct ox_nlbuf *b)
{
	(void)d;
	(void)b;
	return 0;
}

/* Without NLM_F_DUMP the kernel answers an ACK alone. */
static int do_nothing(struct ox_req *req)
{
	(void)req;
	return 0;
}

/* ---- DELETE ---- */

/* All that pass; goes on in the next turns where that are many. */
static int flush(struct ox_req *req, const struct ox_ctnl_filter *f)
{
	uint32_t at = (uint32_t)req->job;
	int err = ox_ct_flush(mem_of(req), f, ox_ct_events_heard(), &at);

	if (err == -EINPROGRESS) {
		req->job = at;
		req->go_on = true;
	}
	return err;
}

static int delete (struct ox_req *req)
{
	struct ox_ct_mem *m = mem_of(req);
	struct ox_ctnl_delete del;
	struct ox_ctnl_entry e;
	uint32_t idx;
	uint16_t gen;
	int err = ox_ctnl_delete_parse(req->nlh, req->attrs, hdr_of(req->nlh),
				       &del, &req->err);

	if (err)
		return err;
	if (!del.one)
		return flush(req, &del.filter);
	err = ox_ct_find(m, &del.which, &e, &idx, &gen);
	return err ? err : m->ops->kill(m, idx, gen);
}

/* Events name the client that asked for what happened. */
static int on_behalf(struct ox_req *req, int (*fn)(struct ox_req *req))
{
	struct ox_ct_mem *m = mem_of(req);
	int err;

	m->portid = req->portid;
	err = fn(req);
	m->portid = 0;
	return err;
}

static int do_delete(struct ox_req *req)
{
	return on_behalf(req, delete);
}

/* ---- NEW ---- */

static void masks_of(const struct ox_req *req, struct ox_ct_masks *masks)
{
	const struct nlattr *mark = req->attrs[CTA_MARK_MASK];
	const struct nlattr *labels = req->attrs[CTA_LABELS_MASK];

	memset(masks, 0xff, sizeof(*masks));
	if (mark)
		masks->mark = ntohl(mnl_attr_get_u32(mark));
	if (labels && mnl_attr_get_payload_len(labels) <= 16)
		memcpy(masks->labels, mnl_attr_get_payload(labels),
		       mnl_attr_get_payload_len(labels));
}

/* A request for a connection that is there may name it by one tuple. */
static int parse_new(struct ox_req *req, bool is_there, struct ox_ctnl_entry *e)
{
	const struct nlattr *tb[CTA_MAX + 1];

	memcpy(tb, req->attrs, sizeof(tb));
	if (is_there && !tb[CTA_TUPLE_ORIG])
		tb[CTA_TUPLE_ORIG] = tb[CTA_TUPLE_REPLY];
	if (is_there && !tb[CTA_TUPLE_REPLY])
		tb[CTA_TUPLE_REPLY] = tb[CTA_TUPLE_ORIG];
	return ox_ctnl_entry_parse(req->nlh, tb, hdr_of(req->nlh)->nfgen_family,
				   e, &req->err);
}

/* ctnetlink_new_conntrack() */
static int new (struct ox_req *req)
{
	uint16_t flags = req->nlh->nlmsg_flags;
	struct ox_ct_mem *m = mem_of(req);
	struct ox_ctnl_which which;
	struct ox_ctnl_entry old, e;
	struct ox_ct_masks masks;
	uint32_t idx;
	uint16_t gen;
	int err = 0;
	bool found;

	if (req->attrs[CTA_TUPLE_ORIG] || req->attrs[CTA_TUPLE_REPLY])
		err = ox_ctnl_which_parse(req->nlh, req->attrs,
					  hdr_of(req->nlh)->nfgen_family,
					  &which, &req->err);
	else
		return ox_err_set(&req->err, -EINVAL,
				  "a connection has a tuple");
	if (err)
		return err;
	found = !ox_ct_find(m, &which, &old, &idx, &gen);
	if (!found && !(flags & NLM_F_CREATE))
		return -ENOENT;
	if (found && (flags & NLM_F_EXCL))
		return -EEXIST;
	if ((req->attrs[CTA_NAT_SRC] || req->attrs[CTA_NAT_DST]))
		return ox_err_set(&req->err, -EOPNOTSUPP,
				  "NAT of a connection can't be set by "
				  "netlink");
	err = parse_new(req, found, &e);
	if (err)
		return err;
	if (!found)
		return ox_ct_create(m, &e, &req->err);
	masks_of(req, &masks);
	return ox_ct_update(m, idx, gen, &old, &e, &masks, &req->err);
}

static int do_new(struct ox_req *req)
{
	return on_behalf(req, new);
}

/* ---- statistics ---- */

static int do_stats(struct ox_req *req)
{
	struct ox_ctnl_to to = answer_to(req->nlh, req->portid, 0);
	struct ox_nlbuf *b = ox_req_reply_empty(req);
	const struct ox_ct_mem *m = mem_of(req);

	return reply(req, b,
		     ox_ctnl_stats_put(b, &to, ox_ct_count(m), m->conf->max));
}

static void stats_view(const struct ox_ct_stats *from, struct ox_ctnl_stats *to)
{
	*to = (struct ox_ctnl_stats){
		.invalid = (uint32_t)from->n[OX_CT_S_INVALID],
		.insert = (uint32_t)from->n[OX_CT_S_INSERT],
		.insert_failed = (uint32_t)from->n[OX_CT_S_INSERT_FAILED],
		.drop = (uint32_t)(from->n[OX_CT_S_DROP] +
				   from->n[OX_CT_S_LIMIT]),
		.early_drop = (uint32_t)from->n[OX_CT_S_EARLY_DROP],
		.search_restart = (uint32_t)from->n[OX_CT_S_RESTART],
		.clash_resolve = (uint32_t)from->n[OX_CT_S_CLASH],
	};
}

/* One message a CPU. */
static int dump_stats_cpu(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct ox_ctnl_to to = answer_to(d->nlh, d->portid, 0);
	struct ox_ct_mem *m = d->datapaths->ct;
	struct ox_ctnl_stats s;
	struct ox_ct_stats st;
	int err;

	for (; d->cursor[0] < m->n_cpus; d->cursor[0]++) {
		uint32_t cpu = (uint32_t)d->cursor[0];

		err = m->ops->stats(m, cpu, &st);
		if (err)
			return err;
		stats_view(&st, &s);
		if (ox_ctnl_stats_cpu_put(b, &to, (uint16_t)cpu, &s))
			return 1;
	}
	return 0;
}

#define CT_OP(c, ...)                                                      \
	{                                                                  \
		.cmd = (c), .policy = ox_ctnl_policy, .max_attr = CTA_MAX, \
		__VA_ARGS__                                                \
	}

static const struct ox_genl_op ops[] = {
	CT_OP(IPCTNL_MSG_CT_NEW, .doit = do_new),
	CT_OP(IPCTNL_MSG_CT_GET, .doit = do_get, .dump_start = dump_start,
	      .dumpit = dump),
	CT_OP(IPCTNL_MSG_CT_DELETE, .doit = do_delete),
	CT_OP(IPCTNL_MSG_CT_GET_CTRZERO, .doit = do_get,
	      .dump_start = dump_start, .dumpit = dump),
	CT_OP(IPCTNL_MSG_CT_GET_STATS_CPU, .doit = do_nothing,
	      .dumpit = dump_stats_cpu),
	CT_OP(IPCTNL_MSG_CT_GET_STATS, .doit = do_stats),
	CT_OP(IPCTNL_MSG_CT_GET_DYING, .doit = do_nothing, .dumpit = dump_none),
	CT_OP(IPCTNL_MSG_CT_GET_UNCONFIRMED, .doit = do_nothing,
	      .dumpit = dump_none),
};

const struct ox_genl_family ox_fam_ctnl = {
	.id = NFNL_SUBSYS_CTNETLINK,
	.name = "ctnetlink",
	.maxattr = CTA_MAX,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(*ops),
};
