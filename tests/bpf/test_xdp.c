// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_xdp.c - the fixture table through the XDP program: verdict, bytes,
 * metadata and counters. Each case runs with the frame in the linear part,
 * and again with nothing but 18 bytes there, where the kernel's
 * BPF_PROG_TEST_RUN can do that.
 */
#include "tests/lib/test.h"

#include <net/if.h>
#include <sched.h>
#include <linux/bpf.h>

#include "tests/bpf/cases.h"
#include "tests/bpf/drop_run.h"
#include "tests/bpf/xdp_run.h"

#define ROOM 64 /* metadata and pushed tags */

static struct xdp_run xdp;
static int open_err;
static bool no_short_linear;

/* What the programs keep in mind from packet to packet is a CPU's own. */
static int stay_here(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static int setup(void **state)
{
	struct ox_config c = { .max_masks = FX_MASKS,
			       .max_ports = FX_PORTS,
			       .n_buckets = FX_BUCKETS,
			       .chunk_shift = 8 };
	uint32_t port = FX_OUT, lo = 1;

	(void)state;

	libbpf_set_print(NULL);
	if (stay_here())
		return -1;
	open_err = xdp_run_open(&xdp, &c);
	if (!open_err)
		open_err = bpf_map_update_elem(XDP_FD(&xdp, tx), &port, &lo, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	xdp_run_close(&xdp);
	return 0;
}

/* Runs one frame, linear bytes of it in the linear part (0: all). */
static int run_frame(const struct fx *f, uint32_t linear, uint8_t *out,
		     uint32_t *out_len, uint32_t *verdict)
{
	struct xdp_md ctx = { .data_end = linear, .ingress_ifindex = 1 };
	struct xdp_md ctx_out;
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = f->in.b,
		    .data_size_in = f->in.len, .data_out = out,
		    .data_size_out = PKT_MAX + ROOM, .repeat = 1);

	if (linear) {
		o.ctx_in = &ctx;
		o.ctx_size_in = sizeof(ctx);
		o.ctx_out = &ctx_out;
		o.ctx_size_out = sizeof(ctx_out);
	}
	if (bpf_prog_test_run_opts(xdp.prog, &o))
		return -errno;
	*out_len = o.data_size_out;
	*verdict = o.retval;
	return 0;
}

static void check_md(const struct fx *f, const uint8_t *p)
{
	struct ox_upcall_md md;
	struct ox_key key = f->key;

	memcpy(&md, p, sizeof(md));
	assert_int_equal(md.magic, OX_MD_MAGIC);
	assert_int_equal(md.port_no, FX_IN);
	assert_int_equal(md.reason, f->arg);
	assert_int_equal(md.flow, f->miss ? OX_NONE : (uint32_t)f->n_more);
	if (f->arg == OX_UP_MISS)
		assert_int_equal(md.hash, ox_host_key_hash(&key));
	assert_int_equal(md.acts, fx_acts(f));
	assert_int_equal(md.pc, f->pc);
	assert_int_equal(!!(md.flags & OX_MD_STALE), f->stale);
}

static uint32_t xdp_action(const struct fx *f)
{
	static const uint32_t action[] = { [OX_V_PASS] = XDP_PASS,
					   [OX_V_DROP] = XDP_DROP,
					   [OX_V_OUTPUT] = XDP_REDIRECT,
					   [OX_V_USER] = XDP_REDIRECT,
					   [OX_V_DOWN] = XDP_PASS };

	if (f->verdict == OX_V_DOWN && f->no_skb_tier)
		return XDP_DROP;
	if (f->verdict == OX_V_DOWN && f->short_tag)
		return XDP_REDIRECT;
	return action[f->verdict];
}

/* Generic XDP hands a frame down with a tag around it: as the skb tier sees
 * it, in plain. */
static uint32_t unwrap(const struct ox_upcall_md *md, const uint8_t *out,
		       uint32_t len, uint8_t *plain)
{
	static const uint8_t tag[4] = { 0x81, 0x00, 0x00, 0x01 };

	memcpy(plain, out, 12);
	assert_in_range(len, OX_ETH_LEN, PKT_MAX);
	if (!(md->flags & OX_MD_WRAPPED)) {
		memcpy(plain + 12, out + 12, len - 12);
		return len;
	}
	assert_memory_equal(out + 12, tag, 4);
	memcpy(plain + 12, out + 16, len - 16);
	return len - 4;
}

static void check_frame(const struct fx *f, const uint8_t *out,
			uint32_t out_len, uint32_t verdict)
{
	const struct ox_upcall_md *md = (const void *)out;
	uint8_t plain[PKT_MAX];

	assert_int_equal(verdict, xdp_action(f));
	if (verdict == XDP_DROP)
		return;
	if (f->verdict == OX_V_USER || f->verdict == OX_V_DOWN) {
		assert_in_range(out_len, sizeof(struct ox_upcall_md), PKT_MAX);
		check_md(f, out);
		assert_int_equal(!!(md->flags & OX_MD_WRAPPED),
				 f->verdict == OX_V_DOWN && !f->short_tag &&
					 (f->in_flags & OX_PORT_GENERIC));
		out_len = unwrap(md, out + sizeof(*md), out_len - sizeof(*md),
				 plain);
		out = plain;
	}
	assert_int_equal(out_len, f->out.len);
	assert_memory_equal(out, f->out.b, f->out.len);
}

/* What only XDP counts: the way to the next tier. */
static void expect_down(const struct fx *f, struct ox_host_rx_out *want)
{
	if (f->verdict != OX_V_DOWN || f->short_tag)
		return;
	if (!f->no_skb_tier) {
		want->dp.reason[OX_R_SKB] += f->runs;
	} else if (f->arg == OX_UP_MISS) {
		want->dp.reason[OX_R_NO_SOCKET] += f->runs;
		want->dp.n_lost += f->runs;
	} else {
		want->dp.reason[OX_R_NO_TIER] += f->runs;
	}
}

static void check_counters(const struct fx *f)
{
	struct ox_host_rx_out want;
	struct ox_dp_stats dp;
	struct ox_port_stats ps;
	struct ox_flow_stats fs;
	uint32_t flow, i;
	uint64_t hits, all = 0;

	fx_expect(f, &want);
	expect_down(f, &want);
	assert_int_equal(xdp_run_sum_dp(&xdp, &dp), 0);
	assert_memory_equal(&dp, &want.dp, sizeof(dp));
	assert_int_equal(xdp_run_rest(&xdp), f->cache_rest);
	assert_true(xdp_run_is_clean(&xdp));
	xdp_run_sum(&xdp, XDP_FD(&xdp, pstats), FX_IN, &ps, sizeof(ps));
	assert_memory_equal(&ps, &want.in, sizeof(ps));
	xdp_run_sum(&xdp, XDP_FD(&xdp, pstats), FX_OUT, &ps, sizeof(ps));
	assert_memory_equal(&ps, &want.out, sizeof(ps));

	/* the flow that is hit is the last one installed */
	flow = f->n_more - (f->no_flow ? 1 : 0);
	if (f->n_more || !f->no_flow) {
		xdp_run_sum_flow(&xdp, flow, &fs);
		assert_int_equal(!!fs.used, !!want.flow_stats.packets);
		fs.used = 0;
		/* ORed, but summed over CPUs here: one CPU at a time */
		assert_int_equal(fs.packets, want.flow_stats.packets);
		assert_int_equal(fs.bytes, want.flow_stats.bytes);
		if (f->runs == 1)
			assert_int_equal(fs.tcp_flags,
					 want.flow_stats.tcp_flags);
	}
	/* hits of masks: of the loop, not of the cache */
	for (i = 0; i < FX_MASKS; i++) {
		xdp_run_sum(&xdp, XDP_FD(&xdp, mask_hits), i, &hits, 8);
		all += hits;
	}
	assert_int_equal(all, want.dp.n_hit - want.dp.n_cache_hit);
}

/* Returns -EINVAL where the kernel can't split frames so. told: while somebody
 * wants to know of drops. */
static int run_case(const struct fx *f, uint32_t linear, bool told)
{
	static uint8_t out[PKT_MAX + ROOM];
	static struct ox_cache cache;
	static int n_runs;
	uint32_t lo = 1, port = FX_IN, len = 0, verdict = 0;
	struct ox_mem *m = fx_memory(f);
	int i, err = 0;

	assert_non_null(m);
	assert_int_equal(xdp_run_fill(&xdp, m, FX_MAX_FLOWS), 0);
	ox_mem_heap_free(m);
	fx_cache(f, &cache);
	assert_int_equal(xdp_run_put_all(&xdp, XDP_FD(&xdp, cache), 1, &cache,
					 sizeof(cache)),
			 0);
	/* every other run begins in memory that is anything; the rest in what
	 * the one before has left */
	if (n_runs++ & 1)
		assert_int_equal(xdp_run_used(&xdp, OX_PKT_USED), 0);
	if (f->no_in_port || (uint32_t)f->rx_hint == lo)
		bpf_map_delete_elem(XDP_FD(&xdp, rxports), &lo);
	else
		bpf_map_update_elem(XDP_FD(&xdp, rxports), &lo, &port, 0);
	drop_knob(&xdp, told);
	for (i = 0; i < f->runs && !err; i++) {
		err = run_frame(f, linear, out, &len, &verdict);
		if (!err)
			check_frame(f, out, len, verdict);
	}
	if (err)
		return err;
	check_counters(f);
	drop_check(&xdp, f, told);
	return 0;
}

/* XDP doesn't begin with the list. */
static void expect_untouched(struct fx *f)
{
	f->out = f->in;
	memset(f->reason, 0, sizeof(f->reason));
	fx_down_at(f, 0);
}

static void run(void **state)
{
	const struct fx_entry *e = *state;
	static struct fx f;
	int err;

	if (open_err == -EPERM)
		ox_skip("no privilege for bpf(2)");
	assert_int_equal(open_err, 0);
	fx_prepare(&f, e->fn);
	if (f.user_only)
		expect_untouched(&f);
	assert_int_equal(run_case(&f, 0, false), 0);
	assert_int_equal(run_case(&f, 0, true), 0);
	/* one tag more than the kernel wants to keep in the linear part */
	if (no_short_linear || f.in.len <= OX_ETH_LEN + OX_VLAN_LEN)
		return;
	if (f.no_room)
		expect_untouched(&f);
	err = run_case(&f, OX_ETH_LEN + OX_VLAN_LEN, true);
	if (err == -EINVAL) {
		no_short_linear = true;
		printf("# this kernel's test run has no short linear part\n");
		return;
	}
	assert_int_equal(err, 0);
}

static void drop_case(void **state,
		      void (*check)(struct xdp_run *, const struct fx *))
{
	static struct fx f;

	(void)state;
	if (open_err == -EPERM)
		ox_skip("no privilege for bpf(2)");
	assert_int_equal(open_err, 0);
	fx_prepare(&f, case_drop_flow);
	assert_int_equal(run_case(&f, 0, true), 0);
	check(&xdp, &f);
}

static void drops_limit(void **state)
{
	drop_case(state, drop_check_limit);
}

static void drops_room(void **state)
{
	drop_case(state, drop_check_room);
}

int main(void)
{
	static struct CMUnitTest tests[FX_N_CASES + 2];
	static char ids[FX_N_CASES][64];
	size_t i;

	for (i = 0; i < FX_N_CASES; i++) {
		snprintf(ids[i], sizeof(ids[i]), "bpf.%s", fx_cases[i].id);
		tests[i].name = ids[i];
		tests[i].test_func = run;
		tests[i].initial_state = (void *)(uintptr_t)&fx_cases[i];
	}
	tests[i].name = "bpf.drops_limit";
	tests[i++].test_func = drops_limit;
	tests[i].name = "bpf.drops_room";
	tests[i++].test_func = drops_room;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("xdp", tests, i, setup, teardown);
}
