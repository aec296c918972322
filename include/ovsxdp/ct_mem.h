/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_mem.h - the memory of connection tracking as user space sees it: plain
 * pointers into mapped maps, for the datapaths of one network namespace. The
 * loader fills one in (ct_set.h); unit tests make one on the heap.
 *
 * Programs write the entries, and user space has them do it (ops). User space
 * itself writes: the knobs in conf, whole policies before anything names them,
 * values of timeouts, a zone's limit and n_exp, what helpers remember, and
 * expectations. It changes a zone's word and that of an expectation by one
 * compare and exchange.
 */
#ifndef OVSXDP_CT_MEM_H
#define OVSXDP_CT_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ovsxdp/ct_ask.h"

struct ox_ct_mem;
struct ox_ct_req; /* include/ovsxdp/ct_pkt.h */

/* All return 0 or -errno, unless they say something else. */
struct ox_ct_mem_ops {
	/* Jiffies, as in ox_ct.expires. */
	uint32_t (*now)(const struct ox_ct_mem *m);
	/* CLOCK_MONOTONIC, as in ox_ct.start_ns. */
	uint64_t (*now_ns)(const struct ox_ct_mem *m);
	/* A packet meets the table, as in the kernel's tiers: ct() or a part of
	 * it. The answer is in *rq. */
	int (*meet)(struct ox_ct_mem *m, struct ox_ct_req *rq);
	/* Ends the connection in a place if it is the one of gen. -ENOENT: it
	 * isn't there any more. */
	int (*kill)(struct ox_ct_mem *m, uint32_t idx, uint16_t gen);
	/* The connection of packets with tuple t, seen from its end from_b:
	 * its place, and the packet's direction. -ENOENT. */
	int (*find)(struct ox_ct_mem *m, const struct ox_ct_tuple *t,
		    bool from_b, uint32_t *idx, uint8_t *dir);
	/* Commits e, in which gen, zgen, life and start_ns don't count.
	 * -EEXIST: its tuple is taken; -ENOMEM: its zone is at the limit;
	 * -ENOSPC: the table is full. */
	int (*make)(struct ox_ct_mem *m, const struct ox_ct *e, uint32_t *idx);
	/* Changes what of a connection (OX_CT_CHANGE_*) to what "to" has.
	 * -ENOENT, as kill. */
	int (*change)(struct ox_ct_mem *m, uint32_t idx, uint16_t gen,
		      uint32_t what, const struct ox_ct *to);
	/* Takes a policy from all entries: they have the timeouts of their
	 * protocol from then on. */
	int (*untp)(struct ox_ct_mem *m, uint16_t tp);
	/* Counters of one CPU, below n_cpus. */
	int (*stats)(struct ox_ct_mem *m, uint32_t cpu,
		     struct ox_ct_stats *out);
};

struct ox_ct_mem {
	const struct ox_ct_mem_ops *ops;
	struct ox_ct_conf *conf;
	struct ox_ct_zone *zones; /* [OX_CT_ZONES] */
	struct ox_ct_tp *tps;	  /* [OX_CT_TPS] */
	struct ox_ct_exp *exps;	  /* [OX_CT_EXPS] */
	struct ox_ct_alg *algs;	  /* [OX_CT_ALGS] */
	const uint64_t *bits;	  /* [conf->max / 64] */
	uint32_t n_chunks;	  /* of ents, that are mapped */
	uint32_t n_cpus;	  /* possible ones */
	uint32_t n_exps; /* expectations, when they were counted last */
	uint32_t portid; /* of the client that is being served; else 0 */
	struct ox_ct *ents[OX_CT_MAX_CHUNKS]; /* [1 << OX_CT_CHUNK_SHIFT] */
	void *owner;			      /* of the one who made it */
};

/* The entry in a place; NULL where there is no memory for it yet. */
static inline struct ox_ct *ox_ct_mem_at(const struct ox_ct_mem *m,
					 uint32_t idx)
{
	uint32_t c = idx >> OX_CT_CHUNK_SHIFT;

	if (c >= m->n_chunks)
		return NULL;
	return &m->ents[c][idx & ((1u << OX_CT_CHUNK_SHIFT) - 1)];
}

#endif /* OVSXDP_CT_MEM_H */
