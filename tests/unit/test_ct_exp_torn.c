// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_exp_torn.c - what a daemon leaves of expectations, and of what
 * helpers remember, that is killed in the middle of a change. After every store
 * packets meet a whole expectation or none, and the next daemon goes on.
 */
#include "tests/lib/test.h"

#include "control/packet/ct_exp.h"
#include "tests/lib/ct_heap.h"
#include "tests/lib/torn.h"
#include "tests/unit/ct_make.h"

#define ZONE	9
#define OLD	2000
#define YOUNG	2001
#define REL	0x25 /* trk, new, rel */
#define N_WATCH 64   /* of the helpers' memory */

static struct ct_heap *h;
static struct ox_ct_mem *m;
static struct ct_frame f;
static struct ox_host_pkt pkt;
static struct ox_ct *master;
static struct ox_ct_alg *alg;
static struct ox_ct_exp young;

static void udp(int from, uint16_t sport, uint16_t dport)
{
	f.proto = IPPROTO_UDP;
	f.port[from] = sport;
	f.port[!from] = dport;
	ct_put16(ct_put_ports(&f, from, 8) + 4, 8);
	pkt = (struct ox_host_pkt){ .data = f.b, .len = f.len };
	assert_int_equal(ox_host_extract(f.b, f.len, 0, &pkt.key), 0);
}

static bool is_expected(uint16_t port)
{
	struct ox_ct_act act = { .zone = ZONE };

	udp(1, 4444, port);
	assert_int_equal(ox_ct_host_execute(h->host, &pkt, &act), 0);
	return pkt.key.ct_state == REL;
}

static struct ox_ct_exp expected(uint16_t port)
{
	const uint32_t src = htonl(0x14000001), dst = htonl(0x0a000001);
	struct ox_ct_exp x = { .dport = htons(port),
			       .zone = ZONE,
			       .proto = IPPROTO_UDP,
			       .l3 = OX_CT_L3_IPV4,
			       .helper = OX_CT_HELPER_TFTP };

	memcpy(x.src, &src, 4);
	memset(x.src_mask, 0xff, 4);
	memcpy(x.dst, &dst, 4);
	return x;
}

static void connect_master(void)
{
	struct ox_ct_act act = { .zone = ZONE, .flags = OX_CT_F_COMMIT };
	struct ox_ct_pkt p;

	udp(0, 1024, 69);
	assert_int_equal(ox_ct_host_execute(h->host, &pkt, &act), 0);
	assert_int_equal(ox_ct_host_parse(&pkt, ZONE, &p), 0);
	master = ox_ct_host_find(h->host, &p);
	assert_non_null(master);
}

static uint32_t idx_of(void)
{
	return (uint32_t)(master - h->host->ents);
}

static int setup(void **state)
{
	(void)state;
	h = ct_heap_new(4096, CT_HZ);
	assert_non_null(h);
	m = &h->mem;
	memset(&f, 0, sizeof(f));
	connect_master();
	alg = NULL;
	young = expected(YOUNG);
	ox_torn.n_slow = 0;
	ox_torn.n = 4;
	ox_torn.r[0] =
		(struct ox_torn_region){ &m->zones[ZONE], sizeof(*m->zones) };
	ox_torn.r[1] = (struct ox_torn_region){ master, sizeof(*master) };
	ox_torn.r[2] =
		(struct ox_torn_region){ m->algs, N_WATCH * sizeof(*m->algs) };
	ox_torn.r[3] = (struct ox_torn_region){ m->exps,
						OX_CT_EXPS * sizeof(*m->exps) };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ox_torn_free();
	ct_heap_free(h);
	return 0;
}

static void remember(void *arg)
{
	(void)arg;
	alg = ox_ct_alg_of(m, idx_of(), master->gen, true);
}

static void with_old(void)
{
	struct ox_ct_exp x = expected(OLD);

	remember(NULL);
	assert_non_null(alg);
	assert_int_equal(ox_ct_exp_relate(m, alg, &x), 0);
	assert_true(is_expected(OLD));
}

static uint32_t live(void)
{
	struct ox_ct_exp x;
	uint32_t n = 0;

	for (uint32_t i = 0; i < OX_CT_EXPS; i++)
		n += !ox_ct_exp_view(m, i, &x);
	return n;
}

/* What is there has all of its fields, also those that no packet compares. */
static void check_whole(void)
{
	for (uint32_t i = 0; i < OX_CT_EXPS; i++) {
		const struct ox_ct_exp *x = &m->exps[i];
		struct ox_ct_exp like = expected(ntohs(x->dport));

		if (!(x->word & OX_CT_EXP_LIVE))
			continue;
		like.word = x->word;
		like.expires = m->ops->now(m) + 300 * CT_HZ;
		like.master = idx_of();
		like.master_gen = master->gen;
		assert_true(x->dport == htons(OLD) || x->dport == htons(YOUNG));
		assert_memory_equal(x, &like, sizeof(like));
	}
}

/* What any next daemon finds, and can do. */
static void check_next(void)
{
	struct ox_ct_exp x = expected(3000);

	m->n_exps = 0; /* its own memory */
	ox_ct_exp_start(m);
	assert_int_equal(m->zones[ZONE].n_exp, live());
	alg = ox_ct_alg_of(m, idx_of(), master->gen, true);
	assert_non_null(alg);
	assert_int_equal(ox_ct_exp_relate(m, alg, &x), 0);
	assert_true(is_expected(3000));
	assert_int_equal(live(), 1);
}

static void op_relate(void *arg)
{
	(void)arg;
	ox_ct_exp_relate(m, alg, &young);
}

static void op_start(void *arg)
{
	(void)arg;
	ox_ct_exp_start(m);
}

/* The new one takes the old one's turn: never both, and each is whole. */
static void relate(void **state)
{
	int n_old = 0, n_young = 0;

	(void)state;
	with_old();
	assert_int_equal(ox_torn_run(op_relate, NULL), 0);
	assert_in_range(ox_torn.n_copies, 4, OX_TORN_COPIES - 1);
	for (int i = 0; i < ox_torn.n_copies; i++) {
		bool is_old, is_young;

		ox_torn_restore(i);
		check_whole();
		is_old = is_expected(OLD);
		is_young = is_expected(YOUNG);
		assert_false(is_old && is_young);
		n_old += is_old;
		n_young += is_young;
		check_next();
	}
	assert_true(n_old > 0);
	assert_true(n_young > 0);
}

static void start(void **state)
{
	(void)state;
	with_old();
	m->zones[ZONE].n_exp = 7;
	ox_torn.n_slow = 1; /* many steps, and it changes none of these */
	assert_int_equal(ox_torn_run(op_start, NULL), 0);
	for (int i = 0; i < ox_torn.n_copies; i++) {
		ox_torn_restore(i);
		assert_true(is_expected(OLD));
		assert_int_equal(live(), 1);
		m->n_exps = 0;
		ox_ct_exp_start(m);
		assert_int_equal(m->zones[ZONE].n_exp, 1);
	}
}

/* Memory that isn't the connection's yet is nobody's, and whose it is finds it
 * whole. */
static void memory(void **state)
{
	(void)state;
	assert_int_equal(ox_torn_run(remember, NULL), 0);
	assert_in_range(ox_torn.n_copies, 2, OX_TORN_COPIES - 1);
	for (int i = 0; i < ox_torn.n_copies; i++) {
		const struct ox_ct_alg *a;

		ox_torn_restore(i);
		a = ox_ct_alg_of(m, idx_of(), master->gen, false);
		if (a) {
			assert_int_equal(a->owner, idx_of());
			assert_int_equal(a->nl_num[0] + a->nl_num[1], 0);
		}
		check_next();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST_WITH("unit.ct_exp_torn.relate", relate, setup,
			     teardown),
		OX_TEST_WITH("unit.ct_exp_torn.start", start, setup, teardown),
		OX_TEST_WITH("unit.ct_exp_torn.memory", memory, setup,
			     teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
