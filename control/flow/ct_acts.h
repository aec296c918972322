/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_acts.h - the actions ct() of all lists of a network namespace, in the
 * pinned array "ct_acts". Equal ones share a slot, which an op names by its
 * number. A slot that nothing names is used again after a grace period, because
 * packets may still be in a list that names it.
 *
 * After the start nothing is counted yet: whoever takes lists over says which
 * slots they name, and then that this was all.
 */
#ifndef OVSXDP_FLOW_CT_ACTS_H
#define OVSXDP_FLOW_CT_ACTS_H

#include <stdint.h>

#include "ovsxdp/ct_mem.h"
#include "ovsxdp/err.h"

struct ox_ct_acts;

/* m outlives it. -ENOMEM. Counts of slots and policies are zeroed. */
int ox_ct_acts_open(struct ox_ct_mem *m, struct ox_ct_acts **out);
/* NULL ok. What is in the array stays. */
void ox_ct_acts_close(struct ox_ct_acts *a);

/* An op of a list that is taken over names a slot. -EINVAL: there is no such
 * slot. */
int ox_ct_acts_seen(struct ox_ct_acts *a, uint32_t slot);
/* That was all: slots that nobody named are free. */
void ox_ct_acts_taken_over(struct ox_ct_acts *a);

/*
 * A slot with an action that is equal to act, whose refs doesn't count; one
 * more op names it now. *slot is never 0. -ENOSPC: OX_CT_ACTS different ones
 * are in use; waits for a grace period before it says so.
 */
int ox_ct_act_get(struct ox_ct_acts *a, const struct ox_ct_act *act,
		  uint32_t *slot);
/* An op less names it. */
void ox_ct_act_put(struct ox_ct_acts *a, uint32_t slot);
/* Goes on with grace periods; never waits. To be called now and then. */
void ox_ct_acts_tick(struct ox_ct_acts *a);
/* Slots that an op names. */
uint32_t ox_ct_acts_used(const struct ox_ct_acts *a);

#endif /* OVSXDP_FLOW_CT_ACTS_H */
