/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * accepted.h - the differences from the module that are meant, as data: the
 * comparison leaves them out and counts them, docs/fidelity.md lists them.
 */
#ifndef OVSXDP_TESTS_VM_ACCEPTED_H
#define OVSXDP_TESTS_VM_ACCEPTED_H

#include <stdio.h>

#include "case.h"
#include "request.h"
#include "side.h"

/* What only one side has (both lists are sorted) and nobody accepts. */
void items_only(const struct items *a, const struct items *b,
		struct items *only_a, struct items *only_b);
/* All that differs of a case by itself: what only one side has. */
bool accepted_case(const struct gen_case *c, const struct items *module,
		   const struct items *ours);
/* A flow that the module answered err[0] and ovsxdp err[1]. */
bool accepted_answer(const struct nlb *put, const int err[2]);
/* Any other request, answered so. */
bool accepted_request(const struct request *q, int module, int ours);
/* Bytes sent by a port that sent so many tagged frames. */
bool accepted_tx_bytes(uint64_t module, uint64_t ours, uint64_t tagged);
/* Masks for the same flows. */
bool accepted_masks(uint32_t module, uint32_t ours);
/* How often each was met. */
void accepted_summary(FILE *f);

#endif /* OVSXDP_TESTS_VM_ACCEPTED_H */
