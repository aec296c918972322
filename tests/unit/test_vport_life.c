// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_vport_life.c - datapaths and ports with real maps and devices, in a
 * network namespace of their own: made, followed, taken over, removed; and
 * what a daemon that died halfway leaves.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/port/rtnl.h"
#include "control/port/vport_attach.h"
#include "control/port/vport_dev.h"
#include "control/port/vport_events.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/netns.h"
#include "tests/lib/ports.h"

static bool exists(const char *name)
{
	struct ox_link l;

	return !ox_rtnl_get_name(ox_test_all.ports.rtnl, name, &l);
}

/* Those of a port a moment ago are in the way for a little, so if the port is
 * to have sockets the daemon gets some time. */
static bool has_sockets(struct ox_datapath *dp, uint32_t port_no, bool wanted)
{
	const struct ox_port *p = &dp->mem->ports[port_no];

	for (int i = 0; wanted && !p->n_xsk && i < 3000; i++) {
		ox_test_pump();
		usleep(10000);
	}
	return p->n_xsk > 0;
}

static void datapath(void **state)
{
	struct ox_datapath *dp;
	struct ox_link far;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 4000);
	assert_int_equal(dp->ifindex, 4000);
	assert_int_equal(dp->mem->config->dp_ifindex, 4000);
	assert_int_equal(dp->n_ports, 1);
	assert_int_equal(ox_rtnl_get(ox_test_all.ports.rtnl,
				     dp->mem->ports[0].ifindex, &far),
			 0);
	assert_int_equal(far.peer, 4000);
	assert_string_equal(ox_test_carries(dp, far.name), "t");
	assert_int_equal(dp->mem->uports[0].mode, OX_MODE_TC);
	assert_int_equal(dp->mem->ports[0].n_xsk, 0);
	assert_int_equal(dp->mem->config->clone_ifindex, far.ifindex);
	assert_int_equal(dp->mem->config->knobs, 0);
	assert_false(dp->mem->ports[0].flags & OX_PORT_UP);
	assert_int_equal(ox_test_run("ip link set br0 up mtu 1400"), 0);
	ox_test_pump();
	assert_true(dp->mem->ports[0].flags & OX_PORT_UP);
	assert_false(dp->mem->ports[0].flags & OX_PORT_NO_XMIT);
	ox_test_pump();
	assert_int_equal(dp->mem->ports[0].mtu, 1400);
	assert_int_equal(ox_test_run("ip link set br0 down"), 0);
	ox_test_pump();
	assert_false(dp->mem->ports[0].flags & OX_PORT_UP);
	assert_int_equal(ox_test_run("ip link set br0 up"), 0);
	ox_test_pump();
	assert_true(dp->mem->ports[0].flags & OX_PORT_UP);
	assert_false(dp->mem->ports[0].flags & OX_PORT_NO_XMIT);
	ox_datapath_destroy(dp);
	assert_false(exists("br0"));
	assert_int_equal(ox_rtnl_get(ox_test_all.ports.rtnl, far.ifindex, &far),
			 -ENODEV);
}

static void netdev(void **state)
{
	struct ox_datapath *dp, *other;
	struct ox_link l;
	uint32_t no;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	dp = ox_test_datapath("br0", 0);
	other = ox_test_datapath("br1", 0);
	no = ox_test_netdev_mode(dp, "va", OX_MODE_XDP);
	assert_int_equal(no, 1);
	l = ox_test_link("va");
	assert_true(l.flags & IFF_PROMISC);
	assert_string_equal(ox_test_carries(dp, "va"), "xt");
	assert_int_equal(dp->mem->ports[1].ifindex, l.ifindex);
	assert_int_equal(dp->mem->ports[1].flags &
				 (OX_PORT_UP | OX_PORT_SKB_RX),
			 OX_PORT_UP | OX_PORT_SKB_RX);
	assert_true(has_sockets(dp, 1, true));
	assert_int_equal(ox_test_port(dp, "va", OVS_VPORT_TYPE_NETDEV, 0, &no),
			 -EEXIST);
	assert_int_equal(
		ox_test_port(other, "va", OVS_VPORT_TYPE_NETDEV, 0, &no),
		-EBUSY);
	assert_int_equal(ox_test_port(dp, "lo", OVS_VPORT_TYPE_NETDEV, 0, &no),
			 -EINVAL);
	assert_int_equal(ox_test_port(dp, "br1", OVS_VPORT_TYPE_NETDEV, 0, &no),
			 -EINVAL);
	assert_int_equal(
		ox_test_port(dp, "nope", OVS_VPORT_TYPE_NETDEV, 0, &no),
		-ENODEV);
	assert_int_equal(
		ox_test_port(dp, "vb", OVS_VPORT_TYPE_INTERNAL, 0, &no),
		-EEXIST);
	assert_int_equal(dp->n_ports, 2);
	ox_vport_del(dp, 1);
	assert_false(ox_test_link("va").flags & IFF_PROMISC);
	assert_string_equal(ox_test_carries(dp, "va"), "");
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

static void modes(void **state)
{
	static const struct {
		enum ox_attach_mode asked, mode;
		const char *programs;
		uint32_t flags;
		bool xsk;
	} cases[] = {
		{ OX_MODE_AUTO, OX_MODE_TC, "t", 0, false },
		{ OX_MODE_TC, OX_MODE_TC, "t", 0, false },
		{ OX_MODE_XDP, OX_MODE_XDP, "xt", OX_PORT_SKB_RX, true },
		{ OX_MODE_XDP_GENERIC, OX_MODE_XDP_GENERIC, "xt",
		  OX_PORT_GENERIC, true },
		{ OX_MODE_NONE, OX_MODE_NONE, "", 0, false },
	};
	const size_t n = sizeof(cases) / sizeof(cases[0]);
	const uint32_t mask = OX_PORT_SKB_RX | OX_PORT_GENERIC;
	struct ox_datapath *dp;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	dp = ox_test_datapath("br0", 0);
	/* at first as asked for, then changed to each other one */
	for (size_t i = 0; i < n * n; i++) {
		const struct ox_uport *u = &dp->mem->uports[1];

		assert_int_equal(
			ox_test_netdev_mode(dp, "va", cases[i / n].asked), 1);
		assert_int_equal(u->mode, cases[i / n].mode);
		assert_string_equal(ox_test_carries(dp, "va"),
				    cases[i / n].programs);
		assert_int_equal(
			ox_vport_mode_set(dp, 1, cases[i % n].asked, NULL), 0);
		assert_int_equal(u->mode_asked, cases[i % n].asked);
		assert_int_equal(u->mode, cases[i % n].mode);
		assert_string_equal(ox_test_carries(dp, "va"),
				    cases[i % n].programs);
		assert_int_equal(dp->mem->ports[1].flags & mask,
				 cases[i % n].flags);
		assert_int_equal(has_sockets(dp, 1, cases[i % n].xsk),
				 cases[i % n].xsk);
		ox_vport_del(dp, 1);
		assert_string_equal(ox_test_carries(dp, "va"), "");
	}
	assert_int_equal(ox_vport_mode_set(dp, 0, 77, NULL), -EINVAL);
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

/* What can't be done leaves nothing behind, or what was before. */
static void mode_refused(void **state)
{
	struct ox_err e = { 0 };
	struct ox_datapath *dp;
	uint32_t no;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	assert_int_equal(ox_test_run("ip link add dm type bridge"), 0);
	/* a bridge has no native XDP */
	assert_int_not_equal(
		ox_test_port(dp, "dm", OVS_VPORT_TYPE_NETDEV, OX_MODE_XDP, &no),
		0);
	assert_string_equal(ox_test_carries(dp, "dm"), "");
	assert_false(ox_test_link("dm").flags & IFF_PROMISC);
	assert_int_equal(dp->n_ports, 1);
	assert_int_equal(ox_test_netdev(dp, "dm"), 1);
	assert_int_not_equal(ox_vport_mode_set(dp, 1, OX_MODE_XDP, &e), 0);
	assert_true(e.msg[0]);
	assert_int_equal(dp->mem->uports[1].mode_asked, OX_MODE_AUTO);
	assert_int_equal(dp->mem->uports[1].mode, OX_MODE_TC);
	assert_string_equal(ox_test_carries(dp, "dm"), "t");
	assert_int_equal(ox_test_run("ip link del dm"), 0);
}

/* Packets without Ethernet: the skb tier takes them, XDP can't. */
static void l3(void **state)
{
	struct ox_datapath *dp;
	uint32_t no;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	if (ox_test_run("ip tuntap add dev tn mode tun"))
		ox_skip("no tun driver");
	assert_int_equal(
		ox_test_port(dp, "tn", OVS_VPORT_TYPE_NETDEV, OX_MODE_XDP, &no),
		-EOPNOTSUPP);
	assert_string_equal(ox_test_carries(dp, "tn"), "");
	assert_int_equal(ox_test_netdev(dp, "tn"), 1);
	assert_int_equal(dp->mem->uports[1].mode, OX_MODE_TC);
	assert_true(dp->mem->ports[1].flags & OX_PORT_L3);
	ox_vport_del(dp, 1);
	assert_int_equal(ox_test_run("ip link del tn"), 0);
}

/* The reasons that people see. */
static void why(void **state)
{
	struct ox_uport u = { .type = OVS_VPORT_TYPE_NETDEV,
			      .mode = OX_MODE_TC };
	struct ox_link veth = { .kind = "veth", .type = 1 };
	struct ox_link nic = { .type = 1 };
	char text[96];

	(void)state;
	ox_vport_mode_why(&u, &veth, false, text, sizeof(text));
	assert_string_equal(text, "tc: veth carries skbs");
	u.flags = OX_UPORT_REFUSED;
	ox_vport_mode_why(&u, &nic, false, text, sizeof(text));
	assert_string_equal(text, "tc: driver takes no native XDP");
	u.flags = 0;
	ox_vport_mode_why(&u, &nic, false, text, sizeof(text));
	assert_string_equal(text, "tc: the XDP program was taken off");
	ox_vport_mode_why(&u, &nic, true, text, sizeof(text));
	assert_string_equal(text, "tc: another XDP program is in front");
	u.mode_asked = OX_MODE_TC;
	ox_vport_mode_why(&u, &nic, false, text, sizeof(text));
	assert_string_equal(text, "tc: asked");
	u.mode_asked = OX_MODE_XDP;
	ox_vport_mode_why(&u, &nic, false, text, sizeof(text));
	assert_string_equal(text, "tc: the XDP program was taken off");
	u.mode = OX_MODE_XDP;
	ox_vport_mode_why(&u, &nic, false, text, sizeof(text));
	assert_string_equal(text, "xdp: asked");
	u.mode_asked = OX_MODE_AUTO;
	u.flags = OX_UPORT_ATTACHED;
	ox_vport_mode_why(&u, &nic, false, text, sizeof(text));
	assert_string_equal(text, "xdp: driver takes native XDP");
	u.mode = u.mode_asked = OX_MODE_NONE;
	ox_vport_mode_why(&u, &nic, false, text, sizeof(text));
	assert_string_equal(text, "none: attaching is left to you");
}

/* Another program: EBUSY, and nothing has changed. */
static void program_busy(void **state)
{
	struct ox_datapath *dp, *other;
	enum ox_attach_mode mode;
	uint32_t no;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	dp = ox_test_datapath("br0", 0);
	other = ox_test_datapath("br1", 0);
	assert_int_equal(ox_attach(other->dp, ox_test_link("va").ifindex,
				   OX_MODE_XDP, &mode, NULL),
			 0);
	assert_int_equal(
		ox_test_port(dp, "va", OVS_VPORT_TYPE_NETDEV, OX_MODE_XDP, &no),
		-EBUSY);
	assert_false(ox_test_link("va").flags & IFF_PROMISC);
	assert_string_equal(ox_test_carries(dp, "va"), "");
	assert_string_equal(ox_test_carries(other, "va"), "x");
	/* the skb tier can live behind it */
	assert_int_equal(ox_test_netdev(dp, "va"), 1);
	assert_string_equal(ox_test_carries(dp, "va"), "t");
	ox_vport_del(dp, 1);
	assert_string_equal(ox_test_carries(other, "va"), "x");
	/* a person's attachment of the right program stays theirs */
	assert_int_equal(ox_test_netdev(other, "va"), 1);
	assert_int_equal(other->mem->uports[1].mode, OX_MODE_XDP);
	assert_string_equal(ox_test_carries(other, "va"), "xt");
	ox_vport_del(other, 1);
	assert_string_equal(ox_test_carries(other, "va"), "x");
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

static void program_off_and_on(void **state)
{
	struct ox_datapath *dp;
	const struct ox_uport *u;
	enum ox_attach_mode mode;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	dp = ox_test_datapath("br0", 0);
	ox_test_netdev_mode(dp, "va", OX_MODE_XDP);
	u = &dp->mem->uports[1];
	assert_int_equal(u->mode, OX_MODE_XDP);
	assert_int_equal(ox_test_run("ip link set va xdp off"), 0);
	ox_test_pump();
	assert_int_equal(u->mode, OX_MODE_TC);
	assert_int_equal(dp->mem->ports[1].n_xsk, 0);
	assert_false(u->flags & OX_UPORT_ATTACHED);
	assert_string_equal(ox_test_carries(dp, "va"), "t");
	assert_int_equal(
		ox_attach(dp->dp, u->ifindex, OX_MODE_XDP_GENERIC, &mode, NULL),
		0);
	ox_test_pump();
	assert_int_equal(u->mode, OX_MODE_XDP_GENERIC);
	assert_true(dp->mem->ports[1].flags & OX_PORT_GENERIC);
	assert_true(has_sockets(dp, 1, true));
	/* the skb tier, too, can be taken off by hand; no event tells */
	assert_int_equal(ox_tc_detach(dp->dp, u->ifindex, NULL), 0);
	ox_ports_look(&ox_test_all.ports);
	ox_test_pump();
	assert_int_equal(u->mode, OX_MODE_XDP_GENERIC);
	assert_false(u->flags & OX_UPORT_TC);
	assert_int_equal(ox_detach(dp->dp, u->ifindex, NULL), 0);
	ox_test_pump();
	assert_int_equal(u->mode, OX_MODE_NONE);
	assert_int_equal(ox_vport_mode_set(dp, 1, OX_MODE_AUTO, NULL), 0);
	assert_string_equal(ox_test_carries(dp, "va"), "t");
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

/* Attaching is a person's: the skb tier comes and goes with their program. */
static void program_by_hand(void **state)
{
	struct ox_datapath *dp;
	enum ox_attach_mode mode;
	uint32_t ifindex;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	dp = ox_test_datapath("br0", 0);
	ox_test_netdev_mode(dp, "va", OX_MODE_NONE);
	ifindex = ox_test_link("va").ifindex;
	assert_string_equal(ox_test_carries(dp, "va"), "");
	assert_int_equal(ox_attach(dp->dp, ifindex, OX_MODE_XDP, &mode, NULL),
			 0);
	ox_test_pump();
	assert_int_equal(dp->mem->uports[1].mode, OX_MODE_XDP);
	assert_string_equal(ox_test_carries(dp, "va"), "xt");
	assert_int_equal(ox_test_run("ip link set va xdp off"), 0);
	ox_test_pump();
	assert_int_equal(dp->mem->uports[1].mode, OX_MODE_NONE);
	assert_string_equal(ox_test_carries(dp, "va"), "");
	/* one that was there before the port stays after it */
	assert_int_equal(ox_tc_attach(dp->dp, ifindex, NULL), 0);
	ox_ports_look(&ox_test_all.ports);
	ox_test_pump();
	assert_int_equal(dp->mem->uports[1].mode, OX_MODE_TC);
	ox_vport_del(dp, 1);
	assert_string_equal(ox_test_carries(dp, "va"), "t");
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

static void device_vanishes(void **state)
{
	struct ox_datapath *dp;
	uint32_t no, index, far;
	struct ox_link l;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	dp = ox_test_datapath("br0", 0);
	ox_test_netdev(dp, "va");
	assert_int_equal(
		ox_test_port(dp, "int0", OVS_VPORT_TYPE_INTERNAL, 0, &no), 0);
	assert_int_equal(ox_test_run("ip link del vb"), 0);
	ox_test_pump();
	assert_false(ox_vport_exists(dp, 1));
	assert_int_equal(dp->mem->ports[1].ifindex, 0);
	assert_int_equal(ox_test_run("ip link del int0"), 0);
	ox_test_pump();
	assert_false(ox_vport_exists(dp, 2));
	assert_int_equal(dp->n_ports, 1);
	/* the local port's device comes back */
	index = dp->ifindex;
	far = dp->mem->ports[0].ifindex;
	assert_int_equal(ox_test_run("ip link del br0"), 0);
	ox_test_pump();
	assert_int_equal(ox_rtnl_get_name(ox_test_all.ports.rtnl, "br0", &l),
			 0);
	assert_int_equal(l.ifindex, index);
	assert_int_not_equal(dp->mem->ports[0].ifindex, 0);
	assert_int_not_equal(dp->mem->ports[0].ifindex, far);
	assert_int_equal(dp->n_ports, 1);
}

static void takeover(void **state)
{
	struct ox_datapath *dp;
	uint32_t index;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	ox_test_veth("vc", "vd");
	dp = ox_test_datapath("br0", 0);
	index = dp->ifindex;
	ox_test_netdev_mode(dp, "va", OX_MODE_XDP);
	ox_test_netdev(dp, "vc");
	ox_datapath_close_all(&ox_test_all);
	assert_int_equal(ox_test_run("ip link del vc"), 0);
	ox_test_veth("vc", "vd"); /* the same name is not the same device */
	ox_test_restart();
	dp = ox_datapath_by_name(&ox_test_all, "br0");
	assert_non_null(dp);
	assert_int_equal(dp->ifindex, index);
	assert_int_equal(dp->n_ports, 2);
	assert_true(ox_vport_exists(dp, 1));
	assert_true(has_sockets(dp, 1, true));
	assert_false(ox_vport_exists(dp, 2));
	assert_int_equal(ox_test_run("ip link del va"), 0);
	assert_int_equal(ox_test_run("ip link del vc"), 0);
}

/* Programs that went while no daemon was there come back; what a person put
 * there meanwhile stays. */
static void takeover_programs(void **state)
{
	struct ox_datapath *dp, *other;
	uint32_t va, vc, ve;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	ox_test_veth("vc", "vd");
	ox_test_veth("ve", "vf");
	dp = ox_test_datapath("br0", 0);
	ox_test_netdev_mode(dp, "va", OX_MODE_XDP);
	ox_test_netdev_mode(dp, "vc", OX_MODE_XDP);
	ox_test_netdev(dp, "ve");
	va = dp->mem->ports[1].ifindex;
	vc = dp->mem->ports[2].ifindex;
	ve = dp->mem->ports[3].ifindex;
	other = ox_test_datapath("br1", 0);
	assert_int_equal(ox_detach(dp->dp, va, NULL), 0);
	assert_int_equal(ox_tc_detach(dp->dp, va, NULL), 0);
	assert_int_equal(ox_detach(dp->dp, vc, NULL), 0);
	assert_int_equal(ox_attach(other->dp, vc, OX_MODE_XDP,
				   &(enum ox_attach_mode){ 0 }, NULL),
			 0);
	assert_int_equal(ox_tc_detach(dp->dp, ve, NULL), 0);
	ox_test_restart();
	dp = ox_datapath_by_name(&ox_test_all, "br0");
	other = ox_datapath_by_name(&ox_test_all, "br1");
	assert_string_equal(ox_test_carries(dp, "va"), "xt");
	assert_string_equal(ox_test_carries(dp, "vc"), "t");
	assert_string_equal(ox_test_carries(other, "vc"), "x");
	assert_string_equal(ox_test_carries(dp, "ve"), "t");
	assert_int_equal(dp->mem->uports[1].mode, OX_MODE_XDP);
	assert_int_equal(dp->mem->uports[2].mode, OX_MODE_TC);
	assert_int_equal(dp->mem->config->clone_ifindex,
			 dp->mem->ports[0].ifindex);
	ox_test_run("ip link del va");
	ox_test_run("ip link del vc");
	ox_test_run("ip link del ve");
}

/* Died between making a port's device and committing it. */
static void torn_port(void **state)
{
	struct ox_datapath *dp;
	struct ox_link l;
	uint32_t no;

	(void)state;
	OX_NEED_PORTS();
	ox_test_veth("va", "vb");
	dp = ox_test_datapath("br0", 0);
	ox_test_netdev(dp, "va");
	assert_int_equal(
		ox_test_port(dp, "int0", OVS_VPORT_TYPE_INTERNAL, 0, &no), 0);
	dp->mem->ports[1].ifindex = 0;
	dp->mem->ports[2].ifindex = 0;
	dp->mem->uports[2].ifindex = 0;
	ox_test_restart();
	dp = ox_datapath_by_name(&ox_test_all, "br0");
	assert_int_equal(dp->n_ports, 1);
	assert_false(exists("int0"));
	assert_int_equal(ox_rtnl_get_name(ox_test_all.ports.rtnl, "va", &l), 0);
	assert_false(l.flags & IFF_PROMISC);
	assert_int_equal(l.xdp_prog_id, 0);
	assert_int_equal(ox_test_run("ip link del va"), 0);
}

/* Died before the end of creation, or after the beginning of removal. */
static void torn_datapath(void **state)
{
	struct ox_datapath *dp;

	(void)state;
	OX_NEED_PORTS();
	dp = ox_test_datapath("br0", 0);
	dp->mem->config->dp_ifindex = 0;
	ox_test_restart();
	assert_null(ox_test_all.ports.datapaths);
	assert_false(exists("br0"));
	ox_test_datapath("br0", 0);
}

static const struct CMUnitTest tests[] = {
	OX_TEST_WITH("unit.vport_life.datapath", datapath, NULL,
		     ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.netdev", netdev, NULL, ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.program_busy", program_busy, NULL,
		     ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.program_off_and_on", program_off_and_on,
		     NULL, ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.program_by_hand", program_by_hand, NULL,
		     ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.takeover_programs", takeover_programs,
		     NULL, ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.modes", modes, NULL, ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.mode_refused", mode_refused, NULL,
		     ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.l3", l3, NULL, ox_test_ports_end),
	OX_TEST("unit.vport_life.why", why),
	OX_TEST_WITH("unit.vport_life.device_vanishes", device_vanishes, NULL,
		     ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.takeover", takeover, NULL,
		     ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.torn_port", torn_port, NULL,
		     ox_test_ports_end),
	OX_TEST_WITH("unit.vport_life.torn_datapath", torn_datapath, NULL,
		     ox_test_ports_end),
};

int main(void)
{
	return ox_test_ports_main(tests, sizeof(tests) / sizeof(*tests));
}
