// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_linger.c - flows that a flush leaves to the packets. They are there for
 * a lookup of the data plane, and not for the table's users, until something
 * takes their place or time is up.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <linux/openvswitch.h>
#include <stdlib.h>

#include "bpf/host.h"
#include "control/flow/table.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/mem_heap.h"
#include "tests/lib/nlmake.h"

struct fixture {
	struct ox_mem *m;
	struct ox_table *t;
	struct ox_actions out; /* output to port 2 */
	struct ox_actions edits;
};

static void open_with(struct fixture *f, struct ox_mem_heap_params p)
{
	assert_int_equal(ox_mem_heap_new(&p, &f->m), 0);
	assert_int_equal(ox_table_open(f->m, &f->t, NULL), 0);
	assert_int_equal(ox_spec_output(2, &f->out), 0);
	assert_int_equal(ox_spec_edits(40, 3, &f->edits), 0);
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

static struct ox_flow_spec spec_of(struct fixture *f, uint32_t key,
				   uint32_t mask)
{
	struct ox_flow_spec s = { .actions = &f->out };

	ox_spec_key(&s.key, key);
	ox_spec_mask(&s.mask, mask);
	return s;
}

static void set_ufid(struct ox_flow_spec *s, uint8_t n)
{
	s->ufid_len = 16;
	memset(s->ufid, n, sizeof(s->ufid));
}

static uint32_t insert(struct fixture *f, const struct ox_flow_spec *s)
{
	uint32_t flow = OX_NONE;

	assert_int_equal(ox_table_insert(f->t, s, &flow, NULL), 0);
	return flow;
}

/* A list of one action. */
static void list_of(const struct ox_make *one, struct ox_actions *out)
{
	assert_int_equal(ox_actions_recompile(one->b + NLA_HDRLEN,
					      one->len - NLA_HDRLEN, out),
			 0);
}

/* What a packet with this key meets. */
static uint32_t packet(struct fixture *f, const struct ox_flow_spec *s)
{
	return ox_host_lookup(f->m, &s->key, NULL, NULL);
}

static void packets_only(void **state)
{
	struct ox_flow_spec k, u;
	struct fixture f;
	uint32_t by_key, by_ufid, gen;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	k = spec_of(&f, 1, 0);
	by_key = insert(&f, &k);
	u = spec_of(&f, 2, 1);
	set_ufid(&u, 9);
	by_ufid = insert(&f, &u);
	gen = ox_table_generation(f.t);
	ox_table_linger(f.t);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(packet(&f, &k), by_key);
		assert_int_equal(packet(&f, &u), by_ufid);
		assert_int_equal(ox_table_n_flows(f.t), 0);
		assert_int_equal(ox_table_n_lingering(f.t), 2);
		assert_int_equal(ox_table_next(f.t, 0), OX_NONE);
		assert_int_equal(ox_table_find_key(f.t, &k.key, &k.tun),
				 OX_NONE);
		assert_int_equal(ox_table_find_ufid(f.t, u.ufid, 16), OX_NONE);
		assert_int_equal(ox_table_lookup(f.t, &k.key, &k.tun), OX_NONE);
		assert_int_equal(ox_table_lookup(f.t, &u.key, &u.tun), OX_NONE);
		assert_int_equal(ox_table_next_lingering(f.t, 0), 0);
		assert_int_equal(ox_table_next_lingering(f.t, 1), 1);
		assert_int_equal(ox_table_next_lingering(f.t, 2), OX_NONE);
		if (!i)
			assert_int_not_equal(ox_table_generation(f.t), gen);
		/* the next daemon knows as much */
		reopen(&f);
	}
	ox_table_linger_end(f.t);
	assert_int_equal(packet(&f, &k), OX_NONE);
	assert_int_equal(packet(&f, &u), OX_NONE);
	assert_int_equal(ox_table_n_lingering(f.t), 0);
	assert_int_equal(ox_table_n_masks(f.t), 0);
	assert_int_equal(OX_SCAN_N(f.m->config->scan), 0);
	close_all(&f);
}

/* Flush means all of them, and a new one lets the newer ones join. */
static void flush_again(void **state)
{
	struct ox_flow_spec a, b;
	struct fixture f;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	a = spec_of(&f, 1, 0);
	b = spec_of(&f, 2, 0);
	insert(&f, &a);
	ox_table_linger(f.t);
	insert(&f, &b);
	assert_int_equal(ox_table_n_flows(f.t), 1);
	ox_table_linger(f.t);
	assert_int_equal(ox_table_n_flows(f.t), 0);
	assert_int_equal(ox_table_n_lingering(f.t), 2);
	ox_table_flush(f.t);
	assert_int_equal(ox_table_n_lingering(f.t), 0);
	assert_int_equal(packet(&f, &a), OX_NONE);
	assert_int_equal(packet(&f, &b), OX_NONE);
	close_all(&f);
}

/* In the place of what it replaces: a new flow, whose counters are zero. */
static void check_replaced(struct fixture *f, const struct ox_flow_spec *s,
			   uint32_t old)
{
	struct ox_flow_stats st;
	uint32_t flow = insert(f, s);

	assert_int_not_equal(flow, old);
	assert_int_equal(ox_table_n_flows(f->t), 1);
	assert_int_equal(ox_table_n_lingering(f->t), 0);
	assert_int_equal(packet(f, s), flow);
	assert_int_equal(ox_table_lookup(f->t, &s->key, &s->tun), flow);
	assert_int_equal(ox_table_stats(f->t, flow, &st), 0);
	assert_int_equal(st.packets, 0);
	/* nothing comes up again when it goes */
	ox_table_remove(f->t, flow);
	assert_int_equal(packet(f, s), OX_NONE);
	assert_int_equal(ox_spec_check(f->m), 0);
}

static void replaced(void **state)
{
	struct ox_flow_spec s, other;
	struct fixture f;
	uint32_t old;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	/* same key and mask */
	s = spec_of(&f, 1, 0);
	old = insert(&f, &s);
	ox_mem_heap(f.m)->flow_stats[old].packets = 7;
	ox_table_linger(f.t);
	s.actions = &f.edits;
	check_replaced(&f, &s, old);
	/* same UFID, nothing else in common */
	s = spec_of(&f, 2, 0);
	set_ufid(&s, 3);
	old = insert(&f, &s);
	ox_table_linger(f.t);
	other = spec_of(&f, 3, 1);
	set_ufid(&other, 3);
	check_replaced(&f, &other, old);
	assert_int_equal(packet(&f, &s), OX_NONE);
	/* same masked key, named by a UFID now */
	s = spec_of(&f, 4, 0);
	old = insert(&f, &s);
	ox_table_linger(f.t);
	set_ufid(&s, 4);
	s.key.tp_dst = 77;
	check_replaced(&f, &s, old);
	/* its key matches the old one under another mask */
	s = spec_of(&f, 5, 0);
	old = insert(&f, &s);
	ox_table_linger(f.t);
	s.mask.tp_dst = 0xffff;
	check_replaced(&f, &s, old);
	close_all(&f);
}

/* One that is there hides none that lingers from the table's eyes, nor the
 * other way round. */
static void beside(void **state)
{
	struct ox_flow_spec wide, narrow;
	struct fixture f;
	uint32_t old, flow;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	narrow = spec_of(&f, 1, 0);
	narrow.mask.tp_dst = 0xffff;
	old = insert(&f, &narrow);
	ox_table_linger(f.t);
	/* overlaps, but its own key doesn't match the old one */
	wide = spec_of(&f, 1, 0);
	wide.key.tp_dst = 1;
	flow = insert(&f, &wide);
	assert_int_equal(ox_table_n_lingering(f.t), 1);
	assert_int_equal(ox_table_lookup(f.t, &narrow.key, &narrow.tun), flow);
	ox_table_linger_end(f.t);
	assert_int_equal(packet(&f, &narrow), flow);
	assert_int_not_equal(flow, old);
	close_all(&f);
}

static void make_room(void **state)
{
	struct ox_flow_spec s;
	struct fixture f;
	uint32_t flow = OX_NONE;
	struct ox_err e = { 0 };

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ .max_flows = 256,
						   .max_masks = 8 });
	for (uint32_t n = 0; n < 256; n++) {
		s = spec_of(&f, n, 0);
		insert(&f, &s);
	}
	ox_table_linger(f.t);
	for (uint32_t n = 0; n < 256; n++) {
		s = spec_of(&f, 1000 + n, n % 8);
		flow = insert(&f, &s);
	}
	assert_int_equal(ox_table_n_flows(f.t), 256);
	assert_int_equal(ox_table_n_lingering(f.t), 0);
	s = spec_of(&f, 3000, 0);
	assert_int_equal(ox_table_insert(f.t, &s, &flow, &e), -ENOSPC);
	close_all(&f);
}

/* What leads nowhere, and probes, doesn't linger. */
static void not_worth_it(void **state)
{
	struct ox_actions none = { 0 }, user;
	struct ox_flow_spec s;
	struct fixture f;
	struct ox_make m;
	uint32_t at;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	at = ox_make_nest(&m, OVS_ACTION_ATTR_USERSPACE);
	ox_make_u32(&m, OVS_USERSPACE_ATTR_PID, 5);
	ox_make_nest_end(&m, at);
	list_of(&m, &user);
	s = spec_of(&f, 1, 0);
	s.actions = &none;
	insert(&f, &s);
	s = spec_of(&f, 2, 1);
	s.actions = &user;
	insert(&f, &s);
	s = spec_of(&f, 3, 0);
	s.probe = true;
	insert(&f, &s);
	s = spec_of(&f, 4, 0);
	s.actions = &f.edits;
	insert(&f, &s);
	ox_table_linger(f.t);
	assert_int_equal(ox_table_n_lingering(f.t), 1);
	assert_int_equal(ox_table_n_masks(f.t), 1);
	ox_actions_free(&user);
	close_all(&f);
}

/* All steps that it takes; how many. */
static uint32_t end_of_port(struct fixture *f, uint32_t port_no)
{
	uint32_t n = 1;

	assert_true(ox_table_linger_port(f->t, port_no));
	assert_true(ox_table_linger_names(f->t, port_no));
	while (ox_table_linger_port_step(f->t))
		n++;
	assert_false(ox_table_linger_names(f->t, port_no));
	return n;
}

static void port_gone(void **state)
{
	struct ox_flow_spec from, to, list, other;
	struct fixture f;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	from = spec_of(&f, 1, 0); /* from port 1 to port 2 */
	insert(&f, &from);
	to = spec_of(&f, 2, 0);
	to.key.in_port = 5;
	insert(&f, &to);
	list = spec_of(&f, 3, 0); /* from 6 to port 3, with edits */
	list.key.in_port = 6;
	list.actions = &f.edits;
	insert(&f, &list);
	ox_table_linger(f.t);
	other = spec_of(&f, 4, 0);
	insert(&f, &other);
	end_of_port(&f, 7);
	assert_int_equal(ox_table_n_lingering(f.t), 3);
	end_of_port(&f, 3);
	assert_int_equal(packet(&f, &list), OX_NONE);
	assert_int_equal(ox_table_n_lingering(f.t), 2);
	end_of_port(&f, 5);
	assert_int_equal(packet(&f, &to), OX_NONE);
	end_of_port(&f, 2);
	assert_int_equal(ox_table_n_lingering(f.t), 0);
	/* one that doesn't linger stays, as ever */
	assert_int_not_equal(packet(&f, &other), OX_NONE);
	close_all(&f);
}

/* A step looks at so many places, and another port that goes meanwhile is
 * looked for in all of them. */
static void port_steps(void **state)
{
	const uint32_t n = 2 * OX_FLUSH_STEP + 100;
	struct ox_flow_spec s;
	struct fixture f;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ .max_flows = 2 * n,
						   .chunk_shift = 12 });
	for (uint32_t k = 0; k < n; k++) {
		s = spec_of(&f, k, 0); /* to port 2 */
		s.key.in_port = k % 2 ? 5 : 6;
		insert(&f, &s);
	}
	assert_false(ox_table_linger_port(f.t, 5));
	ox_table_linger(f.t);
	assert_int_equal(end_of_port(&f, 7), 3);
	assert_true(ox_table_linger_port(f.t, 5));
	assert_true(ox_table_linger_port_step(f.t));
	assert_int_equal(ox_table_n_lingering(f.t), n - OX_FLUSH_STEP / 2);
	assert_int_equal(end_of_port(&f, 6), 3);
	assert_int_equal(ox_table_n_lingering(f.t), 0);
	assert_false(ox_table_linger_names(f.t, 5));
	close_all(&f);
}

/* An id of recirculation is the old owner's or the new one's, not both. */
static void recirculation(void **state)
{
	struct ox_flow_spec first, second, plain, s;
	struct ox_actions recirc;
	struct fixture f;
	struct ox_make m;

	(void)state;
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	ox_make_u32(&m, OVS_ACTION_ATTR_RECIRC, 8);
	list_of(&m, &recirc);
	for (int i = 0; i < 2; i++) {
		open_with(&f, (struct ox_mem_heap_params){ 0 });
		plain = spec_of(&f, 1, 0);
		insert(&f, &plain);
		first = spec_of(&f, 2, 0);
		first.actions = &recirc;
		insert(&f, &first);
		second = spec_of(&f, 2, 0);
		second.key.recirc_id = 8;
		second.mask.recirc_id = 0xffffffff;
		insert(&f, &second);
		ox_table_linger(f.t);
		assert_int_equal(ox_table_n_lingering(f.t), 3);
		/* another id */
		s = spec_of(&f, 3, 0);
		s.key.recirc_id = 9;
		s.mask.recirc_id = 0xffffffff;
		insert(&f, &s);
		assert_int_equal(ox_table_n_lingering(f.t), 3);
		/* a probe of what the datapath knows means nothing by it */
		s = spec_of(&f, 4, 0);
		s.key.recirc_id = 8;
		s.mask.recirc_id = 0xffffffff;
		s.probe = true;
		ox_table_remove(f.t, insert(&f, &s));
		assert_int_equal(ox_table_n_lingering(f.t), 3);
		/* this one, in the key or in the actions */
		s = spec_of(&f, 4, 0);
		if (i) {
			s.key.recirc_id = 8;
			s.mask.recirc_id = 0xffffffff;
		} else {
			s.actions = &recirc;
		}
		insert(&f, &s);
		assert_int_equal(ox_table_n_lingering(f.t), 1);
		assert_int_not_equal(packet(&f, &plain), OX_NONE);
		assert_int_equal(packet(&f, &second), OX_NONE);
		close_all(&f);
	}
	ox_actions_free(&recirc);
}

#define KEYS  24
#define MASKS 6

/* What the table's user may know, and what packets must still meet. */
struct model {
	struct fixture f;
	uint64_t rand;
	uint32_t visible[KEYS * MASKS]; /* flow, or OX_NONE */
	uint32_t n_visible;
	bool passes[KEYS * MASKS]; /* put, and not deleted one by one */
};

static void model_put(struct model *md, uint32_t i)
{
	struct ox_flow_spec s = spec_of(&md->f, i / MASKS, i % MASKS);

	if (ox_rand(&md->rand) & 1)
		set_ufid(&s, (uint8_t)i);
	if (ox_table_lookup(md->f.t, &s.key, &s.tun) != OX_NONE)
		return;
	md->visible[i] = insert(&md->f, &s);
	md->n_visible++;
	md->passes[i] = true;
	assert_int_equal(ox_table_lookup(md->f.t, &s.key, &s.tun),
			 md->visible[i]);
}

static void model_remove(struct model *md, uint32_t i)
{
	ox_table_remove(md->f.t, md->visible[i]);
	md->visible[i] = OX_NONE;
	md->n_visible--;
	/* others of its key, under other masks, may have gone before it */
	for (uint32_t m = 0; m < MASKS; m++)
		md->passes[i - i % MASKS + m] = false;
}

static void model_flush(struct model *md, bool linger)
{
	if (linger)
		ox_table_linger(md->f.t);
	else
		ox_table_flush(md->f.t);
	memset(md->visible, 0xff, sizeof(md->visible));
	md->n_visible = 0;
	if (!linger)
		memset(md->passes, 0, sizeof(md->passes));
}

static void model_end(struct model *md)
{
	ox_table_linger_end(md->f.t);
	for (uint32_t i = 0; i < KEYS * MASKS; i++)
		md->passes[i] = md->visible[i] != OX_NONE;
}

static void model_check(struct model *md)
{
	uint32_t n = 0, f = 0;

	for (; (f = ox_table_next(md->f.t, f)) != OX_NONE; f++)
		n++;
	assert_int_equal(n, md->n_visible);
	assert_int_equal(ox_table_n_flows(md->f.t), n);
	for (n = f = 0; (f = ox_table_next_lingering(md->f.t, f)) != OX_NONE;
	     f++)
		n++;
	assert_int_equal(ox_table_n_lingering(md->f.t), n);
	for (uint32_t i = 0; i < KEYS * MASKS; i++) {
		struct ox_flow_spec s = spec_of(&md->f, i / MASKS, i % MASKS);

		if (md->passes[i])
			assert_int_not_equal(packet(&md->f, &s), OX_NONE);
		f = ox_table_lookup(md->f.t, &s.key, &s.tun);
		if (md->visible[i] != OX_NONE)
			assert_int_not_equal(f, OX_NONE);
		if (f != OX_NONE)
			assert_false(ox_mem_uflow(md->f.m, f)->flags &
				     OX_UFLOW_LINGER);
	}
	assert_int_equal(ox_spec_check(md->f.m), 0);
}

static void model_step(struct model *md)
{
	uint32_t r = (uint32_t)(ox_rand(&md->rand) >> 32);
	uint32_t i = r % (KEYS * MASKS);

	if (!(r >> 24))
		model_flush(md, false);
	else if (r >> 24 < 8)
		model_flush(md, true);
	else if (r >> 24 < 12)
		model_end(md);
	else if (md->visible[i] != OX_NONE)
		model_remove(md, i);
	else
		model_put(md, i);
	if (!(r >> 20 & 0xf))
		ox_table_tick(md->f.t);
	if (!(r >> 16 & 0x3f))
		reopen(&md->f);
}

static void property(void **state)
{
	struct model md = { .rand = 20261123 };

	(void)state;
	open_with(&md.f, (struct ox_mem_heap_params){ .max_flows = 512,
						      .max_masks = 16 });
	memset(md.visible, 0xff, sizeof(md.visible));
	for (int i = 0; i < 20000; i++) {
		model_step(&md);
		if (i % 50 == 0)
			model_check(&md);
	}
	model_check(&md);
	close_all(&md.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.linger.packets_only", packets_only),
		OX_TEST("unit.linger.flush_again", flush_again),
		OX_TEST("unit.linger.replaced", replaced),
		OX_TEST("unit.linger.beside", beside),
		OX_TEST("unit.linger.make_room", make_room),
		OX_TEST("unit.linger.not_worth_it", not_worth_it),
		OX_TEST("unit.linger.port_gone", port_gone),
		OX_TEST("unit.linger.port_steps", port_steps),
		OX_TEST("unit.linger.recirculation", recirculation),
		OX_TEST("unit.linger.property", property),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
