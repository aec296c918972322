// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* test_attr.c - attribute validation and message building. */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/base/attr.h"
#include "control/base/nlbuf.h"

enum {
	A_U32 = 1,
	A_STR,
	A_NUL,
	A_NEST,
	A_FLAG,
	A_EXACT,
	A_MIN,
	A_RANGE,
	A_BITS,
	A_NONE,
	A_U64,
	A_MAX = A_U64
};

static const struct ox_nla_policy policy[A_MAX + 1] = {
	[A_U32] = { .type = OX_NLA_U32 },
	[A_STR] = { .type = OX_NLA_STRING, .len = 4 },
	[A_NUL] = { .type = OX_NLA_NUL_STRING, .len = 4 },
	[A_NEST] = { .type = OX_NLA_NESTED },
	[A_FLAG] = { .type = OX_NLA_FLAG },
	[A_EXACT] = { .type = OX_NLA_EXACT, .len = 6 },
	[A_MIN] = { .type = OX_NLA_MIN, .len = 6 },
	[A_RANGE] = { .type = OX_NLA_U32, .min = 10, .max = 20 },
	[A_BITS] = { .type = OX_NLA_U32, .bits = 0xf },
	[A_U64] = { .type = OX_NLA_U64 },
};

static const struct nlattr *tb[A_MAX + 1];
static uint8_t room[512] __attribute__((aligned(8)));
static struct ox_err err;

/* Parses one attribute of this payload behind 8 bytes of "header". */
static int parse(uint16_t type, const void *data, uint16_t len)
{
	struct nlattr *a = (void *)(room + 8);

	memset(room, 0, sizeof(room));
	memset(&err, 0, sizeof(err));
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy(a + 1, data, len);
	return ox_attrs_parse(room, a, NLA_ALIGN(a->nla_len), policy, A_MAX, tb,
			      &err);
}

static int parse_u32(uint16_t type, uint32_t v)
{
	return parse(type, &v, sizeof(v));
}

#define POLICY_TEXT "Attribute failed policy validation"

static void lengths(void **state)
{
	static const struct {
		uint16_t type;
		const char *data;
		uint16_t len;
		int want;
	} t[] = {
		{ A_U32, "abcd", 4, 0 },
		{ A_U32, "abc", 3, -ERANGE },
		{ A_U32, "abcdefgh", 8, 0 }, /* longer is fine */
		{ A_U64, "abcdefgh", 8, 0 },
		{ A_U64, "abcdefg", 7, -ERANGE },
		{ A_STR, "abcd", 4, 0 },
		{ A_STR, "abcd", 5, 0 },
		{ A_STR, "abcde", 5, -ERANGE },
		{ A_STR, "", 0, -ERANGE },
		{ A_NUL, "abcd", 5, 0 },
		{ A_NUL, "abcd", 4, -EINVAL },
		{ A_NUL, "abcde", 6, -EINVAL },
		{ A_NUL, "", 0, -EINVAL },
		{ A_NEST, "", 0, 0 },
		{ A_NEST, "abc", 3, -ERANGE },
		{ A_FLAG, "", 0, 0 },
		{ A_FLAG, "a", 1, -ERANGE },
		{ A_EXACT, "abcdef", 6, 0 },
		{ A_EXACT, "abcdefg", 7, -EINVAL },
		{ A_MIN, "abcdefg", 7, 0 },
		{ A_MIN, "abcde", 5, -ERANGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(parse(t[i].type, t[i].data, t[i].len),
				 t[i].want);
		if (!t[i].want) {
			assert_non_null(tb[t[i].type]);
			continue;
		}
		assert_string_equal(err.msg, POLICY_TEXT);
		assert_int_equal(err.offset, 8);
		assert_int_equal(err.code, t[i].want);
	}
}

static void values(void **state)
{
	(void)state;
	assert_int_equal(parse_u32(A_RANGE, 10), 0);
	assert_int_equal(parse_u32(A_RANGE, 20), 0);
	assert_int_equal(parse_u32(A_RANGE, 9), -ERANGE);
	assert_string_equal(err.msg, "integer out of range");
	assert_int_equal(err.offset, 8);
	assert_int_equal(parse_u32(A_RANGE, 21), -ERANGE);
	assert_int_equal(parse_u32(A_BITS, 0xf), 0);
	assert_int_equal(parse_u32(A_BITS, 0x10), -EINVAL);
	assert_string_equal(err.msg, "reserved bit set");
}

static void unknown(void **state)
{
	(void)state;
	assert_int_equal(parse_u32(A_MAX + 1, 1), 0);
	assert_int_equal(parse_u32(0, 1), 0);
	assert_int_equal(parse_u32(A_NONE, 1), 0);
	assert_null(tb[A_NONE]);
	/* flags in the type don't matter */
	assert_int_equal(parse_u32(A_U32 | NLA_F_NESTED, 7), 0);
	assert_int_equal(mnl_attr_get_u32(tb[A_U32]), 7);
}

/* The last of a type wins; a rest is only warned of. */
static void order_and_rest(void **state)
{
	uint8_t data[64] = { 0 };
	struct ox_nlbuf b = { .data = data, .size = sizeof(data) };
	const size_t hdr = NLMSG_HDRLEN + 4;

	(void)state;
	assert_int_equal(ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL), 0);
	ox_nl_put_u32(&b, A_U32, 1);
	ox_nl_put_u32(&b, A_U32, 2);
	memset(&err, 0, sizeof(err));
	assert_int_equal(ox_attrs_parse(data, data + hdr, b.len - hdr, policy,
					A_MAX, tb, &err),
			 0);
	assert_int_equal(mnl_attr_get_u32(tb[A_U32]), 2);
	assert_string_equal(err.msg, "");
	assert_int_equal(ox_attrs_parse(data, data + hdr, b.len - hdr - 1,
					policy, A_MAX, tb, &err),
			 0);
	assert_int_equal(mnl_attr_get_u32(tb[A_U32]), 1);
	assert_string_equal(err.msg, "bytes leftover after parsing attributes");
	assert_int_equal(err.code, 0);
}

static void build(void **state)
{
	uint8_t data[64];
	struct ox_nlbuf b = { .data = data, .size = sizeof(data) };
	uint32_t mark, len, *hdr;

	(void)state;
	memset(data, 0xff, sizeof(data));
	assert_int_equal(
		ox_nl_begin(&b, 0x4f00, 2, 3, 4, 5, 6, 4, (void **)&hdr), 0);
	*hdr = 9;
	assert_int_equal(b.len, 24);
	assert_int_equal(ox_nl_nest(&b, 7, &mark), 0);
	assert_int_equal(ox_nl_put_u8(&b, 1, 0xaa), 0);
	ox_nl_nest_end(&b, mark);
	assert_int_equal(b.len, 36);
	assert_int_equal(b.nlh->nlmsg_len, 36);
	assert_int_equal(((struct nlattr *)(data + 24))->nla_len, 12);
	/* the padding behind a byte is zero */
	assert_memory_equal(data + 32, "\xaa\0\0\0", 4);
	/* no room: nothing changes */
	assert_int_equal(ox_nl_put(&b, 1, data, 40), -EMSGSIZE);
	assert_int_equal(b.len, 36);
	ox_nl_nest_cancel(&b, mark);
	assert_int_equal(b.nlh->nlmsg_len, 24);
	ox_nl_end(&b);
	len = b.len;
	assert_int_equal(ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL), 0);
	ox_nl_abort(&b);
	assert_int_equal(b.len, len);
	b.size = 30;
	assert_int_equal(ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL), -EMSGSIZE);
	assert_int_equal(b.len, len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.attr.lengths", lengths),
		OX_TEST("unit.attr.values", values),
		OX_TEST("unit.attr.unknown", unknown),
		OX_TEST("unit.attr.order_and_rest", order_and_rest),
		OX_TEST("unit.attr.build", build),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
