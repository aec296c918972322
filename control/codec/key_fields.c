// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_fields.c - from attributes to the fields of struct ox_key: metadata,
 * Ethernet, and what a frame can be asked for at all. Network and transport
 * fields are in key_l4.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>

#include "control/codec/key_int.h"

static uint32_t take_u32(struct ox_match *m, uint64_t *attrs, uint16_t type)
{
	*attrs &= ~OX_BIT(type);
	return mnl_attr_get_u32(m->a[type]);
}

static int parse_in_port(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	struct ox_key *out = ox_match_side(m, is_mask);
	uint32_t port;

	if (!(*attrs & OX_BIT(OVS_KEY_ATTR_IN_PORT))) {
		if (!is_mask)
			out->in_port = OX_NONE;
		return 0;
	}
	port = take_u32(m, attrs, OVS_KEY_ATTR_IN_PORT);
	if (is_mask)
		port = 0xffffffff; /* a port is matched whole or not at all */
	else if (port >= OX_DP_MAX_PORTS)
		return ox_key_bad(m, -EINVAL, m->a[OVS_KEY_ATTR_IN_PORT],
				  "in_port %u: the largest is %u", port,
				  OX_DP_MAX_PORTS - 1);
	out->in_port = port;
	return 0;
}

static int parse_eth_type(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	const struct nlattr *a = m->a[OVS_KEY_ATTR_ETHERTYPE];
	__be16 type = mnl_attr_get_u16(a);

	if (is_mask)
		type = htons(0xffff); /* matched whole or not at all */
	else if (ntohs(type) < ETH_P_802_3_MIN)
		return ox_key_bad(m, -EINVAL, a,
				  "eth_type 0x%04x is below 0x0600",
				  ntohs(type));
	ox_match_side(m, is_mask)->eth_type = type;
	*attrs &= ~OX_BIT(OVS_KEY_ATTR_ETHERTYPE);
	return 0;
}

int ox_key_parse_metadata(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	struct ox_key *out = ox_match_side(m, is_mask);
	bool ethernet = *attrs & OX_BIT(OVS_KEY_ATTR_ETHERNET);
	int err;

	if (*attrs & OX_BIT(OVS_KEY_ATTR_DP_HASH))
		out->dp_hash = take_u32(m, attrs, OVS_KEY_ATTR_DP_HASH);
	if (*attrs & OX_BIT(OVS_KEY_ATTR_RECIRC_ID))
		out->recirc_id = take_u32(m, attrs, OVS_KEY_ATTR_RECIRC_ID);
	if (*attrs & OX_BIT(OVS_KEY_ATTR_PRIORITY))
		out->skb_priority = take_u32(m, attrs, OVS_KEY_ATTR_PRIORITY);
	err = parse_in_port(m, attrs, is_mask);
	if (err)
		return err;
	if (*attrs & OX_BIT(OVS_KEY_ATTR_SKB_MARK))
		out->skb_mark = take_u32(m, attrs, OVS_KEY_ATTR_SKB_MARK);
	err = ox_key_parse_tunnel(m, attrs, is_mask);
	if (!err)
		err = ox_key_parse_ct(m, attrs, is_mask);
	if (err)
		return err;

	/* An EtherType without addresses: a packet of a layer 3 port. */
	if (is_mask)
		out->mac_proto = 0xff;
	else
		out->mac_proto = ethernet ||
				 !(*attrs & OX_BIT(OVS_KEY_ATTR_ETHERTYPE));
	if (!ethernet && (*attrs & OX_BIT(OVS_KEY_ATTR_ETHERTYPE)))
		return parse_eth_type(m, attrs, is_mask);
	return 0;
}

static int parse_ethernet(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	const struct ovs_key_ethernet *eth =
		mnl_attr_get_payload(m->a[OVS_KEY_ATTR_ETHERNET]);
	struct ox_key *out = ox_match_side(m, is_mask);

	memcpy(out->eth_src, eth->eth_src, ETH_ALEN);
	memcpy(out->eth_dst, eth->eth_dst, ETH_ALEN);
	*attrs &= ~OX_BIT(OVS_KEY_ATTR_ETHERNET);
	if (*attrs & OX_BIT(OVS_KEY_ATTR_VLAN))
		return ox_key_bad(m, -EINVAL, m->a[OVS_KEY_ATTR_VLAN],
				  "vlan without a VLAN eth_type and encap");
	if (*attrs & OX_BIT(OVS_KEY_ATTR_ETHERTYPE))
		return parse_eth_type(m, attrs, is_mask);
	if (!is_mask)
		out->eth_type = htons(ETH_P_802_2);
	return 0;
}

/* As many labels as the attribute has are matched, and that there are that
 * many at least. */
static int parse_mpls(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	const struct nlattr *a = m->a[OVS_KEY_ATTR_MPLS];
	struct ox_key *out = ox_match_side(m, is_mask);
	int len = mnl_attr_get_payload_len(a);

	if (len <= 0 || len > (int)sizeof(out->mpls.lse) ||
	    len % (int)sizeof(struct ovs_key_mpls))
		return ox_key_bad(m, -EINVAL, a,
				  "mpls of %d bytes: 1 to 3 labels of 4 bytes",
				  len);
	memcpy(out->mpls.lse, mnl_attr_get_payload(a), len);
	out->mpls.num_labels_mask = (1u << (len / 4)) - 1;
	*attrs &= ~OX_BIT(OVS_KEY_ATTR_MPLS);
	return 0;
}

static int parse_frag(struct ox_match *m, uint64_t attrs)
{
	if (attrs & OX_BIT(OVS_KEY_ATTR_IPV4)) {
		const struct nlattr *a = m->a[OVS_KEY_ATTR_IPV4];
		const struct ovs_key_ipv4 *ip = mnl_attr_get_payload(a);

		if (ip->ipv4_frag > OVS_FRAG_TYPE_MAX)
			return ox_key_bad(m, -EINVAL, a,
					  "ipv4 frag %u: the largest is %u",
					  ip->ipv4_frag, OVS_FRAG_TYPE_MAX);
	}
	if (attrs & OX_BIT(OVS_KEY_ATTR_IPV6)) {
		const struct nlattr *a = m->a[OVS_KEY_ATTR_IPV6];
		struct ovs_key_ipv6 ip;

		memcpy(&ip, mnl_attr_get_payload(a), sizeof(ip));
		if (ip.ipv6_frag > OVS_FRAG_TYPE_MAX)
			return ox_key_bad(m, -EINVAL, a,
					  "ipv6 frag %u: the largest is %u",
					  ip.ipv6_frag, OVS_FRAG_TYPE_MAX);
		if (ip.ipv6_label & htonl(0xfff00000))
			return ox_key_bad(m, -EINVAL, a,
					  "ipv6 label 0x%x: it has 20 bits",
					  ntohl(ip.ipv6_label));
	}
	if (attrs & OX_BIT(OVS_KEY_ATTR_ARP)) {
		const struct nlattr *a = m->a[OVS_KEY_ATTR_ARP];
		struct ovs_key_arp arp;

		memcpy(&arp, mnl_attr_get_payload(a), sizeof(arp));
		if (arp.arp_op & htons(0xff00))
			return ox_key_bad(m, -EINVAL, a,
					  "arp opcode %u: the largest is 255",
					  ntohs(arp.arp_op));
	}
	return 0;
}

int ox_key_parse_fields(struct ox_match *m, uint64_t attrs, bool is_mask)
{
	int err = ox_key_parse_metadata(m, &attrs, is_mask);

	if (err)
		return err;
	if (attrs & OX_BIT(OVS_KEY_ATTR_ETHERNET))
		err = parse_ethernet(m, &attrs, is_mask);
	else if (!m->key->eth_type)
		err = ox_key_bad(m, -EINVAL, NULL,
				 "key needs an eth or an eth_type");
	if (!err && !is_mask)
		err = parse_frag(m, attrs);
	if (err)
		return err;
	ox_key_parse_l4(m, &attrs, is_mask);
	if (attrs & OX_BIT(OVS_KEY_ATTR_NSH))
		err = ox_key_parse_nsh(m, &attrs, is_mask);
	if (!err && (attrs & OX_BIT(OVS_KEY_ATTR_MPLS)))
		err = parse_mpls(m, &attrs, is_mask);
	if (err)
		return err;
	for (uint16_t t = 0; attrs >> t; t++)
		if (attrs & OX_BIT(t))
			return ox_key_bad(m, -EINVAL, m->a[t],
					  "key attribute %u (%s) is out of "
					  "place",
					  t, ox_key_attr_name(t));
	return 0;
}
