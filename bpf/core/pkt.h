/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pkt.h - a packet on its way through the core: its key, where its headers
 * are, and what was decided about it. The programs keep it in per-CPU memory
 * (struct ox_cpu_mem), because the stack has 512 bytes for a whole chain of
 * calls. pkt_init() and the parser fill in all of it (parse.h).
 */
#ifndef OVSXDP_BPF_PKT_H
#define OVSXDP_BPF_PKT_H

#include "bpf/core/compiler.h"
#include "ovsxdp/abi.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the core builds key words with little-endian shifts"
#endif

struct ox_pkt {
	struct ox_key key;
	__u32 len;  /* bytes in line; kept current by the ops */
	__u32 l3;   /* offset of the network header */
	__u32 l4;   /* of the transport header; 0: there is none */
	__u32 hash; /* ox_key_hash */
	__u32 flow; /* index, or OX_NONE */
	union {
		__u32 n_mask_hit; /* of the lookup under way */
		__u32 out;	  /* OX_V_OUTPUT: device, OX_OUT_PEER */
	};
	__u8 n_cache_hit;
	__u8 routed : 1; /* IPv6 routing header with segments left */
	__u8 level : 7;	 /* of lists around this one: interp_level() */
	__be16 proto;	 /* skb->protocol while the key is stale; 0: as in it */
	__u32 arg;	 /* see enum ox_verdict, and OX_RC_REFUSED */
	__u32 acts;	 /* first slot of the list, or OX_NONE */
	__u16 pc;	 /* op of it to go on with */
	__u8 hwtag;	 /* OX_VLAN_LEN: the outer tag is in the skb's metadata,
			  * not in line */
	__u8 stale;  /* an op left the key behind: parse before it is used */
	__u32 state; /* enum ox_pkt_state: of the memory that this lies in */
	__u8 work; /* struct ox_upcall_md has these two, for hand_down(). 0 but
		    * after the interpreter of XDP */
	__u8 deferred;
	__u16 pad;
};
_Static_assert(sizeof(struct ox_pkt) == 240, "no padding: it is memory for "
					     "global functions");

/* The memory is used again for the next packet, and most packets use few words
 * of the key: the others need no zeroing then. */
enum ox_pkt_state {
	OX_PKT_USED = 0,  /* anything may stand in the key */
	OX_PKT_CLEAN = 1, /* what parse_plain() doesn't write is zero */
	OX_PKT_BUSY = 2,  /* a packet is under way in here: leave it alone */
};

/* ox_pkt.out: bpf_redirect_peer() may be used. No ifindex has this bit. */
#define OX_OUT_PEER 0x80000000u

/* What a received packet has cost so far: all of its copies count here. */
struct ox_work {
	__u32 ops;	/* as OX_MAX_WORK */
	__u32 deferred; /* as OX_MAX_DEFERRED */
};

/* A packet that the interpreter (interp.h) takes through a list of ops. */
struct ox_run {
	struct ox_pkt p; /* acts and pc: where it is */
	__u32 slot;	 /* of "acts": the one that holds op pc */
	__u32 at;	 /* its place there */
	__u32 end;	 /* stop in front of this op */
	__u32 away;	 /* recirculated: errors from here on are this packet's
			  * own, and end no list around */
	__u32 cutlen;	 /* OX_OP_TRUNC in force */
	__u16 place;	 /* enum ox_place: the skb tier's alone */
	__u16 cts;	 /* ct() so far in this program run */
	__u32 verdict;	 /* enum ox_verdict, when it stops */
	__u32 depth;	 /* of branches */
	__u32 err;	 /* an edit failed, an errno: interp_fail() */
	__u32 used;	 /* the packet, or a copy, went somewhere */
	__u32 tun_out;	 /* the TUN in force, OX_TUN_REF(); or OX_NONE */
	__u32 tun_gen;	 /* generation of its list */
};
_Static_assert(sizeof(struct ox_run) == 288, "no padding");

/* Which packet it is on its CPU. */
enum ox_place {
	OX_PLACE_FIRST,	 /* it came in while no other one was under way */
	OX_PLACE_NESTED, /* it came in while another one was sent */
	OX_PLACE_BRANCH, /* a copy, on the clone device's egress */
};

/* A program run may call others 33 times (MAX_TAIL_CALL_CNT); ct() takes two
 * calls. One more goes one tier down. */
#define OX_MAX_CTS 15

/* What a half of struct ox_cpu_mem is. */
struct ox_cpu {
	struct ox_run first; /* the packet that came in first */
	struct ox_work work; /* of that one, and of all that it set off */
	/* the skb tier's alone */
	__u32 top;     /* places of "runs" in use */
	__u32 nest;    /* of them, packets that came in */
	__u32 pending; /* not 0: the next packet on the clone device's egress
			* is the branch in the last place in use */
	__u32 packet;  /* number of the one that came in first */
	/* both tiers': how many drops were told of since when (drop.h) */
	__u32 drops;
	__u64 drops_since;
};
_Static_assert(sizeof(struct ox_cpu) <= OX_CPU_HALF, "more room");

/* What becomes of a frame. */
enum ox_verdict {
	OX_V_PASS,   /* no such port: to the stack */
	OX_V_DROP,   /* arg: enum ox_reason; OX_R_NONE: it went somewhere */
	OX_V_OUTPUT, /* arg: port number */
	OX_V_GROUP,  /* arg: slot in the map "groups"; XDP only */
	OX_V_USER,   /* arg: enum ox_upcall */
	OX_V_RUN,    /* acts, pc: the interpreter takes it from here */
	OX_V_DOWN,   /* arg: enum ox_upcall; acts, pc: one tier down */
	OX_V_LOOKUP, /* nothing yet: there is a key to look up */
	OX_V_CT,     /* the interpreter stands at a CT */
	OX_V_TUNNEL, /* arg: port number, a tunnel's; skb tier only */
};

/* A key without a connection: ovs_ct_fill_key(); ct_clear. */
static __always_inline void key_ct_clear(struct ox_key *k)
{
#define KEY_CT_CLEAR(i) k->w[i] = 0;
	OX_KEY_CT_WORDS(KEY_CT_CLEAR)
#undef KEY_CT_CLEAR
}

/* They alone, of another key. */
static __always_inline void key_ct_copy(struct ox_key *to,
					const struct ox_key *from)
{
#define KEY_CT_COPY(i) to->w[i] = from->w[i];
	OX_KEY_CT_WORDS(KEY_CT_COPY)
#undef KEY_CT_COPY
}

/* Numbers of the wire that kernel headers share out over many files. */
#define OX_P_IP	       0x0800
#define OX_P_ARP       0x0806
#define OX_P_RARP      0x8035
#define OX_P_8021Q     0x8100
#define OX_P_8021AD    0x88a8
#define OX_P_IPV6      0x86dd
#define OX_P_MPLS_UC   0x8847
#define OX_P_MPLS_MC   0x8848
#define OX_P_TEB       0x6558
#define OX_P_NSH       0x894f
#define OX_P_802_2     0x0004
#define OX_P_802_3_MIN 0x0600

#define OX_IP_ICMP     1
#define OX_IP_TCP      6
#define OX_IP_UDP      17
#define OX_IP_ROUTING  43
#define OX_IP_FRAGMENT 44
#define OX_IP_AUTH     51
#define OX_IP_ICMPV6   58
#define OX_IP_NONE     59
#define OX_IP_DSTOPTS  60
#define OX_IP_SCTP     132
#define OX_IP_DCCP     33
#define OX_IP_GRE      47
#define OX_IP_UDPLITE  136

#define OX_MPLS_S      0x100 /* bottom of the stack */
#define OX_NSH_MD1     1
#define OX_NSH_MD2     2
#define OX_NSH_MD1_LEN 24
#define OX_NSH_ETH     3 /* next protocol: Ethernet */

#define OX_FRAG_FIRST 1 /* enum ovs_frag_type */
#define OX_FRAG_LATER 2

#define OX_ETH_LEN 14
#define OX_XSK_LEN                                               \
	3840 /* longest frame that AF_XDP takes: a frame of 4 KB \
	      * less the kernel's head room */
#define OX_VLAN_LEN 4

#define ox_be16(v)  ((__be16)__builtin_bswap16(v))
#define ox_cpu16(v) ((__u16)__builtin_bswap16(v))
#define ox_be32(v)  ((__be32)__builtin_bswap32(v))

/* Is this the Ethertype of a tag? */
static __always_inline int proto_is_vlan(__be16 type)
{
	return type == ox_be16(OX_P_8021Q) || type == ox_be16(OX_P_8021AD);
}

#endif /* OVSXDP_BPF_PKT_H */
