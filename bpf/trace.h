/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trace.h - a packet is followed through the host build of the core: who
 * follows it is told of each pass, each op, and each step from tier to tier.
 * Nothing is counted but in the trace itself.
 */
#ifndef OVSXDP_BPF_TRACE_H
#define OVSXDP_BPF_TRACE_H

#include "bpf/host.h"

/* In the order in which a packet is handed down. */
enum ox_tier_no {
	OX_TIER_XDP,
	OX_TIER_SKB,
	OX_TIER_USER,
};

enum ox_trace_what {
	OX_TRACE_PASS, /* flow: what the table has for the key; or OX_NONE */
	OX_TRACE_OP,   /* op is about to run. OUTPUT: reason is why it doesn't
			* leave, as far as the tiers of the kernel decide it */
	OX_TRACE_DOWN, /* to that tier: why */
	OX_TRACE_DROP, /* of the packet, or of a branch's copy: reason */
};

struct ox_trace_ev {
	enum ox_trace_what what;
	uint32_t tier;	/* enum ox_tier_no */
	uint32_t depth; /* of branches */
	uint32_t flow;
	uint32_t n_masks; /* that the lookup looked at */
	uint32_t pc;
	uint32_t len;	 /* bytes of the packet */
	uint32_t longer; /* CHECK_LEN: it is */
	uint32_t reason; /* enum ox_reason, or OX_R_NONE */
	const struct ox_op *op;
	const struct ox_key *key; /* as it is */
	const char *why;
};

/* In struct ox_host_sink. The owner sets tell, arg and the tier that the packet
 * comes in by; the rest is zero. */
struct ox_host_trace {
	void (*tell)(void *arg, const struct ox_trace_ev *ev);
	void *arg;
	uint32_t tier; /* enum ox_tier_no: where it is */
	/* what would have been counted */
	struct ox_host_rx_out out;
	/* inside of the core */
	uint32_t acts, pc, depth; /* of the op that was told last */
	uint32_t again;		  /* they are set */
	uint32_t group;		  /* outputs to come that XDP does as one */
	uint32_t over;		  /* nobody takes it on: nothing more is told */
};

/*
 * From the port to the end, with sink->trace: pkt->key is its key, tiers as
 * the port has them. sink->output is called for what leaves, miss and userspace
 * for what user space gets; samples are taken.
 */
void ox_host_trace(struct ox_mem *m, struct ox_host_pkt *pkt,
		   const struct ox_host_sink *sink);

/* In a call of the sink: the packet goes down to this tier, step by step. */
void ox_host_trace_down(struct ox_host_trace *t, uint32_t tier,
			const char *why);

/* Would the band of this meter drop the packet? It takes its tokens. */
int ox_host_meter(struct ox_meter *m, uint64_t now_ms, uint32_t len);

#endif /* OVSXDP_BPF_TRACE_H */
