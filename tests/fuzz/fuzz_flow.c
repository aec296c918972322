// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_flow.c - sequences of ovs_flow requests on a flow table in memory, which
 * are decoded, carried out and written back. At the end all parts of the table
 * must agree, also for the next daemon.
 *
 * Input, repeated: command (1 byte: what ox_flow_decode() shall want, in bits
 * 0-1), 1 byte unused, length (2 bytes), attributes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/codec/codec_flow.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/mem_heap.h"

static struct ox_mem *m;
static struct ox_table *t;

static void start(void)
{
	struct ox_mem_heap_params p = {
		.max_flows = 16,
		.max_masks = 6,
		.chunk_shift = 3,
		.n_buckets = 2,
		.max_acts_chunks = 1,
	};

	if (ox_mem_heap_new(&p, &m) || ox_table_open(m, &t, NULL))
		abort();
}

static void write_flow(uint32_t flow, uint32_t ufid_flags)
{
	static uint8_t data[1 << 17], nla[OX_TABLE_MAX_NLA];
	struct ox_nlbuf b = { .data = data, .size = sizeof(data) };
	const struct ox_uflow *u = ox_mem_uflow(m, flow);
	struct ox_flow_stats stats;
	struct ox_tun tun, tun_mask;
	struct ox_key mask;
	struct ox_flow_view v = { .ufid = u->ufid,
				  .ufid_len = u->ufid_len,
				  .key = &u->key,
				  .mask = &mask,
				  .tun = &tun,
				  .tun_mask = &tun_mask,
				  .stats = &stats,
				  .nla = nla };
	void *hdr;

	ox_table_mask(t, flow, &mask, &tun_mask);
	ox_table_tun(t, flow, &tun);
	v.nla_len = ox_table_actions(t, flow, nla, sizeof(nla));
	if (ox_table_stats(t, flow, &stats) ||
	    ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 4, &hdr) ||
	    ox_flow_put(&b, &v, ufid_flags))
		abort();
	ox_nl_end(&b);
}

static uint32_t find(const struct ox_flow_request *rq)
{
	if (rq->spec.ufid_len)
		return ox_table_find_ufid(t, rq->spec.ufid, rq->spec.ufid_len);
	return ox_table_find_key(t, &rq->spec.key, &rq->spec.tun);
}

static void carry_out(enum ox_flow_want want, struct ox_flow_request *rq)
{
	uint32_t flow = find(rq);

	if (want == OX_FLOW_WANT_ALL) {
		if (flow == OX_NONE)
			flow = ox_table_lookup(t, &rq->spec.key, &rq->spec.tun);
		if (flow == OX_NONE)
			ox_table_insert(t, &rq->spec, &flow, NULL);
		else
			ox_table_set_actions(t, flow, rq->spec.actions, NULL);
	} else if (want == OX_FLOW_WANT_ANY && flow != OX_NONE) {
		ox_table_remove(t, flow);
		return;
	} else if (want == OX_FLOW_WANT_ANY && !rq->has_key) {
		ox_table_flush(t);
	} else if (flow != OX_NONE && rq->spec.actions) {
		ox_table_set_actions(t, flow, rq->spec.actions, NULL);
	}
	if (flow != OX_NONE)
		write_flow(flow, rq->ufid_flags);
}

static void request(enum ox_flow_want want, const uint8_t *attrs, size_t len)
{
	const struct nlattr *tb[OVS_FLOW_ATTR_MAX + 1];
	struct ox_flow_request rq;
	struct ox_err e = { 0 };
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, attrs, len);
	if (!ox_attrs_parse(copy, copy, len, ox_flow_policy, OVS_FLOW_ATTR_MAX,
			    tb, &e) &&
	    !ox_flow_decode(copy, tb, want, &rq, &e)) {
		carry_out(want, &rq);
		ox_flow_request_done(&rq);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!m)
		start();
	while (size >= 4) {
		uint16_t len;
		uint8_t cmd = data[0];

		memcpy(&len, data + 2, sizeof(len));
		data += 4;
		size -= 4;
		if (len > size)
			len = (uint16_t)size;
		request(cmd & 3, data, len);
		if (cmd & 4)
			ox_table_tick(t);
		if (cmd & 8)
			ox_table_linger(t);
		if (cmd & 16)
			ox_table_linger_end(t);
		data += len;
		size -= len;
	}
	if (ox_spec_check(m))
		abort();
	ox_table_close(t);
	if (ox_table_open(m, &t, NULL) || ox_spec_check(m))
		abort();
	ox_table_flush(t);
	return 0;
}
