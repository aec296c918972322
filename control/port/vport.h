/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vport.h - a datapath's ports by number and name. What
 * net/openvswitch/vport.h is to the module.
 */
#ifndef OVSXDP_VPORT_H
#define OVSXDP_VPORT_H

#include <stdbool.h>

#include "control/codec/codec_vport.h"
#include "control/packet/handle.h"
#include "control/port/link.h"
#include "control/port/tunnel.h"

/* What the ports of all datapaths share. vport_events.c opens it. */
struct ox_ports {
	struct ox_rtnl *rtnl;
	struct ox_port_events *events; /* vport_events.c; NULL: none */
	struct ox_port_index *index;   /* vport_index.c */
	struct ox_away *away;	       /* other network namespaces */
	bool index_stale;
	enum ox_tunnels tunnels;
	bool tunnel_pmtu; /* tunnels' devices go into a bridge (pmtu.h) */
	bool native_pmtu; /* the same for tunnels without one: OX_KNOB_PMTU */
	struct ox_underlay *underlay;  /* of tunnels without a device */
	struct ox_features *features;  /* NULL: the kernel doesn't tell */
	struct ox_uppers *uppers;      /* NULL: nobody can tell */
	struct ox_datapath *datapaths; /* list; datapath.c keeps it */
	/* A port is about to go with its device. NULL: nobody is told. */
	void (*gone)(struct ox_datapath *dp, uint32_t port_no);
};

struct ox_vport_request {
	char name[IFNAMSIZ];
	uint32_t type;	       /* enum ovs_vport_type */
	uint32_t port_no;      /* OX_NONE: the lowest free from 1 on */
	uint32_t want_ifindex; /* internal: of the near end; 0: any */
	uint32_t n_pids;
	const uint32_t *pids;
	enum ox_attach_mode mode;
	struct ox_vport_tun_attrs tun; /* of a tunnel's type */
};
/* -EINPROGRESS: nothing was done, a port of that name is being removed, or
 * flows that name that number are, or that number's last device is looked for
 * in other network namespaces. */
int ox_vport_add(struct ox_datapath *dp, const struct ox_vport_request *rq,
		 uint32_t *port_no, struct ox_err *e);
/* Takes a port out: detaches, ends promiscuity, closes sockets, deletes an
 * internal port's devices. A device that isn't the port's own is left alone. */
void ox_vport_del(struct ox_datapath *dp, uint32_t port_no);
/* The same, with what the kernel said of where its device went; NULL ok. */
void ox_vport_del_left(struct ox_datapath *dp, uint32_t port_no,
		       const struct ox_link *left);
/* OX_NONE if there is none. */
uint32_t ox_vport_by_name(const struct ox_datapath *dp, const char *name);
/* Is a datapath or a port of that name being removed? Who wants to make one
 * waits. */
bool ox_vport_leaves(const struct ox_ports *ps, const char *name);
/* Counters as OVS_VPORT_ATTR_STATS reports them. */
int ox_vport_stats(const struct ox_datapath *dp, uint32_t port_no,
		   struct ox_port_stats *out);

/* ovs_vport_set_upcall_portids(): len bytes of u32 port ids. -EINVAL: none,
 * not whole ones, or more than the machine can have CPUs. */
int ox_vport_pids_check(const void *pids, size_t len, struct ox_err *e);
void ox_vport_pids_set(struct ox_uport *u, const void *pids, size_t len);

/* nr_cpu_ids of the kernel: the highest possible CPU, plus one. */
uint32_t ox_nr_cpu_ids(void);

/* The namespace of an internal port's near end, as this one numbers it;
 * OX_NO_NETNSID: it is here. */
int32_t ox_vport_netnsid(const struct ox_datapath *dp, uint32_t port_no);

#endif /* OVSXDP_VPORT_H */
