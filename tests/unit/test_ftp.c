// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ftp.c - what FTP and TFTP announce, and packets that are rewritten: as
 * nf_conntrack_ftp.c, nf_nat_ftp.c, nf_conntrack_seqadj.c do.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>

#include "control/packet/ct_mangle.h"
#include "control/packet/ftp.h"
#include "control/packet/tftp.h"

static const __be32 own4[4] = { 0x0100000a };

struct vector {
	const char *text;
	bool reply, v6;
	int found;
	enum ox_ftp_type type;
	uint32_t off, len;
	const char *addr;
	uint16_t port;
};

#define P OX_FTP_PARTIAL
static const struct vector vectors[] = {
	{ "PORT 10,0,0,9,4,1\r\n", false, false, 1, OX_FTP_PORT, 5, 12,
	  "10.0.0.9", 1025 },
	{ "port 1,2,3,4,255,255\r\n", false, false, 1, OX_FTP_PORT, 5, 15,
	  "1.2.3.4", 65535 },
	{ "PORT  10,0,0,9,4,1\r\n", false, false, P, 0, 0, 0, NULL, 0 },
	{ "PORT 10,0,0,9,4,1\n", false, false, P, 0, 0, 0, NULL, 0 },
	{ "PORT 10,0,0,9,4\r\n", false, false, P, 0, 0, 0, NULL, 0 },
	{ "PORT 10,0,0,9,4,1", false, false, P, 0, 0, 0, NULL, 0 },
	{ "PORT", false, false, P, 0, 0, 0, NULL, 0 },
	{ "PO", false, false, P, 0, 0, 0, NULL, 0 },
	{ "E", false, false, P, 0, 0, 0, NULL, 0 },
	{ "PORTX", false, false, P, 0, 0, 0, NULL, 0 },
	{ "USER x\r\n", false, false, 0, 0, 0, 0, NULL, 0 },
	{ "PASV\r\n", false, false, 0, 0, 0, 0, NULL, 0 },
	{ "227 Entering Passive Mode (10,0,0,1,4,1).\r\n", true, false, 1,
	  OX_FTP_PASV, 27, 12, "10.0.0.1", 1025 },
	{ "227 =10,0,0,1,4,1\r\n", true, false, 1, OX_FTP_PASV, 5, 12,
	  "10.0.0.1", 1025 },
	{ "227 10,0,0,1,4,1", true, false, P, 0, 0, 0, NULL, 0 },
	{ "227 no numbers\r\n", true, false, P, 0, 0, 0, NULL, 0 },
	{ "PORT 10,0,0,9,4,1\r\n", true, false, 0, 0, 0, 0, NULL, 0 },
	{ "229 Extended (|||6446|)\r\n", true, false, 1, OX_FTP_EPSV, 14, 8,
	  "10.0.0.1", 6446 },
	{ "229 Extended (!!!80!)\r\n", true, false, 1, OX_FTP_EPSV, 14, 6,
	  "10.0.0.1", 80 },
	{ "229 (|||0|)\r\n", true, false, P, 0, 0, 0, NULL, 0 },
	{ "229 (||16446|)\r\n", true, false, P, 0, 0, 0, NULL, 0 },
	{ "229 (11164461)\r\n", true, false, P, 0, 0, 0, NULL, 0 },
	{ "229 nothing\r\n", true, false, P, 0, 0, 0, NULL, 0 },
	{ "EPRT |1|10.0.0.9|6275|\r\n", false, false, 1, OX_FTP_EPRT, 5, 17,
	  "10.0.0.9", 6275 },
	{ "EPRT |2|fd00::9|6275|\r\n", false, true, 1, OX_FTP_EPRT, 5, 16,
	  "fd00::9", 6275 },
	{ "EPRT |2|fd00::9|6275|\r\n", false, false, P, 0, 0, 0, NULL, 0 },
	{ "EPRT |1|10.0.0.9|6275|\r\n", false, true, P, 0, 0, 0, NULL, 0 },
	{ "EPRT |2|fd00::g|6275|\r\n", false, true, P, 0, 0, 0, NULL, 0 },
	{ "EPRT |1|10.0.0.9|62a5|\r\n", false, false, P, 0, 0, 0, NULL, 0 },
	{ "EPRT |1|10.0.0.9|6275", false, false, P, 0, 0, 0, NULL, 0 },
};

static void ftp_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		struct ox_ftp_cmd cmd;
		__be32 addr[4] = { 0 };
		uint32_t len = (uint32_t)strlen(v->text);
		/* on the heap, so that a read past its end shows */
		char *text = malloc(len);
		int found;

		memcpy(text, v->text, len);
		found = ox_ftp_parse(text, len, v->reply, v->v6, own4, &cmd);
		if (found != v->found)
			fail_msg("%s: %d", v->text, found);
		free(text);
		if (found != OX_FTP_CMD)
			continue;
		inet_pton(v->v6 ? AF_INET6 : AF_INET, v->addr, addr);
		assert_int_equal(cmd.type, v->type);
		assert_int_equal(cmd.off, v->off);
		assert_int_equal(cmd.len, v->len);
		assert_memory_equal(cmd.addr, addr, sizeof(addr));
		assert_int_equal(ntohs(cmd.port), v->port);
	}
	assert_int_equal(ox_ftp_parse("", 0, false, false, own4,
				      &(struct ox_ftp_cmd){ 0 }),
			 OX_FTP_NONE);
}

static void ftp_format(void **state)
{
	static const __be32 six[4] = { 0x000000fd, 0, 0, 0x40020000 };
	char text[OX_FTP_TEXT];

	(void)state;
	ox_ftp_format(OX_FTP_PORT, false, own4, 1025, text);
	assert_string_equal(text, "10,0,0,1,4,1");
	ox_ftp_format(OX_FTP_PASV, false, own4, 255, text);
	assert_string_equal(text, "10,0,0,1,0,255");
	ox_ftp_format(OX_FTP_EPRT, false, own4, 6275, text);
	assert_string_equal(text, "|1|10.0.0.1|6275|");
	assert_int_equal(ox_ftp_format(OX_FTP_EPRT, true, six, 6275, text), 48);
	assert_string_equal(text,
			    "|2|fd00:0000:0000:0000:0000:0000:0000:0240|6275|");
	assert_int_equal(ox_ftp_format(OX_FTP_EPSV, true, six, 7, text), 5);
	assert_string_equal(text, "|||7|");
}

static void tftp_requests(void **state)
{
	static const uint8_t ops[][2] = {
		{ 0, 0 }, { 0, 1 }, { 0, 2 }, { 0, 3 }, { 1, 1 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		assert_int_equal(ox_tftp_asks(ops[i], 2), i == 1 || i == 2);
	assert_false(ox_tftp_asks(ops[1], 1));
}

/* ---- packets ---- */

#define L3 14

static struct {
	uint8_t room[400];
	struct ox_host_pkt pkt;
	uint32_t l4;
} f;

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return ntohl(v);
}

static void put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, 4);
}

/* Are the checksums what they should be? */
static void assert_sums(bool v6)
{
	const uint8_t *ip = f.pkt.data + L3, *l4 = f.pkt.data + f.l4;
	uint32_t len = f.pkt.len - f.l4, s = len + 6;

	if (!v6) {
		uint32_t h = 0;

		for (int i = 0; i < 20; i += 2)
			h += (uint32_t)(ip[i] << 8 | ip[i + 1]);
		h = (h & 0xffff) + (h >> 16);
		assert_int_equal((uint16_t)(h + (h >> 16)), 0xffff);
	}
	for (uint32_t i = v6 ? 8 : 12; i < (v6 ? 40u : 20u); i += 2)
		s += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	for (uint32_t i = 0; i < len; i++)
		s += i & 1 ? l4[i] : (uint32_t)l4[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	assert_int_equal(s, 0xffff);
}

/* A segment with options and text, whose checksums are right. */
static void segment(bool v6, const uint8_t *opts, uint32_t n, const char *text)
{
	uint32_t len = (uint32_t)strlen(text);

	memset(&f, 0, sizeof(f));
	f.l4 = L3 + (v6 ? 40 : 20);
	f.pkt.data = f.room;
	f.pkt.len = f.l4 + 20 + n + len;
	f.pkt.tailroom = sizeof(f.room) - f.pkt.len;
	f.room[L3] = v6 ? 0x60 : 0x45;
	for (uint32_t i = v6 ? 8 : 12; i < (v6 ? 40u : 20u); i++)
		f.room[L3 + i] = (uint8_t)(i * 7);
	put32(f.room + f.l4 + 4, 1000);
	put32(f.room + f.l4 + 8, 5000);
	f.room[f.l4 + 12] = (uint8_t)((20 + n) / 4 << 4);
	f.room[f.l4 + 13] = 0x18;
	if (n)
		memcpy(f.room + f.l4 + 20, opts, n);
	memcpy(f.room + f.l4 + 20 + n, text, len);
	/* nothing is replaced, but all lengths and sums are made */
	assert_int_equal(ox_mangle_tcp(&f.pkt, L3, f.l4, 0, 0, "", 0), 0);
	assert_sums(v6);
}

static void mangle(bool v6)
{
	const char *text;

	segment(v6, NULL, 0, "PORT 10,0,0,1,4,1\r\n");
	assert_int_equal(ox_mangle_tcp(&f.pkt, L3, f.l4, 5, 12,
				       "192,168,100,200,255,255", 23),
			 0);
	text = (const char *)f.pkt.data + f.l4 + 20;
	assert_memory_equal(text, "PORT 192,168,100,200,255,255\r\n", 30);
	assert_int_equal(f.pkt.len, f.l4 + 20 + 30);
	assert_int_equal(f.pkt.data[L3 + (v6 ? 5 : 3)], v6 ? 50 : 70);
	assert_sums(v6);
	assert_int_equal(ox_mangle_tcp(&f.pkt, L3, f.l4, 5, 23, "1,2", 3), 0);
	assert_memory_equal(text, "PORT 1,2\r\n", 10);
	assert_sums(v6);
	f.pkt.tailroom = 2;
	assert_int_equal(ox_mangle_tcp(&f.pkt, L3, f.l4, 5, 3, "1,2,3,4", 7),
			 -EMSGSIZE);
	assert_memory_equal(text, "PORT 1,2\r\n", 10);
}

static void mangle_ipv4(void **state)
{
	(void)state;
	mangle(false);
}

static void mangle_ipv6(void **state)
{
	(void)state;
	mangle(true);
}

/* Before and after the place of the change, both ways; SACK at an even and at
 * an odd place. */
static void sequence_numbers(void **state)
{
	static const uint8_t even[12] = { 1,	1,    5, 10, 0,	   0,
					  0x13, 0x89, 0, 0,  0x13, 0x99 };
	static const uint8_t odd[12] = { 1,    5, 10, 0,    0,	  0x13,
					 0x89, 0, 0,  0x13, 0x99, 0 };
	const struct ox_ct_adj up = { .pos = 999, .before = 0, .after = 11 };
	const struct ox_ct_adj down = { .pos = 4000, .before = 3, .after = -7 };
	const struct ox_ct_adj late = { .pos = 1000, .before = 2, .after = 11 };
	const struct ox_ct_adj none = { 0 };

	(void)state;
	segment(false, even, 12, "x");
	assert_int_equal(ox_adj_segment(&f.pkt, f.l4, &up, &down), 0);
	assert_int_equal(get32(f.room + f.l4 + 4), 1011);
	assert_int_equal(get32(f.room + f.l4 + 8), 5007);
	assert_int_equal(get32(f.room + f.l4 + 24), 0x1389 + 7);
	assert_int_equal(get32(f.room + f.l4 + 28), 0x1399 + 7);
	assert_sums(false);
	segment(true, odd, 12, "xy");
	assert_int_equal(ox_adj_segment(&f.pkt, f.l4, &late, &down), 0);
	assert_int_equal(get32(f.room + f.l4 + 4), 1002);
	assert_int_equal(get32(f.room + f.l4 + 23), 0x1389 + 7);
	assert_int_equal(get32(f.room + f.l4 + 27), 0x1399 + 7);
	assert_sums(true);
	segment(false, NULL, 0, "");
	f.room[f.l4 + 13] = 2; /* no ACK: the number there means nothing */
	assert_int_equal(ox_adj_segment(&f.pkt, f.l4, &none, &down), 0);
	assert_int_equal(get32(f.room + f.l4 + 8), 5000);
}

static void bad_options(void **state)
{
	static const uint8_t cut[4] = { 1, 1, 1, 5 };
	static const uint8_t longer[4] = { 1, 5, 10, 0 };
	static const uint8_t zero[4] = { 5, 0, 0, 0 };
	const struct ox_ct_adj j = { 0 };

	(void)state;
	segment(false, cut, 4, "");
	assert_int_equal(ox_adj_segment(&f.pkt, f.l4, &j, &j), -EINVAL);
	segment(false, longer, 4, "");
	assert_int_equal(ox_adj_segment(&f.pkt, f.l4, &j, &j), -EINVAL);
	segment(false, zero, 4, "");
	assert_int_equal(ox_adj_segment(&f.pkt, f.l4, &j, &j), -EINVAL);
}

static void changes_add_up(void **state)
{
	struct ox_ct_adj j = ox_adj_add((struct ox_ct_adj){ 0 }, 100, 5);

	(void)state;
	assert_int_equal(j.pos, 100);
	assert_int_equal(j.before, 0);
	assert_int_equal(j.after, 5);
	/* the same segment once more */
	j = ox_adj_add(j, 100, 5);
	assert_int_equal(j.after, 5);
	j = ox_adj_add(j, 90, 5);
	assert_int_equal(j.after, 5);
	j = ox_adj_add(j, 200, -8);
	assert_int_equal(j.pos, 200);
	assert_int_equal(j.before, 5);
	assert_int_equal(j.after, -3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.ftp.vectors", ftp_vectors),
		OX_TEST("unit.ftp.format", ftp_format),
		OX_TEST("unit.ftp.tftp_requests", tftp_requests),
		OX_TEST("unit.ftp.mangle_ipv4", mangle_ipv4),
		OX_TEST("unit.ftp.mangle_ipv6", mangle_ipv6),
		OX_TEST("unit.ftp.sequence_numbers", sequence_numbers),
		OX_TEST("unit.ftp.bad_options", bad_options),
		OX_TEST("unit.ftp.changes_add_up", changes_add_up),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
