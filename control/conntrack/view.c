// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * view.c - a place of the table to what ctnetlink tells of a connection.
 */
#include "control/conntrack/view.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <time.h>

#include "bpf/core/ct_tuple.h"

#define WORDS (1u << (OX_CT_CHUNK_SHIFT - 6)) /* of bits, a chunk */

/* ---- tuples ---- */

static void put_address(__be32 to[4], const __be64 from[2])
{
	memcpy(to, from, 16);
}

/* The type of the answer to a request (invmap of nf_conntrack_proto_icmp*.c).
 */
static uint8_t icmp_answer(uint8_t proto, uint8_t request)
{
	if (proto == IPPROTO_ICMP && request == 8)
		return 0;
	return request + 1;
}

/* As the end from_b of t sends it. */
static void tuple_view(const struct ox_ct_tuple *t, bool from_b,
		       struct ox_ctnl_tuple *out)
{
	bool asked = !!(t->l3 & OX_CT_L3_ASKER) == from_b;

	memset(out, 0, sizeof(*out));
	out->l3 = t->l3 & OX_CT_L3_IPV6 ? AF_INET6 : AF_INET;
	out->proto = t->proto;
	put_address(out->src, from_b ? t->b : t->a);
	put_address(out->dst, from_b ? t->a : t->b);
	if (t->proto == IPPROTO_ICMP || t->proto == IPPROTO_ICMPV6) {
		out->icmp_type = t->pb >> 8;
		if (!asked)
			out->icmp_type = icmp_answer(t->proto, t->pb >> 8);
		out->icmp_code = t->pb & 0xff;
		out->sport = t->pa;
		return;
	}
	out->sport = from_b ? t->pb : t->pa;
	out->dport = from_b ? t->pa : t->pb;
}

int ox_ct_tuple_make(const struct ox_ctnl_tuple *in, uint16_t zone,
		     struct ox_ct_tuple *t, bool *from_b)
{
	struct ox_ct_pkt p = { .t = { .proto = in->proto, .zone = zone } };
	__be64 src[2], dst[2];

	if (in->l3 != AF_INET && in->l3 != AF_INET6)
		return -EOPNOTSUPP;
	p.t.l3 = in->l3 == AF_INET6 ? OX_CT_L3_IPV6 : OX_CT_L3_IPV4;
	memcpy(src, in->src, sizeof(src));
	memcpy(dst, in->dst, sizeof(dst));
	if (!ct_proto_is_icmp(in->proto))
		ct_tuple_ends(&p, src, dst, in->sport, in->dport);
	else if (ct_tuple_icmp(&p, src, dst, in->icmp_type, in->icmp_code,
			       in->sport))
		return -EOPNOTSUPP;
	*t = p.t;
	*from_b = p.from_b;
	return 0;
}

/* ---- entries ---- */

/* No two connections that live have the same; the kernel's is a hash. */
static __be32 id_of(const struct ox_ct_mem *m, uint32_t idx, uint16_t gen)
{
	return (__be32)(((uint32_t)gen << 24 | idx) ^
			(uint32_t)(m->conf->seed >> 32));
}

/* CLOCK_MONOTONIC as the time since 1970. */
static uint64_t real_ns(const struct ox_ct_mem *m, uint64_t ns)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec -
	       (m->ops->now_ns(m) - ns);
}

static void proto_view(const struct ox_ct *e, struct ox_ctnl_entry *out)
{
	out->proto.state = e->proto_state;
	switch (e->orig.proto) {
	case IPPROTO_TCP:
		out->proto.wscale[0] = e->tcp.scale & 15;
		out->proto.wscale[1] = e->tcp.scale >> 4;
		out->proto.flags[0] = e->tcp.flags[0];
		out->proto.flags[1] = e->tcp.flags[1];
		break;
	case IPPROTO_SCTP:
		out->proto.vtag[0] = e->sctp.vtag[0];
		out->proto.vtag[1] = e->sctp.vtag[1];
		break;
	case IPPROTO_DCCP:
		out->proto.role = e->dccp.role[0];
		out->proto.handshake = e->dccp.handshake_seq;
		break;
	default:
		return;
	}
	out->has |= OX_CTNL_PROTOINFO;
}

static void master_view(const struct ox_ct *e, struct ox_ctnl_entry *out)
{
	if (!(e->status & OX_IPS_EXPECTED))
		return;
	out->master = (struct ox_ctnl_tuple){
		.l3 = e->orig.l3 & OX_CT_L3_IPV6 ? AF_INET6 : AF_INET,
		.proto = e->master_proto,
		.sport = e->master_sport,
		.dport = e->master_dport,
	};
	put_address(out->master.src, e->master_src);
	put_address(out->master.dst, e->master_dst);
	out->has |= OX_CTNL_MASTER;
}

const char *ox_ct_helper_name(uint8_t helper)
{
	static const char *const names[] = { "", "ftp", "tftp" };

	return helper < sizeof(names) / sizeof(*names) ? names[helper] : "";
}

static void rare_view(const struct ox_ct_mem *m, const struct ox_ct *e,
		      struct ox_ctnl_entry *out)
{
	static const uint8_t none[16];

	if (memcmp(e->labels, none, sizeof(none))) {
		memcpy(out->labels, e->labels, sizeof(out->labels));
		out->has |= OX_CTNL_LABELS;
	}
	if (e->helper) {
		strcpy(out->helper, ox_ct_helper_name(e->helper));
		out->has |= OX_CTNL_HELPER;
	}
	if (e->start_ns) {
		out->start_ns = real_ns(m, e->start_ns);
		out->has |= OX_CTNL_TIMESTAMP;
	}
	if (m->conf->flags & OX_CT_CONF_ACCT) {
		memcpy(out->packets, e->packets, sizeof(out->packets));
		memcpy(out->bytes, e->bytes, sizeof(out->bytes));
		out->has |= OX_CTNL_COUNTERS;
	}
}

/* A copy that is of one connection; it may change while it is read, as long as
 * it stays the same one. */
static int copy(const struct ox_ct_mem *m, uint32_t idx, struct ox_ct *to)
{
	const struct ox_ct *e = ox_ct_mem_at(m, idx);
	uint16_t gen;

	if (!e)
		return -ENOENT;
	gen = __atomic_load_n(&e->gen, __ATOMIC_ACQUIRE);
	memcpy(to, e, sizeof(*to));
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (to->life != OX_CT_LIVE || to->gen != gen ||
	    __atomic_load_n(&e->gen, __ATOMIC_RELAXED) != gen)
		return -ENOENT;
	return 0;
}

static bool is_dead(const struct ox_ct_mem *m, const struct ox_ct *e,
		    uint32_t now)
{
	uint64_t word =
		__atomic_load_n(&m->zones[e->orig.zone].word, __ATOMIC_RELAXED);

	return (int32_t)(e->expires - now) <= 0 ||
	       OX_CT_ZONE_GEN(word) != e->zgen;
}

/* A copy of the entry in place idx, at the time now. */
static void view(const struct ox_ct_mem *m, uint32_t idx, const struct ox_ct *e,
		 uint32_t now, struct ox_ctnl_entry *out)
{
	int32_t left = (int32_t)(e->expires - now);

	*out = (struct ox_ctnl_entry){
		.has = OX_CTNL_TIMEOUT | OX_CTNL_MARK | OX_CTNL_ID |
		       OX_CTNL_USE | OX_CTNL_STATUS,
		.zone = e->orig.zone,
		.status = e->status,
		.timeout = left > 0 ? (uint32_t)left / m->conf->hz : 0,
		.mark = e->mark,
		.id = id_of(m, idx, e->gen),
		.use = 1,
	};
	tuple_view(&e->orig, e->init_b, &out->tuple[OX_CTNL_ORIG]);
	if (e->nat)
		tuple_view(&e->reply, e->reply_b, &out->tuple[OX_CTNL_REPLY]);
	else
		tuple_view(&e->orig, !e->init_b, &out->tuple[OX_CTNL_REPLY]);
	proto_view(e, out);
	master_view(e, out);
	rare_view(m, e, out);
}

int ox_ct_view(const struct ox_ct_mem *m, uint32_t idx,
	       struct ox_ctnl_entry *out, uint16_t *gen)
{
	uint32_t now = m->ops->now(m);
	struct ox_ct e;

	if (copy(m, idx, &e) || is_dead(m, &e, now))
		return -ENOENT;
	view(m, idx, &e, now, out);
	if (gen)
		*gen = e.gen;
	return 0;
}

/* nf_ct_delete() notes when it ended: of one that was found to be over, when
 * its time was. */
static uint64_t stop_ns(const struct ox_ct_mem *m, const struct ox_ct_event *ev,
			uint64_t start_ns)
{
	int32_t late = (int32_t)(ev->now - ev->e.expires);
	uint64_t ns = start_ns + (ev->now_ns - ev->e.start_ns);

	if (late > 0)
		ns -= (uint64_t)late * 1000000000 / m->conf->hz;
	return ns;
}

void ox_ct_event_view(const struct ox_ct_mem *m, const struct ox_ct_event *ev,
		      struct ox_ctnl_entry *out)
{
	view(m, ev->idx, &ev->e, ev->now, out);
	if (ev->what & OX_CT_EV_DESTROY && out->has & OX_CTNL_TIMESTAMP)
		out->stop_ns = stop_ns(m, ev, out->start_ns);
}

uint32_t ox_ct_next(const struct ox_ct_mem *m, uint32_t idx)
{
	uint32_t n = m->n_chunks * WORDS, word = idx / 64;
	uint64_t bits;

	if (word >= n)
		return OX_CT_NONE;
	bits = __atomic_load_n(&m->bits[word], __ATOMIC_RELAXED) &
	       ~0ull << (idx & 63);
	while (!bits && ++word < n)
		bits = __atomic_load_n(&m->bits[word], __ATOMIC_RELAXED);
	return bits ? word * 64 + (uint32_t)__builtin_ctzll(bits) : OX_CT_NONE;
}

int ox_ct_find(struct ox_ct_mem *m, const struct ox_ctnl_which *which,
	       struct ox_ctnl_entry *out, uint32_t *idx, uint16_t *gen)
{
	struct ox_ct_tuple t;
	uint8_t dir;
	bool from_b;

	if (ox_ct_tuple_make(&which->tuple, which->zone, &t, &from_b) ||
	    m->ops->find(m, &t, from_b, idx, &dir) ||
	    ox_ct_view(m, *idx, out, gen))
		return -ENOENT;
	return which->has_id && which->id != out->id ? -ENOENT : 0;
}

/* ---- counts ---- */

uint32_t ox_ct_zone_count(const struct ox_ct_mem *m, uint16_t zone)
{
	return OX_CT_ZONE_COUNT(
		__atomic_load_n(&m->zones[zone].word, __ATOMIC_RELAXED));
}

uint32_t ox_ct_count(const struct ox_ct_mem *m)
{
	uint32_t n = 0;

	for (uint32_t zone = 0; zone < OX_CT_ZONES; zone++)
		n += ox_ct_zone_count(m, (uint16_t)zone);
	return n;
}
