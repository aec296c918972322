// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_nsh.c - network service headers: nsh() in keys and in set(), whose
 * attribute is a nest, as one row of fields; and the action push_nsh().
 */
#include "control/ctl/odp_walk.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>

#include "control/ctl/odp_scan.h"
#include "ovsxdp/uapi.h"

#define MD_LEN	    (OX_ODP_NSH_LEN - OX_ODP_NSH_BASE)
#define MD1	    1	/* the type of metadata that has c1 to c4 */
#define MAX_MD2	    248 /* NSH_CTX_HDRS_MAX_LEN of the module */
#define NP_ETHERNET 3

static bool nsh_copy(const struct nlattr *a, uint32_t step, uint32_t at,
		     uint32_t len, uint8_t *k, uint8_t *m)
{
	const uint8_t *p = mnl_attr_get_payload(a);

	if (mnl_attr_get_payload_len(a) != step * len)
		return false;
	memcpy(k + at, p, len);
	if (step == 2)
		memcpy(m + at, p + len, len);
	return true;
}

bool ox_odp_nsh_flat(const void *nest, uint32_t len, uint32_t step,
		     uint8_t k[OX_ODP_NSH_LEN], uint8_t m[OX_ODP_NSH_LEN])
{
	const struct nlattr *a = nest;
	int left = (int)len;
	bool ok = true;

	memset(k, 0, OX_ODP_NSH_LEN);
	if (step == 2)
		memset(m, 0, OX_ODP_NSH_LEN);
	for (; ok && mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		uint16_t type = mnl_attr_get_type(a);

		if (type == OVS_NSH_KEY_ATTR_BASE)
			ok = nsh_copy(a, step, 0, OX_ODP_NSH_BASE, k, m);
		else if (type == OVS_NSH_KEY_ATTR_MD1)
			ok = nsh_copy(a, step, OX_ODP_NSH_BASE, MD_LEN, k, m);
		else
			ok = false;
		left -= (int)MNL_ALIGN(a->nla_len);
	}
	return ok && left <= 0;
}

static bool all_bytes(const uint8_t *p, uint32_t len, uint8_t byte)
{
	for (uint32_t i = 0; i < len; i++)
		if (p[i] != byte)
			return false;
	return true;
}

/* BASE and, where wanted, MD1, in a nest of their own. */
static int put_flat(struct ox_odp_attrs *a, const uint8_t *v, bool md1)
{
	struct nlattr *nest;
	int err;

	nest = mnl_attr_nest_start_check(&a->nlh, OX_ODP_ROOM,
					 OVS_KEY_ATTR_NSH);
	if (!nest)
		return -EMSGSIZE;
	err = ox_odp_attrs_put(a, OVS_NSH_KEY_ATTR_BASE, v, OX_ODP_NSH_BASE);
	if (!err && md1)
		err = ox_odp_attrs_put(a, OVS_NSH_KEY_ATTR_MD1,
				       v + OX_ODP_NSH_BASE, MD_LEN);
	ox_odp_nest_end(a, nest);
	return err;
}

int ox_odp_key_nsh(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		   struct ox_odp_attrs *mask)
{
	uint8_t k[OX_ODP_NSH_LEN] = { 0 }, m[OX_ODP_NSH_LEN] = { 0 };
	int err = ox_odp_fields(s, &ox_odp_nsh, k, m);

	/* context without its type is for the datapath to refuse */
	if (!err)
		err = put_flat(key, k,
			       k[2] == MD1 || !all_bytes(m + OX_ODP_NSH_BASE,
							 MD_LEN, 0));
	return err ? err : put_flat(mask, m, true);
}

/* Value and mask in a row in each inner attribute. */
static int put_twice(struct ox_odp_attrs *out, uint16_t type, const uint8_t *k,
		     const uint8_t *m, uint32_t len)
{
	uint8_t both[2 * OX_ODP_NSH_LEN];

	for (uint32_t i = 0; i < len; i++) {
		both[i] = k[i] & m[i];
		both[len + i] = m[i];
	}
	return ox_odp_attrs_put(out, type, both, 2 * len);
}

int ox_odp_set_nsh(const void *key, uint32_t key_len, const void *mask,
		   uint32_t mask_len, struct ox_odp_attrs *out)
{
	uint8_t k[OX_ODP_NSH_LEN], m[OX_ODP_NSH_LEN];
	struct nlattr *set, *nest;
	int err;

	if (!ox_odp_nsh_flat(key, key_len, 1, k, NULL) ||
	    !ox_odp_nsh_flat(mask, mask_len, 1, m, NULL))
		return -EINVAL;
	if (all_bytes(m, sizeof(m), 0xff)) {
		set = mnl_attr_nest_start_check(&out->nlh, OX_ODP_ROOM,
						OVS_ACTION_ATTR_SET);
		err = set ? put_flat(out, k, true) : -EMSGSIZE;
		if (set)
			ox_odp_nest_end(out, set);
		return err;
	}
	set = mnl_attr_nest_start_check(&out->nlh, OX_ODP_ROOM,
					OVS_ACTION_ATTR_SET_MASKED);
	if (!set)
		return -EMSGSIZE;
	nest = mnl_attr_nest_start_check(&out->nlh, OX_ODP_ROOM,
					 OVS_KEY_ATTR_NSH);
	if (!nest)
		return -EMSGSIZE;
	err = put_twice(out, OVS_NSH_KEY_ATTR_BASE, k, m, OX_ODP_NSH_BASE);
	if (!err)
		err = put_twice(out, OVS_NSH_KEY_ATTR_MD1, k + OX_ODP_NSH_BASE,
				m + OX_ODP_NSH_BASE, MD_LEN);
	ox_odp_nest_end(out, nest);
	ox_odp_nest_end(out, set);
	return err;
}

/* ---- push_nsh() ---- */

struct push {
	uint8_t v[OX_ODP_NSH_LEN], m[OX_ODP_NSH_LEN];
	uint8_t md2[MAX_MD2];
	uint32_t md2_len;
	bool has_md2;
};

static const struct ox_odp_field *field_take(struct ox_odp_scan *s)
{
	for (int i = 0; i < ox_odp_nsh.n_fields; i++) {
		const struct ox_odp_field *fd = &ox_odp_nsh.fields[i];
		size_t len = strlen(fd->name);

		if (!strncmp(s->p, fd->name, len) && s->p[len] == '=') {
			s->p += len + 1;
			return fd;
		}
	}
	return NULL;
}

/* Padded to words, as the header counts its length. */
static int push_md2(struct ox_odp_scan *s, struct push *p)
{
	int err;

	ox_odp_take(s, "0x");
	err = ox_odp_hex(s, p->md2, sizeof(p->md2), &p->md2_len);
	p->md2_len = MNL_ALIGN(p->md2_len);
	p->has_md2 = true;
	return err;
}

static int push_field(struct ox_odp_scan *s, struct push *p)
{
	const struct ox_odp_field *fd;

	if (ox_odp_take(s, "md2="))
		return push_md2(s, p);
	fd = field_take(s);
	if (!fd)
		return ox_odp_expected(s, "flags= ttl= mdtype= np= spi= si= "
					  "c1= to c4= or md2=");
	return ox_odp_value(s, fd, p->v, p->m);
}

static int push_put(struct ox_odp_attrs *out, const struct push *p)
{
	struct nlattr *push, *nest;
	int err;

	push = mnl_attr_nest_start_check(&out->nlh, OX_ODP_ROOM,
					 OVS_ACTION_ATTR_PUSH_NSH);
	if (!push)
		return -EMSGSIZE;
	if (!p->has_md2) {
		err = put_flat(out, p->v, true);
		ox_odp_nest_end(out, push);
		return err;
	}
	nest = mnl_attr_nest_start_check(&out->nlh, OX_ODP_ROOM,
					 OVS_KEY_ATTR_NSH);
	if (!nest)
		return -EMSGSIZE;
	err = ox_odp_attrs_put(out, OVS_NSH_KEY_ATTR_BASE, p->v,
			       OX_ODP_NSH_BASE);
	if (!err)
		err = ox_odp_attrs_put(out, OVS_NSH_KEY_ATTR_MD2, p->md2,
				       p->md2_len);
	ox_odp_nest_end(out, nest);
	ox_odp_nest_end(out, push);
	return err;
}

/* Defaults as ovs-dpctl's: TTL 63, an Ethernet frame inside, index 255. */
int ox_odp_act_push_nsh(struct ox_odp_scan *s, struct ox_odp_attrs *out)
{
	struct push p = { .v = { 0, 63, MD1, NP_ETHERNET, 0, 0, 0, 255 } };
	int err;

	ox_odp_skip_blank(s);
	while (!ox_odp_take(s, ")")) {
		err = push_field(s, &p);
		if (err)
			return err;
		if (*s->p != ')' && *s->p != ',')
			return ox_odp_expected(s, "',' or ')'");
		ox_odp_skip_blank(s);
	}
	return push_put(out, &p);
}

static const struct nlattr *find(const struct nlattr *nest, uint16_t type)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested (a, nest) {
		if (mnl_attr_get_type(a) == type)
			return a;
	}
	return NULL;
}

static void format_base(FILE *f, const uint8_t *base, int n)
{
	static const struct ox_odp_style st;

	for (int i = 0; i < n; i++) {
		const struct ox_odp_field *fd = &ox_odp_nsh.fields[i];

		fprintf(f, "%s%s=", i ? "," : "", fd->name);
		ox_odp_field_print(f, fd, base, &st);
	}
}

/* Every digit: ovs-dpctl leaves leading zeroes out and then pads at the end
 * when it reads them. */
static void format_md2(FILE *f, const struct nlattr *md2)
{
	const uint8_t *p = mnl_attr_get_payload(md2);

	fputs(",md2=0x", f);
	ox_odp_format_hex(f, p, mnl_attr_get_payload_len(md2));
}

bool ox_odp_format_push_nsh(FILE *f, const struct nlattr *action)
{
	const struct nlattr *nest = find(action, OVS_KEY_ATTR_NSH);
	const struct nlattr *base, *md1, *md2;
	uint8_t v[OX_ODP_NSH_LEN];

	base = nest ? find(nest, OVS_NSH_KEY_ATTR_BASE) : NULL;
	if (!base || mnl_attr_get_payload_len(base) != OX_ODP_NSH_BASE)
		return false;
	md1 = find(nest, OVS_NSH_KEY_ATTR_MD1);
	md2 = find(nest, OVS_NSH_KEY_ATTR_MD2);
	if (!md1 == !md2 || (md1 && mnl_attr_get_payload_len(md1) != MD_LEN) ||
	    (md2 && mnl_attr_get_payload_len(md2) > MAX_MD2))
		return false;
	memcpy(v, mnl_attr_get_payload(base), OX_ODP_NSH_BASE);
	if (md1)
		memcpy(v + OX_ODP_NSH_BASE, mnl_attr_get_payload(md1), MD_LEN);
	fputs("push_nsh(", f);
	format_base(f, v, md1 ? ox_odp_nsh.n_fields : 6);
	if (md2)
		format_md2(f, md2);
	fputc(')', f);
	return true;
}
