/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_exp.h - expectations: connections that a helper has announced
 * (nf_conntrack_expect.c), and when a packet has to meet a helper, which runs
 * in user space. A packet of a connection that is there looks for none, and a
 * new one reads one field of its zone where there are none.
 */
#ifndef OVSXDP_BPF_CT_EXP_H
#define OVSXDP_BPF_CT_EXP_H

#include "bpf/core/ct_event.h"
#include "bpf/core/ct_exp_key.h"
#include "bpf/core/ct_nat.h"

/* ---- does it need the user tier? ---- */

/* Has the packet something for a helper? */
static __always_inline int ct_payload(const struct ox_ct_pkt *p)
{
	__u32 len = p->tcp.end - p->tcp.seq;

	if (p->kind != OX_CT_PLAIN)
		return 0;
	if (p->t.proto != OX_IP_TCP)
		return 1;
	len -= !!(p->tcp.flags & OX_TH_SYN) + !!(p->tcp.flags & OX_TH_FIN);
	return len > 0;
}

/* nf_ct_seq_offset() */
static __always_inline __u32 ct_seq_offset(const struct ox_ct_alg *a, __u32 dir,
					   __u32 seq)
{
	const struct ox_ct_adj *j = &a->adj[dir & 1][a->adj_cur[dir & 1] & 1];

	return (__s32)(j->pos - seq) < 0 ? j->after : j->before;
}

/*
 * A packet of a connection with a helper (r->alg): 1 if it has to go down to
 * the user tier. There, what it acknowledges becomes what its peer has sent, as
 * tcp_in_window() does.
 */
__noinline int ox_ct_alg(struct ox_ct_run *r)
{
	const struct ox_ct_alg *a;
	const struct ox_ct *e;
	__u32 off, dir;

	if (!r)
		return 0;
	if (!(r->p.user & OX_CT_USER))
		return (r->alg & OX_IPS_SEQ_ADJUST) || ct_payload(&r->p);
	if (!(r->alg & OX_IPS_SEQ_ADJUST) || r->p.t.proto != OX_IP_TCP ||
	    (r->p.user & OX_CT_ADJUSTED))
		return 0;
	e = tbl_ct(r->idx);
	a = e ? tbl_ct_alg(e->alg) : NULL;
	if (!a || a->owner != r->idx || a->owner_gen != r->gen)
		return 0;
	dir = !r->dir;
	off = ct_seq_offset(a, dir, r->p.tcp.ack - 1);
	r->p.tcp.ack -= off;
	r->p.tcp.sack -= off;
	r->p.user |= OX_CT_ADJUSTED;
	return 0;
}

/* ---- expectations ---- */

/* Is there any in the packet's zone? */
static __always_inline int ct_zone_expects(const struct ox_ct_run *r)
{
	const struct ox_ct_zone *z = tbl_ct_zone(r->p.t.zone);

	return z && READ_ONCE(z->n_exp);
}

/* Its master, if that is still there. */
static __always_inline const struct ox_ct *
ct_exp_master(const struct ox_ct_exp *x, __u32 now)
{
	const struct ox_ct *e = tbl_ct(x->master);
	const struct ox_ct_zone *z = tbl_ct_zone(x->zone);

	if (!e || !z || e->gen != x->master_gen ||
	    !ct_alive(e, now, OX_CT_ZONE_GEN(READ_ONCE(z->word))))
		return NULL;
	return e;
}

/* Is it one for the packet whose ends are in r->edit? */
static __always_inline int ct_exp_meets(const struct ox_ct_exp *x,
					const struct ox_ct_run *r)
{
	const struct ox_ct_nat_edit *n = &r->edit;

	return (READ_ONCE(x->word) & OX_CT_EXP_LIVE) && x->dport == n->dport &&
	       x->dst[0] == n->dst[0] && x->dst[1] == n->dst[1] &&
	       x->zone == r->p.t.zone && x->proto == r->p.t.proto &&
	       x->l3 == r->p.t.l3 && !((x->sport ^ n->sport) & x->sport_mask) &&
	       !((x->src[0] ^ n->src[0]) & x->src_mask[0]) &&
	       !((x->src[1] ^ n->src[1]) & x->src_mask[1]) &&
	       !(x->flags & OX_CT_EXP_INACTIVE) &&
	       (__s32)(x->expires - r->now) > 0 && ct_exp_master(x, r->now);
}

/* nf_ct_expect_event_report(): the one in r->x is over. */
__noinline int ox_ct_tell_taken(struct ox_ct_run *r, __u32 at)
{
	struct ox_ct_event *ev;
	const struct ox_ct *m;

	if (!r)
		return 0;
	m = tbl_ct(r->x.master);
	if (!m || !(m->eventmask & OX_CT_EV_TELLS))
		return 0;
	ev = tbl_ct_event();
	if (!ev) {
		ct_count(OX_CT_S_EVENT_LOST);
		return -1;
	}
	ct_event_head(ev, OX_CT_EV_EXP_TAKEN, at, 0);
	ct_event_copy(ev, &r->x, sizeof(r->x));
	tbl_ct_event_send(ev);
	return 0;
}

/* Takes it out of the table, if the packet commits: one of two packets does. */
static __always_inline int ct_exp_use(struct ox_ct_exp *x, struct ox_ct_run *r)
{
	__u32 word = READ_ONCE(x->word);

	if (!(word & OX_CT_EXP_LIVE))
		return 0;
	r->x = *x;
	asm volatile("" ::: "memory");
	if (!ct_exp_meets(&r->x, r) || READ_ONCE(x->word) != word)
		return 0;
	if (!r->commit)
		return 1;
	if (!(r->x.flags & OX_CT_EXP_PERMANENT) &&
	    ct_cas(&x->word, word, OX_CT_EXP_NEXT(word)) != word)
		return 0;
	ct_count(OX_CT_S_EXPECTED);
	return 1;
}

/*
 * nf_ct_find_expectation(), and without commit __nf_ct_expect_find(): r->exp,
 * with a copy in r->x. 1: there is one.
 */
__noinline int ox_ct_expect(struct ox_ct_run *r)
{
	const struct ox_ct_exp *x;
	struct ox_ct_exp *mine;
	__u32 i, home, at = 0;

	if (!r)
		return 0;
	r->exp = 0;
	if (ct_proto_is_icmp(r->p.t.proto))
		return 0;
	ct_nat_ends(&r->edit, &r->p.t, r->p.from_b);
	home = ct_exp_home(r->edit.dst, r->edit.dport, &r->p.t,
			   tbl_ct_conf()->seed);
	OX_ROLLED
	for (i = 0; i < OX_CT_EXP_PROBES && !at; i++) {
		x = tbl_ct_exp(home + i);
		if (!x)
			break;
		if (ct_exp_meets(x, r))
			at = ((home + i) & (OX_CT_EXPS - 1)) + 1;
	}
	mine = at ? tbl_ct_exp(at - 1) : NULL;
	if (!mine || !ct_exp_use(mine, r))
		return 0;
	if (r->commit && !(r->x.flags & OX_CT_EXP_PERMANENT) &&
	    (tbl_ct_conf()->flags & OX_CT_CONF_LISTEN))
		ox_ct_tell_taken(r, at - 1);
	r->exp = at;
	return 1;
}

/* init_conntrack() of one that was expected: r->fresh is its master's child. */
static __always_inline void ct_exp_child(struct ox_ct_run *r)
{
	const struct ox_ct *m = tbl_ct(r->x.master);
	struct ox_ct *e = &r->fresh;

	if (!m)
		return;
	e->status |= OX_IPS_EXPECTED;
	e->mark = m->mark;
	((__u64 *)e->labels)[0] = ((const __u64 *)m->labels)[0];
	((__u64 *)e->labels)[1] = ((const __u64 *)m->labels)[1];
	ct_nat_ends(&r->edit, &m->orig, m->init_b);
	e->master_src[0] = r->edit.src[0];
	e->master_src[1] = r->edit.src[1];
	e->master_dst[0] = r->edit.dst[0];
	e->master_dst[1] = r->edit.dst[1];
	e->master_sport = r->edit.sport;
	e->master_dport = r->edit.dport;
	e->master_proto = m->orig.proto;
	r->info = OX_CT_I_RELATED;
}

static __always_inline void ct_exp_bind(struct ox_ct_run *r, const __be64 *to,
					__u32 dst)
{
	struct ox_ct_act *a = &r->bind;
	__u64 *min = (__u64 *)a->nat_min, *max = (__u64 *)a->nat_max;

	a->flags = OX_CT_F_NAT_ADDR | (dst ? OX_CT_F_NAT_PORT : 0);
	min[0] = max[0] = to[0];
	min[1] = max[1] = to[1];
	a->port_min = a->port_max = r->x.saved_port;
	ox_ct_nat_bind(r, a, a->flags, dst);
}

/* nf_nat_follow_master(): the NAT of the new connection in r->fresh. */
static __always_inline void ct_exp_follow(struct ox_ct_run *r)
{
	ct_nat_begin(r);
	ct_exp_bind(r, r->x.nat_src, 0);
	ct_exp_bind(r, r->x.nat_dst, 1);
}

#endif /* OVSXDP_BPF_CT_EXP_H */
