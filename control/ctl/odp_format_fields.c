// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_format_fields.c - values and masks of one attribute as text: by the
 * table, or in hexadecimal where the table doesn't know it.
 */
#include "control/ctl/odp_walk.h"

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
