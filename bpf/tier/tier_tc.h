/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tier_tc.h - what the skb tier decides: it can copy packets, knows open
 * checksums and GSO, and reaches every device. A branch runs on a clone that
 * is sent to a device of our own (ox_config.clone_ifindex): the program on
 * that device's egress goes on with it before bpf_clone_redirect() returns.
 */
#ifndef OVSXDP_BPF_TIER_TC_H
#define OVSXDP_BPF_TIER_TC_H

#include "bpf/tier/tc_out.h"
#include "bpf/tier/tc_tun.h"

static __always_inline int tier_parse(ox_ctx *c, struct ox_pkt *p,
				      const struct ox_port *in)
{
	int err;

	p->key.w[10] = ctx_get(c, priority) | (__u64)ctx_get(c, mark) << 32;
	if (READ_ONCE(in->flags) & OX_PORT_L3)
		err = parse_l3(c, p, ctx_get(c, protocol));
	else
		err = parse(c, p);
	if (READ_ONCE(in->flags) & OX_PORT_TUNNEL)
		ox_tun_rx(c, p);
	return err;
}

static __always_inline int tier_can_start(ox_ctx *c, struct ox_pkt *p,
					  const struct ox_port *in,
					  __u64 action)
{
	return 1;
}

static __always_inline enum ox_verdict tier_to_user(ox_ctx *c, struct ox_pkt *p,
						    const struct ox_port *in,
						    enum ox_upcall why)
{
	p->arg = why;
	return OX_V_USER;
}

static __always_inline int tier_hand_down_over_mtu(ox_ctx *c)
{
	return 0;
}

static __always_inline int tier_output_reaches(const struct ox_pkt *p)
{
	return 1;
}

static __always_inline __u32 tier_output_flags(void)
{
	return OX_PORT_UP | OX_PORT_L3 | OX_PORT_TUNNEL | OX_PORT_NATIVE;
}

/* The one in the devmap, which the kernel keeps. By the time that a packet
 * comes, another device may have the ifindex in "ports". */
static __always_inline __u32 tier_output_device(const struct ox_port *out,
						__u32 port_no)
{
	const __u32 *ifindex = bpf_map_lookup_elem(&skb_tx, &port_no);

	if (!ifindex)
		return port_native(out, port_no);
	__builtin_assume(*ifindex); /* no device has 0 */
	return *ifindex;
}

static __always_inline void tier_output_by(struct ox_pkt *p, __u32 ifindex,
					   __u32 flags)
{
	p->out = ifindex | (flags & OX_PORT_PEER ? OX_OUT_PEER : 0);
}

static __always_inline enum ox_verdict
tier_output_tunnel(struct ox_pkt *p, __u32 port_no, __u32 ifindex)
{
	p->arg = port_no;
	p->out = ifindex;
	return OX_V_TUNNEL;
}

/* As ovs_vport_send(): a frame goes to an L3 device as one of type "bridged
 * Ethernet", which only user space can send; the other way round is no way. */
static __always_inline enum ox_verdict
tier_output_other_l2(ox_ctx *c, struct ox_pkt *p, __u32 out_flags)
{
	if (out_flags & OX_PORT_L3)
		return rx_hand_down(p, OX_UP_FLOW);
	return rx_drop(c, p, OX_R_NO_ETH);
}

/* Has a packet whose output was checked no device to leave by? Then a program
 * of its own encapsulates it, and a copy of it is a branch. */
static __always_inline int tc_is_native(const struct ox_pkt *p)
{
	return !!(p->out & OX_IFINDEX_NATIVE);
}

static __always_inline void tc_output_copy(ox_ctx *c, struct ox_run *r,
					   __u32 port_no)
{
	if (bpf_clone_redirect(c, r->p.out & ~OX_OUT_PEER, 0)) {
		count_tx_dropped(port_no);
		count_drop(c, &r->p, OX_R_TX_BUSY);
		return;
	}
	count_tx(port_no, r->p.len + r->p.hwtag);
}

/* The same into a tunnel. */
static __always_inline void tc_tunnel_copy(ox_ctx *c, struct ox_run *r,
					   __u32 port_no)
{
	if (!tun_begin(c, r, port_no))
		tc_output_copy(c, r, port_no);
}

enum copy_rc {
	COPY_DONE,
	COPY_NONE,   /* there can't be one: nothing was done */
	COPY_FAILED, /* an edit in it failed */
};

/* The ops from pc to end on a copy. */
static __always_inline enum copy_rc
interp_copy(ox_ctx *c, struct ox_run *r, __u32 pc, __u32 end, __u32 level)
{
	const __u32 *ifindex, local = 0; /* OVSP_LOCAL's is ours */
	struct ox_cpu *me = cpu_me();
	struct ox_run *child;

	if (!me || r->depth >= OX_MAX_DEPTH)
		return COPY_NONE;
	/* a foreign device's egress isn't for us */
	ifindex = bpf_map_lookup_elem(&skb_tx, &local);
	if (!ifindex || *ifindex != READ_ONCE(tbl_config()->clone_ifindex))
		return COPY_NONE;
	child = run_at(me->top);
	if (!child)
		return COPY_NONE;
	ox_copy(child, r, sizeof(*child));
	child->depth++;
	child->end = end;
	child->err = 0;
	child->away = 0;
	child->used = 0;
	child->cts = 0;
	child->place = OX_PLACE_BRANCH;
	child->p.level = level;
	interp_skip(child, pc - r->p.pc);
	me->top++;
	me->pending = 1;
	bpf_clone_redirect(c, *ifindex, 0);
	me->top--;
	if (me->pending) {
		me->pending = 0;
		return COPY_NONE;
	}
	r->used = 1;
	return child->err ? COPY_FAILED : COPY_DONE;
}

static __always_inline int tier_branch(struct ox_step *s,
				       const struct ox_op *op)
{
	struct ox_run *r = s->r;
	__u32 n = op->arg, pc = r->p.pc, level = interp_level(r, op);
	struct ox_work *w = tier_work();
	enum copy_rc rc;

	if (!w || interp_branch_over(s->c, r, level, w))
		goto next;
	rc = interp_copy(s->c, r, pc + 1, pc + 1 + n, level);
	if (rc == COPY_NONE) {
		/* user space counts it */
		if (level < r->p.level)
			w->deferred--;
		count_reason(OX_R_DEPTH);
		return interp_hand_down(r);
	}
	if (rc == COPY_FAILED && level >= r->p.level) {
		r->err = r->away ? 0 : ENOMEM;
		return interp_stop(r, OX_V_DROP, OX_R_EDIT);
	}
next:
	interp_skip(r, n + 1);
	return INTERP_NEXT;
}

/* A cut packet that isn't the last is cut as a copy. */
static __always_inline int
tier_output(struct ox_step *s, const struct ox_op *op, int last, __u32 cut)
{
	struct ox_run *r = s->r;
	enum ox_verdict v;

	if (!last && cut) {
		if (interp_copy(s->c, r, r->p.pc, r->p.pc + 1, r->p.level) !=
		    COPY_DONE)
			return interp_hand_down(r);
		goto next;
	}
	if (cut) {
		if (cut >= r->p.len || ctx_trim(s->c, cut))
			return interp_hand_down(r);
		r->p.len -= cut;
		r->cutlen = OX_NONE;
	}
	v = output_check(s->c, &r->p, op->arg);
	r->used = 1;
	if (last)
		return interp_stop(r, v, r->p.arg);
	if (v == OX_V_OUTPUT) {
		tc_output_copy(s->c, r, op->arg);
	} else if (v == OX_V_TUNNEL && tc_is_native(&r->p)) {
		if (interp_copy(s->c, r, r->p.pc, r->p.pc + 1, r->p.level) !=
		    COPY_DONE)
			return interp_hand_down(r);
	} else if (v == OX_V_TUNNEL)
		tc_tunnel_copy(s->c, r, op->arg);
	else if (v == OX_V_DOWN)
		ring_put(s->c, r, OX_UP_FLOW, r->p.pc + 1);
next:
	interp_cut_end(r, op);
	interp_skip(r, 1);
	return INTERP_NEXT;
}

static __always_inline int tier_upcall(struct ox_step *s,
				       const struct ox_op *op, int last)
{
	__u32 cutlen = s->r->cutlen;

	if (op->flags & OX_OPF_WHOLE)
		s->r->cutlen = OX_NONE;
	ring_put(s->c, s->r, OX_UP_ACTION, OX_NONE);
	if (last)
		return interp_stop(s->r, OX_V_DROP, OX_R_NONE);
	s->r->cutlen = cutlen;
	interp_cut_end(s->r, op);
	interp_skip(s->r, 1);
	return INTERP_NEXT;
}

static __always_inline enum ox_op_rc tier_set_meta(struct ox_step *s,
						   const struct ox_op *op)
{
	struct ox_key *k = &s->r->p.key;

	if (op->code == OX_OP_SET_PRIORITY) {
		k->skb_priority = op_apply(op, k->skb_priority);
		ctx_set(s->c, priority, k->skb_priority);
	} else {
		k->skb_mark = op_apply(op, k->skb_mark);
		ctx_set(s->c, mark, k->skb_mark);
	}
	return OX_RC_DONE;
}

static __always_inline int tier_group(struct ox_step *s, const struct ox_op *op)
{
	return INTERP_NEXT;
}

static __always_inline int tier_may_encap(struct ox_step *s,
					  const struct ox_op *op)
{
	return 1;
}

static __always_inline int tier_may_trunc(struct ox_step *s)
{
	return 1;
}

#endif /* OVSXDP_BPF_TIER_TC_H */
