// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * underlay_sock.c - see underlay_sock.h. What a socket gets goes on as a packet
 * that the skb tier had for user space: it is looked up and sent from here.
 */
#include "control/port/underlay_sock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "bpf/host.h"
#include "control/base/loop.h"
#include "control/packet/packet.h"
#include "control/port/tunnel.h"
#include "ovsxdp/log.h"
#include "ovsxdp/uapi.h"
#include "ovsxdp/cleanup.h"

#define BUDGET	  32	/* packets of a socket a turn */
#define OUTER_MAX 65535 /* UDP's payload is shorter */
#define FRONT	  (sizeof(struct ox_ring_rec) + sizeof(struct ox_tun))
#define RCVBUF	  (1 << 20)
#define NO_CHECK6 102 /* UDP_NO_CHECK6_RX */

struct sock {
	struct sock *next;
	struct ox_underlay_socks *all;
	struct ox_datapath *dp;
	uint32_t port_no;
	uint16_t kind;
	__be16 port; /* 0: the kind has no UDP, and the socket is a raw one */
	sa_family_t family;
	int fd;
	bool keep;
	bool failed; /* it was logged */
	struct ox_watch *watch;
};

struct ox_underlay_socks {
	struct ox_loop *loop;
	struct sock *first;
	/* a packet under way: a record, then the inner frame */
	uint8_t bytes[FRONT + OUTER_MAX + 64] __attribute__((aligned(8)));
	uint8_t outer[OUTER_MAX + 1];
};

/* ---- in ---- */

/* What a datagram's headers were. */
struct from {
	struct sockaddr_in6 peer; /* or sockaddr_in */
	__be32 dst[4];
	uint8_t tos, ttl;
};

static void from_cmsg(const struct cmsghdr *c, struct from *f)
{
	const void *data = CMSG_DATA(c);
	int v = 0;

	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
		f->dst[0] = ((const struct in_pktinfo *)data)->ipi_addr.s_addr;
	else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
		memcpy(f->dst, &((const struct in6_pktinfo *)data)->ipi6_addr,
		       16);
	else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
		f->tos = *(const uint8_t *)data;
	else if (c->cmsg_len >= CMSG_LEN(sizeof(v)))
		memcpy(&v, data, sizeof(v));
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL)
		f->ttl = (uint8_t)v;
	else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS)
		f->tos = (uint8_t)v;
	else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_HOPLIMIT)
		f->ttl = (uint8_t)v;
}

static ssize_t sock_recv(struct sock *s, struct from *f)
{
	union {
		char buf[256];
		struct cmsghdr align;
	} control;
	struct iovec iov = { s->all->outer, OUTER_MAX };
	struct msghdr msg = {
		.msg_name = &f->peer,
		.msg_namelen = sizeof(f->peer),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	ssize_t n;

	memset(f, 0, sizeof(*f));
	n = recvmsg(s->fd, &msg, MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
	     c = CMSG_NXTHDR(&msg, c))
		from_cmsg(c, f);
	return n;
}

/* The record of a packet that nobody has looked up yet. */
static void rec_begin(struct ox_ring_rec *r, uint32_t port_no)
{
	memset(r, 0, FRONT);
	r->md.magic = OX_MD_MAGIC;
	r->md.port_no = (uint16_t)port_no;
	r->md.reason = OX_UP_FLOW;
	r->md.flow = OX_NONE;
	r->md.acts = OX_NONE;
	r->end = OX_NONE;
	r->cutlen = OX_NONE;
	r->tun_out = OX_NONE;
	r->tun_len = sizeof(struct ox_tun);
}

static void rec_dropped(struct sock *s, enum ox_reason why)
{
	s->dp->mem->uports[s->port_no].host.rx_errors++;
	s->dp->mem->config->host.reason[why]++;
}

/* The IP header that a raw socket of IPv4 gives; len is what there is. */
static uint32_t ip_header(const struct sock *s, uint32_t len)
{
	uint32_t n = (s->all->outer[0] & 0xf) * 4u;

	return s->port || s->family != AF_INET ? 0 : n < len ? n : len;
}

/* As tun_in_kind(); the kernel's stack has looked at the headers before. */
static void sock_packet(struct sock *s, const struct from *f, uint32_t len)
{
	const uint8_t *outer = s->all->outer + ip_header(s, len);
	const struct sockaddr_in *peer4 = (const void *)&f->peer;
	struct ox_ring_rec *r = (void *)s->all->bytes;
	struct ox_tun *t = (void *)r->frame;
	uint8_t *frame = r->frame + sizeof(*t);
	struct ox_host_tun_in in = {
		.family = s->family,
		.port = s->port,
		.tos = f->tos,
		.ttl = f->ttl,
		.kind = s->kind,
		.exts = s->dp->mem->ports[s->port_no].tun_exts,
	};
	int head;

	if (s->port)
		in.sport = s->family == AF_INET ? peer4->sin_port
						: f->peer.sin6_port;
	len -= ip_header(s, len);
	rec_begin(r, s->port_no);
	if (s->family == AF_INET)
		in.src[0] = peer4->sin_addr.s_addr;
	else
		memcpy(in.src, &f->peer.sin6_addr, 16);
	memcpy(in.dst, f->dst, sizeof(in.dst));
	head = ox_host_tun_in(outer, len, &in, &r->key.w[OX_W_TUN], t);
	if (head == -ENOENT)
		return; /* a raw socket gets all of its protocol */
	if (head < 0) {
		rec_dropped(s, OX_R_BAD_OUTER);
		return;
	}
	len -= (uint32_t)head;
	memcpy(frame, outer + head, len);
	r->len = len;
	ox_packet_arrived(s->dp, r);
}

static void on_sock(void *arg, uint32_t events)
{
	struct sock *s = arg;
	struct from f;

	(void)events;
	for (int i = 0; i < BUDGET; i++) {
		ssize_t n = sock_recv(s, &f);

		if (n < 0)
			break;
		sock_packet(s, &f, (uint32_t)n);
	}
	ox_packet_flush(s->dp->packets);
}

/* ---- which there are ---- */

static int opt_on(int fd, int level, int name)
{
	int one = 1;

	return setsockopt(fd, level, name, &one, sizeof(one));
}

static void sock_options(const struct sock *s, int fd)
{
	int size = RCVBUF;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (s->family == AF_INET) {
		opt_on(fd, IPPROTO_IP, IP_PKTINFO);
		opt_on(fd, IPPROTO_IP, IP_RECVTOS);
		opt_on(fd, IPPROTO_IP, IP_RECVTTL);
		return;
	}
	opt_on(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	opt_on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
	opt_on(fd, IPPROTO_IPV6, IPV6_RECVTCLASS);
	opt_on(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT);
	/* a tunnel's packets may have no checksum: IFLA_*_UDP_ZERO_CSUM6_RX */
	if (s->port)
		opt_on(fd, IPPROTO_UDP, NO_CHECK6);
}

static int sock_open(struct sock *s)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
				   .sin6_port = s->port };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = s->port };
	int type = s->port ? SOCK_DGRAM : SOCK_RAW;
	_cleanup_fd_ int fd = socket(s->family, type | SOCK_CLOEXEC,
				     ox_tunnel_proto(s->kind));
	int err;

	if (fd < 0)
		return -errno;
	sock_options(s, fd);
	/* no port is to be had; a raw socket gets what comes anyway */
	if (!s->port)
		err = 0;
	else if (s->family == AF_INET)
		err = bind(fd, (struct sockaddr *)&a4, sizeof(a4));
	else
		err = bind(fd, (struct sockaddr *)&a6, sizeof(a6));
	if (err)
		return -errno;
	err = ox_loop_add(s->all->loop, fd, EPOLLIN, on_sock, s, &s->watch);
	if (!err) {
		s->fd = fd;
		fd = -1;
	}
	return err;
}

static void sock_free(struct sock *s)
{
	ox_loop_del(s->watch);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static struct sock *sock_find(struct ox_underlay_socks *all,
			      const struct ox_datapath *dp, uint32_t port_no,
			      sa_family_t family)
{
	const struct ox_port *p = &dp->mem->ports[port_no];

	for (struct sock *s = all->first; s; s = s->next)
		if (s->dp == dp && s->port_no == port_no &&
		    s->family == family && s->port == p->tun_port &&
		    s->kind == p->tun_kind)
			return s;
	return NULL;
}

/* A kernel without IPv6 has no such packets either. */
static void sock_want(struct ox_underlay_socks *all, struct ox_datapath *dp,
		      uint32_t port_no, sa_family_t family)
{
	struct sock *s = sock_find(all, dp, port_no, family);
	int err;

	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			return;
		*s = (struct sock){ all->first,
				    all,
				    dp,
				    port_no,
				    dp->mem->ports[port_no].tun_kind,
				    dp->mem->ports[port_no].tun_port,
				    family,
				    -1,
				    false,
				    false,
				    NULL };
		all->first = s;
	}
	s->keep = true;
	if (s->fd >= 0)
		return;
	err = sock_open(s);
	if (err && err != -EAFNOSUPPORT && !s->failed)
		ox_log_warn("%s: port %s: no socket of its %s %u, so "
			    "fragments of the tunnel are lost: %s",
			    dp->name, dp->mem->uports[port_no].name,
			    s->port ? "UDP port" : "protocol",
			    s->port ? ntohs(s->port) : ox_tunnel_proto(s->kind),
			    strerror(-err));
	s->failed = err;
}

void ox_underlay_socks_set(struct ox_underlay_socks *all,
			   struct ox_datapath *dp)
{
	for (uint32_t no = 0; no < dp->mem->config->max_ports; no++) {
		if (!ox_vport_exists(dp, no) ||
		    !(dp->mem->ports[no].flags & OX_PORT_NATIVE))
			continue;
		if (dp->mem->ports[no].tun_kind != OVS_VPORT_TYPE_IP6GRE)
			sock_want(all, dp, no, AF_INET);
		if (dp->mem->ports[no].tun_kind != OVS_VPORT_TYPE_GRE)
			sock_want(all, dp, no, AF_INET6);
	}
	for (struct sock **at = &all->first; *at;) {
		struct sock *s = *at;

		if (s->dp != dp || s->keep) {
			s->keep = false;
			at = &s->next;
			continue;
		}
		*at = s->next;
		sock_free(s);
	}
}

int ox_underlay_socks_open(struct ox_loop *loop, struct ox_underlay_socks **out)
{
	struct ox_underlay_socks *all = calloc(1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	all->loop = loop;
	*out = all;
	return 0;
}

void ox_underlay_socks_close(struct ox_underlay_socks *all)
{
	while (all && all->first) {
		struct sock *s = all->first;

		all->first = s->next;
		sock_free(s);
	}
	free(all);
}
