// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_edit.c - from a set of one header to an op a field, in the order
 * in which the module writes them (execute_masked_set_action()).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "control/codec/actions_int.h"

/* An edit of len bytes at value; none where the mask is zero. */
static void edit(struct ox_build *b, enum ox_opcode code, uint32_t arg,
		 const void *value, const void *mask, size_t len)
{
	struct ox_op *op;

	if (ox_all_zero(mask, len))
		return;
	op = ox_build_add(b, code, arg);
	memcpy(&op->mask, mask, len);
	memcpy(&op->val, value, len);
	op->val &= op->mask;
}

#define EDIT(b, code, arg, v, m, field) \
	edit(b, code, arg, &(v).field, &(m).field, sizeof((v).field))

static void build_eth(struct ox_build *b, const void *value, const void *mask)
{
	struct ovs_key_ethernet v, m;

	memcpy(&v, value, sizeof(v));
	memcpy(&m, mask, sizeof(m));
	EDIT(b, OX_OP_SET_ETH_SRC, 0, v, m, eth_src);
	EDIT(b, OX_OP_SET_ETH_DST, 0, v, m, eth_dst);
}

static void build_ipv4(struct ox_build *b, const void *value, const void *mask)
{
	struct ovs_key_ipv4 v, m;

	memcpy(&v, value, sizeof(v));
	memcpy(&m, mask, sizeof(m));
	EDIT(b, OX_OP_SET_IPV4_SRC, 0, v, m, ipv4_src);
	EDIT(b, OX_OP_SET_IPV4_DST, 0, v, m, ipv4_dst);
	EDIT(b, OX_OP_SET_IPV4_TOS, 0, v, m, ipv4_tos);
	EDIT(b, OX_OP_SET_IPV4_TTL, 0, v, m, ipv4_ttl);
}

static void build_ipv6(struct ox_build *b, const void *value, const void *mask)
{
	struct ovs_key_ipv6 v, m;

	memcpy(&v, value, sizeof(v));
	memcpy(&m, mask, sizeof(m));
	m.ipv6_label &= htonl(0x000fffff);
	for (int i = 0; i < 2; i++)
		edit(b, OX_OP_SET_IPV6_SRC, i, &v.ipv6_src[2 * i],
		     &m.ipv6_src[2 * i], 8);
	for (int i = 0; i < 2; i++)
		edit(b, OX_OP_SET_IPV6_DST, i, &v.ipv6_dst[2 * i],
		     &m.ipv6_dst[2 * i], 8);
	EDIT(b, OX_OP_SET_IPV6_TCLASS, 0, v, m, ipv6_tclass);
	EDIT(b, OX_OP_SET_IPV6_LABEL, 0, v, m, ipv6_label);
	EDIT(b, OX_OP_SET_IPV6_HLIMIT, 0, v, m, ipv6_hlimit);
}

static void build_ports(struct ox_build *b, uint32_t proto, const void *value,
			const void *mask)
{
	const uint8_t *v = value, *m = mask;

	edit(b, OX_OP_SET_TP_SRC, proto, v, m, 2);
	edit(b, OX_OP_SET_TP_DST, proto, v + 2, m + 2, 2);
}

static bool build_key(struct ox_build *b, uint16_t type, const void *value,
		      const void *mask)
{
	switch ((enum ox_set_type)type) {
	case OX_SET_PRIORITY:
		edit(b, OX_OP_SET_PRIORITY, 0, value, mask, 4);
		return true;
	case OX_SET_SKB_MARK:
		edit(b, OX_OP_SET_MARK, 0, value, mask, 4);
		return true;
	case OX_SET_ETHERNET:
		build_eth(b, value, mask);
		return true;
	case OX_SET_IPV4:
		build_ipv4(b, value, mask);
		return true;
	case OX_SET_IPV6:
		build_ipv6(b, value, mask);
		return true;
	case OX_SET_TCP:
		build_ports(b, IPPROTO_TCP, value, mask);
		return true;
	case OX_SET_UDP:
		build_ports(b, IPPROTO_UDP, value, mask);
		return true;
	case OX_SET_SCTP:
		build_ports(b, IPPROTO_SCTP, value, mask);
		return true;
	case OX_SET_MPLS:
		edit(b, OX_OP_SET_MPLS, 0, value, mask, 4);
		return true;
	case OX_SET_CT_MARK: /* execute_set_action() knows neither */
	case OX_SET_CT_LABELS:
		ox_build_add(b, OX_OP_REFUSE, EINVAL);
		return true;
	case OX_SET_TUNNEL: /* ox_build_tun() */
		break;
	}
	return false;
}

/* A mask of zeros sets nothing, but a packet without that header still ends
 * the list. Every frame has an Ethernet header. */
static void build_check(struct ox_build *b, uint16_t type)
{
	switch ((enum ox_set_type)type) {
	case OX_SET_IPV4:
		ox_build_add(b, OX_OP_SET_IPV4_SRC, 0);
		break;
	case OX_SET_IPV6:
		ox_build_add(b, OX_OP_SET_IPV6_SRC, 0);
		break;
	case OX_SET_TCP:
		ox_build_add(b, OX_OP_SET_TP_SRC, IPPROTO_TCP);
		break;
	case OX_SET_UDP:
		ox_build_add(b, OX_OP_SET_TP_SRC, IPPROTO_UDP);
		break;
	case OX_SET_SCTP:
		ox_build_add(b, OX_OP_SET_TP_SRC, IPPROTO_SCTP);
		break;
	case OX_SET_MPLS:
		ox_build_add(b, OX_OP_SET_MPLS, 0);
		break;
	case OX_SET_PRIORITY:
	case OX_SET_SKB_MARK:
	case OX_SET_ETHERNET:
	case OX_SET_TUNNEL:
	case OX_SET_CT_MARK:
	case OX_SET_CT_LABELS:
		break;
	}
}

bool ox_build_set(struct ox_build *b, const struct nlattr *a, bool masked)
{
	static const uint8_t ones[sizeof(struct ovs_key_ipv6)] = {
		[0 ... sizeof(struct ovs_key_ipv6) - 1] = 0xff
	};
	const struct nlattr *attr = mnl_attr_get_payload(a);
	uint32_t before = b->n;
	uint16_t type;
	int len;

	if (!mnl_attr_ok(attr, mnl_attr_get_payload_len(a)))
		return false;
	type = mnl_attr_get_type(attr);
	len = mnl_attr_get_payload_len(attr);
	if (masked)
		len /= 2;
	if (type > OX_NLA_MAX)
		return false;
	if (type == OVS_KEY_ATTR_TUNNEL)
		return !masked && ox_build_tun(b, attr);
	/* the one writable header of variable length has a length here */
	if (type == OVS_KEY_ATTR_MPLS ? len != sizeof(struct ovs_key_mpls)
				      : len != ox_key_lens[type])
		return false;
	if (!build_key(b, type, mnl_attr_get_payload(attr),
		       masked ? (const uint8_t *)mnl_attr_get_payload(attr) +
					len
			      : ones))
		return false;
	if (b->n == before)
		build_check(b, type);
	return true;
}
