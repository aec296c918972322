/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport_events.h - when a port is looked at: events of devices, and a round
 * over all ports for what no event tells of. Owners of devices decide how many
 * events there are, so each turn of the loop has a budget, and each port its
 * least time between two looks.
 */
#ifndef OVSXDP_VPORT_EVENTS_H
#define OVSXDP_VPORT_EVENTS_H

#include "control/port/vport.h"

struct ox_loop;

#define OX_LOOKS_TURN	 8  /* ports looked at a turn of the loop */
#define OX_FEATURES_TURN 64 /* messages about XDP features a turn */
#define OX_ROUND_TURN	 16 /* ports that a round asks about a turn */

/* Opens rtnetlink and follows its events from now on. */
int ox_ports_open(struct ox_ports *ps, struct ox_loop *loop);
void ox_ports_close(struct ox_ports *ps);

/* A port is to be looked at (vport_watch.h) from the loop, soon. */
void ox_vport_look(struct ox_datapath *dp, uint32_t port_no);
/* The same for every port. */
void ox_ports_look(struct ox_ports *ps);
/* What is off by ox_config.knobs now, is off at once; what is on, with the next
 * look. */
void ox_vport_knobs_changed(struct ox_datapath *dp);
/* The datapath ends: nothing of it is looked at any more, and what a thread has
 * to do for it is done. */
void ox_vport_events_forget(struct ox_datapath *dp);

#endif /* OVSXDP_VPORT_EVENTS_H */
