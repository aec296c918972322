/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rx.h - a received frame from the port to the verdict, the same in the XDP
 * program and in the host build. What a verdict means is up to them.
 */
#ifndef OVSXDP_BPF_RX_H
#define OVSXDP_BPF_RX_H

#include "bpf/core/actions.h"
#include "bpf/core/lookup.h"
#include "bpf/core/parse.h"
#include "bpf/core/stats.h"

static __always_inline enum ox_verdict rx_drop(ox_ctx *c, struct ox_pkt *p,
					       enum ox_reason r)
{
	count_drop(c, p, r);
	p->arg = r;
	return OX_V_DROP;
}

/* The same of a packet that couldn't be parsed. */
static __always_inline enum ox_verdict rx_drop_raw(ox_ctx *c, struct ox_pkt *p,
						   enum ox_reason r)
{
	count_drop_raw(c, p->key.in_port, r);
	p->arg = r;
	return OX_V_DROP;
}

/*
 * What the tiers decide on their own: tier_xdp.h, tier_tc.h, tier_host.h.
 */

/* The key, with the metadata that the context has; not 0: a runt. */
static __always_inline int tier_parse(ox_ctx *c, struct ox_pkt *p,
				      const struct ox_port *in);
/* May this tier begin with a flow's action? */
static __always_inline int tier_can_start(ox_ctx *c, struct ox_pkt *p,
					  const struct ox_port *in,
					  __u64 action);
/* The verdict for a packet that user space wants. */
static __always_inline enum ox_verdict tier_to_user(ox_ctx *c, struct ox_pkt *p,
						    const struct ox_port *in,
						    enum ox_upcall why);
/* Is a frame over the MTU handed down, where it may yet be fine? */
static __always_inline int tier_hand_down_over_mtu(ox_ctx *c);
/* A port with OX_PORT_NO_XMIT takes an output all the same. */
static __always_inline int tier_output_reaches(const struct ox_pkt *p);
/* The device that the port outputs to; 0: it has none. */
static __always_inline __u32 tier_output_device(const struct ox_port *out,
						__u32 port_no);
/* Keeps in mind what the tier outputs by, if not by the port's number. */
static __always_inline void tier_output_by(struct ox_pkt *p, __u32 ifindex,
					   __u32 flags);
/* The OX_PORT_* that output_check() has to look at. */
static __always_inline __u32 tier_output_flags(void);
/* Output to the device of a tunnel's port. */
static __always_inline enum ox_verdict
tier_output_tunnel(struct ox_pkt *p, __u32 port_no, __u32 ifindex);
/* Ethernet frame to an L3 port, or an L3 packet to another. */
static __always_inline enum ox_verdict
tier_output_other_l2(ox_ctx *c, struct ox_pkt *p, __u32 out_flags);

/* skb->len as the module has it: the outer tag is never in line there. */
static __always_inline __u32 frame_untagged_len(const struct ox_pkt *p)
{
	if (p->hwtag || !(p->key.vlan_tci & ox_be16(OX_VLAN_CFI)))
		return p->len;
	return p->len - OX_VLAN_LEN;
}

/* packet_length() of vport.c. */
static __always_inline int frame_over_mtu(const struct ox_pkt *p,
					  const struct ox_port *out)
{
	__u32 most = READ_ONCE(out->mtu) + OX_ETH_LEN;

	return p->len > most && frame_untagged_len(p) > most;
}

static __always_inline enum ox_verdict rx_hand_down(struct ox_pkt *p,
						    enum ox_upcall why)
{
	p->arg = why;
	return OX_V_DOWN;
}

/* What a tunnel's port without a device outputs to; 0: this is none, it has
 * no device at all. */
static __always_inline __u32 port_native(const struct ox_port *out,
					 __u32 port_no)
{
	return READ_ONCE(out->flags) & OX_PORT_NATIVE
		       ? OX_IFINDEX_NATIVE | port_no
		       : 0;
}

/* May the packet leave by this port, and by this tier? */
static __always_inline enum ox_verdict output_check(ox_ctx *c, struct ox_pkt *p,
						    __u32 port_no)
{
	const struct ox_port *out = tbl_port(port_no);
	__u32 flags, ifindex;
	int special; /* not a frame to a device that is up and takes it */

	if (!out)
		return rx_drop(c, p, OX_R_NO_PORT);
	ifindex = tier_output_device(out, port_no);
	if (!ifindex)
		return rx_drop(c, p, OX_R_NO_PORT);
	out = ox_after(out, ifindex);
	flags = READ_ONCE(out->flags);
	special = (flags & tier_output_flags()) != OX_PORT_UP ||
		  !p->key.mac_proto;
	if (special && !(flags & OX_PORT_UP))
		return rx_drop(c, p, OX_R_PORT_DOWN);
	if (frame_over_mtu(p, out) && !ctx_gso_size(c)) {
		if (tier_hand_down_over_mtu(c))
			return rx_hand_down(p, OX_UP_FLOW);
		count_tx_error(port_no);
		return rx_drop(c, p, OX_R_OVER_MTU);
	}
	if (special && !(flags & OX_PORT_L3) != !!p->key.mac_proto)
		return tier_output_other_l2(c, p, flags);
	if (special && (flags & (OX_PORT_TUNNEL | OX_PORT_NATIVE)))
		return tier_output_tunnel(p, port_no, ifindex);
	if (special && (flags & OX_PORT_NO_XMIT) && !tier_output_reaches(p)) {
		count_reason(OX_R_NO_XMIT);
		return rx_hand_down(p, OX_UP_FLOW);
	}
	p->arg = port_no;
	tier_output_by(p, ifindex, flags);
	return OX_V_OUTPUT;
}

/* A slot that holds a list, or NULL. */
static __always_inline const struct ox_acts *acts_live(__u32 slot)
{
	const struct ox_acts *a = tbl_acts(slot);
	__u32 state;

	if (!a)
		return NULL;
	state = READ_ONCE(a->state);
	return state == OX_LIVE ? ox_after(a, state) : NULL;
}

/* Edits up to the output; a list without one drops. */
static __always_inline enum ox_verdict rx_ops(ox_ctx *c, struct ox_pkt *p,
					      __u32 slot)
{
	const struct ox_acts *a = acts_live(slot);
	const struct ox_op *op;
	enum ox_op_rc rc;
	__u32 i;

	if (!a)
		return rx_drop(c, p, OX_R_BAD_FLOW);
	p->acts = slot;
	OX_ROLLED
	for (i = 0; i < OX_ACTS_OPS; i++) {
		op = &a->ops[i];
		if (i >= a->n_ops || op->code == OX_OP_END)
			break;
		if (op->code == OX_OP_OUTPUT) {
			p->pc = i;
			return output_check(c, p, op->arg);
		}
		rc = ox_op_run(c, p, op);
		if (rc != OX_RC_DONE)
			return rx_drop(c, p,
				       rc == OX_RC_UNKNOWN ? OX_R_BAD_FLOW
							   : OX_R_EDIT);
	}
	return rx_drop(c, p, OX_R_FLOW);
}

/* p->acts is OX_NONE. */
static __always_inline enum ox_verdict
rx_execute(ox_ctx *c, struct ox_pkt *p, const struct ox_port *in, __u64 action)
{
	__u32 arg = OX_ACTION_ARG(action), kind = OX_ACTION_KIND(action);

	/* first, because most are */
	if (kind == OX_ACT_OUTPUT)
		return tier_can_start(c, p, in, OX_ACTION(OX_ACT_OUTPUT, arg))
			       ? output_check(c, p, arg)
			       : rx_hand_down(p, OX_UP_FLOW);
	if (kind == OX_ACT_DROP) {
		count_often(OX_R_FLOW);
		if (tier_drop_wanted())
			tier_drop_tell(c, p, p->key.in_port, OX_R_FLOW);
		p->arg = OX_R_FLOW;
		return OX_V_DROP;
	}
	if (!tier_can_start(c, p, in, action))
		return rx_hand_down(p, OX_UP_FLOW);
	/* these ops write to words of the key that parse_plain() writes, too,
	 * or of packets that aren't plain */
	if (kind == OX_ACT_OPS)
		return rx_ops(c, p, arg);
	p->state = OX_PKT_USED;
	p->acts = arg;
	if (kind == OX_ACT_RUN)
		return OX_V_RUN;
	if (kind != OX_ACT_USER)
		return rx_drop(c, p, OX_R_BAD_FLOW);
	count_reason(OX_R_USER);
	return tier_to_user(c, p, in, OX_UP_FLOW);
}

/* The key of a packet that comes in, which is counted. p is as of pkt_init();
 * in is its port. Not 0: it is dropped. */
static __always_inline int rx_arrive(ox_ctx *c, struct ox_pkt *p,
				     const struct ox_port *in)
{
	p->len = ctx_len(c);
	if (tier_parse(c, p, in)) {
		count_rx(p->key.in_port,
			 p->len + (ctx_hw_tag(c) ? OX_VLAN_LEN : 0));
		rx_drop_raw(c, p,
			    p->len < OX_ETH_LEN ? OX_R_RUNT : OX_R_BAD_HDR);
		return -1;
	}
	count_rx(p->key.in_port, p->len + p->hwtag);
	p->hash = key_hash(&p->key);
	return 0;
}

/* From the key to the verdict. */
static __always_inline enum ox_verdict rx_lookup(ox_ctx *c, struct ox_pkt *p,
						 const struct ox_port *in,
						 const struct ox_config *cfg,
						 struct ox_dp_stats *s)
{
	const struct ox_flow *f = lookup(p, cfg, s);

	if (!f)
		return tier_to_user(c, p, in, OX_UP_MISS);
	count_flow(p);
	return rx_execute(c, p, in, READ_ONCE(f->action));
}

static __always_inline enum ox_verdict rx_packet(ox_ctx *c, struct ox_pkt *p,
						 const struct ox_port *in,
						 const struct ox_config *cfg,
						 struct ox_dp_stats *s)
{
	if (rx_arrive(c, p, in))
		return OX_V_DROP;
	return rx_lookup(c, p, in, cfg, s);
}

#endif /* OVSXDP_BPF_RX_H */
