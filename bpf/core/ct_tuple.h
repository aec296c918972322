/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_tuple.h - tuples: the ends of a connection in order, their hash, and the
 * types of ICMP that belong together (nf_conntrack_proto_icmp.c and icmpv6.c).
 */
#ifndef OVSXDP_BPF_CT_TUPLE_H
#define OVSXDP_BPF_CT_TUPLE_H

#include "ovsxdp/ct_pkt.h"
#include "bpf/core/hash.h"
#include "bpf/core/pkt.h"
#include "bpf/core/compiler.h"

/* Which end is b? The larger one, by any order that is always the same. */
static __always_inline int ct_src_is_b(const __be64 *src, const __be64 *dst,
				       __u16 sport, __u16 dport)
{
	if (src[0] != dst[0])
		return src[0] > dst[0];
	if (src[1] != dst[1])
		return src[1] > dst[1];
	return sport > dport;
}

/* Fills in the ends of p->t. */
static __always_inline void ct_tuple_ends(struct ox_ct_pkt *p,
					  const __be64 *src, const __be64 *dst,
					  __be16 sport, __be16 dport)
{
	if (ct_src_is_b(src, dst, sport, dport)) {
		p->from_b = 1;
		p->t.a[0] = dst[0];
		p->t.a[1] = dst[1];
		p->t.b[0] = src[0];
		p->t.b[1] = src[1];
		p->t.pa = dport;
		p->t.pb = sport;
	} else {
		p->from_b = 0;
		p->t.a[0] = src[0];
		p->t.a[1] = src[1];
		p->t.b[0] = dst[0];
		p->t.b[1] = dst[1];
		p->t.pa = sport;
		p->t.pb = dport;
	}
}

/*
 * ICMP types that are asked and answered: invmap and valid_new. Their requests,
 * by type, and the answer's type less the request's.
 */
static __always_inline int ct_icmp_request(__u8 type)
{
	/* ECHO, TIMESTAMP, INFO_REQUEST, ADDRESS */
	return type == 8 || type == 13 || type == 15 || type == 17;
}

/* The request's type of a request or an answer; -1: neither. */
static __always_inline int ct_icmp_asks(__u8 type)
{
	if (ct_icmp_request(type))
		return type;
	if (type == 0)
		return 8;
	return ct_icmp_request(type - 1) && type != 9 ? type - 1 : -1;
}

/* The same of ICMPv6: echo, and node information. */
static __always_inline int ct_icmpv6_asks(__u8 type)
{
	if (type == 128 || type == 129)
		return 128;
	return type == 139 || type == 140 ? 139 : -1;
}

/* Ends, id and type of an ICMP query. 0, or -1: a type without an answer. */
static __always_inline int ct_tuple_icmp(struct ox_ct_pkt *p, const __be64 *src,
					 const __be64 *dst, __u8 type,
					 __u8 code, __be16 id)
{
	int v6 = p->t.l3 == OX_CT_L3_IPV6;
	int asks = v6 ? ct_icmpv6_asks(type) : ct_icmp_asks(type);
	int answer = asks != type;

	if (asks < 0)
		return -1;
	/* between equal addresses the answer comes from b */
	ct_tuple_ends(p, src, dst, answer, 0);
	p->t.pa = id;
	p->t.pb = asks << 8 | code;
	p->t.l3 |= p->from_b != answer ? OX_CT_L3_ASKER : 0;
	p->starts = !answer;
	return 0;
}

static __always_inline int ct_tuple_same(const struct ox_ct_tuple *x,
					 const struct ox_ct_tuple *y)
{
	return x->w[0] == y->w[0] && x->w[2] == y->w[2] && x->w[4] == y->w[4] &&
	       x->w[1] == y->w[1] && x->w[3] == y->w[3];
}

static __always_inline int ct_proto_is_icmp(__u8 proto)
{
	return proto == OX_IP_ICMP || proto == OX_IP_ICMPV6;
}

/* Are both ends one and the same? A request of ICMP isn't its answer. */
static __always_inline int ct_tuple_own(const struct ox_ct_tuple *t)
{
	return t->w[0] == t->w[2] && t->w[1] == t->w[3] && t->pa == t->pb &&
	       !ct_proto_is_icmp(t->proto);
}

/* A polynomial at a secret point, as ox_hash_mask(). seed is odd. */
static __always_inline __u64 ox_ct_hash(const struct ox_ct_tuple *t, __u64 seed)
{
	__u64 h = 0;

	h = ox_hash_mask(h, seed, t->w[0]);
	h = ox_hash_mask(h, seed, t->w[2]);
	if (t->l3 & OX_CT_L3_IPV6) {
		h = ox_hash_mask(h, seed, t->w[1]);
		h = ox_hash_mask(h, seed, t->w[3]);
	}
	h = ox_hash_mask(h, seed, t->w[4]);
	return ox_hash_final(h);
}

#endif /* OVSXDP_BPF_CT_TUPLE_H */
