// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gen_util.c - random bytes, attribute streams.
 */
#include "gen.h"

void rnd_fill(struct rnd *r, void *p, size_t n)
{
	uint8_t *b = p;

	while (n--)
		*b++ = (uint8_t)(rnd64(r) >> 56);
}

void nlb_raw(struct nlb *n, const void *p, uint32_t len)
{
	if (n->len + NLA_ALIGN(len) > sizeof(n->b)) {
		n->over = true;
		return;
	}
	if (len)
		memcpy(n->b + n->len, p, len);
	memset(n->b + n->len + len, 0, NLA_ALIGN(len) - len);
	n->len += NLA_ALIGN(len);
}

void nlb_put(struct nlb *n, uint16_t type, const void *p, uint32_t len)
{
	struct nlattr h = { (uint16_t)(NLA_HDRLEN + len), type };

	if (n->len + NLA_HDRLEN + NLA_ALIGN(len) > sizeof(n->b)) {
		n->over = true;
		return;
	}
	nlb_raw(n, &h, NLA_HDRLEN);
	nlb_raw(n, p, len);
}

void nlb_u8(struct nlb *n, uint16_t type, uint8_t v)
{
	nlb_put(n, type, &v, sizeof(v));
}

void nlb_u16(struct nlb *n, uint16_t type, uint16_t v)
{
	nlb_put(n, type, &v, sizeof(v));
}

void nlb_u32(struct nlb *n, uint16_t type, uint32_t v)
{
	nlb_put(n, type, &v, sizeof(v));
}

uint32_t nlb_nest(struct nlb *n, uint16_t type)
{
	uint32_t at = n->len;

	nlb_put(n, type, NULL, 0);
	return at;
}

void nlb_end(struct nlb *n, uint32_t nest)
{
	struct nlattr h;

	if (n->over)
		return;
	memcpy(&h, n->b + nest, sizeof(h));
	h.nla_len = (uint16_t)(n->len - nest);
	memcpy(n->b + nest, &h, sizeof(h));
}

const struct nlattr *nla_find(const void *p, uint32_t n, uint16_t type)
{
	nla_each(a, p, n) if (nla_kind(a) == type) return a;
	return NULL;
}
