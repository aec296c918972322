// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_validate.c - which attributes a key must have, and which a mask may have.
 * A field can only be matched where the fields that give it its meaning
 * (EtherType, IP protocol, ICMPv6 type) are matched exactly.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdio.h>

#include "control/codec/key_int.h"

#define ND_SOLICIT   135
#define ND_ADVERTISE 136

struct rules {
	uint64_t expected; /* in the key */
	uint64_t allowed;  /* in the mask */
};

static const uint64_t guarded =
	OX_BIT(OVS_KEY_ATTR_IPV4) | OX_BIT(OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4) |
	OX_BIT(OVS_KEY_ATTR_IPV6) | OX_BIT(OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6) |
	OX_BIT(OVS_KEY_ATTR_TCP) | OX_BIT(OVS_KEY_ATTR_TCP_FLAGS) |
	OX_BIT(OVS_KEY_ATTR_UDP) | OX_BIT(OVS_KEY_ATTR_SCTP) |
	OX_BIT(OVS_KEY_ATTR_ICMP) | OX_BIT(OVS_KEY_ATTR_ICMPV6) |
	OX_BIT(OVS_KEY_ATTR_ARP) | OX_BIT(OVS_KEY_ATTR_ND) |
	OX_BIT(OVS_KEY_ATTR_MPLS) | OX_BIT(OVS_KEY_ATTR_NSH);

static void expect(struct rules *r, uint64_t bits, bool exact)
{
	r->expected |= bits;
	if (exact)
		r->allowed |= bits;
}

static void transport_rules(struct rules *r, const struct ox_key *k,
			    const struct ox_key *mask, bool ipv6)
{
	bool exact = mask && mask->ip_proto == 0xff;

	if (k->ip_frag == OVS_FRAG_TYPE_LATER)
		return;
	if (k->ip_proto == IPPROTO_UDP)
		expect(r, OX_BIT(OVS_KEY_ATTR_UDP), exact);
	if (k->ip_proto == IPPROTO_SCTP)
		expect(r, OX_BIT(OVS_KEY_ATTR_SCTP), exact);
	if (k->ip_proto == IPPROTO_TCP)
		expect(r,
		       OX_BIT(OVS_KEY_ATTR_TCP) |
			       OX_BIT(OVS_KEY_ATTR_TCP_FLAGS),
		       exact);
	if (!ipv6 && k->ip_proto == IPPROTO_ICMP)
		expect(r, OX_BIT(OVS_KEY_ATTR_ICMP), exact);
	if (!ipv6 || k->ip_proto != IPPROTO_ICMPV6)
		return;

	expect(r, OX_BIT(OVS_KEY_ATTR_ICMPV6), exact);
	if (k->tp_src == htons(ND_SOLICIT) ||
	    k->tp_src == htons(ND_ADVERTISE)) {
		expect(r, OX_BIT(OVS_KEY_ATTR_ND),
		       mask && mask->tp_src == htons(0xff));
		r->allowed &= ~OX_BIT(OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6);
	}
}

static void network_rules(struct rules *r, const struct ox_key *k,
			  const struct ox_key *mask)
{
	bool exact = mask && mask->eth_type == htons(0xffff);

	if (k->eth_type == htons(ETH_P_ARP) || k->eth_type == htons(ETH_P_RARP))
		expect(r, OX_BIT(OVS_KEY_ATTR_ARP), exact);
	if (ox_eth_type_mpls(k->eth_type))
		expect(r, OX_BIT(OVS_KEY_ATTR_MPLS), exact);
	if (k->eth_type == htons(ETH_P_IP)) {
		expect(r, OX_BIT(OVS_KEY_ATTR_IPV4), exact);
		if (exact)
			r->allowed |= OX_BIT(OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4);
		transport_rules(r, k, mask, false);
	}
	if (k->eth_type == htons(ETH_P_IPV6)) {
		expect(r, OX_BIT(OVS_KEY_ATTR_IPV6), exact);
		if (exact)
			r->allowed |= OX_BIT(OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6);
		transport_rules(r, k, mask, true);
	}
	if (k->eth_type == htons(ETH_P_NSH))
		expect(r, OX_BIT(OVS_KEY_ATTR_NSH), exact);
}

static uint16_t lowest(uint64_t bits)
{
	return (uint16_t)__builtin_ctzll(bits);
}

/*
 * Names all that the key lacks, as far as its values tell: without ipv4 nobody
 * knows whether it will need tcp.
 */
static int key_lacks(struct ox_match *m, uint64_t bits)
{
	char names[80];
	int n = 0;

	for (; bits && n < (int)sizeof(names); bits &= bits - 1)
		n += snprintf(names + n, sizeof(names) - (size_t)n, "%s%s",
			      n ? ", " : "", ox_key_attr_name(lowest(bits)));
	return ox_key_bad(m, -EINVAL, NULL, "key of eth_type 0x%04x lacks %s",
			  ntohs(m->key->eth_type), names);
}

int ox_key_validate(struct ox_match *m)
{
	/* at most the key's attributes can be masked ... */
	struct rules r = { 0, m->key_attrs & ~guarded };
	uint64_t bad;

	/* ... and these always */
	r.allowed |= OX_BIT(OVS_KEY_ATTR_TUNNEL) |
		     OX_BIT(OVS_KEY_ATTR_IN_PORT) |
		     OX_BIT(OVS_KEY_ATTR_ETHERTYPE);
	network_rules(&r, m->key, m->mask);

	bad = r.expected & ~m->key_attrs;
	if (bad)
		return key_lacks(m, bad);
	bad = m->mask_attrs & ~r.allowed;
	if (bad)
		return ox_key_bad(m, -EINVAL, m->a[lowest(bad)],
				  "%s can't be masked: not in the key, or what "
				  "it depends on isn't matched exactly",
				  ox_key_attr_name(lowest(bad)));
	return 0;
}
