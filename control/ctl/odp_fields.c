// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_fields.c - "src=10.0.0.1,ttl=64)": the fields of one attribute that the
 * table knows, read.
 */
#include "control/ctl/odp_scan.h"

#include <string.h>

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
