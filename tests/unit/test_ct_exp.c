// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_exp.c - expectations: who meets one, what becomes of it, and what it
 * costs those who don't.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <linux/openvswitch.h>

#include "bpf/core/ct_key.h"
#include "control/conntrack/exp_view.h"
#include "control/packet/ct_exp.h"
#include "tests/lib/ct_heap.h"
#include "tests/unit/ct_make.h"

#define ZONE 9
#define NEW  (OX_CS_TRACKED | OX_CS_NEW)
#define REL  (NEW | OX_CS_RELATED)

static struct ct_heap *h;
static struct ox_ct_mem *m;
static struct ct_frame f;
static struct ox_host_pkt pkt;
static struct ox_ct *master;
static struct ox_ct_alg *alg;

static void udp(int from, uint16_t sport, uint16_t dport)
{
	f.proto = IPPROTO_UDP;
	f.port[from] = sport;
	f.port[!from] = dport;
	ct_put16(ct_put_ports(&f, from, 8) + 4, 8);
	pkt = (struct ox_host_pkt){ .data = f.b, .len = f.len };
	assert_int_equal(ox_host_extract(f.b, f.len, 0, &pkt.key), 0);
}

static int ct(uint16_t flags)
{
	struct ox_ct_act act = { .zone = ZONE, .flags = flags };

	return ox_ct_host_execute(h->host, &pkt, &act);
}

static int commit(void)
{
	return ct(OX_CT_F_COMMIT);
}

/* Where the packet's connection is. */
static struct ox_ct *found(void)
{
	struct ox_ct_pkt p;

	assert_int_equal(ox_ct_host_parse(&pkt, ZONE, &p), 0);
	return ox_ct_host_find(h->host, &p);
}

static int setup(void **state)
{
	(void)state;
	h = ct_heap_new(4096, CT_HZ);
	assert_non_null(h);
	m = &h->mem;
	memset(&f, 0, sizeof(f));
	/* the one that expects: its helper is tftp's */
	udp(0, 1024, 69);
	assert_int_equal(commit(), 0);
	master = found();
	assert_non_null(master);
	master->mark = 77;
	master->labels[3] = 5;
	alg = ox_ct_alg_of(m, (uint32_t)(master - h->host->ents), master->gen,
			   true);
	assert_non_null(alg);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ct_heap_free(h);
	return 0;
}

/* From end 1 by any port to a port of end 0. */
static struct ox_ct_exp expected(uint16_t port)
{
	const uint32_t src = htonl(0x14000001), dst = htonl(0x0a000001);
	struct ox_ct_exp x = {
		.dport = htons(port),
		.zone = ZONE,
		.proto = IPPROTO_UDP,
		.l3 = OX_CT_L3_IPV4,
		.helper = OX_CT_HELPER_TFTP,
	};

	memcpy(x.src, &src, 4);
	memset(x.src_mask, 0xff, 4);
	memcpy(x.dst, &dst, 4);
	return x;
}

static void relate(uint16_t port)
{
	struct ox_ct_exp x = expected(port);

	assert_int_equal(ox_ct_exp_relate(m, alg, &x), 0);
}

static uint32_t live(void)
{
	struct ox_ct_exp x;
	uint32_t n = 0;

	for (uint32_t i = 0; i < OX_CT_EXPS; i++)
		n += !ox_ct_exp_view(m, i, &x);
	return n;
}

static void assert_master_in_key(void)
{
	assert_int_equal(pkt.key.ct_mark, 77);
	assert_int_equal(((uint8_t *)&pkt.key.w[16])[3], 5);
	assert_int_equal(pkt.key.ct_orig_proto, IPPROTO_UDP);
	assert_int_equal(ntohs(pkt.key.ct_orig_sport), 1024);
	assert_int_equal(ntohs(pkt.key.ct_orig_dport), 69);
	assert_int_equal((uint32_t)pkt.key.w[18], htonl(0x0a000001));
	assert_int_equal((uint32_t)pkt.key.w[20], htonl(0x14000001));
}

static void looked_at_stays(void **state)
{
	(void)state;
	relate(2000);
	for (int i = 0; i < 2; i++) {
		udp(1, 4444, 2000);
		assert_int_equal(ct(0), 0);
		assert_int_equal(pkt.key.ct_state, REL);
		assert_int_equal(pkt.key.ct_zone, ZONE);
		assert_master_in_key();
		assert_null(found());
	}
	assert_int_equal(live(), 1);
}

static void committed_takes_it(void **state)
{
	struct ox_ct *e;

	(void)state;
	relate(2000);
	udp(1, 4444, 2000);
	assert_int_equal(commit(), 0);
	assert_int_equal(pkt.key.ct_state, REL);
	assert_master_in_key();
	assert_int_equal(live(), 0);
	e = found();
	assert_non_null(e);
	assert_true(e->status & OX_IPS_EXPECTED);
	assert_int_equal(e->mark, 77);
	assert_int_equal(e->labels[3], 5);
	assert_int_equal(h->host->stats.n[OX_CT_S_EXPECTED], 1);
	/* another port isn't expected any more */
	udp(1, 4445, 2000);
	assert_int_equal(ct(0), 0);
	assert_int_equal(pkt.key.ct_state, NEW);
	/* the answer is related for life, and shows the master even after it */
	assert_int_equal(ox_ct_host_kill(h->host, master), 0);
	udp(0, 2000, 4444);
	assert_int_equal(ct(0), 0);
	assert_int_equal(pkt.key.ct_state, OX_CS_TRACKED | OX_CS_ESTABLISHED |
						   OX_CS_RELATED | OX_CS_REPLY);
	assert_master_in_key();
}

static void others_dont_meet_it(void **state)
{
	(void)state;
	relate(2000);
	udp(1, 4444, 2001);
	assert_int_equal(ct(0), 0);
	assert_int_equal(pkt.key.ct_state, NEW);
	udp(0, 4444, 2000);
	assert_int_equal(ct(0), 0);
	assert_int_equal(pkt.key.ct_state, NEW);
}

static void not_after_its_time(void **state)
{
	(void)state;
	relate(2000);
	master->expires += 1000 * CT_HZ;
	h->host->now += 299 * CT_HZ;
	udp(1, 4444, 2000);
	assert_int_equal(ct(0), 0);
	assert_int_equal(pkt.key.ct_state, REL);
	h->host->now += 2 * CT_HZ;
	udp(1, 4444, 2000);
	assert_int_equal(ct(0), 0);
	assert_int_equal(pkt.key.ct_state, NEW);
	ox_ct_exp_tick(m);
	assert_int_equal(m->zones[ZONE].n_exp, 0);
}

static void not_after_its_master(void **state)
{
	(void)state;
	relate(2000);
	assert_int_equal(ox_ct_host_kill(h->host, master), 0);
	udp(1, 4444, 2000);
	assert_int_equal(ct(0), 0);
	assert_int_equal(pkt.key.ct_state, NEW);
	ox_ct_exp_tick(m);
	assert_int_equal(m->zones[ZONE].n_exp, 0);
	assert_int_equal(live(), 0);
}

static void one_at_a_time(void **state)
{
	(void)state;
	relate(2000);
	relate(2001);
	assert_int_equal(live(), 1);
	udp(1, 4444, 2000);
	assert_int_equal(ct(0), 0);
	assert_int_equal(pkt.key.ct_state, NEW);
	udp(1, 4444, 2001);
	assert_int_equal(ct(0), 0);
	assert_int_equal(pkt.key.ct_state, REL);
	relate(2001);
	assert_int_equal(live(), 1);
}

static void two_masters(void **state)
{
	struct ox_ct_exp x = expected(2000);
	struct ox_ct_alg *first = alg;
	struct ox_ct *e;

	(void)state;
	relate(2000);
	udp(0, 1025, 69);
	assert_int_equal(commit(), 0);
	e = found();
	alg = ox_ct_alg_of(m, (uint32_t)(e - h->host->ents), e->gen, true);
	assert_non_null(alg);
	assert_ptr_not_equal(alg, first);
	assert_int_equal(ox_ct_exp_relate(m, alg, &x), -EALREADY);
	/* from anywhere: a packet could be for both */
	memset(x.src, 0, sizeof(x.src));
	memset(x.src_mask, 0, sizeof(x.src_mask));
	assert_int_equal(ox_ct_exp_relate(m, alg, &x), -EBUSY);
	x.dport = htons(2001);
	assert_int_equal(ox_ct_exp_relate(m, alg, &x), 0);
	assert_int_equal(live(), 2);
}

static void full(void **state)
{
	struct ox_ct_exp x = expected(2000);
	int err = 0;
	uint32_t n;

	(void)state;
	for (n = 0; !err && n < 2 * OX_CT_EXPS; n++) {
		x.dport = htons((uint16_t)(n + 1));
		alg->exp_word = 0; /* forgotten, so it stays */
		err = ox_ct_exp_relate(m, alg, &x);
	}
	assert_int_equal(err, -EMFILE);
	assert_true(n > OX_CT_EXPS / 2);
	assert_int_equal(live(), n - 1);
	ox_ct_exp_tick(m);
	assert_int_equal(m->zones[ZONE].n_exp, n - 1);
}

/* A new connection looks at no place of the table while its zone has none, and
 * a packet of one that is there never does. */
static void cost(void **state)
{
	(void)state;
	udp(1, 4444, 3000);
	assert_int_equal(commit(), 0);
	assert_int_equal(h->host->exp_looks, 0);
	relate(2000);
	for (int i = 0; i < 3; i++) {
		udp(i & 1, i & 1 ? 4444 : 3000, i & 1 ? 3000 : 4444);
		assert_int_equal(ct(0), 0);
	}
	assert_int_equal(h->host->exp_looks, 0);
	udp(1, 4445, 3000);
	assert_int_equal(ct(0), 0);
	assert_in_range(h->host->exp_looks, 1, OX_CT_EXP_PROBES + 1);
}

/* A commit gives a connection its helper, and packets of it go to user space:
 * there they are tracked, and nowhere else. */
static void helper(void **state)
{
	struct ox_ct_act act = { .zone = ZONE,
				 .flags = OX_CT_F_COMMIT,
				 .helper = OX_CT_HELPER_TFTP };

	(void)state;
	udp(0, 1100, 69);
	assert_int_equal(ox_ct_host_execute(h->host, &pkt, &act), -OX_CT_EDOWN);
	assert_null(found());
	assert_int_equal(commit(), 0);
	assert_int_equal(found()->helper, OX_CT_HELPER_NONE);
	/* one that is there gets none */
	assert_int_equal(ox_ct_host_execute(h->host, &pkt, &act), 0);
	assert_int_equal(found()->helper, OX_CT_HELPER_NONE);
	found()->status |= OX_IPS_HELPER;
	udp(0, 1100, 69);
	assert_int_equal(ct(0), -OX_CT_EDOWN);
}

/* ---- over netlink ---- */

static struct ox_ctnl_tuple tuple(uint32_t src, uint16_t sport, uint32_t dst,
				  uint16_t dport)
{
	return (struct ox_ctnl_tuple){ .l3 = AF_INET,
				       .proto = IPPROTO_UDP,
				       .src = { htonl(src) },
				       .dst = { htonl(dst) },
				       .sport = htons(sport),
				       .dport = htons(dport) };
}

static bool asked(struct ox_ctnl_exp_request rq)
{
	struct ox_ctnl_exp x;

	return ox_ct_exp_next(m, 0, &rq, &x, NULL) != OX_CT_NONE;
}

static void shown(void **state)
{
	const struct ox_ctnl_tuple t = tuple(0x0a000001, 1024, 0x14000001, 69);
	const struct ox_ctnl_exp_request all = { .what = OX_CTNL_EXP_ALL };
	struct ox_ct_exp y = expected(2000);
	struct ox_ctnl_exp x;
	uint32_t at, word;

	(void)state;
	y.follow = 1;
	y.dir = 1;
	y.saved_port = htons(99);
	assert_int_equal(ox_ct_exp_relate(m, alg, &y), 0);
	h->host->now += 2 * CT_HZ;
	at = ox_ct_exp_next(m, 0, &all, &x, &word);
	assert_int_not_equal(at, OX_CT_NONE);
	assert_int_equal(x.tuple.src[0], htonl(0x14000001));
	assert_int_equal(x.mask.src[0], 0xffffffff);
	assert_int_equal(x.mask.sport, 0);
	assert_int_equal(x.tuple.dst[0], htonl(0x0a000001));
	assert_int_equal(ntohs(x.tuple.dport), 2000);
	assert_memory_equal(&x.master, &t, sizeof(t));
	assert_int_equal(x.timeout, 298);
	assert_string_equal(x.helper, "tftp");
	assert_string_equal(x.fn, "nat-follow-master");
	assert_true(x.has_nat);
	assert_int_equal(x.nat_dir, 1);
	assert_int_equal(ntohs(x.nat.sport), 99);
	assert_int_equal(ox_ct_exp_next(m, at + 1, &all, &x, NULL), OX_CT_NONE);
	assert_true(ox_ct_exp_remove(m, at, word));
	assert_false(ox_ct_exp_remove(m, at, word));
	assert_int_equal(live(), 0);
}

static void asked_for(void **state)
{
	struct ox_ctnl_exp_request one = {
		.what = OX_CTNL_EXP_ONE,
		.zone = ZONE,
		.tuple = tuple(0x14000001, 5, 0x0a000001, 2000),
	};
	struct ox_ctnl_exp_request of = {
		.what = OX_CTNL_EXP_MASTER,
		.zone = ZONE,
		.tuple = tuple(0x0a000001, 1024, 0x14000001, 69),
	};
	struct ox_ctnl_exp_request all = { .what = OX_CTNL_EXP_ALL };
	struct ox_ctnl_exp_request by = { .what = OX_CTNL_EXP_HELPER };
	struct ox_ctnl_exp x;

	(void)state;
	assert_false(asked(all));
	relate(2000);
	assert_true(asked(all));
	all.family = AF_INET6;
	assert_false(asked(all));
	assert_true(asked(one));
	one.tuple.dport = htons(2001);
	assert_false(asked(one));
	one.tuple = tuple(0x14000002, 5, 0x0a000001, 2000);
	assert_false(asked(one));
	one.tuple = tuple(0x14000001, 6, 0x0a000001, 2000);
	one.zone = 1;
	assert_false(asked(one));
	one.zone = ZONE;
	assert_int_not_equal(ox_ct_exp_next(m, 0, &one, &x, NULL), OX_CT_NONE);
	one.has_id = true;
	one.id = x.id;
	assert_true(asked(one));
	one.id ^= 1;
	assert_false(asked(one));
	assert_true(asked(of));
	of.tuple.sport = 0;
	assert_false(asked(of));
	strcpy(by.helper, "tftp");
	assert_true(asked(by));
	strcpy(by.helper, "ftp");
	assert_false(asked(by));
}

/* ---- what a helper remembers ---- */

static void memory_is_found_again(void **state)
{
	uint32_t idx = (uint32_t)(master - h->host->ents);

	(void)state;
	assert_ptr_equal(ox_ct_alg_of(m, idx, master->gen, false), alg);
	assert_null(ox_ct_alg_of(m, idx, (uint16_t)(master->gen + 1), true));
}

static void memory_comes_back(void **state)
{
	struct ox_ct_alg *a;
	struct ox_ct *e;

	(void)state;
	for (int i = 0; i < 2 * OX_CT_ALGS; i++) {
		udp(0, 2000, 69);
		assert_int_equal(commit(), 0);
		e = found();
		a = ox_ct_alg_of(m, (uint32_t)(e - h->host->ents), e->gen,
				 true);
		assert_non_null(a);
		assert_ptr_not_equal(a, alg);
		assert_int_equal(ox_ct_host_kill(h->host, e), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) OX_TEST_WITH("unit.ct_exp." #name, name, setup, teardown)
		T(looked_at_stays),
		T(committed_takes_it),
		T(others_dont_meet_it),
		T(not_after_its_time),
		T(not_after_its_master),
		T(one_at_a_time),
		T(two_masters),
		T(full),
		T(cost),
		T(helper),
		T(shown),
		T(asked_for),
		T(memory_is_found_again),
		T(memory_comes_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
