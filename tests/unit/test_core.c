// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_core.c - the fixture table through the host build of the core.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "bpf/ct_host.h"
#include "tests/bpf/cases.h"

struct packet {
	uint8_t room[OX_HOST_HEADROOM];
	uint8_t b[PKT_MAX];
};

static void dp_add(struct ox_dp_stats *sum, const struct ox_dp_stats *o)
{
	__u64 *d = (__u64 *)sum;
	const __u64 *s = (const __u64 *)o;
	size_t i;

	for (i = 0; i < sizeof(*o) / 8; i++)
		d[i] += s[i];
}

static void out_add(struct ox_host_rx_out *sum, const struct ox_host_rx_out *o)
{
	const __u64 *s;
	__u64 *d;
	size_t i;

	dp_add(&sum->dp, &o->dp);
	d = (__u64 *)&sum->in;
	s = (const __u64 *)&o->in;
	for (i = 0; i < 2 * sizeof(o->in) / 8; i++)
		d[i] += s[i];
	sum->flow_stats.packets += o->flow_stats.packets;
	sum->flow_stats.bytes += o->flow_stats.bytes;
	sum->flow_stats.tcp_flags |= o->flow_stats.tcp_flags;
}

/* What the interpreter gave away. */
struct given {
	enum ox_verdict verdict;
	uint32_t arg;
	struct frame frame;
	struct ox_host_rx_out *out;
};

static void given_output(void *arg, uint32_t port_no,
			 const struct ox_host_pkt *pkt, uint32_t cutlen)
{
	struct given *g = arg;

	g->verdict = OX_V_OUTPUT;
	g->arg = port_no;
	g->frame.len = pkt->len - cutlen;
	memcpy(g->frame.b, pkt->data, g->frame.len);
	g->out->out.tx_packets++;
	g->out->out.tx_bytes += g->frame.len;
}

static struct ox_ct_host_mem *table;

static int meet(void *arg, uint32_t what, struct ox_ct_run *run,
		struct ox_key *key, const struct ox_ct_act *act)
{
	(void)arg;
	if (!table)
		table = ox_ct_host_open(4096, 250);
	assert_non_null(table);
	return ox_ct_host_do(table, what, run, key, act);
}

/* A list that XDP would run with the interpreter, in the user tier. */
static void interpret(const struct fx *f, struct ox_mem *m,
		      struct ox_host_pkt *p, struct given *g)
{
	const struct ox_host_list l = { .flow = g->out->flow, .end = OX_NONE };
	const struct ox_host_sink sink = {
		.output = given_output,
		.ct = meet,
		.arg = g,
	};
	int err = ox_host_run(m, &l, p, &sink);

	if (g->verdict == OX_V_OUTPUT)
		return;
	/* the counters tell why; an error, that an edit was it */
	g->verdict = OX_V_DROP;
	g->arg = f->arg;
	assert_int_equal(!!err, f->arg == OX_R_EDIT || f->arg == OX_R_BAD_FLOW);
}

static void run_frame(const struct fx *f, struct ox_mem *m,
		      struct ox_cache *cache, struct ox_host_rx_out *out)
{
	static struct packet buf;
	static struct given g;
	struct ox_host_pkt p = { .data = buf.b,
				 .len = f->in.len,
				 .headroom = OX_HOST_HEADROOM,
				 .in_port = FX_IN };

	memcpy(buf.b, f->in.b, f->in.len);
	g.verdict = ox_host_rx(m, cache, &p, out);
	g.arg = out->arg;
	g.out = out;
	memcpy(g.frame.b, p.data, p.len);
	g.frame.len = p.len;
	if (g.verdict == OX_V_RUN)
		interpret(f, m, &p, &g);
	assert_int_equal(g.verdict, f->verdict);
	if (f->verdict == OX_V_PASS)
		return;
	assert_int_equal(g.arg, f->arg);
	if (f->verdict == OX_V_DROP)
		return;
	assert_int_equal(g.frame.len, f->out.len);
	assert_memory_equal(g.frame.b, f->out.b, f->out.len);
	if (f->verdict == OX_V_OUTPUT)
		return;
	assert_int_equal(out->acts, fx_acts(f));
	assert_int_equal(out->pc, f->pc);
}

static void run(void **state)
{
	const struct fx_entry *e = *state;
	struct ox_host_rx_out sum = {}, want;
	static struct ox_cache cache;
	static struct fx f;
	struct ox_mem *m;
	struct ox_key key;
	int i;

	fx_prepare(&f, e->fn);
	m = fx_memory(&f);
	assert_non_null(m);
	assert_int_equal(ox_host_extract(f.in.b, f.in.len, FX_IN, &key),
			 f.refused ? -EINVAL : 0);
	if (!f.refused)
		assert_memory_equal(&key, &f.key, sizeof(key));
	fx_cache(&f, &cache);
	for (i = 0; i < f.runs; i++) {
		struct ox_host_rx_out out;

		run_frame(&f, m, &cache, &out);
		if (f.verdict != OX_V_PASS)
			out_add(&sum, &out);
	}
	dp_add(&sum.dp, &m->config->host);
	sum.dp.gauge = (struct ox_cache_gauge){ 0 };
	fx_expect(&f, &want);
	assert_memory_equal(&sum.dp, &want.dp, sizeof(want.dp));
	assert_memory_equal(&sum.in, &want.in, sizeof(want.in));
	assert_memory_equal(&sum.out, &want.out, sizeof(want.out));
	assert_memory_equal(&sum.flow_stats, &want.flow_stats,
			    sizeof(want.flow_stats));
	ox_mem_heap_free(m);
}

int main(void)
{
	static struct CMUnitTest tests[FX_N_CASES];
	static char ids[FX_N_CASES][64];
	size_t i;

	for (i = 0; i < FX_N_CASES; i++) {
		snprintf(ids[i], sizeof(ids[i]), "host.%s", fx_cases[i].id);
		tests[i].name = ids[i];
		tests[i].test_func = run;
		tests[i].initial_state = (void *)(uintptr_t)&fx_cases[i];
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("core", tests, FX_N_CASES, NULL, NULL);
}
