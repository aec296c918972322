/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * handle.h - the daemon's handle on a datapath: what struct datapath of
 * net/openvswitch/datapath.h is to the module. The lasting truth is in pinned
 * memory (ox_config, ox_port, ox_uport). The rooms from here up share the
 * struct; each part says whose it is.
 */
#ifndef OVSXDP_HANDLE_H
#define OVSXDP_HANDLE_H

#include <stdbool.h>
#include <stdint.h>
#include <net/if.h>

#include "control/flow/table.h"
#include "ovsxdp/dp.h"

struct ox_watch;

struct ox_datapath {
	struct ox_datapath *next;
	char name[IFNAMSIZ];
	uint32_t ifindex; /* dp_ifindex: the local port's near end */
	struct ox_dp *dp;
	struct ox_mem *mem; /* of dp */
	struct ox_table *table;

	/* packet.c */
	struct ox_packets *packets;	      /* what all datapaths share */
	struct ox_packet_port **packet_ports; /* [max_ports], NULL: none */
	struct ox_packet_ring *packet_ring;   /* NULL until opened */

	/* vport.c */
	struct ox_ports *ports; /* what all datapaths' ports share */
	uint32_t n_ports;
	uint32_t port_generation; /* changes with each port's coming, going */
	struct ox_look *looks;	  /* vport_events.c: [max_ports], or NULL */

	/* datapath.c, linger.c */
	struct ox_datapaths *all; /* whose list it is in */
	struct ox_watch *linger;  /* timer, NULL until needed */
};

static inline bool ox_vport_exists(const struct ox_datapath *dp,
				   uint32_t port_no)
{
	return port_no < dp->mem->config->max_ports &&
	       dp->mem->uports[port_no].type;
}

#endif /* OVSXDP_HANDLE_H */
