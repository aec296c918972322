// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_acts.c - slots of the actions ct(). The index over them is this process's;
 * what is in the array is enough to make it again.
 */
#include "control/flow/ct_acts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHAINS 4096u
#define NONE   0u /* no slot */

enum where {
	UNKNOWN, /* before taken_over(): perhaps a list names it */
	FREE,
	USED,	 /* indexed, refs > 0 */
	LIMBO,	 /* indexed, to be free after a grace period */
	LEAVING, /* the grace period for it is under way */
};

struct ox_ct_acts {
	struct ox_ct_mem *m;
	uint32_t n_used, n_limbo, n_leaving;
	uint16_t chain[CHAINS];
	uint16_t next[OX_CT_ACTS]; /* in the chain, or in the free list */
	uint16_t free;
	uint8_t where[OX_CT_ACTS];
};

/* ---- the index ---- */

/* What counts of an action: all in front of refs. */
#define LEN offsetof(struct ox_ct_act, refs)

static uint32_t chain_of(const struct ox_ct_act *act)
{
	const uint8_t *p = (const uint8_t *)act;
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < LEN; i++)
		h = (h ^ p[i]) * 16777619u;
	return (h ^ h >> 16) % CHAINS;
}

static uint32_t find(const struct ox_ct_acts *a, const struct ox_ct_act *act)
{
	uint32_t i = a->chain[chain_of(act)];

	while (i != NONE && memcmp(&a->m->acts[i], act, LEN))
		i = a->next[i];
	return i;
}

static void index_add(struct ox_ct_acts *a, uint32_t slot)
{
	uint16_t *chain = &a->chain[chain_of(&a->m->acts[slot])];

	a->next[slot] = *chain;
	*chain = slot;
}

static void index_del(struct ox_ct_acts *a, uint32_t slot)
{
	uint16_t *p = &a->chain[chain_of(&a->m->acts[slot])];

	while (*p != slot)
		p = &a->next[*p];
	*p = a->next[slot];
}

/* ---- a slot's life ---- */

static void free_add(struct ox_ct_acts *a, uint32_t slot)
{
	a->where[slot] = FREE;
	a->next[slot] = a->free;
	a->free = slot;
}

/* Policies count the slots that name them, not the ops. */
static void policy_count(struct ox_ct_acts *a, uint32_t slot, int by)
{
	uint16_t tp = a->m->acts[slot].tp;

	if (tp >= OX_CT_TP_DEFAULTS && tp < OX_CT_TPS)
		a->m->tps[tp].refs += by;
}

/* An op more names it. */
static void take(struct ox_ct_acts *a, uint32_t slot)
{
	if (a->where[slot] != USED) {
		a->n_limbo -= a->where[slot] == LIMBO;
		a->n_leaving -= a->where[slot] == LEAVING;
		a->n_used++;
		a->where[slot] = USED;
		policy_count(a, slot, 1);
	}
	a->m->acts[slot].refs++;
}

void ox_ct_act_put(struct ox_ct_acts *a, uint32_t slot)
{
	if (--a->m->acts[slot].refs)
		return;
	policy_count(a, slot, -1);
	a->where[slot] = LIMBO;
	a->n_used--;
	a->n_limbo++;
}

/* Those whose grace period has ended, unless they were taken again. */
static void leave(struct ox_ct_acts *a, enum where from)
{
	for (uint32_t i = 1; i < OX_CT_ACTS; i++)
		if (a->where[i] == from) {
			index_del(a, i);
			free_add(a, i);
		}
}

static void limbo_leaves(struct ox_ct_acts *a)
{
	for (uint32_t i = 1; i < OX_CT_ACTS; i++)
		if (a->where[i] == LIMBO)
			a->where[i] = LEAVING;
	a->n_leaving = a->n_limbo;
	a->n_limbo = 0;
}

/* A grace period that failed frees nothing. */
static void sync_result(struct ox_ct_acts *a, int rc)
{
	if (rc > 0) {
		leave(a, LEAVING);
	} else {
		for (uint32_t i = 1; i < OX_CT_ACTS; i++)
			if (a->where[i] == LEAVING)
				a->where[i] = LIMBO;
		a->n_limbo += a->n_leaving;
	}
	a->n_leaving = 0;
}

void ox_ct_acts_tick(struct ox_ct_acts *a)
{
	struct ox_ct_mem *m = a->m;
	int rc = m->ops->sync_ended(m);

	if (rc)
		sync_result(a, rc);
	if (a->n_limbo && !a->n_leaving && !m->ops->sync_begin(m))
		limbo_leaves(a);
}

/* Waits, where nothing else helps. What was to leave does so as well. */
static int room(struct ox_ct_acts *a)
{
	if (a->free != NONE)
		return 0;
	if (!a->n_limbo && !a->n_leaving)
		return -ENOSPC;
	if (a->m->ops->sync(a->m))
		return -ENOSPC;
	leave(a, LIMBO);
	leave(a, LEAVING);
	a->n_limbo = a->n_leaving = 0;
	return a->free == NONE ? -ENOSPC : 0;
}

int ox_ct_act_get(struct ox_ct_acts *a, const struct ox_ct_act *act,
		  uint32_t *slot)
{
	uint32_t i = find(a, act);
	int err;

	if (i == NONE) {
		err = room(a);
		if (err)
			return err;
		i = a->free;
		a->free = a->next[i];
		a->m->acts[i] = *act;
		a->m->acts[i].refs = 0;
		index_add(a, i);
	}
	take(a, i);
	*slot = i;
	return 0;
}

uint32_t ox_ct_acts_used(const struct ox_ct_acts *a)
{
	return a->n_used;
}

/* ---- the start ---- */

int ox_ct_acts_open(struct ox_ct_mem *m, struct ox_ct_acts **out)
{
	struct ox_ct_acts *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->m = m;
	for (uint32_t i = 0; i < OX_CT_ACTS; i++)
		m->acts[i].refs = 0;
	for (uint32_t i = OX_CT_TP_DEFAULTS; i < OX_CT_TPS; i++)
		m->tps[i].refs = 0;
	*out = a;
	return 0;
}

void ox_ct_acts_close(struct ox_ct_acts *a)
{
	free(a);
}

int ox_ct_acts_seen(struct ox_ct_acts *a, uint32_t slot)
{
	if (slot == NONE || slot >= OX_CT_ACTS)
		return -EINVAL;
	if (a->where[slot] == UNKNOWN)
		index_add(a, slot);
	take(a, slot);
	return 0;
}

void ox_ct_acts_taken_over(struct ox_ct_acts *a)
{
	/* low numbers are given out first */
	for (uint32_t i = OX_CT_ACTS - 1; i > 0; i--)
		if (a->where[i] == UNKNOWN)
			free_add(a, i);
}
