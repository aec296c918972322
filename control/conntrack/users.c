// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * users.c - lists of actions that name a timeout policy.
 */
#include "control/conntrack/users.h"

#include <string.h>

static void add_slot(const struct ox_acts *a, uint32_t n,
		     struct ox_ct_users *users)
{
	struct ox_op_ct op;

	for (uint32_t k = 0; k < n && k < OX_ACTS_OPS; k++) {
		memcpy(&op, &a->ops[k], sizeof(op));
		if (op.code == OX_OP_CT && op.tp >= OX_CT_TP_DEFAULTS &&
		    op.tp < OX_CT_TPS)
			users->n[op.tp]++;
	}
}

/* A list says in its first slot how many ops it has. */
void ox_ct_users_add(const struct ox_mem *m, struct ox_ct_users *users)
{
	const struct ox_acts *a;
	uint32_t n;

	for (uint32_t i = 0; i < m->n_acts_chunks << OX_ACTS_SHIFT; i++) {
		a = ox_mem_acts(m, i);
		if (a->state != OX_LIVE || (a->flags & OX_ACTS_CONT))
			continue;
		for (n = a->n_ops; a && n; a = ox_mem_acts(m, a->next)) {
			add_slot(a, n, users);
			n = n > OX_ACTS_OPS ? n - OX_ACTS_OPS : 0;
		}
	}
}
