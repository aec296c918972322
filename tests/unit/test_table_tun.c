// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_table_tun.c - flows whose keys have a tunnel: masks of both parts of a
 * key, what packets match, what identifies a flow, and what the next daemon
 * finds.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

#include "bpf/host.h"
#include "control/flow/table_int.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/mem_heap.h"

struct fixture {
	struct ox_mem *m;
	struct ox_table *t;
	struct ox_actions out;
	struct ox_actions edits;
};

static void open_all(struct fixture *f)
{
	struct ox_mem_heap_params p = { 0 };

	assert_int_equal(ox_mem_heap_new(&p, &f->m), 0);
	assert_int_equal(ox_table_open(f->m, &f->t, NULL), 0);
	assert_int_equal(ox_spec_output(2, &f->out), 0);
	assert_int_equal(ox_spec_edits(2, 3, &f->edits), 0);
}

static void close_all(struct fixture *f)
{
	assert_int_equal(ox_spec_check(f->m), 0);
	ox_actions_free(&f->out);
	ox_actions_free(&f->edits);
	ox_table_close(f->t);
	ox_mem_heap_free(f->m);
}

static void reopen(struct fixture *f)
{
	ox_table_close(f->t);
	assert_int_equal(ox_table_open(f->m, &f->t, NULL), 0);
}

/* Tunnel number n, with opts bytes of options; matched by id, destination and
 * the first option. */
static struct ox_flow_spec spec_of(struct fixture *f, uint32_t n, uint8_t opts)
{
	struct ox_flow_spec s = { .actions = &f->out };

	ox_spec_key(&s.key, 1);
	ox_spec_mask(&s.mask, 0);
	ox_spec_tunnel(&s, n, opts);
	return s;
}

static uint32_t insert(struct fixture *f, const struct ox_flow_spec *s)
{
	uint32_t flow = OX_NONE;

	assert_int_equal(ox_table_insert(f->t, s, &flow, NULL), 0);
	return flow;
}

static uint32_t packet(struct fixture *f, const struct ox_flow_spec *s)
{
	return ox_host_lookup(f->m, &s->key, &s->tun, NULL);
}

static void match(void **state)
{
	struct ox_flow_spec s[3];
	uint32_t flow[3];
	struct fixture f;

	(void)state;
	open_all(&f);
	for (uint32_t i = 0; i < 3; i++) {
		s[i] = spec_of(&f, i, 8);
		assert_int_equal(packet(&f, &s[i]), OX_NONE);
		flow[i] = insert(&f, &s[i]);
	}
	assert_int_equal(ox_table_n_masks(f.t), 1);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(packet(&f, &s[i]), flow[i]);
		assert_int_equal(ox_table_lookup(f.t, &s[i].key, &s[i].tun),
				 flow[i]);
		/* what isn't matched may differ; what is may not */
		s[i].tun.opts[7]++;
		assert_int_equal(packet(&f, &s[i]), flow[i]);
		assert_true(
			ox_host_flow_match(f.m, flow[i], &s[i].key, &s[i].tun));
		s[i].tun.opts[2]++;
		assert_int_equal(packet(&f, &s[i]), OX_NONE);
		/* whatever its hash says */
		assert_false(
			ox_host_flow_match(f.m, flow[i], &s[i].key, &s[i].tun));
		s[i].tun.opts[2]--;
		s[i].key.tun_opts_len = 4;
		assert_int_equal(packet(&f, &s[i]), OX_NONE);
		s[i].key.tun_opts_len = 8;
		s[i].tun.ipv4.dst++;
		assert_int_equal(packet(&f, &s[i]), OX_NONE);
	}
	close_all(&f);
}

/* No tunnel, any, and one: who matches what. */
static void no_tunnel(void **state)
{
	struct ox_flow_spec none, any, one;
	uint32_t f_none, f_any;
	struct fixture f;

	(void)state;
	open_all(&f);
	one = spec_of(&f, 1, 0);
	none = any = (struct ox_flow_spec){ .actions = &f.out };
	ox_spec_key(&none.key, 1);
	ox_spec_mask(&none.mask, 0);
	none.mask.tun_proto = 0xff;
	f_none = insert(&f, &none);
	assert_int_equal(packet(&f, &none), f_none);
	/* the mask has no word for it, and yet no packet with a tunnel goes */
	assert_false(f.m->masks[ox_mem_flow(f.m, f_none)->mask].tunnels);
	assert_int_equal(packet(&f, &one), OX_NONE);
	reopen(&f);
	assert_int_equal(packet(&f, &one), OX_NONE);
	assert_int_equal(packet(&f, &none), f_none);

	any = none;
	any.mask.tun_proto = 0;
	any.key.ip_ttl--; /* another flow */
	f_any = insert(&f, &any);
	assert_int_equal(ox_table_n_masks(f.t), 2);
	assert_int_equal(packet(&f, &one), f_any);
	ox_table_remove(f.t, f_none);
	assert_int_equal(packet(&f, &none), f_any);
	close_all(&f);
}

/* Full forms in, full forms out. */
static void round_trip(void **state)
{
	struct ox_flow_spec s;
	struct ox_tun tun, tun_mask;
	struct ox_key mask;
	struct fixture f;
	uint32_t flow;

	(void)state;
	open_all(&f);
	for (int i = 0; i < 4; i++) {
		s = spec_of(&f, (uint32_t)i, (uint8_t)(4 * i));
		if (i == 3) /* said of a packet without one */
			s.key.w[OX_W_TUN] = s.key.has_tun = 0;
		flow = insert(&f, &s);
		ox_table_mask(f.t, flow, &mask, &tun_mask);
		assert_memory_equal(&mask, &s.mask, sizeof(mask));
		assert_memory_equal(&tun_mask, &s.tun_mask, sizeof(tun_mask));
		ox_table_tun(f.t, flow, &tun);
		if (i < 3)
			assert_memory_equal(&tun, &s.tun, sizeof(tun));
	}
	close_all(&f);
}

/* By its whole key, also of the next daemon; no list of actions touches it. */
static void identity(void **state)
{
	struct ox_flow_spec s[2];
	uint32_t flow[2];
	struct ox_tun tun;
	struct fixture f;

	(void)state;
	open_all(&f);
	s[0] = spec_of(&f, 1, 8);
	s[0].tun.opts[7] = 9; /* isn't matched */
	flow[0] = insert(&f, &s[0]);
	s[1] = spec_of(&f, 2, 8);
	flow[1] = insert(&f, &s[1]);
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 2; i++) {
			assert_int_equal(
				ox_table_find_key(f.t, &s[i].key, &s[i].tun),
				flow[i]);
			assert_true(ox_table_same(f.t, flow[i], &s[i]));
			assert_false(ox_table_same(f.t, flow[i], &s[!i]));
			ox_table_tun(f.t, flow[i], &tun);
			assert_memory_equal(&tun, &s[i].tun, sizeof(tun));
		}
		tun = s[0].tun;
		tun.opts[7] = 8;
		assert_int_equal(ox_table_find_key(f.t, &s[0].key, &tun),
				 OX_NONE);
		assert_int_equal(ox_table_set_actions(
					 f.t, flow[0],
					 round & 1 ? &f.out : &f.edits, NULL),
				 0);
		if (round & 2)
			reopen(&f);
		assert_int_equal(ox_spec_check(f.m), 0);
	}
	for (int i = 0; i < 2; i++)
		ox_table_remove(f.t, flow[i]);
	assert_int_equal(ox_table_find_key(f.t, &s[0].key, &s[0].tun), OX_NONE);
	close_all(&f);
}

/* A flow with a UFID is shown masked, so it needs no slot. */
static void ufid(void **state)
{
	struct ox_flow_spec s;
	struct ox_tun tun;
	struct fixture f;
	uint32_t flow;

	(void)state;
	open_all(&f);
	s = spec_of(&f, 1, 8);
	s.ufid_len = 16;
	s.ufid[0] = 5;
	s.tun.opts[7] = 9;
	flow = insert(&f, &s);
	assert_int_equal(ox_mem_uflow(f.m, flow)->tun, OX_NONE);
	for (int i = 0; i < 2; i++) {
		ox_table_tun(f.t, flow, &tun);
		assert_int_equal(tun.tun_id, s.tun.tun_id);
		assert_int_equal(tun.opts[7], 0);
		/* as the module: only the masked form of its key is the same */
		assert_false(ox_table_same(f.t, flow, &s));
		reopen(&f);
	}
	for (int i = 0; i < OX_KEY_WORDS; i++)
		s.key.w[i] &= s.mask.w[i];
	s.key.has_tun = 1;
	s.tun = tun;
	assert_true(ox_table_same(f.t, flow, &s));
	close_all(&f);
}

static void lingers(void **state)
{
	struct ox_flow_spec s;
	struct fixture f;
	uint32_t flow;

	(void)state;
	open_all(&f);
	s = spec_of(&f, 1, 8);
	flow = insert(&f, &s);
	ox_table_linger(f.t);
	assert_int_equal(packet(&f, &s), flow);
	assert_int_equal(ox_table_find_key(f.t, &s.key, &s.tun), OX_NONE);
	assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), OX_NONE);
	flow = insert(&f, &s);
	assert_int_equal(ox_table_n_lingering(f.t), 0);
	assert_int_equal(packet(&f, &s), flow);
	close_all(&f);
}

/* 24 words are the most, of both parts. */
static void too_many(void **state)
{
	struct ox_flow_spec s;
	struct ox_err e = { 0 };
	struct fixture f;
	uint32_t flow, n = 0;

	(void)state;
	open_all(&f);
	s = spec_of(&f, 1, 252);
	for (int i = 0; i < OX_KEY_WORDS; i++)
		n += !!s.mask.w[i];
	n += 2; /* id, addresses */
	n -= 1; /* mac_proto */
	n -= 1; /* the inner tag */
	memset(s.tun_mask.opts, 0xff, 8 * (OX_KEY_WORDS - n));
	flow = insert(&f, &s);
	assert_int_equal(f.m->masks[ox_mem_flow(f.m, flow)->mask].n_words, 24);
	assert_int_equal(packet(&f, &s), flow);
	for (uint32_t i = 0; i < 8 * (OX_KEY_WORDS - n); i++) {
		s.tun.opts[i]++;
		assert_int_equal(packet(&f, &s), OX_NONE);
		s.tun.opts[i]--;
	}
	ox_table_remove(f.t, flow);
	s.tun_mask.opts[8 * (OX_KEY_WORDS - n)] = 1;
	assert_int_equal(ox_table_insert(f.t, &s, &flow, &e), -E2BIG);
	assert_non_null(strstr(e.msg, "25 words"));
	assert_int_equal(ox_table_n_flows(f.t), 0);
	close_all(&f);
}

/* Slots are given back, to tunnels and lists alike. */
static void slots(void **state)
{
	struct ox_flow_spec s;
	struct fixture f;
	uint32_t hi;

	(void)state;
	open_all(&f);
	for (uint32_t i = 0; i < 100; i++) {
		s = spec_of(&f, i, 8);
		s.actions = &f.edits;
		insert(&f, &s);
	}
	hi = f.t->acts_slots.hi;
	assert_int_equal(hi, 200);
	for (uint32_t round = 0; round < 3; round++) {
		ox_table_flush(f.t);
		ox_table_tick(f.t);
		if (round == 1)
			reopen(&f);
		for (uint32_t i = 0; i < 100; i++) {
			s = spec_of(&f, i, 8);
			s.actions = &f.edits;
			insert(&f, &s);
		}
		assert_int_equal(f.t->acts_slots.hi, hi);
	}
	close_all(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.table.tun.match", match),
		OX_TEST("unit.table.tun.no_tunnel", no_tunnel),
		OX_TEST("unit.table.tun.round_trip", round_trip),
		OX_TEST("unit.table.tun.identity", identity),
		OX_TEST("unit.table.tun.ufid", ufid),
		OX_TEST("unit.table.tun.lingers", lingers),
		OX_TEST("unit.table.tun.too_many", too_many),
		OX_TEST("unit.table.tun.slots", slots),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
