// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_vport_life.c - datapaths and ports with real maps and devices, in a
 * network namespace of their own: made, followed, taken over, removed; and
 * what a daemon that died halfway leaves.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/datapath.h"
#include "control/rtnl.h"
#include "control/vport_dev.h"
#include "control/vport_watch.h"
#include "ovsxdp/log.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/netns.h"

static struct ox_daemon d;
static const char *why_not;

static void on_stop(void *arg)
{
	ox_loop_stop(arg);
}

/* Lets the daemon handle what came in. */
static void pump(void)
{
	struct ox_watch *timer = NULL;

	ox_loop_timer(d.loop, 100, 0, on_stop, d.loop, &timer);
	ox_loop_run(d.loop);
	ox_loop_del(timer);
}

static struct ox_datapath *dp_new(const char *name, uint32_t ifindex)
{
	struct ox_dp_request rq = { .want_ifindex = ifindex,
				    .max_flows = 1024,
				    .max_masks = 16,
				    .max_ports = 16,
				    .cache_size = 256,
				    .upcall_pid = 5 };
	struct ox_datapath *dp = NULL;
	struct ox_err e = { 0 };
	int err;

	strcpy(rq.name, name);
	err = ox_datapath_create(&d, &rq, &dp, &e);
	if (err)
		fail_msg("%s: %d %s", name, err, e.msg);
	return dp;
}

static int port_new(struct ox_datapath *dp, const char *name, uint32_t type,
		    enum ox_attach_mode mode, uint32_t *no)
{
	const uint32_t pid = 7;
	struct ox_vport_request rq = { .type = type,
				       .port_no = OX_NONE,
				       .n_pids = 1,
				       .pids = &pid,
				       .mode = mode };
	struct ox_err e = { 0 };

	strcpy(rq.name, name);
	return ox_vport_add(dp, &rq, no, &e);
}

static uint32_t netdev_new(struct ox_datapath *dp, const char *name)
{
	uint32_t no = OX_NONE;

	assert_int_equal(
		port_new(dp, name, OVS_VPORT_TYPE_NETDEV, OX_MODE_AUTO, &no),
		0);
	return no;
}

static int teardown(void **state)
{
	(void)state;
	while (d.datapaths)
		ox_datapath_destroy(d.datapaths);
	return 0;
}

#define NEED_ALL()                        \
	do {                              \
		if (why_not)              \
			ox_skip(why_not); \
	} while (0)

static bool exists(const char *name)
{
	struct ox_link l;

	return !ox_rtnl_get_name(d.rtnl, name, &l);
}

static void datapath(void **state)
{
	struct ox_datapath *dp;
	struct ox_link far;

	(void)state;
	NEED_ALL();
	dp = dp_new("br0", 4000);
	assert_int_equal(dp->ifindex, 4000);
	assert_int_equal(dp->mem->config->dp_ifindex, 4000);
	assert_int_equal(dp->n_ports, 1);
	assert_int_equal(ox_rtnl_get(d.rtnl, dp->mem->ports[0].ifindex, &far),
			 0);
	assert_int_equal(far.peer, 4000);
	assert_int_equal(far.xdp_prog_id, ox_dp_prog_id(dp->dp));
	assert_int_equal(dp->mem->uports[0].mode, OX_MODE_XDP);
	assert_false(dp->mem->ports[0].flags & OX_PORT_UP);
	assert_int_equal(ox_test_run("ip link set br0 up mtu 1400"), 0);
	pump();
	assert_true(dp->mem->ports[0].flags & OX_PORT_UP);
	assert_false(dp->mem->ports[0].flags & OX_PORT_NO_XMIT);
	pump();
	assert_int_equal(dp->mem->ports[0].mtu, 1400);
	assert_int_equal(ox_test_run("ip link set br0 down"), 0);
	pump();
	assert_false(dp->mem->ports[0].flags & OX_PORT_UP);
	assert_int_equal(ox_test_run("ip link set br0 up"), 0);
	pump();
	assert_true(dp->mem->ports[0].flags & OX_PORT_UP);
	assert_false(dp->mem->ports[0].flags & OX_PORT_NO_XMIT);
	ox_datapath_destroy(dp);
	assert_false(exists("br0"));
	assert_int_equal(ox_rtnl_get(d.rtnl, far.ifindex, &far), -ENODEV);
}

static void netdev(void **state)
{
	struct ox_datapath *dp, *other;
	struct ox_link l;
	uint32_t no;

	(void)state;
	NEED_ALL();
	ox_test_veth("va", "vb");
	dp = dp_new("br0", 0);
	other = dp_new("br1", 0);
	no = netdev_new(dp, "va");
	assert_int_equal(no, 1);
	assert_int_equal(ox_rtnl_get_name(d.rtnl, "va", &l), 0);
	assert_true(l.flags & IFF_PROMISC);
	assert_int_equal(l.xdp_prog_id, ox_dp_prog_id(dp->dp));
	assert_int_equal(dp->mem->ports[1].ifindex, l.ifindex);
	assert_int_equal(dp->mem->ports[1].flags &
				 (OX_PORT_UP | OX_PORT_SKB_RX),
			 OX_PORT_UP | OX_PORT_SKB_RX);
	assert_true(dp->mem->ports[1].n_xsk > 0);
	assert_int_equal(port_new(dp, "va", OVS_VPORT_TYPE_NETDEV, 0, &no),
			 -EEXIST);
	assert_int_equal(port_new(other, "va", OVS_VPORT_TYPE_NETDEV, 0, &no),
			 -EBUSY);
	assert_int_equal(port_new(dp, "lo", OVS_VPORT_TYPE_NETDEV, 0, &no),
			 -EINVAL);
	assert_int_equal(port_new(dp, "br1", OVS_VPORT_TYPE_NETDEV, 0, &no),
			 -EINVAL);
	assert_int_equal(port_new(dp, "nope", OVS_VPORT_TYPE_NETDEV, 0, &no),
			 -ENODEV);
	assert_int_equal(port_new(dp, "vb", OVS_VPORT_TYPE_INTERNAL, 0, &no),
			 -EEXIST);
	assert_int_equal(dp->n_ports, 2);
	ox_vport_del(dp, 1, false);
	assert_int_equal(ox_rtnl_get_name(d.rtnl, "va", &l), 0);
	assert_false(l.flags & IFF_PROMISC);
	assert_int_equal(l.xdp_prog_id, 0);
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

/* Another program: EBUSY, and nothing has changed. */
static void program_busy(void **state)
{
	struct ox_datapath *dp, *other;
	enum ox_attach_mode mode;
	struct ox_link l;
	uint32_t no;

	(void)state;
	NEED_ALL();
	ox_test_veth("va", "vb");
	dp = dp_new("br0", 0);
	other = dp_new("br1", 0);
	assert_int_equal(ox_rtnl_get_name(d.rtnl, "va", &l), 0);
	assert_int_equal(
		ox_attach(other->dp, l.ifindex, OX_MODE_XDP, &mode, NULL), 0);
	assert_int_equal(port_new(dp, "va", OVS_VPORT_TYPE_NETDEV, 0, &no),
			 -EBUSY);
	assert_int_equal(ox_rtnl_get_name(d.rtnl, "va", &l), 0);
	assert_false(l.flags & IFF_PROMISC);
	assert_int_equal(l.xdp_prog_id, ox_dp_prog_id(other->dp));
	/* a person's attachment of the right program stays theirs */
	assert_int_equal(netdev_new(other, "va"), 1);
	ox_vport_del(other, 1, false);
	assert_int_equal(ox_rtnl_get_name(d.rtnl, "va", &l), 0);
	assert_int_equal(l.xdp_prog_id, ox_dp_prog_id(other->dp));
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

static void program_off_and_on(void **state)
{
	struct ox_datapath *dp;
	const struct ox_uport *u;
	enum ox_attach_mode mode;

	(void)state;
	NEED_ALL();
	ox_test_veth("va", "vb");
	dp = dp_new("br0", 0);
	netdev_new(dp, "va");
	u = &dp->mem->uports[1];
	assert_int_equal(u->mode, OX_MODE_XDP);
	assert_int_equal(ox_test_run("ip link set va xdp off"), 0);
	pump();
	assert_int_equal(u->mode, OX_MODE_NONE);
	assert_int_equal(dp->mem->ports[1].n_xsk, 0);
	assert_false(u->flags & OX_UPORT_ATTACHED);
	assert_int_equal(
		ox_attach(dp->dp, u->ifindex, OX_MODE_XDP_GENERIC, &mode, NULL),
		0);
	pump();
	assert_int_equal(u->mode, OX_MODE_XDP_GENERIC);
	assert_true(dp->mem->ports[1].flags & OX_PORT_GENERIC);
	assert_true(dp->mem->ports[1].n_xsk > 0);
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

static void device_vanishes(void **state)
{
	struct ox_datapath *dp;
	uint32_t no, index, far;
	struct ox_link l;

	(void)state;
	NEED_ALL();
	ox_test_veth("va", "vb");
	dp = dp_new("br0", 0);
	netdev_new(dp, "va");
	assert_int_equal(port_new(dp, "int0", OVS_VPORT_TYPE_INTERNAL, 0, &no),
			 0);
	assert_int_equal(ox_test_run("ip link del vb"), 0);
	pump();
	assert_false(ox_vport_exists(dp, 1));
	assert_int_equal(dp->mem->ports[1].ifindex, 0);
	assert_int_equal(ox_test_run("ip link del int0"), 0);
	pump();
	assert_false(ox_vport_exists(dp, 2));
	assert_int_equal(dp->n_ports, 1);
	/* the local port's device comes back */
	index = dp->ifindex;
	far = dp->mem->ports[0].ifindex;
	assert_int_equal(ox_test_run("ip link del br0"), 0);
	pump();
	assert_int_equal(ox_rtnl_get_name(d.rtnl, "br0", &l), 0);
	assert_int_equal(l.ifindex, index);
	assert_int_not_equal(dp->mem->ports[0].ifindex, 0);
	assert_int_not_equal(dp->mem->ports[0].ifindex, far);
	assert_int_equal(dp->n_ports, 1);
}

static void restart(void)
{
	struct ox_err e = { 0 };

	ox_datapath_close_all(&d);
	assert_null(d.datapaths);
	assert_int_equal(ox_datapath_takeover(&d, &e), 0);
}

static void takeover(void **state)
{
	struct ox_datapath *dp;
	uint32_t index;

	(void)state;
	NEED_ALL();
	ox_test_veth("va", "vb");
	ox_test_veth("vc", "vd");
	dp = dp_new("br0", 0);
	index = dp->ifindex;
	netdev_new(dp, "va");
	netdev_new(dp, "vc");
	ox_datapath_close_all(&d);
	assert_int_equal(ox_test_run("ip link del vc"), 0);
	ox_test_veth("vc", "vd"); /* the same name is not the same device */
	restart();
	dp = ox_datapath_by_name(&d, "br0");
	assert_non_null(dp);
	assert_int_equal(dp->ifindex, index);
	assert_int_equal(dp->n_ports, 2);
	assert_true(ox_vport_exists(dp, 1));
	assert_true(dp->mem->ports[1].n_xsk > 0);
	assert_false(ox_vport_exists(dp, 2));
	assert_int_equal(ox_test_run("ip link del va"), 0);
	assert_int_equal(ox_test_run("ip link del vc"), 0);
}

/* Died between making a port's device and committing it. */
static void torn_port(void **state)
{
	struct ox_datapath *dp;
	struct ox_link l;
	uint32_t no;

	(void)state;
	NEED_ALL();
	ox_test_veth("va", "vb");
	dp = dp_new("br0", 0);
	netdev_new(dp, "va");
	assert_int_equal(port_new(dp, "int0", OVS_VPORT_TYPE_INTERNAL, 0, &no),
			 0);
	dp->mem->ports[1].ifindex = 0;
	dp->mem->ports[2].ifindex = 0;
	dp->mem->uports[2].ifindex = 0;
	restart();
	dp = ox_datapath_by_name(&d, "br0");
	assert_int_equal(dp->n_ports, 1);
	assert_false(exists("int0"));
	assert_int_equal(ox_rtnl_get_name(d.rtnl, "va", &l), 0);
	assert_false(l.flags & IFF_PROMISC);
	assert_int_equal(l.xdp_prog_id, 0);
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

/* Died before the end of creation, or after the beginning of removal. */
static void torn_datapath(void **state)
{
	struct ox_datapath *dp;

	(void)state;
	NEED_ALL();
	dp = dp_new("br0", 0);
	dp->mem->config->dp_ifindex = 0;
	restart();
	assert_null(d.datapaths);
	assert_false(exists("br0"));
	dp_new("br0", 0);
}

static const struct CMUnitTest tests[] = {
	OX_TEST_WITH("unit.vport_life.datapath", datapath, NULL, teardown),
	OX_TEST_WITH("unit.vport_life.netdev", netdev, NULL, teardown),
	OX_TEST_WITH("unit.vport_life.program_busy", program_busy, NULL,
		     teardown),
	OX_TEST_WITH("unit.vport_life.program_off_and_on", program_off_and_on,
		     NULL, teardown),
	OX_TEST_WITH("unit.vport_life.device_vanishes", device_vanishes, NULL,
		     teardown),
	OX_TEST_WITH("unit.vport_life.takeover", takeover, NULL, teardown),
	OX_TEST_WITH("unit.vport_life.torn_port", torn_port, NULL, teardown),
	OX_TEST_WITH("unit.vport_life.torn_datapath", torn_datapath, NULL,
		     teardown),
};

int main(void)
{
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	d.netns_cookie = 42;
	d.opt.root = ox_test_root(&why_not);
	if (!why_not && ox_test_netns())
		why_not = "needs root for a network namespace";
	if (!why_not && (ox_loop_new(&d.loop) || ox_rtnl_open(&d)))
		why_not = "no rtnetlink";
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	ox_test_root_remove();
	return failed;
}
