/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * trace_int.h - inside trace*.c: a trace that is being made.
 */
#ifndef OVSXDP_TRACE_INT_H
#define OVSXDP_TRACE_INT_H

#include <stdio.h>

#include "control/packet/exec_int.h"
#include "control/packet/trace.h"

/* ---- trace_text.c ---- */

/* The op, in the words of actions where it has some. */
void ox_trace_op_print(FILE *f, const struct ox_datapath *dp,
		       const struct ox_op *op);
/* "2 (eth2)" */
void ox_trace_port_print(FILE *f, const struct ox_datapath *dp, uint32_t no);
/* "+new+trk" */
void ox_trace_ct_state_print(FILE *f, uint8_t state);
/* Addresses and id of a tunnel key. */
void ox_trace_tunnel_print(FILE *f, const struct ox_tun_key *k);

/* ---- trace_ct.c: connections, in a copy of the table ---- */

struct ox_trace_ct;

/* As ox_host_sink.ct; user: the packet is in the user tier. *ct is made when it
 * is needed, and the caller's. OX_CT_EDOWN: the user tier does it. */
int ox_trace_ct_do(struct ox_trace_ct **ct, struct ox_ct_mem *live, bool user,
		   uint32_t what, struct ox_ct_run *run, struct ox_key *key,
		   const struct ox_ct_act *act);
/* The name of the helper of the entry that a packet met, or NULL. */
const char *ox_trace_ct_helper(const struct ox_trace_ct *ct,
			       const struct ox_ct_run *run);
void ox_trace_ct_free(struct ox_trace_ct *ct); /* NULL ok */

#endif /* OVSXDP_TRACE_INT_H */
