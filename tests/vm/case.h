/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * case.h - a case of the differential packet test: a few packets, and the
 * flows that its misses lead to. Everything follows from seed and number.
 */
#ifndef OVSXDP_TESTS_VM_CASE_H
#define OVSXDP_TESTS_VM_CASE_H

#include <stdio.h>

#include "side.h"

#define CASE_PACKETS 3
#define CASE_FLOWS   10
#define CASE_ROUNDS  4

struct case_flow {
	struct nlb *put;     /* attributes of OVS_FLOW_CMD_NEW */
	uint8_t key_hash[8]; /* of the miss that made it */
	int err[2];	     /* the answers */
};

struct gen_case {
	uint64_t no;
	uint32_t tag;
	struct gen_packet packet[CASE_PACKETS];
	struct case_flow flow[CASE_FLOWS];
	uint32_t n_flows;
};

/* How packets get into the datapaths. */
enum case_way {
	CASE_WIRE,    /* through the ports */
	CASE_EXECUTE, /* OVS_PACKET_CMD_EXECUTE: recirculated into the table */
};

void case_start(struct gen_case *c, uint64_t seed, uint64_t no);
void case_end(struct gen_case *c);
/* The recirculation id that a case starts at; it has GEN_RECIRC of them. */
uint32_t case_recirc(const struct gen_case *c);
/* Which case a miss belongs to: the one whose tag or ids it has. */
uint32_t case_tag_of(const struct item *miss);
/* Has its packet come out of a tunnel? */
bool case_tunnel_of(const struct item *upcall);
/*
 * Answers a miss with a flow, as ovs-vswitchd would, which no packet of another
 * flow of the case fits: which of two wins is undefined. False: none.
 */
bool case_flow_add(struct gen_case *c, uint64_t seed, const struct item *miss);
/* EXECUTE that sends packet i into the table. */
void case_execute(const struct gen_case *c, uint64_t seed, int i,
		  struct nlb *out);
void case_show(FILE *f, const struct gen_case *c);

#endif /* OVSXDP_TESTS_VM_CASE_H */
