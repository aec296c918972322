/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * drop.h - tells the members of OX_MCGRP_DROP which packets are dropped. The
 * programs of a datapath tell of theirs by its ring, while OX_KNOB_DROPS is
 * set: as long as there are members. Counting is up to who drops.
 */
#ifndef OVSXDP_DROP_H
#define OVSXDP_DROP_H

#include "bpf/host.h"
#include "control/packet/handle.h"

/* A packet of the user tier. */
struct ox_drop {
	enum ox_reason why;
	uint32_t in_port;
	uint32_t flow;		  /* that it matched last, or OX_NONE */
	const struct ox_key *key; /* NULL: what the frame says */
	const uint8_t *frame;
	uint32_t len;
	__be16 eth_type; /* of one without an Ethernet header, else 0 */
};

/* Does anybody want to know? One load. */
static inline bool ox_drop_wanted(const struct ox_datapath *dp)
{
	return dp->mem->config->knobs & OX_KNOB_DROPS;
}

/* Tells of at most OX_DROPS_SECOND; if nobody wants to know, of none. */
void ox_drop_tell(struct ox_datapath *dp, const struct ox_drop *d);
/* The same of a packet in the host build of the core. */
void ox_drop_tell_pkt(struct ox_datapath *dp, enum ox_reason why, uint32_t flow,
		      const struct ox_host_pkt *pkt);
/* A record with OX_MD_DROP, whose program has kept to the limit. */
void ox_drop_ring(struct ox_datapath *dp, const struct ox_ring_rec *rec);
/* Once a second: sets OX_KNOB_DROPS or clears it. A member that has died is
 * noticed when it is told something, so this does. */
void ox_drop_tick(struct ox_datapath *dp);

#endif /* OVSXDP_DROP_H */
