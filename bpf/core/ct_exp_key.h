/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_exp_key.h - where an expectation is in its table: for programs, and for
 * the daemon, which puts it there.
 */
#ifndef OVSXDP_BPF_CT_EXP_KEY_H
#define OVSXDP_BPF_CT_EXP_KEY_H

#include "bpf/core/ct_tuple.h"

/* nf_ct_expect_dst_hash(): the first of the places where those for packets to
 * dst, dport may be; of like the protocols and the zone count. */
static __always_inline __u32 ct_exp_home(const __be64 *dst, __be16 dport,
					 const struct ox_ct_tuple *like,
					 __u64 seed)
{
	__u64 h = 0;

	h = ox_hash_mask(h, seed, dst[0]);
	h = ox_hash_mask(h, seed, dst[1]);
	h = ox_hash_mask(h, seed,
			 (__u64)dport << 32 | (__u32)like->proto << 24 |
				 (like->l3 & OX_CT_L3_IPV6) << 16 | like->zone);
	return ox_hash_final(h) >> 32 & (OX_CT_EXPS - 1);
}

#endif /* OVSXDP_BPF_CT_EXP_KEY_H */
