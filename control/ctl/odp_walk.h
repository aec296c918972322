/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * odp_walk.h - goes through a stream of key attributes with the mask of
 * each at its side. Internal to odp_*.c.
 */
#ifndef OVSXDP_CTL_ODP_WALK_H
#define OVSXDP_CTL_ODP_WALK_H

#include "control/ctl/odp_field.h"

/* A key attribute and its mask. */
struct ox_odp_pair {
	uint16_t type;
	uint32_t len;
	const uint8_t *k; /* payload */
	const uint8_t *m; /* NULL: exact. At least len bytes unless nested */
	uint32_t m_len;
	const struct ox_odp_key *desc; /* NULL: generic */
	uint32_t n;  /* of desc in a row: MPLS labels; else 1 */
	bool nested; /* encap() */
	bool tunnel; /* tunnel(): both are nests, m_len bytes of m */
	bool shown;  /* though it is wild: nests, as ovs-dpctl has it */
	bool wild;   /* the mask is all zero */
	bool exact;  /* the mask is all ones (or there is none) */
	int depth;
	uint8_t flat[2 * OX_ODP_NSH_LEN]; /* NSH: where k and m point */
};

struct ox_odp_walk {
	const uint8_t *p;
	uint32_t left;
	const void *mask;
	uint32_t mask_len;
	bool masked; /* the flow has a mask at all */
	int depth;
};

/* mask NULL: no masks, everything is exact. */
void ox_odp_walk_init(struct ox_odp_walk *w, const void *key, uint32_t key_len,
		      const void *mask, uint32_t mask_len, int depth);
/* false: the end, or rubbish. */
bool ox_odp_walk_next(struct ox_odp_walk *w, struct ox_odp_pair *p);
/* The payload of type in the mask, if len bytes long; else NULL. */
const uint8_t *ox_odp_walk_mask(const struct ox_odp_walk *w, uint16_t type,
				uint32_t len);

/* Takes an NSH attribute's nests apart; step 2: value and mask in each, as
 * in set(). false: there is what ox_odp_nsh can't tell. */
bool ox_odp_nsh_flat(const void *nest, uint32_t len, uint32_t step,
		     uint8_t k[OX_ODP_NSH_LEN], uint8_t m[OX_ODP_NSH_LEN]);
/* label=..., n times; m NULL: exact. */
void ox_odp_format_mpls(FILE *f, const uint8_t *k, const uint8_t *m,
			uint32_t n);
/* A list inside of nest others. */
void ox_odp_format_list(FILE *f, const void *acts, uint32_t len,
			const struct ox_odp_style *st, int nest);
/* An action that has actions in it; false, and nothing written: it is another
 * one, or broken, or deeper than is read back. */
bool ox_odp_format_nested(FILE *f, const struct nlattr *a,
			  const struct ox_odp_style *st, int nest);
/* false, and nothing written: it isn't a push_nsh that has a syntax. */
bool ox_odp_format_push_nsh(FILE *f, const struct nlattr *action);
void ox_odp_format_fields(FILE *f, const struct ox_odp_key *d, const uint8_t *k,
			  const uint8_t *m, const struct ox_odp_style *st);
void ox_odp_format_hex(FILE *f, const void *data, uint32_t len);
/* The fields of d as members of o, each an object of value and mask. */
void ox_odp_json_fields(cJSON *o, const struct ox_odp_key *d, const uint8_t *k,
			const uint8_t *m, const struct ox_odp_style *st);

#endif /* OVSXDP_CTL_ODP_WALK_H */
