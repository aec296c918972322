// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ctl_drops.c - ovsxdpctl drops without a daemon: a message as text, JSON
 * and in a capture file, block by block, and what wasn't shown.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>

#include "control/ctl/drops.h"
#include "ovsxdp/nl.h"
#include "tests/lib/nlmake.h"

#define LEN 61 /* bytes of the packet: not a multiple of 4 */

static const uint8_t packet[LEN] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8 };
static const uint8_t ufid[16] = { 1, 2, 3, 4, 5, 6, 7, 8 };

/* A key of a few fields; l3: without Ethernet. */
static const struct nlattr *key_of(bool l3)
{
	static struct ox_make m;
	struct ovs_key_ethernet eth = { { 2, 0, 0, 0, 0, 1 },
					{ 2, 0, 0, 0, 0, 2 } };

	ox_make_start(&m, OX_A_TRACE_KEY);
	ox_make_u32(&m, OVS_KEY_ATTR_RECIRC_ID, 0);
	ox_make_u32(&m, OVS_KEY_ATTR_SKB_MARK, 5);
	ox_make_u32(&m, OVS_KEY_ATTR_IN_PORT, 3);
	if (!l3)
		ox_make_put(&m, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
	ox_make_u16(&m, OVS_KEY_ATTR_ETHERTYPE, htons(0x1234));
	return ox_make_end(&m);
}

enum { WHOLE, L3, BARE };

static void message(struct ox_msg *m, int kind)
{
	const struct nlattr *key = key_of(kind == L3);

	ox_msg_begin(m, OX_GENL_OVSXDP, 0, OX_CMD_DROP, 7);
	ox_msg_put_str(m, OX_A_TRACE_TIER, "xdp");
	ox_msg_put_str(m, OX_A_REASON_NAME, kind == BARE ? "runt" : "meter");
	ox_msg_put_u32(m, OX_A_DROP_LEN, 1000);
	ox_msg_put(m, OX_A_TRACE_PACKET, packet, LEN);
	if (kind == BARE)
		return;
	ox_msg_put_u32(m, OX_A_PORT_NO, 3);
	ox_msg_put_str(m, OX_A_PORT_NAME, "eth1");
	ox_msg_put(m, OX_A_DROP_UFID, ufid, sizeof(ufid));
	ox_msg_put(m, OX_A_TRACE_KEY, mnl_attr_get_payload(key),
		   mnl_attr_get_payload_len(key));
}

static void read_one(struct ox_msg *m, int kind, struct ox_drop_info *p)
{
	message(m, kind);
	assert_true(ox_drop_read(&m->nlh, p));
	assert_int_equal(p->dp_ifindex, 7);
	p->dp = "dp0";
	p->at = (struct timespec){ .tv_sec = 1000000000, .tv_nsec = 12345678 };
}

static char *line(int kind, bool more)
{
	const struct ox_odp_style st = { .more = more };
	static struct ox_msg m;
	struct ox_drop_info p;
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	read_one(&m, kind, &p);
	ox_drop_print(f, &p, &st);
	fclose(f);
	return text;
}

static void text(void **state)
{
	char *whole = line(WHOLE, false), *more = line(WHOLE, true);
	char *bare = line(BARE, false);

	(void)state;
	assert_string_equal(
		whole + 8,
		".012345 dp0: port 3 (eth1): meter (OVS_DROP_METER), xdp tier, "
		"ufid:04030201-0807-0605-0000-000000000000, 1000 bytes, "
		"skb_mark(0x5),in_port(3),"
		"eth(src=02:00:00:00:00:01,dst=02:00:00:00:00:02),"
		"eth_type(0x1234)\n");
	assert_non_null(
		strstr(more, "bytes, recirc_id(0),skb_mark(0x5),in_port(3),"));
	assert_string_equal(bare + 8, ".012345 dp0: no port: runt, xdp tier, "
				      "1000 bytes\n");
	free(whole);
	free(more);
	free(bare);
}

static void json(void **state)
{
	const struct ox_odp_style st = { 0 };
	static struct ox_msg m;
	struct ox_drop_info p;
	cJSON *o, *hex;

	(void)state;
	read_one(&m, WHOLE, &p);
	o = ox_drop_json(&p, &st);
	assert_string_equal(
		cJSON_GetObjectItem(o, "kernel_reason")->valuestring,
		"OVS_DROP_METER");
	assert_int_equal(cJSON_GetObjectItem(o, "len")->valueint, 1000);
	assert_non_null(
		cJSON_GetObjectItem(cJSON_GetObjectItem(o, "key"), "in_port"));
	hex = cJSON_GetObjectItem(o, "packet");
	assert_int_equal(strlen(hex->valuestring), 2 * LEN);
	assert_memory_equal(hex->valuestring, "020000000002", 12);
	cJSON_Delete(o);
	read_one(&m, BARE, &p);
	o = ox_drop_json(&p, &st);
	assert_null(cJSON_GetObjectItem(o, "port"));
	assert_null(cJSON_GetObjectItem(o, "kernel_reason"));
	assert_null(cJSON_GetObjectItem(o, "key"));
	assert_null(cJSON_GetObjectItem(o, "ufid"));
	cJSON_Delete(o);
}

/* Others' messages, and what the daemon sends to see who is there. */
static void not_a_drop(void **state)
{
	static struct ox_msg m;
	struct ox_drop_info p;

	(void)state;
	ox_msg_begin(&m, OX_GENL_OVSXDP, 0, OX_CMD_DROP, 7);
	assert_false(ox_drop_read(&m.nlh, &p));
	message(&m, WHOLE);
	m.nlh.nlmsg_type = OX_GENL_FLOW;
	assert_false(ox_drop_read(&m.nlh, &p));
	ox_msg_begin(&m, OX_GENL_OVSXDP, 0, OX_CMD_DP_GET, 7);
	ox_msg_put(&m, OX_A_TRACE_PACKET, packet, LEN);
	assert_false(ox_drop_read(&m.nlh, &p));
}

/* ---- the capture file ---- */

struct block {
	uint32_t type, len;
	const uint8_t *body;
};

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Takes a block off the front. */
static struct block next(const uint8_t **at, size_t *left)
{
	struct block b;

	assert_true(*left >= 12);
	b.type = u32_at(*at);
	b.len = u32_at(*at + 4);
	b.body = *at + 8;
	assert_int_equal(b.len % 4, 0);
	assert_true(b.len >= 12 && b.len <= *left);
	assert_int_equal(u32_at(*at + b.len - 4), b.len);
	*at += b.len;
	*left -= b.len;
	return b;
}

/* The value of an option among those from "at" on, and its length. */
static const uint8_t *option(const struct block *b, uint32_t at, uint16_t code,
			     uint16_t *len)
{
	uint16_t head[2];

	for (; at + 4 <= b->len - 12; at += 4 + ((head[1] + 3u) & ~3u)) {
		memcpy(head, b->body + at, 4);
		*len = head[1];
		if (head[0] == code)
			return b->body + at + 4;
		if (!head[0])
			break;
	}
	return NULL;
}

static void assert_option(const struct block *b, uint32_t at, uint16_t code,
			  const char *want)
{
	uint16_t len;
	const uint8_t *v = option(b, at, code, &len);

	assert_non_null(v);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(v, want, len);
}

static void assert_interface(const struct block *b, uint16_t link,
			     const char *name)
{
	uint16_t type, len;

	assert_int_equal(b->type, 1);
	memcpy(&type, b->body, 2);
	assert_int_equal(type, link);
	assert_int_equal(u32_at(b->body + 4), 256);
	assert_option(b, 8, 2, name);
	assert_int_equal(*option(b, 8, 9, &len), 9);
}

static void assert_packet(const struct block *b, uint32_t iface,
			  const char *comment)
{
	const uint64_t ns = 1000000000ull * 1000000000 + 12345678;
	uint32_t opts = 20 + ((LEN + 3) & ~3u);

	assert_int_equal(b->type, 6);
	assert_int_equal(u32_at(b->body), iface);
	assert_int_equal(u32_at(b->body + 4), ns >> 32);
	assert_int_equal(u32_at(b->body + 8), (uint32_t)ns);
	assert_int_equal(u32_at(b->body + 12), LEN);
	assert_int_equal(u32_at(b->body + 16), 1000);
	assert_memory_equal(b->body + 20, packet, LEN);
	assert_option(b, opts, 1, comment);
}

static void capture(void **state)
{
	static const char *const why =
		"dp0: port 3 (eth1): meter (OVS_DROP_METER), xdp tier, "
		"ufid:04030201-0807-0605-0000-000000000000";
	static const int kinds[] = { WHOLE, BARE, WHOLE, L3 };
	static struct ox_msg m;
	struct ox_drop_info p;
	struct ox_pcapng w;
	const uint8_t *at;
	struct block b;
	char *file;
	size_t n;
	FILE *f = open_memstream(&file, &n);

	(void)state;
	assert_int_equal(ox_pcapng_begin(&w, f, 256), 0);
	for (size_t i = 0; i < 4; i++) {
		read_one(&m, kinds[i], &p);
		assert_int_equal(ox_drop_write(&w, &p), 0);
	}
	ox_pcapng_end(&w);
	fclose(f);
	at = (const void *)file;
	b = next(&at, &n);
	assert_int_equal(b.type, 0x0a0d0d0a);
	assert_int_equal(u32_at(b.body), 0x1a2b3c4d);
	assert_int_equal(u32_at(b.body + 4), 1);
	b = next(&at, &n);
	assert_interface(&b, 1, "dp0:eth1");
	b = next(&at, &n);
	assert_packet(&b, 0, why);
	b = next(&at, &n);
	assert_interface(&b, 1, "dp0:?");
	b = next(&at, &n);
	assert_packet(&b, 1, "dp0: no port: runt, xdp tier");
	b = next(&at, &n);
	assert_packet(&b, 0, why);
	/* the same port with another link type is another interface */
	b = next(&at, &n);
	assert_interface(&b, 101, "dp0:eth1");
	b = next(&at, &n);
	assert_packet(&b, 2, why);
	assert_int_equal(n, 0);
	free(file);
}

static void disk_full(void **state)
{
	FILE *f = fopen("/dev/full", "w");
	struct ox_pcapng w;

	(void)state;
	if (!f)
		ox_skip("no /dev/full");
	assert_int_equal(ox_pcapng_begin(&w, f, 256), -ENOSPC);
	ox_pcapng_end(&w);
	fclose(f);
}

/* ---- what wasn't shown ---- */

static void missing(void **state)
{
	struct ox_drop_count c = { .base = 100 };

	(void)state;
	assert_int_equal(ox_drop_missing(&c, 100), 0);
	c.seen = 10;
	assert_int_equal(ox_drop_missing(&c, 110), 0);
	assert_int_equal(ox_drop_missing(&c, 150), 40);
	assert_int_equal(ox_drop_missing(&c, 150), 0);
	/* some have come since the counters were read */
	c.seen = 15;
	assert_int_equal(ox_drop_missing(&c, 152), 0);
	assert_int_equal(ox_drop_missing(&c, 160), 5);
	assert_int_equal(c.missing, 45);
	assert_int_equal(c.base + c.seen + c.missing, 160);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.ctl_drops.text", text),
		OX_TEST("unit.ctl_drops.json", json),
		OX_TEST("unit.ctl_drops.not_a_drop", not_a_drop),
		OX_TEST("unit.ctl_drops.capture", capture),
		OX_TEST("unit.ctl_drops.disk_full", disk_full),
		OX_TEST("unit.ctl_drops.missing", missing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
