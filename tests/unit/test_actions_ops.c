// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_actions_ops.c - what lists compile to, compared whole: branches, the
 * last use of the packet, what is left out; and the tier that follows.
 */
#include "tests/unit/actions_make.h"

/* ---- ops as text: code, arg, then "=val/mask", "!" for the last use ---- */

static const char *const op_names[OX_OP_MAX] = {
	[OX_OP_END] = "end",
	[OX_OP_OUTPUT] = "output",
	[OX_OP_USERSPACE] = "userspace",
	[OX_OP_SET_ETH_DST] = "eth_dst",
	[OX_OP_SET_ETH_SRC] = "eth_src",
	[OX_OP_SET_IPV4_SRC] = "ipv4_src",
	[OX_OP_SET_IPV4_DST] = "ipv4_dst",
	[OX_OP_SET_IPV4_TOS] = "tos",
	[OX_OP_SET_IPV4_TTL] = "ttl",
	[OX_OP_SET_IPV6_SRC] = "ipv6_src",
	[OX_OP_SET_IPV6_DST] = "ipv6_dst",
	[OX_OP_SET_IPV6_TCLASS] = "tclass",
	[OX_OP_SET_IPV6_LABEL] = "label",
	[OX_OP_SET_IPV6_HLIMIT] = "hlimit",
	[OX_OP_SET_TP_SRC] = "tp_src",
	[OX_OP_SET_TP_DST] = "tp_dst",
	[OX_OP_PUSH_VLAN] = "push_vlan",
	[OX_OP_POP_VLAN] = "pop_vlan",
	[OX_OP_SET_PRIORITY] = "priority",
	[OX_OP_SET_MARK] = "mark",
	[OX_OP_SET_MPLS] = "mpls",
	[OX_OP_SET_NSH] = "nsh",
	[OX_OP_PUSH_MPLS] = "push_mpls",
	[OX_OP_ADD_MPLS] = "add_mpls",
	[OX_OP_POP_MPLS] = "pop_mpls",
	[OX_OP_PUSH_ETH] = "push_eth",
	[OX_OP_POP_ETH] = "pop_eth",
	[OX_OP_PUSH_NSH] = "push_nsh",
	[OX_OP_POP_NSH] = "pop_nsh",
	[OX_OP_CLONE] = "clone",
	[OX_OP_SAMPLE] = "sample",
	[OX_OP_CHECK_LEN] = "check_len",
	[OX_OP_JUMP] = "jump",
	[OX_OP_DEC_TTL] = "dec_ttl",
	[OX_OP_RECIRC] = "recirc",
	[OX_OP_HASH] = "hash",
	[OX_OP_TRUNC] = "trunc",
	[OX_OP_METER] = "meter",
	[OX_OP_DROP] = "drop",
	[OX_OP_GROUP] = "group",
};

static const char *ops_text(void)
{
	static char text[4096];
	int n = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < acts.n_ops; i++) {
		const struct ox_op *op = &acts.ops[i];

		n += sprintf(text + n, "%s%s", i ? ", " : "",
			     op_names[op->code]);
		if (op->code != OX_OP_GROUP)
			n += sprintf(text + n, " %x", op->arg);
		if (op->val || op->mask)
			n += sprintf(text + n, "=%llx",
				     (unsigned long long)op->val);
		if (op->mask)
			n += sprintf(text + n, "/%llx",
				     (unsigned long long)op->mask);
		if (op->flags & OX_OPF_LAST)
			n += sprintf(text + n, "!");
		if (op->flags & OX_OPF_FRESH)
			n += sprintf(text + n, "*");
	}
	return text;
}

/* Compiles what was put and compares; starts anew. */
static void expect_ops(uint32_t kind, uint32_t flags, const char *ops)
{
	if (compile())
		fail_msg("%s", err.msg);
	assert_string_equal(ops_text(), ops);
	assert_int_equal(acts.kind, kind);
	assert_int_equal(acts.acts_flags, flags);
	assert_int_equal(ox_ops_check(&acts), 0);
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
}

#define RUN(ops)     expect_ops(OX_ACT_RUN, 0, ops)
#define RUN_SKB(ops) expect_ops(OX_ACT_RUN, OX_ACTS_SKB, ops)

static void kinds(void **state)
{
	(void)state;
	expect_ops(OX_ACT_DROP, 0, "");
	output(5);
	expect_ops(OX_ACT_OUTPUT, 0, "output 5!");
	assert_int_equal(acts.port, 5);
	/* edits behind the output touch nothing */
	output(5);
	pop_vlan();
	expect_ops(OX_ACT_OUTPUT, 0, "output 5!");
	pop_vlan();
	hash(0, 1);
	put32(OVS_ACTION_ATTR_TRUNC, 100);
	expect_ops(OX_ACT_DROP, 0, "");
	pop_vlan();
	output(0);
	expect_ops(OX_ACT_OPS, 0, "pop_vlan 0, output 0!");
	/* so does a copy for which there is no original */
	CLONE
	{
		pop_vlan();
		output(0);
	}
	set_mark(7);
	expect_ops(OX_ACT_OPS, 0, "pop_vlan 0, output 0!");
	user(1);
	user(2);
	expect_ops(OX_ACT_USER, 0, "userspace 0, userspace c!");
	pop_vlan();
	user(1);
	RUN("pop_vlan 0, userspace 4!");
	output(1);
	user(1);
	RUN_SKB("output 1, userspace 8!");
	recirc(9);
	RUN("recirc 9");
	put32(OVS_ACTION_ATTR_DROP, 3);
	RUN("drop 3");
	put32(OVS_ACTION_ATTR_METER, 8);
	RUN("meter 8");
}

static void too_long(void **state)
{
	(void)state;
	for (int i = 0; i < 24; i++)
		set_udp(1);
	output(1);
	assert_int_equal(compile(), 0);
	assert_int_equal(acts.kind, OX_ACT_RUN); /* 25 steps */
	assert_int_equal(acts.n_ops, OX_ACTS_OPS + 1);
	assert_int_equal(acts.acts_flags, 0);
}

/* More bytes than struct ox_make has. */
static void limit(void **state)
{
	uint32_t n = OX_ACTIONS_MAX_OPS + 1;
	uint32_t *b = calloc(n + 1, 8);
	struct nlattr *nest = (struct nlattr *)(b + 1);
	struct ox_err e = { 0 };

	(void)state;
	nest->nla_type = OVS_FLOW_ATTR_ACTIONS;
	for (uint32_t i = 0; i < n; i++) {
		b[2 + 2 * i] = 8 | OVS_ACTION_ATTR_OUTPUT << 16;
		b[3 + 2 * i] = i % 4;
	}
	nest->nla_len = (uint16_t)(NLA_HDRLEN + (n - 1) * 8);
	assert_int_equal(ox_actions_compile(b, nest, &key, &mask, &acts, &e),
			 0);
	assert_int_equal(acts.n_ops, OX_ACTIONS_MAX_OPS);
	assert_int_equal(ox_ops_check(&acts), 0);
	ox_actions_free(&acts);
	nest->nla_len += 8;
	assert_int_equal(ox_actions_compile(b, nest, &key, &mask, &acts, &e),
			 -E2BIG);
	assert_non_null(strstr(e.msg, "4096 steps"));
	free(b);
}

static void outputs(void **state)
{
	(void)state;
	output(1);
	output(2);
	RUN("group=2, output 1, output 2!");
	pop_vlan();
	output(1);
	output(2);
	output(3);
	RUN("pop_vlan 0, group=3, output 1, output 2, output 3!");
	/* a port twice is no set; edits between are none of XDP's */
	output(1);
	output(1);
	RUN_SKB("output 1, output 1!");
	output(2);
	output(1);
	output(2);
	RUN_SKB("output 2, group=2, output 1, output 2!");
	output(1);
	pop_vlan();
	output(2);
	RUN_SKB("output 1, pop_vlan 0, output 2!");
	set_mark(6);
	output(1);
	RUN_SKB("mark 0=6/ffffffff, output 1!");
	/* not where they would be in two slots */
	for (int i = 0; i < 22; i++)
		pop_vlan();
	output(1);
	output(2);
	assert_int_equal(compile(), 0);
	assert_int_equal(acts.n_ops, 24);
	assert_int_equal(acts.acts_flags, OX_ACTS_SKB);
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
}

static void plain_ops(void **state)
{
	struct ovs_action_push_eth eth = { { { 1, 2, 3, 4, 5, 6 },
					     { 17, 18, 19, 20, 21, 22 } } };
	struct ovs_action_add_mpls add = { htonl(0x2140), htons(0x8848), 1 };
	uint32_t v = 0x11223344;

	(void)state;
	push_mpls();
	ox_make_put(&m, OVS_ACTION_ATTR_ADD_MPLS, &add, sizeof(add));
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_MPLS, &v, 4);
	ox_make_u16(&m, OVS_ACTION_ATTR_POP_MPLS, htons(0x8847));
	put0(OVS_ACTION_ATTR_POP_ETH);
	/* addresses: the members are in the order of struct
	 * ovs_key_ethernet, source first */
	ox_make_put(&m, OVS_ACTION_ATTR_PUSH_ETH, &eth, sizeof(eth));
	output(1);
	RUN("push_mpls 8847=40110000, add_mpls 18848=40210000, "
	    "mpls 0=11223344/ffffffff, pop_mpls 8847, pop_eth 0, "
	    "push_eth 0=161514131211/60504030201, output 1!");
	add.tun_flags = 0;
	ox_make_put(&m, OVS_ACTION_ATTR_ADD_MPLS, &add, sizeof(add));
	output(1);
	RUN("add_mpls 8848=40210000, output 1!");
	hash(OVS_HASH_ALG_SYM_L4, 0x55);
	recirc(3);
	RUN("hash 55=1, recirc 3");
	put32(OVS_ACTION_ATTR_TRUNC, 64);
	output(1);
	RUN("trunc 40, output 1!");
	put32(OVS_ACTION_ATTR_TRUNC, 64);
	pop_vlan();
	output(1);
	RUN_SKB("trunc 40, pop_vlan 0, output 1!");
	set(OVS_ACTION_ATTR_SET, OVS_KEY_ATTR_PRIORITY, &v, 4);
	output(1);
	RUN_SKB("priority 0=11223344/ffffffff, output 1!");
	put32(OVS_ACTION_ATTR_METER, 1);
	output(1);
	RUN("meter 1, output 1!");
	output(1);
	put32(OVS_ACTION_ATTR_DROP, 0);
	RUN_SKB("output 1, drop 0");
	/* heads are moved by XDP or user space: begin up there */
	push_mpls();
	output(1);
	pop_vlan();
	output(2);
	RUN("push_mpls 8847=40110000, output 1, pop_vlan 0, output 2!");
}

static void nsh_ops(void **state)
{
	struct ovs_nsh_key_base base = { .mdtype = 1, .np = 3 };
	static const uint8_t md1[16] = { 1 };

	(void)state;
	pop_vlan();
	NEST(OVS_ACTION_ATTR_PUSH_NSH)
	NEST(OVS_KEY_ATTR_NSH)
	{
		ox_make_put(&m, OVS_NSH_KEY_ATTR_BASE, &base, sizeof(base));
		ox_make_put(&m, OVS_NSH_KEY_ATTR_MD1, md1, sizeof(md1));
	}
	output(1);
	RUN("pop_vlan 0, push_nsh 4, output 1!");
	key.eth_type = htons(0x894f);
	key.nsh.np = 3;
	put0(OVS_ACTION_ATTR_POP_NSH);
	output(1);
	RUN("pop_nsh 0, output 1!");
}

/* Copies: for all but the last action of a list, and those that only look. */
static void clones(void **state)
{
	(void)state;
	CLONE
	{
		pop_vlan();
		output(1);
	}
	output(2);
	RUN_SKB("clone 2, pop_vlan 0, output 1!, output 2!");
	output(2);
	CLONE
	{
		pop_vlan();
		output(1);
	}
	RUN_SKB("output 2, pop_vlan 0, output 1!");
	CLONE
	{
		output(1);
		CLONE user(1);
		output(3);
	}
	pop_vlan();
	output(2);
	RUN_SKB("output 1, userspace 10, output 3, pop_vlan 0, output 2!");
	/* what waits for its output waits in both */
	put32(OVS_ACTION_ATTR_TRUNC, 100);
	CLONE output(1);
	output(2);
	RUN_SKB("trunc 64, clone 1, output 1!, output 2!");
	put32(OVS_ACTION_ATTR_TRUNC, 100);
	output(3);
	CLONE output(1);
	output(2);
	RUN_SKB("trunc 64, group=3, output 3, output 1, output 2!");
	/* nothing to do, or nothing that anybody sees */
	CLONE;
	CLONE hash(0, 1);
	output(2);
	expect_ops(OX_ACT_OUTPUT, 0, "output 2!");
	/* but an error in a copy ends all */
	CLONE pop_vlan();
	output(2);
	RUN_SKB("clone 1, pop_vlan 0, output 2!");
	recirc(7);
	output(2);
	RUN_SKB("clone 1*, recirc 7, output 2!");
	/* a branch has the key of the list around it, if it changes none */
	CLONE
	{
		output(3);
		recirc(7);
	}
	output(2);
	RUN_SKB("clone 2*, output 3, recirc 7, output 2!");
	CLONE
	{
		set_mark(1);
		recirc(7);
	}
	output(2);
	RUN_SKB("clone 2, mark 0=1/ffffffff, recirc 7, output 2!");
	CLONE
	{
		CLONE
		{
			set_udp(1);
			output(1);
		}
		recirc(4);
		output(3);
	}
	CLONE
	{
		set_udp(2);
		recirc(5);
	}
	RUN_SKB("clone 6, clone 2, tp_src 11=100/ffff, output 1!, clone 1*, "
		"recirc 4, output 3!, tp_src 11=200/ffff, recirc 5");
}

static void samples(void **state)
{
	(void)state;
	SAMPLE(5)
	output(1);
	RUN("sample 1=5, output 1!");
	SAMPLE(5)
	output(1);
	output(2);
	RUN("sample 2=5, group=2, output 1, output 2!");
	SAMPLE(5)
	{
		pop_vlan();
		output(1);
	}
	push_vlan(0x8100, 0x1001);
	output(2);
	RUN("sample 3=5, clone 2, pop_vlan 0, output 1!, push_vlan 81000001, "
	    "output 2!");
	/* always, never, nothing */
	SAMPLE(UINT32_MAX)
	{
		pop_vlan();
		output(1);
	}
	SAMPLE(0)
	output(7);
	SAMPLE(9)
	hash(0, 0);
	output(2);
	RUN_SKB("clone 2, pop_vlan 0, output 1!, output 2!");
	SAMPLE(5)
	SAMPLE(6)
	user(1);
	set_udp(3);
	output(2);
	RUN("sample 2=5, sample 1=6, userspace 20, tp_src 11=300/ffff, "
	    "output 2!");
	SAMPLE(5)
	{
		pop_vlan();
		recirc(1);
	}
	RUN("sample 2=5, pop_vlan 0, recirc 1");
}

static void check_lens(void **state)
{
	(void)state;
	CHECK_LEN(1514)
	{
		LE output(1);
		GT user(1);
	}
	RUN("check_len 2=5ea, output 1!, jump 1, userspace 1c!");
	/* the last of its list: both branches in place */
	push_vlan(0x8100, 0x1001);
	CHECK_LEN(1514)
	{
		LE
		{
			pop_vlan();
			output(1);
		}
		GT
		{
			set_udp(1);
			recirc(2);
		}
	}
	RUN("push_vlan 81000001, check_len 3=5ea, pop_vlan 0, output 1!, "
	    "jump 2, tp_src 11=100/ffff, recirc 2");
	/* in the middle: a copy for the branch that edits */
	CHECK_LEN(100)
	{
		LE
		{
			pop_vlan();
			output(1);
		}
		GT output(3);
	}
	set_udp(4);
	output(2);
	RUN("check_len 4=64, clone 2, pop_vlan 0, output 1!, jump 1, "
	    "output 3, tp_src 11=400/ffff, output 2!");
	CHECK_LEN(100)
	{
		LE;
		GT output(3);
	}
	set_udp(4);
	output(2);
	RUN("check_len 1=64, jump 1, output 3, tp_src 11=400/ffff, output 2!");
	CHECK_LEN(100)
	{
		LE output(3);
		GT;
	}
	set_udp(4);
	output(2);
	RUN("check_len 1=64, output 3, tp_src 11=400/ffff, output 2!");
	CHECK_LEN(100)
	{
		LE;
		GT hash(0, 1);
	}
	output(2);
	expect_ops(OX_ACT_OUTPUT, 0, "output 2!");
	/* one in the other */
	CHECK_LEN(100)
	{
		LE CHECK_LEN(50)
		{
			LE output(1);
			GT output(2);
		}
		GT put32(OVS_ACTION_ATTR_DROP, 2);
	}
	RUN("check_len 5=64, check_len 2=32, output 1!, jump 1, output 2!, "
	    "jump 1, drop 2");
	/* the rest is for every packet */
	CHECK_LEN(100)
	{
		LE output(1);
		GT;
	}
	output(2);
	pop_vlan();
	output(3);
	RUN_SKB("check_len 1=64, output 1, output 2, pop_vlan 0, output 3!");
}

static void dec_ttls(void **state)
{
	(void)state;
	DEC_TTL user(1);
	output(2);
	RUN("dec_ttl 2, userspace 8!, end 0, output 2!");
	DEC_TTL;
	output(2);
	RUN("dec_ttl 0, output 2!");
	DEC_TTL hash(0, 3);
	output(2);
	RUN("dec_ttl 0, output 2!");
	DEC_TTL user(1);
	RUN("dec_ttl 2, userspace 8!, end 0");
	DEC_TTL pop_vlan();
	expect_ops(OX_ACT_DROP, 0, "");
	CLONE
	{
		DEC_TTL
		{
			set_udp(1);
			user(1);
		}
		output(1);
	}
	output(2);
	RUN_SKB("clone 5, dec_ttl 3, tp_src 11=100/ffff, userspace 1c!, "
		"end 0, output 1!, output 2!");
	DEC_TTL CLONE
	{
		pop_vlan();
		output(1);
	}
	SAMPLE(7)
	{
		DEC_TTL user(1);
		output(3);
	}
	RUN("dec_ttl 3, pop_vlan 0, output 1!, end 0, sample 4=7, dec_ttl 2, "
	    "userspace 30!, end 0, output 3!");
}

static void tiers(void **state)
{
	static const struct {
		const char *tier, *why;
	} t[] = {
		{ "xdp", "" },
		{ "skb", "output isn't the last use of the packet" },
		{ "skb", "clone is none of XDP's" },
		{ "skb", "set(skb_mark) is none of XDP's" },
		{ "skb", "trunc isn't for the last output" },
		{ "xdp", "" },
		{ "user", "userspace" },
		{ "xdp", "" },
		{ "skb", "userspace isn't the last use of the packet" },
		{ "user", "output isn't the last use of the packet; push_mpls "
			  "behind it is none of the skb tier's" },
		{ "xdp", "" },
		{ "skb", "output isn't the last use of the packet" },
		{ "user", "clone is none of XDP's; clone is nested too deep "
			  "for the skb tier" },
	};
	const char *tier;
	char why[120];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		int depth = 0;

		ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
		switch (i) {
		case 0:
			pop_vlan();
			break;
		case 1:
			output(3);
			pop_vlan();
			break;
		case 2:
			CLONE recirc(1);
			break;
		case 3:
			SAMPLE(5) hash(0, 1);
			set_mark(1);
			break;
		case 4:
			put32(OVS_ACTION_ATTR_TRUNC, 64);
			pop_vlan();
			break;
		case 5:
			put32(OVS_ACTION_ATTR_TRUNC, 64);
			break;
		case 6:
			user(1);
			break;
		case 7:
			pop_vlan();
			user(1);
			break;
		case 8:
			user(1);
			break;
		case 9:
			output(2);
			push_mpls();
			break;
		case 10:
			push_mpls();
			break;
		case 11:
			push_mpls();
			output(2);
			pop_vlan();
			break;
		case 12:
			for (; depth <= OX_MAX_DEPTH; depth++)
				open_nest(OVS_ACTION_ATTR_CLONE);
			recirc(1);
			while (depth--) {
				close_nest();
				if (depth)
					output(1);
			}
			break;
		}
		if (i != 6 && i != 7)
			output(1);
		assert_int_equal(compile(), 0);
		ox_actions_tier(&acts, &tier, why, sizeof(why));
		assert_string_equal(why, t[i].why);
		assert_string_equal(tier, t[i].tier);
	}
	/* room for few words */
	ox_actions_tier(&acts, &tier, why, 6);
	assert_string_equal(why, "clone");
	ox_actions_tier(&acts, &tier, NULL, 0);
	assert_string_equal(tier, "user");
}

/* The list that an upcall shows as its actions. */
static void list_of(void **state)
{
	uint32_t len, off;
	const void *list;

	(void)state;
	output(1);
	SAMPLE(5)
	{
		output(2);
		CLONE
		{
			user(1);
			output(3);
		}
	}
	user(2);
	assert_int_equal(compile(), 0);
	off = acts.ops[3].arg;
	assert_int_equal(acts.ops[3].code, OX_OP_USERSPACE);
	list = ox_actions_list_of(acts.nla, acts.nla_len, off, &len);
	assert_ptr_equal(list, (uint8_t *)acts.nla + off);
	assert_int_equal(len, 12 + 8);
	off = acts.ops[acts.n_ops - 1].arg;
	list = ox_actions_list_of(acts.nla, acts.nla_len, off, &len);
	assert_ptr_equal(list, acts.nla);
	assert_int_equal(len, acts.nla_len);
	list = ox_actions_list_of(acts.nla, acts.nla_len, off + 4, &len);
	assert_ptr_equal(list, acts.nla);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("unit.actions_ops.kinds", kinds),
		TEST("unit.actions_ops.too_long", too_long),
		TEST("unit.actions_ops.limit", limit),
		TEST("unit.actions_ops.outputs", outputs),
		TEST("unit.actions_ops.plain_ops", plain_ops),
		TEST("unit.actions_ops.nsh_ops", nsh_ops),
		TEST("unit.actions_ops.clones", clones),
		TEST("unit.actions_ops.samples", samples),
		TEST("unit.actions_ops.check_lens", check_lens),
		TEST("unit.actions_ops.dec_ttls", dec_ttls),
		TEST("unit.actions_ops.tiers", tiers),
		TEST("unit.actions_ops.list_of", list_of),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
