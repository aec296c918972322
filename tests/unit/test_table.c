// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_table.c - the flow table against a naive model, its limits, and what
 * it does with grace periods. The reader is the host build of the lookup
 * that the XDP program runs.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <time.h>

#include "bpf/host.h"
#include "control/flow/table.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/mem_heap.h"

struct fixture {
	struct ox_mem *m;
	struct ox_table *t;
	struct ox_actions out; /* output to port 2 */
};

static void open_with(struct fixture *f, struct ox_mem_heap_params p)
{
	assert_int_equal(ox_mem_heap_new(&p, &f->m), 0);
	assert_int_equal(ox_table_open(f->m, &f->t, NULL), 0);
	assert_int_equal(ox_spec_output(2, &f->out), 0);
}

static void close_all(struct fixture *f)
{
	assert_int_equal(ox_spec_check(f->m), 0);
	ox_actions_free(&f->out);
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

static void set_ufid(struct ox_flow_spec *s, uint32_t n)
{
	s->ufid_len = 16;
	memset(s->ufid, 0x5a, sizeof(s->ufid));
	memcpy(s->ufid, &n, sizeof(n));
}

static uint32_t insert(struct fixture *f, const struct ox_flow_spec *s)
{
	uint32_t flow = OX_NONE;

	assert_int_equal(ox_table_insert(f->t, s, &flow, NULL), 0);
	return flow;
}

static void insert_lookup_remove(void **state)
{
	struct fixture f;
	struct ox_flow_spec s;
	uint32_t flow;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	s = spec_of(&f, 7, 0);
	assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), OX_NONE);
	flow = insert(&f, &s);
	assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), flow);
	assert_int_equal(ox_table_find_key(f.t, &s.key, &s.tun), flow);
	assert_int_equal(ox_table_n_flows(f.t), 1);
	assert_int_equal(ox_table_n_masks(f.t), 1);
	assert_true(ox_table_same(f.t, flow, &s));
	/* another key that the mask doesn't tell apart */
	s.key.tp_dst = htons(54);
	assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), flow);
	assert_int_equal(ox_table_find_key(f.t, &s.key, &s.tun), OX_NONE);
	assert_false(ox_table_same(f.t, flow, &s));
	ox_table_remove(f.t, flow);
	assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), OX_NONE);
	assert_int_equal(ox_table_n_flows(f.t), 0);
	assert_int_equal(ox_table_n_masks(f.t), 0);
	/* the mask is out of the scan at once, not with the next tick */
	assert_int_equal(OX_SCAN_N(f.m->config->scan), 0);
	close_all(&f);
}

/* The MAC layer is matched by every mask, also by one of nothing else. */
static void l3_and_ethernet(void **state)
{
	struct fixture f;
	struct ox_flow_spec s;
	uint32_t eth, l3;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	s = spec_of(&f, 7, 0);
	memset(&s.mask, 0, sizeof(s.mask));
	s.mask.mac_proto = 0xff;
	s.key.mac_proto = 1;
	eth = insert(&f, &s);
	s.key.mac_proto = 0;
	assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), OX_NONE);
	l3 = insert(&f, &s);
	assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), l3);
	s.key.mac_proto = 1;
	assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), eth);
	close_all(&f);
}

static void by_ufid(void **state)
{
	struct fixture f;
	struct ox_flow_spec s;
	uint32_t flow;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	s = spec_of(&f, 7, 0);
	set_ufid(&s, 99);
	flow = insert(&f, &s);
	assert_int_equal(ox_table_find_ufid(f.t, s.ufid, 16), flow);
	assert_int_equal(ox_table_find_ufid(f.t, s.ufid, 15), OX_NONE);
	assert_int_equal(ox_table_find_key(f.t, &s.key, &s.tun), OX_NONE);
	/* as the module: only the masked form of its key is the same */
	assert_false(ox_table_same(f.t, flow, &s));
	for (int i = 0; i < OX_KEY_WORDS; i++)
		s.key.w[i] &= s.mask.w[i];
	assert_true(ox_table_same(f.t, flow, &s));
	close_all(&f);
}

/* Full form in, compact form kept, full form out. */
static void mask_round_trip(void **state)
{
	struct ox_flow_spec s;
	struct fixture f;
	struct ox_key mask;
	struct ox_tun tun;
	uint32_t flow;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	for (uint32_t n = 0; n < 8; n++) {
		s = spec_of(&f, n, n);
		flow = insert(&f, &s);
		ox_table_mask(f.t, flow, &mask, &tun);
		assert_memory_equal(&mask, &s.mask, sizeof(mask));
	}
	/* two tags, both matched */
	s = spec_of(&f, 20, 0);
	s.key.vlan_tci = htons(0x1005);
	s.key.vlan_tpid = htons(0x88a8);
	s.key.cvlan_tci = htons(0x1006);
	s.mask.vlan_tpid = 0xffff;
	flow = insert(&f, &s);
	ox_table_mask(f.t, flow, &mask, &tun);
	assert_memory_equal(&mask, &s.mask, sizeof(mask));
	assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), flow);
	s.key.cvlan_tci = htons(0x1007);
	assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), OX_NONE);
	close_all(&f);
}

/* An unmatched field costs no word of the compact mask. */
static void mask_words(void **state)
{
	struct ox_flow_spec s;
	struct fixture f;
	const struct ox_mask *m;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	s = spec_of(&f, 1, 0);
	m = &f.m->masks[ox_mem_flow(f.m, insert(&f, &s))->mask];
	/* in_port, eth_type, vlan_tci, ipv4.src */
	assert_int_equal(m->n_words, 4);
	close_all(&f);
}

#define MODEL_KEYS  64
#define MODEL_MASKS 12

struct model {
	struct fixture f;
	uint64_t rand;
	uint32_t flow[MODEL_KEYS * MODEL_MASKS]; /* OX_NONE: not there */
	uint32_t n;
};

/* Would spec's key be matched by a flow of the model? The naive way. */
static bool model_matches(const struct model *md, const struct ox_key *key)
{
	for (uint32_t i = 0; i < MODEL_KEYS * MODEL_MASKS; i++) {
		struct ox_key k, m;
		bool same = true;

		if (md->flow[i] == OX_NONE)
			continue;
		ox_spec_key(&k, i / MODEL_MASKS);
		ox_spec_mask(&m, i % MODEL_MASKS);
		for (int w = 0; w < OX_KEY_WORDS; w++)
			same = same && !((k.w[w] ^ key->w[w]) & m.w[w]);
		if (same)
			return true;
	}
	return false;
}

static void model_put(struct model *md, uint32_t i)
{
	struct ox_flow_spec s =
		spec_of(&md->f, i / MODEL_MASKS, i % MODEL_MASKS);
	uint32_t found = ox_table_lookup(md->f.t, &s.key, &s.tun);

	assert_int_equal(found != OX_NONE, model_matches(md, &s.key));
	if (found != OX_NONE)
		return;
	if (ox_rand(&md->rand) & 1)
		set_ufid(&s, i);
	md->flow[i] = insert(&md->f, &s);
	md->n++;
	assert_int_equal(ox_table_lookup(md->f.t, &s.key, &s.tun), md->flow[i]);
}

static void model_step(struct model *md)
{
	uint32_t r = (uint32_t)(ox_rand(&md->rand) >> 32);
	uint32_t i = r % (MODEL_KEYS * MODEL_MASKS);

	if (md->flow[i] == OX_NONE) {
		model_put(md, i);
	} else {
		ox_table_remove(md->f.t, md->flow[i]);
		md->flow[i] = OX_NONE;
		md->n--;
	}
	if (!(r >> 20 & 0x3f)) /* with these hits the order changes */
		ox_mem_heap(md->f.m)->mask_hits[r % MODEL_MASKS] += r & 0xff;
	if (!(r >> 24 & 0xf))
		ox_table_tick(md->f.t);
	if (!(r >> 24))
		reopen(&md->f);
}

static void property(void **state)
{
	struct model md = { .rand = 20261122 };

	(void)state;
	open_with(&md.f, (struct ox_mem_heap_params){ .max_flows = 1024,
						      .max_masks = 16 });
	memset(md.flow, 0xff, sizeof(md.flow));
	for (int i = 0; i < 20000; i++) {
		model_step(&md);
		assert_int_equal(ox_table_n_flows(md.f.t), md.n);
		if (i % 500 == 0)
			assert_int_equal(ox_spec_check(md.f.m), 0);
	}
	for (uint32_t i = 0; i < MODEL_KEYS * MODEL_MASKS; i++) {
		struct ox_key k;

		ox_spec_key(&k, i / MODEL_MASKS);
		assert_int_equal(ox_table_lookup(md.f.t, &k, NULL) != OX_NONE,
				 model_matches(&md, &k));
	}
	close_all(&md.f);
}

static void thousand_masks(void **state)
{
	struct ox_flow_spec s;
	struct fixture f;
	struct ox_err e = { 0 };
	uint32_t flow, first = OX_NONE;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ .max_masks = 1000 });
	for (uint32_t n = 0; n < 1000; n++) {
		s = spec_of(&f, n, n);
		flow = insert(&f, &s);
		first = n ? first : flow;
		assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), flow);
	}
	assert_int_equal(ox_table_n_masks(f.t), 1000);
	s = spec_of(&f, 2000, 2000);
	assert_int_equal(ox_table_insert(f.t, &s, &flow, &e), -ENOSPC);
	assert_non_null(strstr(e.msg, "1000 masks"));
	/* one goes, so another one fits */
	ox_table_remove(f.t, first);
	insert(&f, &s);
	assert_int_equal(ox_table_n_masks(f.t), 1000);
	close_all(&f);
}

static void order_by_hits(void **state)
{
	struct ox_flow_spec s;
	struct fixture f;
	uint32_t n_hit, slot;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	for (uint32_t n = 0; n < 20; n++) {
		/* masks that differ in a byte that prunes none of them */
		s = spec_of(&f, 1, 0);
		s.key.ip_ttl = n < 19;
		s.mask.ip_ttl = 0xff;
		s.mask.ip_tos = (uint8_t)n;
		slot = ox_mem_flow(f.m, insert(&f, &s))->mask;
	}
	ox_host_lookup(f.m, &s.key, NULL, &n_hit);
	assert_int_equal(n_hit, 20);
	ox_table_tick(f.t); /* the first one learns where counters stand */
	ox_mem_heap(f.m)->mask_hits[slot] += 1000;
	ox_table_tick(f.t);
	ox_host_lookup(f.m, &s.key, NULL, &n_hit);
	assert_int_equal(n_hit, 1);
	/* nothing new: nothing is written, no grace period waited for */
	n_hit = ox_mem_heap(f.m)->n_sync;
	ox_mem_heap(f.m)->mask_hits[slot] += 10;
	ox_table_tick(f.t);
	assert_int_equal(ox_mem_heap(f.m)->n_sync, n_hit);
	close_all(&f);
}

static void flow_limit(void **state)
{
	struct ox_flow_spec s;
	struct fixture f;
	struct ox_err e = { 0 };
	uint32_t flow;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ .max_flows = 256 });
	for (uint32_t n = 0; n < 256; n++) {
		s = spec_of(&f, n, 0);
		flow = insert(&f, &s);
	}
	s = spec_of(&f, 256, 0);
	assert_int_equal(ox_table_insert(f.t, &s, &flow, &e), -ENOSPC);
	assert_non_null(strstr(e.msg, "256 flows"));
	assert_int_equal(ox_table_n_flows(f.t), 256);
	/* a slot in limbo is given after a grace period, counters zeroed */
	s = spec_of(&f, 3, 0);
	flow = ox_table_find_key(f.t, &s.key, &s.tun);
	ox_mem_heap(f.m)->flow_stats[flow].packets = 5;
	ox_table_remove(f.t, flow);
	s = spec_of(&f, 256, 0);
	assert_int_equal(insert(&f, &s), flow);
	assert_int_equal(ox_mem_heap(f.m)->flow_stats[flow].packets, 0);
	close_all(&f);
}

/* Slots are zeroed ahead of use, many at once; nobody else's are. */
static void zeroed(void **state)
{
	struct ox_flow_stats *stats;
	struct ox_flow_spec s;
	struct fixture f;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ .max_flows = 256 });
	stats = ox_mem_heap(f.m)->flow_stats;
	for (uint32_t n = 0; n < 256; n++) {
		s = spec_of(&f, n, 0);
		insert(&f, &s);
	}
	for (uint32_t n = 0; n < 256; n++)
		stats[n].packets = 9;
	for (uint32_t n = 0; n < 256; n++) {
		s = spec_of(&f, n, 0);
		if (n % 3)
			ox_table_remove(f.t,
					ox_table_find_key(f.t, &s.key, &s.tun));
	}
	for (uint32_t n = 0; n < 256; n++) {
		uint32_t flow;

		s = spec_of(&f, n % 3 ? 256 + n : n, 0);
		flow = n % 3 ? insert(&f, &s)
			     : ox_table_find_key(f.t, &s.key, &s.tun);
		assert_int_equal(stats[flow].packets, n % 3 ? 0 : 9);
		stats[flow].packets = 9;
	}
	close_all(&f);
}

static void bucket_limit(void **state)
{
	struct ox_flow_spec s;
	struct fixture f;
	struct ox_err e = { 0 };
	uint32_t flow;
	int err = 0;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ .n_buckets = 16 });
	for (uint32_t n = 0; !err && n < 1000; n++) {
		s = spec_of(&f, n, 0);
		err = ox_table_insert(f.t, &s, &flow, &e);
	}
	assert_int_equal(err, -ENOSPC);
	assert_non_null(strstr(e.msg, "bucket"));
	assert_true(ox_table_n_flows(f.t) >= 100);
	assert_true(ox_table_n_flows(f.t) <= 16 * OX_BUCKET_WAYS);
	reopen(&f);
	ox_table_flush(f.t);
	assert_int_equal(f.m->buckets[0].overflow, 0);
	close_all(&f);
}

static void hundred_thousand(void **state)
{
	struct timespec a, b;
	struct ox_flow_spec s;
	struct fixture f;
	double us;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ .max_flows = 100000,
						   .chunk_shift = 14 });
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (uint32_t n = 0; n < 100000; n++) {
		s = spec_of(&f, n, n & 7);
		set_ufid(&s, n);
		assert_int_equal(ox_table_find_ufid(f.t, s.ufid, 16), OX_NONE);
		assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun), OX_NONE);
		insert(&f, &s);
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	us = (double)(b.tv_sec - a.tv_sec) * 1e6 +
	     (double)(b.tv_nsec - a.tv_nsec) / 1e3;
	print_message("# %.0f puts a second in the table, 8 masks\n",
		      100000 / us * 1e6);
	assert_int_equal(ox_mem_heap(f.m)->n_sync, 0);
	reopen(&f);
	assert_int_equal(ox_table_n_flows(f.t), 100000);
	for (uint32_t n = 0; n < 100000; n += 7) {
		s = spec_of(&f, n, n & 7);
		set_ufid(&s, n);
		assert_int_equal(ox_table_lookup(f.t, &s.key, &s.tun),
				 ox_table_find_ufid(f.t, s.ufid, 16));
	}
	ox_table_flush(f.t);
	assert_int_equal(ox_table_n_flows(f.t), 0);
	assert_int_equal(ox_table_next(f.t, 0), OX_NONE);
	close_all(&f);
}

/* Flows that a step of each kind has still to look at. */
static void in_steps(bool (*step)(struct ox_table *t, uint32_t *at),
		     bool linger, uint32_t (*left)(const struct ox_table *t))
{
	const uint32_t n = 2 * OX_FLUSH_STEP + 100;
	uint32_t at = 0, steps = 1, before = n;
	struct ox_flow_spec s;
	struct fixture f;

	open_with(&f, (struct ox_mem_heap_params){ .max_flows = 2 * n,
						   .chunk_shift = 12 });
	for (uint32_t k = 0; k < n; k++) {
		s = spec_of(&f, k, k & 3);
		insert(&f, &s);
	}
	if (linger)
		ox_table_linger(f.t);
	for (; step(f.t, &at); steps++) {
		assert_int_equal(before - left(f.t), OX_FLUSH_STEP);
		before = left(f.t);
	}
	assert_int_equal(steps, 3);
	assert_int_equal(left(f.t), 0);
	close_all(&f);
}

/* All flows at once are as many steps of a bounded size as it takes. */
static void flush_steps(void **state)
{
	(void)state;
	in_steps(ox_table_flush_step, false, ox_table_n_flows);
	in_steps(ox_table_linger_step, false, ox_table_n_flows);
	in_steps(ox_table_linger_end_step, true, ox_table_n_lingering);
}

/* Grace periods are for the tick: none for a flush when one has passed since
 * the last, and none at all where there is no flow. */
static void flush_grace(void **state)
{
	struct ox_flow_spec s;
	struct fixture f;
	unsigned int n;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ .max_flows = 1000 });
	for (int round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < 10; i++) {
			s = spec_of(&f, i, i & 3);
			insert(&f, &s);
		}
		ox_table_tick(f.t);
		n = ox_mem_heap(f.m)->n_sync;
		ox_table_flush(f.t);
		assert_int_equal(ox_table_n_flows(f.t), 0);
		assert_int_equal(ox_table_n_masks(f.t), 0);
		for (int i = 0; i < 100; i++)
			ox_table_flush(f.t);
		assert_int_equal(ox_mem_heap(f.m)->n_sync, n);
	}
	close_all(&f);
}

static void check_list(struct fixture *f, uint32_t flow,
		       const struct ox_actions *a)
{
	uint8_t *buf = malloc(OX_TABLE_MAX_NLA);
	uint32_t len;

	assert_non_null(buf);
	len = ox_table_actions(f->t, flow, buf, OX_TABLE_MAX_NLA);
	assert_int_equal(len, a->nla_len);
	assert_memory_equal(buf, a->nla, len);
	assert_int_equal(OX_ACTION_KIND(ox_mem_flow(f->m, flow)->action),
			 a->kind);
	free(buf);
}

/* From short to long lists and back, each kept byte by byte. */
static void set_actions(void **state)
{
	static const uint32_t edits[] = { 0, 1, 12, 11, 0, 40, 250, 3, 0 };
	struct ox_flow_spec s;
	struct fixture f;
	uint32_t flow;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	s = spec_of(&f, 1, 0);
	flow = insert(&f, &s);
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct ox_actions a;

		assert_int_equal(ox_spec_edits(edits[i], 3, &a), 0);
		assert_int_equal(ox_table_set_actions(f.t, flow, &a, NULL), 0);
		check_list(&f, flow, &a);
		assert_int_equal(ox_spec_check(f.m), 0);
		reopen(&f);
		check_list(&f, flow, &a);
		ox_actions_free(&a);
	}
	close_all(&f);
}

/* A change that finds no room changes nothing. */
static void set_actions_full(void **state)
{
	struct ox_actions big, small;
	struct ox_flow_spec s;
	struct ox_err e = { 0 };
	struct fixture f;
	uint32_t flow;
	int err = 0;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ .max_acts_chunks = 1 });
	assert_int_equal(ox_spec_edits(250, 3, &big), 0);
	assert_int_equal(ox_spec_edits(1, 3, &small), 0);
	s = spec_of(&f, 0, 0);
	flow = insert(&f, &s);
	assert_int_equal(ox_table_set_actions(f.t, flow, &small, NULL), 0);
	s.actions = &big;
	for (uint32_t n = 1; !err && n < 1024; n++) {
		uint32_t other;

		ox_spec_key(&s.key, n);
		err = ox_table_insert(f.t, &s, &other, &e);
	}
	assert_int_equal(err, -ENOSPC);
	assert_non_null(strstr(e.msg, "action lists"));
	assert_int_equal(ox_table_set_actions(f.t, flow, &big, &e), -ENOSPC);
	check_list(&f, flow, &small);
	ox_actions_free(&big);
	ox_actions_free(&small);
	close_all(&f);
}

static void stats_clear(void **state)
{
	struct ox_flow_stats s, *raw;
	struct ox_flow_spec spec;
	struct fixture f;
	uint32_t flow;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	spec = spec_of(&f, 1, 0);
	flow = insert(&f, &spec);
	raw = &ox_mem_heap(f.m)->flow_stats[flow];
	*raw = (struct ox_flow_stats){ 10, 1000, 5000, htons(2), { 0 } };
	assert_int_equal(ox_table_stats_clear(f.t, flow), 0);
	assert_int_equal(ox_table_stats(f.t, flow, &s), 0);
	assert_int_equal(s.packets + s.bytes + s.used + s.tcp_flags, 0);
	raw->packets++;
	raw->bytes += 60;
	raw->used = 6000;
	reopen(&f);
	assert_int_equal(ox_table_stats_range(f.t, flow, 1, &s), 0);
	assert_int_equal(s.packets, 1);
	assert_int_equal(s.bytes, 60);
	assert_int_equal(s.used, 6000);
	close_all(&f);
}

static void damaged(void **state)
{
	struct ox_err e = { 0 };
	struct ox_table *t;
	struct fixture f;
	uint32_t n;

	(void)state;
	open_with(&f, (struct ox_mem_heap_params){ 0 });
	n = f.m->config->n_buckets;
	f.m->config->n_buckets = 0;
	assert_int_equal(ox_table_open(f.m, &t, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "damaged"));
	f.m->config->n_buckets = n;
	close_all(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.table.insert", insert_lookup_remove),
		OX_TEST("unit.table.l3_and_ethernet", l3_and_ethernet),
		OX_TEST("unit.table.by_ufid", by_ufid),
		OX_TEST("unit.table.mask_round_trip", mask_round_trip),
		OX_TEST("unit.table.mask_words", mask_words),
		OX_TEST("unit.table.property", property),
		OX_TEST("unit.table.1000_masks", thousand_masks),
		OX_TEST("unit.table.order_by_hits", order_by_hits),
		OX_TEST("unit.table.flow_limit", flow_limit),
		OX_TEST("unit.table.zeroed", zeroed),
		OX_TEST("unit.table.bucket_limit", bucket_limit),
		OX_TEST("unit.table.flush_steps", flush_steps),
		OX_TEST("unit.table.flush_grace", flush_grace),
		OX_TEST("unit.table.100000_flows", hundred_thousand),
		OX_TEST("unit.table.set_actions", set_actions),
		OX_TEST("unit.table.set_actions_full", set_actions_full),
		OX_TEST("unit.table.stats_clear", stats_clear),
		OX_TEST("unit.table.damaged", damaged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
