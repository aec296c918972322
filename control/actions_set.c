/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actions_set.c - what may be set: the module's validate_set(). A flow can
 * only edit a header that its match guarantees, and no field that says how
 * the rest of the packet is to be read.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#include "control/actions_int.h"

struct set {
	const struct nlattr *attr; /* the key attribute */
	const uint8_t *value;
	const uint8_t *mask; /* NULL: a plain set */
	int len;	     /* bytes of value */
};

static bool bits_outside_mask(const struct set *s)
{
	for (int i = 0; i < s->len; i++)
		if (s->value[i] & ~s->mask[i])
			return true;
	return false;
}

static int check_ipv4(struct ox_actions_check *c, const struct set *s)
{
	const struct ox_key *k = c->key;
	struct ovs_key_ipv4 v;

	if (k->eth_type != htons(ETH_P_IP))
		return ox_actions_bad(c, -EINVAL, s->attr,
				      "set ipv4 needs a match on IPv4");
	memcpy(&v, s->mask ? s->mask : s->value, sizeof(v));
	if (s->mask && (v.ipv4_proto || v.ipv4_frag))
		return ox_actions_bad(c, -EINVAL, s->attr,
				      "ipv4 proto and frag can't be set");
	if (!s->mask &&
	    (v.ipv4_proto != k->ip_proto || v.ipv4_frag != k->ip_frag))
		return ox_actions_bad(c, -EINVAL, s->attr,
				      "ipv4 proto and frag must be those that "
				      "the flow matches");
	return 0;
}

static int check_ipv6(struct ox_actions_check *c, const struct set *s)
{
	const struct ox_key *k = c->key;
	struct ovs_key_ipv6 v, m;

	if (k->eth_type != htons(ETH_P_IPV6))
		return ox_actions_bad(c, -EINVAL, s->attr,
				      "set ipv6 needs a match on IPv6");
	memcpy(&v, s->value, sizeof(v));
	memcpy(&m, s->mask ? s->mask : s->value, sizeof(m));
	if (s->mask && (m.ipv6_proto || m.ipv6_frag))
		return ox_actions_bad(c, -EINVAL, s->attr,
				      "ipv6 proto and frag can't be set");
	if (!s->mask &&
	    (v.ipv6_proto != k->ip_proto || v.ipv6_frag != k->ip_frag))
		return ox_actions_bad(c, -EINVAL, s->attr,
				      "ipv6 proto and frag must be those that "
				      "the flow matches");
	if ((v.ipv6_label | m.ipv6_label) & htonl(0xfff00000))
		return ox_actions_bad(c, -EINVAL, s->attr,
				      "ipv6 label has 20 bits");
	return 0;
}

static int check_ports(struct ox_actions_check *c, const struct set *s,
		       uint8_t proto)
{
	const struct ox_key *k = c->key;

	if ((k->eth_type == htons(ETH_P_IP) ||
	     k->eth_type == htons(ETH_P_IPV6)) &&
	    k->ip_proto == proto)
		return 0;
	return ox_actions_bad(c, -EINVAL, s->attr,
			      "set %s needs a match on its IP protocol %u",
			      ox_key_attr_name(ox_nla_type(s->attr)), proto);
}

static int unsupported(struct ox_actions_check *c, const struct set *s)
{
	return ox_actions_bad(c, -EOPNOTSUPP, s->attr,
			      "action set(%s) is not supported",
			      ox_key_attr_name(ox_nla_type(s->attr)));
}

static int check_field(struct ox_actions_check *c, const struct set *s,
		       bool has_eth)
{
	switch (ox_nla_type(s->attr)) {
	case OVS_KEY_ATTR_ETHERNET:
		if (!has_eth)
			return ox_actions_bad(c, -EINVAL, s->attr,
					      "set eth: no Ethernet header");
		return 0;
	case OVS_KEY_ATTR_IPV4:
		return check_ipv4(c, s);
	case OVS_KEY_ATTR_IPV6:
		return check_ipv6(c, s);
	case OVS_KEY_ATTR_TCP:
		return check_ports(c, s, IPPROTO_TCP);
	case OVS_KEY_ATTR_UDP:
		return check_ports(c, s, IPPROTO_UDP);
	case OVS_KEY_ATTR_SCTP:
		return check_ports(c, s, IPPROTO_SCTP);
	case OVS_KEY_ATTR_TUNNEL:
		if (s->mask)
			break;
		return unsupported(c, s);
	case OVS_KEY_ATTR_MPLS:
		if (!ox_eth_type_mpls(c->key->eth_type) ||
		    s->len != sizeof(struct ovs_key_mpls))
			break;
		return unsupported(c, s);
	case OVS_KEY_ATTR_PRIORITY:
	case OVS_KEY_ATTR_SKB_MARK:
	case OVS_KEY_ATTR_CT_MARK:
	case OVS_KEY_ATTR_CT_LABELS:
		return unsupported(c, s);
	}
	return ox_actions_bad(c, -EINVAL, s->attr, "%s can't be set",
			      ox_key_attr_name(ox_nla_type(s->attr)));
}

int ox_actions_validate_set(struct ox_actions_check *c, const struct nlattr *a,
			    bool has_eth, bool masked)
{
	const struct nlattr *attr = ox_nla_data(a);
	struct set s = { .attr = attr };

	/* exactly one key attribute */
	if (!ox_nla_ok(attr, ox_nla_len(a)) ||
	    (int)NLA_ALIGN(attr->nla_len) != ox_nla_len(a))
		return ox_actions_bad(c, -EINVAL, a,
				      "set takes one key attribute");
	s.len = ox_nla_len(attr);
	s.value = ox_nla_data(attr);
	if (masked) {
		s.len /= 2;
		s.mask = s.value + s.len;
	}
	if (ox_nla_type(attr) > OX_NLA_MAX ||
	    !ox_key_len_ok(ox_nla_type(attr), s.len))
		return ox_actions_bad(c, -EINVAL, attr,
				      "set: %d bytes are wrong for key "
				      "attribute %u",
				      s.len, ox_nla_type(attr));
	if (masked && bits_outside_mask(&s))
		return ox_actions_bad(c, -EINVAL, attr,
				      "set_masked: value has bits outside of "
				      "its mask");
	return check_field(c, &s, has_eth);
}
