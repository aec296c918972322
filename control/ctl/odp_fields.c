// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_fields.c - "src=10.0.0.1,ttl=64)": the fields of one attribute that the
 * table knows, read.
 */
#include "control/ctl/odp_scan.h"

#include <string.h>

/* ovs-dpctl writes the ports of ct_tuple6 like this, and of ct_tuple4 not. */
static const struct {
	const char *written, *name;
} others[] = { { "src_port=", "tp_src" }, { "dst_port=", "tp_dst" } };

static const struct ox_odp_field *field_by_name(const struct ox_odp_key *k,
						const char *name, size_t n)
{
	for (int i = 0; i < k->n_fields; i++)
		if (strlen(k->fields[i].name) == n &&
		    !strncmp(name, k->fields[i].name, n))
			return &k->fields[i];
	return NULL;
}

static const struct ox_odp_field *field_take(struct ox_odp_scan *s,
					     const struct ox_odp_key *k)
{
	size_t n = ox_odp_word(s);
	const struct ox_odp_field *fd = NULL;

	if (s->p[n] != '=')
		return NULL;
	fd = field_by_name(k, s->p, n);
	for (int i = 0; i < 2 && !fd; i++)
		if (!strncmp(s->p, others[i].written, n + 1))
			fd = field_by_name(k, others[i].name, 6);
	if (fd)
		s->p += n + 1;
	return fd;
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
