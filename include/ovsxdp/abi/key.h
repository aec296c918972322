/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/key.h - the key of a packet or flow, and of a tunnel. A part of
 * ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_KEY_H
#define OVSXDP_ABI_KEY_H

#include <linux/types.h>

#define OX_KEY_WORDS 24 /* 8-byte words in struct ox_key */
#define OX_TUN_WORDS 39 /* and in struct ox_tun, which goes on */

/*
 * The flow key: struct sw_flow_key (net/openvswitch/flow.h) by content, laid
 * out in 8-byte words, the words that most masks use first. A mask has the
 * same layout. Unused bytes are zero.
 */
struct ox_key {
	union {
		__u64 w[OX_KEY_WORDS];
		struct {
			/* w0 */
			__u32 in_port; /* datapath port number */
			__u32 recirc_id;
			/* w1 */
			__u8 eth_dst[6];
			__be16 eth_type; /* as sw_flow_key.eth.type */
			/* w2 */
			__u8 eth_src[6];
			__be16 vlan_tci; /* outer; CFI bit set if present */
			/* w3; for ARP ip_proto is the opcode's low byte */
			__u8 ip_proto;
			__u8 ip_tos;
			__u8 ip_ttl;
			__u8 ip_frag;  /* enum ovs_frag_type */
			__be16 tp_src; /* ICMP: type */
			__be16 tp_dst; /* ICMP: code */
			/* w4..w7 */
			union {
				struct {
					__be32 src;
					__be32 dst;
				} ipv4;
				struct {
					__be32 src; /* SPA */
					__be32 dst; /* TPA */
					__u8 sha[6];
					__u8 pad0[2];
					__u8 tha[6];
					__u8 pad1[2];
				} arp;
				struct {
					__be32 src[4];
					__be32 dst[4];
				} ipv6;
				struct {
					__be32 lse[3];
					__u32 num_labels_mask;
				} mpls;
				struct { /* struct ovs_key_nsh */
					__u8 flags;
					__u8 ttl;
					__u8 mdtype;
					__u8 np;
					__be32 path_hdr;
					__be32 context[4];
				} nsh;
				__u64 net[4];
			};
			/* w8 */
			__be16 tcp_flags;
			__be16 vlan_tpid;
			__be16 cvlan_tci;
			__be16 cvlan_tpid;
			/* w9 */
			__be32 ipv6_label;
			__u32 dp_hash;
			/* w10 */
			__u32 skb_priority;
			__u32 skb_mark;
			/* w11 */
			__u8 ct_state;
			__u8 ct_orig_proto;
			__u16 ct_zone;
			__u32 ct_mark;
			/* w12, w13 */
			__be32 nd_target[4];
			/* w14 */
			__u8 nd_sll[6];
			union {
				struct {
					/* 0 none (L3 port), 1 Ethernet */
					__u8 mac_proto;
					/* 1: w23 isn't 0; in no mask */
					__u8 has_tun;
				};
				__u16 kind;
			};
			/* w15 */
			__u8 nd_tll[6];
			__u16 ipv6_exthdrs; /* enum ofp12_ipv6exthdr_flags */
			/* w16, w17 */
			__u8 ct_labels[16];
			/* w18..w21: IPv4 in the first word of each */
			__be32 ct_orig_src[4];
			__be32 ct_orig_dst[4];
			/* w22 */
			__be16 ct_orig_sport;
			__be16 ct_orig_dport;
			__u32 pad22;
			/* w23: what is small of the tunnel key; the rest is
			 * in struct ox_tun. All zero: no tunnel */
			__u8 tun_proto; /* AF_INET, AF_INET6 */
			__u8 tun_opts_len;
			__be16 tun_flags; /* TUNNEL_* of linux/if_tunnel.h */
			__u8 tun_tos;
			__u8 tun_ttl;
			__u16 tun_at; /* where the programs have the rest;
				       * in no mask, 0 outside of them */
		};
	};
};
_Static_assert(sizeof(struct ox_key) == 8 * OX_KEY_WORDS, "ox_key");
_Static_assert(__builtin_offsetof(struct ox_key, ip_proto) == 24, "w3");
_Static_assert(__builtin_offsetof(struct ox_key, net) == 32, "w4");
_Static_assert(__builtin_offsetof(struct ox_key, tcp_flags) == 64, "w8");
_Static_assert(__builtin_offsetof(struct ox_key, nd_target) == 96, "w12");
_Static_assert(__builtin_offsetof(struct ox_key, ct_labels) == 128, "w16");
_Static_assert(__builtin_offsetof(struct ox_key, tun_proto) == 184, "w23");
#define OX_W_TUN 23
/* ox_key.kind of most packets: with Ethernet and without a tunnel. */
#define OX_KIND_PLAIN (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 0x100 : 1)

/* The words that ct() writes. */
#define OX_KEY_CT_WORDS(X) X(11) X(16) X(17) X(18) X(19) X(20) X(21) X(22)
#define OX_KEY_N_CT_WORDS  8

/*
 * The words from 24 on of a key with a tunnel. They lie elsewhere, so that a
 * packet without one pays nothing for them: if w23 is zero, so are they, and
 * nobody looks. A mask uses at most OX_KEY_WORDS words of both together.
 */
struct ox_tun {
	union {
		__u64 x[OX_TUN_WORDS];
		struct {
			/* w24 */
			__be64 tun_id;
			/* w25..w28: IPv4 in w25 alone */
			union {
				struct {
					__be32 src;
					__be32 dst;
				} ipv4;
				struct {
					__be32 src[4];
					__be32 dst[4];
				} ipv6;
			};
			/* w29 */
			__be16 tp_src;
			__be16 tp_dst;
			__be32 label; /* IPv6 flow label */
			/* w30..w62: tun_opts_len bytes, from the left */
			__u8 opts[264];
		};
	};
};
_Static_assert(sizeof(struct ox_tun) == 8 * OX_TUN_WORDS, "ox_tun");
_Static_assert(__builtin_offsetof(struct ox_tun, opts) == 8 * 6, "w30");

#define OX_VLAN_CFI 0x1000 /* VLAN_CFI_MASK: "a tag is present" */

#endif /* OVSXDP_ABI_KEY_H */
