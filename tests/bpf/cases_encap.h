/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cases_encap.h - the cases of MPLS, NSH, IPv6 extension headers and of the
 * ops that change what is in front of the network header; part of cases.h.
 */
#ifndef OVSXDP_TESTS_BPF_CASES_ENCAP_H
#define OVSXDP_TESTS_BPF_CASES_ENCAP_H

/* ---- parse: IPv6 extension headers ---- */

/* The next one, of 8 bytes (for AH: 16 by its own count, 24 by the module's);
 * ends with the transport protocol. */
static inline void ext_add(struct desc *d, uint8_t type)
{
	uint8_t len = type == 51 ? 24 : 8;
	uint8_t *e = d->ext + d->ext_len;

	if (d->ext_len)
		d->ext[d->payload] = type; /* where the last one begins */
	else
		d->next = type;
	d->payload = d->ext_len;
	e[0] = d->proto;
	e[1] = type == 51 ? 4 : 0;
	d->ext_len += len;
}

static inline void ext_frame(struct fx *f, const uint8_t *types, int n,
			     uint16_t bits)
{
	struct desc d = desc_ip6(17);
	int i;

	d.payload = 0;
	for (i = 0; i < n; i++)
		ext_add(&d, types[i]);
	d.payload = 20;
	fx_frame(f, &d);
	f->key.ipv6_exthdrs = bits;
}

#define EXT_CASE(name, bits, ...)                           \
	CASE(parse, ext_##name)                             \
	{                                                   \
		static const uint8_t t[] = { __VA_ARGS__ }; \
		ext_frame(f, t, sizeof(t), bits);           \
	}

EXT_CASE(hop, EH_HOP, 0)
EXT_CASE(routing, EH_ROUTER, 43)
EXT_CASE(order, EH_HOP | EH_DEST | EH_ROUTER, 0, 60, 43, 60)
EXT_CASE(hop_twice, EH_HOP | EH_UNREP | EH_UNSEQ, 0, 0)
EXT_CASE(hop_late, EH_DEST | EH_UNSEQ, 60, 0)
EXT_CASE(routing_twice, EH_ROUTER | EH_UNREP | EH_UNSEQ, 43, 43)
EXT_CASE(dest_twice, EH_DEST, 60, 60)
EXT_CASE(dest_thrice, EH_DEST | EH_UNREP, 60, 60, 60)
EXT_CASE(after_two_dest, EH_DEST | EH_ROUTER | EH_UNSEQ, 60, 60, 43)
EXT_CASE(dest_after_routing, EH_ROUTER | EH_DEST | EH_UNSEQ, 43, 60)

/* 24 bytes to IPv6; the module's count of bits goes 40 on, into the payload,
 * whose type it already has */
EXT_CASE(auth_last, EH_HOP | EH_AUTH, 0, 51)

/* ... and beyond the packet from there */
CASE(parse, ext_auth_first)
{
	static const uint8_t t[] = { 51, 60 };

	ext_frame(f, t, 2, EH_AUTH | EH_DEST | EH_UNSEQ);
}

/* "no next header" behind another one */
CASE(parse, ext_none)
{
	struct desc d = desc_ip6(59);

	d.next = 60;
	d.ext_len = 8;
	d.ext[0] = 59;
	fx_frame(f, &d);
	no_l4(f);
	f->key.ipv6_exthdrs = EH_DEST | EH_NONEXT;
}

/* neighbour discovery keeps the bits, also where its options are refused */
CASE(parse, ext_nd_twice)
{
	struct desc d = desc_nd(135, nd_opts, 24);

	d.next = 60;
	d.ext_len = 8;
	d.ext[0] = 58;
	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_DEST;
}

/* ---- parse: MPLS ---- */

static inline struct desc desc_labels(int n)
{
	struct desc d = desc_ip4(6);
	int i;

	for (i = 0; i < n; i++)
		d = desc_mpls(d, 100 + i, i == n - 1);
	return d;
}

SIMPLE(parse, mpls_one, desc_labels(1))
SIMPLE(parse, mpls_two, desc_labels(2))
SIMPLE(parse, mpls_three, desc_labels(3))
SIMPLE(parse, mpls_four, desc_labels(4))
SIMPLE(parse, mpls_vlan, desc_tag(desc_labels(2), 0x8100, 7))

CASE(parse, mpls_multicast)
{
	struct desc d = desc_labels(1);

	d.mpls_type = 0x8848;
	fx_frame(f, &d);
}

/* labels without an end: they are in the key, their number isn't */
CASE(parse, mpls_cut)
{
	struct desc d = desc_labels(3);

	fx_frame(f, &d);
	fx_cut(f, 14 + 8 + 3);
	f->key.mpls.lse[2] = 0;
	f->key.mpls.num_labels_mask = 0;
}

CASE(parse, mpls_bare)
{
	struct desc d = desc_labels(1);

	fx_frame(f, &d);
	fx_cut(f, 14);
	f->key.mpls.lse[0] = 0;
	f->key.mpls.num_labels_mask = 0;
}

/* ---- parse: NSH ---- */

SIMPLE(parse, nsh_md1, desc_nsh(desc_ip4(6), 1))
SIMPLE(parse, nsh_md2, desc_nsh(desc_ip4(17), 2))
SIMPLE(parse, nsh_vlan, desc_tag(desc_nsh(desc_ip4(6), 1), 0x88a8, 7))

static inline void nsh_broken(struct fx *f, int at, uint8_t v)
{
	struct desc d = desc_nsh(desc_ip4(6), 1);

	d.nsh[at] = v;
	fx_frame(f, &d);
	fx_refused(f);
}

CASE(parse, nsh_version)
{
	nsh_broken(f, 0, 0x6a);
}

CASE(parse, nsh_md_type)
{
	nsh_broken(f, 2, 3);
}

CASE(parse, nsh_md1_length)
{
	nsh_broken(f, 1, 0x80 | 5);
}

CASE(parse, nsh_beyond)
{
	struct desc d = desc_nsh(desc_ip4(6), 2);

	d.nsh[1] |= 0x3f;
	fx_frame(f, &d);
	fx_refused(f);
}

CASE(parse, nsh_cut)
{
	struct desc d = desc_nsh(desc_ip4(6), 1);

	fx_frame(f, &d);
	fx_cut(f, 14 + 7);
	fx_refused(f);
}

/* ---- actions ---- */

/* The frame leaves as d; the ops were given. */
static inline void encap_becomes(struct fx *f, struct desc d)
{
	fx_becomes(f, &d);
	fx_interpreted(f);
}

static inline void encap_fails(struct fx *f)
{
	fx_op(f, OX_OP_OUTPUT, FX_OUT);
	fx_interpreted(f);
	fx_drop(f, OX_R_EDIT);
}

static inline void push_label(struct fx *f, uint8_t code, uint32_t arg,
			      const struct desc *d, int i)
{
	uint32_t lse = htonl(d->mpls[i]);

	fx_op(f, code, arg)->val = lse;
}

static inline void push_eth_op(struct fx *f, const struct desc *d)
{
	struct ox_op *op = fx_op(f, OX_OP_PUSH_ETH, 0);

	memcpy(&op->val, d->dst, 6);
	memcpy(&op->mask, d->src, 6);
}

static inline struct desc desc_outer(struct desc d)
{
	d.dst[5] = 0x77;
	d.src[5] = 0x78;
	return d;
}

static inline void mpls_push(struct fx *f, struct desc d)
{
	fx_frame(f, &d);
	d = desc_mpls(d, 1000, true);
	push_label(f, OX_OP_PUSH_MPLS, 0x8847, &d, d.n_mpls - 1);
	encap_becomes(f, d);
}

CASE(action, push_mpls)
{
	mpls_push(f, desc_ip4(6));
}

/* a tag stays in front of the label: in the module it isn't in line */
CASE(action, push_mpls_vlan)
{
	mpls_push(f, desc_tag(desc_ip4(6), 0x8100, 5));
}

/* of two tags the inner one is in line there, and its TPID is overwritten */
CASE(action, push_mpls_qinq)
{
	struct desc d = desc_tag(desc_tag(desc_ip4(6), 0x88a8, 7), 0x8100, 5);

	mpls_push(f, d);
	put16(f->out.b + 16, 0x8847);
	put16(f->out.b + 20, 0x0800);
}

/* and so is the length in front of LLC */
CASE(action, push_mpls_llc)
{
	struct desc d = desc_ip4(6);

	d.llc = true;
	mpls_push(f, d);
	put16(f->out.b + 12, 0x8847);
	put16(f->out.b + 20, 0x0800);
}

CASE(action, push_mpls_twice)
{
	struct desc d = desc_ip4(6), e = desc_labels(2);

	fx_frame(f, &d);
	push_label(f, OX_OP_PUSH_MPLS, 0x8847, &e, 1);
	push_label(f, OX_OP_PUSH_MPLS, 0x8847, &e, 0);
	encap_becomes(f, e);
}

CASE(action, push_mpls_type)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_op(f, OX_OP_PUSH_MPLS, 0x0800);
	encap_fails(f);
}

CASE(action, push_set_pop_mpls)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_op(f, OX_OP_PUSH_MPLS, 0x8848);
	fx_set32(f, OX_OP_SET_MPLS, 0x12345140);
	fx_op(f, OX_OP_POP_MPLS, 0x0800);
	/* the transport header is where it was */
	fx_set16(f, OX_OP_SET_TP_DST, 6, 99);
	d.dport = 99;
	encap_becomes(f, d);
}

CASE(action, pop_mpls)
{
	struct desc d = desc_labels(1);

	fx_frame(f, &d);
	fx_op(f, OX_OP_POP_MPLS, 0x0800);
	encap_becomes(f, desc_ip4(6));
}

CASE(action, pop_mpls_vlan)
{
	struct desc d = desc_tag(desc_labels(2), 0x8100, 5), e = d;

	fx_frame(f, &d);
	fx_op(f, OX_OP_POP_MPLS, 0x8847);
	e.n_mpls = 1;
	e.mpls[0] = d.mpls[1];
	encap_becomes(f, e);
}

/* behind two tags the module doesn't see that it is MPLS */
CASE(action, pop_mpls_qinq)
{
	struct desc d =
		desc_tag(desc_tag(desc_labels(1), 0x88a8, 7), 0x8100, 5);

	fx_frame(f, &d);
	fx_op(f, OX_OP_POP_MPLS, 0x0800);
	encap_becomes(f, d);
}

CASE(action, pop_no_mpls)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_op(f, OX_OP_POP_MPLS, 0x0800);
	encap_becomes(f, d);
}

CASE(action, pop_mpls_cut)
{
	case_parse_mpls_bare(f);
	fx_op(f, OX_OP_POP_MPLS, 0x0800);
	encap_fails(f);
}

CASE(action, set_mpls)
{
	const uint32_t v = htonl(0x00000011), m = htonl(0x000000ff);
	struct desc d = desc_tag(desc_labels(2), 0x8100, 5);

	fx_frame(f, &d);
	fx_set(f, OX_OP_SET_MPLS, 0, &v, &m, 4);
	d.mpls[0] = (d.mpls[0] & ~0xffu) | 0x11;
	encap_becomes(f, d);
}

CASE(action, set_mpls_cut)
{
	case_parse_mpls_bare(f);
	fx_set32(f, OX_OP_SET_MPLS, 1);
	encap_fails(f);
}

CASE(action, set_no_mpls)
{
	case_parse_tcp4(f);
	fx_set32(f, OX_OP_SET_MPLS, 1);
	encap_fails(f);
}

/* behind the MACs like PUSH_MPLS */
CASE(action, add_mpls_l3)
{
	struct desc d = desc_ip4(6), e = desc_labels(1);

	fx_frame(f, &d);
	push_label(f, OX_OP_ADD_MPLS, 0x8847 | OX_MPLS_L3, &e, 0);
	encap_becomes(f, e);
}

/* in front of the whole frame, and a new Ethernet header in front of that */
CASE(action, add_mpls_l2)
{
	struct desc d = desc_ip4(6), o = desc_outer(d);
	struct frame t;

	fx_frame(f, &d);
	fx_op(f, OX_OP_ADD_MPLS, 0x8847)->val = htonl(0x00064140);
	push_eth_op(f, &o);
	encap_becomes(f, d);
	t = f->out;
	build_macs(&o, f->out.b);
	put16(f->out.b + 12, 0x8847);
	put32(f->out.b + 14, 0x00064140);
	memcpy(f->out.b + 18, t.b, t.len);
	f->out.len = t.len + 18;
}

CASE(action, add_mpls_l2_vlan)
{
	case_parse_vlan(f);
	fx_op(f, OX_OP_ADD_MPLS, 0x8847);
	fx_op(f, OX_OP_OUTPUT, FX_OUT);
	fx_interpreted(f);
	fx_drop(f, OX_R_NO_ETH);
	f->user_only = true;
}

/* the frame in front of which a label was put is a frame again */
CASE(action, add_pop_mpls_l2)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_op(f, OX_OP_ADD_MPLS, 0x8847);
	fx_op(f, OX_OP_POP_MPLS, 0x6558);
	fx_op(f, OX_OP_PUSH_VLAN, 0x8100u << 16 | 0x1005);
	encap_becomes(f, desc_tag(d, 0x8100, 5));
	f->user_only = true;
}

CASE(action, pop_push_eth)
{
	struct desc d = desc_ip6(17), o = desc_outer(d);

	fx_frame(f, &d);
	f->no_room = true;
	fx_op(f, OX_OP_POP_ETH, 0);
	push_eth_op(f, &o);
	fx_set16(f, OX_OP_SET_TP_SRC, 17, 7);
	o.sport = 7;
	encap_becomes(f, o);
}

CASE(action, pop_eth_vlan)
{
	case_parse_vlan(f);
	fx_op(f, OX_OP_POP_ETH, 0);
	encap_fails(f);
	f->user_only = true;
}

CASE(action, push_eth_twice)
{
	struct desc d = desc_ip6(17);

	fx_frame(f, &d);
	push_eth_op(f, &d);
	encap_fails(f);
}

/* what is inside of NSH, after its outer header */
static inline void nsh_pop(struct fx *f, uint8_t mdtype)
{
	struct desc d = desc_nsh(desc_ip4(6), mdtype), e = desc_ip4(6);

	fx_frame(f, &d);
	f->no_room = true;
	fx_op(f, OX_OP_POP_ETH, 0);
	fx_op(f, OX_OP_POP_NSH, 0);
	encap_becomes(f, e);
}

CASE(action, pop_nsh_md1)
{
	nsh_pop(f, 1);
}

CASE(action, pop_nsh_md2)
{
	nsh_pop(f, 2);
}

/* without POP_ETH the MACs are taken for the header, as in the module */
CASE(action, pop_nsh_macs)
{
	struct desc d = desc_nsh(desc_ip4(6), 1);
	static const uint8_t a[6] = { 0, 0x03, 0, 3, 0, 0 };

	memcpy(d.dst, a, 6);
	fx_frame(f, &d);
	fx_op(f, OX_OP_POP_NSH, 0);
	encap_becomes(f, d);
	memmove(f->out.b, f->out.b + 12, f->out.len - 12);
	f->out.len -= 12;
	f->user_only = true;
}

CASE(action, pop_nsh_short)
{
	struct desc d = desc_nsh(desc_ip4(6), 1);
	static const uint8_t a[6] = { 0, 0x01, 0, 3, 0, 0 };

	memcpy(d.dst, a, 6);
	fx_frame(f, &d);
	fx_op(f, OX_OP_POP_NSH, 0);
	encap_fails(f);
	f->user_only = true;
}

CASE(action, pop_nsh_next)
{
	struct desc d = desc_nsh(desc_ip4(6), 1);
	static const uint8_t a[6] = { 0, 0x03, 0, 9, 0, 0 };

	memcpy(d.dst, a, 6);
	fx_frame(f, &d);
	fx_op(f, OX_OP_POP_NSH, 0);
	encap_fails(f);
	f->user_only = true;
}

CASE(action, set_nsh)
{
	/* flags, TTL, type and protocol (which stay), path */
	static const uint8_t v[8] = { 1, 9, 7, 7, 0, 0, 0, 0x55 };
	static const uint8_t m[8] = { 3, 0x3f, 0xff, 0xff, 0, 0, 0, 0xff };
	static const uint8_t cv[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	static const uint8_t cm[8] = { 0xff, 0xff, 0, 0, 0, 0, 0, 0xff };
	struct desc d = desc_tag(desc_nsh(desc_ip4(6), 1), 0x8100, 7);

	fx_frame(f, &d);
	fx_set(f, OX_OP_SET_NSH, 0, v, m, 8);
	fx_set(f, OX_OP_SET_NSH, 1, cv, cm, 8);
	fx_set(f, OX_OP_SET_NSH, 2, cv, NULL, 8);
	put16(d.nsh, 1 << 12 | 9 << 6 | 6);
	d.nsh[7] = 0x55;
	d.nsh[8] = 1;
	d.nsh[9] = 2;
	d.nsh[15] = 8;
	memcpy(d.nsh + 16, cv, 8);
	encap_becomes(f, d);
}

/* there are no contexts to set */
CASE(action, set_nsh_md2)
{
	static const uint8_t v[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct desc d = desc_nsh(desc_ip4(6), 2);

	fx_frame(f, &d);
	fx_set(f, OX_OP_SET_NSH, 1, v, NULL, 8);
	encap_becomes(f, d);
}

#define FX_CASES_ENCAP(X)                \
	X(parse, ext_hop)                \
	X(parse, ext_routing)            \
	X(parse, ext_order)              \
	X(parse, ext_hop_twice)          \
	X(parse, ext_hop_late)           \
	X(parse, ext_routing_twice)      \
	X(parse, ext_dest_twice)         \
	X(parse, ext_dest_thrice)        \
	X(parse, ext_after_two_dest)     \
	X(parse, ext_dest_after_routing) \
	X(parse, ext_auth_last)          \
	X(parse, ext_auth_first)         \
	X(parse, ext_none)               \
	X(parse, ext_nd_twice)           \
	X(parse, mpls_one)               \
	X(parse, mpls_two)               \
	X(parse, mpls_three)             \
	X(parse, mpls_four)              \
	X(parse, mpls_vlan)              \
	X(parse, mpls_multicast)         \
	X(parse, mpls_cut)               \
	X(parse, mpls_bare)              \
	X(parse, nsh_md1)                \
	X(parse, nsh_md2)                \
	X(parse, nsh_vlan)               \
	X(parse, nsh_version)            \
	X(parse, nsh_md_type)            \
	X(parse, nsh_md1_length)         \
	X(parse, nsh_beyond)             \
	X(parse, nsh_cut)                \
	X(action, push_mpls)             \
	X(action, push_mpls_vlan)        \
	X(action, push_mpls_qinq)        \
	X(action, push_mpls_llc)         \
	X(action, push_mpls_twice)       \
	X(action, push_mpls_type)        \
	X(action, push_set_pop_mpls)     \
	X(action, pop_mpls)              \
	X(action, pop_mpls_vlan)         \
	X(action, pop_mpls_qinq)         \
	X(action, pop_no_mpls)           \
	X(action, pop_mpls_cut)          \
	X(action, set_mpls)              \
	X(action, set_mpls_cut)          \
	X(action, set_no_mpls)           \
	X(action, add_mpls_l3)           \
	X(action, add_mpls_l2)           \
	X(action, add_mpls_l2_vlan)      \
	X(action, add_pop_mpls_l2)       \
	X(action, pop_push_eth)          \
	X(action, pop_eth_vlan)          \
	X(action, push_eth_twice)        \
	X(action, pop_nsh_md1)           \
	X(action, pop_nsh_md2)           \
	X(action, pop_nsh_macs)          \
	X(action, pop_nsh_short)         \
	X(action, pop_nsh_next)          \
	X(action, set_nsh)               \
	X(action, set_nsh_md2)

#endif /* OVSXDP_TESTS_BPF_CASES_ENCAP_H */
