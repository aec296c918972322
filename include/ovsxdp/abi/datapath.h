/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/datapath.h - a datapath: its settings, counters, programs and pins. A
 * part of ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_DATAPATH_H
#define OVSXDP_ABI_DATAPATH_H

#include <linux/types.h>

#include "ovsxdp/abi/base.h"
#include "ovsxdp/abi/mask.h"
#include "ovsxdp/abi/reason.h"

#define OX_RX_HINTS   1024 /* devices found without a hash lookup */
#define OX_CPU_PIDS   1024 /* OVS_DP_ATTR_PER_CPU_PIDS kept */
#define OX_JUMPS      16   /* places in "xdp_jmp" and "tc_jmp" */
#define OX_JUMP_RUN   0	   /* the one of the interpreter */
#define OX_JUMP_CT    1	   /* of ct() */
#define OX_JUMP_RX    2	   /* skb tier: of what XDP had tracked */
#define OX_JUMP_ENCAP 3	   /* skb tier: output by a port with OX_PORT_NATIVE */
#define OX_JUMP_TUN   4	   /* skb tier: what came in by one */

/* What a datapath counts, per CPU. Names as struct ovs_dp_stats. */
struct ox_dp_stats {
	__u64 n_hit;
	__u64 n_missed;
	__u64 n_lost;
	__u64 n_mask_hit;
	__u64 n_cache_hit;
	struct ox_cache_gauge gauge; /* no counter */
	__u64 reason[OX_R_MAX];	     /* by enum ox_reason */
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
	__u32 n_buckets;
	__u64 hash_seed; /* odd, random */

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
	/* of outer headers, where nothing says another one; 0: 64 */
	__u8 ttl4;
	__u8 ttl6;
	__u16 pad0;
	__u64 pad[63];
};
#define OX_CONFIG_SECTION	     ".data.config" /* of the BPF objects */
#define OX_KNOB_REDIRECT_PEER	     0x1
#define OX_KNOB_IPSEC		     0x2 /* "ipsec" isn't empty: look there */
#define OX_KNOB_PMTU		     0x4 /* records OX_UP_TOO_BIG are wanted */
#define OX_KNOB_DROPS		     0x8 /* records OX_MD_DROP are wanted */
#define OX_RX_HINT(ifindex, port_no) ((__u64)(port_no) << 32 | (ifindex))
#define OX_SCAN(half, n)	     (((__u32)(half) << 31) | (__u32)(n))
#define OX_SCAN_HALF(s)		     ((s) >> 31)
#define OX_SCAN_N(s)		     ((s)&0x7fffffffu)

/*
 * Map "build", one element: which build the programs beside it are of. They
 * have a map "dpstats" of their own, so what those before them have counted is
 * here; add it.
 */
#define OX_BUILD_LEN 24
struct ox_build_rec {
	char id[OX_BUILD_LEN]; /* a hash of the BPF objects, in hexadecimal */
	struct ox_dp_stats base;
};
_Static_assert(sizeof(struct ox_build_rec) == 536, "ox_build_rec");

/* In front of a name in the folder: what is about to take that one's place. */
#define OX_PIN_NEXT "next-"

/* File names in a datapath's folder: programs and maps. */
#define OX_PIN_PROG	  "xdp"	  /* XDP, on devices */
#define OX_PIN_PROG_TC	  "tc"	  /* tc ingress of ports */
#define OX_PIN_PROG_CLONE "clone" /* tc egress of ox_config.clone_ifindex */
#define OX_PIN_PROG_LISTEN \
	"listener" /* tc ingress of devices with local addresses */

#endif /* OVSXDP_ABI_DATAPATH_H */
