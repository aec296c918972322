// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sum.c - flows' counters, added up by a BPF program of this process's own
 * (bpf/sum.bpf.c) over the datapath's maps: no system call an element, and
 * no copies of every CPU's values. They are zeroed the same way.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <bpf/bpf.h>

#include "bpf/sum.skel.h"

static int open_sum(struct ox_dp *dp)
{
	struct ovsxdp_sum *s = ovsxdp_sum__open();
	int err;

	if (!s)
		return -errno;
	s->rodata->ox_rc_n_cpus = dp->n_cpus;
	ox_print_begin();
	err = bpf_map__reuse_fd(s->maps.fstats, dp->map_fd[OX_M_FSTATS]);
	if (!err)
		err = ovsxdp_sum__load(s);
	ox_print_end();
	if (err) {
		ovsxdp_sum__destroy(s);
		return err;
	}
	dp->sum_map = ox_map_mmap(bpf_map__fd(s->maps.sums),
				  sizeof(struct ox_flow_stats), OX_SUMS);
	if (!dp->sum_map) {
		err = -errno;
		ovsxdp_sum__destroy(s);
		return err;
	}
	dp->sum = s;
	return 0;
}

void ox_sum_close(struct ox_dp *dp)
{
	if (!dp->sum)
		return;
	ox_map_munmap(dp->sum_map, sizeof(struct ox_flow_stats), OX_SUMS);
	ovsxdp_sum__destroy(dp->sum);
	dp->sum = NULL;
}

static int ready(struct ox_dp *dp)
{
	if (!dp->sum && !dp->sum_rc)
		dp->sum_rc = open_sum(dp);
	return dp->sum_rc;
}

/* A run that is to return n. */
static int run(const struct bpf_program *prog, struct bpf_test_run_opts *opts,
	       uint32_t n)
{
	int err = bpf_prog_test_run_opts(bpf_program__fd(prog), opts);

	if (err)
		return err;
	return opts->retval == n ? 0 : -ENOENT;
}

int ox_sum_flows(struct ox_dp *dp, uint32_t chunk, uint32_t first, uint32_t n,
		 struct ox_flow_stats *out)
{
	struct ox_sum_args args = { .chunk = chunk, .first = first, .n = n };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &args,
		    .ctx_size_in = sizeof(args));
	int err;

	err = ready(dp);
	if (!err)
		err = run(dp->sum->progs.ovsxdp_sum, &opts, n);
	if (!err)
		memcpy(out, dp->sum_map, n * sizeof(*out));
	return err;
}

int ox_sum_zero(struct ox_dp *dp, uint32_t chunk_shift, const uint32_t *flows,
		uint32_t n)
{
	struct ox_zero_args args = { .chunk_shift = chunk_shift, .n = n };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &args,
		    .ctx_size_in = sizeof(args));
	int err = n > OX_SUMS ? -E2BIG : ready(dp);

	if (err)
		return err;
	for (uint32_t i = 0; i < n; i++)
		dp->sum_map[i].packets = flows[i];
	return run(dp->sum->progs.ovsxdp_zero, &opts, n);
}
