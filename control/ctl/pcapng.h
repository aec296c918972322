/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pcapng.h - a capture file of packets with a comment each, as Wireshark and
 * tcpdump read it (draft-ietf-opsawg-pcapng).
 */
#ifndef OVSXDP_CTL_PCAPNG_H
#define OVSXDP_CTL_PCAPNG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct ox_pcapng_if;
struct ox_pcapng {
	FILE *f; /* the caller's */
	uint32_t snaplen;
	uint32_t n;
	struct ox_pcapng_if *v; /* owned: interfaces that the file has */
};

struct ox_pcapng_pkt {
	uint64_t time_ns;  /* of CLOCK_REALTIME */
	const char *iface; /* name of the interface; a new one gets a block */
	bool l3;	   /* it begins with the network header */
	const void *data;
	uint32_t kept; /* bytes of it */
	uint32_t len;  /* bytes that the packet had */
	const char *comment;
};

/* Begins a file of packets that are cut to snaplen bytes. All return 0 or
 * -errno, and what they wrote is on its way to the file then. */
int ox_pcapng_begin(struct ox_pcapng *w, FILE *f, uint32_t snaplen);
int ox_pcapng_put(struct ox_pcapng *w, const struct ox_pcapng_pkt *p);
/* Frees what w owns; the file stays open. */
void ox_pcapng_end(struct ox_pcapng *w);

#endif /* OVSXDP_CTL_PCAPNG_H */
