/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * odp_scan.h - the cursor that the flow syntax's parsers share: it knows
 * where it is, so that an error can name the column. Internal to odp_*.c.
 */
#ifndef OVSXDP_CTL_ODP_SCAN_H
#define OVSXDP_CTL_ODP_SCAN_H

#include "control/ctl/odp_field.h"

struct ox_odp_scan {
	const char *start;
	const char *p;
	const struct ox_odp_ports *ports;
	struct ox_err *e;
	int depth; /* of encap() */
	int nest;  /* of actions in actions */
};

/* -EINVAL with "column N: expected WHAT, found TEXT". */
int ox_odp_expected(const struct ox_odp_scan *s, const char *what);
/* Takes a literal if it is there. */
bool ox_odp_take(struct ox_odp_scan *s, const char *literal);
/* As take, but its absence is an error. */
int ox_odp_need(struct ox_odp_scan *s, const char *literal);
void ox_odp_skip_blank(struct ox_odp_scan *s);
/* Length of the word (letters, digits, _ . -) at the cursor. */
size_t ox_odp_word(const struct ox_odp_scan *s);
/* A number from 0 to max, decimal, 0x or 0 octal as in C. */
int ox_odp_number(struct ox_odp_scan *s, uint32_t max, uint32_t *v);
/* Hexadecimal digits up to ')' or '/': at most size bytes. */
int ox_odp_hex(struct ox_odp_scan *s, uint8_t *out, uint32_t size,
	       uint32_t *len);
/* A field's value and, after a slash, its mask; without one all ones. */
int ox_odp_value(struct ox_odp_scan *s, const struct ox_odp_field *fd,
		 void *data, void *mask);
/* The fields of k up to and with ')'; data and mask start as zero. */
int ox_odp_fields(struct ox_odp_scan *s, const struct ox_odp_key *k, void *data,
		  void *mask);
/* One key attribute, name and all, into both streams. */
int ox_odp_key_attr(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		    struct ox_odp_attrs *mask);
/* mpls( and nsh(, after the parenthesis. */
int ox_odp_key_mpls(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		    struct ox_odp_attrs *mask);
int ox_odp_key_nsh(struct ox_odp_scan *s, struct ox_odp_attrs *key,
		   struct ox_odp_attrs *mask);
/* set() of a key and mask that ox_odp_key_nsh() made: their payloads. */
int ox_odp_set_nsh(const void *key, uint32_t key_len, const void *mask,
		   uint32_t mask_len, struct ox_odp_attrs *out);
/* Actions up to and with the ')' of what they are in, as attributes without a
 * nest of their own. "drop": none. */
int ox_odp_action_list(struct ox_odp_scan *s, struct ox_odp_attrs *out);
#define OX_ODP_MAX_NEST 32 /* of actions in actions, read and written */
/* Ends a nest without libmnl's flag: ovs writes its nests bare. */
void ox_odp_nest_end(struct ox_odp_attrs *a, struct nlattr *nest);
/* sample(, clone(, check_pkt_len( and dec_ttl(, after the parenthesis. */
int ox_odp_act_sample(struct ox_odp_scan *s, struct ox_odp_attrs *out);
int ox_odp_act_clone(struct ox_odp_scan *s, struct ox_odp_attrs *out);
int ox_odp_act_check_len(struct ox_odp_scan *s, struct ox_odp_attrs *out);
int ox_odp_act_dec_ttl(struct ox_odp_scan *s, struct ox_odp_attrs *out);
/* push_nsh(, after the parenthesis. */
int ox_odp_act_push_nsh(struct ox_odp_scan *s, struct ox_odp_attrs *out);

#endif /* OVSXDP_CTL_ODP_SCAN_H */
