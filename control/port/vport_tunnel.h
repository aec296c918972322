/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport_tunnel.h - vports of tunnels' types. The daemon makes the kernel's
 * device, which goes with the vport (OX_UPORT_OURS). Or there is none, and the
 * encapsulation is our own (OX_PORT_NATIVE): then the name is in netlink's
 * answers only, and a device of another kind mustn't get it, as ovs-vswitchd
 * ends itself when it finds one.
 */
#ifndef OVSXDP_VPORT_TUNNEL_H
#define OVSXDP_VPORT_TUNNEL_H

#include "control/port/tunnel.h"
#include "control/port/vport.h"

/* As ox_vport_netdev_open(). -EAFNOSUPPORT: neither the kernel nor we have the
 * kind, or --tunnels says so. */
int ox_vport_tunnel_open(struct ox_datapath *dp, uint32_t port_no,
			 const struct ox_link_tunnel *t, struct ox_err *e);
/* OVS_VPORT_ATTR_OPTIONS of a port; false: it has none. */
bool ox_vport_tunnel_options(const struct ox_datapath *dp, uint32_t port_no,
			     struct ox_vport_tun_attrs *a);
/* "geneve tunnel, UDP port 6081, by the kernel's device"; empty: it is none. */
void ox_vport_tunnel_why(const struct ox_datapath *dp, uint32_t port_no,
			 char *buf, size_t size);

/* The clone device's MTU while the datapath has tunnels: a frame of the user
 * tier for one of them goes by it, however long it is. */
#define OX_CLONE_MTU 65535
/* Is there a tunnel's port, with a device or without one? */
bool ox_vport_has_tunnels(const struct ox_datapath *dp);
/* Gives the clone device that MTU. */
void ox_vport_clone_mtu(struct ox_datapath *dp);

/* A port without a device. */
static inline bool ox_vport_is_native(const struct ox_datapath *dp,
				      uint32_t port_no)
{
	return dp->mem->ports[port_no].flags & OX_PORT_NATIVE;
}

#endif /* OVSXDP_VPORT_TUNNEL_H */
