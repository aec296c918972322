/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rx.h - a received frame from the port to the verdict, the same in the XDP
 * program and in the host build. What a verdict means is up to them.
 */
#ifndef OVSXDP_BPF_RX_H
#define OVSXDP_BPF_RX_H

#include "bpf/actions.h"
#include "bpf/lookup.h"
#include "bpf/parse.h"
#include "bpf/stats.h"

OX_IN enum ox_verdict drop(struct ox_pkt *p, enum ox_reason r)
{
	count_reason(r);
	p->arg = r;
	return OX_V_DROP;
}

/*
 * To the user tier, if there is a socket for the queue. Frames of ports on
 * skb-borne devices have had their checksum completed before.
 */
OX_IN enum ox_verdict to_user(ox_ctx *c, struct ox_pkt *p,
			      const struct ox_port *in, enum ox_upcall why)
{
	if (ctx_queue(c) >= OX_READ(in->n_xsk)) {
		count_lost();
		return drop(p, OX_R_NO_SOCKET);
	}
	p->arg = why;
	return OX_V_USER;
}

/* One tag is not counted, as packet_length() of vport.c has it. */
OX_IN int frame_over_mtu(ox_ctx *c, const struct ox_pkt *p,
			 const struct ox_port *out)
{
	__u32 most = OX_READ(out->mtu) + OX_ETH_LEN;
	__be16 type;

	if (p->len <= most)
		return 0;
	if (p->len > most + OX_VLAN_LEN || ctx_load(c, 12, &type, 2))
		return 1;
	return !proto_is_vlan(type);
}

OX_IN enum ox_verdict output(ox_ctx *c, struct ox_pkt *p,
			     const struct ox_port *in, __u32 port_no)
{
	const struct ox_port *out = tbl_port(port_no);
	__u32 flags;

	if (!out || !OX_READ(out->ifindex))
		return drop(p, OX_R_NO_PORT);
	flags = OX_READ(out->flags);
	if (!(flags & OX_PORT_UP))
		return drop(p, OX_R_PORT_DOWN);
	if (frame_over_mtu(c, p, out)) {
		count_tx_error(port_no);
		return drop(p, OX_R_OVER_MTU);
	}
	/* generic XDP transmits as a stack does: that arrives */
	if ((flags & OX_PORT_NO_XMIT) && !(in->flags & OX_PORT_GENERIC)) {
		count_reason(OX_R_NO_XMIT);
		p->out_port = port_no;
		return to_user(c, p, in, OX_UP_SEND);
	}
	p->arg = port_no;
	return OX_V_OUTPUT;
}

/* Edits up to the output; a list without one drops. */
OX_IN enum ox_verdict run_ops(ox_ctx *c, struct ox_pkt *p,
			      const struct ox_port *in, __u32 slot)
{
	const struct ox_acts *a = tbl_acts(slot);
	const struct ox_op *op;
	int err;
	__u32 i;

	if (!a || OX_READ(a->state) != OX_LIVE)
		return drop(p, OX_R_BAD_FLOW);
	/* an edit here would leave the skb's checksum offsets wrong */
	if ((in->flags & OX_PORT_GENERIC) && ops_touch_l4(a) &&
	    ox_csum_is_partial(c, p)) {
		count_reason(OX_R_USER);
		return to_user(c, p, in, OX_UP_FLOW);
	}
	OX_ROLLED
	for (i = 0; i < OX_ACTS_OPS; i++) {
		op = &a->ops[i];
		if (i >= a->n_ops || op->code == OX_OP_END)
			break;
		if (op->code == OX_OP_OUTPUT)
			return output(c, p, in, op->arg);
		err = ox_op_run(c, p, op);
		if (err)
			return drop(p, err == -2 ? OX_R_BAD_FLOW : OX_R_EDIT);
	}
	return drop(p, OX_R_FLOW);
}

OX_IN void complete_csum(ox_ctx *c, struct ox_pkt *p, const struct ox_port *in)
{
	if ((in->flags & OX_PORT_SKB_RX) && ox_csum_complete(c, p) > 0)
		count_reason(OX_R_CSUM_PARTIAL);
}

OX_IN enum ox_verdict execute(ox_ctx *c, struct ox_pkt *p,
			      const struct ox_port *in, __u64 action)
{
	__u32 arg = OX_ACTION_ARG(action), kind = OX_ACTION_KIND(action);

	if (kind == OX_ACT_DROP)
		return drop(p, OX_R_FLOW);
	complete_csum(c, p, in);
	if (kind == OX_ACT_OUTPUT)
		return output(c, p, in, arg);
	if (kind == OX_ACT_OPS)
		return run_ops(c, p, in, arg);
	if (kind != OX_ACT_USER)
		return drop(p, OX_R_BAD_FLOW);
	count_reason(OX_R_USER);
	return to_user(c, p, in, OX_UP_FLOW);
}

/* p is zero but for key.in_port; in is that port. */
OX_IN enum ox_verdict receive(ox_ctx *c, struct ox_pkt *p,
			      const struct ox_port *in,
			      const struct ox_config *cfg)
{
	const struct ox_flow *f;

	p->len = ctx_len(c);
	if (parse(c, p)) {
		count_rx_error(p->key.in_port);
		return drop(p, OX_R_RUNT);
	}
	count_rx(p->key.in_port, p->len);
	p->hash = key_hash(&p->key);
	f = lookup(p, cfg);
	count_lookup(p);
	if (!f) {
		complete_csum(c, p, in);
		return to_user(c, p, in, OX_UP_MISS);
	}
	count_flow(p);
	return execute(c, p, in, OX_READ(f->action));
}

#endif /* OVSXDP_BPF_RX_H */
