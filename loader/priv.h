/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * priv.h - what the files of the loader share: the handle of a datapath, the
 * list of its maps, and the helpers for pins, chunks and captured messages.
 * Nobody outside of loader/ and its tests includes this.
 */
#ifndef OVSXDP_LOADER_PRIV_H
#define OVSXDP_LOADER_PRIV_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <linux/bpf.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/dp.h"
#include "ovsxdp/thread.h"

#define OX_ACTS_CHUNKS (OX_MAX_CHUNKS * 16)

/* The pinned maps of a datapath; the order is that of map_defs in maps.c. */
enum ox_map {
	OX_M_CONFIG, /* pinned first: a folder without it is torn */
	OX_M_MASKS,
	OX_M_SCAN,
	OX_M_PRUNE,
	OX_M_MASK_HITS,
	OX_M_BUCKETS,
	OX_M_FLOWS,
	OX_M_FSTATS,
	OX_M_ACTS,
	OX_M_PORTS,
	OX_M_PSTATS,
	OX_M_UPCALLS,
	OX_M_RXPORTS,
	OX_M_TX,
	OX_M_SKB_TX,
	OX_M_XSKS,
	OX_M_DPSTATS,
	OX_M_CACHE,
	OX_M_GROUPS,
	OX_M_RING,
	OX_M_METERS,
	OX_M_XDP_JMP,
	OX_M_TC_JMP, /* from here on: what the XDP object doesn't have */
	OX_M_INJECT,
	OX_M_LISTEN,
	OX_M_IPSEC,
	OX_M_UPORTS, /* from here on user space only: in no object */
	OX_M_SYNC,
	OX_M_BUILD,
	OX_M_COUNT,
};
#define OX_M_FIRST_USER OX_M_UPORTS

/* The pinned programs; the order is that of ox_prog_defs in prog.c. */
enum ox_prog_nr {
	OX_P_XDP,    /* on devices */
	OX_P_METER,  /* on none: run for user space's own packets */
	OX_P_TC,     /* tc ingress of ports */
	OX_P_CLONE,  /* tc egress of the clone device */
	OX_P_LISTEN, /* tc ingress of devices with local addresses */
	OX_P_PINNED, /* from here on: what tail calls reach, without a pin */
	OX_P_XDP_RUN = OX_P_PINNED,
	OX_P_TC_RUN,
	OX_P_XDP_CT,
	OX_P_TC_CT,
	OX_P_TC_RX,
	OX_P_TC_ENCAP,
	OX_P_TC_TUN,
	OX_P_COUNT,
};

struct bpf_object;

struct ox_prog_def {
	const char *pin;  /* file name */
	const char *name; /* in its object */
	uint32_t type;	  /* enum bpf_prog_type */
};
extern const struct ox_prog_def ox_prog_defs[OX_P_COUNT];

struct ox_prog {
	int fd;
	uint32_t id;
};

/* The maps that programs of one build have for themselves; all others stay when
 * programs of another build take their place. In this order they are pinned:
 * "build" says that all are there. */
#define OX_SET_MAPS 4
extern const enum ox_map ox_set_maps[OX_SET_MAPS];

struct ox_map_def {
	const char *name;    /* of the map and of its pin */
	uint32_t type;	     /* enum bpf_map_type */
	uint32_t value_size; /* 0: not fixed by abi.h */
	/* entries for a configuration */
	uint32_t (*entries)(const struct ox_config *c);
	/* offset in struct ox_mem of the pointer to its memory; 0: not mapped
	 */
	size_t mapped;
};
extern const struct ox_map_def ox_map_defs[OX_M_COUNT];
/* The type of "xsks" on a kernel without AF_XDP. */
#define OX_XSKS_WITHOUT BPF_MAP_TYPE_DEVMAP
/* A map's name in the BPF objects: a variable has its section's. */
const char *ox_map_object_name(enum ox_map i);

/* How the inner maps of an outer map look; all chunks of a kind are alike. */
struct ox_inner_def {
	uint32_t type;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t flags;
};

/*
 * Chunks that exist already though nobody asked for them yet: a thread
 * makes them ahead of need, because each costs grace periods.
 */
struct ox_grow {
	struct ox_dp *dp;
	int (*make)(struct ox_dp *dp, uint32_t first, uint32_t n);
	uint32_t ready; /* chunks made, handed out or not */
	uint32_t n;	/* chunks that the thread makes */
	bool busy;	/* the thread is to be joined */
	int rc;		/* of the thread, after joining */
	pthread_t tid;
};

/* The programs of a build, with the maps of ox_set_maps. */
struct ox_set {
	struct ox_prog prog[OX_P_COUNT];
	int map_fd[OX_SET_MAPS];
};

/* ---- sync.c ---- */

/* A grace period that a thread waits for. */
struct ox_sync {
	bool busy;  /* the thread is to be joined */
	bool ended; /* it has written rc */
	int rc;
	pthread_t tid;
};
int ox_sync(struct ox_mem *m);
int ox_sync_begin(struct ox_mem *m);
int ox_sync_ended(struct ox_mem *m);

/* ---- clock.c ---- */

struct ox_clock {
	uint64_t jiffies; /* jiffies64 at */
	uint64_t ns;	  /* this time of CLOCK_MONOTONIC */
	uint64_t tick_ns; /* a jiffy */
};
int ox_clock_open(struct ox_clock *c, struct ox_err *e);
/* 0 stays 0: never. */
uint64_t ox_clock_ns(const struct ox_clock *c, uint64_t jiffies);

struct ox_dp {
	struct ox_mem mem;
	char name[OX_NAME_LEN];
	char *path; /* of the folder */
	int map_fd[OX_M_COUNT];
	struct ox_prog prog[OX_P_COUNT];
	int sync_fd; /* inner map of "sync" */
	struct ox_inner_def inner_flows;
	struct ox_inner_def inner_fstats;
	struct ox_inner_def inner_acts;
	struct ox_grow grow_flows;
	struct ox_grow grow_acts;
	struct ox_sync sync;
	uint32_t n_cpus;	/* possible ones: values of a per-CPU element */
	struct ox_clock clock;	/* of ox_flow_stats.used */
	void *batch;		/* scratch of stats.c */
	struct ovsxdp_sum *sum; /* sum.c; NULL: not loaded */
	struct ox_flow_stats *sum_map; /* its results */
	int sum_rc;		       /* not 0: it can't be, don't try again */
	struct ox_build_rec build;     /* of prog; a copy of the map's */
	struct ox_renewal *renewal;    /* renew.c: under way, or NULL */
};

/* ---- pin.c ---- */

/* -EINVAL with text for names that can't be a folder. */
int ox_pin_check_name(const char *name, struct ox_err *e);
/* root/name with the name made fit for bpffs, which takes no dots. */
char *ox_pin_folder(const char *root, const char *name);
/* "folder/name", to be freed; NULL if out of memory. */
char *ox_pin_path(const char *folder, const char *name);
int ox_pin_fd(const char *folder, const char *name, int fd, struct ox_err *e);
/* An fd, or -errno. */
int ox_pin_get(const char *folder, const char *name);
/* Makes the folder; -EEXIST with text if it is there. */
int ox_pin_mkdir(const char *folder, struct ox_err *e);
int ox_pin_remove_folder(const char *folder, struct ox_err *e);

/* ---- root.c ---- */

/* Makes the folders of root that are missing; refuses one that isn't root's
 * alone (-EPERM). */
int ox_root_make(const char *root, struct ox_err *e);
/* The same question of a folder that is there: the root, or one above it. */
int ox_root_check(const char *path, bool is_root, struct ox_err *e);
/* An fd that holds root's lock while it is open (so a crash ends it), or
 * -errno: -EBUSY after ten seconds. */
int ox_root_lock(const char *root, struct ox_err *e);

/* ---- state.c ---- */

#define OX_STATE \
	"%state" /* file name; no folder of a datapath has a '%' there */

/* ---- maps.c ---- */

int ox_map_info(int fd, struct bpf_map_info *info);
int ox_map_inner_def(int fd, struct ox_inner_def *def);
/* Maps memory of a BPF_F_MMAPABLE array; NULL on failure, errno set. */
void *ox_map_mmap(int fd, uint32_t value_size, uint32_t entries);
/* Touches each page of an array that was just made and mapped, and is all zero:
 * of mem, and of the kernel's own mapping, if fd isn't -1. */
void ox_map_warm(int fd, void *mem, uint32_t value_size, uint32_t n);
void ox_map_munmap(void *p, uint32_t value_size, uint32_t entries);
/* Maps all mapped maps of dp but "config", by config's sizes. */
int ox_maps_mmap(struct ox_dp *dp, struct ox_err *e);
/* Unmaps and closes what there is. */
/* The same of all that ox_maps_mmap() has mapped, but the configuration. */
void ox_maps_warm(struct ox_dp *dp);
void ox_maps_close(struct ox_dp *dp);
static inline struct ox_config *ox_config_of(const struct ox_dp *dp)
{
	return dp->mem.config;
}

/* ---- handle.c ---- */

/* A handle without any map; NULL if out of memory. */
struct ox_dp *ox_dp_alloc(const char *root, const char *name);

/* ---- load.c ---- */

/* What a creation has open until dp has all of it. */
struct ox_objects {
	struct ovsxdp_xdp *xdp;
	struct ovsxdp_tc *tc;
	struct ox_ct_set *ct; /* ox_dp_params.ct */
	int flows_fd; /* first chunks, the templates of the outer maps */
	int fstats_fd;
	int acts_fd;
};

/* A datapath on its way: first it is made, then it gets its name and pins. */
struct ox_creation {
	struct ox_dp *dp; /* NULL: nothing is under way */
	struct ox_objects objects;
	int uflows_fd; /* of the first chunk */
	struct ox_config cfg;
};
/* What p says of a datapath, checked, and the sizes that follow. */
int ox_config_fill(struct ox_config *c, const struct ox_dp_params *p,
		   struct ox_err *e);
/* Checks p and works out the sizes; nothing is made. *c is cleared in any
 * case. */
int ox_creation_begin(struct ox_creation *c, const struct ox_dp_params *p,
		      struct ox_err *e);
/* Maps, programs, first chunks: takes long, any thread may do it. */
int ox_creation_make(struct ox_creation *c, struct ox_err *e);
/* The rest: root/name with its pins, and the commit. *dp is the caller's. */
int ox_creation_end(struct ox_creation *c, const char *root,
		    const struct ox_dp_params *p, struct ox_dp **dp,
		    struct ox_err *e);
/* At any time; what ended is left as it is. */
void ox_creation_clear(struct ox_creation *c);

/* ---- object.c ---- */

/* The maps of connection tracking in an object that isn't loaded are those of
 * ct; without one, those of another object, or its own (from NULL). */
int ox_object_ct(struct bpf_object *obj, const struct ox_ct_set *ct,
		 struct bpf_object *from);

/* Makes the maps that dp doesn't have and loads all programs for the sizes of
 * c; dp gets fds of its own, of maps and programs. */
int ox_objects_load(struct ox_objects *o, struct ox_dp *dp,
		    const struct ox_config *c, struct ox_err *e);
void ox_objects_init(struct ox_objects *o);
void ox_objects_clear(struct ox_objects *o); /* as after init again */

/* ---- prog_load.c ---- */

/* Loads all programs at once, each over the maps of its object. */
int ox_progs_load(const struct ox_objects *o, struct ox_dp *dp,
		  const struct ox_config *c, struct ox_err *e);

/* ---- prog.c ---- */

/* Of one program whose fd is there. */
int ox_prog_id(struct ox_prog *p);
int ox_progs_pin(const struct ox_dp *dp, struct ox_err *e);
/* -ENOENT: a pin is missing, *missing says which. */
int ox_progs_open(struct ox_dp *dp, const char **missing, struct ox_err *e);
void ox_progs_close(struct ox_dp *dp);

/* ---- build.c ---- */

/* A map "build" of this build; an fd, or -errno. */
int ox_build_make(void);
int ox_build_read(int fd, struct ox_build_rec *out);

/* ---- swap.c ---- */

/*
 * On all devices of the network namespace: programs of "to" take the place of
 * those of "from". Where both must be there for a while, both are, until
 * ox_swap_end() after a grace period. Devices that have none are left alone.
 * -errno: some may have been changed; the other way round undoes that.
 */
int ox_swap_begin(const struct ox_prog *from, const struct ox_prog *to,
		  uint32_t *n_devices, struct ox_err *e);
void ox_swap_end(const struct ox_prog *from, const struct ox_prog *to);

/* ---- next.c ---- */

void ox_set_init(struct ox_set *s);
void ox_set_close(struct ox_set *s);
/* Pins it beside what is in force, has it take that one's place everywhere,
 * and dp has it then. Waits for a grace period. On an error all is as it was,
 * and s the caller's. */
int ox_next_enter(struct ox_dp *dp, struct ox_set *s, uint32_t *n_devices,
		  struct ox_err *e);

/* ---- chunk.c ---- */

uint32_t ox_chunks_max(const struct ox_config *c); /* of flows */
int ox_inner_create(const struct ox_inner_def *def, const char *name);
/* Sets element i of an outer map; waits for a grace period. */
int ox_outer_set(int outer_fd, uint32_t i, int inner_fd);
/* Sets n elements from "first" on, OX_OUTER_AT_ONCE at most; one batch waits
 * for one grace period (6.8 on). On an error some may be set. */
#define OX_OUTER_AT_ONCE 64
int ox_outer_set_all(int outer_fd, uint32_t first, uint32_t n, const int *fds);
/* An fd of element i of an outer map; -ENOENT if there is none. */
int ox_outer_get(int outer_fd, uint32_t i);
#define OX_UFLOWS "uflows-" /* and the chunk's number: file name of a pin */
/* Makes and publishes the first chunks of a new datapath: the inner maps
 * that the outer maps were made with. *uflows_fd, the caller's, isn't pinned.
 */
int ox_chunks_first(struct ox_dp *dp, int flows_fd, int fstats_fd, int acts_fd,
		    int *uflows_fd);
/* Finds and maps what chunks there are. */
int ox_chunks_open(struct ox_dp *dp, struct ox_err *e);
/* Unmaps and closes; the threads of grow.c have ended. */
void ox_chunks_close(struct ox_dp *dp);
/* Make n chunks from first on and map them; all or, of acts, none. */
int ox_chunk_make_flows(struct ox_dp *dp, uint32_t first, uint32_t n);
#define OX_ACTS_AT_ONCE 32 /* chunks (MiB), the most that n may be */
int ox_chunk_make_acts(struct ox_dp *dp, uint32_t first, uint32_t n);

/* ---- grow.c ---- */

/* Called when the chunks that exist are mapped and counted. */
void ox_grow_init(struct ox_dp *dp);
void ox_sync_wait(struct ox_dp *dp); /* before the maps are closed */
void ox_grow_wait(struct ox_dp *dp); /* for the threads */
void ox_grow_flows_soon(struct ox_mem *m);
int ox_grow_flows(struct ox_mem *m);
int ox_grow_acts(struct ox_mem *m);

/* ---- stats.c, ops.c ---- */

extern const struct ox_mem_ops ox_dp_ops;
int ox_stats_flows(struct ox_mem *m, uint32_t first, uint32_t n,
		   struct ox_flow_stats *out);
int ox_stats_flow_zero(struct ox_mem *m, const uint32_t *flows, uint32_t n);
int ox_stats_masks(struct ox_mem *m, uint32_t n, uint64_t *out);
int ox_stats_port(struct ox_mem *m, uint32_t port_no,
		  struct ox_port_stats *out);
int ox_stats_port_lost(struct ox_mem *m, uint32_t port_no, uint64_t *out);
int ox_stats_port_zero(struct ox_mem *m, uint32_t port_no);
int ox_stats_dp(struct ox_mem *m, struct ox_dp_stats *out);
void ox_stats_add(struct ox_dp_stats *to, const struct ox_dp_stats *s);

/* ---- sum.c ---- */

/* Adds up n flows' counters on all CPUs, at most OX_SUMS, all of one chunk;
 * "used" stays jiffies. -errno where the kernel can't. */
int ox_sum_flows(struct ox_dp *dp, uint32_t chunk, uint32_t first, uint32_t n,
		 struct ox_flow_stats *out);
/* Zeroes those of n flows, OX_SUMS at most, that are in chunks that exist. */
int ox_sum_zero(struct ox_dp *dp, uint32_t chunk_shift, const uint32_t *flows,
		uint32_t n);
void ox_sum_close(struct ox_dp *dp);

/* ---- meters.c ---- */

int ox_meter_get(struct ox_mem *m, uint32_t id, struct ox_meter *out);
int ox_meter_set(struct ox_mem *m, uint32_t id, const struct ox_meter *meter);
int ox_meter_del(struct ox_mem *m, uint32_t id);
int ox_meter_ids(struct ox_mem *m, uint32_t *ids, uint32_t *n);
int ox_meter_test(struct ox_mem *m, uint32_t id, uint32_t len);

/* ---- groups.c ---- */

int ox_groups_set(struct ox_mem *m, const struct ox_group_ports *sets,
		  uint32_t n);

/* ---- xmit.c ---- */

/* Closes the socket that questions about devices go over. The next question is
 * asked in the network namespace that its thread is in then. */
void ox_xmit_forget(void);

/* ---- print.c ---- */

/*
 * libbpf and libxdp print what went wrong instead of returning it. Between
 * begin and end it is kept for this thread: the line that says most, or an
 * empty string.
 */
void ox_print_begin(void);
const char *ox_print_end(void);

static inline struct ox_dp *ox_dp_of(struct ox_mem *m)
{
	return (struct ox_dp *)m->owner;
}

#endif /* OVSXDP_LOADER_PRIV_H */
