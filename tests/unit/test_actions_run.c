// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_actions_run.c - do the ops do what the list says? Random lists are run
 * twice on an imagined packet: as do_execute_actions() of the module runs
 * attributes, with a copy for each branch, and op by op. What goes out, in
 * which order, after which edits and cut to what, must be the same.
 */
#include "tests/unit/actions_make.h"

#include "control/codec/key_attr.h"

#define MAX_EVENTS 4096
#define NO_CUT	   OX_NONE

/* A packet is what has been done to it. */
struct packet {
	uint64_t edits;
	uint32_t cut;
};

struct event {
	uint32_t code; /* enum ox_opcode */
	uint32_t arg;
	uint64_t edits;
	uint64_t cut; /* no padding: compared as bytes */
};

struct trace {
	struct event e[MAX_EVENTS];
	uint32_t n;
	uint64_t luck; /* decides what conditions find */
};

static struct trace module, ours;

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 29;
}

static void note(struct trace *t, uint32_t code, uint32_t arg,
		 const struct packet *p)
{
	assert_true(t->n < MAX_EVENTS);
	t->e[t->n++] = (struct event){ code, arg, p->edits, p->cut };
}

/* The same question has the same answer in both runs. */
static bool lucky(const struct trace *t, uint64_t question, uint32_t of)
{
	return mix(t->luck, question) % of != 0;
}

/* 0, or -1: the header isn't there. */
static int edit(struct trace *t, struct packet *p, uint32_t code, uint64_t v,
		bool can_fail)
{
	if (can_fail && !lucky(t, mix(p->edits, code), 12))
		return -1;
	p->edits = mix(p->edits, mix(code, v));
	return 0;
}

static bool expired(const struct trace *t, const struct packet *p)
{
	return !lucky(t, mix(p->edits, OX_OP_DEC_TTL), 3);
}

/* ---- as the module ---- */

static int run_list(struct trace *t, const void *list, int len,
		    struct packet *p);

/* clone_execute() */
static int run_copy(struct trace *t, const struct nlattr *list,
		    const struct packet *p)
{
	struct packet copy = *p;

	return run_list(t, mnl_attr_get_payload(list),
			mnl_attr_get_payload_len(list), &copy);
}

static const struct nlattr *in(const struct nlattr *a, uint16_t type)
{
	const struct nlattr *inner;
	int rem;

	ox_attr_for_each(inner, mnl_attr_get_payload(a),
			 mnl_attr_get_payload_len(a), rem)
	{
		if (mnl_attr_get_type(inner) == type)
			return inner;
	}
	fail_msg("no attribute %u", type);
	return NULL;
}

static int run_branch(struct trace *t, const struct nlattr *a,
		      const struct packet *p)
{
	uint32_t v;
	bool le;

	switch (mnl_attr_get_type(a)) {
	case OVS_ACTION_ATTR_CLONE:
		return run_copy(t, a, p);
	case OVS_ACTION_ATTR_SAMPLE:
		v = mnl_attr_get_u32(in(a, OVS_SAMPLE_ATTR_PROBABILITY));
		if (v != UINT32_MAX && (!v || !lucky(t, v, 2)))
			return 0;
		return run_copy(t, in(a, OVS_SAMPLE_ATTR_ACTIONS), p);
	default:
		v = mnl_attr_get_u16(in(a, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN));
		le = lucky(t, v, 2);
		return run_copy(
			t,
			in(a, le ? OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL
				 : OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER),
			p);
	}
}

static int run_attr_edit(struct trace *t, const struct nlattr *a,
			 struct packet *p)
{
	const struct nlattr *key = mnl_attr_get_payload(a);
	uint32_t v = 0;

	switch (mnl_attr_get_type(a)) {
	case OVS_ACTION_ATTR_POP_VLAN:
		return edit(t, p, OX_OP_POP_VLAN, 0, true);
	case OVS_ACTION_ATTR_HASH:
		memcpy(&v, (const uint8_t *)mnl_attr_get_payload(a) + 4, 4);
		return edit(t, p, OX_OP_HASH, v, false);
	case OVS_ACTION_ATTR_SET:
		return edit(t, p, OX_OP_SET_MARK, mnl_attr_get_u32(key), false);
	default:
		return edit(t, p, OX_OP_SET_TP_SRC, mnl_attr_get_u16(key),
			    true);
	}
}

static bool is_branch(const struct nlattr *a)
{
	return mnl_attr_get_type(a) == OVS_ACTION_ATTR_CLONE ||
	       mnl_attr_get_type(a) == OVS_ACTION_ATTR_SAMPLE ||
	       mnl_attr_get_type(a) == OVS_ACTION_ATTR_CHECK_PKT_LEN;
}

/* do_execute_actions() */
static int run_list(struct trace *t, const void *list, int len,
		    struct packet *p)
{
	const struct nlattr *a;
	int rem, err;

	ox_attr_for_each(a, list, len, rem)
	{
		err = 0;
		switch (mnl_attr_get_type(a)) {
		case OVS_ACTION_ATTR_OUTPUT:
			note(t, OX_OP_OUTPUT, mnl_attr_get_u32(a), p);
			p->cut = NO_CUT;
			break;
		case OVS_ACTION_ATTR_USERSPACE:
			note(t, OX_OP_USERSPACE,
			     (uint32_t)((const uint8_t *)a -
					(const uint8_t *)acts.nla),
			     p);
			p->cut = NO_CUT;
			break;
		case OVS_ACTION_ATTR_TRUNC:
			p->cut = mnl_attr_get_u32(a);
			break;
		case OVS_ACTION_ATTR_RECIRC:
			note(t, OX_OP_RECIRC, mnl_attr_get_u32(a), p);
			break;
		case OVS_ACTION_ATTR_METER:
			note(t, OX_OP_METER, mnl_attr_get_u32(a), p);
			if (!lucky(t, mnl_attr_get_u32(a), 3))
				return 0;
			break;
		case OVS_ACTION_ATTR_DROP:
			note(t, OX_OP_DROP, mnl_attr_get_u32(a), p);
			return 0;
		case OVS_ACTION_ATTR_DEC_TTL:
			if (expired(t, p))
				return run_copy(
					t, in(a, OVS_DEC_TTL_ATTR_ACTION), p);
			err = edit(t, p, OX_OP_DEC_TTL, 0, true);
			break;
		default:
			err = is_branch(a) ? run_branch(t, a, p)
					   : run_attr_edit(t, a, p);
		}
		if (err)
			return err;
	}
	return 0;
}

/* ---- op by op ---- */

static int run_edit(struct trace *t, const struct ox_op *op, struct packet *p)
{
	uint64_t v = op->val;

	if (op->code == OX_OP_HASH)
		v = op->arg;
	return edit(t, p, op->code, v,
		    op->code == OX_OP_POP_VLAN || op->code == OX_OP_SET_TP_SRC);
}

static void note_use(struct trace *t, const struct ox_op *op, struct packet p)
{
	if (op->flags & OX_OPF_WHOLE)
		p.cut = NO_CUT;
	note(t, op->code, op->arg, &p);
}

static int run_ops(struct trace *t, uint32_t pc, uint32_t end, struct packet p)
{
	for (; pc < end; pc++) {
		const struct ox_op *op = &acts.ops[pc];
		int err = 0;

		switch (op->code) {
		case OX_OP_END:
			return 0;
		case OX_OP_OUTPUT:
		case OX_OP_USERSPACE:
			note_use(t, op, p);
			if (op->flags & OX_OPF_LAST)
				return 0; /* given away */
			if (!(op->flags & OX_OPF_KEEP_CUT))
				p.cut = NO_CUT;
			break;
		case OX_OP_TRUNC:
			p.cut = op->arg;
			break;
		case OX_OP_RECIRC:
		case OX_OP_DROP:
			note(t, op->code, op->arg, &p);
			return 0;
		case OX_OP_METER:
			note(t, op->code, op->arg, &p);
			if (!lucky(t, op->arg, 3))
				return 0;
			break;
		case OX_OP_CLONE:
			err = run_ops(t, pc + 1, pc + 1 + op->arg, p);
			pc += op->arg;
			break;
		case OX_OP_SAMPLE:
			if (!lucky(t, op->val, 2))
				pc += op->arg;
			break;
		case OX_OP_CHECK_LEN:
			if (!lucky(t, op->val, 2))
				pc += op->arg;
			break;
		case OX_OP_JUMP:
			pc += op->arg;
			break;
		case OX_OP_GROUP:
			break;
		case OX_OP_DEC_TTL:
			if (expired(t, &p)) {
				if (!op->arg)
					return 0;
				break;
			}
			err = edit(t, &p, OX_OP_DEC_TTL, 0, true);
			pc += op->arg;
			break;
		default:
			err = run_edit(t, op, &p);
		}
		if (err)
			return err;
	}
	return 0;
}

/* ---- random lists ---- */

static uint64_t seed = 0x5eed0f0a5eed0f0aull;

static uint32_t pick(uint32_t n)
{
	return (uint32_t)(ox_rand(&seed) >> 33) % n;
}

static uint32_t any_probability(void)
{
	static const uint32_t ends[] = { 0, UINT32_MAX };

	return pick(4) ? 1 + pick(1000) : ends[pick(2)];
}

static void put_list(uint32_t depth);

static void put_branch(uint32_t depth)
{
	switch (pick(4)) {
	case 0:
		CLONE put_list(depth + 1);
		break;
	case 1:
		SAMPLE(any_probability())
		put_list(depth + 1);
		break;
	case 2:
		CHECK_LEN((uint16_t)(1 + pick(1000)))
		{
			LE put_list(depth + 1);
			GT put_list(depth + 1);
		}
		break;
	default:
		DEC_TTL put_list(depth + 1);
	}
}

static void put_action(uint32_t depth)
{
	switch (pick(depth < 4 && m.len < 2500 ? 16 : 12)) {
	case 0:
	case 1:
	case 2:
	case 3:
		output(pick(5));
		break;
	case 4:
		user(1 + pick(9));
		break;
	case 5:
		pop_vlan();
		break;
	case 6:
		set_udp((uint16_t)(1 + pick(9)));
		break;
	case 7:
		set_mark(1 + pick(9));
		break;
	case 8:
		hash(0, pick(9));
		break;
	case 9:
		put32(OVS_ACTION_ATTR_TRUNC, 14 + pick(100));
		break;
	case 10:
		recirc(pick(9));
		break;
	case 11:
		put32(OVS_ACTION_ATTR_METER, pick(9));
		break;
	default:
		put_branch(depth);
	}
}

static void put_list(uint32_t depth)
{
	uint32_t n = pick(depth ? 4 : 7);

	while (n-- && m.len < 3500)
		put_action(depth);
	if (!pick(12))
		put32(OVS_ACTION_ATTR_DROP, pick(3));
}

static void random_lists(void **state)
{
	/* the second one comes out of a recirculation behind a trunc */
	const struct packet fresh[2] = { { 1, NO_CUT }, { 1, 77 } };
	uint32_t events = 0, clones = 0;
	struct packet p;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		ox_make_start(&m, OVS_FLOW_ATTR_ACTIONS);
		put_list(0);
		if (compile())
			fail_msg("list %d: %s", i, err.msg);
		assert_int_equal(ox_ops_check(&acts), 0);
		for (uint32_t k = 0; k < acts.n_ops; k++)
			clones += acts.ops[k].code == OX_OP_CLONE;
		for (uint64_t luck = 1; luck <= 8; luck++) {
			module.n = ours.n = 0;
			module.luck = ours.luck = luck * 77 + (uint64_t)i;
			p = fresh[luck & 1];
			run_list(&module, acts.nla, (int)acts.nla_len, &p);
			run_ops(&ours, 0, acts.n_ops, fresh[luck & 1]);
			assert_int_equal(ours.n, module.n);
			assert_memory_equal(ours.e, module.e,
					    ours.n * sizeof(ours.e[0]));
			events += ours.n;
		}
	}
	print_message("# %u events, %u branch copies\n", events, clones);
	assert_true(events > 100000 && clones > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("unit.actions_run.random_lists", random_lists),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
