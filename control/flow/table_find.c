// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_find.c - reading the flow table: by UFID, by key, as a packet would,
 * one after the other; and what a flow is made of.
 */
#include <string.h>

#include "bpf/core/hash.h"
#include "bpf/host.h"
#include "control/flow/table_int.h"

uint32_t ox_table_find_ufid(const struct ox_table *t, const uint8_t *ufid,
			    uint8_t len)
{
	uint32_t f =
		ox_index_first(&t->by_id, ox_table_id_hash(t, ufid, len, NULL));

	for (; f != OX_NONE; f = ox_index_next(&t->by_id, f)) {
		const struct ox_uflow *u = ox_mem_uflow(t->m, f);

		if (u->ufid_len == len && !memcmp(u->ufid, ufid, len) &&
		    !ox_flow_lingers(t, f))
			return f;
	}
	return OX_NONE;
}

uint32_t ox_table_find_key(const struct ox_table *t, const struct ox_key *key,
			   const struct ox_tun *tun)
{
	uint32_t f =
		ox_index_first(&t->by_id, ox_table_id_hash(t, NULL, 0, key));

	for (; f != OX_NONE; f = ox_index_next(&t->by_id, f)) {
		const struct ox_uflow *u = ox_mem_uflow(t->m, f);

		if (!u->ufid_len && !memcmp(&u->key, key, sizeof(*key)) &&
		    ox_tun_same(t, f, tun) && !ox_flow_lingers(t, f))
			return f;
	}
	return OX_NONE;
}

static uint32_t match_in(const struct ox_table *t, const struct ox_bucket *b,
			 uint16_t sig, const struct ox_key *key,
			 const struct ox_tun *tun, bool lingering)
{
	for (int i = 0; i < OX_BUCKET_WAYS; i++)
		if (b->sig[i] == sig &&
		    ox_host_flow_match(t->m, b->flow[i], key, tun) &&
		    ox_flow_lingers(t, b->flow[i]) == lingering)
			return b->flow[i];
	return OX_NONE;
}

/* As a lookup, but two flows of one mask may match here: the one that lingers
 * and the one that has come in its place. */
uint32_t ox_table_match(const struct ox_table *t, const struct ox_key *key,
			const struct ox_tun *tun, bool lingering)
{
	uint32_t n = t->m->config->n_buckets;

	for (uint32_t i = 0; i < t->n_scan; i++) {
		const struct ox_mask *m = &t->m->masks[t->order[i]];
		uint64_t hash = ox_host_mask_hash(m, key, tun);
		uint32_t at = ox_hash_bucket(hash, n);

		for (uint32_t p = 0; p < OX_PROBES; p++) {
			const struct ox_bucket *b = &t->m->buckets[at];
			uint32_t f;

			at = ox_bucket_after(at, n);
			f = match_in(t, b, ox_hash_sig(hash), key, tun,
				     lingering);
			if (f != OX_NONE)
				return f;
			if (!b->overflow)
				break;
		}
	}
	return OX_NONE;
}

uint32_t ox_table_lookup(const struct ox_table *t, const struct ox_key *key,
			 const struct ox_tun *tun)
{
	uint32_t flow = ox_host_lookup(t->m, key, tun, NULL);

	if (flow == OX_NONE || !ox_flow_lingers(t, flow))
		return flow;
	return ox_table_match(t, key, tun, false);
}

bool ox_table_same(const struct ox_table *t, uint32_t flow,
		   const struct ox_flow_spec *spec)
{
	const struct ox_uflow *u = ox_mem_uflow(t->m, flow);
	struct ox_tun tun, tun_mask;
	struct ox_key mask;

	if (!u->ufid_len)
		return !memcmp(&u->key, &spec->key, sizeof(spec->key)) &&
		       ox_tun_same(t, flow, &spec->tun);
	/* as the module: the masked key of the flow against the key given */
	ox_table_mask(t, flow, &mask, &tun_mask);
	mask.has_tun = 0xff;
	for (int i = 0; i < OX_KEY_WORDS; i++)
		if ((u->key.w[i] & mask.w[i]) != spec->key.w[i])
			return false;
	ox_table_tun(t, flow, &tun);
	return !memcmp(&tun, &spec->tun, sizeof(tun));
}

void ox_table_mask(const struct ox_table *t, uint32_t flow, struct ox_key *mask,
		   struct ox_tun *tun)
{
	const struct ox_flow *f = ox_mem_flow(t->m, flow);

	ox_mask_expand(&t->m->masks[f->mask], &ox_mem_uflow(t->m, flow)->key,
		       mask, tun);
}

uint32_t ox_table_actions(const struct ox_table *t, uint32_t flow, void *buf,
			  uint32_t size)
{
	const struct ox_uflow *u = ox_mem_uflow(t->m, flow);
	uint32_t len = u->inline_len;

	if (u->acts != OX_NONE)
		return ox_acts_load(t, u->acts, buf, size);
	if (len > OX_INLINE_NLA)
		len = OX_INLINE_NLA;
	if (len > size)
		len = size;
	memcpy(buf, ox_mem_flow_more(t->m, flow)->nla, len);
	return len;
}

/* A counter less its base, which is what the clear found less what the user
 * tier counted since, so it may be "negative". The programs never go back;
 * only a slot that was zeroed under its base is. */
static uint64_t since(uint64_t now, uint64_t base)
{
	uint64_t n = now - base;

	return (int64_t)n < 0 ? 0 : n;
}

/* All tiers' counters since the last clear. */
static void since_clear(const struct ox_flow_base *b, struct ox_flow_stats *s)
{
	uint64_t host_used = b->host_used * 1000000ull;

	s->packets = since(s->packets, b->packets);
	s->bytes = since(s->bytes, b->bytes);
	if (host_used > s->used)
		s->used = host_used;
	s->tcp_flags |= (__be16)b->host_tcp_flags;
	if (!s->packets) {
		s->used = 0;
		s->tcp_flags = 0;
	}
}

int ox_table_stats(const struct ox_table *t, uint32_t flow,
		   struct ox_flow_stats *out)
{
	return ox_table_stats_range(t, flow, 1, out);
}

int ox_table_stats_range(const struct ox_table *t, uint32_t first, uint32_t n,
			 struct ox_flow_stats *out)
{
	int err = t->m->ops->flow_stats(t->m, first, n, out);

	if (err)
		return err;
	for (uint32_t i = 0; i < n; i++) {
		const struct ox_flow_more *f =
			ox_mem_flow_more(t->m, first + i);

		if (f)
			since_clear(&f->base, &out[i]);
	}
	return 0;
}

int ox_table_stats_clear(struct ox_table *t, uint32_t flow)
{
	struct ox_flow_stats s;
	int err = t->m->ops->flow_stats(t->m, flow, 1, &s);

	if (err)
		return err;
	ox_mem_flow_more(t->m, flow)->base = (struct ox_flow_base){
		.packets = s.packets,
		.bytes = s.bytes,
	};
	return 0;
}
