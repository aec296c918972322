/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * checksum.h - Internet checksums and the CRC32c of SCTP, updated for a change
 * without a look at the payload. It also finds and fills in checksums that a
 * local stack left to the hardware (docs/facts.md, V2).
 */
#ifndef OVSXDP_BPF_CHECKSUM_H
#define OVSXDP_BPF_CHECKSUM_H

#include "bpf/core/ctx.h"
#include "bpf/core/pkt.h"

static __always_inline __u32 csum_add(__u32 a, __u32 b)
{
	a += b;
	return a + (a < b);
}

static __always_inline __u16 csum_fold16(__u32 s)
{
	s = (s & 0xffff) + (s >> 16);
	return s + (s >> 16);
}

/* The checksum after a 32-bit word that it covers went from old to new. */
static __always_inline __u16 csum_replace(__u16 check, __u32 old, __u32 new)
{
	__u32 s = csum_add(~(__u32)check, ~old);

	return ~csum_fold16(csum_add(s, new));
}

#ifndef OX_CTX_TC
/*
 * The L4 checksum field at "at" after a word that it covers went from old to
 * new. udp: zero means that there is none, and is never put there. The skb
 * tier has this from the kernel, which knows whether the field is complete.
 */
static __always_inline int ctx_l4_csum(ox_ctx *c, __u32 at, __u32 old,
				       __u32 new, int pseudo, int udp)
{
	__u16 check;

	(void)pseudo;
	if (ctx_load(c, at, &check, 2))
		return -1;
	if (udp && !check)
		return 0;
	check = csum_replace(check, old, new);
	if (udp && !check)
		check = 0xffff;
	return ctx_store(c, at, &check, 2);
}

/* Bytes whose change the field above makes up for. */
static __always_inline int ctx_store_l4(ox_ctx *c, __u32 off, void *buf,
					__u32 len)
{
	return ctx_store(c, off, buf, len);
}
#endif

static __always_inline __u32 csum_add64(__u32 s, __u64 v)
{
	return csum_add(csum_add(s, (__u32)v), v >> 32);
}

/*
 * CRC32c of a run of bytes is linear in them. crc_zeros() is the CRC register
 * crc after n more zero bytes. That is crc * x^(8n) mod P, with the powers x^(8
 * * 2^i) from a table.
 */
static const __u32 crc_powers[16] = {
	0x00800000u, 0x00008000u, 0x82f63b78u, 0x6ea2d55cu,
	0x18b8ea18u, 0x510ac59au, 0xb82be955u, 0xb8fdb1e7u,
	0x88e56f72u, 0x74c360a4u, 0xe4172b16u, 0x0d65762au,
	0x35d73a62u, 0x28461564u, 0xbf455269u, 0xe2ea32dcu,
};

/* a * b mod P, bits reflected; without branches on the data. */
static __always_inline __u32 crc_multiply(__u32 a, __u32 b)
{
	__u32 i, r = 0;

	OX_ROLLED
	for (i = 0; i < 32; i++) {
		r ^= b & -(a >> 31);
		a <<= 1;
		b = (b >> 1) ^ (0x82f63b78u & -(b & 1));
	}
	return r;
}

__noinline __u32 ox_crc_zeros(__u32 crc, __u32 n)
{
	__u32 i;

	OX_ROLLED
	for (i = 0; i < 16; i++)
		if (n >> i & 1)
			crc = crc_multiply(crc, crc_powers[i]);
	return crc;
}

/* What an SCTP checksum field (as it is in memory) changes by when the first
 * four bytes of len bytes change by delta. */
static __always_inline __u32 crc_delta(__u32 delta, __u32 len)
{
	/* the register after the four bytes is delta * x^32 */
	return ox_crc_zeros(delta, len);
}

/* The L4 checksum field's offset, or 0 if the packet has none that a stack
 * could have left open. */
static __always_inline __u32 csum_field(const struct ox_pkt *p)
{
	if (p->key.ip_frag || !p->l4 || p->l4 <= p->l3)
		return 0;
	if (p->key.ip_proto == OX_IP_TCP)
		return p->l4 + 16;
	return p->key.ip_proto == OX_IP_UDP ? p->l4 + 6 : 0;
}

/* Bytes from the L4 header on, as the IP header says; 0 if they don't hold the
 * header, or aren't all there. */
static __always_inline __u32 csum_left(ox_ctx *c, const struct ox_pkt *p)
{
	__u32 hdr = p->key.ip_proto == OX_IP_TCP ? 20 : 8, total;
	int v4 = p->key.eth_type == ox_be16(OX_P_IP);
	__be16 len;

	if (ctx_load(c, p->l3 + (v4 ? 2 : 4), &len, 2))
		return 0;
	total = (v4 ? 0 : 40) + ox_cpu16(len);
	if (total < p->l4 - p->l3 + hdr || p->l3 + total > p->len)
		return 0;
	return total - (p->l4 - p->l3);
}

/* Offset of an L4 checksum that holds only the pseudo-header's sum, or 0. */
static __always_inline __u32 csum_partial_at(ox_ctx *c, const struct ox_pkt *p,
					     __u32 *left)
{
	__u32 at = csum_field(p), s;
	__u16 check;

	/* such a sum is never 0: there is no checksum */
	if (!at || ctx_load(c, at, &check, 2) || !check)
		return 0;
	*left = csum_left(c, p);
	if (!*left)
		return 0;
	s = csum_add64(0, p->key.w[4]);
	if (p->key.eth_type != ox_be16(OX_P_IP)) {
		s = csum_add64(s, p->key.w[5]);
		s = csum_add64(s, p->key.w[6]);
		s = csum_add64(s, p->key.w[7]);
	}
	s = csum_add(s, (__u32)p->key.ip_proto << 8);
	s = csum_add(s, ox_be16(*left));
	return check == csum_fold16(s) ? at : 0;
}

#ifdef OX_CTX_HOST
/*
 * Fills in such a checksum: 1 if it did, 0 if there was nothing to do, -1 if
 * the frame couldn't be read. Where a complete checksum looks like an open
 * one by chance, the result is the same value again.
 */
__noinline int ox_csum_complete(ox_ctx *c, struct ox_pkt *p)
{
	__u32 at, left = 0, s = 0;
	__u16 check;

	if (!p)
		return -1;
	at = csum_partial_at(c, p, &left);
	if (!at)
		return 0;
	if (ctx_csum(c, p->l4, left, &s))
		return -1;
	check = ~csum_fold16(s);
	if (!check && p->key.ip_proto == OX_IP_UDP)
		check = 0xffff;
	return ctx_store(c, at, &check, 2) ? -1 : 1;
}
#endif

__noinline int ox_csum_is_partial(ox_ctx *c, struct ox_pkt *p)
{
	__u32 left = 0;

	return p && csum_partial_at(c, p, &left);
}

/*
 * The same. Most packets' headers are where they always are: untagged IPv4
 * without options. For these one check of bounds and no call are enough.
 */
static __always_inline int csum_is_partial(ox_ctx *c, struct ox_pkt *p)
{
	enum { L3 = OX_ETH_LEN, L4 = L3 + 20, END = L4 + 20 };
	const __u8 *d = ctx_peek(c, END);
	__u32 total, hdr = 20, s;
	__u16 check;

	if (!d || p->l4 != L4 || p->key.eth_type != ox_be16(OX_P_IP))
		return ox_csum_is_partial(c, p);
	if (p->key.ip_proto == OX_IP_UDP) {
		hdr = 8;
		check = OX_PEEK(__u16, d + L4 + 6);
	} else if (p->key.ip_proto == OX_IP_TCP) {
		check = OX_PEEK(__u16, d + L4 + 16);
	} else {
		return 0;
	}
	if (!check || p->key.ip_frag)
		return 0;
	total = ox_cpu16(OX_PEEK(__u16, d + L3 + 2));
	if (total < L4 - L3 + hdr || L3 + total > p->len)
		return 0;
	s = csum_add64(0, p->key.w[4]);
	s = csum_add(s, (__u32)p->key.ip_proto << 8);
	s = csum_add(s, ox_be16(total - (L4 - L3)));
	return check == csum_fold16(s);
}

#endif /* OVSXDP_BPF_CHECKSUM_H */
