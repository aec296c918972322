// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * frag.c - fragmentation as ip_do_fragment() and ip6_fragment() do it for
 * the module: no fragment is larger than those that came were (the MRU), and
 * IPv4 fragments lose "don't fragment".
 */
#include "control/packet/frag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <netinet/in.h>

#include "control/packet/gso.h"

#define MAX_L2	    30 /* MAX_L2_LEN: a tag and three labels */
#define IP4_TOTLEN  2
#define IP4_FRAG    6
#define IP4_CSUM    10
#define IP4_MF	    0x2000
#define IP4_OFFSET  0x1fff
#define IP6_LEN	    40
#define IP6_PAYLOAD 4
#define IP6_NEXT    6
#define IP6_MIN_MTU 1280
#define FRAG_LEN    8 /* of IPv6's fragment header */

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static int ip4_init(struct ox_frag *f, uint32_t mtu)
{
	uint32_t hl;

	if (f->len - f->l3 < 20)
		return -EPROTO;
	hl = (f->frame[f->l3] & 0xf) * 4;
	if (hl < 20 || f->len - f->l3 < hl || mtu < hl + 8)
		return -EPROTO;
	f->payload = f->l3 + hl;
	f->size = mtu - hl;
	return 0;
}

/* ip6_find_1stfragopt(): what every fragment has to have again. */
static int ip6_unfragmentable(struct ox_frag *f)
{
	uint32_t off = f->l3 + IP6_LEN;
	bool routed = false;
	uint8_t proto;

	if (f->len < off)
		return -EPROTO;
	for (f->next = f->l3 + IP6_NEXT;;
	     f->next = off, off += (f->frame[off + 1] + 1) * 8) {
		if (off > f->len)
			return -EPROTO;
		proto = f->frame[f->next];
		if ((proto != IPPROTO_HOPOPTS && proto != IPPROTO_ROUTING &&
		     proto != IPPROTO_DSTOPTS) ||
		    (proto == IPPROTO_DSTOPTS && routed))
			break;
		if (proto == IPPROTO_ROUTING)
			routed = true;
		if (f->len - off < 8)
			return -EPROTO;
	}
	f->payload = off;
	return 0;
}

static int ip6_init(struct ox_frag *f, uint32_t mtu)
{
	uint32_t hl;
	int err = ip6_unfragmentable(f);

	if (err)
		return err;
	if (mtu < IP6_MIN_MTU)
		mtu = IP6_MIN_MTU;
	hl = f->payload - f->l3 + FRAG_LEN;
	if (mtu < hl + 8)
		return -EPROTO;
	f->size = mtu - hl;
	return 0;
}

int ox_frag_init(struct ox_frag *f, const uint8_t *frame, uint32_t len,
		 __be16 l3_type, uint32_t mtu, uint32_t id)
{
	int err;

	*f = (struct ox_frag){ .frame = frame, .len = len, .id = id };
	err = ox_ip_find(frame, len, l3_type, &f->l3, &f->v6);
	if (err || f->l3 > MAX_L2)
		return -EPROTO;
	return f->v6 ? ip6_init(f, mtu) : ip4_init(f, mtu);
}

static void ip4_finish(const struct ox_frag *f, uint8_t *buf, uint32_t len,
		       bool more)
{
	uint8_t *h = buf + f->l3;
	uint32_t off = get16(h + IP4_FRAG), s = 0;

	/* of a fragment that is divided again, the last one isn't the last */
	more |= off & IP4_MF;
	off = (off & IP4_OFFSET) + f->done / 8;
	put16(h + IP4_FRAG, off | (more ? IP4_MF : 0));
	put16(h + IP4_TOTLEN, len - f->l3);
	put16(h + IP4_CSUM, 0);
	for (uint32_t i = f->l3; i < f->payload; i += 2)
		s += get16(buf + i);
	s = (s & 0xffff) + (s >> 16);
	s += s >> 16;
	put16(h + IP4_CSUM, ~s);
}

static void ip6_finish(const struct ox_frag *f, uint8_t *buf, uint32_t len,
		       bool more)
{
	uint8_t *h = buf + f->payload;
	uint32_t id = htonl(f->id);

	h[0] = buf[f->next];
	h[1] = 0;
	put16(h + 2, f->done | more);
	memcpy(h + 4, &id, sizeof(id));
	buf[f->next] = IPPROTO_FRAGMENT;
	put16(buf + f->l3 + IP6_PAYLOAD, len - f->l3 - IP6_LEN);
}

uint32_t ox_frag_next(struct ox_frag *f, uint8_t *buf)
{
	uint32_t left = f->len - f->payload - f->done;
	uint32_t n = left <= f->size ? left : f->size & ~7u;
	uint32_t head = f->payload + (f->v6 ? FRAG_LEN : 0);

	if (!left)
		return 0;
	memcpy(buf, f->frame, f->payload);
	memcpy(buf + head, f->frame + f->payload + f->done, n);
	if (f->v6)
		ip6_finish(f, buf, head + n, n < left);
	else
		ip4_finish(f, buf, head + n, n < left);
	f->done += n;
	return head + n;
}
