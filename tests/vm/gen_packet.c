// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * gen_packet.c - random packets: all the headers that a flow key knows, well
 * formed most of the time, cut short or garbled now and then. Addresses and
 * ports come from small pools, so that packets of a case resemble each other.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/if_ether.h>

#include "gen.h"

#define FRAME_MAX 1514 /* that a device with an MTU of 1,500 sends */

static void put(struct gen_packet *p, const void *b, uint32_t n)
{
	if (p->len + n > FRAME_MAX)
		n = p->len > FRAME_MAX ? 0 : FRAME_MAX - p->len;
	memcpy(p->b + p->len, b, n);
	p->len += n;
}

static void put8(struct gen_packet *p, uint32_t v)
{
	uint8_t b = (uint8_t)v;

	put(p, &b, 1);
}

static void put16(struct gen_packet *p, uint32_t v)
{
	uint16_t b = htons((uint16_t)v);

	put(p, &b, 2);
}

static void put32(struct gen_packet *p, uint32_t v)
{
	uint32_t b = htonl(v);

	put(p, &b, 4);
}

static void put_random(struct gen_packet *p, struct rnd *r, uint32_t n)
{
	uint8_t b[1600];

	rnd_fill(r, b, n);
	put(p, b, n);
}

static void poke16(struct gen_packet *p, uint32_t at, uint32_t v)
{
	uint16_t b = htons((uint16_t)v);

	if (at + 2 <= p->len)
		memcpy(p->b + at, &b, 2);
}

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

static void payload(struct gen_packet *p, struct rnd *r)
{
	uint32_t n = rnd_below(r, 48);

	if (rnd_pct(r, 5))
		n = rnd_below(r, 1400);
	put_random(p, r, n);
}

/* ---- layer 4; each returns where its checksum is, 0 without one ---- */

static uint32_t tcp(struct gen_packet *p, struct rnd *r)
{
	uint32_t at = p->len, off = rnd_pct(r, 80) ? 5 : rnd_below(r, 16);

	put16(p, rnd_of(r, 1, 80, 443, 4096, 65535));
	put16(p, rnd_of(r, 1, 80, 443, 4096, 65535));
	put_random(p, r, 8);
	put8(p, off << 4 | rnd_below(r, 16));
	put8(p, rnd_below(r, 256));
	put16(p, rnd_below(r, 65536));
	put32(p, 0);
	if (off > 5)
		put_random(p, r, 4 * (off - 5));
	payload(p, r);
	return at + 16;
}

static uint32_t udp(struct gen_packet *p, struct rnd *r)
{
	uint32_t at = p->len;

	put16(p, rnd_of(r, 1, 53, 68, 4789, 65535));
	put16(p, rnd_of(r, 1, 53, 67, 4789, 65535));
	put32(p, 0);
	payload(p, r);
	poke16(p, at + 4, p->len - at);
	return rnd_pct(r, 15) ? 0 : at + 6;
}

static uint32_t crc32c(const uint8_t *b, uint32_t n)
{
	uint32_t c = 0xffffffff;

	while (n--) {
		c ^= *b++;
		for (int i = 0; i < 8; i++)
			c = c >> 1 ^ (c & 1 ? 0x82f63b78 : 0);
	}
	return ~c;
}

static uint32_t sctp(struct gen_packet *p, struct rnd *r)
{
	uint32_t at = p->len, c;

	put16(p, rnd_of(r, 1, 80, 3868));
	put16(p, rnd_of(r, 1, 80, 3868));
	put_random(p, r, 4);
	put32(p, 0);
	payload(p, r);
	if (p->len < at + 12)
		return 0;
	c = crc32c(p->b + at, p->len - at);
	memcpy(p->b + at + 8, &c, 4);
	return 0;
}

static uint32_t icmp(struct gen_packet *p, struct rnd *r)
{
	uint32_t at = p->len;

	put8(p, rnd_of(r, 0, 3, 5, 8, 11));
	put8(p, rnd_below(r, 3));
	put16(p, 0);
	put_random(p, r, 4);
	payload(p, r);
	return at + 2;
}

/* Options of neighbour discovery: also twice, of length 0, unknown, cut. */
static void nd_options(struct gen_packet *p, struct rnd *r)
{
	while (rnd_pct(r, 60)) {
		uint32_t kind = rnd_of(r, 1, 2, 1, 2, 3, 14);
		uint32_t units = rnd_pct(r, 85) ? 1 : rnd_below(r, 4);

		put8(p, kind);
		put8(p, units);
		put_random(p, r, units ? units * 8 - 2 : 6);
	}
}

static uint32_t icmp6(struct gen_packet *p, struct rnd *r)
{
	uint32_t at = p->len, type = rnd_of(r, 1, 2, 128, 129, 133, 134, 135,
					    135, 135, 136, 136, 136, 137);

	put8(p, type);
	put8(p, rnd_pct(r, 90) ? 0 : 1);
	put16(p, 0);
	put_random(p, r, 4);
	if (type == 135 || type == 136) {
		put_random(p, r, 16);
		nd_options(p, r);
	} else {
		payload(p, r);
	}
	return at + 2;
}

static uint32_t layer4(struct gen_packet *p, struct rnd *r, uint32_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return tcp(p, r);
	case IPPROTO_UDP:
		return udp(p, r);
	case IPPROTO_SCTP:
		return sctp(p, r);
	case IPPROTO_ICMP:
		return icmp(p, r);
	case IPPROTO_ICMPV6:
		return icmp6(p, r);
	}
	payload(p, r);
	return 0;
}

/* Fills in the sum of what begins at at, over a pseudo header too. */
static void finish_l4(struct gen_packet *p, struct rnd *r, uint32_t at,
		      uint32_t field, uint32_t proto, const uint8_t *addrs,
		      uint32_t n_addrs)
{
	uint32_t sum = 0;

	if (!field || field + 2 > p->len)
		return;
	if (proto != IPPROTO_ICMP)
		sum = sum16(addrs, n_addrs, proto + (p->len - at));
	sum = fold(sum16(p->b + at, p->len - at, sum));
	if (!sum && proto == IPPROTO_UDP)
		sum = 0xffff;
	if (rnd_pct(r, 3))
		sum = rnd_below(r, 65536);
	poke16(p, field, sum);
}

/* ---- layer 3 ---- */

static void ipv4(struct gen_packet *p, struct rnd *r)
{
	uint32_t at = p->len, ihl = rnd_pct(r, 85) ? 5 : rnd_below(r, 16);
	uint32_t proto = rnd_of(r, 6, 6, 6, 17, 17, 17, 132, 132, 1, 1, 2, 47,
				58, 0, 255);
	uint32_t frag = rnd_pct(r, 80) ? (rnd_pct(r, 50) ? 0x4000 : 0)
				       : rnd_of(r, 0x2000, 0x2001, 0x00b9, 1);
	uint32_t l4, field;

	put8(p, (rnd_pct(r, 98) ? 4 : rnd_below(r, 16)) << 4 | ihl);
	put8(p, rnd_of(r, 0, 0, 1, 2, 3, 0x20, 0xb8, 0xff));
	put16(p, 0);
	put16(p, rnd_below(r, 65536));
	put16(p, frag);
	put8(p, rnd_of(r, 0, 1, 2, 64, 64, 64, 64, 128, 255));
	put8(p, proto);
	put16(p, 0);
	put32(p, rnd_of(r, 0x0a000001, 0x0a000002, 0xc0a80101, 0xe0000001));
	put32(p, rnd_of(r, 0x0a000001, 0x0a000002, 0xc0a80101, 0xe0000001));
	if (ihl > 5)
		put_random(p, r, 4 * (ihl - 5));
	l4 = p->len;
	field = frag & 0x1fff ? (payload(p, r), 0) : layer4(p, r, proto);
	if (p->len < at + 20)
		return;
	poke16(p, at + 2, rnd_pct(r, 96) ? p->len - at : rnd_below(r, 1600));
	if (!(frag & 0x3fff))
		finish_l4(p, r, l4, field, proto, p->b + at + 12, 8);
	if (rnd_pct(r, 97))
		poke16(p, at + 10, fold(sum16(p->b + at, l4 - at, 0)));
	if (rnd_pct(r, 4)) /* padding behind the packet */
		put_random(p, r, rnd_below(r, 20));
}

/* One extension header; writes its kind where the one before says it. */
static uint32_t extension(struct gen_packet *p, struct rnd *r, uint32_t next,
			  bool *later)
{
	uint32_t kind = rnd_of(r, 0, 43, 44, 44, 51, 60, 60, 50, 135, 59);
	uint32_t units = rnd_pct(r, 80) ? 0 : rnd_below(r, 4), off;

	p->b[next] = (uint8_t)kind;
	next = p->len;
	put8(p, 59);
	if (kind == 44) {
		off = rnd_of(r, 0, 1, 1, 8, 9, 0x5c0);
		*later = off >> 3;
		put8(p, 0);
		put16(p, off);
		put_random(p, r, 4);
	} else if (kind == 51) {
		put8(p, units + 1);
		put_random(p, r, 4 * (units + 3) - 2);
	} else {
		put8(p, units);
		put_random(p, r, 8 * (units + 1) - 2);
	}
	return next;
}

static void ipv6(struct gen_packet *p, struct rnd *r)
{
	uint32_t at = p->len, next = at + 6, l4, field, proto;
	bool later = false;

	put32(p, (rnd_pct(r, 98) ? 6u : rnd_below(r, 16)) << 28 |
			 rnd_of(r, 0, 0, 0x2e0, 0x30, 0xff0) << 16 |
			 rnd_of(r, 0, 0, 1, 0x12345, 0xfffff));
	put16(p, 0);
	put8(p, 59);
	put8(p, rnd_of(r, 0, 1, 2, 64, 64, 64, 64, 128, 255));
	for (int i = 0; i < 2; i++) {
		put32(p, rnd_of(r, 0xfd000000, 0xfe800000, 0xff020000));
		put32(p, 0);
		put32(p, 0);
		put32(p, rnd_of(r, 1, 2, 3));
	}
	while (p->len + 40 < 1400 && rnd_pct(r, 22) && p->len > next)
		next = extension(p, r, next, &later);
	proto = rnd_of(r, 6, 6, 17, 17, 132, 58, 58, 58, 58, 1, 59, 255);
	if (next < p->len)
		p->b[next] = (uint8_t)proto;
	l4 = p->len;
	field = later ? (payload(p, r), 0) : layer4(p, r, proto);
	if (p->len < at + 40)
		return;
	poke16(p, at + 4, rnd_pct(r, 96) ? p->len - at - 40 : 9000);
	finish_l4(p, r, l4, field, proto, p->b + at + 8, 32);
}

static void arp(struct gen_packet *p, struct rnd *r)
{
	put16(p, rnd_pct(r, 95) ? 1 : 6);
	put16(p, rnd_pct(r, 95) ? ETH_P_IP : ETH_P_IPV6);
	put8(p, rnd_pct(r, 95) ? 6 : 8);
	put8(p, rnd_pct(r, 95) ? 4 : 16);
	put16(p, rnd_of(r, 1, 1, 2, 2, 3, 4, 255, 256, 258));
	put_random(p, r, 5);
	put8(p, rnd_of(r, 1, 2));
	put32(p, rnd_of(r, 0x0a000001, 0x0a000002));
	put_random(p, r, 5);
	put8(p, rnd_of(r, 1, 2));
	put32(p, rnd_of(r, 0x0a000001, 0x0a000002));
	if (rnd_pct(r, 30))
		put_random(p, r, 18);
}

static void layer3(struct gen_packet *p, struct rnd *r, uint32_t type,
		   int depth);

static void mpls(struct gen_packet *p, struct rnd *r)
{
	uint32_t n = rnd_pct(r, 95) ? 1 + rnd_below(r, 4) : 0;

	for (uint32_t i = 0; i < n; i++) {
		bool bottom = rnd_pct(r, 92) ? i == n - 1 : rnd_pct(r, 50);

		put32(p, rnd_of(r, 0, 3, 16, 17, 0xfffff) << 12 |
				 rnd_below(r, 8) << 9 | (uint32_t)bottom << 8 |
				 rnd_of(r, 0, 1, 2, 64, 255));
	}
	if (rnd_pct(r, 60))
		ipv4(p, r);
	else if (rnd_pct(r, 60))
		ipv6(p, r);
	else
		payload(p, r);
}

static void nsh(struct gen_packet *p, struct rnd *r, int depth)
{
	uint32_t md = rnd_pct(r, 70) ? 1 : rnd_of(r, 2, 2, 2, 0, 3);
	uint32_t words = md == 1 ? 6 : 2 + rnd_below(r, 5), np;

	np = rnd_of(r, 1, 1, 2, 3, 3, 4, 5, 0);
	if (rnd_pct(r, 6))
		words = rnd_below(r, 64);
	put16(p, (rnd_pct(r, 96) ? 0 : rnd_below(r, 4)) << 14 |
			 rnd_below(r, 2) << 13 |
			 rnd_of(r, 0, 1, 2, 63, 63, 63) << 6 | words);
	put8(p, md);
	put8(p, np);
	put32(p, rnd_of(r, 0x000001ff, 0x000002fe, 0x00000100, 0xffffff00));
	if (words > 2)
		put_random(p, r, 4 * (words - 2));
	if (depth > 2)
		return payload(p, r);
	if (np == 1)
		return ipv4(p, r);
	if (np == 2)
		return ipv6(p, r);
	if (np == 4)
		return nsh(p, r, depth + 1);
	if (np == 5)
		return mpls(p, r);
	put_random(p, r, 12);
	put16(p, ETH_P_IP);
	ipv4(p, r);
}

static void llc(struct gen_packet *p, struct rnd *r, int depth)
{
	uint32_t type;

	if (rnd_pct(r, 40)) { /* no SNAP */
		put_random(p, r, 3);
		return payload(p, r);
	}
	put8(p, 0xaa);
	put8(p, 0xaa);
	put8(p, 3);
	put8(p, rnd_pct(r, 90) ? 0 : 1);
	put16(p, 0);
	/* not 0x100: a bit more makes it a tag, at which the module's
	 * pop_vlan cuts the LLC header out of the frame */
	type = rnd_of(r, ETH_P_IP, ETH_P_IP, ETH_P_ARP, 0x88b5, 0x501);
	put16(p, type);
	layer3(p, r, type, depth + 1);
}

static void layer3(struct gen_packet *p, struct rnd *r, uint32_t type,
		   int depth)
{
	switch (type) {
	case ETH_P_IP:
		return ipv4(p, r);
	case ETH_P_IPV6:
		return ipv6(p, r);
	case ETH_P_ARP:
	case ETH_P_RARP:
		return arp(p, r);
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
		return mpls(p, r);
	case ETH_P_NSH:
		return nsh(p, r, 0);
	}
	if (type < ETH_P_802_3_MIN && depth < 2)
		return llc(p, r, depth);
	payload(p, r);
}

static uint32_t type_at(const struct gen_packet *p, uint32_t at)
{
	return at + 2 <= p->len ? (uint32_t)p->b[at] << 8 | p->b[at + 1] : 0;
}

static bool is_tag(uint32_t type)
{
	return type == ETH_P_8021Q || type == ETH_P_8021AD;
}

/*
 * What no comparison is possible with, so it isn't sent:
 * - The kernel's receive path drops a tag with less than two bytes behind
 *   its type before a datapath sees it.
 * - 6.1's module stops the machine (BUG in skb_zerocopy()) when the last
 *   header is popped and the empty packet goes to user space. Tags, labels
 *   and NSH are multiples of 4, so such packets get a byte more, or less.
 */
static void mend(struct gen_packet *p)
{
	uint32_t at = 12;

	while (p->len < 20 && is_tag(type_at(p, 12)))
		p->b[p->len++] = 0;
	if (p->len == 14)
		p->b[p->len++] = 0;
	while (is_tag(type_at(p, at)) && at < 24)
		at += 4;
	switch (type_at(p, at)) {
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
	case ETH_P_NSH:
	case ETH_P_8021Q:
	case ETH_P_8021AD:
		if (p->len == FRAME_MAX)
			p->len--;
		else if ((p->len - 14) % 4 == 0)
			p->b[p->len++] = 0;
	}
}

void gen_packet(struct gen_packet *p, struct rnd *r, uint32_t tag)
{
	uint32_t type, be = htonl(tag);

	p->len = p->inner = 0;
	p->in_port = 1 + rnd_below(r, GEN_PORTS);
	put8(p, rnd_of(r, 0x02, 0x02, 0x02, 0x01, 0x06));
	put8(p, rnd_of(r, 0, 1));
	put(p, &be, 4);
	put8(p, rnd_of(r, 0x02, 0x06));
	put8(p, rnd_of(r, 0, 1));
	put(p, &be, 4);
	for (int i = 0; i < 3 && rnd_pct(r, i ? 30 : 25); i++) {
		put16(p, rnd_of(r, ETH_P_8021Q, ETH_P_8021Q, ETH_P_8021AD,
				ETH_P_8021AD, 0x9100));
		put16(p, rnd_of(r, 0, 1, 5, 0x1005, 0x6005, 0x0fff));
	}
	type = rnd_of(r, ETH_P_IP, ETH_P_IP, ETH_P_IP, ETH_P_IP, ETH_P_IP,
		      ETH_P_IP, ETH_P_IPV6, ETH_P_IPV6, ETH_P_IPV6, ETH_P_IPV6,
		      ETH_P_ARP, ETH_P_ARP, ETH_P_RARP, ETH_P_MPLS_UC,
		      ETH_P_MPLS_UC, ETH_P_MPLS_MC, ETH_P_NSH, ETH_P_NSH,
		      0x88b5, 0x100, 0x5ff, 0x0600);
	put16(p, type);
	layer3(p, r, type, 0);
	if (rnd_pct(r, 7) && p->len > 14) /* cut short */
		p->len = 14 + rnd_below(r, p->len < 80 ? p->len - 14 : 66);
	mend(p);
}

static void swap(struct gen_packet *p, uint32_t a, uint32_t b, uint32_t n)
{
	uint8_t t[16];

	memcpy(t, p->b + a, n);
	memcpy(p->b + a, p->b + b, n);
	memcpy(p->b + b, t, n);
}

/* Makes it what the other end would answer: addresses, ports, acknowledgement.
 * Checksums stay right; but for TCP's flags, where none look. */
static void turn(struct gen_packet *p)
{
	uint32_t l4;

	if (type_at(p, 12) == ETH_P_IP && p->len >= 14 + 20 + 8) {
		swap(p, 14 + 12, 14 + 16, 4);
		l4 = 14 + 4 * (p->b[14] & 15);
	} else if (type_at(p, 12) == ETH_P_IPV6 && p->len >= 14 + 40 + 8) {
		swap(p, 14 + 8, 14 + 24, 16);
		l4 = 14 + 40;
	} else {
		return;
	}
	if (l4 + 20 > p->len)
		return;
	swap(p, l4, l4 + 2, 2);
	if (p->b[23] == IPPROTO_TCP || p->b[20] == IPPROTO_TCP)
		swap(p, l4 + 4, l4 + 8, 4);
}

void gen_near(struct gen_packet *p, const struct gen_packet *base,
	      struct rnd *r)
{
	uint32_t n = rnd_below(r, 3), reach, at;

	*p = *base;
	if (rnd_pct(r, 30))
		turn(p);
	if (rnd_pct(r, 8))
		p->in_port = 1 + rnd_below(r, GEN_PORTS);
	if (rnd_pct(r, 8) && p->len > 14)
		p->len = 14 + rnd_below(r, p->len - 14);
	reach = p->len < 90 ? p->len : 90;
	for (uint32_t i = 0; i < n; i++) {
		at = rnd_below(r, reach);
		if (at < 12 && at % 6 >= GEN_TAG)
			continue;
		p->b[at] ^= (uint8_t)(1 << rnd_below(r, 8));
	}
	mend(p);
}
