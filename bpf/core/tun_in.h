/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tun_in.h - a packet's outer headers become its tunnel key: whose they are,
 * and what they say. Memory only; the packet is the caller's. What geneve_rx()
 * of drivers/net/geneve.c, vxlan_rcv() of drivers/net/vxlan, gre_rcv() of
 * net/ipv4/ip_gre.c and the layers under them do.
 */
#ifndef OVSXDP_BPF_TUN_IN_H
#define OVSXDP_BPF_TUN_IN_H

#include "bpf/core/tun_wire.h"

/* The port of a packet that may be a tunnel's. Not 0: it is none. A GRE packet
 * that doesn't carry Ethernet is another's. */
static __always_inline int tun_in_l4(const struct ox_wire_l4 *l4, __u8 proto,
				     struct ox_listen_key *k)
{
	k->proto = proto;
	k->port = proto == OX_IP_UDP ? l4->udp.dport : 0;
	if (proto == OX_IP_UDP)
		return 0;
	return proto != OX_IP_GRE || l4->gre.proto != ox_be16(OX_P_TEB) ||
	       (l4->gre.flags & ox_be16(OX_GRE_ODD));
}

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

	if (ip->ver_ihl != 0x45 ||
	    (ip->frag & ox_be16(OX_IP_MF | OX_IP_OFFS)) ||
	    tun_in_l4(&o->v4.l4, ip->proto, k))
		return -1;
	if (wire_fold(wire_sum(ip, 10)) != 0xffff)
		return -1;
	if (!total)
		total = *len; /* of GSO, over 64 KB */
	if (total > *len || total < 20 + OX_WIRE_L4)
		return -1;
	*len = total;
	k->dst[0] = ip->dst;
	k->dst[1] = k->dst[2] = k->dst[3] = 0;
	k->family = OX_AF_INET;
	return 0;
}

/* The same of IPv6; extension headers are the stack's. */
static __always_inline int tun_in_ip6(const struct ox_outer *o, __u32 *len,
				      struct ox_listen_key *k)
{
	const struct ox_wire_ip6 *ip = &o->v6.ip;
	__u32 total = ox_cpu16(ip->len);

	if ((*(const __u8 *)ip & 0xf0) != 0x60 ||
	    tun_in_l4(&o->v6.l4, ip->proto, k))
		return -1;
	total = total ? total + 40 : *len;
	if (total > *len || total < 40 + OX_WIRE_L4)
		return -1;
	*len = total;
	k->dst[0] = ip->dst[0];
	k->dst[1] = ip->dst[1];
	k->dst[2] = ip->dst[2];
	k->dst[3] = ip->dst[3];
	k->family = OX_AF_INET6;
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

/* The same of VXLAN's, whose port has these extensions. A flag that nobody
 * knows, or one of an extension that the port hasn't, makes it nobody's. */
static __always_inline int tun_in_vxlan(const struct ox_wire_vxlan *v,
					const struct ox_wire_udp *u, __u32 left,
					__u32 exts, struct ox_tun_head *k,
					struct ox_tun *t)
{
	__u32 flags = ox_be32(v->flags);
	int gbp = (exts & OX_TUN_EXT_GBP) && (flags & OX_VXLAN_GBP);

	k->opts_len = gbp ? 4 : 0;
	k->flags = OX_TUN_F_KEY | (gbp ? OX_TUN_F_VXLAN : 0) |
		   (u->check ? OX_TUN_F_CSUM : 0);
	k->at = 0;
	*(__u32 *)t->opts = gbp ? flags & OX_VXLAN_GBP_BITS : 0;
	t->tun_id = (__u64)(v->vni & ox_be32(0xffffff00)) << 40;
	t->tp_src = u->sport;
	t->tp_dst = u->dport;
	if (exts & OX_TUN_EXT_GBP)
		flags &= ~OX_VXLAN_GBP_USED;
	return flags != OX_VXLAN_VNI || (v->vni & ox_be32(0xff)) ||
			       left < OX_ETH_LEN
		       ? -1
		       : 0;
}

/* The same of GRE's. Returns its length, or a negative number. As the module's
 * device, which tells of checksum and key alone. */
static __always_inline int tun_in_gre(const struct ox_wire_gre *g, __u32 left,
				      struct ox_tun_head *k, struct ox_tun *t)
{
	__u32 csum = !!(g->flags & ox_be16(OX_GRE_CSUM));
	__u32 key = !!(g->flags & ox_be16(OX_GRE_KEY));
	__u32 len = 4 + 4 * (csum + key);

	if (g->flags & ox_be16(OX_GRE_SEQ))
		len += 4;
	k->opts_len = 0;
	k->flags = (csum ? OX_TUN_F_CSUM : 0) | (key ? OX_TUN_F_KEY : 0);
	k->at = 0;
	t->tun_id = 0;
	if (key)
		t->tun_id = (__u64)(csum ? g->opt[1] : g->opt[0]) << 32;
	t->tp_src = 0;
	t->tp_dst = 0;
	return left < len + OX_ETH_LEN ? -1 : (int)len;
}

/*
 * What comes after IP, of which left bytes are there, says of a tunnel of this
 * kind. k and t get all of the key but the addresses and Geneve's options.
 * Returns the bytes in front of these or of the inner frame; negative: it has
 * to be dropped.
 */
static __always_inline int tun_in_kind(const struct ox_wire_l4 *l4, __u32 kind,
				       __u32 exts, __u32 left, __u32 gso,
				       struct ox_tun_head *k, struct ox_tun *t)
{
	__u32 rest = left - OX_WIRE_L4;

	switch (kind) {
	case OX_VPORT_GENEVE:
		if (tun_in_udp(&l4->udp, left, gso) ||
		    tun_in_geneve(&l4->geneve, &l4->udp, rest, k, t))
			return -1;
		return OX_WIRE_L4;
	case OX_VPORT_VXLAN:
		if (tun_in_udp(&l4->udp, left, gso) ||
		    tun_in_vxlan(&l4->vxlan, &l4->udp, rest, exts, k, t))
			return -1;
		return OX_WIRE_L4;
	case OX_VPORT_GRE:
	case OX_VPORT_IP6GRE:
		return tun_in_gre(&l4->gre, left, k, t);
	}
	return -1;
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
