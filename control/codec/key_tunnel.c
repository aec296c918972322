// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_tunnel.c - the nest of a tunnel's key. Tunnels aren't there yet: a key
 * may have one (clients hand keys of other datapaths on), but it can't be
 * matched. A mask of one over a key without a tunnel asks for "no tunnel",
 * which is so; what that mask may look like is ip_tun_from_nlattr()'s.
 */
#include <errno.h>
#include <linux/openvswitch.h>

#include "control/codec/key_int.h"

static const int lens[OVS_TUNNEL_KEY_ATTR_MAX + 1] = {
	[OVS_TUNNEL_KEY_ATTR_ID] = sizeof(uint64_t),
	[OVS_TUNNEL_KEY_ATTR_IPV4_SRC] = sizeof(uint32_t),
	[OVS_TUNNEL_KEY_ATTR_IPV4_DST] = sizeof(uint32_t),
	[OVS_TUNNEL_KEY_ATTR_TOS] = 1,
	[OVS_TUNNEL_KEY_ATTR_TTL] = 1,
	[OVS_TUNNEL_KEY_ATTR_TP_SRC] = sizeof(uint16_t),
	[OVS_TUNNEL_KEY_ATTR_TP_DST] = sizeof(uint16_t),
	[OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS] = OX_LEN_VARIABLE,
	[OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS] = OX_LEN_NESTED,
	[OVS_TUNNEL_KEY_ATTR_IPV6_SRC] = 16,
	[OVS_TUNNEL_KEY_ATTR_IPV6_DST] = 16,
	[OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS] = OX_LEN_VARIABLE,
};

#define OPTS_MAX 255 /* sw_flow_key.tun_opts */

/* Are all attributes of a tunnel's mask zero (fields, not their headers)? */
static bool tunnel_is_zero(const struct nlattr *nest)
{
	const struct nlattr *a;
	int rem;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest),
			 rem) if (!ox_all_zero(mnl_attr_get_payload(a),
					       mnl_attr_get_payload_len(
						       a))) return false;
	return true;
}

static int bad(struct ox_match *m, const struct nlattr *a)
{
	return ox_key_bad(m, -EINVAL, a,
			  "tunnel attribute %u with %d bytes is not right",
			  mnl_attr_get_type(a), mnl_attr_get_payload_len(a));
}

static int check_vxlan(struct ox_match *m, const struct nlattr *nest)
{
	const struct nlattr *a;
	int rem;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		if (mnl_attr_get_type(a) != OVS_VXLAN_EXT_GBP ||
		    mnl_attr_get_payload_len(a) != sizeof(uint32_t))
			return bad(m, nest);
	}
	return rem ? bad(m, nest) : 0;
}

/* Options have to be as long as the key's, which has none; VXLAN's and
 * ERSPAN's lengths aren't compared. */
static int check_opts(struct ox_match *m, const struct nlattr *a, bool again)
{
	int len = mnl_attr_get_payload_len(a);

	if (again)
		return ox_key_bad(m, -EINVAL, a,
				  "a second tunnel option, there can be one");
	switch (mnl_attr_get_type(a)) {
	case OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS:
		return check_vxlan(m, a);
	case OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS:
		return len ? bad(m, a) : 0;
	default:
		return len > OPTS_MAX ? bad(m, a) : 0;
	}
}

/* What was met in the nest. */
struct tunnel_seen {
	bool opts;
	bool ipv4;
	bool ipv6;
};

static int check_attr(struct ox_match *m, const struct nlattr *a,
		      struct tunnel_seen *seen)
{
	uint16_t type = mnl_attr_get_type(a);
	int err = 0, want;

	if (type > OVS_TUNNEL_KEY_ATTR_MAX)
		return ox_key_bad(m, -EINVAL, a, "unknown tunnel attribute %u",
				  type);
	want = lens[type];
	if (want != OX_LEN_VARIABLE && want != OX_LEN_NESTED &&
	    want != mnl_attr_get_payload_len(a))
		return bad(m, a);
	switch (type) {
	case OVS_TUNNEL_KEY_ATTR_IPV4_SRC:
	case OVS_TUNNEL_KEY_ATTR_IPV4_DST:
	case OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE:
		seen->ipv4 = true;
		break;
	case OVS_TUNNEL_KEY_ATTR_IPV6_SRC:
	case OVS_TUNNEL_KEY_ATTR_IPV6_DST:
		seen->ipv6 = true;
		break;
	case OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS:
	case OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS:
	case OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS:
		err = check_opts(m, a, seen->opts);
		seen->opts = true;
	}
	return err;
}

static int check_mask(struct ox_match *m, const struct nlattr *nest)
{
	struct tunnel_seen seen = { 0 };
	const struct nlattr *a;
	int rem, err;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		err = check_attr(m, a, &seen);
		if (err)
			return err;
	}
	if (rem > 0)
		return ox_key_bad(m, -EINVAL, nest,
				  "tunnel has %d bytes that are no attribute",
				  rem);
	if (seen.ipv4 && seen.ipv6)
		return ox_key_bad(m, -EINVAL, nest,
				  "tunnel has IPv4 and IPv6 addresses");
	return 0;
}

int ox_key_parse_tunnel(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	const struct nlattr *a = m->a[OVS_KEY_ATTR_TUNNEL];

	if (!(*attrs & OX_BIT(OVS_KEY_ATTR_TUNNEL)))
		return 0;
	*attrs &= ~OX_BIT(OVS_KEY_ATTR_TUNNEL);
	if (!is_mask) {
		m->tunnel = true;
		return 0;
	}
	if (!m->tunnel)
		return check_mask(m, a);
	if (!tunnel_is_zero(a))
		return ox_key_bad(m, -EOPNOTSUPP, a,
				  "matching on tunnel is not supported");
	return 0;
}
