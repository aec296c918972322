// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_codec_flow.c - ovs_flow requests: what each command must have; and
 * flows written: which attributes, in which order.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>

#include "control/codec/codec_flow.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/nlmake.h"

static struct ox_make m; /* its own header stands for the message's */
static struct ox_err err;
static struct ox_flow_request rq;

static int decode(enum ox_flow_want want)
{
	const struct nlattr *tb[OVS_FLOW_ATTR_MAX + 1];
	int r;

	memset(&err, 0, sizeof(err));
	r = ox_attrs_parse(&m, m.b + NLA_HDRLEN, m.len - NLA_HDRLEN,
			   ox_flow_policy, OVS_FLOW_ATTR_MAX, tb, &err);
	return r ? r : ox_flow_decode(&m, tb, want, &rq, &err);
}

static void put_key(void)
{
	static const uint8_t eth[12] = { 1 };
	uint32_t at = ox_make_nest(&m, OVS_FLOW_ATTR_KEY);

	ox_make_u32(&m, OVS_KEY_ATTR_IN_PORT, 1);
	ox_make_put(&m, OVS_KEY_ATTR_ETHERNET, eth, sizeof(eth));
	ox_make_u16(&m, OVS_KEY_ATTR_ETHERTYPE, htons(0x88cc));
	ox_make_nest_end(&m, at);
}

static void put_actions(void)
{
	uint32_t at = ox_make_nest(&m, OVS_FLOW_ATTR_ACTIONS);

	ox_make_u32(&m, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_make_nest_end(&m, at);
}

static void expect_missing(enum ox_flow_want want, uint32_t attr)
{
	assert_int_equal(decode(want), -EINVAL);
	assert_int_equal(err.miss_type, attr + 1);
	assert_non_null(strstr(err.msg, "missing"));
}

static void wants(void **state)
{
	static const uint8_t ufid[17] = { 1 };

	(void)state;
	ox_make_start(&m, 0);
	expect_missing(OX_FLOW_WANT_ALL, OVS_FLOW_ATTR_KEY);
	expect_missing(OX_FLOW_WANT_ID, OVS_FLOW_ATTR_KEY);
	expect_missing(OX_FLOW_WANT_ID_ACTIONS, OVS_FLOW_ATTR_KEY);
	assert_int_equal(decode(OX_FLOW_WANT_ANY), 0);
	assert_false(rq.has_key);
	put_key();
	expect_missing(OX_FLOW_WANT_ALL, OVS_FLOW_ATTR_ACTIONS);
	assert_int_equal(decode(OX_FLOW_WANT_ID), 0);
	assert_true(rq.has_key);
	assert_int_equal(rq.spec.key.eth_type, htons(0x88cc));
	put_actions();
	assert_int_equal(decode(OX_FLOW_WANT_ALL), 0);
	assert_int_equal(rq.spec.actions->kind, OX_ACT_OUTPUT);
	assert_int_equal(rq.spec.mask.eth_type, 0xffff);
	ox_flow_request_done(&rq);
	/* a UFID alone is no ground to check actions on */
	ox_make_start(&m, 0);
	ox_make_put(&m, OVS_FLOW_ATTR_UFID, ufid, 16);
	assert_int_equal(decode(OX_FLOW_WANT_ID_ACTIONS), 0);
	assert_int_equal(rq.spec.ufid_len, 16);
	put_actions();
	expect_missing(OX_FLOW_WANT_ID_ACTIONS, OVS_FLOW_ATTR_KEY);
	/* one of a wrong length is none, an empty one an error */
	ox_make_start(&m, 0);
	ox_make_put(&m, OVS_FLOW_ATTR_UFID, ufid, 17);
	expect_missing(OX_FLOW_WANT_ID, OVS_FLOW_ATTR_KEY);
	ox_make_start(&m, 0);
	ox_make_put(&m, OVS_FLOW_ATTR_UFID, ufid, 0);
	assert_int_equal(decode(OX_FLOW_WANT_ID), -ERANGE);
}

static void flags(void **state)
{
	(void)state;
	ox_make_start(&m, 0);
	put_key();
	ox_make_put(&m, OVS_FLOW_ATTR_PROBE, NULL, 0);
	ox_make_put(&m, OVS_FLOW_ATTR_CLEAR, NULL, 0);
	ox_make_u32(&m, OVS_FLOW_ATTR_UFID_FLAGS, 5);
	assert_int_equal(decode(OX_FLOW_WANT_ID), 0);
	assert_true(rq.spec.probe);
	assert_true(rq.clear);
	assert_int_equal(rq.ufid_flags, 5);
}

/* The types of a written flow's attributes, as a string of digits. */
static const char *written(uint8_t ufid_len, uint32_t ufid_flags,
			   const struct ox_flow_stats *stats)
{
	static uint8_t data[4096], ufid[16];
	static char types[16];
	struct ox_nlbuf b = { .data = data, .size = sizeof(data) };
	struct ox_key key, mask;
	struct ox_flow_view v = { .ufid = ufid,
				  .ufid_len = ufid_len,
				  .key = &key,
				  .mask = &mask,
				  .stats = stats };
	const struct nlattr *attr, *a;
	uint32_t start, n = 0;
	void *hdr;

	ox_spec_key(&key, 1);
	ox_spec_mask(&mask, 1);
	assert_int_equal(ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, &hdr), 0);
	start = b.len;
	assert_int_equal(ox_flow_put(&b, &v, ufid_flags), 0);
	memset(types, 0, sizeof(types));
	a = (const struct nlattr *)(data + start);
	mnl_attr_for_each_payload (a, b.len - start)
		types[n++] = (char)('0' + mnl_attr_get_type(attr));
	assert_true(mnl_attr_get_type(a) == OVS_FLOW_ATTR_UFID ||
		    mnl_attr_get_type(a) == OVS_FLOW_ATTR_KEY);
	return types;
}

static void order(void **state)
{
	static const struct ox_flow_stats none;
	struct ox_flow_stats s = { 1, 60, 5000000, htons(2), { 0 } };

	(void)state;
	/* KEY 1, ACTIONS 2, STATS 3, TCP_FLAGS 4, USED 5, MASK 7, UFID 9 */
	assert_string_equal(written(0, 0, &none), "172");
	assert_string_equal(written(0, 0, &s), "175342");
	assert_string_equal(written(16, 0, &s), "9175342");
	assert_string_equal(written(16, OVS_UFID_F_OMIT_KEY, &s), "975342");
	assert_string_equal(written(16, OVS_UFID_F_OMIT_MASK, &s), "915342");
	assert_string_equal(written(16, OVS_UFID_F_OMIT_ACTIONS, &s), "917534");
	assert_string_equal(written(16, 7, &none), "9");
	/* a flow that has no UFID is told by its key at any rate */
	assert_string_equal(written(0, 7, &none), "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.codec_flow.wants", wants),
		OX_TEST("unit.codec_flow.flags", flags),
		OX_TEST("unit.codec_flow.order", order),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
