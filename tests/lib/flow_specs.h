/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * flow_specs.h - flows and masks for tests of the flow table. It has a seeded
 * generator (the same seed gives the same run everywhere), keys as the parser
 * makes them, and short ways to an output flow.
 */
#ifndef OVSXDP_TESTS_FLOW_SPECS_H
#define OVSXDP_TESTS_FLOW_SPECS_H

#include <stdint.h>

#include "control/flow/table.h"

/* xorshift64*; state must not be 0. */
static inline uint64_t ox_rand(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

/* Key of an untagged UDP packet from port 1; n goes into addresses. */
void ox_spec_key(struct ox_key *key, uint32_t n);
/* Mask that netlink would make, of family n: each n gives another one. Those
 * up to 2^20 match on in_port, eth_type and n's share of ipv4.src/dst. */
void ox_spec_mask(struct ox_key *mask, uint32_t n);
/* Gives a spec IPv4 tunnel n with opts bytes of options: matched are its id,
 * destination, how many options, and the first four bytes of them. */
void ox_spec_tunnel(struct ox_flow_spec *s, uint32_t n, uint8_t opts);
/* Actions "output to port"; the caller frees with ox_actions_free(). */
int ox_spec_output(uint32_t port, struct ox_actions *out);
/* A list with n edits in front of the output: ops, and a long list. */
int ox_spec_edits(uint32_t n, uint32_t port, struct ox_actions *out);
/* Do flow's action word and slots hold this list: ops, verbatim pieces, kind
 * and flags? 0 or a line of why on stderr and -1. */
int ox_spec_holds(const struct ox_mem *m, uint32_t flow,
		  const struct ox_actions *a);
/* Checks all that must agree between the shared memory's parts; 0 or a line
 * of why on stderr and -1. */
int ox_spec_check(const struct ox_mem *m);

#endif /* OVSXDP_TESTS_FLOW_SPECS_H */
