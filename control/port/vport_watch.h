/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport_watch.h - ports follow their devices: link up and down, MTU, name,
 * qdiscs, programs that come and go, devices that vanish. What dp_notify.c is
 * to the module.
 */
#ifndef OVSXDP_VPORT_WATCH_H
#define OVSXDP_VPORT_WATCH_H

#include "control/port/vport.h"

struct ox_loop;

/*
 * Opens rtnetlink, follows its events from now on, and asks again every few
 * seconds what no event says (tcx programs, XDP features).
 */
int ox_ports_open(struct ox_ports *ps, struct ox_loop *loop);
void ox_ports_close(struct ox_ports *ps);

/* Looks at every port. */
void ox_vport_refresh_all(const struct ox_ports *ps);
/* Looks at one port; it may be gone afterwards. */
void ox_vport_refresh(struct ox_datapath *dp, uint32_t port_no);

#endif /* OVSXDP_VPORT_WATCH_H */
