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
#include "ovsxdp/ct_mem.h"
#include "ovsxdp/dp.h"

struct ox_watch;

/* All flows are deleted, some in each turn of the loop. */
struct ox_flush {
	uint64_t job; /* 0: none is under way */
	uint32_t at;  /* place of the next flow */
	bool linger;  /* they are left to the packets */
};

struct ox_datapath {
	struct ox_datapath *next;
	char name[IFNAMSIZ];
	uint32_t ifindex; /* dp_ifindex: the local port's near end */
	struct ox_dp *dp;
	struct ox_mem *mem;   /* of dp */
	struct ox_ct_mem *ct; /* the network namespace's connections */
	struct ox_table *table;

	/* packet.c */
	struct ox_packets *packets;	      /* what all datapaths share */
	struct ox_packet_port **packet_ports; /* [max_ports], NULL: none */
	struct ox_packet_ring *packet_ring;   /* NULL until opened */

	/* vport.c */
	struct ox_ports *ports; /* what all datapaths' ports share */
	uint32_t n_ports;
	uint32_t port_generation;  /* changes with each port's coming, going */
	struct ox_look *looks;	   /* vport_events.c: [max_ports], or NULL */
	struct ox_watch *unlinger; /* vport_linger.c: timer, or NULL */
	uint32_t tunnel_bridge;	   /* pmtu.c: its ifindex, or 0 */

	/* datapath.c */
	struct ox_datapaths *all; /* whose list it is in */
	uint64_t leaves;	  /* the job that removes it; 0: it stays */
	uint32_t leaves_at;	  /* ports below that are left */

	/* linger.c */
	struct ox_watch *linger; /* timer, NULL until needed */
	uint32_t linger_at;	 /* its end is under way: place of the next */
	struct ox_flush flush;	 /* under way */

	/* upgrade.c */
	struct ox_watch *upgrade; /* programs are being loaded, or NULL */
	char upgrade_why[256];	  /* why the old ones go on, or "" */
};

static inline bool ox_vport_exists(const struct ox_datapath *dp,
				   uint32_t port_no)
{
	return port_no < dp->mem->config->max_ports &&
	       dp->mem->uports[port_no].type;
}

#endif /* OVSXDP_HANDLE_H */
