// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * table_scan.c - the order in which masks are tried: map "scan", two halves. A
 * new mask goes to the end of the active half. To take one out or to reorder,
 * the inactive half is written and made the active one with a single store. The
 * old half can be written again a grace period later. What table_prune.c keeps
 * goes with it.
 */
#include <string.h>

#include "control/flow/table_int.h"

static struct ox_mask *scan_entry(struct ox_table *t, uint32_t half, uint32_t i)
{
	return &t->m->scan[(size_t)half * t->m->config->max_masks + i];
}

void ox_scan_append(struct ox_table *t, uint32_t slot)
{
	uint32_t half = OX_SCAN_HALF(t->m->config->scan);

	memcpy(scan_entry(t, half, t->n_scan), &t->m->masks[slot],
	       sizeof(struct ox_mask));
	t->order[t->n_scan++] = slot;
	ox_publish(&t->m->config->scan, OX_SCAN(half, t->n_scan));
	ox_prune_place(t, slot, t->n_scan - 1);
}

/* Splits order into masks with flows (in front) and those without. */
static uint32_t partition(struct ox_table *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n_scan; i++) {
		uint32_t slot = t->order[i];

		if (!t->m->masks[slot].n_flows)
			continue;
		/* a swap would lose the order of the used ones */
		memmove(&t->order[n + 1], &t->order[n],
			(i - n) * sizeof(*t->order));
		t->order[n++] = slot;
	}
	return n;
}

static void retire_mask(struct ox_table *t, uint32_t slot)
{
	ox_index_del(&t->by_mask, slot);
	ox_publish(&t->m->masks[slot].state, OX_DEAD);
	ox_slots_retire(&t->mask_slots, slot);
}

int ox_scan_rebuild(struct ox_table *t)
{
	uint32_t half = !OX_SCAN_HALF(t->m->config->scan);
	uint32_t n;

	if (!t->spare_clean) {
		int err = ox_table_sync(t);

		if (err)
			return err;
	}
	n = partition(t);
	for (uint32_t i = 0; i < n; i++)
		memcpy(scan_entry(t, half, i), &t->m->masks[t->order[i]],
		       sizeof(struct ox_mask));
	ox_prune_build(t, half, n);
	ox_publish(&t->m->config->scan, OX_SCAN(half, n));
	t->spare_clean = false;
	t->n_rebuilds++;

	for (uint32_t i = n; i < t->n_scan; i++)
		retire_mask(t, t->order[i]);
	t->n_scan = n;
	t->n_unused = 0;
	return 0;
}

void ox_scan_clear(struct ox_table *t)
{
	uint32_t half = OX_SCAN_HALF(t->m->config->scan);

	ox_publish(&t->m->config->scan, OX_SCAN(half, 0));
	for (uint32_t i = 0; i < t->n_scan; i++)
		retire_mask(t, t->order[i]);
	t->n_scan = 0;
	t->n_unused = 0;
}

static bool read_hits(struct ox_table *t)
{
	uint32_t n = t->mask_slots.hi;

	if (t->m->ops->mask_hits(t->m, n, t->hits_now))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t prev = t->hits_prev[i];

		t->hits[i] = prev == OX_HITS_UNKNOWN || t->hits_now[i] < prev
				     ? 0
				     : t->hits_now[i] - prev;
		t->hits_prev[i] = t->hits_now[i];
	}
	return true;
}

/* Insertion sort: the order changes little from one second to the next. */
static void sort_by_hits(struct ox_table *t)
{
	for (uint32_t i = 1; i < t->n_scan; i++) {
		uint32_t slot = t->order[i], j = i;

		while (j && t->hits[t->order[j - 1]] < t->hits[slot]) {
			t->order[j] = t->order[j - 1];
			j--;
		}
		t->order[j] = slot;
	}
}

bool ox_scan_sort(struct ox_table *t)
{
	uint64_t least = OX_HITS_UNKNOWN;

	if (t->n_scan < 2 || !read_hits(t))
		return false;
	/* a quarter more than one before it: not noise */
	for (uint32_t i = 0; i < t->n_scan; i++) {
		uint64_t h = t->hits[t->order[i]];

		if (least != OX_HITS_UNKNOWN && h > least + least / 4) {
			sort_by_hits(t);
			return true;
		}
		if (h < least)
			least = h;
	}
	return false;
}
