/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * frag.h - a packet in memory in IP fragments: ovs_fragment(), for packets
 * that came in such and were put together for conntrack. No I/O.
 */
#ifndef OVSXDP_FRAG_H
#define OVSXDP_FRAG_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

/* A packet on its way into fragments. Its bytes stay the caller's and must
 * not change meanwhile. */
struct ox_frag {
	const uint8_t *frame;
	uint32_t len;
	uint32_t l3;
	uint32_t next;	  /* IPv6: offset of the last next-header field */
	uint32_t payload; /* offset of what is divided */
	uint32_t size;	  /* of it in a fragment at most */
	uint32_t done;
	uint32_t id; /* IPv6: of the fragments */
	bool v6;
};

/*
 * A fragment may have mtu bytes from the IP header on. l3_type is as in
 * ox_gso_init(), id a random number. -EPROTO: neither IPv4 nor IPv6, a cut
 * header, an MTU with room for nothing.
 */
int ox_frag_init(struct ox_frag *f, const uint8_t *frame, uint32_t len,
		 __be16 l3_type, uint32_t mtu, uint32_t id);

/* The next fragment into buf, which has room for the packet and 8 bytes.
 * Returns its length; 0: that was all. */
uint32_t ox_frag_next(struct ox_frag *f, uint8_t *buf);

#endif /* OVSXDP_FRAG_H */
