// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_rtnl.c - what port flags follow from; and, in a network namespace of
 * its own, requests to rtnetlink and pairs for internal ports.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <net/if_arp.h>

#include "control/base/ethtool.h"
#include "control/port/peer.h"
#include "control/port/rtnl.h"
#include "control/port/veth.h"
#include "ovsxdp/dp.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/netns.h"

static struct ox_rtnl *rtnl;
static int no_netns;

#define NEED_NETNS()                                                   \
	do {                                                           \
		if (no_netns)                                          \
			ox_skip("needs root for a network namespace"); \
	} while (0)

static struct ox_link link_of(const char *kind, uint32_t flags)
{
	struct ox_link l = { .flags = flags,
			     .type = ARPHRD_ETHER,
			     .peer_netnsid = OX_NO_NETNSID };

	strcpy(l.kind, kind);
	return l;
}

static uint32_t flags_of(const struct ox_link *l, enum ox_attach_mode mode,
			 int xmit)
{
	const struct ox_link_use use = { .mode = mode, .xmit = xmit };
	uint32_t flags = ox_link_port_flags(l, &use);

	/* it stands behind every other mode, too */
	assert_int_equal(!!(flags & OX_PORT_SKB_TIER), mode != OX_MODE_NONE);
	return flags & ~OX_PORT_SKB_TIER;
}

static void port_flags(void **state)
{
	const uint32_t up = IFF_UP | OX_IFF_LOWER_UP;
	const struct ox_link_use own = { .mode = OX_MODE_XDP,
					 .internal = true,
					 .xmit = -EOPNOTSUPP };
	struct ox_link nic = link_of("", up);
	struct ox_link veth = link_of("veth", up);
	struct ox_link tun = link_of("tun", up);
	struct ox_link down = link_of("", IFF_UP);

	(void)state;
	assert_int_equal(flags_of(&nic, OX_MODE_XDP, 1), OX_PORT_UP);
	assert_int_equal(flags_of(&down, OX_MODE_XDP, 1), 0);
	assert_int_equal(flags_of(&veth, OX_MODE_XDP, 1),
			 OX_PORT_UP | OX_PORT_SKB_RX);
	assert_int_equal(flags_of(&veth, OX_MODE_XDP_GENERIC, 0),
			 OX_PORT_UP | OX_PORT_GENERIC | OX_PORT_NO_XMIT);
	assert_int_equal(flags_of(&veth, OX_MODE_TC, 1), OX_PORT_UP);
	/* a kernel that can't tell: NICs and our own pairs take frames */
	assert_int_equal(flags_of(&nic, OX_MODE_XDP, -EOPNOTSUPP), OX_PORT_UP);
	assert_int_equal(flags_of(&veth, OX_MODE_XDP, -EOPNOTSUPP),
			 OX_PORT_UP | OX_PORT_SKB_RX | OX_PORT_NO_XMIT);
	assert_int_equal(ox_link_port_flags(&veth, &own),
			 OX_PORT_UP | OX_PORT_SKB_RX | OX_PORT_SKB_TIER);
	tun.type = ARPHRD_NONE;
	assert_int_equal(flags_of(&tun, OX_MODE_TC, 1),
			 OX_PORT_UP | OX_PORT_L3);
}

/* bpf_redirect_peer(): a veth whose other end is elsewhere, in TC mode,
 * without a queueing discipline, and if the knob allows. */
static void port_peer(void **state)
{
	struct ox_link_use use = { .mode = OX_MODE_TC,
				   .xmit = 1,
				   .knobs = OX_KNOB_REDIRECT_PEER };
	struct ox_link veth = link_of("veth", 0);

	(void)state;
	veth.peer_netnsid = 3;
	strcpy(veth.qdisc, "noqueue");
	assert_int_equal(ox_link_port_flags(&veth, &use),
			 OX_PORT_PEER | OX_PORT_SKB_TIER);
	use.knobs = 0;
	assert_int_equal(ox_link_port_flags(&veth, &use), OX_PORT_SKB_TIER);
	use.knobs = OX_KNOB_REDIRECT_PEER;
	use.mode = OX_MODE_XDP_GENERIC;
	assert_int_equal(ox_link_port_flags(&veth, &use),
			 OX_PORT_GENERIC | OX_PORT_SKB_TIER);
	use.mode = OX_MODE_TC;
	veth.peer_netnsid = OX_NO_NETNSID;
	assert_int_equal(ox_link_port_flags(&veth, &use), OX_PORT_SKB_TIER);
	veth.peer_netnsid = 0;
	strcpy(veth.qdisc, "fq_codel");
	assert_int_equal(ox_link_port_flags(&veth, &use), OX_PORT_SKB_TIER);
	strcpy(veth.qdisc, "noqueue");
	strcpy(veth.kind, "netkit");
	assert_int_equal(ox_link_port_flags(&veth, &use), OX_PORT_SKB_TIER);
}

static void auto_mode(void **state)
{
	static const char *const skb_borne[] = { "veth", "tun",	 "bridge",
						 "bond", "vlan", "dummy" };
	struct ox_link nic = link_of("", 0);

	(void)state;
	assert_int_equal(ox_link_auto_mode(&nic), OX_MODE_XDP);
	for (size_t i = 0; i < sizeof(skb_borne) / sizeof(*skb_borne); i++) {
		struct ox_link l = link_of(skb_borne[i], 0);

		assert_int_equal(ox_link_auto_mode(&l), OX_MODE_TC);
	}
	nic.type = ARPHRD_NONE;
	assert_int_equal(ox_link_auto_mode(&nic), OX_MODE_TC);
}

static void far_names(void **state)
{
	char a[IFNAMSIZ], b[IFNAMSIZ];

	(void)state;
	ox_veth_far_name(1, "br0", 0, 0, a);
	ox_veth_far_name(1, "br0", 0, 0, b);
	assert_string_equal(a, b);
	assert_int_equal(strlen(a), 12);
	assert_memory_equal(a, "ovsx", 4);
	ox_veth_far_name(2, "br0", 0, 0, b);
	assert_string_not_equal(a, b);
	ox_veth_far_name(1, "br1", 0, 0, b);
	assert_string_not_equal(a, b);
	ox_veth_far_name(1, "br0", 1, 0, b);
	assert_string_not_equal(a, b);
	ox_veth_far_name(1, "br0", 0, 1, b);
	assert_string_not_equal(a, b);
}

static int count(const struct ox_link *l, void *arg)
{
	(void)l;
	++*(int *)arg;
	return 0;
}

static void get(void **state)
{
	struct ox_link l;
	int n = 0;

	(void)state;
	NEED_NETNS();
	assert_int_equal(ox_rtnl_get_name(rtnl, "lo", &l), 0);
	assert_int_equal(l.ifindex, 1);
	assert_true(l.flags & IFF_LOOPBACK);
	assert_int_equal(l.type, ARPHRD_LOOPBACK);
	assert_int_equal(ox_rtnl_get(rtnl, 1, &l), 0);
	assert_string_equal(l.name, "lo");
	assert_int_equal(ox_rtnl_get_name(rtnl, "nope", &l), -ENODEV);
	assert_int_equal(ox_rtnl_get_name(rtnl, "", &l), -ENODEV);
	assert_int_equal(ox_rtnl_get(rtnl, 4711, &l), -ENODEV);
	assert_int_equal(ox_rtnl_get(rtnl, 0, &l), -ENODEV);
	assert_int_equal(ox_rtnl_dump(rtnl, count, &n), 0);
	assert_true(n >= 1);
}

/* Tunnels with a key of their own are devices like others; those that want
 * one with each packet aren't. */
static void external(void **state)
{
	static const struct {
		const char *how;
		uint16_t kind, port;
		uint32_t exts;
		bool l3;
	} links[] = {
		{ "vxlan id 5 dstport 4789", 0, 0, 0, false },
		{ "vxlan id 5 dstport 4789 gbp", 0, 0, 0, false },
		{ "vxlan external dstport 4790", OVS_VPORT_TYPE_VXLAN, 4790, 0,
		  false },
		{ "vxlan external dstport 4790 gbp", OVS_VPORT_TYPE_VXLAN, 4790,
		  OX_TUN_EXT_GBP, false },
		{ "vxlan external dstport 4790 gpe", OVS_VPORT_TYPE_VXLAN, 4790,
		  OX_TUN_EXT_GPE, true },
		{ "geneve id 5 remote 127.0.0.1", 0, 0, 0, false },
		{ "geneve external dstport 6082", OVS_VPORT_TYPE_GENEVE, 6082,
		  0, false },
		{ "gretap remote 127.0.0.1", 0, 0, 0, false },
		{ "gretap external", OVS_VPORT_TYPE_GRE, 0, 0, false },
		{ "gre external", OVS_VPORT_TYPE_GRE, 0, 0, true },
		{ "ip6gretap external", OVS_VPORT_TYPE_IP6GRE, 0, 0, false },
		{ "erspan external", OVS_VPORT_TYPE_ERSPAN, 0, 0, false },
		{ "ip6erspan external", OVS_VPORT_TYPE_IP6ERSPAN, 0, 0, false },
		{ "bareudp dstport 6635 ethertype mpls_uc",
		  OVS_VPORT_TYPE_BAREUDP, 6635, 0, true },
		{ "bareudp dstport 6635 ethertype ip multiproto",
		  OVS_VPORT_TYPE_BAREUDP, 6635, OX_TUN_EXT_MPLS, true },
	};
	char command[160];
	struct ox_link l;
	int made = 0;

	(void)state;
	NEED_NETNS();
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		snprintf(command, sizeof(command), "ip link add tun7 type %s",
			 links[i].how);
		if (ox_test_run(command))
			continue;
		made++;
		assert_int_equal(ox_rtnl_get_name(rtnl, "tun7", &l), 0);
		assert_int_equal(l.tun.kind, links[i].kind);
		assert_int_equal(ntohs(l.tun.port), links[i].port);
		assert_int_equal(l.tun.exts, links[i].exts);
		if (links[i].kind)
			assert_int_equal(ox_link_is_l3(&l), links[i].l3);
		assert_int_equal(ox_rtnl_del(rtnl, l.ifindex, NULL), 0);
	}
	if (!made)
		skip(); /* no tunnels in this kernel */
}

static void pair(void **state)
{
	struct ox_rtnl *r = rtnl;
	struct ox_link near, far, l;
	struct ox_err e = { 0 };

	(void)state;
	NEED_NETNS();
	assert_int_equal(
		ox_veth_create(r, "near0", 777, "ovsxfar0", &near, &far, &e),
		0);
	assert_int_equal(near.ifindex, 777);
	assert_int_equal(far.peer, 777);
	assert_string_equal(near.kind, "veth");
	assert_false(near.flags & IFF_UP);
	assert_int_equal(ox_rtnl_get(r, far.ifindex, &l), 0);
	assert_false(l.flags & IFF_UP);
	assert_int_equal(ox_veth_silence(r, &far, &e), 0);
	assert_int_equal(ox_rtnl_set_flags(r, far.ifindex, IFF_UP, IFF_UP, &e),
			 0);
	assert_int_equal(ox_rtnl_get(r, far.ifindex, &l), 0);
	assert_true(l.flags & IFF_UP);
	assert_false(l.flags & OX_IFF_LOWER_UP);
	/* GRO on at the near end: the far end can send frames (docs/facts.md,
	 * V1) */
	assert_int_equal(ox_rtnl_set_flags(r, 777, IFF_UP, IFF_UP, &e), 0);
	assert_int_not_equal(ox_xdp_xmit_query(far.ifindex), 0);
	assert_int_equal(ox_rtnl_get(r, far.ifindex, &l), 0);
	assert_true(l.flags & OX_IFF_LOWER_UP);
	assert_int_equal(ox_rtnl_set_mtu(r, far.ifindex, 2000, &e), 0);
	assert_int_equal(ox_rtnl_get(r, far.ifindex, &l), 0);
	assert_int_equal(l.mtu, 2000);
	assert_int_equal(ox_rtnl_set_mtu(r, far.ifindex, 20, &e), -EINVAL);
	assert_true(e.msg[0]);
	ox_veth_delete_orphan(r, "near0", "lo");
	ox_veth_delete_orphan(r, "lo", "ovsxfar0");
	assert_int_equal(ox_rtnl_get(r, 777, &l), 0);
	ox_veth_delete_orphan(r, "near0", "ovsxfar0");
	assert_int_equal(ox_rtnl_get(r, 777, &l), -ENODEV);
}

static void pair_refused(void **state)
{
	struct ox_rtnl *r = rtnl;
	struct ox_link near, far, l;
	struct ox_err e = { 0 };

	(void)state;
	NEED_NETNS();
	assert_int_equal(ox_veth_create(r, "n0", 0, "f0", &near, &far, &e), 0);
	assert_int_equal(ox_veth_create(r, "n0", 0, "f1", &near, &far, &e),
			 -EEXIST);
	assert_int_equal(ox_veth_create(r, "n1", 0, "f0", &near, &far, &e),
			 -EADDRINUSE);
	assert_int_equal(ox_veth_create(r, "n1", 1, "f1", &near, &far, &e),
			 -EBUSY);
	assert_int_equal(ox_veth_create(r, "a/b", 0, "f1", &near, &far, &e),
			 -EINVAL);
	assert_int_equal(ox_rtnl_get_name(r, "n1", &l), -ENODEV);
	assert_int_equal(ox_rtnl_get_name(r, "f1", &l), -ENODEV);
	ox_veth_delete_orphan(r, "n0", "f0");
}

static int takes(const char *name)
{
	struct ox_link l;
	int err = ox_rtnl_get_name(rtnl, name, &l);

	return err ? err : ox_peer_takes_frames(&l);
}

/* The other end: down, without and with GRO, with a program. */
static void peer_here(void **state)
{
	(void)state;
	NEED_NETNS();
	assert_int_equal(ox_test_veth("p0", "p1"), 0);
	assert_int_equal(takes("lo"), -ENODEV);
	assert_int_equal(ox_ethtool_get_lro("p1"), 0);
	assert_int_equal(ox_ethtool_set_lro("p1", false), 0);
	assert_int_equal(ox_ethtool_get_lro("nope"), -ENODEV);
	assert_int_equal(ox_ethtool_set_gro("p1", false), 0);
	assert_int_equal(ox_ethtool_get_gro("p1"), 0);
	assert_int_equal(takes("p0"), 0);
	assert_int_equal(ox_ethtool_set_gro("p1", true), 0);
	assert_int_equal(ox_ethtool_get_gro("p1"), 1);
	assert_int_equal(takes("p0"), 1);
	assert_int_equal(ox_test_run("ip link set p1 down"), 0);
	assert_int_equal(takes("p0"), 0);
	assert_int_equal(ox_test_run("ip link del p0"), 0);
}

/* A namespace that has a process and no name, as a container's. */
static void peer_there(void **state)
{
	struct ox_link l;
	int ready[2], end[2];
	char cmd[64], byte;
	pid_t pid;

	(void)state;
	NEED_NETNS();
	assert_int_equal(pipe(ready) | pipe(end), 0);
	pid = fork();
	if (!pid) {
		close(end[1]);
		_exit(unshare(CLONE_NEWNET) || write(ready[1], "", 1) != 1 ||
		      read(end[0], &byte, 1) < 0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(ox_test_veth("q0", "q1"), 0);
	assert_int_equal(ox_ethtool_set_gro("q1", true), 0);
	snprintf(cmd, sizeof(cmd), "ip link set q1 netns %d", pid);
	assert_int_equal(ox_test_run(cmd), 0);
	assert_int_equal(ox_rtnl_get_name(rtnl, "q0", &l), 0);
	assert_int_not_equal(l.peer_netnsid, OX_NO_NETNSID);
	assert_int_equal(takes("q0"), 0); /* a move takes it down */
	snprintf(cmd, sizeof(cmd), "nsenter -t %d -n ip link set q1 up", pid);
	assert_int_equal(ox_test_run(cmd), 0);
	assert_int_equal(takes("q0"), 1);
	/* this thread has stayed where it was */
	assert_int_equal(ox_rtnl_get_name(rtnl, "q0", &l), 0);
	close(end[1]);
	waitpid(pid, NULL, 0);
	close(end[0]);
	close(ready[0]);
	close(ready[1]);
	ox_test_run("ip link del q0");
}

static const struct CMUnitTest tests[] = {
	OX_TEST("unit.rtnl.port_flags", port_flags),
	OX_TEST("unit.rtnl.port_peer", port_peer),
	OX_TEST("unit.rtnl.auto_mode", auto_mode),
	OX_TEST("unit.rtnl.far_names", far_names),
	OX_TEST("unit.rtnl.get", get),
	OX_TEST("unit.rtnl.external", external),
	OX_TEST("unit.rtnl.pair", pair),
	OX_TEST("unit.rtnl.pair_refused", pair_refused),
	OX_TEST("unit.rtnl.peer_here", peer_here),
	OX_TEST("unit.rtnl.peer_there", peer_there),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	no_netns = ox_test_netns() || ox_rtnl_open(NULL, NULL, &rtnl);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
