// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_loader_meters.c - meters and sets of devices in a datapath's maps. The
 * program's token bucket is held against the one of tests/lib. Needs root and
 * a bpffs.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <net/if.h>
#include <bpf/bpf.h>

#include "loader/priv.h"
#include "tests/lib/mem_heap.h"
#include "tests/lib/dp.h"
#include "tests/lib/netns.h"

static struct ox_err err;

/* 10 packets a second, 3 at once; full. */
static const struct ox_meter ten = {
	.flags = OX_METER_BAND,
	.rate = 10,
	.burst = 3,
	.bucket = 3000,
	.max_delta_t = 300,
};

static void meters_ops(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("mops");
	struct ox_mem *m = ox_dp_mem(dp);
	struct ox_meter got, mt = ten;

	(void)state;
	mt.used = 77;
	mt.band_bytes = 78;
	mt.lock = 1; /* nobody's business */
	assert_int_equal(m->ops->meter_get(m, 5, &got), -ENOENT);
	assert_int_equal(m->ops->meter_del(m, 5), -ENOENT);
	assert_int_equal(m->ops->meter_set(m, 5, &mt), 0);
	assert_int_equal(m->ops->meter_get(m, 5, &got), 0);
	mt.lock = 0;
	assert_memory_equal(&got, &mt, sizeof(mt));
	/* replaced whole, by another handle's eyes as well */
	mt.rate = 20;
	mt.packets = 0;
	assert_int_equal(m->ops->meter_set(m, 5, &mt), 0);
	assert_int_equal(m->ops->meter_set(m, 0xfffffffe, &ten), 0);
	assert_int_equal(m->ops->meter_get(m, 5, &got), 0);
	assert_memory_equal(&got, &mt, sizeof(mt));
	assert_int_equal(m->ops->meter_del(m, 5), 0);
	assert_int_equal(m->ops->meter_get(m, 5, &got), -ENOENT);
	assert_int_equal(m->ops->meter_get(m, 0xfffffffe, &got), 0);
	ox_test_dp_end(dp, "mops");
}

static void meters_full(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("mfull");
	struct ox_mem *m = ox_dp_mem(dp);
	uint32_t i;

	(void)state;
	for (i = 0; i < OX_MAX_METERS; i++)
		if (m->ops->meter_set(m, i, &ten))
			break;
	assert_int_equal(i, OX_MAX_METERS);
	assert_int_equal(m->ops->meter_set(m, i, &ten), -ENOSPC);
	assert_int_equal(m->ops->meter_set(m, 7, &ten), 0);
	assert_int_equal(m->ops->meter_del(m, 8), 0);
	assert_int_equal(m->ops->meter_set(m, i, &ten), 0);
	ox_test_dp_end(dp, "mfull");
}

static void meters_run(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("mrun");
	struct ox_mem *m = ox_dp_mem(dp);
	struct ox_meter got, mt = ten;
	int i;

	(void)state;
	assert_int_equal(m->ops->meter_run(m, 1, 100), 0); /* no meter */
	mt.max_delta_t = 0;				   /* no time passes */
	assert_int_equal(m->ops->meter_set(m, 1, &mt), 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(m->ops->meter_run(m, 1, 100), i >= 3);
	/* the next daemon's datapath has the same meter and program */
	ox_dp_close(dp);
	assert_int_equal(ox_dp_open(ox_test_dp_root(), "mrun", &dp, &err), 0);
	m = ox_dp_mem(dp);
	assert_int_equal(m->ops->meter_run(m, 1, 60000), 1);
	assert_int_equal(m->ops->meter_get(m, 1, &got), 0);
	assert_int_equal(got.packets, 6);
	assert_int_equal(got.bytes, 60500);
	assert_int_equal(got.band_packets, 3);
	assert_int_equal(got.band_bytes, 60200);
	assert_int_equal(got.bucket, 0);
	assert_true(got.used > 0);
	ox_test_dp_end(dp, "mrun");
}

/* Small numbers, so that limits are met often. */
static void meter_random(struct ox_meter *mt)
{
	memset(mt, 0, sizeof(*mt));
	mt->flags = (uint32_t)rand() % 8;
	mt->rate = (uint32_t)rand() % 8;
	mt->burst = (uint32_t)rand() % 4;
	mt->bucket = (uint64_t)rand() % 3000;
	mt->max_delta_t = (uint64_t)rand() % 300;
}

/* The clocks can't be the same, so each packet comes long after the last:
 * the time is then max_delta_t in both. */
static void meters_same(void **state)
{
	struct ox_dp *dp = ox_test_dp_new("same");
	struct ox_mem *m = ox_dp_mem(dp), *h = NULL;
	int i, j, drops = 0;

	(void)state;
	srand(1);
	assert_int_equal(ox_mem_heap_new(NULL, &h), 0);
	ox_mem_heap(h)->now_ms = 1000000;
	for (i = 0; i < 300; i++) {
		struct ox_meter a, b;

		meter_random(&a);
		b = a;
		for (j = 0; j < 6; j++) {
			uint32_t len = (uint32_t)rand() % 200;
			int drop;

			a.used = b.used = 0;
			assert_int_equal(m->ops->meter_set(m, 9, &a), 0);
			assert_int_equal(h->ops->meter_set(h, 9, &b), 0);
			drop = h->ops->meter_run(h, 9, len);
			assert_int_equal(m->ops->meter_run(m, 9, len), drop);
			drops += drop;
			assert_int_equal(m->ops->meter_get(m, 9, &a), 0);
			assert_int_equal(h->ops->meter_get(h, 9, &b), 0);
			assert_true(a.used > 0);
			a.used = b.used;
			if (!(a.flags & OX_METER_BAND) || !a.rate)
				a.bucket = b.bucket; /* nobody sees it */
			assert_memory_equal(&a, &b, sizeof(a));
		}
	}
	assert_true(drops > 50 && drops < 1700);
	ox_mem_heap_free(h);
	ox_test_dp_end(dp, "same");
}

static uint32_t member(int set_fd, uint32_t port_no)
{
	uint32_t ifindex = 0;

	if (bpf_map_lookup_elem(set_fd, &port_no, &ifindex))
		return 0;
	return ifindex;
}

static int group_set(struct ox_mem *m, uint32_t slot, const uint32_t *ports,
		     uint32_t n)
{
	const struct ox_group_ports g = { slot, n, ports };

	return m->ops->groups_set(m, &g, 1);
}

static void groups_set(void **state)
{
	static const uint32_t ports[] = { 3, 63, 7 }, bad[] = { 3, 64 };
	struct ox_group_ports many[OX_GROUPS_AT_ONCE + 1];
	struct ox_dp *dp = ox_test_dp_new("grp");
	struct ox_mem *m = ox_dp_mem(dp);
	int fd;

	(void)state;
	assert_int_equal(ox_test_veth("g0", "g1"), 0);
	m->ports[3].ifindex = if_nametoindex("g0");
	m->ports[63].ifindex = if_nametoindex("g1");
	assert_int_equal(group_set(m, 1023, ports, 3), 0);
	fd = ox_outer_get(dp->map_fd[OX_M_GROUPS], 1023);
	assert_true(fd >= 0);
	assert_int_equal(member(fd, 3), if_nametoindex("g0"));
	assert_int_equal(member(fd, 63), if_nametoindex("g1"));
	assert_int_equal(member(fd, 7), 0); /* no such port */
	close(fd);
	/* another in its place */
	assert_int_equal(group_set(m, 1023, ports + 1, 1), 0);
	fd = ox_outer_get(dp->map_fd[OX_M_GROUPS], 1023);
	assert_int_equal(member(fd, 3), 0);
	assert_int_equal(member(fd, 63), if_nametoindex("g1"));
	close(fd);
	assert_int_equal(group_set(m, 0, bad, 2), -EINVAL);
	assert_int_equal(group_set(m, OX_MAX_GROUPS, ports, 1), -EINVAL);
	assert_int_equal(group_set(m, 0, ports, OX_GROUP_PORTS + 1), -EINVAL);
	assert_int_equal(ox_test_run("ip link del g0"), 0);
	assert_int_equal(group_set(m, 0, ports, 1), 0);
	fd = ox_outer_get(dp->map_fd[OX_M_GROUPS], 0);
	assert_int_equal(member(fd, 3), 0);
	close(fd);
	/* many at once */
	assert_int_equal(ox_test_veth("g0", "g1"), 0);
	m->ports[63].ifindex = if_nametoindex("g1");
	for (uint32_t i = 0; i <= OX_GROUPS_AT_ONCE; i++)
		many[i] = (struct ox_group_ports){ 100 + i, 2, ports };
	assert_int_equal(m->ops->groups_set(m, many, OX_GROUPS_AT_ONCE + 1),
			 -EINVAL);
	assert_int_equal(m->ops->groups_set(m, many, OX_GROUPS_AT_ONCE), 0);
	for (int i = 0; i < OX_GROUPS_AT_ONCE; i++) {
		fd = ox_outer_get(dp->map_fd[OX_M_GROUPS], 100 + i);
		assert_int_equal(member(fd, 63), if_nametoindex("g1"));
		close(fd);
	}
	assert_int_equal(ox_test_run("ip link del g0"), 0);
	ox_test_dp_end(dp, "grp");
}

static const struct CMUnitTest tests[] = {
	OX_TEST("loader.meters.ops", meters_ops),
	OX_TEST("loader.meters.full", meters_full),
	OX_TEST("loader.meters.run", meters_run),
	OX_TEST("loader.meters.same", meters_same),
	OX_TEST("loader.groups.set", groups_set),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, ox_test_dp_setup,
				      ox_test_dp_cleanup);
}
