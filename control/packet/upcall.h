/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * upcall.h - packets to clients: ovs_dp_upcall() of the module. Counts what
 * arrived and what was lost.
 */
#ifndef OVSXDP_UPCALL_H
#define OVSXDP_UPCALL_H

#include <stdint.h>
#include <sys/uio.h>

#include "bpf/host.h"
#include "control/codec/codec_packet.h"
#include "control/packet/handle.h"
#include "control/packet/output.h"

struct ox_genl;

/*
 * Where the user tier's frames and messages go: the packet socket and the
 * netlink transport in the daemon, the test's own hands in tests.
 */
struct ox_out {
	void (*output)(void *arg, struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_output_pkt *tx);
	/* as ox_genl_unicast() */
	int (*unicast)(void *arg, uint32_t portid, const struct iovec *iov,
		       int n_iov);
	void *arg;
	/* Or, where it isn't NULL: takes a copy, to be sent with others soon;
	 * what can't be then is ox_upcall_lost(). Not 0: it can't wait. */
	int (*defer)(void *arg, struct ox_datapath *dp, uint32_t in_port,
		     uint32_t portid, const struct iovec *iov, int n_iov);
};

/*
 * Sends m (dp_ifindex and unaligned are filled in here) to portid, which is 0
 * if nobody wants it. pkt is the packet in m. Its input port counts, and of a
 * packet of GSO each segment is a message of its own. 0, or -errno after it has
 * been counted as lost.
 */
int ox_upcall(struct ox_datapath *dp, const struct ox_out *out, uint32_t portid,
	      const struct ox_host_pkt *pkt, struct ox_upcall_msg *m);

/* An upcall that was counted as sent wasn't, after all. */
void ox_upcall_lost(struct ox_datapath *dp, uint32_t in_port, int err,
		    const struct nlmsghdr *nlh);

/* ---- upcall_batch.c ---- */
/* For ox_out.defer; not 0: it is too large. */
int ox_upcalls_add(struct ox_genl *g, struct ox_datapath *dp, uint32_t in_port,
		   uint32_t portid, const struct iovec *iov, int n_iov);
void ox_upcalls_flush(struct ox_genl *g);

#endif /* OVSXDP_UPCALL_H */
