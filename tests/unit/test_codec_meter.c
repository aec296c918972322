// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_codec_meter.c - OVS_METER_ATTR_*: policy, requests to meters, meters
 * to replies.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/codec/codec_meter.h"
#include "ovsxdp/nl.h"

#define NOW 1000000

struct msg {
	uint8_t data[2048] __attribute__((aligned(8)));
	struct ox_nlbuf b;
	const struct nlattr *tb[OVS_METER_ATTR_MAX + 1];
	struct ox_err err;
};

static void msg_begin(struct msg *m)
{
	void *hdr;

	memset(m, 0, sizeof(*m));
	m->b.data = m->data;
	m->b.size = sizeof(m->data);
	assert_int_equal(ox_nl_begin(&m->b, OX_GENL_METER, 0, 1, 2,
				     OVS_METER_CMD_SET, OVS_METER_VERSION,
				     sizeof(struct ovs_header), &hdr),
			 0);
}

#define HEADERS (NLMSG_HDRLEN + 4 + sizeof(struct ovs_header))

static int msg_parse(struct msg *m)
{
	return ox_attrs_parse(m->data, m->data + HEADERS, m->b.len - HEADERS,
			      ox_meter_policy, OVS_METER_ATTR_MAX, m->tb,
			      &m->err);
}

struct band {
	int type, rate, burst; /* -1: leave it out */
};

static void put_band(struct msg *m, const struct band *band)
{
	uint32_t mark;

	assert_int_equal(ox_nl_nest(&m->b, OVS_BAND_ATTR_UNSPEC, &mark), 0);
	if (band->type >= 0)
		ox_nl_put_u32(&m->b, OVS_BAND_ATTR_TYPE, (uint32_t)band->type);
	if (band->rate >= 0)
		ox_nl_put_u32(&m->b, OVS_BAND_ATTR_RATE, (uint32_t)band->rate);
	if (band->burst >= 0)
		ox_nl_put_u32(&m->b, OVS_BAND_ATTR_BURST,
			      (uint32_t)band->burst);
	ox_nl_nest_end(&m->b, mark);
}

/* Bands as a request has them; returns what decoding says. */
static int decode(struct msg *m, const struct band *bands, int n,
		  struct ox_meter *out)
{
	uint32_t mark;

	assert_int_equal(ox_nl_nest(&m->b, OVS_METER_ATTR_BANDS, &mark), 0);
	for (int i = 0; i < n; i++)
		put_band(m, &bands[i]);
	ox_nl_nest_end(&m->b, mark);
	ox_nl_end(&m->b);
	assert_int_equal(msg_parse(m), 0);
	return ox_meter_decode(m->tb, NOW, out);
}

static void request_full(void **state)
{
	const struct band band = { OVS_METER_BAND_TYPE_DROP, 500, 50 };
	struct ovs_flow_stats s = { .n_packets = 7, .n_bytes = 700 };
	struct ox_meter meter;
	struct msg m;

	(void)state;
	msg_begin(&m);
	ox_nl_put_u32(&m.b, OVS_METER_ATTR_ID, 9);
	ox_nl_put_flag(&m.b, OVS_METER_ATTR_KBPS);
	ox_nl_put(&m.b, OVS_METER_ATTR_STATS, &s, sizeof(s));
	assert_int_equal(decode(&m, &band, 1, &meter), 0);
	assert_int_equal(meter.flags,
			 OX_METER_KBPS | OX_METER_BAND | OX_METER_KEEP_STATS);
	assert_int_equal(meter.rate, 500);
	assert_int_equal(meter.burst, 50);
	assert_int_equal(meter.bucket, 50000);
	assert_int_equal(meter.max_delta_t, 100);
	assert_int_equal(meter.used, NOW);
	assert_int_equal(meter.packets, 7);
	assert_int_equal(meter.bytes, 700);
	assert_int_equal(meter.band_packets, 0);
	assert_int_equal(meter.lock, 0);
}

/* CLEAR: statistics of the request don't count, nor are they told later. */
static void request_clear(void **state)
{
	const struct band band = { OVS_METER_BAND_TYPE_DROP, 1, 0 };
	struct ovs_flow_stats s = { .n_packets = 7, .n_bytes = 700 };
	struct ox_meter meter;
	struct msg m;

	(void)state;
	msg_begin(&m);
	ox_nl_put_flag(&m.b, OVS_METER_ATTR_CLEAR);
	ox_nl_put(&m.b, OVS_METER_ATTR_STATS, &s, sizeof(s));
	assert_int_equal(decode(&m, &band, 1, &meter), 0);
	assert_int_equal(meter.flags, OX_METER_BAND);
	assert_int_equal(meter.packets, 0);
	assert_int_equal(meter.bytes, 0);
	/* a burst of 0 is a bucket that never holds anything */
	assert_int_equal(meter.bucket, 0);
	assert_int_equal(meter.max_delta_t, 0);
}

static void request_bands(void **state)
{
	static const struct {
		struct band bands[2];
		int n, err;
		uint32_t flags;
	} cases[] = {
		{ { { 0 } }, 0, 0, OX_METER_KEEP_STATS },
		{ { { 1, 1, 1 } }, 1, 0, OX_METER_KEEP_STATS | OX_METER_BAND },
		/* the module takes any type and drops for one */
		{ { { 2, 1, 1 } },
		  1,
		  0,
		  OX_METER_KEEP_STATS | OX_METER_BAND | OX_METER_NO_DROP },
		{ { { 1, 1, 1 }, { 1, 2, 2 } }, 2, -EINVAL, 0 },
		{ { { -1, 1, 1 } }, 1, -EINVAL, 0 },
		{ { { 1, -1, 1 } }, 1, -EINVAL, 0 },
		{ { { 1, 1, -1 } }, 1, -EINVAL, 0 },
		{ { { 1, 0, 1 } }, 1, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ox_meter meter;
		struct msg m;

		msg_begin(&m);
		assert_int_equal(decode(&m, cases[i].bands, cases[i].n, &meter),
				 cases[i].err);
		if (!cases[i].err)
			assert_int_equal(meter.flags, cases[i].flags);
	}
}

static void request_bad(void **state)
{
	static const struct {
		uint16_t type;
		uint32_t len;
		int err;
	} cases[] = {
		{ OVS_METER_ATTR_ID, 3, -ERANGE },
		{ OVS_METER_ATTR_KBPS, 1, -ERANGE },
		{ OVS_METER_ATTR_STATS, 15, -ERANGE },
		{ OVS_METER_ATTR_STATS, 20, 0 },
		{ OVS_METER_ATTR_BANDS, 3, -ERANGE },
		{ OVS_METER_ATTR_USED, 4, -ERANGE },
		{ OVS_METER_ATTR_CLEAR, 4, -ERANGE },
		{ OVS_METER_ATTR_PAD, 1, 0 },
		{ 77, 1, 0 },
	};
	static const uint8_t bytes[32];
	struct ox_meter meter;
	struct msg m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		msg_begin(&m);
		ox_nl_put(&m.b, cases[i].type, bytes, cases[i].len);
		ox_nl_end(&m.b);
		assert_int_equal(msg_parse(&m), cases[i].err);
		if (cases[i].err)
			assert_string_equal(m.err.msg, "Attribute failed "
						       "policy validation");
	}
	/* no BANDS at all */
	msg_begin(&m);
	ox_nl_put_u32(&m.b, OVS_METER_ATTR_ID, 1);
	ox_nl_end(&m.b);
	assert_int_equal(msg_parse(&m), 0);
	assert_int_equal(ox_meter_decode(m.tb, NOW, &meter), -EINVAL);
}

/* A band's attribute that is too short is the band's error. */
static void request_short_band(void **state)
{
	uint32_t bands, band;
	struct ox_meter meter;
	struct msg m;

	(void)state;
	msg_begin(&m);
	ox_nl_nest(&m.b, OVS_METER_ATTR_BANDS, &bands);
	ox_nl_nest(&m.b, OVS_BAND_ATTR_UNSPEC, &band);
	ox_nl_put_u16(&m.b, OVS_BAND_ATTR_RATE, 5);
	ox_nl_nest_end(&m.b, band);
	ox_nl_nest_end(&m.b, bands);
	ox_nl_end(&m.b);
	assert_int_equal(msg_parse(&m), 0);
	assert_int_equal(ox_meter_decode(m.tb, NOW, &meter), -ERANGE);
}

/* The attributes of a reply, byte by byte: what the module sends. */
static void reply_stats(void **state)
{
	static const uint8_t expected[] = {
		8,  0, 1, 0, 9,	   0, 0, 0, /* ID */
		20, 0, 3, 0, 2,	   0, 0, 0, /* STATS */
		0,  0, 0, 0, 0xc8, 0, 0, 0, /**/
		0,  0, 0, 0, 12,   0, 5, 0, /* USED */
		0,  0, 0, 0, 1,	   0, 0, 0, /**/
		28, 0, 4, 0, 24,   0, 0, 0, /* BANDS, a band */
		20, 0, 4, 0, 1,	   0, 0, 0, /* its STATS */
		0,  0, 0, 0, 0x64, 0, 0, 0, /**/
		0,  0, 0, 0,
	};
	struct ox_meter meter = {
		.flags = OX_METER_BAND,
		.packets = 2,
		.bytes = 200,
		.band_packets = 1,
		.band_bytes = 100,
		.used = 1ull << 32,
	};
	struct msg m;

	(void)state;
	msg_begin(&m);
	assert_int_equal(ox_meter_stats_put(&m.b, 9, &meter), 0);
	ox_nl_end(&m.b);
	assert_int_equal(m.b.len - HEADERS, sizeof(expected));
	assert_memory_equal(m.data + HEADERS, expected, sizeof(expected));
	/* without a band the nest is there, and empty */
	meter.flags = 0;
	msg_begin(&m);
	assert_int_equal(ox_meter_stats_put(&m.b, 9, &meter), 0);
	ox_nl_end(&m.b);
	assert_int_equal(m.b.len - HEADERS, sizeof(expected) - 24);
	assert_int_equal(m.data[m.b.len - 4], 4);
}

static void reply_features(void **state)
{
	const struct nlattr *band;
	struct msg m;

	(void)state;
	msg_begin(&m);
	assert_int_equal(ox_meter_features_put(&m.b), 0);
	ox_nl_end(&m.b);
	assert_int_equal(msg_parse(&m), 0);
	assert_int_equal(mnl_attr_get_u32(m.tb[OVS_METER_ATTR_MAX_METERS]),
			 OX_MAX_METERS);
	assert_int_equal(mnl_attr_get_u32(m.tb[OVS_METER_ATTR_MAX_BANDS]), 1);
	band = mnl_attr_get_payload(m.tb[OVS_METER_ATTR_BANDS]);
	assert_int_equal(mnl_attr_get_type(band), OVS_BAND_ATTR_UNSPEC);
	band = mnl_attr_get_payload(band);
	assert_int_equal(mnl_attr_get_type(band), OVS_BAND_ATTR_TYPE);
	assert_int_equal(mnl_attr_get_u32(band), OVS_METER_BAND_TYPE_DROP);
}

/* No room: nothing is sent half. */
static void reply_no_room(void **state)
{
	struct ox_meter meter = { .flags = OX_METER_BAND };
	struct msg m;

	(void)state;
	for (uint32_t room = 0; room < 68; room += 4) {
		msg_begin(&m);
		m.b.size = m.b.len + room;
		assert_int_equal(ox_meter_stats_put(&m.b, 9, &meter),
				 -EMSGSIZE);
	}
	for (uint32_t room = 0; room < 32; room += 4) {
		msg_begin(&m);
		m.b.size = m.b.len + room;
		assert_int_equal(ox_meter_features_put(&m.b), -EMSGSIZE);
	}
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.codec_meter.request_full", request_full),
	OX_TEST("unit.codec_meter.request_clear", request_clear),
	OX_TEST("unit.codec_meter.request_bands", request_bands),
	OX_TEST("unit.codec_meter.request_bad", request_bad),
	OX_TEST("unit.codec_meter.request_short_band", request_short_band),
	OX_TEST("unit.codec_meter.reply_stats", reply_stats),
	OX_TEST("unit.codec_meter.reply_features", reply_features),
	OX_TEST("unit.codec_meter.reply_no_room", reply_no_room),
};

OX_TEST_MAIN(tests)
