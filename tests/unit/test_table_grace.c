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
 * that had begun when it was given up. */
struct seen {
	bool live, was_used;
	uint32_t gone;
};

/* Grace periods are numbered as they begin; the latest that has ended. */
static uint32_t n_begun, ended, n_sync;

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
	ended = ++n_begun;
	return 0;
}

/* One that a thread would wait for: over when it is asked for the third time.
 */
static uint32_t n_asked, n_tried, under_way;

static int some_begin(struct ox_mem *m)
{
	(void)m;
	if (++n_tried % 5 == 0)
		return -EAGAIN;
	n_asked = 0;
	under_way = ++n_begun;
	return 0;
}

static int some_ended(struct ox_mem *m)
{
	(void)m;
	if (++n_asked < 3)
		return 0;
	if (n_tried % 7 == 0)
		return -EINTR;
	if (under_way > ended)
		ended = under_way;
	return 1;
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

/* What an operation did, before which "before" grace periods had begun. */
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
			assert_true(ended > s->gone);
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

static void check(bool thread)
{
	const struct ox_mem_heap_params p = { .max_flows = 512,
					      .max_masks = 32,
					      .max_acts_chunks = 2 };
	static struct world w;

	memset(&w, 0, sizeof(w));
	w.rand = 20261129;
	assert_int_equal(ox_mem_heap_new(&p, &w.m), 0);
	w.ops = *w.m->ops;
	w.ops.sync = some_sync;
	if (thread) {
		w.ops.sync_begin = some_begin;
		w.ops.sync_ended = some_ended;
	}
	w.m->ops = &w.ops;
	assert_int_equal(ox_table_open(w.m, &w.t, NULL), 0);
	memset(w.flow, 0xff, sizeof(w.flow));
	for (int i = 0; i < 8000; i++) {
		uint32_t before = n_begun;

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

static void slots(void **state)
{
	(void)state;
	check(false);
}

static void slots_thread(void **state)
{
	(void)state;
	check(true);
}

/* With a thread that waits, neither a tick nor a flush does. */
static void no_wait(void **state)
{
	struct world w = { .rand = 1 };
	struct ox_actions a;

	(void)state;
	assert_int_equal(
		ox_mem_heap_new(&(struct ox_mem_heap_params){ 0 }, &w.m), 0);
	w.ops = *w.m->ops;
	w.ops.sync = some_sync;
	w.ops.sync_begin = some_begin;
	w.ops.sync_ended = some_ended;
	w.m->ops = &w.ops;
	assert_int_equal(ox_table_open(w.m, &w.t, NULL), 0);
	assert_int_equal(ox_spec_edits(2, 3, &a), 0);
	n_sync = 0;
	n_tried = 1; /* the fifth fails, and the seventh */
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 100; i++)
			put(&w, i, &a);
		for (uint32_t i = 0; i < 50; i++)
			ox_table_remove(w.t, w.flow[i]);
		for (int i = 0; i < 4; i++)
			ox_table_tick(w.t);
		ox_table_flush(w.t);
		for (int i = 0; i < 4; i++)
			ox_table_tick(w.t);
		n_tried = 1;
	}
	assert_int_equal(n_sync, 0);
	ox_actions_free(&a);
	ox_table_close(w.t);
	ox_mem_heap_free(w.m);
}

static int never_ended(struct ox_mem *m)
{
	(void)m;
	return 0;
}

/* Masks that a grace period under way will let go are no reason to refuse one:
 * it is waited for. */
static void all_leaving(void **state)
{
	struct ox_actions a;
	struct world w = { 0 };

	(void)state;
	assert_int_equal(
		ox_mem_heap_new(&(struct ox_mem_heap_params){ .max_masks = 20 },
				&w.m),
		0);
	w.ops = *w.m->ops;
	w.ops.sync_begin = some_begin;
	w.ops.sync_ended = never_ended;
	w.m->ops = &w.ops;
	assert_int_equal(ox_table_open(w.m, &w.t, NULL), 0);
	assert_int_equal(ox_spec_edits(2, 3, &a), 0);
	n_tried = 0;
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 20; i++) {
			w.flow[i] = OX_NONE;
			put(&w, i, &a);
			assert_int_not_equal(w.flow[i], OX_NONE);
		}
		ox_table_flush(w.t);
		ox_table_tick(w.t);
	}
	ox_actions_free(&a);
	ox_table_close(w.t);
	ox_mem_heap_free(w.m);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.table_grace.all_leaving", all_leaving),
	OX_TEST("unit.table_grace.slots", slots),
	OX_TEST("unit.table_grace.slots_thread", slots_thread),
	OX_TEST("unit.table_grace.no_wait", no_wait),
};

OX_TEST_MAIN(tests)
