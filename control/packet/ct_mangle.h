/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_mangle.h - rewrites what a connection with NAT says inside its packets:
 * nf_nat_helper.c and nf_conntrack_seqadj.c. On packets whose headers at l3 and
 * l4 are whole. No tables, no I/O.
 */
#ifndef OVSXDP_PACKET_CT_MANGLE_H
#define OVSXDP_PACKET_CT_MANGLE_H

#include "bpf/host.h"

/*
 * nf_nat_mangle_tcp_packet(): len bytes from off on of a segment's payload
 * become the to_len bytes of "to"; lengths and checksums follow. -EMSGSIZE,
 * with nothing changed: it would be too long.
 */
int ox_mangle_tcp(struct ox_host_pkt *pkt, uint32_t l3, uint32_t l4,
		  uint32_t off, uint32_t len, const char *to, uint32_t to_len);

/* nf_ct_seqadj_set(): by bytes more from the segment that begins at seq on. */
struct ox_ct_adj ox_adj_add(struct ox_ct_adj j, uint32_t seq, int32_t by);

/* nf_ct_seq_adjust(): sequence number, acknowledgement and SACK of a segment,
 * whose direction has "mine". -EINVAL: options that can't be read. */
int ox_adj_segment(struct ox_host_pkt *pkt, uint32_t l4,
		   const struct ox_ct_adj *mine,
		   const struct ox_ct_adj *theirs);

#endif /* OVSXDP_PACKET_CT_MANGLE_H */
