/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * abi/mask.h - which bits of the key a flow looks at, and how a packet's masks
 * are found. A part of ovsxdp/abi.h.
 */
#ifndef OVSXDP_ABI_MASK_H
#define OVSXDP_ABI_MASK_H

#include <linux/types.h>

#include "ovsxdp/abi/key.h"

#define OX_CACHE_MAX  4096 /* entries of the per-CPU mask cache */
#define OX_CACHE_WAYS 4	   /* MC_HASH_SEGS: places a hash may stand in */

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
	__u32 tun;     /* some words are the tunnel's */
	__u32 tunnels; /* packets with a tunnel may match; other masks are
			* for those without, and don't look at w23 */
	__u32 pad;
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

/*
 * Whether this CPU's mask cache is worth its price, for the programs alone. A
 * cache that hits too seldom is left alone for OX_CACHE_REST packets.
 */
struct ox_cache_gauge {
	__u32 rest;   /* packets that don't ask the cache */
	__u16 misses; /* of a period of OX_CACHE_PERIOD misses */
	__u16 pad;
	__u64 hits;  /* n_cache_hit when it began */
	__u64 masks; /* n_mask_hit, too */
};
#define OX_CACHE_PERIOD 64
#define OX_CACHE_REST	4096

/* Per-CPU mask cache; map "cache", one element. hash 0: empty. */
struct ox_cache_entry {
	__u32 hash;
	__u32 flow;
};
struct ox_cache {
	struct ox_cache_entry e[OX_CACHE_MAX];
};
_Static_assert(sizeof(struct ox_cache) == 32768, "PCPU_MIN_UNIT_SIZE");

#endif /* OVSXDP_ABI_MASK_H */
