// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * takeover.c - a daemon starts: every datapath of this network namespace that
 * the one before left pinned is picked up, and what it left half done is
 * undone. Packets are forwarded all the while.
 */
#include "control/datapath/takeover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/datapath/linger.h"
#include "control/datapath/upgrade.h"
#include "control/packet/packet.h"
#include "control/port/pmtu.h"
#include "control/port/rtnl.h"
#include "control/port/vport_attach.h"
#include "control/port/vport_dev.h"
#include "control/port/vport_own.h"
#include "control/port/vport_tunnel.h"
#include "control/port/vport_watch.h"
#include "ovsxdp/log.h"
#include "ovsxdp/uapi.h"

/* The folders are listed first: taking one over may remove it. */
struct names {
	char (*name)[OX_NAME_LEN];
	size_t n;
};

static int name_collect(const char *name, void *arg)
{
	struct names *ns = arg;
	void *p = reallocarray(ns->name, ns->n + 1, sizeof(*ns->name));

	if (!p)
		return -ENOMEM;
	ns->name = p;
	/* Longer: no datapath of the daemon has that name. */
	if (strlen(name) < OX_NAME_LEN)
		strcpy(ns->name[ns->n++], name);
	return 0;
}

/* A port that the data plane doesn't know was being made or removed when
 * the last daemon ended; the local port's can have been deleted since. */
static void ports_undo(struct ox_datapath *dp)
{
	for (uint32_t i = 1; i < dp->mem->config->max_ports; i++) {
		if (ox_vport_is_unfinished(dp, i))
			ox_vport_dev_finish(dp, i);
		if (!ox_vport_exists(dp, i) || dp->mem->ports[i].ifindex ||
		    ox_vport_is_native(dp, i))
			continue;
		ox_log_warn("%s: port %u (%s) was half made or half removed: "
			    "removing it",
			    dp->name, i, dp->mem->uports[i].name);
		ox_vport_dev_close(dp, i, NULL);
	}
}

/* Programs that went while nobody looked. A vport's device that went, too,
 * is the next step's. */
static void programs_check(struct ox_datapath *dp, uint32_t port_no)
{
	uint32_t carrier = dp->mem->ports[port_no].ifindex;
	struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_err e = { 0 };
	struct ox_link l;
	int err;

	if (!carrier || ox_rtnl_get(dp->ports->rtnl, carrier, &l))
		return;
	if (u->type == OVS_VPORT_TYPE_INTERNAL)
		ox_vport_silence(dp, &l); /* an older daemon didn't */
	err = ox_vport_reattach(dp, u, &l, &e);
	if (!err && port_no == OVSP_LOCAL)
		err = ox_vport_clone_attach(dp, carrier, &e);
	if (err)
		ox_log_err("%s: port %s: %s", dp->name, u->name,
			   e.msg[0] ? e.msg : strerror(-err));
}

static void port_open(struct ox_datapath *dp, uint32_t port_no)
{
	struct ox_mem *m = dp->mem;
	struct ox_err e = { 0 };
	int err;

	/* The old daemon's sockets are closed; until the new ones are there
	 * the programs must not use their places. */
	__atomic_store_n(&m->ports[port_no].n_xsk, 0, __ATOMIC_RELEASE);
	/* any other device with its index is none of ours */
	if (ox_vport_there(dp, port_no))
		programs_check(dp, port_no);
	ox_vport_refresh(dp, port_no);
	if (!ox_vport_exists(dp, port_no) || !m->ports[port_no].ifindex)
		return;
	err = m->ops->port_device(m, port_no, m->ports[port_no].ifindex, 0);
	if (!err && ox_mode_has_xdp(m->uports[port_no].mode) &&
	    !dp->packet_ports[port_no])
		err = ox_packet_port_open(dp, port_no, &e);
	if (err)
		ox_log_err("%s: port %s: %s", dp->name, m->uports[port_no].name,
			   e.msg[0] ? e.msg : strerror(-err));
}

static void ports_open(struct ox_datapath *dp)
{
	uint32_t max = dp->mem->config->max_ports;

	for (uint32_t i = 0; i < max; i++)
		dp->n_ports += ox_vport_exists(dp, i);
	for (uint32_t i = 0; i < max; i++)
		if (ox_vport_exists(dp, i))
			port_open(dp, i);
}

/* dp_ifindex is the mark of a datapath whose creation ended and whose
 * removal didn't begin. */
static void datapath_undo(struct ox_datapath *dp)
{
	ox_log_warn("%s: datapath was half made or half removed: removing it",
		    dp->name);
	for (uint32_t i = 0; i < dp->mem->config->max_ports; i++)
		dp->n_ports += ox_vport_exists(dp, i);
	ox_datapath_link(dp);
	ox_datapath_destroy(dp);
}

static void datapath_take(struct ox_datapath *dp)
{
	const struct ox_uport *local = &dp->mem->uports[OVSP_LOCAL];
	struct ox_err e = { 0 };

	if (!dp->mem->config->dp_ifindex) {
		datapath_undo(dp);
		return;
	}
	dp->ifindex = dp->mem->config->dp_ifindex;
	if (local->type)
		memcpy(dp->name, local->name, sizeof(dp->name));
	ox_upgrade_resume(dp);
	ox_pmtu_open(dp);
	ports_undo(dp);
	ox_datapath_link(dp);
	if (ox_packet_dp_open(dp, &e))
		ox_log_err("%s: no packets from the skb tier: %s", dp->name,
			   e.msg);
	ports_open(dp);
	ox_pmtu_end(dp);
	ox_linger_open(dp);
	ox_log_info("%s: datapath taken over, %u ports, %u flows", dp->name,
		    dp->n_ports, ox_table_n_flows(dp->table));
}

/* It forwards on, and show tells of it. */
static void leave(struct ox_datapaths *all, const char *name, const char *why)
{
	struct ox_left *l =
		reallocarray(all->left, all->n_left + 1, sizeof(*l));

	ox_log_err("%s/%s is left alone: %s", all->space.folder, name, why);
	if (!l)
		return;
	all->left = l;
	l += all->n_left++;
	snprintf(l->name, sizeof(l->name), "%s", name);
	snprintf(l->why, sizeof(l->why), "%s", why);
}

static void folder_take(struct ox_datapaths *all, const char *name)
{
	struct ox_datapath *dp = NULL;
	struct ox_dp *handle = NULL;
	struct ox_err e = { 0 };
	int err = ox_dp_open(all->space.folder, name, &handle, &e);

	if (err == -EILSEQ) {
		ox_log_warn("%s/%s: creation never ended: removing it",
			    all->space.folder, name);
		err = ox_dp_remove(all->space.folder, name, &e);
	} else if (!err) {
		if (ox_dp_mem(handle)->config->netns_cookie !=
		    all->space.cookie) {
			ox_dp_close(handle);
			return;
		}
		err = ox_datapath_new(all, name, handle, &dp, &e);
	}
	if (err)
		leave(all, name, e.msg[0] ? e.msg : strerror(-err));
	else if (dp)
		datapath_take(dp);
}

int ox_datapath_takeover(struct ox_datapaths *all, struct ox_err *e)
{
	struct names ns = { 0 };
	int err = ox_dp_list(all->space.folder, name_collect, &ns);

	if (err == -ENOENT)
		err = 0;
	/* bpffs lists the newest first; the order of making is kept */
	for (size_t i = ns.n; !err && i-- > 0;)
		folder_take(all, ns.name[i]);
	free(ns.name);
	if (err)
		return ox_err_set(e, err, "%s: %s", all->space.folder,
				  strerror(-err));
	return 0;
}
