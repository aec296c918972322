// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_tunnel.c - what is in a tunnel(): its fields, its options, and which
 * nests of attributes the syntax can tell.
 */
#include "control/ctl/odp_tunnel.h"

#include <linux/erspan.h>
#include <stddef.h>
#include <string.h>

#include "ovsxdp/uapi.h"

struct flat {
	uint8_t id[8];
	uint8_t src[4];
	uint8_t dst[4];
	uint8_t src6[16];
	uint8_t dst6[16];
	uint8_t tos;
	uint8_t ttl;
	uint8_t tp_src[2];
	uint8_t tp_dst[2];
};
_Static_assert(sizeof(struct flat) == OX_ODP_TUN_LEN, "flat");

#define F(n, m, k)                                                            \
	{                                                                     \
		(n), offsetof(struct flat, m), sizeof(((struct flat *)0)->m), \
			(k), true, 0, NULL                                    \
	}

const struct ox_odp_key ox_odp_tunnel = {
	.type = OVS_KEY_ATTR_TUNNEL,
	.len = sizeof(struct flat),
	.name = "tunnel",
	.n_fields = 9,
	.fields = {
		F("tun_id", id, OX_ODP_U64),
		F("src", src, OX_ODP_IPV4),
		F("dst", dst, OX_ODP_IPV4),
		F("ipv6_src", src6, OX_ODP_IPV6),
		F("ipv6_dst", dst6, OX_ODP_IPV6),
		F("tos", tos, OX_ODP_HEX),
		F("ttl", ttl, OX_ODP_DEC),
		F("tp_src", tp_src, OX_ODP_DEC),
		F("tp_dst", tp_dst, OX_ODP_DEC),
	},
};

static const uint16_t attrs[] = {
	OVS_TUNNEL_KEY_ATTR_ID,	      OVS_TUNNEL_KEY_ATTR_IPV4_SRC,
	OVS_TUNNEL_KEY_ATTR_IPV4_DST, OVS_TUNNEL_KEY_ATTR_IPV6_SRC,
	OVS_TUNNEL_KEY_ATTR_IPV6_DST, OVS_TUNNEL_KEY_ATTR_TOS,
	OVS_TUNNEL_KEY_ATTR_TTL,      OVS_TUNNEL_KEY_ATTR_TP_SRC,
	OVS_TUNNEL_KEY_ATTR_TP_DST,
};

static const struct ox_odp_bit flag_names[] = {
	{ OX_ODP_TUN_OAM, "oam" },
	{ OX_ODP_TUN_DF, "df" },
	{ OX_ODP_TUN_CSUM, "csum" },
	{ OX_ODP_TUN_KEY, "key" },
	{ 0, NULL },
};
const struct ox_odp_field ox_odp_tun_flags = { "flags",	     0,	    4,
					       OX_ODP_FLAGS, false, 0xf,
					       flag_names };

const struct ox_odp_key ox_odp_gbp = {
	.len = 4,
	.name = "gbp",
	.n_fields = 2,
	.fields = {
		{ "id", 0, 4, OX_ODP_DEC, false, 0xffff, NULL },
		{ "flags", 0, 4, OX_ODP_HEX, false, 0xff0000, NULL },
	},
};

/* struct erspan_metadata by version. */
#define ERSPAN_VER                                         \
	{                                                  \
		"ver", 0, 4, OX_ODP_DEC, false, 0xff, NULL \
	}
const struct ox_odp_key ox_odp_erspan1 = {
	.len = OX_ODP_ERSPAN_LEN,
	.name = "erspan",
	.n_fields = 2,
	.fields = {
		ERSPAN_VER,
		{ "idx", 4, 4, OX_ODP_HEX, true, 0, NULL },
	},
};
const struct ox_odp_key ox_odp_erspan2 = {
	.len = OX_ODP_ERSPAN_LEN,
	.name = "erspan",
	.n_fields = 3,
	.fields = {
		ERSPAN_VER,
		{ "dir", 11, 1, OX_ODP_DEC, false, 0x08, NULL },
		{ "hwid", 11, 1, OX_ODP_HEX, false, 0xf0, NULL },
	},
};
_Static_assert(sizeof(struct erspan_metadata) == OX_ODP_ERSPAN_LEN, "erspan");

/* struct geneve_opt; the length is in words. */
const struct ox_odp_key ox_odp_geneve = {
	.len = 4,
	.name = "geneve",
	.n_fields = 3,
	.fields = {
		{ "class", 0, 2, OX_ODP_HEX, true, 0, NULL },
		{ "type", 2, 1, OX_ODP_HEX, false, 0, NULL },
		{ "len", 3, 1, OX_ODP_DEC, false, 0x1f, NULL },
	},
};

uint16_t ox_odp_tunnel_attr(uint32_t i)
{
	return attrs[i];
}

int ox_odp_tunnel_field(uint16_t attr)
{
	for (int i = 0; i < ox_odp_tunnel.n_fields; i++)
		if (attrs[i] == attr)
			return i;
	return -1;
}

/* ---- what can be told ---- */

static bool geneve_known(const uint8_t *o, uint32_t left)
{
	uint32_t len;

	for (; left; left -= len, o += len) {
		if (left < 4 || (o[3] & 0xe0))
			return false;
		len = 4 + 4u * o[3];
		if (len > left)
			return false;
	}
	return true;
}

static bool vxlan_known(const struct nlattr *nest)
{
	const struct nlattr *a;
	uint32_t n = 0;

	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_type(a) != OVS_VXLAN_EXT_GBP ||
		    mnl_attr_get_payload_len(a) != 4 || n++ ||
		    mnl_attr_get_u32(a) >> 24)
			return false;
	}
	return n == 1;
}

/* What isn't in a field is zero. */
static bool erspan_known(const struct nlattr *a)
{
	uint8_t rest[OX_ODP_ERSPAN_LEN];
	const struct ox_odp_key *k = &ox_odp_erspan1;

	if (mnl_attr_get_payload_len(a) != sizeof(rest))
		return false;
	memcpy(rest, mnl_attr_get_payload(a), sizeof(rest));
	if (ox_odp_field_get(&k->fields[0], rest) == 2)
		k = &ox_odp_erspan2;
	else if (ox_odp_field_get(&k->fields[0], rest) != 1)
		return false;
	for (int i = 0; i < k->n_fields; i++)
		ox_odp_field_put(&k->fields[i], rest, 0);
	for (size_t i = 0; i < sizeof(rest); i++)
		if (rest[i])
			return false;
	return true;
}

static bool opts_known(const struct nlattr *a)
{
	switch (mnl_attr_get_type(a)) {
	case OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS:
		return mnl_attr_get_payload_len(a) <= OX_ODP_GENEVE_MAX &&
		       geneve_known(mnl_attr_get_payload(a),
				    mnl_attr_get_payload_len(a));
	case OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS:
		return vxlan_known(a);
	case OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS:
		return erspan_known(a);
	}
	return false;
}

static bool is_flag(uint16_t type)
{
	return type == OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT ||
	       type == OVS_TUNNEL_KEY_ATTR_CSUM ||
	       type == OVS_TUNNEL_KEY_ATTR_OAM;
}

bool ox_odp_tunnel_known(const void *nest, uint32_t len)
{
	const struct nlattr *a = nest;
	uint32_t seen = 0, opts = 0;
	int left = (int)len;

	for (; mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		uint16_t type = mnl_attr_get_type(a);
		int i = ox_odp_tunnel_field(type);

		if (type > 31 || (seen & 1u << type))
			return false;
		seen |= 1u << type;
		if (i >= 0 &&
		    mnl_attr_get_payload_len(a) != ox_odp_tunnel.fields[i].len)
			return false;
		if (is_flag(type) && mnl_attr_get_payload_len(a))
			return false;
		if (i < 0 && !is_flag(type) && (!opts_known(a) || opts++))
			return false;
		left -= (int)MNL_ALIGN(a->nla_len);
	}
	return left <= 0;
}

bool ox_odp_tunnel_wild(const void *nest, uint32_t len)
{
	const struct nlattr *a = nest;
	int left = (int)len;

	for (; mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		const uint8_t *p = mnl_attr_get_payload(a);

		if (is_flag(mnl_attr_get_type(a)))
			return false;
		for (uint32_t i = 0; i < mnl_attr_get_payload_len(a); i++)
			if (p[i])
				return false;
		left -= (int)MNL_ALIGN(a->nla_len);
	}
	return true;
}

const struct nlattr *ox_odp_tunnel_find(const void *nest, uint32_t len,
					uint16_t type)
{
	const struct nlattr *a = nest;
	int left = (int)len;

	for (; mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) == type)
			return a;
		left -= (int)MNL_ALIGN(a->nla_len);
	}
	return NULL;
}

const uint8_t *ox_odp_tunnel_mask(const struct ox_odp_tunnel_view *v,
				  const struct nlattr *a)
{
	static const uint8_t zeroes[OX_ODP_GENEVE_MAX];
	const struct nlattr *m;

	if (!v->m)
		return NULL;
	m = ox_odp_tunnel_find(v->m, v->m_len, mnl_attr_get_type(a));
	if (!m || mnl_attr_get_payload_len(m) != mnl_attr_get_payload_len(a))
		return zeroes;
	return mnl_attr_get_payload(m);
}

static uint32_t flags_of(const void *nest, uint32_t len)
{
	uint32_t flags = 0;

	if (ox_odp_tunnel_find(nest, len, OVS_TUNNEL_KEY_ATTR_OAM))
		flags |= OX_ODP_TUN_OAM;
	if (ox_odp_tunnel_find(nest, len, OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT))
		flags |= OX_ODP_TUN_DF;
	if (ox_odp_tunnel_find(nest, len, OVS_TUNNEL_KEY_ATTR_CSUM))
		flags |= OX_ODP_TUN_CSUM;
	return flags;
}

/* As ovs-dpctl: a key with an id has one, and that is matched. */
uint32_t ox_odp_tunnel_flags(const struct ox_odp_tunnel_view *v, uint32_t *mask)
{
	uint32_t key = 0;

	if (ox_odp_tunnel_find(v->k, v->k_len, OVS_TUNNEL_KEY_ATTR_ID))
		key = OX_ODP_TUN_KEY;
	*mask = ox_odp_tun_flags.bits;
	if (v->m)
		*mask = flags_of(v->m, v->m_len) | key;
	return flags_of(v->k, v->k_len) | key;
}
