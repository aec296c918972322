// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_attr.c - lengths and names of the key attributes.
 */
#include "control/codec/key_attr.h"

const int ox_key_lens[OX_NLA_MAX + 1] = {
	[OVS_KEY_ATTR_ENCAP] = OX_LEN_NESTED,
	[OVS_KEY_ATTR_PRIORITY] = sizeof(uint32_t),
	[OVS_KEY_ATTR_IN_PORT] = sizeof(uint32_t),
	[OVS_KEY_ATTR_ETHERNET] = sizeof(struct ovs_key_ethernet),
	[OVS_KEY_ATTR_VLAN] = sizeof(__be16),
	[OVS_KEY_ATTR_ETHERTYPE] = sizeof(__be16),
	[OVS_KEY_ATTR_IPV4] = sizeof(struct ovs_key_ipv4),
	[OVS_KEY_ATTR_IPV6] = sizeof(struct ovs_key_ipv6),
	[OVS_KEY_ATTR_TCP] = sizeof(struct ovs_key_tcp),
	[OVS_KEY_ATTR_UDP] = sizeof(struct ovs_key_udp),
	[OVS_KEY_ATTR_ICMP] = sizeof(struct ovs_key_icmp),
	[OVS_KEY_ATTR_ICMPV6] = sizeof(struct ovs_key_icmpv6),
	[OVS_KEY_ATTR_ARP] = sizeof(struct ovs_key_arp),
	[OVS_KEY_ATTR_ND] = sizeof(struct ovs_key_nd),
	[OVS_KEY_ATTR_SKB_MARK] = sizeof(uint32_t),
	[OVS_KEY_ATTR_TUNNEL] = OX_LEN_NESTED,
	[OVS_KEY_ATTR_SCTP] = sizeof(struct ovs_key_sctp),
	[OVS_KEY_ATTR_TCP_FLAGS] = sizeof(__be16),
	[OVS_KEY_ATTR_DP_HASH] = sizeof(uint32_t),
	[OVS_KEY_ATTR_RECIRC_ID] = sizeof(uint32_t),
	[OVS_KEY_ATTR_MPLS] = OX_LEN_VARIABLE,
	[OVS_KEY_ATTR_CT_STATE] = sizeof(uint32_t),
	[OVS_KEY_ATTR_CT_ZONE] = sizeof(uint16_t),
	[OVS_KEY_ATTR_CT_MARK] = sizeof(uint32_t),
	[OVS_KEY_ATTR_CT_LABELS] = sizeof(struct ovs_key_ct_labels),
	[OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4] =
		sizeof(struct ovs_key_ct_tuple_ipv4),
	[OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6] =
		sizeof(struct ovs_key_ct_tuple_ipv6),
	[OVS_KEY_ATTR_NSH] = OX_LEN_NESTED,
	[OVS_KEY_ATTR_IPV6_EXTHDRS] = sizeof(struct ovs_key_ipv6_exthdrs),
};

static const char *const names[OX_NLA_MAX + 1] = {
	[OVS_KEY_ATTR_ENCAP] = "encap",
	[OVS_KEY_ATTR_PRIORITY] = "skb_priority",
	[OVS_KEY_ATTR_IN_PORT] = "in_port",
	[OVS_KEY_ATTR_ETHERNET] = "eth",
	[OVS_KEY_ATTR_VLAN] = "vlan",
	[OVS_KEY_ATTR_ETHERTYPE] = "eth_type",
	[OVS_KEY_ATTR_IPV4] = "ipv4",
	[OVS_KEY_ATTR_IPV6] = "ipv6",
	[OVS_KEY_ATTR_TCP] = "tcp",
	[OVS_KEY_ATTR_UDP] = "udp",
	[OVS_KEY_ATTR_ICMP] = "icmp",
	[OVS_KEY_ATTR_ICMPV6] = "icmpv6",
	[OVS_KEY_ATTR_ARP] = "arp",
	[OVS_KEY_ATTR_ND] = "nd",
	[OVS_KEY_ATTR_SKB_MARK] = "skb_mark",
	[OVS_KEY_ATTR_TUNNEL] = "tunnel",
	[OVS_KEY_ATTR_SCTP] = "sctp",
	[OVS_KEY_ATTR_TCP_FLAGS] = "tcp_flags",
	[OVS_KEY_ATTR_DP_HASH] = "dp_hash",
	[OVS_KEY_ATTR_RECIRC_ID] = "recirc_id",
	[OVS_KEY_ATTR_MPLS] = "mpls",
	[OVS_KEY_ATTR_CT_STATE] = "ct_state",
	[OVS_KEY_ATTR_CT_ZONE] = "ct_zone",
	[OVS_KEY_ATTR_CT_MARK] = "ct_mark",
	[OVS_KEY_ATTR_CT_LABELS] = "ct_label",
	[OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4] = "ct_tuple4",
	[OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6] = "ct_tuple6",
	[OVS_KEY_ATTR_NSH] = "nsh",
	[OVS_KEY_ATTR_IPV6_EXTHDRS] = "ipv6_exthdrs",
};

bool ox_key_len_ok(uint16_t type, int len)
{
	int want = ox_key_lens[type];

	return want == len || want == OX_LEN_NESTED || want == OX_LEN_VARIABLE;
}

const char *ox_key_attr_name(uint16_t type)
{
	return type <= OX_NLA_MAX && names[type] ? names[type] : "?";
}
