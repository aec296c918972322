// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctnl_timeout.c - timeout policies to messages and back.
 */
#include "control/codec/ctnl_timeout.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "control/codec/ctnl_int.h"

const struct ox_nla_policy ox_ctnl_timeout_policy[CTA_TIMEOUT_MAX + 1] = {
	[CTA_TIMEOUT_NAME] = { .type = OX_NLA_NUL_STRING,
			       .len = CTNL_TIMEOUT_NAME_MAX - 1 },
	[CTA_TIMEOUT_L3PROTO] = { .type = OX_NLA_U16 },
	[CTA_TIMEOUT_L4PROTO] = { .type = OX_NLA_U8 },
	[CTA_TIMEOUT_DATA] = { .type = OX_NLA_NESTED },
	[CTA_TIMEOUT_USE] = { .type = OX_NLA_ANY },
};

/* Attributes 1 to n of a protocol, and the place of each. */
struct kind {
	uint8_t proto;
	uint8_t n;
	bool none; /* place 0 is that of a state without an attribute */
	uint8_t place[CTA_TIMEOUT_TCP_MAX];
};

static const struct kind kinds[] = {
	{ IPPROTO_TCP,
	  CTA_TIMEOUT_TCP_MAX,
	  true,
	  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13 } },
	{ IPPROTO_UDP, CTA_TIMEOUT_UDP_MAX, false, { 0, 1 } },
	{ IPPROTO_UDPLITE, CTA_TIMEOUT_UDPLITE_MAX, false, { 0, 1 } },
	{ IPPROTO_ICMP, CTA_TIMEOUT_ICMP_MAX, false, { 0 } },
	{ IPPROTO_ICMPV6, CTA_TIMEOUT_ICMPV6_MAX, false, { 0 } },
	{ IPPROTO_DCCP, CTA_TIMEOUT_DCCP_MAX, true, { 1, 2, 3, 4, 5, 6, 7 } },
	{ IPPROTO_SCTP,
	  CTA_TIMEOUT_SCTP_MAX,
	  true,
	  { 1, 2, 3, 4, 5, 6, 7, 8, 9 } },
	{ IPPROTO_GRE, CTA_TIMEOUT_GRE_MAX, false, { 0, 1 } },
	{ OX_CTNL_GENERIC_PROTO, CTA_TIMEOUT_GENERIC_MAX, false, { 0 } },
};

static const struct kind *kind_of(uint8_t proto)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].proto == proto)
			return &kinds[i];
	return NULL;
}

/* ---- writing ---- */

static int put_data(struct ox_nlbuf *b, const struct ox_ctnl_timeout *t)
{
	const struct kind *k = kind_of(t->l4);
	uint32_t mark;
	int err = ox_ctnl_nest(b, CTA_TIMEOUT_DATA, &mark);

	for (uint16_t i = 0; k && i < k->n && !err; i++)
		err = ox_ctnl_put_be32(b, (uint16_t)(i + 1),
				       t->seconds[k->place[i]]);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_protocols(struct ox_nlbuf *b, const struct ox_ctnl_timeout *t)
{
	int err = ox_ctnl_put_be16(b, CTA_TIMEOUT_L3PROTO, t->l3);

	return err ? err : ox_nl_put_u8(b, CTA_TIMEOUT_L4PROTO, t->l4);
}

int ox_ctnl_timeout_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
			const struct ox_ctnl_timeout *t)
{
	int err = ox_ctnl_begin(b, to, NFNL_SUBSYS_CTNETLINK_TIMEOUT,
				IPCTNL_MSG_TIMEOUT_NEW, AF_UNSPEC, 0);

	if (err)
		return err;
	err = ox_nl_put_str(b, CTA_TIMEOUT_NAME, t->name);
	if (!err)
		err = put_protocols(b, t);
	if (!err)
		err = ox_ctnl_put_be32(b, CTA_TIMEOUT_USE, t->use);
	if (!err)
		err = put_data(b, t);
	return ox_ctnl_end(b, err);
}

int ox_ctnl_timeout_default_put(struct ox_nlbuf *b, const struct ox_ctnl_to *to,
				const struct ox_ctnl_timeout *t)
{
	int err = ox_ctnl_begin(b, to, NFNL_SUBSYS_CTNETLINK_TIMEOUT,
				IPCTNL_MSG_TIMEOUT_DEFAULT_SET, AF_UNSPEC, 0);

	if (err)
		return err;
	err = put_protocols(b, t);
	if (!err)
		err = put_data(b, t);
	return ox_ctnl_end(b, err);
}

/* ---- reading ---- */

/* ctnl_timeout_parse_policy() */
static int parse_data(const struct ox_ctnl_in *in, const struct nlattr *nest,
		      const struct kind *k, struct ox_ctnl_timeout *t)
{
	struct ox_nla_policy policy[CTA_TIMEOUT_TCP_MAX + 1] = { { 0 } };
	const struct nlattr *tb[CTA_TIMEOUT_TCP_MAX + 1];
	int err;

	for (int i = 1; i <= k->n; i++)
		policy[i].type = OX_NLA_U32;
	err = ox_ctnl_nested(in, nest, policy, k->n, tb);
	if (err)
		return err;
	for (int i = 0; i < k->n; i++) {
		if (!tb[i + 1])
			continue;
		t->seconds[k->place[i]] = ox_ctnl_be32(tb[i + 1]);
		t->given |= (uint16_t)(1u << k->place[i]);
	}
	if (k->none && t->given & 2) {
		t->seconds[0] = t->seconds[1];
		t->given |= 1;
	}
	return 0;
}

int ox_ctnl_timeout_which_parse(const void *base,
				const struct nlattr *const *tb,
				struct ox_ctnl_timeout *out, struct ox_err *e)
{
	struct ox_ctnl_in in = { base, e };

	memset(out, 0, sizeof(*out));
	if (!tb[CTA_TIMEOUT_L3PROTO] || !tb[CTA_TIMEOUT_L4PROTO])
		return ox_ctnl_bad(&in, -EINVAL, NULL,
				   "timeouts are those of a network and a "
				   "transport protocol");
	out->l3 = ox_ctnl_be16(tb[CTA_TIMEOUT_L3PROTO]);
	out->l4 = mnl_attr_get_u8(tb[CTA_TIMEOUT_L4PROTO]);
	if (kind_of(out->l4))
		return 0;
	return ox_ctnl_bad(&in, -EOPNOTSUPP, tb[CTA_TIMEOUT_L4PROTO],
			   "IP protocol %u has no timeouts of its own",
			   out->l4);
}

int ox_ctnl_timeout_default_parse(const void *base,
				  const struct nlattr *const *tb,
				  struct ox_ctnl_timeout *out, struct ox_err *e)
{
	struct ox_ctnl_in in = { base, e };
	int err;

	memset(out, 0, sizeof(*out));
	if (!tb[CTA_TIMEOUT_DATA])
		return ox_ctnl_bad(&in, -EINVAL, NULL,
				   "timeouts are missing: CTA_TIMEOUT_DATA");
	err = ox_ctnl_timeout_which_parse(base, tb, out, e);
	return err ? err
		   : parse_data(&in, tb[CTA_TIMEOUT_DATA], kind_of(out->l4),
				out);
}

int ox_ctnl_timeout_parse(const void *base, const struct nlattr *const *tb,
			  struct ox_ctnl_timeout *out, struct ox_err *e)
{
	struct ox_ctnl_in in = { base, e };
	int err;

	if (!tb[CTA_TIMEOUT_NAME]) {
		memset(out, 0, sizeof(*out));
		return ox_ctnl_bad(&in, -EINVAL, NULL,
				   "a timeout policy has a name");
	}
	err = ox_ctnl_timeout_default_parse(base, tb, out, e);
	if (err)
		return err;
	ox_ctnl_name(tb[CTA_TIMEOUT_NAME], out->name, sizeof(out->name));
	if (tb[CTA_TIMEOUT_USE] &&
	    mnl_attr_get_payload_len(tb[CTA_TIMEOUT_USE]) >= 4)
		out->use = ox_ctnl_be32(tb[CTA_TIMEOUT_USE]);
	return 0;
}

int ox_ctnl_timeout_name_parse(const void *base, const struct nlattr *const *tb,
			       bool delete, char *name, bool *given,
			       struct ox_err *e)
{
	struct ox_ctnl_in in = { base, e };

	memset(name, 0, CTNL_TIMEOUT_NAME_MAX);
	*given = tb[CTA_TIMEOUT_NAME];
	if (*given)
		ox_ctnl_name(tb[CTA_TIMEOUT_NAME], name, CTNL_TIMEOUT_NAME_MAX);
	if (*given || delete)
		return 0;
	return ox_ctnl_bad(&in, -EINVAL, NULL, "a timeout policy has a name");
}
