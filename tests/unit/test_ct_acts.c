// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_acts.c - slots of the actions ct(): equal ones share one, and none is
 * written again before a grace period.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/flow/ct_acts.h"
#include "tests/lib/ct_heap.h"

static struct ct_heap *h;
static struct ox_ct_acts *a;

static int setup(void **state)
{
	(void)state;
	h = ct_heap_new(4096, 1000);
	h->sync_rc = 1;
	if (ox_ct_acts_open(&h->mem, &a))
		return -1;
	ox_ct_acts_taken_over(a);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ox_ct_acts_close(a);
	ct_heap_free(h);
	return 0;
}

static struct ox_ct_act in_zone(uint16_t zone)
{
	return (struct ox_ct_act){ .zone = zone, .flags = OX_CT_F_COMMIT };
}

static uint32_t get(const struct ox_ct_act *act)
{
	uint32_t slot = 0;

	assert_int_equal(ox_ct_act_get(a, act, &slot), 0);
	assert_in_range(slot, 1, OX_CT_ACTS - 1);
	return slot;
}

static uint32_t get_zone(uint16_t zone)
{
	struct ox_ct_act act = in_zone(zone);

	return get(&act);
}

static void shared(void **state)
{
	struct ox_ct_act act = in_zone(5);
	uint32_t one = get(&act), two;

	(void)state;
	act.refs = 77;
	assert_int_equal(get(&act), one);
	assert_int_equal(h->mem.acts[one].refs, 2);
	act.eventmask = 1;
	two = get(&act);
	assert_int_not_equal(two, one);
	assert_int_equal(h->mem.acts[two].eventmask, 1);
	assert_int_equal(ox_ct_acts_used(a), 2);
	ox_ct_act_put(a, one);
	assert_int_equal(get_zone(5), one);
	assert_int_equal(h->mem.acts[one].refs, 2);
}

/* Until then it keeps what it says, for packets, and can be had again. */
static void grace(void **state)
{
	uint32_t one = get_zone(1), other;

	(void)state;
	ox_ct_act_put(a, one);
	assert_int_equal(ox_ct_acts_used(a), 0);
	h->sync_rc = 0;
	for (int i = 0; i < 3; i++) {
		ox_ct_acts_tick(a);
		other = get_zone(100 + i);
		assert_int_not_equal(other, one);
		assert_int_equal(h->mem.acts[one].zone, 1);
	}
	assert_int_equal(get_zone(1), one);
	h->sync_rc = 1;
	ox_ct_acts_tick(a);
	assert_int_equal(h->mem.acts[one].refs, 1);
	assert_int_equal(get_zone(1), one);
	ox_ct_act_put(a, one);
	ox_ct_act_put(a, one);
	/* one tick begins, the next one sees the end */
	ox_ct_acts_tick(a);
	assert_int_not_equal(get_zone(200), one);
	ox_ct_acts_tick(a);
	assert_int_equal(get_zone(201), one);
	assert_int_equal(h->n_syncs, 0);
}

/* A grace period that wasn't one frees nothing. */
static void grace_fails(void **state)
{
	uint32_t one = get_zone(1);

	(void)state;
	ox_ct_act_put(a, one);
	h->sync_rc = -ENOMEM;
	for (int i = 0; i < 5; i++)
		ox_ct_acts_tick(a);
	assert_int_not_equal(get_zone(2), one);
	h->sync_rc = 1;
	ox_ct_acts_tick(a);
	ox_ct_acts_tick(a);
	assert_int_equal(get_zone(3), one);
}

static void full(void **state)
{
	struct ox_ct_act act = in_zone(0);
	uint32_t slot = 0, first = 0;

	(void)state;
	for (uint32_t i = 1; i < OX_CT_ACTS; i++) {
		act.zone = i;
		slot = get(&act);
		first = first ?: slot;
	}
	act.zone = 0;
	assert_int_equal(ox_ct_act_get(a, &act, &slot), -ENOSPC);
	assert_int_equal(h->n_syncs, 0);
	/* the one that was there can still be had */
	act.zone = 1;
	assert_int_equal(get(&act), first);
	ox_ct_act_put(a, first);
	ox_ct_act_put(a, first);
	act.zone = 0;
	assert_int_equal(get(&act), first);
	assert_int_equal(h->n_syncs, 1);
	assert_int_equal(ox_ct_acts_used(a), OX_CT_ACTS - 1);
}

static void policies(void **state)
{
	struct ox_ct_act act = in_zone(1);
	uint32_t one, two;

	(void)state;
	act.tp = 20;
	one = get(&act);
	get(&act);
	act.zone = 2;
	two = get(&act);
	assert_int_equal(h->mem.tps[20].refs, 2);
	ox_ct_act_put(a, two);
	assert_int_equal(h->mem.tps[20].refs, 1);
	ox_ct_act_put(a, one);
	ox_ct_act_put(a, one);
	assert_int_equal(h->mem.tps[20].refs, 0);
	act.zone = 1;
	assert_int_equal(get(&act), one);
	assert_int_equal(h->mem.tps[20].refs, 1);
	/* the default of a protocol is nobody's */
	act.tp = OX_CT_TP_TCP;
	get(&act);
	assert_int_equal(h->mem.tps[OX_CT_TP_TCP].refs, 0);
}

/* What lists name stays where it is; all else is free, whatever the array says
 * of it. */
static void takeover(void **state)
{
	struct ox_ct_act act = in_zone(7);
	uint32_t one, two, three;

	(void)state;
	act.tp = 30;
	one = get(&act);
	two = get_zone(8);
	three = get_zone(9);
	ox_ct_acts_close(a);
	assert_int_equal(ox_ct_acts_open(&h->mem, &a), 0);
	assert_int_equal(h->mem.tps[30].refs, 0);
	assert_int_equal(ox_ct_acts_seen(a, one), 0);
	assert_int_equal(ox_ct_acts_seen(a, three), 0);
	assert_int_equal(ox_ct_acts_seen(a, one), 0);
	assert_int_equal(ox_ct_acts_seen(a, 0), -EINVAL);
	assert_int_equal(ox_ct_acts_seen(a, OX_CT_ACTS), -EINVAL);
	ox_ct_acts_taken_over(a);
	assert_int_equal(ox_ct_acts_used(a), 2);
	assert_int_equal(h->mem.acts[one].refs, 2);
	assert_int_equal(h->mem.acts[three].refs, 1);
	assert_int_equal(h->mem.tps[30].refs, 1);
	assert_int_equal(get_zone(9), three);
	assert_int_equal(get(&act), one);
	assert_int_equal(get_zone(8), two); /* the first that is free */
	assert_int_equal(h->mem.acts[two].refs, 1);
}

#define CASE(id, fn) OX_TEST_WITH("unit.ct_acts." id, fn, setup, teardown)

static const struct CMUnitTest tests[] = {
	CASE("shared", shared),		  CASE("grace", grace),
	CASE("grace_fails", grace_fails), CASE("full", full),
	CASE("policies", policies),	  CASE("takeover", takeover),
};

OX_TEST_MAIN(tests)
