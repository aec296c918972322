// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * output.c - a packet socket without a protocol (it receives nothing) whose
 * frames go through the device's own queue, as the module's do. They leave
 * towards the wire or the veth peer; the port's XDP program, which sits on
 * the receiving side, doesn't see them.
 */
#include "control/packet/output.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "control/packet/drop.h"
#include "control/packet/inject.h"
#include "ovsxdp/cleanup.h"

#define BATCH	64	     /* frames a sendmmsg() */
#define ARENA	(256 * 1024) /* room for their copies; over one frame */
#define SNDBUF	(8 * 1024 * 1024)
#define VLAN_HL 4

struct slot {
	struct ox_mem *mem;
	uint32_t port_no;
	uint32_t len; /* of the packet */
	struct iovec iov;
	struct sockaddr_ll to;
	bool tunnel; /* it is given to one: it has this slot's place */
	__be16 eth_type;
	uint32_t in_port;
	struct ox_datapath *dp; /* as of ox_output_pkt */
	uint8_t mark[CMSG_SPACE(sizeof(uint32_t))];
};
_Static_assert(BATCH <= OX_INJECTS, "a place for each frame of a batch");

struct ox_output {
	int fd;
	uint32_t n;	   /* frames queued */
	uint32_t used;	   /* bytes of the arena */
	uint32_t priority; /* the socket's, and so that of what is queued */
	uint32_t mark;
	struct slot slots[BATCH];
	struct mmsghdr msgs[BATCH];
	uint8_t arena[ARENA];
};

int ox_output_open(struct ox_output **out, struct ox_err *e)
{
	_cleanup_free_ struct ox_output *s = calloc(1, sizeof(*s));
	int size = SNDBUF, err;

	if (!s)
		return -ENOMEM;
	s->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (s->fd < 0) {
		err = -errno;
		return ox_err_set(e, err,
				  "can't open a packet socket: %s; it takes "
				  "CAP_NET_RAW",
				  strerror(-err));
	}
	/* a bonus: without the privilege the default has to do */
	setsockopt(s->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	*out = take_ptr(s);
	return 0;
}

void ox_output_close(struct ox_output *s)
{
	if (!s)
		return;
	ox_output_flush(s);
	close(s->fd);
	free(s);
}

/* packet_length() of vport.c: one VLAN tag doesn't count for the MTU, nor
 * does the header that the device has itself. */
static uint32_t payload_len(const struct ox_port *p,
			    const struct ox_output_pkt *tx)
{
	uint32_t hl = p->flags & OX_PORT_L3 ? 0 : ETH_HLEN;
	uint32_t len = tx->len > hl ? tx->len - hl : 0;
	uint16_t type;

	if (hl != ETH_HLEN || len < VLAN_HL)
		return len;
	memcpy(&type, tx->frame + 2 * ETH_ALEN, sizeof(type));
	if (type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD))
		len -= VLAN_HL;
	return len;
}

/* Do its packets need a tunnel's key? They go by the clone device. */
static bool is_tunnel(const struct ox_port *p)
{
	return p->flags & (OX_PORT_TUNNEL | OX_PORT_NATIVE);
}

enum ox_reason ox_output_check(const struct ox_mem *m, uint32_t port_no,
			       const struct ox_output_pkt *tx)
{
	const struct ox_port *p;

	if (port_no >= m->config->max_ports)
		return OX_R_NO_PORT;
	p = &m->ports[port_no];
	if (!p->ifindex && !(p->flags & OX_PORT_NATIVE))
		return OX_R_NO_PORT;
	if (!(p->flags & OX_PORT_UP))
		return OX_R_PORT_DOWN;
	if (!tx->mac_proto && !(p->flags & OX_PORT_L3))
		return OX_R_NO_ETH;
	if (is_tunnel(p) && !tx->tunnel)
		return OX_R_NO_TUNNEL;
	if (is_tunnel(p) && !m->inject)
		return OX_R_TUNNEL;
	if (payload_len(p, tx) > p->mtu)
		return OX_R_OVER_MTU;
	return OX_R_NONE;
}

static bool is_native(const struct slot *sl)
{
	return sl->mem->ports[sl->port_no].flags & OX_PORT_NATIVE;
}

/* Of a packet without an Ethernet header, else 0. */
static __be16 l3_type(const struct ox_output_pkt *tx)
{
	return tx->mac_proto ? 0 : tx->eth_type;
}

static void tell(struct ox_datapath *dp, enum ox_reason why, uint32_t in_port,
		 const uint8_t *frame, uint32_t len, __be16 eth_type)
{
	const struct ox_drop d = {
		.why = why,
		.in_port = in_port,
		.flow = OX_NONE,
		.frame = frame,
		.len = len,
		.eth_type = eth_type,
	};

	if (dp)
		ox_drop_tell(dp, &d);
}

/* What stands in front of the packet in a slot is for the tunnel's device. */
static void slot_tell(const struct slot *sl, enum ox_reason why)
{
	const uint8_t *at = sl->iov.iov_base;

	tell(sl->dp, why, sl->in_port, at + sl->iov.iov_len - sl->len, sl->len,
	     sl->eth_type);
}

static void slot_count(struct ox_output *s, uint32_t i, bool sent)
{
	const struct slot *sl = &s->slots[i];
	struct ox_port_stats *st = &sl->mem->uports[sl->port_no].host;
	enum ox_reason why = sent ? OX_R_NONE : OX_R_SEND;

	if (sl->tunnel)
		why = ox_inject_end(sl->mem, i);
	if (why == OX_R_NONE && is_native(sl))
		return; /* the program that encapsulates has counted it */
	if (why == OX_R_NONE) {
		st->tx_packets++;
		st->tx_bytes += sl->len;
	} else {
		st->tx_dropped++;
		sl->mem->config->host.reason[why]++;
		slot_tell(sl, why);
	}
}

/* As sendmmsg(2). An EXECUTE's frame is mostly alone, and then it is sent
 * for an eighth less without the headers for many. */
static int output_some(struct ox_output *s, uint32_t from)
{
	const struct slot *sl = &s->slots[from];

	if (s->n - from > 1 || sl->tunnel)
		return sendmmsg(s->fd, s->msgs + from, s->n - from,
				MSG_DONTWAIT);
	return sendto(s->fd, sl->iov.iov_base, sl->iov.iov_len, MSG_DONTWAIT,
		      (const struct sockaddr *)&sl->to, sizeof(sl->to)) < 0
		       ? -1
		       : 1;
}

void ox_output_flush(struct ox_output *s)
{
	uint32_t done = 0;
	int n, i;

	while (done < s->n) {
		n = output_some(s, done);
		if (n < 0 && errno == EINTR)
			continue;
		for (i = 0; i < n; i++)
			slot_count(s, done + i, true);
		/* An error is that of the first frame left: it is dropped
		 * like any frame that a device refuses, the others go on. */
		if (n <= 0) {
			slot_count(s, done, false);
			n = 1;
		}
		done += n;
	}
	s->n = 0;
	s->used = 0;
}

/*
 * Priority and mark are the socket's (a control message for the priority
 * exists from 6.14 on only), so those of another kind wait for a batch of
 * their own. 0 is what most packets have.
 */
static void output_meta(struct ox_output *s, const struct ox_output_pkt *tx)
{
	if (tx->priority == s->priority && tx->mark == s->mark)
		return;
	ox_output_flush(s);
	if (tx->priority != s->priority)
		setsockopt(s->fd, SOL_SOCKET, SO_PRIORITY, &tx->priority,
			   sizeof(tx->priority));
	if (tx->mark != s->mark)
		setsockopt(s->fd, SOL_SOCKET, SO_MARK, &tx->mark,
			   sizeof(tx->mark));
	s->priority = tx->priority;
	s->mark = tx->mark;
}

/* skb->protocol. Of an Ethernet device the kernel reads it in the frame; to
 * any other a frame is one of type "bridged Ethernet". */
static __be16 output_protocol(const struct ox_port *p,
			      const struct ox_output_pkt *tx)
{
	if (!(p->flags & OX_PORT_L3))
		return 0;
	return tx->mac_proto ? htons(ETH_P_TEB) : tx->eth_type;
}

static void refuse(struct ox_mem *m, uint32_t port_no,
		   const struct ox_output_pkt *tx, enum ox_reason why)
{
	m->config->host.reason[why]++;
	tell(tx->dp, why, tx->in_port, tx->frame, tx->len, l3_type(tx));
	if (why == OX_R_OVER_MTU)
		m->uports[port_no].host.tx_errors++;
	else if (why == OX_R_NO_TUNNEL || why == OX_R_TUNNEL)
		m->uports[port_no].host.tx_dropped++;
}

/* To the clone device, with a token as its mark. What a device without Ethernet
 * is to get has a header in front all the same, which the kernel takes off. */
static void slot_tunnel(struct ox_output *s, struct ox_mem *m, uint32_t port_no,
			const struct ox_output_pkt *tx)
{
	const struct ox_port *p = &m->ports[port_no];
	struct slot *sl = &s->slots[s->n];
	struct msghdr *h = &s->msgs[s->n].msg_hdr;
	uint32_t token = ox_inject_begin(m, s->n, port_no, tx);
	uint8_t *head = sl->iov.iov_base;
	struct cmsghdr *c;
	__be16 proto;

	if (p->flags & OX_PORT_L3) {
		proto = output_protocol(p, tx);
		memmove(head + ETH_HLEN, head, tx->len);
		memset(head, 0, 2 * ETH_ALEN);
		memcpy(head + 2 * ETH_ALEN, &proto, sizeof(proto));
		sl->iov.iov_len += ETH_HLEN;
		s->used += ETH_HLEN;
	}
	sl->tunnel = true;
	sl->to.sll_protocol = 0;
	sl->to.sll_ifindex = m->config->clone_ifindex;
	h->msg_control = sl->mark;
	h->msg_controllen = sizeof(sl->mark);
	c = CMSG_FIRSTHDR(h);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SO_MARK;
	c->cmsg_len = CMSG_LEN(sizeof(token));
	memcpy(CMSG_DATA(c), &token, sizeof(token));
}

static void slot_fill(struct ox_output *s, struct ox_mem *m, uint32_t port_no,
		      const struct ox_output_pkt *tx)
{
	const struct ox_port *p = &m->ports[port_no];
	struct slot *sl = &s->slots[s->n];

	*sl = (struct slot){
		.mem = m,
		.port_no = port_no,
		.len = tx->len,
		.eth_type = l3_type(tx),
		.in_port = tx->in_port,
		.dp = tx->dp,
		.iov = { s->arena + s->used, tx->len },
		.to = { .sll_family = AF_PACKET,
			.sll_protocol = output_protocol(p, tx),
			.sll_ifindex = p->ifindex,
			.sll_halen = ETH_ALEN },
	};
	memcpy(sl->iov.iov_base, tx->frame, tx->len);
	s->msgs[s->n].msg_hdr = (struct msghdr){
		.msg_name = &sl->to,
		.msg_namelen = sizeof(sl->to),
		.msg_iov = &sl->iov,
		.msg_iovlen = 1,
	};
	s->used += tx->len;
	if (is_tunnel(p))
		slot_tunnel(s, m, port_no, tx);
	s->n++;
}

void ox_output_put(struct ox_output *s, struct ox_mem *m, uint32_t port_no,
		   const struct ox_output_pkt *tx)
{
	enum ox_reason why = ox_output_check(m, port_no, tx);

	if (why == OX_R_NONE && tx->len > ARENA - ETH_HLEN)
		why = OX_R_OVER_MTU;
	if (why != OX_R_NONE) {
		refuse(m, port_no, tx, why);
		return;
	}
	/* one for a tunnel has them in its place of "inject" */
	if (!is_tunnel(&m->ports[port_no]))
		output_meta(s, tx);
	if (s->n == BATCH || tx->len > ARENA - ETH_HLEN - s->used)
		ox_output_flush(s);
	slot_fill(s, m, port_no, tx);
}
