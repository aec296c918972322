// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * client.c - what waits for a client. A reply that meets a full receive
 * buffer is queued here and tried again by timer; a dump goes on when the
 * client has drained. So a slow reader costs itself time and the daemon a
 * bounded queue, and nobody else anything (docs/facts.md, T5).
 */
#include "control/netlink/genl_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "control/netlink/portid.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"

#define PUSH_PARTS 64 /* of a dump; then others get their turn */

uint64_t ox_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

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

void ox_client_drop(struct ox_genl *g, uint32_t portid)
{
	struct ox_client **p = slot(g, portid);
	struct ox_client *c = *p;

	if (!c)
		return;
	*p = c->next;
	while (c->head) {
		struct ox_pending *m = c->head;

		c->head = m->next;
		free(m);
	}
	ox_dump_free(c->dump);
	free(c);
}

void ox_client_drop_all(struct ox_genl *g)
{
	for (int i = 0; i < OX_CLIENT_HASH; i++) {
		while (g->clients[i])
			ox_client_drop(g, g->clients[i]->portid);
	}
}

/* Arms the one timer for the client that comes first. */
static void arm(struct ox_genl *g)
{
	uint64_t now = ox_now_ms(), first = UINT64_MAX;

	for (int i = 0; i < OX_CLIENT_HASH; i++) {
		struct ox_client *c;

		for (c = g->clients[i]; c; c = c->next) {
			if (c->retry_ms < first)
				first = c->retry_ms;
		}
	}
	if (first == UINT64_MAX)
		ox_loop_timer_set(g->retry, 0, 0);
	else if (first > now)
		ox_loop_timer_set(g->retry, (uint32_t)(first - now), 0);
	else
		ox_loop_timer_now(g->retry);
}

/* Copies: the caller's buffer is for the next message. */
static int enqueue(struct ox_client *c, const void *msg, uint32_t len)
{
	struct ox_pending *m;

	if (c->queued + len > OX_QUEUE_MAX)
		m = NULL;
	else
		m = malloc(sizeof(*m) + len);
	if (!m) {
		if (!c->lost++)
			ox_log_warn("client %u doesn't read: messages lost",
				    c->portid);
		return -ENOBUFS;
	}
	m->next = NULL;
	m->len = len;
	memcpy(m->data, msg, len);
	*c->tail = m;
	c->tail = &m->next;
	c->queued += len;
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
		c->queued -= m->len;
		c->head = m->next;
		if (!c->head)
			c->tail = &c->head;
		free(m);
	}
	return 0;
}

/* Sets when to try again: soon after progress, later and later without. */
static void back_off(struct ox_genl *g, struct ox_client *c, uint32_t sent)
{
	uint64_t now = ox_now_ms();

	if (sent) {
		c->progress_ms = now;
		c->backoff_ms = OX_RETRY_MIN_MS;
	} else if (c->backoff_ms < OX_RETRY_MAX_MS / 2) {
		c->backoff_ms *= 2;
	} else {
		c->backoff_ms = OX_RETRY_MAX_MS;
	}
	c->retry_ms = now + c->backoff_ms;
	if (now - c->progress_ms >= g->stuck_ms) {
		ox_log_warn("client %u hasn't read for %u s: dropped",
			    c->portid, g->stuck_ms / 1000);
		ox_client_drop(g, c->portid);
	}
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
		/* Whose dump it is, before the client knows that it runs:
		 * its port id may change hands later (check_busy()). */
		if (!c->inode && !run->filled)
			c->inode = ox_portid_inode(c->portid);
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
			ox_dump_free(run);
			c->dump = NULL;
			return 0;
		}
	}
	return -EINPROGRESS;
}

void ox_client_push(struct ox_genl *g, struct ox_client *c)
{
	uint32_t sent = 0;
	int err = flush(g, c, &sent);

	if (!err && c->dump)
		err = dump_push(g, c, &sent);
	switch (err) {
	case -EAGAIN:
		/* who it is, should its port id change hands meanwhile */
		if (!c->inode)
			c->inode = ox_portid_inode(c->portid);
		back_off(g, c, sent);
		break;
	case -EINPROGRESS: /* it reads as fast as we send */
		c->progress_ms = c->retry_ms = ox_now_ms();
		c->backoff_ms = OX_RETRY_MIN_MS;
		break;
	default:
		ox_client_drop(g, c->portid);
	}
	arm(g);
}

/*
 * Nothing tells a sender that a netlink receiver has drained, so we try: at
 * OX_RETRY_MIN_MS after progress, up to OX_RETRY_MAX_MS without.
 */
void ox_client_retry(void *genl)
{
	struct ox_genl *g = genl;
	uint64_t now = ox_now_ms();

	for (int i = 0; i < OX_CLIENT_HASH; i++) {
		struct ox_client *c, *next;

		for (c = g->clients[i]; c; c = next) {
			next = c->next;
			if (c->retry_ms <= now)
				ox_client_push(g, c);
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
	err = enqueue(c, msg, len);
	if (!c->retry_ms) {
		c->inode = ox_portid_inode(portid);
		c->retry_ms = ox_now_ms() + c->backoff_ms;
		arm(g);
	}
	return err;
}

/* A dump already runs: -EBUSY, unless its socket is gone and another one
 * has the port id now. */
static int check_busy(struct ox_genl *g, uint32_t portid)
{
	struct ox_client *c = ox_client_find(g, portid);

	if (!c || !c->dump)
		return 0;
	if (c->inode && c->inode != ox_portid_inode(portid)) {
		ox_client_drop(g, portid);
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
	int err = check_busy(g, req->portid);

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
	/* From the start once more: what it was sent comes twice. */
	run->d.intr = req->again;
	c->dump = run;
	ox_client_push(g, c);
	return 0;
}
