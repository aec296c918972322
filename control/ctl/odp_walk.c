// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * odp_walk.c - key attributes with their masks.
 */
#include "control/ctl/odp_walk.h"

#include <libmnl/libmnl.h>
#include <string.h>

#include "control/ctl/odp_tunnel.h"
#include "ovsxdp/uapi.h"

#define MAX_DEPTH 4
/* What an absent mask attribute of a masked flow stands for. */
static const uint8_t zeroes[256];

void ox_odp_walk_init(struct ox_odp_walk *w, const void *key, uint32_t key_len,
		      const void *mask, uint32_t mask_len, int depth)
{
	w->p = key;
	w->left = key ? key_len : 0;
	w->mask = mask;
	w->mask_len = mask_len;
	w->masked = mask != NULL;
	w->depth = depth;
}

static const struct nlattr *find(const void *buf, uint32_t len, uint16_t type)
{
	const struct nlattr *a = buf;
	int left = (int)len;

	for (; mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) == type)
			return a;
		left -= (int)MNL_ALIGN(a->nla_len);
	}
	return NULL;
}

const uint8_t *ox_odp_walk_mask(const struct ox_odp_walk *w, uint16_t type,
				uint32_t len)
{
	const struct nlattr *a;

	if (!w->masked)
		return NULL;
	a = find(w->mask, w->mask_len, type);
	if (!a || mnl_attr_get_payload_len(a) != len)
		return NULL;
	return mnl_attr_get_payload(a);
}

static bool all_bytes(const uint8_t *p, uint32_t len, uint8_t byte)
{
	for (uint32_t i = 0; i < len; i++)
		if (p[i] != byte)
			return false;
	return true;
}

/* wild and exact by the fields, since spare bits don't count. */
static void judge(struct ox_odp_pair *p)
{
	p->wild = p->exact = true;
	/* label stack entries have no spare bits */
	if (!p->desc || p->desc == &ox_odp_mpls) {
		p->wild = all_bytes(p->m, p->len, 0);
		p->exact = all_bytes(p->m, p->len, 0xff);
		return;
	}
	for (int i = 0; i < p->desc->n_fields; i++) {
		p->wild &= ox_odp_field_zero(&p->desc->fields[i], p->m);
		p->exact &= ox_odp_field_ones(&p->desc->fields[i], p->m);
	}
}

static void pair_nest(const struct ox_odp_walk *w, struct ox_odp_pair *p)
{
	const struct nlattr *a;

	if (!w->masked)
		return;
	a = find(w->mask, w->mask_len, p->type);
	p->m = a ? mnl_attr_get_payload(a) : zeroes;
	p->m_len = a ? mnl_attr_get_payload_len(a) : 0;
}

/* false: it isn't one that ox_odp_nsh can tell. */
static bool pair_nsh(const struct ox_odp_walk *w, struct ox_odp_pair *p)
{
	uint8_t *flat_m = p->flat + OX_ODP_NSH_LEN;
	const struct nlattr *a;

	if (!ox_odp_nsh_flat(p->k, p->len, 1, p->flat, NULL))
		return false;
	a = w->masked ? find(w->mask, w->mask_len, p->type) : NULL;
	if (!a)
		memset(flat_m, 0, OX_ODP_NSH_LEN);
	else if (!ox_odp_nsh_flat(mnl_attr_get_payload(a),
				  mnl_attr_get_payload_len(a), 1, flat_m, NULL))
		return false;
	p->desc = &ox_odp_nsh;
	p->k = p->flat;
	p->m = w->masked ? flat_m : NULL;
	p->len = p->m_len = OX_ODP_NSH_LEN;
	p->shown = p->exact = true;
	if (p->m)
		judge(p);
	return true;
}

/* false: it isn't one that the syntax can tell. */
static bool pair_tunnel(const struct ox_odp_walk *w, struct ox_odp_pair *p)
{
	if (!ox_odp_tunnel_known(p->k, p->len))
		return false;
	pair_nest(w, p);
	p->tunnel = p->shown = true;
	p->wild = p->m && ox_odp_tunnel_wild(p->m, p->m_len);
	return true;
}

static bool pair_special(const struct ox_odp_walk *w, struct ox_odp_pair *p)
{
	if (p->type == OVS_KEY_ATTR_NSH)
		return pair_nsh(w, p);
	return p->type == OVS_KEY_ATTR_TUNNEL && pair_tunnel(w, p);
}

static void pair_mask(const struct ox_odp_walk *w, struct ox_odp_pair *p)
{
	p->exact = true;
	p->wild = false;
	if (!w->masked)
		return;
	p->m = ox_odp_walk_mask(w, p->type, p->len);
	if (!p->m && p->len <= sizeof(zeroes))
		p->m = zeroes;
	p->m_len = p->len;
	if (p->m)
		judge(p);
}

static void pair_describe(struct ox_odp_pair *p)
{
	p->nested = p->type == OVS_KEY_ATTR_ENCAP && p->depth < MAX_DEPTH;
	p->shown = p->nested;
	p->n = 1;
	p->desc = ox_odp_key_by_type(p->type);
	if (p->desc && p->desc->len != p->len)
		p->desc = NULL;
	if (p->type == OVS_KEY_ATTR_MPLS && p->len &&
	    p->len % ox_odp_mpls.len == 0 &&
	    p->len <= OX_ODP_MAX_LABELS * ox_odp_mpls.len) {
		p->desc = &ox_odp_mpls;
		p->n = p->len / ox_odp_mpls.len;
	}
}

bool ox_odp_walk_next(struct ox_odp_walk *w, struct ox_odp_pair *p)
{
	const struct nlattr *a = (const void *)w->p;
	uint32_t step;

	if (!w->p || !mnl_attr_ok(a, (int)w->left))
		return false;
	*p = (struct ox_odp_pair){
		.type = mnl_attr_get_type(a),
		.len = mnl_attr_get_payload_len(a),
		.k = mnl_attr_get_payload(a),
		.depth = w->depth,
	};
	pair_describe(p);
	if (p->nested)
		pair_nest(w, p);
	else if (!pair_special(w, p))
		pair_mask(w, p);
	step = MNL_ALIGN(a->nla_len);
	if (step > w->left)
		step = w->left;
	w->p += step;
	w->left -= step;
	return true;
}
