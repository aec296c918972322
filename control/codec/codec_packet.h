/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * codec_packet.h - messages of the family ovs_packet: their policy, and an
 * upcall to a message in pieces. No I/O.
 */
#ifndef OVSXDP_CODEC_PACKET_H
#define OVSXDP_CODEC_PACKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>
#include <libmnl/libmnl.h>

#include "control/base/attr.h"
#include "control/base/nlbuf.h"
#include "ovsxdp/abi.h"
#include "ovsxdp/uapi.h"

#ifndef OVS_PACKET_HASH_SW_BIT
#define OVS_PACKET_HASH_SW_BIT (1ULL << 32)
#define OVS_PACKET_HASH_L4_BIT (1ULL << 33)
#endif

extern const struct ox_nla_policy ox_packet_policy[OX_PACKET_ATTR_MAX + 1];

/* An upcall to encode. Nothing is owned. */
struct ox_upcall_msg {
	uint8_t cmd;	/* OVS_PACKET_CMD_MISS or _ACTION */
	bool unaligned; /* OVS_DP_F_UNALIGNED: no padding at the end */
	uint16_t mru;	/* 0: not known */
	uint32_t dp_ifindex;
	const struct ox_key *key;
	const struct ox_tun *tun; /* of the key; NULL: it has no tunnel */
	const struct ox_key
		*egress; /* tunnel that the packet would leave by, */
	const struct ox_tun *egress_tun; /* or NULL */
	const struct nlattr *userdata;	 /* NULL: none */
	const void *actions; /* verbatim attribute stream; NULL: none */
	uint32_t actions_len;
	uint64_t hash;
	const uint8_t *frame;
	uint32_t len;
	uint32_t cutlen; /* of the frame at most this much is sent */
};

#define OX_UPCALL_IOV 3

/*
 * Builds m's head in b and sets iov to the whole message: head, frame (not
 * copied), padding. Returns the number of pieces, -EFBIG for a frame that
 * doesn't fit an attribute, -EMSGSIZE where b is too small.
 */
int ox_upcall_encode(const struct ox_upcall_msg *m, struct ox_nlbuf *b,
		     struct iovec iov[OX_UPCALL_IOV]);

#endif /* OVSXDP_CODEC_PACKET_H */
