/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trace.h - what a datapath would do with a packet: the host build of the core
 * follows it, over the datapath's own tables. Nothing is sent and nothing is
 * counted; meters and connections change in copies.
 */
#ifndef OVSXDP_TRACE_H
#define OVSXDP_TRACE_H

#include "bpf/trace.h"
#include "control/packet/exec_request.h"
#include "control/packet/handle.h"
#include "ovsxdp/nl.h"

#define OX_TRACE_MAX 2048 /* steps that are kept */

struct ox_trace_rec {
	uint8_t step; /* enum ox_trace_step */
	uint8_t tier; /* enum ox_tier_no */
	uint16_t depth;
	uint32_t flow;	   /* OX_STEP_PASS: or OX_NONE */
	uint32_t reason;   /* enum ox_reason, or OX_R_NONE */
	struct ox_key key; /* OX_STEP_PACKET, OX_STEP_PASS */
	char *text;	   /* owned: the op, or why; or NULL */
	char *result;	   /* owned: what came of it; or NULL */
};

struct ox_trace {
	struct ox_trace_rec *v; /* owned */
	uint32_t n;
	uint32_t left_out; /* steps beyond OX_TRACE_MAX */
	struct ox_tun tun; /* the rest of all keys that have a tunnel */
};

/*
 * Follows rq's packet, with its key. Its port is there. *out is the caller's:
 * ox_trace_free(). The first step is the packet, the last one says what becomes
 * of it. 0, -ENOMEM, or -EMSGSIZE for a packet that is too long.
 */
int ox_trace_run(struct ox_datapath *dp, const struct ox_execute *rq,
		 struct ox_trace **out);
void ox_trace_free(struct ox_trace *t); /* NULL ok */

/* "xdp", "skb", "user" */
const char *ox_tier_name(uint32_t tier);
/* Of OX_REASONS; OX_R_NONE: "". */
const char *ox_reason_name(uint32_t reason);
const char *ox_reason_text(uint32_t reason);

#endif /* OVSXDP_TRACE_H */
