// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_nat.c - nat() of a ct(): parse_nat() and ovs_ct_nat_to_attr().
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/openvswitch.h>

#include "control/base/attr.h"
#include "control/codec/ct_info_int.h"
#include "control/codec/key_attr.h"

int ox_ct_bad(struct ox_ct_parse *p, int code, const struct nlattr *a,
	      const char *fmt, ...)
{
	char text[sizeof(p->err->msg)];
	va_list ap;

	if (!p->err)
		return code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ox_err_attr(p->err, p->base, a);
	return ox_err_set(p->err, code, "%s", text);
}

uint8_t *ox_ct_put(uint8_t *to, uint16_t type, const void *data, size_t len)
{
	struct nlattr a = { (uint16_t)(NLA_HDRLEN + len), type };

	memcpy(to, &a, sizeof(a));
	memset(to + NLA_HDRLEN, 0, NLA_ALIGN(len));
	if (len)
		memcpy(to + NLA_HDRLEN, data, len);
	return to + NLA_HDRLEN + NLA_ALIGN(len);
}

#define LEN_ADDRESS (-1)

/* ovs_nat_attr_lens, and what an attribute says by being there */
static const struct {
	const char *name;
	int len;
	uint32_t flags;
} attrs[OVS_NAT_ATTR_MAX + 1] = {
	[OVS_NAT_ATTR_SRC] = { "src", 0, 0 },
	[OVS_NAT_ATTR_DST] = { "dst", 0, 0 },
	[OVS_NAT_ATTR_IP_MIN] = { "ip_min", LEN_ADDRESS, NF_NAT_RANGE_MAP_IPS },
	[OVS_NAT_ATTR_IP_MAX] = { "ip_max", LEN_ADDRESS, NF_NAT_RANGE_MAP_IPS },
	[OVS_NAT_ATTR_PROTO_MIN] = { "proto_min", 2,
				     NF_NAT_RANGE_PROTO_SPECIFIED },
	[OVS_NAT_ATTR_PROTO_MAX] = { "proto_max", 2,
				     NF_NAT_RANGE_PROTO_SPECIFIED },
	[OVS_NAT_ATTR_PERSISTENT] = { "persistent", 0,
				      NF_NAT_RANGE_PERSISTENT },
	[OVS_NAT_ATTR_PROTO_HASH] = { "hash", 0, NF_NAT_RANGE_PROTO_RANDOM },
	[OVS_NAT_ATTR_PROTO_RANDOM] = { "random", 0,
					NF_NAT_RANGE_PROTO_RANDOM_FULLY },
};

static int address_len(uint8_t family)
{
	return family == AF_INET6 ? 16 : 4;
}

/* An address tells the family, where nothing else does. */
static void learn_family(struct ox_ct_info *ct, int len)
{
	if (!ct->family && len == 16)
		ct->family = AF_INET6;
	else if (!ct->family && len == 4)
		ct->family = AF_INET;
}

static int check_attr(struct ox_ct_parse *p, const struct nlattr *a)
{
	int type = mnl_attr_get_type(a), len = mnl_attr_get_payload_len(a);
	int want;

	if (type > OVS_NAT_ATTR_MAX || !attrs[type].name)
		return ox_ct_bad(p, -EINVAL, a, "nat: unknown attribute %d",
				 type);
	want = attrs[type].len;
	if (want == LEN_ADDRESS) {
		learn_family(p->ct, len);
		want = address_len(p->ct->family);
	}
	if (len != want)
		return ox_ct_bad(p, -EINVAL, a,
				 "nat: %s of %d bytes, %d are right",
				 attrs[type].name, len, want);
	return 0;
}

static int parse_type(struct ox_ct_parse *p, const struct nlattr *a)
{
	if (p->ct->nat)
		return ox_ct_bad(p, -ERANGE, a,
				 "nat: either src or dst, and once");
	p->ct->nat = OX_CT_NAT |
		     (mnl_attr_get_type(a) == OVS_NAT_ATTR_SRC ? OX_CT_SRC_NAT
							       : OX_CT_DST_NAT);
	return 0;
}

static int parse_attr(struct ox_ct_parse *p, const struct nlattr *a)
{
	struct ox_ct_range *r = &p->ct->range;
	size_t len = mnl_attr_get_payload_len(a);

	r->flags |= attrs[mnl_attr_get_type(a)].flags;
	switch (mnl_attr_get_type(a)) {
	case OVS_NAT_ATTR_SRC:
	case OVS_NAT_ATTR_DST:
		return parse_type(p, a);
	case OVS_NAT_ATTR_IP_MIN:
		memcpy(r->min_addr, mnl_attr_get_payload(a), len);
		break;
	case OVS_NAT_ATTR_IP_MAX:
		memcpy(r->max_addr, mnl_attr_get_payload(a), len);
		p->ip_max = true;
		break;
	case OVS_NAT_ATTR_PROTO_MIN:
		r->min_proto = mnl_attr_get_u16(a);
		break;
	case OVS_NAT_ATTR_PROTO_MAX:
		r->max_proto = mnl_attr_get_u16(a);
		p->proto_max = true;
		break;
	}
	return 0;
}

/* What isn't said: a range of one. */
static void complete(struct ox_ct_parse *p)
{
	struct ox_ct_range *r = &p->ct->range;

	if ((r->flags & NF_NAT_RANGE_MAP_IPS) && !p->ip_max)
		memcpy(r->max_addr, r->min_addr, sizeof(r->max_addr));
	if ((r->flags & NF_NAT_RANGE_PROTO_SPECIFIED) && !p->proto_max)
		r->max_proto = r->min_proto;
}

int ox_ct_parse_nat(struct ox_ct_parse *p, const struct nlattr *nest)
{
	const struct nlattr *a;
	int rem, err;

	p->ip_max = false;
	p->proto_max = false;
	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		err = check_attr(p, a);
		if (!err)
			err = parse_attr(p, a);
		if (err)
			return err;
	}
	if (rem > 0)
		return ox_ct_bad(p, -EINVAL, nest,
				 "nat: %d stray bytes at its end", rem);
	if (!p->ct->nat && p->ct->range.flags)
		return ox_ct_bad(p, -EINVAL, nest,
				 "nat: a range or flags without src or dst");
	if (p->ct->nat && !p->ct->commit)
		return ox_ct_bad(p, -EINVAL, nest,
				 "nat: src or dst without commit before it");
	p->ct->nat |= OX_CT_NAT;
	complete(p);
	return 0;
}

static uint8_t *put_range(uint8_t *to, const struct ox_ct_info *ct)
{
	const struct ox_ct_range *r = &ct->range;
	size_t len = (size_t)address_len(ct->family);

	if (r->flags & NF_NAT_RANGE_MAP_IPS) {
		to = ox_ct_put(to, OVS_NAT_ATTR_IP_MIN, r->min_addr, len);
		if (memcmp(r->min_addr, r->max_addr, len))
			to = ox_ct_put(to, OVS_NAT_ATTR_IP_MAX, r->max_addr,
				       len);
	}
	if (r->flags & NF_NAT_RANGE_PROTO_SPECIFIED) {
		to = ox_ct_put(to, OVS_NAT_ATTR_PROTO_MIN, &r->min_proto, 2);
		if (r->min_proto != r->max_proto)
			to = ox_ct_put(to, OVS_NAT_ATTR_PROTO_MAX,
				       &r->max_proto, 2);
	}
	return to;
}

uint8_t *ox_ct_put_nat(uint8_t *to, const struct ox_ct_info *ct)
{
	uint8_t *nest = to;
	struct nlattr a = { 0, OVS_CT_ATTR_NAT };

	to += NLA_HDRLEN;
	if (ct->nat & (OX_CT_SRC_NAT | OX_CT_DST_NAT)) {
		to = ox_ct_put(to,
			       ct->nat & OX_CT_SRC_NAT ? OVS_NAT_ATTR_SRC
						       : OVS_NAT_ATTR_DST,
			       NULL, 0);
		to = put_range(to, ct);
		for (uint16_t t = OVS_NAT_ATTR_PERSISTENT;
		     t <= OVS_NAT_ATTR_PROTO_RANDOM; t++)
			if (ct->range.flags & attrs[t].flags)
				to = ox_ct_put(to, t, NULL, 0);
	}
	a.nla_len = (uint16_t)(to - nest);
	memcpy(nest, &a, sizeof(a));
	return to;
}
