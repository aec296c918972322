// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * prog_load.c - the verifier takes most of the time that a new datapath needs.
 * So each program is loaded by a thread of its own, from an object opened for
 * it alone, over maps that are there already.
 */
#include "loader/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <bpf/bpf.h>

#include "bpf/tc.skel.h"
#include "bpf/xdp.skel.h"
#include "ovsxdp/ct_set.h"

/* One program on its way. */
struct job {
	pthread_t tid;
	const struct ox_prog_def *def;
	struct bpf_object *maps; /* of its object */
	const struct ox_config *cfg;
	struct ox_ct_set *ct; /* NULL: its table has the template's size */
	struct ox_prog *out;
	int rc;
	char said[160]; /* by libbpf, if rc isn't 0 */
};

/* The constants; each object's frozen data is a type of its own with the same
 * names in it. */
#define SET_CONSTANTS(rodata, c, ct)                                \
	do {                                                        \
		if (ct)                                             \
			(rodata)->ox_ct_rc_n_buckets =              \
				ox_ct_set_mem(ct)->conf->n_buckets; \
		(rodata)->ox_rc_n_buckets = (c)->n_buckets;         \
		(rodata)->ox_rc_chunk_shift = (c)->chunk_shift;     \
		(rodata)->ox_rc_max_ports = (c)->max_ports;         \
		(rodata)->ox_rc_max_masks = (c)->max_masks;         \
	} while (0)

/* Frozen data has the object's name in front and stays its program's. */
static int share_maps(struct bpf_object *obj, struct bpf_object *from)
{
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map (map, obj) {
		if (strstr(bpf_map__name(map), ".rodata"))
			continue;
		err = bpf_map__reuse_fd(map, bpf_object__find_map_fd_by_name(
						     from, bpf_map__name(map)));
		if (err)
			break;
	}
	return err;
}

static int load(struct bpf_object *obj, struct job *j)
{
	struct bpf_program *prog, *mine = NULL;
	int err;

	bpf_object__for_each_program (prog, obj) {
		bool is = !strcmp(bpf_program__name(prog), j->def->name);

		bpf_program__set_autoload(prog, is);
		if (is)
			mine = prog;
	}
	if (!mine)
		return -ENOENT;
	err = share_maps(obj, j->maps);
	if (!err)
		err = bpf_object__load(obj);
	if (err)
		return err;
	j->out->fd = fcntl(bpf_program__fd(mine), F_DUPFD_CLOEXEC, 3);
	return j->out->fd < 0 ? -errno : ox_prog_id(j->out);
}

static int load_xdp(struct job *j)
{
	struct ovsxdp_xdp *skel = ovsxdp_xdp__open();
	int err;

	if (!skel)
		return -errno;
	SET_CONSTANTS(skel->rodata, j->cfg, j->ct);
	err = load(skel->obj, j);
	ovsxdp_xdp__destroy(skel);
	return err;
}

static int load_tc(struct job *j)
{
	struct ovsxdp_tc *skel = ovsxdp_tc__open();
	int err;

	if (!skel)
		return -errno;
	SET_CONSTANTS(skel->rodata, j->cfg, j->ct);
	err = load(skel->obj, j);
	ovsxdp_tc__destroy(skel);
	return err;
}

static void *job_run(void *arg)
{
	struct job *j = arg;

	ox_print_begin();
	j->rc = j->def->type == BPF_PROG_TYPE_XDP ? load_xdp(j) : load_tc(j);
	snprintf(j->said, sizeof(j->said), "%s", ox_print_end());
	return NULL;
}

/* Without a thread to be had, this one does the work. */
static void run_all(struct job *j, int n)
{
	bool joined[OX_P_COUNT] = { false };
	int i;

	for (i = 0; i < n; i++) {
		joined[i] = ox_thread_start(&j[i].tid, job_run, &j[i]);
		if (joined[i])
			job_run(&j[i]);
	}
	for (i = 0; i < n; i++)
		if (!joined[i])
			pthread_join(j[i].tid, NULL);
}

/* What an administrator can do about a program that wasn't loaded. */
static const char *load_hint(int err)
{
	switch (err) {
	case -EPERM:
		return "run as root or with CAP_BPF, CAP_PERFMON and "
		       "CAP_NET_ADMIN";
	case -EINVAL:
	case -EACCES:
		return "the verifier refused it: no CAP_PERFMON? see "
		       "ovsxdpctl check-host";
	default:
		return strerror(-err);
	}
}

/* The object that has a program; with maps, but none of its programs
 * loaded. */
static struct bpf_object *object_of(const struct ox_objects *o,
				    enum ox_prog_nr i)
{
	return ox_prog_defs[i].type == BPF_PROG_TYPE_XDP ? o->xdp->obj
							 : o->tc->obj;
}

int ox_progs_load(const struct ox_objects *o, struct ox_dp *dp,
		  const struct ox_config *c, struct ox_err *e)
{
	struct job j[OX_P_COUNT] = { 0 };
	int i;

	for (i = 0; i < OX_P_COUNT; i++) {
		j[i].def = &ox_prog_defs[i];
		j[i].maps = object_of(o, i);
		j[i].cfg = c;
		j[i].ct = o->ct;
		j[i].out = &dp->prog[i];
	}
	run_all(j, OX_P_COUNT);
	for (i = 0; i < OX_P_COUNT; i++)
		if (j[i].rc)
			return ox_err_set(e, j[i].rc,
					  "can't load %s of datapath %s (%s): "
					  "%s",
					  j[i].def->name, dp->name,
					  load_hint(j[i].rc), j[i].said);
	return 0;
}
