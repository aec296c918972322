// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_linger_flush.c - which deletion of all flows leaves them to the packets
 * (--flush-linger): the first one after whoever read upcalls has gone.
 */
#include "tests/lib/test.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/base/loop.h"
#include "control/datapath/datapath.h"
#include "control/datapath/linger.h"
#include "control/packet/upcall_pid.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/flow_specs.h"
#include "tests/lib/mem_heap.h"
#include "tests/lib/toy_genl.h"

#define NOBODY 0x7ffffff1 /* a port id that no socket has */

struct fixture {
	struct ox_datapaths all;
	struct ox_datapath dp;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->all.opt.flush_linger = 60;
	f->dp.all = &f->all;
	f->dp.packets = &f->all.packets;
	sprintf(f->dp.name, "br0");
	if (ox_loop_new(&f->all.packets.loop) ||
	    ox_mem_heap_new(NULL, &f->dp.mem) ||
	    ox_table_open(f->dp.mem, &f->dp.table, NULL))
		return -1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ox_linger_close(&f->dp);
	ox_table_close(f->dp.table);
	ox_mem_heap_free(f->dp.mem);
	ox_loop_free(f->all.packets.loop);
	free(f);
	return 0;
}

/* As a request sets a port's upcall port id. */
static void reads(struct fixture *f, uint32_t pid)
{
	struct ox_uport *u = &f->dp.mem->uports[1];

	u->type = OVS_VPORT_TYPE_NETDEV;
	u->n_pids = 1;
	u->pids[0] = pid;
	ox_upcall_pids_note(&f->dp, u->pids, 1);
}

/* A flush of a datapath with one flow: does it linger? */
static bool lingers(struct fixture *f)
{
	struct ox_flow_spec s = { 0 };
	struct ox_actions out;
	uint32_t flow;

	ox_table_linger_end(f->dp.table);
	assert_int_equal(ox_spec_output(2, &out), 0);
	ox_spec_key(&s.key, 1);
	ox_spec_mask(&s.mask, 0);
	s.actions = &out;
	assert_int_equal(ox_table_insert(f->dp.table, &s, &flow, NULL), 0);
	ox_actions_free(&out);
	for (ox_linger_flush(&f->dp); f->dp.flush.job;)
		ox_linger_step(&f->dp);
	assert_int_equal(ox_table_n_flows(f->dp.table), 0);
	return ox_table_n_lingering(f->dp.table);
}

static void never_read(void **state)
{
	assert_false(lingers(*state));
	reads(*state, 0); /* upcalls for nobody */
	assert_false(lingers(*state));
}

/* Who comes, finds them, and deletes again means it. */
static void once(void **state)
{
	reads(*state, NOBODY);
	assert_true(lingers(*state));
	assert_false(lingers(*state));
	assert_false(lingers(*state));
	/* another one has come and gone */
	reads(*state, NOBODY - 1);
	assert_true(lingers(*state));
	assert_false(lingers(*state));
}

/* One that stopped in good order has zeroed its port ids. */
static void stopped(void **state)
{
	reads(*state, NOBODY);
	reads(*state, 0);
	assert_true(lingers(*state));
	assert_false(lingers(*state));
}

static void still_there(void **state)
{
	uint32_t pid;
	int fd = toy_client(0, &pid);

	assert_true(fd >= 0);
	reads(*state, pid);
	assert_false(lingers(*state));
	assert_false(lingers(*state));
	close(fd);
	assert_true(lingers(*state));
}

static void per_cpu(void **state)
{
	struct fixture *f = *state;
	struct ox_config *c = f->dp.mem->config;
	uint32_t pid;
	int fd = toy_client(0, &pid);

	assert_true(fd >= 0);
	c->cpu_pids[0] = NOBODY;
	c->cpu_pids[1] = pid;
	c->n_cpu_pids = 2;
	ox_upcall_pids_note(&f->dp, c->cpu_pids, 2);
	c->user_features = OVS_DP_F_DISPATCH_UPCALL_PER_CPU;
	assert_false(lingers(f));
	close(fd);
	assert_true(lingers(f));
	/* a port's is looked at as well */
	fd = toy_client(0, &pid);
	reads(f, pid);
	assert_false(lingers(f));
	close(fd);
}

static void not_asked_for(void **state)
{
	struct fixture *f = *state;

	f->all.opt.flush_linger = 0;
	reads(f, NOBODY);
	assert_false(lingers(f));
}

#define T(id, fn) OX_TEST_WITH("unit.linger_flush." id, fn, setup, teardown)

static const struct CMUnitTest tests[] = {
	T("never_read", never_read), T("once", once),
	T("stopped", stopped),	     T("still_there", still_there),
	T("per_cpu", per_cpu),	     T("not_asked_for", not_asked_for),
};

OX_TEST_MAIN(tests)
