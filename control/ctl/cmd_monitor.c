// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * cmd_monitor.c - monitor: joins the groups, optionally takes the ports'
 * upcalls (and puts their port ids back at the end), prints what comes.
 */
#include "control/ctl/monitor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/nl.h"

static const uint32_t groups[] = { OX_MCGRP_DATAPATH, OX_MCGRP_VPORT,
				   OX_MCGRP_FLOW };

/* c: the socket that is to hear of it asks for itself. */
static int join(struct ox_conn *c, uint8_t cmd, struct ox_err *e)
{
	struct ox_msg m;
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(groups) / sizeof(groups[0]);
	     i++) {
		ox_msg_begin(&m, OX_GENL_OVSXDP, 0, cmd, 0);
		ox_msg_put_u32(&m, OX_A_GROUP, groups[i]);
		err = ox_conn_talk(c, &m, NULL, NULL, e);
	}
	return err;
}

static int set_pids(struct ox_ctl *ctl, const struct ox_port_info *p,
		    const uint32_t *pids, uint32_t n)
{
	struct ox_msg m;

	ox_msg_begin(&m, OX_GENL_VPORT, 0, OVS_VPORT_CMD_SET, p->dp_ifindex);
	ox_msg_put_u32(&m, OVS_VPORT_ATTR_PORT_NO, p->no);
	ox_msg_put(&m, OVS_VPORT_ATTR_UPCALL_PID, pids, n * 4);
	return ox_conn_talk(ctl->conn, &m, NULL, NULL, &ctl->err);
}

/* A port id in the list of what it had is ours to give back; a port that
 * somebody has changed meanwhile is left alone. */
static bool still_ours(struct ox_ctl *ctl, const struct ox_port_info *p,
		       uint32_t portid)
{
	_cleanup_(ox_port_infos_free) struct ox_port_infos l = { 0 };

	if (ox_port_list(ctl, p->dp_ifindex, false, &l))
		return false;
	for (uint32_t i = 0; i < l.n; i++)
		if (l.v[i].no == p->no)
			return l.v[i].n_pids == 1 && l.v[i].pids[0] == portid;
	return false;
}

static void upcalls_return(struct ox_ctl *ctl, const struct ox_port_infos *l,
			   uint32_t portid)
{
	static const uint32_t nobody;

	for (uint32_t i = 0; i < l->n; i++) {
		const struct ox_port_info *p = &l->v[i];

		if (!still_ours(ctl, p, portid))
			continue;
		if (p->n_pids)
			set_pids(ctl, p, p->pids, p->n_pids);
		else
			set_pids(ctl, p, &nobody, 1);
	}
}

static int upcalls_refused(struct ox_ctl *ctl, const struct ox_dp_info *dp)
{
	if (!(dp->features & OVS_DP_F_DISPATCH_UPCALL_PER_CPU))
		return 0;
	return ox_err_set(&ctl->err, -EBUSY,
			  "datapath %s sends upcalls per CPU, and those port "
			  "ids can't be read, so not given back: it is left "
			  "alone",
			  dp->name);
}

/* Takes the upcalls of all ports of dp; *l: what they had. */
static int upcalls_take(struct ox_ctl *ctl, const struct ox_dp_info *dp,
			uint32_t portid, struct ox_port_infos *l)
{
	int err = upcalls_refused(ctl, dp);

	if (!err)
		err = ox_port_list(ctl, dp->ifindex, false, l);
	for (uint32_t i = 0; !err && i < l->n; i++)
		err = set_pids(ctl, &l->v[i], &portid, 1);
	return err;
}

static int listen_on(struct ox_ctl *ctl, struct ox_conn *c,
		     struct ox_monitor *mon)
{
	int err = 0;

	while (!err && !ox_ctl_stopped() &&
	       (!ctl->count || mon->n_events < ctl->count)) {
		err = ox_conn_recv(c, 500, ox_monitor_event, mon);
		/* our buffer overran: say so, and go on */
		if (err == -ENOBUFS)
			fputs("ovsxdpctl: warning: events were lost\n", stderr);
		if (err == -EAGAIN || err == -EINTR || err == -ENOBUFS)
			err = 0;
	}
	return err;
}

static int run(struct ox_ctl *ctl, struct ox_conn *c, struct ox_monitor *mon,
	       const struct ox_dp_info *dp)
{
	_cleanup_(ox_port_infos_free) struct ox_port_infos had = { 0 };
	int err = 0;

	/* outside of the subscription: our own changes are no news */
	if (ctl->upcalls)
		err = upcalls_take(ctl, dp, c->portid, &had);
	if (!err)
		err = join(c, OX_CMD_SUBSCRIBE, &ctl->err);
	if (!err)
		err = listen_on(ctl, c, mon);
	join(c, OX_CMD_UNSUBSCRIBE, NULL);
	upcalls_return(ctl, &had, c->portid);
	return err;
}

int ox_cmd_monitor(struct ox_ctl *ctl)
{
	struct ox_monitor mon = { .ctl = ctl, .style = { .more = ctl->more } };
	struct ox_odp_ports names = { 0 };
	struct ox_dp_info dp = { 0 };
	struct ox_conn *c = NULL;
	char **rest;
	int err;

	ox_ctl_catch_signals();
	err = ox_dp_list_all(ctl, &mon.dps);
	/* upcalls are one datapath's; notifications may be everybody's */
	if (!err && (ctl->argc || ctl->upcalls || ctl->names)) {
		err = ox_dp_arg(ctl, 0, &dp, &rest);
		mon.dp_ifindex = ctl->argc ? dp.ifindex : 0;
	}
	if (!err && ctl->names) {
		err = ox_port_names(ctl, dp.ifindex, &names);
		mon.style.names = &names;
	}
	if (!err)
		err = ox_conn_open(NETLINK_GENERIC, ctl->peer, ctl->timeout_ms,
				   &c, &ctl->err);
	if (!err)
		err = run(ctl, c, &mon, &dp);
	ox_conn_close(c);
	free(names.v);
	ox_dp_infos_free(&mon.dps);
	return err;
}
