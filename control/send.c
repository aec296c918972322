// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * send.c - a packet socket without a protocol (it receives nothing) whose
 * frames go through the device's own queue, as the module's do. They leave
 * towards the wire or the veth peer; the port's XDP program, which sits on
 * the receiving side, doesn't see them.
 */
#include "control/send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "ovsxdp/cleanup.h"

#define BATCH	64	     /* frames a sendmmsg() */
#define ARENA	(256 * 1024) /* room for their copies; over one frame */
#define SNDBUF	(8 * 1024 * 1024)
#define VLAN_HL 4

struct slot {
	struct ox_mem *mem;
	uint32_t port_no;
	struct iovec iov;
	struct sockaddr_ll to;
};

struct ox_sender {
	int fd;
	uint32_t n;    /* frames queued */
	uint32_t used; /* bytes of the arena */
	struct slot slots[BATCH];
	struct mmsghdr msgs[BATCH];
	uint8_t arena[ARENA];
};

int ox_sender_open(struct ox_sender **out, struct ox_err *e)
{
	_cleanup_free_ struct ox_sender *s = calloc(1, sizeof(*s));
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

void ox_sender_close(struct ox_sender *s)
{
	if (!s)
		return;
	ox_sender_flush(s);
	close(s->fd);
	free(s);
}

/* packet_length() of vport.c: one VLAN tag doesn't count for the MTU. */
static uint32_t payload_len(const uint8_t *frame, uint32_t len)
{
	uint16_t type;

	if (len <= ETH_HLEN)
		return 0;
	memcpy(&type, frame + 2 * ETH_ALEN, sizeof(type));
	len -= ETH_HLEN;
	if ((type == htons(ETH_P_8021Q) || type == htons(ETH_P_8021AD)) &&
	    len >= VLAN_HL)
		len -= VLAN_HL;
	return len;
}

enum ox_reason ox_send_check(const struct ox_mem *m, uint32_t port_no,
			     const uint8_t *frame, uint32_t len)
{
	const struct ox_port *p;

	if (port_no >= m->config->max_ports || !m->ports[port_no].ifindex)
		return OX_R_NO_PORT;
	p = &m->ports[port_no];
	if (!(p->flags & OX_PORT_UP))
		return OX_R_PORT_DOWN;
	if (payload_len(frame, len) > p->mtu)
		return OX_R_OVER_MTU;
	return OX_R_COUNT;
}

static void slot_count(const struct slot *sl, bool sent)
{
	struct ox_port_stats *st = &sl->mem->uports[sl->port_no].host;

	if (sent) {
		st->tx_packets++;
		st->tx_bytes += sl->iov.iov_len;
	} else {
		st->tx_dropped++;
		sl->mem->config->host.reason[OX_R_SEND]++;
	}
}

void ox_sender_flush(struct ox_sender *s)
{
	uint32_t done = 0;
	int n, i;

	while (done < s->n) {
		n = sendmmsg(s->fd, s->msgs + done, s->n - done, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		for (i = 0; i < n; i++)
			slot_count(&s->slots[done + i], true);
		/* An error is that of the first frame left: it is dropped
		 * like any frame that a device refuses, the others go on. */
		if (n <= 0) {
			slot_count(&s->slots[done], false);
			n = 1;
		}
		done += n;
	}
	s->n = 0;
	s->used = 0;
}

void ox_sender_put(struct ox_sender *s, struct ox_mem *m, uint32_t port_no,
		   const uint8_t *frame, uint32_t len)
{
	enum ox_reason why = ox_send_check(m, port_no, frame, len);
	struct slot *sl;

	if (why != OX_R_COUNT) {
		m->config->host.reason[why]++;
		if (why == OX_R_OVER_MTU)
			m->uports[port_no].host.tx_errors++;
		return;
	}
	if (s->n == BATCH || len > ARENA - s->used)
		ox_sender_flush(s);
	sl = &s->slots[s->n];
	if (len > ARENA) {
		m->config->host.reason[OX_R_OVER_MTU]++;
		return;
	}
	*sl = (struct slot){
		.mem = m,
		.port_no = port_no,
		.iov = { s->arena + s->used, len },
		.to = { .sll_family = AF_PACKET,
			.sll_ifindex = m->ports[port_no].ifindex,
			.sll_halen = ETH_ALEN },
	};
	memcpy(sl->iov.iov_base, frame, len);
	s->msgs[s->n].msg_hdr = (struct msghdr){
		.msg_name = &sl->to,
		.msg_namelen = sizeof(sl->to),
		.msg_iov = &sl->iov,
		.msg_iovlen = 1,
	};
	s->used += len;
	s->n++;
}
