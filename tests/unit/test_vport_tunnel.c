// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_vport_tunnel.c - vports of tunnels' types with real maps and devices, in
 * a network namespace of their own: the kernel's device, and none.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <arpa/inet.h>

#include "control/port/rtnl.h"
#include "control/port/vport_tunnel.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/netns.h"
#include "tests/lib/ports.h"

static int no_vxlan;

#define NEED_VXLAN()                                        \
	do {                                                \
		OX_NEED_PORTS();                            \
		if (no_vxlan)                               \
			ox_skip("no vxlan in this kernel"); \
	} while (0)

static bool exists(const char *name)
{
	struct ox_link l;

	return !ox_rtnl_get_name(ox_test_all.ports.rtnl, name, &l);
}

static int add(struct ox_datapath *dp, const char *name, uint32_t type,
	       uint16_t port, uint32_t *no)
{
	const uint32_t pid = 7;
	struct ox_vport_request rq = { .type = type,
				       .port_no = OX_NONE,
				       .n_pids = 1,
				       .pids = &pid,
				       .tun = { .has_port = port,
						.port = port } };
	struct ox_err e = { 0 };

	strcpy(rq.name, name);
	return ox_vport_add(dp, &rq, no, &e);
}

static void device(void **state)
{
	struct ox_datapath *dp;
	struct ox_vport_tun_attrs a;
	const struct ox_port *p;
	struct ox_link l;
	uint32_t no;

	(void)state;
	NEED_VXLAN();
	dp = ox_test_datapath("br0", 0);
	assert_int_equal(add(dp, "vx0", OVS_VPORT_TYPE_VXLAN, 0, &no), -EINVAL);
	assert_int_equal(add(dp, "vx0", OVS_VPORT_TYPE_VXLAN, 4789, &no), 0);
	l = ox_test_link("vx0");
	p = &dp->mem->ports[no];
	assert_true(ox_link_is_tunnel(&l));
	assert_int_equal(l.mtu, 65535);
	assert_true(l.flags & IFF_UP);
	assert_int_equal(p->ifindex, l.ifindex);
	assert_int_equal(p->tun_kind, OVS_VPORT_TYPE_VXLAN);
	assert_int_equal(p->tun_port, htons(4789));
	assert_true(p->flags & OX_PORT_TUNNEL);
	assert_string_equal(ox_test_carries(dp, "vx0"), "t");
	assert_true(ox_vport_tunnel_options(dp, no, &a));
	assert_int_equal(a.port, 4789);
	assert_int_equal(add(dp, "vx0", OVS_VPORT_TYPE_VXLAN, 4790, &no),
			 -EEXIST);
	assert_int_equal(add(dp, "vx1", OVS_VPORT_TYPE_VXLAN, 4789, &no),
			 -EEXIST);
	assert_int_equal(dp->n_ports, 2);
	ox_test_restart();
	dp = ox_test_all.ports.datapaths;
	assert_int_equal(dp->n_ports, 2);
	assert_true(exists("vx0"));
	ox_vport_del(dp, ox_vport_by_name(dp, "vx0"));
	assert_false(exists("vx0"));
}

/* The daemon was killed between its note and its answer. */
static void half_made(void **state)
{
	struct ox_datapath *dp;
	struct ox_uport *u;
	uint32_t no;

	(void)state;
	NEED_VXLAN();
	dp = ox_test_datapath("br0", 0);
	assert_int_equal(add(dp, "vx0", OVS_VPORT_TYPE_VXLAN, 4789, &no), 0);
	u = &dp->mem->uports[no];
	dp->mem->ports[no].ifindex = 0;
	u->ifindex = 0;
	u->flags = OX_UPORT_OURS;
	ox_test_run("tc qdisc del dev vx0 clsact");
	ox_test_restart();
	assert_int_equal(ox_test_all.ports.datapaths->n_ports, 1);
	assert_false(exists("vx0"));
}

/* ... before it had made the device: one of that name is another's. */
static void half_made_other(void **state)
{
	struct ox_datapath *dp;
	uint32_t no;

	(void)state;
	NEED_VXLAN();
	dp = ox_test_datapath("br0", 0);
	assert_int_equal(add(dp, "vx0", OVS_VPORT_TYPE_VXLAN, 4789, &no), 0);
	dp->mem->ports[no].ifindex = 0;
	dp->mem->uports[no].ifindex = 0;
	dp->mem->uports[no].flags = OX_UPORT_OURS;
	assert_int_equal(ox_test_run("ip link del vx0"), 0);
	assert_int_equal(
		ox_test_run("ip link add vx0 type vxlan external dstport 4"),
		0);
	ox_test_restart();
	assert_int_equal(ox_test_all.ports.datapaths->n_ports, 1);
	assert_true(exists("vx0"));
	assert_int_equal(ox_test_run("ip link del vx0"), 0);
}

static void gone(void **state)
{
	struct ox_datapath *dp;
	uint32_t no;

	(void)state;
	NEED_VXLAN();
	dp = ox_test_datapath("br0", 0);
	assert_int_equal(add(dp, "vx0", OVS_VPORT_TYPE_VXLAN, 4789, &no), 0);
	assert_int_equal(ox_test_run("ip link del vx0"), 0);
	ox_test_pump();
	assert_int_equal(dp->n_ports, 1);
	/* of the same name, and none of ours */
	assert_int_equal(add(dp, "vx0", OVS_VPORT_TYPE_VXLAN, 4789, &no), 0);
	assert_int_equal(ox_test_run("ip link del vx0"), 0);
	assert_int_equal(
		ox_test_run("ip link add vx0 type vxlan external dstport 4"),
		0);
	ox_test_pump();
	assert_int_equal(dp->n_ports, 1);
	assert_true(exists("vx0"));
	assert_string_equal(ox_test_carries(dp, "vx0"), "");
	assert_int_equal(ox_test_run("ip link del vx0"), 0);
}

static void native(void **state)
{
	struct ox_datapath *dp, *other;
	const struct ox_port *p;
	uint32_t no;

	(void)state;
	OX_NEED_PORTS();
	ox_test_all.ports.tunnels = OX_TUNNELS_NATIVE;
	dp = ox_test_datapath("br0", 0);
	other = ox_test_datapath("br1", 0);
	assert_int_equal(add(dp, "ge0", OVS_VPORT_TYPE_GENEVE, 6081, &no), 0);
	p = &dp->mem->ports[no];
	assert_false(exists("ge0"));
	assert_int_equal(p->ifindex, 0);
	assert_true((p->flags & OX_PORT_NATIVE) && (p->flags & OX_PORT_UP));
	assert_false(p->flags & OX_PORT_TUNNEL);
	assert_int_equal(dp->mem->uports[no].ifindex, 0);
	assert_int_equal(add(other, "ge1", OVS_VPORT_TYPE_GENEVE, 6081, &no),
			 -EBUSY);
	assert_int_equal(add(other, "ge0", OVS_VPORT_TYPE_GENEVE, 6082, &no),
			 -EEXIST);
	assert_int_equal(add(other, "br0", OVS_VPORT_TYPE_GENEVE, 6082, &no),
			 -EEXIST);
	assert_int_equal(add(other, "a/b", OVS_VPORT_TYPE_GENEVE, 6082, &no),
			 -EINVAL);
	/* what there is no encapsulation of our own for */
	assert_int_equal(add(other, "gt0", OVS_VPORT_TYPE_GTPU, 2152, &no),
			 -EAFNOSUPPORT);
	assert_int_equal(add(other, "bu0", OVS_VPORT_TYPE_BAREUDP, 6635, &no),
			 -EAFNOSUPPORT);
	assert_int_equal(add(other, "er0", OVS_VPORT_TYPE_ERSPAN, 0, &no),
			 -EAFNOSUPPORT);
	assert_int_equal(other->n_ports, 1);
	ox_test_restart();
	dp = ox_test_all.ports.datapaths;
	dp = strcmp(dp->name, "br0") ? dp->next : dp;
	assert_int_equal(dp->n_ports, 2);
	no = ox_vport_by_name(dp, "ge0");
	assert_true(ox_vport_is_native(dp, no));
	ox_vport_del(dp, no);
	assert_int_equal(dp->n_ports, 1);
	assert_int_equal(dp->mem->ports[no].flags, 0);
	ox_test_all.ports.tunnels = OX_TUNNELS_AUTO;
}

static int set_up(void **state)
{
	(void)state;
	if (ox_test_no_ports)
		return 0;
	no_vxlan = ox_test_run("ip link add vx0 type vxlan external dstport 4");
	if (!no_vxlan)
		ox_test_run("ip link del vx0");
	return 0;
}

#define T(id, fn) \
	OX_TEST_WITH("unit.vport_tunnel." id, fn, set_up, ox_test_ports_end)

static const struct CMUnitTest tests[] = {
	T("device", device),
	T("half_made", half_made),
	T("half_made_other", half_made_other),
	T("gone", gone),
	T("native", native),
};

int main(void)
{
	return ox_test_ports_main(tests, sizeof(tests) / sizeof(*tests));
}
