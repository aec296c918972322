// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_codec_vport.c - OVS_VPORT_ATTR_*: policy, requests, replies there and
 * back.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/codec/codec_vport.h"
#include "ovsxdp/nl.h"

struct msg {
	uint8_t data[2048] __attribute__((aligned(8)));
	struct ox_nlbuf b;
	const struct nlattr *tb[OX_VPORT_ATTR_MAX + 1];
	struct ox_err err;
};

#define HEADERS (NLMSG_HDRLEN + 4 + sizeof(struct ovs_header))

static void msg_begin(struct msg *m)
{
	void *hdr;

	memset(m, 0, sizeof(*m));
	m->b.data = m->data;
	m->b.size = sizeof(m->data);
	assert_int_equal(ox_nl_begin(&m->b, OX_GENL_VPORT, 0, 1, 2,
				     OVS_VPORT_CMD_NEW, OVS_VPORT_VERSION,
				     sizeof(struct ovs_header), &hdr),
			 0);
}

static int msg_parse(struct msg *m)
{
	ox_nl_end(&m->b);
	return ox_attrs_parse(m->data, m->data + HEADERS, m->b.len - HEADERS,
			      ox_vport_policy, OX_VPORT_ATTR_MAX, m->tb,
			      &m->err);
}

static void put_mode(struct msg *m, uint32_t mode)
{
	uint32_t mark;

	assert_int_equal(ox_nl_nest(&m->b, OVS_VPORT_ATTR_OPTIONS, &mark), 0);
	ox_nl_put_u16(&m->b, OVS_TUNNEL_ATTR_DST_PORT, 4789);
	ox_nl_put_u32(&m->b, OX_VPORT_OPT_MODE, mode);
	ox_nl_nest_end(&m->b, mark);
}

static void request_full(void **state)
{
	uint32_t pids[2] = { 5, 6 };
	struct ox_vport_attrs a;
	struct msg m;

	(void)state;
	msg_begin(&m);
	ox_nl_put_str(&m.b, OVS_VPORT_ATTR_NAME, "eth7");
	ox_nl_put_u32(&m.b, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	ox_nl_put_u32(&m.b, OVS_VPORT_ATTR_PORT_NO, 12);
	ox_nl_put(&m.b, OVS_VPORT_ATTR_UPCALL_PID, pids, sizeof(pids));
	ox_nl_put_u32(&m.b, OVS_VPORT_ATTR_IFINDEX, 3);
	put_mode(&m, OX_MODE_XDP_GENERIC);
	assert_int_equal(msg_parse(&m), 0);
	assert_int_equal(ox_vport_attrs_get(m.data, m.tb, &a, &m.err), 0);
	assert_string_equal(a.name, "eth7");
	assert_true(a.has_type && a.has_port_no && a.has_ifindex);
	assert_int_equal(a.type, OVS_VPORT_TYPE_NETDEV);
	assert_int_equal(a.port_no, 12);
	assert_int_equal(a.ifindex, 3);
	assert_int_equal(a.pids_len, sizeof(pids));
	assert_memory_equal(a.pids, pids, sizeof(pids));
	assert_true(a.has_options);
	assert_true(a.has_mode);
	assert_int_equal(a.mode, OX_MODE_XDP_GENERIC);
}

static void request_empty(void **state)
{
	struct ox_vport_attrs a;
	struct msg m;

	(void)state;
	msg_begin(&m);
	assert_int_equal(msg_parse(&m), 0);
	assert_int_equal(ox_vport_attrs_get(m.data, m.tb, &a, &m.err), 0);
	assert_null(a.name);
	assert_null(a.pids);
	assert_false(a.has_type || a.has_port_no || a.has_ifindex ||
		     a.has_options);
	assert_int_equal(a.mode, OX_MODE_AUTO);
}

static void mode_unknown(void **state)
{
	struct ox_vport_attrs a;
	struct msg m;

	(void)state;
	msg_begin(&m);
	put_mode(&m, OX_MODE_TC + 1);
	assert_int_equal(msg_parse(&m), 0);
	assert_int_equal(ox_vport_attrs_get(m.data, m.tb, &a, &m.err), -EINVAL);
	assert_int_equal(m.err.offset, HEADERS + 4 + 8);
	assert_true(m.err.msg[0]);
}

/* What tunnels' options say: each case is the payload of the nest. */
static void tunnel_options(void **state)
{
	static const struct {
		const char *what;
		uint8_t nest[24];
		uint32_t len;
		int32_t port; /* -1: none */
		uint32_t exts;
		int exts_err;
	} cases[] = {
		{ "nothing", { 0 }, 0, -1, 0, 0 },
		{ "port", { 6, 0, 1, 0, 0xb5, 0x12 }, 8, 4789, 0, 0 },
		{ "port 0", { 6, 0, 1, 0, 0, 0 }, 8, 0, 0, 0 },
		{ "u32", { 8, 0, 1, 0, 0xb5, 0x12, 0, 0 }, 8, -1, 0, 0 },
		{ "u8", { 5, 0, 1, 0, 0xb5 }, 8, -1, 0, 0 },
		{ "the first counts",
		  { 6, 0, 1, 0, 1, 0, 0, 0, 6, 0, 1, 0, 2, 0 },
		  16,
		  1,
		  0,
		  0 },
		{ "the first counts, though bad",
		  { 5, 0, 1, 0, 1, 0, 0, 0, 6, 0, 1, 0, 2, 0 },
		  16,
		  -1,
		  0,
		  0 },
		{ "gbp", { 8, 0, 2, 0, 4, 0, 1, 0 }, 8, -1, 2, 0 },
		{ "gbp, nested", { 8, 0, 2, 0x80, 4, 0, 1, 0 }, 8, -1, 2, 0 },
		{ "gpe", { 8, 0, 2, 0, 4, 0, 8, 0 }, 8, -1, 1 << 8, 0 },
		{ "empty", { 4, 0, 2, 0 }, 4, -1, 0, -EINVAL },
		{ "short", { 6, 0, 2, 0, 2, 0 }, 8, -1, 0, -EINVAL },
		{ "broken", { 8, 0, 2, 0, 2, 0, 1, 0 }, 8, -1, 0, 0 },
		{ "a value",
		  { 9, 0, 2, 0, 5, 0, 1, 0, 7 },
		  12,
		  -1,
		  2,
		  -ERANGE },
		{ "unknown", { 8, 0, 2, 0, 4, 0, 99, 0 }, 8, -1, 0, 0 },
	};
	struct ox_vport_attrs a;
	struct msg m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		msg_begin(&m);
		ox_nl_put(&m.b, OVS_VPORT_ATTR_OPTIONS, cases[i].nest,
			  cases[i].len);
		assert_int_equal(msg_parse(&m), 0);
		assert_int_equal(ox_vport_attrs_get(m.data, m.tb, &a, &m.err),
				 0);
		if (a.tun.has_port != (cases[i].port >= 0) ||
		    (a.tun.has_port && a.tun.port != cases[i].port) ||
		    a.tun.exts != cases[i].exts ||
		    a.tun.exts_err != cases[i].exts_err)
			fail_msg("%s: port %d exts 0x%x err %d", cases[i].what,
				 a.tun.has_port ? a.tun.port : -1, a.tun.exts,
				 a.tun.exts_err);
	}
}

static void policy_lengths(void **state)
{
	uint8_t bytes[64] = { 0 };
	struct msg m;

	(void)state;
	msg_begin(&m);
	ox_nl_put(&m.b, OVS_VPORT_ATTR_STATS, bytes, sizeof(bytes) - 1);
	assert_int_equal(msg_parse(&m), -ERANGE);
	msg_begin(&m);
	ox_nl_put(&m.b, OVS_VPORT_ATTR_STATS, bytes, sizeof(bytes));
	assert_int_equal(msg_parse(&m), 0);
	msg_begin(&m);
	ox_nl_put(&m.b, OVS_VPORT_ATTR_PORT_NO, bytes, 3);
	assert_int_equal(msg_parse(&m), -ERANGE);
	msg_begin(&m);
	ox_nl_put_u32(&m.b, OVS_VPORT_ATTR_IFINDEX, 0x80000000u);
	assert_int_equal(msg_parse(&m), -ERANGE);
}

static void info_fill(struct ox_vport_info *i, const uint32_t *pids)
{
	*i = (struct ox_vport_info){
		.port_no = 3,
		.type = OVS_VPORT_TYPE_INTERNAL,
		.name = "int0",
		.ifindex = 42,
		.has_netnsid = true,
		.netnsid = 5,
		.stats = { .rx_packets = 1,
			   .tx_packets = 2,
			   .rx_bytes = 3,
			   .tx_bytes = 4,
			   .rx_errors = 5,
			   .tx_errors = 6,
			   .rx_dropped = 7,
			   .tx_dropped = 8 },
		.upcall_success = 10,
		.upcall_fail = 11,
		.pids = pids,
		.has_options = true,
		.tun = { .has_port = true, .port = 4789, .exts = 1 << 1 },
		.n_pids = 2,
	};
}

static void info_roundtrip(void **state)
{
	const uint32_t pids[2] = { 21, 22 };
	struct ox_vport_info in, out;
	struct msg m;

	(void)state;
	info_fill(&in, pids);
	msg_begin(&m);
	assert_int_equal(ox_vport_info_put(&m.b, &in), 0);
	assert_int_equal(msg_parse(&m), 0);
	assert_int_equal(ox_vport_info_get(m.tb, &out), 0);
	assert_string_equal(out.name, "int0");
	assert_int_equal(out.port_no, 3);
	assert_int_equal(out.type, OVS_VPORT_TYPE_INTERNAL);
	assert_int_equal(out.ifindex, 42);
	assert_true(out.has_netnsid);
	assert_int_equal(out.netnsid, 5);
	assert_memory_equal(&out.stats, &in.stats, sizeof(in.stats));
	assert_int_equal(out.upcall_success, 10);
	assert_int_equal(out.upcall_fail, 11);
	assert_int_equal(out.n_pids, 2);
	assert_memory_equal(out.pids, pids, sizeof(pids));
	assert_true(out.has_options && out.tun.has_port);
	assert_int_equal(out.tun.port, 4789);
	assert_int_equal(out.tun.exts, 1 << 1);
	m.tb[OVS_VPORT_ATTR_NAME] = NULL;
	assert_int_equal(ox_vport_info_get(m.tb, &out), -EINVAL);
}

/* ovs_vport_cmd_fill_info()'s order. */
static void info_order(void **state)
{
	static const uint16_t want[] = {
		OVS_VPORT_ATTR_PORT_NO,	     OVS_VPORT_ATTR_TYPE,
		OVS_VPORT_ATTR_NAME,	     OVS_VPORT_ATTR_IFINDEX,
		OVS_VPORT_ATTR_NETNSID,	     OVS_VPORT_ATTR_STATS,
		OVS_VPORT_ATTR_UPCALL_STATS, OVS_VPORT_ATTR_UPCALL_PID,
		OVS_VPORT_ATTR_OPTIONS,
	};
	const uint32_t pids[2] = { 1, 2 };
	const struct nlattr *attr;
	struct ox_vport_info i;
	struct msg m;
	size_t n = 0;

	(void)state;
	info_fill(&i, pids);
	msg_begin(&m);
	assert_int_equal(ox_vport_info_put(&m.b, &i), 0);
	ox_nl_end(&m.b);
	mnl_attr_for_each_payload ((const void *)(m.data + HEADERS),
				   m.b.len - HEADERS) {
		assert_true(n < sizeof(want) / sizeof(want[0]));
		assert_int_equal(mnl_attr_get_type(attr), want[n++]);
	}
	assert_int_equal(n, sizeof(want) / sizeof(want[0]));
}

/* A port without a device has no index; one without options no nest. */
static void info_bare(void **state)
{
	const uint32_t pids[2] = { 1, 2 };
	struct ox_vport_info i, out;
	struct msg m;

	(void)state;
	info_fill(&i, pids);
	i.ifindex = 0;
	i.has_options = false;
	msg_begin(&m);
	assert_int_equal(ox_vport_info_put(&m.b, &i), 0);
	assert_int_equal(msg_parse(&m), 0);
	assert_null(m.tb[OVS_VPORT_ATTR_IFINDEX]);
	assert_null(m.tb[OVS_VPORT_ATTR_OPTIONS]);
	assert_int_equal(ox_vport_info_get(m.tb, &out), 0);
	assert_false(out.has_options);
	assert_int_equal(out.ifindex, 0);
}

static void info_no_room(void **state)
{
	const uint32_t pids[2] = { 1, 2 };
	struct ox_vport_info i;
	uint32_t full, size;
	struct msg m;

	(void)state;
	info_fill(&i, pids);
	msg_begin(&m);
	assert_int_equal(ox_vport_info_put(&m.b, &i), 0);
	ox_nl_end(&m.b);
	full = m.b.len;
	for (size = HEADERS; size < full; size += 4) {
		msg_begin(&m);
		m.b.size = size;
		assert_int_equal(ox_vport_info_put(&m.b, &i), -EMSGSIZE);
		assert_int_equal(m.data[size], 0);
	}
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.codec_vport.request_full", request_full),
	OX_TEST("unit.codec_vport.request_empty", request_empty),
	OX_TEST("unit.codec_vport.mode_unknown", mode_unknown),
	OX_TEST("unit.codec_vport.tunnel_options", tunnel_options),
	OX_TEST("unit.codec_vport.policy_lengths", policy_lengths),
	OX_TEST("unit.codec_vport.info_roundtrip", info_roundtrip),
	OX_TEST("unit.codec_vport.info_order", info_order),
	OX_TEST("unit.codec_vport.info_bare", info_bare),
	OX_TEST("unit.codec_vport.info_no_room", info_no_room),
};

OX_TEST_MAIN(tests)
