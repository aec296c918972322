// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_actions.c - lists of actions: what they compile to, what is kept of
 * them, and the errno of each rule.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/openvswitch.h>

#include "control/actions.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/nlmake.h"

static struct ox_make m;
static struct ox_key key, mask; /* UDP over IPv4, all matched */
static struct ox_actions acts;
static struct ox_err err;

static int setup(void **state)
{
	(void)state;
	ox_spec_key(&key, 1);
	memset(&mask, 0xff, sizeof(mask));
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	memset(&err, 0, sizeof(err));
	memset(&acts, 0, sizeof(acts));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ox_actions_free(&acts);
	return 0;
}

static int compile(void)
{
	ox_actions_free(&acts);
	memset(&err, 0, sizeof(err));
	return ox_actions_compile(&m, ox_make_end(&m), &key, &mask, &acts,
				  &err);
}

/* Refused with words and the offset of the last attribute; starts anew. */
static void refused(int code, const char *word)
{
	assert_int_equal(compile(), code);
	if (!strstr(err.msg, word))
		fail_msg("'%s' lacks '%s'", err.msg, word);
	assert_int_not_equal(err.offset, 0);
	assert_null(acts.nla);
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
}

static void output(uint32_t port)
{
	ox_make_u32(&m, OVS_ACTION_ATTR_OUTPUT, port);
}

static void set(uint16_t action, uint16_t type, const void *v, uint32_t len)
{
	uint32_t at = ox_make_nest(&m, action);

	ox_make_put(&m, type, v, len);
	ox_make_nest_end(&m, at);
}

static void push_vlan(uint16_t tpid, uint16_t tci)
{
	struct ovs_action_push_vlan v = { htons(tpid), htons(tci) };

	ox_make_put(&m, OVS_ACTION_ATTR_PUSH_VLAN, &v, sizeof(v));
}

static void expect_kind(uint32_t kind)
{
	if (compile())
		fail_msg("%s", err.msg);
	assert_int_equal(acts.kind, kind);
	/* these lists are in the kept form already */
	assert_int_equal(acts.nla_len, m.len - NLA_HDRLEN);
	assert_memory_equal(acts.nla, m.b + NLA_HDRLEN, acts.nla_len);
}

static void kinds(void **state)
{
	(void)state;
	expect_kind(OX_ACT_DROP);
	assert_int_equal(acts.n_ops, 0);
	output(5);
	expect_kind(OX_ACT_OUTPUT);
	assert_int_equal(acts.port, 5);
	/* edits behind the output touch nothing */
	ox_make_put(&m, OVS_ACTION_ATTR_POP_VLAN, NULL, 0);
	expect_kind(OX_ACT_OUTPUT);
	assert_int_equal(acts.n_ops, 1);
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	ox_make_put(&m, OVS_ACTION_ATTR_POP_VLAN, NULL, 0);
	expect_kind(OX_ACT_DROP);
	output(0);
	expect_kind(OX_ACT_OPS);
	assert_int_equal(acts.n_ops, 2);
	assert_int_equal(acts.ops[0].code, OX_OP_POP_VLAN);
	assert_int_equal(acts.ops[1].code, OX_OP_OUTPUT);
	assert_int_equal(acts.ops[1].arg, 0);
}

static void too_long(void **state)
{
	static const uint8_t v[4] = { 0, 1, 0, 2 };

	(void)state;
	for (int i = 0; i < 12; i++)
		set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_UDP, v, 4);
	output(1);
	expect_kind(OX_ACT_USER); /* 25 steps */
	assert_int_equal(acts.n_ops, OX_ACTS_OPS + 1);
	for (int i = 0; i < 256; i++)
		set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_UDP, v, 4);
	refused(-E2BIG, "steps");
}

static void set_fields(void **state)
{
	struct ovs_key_ethernet eth = { { 1, 2, 3, 4, 5, 6 },
					{ 7, 8, 9, 10, 11, 12 } };
	struct ovs_key_ipv4 ip[2] = {
		{ .ipv4_src = htonl(0x0a000000), .ipv4_ttl = 3 },
		{ .ipv4_src = htonl(0xff000000), .ipv4_ttl = 0xff }
	};
	struct ovs_key_udp udp = { htons(1), htons(2) };

	(void)state;
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
	set(OVS_ACTION_ATTR_SET_MASKED, OVS_KEY_ATTR_IPV4, ip, sizeof(ip));
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_UDP, &udp, sizeof(udp));
	output(1);
	expect_kind(OX_ACT_OPS);
	assert_int_equal(acts.n_ops, 7);
	assert_int_equal(acts.ops[0].code, OX_OP_SET_ETH_SRC);
	assert_memory_equal(&acts.ops[0].val, eth.eth_src, 6);
	assert_int_equal(acts.ops[0].mask, 0xffffffffffff);
	assert_int_equal(acts.ops[1].code, OX_OP_SET_ETH_DST);
	assert_int_equal(acts.ops[2].code, OX_OP_SET_IPV4_SRC);
	assert_int_equal(acts.ops[2].val, ip[0].ipv4_src);
	assert_int_equal(acts.ops[2].mask, ip[1].ipv4_src);
	assert_int_equal(acts.ops[3].code, OX_OP_SET_IPV4_TTL);
	assert_int_equal(acts.ops[3].val, 3);
	assert_int_equal(acts.ops[4].code, OX_OP_SET_TP_SRC);
	assert_int_equal(acts.ops[4].arg, 17);
	assert_int_equal(acts.ops[5].code, OX_OP_SET_TP_DST);
	assert_int_equal(acts.ops[5].val, htons(2));
}

static void set_ipv6(void **state)
{
	struct ovs_key_ipv6 v = { .ipv6_proto = 17, .ipv6_label = htonl(5) };

	(void)state;
	key.eth_type = htons(0x86dd);
	v.ipv6_dst[3] = htonl(9);
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_IPV6, &v, sizeof(v));
	output(1);
	expect_kind(OX_ACT_OPS);
	/* two halves of two addresses, class, label, hop limit, output */
	assert_int_equal(acts.n_ops, 8);
	assert_int_equal(acts.ops[3].code, OX_OP_SET_IPV6_DST);
	assert_int_equal(acts.ops[3].arg, 1);
	assert_int_equal(acts.ops[3].val >> 32, htonl(9));
	assert_int_equal(acts.ops[5].code, OX_OP_SET_IPV6_LABEL);
	assert_int_equal(acts.ops[5].mask, htonl(0x000fffff));
	v.ipv6_label = htonl(0x100000);
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_IPV6, &v, sizeof(v));
	refused(-EINVAL, "20 bits");
}

static void vlan(void **state)
{
	(void)state;
	push_vlan(0x88a8, 0x3007);
	output(1);
	expect_kind(OX_ACT_OPS);
	assert_int_equal(acts.ops[0].arg, 0x88a82007); /* without CFI */
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	push_vlan(0x8100, 7);
	refused(-EINVAL, "CFI");
	push_vlan(0x0800, 0x1007);
	refused(-EINVAL, "TPID");
	key.mac_proto = 0;
	push_vlan(0x8100, 0x1007);
	refused(-EINVAL, "Ethernet");
	ox_make_put(&m, OVS_ACTION_ATTR_POP_VLAN, NULL, 0);
	refused(-EINVAL, "Ethernet");
}

/* A header can only be edited where the match says that it is there. */
static void set_rules(void **state)
{
	struct ovs_key_ipv4 ip = { .ipv4_proto = 17 };
	struct ovs_key_ipv4 pair[2] = { { 0 }, { .ipv4_proto = 0xff } };
	static const uint8_t v[24] = { 0xff, 1 };

	(void)state;
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_TCP, v, 4);
	refused(-EINVAL, "protocol 6");
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_UDP, v, 5);
	refused(-EINVAL, "bytes");
	set(OVS_ACTION_ATTR_SET_MASKED, OVS_KEY_ATTR_UDP, v, 8);
	refused(-EINVAL, "outside of its mask");
	set(OVS_ACTION_ATTR_SET_MASKED, OVS_KEY_ATTR_IPV4, pair, sizeof(pair));
	refused(-EINVAL, "can't be set");
	mask.ip_proto = 0; /* the masked key counts */
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_UDP, v, 4);
	refused(-EINVAL, "protocol 17");
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
	refused(-EINVAL, "those that the flow matches");
	mask.eth_type = 0;
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
	refused(-EINVAL, "IPv4");
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_ARP, v, 24);
	refused(-EINVAL, "");
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_SKB_MARK, v, 4);
	refused(-EOPNOTSUPP, "skb_mark");
	ox_make_put(&m, OVS_ACTION_ATTR_SET, v, 0);
	refused(-EINVAL, "one key attribute");
	key.mac_proto = 0;
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_ETHERNET, v, 12);
	refused(-EINVAL, "Ethernet");
}

static void userspace(void **state)
{
	uint32_t at;

	(void)state;
	ox_make_put(&m, OVS_ACTION_ATTR_POP_VLAN, NULL, 0);
	at = ox_make_nest(&m, OVS_ACTION_ATTR_USERSPACE);
	ox_make_u32(&m, OVS_USERSPACE_ATTR_PID, 77);
	ox_make_put(&m, OVS_USERSPACE_ATTR_USERDATA, "abc", 3);
	ox_make_nest_end(&m, at);
	output(1);
	expect_kind(OX_ACT_USER);
	assert_int_equal(acts.n_ops, 3);
	assert_int_equal(acts.ops[1].code, OX_OP_USERSPACE);
	assert_int_equal(acts.ops[1].arg, 4);
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	at = ox_make_nest(&m, OVS_ACTION_ATTR_USERSPACE);
	ox_make_u32(&m, OVS_USERSPACE_ATTR_PID, 0);
	ox_make_nest_end(&m, at);
	refused(-EINVAL, "port id");
	at = ox_make_nest(&m, OVS_ACTION_ATTR_USERSPACE);
	ox_make_u16(&m, OVS_USERSPACE_ATTR_PID, 1);
	ox_make_nest_end(&m, at);
	refused(-ERANGE, "policy");
}

static void unsupported(void **state)
{
	static const struct {
		uint16_t type;
		uint16_t len;
		const char *name;
	} t[] = {
		{ OVS_ACTION_ATTR_SAMPLE, 8, "sample" },
		{ OVS_ACTION_ATTR_RECIRC, 4, "recirc" },
		{ OVS_ACTION_ATTR_HASH, 8, "hash" },
		{ OVS_ACTION_ATTR_PUSH_MPLS, 8, "push_mpls" },
		{ OVS_ACTION_ATTR_CT, 8, "ct" },
		{ OVS_ACTION_ATTR_CT_CLEAR, 0, "ct_clear" },
		{ OVS_ACTION_ATTR_POP_ETH, 0, "pop_eth" },
		{ OVS_ACTION_ATTR_METER, 4, "meter" },
		{ OVS_ACTION_ATTR_CLONE, 8, "clone" },
		{ OVS_ACTION_ATTR_CHECK_PKT_LEN, 8, "check_pkt_len" },
		{ OVS_ACTION_ATTR_DEC_TTL, 8, "dec_ttl" },
		{ OVS_ACTION_ATTR_DROP, 4, "drop" },
	};
	static const uint8_t zero[16];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ox_make_put(&m, t[i].type, zero, t[i].len);
		refused(-EOPNOTSUPP, t[i].name);
	}
	output(1);
	output(2);
	refused(-EOPNOTSUPP, "more than one output");
}

static void malformed(void **state)
{
	static const uint8_t zero[16];

	(void)state;
	output(65535);
	refused(-EINVAL, "65534");
	ox_make_put(&m, OVS_ACTION_ATTR_OUTPUT, zero, 8);
	refused(-EINVAL, "bytes");
	ox_make_put(&m, OX_ACTION_ATTR_MAX + 1, zero, 4);
	refused(-EINVAL, "unknown");
	ox_make_put(&m, OVS_ACTION_ATTR_UNSPEC, zero, 4);
	refused(-EINVAL, "unknown");
	ox_make_put(&m, OVS_ACTION_ATTR_TRUNC, zero, 4);
	refused(-EINVAL, "trunc");
	m.len += 8; /* an attribute of length 0 */
	assert_int_equal(compile(), -EINVAL);
}

/* Flags and padding go, as they do in the module's dumps. */
static void kept_form(void **state)
{
	uint8_t v[4] = { 0, 1, 0, 2 };
	uint8_t *nla;

	(void)state;
	set(OVS_ACTION_ATTR_SET | NLA_F_NESTED, OVS_KEY_ATTR_UDP, v, 4);
	output(1);
	assert_int_equal(compile(), 0);
	nla = acts.nla;
	assert_int_equal(((struct nlattr *)nla)->nla_type, OVS_ACTION_ATTR_SET);
	assert_int_equal(acts.nla_len, 20);
}

static void recompile(void **state)
{
	struct ox_actions again;
	uint8_t v[4] = { 0, 1, 0, 2 };

	(void)state;
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_UDP, v, 4);
	output(3);
	assert_int_equal(compile(), 0);
	assert_int_equal(ox_actions_recompile(acts.nla, acts.nla_len, &again),
			 0);
	assert_int_equal(again.kind, acts.kind);
	assert_int_equal(again.n_ops, acts.n_ops);
	assert_memory_equal(again.ops, acts.ops,
			    acts.n_ops * sizeof(*acts.ops));
	ox_actions_free(&again);
}

#define TEST(id, fn) OX_TEST_WITH(id, fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("unit.actions.kinds", kinds),
		TEST("unit.actions.too_long", too_long),
		TEST("unit.actions.set_fields", set_fields),
		TEST("unit.actions.set_ipv6", set_ipv6),
		TEST("unit.actions.vlan", vlan),
		TEST("unit.actions.set_rules", set_rules),
		TEST("unit.actions.userspace", userspace),
		TEST("unit.actions.unsupported", unsupported),
		TEST("unit.actions.malformed", malformed),
		TEST("unit.actions.kept_form", kept_form),
		TEST("unit.actions.recompile", recompile),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
