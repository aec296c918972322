// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * linger.c - what becomes of a datapath's flows when all are deleted at once.
 * ovs-vswitchd does that at its start, before it can answer misses. With
 * --flush-linger a flush that comes when whoever read the upcalls is gone
 * leaves the flows to the packets until a timer has run down.
 */
#include "control/datapath/linger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/base/loop.h"
#include "control/datapath/datapath.h"
#include "control/netlink/portid.h"
#include "control/packet/upcall_pid.h"
#include "control/port/vport_linger.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"

/* Somebody read upcalls, and no socket of theirs is left. Should there be no
 * telling, nobody is taken for gone. */
static bool reader_gone(const struct ox_datapath *dp)
{
	size_t n = ox_upcall_pids(dp, NULL);
	_cleanup_free_ uint32_t *ids = NULL;

	if (!dp->mem->config->had_reader)
		return false;
	ids = calloc(n + 1, sizeof(*ids));
	if (!ids)
		return false;
	ox_upcall_pids(dp, ids);
	return !ox_portid_any(ids, n);
}

/* How many places a step has looked at. */
static void step_did(struct ox_datapath *dp)
{
	ox_loop_did(dp->packets->loop, OX_DID_FLOWS, OX_FLUSH_STEP);
}

static void linger_end(void *arg)
{
	struct ox_datapath *dp = arg;

	if (!dp->linger_at)
		ox_log_info("%s: %u flows don't linger any longer", dp->name,
			    ox_table_n_lingering(dp->table));
	step_did(dp);
	if (ox_table_linger_end_step(dp->table, &dp->linger_at))
		ox_loop_timer_now(dp->linger);
	else
		dp->linger_at = 0;
}

/* From now on; without a timer there is no lingering. */
static int timer_start(struct ox_datapath *dp)
{
	uint32_t ms = dp->all->opt.flush_linger * 1000;

	if (!ms)
		return -ENOENT;
	dp->linger_at = 0;
	if (dp->linger)
		return ox_loop_timer_set(dp->linger, ms, 0);
	return ox_loop_timer(dp->packets->loop, ms, 0, linger_end, dp,
			     &dp->linger);
}

uint64_t ox_linger_flush(struct ox_datapath *dp)
{
	bool gone = dp->all->opt.flush_linger && reader_gone(dp);

	/* one flush: who comes and goes on deleting means it */
	dp->mem->config->had_reader &= !gone;
	dp->flush = (struct ox_flush){
		.job = ++dp->all->jobs,
		.linger = gone && !timer_start(dp),
	};
	return dp->flush.job;
}

void ox_linger_step(struct ox_datapath *dp)
{
	struct ox_flush *f = &dp->flush;
	bool more = f->linger ? ox_table_linger_step(dp->table, &f->at)
			      : ox_table_flush_step(dp->table, &f->at);

	step_did(dp);
	if (more)
		return;
	f->job = 0;
	if (!f->linger)
		return;
	ox_log_info("%s: flushed while nobody reads upcalls: %u flows linger "
		    "for %u s",
		    dp->name, ox_table_n_lingering(dp->table),
		    dp->all->opt.flush_linger);
}

void ox_linger_open(struct ox_datapath *dp)
{
	if (!ox_table_n_lingering(dp->table))
		return;
	ox_log_info("%s: %u flows linger", dp->name,
		    ox_table_n_lingering(dp->table));
	if (timer_start(dp))
		ox_table_linger_end(dp->table);
	else
		ox_vport_unlinger_all(dp);
}

void ox_linger_close(struct ox_datapath *dp)
{
	ox_loop_del(dp->linger);
	dp->linger = NULL;
}
