// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sum.bpf.c - adds up flows' per-CPU counters where they are: on no device,
 * run by user space (loader/sum.c), which reads the sums in mapped memory.
 * The kernel's own way, a lookup a batch, copies each CPU's values through
 * two buffers: several times the cost.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "ovsxdp/abi.h"

char _license[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 ox_rc_n_cpus = 1;

/* As in maps.h; the datapath's own is put in its place. */
struct ox_fstats_chunk {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OX_STATS_PAGES(1 << 12));
	__uint(key_size, 4);
	__uint(value_size, sizeof(struct ox_stats_page));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 64); /* OX_MAX_CHUNKS */
	__type(key, __u32);
	__array(values, struct ox_fstats_chunk);
} fstats SEC(".maps");

/* Of the process that loaded this; element i is flow first + i. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, OX_SUMS);
	__type(key, __u32);
	__type(value, struct ox_flow_stats);
} sums SEC(".maps");

/* Of flow "at" of a chunk, on a CPU. */
static __always_inline struct ox_flow_stats *stats_of(void *chunk, __u32 at,
						      __u32 cpu)
{
	__u32 page_no = at >> OX_STATS_SHIFT;
	struct ox_stats_page *page =
		bpf_map_lookup_percpu_elem(chunk, &page_no, cpu);

	return page ? &page->flow[at & ((1u << OX_STATS_SHIFT) - 1)] : NULL;
}

/* "used" is a clock, not a counter: the latest CPU counts. */
static long sum_flow(__u32 i, struct ox_sum_args *a)
{
	void *chunk = bpf_map_lookup_elem(&fstats, &a->chunk);
	struct ox_flow_stats *s = bpf_map_lookup_elem(&sums, &i);
	struct ox_flow_stats sum = { 0 };
	__u32 at = a->first + i;
	__u32 cpu;

	if (!chunk || !s)
		return 1;
	for (cpu = 0; cpu < ox_rc_n_cpus; cpu++) {
		const struct ox_flow_stats *v;

		v = stats_of(chunk, at, cpu);
		if (!v)
			return 1;
		sum.packets += v->packets;
		sum.bytes += v->bytes;
		sum.tcp_flags |= v->tcp_flags;
		if (v->used > sum.used)
			sum.used = v->used;
	}
	*s = sum;
	return 0;
}

/* Leaves a->n at 0 where it fails. */
static long zero_flow(__u32 i, struct ox_zero_args *a)
{
	const struct ox_flow_stats *which = bpf_map_lookup_elem(&sums, &i);
	__u32 shift = a->chunk_shift & 31;
	__u32 flow, chunk_no, at, cpu, n = a->n;
	void *chunk;

	a->n = 0;
	if (!which)
		return 1;
	flow = which->packets;
	chunk_no = flow >> shift;
	at = flow & ((1u << shift) - 1);
	chunk = bpf_map_lookup_elem(&fstats, &chunk_no);
	if (!chunk)
		return 1;
	for (cpu = 0; cpu < ox_rc_n_cpus; cpu++) {
		struct ox_flow_stats *v;

		v = stats_of(chunk, at, cpu);
		if (!v)
			return 1;
		*v = (struct ox_flow_stats){ 0 };
	}
	a->n = n;
	return 0;
}

/* Returns how many flows were zeroed: all, or 0. */
SEC("syscall")
int ovsxdp_zero(struct ox_zero_args *args)
{
	struct ox_zero_args a = *args;

	bpf_loop(a.n, zero_flow, &a, 0);
	return a.n;
}

/* Returns how many flows were added up. */
SEC("syscall")
int ovsxdp_sum(struct ox_sum_args *args)
{
	struct ox_sum_args a = *args;

	return bpf_loop(a.n, sum_flow, &a, 0);
}
