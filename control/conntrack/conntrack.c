// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * conntrack.c - the life of connection tracking in the daemon.
 */
#include "control/conntrack/conntrack.h"

#include <errno.h>
#include <string.h>

#include "control/codec/ct.h"
#include "control/conntrack/event.h"
#include "control/conntrack/policy.h"
#include "control/packet/ct_exp.h"
#include "ovsxdp/log.h"

/* The table that names of policies are looked up in. */
static struct ox_ct_mem *policies;

static uint16_t policy_place(const char *name)
{
	return ox_ct_policy_named(policies, name);
}

int ox_conntrack_open(struct ox_datapaths *all, struct ox_err *e)
{
	const struct ox_ct_params p = {
		.max = all->opt.ct_max,
		.netns_cookie = all->space.cookie,
	};
	int err;

	if (ox_ct_served == OX_CT_SERVE_NONE)
		return 0;
	err = ox_ct_set_open(all->space.own, &p, &all->ct_set, e);
	if (err == -EPROTO) {
		/* all that needs no connections goes on */
		ox_log_err("%s", e->msg);
		snprintf(all->ct_left, sizeof(all->ct_left), "%s", e->msg);
		ox_ct_served = OX_CT_SERVE_NONE;
		return 0;
	}
	if (err)
		return err;
	all->ct = ox_ct_set_mem(all->ct_set);
	policies = all->ct;
	ox_ct_policy_place = policy_place;
	ox_ct_exp_start(all->ct);
	if (p.max && all->ct->conf->max < p.max)
		ox_log_warn("connection tracking keeps its table of %u "
			    "connections, not %u, as long as its maps live",
			    all->ct->conf->max, p.max);
	return 0;
}

void ox_conntrack_close(struct ox_datapaths *all)
{
	ox_ct_policy_place = NULL;
	ox_ct_events_close();
	ox_ct_set_close(all->ct_set);
	all->ct_set = NULL;
	all->ct = NULL;
}

void ox_conntrack_serve(struct ox_datapaths *all, struct ox_genl *genl)
{
	static const struct ox_genl_family *const subsystems[] = {
		&ox_fam_ctnl,
		&ox_fam_ctnl_exp,
		&ox_fam_ctnl_timeout,
	};
	struct ox_err e = { 0 };
	int err;

	if (!all->ct)
		return;
	err = ox_nfnl_open(genl, &e);
	for (size_t i = 0; !err && i < 3; i++)
		err = ox_nfnl_register(genl, subsystems[i]);
	if (!err)
		ox_ct_events_open(all, genl);
	if (err)
		ox_log_warn("connections can't be asked for by netlink: %s",
			    e.msg[0] ? e.msg : strerror(-err));
}

void ox_conntrack_tick(struct ox_datapaths *all)
{
	if (!all->ct)
		return;
	ox_ct_exp_tick(all->ct);
	ox_ct_events_tick();
	if (ox_ct_set_tick(all->ct_set))
		ox_log_dbg("room for %u connections",
			   all->ct->n_chunks << OX_CT_CHUNK_SHIFT);
}
