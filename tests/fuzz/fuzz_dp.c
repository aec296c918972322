// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_dp.c - arbitrary attributes of "ovs_datapath": as a request (decoded,
 * then applied to a datapath on the heap) and as a reply (decoded, put again,
 * decoded again: the same).
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/codec/codec_dp.h"
#include "control/datapath/datapath.h"
#include "tests/lib/mem_heap.h"

static struct ox_datapaths all;
static struct ox_datapath dp = { .all = &all };

static void must(int cond)
{
	if (!cond)
		abort();
}

static void request(const struct nlattr **tb, const void *buf, size_t len)
{
	const struct ox_config *c = dp.mem->config;
	struct ox_dp_change ch = { 0 };
	struct ox_dp_attrs a;

	ox_dp_attrs_get(tb, buf, len, &a);
	must(!a.name || strlen(a.name) < OX_NAME_LEN);
	must(a.ifindex <= INT32_MAX);
	ch.has_features = a.has_features;
	ch.features = a.features;
	ch.has_cache = a.has_cache;
	ch.cache_size = a.cache_size;
	ch.has_cpu_pids = a.cpu_pids;
	ch.cpu_pids = a.cpu_pids;
	ch.cpu_pids_len = a.cpu_pids_len;
	ox_datapath_change(&dp, &ch, NULL);
	must(c->cache_size <= OX_CACHE_MAX &&
	     !(c->cache_size & (c->cache_size - 1)));
	must(!(c->user_features & ~0xfu) && c->n_cpu_pids <= OX_CPU_PIDS);
}

static void reply(const struct nlattr **tb)
{
	const struct nlattr *again[OX_DP_ATTR_MAX + 1];
	uint8_t out[70000];
	struct ox_nlbuf b = { .data = out, .size = sizeof(out) };
	struct ox_dp_info i, j;
	struct ox_err e = { 0 };

	if (ox_dp_info_get(tb, &i))
		return;
	must(!ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL));
	must(!ox_dp_info_put(&b, &i));
	ox_nl_end(&b);
	must(!ox_attrs_parse(out, out + 20, b.len - 20, ox_dp_policy,
			     OX_DP_ATTR_MAX, again, &e));
	must(!ox_dp_info_get(again, &j));
	must(!strcmp(i.name, j.name) && i.n_cpu_pids == j.n_cpu_pids);
	must(!memcmp(&i.stats, &j.stats, sizeof(i.stats)));
	must(!memcmp(&i.megaflow, &j.megaflow, sizeof(i.megaflow)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nlattr *tb[OX_DP_ATTR_MAX + 1];
	struct ox_err e = { 0 };
	uint8_t *copy = malloc(size + 1); /* aligned, and its end is watched */

	if (!dp.mem && ox_mem_heap_new(NULL, &dp.mem))
		abort();
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	if (!ox_attrs_parse(copy, copy, size, ox_dp_policy, OX_DP_ATTR_MAX, tb,
			    &e)) {
		request(tb, copy, size);
		reply(tb);
	}
	free(copy);
	return 0;
}
