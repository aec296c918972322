// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * key_frame.c - a packet that has a given key: header after header, each
 * written behind the one before.
 */
#include "control/codec/key_frame.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/openvswitch.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>

#define NSH_TYPE   0x894f
#define NSH_MD1	   1
#define FRAG_MORE  0x2000 /* IPv4: more fragments follow */
#define FRAG_LATER 0x0010 /* an offset, in 8 bytes */

/* A packet under construction. The room is enough for any key. */
struct frame {
	uint8_t *data;
	uint32_t len;
};

static uint8_t *add(struct frame *f, const void *data, uint32_t len)
{
	uint8_t *at = f->data + f->len;

	if (data)
		memcpy(at, data, len);
	else
		memset(at, 0, len);
	f->len += len;
	return at;
}

static void add16(struct frame *f, __be16 v)
{
	add(f, &v, sizeof(v));
}

/* ---- checksums ---- */

static uint32_t sum(const uint8_t *p, uint32_t len)
{
	uint32_t s = 0;

	for (uint32_t i = 0; i < len; i++)
		s += (uint32_t)p[i] << (i & 1 ? 0 : 8);
	return s;
}

static void put_sum(uint8_t *at, uint32_t s)
{
	__be16 folded;

	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	folded = htons((uint16_t)~s);
	memcpy(at, &folded, sizeof(folded));
}

/* CRC32c, of SCTP. */
static void put_crc(uint8_t *at, const uint8_t *p, uint32_t len)
{
	uint32_t crc = 0xffffffff;

	for (uint32_t i = 0; i < len; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	crc = ~crc;
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(crc >> 8 * i);
}

/* ---- layer 4 ---- */

static void add_tcp(struct frame *f, const struct ox_key *k)
{
	uint8_t *p = add(f, NULL, 20);

	memcpy(p, &k->tp_src, 2);
	memcpy(p + 2, &k->tp_dst, 2);
	memcpy(p + 12, &k->tcp_flags, 2);
	p[12] = (uint8_t)((p[12] & 0x0f) | 5 << 4);
	p[14] = 0xff; /* a window */
}

/* Neighbour discovery: the target, and the link address that the key has. */
static void add_nd(struct frame *f, const struct ox_key *k, uint8_t type)
{
	static const uint8_t none[6];
	uint8_t option[2] = { 0, 1 };
	const uint8_t *mac = k->nd_sll;

	add(f, k->nd_target, 16);
	option[0] = 1; /* source link layer address */
	if (type == ND_NEIGHBOR_ADVERT) {
		option[0] = 2; /* target */
		mac = k->nd_tll;
	}
	if (!memcmp(mac, none, sizeof(none)))
		return;
	add(f, option, sizeof(option));
	add(f, mac, 6);
}

/* Returns where its checksum is, or 0. */
static uint32_t add_l4(struct frame *f, const struct ox_key *k)
{
	uint32_t at = f->len;
	uint8_t type = (uint8_t)ntohs(k->tp_src), *p;

	switch (k->ip_proto) {
	case IPPROTO_TCP:
		add_tcp(f, k);
		add(f, NULL, OX_KEY_FRAME_PAYLOAD);
		return at + 16;
	case IPPROTO_UDP:
		p = add(f, NULL, 8);
		memcpy(p, &k->tp_src, 2);
		memcpy(p + 2, &k->tp_dst, 2);
		p[5] = 8 + OX_KEY_FRAME_PAYLOAD;
		add(f, NULL, OX_KEY_FRAME_PAYLOAD);
		return at + 6;
	case IPPROTO_SCTP:
		p = add(f, NULL, 12);
		memcpy(p, &k->tp_src, 2);
		memcpy(p + 2, &k->tp_dst, 2);
		add(f, NULL, OX_KEY_FRAME_PAYLOAD);
		put_crc(p + 8, p, f->len - at);
		return 0;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		p = add(f, NULL, 8);
		p[0] = type;
		p[1] = (uint8_t)ntohs(k->tp_dst);
		if (k->ip_proto == IPPROTO_ICMPV6 &&
		    (type == ND_NEIGHBOR_SOLICIT || type == ND_NEIGHBOR_ADVERT))
			add_nd(f, k, type);
		else
			add(f, NULL, OX_KEY_FRAME_PAYLOAD);
		return at + 2;
	default:
		add(f, NULL, OX_KEY_FRAME_PAYLOAD);
		return 0;
	}
}

/* The checksum at "at" of what begins at l4; addrs: those of the
 * pseudo-header, or NULL for ICMP. */
static void fill_sum(struct frame *f, uint32_t l4, uint32_t at, uint8_t proto,
		     const uint8_t *addrs, uint32_t n)
{
	uint32_t s = 0;

	if (!at)
		return;
	if (addrs)
		s = sum(addrs, n) + proto + (f->len - l4);
	put_sum(f->data + at, s + sum(f->data + l4, f->len - l4));
}

/* ---- layer 3 ---- */

static void add_ipv4(struct frame *f, const struct ox_key *k)
{
	uint32_t at = f->len, l4, csum = 0;
	uint16_t frag = 0, len;
	uint8_t *p = add(f, NULL, 20);

	l4 = f->len;
	if (k->ip_frag == OVS_FRAG_TYPE_LATER)
		frag = FRAG_LATER;
	else if (k->ip_frag == OVS_FRAG_TYPE_FIRST)
		frag = FRAG_MORE;
	p[0] = 0x45;
	p[1] = k->ip_tos;
	p[6] = (uint8_t)(frag >> 8);
	p[7] = (uint8_t)frag;
	p[8] = k->ip_ttl;
	p[9] = k->ip_proto;
	memcpy(p + 12, &k->ipv4.src, 4);
	memcpy(p + 16, &k->ipv4.dst, 4);
	if (k->ip_frag == OVS_FRAG_TYPE_LATER)
		add(f, NULL, OX_KEY_FRAME_PAYLOAD);
	else
		csum = add_l4(f, k);
	len = (uint16_t)(f->len - at);
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
	put_sum(p + 10, sum(p, 20));
	fill_sum(f, l4, csum, k->ip_proto,
		 k->ip_proto == IPPROTO_ICMP ? NULL : p + 12, 8);
}

static void add_ipv6(struct frame *f, const struct ox_key *k)
{
	uint32_t first = htonl(6u << 28 | (uint32_t)k->ip_tos << 20) |
			 (k->ipv6_label & htonl(0xfffff));
	uint8_t *p = add(f, &first, 4), *frag = NULL;
	uint32_t at = f->len + 36, l4, csum = 0;
	uint16_t len;

	add(f, NULL, 36);
	p[6] = k->ip_frag ? IPPROTO_FRAGMENT : k->ip_proto;
	p[7] = k->ip_ttl;
	memcpy(p + 8, k->ipv6.src, 16);
	memcpy(p + 24, k->ipv6.dst, 16);
	if (k->ip_frag) {
		frag = add(f, NULL, 8);
		frag[0] = k->ip_proto;
		frag[3] = k->ip_frag == OVS_FRAG_TYPE_LATER
				  ? FRAG_LATER << 3 & 0xf8
				  : 1;
	}
	l4 = f->len;
	if (k->ip_frag == OVS_FRAG_TYPE_LATER)
		add(f, NULL, OX_KEY_FRAME_PAYLOAD);
	else
		csum = add_l4(f, k);
	len = (uint16_t)(f->len - at);
	p[4] = (uint8_t)(len >> 8);
	p[5] = (uint8_t)len;
	fill_sum(f, l4, csum, k->ip_proto, p + 8, 32);
}

static void add_arp(struct frame *f, const struct ox_key *k)
{
	static const uint8_t head[] = { 0, 1, 8, 0, 6, 4, 0 };

	add(f, head, sizeof(head));
	add(f, &k->ip_proto, 1); /* the opcode's low byte */
	add(f, k->arp.sha, 6);
	add(f, &k->arp.src, 4);
	add(f, k->arp.tha, 6);
	add(f, &k->arp.dst, 4);
	add(f, NULL, 18); /* to the least length of Ethernet */
}

static void add_mpls(struct frame *f, const struct ox_key *k)
{
	uint32_t n = 0;

	while (n < 3 && k->mpls.num_labels_mask >> n)
		n++;
	for (uint32_t i = 0; i < n; i++)
		add(f, &k->mpls.lse[i], 4);
	add(f, NULL, OX_KEY_FRAME_PAYLOAD);
}

static void add_nsh(struct frame *f, const struct ox_key *k)
{
	uint8_t words = k->nsh.mdtype == NSH_MD1 ? 6 : 2;
	uint8_t *p = add(f, NULL, 4);

	/* version, flags, TTL and length, as nsh_set_flags_ttl_len() */
	p[0] = (uint8_t)((k->nsh.flags & 3) << 4 | k->nsh.ttl >> 2);
	p[1] = (uint8_t)((k->nsh.ttl & 3) << 6 | words);
	p[2] = k->nsh.mdtype;
	p[3] = k->nsh.np;
	add(f, &k->nsh.path_hdr, 4);
	if (k->nsh.mdtype == NSH_MD1)
		add(f, k->nsh.context, 16);
	add(f, NULL, OX_KEY_FRAME_PAYLOAD);
}

static void add_l3(struct frame *f, const struct ox_key *k)
{
	switch (ntohs(k->eth_type)) {
	case ETH_P_IP:
		add_ipv4(f, k);
		break;
	case ETH_P_IPV6:
		add_ipv6(f, k);
		break;
	case ETH_P_ARP:
	case ETH_P_RARP:
		add_arp(f, k);
		break;
	case ETH_P_MPLS_UC:
	case ETH_P_MPLS_MC:
		add_mpls(f, k);
		break;
	case NSH_TYPE:
		add_nsh(f, k);
		break;
	default:
		add(f, NULL, OX_KEY_FRAME_PAYLOAD);
	}
}

/* ---- Ethernet ---- */

static void add_tag(struct frame *f, __be16 tpid, __be16 tci)
{
	if (!(tci & htons(OX_VLAN_CFI)))
		return;
	add16(f, tpid);
	add16(f, tci & ~htons(OX_VLAN_CFI));
}

static void add_eth(struct frame *f, const struct ox_key *k)
{
	/* 802.3: a length, and a header of LLC that names no protocol */
	static const uint8_t llc[] = { 0, 3 + OX_KEY_FRAME_PAYLOAD, 0x42, 0x42,
				       3 };

	add(f, k->eth_dst, 6);
	add(f, k->eth_src, 6);
	add_tag(f, k->vlan_tpid, k->vlan_tci);
	add_tag(f, k->cvlan_tpid, k->cvlan_tci);
	if (ntohs(k->eth_type) < ETH_P_802_3_MIN)
		add(f, llc, sizeof(llc));
	else
		add16(f, k->eth_type);
}

uint32_t ox_key_frame(const struct ox_key *key, uint8_t frame[OX_KEY_FRAME_MAX])
{
	struct frame f = { .data = frame };

	if (key->mac_proto)
		add_eth(&f, key);
	add_l3(&f, key);
	return f.len;
}
