// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * xdp.bpf.c - the XDP tier: a frame's way through the datapath. rx.h decides;
 * xdp_finish() turns the verdict into an XDP action. A list that needs the
 * interpreter is taken on by a program of its own, whose stack is empty.
 */
#include "bpf/tier/ctx_xdp.h"
#include "bpf/tier/tier_ct.h"
#include "bpf/tier/xdp_out.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Counted when the frame is handed over; what a driver drops later shows in
 * the device's own counters. */
static __always_inline int xdp_output(ox_ctx *c, struct ox_pkt *p)
{
	if (bpf_redirect_map(&tx, p->arg, 0) != XDP_REDIRECT) {
		count_tx_dropped(p->arg);
		count_drop(c, p, OX_R_REDIRECT);
		return XDP_DROP;
	}
	count_tx(p->arg, p->len);
	return XDP_REDIRECT;
}

static __always_inline int xdp_output_group(ox_ctx *c, struct ox_pkt *p)
{
	__u32 slot = p->arg;
	void *set = bpf_map_lookup_elem(&groups, &slot);

	if (set && bpf_redirect_map(set, 0, BPF_F_BROADCAST) == XDP_REDIRECT)
		return XDP_REDIRECT;
	count_drop(c, p, OX_R_REDIRECT);
	return XDP_DROP;
}

static __always_inline int xdp_finish(ox_ctx *c, struct ox_pkt *p,
				      enum ox_verdict v)
{
	switch (v) {
	case OX_V_OUTPUT:
		return xdp_output(c, p);
	case OX_V_GROUP:
		return xdp_output_group(c, p);
	case OX_V_USER:
		return xdp_upcall(c, p);
	case OX_V_DOWN:
		return hand_down(c, p);
	case OX_V_PASS:
		return XDP_PASS;
	case OX_V_DROP:
	case OX_V_RUN:
	case OX_V_LOOKUP:
	case OX_V_CT:
	case OX_V_TUNNEL:
		break;
	}
	return XDP_DROP;
}

SEC("xdp.frags")
int ovsxdp_rx(struct xdp_md *ctx)
{
	struct ox_cpu_mem *mem = cpu_mem();
	struct ox_port *in;
	struct ox_cpu *me;
	struct ox_pkt *p;
	enum ox_verdict v;
	__u32 port_no;

	if (!mem)
		return XDP_PASS;
	port_no = rx_port_no(ctx);
	in = rx_port(port_no);
	if (!in)
		return XDP_PASS;
	me = cpu_half(mem);
	p = &me->first.p;
	if (p->state != OX_PKT_CLEAN)
		pkt_clean(p);
	pkt_begin(p, port_no);
	v = rx_packet(ctx, p, in, tbl_config(), &mem->stats);
	if (v != OX_V_RUN)
		return xdp_finish(ctx, p, v);
	me->work = (struct ox_work){ 0 };
	interp_enter(ctx, &me->first, &me->work, &xdp_jmp);
	return XDP_DROP;
}

/* Goes on with the packet that ovsxdp_rx has begun with, or ovsxdp_xdp_ct. */
SEC("xdp.frags")
int ovsxdp_xdp_run(struct xdp_md *ctx)
{
	struct ox_cpu *me = cpu_me();
	struct ox_run *r;
	int rc;

	if (!me)
		return XDP_DROP;
	r = &me->first;
	if (r->verdict == OX_V_RUN)
		interp_run(ctx, r);
	if (r->verdict == OX_V_CT) {
		bpf_tail_call(ctx, &xdp_jmp, OX_JUMP_CT);
		interp_hand_down(r);
	}
	/* the tier that goes on counts what is left of the list */
	work_move(&me->work, interp_left(r, r->end));
	r->p.work = OX_MD_WORK(me->work.ops);
	r->p.deferred = me->work.deferred;
	rc = xdp_finish(ctx, &r->p, r->verdict);
	r->p.work = 0;
	r->p.deferred = 0;
	return rc;
}

/* A CT of the list that ovsxdp_xdp_run is in, which goes on. */
SEC("xdp.frags")
int ovsxdp_xdp_ct(struct xdp_md *ctx)
{
	struct ox_cpu *me = cpu_me();
	struct ox_ct_mem *m = ct_here();

	if (!me || !m)
		return XDP_DROP;
	ct_op(ctx, &me->first, &m->work);
	bpf_tail_call(ctx, &xdp_jmp, OX_JUMP_RUN);
	return XDP_DROP;
}

/*
 * Attached nowhere: user space has packets of its own meet a meter by
 * BPF_PROG_TEST_RUN, so that there is one token bucket and one lock. After an
 * Ethernet header's length are the meter's id and the packet's length.
 */
SEC("xdp")
int ovsxdp_meter(struct xdp_md *ctx)
{
	struct {
		__u32 id;
		__u32 len;
	} m;

	if (ctx_load(ctx, OX_ETH_LEN, &m, sizeof(m)))
		return XDP_ABORTED;
	return ox_meter_run(m.id, m.len) ? XDP_DROP : XDP_PASS;
}
