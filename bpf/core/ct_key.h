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
	if (r->made)
		state |= OX_CS_NEW;
	/* related for as long as it lives */
	return state | (e->status & OX_IPS_EXPECTED ? OX_CS_RELATED : 0);
}

/* Neighbour discovery has no tuple: its words of the key are in use. */
static __always_inline int ct_key_is_nd(const struct ox_key *k)
{
	return k->ip_proto == OX_IP_ICMPV6 && !k->tp_dst &&
	       (k->tp_src == ox_be16(135) || k->tp_src == ox_be16(136));
}

/* The same, of the connection that had expected e. */
static __always_inline void ct_key_master(struct ox_key *k,
					  const struct ox_ct *e)
{
	k->w[18] = e->master_src[0];
	k->w[19] = e->master_src[1];
	k->w[20] = e->master_dst[0];
	k->w[21] = e->master_dst[1];
	k->ct_orig_sport = e->master_sport;
	k->ct_orig_dport = e->master_dport;
	k->ct_orig_proto = e->master_proto;
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
	if (e->status & OX_IPS_EXPECTED) {
		ct_key_master(k, e);
		return;
	}
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

	key_ct_clear(k);
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

/* ovs_ct_lookup() where an expectation is met: the key shows its master. */
__noinline int ox_ct_key_expected(struct ox_ct_run *r, struct ox_key *k)
{
	const struct ox_ct *e;

	if (!r || !k)
		return 0;
	key_ct_clear(k);
	k->ct_zone = r->p.t.zone;
	k->ct_state = OX_CS_TRACKED | OX_CS_NEW | OX_CS_RELATED;
	e = tbl_ct(r->x.master);
	if (!e || READ_ONCE(e->gen) != r->x.master_gen)
		return 0;
	k->ct_mark = e->mark;
	k->w[16] = ((const __u64 *)e->labels)[0];
	k->w[17] = ((const __u64 *)e->labels)[1];
	ct_key_orig(k, e);
	return 0;
}

/*
 * skb_nfct_cached(): is the packet tracked in this zone already, so that it
 * isn't again? Then r tells its connection, whose state doesn't change. A
 * connection that runs in the other direction ends here if the action says so.
 */
__noinline int ox_ct_cached(struct ox_ct_run *r, const struct ox_key *k,
			    const struct ox_ct_act *a, __u32 executed)
{
	const struct ox_ct *e;
	int found, natted;

	if (!r || !k || !a)
		return 0;
	if (r->p.kind != OX_CT_PLAIN && (r->p.kind == OX_CT_BAD || !executed))
		return 0;
	/* a translated packet has the ends of the other direction */
	natted = !!(k->ct_state & OX_CS_NAT);
	r->p.from_b ^= natted;
	found = ct_find(r);
	r->p.from_b ^= natted;
	if (!found)
		return 0;
	r->dir ^= natted;
	e = tbl_ct(r->idx);
	if (!e || (a->tp && e->tp != a->tp))
		return 0;
	r->info = r->p.kind == OX_CT_ERRMSG ? OX_CT_I_RELATED
					    : ct_info(e->status, r->dir);
	if ((a->flags & OX_CT_F_FORCE) && r->dir != OX_CT_ORIGINAL) {
		if (!ox_ct_kill(r->idx, r->gen, 0))
			ct_count(OX_CT_S_DELETE);
		return 0;
	}
	return executed;
}

static __always_inline int ct_cached(struct ox_ct_run *r,
				     const struct ox_key *k,
				     const struct ox_ct_act *a)
{
	int executed = (k->ct_state & OX_CS_TRACKED) &&
		       !(k->ct_state & OX_CS_INVALID) && k->ct_zone == a->zone;

	if (!executed && (k->ct_state || !(a->flags & OX_CT_F_FORCE)))
		return 0;
	return ox_ct_cached(r, k, a, executed);
}

/* nf_connlabels_replace(): 1 if that changes something. */
static __always_inline int ct_set_labels(struct ox_ct *e,
					 const struct ox_ct_act *a)
{
	__u64 *l = (__u64 *)e->labels;
	const __u64 *v = (const __u64 *)a->labels;
	const __u64 *m = (const __u64 *)a->labels_mask;
	__u64 l0 = (l[0] & ~m[0]) | v[0], l1 = (l[1] & ~m[1]) | v[1];
	int changed = l[0] != l0 || l[1] != l1;

	l[0] = l0;
	l[1] = l1;
	return changed;
}

/* ovs_ct_set_mark() and ovs_ct_set_labels(). Returns OX_CT_EV_*. */
static __always_inline __u16 ct_set(struct ox_ct *e, const struct ox_ct_act *a)
{
	__u32 mark = e->mark;
	__u16 what = 0;

	if (a->mark_mask)
		mark = (mark & ~a->mark_mask) | a->mark;
	if (mark != e->mark)
		what |= OX_CT_EV_MARK;
	e->mark = mark;
	if ((a->flags & OX_CT_F_LABELS) && ct_set_labels(e, a))
		what |= OX_CT_EV_LABEL;
	return what;
}

/* The mask of an action; one that doesn't tell gets none. */
static __always_inline void ct_set_eventmask(struct ox_ct *e,
					     const struct ox_ct_act *a)
{
	if ((a->flags & OX_CT_F_EVENTMASK) && (e->eventmask & OX_CT_EV_TELLS))
		e->eventmask = OX_CT_EV_TELLS | (__u16)a->eventmask;
}

/* Of a connection that is in the table already. What its packets have changed
 * is told now. */
__noinline int ox_ct_set_known(struct ox_ct_run *r, const struct ox_ct_act *a)
{
	struct ox_ct_bucket *b;
	struct ox_ct *e;
	__u16 what = 0;

	if (!r || !a)
		return 0;
	e = tbl_ct(r->idx);
	b = e ? tbl_ct_bucket(ct_home(ct_hash(&e->orig))) : NULL;
	if (!b)
		return 0;
	ct_lock(b);
	if (e->gen == r->gen && e->life == OX_CT_LIVE) {
		ct_set_eventmask(e, a);
		what = ct_set(e, a) | e->events;
		if (e->events)
			e->events = 0;
	}
	ct_unlock(b);
	/* of one that this packet ends, nothing but that is told */
	if (!r->over && ct_event_heard(e, tbl_ct_conf(), what))
		ox_ct_tell(r->idx, what, 0);
	return 0;
}

/* Does the action change something of it, or have something told? */
static __always_inline int ct_sets(const struct ox_ct_act *a)
{
	return a->mark_mask ||
	       (a->flags & (OX_CT_F_LABELS | OX_CT_F_EVENTMASK)) ||
	       (tbl_ct_conf()->flags & OX_CT_CONF_LISTEN);
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
static __always_inline int ct_act_commit(struct ox_ct_run *r, struct ox_key *k,
					 const struct ox_ct_act *a)
{
	const struct ox_ct *e;

	if (r->info == OX_CT_I_NONE)
		return 0;
	if (!r->made) {
		if (ct_sets(a))
			ox_ct_set_known(r, a);
		e = tbl_ct(r->idx);
		if (e)
			ct_key_set(k, e, a);
		return 0;
	}
	ct_set(&r->fresh, a);
	if ((a->flags & OX_CT_F_LABELS) || (r->fresh.status & OX_IPS_EXPECTED))
		ct_event_note(&r->fresh, tbl_ct_conf(), OX_CT_EV_LABEL);
	ct_key_set(k, &r->fresh, a);
	if (a->helper) {
		r->fresh.helper = a->helper;
		r->fresh.status |= OX_IPS_HELPER;
	}
	ct_set_eventmask(&r->fresh, a);
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

/* Is it a redirect? nf_nat_icmp_reply_translation() lets none pass by NAT. */
static __always_inline int ct_nat_redirect(const struct ox_ct_run *r,
					   const struct ox_key *k, __u32 status)
{
	return r->p.kind == OX_CT_ERRMSG && k->ip_proto == OX_IP_ICMP &&
	       k->tp_src == ox_be16(5) &&
	       ((status & OX_IPS_NAT) || !(status & OX_IPS_SRC_NAT_DONE) ||
		!(status & OX_IPS_DST_NAT_DONE));
}

/* ovs_ct_nat(): which ends of the packet NAT looks at, OX_CS_NAT. */
static __always_inline __u32 ct_nat_sides(const struct ox_ct_run *r,
					  const struct ox_ct_act *a,
					  __u32 status)
{
	int src, reply = r->dir == OX_CT_REPLY;

	if (r->info != OX_CT_I_NEW && (status & OX_IPS_NAT) &&
	    (r->info != OX_CT_I_RELATED || reply ||
	     (a->flags & OX_CT_F_COMMIT)))
		src = !!(status & OX_IPS_SRC_NAT) != reply;
	else if (a->flags & (OX_CT_F_SNAT | OX_CT_F_DNAT))
		src = !!(a->flags & OX_CT_F_SNAT);
	else
		return 0;
	if ((status & OX_IPS_NAT) == OX_IPS_NAT)
		return OX_CS_NAT;
	if ((status & OX_IPS_DST_NAT) && !reply)
		return OX_CS_SRC_NAT | (src ? 0 : OX_CS_DST_NAT);
	return src ? OX_CS_SRC_NAT : OX_CS_DST_NAT;
}

/* Of these, the ones that are translated: OX_CT_EDIT_*. */
static __always_inline __u8 ct_nat_what(const struct ox_ct_run *r, __u32 sides,
					__u32 status)
{
	int reply = r->dir == OX_CT_REPLY;
	__u8 what = 0;

	if ((sides & OX_CS_SRC_NAT) &&
	    (status & (reply ? OX_IPS_DST_NAT : OX_IPS_SRC_NAT)))
		what |= OX_CT_EDIT_SRC;
	if ((sides & OX_CS_DST_NAT) &&
	    (status & (reply ? OX_IPS_SRC_NAT : OX_IPS_DST_NAT)))
		what |= OX_CT_EDIT_DST;
	if (what && r->p.kind == OX_CT_ERRMSG)
		what |= OX_CT_EDIT_ERROR;
	return what;
}

/*
 * ovs_ct_nat() on a packet of a connection in the table: the key gets its bits
 * of NAT, and r->edit says what is to be done to the packet. 0 or an errno.
 */
__noinline int ox_ct_nat(struct ox_ct_run *r, struct ox_key *k,
			 const struct ox_ct_act *a)
{
	const struct ox_ct *e;
	__u32 status, sides;
	__u8 what;

	if (!r || !k || !a)
		return OX_CT_EINVAL;
	e = tbl_ct(r->idx);
	if (!e)
		return OX_CT_EINVAL;
	status = e->status;
	sides = ct_nat_sides(r, a, status);
	if (!sides)
		return 0;
	if (ct_nat_redirect(r, k, status))
		return OX_CT_EINVAL;
	what = ct_nat_what(r, sides, status);
	if (r->dir == OX_CT_REPLY)
		ct_nat_ends(&r->edit, &e->orig, !e->init_b);
	else
		ct_nat_ends(&r->edit, &e->reply, !e->reply_b);
	r->edit.proto = e->orig.proto;
	/* another connection may have its place by now */
	if (READ_ONCE(e->gen) != r->gen || e->life != OX_CT_LIVE)
		return OX_CT_EINVAL;
	r->edit.len = r->p.len;
	if (what & OX_CT_EDIT_ERROR) {
		r->edit.inner3 = r->p.inner.l3;
		r->edit.inner4 = r->p.inner.l4;
	}
	r->edit.what = what;
	k->ct_state |= sides;
	return 0;
}

/* __ovs_ct_lookup(): what the packet is, in *r and *k. 0 or an errno. */
static __always_inline int ct_look(struct ox_ct_run *r, struct ox_key *k,
				   const struct ox_ct_act *a)
{
	int rc;

	r->tp = a->tp;
	r->made = 0;
	r->over = 0;
	r->exp = 0;
	r->commit = !!(a->flags & OX_CT_F_COMMIT);
	r->helper = a->helper;
	r->edit.what = 0;
	r->cached = ct_cached(r, k, a);
	if (r->cached)
		return 0;
	rc = ox_ct_in(r);
	if (rc)
		return rc == OX_CT_DOWN ? OX_CT_EDOWN : OX_CT_ENOENT;
	/* what looked for one has used it */
	r->edit.what = 0;
	if (r->exp && !r->commit)
		ox_ct_key_expected(r, k);
	else
		ct_key_update(k, r);
	return 0;
}

/*
 * ovs_ct_execute() without fragments: the packet in r->p, in the action's zone,
 * meets the action, and *k says what came of it. Returns 0 or an errno, with
 * which the module drops the packet; or OX_CT_EDOWN where a helper has to see
 * it, which happens in user space; then nothing has changed. In line, because
 * the stack of a program hasn't room for one more call around a commit.
 *
 * With NAT, r->edit.what isn't 0 afterwards where the packet's ends change.
 * The caller then has ox_ct_nat_apply() (ct_edit.h) do that, which also brings
 * the key's addresses and ports up to date; ct_state and the tuple are already.
 */
static __always_inline int ct_execute(struct ox_ct_run *r, struct ox_key *k,
				      const struct ox_ct_act *a)
{
	int err = ct_look(r, k, a), nat, fresh;

	if (err)
		return err;
	/* once a packet and zone */
	nat = (a->flags & OX_CT_F_NAT) && !(k->ct_state & OX_CS_NAT) &&
	      r->info != OX_CT_I_NONE;
	fresh = r->made;
	if (nat && !fresh)
		err = ox_ct_nat(r, k, a);
	if (!err && (a->flags & OX_CT_F_COMMIT)) {
		if (fresh && r->exp && r->x.follow)
			ct_exp_follow(r);
		else if (nat && fresh &&
			 (a->flags & (OX_CT_F_SNAT | OX_CT_F_DNAT)))
			ct_nat_setup(r, a);
		err = ct_act_commit(r, k, a);
		if (!err && nat && fresh)
			err = ox_ct_nat(r, k, a);
	}
	ct_over(r);
	return err;
}

/*
 * The connection of a packet that ct() has tracked already, in *k. One that
 * isn't committed is known by nobody else: its tuple is the packet's.
 */
__noinline int ox_ct_known(struct ox_ct_run *r, struct ox_key *k)
{
	const struct ox_ct *e;

	if (!r || !k)
		return OX_CT_EINVAL;
	if (ct_find(r)) {
		e = tbl_ct(r->idx);
		if (!e)
			return 0;
		k->ct_mark = e->mark;
		k->w[16] = ((const __u64 *)e->labels)[0];
		k->w[17] = ((const __u64 *)e->labels)[1];
		ct_key_orig(k, e);
		return 0;
	}
	if (r->p.kind != OX_CT_PLAIN)
		return 0;
	r->commit = 0;
	if (ct_zone_expects(r) && ox_ct_expect(r))
		return ox_ct_key_expected(r, k);
	r->fresh.status = 0;
	r->fresh.orig = r->p.t;
	r->fresh.init_b = r->p.from_b & 1;
	ct_key_orig(k, &r->fresh);
	return 0;
}

/* What user space learns of a packet that it had meet the table. */
static __always_inline void ct_answer(struct ox_ct_req *rq,
				      const struct ox_ct_run *r)
{
	rq->edit = r->edit;
	rq->idx = OX_CT_NONE;
	if (rq->what != OX_CT_DO_EXECUTE || rq->err || r->cached ||
	    r->p.kind != OX_CT_PLAIN || r->info == OX_CT_I_NONE)
		return;
	rq->idx = r->idx;
	rq->gen = r->gen;
	rq->dir = r->dir;
	rq->info = r->info;
}

/* What user space asks for by a program run: struct ox_ct_req. */
static __always_inline int ct_do(enum ox_ct_do what, struct ox_ct_run *r,
				 struct ox_key *k, const struct ox_ct_act *a)
{
	r->now = ct_now();
	if (what == OX_CT_DO_KNOWN)
		return ox_ct_known(r, k);
	return ct_execute(r, k, a);
}

#endif /* OVSXDP_BPF_CT_KEY_H */
