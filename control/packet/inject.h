/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * inject.h - frames of the user tier into tunnels: what struct ox_inject
 * (ovsxdp/abi/tunnel.h) asks of the daemon. The frame goes out by the clone
 * device, and the program there gives it its tunnel key.
 */
#ifndef OVSXDP_INJECT_H
#define OVSXDP_INJECT_H

#include <stdint.h>

#include "control/packet/output.h"

/* Writes what tx needs into a place, 0..OX_INJECTS-1, that nothing waits in.
 * Returns the token, which the frame has as its mark. */
uint32_t ox_inject_begin(struct ox_mem *m, uint32_t place, uint32_t port_no,
			 const struct ox_output_pkt *tx);
/* The frame was sent, or couldn't be. OX_R_NONE, or why it didn't get into its
 * tunnel. */
enum ox_reason ox_inject_end(struct ox_mem *m, uint32_t place);
/* What a daemon before left behind: no frame waits. */
void ox_inject_clear(struct ox_mem *m);

#endif /* OVSXDP_INJECT_H */
