/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport_linger.h - flows that linger (linger.h) and name a port that has gone.
 */
#ifndef OVSXDP_VPORT_LINGER_H
#define OVSXDP_VPORT_LINGER_H

#include <stdint.h>

struct ox_datapath;

/* They go, some in each turn of the loop. Who wants to make a port of that
 * number waits (ox_table_linger_names()) and is woken. */
void ox_vport_unlinger(struct ox_datapath *dp, uint32_t port_no);
/* All whose port is none, as a daemon that was killed may leave them. */
void ox_vport_unlinger_all(struct ox_datapath *dp);
void ox_vport_unlinger_close(struct ox_datapath *dp);

#endif /* OVSXDP_VPORT_LINGER_H */
