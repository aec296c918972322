/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * exec_int.h - inside exec*.c: one packet on its way through the user tier.
 */
#ifndef OVSXDP_EXEC_INT_H
#define OVSXDP_EXEC_INT_H

#include "control/packet/drop.h"
#include "control/packet/exec.h"

struct ox_exec {
	struct ox_datapath *dp;
	const struct ox_out *out;
	const void *nla; /* an EXECUTE's verbatim list */
	uint32_t nla_len;
	uint32_t cpu;  /* that received the packet */
	uint64_t hash; /* as OVS_PACKET_ATTR_HASH has it */
	uint32_t mru;  /* as the packet came; ox_host_pkt has it as it is */
	uint32_t upcall_pid;  /* the EXECUTE's; 0: as the actions say */
	struct ox_key key;    /* as the packet came, to notice edits */
	struct ox_work *work; /* what it has cost; NULL: nothing so far */
};

/* An event counts. */
static inline void ox_exec_reason(struct ox_datapath *dp, enum ox_reason why)
{
	dp->mem->config->host.reason[why]++;
}

/* A drop counts, and is told. */
static inline void ox_exec_drop(struct ox_datapath *dp, enum ox_reason why,
				const struct ox_host_pkt *pkt)
{
	ox_exec_reason(dp, why);
	ox_drop_tell_pkt(dp, why, OX_NONE, pkt);
}

/* ---- exec_sink.c: where ox_host_run() leaves packets ---- */

extern const struct ox_host_sink ox_exec_sink; /* arg: to be filled in */
/* Upcalls: of a packet without a flow; of the action at attr_off in the
 * verbatim list of flow (OX_NONE: the EXECUTE's), cutlen bytes shorter. */
void ox_exec_miss(const struct ox_exec *x, const struct ox_host_pkt *pkt);
void ox_exec_action(const struct ox_exec *x, uint32_t flow, uint32_t attr_off,
		    const struct ox_host_pkt *pkt, uint32_t cutlen);
/* The port id that this action's upcall would go to; 0: nobody. */
uint32_t ox_exec_action_pid(const struct ox_exec *x, uint32_t flow,
			    uint32_t attr_off, const struct ox_host_pkt *pkt);

/* ---- exec_tun.c ---- */

/* The key that pkt, which is in the sink, would leave a tunnel's port by.
 * False: it wouldn't. */
bool ox_exec_egress(const struct ox_exec *x, const struct ox_host_pkt *pkt,
		    uint32_t port_no, struct ox_tun_key *out);

/* ---- exec_ct.c ---- */

/* ox_host_sink.ct; arg is a struct ox_exec. */
int ox_exec_ct(void *arg, uint32_t what, struct ox_ct_run *run,
	       struct ox_key *key, const struct ox_ct_act *act);

/* ---- exec_help.c ---- */

/* ox_host_sink.help; arg is a struct ox_exec. */
int ox_exec_help(void *arg, struct ox_host_pkt *pkt, uint32_t l3, uint32_t l4,
		 const struct ox_ct_run *run);

/* ---- exec_frag.c ---- */

/* ox_host_sink.defrag; arg is a struct ox_exec. */
int ox_exec_defrag(void *arg, struct ox_host_pkt *pkt, uint32_t l3,
		   uint16_t zone);
/* ox_exec_forget()'s part. */
void ox_exec_frag_forget(const struct ox_datapath *dp);

/* ---- exec_nsh.c ---- */

/* The NSH header that an OVS_ACTION_ATTR_PUSH_NSH asks for, in at most size
 * bytes; its length, 0: it doesn't fit. */
uint32_t ox_nsh_header(const struct nlattr *action, uint8_t *hdr,
		       uint32_t size);

#endif /* OVSXDP_EXEC_INT_H */
