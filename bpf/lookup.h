/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lookup.h - from a key to a flow: first the per-CPU cache, then the masks in
 * the order of "scan", each a probe of the one bucket table. The functions
 * marked OX_FN are checked by the verifier once each, so its work depends
 * neither on the number of masks nor on what they look like (fact B1).
 */
#ifndef OVSXDP_BPF_LOOKUP_H
#define OVSXDP_BPF_LOOKUP_H

#include "bpf/hash.h"
#include "bpf/pkt.h"

/* Hash of a key under a mask: only of the words that the mask uses. */
OX_IN __u64 mask_hash(const struct ox_mask *m, const struct ox_key *k)
{
	__u32 i, n, w;
	__u64 h;

	h = m->seed;
	n = m->n_words;
	OX_ROLLED
	for (i = 0; i < OX_KEY_WORDS; i++) {
		if (i >= n)
			break;
		w = m->word[i];
		if (w >= OX_KEY_WORDS)
			break;
		h = ox_hash_word(h, k->w[w] & m->bits[i]);
	}
	return ox_hash_final(h);
}

/* Does k match f, which uses mask m? */
OX_IN int flow_match(const struct ox_flow *f, const struct ox_mask *m,
		     const struct ox_key *k)
{
	__u32 i, n, w;

	if (OX_READ(f->state) != OX_LIVE || f->mask != m->slot)
		return 0;
	n = m->n_words;
	/* most masks use no more; offsets are constants here */
#pragma GCC unroll 6
	for (i = 0; i < 6; i++) {
		if (i >= n)
			return 1;
		w = m->word[i];
		if (w >= OX_KEY_WORDS || f->key[i] != (k->w[w] & m->bits[i]))
			return 0;
	}
	OX_ROLLED
	for (; i < OX_KEY_WORDS; i++) {
		if (i >= n)
			return 1;
		w = m->word[i];
		if (w >= OX_KEY_WORDS || f->key[i] != (k->w[w] & m->bits[i]))
			return 0;
	}
	return 1;
}

/* Not 0 if one of four 16-bit lanes of w may be sig's. Never misses one. */
OX_IN __u64 sig_lanes(__u64 w, __u64 sig4)
{
	w ^= sig4;
	return (w - 0x0001000100010001ull) & ~w & 0x8000800080008000ull;
}

/* Out of line: it is needed once a packet, the loop around it for each mask. */
OX_FN __u32 ox_bucket_find(const struct ox_bucket *b, __u32 sig,
			   const struct ox_mask *m, const struct ox_key *k)
{
	const struct ox_flow *f;
	__u32 i, idx;

	if (!b || !m || !k)
		return OX_NONE;
	OX_ROLLED
	for (i = 0; i < OX_BUCKET_WAYS; i++) {
		if (b->sig[i] != sig)
			continue;
		idx = OX_READ(b->flow[i]);
		f = tbl_flow(idx);
		if (f && flow_match(f, m, k))
			return idx;
	}
	return OX_NONE;
}

/* One mask: the flow that k matches under m, or OX_NONE. */
OX_IN __u32 probe(const struct ox_mask *m, const struct ox_key *k)
{
	const struct ox_bucket *b;
	const __u64 *lanes;
	__u64 hash, sig4;
	__u32 i, idx, at;

	hash = mask_hash(m, k);
	sig4 = ox_hash_sig(hash) * 0x0001000100010001ull;
	at = ox_hash_bucket(hash, tbl_n_buckets());
	OX_ROLLED
	for (i = 0; i < OX_PROBES; i++) {
		b = tbl_bucket((at + i) & (tbl_n_buckets() - 1));
		if (!b)
			break;
		lanes = (const __u64 *)b->sig;
		if (sig_lanes(lanes[0], sig4) | sig_lanes(lanes[1], sig4)) {
			idx = ox_bucket_find(b, ox_hash_sig(hash), m, k);
			if (idx != OX_NONE)
				return idx;
		}
		if (!b->overflow)
			break;
	}
	return OX_NONE;
}

/*
 * Hash of a packet's flow: what a 5-tuple hash sees, and the addresses below
 * it. Not of TOS, TTL and TCP flags, which change within a flow. Never 0.
 */
OX_IN __u32 key_hash(const struct ox_key *k)
{
	__u64 h;

	h = (k->w[0] + 1) * 0x9e3779b97f4a7c15ull;
	h ^= (k->w[1] + 1) * 0xc2b2ae3d27d4eb4full;
	h += (k->w[2] + 1) * 0x165667b19e3779f9ull;
	h ^= ((k->w[3] & 0xffffffffff0000ffull) + 1) * 0xd6e8feb86659fd93ull;
	h += (k->w[4] + 1) * 0xa0761d6478bd642full;
	/* 0 for IPv4 */
	if (k->w[5] | k->w[6] | k->w[7]) {
		h ^= h >> 32;
		h += k->w[5] * 0xe7037ed1a0b428dbull;
		h ^= k->w[6] * 0x8ebc6af09c88c6e3ull;
		h += k->w[7] * 0x589965cc75374cc3ull;
	}
	h ^= h >> 32;
	h *= OX_HASH_MUL;
	h >>= 32;
	return h ? h : 1;
}

struct ox_scan_walk {
	struct ox_pkt *p;
	__u32 base; /* of the half in use */
};

static long scan_step(__u32 i, void *arg)
{
	struct ox_scan_walk *w = arg;
	const struct ox_mask *m = tbl_scan(w->base + i);

	if (!m)
		return 1;
	w->p->flow = probe(m, &w->p->key);
	if (w->p->flow == OX_NONE)
		return 0;
	tbl_mask_hit(m->slot);
	return 1;
}

/* All masks, hottest first. Sets flow, adds to n_mask_hit. */
OX_FN int ox_scan(struct ox_pkt *p, __u32 scan)
{
	struct ox_scan_walk w = { .p = p };
	__u32 n = OX_SCAN_N(scan);

	if (!p)
		return -1;
	if (n > tbl_max_masks())
		n = tbl_max_masks();
	w.base = OX_SCAN_HALF(scan) ? tbl_max_masks() : 0;
	p->n_mask_hit += ox_loop(n, scan_step, &w);
	return 0;
}

/*
 * The place of a hash in the cache: where it stands (the entry's hash is the
 * same), or where it should be put. OX_CACHE_WAYS places are looked at, each
 * given by 8 more bits of the hash; the smallest hash is given up, so an
 * empty place goes first. As ovs_flow_tbl_lookup_stats() does.
 */
OX_IN __u32 cache_find(const struct ox_cache *ca, __u32 hash, __u32 size)
{
	__u32 i, at, best = 0, best_hash = 0xffffffff, seg = hash;

	size = (size - 1) & (OX_CACHE_MAX - 1);
#pragma GCC unroll 4
	for (i = 0; i < OX_CACHE_WAYS; i++) {
		at = seg & size;
		if (ca->e[at].hash == hash)
			return at;
		if (ca->e[at].hash < best_hash || !i) {
			best = at;
			best_hash = ca->e[at].hash;
		}
		seg >>= 8;
	}
	return best;
}

/* The flow that the cache names, if the packet does match it. */
OX_IN struct ox_flow *cache_flow(__u32 idx, const struct ox_key *k)
{
	struct ox_flow *f = tbl_flow(idx);
	struct ox_mask *m;

	if (!f)
		return NULL;
	m = tbl_mask(f->mask);
	if (!m || !flow_match(f, m, k))
		return NULL;
	return f;
}

/* The flow of a packet or NULL; sets flow and the counts of p. */
OX_IN struct ox_flow *lookup(struct ox_pkt *p, const struct ox_config *cfg)
{
	__u32 size = OX_READ(cfg->cache_size), at = 0;
	struct ox_cache *ca = size ? tbl_cache() : NULL;
	struct ox_flow *f;

	p->flow = OX_NONE;
	if (ca) {
		at = cache_find(ca, p->hash, size) & (OX_CACHE_MAX - 1);
		if (ca->e[at].hash == p->hash) {
			p->flow = ca->e[at].flow;
			f = cache_flow(p->flow, &p->key);
			if (f) {
				p->n_mask_hit = 1;
				p->n_cache_hit = 1;
				return f;
			}
			p->flow = OX_NONE;
			ca->e[at].hash = 0;
		}
	}
	ox_scan(p, OX_READ(cfg->scan));
	if (p->flow == OX_NONE)
		return NULL;
	if (ca) {
		ca->e[at].flow = p->flow;
		ca->e[at].hash = p->hash;
	}
	return tbl_flow(p->flow);
}

#endif /* OVSXDP_BPF_LOOKUP_H */
