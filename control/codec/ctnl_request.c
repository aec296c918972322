// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctnl_request.c - what a GET or a DELETE asks for: one entry, or those that
 * pass a filter.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "control/codec/ctnl_int.h"

/* ctnetlink_filter_parse_mark() */
static int parse_mark(const struct ox_ctnl_in *in,
		      const struct nlattr *const *tb, struct ox_ctnl_filter *f)
{
	if (!tb[CTA_MARK] && tb[CTA_MARK_MASK])
		return ox_ctnl_bad(in, -EINVAL, tb[CTA_MARK_MASK],
				   "a mask without a mark");
	if (!tb[CTA_MARK])
		return 0;
	f->mark = ox_ctnl_be32(tb[CTA_MARK]);
	f->mark_mask = tb[CTA_MARK_MASK] ? ox_ctnl_be32(tb[CTA_MARK_MASK])
					 : UINT32_MAX;
	return 0;
}

/* ctnetlink_filter_parse_status() */
static int parse_status(const struct ox_ctnl_in *in,
			const struct nlattr *const *tb,
			struct ox_ctnl_filter *f)
{
	if (!tb[CTA_STATUS] && tb[CTA_STATUS_MASK])
		return ox_ctnl_bad(in, -EINVAL, tb[CTA_STATUS_MASK],
				   "a mask without a status");
	if (!tb[CTA_STATUS])
		return 0;
	f->status = ox_ctnl_be32(tb[CTA_STATUS]);
	f->status_mask = tb[CTA_STATUS_MASK] ? ox_ctnl_be32(tb[CTA_STATUS_MASK])
					     : f->status;
	if (f->status_mask)
		return 0;
	return ox_ctnl_bad(in, -EINVAL, tb[CTA_STATUS],
			   "a status of no bits: all or none would pass");
}

/* One of the two words of CTA_FILTER, which is checked strictly: its nested
 * flag, its length, its bits. */
static int parse_flags_attr(const struct ox_ctnl_in *in, const struct nlattr *a,
			    struct ox_ctnl_filter *f)
{
	int type = mnl_attr_get_type(a);

	if (a->nla_type & NLA_F_NESTED)
		return ox_ctnl_bad(in, -EINVAL, a, "NLA_F_NESTED not expected");
	if (!type || type > CTA_FILTER_MAX)
		return ox_ctnl_bad(in, -EINVAL, a,
				   "filter: attribute %d is "
				   "unknown",
				   type);
	if (mnl_attr_get_payload_len(a) != sizeof(uint32_t))
		return ox_ctnl_bad(in, -EINVAL, a,
				   "filter: %d bytes, 4 are "
				   "right",
				   mnl_attr_get_payload_len(a));
	/* in the host's order, alone of all */
	f->flags[type - 1] = mnl_attr_get_u32(a);
	if (f->flags[type - 1] & ~(uint32_t)OX_CTNL_F_ALL)
		return ox_ctnl_bad(in, -EINVAL, a,
				   "filter: fields 0x%x, 0x%x "
				   "are known",
				   f->flags[type - 1], OX_CTNL_F_ALL);
	return 0;
}

/* ctnetlink_parse_filter() */
static int parse_flags(const struct ox_ctnl_in *in, const struct nlattr *nest,
		       struct ox_ctnl_filter *f)
{
	const uint8_t *end = (const uint8_t *)nest + nest->nla_len;
	const struct nlattr *a;
	int err;

	if (!(nest->nla_type & NLA_F_NESTED))
		return ox_ctnl_bad(in, -EINVAL, nest,
				   "NLA_F_NESTED is missing");
	mnl_attr_for_each_nested (a, nest) {
		err = parse_flags_attr(in, a, f);
		if (err)
			return err;
	}
	if ((const uint8_t *)a < end)
		return ox_ctnl_bad(in, -EINVAL, nest, "filter: stray bytes");
	return 0;
}

static int parse_side(const struct ox_ctnl_in *in,
		      const struct nlattr *const *tb, enum ox_ctnl_dir dir,
		      struct ox_ctnl_filter *f)
{
	const struct nlattr *a = tb[CTA_TUPLE_ORIG + dir];

	if (!f->flags[dir])
		return 0;
	if (!a)
		return ox_ctnl_bad(in, -EINVAL, tb[CTA_FILTER],
				   "filter: fields without their tuple");
	return ox_ctnl_tuple_parse(in, a, f->family, f->flags[dir], &f->zone,
				   &f->tuple[dir]);
}

/* ctnetlink_alloc_filter(). A kernel before 6.8 doesn't look at the zone. */
int ox_ctnl_filter_parse(const void *base, const struct nlattr *const *tb,
			 uint8_t family, struct ox_ctnl_filter *out,
			 struct ox_err *e)
{
	struct ox_ctnl_in in = { base, e };
	int err;

	memset(out, 0, sizeof(*out));
	/* ctnetlink_needs_filter(): a mask alone is not looked at */
	out->given = family || tb[CTA_ZONE] || tb[CTA_MARK] || tb[CTA_STATUS] ||
		     tb[CTA_FILTER];
	if (!out->given)
		return 0;
	out->family = family;
	out->has_zone = tb[CTA_ZONE];
	out->zone = ox_ctnl_zone(tb[CTA_ZONE]);
	err = parse_mark(&in, tb, out);
	if (!err)
		err = parse_status(&in, tb, out);
	if (err || !tb[CTA_FILTER])
		return err;
	err = parse_flags(&in, tb[CTA_FILTER], out);
	if (!err)
		err = parse_side(&in, tb, OX_CTNL_ORIG, out);
	if (!err)
		err = parse_side(&in, tb, OX_CTNL_REPLY, out);
	return err;
}

static int parse_which(const struct ox_ctnl_in *in,
		       const struct nlattr *const *tb, uint8_t family,
		       struct ox_ctnl_which *out)
{
	const struct nlattr *a = tb[CTA_TUPLE_ORIG] ? tb[CTA_TUPLE_ORIG]
						    : tb[CTA_TUPLE_REPLY];

	out->zone = ox_ctnl_zone(tb[CTA_ZONE]);
	out->has_id = tb[CTA_ID];
	if (tb[CTA_ID])
		out->id = mnl_attr_get_u32(tb[CTA_ID]);
	return ox_ctnl_tuple_parse(in, a, family, OX_CTNL_F_ALL, &out->zone,
				   &out->tuple);
}

int ox_ctnl_which_parse(const void *base, const struct nlattr *const *tb,
			uint8_t family, struct ox_ctnl_which *out,
			struct ox_err *e)
{
	struct ox_ctnl_in in = { base, e };
	int err;

	memset(out, 0, sizeof(*out));
	if (!tb[CTA_TUPLE_ORIG] && !tb[CTA_TUPLE_REPLY])
		return ox_ctnl_bad(&in, -EINVAL, NULL,
				   "a GET of one entry needs a tuple");
	err = parse_which(&in, tb, family, out);
	out->has_id = false; /* a GET doesn't look at it */
	return err;
}

int ox_ctnl_delete_parse(const void *base, const struct nlattr *const *tb,
			 const struct nfgenmsg *hdr, struct ox_ctnl_delete *out,
			 struct ox_err *e)
{
	struct ox_ctnl_in in = { base, e };

	memset(out, 0, sizeof(*out));
	/* kernels of 6.1 take no CTA_FILTER here */
	out->one = (tb[CTA_TUPLE_ORIG] || tb[CTA_TUPLE_REPLY]) &&
		   !tb[CTA_FILTER];
	if (out->one)
		return parse_which(&in, tb, hdr->nfgen_family, &out->which);
	/* without a filter the family counts only in a message of version 1 */
	return ox_ctnl_filter_parse(
		base, tb,
		hdr->version || tb[CTA_FILTER] ? hdr->nfgen_family : 0,
		&out->filter, e);
}
