// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sync.c - grace periods: an array of maps is replaced by itself, and what
 * counts is the wait (docs/facts.md, B4). The daemon is one thread, so a thread
 * of its own waits where nobody needs the end at once.
 */
#include "loader/priv.h"

#include <errno.h>

int ox_sync(struct ox_mem *m)
{
	struct ox_dp *dp = ox_dp_of(m);

	return ox_outer_set(dp->map_fd[OX_M_SYNC], 0, dp->sync_fd);
}

static void *sync_run(void *arg)
{
	struct ox_dp *dp = arg;

	dp->sync.rc = ox_sync(&dp->mem);
	__atomic_store_n(&dp->sync.ended, true, __ATOMIC_RELEASE);
	return NULL;
}

int ox_sync_begin(struct ox_mem *m)
{
	struct ox_dp *dp = ox_dp_of(m);
	int err;

	if (dp->sync.busy)
		return -EBUSY;
	dp->sync.ended = false;
	err = ox_thread_start(&dp->sync.tid, sync_run, dp);
	dp->sync.busy = !err;
	return err;
}

void ox_sync_wait(struct ox_dp *dp)
{
	if (!dp->sync.busy)
		return;
	pthread_join(dp->sync.tid, NULL);
	dp->sync.busy = false;
}

int ox_sync_ended(struct ox_mem *m)
{
	struct ox_dp *dp = ox_dp_of(m);

	if (!dp->sync.busy ||
	    !__atomic_load_n(&dp->sync.ended, __ATOMIC_ACQUIRE))
		return 0;
	ox_sync_wait(dp);
	return dp->sync.rc ? dp->sync.rc : 1;
}
