// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_tunnel.c - OVS_KEY_ATTR_TUNNEL to a tunnel's key or its mask, as
 * ip_tun_from_nlattr() does it. Options stand at the end of the module's field,
 * here at its start: so a mask's options, if they are shorter than the key's,
 * are for the last of these.
 */
#include <errno.h>
#include <sys/socket.h>
#include <linux/if_tunnel.h>
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

#define OPTS_MAX   255 /* sizeof(sw_flow_key.tun_opts) */
#define ERSPAN_LEN 12  /* sizeof(struct erspan_metadata) */

/* A nest being read. */
struct tunnel {
	struct ox_match *m;
	struct ox_key *key; /* or mask */
	struct ox_tun *tun;
	bool is_mask;
	bool ttl;
	bool ipv4;
	bool ipv6;
	bool bridge;
	__be16 flags;
	uint16_t opts; /* the attribute that had them; 0: none */
};

static int bad_len(struct tunnel *t, const struct nlattr *a)
{
	return ox_key_bad(t->m, -EINVAL, a,
			  "tunnel attribute %u can't have %d bytes",
			  mnl_attr_get_type(a), mnl_attr_get_payload_len(a));
}

static void put_opts(struct tunnel *t, const uint8_t *data, int len)
{
	int room = t->m->key->tun_opts_len;

	if (len > room) {
		data += len - room;
		len = room;
	}
	memcpy(t->tun->opts + room - len, data, (size_t)len);
}

/* A key's options are counted; how many there are is always matched. */
static void count_opts(struct tunnel *t, int len)
{
	t->key->tun_opts_len = t->is_mask ? 0xff : (uint8_t)len;
}

static int parse_geneve(struct tunnel *t, const struct nlattr *a)
{
	int len = mnl_attr_get_payload_len(a);

	if (len > OPTS_MAX || len % 4)
		return ox_key_bad(t->m, -EINVAL, a,
				  "Geneve options of %d bytes: up to %d, in "
				  "fours",
				  len, OX_TUN_OPTS_MAX);
	if (t->is_mask && len != t->m->key->tun_opts_len)
		return ox_key_bad(t->m, -EINVAL, a,
				  "a mask of %d bytes of Geneve options, the "
				  "key has %d",
				  len, t->m->key->tun_opts_len);
	count_opts(t, len);
	put_opts(t, mnl_attr_get_payload(a), len);
	return 0;
}

static int parse_vxlan(struct tunnel *t, const struct nlattr *nest)
{
	const struct nlattr *a;
	uint32_t gbp = 0;
	int rem;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		if (mnl_attr_get_type(a) != OVS_VXLAN_EXT_GBP ||
		    mnl_attr_get_payload_len(a) != sizeof(gbp))
			return ox_key_bad(t->m, -EINVAL, a,
					  "VXLAN extension %u of %d bytes: "
					  "only gbp is known, of 4",
					  mnl_attr_get_type(a),
					  mnl_attr_get_payload_len(a));
		gbp = mnl_attr_get_u32(a);
	}
	if (rem)
		return bad_len(t, nest);
	count_opts(t, sizeof(gbp));
	put_opts(t, (const uint8_t *)&gbp, sizeof(gbp));
	return 0;
}

static int parse_erspan(struct tunnel *t, const struct nlattr *a)
{
	if (mnl_attr_get_payload_len(a) > OPTS_MAX)
		return bad_len(t, a);
	count_opts(t, ERSPAN_LEN);
	put_opts(t, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
	return 0;
}

static int parse_opts(struct tunnel *t, const struct nlattr *a)
{
	uint16_t type = mnl_attr_get_type(a);

	if (t->opts)
		return ox_key_bad(t->m, -EINVAL, a,
				  "a second tunnel option, there can be one");
	t->opts = type;
	if (type == OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS) {
		t->flags |= TUNNEL_GENEVE_OPT;
		return parse_geneve(t, a);
	}
	if (type == OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS) {
		t->flags |= TUNNEL_VXLAN_OPT;
		return parse_vxlan(t, a);
	}
	t->flags |= TUNNEL_ERSPAN_OPT;
	return parse_erspan(t, a);
}

static void parse_address(struct tunnel *t, const struct nlattr *a)
{
	const void *p = mnl_attr_get_payload(a);

	switch (mnl_attr_get_type(a)) {
	case OVS_TUNNEL_KEY_ATTR_IPV4_SRC:
		memcpy(&t->tun->ipv4.src, p, sizeof(t->tun->ipv4.src));
		t->ipv4 = true;
		break;
	case OVS_TUNNEL_KEY_ATTR_IPV4_DST:
		memcpy(&t->tun->ipv4.dst, p, sizeof(t->tun->ipv4.dst));
		t->ipv4 = true;
		break;
	case OVS_TUNNEL_KEY_ATTR_IPV6_SRC:
		memcpy(t->tun->ipv6.src, p, sizeof(t->tun->ipv6.src));
		t->ipv6 = true;
		break;
	default:
		memcpy(t->tun->ipv6.dst, p, sizeof(t->tun->ipv6.dst));
		t->ipv6 = true;
	}
}

static int parse_attr(struct tunnel *t, const struct nlattr *a)
{
	uint16_t type = mnl_attr_get_type(a);
	int want;

	if (type > OVS_TUNNEL_KEY_ATTR_MAX)
		return ox_key_bad(t->m, -EINVAL, a,
				  "unknown tunnel attribute %u", type);
	want = lens[type];
	if (want >= 0 && want != mnl_attr_get_payload_len(a))
		return bad_len(t, a);
	switch (type) {
	case OVS_TUNNEL_KEY_ATTR_ID:
		t->tun->tun_id = mnl_attr_get_u64(a);
		t->flags |= TUNNEL_KEY;
		break;
	case OVS_TUNNEL_KEY_ATTR_IPV4_SRC:
	case OVS_TUNNEL_KEY_ATTR_IPV4_DST:
	case OVS_TUNNEL_KEY_ATTR_IPV6_SRC:
	case OVS_TUNNEL_KEY_ATTR_IPV6_DST:
		parse_address(t, a);
		break;
	case OVS_TUNNEL_KEY_ATTR_TOS:
		t->key->tun_tos = mnl_attr_get_u8(a);
		break;
	case OVS_TUNNEL_KEY_ATTR_TTL:
		t->key->tun_ttl = mnl_attr_get_u8(a);
		t->ttl = true;
		break;
	case OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT:
		t->flags |= TUNNEL_DONT_FRAGMENT;
		break;
	case OVS_TUNNEL_KEY_ATTR_CSUM:
		t->flags |= TUNNEL_CSUM;
		break;
	case OVS_TUNNEL_KEY_ATTR_TP_SRC:
		t->tun->tp_src = mnl_attr_get_u16(a);
		break;
	case OVS_TUNNEL_KEY_ATTR_TP_DST:
		t->tun->tp_dst = mnl_attr_get_u16(a);
		break;
	case OVS_TUNNEL_KEY_ATTR_OAM:
		t->flags |= TUNNEL_OAM;
		break;
	case OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS:
	case OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS:
	case OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS:
		return parse_opts(t, a);
	case OVS_TUNNEL_KEY_ATTR_PAD:
		break;
	case OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE:
		t->bridge = true;
		t->ipv4 = true;
		break;
	default:
		return ox_key_bad(t->m, -EINVAL, a,
				  "unknown tunnel attribute %u", type);
	}
	return 0;
}

/* The bridge form names a tunnel by its id alone. */
static bool bridge_ok(const struct tunnel *t)
{
	return !t->tun->x[1] && !t->tun->tp_src && !t->tun->tp_dst &&
	       !t->key->tun_ttl && !t->key->tun_tos &&
	       !(t->flags & ~TUNNEL_KEY);
}

static int check_key(struct tunnel *t, const struct nlattr *nest)
{
	const char *lacks = NULL;

	if (!t->ipv4 && !t->ipv6)
		lacks = "tunnel lacks the destination's address";
	else if (t->bridge && !bridge_ok(t))
		lacks = "a tunnel of the bridge form has its id alone";
	else if (t->ipv4 && !t->bridge && !t->tun->ipv4.dst)
		lacks = "the tunnel's IPv4 destination is zero";
	else if (t->ipv6 && ox_all_zero(t->tun->ipv6.dst, 16))
		lacks = "the tunnel's IPv6 destination is zero";
	else if (!t->ttl && !t->bridge)
		lacks = "tunnel lacks the TTL";
	return lacks ? ox_key_bad(t->m, -EINVAL, nest, "%s", lacks) : 0;
}

static int parse_nest(struct tunnel *t, const struct nlattr *nest)
{
	const struct nlattr *a;
	int rem, err;

	ox_attr_for_each(a, mnl_attr_get_payload(nest),
			 mnl_attr_get_payload_len(nest), rem)
	{
		err = parse_attr(t, a);
		if (err)
			return err;
	}
	t->key->tun_flags = t->flags;
	t->key->tun_proto = t->ipv6 ? AF_INET6 : AF_INET;
	if (t->is_mask)
		t->key->tun_proto = 0xff;
	else
		t->key->has_tun = 1;
	if (rem > 0)
		return ox_key_bad(t->m, -EINVAL, nest,
				  "tunnel has %d bytes that are no attribute",
				  rem);
	if (t->ipv4 && t->ipv6)
		return ox_key_bad(t->m, -EINVAL, nest,
				  "tunnel has IPv4 and IPv6 addresses");
	return t->is_mask ? 0 : check_key(t, nest);
}

int ox_key_parse_tunnel(struct ox_match *m, uint64_t *attrs, bool is_mask)
{
	struct tunnel t = {
		.m = m,
		.key = ox_match_side(m, is_mask),
		.tun = is_mask ? m->tun_mask : m->tun,
		.is_mask = is_mask,
	};

	if (!(*attrs & OX_BIT(OVS_KEY_ATTR_TUNNEL)))
		return 0;
	*attrs &= ~OX_BIT(OVS_KEY_ATTR_TUNNEL);
	return parse_nest(&t, m->a[OVS_KEY_ATTR_TUNNEL]);
}

void ox_key_mask_tunnel(struct ox_match *m)
{
	struct ox_tun *mask = m->tun_mask;

	if (!m->key->tun_proto)
		return;
	/* of an IPv4 key the rest of the addresses is zero anyway */
	memset(mask, 0xff,
	       m->key->tun_proto == AF_INET6 ? 5 * sizeof(mask->x[0])
					     : 2 * sizeof(mask->x[0]));
	mask->x[5] = ~0ull;
	m->mask->tun_tos = 0xff;
	m->mask->tun_ttl = 0xff;
}

int ox_key_get_tunnel(const void *base, const struct nlattr *nest,
		      struct ox_key *key, struct ox_tun *tun, uint16_t *opts,
		      struct ox_err *e)
{
	struct ox_match m = { .base = base, .key = key, .tun = tun, .err = e };
	struct tunnel t = { .m = &m, .key = key, .tun = tun };
	int err;

	memset(key, 0, sizeof(*key));
	memset(tun, 0, sizeof(*tun));
	err = parse_nest(&t, nest);
	*opts = t.opts;
	return err;
}
