// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_nat.c - NAT by hand: which ends a connection gets, what becomes of
 * its packets and their checksums in both directions, and of the table when
 * bindings meet each other. test_ct_nat_oracle.c compares with the kernel.
 */
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

static int setup(void **state)
{
	(void)state;
	m = ox_ct_host_open(MAX, CT_HZ);
	assert_non_null(m);
	m->now = 1000;
	f = (struct ct_frame){ .proto = IPPROTO_UDP };
	return 0;
}

static int teardown(void **state)
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

static uint8_t *at_addr(int dst)
{
	return f.b + 14 + (f.v6 ? (dst ? 24 : 8) : (dst ? 16 : 12));
}

static void put_host(uint8_t *addr, uint8_t host)
{
	memset(addr, 0, f.v6 ? 16 : 4);
	addr[0] = f.v6 ? 0xfd : 10;
	addr[f.v6 ? 15 : 3] = host;
}

static uint8_t *l4_of(void)
{
	return f.b + 14 + (f.v6 ? 40 : 20);
}

static void receive(void)
{
	pkt = (struct ox_host_pkt){ .data = f.b, .len = f.len };
	assert_int_equal(ox_host_extract(f.b, f.len, 0, &pkt.key), 0);
}

/* A packet with right checksums; of ICMP, port is the id, and b answers. */
static void packet(struct end from, struct end to)
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
static void assert_ends(struct end from, struct end to)
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

static uint16_t src_port(void)
{
	const uint8_t *l4 = l4_of();

	return l4[0] << 8 | l4[1];
}

static uint8_t src_host(void)
{
	return at_addr(0)[f.v6 ? 15 : 3];
}

/* ---- actions ---- */

/* ct(commit, nat(src or dst = lo-hi:lo-hi)); ports of 0: none. */
static struct ox_ct_act nat(int dst, uint8_t lo, uint8_t hi, uint16_t plo,
			    uint16_t phi)
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

static int ct(const struct ox_ct_act *a)
{
	return ox_ct_host_execute(m, &pkt, a);
}

static void assert_state(uint8_t state)
{
	assert_int_equal(pkt.key.ct_state, state | OX_CS_TRACKED);
}

#define NEW   OX_CS_NEW
#define EST   OX_CS_ESTABLISHED
#define REL   OX_CS_RELATED
#define REPLY (OX_CS_ESTABLISHED | OX_CS_REPLY)
#define SNAT  OX_CS_SRC_NAT
#define DNAT  OX_CS_DST_NAT

static uint32_t n_claimed(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < MAX / 64; i++)
		n += __builtin_popcountll(m->bits[i]);
	return n;
}

/* Refs in all buckets. */
static uint32_t n_refs(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->conf->n_buckets; i++)
		for (int w = 0; w < OX_CT_WAYS; w++)
			n += m->bkts[i].ref[w] != 0;
	return n;
}

static void assert_table(uint32_t entries, uint32_t refs)
{
	assert_int_equal(n_claimed(), entries);
	assert_int_equal(ox_ct_host_count(m, ZONE), entries);
	assert_int_equal(n_refs(), refs);
}

static const struct ox_ct *entry(uint32_t i)
{
	assert_int_equal(m->ents[i].life, OX_CT_LIVE);
	return &m->ents[i];
}

/* ---- both directions ---- */

static const uint8_t protos[] = { IPPROTO_UDP,	IPPROTO_TCP, IPPROTO_SCTP,
				  IPPROTO_DCCP, IPPROTO_GRE, IPPROTO_UDPLITE,
				  IPPROTO_ICMP, 99 };

static int next_kind(uint32_t i)
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

static int has_ports(void)
{
	return f.proto != IPPROTO_GRE && f.proto != 99;
}

static int is_icmp(void)
{
	return f.proto == IPPROTO_ICMP || f.proto == IPPROTO_ICMPV6;
}

/* The one that answers has port 0 where a port is ICMP's id. */
static struct end server(uint8_t host)
{
	return (struct end){ host, is_icmp() || !has_ports() ? 0 : 80 };
}

static struct end client(uint8_t host)
{
	return (struct end){ host, has_ports() ? 4000 : 0 };
}

/* Its source is another one for all that the other end sees. */
static void snat(uint8_t inside, uint8_t outside, uint8_t far)
{
	struct ox_ct_act a = nat(0, outside, outside, 0, 0);
	struct end in = client(inside), out = client(outside);
	struct end to = server(far);
	uint64_t before[2];

	packet(in, to);
	before[0] = f.v6 ? pkt.key.net[0] : pkt.key.ipv4.src;
	before[1] = f.v6 ? pkt.key.net[2] : pkt.key.ipv4.dst;
	assert_int_equal(ct(&a), 0);
	assert_state(NEW | SNAT);
	assert_ends(out, to);
	/* the tuple is that of who began */
	assert_int_equal(pkt.key.ct_orig_src[0], before[0]);
	assert_int_equal(pkt.key.ct_orig_dst[0], before[1]);
	assert_table(1, 2);
	assert_int_equal(entry(0)->status & (OX_IPS_SRC_NAT | OX_IPS_DST_NAT |
					     OX_IPS_SRC_NAT_DONE),
			 OX_IPS_SRC_NAT | OX_IPS_SRC_NAT_DONE);
	packet(to, out);
	assert_int_equal(ct(&plain), 0);
	assert_state(REPLY | DNAT);
	assert_ends(to, in);
	packet(in, to);
	assert_int_equal(ct(&plain), 0);
	assert_state(EST | SNAT);
	assert_ends(out, to);
	/* without nat nothing is translated */
	packet(to, out);
	assert_int_equal(ct(&look), 0);
	assert_state(REPLY);
	assert_ends(to, out);
	/* nobody has these ends: each tuple is for one direction */
	packet(to, in);
	assert_int_equal(ct(&look), 0);
	assert_true(pkt.key.ct_state & (OX_CS_NEW | OX_CS_INVALID));
	packet(out, to);
	assert_int_equal(ct(&look), 0);
	assert_state(NEW);
}

static void source(void **state)
{
	static const uint8_t ends[][3] = { { 1, 2, 3 }, { 2, 1, 3 },
					   { 3, 2, 1 }, { 2, 3, 1 },
					   { 1, 3, 2 }, { 3, 1, 2 } };

	(void)state;
	for (uint32_t e = 0; e < 6; e++)
		for (uint32_t i = 0; i < 2 * sizeof(protos); i++)
			if (next_kind(i))
				snat(ends[e][0], ends[e][1], ends[e][2]);
}

/* Its destination is another one than the first packet's. */
static void destination(void **state)
{
	struct end in, virt, to;
	struct ox_ct_act a;

	(void)state;
	for (uint32_t i = 0; i < 2 * sizeof(protos); i++) {
		if (!next_kind(i))
			continue;
		in = client(1);
		virt = server(7);
		to = server(2);
		a = nat(1, 2, 2, 0, 0);
		if (has_ports() && !is_icmp()) {
			a = nat(1, 2, 2, 8080, 8080);
			to.port = 8080;
		}
		packet(in, virt);
		assert_int_equal(ct(&a), 0);
		assert_state(NEW | DNAT | SNAT);
		assert_ends(in, to);
		packet(to, in);
		assert_int_equal(ct(&plain), 0);
		assert_state(REPLY | SNAT);
		assert_ends(virt, in);
		packet(in, virt);
		assert_int_equal(ct(&plain), 0);
		assert_state(EST | DNAT | SNAT);
		assert_ends(in, to);
		assert_table(1, 2);
	}
}

/* Once a packet and zone; what is translated is found by its other end. */
static void once(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0), mark = look;
	struct end in = { 1, 1000 }, out = { 2, 1000 }, to = { 3, 80 };

	(void)state;
	mark.flags = OX_CT_F_COMMIT | OX_CT_F_NAT;
	mark.mark = 5;
	mark.mark_mask = 0xff;
	packet(in, to);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(ct(&plain), 0);
	assert_state(NEW | SNAT);
	assert_int_equal(ct(&mark), 0);
	assert_ends(out, to);
	assert_int_equal(pkt.key.ct_mark, 5);
	assert_int_equal(entry(0)->mark, 5);
	assert_table(1, 2);
	packet(to, out);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(ct(&look), 0);
	assert_state(REPLY | DNAT);
	assert_int_equal(pkt.key.ct_mark, 5);
	/* the other direction is forced: the connection goes */
	mark.flags = OX_CT_F_COMMIT | OX_CT_F_FORCE;
	assert_int_equal(ct(&mark), 0);
	assert_state(NEW);
	assert_table(1, 1);
}

/* Another zone knows the translated packet only. */
static void zones(void **state)
{
	struct ox_ct_act a = nat(1, 2, 2, 0, 0), b = nat(0, 9, 9, 0, 0);
	struct end in = { 1, 1000 }, virt = { 7, 80 }, to = { 2, 80 };

	(void)state;
	b.zone = ZONE + 1;
	packet(in, virt);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(ct(&b), 0);
	assert_state(NEW | SNAT);
	assert_ends((struct end){ 9, 1000 }, to);
	packet(to, (struct end){ 9, 1000 });
	b.flags = OX_CT_F_NAT;
	assert_int_equal(ct(&b), 0);
	assert_state(REPLY | DNAT);
	assert_int_equal(ct(&plain), 0);
	assert_state(REPLY | SNAT);
	assert_ends(virt, in);
}

/* ---- which ports ---- */

/* Ten ports serve ten connections to one place, and no more. */
static void exhausted(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 5000, 5009);
	uint32_t seen = 0;
	int err;

	(void)state;
	for (f.v6 = 0; f.v6 < 2; f.v6++) {
		next_kind(f.v6);
		a = nat(0, 2, 2, 5000, 5009);
		for (uint32_t i = 0; i < 14; i++) {
			packet((struct end){ 1, 1000 + i },
			       (struct end){ 3, 80 });
			err = ct(&a);
			assert_int_equal(err, i < 10 ? 0 : -EINVAL);
			if (!err) {
				assert_in_range(src_port(), 5000, 5009);
				seen |= 1u << (src_port() - 5000);
			}
		}
		assert_int_equal(seen, 0x3ff);
		assert_int_equal(m->stats.n[OX_CT_S_INSERT_FAILED], 4);
		assert_table(10, 20);
		/* to another place they are free */
		packet((struct end){ 1, 1010 }, (struct end){ 4, 80 });
		assert_int_equal(ct(&a), 0);
		/* and here, when their time has come */
		m->now += 31 * CT_HZ;
		packet((struct end){ 1, 1011 }, (struct end){ 3, 80 });
		assert_int_equal(ct(&a), 0);
	}
}

/* 128 tries, then half of it, and so on: a nearly full range of many ports may
 * fail, but no used port is ever taken. */
static void nearly_full(void **state)
{
	static uint8_t used[65536];
	struct ox_ct_act a = nat(0, 2, 2, 2000, 2899);
	uint32_t n = 0, failed = 0;

	(void)state;
	memset(used, 0, sizeof(used));
	for (uint32_t i = 0; i < 900; i++) {
		packet((struct end){ 1, 10000 + i }, (struct end){ 3, 80 });
		if (ct(&a)) {
			failed++;
			continue;
		}
		assert_int_equal(used[src_port()]++, 0);
		n++;
	}
	assert_int_equal(n + failed, 900);
	assert_true(n > 800);
	assert_table(n, 2 * n);
}

/* A single port isn't sought: the second connection fails. */
static void one_port(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 5000, 5000);

	(void)state;
	packet((struct end){ 1, 5000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	packet((struct end){ 4, 1001 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), -EINVAL);
	assert_table(1, 2);
}

/* A free port stays; one that isn't free gives way to one of its kind. */
static void port_kinds(void **state)
{
	static const uint16_t kinds[][3] = { { 300, 1, 511 },
					     { 700, 600, 1023 },
					     { 512, 600, 1023 },
					     { 1024, 1024, 65535 },
					     { 60000, 1024, 65535 } };
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		uint16_t port = kinds[i][0];

		packet((struct end){ 1, port }, (struct end){ 3, 80 });
		assert_int_equal(ct(&a), 0);
		assert_ends((struct end){ 2, port }, (struct end){ 3, 80 });
		for (uint32_t j = 0; j < 8; j++) {
			packet((struct end){ 10 + j, port },
			       (struct end){ 3, 80 });
			assert_int_equal(ct(&a), 0);
			assert_int_not_equal(src_port(), port);
			assert_in_range(src_port(), kinds[i][1], kinds[i][2]);
			assert_int_equal(ct_sum_wrong(f.b, f.len), 0);
		}
	}
}

/* A port in the range stays, a reversed range is one, too. */
static void port_in_range(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 5000, 5999);

	(void)state;
	packet((struct end){ 1, 5000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_equal(src_port(), 5000);
	packet((struct end){ 1, 5999 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_equal(src_port(), 5999);
	packet((struct end){ 1, 6000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_in_range(src_port(), 5001, 5998);
	a = nat(0, 2, 2, 7003, 7000);
	for (uint32_t i = 0; i < 4; i++) {
		packet((struct end){ 1, 100 + i }, (struct end){ 4, 80 });
		assert_int_equal(ct(&a), 0);
		assert_in_range(src_port(), 7000, 7003);
	}
	packet((struct end){ 1, 104 }, (struct end){ 4, 80 });
	assert_int_equal(ct(&a), -EINVAL);
	/* ports without an address are none */
	a = nat(0, 0, 0, 7000, 7001);
	packet((struct end){ 1, 105 }, (struct end){ 4, 80 });
	assert_int_equal(ct(&a), 0);
	assert_ends((struct end){ 1, 105 }, (struct end){ 4, 80 });
}

/* random and hash: any port, though its own is free. */
static void any_port(void **state)
{
	static const uint16_t flags[] = { OX_CT_F_RANDOM, OX_CT_F_HASH };
	struct ox_ct_act a;
	uint32_t kept = 0;

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		a = nat(0, 2, 2, i & 2 ? 1024 : 0, 65535);
		a.flags |= flags[i & 1];
		packet((struct end){ 1, 2000 + i }, (struct end){ 3, 80 });
		assert_int_equal(ct(&a), 0);
		assert_in_range(src_port(), 1024, 65535);
		kept += src_port() == 2000 + i;
	}
	assert_true(kept < 3);
}

/* The id of ICMP is its port: any one where it isn't free, or in its range. */
static void ids(void **state)
{
	struct ox_ct_act a;
	const uint8_t *l4;

	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		next_kind(12 + v6);
		a = nat(0, 2, 2, 0, 0);
		packet((struct end){ 1, 77 }, server(3));
		assert_int_equal(ct(&a), 0);
		assert_ends((struct end){ 2, 77 }, server(3));
		packet((struct end){ 4, 77 }, server(3));
		assert_int_equal(ct(&a), 0);
		l4 = l4_of();
		assert_int_not_equal(l4[4] << 8 | l4[5], 77);
		assert_int_equal(ct_sum_wrong(f.b, f.len), 0);
		a = nat(0, 2, 2, 500, 501);
		for (int i = 0; i < 3; i++) {
			packet((struct end){ 5 + i, 500 }, server(3));
			assert_int_equal(ct(&a), i < 2 ? 0 : -EINVAL);
			if (i < 2)
				assert_in_range(l4[4] << 8 | l4[5], 500, 501);
		}
	}
}

/* ---- which addresses ---- */

/* All of a range are used; with "persistent" one source has one of them. */
static void addresses(void **state)
{
	struct ox_ct_act a;
	uint32_t seen, kept;

	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		next_kind(v6);
		a = nat(0, 100, 107, 0, 0);
		seen = 0;
		for (uint32_t i = 0; i < 90; i++) {
			packet((struct end){ 1, 1000 + i },
			       (struct end){ 3 + i, 80 });
			assert_int_equal(ct(&a), 0);
			assert_in_range(src_host(), 100, 107);
			assert_int_equal(src_port(), 1000 + i);
			seen |= 1u << (src_host() - 100);
		}
		assert_int_equal(seen, 0xff);
		a.flags |= OX_CT_F_PERSISTENT;
		kept = 0;
		for (uint32_t i = 0; i < 90; i++) {
			packet((struct end){ 2, 1000 + i },
			       (struct end){ 3 + i, 80 });
			assert_int_equal(ct(&a), 0);
			if (!i)
				kept = src_host();
			assert_int_equal(src_host(), kept);
		}
	}
}

/* A source that is in the range stays what it is. */
static void already_there(void **state)
{
	struct ox_ct_act a = nat(0, 100, 107, 0, 0);

	(void)state;
	packet((struct end){ 103, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_ends((struct end){ 103, 1000 }, (struct end){ 3, 80 });
	assert_state(NEW | SNAT);
	assert_int_equal(entry(0)->status & OX_IPS_NAT, 0);
	assert_table(1, 1);
	packet((struct end){ 3, 80 }, (struct end){ 103, 1000 });
	assert_int_equal(ct(&plain), 0);
	assert_state(REPLY);
	/* nor does one that talks to itself change */
	packet((struct end){ 103, 1000 }, (struct end){ 103, 1000 });
	assert_int_equal(ct(&a), 0);
	assert_ends((struct end){ 103, 1000 }, (struct end){ 103, 1000 });
	assert_int_equal(entry(1)->status & OX_IPS_NAT, 0);
	assert_table(2, 2);
}

/* A source keeps its mapping, to whomever it speaks, while one of its
 * connections lives. */
static void mapping(void **state)
{
	struct ox_ct_act a = nat(0, 100, 107, 20000, 29999);
	uint16_t port;
	uint8_t host;

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	port = src_port();
	host = src_host();
	for (uint32_t i = 0; i < 20; i++) {
		packet((struct end){ 1, 1000 }, (struct end){ 4 + i, 80 });
		assert_int_equal(ct(&a), 0);
		assert_int_equal(src_port(), port);
		assert_int_equal(src_host(), host);
	}
	/* not that of another port, nor another range */
	packet((struct end){ 1, 1001 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_not_equal(src_port(), port);
	a = nat(0, 110, 110, 0, 0);
	packet((struct end){ 1, 1000 }, (struct end){ 40, 80 });
	assert_int_equal(ct(&a), 0);
	assert_ends((struct end){ 110, 1000 }, (struct end){ 40, 80 });
	/* nor of the dead */
	a = nat(0, 110, 110, 20000, 29999);
	m->now += 31 * CT_HZ;
	packet((struct end){ 1, 1000 }, (struct end){ 41, 80 });
	assert_int_equal(ct(&a), 0);
	port = src_port();
	m->now += 31 * CT_HZ;
	packet((struct end){ 1, 1000 }, (struct end){ 42, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_not_equal(src_port(), port);
}

/* ---- the null binding, and both ends at once ---- */

static void null_binding(void **state)
{
	struct ox_ct_act a = nat(0, 0, 0, 0, 0), b = nat(0, 1, 1, 0, 0);

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_state(NEW | SNAT);
	assert_ends((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(entry(0)->status & (OX_IPS_NAT | OX_IPS_SRC_NAT_DONE),
			 OX_IPS_SRC_NAT_DONE);
	assert_int_equal(entry(0)->nat, 0);
	assert_table(1, 1);
	/* its answers are somebody else's: the port gives way */
	packet((struct end){ 2, 1001 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&b), 0);
	assert_ends((struct end){ 1, 1001 }, (struct end){ 3, 80 });
	packet((struct end){ 1, 1001 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_not_equal(src_port(), 1001);
	assert_int_equal(entry(2)->status & OX_IPS_NAT, OX_IPS_SRC_NAT);
	/* without a type it is none: this one clashes */
	packet((struct end){ 2, 1002 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&b), 0);
	packet((struct end){ 1, 1002 }, (struct end){ 3, 80 });
	a.flags = OX_CT_F_COMMIT | OX_CT_F_NAT;
	assert_int_equal(ct(&a), -EINVAL);
}

/* Plain nat on a new connection is nothing. */
static void plain_new(void **state)
{
	struct ox_ct_act a = plain;

	(void)state;
	a.flags |= OX_CT_F_COMMIT;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&plain), 0);
	assert_state(NEW);
	assert_int_equal(ct(&a), 0);
	assert_state(NEW);
	assert_int_equal(entry(0)->status, OX_IPS_CONFIRMED);
}

/* One source port to two virtual ends of one server: the second connection has
 * another source port, too, and both ends are translated back. */
static void both_ends(void **state)
{
	struct ox_ct_act a;
	uint16_t port;

	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		next_kind(v6);
		a = nat(1, 2, 2, 8080, 8080);
		packet((struct end){ 1, 1000 }, (struct end){ 7, 80 });
		assert_int_equal(ct(&a), 0);
		assert_ends((struct end){ 1, 1000 }, (struct end){ 2, 8080 });
		packet((struct end){ 1, 1000 }, (struct end){ 8, 80 });
		assert_int_equal(ct(&a), 0);
		assert_state(NEW | SNAT | DNAT);
		port = src_port();
		assert_int_not_equal(port, 1000);
		assert_ends((struct end){ 1, port }, (struct end){ 2, 8080 });
		assert_int_equal(entry(1)->status & OX_IPS_NAT, OX_IPS_NAT);
		packet((struct end){ 2, 8080 }, (struct end){ 1, port });
		assert_int_equal(ct(&plain), 0);
		assert_state(REPLY | SNAT | DNAT);
		assert_ends((struct end){ 8, 80 }, (struct end){ 1, 1000 });
		packet((struct end){ 1, 1000 }, (struct end){ 8, 80 });
		assert_int_equal(ct(&plain), 0);
		assert_state(EST | SNAT | DNAT);
		assert_ends((struct end){ 1, port }, (struct end){ 2, 8080 });
		assert_table(2, 4);
	}
}

/* Before an answer a packet is new: it is translated if the action has a type,
 * by the side that it names. */
static void before_answer(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0), d = nat(1, 5, 5, 0, 0);

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&plain), 0);
	assert_state(NEW);
	assert_ends((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_ends((struct end){ 2, 1000 }, (struct end){ 3, 80 });
	/* a binding that is there isn't made again */
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&d), 0);
	assert_state(NEW | DNAT);
	assert_ends((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_table(1, 2);
}

/* ---- the table ---- */

/* However it ends, both of its refs go. */
static void refs_go(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);
	struct ox_ct_pkt p;

	(void)state;
	for (int way = 0; way < 3; way++) {
		for (uint32_t i = 0; i < 100; i++) {
			packet((struct end){ 1, 1000 + i },
			       (struct end){ 3, 80 });
			assert_int_equal(ct(&a), 0);
		}
		assert_table(100, 200);
		if (way == 1)
			assert_int_equal(ox_ct_host_flush(m, ZONE), 100);
		else if (way == 2)
			m->now += 31 * CT_HZ;
		packet((struct end){ 3, 80 }, (struct end){ 2, 1000 });
		assert_int_equal(ox_ct_host_parse(&pkt, ZONE, &p), 0);
		assert_int_equal(!ox_ct_host_find(m, &p), way != 0);
		for (uint32_t i = 0; !way && i < 100; i++)
			assert_int_equal(ox_ct_host_kill(m, entry(i)), 0);
		assert_int_equal(ox_ct_host_sweep(m), way ? 100 : 0);
		assert_table(0, 0);
	}
}

/* The dead and the flushed give their ends to whom wants them. */
static void takes_of_dead(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 5000, 5003);

	(void)state;
	for (int way = 0; way < 3; way++) {
		for (uint32_t i = 0; i < 4; i++) {
			packet((struct end){ 10 + way, 1000 + i },
			       (struct end){ 3, 80 });
			assert_int_equal(ct(&a), 0);
		}
		assert_int_equal(ox_ct_host_count(m, ZONE), 4);
		if (way)
			m->now += 31 * CT_HZ;
		else
			ox_ct_host_flush(m, ZONE);
	}
	ox_ct_host_sweep(m);
	assert_table(0, 0);
}

/* A full table gives up connections with NAT as others, by either ref. */
static void early_drop(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);
	uint32_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < MAX + 200; i++) {
		packet((struct end){ 1, 1000 + i }, (struct end){ 3, 80 });
		n += !ct(&a);
	}
	assert_true(n > MAX + 150);
	assert_int_equal(n, MAX + m->stats.n[OX_CT_S_EARLY_DROP]);
	assert_table(MAX, 2 * MAX);
	m->now += 31 * CT_HZ;
	assert_int_equal(ox_ct_host_sweep(m), MAX);
	assert_table(0, 0);
}

/* Its buckets overflow, for either tuple. */
static void overflow(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);

	(void)state;
	m->conf->n_buckets = 128;
	for (uint32_t i = 0; i < 300; i++) {
		packet((struct end){ 1, 1000 + i }, (struct end){ 3, 80 });
		assert_int_equal(ct(&a), 0);
	}
	for (uint32_t i = 0; i < 300; i++) {
		packet((struct end){ 3, 80 }, (struct end){ 2, 1000 + i });
		assert_int_equal(ct(&plain), 0);
		assert_ends((struct end){ 3, 80 }, (struct end){ 1, 1000 + i });
	}
	m->now += 300 * CT_HZ;
	assert_int_equal(ox_ct_host_sweep(m), 300);
	assert_table(0, 0);
	for (uint32_t i = 0; i < 128; i++)
		assert_int_equal(m->bkts[i].over, 0);
}

/* A packet is bound, and another CPU commits before it does: "other" by what it
 * has in common with it. */
static void race(struct ox_ct_run *r, const struct ox_ct_act *a,
		 struct end from, struct end to, struct end other)
{
	struct ox_ct_act b = nat(0, 2, 2, 0, 0);

	packet(from, to);
	memset(r, 0, sizeof(*r));
	r->now = m->now;
	assert_int_equal(ox_ct_host_parse(&pkt, ZONE, &r->p), 0);
	ox_ct_host = m;
	assert_int_equal(ox_ct_in(r), 0);
	assert_true(r->made);
	ct_nat_setup(r, a);
	packet(other, to);
	assert_int_equal(ct(&b), 0);
}

static void clash(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);
	struct end from = { 1, 1000 }, to = { 3, 80 };
	struct ox_ct_run r;

	(void)state;
	/* another source has got its ends */
	race(&r, &a, from, to, (struct end){ 4, 1000 });
	assert_int_equal(ox_ct_commit(&r), OX_CT_CLASHED);
	assert_int_equal(m->stats.n[OX_CT_S_INSERT_FAILED], 1);
	assert_table(1, 2);
	/* its own flow has other ones: of UDP it takes that */
	a = nat(0, 5, 5, 0, 0);
	race(&r, &a, (struct end){ 1, 1001 }, to, (struct end){ 1, 1001 });
	assert_int_equal(ox_ct_commit(&r), OX_CT_COMMITTED);
	assert_int_equal(m->stats.n[OX_CT_S_CLASH], 1);
	assert_int_equal(r.idx, 1);
	assert_table(2, 4);
	/* and TCP is dropped, and leaves nothing */
	f.proto = IPPROTO_TCP;
	race(&r, &a, from, to, from);
	assert_int_equal(ox_ct_commit(&r), OX_CT_CLASHED);
	assert_table(3, 6);
}

/* Half of a commit: the answers' tuple is in, and its entry not yet alive. It
 * isn't found, and no one else gets it. */
static void half_made(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0), one = nat(0, 2, 2, 1000, 1000);
	struct ox_ct_pkt p;

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	m->ents[0].life = OX_CT_NEW;
	packet((struct end){ 3, 80 }, (struct end){ 2, 1000 });
	assert_int_equal(ox_ct_host_parse(&pkt, ZONE, &p), 0);
	assert_null(ox_ct_host_find(m, &p));
	packet((struct end){ 4, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&one), -EINVAL);
	packet((struct end){ 4, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_not_equal(src_port(), 1000);
	m->ents[0].life = OX_CT_LIVE;
	assert_table(2, 4);
}

/* ---- ICMP errors ---- */

#define UNREACHABLE 3
#define REDIRECT    5

/* An error from a router to the source of the packet in f, of which it has
 * "keep" bytes from the transport header on. */
static void error(uint8_t router, uint8_t type, uint32_t keep)
{
	uint32_t hdr = f.v6 ? 40 : 20, inner = hdr + keep;
	uint8_t was[128], proto = f.proto, *l4;

	memcpy(was, f.b + 14, inner);
	f.proto = f.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	l4 = ct_put_ip(&f, 0, 8 + inner);
	put_host(at_addr(0), router);
	memcpy(at_addr(1), was + (f.v6 ? 8 : 12), f.v6 ? 16 : 4);
	l4[0] = f.v6 ? 1 : type;
	memcpy(l4 + 8, was, inner);
	ct_sum_fill_icmp(f.b, f.len);
	receive();
	f.proto = proto;
}

/* The error in f goes to "to", from "from", about a packet of these ends. */
static void assert_error(uint8_t from, uint8_t to, struct end in_from,
			 struct end in_to)
{
	const uint8_t *in = l4_of() + 8, *l4 = in + (f.v6 ? 40 : 20);
	uint8_t addr[16];
	int n = f.v6 ? 16 : 4;

	put_host(addr, from);
	assert_memory_equal(at_addr(0), addr, n);
	put_host(addr, to);
	assert_memory_equal(at_addr(1), addr, n);
	put_host(addr, in_from.host);
	assert_memory_equal(in + (f.v6 ? 8 : 12), addr, n);
	put_host(addr, in_to.host);
	assert_memory_equal(in + (f.v6 ? 24 : 16), addr, n);
	if (is_icmp()) {
		assert_int_equal(l4[4] << 8 | l4[5], in_from.port + in_to.port);
	} else if (has_ports()) {
		assert_int_equal(l4[0] << 8 | l4[1], in_from.port);
		assert_int_equal(l4[2] << 8 | l4[3], in_to.port);
	}
	assert_int_equal(ct_sum_wrong_icmp(f.b, f.len), 0);
}

/* A router on the far side tells the source; who is behind it hears of it. */
static void error_to_source(void **state)
{
	struct ox_ct_act a;
	struct end in, out, to;

	(void)state;
	for (uint32_t i = 0; i < 2 * sizeof(protos); i++) {
		for (uint32_t cut = 0; cut < 2; cut++) {
			if (!next_kind(i))
				continue;
			in = client(1);
			out = client(2);
			to = server(3);
			a = nat(0, 2, 2, 0, 0);
			packet(in, to);
			assert_int_equal(ct(&a), 0);
			assert_ends(out, to);
			error(50, UNREACHABLE,
			      cut ? 8 : f.len - 14 - (f.v6 ? 40 : 20));
			assert_int_equal(ct(&plain), 0);
			assert_state(REL | OX_CS_REPLY | DNAT);
			assert_error(50, 1, in, to);
			/* a second ct() leaves it so */
			assert_int_equal(ct(&plain), 0);
			assert_state(REL | OX_CS_REPLY | DNAT);
			assert_error(50, 1, in, to);
		}
	}
}

/* The same of a virtual destination: the error comes from that one then. */
static void error_of_virtual(void **state)
{
	struct end in = { 1, 4000 }, virt = { 7, 80 }, to = { 2, 8080 };
	struct ox_ct_act a;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		next_kind(i);
		a = nat(1, 2, 2, 8080, 8080);
		packet(in, virt);
		assert_int_equal(ct(&a), 0);
		assert_ends(in, to);
		error(50, UNREACHABLE, 8);
		assert_int_equal(ct(&plain), 0);
		assert_state(REL | OX_CS_REPLY | SNAT);
		assert_error(7, 1, in, virt);
	}
}

/* About an answer: only a commit translates it, and both ends of both. */
static void error_about_answer(void **state)
{
	struct ox_ct_act a, d;
	struct end to = { 2, 8080 }, back;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		next_kind(i);
		a = nat(1, 2, 2, 8080, 8080);
		packet((struct end){ 1, 1000 }, (struct end){ 7, 80 });
		assert_int_equal(ct(&a), 0);
		packet((struct end){ 1, 1000 }, (struct end){ 8, 80 });
		assert_int_equal(ct(&a), 0);
		back = (struct end){ 1, src_port() };
		packet(to, back);
		assert_int_equal(ct(&plain), 0);
		error(60, UNREACHABLE, 8);
		assert_int_equal(ct(&plain), 0);
		assert_state(REL);
		assert_error(60, 8, (struct end){ 8, 80 },
			     (struct end){ 1, 1000 });
		pkt.key.ct_state = 0;
		d = plain;
		d.flags |= OX_CT_F_COMMIT;
		assert_int_equal(ct(&d), 0);
		assert_state(REL | SNAT | DNAT);
		assert_error(1, 2, to, back);
	}
}

/* One about a packet that is cut in its ports is dropped, as is a redirect. */
static void error_refused(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	error(50, UNREACHABLE, 4);
	assert_int_equal(ct(&plain), -EINVAL);
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	error(50, REDIRECT, 8);
	assert_int_equal(ct(&plain), -EINVAL);
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	error(50, REDIRECT, 8);
	assert_int_equal(ct(&look), 0);
	assert_state(REL | OX_CS_REPLY);
}

/* ---- checksums that aren't ---- */

static void no_checksum(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 5000, 5001);
	uint8_t *l4;

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	l4 = l4_of();
	ct_put16(l4 + 6, 0);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(l4[6] << 8 | l4[7], 0);
	/* nor is a wrong one made right */
	packet((struct end){ 1, 1001 }, (struct end){ 3, 80 });
	l4[15] ^= 1;
	assert_int_equal(ct(&a), 0);
	assert_int_equal(ct_sum_wrong(f.b, f.len), 1);
	l4[15] ^= 1;
	assert_int_equal(ct_sum_wrong(f.b, f.len), 0);
	/* the CRC that a device fills in */
	f.proto = IPPROTO_SCTP;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	ct_put32(l4 + 8, 0);
	assert_int_equal(ct(&a), 0);
	assert_in_range(src_port(), 5000, 5001);
	assert_int_equal(l4[8] | l4[9] | l4[10] | l4[11], 0);
	/* bytes after the packet aren't its own */
	packet((struct end){ 1, 1001 }, (struct end){ 3, 80 });
	f.len += 6;
	pkt.len = f.len;
	assert_int_equal(ct(&a), 0);
	assert_int_equal(ct_sum_wrong(f.b, f.len - 6), 0);
}

static const struct CMUnitTest tests[] = {
	OX_TEST_WITH("unit.ct_nat.source", source, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.destination", destination, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.once", once, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.zones", zones, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.exhausted", exhausted, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.nearly_full", nearly_full, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.one_port", one_port, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.port_kinds", port_kinds, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.port_in_range", port_in_range, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat.any_port", any_port, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.ids", ids, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.addresses", addresses, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.already_there", already_there, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat.mapping", mapping, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.null_binding", null_binding, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.plain_new", plain_new, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.both_ends", both_ends, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.before_answer", before_answer, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat.refs_go", refs_go, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.takes_of_dead", takes_of_dead, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat.early_drop", early_drop, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.overflow", overflow, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.clash", clash, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.half_made", half_made, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.error_to_source", error_to_source, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat.error_of_virtual", error_of_virtual, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat.error_about_answer", error_about_answer,
		     setup, teardown),
	OX_TEST_WITH("unit.ct_nat.error_refused", error_refused, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat.no_checksum", no_checksum, setup, teardown),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
