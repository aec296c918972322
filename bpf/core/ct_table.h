/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_table.h - the table of connections: looking one up, places for new ones,
 * putting them in and taking them out. The functions marked __noinline are
 * checked by the verifier once each.
 *
 * An entry is in the table by its tuple, and with NAT by that of its answers,
 * too. Two CPUs that commit one connection can't both succeed: whoever puts a
 * ref in has looked for another one, and under the home bucket's lock sees by
 * "ver" that none went in since.
 */
#ifndef OVSXDP_BPF_CT_TABLE_H
#define OVSXDP_BPF_CT_TABLE_H

#include "bpf/core/ct_ctx.h"
#include "bpf/core/ct_event.h"
#include "bpf/core/ct_timeout.h"
#include "bpf/core/ct_tuple.h"
#include "bpf/core/ct_zone.h"

static __always_inline __u32 ct_home(__u64 hash)
{
	return ox_hash_bucket(hash, tbl_ct_n_buckets());
}

static __always_inline __u64 ct_hash(const struct ox_ct_tuple *t)
{
	return ox_ct_hash(t, tbl_ct_conf()->seed);
}

/* ---- looking up ---- */

#define CT_LANES_LOW 0x0001000100010001ull
#define CT_LANES_TOP 0x8000800080008000ull

/* One bit for each place whose signature is sig, and seldom for another: bits
 * 0, 16, 32, 48 are places 0 to 3, bits 8 and 24 are 4 and 5. */
static __always_inline __u64 ct_ways(const struct ox_ct_bucket *b, __u32 sig)
{
	__u64 x = b->lanes[0] ^ sig * CT_LANES_LOW;
	__u64 y = b->lanes[1] ^ sig * CT_LANES_LOW;

	x = (x - CT_LANES_LOW) & ~x & CT_LANES_TOP;
	y = (y - CT_LANES_LOW) & ~y & (CT_LANES_TOP & 0xffffffff);
	return x >> 15 | y >> 7;
}

/* The place of the lowest bit of such a word; by one multiplication, whose
 * factor has the number of each place where that one's bit puts it on top. */
static __always_inline __u32 ct_way(__u64 ways)
{
	return (ways & -ways) * (4ull << 53 | 1ull << 45 | 5ull << 37 |
				 2ull << 29 | 3ull << 13) >>
	       61;
}

/* Does ref lead to an entry with tuple t, seen from the end from_b? Entries
 * with NAT have two tuples, and each is for one direction. */
static __always_inline int ct_ref_is(const struct ox_ct *e, __u32 ref,
				     const struct ox_ct_tuple *t, int from_b)
{
	if (ref & OX_CT_REPLY_REF)
		return ct_tuple_same(&e->reply, t) && e->reply_b == from_b;
	return ct_tuple_same(&e->orig, t) && (!e->nat || e->init_b == from_b);
}

/* In the table, in its time, and not flushed? */
static __always_inline int ct_alive(const struct ox_ct *e, __u32 now,
				    __u16 zgen)
{
	return e->life == OX_CT_LIVE && !ct_expired(e, now) && e->zgen == zgen;
}

/* The connection of a ref, and the direction in which the packet goes there. */
static __always_inline void ct_take(struct ox_ct_run *r, __u32 ref,
				    const struct ox_ct *e)
{
	r->idx = OX_CT_REF_IDX(ref);
	r->gen = e->gen;
	r->alg = e->status & OX_CT_ALG_BITS;
	r->dir = OX_CT_ORIGINAL;
	if ((ref & OX_CT_REPLY_REF) || r->p.from_b != e->init_b)
		r->dir = OX_CT_REPLY;
}

/* The connection in one bucket that the packet belongs to. 1: found. */
static __always_inline int ct_bucket_find(const struct ox_ct_bucket *b,
					  struct ox_ct_run *r, __u16 zgen)
{
	__u64 ways = ct_ways(b, ox_hash_sig(r->p.hash));
	const struct ox_ct *e;
	__u32 i, ref, way;

	OX_ROLLED
	for (i = 0; i < OX_CT_WAYS && ways; i++) {
		way = ct_way(ways);
		ways &= ways - 1;
		barrier_var(way);
		if (way >= OX_CT_WAYS)
			break;
		ref = READ_ONCE(b->ref[way]);
		if (!ref)
			continue;
		e = tbl_ct(OX_CT_REF_IDX(ref));
		if (e && ct_ref_is(e, ref, &r->p.t, r->p.from_b) &&
		    ct_alive(e, r->now, zgen)) {
			ct_take(r, ref, e);
			return 1;
		}
	}
	return 0;
}

/* The buckets after one that has overflowed. */
__noinline int ox_ct_find_rest(struct ox_ct_run *r, __u32 zgen)
{
	const struct ox_ct_bucket *b;
	__u32 i;

	if (!r)
		return 0;
	OX_ROLLED
	for (i = 1; i < OX_CT_PROBES; i++) {
		b = tbl_ct_bucket(ct_home(r->p.hash) + i);
		if (!b)
			break;
		if (ct_bucket_find(b, r, zgen))
			return 1;
		if (!READ_ONCE(b->over))
			break;
	}
	return 0;
}

/* The connection that the packet in r->p belongs to, at r->now: r->idx, gen and
 * dir. Sets r->p.hash. 1: found. */
static __always_inline int ct_find(struct ox_ct_run *r)
{
	const struct ox_ct_bucket *b;
	const struct ox_ct_zone *z;
	__u16 zgen;

	r->p.hash = ct_hash(&r->p.t);
	b = tbl_ct_bucket(ct_home(r->p.hash));
	z = tbl_ct_zone(r->p.t.zone);
	if (!b || !z)
		return 0;
	zgen = OX_CT_ZONE_GEN(READ_ONCE(z->word));
	if (ct_bucket_find(b, r, zgen))
		return 1;
	return READ_ONCE(b->over) ? ox_ct_find_rest(r, zgen) : 0;
}

/* ---- places of entries ---- */

/* Index of the lowest bit that is set; w is not 0. */
static __always_inline __u32 ct_ctz64(__u64 w)
{
	__u32 n = 0;

	w &= -w;
	n += w & 0x00000000ffffffffull ? 0 : 32;
	n += w & 0x0000ffff0000ffffull ? 0 : 16;
	n += w & 0x00ff00ff00ff00ffull ? 0 : 8;
	n += w & 0x0f0f0f0f0f0f0f0full ? 0 : 4;
	n += w & 0x3333333333333333ull ? 0 : 2;
	n += w & 0x5555555555555555ull ? 0 : 1;
	return n;
}

struct ox_ct_claim {
	__u32 word;
	__u32 step; /* to the next word that is looked at */
	__u32 n_words;
	__u32 idx;
};

static long ct_claim_step(__u32 i, void *arg)
{
	struct ox_ct_claim *c = arg;
	__u32 word = c->word + i * c->step, bit;
	__u64 *p, free;

	if (word >= c->n_words)
		word %= c->n_words;
	p = tbl_ct_bits(word);
	if (!p)
		return 1;
	free = ~READ_ONCE(*p);
	if (!free)
		return 0;
	bit = ct_ctz64(free);
	if (ct_fetch_or(p, 1ull << bit) >> bit & 1)
		return 0;
	c->idx = word * 64 + bit;
	c->word = word;
	return 1;
}

/* How many words of "ct_bits" are looked at: those after the CPU's last one,
 * and others from all over the table, since full ones lie side by side. */
#define OX_CT_CLAIM_NEAR 16
#define OX_CT_CLAIM_FAR	 256

/* A free place, or OX_CT_NONE. Low ones come first: their memory is warm. */
__noinline __u32 ox_ct_claim(void)
{
	const struct ox_ct_conf *cf = tbl_ct_conf();
	struct ox_ct_claim c = { .step = 1, .idx = OX_CT_NONE };
	__u32 *cursor = tbl_ct_cursor();
	__u32 n = READ_ONCE(cf->n_chunks) << OX_CT_CHUNK_SHIFT;

	if (n > cf->max)
		n = cf->max;
	c.n_words = n / 64;
	if (!cursor || !c.n_words)
		return OX_CT_NONE;
	/* a line of words for each CPU to begin with */
	c.word = *cursor ? *cursor : ct_cpu() * 8;
	c.word %= c.n_words;
	ox_loop(OX_CT_CLAIM_NEAR, ct_claim_step, &c);
	if (c.idx == OX_CT_NONE) {
		c.word = ct_prandom() % c.n_words;
		c.step = c.n_words / OX_CT_CLAIM_FAR + 1;
		ox_loop(OX_CT_CLAIM_FAR, ct_claim_step, &c);
	}
	*cursor = c.word;
	return c.idx;
}

static __always_inline void ct_unclaim(__u32 idx)
{
	__u64 *p = tbl_ct_bits(idx / 64);

	if (p)
		ct_fetch_and(p, ~(1ull << (idx & 63)));
}

/* ---- putting in and taking out ---- */

/* Does the entry of ref stand in the way of l? */
static __always_inline int ct_link_clash(const struct ox_ct *e, __u32 ref,
					 const struct ox_ct_link *l)
{
	int reply = !!(ref & OX_CT_REPLY_REF);
	const struct ox_ct_tuple *t = reply ? &e->reply : &e->orig;

	return e->life != OX_CT_FREE && ct_tuple_same(t, &l->t) &&
	       (!e->nat || !l->nat ||
		(reply ? e->reply_b : e->init_b) == l->from_b);
}

/* The ref in one place that has l's tuple already, or 0. */
static __always_inline __u32 ct_taken_at(const struct ox_ct_bucket *b,
					 __u32 way, const struct ox_ct_link *l)
{
	const struct ox_ct *e;
	__u32 ref;

	barrier_var(way);
	if (way >= OX_CT_WAYS)
		return 0;
	ref = READ_ONCE(b->ref[way]);
	if (!ref || READ_ONCE(b->sig[way]) != ox_hash_sig(l->hash))
		return 0;
	e = tbl_ct(OX_CT_REF_IDX(ref));
	return e && ct_link_clash(e, ref, l) ? ref : 0;
}

/* The ref that has l's tuple already, or 0. A loop whose end is in front of its
 * beginning isn't one for 6.1: so there is no "continue" in it. */
__noinline __u32 ox_ct_taken(const struct ox_ct_link *l)
{
	const struct ox_ct_bucket *b;
	__u32 i, ref = 0;

	if (!l)
		return 0;
	OX_ROLLED
	for (i = 0; i < OX_CT_PROBES * 8 && !ref; i++) {
		b = tbl_ct_bucket(ct_home(l->hash) + (i >> 3));
		if (!b)
			break;
		ref = ct_taken_at(b, i & 7, l);
		if ((i & 7) == 7 && !READ_ONCE(b->over))
			break;
	}
	return ref;
}

/* Of the buckets from "home" on: 8 * how far, plus the free place; OX_CT_NONE:
 * there is none. */
__noinline __u32 ox_ct_free_way(__u32 home)
{
	const struct ox_ct_bucket *b;
	__u32 i;

	OX_ROLLED
	for (i = 0; i < OX_CT_PROBES * 8; i++) {
		__u32 way = i & 7;

		b = tbl_ct_bucket(home + (i >> 3));
		if (!b)
			break;
		barrier_var(way);
		if (way < OX_CT_WAYS && !READ_ONCE(b->ref[way]))
			return i;
	}
	return OX_CT_NONE;
}

/* Refs pass by the buckets in front of theirs: one more, or one less. */
__noinline int ox_ct_pass(__u32 home, __u32 far, __u32 by)
{
	struct ox_ct_bucket *b;
	__u32 i;

	OX_ROLLED
	for (i = 0; i < OX_CT_PROBES; i++) {
		if (i >= far)
			break;
		b = tbl_ct_bucket(home + i);
		if (b)
			ct_fetch_add(&b->over, by);
	}
	return 0;
}

/* Takes one ref out. */
__noinline int ox_ct_unlink(__u64 hash, __u32 ref)
{
	struct ox_ct_bucket *b;
	__u32 i, home = ct_home(hash);

	OX_ROLLED
	for (i = 0; i < OX_CT_PROBES * 8; i++) {
		__u32 way = i & 7;

		b = tbl_ct_bucket(home + (i >> 3));
		if (!b)
			break;
		barrier_var(way);
		if (way >= OX_CT_WAYS || READ_ONCE(b->ref[way]) != ref)
			continue;
		*(volatile __u16 *)&b->sig[way] = 0;
		*(volatile __u32 *)&b->ref[way] = 0;
		if (i >> 3)
			ox_ct_pass(home, i >> 3, -1);
		return 0;
	}
	return -1;
}

/* Gives a place back that is in no list. */
static __always_inline void ct_release(struct ox_ct *e, __u32 idx, __u32 zone,
				       __u16 zgen)
{
	struct ox_ct_zone *z = tbl_ct_zone(zone);

	if (z)
		ct_zone_put(z, zgen);
	e->life = OX_CT_FREE;
	ct_unclaim(idx);
}

/*
 * Ends the connection in place idx, if it still is the one of "gen": nobody
 * else does then. portid: of the client that wants it, or 0. Returns 0 if it
 * was ended here.
 */
__noinline int ox_ct_kill(__u32 idx, __u32 gen, __u32 portid)
{
	struct ox_ct *e = tbl_ct(idx);
	struct ox_ct_bucket *b;
	__u64 hash;
	int mine = 0;

	if (!e)
		return -1;
	hash = ct_hash(&e->orig);
	b = tbl_ct_bucket(ct_home(hash));
	if (!b)
		return -1;
	ct_lock(b);
	if (e->gen == (__u16)gen && e->life == OX_CT_LIVE) {
		e->life = OX_CT_DYING;
		e->status |= OX_IPS_DYING;
		mine = 1;
	}
	ct_unlock(b);
	if (!mine)
		return -1;
	if (ct_event_heard(e, tbl_ct_conf(), OX_CT_EV_DESTROY))
		ox_ct_tell(idx, OX_CT_EV_DESTROY, portid);
	ox_ct_unlink(hash, OX_CT_REF(idx));
	if (e->nat)
		ox_ct_unlink(ct_hash(&e->reply),
			     OX_CT_REF(idx) | OX_CT_REPLY_REF);
	ct_release(e, idx, e->orig.zone, e->zgen);
	return 0;
}

#define OX_CT_LINK_TRIES 8

enum ox_ct_link_rc {
	OX_CT_LINKED,
	OX_CT_TAKEN, /* l->found has the tuple */
	OX_CT_FULL,  /* no place in the buckets */
};

/* Puts a ref in. An entry in the way whose time has come goes. With the ref of
 * its orig tuple, which is the last one, the entry lives. */
__noinline int ox_ct_link(struct ox_ct_link *l)
{
	__u32 i, ver, at, far, home, done;
	struct ox_ct_bucket *b, *w;
	struct ox_ct *e, *own;

	if (!l)
		return OX_CT_FULL;
	home = ct_home(l->hash);
	b = tbl_ct_bucket(home);
	own = tbl_ct(OX_CT_REF_IDX(l->ref));
	if (!b || !own)
		return OX_CT_FULL;
	OX_ROLLED
	for (i = 0; i < OX_CT_LINK_TRIES; i++) {
		ver = READ_ONCE(b->ver);
		l->found = ox_ct_taken(l);
		if (l->found) {
			e = tbl_ct(OX_CT_REF_IDX(l->found));
			if (!e)
				return OX_CT_FULL;
			if (e->life == OX_CT_NEW ||
			    ct_alive(e, l->now, l->zgen))
				return OX_CT_TAKEN;
			if (!ox_ct_kill(OX_CT_REF_IDX(l->found), e->gen, 0))
				ct_count(OX_CT_S_EXPIRED);
			continue;
		}
		at = ox_ct_free_way(home);
		if (at == OX_CT_NONE)
			return OX_CT_FULL;
		w = tbl_ct_bucket(home + (at >> 3));
		if (!w)
			return OX_CT_FULL;
		far = at >> 3;
		ox_ct_pass(home, far, 1);
		at &= 7;
		barrier_var(at);
		if (at >= OX_CT_WAYS)
			return OX_CT_FULL;
		done = 0;
		ct_lock(b);
		if (READ_ONCE(b->ver) == ver &&
		    !ct_cas(&w->ref[at], 0, l->ref)) {
			*(volatile __u16 *)&w->sig[at] = ox_hash_sig(l->hash);
			*(volatile __u32 *)&b->ver = ver + 1;
			if (!(l->ref & OX_CT_REPLY_REF))
				own->life = OX_CT_LIVE;
			done = 1;
		}
		ct_unlock(b);
		if (done)
			return OX_CT_LINKED;
		ox_ct_pass(home, far, -1);
		ct_count(OX_CT_S_RESTART);
	}
	return OX_CT_FULL;
}

/* early_drop(): room for a new one near its home, by an entry that isn't
 * assured, or has had its time. Returns 0 if one went. */
__noinline int ox_ct_early_drop(__u64 hash, __u32 now)
{
	const struct ox_ct_bucket *b;
	const struct ox_ct_zone *z;
	const struct ox_ct *e;
	__u32 i, ref, idx;

	OX_ROLLED
	for (i = 0; i < OX_CT_PROBES * 8; i++) {
		__u32 way = i & 7;

		b = tbl_ct_bucket(ct_home(hash) + (i >> 3));
		if (!b)
			break;
		barrier_var(way);
		if (way >= OX_CT_WAYS)
			continue;
		ref = READ_ONCE(b->ref[way]);
		if (!ref)
			continue;
		idx = OX_CT_REF_IDX(ref);
		e = tbl_ct(idx);
		if (!e || e->life != OX_CT_LIVE)
			continue;
		z = tbl_ct_zone(e->orig.zone);
		if (z && ct_alive(e, now, OX_CT_ZONE_GEN(READ_ONCE(z->word))) &&
		    (e->status & OX_IPS_ASSURED))
			continue;
		if (!ox_ct_kill(idx, e->gen, 0)) {
			ct_count(OX_CT_S_EARLY_DROP);
			return 0;
		}
	}
	return -1;
}

/* ---- the sweep ---- */

/* Ends the connection in place idx if its time has come, or its zone was
 * flushed. 1: it was so. */
__noinline int ox_ct_sweep_one(__u32 idx, __u32 now)
{
	const struct ox_ct *e = tbl_ct(idx);
	const struct ox_ct_zone *z;

	if (!e || e->life != OX_CT_LIVE)
		return 0;
	z = tbl_ct_zone(e->orig.zone);
	if (!z || ct_alive(e, now, OX_CT_ZONE_GEN(READ_ONCE(z->word))) ||
	    ox_ct_kill(idx, e->gen, 0))
		return 0;
	ct_count(OX_CT_S_EXPIRED);
	return 1;
}

#endif /* OVSXDP_BPF_CT_TABLE_H */
