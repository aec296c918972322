// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * actions_keep.c - the form of a list that is kept: what the module's dumps
 * show (ovs_nla_put_actions()). Types have no flags, and padding is zeroed. A
 * plain set is a plain set, which the module keeps as a masked one and turns
 * back. Nested lists come after their arguments, in a fixed order. A ct() says
 * its zone and no end of a range twice. A tunnel's attributes are in order.
 * All else is kept byte by byte. Only a ct() and a tunnel may be longer than
 * what came.
 */
#include "control/codec/actions_int.h"

static struct nlattr *put(uint8_t *to, uint16_t type, const void *data, int len)
{
	struct nlattr *a = (struct nlattr *)to;

	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	memset(to + NLA_HDRLEN, 0, NLA_ALIGN(len));
	if (len)
		memcpy(to + NLA_HDRLEN, data, (size_t)len);
	return a;
}

/* A list as an attribute of the given type; returns its length. */
static uint32_t put_list(uint8_t *to, uint16_t type, const struct nlattr *list)
{
	struct nlattr *a = put(to, type, NULL, 0);

	a->nla_len += ox_actions_keep(mnl_attr_get_payload(list),
				      mnl_attr_get_payload_len(list),
				      to + NLA_HDRLEN);
	return a->nla_len;
}

static uint32_t put_sample(uint8_t *to, const struct nlattr *nest)
{
	uint32_t n = 0;

	n += NLA_ALIGN(put(to + n, OVS_SAMPLE_ATTR_PROBABILITY,
			   mnl_attr_get_payload(ox_nla_find(
				   nest, OVS_SAMPLE_ATTR_PROBABILITY)),
			   4)
			       ->nla_len);
	n += put_list(to + n, OVS_SAMPLE_ATTR_ACTIONS,
		      ox_nla_find(nest, OVS_SAMPLE_ATTR_ACTIONS));
	return n;
}

static uint32_t put_check_len(uint8_t *to, const struct nlattr *nest)
{
	static const uint16_t lists[] = {
		OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL,
		OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER,
	};
	uint32_t n = 0;

	n += NLA_ALIGN(put(to + n, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN,
			   mnl_attr_get_payload(ox_nla_find(
				   nest, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN)),
			   2)
			       ->nla_len);
	for (int i = 0; i < 2; i++)
		n += put_list(to + n, lists[i], ox_nla_find(nest, lists[i]));
	return n;
}

static uint32_t put_bytes(uint8_t *to, const struct nlattr *a)
{
	memcpy(to, mnl_attr_get_payload(a),
	       (size_t)mnl_attr_get_payload_len(a));
	memset(to + mnl_attr_get_payload_len(a), 0,
	       NLA_ALIGN(a->nla_len) - a->nla_len);
	return (uint32_t)mnl_attr_get_payload_len(a);
}

/* What is in an action; returns its length. */
static uint32_t put_nested(uint8_t *to, const struct nlattr *a)
{
	const struct nlattr *key = mnl_attr_get_payload(a);

	switch (ox_action_type(a)) {
	case OX_ACTION_SAMPLE:
		return put_sample(to, a);
	case OX_ACTION_CHECK_PKT_LEN:
		return put_check_len(to, a);
	case OX_ACTION_DEC_TTL:
		return put_list(to, OVS_DEC_TTL_ATTR_ACTION,
				ox_nla_find(a, OVS_DEC_TTL_ATTR_ACTION));
	case OX_ACTION_CLONE:
		return ox_actions_keep(mnl_attr_get_payload(a),
				       mnl_attr_get_payload_len(a), to);
	case OX_ACTION_SET:
		if (mnl_attr_get_type(key) == OVS_KEY_ATTR_TUNNEL)
			return ox_actions_keep_tun(key, to);
		return NLA_ALIGN(put(to, mnl_attr_get_type(key),
				     mnl_attr_get_payload(key),
				     mnl_attr_get_payload_len(key))
					 ->nla_len);
	case OX_ACTION_CT:
		return ox_actions_keep_ct(a, to);
	case OX_ACTION_OUTPUT:
	case OX_ACTION_USERSPACE:
	case OX_ACTION_SET_MASKED:
	case OX_ACTION_PUSH_VLAN:
	case OX_ACTION_POP_VLAN:
	case OX_ACTION_PUSH_MPLS:
	case OX_ACTION_ADD_MPLS:
	case OX_ACTION_POP_MPLS:
	case OX_ACTION_PUSH_ETH:
	case OX_ACTION_POP_ETH:
	case OX_ACTION_PUSH_NSH:
	case OX_ACTION_POP_NSH:
	case OX_ACTION_RECIRC:
	case OX_ACTION_HASH:
	case OX_ACTION_TRUNC:
	case OX_ACTION_METER:
	case OX_ACTION_DROP:
	case OX_ACTION_CT_CLEAR:
		return put_bytes(to, a);
	}
	return put_bytes(to, a);
}

uint32_t ox_actions_keep(const void *list, int len, uint8_t *to)
{
	const struct nlattr *a;
	struct nlattr *kept;
	uint32_t n = 0;
	int rem;

	ox_attr_for_each(a, list, len, rem)
	{
		kept = put(to + n, mnl_attr_get_type(a), NULL, 0);
		kept->nla_len += put_nested(to + n + NLA_HDRLEN, a);
		n += NLA_ALIGN(kept->nla_len);
	}
	return n;
}
