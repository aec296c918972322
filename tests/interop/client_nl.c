// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * client_nl.c - a generic netlink client written for the kernel module, with
 * plain libnl-genl-3 and no knowledge of ovsxdp. Families and groups by name,
 * a datapath, a port, a flow, a meter; hears of each. Prints TAP.
 *
 * Usage: client_nl DATAPATH DEVICE
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/openvswitch.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/family.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DP, VPORT, FLOW, METER, FAMILIES };
static const char *const names[FAMILIES] = { "ovs_datapath", "ovs_vport",
					     "ovs_flow", "ovs_meter" };
static int ids[FAMILIES];
static struct nl_sock *nl, *ears;
static int n_tests, failures, dp_ifindex;

static bool ok(bool good, const char *id, int err)
{
	n_tests++;
	failures += !good;
	if (good)
		printf("ok - interop.nl.%s\n", id);
	else
		printf("not ok - interop.nl.%s: %d (%s)\n", id, err,
		       nl_geterror(err));
	return good;
}

static struct nl_sock *open_socket(void)
{
	struct nl_sock *s = nl_socket_alloc();

	if (!s || genl_connect(s))
		return NULL;
	return s;
}

/* ---- requests ---- */

static struct nl_msg *begin(int family, int flags, uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct ovs_header *h = genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ,
					   ids[family], sizeof(*h), flags, cmd,
					   family == DP ? 2 : 1);

	h->dp_ifindex = dp_ifindex;
	return msg;
}

struct seen {
	int count;
	int ifindex;
	uint32_t port_no;
	bool has_actions;
};

static int see(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct ovs_header *h = genlmsg_user_hdr(nlmsg_data(nlh));
	struct nlattr *a[OVS_FLOW_ATTR_MAX + 1];
	struct seen *s = arg;

	if (genlmsg_parse(nlh, sizeof(*h), a, OVS_FLOW_ATTR_MAX, NULL) < 0)
		return NL_SKIP;
	s->count++;
	s->ifindex = h->dp_ifindex;
	if (nlh->nlmsg_type == ids[VPORT] && a[OVS_VPORT_ATTR_PORT_NO])
		s->port_no = nla_get_u32(a[OVS_VPORT_ATTR_PORT_NO]);
	if (nlh->nlmsg_type == ids[FLOW] && a[OVS_FLOW_ATTR_ACTIONS])
		s->has_actions = true;
	return NL_OK;
}

static int on_end(struct nl_msg *msg, void *arg)
{
	(void)msg;
	*(int *)arg = 1;
	return NL_STOP;
}

/* Sends, and reads until the ACK, the error or the end of the dump. 0 or a
 * libnl error, negative. */
static int talk(struct nl_msg *msg, struct seen *s)
{
	int err, end = 0;

	memset(s, 0, sizeof(*s));
	nl_socket_modify_cb(nl, NL_CB_VALID, NL_CB_CUSTOM, see, s);
	nl_socket_modify_cb(nl, NL_CB_ACK, NL_CB_CUSTOM, on_end, &end);
	nl_socket_modify_cb(nl, NL_CB_FINISH, NL_CB_CUSTOM, on_end, &end);
	err = nl_send_auto(nl, msg);
	nlmsg_free(msg);
	while (err >= 0 && !end)
		err = nl_recvmsgs_default(nl);
	return err < 0 ? err : 0;
}

/* The notification of cmd for a family comes within ten seconds. */
static void hears(int family, uint8_t cmd, const char *id)
{
	struct pollfd p = { .fd = nl_socket_get_fd(ears), .events = POLLIN };
	bool heard = false;

	while (!heard && poll(&p, 1, 10000) > 0) {
		struct sockaddr_nl from;
		unsigned char *buf = NULL;
		int n = nl_recv(ears, &from, &buf, NULL);
		struct nlmsghdr *nlh = (void *)buf;

		if (n <= 0)
			break;
		heard = nlh->nlmsg_type == ids[family] && !from.nl_pid &&
			genlmsg_hdr(nlh)->cmd == cmd;
		free(buf);
	}
	ok(heard, id, 0);
}

/* ---- the story ---- */

static bool resolve(void)
{
	char id[64];

	for (int i = 0; i < FAMILIES; i++) {
		int group = genl_ctrl_resolve_grp(nl, names[i], names[i]);

		ids[i] = genl_ctrl_resolve(nl, names[i]);
		snprintf(id, sizeof(id), "family.%s", names[i]);
		if (!ok(ids[i] > 0, id, ids[i]))
			return false;
		snprintf(id, sizeof(id), "group.%s", names[i]);
		if (!ok(group > 0 && !nl_socket_add_membership(ears, group), id,
			group))
			return false;
	}
	return true;
}

/* libnl's own dump of all families, the kernel's and ours. */
static void list_families(void)
{
	struct nl_sock *other = open_socket();
	struct nl_cache *all = NULL;
	int err = other ? genl_ctrl_alloc_cache(other, &all) : -NLE_BAD_SOCK;
	struct genl_family *f;

	ok(!err, "families.dump", err);
	if (err)
		return;
	f = genl_ctrl_search_by_name(all, "ovs_flow");
	ok(f && (int)genl_family_get_id(f) == ids[FLOW], "families.ovs_flow",
	   0);
	if (f)
		nl_object_put((struct nl_object *)f);
	f = genl_ctrl_search_by_name(all, "nlctrl");
	ok(f && genl_family_get_id(f) == GENL_ID_CTRL, "families.nlctrl", 0);
	if (f)
		nl_object_put((struct nl_object *)f);
	nl_cache_free(all);
	nl_socket_free(other);
}

static bool make_datapath(const char *name)
{
	struct seen s;
	struct nl_msg *msg = begin(DP, NLM_F_ECHO, OVS_DP_CMD_NEW);
	int err;

	nla_put_string(msg, OVS_DP_ATTR_NAME, name);
	nla_put_u32(msg, OVS_DP_ATTR_UPCALL_PID, 0);
	/* the echo, then the ACK */
	err = talk(msg, &s);
	if (!ok(!err && s.ifindex > 0, "dp.new", err))
		return false;
	dp_ifindex = s.ifindex;
	hears(DP, OVS_DP_CMD_NEW, "dp.new_notified");
	err = talk(begin(DP, NLM_F_DUMP, OVS_DP_CMD_GET), &s);
	ok(!err && s.count == 1, "dp.dump", err);
	err = talk(begin(DP, 0, OVS_DP_CMD_GET), &s);
	ok(!err && s.ifindex == dp_ifindex, "dp.get", err);
	return true;
}

static uint32_t make_port(const char *dev)
{
	struct nl_msg *msg = begin(VPORT, 0, OVS_VPORT_CMD_NEW);
	uint32_t port_no;
	struct seen s;
	int err;

	nla_put_string(msg, OVS_VPORT_ATTR_NAME, dev);
	nla_put_u32(msg, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	nla_put_u32(msg, OVS_VPORT_ATTR_UPCALL_PID, 0);
	err = talk(msg, &s);
	ok(!err, "vport.new", err);
	hears(VPORT, OVS_VPORT_CMD_NEW, "vport.new_notified");
	msg = begin(VPORT, 0, OVS_VPORT_CMD_GET);
	nla_put_string(msg, OVS_VPORT_ATTR_NAME, dev);
	err = talk(msg, &s);
	port_no = s.port_no;
	ok(!err && port_no, "vport.get", err);
	err = talk(begin(VPORT, NLM_F_DUMP, OVS_VPORT_CMD_GET), &s);
	ok(!err && s.count == 2, "vport.dump", err);
	return port_no;
}

/* LLDP frames from a port. */
static void put_key(struct nl_msg *msg, uint32_t port)
{
	struct nlattr *nest = nla_nest_start(msg, OVS_FLOW_ATTR_KEY);
	struct ovs_key_ethernet eth = { { 0 }, { 0 } };

	nla_put_u32(msg, OVS_KEY_ATTR_IN_PORT, port);
	nla_put(msg, OVS_KEY_ATTR_ETHERNET, sizeof(eth), &eth);
	nla_put_u16(msg, OVS_KEY_ATTR_ETHERTYPE, htons(0x88cc));
	nla_nest_end(msg, nest);
}

static void use_flow(uint32_t port)
{
	struct nl_msg *msg = begin(FLOW, NLM_F_CREATE, OVS_FLOW_CMD_NEW);
	struct nlattr *nest;
	struct seen s;
	int err;

	put_key(msg, port);
	nest = nla_nest_start(msg, OVS_FLOW_ATTR_ACTIONS);
	nla_put_u32(msg, OVS_ACTION_ATTR_OUTPUT, 0);
	nla_nest_end(msg, nest);
	err = talk(msg, &s);
	ok(!err, "flow.new", err);
	hears(FLOW, OVS_FLOW_CMD_NEW, "flow.new_notified");
	msg = begin(FLOW, 0, OVS_FLOW_CMD_GET);
	put_key(msg, port);
	err = talk(msg, &s);
	ok(!err && s.has_actions, "flow.get", err);
	err = talk(begin(FLOW, NLM_F_DUMP, OVS_FLOW_CMD_GET), &s);
	ok(!err && s.count == 1 && s.has_actions, "flow.dump", err);
	msg = begin(FLOW, 0, OVS_FLOW_CMD_DEL);
	put_key(msg, port);
	err = talk(msg, &s);
	ok(!err, "flow.del", err);
	hears(FLOW, OVS_FLOW_CMD_DEL, "flow.del_notified");
	msg = begin(FLOW, 0, OVS_FLOW_CMD_GET);
	put_key(msg, port);
	err = talk(msg, &s);
	ok(err == -NLE_OBJ_NOTFOUND, "flow.get_missing", err);
}

static void take_away(const char *dev)
{
	struct nl_msg *msg = begin(VPORT, 0, OVS_VPORT_CMD_DEL);
	struct seen s;
	int err;

	nla_put_string(msg, OVS_VPORT_ATTR_NAME, dev);
	err = talk(msg, &s);
	ok(!err, "vport.del", err);
	hears(VPORT, OVS_VPORT_CMD_DEL, "vport.del_notified");
	err = talk(begin(METER, 0, OVS_METER_CMD_FEATURES), &s);
	ok(!err && s.count == 1, "meter.features", err);
	err = talk(begin(DP, 0, OVS_DP_CMD_DEL), &s);
	ok(!err, "dp.del", err);
	hears(DP, OVS_DP_CMD_DEL, "dp.del_notified");
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "Usage: client_nl DATAPATH DEVICE\n");
		return 2;
	}
	nl = open_socket();
	ears = open_socket();
	if (!ok(nl && ears, "sockets", 0))
		return 1;
	nl_socket_disable_seq_check(ears);
	if (resolve() && make_datapath(argv[1])) {
		list_families();
		use_flow(make_port(argv[2]));
		take_away(argv[2]);
	}
	nl_socket_free(ears);
	nl_socket_free(nl);
	printf("1..%d\n", n_tests);
	return failures ? 1 : 0;
}
