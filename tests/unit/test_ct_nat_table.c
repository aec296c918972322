// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_nat_table.c - what becomes of the table when connections have two
 * tuples, and when bindings meet each other.
 */
#include "tests/unit/ct_nat_make.h"

/* ---- the table ---- */

/* However it ends, both of its refs go. */
static void refs_go(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);
	struct ox_ct_pkt p;

	(void)state;
	for (int way = 0; way < 3; way++) {
		for (uint32_t i = 0; i < 100; i++) {
			packet((struct end){ 1, 1000 + i },
			       (struct end){ 3, 80 });
			assert_int_equal(ct(&a), 0);
		}
		assert_table(100, 200);
		if (way == 1)
			assert_int_equal(ox_ct_host_flush(m, ZONE), 100);
		else if (way == 2)
			m->now += 31 * CT_HZ;
		packet((struct end){ 3, 80 }, (struct end){ 2, 1000 });
		assert_int_equal(ox_ct_host_parse(&pkt, ZONE, &p), 0);
		assert_int_equal(!ox_ct_host_find(m, &p), way != 0);
		for (uint32_t i = 0; !way && i < 100; i++)
			assert_int_equal(ox_ct_host_kill(m, entry(i)), 0);
		assert_int_equal(ox_ct_host_sweep(m), way ? 100 : 0);
		assert_table(0, 0);
	}
}

/* The dead and the flushed give their ends to whom wants them. */
static void takes_of_dead(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 5000, 5003);

	(void)state;
	for (int way = 0; way < 3; way++) {
		for (uint32_t i = 0; i < 4; i++) {
			packet((struct end){ 10 + way, 1000 + i },
			       (struct end){ 3, 80 });
			assert_int_equal(ct(&a), 0);
		}
		assert_int_equal(ox_ct_host_count(m, ZONE), 4);
		if (way)
			m->now += 31 * CT_HZ;
		else
			ox_ct_host_flush(m, ZONE);
	}
	ox_ct_host_sweep(m);
	assert_table(0, 0);
}

/* A full table gives up connections with NAT as others, by either ref. */
static void early_drop(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);
	uint32_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < MAX + 200; i++) {
		packet((struct end){ 1, 1000 + i }, (struct end){ 3, 80 });
		n += !ct(&a);
	}
	assert_true(n > MAX + 150);
	assert_int_equal(n, MAX + m->stats.n[OX_CT_S_EARLY_DROP]);
	assert_table(MAX, 2 * MAX);
	m->now += 31 * CT_HZ;
	assert_int_equal(ox_ct_host_sweep(m), MAX);
	assert_table(0, 0);
}

/* Its buckets overflow, for either tuple. */
static void overflow(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);

	(void)state;
	m->conf->n_buckets = 128;
	for (uint32_t i = 0; i < 300; i++) {
		packet((struct end){ 1, 1000 + i }, (struct end){ 3, 80 });
		assert_int_equal(ct(&a), 0);
	}
	for (uint32_t i = 0; i < 300; i++) {
		packet((struct end){ 3, 80 }, (struct end){ 2, 1000 + i });
		assert_int_equal(ct(&plain), 0);
		assert_ends((struct end){ 3, 80 }, (struct end){ 1, 1000 + i });
	}
	m->now += 300 * CT_HZ;
	assert_int_equal(ox_ct_host_sweep(m), 300);
	assert_table(0, 0);
	for (uint32_t i = 0; i < 128; i++)
		assert_int_equal(m->bkts[i].over, 0);
}

/* A packet is bound, and another CPU commits before it does: "other" by what it
 * has in common with it. */
static void race(struct ox_ct_run *r, const struct ox_ct_act *a,
		 struct end from, struct end to, struct end other)
{
	struct ox_ct_act b = nat(0, 2, 2, 0, 0);

	packet(from, to);
	memset(r, 0, sizeof(*r));
	r->now = m->now;
	assert_int_equal(ox_ct_host_parse(&pkt, ZONE, &r->p), 0);
	ox_ct_host = m;
	assert_int_equal(ox_ct_in(r), 0);
	assert_true(r->made);
	ct_nat_setup(r, a);
	packet(other, to);
	assert_int_equal(ct(&b), 0);
}

static void clash(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);
	struct end from = { 1, 1000 }, to = { 3, 80 };
	struct ox_ct_run r;

	(void)state;
	/* another source has got its ends */
	race(&r, &a, from, to, (struct end){ 4, 1000 });
	assert_int_equal(ox_ct_commit(&r), OX_CT_CLASHED);
	assert_int_equal(m->stats.n[OX_CT_S_INSERT_FAILED], 1);
	assert_table(1, 2);
	/* its own flow has other ones: of UDP it takes that */
	a = nat(0, 5, 5, 0, 0);
	race(&r, &a, (struct end){ 1, 1001 }, to, (struct end){ 1, 1001 });
	assert_int_equal(ox_ct_commit(&r), OX_CT_COMMITTED);
	assert_int_equal(m->stats.n[OX_CT_S_CLASH], 1);
	assert_int_equal(r.idx, 1);
	assert_table(2, 4);
	/* and TCP is dropped, and leaves nothing */
	f.proto = IPPROTO_TCP;
	race(&r, &a, from, to, from);
	assert_int_equal(ox_ct_commit(&r), OX_CT_CLASHED);
	assert_table(3, 6);
}

/* Half of a commit: the answers' tuple is in, and its entry not yet alive. It
 * isn't found, and no one else gets it. */
static void half_made(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0), one = nat(0, 2, 2, 1000, 1000);
	struct ox_ct_pkt p;

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	m->ents[0].life = OX_CT_NEW;
	packet((struct end){ 3, 80 }, (struct end){ 2, 1000 });
	assert_int_equal(ox_ct_host_parse(&pkt, ZONE, &p), 0);
	assert_null(ox_ct_host_find(m, &p));
	packet((struct end){ 4, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&one), -EINVAL);
	packet((struct end){ 4, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_not_equal(src_port(), 1000);
	m->ents[0].life = OX_CT_LIVE;
	assert_table(2, 4);
}

static const struct CMUnitTest tests[] = {
	OX_TEST_WITH("unit.ct_nat_table.refs_go", refs_go, setup, teardown),
	OX_TEST_WITH("unit.ct_nat_table.takes_of_dead", takes_of_dead, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat_table.early_drop", early_drop, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat_table.overflow", overflow, setup, teardown),
	OX_TEST_WITH("unit.ct_nat_table.clash", clash, setup, teardown),
	OX_TEST_WITH("unit.ct_nat_table.half_made", half_made, setup, teardown),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
