// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_key_tunnel.c - OVS_KEY_ATTR_TUNNEL in and out. What the module answers
 * is in key_module.h.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_tunnel.h>
#include <linux/openvswitch.h>

#include "control/codec/key.h"
#include "tests/lib/nlmake.h"

static struct ox_make k, m;
static struct ox_key key, mask;
static struct ox_tun tun, tun_mask;
static struct ox_err err;
static const uint8_t ones[256] = { [0 ... 255] = 0xff };

static int match(bool with_mask)
{
	const struct ox_key_out ko = { &key, &tun }, mo = { &mask, &tun_mask };

	memset(&err, 0, sizeof(err));
	return ox_key_get_match(k.b, ox_make_end(&k),
				with_mask ? ox_make_end(&m) : NULL, &ko, &mo,
				&err);
}

static void refused(bool with_mask, const char *words)
{
	assert_int_equal(match(with_mask), -EINVAL);
	if (!strstr(err.msg, words))
		fail_msg("'%s' lacks '%s'", err.msg, words);
}

static void start(void)
{
	static const struct ovs_key_ethernet eth = { .eth_src = { 2 } };

	ox_make_start(&k, OVS_FLOW_ATTR_KEY);
	ox_make_start(&m, OVS_FLOW_ATTR_MASK);
	ox_make_u32(&k, OVS_KEY_ATTR_IN_PORT, 1);
	ox_make_put(&k, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
	ox_make_u16(&k, OVS_KEY_ATTR_ETHERTYPE, htons(0x88cc));
}

/* One attribute of a tunnel; v NULL: ones, where that matters. */
struct attr {
	uint16_t type;
	uint16_t len;
	const void *v;
};

static void put(struct ox_make *b, const struct attr *a, size_t n)
{
	uint32_t at = ox_make_nest(b, OVS_KEY_ATTR_TUNNEL);

	for (; n--; a++)
		ox_make_put(b, a->type, a->v ? a->v : ones, a->len);
	ox_make_nest_end(b, at);
}
#define PUT(b, ...)                                       \
	do {                                              \
		const struct attr a_[] = { __VA_ARGS__ }; \
		put(b, a_, sizeof(a_) / sizeof(a_[0]));   \
	} while (0)

#define DST                                                  \
	{                                                    \
		OVS_TUNNEL_KEY_ATTR_IPV4_DST, 4, "\12\0\0\2" \
	}
#define TTL                                        \
	{                                          \
		OVS_TUNNEL_KEY_ATTR_TTL, 1, "\100" \
	}
#define DST6                                                           \
	{                                                              \
		OVS_TUNNEL_KEY_ATTR_IPV6_DST, 16, "\375\0\0\0\0\0\0\0" \
	}
#define GENEVE(n)                                        \
	{                                                \
		OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, n, opts \
	}
#define ID                                                    \
	{                                                     \
		OVS_TUNNEL_KEY_ATTR_ID, 8, "\0\0\0\0\0\0\0\7" \
	}

static const uint8_t opts[256] = { 1, 2, 0x80, 1, 5, 6, 7, 8, 9 };

static void ipv4(void **state)
{
	(void)state;
	start();
	PUT(&k, ID, { OVS_TUNNEL_KEY_ATTR_IPV4_SRC, 4, "\12\0\0\1" }, DST,
	    { OVS_TUNNEL_KEY_ATTR_TOS, 1, "\4" }, TTL,
	    { OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT, 0, NULL },
	    { OVS_TUNNEL_KEY_ATTR_CSUM, 0, NULL },
	    { OVS_TUNNEL_KEY_ATTR_TP_SRC, 2, "\1\2" },
	    { OVS_TUNNEL_KEY_ATTR_TP_DST, 2, "\3\4" },
	    { OVS_TUNNEL_KEY_ATTR_OAM, 0, NULL }, GENEVE(8));
	assert_int_equal(match(false), 0);
	assert_int_equal(key.tun_proto, 2);
	assert_int_equal(key.has_tun, 1);
	assert_int_equal(tun.tun_id, __builtin_bswap64(7));
	assert_int_equal(tun.ipv4.src, htonl(0x0a000001));
	assert_int_equal(tun.ipv4.dst, htonl(0x0a000002));
	assert_int_equal(key.tun_tos, 4);
	assert_int_equal(key.tun_ttl, 64);
	assert_int_equal(tun.tp_src, htons(0x102));
	assert_int_equal(tun.tp_dst, htons(0x304));
	assert_int_equal(key.tun_flags, TUNNEL_KEY | TUNNEL_DONT_FRAGMENT |
						TUNNEL_CSUM | TUNNEL_OAM |
						TUNNEL_GENEVE_OPT);
	assert_int_equal(key.tun_opts_len, 8);
	assert_memory_equal(tun.opts, opts, 8);
	/* exact: what has no attribute is 0; flags are those that are there */
	assert_int_equal(mask.tun_proto, 0xff);
	assert_int_equal(mask.has_tun, 0);
	assert_int_equal(mask.tun_flags, key.tun_flags);
	assert_int_equal(mask.tun_opts_len, 0xff);
	assert_int_equal(tun_mask.x[0], ~0ull);
	assert_int_equal(tun_mask.x[1], ~0ull);
	assert_int_equal(tun_mask.x[2], 0); /* of IPv6 alone */
	assert_int_equal(tun_mask.label, 0xffffffff);
	assert_int_equal(tun_mask.x[6], ~0ull);
	assert_int_equal(tun_mask.x[7], 0);
}

static void ipv6(void **state)
{
	(void)state;
	start();
	PUT(&k, DST6, TTL);
	assert_int_equal(match(false), 0);
	assert_int_equal(key.tun_proto, 10);
	assert_int_equal(((uint8_t *)tun.ipv6.dst)[0], 0xfd);
	assert_int_equal(key.tun_flags, 0);
	assert_int_equal(mask.tun_flags, 0);
	assert_int_equal(tun_mask.x[4], ~0ull);
	assert_int_equal(tun_mask.x[6], 0);
}

/* Each with words of its own. */
static void lacks(void **state)
{
	static const uint8_t zero[16];

	(void)state;
	start();
	PUT(&k, TTL);
	refused(false, "lacks the destination");
	start();
	PUT(&k, DST);
	refused(false, "lacks the TTL");
	start();
	PUT(&k, { OVS_TUNNEL_KEY_ATTR_IPV4_DST, 4, zero }, TTL);
	refused(false, "IPv4 destination is zero");
	start();
	PUT(&k, { OVS_TUNNEL_KEY_ATTR_IPV6_DST, 16, zero }, TTL);
	refused(false, "IPv6 destination is zero");
	start();
	PUT(&k, DST, DST6, TTL);
	refused(false, "IPv4 and IPv6");
	start();
	PUT(&k, { OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE, 0, NULL }, TTL);
	refused(false, "bridge form");
	start();
	PUT(&k, { OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE, 0, NULL }, ID);
	assert_int_equal(match(false), 0);
}

static void lengths(void **state)
{
	static const struct attr t[] = {
		{ OVS_TUNNEL_KEY_ATTR_ID, 4, NULL },
		{ OVS_TUNNEL_KEY_ATTR_OAM, 1, NULL },
		{ OVS_TUNNEL_KEY_ATTR_TP_DST, 4, NULL },
		{ OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, 3, NULL },
		{ OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, 256, NULL },
		{ OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS, 4, NULL },
		{ OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS, 256, NULL },
		{ OVS_TUNNEL_KEY_ATTR_MAX + 1, 4, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		start();
		PUT(&k, DST, TTL, t[i]);
		assert_int_equal(match(false), -EINVAL);
		assert_true(err.msg[0]);
		start();
		PUT(&m, t[i]);
		assert_int_equal(match(true), -EINVAL);
		assert_true(err.msg[0]);
	}
	/* no attribute, but a value */
	start();
	ox_make_put(&m, OVS_KEY_ATTR_TUNNEL, ones, 4);
	refused(true, "no attribute");
	start();
	PUT(&k, DST, TTL, GENEVE(4), GENEVE(4));
	refused(false, "second");
}

/* The most that there can be, and none at all. */
static void geneve(void **state)
{
	(void)state;
	start();
	PUT(&k, DST, TTL, GENEVE(252));
	assert_int_equal(match(false), 0);
	assert_int_equal(key.tun_opts_len, 252);
	assert_memory_equal(tun.opts, opts, 252);
	start();
	PUT(&k, DST, TTL, GENEVE(0));
	assert_int_equal(match(false), 0);
	assert_int_equal(key.tun_opts_len, 0);
	assert_int_equal(key.tun_flags, TUNNEL_GENEVE_OPT);
	/* a mask has as many bytes as the key */
	start();
	PUT(&k, DST, TTL, GENEVE(8));
	PUT(&m, { OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, 4, NULL });
	refused(true, "the key has 8");
}

static void put_gbp(struct ox_make *b, bool is_key, uint32_t gbp)
{
	uint32_t at = ox_make_nest(b, OVS_KEY_ATTR_TUNNEL), in;

	if (is_key) {
		ox_make_put(b, OVS_TUNNEL_KEY_ATTR_IPV4_DST, ones, 4);
		ox_make_put(b, OVS_TUNNEL_KEY_ATTR_TTL, ones, 1);
	}
	in = ox_make_nest(b, OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS);
	ox_make_u32(b, OVS_VXLAN_EXT_GBP, gbp);
	ox_make_nest_end(b, in);
	ox_make_nest_end(b, at);
}

static void gbp(void **state)
{
	uint32_t v = 0x1234;

	(void)state;
	start();
	put_gbp(&k, true, v);
	put_gbp(&m, false, 0xffff);
	assert_int_equal(match(true), 0);
	assert_int_equal(key.tun_opts_len, 4);
	assert_int_equal(mask.tun_opts_len, 0xff);
	assert_int_equal(key.tun_flags, TUNNEL_VXLAN_OPT);
	assert_memory_equal(tun.opts, &v, 4);
	v = 0xffff;
	assert_memory_equal(tun_mask.opts, &v, 4);
	/* of a key with longer options it is the last ones' */
	start();
	PUT(&k, DST, TTL, GENEVE(8));
	put_gbp(&m, false, 0xffff);
	assert_int_equal(match(true), 0);
	assert_int_equal(tun_mask.opts[0], 0);
	assert_memory_equal(tun_mask.opts + 4, &v, 4);
	/* of one without options it is nobody's */
	start();
	PUT(&k, DST, TTL);
	put_gbp(&m, false, 0xffff);
	assert_int_equal(match(true), 0);
	assert_int_equal(mask.tun_opts_len, 0xff);
	assert_int_equal(tun_mask.x[6], 0);
}

/* Always 12 bytes to the module, the last ones of what it got. */
static void erspan(void **state)
{
	static const uint8_t four[12] = { [8] = 1, [9] = 2, [10] = 0x80, 1 };

	(void)state;
	start();
	PUT(&k, DST, TTL, { OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS, 4, opts });
	assert_int_equal(match(false), 0);
	assert_int_equal(key.tun_opts_len, 12);
	assert_memory_equal(tun.opts, four, 12);
	start();
	PUT(&k, DST, TTL, { OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS, 20, opts });
	assert_int_equal(match(false), 0);
	assert_memory_equal(tun.opts, opts + 8, 12);
	assert_int_equal(tun.opts[12], 0);
}

/* A mask of a tunnel over a key without one, and the other way round. */
static void half(void **state)
{
	(void)state;
	start();
	PUT(&m, { OVS_TUNNEL_KEY_ATTR_TTL, 1, "\0" });
	assert_int_equal(match(true), 0);
	assert_int_equal(key.tun_proto, 0);
	assert_int_equal(mask.tun_proto, 0xff);
	start();
	PUT(&k, DST, TTL);
	assert_int_equal(match(true), 0);
	assert_int_equal(key.tun_proto, 2);
	assert_int_equal(mask.tun_proto, 0);
	assert_int_equal(mask.w[OX_W_TUN], 0);
}

static void metadata(void **state)
{
	(void)state;
	start();
	PUT(&k, ID, DST, TTL, GENEVE(8));
	memset(&key, 0, sizeof(key));
	memset(&tun, 0, sizeof(tun));
	assert_int_equal(
		ox_key_get_metadata(k.b, ox_make_end(&k), &key, &tun, &err), 0);
	assert_int_equal(key.has_tun, 1);
	assert_int_equal(key.tun_opts_len, 8);
	assert_memory_equal(tun.opts, opts, 8);
}

/* A buffer of any size: all or nothing. */
static void no_room(void **state)
{
	static uint8_t data[512];
	struct ox_nlbuf b = { .data = data };
	int r = -EMSGSIZE;
	uint32_t before;

	(void)state;
	start();
	PUT(&k, ID, DST, TTL, GENEVE(16));
	assert_int_equal(match(false), 0);
	for (b.size = 24; r; b.size += 4) {
		b.len = 0;
		b.nlh = NULL;
		if (ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 0, NULL))
			continue;
		before = b.len;
		r = ox_key_put_tunnel(&b, OVS_KEY_ATTR_TUNNEL, &key, &key,
				      &tun);
		if (r) {
			assert_int_equal(r, -EMSGSIZE);
			assert_int_equal(b.len, before);
		}
		assert_true(b.size < sizeof(data));
	}
	/* header, id, address, TTL, options */
	assert_int_equal(b.len - before, 4 + 12 + 8 + 8 + 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("unit.key_tunnel.ipv4", ipv4),
		OX_TEST("unit.key_tunnel.ipv6", ipv6),
		OX_TEST("unit.key_tunnel.lacks", lacks),
		OX_TEST("unit.key_tunnel.lengths", lengths),
		OX_TEST("unit.key_tunnel.geneve", geneve),
		OX_TEST("unit.key_tunnel.gbp", gbp),
		OX_TEST("unit.key_tunnel.erspan", erspan),
		OX_TEST("unit.key_tunnel.half", half),
		OX_TEST("unit.key_tunnel.metadata", metadata),
		OX_TEST("unit.key_tunnel.no_room", no_room),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
