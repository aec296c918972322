// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_tc.c - the fixture table through the tc program: verdict, bytes and
 * counters. BPF_PROG_TEST_RUN leaves tags in line, where the skb tier never has
 * an outer one, and shows no tag in the skb's metadata. So cases with tags are
 * left to the end-to-end tests. So is what only an XDP program does.
 */
#include "tests/lib/test.h"

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#define RUN_TC
#include "tests/bpf/cases.h"
#include "tests/bpf/drop_run.h"
#include "tests/bpf/xdp_run.h"

#define LONGEST 3000 /* that a test run takes for sure */

static struct xdp_run tc;
static int open_err;

static int setup(void **state)
{
	struct ox_config c = { .max_masks = FX_MASKS,
			       .max_ports = FX_PORTS,
			       .n_buckets = FX_BUCKETS,
			       .chunk_shift = 8 };

	(void)state;
	libbpf_set_print(NULL);
	open_err = xdp_run_open(&tc, &c);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	xdp_run_close(&tc);
	return 0;
}

/* Only user space moves the head. */
static bool op_moves_head(const struct ox_op *op)
{
	return op->code >= OX_OP_PUSH_MPLS && op->code <= OX_OP_POP_NSH;
}

/* A test run takes no cut IP header. */
static bool is_cut_ip(const struct fx *f)
{
	uint32_t type = f->in.b[12] << 8 | f->in.b[13];

	return (type == 0x0800 && f->in.len < OX_ETH_LEN + 20) ||
	       (type == 0x86dd && f->in.len < OX_ETH_LEN + 40);
}

/* Is the case one for this program, as far as a test run can feed it? */
static bool is_here(const struct fx *f)
{
	uint32_t i;

	if (f->d.n_tags || f->in.len > LONGEST || f->in.len <= OX_ETH_LEN ||
	    f->in_flags || f->verdict == OX_V_DOWN || f->no_in_port ||
	    is_cut_ip(f))
		return false;
	for (i = 0; i < f->act.n_ops; i++)
		if (f->act.ops[i].code == OX_OP_PUSH_VLAN)
			return false;
	return true;
}

/* A list that user space goes on with is off the program's hands. */
static void expect_user(struct fx *f)
{
	uint32_t i;

	for (i = 0; i < f->act.n_ops; i++)
		if (op_moves_head(&f->act.ops[i]))
			break;
	if (i == f->act.n_ops)
		return;
	f->verdict = OX_V_DOWN;
	f->n_mask_hit -= f->n_recirc; /* comes later */
	f->n_recirc = 0;
	memset(f->reason, 0, sizeof(f->reason));
	f->reason[OX_R_USER] = 1;
}

static void check_counters(const struct fx *f)
{
	struct ox_host_rx_out want;
	struct ox_dp_stats dp;
	struct ox_port_stats ps;

	fx_expect(f, &want);
	assert_int_equal(xdp_run_sum_dp(&tc, &dp), 0);
	assert_memory_equal(&dp, &want.dp, sizeof(dp));
	assert_true(xdp_run_is_clean(&tc));
	xdp_run_sum(&tc, XDP_FD(&tc, pstats), FX_IN, &ps, sizeof(ps));
	assert_memory_equal(&ps, &want.in, sizeof(ps));
	xdp_run_sum(&tc, XDP_FD(&tc, pstats), FX_OUT, &ps, sizeof(ps));
	assert_memory_equal(&ps, &want.out, sizeof(ps));
}

static int run_frame(const struct fx *f)
{
	static uint8_t out[PKT_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = f->in.b,
		    .data_size_in = f->in.len, .data_out = out,
		    .data_size_out = sizeof(out), .repeat = 1);

	if (bpf_prog_test_run_opts(tc.prog, &o))
		return -errno;
	if (f->verdict != OX_V_OUTPUT) {
		assert_int_equal(o.retval, TC_ACT_SHOT);
		return 0;
	}
	assert_int_equal(o.retval, TC_ACT_REDIRECT);
	assert_int_equal(o.data_size_out, f->out.len);
	assert_memory_equal(out, f->out.b, f->out.len);
	return 0;
}

/* Every other case begins in memory that is anything; the rest in what the case
 * before has left. */
static void dirty(void)
{
	static int n;

	if (n++ & 1)
		assert_int_equal(xdp_run_used(&tc, OX_PKT_USED), 0);
}

/* The datapath of a case, before its first frame. */
static void load_case(struct fx *f)
{
	uint32_t port = FX_IN, out = FX_OUT, lo = 1;
	static struct ox_cache cache;
	struct ox_mem *m = fx_memory(f);

	assert_non_null(m);
	assert_int_equal(xdp_run_fill(&tc, m, FX_MAX_FLOWS), 0);
	/* as the loader enters a port's device */
	if (m->ports[out].ifindex)
		bpf_map_update_elem(XDP_FD(&tc, skb_tx), &out, &lo, 0);
	else
		bpf_map_delete_elem(XDP_FD(&tc, skb_tx), &out);
	ox_mem_heap_free(m);
	fx_cache(f, &cache);
	assert_int_equal(xdp_run_put_all(&tc, XDP_FD(&tc, cache), 1, &cache,
					 sizeof(cache)),
			 0);
	if ((uint32_t)f->rx_hint == lo)
		bpf_map_delete_elem(XDP_FD(&tc, rxports), &lo);
	else
		bpf_map_update_elem(XDP_FD(&tc, rxports), &lo, &port, 0);
}

/* told: while somebody wants to know of drops. */
static void run_case(const struct fx_entry *e, bool told)
{
	static struct fx f;
	int i, err = 0;

	if (open_err == -EPERM)
		ox_skip("no privilege for bpf(2)");
	assert_int_equal(open_err, 0);
	fx_prepare(&f, e->fn);
	load_case(&f);
	expect_user(&f);
	drop_knob(&tc, told);
	for (i = 0; i < f.runs && !err; i++)
		err = run_frame(&f);
	assert_int_equal(err, 0);
	check_counters(&f);
	drop_check(&tc, &f, told);
}

static void run(void **state)
{
	if (!open_err)
		dirty();
	run_case(*state, false);
	run_case(*state, true);
}

/* What both have set off counts as one packet's work. */
static void assert_same_half(const void *is, const void *was)
{
	const struct {
		struct ox_run first;
		struct ox_work work;
		uint32_t rest[(OX_CPU_HALF - sizeof(struct ox_run) -
			       sizeof(struct ox_work)) /
			      4];
	} *a = is, *b = was;

	assert_memory_equal(&a->first, &b->first, sizeof(a->first));
	assert_memory_equal(a->rest, b->rest, sizeof(a->rest));
}

/* The same while another packet is under way on this CPU: its memory stays as
 * it is, but for what it costs. */
static void run_nested(void **state)
{
	size_t size = tc.n_cpus * sizeof(struct ox_cpu_mem);
	struct ox_cpu_mem *was = calloc(1, size), *is = calloc(1, size);
	uint32_t zero = 0;
	int i;

	if (!open_err) {
		assert_int_equal(xdp_run_used(&tc, OX_PKT_BUSY), 0);
		bpf_map_lookup_elem(XDP_FD(&tc, dpstats), &zero, was);
	}
	run_case(*state, false);
	bpf_map_lookup_elem(XDP_FD(&tc, dpstats), &zero, is);
	for (i = 0; i < tc.n_cpus; i++)
		assert_same_half(is[i].tc, was[i].tc);
	assert_int_equal(xdp_run_used(&tc, OX_PKT_USED), 0);
	free(was);
	free(is);
}

static uint32_t nested_now(void)
{
	struct ox_cpu_mem *mem = calloc(tc.n_cpus, sizeof(*mem));
	uint32_t zero = 0, nest = 0;

	bpf_map_lookup_elem(XDP_FD(&tc, dpstats), &zero, mem);
	for (int i = 0; i < tc.n_cpus; i++)
		nest += ((struct ox_cpu *)mem[i].tc)->nest;
	free(mem);
	return nest;
}

/* So many packets that came in are under way on each CPU. */
static void nested_put(uint32_t nest)
{
	struct ox_cpu_mem *mem = calloc(tc.n_cpus, sizeof(*mem));

	for (int i = 0; i < tc.n_cpus; i++) {
		struct ox_cpu *me = (void *)mem[i].tc;

		me->first.p.state = nest ? OX_PKT_BUSY : OX_PKT_USED;
		me->nest = nest ? nest - 1 : 0;
		me->top = me->nest;
	}
	assert_int_equal(xdp_run_put(XDP_FD(&tc, dpstats), 0, mem), 0);
	free(mem);
}

/* Packets that others set off, which are under way: up to a limit, one more
 * goes its way; beyond, it is dropped as a loop, and leaves the others alone.
 */
static void nest_limit(void **state)
{
	static struct fx f;
	struct ox_dp_stats dp;

	(void)state;
	if (open_err == -EPERM)
		ox_skip("no privilege for bpf(2)");
	fx_prepare(&f, fx_cases[0].fn);
	assert_int_equal(f.verdict, OX_V_OUTPUT);
	for (uint32_t nest = 0; nest <= OX_MAX_NEST; nest++) {
		bool fits = nest < OX_MAX_NEST;

		load_case(&f);
		nested_put(nest);
		f.verdict = fits ? OX_V_OUTPUT : OX_V_DROP;
		drop_knob(&tc, true);
		assert_int_equal(run_frame(&f), 0);
		assert_int_equal(xdp_run_sum_dp(&tc, &dp), 0);
		assert_int_equal(dp.n_hit + dp.n_missed, fits);
		assert_int_equal(dp.reason[OX_R_NEST], !fits);
		assert_int_equal(nested_now(),
				 (nest ? nest - 1 : 0) * (uint32_t)tc.n_cpus);
		/* it is dropped before it has a key */
		f.refused = !fits;
		drop_check(&tc, &f, true);
		f.refused = false;
	}
	nested_put(0);
	drop_knob(&tc, false);
}

static void drop_case(void (*check)(struct xdp_run *, const struct fx *))
{
	static struct fx f;

	if (open_err == -EPERM)
		ox_skip("no privilege for bpf(2)");
	fx_prepare(&f, case_drop_flow);
	load_case(&f);
	check(&tc, &f);
}

static void drops_limit(void **state)
{
	(void)state;
	drop_case(drop_check_limit);
}

static void drops_room(void **state)
{
	(void)state;
	drop_case(drop_check_room);
}

int main(void)
{
	static struct CMUnitTest tests[2 * FX_N_CASES + 3];
	static char ids[2 * FX_N_CASES][64];
	static struct fx f;
	size_t i, n = 0;

	for (i = 0; i < FX_N_CASES; i++) {
		fx_prepare(&f, fx_cases[i].fn);
		if (!is_here(&f))
			continue;
		snprintf(ids[n], sizeof(ids[n]), "tc.%s", fx_cases[i].id);
		tests[n].name = ids[n];
		tests[n].test_func = run;
		tests[n++].initial_state = (void *)(uintptr_t)&fx_cases[i];
		snprintf(ids[n], sizeof(ids[n]), "tc.nested.%s",
			 fx_cases[i].id);
		tests[n].name = ids[n];
		tests[n].test_func = run_nested;
		tests[n++].initial_state = (void *)(uintptr_t)&fx_cases[i];
	}
	tests[n].name = "tc.nest_limit";
	tests[n++].test_func = nest_limit;
	tests[n].name = "tc.drops_limit";
	tests[n++].test_func = drops_limit;
	tests[n].name = "tc.drops_room";
	tests[n++].test_func = drops_room;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("tc", tests, n, setup, teardown);
}
