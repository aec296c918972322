/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tun_out.h - a tunnel key becomes outer headers. Memory only; the packet, the
 * route and the options are the caller's. What geneve_xmit_skb() of
 * drivers/net/geneve.c, vxlan_xmit_one() of drivers/net/vxlan, gre_fb_xmit() of
 * net/ipv4/ip_gre.c and the layers under them do.
 */
#ifndef OVSXDP_BPF_TUN_OUT_H
#define OVSXDP_BPF_TUN_OUT_H

#include "bpf/core/tun_wire.h"

/* What the key doesn't say. */
struct ox_tun_way {
	__be32 src[4]; /* local address, as in struct ox_listen_key */
	__be16 sport;
	__be16 dport;
	__u32 len;  /* of the inner frame, with its Ethernet header and tags */
	__u32 kind; /* of the tunnel: OX_VPORT_* */
	__u32 exts; /* OX_TUN_EXT_* */
	__u32 csum; /* it will be tun_out_check()ed */
	__u32 l4_len;	/* bytes after the IP header, without options; */
	__u32 opts_len; /* of options: tun_out_begin() */
	__be16 id;	/* of IPv4 */
	__u8 tos;	/* of the inner packet; 0: it is no IP */
	__u8 ttl;	/* if the key has none */
};

/* Bytes of options that the packet gets. */
static __always_inline __u32 tun_out_opts(const struct ox_tun_key *k,
					  const struct ox_tun_way *to)
{
	return to->kind == OX_VPORT_GENEVE ? k->opts_len : 0;
}

/* Fills in the lengths, once it is known what the packet gets. */
static __always_inline void tun_out_begin(const struct ox_tun_key *k,
					  struct ox_tun_way *to)
{
	to->opts_len = tun_out_opts(k, to);
	to->l4_len = OX_WIRE_L4;
	if (tun_proto(to->kind) != OX_IP_UDP)
		to->l4_len = 4 + (to->csum ? 4 : 0) +
			     (k->flags & OX_TUN_F_KEY ? 4 : 0);
}

/* Bytes that come between the outer Ethernet header and the inner frame. */
static __always_inline __u32 tun_out_len(const struct ox_tun_key *k,
					 const struct ox_tun_way *to)
{
	return (k->proto == OX_AF_INET6 ? 40 : 20) + to->l4_len + to->opts_len;
}

/* udp_flow_src_port(): of geneve any port but 0, of vxlan one that local
 * sockets have if nobody chose others. */
static __always_inline __be16 tun_out_sport(__u32 kind, __u32 hash)
{
	__u32 first = kind == OX_VPORT_VXLAN ? 32768 : 1;
	__u32 last = kind == OX_VPORT_VXLAN ? 60999 : 65535;

	hash ^= hash << 16;
	return ox_be16((__u16)(((__u64)hash * (last - first) >> 32) + first));
}

/* The kernel's geneve sends a TTL of 0 as it is, others don't. */
static __always_inline __u8 tun_out_ttl(const struct ox_tun_key *k,
					const struct ox_tun_way *to)
{
	return k->ttl || to->kind == OX_VPORT_GENEVE ? k->ttl : to->ttl;
}

/* What that is of a key without one: GRE's is the inner packet's, if that is IP
 * without a tag (0: it isn't); else as of all that this host sends. */
static __always_inline __u8 tun_out_ttl_of(__u32 kind, __u8 inner, __u8 host)
{
	if (tun_proto(kind) == OX_IP_GRE && inner)
		return inner;
	return host ? host : 64;
}

/* INET_ECN_encapsulate(): congestion that was met before isn't sent on outside,
 * the inner packet says it already. */
static __always_inline __u8 tun_out_ecn(__u8 outer, __u8 inner)
{
	__u8 ecn = inner & OX_ECN_MASK;

	return (outer & ~OX_ECN_MASK) | (ecn == OX_ECN_CE ? OX_ECN_ECT0 : ecn);
}

static __always_inline void tun_out_geneve(struct ox_wire_geneve *g,
					   const struct ox_tun_key *k)
{
	g->ver_opt = k->opts_len >> 2;
	g->flags = (k->flags & OX_TUN_F_OAM ? OX_GENEVE_OAM : 0) |
		   (k->flags & OX_TUN_F_CRIT ? OX_GENEVE_CRIT : 0);
	g->proto = ox_be16(OX_P_TEB);
	g->vni = (__be32)(k->tun.tun_id >> 40) & ox_be32(0xffffff00);
}

/* vxlan_build_gbp_hdr() */
static __always_inline void tun_out_vxlan(struct ox_wire_vxlan *v,
					  const struct ox_tun_key *k,
					  const struct ox_tun_way *to)
{
	__u32 gbp = 0;

	if ((to->exts & OX_TUN_EXT_GBP) && (k->flags & OX_TUN_F_VXLAN))
		gbp = *(const __u32 *)k->tun.opts;
	v->flags =
		ox_be32(OX_VXLAN_VNI |
			(gbp ? OX_VXLAN_GBP | (gbp & OX_VXLAN_GBP_BITS) : 0));
	v->vni = (__be32)(k->tun.tun_id >> 40) & ox_be32(0xffffff00);
}

/* gre_build_header(); no key asks for numbers. */
static __always_inline void tun_out_gre(struct ox_wire_gre *g,
					const struct ox_tun_key *k,
					const struct ox_tun_way *to)
{
	__be32 key = k->tun.tun_id >> 32;

	g->flags = (to->csum ? ox_be16(OX_GRE_CSUM) : 0) |
		   (k->flags & OX_TUN_F_KEY ? ox_be16(OX_GRE_KEY) : 0);
	g->proto = ox_be16(OX_P_TEB);
	g->opt[0] = to->csum ? 0 : key;
	g->opt[1] = key;
	g->opt[2] = 0;
}

/* What comes after IP, without a checksum. */
static __always_inline void tun_out_l4(struct ox_wire_l4 *l4,
				       const struct ox_tun_key *k,
				       const struct ox_tun_way *to)
{
	if (tun_proto(to->kind) != OX_IP_UDP) {
		tun_out_gre(&l4->gre, k, to);
		return;
	}
	l4->udp.sport = to->sport;
	l4->udp.dport = to->dport;
	l4->udp.len = ox_be16((__u16)(OX_WIRE_L4 + to->opts_len + to->len));
	l4->udp.check = 0;
	if (to->kind == OX_VPORT_VXLAN)
		tun_out_vxlan(&l4->vxlan, k, to);
	else
		tun_out_geneve(&l4->geneve, k);
}

static __always_inline void tun_out_ip4(struct ox_outer *o,
					const struct ox_tun_key *k,
					const struct ox_tun_way *to)
{
	struct ox_wire_ip4 *ip = &o->v4.ip;

	o->type = ox_be16(OX_P_IP);
	ip->ver_ihl = 0x45;
	ip->tos = tun_out_ecn(k->tos, to->tos);
	ip->len = ox_be16((__u16)(tun_out_len(k, to) + to->len));
	ip->id = to->id;
	ip->frag = k->flags & OX_TUN_F_DF ? ox_be16(OX_IP_DF) : 0;
	ip->ttl = tun_out_ttl(k, to);
	ip->proto = tun_proto(to->kind);
	ip->check = 0;
	ip->src = to->src[0];
	ip->dst = k->tun.ipv4.dst;
	ip->check = ~wire_fold(wire_sum(ip, 10));
	tun_out_l4(&o->v4.l4, k, to);
}

static __always_inline void tun_out_ip6(struct ox_outer *o,
					const struct ox_tun_key *k,
					const struct ox_tun_way *to)
{
	struct ox_wire_ip6 *ip = &o->v6.ip;
	/* ip6gre's device takes the key's, whatever is in there */
	__u32 tos = to->kind == OX_VPORT_IP6GRE ? k->tos
						: tun_out_ecn(k->tos, to->tos);

	o->type = ox_be16(OX_P_IPV6);
	ip->flow = ox_be32(6u << 28 | tos << 20) |
		   (k->tun.label & ox_be32(0x000fffff));
	ip->len = ox_be16((__u16)(tun_out_len(k, to) - 40 + to->len));
	ip->proto = tun_proto(to->kind);
	ip->hops = tun_out_ttl(k, to);
	ip->src[0] = to->src[0];
	ip->src[1] = to->src[1];
	ip->src[2] = to->src[2];
	ip->src[3] = to->src[3];
	ip->dst[0] = k->tun.ipv6.dst[0];
	ip->dst[1] = k->tun.ipv6.dst[1];
	ip->dst[2] = k->tun.ipv6.dst[2];
	ip->dst[3] = k->tun.ipv6.dst[3];
	tun_out_l4(&o->v6.l4, k, to);
}

/* GRE's, which covers no address. */
static __always_inline void
tun_out_check_gre(struct ox_wire_gre *g, const struct ox_tun_key *k, __u32 sum)
{
	sum = wire_fold(sum) + wire_sum(g, 4);
	if (k->flags & OX_TUN_F_KEY)
		sum += wire_sum(&g->opt[1], 2);
	*(ox_wire_word *)&g->opt[0] = ~wire_fold(sum);
}

/*
 * The outer checksum. sum: of options and inner frame, as a sum of 16-bit words
 * that isn't folded. The pseudo-header's sum is made from what is in o.
 */
static __always_inline void tun_out_check(struct ox_outer *o, int v6,
					  const struct ox_tun_key *k, __u32 sum)
{
	struct ox_wire_l4 *l4 = v6 ? &o->v6.l4 : &o->v4.l4;
	__u8 proto = v6 ? o->v6.ip.proto : o->v4.ip.proto;
	__u16 check;

	if (proto == OX_IP_GRE) {
		tun_out_check_gre(&l4->gre, k, sum);
		return;
	}
	sum = wire_fold(sum);
	sum += v6 ? wire_sum(o->v6.ip.src, 16) : wire_sum(&o->v4.ip.src, 4);
	sum += ox_be16(OX_IP_UDP) + l4->udp.len;
	sum += wire_sum(l4, 8);
	check = ~wire_fold(sum);
	l4->udp.check = check ? check : 0xffff;
}

#endif /* OVSXDP_BPF_TUN_OUT_H */
