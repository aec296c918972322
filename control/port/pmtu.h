/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pmtu.h - the bridge of a datapath's tunnels. When an inner packet with DF
 * doesn't fit through a tunnel, the kernel's device makes an ICMP error and
 * gives it back as received, but only if it is a port of Open vSwitch's module
 * or of a bridge (netif_is_any_bridge_port()). So the devices are ports of a
 * bridge. It stays down, and none of their packets gets there, as the
 * datapath's program comes first.
 */
#ifndef OVSXDP_PMTU_H
#define OVSXDP_PMTU_H

#include "control/port/vport.h"

/*
 * Puts a tunnel's device into the datapath's bridge, which is made for the
 * first one. Another master is left alone; packets without an Ethernet header
 * have no bridge. What fails is said in the log once and costs no more than
 * these ICMP errors. l: the device.
 */
void ox_pmtu_join(struct ox_datapath *dp, uint32_t port_no,
		  const struct ox_link *l);
/* Takes it out; l may be in another network namespace, where it is in none. */
void ox_pmtu_leave(struct ox_datapath *dp, struct ox_rtnl *r,
		   const struct ox_link *l);
/* A port has gone: the last one takes the bridge along. */
void ox_pmtu_end(struct ox_datapath *dp);
/* A daemon starts: finds the bridge of the one before. */
void ox_pmtu_open(struct ox_datapath *dp);

/* Was it taken out by somebody? ox_pmtu_join() puts it in again. */
static inline bool ox_pmtu_event(const struct ox_uport *u,
				 const struct ox_link *l)
{
	return (u->flags & OX_UPORT_BRIDGED) && !l->master;
}

/* Is l's master that bridge? */
static inline bool ox_pmtu_is_in(const struct ox_datapath *dp,
				 const struct ox_link *l)
{
	return l->master && l->master == dp->tunnel_bridge;
}

#endif /* OVSXDP_PMTU_H */
