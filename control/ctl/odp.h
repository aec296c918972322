/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * odp.h - flows and actions as text: the syntax of ovs-dpctl, read and
 * written. No I/O, no sockets; what format_*() writes, parse_*() reads. An
 * attribute that has no name here is written as keyN(HEX) or actionN(HEX).
 */
#ifndef OVSXDP_CTL_ODP_H
#define OVSXDP_CTL_ODP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <cjson/cJSON.h>
#include <linux/netlink.h>

#include "ovsxdp/err.h"

#define OX_ODP_ROOM 16384 /* bytes of attributes a text may become */

/* Attributes under construction: a netlink message of nothing else. */
struct ox_odp_attrs {
	union {
		struct nlmsghdr nlh;
		uint8_t room[OX_ODP_ROOM];
	};
};

void ox_odp_attrs_init(struct ox_odp_attrs *a);
const void *ox_odp_attrs_data(const struct ox_odp_attrs *a);
uint32_t ox_odp_attrs_len(const struct ox_odp_attrs *a);
/* -EMSGSIZE: no room, nothing added. */
int ox_odp_attrs_put(struct ox_odp_attrs *a, uint16_t type, const void *data,
		     uint32_t len);

/* Port names of a datapath; without them only numbers are read and shown. */
struct ox_odp_port {
	uint32_t no;
	char name[16];
};
struct ox_odp_ports {
	struct ox_odp_port *v;
	uint32_t n;
};
/* NULL: no such number (or ports is NULL). */
const char *ox_odp_port_name(const struct ox_odp_ports *ports, uint32_t no);
/* false: no such name. */
bool ox_odp_port_find(const struct ox_odp_ports *ports, const char *name,
		      uint32_t *no);

struct ox_odp_flow {
	uint8_t ufid[16];
	uint8_t ufid_len; /* 0: the text gave none */
	struct ox_odp_attrs key;
	struct ox_odp_attrs mask;
};

/*
 * Parsers: 0, or -EINVAL with the column and what was expected there in e,
 * or -EMSGSIZE. ports may be NULL.
 */
int ox_odp_parse_flow(const char *text, const struct ox_odp_ports *ports,
		      struct ox_odp_flow *out, struct ox_err *e);
int ox_odp_parse_actions(const char *text, const struct ox_odp_ports *ports,
			 struct ox_odp_attrs *out, struct ox_err *e);
/*
 * "ufid:" and a UUID whose four words are in host order (as ovs-dpctl has
 * it), or 2 to 30 hexadecimal digits: bytes in their order. *used: characters
 * taken.
 */
int ox_odp_parse_ufid(const char *text, uint8_t ufid[16], uint8_t *len,
		      uint32_t *used, struct ox_err *e);
/* An even number of hexadecimal digits; colons and blanks are skipped. */
int ox_odp_parse_hex(const char *text, uint8_t *out, uint32_t size,
		     uint32_t *len, struct ox_err *e);

struct ox_odp_style {
	const struct ox_odp_ports *names; /* NULL: numbers */
	bool more;			  /* show wildcarded fields too */
};

/* Attribute streams to text. mask NULL: everything is exact. */
void ox_odp_format_key(FILE *f, const void *key, uint32_t key_len,
		       const void *mask, uint32_t mask_len,
		       const struct ox_odp_style *st);
void ox_odp_format_actions(FILE *f, const void *acts, uint32_t len,
			   const struct ox_odp_style *st);
void ox_odp_format_ufid(FILE *f, const uint8_t *ufid, uint32_t len);
/* "S.": the letters that tcpdump uses. */
void ox_odp_format_tcp_letters(FILE *f, uint16_t flags);

/*
 * The key as an object: attribute name to an object of fields, each
 * {"value": v} and, where the mask isn't all ones, "mask": m. Fields that
 * are wildcarded are left out. NULL: no memory. The caller owns it.
 */
cJSON *ox_odp_json_key(const void *key, uint32_t key_len, const void *mask,
		       uint32_t mask_len, const struct ox_odp_style *st);

#endif /* OVSXDP_CTL_ODP_H */
