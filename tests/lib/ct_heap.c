// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ct_heap.c - the memory of connection tracking on the heap. */
#include "tests/lib/ct_heap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct ct_heap *heap_of(const struct ox_ct_mem *m)
{
	return m->owner;
}

static uint32_t heap_now(const struct ox_ct_mem *m)
{
	return heap_of(m)->host->now;
}

static uint64_t heap_now_ns(const struct ox_ct_mem *m)
{
	return (uint64_t)heap_now(m) * 1000000;
}

static int heap_kill(struct ox_ct_mem *m, uint32_t idx, uint16_t gen)
{
	const struct ox_ct *e = ox_ct_mem_at(m, idx);

	if (!e || e->gen != gen)
		return -ENOENT;
	return ox_ct_host_kill(heap_of(m)->host, e);
}

static int heap_find(struct ox_ct_mem *m, const struct ox_ct_tuple *t,
		     bool from_b, uint32_t *idx, uint8_t *dir)
{
	struct ox_ct_host_mem *host = heap_of(m)->host;
	const struct ox_ct *e = ox_ct_host_lookup(host, t, from_b, dir);

	*idx = e ? e - host->ents : 0;
	return e ? 0 : -ENOENT;
}

static int heap_make(struct ox_ct_mem *m, const struct ox_ct *e, uint32_t *idx)
{
	return ox_ct_host_make(heap_of(m)->host, e, idx);
}

static int heap_change(struct ox_ct_mem *m, uint32_t idx, uint16_t gen,
		       uint32_t what, const struct ox_ct *to)
{
	struct ox_ct *e = ox_ct_mem_at(m, idx);

	if (!e || e->gen != gen || e->life != OX_CT_LIVE)
		return -ENOENT;
	if (what & OX_CT_CHANGE_MARK)
		e->mark = to->mark;
	if (what & OX_CT_CHANGE_LABELS)
		memcpy(e->labels, to->labels, sizeof(e->labels));
	if (what & OX_CT_CHANGE_STATUS)
		e->status |= to->status;
	if (what & OX_CT_CHANGE_EXPIRES)
		e->expires = to->expires;
	if (what & OX_CT_CHANGE_HELPER)
		e->helper = to->helper;
	if (what & OX_CT_CHANGE_ALG)
		e->alg = to->alg;
	if (what & OX_CT_CHANGE_STATE) {
		e->proto_state = to->proto_state;
		memcpy(e->tcp.flags, to->tcp.flags, sizeof(e->tcp.flags));
		e->tcp.scale = to->tcp.scale;
	}
	if (what & OX_CT_CHANGE_COUNTERS) {
		memset(e->packets, 0, sizeof(e->packets));
		memset(e->bytes, 0, sizeof(e->bytes));
	}
	return 0;
}

static int heap_untp(struct ox_ct_mem *m, uint16_t tp)
{
	for (uint32_t i = 0; i < m->conf->max; i++)
		if (ox_ct_mem_at(m, i)->tp == tp)
			ox_ct_mem_at(m, i)->tp = OX_CT_TP_TCP;
	return 0;
}

/* All is counted on the first CPU. */
static int heap_stats(struct ox_ct_mem *m, uint32_t cpu,
		      struct ox_ct_stats *out)
{
	*out = cpu ? (struct ox_ct_stats){ 0 } : heap_of(m)->host->stats;
	return cpu < m->n_cpus ? 0 : -ENOENT;
}

static const struct ox_ct_mem_ops ops = {
	.now = heap_now,
	.now_ns = heap_now_ns,
	.kill = heap_kill,
	.find = heap_find,
	.make = heap_make,
	.change = heap_change,
	.untp = heap_untp,
	.stats = heap_stats,
};

struct ct_heap *ct_heap_new(uint32_t max, uint32_t hz)
{
	struct ct_heap *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->host = ox_ct_host_open(max, hz);
	if (!h->host) {
		ct_heap_free(h);
		return NULL;
	}
	h->mem.ops = &ops;
	h->mem.owner = h;
	h->mem.conf = h->host->conf;
	h->mem.zones = h->host->zones;
	h->mem.tps = h->host->tps;
	h->mem.exps = h->host->exps;
	h->mem.algs = h->host->algs;
	h->mem.bits = (const uint64_t *)h->host->bits;
	h->mem.n_cpus = 2;
	h->mem.n_chunks = h->mem.conf->n_chunks = max >> OX_CT_CHUNK_SHIFT;
	for (uint32_t i = 0; i < h->mem.n_chunks; i++)
		h->mem.ents[i] = h->host->ents + (i << OX_CT_CHUNK_SHIFT);
	return h;
}

void ct_heap_free(struct ct_heap *h)
{
	if (!h)
		return;
	ox_ct_host_close(h->host);
	free(h);
}
