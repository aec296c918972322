/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * odp_ct.h - ct() as text. Internal to odp_*.c.
 */
#ifndef OVSXDP_CTL_ODP_CT_H
#define OVSXDP_CTL_ODP_CT_H

#include "control/codec/ct_info.h"
#include "control/ctl/odp_scan.h"

/* "ct" or "ct(...)", after its name. */
int ox_odp_act_ct(struct ox_odp_scan *s, struct ox_odp_attrs *out);
/* false, and nothing written: what it says has no words. The mask of events is
 * left out unless more is wanted, as ovs-dpctl leaves it out. */
bool ox_odp_format_ct(FILE *f, const struct nlattr *action,
		      const struct ox_odp_style *st);

/* ---- odp_ct_nat.c ---- */

/* "nat" or "nat(...)", after its name. */
int ox_odp_ct_nat(struct ox_odp_scan *s, struct ox_ct_info *ct);
void ox_odp_format_ct_nat(FILE *f, const struct ox_ct_info *ct);
bool ox_odp_ct_nat_has_words(const struct ox_ct_info *ct);

#endif /* OVSXDP_CTL_ODP_CT_H */
