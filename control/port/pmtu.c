// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pmtu.c - the bridge of a datapath's tunnels; see pmtu.h.
 */
#include "control/port/pmtu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/rtnetlink.h>

#include "control/port/rtnl.h"
#include "control/port/veth.h"
#include "ovsxdp/log.h"

#define ALIAS "ovsxdp: ICMP errors for tunnels"

/* As the far end of a port that can't be, and a letter after it. */
static void bridge_name(const struct ox_datapath *dp, char out[IFNAMSIZ])
{
	const struct ox_config *c = dp->mem->config;
	char far[IFNAMSIZ];

	ox_veth_far_name(c->netns_cookie, (const char *)c->name, OX_NONE, 0,
			 far);
	snprintf(out, IFNAMSIZ, "%.*sb", IFNAMSIZ - 2, far);
}

static int bridge_create(struct ox_rtnl *r, const char *name, struct ox_err *e)
{
	struct nlattr *info;
	struct nlmsghdr *nlh;
	struct ifinfomsg *ifi;
	uint8_t buf[256];

	nlh = mnl_nlmsg_put_header(buf);
	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
	mnl_attr_nest_end(nlh, info);
	return ox_rtnl_ack(r, nlh, e);
}

/* ifindex of the datapath's bridge, 0: there is none. */
static uint32_t bridge_find(const struct ox_datapath *dp)
{
	char name[IFNAMSIZ];
	struct ox_link l;

	bridge_name(dp, name);
	if (ox_rtnl_get_name(dp->ports->rtnl, name, &l) ||
	    strcmp(l.kind, "bridge"))
		return 0;
	return l.ifindex;
}

static int bridge_need(struct ox_datapath *dp, struct ox_err *e)
{
	char name[IFNAMSIZ];
	int err;

	dp->tunnel_bridge = bridge_find(dp);
	if (dp->tunnel_bridge)
		return 0;
	bridge_name(dp, name);
	err = bridge_create(dp->ports->rtnl, name, e);
	if (err)
		return err;
	dp->tunnel_bridge = bridge_find(dp);
	/* only a hint for people who list devices */
	ox_rtnl_set_alias(dp->ports->rtnl, dp->tunnel_bridge, ALIAS, NULL);
	return 0;
}

void ox_pmtu_join(struct ox_datapath *dp, uint32_t port_no,
		  const struct ox_link *l)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_err e = { 0 };
	int err;

	if (!dp->ports->tunnel_pmtu || !ox_link_is_tunnel(l) ||
	    ox_link_is_l3(l) || l->master)
		return;
	u->flags |= OX_UPORT_BRIDGED;
	err = bridge_need(dp, &e);
	if (!err)
		err = ox_rtnl_set_master(dp->ports->rtnl, l->ifindex,
					 dp->tunnel_bridge, &e);
	if (!err)
		return;
	u->flags &= ~OX_UPORT_BRIDGED;
	ox_pmtu_end(dp);
	dp->ports->tunnel_pmtu = false;
	ox_log_info("%s: port %s: no ICMP errors for packets that don't fit "
		    "through a tunnel, as there can be no bridge for that: %s",
		    dp->name, u->name, e.msg[0] ? e.msg : strerror(-err));
}

void ox_pmtu_leave(struct ox_datapath *dp, struct ox_rtnl *r,
		   const struct ox_link *l)
{
	if (ox_pmtu_is_in(dp, l))
		ox_rtnl_set_master(r, l->ifindex, 0, NULL);
}

void ox_pmtu_end(struct ox_datapath *dp)
{
	if (!dp->tunnel_bridge)
		return;
	for (uint32_t i = 0; i < dp->mem->config->max_ports; i++)
		if (dp->mem->uports[i].flags & OX_UPORT_BRIDGED)
			return;
	/* its index may be another's by now */
	if (bridge_find(dp) == dp->tunnel_bridge)
		ox_rtnl_del(dp->ports->rtnl, dp->tunnel_bridge, NULL);
	dp->tunnel_bridge = 0;
}

void ox_pmtu_open(struct ox_datapath *dp)
{
	dp->tunnel_bridge = bridge_find(dp);
}
