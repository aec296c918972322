/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tier_ct.h - the program that the interpreter calls for ct(), in both tiers of
 * the kernel: where it works, and where the packet goes on. It has the packet
 * for itself, and nothing else runs on its CPU meanwhile.
 */
#ifndef OVSXDP_BPF_TIER_CT_H
#define OVSXDP_BPF_TIER_CT_H

#include "bpf/core/ct_op.h"
#include "bpf/tier/tier_bpf.h"

struct ox_ct_mem {
	struct ox_ct_work work;
	/* of a packet that XDP had tracked, on its way through the skb tier */
	struct ox_upcall_md md;
	__u64 words[OX_KEY_N_CT_WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ox_ct_mem);
} ct_mem SEC(".maps");

static __always_inline struct ox_ct_mem *ct_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&ct_mem, &zero);
}

static __always_inline void ct_words_keep(struct ox_ct_mem *m,
					  const struct ox_key *k)
{
	__u64 *to = m->words;

#define CT_KEEP(i) *to++ = k->w[i];
	OX_KEY_CT_WORDS(CT_KEEP)
#undef CT_KEEP
}

static __always_inline void ct_words_take(struct ox_key *k,
					  const struct ox_ct_mem *m)
{
	const __u64 *from = m->words;

#define CT_TAKE(i) k->w[i] = *from++;
	OX_KEY_CT_WORDS(CT_TAKE)
#undef CT_TAKE
}

static __always_inline int tier_ct_do(enum ox_ct_do what, struct ox_ct_work *w,
				      struct ox_key *k)
{
	return ct_do(what, &w->r, k, &w->act);
}

/* Packets for helpers have gone down. */
static __always_inline void tier_ct_help(ox_ctx *c, struct ox_run *r,
					 struct ox_ct_work *w)
{
	(void)c;
	(void)r;
	(void)w;
}

#endif /* OVSXDP_BPF_TIER_CT_H */
