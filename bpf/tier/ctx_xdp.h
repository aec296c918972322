/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctx_xdp.h - the context interface over struct xdp_md: reading and writing the
 * frame, moving its head, and the tables, which are maps. ctx_host.h is the
 * same over memory. That is all that parse.h, lookup.h, actions.h and
 * checksum.h see of where they run.
 */
#ifndef OVSXDP_BPF_CTX_XDP_H
#define OVSXDP_BPF_CTX_XDP_H

#define OX_CTX_XDP  1
#define OX_CTX_HEAD 1 /* the frame's head can move */

#include "bpf/tier/ctx_bpf.h"

typedef struct xdp_md ox_ctx;

#define ctx_load_bytes bpf_xdp_load_bytes
#include "bpf/tier/ctx_read.h"

static __always_inline int ctx_store(ox_ctx *c, __u32 off, void *buf, __u32 len)
{
	void *data = ctx_ptr(c, data);
	void *end = ctx_ptr(c, data_end);

	if (off > OX_OFF_MAX)
		return -1;
	OX_BOUND_OFF(off);
	if (data + off + len <= end) {
		ox_copy(data + off, buf, len);
		return 0;
	}
	return bpf_xdp_store_bytes(c, off, buf, len);
}

/* The device that the packet comes in by. */
static __always_inline __u32 ctx_ifindex(ox_ctx *c)
{
	return ctx_get(c, ingress_ifindex);
}

static __always_inline __u32 ctx_len(ox_ctx *c)
{
	return bpf_xdp_get_buff_len(c);
}

/* Moves the head: negative makes room in front. */
static __always_inline int ctx_move_head(ox_ctx *c, int delta)
{
	return bpf_xdp_adjust_head(c, delta);
}

static __always_inline __u32 ctx_queue(ox_ctx *c)
{
	return ctx_get(c, rx_queue_index);
}

/* A tag outside of the frame: XDP can't see one. */
static __always_inline __u32 ctx_hw_tag(ox_ctx *c)
{
	return 0;
}

/* Frames of XDP are what they are. */
static __always_inline __u32 ctx_gso_size(ox_ctx *c)
{
	return 0;
}

/* Cuts bytes off the end. */
static __always_inline int ctx_trim(ox_ctx *c, __u32 cut)
{
	return bpf_xdp_adjust_tail(c, -(int)cut);
}

#endif /* OVSXDP_BPF_CTX_XDP_H */
