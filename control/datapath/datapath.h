/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * datapath.h - all datapaths of a daemon, and what becomes of one: creation,
 * change, removal, lookup.
 */
#ifndef OVSXDP_DATAPATH_H
#define OVSXDP_DATAPATH_H

#include "control/datapath/spare.h"
#include "control/packet/handle.h"
#include "control/packet/packet.h"
#include "control/port/vport.h"
#include "ovsxdp/ct_set.h"

struct ox_options {
	const char *root;   /* folder of the datapaths in bpffs */
	uint32_t max_flows; /* defaults for new datapaths; 0: the loader's */
	uint32_t max_masks;
	uint32_t max_ports;
	uint32_t no_features;  /* OVS_DP_F_* that are refused as unknown */
	uint32_t flush_linger; /* seconds; 0: a flush deletes */
	bool no_spare;	       /* no set of maps and programs is made ahead */
	uint32_t ct_max;       /* connections; 0: as the kernel has it */
	enum ox_tunnels tunnels;
	bool no_tunnel_pmtu;
};

/* A datapath that goes on without this daemon. */
struct ox_left {
	char name[OX_NAME_LEN];
	char why[256];
};

/* What the daemon serves; the list itself is ports.datapaths. */
struct ox_datapaths {
	struct ox_options opt;
	struct ox_space space; /* where they are pinned */
	struct ox_spares spares;
	uint32_t generation; /* changes with each new and del */
	uint64_t jobs;	     /* begun: the number of the last one */
	struct ox_packets packets;
	struct ox_ports ports;
	/* connection tracking, which all of them share; NULL: it isn't served
	 */
	struct ox_ct_set *ct_set;
	struct ox_ct_mem *ct; /* of ct_set */
	char ct_left[256];    /* why not, if its maps are of another version */
	struct ox_left *left; /* of another ABI version; owned */
	uint32_t n_left;
	pthread_t closer; /* lets go of the one that was deleted last */
	bool closing;	  /* it has been started, and not joined yet */
};

/* In the order of their creation, without those that are being removed: NULL
 * after the last one. */
struct ox_datapath *ox_datapath_first(const struct ox_datapaths *all);
struct ox_datapath *ox_datapath_next(const struct ox_datapath *dp);

struct ox_dp_request {
	char name[IFNAMSIZ];
	uint32_t want_ifindex; /* of the local port; 0: any */
	uint32_t max_flows, max_masks, max_ports; /* 0: those of opt */
	uint32_t cache_size;
	uint32_t user_features;
	uint32_t upcall_pid;
};
/* Creates folder, maps, local port; on error all of it is undone.
 * -EINPROGRESS: nothing was done, see ox_spare_create(); or one of that name is
 * being removed. */
int ox_datapath_create(struct ox_datapaths *all, const struct ox_dp_request *rq,
		       struct ox_datapath **out, struct ox_err *e);
/*
 * A datapath's removal begins: no request finds it from now on. Returns the
 * number of the job, by which ox_datapath_leaving() finds it until it is
 * destroyed (else NULL).
 */
uint64_t ox_datapath_leave(struct ox_datapath *dp);
struct ox_datapath *ox_datapath_leaving(const struct ox_datapaths *all,
					uint64_t job);
/* Removes a port of it, the local one last. True: there are more. */
bool ox_datapath_leave_step(struct ox_datapath *dp);
/* Removes ports that are left, program, maps, folder. */
void ox_datapath_destroy(struct ox_datapath *dp);
/* At exit: closes handles; forwarding goes on. */
void ox_datapath_close_all(struct ox_datapaths *all);
struct ox_datapath *ox_datapath_by_ifindex(struct ox_datapaths *all,
					   uint32_t dp_ifindex);
struct ox_datapath *ox_datapath_by_name(struct ox_datapaths *all,
					const char *name);

/* What OVS_DP_CMD_NEW and _SET may change; see ovs_dp_change(). */
struct ox_dp_change {
	bool has_features; /* without it they become 0, as the module does */
	bool has_cache;
	bool has_cpu_pids;
	uint32_t features;
	uint32_t cache_size;
	const void *cpu_pids;  /* u32 port ids, unaligned */
	uint32_t cpu_pids_len; /* bytes */
};
/*
 * Applies it as far as the first error, like the module. Unknown features are
 * -EOPNOTSUPP. A cache size that is no power of two, and per-CPU port ids that
 * are no array of u32, are -EINVAL.
 */
int ox_datapath_change(struct ox_datapath *dp, const struct ox_dp_change *ch,
		       struct ox_err *e);
/* The same checks alone, before there is a datapath. */
int ox_datapath_change_check(const struct ox_datapaths *all,
			     const struct ox_dp_change *ch, struct ox_err *e);

/* A handle around open memory; takes dp over, also on error. Enters nothing
 * in the list. */
int ox_datapath_new(struct ox_datapaths *all, const char *name,
		    struct ox_dp *dp, struct ox_datapath **out,
		    struct ox_err *e);
void ox_datapath_free(struct ox_datapath *dp); /* closes handles; NULL ok */
/* Puts it at the end of the list. */
void ox_datapath_link(struct ox_datapath *dp);

#endif /* OVSXDP_DATAPATH_H */
