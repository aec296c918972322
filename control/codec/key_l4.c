// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_l4.c - ARP, IPv4, IPv6 and transport attributes to the fields of
 * struct ox_key. Values were checked before; masks take any.
 */
#include <arpa/inet.h>

#include "control/codec/key_int.h"

static void get_ipv4(struct ox_key *k, const void *p)
{
	struct ovs_key_ipv4 v;

	memcpy(&v, p, sizeof(v));
	k->ip_proto = v.ipv4_proto;
	k->ip_tos = v.ipv4_tos;
	k->ip_ttl = v.ipv4_ttl;
	k->ip_frag = v.ipv4_frag;
	k->ipv4.src = v.ipv4_src;
	k->ipv4.dst = v.ipv4_dst;
}

static void get_ipv6(struct ox_key *k, const void *p)
{
	struct ovs_key_ipv6 v;

	memcpy(&v, p, sizeof(v));
	k->ipv6_label = v.ipv6_label;
	k->ip_proto = v.ipv6_proto;
	k->ip_tos = v.ipv6_tclass;
	k->ip_ttl = v.ipv6_hlimit;
	k->ip_frag = v.ipv6_frag;
	memcpy(k->ipv6.src, v.ipv6_src, sizeof(k->ipv6.src));
	memcpy(k->ipv6.dst, v.ipv6_dst, sizeof(k->ipv6.dst));
}

static void get_exthdrs(struct ox_key *k, const void *p)
{
	memcpy(&k->ipv6_exthdrs, p, sizeof(k->ipv6_exthdrs));
}

static void get_arp(struct ox_key *k, const void *p)
{
	struct ovs_key_arp v;

	memcpy(&v, p, sizeof(v));
	k->arp.src = v.arp_sip;
	k->arp.dst = v.arp_tip;
	k->ip_proto = (uint8_t)ntohs(v.arp_op);
	memcpy(k->arp.sha, v.arp_sha, sizeof(k->arp.sha));
	memcpy(k->arp.tha, v.arp_tha, sizeof(k->arp.tha));
}

/* TCP, UDP and SCTP attributes are all two ports. */
static void get_ports(struct ox_key *k, const void *p)
{
	memcpy(&k->tp_src, p, 2);
	memcpy(&k->tp_dst, (const uint8_t *)p + 2, 2);
}

static void get_tcp_flags(struct ox_key *k, const void *p)
{
	memcpy(&k->tcp_flags, p, 2);
}

/* ICMP and ICMPv6: a byte each for type and code. */
static void get_icmp(struct ox_key *k, const void *p)
{
	k->tp_src = htons(((const uint8_t *)p)[0]);
	k->tp_dst = htons(((const uint8_t *)p)[1]);
}

static void get_nd(struct ox_key *k, const void *p)
{
	struct ovs_key_nd v;

	memcpy(&v, p, sizeof(v));
	memcpy(k->nd_target, v.nd_target, sizeof(k->nd_target));
	memcpy(k->nd_sll, v.nd_sll, sizeof(k->nd_sll));
	memcpy(k->nd_tll, v.nd_tll, sizeof(k->nd_tll));
}

/* In the module's order: of attributes that share fields the last wins. */
static const struct {
	uint16_t type;
	void (*get)(struct ox_key *k, const void *p);
} fields[] = {
	{ OVS_KEY_ATTR_IPV4, get_ipv4 },
	{ OVS_KEY_ATTR_IPV6, get_ipv6 },
	{ OVS_KEY_ATTR_IPV6_EXTHDRS, get_exthdrs },
	{ OVS_KEY_ATTR_ARP, get_arp },
	{ OVS_KEY_ATTR_TCP, get_ports },
	{ OVS_KEY_ATTR_TCP_FLAGS, get_tcp_flags },
	{ OVS_KEY_ATTR_UDP, get_ports },
	{ OVS_KEY_ATTR_SCTP, get_ports },
	{ OVS_KEY_ATTR_ICMP, get_icmp },
	{ OVS_KEY_ATTR_ICMPV6, get_icmp },
	{ OVS_KEY_ATTR_ND, get_nd },
};

void ox_key_parse_l4(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	struct ox_key *out = ox_match_side(m, is_mask);

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint64_t bit = OX_BIT(fields[i].type);

		if (!(*attrs & bit))
			continue;
		fields[i].get(out, mnl_attr_get_payload(m->a[fields[i].type]));
		*attrs &= ~bit;
	}
}
