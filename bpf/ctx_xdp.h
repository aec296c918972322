/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctx_xdp.h - the context interface over struct xdp_md: reading and writing
 * the frame, moving its head, and the tables, which are maps. ctx_host.h is
 * the same over memory; parse.h, lookup.h, actions.h and checksum.h see
 * nothing else of where they run.
 */
#ifndef OVSXDP_BPF_CTX_XDP_H
#define OVSXDP_BPF_CTX_XDP_H

#include "bpf/maps.h"
#include "bpf/pkt.h"

typedef struct xdp_md ox_ctx;

#define OX_IN static __always_inline
/* A function that the verifier checks once, on its own (fact B1). */
#define OX_FN	  __attribute__((noinline))
#define OX_ROLLED _Pragma("clang loop unroll(disable)")

#define OX_OFF_MAX 0x7fff /* headers lie before this offset */

/* Makes off's bound plain to the verifier: clang may fold the comparison
 * into another one, from which 6.1 learns nothing. */
#define OX_BOUND_OFF(off)                     \
	do {                                  \
		asm volatile("" : "+r"(off)); \
		(off) &= OX_OFF_MAX;          \
	} while (0)

/* len is a constant: becomes plain loads and stores. x86 and arm64 do
 * unaligned ones, and clang would otherwise copy byte by byte. */
OX_IN void ox_copy(void *dst, const void *src, __u32 len)
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

/* Copies len (a constant) bytes at off out of the frame. 0, or negative if
 * the frame is shorter. Bytes in fragments are found too. */
OX_IN int ctx_load(ox_ctx *c, __u32 off, void *buf, __u32 len)
{
	void *data = (void *)(long)c->data;
	void *end = (void *)(long)c->data_end;

	if (off > OX_OFF_MAX)
		return -1;
	OX_BOUND_OFF(off);
	if (data + off + len <= end) {
		ox_copy(buf, data + off, len);
		return 0;
	}
	return bpf_xdp_load_bytes(c, off, buf, len);
}

OX_IN int ctx_store(ox_ctx *c, __u32 off, void *buf, __u32 len)
{
	void *data = (void *)(long)c->data;
	void *end = (void *)(long)c->data_end;

	if (off > OX_OFF_MAX)
		return -1;
	OX_BOUND_OFF(off);
	if (data + off + len <= end) {
		ox_copy(data + off, buf, len);
		return 0;
	}
	return bpf_xdp_store_bytes(c, off, buf, len);
}

OX_IN __u32 ctx_len(ox_ctx *c)
{
	return bpf_xdp_get_buff_len(c);
}

/* Moves the head: negative makes room in front. */
OX_IN int ctx_move_head(ox_ctx *c, int delta)
{
	return bpf_xdp_adjust_head(c, delta);
}

OX_IN __u32 ctx_queue(ox_ctx *c)
{
	return c->rx_queue_index;
}

/* Calls fn(i, arg) for i = 0..n-1 until it returns not 0; the number of
 * calls. The program's size doesn't depend on n. */
#define ox_loop(n, fn, arg) bpf_loop(n, fn, arg, 0)

struct ox_csum_walk {
	ox_ctx *c;
	struct ox_scratch *s;
	__u32 off;
	__u32 left;
	__u32 sum;
	__u32 bad;
};

static long csum_step(__u32 i, void *arg)
{
	struct ox_csum_walk *w = arg;
	__u64 last = w->left - 1, n;

	if (!w->left)
		return 1;
	if (last > OX_SCRATCH - 1)
		last = OX_SCRATCH - 1;
	/* shows verifiers before 6.8 that n is never 0 */
	asm volatile("" : "+r"(last));
	last &= OX_SCRATCH - 1;
	n = last + 1;
	/* bpf_csum_diff() takes whole words: zeros behind the end */
	*(__u32 *)(w->s->buf + (last & (OX_SCRATCH - 4))) = 0;
	if (bpf_xdp_load_bytes(w->c, w->off, w->s->buf, n)) {
		w->bad = 1;
		return 1;
	}
	w->sum = bpf_csum_diff(NULL, 0, (__be32 *)w->s->buf, (n + 3) & ~3ull,
			       w->sum);
	w->off += n;
	w->left -= n;
	return 0;
}

/* One's complement sum of len bytes at off. */
OX_IN int ctx_csum(ox_ctx *c, __u32 off, __u32 len, __u32 *sum)
{
	__u32 zero = 0;
	struct ox_csum_walk w = {
		.c = c,
		.s = bpf_map_lookup_elem(&scratch, &zero),
		.off = off,
		.left = len,
	};

	if (!w.s)
		return -1;
	bpf_loop(0x10000 / OX_SCRATCH, csum_step, &w, 0);
	*sum = w.sum;
	return w.bad || w.left ? -1 : 0;
}

/* ---- tables ---- */

OX_IN struct ox_config *tbl_config(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&config, &zero);
}

OX_IN struct ox_port *tbl_port(__u32 no)
{
	return bpf_map_lookup_elem(&ports, &no);
}

OX_IN struct ox_mask *tbl_mask(__u32 slot)
{
	return bpf_map_lookup_elem(&masks, &slot);
}

OX_IN struct ox_mask *tbl_scan(__u32 i)
{
	return bpf_map_lookup_elem(&scan, &i);
}

OX_IN __u32 tbl_max_masks(void)
{
	return ox_rc_max_masks;
}

OX_IN __u32 tbl_n_buckets(void)
{
	return ox_rc_n_buckets;
}

OX_IN struct ox_bucket *tbl_bucket(__u32 i)
{
	return bpf_map_lookup_elem(&buckets, &i);
}

OX_IN struct ox_flow *tbl_flow(__u32 i)
{
	__u32 chunk = i >> ox_rc_chunk_shift;
	__u32 at = i & ((1u << ox_rc_chunk_shift) - 1);
	void *inner = bpf_map_lookup_elem(&flows, &chunk);

	return inner ? bpf_map_lookup_elem(inner, &at) : NULL;
}

OX_IN struct ox_acts *tbl_acts(__u32 i)
{
	__u32 chunk = i >> OX_ACTS_SHIFT;
	__u32 at = i & ((1u << OX_ACTS_SHIFT) - 1);
	void *inner = bpf_map_lookup_elem(&acts, &chunk);

	return inner ? bpf_map_lookup_elem(inner, &at) : NULL;
}

OX_IN struct ox_cache *tbl_cache(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cache, &zero);
}

/* ---- counters; all per CPU ---- */

OX_IN struct ox_dp_stats *tbl_dp_stats(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&dpstats, &zero);
}

OX_IN struct ox_port_stats *tbl_port_stats(__u32 no)
{
	return bpf_map_lookup_elem(&pstats, &no);
}

OX_IN struct ox_flow_stats *tbl_flow_stats(__u32 i)
{
	__u32 chunk = i >> ox_rc_chunk_shift;
	__u32 at = i & ((1u << ox_rc_chunk_shift) - 1);
	void *inner = bpf_map_lookup_elem(&fstats, &chunk);

	return inner ? bpf_map_lookup_elem(inner, &at) : NULL;
}

OX_IN void tbl_mask_hit(__u32 slot)
{
	__u64 *n = bpf_map_lookup_elem(&mask_hits, &slot);

	if (n)
		*n += 1;
}

OX_IN __u64 tbl_now(void)
{
	return bpf_jiffies64(); /* no call: the verifier makes it a load */
}

#endif /* OVSXDP_BPF_CTX_XDP_H */
