/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tier_bpf.h - what the XDP tier and the skb tier share: which port a device
 * is, ops in maps, and a packet's way into the interpreter's program.
 */
#ifndef OVSXDP_BPF_TIER_BPF_H
#define OVSXDP_BPF_TIER_BPF_H

#include "bpf/core/interp.h"

/* The port that the packet comes in by, or OX_NONE. */
static __always_inline __u32 rx_port_no(ox_ctx *c)
{
	__u32 ifindex = ctx_ifindex(c), *port_no;
	__u64 hint = READ_ONCE(tbl_config()->rx_hint[ifindex % OX_RX_HINTS]);

	if ((__u32)hint == ifindex)
		return hint >> 32;
	port_no = bpf_map_lookup_elem(&rxports, &ifindex);
	return port_no ? *port_no : OX_NONE;
}

/* NULL: there is no such port, and the packet is none of ours. */
static __always_inline struct ox_port *rx_port(__u32 port_no)
{
	struct ox_port *in = tbl_port(port_no);
	__u32 ifindex;

	if (!in)
		return NULL;
	ifindex = READ_ONCE(in->ifindex);
	return ifindex ? ox_after(in, ifindex) : NULL;
}

/* This CPU's memory. */
static __always_inline struct ox_cpu_mem *cpu_mem(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&dpstats, &zero);
}

/* This tier's half of it. */
static __always_inline struct ox_cpu *cpu_half(struct ox_cpu_mem *mem)
{
#ifdef OX_CTX_XDP
	return (struct ox_cpu *)mem->xdp;
#else
	return (struct ox_cpu *)mem->tc;
#endif
}

static __always_inline struct ox_cpu *cpu_me(void)
{
	struct ox_cpu_mem *mem = cpu_mem();

	if (!mem)
		return NULL;
	/* no compiler may add to the pointer before it was tested: 6.1 */
	barrier_var(mem);
	return cpu_half(mem);
}

static __always_inline struct ox_work *tier_work(void)
{
	struct ox_cpu *me = cpu_me();

	return me ? &me->work : NULL;
}

static __always_inline const struct ox_op *tier_fetch(struct ox_run *r)
{
	return interp_fetch(r);
}

/* ct() is a program of its own: this one has no stack left for it. */
static __always_inline int tier_ct(struct ox_step *s, const struct ox_op *op)
{
	if (s->r->cts >= OX_MAX_CTS)
		return interp_hand_down(s->r);
	s->r->cts++;
	return interp_stop(s->r, OX_V_CT, 0);
}

static __always_inline void tier_tun(struct ox_run *r)
{
	interp_tun_at(r);
}

/* Sets the interpreter's state for r->p, which stands at acts, pc. The reason
 * why it can't, or OX_R_NONE. */
static __always_inline enum ox_reason interp_begin(struct ox_run *r,
						   struct ox_work *w)
{
	__u32 acts = r->p.acts, pc = r->p.pc;
	const struct ox_acts *a = acts_live(acts);

	if (!a)
		return OX_R_BAD_FLOW;
	r->cutlen = OX_NONE;
	r->depth = 0;
	r->err = 0;
	r->away = 0;
	r->used = 0;
	r->cts = 0;
	r->tun_out = OX_NONE;
	r->verdict = OX_V_RUN;
	interp_list(r, acts, a);
	interp_skip(r, pc);
	return work_spend(w, interp_left(r, r->end)) ? OX_R_WORK : OX_R_NONE;
}

/* Into the interpreter's program, which is in jmp. Returns only where it can't
 * be entered. */
static __always_inline void interp_enter(ox_ctx *c, struct ox_run *r,
					 struct ox_work *w, void *jmp)
{
	enum ox_reason why = interp_begin(r, w);

	if (why == OX_R_NONE) {
		bpf_tail_call(c, jmp, OX_JUMP_RUN);
		why = OX_R_BAD_FLOW;
	}
	count_drop(c, &r->p, why);
}

/* A packet from a port that user space should have got. */
static __always_inline void count_lost(__u32 port_no)
{
	struct ox_port_upcalls *u = bpf_map_lookup_elem(&upcalls, &port_no);
	struct ox_dp_stats *s = tbl_dp_stats();

	if (s)
		s->n_lost++;
	if (u)
		u->lost++;
}

/* Generation of the list that p is at, for who goes on with it. */
static __always_inline __u32 acts_gen(const struct ox_pkt *p)
{
	const struct ox_acts *a = p->acts == OX_NONE ? NULL : tbl_acts(p->acts);

	return a ? a->flags >> OX_ACTS_GEN_SHIFT : 0;
}

/* Is that still the list of this generation? */
static __always_inline int acts_are(const struct ox_pkt *p, __u32 gen)
{
	const struct ox_acts *a = acts_live(p->acts);

	return a && a->flags >> OX_ACTS_GEN_SHIFT == gen;
}

#endif /* OVSXDP_BPF_TIER_BPF_H */
