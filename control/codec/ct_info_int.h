/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_info_int.h - inside ct_info.c, ct_nat.c: a ct() under construction.
 */
#ifndef OVSXDP_CODEC_CT_INFO_INT_H
#define OVSXDP_CODEC_CT_INFO_INT_H

#include <stddef.h>

#include "control/codec/ct_info.h"

struct ox_ct_parse {
	const void *base; /* message, for offsets */
	struct ox_ct_info *ct;
	struct ox_err *err;
	bool ip_max, proto_max; /* nat() gave one */
};

/* ---- ct_nat.c ---- */

/* Fills the error with words and the offset of a; returns code. */
int ox_ct_bad(struct ox_ct_parse *p, int code, const struct nlattr *a,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* One attribute; returns where the next goes. */
uint8_t *ox_ct_put(uint8_t *to, uint16_t type, const void *data, size_t len);
/* OVS_CT_ATTR_NAT, checked and written. */
int ox_ct_parse_nat(struct ox_ct_parse *p, const struct nlattr *nest);
uint8_t *ox_ct_put_nat(uint8_t *to, const struct ox_ct_info *ct);

#endif /* OVSXDP_CODEC_CT_INFO_INT_H */
