// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * xdp.bpf.c - the XDP tier: a frame's way through the datapath. rx.h decides,
 * the one switch below turns the verdict into an XDP action.
 */
#include "bpf/ctx_xdp.h"
#include "bpf/rx.h"
#include "bpf/upcall.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Counted when the frame is handed over; what a driver drops later shows in
 * the device's own counters. */
OX_IN int transmit(ox_ctx *ctx, struct ox_pkt *p)
{
	if (bpf_redirect_map(&tx, p->arg, 0) != XDP_REDIRECT) {
		count_tx_dropped(p->arg);
		count_reason(OX_R_REDIRECT);
		return XDP_DROP;
	}
	count_tx(p->arg, p->len);
	return XDP_REDIRECT;
}

/* The port that a device is, or OX_NONE. */
OX_IN __u32 port_of(const struct ox_config *cfg, __u32 ifindex)
{
	__u64 hint = OX_READ(cfg->rx_hint[ifindex % OX_RX_HINTS]);
	__u32 *port_no;

	if ((__u32)hint == ifindex)
		return hint >> 32;
	port_no = bpf_map_lookup_elem(&rxports, &ifindex);
	return port_no ? *port_no : OX_NONE;
}

SEC("xdp.frags")
int ovsxdp_rx(struct xdp_md *ctx)
{
	const struct ox_config *cfg = tbl_config();
	struct ox_port *in;
	struct ox_pkt p = {};

	if (!cfg)
		return XDP_PASS;
	p.key.in_port = port_of(cfg, ctx->ingress_ifindex);
	in = tbl_port(p.key.in_port);
	if (!in || !OX_READ(in->ifindex))
		return XDP_PASS;
	switch (receive(ctx, &p, in, cfg)) {
	case OX_V_OUTPUT:
		return transmit(ctx, &p);
	case OX_V_USER:
		return upcall(ctx, &p, in);
	case OX_V_PASS:
		return XDP_PASS;
	case OX_V_DROP:
		break;
	}
	return XDP_DROP;
}
