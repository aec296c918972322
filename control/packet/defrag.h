/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * defrag.h - IP fragments in front of a ct() become the packet that they were:
 * ip_defrag() and nf_ct_frag6_gather() of Linux 6.1, as handle_fragments() of
 * net/openvswitch/conntrack.c calls them. No I/O; the caller has the clock.
 */
#ifndef OVSXDP_DEFRAG_H
#define OVSXDP_DEFRAG_H

#include <stdint.h>
#include <linux/types.h>

#include "bpf/host.h"

struct ox_defrag;

/* Place 0 is IPv4's, 1 is IPv6's. */
struct ox_defrag_conf {
	uint32_t timeout_ms[2]; /* from a packet's first fragment on */
	uint32_t limit[2];	/* bytes of memory; 0: none is put together */
	uint32_t max_dist; /* IPv4: a packet is given up when its source has
			    * sent that many others' fragments; 0: never */
};

/* A fragment beside its bytes. */
struct ox_defrag_in {
	uint32_t l3; /* offset of its IP header */
	uint16_t zone;
	uint8_t v6;
	uint32_t port_no; /* where it came in: its memory counts there */
	/* where its loss counts, [OX_R_COUNT]: its datapath's */
	__u64 *reasons;
	/* tells of it, too; NULL: nobody wants to know */
	void (*drop)(void *arg, enum ox_reason why,
		     const struct ox_host_pkt *pkt);
	void *arg;
	int64_t now_ms;
};

/* NULL: no memory. */
struct ox_defrag *ox_defrag_new(const struct ox_defrag_conf *conf);
void ox_defrag_free(struct ox_defrag *d); /* counts nothing; NULL ok */

/*
 * Takes the fragment in pkt, whose key isn't used. 0: pkt is whole now, and
 * pkt->mru the size of its largest fragment; or it is an IPv6 fragment that the
 * kernel lets go on as it is, with pkt->mru as it was. -EINPROGRESS: nothing is
 * left of pkt, the rest has yet to come; or, of IPv6, it is lost. Other errors:
 * it is lost, with those that it belongs to if they can't be used any more.
 * What is lost is counted.
 */
int ox_defrag(struct ox_defrag *d, const struct ox_defrag_in *in,
	      struct ox_host_pkt *pkt);

/* Gives up what has waited too long. */
void ox_defrag_expire(struct ox_defrag *d, int64_t now_ms);
/* Gives up what counts there, as ct_fragment: the datapath goes. */
void ox_defrag_forget(struct ox_defrag *d, const __u64 *reasons);
/* Packets that wait for fragments, and the memory that they take. */
uint32_t ox_defrag_waiting(const struct ox_defrag *d);
uint32_t ox_defrag_memory(const struct ox_defrag *d, int v6);

#endif /* OVSXDP_DEFRAG_H */
