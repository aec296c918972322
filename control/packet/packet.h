/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * packet.h - what comes from and goes to the data plane: sockets of ports, and
 * the ring of a datapath. Ports and requests (fam_packet.c) share the way out
 * for frames and upcalls.
 */
#ifndef OVSXDP_PACKET_H
#define OVSXDP_PACKET_H

#include "control/packet/handle.h"
#include "control/packet/upcall.h"

struct ox_loop;

/* What the packets of all datapaths share. The first two aren't owned. */
struct ox_packets {
	struct ox_loop *loop;
	struct ox_genl *genl;	  /* upcalls leave by it */
	struct ox_output *output; /* NULL until first used */
	/* queues and rings, which take turns; NULL until first used */
	struct ox_loop *sources;
	struct ox_watch *watch; /* of sources */
	uint32_t cost;		/* of the turn so far */
};

/* At exit, after the last port: closes the packet socket, and the loop of
 * queues and rings. */
void ox_packet_close(struct ox_packets *ps);

/* Fills out; opens the packet socket if this is the first use. */
int ox_packet_out(struct ox_packets *ps, struct ox_out *out, struct ox_err *e);
/* Sends what is queued; call before going back to the loop. */
void ox_packet_flush(struct ox_packets *ps);

/* Opens the ring of the skb tier and handles what it brings; before the first
 * port. */
int ox_packet_dp_open(struct ox_datapath *dp, struct ox_err *e);
void ox_packet_dp_close(struct ox_datapath *dp); /* what is queued stays */

/* A packet that came in by a port, but by no device: what is to be done with
 * it is in rec, whose key has the metadata alone. It is counted here. Call
 * ox_packet_flush() after the last one. */
void ox_packet_arrived(struct ox_datapath *dp, struct ox_ring_rec *rec);

/* Opens the AF_XDP sockets of a port whose device carries the program, and
 * handles what they bring: upcalls, user-tier flows. Fills xsk_base and
 * n_xsk of the ox_port. Where a queue has a socket still, n_xsk stays 0, so
 * that the skb tier takes the misses, and a timer tries again. */
int ox_packet_port_open(struct ox_datapath *dp, uint32_t port_no,
			struct ox_err *e);
void ox_packet_port_close(struct ox_datapath *dp, uint32_t port_no);
/* Packets of a port that the kernel's tiers had for user space and lost. */
uint64_t ox_packet_port_lost(const struct ox_datapath *dp, uint32_t port_no);
/* Once a second: adds what sockets lost to n_lost. */
void ox_packet_tick(struct ox_datapath *dp);

#endif /* OVSXDP_PACKET_H */
