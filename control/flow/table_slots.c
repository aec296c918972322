// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_slots.c - which slots of a shared array are free, in limbo (dead,
 * until a grace period has passed), or were never used. Both lists are
 * chained through one array, so neither taking nor giving back can fail.
 */
#include <errno.h>
#include <stdlib.h>

#include "control/flow/table_int.h"

int ox_slots_fit(struct ox_slots *s, uint32_t cap)
{
	uint32_t *next;

	if (!s->next)
		s->free = s->limbo = s->limbo_tail = s->leaving =
			s->leaving_tail = OX_NONE;
	if (cap <= s->cap)
		return 0;
	next = realloc(s->next, cap * sizeof(*next));
	if (!next)
		return -ENOMEM;
	s->next = next;
	s->cap = cap;
	return 0;
}

void ox_slots_fini(struct ox_slots *s)
{
	free(s->next);
	s->next = NULL;
}

bool ox_slots_any(const struct ox_slots *s)
{
	return s->free != OX_NONE || s->hi < s->cap;
}

uint32_t ox_slots_get(struct ox_slots *s)
{
	uint32_t slot = s->free;

	if (slot != OX_NONE) {
		s->free = s->next[slot];
		return slot;
	}
	return s->hi < s->cap ? s->hi++ : OX_NONE;
}

uint32_t ox_slots_first(const struct ox_slots *s)
{
	return s->free;
}

uint32_t ox_slots_after(const struct ox_slots *s, uint32_t slot)
{
	return s->next[slot];
}

void ox_slots_put(struct ox_slots *s, uint32_t slot)
{
	s->next[slot] = s->free;
	s->free = slot;
}
