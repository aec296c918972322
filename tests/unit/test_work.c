// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_work.c - how much work one packet makes: lists that recirculate in
 * branches. The module's own figures for the same lists were counted on
 * Debian's 6.1 kernel: each list that it puts off runs up to three passes.
 */
#include "tests/lib/test.h"

#include <linux/openvswitch.h>

#include "tests/lib/exec_env.h"

static const uint8_t udp[] = { 0x02, 0,	   0, 0,  0,  2,    0x02, 0,	0,
			       0,    0,	   1, 8,  0,  0x45, 0,	  0,	29,
			       0,    0,	   0, 0,  64, 17,   0x66, 0xce, 10,
			       0,    0,	   1, 10, 0,  0,    2,	  3,	0xe8,
			       7,    0xd0, 0, 9,  0,  0,    'x' };

struct fixture {
	struct ox_exec_env *e;
	struct ox_key key;
	uint32_t first; /* flow of the packet that comes in */
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	if (ox_env_new(&f.e))
		return -1;
	*state = &f;
	return ox_host_extract(udp, sizeof(udp), 1, &f.key);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ox_env_free(f->e);
	return 0;
}

/* In place of what packets with this id have met. */
static uint32_t put(struct fixture *f, uint32_t id)
{
	uint32_t old;

	f->key.recirc_id = id;
	old = ox_host_lookup(f->e->dp.mem, &f->key, NULL, NULL);
	if (old != OX_NONE)
		ox_table_remove(f->e->dp.table, old);
	return ox_env_flow(f->e, &f->key, ox_acts_end(f->e));
}

/* Packets with this id are recirculated n times to another one. */
static void list(struct fixture *f, uint32_t id, int n, uint32_t to)
{
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	uint32_t flow;

	for (int i = 0; i < n; i++)
		ox_nl_put_u32(b, OVS_ACTION_ATTR_RECIRC, to);
	flow = put(f, id);
	if (!id)
		f->first = flow;
}

static void end(struct fixture *f, uint32_t id)
{
	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_OUTPUT, 2);
	put(f, id);
}

/* Passes of one packet after its first. */
static uint64_t passes(struct fixture *f)
{
	uint64_t hits = f->e->cfg->host.n_hit;
	static uint8_t room[512];
	struct ox_upcall_md md = { .magic = OX_MD_MAGIC,
				   .port_no = 1,
				   .reason = OX_UP_FLOW };
	struct ox_rx rx = { .md = &md, .data = room + 128, .len = sizeof(udp) };

	ox_env_md(f->e, f->first, &md);
	memcpy(room + 128, udp, sizeof(udp));
	ox_exec_rx(&f->e->dp, &f->e->out, 1, &rx);
	return f->e->cfg->host.n_hit - hits;
}

static uint64_t count(struct fixture *f, enum ox_reason why)
{
	return f->e->cfg->host.reason[why];
}

/* The longest way without a fork goes through whole, one more pass doesn't. */
static void chain(void **state)
{
	const uint32_t most = OX_MAX_LEVEL * (1 + OX_MAX_DEFERRED);
	struct fixture *f = *state;

	for (uint32_t i = 0; i < most; i++)
		list(f, i, 1, i + 1);
	end(f, most);
	assert_int_equal(passes(f), most);
	assert_int_equal(f->e->n_sent, 1);
	list(f, most + 1, 1, 1);
	list(f, 0, 1, most + 1);
	assert_int_equal(passes(f), most);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(count(f, OX_R_RECIRC), 1);
}

/* Lists that name themselves: the module's figures. */
static void self(void **state)
{
	static const uint64_t module[] = { 30, 14 + 9 * 7, 39 + 9 * 13 };
	struct fixture *f = *state;

	for (int n = 1; n <= 3; n++) {
		list(f, 7, n, 7);
		list(f, 0, n, 7);
		assert_int_equal(passes(f), module[n - 1]);
	}
}

/* As many lists as the module puts off, in one and in several of them. */
static void put_off(void **state)
{
	struct fixture *f = *state;

	list(f, 0, 1, 1);
	list(f, 1, 1, 2);
	list(f, 2, 1, 3);
	end(f, 4);
	for (int n = OX_MAX_DEFERRED - 1; n <= OX_MAX_DEFERRED + 1; n++) {
		int fits = n < OX_MAX_DEFERRED ? n : OX_MAX_DEFERRED;

		ox_env_forget(f->e);
		list(f, 3, n, 4);
		assert_int_equal(passes(f), 3 + fits);
		assert_int_equal(f->e->n_sent, fits);
	}
	assert_int_equal(count(f, OX_R_RECIRC), 1);
}

/* Three levels of 30 go through whole in the module, and here. */
static void fan(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < OX_MAX_LEVEL; i++)
		list(f, i, 30, i + 1);
	end(f, OX_MAX_LEVEL);
	assert_int_equal(passes(f), 30 + 30 * 30 + 30 * 30 * 30);
	assert_int_equal(f->e->n_sent, 30 * 30 * 30);
	for (int i = 0; i < OX_R_COUNT; i++)
		assert_int_equal(count(f, i), 0);
}

/* Three levels of 1,000 would be a thousand million passes. */
static void fan_ends(void **state)
{
	struct fixture *f = *state;

	for (uint32_t i = 0; i < OX_MAX_LEVEL; i++)
		list(f, i, 1000, i + 1);
	end(f, OX_MAX_LEVEL);
	assert_in_range(passes(f), 1000, OX_MAX_WORK);
	assert_true(count(f, OX_R_WORK) > 0);
	/* the next packet has as much again */
	ox_env_forget(f->e);
	assert_in_range(passes(f), 1000, OX_MAX_WORK);
	assert_true(f->e->n_sent > 0);
}

#define T(id, fn) OX_TEST_WITH("unit.work." id, fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T("chain", chain),	 T("self", self),
		T("put_off", put_off),	 T("fan", fan),
		T("fan_ends", fan_ends),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
