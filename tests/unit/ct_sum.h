/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_sum.h - checksums of whole frames, computed from all their bytes: of
 * untagged Ethernet, IPv4 and IPv6 without options or extension headers, and
 * TCP, UDP, UDPlite (over all of it), DCCP, ICMP, ICMPv6 and SCTP's CRC32c.
 */
#ifndef OVSXDP_TESTS_CT_SUM_H
#define OVSXDP_TESTS_CT_SUM_H

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t ct_sum_add(uint32_t s, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		s += i & 1 ? p[i] : p[i] << 8;
	return s;
}

static inline uint16_t ct_sum_fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static inline uint32_t ct_sum_crc32c(const uint8_t *p, uint32_t n)
{
	uint32_t crc = ~0u;

	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* Where a protocol's header has its checksum; 0: none. */
static inline uint32_t ct_sum_at(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	case IPPROTO_SCTP:
		return 8;
	default:
		return 0;
	}
}

/* What an IP packet at ip, of n bytes, has for its transport header: the
 * checksum's place, and what it must be with the field at 0. */
static inline uint8_t *ct_sum_l4(uint8_t *ip, uint32_t n, uint8_t *want)
{
	uint32_t hdr = ip[0] >> 4 == 6 ? 40 : 20, s = 0, crc;
	uint8_t proto = hdr == 40 ? ip[6] : ip[9], was[4];
	uint32_t at = ct_sum_at(proto), len = proto == IPPROTO_SCTP ? 4 : 2;
	uint8_t *l4 = ip + hdr;
	uint16_t v;

	if (!at || n < hdr + at + len)
		return NULL;
	memcpy(was, l4 + at, len);
	memset(l4 + at, 0, len);
	if (proto == IPPROTO_SCTP) {
		crc = ct_sum_crc32c(l4, n - hdr);
		memcpy(want, &crc, 4); /* little endian, as it is sent */
	} else {
		if (proto != IPPROTO_ICMP) {
			s = ct_sum_add(0, ip + (hdr == 40 ? 8 : 12),
				       hdr == 40 ? 32 : 8);
			s += proto + n - hdr;
		}
		v = ~ct_sum_fold(ct_sum_add(s, l4, n - hdr));
		if (!v && (proto == IPPROTO_UDP || proto == IPPROTO_UDPLITE))
			v = 0xffff;
		want[0] = v >> 8;
		want[1] = v;
	}
	memcpy(l4 + at, was, len);
	return l4 + at;
}

static inline uint32_t ct_sum_len(const uint8_t *ip)
{
	return ip[0] >> 4 == 6 ? 40 + (ip[4] << 8 | ip[5]) : ip[2] << 8 | ip[3];
}

static inline int ct_sum_is_sctp(const uint8_t *ip)
{
	return (ip[0] >> 4 == 6 ? ip[6] : ip[9]) == IPPROTO_SCTP;
}

static inline void ct_sum_fill_ip(uint8_t *ip, uint32_t n)
{
	uint8_t want[4] = { 0 }, *at;
	uint16_t v;

	if (ip[0] >> 4 == 4) {
		memset(ip + 10, 0, 2);
		v = ~ct_sum_fold(ct_sum_add(0, ip, 20));
		ip[10] = v >> 8;
		ip[11] = v;
	}
	at = ct_sum_l4(ip, n, want);
	if (at)
		memcpy(at, want, ct_sum_is_sctp(ip) ? 4 : 2);
}

/* 1: the transport header's is wrong, 2: that of IPv4. */
static inline int ct_sum_wrong_ip(uint8_t *ip, uint32_t n)
{
	uint8_t want[4] = { 0 }, *at = ct_sum_l4(ip, n, want);
	int wrong = 0;

	if (at && memcmp(at, want, ct_sum_is_sctp(ip) ? 4 : 2))
		wrong |= 1;
	if (ip[0] >> 4 == 4 && ct_sum_fold(ct_sum_add(0, ip, 20)) != 0xffff)
		wrong |= 2;
	return wrong;
}

static inline void ct_sum_fill(uint8_t *frame, uint32_t n)
{
	ct_sum_fill_ip(frame + 14, n - 14);
}

static inline int ct_sum_wrong(uint8_t *frame, uint32_t n)
{
	return ct_sum_wrong_ip(frame + 14, n - 14);
}

/* The same of an ICMP error; what it is about was right before. */
static inline void ct_sum_fill_icmp(uint8_t *frame, uint32_t n)
{
	ct_sum_fill(frame, n);
}

/* 4 and 8: those of the packet in it, if it is whole. SCTP's isn't touched. */
static inline int ct_sum_wrong_icmp(uint8_t *frame, uint32_t n)
{
	uint8_t *in = frame + 14 + (frame[14] >> 4 == 6 ? 40 : 20) + 8;
	uint32_t left = n - (in - frame);
	int wrong = ct_sum_wrong(frame, n), inner;

	inner = ct_sum_wrong_ip(in, left);
	if (left < ct_sum_len(in) || ct_sum_is_sctp(in))
		inner &= ~1;
	return wrong | inner << 2;
}

#endif /* OVSXDP_TESTS_CT_SUM_H */
