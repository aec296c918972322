// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * client.c - what waits for a client. A reply that meets a full receive
 * buffer is queued here and tried again by timer; a dump goes on when the
 * client has drained. So a slow reader costs itself time and the daemon a
 * bounded queue, and nobody else anything (docs/facts.md, T5). All queues
 * together are bounded as well: the slowest reader loses its own first.
 */
#include "control/netlink/genl_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/netlink/portid.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"
#include "ovsxdp/now.h"

#define PUSH_PARTS   8	/* of a dump; then others get their turn */
#define RETRY_PUSHES 64 /* clients in a turn of the loop */
#define WARN_MS	     1000

static struct ox_client **slot(const struct ox_genl *g, uint32_t portid)
{
	struct ox_client **p;

	/* pids are dense, other port ids random: both spread */
	p = (struct ox_client **)&g->clients[portid % OX_CLIENT_HASH];
	while (*p && (*p)->portid != portid)
		p = &(*p)->next;
	return p;
}

struct ox_client *ox_client_find(const struct ox_genl *g, uint32_t portid)
{
	return *slot(g, portid);
}

struct ox_client *ox_client_get(struct ox_genl *g, uint32_t portid)
{
	struct ox_client **p = slot(g, portid);
	struct ox_client *c = *p;

	if (c)
		return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->portid = portid;
	c->tail = &c->head;
	c->part_size = OX_PART_MIN;
	c->progress_ms = ox_now_ms();
	c->backoff_ms = OX_RETRY_MIN_MS;
	*p = c;
	return c;
}

static void pending_free(struct ox_genl *g, struct ox_client *c)
{
	struct ox_pending *m = c->head;

	c->head = m->next;
	if (!c->head)
		c->tail = &c->head;
	c->queued -= sizeof(*m) + m->len;
	g->queued -= sizeof(*m) + m->len;
	free(m);
}

static void dump_end(struct ox_client *c)
{
	ox_dump_free(c->dump);
	c->dump = NULL;
}

void ox_client_drop(struct ox_genl *g, uint32_t portid)
{
	struct ox_client **p = slot(g, portid);
	struct ox_client *c = *p;

	if (!c)
		return;
	*p = c->next;
	while (c->head)
		pending_free(g, c);
	dump_end(c);
	free(c);
}

void ox_client_drop_all(struct ox_genl *g)
{
	for (int i = 0; i < OX_CLIENT_HASH; i++) {
		while (g->clients[i])
			ox_client_drop(g, g->clients[i]->portid);
	}
}

/* The one timer fires at ms, or earlier. */
static void arm_at(struct ox_genl *g, uint64_t ms)
{
	uint64_t now = ox_now_ms();

	if (g->retry_at && g->retry_at <= ms)
		return;
	g->retry_at = ms;
	if (ms > now)
		ox_loop_timer_set(g->retry, (uint32_t)(ms - now), 0);
	else
		ox_loop_timer_now(g->retry);
}

/* For the client that comes first. */
static void arm(struct ox_genl *g)
{
	uint64_t first = UINT64_MAX;

	for (int i = 0; i < OX_CLIENT_HASH; i++) {
		struct ox_client *c;

		for (c = g->clients[i]; c; c = c->next) {
			if (c->retry_ms < first)
				first = c->retry_ms;
		}
	}
	if (first != UINT64_MAX)
		arm_at(g, first);
}

/* Without a look at the room. Copies: the caller's buffer is for the next
 * message. */
static int append(struct ox_genl *g, struct ox_client *c, const void *msg,
		  uint32_t len)
{
	struct ox_pending *m = malloc(sizeof(*m) + len);

	if (!m)
		return -ENOMEM;
	m->next = NULL;
	m->len = len;
	memcpy(m->data, msg, len);
	*c->tail = m;
	c->tail = &m->next;
	c->queued += sizeof(*m) + len;
	g->queued += sizeof(*m) + len;
	return 0;
}

/*
 * Here something is missing. The kernel says so by ENOBUFS; we by a message
 * that has this meaning, which the preload library turns into ENOBUFS.
 */
static void append_overrun(struct ox_genl *g, struct ox_client *c)
{
	struct nlmsghdr nlh = { .nlmsg_len = sizeof(nlh),
				.nlmsg_type = NLMSG_OVERRUN,
				.nlmsg_pid = c->portid };

	if (!c->overrun && !append(g, c, &nlh, sizeof(nlh)))
		c->overrun = true;
}

/* The end of a dump that isn't whole: its reader shall not wait for more. */
static void append_done(struct ox_genl *g, struct ox_client *c)
{
	struct {
		struct nlmsghdr nlh;
		int error;
	} m = { { .nlmsg_len = sizeof(m),
		  .nlmsg_type = NLMSG_DONE,
		  .nlmsg_flags = NLM_F_MULTI,
		  .nlmsg_seq = c->dump->d.nlh->nlmsg_seq,
		  .nlmsg_pid = c->portid },
		-ENOBUFS };

	append(g, c, &m, sizeof(m));
}

static void lose(struct ox_genl *g, struct ox_client *c, uint64_t n)
{
	uint64_t now = ox_now_ms();

	g->count[OX_GENL_LOST] += n;
	/* many clients shall not fill the log either */
	if (!c->lost && (!g->warned_ms || now - g->warned_ms >= WARN_MS)) {
		ox_log_warn("client %u doesn't read: messages lost", c->portid);
		g->warned_ms = now;
	}
	c->lost += n;
}

/* All that waits for it is lost. */
static void overrun(struct ox_genl *g, struct ox_client *c)
{
	uint64_t n = 0;

	for (; c->head; n++)
		pending_free(g, c);
	c->overrun = false;
	lose(g, c, n);
	g->count[OX_GENL_OVERRUNS]++;
	append_overrun(g, c);
	if (c->dump) {
		append_done(g, c);
		dump_end(c);
	}
}

/* Who has something to lose, and hasn't read for the longest time. */
static struct ox_client *slowest(const struct ox_genl *g)
{
	struct ox_client *worst = NULL;

	for (int i = 0; i < OX_CLIENT_HASH; i++) {
		struct ox_client *c;

		for (c = g->clients[i]; c; c = c->next) {
			if (c->queued <= OX_QUEUE_LEAST && !c->dump)
				continue;
			if (!worst || c->progress_ms < worst->progress_ms ||
			    (c->progress_ms == worst->progress_ms &&
			     c->queued > worst->queued))
				worst = c;
		}
	}
	return worst;
}

/* Makes room for n bytes, and for some more, as the search takes a while. */
static void make_room(struct ox_genl *g, uint32_t n)
{
	struct ox_client *c;

	if (g->queued + n <= g->queued_max)
		return;
	while (g->queued + n > g->queued_max / 8 * 7 && (c = slowest(g)))
		overrun(g, c);
}

static int enqueue(struct ox_genl *g, struct ox_client *c, const void *msg,
		   uint32_t len)
{
	make_room(g, len);
	if (c->queued + len > OX_QUEUE_MAX || append(g, c, msg, len)) {
		lose(g, c, 1);
		append_overrun(g, c);
		return -ENOBUFS;
	}
	c->overrun = false;
	return 0;
}

/* Sends the queue; *sent counts messages. 0: empty now. */
static int flush(struct ox_genl *g, struct ox_client *c, uint32_t *sent)
{
	while (c->head) {
		struct ox_pending *m = c->head;
		struct iovec iov = { m->data, m->len };
		int err = ox_transport_send(g->fd, c->portid, &iov, 1);

		if (err)
			return err;
		(*sent)++;
		pending_free(g, c);
		if (!c->head)
			c->overrun = false;
	}
	return 0;
}

/* Sets when to try again: soon after progress, later and later without. */
static void back_off(struct ox_genl *g, struct ox_client *c, uint32_t sent)
{
	uint64_t now = ox_now_ms(), idle = now - c->progress_ms;
	uint32_t most = idle > OX_IDLE_MS ? OX_RETRY_IDLE_MS : OX_RETRY_MAX_MS;

	if (sent) {
		c->progress_ms = now;
		c->backoff_ms = OX_RETRY_MIN_MS;
	} else if (c->backoff_ms < most / 2) {
		c->backoff_ms *= 2;
	} else {
		c->backoff_ms = most;
	}
	c->retry_ms = now + c->backoff_ms;
	if (now - c->progress_ms >= g->stuck_ms) {
		ox_log_warn("client %u hasn't read for %u s: dropped",
			    c->portid, g->stuck_ms / 1000);
		g->count[OX_GENL_STUCK]++;
		ox_client_drop(g, c->portid);
	}
}

/*
 * Whose dump it is, before the client knows that it runs: its port id may
 * change hands later (check_busy()). The kernel's list of sockets may be long,
 * so that is one look a turn, and at its begin only; the process is known
 * anyway.
 */
static void identify(struct ox_genl *g, struct ox_client *c)
{
	if (c->inode || g->looked)
		return;
	g->looked = true;
	c->inode = ox_portid_inode_near(g->protocol, c->portid);
}

/* Sends parts of the dump. 0: all sent; -EAGAIN: the client is full;
 * -EINPROGRESS: it was enough for this time; other: no such client. */
static int dump_push(struct ox_genl *g, struct ox_client *c, uint32_t *sent)
{
	struct ox_dump_run *run = c->dump;

	for (int i = 0; i < PUSH_PARTS; i++) {
		struct iovec iov;
		int err;

		if (!run->part.len && !run->done)
			ox_dump_part(run, c->part_size);
		if (!run->filled)
			identify(g, c);
		if (run->part.len) {
			iov = (struct iovec){ run->part.data, run->part.len };
			err = ox_transport_send(g->fd, c->portid, &iov, 1);
			if (err)
				return err;
			run->part.len = 0;
			(*sent)++;
		}
		if (run->done) {
			if (run->turn)
				ox_turn_done(g, c->portid);
			dump_end(c);
			return 0;
		}
	}
	return -EINPROGRESS;
}

static void push(struct ox_genl *g, struct ox_client *c)
{
	uint32_t sent = 0;
	int err = flush(g, c, &sent);

	if (!err && c->dump)
		err = dump_push(g, c, &sent);
	switch (err) {
	case -EAGAIN:
		back_off(g, c, sent);
		break;
	case -EINPROGRESS: /* it reads as fast as we send */
		c->progress_ms = c->retry_ms = ox_now_ms();
		c->backoff_ms = OX_RETRY_MIN_MS;
		break;
	default:
		ox_client_drop(g, c->portid);
	}
}

void ox_client_push(struct ox_genl *g, struct ox_client *c)
{
	uint32_t portid = c->portid;

	push(g, c);
	c = ox_client_find(g, portid);
	if (c)
		arm_at(g, c->retry_ms);
}

/*
 * Nothing tells a sender that a netlink receiver has drained, so we try: at
 * OX_RETRY_MIN_MS after progress, up to OX_RETRY_MAX_MS without, and seldom
 * who hasn't read for long. Some in a turn, the next ones in the next.
 */
void ox_client_retry(void *genl)
{
	struct ox_genl *g = genl;
	uint64_t now = ox_now_ms();
	int pushes = 0;

	g->retry_at = 0;
	g->looked = false;
	for (int i = 0; i < OX_CLIENT_HASH && pushes < RETRY_PUSHES; i++) {
		struct ox_client *c, *next;

		c = g->clients[g->retry_from++ % OX_CLIENT_HASH];
		for (; c; c = next) {
			next = c->next;
			if (c->retry_ms <= now) {
				push(g, c);
				pushes++;
			}
		}
	}
	arm(g);
}

int ox_client_send(struct ox_genl *g, uint32_t portid, const void *msg,
		   uint32_t len)
{
	struct ox_client *c = ox_client_find(g, portid);
	struct iovec iov = { (void *)msg, len };
	int err = -EAGAIN;

	/* after what waits already: replies keep their order */
	if (!c || !c->head)
		err = ox_transport_send(g->fd, portid, &iov, 1);
	if (err == -ECONNREFUSED) {
		ox_client_drop(g, portid);
		return err;
	}
	if (err != -EAGAIN)
		return err;
	c = ox_client_get(g, portid);
	if (!c)
		return -ENOBUFS;
	err = enqueue(g, c, msg, len);
	if (!c->retry_ms) {
		c->retry_ms = ox_now_ms() + c->backoff_ms;
		arm_at(g, c->retry_ms);
	}
	return err;
}

/*
 * A dump already runs: -EBUSY, unless its socket is gone and another one has
 * the port id now. -EALREADY: it is this very request, which came once before
 * (genl_turn.c).
 */
static int check_busy(struct ox_genl *g, const struct ox_req *req)
{
	struct ox_client *c = ox_client_find(g, req->portid);

	if (!c || !c->dump)
		return 0;
	if (req->again && c->pid == req->pid &&
	    c->dump->d.nlh->nlmsg_seq == req->nlh->nlmsg_seq)
		return -EALREADY;
	if (c->pid != req->pid ||
	    (c->inode &&
	     c->inode != ox_portid_inode_near(g->protocol, req->portid))) {
		ox_client_drop(g, req->portid);
		return 0;
	}
	return -EBUSY;
}

int ox_client_dump(struct ox_req *req, const struct ox_genl_family *f,
		   const struct ox_genl_op *op)
{
	struct ox_genl *g = req->genl;
	struct ox_dump_run *run = NULL;
	struct ox_client *c;
	int err = check_busy(g, req);

	if (err == -EALREADY)
		return 0;
	if (!err)
		err = ox_dump_new(req, f, op, &run);
	if (err)
		return err;
	c = ox_client_get(g, req->portid);
	if (!c) {
		ox_dump_free(run);
		return -ENOMEM;
	}
	run->turn = g->in_turn;
	run->no_ext_ack = req->no_ext_ack;
	/* From the start once more: what it was sent comes twice. */
	run->d.intr = req->again;
	c->dump = run;
	c->pid = req->pid;
	make_room(g, 0);
	c = ox_client_find(g, req->portid);
	if (c)
		ox_client_push(g, c);
	return 0;
}
