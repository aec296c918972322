/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * packets.h - frames for the fixtures, built from a description, with checksums
 * computed in full. Nothing here is shared with the core, so what it says about
 * a checksum or a key is a second opinion.
 */
#ifndef OVSXDP_TESTS_BPF_PACKETS_H
#define OVSXDP_TESTS_BPF_PACKETS_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "ovsxdp/abi.h"

#define PKT_MAX 10000

struct frame {
	uint32_t len;
	uint8_t b[PKT_MAX];
};

/* What a frame looks like; *_default() first, then change. */
struct desc {
	uint8_t dst[6], src[6];
	int n_tags;
	struct {
		uint16_t tpid, tci;
	} tag[3];
	bool llc;      /* 802.3 length and LLC/SNAP in front of type */
	uint16_t type; /* 0x0800, 0x86dd, ... */
	bool no_eth;   /* begins with the network header */
	/* between MACs and type */
	uint16_t mpls_type;
	int n_mpls;
	uint32_t mpls[4]; /* host order */
	uint8_t nsh[64];  /* ready-made */
	uint8_t nsh_len;  /* inside is the frame of the same MACs and type */
	/* IP */
	uint8_t tos, ttl, proto;
	uint16_t frag;	   /* IPv4: flags and offset */
	uint8_t opts;	   /* IPv4: words of options */
	uint32_t sip, dip; /* host order */
	uint8_t sip6[16], dip6[16];
	uint32_t label;
	uint8_t next;	 /* IPv6: type of the first extension, if ext_len */
	uint8_t ext[64]; /* IPv6: extension headers, ready-made */
	uint8_t ext_len;
	/* L4 */
	uint16_t sport, dport; /* ICMP: type, code */
	uint8_t doff;
	uint16_t flags;
	uint8_t body[64]; /* first bytes of the payload */
	uint32_t payload;
	bool partial; /* L4 checksum: only the pseudo-header's sum */
	bool no_csum; /* UDP: zero */
};

static inline void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static inline struct desc desc_ip4(uint8_t proto)
{
	struct desc d = {
		.dst = { 2, 0xaa, 0xbb, 0xcc, 0xdd, 0xee },
		.src = { 2, 0x11, 0x22, 0x33, 0x44, 0x55 },
		.type = 0x0800,
		.tos = 0x28,
		.ttl = 61,
		.proto = proto,
		.sip = 0x0a010203,
		.dip = 0xc0a80105,
		.sport = 0x1234,
		.dport = 0x0050,
		.doff = 5,
		.flags = 0x018,
		.payload = 37,
	};

	if (proto == 1) {
		d.sport = 8;
		d.dport = 3;
	}
	return d;
}

static inline struct desc desc_ip6(uint8_t proto)
{
	static const uint8_t a[16] = { 0xfd, 1, 2, 3, 4, 5, 6, 7,
				       8,    9, 0, 1, 2, 3, 4, 0x99 };
	struct desc d = desc_ip4(proto);
	int i;

	d.type = 0x86dd;
	d.label = 0xabcde;
	for (i = 0; i < 16; i++) {
		d.sip6[i] = a[i];
		d.dip6[i] = a[15 - i] ^ 0x21;
	}
	if (proto == 58) {
		d.sport = 128;
		d.dport = 0;
	}
	return d;
}

static inline struct desc desc_tag(struct desc d, uint16_t tpid, uint16_t tci)
{
	d.tag[d.n_tags].tpid = tpid;
	d.tag[d.n_tags++].tci = tci;
	return d;
}

/* One's complement sum over bytes, big endian. */
static inline uint32_t sum_bytes(uint32_t s, const uint8_t *p, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		s += i & 1 ? p[i] : p[i] << 8;
	return s;
}

static inline uint16_t sum_fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* CRC32c, bit by bit. */
static inline uint32_t crc32c(const uint8_t *p, uint32_t n)
{
	uint32_t c = 0xffffffff, i, j;

	for (i = 0; i < n; i++) {
		c ^= p[i];
		for (j = 0; j < 8; j++)
			c = c & 1 ? (c >> 1) ^ 0x82f63b78 : c >> 1;
	}
	return ~c;
}

static inline uint32_t l4_hdr_len(const struct desc *d)
{
	switch (d->proto) {
	case 6:
		return d->doff > 5 ? d->doff * 4 : 20;
	case 132:
		return 12;
	default:
		return 8;
	}
}

static inline void build_l4_csum(const struct desc *d, uint8_t *l4, uint32_t n)
{
	bool v6 = d->type == 0x86dd;
	uint32_t s = d->proto + n, crc;
	uint8_t a[8], *at;

	if (d->proto == 132) {
		crc = crc32c(l4, n);
		memcpy(l4 + 8, &crc, 4); /* in this host's (little) order */
		return;
	}
	put32(a, d->sip);
	put32(a + 4, d->dip);
	if (v6)
		s = sum_bytes(sum_bytes(s, d->sip6, 16), d->dip6, 16);
	else
		s = sum_bytes(s, a, 8);
	at = d->proto == 6 ? l4 + 16 : d->proto == 17 ? l4 + 6 : l4 + 2;
	if (d->proto == 1)
		s = 0; /* ICMP has no pseudo-header */
	if (d->partial) {
		put16(at, sum_fold(s));
		return;
	}
	put16(at, ~sum_fold(sum_bytes(s, l4, n)));
	if (d->proto == 17 && !at[0] && !at[1])
		put16(at, 0xffff);
}

static inline uint32_t build_l4(const struct desc *d, uint8_t *l4)
{
	uint32_t hdr = l4_hdr_len(d), i, n = hdr + d->payload;
	static const uint8_t zero[16];

	memset(l4, 0, hdr);
	for (i = 0; i < d->payload; i++)
		l4[hdr + i] = i < sizeof(d->body) && memcmp(d->body, zero, 16)
				      ? d->body[i]
				      : i * 7 + 3;
	put16(l4, d->sport);
	put16(l4 + 2, d->dport);
	if (d->proto == 1 || d->proto == 58) {
		l4[0] = d->sport;
		l4[1] = d->dport;
		put16(l4 + 2, 0);
	} else if (d->proto == 6) {
		put32(l4 + 4, 0x01020304);
		put16(l4 + 12, d->doff << 12 | d->flags);
	} else if (d->proto == 17) {
		put16(l4 + 4, n);
	}
	if ((d->proto == 6 || d->proto == 17 || d->proto == 132 ||
	     d->proto == 1 || d->proto == 58) &&
	    !(d->proto == 17 && d->no_csum))
		build_l4_csum(d, l4, n);
	return n;
}

static inline uint32_t build_ip4(const struct desc *d, uint8_t *ip)
{
	uint32_t hlen = 20 + d->opts * 4, n;

	memset(ip, 0, hlen);
	memset(ip + 20, 1, d->opts * 4); /* NOPs */
	n = build_l4(d, ip + hlen);
	ip[0] = 0x40 | (hlen / 4);
	ip[1] = d->tos;
	put16(ip + 2, hlen + n);
	put16(ip + 4, 0x4711);
	put16(ip + 6, d->frag);
	ip[8] = d->ttl;
	ip[9] = d->proto;
	put32(ip + 12, d->sip);
	put32(ip + 16, d->dip);
	put16(ip + 10, ~sum_fold(sum_bytes(0, ip, hlen)));
	return hlen + n;
}

static inline uint32_t build_ip6(const struct desc *d, uint8_t *ip)
{
	uint32_t n;

	memcpy(ip + 40, d->ext, d->ext_len);
	n = build_l4(d, ip + 40 + d->ext_len) + d->ext_len;
	put32(ip, 6u << 28 | d->tos << 20 | d->label);
	put16(ip + 4, n);
	ip[6] = d->ext_len ? d->next : d->proto;
	ip[7] = d->ttl;
	memcpy(ip + 8, d->sip6, 16);
	memcpy(ip + 24, d->dip6, 16);
	return 40 + n;
}

static inline uint32_t build_arp(const struct desc *d, uint8_t *p)
{
	put16(p, 1);
	put16(p + 2, 0x0800);
	p[4] = 6;
	p[5] = 4;
	put16(p + 6, d->sport); /* opcode */
	memcpy(p + 8, d->src, 6);
	put32(p + 14, d->sip);
	memcpy(p + 18, d->dst, 6);
	put32(p + 24, d->dip);
	return 28;
}

static inline uint8_t *build_macs(const struct desc *d, uint8_t *p)
{
	memcpy(p, d->dst, 6);
	memcpy(p + 6, d->src, 6);
	return p + 12;
}

/* Everything up to the network header. */
static inline uint8_t *build_l2(const struct desc *d, uint8_t *p)
{
	int i;

	p = build_macs(d, p);
	for (i = 0; i < d->n_tags; i++, p += 4) {
		put16(p, d->tag[i].tpid);
		put16(p + 2, d->tag[i].tci);
	}
	if (d->llc) {
		put16(p, 0x0100);
		memcpy(p + 2, "\xaa\xaa\x03\0\0\0", 6);
		p += 8;
	}
	put16(p, d->nsh_len ? 0x894f : d->n_mpls ? d->mpls_type : d->type);
	return p + 2;
}

static inline uint8_t *build_encap(const struct desc *d, uint8_t *p)
{
	int i;

	for (i = 0; i < d->n_mpls; i++, p += 4)
		put32(p, d->mpls[i]);
	if (!d->nsh_len)
		return p;
	memcpy(p, d->nsh, d->nsh_len);
	p = build_macs(d, p + d->nsh_len);
	put16(p, d->type);
	return p + 2;
}

static inline void build(const struct desc *d, struct frame *f)
{
	uint8_t *p = d->no_eth ? f->b : build_l2(d, f->b);
	uint32_t n = d->payload;

	p = build_encap(d, p);
	if (d->type == 0x0800)
		n = build_ip4(d, p);
	else if (d->type == 0x86dd)
		n = build_ip6(d, p);
	else if (d->type == 0x0806 || d->type == 0x8035)
		n = build_arp(d, p);
	else
		memset(p, 0x5a, n);
	f->len = p + n - f->b;
}

/* One label: 20 bits, class, bottom of the stack, TTL. */
static inline struct desc desc_mpls(struct desc d, uint32_t label, bool bottom)
{
	d.mpls_type = 0x8847;
	d.mpls[d.n_mpls++] = label << 12 | 3 << 9 | bottom << 8 | 64;
	return d;
}

/* With contexts (MD type 1) or without; inside is Ethernet. */
static inline struct desc desc_nsh(struct desc d, uint8_t mdtype)
{
	uint8_t len = mdtype == 1 ? 24 : 8;
	int i;

	put16(d.nsh, 2 << 12 | 0x2a << 6 | len / 4);
	d.nsh[2] = mdtype;
	d.nsh[3] = 3;
	put32(d.nsh + 4, 0x00abcdef);
	for (i = 8; i < len; i++)
		d.nsh[i] = 0xa0 + i;
	d.nsh_len = len;
	return d;
}

static inline void desc_key_encap(const struct desc *d, struct ox_key *k)
{
	int i;

	if (d->nsh_len) {
		k->eth_type = htons(0x894f);
		k->nsh.flags = d->nsh[0] >> 4 & 3;
		k->nsh.ttl = (d->nsh[0] << 2 | d->nsh[1] >> 6) & 0x3f;
		k->nsh.mdtype = d->nsh[2];
		k->nsh.np = d->nsh[3];
		memcpy(&k->nsh.path_hdr, d->nsh + 4, 4);
		if (d->nsh[2] == 1)
			memcpy(k->nsh.context, d->nsh + 8, 16);
		return;
	}
	k->eth_type = htons(d->mpls_type);
	for (i = 0; i < d->n_mpls && i < 3; i++) {
		k->mpls.lse[i] = htonl(d->mpls[i]);
		k->mpls.num_labels_mask |= 1u << i;
	}
}

/* The key that the module gives to a well-formed frame of this kind. */
static inline struct ox_key desc_key(const struct desc *d, uint32_t in_port)
{
	struct ox_key k = { .in_port = in_port, .mac_proto = !d->no_eth };

	if (!d->no_eth) {
		memcpy(k.eth_dst, d->dst, 6);
		memcpy(k.eth_src, d->src, 6);
	}
	k.eth_type = htons(d->type);
	if (d->n_tags > 0) {
		k.vlan_tci = htons(d->tag[0].tci | OX_VLAN_CFI);
		k.vlan_tpid = htons(d->tag[0].tpid);
	}
	if (d->n_tags > 1) {
		k.cvlan_tci = htons(d->tag[1].tci | OX_VLAN_CFI);
		k.cvlan_tpid = htons(d->tag[1].tpid);
	}
	if (d->n_mpls || d->nsh_len) {
		desc_key_encap(d, &k);
		return k;
	}
	if (d->type == 0x0806 || d->type == 0x8035) {
		k.ip_proto = d->sport;
		k.arp.src = htonl(d->sip);
		k.arp.dst = htonl(d->dip);
		memcpy(k.arp.sha, d->src, 6);
		memcpy(k.arp.tha, d->dst, 6);
	}
	if (d->type != 0x0800 && d->type != 0x86dd)
		return k;
	k.ip_proto = d->proto;
	k.ip_tos = d->tos;
	k.ip_ttl = d->ttl;
	k.tp_src = htons(d->sport);
	k.tp_dst = htons(d->dport);
	if (d->proto == 6)
		k.tcp_flags = htons(d->flags);
	if (d->type == 0x0800) {
		k.ipv4.src = htonl(d->sip);
		k.ipv4.dst = htonl(d->dip);
		return k;
	}
	k.ipv6_label = htonl(d->label);
	memcpy(k.ipv6.src, d->sip6, 16);
	memcpy(k.ipv6.dst, d->dip6, 16);
	return k;
}

#endif /* OVSXDP_TESTS_BPF_PACKETS_H */
