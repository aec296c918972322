/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mem_heap.h - a datapath's memory (struct ox_mem) on the heap, for tests that
 * run without privileges. Layout and rules are those of the mapped maps. The
 * test sets the counters, and counts the grace periods.
 */
#ifndef OVSXDP_TESTS_MEM_HEAP_H
#define OVSXDP_TESTS_MEM_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "ovsxdp/mem.h"

struct ox_mem_heap_params {
	uint32_t max_flows;	  /* 0: 4096; rounded up to whole chunks */
	uint32_t max_masks;	  /* 0: 64 */
	uint32_t max_ports;	  /* 0: 64 */
	uint32_t chunk_shift;	  /* 0: 8 (256 flows a chunk) */
	uint32_t n_buckets;	  /* 0: max_flows makes them half full */
	uint32_t max_acts_chunks; /* 0: as many as struct ox_mem names */
	uint32_t cache_size;
	uint64_t hash_seed; /* 0: a fixed one */
};

#define OX_HEAP_METERS 64

/*
 * The owner behind an ox_mem made here; tests read and write it. The arrays
 * are indexed like the maps and as long as the parameters say.
 */
struct ox_mem_heap {
	struct ox_mem mem;
	uint32_t max_acts_chunks;
	struct ox_flow_stats *flow_stats; /* [max_flows] */
	uint64_t *mask_hits;		  /* [max_masks] */
	struct ox_port_stats *port_stats; /* [max_ports] */
	uint32_t *port_ifindex; /* [max_ports]: as port_device() entered it */
	struct ox_dp_stats dp_stats;
	struct ox_cache cache;
	/* meters: the ids of those that are there, and the clock (ms) by
	 * which meter_run() fills their buckets; it stands until it is set */
	struct {
		bool there;
		uint32_t id;
		struct ox_meter meter;
	} meters[OX_HEAP_METERS];
	uint64_t now_ms;
	/* calls of the operations so far */
	unsigned int n_sync;
	unsigned int n_grow_flows;
	unsigned int n_grow_acts;
	/* if not 0: what grow_flows/grow_acts return instead of growing */
	int fail_grow_flows;
	int fail_grow_acts;
};

/* 0 and *m, config filled in and committed; -ENOMEM or -EINVAL. */
int ox_mem_heap_new(const struct ox_mem_heap_params *p, struct ox_mem **m);
void ox_mem_heap_free(struct ox_mem *m); /* NULL ok */

static inline struct ox_mem_heap *ox_mem_heap(struct ox_mem *m)
{
	return (struct ox_mem_heap *)m->owner;
}

#endif /* OVSXDP_TESTS_MEM_HEAP_H */
