/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * odp_field.h - the table behind the flow syntax: each key attribute with
 * its fields, their places and how they are written. Parser, formatter and
 * JSON all walk this table. Internal to the odp_*.c files and their tests.
 */
#ifndef OVSXDP_CTL_ODP_FIELD_H
#define OVSXDP_CTL_ODP_FIELD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "control/ctl/odp.h"

enum ox_odp_kind {
	OX_ODP_DEC,   /* integer, written in decimal */
	OX_ODP_HEX,   /* integer, written in hexadecimal */
	OX_ODP_HEX4,  /* the same, four digits always */
	OX_ODP_PORT,  /* port number or name */
	OX_ODP_FRAG,  /* no, first, later */
	OX_ODP_FLAGS, /* names of bits */
	OX_ODP_CFI,   /* VLAN CFI: taken as set, written only if clear */
	OX_ODP_NSH8,  /* decimal; value and mask in hexadecimal if masked */
	OX_ODP_NSH32, /* hexadecimal, a mask with eight digits */
	OX_ODP_MAC,
	OX_ODP_IPV4,
	OX_ODP_IPV6,
	OX_ODP_U128, /* host order, hexadecimal */
	OX_ODP_U64,  /* network order, hexadecimal */
};

struct ox_odp_bit {
	uint32_t bit;
	const char *name;
};

struct ox_odp_field {
	const char *name; /* NULL: the attribute's only, unnamed field */
	uint8_t off;	  /* in the attribute's payload */
	uint8_t len;	  /* bytes */
	uint8_t kind;	  /* enum ox_odp_kind */
	bool be;	  /* integer in network order */
	uint32_t bits;	  /* that are the field's; 0: all */
	const struct ox_odp_bit *names; /* OX_ODP_FLAGS; ends with NULL */
};

#define OX_ODP_MAX_FIELDS 10
#define OX_ODP_MAX_LEN	  48 /* longest payload in the table */

struct ox_odp_key {
	uint16_t type; /* OVS_KEY_ATTR_* */
	uint16_t len;  /* bytes of payload */
	const char *name;
	uint8_t n_fields;
	struct ox_odp_field fields[OX_ODP_MAX_FIELDS];
};

/* NULL: no such attribute in the table. */
const struct ox_odp_key *ox_odp_key_by_type(uint16_t type);
const struct ox_odp_key *ox_odp_key_by_name(const char *name, size_t len);
/* For tests: the i-th of the table, NULL after the last. */
const struct ox_odp_key *ox_odp_key_at(uint32_t i);
/* In the same form, arguments of actions. */
extern const struct ox_odp_key ox_odp_push_vlan, ox_odp_push_mpls,
	ox_odp_add_mpls, ox_odp_push_eth;
/* One entry of an MPLS label stack, of which the attribute has several; an
 * NSH header without its nests: struct ovs_nsh_key_base, _md1. */
extern const struct ox_odp_key ox_odp_mpls, ox_odp_nsh;
#define OX_ODP_MAX_LABELS 3  /* MPLS_LABEL_DEPTH of the module */
#define OX_ODP_NSH_BASE	  8  /* bytes of ox_odp_nsh that are the base, */
#define OX_ODP_NSH_LEN	  24 /* and of it all */

/* Integer fields: bits moved down to bit 0, in host order. */
bool ox_odp_is_int(const struct ox_odp_field *fd);
uint32_t ox_odp_field_max(const struct ox_odp_field *fd);
uint32_t ox_odp_field_get(const struct ox_odp_field *fd, const void *data);
void ox_odp_field_put(const struct ox_odp_field *fd, void *data, uint32_t v);
/* Of a mask's field. */
bool ox_odp_field_zero(const struct ox_odp_field *fd, const void *data);
bool ox_odp_field_ones(const struct ox_odp_field *fd, const void *data);
/* One value, without name and mask. */
void ox_odp_field_print(FILE *f, const struct ox_odp_field *fd,
			const void *data, const struct ox_odp_style *st);
/* A mask as it is after the slash. */
void ox_odp_field_print_mask(FILE *f, const struct ox_odp_field *fd,
			     const void *mask);
/* "+syn-ack": flags under a mask of some of them. */
void ox_odp_flags_print(FILE *f, const struct ox_odp_field *fd, uint32_t v,
			uint32_t mask);

#endif /* OVSXDP_CTL_ODP_FIELD_H */
