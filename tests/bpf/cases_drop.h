/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cases_drop.h - the cases that end a packet's way, or that just don't; part
 * of cases.h.
 */
#ifndef OVSXDP_TESTS_BPF_CASES_DROP_H
#define OVSXDP_TESTS_BPF_CASES_DROP_H

CASE(drop, no_such_ingress)
{
	case_parse_tcp4(f);
	f->no_in_port = true;
	f->verdict = OX_V_PASS;
}

CASE(drop, flow)
{
	case_parse_tcp4(f);
	f->act.kind = OX_ACT_DROP;
	fx_drop(f, OX_R_FLOW);
}

CASE(drop, no_port)
{
	case_parse_tcp4(f);
	f->out_ifindex = 0;
	fx_drop(f, OX_R_NO_PORT);
}

CASE(drop, port_out_of_range)
{
	case_parse_tcp4(f);
	f->act.arg = 70000;
	fx_drop(f, OX_R_NO_PORT);
}

CASE(drop, port_down)
{
	case_parse_tcp4(f);
	f->out_flags = 0;
	fx_drop(f, OX_R_PORT_DOWN);
}

static inline void mtu(struct fx *f, struct desc d, uint32_t most, bool over)
{
	fx_frame(f, &d);
	f->out_mtu = most;
	if (over)
		fx_down(f, OX_UP_FLOW);
}

CASE(drop, over_mtu)
{
	mtu(f, desc_ip4(6), 20 + 20 + 37 - 1, true);
}

CASE(drop, just_mtu)
{
	mtu(f, desc_ip4(6), 20 + 20 + 37, false);
}

CASE(drop, just_mtu_vlan)
{
	mtu(f, desc_tag(desc_ip4(6), 0x8100, 5), 20 + 20 + 37, false);
}

CASE(drop, over_mtu_vlan)
{
	mtu(f, desc_tag(desc_ip4(6), 0x8100, 5), 20 + 20 + 37 - 1, true);
}

CASE(drop, over_mtu_qinq)
{
	mtu(f, desc_tag(desc_tag(desc_ip4(6), 0x8100, 5), 0x8100, 6),
	    20 + 20 + 37, true);
}

CASE(drop, over_mtu_pushed)
{
	struct desc d = desc_tag(desc_ip4(6), 0x8100, 5);

	fx_frame(f, &d);
	f->out_mtu = 20 + 20 + 37;
	fx_op(f, OX_OP_PUSH_VLAN, 0x8100u << 16 | 0x1001);
	d = desc_tag(desc_tag(desc_ip4(6), 0x8100, 1), 0x8100, 5);
	fx_becomes(f, &d);
	fx_down_at(f, 1);
	f->stale = true;
}

CASE(drop, no_socket)
{
	case_lookup_miss(f);
	f->n_xsk = 0;
	fx_down(f, OX_UP_MISS);
}

CASE(drop, no_socket_user)
{
	case_action_user(f);
	f->n_xsk = 0;
	fx_down(f, OX_UP_FLOW);
}

CASE(drop, no_socket_no_tier)
{
	case_drop_no_socket(f);
	f->no_skb_tier = true;
}

CASE(drop, no_xmit)
{
	case_parse_tcp4(f);
	f->out_flags |= OX_PORT_NO_XMIT;
	fx_down(f, OX_UP_FLOW);
	f->reason[OX_R_NO_XMIT] = 1;
}

/* Tagged frames to go down, with and without the two bytes that the stack wants
 * to see after a tag that it takes off. */
static inline void tagged_runt(struct fx *f, uint32_t len)
{
	case_parse_vlan(f);
	fx_cut(f, len);
	no_l3(f);
	f->out_flags |= OX_PORT_NO_XMIT;
	fx_down(f, OX_UP_FLOW);
	f->reason[OX_R_NO_XMIT] = 1;
}

CASE(drop, tag_without_type)
{
	tagged_runt(f, OX_ETH_LEN + OX_VLAN_LEN + 1);
	f->short_tag = true;
}

CASE(drop, tag_with_type)
{
	tagged_runt(f, OX_ETH_LEN + OX_VLAN_LEN + 2);
}

/* The same over a tag that generic XDP would put around the frame. */
static inline void wrapped_runt(struct fx *f, uint32_t len)
{
	case_drop_no_socket(f);
	fx_cut(f, len);
	no_l3(f);
	f->in_flags = OX_PORT_GENERIC;
}

CASE(drop, wrap_without_type)
{
	wrapped_runt(f, OX_ETH_LEN + 1);
	f->short_tag = true;
}

CASE(drop, wrap_with_type)
{
	wrapped_runt(f, OX_ETH_LEN + 2);
}

CASE(drop, no_tier)
{
	case_drop_no_xmit(f);
	f->no_skb_tier = true;
}

CASE(drop, edit_too_short)
{
	case_parse_tcp_cut(f);
	fx_set16(f, OX_OP_SET_TP_DST, 6, 99);
	fx_op(f, OX_OP_OUTPUT, FX_OUT);
	fx_drop(f, OX_R_EDIT);
}

CASE(drop, edit_ip_too_short)
{
	case_parse_ip4_cut(f);
	fx_set8(f, OX_OP_SET_IPV4_TTL, 1, 0xff);
	fx_op(f, OX_OP_OUTPUT, FX_OUT);
	fx_drop(f, OX_R_EDIT);
}

CASE(drop, bad_op)
{
	case_parse_tcp4(f);
	fx_op(f, 77, 0);
	fx_drop(f, OX_R_BAD_FLOW);
}

CASE(drop, user_op_in_kernel)
{
	case_parse_tcp4(f);
	fx_op(f, OX_OP_USERSPACE, 0);
	fx_drop(f, OX_R_BAD_FLOW);
}

CASE(drop, bad_kind)
{
	case_parse_tcp4(f);
	f->act.kind = 9;
	fx_drop(f, OX_R_BAD_FLOW);
}

CASE(drop, bad_slot)
{
	case_parse_tcp4(f);
	f->act.kind = OX_ACT_OPS;
	f->act.arg = 900; /* never written */
	fx_drop(f, OX_R_BAD_FLOW);
}

CASE(drop, ops_without_output)
{
	case_parse_tcp4(f);
	fx_set8(f, OX_OP_SET_IPV4_TTL, 1, 0xff);
	fx_drop(f, OX_R_FLOW);
}

#endif /* OVSXDP_TESTS_BPF_CASES_DROP_H */
