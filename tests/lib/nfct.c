// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* nfct.c - nf_conntrack as an oracle; see nfct.h. */
#include "tests/lib/nfct.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sys/socket.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "ovsxdp/cleanup.h"
#include "tests/lib/netns.h"

#define IN_MAC	  "\x02\x00\x00\x00\x00\x01"
#define WAIT_MS	  5000 /* for a packet that must come out */
#define FRAME_MAX 2048

struct ox_nfct {
	int in;	 /* packet socket that sends to the router */
	int out; /* where it sends to */
	struct mnl_socket *nl;
	uint32_t seq;
	uint16_t id;
};

static const char *const setup[] = {
	"ip link add v0 address 02:00:00:00:00:01 type veth peer name v1",
	"ip link add d0 address 02:00:00:00:00:02 type veth peer name d1",
	"ip link set v0 up",
	"ip link set v1 up",
	"ip link set d0 up",
	"ip link set d1 up",
	"ip addr add 192.168.255.1/24 dev v0",
	"ip addr add 192.168.254.1/24 dev d0",
	"ip neigh add 192.168.254.2 lladdr 02:00:00:00:00:09 dev d0 nud permanent",
	"ip route add 10.0.0.0/8 via 192.168.254.2",
	"sysctl -qw net.ipv4.ip_forward=1",
	"sysctl -qw net.ipv4.conf.all.rp_filter=0",
	"sysctl -qw net.ipv4.conf.v0.rp_filter=0",
	"sysctl -qw net.ipv4.conf.all.send_redirects=0",
};

/* The DSCP that a packet leaves with is enum ox_nfct_state. */
static const char rules[] =
	"table ip t {\n"
	" chain raw { type filter hook prerouting priority -300;\n"
	"  ct zone set 5\n"
	" }\n"
	" chain out { type filter hook forward priority 0;\n"
	"  ct state invalid ip dscp set 4 accept\n"
	"  ct state untracked ip dscp set 5 accept\n"
	"  ct state new ct direction original ip dscp set 1 accept\n"
	"  ct state new ct direction reply ip dscp set 9 accept\n"
	"  ct state established ct direction original ip dscp set 2 accept\n"
	"  ct state established ct direction reply ip dscp set 10 accept\n"
	"  ct state related ct direction original ip dscp set 3 accept\n"
	"  ct state related ct direction reply ip dscp set 11 accept\n"
	" }\n"
	"}\n";

static int add_rules(void)
{
	FILE *f = popen("nft -f - 2>/dev/null", "w");

	if (!f)
		return -errno;
	fputs(rules, f);
	return pclose(f) ? -ENOSYS : 0;
}

int ox_nfct_set(const char *name, uint32_t value)
{
	_cleanup_fd_ int fd = -1;
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/netfilter/nf_conntrack_%s",
		 name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%u", value) < 0)
		return -errno;
	return 0;
}

static const char *make_router(void)
{
	int err = ox_test_netns();

	if (err)
		return err == -EPERM ? "needs root" : "no network namespace";
	for (size_t i = 0; i < sizeof(setup) / sizeof(*setup); i++)
		if (ox_test_run(setup[i]))
			return setup[i];
	if (add_rules())
		return "nft can't add rules about ct";
	/* what is compared are states, not checksums */
	return ox_nfct_set("checksum", 0) ? "no nf_conntrack" : NULL;
}

/* A packet socket that gets IPv4 of a device. */
static int listen_on(const char *ifname)
{
	struct sockaddr_ll a = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = if_nametoindex(ifname),
	};
	_cleanup_fd_ int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)))
		return -errno;
	return take_fd(fd);
}

struct ox_nfct *ox_nfct_open(const char **why)
{
	struct ox_nfct *n;

	*why = make_router();
	if (*why)
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->in = ox_test_packet_socket("v1");
	n->out = listen_on("d1");
	n->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (n->in < 0 || n->out < 0 || !n->nl ||
	    mnl_socket_bind(n->nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		*why = "no sockets";
		ox_nfct_close(n);
		return NULL;
	}
	return n;
}

void ox_nfct_close(struct ox_nfct *n)
{
	if (!n)
		return;
	if (n->in >= 0)
		close(n->in);
	if (n->out >= 0)
		close(n->out);
	if (n->nl)
		mnl_socket_close(n->nl);
	free(n);
}

/* ---- packets ---- */

static void ip_checksum(uint8_t *ip)
{
	uint32_t sum = 0;

	ip[10] = 0;
	ip[11] = 0;
	for (int i = 0; i < (ip[0] & 0xf) * 4; i += 2)
		sum += ip[i] << 8 | ip[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	ip[10] = ~sum >> 8;
	ip[11] = ~sum;
}

/* The DSCP of the packet with this id, once it is out. */
static int await(int fd, uint16_t id)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t buf[FRAME_MAX];
	ssize_t len;

	for (;;) {
		len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN) {
			if (poll(&p, 1, WAIT_MS) <= 0)
				return OX_NFCT_LOST;
			continue;
		}
		if (len < 34)
			continue;
		if (buf[12] == 8 && !buf[13] && buf[18] == id >> 8 &&
		    buf[19] == (id & 0xff))
			return buf[15] >> 2;
	}
}

int ox_nfct_send(struct ox_nfct *n, uint8_t *ip, uint32_t len)
{
	uint8_t frame[FRAME_MAX] = IN_MAC "\x02\x00\x00\x00\x00\x03\x08\x00";

	if (len > sizeof(frame) - 14)
		return -EMSGSIZE;
	n->id++;
	ip[1] = 0;
	ip[4] = n->id >> 8;
	ip[5] = n->id;
	ip_checksum(ip);
	memcpy(frame + 14, ip, len);
	if (send(n->in, frame, 14 + len, 0) < 0)
		return -errno;
	return await(n->out, n->id);
}

/* ---- ctnetlink ---- */

static void put_tuple(struct nlmsghdr *h, const struct ox_ct_tuple *t)
{
	struct nlattr *tuple = mnl_attr_nest_start(h, CTA_TUPLE_ORIG);
	struct nlattr *nest = mnl_attr_nest_start(h, CTA_TUPLE_IP);
	int icmp = t->proto == IPPROTO_ICMP;
	int asker = !!(t->l3 & OX_CT_L3_ASKER);
	const __be64 *src = icmp && asker ? t->b : t->a;
	const __be64 *dst = icmp && asker ? t->a : t->b;

	mnl_attr_put_u32(h, CTA_IP_V4_SRC, src[0]);
	mnl_attr_put_u32(h, CTA_IP_V4_DST, dst[0]);
	mnl_attr_nest_end(h, nest);
	nest = mnl_attr_nest_start(h, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(h, CTA_PROTO_NUM, t->proto);
	if (icmp) {
		mnl_attr_put_u16(h, CTA_PROTO_ICMP_ID, t->pa);
		mnl_attr_put_u8(h, CTA_PROTO_ICMP_TYPE, t->pb >> 8);
		mnl_attr_put_u8(h, CTA_PROTO_ICMP_CODE, t->pb);
	} else {
		mnl_attr_put_u16(h, CTA_PROTO_SRC_PORT, t->pa);
		mnl_attr_put_u16(h, CTA_PROTO_DST_PORT, t->pb);
	}
	mnl_attr_nest_end(h, nest);
	mnl_attr_nest_end(h, tuple);
}

static struct nlmsghdr *put_request(struct ox_nfct *n, char *buf, uint16_t type,
				    uint16_t flags, const struct ox_ct_tuple *t)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nf;

	h->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	h->nlmsg_seq = ++n->seq;
	nf = mnl_nlmsg_put_extra_header(h, sizeof(*nf));
	nf->nfgen_family = AF_INET;
	nf->version = NFNETLINK_V0;
	put_tuple(h, t);
	mnl_attr_put_u16(h, CTA_ZONE, htons(OX_NFCT_ZONE));
	return h;
}

static uint8_t nest_u8(const struct nlattr *a, uint8_t none)
{
	return a ? mnl_attr_get_u8(a) : none;
}

static int collect(const struct nlattr *a, void *arg)
{
	const struct nlattr **tb = arg;

	if (mnl_attr_get_type(a) < 32)
		tb[mnl_attr_get_type(a)] = a;
	return MNL_CB_OK;
}

static void read_proto(const struct nlattr *a, struct ox_nfct_entry *e)
{
	const struct nlattr *info[32] = { 0 }, *tb[32] = { 0 };

	mnl_attr_parse_nested(a, collect, info);
	if (info[CTA_PROTOINFO_TCP]) {
		mnl_attr_parse_nested(info[CTA_PROTOINFO_TCP], collect, tb);
		e->proto_state = nest_u8(tb[CTA_PROTOINFO_TCP_STATE], 0);
		e->tcp_scale[0] =
			nest_u8(tb[CTA_PROTOINFO_TCP_WSCALE_ORIGINAL], 0);
		e->tcp_scale[1] =
			nest_u8(tb[CTA_PROTOINFO_TCP_WSCALE_REPLY], 0);
		/* struct nf_ct_tcp_flags: flags come first */
		e->tcp_flags[0] =
			nest_u8(tb[CTA_PROTOINFO_TCP_FLAGS_ORIGINAL], 0);
		e->tcp_flags[1] = nest_u8(tb[CTA_PROTOINFO_TCP_FLAGS_REPLY], 0);
	} else if (info[CTA_PROTOINFO_DCCP]) {
		mnl_attr_parse_nested(info[CTA_PROTOINFO_DCCP], collect, tb);
		e->proto_state = nest_u8(tb[CTA_PROTOINFO_DCCP_STATE], 0);
	} else if (info[CTA_PROTOINFO_SCTP]) {
		mnl_attr_parse_nested(info[CTA_PROTOINFO_SCTP], collect, tb);
		e->proto_state = nest_u8(tb[CTA_PROTOINFO_SCTP_STATE], 0);
		if (tb[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL])
			e->sctp_vtag[0] = mnl_attr_get_u32(
				tb[CTA_PROTOINFO_SCTP_VTAG_ORIGINAL]);
		if (tb[CTA_PROTOINFO_SCTP_VTAG_REPLY])
			e->sctp_vtag[1] = mnl_attr_get_u32(
				tb[CTA_PROTOINFO_SCTP_VTAG_REPLY]);
	}
}

/* Did the tuple's end b begin? Told by address, then by port. */
static uint8_t read_from_b(const struct nlattr *a, const struct ox_ct_tuple *t)
{
	const struct nlattr *tuple[32] = { 0 }, *ip[32] = { 0 },
			    *proto[32] = { 0 };

	mnl_attr_parse_nested(a, collect, tuple);
	mnl_attr_parse_nested(tuple[CTA_TUPLE_IP], collect, ip);
	mnl_attr_parse_nested(tuple[CTA_TUPLE_PROTO], collect, proto);
	if (t->a[0] != t->b[0])
		return mnl_attr_get_u32(ip[CTA_IP_V4_SRC]) == (uint32_t)t->b[0];
	return proto[CTA_PROTO_SRC_PORT] &&
	       mnl_attr_get_u16(proto[CTA_PROTO_SRC_PORT]) != t->pa;
}

static void read_entry(const struct nlmsghdr *h, const struct ox_ct_tuple *t,
		       struct ox_nfct_entry *e)
{
	const struct nlattr *tb[32] = { 0 };

	memset(e, 0, sizeof(*e));
	mnl_attr_parse(h, sizeof(struct nfgenmsg), collect, tb);
	e->id = tb[CTA_ID] ? ntohl(mnl_attr_get_u32(tb[CTA_ID])) : 0;
	if (tb[CTA_STATUS])
		e->status = ntohl(mnl_attr_get_u32(tb[CTA_STATUS]));
	if (tb[CTA_TIMEOUT])
		e->timeout = ntohl(mnl_attr_get_u32(tb[CTA_TIMEOUT]));
	if (tb[CTA_PROTOINFO])
		read_proto(tb[CTA_PROTOINFO], e);
	e->from_b = read_from_b(tb[CTA_TUPLE_ORIG], t);
}

/* The answer to a request: 0 or -errno, and the entry if there is one. */
static int transact(struct ox_nfct *n, struct nlmsghdr *h,
		    const struct ox_ct_tuple *t, struct ox_nfct_entry *e)
{
	uint32_t seq = h->nlmsg_seq;
	char buf[4096];
	ssize_t len;

	if (mnl_socket_sendto(n->nl, h, h->nlmsg_len) < 0)
		return -errno;
	do {
		len = mnl_socket_recvfrom(n->nl, buf, sizeof(buf));
		if (len < 0)
			return -errno;
		h = (struct nlmsghdr *)buf;
	} while (h->nlmsg_seq != seq);
	if (h->nlmsg_type == NLMSG_ERROR)
		return ((struct nlmsgerr *)mnl_nlmsg_get_payload(h))->error;
	if (e)
		read_entry(h, t, e);
	return 0;
}

int ox_nfct_get(struct ox_nfct *n, const struct ox_ct_tuple *t,
		struct ox_nfct_entry *e)
{
	char buf[512];

	return transact(n, put_request(n, buf, IPCTNL_MSG_CT_GET, 0, t), t, e);
}

int ox_nfct_del(struct ox_nfct *n, const struct ox_ct_tuple *t)
{
	char buf[512];

	return transact(n,
			put_request(n, buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, t),
			t, NULL);
}
