/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cases_ct.h - the cases of ct(): what its op reads, what it writes into the
 * key, and where the list goes on; part of cases.h. Each has zones of its own,
 * as the programs' table lives through all cases. What the tracker decides is
 * in tests/unit/test_ct_*.c.
 */
#ifndef OVSXDP_TESTS_BPF_CASES_CT_H
#define OVSXDP_TESTS_BPF_CASES_CT_H

#include <errno.h>

static inline struct ox_op_ct *ct_op_put(struct fx *f, uint16_t zone,
					 uint16_t flags)
{
	struct ox_op_ct *op = (struct ox_op_ct *)fx_op(f, OX_OP_CT, 0);

	op->zone = zone;
	op->ct_flags = flags;
	return op;
}

static inline void ct_arg_put(struct fx *f, enum ox_ct_arg what, uint8_t first,
			      uint16_t port)
{
	struct ox_op_ct_arg *a =
		(struct ox_op_ct_arg *)fx_op(f, OX_OP_CT_ARG, 0);

	a->what = what;
	a->port = htons(port);
	((uint8_t *)a->w)[0] = first;
}

/* The second pass's flow asks for the state, exactly. */
static inline struct fx_flow *ct_recirc(struct fx *f, uint8_t state,
					uint16_t zone)
{
	struct fx_flow *next = &f->more[0];

	fx_op(f, OX_OP_RECIRC, 7);
	fx_interpreted(f);
	next->key.ct_state = state;
	next->key.ct_zone = zone;
	next->mask.ct_state = 0xff;
	next->mask.ct_zone = 0xffff;
	return next;
}

CASE(ct, new)
{
	recirc(f, desc_ip4(17));
	ct_op_put(f, 101, 0);
	ct_recirc(f, 0x21, 101);
}

CASE(ct, new6)
{
	recirc(f, desc_ip6(17));
	ct_op_put(f, 102, OX_CT_F_COMMIT);
	ct_recirc(f, 0x21, 102);
}

/* A frame that is no IP, and one whose TCP flags nobody sends. */
CASE(ct, invalid)
{
	struct desc d = desc_ip4(6);

	d.flags = 0x03;
	recirc(f, d);
	ct_op_put(f, 103, OX_CT_F_COMMIT);
	ct_recirc(f, 0x30, 103);
}

CASE(ct, mark_and_labels)
{
	struct fx_flow *next;
	struct ox_op_ct *op;

	recirc(f, desc_ip4(17));
	op = ct_op_put(f, 104, OX_CT_F_COMMIT | OX_CT_F_LABELS);
	op->mark = 0x1200;
	op->mark_mask = 0xff00;
	op->n_args = 2;
	ct_arg_put(f, OX_CT_ARG_LABELS, 0x40, 0);
	ct_arg_put(f, OX_CT_ARG_LABELS_MASK, 0xf0, 0);
	next = ct_recirc(f, 0x21, 104);
	next->key.ct_mark = 0x1200;
	next->mask.ct_mark = 0xffffffff;
	next->key.ct_labels[0] = 0x40;
	memset(next->mask.ct_labels, 0xff, sizeof(next->mask.ct_labels));
}

/* The tuple is the packet's, before NAT changed it. */
CASE(ct, nat)
{
	struct desc d = desc_ip4(17), e = d;
	struct fx_flow *next;
	struct ox_op_ct *op;

	recirc(f, d);
	op = ct_op_put(f, 105,
		       OX_CT_F_COMMIT | OX_CT_F_NAT | OX_CT_F_SNAT |
			       OX_CT_F_NAT_ADDR | OX_CT_F_NAT_PORT);
	op->n_args = 2;
	ct_arg_put(f, OX_CT_ARG_NAT_MIN, 10, 777);
	ct_arg_put(f, OX_CT_ARG_NAT_MAX, 10, 777);
	next = ct_recirc(f, 0x61, 105);
	next->key.ct_orig_sport = htons(d.sport);
	next->mask.ct_orig_sport = 0xffff;
	next->key.ipv4.src = htonl(0x0a000000);
	next->mask.ipv4.src = 0xffffffff;
	next->key.tp_src = htons(777);
	next->mask.tp_src = 0xffff;
	e.sip = 0x0a000000;
	e.sport = 777;
	build(&e, &f->out);
}

CASE(ct, clear)
{
	recirc(f, desc_ip4(17));
	ct_op_put(f, 106, OX_CT_F_COMMIT)->mark_mask = 1;
	fx_op(f, OX_OP_CT_CLEAR, 0);
	ct_recirc(f, 0, 0)->mask.ct_mark = 0xffffffff;
}

/* In the other zone it is another connection. */
CASE(ct, zones)
{
	recirc(f, desc_ip4(17));
	ct_op_put(f, 107, OX_CT_F_COMMIT);
	ct_op_put(f, 108, 0);
	ct_recirc(f, 0x21, 108);
}

/* What Ethernet put at the end of the packet goes. */
CASE(ct, trimmed)
{
	struct desc d = desc_ip4(17);

	recirc(f, d);
	memset(f->in.b + f->in.len, 0, 10);
	f->in.len += 10;
	ct_op_put(f, 109, 0);
	ct_recirc(f, 0x21, 109);
}

/* With a second tag skb->protocol is none of IP: nothing is cut. */
CASE(ct, two_tags)
{
	struct desc d =
		desc_tag(desc_tag(desc_ip4(17), 0x88a8, 100), 0x8100, 5);

	recirc(f, d);
	memset(f->in.b + f->in.len, 0, 10);
	f->in.len += 10;
	f->out = f->in;
	ct_op_put(f, 110, 0);
	ct_recirc(f, 0x21, 110);
}

/* An argument that isn't there, and one without its CT. */
CASE(ct, broken)
{
	case_parse_tcp4(f);
	ct_op_put(f, 111, 0)->n_args = 1;
	fx_interpreted(f);
	list_output(f, FX_OUT);
	fx_drop(f, OX_R_BAD_FLOW);
}

CASE(ct, stray_arg)
{
	case_parse_tcp4(f);
	ct_arg_put(f, OX_CT_ARG_LABELS, 0, 0);
	fx_interpreted(f);
	list_output(f, FX_OUT);
	fx_drop(f, OX_R_BAD_FLOW);
}

CASE(ct, refuse)
{
	case_parse_tcp4(f);
	fx_op(f, OX_OP_REFUSE, EINVAL);
	fx_interpreted(f);
	list_output(f, FX_OUT);
	fx_drop(f, OX_R_EDIT);
}

/* As many ct() as a program run may do. */
CASE(ct, most)
{
	recirc(f, desc_ip4(17));
	for (uint16_t i = 0; i < OX_MAX_CTS; i++)
		ct_op_put(f, 120 + i, 0);
	ct_recirc(f, 0x21, 120 + OX_MAX_CTS - 1);
}

#define FX_CASES_CT(X)         \
	X(ct, new)             \
	X(ct, new6)            \
	X(ct, invalid)         \
	X(ct, mark_and_labels) \
	X(ct, nat)             \
	X(ct, clear)           \
	X(ct, zones)           \
	X(ct, trimmed)         \
	X(ct, two_tags)        \
	X(ct, broken)          \
	X(ct, stray_arg)       \
	X(ct, refuse)          \
	X(ct, most)

#endif /* OVSXDP_TESTS_BPF_CASES_CT_H */
