// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fam_flow.c - the family ovs_flow: what ovs_flow_cmd_*() of the module do.
 * A request is looked at before its datapath is looked for, so clients get
 * the same errno when both are wrong.
 */
#include "control/family/family.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "control/codec/codec_flow.h"
#include "control/datapath/linger.h"
#include "ovsxdp/nl.h"

#define STATS_BATCH 256 /* flows whose counters are read in one go */
#define STATS_LEAST 16	/* so few cost hardly more than one */
#define FLOW_GUESS  160 /* bytes that a dumped flow takes, before the first */

static struct ox_datapath *get_dp(struct ox_datapaths *all,
				  const void *user_hdr, struct ox_err *e)
{
	const struct ovs_header *hdr = user_hdr;
	struct ox_datapath *dp;

	dp = ox_datapath_by_ifindex(all, (uint32_t)hdr->dp_ifindex);
	if (!dp)
		ox_err_set(e, -ENODEV, "no datapath with index %d",
			   hdr->dp_ifindex);
	return dp;
}

/* The verbatim actions. Short lists go to the small buffer; *big is freed
 * by the caller. */
static const void *load_actions(const struct ox_table *t, uint32_t flow,
				uint8_t *small, uint32_t size, void **big,
				uint32_t *len)
{
	const void *p = small;

	*len = ox_table_actions(t, flow, small, size);
	if (*len < size)
		return p;
	*big = malloc(OX_TABLE_MAX_NLA);
	if (!*big)
		return NULL;
	*len = ox_table_actions(t, flow, *big, OX_TABLE_MAX_NLA);
	return *big;
}

/* Vswitchd's dumps leave out all that costs time. */
static int put_flow(struct ox_nlbuf *b, const struct ox_datapath *dp,
		    uint32_t flow, const struct ox_flow_stats *stats,
		    uint32_t ufid_flags)
{
	const uint32_t no_match = OVS_UFID_F_OMIT_KEY | OVS_UFID_F_OMIT_MASK;

	const struct ox_uflow *u = ox_mem_uflow(dp->mem, flow);
	uint8_t small[512];
	void *big = NULL;
	struct ox_tun tun, tun_mask;
	struct ox_key mask;
	struct ox_flow_view v = {
		.ufid = u->ufid,
		.ufid_len = u->ufid_len,
		.key = &u->key,
		.mask = &mask,
		.tun = &tun,
		.tun_mask = &tun_mask,
		.stats = stats,
	};
	int err;

	if (!u->ufid_len || (ufid_flags & no_match) != no_match) {
		ox_table_mask(dp->table, flow, &mask, &tun_mask);
		ox_table_tun(dp->table, flow, &tun);
	}
	if (ufid_flags & OVS_UFID_F_OMIT_ACTIONS)
		return ox_flow_put(b, &v, ufid_flags);
	v.nla = load_actions(dp->table, flow, small, sizeof(small), &big,
			     &v.nla_len);
	err = v.nla ? ox_flow_put(b, &v, ufid_flags) : -ENOMEM;
	free(big);
	return err;
}

int ox_fam_flow_put(struct ox_nlbuf *b, const struct ox_datapath *dp,
		    uint32_t flow)
{
	const struct ox_flow_stats none = { 0 };

	return put_flow(b, dp, flow, &none, 0);
}

/* One flow in a reply or notification that was begun. */
static int fill(struct ox_nlbuf *b, void *user_hdr,
		const struct ox_datapath *dp, uint32_t flow,
		uint32_t ufid_flags)
{
	struct ovs_header *hdr = user_hdr;
	struct ox_flow_stats stats;
	int err;

	hdr->dp_ifindex = (int)dp->ifindex;
	err = ox_table_stats(dp->table, flow, &stats);
	return err ? err : put_flow(b, dp, flow, &stats, ufid_flags);
}

/* A notification of a flow's change, or NULL where nobody listens. */
static struct ox_nlbuf *notify_begin(struct ox_req *req,
				     const struct ox_datapath *dp, uint8_t cmd,
				     uint32_t flow, uint32_t ufid_flags)
{
	struct ox_nlbuf *b;
	void *hdr = NULL;

	if (!ox_must_notify(req->genl, req, OX_MCGRP_FLOW))
		return NULL;
	b = ox_notify_begin(req->genl, req, &ox_fam_flow, cmd, &hdr);
	if (!b || !hdr)
		return NULL;
	if (!fill(b, hdr, dp, flow, ufid_flags))
		return b;
	ox_nl_abort(b);
	return NULL;
}

static void notify_send(struct ox_req *req, struct ox_nlbuf *b)
{
	if (b)
		ox_notify_send(req->genl, req, b, OX_MCGRP_FLOW);
}

static uint32_t find(const struct ox_table *t, const struct ox_flow_spec *spec)
{
	if (spec->ufid_len)
		return ox_table_find_ufid(t, spec->ufid, spec->ufid_len);
	return ox_table_find_key(t, &spec->key, &spec->tun);
}

static int no_such_flow(struct ox_req *req)
{
	return ox_err_set(&req->err, -ENOENT, "no such flow");
}

/* The flow that a NEW means when another one matches its key already: that
 * one if it has the same identity, else one with just this unmasked key. */
static int find_existing(struct ox_req *req, const struct ox_datapath *dp,
			 const struct ox_flow_spec *spec, uint32_t *flow)
{
	if (req->nlh->nlmsg_flags & (NLM_F_CREATE | NLM_F_EXCL))
		return ox_err_set(&req->err, -EEXIST,
				  "a flow with this UFID or matching this key "
				  "exists");
	if (ox_table_same(dp->table, *flow, spec))
		return 0;
	if (!ox_mem_uflow(dp->mem, *flow)->ufid_len)
		*flow = ox_table_find_key(dp->table, &spec->key, &spec->tun);
	else
		*flow = OX_NONE;
	return *flow == OX_NONE ? no_such_flow(req) : 0;
}

static int put_new(struct ox_req *req, struct ox_datapath *dp,
		   const struct ox_flow_spec *spec, uint32_t *flow)
{
	struct ox_table *t = dp->table;
	int err;

	*flow = OX_NONE;
	if (spec->ufid_len)
		*flow = ox_table_find_ufid(t, spec->ufid, spec->ufid_len);
	if (*flow == OX_NONE)
		*flow = ox_table_lookup(t, &spec->key, &spec->tun);
	if (*flow == OX_NONE)
		return ox_table_insert(t, spec, flow, &req->err);
	err = find_existing(req, dp, spec, flow);
	if (err)
		return err;
	return ox_table_set_actions(t, *flow, spec->actions, &req->err);
}

/* Decodes a request and finds its datapath; nothing is left on failure. */
static int request_open(struct ox_req *req, enum ox_flow_want want,
			struct ox_flow_request *rq, struct ox_datapath **dp)
{
	int err = ox_flow_decode(req->nlh, req->attrs, want, rq, &req->err);

	if (err)
		return err;
	*dp = get_dp(req->datapaths, req->user_hdr, &req->err);
	if (*dp && (!(*dp)->flush.job || (*dp)->flush.job == req->job))
		return 0;
	ox_flow_request_done(rq);
	/* it is called again when all flows are deleted */
	return *dp ? -EINPROGRESS : -ENODEV;
}

static int flow_new(struct ox_req *req)
{
	struct ox_flow_request rq;
	struct ox_datapath *dp;
	uint32_t flow;
	int err;

	err = request_open(req, OX_FLOW_WANT_ALL, &rq, &dp);
	if (err)
		return err;
	err = put_new(req, dp, &rq.spec, &flow);
	if (!err)
		notify_send(req, notify_begin(req, dp, OVS_FLOW_CMD_NEW, flow,
					      rq.ufid_flags));
	ox_flow_request_done(&rq);
	return err;
}

static int change(struct ox_req *req, struct ox_datapath *dp,
		  const struct ox_flow_request *rq)
{
	struct ox_table *t = dp->table;
	uint32_t flow = find(t, &rq->spec);
	struct ox_nlbuf *b;
	int err = 0;

	if (flow == OX_NONE)
		return no_such_flow(req);
	if (rq->spec.actions)
		err = ox_table_set_actions(t, flow, rq->spec.actions,
					   &req->err);
	if (err)
		return err;
	/* listeners get the counters as they were before a clear */
	b = notify_begin(req, dp, OVS_FLOW_CMD_SET, flow, rq->ufid_flags);
	if (rq->clear)
		err = ox_table_stats_clear(t, flow);
	notify_send(req, b);
	return err;
}

static int flow_set(struct ox_req *req)
{
	struct ox_flow_request rq;
	struct ox_datapath *dp;
	int err;

	err = request_open(req, OX_FLOW_WANT_ID_ACTIONS, &rq, &dp);
	if (err)
		return err;
	err = change(req, dp, &rq);
	ox_flow_request_done(&rq);
	return err;
}

static int flow_get(struct ox_req *req)
{
	struct ox_flow_request rq;
	struct ox_datapath *dp;
	struct ox_nlbuf *b;
	void *hdr = NULL;
	uint32_t flow;
	int err;

	err = request_open(req, OX_FLOW_WANT_ID, &rq, &dp);
	if (err)
		return err;
	flow = find(dp->table, &rq.spec);
	if (flow == OX_NONE)
		return no_such_flow(req);
	b = ox_req_reply_begin(req, OVS_FLOW_CMD_GET, &hdr);
	if (!b || !hdr)
		return -ENOMEM;
	err = fill(b, hdr, dp, flow, rq.ufid_flags);
	if (err) {
		ox_nl_abort(b);
		return err;
	}
	return ox_req_reply_send(req, b);
}

/* All flows, in steps: other clients have their turns, but for requests of this
 * datapath's flows. */
static int flush(struct ox_req *req, struct ox_datapath *dp)
{
	if (!req->job)
		req->job = ox_linger_flush(dp);
	ox_linger_step(dp);
	if (dp->flush.job) {
		req->go_on = true;
		return -EINPROGRESS;
	}
	ox_genl_wake(req->genl);
	return 0;
}

static int flow_del(struct ox_req *req)
{
	struct ox_flow_request rq;
	struct ox_datapath *dp;
	struct ox_nlbuf *b;
	uint32_t flow;
	int err;

	err = request_open(req, OX_FLOW_WANT_ANY, &rq, &dp);
	if (err)
		return err;
	if (!rq.has_key && !rq.spec.ufid_len)
		return flush(req, dp);
	flow = find(dp->table, &rq.spec);
	if (flow == OX_NONE)
		return no_such_flow(req);
	b = notify_begin(req, dp, OVS_FLOW_CMD_DEL, flow, rq.ufid_flags);
	ox_table_remove(dp->table, flow);
	notify_send(req, b);
	return 0;
}

/* Counters of the flows around the cursor, read in batches. */
struct stats_window {
	uint32_t first;
	uint32_t n;
	struct ox_flow_stats s[STATS_BATCH];
};

/* As many as the rest of the part is likely to take. */
static int window_get(struct stats_window *w, const struct ox_datapath *dp,
		      uint32_t flow, uint32_t likely,
		      const struct ox_flow_stats **out)
{
	uint32_t shift = dp->mem->config->chunk_shift;
	uint32_t end = ((flow >> shift) + 1) << shift;
	uint32_t want = likely;
	int err;

	if (!w->n || flow - w->first >= w->n) {
		if (want < STATS_LEAST)
			want = STATS_LEAST;
		if (want > STATS_BATCH)
			want = STATS_BATCH;
		/* not beyond the chunk: counters are kept by chunk, too */
		w->first = flow;
		w->n = end - flow < want ? end - flow : want;
		err = ox_table_stats_range(dp->table, flow, w->n, w->s);
		if (err) {
			w->n = 0;
			return err;
		}
	}
	*out = &w->s[flow - w->first];
	return 0;
}

/* One flow as a message of a dump. */
static int dump_flow(struct ox_dump *d, struct ox_nlbuf *b,
		     const struct ox_datapath *dp, struct stats_window *w,
		     uint32_t flow)
{
	const struct nlattr *a = d->attrs[OVS_FLOW_ATTR_UFID_FLAGS];
	uint32_t start = b->len, guess = d->cursor[3] ?: FLOW_GUESS;
	const struct ox_flow_stats *stats;
	struct ovs_header *hdr;
	void *user_hdr;
	int err;

	err = window_get(w, dp, flow, (b->size - start) / guess + 1, &stats);
	if (err)
		return err;
	err = ox_nl_begin(b, OX_GENL_FLOW, NLM_F_MULTI, d->nlh->nlmsg_seq,
			  d->portid, OVS_FLOW_CMD_GET, OVS_FLOW_VERSION,
			  sizeof(*hdr), &user_hdr);
	if (err)
		return err;
	hdr = user_hdr;
	hdr->dp_ifindex = (int)dp->ifindex;
	err = put_flow(b, dp, flow, stats, a ? mnl_attr_get_u32(a) : 0);
	if (err) {
		ox_nl_abort(b);
		return err;
	}
	ox_nl_end(b);
	d->cursor[3] = b->len - start;
	return 0;
}

/* Vendor attributes aren't in the policy. */
static bool wants_lingering(const struct ox_dump *d)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, d->nlh, GENL_HDRLEN + sizeof(struct ovs_header))
		if (mnl_attr_get_type(a) == OX_FLOW_ATTR_LINGERING)
			return true;
	return false;
}

static uint32_t dump_next(const struct ox_dump *d, const struct ox_table *t,
			  uint32_t from)
{
	return d->cursor[2] ? ox_table_next_lingering(t, from)
			    : ox_table_next(t, from);
}

/* cursor[0]: the next flow; [1]: begun; [2]: lingering flows are wanted; [3]:
 * bytes of the flow before. */
static int flow_dump(struct ox_dump *d, struct ox_nlbuf *b)
{
	struct stats_window w = { .n = 0 };
	struct ox_datapath *dp;
	uint32_t flow;
	int err;

	dp = get_dp(d->datapaths, d->user_hdr, &d->err);
	if (!dp)
		return -ENODEV;
	if (!d->cursor[1]++) {
		d->gen = ox_table_generation(dp->table);
		d->cursor[2] = wants_lingering(d);
	}
	d->intr = d->intr || d->gen != ox_table_generation(dp->table);

	flow = dump_next(d, dp->table, (uint32_t)d->cursor[0]);
	for (; flow != OX_NONE; flow = dump_next(d, dp->table, flow + 1)) {
		d->cursor[0] = flow;
		err = dump_flow(d, b, dp, &w, flow);
		if (err)
			return err == -EMSGSIZE ? 1 : err;
	}
	return 0;
}

#define FLOW_OP(c, f, ...)                                          \
	{                                                           \
		.cmd = (c), .flags = (f), .policy = ox_flow_policy, \
		.max_attr = OVS_FLOW_ATTR_MAX, __VA_ARGS__          \
	}

static const struct ox_genl_op ops[] = {
	FLOW_OP(OVS_FLOW_CMD_NEW, GENL_UNS_ADMIN_PERM, .doit = flow_new),
	FLOW_OP(OVS_FLOW_CMD_DEL, GENL_UNS_ADMIN_PERM, .doit = flow_del),
	FLOW_OP(OVS_FLOW_CMD_GET, 0, .doit = flow_get, .dumpit = flow_dump),
	FLOW_OP(OVS_FLOW_CMD_SET, GENL_UNS_ADMIN_PERM, .doit = flow_set),
};

static const struct ox_genl_group groups[] = {
	{ OVS_FLOW_MCGROUP, OX_MCGRP_FLOW },
};

const struct ox_genl_family ox_fam_flow = {
	.id = OX_GENL_FLOW,
	.name = OVS_FLOW_FAMILY,
	.version = OVS_FLOW_VERSION,
	.hdrsize = sizeof(struct ovs_header),
	.maxattr = OVS_FLOW_ATTR_MAX,
	.ops = ops,
	.n_ops = sizeof(ops) / sizeof(ops[0]),
	.groups = groups,
	.n_groups = sizeof(groups) / sizeof(groups[0]),
};
