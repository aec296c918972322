/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_nat_make.h - packets and actions for the tests of NAT: ends are the last
 * byte of an address and a port; all checksums are right.
 */
#ifndef OVSXDP_TESTS_CT_NAT_MAKE_H
#define OVSXDP_TESTS_CT_NAT_MAKE_H

#include "tests/lib/test.h"

#include <errno.h>
#include <string.h>

#include "bpf/core/ct_key.h"
#include "tests/unit/ct_make.h"
#include "tests/unit/ct_sum.h"

#define ZONE 9
#define MAX  1024

static struct ox_ct_host_mem *m;
static struct ct_frame f;
static struct ox_host_pkt pkt;

static inline int setup(void **state)
{
	(void)state;
	m = ox_ct_host_open(MAX, CT_HZ);
	assert_non_null(m);
	m->now = 1000;
	f = (struct ct_frame){ .proto = IPPROTO_UDP };
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	ox_ct_host_close(m);
	return 0;
}

/* ---- packets ---- */

/* An end: the last byte of its address, and a port. */
struct end {
	uint8_t host;
	uint16_t port;
};

static inline uint8_t *at_addr(int dst)
{
	return f.b + 14 + (f.v6 ? (dst ? 24 : 8) : (dst ? 16 : 12));
}

static inline void put_host(uint8_t *addr, uint8_t host)
{
	memset(addr, 0, f.v6 ? 16 : 4);
	addr[0] = f.v6 ? 0xfd : 10;
	addr[f.v6 ? 15 : 3] = host;
}

static inline uint8_t *l4_of(void)
{
	return f.b + 14 + (f.v6 ? 40 : 20);
}

static inline void receive(void)
{
	pkt = (struct ox_host_pkt){ .data = f.b, .len = f.len };
	assert_int_equal(ox_host_extract(f.b, f.len, 0, &pkt.key), 0);
}

/* A packet with right checksums; of ICMP, port is the id, and b answers. */
static inline void packet(struct end from, struct end to)
{
	uint8_t *l4 = ct_put_ip(&f, 0, f.proto == IPPROTO_TCP ? 24 : 16);

	put_host(at_addr(0), from.host);
	put_host(at_addr(1), to.host);
	ct_put16(l4, from.port);
	ct_put16(l4 + 2, to.port);
	if (f.proto == IPPROTO_TCP) {
		l4[12] = 0x50;
		l4[13] = ACK;
		ct_put16(l4 + 14, 1000);
	} else if (f.proto == IPPROTO_SCTP) {
		ct_put32(l4 + 4, 77);
		ct_put32(l4 + 12, 0x04000004); /* HEARTBEAT */
	} else if (f.proto == IPPROTO_ICMP || f.proto == IPPROTO_ICMPV6) {
		l4[0] = from.port ? (f.v6 ? 128 : 8) : (f.v6 ? 129 : 0);
		ct_put16(l4 + 2, 0);
		l4[1] = 0;
		ct_put16(l4 + 4, from.port + to.port);
	} else {
		ct_put16(l4 + 4, f.proto == IPPROTO_UDP ? 16 : 0);
	}
	l4[15] = 0x5a;
	ct_sum_fill(f.b, f.len);
	receive();
}

/* The packet's ends are these, in frame and key, and its checksums right. */
static inline void assert_ends(struct end from, struct end to)
{
	uint8_t addr[2][16] = { { 0 } };
	const uint8_t *l4 = l4_of();
	int n = f.v6 ? 16 : 4;

	put_host(addr[0], from.host);
	put_host(addr[1], to.host);
	assert_memory_equal(at_addr(0), addr[0], n);
	assert_memory_equal(at_addr(1), addr[1], n);
	assert_int_equal(ct_sum_wrong(f.b, f.len), 0);
	if (f.v6) {
		assert_memory_equal(&pkt.key.net[0], addr[0], n);
		assert_memory_equal(&pkt.key.net[2], addr[1], n);
	} else {
		assert_memory_equal(&pkt.key.ipv4.src, addr[0], n);
		assert_memory_equal(&pkt.key.ipv4.dst, addr[1], n);
	}
	if (f.proto == IPPROTO_ICMP || f.proto == IPPROTO_ICMPV6) {
		assert_int_equal(l4[4] << 8 | l4[5], from.port + to.port);
		return;
	}
	if (f.proto == IPPROTO_GRE || f.proto == 99)
		return;
	assert_int_equal(l4[0] << 8 | l4[1], from.port);
	assert_int_equal(l4[2] << 8 | l4[3], to.port);
	if (f.proto == IPPROTO_TCP || f.proto == IPPROTO_UDP ||
	    f.proto == IPPROTO_SCTP) {
		assert_int_equal(pkt.key.tp_src, htons(from.port));
		assert_int_equal(pkt.key.tp_dst, htons(to.port));
	}
}

static inline uint16_t src_port(void)
{
	const uint8_t *l4 = l4_of();

	return l4[0] << 8 | l4[1];
}

static inline uint8_t src_host(void)
{
	return at_addr(0)[f.v6 ? 15 : 3];
}

/* ---- actions ---- */

/* ct(commit, nat(src or dst = lo-hi:lo-hi)); ports of 0: none. */
static inline struct ox_ct_act nat(int dst, uint8_t lo, uint8_t hi,
				   uint16_t plo, uint16_t phi)
{
	struct ox_ct_act a = { .zone = ZONE,
			       .flags = OX_CT_F_COMMIT | OX_CT_F_NAT };

	a.flags |= dst ? OX_CT_F_DNAT : OX_CT_F_SNAT;
	if (lo) {
		a.flags |= OX_CT_F_NAT_ADDR;
		put_host((uint8_t *)a.nat_min, lo);
		put_host((uint8_t *)a.nat_max, hi);
	}
	if (plo) {
		a.flags |= OX_CT_F_NAT_PORT;
		a.port_min = htons(plo);
		a.port_max = htons(phi);
	}
	return a;
}

static const struct ox_ct_act plain = { .zone = ZONE, .flags = OX_CT_F_NAT };
static const struct ox_ct_act look = { .zone = ZONE };

static inline int ct(const struct ox_ct_act *a)
{
	return ox_ct_host_execute(m, &pkt, a);
}

static inline void assert_state(uint8_t state)
{
	assert_int_equal(pkt.key.ct_state, state | OX_CS_TRACKED);
}

#define NEW   OX_CS_NEW
#define EST   OX_CS_ESTABLISHED
#define REL   OX_CS_RELATED
#define REPLY (OX_CS_ESTABLISHED | OX_CS_REPLY)
#define SNAT  OX_CS_SRC_NAT
#define DNAT  OX_CS_DST_NAT

static inline uint32_t n_claimed(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < MAX / 64; i++)
		n += __builtin_popcountll(m->bits[i]);
	return n;
}

/* Refs in all buckets. */
static inline uint32_t n_refs(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->conf->n_buckets; i++)
		for (int w = 0; w < OX_CT_WAYS; w++)
			n += m->bkts[i].ref[w] != 0;
	return n;
}

static inline void assert_table(uint32_t entries, uint32_t refs)
{
	assert_int_equal(n_claimed(), entries);
	assert_int_equal(ox_ct_host_count(m, ZONE), entries);
	assert_int_equal(n_refs(), refs);
}

static inline const struct ox_ct *entry(uint32_t i)
{
	assert_int_equal(m->ents[i].life, OX_CT_LIVE);
	return &m->ents[i];
}

/* ---- protocols ---- */

static const uint8_t protos[] = { IPPROTO_UDP,	IPPROTO_TCP, IPPROTO_SCTP,
				  IPPROTO_DCCP, IPPROTO_GRE, IPPROTO_UDPLITE,
				  IPPROTO_ICMP, 99 };

static inline int next_kind(uint32_t i)
{
	f.v6 = i & 1;
	f.proto = protos[i / 2];
	if (f.v6 && f.proto == IPPROTO_ICMP)
		f.proto = IPPROTO_ICMPV6;
	ox_ct_host_close(m);
	m = ox_ct_host_open(MAX, CT_HZ);
	m->now = 1000;
	return f.proto != IPPROTO_DCCP; /* needs a handshake */
}

static inline int has_ports(void)
{
	return f.proto != IPPROTO_GRE && f.proto != 99;
}

static inline int is_icmp(void)
{
	return f.proto == IPPROTO_ICMP || f.proto == IPPROTO_ICMPV6;
}

/* The one that answers has port 0 where a port is ICMP's id. */
static inline struct end server(uint8_t host)
{
	return (struct end){ host, is_icmp() || !has_ports() ? 0 : 80 };
}

static inline struct end client(uint8_t host)
{
	return (struct end){ host, has_ports() ? 4000 : 0 };
}

#endif /* OVSXDP_TESTS_CT_NAT_MAKE_H */
