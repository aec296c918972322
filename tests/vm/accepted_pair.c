// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * accepted_pair.c - compares two sorted lists of items; pairs of them that
 * are meant to differ are left out.
 */
#include "accepted.h"
#include "accepted_int.h"
#include "norm.h"
#include "ovsxdp/uapi.h"

static int compare(const struct item *x, const struct item *y)
{
	uint32_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->b, y->b, n);

	return c ? c : x->len < y->len ? -1 : x->len > y->len;
}

static void add(struct items *out, const struct item *i)
{
	memcpy(items_start(out, i->len), i->b, i->len);
	items_end(out, i->len);
}

/*
 * A key without what the module gets wrong in it: after push_mpls its key is
 * stale, and setting the label writes into the union that still holds the
 * addresses. A key without MACs keeps those of its past.
 */
static void blank_key(struct nlb *out, const void *p, uint32_t n, bool mpls)
{
	static const uint8_t zero[64];

	nla_each(a, p, n)
	{
		int kind = nla_kind(a);
		bool drop = mpls ? kind == OVS_KEY_ATTR_IPV4 ||
					    kind == OVS_KEY_ATTR_IPV6 ||
					    kind == OVS_KEY_ATTR_ARP
				 : kind == OVS_KEY_ATTR_ETHERNET;

		if (kind == OVS_KEY_ATTR_ENCAP) {
			uint32_t nest = nlb_nest(out, OVS_KEY_ATTR_ENCAP);

			blank_key(out, nla_body(a), nla_size(a), mpls);
			nlb_end(out, nest);
		} else {
			nlb_put(out, (uint16_t)kind, drop ? zero : nla_body(a),
				nla_size(a));
		}
	}
}

static void blank_upcall(struct nlb *out, const struct item *i, bool mpls)
{
	uint32_t n;
	const void *p = norm_attrs(i, &n);

	*out = (struct nlb){ 0 };
	nla_each(a, p, n)
	{
		if (nla_kind(a) == OVS_PACKET_ATTR_KEY)
			blank_key(out, nla_body(a), nla_size(a), mpls);
		else
			nlb_put(out, nla_kind(a), nla_body(a), nla_size(a));
	}
}

/* The Ethertype behind the tags. */
static uint32_t packet_type(const struct item *i)
{
	uint32_t n, at = 12, type = 0;
	const void *p = norm_attrs(i, &n);
	const struct nlattr *a = nla_find(p, n, OVS_PACKET_ATTR_PACKET);

	for (; a && at + 2 <= nla_size(a); at += 4) {
		type = (uint32_t)nla_body(a)[at] << 8 | nla_body(a)[at + 1];
		if (type != 0x8100 && type != 0x88a8)
			break;
	}
	return type;
}

/* Under an Ethernet header; without one nothing in the packet tells. */
static bool has_labels(const struct item *i)
{
	uint32_t n, type = packet_type(i);
	const void *p = norm_attrs(i, &n);
	const struct nlattr *key = nla_find(p, n, OVS_PACKET_ATTR_KEY);

	return type == 0x8847 || type == 0x8848 ||
	       (key &&
		!nla_find(nla_body(key), nla_size(key), OVS_KEY_ATTR_ETHERNET));
}

static bool same_upcall(const struct item *a, const struct item *b, bool mpls)
{
	static struct nlb x, y;

	if (a->b[0] != ITEM_UPCALL || b->b[0] != ITEM_UPCALL ||
	    a->b[1] != OVS_PACKET_CMD_ACTION || b->b[1] != a->b[1])
		return false;
	blank_upcall(&x, a, mpls);
	blank_upcall(&y, b, mpls);
	return x.len == y.len && !memcmp(x.b, y.b, x.len);
}

static bool same_bytes(const struct nlattr *a, const void *p, uint32_t n)
{
	return a && nla_size(a) >= n && !memcmp(nla_body(a), p, n);
}

/* Does a key say other tags, another Ethertype or label than the packet?
 * Behind `tags` of them; a third one is only an Ethertype. */
static bool contradicts(const uint8_t *k, uint32_t kn, const uint8_t *p,
			uint32_t pn, int tags)
{
	const struct nlattr *type = nla_find(k, kn, OVS_KEY_ATTR_ETHERTYPE);
	const struct nlattr *in = nla_find(k, kn, OVS_KEY_ATTR_ENCAP);
	uint8_t tci[2];

	if (pn < 6 || p[0] < 6) /* nothing to hold it against, or 802.3 */
		return false;
	if (!same_bytes(type, p, 2))
		return true;
	if (tags < 2 &&
	    (!memcmp(p, "\x81\x00", 2) || !memcmp(p, "\x88\xa8", 2))) {
		tci[0] = p[2] | 0x10;
		tci[1] = p[3];
		return !in ||
		       !same_bytes(nla_find(k, kn, OVS_KEY_ATTR_VLAN), tci,
				   2) ||
		       contradicts(nla_body(in), nla_size(in), p + 4, pn - 4,
				   tags + 1);
	}
	if (p[0] == 0x88 && (p[1] == 0x47 || p[1] == 0x48))
		return !same_bytes(nla_find(k, kn, OVS_KEY_ATTR_MPLS), p + 2,
				   4);
	return false;
}

static bool stale(const struct item *i)
{
	uint32_t n;
	const void *p = norm_attrs(i, &n);
	const struct nlattr *key = nla_find(p, n, OVS_PACKET_ATTR_KEY);
	const struct nlattr *pkt = nla_find(p, n, OVS_PACKET_ATTR_PACKET);

	return key && pkt && nla_size(pkt) > 18 &&
	       nla_find(nla_body(key), nla_size(key), OVS_KEY_ATTR_ETHERNET) &&
	       contradicts(nla_body(key), nla_size(key), nla_body(pkt) + 12,
			   nla_size(pkt) - 12, 0);
}

/* A key without its attribute of this kind, behind tags, too. */
static void key_without(struct nlb *out, const void *p, uint32_t n, int kind)
{
	uint32_t nest;

	nla_each(a, p, n)
	{
		if (nla_kind(a) == OVS_KEY_ATTR_ENCAP) {
			nest = nlb_nest(out, OVS_KEY_ATTR_ENCAP);
			key_without(out, nla_body(a), nla_size(a), kind);
			nlb_end(out, nest);
		} else if (nla_kind(a) != kind) {
			nlb_put(out, nla_kind(a), nla_body(a), nla_size(a));
		}
	}
}

/* Without the key, or without its attribute of this kind. */
static void upcall_without(struct nlb *out, const struct item *i, int kind)
{
	uint32_t n, nest;
	const void *p = norm_attrs(i, &n);

	*out = (struct nlb){ 0 };
	nla_each(a, p, n)
	{
		if (nla_kind(a) != OVS_PACKET_ATTR_KEY) {
			nlb_put(out, nla_kind(a), nla_body(a), nla_size(a));
			continue;
		}
		if (kind < 0)
			continue;
		nest = nlb_nest(out, OVS_PACKET_ATTR_KEY);
		key_without(out, nla_body(a), nla_size(a), kind);
		nlb_end(out, nest);
	}
}

/* An IPv4 header that isn't one, behind the tags. */
static bool has_short_ihl(const struct item *i)
{
	uint32_t n, at = 12;
	const void *p = norm_attrs(i, &n);
	const struct nlattr *a = nla_find(p, n, OVS_PACKET_ATTR_PACKET);
	const uint8_t *b = a ? nla_body(a) : NULL;

	if (!a || packet_type(i) != 0x0800)
		return false;
	while (b[at] != 8 || b[at + 1])
		at += 4;
	at += 2;
	return at < nla_size(a) &&
	       ((b[at] & 15) < 5 || at + 4 * (b[at] & 15) > nla_size(a));
}

/* The module's key says what an action has written where there is no header;
 * one that was parsed again on a tier below has zeros there. */
static bool same_but_ipv4(const struct item *a, const struct item *b)
{
	static struct nlb x, y;

	if (a->b[0] != ITEM_UPCALL || b->b[0] != ITEM_UPCALL ||
	    a->b[1] != b->b[1] || !has_short_ihl(b))
		return false;
	upcall_without(&x, a, OVS_KEY_ATTR_IPV4);
	upcall_without(&y, b, OVS_KEY_ATTR_IPV4);
	return x.len == y.len && !memcmp(x.b, y.b, x.len);
}

static bool same_but_key(const struct item *a, const struct item *b)
{
	static struct nlb v[2];

	if (a->b[0] != ITEM_UPCALL || b->b[0] != ITEM_UPCALL ||
	    a->b[1] != OVS_PACKET_CMD_ACTION || b->b[1] != a->b[1])
		return false;
	upcall_without(&v[0], a, -1);
	upcall_without(&v[1], b, -1);
	return v[0].len == v[1].len && !memcmp(v[0].b, v[1].b, v[0].len);
}

/* A length that no IPv4 header has, or that len bytes don't hold: of a packet
 * that trunc has cut off within the header only the former can be told. */
static bool is_bad_ihl(uint8_t first, uint32_t len)
{
	uint32_t header = 4u * (first & 15);

	return header < 20 || (len >= 20 && header > len);
}

/* Two packets with an IPv4 header of a wrong length, behind tags or labels;
 * behind its Ethertype it needn't say that it is version 4, either. */
static bool same_bad_ipv4(const uint8_t *x, const uint8_t *y, uint32_t len)
{
	for (uint32_t at = 14; at <= 30 && at + 12 <= len; at += 4) {
		bool ipv4 = x[at] >> 4 == 4 || !memcmp(x + at - 2, "\x08\0", 2);

		if (ipv4 && is_bad_ihl(x[at], len - at) &&
		    !memcmp(x, y, at + 10) &&
		    !memcmp(x + at + 12, y + at + 12, len - at - 12))
			return true;
	}
	return false;
}

static const struct nlattr *upcall_packet(const struct item *i)
{
	uint32_t n;
	const void *p = norm_attrs(i, &n);

	return nla_find(p, n, OVS_PACKET_ATTR_PACKET);
}

/* All of an upcall but the packet and, as there is no header for it to be right
 * about, what the key says of IPv4. */
static void upcall_around(struct nlb *out, const struct item *i)
{
	static struct nlb rest;
	uint32_t n;
	const void *p;

	upcall_without(&rest, i, OVS_KEY_ATTR_IPV4);
	p = rest.b;
	n = rest.len;
	*out = (struct nlb){ 0 };
	nla_each(a, p, n)
	{
		if (nla_kind(a) != OVS_PACKET_ATTR_PACKET)
			nlb_put(out, nla_kind(a), nla_body(a), nla_size(a));
	}
}

/* The same frame or upcall, but for the checksum of a bad IPv4 header. */
static bool same_but_checksum(const struct item *a, const struct item *b)
{
	static struct nlb v[2];
	const struct nlattr *x, *y;

	if (a->b[0] != b->b[0] || a->b[1] != b->b[1] || a->len != b->len)
		return false;
	if (a->b[0] == ITEM_FRAME)
		return same_bad_ipv4(a->b + 2, b->b + 2, a->len - 2);
	if (a->b[0] != ITEM_UPCALL)
		return false;
	x = upcall_packet(a);
	y = upcall_packet(b);
	upcall_around(&v[0], a);
	upcall_around(&v[1], b);
	return x && y && nla_size(x) == nla_size(y) &&
	       same_bad_ipv4(nla_body(x), nla_body(y), nla_size(x)) &&
	       v[0].len == v[1].len && !memcmp(v[0].b, v[1].b, v[0].len);
}

/* The module's key goes on saying how many labels there were. */
static bool same_but_labels(const struct item *a, const struct item *b)
{
	static struct nlb x, y;

	if (a->b[0] != ITEM_UPCALL || b->b[0] != ITEM_UPCALL ||
	    a->b[1] != b->b[1] || !has_labels(b))
		return false;
	upcall_without(&x, a, OVS_KEY_ATTR_MPLS);
	upcall_without(&y, b, OVS_KEY_ATTR_MPLS);
	return x.len == y.len && !memcmp(x.b, y.b, x.len);
}

/* Do they differ in one label's worth of bytes? */
static bool word_apart(const struct item *a, const struct item *b)
{
	uint32_t an, bn, first = 0;
	const uint8_t *x = norm_attrs(a, &an), *y = norm_attrs(b, &bn);

	if (an != bn)
		return false;
	while (first < an && x[first] == y[first])
		first++;
	return an - first < 4 ||
	       !memcmp(x + first + 4, y + first + 4, an - first - 4);
}

/* A label that was set may be popped again. */
static bool label_in_address(const struct item *a, const struct item *b)
{
	return same_upcall(a, b, true) &&
	       (has_labels(a) || (stale(a) && stale(b) && word_apart(a, b)));
}

/* What outer_norm() makes of checksums is all that differs. */
static bool same_but_sum(const struct item *a, const struct item *b)
{
	uint32_t at = 0;

	if (gen_by_device || a->len != b->len || a->b[0] != ITEM_FRAME ||
	    b->b[0] != ITEM_FRAME || a->b[1] != GEN_UNDER)
		return false;
	while (at < a->len && a->b[at] == b->b[at])
		at++;
	return at < a->len && a->b[at] == 1 && b->b[at] == 2 &&
	       !memcmp(a->b + at + 1, b->b + at + 1, a->len - at - 1);
}

static int pair_of(const struct item *a, const struct item *b)
{
	if (label_in_address(a, b))
		return MPLS_KEY;
	if (same_upcall(a, b, false))
		return L3_MACS;
	if (same_but_key(a, b) && stale(a) && !stale(b))
		return STALE_KEY;
	if (same_but_ipv4(a, b))
		return IHL_KEY;
	if (same_but_labels(a, b) && !stale(b))
		return BOS_KEY;
	if (same_but_sum(a, b))
		return TUN_SUM;
	return same_but_checksum(a, b) ? SHORT_IHL : -1;
}

static void take_out(struct items *it, uint32_t i)
{
	memmove(&it->v[i], &it->v[i + 1], (--it->n - i) * sizeof(*it->v));
}

/* Removes accepted pairs from both lists. */
static void accept_pairs(struct items *a, struct items *b)
{
	for (uint32_t i = 0; i < a->n;) {
		int kind = -1;
		uint32_t k = 0;

		for (; k < b->n && kind < 0; k++)
			kind = pair_of(&a->v[i], &b->v[k]);
		if (kind < 0) {
			i++;
			continue;
		}
		accepted_count(kind);
		take_out(a, i);
		take_out(b, k - 1);
	}
}

void items_only(const struct items *a, const struct items *b,
		struct items *only_a, struct items *only_b)
{
	uint32_t i = 0, k = 0;
	int c;

	items_clear(only_a);
	items_clear(only_b);
	while (i < a->n || k < b->n) {
		c = i == a->n	? 1
		    : k == b->n ? -1
				: compare(&a->v[i], &b->v[k]);
		if (c < 0)
			add(only_a, &a->v[i++]);
		else if (c > 0)
			add(only_b, &b->v[k++]);
		else
			i++, k++;
	}
	if (only_a->n && only_b->n)
		accept_pairs(only_a, only_b);
}
