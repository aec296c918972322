/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * upcall.h - a frame's way to the user tier: struct ox_upcall_md in front of
 * it, and the AF_XDP socket of the port's receive queue. XDP only.
 */
#ifndef OVSXDP_BPF_UPCALL_H
#define OVSXDP_BPF_UPCALL_H

#include "bpf/ctx_xdp.h"
#include "bpf/stats.h"

/* 0, or negative where the driver leaves no room for metadata. */
OX_IN int upcall_put_md(ox_ctx *c, const struct ox_pkt *p, __u32 why)
{
	struct ox_upcall_md *md;
	void *data;

	if (bpf_xdp_adjust_meta(c, -(int)sizeof(*md)))
		return -1;
	data = (void *)(long)c->data;
	md = (void *)(long)c->data_meta;
	if ((void *)(md + 1) > data)
		return -1;
	__builtin_memset(md, 0, sizeof(*md));
	md->magic = OX_ABI_MAGIC;
	md->port_no = p->key.in_port;
	md->reason = why;
	md->flow = p->flow;
	md->hash = p->hash;
	md->cpu = bpf_get_smp_processor_id();
	md->out_port = p->out_port;
	return 0;
}

/* The XDP verdict. A finished frame makes no sense without its metadata, a
 * miss does: the user tier parses it again. */
OX_IN int upcall(ox_ctx *c, struct ox_pkt *p, const struct ox_port *in)
{
	if ((!upcall_put_md(c, p, p->arg) || p->arg == OX_UP_MISS) &&
	    bpf_redirect_map(&xsks, in->xsk_base + c->rx_queue_index, 0) ==
		    XDP_REDIRECT)
		return XDP_REDIRECT;
	count_lost();
	count_reason(OX_R_NO_SOCKET);
	return XDP_DROP;
}

#endif /* OVSXDP_BPF_UPCALL_H */
