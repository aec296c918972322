// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_prune.c - masks that can't match are skipped, and no others. The lookup
 * of the data plane is compared with one that looks at every flow of every
 * mask, in the same order. Meanwhile flows come and go, masks are sorted, bits
 * of flows long gone are swept out, and daemons die.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>

#include "bpf/host.h"
#include "control/flow/table.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/mem_heap.h"

struct world {
	struct ox_mem *m;
	struct ox_table *t;
	struct ox_actions out;
	uint64_t rand;
	uint64_t n_probes, n_probes_all; /* with and without skipping */
	uint32_t n_hits, n_lookups;
};

static uint32_t draw(struct world *w, uint32_t n)
{
	return (uint32_t)((ox_rand(&w->rand) >> 32) * n >> 32);
}

static void open_with(struct world *w, struct ox_mem_heap_params p)
{
	memset(w, 0, sizeof(*w));
	assert_int_equal(ox_mem_heap_new(&p, &w->m), 0);
	assert_int_equal(ox_table_open(w->m, &w->t, NULL), 0);
	assert_int_equal(ox_spec_output(2, &w->out), 0);
}

static void open_world(struct world *w, uint32_t max_masks, uint64_t seed)
{
	open_with(w, (struct ox_mem_heap_params){ .max_masks = max_masks,
						  .max_flows = 8192 });
	w->rand = seed;
}

static void close_world(struct world *w)
{
	assert_int_equal(ox_spec_check(w->m), 0);
	ox_actions_free(&w->out);
	ox_table_close(w->t);
	ox_mem_heap_free(w->m);
}

/* Few values a byte, so that flows of different masks meet. */
static void draw_key(struct world *w, struct ox_key *k)
{
	ox_spec_key(k, 0);
	k->in_port = draw(w, 3);
	k->recirc_id = draw(w, 2);
	k->eth_src[5] = (uint8_t)draw(w, 3);
	k->ip_proto = draw(w, 2) ? 6 : 17;
	k->ipv4.src = htonl(0x0a000000 + (draw(w, 4) << 14) + draw(w, 5));
	k->ipv4.dst = htonl(draw(w, 4) << 30 | draw(w, 7));
	k->tp_src = htons((uint16_t)(draw(w, 3) << 6));
	k->tp_dst = htons((uint16_t)(80 ^ 1u << draw(w, 16)));
	if (!draw(w, 4)) {
		k->eth_type = htons(0x86dd);
		k->ipv6.dst[3] = htonl(draw(w, 9));
	}
}

/* Every third packet has a tunnel; a few of them differ in words that only
 * masks for tunnels look at. */
static void draw_tunnel(struct world *w, struct ox_key *k, struct ox_tun *tun)
{
	memset(tun, 0, sizeof(*tun));
	if (draw(w, 3))
		return;
	k->has_tun = 1;
	k->tun_proto = 2;
	k->tun_ttl = (uint8_t)draw(w, 2);
	tun->tun_id = draw(w, 3);
	tun->ipv4.dst = 1 + draw(w, 2);
	k->tun_opts_len = draw(w, 2) ? 4 : 0;
	if (k->tun_opts_len)
		tun->opts[3] = (uint8_t)draw(w, 2);
}

static uint32_t prefix(struct world *w, uint32_t width)
{
	uint32_t len = draw(w, width + 1);

	return (uint32_t)((1ull << width) - (1ull << (width - len)));
}

static void draw_mask(struct world *w, struct ox_key *k)
{
	memset(k, 0, sizeof(*k));
	k->mac_proto = 0xff;
	k->eth_type = 0xffff;
	k->in_port = draw(w, 8) ? 0xffffffff : 0;
	k->recirc_id = draw(w, 8) ? 0xffffffff : 0;
	k->ipv4.src = htonl(prefix(w, 32));
	k->ipv4.dst = htonl(prefix(w, 32));
	k->tp_dst = htons((uint16_t)prefix(w, 16));
	if (!draw(w, 3))
		k->tp_src = 0xffff;
	if (!draw(w, 3))
		k->ip_proto = (uint8_t)draw(w, 256);
	if (!draw(w, 3))
		k->eth_src[5] = (uint8_t)draw(w, 256);
	if (!draw(w, 4))
		k->ipv6.dst[3] = (uint32_t)ox_rand(&w->rand);
}

/* Any tunnel or none, none at all, or such tunnels. */
static void draw_tunnel_mask(struct world *w, struct ox_flow_spec *s)
{
	if (!draw(w, 4))
		return;
	s->mask.tun_proto = 0xff;
	if (draw(w, 2))
		return;
	s->mask.tun_opts_len = draw(w, 2) ? 0xff : 0;
	s->mask.tun_ttl = draw(w, 2) ? 0xff : 0;
	s->tun_mask.tun_id = draw(w, 2) ? ~0ull : 0;
	s->tun_mask.opts[3] = draw(w, 2) ? 0xff : 0;
}

static uint32_t find_all(const struct world *w, const struct ox_key *k,
			 const struct ox_tun *tun, uint32_t *n_probes)
{
	uint32_t scan = w->m->config->scan, max = w->m->config->max_masks;
	uint32_t n = OX_SCAN_N(scan), at = OX_SCAN_HALF(scan) * max, flow = 0;
	uint32_t best = n, found = OX_NONE;
	static uint32_t place[16384];

	for (uint32_t i = 0; i < n; i++)
		place[w->m->scan[at + i].slot] = i;
	while ((flow = ox_table_next(w->t, flow)) != OX_NONE) {
		uint32_t p = place[ox_mem_flow(w->m, flow)->mask];

		if (p < best && ox_host_flow_match(w->m, flow, k, tun)) {
			best = p;
			found = flow;
		}
		flow++;
	}
	*n_probes = best < n ? best + 1 : n;
	return found;
}

static void look(struct world *w)
{
	uint32_t n_all, n = 0, flow;
	struct ox_tun tun;
	struct ox_key k;

	draw_key(w, &k);
	draw_tunnel(w, &k, &tun);
	flow = find_all(w, &k, &tun, &n_all);
	assert_int_equal(ox_host_lookup(w->m, &k, &tun, &n), flow);
	assert_true(n <= n_all);
	w->n_probes += n;
	w->n_probes_all += n_all;
	w->n_hits += flow != OX_NONE;
	w->n_lookups++;
}

/* No two flows that the same packet meets under one mask: as the families
 * refuse it. */
static void put(struct world *w)
{
	struct ox_flow_spec s = { .actions = &w->out };
	uint32_t flow;

	draw_key(w, &s.key);
	draw_tunnel(w, &s.key, &s.tun);
	draw_mask(w, &s.mask);
	draw_tunnel_mask(w, &s);
	if (ox_table_lookup(w->t, &s.key, &s.tun) == OX_NONE)
		ox_table_insert(w->t, &s, &flow, NULL);
}

static void drop(struct world *w)
{
	uint32_t n = w->m->n_flow_chunks << w->m->config->chunk_shift;
	uint32_t flow = n ? ox_table_next(w->t, draw(w, n)) : OX_NONE;

	if (flow != OX_NONE)
		ox_table_remove(w->t, flow);
}

static void step(struct world *w)
{
	uint32_t what = draw(w, 1000);

	if (what < 500)
		put(w);
	else if (what < 800)
		drop(w);
	else if (what < 990)
		look(w);
	else if (what < 998) {
		ox_mem_heap(w->m)->mask_hits[draw(w, 40)] += draw(w, 1000);
		ox_table_tick(w->t);
	} else if (what < 999 || draw(w, 8)) {
		ox_table_close(w->t);
		assert_int_equal(ox_table_open(w->m, &w->t, NULL), 0);
	} else {
		ox_table_flush(w->t);
	}
}

static void random_ops(struct world *w, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		step(w);
		if (i % (n / 8) == 0)
			assert_int_equal(ox_spec_check(w->m), 0);
	}
	print_message("# %u of %u found, %.1f masks probed of %.1f\n",
		      w->n_hits, w->n_lookups,
		      (double)w->n_probes / w->n_lookups,
		      (double)w->n_probes_all / w->n_lookups);
	assert_true(w->n_hits > w->n_lookups / 100);
	assert_true(w->n_probes < w->n_probes_all / 2);
}

static void few_masks(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, 40, 1);
	random_ops(&w, 20000);
	close_world(&w);
}

static void many_masks(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, 10000, 2);
	random_ops(&w, 20000);
	close_world(&w);
}

/* Flow n of the crafted ones: n first bits like a rule's, then one unlike. */
static void crafted(struct ox_flow_spec *s, uint32_t n)
{
	uint32_t src = n / 256 % 32, dst = n / 16 % 16, port = n % 16;

	ox_spec_key(&s->key, 0);
	memset(&s->mask, 0, sizeof(s->mask));
	s->mask.mac_proto = 0xff;
	s->mask.in_port = 0xffffffff;
	s->mask.ipv4.src = htonl(~0u << src);
	s->key.ipv4.src ^= htonl(1u << src);
	s->mask.tp_dst = htons((uint16_t)(~0u << dst));
	s->key.tp_dst ^= htons((uint16_t)(1u << dst));
	s->mask.tp_src = htons((uint16_t)(~0u << port));
	s->key.tp_src ^= htons((uint16_t)(1u << port));
}

/* 8,192 masks by crafted packets: others don't probe them. */
static void explosion(void **state)
{
	struct ox_flow_spec s;
	struct ox_key other;
	struct world w;
	uint32_t flow, n;

	(void)state;
	open_world(&w, 8200, 3);
	for (uint32_t i = 0; i < 8192; i++) {
		s.actions = &w.out;
		s.ufid_len = 0;
		s.probe = false;
		crafted(&s, i);
		assert_int_equal(ox_table_insert(w.t, &s, &flow, NULL), 0);
		assert_int_equal(ox_host_lookup(w.m, &s.key, NULL, &n), flow);
		assert_in_range(n, 1, 2);
	}
	assert_int_equal(ox_table_n_masks(w.t), 8192);
	/* of another port: none; of the same port, an address elsewhere */
	ox_spec_key(&other, 5);
	other.in_port = 2;
	assert_int_equal(ox_host_lookup(w.m, &other, NULL, &n), OX_NONE);
	assert_int_equal(n, 0);
	ox_spec_key(&other, 0);
	assert_int_equal(ox_host_lookup(w.m, &other, NULL, &n), OX_NONE);
	assert_int_equal(n, 0);
	close_world(&w);
}

/* One mask stays, its flows change: their bits don't pile up for ever. */
static void sweep(void **state)
{
	struct ox_flow_spec s = { 0 };
	uint32_t flow, n = 0;
	struct world w;

	(void)state;
	open_world(&w, 64, 4);
	s.actions = &w.out;
	ox_spec_mask(&s.mask, 0xffffffff & ~7u);
	for (uint32_t i = 0; i < 3; i++) { /* so that pruning is worth it */
		ox_spec_key(&s.key, 1);
		s.key.in_port = 9;
		s.mask.ip_ttl = (uint8_t)(i + 1);
		assert_int_equal(ox_table_insert(w.t, &s, &flow, NULL), 0);
	}
	s.mask.ip_ttl = 0;
	for (uint32_t i = 0; i < 5000; i++) {
		ox_spec_key(&s.key, i << 3);
		assert_int_equal(ox_table_insert(w.t, &s, &flow, NULL), 0);
		if (i < 4999)
			ox_table_remove(w.t, flow);
		else
			ox_host_lookup(w.m, &s.key, NULL, &n);
		if (i == 2000) /* another one keeps the mask there */
			ox_spec_mask(&s.mask, 0xffffffff & ~7u);
	}
	assert_int_equal(n, 1);
	ox_spec_key(&s.key, 100 << 3);
	for (int i = 0; i < 4; i++)
		ox_table_tick(w.t);
	assert_int_equal(ox_host_lookup(w.m, &s.key, NULL, &n), OX_NONE);
	assert_int_equal(n, 0);
	close_world(&w);
}

/* More flows than a tick looks at, in RENEWAL_FLOWS slots. */
#define RENEWAL_FLOWS 50000
#define RENEWAL_GONE  16000

/* A flow from a port that says whether its bits are there. */
static uint32_t renewal_put(struct world *w, uint32_t port, uint32_t n,
			    uint32_t mask, struct ox_key *key)
{
	struct ox_flow_spec s = { .actions = &w->out };
	uint32_t flow = OX_NONE;

	ox_spec_key(&s.key, n);
	s.key.in_port = port;
	ox_spec_mask(&s.mask, 0);
	s.mask.ip_ttl = (uint8_t)mask;
	*key = s.key;
	assert_int_equal(ox_table_insert(w->t, &s, &flow, NULL), 0);
	return flow;
}

/* Flows from port 2 that go again, all others from port 1. Of several masks:
 * so pruning is worth it. */
static void renewal_fill(struct world *w, struct ox_key *gone)
{
	static uint32_t flow[RENEWAL_GONE];
	struct ox_key key;

	open_with(w, (struct ox_mem_heap_params){ .max_flows = 65536,
						  .chunk_shift = 14 });
	for (uint32_t i = 0; i < RENEWAL_FLOWS; i++) {
		uint32_t port = i < RENEWAL_GONE ? 2 : 1;
		uint32_t f = renewal_put(w, port, i, 0, &key);

		if (i < RENEWAL_GONE) {
			flow[i] = f;
			*gone = key;
		}
	}
	for (uint32_t i = 1; i < 6; i++)
		renewal_put(w, 1, i, i, &key);
	for (uint32_t i = 0; i < RENEWAL_GONE; i++)
		ox_table_remove(w->t, flow[i]);
}

/* Flows, and a mask, that come while the columns are made anew: into slots
 * that have been looked at already. */
static void renewal(void **state)
{
	struct ox_key gone, late, other;
	uint32_t n, flow[2];
	struct world w;

	(void)state;
	renewal_fill(&w, &gone);
	ox_host_lookup(w.m, &gone, NULL, &n);
	assert_int_equal(n, 1);
	ox_table_tick(w.t);
	flow[0] = renewal_put(&w, 3, 1 << 20, 0, &late);
	flow[1] = renewal_put(&w, 4, 1 << 20, 77, &other);
	assert_true(flow[0] < RENEWAL_GONE && flow[1] < RENEWAL_GONE);
	/* it isn't over yet */
	ox_host_lookup(w.m, &gone, NULL, &n);
	assert_int_equal(n, 1);
	assert_int_equal(ox_host_lookup(w.m, &late, NULL, &n), flow[0]);
	ox_table_tick(w.t);
	assert_int_equal(ox_host_lookup(w.m, &gone, NULL, &n), OX_NONE);
	assert_int_equal(n, 0);
	assert_int_equal(ox_host_lookup(w.m, &late, NULL, &n), flow[0]);
	assert_int_equal(ox_host_lookup(w.m, &other, NULL, &n), flow[1]);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.prune.few_masks", few_masks),
		OX_TEST("unit.prune.many_masks", many_masks),
		OX_TEST("unit.prune.explosion", explosion),
		OX_TEST("unit.prune.sweep", sweep),
		OX_TEST("unit.prune.renewal", renewal),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
