/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tun_out.h - a tunnel key becomes outer headers. Memory only; the packet, the
 * route and the options are the caller's. What geneve_xmit_skb() and
 * geneve6_xmit_skb() of drivers/net/geneve.c and the IP layer under them do.
 */
#ifndef OVSXDP_BPF_TUN_OUT_H
#define OVSXDP_BPF_TUN_OUT_H

#include "bpf/core/tun_wire.h"

/* What the key doesn't say. */
struct ox_tun_way {
	__be32 src[4]; /* local address, as in struct ox_listen_key */
	__be16 sport;
	__be16 dport;
	__u32 len; /* of the inner frame, with its Ethernet header and tags */
	__be16 id; /* of IPv4 */
	__u8 tos;  /* of the inner packet; 0: it is no IP */
};

/* Bytes that come between the outer Ethernet header and the inner frame. */
static __always_inline __u32 tun_out_len(const struct ox_tun_key *k)
{
	return (k->proto == OX_AF_INET6 ? 40 : 20) + 16 + k->opts_len;
}

/* udp_flow_src_port() as geneve has it: any port but 0. */
static __always_inline __be16 tun_out_sport(__u32 hash)
{
	hash ^= hash << 16;
	return ox_be16((__u16)(((__u64)hash * 65534 >> 32) + 1));
}

/* INET_ECN_encapsulate(): congestion that was met before isn't sent on outside,
 * the inner packet says it already. */
static __always_inline __u8 tun_out_ecn(__u8 outer, __u8 inner)
{
	__u8 ecn = inner & OX_ECN_MASK;

	return (outer & ~OX_ECN_MASK) | (ecn == OX_ECN_CE ? OX_ECN_ECT0 : ecn);
}

/* UDP and Geneve; without a checksum. */
static __always_inline void tun_out_geneve(struct ox_wire_udp *u,
					   struct ox_wire_geneve *g,
					   const struct ox_tun_key *k,
					   const struct ox_tun_way *to)
{
	u->sport = to->sport;
	u->dport = to->dport;
	u->len = ox_be16((__u16)(16 + k->opts_len + to->len));
	u->check = 0;
	g->ver_opt = k->opts_len >> 2;
	g->flags = (k->flags & OX_TUN_F_OAM ? OX_GENEVE_OAM : 0) |
		   (k->flags & OX_TUN_F_CRIT ? OX_GENEVE_CRIT : 0);
	g->proto = ox_be16(OX_P_TEB);
	g->vni = (__be32)(k->tun.tun_id >> 40) & ox_be32(0xffffff00);
}

static __always_inline void tun_out_ip4(struct ox_outer *o,
					const struct ox_tun_key *k,
					const struct ox_tun_way *to)
{
	struct ox_wire_ip4 *ip = &o->v4.ip;

	o->type = ox_be16(OX_P_IP);
	ip->ver_ihl = 0x45;
	ip->tos = tun_out_ecn(k->tos, to->tos);
	ip->len = ox_be16((__u16)(36 + k->opts_len + to->len));
	ip->id = to->id;
	ip->frag = k->flags & OX_TUN_F_DF ? ox_be16(OX_IP_DF) : 0;
	ip->ttl = k->ttl;
	ip->proto = OX_IP_UDP;
	ip->check = 0;
	ip->src = to->src[0];
	ip->dst = k->tun.ipv4.dst;
	ip->check = ~wire_fold(wire_sum(ip, 10));
	tun_out_geneve(&o->v4.udp, &o->v4.geneve, k, to);
}

static __always_inline void tun_out_ip6(struct ox_outer *o,
					const struct ox_tun_key *k,
					const struct ox_tun_way *to)
{
	struct ox_wire_ip6 *ip = &o->v6.ip;
	__u32 tos = tun_out_ecn(k->tos, to->tos);

	o->type = ox_be16(OX_P_IPV6);
	ip->flow = ox_be32(6u << 28 | tos << 20) |
		   (k->tun.label & ox_be32(0x000fffff));
	ip->len = ox_be16((__u16)(16 + k->opts_len + to->len));
	ip->proto = OX_IP_UDP;
	ip->hops = k->ttl;
	ip->src[0] = to->src[0];
	ip->src[1] = to->src[1];
	ip->src[2] = to->src[2];
	ip->src[3] = to->src[3];
	ip->dst[0] = k->tun.ipv6.dst[0];
	ip->dst[1] = k->tun.ipv6.dst[1];
	ip->dst[2] = k->tun.ipv6.dst[2];
	ip->dst[3] = k->tun.ipv6.dst[3];
	tun_out_geneve(&o->v6.udp, &o->v6.geneve, k, to);
}

/*
 * The outer UDP checksum. sum: of options and inner frame, as a sum of 16-bit
 * words that isn't folded. The pseudo-header's sum is made from what is in o.
 */
static __always_inline void tun_out_check(struct ox_outer *o, int v6, __u32 sum)
{
	struct ox_wire_udp *u = v6 ? &o->v6.udp : &o->v4.udp;
	__u16 check;

	sum = wire_fold(sum);
	sum += v6 ? wire_sum(o->v6.ip.src, 16) : wire_sum(&o->v4.ip.src, 4);
	sum += ox_be16(OX_IP_UDP) + u->len;
	sum += v6 ? wire_sum(u, 8) : wire_sum(u, 8);
	check = ~wire_fold(sum);
	u->check = check ? check : 0xffff;
}

#endif /* OVSXDP_BPF_TUN_OUT_H */
