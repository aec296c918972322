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

#define OX_ABI_MAGIC   0x4f565844u /* "OVXD" */
#define OX_ABI_VERSION 1u

#define OX_NAME_LEN    16	   /* IFNAMSIZ */
#define OX_KEY_WORDS   24	   /* 8-byte words in struct ox_key */
#define OX_NONE	       0xffffffffu /* "no such flow, slot, port" */
#define OX_BUCKET_WAYS 8	   /* signatures in a bucket */
#define OX_PROBES      8	   /* buckets a lookup follows at most */
#define OX_CACHE_MAX   4096	   /* entries of the per-CPU mask cache */
#define OX_CACHE_WAYS  4    /* MC_HASH_SEGS: places a hash may stand in */
#define OX_ACTS_OPS    24   /* compiled ops of a flow; more run in user space */
#define OX_ACTS_NLA    432  /* bytes of verbatim attributes a slot */
#define OX_ACTS_SHIFT  10   /* log2 of the acts slots a chunk */
#define OX_INLINE_NLA  16   /* bytes of verbatim attributes in ox_uflow */
#define OX_RX_HINTS    1024 /* devices found without a hash lookup */
#define OX_CPU_PIDS    1024 /* OVS_DP_ATTR_PER_CPU_PIDS kept */
#define OX_PORT_PIDS   240  /* OVS_VPORT_ATTR_UPCALL_PID kept */

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
			__u8 pad15[2];
			/* w16, w17 */
			__u8 ct_labels[16];
			/* w18..w21: IPv4 in the first word of each */
			__be32 ct_orig_src[4];
			__be32 ct_orig_dst[4];
			/* w22 */
			__be16 ct_orig_sport;
			__be16 ct_orig_dport;
			__u32 pad22;
			/* w23: the tunnel key, by reference (later) */
			__u64 tun_ref;
		};
	};
};
_Static_assert(sizeof(struct ox_key) == 8 * OX_KEY_WORDS, "ox_key");
_Static_assert(__builtin_offsetof(struct ox_key, ip_proto) == 24, "w3");
_Static_assert(__builtin_offsetof(struct ox_key, net) == 32, "w4");
_Static_assert(__builtin_offsetof(struct ox_key, tcp_flags) == 64, "w8");
_Static_assert(__builtin_offsetof(struct ox_key, nd_target) == 96, "w12");
_Static_assert(__builtin_offsetof(struct ox_key, ct_labels) == 128, "w16");
_Static_assert(__builtin_offsetof(struct ox_key, tun_ref) == 184, "w23");

#define OX_VLAN_CFI 0x1000 /* VLAN_CFI_MASK: "a tag is present" */

/* A mask in compact form: only the words that it uses, in rising order. */
struct ox_mask {
	__u32 n_words;		  /* 0..OX_KEY_WORDS */
	__u32 slot;		  /* its index in the map "masks"; stable */
	__u64 seed;		  /* start value of ox_hash for this mask */
	__u8 word[OX_KEY_WORDS];  /* index into ox_key.w */
	__u64 bits[OX_KEY_WORDS]; /* bits[i] masks ox_key.w[word[i]] */
	__u32 n_flows; /* flows that use it; 0: slot is free or dying */
	__u32 state;   /* enum ox_state; user space only */
	__u64 pad[2];
};
_Static_assert(sizeof(struct ox_mask) == 256, "ox_mask");

enum ox_state {
	OX_FREE = 0, /* not in use, or being written */
	OX_LIVE = 1, /* complete and committed */
	OX_DEAD = 2, /* unlinked; a program may still read it */
};

/* What becomes of a flow's packets; upper half of ox_flow.action. */
enum ox_act {
	OX_ACT_DROP = 0,   /* empty action list */
	OX_ACT_OUTPUT = 1, /* arg: port number */
	OX_ACT_OPS = 2,	   /* arg: acts slot, run its ops in this tier */
	OX_ACT_USER = 3,   /* arg: acts slot, run the list in user space */
};
#define OX_ACTION(kind, arg) (((__u64)(kind) << 32) | (__u32)(arg))
#define OX_ACTION_KIND(a)    ((__u32)((a) >> 32))
#define OX_ACTION_ARG(a)     ((__u32)(a))

/* A megaflow as the data plane reads it; map "flows", in chunks. */
struct ox_flow {
	__u32 state;		 /* enum ox_state; written last */
	__u32 mask;		 /* slot in the map "masks" */
	__u64 action;		 /* OX_ACTION(); replaced with one store */
	__u64 key[OX_KEY_WORDS]; /* key[i] = packet.w[word[i]] & bits[i] */
	__u64 hash;		 /* ox_hash of key under the mask's seed */
	__u64 pad[4];
	__u64 pad1;
};
_Static_assert(sizeof(struct ox_flow) == 256, "ox_flow");

/* The part of a flow that only user space reads; map "uflows", in chunks. */
struct ox_uflow {
	__u8 ufid[16];
	__u8 ufid_len;	    /* 0: the flow is identified by its key */
	__u8 flags;	    /* OX_UFLOW_* */
	__u16 inline_len;   /* bytes used of nla, if acts is OX_NONE */
	__u32 acts;	    /* first acts slot, or OX_NONE */
	__u64 base_packets; /* counters at the last clear: subtract these */
	__u64 base_bytes;
	__u64 pad;
	struct ox_key key;	 /* as given, unmasked */
	__u8 nla[OX_INLINE_NLA]; /* verbatim action attributes, if short */
};
_Static_assert(sizeof(struct ox_uflow) == 256, "ox_uflow");
#define OX_UFLOW_PROBE 0x01 /* installed with OVS_FLOW_ATTR_PROBE */

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
	OX_OP_MAX,
};

struct ox_op {
	__u8 code; /* enum ox_opcode */
	__u8 pad[3];
	__u32 arg;
	__u64 val;  /* bytes in memory order; already val & mask */
	__u64 mask; /* bytes in memory order; 1 bits are replaced */
};
_Static_assert(sizeof(struct ox_op) == 24, "ox_op");

/* A flow's action list; map "acts", in chunks of 1 << OX_ACTS_SHIFT. */
struct ox_acts {
	__u32 state;   /* enum ox_state; written last */
	__u32 next;    /* slot that continues nla, or OX_NONE */
	__u32 nla_len; /* bytes of the whole list, in the first slot */
	__u16 n_ops;   /* 0..OX_ACTS_OPS; first slot only */
	__u16 flags;   /* OX_ACTS_* */
	struct ox_op ops[OX_ACTS_OPS];
	__u8 nla[OX_ACTS_NLA]; /* struct nlattr stream, as it came */
};
_Static_assert(sizeof(struct ox_acts) == 1024, "ox_acts");
#define OX_ACTS_CONT 0x1 /* continuation slot: only nla and next count */

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
 * Why a packet was dropped or left its tier. Every reason is a counter in
 * ox_dp_stats.reason[]; OX_R_NAMES gives the names that people see. Those
 * up to OX_R_DROP_LAST are drops, the others are events.
 */
#define OX_REASONS(X)                                                          \
	X(FLOW, "flow_drop")	      /* the flow's action list is empty */    \
	X(NO_PORT, "no_port")	      /* output to a port that isn't there */  \
	X(PORT_DOWN, "port_down")     /* output to a device that is down */    \
	X(OVER_MTU, "over_mtu")	      /* larger than the output's MTU */       \
	X(NO_SOCKET, "no_socket")     /* user tier unreachable; n_lost */      \
	X(SOCKET_FULL, "socket_full") /* AF_XDP ring full; n_lost */           \
	X(NO_UPCALL_PID, "no_upcall_pid") /* nobody asked for upcalls */       \
	X(CLIENT_GONE, "client_gone")	  /* upcall port id is no socket */    \
	X(CLIENT_FULL, "client_full")	  /* upcall socket is full */          \
	X(EDIT, "edit_failed")		  /* header too short, no head room */ \
	X(BAD_FLOW, "bad_flow") /* op or slot the program doesn't know */      \
	X(REDIRECT, "redirect_failed") /* bpf_redirect_map() refused */        \
	X(RUNT, "runt")		       /* shorter than an Ethernet header */   \
	X(SEND, "send_failed")	       /* user tier's send(2) refused */       \
	X(CSUM_PARTIAL, "csum_completed") /* event: L4 checksum filled in */   \
	X(NO_XMIT, "no_ndo_xmit")	  /* event: output by the user tier */ \
	X(USER, "to_user") /* event: list runs in the user tier */

enum ox_reason {
#define OX_R_ENUM(id, name) OX_R_##id,
	OX_REASONS(OX_R_ENUM)
#undef OX_R_ENUM
		OX_R_COUNT,
};
#define OX_R_DROP_LAST OX_R_SEND
#define OX_R_MAX       32 /* room in ox_dp_stats */

/* Map "dpstats", per CPU, one element. Names as struct ovs_dp_stats. */
struct ox_dp_stats {
	__u64 n_hit;
	__u64 n_missed;
	__u64 n_lost;
	__u64 n_mask_hit;
	__u64 n_cache_hit;
	__u64 pad[3];
	__u64 reason[OX_R_MAX]; /* by enum ox_reason */
};
_Static_assert(sizeof(struct ox_dp_stats) == 320, "ox_dp_stats");

/* A port as the data plane reads it; map "ports", by port number. */
struct ox_port {
	__u32 ifindex;	/* device that carries the frames; 0: no such port.
			 * Internal port: the far end of its veth pair */
	__u32 flags;	/* OX_PORT_* */
	__u32 mtu;	/* of that device, without Ethernet header */
	__u32 xsk_base; /* first index in the map "xsks" */
	__u32 n_xsk;	/* receive queues with an AF_XDP socket */
	__u32 pad[11];
};
_Static_assert(sizeof(struct ox_port) == 64, "ox_port");
#define OX_PORT_UP	0x01 /* device is up with carrier */
#define OX_PORT_NO_XMIT 0x02 /* XDP_REDIRECT doesn't reach it (fact V1) */
#define OX_PORT_SKB_RX                                                       \
	0x04		     /* native XDP over skbs (veth, tap): frames may \
			      * have a partial checksum (fact V2) */
#define OX_PORT_GENERIC 0x08 /* generic XDP: the skb keeps its metadata */

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
	__u64 pad[113];
};
_Static_assert(sizeof(struct ox_uport) == 2048, "ox_uport");
#define OX_UPORT_ATTACHED 0x1 /* we attached the program: take it off */
#define OX_UPORT_PROMISC  0x2 /* we made it promiscuous: take that back */

enum ox_attach_mode {
	OX_MODE_AUTO = 0,
	OX_MODE_XDP = 1, /* native */
	OX_MODE_XDP_GENERIC = 2,
	OX_MODE_NONE = 3, /* asked: leave attaching to the person.
			   * In force: no program is attached */
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
	__u32 scan;	  /* OX_SCAN(): which half of "scan", and how many */
	__u32 cache_size; /* 0 or a power of two up to OX_CACHE_MAX */
	__u64 rx_hint[OX_RX_HINTS]; /* OX_RX_HINT(): "rxports" without a hash;
				     * at ifindex % OX_RX_HINTS, or 0 */

	/* user space only */
	__u32 dp_ifindex;    /* of the local port's near end */
	__u32 user_features; /* OVS_DP_F_* */
	__u32 upcall_pid;    /* OVS_DP_ATTR_UPCALL_PID as given */
	__u32 n_cpu_pids;    /* OVS_DP_ATTR_PER_CPU_PIDS */
	__u32 cpu_pids[OX_CPU_PIDS];
	struct ox_dp_stats host; /* counted by the user tier: add these */
	__u64 pad[64];
};
#define OX_RX_HINT(ifindex, port_no) ((__u64)(port_no) << 32 | (ifindex))
#define OX_SCAN(half, n)	     (((__u32)(half) << 31) | (__u32)(n))
#define OX_SCAN_HALF(s)		     ((s) >> 31)
#define OX_SCAN_N(s)		     ((s)&0x7fffffffu)

/*
 * In front of a packet that XDP sends to user space (XDP metadata, 32 bytes
 * because older kernels take no more).
 */
struct ox_upcall_md {
	__u32 magic;   /* OX_ABI_MAGIC */
	__u16 port_no; /* ingress */
	__u8 reason;   /* enum ox_upcall */
	__u8 pad0;
	__u32 flow;	/* flow index, or OX_NONE on a miss */
	__u32 hash;	/* ox_key_hash of the packet */
	__u16 cpu;	/* that received the packet */
	__u16 out_port; /* OX_UP_SEND: port number */
	__u32 pad[3];
};
_Static_assert(sizeof(struct ox_upcall_md) == 32, "XDP metadata limit");

enum ox_upcall {
	OX_UP_MISS = 0, /* no flow: OVS_PACKET_CMD_MISS */
	OX_UP_FLOW = 1, /* run the flow's whole list; already counted */
	OX_UP_SEND = 2, /* frame is ready: only send it to out_port */
};

/*
 * The daemon's own memory, one a root folder and network namespace, pinned
 * as "%state-<netns cookie in hex>": what must survive it beside datapaths.
 */
#define OX_MAX_SUBS 1024
struct ox_sub {
	__u32 group;  /* OX_MCGRP_*; 0: free */
	__u32 portid; /* written before group */
};
struct ox_state_mem {
	__u32 magic; /* OX_ABI_MAGIC */
	__u32 version;
	struct ox_sub subs[OX_MAX_SUBS];
};

/* File names in a datapath's folder: programs and maps. */
#define OX_PIN_PROG "xdp"

#endif /* OVSXDP_ABI_H */
