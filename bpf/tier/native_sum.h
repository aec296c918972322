/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * native_sum.h - the sum that an outer UDP checksum needs of the frame inside.
 * What is in a TCP or UDP packet needn't be read: with its own checksum, which
 * is there or is going to be, it sums up to the complement of its
 * pseudo-header. That is as lco_csum() has it, but for any packet.
 */
#ifndef OVSXDP_BPF_NATIVE_SUM_H
#define OVSXDP_BPF_NATIVE_SUM_H

#include "bpf/tier/native.h"
#include "bpf/core/checksum.h"

struct native_sum_walk {
	ox_ctx *c;
	struct ox_native_mem *m;
	__u32 at;
	__u32 left;
	__u32 sum;
};

static long native_sum_piece(__u32 i, void *arg)
{
	struct native_sum_walk *w = arg;
	struct ox_native_mem *m = w->m;
	__u32 n = w->left;
	__s64 sum;

	(void)i;
	if (n > OX_TUN_SUM_BYTES)
		n = OX_TUN_SUM_BYTES;
	if (native_bound(&n, OX_TUN_SUM_BYTES))
		return 1;
	if (bpf_skb_load_bytes(w->c, w->at, m->piece, n))
		return 1;
	*(__u32 *)(m->piece + n) = 0;
	sum = bpf_csum_diff(NULL, 0, (__be32 *)m->piece, (n + 3) & ~3u, w->sum);
	if (sum < 0)
		return 1;
	w->sum = sum;
	w->at += n;
	w->left -= n;
	return !w->left;
}

/* The bytes from at on. */
static __always_inline __u32 native_sum_all(ox_ctx *c, struct ox_native_mem *m,
					    __u32 at, __u32 sum, int *bad)
{
	struct native_sum_walk w = {
		.c = c,
		.m = m,
		.at = at,
		.left = ctx_len(c) - at,
		.sum = sum,
	};

	ox_loop(0x10000 / OX_TUN_SUM_BYTES + 1, native_sum_piece, &w);
	*bad = !!w.left;
	return w.sum;
}

/* Of an IPv4 packet that is whole, its header and the complement of TCP's or
 * UDP's pseudo-header; 0: it can't be told so. */
static __always_inline __u32 native_sum_ip4(ox_ctx *c, __u32 len)
{
	struct ox_wire_ip4 ip __attribute__((aligned(8)));
	__be16 check = 1;
	__u32 pseudo;

	if (ctx_load(c, OX_ETH_LEN, &ip, sizeof(ip)))
		return 0;
	if (ip.ver_ihl != 0x45 || ox_cpu16(ip.len) != len ||
	    (ip.frag & ox_be16(OX_IP_MF | OX_IP_OFFS)))
		return 0;
	if (ip.proto == OX_IP_UDP && ctx_load(c, OX_ETH_LEN + 26, &check, 2))
		return 0;
	if ((ip.proto != OX_IP_TCP && ip.proto != OX_IP_UDP) || !check)
		return 0;
	pseudo = wire_sum(&ip.src, 4) + ox_be16(ip.proto) +
		 ox_be16((__u16)(len - 20));
	return wire_sum(&ip, 10) + (__u16)~wire_fold(pseudo);
}

static __always_inline __u32 native_sum_ip6(ox_ctx *c, __u32 len)
{
	struct ox_wire_ip6 ip __attribute__((aligned(8)));
	__be16 check = 1;
	__u32 pseudo;

	if (ctx_load(c, OX_ETH_LEN, &ip, sizeof(ip)))
		return 0;
	if (ox_cpu16(ip.len) + 40u != len)
		return 0;
	if (ip.proto == OX_IP_UDP && ctx_load(c, OX_ETH_LEN + 46, &check, 2))
		return 0;
	if ((ip.proto != OX_IP_TCP && ip.proto != OX_IP_UDP) || !check)
		return 0;
	pseudo = wire_sum(ip.src, 16) + ox_be16(ip.proto) + ip.len;
	return wire_sum(&ip, 20) + (__u16)~wire_fold(pseudo);
}

/*
 * Options and frame, of which the Ethernet header comes as it is going to be.
 * proto: of an IP packet, else 0. 0: no checksum can be had: it may change yet.
 * IPv4 allows that, and a tunnel's receiver must.
 */
static __always_inline __u32 native_sum(ox_ctx *c, struct ox_native_mem *m,
					__be16 proto, const __u8 *l2,
					__u32 l2_len)
{
	__u32 len = ctx_len(c) - OX_ETH_LEN, sum = 0;
	__u32 opts = tun_out_opts(&m->key, &m->way);
	__u8 l4 = 0;
	int bad = 0;

	if (proto == ox_be16(OX_P_IP)) {
		sum = native_sum_ip4(c, len);
		if (!sum && ctx_load(c, OX_ETH_LEN + 9, &l4, 1))
			return 0;
	} else if (proto) {
		sum = native_sum_ip6(c, len);
		if (!sum && ctx_load(c, OX_ETH_LEN + 6, &l4, 1))
			return 0;
	}
	/* its CRC may be left to the hardware */
	if (l4 == OX_IP_SCTP)
		return 0;
	if (!sum)
		sum = native_sum_all(c, m, OX_ETH_LEN, 0, &bad);
	if (bad)
		return 0;
	sum = wire_fold(sum) + wire_sum(l2, 7);
	if (l2_len >= 18)
		sum += wire_sum(l2 + 14, 2);
	if (l2_len >= 22)
		sum += wire_sum(l2 + 18, 2);
	sum = wire_fold(sum);
	barrier_var(opts);
	if (opts && opts <= OX_TUN_OPTS_MAX)
		sum = bpf_csum_diff(NULL, 0, (__be32 *)m->key.tun.opts,
				    opts & 0xfc, sum);
	return sum ? sum : 0xffff;
}

#endif /* OVSXDP_BPF_NATIVE_SUM_H */
