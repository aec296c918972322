// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * stats.c - sums of per-CPU counters. Ranges are read in batches, a system
 * call for hundreds of elements; where the kernel has no batches for these
 * maps, one by one.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>

#define BATCH_BYTES (1024 * 1024) /* of values a system call */
#define BATCH_MAX   4096

/* Adds the values of all CPUs of one element to out. */
typedef void (*sum_fn)(void *out, uint32_t i, const void *values,
		       uint32_t n_cpus);

/* A range of elements to be read from one map. */
struct range {
	struct ox_dp *dp;
	int fd;
	uint32_t value_size; /* a multiple of 8 */
	uint32_t first;
	uint32_t n;
	sum_fn sum; /* called with i from 0 on */
	void *out;
};

struct batch {
	uint32_t keys[BATCH_MAX];
	uint8_t values[BATCH_BYTES];
};

/* Allocated once; a handle is used by one thread. */
static int batch_get(struct ox_dp *dp, struct batch **b)
{
	if (!dp->batch)
		dp->batch = malloc(sizeof(struct batch));
	*b = dp->batch;
	return *b ? 0 : -ENOMEM;
}

static int read_single(const struct range *r, struct batch *b, uint32_t from)
{
	uint32_t i;

	for (i = from; i < r->n; i++) {
		uint32_t key = r->first + i;
		int err = bpf_map_lookup_elem(r->fd, &key, b->values);

		if (err)
			return err;
		r->sum(r->out, i, b->values, r->dp->n_cpus);
	}
	return 0;
}

/* Reads at most want elements from r->first + from on; 0 and *n. */
static int read_batch(const struct range *r, struct batch *b, uint32_t from,
		      uint32_t want, uint32_t *n)
{
	size_t stride = (size_t)r->value_size * r->dp->n_cpus;
	uint32_t prev = r->first + from - 1; /* "in" is the key before */
	uint32_t next, i;
	int err;

	*n = want;
	err = bpf_map_lookup_batch(r->fd, (r->first + from) ? &prev : NULL,
				   &next, b->keys, b->values, n, NULL);
	if (err && err != -ENOENT) /* -ENOENT: the end of the map */
		return err;
	if (!*n)
		return -ENOENT;
	for (i = 0; i < *n; i++)
		r->sum(r->out, from + i, b->values + i * stride, r->dp->n_cpus);
	return 0;
}

/* Falls back to single reads on any error: they give the right errno. */
static int range_read(const struct range *r)
{
	size_t stride = (size_t)r->value_size * r->dp->n_cpus;
	uint32_t most = BATCH_BYTES / stride;
	struct batch *b;
	uint32_t i, n;
	int err = batch_get(r->dp, &b);

	if (err)
		return err;
	if (!most)
		return -E2BIG; /* thousands of CPUs */
	if (most > BATCH_MAX)
		most = BATCH_MAX;
	if (r->n < 4)
		return read_single(r, b, 0);
	for (i = 0; i < r->n; i += n) {
		uint32_t want = r->n - i < most ? r->n - i : most;

		if (read_batch(r, b, i, want, &n))
			return read_single(r, b, i);
	}
	return 0;
}

/* For structures that are nothing but __u64 counters. */
static void sum_words(uint64_t *out, const uint64_t *v, uint32_t n_words,
		      uint32_t n_cpus)
{
	uint32_t c, w;

	memset(out, 0, n_words * sizeof(*out));
	for (c = 0; c < n_cpus; c++)
		for (w = 0; w < n_words; w++)
			out[w] += v[c * n_words + w];
}

static void sum_hits(void *out, uint32_t i, const void *values, uint32_t n_cpus)
{
	sum_words((uint64_t *)out + i, values, 1, n_cpus);
}

static void sum_port(void *out, uint32_t i, const void *values, uint32_t n_cpus)
{
	(void)i;
	sum_words(out, values, sizeof(struct ox_port_stats) / 8, n_cpus);
}

static void sum_dp(void *out, uint32_t i, const void *values, uint32_t n_cpus)
{
	const struct ox_cpu_mem *v = values;
	struct ox_cpu_mem sum;

	(void)i;
	sum_words((uint64_t *)&sum, (const uint64_t *)v, sizeof(sum) / 8,
		  n_cpus);
	sum.stats.gauge = (struct ox_cache_gauge){ 0 };
	*(struct ox_dp_stats *)out = sum.stats;
}

/* All of it is counters, but the gauge, which is zero in sums. */
void ox_stats_add(struct ox_dp_stats *to, const struct ox_dp_stats *s)
{
	uint64_t *t = (uint64_t *)to;
	const uint64_t *f = (const uint64_t *)s;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*t); i++)
		t[i] += f[i];
}

int ox_stats_flows(struct ox_mem *m, uint32_t first, uint32_t n,
		   struct ox_flow_stats *out)
{
	uint32_t shift = m->config->chunk_shift;
	struct ox_dp *dp = ox_dp_of(m);
	uint64_t end = (uint64_t)first + n;
	struct ox_flow_stats *s = out;
	int err = 0;

	if (end > (uint64_t)m->n_flow_chunks << shift)
		return -EINVAL;
	while (!err && n) {
		uint32_t at = first & ((1u << shift) - 1);
		uint32_t left = (1u << shift) - at;
		uint32_t k = n < left ? n : left;

		k = k < OX_SUMS ? k : OX_SUMS;
		err = ox_sum_flows(dp, first >> shift, at, k, out);
		first += k;
		out += k;
		n -= k;
	}
	for (; !err && s < out; s++)
		s->used = ox_clock_ns(&dp->clock, s->used);
	return err;
}

/* Zeroes element key on all CPUs. */
static int zero(struct ox_dp *dp, int fd, uint32_t key, uint32_t value_size)
{
	struct batch *b;
	int err = batch_get(dp, &b);

	if (err)
		return err;
	if ((size_t)value_size * dp->n_cpus > sizeof(b->values))
		return -E2BIG;
	memset(b->values, 0, (size_t)value_size * dp->n_cpus);
	return bpf_map_update_elem(fd, &key, b->values, BPF_ANY);
}

int ox_stats_flow_zero(struct ox_mem *m, const uint32_t *flows, uint32_t n)
{
	uint32_t shift = m->config->chunk_shift;
	struct ox_dp *dp = ox_dp_of(m);

	for (uint32_t i = 0; i < n; i++)
		if (flows[i] >> shift >= m->n_flow_chunks)
			return -EINVAL;
	return n ? ox_sum_zero(dp, shift, flows, n) : 0;
}

int ox_stats_masks(struct ox_mem *m, uint32_t n, uint64_t *out)
{
	struct range r = {
		.dp = ox_dp_of(m),
		.fd = ox_dp_of(m)->map_fd[OX_M_MASK_HITS],
		.value_size = sizeof(uint64_t),
		.n = n,
		.sum = sum_hits,
		.out = out,
	};

	return n > m->config->max_masks ? -EINVAL : range_read(&r);
}

int ox_stats_port(struct ox_mem *m, uint32_t port_no, struct ox_port_stats *out)
{
	struct range r = {
		.dp = ox_dp_of(m),
		.fd = ox_dp_of(m)->map_fd[OX_M_PSTATS],
		.value_size = sizeof(struct ox_port_stats),
		.first = port_no,
		.n = 1,
		.sum = sum_port,
		.out = out,
	};

	return port_no >= m->config->max_ports ? -EINVAL : range_read(&r);
}

static void sum_lost(void *out, uint32_t i, const void *values, uint32_t n_cpus)
{
	const struct ox_port_upcalls *u = values;
	uint64_t *lost = out;

	(void)i;
	*lost = 0;
	for (uint32_t c = 0; c < n_cpus; c++)
		*lost += u[c].lost;
}

int ox_stats_port_lost(struct ox_mem *m, uint32_t port_no, uint64_t *out)
{
	struct range r = {
		.dp = ox_dp_of(m),
		.fd = ox_dp_of(m)->map_fd[OX_M_UPCALLS],
		.value_size = sizeof(struct ox_port_upcalls),
		.first = port_no,
		.n = 1,
		.sum = sum_lost,
		.out = out,
	};

	return port_no >= m->config->max_ports ? -EINVAL : range_read(&r);
}

int ox_stats_port_zero(struct ox_mem *m, uint32_t port_no)
{
	struct ox_dp *dp = ox_dp_of(m);
	int err;

	if (port_no >= m->config->max_ports)
		return -EINVAL;
	err = zero(dp, dp->map_fd[OX_M_PSTATS], port_no,
		   sizeof(struct ox_port_stats));
	if (err)
		return err;
	return zero(dp, dp->map_fd[OX_M_UPCALLS], port_no,
		    sizeof(struct ox_port_upcalls));
}

int ox_stats_dp(struct ox_mem *m, struct ox_dp_stats *out)
{
	struct range r = {
		.dp = ox_dp_of(m),
		.fd = ox_dp_of(m)->map_fd[OX_M_DPSTATS],
		.value_size = sizeof(struct ox_cpu_mem),
		.n = 1,
		.sum = sum_dp,
		.out = out,
	};
	int err = range_read(&r);

	if (!err)
		ox_stats_add(out, &r.dp->build.base);
	return err;
}
