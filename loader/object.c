// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * object.c - the two BPF objects of a new datapath, XDP and tc, over one set
 * of maps: the XDP object makes them, the tc object gets their fds. Each has
 * a few of its own as well (state of its programs, its tail calls).
 */
#include "loader/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <bpf/bpf.h>

#include "bpf/tc.skel.h"
#include "bpf/xdp.skel.h"

void ox_objects_clear(struct ox_objects *o)
{
	ox_closep(&o->flows_fd);
	ox_closep(&o->fstats_fd);
	ox_closep(&o->acts_fd);
	ovsxdp_tc__destroy(o->tc);
	ovsxdp_xdp__destroy(o->xdp);
}

/*
 * The first chunk of an outer map is its template as well: a template of its
 * own would be megabytes allocated and thrown away.
 */
static int make_inner(struct bpf_map *outer, uint32_t entries,
		      struct ox_inner_def *def, int *fd)
{
	const struct bpf_map *in = bpf_map__inner_map(outer);

	if (!in)
		return -EINVAL;
	def->type = bpf_map__type(in);
	def->value_size = bpf_map__value_size(in);
	def->flags = bpf_map__map_flags(in);
	def->max_entries = entries;
	*fd = ox_inner_create(def, bpf_map__name(outer));
	if (*fd < 0)
		return *fd;
	return bpf_map__set_inner_map_fd(outer, *fd);
}

static int make_inners(struct ox_objects *o, struct ox_dp *dp, uint32_t n)
{
	int err = make_inner(o->xdp->maps.flows, n, &dp->inner_flows,
			     &o->flows_fd);

	if (!err)
		err = make_inner(o->xdp->maps.fstats, n, &dp->inner_fstats,
				 &o->fstats_fd);
	if (!err)
		err = make_inner(o->xdp->maps.acts, 1 << OX_ACTS_SHIFT,
				 &dp->inner_acts, &o->acts_fd);
	return err;
}

/* The constants of the programs; each object's frozen data is a type of its
 * own with the same names in it. */
#define SET_CONSTANTS(rodata, c)                                \
	do {                                                    \
		(rodata)->ox_rc_n_buckets = (c)->n_buckets;     \
		(rodata)->ox_rc_chunk_shift = (c)->chunk_shift; \
		(rodata)->ox_rc_max_ports = (c)->max_ports;     \
		(rodata)->ox_rc_max_masks = (c)->max_masks;     \
	} while (0)

/* The templates of maps.h, for these sizes. */
static int set_sizes(struct ox_objects *o, const struct ox_config *c)
{
	int i, err;

	for (i = 0; i < OX_M_TC_JMP; i++) {
		const struct ox_map_def *def = &ox_map_defs[i];
		struct bpf_map *map =
			bpf_object__find_map_by_name(o->xdp->obj, def->name);

		if (!map)
			return -ENOENT;
		err = bpf_map__set_max_entries(map, def->entries(c));
		if (err)
			return err;
	}
	return 0;
}

static int load_xdp(struct ox_objects *o, struct ox_dp *dp,
		    const struct ox_config *c)
{
	int err;

	o->xdp = ovsxdp_xdp__open();
	if (!o->xdp)
		return -errno;
	SET_CONSTANTS(o->xdp->rodata, c);
	err = set_sizes(o, c);
	if (!err)
		err = make_inners(o, dp, 1u << c->chunk_shift);
	return err ? err : ovsxdp_xdp__load(o->xdp);
}

/* Every map that both objects name, but not what their programs keep for
 * themselves: that isn't in ox_map_defs. */
static int share_maps(struct ox_objects *o)
{
	int i, err;

	for (i = 0; i < OX_M_TC_JMP; i++) {
		const char *name = ox_map_defs[i].name;
		struct bpf_map *map =
			bpf_object__find_map_by_name(o->tc->obj, name);

		if (!map)
			continue;
		err = bpf_map__reuse_fd(map, bpf_object__find_map_fd_by_name(
						     o->xdp->obj, name));
		if (err)
			return err;
	}
	return 0;
}

static int load_tc(struct ox_objects *o, const struct ox_config *c)
{
	int err;

	o->tc = ovsxdp_tc__open();
	if (!o->tc)
		return -errno;
	SET_CONSTANTS(o->tc->rodata, c);
	err = share_maps(o);
	return err ? err : ovsxdp_tc__load(o->tc);
}

/* The arrays hold the programs from now on, as long as they are pinned. */
static int set_jumps(struct ox_objects *o)
{
	int xdp = bpf_program__fd(o->xdp->progs.ovsxdp_xdp_run);
	int tc = bpf_program__fd(o->tc->progs.ovsxdp_tc_run);
	uint32_t zero = 0;
	int err;

	err = bpf_map_update_elem(bpf_map__fd(o->xdp->maps.xdp_jmp), &zero,
				  &xdp, BPF_ANY);
	return err ? err
		   : bpf_map_update_elem(bpf_map__fd(o->tc->maps.tc_jmp), &zero,
					 &tc, BPF_ANY);
}

static int take_map(struct ox_dp *dp, enum ox_map i, struct bpf_object *obj)
{
	int fd = bpf_object__find_map_fd_by_name(obj, ox_map_defs[i].name);

	if (fd < 0)
		return fd;
	dp->map_fd[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return dp->map_fd[i] < 0 ? -errno : 0;
}

static int take_prog(struct ox_dp *dp, enum ox_prog_nr i,
		     struct bpf_object *obj)
{
	struct bpf_program *prog =
		bpf_object__find_program_by_name(obj, ox_prog_defs[i].name);

	if (!prog)
		return -ENOENT;
	dp->prog[i].fd = fcntl(bpf_program__fd(prog), F_DUPFD_CLOEXEC, 3);
	return dp->prog[i].fd < 0 ? -errno : ox_prog_id(&dp->prog[i]);
}

/* The skeletons go when the datapath is made. */
static int take_fds(struct ox_objects *o, struct ox_dp *dp)
{
	int err = 0;
	int i;

	for (i = 0; !err && i < OX_M_TC_JMP; i++)
		err = take_map(dp, i, o->xdp->obj);
	if (!err)
		err = take_map(dp, OX_M_TC_JMP, o->tc->obj);
	for (i = 0; !err && i < OX_P_COUNT; i++)
		err = take_prog(dp, i,
				ox_prog_defs[i].type == BPF_PROG_TYPE_XDP
					? o->xdp->obj
					: o->tc->obj);
	return err;
}

/* What a person can do about a failed load. */
static const char *load_hint(int err)
{
	switch (err) {
	case -EPERM:
		return "run as root or with CAP_BPF, CAP_PERFMON and "
		       "CAP_NET_ADMIN; on old kernels ulimit -l unlimited";
	case -ENOMEM:
	case -E2BIG:
		return "too little memory: ask for less max_flows, or raise "
		       "the memory limit of the service";
	case -EINVAL:
	case -EACCES:
		return "the kernel's verifier refused it: kernel too old?";
	default:
		return strerror(-err);
	}
}

int ox_objects_load(struct ox_objects *o, struct ox_dp *dp,
		    const struct ox_config *c, struct ox_err *e)
{
	const char *tier = "XDP";
	int err;

	ox_print_begin();
	err = load_xdp(o, dp, c);
	if (!err) {
		tier = "tc";
		err = load_tc(o, c);
	}
	if (err)
		return ox_err_set(e, err,
				  "can't load the %s programs of datapath %s "
				  "(%s): %s",
				  tier, dp->name, load_hint(err),
				  ox_print_end());
	ox_print_end();
	err = set_jumps(o);
	if (!err)
		err = take_fds(o, dp);
	return err ? ox_err_set(e, err, "can't make the maps of %s: %s",
				dp->name, strerror(-err))
		   : 0;
}
