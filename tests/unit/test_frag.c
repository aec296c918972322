// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_frag.c - fragmentation: the fragments of a packet, put together again,
 * are the packet.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>

#include "control/packet/frag.h"

#define ID 0x89abcdef

static uint8_t frame[4000], piece[4008], whole[4000];

/* Where build() put things. */
static uint32_t l3, payload;

static uint32_t build(int tags, bool v6, bool exts, uint32_t n)
{
	static const uint8_t ip4[24] = { 0x45, 0,  0, 0, 0x12, 0x34, 0x40, 0,
					 64,   17, 0, 0, 10,   0,    0,	   1,
					 10,   0,  0, 2, 1,    1,    1,	   1 };
	static const uint8_t ip6[40] = { 0x60, 0, 0, 0, 0, 0, 17, 64, 0xfd };
	/* hop-by-hop, destination, routing; of the next ones only the first
	 * header of UDP */
	static const uint8_t ext[24] = { 60, [8] = 43, [16] = 17 };
	uint32_t len = 12;

	memset(frame, 2, sizeof(frame));
	while (tags--) {
		memcpy(frame + len, "\x81\x00\x00\x05", 4);
		len += 4;
	}
	memcpy(frame + len, v6 ? "\x86\xdd" : "\x08\x00", 2);
	l3 = len + 2;
	memcpy(frame + l3, v6 ? ip6 : ip4, v6 ? 40 : 24);
	payload = l3 + (v6 ? 40 : exts ? 24 : 20);
	if (!v6 && exts)
		frame[l3] = 0x46;
	if (v6 && exts) {
		frame[l3 + 6] = 0;
		memcpy(frame + payload, ext, sizeof(ext));
		payload += sizeof(ext);
	}
	for (uint32_t i = 0; i < n; i++)
		frame[payload + i] = (uint8_t)(i * 11 + i / 256);
	return payload + n;
}

static uint32_t be16(const uint8_t *p)
{
	return p[0] * 256u + p[1];
}

static void check_ip4(uint32_t len, uint32_t done, bool last)
{
	uint32_t sum = 0;

	assert_int_equal(be16(piece + l3 + 2), len - l3);
	assert_int_equal(be16(piece + l3 + 4), 0x1234);
	assert_int_equal(be16(piece + l3 + 6), done / 8 + (last ? 0 : 0x2000));
	for (uint32_t i = l3; i < payload; i += 2)
		sum += be16(piece + i);
	assert_int_equal(sum % 65536 + sum / 65536, 0xffff);
}

static void check_ip6(uint32_t len, uint32_t done, bool last, bool exts)
{
	static const uint8_t head[] = { 17, 0 };
	const uint32_t id = htonl(ID);

	assert_int_equal(be16(piece + l3 + 4), len - l3 - 40);
	assert_int_equal(piece[exts ? payload - 8 : l3 + 6], 44);
	assert_memory_equal(piece + payload, head, 2);
	assert_int_equal(be16(piece + payload + 2), done + !last);
	assert_memory_equal(piece + payload + 4, &id, 4);
}

static void check(int tags, bool v6, bool exts, uint32_t n, uint32_t mtu)
{
	uint32_t len = build(tags, v6, exts, n), fl, done = 0, head = 0;
	struct ox_frag f;

	assert_int_equal(ox_frag_init(&f, frame, len, 0, mtu, ID), 0);
	while ((fl = ox_frag_next(&f, piece))) {
		bool last;

		head = payload + (v6 ? 8 : 0);
		last = done + fl - head == n;
		assert_true(fl - l3 <= mtu);
		assert_true(last || (fl - head) % 8 == 0);
		/* none is smaller than it has to be */
		assert_true(last || fl - l3 + 8 > mtu);
		assert_memory_equal(piece, frame, l3);
		memcpy(whole + done, piece + head, fl - head);
		if (v6)
			check_ip6(fl, done, last, exts);
		else
			check_ip4(fl, done, last);
		done += fl - head;
	}
	assert_int_equal(done, n);
	assert_memory_equal(whole, frame + payload, n);
}

static void ip4(void **state)
{
	(void)state;
	for (int tags = 0; tags <= 2; tags++)
		for (int exts = 0; exts <= 1; exts++)
			for (uint32_t mtu = 500; mtu < 516; mtu++) {
				check(tags, false, exts, 3000, mtu);
				check(tags, false, exts, 1, mtu);
				check(tags, false, exts, mtu - 24, mtu);
				check(tags, false, exts, mtu - 19, mtu);
			}
}

static void ip6(void **state)
{
	(void)state;
	for (int tags = 0; tags <= 2; tags++)
		for (int exts = 0; exts <= 1; exts++)
			for (uint32_t mtu = 1280; mtu < 1296; mtu++) {
				check(tags, true, exts, 3000, mtu);
				check(tags, true, exts, mtu - 72, mtu);
				check(tags, true, exts, mtu - 47, mtu);
			}
}

/* A fragment that is divided: its own place and "more" stay. */
static void again(void **state)
{
	uint32_t len = build(0, false, false, 1000), fl;
	struct ox_frag f;

	(void)state;
	frame[l3 + 6] = 0x20;
	frame[l3 + 7] = 100;
	assert_int_equal(ox_frag_init(&f, frame, len, 0, 820, ID), 0);
	fl = ox_frag_next(&f, piece);
	assert_int_equal(fl, l3 + 820);
	assert_int_equal(be16(piece + l3 + 6), 0x2000 + 100);
	fl = ox_frag_next(&f, piece);
	assert_int_equal(fl, l3 + 20 + 200);
	assert_int_equal(be16(piece + l3 + 6), 0x2000 + 200);
	assert_int_equal(ox_frag_next(&f, piece), 0);
}

static void refused(void **state)
{
	uint32_t len = build(0, false, false, 1000);
	struct ox_frag f;

	(void)state;
	assert_int_equal(ox_frag_init(&f, frame, len, 0, 27, ID), -EPROTO);
	assert_int_equal(ox_frag_init(&f, frame, l3 + 19, 0, 500, ID), -EPROTO);
	frame[l3] = 0x44;
	assert_int_equal(ox_frag_init(&f, frame, len, 0, 500, ID), -EPROTO);
	len = build(5, false, false, 1000); /* too much in front of IP */
	assert_int_equal(ox_frag_init(&f, frame, len, 0, 500, ID), -EPROTO);
	build(0, true, true, 1000);
	for (len = 0; len < payload; len++) {
		uint8_t *p = malloc(len ? len : 1);

		memcpy(p, frame, len);
		assert_int_equal(ox_frag_init(&f, p, len, 0, 1280, ID),
				 -EPROTO);
		free(p);
	}
	frame[12] = 8, frame[13] = 6;
	assert_int_equal(ox_frag_init(&f, frame, 1000, 0, 1280, ID), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.frag.ip4", ip4),
		OX_TEST("unit.frag.ip6", ip6),
		OX_TEST("unit.frag.again", again),
		OX_TEST("unit.frag.refused", refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
