/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * portid.h - whose socket has a port id of NETLINK_GENERIC, in the network
 * namespace of the caller.
 */
#ifndef OVSXDP_PORTID_H
#define OVSXDP_PORTID_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Inode of the socket with this port id, 0 if there's none (or /proc doesn't
 * tell). */
uint64_t ox_portid_inode(uint32_t portid);
/* The same of a protocol (NETLINK_*), but 0 as well if that takes more than a
 * bounded look: any user can make the list of sockets long. */
uint64_t ox_portid_inode_near(int protocol, uint32_t portid);
/* Is there a socket with one of these port ids, which are put in order; 0s are
 * none. 1, 0, or -errno where /proc doesn't say. */
int ox_portid_any(uint32_t *ids, size_t n);
/* A process that holds it open; 0: not found. */
pid_t ox_portid_owner(uint32_t portid);

#endif /* OVSXDP_PORTID_H */
