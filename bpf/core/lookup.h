/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lookup.h - from a key to a flow: first the per-CPU cache, then the masks in
 * the order of "scan", each a probe of the one bucket table. The functions
 * marked __noinline are checked by the verifier once each, so its work depends
 * neither on the number of masks nor on what they look like (docs/facts.md,
 * B1).
 */
#ifndef OVSXDP_BPF_LOOKUP_H
#define OVSXDP_BPF_LOOKUP_H

#include "bpf/core/ctx.h"
#include "bpf/core/hash.h"
#include "bpf/core/pkt.h"
#include "bpf/core/stats.h"

/* Does a mask begin with the words 0 to 3? Those of Open vSwitch do: port, both
 * MACs with type and tag, and the protocol with its ports and kind of fragment.
 * Where they are is a constant then. */
static __always_inline int mask_is_plain(const struct ox_mask *m)
{
	return OX_PEEK(__u32, m->word) == 0x03020100;
}

/* The rest of a key with a tunnel. NULL: its words are zero. */
static __always_inline const struct ox_tun *key_tun(const struct ox_key *k)
{
	return k->tun_proto ? tbl_tun(k->tun_at) : NULL;
}

/* Word w of it, from OX_KEY_WORDS on, as masks count them. */
static __always_inline __u64 tun_word(const struct ox_tun *t, __u32 w)
{
	w -= OX_KEY_WORDS;
	barrier_var(w);
	return t && w < OX_TUN_WORDS ? t->x[w] : 0;
}

/* Out of line: what is left of mask_hash() has no loop, which the verifier
 * would follow in each step of the one around it. */
__noinline __u64 ox_mask_hash(const struct ox_mask *m, const struct ox_key *k)
{
	const struct ox_tun *t;
	__u32 i, n, w;
	__u64 h = 0, word;

	if (!m || !k)
		return 0;
	n = m->n_words;
	t = key_tun(k);
	OX_ROLLED
	for (i = 0; i < OX_KEY_WORDS; i++) {
		if (i >= n)
			break;
		w = m->word[i];
		word = w < OX_KEY_WORDS ? k->w[w] : tun_word(t, w);
		h = ox_hash_mask(h, m->seed, word & m->bits[i]);
	}
	return h;
}

/*
 * Hash of a key under a mask: only of the words that the mask uses. In line are
 * those that Open vSwitch's masks have most. They are masks without addresses,
 * of IPv4 (word 4) and of IPv6 (4 to 7). Each comes without and with word 8 (a
 * tag's Ethertype, TCP flags).
 */
static __always_inline __u64 mask_hash(const struct ox_mask *m,
				       const struct ox_key *k)
{
	__u32 n = m->n_words;
	__u64 h = 0;

#define OX_HASH_WORD(i, w_) h = ox_hash_mask(h, m->seed, k->w[w_] & m->bits[i])
#define OX_HASH_END(i)               \
	do {                         \
		if (n == (i))        \
			return h;    \
		if (m->word[i] != 8) \
			break;       \
		OX_HASH_WORD(i, 8);  \
		if (n == (i) + 1)    \
			return h;    \
	} while (0)

	if (!mask_is_plain(m))
		return ox_mask_hash(m, k);
	OX_HASH_WORD(0, 0);
	OX_HASH_WORD(1, 1);
	OX_HASH_WORD(2, 2);
	OX_HASH_WORD(3, 3);
	if (m->word[4] != 4) {
		OX_HASH_END(4);
		return ox_mask_hash(m, k);
	}
	OX_HASH_WORD(4, 4);
	if (m->word[5] != 5) {
		OX_HASH_END(5);
		return ox_mask_hash(m, k);
	}
	OX_HASH_WORD(5, 5);
	OX_HASH_WORD(6, 6);
	OX_HASH_WORD(7, 7);
	if (OX_PEEK(__u32, m->word + 4) == 0x07060504)
		OX_HASH_END(8);
	return ox_mask_hash(m, k);
#undef OX_HASH_END
#undef OX_HASH_WORD
}

/*
 * Those of the tunnel's words that are in one of a flow's lines; line 0 is the
 * first one. Words rise, so they are the last ones.
 */
__noinline int ox_flow_match_tun(__u32 flow, __u32 line,
				 const struct ox_mask *m,
				 const struct ox_key *k)
{
	__u32 i, w, at = 0, n = OX_FLOW_WORDS;
	const struct ox_tun *t;
	const struct ox_flow *f;
	const __u64 *words;

	if (!m || !k)
		return 0;
	if (line) {
		words = tbl_flow_more(flow, line - 1);
		at = OX_FLOW_WORDS + 8 * (line - 1);
		n = 8;
	} else {
		f = tbl_flow(flow);
		/* no compiler may add to the pointer before it was tested */
		barrier_var(f);
		if (!f)
			return 0;
		words = f->key;
	}
	barrier_var(words);
	if (!words)
		return 0;
	t = key_tun(k);
	OX_ROLLED
	for (i = 0; i < 8; i++, at++) {
		barrier_var(at);
		if (i >= n || at >= OX_KEY_WORDS || at >= m->n_words)
			return 1;
		w = m->word[at];
		if (w >= OX_KEY_WORDS &&
		    words[i] != (tun_word(t, w) & m->bits[at]))
			return 0;
	}
	return 1;
}

/* The words of one of a flow's further lines, but for the tunnel's. */
__noinline int ox_flow_match_line(__u32 flow, __u32 line,
				  const struct ox_mask *m,
				  const struct ox_key *k)
{
	const __u64 *words = tbl_flow_more(flow, line);
	__u32 i, w, at;

	if (!words || !m || !k)
		return 0;
	OX_ROLLED
	for (i = 0; i < 8; i++) {
		at = OX_FLOW_WORDS + 8 * line + i;
		barrier_var(at);
		if (at >= OX_KEY_WORDS || at >= m->n_words)
			return 1;
		w = m->word[at];
		if (w >= OX_KEY_WORDS)
			return 1;
		if (words[i] != (k->w[w] & m->bits[at]))
			return 0;
	}
	return 1;
}

enum ox_match {
	OX_MATCH_NO,
	OX_MATCH_YES,
	OX_MATCH_MORE, /* the mask has words that are in further lines, or the
			* tunnel's */
};

/* May a packet that isn't of the usual kind match under m at all? */
static __always_inline int mask_takes(const struct ox_mask *m,
				      const struct ox_key *k)
{
	return (k->mac_proto || m->l3) && (!k->has_tun || m->tunnels);
}

/* Does k match what is in a flow's first line, if that uses mask m? */
static __always_inline enum ox_match flow_match_first(const struct ox_flow *f,
						      const struct ox_mask *m,
						      const struct ox_key *k)
{
	__u32 i, n, w, state = READ_ONCE(f->state);

	if (state != OX_LIVE || (k->kind != OX_KIND_PLAIN && !mask_takes(m, k)))
		return OX_MATCH_NO;
	f = ox_after(f, state);
	n = m->n_words;
#define OX_MATCH_WORD(i)                                 \
	do {                                             \
		if (n <= (i))                            \
			return OX_MATCH_YES;             \
		w = m->word[i];                          \
		if (w >= OX_KEY_WORDS)                   \
			return OX_MATCH_MORE;            \
		if (f->key[i] != (k->w[w] & m->bits[i])) \
			return OX_MATCH_NO;              \
	} while (0)

	if (mask_is_plain(m)) {
		if (f->key[0] != (k->w[0] & m->bits[0]) ||
		    f->key[1] != (k->w[1] & m->bits[1]) ||
		    f->key[2] != (k->w[2] & m->bits[2]) ||
		    f->key[3] != (k->w[3] & m->bits[3]))
			return OX_MATCH_NO;
		OX_MATCH_WORD(4);
		OX_MATCH_WORD(5);
	} else {
		OX_ROLLED
		for (i = 0; i < OX_FLOW_WORDS; i++)
			OX_MATCH_WORD(i);
	}
#undef OX_MATCH_WORD
	return n <= OX_FLOW_WORDS ? OX_MATCH_YES : OX_MATCH_MORE;
}

/* And what is in the others? f is flow "flow". */
static __always_inline int flow_match_more(const struct ox_flow *f, __u32 flow,
					   const struct ox_mask *m,
					   const struct ox_key *k)
{
	/* the same place can't be read as older than it was */
	__u32 state = READ_ONCE(f->state);

	(void)state;
	flow += ox_dep(state);
	return ox_flow_match_line(flow, 0, m, k) &&
	       (m->n_words <= OX_FLOW_WORDS + 8 ||
		(ox_flow_match_line(flow, 1, m, k) &&
		 ox_flow_match_line(flow, 2, m, k))) &&
	       (!m->tun || (ox_flow_match_tun(flow, 0, m, k) &&
			    ox_flow_match_tun(flow, 1, m, k) &&
			    ox_flow_match_tun(flow, 2, m, k) &&
			    ox_flow_match_tun(flow, 3, m, k)));
}

static __always_inline int flow_match(const struct ox_flow *f, __u32 flow,
				      const struct ox_mask *m,
				      const struct ox_key *k)
{
	enum ox_match first = flow_match_first(f, m, k);

	return first == OX_MATCH_YES ||
	       (first == OX_MATCH_MORE && flow_match_more(f, flow, m, k));
}

/* The top bit of a 16-bit lane is set if that lane of w may be sig's, which has
 * 15 bits. Never misses one. */
static __always_inline __u64 sig_lanes(__u64 w, __u64 sig4)
{
	return (w ^ sig4) - 0x0001000100010001ull;
}

static __always_inline __u64 bucket_may(const struct ox_bucket *b, __u32 sig)
{
	const __u64 *lanes = (const __u64 *)b->sig;
	__u64 sig4 = sig * 0x0001000100010001ull;

	return (sig_lanes(lanes[0], sig4) | sig_lanes(lanes[1], sig4)) &
	       0x8000800080008000ull;
}

/* Out of line: it is needed once a packet, the loop around it for each mask. */
__noinline __u32 ox_bucket_find(const struct ox_bucket *b, __u32 sig,
				const struct ox_mask *m, const struct ox_key *k)
{
	const struct ox_flow *f;
	__u32 i, idx;
	__u16 is;

	if (!b || !m || !k)
		return OX_NONE;
	OX_ROLLED
	for (i = 0; i < OX_BUCKET_WAYS; i++) {
		is = READ_ONCE(b->sig[i]);
		if (is != sig)
			continue;
		idx = READ_ONCE(ox_after(b, is)->flow[i]);
		f = tbl_flow(idx);
		if (f && f->mask == m->slot && flow_match(f, idx, m, k))
			return idx;
	}
	return OX_NONE;
}

/* The buckets after one that has overflowed. */
__noinline __u32 ox_bucket_rest(__u32 at, __u32 sig, const struct ox_mask *m,
				const struct ox_key *k)
{
	const struct ox_bucket *b;
	__u32 i, idx;

	if (!m || !k)
		return OX_NONE;
	OX_ROLLED
	for (i = 1; i < OX_PROBES; i++) {
		at = ox_bucket_after(at, tbl_n_buckets());
		b = tbl_bucket(at);
		if (!b)
			break;
		if (bucket_may(b, sig)) {
			idx = ox_bucket_find(b, sig, m, k);
			if (idx != OX_NONE)
				return idx;
		}
		if (!b->overflow)
			break;
	}
	return OX_NONE;
}

/* One mask: the flow that k matches under m, or OX_NONE. */
static __always_inline __u32 probe(const struct ox_mask *m,
				   const struct ox_key *k)
{
	const struct ox_bucket *b;
	__u32 sig, at, idx;
	__u64 hash;

	hash = mask_hash(m, k);
	sig = ox_hash_sig(hash);
	at = ox_hash_bucket(hash, tbl_n_buckets());
	b = tbl_bucket(at);
	if (!b)
		return OX_NONE;
	if (bucket_may(b, sig)) {
		idx = ox_bucket_find(b, sig, m, k);
		if (idx != OX_NONE)
			return idx;
	}
	return b->overflow ? ox_bucket_rest(at, sig, m, k) : OX_NONE;
}

/* A packet's hash, with what tells its tunnel from others. Never 0. */
__noinline __u32 ox_tun_hash(const struct ox_key *k, __u32 hash)
{
	const struct ox_tun *t;
	__u64 h;

	if (!k)
		return hash;
	t = key_tun(k);
	if (!t)
		return hash;
	h = ox_hash_word(hash, t->tun_id);
	h = ox_hash_word(h, t->x[1] ^ t->x[2]);
	h = ox_hash_final(h) >> 32;
	return h ? h : 1;
}

/*
 * Hash of a packet's flow: what a 5-tuple hash sees, the addresses below it,
 * and its tunnel. Not of TOS, TTL and TCP flags, which change within a flow.
 * Never 0.
 */
static __always_inline __u32 key_hash(const struct ox_key *k)
{
	const __u64 mul = 0xa0761d6478bd642full;
	__u64 h;

	h = k->w[0] * mul;
	h = (h + k->w[1]) * mul;
	h = (h + k->w[2]) * mul;
	h = (h + (k->w[3] & 0xffffffffff0000ffull)) * mul;
	h = (h + k->w[4]) * mul;
	if (k->eth_type != ox_be16(OX_P_IP)) {
		h ^= h >> 32;
		h = (h + k->w[5]) * mul;
		h ^= h >> 32;
		h = (h + k->w[6]) * mul;
		h ^= h >> 32;
		h = (h + k->w[7]) * mul;
	}
	/* what changed only in the upper bits of a word is there alone */
	h ^= h >> 32;
	h *= mul;
	h >>= 32;
	barrier_var(h);
	h = h ? h : 1;
#ifndef OX_CTX_XDP
	if (k->tun_proto)
		return ox_tun_hash(k, h);
#endif
	return h;
}

#define OX_SCAN_STEP 4

struct ox_scan_walk {
	struct ox_pkt *p;
	__u64 blocks; /* of the last top, whose masks p may match */
	__u64 masks;  /* those from place on, that p may match */
	__u32 place;  /* of bit 0 of masks */
	__u8 half;    /* in use: 0 or 1 */
	__u8 top;     /* to look at next, */
	__u8 n_tops;  /* and how many there are */
	__u8 after;   /* 0, by ox_dep(): addresses depend on config.scan */
};

/* The AND of what a block says of each byte of the key. */
static __always_inline __u64 prune_and(const struct ox_prune *b,
				       const struct ox_key *k)
{
	const __u8 *byte = (const __u8 *)k;
	__u64 may = ~0ull;

	/* one after the other: if the compiler loads them all first, it needs
	 * more registers than there are and spills to the stack */
#define OX_PRUNE_AND(d, at)         \
	may &= b->may[d][byte[at]]; \
	asm volatile("" : "+r"(may));
	OX_PRUNE_BYTES(OX_PRUNE_AND)
#undef OX_PRUNE_AND
	return may;
}

/* More bits in blocks, or else in masks. 0: that was all. */
static __always_inline int scan_refill(struct ox_scan_walk *w)
{
	__u32 max = tbl_max_masks();
	__u32 i = (w->half ? OX_PRUNE_HALF(max) : 0) + w->after;
	const struct ox_prune *b;
	int down = !!w->blocks;
	__u64 may;

	if (down) {
		w->place =
			ox_ctz64(w->blocks) + (w->top ? 64 * (w->top - 1) : 0);
		w->blocks &= w->blocks - 1;
		i += w->place;
		w->place = 64 * w->place + (w->half ? max : 0) + w->after;
	} else {
		if (w->top >= w->n_tops)
			return 0;
		i += OX_PRUNE_BLOCKS(max) + w->top++;
	}
	b = tbl_prune(i);
	if (!b)
		return 0;
	may = prune_and(b, &w->p->key);
	if (down)
		w->masks = may;
	else
		w->blocks = may;
	return 1;
}

/* Some probes a call: a call costs half as much as a probe. */
static long scan_step(__u32 i, void *arg)
{
	struct ox_scan_walk *w = arg;
	const struct ox_mask *m;
	__u32 flow, skip;
	__u64 n;

	(void)i;
	if (!w->masks && !scan_refill(w))
		return 1;
	OX_ROLLED
	for (n = 0; n < OX_SCAN_STEP && w->masks; n++) {
		/* a register of 64 bits, whose spill the verifier follows */
		barrier_var(n);
		if (!(w->masks & 1)) {
			skip = ox_ctz64(w->masks);
			w->masks >>= skip;
			w->place += skip;
		}
		w->masks >>= 1;
		m = tbl_scan(w->place++);
		if (!m)
			return 1;
		w->p->n_mask_hit++;
		flow = probe(m, &w->p->key);
		if (flow != OX_NONE) {
			w->p->flow = flow;
			tbl_mask_hit(m->slot);
			return 1;
		}
	}
	return 0;
}

/* All masks that may match, hottest first. Sets flow, adds to n_mask_hit. */
__noinline int ox_scan(struct ox_pkt *p, __u32 scan)
{
	__u32 max = tbl_max_masks(), n = OX_SCAN_N(scan), n_blocks;
	struct ox_scan_walk w = { .p = p, .half = OX_SCAN_HALF(scan) };

	if (!p)
		return -1;
	if (n > max)
		n = max;
	n_blocks = OX_PRUNE_BLOCKS(n);
	w.after = ox_dep(scan);
	w.place = (w.half ? max : 0) + w.after;
	if (n < OX_PRUNE_MIN)
		w.masks = (1ull << n) - 1;
	else if (n_blocks == 1)
		w.blocks = 1;
	else
		w.n_tops = OX_PRUNE_BLOCKS(n_blocks);
	ox_loop(n + 2 * n_blocks + 2, scan_step, &w);
	return 0;
}

/*
 * The place of a hash in the cache, or OX_NONE. OX_CACHE_WAYS places are looked
 * at, each given by 8 more bits of the hash. As ovs_flow_tbl_lookup_stats()
 * does.
 */
static __always_inline __u32 cache_find(const struct ox_cache *ca, __u32 hash,
					__u32 size)
{
	__u32 i, at, seg = hash;

	size = (size - 1) & (OX_CACHE_MAX - 1);
#pragma GCC unroll 4
	for (i = 0; i < OX_CACHE_WAYS; i++) {
		at = seg & size;
		if (ca->e[at].hash == hash)
			return at;
		seg >>= 8;
	}
	return OX_NONE;
}

/* Where it should be put: the smallest hash is given up, so an empty place goes
 * first. */
static __always_inline __u32 cache_place(const struct ox_cache *ca, __u32 hash,
					 __u32 size)
{
	__u32 i, at, best = 0, best_hash = 0xffffffff, seg = hash;

	size = (size - 1) & (OX_CACHE_MAX - 1);
#pragma GCC unroll 4
	for (i = 0; i < OX_CACHE_WAYS; i++) {
		at = seg & size;
		if (ca->e[at].hash < best_hash || !i) {
			best = at;
			best_hash = ca->e[at].hash;
		}
		seg >>= 8;
	}
	return best;
}

/*
 * A packet whose flow the cache didn't name. A hit saves a search, which costs
 * as much as about two probes and one for each mask. A miss costs one and a
 * half: the CPU begins with what it guesses, the wrong flow perhaps.
 */
static __always_inline void cache_missed(struct ox_dp_stats *s)
{
	struct ox_cache_gauge *g = &s->gauge;
	__u64 hits, masks;

	if (!g->misses++) {
		g->hits = s->n_cache_hit;
		g->masks = s->n_mask_hit;
		return;
	}
	if (g->misses <= OX_CACHE_PERIOD)
		return;
	hits = s->n_cache_hit - g->hits;
	masks = s->n_mask_hit - g->masks - hits;
	if (2 * hits * (masks + OX_CACHE_PERIOD) <
	    3 * OX_CACHE_PERIOD * OX_CACHE_PERIOD)
		g->rest = OX_CACHE_REST;
	g->misses = 0;
}

/* The flow that the cache names, p->flow, if the packet does match it. That is
 * read again where it is needed: a register more costs all hits. */
static __always_inline struct ox_flow *cache_flow(const struct ox_pkt *p)
{
	struct ox_flow *f = tbl_flow(p->flow);
	struct ox_mask *m;
	enum ox_match first;

	if (!f)
		return NULL;
	m = tbl_mask(f->mask);
	if (!m)
		return NULL;
	first = flow_match_first(f, m, &p->key);
	if (first == OX_MATCH_YES ||
	    (first == OX_MATCH_MORE &&
	     flow_match_more(f, READ_ONCE(p->flow), m, &p->key)))
		return f;
	return NULL;
}

/* The flow of a packet or NULL; sets p->flow, which is OX_NONE, and counts. */
static __always_inline struct ox_flow *
lookup(struct ox_pkt *p, const struct ox_config *cfg, struct ox_dp_stats *s)
{
	__u32 size = READ_ONCE(cfg->cache_size), at;
	struct ox_cache *ca = NULL;
	struct ox_flow *f;

	if (size && s->gauge.rest)
		s->gauge.rest--;
	else if (size)
		ca = tbl_cache();
	if (ca) {
		at = cache_find(ca, p->hash, size);
		if (at < OX_CACHE_MAX) {
			p->flow = ca->e[at].flow;
			f = cache_flow(p);
			if (f) {
				p->n_mask_hit = 1;
				p->n_cache_hit = 1;
				count_cache_hit(s);
				return f;
			}
			p->flow = OX_NONE;
			ca->e[at].hash = 0;
		}
	}
	ox_scan(p, READ_ONCE(cfg->scan));
	f = p->flow == OX_NONE ? NULL : tbl_flow(p->flow);
	count_lookup(s, p, f);
	if (ca)
		cache_missed(s);
	if (f && ca) {
		at = cache_place(ca, p->hash, size) & (OX_CACHE_MAX - 1);
		ca->e[at].flow = p->flow;
		ca->e[at].hash = p->hash;
	}
	return f;
}

#endif /* OVSXDP_BPF_LOOKUP_H */
