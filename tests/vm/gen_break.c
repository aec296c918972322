// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gen_break.c - breaks one thing in a stream of attributes, at any depth.
 */
#include <stdlib.h>

#include "gen.h"

#define MAX_PLACES 256

/* Where attributes begin, and the nests around each. */
struct places {
	uint32_t n;
	struct place {
		uint32_t at;
		uint32_t up[6]; /* headers of the nests, outermost first */
		uint32_t depth;
	} v[MAX_PLACES];
};

static void find(struct places *p, const uint8_t *b, uint32_t from, uint32_t to,
		 const struct place *up)
{
	nla_each(a, b + from, to - from)
	{
		struct place *x = &p->v[p->n];
		uint32_t at = (uint32_t)((const uint8_t *)a - b);

		if (p->n == MAX_PLACES)
			return;
		*x = up ? *up : (struct place){ 0 };
		x->at = at;
		p->n++;
		if (a->nla_type & NLA_F_NESTED && x->depth < 6) {
			struct place in = *x;

			in.up[in.depth++] = at;
			find(p, b, at + NLA_HDRLEN, at + a->nla_len, &in);
		}
	}
}

static struct nlattr get(const struct nlb *n, uint32_t at)
{
	struct nlattr a;

	memcpy(&a, n->b + at, sizeof(a));
	return a;
}

static void set(struct nlb *n, uint32_t at, struct nlattr a)
{
	memcpy(n->b + at, &a, sizeof(a));
}

/* Replaces "cut" bytes at "at" by as many of p; the nests grow or shrink. */
static void splice(struct nlb *n, const struct place *pl, uint32_t at,
		   uint32_t cut, const void *p, uint32_t len)
{
	uint8_t copy[2048];

	if (n->len + len > sizeof(n->b) || len > sizeof(copy))
		return;
	memcpy(copy, p, len);
	memmove(n->b + at + len, n->b + at + cut, n->len - at - cut);
	memcpy(n->b + at, copy, len);
	n->len += len - cut;
	for (uint32_t i = 0; i < pl->depth; i++) {
		struct nlattr a = get(n, pl->up[i]);

		a.nla_len = (uint16_t)(a.nla_len + len - cut);
		set(n, pl->up[i], a);
	}
}

static void resize(struct nlb *n, const struct place *pl, struct nlattr a,
		   struct rnd *r)
{
	uint32_t old = NLA_ALIGN(a.nla_len), len = a.nla_len - NLA_HDRLEN;
	uint8_t b[2048] = { 0 };

	if (len > 1000)
		return;
	memcpy(b + NLA_HDRLEN, n->b + pl->at + NLA_HDRLEN, len);
	if (rnd_pct(r, 50) && len)
		len -= 1 + rnd_below(r, len < 4 ? len : 4);
	else
		len += rnd_of(r, 1, 2, 4, 8, 12);
	a.nla_len = (uint16_t)(NLA_HDRLEN + len);
	memcpy(b, &a, sizeof(a));
	splice(n, pl, pl->at, old, b, NLA_ALIGN(a.nla_len));
}

/* Types of what this datapath hasn't yet: tunnels, conntrack. */
static bool left_out(uint32_t type, const struct gen_left_out *l)
{
	for (; l && l->type; l++)
		if (l->type == type)
			return true;
	return false;
}

void gen_break(struct nlb *n, const struct gen_left_out *l, struct rnd *r)
{
	static struct places p;
	struct place *pl;
	struct nlattr a;
	uint32_t type;

	p.n = 0;
	find(&p, n->b, 0, n->len, NULL);
	if (!p.n)
		return nlb_u32(n, (uint16_t)rnd_below(r, 40), 0);
	pl = &p.v[rnd_below(r, p.n)];
	a = get(n, pl->at);
	switch (rnd_below(r, 10)) {
	case 0: /* missing */
	case 1:
		return splice(n, pl, pl->at, NLA_ALIGN(a.nla_len), "", 0);
	case 2: /* twice */
		if (NLA_ALIGN(a.nla_len) > 1000)
			return;
		return splice(n, pl, pl->at, 0, n->b + pl->at,
			      NLA_ALIGN(a.nla_len));
	case 3: /* short or long */
	case 4:
		return resize(n, pl, a, r);
	case 5: /* another type */
		type = rnd_pct(r, 70) ? rnd_below(r, 36) : rnd_below(r, 0x3d00);
		if (left_out(type, l))
			return;
		a.nla_type = (uint16_t)((a.nla_type & ~NLA_TYPE_MASK) | type);
		return set(n, pl->at, a);
	case 6: /* flags of the type */
		a.nla_type ^=
			(uint16_t)rnd_of(r, NLA_F_NESTED, NLA_F_NET_BYTEORDER);
		return set(n, pl->at, a);
	case 7: /* a length that is none */
		a.nla_len = (uint16_t)rnd_of(r, 0, 1, 3, 0xffff, 0x100);
		return set(n, pl->at, a);
	default: /* a bit of the value */
		if (a.nla_len > NLA_HDRLEN)
			n->b[pl->at + NLA_HDRLEN +
			     rnd_below(r, a.nla_len - NLA_HDRLEN)] ^=
				(uint8_t)(1 << rnd_below(r, 8));
	}
}
