/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_parse.h - from a packet with its key to struct ox_ct_pkt: the tuple and
 * what trackers want of the transport header. It does the checks that the
 * kernel's *_error() functions and nf_ct_get_tuple() do, except checksums.
 * Protocols other than TCP, UDP and ICMP are in ct_parse_l4.h.
 */
#ifndef OVSXDP_BPF_CT_PARSE_H
#define OVSXDP_BPF_CT_PARSE_H

#include "bpf/core/ctx.h"
#include "bpf/core/ct_parse_l4.h"
#include "bpf/core/ct_tuple.h"
#include "bpf/core/parse_ipv6.h"

/* ---- TCP ---- */

/* tcp_valid_flags: PSH, ECE and CWR don't matter. */
#define OX_CT_TCP_VALID                                                      \
	(1ull << OX_TH_SYN | 1ull << (OX_TH_SYN | OX_TH_URG) |               \
	 1ull << (OX_TH_SYN | OX_TH_ACK) | 1ull << OX_TH_RST |               \
	 1ull << (OX_TH_RST | OX_TH_ACK) | 1ull << (OX_TH_FIN | OX_TH_ACK) | \
	 1ull << (OX_TH_FIN | OX_TH_ACK | OX_TH_URG) | 1ull << OX_TH_ACK |   \
	 1ull << (OX_TH_ACK | OX_TH_URG))

#define OX_TCPOPT_EOL	    0
#define OX_TCPOPT_NOP	    1
#define OX_TCPOPT_WINDOW    3
#define OX_TCPOPT_SACK_PERM 4
#define OX_TCPOPT_SACK	    5
#define OX_TCP_MAX_WSCALE   14
/* NOP, NOP, TIMESTAMP, 10: most segments have these options alone. */
#define OX_TCPOPT_STAMP 0x0a080101u

struct ox_ct_opt_walk {
	ox_ctx *c;
	struct ox_ct_seg *s;
	__u32 off;
	__u32 left;
	__u32 sacked; /* one SACK option was read: others aren't */
};

/* The highest right edge of a SACK option's blocks: tcp_sack(). */
static __always_inline void ct_tcp_sack(struct ox_ct_opt_walk *w, __u32 size)
{
	__u32 i, edge;

	w->sacked = 1;
	OX_ROLLED
	for (i = 0; i < 4; i++) {
		if (2 + 8 * (i + 1) > size ||
		    ctx_load(w->c, w->off + 2 + 8 * i + 4, &edge, 4))
			return;
		edge = ox_be32(edge);
		if ((__s32)(edge - w->s->sack) > 0)
			w->s->sack = edge;
	}
}

/* One option; as tcp_options() and tcp_sack() walk them. */
static long ct_tcp_option(__u32 i, void *arg)
{
	struct ox_ct_opt_walk *w = arg;
	__u8 kind, size, v;

	(void)i;
	if (!w->left || ctx_load(w->c, w->off, &kind, 1) ||
	    kind == OX_TCPOPT_EOL)
		return 1;
	if (kind == OX_TCPOPT_NOP) {
		w->off++;
		w->left--;
		return 0;
	}
	if (w->left < 2 || ctx_load(w->c, w->off + 1, &size, 1) || size < 2 ||
	    size > w->left)
		return 1;
	if (kind == OX_TCPOPT_SACK_PERM && size == 2) {
		w->s->options |= OX_CT_TCP_SACK_PERM;
	} else if (kind == OX_TCPOPT_WINDOW && size == 3) {
		if (ctx_load(w->c, w->off + 2, &v, 1))
			return 1;
		w->s->wscale = v < OX_TCP_MAX_WSCALE ? v : OX_TCP_MAX_WSCALE;
		w->s->options |= OX_CT_TCP_WINDOW_SCALE;
	} else if (kind == OX_TCPOPT_SACK && !w->sacked && size >= 10 &&
		   !((size - 2) % 8)) {
		ct_tcp_sack(w, size);
	}
	w->off += size;
	w->left -= size;
	return 0;
}

__noinline int ox_ct_tcp_options(ox_ctx *c, __u32 off, __u32 left,
				 struct ox_ct_seg *s)
{
	struct ox_ct_opt_walk w = { .c = c, .s = s, .off = off, .left = left };

	if (!s)
		return -1;
	ox_loop(40, ct_tcp_option, &w);
	return 0;
}

/* get_conntrack_index() */
static __always_inline __u8 ct_tcp_index(__u8 flags)
{
	if (flags & OX_TH_RST)
		return OX_CT_TCP_RST;
	if (flags & OX_TH_SYN)
		return flags & OX_TH_ACK ? OX_CT_TCP_SYNACK : OX_CT_TCP_SYN;
	if (flags & OX_TH_FIN)
		return OX_CT_TCP_FIN;
	return flags & OX_TH_ACK ? OX_CT_TCP_ACK : OX_CT_TCP_NONE;
}

/* tcp_error(), and the segment. left: bytes from the TCP header on. */
static __always_inline int ct_parse_tcp(ox_ctx *c, __u32 off, __u32 left,
					struct ox_ct_seg *s, __u32 *ports)
{
	__u32 h[5] __attribute__((aligned(8))), doff;

	if (left < 20 || ctx_load(c, off, h, 20))
		return -1;
	doff = ((h[3] >> 4) & 0xf) * 4;
	if (doff < 20 || left < doff)
		return -1;
	s->flags = h[3] >> 8;
	if (!(OX_CT_TCP_VALID >> (s->flags & 0x3f & ~OX_TH_PSH) & 1))
		return -1;
	*ports = h[0];
	s->index = ct_tcp_index(s->flags);
	s->seq = ox_be32(h[1]);
	s->ack = ox_be32(h[2]);
	s->sack = s->ack;
	s->win = ox_be16(h[3] >> 16);
	s->end = s->seq + left - doff + !!(s->flags & OX_TH_SYN) +
		 !!(s->flags & OX_TH_FIN);
	s->wscale = 0;
	s->options = 0;
	s->has_options = doff > 20;
	s->pad = 0;
	if (doff == 20)
		return 0;
	if (doff == 32 && !ctx_load(c, off + 20, h, 4) &&
	    h[0] == OX_TCPOPT_STAMP)
		return 0;
	return ox_ct_tcp_options(c, off + 20, doff - 20, s);
}

/* ---- UDP and UDPlite ---- */

/* udp_error(), udplite_error() */
static __always_inline int ct_parse_udp(ox_ctx *c, __u32 off, __u32 left,
					int lite, __u32 *ports)
{
	__u32 h[2] __attribute__((aligned(8))), len;

	if (left < 8 || ctx_load(c, off, h, 8))
		return -1;
	len = ox_be16(h[1] & 0xffff);
	if (lite && !len)
		len = left;
	if (len > left || len < 8)
		return -1;
	*ports = h[0];
	return lite && !(h[1] >> 16) ? -1 : 0;
}

/* ---- ICMP ---- */

static __always_inline int ct_icmp_is_error(const struct ox_ct_tuple *t,
					    __u8 type)
{
	if (t->l3 == OX_CT_L3_IPV6)
		return type < 128;
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

/* Where the packet in an error has its transport header; 0: it has none. */
static __always_inline __u32 ct_inner_ipv4(ox_ctx *c, __u32 off, __u32 end,
					   struct ox_ct_pkt *p, __be64 *addr)
{
	__u32 h[5] __attribute__((aligned(8)));

	if (off + 20 > end || ctx_load(c, off, h, 20))
		return 0;
	/* all but the first fragment */
	if (h[1] >> 16 & ox_be16(0x1fff))
		return 0;
	p->t.proto = h[2] >> 8;
	addr[0] = h[3];
	addr[1] = 0;
	addr[2] = h[4];
	addr[3] = 0;
	off += (h[0] & 0xf) * 4;
	return off > end ? 0 : off;
}

static __always_inline __u32 ct_inner_ipv6(ox_ctx *c, __u32 off, __u32 end,
					   struct ox_ct_pkt *p, __be64 *addr)
{
	struct ox_ext_walk w = { .c = c, .off = off + 40, .end = end };

	if (off + 40 > end || ctx_load(c, off + 6, &w.next, 1) ||
	    ctx_load(c, off + 8, addr, 32))
		return 0;
	ox_loop(32, parse_ext, &w);
	if (w.bad || w.later || !ext_is_last(w.next) || w.next == OX_IP_NONE)
		return 0;
	p->t.proto = w.next;
	return w.off;
}

/* Ports of the packet in an error, as nf_ct_get_tuple() reads them. */
static __always_inline int ct_inner_l4(ox_ctx *c, __u32 off, __u32 end,
				       struct ox_ct_pkt *p, const __be64 *addr)
{
	__u32 h[2] __attribute__((aligned(8)));

	if (ct_proto_has_ports(p->t.proto)) {
		if (off + 4 > end || ctx_load(c, off, h, 4))
			return -1;
		ct_tuple_ends(p, addr, addr + 2, h[0] & 0xffff, h[0] >> 16);
	} else if (p->t.proto ==
		   (p->t.l3 == OX_CT_L3_IPV6 ? OX_IP_ICMPV6 : OX_IP_ICMP)) {
		if (off + 8 > end || ctx_load(c, off, h, 8))
			return -1;
		return ct_tuple_icmp(p, addr, addr + 2, h[0] & 0xff,
				     h[0] >> 8 & 0xff, h[1] & 0xffff);
	} else if (p->t.proto == OX_IP_GRE) {
		return ct_parse_gre(c, off, end - off, p, addr);
	} else {
		ct_tuple_ends(p, addr, addr + 2, 0, 0);
	}
	return 0;
}

/*
 * nf_conntrack_inet_error(): the tuple of the packet that the error is about,
 * turned around. An error that isn't sent to that packet's source is invalid.
 * Its own source and destination are in p->l4, where those of that packet go.
 */
static __always_inline int ct_parse_error(ox_ctx *c, __u32 off, __u32 end,
					  struct ox_ct_pkt *p)
{
	__be64 *addr = p->l4, dst[2] = { addr[2], addr[3] };
	__u32 l3 = off;

	if (p->t.l3 == OX_CT_L3_IPV6)
		off = ct_inner_ipv6(c, off, end, p, addr);
	else
		off = ct_inner_ipv4(c, off, end, p, addr);
	if (!off || addr[0] != dst[0] || addr[1] != dst[1] ||
	    ct_inner_l4(c, off, end, p, addr))
		return -1;
	p->inner.l3 = l3;
	p->inner.l4 = off;
	p->from_b = !p->from_b;
	p->kind = OX_CT_ERRMSG;
	return 0;
}

/* Source and destination are in p->l4. end: of the packet. */
__noinline int ox_ct_parse_icmp(ox_ctx *c, __u32 off, __u32 end,
				struct ox_ct_pkt *p)
{
	__u32 h[2] __attribute__((aligned(8)));
	__u8 type;

	if (!p || off + 8 > end || ctx_load(c, off, h, 8))
		return -1;
	type = h[0] & 0xff;
	if (ct_icmp_is_error(&p->t, type))
		return ct_parse_error(c, off + 8, end, p);
	return ct_tuple_icmp(p, p->l4, p->l4 + 2, type, h[0] >> 8 & 0xff,
			     h[1] & 0xffff);
}

/* ---- all of it ---- */

/* There is more to read, at p->l4[4]: ct_parse_more(). */
#define CT_PARSE_MORE 1

/* Where the packet ends, padding of L2 aside: ovs_skb_network_trim(). */
static __always_inline __u32 ct_end(ox_ctx *c, const struct ox_pkt *pkt, int v6)
{
	__u32 end;
	__u16 len;

	if (ctx_load(c, pkt->l3 + (v6 ? 4 : 2), &len, 2))
		return 0;
	end = pkt->l3 + ox_cpu16(len) + (v6 ? 40 : 0);
	return end < pkt->len ? end : pkt->len;
}

static __always_inline int ct_parse_l4(ox_ctx *c, __u32 off, __u32 end,
				       struct ox_ct_pkt *p, const __be64 *addr)
{
	__u8 proto = p->t.proto;
	__u32 ports = 0, left = end - off;
	int err = 0;

	if (proto == OX_IP_TCP) {
		err = ct_parse_tcp(c, off, left, &p->tcp, &ports);
	} else if (proto == OX_IP_UDP || proto == OX_IP_UDPLITE) {
		err = ct_parse_udp(c, off, left, proto == OX_IP_UDPLITE,
				   &ports);
	} else if (proto == OX_IP_ICMP || proto == OX_IP_ICMPV6) {
		if ((proto == OX_IP_ICMPV6) != (p->t.l3 == OX_CT_L3_IPV6))
			return -1;
		p->l4[0] = addr[0];
		p->l4[1] = addr[1];
		p->l4[2] = addr[2];
		p->l4[3] = addr[3];
		return CT_PARSE_MORE;
	} else if (proto == OX_IP_SCTP || proto == OX_IP_DCCP) {
		err = left < 4 || ctx_load(c, off, &ports, 4) ? -1
							      : CT_PARSE_MORE;
	} else if (proto == OX_IP_GRE) {
		return ct_parse_gre(c, off, left, p, addr);
	}
	if (err < 0)
		return err;
	ct_tuple_ends(p, addr, addr + 2, ports & 0xffff, ports >> 16);
	return err;
}

/* The protocols of which most is to be read. ICMP has its addresses in
 * p->l4. */
static __always_inline int ct_parse_more(ox_ctx *c, const struct ox_pkt *pkt,
					 struct ox_ct_pkt *p)
{
	__u32 end = pkt->l3 + p->len, off = p->l4[4];

	switch (p->t.proto) {
	case OX_IP_SCTP:
		return ox_ct_parse_sctp(c, off, end - off, &p->sctp);
	case OX_IP_DCCP:
		return ox_ct_parse_dccp(c, off, end - off, &p->dccp);
	default:
		return ox_ct_parse_icmp(c, off, end, p);
	}
}

/*
 * A key without a protocol: mostly the module's parser has refused the network
 * header. nf_conntrack_in() reads it again, and is less strict about IPv4. 0:
 * what follows it can't be tracked.
 */
static __always_inline __u32 ct_bare_ipv4(ox_ctx *c, const struct ox_pkt *pkt,
					  struct ox_ct_pkt *p, __be64 *addr)
{
	__u32 h[5] __attribute__((aligned(8)));

	if (ctx_load(c, pkt->l3, h, 20) || (h[1] >> 16 & ox_be16(0x1fff)))
		return 0;
	p->t.proto = h[2] >> 8;
	addr[0] = h[3];
	addr[2] = h[4];
	return pkt->l3 + (h[0] & 0xf) * 4;
}

/* The beginning of ct_parse(). Two calls one after the other take less stack
 * than one in the other. */
__noinline int ox_ct_parse(ox_ctx *c, const struct ox_pkt *pkt,
			   struct ox_ct_pkt *p, __u32 zone)
{
	const struct ox_key *k;
	__be64 addr[4];
	__u32 end, off;
	int v6;

	if (!pkt || !p)
		return -1;
	k = &pkt->key;
	off = pkt->l4;
	p->kind = OX_CT_BAD;
	v6 = k->eth_type == ox_be16(OX_P_IPV6);
	if (!v6 && k->eth_type != ox_be16(OX_P_IP))
		return -1;
	p->t.zone = zone;
	p->t.proto = k->ip_proto;
	p->t.l3 = v6 ? OX_CT_L3_IPV6 : OX_CT_L3_IPV4;
	p->starts = 1;
	p->user = 0;
	if (v6) {
		addr[0] = k->net[0];
		addr[1] = k->net[1];
		addr[2] = k->net[2];
		addr[3] = k->net[3];
	} else {
		addr[0] = k->ipv4.src;
		addr[1] = 0;
		addr[2] = k->ipv4.dst;
		addr[3] = 0;
	}
	if (!k->ip_proto)
		off = v6 ? 0 : ct_bare_ipv4(c, pkt, p, addr);
	if (v6 && k->ip_proto == OX_IP_NONE)
		return -1; /* ipv6_skip_exthdr() */
	end = ct_end(c, pkt, v6);
	if (!off || end < off)
		return -1;
	p->len = end - pkt->l3;
	p->kind = OX_CT_PLAIN;
	p->l4[4] = off;
	return ct_parse_l4(c, off, end, p, addr);
}

/*
 * Fills in *p from a packet whose key and header offsets are in pkt. Returns
 * 0, or -1 if it can't be tracked; p->kind says so, too. Fragments are the
 * caller's: there must be none.
 */
static __always_inline int ct_parse(ox_ctx *c, const struct ox_pkt *pkt,
				    struct ox_ct_pkt *p, __u32 zone)
{
	int rc = ox_ct_parse(c, pkt, p, zone);

	if (rc == CT_PARSE_MORE)
		rc = ct_parse_more(c, pkt, p);
	if (rc)
		p->kind = OX_CT_BAD;
	return rc;
}

#endif /* OVSXDP_BPF_CT_PARSE_H */
