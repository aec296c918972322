// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gen_outer.c - random outer headers around a packet: what a tunnel's far end
 * would send, well formed most of the time. And keys for the way back.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/if_ether.h>

#include "gen.h"
#include "ovsxdp/uapi.h"

#define OPTS_MAX 12 /* as GEN_KEY_OPTS */

uint32_t gen_tunnels;
bool gen_by_device;

static const uint8_t host_mac[6] = GEN_UNDER_MAC, far_mac[6] = GEN_FAR_MAC;

static bool is_udp(enum gen_tun kind)
{
	return kind == GEN_VXLAN || kind == GEN_GENEVE;
}

static bool is_erspan(enum gen_tun kind)
{
	return kind == GEN_ERSPAN || kind == GEN_IP6ERSPAN;
}

/* ---- bytes ---- */

struct outer {
	uint8_t b[160];
	uint32_t len;
	uint32_t l4;   /* where it begins */
	uint32_t sum;  /* where its checksum is; 0: none */
	uint32_t size; /* where a UDP header has its length; 0: none */
	bool v6;
	bool tagged; /* what is inside */
	uint8_t proto;
};

static void put(struct outer *o, const void *p, uint32_t n)
{
	memcpy(o->b + o->len, p, n);
	o->len += n;
}

static void put8(struct outer *o, uint32_t v)
{
	o->b[o->len++] = (uint8_t)v;
}

static void put16(struct outer *o, uint32_t v)
{
	put8(o, v >> 8);
	put8(o, v);
}

static void put32(struct outer *o, uint32_t v)
{
	put16(o, v >> 16);
	put16(o, v);
}

static void put_random(struct outer *o, struct rnd *r, uint32_t n)
{
	rnd_fill(r, o->b + o->len, n);
	o->len += n;
}

static void poke16(uint8_t *b, uint32_t v)
{
	b[0] = (uint8_t)(v >> 8);
	b[1] = (uint8_t)v;
}

/* ---- layer 3 ---- */

static void ethernet(struct outer *o, struct rnd *r)
{
	put(o, host_mac, 6);
	put(o, far_mac, 6);
	if (rnd_pct(r, 1))
		o->b[5] ^= 1; /* somebody else's */
	put16(o, o->v6 ? ETH_P_IPV6 : ETH_P_IP);
}

/* The kernel's devices take a tag inside for an IP header, and find ECN bits
 * there. Ours finds those of the packet. */
static uint32_t tos(const struct outer *o, struct rnd *r)
{
	uint32_t v = rnd_of(r, 0, 0, 1, 2, 3, 0xb8, 0xff);

	return o->tagged && !gen_by_device ? v & ~3u : v;
}

static void ipv4(struct outer *o, struct rnd *r)
{
	put8(o, 0x45);
	put8(o, tos(o, r));
	put16(o, 0);
	put16(o, rnd_below(r, 65536));
	put16(o, rnd_pct(r, 50) ? 0x4000 : 0);
	put8(o, rnd_of(r, 1, 64, 64, 255));
	put8(o, o->proto);
	put16(o, 0);
	put32(o, rnd_of(r, 0xac101001, 0xac101001, 0xac101002));
	put32(o, rnd_pct(r, 99) ? 0xac100001 : 0xac100003);
}

static void ipv6(struct outer *o, struct rnd *r)
{
	put32(o, 6u << 28 | tos(o, r) << 20 | rnd_of(r, 0, 0, 0x12345));
	put16(o, 0);
	put8(o, o->proto);
	put8(o, rnd_of(r, 1, 64, 64, 255));
	for (int i = 0; i < 2; i++) {
		put32(o, 0xfd160000);
		put32(o, 0);
		put32(o, 0);
		put32(o, i ? 1 : rnd_of(r, 0x10001, 0x10001, 0x10002));
	}
}

/* ---- the tunnels' headers ---- */

static void udp(struct outer *o, struct rnd *r, uint32_t port)
{
	put16(o, rnd_of(r, 1000, 40000));
	put16(o, port);
	o->size = o->len;
	put16(o, 0);
	if (rnd_pct(r, o->v6 ? 80 : 40))
		o->sum = o->len;
	put16(o, 0);
}

static void vxlan(struct outer *o, struct rnd *r)
{
	bool gbp = rnd_pct(r, 40);

	udp(o, r, 4789);
	put8(o, (rnd_pct(r, 98) ? 0x08 : 0) | (gbp ? 0x80 : 0));
	put8(o, gbp ? rnd_of(r, 0, 0x40, 0x08, 0x48) : 0);
	put16(o, gbp ? rnd_below(r, 65536) : 0);
	put32(o, rnd_of(r, 0, 1, 1, 5, 0xffffff) << 8);
	if (rnd_pct(r, 2))
		o->b[o->len - 1] = 1; /* reserved */
}

static void geneve_options(struct outer *o, struct rnd *r, uint32_t n)
{
	while (n) {
		uint32_t words = rnd_below(r, n / 4);

		put_random(o, r, 3);
		put8(o, words);
		put_random(o, r, 4 * words);
		n -= 4 + 4 * words;
	}
}

static void geneve(struct outer *o, struct rnd *r)
{
	uint32_t opts = 4 * rnd_below(r, OPTS_MAX / 4 + 1);

	udp(o, r, 6081);
	put8(o, (rnd_pct(r, 98) ? 0u : 1u << 6) | opts / 4);
	put8(o, rnd_pct(r, 80) ? 0 : rnd_of(r, 0x80, 0x40, 0xc0));
	put16(o, rnd_pct(r, 97) ? ETH_P_TEB : rnd_of(r, ETH_P_IP, 0x1234));
	put32(o, rnd_of(r, 0, 1, 1, 5, 0xffffff) << 8);
	if (opts)
		geneve_options(o, r, opts);
}

static void gre(struct outer *o, struct rnd *r)
{
	/* which a gretap that isn't told of them drops, and ours without one
	 * takes */
	bool sum = gen_by_device && rnd_pct(r, 5), key = rnd_pct(r, 85),
	     seq = rnd_pct(r, 5);

	put16(o, (uint32_t)sum << 15 | (uint32_t)key << 13 |
			 (uint32_t)seq << 12 |
			 (rnd_pct(r, 98) ? 0 : rnd_below(r, 8)));
	/* an ip6gretap takes all for Ethernet */
	put16(o, rnd_pct(r, gen_by_device ? 98 : 100) ? ETH_P_TEB : 0x1234);
	if (sum) {
		o->sum = o->len;
		put32(o, 0);
	}
	if (key)
		put32(o, rnd_of(r, 0, 1, 1, 5, 0xffffffff));
	if (seq)
		put32(o, rnd_below(r, 1000));
}

static void erspan(struct outer *o, struct rnd *r)
{
	bool two = rnd_pct(r, 60);
	uint32_t ver = rnd_pct(r, 97) ? (two ? 1 : 2) : rnd_below(r, 16);

	put16(o, rnd_pct(r, 97) ? 0x1000 : 0);
	put16(o, two ? 0x88be : 0x22eb);
	if (o->b[o->l4] & 0x10)
		put32(o, rnd_below(r, 1000));
	put16(o, ver << 12 | rnd_below(r, 4096));
	put16(o, rnd_below(r, 64) << 10 | rnd_of(r, 0, 1, 1, 5, 1023));
	if (two)
		return put32(o, rnd_below(r, 1 << 20));
	put32(o, rnd_below(r, 1u << 31));
	put16(o, rnd_below(r, 65536));
	put16(o, rnd_below(r, 65536) & ~1u); /* no more behind it */
}

static void header(struct outer *o, enum gen_tun kind, struct rnd *r)
{
	ethernet(o, r);
	if (o->v6)
		ipv6(o, r);
	else
		ipv4(o, r);
	o->l4 = o->len;
	switch (kind) {
	case GEN_VXLAN:
		return vxlan(o, r);
	case GEN_GENEVE:
		return geneve(o, r);
	case GEN_GRE:
	case GEN_IP6GRE:
		return gre(o, r);
	default:
		erspan(o, r);
	}
}

/* ---- lengths and checksums ---- */

static uint32_t sum16(const uint8_t *b, uint32_t n, uint32_t sum)
{
	for (; n > 1; n -= 2, b += 2)
		sum += (uint32_t)b[0] << 8 | b[1];
	return n ? sum + ((uint32_t)b[0] << 8) : sum;
}

static uint32_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

static void finish_l4(struct gen_packet *p, const struct outer *o,
		      struct rnd *r)
{
	uint32_t left = p->len - o->l4, sum = 0;

	if (o->size)
		poke16(p->b + o->size, left);
	if (!o->sum)
		return;
	if (o->proto == IPPROTO_UDP)
		sum = sum16(p->b + (o->v6 ? 22 : 26), o->v6 ? 32 : 8,
			    o->proto + left);
	sum = fold(sum16(p->b + o->l4, left, sum));
	if (!sum)
		sum = 0xffff;
	/* ours looks at none without a device */
	if (gen_by_device && rnd_pct(r, 4))
		sum ^= 1;
	poke16(p->b + o->sum, sum);
}

static void finish(struct gen_packet *p, const struct outer *o, struct rnd *r)
{
	finish_l4(p, o, r);
	if (o->v6)
		return poke16(p->b + 18, p->len - 54);
	poke16(p->b + 16, p->len - 14);
	poke16(p->b + 24, fold(sum16(p->b + 14, 20, 0)));
}

void gen_wrap(struct gen_packet *p, const struct rnd *same, struct rnd *r)
{
	struct rnd s = *same;
	enum gen_tun kind = rnd_below(&s, gen_tunnels);
	struct outer o = { 0 };

	o.tagged = p->len > 14 && (p->b[12] == 0x81 || p->b[12] == 0x88);
	o.v6 = is_udp(kind) ? rnd_pct(&s, 35)
			    : kind == GEN_IP6GRE || kind == GEN_IP6ERSPAN;
	o.proto = is_udp(kind) ? IPPROTO_UDP : IPPROTO_GRE;
	header(&o, kind, rnd_pct(r, 85) ? &s : r);
	memmove(p->b + o.len, p->b, p->len);
	memcpy(p->b, o.b, o.len);
	p->len += o.len;
	p->inner = o.len;
	p->in_port = GEN_UNDER;
	finish(p, &o, r);
	if (rnd_pct(r, 2)) /* cut short */
		p->len = 14 + rnd_below(r, o.len);
}

/* ---- keys that fit ---- */

static void addresses(struct nlb *n, bool v6, struct rnd *r)
{
	uint32_t v4 = htonl(rnd_of(r, 0xac101001, 0xac101002, 0x0a000001));
	uint32_t src4 = htonl(0xac100001);
	uint8_t dst6[16] = { 0xfd, 0x16 }, src6[16] = { 0xfd, 0x16 };
	bool src = rnd_pct(r, 30);

	dst6[13] = 1;
	dst6[15] = (uint8_t)rnd_of(r, 1, 2);
	src6[15] = 1;
	if (v6 && src)
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_IPV6_SRC, src6, 16);
	if (v6)
		return nlb_put(n, OVS_TUNNEL_KEY_ATTR_IPV6_DST, dst6, 16);
	if (src)
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_IPV4_SRC, &src4, 4);
	nlb_put(n, OVS_TUNNEL_KEY_ATTR_IPV4_DST, &v4, 4);
}

static void erspan_opts(struct nlb *n, struct rnd *r)
{
	uint8_t b[12] = { (uint8_t)rnd_of(r, 1, 1, 2) };

	if (b[0] == 1)
		rnd_fill(r, b + 5,
			 3); /* an index of 20 bits, in network order */
	else
		rnd_fill(r, b + 10, 2);
	b[5] &= 0x0f;
	nlb_put(n, OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS, b, sizeof(b));
}

static void options(struct nlb *n, enum gen_tun kind, struct rnd *r)
{
	struct outer o = { 0 };
	uint32_t at, len;

	if (is_erspan(kind) && rnd_pct(r, 95))
		return erspan_opts(n, r);
	if (kind == GEN_GENEVE && rnd_pct(r, 60)) {
		len = 4 * (1 + rnd_below(r, 31));
		geneve_options(&o, r, len);
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, o.b, len);
	}
	if (kind == GEN_VXLAN && rnd_pct(r, 40)) {
		at = nlb_nest(n, OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS | NLA_F_NESTED);
		nlb_u32(n, OVS_VXLAN_EXT_GBP, (uint32_t)rnd64(r) & 0x0048ffff);
		nlb_end(n, at);
	}
}

void gen_tunnel_to(struct nlb *n, enum gen_tun kind, struct rnd *r)
{
	uint32_t at = nlb_nest(n, OVS_KEY_ATTR_TUNNEL | NLA_F_NESTED);
	bool v6 = is_udp(kind) ? rnd_pct(r, 35)
			       : kind == GEN_IP6GRE || kind == GEN_IP6ERSPAN;
	uint64_t id = (uint64_t)htonl(rnd_of(r, 0, 1, 5, 0xffffff)) << 32;

	if (rnd_pct(r, 90) || gen_by_device)
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_ID, &id, 8);
	addresses(n, v6, r);
	if (rnd_pct(r, 40))
		nlb_u8(n, OVS_TUNNEL_KEY_ATTR_TOS,
		       (uint8_t)rnd_of(r, 0, 1, 2, 3, 0xb8, 0xff));
	nlb_u8(n, OVS_TUNNEL_KEY_ATTR_TTL, (uint8_t)rnd_of(r, 1, 64, 64, 255));
	if (rnd_pct(r, 50))
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT, NULL, 0);
	if (rnd_pct(r, 40))
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_CSUM, NULL, 0);
	if (rnd_pct(r, 10))
		nlb_put(n, OVS_TUNNEL_KEY_ATTR_OAM, NULL, 0);
	options(n, kind, r);
	nlb_end(n, at);
}
