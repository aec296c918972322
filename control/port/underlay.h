/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * underlay.h - where packets of tunnels without a device (OX_PORT_NATIVE) come
 * in and go out: the listener on devices with addresses, the sockets that
 * reserve the UDP ports, and the peers that IPsec covers. All of it follows
 * addresses, routes and policies of this network namespace.
 */
#ifndef OVSXDP_UNDERLAY_H
#define OVSXDP_UNDERLAY_H

#include "control/packet/handle.h"

struct ox_loop;
struct ox_ports;
struct ox_underlay;

/* Follows from now on. What a daemon before has left is found at the first
 * turn of the loop. */
int ox_underlay_open(struct ox_ports *ps, struct ox_loop *loop,
		     struct ox_underlay **out);
/* The listeners stay: packets go on without a daemon. NULL ok. */
void ox_underlay_close(struct ox_underlay *u);

/* A port of dp without a device has come or gone. */
void ox_underlay_changed(struct ox_datapath *dp);

/* ---- underlay_addr.c ---- */

struct ox_underlay_addr {
	uint32_t ifindex;
	uint8_t family; /* AF_INET, AF_INET6 */
	bool local;	/* it is for packets from elsewhere, too */
	__be32 addr[4]; /* IPv4 in the first word */
};

/* All addresses of this namespace: *out is the caller's to free. */
int ox_underlay_addrs(struct ox_underlay_addr **out, uint32_t *n);

/* ---- underlay_ipsec.c ---- */

/* Prefixes of peers that policies of the kernel's cover: *out is the caller's
 * to free. 0 of them where the kernel has no IPsec. */
int ox_underlay_ipsec(struct ox_ipsec_key **out, uint32_t *n);

#endif /* OVSXDP_UNDERLAY_H */
