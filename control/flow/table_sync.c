// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_sync.c - grace periods: what a running program may still read waits in
 * a limbo list until one has passed.
 */
#include "control/flow/table_int.h"

void ox_slots_retire(struct ox_slots *s, uint32_t slot)
{
	if (s->limbo == OX_NONE)
		s->limbo_tail = slot;
	s->next[slot] = s->limbo;
	s->limbo = slot;
	s->n_limbo++;
}

static void chain_free(struct ox_slots *s, uint32_t *head, uint32_t *tail)
{
	if (*head == OX_NONE)
		return;
	s->next[*tail] = s->free;
	s->free = *head;
	*head = *tail = OX_NONE;
}

/* All kinds of slots; a table may have no groups. */
static void each_slots(struct ox_table *t, void (*fn)(struct ox_slots *s))
{
	fn(&t->flow_slots);
	fn(&t->acts_slots);
	fn(&t->mask_slots);
	if (t->groups)
		fn(&t->group_slots);
}

static void release_leaving(struct ox_slots *s)
{
	chain_free(s, &s->leaving, &s->leaving_tail);
}

static void release(struct ox_slots *s)
{
	release_leaving(s);
	chain_free(s, &s->limbo, &s->limbo_tail);
	s->n_limbo = 0;
}

static void leave(struct ox_slots *s)
{
	s->leaving = s->limbo;
	s->leaving_tail = s->limbo_tail;
	s->limbo = s->limbo_tail = OX_NONE;
	s->n_limbo = 0;
}

int ox_table_sync(struct ox_table *t)
{
	int err = t->m->ops->sync(t->m);

	if (err)
		return err;
	t->spare_clean = true;
	each_slots(t, release);
	return 0;
}

static bool sync_needed(const struct ox_table *t)
{
	return !t->spare_clean || t->flow_slots.n_limbo ||
	       t->acts_slots.n_limbo || t->mask_slots.n_limbo ||
	       (t->groups && t->group_slots.n_limbo);
}

void ox_table_sync_begin(struct ox_table *t)
{
	const struct ox_mem_ops *ops = t->m->ops;

	if (t->syncing || !sync_needed(t))
		return;
	if (!ops->sync_begin || ops->sync_begin(t->m)) {
		ox_table_sync(t);
		return;
	}
	t->syncing = true;
	t->sync_rebuilds = t->n_rebuilds;
	each_slots(t, leave);
}

bool ox_table_sync_ended(struct ox_table *t)
{
	int rc;

	if (!t->syncing)
		return true;
	rc = t->m->ops->sync_ended(t->m);
	if (!rc)
		return false;
	t->syncing = false;
	if (rc < 0) { /* who knows why: wait for one */
		ox_table_sync(t);
		return true;
	}
	each_slots(t, release_leaving);
	if (t->sync_rebuilds == t->n_rebuilds)
		t->spare_clean = true;
	return true;
}
