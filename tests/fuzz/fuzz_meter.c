// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_meter.c - arbitrary attributes of "ovs_meter" as a request. A meter
 * that is accepted keeps its promises in the token bucket, whatever lengths
 * packets have and however they come: no more passes than burst and rate
 * allow. Input: attributes; their last bytes are the packets' too.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/codec/codec_meter.h"
#include "tests/lib/mem_heap.h"

#define ID 7

static struct ox_mem *mem;

static void must(int cond)
{
	if (!cond)
		abort();
}

static void sane(const struct ox_meter *m)
{
	if (!(m->flags & OX_METER_BAND)) {
		must(!m->rate && !m->burst && !m->bucket);
		return;
	}
	must(m->rate);
	must(m->bucket == (uint64_t)m->burst * 1000);
	must(m->max_delta_t == m->bucket / m->rate);
}

/* What has been counted fits together, and so does its reply. */
static void reply(const struct ox_meter *m)
{
	const struct nlattr *tb[OVS_METER_ATTR_MAX + 1];
	uint8_t out[256];
	struct ox_nlbuf b = { .data = out, .size = sizeof(out) };

	must(!ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL));
	must(!ox_meter_stats_put(&b, ID, m));
	ox_nl_end(&b);
	must(!ox_attrs_parse(out, out + 20, b.len - 20, ox_meter_policy,
			     OVS_METER_ATTR_MAX, tb, NULL));
	must(mnl_attr_get_u32(tb[OVS_METER_ATTR_ID]) == ID);
	must(mnl_attr_get_payload_len(tb[OVS_METER_ATTR_BANDS]) ==
	     (m->flags & OX_METER_BAND ? 24 : 0));
}

/* A packet for each byte, which says how long it is and how late. */
static void packets(const struct ox_meter *made, const uint8_t *p, size_t n)
{
	struct ox_mem_heap *h = ox_mem_heap(mem);
	uint64_t bytes = 0, dropped = 0, passed = 0, start = made->used;
	struct ox_meter m;

	h->now_ms = start;
	must(!mem->ops->meter_set(mem, ID, made));
	for (size_t i = 0; i < n; i++) {
		uint32_t len = 14 + (p[i] >> 4) * 200u;

		h->now_ms += p[i] & 15;
		bytes += len;
		if (mem->ops->meter_run(mem, ID, len) > 0)
			dropped++;
		else
			passed += made->flags & OX_METER_KBPS ? len * 8 : 1000;
	}
	must(!mem->ops->meter_get(mem, ID, &m));
	must(m.packets == made->packets + n);
	must(m.bytes == made->bytes + bytes);
	must(m.bucket <= (uint64_t)m.burst * 1000);
	must(m.band_packets >= dropped);
	if (!(m.flags & OX_METER_BAND) || (m.flags & OX_METER_NO_DROP))
		must(!dropped);
	else
		must(passed <=
		     (uint64_t)m.burst * 1000 + (h->now_ms - start) * m.rate);
	reply(&m);
	must(!mem->ops->meter_del(mem, ID));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nlattr *tb[OVS_METER_ATTR_MAX + 1];
	struct ox_meter m;
	struct ox_err e = { 0 };
	size_t n = size < 16 ? size : 16;
	uint8_t *copy;

	if (!mem && ox_mem_heap_new(NULL, &mem))
		abort();
	copy = malloc(size + 1); /* aligned as messages are */
	must(copy != NULL);
	memcpy(copy, data, size);
	if (!ox_attrs_parse(copy, copy, size, ox_meter_policy,
			    OVS_METER_ATTR_MAX, tb, &e) &&
	    !ox_meter_decode(tb, 1, &m)) {
		sane(&m);
		reply(&m);
		packets(&m, copy + size - n, n);
	}
	free(copy);
	return 0;
}
