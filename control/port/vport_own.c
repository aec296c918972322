// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vport_own.c - a port's own device; see vport_own.h.
 */
#include "control/port/vport_own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/base/ethtool.h"
#include "control/netlink/genl.h"
#include "control/packet/packet.h"
#include "control/port/away.h"
#include "control/port/pmtu.h"
#include "control/port/vport.h"
#include "ovsxdp/log.h"

#define TRIES  10
#define TRY_US 20000

bool ox_vport_there(const struct ox_datapath *dp, uint32_t port_no)
{
	uint32_t ifindex = dp->mem->ports[port_no].ifindex;

	if (dp->mem->ports[port_no].flags & OX_PORT_NATIVE)
		return true;
	return ifindex && dp->mem->ops->port_there(dp->mem, port_no, ifindex);
}

struct ox_vport_mark ox_vport_mark(const struct ox_uport *u)
{
	struct ox_vport_mark m = { .ifindex = u->ifindex, .flags = u->flags };

	memcpy(m.name, u->name, sizeof(m.name));
	m.name[sizeof(m.name) - 1] = '\0';
	memcpy(m.mac, u->mac, sizeof(m.mac));
	return m;
}

bool ox_vport_owns(const struct ox_datapath *dp, const struct ox_vport_mark *m,
		   const struct ox_link *l)
{
	bool name = !strcmp(m->name, l->name);
	bool mac = !memcmp(m->mac, l->mac, sizeof(m->mac));

	if (!name && !mac && m->ifindex != l->ifindex)
		return false;
	if ((m->flags & OX_UPORT_OURS) && !ox_link_is_tunnel(l))
		return false;
	if ((m->flags & OX_UPORT_ATTACHED) && l->xdp_prog_id &&
	    l->xdp_prog_id == ox_dp_prog_id(dp->dp))
		return true;
	if ((m->flags & OX_UPORT_TC) && ox_tc_query(dp->dp, l->ifindex) == 1)
		return true;
	if ((m->flags & OX_UPORT_ATTACHED) ||
	    ((m->flags & OX_UPORT_TC) && ox_tc_stays(dp->dp, l->ifindex)))
		return false;
	return name && mac;
}

void ox_vport_undo(struct ox_datapath *dp, struct ox_rtnl *r,
		   const struct ox_vport_mark *m, const struct ox_link *l)
{
	if (m->flags & OX_UPORT_OURS) {
		ox_rtnl_del(r, l->ifindex, NULL);
		return;
	}
	if (m->flags & OX_UPORT_BRIDGED)
		ox_pmtu_leave(dp, r, l);
	/* the programs last: by them the device is known, should this daemon
	 * be killed in the middle */
	if (m->flags & OX_UPORT_PROMISC)
		ox_rtnl_set_flags(r, l->ifindex, 0, IFF_PROMISC, NULL);
	if (m->flags & OX_UPORT_LRO)
		ox_ethtool_set_lro(l->name, true);
	if (m->flags & OX_UPORT_TC)
		ox_tc_detach(dp->dp, l->ifindex, NULL);
	if (m->flags & OX_UPORT_ATTACHED)
		ox_detach(dp->dp, l->ifindex, NULL);
}

/* ---- in another namespace ---- */

struct undo {
	struct ox_away_job job;
	uint32_t port_no;
	struct ox_vport_mark mark;
	bool known; /* the device certainly went somewhere */
	struct ox_link found;
};

static int look_for(const struct ox_link *l, void *arg)
{
	struct undo *u = arg;

	if (!ox_vport_owns(u->job.dp, &u->mark, l))
		return 0;
	u->found = *l;
	return 1;
}

static int undo_run(void *arg)
{
	struct undo *u = arg;
	struct ox_rtnl *r = NULL;
	int err = ox_rtnl_open(NULL, NULL, &r);

	/* it may be on its way yet */
	for (int i = 0; err != 1 && i < (u->known ? TRIES : 1); i++) {
		if (i)
			usleep(TRY_US);
		err = r ? ox_rtnl_dump(r, look_for, u) : err;
	}
	if (err == 1)
		ox_vport_undo(u->job.dp, r, &u->mark, &u->found);
	ox_rtnl_close(r);
	return err == 1 ? 0 : -ENOENT;
}

static void undo_done(struct ox_away_job *job, int result)
{
	struct undo *u = (struct undo *)job;
	struct ox_datapath *dp = job->dp;
	const char *name = u->mark.name;

	if (!result)
		ox_log_info("%s: %s is in another network namespace, as %s: "
			    "what was done for the port is taken back there",
			    dp->name, name, u->found.name);
	else if (u->known)
		ox_log_warn("%s: %s went to another network namespace, where "
			    "it can't be reached (%s), with the port's "
			    "programs; there: ip link set dev %s promisc off "
			    "xdp off; tc qdisc del dev %s clsact",
			    dp->name, name, strerror(-result), name, name);
	memset(&dp->mem->uports[u->port_no], 0, sizeof(struct ox_uport));
	free(u);
	if (dp->packets->genl) /* who waits for the number */
		ox_genl_wake(dp->packets->genl);
}

void ox_vport_undo_away(struct ox_datapath *dp, uint32_t port_no,
			const struct ox_link *left)
{
	struct undo *u = calloc(1, sizeof(*u));

	/* the next daemon, then */
	if (!u)
		return;
	u->job = (struct ox_away_job){
		.dp = dp,
		.netnsid = left ? left->moved_netnsid : OX_NO_NETNSID,
		.run = undo_run,
		.done = undo_done,
	};
	u->port_no = port_no;
	u->mark = ox_vport_mark(&dp->mem->uports[port_no]);
	u->known = left;
	if (left && left->moved_ifindex)
		u->mark.ifindex = left->moved_ifindex;
	ox_away_add(dp->ports->away, &u->job);
}
