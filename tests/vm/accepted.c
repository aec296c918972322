// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * accepted.c - compares two sorted lists of items.
 */
#include <errno.h>

#include "accepted.h"
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

enum accepted {
	TX_BYTES,
	MPLS_KEY,
	STALE_KEY,
	L3_MACS,
	SHORT_IHL,
	METER_SLOT,
	TC_RECIRC,
	TUNNEL,
	MASK_RANGE,
	IHL_KEY,
	LABEL_TAG,
	BRANCH_FAILS,
	LABEL_LLC,
	BOS_KEY,
	SHORT_TAG,
	ACCEPTED,
};

static struct {
	const char *id, *what;
	uint64_t count;
} list[ACCEPTED] = {
	[TX_BYTES] = { "tx_bytes_of_tags",
		       "a port's tx_bytes: 4 more per tagged frame", 0 },
	[MPLS_KEY] = { "mpls_set_on_stale_key",
		       "key of an upcall between push_mpls and recirc: a "
		       "label in an address",
		       0 },
	[STALE_KEY] = { "stale_key",
			"key of an upcall behind a push or pop: the module's "
			"contradicts the packet, ours doesn't",
			0 },
	[L3_MACS] = { "macs_of_l3_key",
		      "key of an upcall behind push_eth: MACs from before "
		      "pop_eth",
		      0 },
	[SHORT_IHL] = { "set_ipv4_without_header",
			"checksum of an IPv4 header of a wrong length", 0 },
	[METER_SLOT] = { "meter_slots",
			 "a meter whose id shares a slot with another's", 0 },
	[TC_RECIRC] = { "tc_recirc_sharing",
			"the user feature TC_RECIRC_SHARING", 0 },
	[MASK_RANGE] = { "mask_ranges",
			 "a few masks more or less for the same flows", 0 },
	[IHL_KEY] = { "set_ipv4_without_header_key",
		      "key of a packet whose IPv4 header has a wrong length: "
		      "what was set there",
		      0 },
	[BRANCH_FAILS] = { "branch_fails_below",
			   "cases of a branch that user space runs and an "
			   "edit in it fails",
			   0 },
	[LABEL_LLC] = { "label_behind_llc",
			"cases of a label between LLC and its packet", 0 },
	[BOS_KEY] = { "set_bottom_of_stack",
		      "key of an upcall: labels behind one whose last-bit an "
		      "action has changed",
		      0 },
	[SHORT_TAG] = { "tag_of_nothing",
			"cases of a tag pushed onto less than 18 bytes: what "
			"ports count as sent",
			0 },
	[LABEL_TAG] = { "label_before_tag",
			"cases of a label in front of a tagged frame", 0 },
	[TUNNEL] = { "tunnel_vports", "vports of tunnel types", 0 },
};

/* ---- pairs of items ---- */

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
	if (mpls && !has_labels(a))
		return false;
	blank_upcall(&x, a, mpls);
	blank_upcall(&y, b, mpls);
	return x.len == y.len && !memcmp(x.b, y.b, x.len);
}

static bool same_bytes(const struct nlattr *a, const void *p, uint32_t n)
{
	return a && nla_size(a) >= n && !memcmp(nla_body(a), p, n);
}

/* Does a key say other tags, another Ethertype or label than the packet? */
static bool contradicts(const uint8_t *k, uint32_t kn, const uint8_t *p,
			uint32_t pn, bool eth)
{
	const struct nlattr *in;
	uint8_t tci[2];

	if (!eth || pn < 6) /* nothing to hold it against */
		return false;
	if (!memcmp(p, "\x81\x00", 2) || !memcmp(p, "\x88\xa8", 2)) {
		in = nla_find(k, kn, OVS_KEY_ATTR_ENCAP);
		tci[0] = p[2] | 0x10;
		tci[1] = p[3];
		if (!same_bytes(nla_find(k, kn, OVS_KEY_ATTR_ETHERTYPE), p,
				2) ||
		    !same_bytes(nla_find(k, kn, OVS_KEY_ATTR_VLAN), tci, 2) ||
		    !in)
			return true;
		/* A third tag is only an Ethertype. */
		if (nla_find(k, kn, OVS_KEY_ATTR_IN_PORT) ||
		    !nla_find(nla_body(in), nla_size(in), OVS_KEY_ATTR_VLAN))
			return contradicts(nla_body(in), nla_size(in), p + 4,
					   pn - 4, true);
		return false;
	}
	if (p[0] < 6) /* 802.3 */
		return false;
	if (!same_bytes(nla_find(k, kn, OVS_KEY_ATTR_ETHERTYPE), p, 2))
		return true;
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
	       contradicts(nla_body(key), nla_size(key), nla_body(pkt) + 12,
			   nla_size(pkt) - 12,
			   nla_find(nla_body(key), nla_size(key),
				    OVS_KEY_ATTR_ETHERNET));
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

/* Two packets with an IPv4 header of a wrong length, behind tags or labels;
 * behind its Ethertype it needn't say that it is version 4, either. */
static bool same_bad_ipv4(const uint8_t *x, const uint8_t *y, uint32_t len)
{
	for (uint32_t at = 14; at <= 30 && at + 20 <= len; at += 4) {
		uint32_t header = 4u * (x[at] & 15);
		bool ipv4 = x[at] >> 4 == 4 || !memcmp(x + at - 2, "\x08\0", 2);

		if (ipv4 && (header < 20 || header > len - at) &&
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

static bool same_but_checksum(const struct item *a, const struct item *b)
{
	const struct nlattr *x, *y;

	if (a->b[0] != b->b[0] || a->b[1] != b->b[1] || a->len != b->len)
		return false;
	if (a->b[0] == ITEM_FRAME)
		return same_bad_ipv4(a->b + 2, b->b + 2, a->len - 2);
	if (a->b[0] != ITEM_UPCALL)
		return false;
	x = upcall_packet(a);
	y = upcall_packet(b);
	return x && y && nla_size(x) == nla_size(y) &&
	       same_bad_ipv4(nla_body(x), nla_body(y), nla_size(x));
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

static int pair_of(const struct item *a, const struct item *b)
{
	if (same_upcall(a, b, true))
		return MPLS_KEY;
	if (same_upcall(a, b, false))
		return L3_MACS;
	if (same_but_key(a, b) && stale(a) && !stale(b))
		return STALE_KEY;
	if (same_but_ipv4(a, b))
		return IHL_KEY;
	if (same_but_labels(a, b) && !stale(b))
		return BOS_KEY;
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
		list[kind].count++;
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

/* ---- cases ---- */

static bool has_action(const uint8_t *p, uint32_t n, int kind);

/* A nest of attributes some of which are lists of actions. */
static bool nest_has(const struct nlattr *nest, int kind)
{
	int list[2] = { -1, -1 };

	switch (nla_kind(nest)) {
	case OVS_ACTION_ATTR_CLONE:
		return has_action(nla_body(nest), nla_size(nest), kind);
	case OVS_ACTION_ATTR_SAMPLE:
		list[0] = OVS_SAMPLE_ATTR_ACTIONS;
		break;
	case OVS_ACTION_ATTR_DEC_TTL:
		list[0] = OVS_DEC_TTL_ATTR_ACTION;
		break;
	case OVS_ACTION_ATTR_CHECK_PKT_LEN:
		list[0] = OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER;
		list[1] = OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL;
		break;
	default:
		return false;
	}
	nla_each(a, nla_body(nest), nla_size(nest))
	{
		if ((nla_kind(a) == list[0] || nla_kind(a) == list[1]) &&
		    has_action(nla_body(a), nla_size(a), kind))
			return true;
	}
	return false;
}

static bool has_action(const uint8_t *p, uint32_t n, int kind)
{
	nla_each(a, p, n)
	{
		if (nla_kind(a) == kind || nest_has(a, kind))
			return true;
	}
	return false;
}

static bool case_has(const struct gen_case *c, int kind)
{
	for (uint32_t i = 0; i < c->n_flows; i++) {
		const struct nlb *put = c->flow[i].put;
		const struct nlattr *a =
			nla_find(put->b, put->len, OVS_FLOW_ATTR_ACTIONS);

		if (a && has_action(nla_body(a), nla_size(a), kind))
			return true;
	}
	return false;
}

/* Upcalls; frames, too, if they may be. */
static bool all_packets(const struct items *it, bool frames)
{
	for (uint32_t i = 0; i < it->n; i++)
		if (it->v[i].b[0] != ITEM_UPCALL &&
		    (it->v[i].b[0] != ITEM_FRAME || !frames))
			return false;
	return true;
}

static bool case_tagged(const struct gen_case *c)
{
	for (int i = 0; i < CASE_PACKETS; i++) {
		const uint8_t *b = c->packet[i].b;

		if (c->packet[i].len >= 14 &&
		    ((b[12] == 0x81 && !b[13]) ||
		     (b[12] == 0x88 && b[13] == 0xa8)))
			return true;
	}
	return case_has(c, OVS_ACTION_ATTR_PUSH_VLAN);
}

/* Behind a label or NSH in front of its tag a packet can reach no Ethernet
 * port, but user space; behind pop_nsh what was in there is a frame again. */
static bool is_label_before_tag(const struct gen_case *c,
				const struct items *module)
{
	bool pop = case_has(c, OVS_ACTION_ATTR_POP_NSH);

	return all_packets(module, pop) && case_tagged(c) &&
	       (pop || case_has(c, OVS_ACTION_ATTR_ADD_MPLS) ||
		case_has(c, OVS_ACTION_ATTR_PUSH_NSH));
}

/* A list in a list that the kernel tiers leave to user space, and then don't
 * wait for: the list around goes on although the branch fails. */
static bool is_branch_below(const struct gen_case *c)
{
	static const int below[] = {
		OVS_ACTION_ATTR_PUSH_MPLS, OVS_ACTION_ATTR_POP_MPLS,
		OVS_ACTION_ATTR_PUSH_ETH,  OVS_ACTION_ATTR_POP_ETH,
		OVS_ACTION_ATTR_PUSH_NSH,  OVS_ACTION_ATTR_POP_NSH,
		OVS_ACTION_ATTR_ADD_MPLS,
	};

	for (uint32_t i = 0; i < c->n_flows; i++) {
		const struct nlb *put = c->flow[i].put;
		const struct nlattr *acts =
			nla_find(put->b, put->len, OVS_FLOW_ATTR_ACTIONS);

		if (!acts)
			continue;
		nla_each(a, nla_body(acts), nla_size(acts))
		{
			for (size_t k = 0; k < sizeof(below) / sizeof(*below);
			     k++)
				if (nest_has(a, below[k]))
					return true;
		}
	}
	return false;
}

static bool is_label_behind_llc(const struct gen_case *c)
{
	bool llc = false;

	for (int i = 0; i < CASE_PACKETS; i++) {
		const uint8_t *b = c->packet[i].b;

		llc |= c->packet[i].len >= 22 && b[12] < 6;
	}
	return llc && (case_has(c, OVS_ACTION_ATTR_ADD_MPLS) ||
		       case_has(c, OVS_ACTION_ATTR_PUSH_MPLS));
}

/* Only counters differ. */
static bool all_counters(const struct items *it)
{
	for (uint32_t i = 0; i < it->n; i++)
		if (it->v[i].b[0] != ITEM_COUNTER)
			return false;
	return true;
}

static bool is_short_tag(const struct gen_case *c)
{
	bool is_short = false;

	for (int i = 0; i < CASE_PACKETS; i++)
		is_short |= c->packet[i].len < 18;
	return is_short && case_has(c, OVS_ACTION_ATTR_PUSH_VLAN);
}

bool accepted_case(const struct gen_case *c, const struct items *module,
		   const struct items *ours)
{
	int kind = -1;

	if (!ours->n && is_label_before_tag(c, module))
		kind = LABEL_TAG;
	else if (!module->n && all_packets(ours, true) && is_branch_below(c))
		kind = BRANCH_FAILS;
	else if (all_packets(ours, true) && all_packets(module, true) &&
		 is_label_behind_llc(c))
		kind = LABEL_LLC;
	else if (all_counters(module) && all_counters(ours) && is_short_tag(c))
		kind = SHORT_TAG;
	if (kind < 0)
		return false;
	list[kind].count++;
	return true;
}

/* ---- answers, counters ---- */

bool accepted_answer(const struct nlb *put, const int err[2])
{
	(void)put;
	(void)err;
	return false;
}

static uint32_t u32_of(const struct request *q, uint16_t type)
{
	uint32_t v = 0;

	/* the last one counts */
	nla_each(a, q->attrs.b,
		 q->attrs.len) if (nla_kind(a) == type && nla_size(a) >= 4)
		memcpy(&v, nla_body(a), 4);
	return v;
}

static int accepted_kind(const struct request *q, int module, int ours)
{
	uint32_t type = u32_of(q, OVS_VPORT_ATTR_TYPE);

	switch (q->family) {
	case SIDE_METER:
		/* its meters are an array, in which ids share slots */
		if (q->cmd == OVS_METER_CMD_SET && module == -EBUSY && !ours)
			return METER_SLOT;
		break;
	case SIDE_DP:
		if (module == -EOPNOTSUPP &&
		    u32_of(q, OVS_DP_ATTR_USER_FEATURES) &
			    OVS_DP_F_TC_RECIRC_SHARING)
			return TC_RECIRC;
		break;
	case SIDE_VPORT:
		if (q->cmd == OVS_VPORT_CMD_NEW && ours == -EAFNOSUPPORT &&
		    type >= OVS_VPORT_TYPE_GRE && type <= OVS_VPORT_TYPE_GENEVE)
			return TUNNEL;
		break;
	}
	return -1;
}

bool accepted_request(const struct request *q, int module, int ours)
{
	int kind = accepted_kind(q, module, ours);

	if (kind < 0)
		return false;
	list[kind].count++;
	return true;
}

bool accepted_tx_bytes(uint64_t module, uint64_t ours, uint64_t tagged)
{
	uint64_t more = ours - module;

	if (!more || more % 4 || more / 4 > tagged)
		return false;
	list[TX_BYTES].count++;
	return true;
}

bool accepted_masks(uint32_t module, uint32_t ours)
{
	uint32_t more = ours > module ? ours - module : module - ours;

	/* it tells masks apart by which part of the key they span, too; we do
	 * by whether their flows have an Ethernet header */
	if (!more || more > 4)
		return false;
	list[MASK_RANGE].count++;
	return true;
}

void accepted_summary(FILE *f)
{
	for (int i = 0; i < ACCEPTED; i++)
		if (list[i].count)
			fprintf(f, "# accepted %llu times: %s (%s)\n",
				(unsigned long long)list[i].count, list[i].id,
				list[i].what);
}
