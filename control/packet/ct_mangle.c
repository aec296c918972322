// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ct_mangle.c - payloads and sequence numbers of connections with NAT. */
#include "control/packet/ct_mangle.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "control/packet/gso.h"

#define IP_MAX	   0xffff
#define TCP_SEQ	   4
#define TCP_ACK	   8
#define TCP_DOFF   12
#define TCP_FLAGS  13
#define TCP_CSUM   16
#define TCP_LEN	   20
#define FLAG_ACK   0x10
#define OPT_END	   0
#define OPT_NOP	   1
#define OPT_SACK   5
#define SACK_BLOCK 8
#define IP6_SRC	   8
#define IP4_SRC	   12
#define IP4_CSUM   10

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

/* ---- payload ---- */

static bool is_v6(const uint8_t *ip)
{
	return ip[0] >> 4 == 6;
}

/* Lengths and checksums of a packet that ends at len. */
static void finish(uint8_t *frame, uint32_t l3, uint32_t l4, uint32_t len)
{
	uint8_t *ip = frame + l3, *tcp = frame + l4;
	uint64_t s = len - l4 + IPPROTO_TCP;

	if (is_v6(ip)) {
		put16(ip + 4, len - l3 - 40);
		s = ox_sum(ip + IP6_SRC, 32, s);
	} else {
		put16(ip + 2, len - l3);
		put16(ip + IP4_CSUM, 0);
		put16(ip + IP4_CSUM,
		      ox_sum_fold(ox_sum(ip, (ip[0] & 15) * 4, 0)));
		s = ox_sum(ip + IP4_SRC, 8, s);
	}
	put16(tcp + TCP_CSUM, 0);
	put16(tcp + TCP_CSUM, ox_sum_fold(ox_sum(tcp, len - l4, s)));
}

int ox_mangle_tcp(struct ox_host_pkt *pkt, uint32_t l3, uint32_t l4,
		  uint32_t off, uint32_t len, const char *to, uint32_t to_len)
{
	uint32_t at = l4 + (pkt->data[l4 + TCP_DOFF] >> 4) * 4 + off;
	uint32_t end = pkt->len - len + to_len;

	if (at + len > pkt->len || end > pkt->len + pkt->tailroom ||
	    end - l3 > IP_MAX)
		return -EMSGSIZE;
	memmove(pkt->data + at + to_len, pkt->data + at + len,
		pkt->len - at - len);
	memcpy(pkt->data + at, to, to_len);
	pkt->tailroom = pkt->tailroom + pkt->len - end;
	pkt->len = end;
	finish(pkt->data, l3, l4, end);
	return 0;
}

/* ---- sequence numbers ---- */

static bool is_after(uint32_t x, uint32_t y)
{
	return (int32_t)(y - x) < 0;
}

struct ox_ct_adj ox_adj_add(struct ox_ct_adj j, uint32_t seq, int32_t by)
{
	if (j.before != j.after && !is_after(seq, j.pos))
		return j; /* that segment again */
	return (struct ox_ct_adj){
		.pos = seq,
		.before = j.after,
		.after = j.after + by,
	};
}

/* A number in the header becomes another one. */
static void replace(uint8_t *tcp, uint8_t *at, uint32_t v)
{
	uint64_t s = (uint16_t)~get16(tcp + TCP_CSUM);

	s += (uint16_t)~get16(at) + (uint16_t)~get16(at + 2);
	put32(at, v);
	s += (v >> 16) + (v & 0xffff);
	put16(tcp + TCP_CSUM, ox_sum_fold(s));
}

/* What its peer sent as what the sender of an acknowledgement got. */
static uint32_t sent(uint32_t got, const struct ox_ct_adj *theirs)
{
	bool after = is_after(got - (uint32_t)theirs->before, theirs->pos);

	return got - (uint32_t)(after ? theirs->after : theirs->before);
}

/* nf_ct_sack_block_adjust() */
static void sack_blocks(uint8_t *tcp, uint8_t *p, uint32_t len,
			const struct ox_ct_adj *theirs)
{
	/* a checksum is of words: an option may begin at an odd byte */
	for (; len; p += 4, len -= 4) {
		uint32_t v = sent(get32(p), theirs);

		if ((p - tcp) & 1) {
			uint32_t old = get32(p);
			uint64_t s = (uint16_t)~get16(tcp + TCP_CSUM);

			s += (uint16_t) ~(old >> 24) +
			     (uint16_t) ~(old >> 8 & 0xffff) +
			     (uint16_t) ~((old & 0xff) << 8);
			s += (v >> 24) + (v >> 8 & 0xffff) + ((v & 0xff) << 8);
			put32(p, v);
			put16(tcp + TCP_CSUM, ox_sum_fold(s));
		} else {
			replace(tcp, p, v);
		}
	}
}

/* nf_ct_sack_adjust() */
static int sack(uint8_t *tcp, uint32_t doff, const struct ox_ct_adj *theirs)
{
	uint32_t at = TCP_LEN;

	while (at < doff && tcp[at] != OPT_END) {
		uint32_t n;

		if (tcp[at] == OPT_NOP) {
			at++;
			continue;
		}
		n = at + 1 < doff ? tcp[at + 1] : 0;
		if (n < 2 || at + n > doff)
			return -EINVAL;
		if (tcp[at] == OPT_SACK && n > 2 && !((n - 2) % SACK_BLOCK))
			sack_blocks(tcp, tcp + at + 2, n - 2, theirs);
		at += n;
	}
	return 0;
}

int ox_adj_segment(struct ox_host_pkt *pkt, uint32_t l4,
		   const struct ox_ct_adj *mine, const struct ox_ct_adj *theirs)
{
	uint8_t *tcp = pkt->data + l4;
	uint32_t seq = get32(tcp + TCP_SEQ);

	seq += (uint32_t)(is_after(seq, mine->pos) ? mine->after
						   : mine->before);
	replace(tcp, tcp + TCP_SEQ, seq);
	if (!(tcp[TCP_FLAGS] & FLAG_ACK))
		return 0;
	replace(tcp, tcp + TCP_ACK, sent(get32(tcp + TCP_ACK), theirs));
	return sack(tcp, (tcp[TCP_DOFF] >> 4) * 4, theirs);
}
