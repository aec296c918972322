// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_parse_tunnel.c - "tun_id=0x1,src=10.0.0.1,...,flags(df|key))": a tunnel's
 * key from its text, in a flow and in set().
 */
#include "control/ctl/odp_tunnel.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "ovsxdp/uapi.h"

/* Value and mask; in set() there is no mask. at: where the value began. */
static int put_both(struct ox_odp_scan *s, const char *at,
		    struct ox_odp_attrs *key, struct ox_odp_attrs *mask,
		    uint16_t type, const void *k, const void *m, uint32_t len)
{
	const uint8_t *p = m;
	int err;

	for (uint32_t i = 0; !mask && i < len; i++)
		if (p[i] != 0xff) {
			s->p = at;
			return ox_odp_expected(s, "a value without a mask");
		}
	err = ox_odp_attrs_put(key, type, k, len);
	return err || !mask ? err : ox_odp_attrs_put(mask, type, m, len);
}

static int field_unknown(struct ox_odp_scan *s)
{
	return ox_odp_expected(s, "a field of tunnel: tun_id= src= dst= "
				  "ipv6_src= ipv6_dst= tos= ttl= tp_src= "
				  "tp_dst= geneve( vxlan(gbp( erspan( flags(");
}

static int field(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		 struct ox_odp_attrs *mask)
{
	uint8_t k[OX_ODP_TUN_LEN] = { 0 }, m[OX_ODP_TUN_LEN] = { 0 };
	const struct ox_odp_field *fd = NULL;
	size_t n = ox_odp_word(s);
	const char *at;
	uint32_t i;
	int err;

	for (i = 0; s->p[n] == '=' && i < ox_odp_tunnel.n_fields; i++) {
		fd = &ox_odp_tunnel.fields[i];
		if (strlen(fd->name) == n && !strncmp(s->p, fd->name, n))
			break;
		fd = NULL;
	}
	if (!fd)
		return field_unknown(s);
	s->p += n + 1;
	at = s->p;
	err = ox_odp_value(s, fd, k, m);
	return err ? err
		   : put_both(s, at, key, mask, ox_odp_tunnel_attr(i),
			      k + fd->off, m + fd->off, fd->len);
}

/* ---- flags ---- */

static int put_flags(struct ox_odp_attrs *a, uint32_t flags)
{
	int err = 0;

	if (!a)
		return 0;
	if (flags & OX_ODP_TUN_DF)
		err = ox_odp_attrs_put(a, OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT,
				       NULL, 0);
	if (!err && (flags & OX_ODP_TUN_CSUM))
		err = ox_odp_attrs_put(a, OVS_TUNNEL_KEY_ATTR_CSUM, NULL, 0);
	if (!err && (flags & OX_ODP_TUN_OAM))
		err = ox_odp_attrs_put(a, OVS_TUNNEL_KEY_ATTR_OAM, NULL, 0);
	return err;
}

/* "key" says what tun_id= does. */
static int flags(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		 struct ox_odp_attrs *mask)
{
	const char *at = s->p;
	uint32_t k = 0, m = 0;
	int err = 0;

	if (*s->p != ')')
		err = ox_odp_value(s, &ox_odp_tun_flags, &k, &m);
	else
		m = ox_odp_tun_flags.bits;
	if (err)
		return err;
	if (!mask && m != ox_odp_tun_flags.bits) {
		s->p = at;
		return ox_odp_expected(s, "flags without a mask");
	}
	err = ox_odp_need(s, ")");
	if (!err)
		err = put_flags(key, k);
	return err ? err : put_flags(mask, m);
}

/* ---- options ---- */

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* "0x102" or "0", which leave leading zeroes out. */
static int data(struct ox_odp_scan *s, uint8_t *p, uint32_t len)
{
	const char *at = s->p;
	bool hex = ox_odp_take(s, "0x");
	size_t n = 0;

	if (!hex && *s->p != '0')
		return ox_odp_expected(s, "data like 0x0102");
	n = hex ? strspn(s->p, "0123456789abcdefABCDEF") : 1;
	if (!n)
		return ox_odp_expected(s, "hexadecimal digits");
	if (n > 2 * (size_t)len && hex) {
		char what[48];

		s->p = at;
		snprintf(what, sizeof(what), "at most %u bytes of data", len);
		return ox_odp_expected(s, what);
	}
	memset(p, 0, len);
	for (size_t i = 0; i < n && len; i++) {
		size_t from_end = n - 1 - i;

		p[len - 1 - from_end / 2] |=
			(uint8_t)(hex_digit(s->p[i]) << (from_end % 2 * 4));
	}
	s->p += n;
	return 0;
}

static bool geneve_field(struct ox_odp_scan *s, int i)
{
	const char *name = ox_odp_geneve.fields[i].name;
	size_t n = strlen(name);

	if (strncmp(s->p, name, n) || s->p[n] != '=')
		return false;
	s->p += n + 1;
	return true;
}

/* The length in bytes: the field's are words. */
static int geneve_len(struct ox_odp_scan *s, uint32_t room, uint8_t *k,
		      uint8_t *m)
{
	uint32_t len, mask = 0x1f;
	char what[56];
	int err;

	if (room > 124)
		room = 124;
	snprintf(what, sizeof(what), "a length from 0 to %u, in fours", room);
	err = ox_odp_number(s, 0xff, &len);
	if (err)
		return err;
	if (len % 4 || len > room)
		return ox_odp_expected(s, what);
	if (ox_odp_take(s, "/"))
		err = ox_odp_number(s, 0xff, &mask);
	k[3] = (uint8_t)(len / 4);
	m[3] = mask & 0x1f;
	return err;
}

/* {class=,type=,len=,data}; room: bytes for it. */
static int geneve_one(struct ox_odp_scan *s, uint8_t *k, uint8_t *m,
		      uint32_t room)
{
	int err = 0;

	for (int i = 0; i < 2 && !err; i++) {
		if (geneve_field(s, i))
			err = ox_odp_value(s, &ox_odp_geneve.fields[i], k, m);
		if (!err)
			ox_odp_take(s, ",");
	}
	if (!err && geneve_field(s, 2))
		err = geneve_len(s, room - 4, k, m);
	if (!err && ox_odp_take(s, ",")) {
		err = data(s, k + 4, 4u * k[3]);
		memset(m + 4, 0xff, 4u * k[3]);
		if (!err && ox_odp_take(s, "/"))
			err = data(s, m + 4, 4u * k[3]);
	}
	if (!err && *s->p != '}')
		err = ox_odp_expected(s, "class= type= len= data or '}'");
	s->p += !err;
	return err;
}

static int geneve(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		  struct ox_odp_attrs *mask)
{
	uint8_t k[OX_ODP_GENEVE_MAX] = { 0 }, m[OX_ODP_GENEVE_MAX] = { 0 };
	const char *at = s->p;
	uint32_t len = 0;
	int err = 0;

	while (!err && ox_odp_take(s, "{")) {
		if (sizeof(k) - len < 4)
			return ox_odp_expected(s, "at most 252 bytes of "
						  "options");
		err = geneve_one(s, k + len, m + len,
				 (uint32_t)sizeof(k) - len);
		/* no mask in set(): bits that have no name are nobody's */
		if (!mask)
			m[len + 3] |= 0xe0;
		len += 4 + 4u * k[len + 3];
	}
	if (!err)
		err = ox_odp_need(s, ")");
	return err ? err
		   : put_both(s, at, key, mask, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS,
			      k, m, len);
}

static struct nlattr *gbp_nest(struct ox_odp_attrs *a)
{
	return mnl_attr_nest_start_check(&a->nlh, OX_ODP_ROOM,
					 OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS);
}

static int gbp(struct ox_odp_scan *s, struct ox_odp_attrs *key,
	       struct ox_odp_attrs *mask)
{
	struct nlattr *nk, *nm = NULL;
	uint32_t k = 0, m = 0;
	const char *at = s->p;
	int err;

	err = ox_odp_fields(s, &ox_odp_gbp, &k, &m);
	if (!err)
		err = ox_odp_need(s, ")");
	if (err)
		return err;
	/* what isn't named is 0 in set(), and the spare bits are nobody's */
	if (!mask)
		m = m == 0xffffff || m == 0xffff || m == 0xff0000 ? ~0u : m;
	nk = gbp_nest(key);
	if (mask)
		nm = gbp_nest(mask);
	if (!nk || (mask && !nm))
		return -EMSGSIZE;
	err = put_both(s, at, key, mask, OVS_VXLAN_EXT_GBP, &k, &m, 4);
	ox_odp_nest_end(key, nk);
	if (nm)
		ox_odp_nest_end(mask, nm);
	return err;
}

/* All that isn't named has no mask; a version that is matched is whole. */
static int erspan(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		  struct ox_odp_attrs *mask)
{
	uint8_t k[OX_ODP_ERSPAN_LEN] = { 0 }, m[OX_ODP_ERSPAN_LEN] = { 0 };
	uint8_t none[OX_ODP_ERSPAN_LEN];
	const struct ox_odp_key *d = &ox_odp_erspan1;
	const char *at = s->p;
	int err;

	memset(none, 0xff, sizeof(none));
	if (!strncmp(s->p, "ver=2", 5))
		d = &ox_odp_erspan2;
	else if (strncmp(s->p, "ver=1", 5))
		return ox_odp_expected(s, "ver=1 or ver=2");
	err = ox_odp_fields(s, d, k, m);
	if (err)
		return err;
	for (int i = 0; !mask && i < d->n_fields; i++)
		if (!ox_odp_field_ones(&d->fields[i], m) &&
		    !ox_odp_field_zero(&d->fields[i], m))
			none[0] = 0;
	return put_both(s, at, key, mask, OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS, k,
			mask ? m : none, sizeof(k));
}

/* ---- the nest ---- */

static const struct {
	const char *word;
	int (*fn)(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		  struct ox_odp_attrs *mask);
} options[] = {
	{ "geneve(", geneve },
	{ "vxlan(gbp(", gbp },
	{ "erspan(", erspan },
	{ "flags(", flags },
};
#define N_OPTIONS (sizeof(options) / sizeof(options[0]))

static int one(struct ox_odp_scan *s, struct ox_odp_attrs *key,
	       struct ox_odp_attrs *mask)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (ox_odp_take(s, options[i].word))
			return options[i].fn(s, key, mask);
	return field(s, key, mask);
}

int ox_odp_key_tunnel(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		      struct ox_odp_attrs *mask)
{
	struct nlattr *nk, *nm = NULL;
	int err;

	nk = mnl_attr_nest_start_check(&key->nlh, OX_ODP_ROOM,
				       OVS_KEY_ATTR_TUNNEL);
	if (mask)
		nm = mnl_attr_nest_start_check(&mask->nlh, OX_ODP_ROOM,
					       OVS_KEY_ATTR_TUNNEL);
	if (!nk || (mask && !nm))
		return -EMSGSIZE;
	ox_odp_skip_blank(s);
	while (!ox_odp_take(s, ")")) {
		err = one(s, key, mask);
		if (err)
			return err;
		if (*s->p != ')' && *s->p != ',')
			return ox_odp_expected(s, "',' or ')'");
		ox_odp_skip_blank(s);
	}
	ox_odp_nest_end(key, nk);
	if (nm)
		ox_odp_nest_end(mask, nm);
	return 0;
}
