// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * outer.c - outer headers in normal form.
 */
#include <netinet/in.h>
#include <string.h>
#include <linux/if_ether.h>

#include "gen.h"
#include "outer.h"

static uint32_t get16(const uint8_t *b)
{
	return (uint32_t)b[0] << 8 | b[1];
}

static uint32_t sum16(const uint8_t *b, uint32_t n, uint32_t sum)
{
	for (; n > 1; n -= 2, b += 2)
		sum += get16(b);
	return n ? sum + ((uint32_t)b[0] << 8) : sum;
}

static bool is_right(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static void mark(uint8_t *sum, bool right)
{
	sum[0] = 0;
	sum[1] = right ? 1 : 2;
}

static void norm_udp(uint8_t *l4, uint32_t len, uint32_t pseudo)
{
	if (get16(l4 + 6))
		mark(l4 + 6,
		     is_right(sum16(l4, len, pseudo + IPPROTO_UDP + len)));
	memset(l4, 0, 2);
	if (gen_by_device && get16(l4 + 2) == 6081 && len > 10)
		l4[9] &= 0x3f; /* OAM, critical */
}

static void norm_gre(uint8_t *l4, uint32_t len)
{
	uint32_t flags = get16(l4), type = get16(l4 + 2), at = 4;

	if (flags & 0x8000) {
		mark(l4 + 4, is_right(sum16(l4, len, 0)));
		at += 4;
	}
	if (flags & 0x2000)
		at += 4;
	if (flags & 0x1000 && at + 4 <= len) {
		memset(l4 + at, 0, 4);
		at += 4;
	}
	if (type == 0x22eb && at + 8 <= len)
		memset(l4 + at + 4, 0, 4); /* when it was sent */
}

bool outer_norm(uint8_t *b, uint32_t len)
{
	uint32_t type, at, pseudo;
	uint8_t proto;

	if (len < 14 + 20 + 8)
		return false;
	type = get16(b + 12);
	if (type == ETH_P_IP) {
		at = 14 + 4 * (b[14] & 15);
		proto = b[23];
		pseudo = sum16(b + 26, 8, 0);
		mark(b + 24, is_right(sum16(b + 14, at - 14, 0)));
		memset(b + 18, 0, 2);
	} else if (type == ETH_P_IPV6 && len >= 14 + 40 + 8) {
		at = 14 + 40;
		b[15] &= 0xf0;
		memset(b + 16, 0, 2); /* the flow label */
		proto = b[20];
		pseudo = sum16(b + 22, 32, 0);
		if (proto == IPPROTO_DSTOPTS && len >= at + 16) {
			proto = b[at]; /* of ip6_gre: the limit of nesting */
			at += 8;
		}
	} else {
		return false;
	}
	if (at + 8 > len || (proto != IPPROTO_UDP && proto != IPPROTO_GRE))
		return false;
	if (proto == IPPROTO_UDP)
		norm_udp(b + at, len - at, pseudo);
	else
		norm_gre(b + at, len - at);
	return true;
}
