// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_table_acts.c - lists of actions in chains of slots: where ops and
 * verbatim pieces stand, generations, and what becomes of damaged chains.
 */
#include "tests/unit/actions_make.h"

#include "control/flow/table.h"
#include "tests/lib/mem_heap.h"

struct fixture {
	struct ox_mem *m;
	struct ox_table *t;
	uint32_t flow;
};

static void open_table(struct fixture *f, const struct ox_actions *a)
{
	struct ox_mem_heap_params p = { 0 };
	struct ox_flow_spec s = { .actions = a };

	assert_int_equal(ox_mem_heap_new(&p, &f->m), 0);
	assert_int_equal(ox_table_open(f->m, &f->t, NULL), 0);
	ox_spec_key(&s.key, 1);
	ox_spec_mask(&s.mask, 0);
	assert_int_equal(ox_table_insert(f->t, &s, &f->flow, NULL), 0);
}

static void close_table(struct fixture *f)
{
	assert_int_equal(ox_spec_check(f->m), 0);
	ox_table_close(f->t);
	ox_mem_heap_free(f->m);
}

static void reopen(struct fixture *f)
{
	ox_table_close(f->t);
	assert_int_equal(ox_table_open(f->m, &f->t, NULL), 0);
	assert_int_equal(ox_spec_check(f->m), 0);
}

static uint32_t n_slots(const struct fixture *f)
{
	uint32_t n = 0, slot = ox_mem_uflow(f->m, f->flow)->acts;

	for (; slot != OX_NONE; slot = ox_mem_acts(f->m, slot)->next)
		n++;
	return n;
}

/* Edits that take few bytes and many ops. */
static void many_ops(uint32_t n)
{
	static const struct ovs_key_ipv4 ip = { .ipv4_proto = 17 };

	while (n--)
		set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
	output(1);
}

/* Bytes without ops. */
static void many_bytes(uint32_t n)
{
	static const uint8_t zero[24];

	while (n--)
		set(OVS_ACTION_ATTR_SET_MASKED, OVS_KEY_ATTR_ETHERNET, zero,
		    sizeof(zero));
	output(1);
}

static void check_held(struct fixture *f, uint32_t slots)
{
	static uint8_t buf[OX_TABLE_MAX_NLA];

	assert_int_equal(ox_spec_check(f->m), 0);
	assert_int_equal(ox_spec_holds(f->m, f->flow, &acts), 0);
	assert_int_equal(n_slots(f), slots);
	assert_int_equal(ox_table_actions(f->t, f->flow, buf, sizeof(buf)),
			 acts.nla_len);
	assert_memory_equal(buf, acts.nla, acts.nla_len);
}

/* As many slots as the longer of the two needs. */
static void chains(void **state)
{
	static const struct {
		bool ops;
		uint32_t n;
		uint32_t kind;
		uint32_t n_ops;
		uint32_t slots;
	} t[] = {
		{ true, 1, OX_ACT_OPS, 5, 1 },
		{ true, 5, OX_ACT_OPS, 21, 1 },
		{ true, 6, OX_ACT_RUN, 25, 2 },
		{ true, 12, OX_ACT_RUN, 49, 3 },
		{ true, 100, OX_ACT_RUN, 401, 17 },
		{ false, 1, OX_ACT_OUTPUT, 1, 1 },
		{ false, 13, OX_ACT_OUTPUT, 1, 1 }, /* 424 bytes */
		{ false, 14, OX_ACT_OUTPUT, 1, 2 },
		{ false, 100, OX_ACT_OUTPUT, 1, 8 },
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
		if (t[i].ops)
			many_ops(t[i].n);
		else
			many_bytes(t[i].n);
		assert_int_equal(compile(), 0);
		assert_int_equal(acts.kind, t[i].kind);
		assert_int_equal(acts.n_ops, t[i].n_ops);
		open_table(&f, &acts);
		check_held(&f, t[i].slots);
		reopen(&f);
		check_held(&f, t[i].slots);
		close_table(&f);
	}
}

static void flags(void **state)
{
	const struct ox_acts *a;
	struct fixture f;

	(void)state;
	output(1);
	many_ops(20);
	assert_int_equal(compile(), 0);
	open_table(&f, &acts);
	a = ox_mem_acts(f.m, ox_mem_uflow(f.m, f.flow)->acts);
	assert_int_equal(a->flags & 0xf, OX_ACTS_SKB);
	a = ox_mem_acts(f.m, a->next);
	assert_int_equal(a->flags & 0xf, OX_ACTS_CONT);
	close_table(&f);
}

/* Each use of a slot has another number, whoever uses it. */
static void generations(void **state)
{
	uint16_t gen, last[64] = { 0 };
	uint32_t slot, again = 0;
	struct fixture f;

	(void)state;
	many_ops(10);
	assert_int_equal(compile(), 0);
	open_table(&f, &acts);
	for (int i = 0; i < 40; i++) {
		slot = ox_mem_uflow(f.m, f.flow)->acts;
		for (; slot != OX_NONE; slot = ox_mem_acts(f.m, slot)->next) {
			assert_true(slot < 64);
			gen = ox_mem_acts(f.m, slot)->flags >>
			      OX_ACTS_GEN_SHIFT;
			assert_int_not_equal(gen, last[slot]);
			again += !!last[slot];
			last[slot] = gen;
		}
		assert_int_equal(ox_table_set_actions(f.t, f.flow, &acts, NULL),
				 0);
		if (i % 3 == 0)
			ox_table_tick(f.t); /* what was retired is free */
		if (i % 7 == 0)
			reopen(&f);
		assert_int_equal(ox_spec_holds(f.m, f.flow, &acts), 0);
	}
	assert_true(again > 20);
	close_table(&f);
}

/* It wraps, and touches no other flag. */
static void generation_wraps(void **state)
{
	struct ox_acts *a;
	struct fixture f;

	(void)state;
	many_ops(10);
	assert_int_equal(compile(), 0);
	open_table(&f, &acts);
	for (uint32_t i = 0; i < 64; i++)
		ox_mem_acts(f.m, i)->flags |= 0xfff << OX_ACTS_GEN_SHIFT;
	assert_int_equal(ox_table_set_actions(f.t, f.flow, &acts, NULL), 0);
	a = ox_mem_acts(f.m, ox_mem_uflow(f.m, f.flow)->acts);
	assert_int_equal(a->flags, 0);
	assert_int_equal(ox_mem_acts(f.m, a->next)->flags, OX_ACTS_CONT);
	close_table(&f);
}

/* ---- damage ---- */

static struct ox_acts *nth(struct fixture *f, uint32_t k)
{
	uint32_t slot = ox_mem_uflow(f->m, f->flow)->acts;

	while (k--)
		slot = ox_mem_acts(f->m, slot)->next;
	return ox_mem_acts(f->m, slot);
}

static void dead_in_the_middle(struct fixture *f)
{
	nth(f, 1)->state = OX_DEAD;
}

static void free_at_the_start(struct fixture *f)
{
	nth(f, 0)->state = OX_FREE;
}

static void circle(struct fixture *f)
{
	nth(f, 2)->next = nth(f, 0)->next;
}

static void out_of_bounds(struct fixture *f)
{
	nth(f, 2)->next = 0x7fffffff;
}

static void cut(struct fixture *f)
{
	nth(f, 1)->next = OX_NONE;
}

static void too_many_ops(struct fixture *f)
{
	nth(f, 0)->n_ops = 24 * 3 + 1;
}

static void too_few_ops(struct fixture *f)
{
	nth(f, 0)->n_ops = 1;
	nth(f, 0)->nla_len = 8;
}

static void too_long(struct fixture *f)
{
	nth(f, 0)->nla_len = 3 * OX_ACTS_NLA + 1;
}

static void huge(struct fixture *f)
{
	nth(f, 0)->nla_len = 0xfffffff0;
}

static void two_heads(struct fixture *f)
{
	nth(f, 1)->flags &= (uint16_t)~OX_ACTS_CONT;
}

static void no_head(struct fixture *f)
{
	nth(f, 0)->flags |= OX_ACTS_CONT;
}

static void lengths_behind(struct fixture *f)
{
	nth(f, 1)->n_ops = 3;
}

/* A flow whose list isn't whole drops; its slots are there to be used. */
static void damage(void **state)
{
	static void (*const what[])(struct fixture * f) = {
		dead_in_the_middle,
		free_at_the_start,
		circle,
		out_of_bounds,
		cut,
		too_many_ops,
		too_few_ops,
		too_long,
		huge,
		two_heads,
		no_head,
		lengths_behind,
	};
	static uint8_t buf[OX_TABLE_MAX_NLA];
	struct fixture f;

	(void)state;
	many_ops(12);
	assert_int_equal(compile(), 0);
	for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
		open_table(&f, &acts);
		assert_int_equal(n_slots(&f), 3);
		what[i](&f);
		reopen(&f);
		assert_int_equal(ox_mem_flow(f.m, f.flow)->action,
				 OX_ACTION(OX_ACT_DROP, 0));
		assert_int_equal(
			ox_table_actions(f.t, f.flow, buf, sizeof(buf)), 0);
		assert_int_equal(ox_table_set_actions(f.t, f.flow, &acts, NULL),
				 0);
		check_held(&f, 3);
		/* none of the first list's is lost */
		for (uint32_t s = 0; s < 6; s++)
			assert_int_equal(ox_mem_acts(f.m, s)->state == OX_LIVE,
					 s < 3);
		close_table(&f);
	}
}

/* Two flows and one list: the first that is met keeps it. */
static void shared(void **state)
{
	struct ox_flow_spec s = { .actions = &acts };
	uint32_t other, a, b;
	struct fixture f;

	(void)state;
	many_ops(12);
	assert_int_equal(compile(), 0);
	open_table(&f, &acts);
	ox_spec_key(&s.key, 2);
	ox_spec_mask(&s.mask, 0);
	assert_int_equal(ox_table_insert(f.t, &s, &other, NULL), 0);
	a = ox_mem_uflow(f.m, f.flow)->acts;
	ox_mem_uflow(f.m, other)->acts = a;
	ox_mem_flow(f.m, other)->action = OX_ACTION(OX_ACT_RUN, a);
	reopen(&f);
	a = OX_ACTION_KIND(ox_mem_flow(f.m, f.flow)->action);
	b = OX_ACTION_KIND(ox_mem_flow(f.m, other)->action);
	assert_true((a == OX_ACT_RUN && b == OX_ACT_DROP) ||
		    (a == OX_ACT_DROP && b == OX_ACT_RUN));
	close_table(&f);
}

/* An action word that was changed, and the list in slots that wasn't yet. */
static void word_is_truth(void **state)
{
	static uint8_t buf[OX_TABLE_MAX_NLA];
	struct fixture f;

	(void)state;
	many_ops(12);
	assert_int_equal(compile(), 0);
	open_table(&f, &acts);
	ox_mem_flow(f.m, f.flow)->action = OX_ACTION(OX_ACT_OUTPUT, 3);
	reopen(&f);
	assert_int_equal(ox_table_actions(f.t, f.flow, buf, sizeof(buf)), 8);
	assert_int_equal(n_slots(&f), 0);
	close_table(&f);
	/* the list says the same: it stays */
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	many_bytes(100);
	assert_int_equal(compile(), 0);
	open_table(&f, &acts);
	reopen(&f);
	check_held(&f, 8);
	/* of another port: it goes */
	ox_mem_flow(f.m, f.flow)->action = OX_ACTION(OX_ACT_OUTPUT, 3);
	reopen(&f);
	assert_int_equal(n_slots(&f), 0);
	close_table(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("unit.table_acts.chains", chains),
		TEST("unit.table_acts.flags", flags),
		TEST("unit.table_acts.generations", generations),
		TEST("unit.table_acts.generation_wraps", generation_wraps),
		TEST("unit.table_acts.damage", damage),
		TEST("unit.table_acts.shared", shared),
		TEST("unit.table_acts.word_is_truth", word_is_truth),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
