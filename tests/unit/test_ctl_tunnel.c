// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ctl_tunnel.c - tunnel() in flows, in set() and as JSON.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>

#include "control/ctl/odp.h"
#include "ovsxdp/uapi.h"

static const struct ox_odp_style brief, more = { .more = true };

static void parse(const char *text, struct ox_odp_flow *fl)
{
	struct ox_err e = { 0 };

	if (ox_odp_parse_flow(text, NULL, fl, &e))
		fail_msg("%s: %s", text, e.msg);
}

static char *flow_text(const struct ox_odp_flow *fl,
		       const struct ox_odp_style *st)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	ox_odp_format_key(
		f, ox_odp_attrs_data(&fl->key), ox_odp_attrs_len(&fl->key),
		ox_odp_attrs_data(&fl->mask), ox_odp_attrs_len(&fl->mask), st);
	fclose(f);
	return text;
}

/* Text that comes out as it went in, also by way of -m. */
static const char *const flows[] = {
	"tunnel(tun_id=0x7f10354,src=10.10.10.10,dst=20.20.20.20,ttl=64,"
	"flags(csum|key))",
	"tunnel(tun_id=0xfedcba9876543210,src=10.0.0.1,dst=10.0.0.2,tos=0x8,"
	"ttl=128,tp_src=1,tp_dst=65535,flags(oam|df|csum|key))",
	"tunnel(tun_id=0x7f10354/0xff,src=10.10.10.10/255.255.255.0,"
	"dst=20.20.20.20,ttl=64/0xf0,flags(-df+csum+key))",
	"tunnel(ipv6_src=fd00::1,ipv6_dst=fd00::/ffff::,ttl=1)",
	"tunnel(tun_id=0x1,dst=1.1.1.1,ttl=64,geneve({class=0x102,type=0x80,"
	"len=4,0x10002}),flags(df|key))",
	"tunnel(dst=1.1.1.1,ttl=64,geneve({class=0,type=0,len=4,0xa/0xff}"
	"{class=0xffff,type=0x1/0xf,len=0}{class=0x1,type=0x2,len=8,0}))",
	"tunnel(dst=1.1.1.1,ttl=64,geneve({class=0x1,type=0x2,len=124}))",
	"tunnel(dst=1.1.1.1,ttl=64,geneve({len=4/0}))",
	"tunnel(dst=1.1.1.1,ttl=64,vxlan(gbp(id=10/0xff,flags=0xb)))",
	"tunnel(dst=1.1.1.1,ttl=64,vxlan(gbp()))",
	"tunnel(dst=1.1.1.1,ttl=64,erspan(ver=1,idx=0x7/0xf))",
	"tunnel(dst=1.1.1.1,ttl=64,erspan(ver=2,dir=1,hwid=0x7))",
	"tunnel()",
	"in_port(1),tunnel(dst=1.1.1.1,ttl=64),eth()",
};

static void flow_round(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(flows) / sizeof(flows[0]); i++) {
		struct ox_odp_flow a, b;
		char *text, *text2;

		parse(flows[i], &a);
		text = flow_text(&a, &brief);
		assert_string_equal(text, flows[i]);
		free(text);
		text = flow_text(&a, &more);
		parse(text, &b);
		text2 = flow_text(&b, &more);
		assert_string_equal(text, text2);
		free(text);
		free(text2);
	}
}

static const char *const lists[] = {
	"set(tunnel(tun_id=0xabcdef1234567890,src=1.1.1.1,dst=2.2.2.2,ttl=64,"
	"flags(df|csum|key))),1",
	"set(tunnel(dst=2.2.2.2,tos=0x4,ttl=64,tp_src=10,tp_dst=4789,"
	"vxlan(gbp(id=291,flags=0x8)),flags(0)))",
	"set(tunnel(tun_id=0x1,ipv6_src=fd00::1,ipv6_dst=fd00::2,ttl=64,"
	"geneve({class=0x102,type=0x80,len=4,0x10002}{class=0,type=0,len=0}),"
	"flags(key)))",
	"set(tunnel(tun_id=0x1,dst=1.1.1.1,ttl=64,erspan(ver=1,idx=0x7),"
	"flags(df|key)))",
	"set(tunnel(tun_id=0x1,dst=1.1.1.1,ttl=64,"
	"erspan(ver=2,dir=1,hwid=0x1),flags(df|key)))",
	"clone(set(tunnel(dst=1.1.1.1,ttl=64,flags(0))),1),2",
	/* two kinds of options, spare bits: no words */
	"action3(20001000080004000101010105000500400000000500080001000000)",
};

static void set_round(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct ox_odp_attrs a;
		struct ox_err e = { 0 };
		char *text = NULL;
		size_t size;
		FILE *f;

		if (ox_odp_parse_actions(lists[i], NULL, &a, &e))
			fail_msg("%s: %s", lists[i], e.msg);
		f = open_memstream(&text, &size);
		assert_non_null(f);
		ox_odp_format_actions(f, ox_odp_attrs_data(&a),
				      ox_odp_attrs_len(&a), &brief);
		fclose(f);
		assert_string_equal(text, lists[i]);
		free(text);
	}
}

static const struct nlattr *inner(const struct ox_odp_attrs *a, uint16_t type)
{
	const struct nlattr *nest = ox_odp_attrs_data(a), *i;

	assert_int_equal(nest->nla_type, OVS_KEY_ATTR_TUNNEL);
	mnl_attr_for_each_nested (i, nest)
		if (mnl_attr_get_type(i) == type)
			return i;
	return NULL;
}

static void bytes(void **state)
{
	const struct nlattr *k, *m;
	struct ox_odp_flow fl;

	(void)state;
	parse("tunnel(tun_id=0x102/0xff,ipv6_dst=fd00::1,ttl=9,"
	      "geneve({class=0x102,type=0x80/0,len=8,0x1234/0xff}),"
	      "flags(+df-csum))",
	      &fl);
	k = inner(&fl.key, OVS_TUNNEL_KEY_ATTR_ID);
	m = inner(&fl.mask, OVS_TUNNEL_KEY_ATTR_ID);
	assert_memory_equal(mnl_attr_get_payload(k), "\0\0\0\0\0\0\1\2", 8);
	assert_memory_equal(mnl_attr_get_payload(m), "\0\0\0\0\0\0\0\377", 8);
	k = inner(&fl.key, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS);
	m = inner(&fl.mask, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS);
	assert_int_equal(mnl_attr_get_payload_len(k), 12);
	assert_memory_equal(mnl_attr_get_payload(k),
			    "\1\2\200\2\0\0\0\0\0\0\022\064", 12);
	assert_memory_equal(mnl_attr_get_payload(m),
			    "\377\377\0\037\0\0\0\0\0\0\0\377", 12);
	assert_non_null(inner(&fl.key, OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT));
	assert_non_null(inner(&fl.mask, OVS_TUNNEL_KEY_ATTR_DONT_FRAGMENT));
	assert_null(inner(&fl.key, OVS_TUNNEL_KEY_ATTR_CSUM));
	assert_non_null(inner(&fl.mask, OVS_TUNNEL_KEY_ATTR_CSUM));
	assert_null(inner(&fl.mask, OVS_TUNNEL_KEY_ATTR_OAM));
	/* no flags(): none is matched */
	parse("tunnel(dst=1.2.3.4,ttl=9)", &fl);
	assert_null(inner(&fl.mask, OVS_TUNNEL_KEY_ATTR_OAM));
	parse("tunnel(dst=1.2.3.4,ttl=9,flags(0))", &fl);
	assert_non_null(inner(&fl.mask, OVS_TUNNEL_KEY_ATTR_OAM));
}

static void bad(void **state)
{
	static const struct {
		const char *text, *msg;
	} t[] = {
		{ "tunnel(foo=1)", "column 8: expected a field of tunnel" },
		{ "tunnel(dst=1.2.3)", "column 12: expected an IPv4" },
		{ "tunnel(tun_id=x)", "column 15: expected a number of 64" },
		{ "tunnel(ttl=256)", "column 12: expected a number" },
		{ "tunnel(ttl=1;tos=1)", "column 13: expected ',' or ')'" },
		{ "tunnel(ttl=1", "column 13: expected ',' or ')', found the "
				  "end" },
		{ "tunnel(flags(df|foo))", "column 17: expected a flag's" },
		{ "tunnel(geneve({len=3}))", "column 21: expected a length" },
		{ "tunnel(geneve({len=128}))", "column 23: expected a length" },
		{ "tunnel(geneve({len=4,0x1234567890}))",
		  "column 22: expected at most 4 bytes" },
		{ "tunnel(geneve({len=4,xx}))", "column 22: expected data" },
		{ "tunnel(geneve({class=1,type=300}))", "column 29:" },
		{ "tunnel(geneve({foo=1}))", "column 16: expected class=" },
		{ "tunnel(geneve({len=4,0x1}", "column 26: expected ')'" },
		{ "tunnel(vxlan(gbp(id=65536)))", "column 21:" },
		{ "tunnel(vxlan(gbp(id=1)", "column 23: expected ')'" },
		{ "tunnel(erspan(ver=3))", "column 15: expected ver=1" },
		{ "tunnel(erspan(ver=1,dir=1))", "column 21:" },
	};
	static const struct {
		const char *text, *msg;
	} sets[] = {
		{ "set(tunnel(tun_id=1/0xff,dst=1.1.1.1,ttl=1))",
		  "column 19: expected a value without a mask" },
		{ "set(tunnel(flags(+df)))", "column 18: expected flags" },
		{ "set(tunnel(geneve({class=1/0xf,type=1,len=0})))",
		  "column 19: expected a value without" },
		{ "set(tunnel(vxlan(gbp(id=1/0xf))))",
		  "column 22: expected a value without" },
		{ "set(tunnel(erspan(ver=1,idx=1/0xf)))",
		  "column 19: expected a value without" },
	};
	struct ox_odp_flow fl;
	struct ox_err e;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memset(&e, 0, sizeof(e));
		assert_int_equal(ox_odp_parse_flow(t[i].text, NULL, &fl, &e),
				 -EINVAL);
		if (strncmp(e.msg, t[i].msg, strlen(t[i].msg)))
			fail_msg("%s: %s", t[i].text, e.msg);
	}
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		memset(&e, 0, sizeof(e));
		assert_int_equal(
			ox_odp_parse_actions(sets[i].text, NULL, &fl.key, &e),
			-EINVAL);
		if (strncmp(e.msg, sets[i].msg, strlen(sets[i].msg)))
			fail_msg("%s: %s", sets[i].text, e.msg);
	}
}

/* What the syntax can't tell is hexadecimal, and is read back as it was. */
static void unknown(void **state)
{
	static const char *const text[] = {
		"key16(0800040001010101/0800040000000000)", /* no such mask */
		"key16(0800ff0001010101)", "key16(0500000001000000)",
		"key16(0800080001020320)", /* a reserved bit of Geneve */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		struct ox_odp_flow fl;
		char *got;

		parse(text[i], &fl);
		got = flow_text(&fl, &brief);
		if (i) /* the first one is known after all: dst=, wild */
			assert_string_equal(got, text[i]);
		free(got);
	}
}

static void json(void **state)
{
	static const char want[] =
		"{\"tunnel\":{\"tun_id\":{\"value\":\"0x102\","
		"\"mask\":\"0xff\"},\"dst\":{\"value\":\"1.1.1.1\"},"
		"\"ttl\":{\"value\":64},\"geneve\":[{\"class\":"
		"{\"value\":258},\"type\":{\"value\":128},\"len\":4,"
		"\"data\":{\"value\":\"0x00010002\",\"mask\":"
		"\"0x7fffffff\"}},{\"len\":0}],\"flags\":{\"value\":\"df|key\","
		"\"mask\":\"df|csum|key\"}}}";
	struct ox_odp_flow fl;
	cJSON *o;
	char *got;

	(void)state;
	parse("tunnel(tun_id=0x102/0xff,dst=1.1.1.1,tos=0/0,ttl=64,"
	      "geneve({class=0x102,type=0x80,len=4,0x10002/0x7fffffff}"
	      "{class=0/0,type=0/0,len=0}),flags(+df-csum))",
	      &fl);
	o = ox_odp_json_key(ox_odp_attrs_data(&fl.key),
			    ox_odp_attrs_len(&fl.key),
			    ox_odp_attrs_data(&fl.mask),
			    ox_odp_attrs_len(&fl.mask), &brief);
	got = cJSON_PrintUnformatted(o);
	assert_string_equal(got, want);
	cJSON_free(got);
	cJSON_Delete(o);
	parse("tunnel(vxlan(gbp(id=5/0xf)))", &fl);
	o = ox_odp_json_key(ox_odp_attrs_data(&fl.key),
			    ox_odp_attrs_len(&fl.key),
			    ox_odp_attrs_data(&fl.mask),
			    ox_odp_attrs_len(&fl.mask), &brief);
	got = cJSON_PrintUnformatted(o);
	assert_string_equal(got, "{\"tunnel\":{\"vxlan\":{\"gbp\":{\"id\":"
				 "{\"value\":5,\"mask\":15}}}}}");
	cJSON_free(got);
	cJSON_Delete(o);
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.ctl_tunnel.flow", flow_round),
	OX_TEST("unit.ctl_tunnel.set", set_round),
	OX_TEST("unit.ctl_tunnel.bytes", bytes),
	OX_TEST("unit.ctl_tunnel.bad", bad),
	OX_TEST("unit.ctl_tunnel.unknown", unknown),
	OX_TEST("unit.ctl_tunnel.json", json),
};

OX_TEST_MAIN(tests)
