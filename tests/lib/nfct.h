/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * nfct.h - the kernel's own connection tracking as an oracle: a network
 * namespace that forwards packets through nf_conntrack in one zone. A packet
 * goes in at one device and comes out of another one, where its DSCP tells its
 * ct_state; ctnetlink tells its entry.
 */
#ifndef OVSXDP_TESTS_NFCT_H
#define OVSXDP_TESTS_NFCT_H

#include <stdint.h>

#include "ovsxdp/abi/ct.h"

#define OX_NFCT_ZONE 5

struct ox_nfct;

#define OX_NFCT_FRAME 2048

/* What a packet was for nf_conntrack. */
enum ox_nfct_state {
	OX_NFCT_LOST, /* it didn't come out */
	OX_NFCT_NEW,
	OX_NFCT_ESTABLISHED,
	OX_NFCT_RELATED,
	OX_NFCT_INVALID,
	OX_NFCT_UNTRACKED,
};
#define OX_NFCT_REPLY 0x8 /* in addition: of the reply direction */

/* Ends as ctnetlink tells them; ICMP has its id in sport. Network order, IPv4
 * in the first 4 bytes. */
struct ox_nfct_ends {
	uint8_t src[16];
	uint8_t dst[16];
	uint16_t sport;
	uint16_t dport;
};

struct ox_nfct_entry {
	uint32_t id;
	uint32_t status;  /* IPS_* */
	uint32_t timeout; /* whole seconds that are left */
	uint8_t proto_state;
	uint8_t tcp_scale[2];
	uint8_t tcp_flags[2];
	uint32_t sctp_vtag[2]; /* network order */
	uint8_t from_b;	       /* b of the tuple that was asked for began it */
	struct ox_nfct_ends orig, reply;
};

/*
 * Puts this process into such a namespace. NULL, with the reason in *why, where
 * there can be none: no privilege, no nft, no nf_conntrack.
 */
struct ox_nfct *ox_nfct_open(const char **why);
void ox_nfct_close(struct ox_nfct *n);

/* Sets a sysctl net.netfilter.nf_conntrack_NAME. 0 or -errno. */
int ox_nfct_set(const char *name, uint32_t value);

/* Other rules of NAT than before, as nft has them in a chain of prerouting and
 * one of postrouting, a line each; either may be "". 0 or -errno. */
int ox_nfct_nat(const char *pre, const char *post);

/* Sends a packet that begins with its IP header (id or flow label is
 * overwritten, IPv4's checksum is filled in) through; enum ox_nfct_state.
 * It waits for wait_ms, or long if that is 0. */
int ox_nfct_send(struct ox_nfct *n, uint8_t *ip, uint32_t len);
int ox_nfct_send_wait(struct ox_nfct *n, uint8_t *ip, uint32_t len,
		      int wait_ms);

/* What came out for the last one, from its IP header on. */
const uint8_t *ox_nfct_out(const struct ox_nfct *n, uint32_t *len);

/* All entries end. 0 or -errno. */
int ox_nfct_flush(struct ox_nfct *n);

/* The entry of a tuple; 0, -ENOENT or another errno. */
int ox_nfct_get(struct ox_nfct *n, const struct ox_ct_tuple *t,
		struct ox_nfct_entry *e);
int ox_nfct_del(struct ox_nfct *n, const struct ox_ct_tuple *t);

#endif /* OVSXDP_TESTS_NFCT_H */
