// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctnl_parse.c - the attributes of a message to an entry.
 */
#include <errno.h>
#include <string.h>

#include "control/codec/ctnl_int.h"

/* ct_nla_policy. What a request can't set, but an answer has, takes any form
 * there, too: it is looked at where it is used. */
const struct ox_nla_policy ox_ctnl_policy[CTA_MAX + 1] = {
	[CTA_TUPLE_ORIG] = { .type = OX_NLA_NESTED },
	[CTA_TUPLE_REPLY] = { .type = OX_NLA_NESTED },
	[CTA_STATUS] = { .type = OX_NLA_U32 },
	[CTA_PROTOINFO] = { .type = OX_NLA_NESTED },
	[CTA_HELP] = { .type = OX_NLA_NESTED },
	[CTA_NAT_SRC] = { .type = OX_NLA_NESTED },
	[CTA_TIMEOUT] = { .type = OX_NLA_U32 },
	[CTA_MARK] = { .type = OX_NLA_U32 },
	[CTA_COUNTERS_ORIG] = { .type = OX_NLA_ANY },
	[CTA_COUNTERS_REPLY] = { .type = OX_NLA_ANY },
	[CTA_USE] = { .type = OX_NLA_ANY },
	[CTA_ID] = { .type = OX_NLA_U32 },
	[CTA_NAT_DST] = { .type = OX_NLA_NESTED },
	[CTA_TUPLE_MASTER] = { .type = OX_NLA_NESTED },
	[CTA_SEQ_ADJ_ORIG] = { .type = OX_NLA_NESTED },
	[CTA_SEQ_ADJ_REPLY] = { .type = OX_NLA_NESTED },
	[CTA_ZONE] = { .type = OX_NLA_U16 },
	[CTA_TIMESTAMP] = { .type = OX_NLA_ANY },
	[CTA_MARK_MASK] = { .type = OX_NLA_U32 },
	[CTA_LABELS] = { .type = OX_NLA_BINARY, .len = OX_CTNL_LABELS_LEN },
	[CTA_LABELS_MASK] = { .type = OX_NLA_BINARY,
			      .len = OX_CTNL_LABELS_LEN },
	[CTA_SYNPROXY] = { .type = OX_NLA_ANY },
	[CTA_FILTER] = { .type = OX_NLA_NESTED },
	[CTA_STATUS_MASK] = { .type = OX_NLA_U32 },
};

static int get_tuple(const struct ox_ctnl_in *in, const struct nlattr *a,
		     uint8_t family, struct ox_ctnl_entry *e,
		     struct ox_ctnl_tuple *t)
{
	if (!a)
		return ox_ctnl_bad(in, -EINVAL, NULL,
				   "an entry has two "
				   "tuples");
	return ox_ctnl_tuple_parse(in, a, family, OX_CTNL_F_ALL, &e->zone, t);
}

static int get_counters(const struct ox_ctnl_in *in, const struct nlattr *nest,
			struct ox_ctnl_entry *e, enum ox_ctnl_dir dir)
{
	static const struct ox_nla_policy policy[CTA_COUNTERS_MAX + 1] = {
		[CTA_COUNTERS_PACKETS] = { .type = OX_NLA_U64 },
		[CTA_COUNTERS_BYTES] = { .type = OX_NLA_U64 },
	};
	const struct nlattr *tb[CTA_COUNTERS_MAX + 1];
	int err = ox_ctnl_nested(in, nest, policy, CTA_COUNTERS_MAX, tb);

	if (err)
		return err;
	if (tb[CTA_COUNTERS_PACKETS])
		e->packets[dir] = ox_ctnl_be64(tb[CTA_COUNTERS_PACKETS]);
	if (tb[CTA_COUNTERS_BYTES])
		e->bytes[dir] = ox_ctnl_be64(tb[CTA_COUNTERS_BYTES]);
	e->has |= OX_CTNL_COUNTERS;
	return 0;
}

static int get_timestamp(const struct ox_ctnl_in *in, const struct nlattr *nest,
			 struct ox_ctnl_entry *e)
{
	static const struct ox_nla_policy policy[CTA_TIMESTAMP_MAX + 1] = {
		[CTA_TIMESTAMP_START] = { .type = OX_NLA_U64 },
		[CTA_TIMESTAMP_STOP] = { .type = OX_NLA_U64 },
	};
	const struct nlattr *tb[CTA_TIMESTAMP_MAX + 1];
	int err = ox_ctnl_nested(in, nest, policy, CTA_TIMESTAMP_MAX, tb);

	if (err)
		return err;
	if (tb[CTA_TIMESTAMP_START])
		e->start_ns = ox_ctnl_be64(tb[CTA_TIMESTAMP_START]);
	if (tb[CTA_TIMESTAMP_STOP])
		e->stop_ns = ox_ctnl_be64(tb[CTA_TIMESTAMP_STOP]);
	e->has |= OX_CTNL_TIMESTAMP;
	return 0;
}

/* ctnetlink_parse_help() */
static int get_helper(const struct ox_ctnl_in *in, const struct nlattr *nest,
		      struct ox_ctnl_entry *e)
{
	static const struct ox_nla_policy policy[CTA_HELP_MAX + 1] = {
		[CTA_HELP_NAME] = { .type = OX_NLA_NUL_STRING,
				    .len = OX_CTNL_HELPER_LEN - 1 },
		[CTA_HELP_INFO] = { .type = OX_NLA_ANY },
	};
	const struct nlattr *tb[CTA_HELP_MAX + 1];
	int err = ox_ctnl_nested(in, nest, policy, CTA_HELP_MAX, tb);

	if (err)
		return err;
	if (!tb[CTA_HELP_NAME])
		return ox_ctnl_bad(in, -EINVAL, nest, "a helper has a name");
	ox_ctnl_name(tb[CTA_HELP_NAME], e->helper, sizeof(e->helper));
	e->has |= OX_CTNL_HELPER;
	return 0;
}

/* change_seq_adj() */
static int get_seq_adj(const struct ox_ctnl_in *in, const struct nlattr *nest,
		       struct ox_ctnl_entry *e, enum ox_ctnl_dir dir)
{
	static const struct ox_nla_policy policy[CTA_SEQADJ_MAX + 1] = {
		[CTA_SEQADJ_CORRECTION_POS] = { .type = OX_NLA_U32 },
		[CTA_SEQADJ_OFFSET_BEFORE] = { .type = OX_NLA_U32 },
		[CTA_SEQADJ_OFFSET_AFTER] = { .type = OX_NLA_U32 },
	};
	const struct nlattr *tb[CTA_SEQADJ_MAX + 1];
	struct ox_ctnl_seq_adj *s = &e->seq_adj[dir];
	int err = ox_ctnl_nested(in, nest, policy, CTA_SEQADJ_MAX, tb);

	if (err)
		return err;
	if (!tb[CTA_SEQADJ_CORRECTION_POS] || !tb[CTA_SEQADJ_OFFSET_BEFORE] ||
	    !tb[CTA_SEQADJ_OFFSET_AFTER])
		return ox_ctnl_bad(in, -EINVAL, nest,
				   "seq_adj has a position and two offsets");
	s->correction_pos = ox_ctnl_be32(tb[CTA_SEQADJ_CORRECTION_POS]);
	s->offset_before = ox_ctnl_be32(tb[CTA_SEQADJ_OFFSET_BEFORE]);
	s->offset_after = ox_ctnl_be32(tb[CTA_SEQADJ_OFFSET_AFTER]);
	e->has |= OX_CTNL_SEQ_ADJ;
	return 0;
}

/* ctnetlink_attach_labels() */
static int get_labels(const struct ox_ctnl_in *in, const struct nlattr *a,
		      struct ox_ctnl_entry *e)
{
	int len = mnl_attr_get_payload_len(a);

	if (len % 4)
		return ox_ctnl_bad(in, -EINVAL, a,
				   "labels of %d bytes: a multiple of 4 is "
				   "right",
				   len);
	memcpy(e->labels, mnl_attr_get_payload(a), (size_t)len);
	e->has |= OX_CTNL_LABELS;
	return 0;
}

static void get_numbers(const struct nlattr *const *tb, struct ox_ctnl_entry *e)
{
	if (tb[CTA_STATUS]) {
		e->status = ox_ctnl_be32(tb[CTA_STATUS]);
		e->has |= OX_CTNL_STATUS;
	}
	if (tb[CTA_TIMEOUT]) {
		e->timeout = ox_ctnl_be32(tb[CTA_TIMEOUT]);
		e->has |= OX_CTNL_TIMEOUT;
	}
	if (tb[CTA_MARK]) {
		e->mark = ox_ctnl_be32(tb[CTA_MARK]);
		e->has |= OX_CTNL_MARK;
	}
	if (tb[CTA_ID]) {
		e->id = mnl_attr_get_u32(tb[CTA_ID]);
		e->has |= OX_CTNL_ID;
	}
	if (tb[CTA_USE] && mnl_attr_get_payload_len(tb[CTA_USE]) >= 4) {
		e->use = ox_ctnl_be32(tb[CTA_USE]);
		e->has |= OX_CTNL_USE;
	}
}

static int get_nests(const struct ox_ctnl_in *in,
		     const struct nlattr *const *tb, uint8_t family,
		     struct ox_ctnl_entry *e)
{
	int err = 0;

	for (int i = 0; i < 2 && !err; i++) {
		if (tb[CTA_COUNTERS_ORIG + i])
			err = get_counters(in, tb[CTA_COUNTERS_ORIG + i], e, i);
		if (!err && tb[i ? CTA_SEQ_ADJ_REPLY : CTA_SEQ_ADJ_ORIG])
			err = get_seq_adj(
				in,
				tb[i ? CTA_SEQ_ADJ_REPLY : CTA_SEQ_ADJ_ORIG], e,
				i);
	}
	if (!err && tb[CTA_TIMESTAMP])
		err = get_timestamp(in, tb[CTA_TIMESTAMP], e);
	if (!err && tb[CTA_HELP])
		err = get_helper(in, tb[CTA_HELP], e);
	if (!err && tb[CTA_LABELS])
		err = get_labels(in, tb[CTA_LABELS], e);
	if (!err && tb[CTA_PROTOINFO]) {
		err = ox_ctnl_proto_parse(in, tb[CTA_PROTOINFO],
					  e->tuple[0].proto, &e->proto);
		e->has |= OX_CTNL_PROTOINFO;
	}
	if (!err && tb[CTA_TUPLE_MASTER]) {
		err = ox_ctnl_tuple_parse(in, tb[CTA_TUPLE_MASTER], family,
					  OX_CTNL_F_ALL, NULL, &e->master);
		e->has |= OX_CTNL_MASTER;
	}
	return err;
}

int ox_ctnl_entry_parse(const void *base, const struct nlattr *const *tb,
			uint8_t family, struct ox_ctnl_entry *out,
			struct ox_err *err)
{
	struct ox_ctnl_in in = { base, err };
	int r;

	memset(out, 0, sizeof(*out));
	out->zone = ox_ctnl_zone(tb[CTA_ZONE]);
	r = get_tuple(&in, tb[CTA_TUPLE_ORIG], family, out,
		      &out->tuple[OX_CTNL_ORIG]);
	if (!r)
		r = get_tuple(&in, tb[CTA_TUPLE_REPLY], family, out,
			      &out->tuple[OX_CTNL_REPLY]);
	if (!r && out->tuple[0].proto != out->tuple[1].proto)
		r = ox_ctnl_bad(&in, -EINVAL, tb[CTA_TUPLE_REPLY],
				"both tuples have one protocol");
	if (r)
		return r;
	get_numbers(tb, out);
	return get_nests(&in, tb, family, out);
}
