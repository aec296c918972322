// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_vport.c - ports by number and name, counters, upcall port ids, on heap
 * memory; and the requests that are refused before any device is touched.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/packet/upcall_pid.h"
#include "control/port/vport_index.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/mem_heap.h"

struct fixture {
	struct ox_ports ports;
	struct ox_datapath dp;
};

static int setup(void **state)
{
	const struct ox_mem_heap_params p = { .max_ports = 8 };
	struct fixture *f = calloc(1, sizeof(*f));

	f->dp.ports = &f->ports;
	f->ports.datapaths = &f->dp;
	strcpy(f->dp.name, "br0");
	if (ox_mem_heap_new(&p, &f->dp.mem))
		return -1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ox_vport_index_free(&f->ports);
	ox_mem_heap_free(f->dp.mem);
	free(f);
	return 0;
}

static struct ox_uport *port_put(struct fixture *f, uint32_t no,
				 const char *name, uint32_t type)
{
	struct ox_uport *u = &f->dp.mem->uports[no];

	u->type = type;
	u->ifindex = 100 + no;
	strcpy((char *)u->name, name);
	u->n_pids = 1;
	u->pids[0] = 1000 + no;
	f->dp.mem->ports[no].ifindex = 200 + no;
	f->dp.n_ports++;
	return u;
}

static void lookup(void **state)
{
	struct fixture *f = *state;
	struct ox_datapath *dp = NULL;

	port_put(f, 0, "br0", OVS_VPORT_TYPE_INTERNAL);
	port_put(f, 7, "fifteen-letters", OVS_VPORT_TYPE_NETDEV);
	assert_int_equal(ox_vport_by_name(&f->dp, "br0"), 0);
	assert_int_equal(ox_vport_by_name(&f->dp, "fifteen-letters"), 7);
	assert_int_equal(ox_vport_by_name(&f->dp, "fifteen-letter"), OX_NONE);
	assert_int_equal(ox_vport_by_ifindex(&f->ports, 107, &dp), 7);
	assert_ptr_equal(dp, &f->dp);
	assert_int_equal(ox_vport_by_ifindex(&f->ports, 200, &dp), 0);
	assert_int_equal(ox_vport_by_ifindex(&f->ports, 5, &dp), OX_NONE);
	assert_true(ox_vport_exists(&f->dp, 7));
	assert_false(ox_vport_exists(&f->dp, 6));
	assert_false(ox_vport_exists(&f->dp, 8));
}

static int add(struct fixture *f, uint32_t type, uint32_t no, uint32_t n_pids)
{
	static const uint32_t pids[4] = { 1, 2, 3, 4 };
	struct ox_vport_request rq = {
		.type = type,
		.port_no = no,
		.n_pids = n_pids,
		.pids = pids,
	};
	struct ox_err e = { 0 };
	uint32_t got;

	strcpy(rq.name, "x");
	return ox_vport_add(&f->dp, &rq, &got, &e);
}

/* In the module's order: number, then type, then port ids. */
static void add_refused(void **state)
{
	struct fixture *f = *state;
	uint32_t no;

	port_put(f, 0, "br0", OVS_VPORT_TYPE_INTERNAL);
	port_put(f, 3, "a", OVS_VPORT_TYPE_NETDEV);
	assert_int_equal(add(f, OVS_VPORT_TYPE_GENEVE, 3, 0), -EBUSY);
	assert_int_equal(add(f, OVS_VPORT_TYPE_GENEVE, 8, 0), -EFBIG);
	assert_int_equal(add(f, 77, 4, 0), -EAFNOSUPPORT);
	assert_int_equal(add(f, 77, 4, 1), -EAFNOSUPPORT);
	assert_int_equal(add(f, OVS_VPORT_TYPE_GRE, 4, 0), -EINVAL);
	/* no UDP port */
	assert_int_equal(add(f, OVS_VPORT_TYPE_VXLAN, 4, 1), -EINVAL);
	assert_int_equal(add(f, OVS_VPORT_TYPE_GENEVE, 4, 1), -EINVAL);
	assert_int_equal(add(f, OVS_VPORT_TYPE_NETDEV, 4, 0), -EINVAL);
	for (no = 1; no < 8; no++)
		if (no != 3)
			port_put(f, no, "b", OVS_VPORT_TYPE_NETDEV);
	assert_int_equal(add(f, OVS_VPORT_TYPE_NETDEV, OX_NONE, 1), -EFBIG);
	assert_int_equal(f->dp.n_ports, 8);
}

static void pids(void **state)
{
	struct fixture *f = *state;
	struct ox_uport *u = port_put(f, 1, "a", OVS_VPORT_TYPE_NETDEV);
	const uint32_t three[3] = { 10, 20, 30 };
	uint32_t many[OX_PORT_PIDS + 1] = { 0 };

	assert_int_equal(ox_vport_pids_check(three, 0, NULL), -EINVAL);
	assert_int_equal(ox_vport_pids_check(three, 6, NULL), -EINVAL);
	assert_int_equal(ox_vport_pids_check(three, 4, NULL), 0);
	assert_int_equal(ox_vport_pids_check(many, sizeof(many), NULL),
			 -EINVAL);
	assert_int_equal(
		ox_vport_pids_check(many, 4 * (ox_nr_cpu_ids() + 1), NULL),
		-EINVAL);
	assert_int_equal(ox_upcall_pid(&f->dp, 1, 5, 0), 1001);
	assert_int_equal(ox_upcall_pid(&f->dp, 2, 5, 0), 0);
	assert_int_equal(ox_upcall_pid(&f->dp, OX_NONE, 5, 0), 0);
	ox_vport_pids_set(u, three, sizeof(three));
	assert_int_equal(ox_upcall_pid(&f->dp, 1, 3, 9), 10);
	assert_int_equal(ox_upcall_pid(&f->dp, 1, 4, 9), 20);
	assert_int_equal(ox_upcall_pid(&f->dp, 1, 0xffffffff, 9), 10);
}

static void pids_per_cpu(void **state)
{
	struct fixture *f = *state;
	struct ox_config *c = f->dp.mem->config;

	port_put(f, 1, "a", OVS_VPORT_TYPE_NETDEV);
	c->user_features = OVS_DP_F_DISPATCH_UPCALL_PER_CPU;
	assert_int_equal(ox_upcall_pid(&f->dp, 1, 1, 1), 0);
	c->n_cpu_pids = 2;
	c->cpu_pids[0] = 70;
	c->cpu_pids[1] = 71;
	assert_int_equal(ox_upcall_pid(&f->dp, 1, 1, 1), 71);
	assert_int_equal(ox_upcall_pid(&f->dp, 1, 1, 2), 70);
	/* whatever the port */
	assert_int_equal(ox_upcall_pid(&f->dp, 5, 1, 1), 71);
}

static void stats(void **state)
{
	struct fixture *f = *state;
	struct ox_uport *net = port_put(f, 1, "a", OVS_VPORT_TYPE_NETDEV);
	struct ox_uport *in = port_put(f, 2, "i", OVS_VPORT_TYPE_INTERNAL);
	const struct ox_port_stats xdp = { 100, 10, 6400, 640, 1, 2, 3, 4 };
	struct ox_port_stats s;

	ox_mem_heap(f->dp.mem)->port_stats[1] = xdp;
	ox_mem_heap(f->dp.mem)->port_stats[2] = xdp;
	net->host.tx_packets = 5;
	net->base.rx_bytes = 1000000;
	assert_int_equal(ox_vport_stats(&f->dp, 1, &s), 0);
	assert_int_equal(s.rx_packets, 100);
	assert_int_equal(s.tx_packets, 15);
	assert_int_equal(s.rx_bytes, 1006400);
	assert_int_equal(s.tx_dropped, 4);
	/* the host's view: what the datapath sends, it receives, and counts
	 * behind the Ethernet header */
	in->host.rx_packets = 1;
	assert_int_equal(ox_vport_stats(&f->dp, 2, &s), 0);
	assert_int_equal(s.tx_packets, 101);
	assert_int_equal(s.tx_bytes, 6400);
	assert_int_equal(s.rx_packets, 10);
	assert_int_equal(s.rx_bytes, 640 - 10 * 14);
	assert_int_equal(s.rx_errors, 2);
	assert_int_equal(s.rx_dropped, 4);
	assert_int_equal(ox_vport_stats(&f->dp, 3, &s), -ENODEV);
}

static const struct CMUnitTest tests[] = {
	OX_TEST_WITH("unit.vport.lookup", lookup, setup, teardown),
	OX_TEST_WITH("unit.vport.add_refused", add_refused, setup, teardown),
	OX_TEST_WITH("unit.vport.pids", pids, setup, teardown),
	OX_TEST_WITH("unit.vport.pids_per_cpu", pids_per_cpu, setup, teardown),
	OX_TEST_WITH("unit.vport.stats", stats, setup, teardown),
};

OX_TEST_MAIN(tests)
