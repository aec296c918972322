// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_format.c - key and mask attributes as a flow's text, as ovs-dpctl
 * prints them. Attributes are taken as they come: a length that doesn't
 * fit makes the generic form, never a read beyond the end.
 */
#include "control/ctl/odp_field.h"

#include <libmnl/libmnl.h>
#include <string.h>

#include "control/ctl/odp_walk.h"
#include "ovsxdp/uapi.h"

static bool field_shown(const struct ox_odp_field *fd, const uint8_t *m,
			const struct ox_odp_style *st)
{
	if (!m || !ox_odp_field_zero(fd, m))
		return true;
	return st->more && fd->kind != OX_ODP_FRAG; /* as ovs-dpctl */
}

static void flags_field(FILE *f, const struct ox_odp_field *fd,
			const uint8_t *k, const uint8_t *m)
{
	if (!m || ox_odp_field_ones(fd, m))
		ox_odp_field_print(f, fd, k, NULL);
	else
		ox_odp_flags_print(f, fd, ox_odp_field_get(fd, k),
				   ox_odp_field_get(fd, m));
}

static void format_field(FILE *f, const struct ox_odp_field *fd,
			 const uint8_t *k, const uint8_t *m,
			 const struct ox_odp_style *st)
{
	if (fd->name)
		fprintf(f, "%s=", fd->name);
	if (fd->kind == OX_ODP_FLAGS) {
		flags_field(f, fd, k, m);
		return;
	}
	if (fd->kind == OX_ODP_NSH8 && m && !ox_odp_field_ones(fd, m)) {
		fprintf(f, "0x%02x/0x%02x", ox_odp_field_get(fd, k),
			ox_odp_field_get(fd, m));
		return;
	}
	ox_odp_field_print(f, fd, k, st);
	if (m && !ox_odp_field_ones(fd, m)) {
		fputc('/', f);
		ox_odp_field_print_mask(f, fd, m);
	}
}

/* Values and masks of one attribute that the table knows. */
void ox_odp_format_fields(FILE *f, const struct ox_odp_key *d, const uint8_t *k,
			  const uint8_t *m, const struct ox_odp_style *st)
{
	const char *sep = "";

	for (int i = 0; i < d->n_fields; i++) {
		const struct ox_odp_field *fd = &d->fields[i];

		if (fd->kind == OX_ODP_CFI) {
			if (ox_odp_field_get(fd, k))
				continue;
		} else if (!field_shown(fd, m, st)) {
			continue;
		}
		fputs(sep, f);
		format_field(f, fd, k, m, st);
		sep = ",";
	}
}

void ox_odp_format_hex(FILE *f, const void *data, uint32_t len)
{
	const uint8_t *p = data;

	for (uint32_t i = 0; i < len; i++)
		fprintf(f, "%02x", p[i]);
}

static void format_generic(FILE *f, const struct ox_odp_pair *p)
{
	fprintf(f, "key%u(", p->type);
	ox_odp_format_hex(f, p->k, p->len);
	if (p->m && !p->exact) {
		fputc('/', f);
		ox_odp_format_hex(f, p->m, p->len);
	}
	fputc(')', f);
}

static void format_pair(FILE *f, const struct ox_odp_pair *p,
			const struct ox_odp_style *st);

static void format_stream(FILE *f, const void *key, uint32_t key_len,
			  const void *mask, uint32_t mask_len,
			  const struct ox_odp_style *st, int depth)
{
	struct ox_odp_walk w;
	struct ox_odp_pair p;
	const char *sep = "";
	bool has_type = false;

	ox_odp_walk_init(&w, key, key_len, mask, mask_len, depth);
	while (ox_odp_walk_next(&w, &p)) {
		has_type |= p.type == OVS_KEY_ATTR_ETHERTYPE;
		if (p.wild && !st->more && !p.shown &&
		    p.type != OVS_KEY_ATTR_ETHERNET)
			continue;
		fputs(sep, f);
		format_pair(f, &p, st);
		sep = ",";
	}
	/* a mask without its key: the flow is for frames without a type */
	if (!has_type && ox_odp_walk_mask(&w, OVS_KEY_ATTR_ETHERTYPE, 2)) {
		const uint8_t *m =
			ox_odp_walk_mask(&w, OVS_KEY_ATTR_ETHERTYPE, 2);

		fprintf(f, "%seth_type(0/0x%02x%02x)", sep, m[0], m[1]);
	}
}

static void format_pair(FILE *f, const struct ox_odp_pair *p,
			const struct ox_odp_style *st)
{
	if (p->nested) {
		fputs("encap(", f);
		format_stream(f, p->k, p->len, p->m, p->m_len, st,
			      p->depth + 1);
		fputc(')', f);
		return;
	}
	if (!p->desc) {
		format_generic(f, p);
		return;
	}
	fprintf(f, "%s(", p->desc->name);
	if (p->desc == &ox_odp_mpls)
		ox_odp_format_mpls(f, p->k, p->exact ? NULL : p->m, p->n);
	else if (!p->wild || st->more)
		ox_odp_format_fields(f, p->desc, p->k, p->m, st);
	fputc(')', f);
}

void ox_odp_format_key(FILE *f, const void *key, uint32_t key_len,
		       const void *mask, uint32_t mask_len,
		       const struct ox_odp_style *st)
{
	format_stream(f, key, key_len, mask, mask_len, st, 0);
}
