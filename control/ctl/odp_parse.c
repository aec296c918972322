// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_parse.c - a flow's text to key and mask attributes.
 */
#include "control/ctl/odp_scan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>

#include "ovsxdp/uapi.h"

#define MAX_ENCAP 4

void ox_odp_attrs_init(struct ox_odp_attrs *a)
{
	memset(&a->nlh, 0, sizeof(a->nlh));
	mnl_nlmsg_put_header(a->room);
}

const void *ox_odp_attrs_data(const struct ox_odp_attrs *a)
{
	return mnl_nlmsg_get_payload(&a->nlh);
}

uint32_t ox_odp_attrs_len(const struct ox_odp_attrs *a)
{
	return (uint32_t)mnl_nlmsg_get_payload_len(&a->nlh);
}

int ox_odp_attrs_put(struct ox_odp_attrs *a, uint16_t type, const void *data,
		     uint32_t len)
{
	/* an attribute's length has 16 bits: libmnl doesn't look */
	if (len > UINT16_MAX - MNL_ATTR_HDRLEN ||
	    !mnl_attr_put_check(&a->nlh, OX_ODP_ROOM, type, len, data))
		return -EMSGSIZE;
	/* libmnl leaves in the padding what was there */
	memset((uint8_t *)mnl_nlmsg_get_payload_tail(&a->nlh) -
		       (MNL_ALIGN(len) - len),
	       0, MNL_ALIGN(len) - len);
	return 0;
}

const char *ox_odp_port_name(const struct ox_odp_ports *ports, uint32_t no)
{
	for (uint32_t i = 0; ports && i < ports->n; i++)
		if (ports->v[i].no == no)
			return ports->v[i].name;
	return NULL;
}

bool ox_odp_port_find(const struct ox_odp_ports *ports, const char *name,
		      uint32_t *no)
{
	for (uint32_t i = 0; ports && i < ports->n; i++) {
		if (!strcmp(ports->v[i].name, name)) {
			*no = ports->v[i].no;
			return true;
		}
	}
	return false;
}

static const struct ox_odp_field *field_take(struct ox_odp_scan *s,
					     const struct ox_odp_key *k)
{
	size_t n = ox_odp_word(s);

	for (int i = 0; i < k->n_fields; i++) {
		const char *name = k->fields[i].name;

		if (strlen(name) == n && !strncmp(s->p, name, n) &&
		    s->p[n] == '=') {
			s->p += n + 1;
			return &k->fields[i];
		}
	}
	return NULL;
}

/* "a field of NAME: src, dst": what can be written there. */
static int field_unknown(const struct ox_odp_scan *s,
			 const struct ox_odp_key *k)
{
	char what[120];
	int n = snprintf(what, sizeof(what), "a field of %s:", k->name);

	for (int i = 0; i < k->n_fields && n < (int)sizeof(what); i++)
		n += snprintf(what + n, sizeof(what) - (size_t)n,
			      " %s=", k->fields[i].name);
	return ox_odp_expected(s, what);
}

/* A tag has its CFI bit set unless the text says otherwise. */
static void cfi_default(const struct ox_odp_key *k, void *data, void *mask)
{
	for (int i = 0; i < k->n_fields; i++) {
		const struct ox_odp_field *fd = &k->fields[i];

		if (fd->kind == OX_ODP_CFI) {
			ox_odp_field_put(fd, data, 1);
			ox_odp_field_put(fd, mask, 1);
		}
	}
}

int ox_odp_fields(struct ox_odp_scan *s, const struct ox_odp_key *k, void *data,
		  void *mask)
{
	const struct ox_odp_field *fd = &k->fields[0];
	int err;

	cfi_default(k, data, mask);
	if (!fd->name) {
		err = ox_odp_value(s, fd, data, mask);
		return err ? err : ox_odp_need(s, ")");
	}
	ox_odp_skip_blank(s);
	while (!ox_odp_take(s, ")")) {
		fd = field_take(s, k);
		if (!fd)
			return field_unknown(s, k);
		err = ox_odp_value(s, fd, data, mask);
		if (err)
			return err;
		if (*s->p != ')' && *s->p != ',')
			return ox_odp_expected(s, "',' or ')'");
		ox_odp_skip_blank(s);
	}
	return 0;
}

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
	desc = s->p[n] == '(' ? ox_odp_key_by_name(s->p, n) : NULL;
	if (!desc && n > 3 && ox_odp_take(s, "key"))
		return key_generic(s, key, mask);
	if (!desc)
		return ox_odp_expected(s, "a key attribute like ipv4(");
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
