/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * users.h - which timeout policies lists of actions name. Nothing counts along:
 * the lists themselves say it, also after a restart.
 */
#ifndef OVSXDP_CONNTRACK_USERS_H
#define OVSXDP_CONNTRACK_USERS_H

#include "control/conntrack/policy.h"
#include "ovsxdp/mem.h"

/* Adds those of one datapath's lists. */
void ox_ct_users_add(const struct ox_mem *m, struct ox_ct_users *users);

#endif /* OVSXDP_CONNTRACK_USERS_H */
