// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_actions.c - lists of actions: sets and tags to ops, the form that is
 * kept, and the words and errno of each rule (test_actions_module.c asks the
 * rules themselves).
 */
#include "control/codec/ct.h"
#include "tests/unit/actions_make.h"

static void expect_kind(uint32_t kind)
{
	if (compile())
		fail_msg("%s", err.msg);
	assert_int_equal(acts.kind, kind);
	/* these lists are in the kept form already */
	assert_int_equal(acts.nla_len, m.len - NLA_HDRLEN);
	assert_memory_equal(acts.nla, m.b + NLA_HDRLEN, acts.nla_len);
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
	expect_kind(OX_ACT_RUN);
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
	static const uint8_t zero[32];

	(void)state;
	ox_ct_served = OX_CT_SERVE_NONE;
	ox_make_put(&m, OVS_ACTION_ATTR_CT, zero, 0);
	refused(-EOPNOTSUPP, "action ct is not supported");
	ox_make_put(&m, OVS_ACTION_ATTR_CT, zero, 8);
	refused(-EINVAL, "ct: 8 stray bytes");
	ox_make_put(&m, OVS_ACTION_ATTR_CT_CLEAR, zero, 0);
	refused(-EINVAL, "action ct_clear is not supported");
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_CT_MARK, zero, 4);
	refused(-EOPNOTSUPP, "set(ct_mark)");
	set(OVS_ACTION_ATTR_SET_MASKED, OVS_KEY_ATTR_CT_LABELS, zero, 32);
	refused(-EOPNOTSUPP, "set(ct_label)");
	CLONE put0(OVS_ACTION_ATTR_CT_CLEAR);
	refused(-EINVAL, "ct_clear");
	/* what is wrong is told first */
	ox_make_put(&m, OVS_ACTION_ATTR_CT, zero, 0);
	output(65535);
	refused(-EINVAL, "65534");
	ox_make_put(&m, OVS_ACTION_ATTR_PSAMPLE, zero, 8);
	refused(-EINVAL, "unknown action 25");
	/* newer than the module that was asked */
	ox_make_put(&m, OVS_ACTION_ATTR_DROP, zero, 8);
	refused(-EINVAL, "bytes");
	put32(OVS_ACTION_ATTR_DROP, 1);
	output(1);
	refused(-EINVAL, "not the last");
	hash(OVS_HASH_ALG_SYM_L4 + 1, 0);
	refused(-EINVAL, "algorithm 2");
	ox_ct_served = OX_CT_SERVE_ALL;
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
	for (int i = 0; i < 17; i++)
		open_nest(OVS_ACTION_ATTR_CLONE);
	while (n_marks)
		close_nest();
	refused(-EOVERFLOW, "nested more than 16 deep");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
