// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_too_big.c - who is told that a packet is too big for a tunnel, by what
 * frame, and who isn't.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <netinet/in.h>

#include "control/packet/too_big.h"

/* 02:..:02 < 02:..:01, 10.0.0.1 > 10.0.0.2, DF, UDP. */
static const uint8_t head4[34] = {
	2,    0, 0, 0,	  0, 2,	 2,  0, 0, 0,  0, 1, 8, 0,  0x45, 0x28, 5,
	0xdc, 0, 1, 0x40, 0, 61, 17, 0, 0, 10, 0, 0, 1, 10, 0,	  0,	2,
};

static uint8_t frame[2000], out[OX_TOO_BIG_MAX + 1];
static uint32_t l3;

static uint32_t be16(const uint8_t *p)
{
	return p[0] * 256u + p[1];
}

/* n tags are put between. */
static uint32_t build(const uint8_t *head, uint32_t head_len, int tags)
{
	memset(frame, 0xa5, sizeof(frame));
	memset(out, 0x5a, sizeof(out));
	memcpy(frame, head, 12);
	for (l3 = 12; tags--; l3 += 4)
		memcpy(frame + l3, "\x81\x00\x00\x07", 4);
	memcpy(frame + l3, head + 12, head_len - 12);
	l3 += 2;
	return 1514;
}

static uint32_t build4(int tags)
{
	return build(head4, sizeof(head4), tags);
}

/* fd00::1 > fd00::2, UDP */
static uint32_t build6(int tags)
{
	uint8_t head[54] = { 2,	   0,	 0,    0, 0, 2, 2, 0,	 0,  0,	 0,   1,
			     0x86, 0xdd, 0x60, 0, 0, 0, 5, 0xb4, 17, 63, 0xfd };

	head[37] = 1;
	head[38] = 0xfd;
	head[53] = 2;
	return build(head, sizeof(head), tags);
}

static uint16_t sum(const uint8_t *p, uint32_t len, uint32_t s)
{
	for (uint32_t i = 0; i < len; i++)
		s += i & 1 ? p[i] : p[i] * 256u;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)s;
}

static void link_is_back(void)
{
	assert_memory_equal(out, frame + 6, 6);
	assert_memory_equal(out + 6, frame, 6);
	assert_memory_equal(out + 12, frame + 12, l3 - 12);
}

static void told4(void **state)
{
	(void)state;
	for (int tags = 0; tags <= 2; tags++) {
		uint32_t len = build4(tags), n;
		const uint8_t *ip = out + l3;

		n = ox_too_big(frame, len, 1350, out);
		assert_int_equal(n, l3 + 576);
		assert_int_equal(out[n], 0x5a);
		link_is_back();
		assert_int_equal(ip[0], 0x45);
		assert_int_equal(ip[1], 0);
		assert_int_equal(be16(ip + 2), 576);
		assert_int_equal(be16(ip + 6), 0x4000);
		assert_int_equal(ip[8], 61);
		assert_int_equal(ip[9], IPPROTO_ICMP);
		assert_memory_equal(ip + 12, frame + l3 + 16, 4);
		assert_memory_equal(ip + 16, frame + l3 + 12, 4);
		assert_int_equal(sum(ip, 20, 0), 0xffff);
		assert_int_equal(be16(ip + 20), 0x0304);
		assert_int_equal(be16(ip + 24), 0);
		assert_int_equal(be16(ip + 26), 1350);
		assert_int_equal(sum(ip + 20, 556, 0), 0xffff);
		assert_memory_equal(ip + 28, frame + l3, 548);
	}
}

static void told6(void **state)
{
	(void)state;
	for (int tags = 0; tags <= 2; tags++) {
		uint32_t len = build6(tags), n;
		const uint8_t *ip = out + l3;

		n = ox_too_big(frame, len, 1330, out);
		assert_int_equal(n, l3 + 1280);
		assert_true(n <= OX_TOO_BIG_MAX);
		assert_int_equal(out[n], 0x5a);
		link_is_back();
		assert_int_equal(be16(ip), 0x6000);
		assert_int_equal(be16(ip + 4), 1240);
		assert_int_equal(ip[6], IPPROTO_ICMPV6);
		assert_int_equal(ip[7], 63);
		assert_memory_equal(ip + 8, frame + l3 + 24, 16);
		assert_memory_equal(ip + 24, frame + l3 + 8, 16);
		assert_int_equal(be16(ip + 40), 0x0200);
		assert_int_equal(be16(ip + 44), 0);
		assert_int_equal(be16(ip + 46), 1330);
		assert_int_equal(sum(ip + 8, 1272, IPPROTO_ICMPV6 + 1240),
				 0xffff);
		assert_memory_equal(ip + 48, frame + l3, 1232);
	}
}

/* A head that is shorter than what may be quoted is quoted whole; an odd length
 * is summed up rightly. */
static void told_short(void **state)
{
	(void)state;
	build4(0);
	assert_int_equal(ox_too_big(frame, l3 + 33, 1350, out),
			 l3 + 20 + 8 + 33);
	assert_int_equal(sum(out + l3 + 20, 41, 0), 0xffff);
	build6(0);
	assert_int_equal(ox_too_big(frame, l3 + 61, 1350, out),
			 l3 + 40 + 8 + 61);
	assert_int_equal(sum(out + l3 + 8, 32 + 69, IPPROTO_ICMPV6 + 69),
			 0xffff);
}

/* One of these bytes makes it a packet that no error answers. */
struct byte {
	uint32_t at; /* from the IP header on */
	uint8_t is;
};

static void nobody(const struct byte *b, uint32_t n, bool v6)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t len = v6 ? build6(0) : build4(0);

		frame[l3 + b[i].at] = b[i].is;
		if (ox_too_big(frame, len, 1350, out))
			fail_msg("byte %u = 0x%x", b[i].at, b[i].is);
	}
}

static void nobody4(void **state)
{
	static const struct byte bytes[] = {
		{ 0, 0x55 }, /* version */
		{ 0, 0x44 }, /* header's length */
		{ 6, 0 },    /* no DF */
		{ 6, 0x60 }, /* a first fragment, */
		{ 7, 1 },    /* or another one */
		{ 12, 0 },   /* from "this network", */
		{ 12, 127 }, /* loopback, */
		{ 12, 224 }, /* or many */
		{ 16, 224 }, /* to many */
		{ 16, 239 },
	};
	uint32_t len = build4(0);

	(void)state;
	nobody(bytes, sizeof(bytes) / sizeof(bytes[0]), false);
	memset(frame + l3 + 16, 0xff, 4);
	assert_int_equal(ox_too_big(frame, len, 1350, out), 0);
	len = build4(0);
	memset(frame + l3 + 12, 0xff, 4);
	assert_int_equal(ox_too_big(frame, len, 1350, out), 0);
	/* an MTU that a host wouldn't believe */
	len = build4(0);
	assert_int_equal(ox_too_big(frame, len, 575, out), 0);
	assert_true(ox_too_big(frame, len, 576, out));
}

/* Errors of ICMP aren't answered, its questions are. */
static void icmp4(void **state)
{
	static const uint8_t errors[] = { 3, 4, 5, 11, 12 };

	(void)state;
	for (uint32_t type = 0; type < 256; type++) {
		uint32_t len = build4(0);
		bool is_error = memchr(errors, (int)type, sizeof(errors));

		frame[l3 + 9] = IPPROTO_ICMP;
		frame[l3 + 20] = (uint8_t)type;
		assert_int_equal(!ox_too_big(frame, len, 1350, out), is_error);
		/* after options */
		frame[l3] = 0x46;
		frame[l3 + 20] = 3;
		frame[l3 + 24] = (uint8_t)type;
		assert_int_equal(!ox_too_big(frame, len, 1350, out), is_error);
		/* it isn't there */
		assert_int_equal(ox_too_big(frame, l3 + 24, 1350, out), 0);
	}
}

static void nobody6(void **state)
{
	static const struct byte bytes[] = {
		{ 0, 0x40 }, /* version */
		{ 6, 59 },   /* nothing comes after it */
		{ 8, 0xff }, /* from many, */
		{ 24, 0xff } /* or to many */
	};
	uint32_t len = build6(0);

	(void)state;
	nobody(bytes, sizeof(bytes) / sizeof(bytes[0]), true);
	frame[l3 + 8] = 0; /* ::1 */
	assert_int_equal(ox_too_big(frame, len, 1350, out), 0);
	frame[l3 + 23] = 0; /* :: */
	assert_int_equal(ox_too_big(frame, len, 1350, out), 0);
	len = build6(0);
	assert_int_equal(ox_too_big(frame, len, 1279, out), 0);
	assert_true(ox_too_big(frame, len, 1280, out));
}

static void icmp6(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 256; type++) {
		uint32_t len = build6(0);
		bool is_error = type < 128 || type == 137;

		frame[l3 + 6] = IPPROTO_ICMPV6;
		frame[l3 + 40] = (uint8_t)type;
		assert_int_equal(!ox_too_big(frame, len, 1350, out), is_error);
		assert_int_equal(ox_too_big(frame, l3 + 40, 1350, out), 0);
		/* after hop-by-hop options and a first fragment's header */
		frame[l3 + 6] = 0;
		memcpy(frame + l3 + 40, "\x2c\x00\x00\x00\x00\x00\x00\x00", 8);
		memcpy(frame + l3 + 48, "\x3a\x00\x00\x01\x00\x00\x00\x00", 8);
		frame[l3 + 56] = (uint8_t)type;
		assert_int_equal(!ox_too_big(frame, len, 1350, out), is_error);
		frame[l3 + 51] = 9;
		assert_int_equal(ox_too_big(frame, len, 1350, out), 0);
		frame[l3 + 50] = 1;
		frame[l3 + 51] = 1;
		assert_int_equal(ox_too_big(frame, len, 1350, out), 0);
	}
}

/* Each length is in an allocation of its own, where a sanitizer sees what is
 * read behind it. Three tags, or other protocols, are nobody's. */
static void cut(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		uint8_t *p = malloc(i ? i : 1);

		assert_non_null(p);
		(void)(i & 1 ? build4(i % 3) : build6(i % 3));
		memcpy(p, frame, i);
		if (ox_too_big(p, i, 1350, out))
			assert_true(i >= l3 + 20);
		free(p);
	}
	build4(3);
	assert_int_equal(ox_too_big(frame, 1514, 1350, out), 0);
	build4(0);
	frame[13] = 6;
	assert_int_equal(ox_too_big(frame, 1514, 1350, out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.too_big.ipv4", told4),
		OX_TEST("unit.too_big.ipv6", told6),
		OX_TEST("unit.too_big.short", told_short),
		OX_TEST("unit.too_big.nobody4", nobody4),
		OX_TEST("unit.too_big.icmp4", icmp4),
		OX_TEST("unit.too_big.nobody6", nobody6),
		OX_TEST("unit.too_big.icmp6", icmp6),
		OX_TEST("unit.too_big.cut", cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
