/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_host.h - the tables of connection tracking in plain memory, for unit tests
 * and fuzzers: one thread, so no locks. What a run works on is in the thread's
 * ox_ct_host, because the core's functions name no table.
 */
#ifndef OVSXDP_BPF_CT_HOST_H
#define OVSXDP_BPF_CT_HOST_H

#include <stdlib.h>

#include "bpf/core/compiler.h"
#include "ovsxdp/abi/ct.h"

/* All arrays are the owner's. */
struct ox_ct_host_mem {
	struct ox_ct_conf *conf;
	struct ox_ct *ents; /* conf->max of them */
	struct ox_ct_bucket *bkts;
	__u64 *bits; /* (conf->max + 63) / 64 */
	struct ox_ct_zone *zones;
	struct ox_ct_tp *tps;
	struct ox_ct_exp *exps;	    /* OX_CT_EXPS */
	struct ox_ct_alg *algs;	    /* OX_CT_ALGS */
	struct ox_ct_event *events; /* room for max_events; may be NULL */
	__u32 n_events, max_events;
	struct ox_ct_stats stats;
	__u32 cursor;
	__u32 now;	 /* jiffies: the owner's clock */
	__u32 exp_looks; /* at places of exps, for tests */
	__u32 locks;	 /* taken, for tests */
};
extern __thread struct ox_ct_host_mem *ox_ct_host;

static __always_inline const struct ox_ct_conf *tbl_ct_conf(void)
{
	return ox_ct_host->conf;
}

static __always_inline __u32 tbl_ct_n_buckets(void)
{
	return ox_ct_host->conf->n_buckets;
}

static __always_inline struct ox_ct *tbl_ct(__u32 idx)
{
	return idx < ox_ct_host->conf->max ? &ox_ct_host->ents[idx] : NULL;
}

static __always_inline struct ox_ct_bucket *tbl_ct_bucket(__u32 i)
{
	return &ox_ct_host->bkts[i & (tbl_ct_n_buckets() - 1)];
}

static __always_inline struct ox_ct_zone *tbl_ct_zone(__u32 zone)
{
	return zone < OX_CT_ZONES ? &ox_ct_host->zones[zone] : NULL;
}

static __always_inline const struct ox_ct_tp *tbl_ct_tp(__u32 i)
{
	return i < OX_CT_TPS ? &ox_ct_host->tps[i] : NULL;
}

static __always_inline struct ox_ct_exp *tbl_ct_exp(__u32 i)
{
	ox_ct_host->exp_looks++;
	return &ox_ct_host->exps[i & (OX_CT_EXPS - 1)];
}

static __always_inline const struct ox_ct_alg *tbl_ct_alg(__u32 i)
{
	return i < OX_CT_ALGS ? &ox_ct_host->algs[i] : NULL;
}

static __always_inline __u64 *tbl_ct_bits(__u32 word)
{
	return word < (ox_ct_host->conf->max + 63) / 64
		       ? &ox_ct_host->bits[word]
		       : NULL;
}

static __always_inline __u32 *tbl_ct_cursor(void)
{
	return &ox_ct_host->cursor;
}

static __always_inline void ct_count(enum ox_ct_stat s)
{
	ox_ct_host->stats.n[s]++;
}

static __always_inline struct ox_ct_event *tbl_ct_event(void)
{
	struct ox_ct_host_mem *m = ox_ct_host;

	return m->n_events < m->max_events ? &m->events[m->n_events] : NULL;
}

static __always_inline void tbl_ct_event_send(struct ox_ct_event *ev)
{
	ox_ct_host->n_events += ev == &ox_ct_host->events[ox_ct_host->n_events];
}

static __always_inline __u32 ct_now(void)
{
	return ox_ct_host->now;
}

static __always_inline __u64 ct_now_ns(void)
{
	return (__u64)ox_ct_host->now * 1000000;
}

static __always_inline __u32 ct_cpu(void)
{
	return 0;
}

static __always_inline __u32 ct_prandom(void)
{
	return (__u32)random();
}

#define ct_lock(b)   ((void)(b), ox_ct_host->locks++)
#define ct_unlock(b) ((void)(b))

#define ct_cas(p, old, new) __sync_val_compare_and_swap(p, old, new)
#define ct_fetch_add(p, v)  __sync_fetch_and_add(p, v)
#define ct_fetch_or(p, v)   __sync_fetch_and_or(p, v)
#define ct_fetch_and(p, v)  __sync_fetch_and_and(p, v)

#endif /* OVSXDP_BPF_CT_HOST_H */
