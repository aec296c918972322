// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * genl_open.c - the server's life: its memory, socket and timers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "control/base/loop.h"
#include "control/netlink/genl_int.h"
#include "ovsxdp/cleanup.h"

static void on_readable(void *arg, uint32_t events)
{
	(void)events;
	ox_inbox_turn(arg);
}

static void on_more(void *arg)
{
	ox_inbox_turn(arg);
}

static int buffer_new(struct ox_nlbuf *b, uint32_t size)
{
	b->data = malloc(size);
	b->size = size;
	return b->data ? 0 : -ENOMEM;
}

static int buffers_new(struct ox_genl *g)
{
	g->rx = malloc(OX_RX_SIZE);
	if (!g->rx || buffer_new(&g->reply, OX_TX_SIZE) ||
	    buffer_new(&g->notify, OX_TX_SIZE) ||
	    buffer_new(&g->ack, OX_RX_SIZE + 4096))
		return -ENOMEM;
	return 0;
}

/* The port id makes daemons of a network namespace follow each other. */
static uint64_t new_cookie(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void genl_closep(struct ox_genl **g)
{
	ox_genl_close(*g);
}

int ox_genl_new(struct ox_loop *loop, struct ox_datapaths *datapaths,
		struct ox_genl **out)
{
	_cleanup_(genl_closep) struct ox_genl *g = calloc(1, sizeof(*g));
	int err;

	if (!g)
		return -ENOMEM;
	g->protocol = NETLINK_GENERIC;
	g->fd = -1;
	g->seat = (struct ox_seat){ .dir = -1, .lock = -1 };
	g->loop = loop;
	g->datapaths = datapaths;
	g->stuck_ms = OX_STUCK_MS;
	g->queued_max = OX_QUEUES_MAX;
	g->inbox_max = OX_INBOX_MAX;
	g->line_end = &g->line;
	g->put_off_end = &g->put_off;
	err = buffers_new(g);
	if (!err)
		*out = take_ptr(g);
	return err;
}

int ox_genl_start(struct ox_genl *g, struct ox_err *e)
{
	int err = ox_loop_timer(g->loop, 0, 0, ox_client_retry, g, &g->retry);

	if (!err)
		err = ox_loop_timer(g->loop, 0, 0, on_more, g, &g->more);
	if (!err)
		err = ox_loop_add(g->loop, g->fd, EPOLLIN, on_readable, g,
				  &g->watch);
	return err ? ox_err_set(e, err, "watching the netlink socket: %s",
				strerror(-err))
		   : 0;
}

int ox_genl_open(struct ox_loop *loop, struct ox_state_mem *state,
		 struct ox_datapaths *datapaths, struct ox_genl **out,
		 struct ox_err *e)
{
	_cleanup_(genl_closep) struct ox_genl *g = NULL;
	int err = ox_genl_new(loop, datapaths, &g);

	if (err)
		return ox_err_set(e, err, "netlink buffers: out of memory");
	/* The address first: who has it may write the subscriptions. */
	err = ox_listen(g, e);
	if (err)
		return err;
	g->cookie = new_cookie();
	ox_turns_open(g, state);
	err = ox_subs_open(g, state);
	if (err)
		return ox_err_set(e, err, "netlink buffers: out of memory");
	err = ox_genl_start(g, e);
	if (!err)
		*out = take_ptr(g);
	return err;
}

void ox_genl_close(struct ox_genl *g)
{
	if (!g)
		return;
	ox_genl_close(g->nf);
	ox_client_drop_all(g);
	ox_inbox_drop_all(g);
	ox_loop_del(g->watch);
	ox_loop_del(g->retry);
	ox_loop_del(g->more);
	ox_listen_end(g);
	free(g->own_subs);
	free(g->rx);
	free(g->reply.data);
	free(g->notify.data);
	free(g->ack.data);
	free(g);
}
