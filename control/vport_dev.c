// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vport_dev.c - devices in and out of a datapath; see vport_dev.h.
 */
#include "control/vport_dev.h"

#include <errno.h>
#include <string.h>
#include <linux/if_arp.h>

#include "control/peer.h"
#include "control/rtnl.h"
#include "control/veth.h"
#include "ovsxdp/uapi.h"

uint32_t ox_vport_by_ifindex(struct ox_daemon *d, uint32_t ifindex,
			     struct ox_datapath **out)
{
	struct ox_datapath *dp;

	for (dp = d->datapaths; dp; dp = dp->next) {
		const struct ox_mem *m = dp->mem;
		uint32_t i, seen = 0;

		for (i = 0; i < m->config->max_ports && seen < dp->n_ports;
		     i++) {
			if (!m->uports[i].type)
				continue;
			seen++;
			if (m->uports[i].ifindex == ifindex ||
			    m->ports[i].ifindex == ifindex) {
				*out = dp;
				return i;
			}
		}
	}
	return OX_NONE;
}

void ox_vport_port_update(struct ox_datapath *dp, uint32_t port_no,
			  const struct ox_link *l)
{
	const struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_port *p = &dp->mem->ports[port_no];
	int xmit = ox_xdp_xmit_query(l->ifindex);
	uint32_t flags;

	/* before 6.3 the kernel can't tell: look at the other end, or
	 * believe a person who asks for xdp */
	if (xmit < 0 && u->type != OVS_VPORT_TYPE_INTERNAL &&
	    !strcmp(l->kind, "veth"))
		xmit = ox_peer_takes_frames(l);
	if (xmit < 0 && u->mode_asked == OX_MODE_XDP)
		xmit = 1;
	flags = ox_link_port_flags(l, u->mode,
				   u->type == OVS_VPORT_TYPE_INTERNAL, xmit);
	__atomic_store_n(&p->mtu, l->mtu, __ATOMIC_RELAXED);
	__atomic_store_n(&p->flags, flags, __ATOMIC_RELAXED);
}

/* The last step of opening: packets flow from here on. */
static int port_commit(struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_link *l, struct ox_err *e)
{
	struct ox_mem *m = dp->mem;
	struct ox_port *p = &m->ports[port_no];
	int err;

	memset(p, 0, sizeof(*p));
	ox_vport_port_update(dp, port_no, l);
	err = m->ops->port_stats_zero(m, port_no);
	if (err)
		return ox_err_set(e, err, "port %u: counters: %s", port_no,
				  strerror(-err));
	__atomic_store_n(&p->ifindex, l->ifindex, __ATOMIC_RELEASE);
	err = m->ops->port_device(m, port_no, l->ifindex, 0);
	if (err)
		return ox_err_set(e, err, "port %u: device maps: %s", port_no,
				  strerror(-err));
	if (m->uports[port_no].mode == OX_MODE_NONE)
		return 0;
	return ox_packet_port_open(dp, port_no, e);
}

/*
 * Attaches as the port asks for, and knows afterwards whether the program is
 * there because of us: one that a person had put there stays theirs.
 */
static int port_attach(struct ox_datapath *dp, struct ox_uport *u,
		       const struct ox_link *l, struct ox_err *e)
{
	bool ours = l->xdp_prog_id && l->xdp_prog_id == ox_dp_prog_id(dp->dp);
	enum ox_attach_mode mode = OX_MODE_NONE;
	int err = 0;

	if (u->mode_asked == OX_MODE_NONE) {
		mode = ours ? l->xdp_mode : OX_MODE_NONE;
	} else {
		if (!ours)
			u->flags |= OX_UPORT_ATTACHED;
		err = ox_attach(dp->dp, l->ifindex, u->mode_asked, &mode, e);
		if (err)
			u->flags &= ~OX_UPORT_ATTACHED;
	}
	u->mode = mode;
	return err;
}

/* Fact V6. IFF_PROMISC as rtnetlink shows it is what a person (or we) asked
 * for; packet sockets count apart. */
static int port_promisc(struct ox_datapath *dp, struct ox_uport *u,
			const struct ox_link *l, struct ox_err *e)
{
	int err;

	if (l->flags & IFF_PROMISC)
		return 0;
	u->flags |= OX_UPORT_PROMISC;
	err = ox_rtnl_set_flags(dp->daemon->rtnl, l->ifindex, IFF_PROMISC,
				IFF_PROMISC, e);
	if (err)
		u->flags &= ~OX_UPORT_PROMISC;
	return err;
}

/* As ovs_netdev_link() refuses, in its order. */
static int netdev_check(struct ox_datapath *dp, const struct ox_link *l,
			struct ox_err *e)
{
	struct ox_datapath *other = NULL;
	uint32_t no;

	if (l->flags & IFF_LOOPBACK)
		return ox_err_set(e, -EINVAL, "%s is a loopback device",
				  l->name);
	if (l->type != ARPHRD_ETHER && l->type != ARPHRD_NONE)
		return ox_err_set(e, -EINVAL, "%s is no Ethernet device",
				  l->name);
	no = ox_vport_by_ifindex(dp->daemon, l->ifindex, &other);
	if (no != OX_NONE &&
	    other->mem->uports[no].type == OVS_VPORT_TYPE_INTERNAL)
		return ox_err_set(e, -EINVAL,
				  "%s belongs to port %u of datapath %s",
				  l->name, no, other->name);
	if (no != OX_NONE)
		return ox_err_set(e, other == dp ? -EEXIST : -EBUSY,
				  "%s is port %u of datapath %s already",
				  l->name, no, other->name);
	if (l->master)
		return ox_err_set(e, -EBUSY,
				  "%s has a master (ifindex %u); take it out "
				  "with: ip link set dev %s nomaster",
				  l->name, l->master, l->name);
	if (l->type == ARPHRD_NONE)
		return ox_err_set(e, -EOPNOTSUPP,
				  "%s carries packets without an Ethernet "
				  "header; XDP can't take it",
				  l->name);
	return 0;
}

int ox_vport_netdev_open(struct ox_datapath *dp, uint32_t port_no,
			 struct ox_err *e)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_link l;
	int err;

	err = ox_rtnl_get_name(dp->daemon->rtnl, (const char *)u->name, &l);
	if (err)
		return ox_err_set(e, err, "no device %s", u->name);
	err = netdev_check(dp, &l, e);
	if (err)
		return err;
	memcpy(u->name, l.name, sizeof(u->name));
	u->ifindex = l.ifindex;
	/* The module reports the device's own counters, from its beginning. */
	u->base = l.stats;
	err = port_attach(dp, u, &l, e);
	if (!err)
		err = port_promisc(dp, u, &l, e);
	if (!err)
		err = port_commit(dp, port_no, &l, e);
	return err;
}

static int internal_create(struct ox_datapath *dp, uint32_t port_no,
			   uint32_t want_ifindex, struct ox_link *near,
			   struct ox_link *far, struct ox_err *e)
{
	const struct ox_config *c = dp->mem->config;
	const char *name = (const char *)dp->mem->uports[port_no].name;
	char far_name[IFNAMSIZ];
	int err = -EADDRINUSE;

	for (uint32_t salt = 0; salt < OX_VETH_SALTS && err == -EADDRINUSE;
	     salt++) {
		ox_veth_far_name(c->netns_cookie, (const char *)c->name,
				 port_no, salt, far_name);
		err = ox_veth_create(dp->daemon->rtnl, name, want_ifindex,
				     far_name, near, far, e);
	}
	return err;
}

int ox_vport_internal_open(struct ox_datapath *dp, uint32_t port_no,
			   uint32_t want_ifindex, struct ox_err *e)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_link near, far;
	int err;

	err = internal_create(dp, port_no, want_ifindex, &near, &far, e);
	if (err)
		return err;
	u->ifindex = near.ifindex;
	err = port_attach(dp, u, &far, e);
	if (!err)
		err = port_commit(dp, port_no, &far, e);
	return err;
}

/* Deletes the pair, by the far end if it is known, else by the names that it
 * would have. */
static void internal_delete(struct ox_datapath *dp, uint32_t port_no,
			    uint32_t far_ifindex)
{
	const struct ox_config *c = dp->mem->config;
	const char *name = (const char *)dp->mem->uports[port_no].name;
	struct ox_rtnl *r = dp->daemon->rtnl;
	char far[IFNAMSIZ];

	if (far_ifindex && !ox_rtnl_del(r, far_ifindex, NULL))
		return;
	for (uint32_t salt = 0; salt < OX_VETH_SALTS; salt++) {
		ox_veth_far_name(c->netns_cookie, (const char *)c->name,
				 port_no, salt, far);
		ox_veth_delete_orphan(r, name, far);
	}
}

static void netdev_restore(struct ox_datapath *dp, const struct ox_uport *u)
{
	if (u->flags & OX_UPORT_ATTACHED)
		ox_detach(dp->dp, u->ifindex, NULL);
	if (u->flags & OX_UPORT_PROMISC)
		ox_rtnl_set_flags(dp->daemon->rtnl, u->ifindex, 0, IFF_PROMISC,
				  NULL);
}

void ox_vport_dev_release(struct ox_datapath *dp, uint32_t port_no, bool gone)
{
	struct ox_mem *m = dp->mem;
	struct ox_uport *u = &m->uports[port_no];
	struct ox_port *p = &m->ports[port_no];
	uint32_t carrier = p->ifindex;

	if (carrier)
		m->ops->port_device(m, port_no, 0, carrier);
	__atomic_store_n(&p->ifindex, 0, __ATOMIC_RELEASE);
	ox_packet_port_close(dp, port_no);
	if (u->type == OVS_VPORT_TYPE_INTERNAL)
		internal_delete(dp, port_no, carrier);
	else if (!gone && u->ifindex)
		netdev_restore(dp, u);
	memset(p, 0, sizeof(*p));
	u->mode = OX_MODE_NONE;
	u->flags = 0;
}

void ox_vport_dev_close(struct ox_datapath *dp, uint32_t port_no, bool gone)
{
	struct ox_uport *u = &dp->mem->uports[port_no];

	ox_vport_dev_release(dp, port_no, gone);
	__atomic_store_n(&u->type, 0, __ATOMIC_RELEASE);
	memset(u, 0, sizeof(*u));
}
