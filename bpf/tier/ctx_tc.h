/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ctx_tc.h - the context interface (ctx_xdp.h) over struct __sk_buff. The outer
 * VLAN tag is in the skb's metadata here, never in line; checksums and GSO stay
 * the skb's, so what is written says to the kernel what it changed.
 */
#ifndef OVSXDP_BPF_CTX_TC_H
#define OVSXDP_BPF_CTX_TC_H

#define OX_CTX_TC   1
#define OX_CTX_HEAD 0 /* headers in front can't come and go */

#include "bpf/tier/ctx_bpf.h"

typedef struct __sk_buff ox_ctx;

#define ctx_load_bytes bpf_skb_load_bytes
#include "bpf/tier/ctx_read.h"

/* What a checksum over the whole packet (CHECKSUM_COMPLETE) must follow. */
static __always_inline int ctx_store(ox_ctx *c, __u32 off, void *buf, __u32 len)
{
	if (off > OX_OFF_MAX)
		return -1;
	return bpf_skb_store_bytes(
		c, off, buf, len, BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH);
}

/* Bytes whose change the L4 checksum makes up for. */
static __always_inline int ctx_store_l4(ox_ctx *c, __u32 off, void *buf,
					__u32 len)
{
	if (off > OX_OFF_MAX)
		return -1;
	return bpf_skb_store_bytes(c, off, buf, len, BPF_F_INVALIDATE_HASH);
}

/* As in checksum.h; an open checksum follows only the pseudo-header. */
static __always_inline int ctx_l4_csum(ox_ctx *c, __u32 at, __u32 old,
				       __u32 new, int pseudo, int udp)
{
	__u64 flags = 4;

	if (pseudo)
		flags |= BPF_F_PSEUDO_HDR;
	if (udp)
		flags |= BPF_F_MARK_MANGLED_0;
	return bpf_l4_csum_replace(c, at, old, new, flags);
}

/* The device that the packet comes in by. */
static __always_inline __u32 ctx_ifindex(ox_ctx *c)
{
	return ctx_get(c, ifindex);
}

static __always_inline __u32 ctx_len(ox_ctx *c)
{
	return ctx_get(c, len);
}

static __always_inline __u32 ctx_gso_size(ox_ctx *c)
{
	return ctx_get(c, gso_size);
}

/* TPID | TCI << 16 of the tag in the metadata, in network order, the TCI
 * with CFI; 0: there is none. */
static __always_inline __u32 ctx_hw_tag(ox_ctx *c)
{
	if (!ctx_get(c, vlan_present))
		return 0;
	return (ctx_get(c, vlan_proto) & 0xffff) |
	       (__u32)ox_be16((ctx_get(c, vlan_tci) & 0xffff) | OX_VLAN_CFI)
		       << 16;
}

/* The same as it is on the wire: with CFI where the packet has it. */
static __always_inline __u32 ctx_wire_tag(ox_ctx *c)
{
	if (!ctx_get(c, vlan_present))
		return 0;
	return (ctx_get(c, vlan_proto) & 0xffff) |
	       (__u32)ox_be16(ctx_get(c, vlan_tci) & 0xffff) << 16;
}

static __always_inline int ctx_push_vlan(ox_ctx *c, __be16 tpid, __be16 tci)
{
	return bpf_skb_vlan_push(c, tpid, ox_cpu16(tci));
}

static __always_inline int ctx_pop_vlan(ox_ctx *c)
{
	return bpf_skb_vlan_pop(c);
}

static __always_inline int ctx_trim(ox_ctx *c, __u32 cut)
{
	return bpf_skb_change_tail(c, ctx_len(c) - cut, 0);
}

#endif /* OVSXDP_BPF_CTX_TC_H */
