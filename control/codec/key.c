/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * key.c - a key nest and a mask nest to a match; read top to bottom from
 * ox_key_get_match(). What a packet is asked for is decided here, so every
 * refusal has words.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "control/codec/key_int.h"
#include "ovsxdp/cleanup.h"

int ox_key_bad(struct ox_match *m, int code, const struct nlattr *attr,
	       const char *fmt, ...)
{
	char text[sizeof(m->err->msg)];
	va_list ap;

	if (!m->err)
		return code;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (attr && !m->made_mask)
		ox_err_attr(m->err, m->base, attr);
	return ox_err_set(m->err, code, "%s", text);
}

static int check_attr(struct ox_match *m, const struct nlattr *a,
		      uint64_t attrs)
{
	uint16_t type = ox_nla_type(a);

	if (type > OX_NLA_MAX || type == OVS_KEY_ATTR_PACKET_TYPE ||
	    type == OVS_KEY_ATTR_ND_EXTENSIONS ||
	    type == OVS_KEY_ATTR_TUNNEL_INFO)
		return ox_key_bad(m, -EINVAL, a, "unknown key attribute %u",
				  type);
	if (attrs & OX_BIT(type))
		return ox_key_bad(m, -EINVAL, a, "%s is given twice",
				  ox_key_attr_name(type));
	if (!ox_key_len_ok(type, ox_nla_len(a)))
		return ox_key_bad(m, -EINVAL, a,
				  "%s has %d bytes, %d are right",
				  ox_key_attr_name(type), ox_nla_len(a),
				  ox_key_lens[type]);
	return 0;
}

int ox_key_parse_nest(struct ox_match *m, const struct nlattr *nest,
		      uint64_t *attrs, bool nz)
{
	const struct nlattr *a;
	int rem, err;

	ox_nla_for_each(a, ox_nla_data(nest), ox_nla_len(nest), rem)
	{
		err = check_attr(m, a, *attrs);
		if (err)
			return err;
		if (nz && ox_all_zero(ox_nla_data(a), ox_nla_len(a)))
			continue;
		*attrs |= OX_BIT(ox_nla_type(a));
		m->a[ox_nla_type(a)] = a;
	}
	if (rem)
		return ox_key_bad(m, -EINVAL, nest,
				  "%d stray bytes behind the key attributes",
				  rem);
	return 0;
}

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

/* Sets every value in a copy of a key nest to ones: the exact mask. The
 * copy was parsed before; type in as above. */
static void fill_ones(struct nlattr *nest, uint16_t in)
{
	uint8_t *p = (uint8_t *)nest + NLA_HDRLEN;
	int rem = ox_nla_len(nest);

	while (ox_nla_ok((struct nlattr *)p, rem)) {
		struct nlattr *a = (struct nlattr *)p;
		uint16_t type = ox_nla_type(a);

		if (is_nest(in, type))
			fill_ones(a, type == OVS_KEY_ATTR_ENCAP ? 0 : type);
		else
			memset(p + NLA_HDRLEN, 0xff, ox_nla_len(a));
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
	return parse_mask(m, nest);
}

int ox_key_get_match(const void *base, const struct nlattr *key_nest,
		     const struct nlattr *mask_nest, struct ox_key *key,
		     struct ox_key *mask, struct ox_err *e)
{
	struct ox_match m = {
		.base = base, .key = key, .mask = mask, .err = e
	};
	int err;

	memset(key, 0, sizeof(*key));
	if (mask)
		memset(mask, 0, sizeof(*mask));

	err = parse_key(&m, key_nest);
	if (!err && mask)
		err = mask_nest ? parse_mask(&m, mask_nest)
				: make_mask(&m, key_nest);
	if (!err)
		err = ox_key_validate(&m);
	return err;
}

int ox_key_get_metadata(const void *base, const struct nlattr *key_nest,
			struct ox_key *key, struct ox_err *e)
{
	struct ox_match m = { .base = base, .key = key, .err = e };
	int err;

	err = ox_key_parse_nest(&m, key_nest, &m.key_attrs, false);
	if (!err)
		err = ox_key_parse_metadata(&m, &m.key_attrs, false);
	if (!err && m.tunnel)
		err = ox_key_bad(&m, -EOPNOTSUPP, m.a[OVS_KEY_ATTR_TUNNEL],
				 "tunnel metadata is not supported");
	return err;
}
