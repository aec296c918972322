/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tier_host.h - what the host build decides. Receiving (ox_host_rx(), for
 * tests) it does as the XDP tier (tier_frame.h); running a list (ox_host_run(),
 * the user tier) it can do everything, and gives packets to a sink.
 */
#ifndef OVSXDP_BPF_TIER_HOST_H
#define OVSXDP_BPF_TIER_HOST_H

#include <errno.h>

#include "bpf/tier/ctx_host.h"
#include "bpf/core/ct_op.h"
#include "bpf/core/tunnel.h"
#include "bpf/tier/tier_frame.h"
#include "bpf/tier/trace_host.h"

/* The flow whose list is under way, or OX_NONE: the one that was given. */
static __always_inline __u32 host_list_flow(const struct ox_run *r)
{
	const struct ox_host_list *l = ox_host_env.list;

	return r->p.acts == OX_NONE ? l->flow : r->p.flow;
}

/* A TUN of the list that was given stands nowhere else. */
#define HOST_TUN_GIVEN 0x80000000u

static __always_inline void tier_tun(struct ox_run *r)
{
	if (r->p.acts != OX_NONE) {
		interp_tun_at(r);
		return;
	}
	r->tun_out = HOST_TUN_GIVEN | r->p.pc;
	r->tun_gen = 0;
}

static __always_inline const struct ox_op *tier_tun_op(struct ox_tun_walk *w)
{
	const struct ox_host_list *l = ox_host_env.list;

	if (w->slot != OX_NONE)
		return tun_slot_op(w);
	return w->at < l->n_ops ? &l->ops[w->at++] : NULL;
}

/* The tunnel key in force, or NULL: none is, or its list has gone. */
static __always_inline const struct ox_tun_key *host_tun(const struct ox_run *r)
{
	struct ox_tun_key *k = &ox_host_env.tun_out;
	__u32 slot = OX_NONE, at = r->tun_out & ~HOST_TUN_GIVEN;
	const struct ox_acts *a;

	if (r->tun_out == OX_NONE)
		return NULL;
	if (!(r->tun_out & HOST_TUN_GIVEN)) {
		slot = OX_TUN_REF_SLOT(r->tun_out);
		at = OX_TUN_REF_AT(r->tun_out);
		a = acts_live(slot);
		if (!a || a->flags >> OX_ACTS_GEN_SHIFT != r->tun_gen)
			return NULL;
	}
	memset(&k->tun, 0, sizeof(k->tun));
	return tun_key_read(slot, at, k) ? NULL : k;
}

/* What a sink may know of the packet. */
static __always_inline void host_show(struct ox_step *s)
{
	s->c->key = s->r->p.key;
	s->c->protocol = frame_proto(s->c, &s->r->p);
	s->c->tun_out = host_tun(s->r);
}

static __always_inline int tier_drop_wanted(void)
{
	return ox_host_env.sink && ox_host_env.sink->drop;
}

/* A packet that has matched nothing here is of the list that was given. */
static __always_inline void tier_drop_tell(ox_ctx *c, struct ox_pkt *p,
					   __u32 port_no, __u32 why)
{
	const struct ox_host_sink *sink = ox_host_env.sink;
	__u32 flow = p ? p->flow : OX_NONE;

	(void)port_no;
	if (flow == OX_NONE && ox_host_env.list)
		flow = ox_host_env.list->flow;
	if (p)
		c->key = p->key;
	sink->drop(sink->arg, why, flow, c);
}

static __always_inline struct ox_work *tier_work(void)
{
	return ox_host_env.list->work;
}

static __always_inline int
tier_output(struct ox_step *s, const struct ox_op *op, int last, __u32 cut)
{
	const struct ox_host_sink *sink = ox_host_env.sink;

	trace_output(s, op, last, cut);
	if (trace_is_over())
		return interp_stop(s->r, OX_V_DROP, OX_R_NONE);
	host_show(s);
	sink->output(sink->arg, op->arg, s->c, cut);
	s->r->used = 1;
	interp_cut_end(s->r, op);
	if (last)
		return interp_stop(s->r, OX_V_DROP, OX_R_NONE);
	interp_skip(s->r, 1);
	return INTERP_NEXT;
}

static __always_inline int tier_upcall(struct ox_step *s,
				       const struct ox_op *op, int last)
{
	const struct ox_host_sink *sink = ox_host_env.sink;
	struct ox_run *r = s->r;

	trace_upcall(s, op, last);
	if (trace_is_over())
		return interp_stop(r, OX_V_DROP, OX_R_NONE);
	host_show(s);
	sink->userspace(sink->arg, host_list_flow(r), op->arg, s->c,
			op->flags & OX_OPF_WHOLE ? 0 : interp_cut_upcall(r));
	interp_cut_end(r, op);
	if (last)
		return interp_stop(r, OX_V_DROP, OX_R_NONE);
	interp_skip(r, 1);
	return INTERP_NEXT;
}

static void host_interp(ox_ctx *c, struct ox_run *r);

static __always_inline int tier_branch(struct ox_step *s,
				       const struct ox_op *op)
{
	struct ox_run *r = s->r, child = *r;
	__u32 level = interp_level(r, op);
	ox_ctx copy = *s->c;
	uint8_t *buf;
	__u32 tier = 0;

	if (ox_host_env.trace)
		tier = ox_host_env.trace->tier;
	if (interp_branch_over(s->c, r, level, tier_work()))
		goto next;
	buf = malloc(copy.headroom + copy.len + copy.tailroom);
	if (!buf) /* as the module without memory: the branch isn't run */
		goto next;
	copy.data = buf + copy.headroom;
	memcpy(copy.data, s->c->data, copy.len);
	child.end = r->p.pc + 1 + op->arg;
	child.depth++;
	child.used = 0;
	child.err = 0;
	child.away = 0;
	child.p.level = level;
	interp_skip(&child, 1);
	host_interp(&copy, &child);
	free(buf);
	/* the copy may have gone down alone */
	if (ox_host_env.trace)
		ox_host_env.trace->tier = tier;
	r->used = 1;
	if (child.err && level >= r->p.level) {
		r->err = r->away ? 0 : child.err;
		return interp_stop(r, OX_V_DROP, OX_R_EDIT);
	}
next:
	interp_skip(r, op->arg + 1);
	return INTERP_NEXT;
}

static __always_inline enum ox_op_rc tier_set_meta(struct ox_step *s,
						   const struct ox_op *op)
{
	struct ox_key *k = &s->r->p.key;

	if (op->code == OX_OP_SET_PRIORITY)
		k->skb_priority = op_apply(op, k->skb_priority);
	else
		k->skb_mark = op_apply(op, k->skb_mark);
	return OX_RC_DONE;
}

static __always_inline int tier_group(struct ox_step *s, const struct ox_op *op)
{
	(void)s;
	(void)op;
	return INTERP_NEXT;
}

static __always_inline int tier_may_encap(struct ox_step *s,
					  const struct ox_op *op)
{
	(void)s;
	(void)op;
	return 1;
}

static __always_inline int tier_may_trunc(struct ox_step *s)
{
	(void)s;
	return 1;
}

/* The table is the owner's of the sink. */
static __always_inline int tier_ct_do(enum ox_ct_do what, struct ox_ct_work *w,
				      struct ox_key *k)
{
	const struct ox_host_sink *sink = ox_host_env.sink;

	if (!sink || !sink->ct)
		return OX_CT_EINVAL;
	return sink->ct(sink->arg, what, &w->r, k, &w->act);
}

static __always_inline void tier_ct_help(ox_ctx *c, struct ox_run *r,
					 struct ox_ct_work *w)
{
	const struct ox_host_sink *sink = ox_host_env.sink;
	int err;

	if (!sink || !sink->help || w->r.idx == OX_CT_NONE)
		return;
	err = sink->help(sink->arg, c, r->p.l3, r->p.l4, &w->r);
	r->p.len = c->len;
	if (err)
		interp_fail(c, r, OX_R_CT_HELPER, err);
}

/* The fragment that the list met isn't there any more. */
static __always_inline int host_frag_end(struct ox_run *r, int err)
{
	if (err == -EINPROGRESS)
		r->used = 1;
	else
		r->err = r->away ? 0 : -err;
	return interp_stop(r, OX_V_DROP, OX_R_NONE);
}

/*
 * handle_fragments(): the fragment that stands at a ct() is taken, or the
 * packet is whole and goes on. The key keeps the link addresses of the
 * fragment that came last, the packet has the first one's.
 */
static __always_inline int host_defrag(struct ox_step *s, __u16 zone)
{
	const struct ox_host_sink *sink = ox_host_env.sink;
	struct ox_pkt *p = &s->r->p;
	struct ox_key was;
	int err;

	if (!sink->defrag)
		return interp_drop(s->c, s->r, OX_R_CT_FRAG);
	s->c->key = p->key;
	err = sink->defrag(sink->arg, s->c, p->l3, zone);
	if (err)
		return host_frag_end(s->r, err);
	was = p->key;
	p->len = s->c->len;
	if (reparse(s->c, p))
		return interp_fail(s->c, s->r, OX_R_EDIT, ENOMEM);
	memcpy(p->key.eth_dst, was.eth_dst, sizeof(was.eth_dst));
	memcpy(p->key.eth_src, was.eth_src, sizeof(was.eth_src));
	/* IPv6 that goes on in pieces has no transport header to track */
	if (p->key.ip_frag && p->key.ip_proto == OX_IP_NONE)
		p->l4 = 0;
	p->key.ip_frag = 0;
	s->r->verdict = OX_V_RUN;
	return INTERP_NEXT;
}

static __always_inline int tier_ct(struct ox_step *s, const struct ox_op *op)
{
	struct ox_ct_work w = { 0 };

	(void)op;
	ct_op(s->c, s->r, &w);
	if (s->r->verdict == OX_V_DOWN) {
		if (host_defrag(s, w.act.zone) == INTERP_STOP)
			return INTERP_STOP;
		ct_op(s->c, s->r, &w);
	}
	return s->r->verdict == OX_V_RUN ? INTERP_NEXT : INTERP_STOP;
}

static __always_inline const struct ox_op *tier_fetch(struct ox_run *r)
{
	static const struct ox_op end = { .code = OX_OP_END };
	const struct ox_host_list *l = ox_host_env.list;
	const struct ox_op *op;

	if (r->p.acts == OX_NONE)
		op = r->p.pc < l->n_ops ? &l->ops[r->p.pc] : NULL;
	else
		op = interp_fetch(r);
	if (op)
		trace_op(r, op);
	return trace_is_over() ? &end : op;
}

/* Bytes of the header that a PUSH_NSH puts in front. */
static __always_inline __u32 ctx_nsh_header(ox_ctx *c, const struct ox_op *op,
					    __u8 *buf)
{
	const struct ox_host_sink *sink = ox_host_env.sink;

	(void)c;
	return sink->nsh ? sink->nsh(sink->arg, host_list_flow(ox_host_env.run),
				     op->arg, buf)
			 : 0;
}

#endif /* OVSXDP_BPF_TIER_HOST_H */
