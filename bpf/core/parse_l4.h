/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * parse_l4.h - the transport header's part of a key, for both versions of IP;
 * part of parse.h. Key words are put together in registers and stored whole:
 * a lookup that loads a word right after narrow stores to it would stall.
 */
#ifndef OVSXDP_BPF_PARSE_L4_H
#define OVSXDP_BPF_PARSE_L4_H

#include "bpf/core/ctx.h"
#include "bpf/core/pkt.h"

#define OX_LOW48 0xffffffffffffull

static __always_inline int proto_is_802_3(__be16 type)
{
	return ox_cpu16(type) >= OX_P_802_3_MIN;
}

/* w3: everything that one load of most masks wants. */
static __always_inline __u64 word_ip(__u8 proto, __u8 tos, __u8 ttl, __u8 frag)
{
	return proto | (__u64)tos << 8 | (__u64)ttl << 16 | (__u64)frag << 24;
}

static __always_inline __u64 word_tp(__be16 src, __be16 dst)
{
	return (__u64)src << 32 | (__u64)dst << 48;
}

/* Flags go to w8, ports are returned for w3. A header that doesn't fit
 * leaves zeros. */
static __always_inline __u64 parse_tcp(ox_ctx *c, struct ox_pkt *p, __u32 left)
{
	__u64 h[2];
	__u32 doff;

	if (left < 20 || ctx_load(c, p->l4, h, 16))
		return 0;
	doff = ((h[1] >> 36) & 0xf) * 4;
	if (doff < 20 || left < doff)
		return 0;
	p->key.w[8] |= (h[1] >> 32) & ox_be16(0x0fff);
	return h[0] << 32;
}

/* UDP and SCTP: both begin with the ports. */
static __always_inline __u64 parse_ports(ox_ctx *c, struct ox_pkt *p,
					 __u32 left, __u32 min)
{
	__u32 h;

	if (left < min || ctx_load(c, p->l4, &h, 4))
		return 0;
	return (__u64)h << 32;
}

/* Type and code are where ports are, as 16-bit numbers. */
static __always_inline __u64 parse_icmp(ox_ctx *c, struct ox_pkt *p, __u32 left)
{
	__u16 tc;

	if (left < 8 || ctx_load(c, p->l4, &tc, 2))
		return 0;
	return word_tp(ox_be16(tc & 0xff), ox_be16(tc >> 8));
}

/* The upper half of w3 for the header at p->l4. */
static __always_inline __u64 parse_l4(ox_ctx *c, struct ox_pkt *p, __u8 proto,
				      __u8 icmp)
{
	__u32 left = p->len > p->l4 ? p->len - p->l4 : 0;

	if (proto == OX_IP_TCP)
		return parse_tcp(c, p, left);
	if (proto == OX_IP_UDP)
		return parse_ports(c, p, left, 8);
	if (proto == OX_IP_SCTP)
		return parse_ports(c, p, left, 12);
	if (proto != icmp)
		return 0;
	return parse_icmp(c, p, left);
}

#endif /* OVSXDP_BPF_PARSE_L4_H */
