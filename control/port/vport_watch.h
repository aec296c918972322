/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport_watch.h - ports follow their devices: link up and down, MTU, name,
 * qdiscs, programs that come and go, devices that vanish. What dp_notify.c is
 * to the module.
 */
#ifndef OVSXDP_VPORT_WATCH_H
#define OVSXDP_VPORT_WATCH_H

#include "control/port/link.h"
#include "control/port/vport.h"

/* Asks for the state of a port's device, and has the port follow. The port may
 * be gone afterwards. Costs some ten system calls. */
void ox_vport_refresh(struct ox_datapath *dp, uint32_t port_no);

/*
 * A link event of a port's device (an internal port: of either end). What it
 * carries is taken over, without a system call. True: something else has
 * changed, or may have, which a refresh finds out; the event may be older than
 * what we did since.
 */
bool ox_vport_event(struct ox_datapath *dp, uint32_t port_no,
		    const struct ox_link *l);
/* The device is said to be gone (RTM_DELLINK). */
void ox_vport_left(struct ox_datapath *dp, uint32_t port_no,
		   const struct ox_link *l);
/* Has something changed that no event tells of: a tcx program, who takes
 * frames? Then a refresh finds out. */
bool ox_vport_differs(struct ox_datapath *dp, uint32_t port_no);

#endif /* OVSXDP_VPORT_WATCH_H */
