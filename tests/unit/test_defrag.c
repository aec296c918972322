// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_defrag.c - fragments become the packet that they were, whatever their
 * order; those that don't fit are lost by the kernel's rules, and counted; and
 * nobody takes the memory of others.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <stdbool.h>

#include "control/packet/defrag.h"
#include "control/packet/frag.h"

#define L2   14
#define ROOM 70000
#define DF   0x4000
#define MF   0x2000

static __u64 lost[OX_R_COUNT], others[OX_R_COUNT];
static uint8_t frame[ROOM], room[ROOM];
static struct ox_defrag *d;
static struct ox_defrag_in in;
static struct ox_host_pkt pkt;
static uint8_t proto = 17, to = 0xfd; /* and the first byte of IPv6's end */

static int setup(void **state)
{
	static const struct ox_defrag_conf conf = {
		.timeout_ms = { 30000, 60000 },
		.limit = { 1 << 20, 1 << 20 },
		.max_dist = 64,
	};

	(void)state;
	memset(lost, 0, sizeof(lost));
	memset(others, 0, sizeof(others));
	in = (struct ox_defrag_in){
		.l3 = L2, .zone = 5, .port_no = 1, .reasons = lost
	};
	d = ox_defrag_new(&conf);
	return d ? 0 : -1;
}

/* What is left over after a test is taken back, too. */
static int teardown(void **state)
{
	(void)state;
	ox_defrag_expire(d, INT64_MAX);
	assert_int_equal(ox_defrag_waiting(d), 0);
	assert_int_equal(ox_defrag_memory(d, 0), 0);
	assert_int_equal(ox_defrag_memory(d, 1), 0);
	ox_defrag_free(d);
	return 0;
}

static uint32_t be16(const uint8_t *p)
{
	return p[0] * 256u + p[1];
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint8_t payload_at(uint32_t i)
{
	return (uint8_t)(i * 11 + i / 256);
}

static void fill(uint8_t *p, uint32_t from, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		p[i] = payload_at(from + i);
}

static int give(const uint8_t *data, uint32_t len)
{
	memcpy(room, data, len);
	pkt = (struct ox_host_pkt){ .data = room,
				    .len = len,
				    .tailroom = ROOM - len };
	return ox_defrag(d, &in, &pkt);
}

/* n bytes of payload from off on; flags: DF, MF. */
static int ip4(uint16_t id, uint32_t off, uint32_t n, uint32_t flags)
{
	static const uint8_t h[20] = { 0x45, 0, 0,  0, 0, 0, 0,	 0, 64, 17,
				       0,    0, 10, 0, 0, 1, 10, 0, 0,	2 };
	uint8_t f[4000] = { 0 };

	in.v6 = 0;
	memcpy(f + 12, "\x08\x00", 2);
	memcpy(f + L2, h, sizeof(h));
	put16(f + L2 + 2, 20 + n);
	put16(f + L2 + 4, id);
	put16(f + L2 + 6, flags | off / 8);
	f[L2 + 9] = proto;
	fill(f + L2 + 20, off, n);
	return give(f, L2 + 20 + n);
}

static void is_ip4(uint32_t n, uint32_t mru, uint32_t flags)
{
	uint32_t sum = 0;

	assert_int_equal(pkt.len, L2 + 20 + n);
	assert_int_equal(pkt.len + pkt.tailroom, ROOM);
	assert_int_equal(pkt.mru, mru);
	assert_int_equal(be16(room + L2 + 2), 20 + n);
	assert_int_equal(be16(room + L2 + 6), flags);
	for (uint32_t i = 0; i < 20; i += 2)
		sum += be16(room + L2 + i);
	assert_int_equal(sum % 65536 + sum / 65536, 0xffff);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(room[L2 + 20 + i], payload_at(i));
}

/* Headers: hop-by-hop (8 bytes) if exts, then the fragment's. */
static int ip6(uint32_t id, uint32_t off, uint32_t n, bool more, bool exts)
{
	uint8_t f[4000] = { 0 }, *p = f + L2 + 40;

	in.v6 = 1;
	memcpy(f + 12, "\x86\xdd\x60", 3);
	f[L2 + 6] = exts ? 0 : 44;
	f[L2 + 8] = 0xfd;
	f[L2 + 23] = 1;
	f[L2 + 24] = to;
	f[L2 + 39] = 2;
	if (exts) {
		p[0] = 44;
		p += 8;
	}
	p[0] = proto;
	put16(p + 2, off | more);
	put16(p + 4, id >> 16);
	put16(p + 6, id);
	fill(p + 8, off, n);
	p += 8 + n;
	put16(f + L2 + 4, (uint32_t)(p - f) - L2 - 40);
	return give(f, (uint32_t)(p - f));
}

static void is_ip6(uint32_t n, uint32_t mru, bool exts)
{
	uint32_t head = 40 + (exts ? 8 : 0);

	assert_int_equal(pkt.len, L2 + head + n);
	assert_int_equal(pkt.mru, mru);
	assert_int_equal(be16(room + L2 + 4), head - 40 + n);
	assert_int_equal(room[L2 + 6], exts ? 0 : 17);
	if (exts)
		assert_int_equal(room[L2 + 40], 17);
	for (uint32_t i = 0; i < n; i++)
		assert_int_equal(room[L2 + head + i], payload_at(i));
}

static void order4(void **state)
{
	static const uint8_t orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 },
					      { 1, 0, 2 }, { 1, 2, 0 },
					      { 2, 0, 1 }, { 2, 1, 0 } };

	(void)state;
	for (uint16_t i = 0; i < 6; i++)
		for (int k = 0; k < 3; k++) {
			uint32_t at = orders[i][k];

			assert_int_equal(ip4(i, at * 1480, at == 2 ? 40 : 1480,
					     at == 2 ? 0 : MF),
					 k < 2 ? -EINPROGRESS : 0);
		}
	is_ip4(3000, 1500, 0);
	assert_int_equal(ox_defrag_waiting(d), 0);
}

static void order6(void **state)
{
	(void)state;
	for (int exts = 0; exts < 2; exts++) {
		for (int last = 0; last < 3; last++) {
			for (int k = 1; k < 4; k++) {
				uint32_t at = (last + k) % 3;

				assert_int_equal(ip6(7, at * 1448,
						     at == 2 ? 9 : 1448,
						     at != 2, exts),
						 k < 3 ? -EINPROGRESS : 0);
			}
			is_ip6(2905, 40 + 1456 + (exts ? 8 : 0), exts);
		}
	}
}

/* Each of these tells packets apart. */
static void apart(void **state)
{
	(void)state;
	assert_int_equal(ip4(1, 0, 800, MF), -EINPROGRESS);
	assert_int_equal(ip4(2, 800, 8, 0), -EINPROGRESS);
	in.zone = 6;
	assert_int_equal(ip4(1, 800, 8, 0), -EINPROGRESS);
	in.zone = 5;
	assert_int_equal(ip6(1, 800, 8, false, false), -EINPROGRESS);
	assert_int_equal(ox_defrag_waiting(d), 4);
	proto = 47;
	assert_int_equal(ip4(1, 800, 8, 0), -EINPROGRESS);
	proto = 17;
	assert_int_equal(ox_defrag_waiting(d), 5);
	/* but not the port */
	in.port_no = 2;
	assert_int_equal(ip4(1, 800, 8, 0), 0);
	is_ip4(808, 820, 0);
	assert_int_equal(ox_defrag_waiting(d), 4);
	/* except where addresses are a link's */
	to = 0xff;
	assert_int_equal(ip6(2, 800, 8, false, false), -EINPROGRESS);
	in.port_no = 3;
	assert_int_equal(ip6(2, 0, 800, true, false), -EINPROGRESS);
	in.port_no = 2;
	assert_int_equal(ip6(2, 0, 800, true, false), 0);
	to = 0xfd;
}

static void dont_fragment(void **state)
{
	(void)state;
	assert_int_equal(ip4(1, 0, 800, MF | DF), -EINPROGRESS);
	assert_int_equal(ip4(1, 800, 8, 0), 0);
	is_ip4(808, 820, DF);
	assert_int_equal(ip4(1, 0, 800, MF), -EINPROGRESS);
	assert_int_equal(ip4(1, 800, 8, DF), 0);
	is_ip4(808, 820, 0);
	/* the largest of them counts, not the last */
	assert_int_equal(ip4(1, 0, 800, MF | DF), -EINPROGRESS);
	assert_int_equal(ip4(1, 800, 8, DF), 0);
	is_ip4(808, 820, DF);
}

/* Of IPv4 it is an error, of IPv6 not; the packet goes on either way. */
static void duplicate(void **state)
{
	(void)state;
	assert_int_equal(ip4(1, 0, 800, MF), -EINPROGRESS);
	assert_int_equal(ip4(1, 800, 800, MF), -EINPROGRESS);
	assert_int_equal(ip4(1, 0, 800, MF), -EINVAL);
	assert_int_equal(ip4(1, 400, 800, MF), -EINVAL); /* inside of a run */
	assert_int_equal(lost[OX_R_FRAG_DUP], 2);
	assert_int_equal(ip4(1, 1600, 8, 0), 0);
	is_ip4(1608, 820, 0);
	assert_int_equal(ip6(1, 0, 800, true, true), -EINPROGRESS);
	assert_int_equal(ip6(1, 0, 800, true, true), -EINPROGRESS);
	assert_int_equal(ip6(1, 800, 8, false, true), 0);
	is_ip6(808, 856, true);
	assert_int_equal(lost[OX_R_FRAG_DUP], 3);
}

static void overlap(void **state)
{
	(void)state;
	assert_int_equal(ip4(1, 0, 800, MF), -EINPROGRESS);
	assert_int_equal(ip4(1, 792, 800, MF), -EINVAL);
	assert_int_equal(lost[OX_R_FRAG_OVERLAP], 2);
	assert_int_equal(ox_defrag_waiting(d), 0);
	assert_int_equal(ip6(1, 800, 800, true, false), -EINPROGRESS);
	assert_int_equal(ip6(1, 0, 808, true, false), -EINPROGRESS);
	assert_int_equal(lost[OX_R_FRAG_OVERLAP], 4);
	assert_int_equal(ox_defrag_waiting(d), 0);
}

/* The packet has two ends. IPv4 gives it up. */
static void ends(void **state)
{
	(void)state;
	assert_int_equal(ip4(1, 800, 8, 0), -EINPROGRESS);
	assert_int_equal(ip4(1, 808, 8, MF), -EINVAL);
	assert_int_equal(lost[OX_R_CT_FRAG], 2);
	assert_int_equal(ip4(1, 800, 8, 0), -EINPROGRESS);
	assert_int_equal(ip4(1, 800, 16, 0), -EINVAL);
	assert_int_equal(lost[OX_R_CT_FRAG], 4);
	assert_int_equal(ox_defrag_waiting(d), 0);
	assert_int_equal(ip6(1, 800, 8, false, false), -EINPROGRESS);
	assert_int_equal(ip6(1, 800, 16, false, false), -EINPROGRESS);
	assert_int_equal(lost[OX_R_CT_FRAG], 5);
	assert_int_equal(ox_defrag_waiting(d), 1);
	assert_int_equal(ip6(1, 0, 800, true, false), 0);
	is_ip6(808, 848, false);
}

static void empty(void **state)
{
	(void)state;
	assert_int_equal(ip4(1, 800, 0, 0), -EINVAL);
	assert_int_equal(ip4(1, 800, 7, MF), -EINVAL); /* 0 of 8 */
	assert_int_equal(lost[OX_R_CT_FRAG], 2);
	assert_int_equal(ox_defrag_waiting(d), 0);
	/* cut in its header */
	in.v6 = 0;
	assert_int_equal(give((const uint8_t *)"0123456789abcdE", 15), -EINVAL);
	assert_int_equal(lost[OX_R_CT_FRAG], 3);
}

/* More than a packet can be. */
static void too_large(void **state)
{
	(void)state;
	for (uint32_t at = 0; at < 65520; at += 3640)
		assert_int_equal(ip4(1, at, 3640, MF), -EINPROGRESS);
	assert_int_equal(ip4(1, 65520, 8, 0), -E2BIG);
	assert_int_equal(lost[OX_R_CT_FRAG], 19);
	for (uint32_t at = 0; at < 65520; at += 3640)
		assert_int_equal(ip4(1, at, at == 61880 ? 3635 : 3640,
				     at == 61880 ? 0 : MF),
				 at == 61880 ? 0 : -EINPROGRESS);
	is_ip4(65515, 3660, 0);
	/* of IPv6, one that says so goes on as it is */
	assert_int_equal(ip6(1, 65528, 16, false, false), 0);
	assert_int_equal(pkt.mru, 0);
	assert_int_equal(ox_defrag_waiting(d), 0);
}

/* What the kernel doesn't take for a fragment goes on; and a fragment that is
 * the whole packet loses its header. */
static void ip6_as_it_is(void **state)
{
	(void)state;
	assert_int_equal(ip6(1, 0, 4, true, false), 0); /* no UDP header */
	assert_int_equal(pkt.len, L2 + 40 + 8 + 4);
	proto = 6;
	assert_int_equal(ip6(1, 0, 16, true, false), 0); /* nor TCP's */
	proto = 17;
	assert_int_equal(ip6(1, 0, 12, true, false), 0); /* 12 isn't 8 * n */
	assert_int_equal(pkt.len, L2 + 40 + 8 + 12);
	assert_int_equal(ox_defrag_waiting(d), 0);
	assert_int_equal(ip6(1, 0, 20, false, false), 0);
	is_ip6(20, 40 + 8 + 20, false);
}

static void ecn(void **state)
{
	uint8_t f[100] = { 0 };

	(void)state;
	in.v6 = 0;
	for (uint32_t a = 0; a < 4; a++) {
		for (uint32_t b = 0; b < 4; b++) {
			int want = !a != !b ? -EINVAL : 0;

			memcpy(f + L2, "\x45\0\0\x1c\0\1\x20\0\x40\x11", 10);
			f[L2 + 1] = (uint8_t)a;
			assert_int_equal(give(f, L2 + 28), -EINPROGRESS);
			memcpy(f + L2 + 6, "\0\1", 2);
			f[L2 + 1] = (uint8_t)b;
			assert_int_equal(give(f, L2 + 28), want);
			if (!want)
				assert_int_equal(room[L2 + 1],
						 a == 3 || b == 3 ? 3 : a);
		}
	}
	assert_int_equal(lost[OX_R_CT_FRAG], 6 * 2);
}

static void timeout(void **state)
{
	(void)state;
	assert_int_equal(ip4(1, 0, 800, MF), -EINPROGRESS);
	assert_int_equal(ip6(1, 0, 800, true, false), -EINPROGRESS);
	in.now_ms = 29999;
	/* another one of the same packet gives no more time */
	assert_int_equal(ip4(1, 800, 800, MF), -EINPROGRESS);
	ox_defrag_expire(d, 29999);
	assert_int_equal(ox_defrag_waiting(d), 2);
	in.now_ms = 30000;
	assert_int_equal(ip4(1, 1600, 8, 0), -EINPROGRESS);
	assert_int_equal(lost[OX_R_FRAG_TIMEOUT], 2);
	ox_defrag_expire(d, 59999);
	assert_int_equal(ox_defrag_waiting(d), 2);
	ox_defrag_expire(d, 60000);
	assert_int_equal(ox_defrag_waiting(d), 0);
	assert_int_equal(lost[OX_R_FRAG_TIMEOUT], 4);
}

/* 64 fragments of other packets of that source lie between: it has come to
 * the id again. */
static void id_again(void **state)
{
	(void)state;
	for (uint32_t n = 64; n < 66; n++) {
		bool late = n == 65;

		assert_int_equal(ip4(1, 0, 800, MF), -EINPROGRESS);
		for (uint32_t i = 1; i < n; i++)
			assert_int_equal(ip4(2, i * 16, 8, MF), -EINPROGRESS);
		assert_int_equal(ip4(1, 800, 8, 0), late ? -EINPROGRESS : 0);
		assert_int_equal(lost[OX_R_CT_FRAG], late ? 1 : 0);
		in.now_ms += 30000;
		ox_defrag_expire(d, in.now_ms);
	}
	/* from then on there is a new packet, with new headers */
	assert_int_equal(ip4(3, 0, 800, MF), -EINPROGRESS);
	for (uint32_t i = 1; i < 66; i++)
		ip4(4, i * 16, 8, MF);
	assert_int_equal(ip4(3, 800, 8, 0), -EINPROGRESS);
	assert_int_equal(ip4(3, 0, 800, MF), 0);
	is_ip4(808, 820, 0);
}

/* One port fills what it may; the other one has room. */
static void share(void **state)
{
	uint32_t n = 0;
	int err;

	(void)state;
	while (!(err = ip4((uint16_t)n, 0, 1480, MF)) || err == -EINPROGRESS)
		n++;
	assert_int_equal(err, -ENOMEM);
	assert_int_equal(lost[OX_R_FRAG_LIMIT], 1);
	assert_in_range(n, 200, (1 << 19) / 1480);
	assert_in_range(ox_defrag_memory(d, 0), 400000, 1 << 19);
	/* nor more of what it has begun */
	for (uint32_t at = 1480; lost[OX_R_FRAG_LIMIT] < 3; at += 1480)
		ip4(0, at, 1480, MF);
	in.port_no = 2;
	for (uint16_t i = 0; i < 50; i++) {
		assert_int_equal(ip4(9000 + i, 0, 1480, MF), -EINPROGRESS);
		assert_int_equal(ip4(9000 + i, 1480, 8, 0), 0);
	}
	/* the same number of another datapath is another port */
	in.port_no = 1;
	in.reasons = others;
	assert_int_equal(ip4(9000, 0, 1480, MF), -EINPROGRESS);
	/* and the other family has its own */
	in.reasons = lost;
	assert_int_equal(ip6(1, 0, 800, true, false), -EINPROGRESS);
}

/* Small pieces that never end take memory, too. */
static void small(void **state)
{
	uint32_t n = 0;

	(void)state;
	while (ip4((uint16_t)n, 8, 8, MF) == -EINPROGRESS)
		n++;
	assert_in_range(n, 500, 4000);
	assert_in_range(ox_defrag_memory(d, 0), 400000, 1 << 19);
	ox_defrag_expire(d, 30000);
	assert_int_equal(lost[OX_R_FRAG_TIMEOUT], n);
	/* every second piece of one packet, and the others from the end on */
	for (uint32_t at = 0; at < 8000; at += 16)
		assert_int_equal(ip4(1, at, 8, MF), -EINPROGRESS);
	assert_int_equal(ip4(1, 8000, 8, 0), -EINPROGRESS);
	for (uint32_t at = 7992; at > 8; at -= 16)
		assert_int_equal(ip4(1, at, 8, MF), -EINPROGRESS);
	assert_int_equal(ip4(1, 8, 8, MF), 0);
	is_ip4(8008, 28, 0);
}

static void forget(void **state)
{
	(void)state;
	assert_int_equal(ip4(1, 0, 800, MF), -EINPROGRESS);
	in.reasons = others;
	assert_int_equal(ip4(2, 0, 800, MF), -EINPROGRESS);
	ox_defrag_forget(d, lost);
	assert_int_equal(ox_defrag_waiting(d), 1);
	assert_int_equal(lost[OX_R_CT_FRAG], 1);
	assert_int_equal(others[OX_R_CT_FRAG], 0);
	assert_int_equal(ip4(2, 800, 8, 0), 0);
}

/* What frag.c makes of a packet is that packet again. */
static void there_and_back(void **state)
{
	static uint8_t pieces[8][2000], whole[ROOM];
	uint32_t len[8], n, size;
	struct ox_frag f;

	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		size = v6 ? 60 : 40;
		memset(frame, 0, sizeof(frame));
		memcpy(frame + 12, v6 ? "\x86\xdd\x60" : "\x08\0\x45", 3);
		if (v6)
			memcpy(frame + L2 + 4, "\x0f\xa0\x11\x40\xfd", 5);
		else
			memcpy(frame + L2 + 8, "\x40\x11", 2);
		fill(frame + L2 + size - 20, 0, 4000);
		size += L2 - 20 + 4000;
		assert_int_equal(ox_frag_init(&f, frame, size, 0, 1300, 77), 0);
		for (n = 0; (len[n] = ox_frag_next(&f, pieces[n])); n++)
			;
		in.v6 = (uint8_t)v6;
		memcpy(whole, frame, size);
		for (uint32_t i = n; i-- > 1;)
			assert_int_equal(give(pieces[i], len[i]), -EINPROGRESS);
		assert_int_equal(give(pieces[0], len[0]), 0);
		assert_int_equal(pkt.len, size);
		assert_int_equal(pkt.mru, len[0] - L2);
		if (!v6) { /* lengths and sums that frame lacks */
			memcpy(whole + L2 + 2, room + L2 + 2, 2);
			memcpy(whole + L2 + 10, room + L2 + 10, 2);
		}
		assert_memory_equal(room, whole, size);
	}
}

#define CASE(name) OX_TEST_WITH("unit.defrag." #name, name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(order4),
		CASE(order6),
		CASE(apart),
		CASE(dont_fragment),
		CASE(duplicate),
		CASE(overlap),
		CASE(ends),
		CASE(empty),
		CASE(too_large),
		CASE(ip6_as_it_is),
		CASE(ecn),
		CASE(timeout),
		CASE(id_again),
		CASE(share),
		CASE(small),
		CASE(forget),
		CASE(there_and_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
