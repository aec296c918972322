/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tun_in.h - a packet's outer headers become its tunnel key: whose they are,
 * and what they say. Memory only; the packet is the caller's. What geneve_rx()
 * of drivers/net/geneve.c and the IP and UDP layers under it do.
 */
#ifndef OVSXDP_BPF_TUN_IN_H
#define OVSXDP_BPF_TUN_IN_H

#include "bpf/core/tun_wire.h"

/*
 * The address and port that an IPv4 packet goes to. o has its first bytes, len
 * is what there is from the IP header on, and becomes what the header says.
 * Not 0: the stack's. It knows options, fragments and what is wrong with a
 * header.
 */
static __always_inline int tun_in_ip4(const struct ox_outer *o, __u32 *len,
				      struct ox_listen_key *k)
{
	const struct ox_wire_ip4 *ip = &o->v4.ip;
	__u32 total = ox_cpu16(ip->len);

	if (ip->ver_ihl != 0x45 || ip->proto != OX_IP_UDP ||
	    (ip->frag & ox_be16(OX_IP_MF | OX_IP_OFFS)))
		return -1;
	if (wire_fold(wire_sum(ip, 10)) != 0xffff)
		return -1;
	if (!total)
		total = *len; /* of GSO, over 64 KB */
	if (total > *len || total < 20 + 16)
		return -1;
	*len = total;
	k->dst[0] = ip->dst;
	k->dst[1] = k->dst[2] = k->dst[3] = 0;
	k->port = o->v4.udp.dport;
	k->family = OX_AF_INET;
	k->proto = OX_IP_UDP;
	return 0;
}

/* The same of IPv6; extension headers are the stack's. */
static __always_inline int tun_in_ip6(const struct ox_outer *o, __u32 *len,
				      struct ox_listen_key *k)
{
	const struct ox_wire_ip6 *ip = &o->v6.ip;
	__u32 total = ox_cpu16(ip->len);

	if ((*(const __u8 *)ip & 0xf0) != 0x60 || ip->proto != OX_IP_UDP)
		return -1;
	total = total ? total + 40 : *len;
	if (total > *len || total < 40 + 16)
		return -1;
	*len = total;
	k->dst[0] = ip->dst[0];
	k->dst[1] = ip->dst[1];
	k->dst[2] = ip->dst[2];
	k->dst[3] = ip->dst[3];
	k->port = o->v6.udp.dport;
	k->family = OX_AF_INET6;
	k->proto = OX_IP_UDP;
	return 0;
}

/* Does the UDP header agree with what is there from it on? A GSO packet's is
 * not looked at: its length has but 16 bits. */
static __always_inline int tun_in_udp(const struct ox_wire_udp *u, __u32 left,
				      __u32 gso)
{
	__u32 len = ox_cpu16(u->len);

	return !gso && (len > left || len < 16) ? -1 : 0;
}

/*
 * Of the Geneve header, with left bytes after it. k gets all of the key but
 * addresses and options, of which k->opts_len are to follow. Not 0: nobody's.
 * It has to be dropped. As the kernel's device, which carries Ethernet alone.
 */
static __always_inline int tun_in_geneve(const struct ox_wire_geneve *g,
					 const struct ox_wire_udp *u,
					 __u32 left, struct ox_tun_head *k,
					 struct ox_tun *t)
{
	__u32 opts = (g->ver_opt & OX_GENEVE_OPTS) * 4;

	if (g->ver_opt & ~OX_GENEVE_OPTS || g->proto != ox_be16(OX_P_TEB) ||
	    left < opts + OX_ETH_LEN)
		return -1;
	k->opts_len = opts;
	k->flags = OX_TUN_F_KEY | (opts ? OX_TUN_F_GENEVE : 0) |
		   (g->flags & OX_GENEVE_OAM ? OX_TUN_F_OAM : 0) |
		   (g->flags & OX_GENEVE_CRIT ? OX_TUN_F_CRIT : 0) |
		   (u->check ? OX_TUN_F_CSUM : 0);
	k->at = 0;
	/* the upper 24 bits of four bytes become the lower ones of eight */
	t->tun_id = (__u64)(g->vni & ox_be32(0xffffff00)) << 40;
	t->tp_src = u->sport;
	t->tp_dst = u->dport;
	return 0;
}

static __always_inline void tun_in_addr4(const struct ox_wire_ip4 *ip,
					 struct ox_tun_head *k,
					 struct ox_tun *t)
{
	k->proto = OX_AF_INET;
	k->tos = ip->tos;
	k->ttl = ip->ttl;
	t->ipv4.src = ip->src;
	t->ipv4.dst = ip->dst;
	t->x[2] = t->x[3] = t->x[4] = 0;
	t->label = 0;
}

static __always_inline void tun_in_addr6(const struct ox_wire_ip6 *ip,
					 struct ox_tun_head *k,
					 struct ox_tun *t)
{
	k->proto = OX_AF_INET6;
	k->tos = ox_cpu16((__be16)ip->flow) >> 4;
	k->ttl = ip->hops;
	t->ipv6.src[0] = ip->src[0];
	t->ipv6.src[1] = ip->src[1];
	t->ipv6.src[2] = ip->src[2];
	t->ipv6.src[3] = ip->src[3];
	t->ipv6.dst[0] = ip->dst[0];
	t->ipv6.dst[1] = ip->dst[1];
	t->ipv6.dst[2] = ip->dst[2];
	t->ipv6.dst[3] = ip->dst[3];
	t->label = ip->flow & ox_be32(0x000fffff);
}

/*
 * The inner packet's field of traffic class, for what the outer one met on its
 * way: INET_ECN_decapsulate(). Negative: the packet must be dropped, it met
 * congestion and its sender wouldn't hear of it.
 */
static __always_inline int tun_in_ecn(__u8 outer, __u8 inner)
{
	outer &= OX_ECN_MASK;
	if (!(inner & OX_ECN_MASK))
		return outer == OX_ECN_CE ? -1 : inner;
	if (outer == OX_ECN_CE)
		return inner | OX_ECN_CE;
	/* INET_ECN_set_ect1(): of ECT(0) alone */
	if (outer == OX_ECN_ECT1 && (inner & OX_ECN_MASK) == OX_ECN_ECT0)
		return (inner & ~OX_ECN_MASK) | OX_ECN_ECT1;
	return inner;
}

#endif /* OVSXDP_BPF_TUN_IN_H */
