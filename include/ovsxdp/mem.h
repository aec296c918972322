/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mem.h - a datapath's memory as user space sees it: plain pointers into the
 * mapped maps. The loader fills one in; unit tests make one on the heap
 * (tests/lib). The host build of the core and the flow table work on this
 * and on nothing else, so both run without privileges.
 */
#ifndef OVSXDP_MEM_H
#define OVSXDP_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ovsxdp/abi.h"

#define OX_MAX_CHUNKS 64

struct ox_mem;

/* The devices of these ports become the set in a slot of "groups". */
struct ox_group_ports {
	uint32_t slot;
	uint32_t n;
	const uint32_t *ports;
};
#define OX_GROUPS_AT_ONCE 64

/* What the memory can do beyond being there. All return 0 or -errno. */
struct ox_mem_ops {
	/* Appends a chunk to flows, uflows and fstats. -ENOSPC: max_flows
	 * reached. Zeroed memory. */
	int (*grow_flows)(struct ox_mem *m);
	/* Half of the flow slots are taken: a chunk may be made ahead. NULL:
	 * there is nothing to gain. */
	void (*grow_flows_soon)(struct ox_mem *m);
	/* Appends a chunk to acts. */
	int (*grow_acts)(struct ox_mem *m);
	/* Returns when every program run that was under way has ended
	 * (docs/facts.md, B4): what was unlinked before may be used again. */
	int (*sync)(struct ox_mem *m);
	/* The same without a wait: begins, and says whether that has ended: 1,
	 * or 0; -errno: it failed. NULL: there is sync alone. */
	int (*sync_begin)(struct ox_mem *m);
	int (*sync_ended)(struct ox_mem *m);
	/* Sums the per-CPU counters of n flows from index first on. tcp_flags
	 * are ORed, used is the latest. Fast for ranges (batched). */
	int (*flow_stats)(struct ox_mem *m, uint32_t first, uint32_t n,
			  struct ox_flow_stats *out);
	/* Zeroes the counters of n flow slots, OX_SUMS at most, which nobody
	 * may be using. Where it fails it may have zeroed some. */
	int (*flow_stats_zero)(struct ox_mem *m, const uint32_t *flows,
			       uint32_t n);
	/* Sums the per-CPU hits of the first n mask slots. */
	int (*mask_hits)(struct ox_mem *m, uint32_t n, uint64_t *out);
	/* Sums a port's counters (without ox_uport.host and .base). */
	int (*port_stats)(struct ox_mem *m, uint32_t port_no,
			  struct ox_port_stats *out);
	/* Sums the packets of a port that the kernel's tiers had for user
	 * space and couldn't give it. NULL: none are known. */
	int (*port_lost)(struct ox_mem *m, uint32_t port_no, uint64_t *out);
	/* Zeroes a port's counters, before its number is used (again). */
	int (*port_stats_zero)(struct ox_mem *m, uint32_t port_no);
	/* Sums the datapath's counters (without ox_config.host). */
	int (*dp_stats)(struct ox_mem *m, struct ox_dp_stats *out);
	/* Enters a port in the maps that hold devices: "rxports" (rx_ifindex
	 * to port number) and "tx" (port number to rx_ifindex); or, with
	 * rx_ifindex 0, takes old_ifindex out of both. */
	int (*port_device)(struct ox_mem *m, uint32_t port_no,
			   uint32_t rx_ifindex, uint32_t old_ifindex);
	/* Is the device that port_device() entered for a port, with this
	 * ifindex, still there? 0: it has ended, or left its network
	 * namespace, since; another one may have its ifindex. */
	int (*port_there)(struct ox_mem *m, uint32_t port_no, uint32_t ifindex);
	/* Enters n sets, OX_GROUPS_AT_ONCE at most; may wait for a grace
	 * period, but for one only (Linux 6.8 on). On an error it may have
	 * entered some. NULL: there are no sets. */
	int (*groups_set)(struct ox_mem *m, const struct ox_group_ports *sets,
			  uint32_t n);
	/* Meters, each under its lock. -ENOENT: no such meter. set makes or
	 * replaces one whole (lock is ignored); -ENOSPC: map full. */
	int (*meter_get)(struct ox_mem *m, uint32_t id, struct ox_meter *out);
	int (*meter_set)(struct ox_mem *m, uint32_t id,
			 const struct ox_meter *meter);
	int (*meter_del)(struct ox_mem *m, uint32_t id);
	/* The ids of all meters, at most OX_MAX_METERS, in any order. */
	int (*meter_ids)(struct ox_mem *m, uint32_t *ids, uint32_t *n);
	/* A packet of len bytes meets a meter, as in the data plane (the same
	 * program runs): 1 drop it, 0 let it pass (also: no such meter). */
	int (*meter_run)(struct ox_mem *m, uint32_t id, uint32_t len);
};

struct ox_mem {
	const struct ox_mem_ops *ops;
	struct ox_config *config;
	struct ox_mask *masks;	   /* [max_masks], by slot */
	struct ox_mask *scan;	   /* [2 * max_masks], two halves, hot first */
	struct ox_prune *prune;	   /* [2 * OX_PRUNE_HALF(max_masks)] */
	struct ox_bucket *buckets; /* [n_buckets] */
	struct ox_port *ports;	   /* [max_ports] */
	struct ox_uport *uports;   /* [max_ports] */
	struct ox_inject *inject;  /* [OX_INJECTS]; NULL: no frame can be given
				    * to a tunnel from here */
	bool fresh; /* all of it is zero but config: no survey is needed */
	uint32_t n_flow_chunks;
	uint32_t n_acts_chunks;
	struct ox_flow *flows[OX_MAX_CHUNKS]; /* [1 << chunk_shift] each, and
					       * after them what is more */
	struct ox_uflow *uflows[OX_MAX_CHUNKS];
	struct ox_acts *acts[OX_MAX_CHUNKS * 16]; /* [1 << OX_ACTS_SHIFT] */
	void *owner;				  /* of the one who made it */
};

/* NULL where the chunk isn't there. */
static inline struct ox_flow *ox_mem_flow(const struct ox_mem *m, uint32_t i)
{
	uint32_t c = i >> m->config->chunk_shift;

	if (c >= m->n_flow_chunks)
		return NULL;
	return &m->flows[c][i & ((1u << m->config->chunk_shift) - 1)];
}

static inline struct ox_flow_more *ox_mem_flow_more(const struct ox_mem *m,
						    uint32_t i)
{
	uint32_t c = i >> m->config->chunk_shift;
	uint32_t n = 1u << m->config->chunk_shift;

	if (c >= m->n_flow_chunks)
		return NULL;
	return (struct ox_flow_more *)&m
		->flows[c][OX_FLOW_MORE(n, i & (n - 1))];
}

/* Word i of the key of a flow that is there. */
static inline __u64 *ox_mem_flow_word(const struct ox_mem *m, uint32_t flow,
				      uint32_t i)
{
	if (i < OX_FLOW_WORDS)
		return &ox_mem_flow(m, flow)->key[i];
	return &ox_mem_flow_more(m, flow)->key[i - OX_FLOW_WORDS];
}

static inline struct ox_uflow *ox_mem_uflow(const struct ox_mem *m, uint32_t i)
{
	uint32_t c = i >> m->config->chunk_shift;

	if (c >= m->n_flow_chunks)
		return NULL;
	return &m->uflows[c][i & ((1u << m->config->chunk_shift) - 1)];
}

static inline struct ox_acts *ox_mem_acts(const struct ox_mem *m, uint32_t i)
{
	uint32_t c = i >> OX_ACTS_SHIFT;

	if (c >= m->n_acts_chunks)
		return NULL;
	return &m->acts[c][i & ((1u << OX_ACTS_SHIFT) - 1)];
}

#endif /* OVSXDP_MEM_H */
