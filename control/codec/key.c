// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key.c - a key nest and a mask nest to a match; read top to bottom from
 * ox_key_get_match().
 */
#include "control/codec/key.h"

#include <errno.h>

#include "control/codec/key_int.h"
#include "ovsxdp/cleanup.h"

static int parse_key(struct ox_match *m, const struct nlattr *nest)
{
	int err = ox_key_parse_nest(m, nest, &m->key_attrs, false);

	if (!err)
		err = ox_key_parse_vlan(m, &m->key_attrs, false);
	if (!err)
		err = ox_key_parse_fields(m, m->key_attrs, false);
	return err;
}

static int parse_mask(struct ox_match *m, const struct nlattr *nest)
{
	int err;

	/* m->a keeps the key's where the mask has none: see key_vlan.c */
	err = ox_key_parse_nest(m, nest, &m->mask_attrs, true);
	if (err)
		return err;
	/* tags are always matched: a flow without one must not see any */
	m->mask->vlan_tci = 0xffff;
	m->mask->cvlan_tci = 0xffff;
	err = ox_key_parse_vlan(m, &m->mask_attrs, true);
	if (!err)
		err = ox_key_parse_fields(m, m->mask_attrs, true);
	return err;
}

/* Does a nest of type in (0: the key itself) hold one in this attribute? */
static bool is_nest(uint16_t in, uint16_t type)
{
	if (in == OVS_KEY_ATTR_TUNNEL)
		return type == OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS;
	return !in && ox_key_lens[type] == OX_LEN_NESTED;
}

/* The exact mask of one attribute; a ct_state has no more bits than are
 * known. in as above. */
static void ones(struct nlattr *a, uint16_t in)
{
	uint8_t *p = (uint8_t *)a + NLA_HDRLEN;
	uint32_t states = OX_CT_STATES;

	if (!in && mnl_attr_get_type(a) == OVS_KEY_ATTR_CT_STATE)
		memcpy(p, &states, sizeof(states));
	else
		memset(p, 0xff, mnl_attr_get_payload_len(a));
}

/* Sets every value in a copy of a key nest to ones: the exact mask. The
 * copy was parsed before; type in as above. */
static void fill_ones(struct nlattr *nest, uint16_t in)
{
	uint8_t *p = (uint8_t *)nest + NLA_HDRLEN;
	int rem = mnl_attr_get_payload_len(nest);

	while (mnl_attr_ok((struct nlattr *)p, rem)) {
		struct nlattr *a = (struct nlattr *)p;
		uint16_t type = mnl_attr_get_type(a);

		if (is_nest(in, type))
			fill_ones(a, type == OVS_KEY_ATTR_ENCAP ? 0 : type);
		else
			ones(a, in);
		rem -= (int)NLA_ALIGN(a->nla_len);
		p += NLA_ALIGN(a->nla_len);
	}
}

static int make_mask(struct ox_match *m, const struct nlattr *key_nest)
{
	uint64_t small[64];
	_cleanup_free_ void *big = NULL;
	struct nlattr *nest = (void *)small;

	if (key_nest->nla_len > sizeof(small)) {
		big = malloc(key_nest->nla_len);
		if (!big)
			return -ENOMEM;
		nest = big;
	}
	memcpy(nest, key_nest, key_nest->nla_len);
	fill_ones(nest, 0);
	m->made_mask = true;
	ox_key_mask_tunnel(m);
	return parse_mask(m, nest);
}

int ox_key_get_match(const void *base, const struct nlattr *key_nest,
		     const struct nlattr *mask_nest,
		     const struct ox_key_out *key,
		     const struct ox_key_out *mask, struct ox_err *e)
{
	struct ox_match m = {
		.base = base, .key = key->key, .tun = key->tun, .err = e
	};
	int err;

	memset(key->key, 0, sizeof(*key->key));
	memset(key->tun, 0, sizeof(*key->tun));
	if (mask) {
		m.mask = mask->key;
		m.tun_mask = mask->tun;
		memset(mask->key, 0, sizeof(*mask->key));
		memset(mask->tun, 0, sizeof(*mask->tun));
	}

	err = parse_key(&m, key_nest);
	if (!err && mask)
		err = mask_nest ? parse_mask(&m, mask_nest)
				: make_mask(&m, key_nest);
	if (!err)
		err = ox_key_validate(&m);
	return err;
}

int ox_key_get_metadata(const void *base, const struct nlattr *key_nest,
			struct ox_key *key, struct ox_tun *tun,
			struct ox_err *e)
{
	struct ox_match m = { .base = base, .key = key, .tun = tun, .err = e };
	int err;

	err = ox_key_parse_nest(&m, key_nest, &m.key_attrs, false);
	if (!err)
		err = ox_key_parse_metadata(&m, &m.key_attrs, false);
	return err;
}
