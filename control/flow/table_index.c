// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_index.c - chained hash over slot numbers: 8 bytes a slot and 4 a
 * head, no pointers, no allocation on insert. The host's own; rebuilt from
 * the shared memory at takeover.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/core/hash.h"
#include "control/flow/table_int.h"

int ox_index_init(struct ox_index *x, uint32_t n_heads)
{
	memset(x, 0, sizeof(*x));
	x->heads = malloc(n_heads * sizeof(*x->heads));
	if (!x->heads)
		return -ENOMEM;
	memset(x->heads, 0xff, n_heads * sizeof(*x->heads));
	x->mask = n_heads - 1;
	return 0;
}

void ox_index_fini(struct ox_index *x)
{
	free(x->heads);
	free(x->next);
	free(x->hash);
	memset(x, 0, sizeof(*x));
}

int ox_index_fit(struct ox_index *x, uint32_t cap)
{
	uint32_t *p;

	if (cap <= x->cap)
		return 0;
	p = realloc(x->next, cap * sizeof(*p));
	if (!p)
		return -ENOMEM;
	x->next = p;
	p = realloc(x->hash, cap * sizeof(*p));
	if (!p)
		return -ENOMEM;
	x->hash = p;
	x->cap = cap;
	return 0;
}

static void link_slot(struct ox_index *x, uint32_t slot)
{
	uint32_t *head = &x->heads[x->hash[slot] & x->mask];

	x->next[slot] = *head;
	*head = slot;
}

/* Twice the heads. Without memory for it the chains just stay longer. */
static void grow(struct ox_index *x)
{
	uint32_t n = (x->mask + 1) * 2, *old = x->heads, n_old = x->mask + 1;
	uint32_t *heads = malloc(n * sizeof(*heads));

	if (!heads)
		return;
	memset(heads, 0xff, n * sizeof(*heads));
	x->heads = heads;
	x->mask = n - 1;
	for (uint32_t i = 0; i < n_old; i++) {
		uint32_t next;

		for (uint32_t s = old[i]; s != OX_NONE; s = next) {
			next = x->next[s];
			link_slot(x, s);
		}
	}
	free(old);
}

void ox_index_add(struct ox_index *x, uint32_t slot, uint32_t hash)
{
	if (x->n > x->mask && x->mask < (1u << 30))
		grow(x);
	x->hash[slot] = hash;
	link_slot(x, slot);
	x->n++;
}

void ox_index_del(struct ox_index *x, uint32_t slot)
{
	uint32_t *p = &x->heads[x->hash[slot] & x->mask];

	while (*p != slot && *p != OX_NONE)
		p = &x->next[*p];
	if (*p == OX_NONE)
		return;
	*p = x->next[slot];
	x->n--;
}

static uint32_t match_from(const struct ox_index *x, uint32_t s, uint32_t hash)
{
	while (s != OX_NONE && x->hash[s] != hash)
		s = x->next[s];
	return s;
}

uint32_t ox_index_first(const struct ox_index *x, uint32_t hash)
{
	return match_from(x, x->heads[hash & x->mask], hash);
}

uint32_t ox_index_next(const struct ox_index *x, uint32_t slot)
{
	return match_from(x, x->next[slot], x->hash[slot]);
}

/* Of bytes of any length, by the steps of the packets' hash; its seed is the
 * datapath's secret. */
uint32_t ox_hash_bytes(uint64_t seed, const void *p, uint32_t len)
{
	uint64_t h = ox_hash_word(seed, len), w;

	for (uint32_t i = 0; i < len; i += 8) {
		w = 0;
		memcpy(&w, (const uint8_t *)p + i, len - i < 8 ? len - i : 8);
		h = ox_hash_word(h, w);
	}
	h = ox_hash_final(h);
	return (uint32_t)(h ^ h >> 32);
}

uint32_t ox_table_id_hash(const struct ox_table *t, const uint8_t *ufid,
			  uint8_t ufid_len, const struct ox_key *key)
{
	uint64_t seed = t->m->config->hash_seed;

	if (ufid_len)
		return ox_hash_bytes(seed, ufid, ufid_len);
	return ox_hash_bytes(seed, key, sizeof(*key));
}
