// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* ports.c - datapaths and ports of a test program's own; see ports.h. */
#include "tests/lib/ports.h"

#include "control/port/rtnl.h"
#include "control/port/vport_events.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/netns.h"

struct ox_datapaths ox_test_all;
struct ox_loop *ox_test_loop;
const char *ox_test_no_ports;

static void on_stop(void *arg)
{
	ox_loop_stop(arg);
}

/* Lets the daemon handle what came in. */
void ox_test_pump(void)
{
	struct ox_watch *timer = NULL;

	ox_loop_timer(ox_test_loop, 100, 0, on_stop, ox_test_loop, &timer);
	ox_loop_run(ox_test_loop);
	ox_loop_del(timer);
}

struct ox_datapath *ox_test_datapath(const char *name, uint32_t ifindex)
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
	err = ox_datapath_create(&ox_test_all, &rq, &dp, &e);
	if (err)
		fail_msg("%s: %d %s", name, err, e.msg);
	return dp;
}

int ox_test_port(struct ox_datapath *dp, const char *name, uint32_t type,
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

uint32_t ox_test_netdev_mode(struct ox_datapath *dp, const char *name,
			     enum ox_attach_mode mode)
{
	uint32_t no = OX_NONE;

	assert_int_equal(
		ox_test_port(dp, name, OVS_VPORT_TYPE_NETDEV, mode, &no), 0);
	return no;
}

uint32_t ox_test_netdev(struct ox_datapath *dp, const char *name)
{
	return ox_test_netdev_mode(dp, name, OX_MODE_AUTO);
}

struct ox_link ox_test_link(const char *name)
{
	struct ox_link l;

	assert_int_equal(ox_rtnl_get_name(ox_test_all.ports.rtnl, name, &l), 0);
	return l;
}

/* Does the device carry dp's programs: "" none, "x" XDP, "t" skb tier? */
const char *ox_test_carries(struct ox_datapath *dp, const char *name)
{
	struct ox_link l = ox_test_link(name);
	bool x = l.xdp_prog_id && l.xdp_prog_id == ox_dp_prog_id(dp->dp);
	int t = ox_tc_query(dp->dp, l.ifindex);

	assert_true(t >= 0);
	return x ? t ? "xt" : "x" : t ? "t" : "";
}

int ox_test_ports_end(void **state)
{
	(void)state;
	while (ox_test_all.ports.datapaths)
		ox_datapath_destroy(ox_test_all.ports.datapaths);
	return 0;
}

void ox_test_restart(void)
{
	struct ox_err e = { 0 };

	ox_datapath_close_all(&ox_test_all);
	assert_null(ox_test_all.ports.datapaths);
	assert_int_equal(ox_datapath_takeover(&ox_test_all, &e), 0);
}

static void set_up(void)
{
	ox_test_all.space.cookie = 42;
	ox_test_all.space.folder = (char *)ox_test_root(&ox_test_no_ports);
	if (!ox_test_no_ports && ox_test_netns())
		ox_test_no_ports = "needs root for a network namespace";
	if (!ox_test_no_ports &&
	    (ox_loop_new(&ox_test_loop) ||
	     ox_ports_open(&ox_test_all.ports, ox_test_loop)))
		ox_test_no_ports = "no rtnetlink";
	ox_test_all.packets.loop = ox_test_loop;
}

int ox_test_ports_run(const char *group, const struct CMUnitTest *tests,
		      size_t n)
{
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	set_up();
	failed = _cmocka_run_group_tests(group, tests, n, NULL, NULL);
	ox_test_root_remove();
	return failed;
}
