// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_vport_events.c - whoever owns the other end of a port's device makes as
 * many events as they like. What a turn of the loop does is bounded, nothing is
 * asked for each event, and lost events are made up for.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <net/if.h>
#include <unistd.h>

#include "control/port/rtnl.h"
#include "control/port/vport_events.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/netns.h"
#include "tests/lib/ports.h"

/* Takes a device up or down so many times; an odd number leaves it the other
 * way round. */
static void flap(const char *name, int times)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { 0 };

	strcpy(r.ifr_name, name);
	assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &r), 0);
	while (times--) {
		r.ifr_flags ^= IFF_UP;
		assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &r), 0);
	}
	close(fd);
}

static uint64_t asked(void)
{
	return ox_rtnl_asked(ox_test_all.ports.rtnl);
}

/* A turn in which there was something to read. */
static struct {
	struct ox_loop *loop;
	int links, lost;
} turn;

static void see_link(void *arg, const struct ox_link *l, bool gone)
{
	(void)arg;
	(void)l;
	(void)gone;
	turn.links++;
	ox_loop_stop(turn.loop);
}

static void see_tc(void *arg, uint32_t ifindex)
{
	(void)arg;
	(void)ifindex;
}

static void see_lost(void *arg)
{
	(void)arg;
	turn.lost++;
	ox_loop_stop(turn.loop);
}

static int turn_links(void)
{
	turn.links = 0;
	assert_int_equal(ox_loop_run(turn.loop), 0);
	return turn.links;
}

/* Datagrams of a turn have a limit, and each device is told of once. */
static void budget(void **state)
{
	const struct ox_rtnl_events tell = { see_link, see_tc, see_lost, NULL };
	struct ox_rtnl *r;
	char cmd[64];
	int n = 0;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	assert_int_equal(ox_loop_new(&turn.loop), 0);
	assert_int_equal(ox_rtnl_open(turn.loop, &tell, &r), 0);
	flap("vb", 4 * OX_RTNL_BUDGET);
	/* both ends have news, more often than fits in one turn */
	for (int i = 0; i < 3; i++)
		assert_in_range(turn_links(), 1, 2);
	ox_rtnl_close(r);
	assert_int_equal(ox_rtnl_open(turn.loop, &tell, &r), 0);
	for (int i = 0; i < 2 * OX_RTNL_BUDGET; i++) {
		snprintf(cmd, sizeof(cmd), "ip link add dm%d type bridge", i);
		assert_int_equal(ox_test_run(cmd), 0);
	}
	assert_in_range(turn_links(), 1, OX_RTNL_BUDGET);
	for (n = turn.links; n < 2 * OX_RTNL_BUDGET; n += turn_links())
		assert_in_range(turn.links, 1, OX_RTNL_BUDGET);
	assert_int_equal(turn.lost, 0);
	for (int i = 0; i < 2 * OX_RTNL_BUDGET; i++) {
		snprintf(cmd, sizeof(cmd), "ip link del dm%d", i);
		ox_test_run(cmd);
	}
	ox_rtnl_close(r);
	ox_loop_free(turn.loop);
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

/* The port is right in the end, and was asked for a few times only. */
static void flapping(void **state)
{
	struct ox_datapath *dp;
	uint64_t before;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	dp = ox_test_datapath("br0", 0);
	ox_test_netdev(dp, "va");
	ox_test_pump();
	before = asked();
	flap("vb", 601);
	ox_test_pump();
	assert_false(dp->mem->ports[1].flags & OX_PORT_UP);
	flap("vb", 601);
	ox_test_pump();
	assert_true(dp->mem->ports[1].flags & OX_PORT_UP);
	assert_in_range(asked() - before, 0, 16);
	/* Devices that are no ports aren't asked about. The kernel tells of the
	 * port's carrier up to a second late, which is a question or two. */
	ox_test_veth("vc", "vd");
	ox_test_pump();
	before = asked();
	flap("vd", 600);
	ox_test_pump();
	assert_in_range(asked() - before, 0, 2);
	assert_int_equal(ox_test_run("ip link del va"), 0);
	assert_int_equal(ox_test_run("ip link del vc"), 0);
}

/* A container's end of an internal port is as good. */
static void flapping_internal(void **state)
{
	struct ox_datapath *dp;
	uint64_t before;
	uint32_t no;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	assert_int_equal(
		ox_test_port(dp, "int0", OVS_VPORT_TYPE_INTERNAL, 0, &no), 0);
	ox_test_pump();
	before = asked();
	flap("int0", 601);
	ox_test_pump();
	assert_true(dp->mem->ports[no].flags & OX_PORT_UP);
	assert_in_range(asked() - before, 0, 24);
	flap("int0", 1);
	ox_test_pump();
	assert_false(dp->mem->ports[no].flags & OX_PORT_UP);
}

/* More events than the socket holds, and in the middle a port went, another was
 * renamed: all of it is found out. */
static void lost(void **state)
{
	struct ox_datapath *dp;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	ox_test_veth("vc", "vd");
	ox_test_veth("ve", "vf0");
	dp = ox_test_datapath("br0", 0);
	ox_test_netdev(dp, "va");
	ox_test_netdev(dp, "vc");
	ox_test_netdev(dp, "ve");
	ox_test_pump();
	flap("vb", 8000);
	assert_int_equal(ox_test_run("ip link del vc"), 0);
	assert_int_equal(ox_test_run("ip link set ve name renamed"), 0);
	ox_test_pump();
	assert_true(ox_vport_exists(dp, 1));
	assert_false(ox_vport_exists(dp, 2));
	assert_string_equal((char *)dp->mem->uports[3].name, "renamed");
	assert_int_equal(ox_test_run("ip link del va"), 0);
	assert_int_equal(ox_test_run("ip link del renamed"), 0);
}

/* All ports are looked at some at a time. */
static void many(void **state)
{
	char cmd[64];
	struct ox_datapath *dp;
	uint64_t before;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	for (int i = 0; i < 12; i++) {
		snprintf(cmd, sizeof(cmd), "ip link add dm%d type bridge", i);
		assert_int_equal(ox_test_run(cmd), 0);
		snprintf(cmd, sizeof(cmd), "dm%d", i);
		ox_test_netdev(dp, cmd);
	}
	ox_test_pump();
	before = asked();
	ox_ports_look(&ox_test_all.ports);
	ox_ports_look(&ox_test_all.ports);
	assert_int_equal(asked(), before);
	ox_test_pump();
	/* an internal port is asked for three times, the others once */
	assert_in_range(asked() - before, 12, 15);
	for (int i = 0; i < 12; i++) {
		snprintf(cmd, sizeof(cmd), "ip link del dm%d", i);
		assert_int_equal(ox_test_run(cmd), 0);
	}
}

#define T(id, fn) \
	OX_TEST_WITH("unit.vport_events." id, fn, NULL, ox_test_ports_end)

static const struct CMUnitTest tests[] = {
	T("budget", budget),
	T("flapping", flapping),
	T("flapping_internal", flapping_internal),
	T("lost", lost),
	T("many", many),
};

int main(void)
{
	return ox_test_ports_main(tests, sizeof(tests) / sizeof(*tests));
}
