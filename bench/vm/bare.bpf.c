// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * bare.bpf.c - what the datapaths are measured with and against: a source of
 * frames, the shortest programs that move a packet on, and the far end, which
 * counts and drops.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "bench/vm/bare.h"
#include "bpf/tier/ctx_field.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 target; /* ifindex to redirect to */

/* The source's: the frame, and how many addresses it has for its sender. */
__u64 frame[BARE_FRAME_LEN / 8];
__u32 flows = 1;
static __u32 next;

/* What came to the far end; pinned, for whoever wants to know. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, __u64);
} bare_sunk SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} bare_tx SEC(".maps");

static __always_inline void sink(void)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&bare_sunk, &zero);

	if (n)
		*n += 1;
}

/*
 * Run by BPF_PROG_TEST_RUN on pages that come back as the datapath left them:
 * so it writes the whole frame. It is given BARE_TRIM bytes too many and cuts
 * them off, because Linux 6.1 only then notices that the last one's bounds
 * aren't this one's.
 */
SEC("xdp")
int bare_source(struct xdp_md *ctx)
{
	__u64 *data, *end;
	__u32 i = next;

	if (bpf_xdp_adjust_tail(ctx, -BARE_TRIM))
		return XDP_ABORTED;
	data = ctx_ptr(ctx, data);
	end = ctx_ptr(ctx, data_end);
	if (data + BARE_FRAME_LEN / 8 > end)
		return XDP_ABORTED;
#pragma unroll
	for (int w = 0; w < BARE_FRAME_LEN / 8; w++)
		data[w] = frame[w];
	*(__be32 *)((void *)data + BARE_SRC_AT) = bpf_htonl(BARE_SRC + i);
	next = i + 1 < flows ? i + 1 : 0;
	return XDP_TX;
}

SEC("xdp")
int bare_xdp_sink(struct xdp_md *ctx)
{
	sink();
	return XDP_DROP;
}

SEC("xdp")
int bare_xdp_redirect(struct xdp_md *ctx)
{
	return bpf_redirect_map(&bare_tx, 0, 0);
}

SEC("tc")
int bare_tc_sink(struct __sk_buff *skb)
{
	sink();
	return TC_ACT_SHOT;
}

SEC("tc")
int bare_tc_redirect(struct __sk_buff *skb)
{
	return bpf_redirect(target, 0);
}

SEC("tc")
int bare_tc_peer(struct __sk_buff *skb)
{
	return bpf_redirect_peer(target, 0);
}
