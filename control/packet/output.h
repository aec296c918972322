/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * output.h - output by the user tier: frames leave a port through one packet
 * socket of the daemon, in batches. What ovs_vport_send() is to the module.
 */
#ifndef OVSXDP_OUTPUT_H
#define OVSXDP_OUTPUT_H

#include <stdint.h>

#include "ovsxdp/err.h"
#include "ovsxdp/mem.h"

struct ox_output;
struct ox_datapath;

/* A packet to send; the bytes stay the caller's. */
struct ox_output_pkt {
	const uint8_t *frame;
	uint32_t len;
	uint32_t priority; /* skb->priority, for queueing disciplines */
	uint32_t mark;	   /* skb->mark */
	__be16 eth_type;   /* of a packet without Ethernet header */
	uint8_t mac_proto; /* as in ox_key: 0 is such a packet */
	const struct ox_tun_key *tunnel; /* what a tunnel's port needs; NULL:
					  * no key is set */
	/* where it came in, and who tells of its drop; NULL: nobody */
	uint32_t in_port;
	struct ox_datapath *dp;
};

/* The socket belongs to the network namespace that the caller is in. */
int ox_output_open(struct ox_output **out, struct ox_err *e);
void ox_output_close(struct ox_output *s); /* flushes; NULL ok */

/*
 * May a packet leave by this port? Returns OX_R_NONE if so, else the drop's
 * reason; the same checks as the XDP program's.
 */
enum ox_reason ox_output_check(const struct ox_mem *m, uint32_t port_no,
			       const struct ox_output_pkt *tx);

/* Queues a copy of tx and counts it: in m's uports when it has left, as a
 * reason when it hasn't. m must live until the next flush. */
void ox_output_put(struct ox_output *s, struct ox_mem *m, uint32_t port_no,
		   const struct ox_output_pkt *tx);
void ox_output_flush(struct ox_output *s);

#endif /* OVSXDP_OUTPUT_H */
