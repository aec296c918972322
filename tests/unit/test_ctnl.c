// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ctnl.c - what no kernel is needed for, or can be asked: filters over
 * IPv6, which expectations are meant, timeouts of a request, limits of zones.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "control/codec/ct_limit.h"
#include "control/codec/ctnl.h"
#include "control/codec/ctnl_exp.h"
#include "control/codec/ctnl_timeout.h"
#include "tests/lib/nlmake.h"

static struct ox_make m;

static const struct nlattr **read_attrs(const struct ox_nla_policy *policy,
					int max)
{
	static const struct nlattr *tb[CTA_MAX + 1];
	struct nlattr *nest = ox_make_end(&m);

	assert_int_equal(ox_attrs_parse(m.b, nest + 1, m.len - NLA_HDRLEN,
					policy, max, tb, NULL),
			 0);
	return tb;
}

/* ---- filters ---- */

static void filter_ipv6(void **state)
{
	struct ox_ctnl_entry e = { 0 };
	struct ox_ctnl_filter f = { .family = AF_INET6,
				    .flags = { OX_CTNL_F_IP_SRC, 0 } };

	(void)state;
	e.tuple[0].l3 = AF_INET6;
	e.tuple[0].src[3] = htonl(1);
	f.tuple[0].src[3] = htonl(1);
	assert_true(ox_ctnl_filter_match(&f, &e));
	f.tuple[0].src[3] = htonl(2);
	assert_false(ox_ctnl_filter_match(&f, &e));
	f.flags[0] = OX_CTNL_F_IP_DST;
	assert_true(ox_ctnl_filter_match(&f, &e));
	f.family = AF_INET;
	assert_false(ox_ctnl_filter_match(&f, &e));
}

static void filter_zone(void **state)
{
	struct ox_ctnl_entry e = { .zone = 5 };
	struct ox_ctnl_filter f;

	(void)state;
	ox_make_start(&m, 0);
	ox_make_u16(&m, CTA_ZONE, htons(5));
	assert_int_equal(
		ox_ctnl_filter_parse(m.b, read_attrs(ox_ctnl_policy, CTA_MAX),
				     0, &f, NULL),
		0);
	assert_true(f.given);
	assert_true(ox_ctnl_filter_match(&f, &e));
	e.zone = 0;
	assert_false(ox_ctnl_filter_match(&f, &e));
}

/* ---- expectations ---- */

static void put_tuple(uint16_t type)
{
	static const uint8_t a[] = { 10, 0, 0, 1 };
	uint32_t tuple = ox_make_nest(&m, type), nest;

	nest = ox_make_nest(&m, CTA_TUPLE_IP);
	ox_make_put(&m, CTA_IP_V4_SRC, a, 4);
	ox_make_put(&m, CTA_IP_V4_DST, a, 4);
	ox_make_nest_end(&m, nest);
	nest = ox_make_nest(&m, CTA_TUPLE_PROTO);
	ox_make_put(&m, CTA_PROTO_NUM, "\6", 1);
	ox_make_u16(&m, CTA_PROTO_SRC_PORT, htons(1));
	ox_make_u16(&m, CTA_PROTO_DST_PORT, htons(2));
	ox_make_nest_end(&m, nest);
	ox_make_nest_end(&m, tuple);
}

static int exp_get(bool dump, struct ox_ctnl_exp_request *q)
{
	return ox_ctnl_exp_get_parse(
		m.b, read_attrs(ox_ctnl_exp_policy, CTA_EXPECT_MAX), AF_INET,
		dump, q, NULL);
}

static int exp_delete(struct ox_ctnl_exp_request *q)
{
	return ox_ctnl_exp_delete_parse(
		m.b, read_attrs(ox_ctnl_exp_policy, CTA_EXPECT_MAX), AF_INET, q,
		NULL);
}

static void which_expectations(void **state)
{
	struct ox_ctnl_exp_request q;

	(void)state;
	ox_make_start(&m, 0);
	assert_int_equal(exp_get(false, &q), -EINVAL);
	assert_int_equal(exp_get(true, &q), 0);
	assert_int_equal(q.what, OX_CTNL_EXP_ALL);
	assert_int_equal(exp_delete(&q), 0);
	assert_int_equal(q.what, OX_CTNL_EXP_ALL);
	ox_make_put(&m, CTA_EXPECT_HELP_NAME, "ftp", 4);
	assert_int_equal(exp_delete(&q), 0);
	assert_int_equal(q.what, OX_CTNL_EXP_HELPER);
	assert_string_equal(q.helper, "ftp");
	put_tuple(CTA_EXPECT_MASTER);
	ox_make_u32(&m, CTA_EXPECT_ID, 77);
	assert_int_equal(exp_get(true, &q), 0);
	assert_int_equal(q.what, OX_CTNL_EXP_MASTER);
	assert_false(q.has_id);
	assert_int_equal(q.tuple.dport, htons(2));
	put_tuple(CTA_EXPECT_TUPLE);
	assert_int_equal(exp_delete(&q), 0);
	assert_int_equal(q.what, OX_CTNL_EXP_ONE);
	assert_true(q.has_id);
	assert_int_equal(q.id, 77);
}

/* ---- timeouts ---- */

static int read_policy(struct ox_ctnl_timeout *t)
{
	return ox_ctnl_timeout_parse(
		m.b, read_attrs(ox_ctnl_timeout_policy, CTA_TIMEOUT_MAX), t,
		NULL);
}

static void timeout_request(void **state)
{
	struct ox_ctnl_timeout t;
	uint32_t nest;

	(void)state;
	ox_make_start(&m, 0);
	assert_int_equal(read_policy(&t), -EINVAL);
	ox_make_put(&m, CTA_TIMEOUT_NAME, "tp", 3);
	ox_make_u16(&m, CTA_TIMEOUT_L3PROTO, htons(AF_INET));
	assert_int_equal(read_policy(&t), -EINVAL);
	ox_make_put(&m, CTA_TIMEOUT_L4PROTO, "\6", 1);
	assert_int_equal(read_policy(&t), -EINVAL);
	nest = ox_make_nest(&m, CTA_TIMEOUT_DATA);
	ox_make_u32(&m, CTA_TIMEOUT_TCP_SYN_SENT, htonl(7));
	ox_make_u32(&m, CTA_TIMEOUT_TCP_UNACK, htonl(9));
	ox_make_nest_end(&m, nest);
	assert_int_equal(read_policy(&t), 0);
	/* NONE is as SYN_SENT; UNACK is TCP_CONNTRACK_UNACK */
	assert_int_equal(t.given, 1 << 0 | 1 << 1 | 1 << 13);
	assert_int_equal(t.seconds[0], 7);
	assert_int_equal(t.seconds[1], 7);
	assert_int_equal(t.seconds[13], 9);
	ox_make_put(&m, CTA_TIMEOUT_L4PROTO, "\x32", 1);
	assert_int_equal(read_policy(&t), -EOPNOTSUPP);
}

/* ---- limits ---- */

static void limits(void **state)
{
	static const struct ovs_zone_limit asked[] = {
		{ -1, 10, 0 },	 { 0, 5, 99 }, { 65536, 7, 0 },
		{ 65535, 6, 0 }, { -2, 8, 0 },
	};
	const struct nlattr *const *tb;
	struct ox_ct_limit l;
	uint32_t at = 0, mark;
	static _Alignas(4) uint8_t data[256];
	struct ox_nlbuf b = { .data = data, .size = sizeof(data) };

	(void)state;
	ox_make_start(&m, 0);
	assert_int_equal(ox_ct_limit_need(read_attrs(ox_ct_limit_policy,
						     OVS_CT_LIMIT_ATTR_MAX),
					  NULL),
			 -EINVAL);
	ox_make_put(&m, OVS_CT_LIMIT_ATTR_ZONE_LIMIT, asked, sizeof(asked) - 4);
	tb = read_attrs(ox_ct_limit_policy, OVS_CT_LIMIT_ATTR_MAX);
	assert_int_equal(ox_ct_limit_need(tb, NULL), 0);
	ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL);
	assert_int_equal(ox_ct_limit_put_begin(&b, &mark), 0);
	/* out of range, and cut at the end: left out */
	for (int i = 0; i < 3; i++) {
		static const int32_t zones[] = { -1, 0, 65535 };

		assert_true(ox_ct_limit_next(tb[1], &at, &l));
		assert_int_equal(l.zone, zones[i]);
		assert_int_equal(l.count, 0);
		l.count = 3;
		assert_int_equal(ox_ct_limit_put(&b, &l), 0);
	}
	assert_false(ox_ct_limit_next(tb[1], &at, &l));
	ox_ct_limit_put_end(&b, mark);
	assert_int_equal(((struct nlattr *)(data + mark))->nla_len,
			 NLA_HDRLEN + 3 * sizeof(struct ovs_zone_limit));
	assert_memory_equal(data + mark + NLA_HDRLEN + 12,
			    ((const struct ovs_zone_limit[]){ { 0, 5, 3 } }),
			    12);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.ctnl.filter_ipv6", filter_ipv6),
	OX_TEST("unit.ctnl.filter_zone", filter_zone),
	OX_TEST("unit.ctnl.which_expectations", which_expectations),
	OX_TEST("unit.ctnl.timeout_request", timeout_request),
	OX_TEST("unit.ctnl.limits", limits),
};

OX_TEST_MAIN(tests)
