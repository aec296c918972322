/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport_index.h - which port has a device: the ports of all datapaths by
 * ifindex. Events come for devices that are no ports, too, as many as their
 * owners like.
 */
#ifndef OVSXDP_VPORT_INDEX_H
#define OVSXDP_VPORT_INDEX_H

#include "control/port/vport.h"

/* The port that has this device (an internal port: either end), or OX_NONE;
 * *dp becomes its datapath. */
uint32_t ox_vport_by_ifindex(struct ox_ports *ps, uint32_t ifindex,
			     struct ox_datapath **dp);
/* The device of a port, or the list of datapaths, has changed. */
static inline void ox_vport_index_stale(struct ox_ports *ps)
{
	ps->index_stale = true;
}
void ox_vport_index_free(struct ox_ports *ps);

#endif /* OVSXDP_VPORT_INDEX_H */
