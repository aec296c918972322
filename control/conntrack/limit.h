/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * limit.h - how many connections zones may have: struct ovs_ct_limit_info of
 * net/openvswitch/conntrack.c. Programs read them with each commit.
 */
#ifndef OVSXDP_CONNTRACK_LIMIT_H
#define OVSXDP_CONNTRACK_LIMIT_H

#include "control/codec/ct_limit.h"
#include "ovsxdp/ct_mem.h"

/* Of l->zone, or the default. */
void ox_ct_limit_set(struct ox_ct_mem *m, const struct ox_ct_limit *l);
/* Back to the default; the default itself becomes no limit. */
void ox_ct_limit_del(struct ox_ct_mem *m, int32_t zone);
/* What holds for a zone, and how many it has. */
void ox_ct_limit_view(const struct ox_ct_mem *m, int32_t zone,
		      struct ox_ct_limit *out);
/* The next zone from "zone" on with a limit of its own; -1 after the last. */
int32_t ox_ct_limit_next_zone(const struct ox_ct_mem *m, int32_t zone);

#endif /* OVSXDP_CONNTRACK_LIMIT_H */
