/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trace_host.h - the host build follows a packet: at each op it asks which tier
 * would run it. The XDP tier's decisions are its own (tier_frame.h,
 * xdp_list.h); the skb tier's are those of tier_tc.h and tc.bpf.c, which need
 * an skb.
 */
#ifndef OVSXDP_BPF_TRACE_HOST_H
#define OVSXDP_BPF_TRACE_HOST_H

#include "bpf/tier/ctx_host.h"
#include "bpf/tier/tier_frame.h"
#include "bpf/tier/xdp_list.h"

static __always_inline int trace_is_over(void)
{
	return ox_host_env.trace && ox_host_env.trace->over;
}

static __always_inline void trace_drop(struct ox_host_trace *t,
				       const struct ox_run *r, __u32 reason)
{
	struct ox_trace_ev ev = { .what = OX_TRACE_DROP, .reason = reason };

	trace_tell(t, r, &ev);
}

/* One tier down. What XDP passes on is dropped where there is no skb tier:
 * "lost" is the reason. */
static __always_inline void trace_down(struct ox_host_trace *t,
				       const struct ox_run *r, const char *why,
				       enum ox_reason lost)
{
	const struct ox_port *in = tbl_port(r->p.key.in_port);
	struct ox_trace_ev ev = { .what = OX_TRACE_DOWN,
				  .reason = OX_R_NONE,
				  .why = why };

	if (t->tier == OX_TIER_XDP && !(in && (in->flags & OX_PORT_SKB_TIER))) {
		count_reason(lost);
		trace_drop(t, r, lost);
		t->over = 1;
		return;
	}
	t->tier++;
	trace_tell(t, r, &ev);
}

/* ---- what a tier can't do ---- */

#define TRACE_NOT_LAST "XDP can't copy a frame, and this isn't the last output"

static __always_inline const char *trace_xdp_encap(const struct ox_run *r,
						   const struct ox_op *op)
{
	if (op->code == OX_OP_PUSH_NSH)
		return "XDP can't make an NSH header";
	return xdp_may_encap(r, op)
		       ? NULL
		       : "the frame would be without an Ethernet header";
}

/* Why XDP can't do this op, or NULL. */
static __always_inline const char *trace_xdp_why(const struct ox_run *r,
						 const struct ox_op *op)
{
	if (op->code == OX_OP_CLONE)
		return "XDP can't copy a frame, and a branch runs on a copy";
	if (op->code == OX_OP_SET_PRIORITY || op->code == OX_OP_SET_MARK)
		return "a frame of XDP has no priority and no mark";
	if (op->code == OX_OP_TRUNC && !xdp_may_trunc(r))
		return "XDP can cut a frame for its last output alone";
	if (op->code == OX_OP_CT && r->cts >= OX_MAX_CTS)
		return "too many ct() for one program run";
	if (op->code > OX_OP_POP_VLAN && op->code <= OX_OP_LAST_EDIT)
		return trace_xdp_encap(r, op);
	return NULL;
}

/* The same for the skb tier. */
static __always_inline const char *trace_skb_why(const struct ox_run *r,
						 const struct ox_op *op)
{
	if (op->code == OX_OP_CLONE && r->depth >= OX_MAX_DEPTH)
		return "branches nest deeper than the skb tier goes";
	if (op->code == OX_OP_CT && r->cts >= OX_MAX_CTS)
		return "too many ct() for one program run";
	if (op->code >= OX_OP_PUSH_MPLS && op->code <= OX_OP_LAST_EDIT)
		return "tc programs can't add or remove this header";
	return NULL;
}

static __always_inline const char *trace_why(const struct ox_host_trace *t,
					     const struct ox_run *r,
					     const struct ox_op *op)
{
	if (t->tier == OX_TIER_XDP)
		return trace_xdp_why(r, op);
	return t->tier == OX_TIER_SKB ? trace_skb_why(r, op) : NULL;
}

/* Why XDP doesn't begin with a list at all: what is the first op that it can't
 * do? */
static __always_inline const char *trace_list_why(struct ox_run *r, __u32 slot)
{
	const struct ox_acts *a = acts_live(slot);
	const char *why = NULL;
	__u32 i, n = a ? a->n_ops : 0;

	r->slot = slot;
	r->end = n;
	for (i = 0; i < n && i < OX_ACTS_OPS && !why; i++) {
		r->at = i;
		r->p.pc = (__u16)i;
		why = trace_xdp_why(r, &a->ops[i]);
		if (a->ops[i].code == OX_OP_TUN)
			why = "XDP gives no packet a tunnel key";
		else if (a->ops[i].code == OX_OP_OUTPUT &&
			 !(a->ops[i].flags & OX_OPF_LAST))
			why = TRACE_NOT_LAST;
	}
	return why ? why : "XDP can't end this list of actions";
}

/* Why XDP doesn't begin with a flow's action: tier_can_start(). */
static __always_inline const char *trace_start_why(ox_ctx *c,
						   const struct ox_run *r,
						   const struct ox_port *in,
						   __u64 action)
{
	struct ox_run at = *r;

	if ((in->flags & (OX_PORT_SKB_RX | OX_PORT_GENERIC)) &&
	    csum_is_partial(c, &at.p))
		return "its checksum is open";
	if (in->no_meta)
		return "the driver takes no XDP metadata";
	return trace_list_why(&at, OX_ACTION_ARG(action));
}

/* ---- outputs ---- */

/* output_check() as the skb tier has it. */
static __always_inline enum ox_verdict
trace_skb_output(ox_ctx *c, struct ox_pkt *p, __u32 port_no, int has_tun)
{
	const struct ox_port *out = tbl_port(port_no);

	if (!out || !tier_output_device(out, port_no))
		return rx_drop(c, p, OX_R_NO_PORT);
	if (!(out->flags & OX_PORT_UP))
		return rx_drop(c, p, OX_R_PORT_DOWN);
	if (frame_over_mtu(p, out) && !ctx_gso_size(c))
		return rx_drop(c, p, OX_R_OVER_MTU);
	if (!p->key.mac_proto && !(out->flags & OX_PORT_L3))
		return rx_drop(c, p, OX_R_NO_ETH);
	if (p->key.mac_proto && (out->flags & OX_PORT_L3))
		return OX_V_DOWN;
	if (!(out->flags & (OX_PORT_TUNNEL | OX_PORT_NATIVE)))
		return OX_V_OUTPUT;
	return has_tun ? OX_V_TUNNEL : rx_drop(c, p, OX_R_NO_TUNNEL);
}

/* Why XDP hands an output down, which output_check() has decided. */
static __always_inline const char *trace_xdp_output_why(const struct ox_pkt *p,
							__u32 port_no)
{
	const struct ox_port *out = tbl_port(port_no);
	__u32 flags = out ? out->flags : 0;

	if (out && frame_over_mtu(p, out))
		return "larger than the output's MTU, unless it is GSO";
	if (!(flags & OX_PORT_L3) != !!p->key.mac_proto)
		return "output to a port without Ethernet";
	if (flags & (OX_PORT_TUNNEL | OX_PORT_NATIVE))
		return "output to a tunnel";
	return "XDP_REDIRECT doesn't reach the output";
}

/* All outputs of a set are one to XDP. */
static __always_inline int trace_group_ok(const struct ox_run *r,
					  const struct ox_op *op)
{
	const struct ox_acts *a = tbl_acts(r->slot);
	__u32 i, n = (__u32)op->val, at = r->at + 1;

	if (!a || r->cutlen != OX_NONE || op->arg >= OX_MAX_GROUPS ||
	    n > OX_GROUP_PORTS || at + n > OX_ACTS_OPS)
		return 0;
	for (i = 0; i < n; i++)
		if (!group_port_ok(&r->p, tbl_port(a->ops[at + i].arg)))
			return 0;
	return 1;
}

static __always_inline const char *
trace_xdp_output(struct ox_host_trace *t, struct ox_step *s,
		 const struct ox_op *op, int last, __u32 cut, __u32 *reason)
{
	struct ox_pkt p = s->r->p;
	enum ox_verdict v;

	if (t->group) {
		t->group--;
		return NULL;
	}
	if (!last)
		return TRACE_NOT_LAST;
	p.len -= cut;
	v = output_check(s->c, &p, op->arg);
	if (v == OX_V_DOWN)
		return trace_xdp_output_why(&p, op->arg);
	*reason = v == OX_V_DROP ? p.arg : OX_R_NONE;
	return NULL;
}

/* An output is told, in the tier that does it. */
static __always_inline void
trace_output(struct ox_step *s, const struct ox_op *op, int last, __u32 cut)
{
	struct ox_host_trace *t = trace_on();
	struct ox_trace_ev ev = { .what = OX_TRACE_OP,
				  .op = op,
				  .reason = OX_R_NONE };
	struct ox_pkt p = s->r->p;
	const char *why = NULL;
	enum ox_verdict v;
	__u32 tier;

	if (!t)
		return;
	if (t->tier == OX_TIER_XDP)
		why = trace_xdp_output(t, s, op, last, cut, &ev.reason);
	if (why)
		trace_down(t, s->r, why, OX_R_NO_TIER);
	if (t->over)
		return;
	tier = t->tier;
	p.len -= cut;
	if (t->tier == OX_TIER_SKB) {
		v = trace_skb_output(s->c, &p, op->arg,
				     s->r->tun_out != OX_NONE);
		if (v == OX_V_DROP)
			ev.reason = p.arg;
		else if (v == OX_V_DOWN)
			trace_down(t, s->r,
				   "a frame to a port without Ethernet",
				   OX_R_NO_TIER);
	}
	trace_tell(t, s->r, &ev);
	/* that one copy alone went to user space */
	if (!last)
		t->tier = tier;
}

/* ---- user space ---- */

/* The packet, or a copy, is for user space: by which way? */
static __always_inline void trace_to_user(ox_ctx *c, const struct ox_run *r,
					  enum ox_upcall why, int last)
{
	struct ox_host_trace *t = trace_on();
	const struct ox_port *in = tbl_port(r->p.key.in_port);
	struct ox_pkt p = r->p;

	if (!t || t->tier != OX_TIER_XDP)
		return;
	if (!last)
		trace_down(t, r, "XDP can't copy a frame for user space",
			   OX_R_NO_TIER);
	else if (!in || tier_to_user(c, &p, in, why) == OX_V_DOWN)
		trace_down(t, r, "no AF_XDP socket takes it for user space",
			   why == OX_UP_MISS ? OX_R_NO_SOCKET : OX_R_NO_TIER);
}

static __always_inline void trace_upcall(struct ox_step *s,
					 const struct ox_op *op, int last)
{
	struct ox_trace_ev ev = { .what = OX_TRACE_OP,
				  .op = op,
				  .reason = OX_R_NONE };

	trace_to_user(s->c, s->r, OX_UP_FLOW, last);
	if (trace_on())
		trace_tell(trace_on(), s->r, &ev);
}

/* ---- ops ---- */

/* Those that aren't told here: outputs and upcalls are when they are done,
 * and some are only the way through the list. */
static __always_inline int trace_is_quiet(const struct ox_op *op)
{
	return op->code == OX_OP_END || op->code == OX_OP_JUMP ||
	       op->code == OX_OP_OUTPUT || op->code == OX_OP_USERSPACE ||
	       op->code == OX_OP_CT_ARG || op->code == OX_OP_TUN_ARG;
}

/* Was it told? ct() is fetched again. */
static __always_inline int trace_again(struct ox_host_trace *t,
				       const struct ox_run *r)
{
	if (t->again && t->acts == r->p.acts && t->pc == r->p.pc &&
	    t->depth == r->depth)
		return 1;
	t->again = 1;
	t->acts = r->p.acts;
	t->pc = r->p.pc;
	t->depth = r->depth;
	return 0;
}

/* The list has come to op. */
static __always_inline void trace_op(struct ox_run *r, const struct ox_op *op)
{
	struct ox_host_trace *t = trace_on();
	struct ox_trace_ev ev = { .what = OX_TRACE_OP,
				  .op = op,
				  .reason = OX_R_NONE };
	struct ox_step s = { .c = ox_host_env.pkt, .r = r };
	const char *why;

	if (!t || trace_is_quiet(op) || trace_again(t, r))
		return;
	for (why = trace_why(t, r, op); why; why = trace_why(t, r, op)) {
		r->cts = 0;
		trace_down(t, r, why, OX_R_NO_TIER);
		if (t->over)
			return;
	}
	if (op->code == OX_OP_CT)
		r->cts++;
	if (op->code == OX_OP_GROUP) {
		if (t->tier == OX_TIER_XDP && trace_group_ok(r, op))
			t->group = (__u32)op->val;
		return;
	}
	if (op->code == OX_OP_CHECK_LEN)
		ev.longer = interp_longer(&s, (__u32)op->val);
	trace_tell(t, r, &ev);
}

#endif /* OVSXDP_BPF_TRACE_HOST_H */
