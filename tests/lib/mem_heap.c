// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * mem_heap.c - struct ox_mem on the heap; see mem_heap.h.
 */
#include "tests/lib/mem_heap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ACTS_CHUNKS_MAX (OX_MAX_CHUNKS * 16)

static int grow_flows(struct ox_mem *m)
{
	struct ox_mem_heap *h = ox_mem_heap(m);
	uint32_t n = 1u << m->config->chunk_shift;
	uint32_t c = m->n_flow_chunks;

	h->n_grow_flows++;
	if (h->fail_grow_flows)
		return h->fail_grow_flows;
	if (c >= OX_MAX_CHUNKS || (c + 1) * n > m->config->max_flows)
		return -ENOSPC;
	m->flows[c] = calloc(OX_FLOW_LINES(n), sizeof(*m->flows[c]));
	m->uflows[c] = calloc(n, sizeof(*m->uflows[c]));
	if (!m->flows[c] || !m->uflows[c]) {
		free(m->flows[c]);
		free(m->uflows[c]);
		m->flows[c] = NULL;
		m->uflows[c] = NULL;
		return -ENOMEM;
	}
	m->n_flow_chunks++;
	return 0;
}

static int grow_acts(struct ox_mem *m)
{
	struct ox_mem_heap *h = ox_mem_heap(m);
	uint32_t c = m->n_acts_chunks;

	h->n_grow_acts++;
	if (h->fail_grow_acts)
		return h->fail_grow_acts;
	if (c >= h->max_acts_chunks)
		return -ENOSPC;
	m->acts[c] = calloc(1u << OX_ACTS_SHIFT, sizeof(*m->acts[c]));
	if (!m->acts[c])
		return -ENOMEM;
	m->n_acts_chunks++;
	return 0;
}

static int mem_sync(struct ox_mem *m)
{
	ox_mem_heap(m)->n_sync++;
	return 0;
}

static int flow_stats(struct ox_mem *m, uint32_t first, uint32_t n,
		      struct ox_flow_stats *out)
{
	if (first > m->config->max_flows || n > m->config->max_flows - first)
		return -EINVAL;
	memcpy(out, ox_mem_heap(m)->flow_stats + first, n * sizeof(*out));
	return 0;
}

static int flow_stats_zero(struct ox_mem *m, const uint32_t *flows, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (flows[i] >= m->config->max_flows)
			return -EINVAL;
		memset(&ox_mem_heap(m)->flow_stats[flows[i]], 0,
		       sizeof(struct ox_flow_stats));
	}
	return 0;
}

static int mask_hits(struct ox_mem *m, uint32_t n, uint64_t *out)
{
	if (n > m->config->max_masks)
		return -EINVAL;
	memcpy(out, ox_mem_heap(m)->mask_hits, n * sizeof(*out));
	return 0;
}

static int port_stats(struct ox_mem *m, uint32_t port_no,
		      struct ox_port_stats *out)
{
	if (port_no >= m->config->max_ports)
		return -EINVAL;
	*out = ox_mem_heap(m)->port_stats[port_no];
	return 0;
}

static int port_stats_zero(struct ox_mem *m, uint32_t port_no)
{
	if (port_no >= m->config->max_ports)
		return -EINVAL;
	memset(&ox_mem_heap(m)->port_stats[port_no], 0,
	       sizeof(struct ox_port_stats));
	return 0;
}

static int dp_stats(struct ox_mem *m, struct ox_dp_stats *out)
{
	*out = ox_mem_heap(m)->dp_stats;
	return 0;
}

static int port_device(struct ox_mem *m, uint32_t port_no, uint32_t rx_ifindex,
		       uint32_t old_ifindex)
{
	(void)old_ifindex;
	if (port_no >= m->config->max_ports)
		return -EINVAL;
	ox_mem_heap(m)->port_ifindex[port_no] = rx_ifindex;
	return 0;
}

static int port_there(struct ox_mem *m, uint32_t port_no, uint32_t ifindex)
{
	return ox_mem_heap(m)->port_ifindex[port_no] == ifindex;
}

/* Of a meter, or of no meter: the first free place; -1 if there is none. */
static int meter_find(const struct ox_mem_heap *h, bool there, uint32_t id)
{
	int i;

	for (i = 0; i < OX_HEAP_METERS; i++)
		if (h->meters[i].there == there &&
		    (!there || h->meters[i].id == id))
			return i;
	return -1;
}

static int meter_get(struct ox_mem *m, uint32_t id, struct ox_meter *out)
{
	const struct ox_mem_heap *h = ox_mem_heap(m);
	int i = meter_find(h, true, id);

	if (i < 0)
		return -ENOENT;
	*out = h->meters[i].meter;
	return 0;
}

static int meter_set(struct ox_mem *m, uint32_t id,
		     const struct ox_meter *meter)
{
	struct ox_mem_heap *h = ox_mem_heap(m);
	int i = meter_find(h, true, id);

	if (i < 0)
		i = meter_find(h, false, 0);
	if (i < 0)
		return -ENOSPC;
	h->meters[i].there = true;
	h->meters[i].id = id;
	h->meters[i].meter = *meter;
	h->meters[i].meter.lock = 0;
	return 0;
}

static int meter_del(struct ox_mem *m, uint32_t id)
{
	struct ox_mem_heap *h = ox_mem_heap(m);
	int i = meter_find(h, true, id);

	if (i < 0)
		return -ENOENT;
	h->meters[i].there = false;
	return 0;
}

static int meter_ids(struct ox_mem *m, uint32_t *ids, uint32_t *n)
{
	struct ox_mem_heap *h = ox_mem_heap(m);

	*n = 0;
	for (size_t i = 0; i < sizeof(h->meters) / sizeof(h->meters[0]); i++)
		if (h->meters[i].there)
			ids[(*n)++] = h->meters[i].id;
	return 0;
}

/* What came in since the last packet; a clock that went back brings none. */
static void bucket_fill(struct ox_meter *mt, uint64_t now_ms)
{
	uint64_t full = (uint64_t)mt->burst * 1000;
	uint64_t ms = 0;

	if (now_ms > mt->used)
		ms = now_ms - mt->used;
	if (ms > mt->max_delta_t)
		ms = mt->max_delta_t;
	mt->bucket += ms * mt->rate;
	if (mt->bucket > full)
		mt->bucket = full;
}

/* By the rules of the module, written apart from bpf/core/meter.h so that tests
 * can hold the two against each other. */
static int meter_run(struct ox_mem *m, uint32_t id, uint32_t len)
{
	struct ox_mem_heap *h = ox_mem_heap(m);
	int i = meter_find(h, true, id);
	struct ox_meter *mt;
	uint64_t cost = 1000;

	if (i < 0)
		return 0;
	mt = &h->meters[i].meter;
	bucket_fill(mt, h->now_ms);
	mt->used = h->now_ms;
	mt->packets++;
	mt->bytes += len;
	if (mt->flags & OX_METER_KBPS)
		cost = 8ull * len;
	/* no packet exceeds a band of rate 0 */
	if (!(mt->flags & OX_METER_BAND) || !mt->rate)
		return 0;
	if (mt->bucket >= cost) {
		mt->bucket -= cost;
		return 0;
	}
	mt->band_packets++;
	mt->band_bytes += len;
	return !(mt->flags & OX_METER_NO_DROP);
}

static const struct ox_mem_ops heap_ops = {
	.grow_flows = grow_flows,
	.grow_acts = grow_acts,
	.sync = mem_sync,
	.flow_stats = flow_stats,
	.flow_stats_zero = flow_stats_zero,
	.mask_hits = mask_hits,
	.port_stats = port_stats,
	.port_stats_zero = port_stats_zero,
	.dp_stats = dp_stats,
	.port_device = port_device,
	.port_there = port_there,
	.meter_get = meter_get,
	.meter_set = meter_set,
	.meter_del = meter_del,
	.meter_ids = meter_ids,
	.meter_run = meter_run,
};

static uint32_t or_default(uint32_t v, uint32_t def)
{
	return v ? v : def;
}

static void config_fill(struct ox_config *c, const struct ox_mem_heap_params *p)
{
	uint32_t chunk;

	c->version = OX_ABI_VERSION;
	memcpy(c->name, "heap", 5);
	c->chunk_shift = or_default(p->chunk_shift, 8);
	chunk = 1u << c->chunk_shift;
	c->max_flows = or_default(p->max_flows, 4096);
	c->max_flows = (c->max_flows + chunk - 1) & ~(chunk - 1);
	c->max_masks = or_default(p->max_masks, 64);
	c->max_ports = or_default(p->max_ports, 64);
	c->n_xsks = c->max_ports;
	c->n_buckets = p->n_buckets;
	if (!c->n_buckets)
		c->n_buckets = c->max_flows / (OX_BUCKET_WAYS / 2) + 1;
	c->hash_seed = p->hash_seed ? p->hash_seed : 0x243f6a8885a308d3ull;
	c->cache_size = p->cache_size;
	c->magic = OX_ABI_MAGIC;
}

/* Called with config filled in; what is missing on -ENOMEM stays NULL. */
static int heap_alloc(struct ox_mem_heap *h)
{
	struct ox_mem *m = &h->mem;
	const struct ox_config *c = m->config;

	m->masks = calloc(c->max_masks, sizeof(*m->masks));
	m->scan = calloc(2 * (size_t)c->max_masks, sizeof(*m->scan));
	m->prune = calloc(2 * OX_PRUNE_HALF((size_t)c->max_masks),
			  sizeof(*m->prune));
	m->buckets = calloc(c->n_buckets, sizeof(*m->buckets));
	m->ports = calloc(c->max_ports, sizeof(*m->ports));
	m->uports = calloc(c->max_ports, sizeof(*m->uports));
	h->flow_stats = calloc(c->max_flows, sizeof(*h->flow_stats));
	h->mask_hits = calloc(c->max_masks, sizeof(*h->mask_hits));
	h->port_stats = calloc(c->max_ports, sizeof(*h->port_stats));
	h->port_ifindex = calloc(c->max_ports, sizeof(*h->port_ifindex));
	if (!m->masks || !m->scan || !m->prune || !m->buckets || !m->ports ||
	    !m->uports || !h->flow_stats || !h->mask_hits || !h->port_stats ||
	    !h->port_ifindex)
		return -ENOMEM;
	return 0;
}

int ox_mem_heap_new(const struct ox_mem_heap_params *p, struct ox_mem **m)
{
	static const struct ox_mem_heap_params none;
	struct ox_mem_heap *h;

	p = p ? p : &none;
	if (p->chunk_shift > 20 || p->max_acts_chunks > ACTS_CHUNKS_MAX)
		return -EINVAL;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->mem.ops = &heap_ops;
	h->mem.owner = h;
	h->max_acts_chunks = or_default(p->max_acts_chunks, ACTS_CHUNKS_MAX);
	h->mem.config = calloc(1, sizeof(*h->mem.config));
	if (h->mem.config)
		config_fill(h->mem.config, p);
	if (!h->mem.config || heap_alloc(h)) {
		ox_mem_heap_free(&h->mem);
		return -ENOMEM;
	}
	*m = &h->mem;
	return 0;
}

void ox_mem_heap_free(struct ox_mem *m)
{
	struct ox_mem_heap *h;
	uint32_t i;

	if (!m)
		return;
	h = ox_mem_heap(m);
	for (i = 0; i < m->n_flow_chunks; i++) {
		free(m->flows[i]);
		free(m->uflows[i]);
	}
	for (i = 0; i < m->n_acts_chunks; i++)
		free(m->acts[i]);
	free(m->config);
	free(m->masks);
	free(m->scan);
	free(m->prune);
	free(m->buckets);
	free(m->ports);
	free(m->uports);
	free(h->flow_stats);
	free(h->mask_hits);
	free(h->port_stats);
	free(h->port_ifindex);
	free(h);
}
