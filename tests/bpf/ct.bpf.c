// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct.bpf.c - connection tracking as a program, for tests and measurements: a
 * frame meets ct(), entries are swept, and one step is run by itself. It is on
 * no device.
 */
#include "bpf/tier/ctx_xdp.h"
#include "tests/bpf/ct_packet.h"

char _license[] SEC("license") = "Dual BSD/GPL";

/* A frame meets in.act; its key before that is in.key, if ct_state is set. */
SEC("xdp")
int ct_packet(struct xdp_md *c)
{
	return packet(c) ? XDP_DROP : XDP_PASS;
}

static long sweep_step(__u32 i, void *arg)
{
	__u32 *now = arg;

	out.swept += ox_ct_sweep_one(i, *now);
	return 0;
}

/* All entries, in.later from now. */
SEC("xdp")
int ct_sweep(struct xdp_md *c)
{
	__u32 now = ct_now() + in.later;

	out.swept = 0;
	ox_loop(tbl_ct_conf()->max, sweep_step, &now);
	return XDP_PASS;
}

/* ---- one step by itself ---- */

/* Connection i of in.n_conns, a segment of its end "from_b". */
static __always_inline void make(struct ox_ct_run *r, __u32 i)
{
	struct ox_ct_pkt *p = &r->p;

	p->t.w[0] = 0x0000000a + ((i >> 6) << 8);
	p->t.w[1] = 0;
	p->t.w[2] = 0x01000014 | 1ull << 31;
	p->t.w[3] = 0;
	p->t.pa = 1000 + (i & 63);
	p->t.pb = 80;
	p->t.proto = in.udp ? OX_IP_UDP : OX_IP_TCP;
	p->t.l3 = OX_CT_L3_IPV4;
	p->t.zone = 5;
	p->kind = OX_CT_PLAIN;
	p->from_b = 0;
	p->starts = 1;
	p->len = 100;
	p->tcp.seq = 1000;
	p->tcp.end = 1060;
	p->tcp.ack = 2000;
	p->tcp.sack = 2000;
	p->tcp.win = 500;
	p->tcp.flags = OX_TH_ACK;
	p->tcp.index = OX_CT_TCP_ACK;
	p->tcp.wscale = 0;
	p->tcp.options = 0;
	p->tcp.has_options = 0;
	r->now = ct_now();
	r->tp = 0;
}

/* A number below in.n_conns, a power of two: as random as the next miss. With
 * in.own no other CPU has it. */
static __always_inline __u32 pick(void)
{
	__u32 i = ct_prandom() & (in.n_conns - 1);

	return in.own ? (i & ~1u) | (bpf_get_smp_processor_id() & 1) : i;
}

SEC("xdp")
int ct_empty(struct xdp_md *c)
{
	struct work *w = work_here();

	if (!w)
		return XDP_ABORTED;
	make(&w->r, pick());
	return XDP_PASS;
}

SEC("xdp")
int ct_established(struct xdp_md *c)
{
	struct work *w = work_here();

	if (!w)
		return XDP_ABORTED;
	make(&w->r, pick());
	ox_ct_in(&w->r);
	return w->r.idx == OX_CT_NONE ? XDP_DROP : XDP_PASS;
}

/* The same by ct() with in.act's NAT: what is to be done to the packet, too. */
SEC("xdp")
int ct_established_nat(struct xdp_md *c)
{
	struct work *w = work_here();

	if (!w)
		return XDP_ABORTED;
	make(&w->r, pick());
	w->p.key.ct_state = 0;
	ct_execute(&w->r, &w->p.key, &in.act);
	return w->r.edit.what ? XDP_PASS : XDP_DROP;
}

/* One after the other. */
static __always_inline int commit_one(int nat)
{
	struct work *w = work_here();
	__u32 i = __sync_fetch_and_add(&out.next, 1);

	if (!w)
		return XDP_ABORTED;
	make(&w->r, i / in.repeat);
	ox_ct_in(&w->r);
	if (!w->r.made) {
		__sync_fetch_and_add(&out.found, 1);
		return XDP_PASS;
	}
	if (nat)
		ct_nat_setup(&w->r, &in.act);
	switch (ox_ct_commit(&w->r)) {
	case OX_CT_COMMITTED:
		__sync_fetch_and_add(&out.made, 1);
		return XDP_PASS;
	case OX_CT_CLASHED:
		__sync_fetch_and_add(&out.clashed, 1);
		return XDP_PASS;
	default:
		__sync_fetch_and_add(&out.failed, 1);
		return XDP_DROP;
	}
}

SEC("xdp")
int ct_commit(struct xdp_md *c)
{
	return commit_one(0);
}

SEC("xdp")
int ct_commit_nat(struct xdp_md *c)
{
	return commit_one(1);
}

/* A load of the entry alone, which waits for its memory. */
SEC("xdp")
int ct_load_one(struct xdp_md *c)
{
	struct work *w = work_here();
	const struct ox_ct *e;
	__u32 i = pick();

	if (!w)
		return XDP_ABORTED;
	make(&w->r, i);
	e = tbl_ct(i);
	return e && READ_ONCE(e->expires) == 1 ? XDP_DROP : XDP_PASS;
}

/* Two, the second of which has to wait for the first. */
SEC("xdp")
int ct_load_two(struct xdp_md *c)
{
	struct work *w = work_here();
	const struct ox_ct *e;
	__u32 i = pick(), j = pick(), none;

	if (!w)
		return XDP_ABORTED;
	make(&w->r, i);
	e = tbl_ct(i);
	if (!e)
		return XDP_DROP;
	none = READ_ONCE(e->expires);
	asm volatile("%0 &= 0" : "+r"(none));
	e = tbl_ct(j + none);
	return e && READ_ONCE(e->expires) == 1 ? XDP_DROP : XDP_PASS;
}
