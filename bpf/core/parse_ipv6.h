/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * parse_ipv6.h - IPv6 with its extension headers and neighbour discovery;
 * part of parse.h. Out of line, so that IPv4 pays nothing for it.
 */
#ifndef OVSXDP_BPF_PARSE_IPV6_H
#define OVSXDP_BPF_PARSE_IPV6_H

#include "bpf/core/ctx.h"
#include "bpf/core/parse_l4.h"

/* ---- neighbour discovery ---- */

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
__noinline int ox_parse_nd(ox_ctx *c, struct ox_pkt *p)
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

/* Neighbour solicitation or advertisement, code 0. */
static __always_inline int key_is_nd(const struct ox_key *k)
{
	return k->ip_proto == OX_IP_ICMPV6 && !k->tp_dst &&
	       (k->tp_src == ox_be16(135) || k->tp_src == ox_be16(136));
}

/* ---- header and extension headers ---- */

struct ox_ext_walk {
	ox_ctx *c;
	__u32 off;
	__u8 next;  /* type of the header at off */
	__u8 frag;  /* a fragment header was met */
	__u8 later; /* and it isn't the first fragment */
	__u8 bad;   /* headers are cut */
	__u32 end;  /* of the packet */
	__u32 routed;
};

static __always_inline int ext_is_header(__u8 next)
{
	return next == 0 || next == OX_IP_ROUTING || next == OX_IP_FRAGMENT ||
	       next == OX_IP_AUTH || next == OX_IP_NONE ||
	       next == OX_IP_DSTOPTS;
}

static __always_inline int ext_is_last(__u8 next)
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
	w->bad = 1;
	if (ctx_load(w->c, w->off, &h, 2))
		return 1;
	if (type == OX_IP_FRAGMENT)
		w->frag = 1;
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
	if (w->end - w->off < len)
		return 1;
	w->bad = 0;
	w->next = h & 0xff;
	w->off += len;
	return 0;
}

__noinline int ox_parse_ipv6(ox_ctx *c, struct ox_pkt *p)
{
	struct ox_ext_walk w = { .c = c };
	__u64 h;
	__u8 tos, ttl;

	if (!p)
		return -1;
	w.end = p->len;
	p->l4 = p->l3;
	/* the addresses straight to their place: no stack for them */
	if (ctx_load(c, p->l3, &h, 8) ||
	    ctx_load(c, p->l3 + 8, &p->key.w[4], 32))
		return 0;
	p->key.w[9] |= (__u32)h & ox_be32(0x000fffff);
	tos = (h & 0xf) << 4 | ((h >> 12) & 0xf);
	ttl = h >> 56;

	w.next = h >> 48;
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

/* A header that may come once, after those in before. */
static __always_inline __u16 ext_once(const struct ox_bits_walk *w, __u16 bit,
				      __u16 before)
{
	__u16 bits = w->bits;

	if (bits & bit)
		bits |= EXT_UNREP;
	if ((bits & ~(before | EXT_UNREP)) || w->n_dest >= 2)
		bits |= EXT_UNSEQ;
	return bits | bit;
}

/* Destination options may come twice: for each hop and at the end. */
static __always_inline __u16 ext_dest(struct ox_bits_walk *w)
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

static __always_inline __u16 ext_hop(const struct ox_bits_walk *w)
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
__noinline int ox_parse_exthdrs(ox_ctx *c, struct ox_pkt *p)
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

#endif /* OVSXDP_BPF_PARSE_IPV6_H */
