/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wires.h - a datapath of a test's own with real ports: each is the near end
 * of a veth pair, and a packet socket on the far end sends and receives. Port
 * 1 has the programs, the others are there to send to. Flows go in through
 * the flow table; a device for branches is there. For cmocka, as dp.h.
 */
#ifndef OVSXDP_TESTS_WIRES_H
#define OVSXDP_TESTS_WIRES_H

#include <stdbool.h>
#include <stdint.h>

#include "control/flow/table.h"
#include "ovsxdp/dp.h"
#include "tests/lib/nlmake.h"

#define OX_WIRES    4 /* ports 1 to 3, and a spare device at place 4 */
#define OX_WIRE_MAX 2048

struct ox_wires {
	char name[16];
	struct ox_dp *dp;
	struct ox_mem *m;
	struct ox_table *t;
	struct ox_ring *ring;
	struct {
		uint32_t ifindex; /* near end */
		int fd;		  /* far end */
	} wire[OX_WIRES + 1];
	int jmp; /* map of ox_wires_no_meta(), or 0 */
};

/* What came out of the ring: the last record with its frame. */
struct ox_wire_rec {
	uint32_t n;
	uint8_t frame[OX_WIRE_MAX];
	struct ox_tun tun;	/* as rec.tun_len says */
	struct ox_ring_rec rec; /* last: it ends with an open array */
};

/*
 * Devices w1 to w4 (near) and f1 to f4, and port 1 with the programs of mode:
 * OX_MODE_TC, OX_MODE_XDP or OX_MODE_XDP_GENERIC with the skb tier behind.
 */
void ox_wires_up(struct ox_wires *w, const char *name,
		 enum ox_attach_mode mode);
void ox_wires_down(struct ox_wires *w); /* also of one that never was up */

/* A flow for packets from port 1 with this recirculation id and Ethertype,
 * and the actions of m (a nest begun by ox_make_start()). */
uint32_t ox_wires_flow(struct ox_wires *w, uint32_t recirc_id,
		       uint16_t eth_type, const struct ox_make *m);

void ox_wires_send(const struct ox_wires *w, const void *frame, uint32_t len);
/* The next frame at a port's far end has these bytes. */
void ox_wires_expect(const struct ox_wires *w, uint32_t port, const void *frame,
		     uint32_t len);
/* None has come there. */
void ox_wires_quiet(const struct ox_wires *w, uint32_t port);
/* Reads n records from the ring; fails if fewer come. */
void ox_wires_ring(const struct ox_wires *w, uint32_t n,
		   struct ox_wire_rec *out);

/* Counters of all tiers; the first waits, a while, for n events of a kind. */
uint64_t ox_wires_reason(const struct ox_wires *w, enum ox_reason why,
			 uint64_t n);
struct ox_dp_stats ox_wires_stats(const struct ox_wires *w);
/* Packets and bytes that a port has received and sent. */
void ox_wires_rx(const struct ox_wires *w, uint32_t port, uint64_t packets,
		 uint64_t bytes);
void ox_wires_tx(const struct ox_wires *w, uint32_t port, uint64_t packets,
		 uint64_t bytes);
void ox_wires_flow_is(const struct ox_wires *w, uint32_t flow, uint64_t packets,
		      uint64_t bytes);

/*
 * XDP programs that stand on port 1 in place of the datapath's. The first
 * takes all the room for metadata and then runs the datapath's, as with a
 * driver that has none. The second puts md in front of each frame and passes
 * it up, as if the datapath's had.
 */
void ox_wires_no_meta(struct ox_wires *w);
void ox_wires_forge(struct ox_wires *w, const struct ox_upcall_md *md);

#endif /* OVSXDP_TESTS_WIRES_H */
