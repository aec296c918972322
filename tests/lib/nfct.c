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
#define FRAME_MAX OX_NFCT_FRAME

struct ox_nfct {
	int in;	 /* packet socket that sends to the router */
	int out; /* where it sends to */
	struct mnl_socket *nl;
	uint32_t seq;
	uint16_t id;
	uint8_t last[FRAME_MAX]; /* what came out */
	uint32_t last_len;
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
	"sysctl -qw net.ipv6.conf.v0.disable_ipv6=0",
	"sysctl -qw net.ipv6.conf.d0.disable_ipv6=0",
	"ip addr add 2001:db8:254::1/64 dev d0 nodad",
	("ip neigh add 2001:db8:254::2 lladdr 02:00:00:00:00:09 dev d0 "
	 "nud permanent"),
	"ip route add fd00::/8 via 2001:db8:254::2",
	"sysctl -qw net.ipv6.conf.all.forwarding=1",
	"sysctl -qw net.ipv4.ip_forward=1",
	"sysctl -qw net.ipv4.conf.all.rp_filter=0",
	"sysctl -qw net.ipv4.conf.v0.rp_filter=0",
	"sysctl -qw net.ipv4.conf.all.send_redirects=0",
};

/* The DSCP that a packet leaves with is enum ox_nfct_state. */
#define RULES(ip)                                                             \
	"table " ip " t {\n"                                                  \
	" chain raw { type filter hook prerouting priority -300;\n"           \
	"  ct zone set 5\n"                                                   \
	" }\n"                                                                \
	" chain out { type filter hook forward priority 0;\n"                 \
	"  ct state invalid " ip " dscp set 4 accept\n"                       \
	"  ct state untracked " ip " dscp set 5 accept\n"                     \
	"  ct state new ct direction original " ip " dscp set 1 accept\n"     \
	"  ct state new ct direction reply " ip " dscp set 9 accept\n"        \
	"  ct state established ct direction original " ip                    \
	" dscp set 2 accept\n"                                                \
	"  ct state established ct direction reply " ip                       \
	" dscp set 10 accept\n"                                               \
	"  ct state related ct direction original " ip " dscp set 3 accept\n" \
	"  ct state related ct direction reply " ip " dscp set 11 accept\n"   \
	" }\n"                                                                \
	"}\n"

static FILE *nft_open(void)
{
	return popen("nft -f - 2>/dev/null", "w");
}

static int nft_close(FILE *f)
{
	return pclose(f) ? -ENOSYS : 0;
}

static int add_rules(void)
{
	FILE *f = nft_open();

	if (!f)
		return -errno;
	fputs(RULES("ip") RULES("ip6"), f);
	return nft_close(f);
}

int ox_nfct_nat(const char *pre, const char *post)
{
	FILE *f = nft_open();

	if (!f)
		return -errno;
	fprintf(f,
		"table inet n\ndelete table inet n\n"
		"table inet n {\n"
		" chain pre { type nat hook prerouting priority -100;\n%s }\n"
		" chain post { type nat hook postrouting priority 100;\n%s }\n"
		"}\n",
		pre, post);
	return nft_close(f);
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

/* A packet socket that gets all of a device. */
static int listen_on(const char *ifname)
{
	struct sockaddr_ll a = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
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

/* Is it a packet with this id, which v6 has in its flow label? */
static int is_ours(const uint8_t *b, ssize_t len, uint16_t id)
{
	const uint8_t *at = b + 14;

	if (len < 34)
		return 0;
	if (b[12] == 8 && !b[13])
		at += 4;
	else if (b[12] == 0x86 && b[13] == 0xdd)
		at += 2;
	else
		return 0;
	return at[0] == id >> 8 && at[1] == (id & 0xff);
}

/* The DSCP of the packet with this id, once it is out. */
static int await(struct ox_nfct *n, uint16_t id, int wait_ms)
{
	struct pollfd p = { .fd = n->out, .events = POLLIN };
	const uint8_t *b = n->last;
	ssize_t len;

	for (;;) {
		len = recv(n->out, n->last, sizeof(n->last), MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN) {
			if (poll(&p, 1, wait_ms) <= 0)
				return OX_NFCT_LOST;
			continue;
		}
		if (!is_ours(b, len, id))
			continue;
		n->last_len = len;
		return b[12] == 8 ? b[15] >> 2
				  : (b[14] << 2 | b[15] >> 6) & 0x3f;
	}
}

int ox_nfct_send_wait(struct ox_nfct *n, uint8_t *ip, uint32_t len, int wait_ms)
{
	uint8_t frame[FRAME_MAX] = IN_MAC "\x02\x00\x00\x00\x00\x03\x08\x00";
	int v6 = ip[0] >> 4 == 6;

	if (len > sizeof(frame) - 14)
		return -EMSGSIZE;
	n->id++;
	if (v6) {
		frame[12] = 0x86;
		frame[13] = 0xdd;
		ip[0] = 0x60;
		ip[1] = 0;
	} else {
		ip[1] = 0;
	}
	ip[v6 ? 2 : 4] = n->id >> 8;
	ip[v6 ? 3 : 5] = n->id;
	if (!v6)
		ip_checksum(ip);
	memcpy(frame + 14, ip, len);
	n->last_len = 0;
	if (send(n->in, frame, 14 + len, 0) < 0)
		return -errno;
	return await(n, n->id, wait_ms ? wait_ms : WAIT_MS);
}

int ox_nfct_send(struct ox_nfct *n, uint8_t *ip, uint32_t len)
{
	return ox_nfct_send_wait(n, ip, len, 0);
}

const uint8_t *ox_nfct_out(const struct ox_nfct *n, uint32_t *len)
{
	*len = n->last_len ? n->last_len - 14 : 0;
	return n->last + 14;
}

/* ---- ctnetlink ---- */

static void put_tuple(struct nlmsghdr *h, const struct ox_ct_tuple *t)
{
	struct nlattr *tuple = mnl_attr_nest_start(h, CTA_TUPLE_ORIG);
	struct nlattr *nest = mnl_attr_nest_start(h, CTA_TUPLE_IP);
	int icmp = t->proto == IPPROTO_ICMP || t->proto == IPPROTO_ICMPV6;
	int v6 = !!(t->l3 & OX_CT_L3_IPV6);
	int asker = !!(t->l3 & OX_CT_L3_ASKER);
	const __be64 *src = icmp && asker ? t->b : t->a;
	const __be64 *dst = icmp && asker ? t->a : t->b;

	mnl_attr_put(h, v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, v6 ? 16 : 4, src);
	mnl_attr_put(h, v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, v6 ? 16 : 4, dst);
	mnl_attr_nest_end(h, nest);
	nest = mnl_attr_nest_start(h, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(h, CTA_PROTO_NUM, t->proto);
	if (icmp) {
		mnl_attr_put_u16(
			h, v6 ? CTA_PROTO_ICMPV6_ID : CTA_PROTO_ICMP_ID, t->pa);
		mnl_attr_put_u8(
			h, v6 ? CTA_PROTO_ICMPV6_TYPE : CTA_PROTO_ICMP_TYPE,
			t->pb >> 8);
		mnl_attr_put_u8(
			h, v6 ? CTA_PROTO_ICMPV6_CODE : CTA_PROTO_ICMP_CODE,
			t->pb);
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
	nf->nfgen_family = t && t->l3 & OX_CT_L3_IPV6 ? AF_INET6 : AF_INET;
	nf->version = NFNETLINK_V0;
	if (!t)
		return h;
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

static void read_addr(const struct nlattr *v4, const struct nlattr *v6,
		      uint8_t *to)
{
	if (v4)
		memcpy(to, mnl_attr_get_payload(v4), 4);
	else if (v6)
		memcpy(to, mnl_attr_get_payload(v6), 16);
}

static void read_ends(const struct nlattr *a, struct ox_nfct_ends *e)
{
	const struct nlattr *tuple[32] = { 0 }, *ip[32] = { 0 },
			    *proto[32] = { 0 };
	const struct nlattr *sport;

	mnl_attr_parse_nested(a, collect, tuple);
	mnl_attr_parse_nested(tuple[CTA_TUPLE_IP], collect, ip);
	mnl_attr_parse_nested(tuple[CTA_TUPLE_PROTO], collect, proto);
	read_addr(ip[CTA_IP_V4_SRC], ip[CTA_IP_V6_SRC], e->src);
	read_addr(ip[CTA_IP_V4_DST], ip[CTA_IP_V6_DST], e->dst);
	sport = proto[CTA_PROTO_SRC_PORT];
	if (proto[CTA_PROTO_ICMP_ID])
		sport = proto[CTA_PROTO_ICMP_ID];
	else if (proto[CTA_PROTO_ICMPV6_ID])
		sport = proto[CTA_PROTO_ICMPV6_ID];
	if (sport)
		e->sport = mnl_attr_get_u16(sport);
	if (proto[CTA_PROTO_DST_PORT])
		e->dport = mnl_attr_get_u16(proto[CTA_PROTO_DST_PORT]);
}

/* Did the tuple's end b begin? Told by address, then by port. */
static uint8_t is_from_b(const struct ox_nfct_ends *e,
			 const struct ox_ct_tuple *t)
{
	if (t->a[0] != t->b[0] || t->a[1] != t->b[1])
		return !memcmp(e->src, t->b, 16);
	return e->sport != t->pa;
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
	read_ends(tb[CTA_TUPLE_ORIG], &e->orig);
	read_ends(tb[CTA_TUPLE_REPLY], &e->reply);
	e->from_b = is_from_b(&e->orig, t);
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

int ox_nfct_flush(struct ox_nfct *n)
{
	char buf[512];

	return transact(
		n, put_request(n, buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK, NULL),
		NULL, NULL);
}
