/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * policy.h - timeout policies by name, and the protocols' defaults, in the
 * pinned array "ct_tps": net/netfilter/nfnetlink_cttimeout.c.
 */
#ifndef OVSXDP_CONNTRACK_POLICY_H
#define OVSXDP_CONNTRACK_POLICY_H

#include "control/codec/ctnl_timeout.h"
#include "ovsxdp/ct_mem.h"

/* Seconds as jiffies; what is longer than a month or so becomes that. */
uint32_t ox_ct_jiffies(const struct ox_ct_mem *m, uint32_t seconds);

/* The place of a policy; 0: there is none of that name for these protocols. l3
 * 0: any. */
uint16_t ox_ct_policy_find(const struct ox_ct_mem *m, const char *name,
			   uint16_t l3, uint8_t l4);
/* The same by name alone: the first one. */
uint16_t ox_ct_policy_named(const struct ox_ct_mem *m, const char *name);
/* The next policy from a place on; 0 after the last one. */
uint16_t ox_ct_policy_next(const struct ox_ct_mem *m, uint16_t at);
/* How many actions name a policy, by its place. */
struct ox_ct_users {
	uint32_t n[OX_CT_TPS];
};
void ox_ct_policy_view(const struct ox_ct_mem *m, uint16_t at,
		       const struct ox_ct_users *users,
		       struct ox_ctnl_timeout *out);

/* Makes or replaces one. -EEXIST: it is there, and excl; -EBUSY: it is there,
 * and neither excl nor replace; -EINVAL: it is there for other protocols, and
 * replace; -ENOSPC. */
int ox_ct_policy_set(struct ox_ct_mem *m, const struct ox_ctnl_timeout *t,
		     bool excl, bool replace, struct ox_err *err);
/* -ENOENT; -EBUSY: actions name it. NULL: all that nobody names. */
int ox_ct_policy_del(struct ox_ct_mem *m, const char *name,
		     const struct ox_ct_users *users, struct ox_err *err);

/* Defaults of t->l3, t->l4: out becomes them; or what t gives is set. */
void ox_ct_default_view(const struct ox_ct_mem *m, struct ox_ctnl_timeout *out);
void ox_ct_default_set(struct ox_ct_mem *m, const struct ox_ctnl_timeout *t);

#endif /* OVSXDP_CONNTRACK_POLICY_H */
