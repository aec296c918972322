// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_vport_own.c - a port's device is more than an ifindex or a name. What
 * has the same ones is none of ours; what leaves for another network namespace
 * takes nothing of ours along.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "control/port/away.h"
#include "control/port/netns.h"
#include "control/port/rtnl.h"
#include "control/port/vport_dev.h"
#include "control/port/vport_events.h"
#include "control/port/vport_own.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/netns.h"
#include "tests/lib/ports.h"

static char ns[32]; /* another namespace */
static int n_gone;

static void on_gone(struct ox_datapath *dp, uint32_t port_no)
{
	assert_true(ox_vport_exists(dp, port_no));
	n_gone++;
}

static int begin(void **state)
{
	char cmd[64];

	(void)state;
	n_gone = 0;
	ox_test_all.ports.gone = on_gone;
	snprintf(ns, sizeof(ns), "oxown-%d", (int)getpid());
	snprintf(cmd, sizeof(cmd), "ip netns add %s", ns);
	return ox_test_no_ports ? 0 : ox_test_run(cmd);
}

static int end(void **state)
{
	char cmd[64];

	if (!ox_test_no_ports) {
		snprintf(cmd, sizeof(cmd), "ip netns del %s", ns);
		ox_test_run(cmd);
	}
	return ox_test_ports_end(state);
}

/* What a device in the other namespace has of ours: 'p' for promiscuous, and as
 * ox_test_carries(); "?" if it isn't there. */
struct there {
	const char *name;
	struct ox_datapath *dp;
	char has[8];
};

static int see_there(void *arg)
{
	struct there *t = arg;
	struct ox_rtnl *r;
	struct ox_link l;

	assert_int_equal(ox_rtnl_open(NULL, NULL, &r), 0);
	if (!ox_rtnl_get_name(r, t->name, &l))
		snprintf(t->has, sizeof(t->has), "%s%s%s",
			 l.flags & IFF_PROMISC ? "p" : "",
			 l.xdp_prog_id ? "x" : "",
			 ox_tc_query(t->dp->dp, l.ifindex) == 1 ? "t" : "");
	ox_rtnl_close(r);
	return t->has[0] == '?' ? -ENOENT : 0;
}

static const char *there(struct ox_datapath *dp, const char *name)
{
	static struct there t;

	t = (struct there){ name, dp, "?" };
	ox_netns_visit(OX_NO_NETNSID, see_there, &t);
	return t.has;
}

static void move(const char *name)
{
	char cmd[64];

	snprintf(cmd, sizeof(cmd), "ip link set %s netns %s", name, ns);
	assert_int_equal(ox_test_run(cmd), 0);
}

/* From the other namespace to this one. */
static void move_back(const char *name)
{
	char cmd[96];

	snprintf(cmd, sizeof(cmd), "ip -n %s link set %s netns %d", ns, name,
		 (int)getpid());
	assert_int_equal(ox_test_run(cmd), 0);
}

/* A device of this name and index, with or without the MAC. */
static void device(const char *name, const struct ox_link *like)
{
	const uint8_t *m = like->mac;
	char cmd[128];

	snprintf(cmd, sizeof(cmd),
		 "ip link add %s index %u address "
		 "%02x:%02x:%02x:%02x:%02x:%02x type bridge",
		 name, like->ifindex, m[0], m[1], m[2], m[3], m[4], m[5]);
	assert_int_equal(ox_test_run(cmd), 0);
}

static void assert_untouched(struct ox_datapath *dp, const char *name)
{
	assert_false(ox_test_link(name).flags & IFF_PROMISC);
	assert_string_equal(ox_test_carries(dp, name), "");
}

/* Gone while no daemon was there, and another one in its place. */
static void replaced(enum ox_attach_mode mode)
{
	struct ox_datapath *dp = ox_test_datapath("br0", 0);
	struct ox_link was;

	ox_test_veth("va", "vb");
	ox_test_netdev_mode(dp, "va", mode);
	was = ox_test_link("va");
	ox_datapath_close_all(&ox_test_all);
	assert_int_equal(ox_test_run("ip link del va"), 0);
	device("va", &was);
	ox_test_restart();
	dp = ox_datapath_by_name(&ox_test_all, "br0");
	assert_false(ox_vport_exists(dp, 1));
	assert_int_equal(n_gone, 1);
	assert_int_equal(dp->n_ports, 1);
	ox_test_pump();
	assert_untouched(dp, "va");
	/* it can become a port, as any */
	assert_int_equal(ox_test_netdev(dp, "va"), 1);
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

static void replaced_tc(void **state)
{
	(void)state;
	OX_NEED_PORTS();
	replaced(OX_MODE_TC);
}

static void replaced_xdp(void **state)
{
	(void)state;
	OX_NEED_PORTS();
	replaced(OX_MODE_XDP);
}

/* There is no program to know it by. */
static void replaced_none(void **state)
{
	(void)state;
	OX_NEED_PORTS();
	replaced(OX_MODE_NONE);
}

/* One that was moved in brings its index along. */
static void moved_in(void **state)
{
	struct ox_datapath *dp;
	char cmd[96];

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	ox_test_veth("va", "vb");
	ox_test_netdev(dp, "va");
	snprintf(cmd, sizeof(cmd),
		 "ip -n %s link add foreign index %u type veth peer name q", ns,
		 ox_test_link("va").ifindex);
	assert_int_equal(ox_test_run(cmd), 0);
	ox_datapath_close_all(&ox_test_all);
	assert_int_equal(ox_test_run("ip link del va"), 0);
	move_back("foreign");
	ox_test_restart();
	dp = ox_datapath_by_name(&ox_test_all, "br0");
	assert_false(ox_vport_exists(dp, 1));
	assert_int_equal(n_gone, 1);
	ox_test_pump();
	assert_untouched(dp, "foreign");
	assert_int_equal(ox_test_run("ip link del foreign"), 0);
}

/* The daemon lives, but both events came too late or not at all. */
static void replaced_alive(void **state)
{
	struct ox_datapath *dp;
	uint32_t no = OX_NONE;
	struct ox_link was;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	ox_test_veth("va", "vb");
	ox_test_netdev(dp, "va");
	was = ox_test_link("va");
	assert_int_equal(ox_test_run("ip link del va"), 0);
	device("va", &was);
	/* a request comes first; its own device is looked for elsewhere */
	ox_vport_del(dp, 1);
	assert_int_equal(ox_test_port(dp, "va", OVS_VPORT_TYPE_NETDEV,
				      OX_MODE_AUTO, &no),
			 -EINPROGRESS);
	ox_away_wait(dp->ports->away, dp);
	assert_untouched(dp, "va");
	assert_int_equal(ox_test_netdev(dp, "va"), 1);
	assert_int_equal(ox_test_run("ip link del va"), 0);
	device("va", &was);
	ox_test_pump();
	assert_false(ox_vport_exists(dp, 1));
	assert_int_equal(n_gone, 1);
	assert_untouched(dp, "va");
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

/* A pair of ours that went: devices with the indexes of its ends stay. */
static void replaced_internal(void **state)
{
	struct ox_link near, far;
	struct ox_datapath *dp;
	uint32_t no;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	assert_int_equal(
		ox_test_port(dp, "int0", OVS_VPORT_TYPE_INTERNAL, 0, &no), 0);
	near = ox_test_link("int0");
	assert_int_equal(ox_rtnl_get(ox_test_all.ports.rtnl,
				     dp->mem->ports[no].ifindex, &far),
			 0);
	ox_datapath_close_all(&ox_test_all);
	assert_int_equal(ox_test_run("ip link del int0"), 0);
	device("int0", &near);
	device("foreign", &far);
	ox_test_restart();
	dp = ox_datapath_by_name(&ox_test_all, "br0");
	assert_false(ox_vport_exists(dp, no));
	assert_int_equal(n_gone, 1);
	assert_untouched(dp, "int0");
	assert_untouched(dp, "foreign");
	assert_int_equal(ox_test_run("ip link del int0"), 0);
	assert_int_equal(ox_test_run("ip link del foreign"), 0);
}

/* The local port's far end is the device for branches, too. */
static void replaced_local(void **state)
{
	struct ox_datapath *dp;
	struct ox_link far;
	uint32_t carrier;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	carrier = dp->mem->ports[0].ifindex;
	assert_int_equal(ox_rtnl_get(ox_test_all.ports.rtnl, carrier, &far), 0);
	ox_datapath_close_all(&ox_test_all);
	assert_int_equal(ox_test_run("ip link del br0"), 0);
	device("foreign", &far);
	ox_test_restart();
	dp = ox_datapath_by_name(&ox_test_all, "br0");
	assert_int_not_equal(dp->mem->ports[0].ifindex, carrier);
	assert_int_equal(dp->mem->config->clone_ifindex,
			 dp->mem->ports[0].ifindex);
	assert_untouched(dp, "foreign");
	assert_int_equal(ox_test_run("ip link del foreign"), 0);
}

/* A near end in another namespace has that one's index, which a device here may
 * have, too. */
static void near_elsewhere(void **state)
{
	struct ox_datapath *dp;
	struct ox_link near;
	uint32_t no;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	assert_int_equal(
		ox_test_port(dp, "int0", OVS_VPORT_TYPE_INTERNAL, 0, &no), 0);
	near = ox_test_link("int0");
	move("int0");
	ox_test_pump();
	assert_true(ox_vport_exists(dp, no));
	device("va", &near);
	ox_test_pump();
	assert_int_equal(ox_test_netdev(dp, "va"), no + 1);
	assert_int_equal(ox_test_run("ip link del va"), 0);
	ox_test_pump();
	assert_true(ox_vport_exists(dp, no));
	assert_false(ox_vport_exists(dp, no + 1));
}

static void leaves(enum ox_attach_mode mode, const char *carries, bool dead)
{
	struct ox_datapath *dp = ox_test_datapath("br0", 0);

	ox_test_veth("va", "vb");
	ox_test_netdev_mode(dp, "va", mode);
	assert_string_equal(ox_test_carries(dp, "va"), carries);
	if (dead)
		ox_datapath_close_all(&ox_test_all);
	move("va");
	if (dead)
		ox_test_restart();
	dp = ox_datapath_by_name(&ox_test_all, "br0");
	ox_test_pump();
	assert_false(ox_vport_exists(dp, 1));
	assert_int_equal(n_gone, 1);
	/* until the thread is through */
	for (int i = 0; i < 100 && there(dp, "va")[0]; i++)
		ox_test_pump();
	assert_string_equal(there(dp, "va"), "");
	assert_int_equal(ox_test_run("ip link del vb"), 0);
}

#define LEAVES(how, mode, carries, dead)       \
	static void leaves_##how(void **state) \
	{                                      \
		(void)state;                   \
		OX_NEED_PORTS();               \
		leaves(mode, carries, dead);   \
	}
LEAVES(tc, OX_MODE_TC, "t", false)
LEAVES(xdp, OX_MODE_XDP, "xt", false)
LEAVES(none, OX_MODE_NONE, "", false)
LEAVES(tc_dead, OX_MODE_TC, "t", true)
LEAVES(xdp_dead, OX_MODE_XDP, "xt", true)
LEAVES(none_dead, OX_MODE_NONE, "", true)

/* What is deleted right after is waited for. */
static void leaves_del_dp(void **state)
{
	struct ox_datapath *dp;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	ox_test_veth("va", "vb");
	ox_test_netdev(dp, "va");
	move("va");
	ox_test_pump();
	ox_datapath_destroy(dp);
	dp = ox_test_datapath("br0", 0);
	assert_string_equal(there(dp, "va"), "");
	assert_int_equal(ox_test_run("ip link del vb"), 0);
}

/* There and back again while no daemon looked: the module's port would have
 * gone, and so does ours, with all that was done. */
static void comes_back(void **state)
{
	struct ox_datapath *dp;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	ox_test_veth("va", "vb");
	ox_test_netdev_mode(dp, "va", OX_MODE_XDP);
	ox_datapath_close_all(&ox_test_all);
	move("va");
	move_back("va");
	ox_test_restart();
	dp = ox_datapath_by_name(&ox_test_all, "br0");
	assert_false(ox_vport_exists(dp, 1));
	assert_int_equal(n_gone, 1);
	assert_untouched(dp, "va");
	assert_int_equal(ox_test_run("ip link del vb"), 0);
}

/* The same device with another name and another MAC is the same port. */
static void changed(void **state)
{
	struct ox_datapath *dp;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	ox_test_veth("va", "vb");
	ox_test_netdev_mode(dp, "va", OX_MODE_NONE);
	ox_datapath_close_all(&ox_test_all);
	assert_int_equal(ox_test_run("ip link set va down"), 0);
	assert_int_equal(ox_test_run("ip link set va name vx address "
				     "02:00:00:00:00:77"),
			 0);
	ox_test_restart();
	dp = ox_datapath_by_name(&ox_test_all, "br0");
	assert_true(ox_vport_exists(dp, 1));
	assert_string_equal((char *)dp->mem->uports[1].name, "vx");
	assert_int_equal(dp->mem->uports[1].mac[5], 0x77);
	assert_int_equal(n_gone, 0);
	assert_int_equal(ox_test_run("ip link del vb"), 0);
}

#define T(id, fn) OX_TEST_WITH("unit.vport_own." id, fn, begin, end)

static const struct CMUnitTest tests[] = {
	T("replaced_tc", replaced_tc),
	T("replaced_xdp", replaced_xdp),
	T("replaced_none", replaced_none),
	T("moved_in", moved_in),
	T("replaced_alive", replaced_alive),
	T("replaced_internal", replaced_internal),
	T("replaced_local", replaced_local),
	T("near_elsewhere", near_elsewhere),
	T("leaves_tc", leaves_tc),
	T("leaves_xdp", leaves_xdp),
	T("leaves_none", leaves_none),
	T("leaves_tc_dead", leaves_tc_dead),
	T("leaves_xdp_dead", leaves_xdp_dead),
	T("leaves_none_dead", leaves_none_dead),
	T("leaves_del_dp", leaves_del_dp),
	T("comes_back", comes_back),
	T("changed", changed),
};

int main(void)
{
	return ox_test_ports_main(tests, sizeof(tests) / sizeof(*tests));
}
