// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_codec_dp.c - OVS_DP_ATTR_*: policy, requests, replies there and back.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/codec/codec_dp.h"
#include "ovsxdp/abi.h"
#include "ovsxdp/nl.h"

struct msg {
	uint8_t data[2048] __attribute__((aligned(8)));
	struct ox_nlbuf b;
	const struct nlattr *tb[OX_DP_ATTR_MAX + 1];
	struct ox_err err;
};

static void msg_begin(struct msg *m)
{
	void *hdr;

	memset(m, 0, sizeof(*m));
	m->b.data = m->data;
	m->b.size = sizeof(m->data);
	assert_int_equal(ox_nl_begin(&m->b, OX_GENL_DATAPATH, 0, 1, 2,
				     OVS_DP_CMD_NEW, OVS_DATAPATH_VERSION,
				     sizeof(struct ovs_header), &hdr),
			 0);
}

#define HEADERS (NLMSG_HDRLEN + 4 + sizeof(struct ovs_header))

static const void *stream(const struct msg *m)
{
	return m->data + HEADERS;
}

static int msg_parse(struct msg *m)
{
	ox_nl_end(&m->b);
	return ox_attrs_parse(m->data, stream(m), m->b.len - HEADERS,
			      ox_dp_policy, OX_DP_ATTR_MAX, m->tb, &m->err);
}

static void request_full(void **state)
{
	uint32_t pids[3] = { 7, 8, 9 };
	struct ox_dp_attrs a;
	struct msg m;

	(void)state;
	msg_begin(&m);
	ox_nl_put_str(&m.b, OVS_DP_ATTR_NAME, "br-int");
	ox_nl_put_u32(&m.b, OVS_DP_ATTR_UPCALL_PID, 4711);
	ox_nl_put_u32(&m.b, OVS_DP_ATTR_USER_FEATURES, 0xb);
	ox_nl_put_u32(&m.b, OVS_DP_ATTR_MASKS_CACHE_SIZE, 0);
	ox_nl_put(&m.b, OVS_DP_ATTR_PER_CPU_PIDS, pids, sizeof(pids));
	ox_nl_put_u32(&m.b, OVS_DP_ATTR_IFINDEX, 77);
	ox_nl_put_u32(&m.b, OX_DP_ATTR_MAX_FLOWS, 1000);
	ox_nl_put_u32(&m.b, OX_DP_ATTR_MAX_MASKS, 100);
	ox_nl_put_u32(&m.b, OX_DP_ATTR_MAX_PORTS, 10);
	assert_int_equal(msg_parse(&m), 0);
	ox_dp_attrs_get(m.tb, stream(&m), m.b.len - HEADERS, &a);
	assert_string_equal(a.name, "br-int");
	assert_int_equal(*(const uint32_t *)a.upcall_pid, 4711);
	assert_int_equal(a.upcall_pid_len, 4);
	assert_true(a.has_features);
	assert_int_equal(a.features, 0xb);
	assert_true(a.has_cache);
	assert_int_equal(a.cache_size, 0);
	assert_int_equal(a.cpu_pids_len, sizeof(pids));
	assert_memory_equal(a.cpu_pids, pids, sizeof(pids));
	assert_int_equal(a.ifindex, 77);
	assert_int_equal(a.max_flows, 1000);
	assert_int_equal(a.max_masks, 100);
	assert_int_equal(a.max_ports, 10);
}

static void request_empty(void **state)
{
	struct ox_dp_attrs a;
	struct msg m;

	(void)state;
	msg_begin(&m);
	assert_int_equal(msg_parse(&m), 0);
	ox_dp_attrs_get(m.tb, stream(&m), 0, &a);
	assert_null(a.name);
	assert_null(a.upcall_pid);
	assert_null(a.cpu_pids);
	assert_false(a.has_features || a.has_cache);
}

/* What NLA_POLICY_RANGE and NLA_POLICY_MIN of the module refuse. */
static void policy_ranges(void **state)
{
	struct msg m;

	(void)state;
	msg_begin(&m);
	ox_nl_put_u32(&m.b, OVS_DP_ATTR_MASKS_CACHE_SIZE, OX_CACHE_MAX + 1);
	assert_int_equal(msg_parse(&m), -ERANGE);
	assert_int_equal(m.err.offset, HEADERS);
	msg_begin(&m);
	ox_nl_put_u32(&m.b, OVS_DP_ATTR_MASKS_CACHE_SIZE, OX_CACHE_MAX);
	assert_int_equal(msg_parse(&m), 0);
	msg_begin(&m);
	ox_nl_put_u32(&m.b, OVS_DP_ATTR_IFINDEX, (uint32_t)-1);
	assert_int_equal(msg_parse(&m), -ERANGE);
	msg_begin(&m);
	ox_nl_put(&m.b, OVS_DP_ATTR_NAME, "no end", 6);
	assert_int_equal(msg_parse(&m), -EINVAL);
	msg_begin(&m);
	ox_nl_put_str(&m.b, OVS_DP_ATTR_NAME, "sixteen-letters-");
	assert_int_not_equal(msg_parse(&m), 0);
}

static void info_fill(struct ox_dp_info *i, const uint32_t *pids)
{
	*i = (struct ox_dp_info){
		.name = "br0",
		.stats = { .n_hit = 1,
			   .n_missed = 2,
			   .n_lost = 3,
			   .n_flows = 4 },
		.megaflow = { .n_mask_hit = 5, .n_masks = 6, .n_cache_hit = 7 },
		.user_features = OVS_DP_F_DISPATCH_UPCALL_PER_CPU,
		.cache_size = 256,
		.cpu_pids = pids,
		.n_cpu_pids = 2,
		.upcall_pid = 99,
	};
}

static void info_roundtrip(void **state)
{
	const uint32_t pids[2] = { 11, 12 };
	struct ox_dp_info in, out;
	struct msg m;

	(void)state;
	info_fill(&in, pids);
	msg_begin(&m);
	assert_int_equal(ox_dp_info_put(&m.b, &in), 0);
	assert_int_equal(msg_parse(&m), 0);
	assert_int_equal(ox_dp_info_get(m.tb, &out), 0);
	assert_string_equal(out.name, "br0");
	assert_memory_equal(&out.stats, &in.stats, sizeof(in.stats));
	assert_memory_equal(&out.megaflow, &in.megaflow, sizeof(in.megaflow));
	assert_int_equal(out.user_features, in.user_features);
	assert_int_equal(out.cache_size, 256);
	assert_int_equal(out.upcall_pid, 99);
	assert_int_equal(out.n_cpu_pids, 2);
	assert_memory_equal(out.cpu_pids, pids, sizeof(pids));
	m.tb[OVS_DP_ATTR_STATS] = NULL;
	assert_int_equal(ox_dp_info_get(m.tb, &out), -EINVAL);
}

/* ovs_dp_cmd_fill_info()'s order, and ours behind it. */
static void info_order(void **state)
{
	static const uint16_t want[] = {
		OVS_DP_ATTR_NAME,
		OVS_DP_ATTR_STATS,
		OVS_DP_ATTR_MEGAFLOW_STATS,
		OVS_DP_ATTR_USER_FEATURES,
		OVS_DP_ATTR_MASKS_CACHE_SIZE,
		OVS_DP_ATTR_PER_CPU_PIDS,
		OVS_DP_ATTR_UPCALL_PID,
	};
	const uint32_t pids[2] = { 1, 2 };
	const struct nlattr *attr;
	struct ox_dp_info i;
	struct msg m;
	size_t n = 0;

	(void)state;
	info_fill(&i, pids);
	msg_begin(&m);
	assert_int_equal(ox_dp_info_put(&m.b, &i), 0);
	ox_nl_end(&m.b);
	mnl_attr_for_each_payload (stream(&m), m.b.len - HEADERS) {
		assert_true(n < sizeof(want) / sizeof(want[0]));
		assert_int_equal(mnl_attr_get_type(attr), want[n++]);
	}
	assert_int_equal(n, sizeof(want) / sizeof(want[0]));
}

/* However small the buffer: -EMSGSIZE, and never a byte beyond it. */
static void info_no_room(void **state)
{
	const uint32_t pids[2] = { 1, 2 };
	struct ox_dp_info i;
	struct msg m;
	uint32_t full, size;

	(void)state;
	info_fill(&i, pids);
	msg_begin(&m);
	assert_int_equal(ox_dp_info_put(&m.b, &i), 0);
	ox_nl_end(&m.b);
	full = m.b.len;
	for (size = HEADERS; size < full; size += 4) {
		msg_begin(&m);
		m.b.size = size;
		assert_int_equal(ox_dp_info_put(&m.b, &i), -EMSGSIZE);
		assert_int_equal(m.data[size], 0);
	}
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.codec_dp.request_full", request_full),
	OX_TEST("unit.codec_dp.request_empty", request_empty),
	OX_TEST("unit.codec_dp.policy_ranges", policy_ranges),
	OX_TEST("unit.codec_dp.info_roundtrip", info_roundtrip),
	OX_TEST("unit.codec_dp.info_order", info_order),
	OX_TEST("unit.codec_dp.info_no_room", info_no_room),
};

OX_TEST_MAIN(tests)
