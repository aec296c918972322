/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * xdp_run.h - the XDP program with small maps of its own, for tests and
 * measurements. It is loaded without the loader, filled from a struct ox_mem,
 * and run by BPF_PROG_TEST_RUN as if frames came in by "lo". With RUN_TC
 * defined, the tc program.
 */
#ifndef OVSXDP_TESTS_BPF_XDP_RUN_H
#define OVSXDP_TESTS_BPF_XDP_RUN_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/core/pkt.h"
#include "bpf/ct_host.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/mem.h"

#ifdef RUN_TC
#include "bpf/tc.skel.h"
#define RUN_SKEL(suffix) ovsxdp_tc##suffix
#define RUN_PROG	 ovsxdp_tc
#define RUN_INTERPRETER	 ovsxdp_tc_run
#define RUN_CT		 ovsxdp_tc_ct
#define RUN_JMP		 tc_jmp
#define RUN_OF(mem)	 ((struct ox_run *)(mem)->tc)
#define RUN_WRITES	 10
#else
#include "bpf/xdp.skel.h"
#define RUN_SKEL(suffix) ovsxdp_xdp##suffix
#define RUN_PROG	 ovsxdp_rx
#define RUN_INTERPRETER	 ovsxdp_xdp_run
#define RUN_CT		 ovsxdp_xdp_ct
#define RUN_JMP		 xdp_jmp
#define RUN_OF(mem)	 ((struct ox_run *)(mem)->xdp)
#define RUN_WRITES	 8
#endif

struct xdp_run {
	struct RUN_SKEL() * skel;
	int prog;
	int flows, fstats, acts; /* inner maps, chunk 0 */
	int xsk;
	int n_cpus;
	struct ox_config config; /* sizes that it was loaded with */
};

static inline int xdp_run_put(int map, uint32_t key, const void *val)
{
	return bpf_map_update_elem(map, &key, val, BPF_ANY);
}

/* Sizes before load. */
static inline void xdp_run_sizes(struct RUN_SKEL() * s,
				 const struct ox_config *c)
{
	bpf_map__set_max_entries(s->maps.masks, c->max_masks);
	bpf_map__set_max_entries(s->maps.mask_hits, c->max_masks);
	bpf_map__set_max_entries(s->maps.scan, 2 * c->max_masks);
	bpf_map__set_max_entries(s->maps.prune,
				 2 * OX_PRUNE_HALF(c->max_masks));
	bpf_map__set_max_entries(s->maps.buckets, c->n_buckets);
	bpf_map__set_max_entries(s->maps.ports, c->max_ports);
	bpf_map__set_max_entries(s->maps.pstats, c->max_ports);
	bpf_map__set_max_entries(s->maps.upcalls, c->max_ports);
	bpf_map__set_max_entries(s->maps.rxports, c->max_ports);
	bpf_map__set_max_entries(s->maps.tx, c->max_ports);
	bpf_map__set_max_entries(s->maps.skb_tx, c->max_ports);
	bpf_map__set_max_entries(s->maps.xsks, 16);
	s->rodata->ox_rc_n_buckets = c->n_buckets;
	s->rodata->ox_rc_chunk_shift = c->chunk_shift;
	s->rodata->ox_rc_max_ports = c->max_ports;
	s->rodata->ox_rc_max_masks = c->max_masks;
}

/* Chunk 0 of each; they are the templates too. */
static inline int xdp_run_inner(struct xdp_run *r)
{
	LIBBPF_OPTS(bpf_map_create_opts, mm, .map_flags = BPF_F_MMAPABLE);
	uint32_t chunk = 1u << r->config.chunk_shift;

	r->flows = bpf_map_create(BPF_MAP_TYPE_ARRAY, "flows0", 4,
				  sizeof(struct ox_flow), OX_FLOW_LINES(chunk),
				  &mm);
	r->fstats = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "fstats0", 4,
				   sizeof(struct ox_stats_page),
				   OX_STATS_PAGES(chunk), NULL);
	r->acts = bpf_map_create(BPF_MAP_TYPE_ARRAY, "acts0", 4,
				 sizeof(struct ox_acts), 1u << OX_ACTS_SHIFT,
				 &mm);
	if (r->flows < 0 || r->fstats < 0 || r->acts < 0)
		return -errno;
	if (bpf_map__set_inner_map_fd(r->skel->maps.flows, r->flows) ||
	    bpf_map__set_inner_map_fd(r->skel->maps.fstats, r->fstats) ||
	    bpf_map__set_inner_map_fd(r->skel->maps.acts, r->acts))
		return -errno;
	return 0;
}

static inline int xdp_run_link(struct xdp_run *r)
{
	if (xdp_run_put(bpf_map__fd(r->skel->maps.flows), 0, &r->flows) ||
	    xdp_run_put(bpf_map__fd(r->skel->maps.fstats), 0, &r->fstats) ||
	    xdp_run_put(bpf_map__fd(r->skel->maps.acts), 0, &r->acts))
		return -errno;
	return 0;
}

static inline int xdp_run_jump(struct xdp_run *r, uint32_t at,
			       const struct bpf_program *prog)
{
	int fd = bpf_program__fd(prog);

	return xdp_run_put(bpf_map__fd(r->skel->maps.RUN_JMP), at, &fd) ? -errno
									: 0;
}

static inline int xdp_run_jumps(struct xdp_run *r)
{
	int err = xdp_run_jump(r, OX_JUMP_RUN, r->skel->progs.RUN_INTERPRETER);

	if (!err)
		err = xdp_run_jump(r, OX_JUMP_CT, r->skel->progs.RUN_CT);
#ifdef RUN_TC
	if (!err)
		err = xdp_run_jump(r, OX_JUMP_RX, r->skel->progs.ovsxdp_tc_rx);
#endif
	return err;
}

/* A table of connections with one chunk. */
static inline int xdp_run_ct(struct xdp_run *r)
{
	LIBBPF_OPTS(bpf_map_create_opts, mm, .map_flags = BPF_F_MMAPABLE);
	uint32_t n = 1 << OX_CT_CHUNK_SHIFT;
	_cleanup_fd_ int chunk = bpf_map_create(BPF_MAP_TYPE_ARRAY, "ct_chunk",
						4, sizeof(struct ox_ct), n,
						&mm);
	struct ox_ct_host_mem *m = ox_ct_host_open(n, 250);
	int err = chunk < 0 || !m ? -ENOMEM : 0;

	if (!err)
		err = xdp_run_put(bpf_map__fd(r->skel->maps.ct_ents), 0,
				  &chunk);
	for (uint32_t i = 0; !err && i < OX_CT_TP_DEFAULTS; i++)
		err = xdp_run_put(bpf_map__fd(r->skel->maps.ct_tps), i,
				  &m->tps[i]);
	if (!err) {
		r->skel->data_ct_conf->ct_conf_mem = *m->conf;
		r->skel->data_ct_conf->ct_conf_mem.n_chunks = 1;
		r->skel->data_ct_conf->ct_conf_mem.n_buckets = n / 2;
	}
	ox_ct_host_close(m);
	return err;
}

/* 0, or -errno: -EPERM without the privileges. */
static inline int xdp_run_open(struct xdp_run *r, const struct ox_config *c)
{
	uint32_t zero = 0;
	int err;

	memset(r, 0, sizeof(*r));
	r->config = *c;
	r->xsk = -1;
	r->n_cpus = libbpf_num_possible_cpus();
	r->skel = RUN_SKEL(__open)();
	if (!r->skel)
		return -errno;
	xdp_run_sizes(r->skel, c);
	err = xdp_run_inner(r);
	if (err)
		return err;
	err = RUN_SKEL(__load)(r->skel);
	if (err)
		return err;
	r->prog = bpf_program__fd(r->skel->progs.RUN_PROG);
	err = xdp_run_jumps(r);
	if (!err)
		err = xdp_run_link(r);
	if (!err)
		err = xdp_run_ct(r);
	if (err)
		return err;
	r->xsk = socket(AF_XDP, SOCK_RAW, 0);
	if (r->xsk < 0 || bpf_map_update_elem(bpf_map__fd(r->skel->maps.xsks),
					      &zero, &r->xsk, BPF_ANY))
		return -errno;
	return 0;
}

static inline void xdp_run_close(struct xdp_run *r)
{
	RUN_SKEL(__destroy)(r->skel);
	close(r->flows);
	close(r->fstats);
	close(r->acts);
	if (r->xsk >= 0)
		close(r->xsk);
}

/* val for every CPU in n elements of a per-CPU map; its size is a multiple of
 * 8. */
static inline int xdp_run_put_all(struct xdp_run *r, int map, uint32_t n,
				  const void *val, size_t size)
{
	uint8_t *vals = malloc(r->n_cpus * size);
	int cpu, err = vals ? 0 : -ENOMEM;
	uint32_t i;

	for (cpu = 0; cpu < r->n_cpus && !err; cpu++)
		memcpy(vals + cpu * size, val, size);
	for (i = 0; i < n && !err; i++)
		err = xdp_run_put(map, i, vals);
	free(vals);
	return err;
}

/* Zeroes n elements of a per-CPU map. */
static inline int xdp_run_zero(struct xdp_run *r, int map, uint32_t n,
			       size_t size)
{
	void *zero = calloc(1, size);
	int err = zero ? xdp_run_put_all(r, map, n, zero, size) : -ENOMEM;

	free(zero);
	return err;
}

/* Adds up an element of a per-CPU map, which is all 64-bit counters. */
static inline int xdp_run_sum(struct xdp_run *r, int map, uint32_t key,
			      void *out, size_t size)
{
	size_t n = size / 8, i;
	uint64_t *vals = calloc(r->n_cpus, size), *sum = calloc(1, size);
	int cpu, err;

	err = bpf_map_lookup_elem(map, &key, vals);
	for (cpu = 0; cpu < r->n_cpus && !err; cpu++)
		for (i = 0; i < n; i++)
			sum[i] += vals[cpu * n + i];
	memcpy(out, sum, size);
	free(vals);
	free(sum);
	return err;
}

/* What all CPUs have counted of a flow of the first page. */
static inline int xdp_run_sum_flow(struct xdp_run *r, uint32_t flow,
				   struct ox_flow_stats *out)
{
	struct ox_stats_page *page = malloc(sizeof(*page));
	int err = xdp_run_sum(r, r->fstats, 0, page, sizeof(*page));

	*out = page->flow[flow];
	free(page);
	return err;
}

#define XDP_FD(r, name) bpf_map__fd((r)->skel->maps.name)

/* The first packet's memory as another packet left it, on all CPUs: nothing of
 * what stands there may be taken for the next one's. */
static inline int xdp_run_used(struct xdp_run *r, enum ox_pkt_state state)
{
	struct ox_cpu_mem *mem = calloc(r->n_cpus, sizeof(*mem));
	uint32_t zero = 0;
	int i, err;

	err = bpf_map_lookup_elem(XDP_FD(r, dpstats), &zero, mem);
	for (i = 0; i < r->n_cpus; i++) {
		memset(RUN_OF(&mem[i]), 0xa5, sizeof(struct ox_run));
		RUN_OF(&mem[i])->p.state = state;
		RUN_OF(&mem[i])->p.work = 0;
		RUN_OF(&mem[i])->p.deferred = 0;
		/* and of what it has cost */
		memset(RUN_OF(&mem[i]) + 1, 0, sizeof(struct ox_work));
	}
	err |= xdp_run_put(XDP_FD(r, dpstats), 0, mem);
	free(mem);
	return err;
}

/* Is memory that says it is clean so, on all CPUs? The skb tier writes word 10
 * of each packet. */
static inline bool xdp_run_is_clean(struct xdp_run *r)
{
	struct ox_cpu_mem *mem = calloc(r->n_cpus, sizeof(*mem));
	uint32_t zero = 0;
	bool clean = !bpf_map_lookup_elem(XDP_FD(r, dpstats), &zero, mem);

	for (int cpu = 0; cpu < r->n_cpus; cpu++) {
		const struct ox_pkt *p = &RUN_OF(&mem[cpu])->p;

		if (p->state != OX_PKT_CLEAN)
			continue;
		for (int i = 5; i < OX_KEY_WORDS; i++)
			if (i != 8 && i != RUN_WRITES && i != 14 && p->key.w[i])
				clean = false;
	}
	free(mem);
	return clean;
}

/* Zeroes the datapath's counters alone. */
static inline int xdp_run_zero_dp(struct xdp_run *r)
{
	struct ox_cpu_mem *mem = calloc(r->n_cpus, sizeof(*mem));
	uint32_t zero = 0;
	int i, err;

	err = bpf_map_lookup_elem(XDP_FD(r, dpstats), &zero, mem);
	for (i = 0; i < r->n_cpus; i++)
		memset(&mem[i].stats, 0, sizeof(mem[i].stats));
	err |= xdp_run_put(XDP_FD(r, dpstats), 0, mem);
	free(mem);
	return err;
}

static inline int xdp_run_sum_dp(struct xdp_run *r, struct ox_dp_stats *out)
{
	struct ox_cpu_mem sum;
	uint32_t zero = 0;
	int err = xdp_run_sum(r, XDP_FD(r, dpstats), zero, &sum, sizeof(sum));

	*out = sum.stats;
	out->gauge = (struct ox_cache_gauge){ 0 };
	return err;
}

/* Packets that won't ask the cache, on the CPU that ran. */
static inline uint64_t xdp_run_rest(struct xdp_run *r)
{
	struct ox_cpu_mem *mem = calloc(r->n_cpus, sizeof(*mem));
	uint32_t zero = 0;
	uint64_t rest = 0;
	int i;

	if (bpf_map_lookup_elem(XDP_FD(r, dpstats), &zero, mem))
		rest = OX_NONE;
	for (i = 0; i < r->n_cpus; i++)
		rest += mem[i].stats.gauge.rest;
	free(mem);
	return rest;
}

/* Copies m (of the same sizes, one chunk of flows and acts) to the maps and
 * zeroes all counters. n_flows: how many slots are worth copying. */
static inline int xdp_run_fill(struct xdp_run *r, const struct ox_mem *m,
			       uint32_t n_flows)
{
	const struct ox_config *c = m->config;
	uint32_t i, l, n_masks = OX_SCAN_N(c->scan);
	uint32_t chunk = 1u << c->chunk_shift;
	int err = xdp_run_put(XDP_FD(r, data_config), 0, c);

	for (i = 0; i < n_masks; i++) {
		err |= xdp_run_put(XDP_FD(r, masks), i, &m->masks[i]);
		err |= xdp_run_put(XDP_FD(r, scan), i, &m->scan[i]);
	}
	for (i = 0; i < OX_PRUNE_HALF(c->max_masks); i++)
		err |= xdp_run_put(XDP_FD(r, prune), i, &m->prune[i]);
	for (i = 0; i < c->n_buckets; i++)
		err |= xdp_run_put(XDP_FD(r, buckets), i, &m->buckets[i]);
	for (i = 0; i < c->max_ports; i++)
		err |= xdp_run_put(XDP_FD(r, ports), i, &m->ports[i]);
	for (i = 0; i < n_flows; i++) {
		err |= xdp_run_put(r->flows, i, ox_mem_flow(m, i));
		for (l = 0; l < OX_MORE_LINES; l++)
			err |= xdp_run_put(r->flows, OX_FLOW_MORE(chunk, i) + l,
					   &ox_mem_flow_more(m, i)->key[8 * l]);
		err |= xdp_run_put(r->acts, i, ox_mem_acts(m, i));
	}
	err |= xdp_run_zero_dp(r);
	err |= xdp_run_zero(r, XDP_FD(r, cache), 1, sizeof(struct ox_cache));
	err |= xdp_run_zero(r, XDP_FD(r, pstats), c->max_ports,
			    sizeof(struct ox_port_stats));
	err |= xdp_run_zero(r, XDP_FD(r, mask_hits), c->max_masks, 8);
	err |= xdp_run_zero(r, r->fstats, 1, sizeof(struct ox_stats_page));
	return err;
}

#endif /* OVSXDP_TESTS_BPF_XDP_RUN_H */
