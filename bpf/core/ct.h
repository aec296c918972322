/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct.h - a packet meets connection tracking: nf_conntrack_in() and
 * nf_conntrack_confirm(). What ct() and its key are for Open vSwitch is in
 * ct_key.h.
 *
 * Without commit nothing is kept, so there are no unconfirmed entries: a packet
 * that begins a connection is tracked on memory of its own (ox_ct_run.fresh),
 * and a commit puts that into the table.
 */
#ifndef OVSXDP_BPF_CT_H
#define OVSXDP_BPF_CT_H

#include "bpf/core/ct_dccp.h"
#include "bpf/core/ct_exp.h"
#include "bpf/core/ct_nat.h"
#include "bpf/core/ct_sctp.h"
#include "bpf/core/ct_table.h"
#include "bpf/core/ct_tcp.h"
#include "bpf/core/ct_udp.h"

/* ---- an existing connection ---- */

/* resolve_normal_ct(): what the packet is to its connection. */
static __always_inline enum ox_ct_info ct_info(__u32 status, __u32 dir)
{
	if (dir == OX_CT_REPLY || (status & OX_IPS_SEEN_REPLY))
		return OX_CT_I_ESTABLISHED;
	return status & OX_IPS_EXPECTED ? OX_CT_I_RELATED : OX_CT_I_NEW;
}

/*
 * The trackers, each in a function of its own: it takes the entry's lock, which
 * 6.1 allows no call under, so all that a tracker does is in line there. The
 * entry may be another one by now, and is compared again.
 */
#define OX_CT_TRACKER(name, packet)                              \
	__noinline int name(struct ox_ct_run *r)                 \
	{                                                        \
		const struct ox_ct_conf *cf = tbl_ct_conf();     \
		const struct ox_ct_tp *tp;                       \
		struct ox_ct_bucket *b;                          \
		enum ox_ct_rc rc = OX_CT_GONE;                   \
		__u64 hash;                                      \
		__u32 dir, now;                                  \
		struct ox_ct *e;                                 \
                                                                 \
		if (!r)                                          \
			return OX_CT_GONE;                       \
		e = tbl_ct(r->idx);                              \
		if (!e)                                          \
			return OX_CT_GONE;                       \
		hash = r->p.hash;                                \
		if (e->nat)                                      \
			hash = ct_hash(&e->orig);                \
		b = tbl_ct_bucket(ct_home(hash));                \
		tp = tbl_ct_tp(e->tp);                           \
		dir = r->dir & 1;                                \
		now = r->now;                                    \
		if (!b || !tp)                                   \
			return OX_CT_GONE;                       \
		ct_lock(b);                                      \
		if (ct_still(e, r)) {                            \
			r->info = ct_info(e->status, dir);       \
			rc = packet(e, dir, &r->p, tp, cf, now); \
			if (rc == OX_CT_ACCEPT)                  \
				ct_seen(e, dir, cf);             \
		}                                                \
		ct_unlock(b);                                    \
		return rc;                                       \
	}

/* Is the entry the one that was found? */
static __always_inline int ct_still(const struct ox_ct *e,
				    const struct ox_ct_run *r)
{
	return e->gen == r->gen && e->life == OX_CT_LIVE &&
	       ct_tuple_same(r->dir && e->nat ? &e->reply : &e->orig, &r->p.t);
}

/* After a packet that was accepted. */
static __always_inline void ct_seen(struct ox_ct *e, __u32 dir,
				    const struct ox_ct_conf *cf)
{
	if (dir == OX_CT_REPLY && !(e->status & OX_IPS_SEEN_REPLY)) {
		e->status |= OX_IPS_SEEN_REPLY;
		ct_event_note(e, cf, OX_CT_EV_REPLY);
	}
	if ((cf->flags & OX_CT_CONF_EST_LIBERAL) &&
	    e->orig.proto == OX_IP_TCP && ct_tcp_established(e)) {
		e->tcp.flags[0] |= OX_CT_TCP_BE_LIBERAL;
		e->tcp.flags[1] |= OX_CT_TCP_BE_LIBERAL;
	}
}

OX_CT_TRACKER(ox_ct_track_tcp, ct_tcp_packet)
OX_CT_TRACKER(ox_ct_track_sctp, ct_sctp_packet)
OX_CT_TRACKER(ox_ct_track_dccp, ct_dccp_packet)
OX_CT_TRACKER(ox_ct_track_other, ct_other_packet)

/* Gives the connection its time; old is what its head was. */
static __always_inline int ct_steady(struct ox_ct *e, __u64 old,
				     struct ox_ct_run *r,
				     const struct ox_ct_tp *tp)
{
	__u32 expires, was, dir = r->dir & 1;
	__u64 new = old;
	__u16 status;

	__builtin_memcpy(&was, &old, sizeof(was));
	__builtin_memcpy(&status, (char *)&old + sizeof(was), sizeof(status));
	if (dir == OX_CT_REPLY && !(status & OX_IPS_SEEN_REPLY))
		return 0;
	expires = ct_other_steady(e, r->p.t.proto, status, tp, r->now);
	if (!expires)
		return 0;
	expires += r->now;
	if (was != expires && !(status & OX_IPS_FIXED_TIMEOUT)) {
		__builtin_memcpy(&new, &expires, sizeof(expires));
		if (ct_cas(&e->head, old, new) != old)
			return 0;
	}
	r->info = ct_info(status, dir);
	return 1;
}

/*
 * The same without the lock, for a packet that moves nothing but the time of
 * its connection, as most of UDP do: the module takes none there, either. So
 * CPUs that have packets of one connection don't wait for each other, and as
 * time moves once a jiffy only, they seldom write. The head is changed as a
 * whole, so that of an entry that died meanwhile isn't. Returns 0 if the packet
 * needs the lock.
 */
__noinline int ox_ct_track_steady(struct ox_ct_run *r)
{
	const struct ox_ct_conf *cf = tbl_ct_conf();
	const struct ox_ct_tp *tp;
	struct ox_ct *e;
	__u64 old;

	if (!r || (cf->flags & OX_CT_CONF_ACCT))
		return 0;
	e = tbl_ct(r->idx);
	if (!e)
		return 0;
	old = READ_ONCE(e->head);
	e = ox_after(e, old);
	tp = tbl_ct_tp(e->tp);
	if (!tp || !ct_still(e, r))
		return 0;
	return ct_steady(e, old, r, tp);
}

/* nf_conntrack_handle_packet() */
static __always_inline int ct_track(struct ox_ct_run *r)
{
	switch (r->p.t.proto) {
	case OX_IP_TCP:
		return ox_ct_track_tcp(r);
	case OX_IP_SCTP:
		return ox_ct_track_sctp(r);
	case OX_IP_DCCP:
		return ox_ct_track_dccp(r);
	default:
		if (ox_ct_track_steady(r))
			return OX_CT_ACCEPT;
		return ox_ct_track_other(r);
	}
}

/* ---- a new one ---- */

/* nf_ct_set_timeout(): is a policy one for these packets? 255 is all protocols
 * without timeouts of their own. */
static __always_inline int ct_policy_fits(const struct ox_ct_tp *tp,
					  const struct ox_ct_tuple *t,
					  __u32 usual)
{
	__u32 l3 = t->l3 & OX_CT_L3_IPV6 ? 10 : 2; /* AF_INET6, AF_INET */

	return tp->state && tp->l3 == l3 &&
	       (tp->l4 == t->proto ||
		(tp->l4 == 255 && usual == OX_CT_TP_GENERIC));
}

static __always_inline void ct_clear(struct ox_ct *e)
{
	__u64 *w = (__u64 *)e;
	__u32 i;

	OX_ROLLED
	for (i = 0; i < sizeof(*e) / 8; i++)
		w[i] = 0;
}

/* init_conntrack() and the tracker's *_new(), on r->fresh. Not 0: the packet
 * begins no connection. */
__noinline int ox_ct_new(struct ox_ct_run *r)
{
	const struct ox_ct_conf *cf = tbl_ct_conf();
	const struct ox_ct_tp *tp;
	int err, rc = OX_CT_ACCEPT;
	struct ox_ct *e;

	if (!r)
		return -1;
	e = &r->fresh;
	ct_clear(e);
	e->orig = r->p.t;
	e->reply = r->p.t;
	e->init_b = r->p.from_b & 1;
	e->tp = ct_default_tp(r->p.t.proto);
	tp = tbl_ct_tp(r->tp);
	if (tp && ct_policy_fits(tp, &r->p.t, e->tp))
		e->tp = r->tp;
	e->alg = OX_CT_NONE;
	e->eventmask = ct_event_mask(cf);
	tp = tbl_ct_tp(e->tp);
	if (!tp)
		return -1;
	switch (r->p.t.proto) {
	case OX_IP_TCP:
		err = ct_tcp_new(e, &r->p.tcp, cf->flags);
		if (!err)
			rc = ct_tcp_packet(e, OX_CT_ORIGINAL, &r->p, tp, cf,
					   r->now);
		break;
	case OX_IP_SCTP:
		err = ct_sctp_new(e, &r->p.sctp);
		if (!err)
			rc = ct_sctp_packet(e, OX_CT_ORIGINAL, &r->p, tp, cf,
					    r->now);
		break;
	case OX_IP_DCCP:
		err = ct_dccp_new(e, &r->p.dccp);
		if (!err)
			rc = ct_dccp_packet(e, OX_CT_ORIGINAL, &r->p, tp, cf,
					    r->now);
		break;
	default:
		err = ct_other_new(e, &r->p, cf, r->now);
		if (!err)
			rc = ct_other_packet(e, OX_CT_ORIGINAL, &r->p, tp, cf,
					     r->now);
		break;
	}
	return err || rc != OX_CT_ACCEPT ? -1 : 0;
}

/* ---- nf_conntrack_in() ---- */

#define OX_CT_DOWN  1 /* the packet meets a helper first, in user space */
#define OX_CT_AGAIN 4 /* times that an entry may go under a packet */

static __always_inline int ct_invalid(struct ox_ct_run *r)
{
	ct_count(OX_CT_S_INVALID);
	r->info = OX_CT_I_NONE;
	r->idx = OX_CT_NONE;
	return 0;
}

/* A packet that begins a connection. With r->exp and without a commit, the
 * module doesn't track it: it is new, and related to the master. */
static __always_inline int ct_begin(struct ox_ct_run *r)
{
	r->idx = OX_CT_NONE;
	r->dir = OX_CT_ORIGINAL;
	if (r->p.kind == OX_CT_ERRMSG)
		return ct_invalid(r);
	if (r->commit && r->helper && !(r->p.user & OX_CT_USER) &&
	    ct_payload(&r->p))
		return OX_CT_DOWN;
	if (ct_zone_expects(r) && ox_ct_expect(r) && !r->commit) {
		r->info = OX_CT_I_RELATED;
		r->made = 1;
		return 0;
	}
	if (ox_ct_new(r))
		return ct_invalid(r);
	r->info = OX_CT_I_NEW;
	r->made = 1;
	if (r->exp)
		ct_exp_child(r);
	return 0;
}

/*
 * Tracks the packet in r->p, whose kind, tuple and header ct_parse.h has filled
 * in, at the time r->now. Then r->info says what it is (OX_CT_I_NONE: invalid),
 * r->idx its entry, or OX_CT_NONE with r->made: a new one. r->over: whoever has
 * read the entry ends it. Returns 0, -1 for a packet that is dropped, or
 * OX_CT_DOWN for one that a helper in user space has to see first.
 */
__noinline int ox_ct_in(struct ox_ct_run *r)
{
	__u32 i;
	int rc;

	if (!r)
		return -1;
	r->made = 0;
	r->over = 0;
	r->exp = 0;
	r->dir = OX_CT_ORIGINAL;
	r->idx = OX_CT_NONE;
	if (r->p.kind == OX_CT_BAD)
		return ct_invalid(r);
	OX_ROLLED
	for (i = 0; i < OX_CT_AGAIN; i++) {
		if (!ct_find(r))
			break;
		if (r->p.kind == OX_CT_ERRMSG) {
			r->info = OX_CT_I_RELATED;
			return 0;
		}
		if (r->alg && ox_ct_alg(r))
			return OX_CT_DOWN;
		rc = ct_track(r);
		if (rc == OX_CT_ACCEPT)
			return 0;
		if (rc == OX_CT_KILL) {
			r->over = 1;
			return 0;
		}
		if (rc == OX_CT_INVALID)
			return ct_invalid(r);
		if (rc == OX_CT_REPEAT) {
			if (ox_ct_kill(r->idx, r->gen, 0))
				return -1;
			ct_count(OX_CT_S_DELETE);
		}
	}
	return ct_begin(r);
}

/* Ends the connection of a packet that said so. */
static __always_inline void ct_over(struct ox_ct_run *r)
{
	if (r->over && !ox_ct_kill(r->idx, r->gen, 0))
		ct_count(OX_CT_S_DELETE);
	r->over = 0;
}

/* ---- nf_conntrack_confirm() ---- */

enum ox_ct_commit_rc {
	OX_CT_COMMITTED,
	OX_CT_CLASHED,	/* another one has a tuple: EINVAL */
	OX_CT_TOO_MANY, /* its zone has as many as it may: ENOMEM */
	OX_CT_NO_ROOM,	/* the table is full */
};

/* A place for r->fresh, filled in; OX_CT_NONE: there is none. */
static __always_inline __u32 ct_place(struct ox_ct_run *r, __u16 zgen)
{
	const struct ox_ct_conf *cf = tbl_ct_conf();
	__u32 idx = ox_ct_claim();
	struct ox_ct *e;
	__u16 gen;

	if (idx == OX_CT_NONE && !ox_ct_early_drop(r->p.hash, r->now))
		idx = ox_ct_claim();
	if (idx == OX_CT_NONE)
		return idx;
	e = tbl_ct(idx);
	if (!e)
		return OX_CT_NONE;
	gen = e->gen + 1;
	r->fresh.gen = gen;
	r->fresh.zgen = zgen;
	r->fresh.life = OX_CT_NEW;
	r->fresh.status |= OX_IPS_CONFIRMED;
	r->fresh.start_ns = cf->flags & OX_CT_CONF_TIMESTAMP ? ct_now_ns() : 0;
	r->gen = gen;
	*e = r->fresh;
	e->events = 0;
	/* Somebody who talks to himself: nf_conntrack finds the tuple of the
	 * answers first, as that goes to the head of the same list last. */
	if (!e->nat && ct_tuple_own(&e->orig))
		e->init_b = !e->init_b;
	return idx;
}

/* What there is to tell of a new connection, with all that was noted before. */
static __always_inline void ct_tell_new(const struct ox_ct_run *r)
{
	const struct ox_ct *e = &r->fresh;
	__u16 what = e->events;

	what |= e->status & OX_IPS_EXPECTED ? OX_CT_EV_RELATED : OX_CT_EV_NEW;
	if (e->helper)
		what |= OX_CT_EV_HELPER;
	if (!(what & OX_CT_EV_QUIET) && ct_event_heard(e, tbl_ct_conf(), what))
		ox_ct_tell(r->idx, what, 0);
}

/* Puts the entry in place idx into the table. With NAT its answers' tuple goes
 * first: until the other one is in, too, it takes that tuple and isn't found.
 */
static __always_inline int ct_insert(struct ox_ct_run *r, __u32 idx)
{
	struct ox_ct_link *l = &r->link;
	int rc;

	l->now = r->now;
	l->zgen = r->fresh.zgen;
	l->nat = r->fresh.nat;
	if (l->nat) {
		l->t = r->fresh.reply;
		l->hash = ct_hash(&l->t);
		l->ref = OX_CT_REF(idx) | OX_CT_REPLY_REF;
		l->from_b = r->fresh.reply_b;
		rc = ox_ct_link(l);
		if (rc != OX_CT_LINKED)
			return rc;
	}
	l->t = r->p.t;
	l->hash = r->p.hash;
	l->ref = OX_CT_REF(idx);
	l->from_b = r->p.from_b;
	rc = ox_ct_link(l);
	if (rc != OX_CT_LINKED && l->nat)
		ox_ct_unlink(ct_hash(&r->fresh.reply),
			     OX_CT_REF(idx) | OX_CT_REPLY_REF);
	return rc;
}

/* nf_ct_resolve_clash(): of protocols without a handshake the one that is there
 * does, if this one would begin it, too (allow_clash). With NAT, the packet
 * then takes its binding. */
static __always_inline int ct_share(struct ox_ct_run *r)
{
	__u8 proto = r->p.t.proto;

	return (proto == OX_IP_UDP || proto == OX_IP_GRE ||
		proto == OX_IP_UDPLITE) &&
	       ct_find(r) && r->dir == OX_CT_ORIGINAL;
}

/*
 * Commits the new connection in r->fresh. Then r->idx and r->gen are its entry.
 * Returns enum ox_ct_commit_rc; what was begun is undone unless that is 0.
 */
__noinline int ox_ct_commit(struct ox_ct_run *r)
{
	const struct ox_ct_conf *cf = tbl_ct_conf();
	struct ox_ct_zone *z;
	struct ox_ct *e;
	__u32 idx;
	__u16 zgen;
	int rc;

	if (!r || !r->made)
		return OX_CT_CLASHED;
	z = tbl_ct_zone(r->p.t.zone);
	if (!z || ct_zone_get(z, cf, &zgen)) {
		ct_count(OX_CT_S_LIMIT);
		return OX_CT_TOO_MANY;
	}
	idx = ct_place(r, zgen);
	e = idx == OX_CT_NONE ? NULL : tbl_ct(idx);
	if (!e) {
		ct_zone_put(z, zgen);
		ct_count(OX_CT_S_DROP);
		return OX_CT_NO_ROOM;
	}
	rc = ct_insert(r, idx);
	if (rc == OX_CT_LINKED) {
		r->idx = idx;
		r->made = 0;
		if (r->fresh.status & OX_IPS_SRC_NAT)
			ox_ct_nat_remember(r);
		ct_count(OX_CT_S_INSERT);
		ct_tell_new(r);
		return OX_CT_COMMITTED;
	}
	ct_release(e, idx, r->p.t.zone, zgen);
	if (rc == OX_CT_FULL) {
		ct_count(OX_CT_S_DROP);
		return OX_CT_NO_ROOM;
	}
	if (ct_share(r)) {
		r->made = 0;
		ct_count(OX_CT_S_CLASH);
		return OX_CT_COMMITTED;
	}
	ct_count(OX_CT_S_INSERT_FAILED);
	return OX_CT_CLASHED;
}

#endif /* OVSXDP_BPF_CT_H */
