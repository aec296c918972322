/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hash.h - hashing of keys, shared by the BPF programs, the host build and
 * the flow table. Two hashes: one of a key under a mask, which places a flow
 * in the buckets; one of the packet, which picks the mask cache's entry.
 */
#ifndef OVSXDP_BPF_HASH_H
#define OVSXDP_BPF_HASH_H

#include "bpf/core/compiler.h"
#include "ovsxdp/abi.h"

#define OX_HASH_MUL 0x9e3779b97f4a7c15ull

static __always_inline __u64 ox_hash_word(__u64 h, __u64 w)
{
	h = (h ^ w) * OX_HASH_MUL;
	return h ^ (h >> 32);
}

/*
 * A key under a mask: a polynomial over its words at a secret point, the
 * mask's seed, so placement can't be guessed. A word is folded first because
 * a product hands nothing down from its upper bits. The multiplications
 * depend on each other, the rest of a step doesn't.
 */
static __always_inline __u64 ox_hash_mask(__u64 h, __u64 seed, __u64 w)
{
	return (h + (w ^ w >> 32)) * seed;
}

/* The seed of the mask in a slot: odd. */
static inline __u64 ox_hash_seed(__u64 dp_seed, __u32 slot)
{
	return ox_hash_word(dp_seed, slot + 1) | 1;
}

static __always_inline __u64 ox_hash_final(__u64 h)
{
	h *= OX_HASH_MUL;
	return h ^ (h >> 29);
}

/* Signature in a bucket: 15 bits, which four lanes of a word are compared by
 * with one subtraction, and odd, so never that of an empty place (0). */
static __always_inline __u16 ox_hash_sig(__u64 hash)
{
	return (__u16)(hash >> 49 | 1);
}

/* First bucket; n is ox_config.n_buckets. By bits that the signature hasn't. */
static __always_inline __u32 ox_hash_bucket(__u64 hash, __u32 n)
{
	return (__u64)(__u32)(hash >> 17) * n >> 32;
}

/* The bucket after b. */
static __always_inline __u32 ox_bucket_after(__u32 b, __u32 n)
{
	return b + 1 < n ? b + 1 : 0;
}

#endif /* OVSXDP_BPF_HASH_H */
