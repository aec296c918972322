// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_json.c - a flow's key as a JSON object.
 */
#include "control/ctl/odp_tunnel.h"

#include <stdlib.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/uapi.h"

static void add_hex(cJSON *o, const char *name, const void *data, uint32_t len)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	ox_odp_format_hex(f, data, len);
	fclose(f);
	cJSON_AddStringToObject(o, name, text);
}

/* An array of objects, the outermost label first. */
static void json_mpls(cJSON *root, const struct ox_odp_pair *p,
		      const struct ox_odp_style *st)
{
	cJSON *stack = cJSON_AddArrayToObject(root, p->desc->name);

	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t at = i * p->desc->len;
		cJSON *o = cJSON_CreateObject();

		ox_odp_json_fields(o, p->desc, p->k + at,
				   p->m ? p->m + at : NULL, st);
		cJSON_AddItemToArray(stack, o);
	}
}

static cJSON *json_tunnel(const struct ox_odp_pair *p,
			  const struct ox_odp_style *st)
{
	const struct ox_odp_tunnel_view v = { p->k, p->m, p->len, p->m_len };

	return ox_odp_json_tunnel(&v, st);
}

static void json_generic(cJSON *root, const struct ox_odp_pair *p)
{
	char name[16];
	cJSON *o;

	snprintf(name, sizeof(name), "key%u", p->type);
	o = cJSON_AddObjectToObject(root, name);
	add_hex(o, "value", p->k, p->len);
	if (p->m && !p->exact)
		add_hex(o, "mask", p->m, p->len);
}

static cJSON *json_stream(const void *key, uint32_t key_len, const void *mask,
			  uint32_t mask_len, const struct ox_odp_style *st,
			  int depth)
{
	cJSON *root = cJSON_CreateObject();
	struct ox_odp_walk w;
	struct ox_odp_pair p;

	ox_odp_walk_init(&w, key, key_len, mask, mask_len, depth);
	while (root && ox_odp_walk_next(&w, &p)) {
		if (p.wild && !st->more && !p.nested)
			continue;
		if (p.nested)
			cJSON_AddItemToObject(root, "encap",
					      json_stream(p.k, p.len, p.m,
							  p.m_len, st,
							  depth + 1));
		else if (p.tunnel)
			cJSON_AddItemToObject(root, "tunnel",
					      json_tunnel(&p, st));
		else if (p.desc == &ox_odp_mpls)
			json_mpls(root, &p, st);
		else if (p.desc)
			ox_odp_json_fields(
				cJSON_AddObjectToObject(root, p.desc->name),
				p.desc, p.k, p.m, st);
		else
			json_generic(root, &p);
	}
	return root;
}

cJSON *ox_odp_json_key(const void *key, uint32_t key_len, const void *mask,
		       uint32_t mask_len, const struct ox_odp_style *st)
{
	return json_stream(key, key_len, mask, mask_len, st, 0);
}
