/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * key_int.h - inside key*.c: a match under construction. What struct
 * sw_flow_match is to the module.
 */
#ifndef OVSXDP_KEY_INT_H
#define OVSXDP_KEY_INT_H

#include "control/codec/key.h"
#include "control/codec/key_attr.h"

#define OX_BIT(type) (1ull << (type))

/* The bits of ct_state: CT_SUPPORTED_MASK. */
#define OX_CT_STATES 0xffu

/* What connection tracking says of a packet. */
#define OX_KEY_CT_BITS                                                   \
	(OX_BIT(OVS_KEY_ATTR_CT_STATE) | OX_BIT(OVS_KEY_ATTR_CT_ZONE) |  \
	 OX_BIT(OVS_KEY_ATTR_CT_MARK) | OX_BIT(OVS_KEY_ATTR_CT_LABELS) | \
	 OX_BIT(OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4) |                       \
	 OX_BIT(OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6))

struct ox_match {
	const void *base; /* message, for offsets */
	struct ox_key *key;
	struct ox_key *mask; /* NULL: only the key is wanted */
	struct ox_tun *tun;
	struct ox_tun *tun_mask;		/* NULL: as mask is */
	const struct nlattr *a[OX_NLA_MAX + 1]; /* last met of each type */
	uint64_t key_attrs;
	uint64_t mask_attrs;
	uint64_t nonzero; /* ct attributes with a value, in the key; only
			   * where they aren't served (ct.h) */
	bool made_mask;	  /* the mask nest was made here: no offsets into it */
	struct ox_err *err;
};

/* Fills the error with a text and the offset of attr (NULL: none); returns
 * code. */
int ox_key_bad(struct ox_match *m, int code, const struct nlattr *attr,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Enters a nest's attributes in m->a and *attrs. nz: those that are all zero
 * are left out (masks). */
int ox_key_parse_nest(struct ox_match *m, const struct nlattr *nest,
		      uint64_t *attrs, bool nz);
/* Takes VLAN tags and their encap nests out of m->a and *attrs. */
int ox_key_parse_vlan(struct ox_match *m, uint64_t *attrs, bool is_mask);
/* Takes the fields of connection tracking, key_ct.c; their bits from *attrs. */
int ox_key_parse_ct(struct ox_match *m, uint64_t *attrs, bool is_mask);
/* The same to attributes; k decides whether there is a tuple, o has values. */
int ox_key_put_ct(struct ox_nlbuf *b, const struct ox_key *k,
		  const struct ox_key *o);
/* The fields that no packet holds; takes their bits from *attrs. */
int ox_key_parse_metadata(struct ox_match *m, uint64_t *attrs, bool is_mask);
/* All fields; nothing may be left. */
int ox_key_parse_fields(struct ox_match *m, uint64_t attrs, bool is_mask);
/* ARP, IPv4, IPv6 and above; the second half of the former. */
void ox_key_parse_l4(struct ox_match *m, uint64_t *attrs, bool is_mask);
/* OVS_KEY_ATTR_TUNNEL, if it is there; takes its bit from *attrs. */
int ox_key_parse_tunnel(struct ox_match *m, uint64_t *attrs, bool is_mask);
/* In a mask that is made: what the key's tunnel has no attributes for is 0, and
 * matched as such. */
void ox_key_mask_tunnel(struct ox_match *m);
/* OVS_KEY_ATTR_NSH, which is there; takes its bit from *attrs. */
int ox_key_parse_nsh(struct ox_match *m, uint64_t *attrs, bool is_mask);
/* match_validate(): prerequisites between attributes. */
int ox_key_validate(struct ox_match *m);

static inline struct ox_key *ox_match_side(struct ox_match *m, bool is_mask)
{
	return is_mask ? m->mask : m->key;
}

#endif /* OVSXDP_KEY_INT_H */
