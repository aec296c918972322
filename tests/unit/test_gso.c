// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_gso.c - segmentation: the segments of a packet, put together again,
 * are the packet; each is a valid packet of its own.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>

#include "control/packet/gso.h"

#define MAX_PAYLOAD 65000
#define ALL_FLAGS   0xff /* CWR ECE URG ACK PSH RST SYN FIN */

/* How a packet is made up; see build(). */
struct shape {
	bool l3;    /* no Ethernet header */
	int tags;   /* VLAN tags */
	int labels; /* MPLS */
	int nsh;    /* 1: NSH around IP, 2: around another Ethernet header */
	bool v6;
	bool udp;
	int ip_opts;  /* IPv4: words of options */
	int exts;     /* IPv6: that many hop-by-hop headers and the like */
	int rh;	      /* IPv6: -1 none, else the routing header's type */
	int tcp_opts; /* words */
};

static uint8_t frame[MAX_PAYLOAD + 512];
static uint8_t seg[OX_GSO_SEG_MAX];

/* What build() made. */
static struct {
	uint32_t l3, l4, payload, len;
	uint8_t dst[16]; /* IPv6: of the pseudo-header */
} made;

static uint8_t *add(const void *p, uint32_t n)
{
	uint8_t *at = frame + made.len;

	memcpy(at, p, n);
	made.len += n;
	return at;
}

static void add16(uint16_t v)
{
	v = htons(v);
	add(&v, sizeof(v));
}

static void add_link(const struct shape *s)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	uint16_t ip = s->v6 ? 0x86dd : 0x0800;
	uint16_t type = s->labels ? 0x8847 : ip;

	if (!s->l3) {
		add(macs, sizeof(macs));
		for (int i = 0; i < s->tags; i++) {
			add16(i ? 0x8100 : 0x88a8);
			add16((uint16_t)(0x2000 + i));
		}
		add16(s->nsh ? 0x894f : type);
	}
	if (s->nsh) {
		/* TTL 63, six words, MD type 1, path 1/255 */
		uint8_t h[24] = { 0x0f, 0xc6, 1, s->v6 ? 2 : 1, 0, 0, 1, 255 };

		if (s->nsh == 2)
			h[3] = 3;
		else if (s->labels)
			h[3] = 5;
		add(h, sizeof(h));
		if (s->nsh == 2) {
			add(macs, sizeof(macs));
			add16(type);
		}
	}
	for (int i = 0; i < s->labels; i++) {
		add16(0x0001);
		add16(i + 1 == s->labels ? 0x0140 : 0x0040);
	}
}

static void add_ip4(const struct shape *s)
{
	uint8_t h[20] = { 0x45, 0x10, 0,  0, 0xff, 0xfe, 0x40, 0, 64, 6,
			  0xde, 0xad, 10, 0, 0,	   1,	 10,   0, 0,  2 };
	uint8_t opts[40] = { 0 };

	h[0] += (uint8_t)s->ip_opts;
	h[9] = s->udp ? 17 : 6;
	add(h, sizeof(h));
	memset(opts, 1, sizeof(opts));
	add(opts, 4 * (uint32_t)s->ip_opts);
}

static void add_ip6(const struct shape *s)
{
	uint8_t h[40] = { 0x60, 0x12, 0x34, 0x56, 0, 0, 0, 64, 0xfd };
	static const uint8_t kinds[] = { 0, 60, 60, 51 };
	uint8_t *next;

	h[23] = 1;
	h[24] = 0xfd;
	h[39] = 2;
	memcpy(made.dst, h + 24, 16);
	next = add(h, sizeof(h)) + 6;
	for (int i = 0; i < s->exts; i++) {
		/* 16 bytes: the last one counts its words otherwise */
		uint8_t ext[16] = { 0, kinds[i] == 51 ? 2 : 1 };

		*next = kinds[i];
		next = add(ext, sizeof(ext));
	}
	if (s->rh >= 0) {
		/* two addresses, one segment left */
		uint8_t rh[40] = { 0, 4, (uint8_t)s->rh, 1 };

		memset(rh + 8, 0xaa, 16);
		memset(rh + 24, 0xbb, 16);
		memcpy(made.dst, s->rh ? rh + 8 : rh + 24, 16);
		*next = 43;
		next = add(rh, sizeof(rh));
	}
	*next = s->udp ? 17 : 6;
}

static void add_l4(const struct shape *s)
{
	uint8_t tcp[20] = { 0x03, 0xe8, 0x07, 0xd0, 0xff, 0xff, 0xfc,
			    0x00, 0,	0,    0,    1,	  0x50, ALL_FLAGS };
	static const uint8_t udp[8] = { 0x03, 0xe8, 0x07, 0xd0 };
	uint8_t opts[40];

	made.l4 = made.len;
	if (s->udp) {
		add(udp, sizeof(udp));
		return;
	}
	tcp[12] += (uint8_t)(s->tcp_opts << 4);
	add(tcp, sizeof(tcp));
	memset(opts, 1, sizeof(opts));
	add(opts, 4 * (uint32_t)s->tcp_opts);
}

static void build(const struct shape *s, uint32_t payload)
{
	memset(&made, 0, sizeof(made));
	add_link(s);
	made.l3 = made.len;
	if (s->v6)
		add_ip6(s);
	else
		add_ip4(s);
	add_l4(s);
	made.payload = made.len;
	for (uint32_t i = 0; i < payload; i++)
		frame[made.len++] = (uint8_t)(i * 7 + i / 251);
}

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] * 256 + p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return be16(p) * 65536u + be16(p + 2);
}

/* One's complement sum, byte by byte: not the way the code has it. */
static uint32_t ones(uint32_t s, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		s += i % 2 ? p[i] : p[i] * 256u;
		s = s % 65536 + s / 65536;
	}
	return s;
}

static void check_csum(const struct shape *s, uint32_t len)
{
	uint32_t l4_len = len - made.l4, sum;
	uint8_t pseudo[4] = { (uint8_t)(l4_len >> 8), (uint8_t)l4_len, 0,
			      s->udp ? 17 : 6 };

	sum = ones(0, pseudo, 4);
	if (s->v6) {
		sum = ones(sum, seg + made.l3 + 8, 16);
		sum = ones(sum, made.dst, 16);
	} else {
		sum = ones(sum, seg + made.l3 + 12, 8);
		assert_int_equal(ones(0, seg + made.l3, made.l4 - made.l3),
				 0xffff);
	}
	assert_int_equal(ones(sum, seg + made.l4, l4_len), 0xffff);
	if (s->udp)
		assert_int_not_equal(be16(seg + made.l4 + 6), 0);
}

/* Headers: those of the packet, but for what a segment has of its own. */
static void check_headers(const struct shape *s, uint32_t len, uint32_t i,
			  uint32_t done, bool last)
{
	uint8_t *ip = seg + made.l3, *l4 = seg + made.l4;
	const uint8_t *ip0 = frame + made.l3, *l40 = frame + made.l4;
	uint8_t flags = ALL_FLAGS;

	if (s->v6) {
		assert_int_equal(be16(ip + 4), len - made.l3 - 40);
		memcpy(ip + 4, ip0 + 4, 2);
	} else {
		assert_int_equal(be16(ip + 2), len - made.l3);
		assert_int_equal(be16(ip + 4), (uint16_t)(be16(ip0 + 4) + i));
		memcpy(ip + 2, ip0 + 2, 4);
		memcpy(ip + 10, ip0 + 10, 2);
	}
	if (s->udp) {
		assert_int_equal(be16(l4 + 4), len - made.l4);
		memcpy(l4 + 4, l40 + 4, 4);
	} else {
		assert_int_equal(be32(l4 + 4),
				 (uint32_t)(be32(l40 + 4) + done));
		if (!last)
			flags &= 0xf6;
		if (i)
			flags &= 0x7f;
		assert_int_equal(l4[13], flags);
		memcpy(l4 + 4, l40 + 4, 4);
		l4[13] = l40[13];
		memcpy(l4 + 16, l40 + 16, 2);
	}
	assert_memory_equal(seg, frame, made.payload);
}

static void check(const struct shape *s, uint32_t payload, uint32_t size)
{
	uint32_t done = 0, i = 0, len, n;
	struct ox_gso g;
	__be16 type = 0;

	build(s, payload);
	if (s->l3 && s->nsh)
		type = htons(0x894f);
	else if (s->l3)
		type = htons(s->labels ? 0x8847 : s->v6 ? 0x86dd : 0x0800);
	assert_int_equal(ox_gso_init(&g, frame, made.len, size, type), 0);
	while ((len = ox_gso_next(&g, seg))) {
		n = len - made.payload;
		assert_true(n <= size);
		assert_true(n == size || done + n == payload);
		assert_memory_equal(seg + made.payload,
				    frame + made.payload + done, n);
		check_csum(s, len);
		check_headers(s, len, i++, done, done + n == payload);
		done += n;
	}
	assert_int_equal(done, payload);
	assert_int_equal(i, payload ? (payload + size - 1) / size : 1);
	assert_int_equal(ox_gso_next(&g, seg), 0);
}

static void sizes(const struct shape *s)
{
	static const uint32_t size[] = { 1, 7, 536, 1448 };

	for (int i = 0; i < 4; i++) {
		check(s, 0, size[i]);
		check(s, 1, size[i]);
		check(s, size[i], size[i]);
		check(s, size[i] + 1, size[i]);
		check(s, 3 * size[i], size[i]);
		check(s, 5 * size[i] + size[i] / 2, size[i]);
	}
	check(s, MAX_PAYLOAD, 1448);
	check(s, MAX_PAYLOAD, MAX_PAYLOAD);
}

static void tcp(void **state)
{
	struct shape s = { .rh = -1 };

	(void)state;
	sizes(&s);
	s.tcp_opts = 3;
	sizes(&s);
	s.ip_opts = 10;
	s.tcp_opts = 10;
	sizes(&s);
	s.v6 = true;
	sizes(&s);
}

static void udp(void **state)
{
	struct shape s = { .rh = -1, .udp = true };

	(void)state;
	sizes(&s);
	s.v6 = true;
	sizes(&s);
}

static void link_headers(void **state)
{
	(void)state;
	for (int tags = 0; tags <= 2; tags++)
		for (int labels = 0; labels <= 3; labels++)
			for (int nsh = 0; nsh <= 2; nsh++)
				for (int v6 = 0; v6 <= 1; v6++) {
					struct shape s = { .rh = -1,
							   .tags = tags,
							   .labels = labels,
							   .nsh = nsh,
							   .v6 = v6 };

					check(&s, 3000, 1448);
					s.l3 = !tags;
					check(&s, 3000, 1448);
				}
}

static void extensions(void **state)
{
	struct shape s = { .v6 = true };

	(void)state;
	for (s.udp = false;; s.udp = true) {
		for (s.exts = 0; s.exts <= 4; s.exts++) {
			static const int rh[] = { -1, 0, 2, 4 };

			for (int i = 0; i < 4; i++) {
				s.rh = rh[i];
				check(&s, 3001, 1400);
			}
		}
		if (s.udp)
			break;
	}
}

/* UDP whose sum comes out as 0 carries 0xffff, which is the same. */
static void udp_zero(void **state)
{
	struct shape s = { .rh = -1, .udp = true };
	struct ox_gso g;
	uint32_t sum;

	(void)state;
	build(&s, 4);
	memset(frame + made.payload, 0, 4);
	assert_int_equal(ox_gso_init(&g, frame, made.len, 2, 0), 0);
	ox_gso_next(&g, seg);
	sum = be16(seg + made.l4 + 6); /* of a payload of zeros: as payload,
					* it makes the sum all ones */
	frame[made.payload] = (uint8_t)(sum >> 8);
	frame[made.payload + 1] = (uint8_t)sum;
	assert_int_equal(ox_gso_init(&g, frame, made.len, 2, 0), 0);
	ox_gso_next(&g, seg);
	assert_int_equal(be16(seg + made.l4 + 6), 0xffff);
}

/* ---- what is no such packet ---- */

static int try(uint32_t len, uint32_t size)
{
	struct ox_gso g;

	return ox_gso_init(&g, frame, len, size, 0);
}

/* Cut anywhere in front of its payload, in memory of just that length. */
static void cut(void **state)
{
	struct shape s[] = {
		{ .rh = -1, .tags = 2, .labels = 2, .ip_opts = 2 },
		{ .rh = 4, .v6 = true, .exts = 4, .tcp_opts = 2 },
		{ .rh = -1, .nsh = 2, .udp = true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(s) / sizeof(s[0]); i++) {
		build(&s[i], 100);
		for (uint32_t len = 0; len <= made.payload; len++) {
			uint8_t *p = malloc(len ? len : 1);
			struct ox_gso g;

			memcpy(p, frame, len);
			assert_int_equal(ox_gso_init(&g, p, len, 50, 0),
					 len < made.payload ? -EPROTO : 0);
			free(p);
		}
	}
}

static void refused(void **state)
{
	struct shape s = { .rh = -1 };

	(void)state;
	build(&s, 100);
	assert_int_equal(try(made.len, 0), -EPROTO);
	assert_int_equal(try(OX_GSO_SEG_MAX + 1, 50), -EPROTO);
	frame[made.l3 + 9] = 1; /* ICMP */
	assert_int_equal(try(made.len, 50), -EPROTO);
	build(&s, 100);
	frame[made.l3 + 6] = 0x20; /* a fragment */
	assert_int_equal(try(made.len, 50), -EPROTO);
	build(&s, 100);
	frame[made.l3 + 7] = 1;
	assert_int_equal(try(made.len, 50), -EPROTO);
	build(&s, 100);
	frame[made.l3] = 0x44; /* header length */
	assert_int_equal(try(made.len, 50), -EPROTO);
	build(&s, 100);
	frame[made.l4 + 12] = 0x40;
	assert_int_equal(try(made.len, 50), -EPROTO);
	build(&s, 100);
	frame[12] = 0x08, frame[13] = 0x06; /* ARP */
	assert_int_equal(try(made.len, 50), -EPROTO);
	s.v6 = true;
	build(&s, 100);
	frame[made.l3] = 0x45;
	assert_int_equal(try(made.len, 50), -EPROTO);
	build(&s, 100);
	frame[made.l3 + 6] = 44;
	assert_int_equal(try(made.len, 50), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.gso.tcp", tcp),
		OX_TEST("unit.gso.udp", udp),
		OX_TEST("unit.gso.link_headers", link_headers),
		OX_TEST("unit.gso.extensions", extensions),
		OX_TEST("unit.gso.udp_zero", udp_zero),
		OX_TEST("unit.gso.cut", cut),
		OX_TEST("unit.gso.refused", refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
