// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * linger.c - what becomes of a datapath's flows when all are deleted at once.
 * ovs-vswitchd does that at its start, before it can answer misses. With
 * --flush-linger a flush that comes when whoever read the upcalls is gone
 * leaves the flows to the packets until a timer has run down.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/daemon.h"
#include "control/netlink/genl_int.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"
#include "ovsxdp/uapi.h"

void ox_linger_reader(struct ox_datapath *dp, const uint32_t *pids, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (pids[i])
			dp->mem->config->had_reader = 1;
}

/* The port ids that upcalls go to, zeroes among them, to ids if it isn't
 * NULL; returns how many. */
static size_t upcall_pids(const struct ox_datapath *dp, uint32_t *ids)
{
	const struct ox_config *c = dp->mem->config;
	size_t n = 0;

	if (c->user_features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU)
		n = c->n_cpu_pids;
	if (ids)
		memcpy(ids, c->cpu_pids, n * sizeof(*ids));
	for (uint32_t i = 0; i < c->max_ports; i++) {
		const struct ox_uport *u = &dp->mem->uports[i];

		if (!ox_vport_exists(dp, i))
			continue;
		if (ids)
			memcpy(ids + n, u->pids, u->n_pids * sizeof(*ids));
		n += u->n_pids;
	}
	return n;
}

/* Somebody read upcalls, and no socket of theirs is left. Should there be no
 * telling, nobody is taken for gone. */
static bool reader_gone(const struct ox_datapath *dp)
{
	size_t n = upcall_pids(dp, NULL);
	_cleanup_free_ uint32_t *ids = NULL;

	if (!dp->mem->config->had_reader)
		return false;
	ids = calloc(n + 1, sizeof(*ids));
	if (!ids)
		return false;
	upcall_pids(dp, ids);
	return !ox_portid_any(ids, n);
}

static void linger_end(void *arg)
{
	struct ox_datapath *dp = arg;

	ox_log_info("%s: %u flows don't linger any longer", dp->name,
		    ox_table_n_lingering(dp->table));
	ox_table_linger_end(dp->table);
}

/* From now on; without a timer there is no lingering. */
static int timer_start(struct ox_datapath *dp)
{
	struct ox_daemon *d = dp->daemon;
	uint32_t ms = d->opt.flush_linger * 1000;

	if (!ms)
		return -ENOENT;
	if (dp->linger)
		return ox_loop_timer_set(dp->linger, ms, 0);
	return ox_loop_timer(d->loop, ms, 0, linger_end, dp, &dp->linger);
}

void ox_linger_flush(struct ox_datapath *dp)
{
	bool gone = dp->daemon->opt.flush_linger && reader_gone(dp);

	/* one flush: who comes and goes on deleting means it */
	dp->mem->config->had_reader &= !gone;
	if (!gone || timer_start(dp)) {
		ox_table_flush(dp->table);
		return;
	}
	ox_table_linger(dp->table);
	ox_log_info("%s: flushed while nobody reads upcalls: %u flows linger "
		    "for %u s",
		    dp->name, ox_table_n_lingering(dp->table),
		    dp->daemon->opt.flush_linger);
}

void ox_linger_open(struct ox_datapath *dp)
{
	if (!ox_table_n_lingering(dp->table))
		return;
	ox_log_info("%s: %u flows linger", dp->name,
		    ox_table_n_lingering(dp->table));
	if (timer_start(dp))
		ox_table_linger_end(dp->table);
}

void ox_linger_close(struct ox_datapath *dp)
{
	ox_loop_del(dp->linger);
	dp->linger = NULL;
}
