// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gen_mask.c - random masks for a key that an upcall brought: bits, prefixes,
 * exact or open fields. Most of the time they have what the module asks for: an
 * exact Ethertype in front of layer 3, an exact protocol in front of layer 4.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>

#include "gen.h"
#include "ovsxdp/uapi.h"

enum style { EXACT, OPEN, BITS, PREFIX, STYLES };

static void style_fill(uint8_t *b, uint32_t n, enum style s, struct rnd *r)
{
	uint32_t bits;

	memset(b, 0, n);
	switch (s) {
	case EXACT:
		memset(b, 0xff, n);
		break;
	case BITS:
		rnd_fill(r, b, n);
		break;
	case PREFIX:
		bits = rnd_below(r, 8 * n + 1);
		memset(b, 0xff, bits / 8);
		if (bits % 8)
			b[bits / 8] = (uint8_t)(0xff << (8 - bits % 8));
		break;
	case OPEN:
	case STYLES:
		break;
	}
}

/* A whole attribute in one style, or each two bytes in their own. */
static void random_mask(uint8_t *b, uint32_t n, struct rnd *r)
{
	if (rnd_pct(r, 55))
		return style_fill(b, n, rnd_of(r, EXACT, EXACT, OPEN, BITS), r);
	for (uint32_t i = 0; i < n; i += 2)
		style_fill(b + i, n - i < 2 ? 1 : 2, rnd_below(r, STYLES), r);
}

struct walk {
	struct rnd *r;
	struct nlb *out;
	struct gen_shape shape;
	bool tagged; /* the case's MACs may be left open */
	bool l3, l4; /* what is in front of it is exact */
	int level;
};

static void do_ethernet(struct walk *w, uint8_t *m)
{
	uint32_t tag = rnd_pct(w->r, 50) ? GEN_TAG : 6 + GEN_TAG;

	if (w->tagged)
		memset(m + tag, 0xff, 4);
}

static void do_ethertype(struct walk *w, const struct nlattr *a, uint8_t *m)
{
	__be16 type;

	memcpy(&type, nla_body(a), 2);
	if (rnd_pct(w->r, 92))
		memset(m, 0xff, 2);
	w->l3 = m[0] == 0xff && m[1] == 0xff;
	w->shape.type = w->l3 ? ntohs(type) : 0;
}

static void do_vlan(struct walk *w, const struct nlattr *a, uint8_t *m)
{
	if (rnd_pct(w->r, 96))
		m[0] |= 0x10;
	if (w->level == 0)
		w->shape.vlan = nla_body(a)[0] & m[0] & 0x10;
}

/* proto and frag of IPv4, IPv6 */
static void do_ip(struct walk *w, const struct nlattr *a, uint8_t *m,
		  uint32_t proto)
{
	if (rnd_pct(w->r, 85))
		m[proto] = 0xff;
	w->l4 = m[proto] == 0xff;
	w->shape.proto = w->l4 ? nla_body(a)[proto] : 0;
	w->shape.frag = nla_body(a)[proto + 3] & m[proto + 3];
}

static void walk(struct walk *w, const uint8_t *p, uint32_t n);

static void do_nest(struct walk *w, const struct nlattr *a)
{
	uint32_t at = nlb_nest(w->out, a->nla_type | NLA_F_NESTED);

	w->level++;
	walk(w, nla_body(a), nla_size(a));
	w->level--;
	nlb_end(w->out, at);
}

static void do_nsh(struct walk *w, const struct nlattr *a)
{
	uint32_t at = nlb_nest(w->out, a->nla_type | NLA_F_NESTED);
	uint8_t m[GEN_FRAME_MAX];

	nla_each(in, nla_body(a), nla_size(a))
	{
		random_mask(m, nla_size(in), w->r);
		if (rnd_pct(w->r, 90))
			nlb_put(w->out, nla_kind(in), m, nla_size(in));
	}
	nlb_end(w->out, at);
}

static void tunnel_opts(struct walk *w, const struct nlattr *a)
{
	uint32_t at = nlb_nest(w->out, a->nla_type);
	uint32_t gbp = (uint32_t)rnd64(w->r);

	if (rnd_pct(w->r, 90))
		nlb_u32(w->out, OVS_VXLAN_EXT_GBP, gbp);
	nlb_end(w->out, at);
}

/* Flags that the key hasn't can be matched, too. */
static void tunnel_flags(struct walk *w)
{
	static const uint16_t flags[] = { OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT,
					  OVS_TUNNEL_KEY_ATTR_CSUM,
					  OVS_TUNNEL_KEY_ATTR_OAM };

	for (int i = 0; i < 3; i++)
		if (rnd_pct(w->r, 40))
			nlb_put(w->out, flags[i], NULL, 0);
}

static void do_tunnel(struct walk *w, const struct nlattr *a)
{
	uint32_t at = nlb_nest(w->out, a->nla_type | NLA_F_NESTED);
	uint8_t m[GEN_FRAME_MAX];

	nla_each(in, nla_body(a), nla_size(a))
	{
		if (!nla_size(in) || rnd_pct(w->r, 15))
			continue;
		random_mask(m, nla_size(in), w->r);
		if (nla_kind(in) == OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS)
			tunnel_opts(w, in);
		else if (nla_kind(in) != OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS ||
			 rnd_pct(w->r, 95))
			nlb_put(w->out, nla_kind(in), m, nla_size(in));
		else
			nlb_put(w->out, nla_kind(in), m, 4);
	}
	tunnel_flags(w);
	nlb_end(w->out, at);
}

/* A mask says of most keys without a tunnel that there is none. */
static void no_tunnel(struct walk *w, const struct nlattr *key)
{
	uint32_t at;

	if (nla_find(nla_body(key), nla_size(key), OVS_KEY_ATTR_TUNNEL) ||
	    rnd_pct(w->r, 50))
		return;
	at = nlb_nest(w->out, OVS_KEY_ATTR_TUNNEL | NLA_F_NESTED);
	nlb_u8(w->out, OVS_TUNNEL_KEY_ATTR_TTL, rnd_pct(w->r, 80) ? 0 : 0xff);
	if (rnd_pct(w->r, 10))
		nlb_u32(w->out, OVS_TUNNEL_KEY_ATTR_IPV4_DST,
			(uint32_t)rnd64(w->r));
	nlb_end(w->out, at);
}

/* May this attribute stand in a mask that is so far like this? */
static bool allowed(struct walk *w, int kind)
{
	switch (kind) {
	case OVS_KEY_ATTR_IPV4:
	case OVS_KEY_ATTR_IPV6:
	case OVS_KEY_ATTR_IPV6_EXTHDRS:
	case OVS_KEY_ATTR_ARP:
	case OVS_KEY_ATTR_MPLS:
	case OVS_KEY_ATTR_NSH:
	case OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4:
	case OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6:
		return w->l3;
	case OVS_KEY_ATTR_TCP:
	case OVS_KEY_ATTR_TCP_FLAGS:
	case OVS_KEY_ATTR_UDP:
	case OVS_KEY_ATTR_SCTP:
	case OVS_KEY_ATTR_ICMP:
	case OVS_KEY_ATTR_ICMPV6:
	case OVS_KEY_ATTR_ND:
		return w->l3 && w->l4;
	}
	return true;
}

/* Metadata is open or exact; what tells the cases apart always exact. */
static bool metadata(struct walk *w, int kind, uint8_t *m, uint32_t n)
{
	switch (kind) {
	case OVS_KEY_ATTR_RECIRC_ID:
		memset(m, 0xff, n);
		return true;
	case OVS_KEY_ATTR_IN_PORT:
		memset(m, rnd_pct(w->r, 80) ? 0xff : 0, n);
		return true;
	case OVS_KEY_ATTR_DP_HASH: /* its value isn't ours to know */
		memset(m, 0, n);
		return true;
	case OVS_KEY_ATTR_CT_STATE: /* bits that are none are refused */
		memset(m, 0, n);
		random_mask(m, rnd_pct(w->r, 95) ? 1 : 2, w->r);
		return true;
	case OVS_KEY_ATTR_PRIORITY:
	case OVS_KEY_ATTR_SKB_MARK:
	case OVS_KEY_ATTR_CT_ZONE:
	case OVS_KEY_ATTR_CT_MARK:
	case OVS_KEY_ATTR_CT_LABELS:
		random_mask(m, n, w->r);
		return true;
	}
	return false;
}

static void attribute(struct walk *w, const struct nlattr *a)
{
	uint32_t n = nla_size(a);
	uint8_t m[GEN_FRAME_MAX];
	int kind = nla_kind(a);

	if (metadata(w, kind, m, n)) {
		nlb_put(w->out, a->nla_type, m, n);
		return;
	}
	if (!allowed(w, kind) && rnd_pct(w->r, 97))
		return;
	if (kind == OVS_KEY_ATTR_ENCAP)
		return do_nest(w, a);
	if (kind == OVS_KEY_ATTR_NSH) {
		w->shape.type = w->l3 ? ETH_P_NSH : 0;
		return do_nsh(w, a);
	}
	if (kind == OVS_KEY_ATTR_TUNNEL)
		return do_tunnel(w, a);
	random_mask(m, n, w->r);
	switch (kind) {
	case OVS_KEY_ATTR_ETHERNET:
		do_ethernet(w, m);
		break;
	case OVS_KEY_ATTR_ETHERTYPE:
		do_ethertype(w, a, m);
		break;
	case OVS_KEY_ATTR_VLAN:
		do_vlan(w, a, m);
		break;
	case OVS_KEY_ATTR_IPV4:
		do_ip(w, a, m, 8);
		break;
	case OVS_KEY_ATTR_IPV6:
		do_ip(w, a, m, 36);
		break;
	case OVS_KEY_ATTR_ICMPV6:
		if (rnd_pct(w->r, 80))
			m[0] = 0xff;
		break;
	case OVS_KEY_ATTR_MPLS:
		w->shape.labels = (int)(n / 4);
		break;
	}
	/* Left out it is open, as if it were zero; the MACs stay. */
	if (kind != OVS_KEY_ATTR_ETHERNET && kind != OVS_KEY_ATTR_ETHERTYPE &&
	    kind != OVS_KEY_ATTR_VLAN && rnd_pct(w->r, 12)) {
		if (kind == OVS_KEY_ATTR_IPV4 || kind == OVS_KEY_ATTR_IPV6) {
			w->l4 = false;
			w->shape.proto = w->shape.frag = 0;
		}
		return;
	}
	nlb_put(w->out, a->nla_type, m, n);
}

static void walk(struct walk *w, const uint8_t *p, uint32_t n)
{
	nla_each(a, p, n) attribute(w, a);
}

static bool recirculated(const struct nlattr *key)
{
	const struct nlattr *a =
		nla_find(nla_body(key), nla_size(key), OVS_KEY_ATTR_RECIRC_ID);
	uint32_t id = 0;

	if (a)
		memcpy(&id, nla_body(a), 4);
	return id != 0;
}

struct gen_shape gen_mask(struct nlb *mask, const struct nlattr *key,
			  struct rnd *r)
{
	struct walk w = { .r = r, .out = mask };

	mask->len = 0;
	w.tagged = !recirculated(key);
	w.shape.eth =
		nla_find(nla_body(key), nla_size(key), OVS_KEY_ATTR_ETHERNET);
	walk(&w, nla_body(key), nla_size(key));
	no_tunnel(&w, key);
	return w.shape;
}

/* ---- without a mask ---- */

static void shape_of(struct gen_shape *s, const uint8_t *p, uint32_t n,
		     int level)
{
	__be16 type;

	nla_each(a, p, n)
	{
		switch (nla_kind(a)) {
		case OVS_KEY_ATTR_ETHERNET:
			s->eth = true;
			break;
		case OVS_KEY_ATTR_ETHERTYPE:
			memcpy(&type, nla_body(a), 2);
			s->type = ntohs(type);
			break;
		case OVS_KEY_ATTR_VLAN:
			if (!level)
				s->vlan = nla_body(a)[0] & 0x10;
			break;
		case OVS_KEY_ATTR_ENCAP:
			shape_of(s, nla_body(a), nla_size(a), level + 1);
			break;
		case OVS_KEY_ATTR_IPV4:
			s->proto = nla_body(a)[8];
			s->frag = nla_body(a)[11];
			break;
		case OVS_KEY_ATTR_IPV6:
			s->proto = nla_body(a)[36];
			s->frag = nla_body(a)[39];
			break;
		case OVS_KEY_ATTR_MPLS:
			s->labels = (int)(nla_size(a) / 4);
			break;
		}
	}
}

struct gen_shape gen_shape_of(const struct nlattr *key)
{
	struct gen_shape s = { 0 };

	shape_of(&s, nla_body(key), nla_size(key), 0);
	return s;
}

/* ---- flows that can't meet ---- */

static bool differs(const struct nlattr *ka, const struct nlattr *ma,
		    const struct nlattr *kb, const struct nlattr *mb)
{
	uint32_t n = nla_size(ka);

	if (nla_size(kb) != n || (ma && nla_size(ma) != n) ||
	    (mb && nla_size(mb) != n))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if ((nla_body(ka)[i] ^ nla_body(kb)[i]) &
		    (ma ? nla_body(ma)[i] : 0xff) &
		    (mb ? nla_body(mb)[i] : 0xff))
			return true;
	return false;
}

struct nest {
	const uint8_t *p;
	uint32_t n;
	bool given; /* a mask that is not: everything is exact */
};

static struct nest nest_of(const struct nlattr *a)
{
	return a ? (struct nest){ nla_body(a), nla_size(a), true }
		 : (struct nest){ 0 };
}

static const struct nlattr *in(const struct nest *m, int kind, bool *open)
{
	const struct nlattr *a = m->given ? nla_find(m->p, m->n, (uint16_t)kind)
					  : NULL;

	*open = m->given && !a;
	return a;
}

/* Of flags nothing is known, as they have no bytes. */
static bool disjoint_tunnel(struct nest ka, struct nest ma, struct nest kb,
			    struct nest mb)
{
	nla_each(a, ka.p, ka.n)
	{
		int kind = nla_kind(a);
		const struct nlattr *b = nla_find(kb.p, kb.n, (uint16_t)kind);
		const struct nlattr *x, *y;
		bool open_a, open_b;

		x = in(&ma, kind, &open_a);
		y = in(&mb, kind, &open_b);
		if (b && !open_a && !open_b && differs(a, x, b, y))
			return true;
	}
	return false;
}

static bool disjoint(struct nest ka, struct nest ma, struct nest kb,
		     struct nest mb)
{
	bool vlan_a = nla_find(ka.p, ka.n, OVS_KEY_ATTR_VLAN);
	bool vlan_b = nla_find(kb.p, kb.n, OVS_KEY_ATTR_VLAN);

	nla_each(a, ka.p, ka.n)
	{
		int kind = nla_kind(a);
		const struct nlattr *b = nla_find(kb.p, kb.n, (uint16_t)kind);
		const struct nlattr *x, *y;
		bool open_a, open_b;

		x = in(&ma, kind, &open_a);
		y = in(&mb, kind, &open_b);
		if (!b || open_a || open_b)
			continue;
		if (kind == OVS_KEY_ATTR_TUNNEL) {
			if (disjoint_tunnel(nest_of(a), nest_of(x), nest_of(b),
					    nest_of(y)))
				return true;
		} else if (kind == OVS_KEY_ATTR_ENCAP) {
			if (disjoint(nest_of(a), nest_of(x), nest_of(b),
				     nest_of(y)))
				return true;
		} else if (kind == OVS_KEY_ATTR_ETHERTYPE && vlan_a != vlan_b) {
			continue; /* a TPID and a type: different fields */
		} else if (kind != OVS_KEY_ATTR_NSH && differs(a, x, b, y)) {
			return true;
		}
	}
	return false;
}

bool gen_disjoint(const struct nlb *a, const struct nlb *b)
{
	return disjoint(nest_of(nla_find(a->b, a->len, OVS_FLOW_ATTR_KEY)),
			nest_of(nla_find(a->b, a->len, OVS_FLOW_ATTR_MASK)),
			nest_of(nla_find(b->b, b->len, OVS_FLOW_ATTR_KEY)),
			nest_of(nla_find(b->b, b->len, OVS_FLOW_ATTR_MASK)));
}
