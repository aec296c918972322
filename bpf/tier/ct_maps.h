/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_maps.h - the maps of connection tracking, as programs see them. What is in
 * them is in ovsxdp/abi/ct.h. They belong to a network namespace: its datapaths
 * share them.
 *
 * The sizes here are templates. Before load, whoever loads sets, from the
 * parameters that also go into "ct_conf" and into ox_ct_rc_n_buckets:
 *
 *   ct_bkts   n_buckets, a power of two: half as many as entries, so that an
 *             entry with two tuples has room, too
 *   ct_bits   max entries / 64
 *   ct_ents   max chunks; inner ARRAY, BPF_F_MMAPABLE, key 4, value struct
 *             ox_ct, 1 << OX_CT_CHUNK_SHIFT entries
 */
#ifndef OVSXDP_BPF_CT_MAPS_H
#define OVSXDP_BPF_CT_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "bpf/core/compiler.h"
#include "ovsxdp/abi/ct.h"

/* Set before load; frozen, so the verifier sees a constant. */
const volatile __u32 ox_ct_rc_n_buckets = 2048;

/* A variable, so that its address is a constant: as "config". */
struct ox_ct_conf ct_conf_mem SEC(".data.ct_conf");

struct ox_ct_chunk {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1 << OX_CT_CHUNK_SHIFT);
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct ox_ct));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 64);
	__type(key, __u32);
	__array(values, struct ox_ct_chunk);
} ct_ents SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2048);
	__type(key, __u32);
	__type(value, struct ox_ct_bucket);
} ct_bkts SEC(".maps");

/* Entries in use, claimed by an atomic OR. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} ct_bits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, OX_CT_ZONES);
	__type(key, __u32);
	__type(value, struct ox_ct_zone);
} ct_zones SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, OX_CT_TPS);
	__type(key, __u32);
	__type(value, struct ox_ct_tp);
} ct_tps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, OX_CT_EXPS);
	__type(key, __u32);
	__type(value, struct ox_ct_exp);
} ct_exps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, OX_CT_ALGS);
	__type(key, __u32);
	__type(value, struct ox_ct_alg);
} ct_algs SEC(".maps");

/* Word of ct_bits where a CPU claimed last. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} ct_cursor SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ox_ct_stats);
} ct_stats SEC(".maps");

/* Where those who listen are told: no ring as long as nobody does. */
struct ox_ct_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* OX_CT_RING_SIZE, once it is there */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct ox_ct_ring);
} ct_ring SEC(".maps");

/* ---- the tables ---- */

static __always_inline const struct ox_ct_conf *tbl_ct_conf(void)
{
	return &ct_conf_mem;
}

static __always_inline __u32 tbl_ct_n_buckets(void)
{
	return ox_ct_rc_n_buckets;
}

static __always_inline struct ox_ct *tbl_ct(__u32 idx)
{
	__u32 chunk = idx >> OX_CT_CHUNK_SHIFT;
	__u32 at = idx & ((1u << OX_CT_CHUNK_SHIFT) - 1);
	void *map = bpf_map_lookup_elem(&ct_ents, &chunk);

	return map ? bpf_map_lookup_elem(map, &at) : NULL;
}

static __always_inline struct ox_ct_bucket *tbl_ct_bucket(__u32 i)
{
	i &= tbl_ct_n_buckets() - 1;
	return bpf_map_lookup_elem(&ct_bkts, &i);
}

static __always_inline struct ox_ct_zone *tbl_ct_zone(__u32 zone)
{
	return bpf_map_lookup_elem(&ct_zones, &zone);
}

static __always_inline const struct ox_ct_tp *tbl_ct_tp(__u32 i)
{
	return bpf_map_lookup_elem(&ct_tps, &i);
}

static __always_inline struct ox_ct_exp *tbl_ct_exp(__u32 i)
{
	i &= OX_CT_EXPS - 1;
	return bpf_map_lookup_elem(&ct_exps, &i);
}

static __always_inline const struct ox_ct_alg *tbl_ct_alg(__u32 i)
{
	return bpf_map_lookup_elem(&ct_algs, &i);
}

static __always_inline __u64 *tbl_ct_bits(__u32 word)
{
	return bpf_map_lookup_elem(&ct_bits, &word);
}

static __always_inline __u32 *tbl_ct_cursor(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&ct_cursor, &zero);
}

/* Not inlined, as ox_count_reason(). */
__noinline int ox_ct_count(__u32 i)
{
	__u32 zero = 0;
	struct ox_ct_stats *st = bpf_map_lookup_elem(&ct_stats, &zero);

	if (st && i < OX_CT_S_COUNT)
		st->n[i]++;
	return 0;
}

static __always_inline void ct_count(enum ox_ct_stat s)
{
	ox_ct_count(s);
}

/* A record to be filled in and sent; NULL: there is no room, or no ring. */
static __always_inline struct ox_ct_event *tbl_ct_event(void)
{
	__u32 zero = 0;
	void *ring = bpf_map_lookup_elem(&ct_ring, &zero);

	return ring ? bpf_ringbuf_reserve(ring, sizeof(struct ox_ct_event), 0)
		    : NULL;
}

static __always_inline void tbl_ct_event_send(struct ox_ct_event *ev)
{
	bpf_ringbuf_submit(ev, 0);
}

static __always_inline __u32 ct_now(void)
{
	return (__u32)bpf_jiffies64();
}

static __always_inline __u64 ct_now_ns(void)
{
	return bpf_ktime_get_ns();
}

static __always_inline __u32 ct_cpu(void)
{
	return bpf_get_smp_processor_id();
}

static __always_inline __u32 ct_prandom(void)
{
	return bpf_get_prandom_u32();
}

#define ct_lock(b)   bpf_spin_lock(&(b)->lock)
#define ct_unlock(b) bpf_spin_unlock(&(b)->lock)

#define ct_cas(p, old, new) __sync_val_compare_and_swap(p, old, new)
#define ct_fetch_add(p, v)  __sync_fetch_and_add(p, v)
#define ct_fetch_or(p, v)   __sync_fetch_and_or(p, v)
#define ct_fetch_and(p, v)  __sync_fetch_and_and(p, v)

#endif /* OVSXDP_BPF_CT_MAPS_H */
