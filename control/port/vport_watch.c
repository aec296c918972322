// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vport_watch.c - ports follow their devices; see vport_watch.h.
 */
#include "control/port/vport_watch.h"

#include <errno.h>
#include <string.h>

#include "control/packet/packet.h"
#include "control/port/pmtu.h"
#include "control/port/rtnl.h"
#include "control/port/upper.h"
#include "control/port/vport_attach.h"
#include "control/port/vport_dev.h"
#include "control/port/vport_index.h"
#include "control/port/vport_own.h"
#include "control/port/vport_tunnel.h"
#include "ovsxdp/log.h"
#include "ovsxdp/uapi.h"

static void packets_reopen(struct ox_datapath *dp, uint32_t port_no)
{
	struct ox_err e = { 0 };

	/* Two sockets can't have one queue: first the old ones go. */
	ox_packet_port_close(dp, port_no);
	if (ox_packet_port_open(dp, port_no, &e))
		ox_log_err("%s: port %s: no upcalls: %s", dp->name,
			   dp->mem->uports[port_no].name, e.msg);
}

/* The XDP program went: the daemon owns nothing of it any more. */
static void xdp_lost(struct ox_datapath *dp, struct ox_uport *u,
		     const struct ox_link *l, enum ox_attach_mode mode)
{
	u->flags &= ~OX_UPORT_ATTACHED;
	ox_log_warn("%s: port %s: %s; %s; back with: ip link set dev %s xdp "
		    "pinned %s/" OX_PIN_PROG,
		    dp->name, u->name,
		    l->xdp_prog_id
			    ? "another XDP program took the place of ours"
			    : "the XDP program was taken off",
		    mode == OX_MODE_TC ? "the skb tier goes on alone"
				       : "it receives nothing",
		    l->name, ox_dp_path(dp->dp));
}

static void tc_lost(struct ox_datapath *dp, struct ox_uport *u,
		    const struct ox_link *l, enum ox_attach_mode mode)
{
	u->flags &= ~OX_UPORT_TC;
	ox_log_warn("%s: port %s: the skb tier's program was taken off; %s "
		    "until: ovsxdpctl set-if %s %s,mode=%s",
		    dp->name, u->name,
		    mode == OX_MODE_NONE ? "it receives nothing"
					 : "what XDP passes on goes to the "
					   "host's stack",
		    dp->name, l->name, ox_mode_name(u->mode_asked));
}

/* An administrator took a program off, put it back or changed its mode. */
static void program_update(struct ox_datapath *dp, uint32_t port_no,
			   const struct ox_link *l)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_vport_seen s = ox_vport_follow(dp, u, l);
	enum ox_attach_mode was = u->mode;

	if (!s.tc && (u->flags & OX_UPORT_TC))
		tc_lost(dp, u, l, s.mode);
	if (s.mode == was)
		return;
	u->mode = s.mode;
	if (ox_mode_has_xdp(s.mode)) {
		ox_log_info("%s: port %s: XDP program attached, mode %s",
			    dp->name, u->name, ox_mode_name(s.mode));
		packets_reopen(dp, port_no);
		return;
	}
	ox_packet_port_close(dp, port_no);
	if (ox_mode_has_xdp(was))
		xdp_lost(dp, u, l, s.mode);
}

static void name_update(struct ox_datapath *dp, uint32_t port_no,
			const struct ox_link *l)
{
	struct ox_uport *u = &dp->mem->uports[port_no];

	if (!l->name[0] || !strncmp((char *)u->name, l->name, OX_NAME_LEN))
		return;
	ox_log_info("%s: port %s is now called %s", dp->name, u->name, l->name);
	memcpy(u->name, l->name, sizeof(u->name));
	if (port_no == OVSP_LOCAL)
		memcpy(dp->name, l->name, sizeof(dp->name));
}

/* left: the message that says so, or NULL: it isn't known where the device
 * is. */
static void port_gone(struct ox_datapath *dp, uint32_t port_no,
		      const struct ox_link *left)
{
	const struct ox_uport *u = &dp->mem->uports[port_no];

	ox_log_info("%s: port %u (%s) went with its device", dp->name, port_no,
		    u->name);
	if (dp->ports->gone)
		dp->ports->gone(dp, port_no);
	ox_vport_del_left(dp, port_no, left);
}

static void mac_update(struct ox_uport *u, const struct ox_link *l)
{
	if (memcmp(u->mac, l->mac, sizeof(u->mac)))
		memcpy(u->mac, l->mac, sizeof(u->mac));
}

static void netdev_refresh(struct ox_datapath *dp, uint32_t port_no,
			   const struct ox_link *left)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_rtnl *r = dp->ports->rtnl;
	struct ox_link l;
	int err = ox_rtnl_get(r, u->ifindex, &l);

	/* after the answer, so that this is of the port's own device */
	if (!ox_vport_there(dp, port_no)) {
		port_gone(dp, port_no, left);
		return;
	}
	if (err)
		return;
	name_update(dp, port_no, &l);
	mac_update(u, &l);
	program_update(dp, port_no, &l);
	ox_pmtu_join(dp, port_no, &l);
	ox_upper_follow(dp, port_no, &l);
	if (ox_link_wants_promisc(&l)) {
		ox_log_info("%s: port %s: promiscuous again, as a port must be",
			    dp->name, u->name);
		u->flags |= OX_UPORT_PROMISC;
		ox_rtnl_set_flags(r, l.ifindex, IFF_PROMISC, IFF_PROMISC, NULL);
	}
	ox_vport_port_update(dp, port_no, &l);
}

/*
 * The module doesn't let anybody delete the local port's device; where it
 * can't be prevented it is made again, with the same name and index.
 */
static void local_recreate(struct ox_datapath *dp)
{
	struct ox_err e = { 0 };
	int err;

	ox_vport_dev_release(dp, OVSP_LOCAL);
	err = ox_vport_internal_open(dp, OVSP_LOCAL, dp->ifindex, &e);
	if (err) {
		ox_vport_dev_release(dp, OVSP_LOCAL);
		ox_log_err("%s: its local port's device was deleted and can't "
			   "be made again: %s",
			   dp->name, e.msg[0] ? e.msg : strerror(-err));
		return;
	}
	ox_log_warn("%s: its local port's device was deleted and has been made "
		    "again, without its addresses; del-dp is the way to "
		    "remove it",
		    dp->name);
}

static void internal_gone(struct ox_datapath *dp, uint32_t port_no)
{
	if (port_no == OVSP_LOCAL)
		local_recreate(dp);
	else
		port_gone(dp, port_no, NULL);
}

/* The near end's MTU is the port's. The far end follows it, but that of the
 * local port, which takes what goes into tunnels. */
static void mtu_update(struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_link *near, const struct ox_link *far)
{
	uint32_t mtu = near->mtu;

	if (port_no == OVSP_LOCAL && ox_vport_has_tunnels(dp))
		mtu = OX_CLONE_MTU;
	if (mtu != far->mtu)
		ox_rtnl_set_mtu(dp->ports->rtnl, far->ifindex, mtu, NULL);
	__atomic_store_n(&dp->mem->ports[port_no].mtu, near->mtu,
			 __ATOMIC_RELAXED);
}

/* What can be seen of the near end: all of it here; only its index, by way
 * of the far end, once it lives in another network namespace. */
static void near_refresh(struct ox_datapath *dp, uint32_t port_no,
			 const struct ox_link *far)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	struct ox_rtnl *r = dp->ports->rtnl;
	struct ox_link near;

	if (far->peer && u->ifindex != far->peer) {
		u->ifindex = far->peer;
		ox_vport_index_stale(dp->ports);
	}
	if (far->peer_netnsid != OX_NO_NETNSID ||
	    ox_rtnl_get(r, u->ifindex, &near))
		return;
	name_update(dp, port_no, &near);
	mac_update(u, &near);
	mtu_update(dp, port_no, &near, far);
}

/* A far end that was moved to another namespace leaves its near end: a veth of
 * this index, name and MAC. */
static void near_orphan_delete(struct ox_datapath *dp, uint32_t port_no)
{
	const struct ox_vport_mark m = ox_vport_mark(&dp->mem->uports[port_no]);
	struct ox_link near;

	if (!dp->mem->ports[port_no].ifindex ||
	    ox_rtnl_get(dp->ports->rtnl, m.ifindex, &near))
		return;
	if (!strcmp(near.kind, "veth") && near.peer_netnsid != OX_NO_NETNSID &&
	    !strcmp(near.name, m.name) &&
	    !memcmp(near.mac, m.mac, sizeof(m.mac)))
		ox_rtnl_del(dp->ports->rtnl, m.ifindex, NULL);
}

static void internal_refresh(struct ox_datapath *dp, uint32_t port_no)
{
	uint32_t carrier = dp->mem->ports[port_no].ifindex;
	struct ox_rtnl *r = dp->ports->rtnl;
	struct ox_link far;
	int err = ox_rtnl_get(r, carrier, &far);

	if (!ox_vport_there(dp, port_no)) {
		near_orphan_delete(dp, port_no);
		internal_gone(dp, port_no);
		return;
	}
	if (err)
		return;
	near_refresh(dp, port_no, &far);
	if (!(far.flags & IFF_UP))
		ox_rtnl_set_flags(r, carrier, IFF_UP, IFF_UP, NULL);
	if (ox_rtnl_get(r, carrier, &far))
		return;
	program_update(dp, port_no, &far);
	ox_vport_port_update(dp, port_no, &far);
}

void ox_vport_refresh(struct ox_datapath *dp, uint32_t port_no)
{
	if (!ox_vport_exists(dp, port_no) || ox_vport_is_native(dp, port_no))
		return;
	if (dp->mem->uports[port_no].type == OVS_VPORT_TYPE_INTERNAL)
		internal_refresh(dp, port_no);
	else
		netdev_refresh(dp, port_no, NULL);
}

/* The near end of an internal port. */
static bool near_event(const struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_link *l)
{
	return l->mtu != dp->mem->ports[port_no].mtu ||
	       strncmp((char *)dp->mem->uports[port_no].name, l->name,
		       OX_NAME_LEN);
}

bool ox_vport_event(struct ox_datapath *dp, uint32_t port_no,
		    const struct ox_link *l)
{
	struct ox_uport *u = &dp->mem->uports[port_no];
	const struct ox_port *p = &dp->mem->ports[port_no];
	uint32_t was = p->flags;

	if (l->ifindex != p->ifindex)
		return near_event(dp, port_no, l);
	if (u->type != OVS_VPORT_TYPE_INTERNAL)
		mac_update(u, l);
	ox_vport_port_event(dp, port_no, l);
	if ((~was & p->flags & OX_PORT_UP) || !ox_vport_xdp_is(dp, u, l))
		return true;
	if (u->type == OVS_VPORT_TYPE_INTERNAL)
		return !(l->flags & IFF_UP);
	return ox_link_wants_promisc(l) || ox_pmtu_event(u, l) ||
	       ox_upper_event(dp, u, l) ||
	       strncmp((char *)u->name, l->name, OX_NAME_LEN);
}

void ox_vport_left(struct ox_datapath *dp, uint32_t port_no,
		   const struct ox_link *l)
{
	if (dp->mem->uports[port_no].type != OVS_VPORT_TYPE_INTERNAL)
		netdev_refresh(dp, port_no, l);
	else
		ox_vport_refresh(dp, port_no);
}

/* A kernel that tells who takes frames has told. Before 6.3 it doesn't know, so
 * a look has to find out. */
static bool xmit_unknown(const struct ox_datapath *dp, uint32_t port_no)
{
	return !dp->ports->features &&
	       dp->mem->uports[port_no].type != OVS_VPORT_TYPE_INTERNAL &&
	       !(dp->mem->ports[port_no].flags & OX_PORT_TUNNEL);
}

bool ox_vport_differs(struct ox_datapath *dp, uint32_t port_no)
{
	const struct ox_uport *u = &dp->mem->uports[port_no];
	const struct ox_port *p = &dp->mem->ports[port_no];
	bool tc = u->mode == OX_MODE_TC || (u->flags & OX_UPORT_TC);

	if (ox_vport_is_native(dp, port_no))
		return false;
	if (!ox_vport_there(dp, port_no) || xmit_unknown(dp, port_no) ||
	    ox_upper_differs(dp, u))
		return true;
	/* with XDP that was attached by hand it may be there or not */
	if (ox_mode_has_xdp(u->mode) && !tc)
		return false;
	return (ox_tc_query(dp->dp, p->ifindex) == 1) != tc;
}
