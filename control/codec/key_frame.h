/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * key_frame.h - a packet that has a given key. No I/O.
 */
#ifndef OVSXDP_KEY_FRAME_H
#define OVSXDP_KEY_FRAME_H

#include <stdint.h>

#include "ovsxdp/abi.h"

#define OX_KEY_FRAME_MAX     512 /* bytes of a packet made here */
#define OX_KEY_FRAME_PAYLOAD 64	 /* of them, after the last header */

/*
 * Writes a packet from whose headers the key is read again: tags, MPLS labels,
 * NSH, ARP, IPv4, IPv6, and TCP, UDP, SCTP, ICMP, neighbour discovery in them.
 * Checksums are right, the payload is zero. Without mac_proto it begins with
 * the network header. IPv6 has no extension header but that of a fragment.
 * Returns its length.
 */
uint32_t ox_key_frame(const struct ox_key *key,
		      uint8_t frame[OX_KEY_FRAME_MAX]);

#endif /* OVSXDP_KEY_FRAME_H */
