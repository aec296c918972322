/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * underlay_sock.h - the UDP sockets of tunnels without a device. They reserve
 * the ports, so that no other program gets them and the kernel doesn't tell
 * peers that nobody listens. And they get what the listener leaves to the
 * stack: what came in fragments, with options, or encrypted.
 */
#ifndef OVSXDP_UNDERLAY_SOCK_H
#define OVSXDP_UNDERLAY_SOCK_H

#include "control/packet/handle.h"

struct ox_loop;
struct ox_underlay_socks;

int ox_underlay_socks_open(struct ox_loop *loop,
			   struct ox_underlay_socks **out);
void ox_underlay_socks_close(struct ox_underlay_socks *s); /* NULL ok */
/* Opens and closes, so that there are sockets for dp's ports without a device.
 * What can't be opened is logged, once, and tried again by the next call. */
void ox_underlay_socks_set(struct ox_underlay_socks *s, struct ox_datapath *dp);

#endif /* OVSXDP_UNDERLAY_SOCK_H */
