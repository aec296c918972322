/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport_watch.h - ports follow their devices: link up and down, MTU, name,
 * qdiscs, programs that come and go, devices that vanish. What dp_notify.c is
 * to the module.
 */
#ifndef OVSXDP_VPORT_WATCH_H
#define OVSXDP_VPORT_WATCH_H

#include "control/daemon.h"
#include "control/port/link.h"

/*
 * A link message came in. Only says where to look: the state is asked for
 * afresh, because the message may be older than what we did since.
 */
void ox_vport_link_event(struct ox_daemon *d, const struct ox_link *l,
			 bool gone);
/* A qdisc has come or gone, or a filter has gone. */
void ox_vport_tc_event(struct ox_daemon *d, uint32_t ifindex);
/* Looks at every port (lost events, takeover). */
void ox_vport_resync(struct ox_daemon *d);
/* Looks at one port; it may be gone afterwards. */
void ox_vport_refresh(struct ox_datapath *dp, uint32_t port_no);

/* Every few seconds: asks again what no event tells (tcx programs, XDP
 * features). */
void ox_vport_watch_tick(struct ox_daemon *d);
#define OX_VPORT_TICK_MS 5000

#endif /* OVSXDP_VPORT_WATCH_H */
