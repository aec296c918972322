/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/flow.h - a megaflow, the table that it is in, and what it has counted. A
 * part of ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_FLOW_H
#define OVSXDP_ABI_FLOW_H

#include <linux/types.h>

#include "ovsxdp/abi/key.h"

#define OX_BUCKET_WAYS 8  /* signatures in a bucket */
#define OX_PROBES      16 /* buckets a lookup follows at most */
#define OX_INLINE_NLA  16 /* bytes of verbatim attributes in ox_uflow */

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
 * A megaflow as a lookup reads it: one cache line, so that flows that are
 * looked up seldom are one wait for memory. It holds all words of the masks
 * that Open vSwitch makes for IPv4. Map "flows", in chunks: first this part of
 * all flows of the chunk, then what is more of each (ox_flow_more).
 */
#define OX_FLOW_WORDS 6
struct ox_flow {
	__u32 state;		  /* enum ox_state; written last */
	__u32 mask;		  /* slot in the map "masks" */
	__u64 action;		  /* OX_ACTION(); replaced with one store */
	__u64 key[OX_FLOW_WORDS]; /* key[i] = packet.w[word[i]] & bits[i] */
};
_Static_assert(sizeof(struct ox_flow) == 64, "ox_flow");

/*
 * The rest of a flow, in lines of the same size. Programs look at the words,
 * where the mask has so many, and at nothing after them: that is user space's,
 * here because the last line has the room.
 */
#define OX_MORE_WORDS (OX_KEY_WORDS - OX_FLOW_WORDS)
#define OX_MORE_LINES 3
struct ox_flow_more {
	__u64 key[OX_MORE_WORDS]; /* goes on from ox_flow.key */
	__u64 hash;		  /* ox_hash of key under the mask's seed */
	struct ox_flow_base base;
	__u8 nla[OX_INLINE_NLA]; /* verbatim action attributes, if short */
};
_Static_assert(sizeof(struct ox_flow_more) ==
		       OX_MORE_LINES * sizeof(struct ox_flow),
	       "ox_flow_more");
/* Elements of a chunk of "flows" with n flows; the first one of what is more
 * of flow i. */
#define OX_FLOW_LINES(n)   ((1 + OX_MORE_LINES) * (n))
#define OX_FLOW_MORE(n, i) ((n) + OX_MORE_LINES * (i))

/* The part of a flow that only user space reads; map "uflows", in chunks. */
struct ox_uflow {
	__u8 ufid[16];
	__u8 ufid_len;	  /* 0: the flow is identified by its key */
	__u8 flags;	  /* OX_UFLOW_* */
	__u16 inline_len; /* bytes used of ox_flow.nla, if acts is OX_NONE */
	__u32 acts;	  /* first acts slot, or OX_NONE */
	__u32 tun;	  /* acts slot with the rest of a key that has a tunnel,
			   * where it identifies the flow; or OX_NONE */
	__u32 pad;
	struct ox_key key; /* as given, unmasked */
};
_Static_assert(sizeof(struct ox_uflow) == 224, "ox_uflow");
#define OX_UFLOW_PROBE	0x01 /* installed with OVS_FLOW_ATTR_PROBE */
#define OX_UFLOW_LINGER 0x02 /* flushed, but packets match it for some time */

/*
 * A bucket of the flow table, all masks in one table: a cache line. A lookup
 * starts at ox_hash_bucket() and goes to the next bucket while overflow is not
 * zero, OX_PROBES buckets at most.
 */
struct ox_bucket {
	__u16 sig[OX_BUCKET_WAYS];  /* ox_hash_sig(); 0: empty. Written last */
	__u32 flow[OX_BUCKET_WAYS]; /* flow index */
	__u16 overflow;		    /* flows that passed by this full bucket */
	__u16 pad[7];
};
_Static_assert(sizeof(struct ox_bucket) == 64, "ox_bucket");

struct ox_flow_stats {
	__u64 packets;
	__u64 bytes;
	__u64 used; /* in the map: jiffies64; from ox_mem_ops.flow_stats: ns
		     * of CLOCK_MONOTONIC, as fine as a jiffy. 0: never */
	__be16 tcp_flags; /* OR of all */
	__u16 pad[3];
};
_Static_assert(sizeof(struct ox_flow_stats) == 32, "ox_flow_stats");

/*
 * Map "fstats", per CPU, in chunks like "flows". The kernel keeps a pointer to
 * each element of such a map. An element is as large as it may be, so that
 * there are few pointers, which stay in the CPU's caches.
 */
#define OX_STATS_SHIFT 10 /* log2 of the flows an element */
struct ox_stats_page {
	struct ox_flow_stats flow[1 << OX_STATS_SHIFT];
};
_Static_assert(sizeof(struct ox_stats_page) == 32768, "PCPU_MIN_UNIT_SIZE");
/* Elements of a chunk of "fstats" with n flows. */
#define OX_STATS_PAGES(n) (((n) + (1u << OX_STATS_SHIFT) - 1) >> OX_STATS_SHIFT)

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

#endif /* OVSXDP_ABI_FLOW_H */
