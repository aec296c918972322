// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_format.c - key and mask attributes as a flow's text, as ovs-dpctl
 * prints them. Attributes are taken as they come: a length that doesn't
 * fit makes the generic form, never a read beyond the end.
 */
#include "control/ctl/odp_field.h"

#include <libmnl/libmnl.h>
#include <string.h>

#include "control/ctl/odp_tunnel.h"
#include "ovsxdp/uapi.h"

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
	if (p->tunnel) {
		const struct ox_odp_tunnel_view v = { p->k, p->m, p->len,
						      p->m_len };

		fputs("tunnel(", f);
		ox_odp_format_tunnel(f, &v, st);
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
