// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_table_torn.c - what a daemon leaves that is killed in the middle of a
 * change. Each operation runs one instruction at a time (the CPU's trap flag),
 * and after every store that changed the shared memory a copy of it is kept.
 * Each copy must do for the packets that other flows take, as it is; and for
 * the next daemon.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <malloc.h>

#include "bpf/host.h"
#include "control/flow/table.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/mem_heap.h"
#include "tests/lib/torn.h"

#define N_ACTS	  64 /* slots that are watched; the chunk has more */
#define BYSTANDER 3  /* flows that the operations don't touch */
#define SUBJECT	  7

static const struct ox_mem_heap_params params = {
	.max_flows = 16,
	.max_masks = 6,
	.max_ports = 4,
	.chunk_shift = 3,
	.n_buckets = 2, /* crowded: overflow counts matter */
};

/* The parts of the shared memory, in a fixed order; the last is "prune". */
static int regions(struct ox_mem *m, struct ox_torn_region *r)
{
	const struct ox_config *c = m->config;
	size_t chunk = (size_t)1 << c->chunk_shift;
	int n = 0;

	r[n++] = (struct ox_torn_region){ m->config, sizeof(*m->config) };
	r[n++] = (struct ox_torn_region){ m->masks,
					  c->max_masks * sizeof(*m->masks) };
	r[n++] = (struct ox_torn_region){ m->scan,
					  2 * c->max_masks * sizeof(*m->scan) };
	r[n++] = (struct ox_torn_region){ m->buckets,
					  c->n_buckets * sizeof(*m->buckets) };
	for (uint32_t i = 0; i < m->n_flow_chunks; i++) {
		r[n++] = (struct ox_torn_region){
			m->flows[i], OX_FLOW_LINES(chunk) * sizeof(**m->flows)
		};
		r[n++] = (struct ox_torn_region){ m->uflows[i],
						  chunk * sizeof(**m->uflows) };
	}
	r[n++] = (struct ox_torn_region){ m->acts[0],
					  N_ACTS * sizeof(**m->acts) };
	r[n++] = (struct ox_torn_region){
		m->prune, 2 * OX_PRUNE_HALF(c->max_masks) * sizeof(*m->prune)
	};
	return n;
}

struct fixture {
	struct ox_mem *m;
	struct ox_table *t;
	struct ox_actions out;
	struct ox_actions edits; /* a slot with ops */
	struct ox_actions big;	 /* several slots, for ops and bytes */
	uint32_t subject;
};

static bool with_tunnel; /* the subject's key has one */

static struct ox_flow_spec spec_of(const struct fixture *f, uint32_t n)
{
	struct ox_flow_spec s = { .actions = &f->out };

	ox_spec_key(&s.key, n);
	ox_spec_mask(&s.mask, n);
	if (n == SUBJECT && with_tunnel)
		ox_spec_tunnel(&s, n, 20);
	return s;
}

/* Both chunks are there, so copies have one form. */
static void open_all(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	assert_int_equal(ox_mem_heap_new(&params, &f->m), 0);
	while (f->m->n_flow_chunks < 2)
		assert_int_equal(f->m->ops->grow_flows(f->m), 0);
	while (f->m->n_acts_chunks < 1)
		assert_int_equal(f->m->ops->grow_acts(f->m), 0);
	assert_int_equal(ox_spec_output(2, &f->out), 0);
	assert_int_equal(ox_spec_edits(2, 3, &f->edits), 0);
	assert_int_equal(ox_spec_edits(100, 4, &f->big), 0);
}

static void close_all(struct fixture *f)
{
	ox_actions_free(&f->out);
	ox_actions_free(&f->edits);
	ox_actions_free(&f->big);
	ox_table_close(f->t);
	ox_mem_heap_free(f->m);
}

static void put(struct fixture *f, uint32_t n, const struct ox_actions *a,
		uint32_t *flow)
{
	struct ox_flow_spec s = spec_of(f, n);

	s.actions = a;
	assert_int_equal(ox_table_insert(f->t, &s, flow, NULL), 0);
}

/* Bystanders with each kind of list. */
static void populate(struct fixture *f)
{
	const struct ox_actions *lists[BYSTANDER] = { &f->out, &f->edits,
						      &f->big };
	uint32_t flow;

	assert_int_equal(ox_table_open(f->m, &f->t, NULL), 0);
	for (uint32_t i = 0; i < BYSTANDER; i++)
		put(f, i, lists[i], &flow);
}

static void check_bystanders(struct fixture *f, bool matched_by_packets)
{
	struct ox_flow_spec s;
	uint32_t n = 0, flow;

	for (uint32_t i = 0; i < BYSTANDER; i++) {
		s = spec_of(f, i);
		flow = ox_host_lookup(f->m, &s.key, NULL, NULL);
		n += flow != OX_NONE;
	}
	if (matched_by_packets)
		assert_int_equal(n, BYSTANDER);
}

/* The subject is as before or as after, or not there where that is either. */
static void check_subject(struct fixture *f)
{
	const struct ox_actions *lists[] = { &f->out, &f->edits, &f->big };
	struct ox_flow_spec s = spec_of(f, SUBJECT);
	uint32_t flow = ox_table_find_key(f->t, &s.key, &s.tun), len;
	static uint8_t buf[OX_TABLE_MAX_NLA];
	bool found = false;

	assert_int_equal(flow, ox_table_lookup(f->t, &s.key, &s.tun));
	if (flow == OX_NONE)
		return;
	len = ox_table_actions(f->t, flow, buf, sizeof(buf));
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (lists[i]->nla_len == len &&
		    !memcmp(lists[i]->nla, buf, len)) {
			found = true;
			assert_int_equal(ox_spec_holds(f->m, flow, lists[i]),
					 0);
		}
	assert_true(found);
}

static void check_copy(const uint8_t *copy, bool flushed)
{
	struct fixture f;
	struct ox_torn_region r[16];
	uint32_t flow, n;

	open_all(&f);
	n = (uint32_t)regions(f.m, r);
	for (uint32_t i = 0; i < n; i++) {
		memcpy(r[i].p, copy, r[i].len);
		copy += r[i].len;
	}
	check_bystanders(&f, !flushed);
	assert_int_equal(ox_table_open(f.m, &f.t, NULL), 0);
	assert_int_equal(ox_spec_check(f.m), 0);
	check_bystanders(&f, !flushed);
	check_subject(&f);
	/* and it goes on: all slots are there to be used */
	n = ox_table_n_flows(f.t);
	for (uint32_t i = 16; n < 16; i++, n++) {
		struct ox_flow_spec s = spec_of(&f, 5);

		ox_spec_key(&s.key, 5 + (i << 8));
		assert_int_equal(ox_table_insert(f.t, &s, &flow, NULL), 0);
	}
	ox_table_tick(f.t);
	assert_int_equal(ox_spec_check(f.m), 0);
	ox_table_flush(f.t);
	assert_int_equal(ox_spec_check(f.m), 0);
	close_all(&f);
}

/* Runs op step by step, then looks at every copy. */
static void torn(void (*before)(void *arg), void (*op)(void *arg), bool flushes)
{
	struct fixture f;
	int n;

#ifndef __x86_64__
	ox_skip("no trap flag on this CPU");
#endif
	open_all(&f);
	populate(&f);
	if (before)
		before(&f);
	ox_torn.n = regions(f.m, ox_torn.r);
	ox_torn.n_slow = 1;
	assert_int_equal(ox_torn_run(op, &f), 0);
	n = ox_torn.n_copies;
	assert_int_equal(ox_spec_check(f.m), 0);
	assert_true(n > 3);
	assert_true(n < OX_TORN_COPIES);
	print_message("# %d crash points in %u steps\n", n, ox_torn.n_steps);
	for (int i = 0; i < n; i++)
		check_copy(ox_torn_copy(i), flushes);
	ox_torn_free();
	close_all(&f);
}

/* No assertion in these: they run under the trap flag. */
static void op_insert_out(void *arg)
{
	struct fixture *f = arg;
	struct ox_flow_spec s = spec_of(f, SUBJECT);

	ox_table_insert(f->t, &s, &f->subject, NULL);
}

static void op_insert_big(void *arg)
{
	struct fixture *f = arg;
	struct ox_flow_spec s = spec_of(f, SUBJECT);

	s.actions = &f->big;
	ox_table_insert(f->t, &s, &f->subject, NULL);
}

static void op_set_out(void *arg)
{
	struct fixture *f = arg;

	ox_table_set_actions(f->t, f->subject, &f->out, NULL);
}

static void op_set_edits(void *arg)
{
	struct fixture *f = arg;

	ox_table_set_actions(f->t, f->subject, &f->edits, NULL);
}

static void op_set_big(void *arg)
{
	struct fixture *f = arg;

	ox_table_set_actions(f->t, f->subject, &f->big, NULL);
}

static void op_remove(void *arg)
{
	struct fixture *f = arg;

	ox_table_remove(f->t, f->subject);
}

static void op_tick(void *arg)
{
	struct fixture *f = arg;

	ox_table_tick(f->t);
}

static void op_flush(void *arg)
{
	struct fixture *f = arg;

	ox_table_flush(f->t);
}

static void op_linger(void *arg)
{
	struct fixture *f = arg;

	ox_table_linger(f->t);
}

static void op_linger_end(void *arg)
{
	struct fixture *f = arg;

	ox_table_linger_end(f->t);
}

/* Buckets full, so that the subject's place is beyond its home. */
static void crowd(void *arg)
{
	struct fixture *f = arg;
	for (uint32_t i = 0; i < 10; i++) {
		struct ox_flow_spec s = spec_of(f, 1);
		uint32_t flow;

		ox_spec_key(&s.key, 1 + ((i + 1) << 8));
		assert_int_equal(ox_table_insert(f->t, &s, &flow, NULL), 0);
	}
}

static void crowd_and_subject(void *arg)
{
	struct fixture *f = arg;

	crowd(f);
	op_insert_big(f);
}

/* Slots that were used before. */
static void used_slots(void *arg)
{
	struct fixture *f = arg;

	crowd_and_subject(f);
	op_remove(f);
	ox_table_tick(f->t);
}

/* An unused mask to be taken out, and hits that change the order. */
static void unsorted(void *arg)
{
	struct fixture *f = arg;

	crowd_and_subject(f);
	ox_table_tick(f->t);
	op_remove(f);
	op_insert_out(f);
	op_remove(f);
	ox_mem_heap(f->m)->mask_hits[2] += 100;
}

static void insert_new(void **state)
{
	(void)state;
	torn(crowd, op_insert_out, false);
}

static void insert_long(void **state)
{
	(void)state;
	torn(NULL, op_insert_big, false);
}

static void insert_reuse(void **state)
{
	(void)state;
	torn(used_slots, op_insert_big, false);
}

static void actions_short_to_ops(void **state)
{
	(void)state;
	torn(op_insert_out, op_set_edits, false);
}

static void actions_ops_to_long(void **state)
{
	(void)state;
	torn(crowd_and_subject, op_set_edits, false);
	torn(op_insert_out, op_set_big, false);
}

static void actions_long_to_short(void **state)
{
	(void)state;
	torn(crowd_and_subject, op_set_out, false);
}

static void remove_flow(void **state)
{
	(void)state;
	torn(crowd_and_subject, op_remove, false);
}

static void tick(void **state)
{
	(void)state;
	torn(unsorted, op_tick, false);
}

static void flush(void **state)
{
	(void)state;
	torn(crowd_and_subject, op_flush, true);
}

static void crowd_lingers(void *arg)
{
	struct fixture *f = arg;

	crowd_and_subject(f);
	ox_table_linger(f->t);
}

static void linger(void **state)
{
	(void)state;
	torn(crowd_and_subject, op_linger, false);
}

static void linger_end(void **state)
{
	(void)state;
	torn(crowd_lingers, op_linger_end, true);
}

/* The new flow is there before the one that lingers goes. */
static void linger_replace(void **state)
{
	(void)state;
	torn(crowd_lingers, op_insert_out, false);
}

/* What identifies the subject is there as long as it is. */
static void tunnel(void **state)
{
	(void)state;
	with_tunnel = true;
	torn(crowd, op_insert_out, false);
	torn(used_slots, op_insert_big, false);
	torn(op_insert_out, op_set_edits, false);
	torn(crowd_and_subject, op_set_out, false);
	torn(crowd_and_subject, op_remove, false);
	torn(crowd_and_subject, op_flush, true);
	torn(crowd_lingers, op_insert_out, false);
	with_tunnel = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.table.torn.insert", insert_new),
		OX_TEST("unit.table.torn.insert_long", insert_long),
		OX_TEST("unit.table.torn.insert_reuse", insert_reuse),
		OX_TEST("unit.table.torn.short_to_ops", actions_short_to_ops),
		OX_TEST("unit.table.torn.ops_to_long", actions_ops_to_long),
		OX_TEST("unit.table.torn.long_to_short", actions_long_to_short),
		OX_TEST("unit.table.torn.remove", remove_flow),
		OX_TEST("unit.table.torn.tick", tick),
		OX_TEST("unit.table.torn.flush", flush),
		OX_TEST("unit.table.torn.linger", linger),
		OX_TEST("unit.table.torn.linger_end", linger_end),
		OX_TEST("unit.table.torn.linger_replace", linger_replace),
		OX_TEST("unit.table.torn.tunnel", tunnel),
	};

	/* copies by the hundred: not each from fresh pages */
	mallopt(M_MMAP_THRESHOLD, 1 << 30);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
