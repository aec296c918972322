// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_datapath.c - what OVS_DP_CMD_NEW and _SET may change, and lookup, on
 * heap memory.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/datapath/datapath.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/mem_heap.h"

struct fixture {
	struct ox_datapaths all;
	struct ox_datapath dp[2];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	for (int i = 0; i < 2; i++) {
		f->dp[i].all = &f->all;
		f->dp[i].ports = &f->all.ports;
		f->dp[i].ifindex = 10 + i;
		sprintf(f->dp[i].name, "br%d", i);
		if (ox_mem_heap_new(NULL, &f->dp[i].mem))
			return -1;
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ox_mem_heap_free(f->dp[0].mem);
	ox_mem_heap_free(f->dp[1].mem);
	free(f);
	return 0;
}

static void lookup(void **state)
{
	struct fixture *f = *state;
	uint32_t gen = f->all.generation;

	ox_datapath_link(&f->dp[0]);
	ox_datapath_link(&f->dp[1]);
	assert_int_not_equal(gen, f->all.generation);
	/* dumps list them in the order of creation */
	assert_ptr_equal(ox_datapath_first(&f->all), &f->dp[0]);
	assert_ptr_equal(ox_datapath_by_ifindex(&f->all, 11), &f->dp[1]);
	assert_ptr_equal(ox_datapath_by_name(&f->all, "br0"), &f->dp[0]);
	assert_null(ox_datapath_by_ifindex(&f->all, 0));
	assert_null(ox_datapath_by_name(&f->all, "br"));
}

static int features(struct fixture *f, uint32_t bits)
{
	const struct ox_dp_change ch = { .has_features = true,
					 .features = bits };

	return ox_datapath_change(&f->dp[0], &ch, NULL);
}

static void user_features(void **state)
{
	struct fixture *f = *state;
	const struct ox_config *c = f->dp[0].mem->config;
	const struct ox_dp_change nothing = { 0 };

	assert_int_equal(features(f, 0xf), 0);
	assert_int_equal(c->user_features, 0xf);
	assert_int_equal(features(f, 0x10), -EOPNOTSUPP);
	assert_int_equal(features(f, 0x80000001), -EOPNOTSUPP);
	/* ovsxdpd --upcall-dispatch=per-vport */
	f->dp[0].all->opt.no_features = OVS_DP_F_DISPATCH_UPCALL_PER_CPU;
	assert_int_equal(features(f, OVS_DP_F_DISPATCH_UPCALL_PER_CPU),
			 -EOPNOTSUPP);
	assert_int_equal(features(f, OVS_DP_F_VPORT_PIDS), 0);
	f->dp[0].all->opt.no_features = 0;
	assert_int_equal(features(f, 0xf), 0);
	assert_int_equal(c->user_features, 0xf);
	/* a change that doesn't name them drops them: ovs_dp_change() */
	assert_int_equal(ox_datapath_change(&f->dp[0], &nothing, NULL), 0);
	assert_int_equal(c->user_features, 0);
}

static int cache(struct fixture *f, uint32_t size)
{
	const struct ox_dp_change ch = { .has_cache = true,
					 .cache_size = size };
	struct ox_err e = { 0 };
	int err = ox_datapath_change(&f->dp[0], &ch, &e);

	assert_true(!err || e.msg[0]);
	return err;
}

static void cache_size(void **state)
{
	struct fixture *f = *state;
	const struct ox_config *c = f->dp[0].mem->config;

	assert_int_equal(cache(f, 512), 0);
	assert_int_equal(c->cache_size, 512);
	assert_int_equal(cache(f, 513), -EINVAL);
	assert_int_equal(cache(f, OX_CACHE_MAX * 2), -EINVAL);
	assert_int_equal(c->cache_size, 512);
	assert_int_equal(cache(f, OX_CACHE_MAX), 0);
	assert_int_equal(cache(f, 0), 0);
	assert_int_equal(c->cache_size, 0);
}

static int cpu_pids(struct fixture *f, uint32_t bits, const void *pids,
		    uint32_t len)
{
	const struct ox_dp_change ch = {
		.has_features = true,
		.features = bits,
		.has_cpu_pids = true,
		.cpu_pids = pids,
		.cpu_pids_len = len,
	};

	return ox_datapath_change(&f->dp[0], &ch, NULL);
}

static void per_cpu_pids(void **state)
{
	struct fixture *f = *state;
	const struct ox_config *c = f->dp[0].mem->config;
	const uint32_t bit = OVS_DP_F_DISPATCH_UPCALL_PER_CPU;
	static const uint32_t pids[OX_CPU_PIDS + 1] = { 5, 6, 7 };

	/* without the feature they are not looked at */
	assert_int_equal(cpu_pids(f, 0, pids, 3), 0);
	assert_int_equal(c->n_cpu_pids, 0);
	assert_int_equal(cpu_pids(f, bit, pids, 3), -EINVAL);
	assert_int_equal(cpu_pids(f, bit, pids, 0), -EINVAL);
	assert_int_equal(cpu_pids(f, bit, pids, sizeof(pids)), -E2BIG);
	assert_int_equal(cpu_pids(f, bit, pids, 12), 0);
	assert_int_equal(c->n_cpu_pids, 3);
	assert_memory_equal(c->cpu_pids, pids, 12);
}

static const struct CMUnitTest tests[] = {
	OX_TEST_WITH("unit.datapath.lookup", lookup, setup, teardown),
	OX_TEST_WITH("unit.datapath.user_features", user_features, setup,
		     teardown),
	OX_TEST_WITH("unit.datapath.cache_size", cache_size, setup, teardown),
	OX_TEST_WITH("unit.datapath.per_cpu_pids", per_cpu_pids, setup,
		     teardown),
};

OX_TEST_MAIN(tests)
