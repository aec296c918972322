/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tier_xdp.h - what the XDP tier decides: it owns one frame and can send it
 * once. All else goes to the skb tier, by XDP_PASS with struct ox_upcall_md
 * in front; what user space wants of frames, by AF_XDP.
 */
#ifndef OVSXDP_BPF_TIER_XDP_H
#define OVSXDP_BPF_TIER_XDP_H

#include "bpf/tier/ctx_xdp.h"
#include "bpf/tier/drop.h"
#include "bpf/tier/tier_bpf.h"
#include "bpf/tier/tier_frame.h"
#include "bpf/tier/xdp_list.h"

/*
 * The frame's last output, with bytes cut off. If it has to go down, it does so
 * from the TRUNC, which is right before it (tier_may_trunc()).
 */
static __always_inline int
tier_output(struct ox_step *s, const struct ox_op *op, int last, __u32 cut)
{
	struct ox_run *r = s->r;
	enum ox_verdict v;

	if (!last)
		return interp_hand_down(r);
	r->p.len -= cut;
	v = output_check(s->c, &r->p, op->arg);
	if (v == OX_V_OUTPUT && ctx_trim(s->c, cut))
		v = OX_V_DOWN;
	if (v == OX_V_DOWN) {
		r->p.len += cut;
		r->p.pc--;
		return interp_hand_down(r);
	}
	return interp_stop(r, v, r->p.arg);
}

static __always_inline int tier_upcall(struct ox_step *s,
				       const struct ox_op *op, int last)
{
	const struct ox_port *in = tbl_port(s->r->p.key.in_port);

	if (!last || !in)
		return interp_hand_down(s->r);
	return interp_stop(s->r, tier_to_user(s->c, &s->r->p, in, OX_UP_FLOW),
			   OX_UP_FLOW);
}

static __always_inline int tier_branch(struct ox_step *s,
				       const struct ox_op *op)
{
	return interp_hand_down(s->r);
}

static __always_inline enum ox_op_rc tier_set_meta(struct ox_step *s,
						   const struct ox_op *op)
{
	return OX_RC_DOWN;
}

static __always_inline __u32 group_op_port(const struct ox_acts *a, __u32 at)
{
	return at < OX_ACTS_OPS ? a->ops[at].arg : OX_NONE;
}

struct group_walk {
	const struct ox_pkt *p;
	__u32 set;
	__u32 slot;
	__u32 at;
	__u32 bad;
};

static long group_check(__u32 i, void *arg)
{
	struct group_walk *w = arg;
	const struct ox_acts *a = tbl_acts(w->slot);
	const struct ox_port *out;
	__u32 no, *dev = NULL;
	void *set;

	w->bad = 1;
	if (!a)
		return 1;
	no = group_op_port(a, w->at + i);
	out = tbl_port(no);
	if (!group_port_ok(w->p, out))
		return 1;
	/* a set is made anew some time after a port has a new device */
	set = bpf_map_lookup_elem(&groups, &w->set);
	if (set)
		dev = bpf_map_lookup_elem(set, &no);
	if (!dev || *dev != READ_ONCE(out->ifindex))
		return 1;
	w->bad = 0;
	return 0;
}

static long group_count(__u32 i, void *arg)
{
	struct group_walk *w = arg;
	const struct ox_acts *a = tbl_acts(w->slot);

	if (a)
		count_tx(group_op_port(a, w->at + i), w->p->len);
	return 0;
}

/* Counts the n outputs from place "at" on of a slot, if each can be. */
__noinline int ox_group_count(struct ox_run *r, __u32 set, __u32 n)
{
	struct group_walk w = { .set = set };
	__u32 at;

	if (!r || n > OX_GROUP_PORTS)
		return -1;
	at = r->at + 1;
	if (at + n > OX_ACTS_OPS)
		return -1;
	w.p = &r->p;
	w.slot = r->slot;
	w.at = at;
	ox_loop(n, group_check, &w);
	if (w.bad)
		return -1;
	ox_loop(n, group_count, &w);
	return 0;
}

/* All outputs of a set in one go, if each of them can be. */
static __always_inline int tier_group(struct ox_step *s, const struct ox_op *op)
{
	struct ox_run *r = s->r;
	__u32 slot = op->arg;

	if (r->cutlen != OX_NONE || slot >= OX_MAX_GROUPS ||
	    ox_group_count(r, slot, (__u32)op->val))
		return INTERP_NEXT;
	return interp_stop(r, OX_V_GROUP, slot);
}

static __always_inline int tier_may_encap(struct ox_step *s,
					  const struct ox_op *op)
{
	return xdp_may_encap(s->r, op);
}

static __always_inline int tier_may_trunc(struct ox_step *s)
{
	return xdp_may_trunc(s->r);
}

#endif /* OVSXDP_BPF_TIER_XDP_H */
