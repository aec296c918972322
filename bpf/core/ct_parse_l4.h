/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_parse_l4.h - the transport headers of SCTP, DCCP and GRE for connection
 * tracking; part of ct_parse.h.
 */
#ifndef OVSXDP_BPF_CT_PARSE_L4_H
#define OVSXDP_BPF_CT_PARSE_L4_H

#include "bpf/core/ctx.h"
#include "bpf/core/ct_tuple.h"

static __always_inline int ct_proto_has_ports(__u8 proto)
{
	return proto == OX_IP_TCP || proto == OX_IP_UDP ||
	       proto == OX_IP_SCTP || proto == OX_IP_DCCP ||
	       proto == OX_IP_UDPLITE;
}

/* ---- SCTP ---- */

enum ox_sctp_cid {
	OX_SCTP_DATA = 0,
	OX_SCTP_INIT = 1,
	OX_SCTP_INIT_ACK = 2,
	OX_SCTP_HEARTBEAT = 4,
	OX_SCTP_HEARTBEAT_ACK = 5,
	OX_SCTP_ABORT = 6,
	OX_SCTP_SHUTDOWN = 7,
	OX_SCTP_SHUTDOWN_ACK = 8,
	OX_SCTP_ERROR = 9,
	OX_SCTP_COOKIE_ECHO = 10,
	OX_SCTP_COOKIE_ACK = 11,
	OX_SCTP_SHUTDOWN_COMPLETE = 14,
};
/* Those that sctp_new_state() knows. */
#define OX_SCTP_KNOWN                                            \
	(1u << OX_SCTP_INIT | 1u << OX_SCTP_INIT_ACK |           \
	 1u << OX_SCTP_HEARTBEAT | 1u << OX_SCTP_HEARTBEAT_ACK | \
	 1u << OX_SCTP_ABORT | 1u << OX_SCTP_SHUTDOWN |          \
	 1u << OX_SCTP_SHUTDOWN_ACK | 1u << OX_SCTP_ERROR |      \
	 1u << OX_SCTP_COOKIE_ECHO | 1u << OX_SCTP_COOKIE_ACK |  \
	 1u << OX_SCTP_SHUTDOWN_COMPLETE)
#define OX_SCTP_OTHER 0x80000000u /* in the map: a chunk of another type */

struct ox_sctp_walk {
	ox_ctx *c;
	struct ox_ct_chunks *s;
	__u32 off;
	__u32 left;
	__u32 count;
	__u8 alone; /* INIT, INIT_ACK or SHUTDOWN_COMPLETE was there */
	__u8 bad;
};

/* Notes a chunk that matters. */
static __always_inline int ct_sctp_note(struct ox_sctp_walk *w, __u8 type,
					__u8 flags)
{
	__u32 n = w->s->n, tag = 0;

	if (n >= OX_CT_CHUNKS)
		return -1;
	if ((type == OX_SCTP_INIT || type == OX_SCTP_INIT_ACK) &&
	    (w->left < 20 || ctx_load(w->c, w->off + 4, &tag, 4)))
		return -1;
	w->s->type[n] = type;
	w->s->flags[n] = flags;
	w->s->init_tag[n] = tag;
	w->s->n = n + 1;
	return 0;
}

/* One chunk: do_basic_checks(). */
static long ct_sctp_chunk(__u32 i, void *arg)
{
	struct ox_sctp_walk *w = arg;
	__u32 h, len;
	__u8 type;

	(void)i;
	if (w->left < 4 || ctx_load(w->c, w->off, &h, 4))
		return 1;
	type = h & 0xff;
	len = ox_cpu16(h >> 16);
	if (type == OX_SCTP_INIT || type == OX_SCTP_INIT_ACK ||
	    type == OX_SCTP_SHUTDOWN_COMPLETE)
		w->alone = 1;
	if (((type == OX_SCTP_COOKIE_ACK || type == OX_SCTP_COOKIE_ECHO ||
	      w->alone) &&
	     w->count) ||
	    !len)
		goto bad;
	w->count++;
	if (type < 31 && (OX_SCTP_KNOWN >> type & 1)) {
		w->s->map |= 1u << type;
		if (ct_sctp_note(w, type, h >> 8 & 0xff))
			goto bad;
	} else {
		w->s->map |= OX_SCTP_OTHER | (type ? 0 : 1u << OX_SCTP_DATA);
	}
	len = (len + 3) & ~3u;
	if (len >= w->left)
		return 1;
	w->off += len;
	w->left -= len;
	return 0;
bad:
	w->bad = 1;
	return 1;
}

#define OX_SCTP_MAX_CHUNKS 512

__noinline int ox_ct_parse_sctp(ox_ctx *c, __u32 off, __u32 left,
				struct ox_ct_chunks *s)
{
	struct ox_sctp_walk w = { .c = c, .s = s };

	if (!s || left < 12 || ctx_load(c, off + 4, &s->vtag, 4))
		return -1;
	s->map = 0;
	s->n = 0;
	w.off = off + 12;
	w.left = left - 12;
	ox_loop(OX_SCTP_MAX_CHUNKS, ct_sctp_chunk, &w);
	return w.bad || !w.count ? -1 : 0;
}

/* ---- DCCP ---- */

enum ox_dccp_type {
	OX_DCCP_REQUEST,
	OX_DCCP_RESPONSE,
	OX_DCCP_DATA,
	OX_DCCP_ACK,
	OX_DCCP_DATAACK,
	OX_DCCP_CLOSEREQ,
	OX_DCCP_CLOSE,
	OX_DCCP_RESET,
	OX_DCCP_SYNC,
	OX_DCCP_SYNCACK,
	OX_DCCP_TYPES,
};

/* dccp_packet_hdr_len() */
static __always_inline __u32 ct_dccp_hdr_len(__u8 type)
{
	switch (type) {
	case OX_DCCP_DATA:
		return 0;
	case OX_DCCP_REQUEST:
		return 4;
	case OX_DCCP_RESPONSE:
	case OX_DCCP_RESET:
		return 12;
	default:
		return 8;
	}
}

/* dccp_error(), dccp_hdr_seq() and dccp_ack_seq() */
__noinline int ox_ct_parse_dccp(ox_ctx *c, __u32 off, __u32 left,
				struct ox_ct_dccp_pkt *d)
{
	__u32 h[3] __attribute__((aligned(8)));
	__u32 ack[2] __attribute__((aligned(8)));
	__u32 low = 0, doff, cover, basic = 12;

	if (!d || left < 12 || ctx_load(c, off, h, 12))
		return -1;
	doff = (h[1] & 0xff) * 4;
	cover = h[1] >> 8 & 0xf;
	d->type = h[2] >> 1 & 0xf;
	if (doff < 12 || doff > left || (cover && (cover - 1) * 4 > left) ||
	    d->type >= OX_DCCP_TYPES)
		return -1;
	d->seq = ox_be16(h[2] >> 16);
	if (h[2] & 1) {
		basic = 16;
		if (left < 16 || ctx_load(c, off + 12, &low, 4))
			return -1;
		d->seq = d->seq << 32 | ox_be32(low);
	} else {
		d->seq += (h[2] >> 8 & 0xff) << 16;
	}
	if (left < basic + ct_dccp_hdr_len(d->type))
		return -1;
	d->ack = 0;
	if (d->type == OX_DCCP_DATA || d->type == OX_DCCP_REQUEST)
		return 0;
	if (ctx_load(c, off + basic, ack, 8))
		return -1;
	d->ack = (__u64)ox_be16(ack[0] >> 16) << 32 | ox_be32(ack[1]);
	return 0;
}

/* ---- GRE ---- */

/* The call id of PPTP's version 1, whose calls no helper knows; 0 of others,
 * or -1: it isn't PPTP. */
__noinline int ox_ct_gre_call(ox_ctx *c, __u32 off, __u32 left)
{
	__u32 h[2] __attribute__((aligned(8)));

	if (left < 4 || ctx_load(c, off, h, 4) ||
	    (h[0] & ox_be16(7)) != ox_be16(1))
		return 0;
	if (h[0] >> 16 != ox_be16(0x880b) || left < 8 || ctx_load(c, off, h, 8))
		return -1;
	return h[1] >> 16;
}

/* gre_pkt_to_tuple() */
static __always_inline int ct_parse_gre(ox_ctx *c, __u32 off, __u32 left,
					struct ox_ct_pkt *p, const __be64 *addr)
{
	int call = ox_ct_gre_call(c, off, left);

	if (call < 0)
		return -1;
	ct_tuple_ends(p, addr, addr + 2, 0, call);
	return 0;
}

#endif /* OVSXDP_BPF_CT_PARSE_L4_H */
