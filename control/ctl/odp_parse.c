// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_parse.c - a flow's text to key and mask attributes.
 */
#include "control/ctl/odp_tunnel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>

#include "control/ctl/near.h"
#include "ovsxdp/uapi.h"

#define MAX_ENCAP 4

static int put_both(struct ox_odp_attrs *key, struct ox_odp_attrs *mask,
		    uint16_t type, const void *k, const void *m, uint32_t len)
{
	int err = ox_odp_attrs_put(key, type, k, len);

	return err ? err : ox_odp_attrs_put(mask, type, m, len);
}

/* keyN(HEX/HEX): an attribute that has no name here. */
static int key_generic(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		       struct ox_odp_attrs *mask)
{
	uint8_t k[256], m[256];
	uint32_t type, len, mask_len;
	int err;

	err = ox_odp_number(s, 0x3fff, &type);
	if (!err)
		err = ox_odp_need(s, "(");
	if (!err)
		err = ox_odp_hex(s, k, sizeof(k), &len);
	if (err)
		return err;
	memset(m, 0xff, sizeof(m));
	if (ox_odp_take(s, "/")) {
		err = ox_odp_hex(s, m, sizeof(m), &mask_len);
		if (!err && mask_len != len)
			err = ox_odp_expected(s, "a mask as long as the value");
		if (err)
			return err;
	}
	err = ox_odp_need(s, ")");
	return err ? err : put_both(key, mask, (uint16_t)type, k, m, len);
}

static int key_encap(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		     struct ox_odp_attrs *mask)
{
	struct nlattr *nk, *nm;
	int err;

	if (++s->depth > MAX_ENCAP)
		return ox_odp_expected(s, "less nesting of encap()");
	nk = mnl_attr_nest_start_check(&key->nlh, OX_ODP_ROOM,
				       OVS_KEY_ATTR_ENCAP);
	nm = mnl_attr_nest_start_check(&mask->nlh, OX_ODP_ROOM,
				       OVS_KEY_ATTR_ENCAP);
	if (!nk || !nm)
		return -EMSGSIZE;
	ox_odp_skip_blank(s);
	while (!ox_odp_take(s, ")")) {
		err = ox_odp_key_attr(s, key, mask);
		if (err)
			return err;
		ox_odp_skip_blank(s);
	}
	/* the ovs families write their nests without the flag */
	nk->nla_type = nm->nla_type = OVS_KEY_ATTR_ENCAP;
	mnl_attr_nest_end(&key->nlh, nk);
	mnl_attr_nest_end(&mask->nlh, nm);
	s->depth--;
	return 0;
}

/* Not one of the names that are there: which one was meant? */
static int key_unknown(const struct ox_odp_scan *s)
{
	static const char *const others[] = { "encap", "mpls", "nsh",
					      "tunnel" };
	struct ox_near near;
	char what[64];

	ox_near_begin(&near, s->p, ox_odp_word(s));
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		ox_near_try(&near, others[i]);
	for (uint16_t type = 0; type <= OVS_KEY_ATTR_MAX; type++) {
		const struct ox_odp_key *k = ox_odp_key_by_type(type);

		if (k)
			ox_near_try(&near, k->name);
	}
	if (!near.best)
		return ox_odp_expected(s, "a key attribute like ipv4(");
	snprintf(what, sizeof(what), "a key attribute, perhaps %s(", near.best);
	return ox_odp_expected(s, what);
}

int ox_odp_key_attr(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		    struct ox_odp_attrs *mask)
{
	uint8_t k[OX_ODP_MAX_LEN] = { 0 }, m[OX_ODP_MAX_LEN] = { 0 };
	const struct ox_odp_key *desc;
	size_t n = ox_odp_word(s);
	int err;

	if (ox_odp_take(s, "encap("))
		return key_encap(s, key, mask);
	if (ox_odp_take(s, "mpls("))
		return ox_odp_key_mpls(s, key, mask);
	if (ox_odp_take(s, "nsh("))
		return ox_odp_key_nsh(s, key, mask);
	if (ox_odp_take(s, "tunnel("))
		return ox_odp_key_tunnel(s, key, mask);
	desc = s->p[n] == '(' ? ox_odp_key_by_name(s->p, n) : NULL;
	if (!desc && n > 3 && ox_odp_take(s, "key"))
		return key_generic(s, key, mask);
	if (!desc)
		return key_unknown(s);
	s->p += n + 1;
	err = ox_odp_fields(s, desc, k, m);
	return err ? err : put_both(key, mask, desc->type, k, m, desc->len);
}

int ox_odp_parse_flow(const char *text, const struct ox_odp_ports *ports,
		      struct ox_odp_flow *out, struct ox_err *e)
{
	struct ox_odp_scan s = {
		.start = text, .p = text, .ports = ports, .e = e
	};
	uint32_t used;
	int err = 0;

	out->ufid_len = 0;
	ox_odp_attrs_init(&out->key);
	ox_odp_attrs_init(&out->mask);
	ox_odp_skip_blank(&s);
	if (!strncmp(s.p, "ufid:", 5)) {
		err = ox_odp_parse_ufid(s.p, out->ufid, &out->ufid_len, &used,
					e);
		if (err)
			return err;
		s.p += used;
	}
	for (;;) {
		ox_odp_skip_blank(&s);
		if (!*s.p)
			break;
		err = ox_odp_key_attr(&s, &out->key, &out->mask);
		if (err)
			break;
	}
	if (err == -EMSGSIZE)
		ox_err_set(e, err, "the flow's text is too long");
	return err;
}
