// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_ct.c - what connection tracking has said of a packet: ct_state, ct_zone,
 * ct_mark, ct_labels and the connection's original tuple, as attributes and
 * as fields of struct ox_key. Mirrors metadata_from_nlattrs() and
 * ovs_ct_put_key().
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>

#include "control/codec/ct.h"
#include "control/codec/key_int.h"

static void get_zone(struct ox_key *k, const void *p)
{
	memcpy(&k->ct_zone, p, sizeof(k->ct_zone));
}

static void get_mark(struct ox_key *k, const void *p)
{
	memcpy(&k->ct_mark, p, sizeof(k->ct_mark));
}

static void get_labels(struct ox_key *k, const void *p)
{
	memcpy(k->ct_labels, p, sizeof(k->ct_labels));
}

static void get_tuple4(struct ox_key *k, const void *p)
{
	struct ovs_key_ct_tuple_ipv4 v;

	memcpy(&v, p, sizeof(v));
	k->ct_orig_src[0] = v.ipv4_src;
	k->ct_orig_dst[0] = v.ipv4_dst;
	k->ct_orig_sport = v.src_port;
	k->ct_orig_dport = v.dst_port;
	k->ct_orig_proto = v.ipv4_proto;
}

static void get_tuple6(struct ox_key *k, const void *p)
{
	struct ovs_key_ct_tuple_ipv6 v;

	memcpy(&v, p, sizeof(v));
	memcpy(k->ct_orig_src, v.ipv6_src, sizeof(k->ct_orig_src));
	memcpy(k->ct_orig_dst, v.ipv6_dst, sizeof(k->ct_orig_dst));
	k->ct_orig_sport = v.src_port;
	k->ct_orig_dport = v.dst_port;
	k->ct_orig_proto = v.ipv6_proto;
}

/* In the module's order: of two tuples the last wins. */
static const struct {
	uint16_t type;
	void (*get)(struct ox_key *k, const void *p);
} fields[] = {
	{ OVS_KEY_ATTR_CT_ZONE, get_zone },
	{ OVS_KEY_ATTR_CT_MARK, get_mark },
	{ OVS_KEY_ATTR_CT_LABELS, get_labels },
	{ OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4, get_tuple4 },
	{ OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6, get_tuple6 },
};

static int parse_state(struct ox_match *m, bool is_mask)
{
	const struct nlattr *a = m->a[OVS_KEY_ATTR_CT_STATE];
	uint32_t v = mnl_attr_get_u32(a);

	if (v & ~OX_CT_STATES)
		return ox_key_bad(m, -EINVAL, a,
				  "ct_state 0x%x: 0x%x are its bits", v,
				  OX_CT_STATES);
	ox_match_side(m, is_mask)->ct_state = (uint8_t)v;
	return 0;
}

static int parse_served(struct ox_match *m, uint64_t ct, bool is_mask)
{
	int err = 0;

	if (ct & OX_BIT(OVS_KEY_ATTR_CT_STATE))
		err = parse_state(m, is_mask);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (ct & OX_BIT(fields[i].type))
			fields[i].get(
				ox_match_side(m, is_mask),
				mnl_attr_get_payload(m->a[fields[i].type]));
	return err;
}

/*
 * Connection tracking isn't there, so its fields are zero in every packet: a
 * match on zero is always true and a match on anything else refused.
 */
static int refuse_values(struct ox_match *m, uint64_t ct, bool is_mask)
{
	for (uint16_t t = 0; ct >> t; t++) {
		const struct nlattr *a = m->a[t];

		if (!(ct & OX_BIT(t)))
			continue;
		if (!is_mask && !ox_all_zero(mnl_attr_get_payload(a),
					     mnl_attr_get_payload_len(a)))
			m->nonzero |= OX_BIT(t);
		if (is_mask && (m->nonzero & OX_BIT(t)))
			return ox_key_bad(m, -EINVAL, a,
					  "%s: no connection tracking here, "
					  "only 0 can be matched",
					  ox_key_attr_name(t));
	}
	return 0;
}

int ox_key_parse_ct(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	uint64_t ct = *attrs & OX_KEY_CT_BITS;

	*attrs &= ~OX_KEY_CT_BITS;
	if (ox_ct_served >= OX_CT_SERVE_KEYS)
		return parse_served(m, ct, is_mask);
	return refuse_values(m, ct, is_mask);
}

static int put_tuple4(struct ox_nlbuf *b, const struct ox_key *o)
{
	struct ovs_key_ct_tuple_ipv4 v;

	memset(&v, 0, sizeof(v));
	v.ipv4_src = o->ct_orig_src[0];
	v.ipv4_dst = o->ct_orig_dst[0];
	v.src_port = o->ct_orig_sport;
	v.dst_port = o->ct_orig_dport;
	v.ipv4_proto = o->ct_orig_proto;
	return ox_nl_put(b, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4, &v, sizeof(v));
}

static int put_tuple6(struct ox_nlbuf *b, const struct ox_key *o)
{
	struct ovs_key_ct_tuple_ipv6 v;

	memset(&v, 0, sizeof(v));
	memcpy(v.ipv6_src, o->ct_orig_src, sizeof(v.ipv6_src));
	memcpy(v.ipv6_dst, o->ct_orig_dst, sizeof(v.ipv6_dst));
	v.src_port = o->ct_orig_sport;
	v.dst_port = o->ct_orig_dport;
	v.ipv6_proto = o->ct_orig_proto;
	return ox_nl_put(b, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6, &v, sizeof(v));
}

int ox_key_put_ct(struct ox_nlbuf *b, const struct ox_key *k,
		  const struct ox_key *o)
{
	int err;

	if (ox_ct_served < OX_CT_SERVE_KEYS)
		return 0; /* as a kernel without it */
	err = ox_nl_put_u32(b, OVS_KEY_ATTR_CT_STATE, o->ct_state);
	if (!err)
		err = ox_nl_put_u16(b, OVS_KEY_ATTR_CT_ZONE, o->ct_zone);
	if (!err)
		err = ox_nl_put_u32(b, OVS_KEY_ATTR_CT_MARK, o->ct_mark);
	if (!err)
		err = ox_nl_put(b, OVS_KEY_ATTR_CT_LABELS, o->ct_labels,
				sizeof(o->ct_labels));
	if (err || !k->ct_orig_proto)
		return err;
	if (k->eth_type == htons(ETH_P_IP))
		return put_tuple4(b, o);
	return k->eth_type == htons(ETH_P_IPV6) ? put_tuple6(b, o) : 0;
}
