/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wire.h - packet sockets on the far ends of a datapath's ports, and upcalls.
 */
#ifndef OVSXDP_TESTS_VM_WIRE_H
#define OVSXDP_TESTS_VM_WIRE_H

/* A socket on the device PREFIXi; ends the program if there is none. */
int wire_open(const char *prefix, int i);

#endif /* OVSXDP_TESTS_VM_WIRE_H */
