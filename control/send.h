/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * send.h - output by the user tier: frames leave a port through one packet
 * socket of the daemon, in batches. What ovs_vport_send() is to the module.
 */
#ifndef OVSXDP_SEND_H
#define OVSXDP_SEND_H

#include <stdint.h>

#include "ovsxdp/err.h"
#include "ovsxdp/mem.h"

struct ox_sender;

/* The socket belongs to the network namespace that the caller is in. */
int ox_sender_open(struct ox_sender **out, struct ox_err *e);
void ox_sender_close(struct ox_sender *s); /* flushes; NULL ok */

/*
 * May a frame leave by this port? Returns OX_R_COUNT if so, else the drop's
 * reason; the same checks as the XDP program's.
 */
enum ox_reason ox_send_check(const struct ox_mem *m, uint32_t port_no,
			     const uint8_t *frame, uint32_t len);

/* Queues a copy of frame and counts it: in m's uports when it has left, as
 * a reason when it hasn't. m must live until the next flush. */
void ox_sender_put(struct ox_sender *s, struct ox_mem *m, uint32_t port_no,
		   const uint8_t *frame, uint32_t len);
void ox_sender_flush(struct ox_sender *s);

#endif /* OVSXDP_SEND_H */
