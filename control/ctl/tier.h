/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tier.h - which tier ends up with a flow's packets: what its actions need
 * (ox_actions_tier()), where its ingress port lets packets in, and how its
 * output ports can be reached. No I/O.
 */
#ifndef OVSXDP_TIER_H
#define OVSXDP_TIER_H

#include <stddef.h>
#include <stdint.h>

#include "ovsxdp/abi.h"

/* What is to be known of a port. */
struct ox_tier_port {
	uint32_t no;
	uint32_t mode;	/* enum ox_attach_mode, in force */
	uint32_t flags; /* OX_PORT_* */
};

struct ox_tier {
	const char *name; /* "xdp", "skb" or "user" */
	char why[160];	  /* why no higher one; "" for "xdp" */
};

/*
 * acts: the verbatim action list. in: number of the ingress port, or OX_NONE
 * where the flow doesn't say: then the list and its outputs alone count.
 * -EINVAL: that is no list that this datapath accepts.
 */
int ox_tier_of(const void *acts, uint32_t len, uint32_t in,
	       const struct ox_tier_port *ports, uint32_t n_ports,
	       struct ox_tier *t);

#endif /* OVSXDP_TIER_H */
