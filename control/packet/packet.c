// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * packet.c - what the data plane brings, in the daemon's loop: a port's
 * AF_XDP sockets and the ring of a datapath's skb tier. They have a loop of
 * their own inside of the daemon's, and each a budget, so that a flooded port
 * doesn't starve the others. All of them together have a budget for each turn
 * of the daemon's loop, so that however many are flooded, clients get answers.
 */
#include "control/packet/packet.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "bpf/host.h"
#include "control/base/loop.h"
#include "control/netlink/genl.h"
#include "control/packet/drop.h"
#include "control/packet/exec.h"
#include "control/packet/inject.h"
#include "control/packet/output.h"
#include "control/packet/too_big.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"

/* Packets of a queue, or of a ring, before the next one; and of all of them in
 * a turn of the daemon's loop. One that makes much work counts as many. */
#define BUDGET	 64
#define TURN	 256
#define COST_OPS 8    /* ops that cost as much as a packet */
#define AGAIN_MS 10   /* until sockets are tried again; then twice as long... */
#define SLOW_MS	 1280 /* ... up to here: it is a stranger's socket */

struct queue {
	struct ox_packet_port *port;
	uint32_t index;
	struct ox_watch *watch;
};

struct ox_packet_port {
	struct ox_datapath *dp;
	uint32_t port_no;
	struct ox_xsks *xsks;	/* NULL: waits until its queues are free */
	struct ox_watch *again; /* if it waits */
	uint32_t again_ms;
	uint32_t n_queues;
	struct queue queues[];
};

struct ox_packet_ring {
	struct ox_datapath *dp;
	struct ox_ring *ring;
	struct ox_watch *watch;
};

static void out_output(void *arg, struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_output_pkt *tx)
{
	struct ox_packets *ps = arg;

	ox_output_put(ps->output, dp->mem, port_no, tx);
}

/* Behind those that wait. */
static int out_unicast(void *arg, uint32_t portid, const struct iovec *iov,
		       int n_iov)
{
	struct ox_packets *ps = arg;

	ox_upcalls_flush(ps->genl);
	return ox_genl_unicast(ps->genl, portid, iov, n_iov);
}

static int out_defer(void *arg, struct ox_datapath *dp, uint32_t in_port,
		     uint32_t portid, const struct iovec *iov, int n_iov)
{
	struct ox_packets *ps = arg;

	return ox_upcalls_add(ps->genl, dp, in_port, portid, iov, n_iov);
}

int ox_packet_out(struct ox_packets *ps, struct ox_out *out, struct ox_err *e)
{
	int err = 0;

	if (!ps->output)
		err = ox_output_open(&ps->output, e);
	*out = (struct ox_out){ out_output, out_unicast, ps, NULL };
	return err;
}

void ox_packet_flush(struct ox_packets *ps)
{
	if (ps->output)
		ox_output_flush(ps->output);
	ox_upcalls_flush(ps->genl);
}

static void on_sources(void *arg, uint32_t events)
{
	struct ox_packets *ps = arg;

	(void)events;
	ps->cost = 0;
	while (ps->cost < TURN && ox_loop_turn(ps->sources) > 0)
		;
	ox_loop_did(ps->loop, OX_DID_PACKETS, ps->cost);
}

static int sources_open(struct ox_packets *ps)
{
	int err;

	if (ps->sources)
		return 0;
	err = ox_loop_new(&ps->sources);
	if (err)
		return err;
	err = ox_loop_add(ps->loop, ox_loop_fd(ps->sources), EPOLLIN,
			  on_sources, ps, &ps->watch);
	if (err) {
		ox_loop_free(ps->sources);
		ps->sources = NULL;
	}
	return err;
}

static int source_add(struct ox_packets *ps, int fd,
		      void (*fn)(void *arg, uint32_t events), void *arg,
		      struct ox_watch **out)
{
	int err = sources_open(ps);

	return err ? err : ox_loop_add(ps->sources, fd, EPOLLIN, fn, arg, out);
}

static uint32_t on_rx(const struct ox_rx *rx, void *arg)
{
	struct ox_packet_port *p = arg;
	const struct ox_out out = { out_output, out_unicast, p->dp->packets,
				    out_defer };

	return 1 + ox_exec_rx(p->dp, &out, p->port_no, rx) / COST_OPS;
}

static void on_queue(void *arg, uint32_t events)
{
	struct queue *q = arg;
	struct ox_packet_port *p = q->port;

	p->dp->packets->cost +=
		1 + ox_xsks_rx(p->xsks, q->index, BUDGET, on_rx, p);
	ox_packet_flush(p->dp->packets);
	/* Its device has gone: nothing comes any more, and the event would come
	 * again for ever. The vport follows when rtnl has the event. */
	if (events & (EPOLLERR | EPOLLHUP)) {
		ox_loop_del(q->watch);
		q->watch = NULL;
	}
}

static void port_free(struct ox_packet_port *p)
{
	for (uint32_t i = 0; i < p->n_queues; i++)
		ox_loop_del(p->queues[i].watch);
	ox_loop_del(p->again);
	ox_xsks_close(p->xsks);
	free(p);
}

static int port_watch(struct ox_packet_port *p)
{
	for (uint32_t i = 0; i < p->n_queues; i++) {
		struct queue *q = &p->queues[i];
		int err;

		q->port = p;
		q->index = i;
		err = source_add(p->dp->packets, ox_xsks_fd(p->xsks, i),
				 on_queue, q, &q->watch);
		if (err)
			return err;
	}
	return 0;
}

/* A kernel without AF_XDP: the XDP program gives what is user space's to the
 * skb tier, which sends it by the ring. */
static int no_sockets(struct ox_datapath *dp, uint32_t port_no,
		      const struct ox_err *said)
{
	ox_log_info("%s: port %s: misses go through the skb tier: %s", dp->name,
		    dp->mem->uports[port_no].name, said->msg);
	ox_packet_port_close(dp, port_no);
	__atomic_store_n(&dp->mem->ports[port_no].n_xsk, 0, __ATOMIC_RELEASE);
	return 0;
}

static struct ox_packet_port *port_new(struct ox_datapath *dp, uint32_t port_no,
				       uint32_t n_queues)
{
	struct ox_packet_port *p;

	p = calloc(1, sizeof(*p) + n_queues * sizeof(p->queues[0]));
	if (!p)
		return NULL;
	p->dp = dp;
	p->port_no = port_no;
	p->n_queues = n_queues;
	return p;
}

static void port_put(struct ox_packet_port *p)
{
	ox_packet_port_close(p->dp, p->port_no);
	p->dp->packet_ports[p->port_no] = p;
}

/* Opens the sockets and watches them. -EBUSY: they aren't free. */
static int sockets_open(struct ox_datapath *dp, uint32_t port_no,
			struct ox_err *e)
{
	struct ox_port *port = &dp->mem->ports[port_no];
	struct ox_packet_port *p;
	struct ox_xsks *x = NULL;
	uint32_t base, n;
	int err;

	err = ox_xsks_open(dp->dp, port->ifindex, &x, &base, &n, e);
	if (err)
		return err;
	p = port_new(dp, port_no, n);
	if (!p) {
		ox_xsks_close(x);
		return -ENOMEM;
	}
	p->xsks = x;
	err = port_watch(p);
	if (err) {
		port_free(p);
		return err;
	}
	port_put(p);
	/* a program that sees the number must see its base */
	port->xsk_base = base;
	__atomic_store_n(&port->n_xsk, n, __ATOMIC_RELEASE);
	return 0;
}

/* One line, when it is no socket that is merely slow to go. */
static void again_log(const struct ox_packet_port *p, const struct ox_err *said)
{
	if (p->again_ms == SLOW_MS)
		ox_log_warn("%s: port %s: misses go through the skb tier, and "
			    "the sockets are tried again: %s",
			    p->dp->name, p->dp->mem->uports[p->port_no].name,
			    said->msg);
}

static void on_again(void *arg)
{
	struct ox_packet_port *p = arg;
	struct ox_err said = { 0 };

	if (!sockets_open(p->dp, p->port_no, &said))
		return; /* p is gone */
	if (p->again_ms <= SLOW_MS)
		p->again_ms *= 2;
	again_log(p, &said);
	ox_loop_timer_set(p->again, p->again_ms, 0);
}

/*
 * A queue has a socket already. That of a daemon that has just ended, or of
 * this port a moment ago, leaves soon; the loop doesn't wait for it. Until then
 * the skb tier takes the misses, as without AF_XDP.
 */
static int sockets_later(struct ox_datapath *dp, uint32_t port_no)
{
	struct ox_packet_port *p = port_new(dp, port_no, 0);
	int err;

	if (!p)
		return -ENOMEM;
	p->again_ms = AGAIN_MS;
	err = ox_loop_timer(dp->packets->loop, AGAIN_MS, 0, on_again, p,
			    &p->again);
	if (err) {
		port_free(p);
		return err;
	}
	port_put(p);
	return 0;
}

int ox_packet_port_open(struct ox_datapath *dp, uint32_t port_no,
			struct ox_err *e)
{
	struct ox_err said = { 0 };
	struct ox_out out;
	int err;

	err = ox_packet_out(dp->packets, &out, e);
	if (err)
		return err;
	err = sockets_open(dp, port_no, &said);
	if (err == -EAFNOSUPPORT)
		return no_sockets(dp, port_no, &said);
	if (err == -EBUSY)
		return sockets_later(dp, port_no);
	return err ? ox_err_set(e, err, "%s", said.msg) : 0;
}

/* What the kernel couldn't queue, XDP believes delivered. */
static void port_lost(struct ox_packet_port *p)
{
	struct ox_dp_stats *host = &p->dp->mem->config->host;
	uint64_t lost = p->xsks ? ox_xsks_lost(p->xsks) : 0;

	host->n_lost += lost;
	host->reason[OX_R_SOCKET_FULL] += lost;
	p->dp->mem->uports[p->port_no].upcall_fail += lost;
}

uint64_t ox_packet_port_lost(const struct ox_datapath *dp, uint32_t port_no)
{
	const struct ox_mem_ops *ops = dp->mem->ops;
	uint64_t lost = 0;

	if (ops->port_lost && ops->port_lost(dp->mem, port_no, &lost))
		return 0;
	return lost;
}

void ox_packet_port_close(struct ox_datapath *dp, uint32_t port_no)
{
	struct ox_packet_port *p = dp->packet_ports[port_no];

	if (!p)
		return;
	__atomic_store_n(&dp->mem->ports[port_no].n_xsk, 0, __ATOMIC_RELEASE);
	port_lost(p);
	port_free(p);
	dp->packet_ports[port_no] = NULL;
}

/* ---- the skb tier's ring ---- */

static uint32_t exec_rec(struct ox_datapath *dp, const struct ox_ring_rec *rec)
{
	const struct ox_out out = { out_output, out_unicast, dp->packets,
				    out_defer };

	return 1 + ox_exec_ring(dp, &out, rec) / COST_OPS;
}

/* The inner packet has no key. */
static void tell_arrived(struct ox_datapath *dp, const struct ox_ring_rec *rec)
{
	const struct ox_drop d = {
		.why = OX_R_BAD_HDR,
		.in_port = rec->md.port_no,
		.flow = OX_NONE,
		.frame = rec->frame + rec->tun_len,
		.len = rec->len,
	};

	ox_drop_tell(dp, &d);
}

void ox_packet_arrived(struct ox_datapath *dp, struct ox_ring_rec *rec)
{
	struct ox_port_stats *s = &dp->mem->uports[rec->md.port_no].host;
	uint64_t tun = rec->key.w[OX_W_TUN];

	s->rx_packets++;
	s->rx_bytes += rec->len;
	if (ox_host_extract(rec->frame + rec->tun_len, rec->len,
			    rec->md.port_no, &rec->key)) {
		dp->mem->config->host.reason[OX_R_BAD_HDR]++;
		tell_arrived(dp, rec);
		return;
	}
	rec->key.w[OX_W_TUN] = tun;
	rec->key.has_tun = 1;
	dp->packets->cost += exec_rec(dp, rec);
}

/* A record OX_UP_TOO_BIG: the error comes in by the tunnel, as if its peer had
 * sent it. The port may have gone meanwhile. */
static void on_too_big(struct ox_datapath *dp, const struct ox_ring_rec *rec)
{
	static uint8_t bytes[sizeof(*rec) + sizeof(struct ox_tun) +
			     OX_TOO_BIG_MAX] __attribute__((aligned(8)));
	struct ox_ring_rec *error = (void *)bytes;
	struct ox_tun *tun = (void *)error->frame;
	uint8_t opts_len = rec->key.tun_opts_len;

	if (rec->tun_len != sizeof(*tun) ||
	    !ox_vport_exists(dp, rec->md.port_no))
		return;
	memcpy(error, rec, sizeof(*rec) + sizeof(*tun));
	memset(tun->opts + opts_len, 0, sizeof(tun->opts) - opts_len);
	error->md.reason = OX_UP_FLOW;
	error->mru = 0;
	error->len = ox_too_big(rec->frame + sizeof(*tun), rec->len, rec->mru,
				error->frame + sizeof(*tun));
	if (!error->len)
		return;
	dp->mem->config->host.reason[OX_R_PMTU]++;
	ox_packet_arrived(dp, error);
}

static uint32_t on_rec(const struct ox_ring_rec *rec, void *arg)
{
	if (rec->md.flags & OX_MD_DROP)
		ox_drop_ring(arg, rec);
	else if (rec->md.reason == OX_UP_TOO_BIG)
		on_too_big(arg, rec);
	else
		return exec_rec(arg, rec);
	return 1;
}

/* Level-triggered: what the budget leaves over comes with the next turn. */
static void on_ring(void *arg, uint32_t events)
{
	struct ox_packet_ring *r = arg;

	(void)events;
	r->dp->packets->cost += 1 + ox_ring_rx(r->ring, BUDGET, on_rec, r->dp);
	ox_packet_flush(r->dp->packets);
	ox_ring_release(r->ring);
}

int ox_packet_dp_open(struct ox_datapath *dp, struct ox_err *e)
{
	_cleanup_free_ struct ox_packet_ring *r = calloc(1, sizeof(*r));
	struct ox_out out;
	int err;

	if (!r)
		return -ENOMEM;
	err = ox_packet_out(dp->packets, &out, e);
	if (err)
		return err;
	err = ox_ring_open(dp->dp, &r->ring, e);
	if (err)
		return err;
	r->dp = dp;
	ox_inject_clear(dp->mem);
	err = source_add(dp->packets, ox_ring_fd(r->ring), on_ring, r,
			 &r->watch);
	if (err) {
		ox_ring_close(r->ring);
		return err;
	}
	dp->packet_ring = take_ptr(r);
	return 0;
}

void ox_packet_dp_close(struct ox_datapath *dp)
{
	struct ox_packet_ring *r = dp->packet_ring;

	if (!r)
		return;
	ox_loop_del(r->watch);
	ox_ring_close(r->ring);
	ox_exec_forget(dp);
	free(r);
	dp->packet_ring = NULL;
}

void ox_packet_tick(struct ox_datapath *dp)
{
	for (uint32_t i = 0; i < dp->mem->config->max_ports; i++) {
		if (dp->packet_ports[i])
			port_lost(dp->packet_ports[i]);
	}
	ox_exec_tick();
	ox_drop_tick(dp);
}

void ox_packet_close(struct ox_packets *ps)
{
	ox_output_close(take_ptr(ps->output));
	ox_loop_del(take_ptr(ps->watch));
	ox_loop_free(take_ptr(ps->sources));
}
