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

static void release(struct ox_slots *s)
{
	if (s->limbo == OX_NONE)
		return;
	s->next[s->limbo_tail] = s->free;
	s->free = s->limbo;
	s->limbo = s->limbo_tail = OX_NONE;
	s->n_limbo = 0;
}

int ox_table_sync(struct ox_table *t)
{
	int err = t->m->ops->sync(t->m);

	if (err)
		return err;
	t->spare_clean = true;
	release(&t->flow_slots);
	release(&t->acts_slots);
	release(&t->mask_slots);
	if (t->groups)
		release(&t->group_slots);
	return 0;
}
