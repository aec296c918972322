/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * interp.h - the interpreter: takes a packet through a list of ops, with
 * recirculations and branches, until the packet is given away. It does what
 * do_execute_actions() of net/openvswitch/actions.c does. The list is flat and
 * the state is in struct ox_run, so that it can stop at any op and go on one
 * tier down.
 */
#ifndef OVSXDP_BPF_INTERP_H
#define OVSXDP_BPF_INTERP_H

#include "bpf/core/encap.h"
#include "bpf/core/meter.h"
#include "bpf/core/rx.h"

/* Ops of one packet, and changes of slot: OX_MAX_WORK ends it long before. */
#define OX_INTERP_STEPS (2 * OX_MAX_WORK)

/* What a step of the interpreter returns to its loop. */
enum interp_rc {
	INTERP_NEXT = 0, /* on with the list, which stands at the next op */
	INTERP_STOP = 1, /* ox_run.verdict says what becomes of the packet */
};

/* What a step works on. */
struct ox_step {
	ox_ctx *c;
	struct ox_run *r;
};

/*
 * What the tiers do on their own; each INTERP_NEXT when it is done and the
 * packet is where it was, past the op; or INTERP_STOP with r->verdict set.
 */

/* OUTPUT of a copy or with bytes cut off; in the host build, any. */
static __always_inline int
tier_output(struct ox_step *s, const struct ox_op *op, int last, __u32 cut);
static __always_inline int tier_upcall(struct ox_step *s,
				       const struct ox_op *op, int last);
static __always_inline int tier_branch(struct ox_step *s,
				       const struct ox_op *op);
/* SET_PRIORITY, SET_MARK; as ox_op_run(). */
static __always_inline enum ox_op_rc tier_set_meta(struct ox_step *s,
						   const struct ox_op *op);
/* OX_OP_GROUP: INTERP_NEXT where the outputs after it have to do it. */
static __always_inline int tier_group(struct ox_step *s,
				      const struct ox_op *op);
/* May this op of encap.h run here? */
static __always_inline int tier_may_encap(struct ox_step *s,
					  const struct ox_op *op);
/* May a TRUNC be kept in mind here? */
static __always_inline int tier_may_trunc(struct ox_step *s);
/* OX_OP_CT. INTERP_NEXT: done, and past it. */
static __always_inline int tier_ct(struct ox_step *s, const struct ox_op *op);
/* OX_OP_TUN, at r->p.pc: sets tun_out and tun_gen. */
static __always_inline void tier_tun(struct ox_run *r);
/* The account of the received packet, which all of its copies share. Not NULL
 * but for the verifier. */
static __always_inline struct ox_work *tier_work(void);
/* The op at r->p.pc. NULL: call again with verdict OX_V_RUN, else broken. */
static __always_inline const struct ox_op *tier_fetch(struct ox_run *r);

static __always_inline int interp_stop(struct ox_run *r, enum ox_verdict v,
				       __u32 arg)
{
	r->verdict = v;
	r->p.arg = arg;
	return INTERP_STOP;
}

static __always_inline int interp_drop(ox_ctx *c, struct ox_run *r,
				       enum ox_reason why)
{
	count_drop(c, &r->p, why);
	return interp_stop(r, OX_V_DROP, why);
}

/* A packet that an edit fails on ends the lists around as well, unless they
 * are another's. err: the module's errno, what an EXECUTE is answered. */
static __always_inline int interp_fail(ox_ctx *c, struct ox_run *r,
				       enum ox_reason why, __u32 err)
{
	r->err = r->away ? 0 : err;
	return interp_drop(c, r, why);
}

/* At this op, one tier down. */
static __always_inline int interp_hand_down(struct ox_run *r)
{
	return interp_stop(r, OX_V_DOWN, OX_UP_FLOW);
}

/* Takes ops from what the packet may cost. Not 0: there aren't so many left. */
static __always_inline int work_spend(struct ox_work *w, __u32 ops)
{
	if (w->ops > OX_MAX_WORK || ops > OX_MAX_WORK - w->ops)
		return -1;
	w->ops += ops;
	return 0;
}

/* One more list that the module puts off. Not 0: it drops it. */
static __always_inline int work_defer(struct ox_work *w)
{
	if (w->deferred >= OX_MAX_DEFERRED)
		return -1;
	w->deferred++;
	return 0;
}

/* Ops of the list under way that a lower tier will do, and count: those up to
 * end. */
static __always_inline __u32 interp_left(const struct ox_run *r, __u32 end)
{
	return r->p.acts != OX_NONE && end > r->p.pc ? end - r->p.pc : 0;
}

/* What the packet has cost without them. */
static __always_inline void work_move(struct ox_work *w, __u32 left)
{
	w->ops -= left < w->ops ? left : w->ops;
}

/* The TUN that a list in slots stands at. The generation tells another list in
 * the same slot from this one. */
static __always_inline void interp_tun_at(struct ox_run *r)
{
	const struct ox_acts *a = acts_live(r->slot);

	r->tun_out = OX_TUN_REF(r->slot, r->at);
	r->tun_gen = a ? a->flags >> OX_ACTS_GEN_SHIFT : 0;
}

static __always_inline void interp_skip(struct ox_run *r, __u32 n)
{
	r->p.pc += n;
	r->at += n;
}

/* The first op of the list in slot "first". */
static __always_inline void interp_list(struct ox_run *r, __u32 first,
					const struct ox_acts *a)
{
	r->p.acts = first;
	r->p.pc = 0;
	r->slot = first;
	r->at = 0;
	r->end = a->n_ops;
}

/*
 * The op at r->at of the slot that the list has come to. NULL: it is in the
 * next slot, where r->at is now; or, with r->verdict OX_V_DROP, the slot is
 * no longer the list's.
 */
static __always_inline const struct ox_op *interp_fetch(struct ox_run *r)
{
	const struct ox_acts *a = acts_live(r->slot);
	__u32 at = r->at;

	if (!a) {
		r->verdict = OX_V_DROP;
		return NULL;
	}
	if (at >= OX_ACTS_OPS) {
		r->slot = a->next;
		r->at = at - OX_ACTS_OPS;
		return NULL;
	}
	return &a->ops[at];
}

/* struct ovs_skb_cb.cutlen at an output: the bytes to cut off. */
static __always_inline __u32 interp_cut(const struct ox_run *r)
{
	__u32 keep = r->cutlen, min = OX_ETH_LEN;
	__u32 len = frame_untagged_len(&r->p);

	if (!r->p.key.mac_proto)
		min = 0;
	if (keep >= len)
		return 0;
	if (keep < min)
		keep = min;
	return keep < len ? len - keep : 0;
}

/* The same for user space, whose packet has its tag in line. */
static __always_inline __u32 interp_cut_upcall(const struct ox_run *r)
{
	__u32 len = r->p.len + r->p.hwtag;

	return r->cutlen < len ? len - r->cutlen : 0;
}

/* Behind an output or upcall; where it had no copy of its own, what the
 * packet brought along from another list is still in force. */
static __always_inline void interp_cut_end(struct ox_run *r,
					   const struct ox_op *op)
{
	if (!(op->flags & OX_OPF_KEEP_CUT))
		r->cutlen = OX_NONE;
}

/* ---- outputs ---- */

static __always_inline int interp_output(struct ox_step *s,
					 const struct ox_op *op)
{
	struct ox_run *r = s->r;
	int last = (op->flags & OX_OPF_LAST) || r->p.pc + 1u >= r->end;
	__u32 cut = 0;
	enum ox_verdict v;

	if (r->cutlen != OX_NONE && !(op->flags & OX_OPF_WHOLE))
		cut = interp_cut(r);
#ifdef OX_CTX_HOST
	return tier_output(s, op, last, cut);
#endif
	if (!last || cut)
		return tier_output(s, op, last, cut);
	v = output_check(s->c, &r->p, op->arg);
	r->used = 1;
	return interp_stop(r, v, r->p.arg);
}

static __always_inline int interp_output_last(struct ox_step *s, __u32 port_no)
{
	struct ox_op op = {
		.code = OX_OP_OUTPUT,
		.flags = OX_OPF_LAST,
		.arg = port_no,
	};

	return interp_output(s, &op);
}

static __always_inline int interp_upcall(struct ox_step *s,
					 const struct ox_op *op)
{
	s->r->used = 1;
	return tier_upcall(s, op,
			   (op->flags & OX_OPF_LAST) ||
				   s->r->p.pc + 1u >= s->r->end);
}

/* ---- branches and recirculation ---- */

/*
 * exec_actions_level - 1 of a branch. The module has OX_MAX_LEVEL copies of the
 * key. It puts off a branch that needs another one until the packet's other
 * lists are done (clone_execute()). So the branch's level is lower than that of
 * the list around it, and that list goes on even if an edit fails in the
 * branch.
 */
static __always_inline __u32 interp_level(const struct ox_run *r,
					  const struct ox_op *op)
{
	if (op->flags & OX_OPF_FRESH)
		return r->p.level; /* one and the same key */
	return r->p.level < OX_MAX_LEVEL ? r->p.level + 1u : 0;
}

/* Has the module no room to put off a branch of this level? Then it leaves it
 * out, and the list goes on. */
static __always_inline int interp_branch_over(ox_ctx *c, struct ox_run *r,
					      __u32 level, struct ox_work *w)
{
	if (level >= r->p.level || !work_defer(w))
		return 0;
	count_drop(c, &r->p, OX_R_RECIRC);
	r->used = 1;
	return 1;
}

/* A pass costs one, and may be put off. Not 0: the packet is dropped. */
static __always_inline int interp_pass(ox_ctx *c, struct ox_run *r,
				       struct ox_work *w)
{
	if (work_spend(w, 1))
		return interp_drop(c, r, OX_R_WORK);
	if (r->p.level < OX_MAX_LEVEL) {
		r->p.level++;
		return 0;
	}
	r->p.level = 1;
	return work_defer(w) ? interp_drop(c, r, OX_R_RECIRC) : 0;
}

/*
 * ovs_dp_process_packet() again, with the recirculation id. The list that
 * was under way is at its end: the compiler wraps any other in a branch.
 */
static __always_inline int interp_recirc(struct ox_step *s, __u32 recirc_id)
{
	const struct ox_config *cfg = tbl_config();
	struct ox_dp_stats *stats = tbl_dp_stats();
	struct ox_work *w = tier_work();
	struct ox_run *r = s->r;
	const struct ox_acts *a;
	const struct ox_flow *f;
	__u64 action;

	r->used = 1;
	if (r->p.stale && reparse(s->c, &r->p))
		return interp_fail(s->c, r, OX_R_EDIT, ENOMEM);
	r->away = 1;
	if (!cfg || !stats || !w)
		return interp_drop(s->c, r, OX_R_BAD_FLOW);
	if (interp_pass(s->c, r, w))
		return INTERP_STOP;
	r->p.key.recirc_id = recirc_id;
	r->p.hash = key_hash(&r->p.key);
	r->p.flow = OX_NONE;
	r->p.n_mask_hit = 0;
	r->p.n_cache_hit = 0;
	f = lookup(&r->p, cfg, stats);
	r->p.acts = OX_NONE;
	r->p.pc = 0;
	if (!f)
		return interp_stop(r, OX_V_USER, OX_UP_MISS);
	count_flow(&r->p);
	action = READ_ONCE(f->action);
	switch (OX_ACTION_KIND(action)) {
	case OX_ACT_DROP:
		return interp_drop(s->c, r, OX_R_FLOW);
	case OX_ACT_OUTPUT:
		return interp_output_last(s, OX_ACTION_ARG(action));
	case OX_ACT_OPS:
	case OX_ACT_RUN:
	case OX_ACT_USER:
		a = acts_live(OX_ACTION_ARG(action));
		if (!a)
			return interp_drop(s->c, r, OX_R_BAD_FLOW);
		if (work_spend(w, a->n_ops))
			return interp_drop(s->c, r, OX_R_WORK);
		interp_list(r, OX_ACTION_ARG(action), a);
		r->used = 0;
		return INTERP_NEXT;
	}
	return interp_drop(s->c, r, OX_R_BAD_FLOW);
}

/* ---- ops that look or count ---- */

/* skb_gso_validate_mac_len(), and a packet that is none. */
static __always_inline int interp_longer(struct ox_step *s, __u32 most)
{
	const struct ox_pkt *p = &s->r->p;
	__u32 gso = ctx_gso_size(s->c);
	__u8 doff;

#ifdef OX_CTX_HOST
	if (s->c->mru) /* what it will be fragmented to again */
		return s->c->mru + p->l3 - frame_tag(p) > most;
#endif
	if (frame_untagged_len(p) <= most)
		return 0;
	if (!gso || !p->l4)
		return 1;
	if (p->key.ip_proto != OX_IP_TCP)
		return p->l4 + 8 + gso > most;
	if (ctx_load(s->c, p->l4 + 12, &doff, 1))
		return 1;
	return p->l4 + (doff >> 4) * 4 + gso > most;
}

/* The module's OVS_HASH_ALG_L4 is a secret hash of the skb, so any good one
 * is as good; both algorithms are symmetric here. */
static __always_inline __u32 interp_hash(const struct ox_key *k, __u32 basis)
{
	__u64 addrs = k->ip_proto, h;

	if (k->eth_type == ox_be16(OX_P_IPV6))
		addrs += (k->w[4] + k->w[6]) ^ (k->w[5] + k->w[7]) << 1;
	else if (k->eth_type == ox_be16(OX_P_IP))
		addrs += (__u64)k->ipv4.src + k->ipv4.dst;
	else
		addrs += (k->w[1] & OX_LOW48) + (k->w[2] & OX_LOW48);
	h = ox_hash_word(basis, addrs);
	h = ox_hash_word(h, (__u32)k->tp_src + k->tp_dst);
	h = ox_hash_final(h) >> 32;
	return h ? h : 1;
}

enum ttl_rc {
	TTL_LEFT, /* it was decremented, or the packet has none */
	TTL_OVER,
	TTL_SHORT, /* the packet ends before its header does */
};

static __always_inline enum ttl_rc interp_dec_ttl(struct ox_step *s)
{
	struct ox_pkt *p = &s->r->p;
	struct ox_op op = { .mask = 0xff };
	__be16 proto = frame_proto(s->c, p);

	if (proto == ox_be16(OX_P_IPV6)) {
		op.code = OX_OP_SET_IPV6_HLIMIT;
		if (p->len < p->l3 + 40 ||
		    ctx_load(s->c, p->l3 + 7, &op.val, 1))
			return TTL_SHORT;
	} else if (proto == ox_be16(OX_P_IP)) {
		op.code = OX_OP_SET_IPV4_TTL;
		if (p->len < p->l3 + 20 ||
		    ctx_load(s->c, p->l3 + 8, &op.val, 1))
			return TTL_SHORT;
	} else {
		return TTL_LEFT;
	}
	if (op.val <= 1)
		return TTL_OVER;
	op.val--;
	return ox_op_run(s->c, p, &op) == OX_RC_DONE ? TTL_LEFT : TTL_SHORT;
}

static __always_inline int interp_ttl_op(struct ox_step *s,
					 const struct ox_op *op)
{
	enum ttl_rc rc = interp_dec_ttl(s);

	if (rc == TTL_SHORT)
		return interp_fail(s->c, s->r, OX_R_EDIT, ENOMEM);
	if (rc == TTL_LEFT)
		interp_skip(s->r, op->arg + 1);
	else if (!op->arg)
		return interp_drop(s->c, s->r, OX_R_TTL);
	else
		interp_skip(s->r, 1);
	return INTERP_NEXT;
}

/* An edit that wasn't done. */
static __always_inline int interp_edit_failed(ox_ctx *c, struct ox_run *r,
					      enum ox_op_rc rc)
{
	switch (rc) {
	case OX_RC_DOWN:
		return interp_hand_down(r);
	case OX_RC_NOWHERE:
		return interp_drop(c, r, OX_R_NO_ETH);
	case OX_RC_REFUSED:
		return interp_fail(c, r, OX_R_EDIT, r->p.arg);
	case OX_RC_SHORT:
		return interp_fail(c, r, OX_R_EDIT, ENOMEM);
	case OX_RC_DONE:
	case OX_RC_UNKNOWN:
		break;
	}
	return interp_fail(c, r, OX_R_BAD_FLOW, ENOMEM);
}

static __always_inline int interp_edit(struct ox_step *s,
				       const struct ox_op *op)
{
	struct ox_run *r = s->r;
	enum ox_op_rc rc;

	if (op->code <= OX_OP_POP_VLAN)
		rc = ox_op_run(s->c, &r->p, op);
	else if (op->code == OX_OP_SET_PRIORITY || op->code == OX_OP_SET_MARK)
		rc = tier_set_meta(s, op);
	else if (!tier_may_encap(s, op))
		rc = OX_RC_DOWN;
	else
		rc = ox_encap_run(s->c, &r->p, op);
	if (rc != OX_RC_DONE)
		return interp_edit_failed(s->c, r, rc);
	interp_skip(r, 1);
	return INTERP_NEXT;
}

/* The packet's tunnel key from here on. Returns the ops that belong to it. */
static __always_inline __u32 interp_tun(struct ox_run *r,
					const struct ox_op_tun *op)
{
	tier_tun(r);
	return op->n_args;
}

/* ---- the way through the list ---- */

static __always_inline int interp_op(struct ox_step *s, const struct ox_op *op)
{
	struct ox_run *r = s->r;
	__u32 skip = 1;

	switch ((enum ox_opcode)op->code) {
	case OX_OP_END:
		r->end = 0;
		return INTERP_NEXT;
	case OX_OP_OUTPUT:
		return interp_output(s, op);
	case OX_OP_USERSPACE:
		return interp_upcall(s, op);
	case OX_OP_CLONE:
		if ((op->flags & OX_OPF_FRESH) && r->p.stale &&
		    reparse(s->c, &r->p))
			return interp_fail(s->c, r, OX_R_EDIT, ENOMEM);
		return tier_branch(s, op);
	case OX_OP_RECIRC:
		return interp_recirc(s, op->arg);
	case OX_OP_DEC_TTL:
		return interp_ttl_op(s, op);
	case OX_OP_SAMPLE:
		if ((__u32)op->val != 0xffffffff &&
		    (!(__u32)op->val || ctx_random() > (__u32)op->val))
			skip += op->arg;
		break;
	case OX_OP_CHECK_LEN:
		if (interp_longer(s, (__u32)op->val))
			skip += op->arg;
		break;
	case OX_OP_JUMP:
		skip += op->arg;
		break;
	case OX_OP_HASH:
		r->p.key.dp_hash = interp_hash(&r->p.key, op->arg);
		break;
	case OX_OP_TRUNC:
		if (!tier_may_trunc(s))
			return interp_hand_down(r);
		r->cutlen = op->arg;
		break;
	case OX_OP_METER:
		if (ox_meter_run(op->arg, frame_untagged_len(&r->p)))
			return interp_drop(s->c, r, OX_R_METER);
		break;
	case OX_OP_DROP:
		return interp_drop(
			s->c, r, op->arg ? OX_R_EXPLICIT_ERROR : OX_R_EXPLICIT);
	case OX_OP_GROUP:
		if (tier_group(s, op))
			return INTERP_STOP;
		break;
	case OX_OP_CT:
		return tier_ct(s, op);
	case OX_OP_CT_CLEAR:
		key_ct_clear(&r->p.key);
		break;
	case OX_OP_TUN:
		skip += interp_tun(r, (const struct ox_op_tun *)op);
		break;
	case OX_OP_REFUSE:
		return interp_fail(s->c, r, OX_R_EDIT, op->arg);
	case OX_OP_SET_ETH_DST:
	case OX_OP_SET_ETH_SRC:
	case OX_OP_SET_IPV4_SRC:
	case OX_OP_SET_IPV4_DST:
	case OX_OP_SET_IPV4_TOS:
	case OX_OP_SET_IPV4_TTL:
	case OX_OP_SET_IPV6_SRC:
	case OX_OP_SET_IPV6_DST:
	case OX_OP_SET_IPV6_TCLASS:
	case OX_OP_SET_IPV6_LABEL:
	case OX_OP_SET_IPV6_HLIMIT:
	case OX_OP_SET_TP_SRC:
	case OX_OP_SET_TP_DST:
	case OX_OP_PUSH_VLAN:
	case OX_OP_POP_VLAN:
	case OX_OP_SET_PRIORITY:
	case OX_OP_SET_MARK:
	case OX_OP_SET_MPLS:
	case OX_OP_SET_NSH:
	case OX_OP_PUSH_MPLS:
	case OX_OP_ADD_MPLS:
	case OX_OP_POP_MPLS:
	case OX_OP_PUSH_ETH:
	case OX_OP_POP_ETH:
	case OX_OP_PUSH_NSH:
	case OX_OP_POP_NSH:
	case OX_OP_CT_ARG:  /* its CT has passed it, */
	case OX_OP_TUN_ARG: /* its TUN this one */
	default:	    /* a code that is no op: it fails there, too */
		return interp_edit(s, op);
	}
	interp_skip(r, skip);
	return INTERP_NEXT;
}

static __always_inline int interp_end(ox_ctx *c, struct ox_run *r)
{
	if (r->used)
		return interp_stop(r, OX_V_DROP, OX_R_NONE);
	return interp_drop(c, r, OX_R_FLOW);
}

/* One op; or, where the next one is in another slot, the way there. */
static long interp_step(__u32 i, void *arg)
{
	struct ox_step *s = arg;
	struct ox_run *r = s->r;
	const struct ox_op *op;

	(void)i;
	if (r->p.pc >= r->end)
		return interp_end(s->c, r);
	op = tier_fetch(r);
	if (!op)
		return r->verdict == OX_V_RUN
			       ? INTERP_NEXT
			       : interp_drop(s->c, r, OX_R_BAD_FLOW);
	return interp_op(s, op);
}

/* Until the packet is given away; r->verdict says how, and is OX_V_RUN
 * before. */
static __always_inline void interp_run(ox_ctx *c, struct ox_run *r)
{
	struct ox_step s = { .c = c, .r = r };

	ox_loop(OX_INTERP_STEPS, interp_step, &s);
	if (r->verdict == OX_V_RUN)
		interp_drop(c, r, OX_R_BAD_FLOW);
}

#endif /* OVSXDP_BPF_INTERP_H */
