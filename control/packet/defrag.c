// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * defrag.c - a fragment meets the others of its packet: ip_frag_queue(),
 * ip_frag_reasm(), nf_ct_frag6_queue() and nf_ct_frag6_reasm() of Linux 6.1.
 */
#include "control/packet/defrag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "control/packet/defrag_int.h"

#define IP4_LEN	    20
#define IP4_TOTLEN  2
#define IP4_ID	    4
#define IP4_FRAG    6
#define IP4_PROTO   9
#define IP4_CSUM    10
#define IP4_SRC	    12
#define IP4_DF	    0x4000
#define IP4_MF	    0x2000
#define IP4_OFFSET  0x1fff
#define IP6_LEN	    40
#define IP6_PAYLOAD 4
#define IP6_NEXT    6
#define IP6_SRC	    8
#define FRAG_LEN    8 /* of IPv6's fragment header */
#define IP_MAX	    65535
#define CE	    3

static uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

/* A fragment, taken apart. */
struct fragment {
	const struct ox_defrag_in *in;
	struct ox_host_pkt *pkt;
	uint32_t data;	/* offset of its payload */
	uint32_t off;	/* what of the packet's payload it says to be: */
	uint32_t end;	/* from here to there */
	uint32_t avail; /* bytes of it that are here */
	uint32_t size;	/* what counts for the MRU */
	uint32_t next;	/* IPv6: offset of the last next-header field */
	bool more;
	bool df;
	uint8_t ecn; /* value of its ECN field */
};

static void lost(const struct fragment *f, enum ox_reason why)
{
	f->in->reasons[why]++;
	if (f->in->drop)
		f->in->drop(f->in->arg, why, f->pkt);
}

/* It, and all that is here of its packet. */
static void lost_all(struct ox_defrag *d, struct ox_defrag_queue *q,
		     const struct fragment *f, enum ox_reason why)
{
	ox_defrag_kill(d, q, why);
	lost(f, why);
}

/* ---- where it belongs ---- */

/* Does it fit to what is known of the packet's end? */
static bool fits(struct ox_defrag_queue *q, const struct fragment *f)
{
	if (f->more) {
		if (f->end > q->len && q->last)
			return false;
		if (f->end > q->len)
			q->len = f->end;
		return true;
	}
	if (f->end < q->len || (q->last && f->end != q->len))
		return false;
	q->last = true;
	q->len = f->end;
	return true;
}

static bool whole(const struct ox_defrag_queue *q)
{
	return q->first && q->last && q->meat == q->len;
}

/* Puts it into its packet. 0, or why it is lost. */
static enum ox_defrag_put insert(struct ox_defrag *d, struct ox_defrag_queue *q,
				 const struct fragment *f)
{
	uint32_t len = f->end - f->off;
	enum ox_defrag_put put;

	if (len > f->avail)
		len = f->avail;
	if (!f->off && !q->first &&
	    ox_defrag_head(d, q, f->pkt->data, f->data, f->in->l3))
		return OX_DEFRAG_NO_MEM;
	put = ox_defrag_insert(d, q, f->off, f->end, f->pkt->data + f->data,
			       len);
	if (put != OX_DEFRAG_PUT)
		return put;
	q->n++;
	q->meat += len;
	q->ecn |= (uint8_t)(1 << f->ecn);
	q->first |= !f->off;
	if (f->size > q->max_size)
		q->max_size = f->size;
	if (f->df && f->size > q->max_df)
		q->max_df = f->size;
	return put;
}

/* ---- the packet again ---- */

/* ip_frag_ecn_table: what the packet's ECN field gets; -1: values that no one
 * packet had. */
static int ecn_of(uint8_t met)
{
	enum { NOT_ECT = 1 << 0, CONGESTED = 1 << CE };

	if (met & NOT_ECT)
		return met == NOT_ECT ? 0 : -1;
	return met & CONGESTED && met != CONGESTED ? CE : 0;
}

/* Headers of the first fragment, and all payload, into pkt. */
static int put_together(const struct ox_defrag_queue *q,
			struct ox_host_pkt *pkt)
{
	uint32_t len = q->head_len + q->len;

	if (len > pkt->len + pkt->tailroom)
		return -ENOMEM;
	memcpy(pkt->data, q->head, q->head_len);
	for (uint32_t i = 0; i < q->n_runs; i++)
		memcpy(pkt->data + q->head_len + q->runs[i].off,
		       q->runs[i].data, q->runs[i].len);
	pkt->tailroom = pkt->len + pkt->tailroom - len;
	pkt->len = len;
	return 0;
}

/* The packet is whole: it leaves the queue for pkt. */
static int finish(struct ox_defrag *d, struct ox_defrag_queue *q,
		  const struct fragment *f, uint32_t l3_len, int *ecn)
{
	int err = 0;

	*ecn = ecn_of(q->ecn);
	if (*ecn < 0)
		err = -EINVAL;
	else if (l3_len > IP_MAX)
		err = -E2BIG;
	else
		err = put_together(q, f->pkt);
	ox_defrag_kill(d, q, err ? OX_R_CT_FRAG : OX_R_NONE);
	return err;
}

/* ---- IPv4 ---- */

static void ip4_csum(uint8_t *h, uint32_t len)
{
	uint32_t s = 0;

	put16(h + IP4_CSUM, 0);
	for (uint32_t i = 0; i < len; i += 2)
		s += get16(h + i);
	s = (s & 0xffff) + (s >> 16);
	s += s >> 16;
	put16(h + IP4_CSUM, ~s);
}

static int ip4_finish(struct ox_defrag *d, struct ox_defrag_queue *q,
		      const struct fragment *f)
{
	uint32_t l3 = q->head_l3, hl = q->head_len - l3, len = hl + q->len;
	uint16_t mru = (uint16_t)q->max_size;
	bool df = q->max_df == q->max_size;
	uint8_t *h = f->pkt->data + l3;
	int ecn, err;

	err = finish(d, q, f, len, &ecn);
	if (err)
		return err;
	h[1] |= (uint8_t)ecn;
	put16(h + IP4_TOTLEN, len);
	put16(h + IP4_FRAG, df ? IP4_DF : 0);
	ip4_csum(h, hl);
	f->pkt->mru = mru;
	return 0;
}

static int ip4_parse(struct fragment *f, struct ox_defrag_id *id)
{
	const struct ox_defrag_in *in = f->in;
	const uint8_t *h = f->pkt->data + in->l3;
	uint32_t left = f->pkt->len - in->l3, hl, frag;

	if (in->l3 > f->pkt->len || left < IP4_LEN)
		return -1;
	hl = (h[0] & 0xf) * 4;
	if (hl < IP4_LEN || left < hl)
		return -1;
	frag = get16(h + IP4_FRAG);
	f->data = in->l3 + hl;
	f->avail = left - hl;
	f->off = (frag & IP4_OFFSET) * 8;
	f->end = f->off + f->avail;
	f->more = frag & IP4_MF;
	f->df = frag & IP4_DF;
	f->ecn = h[1] & CE;
	if (f->more)
		f->end &= ~7u;
	f->size = f->end - f->off + hl;
	memcpy(id->src, h + IP4_SRC, 4);
	memcpy(id->dst, h + IP4_SRC + 4, 4);
	id->id = (__be32)get16(h + IP4_ID);
	id->proto = h[IP4_PROTO];
	return 0;
}

/* ip_frag_too_far(): the source may have come to this id a second time. */
static bool too_far(const struct ox_defrag *d, struct ox_defrag_queue *q)
{
	uint32_t start = q->dist;

	if (!d->conf.max_dist)
		return false;
	q->dist = ++q->source->n;
	return q->n && q->dist - start > d->conf.max_dist;
}

static int ip4_put(struct ox_defrag *d, struct ox_defrag_queue *q,
		   const struct fragment *f)
{
	if (too_far(d, q))
		ox_defrag_again(d, q, f->in->now_ms);
	if (!fits(q, f) || f->end == f->off) {
		lost_all(d, q, f, OX_R_CT_FRAG);
		return -EINVAL;
	}
	switch (insert(d, q, f)) {
	case OX_DEFRAG_PUT:
		return whole(q) ? ip4_finish(d, q, f) : -EINPROGRESS;
	case OX_DEFRAG_DUP:
		lost(f, OX_R_FRAG_DUP);
		return -EINVAL;
	case OX_DEFRAG_OVERLAP:
		lost_all(d, q, f, OX_R_FRAG_OVERLAP);
		return -EINVAL;
	case OX_DEFRAG_NO_MEM:
	default:
		lost(f, OX_R_FRAG_LIMIT);
		return -ENOMEM;
	}
}

/* ---- IPv6 ---- */

static bool ip6_is_ext(uint8_t proto)
{
	return proto == IPPROTO_HOPOPTS || proto == IPPROTO_ROUTING ||
	       proto == IPPROTO_FRAGMENT || proto == IPPROTO_AH ||
	       proto == IPPROTO_DSTOPTS;
}

static uint32_t ip6_ext_len(const uint8_t *h, uint8_t proto)
{
	if (proto == IPPROTO_FRAGMENT)
		return FRAG_LEN;
	return proto == IPPROTO_AH ? (h[1] + 2u) * 4 : (h[1] + 1u) * 8;
}

/* find_prev_fhdr(): where the fragment header is, and the field that names
 * it. 0: there is none. */
static uint32_t ip6_find(const struct fragment *f, uint32_t *next)
{
	const uint8_t *p = f->pkt->data;
	uint32_t off = f->in->l3 + IP6_LEN;
	uint8_t proto;

	for (*next = f->in->l3 + IP6_NEXT;;) {
		proto = p[*next];
		if (off > f->pkt->len || !ip6_is_ext(proto))
			return 0;
		if (proto == IPPROTO_FRAGMENT)
			return off;
		if (off + 2 > f->pkt->len)
			return 0;
		*next = off;
		off += ip6_ext_len(p + off, proto);
	}
}

/* ipv6frag_thdr_truncated(): a first fragment without all headers. */
static bool ip6_truncated(const struct fragment *f, uint32_t fh)
{
	const uint8_t *p = f->pkt->data;
	uint32_t off = fh, len = f->pkt->len;
	uint8_t proto = IPPROTO_FRAGMENT;

	while (ip6_is_ext(proto)) {
		uint32_t at = off;

		if (off + 2 > len)
			return false;
		if (proto == IPPROTO_FRAGMENT) {
			if (off + 4 > len || get16(p + off + 2) & ~7u)
				return false;
		}
		off += ip6_ext_len(p + at, proto);
		proto = p[at];
	}
	switch (proto) {
	case IPPROTO_NONE:
		return false;
	case IPPROTO_TCP:
		off += 20;
		break;
	case IPPROTO_UDP:
	case IPPROTO_ICMPV6:
		off += 8;
		break;
	default:
		off += 1;
	}
	return off > len;
}

/* 1: it isn't one that is put together, and goes on. -1: it is cut. */
static int ip6_parse(struct fragment *f, struct ox_defrag_id *id)
{
	const struct ox_defrag_in *in = f->in;
	const uint8_t *h = f->pkt->data + in->l3, *p;
	uint32_t fh, payload;

	if (in->l3 > f->pkt->len || f->pkt->len - in->l3 < IP6_LEN)
		return -1;
	payload = get16(h + IP6_PAYLOAD);
	fh = payload ? ip6_find(f, &f->next) : 0;
	if (!fh || ip6_truncated(f, fh))
		return 1;
	if (fh + FRAG_LEN > f->pkt->len)
		return -1;
	p = f->pkt->data + fh;
	f->data = fh + FRAG_LEN;
	f->avail = f->pkt->len - f->data;
	f->off = get16(p + 2) & ~7u;
	/* below f->off if the length covers less than the headers */
	f->end = f->off + payload - (f->data - in->l3 - IP6_LEN);
	f->more = get16(p + 2) & 1;
	f->size = payload;
	f->ecn = h[1] >> 4 & CE;
	memcpy(id->src, h + IP6_SRC, 16);
	memcpy(id->dst, h + IP6_SRC + 16, 16);
	memcpy(&id->id, p + 4, 4);
	/* such addresses are a link's own */
	if (h[IP6_SRC + 16] == 0xff ||
	    (h[IP6_SRC + 16] == 0xfe && h[IP6_SRC + 17] >> 6 == 2)) {
		id->dp = (uintptr_t)in->reasons;
		id->port_no = in->port_no;
	}
	return f->end > IP_MAX;
}

/* The fragment header isn't the packet's any more. */
static void ip6_unlink(struct ox_defrag_queue *q, const struct fragment *f)
{
	if (f->off || q->head_len != f->data)
		return;
	q->head_len -= FRAG_LEN;
	q->head[f->next] = q->head[q->head_len];
}

static int ip6_finish(struct ox_defrag *d, struct ox_defrag_queue *q,
		      const struct fragment *f)
{
	uint32_t l3 = q->head_l3, len = q->head_len - l3 - IP6_LEN + q->len;
	uint16_t mru = (uint16_t)(IP6_LEN + q->max_size);
	uint8_t *h = f->pkt->data + l3;
	int ecn;

	if (finish(d, q, f, len, &ecn))
		return -EINPROGRESS;
	put16(h + IP6_PAYLOAD, len);
	h[1] |= (uint8_t)(ecn << 4);
	f->pkt->mru = mru;
	return 0;
}

static int ip6_put(struct ox_defrag *d, struct ox_defrag_queue *q,
		   const struct fragment *f)
{
	/* a fragment that isn't divided by 8 goes on, the others don't */
	if (f->more && f->end & 7) {
		ox_defrag_kill(d, q, OX_R_CT_FRAG);
		return 0;
	}
	if (!fits(q, f) || f->end <= f->off || !f->avail) {
		lost(f, OX_R_CT_FRAG);
		return -EINPROGRESS;
	}
	switch (insert(d, q, f)) {
	case OX_DEFRAG_PUT:
		ip6_unlink(q, f);
		return whole(q) ? ip6_finish(d, q, f) : -EINPROGRESS;
	case OX_DEFRAG_DUP:
		lost(f, OX_R_FRAG_DUP);
		return -EINPROGRESS;
	case OX_DEFRAG_OVERLAP:
		lost_all(d, q, f, OX_R_FRAG_OVERLAP);
		return -EINPROGRESS;
	case OX_DEFRAG_NO_MEM:
	default:
		lost(f, OX_R_FRAG_LIMIT);
		return -ENOMEM;
	}
}

int ox_defrag(struct ox_defrag *d, const struct ox_defrag_in *in,
	      struct ox_host_pkt *pkt)
{
	struct fragment f = { .in = in, .pkt = pkt };
	struct ox_defrag_id id = { .zone = in->zone, .v6 = in->v6 };
	struct ox_defrag_queue *q;
	int err;

	err = in->v6 ? ip6_parse(&f, &id) : ip4_parse(&f, &id);
	if (err > 0)
		return 0;
	if (err) {
		lost(&f, OX_R_CT_FRAG);
		return in->v6 ? -ENOMEM : -EINVAL;
	}
	ox_defrag_expire(d, in->now_ms);
	q = ox_defrag_find(d, &id, in);
	if (!q) {
		lost(&f, OX_R_FRAG_LIMIT);
		return -ENOMEM;
	}
	return in->v6 ? ip6_put(d, q, &f) : ip4_put(d, q, &f);
}
