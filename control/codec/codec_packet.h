/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * codec_packet.h - messages of the family ovs_packet: an EXECUTE request to
 * a plain struct, an upcall to a message in pieces. No I/O.
 */
#ifndef OVSXDP_CODEC_PACKET_H
#define OVSXDP_CODEC_PACKET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>
#include <libmnl/libmnl.h>

#include "control/codec/actions.h"
#include "control/base/attr.h"
#include "ovsxdp/abi.h"
#include "ovsxdp/err.h"
#include "ovsxdp/uapi.h"

#ifndef OVS_PACKET_HASH_SW_BIT
#define OVS_PACKET_HASH_SW_BIT (1ULL << 32)
#define OVS_PACKET_HASH_L4_BIT (1ULL << 33)
#endif

extern const struct ox_nla_policy ox_packet_policy[OX_PACKET_ATTR_MAX + 1];

/* A decoded OVS_PACKET_CMD_EXECUTE. frame points into the request. */
struct ox_execute {
	const uint8_t *frame;
	uint32_t len;
	struct ox_key key; /* metadata and the frame's own; in_port OX_NONE
			    * where the request names none */
	struct ox_actions actions; /* owned: ox_execute_done() */
	uint64_t hash;		   /* OVS_PACKET_ATTR_HASH, 0 if absent */
	uint16_t mru;		   /* 0 if absent */
	uint32_t upcall_pid; /* where its upcalls go; 0: as the actions say */
	bool probe;	     /* a client tries what is supported: don't log */
};

/* a: attributes parsed by ox_packet_policy; base: start of the message.
 * On error nothing has to be freed. */
int ox_execute_decode(const void *base, const struct nlattr *const *a,
		      struct ox_execute *out, struct ox_err *e);
void ox_execute_done(struct ox_execute *x);

/* An upcall to encode. Nothing is owned. */
struct ox_upcall_msg {
	uint8_t cmd;	/* OVS_PACKET_CMD_MISS or _ACTION */
	bool unaligned; /* OVS_DP_F_UNALIGNED: no padding at the end */
	uint16_t mru;	/* 0: not known */
	uint32_t dp_ifindex;
	const struct ox_key *key;
	const struct nlattr *userdata; /* NULL: none */
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
