/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xdp_list.h - what of a list the XDP tier can do: decided by the XDP tier,
 * and by a trace of it in the host build (trace_host.h).
 */
#ifndef OVSXDP_BPF_XDP_LIST_H
#define OVSXDP_BPF_XDP_LIST_H

#include "bpf/core/interp.h"

/* Can XDP_REDIRECT bring this frame to a port, now? */
static __always_inline int group_port_ok(const struct ox_pkt *p,
					 const struct ox_port *out)
{
	__u32 flags = out ? READ_ONCE(out->flags) : 0;

	return (flags & OX_PORT_UP) &&
	       !(flags & (OX_PORT_NO_XMIT | OX_PORT_L3)) &&
	       !frame_over_mtu(p, out);
}

/*
 * A packet without an Ethernet header can leave by no way from here, not even
 * down: the header may only go if the next op brings one back.
 */
static __always_inline int xdp_may_encap(const struct ox_run *r,
					 const struct ox_op *op)
{
	const struct ox_key *k = &r->p.key;
	const struct ox_acts *a;
	__u32 at = r->at + 1;

	if (op->code == OX_OP_POP_NSH)
		return !k->mac_proto;
	if (op->code != OX_OP_POP_ETH &&
	    (op->code != OX_OP_ADD_MPLS || (op->arg & OX_MPLS_L3)))
		return 1;
	a = tbl_acts(r->slot);
	if (!a || at >= OX_ACTS_OPS || r->p.pc + 1u >= r->end)
		return 0;
	if (a->ops[at].code == OX_OP_PUSH_ETH)
		return 1;
	return op->code == OX_OP_POP_ETH && a->ops[at].code == OX_OP_POP_NSH &&
	       k->eth_type == ox_be16(OX_P_NSH) && !r->p.stale &&
	       k->nsh.np == OX_NSH_ETH;
}

/* A TRUNC is kept in mind for the last output alone, right behind it. */
static __always_inline int xdp_may_trunc(const struct ox_run *r)
{
	const struct ox_acts *a = tbl_acts(r->slot);
	__u32 at = r->at + 1;

	return a && at < OX_ACTS_OPS && a->ops[at].code == OX_OP_OUTPUT &&
	       (a->ops[at].flags & OX_OPF_LAST);
}

#endif /* OVSXDP_BPF_XDP_LIST_H */
