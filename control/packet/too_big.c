// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * too_big.c - see too_big.h.
 */
#include "control/packet/too_big.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <netinet/in.h>

#include "control/packet/gso.h"

#define IP4_DF	     0x4000
#define IP4_MIN	     576 /* who gets a smaller MTU wouldn't use it */
#define IP6_MIN	     1280
#define IP6_REDIRECT 137  /* NDISC_REDIRECT */
#define IP6_INFO     0x80 /* types of ICMPv6 that are no errors */
#define MAX_EXTS     16

/* ---- IPv4 ---- */

static bool addr4_is_many(uint32_t a)
{
	return a == INADDR_BROADCAST || IN_MULTICAST(a);
}

/* icmp_is_err() */
static bool icmp4_is_err(uint8_t type)
{
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH ||
	       type == ICMP_REDIRECT || type == ICMP_TIME_EXCEEDED ||
	       type == ICMP_PARAMETERPROB;
}

/* May an error answer this packet? An ICMP packet that says of what type it is
 * in no byte that is there may be one. */
static bool may_answer4(const struct iphdr *ip, const uint8_t *at, uint32_t len)
{
	uint32_t src = ntohl(ip->saddr), dst = ntohl(ip->daddr);

	if (ip->version != 4 || ip->ihl < 5 || ip->frag_off != htons(IP4_DF))
		return false;
	if (addr4_is_many(dst) || addr4_is_many(src) || !(src >> 24) ||
	    src >> 24 == IN_LOOPBACKNET)
		return false;
	return ip->protocol != IPPROTO_ICMP ||
	       (ip->ihl * 4u < len && !icmp4_is_err(at[ip->ihl * 4u]));
}

static uint32_t answer4(const uint8_t *at, uint32_t len, uint32_t mtu,
			uint8_t *out)
{
	uint8_t *h = out + sizeof(struct iphdr);
	struct icmphdr icmp = { .type = ICMP_DEST_UNREACH,
				.code = ICMP_FRAG_NEEDED };
	struct iphdr ip, to = { .version = 4,
				.ihl = 5,
				.frag_off = htons(IP4_DF),
				.protocol = IPPROTO_ICMP };

	if (mtu < IP4_MIN || len < sizeof(ip))
		return 0;
	memcpy(&ip, at, sizeof(ip));
	if (!may_answer4(&ip, at, len))
		return 0;
	if (len > IP4_MIN - sizeof(ip) - sizeof(icmp))
		len = IP4_MIN - sizeof(ip) - sizeof(icmp);
	icmp.un.frag.mtu = htons((uint16_t)mtu);
	memcpy(h, &icmp, sizeof(icmp));
	memcpy(h + sizeof(icmp), at, len);
	len += sizeof(icmp);
	icmp.checksum = htons(ox_sum_fold(ox_sum(h, len, 0)));
	memcpy(h, &icmp, sizeof(icmp));
	len += sizeof(to);
	to.ttl = ip.ttl;
	to.saddr = ip.daddr;
	to.daddr = ip.saddr;
	to.tot_len = htons((uint16_t)len);
	memcpy(out, &to, sizeof(to));
	to.check = htons(ox_sum_fold(ox_sum(out, sizeof(to), 0)));
	memcpy(out, &to, sizeof(to));
	return len;
}

/* ---- IPv6 ---- */

/* As ipv6_skip_exthdr(): *next becomes the protocol. Where its header begins,
 * or 0: nowhere, or the packet is a fragment but the first. */
static uint32_t skip_exts(const uint8_t *at, uint32_t len, uint8_t *next)
{
	uint32_t off = sizeof(struct ipv6hdr), n;

	for (int i = 0; i < MAX_EXTS; i++) {
		switch (*next) {
		case IPPROTO_NONE:
			return 0;
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case IPPROTO_FRAGMENT:
		case IPPROTO_AH:
			break;
		default:
			return off;
		}
		if (off + 8 > len)
			return 0;
		n = (at[off + 1] + 1u) * 8;
		if (*next == IPPROTO_AH)
			n = (at[off + 1] + 2u) * 4;
		if (*next == IPPROTO_FRAGMENT) {
			n = 8;
			if (at[off + 2] || at[off + 3] & 0xf8)
				return 0;
		}
		*next = at[off];
		off += n;
	}
	return 0;
}

static bool may_answer6(const struct ipv6hdr *ip, const uint8_t *at,
			uint32_t len)
{
	const struct in6_addr *src = (const void *)&ip->saddr;
	uint8_t next = ip->nexthdr;
	uint32_t l4;

	if (ip->version != 6)
		return false;
	if (IN6_IS_ADDR_UNSPECIFIED(src) || IN6_IS_ADDR_LOOPBACK(src) ||
	    ip->saddr.s6_addr[0] == 0xff || ip->daddr.s6_addr[0] == 0xff)
		return false;
	l4 = skip_exts(at, len, &next);
	if (!l4)
		return false;
	return next != IPPROTO_ICMPV6 ||
	       (l4 < len && (at[l4] & IP6_INFO) && at[l4] != IP6_REDIRECT);
}

static uint32_t answer6(const uint8_t *at, uint32_t len, uint32_t mtu,
			uint8_t *out)
{
	uint8_t *h = out + sizeof(struct ipv6hdr);
	struct icmp6hdr icmp = { .icmp6_type = ICMPV6_PKT_TOOBIG };
	struct ipv6hdr ip, to = { .version = 6, .nexthdr = IPPROTO_ICMPV6 };
	uint64_t sum;

	if (mtu < IP6_MIN || len < sizeof(ip))
		return 0;
	memcpy(&ip, at, sizeof(ip));
	if (!may_answer6(&ip, at, len))
		return 0;
	if (len > IP6_MIN - sizeof(ip) - sizeof(icmp))
		len = IP6_MIN - sizeof(ip) - sizeof(icmp);
	icmp.icmp6_mtu = htonl(mtu);
	memcpy(h, &icmp, sizeof(icmp));
	memcpy(h + sizeof(icmp), at, len);
	len += sizeof(icmp);
	to.hop_limit = ip.hop_limit;
	to.saddr = ip.daddr;
	to.daddr = ip.saddr;
	to.payload_len = htons((uint16_t)len);
	memcpy(out, &to, sizeof(to));
	/* both addresses are in front of it */
	sum = ox_sum(h - 32, len + 32, IPPROTO_ICMPV6 + len);
	icmp.icmp6_cksum = htons(ox_sum_fold(sum));
	memcpy(h, &icmp, sizeof(icmp));
	return len + sizeof(to);
}

/* ---- */

uint32_t ox_too_big(const uint8_t *frame, uint32_t len, uint32_t mtu,
		    uint8_t *out)
{
	uint32_t l3, n;
	bool v6;

	if (ox_ip_find(frame, len, 0, &l3, &v6) || l3 > OX_TOO_BIG_L2)
		return 0;
	n = v6 ? answer6(frame + l3, len - l3, mtu, out + l3)
	       : answer4(frame + l3, len - l3, mtu, out + l3);
	if (!n)
		return 0;
	memcpy(out, frame + ETH_ALEN, ETH_ALEN);
	memcpy(out + ETH_ALEN, frame, ETH_ALEN);
	memcpy(out + 2 * ETH_ALEN, frame + 2 * ETH_ALEN, l3 - 2 * ETH_ALEN);
	return l3 + n;
}
