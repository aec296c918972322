/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cases.h - the cases of the parser, and the table of all: area.name becomes
 * the ids bpf.area.name and host.area.name.
 */
#ifndef OVSXDP_TESTS_BPF_CASES_H
#define OVSXDP_TESTS_BPF_CASES_H

#include "tests/bpf/fixtures.h"

#define CASE(area, name) static void case_##area##_##name(struct fx *f)

/* Ports and flags of a cut or odd L4 header are zero. */
static inline void no_l4(struct fx *f)
{
	f->key.tp_src = 0;
	f->key.tp_dst = 0;
	f->key.tcp_flags = 0;
}

static inline void no_l3(struct fx *f)
{
	no_l4(f);
	f->key.w[3] = 0;
	memset(f->key.net, 0, sizeof(f->key.net));
	f->key.ipv6_label = 0;
}

/* enum ofp12_ipv6exthdr_flags */
#define EH_NONEXT 0x01
#define EH_AUTH	  0x04
#define EH_DEST	  0x08
#define EH_FRAG	  0x10
#define EH_ROUTER 0x20
#define EH_HOP	  0x40
#define EH_UNREP  0x80
#define EH_UNSEQ  0x100

#define SIMPLE(area, name, desc_expr)      \
	CASE(area, name)                   \
	{                                  \
		struct desc d = desc_expr; \
		fx_frame(f, &d);           \
	}

/* ---- parse ---- */

SIMPLE(parse, tcp4, desc_ip4(6))
SIMPLE(parse, udp4, desc_ip4(17))
SIMPLE(parse, sctp4, desc_ip4(132))
SIMPLE(parse, icmp4, desc_ip4(1))
SIMPLE(parse, tcp6, desc_ip6(6))
SIMPLE(parse, udp6, desc_ip6(17))
SIMPLE(parse, sctp6, desc_ip6(132))
SIMPLE(parse, icmp6_echo, desc_ip6(58))
SIMPLE(parse, vlan, desc_tag(desc_ip4(6), 0x8100, 0x2005))
SIMPLE(parse, vlan_ad, desc_tag(desc_ip4(17), 0x88a8, 7))
SIMPLE(parse, qinq, desc_tag(desc_tag(desc_ip4(6), 0x88a8, 100), 0x8100, 5))
SIMPLE(parse, qinq_ipv6,
       desc_tag(desc_tag(desc_ip6(17), 0x8100, 0xe064), 0x8100, 0xffe))

CASE(parse, three_tags)
{
	struct desc d =
		desc_tag(desc_tag(desc_tag(desc_ip4(6), 0x8100, 1), 0x8100, 2),
			 0x8100, 3);

	fx_frame(f, &d);
	no_l3(f);
	f->key.eth_type = htons(0x8100);
}

CASE(parse, arp)
{
	struct desc d = desc_ip4(0);

	d.type = 0x0806;
	d.sport = 2;
	fx_frame(f, &d);
}

CASE(parse, rarp)
{
	struct desc d = desc_ip4(0);

	d.type = 0x8035;
	d.sport = 3;
	fx_frame(f, &d);
}

CASE(parse, arp_opcode_high)
{
	struct desc d = desc_ip4(0);

	d.type = 0x0806;
	d.sport = 0x0102;
	fx_frame(f, &d);
	f->key.ip_proto = 0;
}

CASE(parse, arp_not_ipv4)
{
	case_parse_arp(f);
	f->in.b[14 + 4] = 8; /* hardware address length */
	f->out = f->in;
	no_l3(f);
}

CASE(parse, arp_cut)
{
	case_parse_arp(f);
	fx_cut(f, 14 + 27);
	no_l3(f);
}

CASE(parse, llc_snap)
{
	struct desc d = desc_ip4(17);

	d.llc = true;
	fx_frame(f, &d);
}

CASE(parse, llc_other)
{
	case_parse_llc_snap(f);
	f->in.b[14] = 0x42; /* spanning tree's SAP */
	f->out = f->in;
	no_l3(f);
	f->key.eth_type = htons(0x0004);
}

CASE(parse, llc_oui)
{
	case_parse_llc_snap(f);
	f->in.b[19] = 1;
	f->out = f->in;
	no_l3(f);
	f->key.eth_type = htons(0x0004);
}

CASE(parse, llc_type_low)
{
	case_parse_llc_snap(f);
	f->in.b[20] = 0x01;
	f->out = f->in;
	no_l3(f);
	f->key.eth_type = htons(0x0004);
}

CASE(parse, llc_cut)
{
	case_parse_llc_snap(f);
	fx_cut(f, 21);
	no_l3(f);
	f->key.eth_type = htons(0x0004);
}

CASE(parse, other_type)
{
	struct desc d = desc_ip4(0);

	d.type = 0x88cc;
	fx_frame(f, &d);
}

CASE(parse, header_only)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_cut(f, 14);
	no_l3(f);
}

CASE(parse, vlan_cut)
{
	case_parse_vlan(f);
	fx_cut(f, 17); /* a byte short of the inner type */
	no_l3(f);
	f->key.eth_type = htons(0x8100);
	f->key.vlan_tci = 0;
	f->key.vlan_tpid = 0;
}

CASE(parse, vlan_bare)
{
	case_parse_vlan(f);
	fx_cut(f, 18);
	no_l3(f);
}

CASE(parse, qinq_cut)
{
	case_parse_qinq(f);
	fx_cut(f, 21);
	no_l3(f);
	f->key.eth_type = htons(0x8100);
	f->key.cvlan_tci = 0;
	f->key.cvlan_tpid = 0;
}

CASE(parse, ip4_options)
{
	struct desc d = desc_ip4(6);

	d.opts = 10;
	fx_frame(f, &d);
}

CASE(parse, ip4_first_fragment)
{
	struct desc d = desc_ip4(17);

	d.frag = 0x2000;
	fx_frame(f, &d);
	f->key.ip_frag = 1;
}

CASE(parse, ip4_later_fragment)
{
	struct desc d = desc_ip4(6);

	d.frag = 0x20b9;
	fx_frame(f, &d);
	f->key.ip_frag = 2;
	no_l4(f);
}

CASE(parse, ip4_cut)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_cut(f, 14 + 19);
	no_l3(f);
}

CASE(parse, ip4_ihl_small)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	f->in.b[14] = 0x44;
	f->out = f->in;
	no_l3(f);
}

CASE(parse, ip4_ihl_beyond)
{
	struct desc d = desc_ip4(17);

	d.payload = 4;
	fx_frame(f, &d);
	f->in.b[14] = 0x4f;
	f->out = f->in;
	no_l3(f);
}

CASE(parse, tcp_cut)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	fx_cut(f, 34 + 19);
	no_l4(f);
}

CASE(parse, tcp_doff_small)
{
	struct desc d = desc_ip4(6);

	fx_frame(f, &d);
	f->in.b[34 + 12] = 0x40;
	f->out = f->in;
	no_l4(f);
}

CASE(parse, tcp_doff_beyond)
{
	struct desc d = desc_ip4(6);

	d.payload = 8;
	fx_frame(f, &d);
	f->in.b[34 + 12] = 0xf0;
	f->out = f->in;
	no_l4(f);
}

CASE(parse, tcp_all_flags)
{
	struct desc d = desc_ip4(6);

	d.flags = 0xfff;
	d.doff = 8;
	fx_frame(f, &d);
}

CASE(parse, udp_cut)
{
	struct desc d = desc_ip4(17);

	fx_frame(f, &d);
	fx_cut(f, 34 + 7);
	no_l4(f);
}

CASE(parse, sctp_cut)
{
	struct desc d = desc_ip4(132);

	fx_frame(f, &d);
	fx_cut(f, 34 + 11);
	no_l4(f);
}

CASE(parse, icmp_cut)
{
	struct desc d = desc_ip4(1);

	fx_frame(f, &d);
	fx_cut(f, 34 + 7);
	no_l4(f);
}

CASE(parse, ip4_other_proto)
{
	struct desc d = desc_ip4(89);

	fx_frame(f, &d);
	no_l4(f);
}

CASE(parse, ip6_cut)
{
	struct desc d = desc_ip6(6);

	fx_frame(f, &d);
	fx_cut(f, 14 + 39);
	no_l3(f);
}

/* hop-by-hop, destination options, then TCP */
CASE(parse, ip6_options)
{
	struct desc d = desc_ip6(6);

	d.next = 0;
	d.ext_len = 24;
	d.ext[0] = 60;
	d.ext[1] = 1; /* 16 bytes */
	d.ext[16] = 6;
	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_HOP | EH_DEST;
}

CASE(parse, ip6_auth)
{
	struct desc d = desc_ip6(17);

	d.next = 51;
	d.ext_len = 24;
	d.ext[0] = 17;
	d.ext[1] = 4; /* in words, less two */
	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_AUTH;
}

static inline struct desc desc_frag6(uint8_t proto, uint16_t off)
{
	struct desc d = desc_ip6(proto);

	d.next = 44;
	d.ext_len = 8;
	d.ext[0] = proto;
	put16(d.ext + 2, off);
	return d;
}

CASE(parse, ip6_first_fragment)
{
	struct desc d = desc_frag6(17, 1);

	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_FRAG;
	f->key.ip_frag = 1;
}

CASE(parse, ip6_later_fragment)
{
	struct desc d = desc_frag6(6, 0x0100);

	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_FRAG;
	f->key.ip_frag = 2;
	f->key.ip_proto = 44;
	no_l4(f);
}

/* an extension header behind the offset: the walk fails, "first" it stays */
CASE(parse, ip6_later_options)
{
	struct desc d = desc_frag6(6, 0x0100);

	d.ext[0] = 60;
	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_FRAG | EH_DEST | EH_UNSEQ;
	f->key.ip_frag = 1;
	f->key.ip_proto = 59;
	no_l4(f);
}

CASE(parse, ip6_ext_cut)
{
	struct desc d = desc_frag6(6, 0);

	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_FRAG;
	fx_cut(f, 14 + 40 + 3);
	f->key.ip_frag = 1;
	f->key.ip_proto = 59;
	no_l4(f);
}

/* the last extension's length points behind the frame: protocol, no ports */
CASE(parse, ip6_ext_beyond)
{
	struct desc d = desc_ip6(6);

	d.next = 60;
	d.ext_len = 8;
	d.ext[0] = 6;
	d.ext[1] = 200;
	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_DEST;
	f->key.ip_proto = 59; /* the walk fails, as in ipv6_find_hdr() */
	no_l4(f);
}

/* A fragment header that isn't there makes no fragment. */
CASE(parse, ip6_frag_absent)
{
	struct desc d = desc_ip6(44);

	fx_frame(f, &d);
	f->in.len = f->out.len = 14 + 40;
	f->key.ipv6_exthdrs = EH_FRAG;
	f->key.ip_proto = 59;
	no_l4(f);
}

CASE(parse, ip6_no_next)
{
	struct desc d = desc_ip6(59);

	fx_frame(f, &d);
	f->key.ipv6_exthdrs = EH_NONEXT;
	no_l4(f);
}

CASE(parse, ip6_tcp_cut)
{
	struct desc d = desc_ip6(6);

	fx_frame(f, &d);
	fx_cut(f, 54 + 10);
	no_l4(f);
}

/* A neighbour message of type with n bytes of options (behind the target). */
static inline struct desc desc_nd(uint8_t type, const uint8_t *opts, int n)
{
	struct desc d = desc_ip6(58);
	int i;

	d.sport = type;
	d.dport = 0;
	d.payload = 16 + n;
	for (i = 0; i < 16; i++)
		d.body[i] = 0xf0 + i;
	memcpy(d.body + 16, opts, n);
	return d;
}

static const uint8_t nd_opts[] = { 1, 1, 2, 3, 4, 5, 6, 7, 2,  1,
				   9, 8, 7, 6, 5, 4, 1, 1, 20, 21,
				   2, 3, 4, 5, 5, 0, 0, 0, 0,  0 };

static inline void nd_key(struct fx *f, const void *sll, const void *tll)
{
	int i;

	for (i = 0; i < 16; i++)
		((uint8_t *)f->key.nd_target)[i] = 0xf0 + i;
	if (sll)
		memcpy(f->key.nd_sll, sll, 6);
	if (tll)
		memcpy(f->key.nd_tll, tll, 6);
}

CASE(parse, nd_solicit)
{
	struct desc d = desc_nd(135, nd_opts, 8);

	fx_frame(f, &d);
	nd_key(f, nd_opts + 2, NULL);
}

CASE(parse, nd_advert)
{
	struct desc d = desc_nd(136, nd_opts, 16);

	fx_frame(f, &d);
	nd_key(f, nd_opts + 2, nd_opts + 10);
}

/* the same address option twice: none of it counts */
CASE(parse, nd_twice)
{
	struct desc d = desc_nd(135, nd_opts, 24);

	fx_frame(f, &d);
}

CASE(parse, nd_no_options)
{
	struct desc d = desc_nd(135, nd_opts, 0);

	fx_frame(f, &d);
	nd_key(f, NULL, NULL);
}

/* an option of length 0 ends the walk; what was read stays */
CASE(parse, nd_zero_option)
{
	uint8_t o[16];
	struct desc d;

	memcpy(o, nd_opts, 16);
	o[9] = 0;
	d = desc_nd(136, o, 16);
	fx_frame(f, &d);
	nd_key(f, o + 2, NULL);
}

CASE(parse, nd_cut)
{
	struct desc d = desc_nd(135, nd_opts, 8);

	fx_frame(f, &d);
	fx_cut(f, 54 + 23);
}

CASE(parse, nd_code)
{
	struct desc d = desc_nd(135, nd_opts, 8);

	d.dport = 1;
	fx_frame(f, &d);
}

CASE(parse, jumbo)
{
	struct desc d = desc_ip4(17);

	d.payload = 8000;
	fx_frame(f, &d);
	f->out_mtu = 9000;
}

/* the others use what is above */
#include "tests/bpf/cases_encap.h"
#include "tests/bpf/cases_list.h"
#include "tests/bpf/cases_ct.h"
#include "tests/bpf/cases_run.h"
#include "tests/bpf/cases_drop.h"

/* ---- the table ---- */

#define FX_CASES(X)                        \
	X(parse, tcp4)                     \
	X(parse, udp4)                     \
	X(parse, sctp4)                    \
	X(parse, icmp4)                    \
	X(parse, tcp6)                     \
	X(parse, udp6)                     \
	X(parse, sctp6)                    \
	X(parse, icmp6_echo)               \
	X(parse, vlan)                     \
	X(parse, vlan_ad)                  \
	X(parse, qinq)                     \
	X(parse, qinq_ipv6)                \
	X(parse, three_tags)               \
	X(parse, arp)                      \
	X(parse, rarp)                     \
	X(parse, arp_opcode_high)          \
	X(parse, arp_not_ipv4)             \
	X(parse, arp_cut)                  \
	X(parse, llc_snap)                 \
	X(parse, llc_other)                \
	X(parse, llc_oui)                  \
	X(parse, llc_type_low)             \
	X(parse, llc_cut)                  \
	X(parse, other_type)               \
	X(parse, header_only)              \
	X(parse, vlan_cut)                 \
	X(parse, vlan_bare)                \
	X(parse, qinq_cut)                 \
	X(parse, ip4_options)              \
	X(parse, ip4_first_fragment)       \
	X(parse, ip4_later_fragment)       \
	X(parse, ip4_cut)                  \
	X(parse, ip4_ihl_small)            \
	X(parse, ip4_ihl_beyond)           \
	X(parse, tcp_cut)                  \
	X(parse, tcp_doff_small)           \
	X(parse, tcp_doff_beyond)          \
	X(parse, tcp_all_flags)            \
	X(parse, udp_cut)                  \
	X(parse, sctp_cut)                 \
	X(parse, icmp_cut)                 \
	X(parse, ip4_other_proto)          \
	X(parse, ip6_cut)                  \
	X(parse, ip6_options)              \
	X(parse, ip6_auth)                 \
	X(parse, ip6_first_fragment)       \
	X(parse, ip6_later_fragment)       \
	X(parse, ip6_later_options)        \
	X(parse, ip6_ext_cut)              \
	X(parse, ip6_ext_beyond)           \
	X(parse, ip6_frag_absent)          \
	X(parse, ip6_no_next)              \
	X(parse, ip6_tcp_cut)              \
	X(parse, nd_solicit)               \
	X(parse, nd_advert)                \
	X(parse, nd_twice)                 \
	X(parse, nd_no_options)            \
	X(parse, nd_zero_option)           \
	X(parse, nd_cut)                   \
	X(parse, nd_code)                  \
	X(parse, jumbo)                    \
	FX_CASES_ENCAP(X)                  \
	FX_CASES_LIST(X)                   \
	FX_CASES_CT(X)                     \
	X(lookup, second_mask)             \
	X(lookup, forty_masks)             \
	X(lookup, miss)                    \
	X(lookup, empty_table)             \
	X(lookup, cache_hit)               \
	X(lookup, cache_off)               \
	X(lookup, cache_one_entry)         \
	X(lookup, miss_not_cached)         \
	X(lookup, cache_rests)             \
	X(lookup, wildcard)                \
	X(lookup, match_all)               \
	X(lookup, prefix)                  \
	X(lookup, cache_names_other)       \
	X(lookup, cache_names_first_line)  \
	X(lookup, cache_names_second_line) \
	X(lookup, cache_names_third_line)  \
	X(lookup, cache_names_last_word)   \
	X(lookup, cache_names_dead)        \
	X(lookup, signature_of_other_mask) \
	X(lookup, overflow_chain)          \
	X(lookup, last_bucket)             \
	X(lookup, port_by_hint)            \
	X(lookup, hint_of_other)           \
	X(action, eth)                     \
	X(action, eth_masked)              \
	X(action, ip4_addr_tcp)            \
	X(action, ip4_addr_udp)            \
	X(action, ip4_addr_sctp)           \
	X(action, ip4_addr_icmp)           \
	X(action, ip4_addr_udp_no_csum)    \
	X(action, ip4_addr_options)        \
	X(action, ip4_addr_vlan)           \
	X(action, ip4_addr_later_fragment) \
	X(action, ip4_addr_masked)         \
	X(action, ip4_addr_same)           \
	X(action, ip4_tos_ttl)             \
	X(action, ip6_addr_tcp)            \
	X(action, ip6_addr_udp)            \
	X(action, ip6_addr_icmp)           \
	X(action, ip6_addr_options)        \
	X(action, ip6_dst_routed)          \
	X(action, ip6_dst_no_segments)     \
	X(action, ip6_addr_later_fragment) \
	X(action, ip6_fields)              \
	X(action, ip6_fields_masked)       \
	X(action, tp_tcp)                  \
	X(action, tp_udp)                  \
	X(action, tp_udp_no_csum)          \
	X(action, tp_udp_mangled_zero)     \
	X(action, tp_sctp)                 \
	X(action, tp_sctp_long)            \
	X(action, tp_sctp6)                \
	X(action, tp_sctp_bad_crc)         \
	X(action, tp_tcp6)                 \
	X(action, tp_udp6_qinq)            \
	X(action, push_vlan)               \
	X(action, push_vlan_outer)         \
	X(action, pop_vlan)                \
	X(action, pop_vlan_outer)          \
	X(action, pop_no_vlan)             \
	X(action, push_set_pop)            \
	X(action, jumbo_edit)              \
	X(action, user)                    \
	X(csum, partial_tcp4)              \
	X(csum, partial_udp4)              \
	X(csum, partial_tcp6)              \
	X(csum, partial_udp6_vlan)         \
	X(csum, partial_options)           \
	X(csum, partial_jumbo)             \
	X(csum, partial_edit)              \
	X(csum, partial_miss)              \
	X(csum, partial_nic)               \
	X(csum, partial_no_tier)           \
	X(csum, complete_skb)              \
	X(csum, generic_output)            \
	X(csum, generic_edit)              \
	X(csum, generic_edit_complete)     \
	X(csum, generic_edit_eth)          \
	X(drop, no_such_ingress)           \
	X(drop, flow)                      \
	X(drop, no_port)                   \
	X(drop, port_out_of_range)         \
	X(drop, port_down)                 \
	X(drop, over_mtu)                  \
	X(drop, just_mtu)                  \
	X(drop, just_mtu_vlan)             \
	X(drop, over_mtu_vlan)             \
	X(drop, over_mtu_qinq)             \
	X(drop, over_mtu_pushed)           \
	X(drop, no_socket)                 \
	X(drop, no_socket_user)            \
	X(drop, no_socket_no_tier)         \
	X(drop, tag_without_type)          \
	X(drop, tag_with_type)             \
	X(drop, wrap_without_type)         \
	X(drop, wrap_with_type)            \
	X(drop, no_tier)                   \
	X(drop, no_xmit)                   \
	X(drop, edit_too_short)            \
	X(drop, edit_ip_too_short)         \
	X(drop, bad_op)                    \
	X(drop, user_op_in_kernel)         \
	X(drop, bad_kind)                  \
	X(drop, bad_slot)                  \
	X(drop, ops_without_output)

struct fx_entry {
	const char *id; /* area.name */
	fx_case fn;
};

static const struct fx_entry fx_cases[] = {
#define FX_ENTRY(area, name) { #area "." #name, case_##area##_##name },
	FX_CASES(FX_ENTRY)
#undef FX_ENTRY
};
#define FX_N_CASES (sizeof(fx_cases) / sizeof(fx_cases[0]))

#endif /* OVSXDP_TESTS_BPF_CASES_H */
