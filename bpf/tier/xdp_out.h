/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xdp_out.h - a frame's way out of the XDP tier: struct ox_upcall_md in front
 * of it, and then the AF_XDP socket of the port's receive queue, or the skb
 * tier.
 */
#ifndef OVSXDP_BPF_XDP_OUT_H
#define OVSXDP_BPF_XDP_OUT_H

#include "bpf/tier/tier_xdp.h"

/* 0, or negative where the driver leaves no room for metadata. */
static __always_inline int put_md(ox_ctx *c, const struct ox_pkt *p, __u32 why)
{
	struct ox_upcall_md *md;
	void *data;

	if (bpf_xdp_adjust_meta(c, -(int)sizeof(*md)))
		return -1;
	data = ctx_ptr(c, data);
	md = ctx_ptr(c, data_meta);
	if ((void *)(md + 1) > data)
		return -1;
	md->magic = OX_MD_MAGIC;
	md->port_no = p->key.in_port;
	md->reason = why;
	md->flags = (p->stale ? OX_MD_STALE : 0) | p->level
							   << OX_MD_LEVEL_SHIFT;
	md->ct_state = p->key.ct_state;
	md->ct_zone = p->key.ct_zone;
	md->flow = p->flow;
	md->hash = why == OX_UP_MISS ? p->hash : acts_gen(p);
	md->cpu = bpf_get_smp_processor_id();
	md->work = p->work;
	md->pc = p->pc;
	md->deferred = p->deferred;
	md->acts = p->acts;
	md->recirc_id = p->key.recirc_id;
	md->dp_hash = p->key.dp_hash;
	return 0;
}

/* XDP has counted a packet that the skb tier will count again. */
static __always_inline void uncount(const struct ox_pkt *p)
{
	struct ox_port_stats *ps = tbl_port_stats(p->key.in_port);
	struct ox_dp_stats *ds = tbl_dp_stats();
	struct ox_flow_stats *fs;

	if (ps) {
		ps->rx_packets--;
		ps->rx_bytes -= p->len;
	}
	if (ds) {
		ds->n_mask_hit -= p->n_mask_hit;
		ds->n_cache_hit -= p->n_cache_hit;
		if (p->flow == OX_NONE)
			ds->n_missed--;
		else
			ds->n_hit--;
	}
	fs = p->flow == OX_NONE ? NULL : tbl_flow_stats(p->flow);
	if (fs) {
		fs->packets--;
		fs->bytes -= p->len;
	}
}

static __always_inline int hand_down_no_tier(ox_ctx *c, struct ox_pkt *p)
{
	if (p->arg == OX_UP_MISS)
		count_lost(p->key.in_port);
	count_drop(c, p, p->arg == OX_UP_MISS ? OX_R_NO_SOCKET : OX_R_NO_TIER);
	return XDP_DROP;
}

/*
 * Generic XDP copies most skbs, and kernels from 6.9 on forget skb->mac_len
 * over it, so a tc program would begin with the network header. A tag around
 * the frame makes the stack lift it off, and with it set mac_len again.
 */
static __always_inline int hand_down_generic(ox_ctx *c, struct ox_pkt *p)
{
	struct ox_upcall_md *md;
	void *data;

	if (frame_push_vlan(c, p, ox_be16(OX_P_8021Q), ox_be16(1)) < 0 ||
	    put_md(c, p, p->arg)) {
		count_drop(c, p, OX_R_NO_META);
		return XDP_DROP;
	}
	data = ctx_ptr(c, data);
	md = ctx_ptr(c, data_meta);
	if ((void *)(md + 1) > data)
		return XDP_DROP;
	md->flags |= OX_MD_WRAPPED;
	count_often(OX_R_SKB);
	return XDP_PASS;
}

/* To user space; where no socket takes it, it is lost, and counted. */
static __always_inline int xdp_upcall(ox_ctx *c, struct ox_pkt *p)
{
	const struct ox_port *in = tbl_port(p->key.in_port);

	if (!in)
		return XDP_DROP;
	/* the base was there before the number of sockets */
	in = ox_after(in, READ_ONCE(in->n_xsk));
	if ((!put_md(c, p, p->arg) ||
	     (p->arg == OX_UP_MISS && !p->key.recirc_id)) &&
	    bpf_redirect_map(&xsks, in->xsk_base + ctx_queue(c), 0) ==
		    XDP_REDIRECT)
		return XDP_REDIRECT;
	count_lost(p->key.in_port);
	count_drop(c, p, OX_R_NO_SOCKET);
	return XDP_DROP;
}

/*
 * The stack lifts the tag off a frame on its way up, and drops without a word
 * one that has no room for a tag and a protocol (skb_vlan_untag()).
 */
static __always_inline int survives_untag(const struct ox_pkt *p,
					  __u32 in_flags)
{
	__u32 len = p->len;

	if (in_flags & OX_PORT_GENERIC)
		len += OX_VLAN_LEN; /* hand_down_generic() */
	else if (!(p->key.vlan_tci & ox_be16(OX_VLAN_CFI)))
		return 1;
	return len >= OX_ETH_LEN + OX_VLAN_LEN + 2;
}

/*
 * To the skb tier. Without metadata it begins anew, which is right as long as
 * nothing has happened to the frame. The port remembers that, so that from now
 * on lists of several ops start there.
 */
static __always_inline int hand_down(ox_ctx *c, struct ox_pkt *p)
{
	struct ox_port *in = tbl_port(p->key.in_port);

	if (!in || !(READ_ONCE(in->flags) & OX_PORT_SKB_TIER))
		return hand_down_no_tier(c, p);
	if (!survives_untag(p, READ_ONCE(in->flags)))
		return xdp_upcall(c, p);
	if (READ_ONCE(in->flags) & OX_PORT_GENERIC)
		return hand_down_generic(c, p);
	if (!put_md(c, p, p->arg)) {
		count_often(OX_R_SKB);
		return XDP_PASS;
	}
	in->no_meta = 1;
	if (p->pc || p->key.recirc_id) {
		count_drop(c, p, OX_R_NO_META);
		return XDP_DROP;
	}
	uncount(p);
	return XDP_PASS;
}

#endif /* OVSXDP_BPF_XDP_OUT_H */
