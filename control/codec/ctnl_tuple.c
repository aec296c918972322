// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctnl_tuple.c - CTA_TUPLE_*: addresses, and what the protocol tells
 * connections apart by.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "control/codec/ctnl_int.h"

/* Where a protocol has its parts; those of a kind are in one row. */
struct kind {
	uint16_t sport, dport; /* attributes; 0: it has none */
	uint16_t type, code;
	uint32_t f_sport, f_dport, f_type, f_code;
};

static const struct kind ports = {
	.sport = CTA_PROTO_SRC_PORT,
	.dport = CTA_PROTO_DST_PORT,
	.f_sport = OX_CTNL_F_SPORT,
	.f_dport = OX_CTNL_F_DPORT,
};
static const struct kind icmp = {
	.sport = CTA_PROTO_ICMP_ID,
	.type = CTA_PROTO_ICMP_TYPE,
	.code = CTA_PROTO_ICMP_CODE,
	.f_sport = OX_CTNL_F_ICMP_ID,
	.f_type = OX_CTNL_F_ICMP_TYPE,
	.f_code = OX_CTNL_F_ICMP_CODE,
};
static const struct kind icmpv6 = {
	.sport = CTA_PROTO_ICMPV6_ID,
	.type = CTA_PROTO_ICMPV6_TYPE,
	.code = CTA_PROTO_ICMPV6_CODE,
	.f_sport = OX_CTNL_F_ICMPV6_ID,
	.f_type = OX_CTNL_F_ICMPV6_TYPE,
	.f_code = OX_CTNL_F_ICMPV6_CODE,
};

/* nf_ct_l4proto_find(); NULL: a protocol without parts of its own. */
static const struct kind *kind_of(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
	case IPPROTO_GRE:
		return &ports;
	case IPPROTO_ICMP:
		return &icmp;
	case IPPROTO_ICMPV6:
		return &icmpv6;
	default:
		return NULL;
	}
}

/* ---- writing ---- */

static int put_ip(struct ox_nlbuf *b, const struct ox_ctnl_tuple *t)
{
	bool v6 = t->l3 == AF_INET6;
	size_t len = v6 ? 16 : 4;
	uint32_t mark;
	int err = ox_ctnl_nest(b, CTA_TUPLE_IP, &mark);

	if (!err)
		err = ox_nl_put(b, v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, t->src,
				len);
	if (!err)
		err = ox_nl_put(b, v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, t->dst,
				len);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

static int put_parts(struct ox_nlbuf *b, const struct kind *k,
		     const struct ox_ctnl_tuple *t)
{
	int err = ox_nl_put_u16(b, k->sport, t->sport);

	if (!err && k->dport)
		err = ox_nl_put_u16(b, k->dport, t->dport);
	if (!err && k->type)
		err = ox_nl_put_u8(b, k->type, t->icmp_type);
	if (!err && k->code)
		err = ox_nl_put_u8(b, k->code, t->icmp_code);
	return err;
}

static int put_proto(struct ox_nlbuf *b, const struct ox_ctnl_tuple *t)
{
	const struct kind *k = kind_of(t->proto);
	uint32_t mark;
	int err = ox_ctnl_nest(b, CTA_TUPLE_PROTO, &mark);

	if (!err)
		err = ox_nl_put_u8(b, CTA_PROTO_NUM, t->proto);
	if (!err && k)
		err = put_parts(b, k, t);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

int ox_ctnl_tuple_put(struct ox_nlbuf *b, uint16_t type,
		      const struct ox_ctnl_tuple *t)
{
	uint32_t mark;
	int err = ox_ctnl_nest(b, type, &mark);

	if (!err)
		err = put_ip(b, t);
	if (!err)
		err = put_proto(b, t);
	if (!err)
		ox_nl_nest_end(b, mark);
	return err;
}

/* ---- reading ---- */

static const struct ox_nla_policy tuple_policy[CTA_TUPLE_MAX + 1] = {
	[CTA_TUPLE_IP] = { .type = OX_NLA_NESTED },
	[CTA_TUPLE_PROTO] = { .type = OX_NLA_NESTED },
	[CTA_TUPLE_ZONE] = { .type = OX_NLA_U16 },
};

static const struct ox_nla_policy ip_policy[CTA_IP_MAX + 1] = {
	[CTA_IP_V4_SRC] = { .type = OX_NLA_U32 },
	[CTA_IP_V4_DST] = { .type = OX_NLA_U32 },
	[CTA_IP_V6_SRC] = { .type = OX_NLA_MIN, .len = 16 },
	[CTA_IP_V6_DST] = { .type = OX_NLA_MIN, .len = 16 },
};

/* Of the protocol itself; its parts are looked at when it is known. */
static const struct ox_nla_policy num_policy[CTA_PROTO_MAX + 1] = {
	[CTA_PROTO_NUM] = { .type = OX_NLA_U8 },
};

static const struct ox_nla_policy part_policy[CTA_PROTO_MAX + 1] = {
	[CTA_PROTO_NUM] = { .type = OX_NLA_U8 },
	[CTA_PROTO_SRC_PORT] = { .type = OX_NLA_U16 },
	[CTA_PROTO_DST_PORT] = { .type = OX_NLA_U16 },
	[CTA_PROTO_ICMP_ID] = { .type = OX_NLA_U16 },
	[CTA_PROTO_ICMP_TYPE] = { .type = OX_NLA_U8 },
	[CTA_PROTO_ICMP_CODE] = { .type = OX_NLA_U8 },
	[CTA_PROTO_ICMPV6_ID] = { .type = OX_NLA_U16 },
	[CTA_PROTO_ICMPV6_TYPE] = { .type = OX_NLA_U8 },
	[CTA_PROTO_ICMPV6_CODE] = { .type = OX_NLA_U8 },
};

static int lacks(const struct ox_ctnl_in *in, const struct nlattr *nest,
		 const char *what)
{
	return ox_ctnl_bad(in, -EINVAL, nest, "a tuple lacks its %s", what);
}

static int get_address(const struct ox_ctnl_in *in, const struct nlattr *nest,
		       const struct nlattr *a, size_t len, __be32 *to)
{
	if (!a)
		return lacks(in, nest, "address");
	memcpy(to, mnl_attr_get_payload(a), len);
	return 0;
}

static int parse_ip(const struct ox_ctnl_in *in, const struct nlattr *nest,
		    uint32_t flags, struct ox_ctnl_tuple *t)
{
	const struct nlattr *tb[CTA_IP_MAX + 1];
	bool v6 = t->l3 == AF_INET6;
	size_t len = v6 ? 16 : 4;
	int err = ox_ctnl_nested(in, nest, ip_policy, CTA_IP_MAX, tb);

	if (!err && flags & OX_CTNL_F_IP_SRC)
		err = get_address(in, nest,
				  tb[v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC], len,
				  t->src);
	if (!err && flags & OX_CTNL_F_IP_DST)
		err = get_address(in, nest,
				  tb[v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST], len,
				  t->dst);
	return err;
}

/* invmap[] of nf_conntrack_proto_icmp.c and _icmpv6.c: requests and answers
 * that make a connection. */
static bool icmp_type_known(uint8_t proto, uint8_t type)
{
	if (proto == IPPROTO_ICMPV6)
		return type == 128 || type == 129 || type == 139 || type == 140;
	return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

static int get_type(const struct ox_ctnl_in *in, const struct nlattr *nest,
		    const struct nlattr *a, struct ox_ctnl_tuple *t)
{
	if (!a)
		return lacks(in, nest, "ICMP type");
	t->icmp_type = mnl_attr_get_u8(a);
	if (icmp_type_known(t->proto, t->icmp_type))
		return 0;
	return ox_ctnl_bad(in, -EINVAL, a, "ICMP type %u has no answer",
			   t->icmp_type);
}

static int parse_parts(const struct ox_ctnl_in *in, const struct nlattr *nest,
		       const struct kind *k, uint32_t flags,
		       struct ox_ctnl_tuple *t)
{
	const struct nlattr *tb[CTA_PROTO_MAX + 1];
	struct ox_nla_policy own[CTA_PROTO_MAX + 1] = { { 0 } };
	const uint16_t has[] = { k->sport, k->dport, k->type, k->code };
	int err;

	for (size_t i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		own[has[i]] = part_policy[has[i]];
	err = ox_ctnl_nested(in, nest, own, CTA_PROTO_MAX, tb);
	if (!err && flags & k->f_type)
		err = get_type(in, nest, tb[k->type], t);
	if (err)
		return err;
	if (flags & k->f_code) {
		if (!tb[k->code])
			return lacks(in, nest, "ICMP code");
		t->icmp_code = mnl_attr_get_u8(tb[k->code]);
	}
	if (flags & k->f_sport) {
		if (!tb[k->sport])
			return lacks(in, nest, k->type ? "ICMP id" : "port");
		t->sport = mnl_attr_get_u16(tb[k->sport]);
	}
	if (flags & k->f_dport) {
		if (!tb[k->dport])
			return lacks(in, nest, "port");
		t->dport = mnl_attr_get_u16(tb[k->dport]);
	}
	return 0;
}

static int parse_proto(const struct ox_ctnl_in *in, const struct nlattr *nest,
		       uint32_t flags, struct ox_ctnl_tuple *t)
{
	const struct nlattr *tb[CTA_PROTO_MAX + 1];
	const struct kind *k;
	int err = ox_ctnl_nested(in, nest, num_policy, CTA_PROTO_MAX, tb);

	if (err)
		return err;
	if (!tb[CTA_PROTO_NUM])
		return lacks(in, nest, "protocol");
	t->proto = mnl_attr_get_u8(tb[CTA_PROTO_NUM]);
	k = kind_of(t->proto);
	return k ? parse_parts(in, nest, k, flags, t) : 0;
}

uint16_t ox_ctnl_zone(const struct nlattr *a)
{
	return a ? ox_ctnl_be16(a) : 0;
}

/* A zone of one direction; we have none, but for one that is that of all. */
static int parse_zone(const struct ox_ctnl_in *in, const struct nlattr *a,
		      uint16_t *zone)
{
	if (!zone || *zone)
		return ox_ctnl_bad(in, -EINVAL, a,
				   "a zone in a tuple, which can't have one "
				   "here");
	if (ox_ctnl_zone(a))
		return ox_ctnl_bad(in, -EOPNOTSUPP, a,
				   "zones of one direction are not supported");
	return 0;
}

int ox_ctnl_tuple_parse(const struct ox_ctnl_in *in, const struct nlattr *nest,
			uint8_t l3, uint32_t flags, uint16_t *zone,
			struct ox_ctnl_tuple *t)
{
	const struct nlattr *tb[CTA_TUPLE_MAX + 1];
	int err;

	memset(t, 0, sizeof(*t));
	err = ox_ctnl_nested(in, nest, tuple_policy, CTA_TUPLE_MAX, tb);
	if (err)
		return err;
	if (l3 != AF_INET && l3 != AF_INET6)
		return ox_ctnl_bad(in, -EOPNOTSUPP, nest,
				   "a tuple of family %u: 2 and 10 are right",
				   l3);
	t->l3 = l3;
	if (flags & (OX_CTNL_F_IP_SRC | OX_CTNL_F_IP_DST)) {
		if (!tb[CTA_TUPLE_IP])
			return lacks(in, nest, "addresses");
		err = parse_ip(in, tb[CTA_TUPLE_IP], flags, t);
	}
	if (!err && flags & OX_CTNL_F_PROTO) {
		if (!tb[CTA_TUPLE_PROTO])
			return lacks(in, nest, "protocol");
		err = parse_proto(in, tb[CTA_TUPLE_PROTO], flags, t);
	} else if (!err && flags & OX_CTNL_F_L4) {
		err = ox_ctnl_bad(in, -EINVAL, nest,
				  "ports or ICMP fields without a protocol");
	}
	if (!err && flags & OX_CTNL_F_ZONE && tb[CTA_TUPLE_ZONE])
		err = parse_zone(in, tb[CTA_TUPLE_ZONE], zone);
	return err;
}
