/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_op.h - a packet in a list meets the op CT: its arguments, what the packet
 * must look like before, and what becomes of it. ovs_ct_execute() around
 * ct_execute(). The interpreter stands at the op; nothing here needs its
 * stack.
 */
#ifndef OVSXDP_BPF_CT_OP_H
#define OVSXDP_BPF_CT_OP_H

#include "bpf/core/ct_edit.h"
#include "bpf/core/ct_key.h"
#include "bpf/core/ct_parse.h"
#include "bpf/core/interp.h"

/* What ct() works on; in memory of the CPU that nobody else uses until it
 * ends. */
struct ox_ct_work {
	struct ox_ct_run r;
	struct ox_ct_act act;
	/* where the list stood: not on the stack, which is small */
	__u32 at;
	__u32 slot;
	__u16 pc;
};

/* The helper of the packet's connection looks at it, where that is: the rest of
 * ovs_ct_execute(). The packet may become longer or shorter, and r->verdict may
 * be that it is dropped. */
static __always_inline void tier_ct_help(ox_ctx *c, struct ox_run *r,
					 struct ox_ct_work *w);
/* ct_execute() or ox_ct_known(), where the table is. 0 or an errno. */
static __always_inline int tier_ct_do(enum ox_ct_do what, struct ox_ct_work *w,
				      struct ox_key *k);

/* ---- the op's arguments ---- */

static __always_inline void ct_act_init(struct ox_ct_act *a,
					const struct ox_op_ct *op)
{
	a->zone = op->zone;
	a->flags = op->ct_flags;
	a->tp = op->tp;
	a->helper = op->helper;
	a->mark = op->mark;
	a->mark_mask = op->mark_mask;
	a->eventmask = op->eventmask;
}

static __always_inline void ct_act_arg(struct ox_ct_act *a,
				       const struct ox_op_ct_arg *arg)
{
	__u64 *to;

	switch ((enum ox_ct_arg)arg->what) {
	case OX_CT_ARG_LABELS:
		to = (__u64 *)a->labels;
		break;
	case OX_CT_ARG_LABELS_MASK:
		to = (__u64 *)a->labels_mask;
		break;
	case OX_CT_ARG_NAT_MIN:
		to = (__u64 *)a->nat_min;
		a->port_min = arg->port;
		break;
	case OX_CT_ARG_NAT_MAX:
		to = (__u64 *)a->nat_max;
		a->port_max = arg->port;
		break;
	case OX_CT_ARG_MAX:
	default:
		return;
	}
	to[0] = arg->w[0];
	to[1] = arg->w[1];
}

/* The next op of the list, wherever it is. NULL: there is none, the list is
 * broken. */
static __always_inline const struct ox_op *ct_next(struct ox_run *r)
{
	const struct ox_op *op = tier_fetch(r);

	if (!op && r->verdict != OX_V_DROP)
		op = tier_fetch(r);
	return op;
}

struct ct_args_walk {
	struct ox_run *r;
	struct ox_ct_act *a;
	int bad;
};

static long ct_args_step(__u32 i, void *arg)
{
	struct ct_args_walk *w = arg;
	const struct ox_op *op = ct_next(w->r);

	(void)i;
	if (!op || op->code != OX_OP_CT_ARG) {
		w->bad = 1;
		return 1;
	}
	ct_act_arg(w->a, (const struct ox_op_ct_arg *)op);
	interp_skip(w->r, 1);
	return 0;
}

/* Takes the list past the op and its arguments, and these into *a. Not 0: it
 * is broken. */
static __always_inline int ct_args(struct ox_run *r, struct ox_ct_act *a)
{
	struct ct_args_walk w = { .r = r, .a = a };
	const struct ox_op *op = ct_next(r);
	__u32 n;

	if (!op || op->code != OX_OP_CT)
		return -1;
	ct_act_init(a, (const struct ox_op_ct *)op);
	n = ((const struct ox_op_ct *)op)->n_args;
	interp_skip(r, 1);
	if (!n)
		return 0;
	ox_loop(n & 7, ct_args_step, &w);
	return w.bad;
}

/* ---- the packet ---- */

/* What the module drops a packet for. */
static __always_inline enum ox_reason ct_reason(int err)
{
	switch (err) {
	case OX_CT_ENOMEM:
		return OX_R_CT_LIMIT;
	case OX_CT_ENOENT:
		return OX_R_CT_FULL;
	default:
		return OX_R_CT_CLASH;
	}
}

/* ovs_skb_network_trim(): what comes after the IP packet goes. With a second
 * tag skb->protocol is that one's, and nothing does. */
static __always_inline int ct_trim(ox_ctx *c, struct ox_pkt *p)
{
	int v6 = p->key.eth_type == ox_be16(OX_P_IPV6);
	__u32 end;

	if ((!v6 && p->key.eth_type != ox_be16(OX_P_IP)) ||
	    (p->key.cvlan_tci & ox_be16(OX_VLAN_CFI)))
		return 0;
	end = ct_end(c, p, v6);
	if (end <= p->l3 || end >= p->len || ctx_gso_size(c))
		return 0;
	if (ctx_trim(c, p->len - end))
		return -1;
	p->len = end;
	return 0;
}

/* What NAT does to the packet. */
static __always_inline void ct_translate(ox_ctx *c, struct ox_run *r,
					 const struct ox_ct_work *w)
{
	enum ox_op_rc rc = ox_ct_nat_apply(c, &r->p, &w->r.edit);

	if (rc == OX_RC_REFUSED)
		interp_fail(c, r, OX_R_EDIT, r->p.arg);
	else if (rc != OX_RC_DONE)
		interp_fail(c, r, OX_R_EDIT, ENOMEM);
}

/* The list stands at the op again, and the packet goes one tier down. */
static __always_inline void ct_op_down(struct ox_run *r,
				       const struct ox_ct_work *w)
{
	r->at = w->at;
	r->slot = w->slot;
	r->p.pc = w->pc;
	interp_hand_down(r);
}

/*
 * The op CT of r's list, at which the interpreter stopped. The list goes on
 * with r->verdict OX_V_RUN, or it ends as r->verdict says. OX_V_DOWN: a
 * fragment, or a packet for a helper, and r stands at the op.
 */
static __always_inline void ct_op(ox_ctx *c, struct ox_run *r,
				  struct ox_ct_work *w)
{
	struct ox_ct_pkt *p = &w->r.p;
	int err;

	w->at = r->at;
	w->slot = r->slot;
	w->pc = r->p.pc;
	r->verdict = OX_V_RUN;
	if (ct_args(r, &w->act)) {
		interp_fail(c, r, OX_R_BAD_FLOW, ENOMEM);
		return;
	}
	if ((r->p.stale && reparse(c, &r->p)) || ct_trim(c, &r->p)) {
		interp_fail(c, r, OX_R_EDIT, ENOMEM);
		return;
	}
	if (r->p.key.ip_frag) {
		ct_op_down(r, w);
		return;
	}
	ct_parse(c, &r->p, p, w->act.zone);
	p->t.zone = w->act.zone;
	err = tier_ct_do(OX_CT_DO_EXECUTE, w, &r->p.key);
	if (err == OX_CT_EDOWN) {
		ct_op_down(r, w);
		return;
	}
	if (err)
		interp_fail(c, r, ct_reason(err), err);
	else if (w->r.edit.what)
		ct_translate(c, r, w);
	if (r->verdict == OX_V_RUN)
		tier_ct_help(c, r, w);
}

/* ---- a key again ---- */

/*
 * A packet that came from another tier has of its connection the state and the
 * zone alone. The rest is looked up, as ovs_ct_find_existing() does, and
 * nothing changes.
 */
static __always_inline void ct_refill(ox_ctx *c, struct ox_pkt *p,
				      struct ox_ct_work *w)
{
	__u8 state = p->key.ct_state;
	__u16 zone = p->key.ct_zone;

	key_ct_clear(&p->key);
	if (!(state & OX_CS_INVALID) && !ct_parse(c, p, &w->r.p, zone)) {
		/* after NAT it is the other direction's tuple turned around */
		if (state & OX_CS_NAT)
			w->r.p.from_b = !w->r.p.from_b;
		tier_ct_do(OX_CT_DO_KNOWN, w, &p->key);
	}
	p->key.ct_state = state;
	p->key.ct_zone = zone;
}

#endif /* OVSXDP_BPF_CT_OP_H */
