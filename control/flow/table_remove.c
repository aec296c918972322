// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_remove.c - flows that go: one, or all of them. The order of the
 * stores is in table_int.h.
 */
#include "control/flow/table_int.h"

void ox_table_unlink(struct ox_table *t, uint32_t flow)
{
	struct ox_flow *f = ox_mem_flow(t->m, flow);

	ox_bucket_unlink(t, flow);
	ox_publish(&f->state, OX_DEAD);
	ox_acts_retire(t, ox_mem_uflow(t->m, flow)->acts);
	ox_tun_release(t, ox_mem_uflow(t->m, flow)->tun);
	ox_index_del(&t->by_id, flow);
	ox_slots_retire(&t->flow_slots, flow);
	ox_mask_unref(t, f->mask);
	ox_prune_gone(t);
	t->n_linger -= ox_flow_lingers(t, flow);
	t->n_flows--;
	t->generation++;
}

void ox_table_remove(struct ox_table *t, uint32_t flow)
{
	ox_table_unlink(t, flow);
	/* at once if it is free of charge, else with the next tick */
	if (t->n_unused && t->spare_clean)
		ox_scan_rebuild(t);
}

bool ox_table_step(struct ox_table *t, uint32_t *at,
		   void (*fn)(struct ox_table *t, uint32_t flow))
{
	uint32_t n = t->flow_slots.hi, end = n;

	if (n > *at && n - *at > OX_FLUSH_STEP)
		end = *at + OX_FLUSH_STEP;
	for (; *at < end; ++*at)
		if (ox_table_linked(t, *at))
			fn(t, *at);
	return end < n;
}

bool ox_table_flush_step(struct ox_table *t, uint32_t *at)
{
	if (ox_table_step(t, at, ox_table_unlink))
		return true;
	/* into the other half of "scan", which waits for a grace period only if
	 * it was in use a moment ago; what is retired waits for the next tick
	 */
	if (t->n_scan && ox_scan_rebuild(t))
		ox_scan_clear(t);
	return false;
}

void ox_table_flush(struct ox_table *t)
{
	uint32_t at = 0;

	while (ox_table_flush_step(t, &at))
		;
}
