// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_mask.c - masks: compact form, one slot for equal ones, counts.
 *
 * Some fields are matched by nearly every flow, in words that few masks use
 * otherwise, so the compact form leaves them out where that can be. One is the
 * MAC layer of an Ethernet flow, as packets without one don't match masks that
 * aren't "l3". Another is "no tunnel", as packets with one don't match masks
 * that aren't for "tunnels". The last is the inner tag of a flow that matches
 * "no outer tag". A word less is a load, a compare and a hash step less for
 * each packet.
 */
#include <errno.h>
#include <string.h>

#include "bpf/core/hash.h"
#include "control/flow/table_int.h"
#include "ovsxdp/err.h"

static bool no_outer_tag(const struct ox_key *key, const struct ox_key *mask)
{
	return mask->vlan_tci == 0xffff && !key->vlan_tci;
}

/* Words from base on, after the n that there are. */
static uint32_t add_words(struct ox_mask *out, uint32_t n, const __u64 *w,
			  uint32_t n_w, uint32_t base)
{
	for (uint32_t i = 0; i < n_w; i++) {
		if (!w[i])
			continue;
		if (n < OX_KEY_WORDS) {
			out->word[n] = (uint8_t)(base + i);
			out->bits[n] = w[i];
		}
		n++;
	}
	return n;
}

static const struct ox_key any_tunnel = { .tun_proto = 0xff };

uint32_t ox_mask_compact(const struct ox_flow_spec *spec, struct ox_mask *out)
{
	const struct ox_key *key = &spec->key, *mask = &spec->mask;
	struct ox_key full = *mask;
	uint32_t n, n_tun = 0;

	for (int i = 0; mask->tun_proto && i < OX_TUN_WORDS; i++)
		n_tun += !!spec->tun_mask.x[i];
	if (key->mac_proto == 1)
		full.mac_proto = 0;
	if (no_outer_tag(key, mask) && !mask->cvlan_tpid)
		full.cvlan_tci = 0;
	memset(out, 0, sizeof(*out));
	out->l3 = key->mac_proto != 1;
	out->tun = n_tun > 0;
	out->tunnels = key->tun_proto || n_tun ||
		       full.w[OX_W_TUN] != any_tunnel.w[OX_W_TUN];
	if (!out->tunnels)
		full.w[OX_W_TUN] = 0;
	n = add_words(out, 0, full.w, OX_KEY_WORDS, 0);
	if (n_tun)
		n = add_words(out, n, spec->tun_mask.x, OX_TUN_WORDS,
			      OX_KEY_WORDS);
	out->n_words = n < OX_KEY_WORDS ? n : OX_KEY_WORDS;
	return n;
}

void ox_mask_expand(const struct ox_mask *mask, const struct ox_key *key,
		    struct ox_key *out, struct ox_tun *tun)
{
	memset(out, 0, sizeof(*out));
	memset(tun, 0, sizeof(*tun));
	for (uint32_t i = 0; i < mask->n_words && i < OX_KEY_WORDS; i++) {
		uint32_t w = mask->word[i];

		if (w < OX_KEY_WORDS)
			out->w[w] = mask->bits[i];
		else if (w < OX_KEY_WORDS + OX_TUN_WORDS)
			tun->x[w - OX_KEY_WORDS] = mask->bits[i];
	}
	out->mac_proto = 0xff;
	if (!mask->tunnels)
		out->tun_proto = 0xff;
	if (no_outer_tag(key, out))
		out->cvlan_tci = 0xffff;
}

static bool mask_equal(const struct ox_mask *a, const struct ox_mask *b)
{
	return a->n_words == b->n_words && a->tunnels == b->tunnels &&
	       !memcmp(a->word, b->word, a->n_words) &&
	       !memcmp(a->bits, b->bits, a->n_words * sizeof(a->bits[0]));
}

uint32_t ox_mask_hash(const struct ox_table *t, const struct ox_mask *m)
{
	uint64_t seed = t->m->config->hash_seed;

	seed = ox_hash_bytes(seed ^ m->tunnels, m->word, m->n_words);
	return ox_hash_bytes(seed, m->bits, m->n_words * sizeof(m->bits[0]));
}

static uint32_t mask_find(const struct ox_table *t, const struct ox_mask *m,
			  uint32_t hash)
{
	uint32_t s = ox_index_first(&t->by_mask, hash);

	while (s != OX_NONE && !mask_equal(&t->m->masks[s], m))
		s = ox_index_next(&t->by_mask, s);
	return s;
}

/* A slot, if need be at the cost of a grace period. */
static uint32_t mask_slot(struct ox_table *t)
{
	bool scan_full = t->n_scan == t->m->config->max_masks;

	if (!ox_slots_any(&t->mask_slots) || scan_full) {
		if (t->n_unused && ox_scan_rebuild(t))
			return OX_NONE;
		if (!ox_slots_any(&t->mask_slots) &&
		    (!ox_slots_waiting(&t->mask_slots) || ox_table_sync(t)))
			return OX_NONE;
		if (t->n_scan == t->m->config->max_masks)
			return OX_NONE;
	}
	return ox_slots_get(&t->mask_slots);
}

int ox_mask_get(struct ox_table *t, const struct ox_mask *compact,
		uint32_t *slot, struct ox_err *e)
{
	uint32_t hash = ox_mask_hash(t, compact);
	struct ox_mask *m;

	*slot = mask_find(t, compact, hash);
	if (*slot != OX_NONE)
		return 0;
	*slot = mask_slot(t);
	if (*slot == OX_NONE)
		return ox_err_set(e, -ENOSPC,
				  "all %u masks of the datapath are in use",
				  t->m->config->max_masks);
	m = &t->m->masks[*slot];
	ox_publish(&m->state, OX_FREE);
	m->n_words = compact->n_words;
	m->l3 = compact->l3;
	m->tun = compact->tun;
	m->tunnels = compact->tunnels;
	memcpy(m->word, compact->word, sizeof(m->word));
	memcpy(m->bits, compact->bits, sizeof(m->bits));
	m->slot = *slot;
	m->seed = ox_hash_seed(t->m->config->hash_seed, *slot);
	m->n_flows = 0;
	ox_publish(&m->state, OX_LIVE);

	t->hits[*slot] = 0;
	t->hits_prev[*slot] = OX_HITS_UNKNOWN;
	ox_index_add(&t->by_mask, *slot, hash);
	ox_prune_mask(t, *slot);
	ox_scan_append(t, *slot);
	t->n_unused++; /* until its first flow */
	return 0;
}

void ox_mask_ref(struct ox_table *t, uint32_t slot)
{
	if (!t->m->masks[slot].n_flows++) {
		t->n_unused--;
		t->n_masks++;
	}
}

void ox_mask_unref(struct ox_table *t, uint32_t slot)
{
	if (--t->m->masks[slot].n_flows)
		return;
	t->n_unused++;
	t->n_masks--;
}
