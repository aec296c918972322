/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct.h - connections in ovsxdpctl: words for them, and back. As ovs-dpctl's
 * dump-conntrack and flush-conntrack have them.
 */
#ifndef OVSXDP_CTL_CT_H
#define OVSXDP_CTL_CT_H

#include "control/codec/ctnl.h"
#include "control/ctl/ctl.h"

/* ---- ct_format.c ---- */

/* "tcp,orig=(src=...),reply=(...),zone=5" and a newline. statistics: packets
 * and bytes; more: id, status and timeout. */
void ox_ct_print(FILE *f, const struct ox_ctnl_entry *e, bool statistics,
		 bool more);
cJSON *ox_ct_json(const struct ox_ctnl_entry *e);
/* "tcp", or a number in text. */
const char *ox_ct_proto_name(uint8_t proto, char text[8]);

/* ---- ct_parse.c ---- */

/* "zone=5" */
int ox_ct_zone_parse(const char *text, uint16_t *zone, struct ox_err *e);
/* "ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=6,ct_tp_src=1,..." */
int ox_ct_tuple_parse(const char *text, struct ox_ctnl_tuple *t,
		      struct ox_err *e);

/* ---- cmd_ct.c ---- */

/* fn for each connection of a zone; zone -1: for all. */
int ox_ct_dump(struct ox_ctl *ctl, int32_t zone,
	       void (*fn)(const struct ox_ctnl_entry *e, void *arg), void *arg);

#endif /* OVSXDP_CTL_CT_H */
