// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_tun_wire.c - a tunnel key becomes outer headers and the other way round,
 * beside packets that another program has made; and what isn't a tunnel's.
 */
#include "tests/lib/test.h"

#include "bpf/host.h"
#include "bpf/tier/ctx_host.h"
#include "bpf/core/tun_in.h"
#include "bpf/core/tun_out.h"

#define INNER 42 /* an ARP request */
#define EXTS  OX_TUN_EXT_GBP

/* From the outer Ethertype on: Geneve of VNI 0x123456 with OAM and C bit, an
 * option of 4 bytes, TOS 0x2a (congestion is told by ECT(0)), TTL 63, all
 * checksums. */
/* clang-format off */
static const uint8_t packet4[] = {
	0x08, 0x00, 0x45, 0x2a, 0x00, 0x56, 0x00, 0x00, 0x40, 0x00, 0x3f, 0x11,
	0xe3, 0x49, 0xac, 0x10, 0x00, 0x01, 0xac, 0x10, 0x00, 0x02, 0x56, 0x78,
	0x17, 0xc1, 0x00, 0x42, 0x24, 0xec, 0x02, 0xc0, 0x65, 0x58, 0x12, 0x34,
	0x56, 0x00, 0x01, 0x02, 0x80, 0x01, 0x00, 0x01, 0x00, 0x02, 0x02, 0x00,
	0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06,
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
	0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
	0x18, 0x19, 0x1a, 0x1b,
};

static const uint8_t packet6[] = {
	0x86, 0xdd, 0x62, 0xa5, 0x43, 0x21, 0x00, 0x42, 0x11, 0x3f, 0xfd, 0x16,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x01, 0xfd, 0x16, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x56, 0x78, 0x17, 0xc1, 0x00, 0x42,
	0x82, 0xdf, 0x02, 0xc0, 0x65, 0x58, 0x12, 0x34, 0x56, 0x00, 0x01, 0x02,
	0x80, 0x01, 0x00, 0x01, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02,
	0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x01, 0x02, 0x03,
	0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
	0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b,
};
/* clang-format on */

static struct ox_tun_key key_of(int v6)
{
	static const uint8_t opts[] = { 1, 2, 0x80, 1, 0, 1, 0, 2 };
	struct ox_tun_key k = {
		.proto = v6 ? OX_AF_INET6 : OX_AF_INET,
		.opts_len = 8,
		.flags = OX_TUN_F_KEY | OX_TUN_F_CSUM | OX_TUN_F_OAM |
			 OX_TUN_F_CRIT | OX_TUN_F_GENEVE | OX_TUN_F_DF,
		.tos = 0x28,
		.ttl = 63,
		.tun.tun_id = __builtin_bswap64(0x123456),
	};

	memcpy(k.tun.opts, opts, sizeof(opts));
	if (v6) {
		k.tun.ipv6.dst[0] = ox_be32(0xfd160000);
		k.tun.ipv6.dst[3] = ox_be32(2);
		k.tun.label = ox_be32(0x54321);
	} else {
		k.tun.ipv4.dst = ox_be32(0xac100002);
	}
	return k;
}

static struct ox_tun_way way_of(int v6)
{
	struct ox_tun_way w = {
		.sport = ox_be16(0x5678),
		.dport = ox_be16(6081),
		.len = INNER,
		.kind = OX_VPORT_GENEVE,
		.tos = 2,
	};

	w.src[0] = ox_be32(v6 ? 0xfd160000 : 0xac100001);
	w.src[3] = ox_be32(v6);
	return w;
}

static uint32_t sum_of(const uint8_t *p, uint32_t n)
{
	uint32_t s = 0;

	for (uint32_t i = 0; i < n; i += 2)
		s += p[i] | p[i + 1] << 8;
	return s;
}

static void out_case(int v6, const uint8_t *want, uint32_t len)
{
	uint32_t head = v6 ? 58 : 38;
	struct ox_tun_key k = key_of(v6);
	struct ox_tun_way w = way_of(v6);
	struct ox_outer o = { 0 };

	assert_int_equal(len, head + 8 + INNER);
	tun_out_begin(&k, &w);
	assert_int_equal(tun_out_len(&k, &w), head - 2 + 8);
	if (v6)
		tun_out_ip6(&o, &k, &w);
	else
		tun_out_ip4(&o, &k, &w);
	/* options and frame */
	tun_out_check(&o, v6, &k, sum_of(want + head, len - head));
	assert_memory_equal(&o.type, want, head);
}

static void out4(void **state)
{
	(void)state;
	out_case(0, packet4, sizeof(packet4));
}

static void out6(void **state)
{
	(void)state;
	out_case(1, packet6, sizeof(packet6));
}

/* A key without a TTL: geneve's packets have none then. */
static void ttl(void **state)
{
	struct ox_tun_key k = key_of(0);
	struct ox_tun_way w = way_of(0);
	struct ox_outer o = { 0 };

	(void)state;
	assert_int_equal(tun_out_ttl_of(OX_VPORT_VXLAN, 33, 0), 64);
	assert_int_equal(tun_out_ttl_of(OX_VPORT_VXLAN, 33, 77), 77);
	assert_int_equal(tun_out_ttl_of(OX_VPORT_GRE, 33, 77), 33);
	assert_int_equal(tun_out_ttl_of(OX_VPORT_GRE, 0, 77), 77);
	assert_int_equal(tun_out_ttl_of(OX_VPORT_IP6GRE, 33, 77), 33);
	w.ttl = 77;
	k.ttl = 0;
	tun_out_ip4(&o, &k, &w);
	assert_int_equal(o.v4.ip.ttl, 0);
	w.kind = OX_VPORT_VXLAN;
	tun_out_ip4(&o, &k, &w);
	assert_int_equal(o.v4.ip.ttl, 77);
	k.ttl = 3;
	tun_out_ip4(&o, &k, &w);
	assert_int_equal(o.v4.ip.ttl, 3);
	k = key_of(1);
	k.ttl = 0;
	tun_out_ip6(&o, &k, &w);
	assert_int_equal(o.v6.ip.hops, 77);
}

/* From bytes to a key; the listen key, too. Not 0: none of ours. */
static int in_kind(int v6, uint32_t kind, const uint8_t *p, uint32_t len,
		   struct ox_listen_key *l, struct ox_tun_head *h,
		   struct ox_tun *t)
{
	struct ox_outer o = { 0 };
	uint32_t left = len - 2;

	memcpy(&o.type, p, v6 ? 58 : 38);
	memset(l, 0, sizeof(*l));
	if (v6)
		return tun_in_ip6(&o, &left, l) ||
		       tun_in_kind(&o.v6.l4, kind, EXTS, left - 40, 0, h, t) <
			       0 ||
		       (tun_in_addr6(&o.v6.ip, h, t), 0);
	return tun_in_ip4(&o, &left, l) ||
	       tun_in_kind(&o.v4.l4, kind, EXTS, left - 20, 0, h, t) < 0 ||
	       (tun_in_addr4(&o.v4.ip, h, t), 0);
}

static int in(int v6, const uint8_t *p, uint32_t len, struct ox_listen_key *l,
	      struct ox_tun_head *h, struct ox_tun *t)
{
	return in_kind(v6, OX_VPORT_GENEVE, p, len, l, h, t);
}

static void in4(void **state)
{
	struct ox_tun_head h = { 0 };
	struct ox_listen_key l;
	struct ox_tun t;

	(void)state;
	assert_int_equal(in(0, packet4, sizeof(packet4), &l, &h, &t), 0);
	assert_int_equal(l.dst[0], ox_be32(0xac100002));
	assert_int_equal(l.port, ox_be16(6081));
	assert_int_equal(l.family, OX_AF_INET);
	assert_int_equal(l.proto, 17);
	assert_int_equal(h.proto, OX_AF_INET);
	assert_int_equal(h.opts_len, 8);
	assert_int_equal(h.flags, OX_TUN_F_KEY | OX_TUN_F_CSUM | OX_TUN_F_OAM |
					  OX_TUN_F_CRIT | OX_TUN_F_GENEVE);
	assert_int_equal(h.tos, 0x2a);
	assert_int_equal(h.ttl, 63);
	assert_true(t.tun_id == __builtin_bswap64(0x123456));
	assert_int_equal(t.ipv4.src, ox_be32(0xac100001));
	assert_int_equal(t.tp_src, ox_be16(0x5678));
}

static void in6(void **state)
{
	struct ox_tun_head h = { 0 };
	struct ox_listen_key l;
	struct ox_tun t;

	(void)state;
	assert_int_equal(in(1, packet6, sizeof(packet6), &l, &h, &t), 0);
	assert_int_equal(l.dst[3], ox_be32(2));
	assert_int_equal(l.family, OX_AF_INET6);
	assert_int_equal(h.proto, OX_AF_INET6);
	assert_int_equal(h.tos, 0x2a);
	assert_int_equal(h.ttl, 63);
	assert_int_equal(t.ipv6.src[3], ox_be32(1));
	assert_int_equal(t.ipv6.dst[0], ox_be32(0xfd160000));
	assert_int_equal(t.label, ox_be32(0x54321));
}

/* A byte of a good packet becomes another one, and the IPv4 checksum is right
 * again: nobody's. */
static void bad_case(int v6, uint32_t at, uint8_t to)
{
	uint8_t p[sizeof(packet6)];
	uint32_t len = v6 ? sizeof(packet6) : sizeof(packet4);
	struct ox_tun_head h = { 0 };
	struct ox_listen_key l;
	struct ox_tun t;
	uint16_t check;

	memcpy(p, v6 ? packet6 : packet4, len);
	p[at] = to;
	if (!v6) {
		p[12] = p[13] = 0;
		check = ~wire_fold(sum_of(p + 2, 20));
		memcpy(p + 12, &check, 2);
	}
	if (!in(v6, p, len, &l, &h, &t))
		fail_msg("IPv%d: byte %u may be %#x", v6 ? 6 : 4, at, to);
}

static void bad(void **state)
{
	uint8_t p[sizeof(packet4)];
	struct ox_tun_head h = { 0 };
	struct ox_listen_key l;
	struct ox_tun t;

	(void)state;
	bad_case(0, 2, 0x46);  /* options */
	bad_case(0, 2, 0x55);  /* version */
	bad_case(0, 8, 0x20);  /* the first fragment */
	bad_case(0, 9, 1);     /* a later one */
	bad_case(0, 11, 6);    /* TCP */
	bad_case(0, 4, 1);     /* longer than what is there */
	bad_case(0, 5, 40);    /* shorter than headers */
	bad_case(0, 26, 1);    /* UDP longer */
	bad_case(0, 27, 8);    /* UDP without a payload */
	bad_case(0, 30, 0x42); /* Geneve's version */
	bad_case(0, 30, 0x3f); /* options longer than what is there */
	bad_case(0, 33, 0x59); /* no Ethernet inside */
	bad_case(1, 2, 0x40);
	bad_case(1, 6, 1);
	bad_case(1, 8, 44); /* a fragment */
	bad_case(1, 50, 0x42);
	bad_case(1, 50, 0x3f);
	/* and a checksum that isn't right */
	memcpy(p, packet4, sizeof(p));
	p[3] ^= 4;
	assert_int_not_equal(in(0, p, sizeof(p), &l, &h, &t), 0);
}

/* A random key that a tunnel of this kind can have. */
static struct ox_tun_key key_random(int v6, uint32_t kind)
{
	struct ox_tun_key k = { .proto = v6 ? OX_AF_INET6 : OX_AF_INET,
				.flags = OX_TUN_F_KEY,
				.tos = rand() & 0xfc,
				.ttl = 1 + rand() % 255 };
	uint32_t bits = 24;

	if (kind == OX_VPORT_GENEVE) {
		k.opts_len = rand() % 64 * 4;
		k.flags |= (rand() & 1 ? OX_TUN_F_OAM : 0) |
			   (rand() & 1 ? OX_TUN_F_CRIT : 0) |
			   (k.opts_len ? OX_TUN_F_GENEVE : 0);
	} else if (kind == OX_VPORT_VXLAN && (rand() & 1)) {
		k.opts_len = 4;
		k.flags |= OX_TUN_F_VXLAN;
		*(uint32_t *)k.tun.opts = 1 + rand() % 0xffff;
		*(uint32_t *)k.tun.opts |= rand() & 0x480000;
	} else if (kind == OX_VPORT_GRE) {
		k.flags = rand() & 1 ? OX_TUN_F_KEY : 0;
		bits = k.flags ? 31 : 0;
	}
	k.tun.tun_id = __builtin_bswap64(rand() & ((1u << bits) - 1));
	for (int i = 1; i < (v6 ? 5 : 2); i++)
		k.tun.x[i] = (uint64_t)rand() << 32 | rand();
	k.tun.label = v6 ? ox_be32(rand() & 0xfffff) : 0;
	return k;
}

/* What one end sends, the other one reads: keys of any kind. */
static void round_trip_one(int v6, uint32_t kind)
{
	struct ox_tun_key k = key_random(v6, kind);
	int udp = kind != OX_VPORT_GRE;
	struct ox_tun_way w = { .len = 14 + rand() % 1400,
				.sport = tun_out_sport(kind, rand()),
				.dport = udp ? rand() : 0,
				.kind = kind,
				.exts = EXTS,
				.csum = rand() & 1,
				.tos = rand() };
	struct ox_tun_head h = { 0 };
	struct ox_outer o = { 0 };
	struct ox_listen_key l;
	uint8_t p[2048] = { 0 };
	struct ox_tun t;
	uint32_t len;

	memcpy(w.src, k.tun.ipv6.src, sizeof(w.src));
	if (!v6)
		w.src[0] = k.tun.ipv4.src;
	tun_out_begin(&k, &w);
	if (v6)
		tun_out_ip6(&o, &k, &w);
	else
		tun_out_ip4(&o, &k, &w);
	if (w.csum)
		tun_out_check(&o, v6, &k, 0);
	len = 2 + tun_out_len(&k, &w) + w.len;
	memcpy(p, &o.type, v6 ? 58 : 38);
	assert_int_equal(in_kind(v6, kind, p, len, &l, &h, &t), 0);
	assert_int_equal(l.port, w.dport);
	assert_int_equal(l.proto, udp ? 17 : 47);
	assert_int_equal(h.opts_len, k.opts_len);
	assert_int_equal(h.flags, k.flags | (w.csum ? OX_TUN_F_CSUM : 0));
	assert_int_equal(h.tos, tun_out_ecn(k.tos, w.tos));
	assert_int_equal(h.ttl, k.ttl);
	assert_true(t.tun_id == k.tun.tun_id);
	assert_memory_equal(&t.x[1], &k.tun.x[1], 32);
	assert_int_equal(t.label, k.tun.label);
	if (kind == OX_VPORT_VXLAN && k.opts_len)
		assert_memory_equal(t.opts, k.tun.opts, 4);
	if (udp)
		assert_true(w.sport);
}

static void round_trip(void **state)
{
	(void)state;
	srand(7);
	for (int n = 0; n < 20000; n++) {
		round_trip_one(rand() & 1, OX_VPORT_GENEVE);
		round_trip_one(rand() & 1, OX_VPORT_VXLAN);
		round_trip_one(rand() & 1, OX_VPORT_GRE);
	}
}

/* Of VXLAN and GRE: what their devices wouldn't take, and the number that a
 * sender of GRE may count. */
static void kinds_bad(void **state)
{
	struct ox_wire_l4 vx = { .udp.len = ox_be16(58),
				 .vxlan.flags = ox_be32(OX_VXLAN_VNI |
							OX_VXLAN_GBP | 7) };
	struct ox_wire_l4 gre = { .gre = { .flags = ox_be16(0xb000),
					   .proto = ox_be16(OX_P_TEB),
					   .opt = { 0, ox_be32(9), 1 } } };
	struct ox_tun_head h = { 0 };
	struct ox_listen_key l;
	struct ox_tun t;

	(void)state;
	assert_int_equal(tun_in_kind(&vx, OX_VPORT_VXLAN, EXTS, 58, 0, &h, &t),
			 16);
	assert_int_equal(*(uint32_t *)t.opts, 7);
	assert_int_equal(tun_in_kind(&vx, OX_VPORT_VXLAN, 0, 58, 0, &h, &t),
			 -1);
	vx.vxlan.flags = 0;
	assert_int_equal(tun_in_kind(&vx, OX_VPORT_VXLAN, 0, 58, 0, &h, &t),
			 -1);
	vx.vxlan.flags = ox_be32(OX_VXLAN_VNI);
	assert_int_equal(tun_in_kind(&vx, OX_VPORT_VXLAN, 0, 58, 0, &h, &t),
			 16);
	vx.vxlan.vni = ox_be32(1);
	assert_int_equal(tun_in_kind(&vx, OX_VPORT_VXLAN, 0, 58, 0, &h, &t),
			 -1);
	assert_int_equal(tun_in_kind(&gre, OX_VPORT_GRE, 0, 30, 0, &h, &t), 16);
	assert_int_equal(h.flags, OX_TUN_F_KEY | OX_TUN_F_CSUM);
	assert_true(t.tun_id == __builtin_bswap64(9));
	assert_int_equal(tun_in_kind(&gre, OX_VPORT_GRE, 0, 29, 0, &h, &t), -1);
	assert_int_equal(tun_in_l4(&gre, 47, &l), 0);
	gre.gre.flags = ox_be16(0x4000);
	assert_true(tun_in_l4(&gre, 47, &l));
	gre.gre.flags = ox_be16(1);
	assert_true(tun_in_l4(&gre, 47, &l));
	gre.gre.flags = 0;
	gre.gre.proto = ox_be16(OX_P_IP);
	assert_true(tun_in_l4(&gre, 47, &l));
	assert_true(tun_in_l4(&gre, 6, &l));
}

/* RFC 6040 as the kernel has it: rows outer, columns inner, of not-ECT, ECT(1),
 * ECT(0), CE. */
static void ecn(void **state)
{
	static const int want[4][4] = {
		{ 0, 1, 2, 3 },
		{ 0, 1, 1, 3 },
		{ 0, 1, 2, 3 },
		{ -1, 3, 3, 3 },
	};

	(void)state;
	for (int o = 0; o < 4; o++)
		for (int i = 0; i < 4; i++) {
			int got = tun_in_ecn(0xb8 | o, 0x40 | i);
			int to = want[o][i];

			assert_int_equal(got, to < 0 ? -1 : 0x40 | to);
		}
	assert_int_equal(tun_out_ecn(0xb8, 3), 0xb8 | 2);
	assert_int_equal(tun_out_ecn(0xbb, 1), 0xb8 | 1);
}

/* What a socket of the daemon's has read says the same. */
static void datagram(void **state)
{
	struct ox_host_tun_in from = {
		.family = OX_AF_INET,
		.src = { ox_be32(0xac100001) },
		.dst = { ox_be32(0xac100002) },
		.sport = ox_be16(0x5678),
		.port = ox_be16(6081),
		.tos = 0x2a,
		.ttl = 63,
		.kind = OX_VPORT_GENEVE,
	};
	struct ox_tun_head h;
	struct ox_tun t;
	__u64 w23;
	int head;

	(void)state;
	/* what is after the UDP header, of which a socket tells no checksum */
	head = ox_host_tun_in(packet4 + 30, sizeof(packet4) - 30, &from, &w23,
			      &t);
	assert_int_equal(head, 16);
	h.w = w23;
	assert_int_equal(h.proto, OX_AF_INET);
	assert_int_equal(h.opts_len, 8);
	assert_int_equal(h.ttl, 63);
	assert_int_equal(t.ipv4.dst, ox_be32(0xac100002));
	assert_memory_equal(t.opts, packet4 + 38, 8);
	/* none of these is long enough */
	for (uint32_t n = 0; n < 16 + 14; n++)
		assert_true(ox_host_tun_in(packet4 + 30, n, &from, &w23, &t) <
			    0);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.tun_wire.out4", out4),
	OX_TEST("unit.tun_wire.out6", out6),
	OX_TEST("unit.tun_wire.ttl", ttl),
	OX_TEST("unit.tun_wire.in4", in4),
	OX_TEST("unit.tun_wire.in6", in6),
	OX_TEST("unit.tun_wire.bad", bad),
	OX_TEST("unit.tun_wire.round_trip", round_trip),
	OX_TEST("unit.tun_wire.kinds_bad", kinds_bad),
	OX_TEST("unit.tun_wire.ecn", ecn),
	OX_TEST("unit.tun_wire.datagram", datagram),
};

OX_TEST_MAIN(tests)
