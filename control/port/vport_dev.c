// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vport_dev.c - devices in and out of a datapath; see vport_dev.h.
 */
#include "control/port/vport_dev.h"

#include <errno.h>
#include <string.h>
#include <linux/if_arp.h>

#include "control/base/ethtool.h"
#include "control/packet/packet.h"
#include "control/port/peer.h"
#include "control/port/pmtu.h"
#include "control/port/rtnl.h"
#include "control/port/underlay.h"
#include "control/port/upper.h"
#include "control/port/veth.h"
#include "control/port/vport_attach.h"
#include "control/port/vport_index.h"
#include "control/port/vport_own.h"
#include "control/port/vport_tunnel.h"
#include "ovsxdp/log.h"
#include "ovsxdp/uapi.h"

/* The other end of a veth has answered, or can't be found: then an
 * administrator who asks for xdp is believed. */
static void peer_answer(struct ox_ports *ps, uint32_t ifindex, int answer)
{
	struct ox_datapath *dp = NULL;
	uint32_t no = ox_vport_by_ifindex(ps, ifindex, &dp);
	struct ox_port *p;

	if (no == OX_NONE || dp->mem->ports[no].ifindex != ifindex)
		return;
	if (answer < 0)
		answer = dp->mem->uports[no].mode_asked == OX_MODE_XDP;
	p = &dp->mem->ports[no];
	if (answer)
		__atomic_fetch_and(&p->flags, ~OX_PORT_NO_XMIT,
				   __ATOMIC_RELAXED);
	else
		__atomic_fetch_or(&p->flags, OX_PORT_NO_XMIT, __ATOMIC_RELAXED);
}

/* Before 6.3 the kernel can't tell: look at the other end. Where that is in
 * another namespace it takes a while; a new port is reached by the skb tier
 * until then. */
static int xmit_ask_peer(struct ox_datapath *dp, uint32_t port_no,
			 const struct ox_link *l)
{
	const struct ox_port *p = &dp->mem->ports[port_no];

	if (strcmp(l->kind, "veth"))
		return -EOPNOTSUPP;
	if (l->peer_netnsid == OX_NO_NETNSID)
		return ox_peer_takes_frames(l);
	ox_peer_ask(dp, l, peer_answer);
	return p->ifindex && !(p->flags & OX_PORT_NO_XMIT);
}

/* Does XDP_REDIRECT reach the device? As ox_xdp_xmit_query(). */
static int xmit_ask(struct ox_datapath *dp, uint32_t port_no,
		    const struct ox_link *l)
{
	const struct ox_uport *u = &dp->mem->uports[port_no];
	int xmit = ox_link_is_tunnel(l) ? 0 : ox_xdp_xmit_query(l->ifindex);

	if (xmit < 0 && u->type != OVS_VPORT_TYPE_INTERNAL)
		xmit = xmit_ask_peer(dp, port_no, l);
	if (xmit < 0 && u->mode_asked == OX_MODE_XDP)
		xmit = 1;
	return xmit;
}

static void port_write(struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_link *l, int xmit)
{
	const struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_port *p = &dp->mem->ports[port_no];
	const struct ox_link_use use = {
		.mode = u->mode,
		.internal = u->type == OVS_VPORT_TYPE_INTERNAL,
		.xmit = xmit,
		.knobs = dp->mem->config->knobs,
	};

	/* that of the local port's far end may be a tunnel's: mtu_update() */
	if (port_no != OVSP_LOCAL || l->mtu != OX_CLONE_MTU)
		__atomic_store_n(&p->mtu, l->mtu, __ATOMIC_RELAXED);
	__atomic_store_n(&p->flags, ox_link_port_flags(l, &use),
			 __ATOMIC_RELAXED);
}

void ox_vport_port_update(struct ox_datapath *dp, uint32_t port_no,
			  const struct ox_link *l)
{
	port_write(dp, port_no, l, xmit_ask(dp, port_no, l));
}

void ox_vport_xmit_set(struct ox_datapath *dp, uint32_t port_no, bool xmit)
{
	uint32_t *flags = &dp->mem->ports[port_no].flags;

	if (xmit)
		__atomic_fetch_and(flags, ~OX_PORT_NO_XMIT, __ATOMIC_RELAXED);
	else
		__atomic_fetch_or(flags, OX_PORT_NO_XMIT, __ATOMIC_RELAXED);
}

void ox_vport_port_event(struct ox_datapath *dp, uint32_t port_no,
			 const struct ox_link *l)
{
	port_write(dp, port_no, l,
		   !(dp->mem->ports[port_no].flags & OX_PORT_NO_XMIT));
}

/* The last step of opening: packets flow from here on. */
static int port_commit(struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_link *l, struct ox_err *e)
{
	struct ox_mem *m = dp->mem;
	struct ox_port *p = &m->ports[port_no];
	int err;

	memset(p, 0, sizeof(*p));
	p->tun_kind = l->tun.kind;
	p->tun_port = l->tun.port;
	p->tun_exts = l->tun.exts;
	ox_vport_port_update(dp, port_no, l);
	err = m->ops->port_stats_zero(m, port_no);
	if (err)
		return ox_err_set(e, err, "port %u: counters: %s", port_no,
				  strerror(-err));
	__atomic_store_n(&p->ifindex, l->ifindex, __ATOMIC_RELEASE);
	ox_vport_index_stale(dp->ports);
	ox_table_port_changed(dp->table, port_no);
	err = m->ops->port_device(m, port_no, l->ifindex, 0);
	if (err)
		return ox_err_set(e, err, "port %u: device maps: %s", port_no,
				  strerror(-err));
	if (!ox_mode_has_xdp(m->uports[port_no].mode))
		return 0;
	return ox_packet_port_open(dp, port_no, e);
}

/* docs/facts.md, V6. IFF_PROMISC as rtnetlink shows it is what a person (or we)
 * asked for; packet sockets count apart. */
static int port_promisc(struct ox_datapath *dp, struct ox_uport *u,
			const struct ox_link *l, struct ox_err *e)
{
	int err;

	if (!ox_link_wants_promisc(l))
		return 0;
	u->flags |= OX_UPORT_PROMISC;
	err = ox_rtnl_set_flags(dp->ports->rtnl, l->ifindex, IFF_PROMISC,
				IFF_PROMISC, e);
	if (err)
		u->flags &= ~OX_UPORT_PROMISC;
	return err;
}

/* As dev_disable_lro(): frames that LRO has joined can't be forwarded. */
static int port_lro_off(struct ox_uport *u, const struct ox_link *l,
			struct ox_err *e)
{
	int err;

	if (ox_ethtool_get_lro(l->name) != 1)
		return 0;
	u->flags |= OX_UPORT_LRO;
	err = ox_ethtool_set_lro(l->name, false);
	if (!err)
		return 0;
	u->flags &= ~OX_UPORT_LRO;
	return ox_err_set(e, err, "%s: can't turn LRO off: %s", l->name,
			  strerror(-err));
}

/* A near end in another namespace has an index of that one. */
static bool is_end(const struct ox_datapath *dp, uint32_t port_no,
		   const struct ox_link *l)
{
	uint32_t carrier = dp->mem->ports[port_no].ifindex;

	return l->ifindex == carrier ||
	       (l->peer == carrier && l->peer_netnsid == OX_NO_NETNSID);
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
	no = ox_vport_by_ifindex(dp->ports, l->ifindex, &other);
	if (no != OX_NONE &&
	    other->mem->uports[no].type == OVS_VPORT_TYPE_INTERNAL &&
	    !is_end(other, no, l))
		no = OX_NONE;
	if (no != OX_NONE &&
	    other->mem->uports[no].type == OVS_VPORT_TYPE_INTERNAL)
		return ox_err_set(e, -EINVAL,
				  "%s belongs to port %u of datapath %s",
				  l->name, no, other->name);
	if (no != OX_NONE)
		return ox_err_set(e, other == dp ? -EEXIST : -EBUSY,
				  "%s is port %u of datapath %s already; take "
				  "it out with: ovsxdpctl del-if %s %u",
				  l->name, no, other->name, other->name, no);
	return ox_upper_check(dp, l, e);
}

int ox_vport_netdev_open(struct ox_datapath *dp, uint32_t port_no,
			 struct ox_err *e)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_link l;
	int err;

	if (!u->name[0])
		return ox_err_set(e, -ENODEV, "no device without a name");
	err = ox_rtnl_get_name(dp->ports->rtnl, (const char *)u->name, &l);
	if (err)
		return ox_err_set(e, err, "no device %s", u->name);
	err = netdev_check(dp, &l, e);
	if (err)
		return err;
	memcpy(u->name, l.name, sizeof(u->name));
	u->ifindex = l.ifindex;
	memcpy(u->mac, l.mac, sizeof(u->mac));
	/* The module reports the device's own counters, from its beginning. */
	u->base = l.stats;
	err = port_lro_off(u, &l, e);
	if (!err)
		err = ox_vport_attach(dp, u, &l, e);
	if (!err)
		err = port_promisc(dp, u, &l, e);
	if (!err)
		err = port_commit(dp, port_no, &l, e);
	if (err)
		return err;
	ox_upper_follow(dp, port_no, &l);
	ox_pmtu_join(dp, port_no, &l);
	return 0;
}

/* The device that carries a port's frames. */
static int carrier_get(struct ox_datapath *dp, uint32_t port_no,
		       struct ox_link *l, struct ox_err *e)
{
	int err = ox_rtnl_get(dp->ports->rtnl, dp->mem->ports[port_no].ifindex,
			      l);

	return err ? ox_err_set(e, err, "port %u: its device: %s", port_no,
				strerror(-err))
		   : 0;
}

/* Takes our XDP program off where the new mode has another kind or none. */
static void mode_leave(struct ox_datapath *dp, struct ox_uport *u,
		       const struct ox_link *l, uint32_t mode)
{
	if (mode == OX_MODE_NONE) {
		ox_vport_detach(dp, u, l->ifindex);
		return;
	}
	if (mode == OX_MODE_AUTO)
		mode = ox_link_auto_mode(l);
	if (mode == u->mode || !(u->flags & OX_UPORT_ATTACHED))
		return;
	ox_detach(dp->dp, l->ifindex, NULL);
	u->flags &= ~OX_UPORT_ATTACHED;
}

static int mode_apply(struct ox_datapath *dp, uint32_t port_no, uint32_t mode,
		      struct ox_err *e)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_link l;
	int err = carrier_get(dp, port_no, &l, e);

	if (err)
		return err;
	mode_leave(dp, u, &l, mode);
	u->mode_asked = mode;
	err = carrier_get(dp, port_no, &l, e);
	if (!err)
		err = ox_vport_attach(dp, u, &l, e);
	ox_vport_port_update(dp, port_no, &l);
	if (err || !ox_mode_has_xdp(u->mode))
		return err;
	return ox_packet_port_open(dp, port_no, e);
}

int ox_vport_mode_set(struct ox_datapath *dp, uint32_t port_no, uint32_t mode,
		      struct ox_err *e)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	uint32_t was = u->mode_asked;
	int err;

	if (mode > OX_MODE_TC)
		return ox_err_set(e, -EINVAL, "no attach mode %u", mode);
	if (ox_vport_is_native(dp, port_no))
		return ox_err_set(e, -EOPNOTSUPP,
				  "port %s has no device to attach to",
				  u->name);
	ox_packet_port_close(dp, port_no);
	err = mode_apply(dp, port_no, mode, e);
	if (err) {
		ox_packet_port_close(dp, port_no);
		if (mode_apply(dp, port_no, was, NULL))
			ox_log_err("%s: port %s: can't go back to mode %s",
				   dp->name, u->name, ox_mode_name(was));
	}
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
		err = ox_veth_create(dp->ports->rtnl, name, want_ifindex,
				     far_name, near, far, e);
	}
	return err;
}

void ox_vport_silence(struct ox_datapath *dp, const struct ox_link *far)
{
	struct ox_err e = { 0 };

	if (ox_veth_silence(dp->ports->rtnl, far, &e))
		ox_log_warn("%s: %s", dp->name, e.msg);
}

/* Up only now: veth_open() wants its peer to be there. It is also when the
 * kernel looks whether the peer takes frames (NDO_XMIT), so GRO came first. */
static int far_start(struct ox_datapath *dp, const struct ox_link *far,
		     struct ox_err *e)
{
	ox_vport_silence(dp, far);
	return ox_rtnl_set_flags(dp->ports->rtnl, far->ifindex, IFF_UP, IFF_UP,
				 e);
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
	memcpy(u->mac, near.mac, sizeof(u->mac));
	err = far_start(dp, &far, e);
	if (!err)
		err = ox_vport_attach(dp, u, &far, e);
	if (!err && port_no == OVSP_LOCAL)
		err = ox_vport_clone_attach(dp, far.ifindex, e);
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
	struct ox_rtnl *r = dp->ports->rtnl;
	char far[IFNAMSIZ];

	if (far_ifindex && !ox_rtnl_del(r, far_ifindex, NULL))
		return;
	for (uint32_t salt = 0; salt < OX_VETH_SALTS; salt++) {
		ox_veth_far_name(c->netns_cookie, (const char *)c->name,
				 port_no, salt, far);
		ox_veth_delete_orphan(r, name, far);
	}
}

/* A port that is half made or half removed isn't "there", but what it did to
 * its device shows. False: its device isn't here. */
static bool netdev_restore(struct ox_datapath *dp, const struct ox_uport *u,
			   bool there)
{
	const struct ox_vport_mark mark = ox_vport_mark(u);
	struct ox_rtnl *r = dp->ports->rtnl;
	struct ox_link l;

	if (!(mark.flags & OX_UPORT_DONE))
		return true;
	/* a tunnel's device may have been made by the name alone so far */
	if (ox_rtnl_get(r, u->ifindex, &l) &&
	    (!(mark.flags & OX_UPORT_OURS) ||
	     ox_rtnl_get_name(r, mark.name, &l)))
		return false;
	if (!there && !ox_vport_owns(dp, &mark, &l))
		return false;
	ox_vport_undo(dp, r, &mark, &l);
	return true;
}

/* The device and its place in the maps. False: something is left to be taken
 * back from a device that isn't here. */
static bool release(struct ox_datapath *dp, uint32_t port_no)
{
	bool there = ox_vport_there(dp, port_no), restored = true;
	bool native = ox_vport_is_native(dp, port_no);
	struct ox_mem *m = dp->mem;
	struct ox_uport *u = &m->uports[port_no];
	struct ox_port *p = &m->ports[port_no];
	uint32_t carrier = p->ifindex;

	if (carrier)
		m->ops->port_device(m, port_no, 0, carrier);
	__atomic_store_n(&p->ifindex, 0, __ATOMIC_RELEASE);
	ox_vport_index_stale(dp->ports);
	ox_packet_port_close(dp, port_no);
	if (port_no == OVSP_LOCAL)
		__atomic_store_n(&m->config->clone_ifindex, 0,
				 __ATOMIC_RELEASE);
	if (u->type == OVS_VPORT_TYPE_INTERNAL)
		internal_delete(dp, port_no, there ? carrier : 0);
	else
		restored = netdev_restore(dp, u, there);
	memset(p, 0, sizeof(*p));
	if (u->flags & OX_UPORT_BRIDGED) {
		u->flags &= ~OX_UPORT_BRIDGED;
		ox_pmtu_end(dp);
	}
	if (native)
		ox_underlay_changed(dp);
	return restored;
}

void ox_vport_dev_release(struct ox_datapath *dp, uint32_t port_no)
{
	struct ox_uport *u = &dp->mem->uports[port_no];

	release(dp, port_no);
	u->mode = OX_MODE_NONE;
	u->flags = 0;
}

void ox_vport_dev_close(struct ox_datapath *dp, uint32_t port_no,
			const struct ox_link *left)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	bool deleted = left && left->moved_netnsid == OX_NO_NETNSID;
	bool restored = release(dp, port_no);

	__atomic_store_n(&u->type, 0, __ATOMIC_RELEASE);
	if (restored || deleted)
		memset(u, 0, sizeof(*u));
	else
		ox_vport_undo_away(dp, port_no, left);
}

void ox_vport_dev_finish(struct ox_datapath *dp, uint32_t port_no)
{
	struct ox_uport *u = &dp->mem->uports[port_no];

	if (netdev_restore(dp, u, false))
		memset(u, 0, sizeof(*u));
	else
		ox_vport_undo_away(dp, port_no, NULL);
}
