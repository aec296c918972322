/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * odp_tunnel.h - tunnel(): a nest of fields and of one kind of options, as
 * ovs-dpctl writes it. Internal to odp_*.c.
 */
#ifndef OVSXDP_CTL_ODP_TUNNEL_H
#define OVSXDP_CTL_ODP_TUNNEL_H

#include <libmnl/libmnl.h>

#include "control/ctl/odp_scan.h"
#include "control/ctl/odp_walk.h"

/* The fields that are an attribute each, at their places in a flat payload; the
 * i-th one's attribute. */
extern const struct ox_odp_key ox_odp_tunnel;
uint16_t ox_odp_tunnel_attr(uint32_t i);
#define OX_ODP_TUN_LEN 54 /* bytes of that payload */

/* df, csum, key and oam: as bits of one integer of 4 bytes. */
extern const struct ox_odp_field ox_odp_tun_flags;
#define OX_ODP_TUN_OAM	0x1
#define OX_ODP_TUN_DF	0x2
#define OX_ODP_TUN_CSUM 0x4
#define OX_ODP_TUN_KEY	0x8

/* Of options: gbp() is 4 bytes, ERSPAN's header 12. */
extern const struct ox_odp_key ox_odp_gbp, ox_odp_erspan1, ox_odp_erspan2;
#define OX_ODP_ERSPAN_LEN 12
#define OX_ODP_GENEVE_MAX 252 /* bytes of all options, each with 4 in front */
/* A Geneve option's class, type and length; see ox_odp_geneve_len(). */
extern const struct ox_odp_key ox_odp_geneve;

/* Are these attributes ones that the syntax can tell without loss? */
bool ox_odp_tunnel_known(const void *nest, uint32_t len);
/* Does a mask have no bit? */
bool ox_odp_tunnel_wild(const void *nest, uint32_t len);
/* An attribute of a nest, or NULL. */
const struct nlattr *ox_odp_tunnel_find(const void *nest, uint32_t len,
					uint16_t type);

/* A tunnel while it is walked through: one field or option after the other. */
struct ox_odp_tunnel_view {
	const void *k, *m; /* m NULL: exact */
	uint32_t k_len, m_len;
};
/* The payload of a mask for a, zeroes where there is none; NULL: exact. */
const uint8_t *ox_odp_tunnel_mask(const struct ox_odp_tunnel_view *v,
				  const struct nlattr *a);
/* OX_ODP_TUN_* of a key and of its mask (all, where it is exact). */
uint32_t ox_odp_tunnel_flags(const struct ox_odp_tunnel_view *v,
			     uint32_t *mask);
/* Index into ox_odp_tunnel's fields by attribute; -1: it is none of them. */
int ox_odp_tunnel_field(uint16_t attr);

/* What is between the parentheses. */
void ox_odp_format_tunnel(FILE *f, const struct ox_odp_tunnel_view *v,
			  const struct ox_odp_style *st);
cJSON *ox_odp_json_tunnel(const struct ox_odp_tunnel_view *v,
			  const struct ox_odp_style *st);

/* tunnel(, after the parenthesis. mask NULL: for set(), which has none. */
int ox_odp_key_tunnel(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		      struct ox_odp_attrs *mask);

#endif /* OVSXDP_CTL_ODP_TUNNEL_H */
