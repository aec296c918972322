// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * upper.c - what is on a port's device; see upper.h. Netlink tells of devices
 * of this network namespace only, so the kernel's fields are asked first
 * (ox_uppers_query()), and netlink for a name.
 */
#include "control/port/upper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "control/port/pmtu.h"
#include "control/port/rtnl.h"
#include "ovsxdp/log.h"
#include "ovsxdp/uapi.h"

#define MOST_STACKED 8 /* MAX_NEST_DEV */
#define NAME_SIZE    96

/* Kinds that take the packets of the device that they are on (IFLA_LINK). */
static const struct {
	const char *kind;
	enum ox_upper_how how;
} kinds[] = {
	{ "macvlan", OX_UPPER_STACKED }, { "macvtap", OX_UPPER_STACKED },
	{ "ipvlan", OX_UPPER_STACKED },	 { "ipvtap", OX_UPPER_STACKED },
	{ "macsec", OX_UPPER_STACKED },	 { "vlan", OX_UPPER_VLANS },
};

static enum ox_upper_how kind_how(const struct ox_link *l)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(l->kind, kinds[i].kind))
			return kinds[i].how;
	return OX_UPPER_NONE;
}

static bool is_on(const struct ox_link *l, uint32_t lower)
{
	return l->peer == lower && l->peer_netnsid == OX_NO_NETNSID;
}

uint32_t ox_upper_lower(const struct ox_link *l)
{
	return kind_how(l) && l->peer_netnsid == OX_NO_NETNSID ? l->peer : 0;
}

struct search {
	uint32_t lower;
	enum ox_upper_how how;
	struct ox_link found;
};

static int is_sought(const struct ox_link *l, void *arg)
{
	struct search *s = arg;

	if (!is_on(l, s->lower) || kind_how(l) != s->how)
		return 0;
	s->found = *l;
	return 1;
}

/* A device of that kind on lower, in this network namespace. */
static bool find(const struct ox_datapath *dp, uint32_t lower,
		 enum ox_upper_how how, struct ox_link *out)
{
	struct search s = { .lower = lower, .how = how };

	if (ox_rtnl_dump(dp->ports->rtnl, is_sought, &s) != 1)
		return false;
	*out = s.found;
	return true;
}

/* What is on a device without a master. wait: for an answer that must be
 * right. *bits is 0 where nobody knows. */
static enum ox_upper_how look(const struct ox_datapath *dp, uint32_t ifindex,
			      bool wait, uint32_t *bits)
{
	struct ox_uppers *u = dp->ports->uppers;

	*bits = 0;
	if (!u || ox_uppers_query(u, ifindex, wait, bits))
		return OX_UPPER_NONE;
	if (*bits & OX_UPPER_HANDLER)
		return OX_UPPER_STACKED;
	return *bits & OX_UPPER_VLAN ? OX_UPPER_VLANS : OX_UPPER_NONE;
}

/* Is device l on the datapath's local port, at any height? It would be below
 * itself then; the module links its ports to that device. */
static bool is_on_local(const struct ox_datapath *dp, const struct ox_link *l)
{
	uint32_t local = dp->mem->uports[OVSP_LOCAL].ifindex;
	struct ox_link at = *l;

	for (int i = 0; i < MOST_STACKED && kind_how(&at); i++) {
		if (is_on(&at, local))
			return true;
		if (at.peer_netnsid != OX_NO_NETNSID ||
		    ox_rtnl_get(dp->ports->rtnl, at.peer, &at))
			return false;
	}
	return false;
}

/* ... or its master, at any height? */
static bool is_master_of_local(const struct ox_datapath *dp,
			       const struct ox_link *l)
{
	struct ox_link at;
	uint32_t next = dp->mem->uports[OVSP_LOCAL].ifindex;

	for (int i = 0; i < MOST_STACKED; i++) {
		if (ox_rtnl_get(dp->ports->rtnl, next, &at) || !at.master)
			return false;
		if (at.master == l->ifindex)
			return true;
		next = at.master;
	}
	return false;
}

static int busy_master(const struct ox_datapath *dp, const struct ox_link *l,
		       struct ox_err *e)
{
	struct ox_link m = { 0 };

	if (ox_rtnl_get(dp->ports->rtnl, l->master, &m))
		snprintf(m.name, sizeof(m.name), "%u", l->master);
	return ox_err_set(e, -EBUSY,
			  "%s has a master, %s%s%s%s; take it out with: ip "
			  "link set dev %s nomaster",
			  l->name, m.name, m.kind[0] ? " (" : "", m.kind,
			  m.kind[0] ? ")" : "", l->name);
}

static int busy_stacked(const struct ox_datapath *dp, const struct ox_link *l,
			struct ox_err *e)
{
	struct ox_link up;

	if (find(dp, l->ifindex, OX_UPPER_STACKED, &up))
		return ox_err_set(e, -EBUSY,
				  "%s has %s on it (%s), which takes its "
				  "packets; remove that first: ip link del dev "
				  "%s",
				  l->name, up.name, up.kind, up.name);
	if (!strcmp(l->kind, "macvtap") || !strcmp(l->kind, "ipvtap"))
		return ox_err_set(e, -EBUSY,
				  "%s is a %s: its packets are for the program "
				  "that opens /dev/tap%u",
				  l->name, l->kind, l->ifindex);
	return ox_err_set(e, -EBUSY,
			  "%s has a device on it that takes its packets "
			  "(macvlan, ipvlan or the like), in another network "
			  "namespace; remove that first",
			  l->name);
}

int ox_upper_check(const struct ox_datapath *dp, const struct ox_link *l,
		   struct ox_err *e)
{
	struct ox_link up;
	uint32_t bits;
	enum ox_upper_how how = look(dp, l->ifindex, true, &bits);

	if (is_on_local(dp, l) || is_master_of_local(dp, l))
		return ox_err_set(e, -EBUSY,
				  "%s is on %s, the local port of the same "
				  "datapath: packets would go round",
				  l->name, dp->name);
	if (ox_pmtu_is_in(dp, l))
		return 0;
	if (l->master)
		return busy_master(dp, l, e);
	/* without BTF netlink is all there is */
	if (how == OX_UPPER_STACKED ||
	    (!bits && find(dp, l->ifindex, OX_UPPER_STACKED, &up)))
		return busy_stacked(dp, l, e);
	if (bits & OX_UPPER_REFUSES)
		return ox_err_set(e, -EINVAL,
				  "%s (%s) is a kind of device that can't be a "
				  "port",
				  l->name, l->kind);
	return 0;
}

/* "mv0 (macvlan) on it", "br9 (bridge), its master,". */
static void describe(const struct ox_datapath *dp, const struct ox_uport *u,
		     const struct ox_link *l, char *buf, size_t size)
{
	struct ox_link up;

	if (u->upper && !ox_rtnl_get(dp->ports->rtnl, u->upper, &up) &&
	    (is_on(&up, l->ifindex) || l->master == up.ifindex))
		snprintf(buf, size, "%s (%s)%s", up.name, up.kind,
			 l->master == up.ifindex ? ", its master," : " on it");
	else if (u->upper_how == OX_UPPER_VLANS)
		snprintf(buf, size, "a VLAN device on it");
	else
		snprintf(buf, size, "a device on it (macvlan or the like)");
}

/* Finds the device once, when something new is there: a dump costs. */
static uint32_t upper_ifindex(const struct ox_datapath *dp,
			      const struct ox_link *l, enum ox_upper_how how)
{
	struct ox_link up;

	if (how == OX_UPPER_MASTER)
		return l->master;
	return how && find(dp, l->ifindex, how, &up) ? up.ifindex : 0;
}

bool ox_upper_event(const struct ox_datapath *dp, const struct ox_uport *u,
		    const struct ox_link *l)
{
	bool was = u->upper_how == OX_UPPER_MASTER;

	return l->master && !ox_pmtu_is_in(dp, l)
		       ? !was || u->upper != l->master
		       : was;
}

bool ox_upper_differs(const struct ox_datapath *dp, const struct ox_uport *u)
{
	enum ox_upper_how how;
	uint32_t bits;

	/* the bridge is one whose packets we take */
	if (u->type == OVS_VPORT_TYPE_INTERNAL ||
	    u->upper_how == OX_UPPER_MASTER || (u->flags & OX_UPORT_BRIDGED))
		return false;
	how = look(dp, u->ifindex, false, &bits);
	return bits && how != u->upper_how;
}

void ox_upper_follow(struct ox_datapath *dp, uint32_t port_no,
		     const struct ox_link *l)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	enum ox_upper_how how = OX_UPPER_MASTER;
	char name[NAME_SIZE];
	uint32_t bits = 0;

	if (!ox_upper_event(dp, u, l) &&
	    (l->master || !ox_upper_differs(dp, u)))
		return;
	if (ox_pmtu_is_in(dp, l))
		how = OX_UPPER_NONE;
	else if (!l->master)
		how = look(dp, l->ifindex, false, &bits);
	u->upper_how = how;
	u->upper = upper_ifindex(dp, l, how);
	if (!how) {
		ox_log_info("%s: port %s: no other device is on it any more",
			    dp->name, u->name);
		return;
	}
	describe(dp, u, l, name, sizeof(name));
	ox_log_warn("%s: port %s: %s gets no packets, as %s are the "
		    "datapath's; del-if %s, or remove that",
		    dp->name, u->name, name,
		    how == OX_UPPER_VLANS ? "tagged ones, too," : "they",
		    u->name);
}

void ox_upper_why(const struct ox_datapath *dp, const struct ox_uport *u,
		  const struct ox_link *l, char *buf, size_t size)
{
	char name[NAME_SIZE];

	buf[0] = '\0';
	if (!u->upper_how || u->type == OVS_VPORT_TYPE_INTERNAL)
		return;
	describe(dp, u, l, name, sizeof(name));
	snprintf(buf, size, "%s gets nothing", name);
}
