// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_bucket.c - where lookups find a flow: the first bucket from its home
 * on that has a free way, OX_PROBES of them at most. Each full bucket passed
 * counts it in overflow, which is what makes a lookup go on.
 */
#include <errno.h>

#include "bpf/core/hash.h"
#include "control/flow/table_int.h"

/* probe is less than n_probes(). */
static struct ox_bucket *bucket_at(struct ox_table *t, uint64_t hash,
				   uint32_t probe)
{
	uint32_t n = t->m->config->n_buckets;

	return &t->m->buckets[(ox_hash_bucket(hash, n) + probe) % n];
}

static int find_way(const struct ox_bucket *b)
{
	for (int i = 0; i < OX_BUCKET_WAYS; i++)
		if (!b->sig[i])
			return i;
	return -1;
}

static uint32_t n_probes(const struct ox_table *t)
{
	uint32_t n = t->m->config->n_buckets;

	return n < OX_PROBES ? n : OX_PROBES;
}

int ox_bucket_link(struct ox_table *t, uint32_t flow)
{
	uint64_t hash = ox_mem_flow_more(t->m, flow)->hash;
	uint32_t n = n_probes(t), p;
	struct ox_bucket *b;
	int way = -1;

	for (p = 0; p < n; p++) {
		b = bucket_at(t, hash, p);
		way = find_way(b);
		if (way >= 0)
			break;
		if (b->overflow == 0xffff)
			return -ENOSPC;
	}
	if (way < 0)
		return -ENOSPC;
	for (uint32_t i = 0; i < p; i++) {
		struct ox_bucket *full = bucket_at(t, hash, i);

		ox_publish(&full->overflow, (uint16_t)(full->overflow + 1));
	}
	ox_publish(&b->flow[way], flow);
	ox_publish(&b->sig[way], ox_hash_sig(hash));
	return 0;
}

void ox_bucket_unlink(struct ox_table *t, uint32_t flow)
{
	uint64_t hash = ox_mem_flow_more(t->m, flow)->hash;
	uint16_t sig = ox_hash_sig(hash);
	uint32_t n = n_probes(t);

	for (uint32_t p = 0; p < n; p++) {
		struct ox_bucket *b = bucket_at(t, hash, p);

		for (int i = 0; i < OX_BUCKET_WAYS; i++) {
			if (b->sig[i] != sig || b->flow[i] != flow)
				continue;
			ox_publish(&b->sig[i], (uint16_t)0);
			while (p--) {
				b = bucket_at(t, hash, p);
				ox_publish(&b->overflow,
					   (uint16_t)(b->overflow - 1));
			}
			return;
		}
	}
}
