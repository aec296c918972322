/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * too_big.h - the ICMP error for a packet that doesn't fit through a tunnel
 * without a device: what iptunnel_pmtud_check_icmp() and _icmpv6() of
 * net/ipv4/ip_tunnel_core.c make. No I/O.
 */
#ifndef OVSXDP_TOO_BIG_H
#define OVSXDP_TOO_BIG_H

#include <stdint.h>

#include "ovsxdp/abi.h"

#define OX_TOO_BIG_MAX (OX_TOO_BIG_L2 + 1280)

/*
 * frame: the packet's head, from the Ethernet header on; what the kernel quotes
 * of it is enough. mtu: what fits, from the IP header on. Writes the error, a
 * frame to the sender of that one, to out, where OX_TOO_BIG_MAX bytes have
 * room. Returns its length; 0: nobody may be told by an error.
 */
uint32_t ox_too_big(const uint8_t *frame, uint32_t len, uint32_t mtu,
		    uint8_t *out);

#endif /* OVSXDP_TOO_BIG_H */
