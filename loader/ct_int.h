/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_int.h - what the loader's files of connection tracking share.
 */
#ifndef OVSXDP_LOADER_CT_INT_H
#define OVSXDP_LOADER_CT_INT_H

#include "loader/priv.h"
#include "ovsxdp/ct_set.h"

#define OX_CT_FOLDER "%ct" /* no folder of a datapath has a '%' there */

/* The pinned maps; the order is that of ox_ct_map_defs. */
enum ox_ct_map {
	OX_CT_M_CONF, /* pinned first: a folder without it is torn */
	OX_CT_M_ENTS,
	OX_CT_M_BKTS,
	OX_CT_M_BITS,
	OX_CT_M_ZONES,
	OX_CT_M_TPS,
	OX_CT_M_CURSOR,
	OX_CT_M_STATS,
	OX_CT_M_SWEEP,
	OX_CT_M_EXPS,
	OX_CT_M_ALGS,
	OX_CT_M_RING,
	OX_CT_M_COUNT,
};

struct ox_ct_map_def {
	const char *name; /* in the BPF objects */
	const char *pin;
	uint32_t type; /* enum bpf_map_type */
	uint32_t value_size;
	uint32_t (*entries)(const struct ox_ct_conf *c);
	/* offset in struct ox_ct_mem of the pointer to its memory; 0: not
	 * mapped */
	size_t mapped;
};
extern const struct ox_ct_map_def ox_ct_map_defs[OX_CT_M_COUNT];

struct ovsxdp_ct;

struct ox_ct_set {
	struct ox_ct_mem mem;
	char *path; /* of the folder */
	int map_fd[OX_CT_M_COUNT];
	struct ovsxdp_ct *obj;
	struct ox_clock clock;
	struct ring_buffer *ring; /* libbpf's reader; NULL: nobody listens */
	int ring_fd;
	struct ox_ct_ring_turn *turn; /* while it is read */
	/* the thread that makes chunks, and how many it makes */
	bool growing; /* it is to be joined */
	bool grown;   /* it has written grow_rc */
	uint32_t n_more;
	int grow_rc;
	pthread_t grow_tid;
};

static inline struct ox_ct_set *ox_ct_set_of(const struct ox_ct_mem *m)
{
	return m->owner;
}

/* ---- ct_maps.c ---- */

/* Most chunks that a table has. */
uint32_t ox_ct_chunks_max(const struct ox_ct_conf *c);
/* Maps conf's memory, then all that has a size from it. */
int ox_ct_maps_mmap(struct ox_ct_set *s, const struct ox_ct_conf *c,
		    struct ox_err *e);
/* Is each map what a table of this size has? -EPROTO with text. */
int ox_ct_maps_check(const struct ox_ct_set *s, const struct ox_ct_conf *c,
		     struct ox_err *e);
void ox_ct_maps_close(struct ox_ct_set *s);

/* ---- ct_chunk.c ---- */

/* Makes n chunks after those that are mapped, and maps them: all or none. They
 * count when conf->n_chunks says so. */
#define OX_CT_CHUNKS_AT_ONCE 64
int ox_ct_chunks_make(struct ox_ct_set *s, uint32_t n);
/* Maps the chunks that there are. */
int ox_ct_chunks_open(struct ox_ct_set *s, struct ox_err *e);
void ox_ct_chunks_close(struct ox_ct_set *s);
/* An inner map for ct_ents; an fd, or -errno. */
int ox_ct_chunk_create(void);
void ox_ct_grow_wait(struct ox_ct_set *s);

/* ---- ct_ring.c ---- */

/* The array that rings are put in; an fd, or -errno. */
int ox_ct_ring_outer(void);
/* Of this process; the ring lives on. */
void ox_ct_ring_close(struct ox_ct_set *s);

/* ---- ct_run.c ---- */

/* Loads the programs over the maps of s, where it has them, or for new ones of
 * c's sizes, which s then has. */
int ox_ct_progs_load(struct ox_ct_set *s, const struct ox_ct_conf *c,
		     struct ox_err *e);
/* Starts the sweep, with this process's program from now on. */
int ox_ct_sweep_start(struct ox_ct_set *s, struct ox_err *e);
extern const struct ox_ct_mem_ops ox_ct_set_ops;

#endif /* OVSXDP_LOADER_CT_INT_H */
