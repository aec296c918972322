/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exec.h - the user tier's datapath: what becomes of a packet that a tier of
 * the kernel handed over, and of one that a client wants executed. Decides
 * and counts; frames and messages leave by struct ox_out.
 */
#ifndef OVSXDP_EXEC_H
#define OVSXDP_EXEC_H

#include <stdint.h>

#include "bpf/host.h"
#include "control/packet/exec_request.h"
#include "control/packet/upcall.h"

/* A packet from port_no's AF_XDP socket. XDP has counted its arrival, and
 * the hit or miss. Returns what it has cost here, as OX_MAX_WORK. */
uint32_t ox_exec_rx(struct ox_datapath *dp, const struct ox_out *out,
		    uint32_t port_no, const struct ox_rx *rx);

/* A packet of the skb tier, which has counted it likewise. The record is
 * only read. Returns as above. */
uint32_t ox_exec_ring(struct ox_datapath *dp, const struct ox_out *out,
		      const struct ox_ring_rec *rec);

/* Once a second: fragments that have waited too long are given up. */
void ox_exec_tick(void);

/* The datapath goes: what its packets have cost is of no use any more, and its
 * fragments are lost. */
void ox_exec_forget(const struct ox_datapath *dp);

/* An OVS_PACKET_CMD_EXECUTE. -ENODEV: no port to take it as input; -EINVAL:
 * an action doesn't fit the packet. */
int ox_exec_request(struct ox_datapath *dp, const struct ox_out *out,
		    const struct ox_execute *rq);

#endif /* OVSXDP_EXEC_H */
