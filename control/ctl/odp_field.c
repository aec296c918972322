// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_field.c - the table of key attributes and the access to their fields.
 */
#include "control/ctl/odp_field.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "ovsxdp/uapi.h"

static const struct ox_odp_bit tcp_bits[] = {
	{ 0x001, "fin" },   { 0x002, "syn" },	{ 0x004, "rst" },
	{ 0x008, "psh" },   { 0x010, "ack" },	{ 0x020, "urg" },
	{ 0x040, "ece" },   { 0x080, "cwr" },	{ 0x100, "ns" },
	{ 0x200, "[200]" }, { 0x400, "[400]" }, { 0x800, "[800]" },
	{ 0, NULL },
};

static const struct ox_odp_bit ct_bits[] = {
	{ 0x01, "new" },  { 0x02, "est" },  { 0x04, "rel" },
	{ 0x08, "rpl" },  { 0x10, "inv" },  { 0x20, "trk" },
	{ 0x40, "snat" }, { 0x80, "dnat" }, { 0, NULL },
};

/* A field of a struct: name, member, kind and (for integers) its bits. */
#define FIELD(s, m, n, k, b)                                                \
	{                                                                   \
		.name = (n), .off = offsetof(struct s, m),                  \
		.len = sizeof(((struct s *)0)->m), .kind = (k), .be = true, \
		.bits = (b)                                                 \
	}
#define ONE(t, n, l, k, b, e, nm)                                    \
	{                                                            \
		.type = (t), .len = (l), .name = (n), .n_fields = 1, \
		.fields = {                                          \
			{ NULL, 0, (l), (k), (e), (b), (nm) }        \
		}                                                    \
	}
#define U32(t, n, k) ONE(t, n, 4, k, 0, false, NULL)

/* The three fields of a VLAN TCI at an offset. */
#define TCI(o)                                                     \
	{ "vid", (o), 2, OX_ODP_DEC, true, 0x0fff, NULL },         \
		{ "pcp", (o), 2, OX_ODP_DEC, true, 0xe000, NULL }, \
	{                                                          \
		"cfi", (o), 2, OX_ODP_CFI, true, 0x1000, NULL      \
	}

#define PORTS(t, n, s, a, b)                                       \
	{                                                          \
		.type = (t), .len = sizeof(struct s), .name = (n), \
		.n_fields = 2, .fields = {                         \
			FIELD(s, a, "src", OX_ODP_DEC, 0),         \
			FIELD(s, b, "dst", OX_ODP_DEC, 0),         \
		}                                                  \
	}
#define ICMP(t, n, s, a, b)                                        \
	{                                                          \
		.type = (t), .len = sizeof(struct s), .name = (n), \
		.n_fields = 2, .fields = {                         \
			FIELD(s, a, "type", OX_ODP_DEC, 0),        \
			FIELD(s, b, "code", OX_ODP_DEC, 0),        \
		}                                                  \
	}

static const struct ox_odp_key keys[] = {
	U32(OVS_KEY_ATTR_RECIRC_ID, "recirc_id", OX_ODP_HEX),
	U32(OVS_KEY_ATTR_DP_HASH, "dp_hash", OX_ODP_HEX),
	U32(OVS_KEY_ATTR_PRIORITY, "skb_priority", OX_ODP_HEX),
	U32(OVS_KEY_ATTR_IN_PORT, "in_port", OX_ODP_PORT),
	U32(OVS_KEY_ATTR_SKB_MARK, "skb_mark", OX_ODP_HEX),
	ONE(OVS_KEY_ATTR_CT_STATE, "ct_state", 4, OX_ODP_FLAGS, 0xff, false,
	    ct_bits),
	ONE(OVS_KEY_ATTR_CT_ZONE, "ct_zone", 2, OX_ODP_HEX, 0, false, NULL),
	U32(OVS_KEY_ATTR_CT_MARK, "ct_mark", OX_ODP_HEX),
	ONE(OVS_KEY_ATTR_CT_LABELS, "ct_label", 16, OX_ODP_U128, 0, false,
	    NULL),
	{
		.type = OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4,
		.len = sizeof(struct ovs_key_ct_tuple_ipv4),
		.name = "ct_tuple4",
		.n_fields = 5,
		.fields = {
			FIELD(ovs_key_ct_tuple_ipv4, ipv4_src, "src",
			      OX_ODP_IPV4, 0),
			FIELD(ovs_key_ct_tuple_ipv4, ipv4_dst, "dst",
			      OX_ODP_IPV4, 0),
			FIELD(ovs_key_ct_tuple_ipv4, ipv4_proto, "proto",
			      OX_ODP_DEC, 0),
			FIELD(ovs_key_ct_tuple_ipv4, src_port, "tp_src",
			      OX_ODP_DEC, 0),
			FIELD(ovs_key_ct_tuple_ipv4, dst_port, "tp_dst",
			      OX_ODP_DEC, 0),
		},
	},
	{
		.type = OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6,
		.len = sizeof(struct ovs_key_ct_tuple_ipv6),
		.name = "ct_tuple6",
		.n_fields = 5,
		.fields = {
			FIELD(ovs_key_ct_tuple_ipv6, ipv6_src, "src",
			      OX_ODP_IPV6, 0),
			FIELD(ovs_key_ct_tuple_ipv6, ipv6_dst, "dst",
			      OX_ODP_IPV6, 0),
			FIELD(ovs_key_ct_tuple_ipv6, ipv6_proto, "proto",
			      OX_ODP_DEC, 0),
			FIELD(ovs_key_ct_tuple_ipv6, src_port, "tp_src",
			      OX_ODP_DEC, 0),
			FIELD(ovs_key_ct_tuple_ipv6, dst_port, "tp_dst",
			      OX_ODP_DEC, 0),
		},
	},
	{
		.type = OVS_KEY_ATTR_ETHERNET,
		.len = sizeof(struct ovs_key_ethernet),
		.name = "eth",
		.n_fields = 2,
		.fields = {
			FIELD(ovs_key_ethernet, eth_src, "src", OX_ODP_MAC, 0),
			FIELD(ovs_key_ethernet, eth_dst, "dst", OX_ODP_MAC, 0),
		},
	},
	{
		.type = OVS_KEY_ATTR_VLAN,
		.len = 2,
		.name = "vlan",
		.n_fields = 3,
		.fields = {TCI(0)},
	},
	ONE(OVS_KEY_ATTR_ETHERTYPE, "eth_type", 2, OX_ODP_HEX4, 0, true, NULL),
	{
		.type = OVS_KEY_ATTR_IPV4,
		.len = sizeof(struct ovs_key_ipv4),
		.name = "ipv4",
		.n_fields = 6,
		.fields = {
			FIELD(ovs_key_ipv4, ipv4_src, "src", OX_ODP_IPV4, 0),
			FIELD(ovs_key_ipv4, ipv4_dst, "dst", OX_ODP_IPV4, 0),
			FIELD(ovs_key_ipv4, ipv4_proto, "proto", OX_ODP_DEC, 0),
			FIELD(ovs_key_ipv4, ipv4_tos, "tos", OX_ODP_HEX, 0),
			FIELD(ovs_key_ipv4, ipv4_ttl, "ttl", OX_ODP_DEC, 0),
			FIELD(ovs_key_ipv4, ipv4_frag, "frag", OX_ODP_FRAG, 0),
		},
	},
	{
		.type = OVS_KEY_ATTR_IPV6,
		.len = sizeof(struct ovs_key_ipv6),
		.name = "ipv6",
		.n_fields = 7,
		.fields = {
			FIELD(ovs_key_ipv6, ipv6_src, "src", OX_ODP_IPV6, 0),
			FIELD(ovs_key_ipv6, ipv6_dst, "dst", OX_ODP_IPV6, 0),
			FIELD(ovs_key_ipv6, ipv6_label, "label", OX_ODP_HEX,
			      0xfffff),
			FIELD(ovs_key_ipv6, ipv6_proto, "proto", OX_ODP_DEC, 0),
			FIELD(ovs_key_ipv6, ipv6_tclass, "tclass", OX_ODP_HEX,
			      0),
			FIELD(ovs_key_ipv6, ipv6_hlimit, "hlimit", OX_ODP_DEC,
			      0),
			FIELD(ovs_key_ipv6, ipv6_frag, "frag", OX_ODP_FRAG, 0),
		},
	},
	ONE(OVS_KEY_ATTR_IPV6_EXTHDRS, "ipv6_exthdrs", 2, OX_ODP_HEX, 0, false,
	    NULL),
	PORTS(OVS_KEY_ATTR_TCP, "tcp", ovs_key_tcp, tcp_src, tcp_dst),
	ONE(OVS_KEY_ATTR_TCP_FLAGS, "tcp_flags", 2, OX_ODP_FLAGS, 0xfff, true,
	    tcp_bits),
	PORTS(OVS_KEY_ATTR_UDP, "udp", ovs_key_udp, udp_src, udp_dst),
	PORTS(OVS_KEY_ATTR_SCTP, "sctp", ovs_key_sctp, sctp_src, sctp_dst),
	ICMP(OVS_KEY_ATTR_ICMP, "icmp", ovs_key_icmp, icmp_type, icmp_code),
	ICMP(OVS_KEY_ATTR_ICMPV6, "icmpv6", ovs_key_icmpv6, icmpv6_type,
	     icmpv6_code),
	{
		.type = OVS_KEY_ATTR_ARP,
		.len = sizeof(struct ovs_key_arp),
		.name = "arp",
		.n_fields = 5,
		.fields = {
			FIELD(ovs_key_arp, arp_sip, "sip", OX_ODP_IPV4, 0),
			FIELD(ovs_key_arp, arp_tip, "tip", OX_ODP_IPV4, 0),
			FIELD(ovs_key_arp, arp_op, "op", OX_ODP_DEC, 0),
			FIELD(ovs_key_arp, arp_sha, "sha", OX_ODP_MAC, 0),
			FIELD(ovs_key_arp, arp_tha, "tha", OX_ODP_MAC, 0),
		},
	},
	{
		.type = OVS_KEY_ATTR_ND,
		.len = sizeof(struct ovs_key_nd),
		.name = "nd",
		.n_fields = 3,
		.fields = {
			FIELD(ovs_key_nd, nd_target, "target", OX_ODP_IPV6, 0),
			FIELD(ovs_key_nd, nd_sll, "sll", OX_ODP_MAC, 0),
			FIELD(ovs_key_nd, nd_tll, "tll", OX_ODP_MAC, 0),
		},
	},
};
#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

/* The four fields of a label stack entry, which comes first everywhere. */
#define LSE                                                          \
	{ "label", 0, 4, OX_ODP_DEC, true, 0xfffff000, NULL },       \
		{ "tc", 0, 4, OX_ODP_DEC, true, 0x00000e00, NULL },  \
		{ "ttl", 0, 4, OX_ODP_DEC, true, 0x000000ff, NULL }, \
	{                                                            \
		"bos", 0, 4, OX_ODP_DEC, true, 0x00000100, NULL      \
	}

const struct ox_odp_key ox_odp_mpls = {
	.type = OVS_KEY_ATTR_MPLS,
	.len = sizeof(struct ovs_key_mpls),
	.name = "mpls",
	.n_fields = 4,
	.fields = { LSE },
};

const struct ox_odp_key ox_odp_push_mpls = {
	.len = sizeof(struct ovs_action_push_mpls),
	.name = "push_mpls",
	.n_fields = 5,
	.fields = {
		LSE,
		FIELD(ovs_action_push_mpls, mpls_ethertype, "eth_type",
		      OX_ODP_HEX, 0),
	},
};

const struct ox_odp_key ox_odp_add_mpls = {
	.len = sizeof(struct ovs_action_add_mpls),
	.name = "add_mpls",
	.n_fields = 6,
	.fields = {
		LSE,
		FIELD(ovs_action_add_mpls, mpls_ethertype, "eth_type",
		      OX_ODP_HEX, 0),
		{ "tun_flags", offsetof(struct ovs_action_add_mpls, tun_flags),
		  2, OX_ODP_HEX, false, 0, NULL },
	},
};

const struct ox_odp_key ox_odp_push_eth = {
	.len = sizeof(struct ovs_action_push_eth),
	.name = "push_eth",
	.n_fields = 2,
	.fields = {
		FIELD(ovs_key_ethernet, eth_src, "src", OX_ODP_MAC, 0),
		FIELD(ovs_key_ethernet, eth_dst, "dst", OX_ODP_MAC, 0),
	},
};

#define NSH8(n, o)                                       \
	{                                                \
		(n), (o), 1, OX_ODP_NSH8, false, 0, NULL \
	}
#define NSH32(n, o)                                      \
	{                                                \
		(n), (o), 4, OX_ODP_NSH32, true, 0, NULL \
	}
const struct ox_odp_key ox_odp_nsh = {
	.type = OVS_KEY_ATTR_NSH,
	.len = OX_ODP_NSH_LEN,
	.name = "nsh",
	.n_fields = 10,
	.fields = {
		NSH8("flags", 0),
		NSH8("ttl", 1),
		NSH8("mdtype", 2),
		NSH8("np", 3),
		{ "spi", 4, 4, OX_ODP_NSH32, true, 0xffffff00, NULL },
		{ "si", 4, 4, OX_ODP_NSH8, true, 0x000000ff, NULL },
		NSH32("c1", 8),
		NSH32("c2", 12),
		NSH32("c3", 16),
		NSH32("c4", 20),
	},
};
_Static_assert(sizeof(struct ovs_nsh_key_base) == OX_ODP_NSH_BASE, "nsh");
_Static_assert(sizeof(struct ovs_nsh_key_base) +
			       sizeof(struct ovs_nsh_key_md1) ==
		       OX_ODP_NSH_LEN,
	       "nsh");

const struct ox_odp_key ox_odp_push_vlan = {
	.len = sizeof(struct ovs_action_push_vlan),
	.name = "push_vlan",
	.n_fields = 4,
	.fields = {
		FIELD(ovs_action_push_vlan, vlan_tpid, "tpid", OX_ODP_HEX4, 0),
		TCI(offsetof(struct ovs_action_push_vlan, vlan_tci)),
	},
};

const struct ox_odp_key *ox_odp_key_at(uint32_t i)
{
	return i < N_KEYS ? &keys[i] : NULL;
}

const struct ox_odp_key *ox_odp_key_by_type(uint16_t type)
{
	for (size_t i = 0; i < N_KEYS; i++)
		if (keys[i].type == type)
			return &keys[i];
	return NULL;
}

const struct ox_odp_key *ox_odp_key_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < N_KEYS; i++)
		if (strlen(keys[i].name) == len &&
		    !memcmp(keys[i].name, name, len))
			return &keys[i];
	return NULL;
}

bool ox_odp_is_int(const struct ox_odp_field *fd)
{
	return fd->kind < OX_ODP_MAC;
}

static uint32_t field_bits(const struct ox_odp_field *fd)
{
	if (fd->bits)
		return fd->bits;
	return fd->len == 4 ? UINT32_MAX : (1u << (8 * fd->len)) - 1;
}

uint32_t ox_odp_field_max(const struct ox_odp_field *fd)
{
	uint32_t bits = field_bits(fd);

	return bits >> __builtin_ctz(bits);
}

/* The integer that the field is a part of. */
static uint32_t word_get(const struct ox_odp_field *fd, const void *data)
{
	const uint8_t *p = (const uint8_t *)data + fd->off;
	uint32_t v32;
	uint16_t v16;

	switch (fd->len) {
	case 1:
		return *p;
	case 2:
		memcpy(&v16, p, 2);
		return fd->be ? ntohs(v16) : v16;
	default:
		memcpy(&v32, p, 4);
		return fd->be ? ntohl(v32) : v32;
	}
}

static void word_put(const struct ox_odp_field *fd, void *data, uint32_t v)
{
	uint8_t *p = (uint8_t *)data + fd->off;
	uint32_t v32 = fd->be ? htonl(v) : v;
	uint16_t v16 = fd->be ? htons((uint16_t)v) : (uint16_t)v;

	if (fd->len == 1)
		*p = (uint8_t)v;
	else if (fd->len == 2)
		memcpy(p, &v16, 2);
	else
		memcpy(p, &v32, 4);
}

uint32_t ox_odp_field_get(const struct ox_odp_field *fd, const void *data)
{
	uint32_t bits = field_bits(fd);

	return (word_get(fd, data) & bits) >> __builtin_ctz(bits);
}

void ox_odp_field_put(const struct ox_odp_field *fd, void *data, uint32_t v)
{
	uint32_t bits = field_bits(fd);
	uint32_t rest = word_get(fd, data) & ~bits;

	word_put(fd, data, rest | ((v << __builtin_ctz(bits)) & bits));
}

static bool all_bytes(const void *data, size_t len, uint8_t byte)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		if (p[i] != byte)
			return false;
	return true;
}

bool ox_odp_field_zero(const struct ox_odp_field *fd, const void *data)
{
	if (ox_odp_is_int(fd))
		return !ox_odp_field_get(fd, data);
	return all_bytes((const uint8_t *)data + fd->off, fd->len, 0);
}

bool ox_odp_field_ones(const struct ox_odp_field *fd, const void *data)
{
	if (ox_odp_is_int(fd))
		return ox_odp_field_get(fd, data) == ox_odp_field_max(fd);
	return all_bytes((const uint8_t *)data + fd->off, fd->len, 0xff);
}
