// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gen_key.c - random flow keys as requests have them, made from nothing:
 * complete and consistent, so that what a test breaks in them is the only
 * thing wrong.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/if_ether.h>

#include "gen.h"
#include "ovsxdp/uapi.h"

static void put_random(struct nlb *n, uint16_t type, uint32_t len,
		       struct rnd *r)
{
	uint8_t b[64];

	rnd_fill(r, b, len);
	nlb_put(n, type, b, len);
}

static void put_be16(struct nlb *n, uint16_t type, uint32_t v)
{
	nlb_u16(n, type, htons((uint16_t)v));
}

static void icmpv6(struct nlb *n, struct rnd *r)
{
	uint8_t v[2] = { (uint8_t)rnd_of(r, 128, 129, 135, 136), 0 };

	nlb_put(n, OVS_KEY_ATTR_ICMPV6, v, 2);
	if (v[0] >= 135)
		put_random(n, OVS_KEY_ATTR_ND, sizeof(struct ovs_key_nd), r);
}

static void layer4(struct nlb *n, struct rnd *r, uint32_t proto, bool v6)
{
	switch (proto) {
	case IPPROTO_TCP:
		put_random(n, OVS_KEY_ATTR_TCP, 4, r);
		if (rnd_pct(r, 70))
			put_be16(n, OVS_KEY_ATTR_TCP_FLAGS,
				 rnd_below(r, 0x1000));
		break;
	case IPPROTO_UDP:
		put_random(n, OVS_KEY_ATTR_UDP, 4, r);
		break;
	case IPPROTO_SCTP:
		put_random(n, OVS_KEY_ATTR_SCTP, 4, r);
		break;
	case IPPROTO_ICMP:
		if (!v6)
			put_random(n, OVS_KEY_ATTR_ICMP, 2, r);
		break;
	case IPPROTO_ICMPV6:
		if (v6)
			icmpv6(n, r);
		break;
	}
}

static void ipv4(struct nlb *n, struct rnd *r)
{
	struct ovs_key_ipv4 k;
	uint32_t frag = rnd_of(r, 0, 0, 0, 1, 2);

	rnd_fill(r, &k, sizeof(k));
	k.ipv4_proto = (uint8_t)rnd_of(r, 6, 6, 17, 132, 1, 2, 58);
	k.ipv4_frag = (uint8_t)frag;
	nlb_put(n, OVS_KEY_ATTR_IPV4, &k, sizeof(k));
	if (frag != OVS_FRAG_TYPE_LATER)
		layer4(n, r, k.ipv4_proto, false);
}

static void ipv6(struct nlb *n, struct rnd *r)
{
	struct ovs_key_ipv6 k;
	uint32_t frag = rnd_of(r, 0, 0, 0, 1, 2);

	rnd_fill(r, &k, sizeof(k));
	k.ipv6_label &= htonl(0xfffff);
	k.ipv6_proto = (uint8_t)rnd_of(r, 6, 6, 17, 132, 58, 58, 1);
	k.ipv6_frag = (uint8_t)frag;
	nlb_put(n, OVS_KEY_ATTR_IPV6, &k, sizeof(k));
	if (rnd_pct(r, 30))
		nlb_u16(n, OVS_KEY_ATTR_IPV6_EXTHDRS,
			(uint16_t)rnd_below(r, 512));
	if (frag != OVS_FRAG_TYPE_LATER)
		layer4(n, r, k.ipv6_proto, true);
}

static void arp(struct nlb *n, struct rnd *r)
{
	struct ovs_key_arp k;

	rnd_fill(r, &k, sizeof(k));
	k.arp_op = htons((uint16_t)rnd_below(r, 260));
	nlb_put(n, OVS_KEY_ATTR_ARP, &k, sizeof(k));
}

static void nsh(struct nlb *n, struct rnd *r)
{
	uint32_t nest = nlb_nest(n, OVS_KEY_ATTR_NSH | NLA_F_NESTED);
	struct ovs_nsh_key_base base;

	rnd_fill(r, &base, sizeof(base));
	base.mdtype = rnd_pct(r, 70) ? 1 : 2;
	nlb_put(n, OVS_NSH_KEY_ATTR_BASE, &base, sizeof(base));
	if (base.mdtype == 1 || rnd_pct(r, 10))
		put_random(n, OVS_NSH_KEY_ATTR_MD1, 16, r);
	nlb_end(n, nest);
}

static void ethertype(struct nlb *n, struct rnd *r)
{
	uint32_t type = rnd_of(r, ETH_P_IP, ETH_P_IP, ETH_P_IP, ETH_P_IPV6,
			       ETH_P_IPV6, ETH_P_ARP, ETH_P_RARP, ETH_P_MPLS_UC,
			       ETH_P_NSH, 0x88b5, 0);

	if (!type) /* 802.2: nothing says it */
		return;
	put_be16(n, OVS_KEY_ATTR_ETHERTYPE, type);
	switch (type) {
	case ETH_P_IP:
		return ipv4(n, r);
	case ETH_P_IPV6:
		return ipv6(n, r);
	case ETH_P_ARP:
	case ETH_P_RARP:
		return arp(n, r);
	case ETH_P_MPLS_UC:
		return put_random(n, OVS_KEY_ATTR_MPLS,
				  4 * (1 + rnd_below(r, 3)), r);
	case ETH_P_NSH:
		return nsh(n, r);
	}
}

static void vlan(struct nlb *n, struct rnd *r, int left)
{
	uint32_t nest;

	put_be16(n, OVS_KEY_ATTR_ETHERTYPE,
		 rnd_pct(r, 60) ? ETH_P_8021Q : ETH_P_8021AD);
	put_be16(n, OVS_KEY_ATTR_VLAN, rnd_below(r, 65536) | 0x1000);
	nest = nlb_nest(n, OVS_KEY_ATTR_ENCAP | NLA_F_NESTED);
	if (left && rnd_pct(r, 40))
		vlan(n, r, left - 1);
	else
		ethertype(n, r);
	nlb_end(n, nest);
}

/* Not of the other family, nor beside ND: there the module's key keeps two
 * things in one place. */
static void ct_tuple(struct nlb *n, struct rnd *r, struct gen_shape s)
{
	struct ovs_key_ct_tuple_ipv4 t4 = { 0 };
	struct ovs_key_ct_tuple_ipv6 t6 = { 0 };

	if (s.type == ETH_P_IP) {
		rnd_fill(r, &t4, 12);
		t4.ipv4_proto = (uint8_t)rnd_of(r, 0, 6, 17, 1);
		nlb_put(n, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV4, &t4, sizeof(t4));
	} else if (s.type == ETH_P_IPV6 && s.proto != IPPROTO_ICMPV6) {
		rnd_fill(r, &t6, 36);
		t6.ipv6_proto = (uint8_t)rnd_of(r, 0, 6, 17, 58);
		nlb_put(n, OVS_KEY_ATTR_CT_ORIG_TUPLE_IPV6, &t6, sizeof(t6));
	}
}

static void conntrack(struct nlb *n, struct rnd *r, struct gen_shape s)
{
	if (rnd_pct(r, 60))
		nlb_u32(n, OVS_KEY_ATTR_CT_STATE,
			rnd_pct(r, 95) ? rnd_below(r, 256)
				       : rnd_below(r, 1024));
	if (rnd_pct(r, 40))
		nlb_u16(n, OVS_KEY_ATTR_CT_ZONE, (uint16_t)rnd64(r));
	if (rnd_pct(r, 40))
		nlb_u32(n, OVS_KEY_ATTR_CT_MARK, (uint32_t)rnd64(r));
	if (rnd_pct(r, 40))
		put_random(n, OVS_KEY_ATTR_CT_LABELS, 16, r);
	if (rnd_pct(r, 50))
		ct_tuple(n, r, s);
}

void gen_key(struct nlb *n, uint16_t type, bool tunnels, struct rnd *r)
{
	uint32_t nest = nlb_nest(n, type | NLA_F_NESTED);
	bool tunnel = tunnels && rnd_pct(r, 40);

	if (rnd_pct(r, 20))
		nlb_u32(n, OVS_KEY_ATTR_RECIRC_ID, rnd_below(r, 4));
	if (rnd_pct(r, 10))
		nlb_u32(n, OVS_KEY_ATTR_DP_HASH, rnd_below(r, 4));
	if (rnd_pct(r, 15))
		nlb_u32(n, OVS_KEY_ATTR_PRIORITY, (uint32_t)rnd64(r));
	if (tunnel)
		gen_tunnel(n, GEN_KEY_OPTS, r);
	if (rnd_pct(r, 85))
		nlb_u32(n, OVS_KEY_ATTR_IN_PORT, rnd_below(r, 6));
	if (rnd_pct(r, 15))
		nlb_u32(n, OVS_KEY_ATTR_SKB_MARK, (uint32_t)rnd64(r));
	if (rnd_pct(r, 96))
		put_random(n, OVS_KEY_ATTR_ETHERNET, 12, r);
	if (rnd_pct(r, 25))
		vlan(n, r, 1);
	else
		ethertype(n, r);
	nlb_end(n, nest);
	/* a mask has words for one of both */
	if (!tunnel && rnd_pct(r, 40)) {
		conntrack(n, r, gen_shape_of((void *)(n->b + nest)));
		nlb_end(n, nest);
	}
}
