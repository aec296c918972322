// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ctnl_proto.c - CTA_PROTOINFO: the state of TCP, SCTP and DCCP.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

#include "control/codec/ctnl_int.h"

/* ---- TCP ---- */

static int put_flags(struct ox_nlbuf *b, uint16_t type, uint8_t flags)
{
	struct nf_ct_tcp_flags v = { .flags = flags };

	return ox_nl_put(b, type, &v, sizeof(v));
}

static int put_tcp(struct ox_nlbuf *b, bool destroy,
		   const struct ox_ctnl_proto *p)
{
	int err = ox_nl_put_u8(b, CTA_PROTOINFO_TCP_STATE, p->state);

	if (err || destroy)
		return err;
	err = ox_nl_put_u8(b, CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, p->wscale[0]);
	if (!err)
		err = ox_nl_put_u8(b, CTA_PROTOINFO_TCP_WSCALE_REPLY,
				   p->wscale[1]);
	if (!err)
		err = put_flags(b, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL,
				p->flags[0]);
	if (!err)
		err = put_flags(b, CTA_PROTOINFO_TCP_FLAGS_REPLY, p->flags[1]);
	return err;
}

static const struct ox_nla_policy tcp_policy[CTA_PROTOINFO_TCP_MAX + 1] = {
	[CTA_PROTOINFO_TCP_STATE] = { .type = OX_NLA_U8 },
	[CTA_PROTOINFO_TCP_WSCALE_ORIGINAL] = { .type = OX_NLA_U8 },
	[CTA_PROTOINFO_TCP_WSCALE_REPLY] = { .type = OX_NLA_U8 },
	[CTA_PROTOINFO_TCP_FLAGS_ORIGINAL] = { .type = OX_NLA_MIN, .len = 2 },
	[CTA_PROTOINFO_TCP_FLAGS_REPLY] = { .type = OX_NLA_MIN, .len = 2 },
};

static void get_flags(const struct nlattr *a, uint8_t *flags, uint8_t *mask)
{
	struct nf_ct_tcp_flags v;

	memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	*flags = v.flags;
	*mask = v.mask;
}

static void get_state(const struct nlattr *a, struct ox_ctnl_proto *p)
{
	if (!a)
		return;
	p->state = mnl_attr_get_u8(a);
	p->given |= OX_CTNL_PROTO_STATE;
}

static int parse_tcp(const struct ox_ctnl_in *in, const struct nlattr *nest,
		     struct ox_ctnl_proto *p)
{
	const struct nlattr *tb[CTA_PROTOINFO_TCP_MAX + 1];
	int err =
		ox_ctnl_nested(in, nest, tcp_policy, CTA_PROTOINFO_TCP_MAX, tb);

	if (err)
		return err;
	get_state(tb[CTA_PROTOINFO_TCP_STATE], p);
	if (p->state >= OX_CTNL_TCP_STATES)
		return ox_ctnl_bad(in, -EINVAL, tb[CTA_PROTOINFO_TCP_STATE],
				   "TCP state %u: the largest is %u", p->state,
				   OX_CTNL_TCP_STATES - 1);
	for (int i = 0; i < 2; i++) {
		const struct nlattr *scale =
			tb[CTA_PROTOINFO_TCP_WSCALE_ORIGINAL + i];
		const struct nlattr *flags =
			tb[CTA_PROTOINFO_TCP_FLAGS_ORIGINAL + i];

		if (scale)
			p->wscale[i] = mnl_attr_get_u8(scale);
		if (flags)
			get_flags(flags, &p->flags[i], &p->mask[i]);
	}
	if (tb[CTA_PROTOINFO_TCP_WSCALE_ORIGINAL] &&
	    tb[CTA_PROTOINFO_TCP_WSCALE_REPLY])
		p->given |= OX_CTNL_PROTO_WSCALE;
	return 0;
}

/* ---- SCTP ---- */

static int put_sctp(struct ox_nlbuf *b, bool destroy,
		    const struct ox_ctnl_proto *p)
{
	int err = ox_nl_put_u8(b, CTA_PROTOINFO_SCTP_STATE, p->state);

	if (err || destroy)
		return err;
	err = ox_nl_put_u32(b, CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, p->vtag[0]);
	if (!err)
		err = ox_nl_put_u32(b, CTA_PROTOINFO_SCTP_VTAG_REPLY,
				    p->vtag[1]);
	return err;
}

static const struct ox_nla_policy sctp_policy[CTA_PROTOINFO_SCTP_MAX + 1] = {
	[CTA_PROTOINFO_SCTP_STATE] = { .type = OX_NLA_U8 },
	[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL] = { .type = OX_NLA_U32 },
	[CTA_PROTOINFO_SCTP_VTAG_REPLY] = { .type = OX_NLA_U32 },
};

static int parse_sctp(const struct ox_ctnl_in *in, const struct nlattr *nest,
		      struct ox_ctnl_proto *p)
{
	const struct nlattr *tb[CTA_PROTOINFO_SCTP_MAX + 1];
	int err = ox_ctnl_nested(in, nest, sctp_policy, CTA_PROTOINFO_SCTP_MAX,
				 tb);

	if (err)
		return err;
	get_state(tb[CTA_PROTOINFO_SCTP_STATE], p);
	for (int i = 0; i < 2; i++)
		if (tb[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL + i])
			p->vtag[i] = mnl_attr_get_u32(
				tb[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL + i]);
	return 0;
}

/* ---- DCCP ---- */

static int put_dccp(struct ox_nlbuf *b, bool destroy,
		    const struct ox_ctnl_proto *p)
{
	int err = ox_nl_put_u8(b, CTA_PROTOINFO_DCCP_STATE, p->state);

	if (err || destroy)
		return err;
	err = ox_nl_put_u8(b, CTA_PROTOINFO_DCCP_ROLE, p->role);
	if (!err)
		err = ox_ctnl_put_be64(b, CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ,
				       p->handshake);
	return err;
}

static const struct ox_nla_policy dccp_policy[CTA_PROTOINFO_DCCP_MAX + 1] = {
	[CTA_PROTOINFO_DCCP_STATE] = { .type = OX_NLA_U8 },
	[CTA_PROTOINFO_DCCP_ROLE] = { .type = OX_NLA_U8 },
	[CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ] = { .type = OX_NLA_U64 },
};

static int parse_dccp(const struct ox_ctnl_in *in, const struct nlattr *nest,
		      struct ox_ctnl_proto *p)
{
	const struct nlattr *tb[CTA_PROTOINFO_DCCP_MAX + 1];
	int err = ox_ctnl_nested(in, nest, dccp_policy, CTA_PROTOINFO_DCCP_MAX,
				 tb);

	if (err)
		return err;
	get_state(tb[CTA_PROTOINFO_DCCP_STATE], p);
	if (tb[CTA_PROTOINFO_DCCP_ROLE])
		p->role = mnl_attr_get_u8(tb[CTA_PROTOINFO_DCCP_ROLE]);
	if (tb[CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ])
		p->handshake =
			ox_ctnl_be64(tb[CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ]);
	return 0;
}

/* ---- all ---- */

static const struct {
	uint8_t proto;
	uint16_t type;
	int (*put)(struct ox_nlbuf *b, bool destroy,
		   const struct ox_ctnl_proto *p);
	int (*parse)(const struct ox_ctnl_in *in, const struct nlattr *nest,
		     struct ox_ctnl_proto *p);
} kinds[] = {
	{ IPPROTO_TCP, CTA_PROTOINFO_TCP, put_tcp, parse_tcp },
	{ IPPROTO_SCTP, CTA_PROTOINFO_SCTP, put_sctp, parse_sctp },
	{ IPPROTO_DCCP, CTA_PROTOINFO_DCCP, put_dccp, parse_dccp },
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static size_t kind_of(uint8_t proto)
{
	size_t i = 0;

	while (i < N_KINDS && kinds[i].proto != proto)
		i++;
	return i;
}

bool ox_ctnl_proto_has(uint8_t proto)
{
	return kind_of(proto) < N_KINDS;
}

int ox_ctnl_proto_put(struct ox_nlbuf *b, uint8_t proto, bool destroy,
		      const struct ox_ctnl_proto *p)
{
	size_t i = kind_of(proto);
	uint32_t outer, inner;
	int err;

	if (i == N_KINDS)
		return 0;
	err = ox_ctnl_nest(b, CTA_PROTOINFO, &outer);
	if (!err)
		err = ox_ctnl_nest(b, kinds[i].type, &inner);
	if (!err)
		err = kinds[i].put(b, destroy, p);
	if (err)
		return err;
	ox_nl_nest_end(b, inner);
	ox_nl_nest_end(b, outer);
	return 0;
}

static const struct ox_nla_policy policy[CTA_PROTOINFO_MAX + 1] = {
	[CTA_PROTOINFO_TCP] = { .type = OX_NLA_NESTED },
	[CTA_PROTOINFO_DCCP] = { .type = OX_NLA_NESTED },
	[CTA_PROTOINFO_SCTP] = { .type = OX_NLA_NESTED },
};

int ox_ctnl_proto_parse(const struct ox_ctnl_in *in, const struct nlattr *nest,
			uint8_t proto, struct ox_ctnl_proto *p)
{
	const struct nlattr *tb[CTA_PROTOINFO_MAX + 1];
	size_t i = kind_of(proto);
	int err = ox_ctnl_nested(in, nest, policy, CTA_PROTOINFO_MAX, tb);

	if (err || i == N_KINDS || !tb[kinds[i].type])
		return err;
	return kinds[i].parse(in, tb[kinds[i].type], p);
}
