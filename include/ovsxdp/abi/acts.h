/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/acts.h - a flow's actions, verbatim and compiled to ops. A part of
 * ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_ACTS_H
#define OVSXDP_ABI_ACTS_H

#include <linux/types.h>

#include "ovsxdp/abi/key.h"

#define OX_ACTS_OPS	24   /* compiled ops in a slot of "acts" */
#define OX_ACTS_MAX_OPS 4096 /* compiled ops of a flow, over linked slots */
#define OX_ACTS_NLA	432  /* bytes of verbatim attributes a slot */
#define OX_ACTS_SHIFT	10   /* log2 of the acts slots a chunk */

/* Compiled actions. */
enum ox_opcode {
	OX_OP_END = 0,
	OX_OP_OUTPUT,	   /* arg: port number */
	OX_OP_USERSPACE,   /* arg: offset of the attribute in the verbatim
			    * list; user tier only */
	OX_OP_SET_ETH_DST, /* val, mask: 6 bytes at the low addresses */
	OX_OP_SET_ETH_SRC,
	OX_OP_SET_IPV4_SRC, /* val, mask: first 4 bytes, network order */
	OX_OP_SET_IPV4_DST,
	OX_OP_SET_IPV4_TOS, /* val, mask: first byte */
	OX_OP_SET_IPV4_TTL,
	OX_OP_SET_IPV6_SRC, /* arg: 0 upper, 1 lower 8 bytes */
	OX_OP_SET_IPV6_DST,
	OX_OP_SET_IPV6_TCLASS, /* first byte */
	OX_OP_SET_IPV6_LABEL,  /* first 4 bytes, network order, 20 bits */
	OX_OP_SET_IPV6_HLIMIT, /* first byte */
	OX_OP_SET_TP_SRC,      /* arg: IPPROTO_{TCP,UDP,SCTP}; first 2 bytes */
	OX_OP_SET_TP_DST,
	OX_OP_PUSH_VLAN, /* arg: tpid << 16 | tci, both host order */
	OX_OP_POP_VLAN,
	OX_OP_SET_PRIORITY, /* val, mask: first 4 bytes, host order */
	OX_OP_SET_MARK,	    /* the same */
	OX_OP_SET_MPLS,	    /* topmost label; first 4 bytes, network order */
	OX_OP_SET_NSH,	    /* arg 0: base (flags, ttl, mdtype, np as in struct
			     * ovs_nsh_key_base) and path header, 8 bytes; 1, 2:
			     * context[0..1], [2..3], 8 bytes */
	OX_OP_PUSH_MPLS,    /* arg: Ethertype, host order; val: lse, first 4
			     * bytes in network order. Behind the MACs */
	OX_OP_ADD_MPLS,	    /* arg: Ethertype | OX_MPLS_L3 (after the MACs, else
			     * in front of them); val as above */
	OX_OP_POP_MPLS,	    /* arg: Ethertype of what is inside */
	OX_OP_PUSH_ETH,	    /* val: destination, mask: source; 6 bytes */
	OX_OP_POP_ETH,
	OX_OP_PUSH_NSH, /* arg: offset of the attribute in the verbatim list;
			 * user tier only */
	OX_OP_POP_NSH,
	OX_OP_LAST_EDIT = OX_OP_POP_NSH,

	/* The way through the list. Branches are in place: "skip n" goes on n
	 * ops after the next one. */
	OX_OP_CLONE,	 /* arg: n. The next n ops run on a copy of packet and
			  * key; then the list goes on after them. An error in
			  * the branch ends the list, as in the module */
	OX_OP_SAMPLE,	 /* val: probability of UINT32_MAX; arg: skip if not
			  * taken */
	OX_OP_CHECK_LEN, /* val: length; arg: skip if the packet is longer */
	OX_OP_JUMP,	 /* arg: skip */
	OX_OP_DEC_TTL,	 /* arg: n. TTL over 1: decrement, skip n; else go on
			  * with the next op (the branch ends with END) */
	OX_OP_RECIRC,	 /* arg: recirc id; ends the list */
	OX_OP_HASH,	 /* arg: basis; val: enum ovs_hash_alg */
	OX_OP_TRUNC,	 /* arg: max_len for the next output or upcall */
	OX_OP_METER,	 /* arg: meter id; ends the list where it drops */
	OX_OP_DROP,	 /* arg: OVS_ACTION_ATTR_DROP's reason; ends */
	OX_OP_GROUP,	 /* val: n, arg: slot in the map "groups": the next n
			  * ops are outputs that end the list; XDP may send to
			  * all of them in one go */
	OX_OP_CT,	 /* struct ox_op_ct */
	OX_OP_CT_ARG,	 /* struct ox_op_ct_arg: more of the CT before it */
	OX_OP_CT_CLEAR,
	OX_OP_TUN,     /* struct ox_op_tun: set(tunnel()) */
	OX_OP_TUN_ARG, /* struct ox_op_tun_arg: more of the TUN before it */
	OX_OP_REFUSE,  /* arg: errno with which the list ends: an action
			* that the module takes and no packet can pass */
};
#define OX_OP_MAX  (OX_OP_REFUSE + 1)
#define OX_MPLS_L3 0x10000 /* OVS_MPLS_L3_TUNNEL_FLAG_MASK of ADD_MPLS */

struct ox_op {
	__u8 code;  /* enum ox_opcode */
	__u8 flags; /* OX_OPF_* */
	__u8 pad[2];
	__u32 arg;
	__u64 val;  /* bytes in memory order; already val & mask */
	__u64 mask; /* bytes in memory order; 1 bits are replaced */
};
_Static_assert(sizeof(struct ox_op) == 24, "ox_op");
#define OX_OPF_LAST                                                          \
	0x1 /* OUTPUT, USERSPACE: nothing behind it needs the packet (of its \
	     * branch), so it may be given away instead of copied */
#define OX_OPF_FRESH                                                        \
	0x2 /* CLONE of a RECIRC, or of a branch with one and the same key: \
	     * a stale key is parsed again first, for the list around, too */
#define OX_OPF_KEEP_CUT                                                      \
	0x4 /* OUTPUT, USERSPACE of a branch without a copy of its own: what \
	     * the list began with of a TRUNC is in force behind it, too */
#define OX_OPF_WHOLE \
	0x8 /* with KEEP_CUT: not the first of its branch, so not cut */
#define OX_OPF_TUN6 0x10 /* TUN: of IPv6, in its arguments */

/* The op CT. What is rare stands in the n_args ops after it, so that a list
 * has all that it needs, and nothing of it has to be shared and counted. */
struct ox_op_ct {
	__u8 code;  /* OX_OP_CT */
	__u8 flags; /* OX_OPF_* */
	__u8 n_args;
	__u8 helper; /* enum ox_ct_helper */
	__u16 zone;
	__u16 ct_flags; /* OX_CT_F_* */
	__u32 mark;	/* already & mark_mask */
	__u32 mark_mask;
	__u32 eventmask;
	__u16 tp; /* set of timeouts: a policy, or 0 */
	__u16 pad;
};
_Static_assert(sizeof(struct ox_op_ct) == sizeof(struct ox_op), "ox_op_ct");

/* The op CT_ARG: 16 bytes of struct ox_ct_act, which they go to. */
struct ox_op_ct_arg {
	__u8 code;  /* OX_OP_CT_ARG */
	__u8 flags; /* 0 */
	__u8 what;  /* enum ox_ct_arg */
	__u8 pad;
	__be16 port; /* OX_CT_ARG_NAT_*: the port that goes with it */
	__u16 pad1;
	__u64 w[2];
};
_Static_assert(sizeof(struct ox_op_ct_arg) == sizeof(struct ox_op),
	       "ox_op_ct_arg");
enum ox_ct_arg {
	OX_CT_ARG_LABELS,
	OX_CT_ARG_LABELS_MASK,
	OX_CT_ARG_NAT_MIN,
	OX_CT_ARG_NAT_MAX,
	OX_CT_ARG_MAX,
};

/*
 * The op TUN, which is a copy of the packet's from then on, through branches
 * and recirculation: with it the packet goes out by a tunnel's port. What IPv4
 * without options doesn't need stands in the n_args ops after it.
 */
struct ox_op_tun {
	__u8 code;	  /* OX_OP_TUN */
	__u8 flags;	  /* OX_OPF_* */
	__u8 n_args;	  /* 0..OX_TUN_MAX_ARGS */
	__u8 opts_len;	  /* bytes of options, 0..OX_TUN_OPTS_MAX */
	__be16 tun_flags; /* TUNNEL_* of linux/if_tunnel.h */
	__u8 tos;
	__u8 ttl;
	__be64 tun_id;
	__be32 src; /* IPv4's; else 0 */
	__be32 dst;
};
_Static_assert(sizeof(struct ox_op_tun) == sizeof(struct ox_op), "ox_op_tun");

/* The op TUN_ARG: 16 bytes of the tunnel key. */
struct ox_op_tun_arg {
	__u8 code;  /* OX_OP_TUN_ARG */
	__u8 flags; /* 0 */
	__u8 what;  /* enum ox_tun_arg */
	__u8 at;    /* OX_TUN_ARG_OPTS: the offset in 16 bytes */
	__u32 pad;
	union {
		__u64 w[2];
		struct {
			__be16 tp_src;
			__be16 tp_dst;
			__be32 label;
		};
	};
};
_Static_assert(sizeof(struct ox_op_tun_arg) == sizeof(struct ox_op),
	       "ox_op_tun_arg");
enum ox_tun_arg {
	OX_TUN_ARG_SRC6,
	OX_TUN_ARG_DST6,
	OX_TUN_ARG_PORTS, /* ports and label */
	OX_TUN_ARG_OPTS,
};
#define OX_TUN_OPTS_MAX 252
#define OX_TUN_MAX_ARGS (3 + (OX_TUN_OPTS_MAX + 15) / 16)

/* Where a TUN stands: slot of "acts" and place there. No slot is that high:
 * OX_NONE is none. */
#define OX_TUN_REF(slot, at) ((__u32)(slot) << 5 | (at))
#define OX_TUN_REF_SLOT(ref) ((ref) >> 5)
#define OX_TUN_REF_AT(ref)   ((ref)&31)

/*
 * A flow's action list; map "acts", in chunks of 1 << OX_ACTS_SHIFT. Slot k of
 * the chain holds ops OX_ACTS_OPS * k and up, and the k-th piece of the
 * verbatim list. There are as many slots as the longer of the two needs.
 */
struct ox_acts {
	__u32 state;   /* enum ox_state; written last */
	__u32 next;    /* slot that continues, or OX_NONE */
	__u32 nla_len; /* bytes of the whole list, in the first slot */
	__u16 n_ops;   /* of the whole list, in the first slot; 0 in others */
	__u16 flags;   /* OX_ACTS_* */
	union {
		struct ox_op ops[OX_ACTS_OPS];
		struct ox_tun tun; /* OX_ACTS_TUN */
	};
	__u8 nla[OX_ACTS_NLA]; /* struct nlattr stream, as it came */
};
_Static_assert(sizeof(struct ox_acts) == 1024, "ox_acts");
#define OX_ACTS_CONT 0x1 /* continuation slot */
#define OX_ACTS_SKB  0x2 /* XDP can't end this list: start in the skb tier */
#define OX_ACTS_TUN                                                       \
	0x4 /* no list: the rest of a flow's unmasked key, for user space \
	     * alone. Named by ox_uflow.tun */
#define OX_ACTS_GEN_SHIFT                                                  \
	4 /* flags >> 4: changes with each use of the slot; names the list \
	   * in ox_upcall_md.gen */

/* Sets of ports that XDP sends copies to at once; map "groups". */
#define OX_MAX_GROUPS  1024
#define OX_GROUP_PORTS 16 /* ports of a set; larger ones: skb tier */

#endif /* OVSXDP_ABI_ACTS_H */
