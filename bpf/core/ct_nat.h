/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_nat.h - which addresses and ports a connection with NAT gets: as
 * nf_nat_core.c of Linux 6.1, whose names are in the comments. A connection is
 * bound once, by the packet that commits it. What becomes of a packet after
 * that is in ct_key.h and ct_edit.h.
 *
 * What is unlike: of the connections of one source only the last one is
 * remembered (by_src), so find_appropriate_src() finds no other.
 */
#ifndef OVSXDP_BPF_CT_NAT_H
#define OVSXDP_BPF_CT_NAT_H

#include "bpf/core/ct_parse_l4.h"
#include "bpf/core/ct_table.h"

#define OX_IPS_NAT (OX_IPS_SRC_NAT | OX_IPS_DST_NAT)

/* ---- tuples ---- */

/* The ends of t, seen from the end from_b. ICMP has its id in sport. */
static __always_inline void ct_nat_ends(struct ox_ct_nat_edit *n,
					const struct ox_ct_tuple *t, int from_b)
{
	const __be64 *src = from_b ? t->b : t->a;
	const __be64 *dst = from_b ? t->a : t->b;
	int ports_b = from_b && !ct_proto_is_icmp(t->proto);

	n->src[0] = src[0];
	n->src[1] = src[1];
	n->dst[0] = dst[0];
	n->dst[1] = dst[1];
	n->sport = ports_b ? t->pb : t->pa;
	n->dport = ports_b ? t->pa : t->pb;
}

/* The ends that the new connection's packets have by what is bound so far, into
 * r->edit. */
__noinline int ox_ct_nat_bound(struct ox_ct_run *r)
{
	if (!r)
		return -1;
	ct_nat_ends(&r->edit, &r->fresh.reply, !r->fresh.reply_b);
	return 0;
}

/* The tuple of its answers, if its packets have the ends in r->edit: r->link.t,
 * and from_b. */
__noinline int ox_ct_nat_reply(struct ox_ct_run *r)
{
	const struct ox_ct_tuple *like;
	struct ox_ct_nat_edit *n;
	struct ox_ct_tuple *t;
	__be16 sport, dport;
	int b, icmp;

	if (!r)
		return -1;
	n = &r->edit;
	t = &r->link.t;
	like = &r->fresh.orig;
	icmp = ct_proto_is_icmp(like->proto);
	sport = icmp ? 0 : n->sport;
	dport = icmp ? 0 : n->dport;
	b = ct_src_is_b(n->src, n->dst, sport, dport);
	t->a[0] = b ? n->dst[0] : n->src[0];
	t->a[1] = b ? n->dst[1] : n->src[1];
	t->b[0] = b ? n->src[0] : n->dst[0];
	t->b[1] = b ? n->src[1] : n->dst[1];
	t->pa = b && !icmp ? n->dport : n->sport;
	t->pb = b && !icmp ? n->sport : n->dport;
	t->proto = like->proto;
	t->l3 = like->l3 & ~OX_CT_L3_ASKER;
	t->zone = like->zone;
	if (icmp && b)
		t->l3 |= OX_CT_L3_ASKER;
	/* as ct_tuple_icmp() has it for an answer */
	r->link.from_b =
		ct_src_is_b(n->dst, n->src, icmp ? 1 : dport, icmp ? 0 : sport);
	return 0;
}

/* nf_nat_used_tuple(): is the connection whose ends are in r->edit another
 * one's already? Not if that has the same first packet: there a commit takes
 * one of the two. */
__noinline int ox_ct_nat_used(struct ox_ct_run *r)
{
	struct ox_ct_link *l;
	const struct ox_ct_zone *z;
	const struct ox_ct *e;
	__u32 ref;

	if (!r)
		return 1;
	l = &r->link;
	ox_ct_nat_reply(r);
	l->hash = ct_hash(&l->t);
	l->nat = 1;
	ref = ox_ct_taken(l);
	if (!ref)
		return 0;
	e = tbl_ct(OX_CT_REF_IDX(ref));
	z = tbl_ct_zone(r->fresh.orig.zone);
	if (!e || !z)
		return 1;
	if (e->life != OX_CT_NEW &&
	    !ct_alive(e, r->now, OX_CT_ZONE_GEN(READ_ONCE(z->word))))
		return 0;
	return !ct_tuple_same(&e->orig, &r->fresh.orig) ||
	       e->init_b != r->fresh.init_b;
}

/* ---- the source's mapping ---- */

/* Where the source that is in r->edit has its hint. */
static __always_inline struct ox_ct_bucket *ct_nat_by_src(struct ox_ct_run *r)
{
	const struct ox_ct_tuple *orig = &r->fresh.orig;
	struct ox_ct_tuple *t = &r->link.t;

	t->a[0] = r->edit.src[0];
	t->a[1] = r->edit.src[1];
	t->b[0] = 0;
	t->b[1] = 0;
	t->pa = r->edit.sport;
	t->pb = 0;
	t->proto = orig->proto;
	t->l3 = orig->l3 & ~OX_CT_L3_ASKER;
	t->zone = orig->zone;
	return tbl_ct_bucket(ct_home(ct_hash(t)));
}

/* Notes a new connection with source NAT, which r->idx is. */
__noinline int ox_ct_nat_remember(struct ox_ct_run *r)
{
	struct ox_ct_bucket *b;

	if (!r)
		return -1;
	ct_nat_ends(&r->edit, &r->fresh.orig, r->fresh.init_b);
	b = ct_nat_by_src(r);
	if (b)
		*(volatile __u64 *)&b->by_src = OX_CT_BY_SRC(r->idx, r->gen);
	return 0;
}

/* same_src() */
static __always_inline int ct_nat_same_src(const struct ox_ct *e,
					   const struct ox_ct *fresh)
{
	const __be64 *x = e->init_b ? e->orig.b : e->orig.a;
	const __be64 *y = fresh->init_b ? fresh->orig.b : fresh->orig.a;
	int icmp = ct_proto_is_icmp(fresh->orig.proto);
	__be16 px = e->init_b && !icmp ? e->orig.pb : e->orig.pa;
	__be16 py = fresh->init_b && !icmp ? fresh->orig.pb : fresh->orig.pa;

	return x[0] == y[0] && x[1] == y[1] && px == py &&
	       e->orig.proto == fresh->orig.proto &&
	       e->orig.zone == fresh->orig.zone &&
	       !((e->orig.l3 ^ fresh->orig.l3) & ~OX_CT_L3_ASKER);
}

/* find_appropriate_src(): the source end that another connection of this
 * source got, into r->edit. 1: there is one. */
__noinline int ox_ct_nat_find_src(struct ox_ct_run *r)
{
	const struct ox_ct_bucket *b;
	const struct ox_ct_tuple *t;
	const struct ox_ct_zone *z;
	const struct ox_ct *e;
	const __be64 *addr;
	__u64 hint;

	if (!r)
		return 0;
	b = ct_nat_by_src(r);
	hint = b ? READ_ONCE(b->by_src) : 0;
	e = hint ? tbl_ct(OX_CT_BY_SRC_IDX(hint)) : NULL;
	z = tbl_ct_zone(r->fresh.orig.zone);
	if (!e || !z || e->gen != OX_CT_BY_SRC_GEN(hint) ||
	    !ct_alive(e, r->now, OX_CT_ZONE_GEN(READ_ONCE(z->word))) ||
	    !(e->status & OX_IPS_SRC_NAT) || !ct_nat_same_src(e, &r->fresh))
		return 0;
	t = &e->reply;
	addr = e->reply_b ? t->a : t->b;
	r->edit.src[0] = addr[0];
	r->edit.src[1] = addr[1];
	r->edit.sport = e->reply_b || ct_proto_is_icmp(t->proto) ? t->pa
								 : t->pb;
	return 1;
}

/* ---- ranges ---- */

#define OX_CT_F_ANY_PORT (OX_CT_F_HASH | OX_CT_F_RANDOM)

static __always_inline int ct_nat_addr_cmp(const __be32 *x, const __be32 *y)
{
	__u32 i;

	OX_ROLLED
	for (i = 0; i < 4; i++)
		if (x[i] != y[i])
			return ox_be32(x[i]) < ox_be32(y[i]) ? -1 : 1;
	return 0;
}

/* l4proto_in_range() */
static __always_inline int ct_nat_port_in(const struct ox_ct_act *a, __u8 proto,
					  __be16 port)
{
	if (!ct_proto_has_ports(proto) && !ct_proto_is_icmp(proto) &&
	    proto != OX_IP_GRE)
		return 1;
	return ox_cpu16(port) >= ox_cpu16(a->port_min) &&
	       ox_cpu16(port) <= ox_cpu16(a->port_max);
}

/* in_range(), of the source */
static __always_inline int ct_nat_in_range(const struct ox_ct_nat_edit *n,
					   const struct ox_ct_act *a,
					   __u32 flags, __u8 proto)
{
	if ((flags & OX_CT_F_NAT_ADDR) &&
	    (ct_nat_addr_cmp(n->src4, a->nat_min) < 0 ||
	     ct_nat_addr_cmp(n->src4, a->nat_max) > 0))
		return 0;
	return !(flags & OX_CT_F_NAT_PORT) ||
	       ct_nat_port_in(a, proto, n->sport);
}

#define CT_ROL32(v, n) ((v) << (n) | (v) >> (32 - (n)))

/* jhash2() of four words: the kernel's choice of an address is ours, too. */
static __always_inline __u32 ct_nat_jhash(const __u32 *k, __u32 init)
{
	__u32 a = 0xdeadbeef + (4 << 2) + init, b = a, c = a;

	a += k[0];
	b += k[1];
	c += k[2];
	a -= c, a ^= CT_ROL32(c, 4), c += b;
	b -= a, b ^= CT_ROL32(a, 6), a += c;
	c -= b, c ^= CT_ROL32(b, 8), b += a;
	a -= c, a ^= CT_ROL32(c, 16), c += b;
	b -= a, b ^= CT_ROL32(a, 19), a += c;
	c -= b, c ^= CT_ROL32(b, 4), b += a;
	a += k[3];
	c ^= b, c -= CT_ROL32(b, 14);
	a ^= c, a -= CT_ROL32(c, 11);
	b ^= a, b -= CT_ROL32(a, 25);
	c ^= b, c -= CT_ROL32(b, 16);
	a ^= c, a -= CT_ROL32(c, 4);
	b ^= a, b -= CT_ROL32(a, 14);
	c ^= b, c -= CT_ROL32(b, 24);
	return c;
}

/* find_best_ips_proto(): an address of a range, by a hash of both ends, or of
 * the source alone. */
__noinline int ox_ct_nat_address(struct ox_ct_run *r, const struct ox_ct_act *a,
				 __u32 dst)
{
	struct ox_ct_nat_edit *n;
	__u32 i, j, words, low, dist, v, full = 0;
	__be32 *var;

	if (!r || !a)
		return -1;
	n = &r->edit;
	words = r->fresh.orig.l3 & OX_CT_L3_IPV6 ? 4 : 1;
	var = dst ? n->dst4 : n->src4;
	if (!ct_nat_addr_cmp(a->nat_min, a->nat_max)) {
		OX_ROLLED
		for (i = 0; i < 4; i++)
			var[i] = a->nat_min[i];
		return 0;
	}
	j = a->flags & OX_CT_F_PERSISTENT
		    ? 0
		    : n->dst4[words == 4 ? 3 : 0] ^ r->fresh.orig.zone;
	j = ct_nat_jhash(n->src4, j);
	OX_ROLLED
	for (i = 0; i < 4; i++) {
		if (i >= words)
			break;
		low = full ? 0 : ox_be32(a->nat_min[i]);
		dist = full ? ~0u : ox_be32(a->nat_max[i]) - low + 1;
		v = ox_be32(low + (__u32)((__u64)j * dist >> 32));
		var[i] = v;
		if (v != a->nat_max[i])
			full = 1;
		if (!(a->flags & OX_CT_F_PERSISTENT))
			j ^= n->dst4[i];
	}
	return 0;
}

/* ---- ports ---- */

#define OX_CT_NAT_TRIES 128 /* of one round; each has half of it */
#define OX_CT_NAT_LEAST 16

struct ox_ct_nat_search {
	struct ox_ct_run *r;
	__u32 min;
	__u32 size; /* ports from min on */
	__u16 round;
	__u16 left; /* of the round */
	__u16 off;
	__u16 dport; /* the destination's is sought */
};

/* The next port; 1 after the last one, or if it is free. */
static long ct_nat_try(__u32 i, void *arg)
{
	struct ox_ct_nat_search *s = arg;
	__be16 port;
	int used;

	(void)i;
	if (!s->left) {
		if (s->round >= s->size || s->round < OX_CT_NAT_LEAST)
			return 1;
		s->round /= 2;
		s->left = s->round;
		s->off = ct_prandom();
	}
	port = ox_be16(s->min + s->off % s->size);
	s->off++;
	s->left--;
	if (s->dport)
		s->r->edit.dport = port;
	else
		s->r->edit.sport = port;
	used = ox_ct_nat_used(s->r);
	/* the verifier doesn't know that it is 0 or 1 */
	barrier_var(used);
	return !used;
}

/* Without a range a source port stays what it is: a reserved one, or not. */
static __always_inline void ct_nat_class(struct ox_ct_nat_search *s, __u16 port)
{
	s->min = 1024;
	s->size = 65536 - 1024;
	if (port < 512) {
		s->min = 1;
		s->size = 511;
	} else if (port < 1024) {
		s->min = 600;
		s->size = 1024 - 600;
	}
}

/*
 * nf_nat_l4proto_unique_tuple(): a port or an id with which the connection is
 * nobody else's. If none is found, the last one tried stays, with which the
 * commit fails.
 */
__noinline int ox_ct_nat_port(struct ox_ct_run *r, const struct ox_ct_act *a,
			      __u32 flags, __u32 dst)
{
	struct ox_ct_nat_search s = { .r = r };
	__u32 min, max;
	__u8 proto;

	if (!r || !a)
		return -1;
	proto = r->fresh.orig.proto;
	min = ox_cpu16(a->port_min);
	max = ox_cpu16(a->port_max);
	if (ct_proto_is_icmp(proto)) {
		s.size = 65536;
	} else if (ct_proto_has_ports(proto)) {
		s.dport = !!dst;
		if (min > max) {
			s.size = min;
			min = max;
			max = s.size;
		}
		if (!(flags & OX_CT_F_NAT_PORT)) {
			if (dst)
				return 0;
			ct_nat_class(&s, ox_cpu16(r->edit.sport));
		}
	} else {
		return 0;
	}
	if (flags & OX_CT_F_NAT_PORT) {
		s.min = min;
		s.size = max - min + 1;
	}
	if (!s.size)
		return 0;
	s.round = s.size < OX_CT_NAT_TRIES ? s.size : OX_CT_NAT_TRIES;
	s.left = s.round;
	s.off = ct_prandom();
	ox_loop(2 * OX_CT_NAT_TRIES, ct_nat_try, &s);
	return 0;
}

/* ---- bindings ---- */

/* get_unique_tuple(), from ox_ct_nat_bound() to others in r->edit. 1: they are
 * nobody else's for sure. */
static __always_inline int ct_nat_unique(struct ox_ct_run *r,
					 const struct ox_ct_act *a, __u32 flags,
					 __u32 dst)
{
	struct ox_ct_nat_edit *n = &r->edit;
	__u8 proto = r->fresh.orig.proto;

	ox_ct_nat_bound(r);
	if (!dst && !(flags & OX_CT_F_ANY_PORT)) {
		if (ct_nat_in_range(n, a, flags, proto)) {
			if (!ox_ct_nat_used(r))
				return 1;
		} else if (ox_ct_nat_find_src(r) &&
			   ct_nat_in_range(n, a, flags, proto) &&
			   !ox_ct_nat_used(r)) {
			return 1;
		}
		ox_ct_nat_bound(r);
	}
	if (flags & OX_CT_F_NAT_ADDR)
		ox_ct_nat_address(r, a, dst);
	if (!(flags & OX_CT_F_ANY_PORT)) {
		if (!(flags & OX_CT_F_NAT_PORT)) {
			if (!ox_ct_nat_used(r))
				return 1;
		} else if (ct_nat_port_in(a, proto,
					  dst && !ct_proto_is_icmp(proto)
						  ? n->dport
						  : n->sport)) {
			if (a->port_min == a->port_max)
				return 0;
			if (!ox_ct_nat_used(r))
				return 1;
		}
	}
	ox_ct_nat_port(r, a, flags, dst);
	return 0;
}

/* nf_nat_setup_info() for one end; without flags it is the null binding. 1: no
 * other connection has what is bound now. */
__noinline int ox_ct_nat_bind(struct ox_ct_run *r, const struct ox_ct_act *a,
			      __u32 flags, __u32 dst)
{
	struct ox_ct *e;
	int alone;

	if (!r || !a)
		return 0;
	e = &r->fresh;
	alone = ct_nat_unique(r, a, flags, dst);
	e->status |= dst ? OX_IPS_DST_NAT_DONE : OX_IPS_SRC_NAT_DONE;
	ox_ct_nat_reply(r);
	if (r->link.from_b == e->reply_b &&
	    ct_tuple_same(&r->link.t, &e->reply))
		return alone;
	e->status |= dst ? OX_IPS_DST_NAT : OX_IPS_SRC_NAT;
	e->reply = r->link.t;
	e->reply_b = r->link.from_b;
	e->nat = 1;
	return alone;
}

/* Nothing of the new connection in r->fresh is bound yet. */
static __always_inline void ct_nat_begin(struct ox_ct_run *r)
{
	r->fresh.reply_b = !r->fresh.init_b;
	ox_ct_nat_bound(r);
	ox_ct_nat_reply(r);
	/* not so if both ends are the same */
	r->fresh.reply_b = r->link.from_b;
}

/*
 * The binding of the new connection in r->fresh, which the action commits: its
 * reply tuple, and status. Where a binding of the destination makes it another
 * one's, the source's port gives way, by a null binding. That changes nothing
 * of a connection that is nobody else's.
 */
static __always_inline void ct_nat_setup(struct ox_ct_run *r,
					 const struct ox_ct_act *a)
{
	__u32 flags;
	int alone;

	/* a range of ports without addresses is none */
	flags = a->flags & OX_CT_F_NAT_ADDR ? a->flags : 0;
	ct_nat_begin(r);
	alone = ox_ct_nat_bind(r, a, flags, !(a->flags & OX_CT_F_SNAT));
	if (!(r->fresh.status & OX_IPS_DST_NAT))
		return;
	if (alone)
		r->fresh.status |= OX_IPS_SRC_NAT_DONE;
	else
		ox_ct_nat_bind(r, a, 0, 0);
}

#endif /* OVSXDP_BPF_CT_NAT_H */
