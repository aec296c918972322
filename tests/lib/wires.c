// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* wires.c - a datapath on veth pairs; see wires.h. */
#include "tests/lib/wires.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/openvswitch.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/dp.h"
#include "tests/lib/netns.h"
#include "tests/lib/test.h"

#define WAIT_MS 5000 /* for what must come; a busy machine may take long */

static struct ox_err err;

/* A packet socket that hears all but what it sends itself. */
static int far_socket(const char *ifname)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL),
				 .sll_ifindex = if_nametoindex(ifname) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), one = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING,
				    &one, sizeof(one)),
			 0);
	assert_int_equal(
		setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)),
		0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void wire_up(struct ox_wires *w, int i)
{
	char near[8], far[8], cmd[64];

	snprintf(near, sizeof(near), "w%d", i);
	snprintf(far, sizeof(far), "f%d", i);
	w->wire[i].ifindex = ox_test_dp_veth(near, far);
	/* so that XDP_REDIRECT arrives there */
	snprintf(cmd, sizeof(cmd), "ethtool -K %s gro on", far);
	assert_int_equal(ox_test_run(cmd), 0);
	w->wire[i].fd = far_socket(far);
}

static void port_up(struct ox_wires *w, uint32_t no)
{
	struct ox_port *p = &w->m->ports[no];

	p->flags = OX_PORT_UP;
	p->mtu = 1500;
	p->ifindex = w->wire[no].ifindex;
	assert_int_equal(w->m->ops->port_device(w->m, no, p->ifindex, 0), 0);
}

/* The far end of this pair hears of no packet: branches run before. */
static void clone_up(struct ox_wires *w)
{
	uint32_t ifindex = ox_test_dp_veth("wc", "fc");

	assert_int_equal(ox_clone_attach(w->dp, ifindex, &err), 0);
	w->m->config->clone_ifindex = ifindex;
	assert_int_equal(w->m->ops->port_device(w->m, OVSP_LOCAL, ifindex, 0),
			 0);
}

static void attach(struct ox_wires *w, enum ox_attach_mode mode)
{
	enum ox_attach_mode got;
	uint32_t in = w->wire[1].ifindex;

	assert_int_equal(ox_tc_attach(w->dp, in, &err), 0);
	if (mode == OX_MODE_TC)
		return;
	w->m->ports[1].flags |= OX_PORT_SKB_TIER;
	if (mode == OX_MODE_XDP_GENERIC)
		w->m->ports[1].flags |= OX_PORT_GENERIC;
	assert_int_equal(ox_attach(w->dp, in, mode, &got, &err), 0);
	assert_int_equal(got, mode);
}

void ox_wires_up(struct ox_wires *w, const char *name, enum ox_attach_mode mode)
{
	memset(w, 0, sizeof(*w));
	snprintf(w->name, sizeof(w->name), "%s", name);
	w->dp = ox_test_dp_new(name);
	w->m = ox_dp_mem(w->dp);
	for (int i = 1; i <= OX_WIRES; i++)
		wire_up(w, i);
	for (uint32_t i = 1; i < OX_WIRES; i++)
		port_up(w, i);
	clone_up(w);
	assert_int_equal(ox_table_open(w->m, &w->t, &err), 0);
	assert_int_equal(ox_ring_open(w->dp, &w->ring, &err), 0);
	attach(w, mode);
}

void ox_wires_down(struct ox_wires *w)
{
	char cmd[32];

	if (!w->dp)
		return;
	for (int i = 1; i <= OX_WIRES; i++) {
		close(w->wire[i].fd);
		snprintf(cmd, sizeof(cmd), "ip link del w%d", i);
		assert_int_equal(ox_test_run(cmd), 0);
	}
	assert_int_equal(ox_test_run("ip link del wc"), 0);
	if (w->jmp)
		close(w->jmp);
	ox_ring_close(w->ring);
	ox_table_close(w->t);
	ox_test_dp_end(w->dp, w->name);
}

uint32_t ox_wires_flow(struct ox_wires *w, uint32_t recirc_id,
		       uint16_t eth_type, const struct ox_make *m)
{
	struct ox_flow_spec s = { 0 };
	struct ox_actions a;
	uint32_t flow = OX_NONE;

	s.key.in_port = 1;
	s.key.mac_proto = 1;
	s.key.recirc_id = recirc_id;
	s.key.eth_type = htons(eth_type);
	s.mask.in_port = UINT32_MAX;
	s.mask.mac_proto = UINT8_MAX;
	s.mask.recirc_id = UINT32_MAX;
	s.mask.eth_type = UINT16_MAX;
	assert_int_equal(ox_actions_recompile(m->b + NLA_HDRLEN,
					      m->len - NLA_HDRLEN, &a),
			 0);
	s.actions = &a;
	assert_int_equal(ox_table_insert(w->t, &s, &flow, &err), 0);
	ox_actions_free(&a);
	return flow;
}

void ox_wires_send(const struct ox_wires *w, const void *frame, uint32_t len)
{
	assert_int_equal(ox_test_send(w->wire[1].fd, frame, len), 0);
}

/* A tag in the skb's metadata, which the socket tells beside, in its place. */
static uint32_t put_tag(uint8_t *b, uint32_t len, struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct tpacket_auxdata x;
	uint16_t tag[2];

	if (!c || c->cmsg_type != PACKET_AUXDATA)
		return len;
	memcpy(&x, CMSG_DATA(c), sizeof(x));
	if (!(x.tp_status & TP_STATUS_VLAN_VALID))
		return len;
	tag[0] = htons(x.tp_vlan_tpid);
	tag[1] = htons(x.tp_vlan_tci);
	memmove(b + 16, b + 12, len - 12);
	memcpy(b + 12, tag, 4);
	return len + 4;
}

static uint32_t far_recv(int fd, uint8_t *b)
{
	_Alignas(struct cmsghdr) uint8_t aux[128];
	struct iovec iov = { b, OX_WIRE_MAX };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = aux,
			    .msg_controllen = sizeof(aux) };
	ssize_t n = recvmsg(fd, &m, 0);

	assert_true(n >= 12);
	return put_tag(b, (uint32_t)n, &m);
}

void ox_wires_expect(const struct ox_wires *w, uint32_t port, const void *frame,
		     uint32_t len)
{
	struct pollfd p = { .fd = w->wire[port].fd, .events = POLLIN };
	static uint8_t got[OX_WIRE_MAX + 4];

	if (poll(&p, 1, WAIT_MS) != 1)
		fail_msg("nothing came out of port %u", port);
	assert_int_equal(far_recv(p.fd, got), len);
	assert_memory_equal(got, frame, len);
}

void ox_wires_quiet(const struct ox_wires *w, uint32_t port)
{
	struct pollfd p = { .fd = w->wire[port].fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, 0), 0);
}

static uint32_t take(const struct ox_ring_rec *rec, void *arg)
{
	struct ox_wire_rec *r = arg;

	r->n++;
	r->rec = *rec;
	assert_in_range(rec->len, 1, sizeof(r->frame));
	assert_true(!rec->tun_len || rec->tun_len == sizeof(r->tun));
	memcpy(&r->tun, rec->frame, rec->tun_len);
	memcpy(r->frame, rec->frame + rec->tun_len, rec->len);
	return 1;
}

void ox_wires_ring(const struct ox_wires *w, uint32_t n,
		   struct ox_wire_rec *out)
{
	struct pollfd p = { .fd = ox_ring_fd(w->ring), .events = POLLIN };

	out->n = 0;
	while (out->n < n && poll(&p, 1, WAIT_MS) > 0) {
		ox_ring_rx(w->ring, 100, take, out);
		ox_ring_release(w->ring);
	}
	assert_int_equal(out->n, n);
}

struct ox_dp_stats ox_wires_stats(const struct ox_wires *w)
{
	struct ox_dp_stats s;

	assert_int_equal(w->m->ops->dp_stats(w->m, &s), 0);
	return s;
}

uint64_t ox_wires_reason(const struct ox_wires *w, enum ox_reason why,
			 uint64_t n)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	uint64_t got = 0;

	for (int i = 0; i < WAIT_MS; i++) {
		got = ox_wires_stats(w).reason[why];
		if (got >= n)
			break;
		nanosleep(&ms, NULL);
	}
	return got;
}

void ox_wires_rx(const struct ox_wires *w, uint32_t port, uint64_t packets,
		 uint64_t bytes)
{
	struct ox_port_stats s;

	assert_int_equal(w->m->ops->port_stats(w->m, port, &s), 0);
	assert_int_equal(s.rx_packets, packets);
	assert_int_equal(s.rx_bytes, bytes);
}

void ox_wires_tx(const struct ox_wires *w, uint32_t port, uint64_t packets,
		 uint64_t bytes)
{
	struct ox_port_stats s;

	assert_int_equal(w->m->ops->port_stats(w->m, port, &s), 0);
	assert_int_equal(s.tx_packets, packets);
	assert_int_equal(s.tx_bytes, bytes);
}

void ox_wires_flow_is(const struct ox_wires *w, uint32_t flow, uint64_t packets,
		      uint64_t bytes)
{
	struct ox_flow_stats s;

	assert_int_equal(ox_table_stats(w->t, flow, &s), 0);
	assert_int_equal(s.packets, packets);
	assert_int_equal(s.bytes, bytes);
}
