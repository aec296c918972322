/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cases_list.h - the cases of the interpreter: branches, recirculation, and
 * the ops that look at the packet; part of cases.h.
 */
#ifndef OVSXDP_TESTS_BPF_CASES_LIST_H
#define OVSXDP_TESTS_BPF_CASES_LIST_H

static inline void list_output(struct fx *f, uint32_t port)
{
	fx_op(f, OX_OP_OUTPUT, port)->flags = OX_OPF_LAST;
	fx_interpreted(f);
}

/* What must not be run: an op that nobody knows. */
static inline void list_trap(struct fx *f)
{
	fx_op(f, OX_OP_MAX, 0);
}

CASE(list, end)
{
	case_parse_tcp4(f);
	fx_op(f, OX_OP_END, 0);
	list_output(f, FX_OUT);
	fx_drop(f, OX_R_FLOW);
}

CASE(list, unknown_op)
{
	case_parse_tcp4(f);
	list_trap(f);
	fx_interpreted(f);
	fx_drop(f, OX_R_BAD_FLOW);
}

CASE(list, jump)
{
	case_parse_tcp4(f);
	fx_op(f, OX_OP_JUMP, 2);
	list_trap(f);
	list_trap(f);
	list_output(f, FX_OUT);
}

CASE(list, sample_always)
{
	case_parse_tcp4(f);
	fx_op(f, OX_OP_SAMPLE, 1)->val = 0xffffffff;
	list_output(f, FX_OUT);
	list_trap(f);
}

CASE(list, sample_never)
{
	case_parse_tcp4(f);
	fx_op(f, OX_OP_SAMPLE, 1)->val = 0;
	list_trap(f);
	list_output(f, FX_OUT);
}

/* The longest length that is not longer, and one less. The tag doesn't
 * count: in the module it isn't in line. */
static inline void check_len(struct fx *f, struct desc d, uint32_t tags,
			     bool longer)
{
	fx_frame(f, &d);
	fx_op(f, OX_OP_CHECK_LEN, 2)->val = f->in.len - tags - longer;
	if (longer)
		list_trap(f);
	else
		list_output(f, FX_OUT);
	fx_op(f, OX_OP_JUMP, 1);
	if (longer)
		list_output(f, FX_OUT);
	else
		list_trap(f);
	fx_interpreted(f);
}

CASE(list, check_len_fits)
{
	check_len(f, desc_ip4(6), 0, false);
}

CASE(list, check_len_longer)
{
	check_len(f, desc_ip4(6), 0, true);
}

CASE(list, check_len_vlan)
{
	check_len(f, desc_tag(desc_ip4(6), 0x8100, 5), 4, false);
}

CASE(list, check_len_vlan_longer)
{
	check_len(f, desc_tag(desc_ip4(6), 0x8100, 5), 4, true);
}

static inline void dec_ttl(struct fx *f, struct desc d)
{
	fx_frame(f, &d);
	fx_op(f, OX_OP_DEC_TTL, 2);
	list_trap(f);
	fx_op(f, OX_OP_END, 0);
	d.ttl--;
	fx_becomes(f, &d);
	fx_interpreted(f);
}

CASE(list, dec_ttl4)
{
	dec_ttl(f, desc_ip4(6));
}

CASE(list, dec_ttl6)
{
	dec_ttl(f, desc_tag(desc_ip6(17), 0x8100, 5));
}

/* behind two tags there is no IP for the module */
CASE(list, dec_ttl_qinq)
{
	struct desc d = desc_tag(desc_tag(desc_ip4(6), 0x8100, 5), 0x8100, 6);

	dec_ttl(f, d);
	f->out = f->in;
}

CASE(list, dec_ttl_arp)
{
	case_parse_arp(f);
	fx_op(f, OX_OP_DEC_TTL, 0);
	list_output(f, FX_OUT);
}

CASE(list, dec_ttl_expired)
{
	struct desc d = desc_ip4(6);

	d.ttl = 1;
	fx_frame(f, &d);
	fx_op(f, OX_OP_DEC_TTL, 2);
	list_output(f, FX_OUT);
	fx_op(f, OX_OP_END, 0);
	list_trap(f);
}

CASE(list, dec_ttl_expired_drop)
{
	struct desc d = desc_ip6(6);

	d.ttl = 0;
	fx_frame(f, &d);
	fx_op(f, OX_OP_DEC_TTL, 0);
	list_trap(f);
	fx_interpreted(f);
	fx_drop(f, OX_R_TTL);
}

CASE(list, drop)
{
	case_parse_tcp4(f);
	fx_op(f, OX_OP_DROP, 0);
	fx_interpreted(f);
	fx_drop(f, OX_R_EXPLICIT);
}

CASE(list, drop_error)
{
	case_parse_tcp4(f);
	fx_op(f, OX_OP_DROP, 17);
	fx_interpreted(f);
	fx_drop(f, OX_R_EXPLICIT_ERROR);
}

/* what isn't there lets pass */
CASE(list, no_meter)
{
	case_parse_tcp4(f);
	fx_op(f, OX_OP_METER, 3);
	list_output(f, FX_OUT);
}

CASE(list, trunc)
{
	case_parse_udp4(f);
	fx_op(f, OX_OP_TRUNC, 50);
	list_output(f, FX_OUT);
	f->out.len = 50;
}

CASE(list, trunc_longer)
{
	case_parse_udp4(f);
	fx_op(f, OX_OP_TRUNC, 500);
	list_output(f, FX_OUT);
}

CASE(list, mark)
{
	const uint32_t v = 77;

	case_parse_tcp4(f);
	fx_set(f, OX_OP_SET_MARK, 0, &v, NULL, 4);
	list_output(f, FX_OUT);
	f->user_only = true;
}

/* The second pass finds a flow by its recirculation id alone. */
static inline void recirc(struct fx *f, struct desc d)
{
	struct fx_flow *next = &f->more[f->n_more++];

	fx_frame(f, &d);
	memset(next, 0, sizeof(*next));
	next->key.recirc_id = 7;
	next->mask.recirc_id = 0xffffffff;
	next->kind = OX_ACT_OUTPUT;
	next->arg = FX_OUT;
	f->n_recirc = 1;
	f->n_mask_hit = 2 + 1; /* its mask comes first */
}

CASE(list, recirc)
{
	recirc(f, desc_ip4(6));
	fx_op(f, OX_OP_RECIRC, 7);
	fx_interpreted(f);
}

/* The key of a second pass is made of what the first one left. */
CASE(list, recirc_mpls)
{
	struct desc d = desc_ip4(6), e = desc_labels(1);

	recirc(f, d);
	push_label(f, OX_OP_PUSH_MPLS, 0x8847, &e, 0);
	fx_op(f, OX_OP_RECIRC, 7);
	fx_interpreted(f);
	f->more[0].key.eth_type = htons(0x8847);
	f->more[0].mask.eth_type = 0xffff;
	f->more[0].key.mpls.lse[0] = htonl(e.mpls[0]);
	f->more[0].mask.mpls.lse[0] = 0xffffffff;
	build(&e, &f->out);
}

CASE(list, recirc_hash)
{
	recirc(f, desc_ip6(17));
	fx_op(f, OX_OP_HASH, 5);
	fx_op(f, OX_OP_RECIRC, 7);
	fx_interpreted(f);
}

/* As many passes as the module's limits come to, and no one more. */
CASE(list, recirc_for_ever)
{
	struct fx_flow *next = &f->more[0];

	recirc(f, desc_ip4(6));
	next->kind = OX_ACT_RUN;
	next->arg = 0;
	next->n_ops = 1;
	next->ops[0] = (struct ox_op){ .code = OX_OP_RECIRC, .arg = 7 };
	fx_op(f, OX_OP_RECIRC, 7);
	fx_interpreted(f);
	f->n_recirc = OX_MAX_LEVEL * (1 + OX_MAX_DEFERRED);
	f->n_mask_hit = 2 + f->n_recirc;
	fx_drop(f, OX_R_RECIRC);
}

#define FX_CASES_LIST(X)               \
	X(list, end)                   \
	X(list, unknown_op)            \
	X(list, jump)                  \
	X(list, sample_always)         \
	X(list, sample_never)          \
	X(list, check_len_fits)        \
	X(list, check_len_longer)      \
	X(list, check_len_vlan)        \
	X(list, check_len_vlan_longer) \
	X(list, dec_ttl4)              \
	X(list, dec_ttl6)              \
	X(list, dec_ttl_qinq)          \
	X(list, dec_ttl_arp)           \
	X(list, dec_ttl_expired)       \
	X(list, dec_ttl_expired_drop)  \
	X(list, drop)                  \
	X(list, drop_error)            \
	X(list, no_meter)              \
	X(list, trunc)                 \
	X(list, trunc_longer)          \
	X(list, mark)                  \
	X(list, recirc)                \
	X(list, recirc_mpls)           \
	X(list, recirc_hash)           \
	X(list, recirc_for_ever)

#endif /* OVSXDP_TESTS_BPF_CASES_LIST_H */
