/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tier_frame.h - what is decided on a frame that comes in and what leads out
 * of its tier: by the XDP tier, and by the host build of it (ox_host_rx()).
 */
#ifndef OVSXDP_BPF_TIER_FRAME_H
#define OVSXDP_BPF_TIER_FRAME_H

#include "bpf/core/interp.h"

static __always_inline int tier_parse(ox_ctx *c, struct ox_pkt *p,
				      const struct ox_port *in)
{
	(void)in;
	return parse(c, p);
}

/*
 * Not on skb-borne devices if the checksum is open: the skb knows where it goes
 * (docs/facts.md, V2). Generic XDP keeps the skb, but an edit would leave its
 * checksum's place wrong. And not where a driver has no room for metadata and
 * the list may need the skb tier in its middle.
 */
static __always_inline int tier_can_start(ox_ctx *c, struct ox_pkt *p,
					  const struct ox_port *in,
					  __u64 action)
{
	__u32 kind = OX_ACTION_KIND(action);
	__u32 flags = READ_ONCE(in->flags);
	const struct ox_acts *a;

	if (kind == OX_ACT_RUN) {
		a = tbl_acts(OX_ACTION_ARG(action));
		if (a && (a->flags & OX_ACTS_SKB))
			return 0;
	}
	if (kind != OX_ACT_OUTPUT && READ_ONCE(in->no_meta))
		return 0;
	if (!(flags & (OX_PORT_SKB_RX | OX_PORT_GENERIC)))
		return 1;
	if ((flags & OX_PORT_GENERIC) && kind == OX_ACT_OUTPUT)
		return 1;
	if (!csum_is_partial(c, p))
		return 1;
	count_reason(OX_R_CSUM_PARTIAL);
	return 0;
}

static __always_inline enum ox_verdict tier_to_user(ox_ctx *c, struct ox_pkt *p,
						    const struct ox_port *in,
						    enum ox_upcall why)
{
	if (ctx_queue(c) >= READ_ONCE(in->n_xsk) || p->len > OX_XSK_LEN)
		return rx_hand_down(p, why);
	if ((READ_ONCE(in->flags) & (OX_PORT_SKB_RX | OX_PORT_GENERIC)) &&
	    ox_csum_is_partial(c, p))
		return rx_hand_down(p, why);
	p->arg = why;
	return OX_V_USER;
}

static __always_inline int tier_hand_down_over_mtu(ox_ctx *c)
{
	(void)c;
	return 1;
}

/* Generic XDP transmits as a stack does: that arrives. */
static __always_inline int tier_output_reaches(const struct ox_pkt *p)
{
	const struct ox_port *in = tbl_port(p->key.in_port);

	return in && (READ_ONCE(in->flags) & OX_PORT_GENERIC);
}

static __always_inline __u32 tier_output_flags(void)
{
	return OX_PORT_UP | OX_PORT_L3 | OX_PORT_NO_XMIT | OX_PORT_TUNNEL |
	       OX_PORT_NATIVE;
}

static __always_inline __u32 tier_output_device(const struct ox_port *out,
						__u32 port_no)
{
	__u32 ifindex = READ_ONCE(out->ifindex);

	return ifindex ? ifindex : port_native(out, port_no);
}

static __always_inline void tier_output_by(struct ox_pkt *p, __u32 ifindex,
					   __u32 flags)
{
	(void)p;
	(void)ifindex;
	(void)flags;
}

/* No frame has a tunnel key. */
static __always_inline enum ox_verdict
tier_output_tunnel(struct ox_pkt *p, __u32 port_no, __u32 ifindex)
{
	(void)port_no;
	(void)ifindex;
	return rx_hand_down(p, OX_UP_FLOW);
}

static __always_inline enum ox_verdict
tier_output_other_l2(ox_ctx *c, struct ox_pkt *p, __u32 out_flags)
{
	(void)c;
	(void)out_flags;
	return rx_hand_down(p, OX_UP_FLOW);
}

#endif /* OVSXDP_BPF_TIER_FRAME_H */
