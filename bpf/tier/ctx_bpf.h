/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctx_bpf.h - what the context interfaces over struct xdp_md and struct
 * __sk_buff share: the tables, which are maps, and what the verifier wants.
 */
#ifndef OVSXDP_BPF_CTX_BPF_H
#define OVSXDP_BPF_CTX_BPF_H

#include "bpf/tier/ctx_field.h"
#include "bpf/tier/maps.h"
#include "bpf/core/pkt.h"

#define OX_OFF_MAX 0x7fff /* headers are before this offset */

/* Makes off's bound plain to the verifier: clang may fold the comparison
 * into another one, from which 6.1 learns nothing. */
#define OX_BOUND_OFF(off)                     \
	do {                                  \
		asm volatile("" : "+r"(off)); \
		(off) &= OX_OFF_MAX;          \
	} while (0)

/* One load, however the address is aligned. */
#define OX_PEEK(type, at) (*(const type *)(at))

/* len is a constant: becomes plain loads and stores. x86 and arm64 do
 * unaligned ones, and clang would otherwise copy byte by byte. */
static __always_inline void ox_copy(void *dst, const void *src, __u32 len)
{
	__u32 i = 0;

#pragma unroll
	for (; i + 8 <= len; i += 8)
		*(__u64 *)(dst + i) = *(const __u64 *)(src + i);
	if (len & 4) {
		*(__u32 *)(dst + i) = *(const __u32 *)(src + i);
		i += 4;
	}
	if (len & 2) {
		*(__u16 *)(dst + i) = *(const __u16 *)(src + i);
		i += 2;
	}
	if (len & 1)
		*(__u8 *)(dst + i) = *(const __u8 *)(src + i);
}

/* Index of the lowest bit that is set; w is not 0. By de Bruijn's sequence:
 * the compiler's own takes twice the instructions. */
static __always_inline __u32 ox_ctz64(__u64 w)
{
	static const volatile __u8 index[64] = {
		0,  1,	48, 2,	57, 49, 28, 3,	61, 58, 50, 42, 38, 29, 17, 4,
		62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5,
		63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11,
		46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,	13, 8,	7,  6,
	};

	return index[(w & -w) * 0x03f79d71b4cb0a89ull >> 58];
}

static __always_inline __u32 ctx_random(void)
{
	return bpf_get_prandom_u32();
}

/* ---- tables ---- */

static __always_inline struct ox_config *tbl_config(void)
{
	return &config;
}

static __always_inline struct ox_port *tbl_port(__u32 no)
{
	return bpf_map_lookup_elem(&ports, &no);
}

static __always_inline struct ox_mask *tbl_mask(__u32 slot)
{
	return bpf_map_lookup_elem(&masks, &slot);
}

static __always_inline struct ox_mask *tbl_scan(__u32 i)
{
	return bpf_map_lookup_elem(&scan, &i);
}

static __always_inline struct ox_prune *tbl_prune(__u32 i)
{
	return bpf_map_lookup_elem(&prune, &i);
}

static __always_inline __u32 tbl_max_masks(void)
{
	return ox_rc_max_masks;
}

static __always_inline __u32 tbl_n_buckets(void)
{
	return ox_rc_n_buckets;
}

static __always_inline struct ox_bucket *tbl_bucket(__u32 i)
{
	return bpf_map_lookup_elem(&buckets, &i);
}

/* The chunk of a flow, and its place there. The verifier knows the shift and
 * leaves one way of these; by a register, on x86 a shift takes six
 * instructions. The assembler keeps clang from making it that again. */
static __always_inline void flow_place(__u32 i, __u32 *chunk, __u32 *at)
{
	__u32 shift = ox_rc_chunk_shift;
	__u64 c = i;

#define OX_PLACE(n)                                   \
	if (shift == (n)) {                           \
		asm volatile("%0 >>= " #n : "+r"(c)); \
		*chunk = c;                           \
		*at = i & ((1u << (n)) - 1);          \
		return;                               \
	}
	OX_PLACE(12)
	OX_PLACE(13)
	OX_PLACE(14)
	OX_PLACE(15)
	OX_PLACE(16)
#undef OX_PLACE
	*chunk = i >> shift;
	*at = i & ((1u << shift) - 1);
}

static __always_inline struct ox_flow *tbl_flow(__u32 i)
{
	__u32 chunk, at;
	void *inner;

	flow_place(i, &chunk, &at);
	inner = bpf_map_lookup_elem(&flows, &chunk);
	return inner ? bpf_map_lookup_elem(inner, &at) : NULL;
}

/* A line of what is more of a flow. */
static __always_inline const __u64 *tbl_flow_more(__u32 i, __u32 line)
{
	__u32 chunk, at;
	void *inner;

	flow_place(i, &chunk, &at);
	inner = bpf_map_lookup_elem(&flows, &chunk);
	if (!inner)
		return NULL;
	at = OX_FLOW_MORE(1u << ox_rc_chunk_shift, at) + line;
	return bpf_map_lookup_elem(inner, &at);
}

/* What a packet has of its tunnel's key. */
static __always_inline struct ox_tun *tbl_tun(__u32 at)
{
#ifdef OX_CTX_XDP
	return NULL; /* no packet with one comes here */
#else
	struct ox_tun_in *in = bpf_map_lookup_elem(&tunin, &at);

	return in ? &in->tun : NULL;
#endif
}

static __always_inline struct ox_acts *tbl_acts(__u32 i)
{
	__u32 chunk = i >> OX_ACTS_SHIFT;
	__u32 at = i & ((1u << OX_ACTS_SHIFT) - 1);
	void *inner = bpf_map_lookup_elem(&acts, &chunk);

	return inner ? bpf_map_lookup_elem(inner, &at) : NULL;
}

static __always_inline struct ox_cache *tbl_cache(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cache, &zero);
}

/* ---- counters; all per CPU ---- */

static __always_inline struct ox_dp_stats *tbl_dp_stats(void)
{
	__u32 zero = 0;

	/* begins with them */
	return bpf_map_lookup_elem(&dpstats, &zero);
}

static __always_inline struct ox_port_stats *tbl_port_stats(__u32 no)
{
	return bpf_map_lookup_elem(&pstats, &no);
}

static __always_inline struct ox_flow_stats *tbl_flow_stats(__u32 i)
{
	struct ox_stats_page *page;
	__u32 chunk, at;
	void *inner;

	flow_place(i, &chunk, &at);
	inner = bpf_map_lookup_elem(&fstats, &chunk);
	if (!inner)
		return NULL;
	at >>= OX_STATS_SHIFT;
	page = bpf_map_lookup_elem(inner, &at);
	return page ? &page->flow[i & ((1u << OX_STATS_SHIFT) - 1)] : NULL;
}

static __always_inline void tbl_flow_stats_done(__u32 i)
{
}

static __always_inline void tbl_mask_hit(__u32 slot)
{
	__u64 *n = bpf_map_lookup_elem(&mask_hits, &slot);

	if (n)
		*n += 1;
}

static __always_inline __u64 tbl_now(void)
{
	return bpf_jiffies64(); /* no call: the verifier makes it a load */
}

#endif /* OVSXDP_BPF_CTX_BPF_H */
