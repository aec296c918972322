/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tun_wire.h - how a tunnel's outer headers look: what is in front of the inner
 * frame, and what of it has a fixed place. Geneve's options come after it.
 */
#ifndef OVSXDP_BPF_TUN_WIRE_H
#define OVSXDP_BPF_TUN_WIRE_H

#include "bpf/core/pkt.h"

#define OX_IP_GRE  47
#define OX_WIRE_L4 16 /* bytes of the longest header after IP */

struct ox_wire_ip4 {
	__u8 ver_ihl;
	__u8 tos;
	__be16 len;
	__be16 id;
	__be16 frag;
	__u8 ttl;
	__u8 proto;
	__be16 check;
	__be32 src;
	__be32 dst;
};

struct ox_wire_ip6 {
	__be32 flow; /* version, class, label */
	__be16 len;
	__u8 proto;
	__u8 hops;
	__be32 src[4];
	__be32 dst[4];
};

struct ox_wire_udp {
	__be16 sport;
	__be16 dport;
	__be16 len;
	__be16 check;
};

struct ox_wire_geneve {
	__u8 ver_opt; /* version, and words of options */
	__u8 flags;
	__be16 proto;
	__be32 vni; /* in the upper 24 bits */
};

struct ox_wire_vxlan {
	__be32 flags; /* and what group policy has */
	__be32 vni;   /* in the upper 24 bits */
};

struct ox_wire_gre {
	__be16 flags;
	__be16 proto;
	__be32 opt[3]; /* checksum, key, number: those that flags name */
};

/* What comes after the IP header. */
struct ox_wire_l4 {
	union {
		struct {
			struct ox_wire_udp udp;
			union {
				struct ox_wire_geneve geneve;
				struct ox_wire_vxlan vxlan;
			};
		};
		struct ox_wire_gre gre;
	};
};
_Static_assert(sizeof(struct ox_wire_l4) == OX_WIRE_L4, "ox_wire_l4");

/* From the outer Ethernet header on. The padding aligns what is after that. */
struct ox_outer {
	__u8 pad[2];
	__u8 dst[6];
	__u8 src[6];
	__be16 type;
	union {
		struct {
			struct ox_wire_ip4 ip;
			struct ox_wire_l4 l4;
		} v4;
		struct {
			struct ox_wire_ip6 ip;
			struct ox_wire_l4 l4;
		} v6;
	};
};
_Static_assert(sizeof(struct ox_outer) == 72, "ox_outer");

/* Bytes that are there in any case: the shortest GRE header has the inner
 * Ethernet header after it. */
#define OX_OUTER4 (OX_ETH_LEN + 20 + OX_WIRE_L4)
#define OX_OUTER6 (OX_ETH_LEN + 40 + OX_WIRE_L4)

#define OX_IP_DF   0x4000
#define OX_IP_MF   0x2000
#define OX_IP_OFFS 0x1fff

#define OX_GENEVE_OAM  0x80
#define OX_GENEVE_CRIT 0x40
#define OX_GENEVE_OPTS 0x3f /* of ver_opt: words of options */

#define OX_VXLAN_VNI	  0x08000000u /* there is one */
#define OX_VXLAN_GBP	  0x80000000u /* there is a group policy */
#define OX_VXLAN_GBP_BITS 0x0048ffffu /* which is as struct vxlan_metadata */
#define OX_VXLAN_GBP_USED 0x80ffffffu

#define OX_GRE_CSUM 0x8000
#define OX_GRE_KEY  0x2000
#define OX_GRE_SEQ  0x1000
#define OX_GRE_ODD  0x4007 /* routing, versions but 0 */

/* The protocol that carries a kind of tunnel. */
static __always_inline __u8 tun_proto(__u32 kind)
{
	return kind == OX_VPORT_GRE || kind == OX_VPORT_IP6GRE ? OX_IP_GRE
							       : OX_IP_UDP;
}

#ifndef OX_AF_INET
#define OX_AF_INET  2
#define OX_AF_INET6 10
#endif

#define OX_ECN_MASK 3
#define OX_ECN_ECT1 1
#define OX_ECN_ECT0 2
#define OX_ECN_CE   3

/* What struct ox_key has of a tunnel's key in w23. */
struct ox_tun_head {
	union {
		__u64 w;
		struct {
			__u8 proto; /* OX_AF_* */
			__u8 opts_len;
			__be16 flags; /* OX_TUN_* */
			__u8 tos;
			__u8 ttl;
			__u16 at;
		};
	};
};

/* Any header, as words: a compiler mustn't believe that they are others. */
typedef __u16 __attribute__((may_alias)) ox_wire_word;

/* The sum of n 16-bit words, to be folded; n is a constant. */
static __always_inline __u32 wire_sum(const void *at, __u32 n)
{
	const ox_wire_word *w = at;
	__u32 i, s = 0;

#pragma GCC unroll 20
	for (i = 0; i < n; i++)
		s += w[i];
	return s;
}

/* A sum of words becomes one of 16 bits. */
static __always_inline __u16 wire_fold(__u32 s)
{
	s = (s & 0xffff) + (s >> 16);
	return s + (s >> 16);
}

#endif /* OVSXDP_BPF_TUN_WIRE_H */
