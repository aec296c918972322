/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * daemon.h - the objects of ovsxdpd: the daemon, its datapaths, their vports.
 * What net/openvswitch/datapath.h and vport.h are to the module. The lasting
 * truth about each is in pinned memory (ox_config, ox_port, ox_uport); these
 * are the daemon's handles on it.
 */
#ifndef OVSXDP_DAEMON_H
#define OVSXDP_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <net/if.h>

#include "control/netlink/genl.h"
#include "control/base/loop.h"
#include "control/flow/table.h"
#include "ovsxdp/dp.h"

struct ox_packet_port; /* packet.c: sockets and watches of one port */
struct ox_packet_ring; /* packet.c: the skb tier's packets */
struct ox_rtnl;	       /* rtnl.c: netdevs */
struct ox_sender;      /* send.c: the user tier's packet socket */

struct ox_options {
	const char *root;   /* folder of the datapaths in bpffs */
	uint32_t max_flows; /* defaults for new datapaths; 0: the loader's */
	uint32_t max_masks;
	uint32_t max_ports;
	uint32_t no_features;  /* OVS_DP_F_* that are refused as unknown */
	uint32_t flush_linger; /* seconds; 0: a flush deletes */
};

struct ox_daemon {
	struct ox_options opt;
	struct ox_loop *loop;
	struct ox_genl *genl;
	struct ox_rtnl *rtnl;
	struct ox_sender *sender; /* NULL until first used */
	uint64_t netns_cookie;
	struct ox_state_mem *state;    /* subscriptions */
	struct ox_datapath *datapaths; /* list */
	uint32_t dp_generation;	       /* changes with each new and del */
};

struct ox_datapath {
	struct ox_datapath *next;
	struct ox_daemon *daemon;
	char name[IFNAMSIZ];
	uint32_t ifindex; /* dp_ifindex: the local port's near end */
	struct ox_dp *dp;
	struct ox_mem *mem; /* of dp */
	struct ox_table *table;
	struct ox_packet_port **packet_ports; /* [max_ports], NULL: none */
	struct ox_packet_ring *packet_ring;   /* NULL until opened */
	struct ox_watch *linger;	      /* timer, NULL until needed */
	uint32_t n_ports;
	uint32_t port_generation;
};

/* ---- datapath.c ---- */

struct ox_dp_request {
	char name[IFNAMSIZ];
	uint32_t want_ifindex; /* of the local port; 0: any */
	uint32_t max_flows, max_masks, max_ports; /* 0: the daemon's */
	uint32_t cache_size;
	uint32_t user_features;
	uint32_t upcall_pid;
};
/* Creates folder, maps, local port; on error all of it is undone. */
int ox_datapath_create(struct ox_daemon *d, const struct ox_dp_request *rq,
		       struct ox_datapath **out, struct ox_err *e);
/* Removes ports, program, maps, folder. */
void ox_datapath_destroy(struct ox_datapath *dp);
/* At start: picks up every datapath of this network namespace in the root,
 * with its ports. A broken one is logged and left alone. */
int ox_datapath_takeover(struct ox_daemon *d, struct ox_err *e);
/* At exit: closes handles; forwarding goes on. */
void ox_datapath_close_all(struct ox_daemon *d);
struct ox_datapath *ox_datapath_by_ifindex(struct ox_daemon *d,
					   uint32_t dp_ifindex);
struct ox_datapath *ox_datapath_by_name(struct ox_daemon *d, const char *name);

/* ---- vport.c ---- */

struct ox_vport_request {
	char name[IFNAMSIZ];
	uint32_t type;	       /* enum ovs_vport_type */
	uint32_t port_no;      /* OX_NONE: the lowest free from 1 on */
	uint32_t want_ifindex; /* internal: of the near end; 0: any */
	uint32_t n_pids;
	const uint32_t *pids;
	enum ox_attach_mode mode;
};
int ox_vport_add(struct ox_datapath *dp, const struct ox_vport_request *rq,
		 uint32_t *port_no, struct ox_err *e);
/* Takes a port out: detaches, ends promiscuity, closes sockets, deletes an
 * internal port's devices. gone: its netdev is no more. */
void ox_vport_del(struct ox_datapath *dp, uint32_t port_no, bool gone);
/* OX_NONE if there is none. */
uint32_t ox_vport_by_name(const struct ox_datapath *dp, const char *name);
static inline bool ox_vport_exists(const struct ox_datapath *dp,
				   uint32_t port_no)
{
	return port_no < dp->mem->config->max_ports &&
	       dp->mem->uports[port_no].type;
}
/* Counters as OVS_VPORT_ATTR_STATS reports them. */
int ox_vport_stats(const struct ox_datapath *dp, uint32_t port_no,
		   struct ox_port_stats *out);
/* ovs_vport_find_upcall_portid(): per vport by hash, or per CPU when the
 * datapath has OVS_DP_F_DISPATCH_UPCALL_PER_CPU. 0: nobody wants it. */
uint32_t ox_vport_upcall_pid(const struct ox_datapath *dp, uint32_t port_no,
			     uint32_t hash, uint32_t cpu);

/* ---- linger.c ---- */

/* Deletes all flows of a datapath, or lets them linger (--flush-linger). */
void ox_linger_flush(struct ox_datapath *dp);
/* Notes that these port ids, if any isn't 0, are told upcalls. */
void ox_linger_reader(struct ox_datapath *dp, const uint32_t *pids, uint32_t n);
/* Flows that lingered when the last daemon ended: their time begins anew. */
void ox_linger_open(struct ox_datapath *dp);
void ox_linger_close(struct ox_datapath *dp);

/* ---- packet.c: what comes from and goes to the data plane ---- */

/* Opens the ring of the skb tier and handles what it brings, likewise; before
 * the first port. */
int ox_packet_dp_open(struct ox_datapath *dp, struct ox_err *e);
void ox_packet_dp_close(struct ox_datapath *dp); /* what is queued stays */

/* Opens the AF_XDP sockets of a port whose device carries the program, and
 * handles what they bring: upcalls, user-tier flows. Fills xsk_base and
 * n_xsk of the ox_port. */
int ox_packet_port_open(struct ox_datapath *dp, uint32_t port_no,
			struct ox_err *e);
void ox_packet_port_close(struct ox_datapath *dp, uint32_t port_no);
/* Once a second: adds what sockets lost to n_lost. */
void ox_packet_tick(struct ox_datapath *dp);
/* At exit, after the last port: closes the packet socket. */
void ox_packet_close(struct ox_daemon *d);

/* ---- families (fam_*.c) ---- */
extern const struct ox_genl_family ox_fam_datapath;
extern const struct ox_genl_family ox_fam_vport;
extern const struct ox_genl_family ox_fam_flow;
extern const struct ox_genl_family ox_fam_packet;
extern const struct ox_genl_family ox_fam_meter;
extern const struct ox_genl_family ox_fam_ovsxdp; /* private: nl.h */

/* Notification of a vport that went without a request (netdev removed). */
void ox_fam_vport_notify_del(struct ox_datapath *dp, uint32_t port_no);

#endif /* OVSXDP_DAEMON_H */
