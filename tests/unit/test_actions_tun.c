// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_actions_tun.c - set(tunnel()): what is refused, how it is kept, its ops,
 * and where a list with one begins.
 */
#include <linux/if_tunnel.h>

#include "tests/unit/actions_make.h"

#define DST OVS_TUNNEL_KEY_ATTR_IPV4_DST, "\12\0\0\2", 4
#define DST6 \
	OVS_TUNNEL_KEY_ATTR_IPV6_DST, "\375\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16
#define TTL OVS_TUNNEL_KEY_ATTR_TTL, "\100", 1
#define ID  OVS_TUNNEL_KEY_ATTR_ID, "\0\0\0\0\0\0\0\7", 8

static uint32_t outer, nest;

static void start(void)
{
	outer = ox_make_nest(&m, OVS_ACTION_ATTR_SET);
	nest = ox_make_nest(&m, OVS_KEY_ATTR_TUNNEL);
}

static void end(void)
{
	ox_make_nest_end(&m, nest);
	ox_make_nest_end(&m, outer);
}

static void tunnel(void)
{
	start();
	ox_make_put(&m, ID);
	ox_make_put(&m, DST);
	ox_make_put(&m, TTL);
	end();
}

static void put_opts(const void *opts, uint32_t len)
{
	start();
	ox_make_put(&m, DST);
	ox_make_put(&m, TTL);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, opts, len);
	end();
}

static const struct ox_op_tun *op_tun(uint32_t i)
{
	const struct ox_op_tun *op = (const struct ox_op_tun *)&acts.ops[i];

	assert_true(i < acts.n_ops);
	assert_int_equal(op->code, OX_OP_TUN);
	return op;
}

static const struct ox_op_tun_arg *op_arg(uint32_t i, enum ox_tun_arg what)
{
	const struct ox_op_tun_arg *a =
		(const struct ox_op_tun_arg *)&acts.ops[i];

	assert_true(i < acts.n_ops);
	assert_int_equal(a->code, OX_OP_TUN_ARG);
	assert_int_equal(a->what, what);
	return a;
}

static void refusals(void **state)
{
	static const uint8_t opts[12] = { 1, 2, 3, 2 };

	(void)state;
	start();
	ox_make_put(&m, TTL);
	end();
	refused(-EINVAL, "lacks the destination");
	start();
	ox_make_put(&m, DST);
	end();
	refused(-EINVAL, "lacks the TTL");
	start();
	ox_make_put(&m, DST);
	ox_make_put(&m, DST6);
	ox_make_put(&m, TTL);
	end();
	refused(-EINVAL, "IPv4 and IPv6");
	put_opts(opts, 8); /* says 12 */
	refused(-EINVAL, "add up");
	put_opts(opts, 2);
	refused(-EINVAL, "Geneve options of 2 bytes");
	set(OVS_ACTION_ATTR_SET_MASKED, OVS_KEY_ATTR_TUNNEL, opts, 0);
	refused(-EINVAL, "under a mask");
	start();
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_IPV4_INFO_BRIDGE, NULL, 0);
	ox_make_put(&m, ID);
	end();
	refused(-EOPNOTSUPP, "bridge form");
	put_opts(opts, 12);
	output(3);
	assert_int_equal(compile(), 0);
}

static void ipv4(void **state)
{
	const struct ox_op_tun *op;

	(void)state;
	start();
	ox_make_put(&m, ID);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_IPV4_SRC, "\12\0\0\1", 4);
	ox_make_put(&m, DST);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_TOS, "\4", 1);
	ox_make_put(&m, TTL);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_CSUM, NULL, 0);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_TP_DST, "\27\301", 2);
	end();
	output(3);
	assert_int_equal(compile(), 0);
	assert_int_equal(acts.n_ops, 3);
	assert_int_equal(acts.kind, OX_ACT_RUN);
	assert_int_equal(acts.acts_flags, OX_ACTS_SKB);
	op = op_tun(0);
	assert_int_equal(op->flags, 0);
	assert_int_equal(op->n_args, 1);
	assert_int_equal(op->opts_len, 0);
	assert_int_equal(op->tun_flags, TUNNEL_KEY | TUNNEL_CSUM);
	assert_int_equal(op->tos, 4);
	assert_int_equal(op->ttl, 64);
	assert_int_equal(op->tun_id, __builtin_bswap64(7));
	assert_int_equal(op->src, htonl(0x0a000001));
	assert_int_equal(op->dst, htonl(0x0a000002));
	assert_int_equal(op_arg(1, OX_TUN_ARG_PORTS)->tp_dst, htons(6081));
	assert_int_equal(op_arg(1, OX_TUN_ARG_PORTS)->tp_src, 0);
	assert_int_equal(acts.ops[2].code, OX_OP_OUTPUT);
	/* what takes no argument has none */
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	tunnel();
	output(3);
	assert_int_equal(compile(), 0);
	assert_int_equal(op_tun(0)->n_args, 0);
	assert_int_equal(acts.n_ops, 2);
}

/* All that there can be: ports, both addresses and 252 bytes of options. */
static void most(void **state)
{
	const struct ox_op_tun *op;
	uint8_t opts[252] = { 0 };

	(void)state;
	for (int i = 0; i < 252;
	     i += 4) { /* empty ones, one of them important */
		opts[i] = (uint8_t)i;
		opts[i + 2] = i == 200 ? 0x81 : 0x7f;
	}
	start();
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_IPV6_SRC, opts + 4, 16);
	ox_make_put(&m, DST6);
	ox_make_put(&m, TTL);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_TP_SRC, "\1\2", 2);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_GENEVE_OPTS, opts, sizeof(opts));
	end();
	output(3);
	assert_int_equal(compile(), 0);
	assert_int_equal(acts.n_ops, 1 + OX_TUN_MAX_ARGS + 1);
	op = op_tun(0);
	assert_int_equal(op->flags, OX_OPF_TUN6);
	assert_int_equal(op->n_args, OX_TUN_MAX_ARGS);
	assert_int_equal(op->opts_len, 252);
	assert_int_equal(op->tun_flags, TUNNEL_GENEVE_OPT | TUNNEL_CRIT_OPT);
	assert_int_equal(op->dst, 0);
	assert_memory_equal(op_arg(1, OX_TUN_ARG_SRC6)->w, opts + 4, 16);
	assert_int_equal(((uint8_t *)op_arg(2, OX_TUN_ARG_DST6)->w)[0], 0xfd);
	assert_int_equal(op_arg(3, OX_TUN_ARG_PORTS)->tp_src, htons(0x102));
	for (uint8_t at = 0; at < 16; at++) {
		const struct ox_op_tun_arg *a =
			op_arg(4u + at, OX_TUN_ARG_OPTS);

		assert_int_equal(a->at, at);
		assert_memory_equal(a->w, opts + 16 * at, at < 15 ? 16 : 12);
	}
	assert_int_equal(ox_ops_check(&acts), 0);
}

/* Dumps show attributes in the module's order, and each once. */
static void kept(void **state)
{
	static struct ox_make want;
	uint32_t o, n, in;

	(void)state;
	start();
	ox_make_put(&m, TTL);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_TTL, "\77", 1);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_OAM, NULL, 0);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS, NULL, 0);
	ox_make_put(&m, DST);
	ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_TOS, "\0", 1);
	ox_make_put(&m, ID);
	end();
	output(3);
	assert_int_equal(compile(), 0);
	ox_make_start(&want, OVS_FLOW_ATTR_ACTIONS);
	o = ox_make_nest(&want, OVS_ACTION_ATTR_SET);
	n = ox_make_nest(&want, OVS_KEY_ATTR_TUNNEL);
	ox_make_put(&want, ID);
	ox_make_put(&want, DST);
	ox_make_put(&want, OVS_TUNNEL_KEY_ATTR_TTL, "\77", 1);
	ox_make_put(&want, OVS_TUNNEL_KEY_ATTR_OAM, NULL, 0);
	in = ox_make_nest(&want, OVS_TUNNEL_KEY_ATTR_VXLAN_OPTS);
	ox_make_u32(&want, OVS_VXLAN_EXT_GBP, 0);
	ox_make_nest_end(&want, in);
	ox_make_nest_end(&want, n);
	ox_make_nest_end(&want, o);
	ox_make_u32(&want, OVS_ACTION_ATTR_OUTPUT, 3);
	assert_int_equal(acts.nla_len, want.len - NLA_HDRLEN);
	assert_memory_equal(acts.nla, want.b + NLA_HDRLEN, acts.nla_len);
}

/* One that is shown longer than it came, many times: in a list of its own. */
static void grows(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++) {
		start();
		ox_make_put(&m, DST);
		ox_make_put(&m, TTL);
		ox_make_put(&m, OVS_TUNNEL_KEY_ATTR_ERSPAN_OPTS, "\1", 1);
		end();
	}
	output(3);
	assert_int_equal(compile(), 0);
	assert_int_equal(acts.nla_len, 100 * (4 + 4 + 8 + 8 + 16) + 8);
	/* the last one counts, but nobody knows that: all are in force */
	assert_int_equal(acts.n_ops, 201);
}

/* Who sees none of it has none: nothing goes out after it. */
static void unused(void **state)
{
	(void)state;
	output(3);
	tunnel();
	assert_int_equal(compile(), 0);
	assert_int_equal(acts.kind, OX_ACT_OUTPUT);
	assert_int_equal(acts.acts_flags, 0);
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	start();
	ox_make_put(&m, DST6);
	ox_make_put(&m, TTL);
	end();
	assert_int_equal(compile(), 0);
	assert_int_equal(acts.n_ops, 0);
	assert_int_equal(acts.kind, OX_ACT_DROP);
	/* who recirculates does, and who asks user space */
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	tunnel();
	ox_make_u32(&m, OVS_ACTION_ATTR_RECIRC, 7);
	assert_int_equal(compile(), 0);
	op_tun(0);
	assert_int_equal(acts.acts_flags, OX_ACTS_SKB);
}

/* In a branch: the copy's alone; and the list begins in the skb tier. */
static void branches(void **state)
{
	const char *tier;
	char why[80];
	uint32_t at;

	(void)state;
	at = ox_make_nest(&m, OVS_ACTION_ATTR_CLONE);
	tunnel();
	output(3);
	ox_make_nest_end(&m, at);
	output(4);
	assert_int_equal(compile(), 0);
	assert_int_equal(acts.ops[0].code, OX_OP_CLONE);
	assert_int_equal(acts.ops[0].arg, 2);
	op_tun(1);
	assert_int_equal(acts.acts_flags, OX_ACTS_SKB);
	ox_actions_tier(&acts, &tier, why, sizeof(why));
	assert_string_equal(tier, "skb");
	/* where a packet may not come to it at all, too */
	ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
	at = ox_make_nest(&m, OVS_ACTION_ATTR_SAMPLE);
	ox_make_u32(&m, OVS_SAMPLE_ATTR_PROBABILITY, 1);
	{
		uint32_t in = ox_make_nest(&m, OVS_SAMPLE_ATTR_ACTIONS);

		tunnel();
		output(3);
		ox_make_nest_end(&m, in);
	}
	ox_make_nest_end(&m, at);
	assert_int_equal(compile(), 0);
	assert_int_equal(acts.acts_flags, OX_ACTS_SKB);
	ox_actions_tier(&acts, &tier, why, sizeof(why));
	assert_string_equal(tier, "skb");
	assert_string_equal(why, "set(tunnel) is none of XDP's");
}

static void recompiled(void **state)
{
	struct ox_actions again;

	(void)state;
	put_opts("\1\2\200\0", 4);
	output(3);
	assert_int_equal(compile(), 0);
	assert_int_equal(ox_actions_recompile(acts.nla, acts.nla_len, &again),
			 0);
	assert_int_equal(again.n_ops, acts.n_ops);
	assert_memory_equal(again.ops, acts.ops,
			    acts.n_ops * sizeof(*acts.ops));
	ox_actions_free(&again);
	/* torn: no destination */
	memset((uint8_t *)acts.nla + 12, 0, 4);
	assert_int_equal(ox_actions_recompile(acts.nla, acts.nla_len, &again),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("unit.actions_tun.refusals", refusals),
		TEST("unit.actions_tun.ipv4", ipv4),
		TEST("unit.actions_tun.most", most),
		TEST("unit.actions_tun.kept", kept),
		TEST("unit.actions_tun.grows", grows),
		TEST("unit.actions_tun.unused", unused),
		TEST("unit.actions_tun.branches", branches),
		TEST("unit.actions_tun.recompiled", recompiled),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
