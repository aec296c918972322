// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gso.c - TCP and UDP segmentation, as tcp_gso_segment() and
 * __udp_gso_segment() do it: each segment gets the headers of the packet,
 * with its own lengths, sequence number, identification and checksums.
 */
#include "control/packet/gso.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#define MAX_LAYERS 16 /* tags, labels' stacks, NSHs */
#define MAX_EXTS   16 /* IPv6 extension headers */
#define MPLS_BOS   0x100u

#define IP4_LEN	     20
#define IP4_TOTLEN   2
#define IP4_ID	     4
#define IP4_FRAG     6
#define IP4_PROTO    9
#define IP4_CSUM     10
#define IP4_SRC	     12
#define IP6_LEN	     40
#define IP6_PAYLOAD  4
#define IP6_NEXT     6
#define IP6_SRC	     8
#define IP6_DST	     24
#define TCP_LEN	     20
#define TCP_SEQ	     4
#define TCP_DOFF     12
#define TCP_FLAGS    13
#define TCP_CSUM     16
#define TCP_F_FIN    0x01
#define TCP_F_PSH    0x08
#define TCP_F_CWR    0x80
#define UDP_LEN	     8
#define UDP_TOTLEN   4
#define UDP_CSUM     6
#define NSH_BASE_LEN 8
#define RH_SRH	     4 /* IPv6 routing header types */
#define RH_TYPE2     2
#define RH_TYPE0     0

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* ---- where the headers are ---- */

static bool has(const struct ox_gso *g, uint32_t off, uint32_t n)
{
	return off <= g->len && g->len - off >= n;
}

/* Past a stack of labels; what follows says its version itself. */
static int skip_mpls(const struct ox_gso *g, uint32_t *off)
{
	uint32_t lse;

	do {
		if (!has(g, *off, sizeof(lse) + 1))
			return -EPROTO;
		lse = get32(g->frame + *off);
		*off += sizeof(lse);
	} while (!(lse & MPLS_BOS));
	switch (g->frame[*off] >> 4) {
	case 4:
		return ETH_P_IP;
	case 6:
		return ETH_P_IPV6;
	default:
		return -EPROTO;
	}
}

static int skip_nsh(const struct ox_gso *g, uint32_t *off)
{
	const uint8_t *h = g->frame + *off;
	uint32_t len;

	if (!has(g, *off, NSH_BASE_LEN))
		return -EPROTO;
	len = (h[1] & 0x3f) * 4;
	if (len < NSH_BASE_LEN || !has(g, *off, len))
		return -EPROTO;
	*off += len;
	switch (h[3]) { /* TUN_P_* */
	case 1:
		return ETH_P_IP;
	case 2:
		return ETH_P_IPV6;
	case 3:
		return ETH_P_TEB;
	case 5:
		return ETH_P_MPLS_UC;
	default:
		return -EPROTO;
	}
}

/* A header around IP: *off moves past it. The type of what follows, or
 * -EPROTO. */
static int skip_layer(const struct ox_gso *g, int type, uint32_t *off)
{
	switch (type) {
	case ETH_P_TEB:
		if (!has(g, *off, ETH_HLEN))
			return -EPROTO;
		*off += ETH_HLEN;
		return get16(g->frame + *off - 2);
	case ETH_P_8021Q:
	case ETH_P_8021AD:
		if (!has(g, *off, 4))
			return -EPROTO;
		*off += 4;
		return get16(g->frame + *off - 2);
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
		return skip_mpls(g, off);
	case ETH_P_NSH:
		return skip_nsh(g, off);
	default:
		return -EPROTO;
	}
}

int ox_ip_find(const uint8_t *frame, uint32_t len, __be16 l3_type, uint32_t *l3,
	       bool *v6)
{
	const struct ox_gso g = { .frame = frame, .len = len };
	int i, type = l3_type ? ntohs(l3_type) : ETH_P_TEB;

	*l3 = 0;
	for (i = 0; i < MAX_LAYERS && type > 0; i++) {
		if (type == ETH_P_IP || type == ETH_P_IPV6) {
			*v6 = type == ETH_P_IPV6;
			return 0;
		}
		type = skip_layer(&g, type, l3);
	}
	return -EPROTO;
}

static int find_l4_ip4(struct ox_gso *g)
{
	const uint8_t *h = g->frame + g->l3;
	uint32_t len;

	if (!has(g, g->l3, IP4_LEN) || h[0] >> 4 != 4)
		return -EPROTO;
	len = (h[0] & 0xf) * 4;
	if (len < IP4_LEN || !has(g, g->l3, len))
		return -EPROTO;
	if (get16(h + IP4_FRAG) & 0x3fff) /* a fragment */
		return -EPROTO;
	g->proto = h[IP4_PROTO];
	g->l4 = g->l3 + len;
	return 0;
}

/* With segments left, checksums cover the address that comes last. */
static void routing_dst(struct ox_gso *g, uint32_t off, uint32_t len)
{
	const uint8_t *h = g->frame + off;

	if (!h[3] || len < 8 + 16)
		return;
	if (h[2] == RH_TYPE0)
		g->dst = off + 8 + (len - 8) / 16 * 16 - 16;
	else if (h[2] == RH_SRH || h[2] == RH_TYPE2)
		g->dst = off + 8;
}

static int find_l4_ip6(struct ox_gso *g)
{
	const uint8_t *h = g->frame + g->l3;
	uint32_t off = g->l3 + IP6_LEN, len;
	int i;

	if (!has(g, g->l3, IP6_LEN) || h[0] >> 4 != 6)
		return -EPROTO;
	g->proto = h[IP6_NEXT];
	g->dst = g->l3 + IP6_DST;
	for (i = 0; i < MAX_EXTS; i++) {
		switch (g->proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case IPPROTO_AH:
			break;
		default:
			g->l4 = off;
			return 0;
		}
		if (!has(g, off, 8))
			return -EPROTO;
		h = g->frame + off;
		len = g->proto == IPPROTO_AH ? (h[1] + 2) * 4 : (h[1] + 1) * 8;
		if (!has(g, off, len))
			return -EPROTO;
		if (g->proto == IPPROTO_ROUTING)
			routing_dst(g, off, len);
		g->proto = h[0];
		off += len;
	}
	return -EPROTO;
}

static int find_payload(struct ox_gso *g)
{
	uint32_t len;

	switch (g->proto) {
	case IPPROTO_TCP:
		if (!has(g, g->l4, TCP_LEN))
			return -EPROTO;
		len = (g->frame[g->l4 + TCP_DOFF] >> 4) * 4;
		if (len < TCP_LEN)
			return -EPROTO;
		break;
	case IPPROTO_UDP:
		len = UDP_LEN;
		break;
	default:
		return -EPROTO;
	}
	if (!has(g, g->l4, len))
		return -EPROTO;
	g->payload = g->l4 + len;
	return 0;
}

int ox_gso_init(struct ox_gso *g, const uint8_t *frame, uint32_t len,
		uint32_t gso_size, __be16 l3_type)
{
	int err;

	if (!gso_size || len > OX_GSO_SEG_MAX)
		return -EPROTO;
	*g = (struct ox_gso){ .frame = frame, .len = len, .size = gso_size };
	err = ox_ip_find(frame, len, l3_type, &g->l3, &g->v6);
	if (!err)
		err = g->v6 ? find_l4_ip6(g) : find_l4_ip4(g);
	return err ? err : find_payload(g);
}

/* ---- segments ---- */

uint64_t ox_sum(const uint8_t *p, uint32_t len, uint64_t s)
{
	for (; len > 1; p += 2, len -= 2)
		s += get16(p);
	return len ? s + ((uint32_t)p[0] << 8) : s;
}

uint16_t ox_sum_fold(uint64_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

static void ip_finish(const struct ox_gso *g, uint8_t *seg, uint32_t len)
{
	uint8_t *h = seg + g->l3;

	if (g->v6) {
		put16(h + IP6_PAYLOAD, len - g->l3 - IP6_LEN);
		return;
	}
	put16(h + IP4_TOTLEN, len - g->l3);
	put16(h + IP4_ID, get16(h + IP4_ID) + g->n);
	put16(h + IP4_CSUM, 0);
	put16(h + IP4_CSUM, ox_sum_fold(ox_sum(h, g->l4 - g->l3, 0)));
}

static uint16_t l4_csum(const struct ox_gso *g, const uint8_t *seg,
			uint32_t len)
{
	uint64_t s = len - g->l4 + g->proto;

	if (g->v6) {
		s = ox_sum(seg + g->l3 + IP6_SRC, 16, s);
		s = ox_sum(seg + g->dst, 16, s);
	} else {
		s = ox_sum(seg + g->l3 + IP4_SRC, 8, s);
	}
	return ox_sum_fold(ox_sum(seg + g->l4, len - g->l4, s));
}

/* "Finished" and "push" belong to the last segment, "window reduced" to the
 * first. */
static void tcp_finish(const struct ox_gso *g, uint8_t *seg, uint32_t len)
{
	uint8_t *h = seg + g->l4;

	put32(h + TCP_SEQ, get32(h + TCP_SEQ) + g->done);
	if (!g->end)
		h[TCP_FLAGS] &= (uint8_t) ~(TCP_F_FIN | TCP_F_PSH);
	if (g->n)
		h[TCP_FLAGS] &= (uint8_t)~TCP_F_CWR;
	put16(h + TCP_CSUM, 0);
	put16(h + TCP_CSUM, l4_csum(g, seg, len));
}

static void udp_finish(const struct ox_gso *g, uint8_t *seg, uint32_t len)
{
	uint8_t *h = seg + g->l4;
	uint16_t csum;

	put16(h + UDP_TOTLEN, len - g->l4);
	put16(h + UDP_CSUM, 0);
	csum = l4_csum(g, seg, len);
	put16(h + UDP_CSUM, csum ? csum : 0xffff);
}

uint32_t ox_gso_next(struct ox_gso *g, uint8_t *seg)
{
	uint32_t left = g->len - g->payload - g->done;
	uint32_t n = left < g->size ? left : g->size;
	uint32_t len = g->payload + n;

	if (g->end)
		return 0;
	g->end = n == left;
	memcpy(seg, g->frame, g->payload);
	memcpy(seg + g->payload, g->frame + g->payload + g->done, n);
	ip_finish(g, seg, len);
	if (g->proto == IPPROTO_TCP)
		tcp_finish(g, seg, len);
	else
		udp_finish(g, seg, len);
	g->done += n;
	g->n++;
	return len;
}
