// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_table_group.c - sets of ports for lists that end in several outputs:
 * made at a tick, shared, given up with their last flow, made anew when a
 * port has another device.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <linux/openvswitch.h>

#include "control/flow/table.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/mem_heap.h"
#include "tests/lib/nlmake.h"

#define PORTS 64

struct set {
	uint32_t n, ports[OX_GROUP_PORTS];
	uint32_t made;	   /* times */
	unsigned int sync; /* grace periods when it was made last */
};

struct fixture {
	struct ox_mem *m;
	struct ox_mem_ops ops;
	struct ox_table *t;
	struct set set[OX_MAX_GROUPS];
	uint32_t n_made;
	uint32_t n_calls;   /* each may wait for a grace period */
	uint32_t watch;	    /* a flow with a list that may name a set, */
	uint32_t n_unnamed; /* and grace periods in which it named none */
	int fail;	    /* what making sets returns instead */
};

static struct fixture f;

static uint32_t set_of(uint32_t flow);

static void make_set(struct ox_mem *m, const struct ox_group_ports *g)
{
	struct set *s = &f.set[g->slot];

	assert_in_range(g->slot, 0, OX_MAX_GROUPS - 1);
	assert_in_range(g->n, 2, OX_GROUP_PORTS);
	s->n = g->n;
	memcpy(s->ports, g->ports, g->n * sizeof(*g->ports));
	s->made++;
	s->sync = ox_mem_heap(m)->n_sync;
	f.n_made++;
}

static int make_sets(struct ox_mem *m, const struct ox_group_ports *sets,
		     uint32_t n)
{
	assert_in_range(n, 1, OX_GROUPS_AT_ONCE);
	f.n_calls++;
	if (f.fail)
		return f.fail;
	for (uint32_t i = 0; i < n; i++)
		make_set(m, &sets[i]);
	return 0;
}

/* A grace period; what the watched flow's list names then? */
static int sync_seen(struct ox_mem *m)
{
	ox_mem_heap(m)->n_sync++;
	if (f.watch != OX_NONE && set_of(f.watch) == OX_NONE)
		f.n_unnamed++;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	if (ox_mem_heap_new(NULL, &f.m))
		return -1;
	f.ops = *f.m->ops;
	f.ops.groups_set = make_sets;
	f.ops.sync = sync_seen;
	f.watch = OX_NONE;
	f.m->ops = &f.ops;
	return ox_table_open(f.m, &f.t, NULL);
}

static int teardown(void **state)
{
	(void)state;
	ox_table_close(f.t);
	ox_mem_heap_free(f.m);
	return 0;
}

/* Outputs to ports a, a + step and so on. */
static void outputs(uint32_t a, uint32_t step, uint32_t n,
		    struct ox_actions *out)
{
	struct ox_make m;

	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	for (; n--; a += step)
		ox_make_u32(&m, OVS_ACTION_ATTR_OUTPUT, a);
	assert_int_equal(
		ox_actions_recompile(m.b + NLA_HDRLEN, m.len - NLA_HDRLEN, out),
		0);
}

/* Flow number i, to n ports from a on. */
static uint32_t put(uint32_t i, uint32_t a, uint32_t step, uint32_t n)
{
	struct ox_flow_spec s = { 0 };
	struct ox_actions acts;
	uint32_t flow = OX_NONE;

	ox_spec_key(&s.key, i);
	ox_spec_mask(&s.mask, 0);
	outputs(a, step, n, &acts);
	s.actions = &acts;
	assert_int_equal(ox_table_insert(f.t, &s, &flow, NULL), 0);
	ox_actions_free(&acts);
	return flow;
}

/* The set that a flow's list names, or OX_NONE. */
static uint32_t set_of(uint32_t flow)
{
	const struct ox_acts *a =
		ox_mem_acts(f.m, ox_mem_uflow(f.m, flow)->acts);

	assert_non_null(a);
	for (int i = 0; i < OX_ACTS_OPS; i++)
		if (a->ops[i].code == OX_OP_GROUP)
			return a->ops[i].arg;
	fail_msg("the list has no group");
	return OX_NONE;
}

static void assert_set(uint32_t flow, uint32_t a, uint32_t step, uint32_t n)
{
	uint32_t slot = set_of(flow);

	assert_in_range(slot, 0, OX_MAX_GROUPS - 1);
	assert_int_equal(f.set[slot].n, n);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(f.set[slot].ports[i], a + i * step);
}

static void made(void **state)
{
	uint32_t a = put(1, 1, 2, 3), b = put(2, 9, -1u, 4);

	(void)state;
	/* making one waits for a grace period: not in a request */
	assert_int_equal(f.n_made, 0);
	assert_int_equal(set_of(a), OX_NONE);
	ox_table_tick(f.t);
	assert_set(a, 1, 2, 3);
	assert_set(b, 6, 1, 4); /* in order */
	assert_int_equal(f.n_made, 2);
	ox_table_tick(f.t);
	assert_int_equal(f.n_made, 2);
}

/* One set for all that have its ports, until the last of them goes. */
static void shared(void **state)
{
	uint32_t a = put(1, 1, 1, 2), b = put(2, 2, -1u, 2), c, slot;

	(void)state;
	ox_table_tick(f.t);
	slot = set_of(a);
	assert_int_equal(set_of(b), slot);
	assert_int_equal(f.n_made, 1);
	/* one that is there is named at once */
	c = put(3, 1, 1, 2);
	assert_int_equal(set_of(c), slot);
	ox_table_remove(f.t, a);
	ox_table_remove(f.t, c);
	ox_table_tick(f.t);
	a = put(4, 3, 1, 2);
	ox_table_tick(f.t);
	assert_int_not_equal(set_of(a), slot);
	assert_set(b, 1, 1, 2);
}

/* What was given up isn't another's before programs have let go of it. */
static void grace(void **state)
{
	uint32_t a = put(1, 1, 1, 2), slot;
	unsigned int sync;

	(void)state;
	ox_table_tick(f.t);
	slot = set_of(a);
	ox_table_remove(f.t, a);
	sync = ox_mem_heap(f.m)->n_sync;
	for (uint32_t i = 0; i < 20; i++)
		put(10 + i, 2 + i, 1, 2);
	ox_table_tick(f.t);
	if (f.set[slot].made > 1)
		assert_true(f.set[slot].sync > sync);
	ox_table_tick(f.t);
	ox_table_tick(f.t);
	assert_int_equal(f.n_made, 21);
}

/* Many more come and go than there is room for at once, all different. */
static void come_and_go(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3 * OX_MAX_GROUPS; i++) {
		uint32_t a = i % 50, step = 1 + i / 50 % 6, n = 2 + i / 300;
		uint32_t flow = put(i, a, step, n);

		ox_table_tick(f.t);
		assert_set(flow, a, step, n);
		ox_table_remove(f.t, flow);
	}
}

/* The same for lists that are replaced. */
static void replaced(void **state)
{
	uint32_t flow = put(1, 0, 1, 2);

	(void)state;
	for (uint32_t i = 0; i < 2 * OX_MAX_GROUPS; i++) {
		uint32_t a = i % 50, step = 1 + i / 50 % 6, n = 2 + i / 300;
		struct ox_actions acts;

		outputs(a, step, n, &acts);
		assert_int_equal(ox_table_set_actions(f.t, flow, &acts, NULL),
				 0);
		ox_actions_free(&acts);
		ox_table_tick(f.t);
		assert_set(flow, a, step, n);
	}
}

/* A set that can't be made takes no place for good. */
static void refused(void **state)
{
	uint32_t flow;

	(void)state;
	f.fail = -ENOMEM;
	for (uint32_t i = 0; i < 2 * OX_MAX_GROUPS; i++) {
		flow = put(i, i % 50, 1 + i / 50 % 6, 2);
		ox_table_tick(f.t);
		assert_int_equal(set_of(flow), OX_NONE);
		ox_table_remove(f.t, flow);
	}
	f.fail = 0;
	flow = put(1, 7, 1, 2);
	ox_table_tick(f.t);
	assert_set(flow, 7, 1, 2);
}

/* A few a tick, and in the end all. */
static void many(void **state)
{
	uint32_t flow[100];

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		flow[i] = put(i, i % 50, 1 + i / 50, 2);
	ox_table_tick(f.t);
	assert_in_range(f.n_made, 1, OX_GROUPS_AT_ONCE);
	for (int i = 0; i < 100 && f.n_made < 100; i++)
		ox_table_tick(f.t);
	assert_int_equal(f.n_calls, 2);
	for (uint32_t i = 0; i < 100; i++)
		assert_set(flow[i], i % 50, 1 + i / 50, 2);
}

/* Sets with a port that has another device are made anew, no others. */
static void port_changed(void **state)
{
	uint32_t a = put(1, 1, 1, 2), b = put(2, 2, 1, 2), c = put(3, 4, 1, 2);

	(void)state;
	ox_table_tick(f.t);
	ox_table_port_changed(f.t, 2);
	ox_table_port_changed(f.t, 60);
	assert_int_equal(f.n_made, 3);
	f.fail = -ENOMEM; /* is tried until it works */
	ox_table_tick(f.t);
	f.fail = 0;
	ox_table_tick(f.t);
	ox_table_tick(f.t);
	assert_int_equal(f.set[set_of(a)].made, 2);
	assert_int_equal(f.set[set_of(b)].made, 2);
	assert_int_equal(f.set[set_of(c)].made, 1);
}

/* The same when a port of many sets is replaced: a call a tick. */
static void many_changed(void **state)
{
	uint32_t calls;

	(void)state;
	for (uint32_t i = 0; i < 200; i++)
		put(i, 1, 1 + i % 50, 2 + i / 50);
	for (int i = 0; i < 10; i++)
		ox_table_tick(f.t);
	assert_in_range(f.n_made, 101, 200);
	calls = f.n_calls;
	f.n_made = 0;
	ox_table_port_changed(f.t, 1);
	for (int i = 0; i < 10; i++) {
		uint32_t before = f.n_made;

		ox_table_tick(f.t);
		assert_in_range(f.n_made - before, 0, OX_GROUPS_AT_ONCE);
	}
	assert_in_range(f.n_made, 101, 200);
	assert_int_equal(f.n_calls - calls, (f.n_made + OX_GROUPS_AT_ONCE - 1) /
						    OX_GROUPS_AT_ONCE);
}

/* The next daemon doesn't know what is in the sets of the last one. */
static void takeover(void **state)
{
	uint32_t a = put(1, 1, 1, 2), b = put(2, 4, 1, 3);

	(void)state;
	ox_table_tick(f.t);
	ox_table_close(f.t);
	f.watch = a;
	assert_int_equal(ox_table_open(f.m, &f.t, NULL), 0);
	assert_int_equal(set_of(a), OX_NONE);
	/* a program may have read the name before: its slot waits */
	assert_int_equal(f.n_made, 2);
	assert_true(f.n_unnamed > 0);
	ox_table_tick(f.t);
	assert_set(a, 1, 1, 2);
	assert_set(b, 4, 1, 3);
	assert_int_equal(f.n_made, 4);
}

#define T(id, fn) OX_TEST_WITH("unit.table_group." id, fn, setup, teardown)

static const struct CMUnitTest tests[] = {
	T("made", made),
	T("shared", shared),
	T("grace", grace),
	T("come_and_go", come_and_go),
	T("replaced", replaced),
	T("refused", refused),
	T("many", many),
	T("many_changed", many_changed),
	T("port_changed", port_changed),
	T("takeover", takeover),
};

OX_TEST_MAIN(tests)
