// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_run.c - the programs of bpf/ct.bpf.c, which make the maps of a new table,
 * and what user space has them do.
 */
#include "loader/ct_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "ovsxdp/ct_pkt.h"
#include "bpf/ct.skel.h"
#include "ovsxdp/ct_ask.h"

/* ---- loading ---- */

/* The tracker's headers bring the datapath's maps along: they aren't made. */
static void maps_choose(struct ox_ct_set *s)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, s->obj->obj) {
		if (strncmp(bpf_map__name(map), "ct_", 3) &&
		    !bpf_map__is_internal(map))
			bpf_map__set_autocreate(map, false);
	}
}

static int maps_reuse(struct ox_ct_set *s)
{
	int err = 0;

	for (int i = 0; !err && i < OX_CT_M_COUNT; i++)
		err = bpf_map__reuse_fd(
			bpf_object__find_map_by_name(s->obj->obj,
						     ox_ct_map_defs[i].name),
			s->map_fd[i]);
	return err;
}

static int maps_size(struct ox_ct_set *s, const struct ox_ct_conf *c,
		     int chunk_fd)
{
	int err = bpf_map__set_inner_map_fd(s->obj->maps.ct_ents, chunk_fd);

	for (int i = 0; !err && i < OX_CT_M_COUNT; i++)
		err = bpf_map__set_max_entries(
			bpf_object__find_map_by_name(s->obj->obj,
						     ox_ct_map_defs[i].name),
			ox_ct_map_defs[i].entries(c));
	return err;
}

static int maps_take(struct ox_ct_set *s)
{
	for (int i = 0; i < OX_CT_M_COUNT; i++) {
		int fd = bpf_object__find_map_fd_by_name(
			s->obj->obj, ox_ct_map_defs[i].name);

		s->map_fd[i] = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (s->map_fd[i] < 0)
			return fd < 0 ? fd : -errno;
	}
	return 0;
}

static int load(struct ox_ct_set *s, const struct ox_ct_conf *c)
{
	bool is_new = s->map_fd[OX_CT_M_CONF] < 0;
	_cleanup_fd_ int chunk_fd = -1;
	int err;

	s->obj = ovsxdp_ct__open();
	if (!s->obj)
		return -errno;
	maps_choose(s);
	s->obj->rodata->ox_ct_rc_n_buckets = c->n_buckets;
	if (is_new) {
		chunk_fd = ox_ct_chunk_create();
		err = chunk_fd < 0 ? chunk_fd : maps_size(s, c, chunk_fd);
	} else {
		err = maps_reuse(s);
	}
	if (!err)
		err = ovsxdp_ct__load(s->obj);
	if (!err && is_new)
		err = maps_take(s);
	return err;
}

int ox_ct_progs_load(struct ox_ct_set *s, const struct ox_ct_conf *c,
		     struct ox_err *e)
{
	const char *said;
	int err;

	ox_print_begin();
	err = load(s, c);
	said = ox_print_end();
	if (!err)
		return 0;
	if (err == -ENOMEM || err == -E2BIG)
		said = "too little memory: ask for fewer connections, or raise "
		       "the memory limit of the service";
	return ox_err_set(e, err,
			  "can't make connection tracking in %s (%s): %s",
			  s->path, strerror(-err), said);
}

/* ---- running ---- */

/* What the program returns, or -errno; its answer is in ask. */
static int run(const struct bpf_program *prog, struct ox_ct_ask *ask)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = ask,
		    .data_size_in = sizeof(*ask), .data_out = ask,
		    .data_size_out = sizeof(*ask), .repeat = 1);
	int err = bpf_prog_test_run_opts(bpf_program__fd(prog), &o);

	return err ? err : (int)o.retval;
}

int ox_ct_sweep_start(struct ox_ct_set *s, struct ox_err *e)
{
	struct ox_ct_ask ask = { 0 };
	int rc = run(s->obj->progs.ct_start, &ask);

	if (!rc)
		return 0;
	rc = rc > 0 ? -rc : rc;
	return ox_err_set(e, rc, "can't start the timer of %s: %s", s->path,
			  strerror(-rc));
}

static int set_meet(struct ox_ct_mem *m, struct ox_ct_req *rq)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = rq,
		    .data_size_in = sizeof(*rq), .data_out = rq,
		    .data_size_out = sizeof(*rq), .repeat = 1);
	int err = bpf_prog_test_run_opts(
		bpf_program__fd(ox_ct_set_of(m)->obj->progs.ct_meet), &o);

	if (err)
		return err;
	return o.retval == XDP_PASS ? 0 : -EIO;
}

static int set_kill(struct ox_ct_mem *m, uint32_t idx, uint16_t gen)
{
	struct ox_ct_ask ask = { .idx = idx, .gen = gen, .portid = m->portid };
	int rc = run(ox_ct_set_of(m)->obj->progs.ct_kill, &ask);

	return rc > 0 ? -ENOENT : rc;
}

static int set_find(struct ox_ct_mem *m, const struct ox_ct_tuple *t,
		    bool from_b, uint32_t *idx, uint8_t *dir)
{
	struct ox_ct_ask ask = { .from_b = from_b, .e.orig = *t };
	int rc = run(ox_ct_set_of(m)->obj->progs.ct_lookup, &ask);

	*idx = ask.idx;
	*dir = ask.from_b;
	return rc > 0 ? -ENOENT : rc;
}

static int set_make(struct ox_ct_mem *m, const struct ox_ct *e, uint32_t *idx)
{
	static const int errs[] = { 0, -EEXIST, -ENOMEM, -ENOSPC };
	struct ox_ct_ask ask = { .from_b = e->init_b,
				 .portid = m->portid,
				 .e = *e };
	int rc = run(ox_ct_set_of(m)->obj->progs.ct_make, &ask);

	*idx = ask.idx;
	return rc > 0 ? errs[rc & 3] : rc;
}

static int set_change(struct ox_ct_mem *m, uint32_t idx, uint16_t gen,
		      uint32_t what, const struct ox_ct *to)
{
	struct ox_ct_ask ask = {
		.idx = idx, .gen = gen, .what = what, .portid = m->portid
	};
	int rc;

	if (to)
		ask.e = *to;
	rc = run(ox_ct_set_of(m)->obj->progs.ct_change, &ask);
	return rc > 0 ? -ENOENT : rc;
}

static int set_untp(struct ox_ct_mem *m, uint16_t tp)
{
	struct ox_ct_ask ask = { .gen = tp };
	int rc;

	for (;; ask.idx += OX_CT_ASK_WORDS) {
		rc = run(ox_ct_set_of(m)->obj->progs.ct_untp, &ask);
		if (rc)
			return rc > 0 ? 0 : rc;
	}
}

static int set_stats(struct ox_ct_mem *m, uint32_t cpu, struct ox_ct_stats *out)
{
	_cleanup_free_ struct ox_ct_stats *all =
		calloc(m->n_cpus, sizeof(*all));
	uint32_t zero = 0;
	int err;

	if (!all)
		return -ENOMEM;
	if (cpu >= m->n_cpus)
		return -ENOENT;
	err = bpf_map_lookup_elem(ox_ct_set_of(m)->map_fd[OX_CT_M_STATS], &zero,
				  all);
	if (!err)
		*out = all[cpu];
	return err;
}

/* ---- clocks ---- */

static uint64_t set_now_ns(const struct ox_ct_mem *m)
{
	struct timespec ts;

	(void)m;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static uint32_t set_now(const struct ox_ct_mem *m)
{
	const struct ox_clock *c = &ox_ct_set_of(m)->clock;
	uint64_t ns = set_now_ns(m) - c->ns;

	return c->jiffies + (ns + c->tick_ns / 2) / c->tick_ns;
}

const struct ox_ct_mem_ops ox_ct_set_ops = {
	.now = set_now,
	.now_ns = set_now_ns,
	.meet = set_meet,
	.kill = set_kill,
	.find = set_find,
	.make = set_make,
	.change = set_change,
	.untp = set_untp,
	.stats = set_stats,
};
