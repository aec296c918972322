// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_loader_meters.c - meters on the heap (tests/lib/mem_heap.c): other
 * tests and the loader's rely on their being those of the module.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "tests/lib/mem_heap.h"

static struct ox_mem *mem_new(uint64_t now_ms)
{
	struct ox_mem *m = NULL;

	assert_int_equal(ox_mem_heap_new(NULL, &m), 0);
	ox_mem_heap(m)->now_ms = now_ms;
	return m;
}

static void meter_ops(void **state)
{
	const struct ox_meter mt = { .rate = 5, .lock = 1 };
	struct ox_mem *m = mem_new(0);
	struct ox_meter got;
	uint32_t i;

	(void)state;
	assert_int_equal(m->ops->meter_get(m, 0, &got), -ENOENT);
	assert_int_equal(m->ops->meter_del(m, 0), -ENOENT);
	assert_int_equal(m->ops->meter_run(m, 0, 100), 0);
	for (i = 0; i < OX_HEAP_METERS; i++)
		assert_int_equal(m->ops->meter_set(m, i * 1000, &mt), 0);
	assert_int_equal(m->ops->meter_set(m, 1, &mt), -ENOSPC);
	assert_int_equal(m->ops->meter_set(m, 1000, &mt), 0);
	assert_int_equal(m->ops->meter_get(m, 1000, &got), 0);
	assert_int_equal(got.rate, 5);
	assert_int_equal(got.lock, 0);
	assert_int_equal(m->ops->meter_del(m, 1000), 0);
	assert_int_equal(m->ops->meter_get(m, 1000, &got), -ENOENT);
	assert_int_equal(m->ops->meter_set(m, 1, &mt), 0);
	ox_mem_heap_free(m);
}

/* 10 packets a second, 2 at once. */
static void meter_packets(void **state)
{
	const struct ox_meter mt = {
		.flags = OX_METER_BAND,
		.rate = 10,
		.burst = 2,
		.bucket = 2000,
		.max_delta_t = 200,
		.used = 5000,
	};
	struct ox_mem *m = mem_new(5000);
	struct ox_meter got;

	(void)state;
	assert_int_equal(m->ops->meter_set(m, 1, &mt), 0);
	assert_int_equal(m->ops->meter_run(m, 1, 100), 0);
	assert_int_equal(m->ops->meter_run(m, 1, 100), 0);
	assert_int_equal(m->ops->meter_run(m, 1, 100), 1);
	ox_mem_heap(m)->now_ms += 99;
	assert_int_equal(m->ops->meter_run(m, 1, 100), 1);
	ox_mem_heap(m)->now_ms += 1; /* one packet's worth in all */
	assert_int_equal(m->ops->meter_run(m, 1, 100), 0);
	assert_int_equal(m->ops->meter_run(m, 1, 100), 1);
	ox_mem_heap(m)->now_ms -= 50; /* another CPU's clock */
	assert_int_equal(m->ops->meter_run(m, 1, 100), 1);
	ox_mem_heap(m)->now_ms += 1000000; /* two, not 10,000 */
	assert_int_equal(m->ops->meter_run(m, 1, 100), 0);
	assert_int_equal(m->ops->meter_run(m, 1, 100), 0);
	assert_int_equal(m->ops->meter_run(m, 1, 100), 1);
	assert_int_equal(m->ops->meter_get(m, 1, &got), 0);
	assert_int_equal(got.packets, 10);
	assert_int_equal(got.bytes, 1000);
	assert_int_equal(got.band_packets, 5);
	assert_int_equal(got.band_bytes, 500);
	assert_int_equal(got.used, 1005050);
	ox_mem_heap_free(m);
}

/* 8 kbit/s are 1000 bytes a second; 1000 bytes at once. */
static void meter_bits(void **state)
{
	const struct ox_meter mt = {
		.flags = OX_METER_BAND | OX_METER_KBPS,
		.rate = 8,
		.burst = 8,
		.bucket = 8000,
		.max_delta_t = 1000,
	};
	struct ox_mem *m = mem_new(0);

	(void)state;
	assert_int_equal(m->ops->meter_set(m, 1, &mt), 0);
	assert_int_equal(m->ops->meter_run(m, 1, 900), 0);
	assert_int_equal(m->ops->meter_run(m, 1, 101), 1);
	assert_int_equal(m->ops->meter_run(m, 1, 100), 0);
	ox_mem_heap(m)->now_ms = 499;
	assert_int_equal(m->ops->meter_run(m, 1, 500), 1);
	ox_mem_heap(m)->now_ms = 500;
	assert_int_equal(m->ops->meter_run(m, 1, 500), 0);
	assert_int_equal(m->ops->meter_run(m, 1, 1), 1);
	ox_mem_heap_free(m);
}

/* Without a band, with one that only counts, with one of rate 0. */
static void meter_passes(void **state)
{
	struct ox_meter mt = { .rate = 1, .burst = 1 };
	struct ox_mem *m = mem_new(0);
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		mt.flags = i ? OX_METER_BAND : 0;
		mt.flags |= i == 1 ? OX_METER_NO_DROP : 0;
		mt.rate = i < 2;
		assert_int_equal(m->ops->meter_set(m, 1, &mt), 0);
		assert_int_equal(m->ops->meter_run(m, 1, 10), 0);
		assert_int_equal(m->ops->meter_run(m, 1, 10), 0);
		assert_int_equal(ox_mem_heap(m)->meters[0].meter.packets, 2);
		assert_int_equal(ox_mem_heap(m)->meters[0].meter.band_packets,
				 i == 1 ? 2 : 0);
	}
	ox_mem_heap_free(m);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.loader.meter.ops", meter_ops),
	OX_TEST("unit.loader.meter.packets", meter_packets),
	OX_TEST("unit.loader.meter.bits", meter_bits),
	OX_TEST("unit.loader.meter.passes", meter_passes),
};

OX_TEST_MAIN(tests)
