// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * grow.c - chunks ahead of need. Memory for 32,768 flows
 * takes some milliseconds to make, and to touch (warm.c). Each update of an
 * outer map waits for a grace period, 8 to 16 ms on an idle machine. The daemon
 * is one thread and can't stop for that long. So once half of a datapath's
 * first chunk is used, a short-lived thread makes the next ones.
 *
 * The thread writes only what no one looks at before it is joined: the entries
 * after n_flow_chunks and n_acts_chunks.
 */
#include "loader/priv.h"

#include <errno.h>

static void *ahead_run(void *arg)
{
	struct ox_grow *g = arg;

	g->rc = g->make(g->dp, g->ready, g->n);
	return NULL;
}

/* Failing to start is no error: the chunk is made when it is needed. */
static void ahead_start(struct ox_grow *g, uint32_t n)
{
	g->n = n;
	g->busy = !ox_thread_start(&g->tid, ahead_run, g);
}

static void ahead_join(struct ox_grow *g)
{
	if (!g->busy)
		return;
	pthread_join(g->tid, NULL);
	g->busy = false;
	if (!g->rc)
		g->ready += g->n;
}

/*
 * Makes sure that chunk i is ready, and starts on the next ones when less than
 * low are left after it.
 */
static int grow_to(struct ox_grow *g, uint32_t i, uint32_t max, uint32_t step,
		   uint32_t low)
{
	if (i >= max)
		return -ENOSPC;
	if (i >= g->ready)
		ahead_join(g);
	if (i >= g->ready) {
		int err = g->make(g->dp, i, 1);

		if (err)
			return err;
		g->ready = i + 1;
	}
	if (g->busy || g->ready >= max || g->ready - (i + 1) >= low)
		return 0;
	ahead_start(g, step < max - g->ready ? step : max - g->ready);
	return 0;
}

int ox_grow_flows(struct ox_mem *m)
{
	struct ox_dp *dp = ox_dp_of(m);
	int err = grow_to(&dp->grow_flows, m->n_flow_chunks,
			  ox_chunks_max(m->config), 1, 1);

	if (!err)
		m->n_flow_chunks++;
	return err;
}

void ox_grow_flows_soon(struct ox_mem *m)
{
	struct ox_grow *g = &ox_dp_of(m)->grow_flows;

	if (!g->busy && g->ready == m->n_flow_chunks &&
	    g->ready < ox_chunks_max(m->config))
		ahead_start(g, 1);
}

int ox_grow_acts(struct ox_mem *m)
{
	struct ox_dp *dp = ox_dp_of(m);
	uint32_t step = m->n_acts_chunks / 2 + 1;
	int err;

	if (step > OX_ACTS_AT_ONCE)
		step = OX_ACTS_AT_ONCE;
	err = grow_to(&dp->grow_acts, m->n_acts_chunks, OX_ACTS_CHUNKS, step,
		      step);
	if (!err)
		m->n_acts_chunks++;
	return err;
}

void ox_grow_init(struct ox_dp *dp)
{
	dp->grow_flows.dp = dp;
	dp->grow_flows.make = ox_chunk_make_flows;
	dp->grow_flows.ready = dp->mem.n_flow_chunks;
	dp->grow_acts.dp = dp;
	dp->grow_acts.make = ox_chunk_make_acts;
	dp->grow_acts.ready = dp->mem.n_acts_chunks;
}

void ox_grow_wait(struct ox_dp *dp)
{
	ahead_join(&dp->grow_flows);
	ahead_join(&dp->grow_acts);
}
