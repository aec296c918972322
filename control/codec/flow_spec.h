/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow_spec.h - a flow as a request gives it: what the codec decodes and the
 * table takes.
 */
#ifndef OVSXDP_FLOW_SPEC_H
#define OVSXDP_FLOW_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "control/codec/actions.h"

/* Nothing is owned. Keys are in network byte order, as struct ox_key is. */
struct ox_flow_spec {
	struct ox_key key;	/* as given; the table masks it */
	struct ox_key mask;	/* full form */
	struct ox_tun tun;	/* the rest of both; 0 where the key has no */
	struct ox_tun tun_mask; /* tunnel, but for a mask that says more */
	uint8_t ufid[16];
	uint8_t ufid_len; /* 0: identified by the unmasked key; 1..16 */
	bool probe;
	const struct ox_actions *actions;
};

#endif /* OVSXDP_FLOW_SPEC_H */
