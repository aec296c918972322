// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * inbox.c - requests that wait. The kernel keeps them in one queue for all
 * senders, so that who sends much would be served alone for as long. So each
 * turn of the loop takes out of it what has come, and handles a bounded number
 * of messages, of each process that has sent some a few. A datagram may have
 * ten thousand: it is gone on with in later turns. Other sources of events
 * (packets, links, timers) come between two turns. A process whose request is
 * put off (ox_genl_wake()) is out of the line until then.
 */
#include "control/netlink/genl_int.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"
#include "ovsxdp/now.h"

#define SHARE_MSGS 8 /* of a process, before the next one's */
/* Taken out of the kernel's queue in a turn. */
#define READ_DATAGRAMS 512
#define READ_BYTES     (1u << 20)
#define TURN_MS	       2 /* some messages take long */

static struct ox_inbox **place(struct ox_genl *g, pid_t pid)
{
	struct ox_inbox **p = &g->inboxes[(uint32_t)pid % OX_CLIENT_HASH];

	while (*p && (*p)->pid != pid)
		p = &(*p)->other;
	return p;
}

static void line_add(struct ox_genl *g, struct ox_inbox *b)
{
	b->next = NULL;
	*g->line_end = b;
	g->line_end = &b->next;
}

/* Its next message is for later. */
static void put_off(struct ox_genl *g, struct ox_inbox *b)
{
	b->next = NULL;
	*g->put_off_end = b;
	g->put_off_end = &b->next;
	g->n_put_off++;
}

/* In the order in which they were put off, after all others: who goes on with
 * long work in each turn would leave those no time. */
void ox_genl_wake(void *genl)
{
	struct ox_genl *g = genl;

	if (!g->put_off)
		return;
	for (struct ox_inbox *b = g->put_off; b; b = b->next)
		b->head->put_off = false;
	*g->line_end = g->put_off;
	g->line_end = g->put_off_end;
	g->put_off = NULL;
	g->put_off_end = &g->put_off;
	g->n_put_off = 0;
	ox_loop_timer_now(g->more);
}

static struct ox_inbox *line_take(struct ox_genl *g)
{
	struct ox_inbox *b = g->line;

	g->line = b->next;
	if (!g->line)
		g->line_end = &g->line;
	return b;
}

static void letter_remove(struct ox_genl *g, struct ox_inbox *b)
{
	struct ox_letter *l = b->head;

	b->head = l->next;
	if (!b->head)
		b->tail = &b->head;
	b->bytes -= sizeof(*l) + l->len;
	g->inbox_bytes -= sizeof(*l) + l->len;
	free(l);
}

/* Empty, and not in line. */
static void inbox_free(struct ox_genl *g, struct ox_inbox *b)
{
	*place(g, b->pid) = b->other;
	g->n_inboxes--;
	free(b);
}

void ox_inbox_drop_all(struct ox_genl *g)
{
	ox_genl_wake(g);
	while (g->line) {
		struct ox_inbox *b = line_take(g);

		while (b->head)
			letter_remove(g, b);
		inbox_free(g, b);
	}
}

/* A new one is in line, or, if its first message is put off, out of it. */
static struct ox_inbox *inbox_get(struct ox_genl *g, pid_t pid, bool is_put_off)
{
	struct ox_inbox **p = place(g, pid);
	struct ox_inbox *b = *p;

	if (b)
		return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		return NULL;
	b->pid = pid;
	b->tail = &b->head;
	*p = b;
	g->n_inboxes++;
	if (is_put_off)
		put_off(g, b);
	else
		line_add(g, b);
	return b;
}

/* Half of the room is the most for one; where many are many, an equal part.
 * What has begun has a place. */
static bool has_room(const struct ox_genl *g, const struct ox_inbox *b,
		     const struct ox_letter *l, uint64_t n)
{
	uint64_t of_one = b ? b->bytes + n : n;

	if (l->job)
		return true;
	if (of_one > g->inbox_max / 2)
		return false;
	return g->inbox_bytes + n <= g->inbox_max ||
	       of_one <= g->inbox_max / (g->n_inboxes + 1);
}

static void refuse_too_many(struct ox_genl *g, const struct ox_letter *l)
{
	struct ox_err e = { 0 };

	if (!g->count[OX_GENL_REFUSED]++)
		ox_log_warn("process %d sends more requests than can wait: "
			    "refused",
			    (int)l->pid);
	ox_err_set(&e, -ENOBUFS,
		   "%" PRIu64 " MiB of requests wait already: read the answers "
		   "before the next ones",
		   g->inbox_bytes >> 20);
	ox_genl_refuse(g, l, -ENOBUFS, &e);
}

/* Keeps what isn't done of a datagram. */
static void keep(struct ox_genl *g, const struct ox_letter *l)
{
	uint32_t left = l->len - l->at;
	struct ox_inbox *b = *place(g, l->pid);
	struct ox_letter *copy = NULL;

	if (has_room(g, b, l, sizeof(*copy) + left))
		copy = malloc(sizeof(*copy) + left);
	b = copy ? inbox_get(g, l->pid, l->put_off) : NULL;
	if (!b) {
		free(copy);
		refuse_too_many(g, l);
		return;
	}
	*copy = *l;
	copy->next = NULL;
	copy->at = 0;
	copy->len = left;
	copy->data = memcpy(copy->own, l->data + l->at, left);
	*b->tail = copy;
	b->tail = &copy->next;
	b->bytes += sizeof(*copy) + left;
	g->inbox_bytes += sizeof(*copy) + left;
}

static void refuse_truncated(struct ox_genl *g, const struct ox_letter *l)
{
	struct ox_err e = { 0 };

	ox_err_set(&e, -EMSGSIZE, "requests larger than %u bytes a datagram",
		   OX_RX_SIZE);
	ox_genl_refuse(g, l, -EMSGSIZE, &e);
}

/* One datagram has come: nobody waits, so it is handled as it lies, and what
 * is too much of it waits; else all of it does. */
static void take(struct ox_genl *g, const struct ox_datagram *dg,
		 uint32_t *budget, int64_t end)
{
	struct ox_letter l = {
		.len = dg->len,
		.data = dg->data,
		.portid = dg->portid,
		.uid = dg->uid,
		.pid = dg->pid,
	};

	if (!dg->portid || dg->portid == g->portid)
		return;
	if (dg->truncated) {
		refuse_truncated(g, &l);
		return;
	}
	if (!g->line && !*place(g, l.pid) && *budget && ox_now_ms() <= end)
		*budget -= ox_genl_handle(g, &l, *budget);
	if (l.at < l.len)
		keep(g, &l);
}

static void read_all(struct ox_genl *g, uint32_t *budget, int64_t end)
{
	uint32_t bytes = 0;

	for (int i = 0; i < READ_DATAGRAMS && bytes < READ_BYTES; i++) {
		struct ox_datagram dg;
		int err = ox_transport_recv(g->fd, g->rx, OX_RX_SIZE, &dg);

		if (err == -EAGAIN)
			return;
		if (err) {
			/* ENOBUFS: something was lost, its sender knows */
			ox_log_warn("netlink receive: %s", strerror(-err));
			return;
		}
		bytes += dg.len;
		take(g, &dg, budget, end);
	}
}

/* Of the first in line; it goes to the end of the line, or out of it. */
static uint32_t serve_one(struct ox_genl *g, uint32_t budget)
{
	struct ox_inbox *b = line_take(g);
	uint32_t n = 0;

	if (budget > SHARE_MSGS)
		budget = SHARE_MSGS;
	while (b->head && n < budget && !b->head->put_off) {
		n += ox_genl_handle(g, b->head, budget - n);
		if (b->head->at == b->head->len)
			letter_remove(g, b);
	}
	if (!b->head)
		inbox_free(g, b);
	else if (b->head->put_off)
		put_off(g, b);
	else
		line_add(g, b);
	return n;
}

/* However long the reading took, perhaps without a CPU, somebody is served. */
static void serve(struct ox_genl *g, uint32_t *budget)
{
	int64_t end = ox_now_ms() + TURN_MS;

	while (g->line && *budget) {
		*budget -= serve_one(g, *budget);
		if (ox_now_ms() > end)
			return;
	}
}

void ox_inbox_turn(struct ox_genl *g)
{
	uint32_t budget = OX_TURN_MSGS;

	g->looked = false;
	if (g->go_on) {
		g->go_on = false;
		ox_genl_wake(g);
	}
	read_all(g, &budget, ox_now_ms() + TURN_MS);
	serve(g, &budget);
	g->count[OX_GENL_TURNS] += budget < OX_TURN_MSGS;
	if (g->line || g->go_on)
		ox_loop_timer_now(g->more);
}
