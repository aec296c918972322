/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi.h - the contract between the BPF programs and user space.
 *
 * Everything here lives in pinned maps that outlive the daemon, so each
 * layout is fixed: change one, and OX_ABI_VERSION goes up. Included by the
 * BPF objects, the host build of the core, the loader and the daemon.
 *
 * Byte order: header fields are in network order (__be16, __be32), all else
 * in the host's. Units: bytes, packets, nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef OVSXDP_ABI_H
#define OVSXDP_ABI_H

#include <linux/types.h>
#ifdef __bpf__
#include <linux/bpf.h>
#endif

#define OX_ABI_MAGIC   0x4f565844u /* "OVXD" */
#define OX_ABI_VERSION 9u

#define OX_NAME_LEN	16	    /* IFNAMSIZ */
#define OX_KEY_WORDS	24	    /* 8-byte words in struct ox_key */
#define OX_TUN_WORDS	39	    /* and in struct ox_tun, which goes on */
#define OX_NONE		0xffffffffu /* "no such flow, slot, port" */
#define OX_BUCKET_WAYS	8	    /* signatures in a bucket */
#define OX_PROBES	8	    /* buckets a lookup follows at most */
#define OX_CACHE_MAX	4096	    /* entries of the per-CPU mask cache */
#define OX_CACHE_WAYS	4    /* MC_HASH_SEGS: places a hash may stand in */
#define OX_ACTS_OPS	24   /* compiled ops in a slot of "acts" */
#define OX_ACTS_MAX_OPS 4096 /* compiled ops of a flow, over linked slots */
#define OX_ACTS_NLA	432  /* bytes of verbatim attributes a slot */
#define OX_ACTS_SHIFT	10   /* log2 of the acts slots a chunk */
#define OX_INLINE_NLA	16   /* bytes of verbatim attributes in ox_uflow */
#define OX_RX_HINTS	1024 /* devices found without a hash lookup */
#define OX_CPU_PIDS	1024 /* OVS_DP_ATTR_PER_CPU_PIDS kept */
#define OX_PORT_PIDS	240  /* OVS_VPORT_ATTR_UPCALL_PID kept */
#define OX_JUMPS	16   /* places in "xdp_jmp" and "tc_jmp" */
#define OX_JUMP_RUN	0    /* the one of the interpreter */

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
			__u8 mac_proto; /* 0 none (L3 port), 1 Ethernet */
			__u8 pad14;
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
			__u16 pad23;
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

/*
 * The words from 24 on of a key with a tunnel. They lie elsewhere, so that a
 * packet without one pays nothing for them: if w23 is zero, so are they, and
 * nobody looks. A mask uses at most OX_KEY_WORDS words of both together.
 * Nothing writes one yet.
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

/* A mask in compact form: only the words that it uses, in rising order. */
struct ox_mask {
	__u32 n_words;		  /* 0..OX_KEY_WORDS */
	__u32 slot;		  /* its index in the map "masks"; stable */
	__u64 seed;		  /* of ox_hash for this mask: odd */
	__u8 word[OX_KEY_WORDS];  /* index into ox_key.w, from 24 on into
				   * ox_tun.x; 0 from n_words on */
	__u64 bits[OX_KEY_WORDS]; /* bits[i] masks ox_key.w[word[i]] */
	__u32 n_flows; /* flows that use it; 0: slot is free or dying */
	__u32 state;   /* enum ox_state; user space only */
	__u32 l3;      /* of flows without an Ethernet header; the others' masks
			* don't look at mac_proto */
	__u32 pad[3];
};
_Static_assert(sizeof(struct ox_mask) == 256, "ox_mask");

/*
 * Which masks a packet may match: map "prune", in blocks of 64 places of
 * "scan". Bit i of may[d][v] is about the mask in place i. It is set if that
 * has no bits in byte d of the key, or a flow whose byte d matches the value v.
 * So the AND of one word a byte leaves the masks worth a probe. A bit too many
 * costs a probe, one too few would hide a flow. In the blocks above them
 * ("tops") bit i stands for a whole block.
 */
#define OX_DIMS 21
struct ox_prune {
	__u64 may[OX_DIMS][256];
};

/*
 * The bytes of struct ox_key. Those that tell masks apart best come first:
 * port, Ethertype, protocol and recirculation; destination and source of L4; of
 * IPv4. Then come the first eight of an IPv6 source, the last bytes of IPv6
 * addresses and MACs, and the VLAN.
 */
/* clang-format off */
#define OX_PRUNE_BYTES(X)                                    \
	X(0, 0)   X(1, 15)  X(2, 24)  X(3, 4)   X(4, 30)     \
	X(5, 31)  X(6, 28)  X(7, 29)  X(8, 32)  X(9, 33)     \
	X(10, 34) X(11, 35) X(12, 36) X(13, 37) X(14, 38)    \
	X(15, 39) X(16, 47) X(17, 63) X(18, 13) X(19, 21)    \
	X(20, 23)
/* clang-format on */

/* Fewer masks than this are all tried: it is cheaper. */
#define OX_PRUNE_MIN 3

/* Blocks of a half of "prune", in front of its tops; tops, which a single
 * block doesn't need; both. */
#define OX_PRUNE_BLOCKS(max_masks) (((max_masks) + 63) / 64)
#define OX_PRUNE_TOPS(max_masks) \
	((max_masks) > 64 ? ((max_masks) + 4095) / 4096 : 0)
#define OX_PRUNE_HALF(max_masks) \
	(OX_PRUNE_BLOCKS(max_masks) + OX_PRUNE_TOPS(max_masks))

enum ox_state {
	OX_FREE = 0, /* not in use, or being written */
	OX_LIVE = 1, /* complete and committed */
	OX_DEAD = 2, /* unlinked; a program may still read it */
};

/* What becomes of a flow's packets; upper half of ox_flow.action. */
enum ox_act {
	OX_ACT_DROP = 0,   /* empty action list */
	OX_ACT_OUTPUT = 1, /* arg: port number */
	OX_ACT_OPS = 2,	   /* arg: acts slot of at most OX_ACTS_OPS ops: edits
			    * that XDP and skb tier know, then one output */
	OX_ACT_USER = 3,   /* arg: acts slot, run the list in user space */
	OX_ACT_RUN = 4,	   /* arg: first acts slot: the interpreter (interp.h),
			    * which hands down at an op that its tier can't
			    * do */
};
#define OX_ACTION(kind, arg) (((__u64)(kind) << 32) | (__u32)(arg))
#define OX_ACTION_KIND(a)    ((__u32)((a) >> 32))
#define OX_ACTION_ARG(a)     ((__u32)(a))

/* What a flow's counters are read against. */
struct ox_flow_base {
	__u64 packets; /* counters at the last clear, less what the user tier
			* counted since: subtract these (mod 2^64) */
	__u64 bytes;
	__u64 host_used : 48;	   /* last packet of the user tier, in ms of
				    * CLOCK_MONOTONIC; 0: never */
	__u64 host_tcp_flags : 16; /* __be16, ORed */
};
_Static_assert(sizeof(struct ox_flow_base) == 24, "ox_flow_base");

/*
 * A megaflow as the data plane reads it; map "flows", in chunks. Programs look
 * at nothing after the hash: that is user space's, here because four cache
 * lines have the room.
 */
struct ox_flow {
	__u32 state;		 /* enum ox_state; written last */
	__u32 mask;		 /* slot in the map "masks" */
	__u64 action;		 /* OX_ACTION(); replaced with one store */
	__u64 key[OX_KEY_WORDS]; /* key[i] = packet.w[word[i]] & bits[i] */
	__u64 hash;		 /* ox_hash of key under the mask's seed */
	struct ox_flow_base base;
	__u8 nla[OX_INLINE_NLA]; /* verbatim action attributes, if short */
};
_Static_assert(sizeof(struct ox_flow) == 256, "ox_flow");

/* The part of a flow that only user space reads; map "uflows", in chunks. */
struct ox_uflow {
	__u8 ufid[16];
	__u8 ufid_len;	   /* 0: the flow is identified by its key */
	__u8 flags;	   /* OX_UFLOW_* */
	__u16 inline_len;  /* bytes used of ox_flow.nla, if acts is OX_NONE */
	__u32 acts;	   /* first acts slot, or OX_NONE */
	struct ox_key key; /* as given, unmasked */
};
_Static_assert(sizeof(struct ox_uflow) == 216, "ox_uflow");
#define OX_UFLOW_PROBE	0x01 /* installed with OVS_FLOW_ATTR_PROBE */
#define OX_UFLOW_LINGER 0x02 /* flushed, but packets match it for some time */

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
};
#define OX_OP_MAX  (OX_OP_GROUP + 1)
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
	struct ox_op ops[OX_ACTS_OPS];
	__u8 nla[OX_ACTS_NLA]; /* struct nlattr stream, as it came */
};
_Static_assert(sizeof(struct ox_acts) == 1024, "ox_acts");
#define OX_ACTS_CONT 0x1 /* continuation slot */
#define OX_ACTS_SKB  0x2 /* XDP can't end this list: start in the skb tier */
#define OX_ACTS_GEN_SHIFT                                                  \
	4 /* flags >> 4: changes with each use of the slot; names the list \
	   * in ox_upcall_md.gen */

/*
 * A bucket of the flow table, all masks in one table. A lookup starts at
 * hash & n_buckets_mask and goes to the next bucket while overflow is not
 * zero, OX_PROBES buckets at most.
 */
struct ox_bucket {
	__u16 sig[OX_BUCKET_WAYS];  /* ox_hash_sig(); 0: empty. Written last */
	__u32 flow[OX_BUCKET_WAYS]; /* flow index */
	__u16 overflow;		    /* flows that passed by this full bucket */
	__u16 pad[7];
};
_Static_assert(sizeof(struct ox_bucket) == 64, "ox_bucket");

/* Per-CPU mask cache; map "cache", one element. hash 0: empty. */
struct ox_cache_entry {
	__u32 hash;
	__u32 flow;
};
struct ox_cache {
	struct ox_cache_entry e[OX_CACHE_MAX];
};
_Static_assert(sizeof(struct ox_cache) == 32768, "PCPU_MIN_UNIT_SIZE");

/* Map "fstats", per CPU, in chunks like "flows". */
struct ox_flow_stats {
	__u64 packets;
	__u64 bytes;
	__u64 used; /* in the map: jiffies64; from ox_mem_ops.flow_stats: ns
		     * of CLOCK_MONOTONIC, as fine as a jiffy. 0: never */
	__be16 tcp_flags; /* OR of all */
	__u16 pad[3];
};
_Static_assert(sizeof(struct ox_flow_stats) == 32, "ox_flow_stats");

/* What "ovsxdp_sum" (bpf/sum.bpf.c) shall add up, into its map "sums". */
#define OX_SUMS 1024 /* flows a run at most */
struct ox_sum_args {
	__u32 chunk; /* of "fstats" */
	__u32 first; /* flow in it */
	__u32 n;
};
/* Which flows "ovsxdp_zero" shall zero stands in "packets" of the first n
 * elements of "sums". */
struct ox_zero_args {
	__u32 chunk_shift;
	__u32 n;
};

/* What "ovsxdp_upper" (bpf/upper.bpf.c) is asked, and the bits it returns. */
struct ox_upper_args {
	__u32 ifindex;
};
#define OX_UPPER_KNOWN 0x1 /* the device exists; else all is 0 */
#define OX_UPPER_HANDLER                                                      \
	0x2		     /* it has an rx_handler: a bridge's, a macvlan's \
			      */
#define OX_UPPER_VLAN	 0x4 /* VLAN devices are on it */
#define OX_UPPER_REFUSES 0x8 /* IFF_NO_RX_HANDLER: it mustn't have any */

/* struct ovs_vport_stats, same order; map "pstats", per CPU. */
struct ox_port_stats {
	__u64 rx_packets;
	__u64 tx_packets;
	__u64 rx_bytes;
	__u64 tx_bytes;
	__u64 rx_errors;
	__u64 tx_errors;
	__u64 rx_dropped;
	__u64 tx_dropped;
};
_Static_assert(sizeof(struct ox_port_stats) == 64, "ox_port_stats");

/*
 * What a port has for user space; map "upcalls", per CPU, by port number. A
 * port may hold on each CPU at most half as much of the ring as is free. How
 * much it holds is known by the ring's own places, so there is nothing that a
 * daemon could forget to give back.
 */
struct ox_port_upcalls {
	__u64 mark;   /* a place of the ring */
	__u32 before; /* bytes put before it; none when it has been read */
	__u32 after;  /* and from there on */
	__u64 lost;   /* packets that user space should have got */
};
_Static_assert(sizeof(struct ox_port_upcalls) == 24, "ox_port_upcalls");

/*
 * Why a packet was dropped or left its tier: X(ID, name, DROP or EVENT, what
 * it means to an administrator). Every reason is a counter in
 * ox_dp_stats.reason[]. A new one goes to the end: counters outlive the
 * daemon, and tests/unit/test_abi.c has the order.
 */
#define OX_REASONS(X)                                                          \
	X(FLOW, "flow_drop", DROP, "the flow's list of actions is empty")      \
	X(NO_PORT, "no_port", DROP, "output to a port that isn't there")       \
	X(PORT_DOWN, "port_down", DROP,                                        \
	  "output to a device that is down or has no carrier")                 \
	X(OVER_MTU, "over_mtu", DROP,                                          \
	  "larger than the MTU of the output's device")                        \
	X(NO_SOCKET, "no_socket", DROP,                                        \
	  "no AF_XDP socket takes it: ovsxdpd isn't running")                  \
	X(SOCKET_FULL, "socket_full", DROP,                                    \
	  "ovsxdpd is behind: an AF_XDP ring was full")                        \
	X(NO_UPCALL_PID, "no_upcall_pid", DROP,                                \
	  "no flow matches, and no client asked for upcalls")                  \
	X(CLIENT_GONE, "client_gone", DROP,                                    \
	  "the client that asked for upcalls is gone")                         \
	X(CLIENT_FULL, "client_full", DROP,                                    \
	  "the client is behind: its upcall socket was full")                  \
	X(EDIT, "edit_failed", DROP,                                           \
	  "too short to be edited, or no headroom for a header")               \
	X(BAD_FLOW, "bad_flow", DROP,                                          \
	  "the flow was just replaced, or has an unknown op")                  \
	X(REDIRECT, "redirect_failed", DROP,                                   \
	  "the kernel refused a redirect to the output")                       \
	X(RUNT, "runt", DROP, "shorter than an Ethernet header")               \
	X(SEND, "send_failed", DROP,                                           \
	  "the kernel refused what the user tier sent")                        \
	X(RING_FULL, "ring_full", DROP,                                        \
	  "ovsxdpd is behind: the skb tier's ring was full")                   \
	X(NO_META, "no_metadata", DROP,                                        \
	  "the driver takes no XDP metadata: use mode=tc")                     \
	X(RECIRC, "recirc_limit", DROP,                                        \
	  "recirculated or branched further than the module")                  \
	X(DEPTH, "clone_limit", EVENT,                                         \
	  "branches nest too deep: went on in the user tier")                  \
	X(METER, "meter", DROP, "over the rate of a meter's band")             \
	X(EXPLICIT, "drop_action", DROP, "action drop with reason 0")          \
	X(EXPLICIT_ERROR, "drop_error", DROP,                                  \
	  "action drop with another reason")                                   \
	X(TTL, "ttl_expired", DROP,                                            \
	  "dec_ttl met a TTL of 0 or 1, without a list for it")                \
	X(TX_BUSY, "tx_busy", DROP, "the device refused a copy")               \
	X(BAD_HDR, "bad_header", DROP,                                         \
	  "an NSH header that the key can't hold")                             \
	X(NO_TIER, "no_skb_tier", DROP,                                        \
	  "XDP can't do it, and the port has no skb tier")                     \
	X(NO_ETH, "no_ethernet", DROP,                                         \
	  "packet without Ethernet to a port that needs it")                   \
	X(CSUM_PARTIAL, "csum_partial", EVENT, "XDP met an open checksum")     \
	X(NO_XMIT, "no_ndo_xmit", EVENT,                                       \
	  "XDP can't reach the output: sent by the skb tier")                  \
	X(USER, "to_user", EVENT, "the list of actions runs in the user tier") \
	X(SKB, "to_skb", EVENT, "XDP handed it to the skb tier")               \
	X(WORK, "work_limit", DROP,                                            \
	  "one packet's lists of actions made too much work")                  \
	X(NEST, "nest_limit", DROP,                                            \
	  "sent back to a port while it was sent: a loop")                     \
	X(RING_SHARE, "ring_share", DROP,                                      \
	  "its port's share of the skb tier's ring was full")

enum ox_reason {
#define OX_R_ENUM(id, name, kind, text) OX_R_##id,
	OX_REASONS(OX_R_ENUM)
#undef OX_R_ENUM
		OX_R_COUNT,
	OX_R_NONE = 0xff, /* no reason: nothing is counted */
};
/* Those that are drops, a bit each. The others are events: the packet went
 * on. */
#define OX_R_IS_DROP		       1ull
#define OX_R_IS_EVENT		       0ull
#define OX_R_BIT(id, name, kind, text) | OX_R_IS_##kind << OX_R_##id
#define OX_R_DROPS		       (0ull OX_REASONS(OX_R_BIT))
#define OX_R_MAX		       56 /* room in ox_dp_stats */
_Static_assert(OX_R_COUNT <= OX_R_MAX && OX_R_NONE >= OX_R_MAX, "room");

/* What a datapath counts, per CPU. Names as struct ovs_dp_stats. */
struct ox_dp_stats {
	__u64 n_hit;
	__u64 n_missed;
	__u64 n_lost;
	__u64 n_mask_hit;
	__u64 n_cache_hit;
	__u64 pad[3];
	__u64 reason[OX_R_MAX]; /* by enum ox_reason */
};
_Static_assert(sizeof(struct ox_dp_stats) == 512, "ox_dp_stats");

/*
 * Map "dpstats", per CPU, one element. Behind the counters lies what the
 * programs keep of a packet under way, so that one lookup finds both: a half
 * for XDP, a half for the skb tier. It means nothing to anybody else.
 */
#define OX_CPU_HALF 384 /* bytes */
struct ox_cpu_mem {
	struct ox_dp_stats stats;
	__u64 xdp[OX_CPU_HALF / 8];
	__u64 tc[OX_CPU_HALF / 8];
};
_Static_assert(sizeof(struct ox_cpu_mem) == 1280, "ox_cpu_mem");

/* A port as the data plane reads it; map "ports", by port number. */
struct ox_port {
	__u32 ifindex;	/* device that carries the frames; 0: no such port.
			 * Internal port: the far end of its veth pair */
	__u32 flags;	/* OX_PORT_* */
	__u32 mtu;	/* of that device, without Ethernet header */
	__u32 xsk_base; /* first index in the map "xsks" */
	__u32 n_xsk;	/* receive queues with an AF_XDP socket */
	__u32 no_meta;	/* set by XDP: this driver takes no metadata, so a list
			 * that may move down starts in the skb tier */
	__u32 pad[10];
};
_Static_assert(sizeof(struct ox_port) == 64, "ox_port");
#define OX_PORT_UP 0x01 /* device is up with carrier */
/* XDP_REDIRECT doesn't reach it: docs/facts.md, V1. */
#define OX_PORT_NO_XMIT 0x02
#define OX_PORT_SKB_RX                                                       \
	0x04		     /* native XDP over skbs (veth, tap): frames may \
			      * have a partial checksum (docs/facts.md, V2) */
#define OX_PORT_GENERIC 0x08 /* generic XDP: the skb keeps its metadata */
#define OX_PORT_L3	0x10 /* ARPHRD_NONE: packets without Ethernet */
#define OX_PORT_SKB_TIER                                                 \
	0x40 /* the skb tier's program is on the device: what XDP can't  \
	      * do is passed to it. Else it is dropped: the host's stack \
	      * must not see it */
#define OX_PORT_PEER                                                         \
	0x20 /* a veth whose other end is in another namespace: the skb tier \
	      * may use bpf_redirect_peer() */

/* The part of a port that only user space reads; map "uports". */
struct ox_uport {
	__u8 name[OX_NAME_LEN];
	__u32 type;	  /* enum ovs_vport_type; 0: no such port */
	__u32 ifindex;	  /* the device that the user sees */
	__u32 mode_asked; /* enum ox_attach_mode */
	__u32 mode;	  /* in force */
	__u32 flags;	  /* OX_UPORT_* */
	__u32 n_pids;
	__u32 pids[OX_PORT_PIDS];  /* OVS_VPORT_ATTR_UPCALL_PID */
	struct ox_port_stats host; /* counted by the user tier: add these */
	struct ox_port_stats base; /* set by the client: add these (signed) */
	__u64 upcall_success;	   /* OVS_VPORT_UPCALL_ATTR_SUCCESS */
	__u64 upcall_fail;
	__u32 upper;	 /* ifindex of what is on the device; 0: not known */
	__u32 upper_how; /* enum ox_upper_how */
	__u8 mac[6];	 /* of the device "ifindex", as it was last seen */
	__u8 pad0[2];
	__u64 pad[111];
};
_Static_assert(sizeof(struct ox_uport) == 2048, "ox_uport");
/* What else would have the packets of a netdev port, and gets none. */
enum ox_upper_how {
	OX_UPPER_NONE,
	OX_UPPER_MASTER,  /* its master: a bridge, a bond */
	OX_UPPER_STACKED, /* a macvlan or its like, maybe in another netns */
	OX_UPPER_VLANS,	  /* VLAN devices */
};
#define OX_UPORT_ATTACHED 0x1  /* we attached the program: take it off */
#define OX_UPORT_PROMISC  0x2  /* we made it promiscuous: take that back */
#define OX_UPORT_TC	  0x4  /* we attached the skb tier: take it off */
#define OX_UPORT_LRO	  0x8  /* we turned LRO off: turn it on again */
#define OX_UPORT_REFUSED  0x10 /* the driver refused native XDP */

enum ox_attach_mode {
	OX_MODE_AUTO = 0,
	OX_MODE_XDP = 1, /* native */
	OX_MODE_XDP_GENERIC = 2,
	OX_MODE_NONE = 3, /* asked: leave attaching to the person.
			   * In force: no program is attached */
	OX_MODE_TC = 4,	  /* the skb tier alone. In the modes of XDP it is there
			   * too, after it */
};

/*
 * Map "config", one element. The upper part is written at creation and
 * never again; the rest by the daemon while programs read.
 */
struct ox_config {
	__u32 magic;   /* OX_ABI_MAGIC, written last at creation */
	__u32 version; /* OX_ABI_VERSION */
	__u8 name[OX_NAME_LEN];
	__u64 netns_cookie; /* SO_NETNS_COOKIE of its network namespace */
	__u32 max_flows;
	__u32 max_masks;
	__u32 max_ports;
	__u32 n_xsks;	   /* room in the map "xsks" */
	__u32 chunk_shift; /* log2 of the flows a chunk */
	__u32 n_buckets;   /* a power of two */
	__u64 hash_seed;   /* odd, random */

	/* read per packet */
	__u32 scan;	     /* OX_SCAN(): which half of "scan", and how many */
	__u32 cache_size;    /* 0 or a power of two up to OX_CACHE_MAX */
	__u32 knobs;	     /* OX_KNOB_* */
	__u32 clone_ifindex; /* the device on whose tc egress the program
			      * "clone" sits: the local port's far end */
	__u64 rx_hint[OX_RX_HINTS]; /* OX_RX_HINT(): "rxports" without a hash;
				     * at ifindex % OX_RX_HINTS, or 0 */

	/* user space only */
	__u32 dp_ifindex;    /* of the local port's near end */
	__u32 user_features; /* OVS_DP_F_* */
	__u32 upcall_pid;    /* OVS_DP_ATTR_UPCALL_PID as given */
	__u32 n_cpu_pids;    /* OVS_DP_ATTR_PER_CPU_PIDS */
	__u32 cpu_pids[OX_CPU_PIDS];
	struct ox_dp_stats host; /* counted by the user tier: add these */
	__u32 had_reader; /* an upcall port id was set since the last flush */
	__u32 pad0;
	__u64 pad[63];
};
#define OX_CONFIG_SECTION	     ".data.config" /* of the BPF objects */
#define OX_KNOB_REDIRECT_PEER	     0x1
#define OX_RX_HINT(ifindex, port_no) ((__u64)(port_no) << 32 | (ifindex))
#define OX_SCAN(half, n)	     (((__u32)(half) << 31) | (__u32)(n))
#define OX_SCAN_HALF(s)		     ((s) >> 31)
#define OX_SCAN_N(s)		     ((s)&0x7fffffffu)

/*
 * In front of a packet that XDP hands to user space or to the skb tier (XDP
 * metadata, 32 bytes because older kernels take no more). The packet is as
 * the ops in front of pc left it, and is counted.
 */
struct ox_upcall_md {
	__u16 magic;	 /* OX_MD_MAGIC; the skb tier zeroes it */
	__u16 port_no;	 /* ingress */
	__u8 reason : 2; /* enum ox_upcall */
	__u8 flags : 6;	 /* OX_MD_* */
	__u8 ct_state;	 /* as in the key, */
	__u16 ct_zone;	 /* which is enough to find a connection again; 0 yet */
	__u32 flow;	 /* flow index, or OX_NONE on a miss */
	union {
		__u32 hash; /* OX_UP_MISS: ox_key_hash of the packet */
		__u32 gen;  /* else: ox_acts.flags >> OX_ACTS_GEN_SHIFT */
	};
	__u16 cpu : 13; /* that received the packet */
	__u16 work : 3; /* OX_MD_WORK() */
	__u16 pc : 12;	/* op to go on with, counted from the list's first */
	__u16 deferred : 4; /* lists put off so far, 0..OX_MAX_DEFERRED */
	__u32 acts; /* first slot of the list, or OX_NONE: it is the flow's
		     * action */
	__u32 recirc_id;
	__u32 dp_hash;
};
_Static_assert(sizeof(struct ox_upcall_md) == 32, "XDP metadata limit");
#define OX_MD_MAGIC   0x4f58u /* "OX" */
#define OX_MD_WRAPPED 0x1     /* a tag was put around the frame: take it off */
#define OX_MD_STALE                                                \
	0x2 /* the list has moved the head: whoever goes on parses \
	     * again at the next recirculation */
#define OX_MD_LEVEL_SHIFT 2 /* two bits: lists around, 0..OX_MAX_LEVEL */
/* What the packet has cost, in eighths of OX_MAX_WORK, rounded down. */
#define OX_MD_WORK(ops)	     ((ops) < OX_MAX_WORK ? (ops) >> 14 : 7)
#define OX_MD_WORK_OPS(work) ((__u32)(work) << 14)

enum ox_upcall {
	OX_UP_MISS = 0,	  /* no flow: OVS_PACKET_CMD_MISS */
	OX_UP_FLOW = 1,	  /* run the list from pc on; already counted */
	OX_UP_ACTION = 2, /* run only the USERSPACE op at pc (ring only) */
};

/*
 * A packet that the skb tier hands to user space: a record of the map
 * "ring". The frame is whole, a tag in the skb's metadata back in its place.
 */
struct ox_ring_rec {
	struct ox_upcall_md md; /* hash is always the packet's: see gen */
	struct ox_key key;	/* current: with mark, priority, recirc id */
	__u32 gen;		/* as ox_upcall_md.gen */
	__u32 len;		/* bytes of frame */
	__u32 end;		/* OX_UP_FLOW: the list ends in front of this
				 * op (a branch), or OX_NONE */
	__u32 cutlen;		/* OX_OP_TRUNC in force. OX_UP_FLOW: bytes to
				 * keep, or OX_NONE; else: to cut off */
	__u16 gso_size;		/* 0: no GSO packet. The L4 header says which
				 * kind */
	__u16 mru;		/* of a reassembled packet; 0: none */
	__u32 work;		/* what the packet has cost, as OX_MAX_WORK */
	__u16 packet;		/* the same in all copies of one that was
				 * received: md.cpu counts them */
	__u16 tun_len;		/* bytes of struct ox_tun in front of the
				 * frame, if the key's w23 isn't 0; 0 yet */
	__u32 tun_out;		/* OX_UP_FLOW: the tunnel key that is set, a
				 * slot, or OX_NONE; 0 yet */
	__u8 frame[];		/* behind tun_len bytes */
};
_Static_assert(sizeof(struct ox_ring_rec) == 256, "ox_ring_rec");

/*
 * A meter; map "meters", a hash by meter id. As struct dp_meter: at most one
 * band (DP_MAX_BANDS). Read and written under the lock (BPF_F_LOCK).
 */
struct ox_meter {
#ifdef __bpf__
	struct bpf_spin_lock lock;
#else
	__u32 lock;
#endif
	__u32 flags;	   /* OX_METER_* */
	__u32 rate;	   /* kbit/s or packets/s */
	__u32 burst;	   /* as given; the bucket's size in 1000 units */
	__u64 bucket;	   /* bits, or 1/1000 packets */
	__u64 max_delta_t; /* ms after which the bucket is full for sure */
	__u64 used;	   /* ms of CLOCK_MONOTONIC: last packet or creation */
	__u64 packets;
	__u64 bytes;
	__u64 band_packets;
	__u64 band_bytes;
};
_Static_assert(sizeof(struct ox_meter) == 72, "ox_meter");
#define OX_METER_KBPS	 0x1 /* OVS_METER_ATTR_KBPS: rate is kbit/s */
#define OX_METER_BAND	 0x2 /* there is a band, which drops, */
#define OX_METER_NO_DROP 0x4 /* or, of another type, only counts */
#define OX_METER_KEEP_STATS                          \
	0x8 /* no OVS_METER_ATTR_CLEAR: the next SET \
	     * tells what was counted */
#define OX_MAX_METERS 65536
/* Sets of ports that XDP sends copies to at once; map "groups". */
#define OX_MAX_GROUPS  1024
#define OX_GROUP_PORTS 16 /* ports of a set; larger ones: skb tier */
/*
 * What a received packet may cost, with all of its copies, in whatever tier
 * they are: for each list that is begun its ops, and one for each pass through
 * the table. It is more than the longest way without a fork that the module
 * allows: 31 lists of OX_ACTS_MAX_OPS. The module has no such limit: a list
 * that forks by thousands holds a CPU there for minutes.
 */
#define OX_MAX_WORK 131072
/* Lists of a received packet that the module puts off: its queue has room for
 * one less than DEFERRED_ACTION_FIFO_SIZE. */
#define OX_MAX_DEFERRED 9
/* Lists around one another with a key of their own each; further in the module
 * puts a list off (OVS_DEFERRED_ACTION_THRESHOLD). */
#define OX_MAX_LEVEL 3
/* Nested CLONE branches that the skb tier runs; deeper ones in user space. */
#define OX_MAX_DEPTH 5
/* Packets under way on a CPU, each sent while another one is
 * (OVS_RECURSION_LIMIT). */
#define OX_MAX_NEST 5

/*
 * The daemon's own memory, one a root folder and network namespace, pinned
 * as "%state-<netns cookie in hex>": what must survive it beside datapaths.
 */
#define OX_MAX_SUBS 1024
struct ox_sub {
	__u32 group;  /* OX_MCGRP_*; 0: free */
	__u32 portid; /* written before group */
};
/* How far the latest datagram of a port id has come (OX_NLM_F_TURN). */
#define OX_MAX_TURNS 1024 /* a port id has its place, and may be put out */
struct ox_turn {
	__u32 portid;
	__u16 seq; /* lower half of its first message's */
	__u8 turn;
	__u8 done; /* messages answered; of more than 255 nothing is known */
};
struct ox_state_mem {
	__u32 magic; /* OX_ABI_MAGIC */
	__u32 version;
	struct ox_sub subs[OX_MAX_SUBS];
	struct ox_turn turns[OX_MAX_TURNS];
};

/* File names in a datapath's folder: programs and maps. */
#define OX_PIN_PROG	  "xdp"	  /* XDP, on devices */
#define OX_PIN_PROG_TC	  "tc"	  /* tc ingress of ports */
#define OX_PIN_PROG_CLONE "clone" /* tc egress of ox_config.clone_ifindex */

#endif /* OVSXDP_ABI_H */
