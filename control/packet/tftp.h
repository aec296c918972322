/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tftp.h - packets of TFTP that announce a connection (nf_conntrack_tftp.c).
 */
#ifndef OVSXDP_PACKET_TFTP_H
#define OVSXDP_PACKET_TFTP_H

#include <stdbool.h>
#include <stdint.h>

/* Is it a request to read or to write? The server answers it from another
 * port. payload: that of the UDP packet. */
static inline bool ox_tftp_asks(const uint8_t *payload, uint32_t len)
{
	/* struct tftphdr is the opcode alone */
	return len >= 2 && !payload[0] && (payload[1] == 1 || payload[1] == 2);
}

#endif /* OVSXDP_PACKET_TFTP_H */
