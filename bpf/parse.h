/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * parse.h - a frame's key, as key_extract() of net/openvswitch/flow.c makes
 * it, malformed and cut headers included. Key words are put together in
 * registers and stored whole: a lookup that loads a word right after narrow
 * stores to it would stall. Include after a context (ctx_*.h).
 */
#ifndef OVSXDP_BPF_PARSE_H
#define OVSXDP_BPF_PARSE_H

#include "bpf/pkt.h"

#define OX_LOW48 0xffffffffffffull

OX_IN int proto_is_802_3(__be16 type)
{
	return ox_cpu16(type) >= OX_P_802_3_MIN;
}

/* w3: everything that one load of most masks wants. */
OX_IN __u64 word_ip(__u8 proto, __u8 tos, __u8 ttl, __u8 frag)
{
	return proto | (__u64)tos << 8 | (__u64)ttl << 16 | (__u64)frag << 24;
}

OX_IN __u64 word_tp(__be16 src, __be16 dst)
{
	return (__u64)src << 32 | (__u64)dst << 48;
}

struct ox_nd_walk {
	ox_ctx *c;
	struct ox_pkt *p;
	__u32 off;
	__u32 left;
};

/* A second link-layer address of one kind makes the message invalid. */
static long parse_nd_option(__u32 i, void *arg)
{
	struct ox_nd_walk *w = arg;
	struct ox_key *k = &w->p->key;
	__u64 opt, lladdr;
	__u32 len;

	(void)i;
	if (w->left < 8 || ctx_load(w->c, w->off, &opt, 8))
		return 1;
	len = ((opt >> 8) & 0xff) * 8;
	if (!len || len > w->left)
		return 1;
	w->left -= len;
	w->off += len;
	if (len != 8)
		return 0;
	lladdr = opt >> 16;
	if ((opt & 0xff) == 1) { /* source */
		if (k->w[14] & OX_LOW48)
			goto invalid;
		k->w[14] |= lladdr;
	} else if ((opt & 0xff) == 2) { /* target */
		if (k->w[15] & OX_LOW48)
			goto invalid;
		k->w[15] |= lladdr;
	}
	return 0;

invalid:
	k->w[12] = 0;
	k->w[13] = 0;
	k->w[14] &= ~OX_LOW48;
	k->w[15] &= ~OX_LOW48;
	return 1;
}

/* Neighbour discovery: target and link-layer address options. */
OX_FN int ox_parse_nd(ox_ctx *c, struct ox_pkt *p)
{
	struct ox_nd_walk w = { .c = c, .p = p };
	__u64 target[2];

	if (!p)
		return -1;
	if (p->len < p->l4 + 24 || ctx_load(c, p->l4 + 8, target, 16))
		return 0;
	p->key.w[12] = target[0];
	p->key.w[13] = target[1];
	w.off = p->l4 + 24;
	w.left = p->len - w.off;
	ox_loop(w.left / 8, parse_nd_option, &w);
	return 0;
}

/* Flags go to w8, ports are returned for w3. A header that doesn't fit
 * leaves zeros. */
OX_IN __u64 parse_tcp(ox_ctx *c, struct ox_pkt *p, __u32 left)
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
OX_IN __u64 parse_ports(ox_ctx *c, struct ox_pkt *p, __u32 left, __u32 min)
{
	__u32 h;

	if (left < min || ctx_load(c, p->l4, &h, 4))
		return 0;
	return (__u64)h << 32;
}

/* Type and code stand where ports do, as 16-bit numbers. */
OX_IN __u64 parse_icmp(ox_ctx *c, struct ox_pkt *p, __u32 left)
{
	__u16 tc;

	if (left < 8 || ctx_load(c, p->l4, &tc, 2))
		return 0;
	return word_tp(ox_be16(tc & 0xff), ox_be16(tc >> 8));
}

/* The upper half of w3 for the header at p->l4. */
OX_IN __u64 parse_l4(ox_ctx *c, struct ox_pkt *p, __u8 proto, __u8 icmp)
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

OX_IN void parse_ipv4(ox_ctx *c, struct ox_pkt *p)
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

struct ox_ext_walk {
	ox_ctx *c;
	__u32 off;
	__u8 next;  /* type of the header at off */
	__u8 frag;  /* a fragment header was met */
	__u8 later; /* and it isn't the first fragment */
	__u8 bad;   /* headers are cut */
	__u32 routed;
};

OX_IN int ext_is_header(__u8 next)
{
	return next == 0 || next == OX_IP_ROUTING || next == OX_IP_FRAGMENT ||
	       next == OX_IP_AUTH || next == OX_IP_NONE ||
	       next == OX_IP_DSTOPTS;
}

OX_IN int ext_is_last(__u8 next)
{
	return !ext_is_header(next) || next == OX_IP_NONE;
}

/* One extension header; as ipv6_find_hdr() walks them. */
static long parse_ext(__u32 i, void *arg)
{
	struct ox_ext_walk *w = arg;
	__u8 type = w->next;
	__u16 h, more = 0;
	__u32 len;

	(void)i;
	if (ext_is_last(type))
		return 1;
	if (type == OX_IP_FRAGMENT)
		w->frag = 1;
	w->bad = 1;
	if (ctx_load(w->c, w->off, &h, 2))
		return 1;
	if ((type == OX_IP_FRAGMENT || type == OX_IP_ROUTING) &&
	    ctx_load(w->c, w->off + 2, &more, 2))
		return 1;
	len = ((h >> 8) + 1) * 8;
	if (type == OX_IP_AUTH)
		len = ((h >> 8) + 2) * 4;
	if (type == OX_IP_ROUTING && more >> 8)
		w->routed = 1;
	if (type == OX_IP_FRAGMENT) {
		len = 8;
		if (ox_cpu16(more) & ~7) {
			/* extension headers of a later fragment aren't seen */
			w->later = ext_is_last(h & 0xff);
			return 1;
		}
	}
	w->bad = 0;
	w->next = h & 0xff;
	w->off += len;
	return 0;
}

OX_FN int ox_parse_ipv6(ox_ctx *c, struct ox_pkt *p)
{
	struct ox_ext_walk w = { .c = c };
	__u64 h[5];
	__u8 tos, ttl;

	if (!p)
		return -1;
	p->l4 = p->l3;
	if (ctx_load(c, p->l3, h, 40))
		return 0;
	p->key.w[4] = h[1];
	p->key.w[5] = h[2];
	p->key.w[6] = h[3];
	p->key.w[7] = h[4];
	p->key.w[9] |= (__u32)h[0] & ox_be32(0x000fffff);
	tos = (h[0] & 0xf) << 4 | ((h[0] >> 12) & 0xf);
	ttl = h[0] >> 56;

	w.next = h[0] >> 48;
	w.off = p->l3 + 40;
	ox_loop(p->len / 8, parse_ext, &w);
	p->routed = w.routed;
	if (w.later) {
		p->l4 = 0;
		p->key.w[3] = word_ip(OX_IP_FRAGMENT, tos, ttl, OX_FRAG_LATER);
		return 0;
	}
	p->key.w[3] = word_ip(OX_IP_NONE, tos, ttl, w.frag);
	if (w.bad || !ext_is_last(w.next))
		return 0;
	p->l4 = w.off;
	p->key.w[3] = word_ip(w.next, tos, ttl, w.frag) |
		      parse_l4(c, p, w.next, OX_IP_ICMPV6);
	return 0;
}

/* ---- the bits of extension headers: get_ipv6_ext_hdrs() ---- */

enum ext_bit { /* enum ofp12_ipv6exthdr_flags */
	       EXT_NONEXT = 1 << 0,
	       EXT_ESP = 1 << 1,
	       EXT_AUTH = 1 << 2,
	       EXT_DEST = 1 << 3,
	       EXT_FRAG = 1 << 4,
	       EXT_ROUTER = 1 << 5,
	       EXT_HOP = 1 << 6,
	       EXT_UNREP = 1 << 7,
	       EXT_UNSEQ = 1 << 8,
};

struct ox_bits_walk {
	ox_ctx *c;
	__u32 off;
	__u16 bits;
	__u8 next;
	__u8 n_dest;
};

/* A header that may come once, behind those in before. */
OX_IN __u16 ext_once(const struct ox_bits_walk *w, __u16 bit, __u16 before)
{
	__u16 bits = w->bits;

	if (bits & bit)
		bits |= EXT_UNREP;
	if ((bits & ~(before | EXT_UNREP)) || w->n_dest >= 2)
		bits |= EXT_UNSEQ;
	return bits | bit;
}

/* Destination options may come twice: for each hop and at the end. */
OX_IN __u16 ext_dest(struct ox_bits_walk *w)
{
	__u16 bits = w->bits, before = EXT_HOP | EXT_UNREP;

	if (w->n_dest >= 2)
		return bits | EXT_UNREP;
	if (w->n_dest)
		before |= EXT_DEST | EXT_ROUTER | EXT_FRAG | EXT_AUTH | EXT_ESP;
	w->n_dest++;
	if (bits & ~before)
		bits |= EXT_UNSEQ;
	return bits | EXT_DEST;
}

OX_IN __u16 ext_hop(const struct ox_bits_walk *w)
{
	__u16 bits = w->bits;

	if (bits & EXT_HOP)
		bits |= EXT_UNREP;
	return bits | (bits ? EXT_UNSEQ : EXT_HOP);
}

/* Goes on where parse_ext() stops (a later fragment), takes each length for
 * one of options, and doesn't know ESP for an extension: as the module. */
static long parse_ext_bits(__u32 i, void *arg)
{
	struct ox_bits_walk *w = arg;
	__u16 h, before = EXT_HOP | EXT_DEST;

	(void)i;
	switch (w->next) {
	case 0:
		w->bits = ext_hop(w);
		break;
	case OX_IP_ROUTING:
		w->bits = ext_once(w, EXT_ROUTER, before);
		break;
	case OX_IP_FRAGMENT:
		w->bits = ext_once(w, EXT_FRAG, before | EXT_ROUTER);
		break;
	case OX_IP_AUTH:
		w->bits = ext_once(w, EXT_AUTH, before | EXT_ROUTER | EXT_FRAG);
		break;
	case OX_IP_DSTOPTS:
		w->bits = ext_dest(w);
		break;
	case OX_IP_NONE:
		w->bits |= EXT_NONEXT;
		return 1;
	default:
		return 1;
	}
	if (ctx_load(w->c, w->off, &h, 2))
		return 1;
	w->next = h & 0xff;
	w->off += ((h >> 8) + 1) * 8;
	return 0;
}

/* Only for packets that have any. */
OX_FN int ox_parse_exthdrs(ox_ctx *c, struct ox_pkt *p)
{
	struct ox_bits_walk w = { .c = c };
	__u64 h;

	if (!p)
		return -1;
	if (p->len < p->l3 + 40 || ctx_load(c, p->l3, &h, 8))
		return 0;
	w.next = h >> 48;
	w.off = p->l3 + 40;
	/* one more: "no next header" needs no bytes */
	ox_loop(p->len / 8 + 1, parse_ext_bits, &w);
	p->key.w[15] |= (__u64)w.bits << 48;
	return 0;
}

/* ---- MPLS ---- */

struct ox_mpls_walk {
	ox_ctx *c;
	struct ox_pkt *p;
	__u32 off;
};

/* Three labels stand in the key; how many, only if the last one is there. */
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

OX_FN int ox_parse_mpls(ox_ctx *c, struct ox_pkt *p)
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
OX_FN int ox_parse_nsh(ox_ctx *c, struct ox_pkt *p)
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

OX_IN void parse_arp(ox_ctx *c, struct ox_pkt *p)
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

/* The type behind an 802.3 length; moves *off over a SNAP header. */
OX_IN __be16 parse_llc(ox_ctx *c, struct ox_pkt *p, __u32 *off)
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

/* A tag at *off, if the frame holds it and a type behind it. */
OX_IN int parse_tag(ox_ctx *c, struct ox_pkt *p, __u32 *off, __be16 *type,
		    __u64 *tci)
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
OX_IN __u64 parse_tags(ox_ctx *c, struct ox_pkt *p, __u32 *off, __be16 *type,
		       __u64 *tci)
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
OX_IN int parse_l2(ox_ctx *c, struct ox_pkt *p, __be16 *eth_type)
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
OX_IN int parse_l3l4(ox_ctx *c, struct ox_pkt *p, __be16 type)
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

OX_IN int parse_eth(ox_ctx *c, struct ox_pkt *p)
{
	__be16 type = 0;

	if (parse_l2(c, p, &type))
		return -1;
	p->key.w[14] = 1ull << 48; /* mac_proto: Ethernet */
	return parse_l3l4(c, p, type);
}

/* A packet that begins with its network header; eth_type says which. */
OX_IN int parse_no_eth(ox_ctx *c, struct ox_pkt *p, __be16 eth_type)
{
	if (proto_is_vlan(eth_type))
		return -1;
	p->key.w[1] = (__u64)eth_type << 48;
	return parse_l3l4(c, p, eth_type);
}

/* Neighbour solicitation or advertisement, code 0. */
OX_IN int key_is_nd(const struct ox_key *k)
{
	return k->ip_proto == OX_IP_ICMPV6 && !k->tp_dst &&
	       (k->tp_src == ox_be16(135) || k->tp_src == ox_be16(136));
}

/* The steps that parse_eth() left. Not 0: the module refuses the packet. */
OX_IN int parse_rest(ox_ctx *c, struct ox_pkt *p, int type)
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

/*
 * Fills in p, which is zero but for len and metadata of the key. 0, or
 * negative for what key_extract() fails on: no Ethernet header, a bad NSH.
 * The steps follow each other rather than call each other: the stacks of a
 * chain of calls add up.
 */
OX_IN int parse(ox_ctx *c, struct ox_pkt *p)
{
	int type = parse_eth(c, p);

	if (!type)
		return 0;
	return type < 0 ? -1 : parse_rest(c, p, type);
}

/* The same for a packet without an Ethernet header. */
OX_IN int parse_l3(ox_ctx *c, struct ox_pkt *p, __be16 eth_type)
{
	int type = parse_no_eth(c, p, eth_type);

	return type < 0 ? -1 : parse_rest(c, p, type);
}

/* Clears what the parser fills in, and takes its first step. */
OX_FN int ox_reparse_first(ox_ctx *c, struct ox_pkt *p)
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
OX_IN int reparse(ox_ctx *c, struct ox_pkt *p)
{
	int type = ox_reparse_first(c, p);

	return type < 0 ? -1 : parse_rest(c, p, type);
}

#endif /* OVSXDP_BPF_PARSE_H */
