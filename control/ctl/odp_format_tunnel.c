// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_format_tunnel.c - a tunnel as text and as JSON. Its attributes in their
 * order, its flags after them.
 */
#include "control/ctl/odp_tunnel.h"

#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/uapi.h"

/* One field as a key of its own, in the flat payload. */
static void field_flat(int i, const uint8_t *k, const uint8_t *m,
		       struct ox_odp_key *d, uint8_t flat[2][OX_ODP_TUN_LEN])
{
	const struct ox_odp_field *fd = &ox_odp_tunnel.fields[i];

	d->name = ox_odp_tunnel.name;
	d->n_fields = 1;
	d->fields[0] = *fd;
	memcpy(flat[0] + fd->off, k, fd->len);
	if (m)
		memcpy(flat[1] + fd->off, m, fd->len);
}

/* "0x102", and 0: no leading zeroes. */
static void format_data(FILE *f, const uint8_t *p, uint32_t len)
{
	while (len && !*p) {
		p++;
		len--;
	}
	if (!len) {
		fputc('0', f);
		return;
	}
	fprintf(f, "0x%x", *p++);
	ox_odp_format_hex(f, p, len - 1);
}

static bool all(const uint8_t *p, uint32_t len, uint8_t byte)
{
	for (; len; len--)
		if (*p++ != byte)
			return false;
	return true;
}

/* The length counts bytes; where it is wild, it is shown for the data's sake.
 */
static void format_geneve_len(FILE *f, uint32_t len, const uint8_t *m)
{
	uint32_t mask = m ? m[3] & 0x1fu : 0x1f;

	fprintf(f, "len=%u", len);
	if (mask != 0x1f)
		fprintf(f, "/%#x", mask);
}

static void format_geneve(FILE *f, const uint8_t *k, const uint8_t *m,
			  uint32_t left, const struct ox_odp_style *st)
{
	struct ox_odp_key d = ox_odp_geneve;
	uint32_t len, wild;

	d.n_fields = 2;
	for (; left; left -= 4 + len) {
		len = 4u * (k[3] & 0x1f);
		wild = m && !m[0] && !m[1] && !m[2] && !st->more;
		fputc('{', f);
		ox_odp_format_fields(f, &d, k, m, st);
		fputs(wild ? "" : ",", f);
		format_geneve_len(f, len, m);
		if (len && (st->more || !m || !all(m + 4, len, 0))) {
			fputc(',', f);
			format_data(f, k + 4, len);
			if (m && !all(m + 4, len, 0xff)) {
				fputc('/', f);
				format_data(f, m + 4, len);
			}
		}
		fputc('}', f);
		k += 4 + len;
		m = m ? m + 4 + len : NULL;
	}
}

static const struct ox_odp_key *erspan_desc(const uint8_t *k)
{
	return ox_odp_field_get(&ox_odp_erspan1.fields[0], k) == 2
		       ? &ox_odp_erspan2
		       : &ox_odp_erspan1;
}

/* The group policy of a VXLAN's nest, and its mask. */
static const uint8_t *gbp_of(const struct nlattr *a, const uint8_t **m,
			     bool wild)
{
	static const uint8_t zeroes[4];

	/* a nest with one attribute: known */
	if (*m)
		*m = wild ? zeroes : *m + MNL_ATTR_HDRLEN;
	return mnl_attr_get_payload(mnl_attr_get_payload(a));
}

static bool is_zero_nest(const uint8_t *m)
{
	return m && all(m, MNL_ATTR_HDRLEN, 0);
}

static void format_opts(FILE *f, const struct nlattr *a, const uint8_t *m,
			const struct ox_odp_style *st)
{
	const uint8_t *k = mnl_attr_get_payload(a);

	switch (mnl_attr_get_type(a)) {
	case OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS:
		fputs("geneve(", f);
		format_geneve(f, k, m, mnl_attr_get_payload_len(a), st);
		fputc(')', f);
		break;
	case OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS:
		fputs("vxlan(gbp(", f);
		k = gbp_of(a, &m, is_zero_nest(m));
		ox_odp_format_fields(f, &ox_odp_gbp, k, m, st);
		fputs("))", f);
		break;
	case OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS:
		fputs("erspan(", f);
		ox_odp_format_fields(f, erspan_desc(k), k, m, st);
		fputc(')', f);
		break;
	}
}

static bool is_opts(uint16_t type)
{
	return type == OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS ||
	       type == OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS ||
	       type == OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS;
}

static void format_flags(FILE *f, const struct ox_odp_tunnel_view *v,
			 const char *sep, const struct ox_odp_style *st)
{
	uint32_t mask, flags = ox_odp_tunnel_flags(v, &mask);

	if (!mask && !st->more)
		return;
	fprintf(f, "%sflags(", sep);
	if (mask == ox_odp_tun_flags.bits)
		ox_odp_field_print(f, &ox_odp_tun_flags, &flags, NULL);
	else
		ox_odp_flags_print(f, &ox_odp_tun_flags, flags, mask);
	fputc(')', f);
}

void ox_odp_format_tunnel(FILE *f, const struct ox_odp_tunnel_view *v,
			  const struct ox_odp_style *st)
{
	const struct nlattr *a = v->k;
	const char *sep = "";
	int left = (int)v->k_len;

	for (; mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		uint8_t flat[2][OX_ODP_TUN_LEN] = { 0 };
		const uint8_t *m = ox_odp_tunnel_mask(v, a);
		int i = ox_odp_tunnel_field(mnl_attr_get_type(a));
		struct ox_odp_key d = { 0 };

		left -= (int)MNL_ALIGN(a->nla_len);
		if (i >= 0) {
			field_flat(i, mnl_attr_get_payload(a), m, &d, flat);
			if (m && !st->more &&
			    ox_odp_field_zero(&d.fields[0], flat[1]))
				continue;
			fputs(sep, f);
			ox_odp_format_fields(f, &d, flat[0], m ? flat[1] : NULL,
					     st);
		} else if (is_opts(mnl_attr_get_type(a))) {
			fputs(sep, f);
			format_opts(f, a, m, st);
		} else {
			continue;
		}
		sep = ",";
	}
	format_flags(f, v, sep, st);
}

/* ---- JSON ---- */

static void json_data(cJSON *o, const char *name, const uint8_t *p,
		      uint32_t len)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	fputs("0x", f);
	ox_odp_format_hex(f, p, len);
	fclose(f);
	cJSON_AddStringToObject(o, name, text);
}

/* An array, the first option first. */
static void json_geneve(cJSON *root, const uint8_t *k, const uint8_t *m,
			uint32_t left, const struct ox_odp_style *st)
{
	cJSON *list = cJSON_AddArrayToObject(root, "geneve"), *o, *data;
	struct ox_odp_key d = ox_odp_geneve;
	uint32_t len;

	d.n_fields = 2;
	for (; left; left -= 4 + len) {
		len = 4u * (k[3] & 0x1f);
		o = cJSON_CreateObject();
		ox_odp_json_fields(o, &d, k, m, st);
		cJSON_AddNumberToObject(o, "len", len);
		if (len && (st->more || !m || !all(m + 4, len, 0))) {
			data = cJSON_AddObjectToObject(o, "data");
			json_data(data, "value", k + 4, len);
			if (m && !all(m + 4, len, 0xff))
				json_data(data, "mask", m + 4, len);
		}
		cJSON_AddItemToArray(list, o);
		k += 4 + len;
		m = m ? m + 4 + len : NULL;
	}
}

static void json_opts(cJSON *root, const struct nlattr *a, const uint8_t *m,
		      const struct ox_odp_style *st)
{
	const uint8_t *k = mnl_attr_get_payload(a);
	cJSON *o;

	switch (mnl_attr_get_type(a)) {
	case OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS:
		json_geneve(root, k, m, mnl_attr_get_payload_len(a), st);
		break;
	case OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS:
		o = cJSON_AddObjectToObject(root, "vxlan");
		k = gbp_of(a, &m, is_zero_nest(m));
		ox_odp_json_fields(cJSON_AddObjectToObject(o, "gbp"),
				   &ox_odp_gbp, k, m, st);
		break;
	case OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS:
		o = cJSON_AddObjectToObject(root, "erspan");
		ox_odp_json_fields(o, erspan_desc(k), k, m, st);
		break;
	}
}

static void json_flags_text(cJSON *o, const char *name, uint32_t flags)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	ox_odp_field_print(f, &ox_odp_tun_flags, &flags, NULL);
	fclose(f);
	cJSON_AddStringToObject(o, name, text);
}

/* By their names, as in the text: their bits are nobody's. */
static void json_flags(cJSON *root, const struct ox_odp_tunnel_view *v,
		       const struct ox_odp_style *st)
{
	uint32_t mask, flags = ox_odp_tunnel_flags(v, &mask);
	cJSON *o;

	if (!mask && !st->more)
		return;
	o = cJSON_AddObjectToObject(root, "flags");
	json_flags_text(o, "value", flags);
	if (mask != ox_odp_tun_flags.bits)
		json_flags_text(o, "mask", mask);
}

cJSON *ox_odp_json_tunnel(const struct ox_odp_tunnel_view *v,
			  const struct ox_odp_style *st)
{
	cJSON *root = cJSON_CreateObject();
	const struct nlattr *a = v->k;
	int left = (int)v->k_len;

	for (; root && mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		uint8_t flat[2][OX_ODP_TUN_LEN] = { 0 };
		const uint8_t *m = ox_odp_tunnel_mask(v, a);
		int i = ox_odp_tunnel_field(mnl_attr_get_type(a));
		struct ox_odp_key d = { 0 };

		left -= (int)MNL_ALIGN(a->nla_len);
		if (i < 0) {
			json_opts(root, a, m, st);
			continue;
		}
		field_flat(i, mnl_attr_get_payload(a), m, &d, flat);
		ox_odp_json_fields(root, &d, flat[0], m ? flat[1] : NULL, st);
	}
	if (root)
		json_flags(root, v, st);
	return root;
}
