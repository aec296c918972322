// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * client_mnl.c - a generic netlink client written for the kernel module, with
 * plain libmnl and no knowledge of ovsxdp. It runs on a host with the module as
 * well as under ovsxdp-run. Makes a datapath, a port and a flow, reads them
 * back, listens to the notifications, takes all away. Prints TAP.
 *
 * Usage: client_mnl DATAPATH DEVICE
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/openvswitch.h>

#define BUF 65536

struct family {
	uint16_t id;
	uint8_t version;
	uint32_t group; /* its first multicast group */
};

static struct mnl_socket *nl;	/* requests */
static struct mnl_socket *ears; /* notifications */
static uint32_t seq;
static int failures, n_tests;
static struct family f_dp, f_vport, f_flow, f_meter;
static uint32_t dp_ifindex;

static bool ok(bool good, const char *id, const char *why)
{
	n_tests++;
	if (good)
		printf("ok %d - interop.mnl.%s\n", n_tests, id);
	else
		printf("not ok %d - interop.mnl.%s: %s\n", n_tests, id, why);
	failures += !good;
	return good;
}

/* ---- requests ---- */

static struct nlmsghdr *begin(void *buf, uint16_t type, uint16_t flags,
			      uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *g;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++seq;
	g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));
	g->cmd = cmd;
	g->version = version;
	return nlh;
}

static struct nlmsghdr *begin_ovs(void *buf, const struct family *f,
				  uint16_t flags, uint8_t cmd)
{
	struct nlmsghdr *nlh = begin(buf, f->id, flags, cmd, f->version);
	struct ovs_header *h = mnl_nlmsg_put_extra_header(nlh, sizeof(*h));

	h->dp_ifindex = (int)dp_ifindex;
	return nlh;
}

/* Sends and reads to the end of the answer; 0 or -errno. */
static int talk(const struct nlmsghdr *nlh, mnl_cb_t cb, void *arg)
{
	static char buf[BUF];
	int r = 1;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	while (r > 0) {
		ssize_t n = mnl_socket_recvfrom(nl, buf, sizeof(buf));

		if (n < 0)
			return -errno;
		r = mnl_cb_run(buf, (size_t)n, seq, mnl_socket_get_portid(nl),
			       cb, arg);
	}
	return r < 0 ? -errno : 0;
}

/* ---- families ---- */

static int group_cb(const struct nlattr *a, void *data)
{
	struct family *f = data;

	if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_ID)
		f->group = mnl_attr_get_u32(a);
	return MNL_CB_OK;
}

static int family_cb(const struct nlmsghdr *nlh, void *data)
{
	struct family *f = data;
	struct nlattr *a, *g;

	mnl_attr_for_each (a, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(a)) {
		case CTRL_ATTR_FAMILY_ID:
			f->id = mnl_attr_get_u16(a);
			break;
		case CTRL_ATTR_VERSION:
			f->version = (uint8_t)mnl_attr_get_u32(a);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			mnl_attr_for_each_nested (g, a)
				mnl_attr_parse_nested(g, group_cb, f);
			break;
		}
	}
	return MNL_CB_OK;
}

static bool find_family(const char *name, struct family *f)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh =
		begin(buf, GENL_ID_CTRL, NLM_F_ACK, CTRL_CMD_GETFAMILY, 1);
	char id[64];
	int err;

	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, name);
	err = talk(nlh, family_cb, f);
	snprintf(id, sizeof(id), "family.%s", name);
	return ok(!err && f->id && f->group, id, strerror(-err));
}

/* ---- what replies and notifications say ---- */

struct seen {
	const char *name; /* the object looked for */
	int count;	  /* messages */
	bool found;
	uint32_t ifindex;
	uint32_t port_no;
	int cmd; /* notifications: the last one's */
	bool has_actions;
};

static int see_cb(const struct nlmsghdr *nlh, void *data)
{
	const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);
	const struct ovs_header *h = (const void *)(g + 1);
	struct seen *s = data;
	struct nlattr *a;
	int name = nlh->nlmsg_type == f_vport.id ? OVS_VPORT_ATTR_NAME
						 : OVS_DP_ATTR_NAME;

	s->count++;
	s->cmd = g->cmd;
	mnl_attr_for_each (a, nlh, sizeof(*g) + sizeof(*h)) {
		int type = mnl_attr_get_type(a);

		if (nlh->nlmsg_type == f_flow.id) {
			s->has_actions |= type == OVS_FLOW_ATTR_ACTIONS;
			continue;
		}
		if (type == name && s->name &&
		    !strcmp(mnl_attr_get_str(a), s->name)) {
			s->found = true;
			s->ifindex = (uint32_t)h->dp_ifindex;
		}
		if (nlh->nlmsg_type == f_vport.id &&
		    type == OVS_VPORT_ATTR_PORT_NO)
			s->port_no = mnl_attr_get_u32(a);
	}
	return MNL_CB_OK;
}

/* The notification of cmd for family f comes within ten seconds, from the
 * kernel as it seems. */
static bool hears(const struct family *f, int cmd)
{
	struct pollfd p = { .fd = mnl_socket_get_fd(ears), .events = POLLIN };
	static char buf[BUF];

	while (poll(&p, 1, 10000) > 0) {
		ssize_t n = mnl_socket_recvfrom(ears, buf, sizeof(buf));
		const struct nlmsghdr *nlh = (void *)buf;
		const struct genlmsghdr *g = mnl_nlmsg_get_payload(nlh);

		if (n <= 0)
			return false;
		if (nlh->nlmsg_type == f->id && g->cmd == cmd)
			return true;
	}
	return false;
}

/* ---- the story ---- */

static bool make_datapath(const char *name)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct seen s = { .name = name };
	struct nlmsghdr *nlh;
	int err;

	nlh = begin_ovs(buf, &f_dp, NLM_F_ACK | NLM_F_ECHO, OVS_DP_CMD_NEW);
	mnl_attr_put_strz(nlh, OVS_DP_ATTR_NAME, name);
	mnl_attr_put_u32(nlh, OVS_DP_ATTR_UPCALL_PID, 0);
	err = talk(nlh, see_cb, &s);
	if (!ok(!err && s.found && s.ifindex, "dp.new", strerror(-err)))
		return false;
	dp_ifindex = s.ifindex;
	ok(hears(&f_dp, OVS_DP_CMD_NEW), "dp.new_notified", "silence");

	nlh = begin_ovs(buf, &f_dp, NLM_F_ACK, OVS_DP_CMD_NEW);
	mnl_attr_put_strz(nlh, OVS_DP_ATTR_NAME, name);
	mnl_attr_put_u32(nlh, OVS_DP_ATTR_UPCALL_PID, 0);
	err = talk(nlh, NULL, NULL);
	ok(err == -EEXIST, "dp.new_twice", strerror(-err));
	return true;
}

static void read_datapath(const char *name)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct seen s = { .name = name };
	struct nlmsghdr *nlh;
	uint32_t keep = dp_ifindex;
	int err;

	nlh = begin_ovs(buf, &f_dp, NLM_F_DUMP, OVS_DP_CMD_GET);
	err = talk(nlh, see_cb, &s);
	ok(!err && s.found, "dp.dump", strerror(-err));
	dp_ifindex = 0;
	s = (struct seen){ .name = name };
	nlh = begin_ovs(buf, &f_dp, NLM_F_ACK, OVS_DP_CMD_GET);
	mnl_attr_put_strz(nlh, OVS_DP_ATTR_NAME, name);
	err = talk(nlh, see_cb, &s);
	ok(!err && s.ifindex == keep, "dp.get", strerror(-err));
	nlh = begin_ovs(buf, &f_dp, NLM_F_ACK, OVS_DP_CMD_GET);
	mnl_attr_put_strz(nlh, OVS_DP_ATTR_NAME, "nosuchdp");
	err = talk(nlh, NULL, NULL);
	ok(err == -ENODEV, "dp.get_missing", strerror(-err));
	dp_ifindex = keep;
}

static uint32_t make_port(const char *dev)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct seen s = { .name = dev };
	struct nlmsghdr *nlh;
	int err;

	nlh = begin_ovs(buf, &f_vport, NLM_F_ACK | NLM_F_ECHO,
			OVS_VPORT_CMD_NEW);
	mnl_attr_put_strz(nlh, OVS_VPORT_ATTR_NAME, dev);
	mnl_attr_put_u32(nlh, OVS_VPORT_ATTR_TYPE, OVS_VPORT_TYPE_NETDEV);
	mnl_attr_put_u32(nlh, OVS_VPORT_ATTR_UPCALL_PID, 0);
	err = talk(nlh, see_cb, &s);
	ok(!err && s.found, "vport.new", strerror(-err));
	ok(hears(&f_vport, OVS_VPORT_CMD_NEW), "vport.new_notified", "silence");
	s = (struct seen){ .name = dev };
	nlh = begin_ovs(buf, &f_vport, NLM_F_DUMP, OVS_VPORT_CMD_GET);
	err = talk(nlh, see_cb, &s);
	ok(!err && s.found && s.count == 2, "vport.dump", strerror(-err));
	s = (struct seen){ .name = dev };
	nlh = begin_ovs(buf, &f_vport, NLM_F_ACK, OVS_VPORT_CMD_GET);
	mnl_attr_put_strz(nlh, OVS_VPORT_ATTR_NAME, dev);
	err = talk(nlh, see_cb, &s);
	ok(!err && s.found, "vport.get", strerror(-err));
	return s.port_no;
}

/* LLDP frames (0x88cc) from a port: key, and with mask its mask. */
static void put_key(struct nlmsghdr *nlh, uint16_t type, uint32_t port,
		    bool mask)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);
	struct ovs_key_ethernet eth = { 0 };

	mnl_attr_put_u32(nlh, OVS_KEY_ATTR_IN_PORT, mask ? UINT32_MAX : port);
	mnl_attr_put(nlh, OVS_KEY_ATTR_ETHERNET, sizeof(eth), &eth);
	mnl_attr_put_u16(nlh, OVS_KEY_ATTR_ETHERTYPE,
			 mask ? 0xffff : htons(0x88cc));
	mnl_attr_nest_end(nlh, nest);
}

static void use_flow(uint32_t port)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct seen s = { 0 };
	struct nlmsghdr *nlh;
	struct nlattr *nest;
	int err;

	nlh = begin_ovs(buf, &f_flow, NLM_F_ACK | NLM_F_CREATE,
			OVS_FLOW_CMD_NEW);
	put_key(nlh, OVS_FLOW_ATTR_KEY, port, false);
	put_key(nlh, OVS_FLOW_ATTR_MASK, port, true);
	nest = mnl_attr_nest_start(nlh, OVS_FLOW_ATTR_ACTIONS);
	mnl_attr_put_u32(nlh, OVS_ACTION_ATTR_OUTPUT, 0);
	mnl_attr_nest_end(nlh, nest);
	err = talk(nlh, NULL, NULL);
	ok(!err, "flow.new", strerror(-err));
	ok(hears(&f_flow, OVS_FLOW_CMD_NEW), "flow.new_notified", "silence");

	nlh = begin_ovs(buf, &f_flow, NLM_F_ACK, OVS_FLOW_CMD_GET);
	put_key(nlh, OVS_FLOW_ATTR_KEY, port, false);
	err = talk(nlh, see_cb, &s);
	ok(!err && s.count == 1 && s.has_actions, "flow.get", strerror(-err));
	s = (struct seen){ 0 };
	nlh = begin_ovs(buf, &f_flow, NLM_F_DUMP, OVS_FLOW_CMD_GET);
	err = talk(nlh, see_cb, &s);
	ok(!err && s.count == 1 && s.has_actions, "flow.dump", strerror(-err));

	nlh = begin_ovs(buf, &f_flow, NLM_F_ACK, OVS_FLOW_CMD_DEL);
	put_key(nlh, OVS_FLOW_ATTR_KEY, port, false);
	err = talk(nlh, NULL, NULL);
	ok(!err, "flow.del", strerror(-err));
	ok(hears(&f_flow, OVS_FLOW_CMD_DEL), "flow.del_notified", "silence");
	s = (struct seen){ 0 };
	nlh = begin_ovs(buf, &f_flow, NLM_F_DUMP, OVS_FLOW_CMD_GET);
	err = talk(nlh, see_cb, &s);
	ok(!err && !s.count, "flow.dump_empty", strerror(-err));
}

/* ---- meters ---- */

struct meter_seen {
	int count;		  /* answers */
	uint16_t order[8], bands; /* attributes; bytes of the nest of bands */
	uint32_t n;
};

static int meter_cb(const struct nlmsghdr *nlh, void *data)
{
	struct meter_seen *s = data;
	struct nlattr *a;

	s->count++;
	mnl_attr_for_each (
		a, nlh, sizeof(struct genlmsghdr) + sizeof(struct ovs_header)) {
		if (s->n < 8)
			s->order[s->n++] = mnl_attr_get_type(a);
		if (mnl_attr_get_type(a) == OVS_METER_ATTR_BANDS)
			s->bands = mnl_attr_get_payload_len(a);
	}
	return MNL_CB_OK;
}

static bool in_order(const struct meter_seen *s, const uint16_t *types,
		     uint32_t n)
{
	return s->count == 1 && s->n == n &&
	       !memcmp(s->order, types, n * sizeof(*types));
}

static struct nlmsghdr *begin_meter(void *buf, uint8_t cmd, uint32_t id)
{
	struct nlmsghdr *nlh = begin_ovs(buf, &f_meter, NLM_F_ACK, cmd);

	mnl_attr_put_u32(nlh, OVS_METER_ATTR_ID, id);
	return nlh;
}

/* rate 0: no such attribute. */
static int meter_set(uint32_t id, int n_bands, uint32_t rate,
		     struct meter_seen *s)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh = begin_meter(buf, OVS_METER_CMD_SET, id);
	struct nlattr *bands, *band;

	*s = (struct meter_seen){ 0 };
	bands = mnl_attr_nest_start(nlh, OVS_METER_ATTR_BANDS);
	for (int i = 0; i < n_bands; i++) {
		band = mnl_attr_nest_start(nlh, OVS_BAND_ATTR_UNSPEC);
		mnl_attr_put_u32(nlh, OVS_BAND_ATTR_TYPE,
				 OVS_METER_BAND_TYPE_DROP);
		if (rate)
			mnl_attr_put_u32(nlh, OVS_BAND_ATTR_RATE, rate);
		mnl_attr_put_u32(nlh, OVS_BAND_ATTR_BURST, 1);
		mnl_attr_nest_end(nlh, band);
	}
	mnl_attr_nest_end(nlh, bands);
	return talk(nlh, meter_cb, s);
}

static int meter_do(uint8_t cmd, uint32_t id, struct meter_seen *s)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];

	*s = (struct meter_seen){ 0 };
	return talk(begin_meter(buf, cmd, id), meter_cb, s);
}

static void use_meters(void)
{
	static const uint16_t stats[] = { OVS_METER_ATTR_ID, OVS_METER_ATTR_ID,
					  OVS_METER_ATTR_STATS,
					  OVS_METER_ATTR_USED,
					  OVS_METER_ATTR_BANDS };
	static const uint16_t features[] = { OVS_METER_ATTR_MAX_METERS,
					     OVS_METER_ATTR_MAX_BANDS,
					     OVS_METER_ATTR_BANDS };
	struct meter_seen s;
	int err;

	err = meter_do(OVS_METER_CMD_FEATURES, 0, &s);
	ok(!err && in_order(&s, features, 3) && s.bands == 12, "meter.features",
	   strerror(-err));
	err = meter_set(7, 1, 10, &s);
	ok(!err && in_order(&s, stats, 1), "meter.set", strerror(-err));
	/* its id comes twice when there was one */
	err = meter_set(7, 1, 20, &s);
	ok(!err && in_order(&s, stats, 5) && s.bands == 24, "meter.replace",
	   strerror(-err));
	err = meter_do(OVS_METER_CMD_GET, 7, &s);
	ok(!err && in_order(&s, stats + 1, 4), "meter.get", strerror(-err));
	err = meter_set(8, 0, 0, &s);
	ok(!err, "meter.no_bands", strerror(-err));
	err = meter_do(OVS_METER_CMD_GET, 8, &s);
	ok(!err && in_order(&s, stats + 1, 4) && !s.bands, "meter.get_no_bands",
	   strerror(-err));
	err = meter_set(9, 2, 10, &s);
	ok(err == -EINVAL, "meter.two_bands", strerror(-err));
	err = meter_set(9, 1, 0, &s);
	ok(err == -EINVAL, "meter.no_rate", strerror(-err));
	err = meter_do(OVS_METER_CMD_GET, 9, &s);
	ok(err == -ENOENT, "meter.get_none", strerror(-err));
	err = meter_do(OVS_METER_CMD_DEL, 7, &s);
	ok(!err && in_order(&s, stats + 1, 4), "meter.del", strerror(-err));
	err = meter_do(OVS_METER_CMD_DEL, 7, &s);
	ok(!err && in_order(&s, stats, 0), "meter.del_again", strerror(-err));
}

static void take_away(const char *dev)
{
	char buf[MNL_SOCKET_BUFFER_SIZE];
	struct nlmsghdr *nlh;
	int err;

	nlh = begin_ovs(buf, &f_vport, NLM_F_ACK, OVS_VPORT_CMD_DEL);
	mnl_attr_put_strz(nlh, OVS_VPORT_ATTR_NAME, dev);
	err = talk(nlh, NULL, NULL);
	ok(!err, "vport.del", strerror(-err));
	ok(hears(&f_vport, OVS_VPORT_CMD_DEL), "vport.del_notified", "silence");
	nlh = begin_ovs(buf, &f_dp, NLM_F_ACK, OVS_DP_CMD_DEL);
	err = talk(nlh, NULL, NULL);
	ok(!err, "dp.del", strerror(-err));
	ok(hears(&f_dp, OVS_DP_CMD_DEL), "dp.del_notified", "silence");
}

static struct mnl_socket *open_socket(void)
{
	struct mnl_socket *s = mnl_socket_open(NETLINK_GENERIC);

	if (!s || mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) < 0) {
		perror("netlink socket");
		exit(2);
	}
	return s;
}

static bool join(const struct family *f)
{
	int group = (int)f->group;

	return !mnl_socket_setsockopt(ears, NETLINK_ADD_MEMBERSHIP, &group,
				      sizeof(group));
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "Usage: client_mnl DATAPATH DEVICE\n");
		return 2;
	}
	nl = open_socket();
	ears = open_socket();
	if (find_family("ovs_datapath", &f_dp) &&
	    find_family("ovs_vport", &f_vport) &&
	    find_family("ovs_flow", &f_flow) &&
	    find_family("ovs_meter", &f_meter) &&
	    ok(join(&f_dp) && join(&f_vport) && join(&f_flow) && join(&f_meter),
	       "groups", strerror(errno)) &&
	    make_datapath(argv[1])) {
		read_datapath(argv[1]);
		use_flow(make_port(argv[2]));
		use_meters();
		take_away(argv[2]);
	}
	mnl_socket_close(ears);
	mnl_socket_close(nl);
	printf("1..%d\n", n_tests);
	return failures ? 1 : 0;
}
