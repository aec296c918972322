// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_json_fields.c - the fields of an attribute as members of a JSON object.
 */
#include "control/ctl/odp_walk.h"

#include <stdlib.h>

#include "ovsxdp/cleanup.h"

typedef void (*print_fn)(FILE *f, const struct ox_odp_field *fd,
			 const void *data);

static void print_value(FILE *f, const struct ox_odp_field *fd,
			const void *data)
{
	ox_odp_field_print(f, fd, data, NULL);
}

static void print_mask(FILE *f, const struct ox_odp_field *fd, const void *data)
{
	ox_odp_field_print_mask(f, fd, data);
}

/* Numbers stay numbers; what has a notation of its own is a string. */
static void add_field(cJSON *o, const char *name, const struct ox_odp_field *fd,
		      const void *data, print_fn print)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f;

	if (ox_odp_is_int(fd)) {
		cJSON_AddNumberToObject(o, name, ox_odp_field_get(fd, data));
		return;
	}
	f = open_memstream(&text, &size);
	if (!f)
		return;
	print(f, fd, data);
	fclose(f);
	cJSON_AddStringToObject(o, name, text);
}

/* m NULL: exact. */
void ox_odp_json_fields(cJSON *o, const struct ox_odp_key *desc,
			const uint8_t *k, const uint8_t *m,
			const struct ox_odp_style *st)
{
	for (int i = 0; i < desc->n_fields; i++) {
		const struct ox_odp_field *fd = &desc->fields[i];
		cJSON *v = o;

		if (m && !st->more && ox_odp_field_zero(fd, m))
			continue;
		if (fd->name)
			v = cJSON_AddObjectToObject(o, fd->name);
		add_field(v, "value", fd, k, print_value);
		if (m && !ox_odp_field_ones(fd, m))
			add_field(v, "mask", fd, m, print_mask);
	}
}
