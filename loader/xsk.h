/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xsk.h - inside the AF_XDP part of the loader: one socket of one receive
 * queue (xsk_sock.c), of which a port has several (xsk.c).
 */
#ifndef OVSXDP_LOADER_XSK_H
#define OVSXDP_LOADER_XSK_H

#include <stdint.h>
#include <xdp/xsk.h>

#include "ovsxdp/dp.h"

#define OX_XSK_FRAMES	  512
#define OX_XSK_FRAME_SIZE 4096

/* A socket with its own UMEM. All zero: not open. */
struct ox_xsk {
	void *area; /* the UMEM's frames */
	struct xsk_umem *umem;
	struct xsk_socket *sock;
	struct xsk_ring_prod fill;
	struct xsk_ring_cons comp;
	struct xsk_ring_cons rx;
	uint64_t lost; /* as of the last call of ox_xsk_lost() */
};

/* -EINVAL: no such queue. -EBUSY: another socket has it; that of a process that
 * has ended leaves a little later. */
int ox_xsk_open(struct ox_xsk *x, const char *ifname, uint32_t queue,
		struct ox_err *e);
void ox_xsk_close(struct ox_xsk *x);
int ox_xsk_rx(struct ox_xsk *x, uint32_t queue, uint32_t budget,
	      uint32_t (*fn)(const struct ox_rx *rx, void *arg), void *arg);
/* Packets lost since the last call. */
uint64_t ox_xsk_lost(struct ox_xsk *x);

/* queues.c: receive queues of a device; if in doubt, too many. */
int ox_queues_count(uint32_t ifindex, const char *ifname, uint32_t *n);

#endif /* OVSXDP_LOADER_XSK_H */
