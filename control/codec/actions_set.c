// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_set.c - what may be set: the module's validate_set(). A flow can
 * only edit a header that its match guarantees, and no field that says how
 * the rest of the packet is to be read.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#include "control/codec/actions_int.h"
#include "control/codec/ct.h"

struct set {
	const struct nlattr *attr; /* the key attribute */
	const uint8_t *value;
	const uint8_t *mask; /* NULL: a plain set */
	int len;	     /* bytes of value */
};

#define BAD(c, a, ...) ox_actions_bad(c, -EINVAL, a, __VA_ARGS__)

static bool bits_outside_mask(const struct set *s)
{
	for (int i = 0; i < s->len; i++)
		if (s->value[i] & ~s->mask[i])
			return true;
	return false;
}

static int check_ipv4(struct ox_actions_check *c, const struct set *s,
		      __be16 eth_type)
{
	const struct ox_key *k = c->key;
	struct ovs_key_ipv4 v;

	if (eth_type != htons(ETH_P_IP))
		return BAD(c, s->attr, "set ipv4 needs a match on IPv4");
	memcpy(&v, s->mask ? s->mask : s->value, sizeof(v));
	if (s->mask && (v.ipv4_proto || v.ipv4_frag))
		return BAD(c, s->attr, "ipv4 proto and frag can't be set");
	if (!s->mask &&
	    (v.ipv4_proto != k->ip_proto || v.ipv4_frag != k->ip_frag))
		return BAD(c, s->attr,
			   "ipv4 proto and frag must be those that "
			   "the flow matches");
	return 0;
}

static int check_ipv6(struct ox_actions_check *c, const struct set *s,
		      __be16 eth_type)
{
	const struct ox_key *k = c->key;
	struct ovs_key_ipv6 v, m;

	if (eth_type != htons(ETH_P_IPV6))
		return BAD(c, s->attr, "set ipv6 needs a match on IPv6");
	memcpy(&v, s->value, sizeof(v));
	memcpy(&m, s->mask ? s->mask : s->value, sizeof(m));
	if (s->mask && (m.ipv6_proto || m.ipv6_frag))
		return BAD(c, s->attr, "ipv6 proto and frag can't be set");
	if (!s->mask &&
	    (v.ipv6_proto != k->ip_proto || v.ipv6_frag != k->ip_frag))
		return BAD(c, s->attr,
			   "ipv6 proto and frag must be those that "
			   "the flow matches");
	if ((v.ipv6_label | m.ipv6_label) & htonl(0xfff00000))
		return BAD(c, s->attr, "ipv6 label has 20 bits");
	return 0;
}

static int check_ports(struct ox_actions_check *c, const struct set *s,
		       __be16 eth_type, uint8_t proto)
{
	if ((eth_type == htons(ETH_P_IP) || eth_type == htons(ETH_P_IPV6)) &&
	    c->key->ip_proto == proto)
		return 0;
	return BAD(c, s->attr, "set %s needs a match on its IP protocol %u",
		   ox_key_attr_name(mnl_attr_get_type(s->attr)), proto);
}

static int check_mpls(struct ox_actions_check *c, const struct set *s,
		      __be16 eth_type)
{
	if (!ox_eth_type_mpls(eth_type))
		return BAD(c, s->attr, "set mpls needs a match on MPLS");
	if (s->len != sizeof(struct ovs_key_mpls))
		return BAD(c, s->attr, "set mpls takes one label");
	return 0;
}

static int check_tunnel(struct ox_actions_check *c, const struct set *s,
			uint32_t *copied)
{
	if (s->mask)
		return BAD(c, s->attr, "a tunnel can't be set under a mask");
	return ox_actions_validate_tun(c, s->attr, copied);
}

static int check_field(struct ox_actions_check *c, const struct set *s,
		       const struct ox_actions_at *at, uint32_t *copied)
{
	uint16_t type = mnl_attr_get_type(s->attr);

	switch ((enum ox_set_type)type) {
	case OX_SET_PRIORITY:
	case OX_SET_SKB_MARK:
		return 0;
	case OX_SET_ETHERNET:
		if (at->mac_proto != 1)
			return BAD(c, s->attr, "set eth: no Ethernet header");
		return 0;
	case OX_SET_IPV4:
		return check_ipv4(c, s, at->eth_type);
	case OX_SET_IPV6:
		return check_ipv6(c, s, at->eth_type);
	case OX_SET_TCP:
		return check_ports(c, s, at->eth_type, IPPROTO_TCP);
	case OX_SET_UDP:
		return check_ports(c, s, at->eth_type, IPPROTO_UDP);
	case OX_SET_SCTP:
		return check_ports(c, s, at->eth_type, IPPROTO_SCTP);
	case OX_SET_MPLS:
		return check_mpls(c, s, at->eth_type);
	case OX_SET_TUNNEL:
		return check_tunnel(c, s, copied);
	case OX_SET_CT_MARK: /* the packets are refused */
		if (ox_ct_served >= OX_CT_SERVE_ALL)
			return 0;
		return ox_actions_unsupported(c, s->attr, "set(ct_mark)");
	case OX_SET_CT_LABELS:
		if (ox_ct_served >= OX_CT_SERVE_ALL)
			return 0;
		return ox_actions_unsupported(c, s->attr, "set(ct_label)");
	}
	return BAD(c, s->attr, "%s can't be set", ox_key_attr_name(type));
}

/* What a set takes in the module's copy: a plain one is kept as one with a
 * mask after the value. */
static uint32_t copy_len(const struct nlattr *a, const struct set *s)
{
	uint32_t len = NLA_ALIGN(a->nla_len);

	return s->mask ? len : len + NLA_ALIGN((uint32_t)s->len);
}

int ox_actions_validate_set(struct ox_actions_check *c, const struct nlattr *a,
			    const struct ox_actions_at *at, bool masked,
			    uint32_t *copied)
{
	const struct nlattr *attr = mnl_attr_get_payload(a);
	struct set s = { .attr = attr };
	int err;

	/* exactly one key attribute */
	if (!mnl_attr_ok(attr, mnl_attr_get_payload_len(a)) ||
	    (int)NLA_ALIGN(attr->nla_len) != mnl_attr_get_payload_len(a))
		return BAD(c, a, "set takes one key attribute");
	s.len = mnl_attr_get_payload_len(attr);
	s.value = mnl_attr_get_payload(attr);
	if (masked) {
		s.len /= 2;
		s.mask = s.value + s.len;
	}
	if (mnl_attr_get_type(attr) > OX_NLA_MAX ||
	    !ox_key_len_ok(mnl_attr_get_type(attr), s.len))
		return BAD(c, attr,
			   "set: %d bytes are wrong for key attribute %u",
			   s.len, mnl_attr_get_type(attr));
	if (masked && bits_outside_mask(&s))
		return BAD(c, attr,
			   "set_masked: value has bits outside of its mask");
	err = check_field(c, &s, at, copied);
	if (!err && mnl_attr_get_type(attr) != OVS_KEY_ATTR_TUNNEL)
		*copied += copy_len(a, &s);
	return err;
}
