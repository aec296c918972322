/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctx_read.h - reading a packet: the part of the context interface that is the
 * same over struct xdp_md and struct __sk_buff. ctx_load_bytes is the kernel's
 * helper for bytes that aren't in line.
 */
#ifndef OVSXDP_BPF_CTX_READ_H
#define OVSXDP_BPF_CTX_READ_H

#include "bpf/core/ctx.h"

/* Copies len (a constant) bytes at off out of the packet. 0, or negative if
 * it is shorter. Bytes in fragments are found too. */
static __always_inline int ctx_load(ox_ctx *c, __u32 off, void *buf, __u32 len)
{
	void *data = ctx_ptr(c, data);
	void *end = ctx_ptr(c, data_end);

	if (off > OX_OFF_MAX)
		return -1;
	OX_BOUND_OFF(off);
	if (data + off + len <= end) {
		ox_copy(buf, data + off, len);
		return 0;
	}
	return ctx_load_bytes(c, off, buf, len);
}

/* The packet's first len (a constant) bytes, or NULL if they aren't all in
 * line. */
static __always_inline const void *ctx_peek(ox_ctx *c, __u32 len)
{
	void *data = ctx_ptr(c, data);

	return data + len <= ctx_ptr(c, data_end) ? data : NULL;
}

#endif /* OVSXDP_BPF_CTX_READ_H */
