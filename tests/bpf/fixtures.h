/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fixtures.h - one table of cases for both builds of the core: a frame, the
 * flows and ports it meets, and what must become of it. A case fills in a
 * struct fx; tests/unit/test_core.c runs it on the host build,
 * tests/bpf/test_xdp.c through BPF_PROG_TEST_RUN.
 */
#ifndef OVSXDP_TESTS_BPF_FIXTURES_H
#define OVSXDP_TESTS_BPF_FIXTURES_H

#include "bpf/core/hash.h"
#include "bpf/host.h"
#include "tests/bpf/packets.h"
#include "tests/lib/mem_heap.h"

#define FX_IN	     1 /* port numbers */
#define FX_OUT	     2
#define FX_LIST	     0xfffffffe /* the slot of the case's own list */
#define FX_MAX_FLOWS (OX_PROBES * OX_BUCKET_WAYS)
#define FX_BUCKETS   32
#define FX_MASKS     64
#define FX_PORTS     16

struct fx_flow {
	struct ox_key key, mask;
	uint32_t kind, arg; /* OX_ACT_OPS, _RUN: arg is set by the installer */
	uint32_t n_ops;
	struct ox_op ops[OX_ACTS_OPS];
	bool dead; /* in no bucket any more: only a cache may name it */
};

struct fx {
	struct desc d; /* of the frame that comes in */
	struct frame in, out;
	struct ox_key key;  /* that the frame must have */
	bool no_flow;	    /* don't install the exact flow for key */
	struct fx_flow act; /* what the exact flow does; output by default */
	int n_more;
	struct fx_flow more[FX_MAX_FLOWS]; /* installed before it */
	/* the surroundings */
	bool no_in_port;
	bool no_skb_tier; /* a verdict OX_V_DOWN has nowhere to go */
	bool user_only;	  /* the list is none for XDP, which hands it down */
	bool no_room;	  /* XDP can't pop the first op's header from a short
			   * linear part, so that goes down */
	uint32_t in_flags, out_flags, out_ifindex, out_mtu, n_xsk;
	uint32_t cache_size;
	uint32_t cache_rest; /* packets that shall not ask the cache */
	uint32_t in_cache;   /* the frame's entry names more[in_cache - 1] */
	uint64_t rx_hint; /* config.rx_hint has this, "rxports" not the port */
	bool short_tag;	  /* no stack takes its tag off: XDP, which can't hand
			   * it down, gives it to user space */
	int runs;	  /* the same frame so many times */
	/* what must happen in each run */
	enum ox_verdict verdict;
	uint32_t arg;
	bool refused;  /* there is no key */
	uint32_t acts; /* OX_V_USER, _DOWN: list handed over; FX_LIST */
	uint32_t pc;
	bool miss;
	bool stale;	     /* handed over with a key that lags behind */
	uint32_t n_recirc;   /* passes after the first, each a hit */
	uint32_t n_mask_hit; /* of all runs */
	uint32_t n_cache_hit;
	uint32_t reason[OX_R_COUNT]; /* in each run */
};

typedef void (*fx_case)(struct fx *f);

/* ---- ops ---- */

static inline struct ox_op *fx_op(struct fx *f, uint8_t code, uint32_t arg)
{
	struct ox_op *op = &f->act.ops[f->act.n_ops++];

	if (f->act.kind != OX_ACT_RUN)
		f->act.kind = OX_ACT_OPS;
	f->act.arg = 0;
	op->code = code;
	op->arg = arg;
	return op;
}

/* Bytes val under mask (NULL: all ones). */
static inline void fx_set(struct fx *f, uint8_t code, uint32_t arg,
			  const void *val, const void *mask, int n)
{
	struct ox_op *op = fx_op(f, code, arg);

	memset(&op->mask, 0xff, n);
	if (mask)
		memcpy(&op->mask, mask, n);
	memcpy(&op->val, val, n);
	op->val &= op->mask;
}

static inline void fx_set16(struct fx *f, uint8_t code, uint32_t arg,
			    uint16_t v)
{
	uint16_t be = htons(v);

	fx_set(f, code, arg, &be, NULL, 2);
}

static inline void fx_set32(struct fx *f, uint8_t code, uint32_t v)
{
	uint32_t be = htonl(v);

	fx_set(f, code, 0, &be, NULL, 4);
}

static inline void fx_set8(struct fx *f, uint8_t code, uint8_t v, uint8_t mask)
{
	fx_set(f, code, 0, &v, &mask, 1);
}

static inline void fx_set6(struct fx *f, uint8_t code, const uint8_t *addr)
{
	fx_set(f, code, 0, addr, NULL, 8);
	fx_set(f, code, 1, addr + 8, NULL, 8);
}

/* ---- a case's frame ---- */

/* The usual case: this frame matches a flow that outputs it unchanged. */
static inline void fx_frame(struct fx *f, const struct desc *d)
{
	f->d = *d;
	build(d, &f->in);
	f->out = f->in;
	f->key = desc_key(d, FX_IN);
}

/* The frame leaves as d says, by ops that were given, then output. */
static inline void fx_becomes(struct fx *f, const struct desc *d)
{
	build(d, &f->out);
	fx_op(f, OX_OP_OUTPUT, FX_OUT);
}

static inline void fx_cut(struct fx *f, uint32_t len)
{
	f->in.len = len;
	f->out.len = len;
}

static inline void fx_drop(struct fx *f, enum ox_reason r)
{
	f->verdict = OX_V_DROP;
	f->arg = r;
	f->reason[r]++;
}

static inline void fx_user(struct fx *f, enum ox_upcall why)
{
	f->verdict = OX_V_USER;
	f->arg = why;
}

/* One tier down: from the beginning, or from an op of the list on. */
static inline void fx_down(struct fx *f, enum ox_upcall why)
{
	f->verdict = OX_V_DOWN;
	f->arg = why;
}

static inline void fx_down_at(struct fx *f, uint32_t pc)
{
	fx_down(f, OX_UP_FLOW);
	f->acts = FX_LIST;
	f->pc = pc;
}

/* The module fails on its key. */
static inline void fx_refused(struct fx *f)
{
	f->refused = true;
	f->no_flow = true;
	f->n_mask_hit = 0;
	fx_drop(f, OX_R_BAD_HDR);
}

/* The list is one for the interpreter. */
static inline void fx_interpreted(struct fx *f)
{
	f->act.kind = OX_ACT_RUN;
}

static inline void fx_defaults(struct fx *f)
{
	memset(f, 0, sizeof(*f));
	f->act.kind = OX_ACT_OUTPUT;
	f->act.arg = FX_OUT;
	f->out_flags = OX_PORT_UP;
	f->out_ifindex = 1;
	f->out_mtu = 1500;
	f->n_xsk = 1;
	f->acts = OX_NONE;
	f->runs = 1;
	f->verdict = OX_V_OUTPUT;
	f->arg = FX_OUT;
	f->n_mask_hit = 1;
}

static inline void fx_prepare(struct fx *f, fx_case fn)
{
	fx_defaults(f);
	fn(f);
	memset(&f->act.mask, 0xff, sizeof(f->act.mask));
	f->act.key = f->key;
}

/* ---- memory ---- */

/* The slot of a mask in full form: found or made. */
static inline uint32_t fx_mask(struct ox_mem *m, const struct ox_key *full)
{
	struct ox_mask c = { .state = OX_LIVE, .l3 = 1 };
	uint32_t i, n = OX_SCAN_N(m->config->scan);

	for (i = 0; i < OX_KEY_WORDS; i++) {
		if (!full->w[i])
			continue;
		c.word[c.n_words] = i;
		c.bits[c.n_words++] = full->w[i];
	}
	for (i = 0; i < n; i++)
		if (!memcmp(m->masks[i].word, c.word, sizeof(c.word)) &&
		    !memcmp(m->masks[i].bits, c.bits, sizeof(c.bits)))
			return i;
	c.slot = n;
	c.seed = ox_hash_seed(m->config->hash_seed, n);
	m->masks[n] = c;
	m->scan[n] = c;
	/* any packet may match any mask */
	memset(m->prune, 0xff,
	       OX_PRUNE_HALF(m->config->max_masks) * sizeof(*m->prune));
	m->config->scan = OX_SCAN(0, n + 1);
	return n;
}

static inline void fx_bucket_put(struct ox_mem *m, uint64_t hash, uint32_t flow)
{
	uint32_t n = m->config->n_buckets, at = ox_hash_bucket(hash, n), p, i;

	for (p = 0; p < OX_PROBES; p++) {
		struct ox_bucket *b = &m->buckets[(at + p) % n];

		for (i = 0; i < OX_BUCKET_WAYS; i++) {
			if (b->sig[i])
				continue;
			b->flow[i] = flow;
			b->sig[i] = ox_hash_sig(hash);
			return;
		}
		b->overflow++;
	}
}

static inline void fx_install(struct ox_mem *m, const struct fx_flow *src,
			      uint32_t idx)
{
	uint32_t slot = fx_mask(m, &src->mask), i, arg = src->arg;
	const struct ox_mask *mask = &m->masks[slot];
	struct ox_flow *f = ox_mem_flow(m, idx);
	struct ox_acts *a = ox_mem_acts(m, idx);

	f->mask = slot;
	for (i = 0; i < mask->n_words; i++)
		*ox_mem_flow_word(m, idx, i) = src->key.w[mask->word[i]] &
					       mask->bits[i];
	ox_mem_flow_more(m, idx)->hash =
		ox_host_mask_hash(mask, &src->key, NULL);
	if ((src->kind == OX_ACT_OPS || src->kind == OX_ACT_RUN) && !arg) {
		arg = idx;
		a->n_ops = src->n_ops;
		memcpy(a->ops, src->ops, sizeof(a->ops));
		a->state = OX_LIVE;
	}
	f->action = OX_ACTION(src->kind, arg);
	f->state = src->dead ? OX_DEAD : OX_LIVE;
	if (!src->dead)
		fx_bucket_put(m, ox_mem_flow_more(m, idx)->hash, idx);
}

/* What earlier packets have left in the cache. */
static inline void fx_cache(const struct fx *f, struct ox_cache *cache)
{
	uint32_t hash = ox_host_key_hash(&f->key);

	memset(cache, 0, sizeof(*cache));
	if (f->in_cache)
		cache->e[hash & (f->cache_size - 1)] =
			(struct ox_cache_entry){ .hash = hash,
						 .flow = f->in_cache - 1 };
}

/* All that a case says about memory; the flow for key comes last. */
static inline struct ox_mem *fx_memory(const struct fx *f)
{
	struct ox_mem_heap_params p = { .max_flows = 256,
					.max_masks = FX_MASKS,
					.max_ports = FX_PORTS,
					.chunk_shift = 8,
					.n_buckets = FX_BUCKETS,
					.cache_size = f->cache_size };
	struct ox_mem *m;
	int i;

	if (ox_mem_heap_new(&p, &m) || m->ops->grow_flows(m) ||
	    m->ops->grow_acts(m))
		return NULL;
	if (!f->no_in_port)
		m->ports[FX_IN] = (struct ox_port){
			.ifindex = 1,
			.flags = OX_PORT_UP | f->in_flags |
				 (f->no_skb_tier ? 0 : OX_PORT_SKB_TIER),
			.mtu = 1500,
			.n_xsk = f->n_xsk
		};
	m->ports[FX_OUT] = (struct ox_port){ .ifindex = f->out_ifindex,
					     .flags = f->out_flags,
					     .mtu = f->out_mtu };
	if (f->rx_hint)
		m->config->rx_hint[(uint32_t)f->rx_hint % OX_RX_HINTS] =
			f->rx_hint;
	for (i = 0; i < f->n_more; i++)
		fx_install(m, &f->more[i], i);
	if (!f->no_flow)
		fx_install(m, &f->act, i);
	return m;
}

/* Slot of the list that goes along with a packet. */
static inline uint32_t fx_acts(const struct fx *f)
{
	return f->acts == FX_LIST ? (uint32_t)f->n_more : f->acts;
}

/* What the counters must be after all runs. */
static inline void fx_expect(const struct fx *f, struct ox_host_rx_out *e)
{
	uint32_t n = f->runs, i;

	memset(e, 0, sizeof(*e));
	if (f->verdict == OX_V_PASS)
		return;
	for (i = 0; i < OX_R_COUNT; i++)
		e->dp.reason[i] = f->reason[i] * n;
	e->dp.n_lost = e->dp.reason[OX_R_NO_SOCKET];
	/* a device's counters, so what is dropped at once counts too */
	e->in.rx_packets = n;
	e->in.rx_bytes = (uint64_t)n * f->in.len;
	if (f->reason[OX_R_BAD_HDR])
		return;
	e->dp.n_mask_hit = f->n_mask_hit;
	e->dp.n_cache_hit = f->n_cache_hit;
	if (f->miss) {
		e->dp.n_missed = n;
	} else {
		e->dp.n_hit = n * (1 + f->n_recirc);
		e->flow_stats.packets = n;
		e->flow_stats.bytes = e->in.rx_bytes;
		e->flow_stats.tcp_flags = f->key.tcp_flags;
	}
	if (f->verdict == OX_V_OUTPUT) {
		e->out.tx_packets = n;
		e->out.tx_bytes = (uint64_t)n * f->out.len;
	}
}

#endif /* OVSXDP_TESTS_BPF_FIXTURES_H */
