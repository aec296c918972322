/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_key.h - the actions ct() and ct_clear: what connection tracking does to a
 * packet's key, and when a packet isn't tracked again. As
 * net/openvswitch/conntrack.c, whose names are in the comments.
 */
#ifndef OVSXDP_BPF_CT_KEY_H
#define OVSXDP_BPF_CT_KEY_H

#include "bpf/core/ct.h"
#include "bpf/core/pkt.h"
#include "ovsxdp/abi.h"

/* ox_key.ct_state: OVS_CS_F_*, with their values. */
#define OX_CS_NEW	  0x01
#define OX_CS_ESTABLISHED 0x02
#define OX_CS_RELATED	  0x04
#define OX_CS_REPLY	  0x08
#define OX_CS_INVALID	  0x10
#define OX_CS_TRACKED	  0x20
#define OX_CS_SRC_NAT	  0x40
#define OX_CS_DST_NAT	  0x80
#define OX_CS_NAT	  (OX_CS_SRC_NAT | OX_CS_DST_NAT)

/* ovs_ct_fill_key() of a packet without a connection; ct_clear. */
static __always_inline void ct_key_clear(struct ox_key *k)
{
	k->w[11] = 0;
	k->w[16] = 0;
	k->w[17] = 0;
	k->w[18] = 0;
	k->w[19] = 0;
	k->w[20] = 0;
	k->w[21] = 0;
	k->w[22] = 0;
}

/* ovs_ct_get_state(), and what ovs_ct_update_key() adds to it. */
static __always_inline __u8 ct_key_state(const struct ox_ct_run *r,
					 const struct ox_ct *e)
{
	__u8 state = OX_CS_TRACKED;

	if (r->info == OX_CT_I_NONE)
		return state | OX_CS_INVALID;
	if (r->dir == OX_CT_REPLY)
		state |= OX_CS_REPLY;
	if (r->info == OX_CT_I_ESTABLISHED)
		state |= OX_CS_ESTABLISHED;
	else if (r->info == OX_CT_I_RELATED)
		state |= OX_CS_RELATED;
	else
		state |= OX_CS_NEW;
	/* related for as long as it lives */
	return state | (e->master != OX_CT_NONE ? OX_CS_RELATED : 0);
}

/* Neighbour discovery has no tuple: its words of the key are in use. */
static __always_inline int ct_key_is_nd(const struct ox_key *k)
{
	return k->ip_proto == OX_IP_ICMPV6 && !k->tp_dst &&
	       (k->tp_src == ox_be16(135) || k->tp_src == ox_be16(136));
}

/* __ovs_ct_update_key_orig_tp(): the tuple of the direction that began. Not if
 * the versions of IP differ. */
static __always_inline void ct_key_orig(struct ox_key *k, const struct ox_ct *e)
{
	const struct ox_ct_tuple *t = &e->orig;
	int v6 = k->eth_type == ox_be16(OX_P_IPV6);
	const __be64 *src = t->a, *dst = t->b;
	__be16 sport = t->pa, dport = t->pb;

	if (v6 != !!(t->l3 & OX_CT_L3_IPV6) || ct_key_is_nd(k))
		return;
	if (e->init_b) {
		src = t->b;
		dst = t->a;
		sport = t->pb;
		dport = t->pa;
	}
	k->w[18] = src[0];
	k->w[19] = src[1];
	k->w[20] = dst[0];
	k->w[21] = dst[1];
	if (t->proto == (v6 ? OX_IP_ICMPV6 : OX_IP_ICMP)) {
		sport = ox_be16(t->pb >> 8);
		dport = ox_be16(t->pb & 0xff);
	}
	k->ct_orig_sport = sport;
	k->ct_orig_dport = dport;
	k->ct_orig_proto = t->proto;
}

/* ovs_ct_update_key() after nf_conntrack_in(). */
static __always_inline void ct_key_update(struct ox_key *k,
					  const struct ox_ct_run *r)
{
	const struct ox_ct *e = r->made ? &r->fresh : tbl_ct(r->idx);
	int tracked = r->info != OX_CT_I_NONE && e;

	ct_key_clear(k);
	k->ct_zone = r->p.t.zone;
	k->ct_state = OX_CS_TRACKED | OX_CS_INVALID;
	if (!tracked)
		return;
	k->ct_state = ct_key_state(r, e);
	k->ct_mark = e->mark;
	k->w[16] = ((const __u64 *)e->labels)[0];
	k->w[17] = ((const __u64 *)e->labels)[1];
	ct_key_orig(k, e);
}

/*
 * skb_nfct_cached(): is the packet tracked in this zone already, so that it
 * isn't again? Then r tells its connection, whose state doesn't change. A
 * connection that runs in the other direction ends here if the action says so.
 */
static __always_inline int ct_cached(struct ox_ct_run *r,
				     const struct ox_key *k,
				     const struct ox_ct_act *a)
{
	int executed = (k->ct_state & OX_CS_TRACKED) &&
		       !(k->ct_state & OX_CS_INVALID) && k->ct_zone == a->zone;
	const struct ox_ct *e;

	if (!executed && (k->ct_state || !(a->flags & OX_CT_F_FORCE)))
		return 0;
	if (r->p.kind != OX_CT_PLAIN)
		return 0;
	if (!ct_find(r))
		return 0;
	e = tbl_ct(r->idx);
	if (!e || (a->tp && e->tp != a->tp))
		return 0;
	r->info = ct_info(e, r->dir);
	if ((a->flags & OX_CT_F_FORCE) && r->dir != OX_CT_ORIGINAL) {
		if (!ox_ct_kill(r->idx, r->gen))
			ct_count(OX_CT_S_DELETE);
		return 0;
	}
	return executed;
}

static __always_inline void ct_set_labels(struct ox_ct *e,
					  const struct ox_ct_act *a)
{
	__u64 *l = (__u64 *)e->labels;
	const __u64 *v = (const __u64 *)a->labels;
	const __u64 *m = (const __u64 *)a->labels_mask;

	l[0] = (l[0] & ~m[0]) | v[0];
	l[1] = (l[1] & ~m[1]) | v[1];
}

/* ovs_ct_set_mark() and ovs_ct_set_labels(). */
static __always_inline void ct_set(struct ox_ct *e, const struct ox_ct_act *a)
{
	if (a->mark_mask)
		e->mark = (e->mark & ~a->mark_mask) | a->mark;
	if (a->flags & OX_CT_F_LABELS)
		ct_set_labels(e, a);
}

/* Of a connection that is in the table already. */
static __always_inline void ct_set_locked(struct ox_ct_run *r,
					  const struct ox_ct_act *a)
{
	struct ox_ct *e = tbl_ct(r->idx);
	struct ox_ct_bucket *b;

	if (!e || (!a->mark_mask && !(a->flags & OX_CT_F_LABELS)))
		return;
	b = tbl_ct_bucket(ct_home(ct_hash(&e->orig)));
	if (!b)
		return;
	ct_lock(b);
	if (e->gen == r->gen && e->life == OX_CT_LIVE)
		ct_set(e, a);
	ct_unlock(b);
}

/* What a commit has set, in the key. */
static __always_inline void ct_key_set(struct ox_key *k, const struct ox_ct *e,
				       const struct ox_ct_act *a)
{
	if (a->mark_mask)
		k->ct_mark = e->mark;
	if (a->flags & OX_CT_F_LABELS) {
		k->w[16] = ((const __u64 *)e->labels)[0];
		k->w[17] = ((const __u64 *)e->labels)[1];
	}
}

/* errnos of ct(), which drop the packet */
#define OX_CT_ENOENT 2
#define OX_CT_ENOMEM 12
#define OX_CT_EINVAL 22

/* ovs_ct_commit(), after the lookup. 0 or an errno. */
__noinline int ox_ct_act_commit(struct ox_ct_run *r, struct ox_key *k,
				const struct ox_ct_act *a)
{
	const struct ox_ct *e;

	if (!r || !k || !a || r->info == OX_CT_I_NONE)
		return 0;
	if (!r->made) {
		ct_set_locked(r, a);
		e = tbl_ct(r->idx);
		if (e)
			ct_key_set(k, e, a);
		return 0;
	}
	ct_set(&r->fresh, a);
	ct_key_set(k, &r->fresh, a);
	if (a->flags & OX_CT_F_EVENTMASK)
		r->fresh.eventmask = a->eventmask;
	switch (ox_ct_commit(r)) {
	case OX_CT_COMMITTED:
		return 0;
	case OX_CT_TOO_MANY:
		return OX_CT_ENOMEM;
	case OX_CT_NO_ROOM:
		return OX_CT_ENOENT;
	default:
		return OX_CT_EINVAL;
	}
}

/*
 * ovs_ct_execute() without NAT, helpers and fragments: the packet in r->p, in
 * the action's zone, meets the action, and *k says what came of it. Returns 0
 * or an errno, with which the module drops the packet.
 */
__noinline int ox_ct_execute(struct ox_ct_run *r, struct ox_key *k,
			     const struct ox_ct_act *a)
{
	int err = 0;

	if (!r || !k || !a)
		return OX_CT_EINVAL;
	r->tp = a->tp;
	r->made = 0;
	r->over = 0;
	if (!ct_cached(r, k, a)) {
		if (ox_ct_in(r))
			return OX_CT_ENOENT;
		ct_key_update(k, r);
	}
	if (a->flags & OX_CT_F_COMMIT)
		err = ox_ct_act_commit(r, k, a);
	ct_over(r);
	return err;
}

#endif /* OVSXDP_BPF_CT_KEY_H */
