// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctnl_exp.c - expectations to messages and back:
 * ctnetlink_exp_dump_expect(), ctnetlink_get_expect() and its kind.
 */
#include "control/codec/ctnl_exp.h"

#include <errno.h>
#include <string.h>

#include "control/codec/ctnl_int.h"

const struct ox_nla_policy ox_ctnl_exp_policy[CTA_EXPECT_MAX + 1] = {
	[CTA_EXPECT_MASTER] = { .type = OX_NLA_NESTED },
	[CTA_EXPECT_TUPLE] = { .type = OX_NLA_NESTED },
	[CTA_EXPECT_MASK] = { .type = OX_NLA_NESTED },
	[CTA_EXPECT_TIMEOUT] = { .type = OX_NLA_U32 },
	[CTA_EXPECT_ID] = { .type = OX_NLA_U32 },
	[CTA_EXPECT_HELP_NAME] = { .type = OX_NLA_NUL_STRING,
				   .len = OX_CTNL_HELPER_LEN - 1 },
	[CTA_EXPECT_ZONE] = { .type = OX_NLA_U16 },
	[CTA_EXPECT_FLAGS] = { .type = OX_NLA_U32 },
	[CTA_EXPECT_CLASS] = { .type = OX_NLA_U32 },
	[CTA_EXPECT_NAT] = { .type = OX_NLA_NESTED },
	[CTA_EXPECT_FN] = { .type = OX_NLA_NUL_STRING },
};

/* ---- writing ---- */

/* ctnetlink_exp_dump_mask(): all but the source is matched. */
static int put_mask(struct ox_nlbuf *b, const struct ox_ctnl_exp *x)
{
	struct ox_ctnl_tuple m;

	memset(&m, 0xff, sizeof(m));
	memcpy(m.src, x->mask.src, sizeof(m.src));
	m.sport = x->mask.sport;
	m.l3 = x->tuple.l3;
	m.proto = x->tuple.proto;
	return ox_ctnl_tuple_put(b, CTA_EXPECT_MASK, &m);
}

static int put_nat(struct ox_nlbuf *b, const struct ox_ctnl_exp *x)
{
	struct ox_ctnl_tuple t = { .l3 = x->master.l3,
				   .proto = x->master.proto,
				   .sport = x->nat.sport };
	uint32_t mark;
	int err;

	if (!x->has_nat)
		return 0;
	memcpy(t.src, x->nat.src, sizeof(t.src));
	err = ox_ctnl_nest(b, CTA_EXPECT_NAT, &mark);
	if (!err)
		err = ox_ctnl_put_be32(b, CTA_EXPECT_NAT_DIR, x->nat_dir);
	if (!err)
		err = ox_ctnl_tuple_put(b, CTA_EXPECT_NAT_TUPLE, &t);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_exp(struct ox_nlbuf *b, const struct ox_ctnl_exp *x)
{
	int err = ox_ctnl_tuple_put(b, CTA_EXPECT_TUPLE, &x->tuple);

	if (!err)
		err = put_mask(b, x);
	if (!err)
		err = ox_ctnl_tuple_put(b, CTA_EXPECT_MASTER, &x->master);
	if (!err)
		err = put_nat(b, x);
	if (!err)
		err = ox_ctnl_put_be32(b, CTA_EXPECT_TIMEOUT, x->timeout);
	if (!err)
		err = ox_nl_put_u32(b, CTA_EXPECT_ID, x->id);
	if (!err)
		err = ox_ctnl_put_be32(b, CTA_EXPECT_FLAGS, x->flags);
	if (!err)
		err = ox_ctnl_put_be32(b, CTA_EXPECT_CLASS, x->class);
	if (!err && x->helper[0])
		err = ox_nl_put_str(b, CTA_EXPECT_HELP_NAME, x->helper);
	if (!err && x->fn[0])
		err = ox_nl_put_str(b, CTA_EXPECT_FN, x->fn);
	return err;
}

int ox_ctnl_exp_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
		    uint8_t cmd, const struct ox_ctnl_exp *x)
{
	int err = ox_ctnl_begin(b, to, NFNL_SUBSYS_CTNETLINK_EXP, cmd,
				x->tuple.l3, 0);

	return err ? err : ox_ctnl_end(b, put_exp(b, x));
}

/* ---- reading ---- */

/* ctnetlink_parse_expect_nat() */
static int parse_nat(const struct ox_ctnl_in *in, const struct nlattr *nest,
		     uint8_t family, struct ox_ctnl_exp *x)
{
	static const struct ox_nla_policy policy[CTA_EXPECT_NAT_MAX + 1] = {
		[CTA_EXPECT_NAT_DIR] = { .type = OX_NLA_U32 },
		[CTA_EXPECT_NAT_TUPLE] = { .type = OX_NLA_NESTED },
	};
	const struct nlattr *tb[CTA_EXPECT_NAT_MAX + 1];
	int err = ox_ctnl_nested(in, nest, policy, CTA_EXPECT_NAT_MAX, tb);

	if (err)
		return err;
	if (tb[CTA_EXPECT_NAT_DIR] && ox_ctnl_be32(tb[CTA_EXPECT_NAT_DIR]) > 1)
		return ox_ctnl_bad(in, -ERANGE, tb[CTA_EXPECT_NAT_DIR],
				   "a direction is 0 or 1");
	if (!tb[CTA_EXPECT_NAT_DIR] || !tb[CTA_EXPECT_NAT_TUPLE])
		return ox_ctnl_bad(in, -EINVAL, nest,
				   "NAT of an expectation has a direction and "
				   "a tuple");
	x->has_nat = true;
	x->nat_dir = ox_ctnl_be32(tb[CTA_EXPECT_NAT_DIR]);
	return ox_ctnl_tuple_parse(in, tb[CTA_EXPECT_NAT_TUPLE], family,
				   OX_CTNL_F_ALL, NULL, &x->nat);
}

static int parse_three(const struct ox_ctnl_in *in,
		       const struct nlattr *const *tb, uint8_t family,
		       struct ox_ctnl_exp *x)
{
	const struct nlattr *const a[] = { tb[CTA_EXPECT_TUPLE],
					   tb[CTA_EXPECT_MASK],
					   tb[CTA_EXPECT_MASTER] };
	struct ox_ctnl_tuple *const to[] = { &x->tuple, &x->mask, &x->master };
	int err = 0;

	if (!a[0] || !a[1] || !a[2])
		return ox_ctnl_bad(in, -EINVAL, NULL,
				   "an expectation has a tuple, a mask and a "
				   "master");
	for (int i = 0; i < 3 && !err; i++)
		err = ox_ctnl_tuple_parse(in, a[i], family, OX_CTNL_F_ALL, NULL,
					  to[i]);
	return err;
}

static int parse_numbers(const struct ox_ctnl_in *in,
			 const struct nlattr *const *tb, struct ox_ctnl_exp *x)
{
	if (tb[CTA_EXPECT_TIMEOUT])
		x->timeout = ox_ctnl_be32(tb[CTA_EXPECT_TIMEOUT]);
	if (tb[CTA_EXPECT_ID])
		x->id = mnl_attr_get_u32(tb[CTA_EXPECT_ID]);
	if (tb[CTA_EXPECT_CLASS])
		x->class = ox_ctnl_be32(tb[CTA_EXPECT_CLASS]);
	if (tb[CTA_EXPECT_FLAGS])
		x->flags = ox_ctnl_be32(tb[CTA_EXPECT_FLAGS]);
	if (x->flags & ~(uint32_t)OX_CTNL_EXP_FLAGS)
		return ox_ctnl_bad(in, -EINVAL, tb[CTA_EXPECT_FLAGS],
				   "expectation flags 0x%x: 0x%x are known",
				   x->flags, OX_CTNL_EXP_FLAGS);
	return 0;
}

int ox_ctnl_exp_parse(const void *base, const struct nlattr *const *tb,
		      uint8_t family, struct ox_ctnl_exp *out, struct ox_err *e)
{
	struct ox_ctnl_in in = { base, e };
	int err;

	memset(out, 0, sizeof(*out));
	out->zone = ox_ctnl_zone(tb[CTA_EXPECT_ZONE]);
	err = parse_three(&in, tb, family, out);
	if (!err)
		err = parse_numbers(&in, tb, out);
	if (!err && tb[CTA_EXPECT_NAT])
		err = parse_nat(&in, tb[CTA_EXPECT_NAT], out->master.l3, out);
	if (err)
		return err;
	if (tb[CTA_EXPECT_HELP_NAME])
		ox_ctnl_name(tb[CTA_EXPECT_HELP_NAME], out->helper,
			     sizeof(out->helper));
	if (tb[CTA_EXPECT_FN])
		ox_ctnl_name(tb[CTA_EXPECT_FN], out->fn, sizeof(out->fn));
	return 0;
}

/* ---- requests ---- */

static int parse_tuple(const struct ox_ctnl_in *in, const struct nlattr *a,
		       const struct nlattr *const *tb, uint8_t family,
		       enum ox_ctnl_exp_what what,
		       struct ox_ctnl_exp_request *out)
{
	out->what = what;
	out->zone = ox_ctnl_zone(tb[CTA_EXPECT_ZONE]);
	out->has_id = tb[CTA_EXPECT_ID] && what == OX_CTNL_EXP_ONE;
	if (out->has_id)
		out->id = mnl_attr_get_u32(tb[CTA_EXPECT_ID]);
	return ox_ctnl_tuple_parse(in, a, family, OX_CTNL_F_ALL, NULL,
				   &out->tuple);
}

int ox_ctnl_exp_get_parse(const void *base, const struct nlattr *const *tb,
			  uint8_t family, bool dump,
			  struct ox_ctnl_exp_request *out, struct ox_err *e)
{
	struct ox_ctnl_in in = { base, e };

	memset(out, 0, sizeof(*out));
	out->family = family;
	if (dump && !tb[CTA_EXPECT_MASTER])
		return 0;
	if (dump)
		return parse_tuple(&in, tb[CTA_EXPECT_MASTER], tb, family,
				   OX_CTNL_EXP_MASTER, out);
	/* nf_ct_expect_find_get() by whichever is given */
	if (tb[CTA_EXPECT_TUPLE] || tb[CTA_EXPECT_MASTER])
		return parse_tuple(&in,
				   tb[CTA_EXPECT_TUPLE] ? tb[CTA_EXPECT_TUPLE]
							: tb[CTA_EXPECT_MASTER],
				   tb, family, OX_CTNL_EXP_ONE, out);
	return ox_ctnl_bad(&in, -EINVAL, NULL,
			   "a GET of one expectation needs a tuple");
}

int ox_ctnl_exp_delete_parse(const void *base, const struct nlattr *const *tb,
			     uint8_t family, struct ox_ctnl_exp_request *out,
			     struct ox_err *e)
{
	struct ox_ctnl_in in = { base, e };

	memset(out, 0, sizeof(*out));
	if (tb[CTA_EXPECT_TUPLE])
		return parse_tuple(&in, tb[CTA_EXPECT_TUPLE], tb, family,
				   OX_CTNL_EXP_ONE, out);
	if (!tb[CTA_EXPECT_HELP_NAME])
		return 0;
	out->what = OX_CTNL_EXP_HELPER;
	ox_ctnl_name(tb[CTA_EXPECT_HELP_NAME], out->helper,
		     sizeof(out->helper));
	return 0;
}
