/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * upcall.h - packets to clients: ovs_dp_upcall() of the module. Counts what
 * arrived and what was lost.
 */
#ifndef OVSXDP_UPCALL_H
#define OVSXDP_UPCALL_H

#include <stdint.h>
#include <sys/uio.h>

#include "control/codec_packet.h"
#include "control/daemon.h"
#include "control/send.h"

/*
 * Where the user tier's frames and messages go: the packet socket and the
 * netlink transport in the daemon, the test's own hands in tests.
 */
struct ox_out {
	void (*send)(void *arg, struct ox_datapath *dp, uint32_t port_no,
		     const struct ox_tx *tx);
	/* as ox_genl_unicast() */
	int (*unicast)(void *arg, uint32_t portid, const struct iovec *iov,
		       int n_iov);
	void *arg;
};

/*
 * Sends m (dp_ifindex and unaligned are filled in here) to portid, which is
 * 0 if nobody wants it; port_no is the packet's input port, for its upcall
 * counters. With a gso_size each segment is a message of its own. 0, or
 * -errno after it has been counted as lost.
 */
int ox_upcall(struct ox_datapath *dp, const struct ox_out *out, uint32_t portid,
	      uint32_t port_no, struct ox_upcall_msg *m, uint32_t gso_size);

#endif /* OVSXDP_UPCALL_H */
