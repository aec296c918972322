/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * packet.h - the daemon's way out for frames and upcalls, shared by its
 * ports (packet.c) and its requests (fam_packet.c). See daemon.h for the
 * ports themselves.
 */
#ifndef OVSXDP_PACKET_H
#define OVSXDP_PACKET_H

#include "control/packet/upcall.h"

/* Fills out; opens the packet socket if this is the first use. */
int ox_packet_out(struct ox_daemon *d, struct ox_out *out, struct ox_err *e);
/* Sends what is queued; call before going back to the loop. */
void ox_packet_flush(struct ox_daemon *d);

#endif /* OVSXDP_PACKET_H */
