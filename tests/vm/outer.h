/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * outer.h - what came out below the tunnels, in a form in which two
 * implementations can be compared.
 */
#ifndef OVSXDP_TESTS_VM_OUTER_H
#define OVSXDP_TESTS_VM_OUTER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Blanks what each side chooses by itself: identifications, flow labels,
 * source ports, sequence numbers, times. A checksum becomes 1 if it is right, 2
 * if not. False: no tunnel's packet, but one of the host's own.
 */
bool outer_norm(uint8_t *frame, uint32_t len);

#endif /* OVSXDP_TESTS_VM_OUTER_H */
