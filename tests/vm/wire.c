// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * wire.c - frames into the ports, frames and upcalls out of a datapath.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "norm.h"
#include "outer.h"
#include "ovsxdp/uapi.h"
#include "side.h"
#include "wire.h"

#define SETTLE_MS 3	 /* after everything expected is there */
#define LIMIT_MS  120000 /* never longer */

int side_patience_ms = 250;

int wire_open(const char *prefix, int i)
{
	struct sockaddr_ll sa = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1, big = 32 << 20;
	char name[IF_NAMESIZE];

	snprintf(name, sizeof(name), "%s%d", prefix, i);
	sa.sll_ifindex = (int)if_nametoindex(name);
	if (fd < 0 || !sa.sll_ifindex)
		err(1, "device %s", name);
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof(big));
	if (bind(fd, (void *)&sa, sizeof(sa)))
		err(1, "bind to %s", name);
	return fd;
}

void side_inject(struct side *s, const struct gen_packet *p)
{
	int fd = s->wire[p->in_port];

	while (send(fd, p->b, p->len, 0) < 0) {
		if (errno != ENOBUFS && errno != EAGAIN)
			err(1, "%s: port %u, %u bytes", s->name, p->in_port,
			    p->len);
		poll(NULL, 0, 1);
	}
}

/* ---- frames out ---- */

/* A tag that the kernel took out of the frame goes back in. */
static uint32_t retag(struct msghdr *m, uint8_t *b, uint32_t n)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct tpacket_auxdata aux;
	uint16_t tag[2] = { htons(ETH_P_8021Q) };

	if (!c || c->cmsg_type != PACKET_AUXDATA)
		return n;
	memcpy(&aux, CMSG_DATA(c), sizeof(aux));
	if (!(aux.tp_status & TP_STATUS_VLAN_VALID))
		return n;
	if (aux.tp_status & TP_STATUS_VLAN_TPID_VALID)
		tag[0] = htons(aux.tp_vlan_tpid);
	tag[1] = htons(aux.tp_vlan_tci);
	memmove(b + 16, b + 12, n - 12);
	memcpy(b + 12, tag, 4);
	return n + 4;
}

static bool is_marker(const struct side *s, const uint8_t *b, uint32_t n,
		      uint32_t *mine)
{
	static const uint8_t type[2] = { SIDE_MARKER_TYPE >> 8,
					 SIDE_MARKER_TYPE & 0xff };
	uint32_t mark;

	if (n < 18 || memcmp(b + 2, "\xff\xff\xff\xff", 4) ||
	    memcmp(b + 12, type, 2))
		return false;
	memcpy(&mark, b + 14, 4);
	*mine += mark == s->mark;
	return true;
}

/* Returns the number of frames read, markers among them. */
static uint32_t read_frames(struct side *s, int port, struct items *out,
			    uint32_t *markers)
{
	char control[256];
	uint32_t count = 0;

	for (;; count++) {
		uint8_t *b = items_start(out, 70000);
		struct iovec io = { b + 2, 69000 };
		struct msghdr m = { .msg_iov = &io,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(s->wire[port], &m, 0);
		uint32_t len;

		if (n < 0 && (errno == EAGAIN || errno == ENETDOWN))
			return count;
		if (n < 0)
			err(1, "%s: port %d", s->name, port);
		if (is_marker(s, b + 2, (uint32_t)n, markers) ||
		    (port == GEN_UNDER && !outer_norm(b + 2, (uint32_t)n)))
			continue;
		b[0] = ITEM_FRAME;
		b[1] = (uint8_t)port;
		len = retag(&m, b + 2, (uint32_t)n);
		/* With its tag in line it wouldn't pass the far end's
		 * kernel: which way it took can't matter. */
		if (len < 20 && len > (uint32_t)n) {
			s->bare[port]++;
			continue;
		}
		items_end(out, 2 + len);
	}
}

static uint32_t read_upcalls(struct side *s, struct items *out)
{
	static _Alignas(8) uint8_t b[1 << 17];
	uint32_t count = 0;

	for (;;) {
		ssize_t len = recv(s->up, b, sizeof(b), MSG_DONTWAIT);
		const struct nlmsghdr *h = (const void *)b;

		if (len < 0 && errno == EAGAIN)
			return count;
		if (len < 0)
			err(1, "%s: upcalls", s->name);
		for (; len > 0 && NLMSG_OK(h, (uint32_t)len);
		     h = NLMSG_NEXT(h, len)) {
			norm_upcall(out, h);
			count++;
		}
	}
}

static uint32_t read_all(struct side *s, struct items *out, uint32_t *markers)
{
	uint32_t n = read_upcalls(s, out);

	for (int i = GEN_UNDER; i <= GEN_PORTS; i++)
		if (s->wire[i] >= 0)
			n += read_frames(s, i, out, markers);
	return n;
}

/* ---- markers ---- */

static void marker(struct gen_packet *p, int port, uint32_t mark)
{
	*p = (struct gen_packet){ .in_port = (uint32_t)port, .len = 60 };
	memset(p->b, 0xff, 12);
	p->b[0] = p->b[6] = 0x02;
	p->b[12] = SIDE_MARKER_TYPE >> 8;
	p->b[13] = SIDE_MARKER_TYPE & 0xff;
	memcpy(p->b + 14, &mark, 4);
}

/* From port i to the next. */
static void marker_flow(struct nlb *n, int i)
{
	static const uint8_t ufid[16] = "marker of port";
	struct ovs_key_ethernet eth;
	struct gen_packet p;
	uint32_t nest;

	marker(&p, i, 0);
	memcpy(eth.eth_dst, p.b, 6);
	memcpy(eth.eth_src, p.b + 6, 6);
	nest = nlb_nest(n, OVS_FLOW_ATTR_KEY | NLA_F_NESTED);
	nlb_u32(n, OVS_KEY_ATTR_IN_PORT, (uint32_t)i);
	nlb_put(n, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
	nlb_u16(n, OVS_KEY_ATTR_ETHERTYPE, htons(SIDE_MARKER_TYPE));
	nlb_end(n, nest);
	nest = nlb_nest(n, OVS_FLOW_ATTR_ACTIONS | NLA_F_NESTED);
	nlb_u32(n, OVS_ACTION_ATTR_OUTPUT, (uint32_t)(i % GEN_PORTS) + 1);
	nlb_end(n, nest);
	nlb_put(n, OVS_FLOW_ATTR_UFID, ufid, sizeof(ufid));
	n->b[n->len - 1] = (uint8_t)i;
}

void side_marker_flows(struct side *s)
{
	for (int i = 1; i <= GEN_PORTS; i++) {
		struct nlb n = { 0 };

		marker_flow(&n, i);
		side_must(s, SIDE_FLOW, OVS_FLOW_CMD_NEW, NLM_F_CREATE, &n,
			  NULL, NULL);
	}
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
}

static void wait_any(struct side *s, int ms)
{
	struct pollfd p[GEN_PORTS + 2];

	for (int i = 0; i <= GEN_PORTS; i++)
		p[i] = (struct pollfd){ .fd = s->wire[i], .events = POLLIN };
	p[GEN_PORTS + 1] = (struct pollfd){ .fd = s->up, .events = POLLIN };
	poll(p, GEN_PORTS + 2, ms);
}

void side_collect(struct side *s, struct items *out, uint32_t expect)
{
	int64_t start = now_ms(), last = start, done = 0, now;
	struct gen_packet p;
	uint32_t markers = 0;

	s->mark++;
	for (int i = 1; i <= GEN_PORTS; i++) {
		marker(&p, i, s->mark);
		side_inject(s, &p);
	}
	for (;;) {
		bool some = read_all(s, out, &markers);

		now = now_ms();
		if (some)
			last = now;
		if (markers == GEN_PORTS && out->n >= expect && !done)
			done = now;
		if ((done && now - done >= SETTLE_MS && !some) ||
		    now - last > side_patience_ms || now - start > LIMIT_MS)
			break;
		wait_any(s, done ? SETTLE_MS : 50);
	}
	if (markers != GEN_PORTS)
		items_text(out, ITEM_COUNTER, "%u of %u markers arrived",
			   markers, GEN_PORTS);
}
