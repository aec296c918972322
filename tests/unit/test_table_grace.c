// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_table_grace.c - no slot of flows, masks or action lists is used again
 * before a grace period has passed since it was given up: programs may still
 * read it. Grace periods fail now and then here.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/flow/table.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/mem_heap.h"

#define SLOTS 4096 /* of a kind, at most */
#define FLOWS 600

enum kind { FLOW, MASK, ACTS, N_KINDS };

/* What a slot was when it was looked at last, and the number of grace periods
 * when it was given up. */
struct seen {
	bool live, was_used;
	uint32_t gone;
};

static uint32_t n_grace, n_sync;

struct world {
	struct ox_mem *m;
	struct ox_mem_ops ops;
	struct ox_table *t;
	uint64_t rand;
	struct seen seen[N_KINDS][SLOTS];
	uint32_t flow[FLOWS]; /* OX_NONE: not there */
	uint32_t n_reused[N_KINDS];
};

static int some_sync(struct ox_mem *m)
{
	(void)m;
	if (++n_sync % 3 == 0)
		return -EINTR;
	n_grace++;
	return 0;
}

static uint32_t n_slots(const struct world *w, enum kind k)
{
	switch (k) {
	case FLOW:
		return w->m->n_flow_chunks << w->m->config->chunk_shift;
	case MASK:
		return w->m->config->max_masks;
	default:
		return w->m->n_acts_chunks << OX_ACTS_SHIFT;
	}
}

static bool is_live(const struct world *w, enum kind k, uint32_t i)
{
	switch (k) {
	case FLOW:
		return ox_mem_flow(w->m, i)->state == OX_LIVE;
	case MASK:
		return w->m->masks[i].state == OX_LIVE;
	default:
		return ox_mem_acts(w->m, i)->state == OX_LIVE;
	}
}

/* What an operation did, before which there were "before" grace periods. */
static void look(struct world *w, enum kind k, uint32_t before)
{
	for (uint32_t i = 0; i < n_slots(w, k); i++) {
		struct seen *s = &w->seen[k][i];
		bool live = is_live(w, k, i);

		if (s->live && !live) {
			s->was_used = true;
			s->gone = before;
		}
		if (!s->live && live && s->was_used) {
			assert_true(n_grace > s->gone);
			w->n_reused[k]++;
		}
		s->live = live;
	}
}

static uint32_t draw(struct world *w, uint32_t n)
{
	return (uint32_t)((ox_rand(&w->rand) >> 32) * n >> 32);
}

/* Limits of flows and of masks may be met: grace periods fail here. */
static void put(struct world *w, uint32_t i, const struct ox_actions *a)
{
	struct ox_flow_spec s = { .actions = a };

	ox_spec_key(&s.key, i);
	ox_spec_mask(&s.mask, i % 24);
	if (ox_table_insert(w->t, &s, &w->flow[i], NULL))
		w->flow[i] = OX_NONE;
}

static void step(struct world *w)
{
	uint32_t i = draw(w, FLOWS), what = draw(w, 100);
	struct ox_actions a;

	assert_int_equal(ox_spec_edits(draw(w, 30), 3, &a), 0);
	if (!what && !draw(w, 10)) {
		ox_table_flush(w->t);
		memset(w->flow, 0xff, sizeof(w->flow));
	} else if (what < 4) {
		ox_table_tick(w->t);
	} else if (w->flow[i] == OX_NONE) {
		put(w, i, &a);
	} else if (what < 50) {
		ox_table_set_actions(w->t, w->flow[i], &a, NULL);
	} else {
		ox_table_remove(w->t, w->flow[i]);
		w->flow[i] = OX_NONE;
	}
	ox_actions_free(&a);
}

static void grace(void **state)
{
	const struct ox_mem_heap_params p = { .max_flows = 512,
					      .max_masks = 32,
					      .max_acts_chunks = 2 };
	static struct world w;

	(void)state;
	w.rand = 20261129;
	assert_int_equal(ox_mem_heap_new(&p, &w.m), 0);
	w.ops = *w.m->ops;
	w.ops.sync = some_sync;
	w.m->ops = &w.ops;
	assert_int_equal(ox_table_open(w.m, &w.t, NULL), 0);
	memset(w.flow, 0xff, sizeof(w.flow));
	for (int i = 0; i < 8000; i++) {
		uint32_t before = n_grace;

		step(&w);
		for (enum kind k = FLOW; k < N_KINDS; k++)
			look(&w, k, before);
	}
	print_message("# %u flows, %u masks, %u slots of lists used again\n",
		      w.n_reused[FLOW], w.n_reused[MASK], w.n_reused[ACTS]);
	for (enum kind k = FLOW; k < N_KINDS; k++)
		assert_true(w.n_reused[k] > 20);
	assert_int_equal(ox_spec_check(w.m), 0);
	ox_table_close(w.t);
	ox_mem_heap_free(w.m);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.table_grace.slots", grace),
};

OX_TEST_MAIN(tests)
