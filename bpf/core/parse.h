/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * parse.h - a frame's key, as key_extract() of net/openvswitch/flow.c makes
 * it, malformed and cut headers included. Include after a context (ctx_*.h).
 */
#ifndef OVSXDP_BPF_PARSE_H
#define OVSXDP_BPF_PARSE_H

#include "bpf/core/parse_ipv6.h"
#include "bpf/core/parse_l4.h"

static __always_inline void parse_ipv4(ox_ctx *c, struct ox_pkt *p)
{
	struct {
		__u8 ihl;
		__u8 tos;
		__be16 tot_len;
		__be16 id;
		__be16 frag_off;
		__u8 ttl;
		__u8 proto;
		__be16 check;
		__u32 addr[2];
	} h __attribute__((aligned(8)));
	__u32 hlen;
	__u8 frag;

	p->l4 = p->l3;
	if (ctx_load(c, p->l3, &h, 20))
		return;
	hlen = (h.ihl & 0xf) * 4;
	if (hlen < 20 || p->len < p->l3 + hlen)
		return;
	p->l4 = p->l3 + hlen;
	p->key.w[4] = h.addr[0] | (__u64)h.addr[1] << 32;
	if (h.frag_off & ox_be16(0x1fff)) {
		p->key.w[3] = word_ip(h.proto, h.tos, h.ttl, OX_FRAG_LATER);
		return;
	}
	frag = h.frag_off & ox_be16(0x2000) ? OX_FRAG_FIRST : 0;
	p->key.w[3] = word_ip(h.proto, h.tos, h.ttl, frag) |
		      parse_l4(c, p, h.proto, OX_IP_ICMP);
}

/* ---- MPLS ---- */

struct ox_mpls_walk {
	ox_ctx *c;
	struct ox_pkt *p;
	__u32 off;
};

/* The key has three labels; how many, only if the last one is there. */
static long parse_label(__u32 i, void *arg)
{
	struct ox_mpls_walk *w = arg;
	struct ox_key *k = &w->p->key;
	__u32 lse;

	if (ctx_load(w->c, w->off, &lse, 4))
		return 1;
	if (i == 0)
		k->w[4] = lse;
	else if (i == 1)
		k->w[4] |= (__u64)lse << 32;
	else if (i == 2)
		k->w[5] = lse;
	w->off += 4;
	if (!(lse & ox_be32(OX_MPLS_S)))
		return 0;
	k->w[5] |= (i == 0 ? 1ull : i == 1 ? 3ull : 7ull) << 32;
	return 1;
}

__noinline int ox_parse_mpls(ox_ctx *c, struct ox_pkt *p)
{
	struct ox_mpls_walk w = { .c = c, .p = p };

	if (!p)
		return -1;
	w.off = p->l3;
	ox_loop(p->len / 4, parse_label, &w);
	return 0;
}

/* ---- NSH ---- */

/* Version, lengths and type have to be right: not 0 where they aren't. */
__noinline int ox_parse_nsh(ox_ctx *c, struct ox_pkt *p)
{
	__u64 h, context[2];
	__u32 v, type, length;

	if (!p || ctx_load(c, p->l3, &h, 8))
		return -1;
	v = ox_cpu16(h & 0xffff);
	type = (h >> 16) & 0xff;
	length = (v & 0x3f) * 4;
	if (v >> 14 || p->len < p->l3 + length)
		return -1;
	p->key.w[4] = (h & ~0xffffull) | ((v >> 12) & 3) | (v << 2 & 0x3f00);
	if (type == OX_NSH_MD2)
		return 0;
	if (type != OX_NSH_MD1 || length != OX_NSH_MD1_LEN ||
	    ctx_load(c, p->l3 + 8, context, 16))
		return -1;
	p->key.w[5] = context[0];
	p->key.w[6] = context[1];
	return 0;
}

static __always_inline void parse_arp(ox_ctx *c, struct ox_pkt *p)
{
	__u64 h[4] = {}; /* 28 bytes: 8 of header, sha, sip, tha, tip */
	__u32 op;

	if (ctx_load(c, p->l3, h, 28))
		return;
	/* hardware Ethernet, protocol IPv4, lengths 6 and 4 */
	if ((h[0] & OX_LOW48) != 0x040600080100ull)
		return;
	op = ox_cpu16(h[0] >> 48);
	p->key.w[3] = op <= 0xff ? op : 0;
	p->key.w[4] = (__u32)(h[1] >> 48 | h[2] << 16) | (h[3] & 0xffffffff)
								 << 32;
	p->key.w[5] = h[1] & OX_LOW48;
	p->key.w[6] = h[2] >> 16;
}

/* The type after an 802.3 length; moves *off over a SNAP header. */
static __always_inline __be16 parse_llc(ox_ctx *c, struct ox_pkt *p, __u32 *off)
{
	__be16 type = ox_be16(OX_P_802_2);
	__u64 h;

	if (p->len - *off < 8 || ctx_load(c, *off, &h, 8))
		return type;
	/* DSAP and SSAP 0xaa, any control, OUI 0 */
	if ((h & 0xffffff00ffffull) != 0xaaaa)
		return type;
	*off += 8;
	return proto_is_802_3(h >> 48) ? (__be16)(h >> 48) : type;
}

/* A tag at *off, if the frame holds it and a type after it. */
static __always_inline int parse_tag(ox_ctx *c, struct ox_pkt *p, __u32 *off,
				     __be16 *type, __u64 *tci)
{
	__u32 tag;

	if (!proto_is_vlan(*type) || p->len < *off + 6 ||
	    ctx_load(c, *off + 2, &tag, 4))
		return 0;
	*tci = (tag & 0xffff) | ox_be16(OX_VLAN_CFI);
	*type = tag >> 16;
	*off += OX_VLAN_LEN;
	return 1;
}

/* Both tags, of which the outer one may be in the skb's metadata. w8; the
 * outer TCI to *tci. */
static __always_inline __u64 parse_tags(ox_ctx *c, struct ox_pkt *p, __u32 *off,
					__be16 *type, __u64 *tci)
{
	__u32 hw = ctx_hw_tag(c);
	__be16 outer = *type, inner;
	__u64 ctci = 0;

	if (hw) {
		p->hwtag = OX_VLAN_LEN;
		*tci = hw >> 16;
		outer = hw & 0xffff;
	} else if (!parse_tag(c, p, off, type, tci)) {
		return 0;
	}
	inner = *type;
	if (!parse_tag(c, p, off, type, &ctci))
		return (__u64)outer << 16;
	return (__u64)outer << 16 | ctci << 32 | (__u64)inner << 48;
}

/* MACs, tags, type: w1, w2, w8. p->l3 on return is the network header. */
static __always_inline int parse_l2(ox_ctx *c, struct ox_pkt *p,
				    __be16 *eth_type)
{
	__u64 h[2], w8, tci = 0;
	__u32 off = 12;
	__be16 type;

	/* two that overlap: 8 bytes each need no putting together */
	if (ctx_load(c, 0, &h[0], 8) || ctx_load(c, 6, &h[1], 8))
		return -1;
	type = h[1] >> 48;
	w8 = parse_tags(c, p, &off, &type, &tci);
	off += 2;
	if (!proto_is_802_3(type))
		type = parse_llc(c, p, &off);
	p->key.w[1] = (h[0] & OX_LOW48) | (__u64)type << 48;
	p->key.w[2] = (h[1] & OX_LOW48) | tci << 48;
	p->key.w[8] = w8;
	p->l3 = off;
	*eth_type = type;
	return 0;
}

/* What needs no walk over headers. The network protocol, if it needs one. */
static __always_inline int parse_l3l4(ox_ctx *c, struct ox_pkt *p, __be16 type)
{
	if (type == ox_be16(OX_P_IP)) {
		parse_ipv4(c, p);
		return 0;
	}
	if (type == ox_be16(OX_P_ARP) || type == ox_be16(OX_P_RARP)) {
		parse_arp(c, p);
		return 0;
	}
	return ox_cpu16(type);
}

static __always_inline int parse_eth(ox_ctx *c, struct ox_pkt *p)
{
	__be16 type = 0;

	if (parse_l2(c, p, &type))
		return -1;
	p->key.mac_proto = 1;
	return parse_l3l4(c, p, type);
}

/* A packet that begins with its network header; eth_type says which. */
static __always_inline int parse_no_eth(ox_ctx *c, struct ox_pkt *p,
					__be16 eth_type)
{
	if (proto_is_vlan(eth_type))
		return -1;
	p->key.w[1] = (__u64)eth_type << 48;
	return parse_l3l4(c, p, eth_type);
}

/* The steps that parse_eth() left. Not 0: the module refuses the packet. */
static __always_inline int parse_rest(ox_ctx *c, struct ox_pkt *p, int type)
{
	if (type == OX_P_IPV6) {
		ox_parse_ipv6(c, p);
		if (p->l4 != p->l3 + 40 || p->key.ip_proto == OX_IP_NONE)
			ox_parse_exthdrs(c, p);
		if (key_is_nd(&p->key))
			ox_parse_nd(c, p);
	} else if (type == OX_P_MPLS_UC || type == OX_P_MPLS_MC) {
		ox_parse_mpls(c, p);
	} else if (type == OX_P_NSH) {
		return ox_parse_nsh(c, p);
	}
	return 0;
}

/* Zeroes the words of the key that parse_plain() doesn't write. */
static __always_inline void pkt_clean(struct ox_pkt *p)
{
	__u32 i;

	p->key.w[5] = 0;
	p->key.w[6] = 0;
	p->key.w[7] = 0;
#pragma GCC unroll 24
	for (i = 9; i < OX_KEY_WORDS; i++)
		if (i != 14)
			p->key.w[i] = 0;
	p->state = OX_PKT_CLEAN;
}

/* Before the parser, in memory that is clean. */
static __always_inline void pkt_begin(struct ox_pkt *p, __u32 in_port)
{
	p->key.w[0] = in_port;
	p->flow = OX_NONE;
	p->n_mask_hit = 0;
	p->n_cache_hit = 0;
	p->routed = 0;
	p->level = 0;
	p->proto = 0;
	p->arg = 0;
	p->acts = OX_NONE;
	p->pc = 0;
	p->hwtag = 0;
	p->stale = 0;
}

/* The same in any memory. */
static __always_inline void pkt_init(struct ox_pkt *p, __u32 in_port)
{
	pkt_clean(p);
	pkt_begin(p, in_port);
}

/* The rest, for packets that aren't plain. */
static __always_inline void pkt_init_rest(struct ox_pkt *p)
{
	p->state = OX_PKT_USED;
	p->key.w[1] = 0;
	p->key.w[2] = 0;
	p->key.w[3] = 0;
	p->key.w[4] = 0;
	p->key.w[8] = 0;
	p->key.w[14] = 0;
	p->l3 = 0;
	p->l4 = 0;
	p->hash = 0; /* verifier: it is memory of what is called */
}

/*
 * What most packets are: untagged IPv4 without options, not a fragment, with
 * a whole TCP or UDP header, all of it in line. The same key as by the steps
 * above, with one check of bounds. 0: not one of these, p is untouched.
 */
static __always_inline int parse_plain(ox_ctx *c, struct ox_pkt *p)
{
	enum { L3 = OX_ETH_LEN, L4 = L3 + 20, END = L4 + 20 };
	const __u8 *d = ctx_peek(c, END);
	__u64 flags = 0;
	__u32 doff;

	if (!d || OX_PEEK(__u16, d + 12) != ox_be16(OX_P_IP) || ctx_hw_tag(c) ||
	    (d[L3] & 0xf) != 5 ||
	    (OX_PEEK(__u16, d + L3 + 6) & ox_be16(0x3fff)))
		return 0;
	if (d[L3 + 9] == OX_IP_TCP) {
		doff = (d[L4 + 12] >> 4) * 4;
		if (doff < 20 || p->len < L4 + doff)
			return 0;
		flags = OX_PEEK(__u16, d + L4 + 12) & ox_be16(0x0fff);
	} else if (d[L3 + 9] != OX_IP_UDP) {
		return 0;
	}
	p->key.w[1] = (OX_PEEK(__u64, d) & OX_LOW48) | (__u64)ox_be16(OX_P_IP)
							       << 48;
	p->key.w[2] = OX_PEEK(__u64, d + 6) & OX_LOW48;
	p->key.w[3] = word_ip(d[L3 + 9], d[L3 + 1], d[L3 + 8], 0) |
		      (__u64)OX_PEEK(__u32, d + L4) << 32;
	p->key.w[4] = OX_PEEK(__u64, d + L3 + 12);
	p->key.w[8] = flags;
	p->key.w[14] = 1ull << 48; /* mac_proto: Ethernet */
	p->l3 = L3;
	p->l4 = L4;
	return 1;
}

/*
 * Fills in p, which pkt_init() began; len and metadata of the key are there. 0,
 * or negative for what key_extract() fails on: no Ethernet header, a bad NSH.
 * The steps follow each other rather than call each other: the stacks of a
 * chain of calls add up.
 */
static __always_inline int parse(ox_ctx *c, struct ox_pkt *p)
{
	int type;

	if (parse_plain(c, p))
		return 0;
	pkt_init_rest(p);
	type = parse_eth(c, p);
	if (!type)
		return 0;
	return type < 0 ? -1 : parse_rest(c, p, type);
}

/* The same for a packet without an Ethernet header. */
static __always_inline int parse_l3(ox_ctx *c, struct ox_pkt *p,
				    __be16 eth_type)
{
	int type;

	pkt_init_rest(p);
	type = parse_no_eth(c, p, eth_type);
	return type < 0 ? -1 : parse_rest(c, p, type);
}

/* Clears what the parser fills in, and takes its first step. */
__noinline int ox_reparse_first(ox_ctx *c, struct ox_pkt *p)
{
	struct ox_key *k;
	__be16 proto;
	__u32 i;
	__u8 mac_proto;

	if (!p)
		return -1;
	k = &p->key;
	proto = p->proto ? p->proto : k->eth_type;
	mac_proto = k->mac_proto;
	for (i = 1; i <= 8; i++)
		k->w[i] = 0;
	k->ipv6_label = 0;
	k->w[12] = 0;
	k->w[13] = 0;
	k->w[14] = 0;
	k->has_tun = !!k->tun_proto;
	k->w[15] = 0;
	p->l3 = 0;
	p->l4 = 0;
	p->routed = 0;
	p->hwtag = 0;
	p->proto = 0;
	p->stale = 0;
	return mac_proto ? parse_eth(c, p) : parse_no_eth(c, p, proto);
}

/* The key again, after an op left it stale; metadata stays. As parse(). */
static __always_inline int reparse(ox_ctx *c, struct ox_pkt *p)
{
	int type = ox_reparse_first(c, p);

	return type < 0 ? -1 : parse_rest(c, p, type);
}

#endif /* OVSXDP_BPF_PARSE_H */
