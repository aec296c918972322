// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fuzz_attr.c - arbitrary attribute streams against a policy with every type:
 * what is accepted must be as long as its type promises, and can be put into
 * a message again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "control/base/attr.h"
#include "control/base/nlbuf.h"

enum { MAX = 13 };

static const struct ox_nla_policy policy[MAX + 1] = {
	[1] = { .type = OX_NLA_U8 },
	[2] = { .type = OX_NLA_U16 },
	[3] = { .type = OX_NLA_U32 },
	[4] = { .type = OX_NLA_U64 },
	[5] = { .type = OX_NLA_STRING, .len = 15 },
	[6] = { .type = OX_NLA_NUL_STRING, .len = 15 },
	[7] = { .type = OX_NLA_NESTED },
	[8] = { .type = OX_NLA_FLAG },
	[9] = { .type = OX_NLA_EXACT, .len = 12 },
	[10] = { .type = OX_NLA_MIN, .len = 8 },
	[11] = { .type = OX_NLA_ANY },
	[12] = { .type = OX_NLA_U32, .min = 2, .max = 70000 },
	[13] = { .type = OX_NLA_U64, .bits = 0xff00ff },
};

static void must(int cond)
{
	if (!cond)
		abort();
}

static void check_lengths(const struct nlattr **tb)
{
	static const uint8_t least[MAX + 1] = { 0, 1, 2,  4, 8, 1, 1,
						0, 0, 12, 8, 0, 4, 8 };

	for (int i = 1; i <= MAX; i++)
		must(!tb[i] || mnl_attr_get_payload_len(tb[i]) >= least[i]);
	must(!tb[6] || strlen(mnl_attr_get_str(tb[6])) <= 15);
	must(!tb[9] || mnl_attr_get_payload_len(tb[9]) == 12);
	must(!tb[12] || (mnl_attr_get_u32(tb[12]) >= 2 &&
			 mnl_attr_get_u32(tb[12]) <= 70000));
}

static void copy_all(const struct nlattr **tb)
{
	uint8_t out[256];
	struct ox_nlbuf b = { .data = out, .size = sizeof(out) };
	uint32_t mark, len;

	ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL);
	for (int i = 1; i <= MAX; i++) {
		if (!tb[i])
			continue;
		len = b.len;
		if (ox_nl_nest(&b, 1, &mark))
			break;
		if (ox_nl_put(&b, (uint16_t)i, mnl_attr_get_payload(tb[i]),
			      mnl_attr_get_payload_len(tb[i])))
			ox_nl_nest_cancel(&b, mark);
		else
			ox_nl_nest_end(&b, mark);
		must(b.len >= len && b.len <= b.size);
		must(b.nlh->nlmsg_len == b.len);
	}
	ox_nl_end(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nlattr *tb[MAX + 1];
	struct ox_err e = { 0 };
	uint8_t *copy = malloc(size + 1); /* aligned, and its end is watched */
	int err;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	err = ox_attrs_parse(copy, copy, size, policy, MAX, tb, &e);
	must(err <= 0);
	must(!err || (e.code == err && e.offset < size && e.msg[0]));
	if (!err) {
		check_lengths(tb);
		copy_all(tb);
		if (tb[7])
			ox_attrs_parse(copy, mnl_attr_get_payload(tb[7]),
				       mnl_attr_get_payload_len(tb[7]), policy,
				       MAX, tb, &e);
	}
	free(copy);
	return 0;
}
