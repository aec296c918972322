// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * upgrade.c - see upgrade.h. One datapath at a time: its programs take the
 * verifier most of a second on every CPU, and nobody waits for them.
 */
#include "control/datapath/upgrade.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "control/base/loop.h"
#include "control/port/away.h"
#include "control/port/vport_events.h"
#include "ovsxdp/log.h"

#define NICE_UPGRADE 5 /* nobody waits for it */

static bool is_wanted(const struct ox_datapath *dp)
{
	return !dp->upgrade_why[0] &&
	       strcmp(ox_dp_build(dp->dp), ox_build_id());
}

static void failed(struct ox_datapath *dp, int err, const struct ox_err *e)
{
	snprintf(dp->upgrade_why, sizeof(dp->upgrade_why), "%s",
		 e->msg[0] ? e->msg : strerror(-err));
	ox_log_err("%s: goes on with the programs of build %s: %s", dp->name,
		   ox_dp_build(dp->dp), dp->upgrade_why);
}

static void unwatch(struct ox_datapath *dp)
{
	ox_loop_del(dp->upgrade);
	dp->upgrade = NULL;
}

/* The thread has ended. Another one may still use the old programs, in another
 * network namespace; then a later tick comes back here. */
static void put_in_place(struct ox_datapath *dp)
{
	struct ox_err e = { 0 };
	uint32_t n;
	int err;

	if (ox_away_is_busy(dp->ports->away, dp))
		return;
	err = ox_renew_end(dp->dp, &n, &e);
	if (err)
		failed(dp, err, &e);
	else
		ox_log_info("%s: programs of build %s are in place on %u "
			    "devices",
			    dp->name, ox_dp_build(dp->dp), n);
}

static void on_loaded(void *arg, uint32_t events)
{
	struct ox_datapath *dp = arg;

	(void)events;
	unwatch(dp);
	put_in_place(dp);
	ox_upgrade_tick(dp->all);
}

static void begin(struct ox_datapath *dp)
{
	struct ox_datapaths *all = dp->all;
	struct ox_err e = { 0 };
	int err;

	/* its programs may have these connections */
	if (all->ct_left[0])
		err = ox_err_set(&e, -EPROTO, "%s", all->ct_left);
	else
		err = ox_renew_start(dp->dp, all->ct_set, NICE_UPGRADE, &e);
	if (!err)
		err = ox_loop_add(dp->packets->loop, ox_renew_fd(dp->dp),
				  EPOLLIN, on_loaded, dp, &dp->upgrade);
	if (err)
		failed(dp, err, &e);
	else
		ox_log_info("%s: has programs of build %s: loading those of "
			    "%s",
			    dp->name, ox_dp_build(dp->dp), ox_build_id());
}

void ox_upgrade_tick(struct ox_datapaths *all)
{
	struct ox_datapath *dp;

	for (dp = ox_datapath_first(all); dp; dp = ox_datapath_next(dp)) {
		if (dp->upgrade)
			return;
		if (ox_renew_fd(dp->dp) >= 0)
			put_in_place(dp);
		else if (is_wanted(dp))
			begin(dp);
		if (ox_renew_fd(dp->dp) >= 0)
			return;
	}
}

void ox_upgrade_resume(struct ox_datapath *dp)
{
	struct ox_err e = { 0 };
	int rc = ox_renew_resume(dp->dp, &e);

	if (rc < 0)
		failed(dp, rc, &e);
	else if (rc)
		ox_log_info("%s: programs of build %s are in place, as the "
			    "last daemon had begun",
			    dp->name, ox_dp_build(dp->dp));
}
