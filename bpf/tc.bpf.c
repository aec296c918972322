// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tc.bpf.c - the skb tier: a packet's way from a port's tc ingress, either
 * from its beginning or from where the XDP tier stopped (struct ox_upcall_md
 * in its metadata).
 */
#include "bpf/tier/ctx_tc.h"
#include "bpf/tier/tier_tc.h"

#include <linux/pkt_cls.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/*
 * bpf_redirect_peer() puts the packet into the other namespace at once, past
 * this end's qdisc and its taps; only from ingress, only if a knob allows.
 */
static __always_inline int tc_output(ox_ctx *c, struct ox_pkt *p, int may_peer)
{
	__u32 ifindex = p->out & ~OX_OUT_PEER;

	count_tx(p->arg, p->len + p->hwtag);
	if (may_peer && (p->out & OX_OUT_PEER))
		return bpf_redirect_peer(ifindex, 0);
	return bpf_redirect(ifindex, 0);
}

/* A packet that goes one tier down is user space's. */
static __always_inline int tc_finish(ox_ctx *c, struct ox_run *r, int may_peer)
{
	switch ((enum ox_verdict)r->verdict) {
	case OX_V_OUTPUT:
		return tc_output(c, &r->p, may_peer);
	case OX_V_DOWN:
		count_reason(OX_R_USER);
		/* a record's key is what the packet says, and stays stale for
		 * the ops after it */
		if (r->p.stale && !reparse(c, &r->p))
			r->p.stale = 1;
		ring_put(c, r, OX_UP_FLOW, r->end);
		return TC_ACT_SHOT;
	case OX_V_USER:
		ring_put(c, r, r->p.arg, OX_NONE);
		return TC_ACT_SHOT;
	case OX_V_PASS:
	case OX_V_DROP:
	case OX_V_GROUP:
	case OX_V_RUN:
		break;
	}
	return TC_ACT_SHOT;
}

/* Interpreter's state for a packet that has no list. */
static __always_inline void interp_blank(struct ox_run *r)
{
	r->cutlen = OX_NONE;
	r->passes = 1;
	r->end = OX_NONE;
	r->depth = 0;
}

/* Takes the XDP tier's note off the packet: nobody may find it again. */
static __always_inline int take_md(ox_ctx *c, struct ox_upcall_md *out)
{
	struct ox_upcall_md *md = ctx_ptr(c, data_meta);
	void *data = ctx_ptr(c, data);

	if ((void *)(md + 1) > data || md->magic != OX_MD_MAGIC)
		return 0;
	ox_copy(out, md, sizeof(*out));
	md->magic = 0;
	return !(out->flags & OX_MD_WRAPPED) || !ctx_pop_vlan(c);
}

/* The way on from where XDP stopped. It has counted the packet. */
static __always_inline enum ox_verdict rx_resume(ox_ctx *c, struct ox_pkt *p,
						 const struct ox_port *in,
						 const struct ox_upcall_md *md)
{
	const struct ox_flow *f;
	__u32 gen;

	p->state = OX_PKT_USED;
	p->len = ctx_len(c);
	if (tier_parse(c, p, in))
		return rx_drop(p, OX_R_RUNT);
	p->key.recirc_id = md->recirc_id;
	p->key.dp_hash = md->dp_hash;
	p->flow = md->flow;
	p->acts = md->acts;
	p->pc = md->pc;
	p->stale = !!(md->flags & OX_MD_STALE);
	p->level = md->flags >> OX_MD_LEVEL_SHIFT;
	if (md->reason == OX_UP_MISS) {
		p->hash = md->hash;
		return tier_to_user(c, p, in, OX_UP_MISS);
	}
	p->hash = key_hash(&p->key);
	f = tbl_flow(p->flow);
	if (!f)
		return rx_drop(p, OX_R_BAD_FLOW);
	if (p->acts == OX_NONE)
		return rx_execute(c, p, in, READ_ONCE(f->action));
	gen = md->gen;
	if (gen != acts_gen(p))
		return rx_drop(p, OX_R_BAD_FLOW);
	return OX_V_RUN;
}

/*
 * While the interpreter sends a copy, a device may hand another packet to a
 * port's ingress at once (mirred does). That one takes the place behind the
 * branch under way, and *depth says which; NULL: there is none.
 */
static __always_inline struct ox_run *interp_nested(__u32 *depth)
{
	__u32 zero = 0;
	struct ox_cpu *me = bpf_map_lookup_elem(&cpu, &zero);

	if (!me)
		return NULL;
	*depth = me->depth + 1;
	return interp_at(*depth);
}

/* Which branch is under way. */
static __always_inline void interp_set_depth(__u32 depth)
{
	__u32 zero = 0;
	struct ox_cpu *me = bpf_map_lookup_elem(&cpu, &zero);

	if (me)
		me->depth = depth;
}

/* The place of a packet that comes in, clean. */
static __always_inline struct ox_run *interp_first(struct ox_cpu_mem *mem,
						   __u32 *depth)
{
	struct ox_run *r = interp_of(mem);

	*depth = 0;
	if (r->p.state == OX_PKT_CLEAN)
		return r;
	if (r->p.state == OX_PKT_BUSY)
		r = interp_nested(depth);
	if (r)
		pkt_clean(&r->p);
	else
		count_reason(OX_R_DEPTH);
	return r;
}

SEC("tc")
int ovsxdp_tc(struct __sk_buff *skb)
{
	struct ox_cpu_mem *mem = cpu_mem();
	struct ox_port *in;
	struct ox_upcall_md md;
	struct ox_pkt *p;
	struct ox_run *r;
	enum ox_verdict v;
	__u32 port_no, depth;

	if (!mem)
		return TC_ACT_UNSPEC;
	port_no = rx_port_no(skb);
	in = rx_port(port_no);
	if (!in)
		return TC_ACT_UNSPEC;
	r = interp_first(mem, &depth);
	if (!r)
		return TC_ACT_SHOT;
	p = &r->p;
	pkt_begin(p, port_no);
	if (take_md(skb, &md) && md.port_no == port_no)
		v = rx_resume(skb, p, in, &md);
	else
		v = rx_packet(skb, p, in, tbl_config(), &mem->stats);
	if (v == OX_V_OUTPUT)
		return tc_output(skb, p, 1);
	if (v == OX_V_DROP)
		return TC_ACT_SHOT;
	if (v == OX_V_RUN) {
		interp_enter(skb, r, depth, &tc_jmp);
		return TC_ACT_SHOT;
	}
	interp_blank(r);
	r->verdict = v;
	return tc_finish(skb, r, 1);
}

/* Goes on with the packet that ovsxdp_tc has begun with, in the same place. */
SEC("tc")
int ovsxdp_tc_run(struct __sk_buff *skb)
{
	struct ox_cpu_mem *mem = cpu_mem();
	struct ox_run *r;
	__u32 depth;
	int rc;

	if (!mem)
		return TC_ACT_SHOT;
	r = interp_of(mem);
	if (r->p.state == OX_PKT_BUSY)
		r = interp_nested(&depth);
	if (!r)
		return TC_ACT_SHOT;
	r->p.state = OX_PKT_BUSY;
	interp_set_depth(r->depth);
	interp_run(skb, r);
	rc = tc_finish(skb, r, 1);
	interp_set_depth(r->depth ? r->depth - 1 : 0);
	r->p.state = OX_PKT_USED;
	return rc;
}

/* On the clone device's egress: a branch, or traffic to the local port. */
SEC("tc")
int ovsxdp_clone(struct __sk_buff *skb)
{
	struct ox_cpu *me;
	struct ox_run *r;
	__u32 zero = 0;

	me = bpf_map_lookup_elem(&cpu, &zero);
	if (!me || !me->pending)
		return TC_ACT_UNSPEC;
	me->pending = 0;
	r = interp_at(me->depth);
	if (!r)
		return TC_ACT_SHOT;
	interp_run(skb, r);
	return tc_finish(skb, r, 0);
}
