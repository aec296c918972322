// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_walk.c - from one flow to the next: those that packets meet, and of
 * these the ones that linger and those that don't.
 */
#include "control/flow/table_int.h"

bool ox_flow_lingers(const struct ox_table *t, uint32_t flow)
{
	return t->n_linger &&
	       (ox_mem_uflow(t->m, flow)->flags & OX_UFLOW_LINGER);
}

/* Only the daemon makes flows, so LIVE means that it is linked, too. */
bool ox_table_linked(const struct ox_table *t, uint32_t flow)
{
	return ox_mem_flow(t->m, flow)->state == OX_LIVE;
}

uint32_t ox_table_next_linked(const struct ox_table *t, uint32_t from)
{
	for (uint32_t f = from; f < t->flow_slots.hi; f++)
		if (ox_table_linked(t, f))
			return f;
	return OX_NONE;
}

uint32_t ox_table_next(const struct ox_table *t, uint32_t from)
{
	uint32_t f = ox_table_next_linked(t, from);

	while (f != OX_NONE && ox_flow_lingers(t, f))
		f = ox_table_next_linked(t, f + 1);
	return f;
}

uint32_t ox_table_n_lingering(const struct ox_table *t)
{
	return t->n_linger;
}

uint32_t ox_table_next_lingering(const struct ox_table *t, uint32_t from)
{
	uint32_t f = OX_NONE;

	if (t->n_linger)
		f = ox_table_next_linked(t, from);
	while (f != OX_NONE && !ox_flow_lingers(t, f))
		f = ox_table_next_linked(t, f + 1);
	return f;
}
