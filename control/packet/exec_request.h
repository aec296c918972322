/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exec_request.h - an OVS_PACKET_CMD_EXECUTE to a plain struct. No I/O.
 */
#ifndef OVSXDP_EXEC_REQUEST_H
#define OVSXDP_EXEC_REQUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <libmnl/libmnl.h>

#include "control/codec/actions.h"
#include "ovsxdp/abi.h"
#include "ovsxdp/err.h"

/* A decoded OVS_PACKET_CMD_EXECUTE. frame points into the request. */
struct ox_execute {
	const uint8_t *frame;
	uint32_t len;
	struct ox_key key; /* metadata and the frame's own; in_port OX_NONE
			    * where the request names none */
	struct ox_tun tun; /* the rest of a key with a tunnel, else 0 */
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
/* ovs_flow_key_extract_userspace(): x->key and x->tun, of x->frame and x->len
 * and of the metadata in a key's nest. Both are zero before. */
int ox_execute_key(const void *base, const struct nlattr *nest,
		   struct ox_execute *x, struct ox_err *e);
void ox_execute_done(struct ox_execute *x);

#endif /* OVSXDP_EXEC_REQUEST_H */
