/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * gso.h - a packet of generic segmentation offload in memory, cut into the
 * segments that a device would send: skb_gso_segment(). No I/O.
 */
#ifndef OVSXDP_GSO_H
#define OVSXDP_GSO_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/types.h>

#include "bpf/host.h"

/* The longest packet taken, and so the longest segment: 64 KB of IP after link
 * headers, also such as actions put in front. */
#define OX_GSO_SEG_MAX 0x12000

/* A packet on its way into segments. Its bytes stay the caller's and must
 * not change meanwhile. */
struct ox_gso {
	const uint8_t *frame;
	uint32_t len;
	uint32_t size; /* payload bytes a segment */
	uint32_t l3;   /* offsets of IP, TCP or UDP, payload */
	uint32_t l4;
	uint32_t payload;
	uint32_t done; /* payload bytes that have been handed out */
	uint32_t n;    /* segments likewise */
	uint32_t dst;  /* offset of the address that checksums cover */
	uint8_t proto; /* IPPROTO_TCP or _UDP */
	bool v6;
	bool end;
};

/*
 * Looks for TCP or UDP over IPv4 or IPv6 in frame, after tags, MPLS labels and
 * NSH. l3_type is 0 if it begins with an Ethernet header, else what it begins
 * with. -EPROTO: no such packet, or a cut one.
 */
int ox_gso_init(struct ox_gso *g, const uint8_t *frame, uint32_t len,
		uint32_t gso_size, __be16 l3_type);

/* Where IP begins after the link headers. -EPROTO: nowhere. */
int ox_ip_find(const uint8_t *frame, uint32_t len, __be16 l3_type, uint32_t *l3,
	       bool *v6);

/* The l3_type of a packet of the host build of the core. */
static inline __be16 ox_l3_type(const struct ox_host_pkt *pkt)
{
	if (pkt->key.mac_proto)
		return 0;
	return pkt->protocol ? pkt->protocol : pkt->key.eth_type;
}

/* The next segment, whole with lengths and checksums, into seg
 * (OX_GSO_SEG_MAX bytes). Returns its length; 0: that was all. */
uint32_t ox_gso_next(struct ox_gso *g, uint8_t *seg);

/* A checksum: 16-bit words in network order are added to s, an odd byte as the
 * first of one; and what goes into a header. */
uint64_t ox_sum(const uint8_t *p, uint32_t len, uint64_t s);
uint16_t ox_sum_fold(uint64_t s);

#endif /* OVSXDP_GSO_H */
