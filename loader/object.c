// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * object.c - the two BPF objects of a datapath, XDP and tc, over one set of
 * maps: the XDP object makes them, the tc object gets their fds. Each has a few
 * of its own as well (state of its programs, its tail calls). Of a datapath
 * that has maps already only those are made. Here the objects are loaded
 * without programs; prog_load.c does these.
 */
#include "loader/ct_int.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <bpf/bpf.h>

#include "bpf/tc.skel.h"
#include "bpf/xdp.skel.h"

void ox_objects_init(struct ox_objects *o)
{
	*o = (struct ox_objects){
		.flows_fd = -1,
		.fstats_fd = -1,
		.acts_fd = -1,
	};
}

void ox_objects_clear(struct ox_objects *o)
{
	ox_closep(&o->flows_fd);
	ox_closep(&o->fstats_fd);
	ox_closep(&o->acts_fd);
	ovsxdp_tc__destroy(o->tc);
	ovsxdp_xdp__destroy(o->xdp);
	ox_objects_init(o);
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
	int err = make_inner(o->xdp->maps.flows, OX_FLOW_LINES(n),
			     &dp->inner_flows, &o->flows_fd);

	if (!err)
		err = make_inner(o->xdp->maps.fstats, OX_STATS_PAGES(n),
				 &dp->inner_fstats, &o->fstats_fd);
	if (!err)
		err = make_inner(o->xdp->maps.acts, 1 << OX_ACTS_SHIFT,
				 &dp->inner_acts, &o->acts_fd);
	return err;
}

/*
 * A kernel without AF_XDP has no such map; the programs send by its type only
 * where a port has sockets. Any map of redirects does instead, left empty.
 */
static int set_xsks(struct bpf_map *map)
{
	_cleanup_fd_ int fd = bpf_map_create(BPF_MAP_TYPE_XSKMAP, "ox_try",
					     sizeof(uint32_t), sizeof(uint32_t),
					     1, NULL);

	if (fd >= 0 || errno != EINVAL)
		return 0;
	return bpf_map__set_type(map, OX_XSKS_WITHOUT);
}

/* The templates of maps.h, for these sizes; or the map that dp has. */
static int set_map(struct bpf_map *map, const struct ox_dp *dp, enum ox_map i,
		   const struct ox_config *c)
{
	int err;

	if (dp->map_fd[i] >= 0)
		return bpf_map__reuse_fd(map, dp->map_fd[i]);
	err = bpf_map__set_max_entries(map, ox_map_defs[i].entries(c));
	return err || i != OX_M_XSKS ? err : set_xsks(map);
}

static int set_maps(struct ox_objects *o, const struct ox_dp *dp,
		    const struct ox_config *c)
{
	int i, err = 0;

	for (i = 0; !err && i < OX_M_TC_JMP; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(
			o->xdp->obj, ox_map_object_name(i));

		err = map ? set_map(map, dp, i, c) : -ENOENT;
	}
	return err;
}

static void no_programs(struct bpf_object *obj)
{
	struct bpf_program *prog;

	bpf_object__for_each_program (prog, obj)
		bpf_program__set_autoload(prog, false);
}

/* Programs have other maps of their own (tier_ct.h), and no sweep. */
int ox_object_ct(struct bpf_object *obj, const struct ox_ct_set *ct,
		 struct bpf_object *from)
{
	int err = 0;

	if (!ct && !from)
		return 0;
	for (int i = 0; !err && i < OX_CT_M_COUNT; i++) {
		const char *name = ox_ct_map_defs[i].name;
		struct bpf_map *map = bpf_object__find_map_by_name(obj, name);
		int fd;

		if (!map)
			continue;
		fd = ct ? ox_ct_set_fd(ct, name)
			: bpf_object__find_map_fd_by_name(from, name);
		err = fd < 0 ? fd : bpf_map__reuse_fd(map, fd);
	}
	return err;
}

static int load_xdp(struct ox_objects *o, struct ox_dp *dp,
		    const struct ox_config *c)
{
	int err;

	o->xdp = ovsxdp_xdp__open();
	if (!o->xdp)
		return -errno;
	no_programs(o->xdp->obj);
	err = set_maps(o, dp, c);
	if (!err)
		err = ox_object_ct(o->xdp->obj, o->ct, NULL);
	if (!err && dp->map_fd[OX_M_FLOWS] < 0)
		err = make_inners(o, dp, 1u << c->chunk_shift);
	return err ? err : ovsxdp_xdp__load(o->xdp);
}

/* Every map that both objects name, but not what their programs keep for
 * themselves: that isn't in ox_map_defs. */
static int share_maps(struct ox_objects *o)
{
	int i, err;

	for (i = 0; i < OX_M_TC_JMP; i++) {
		const char *name = ox_map_object_name(i);
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

/* Those of the skb tier alone that dp has. */
static int keep_maps(struct ox_objects *o, const struct ox_dp *dp)
{
	int i, err = 0;

	for (i = OX_M_TC_JMP; !err && i < OX_M_FIRST_USER; i++)
		if (dp->map_fd[i] >= 0)
			err = bpf_map__reuse_fd(
				bpf_object__find_map_by_name(
					o->tc->obj, ox_map_object_name(i)),
				dp->map_fd[i]);
	return err;
}

static int load_tc(struct ox_objects *o, const struct ox_dp *dp)
{
	int err;

	o->tc = ovsxdp_tc__open();
	if (!o->tc)
		return -errno;
	no_programs(o->tc->obj);
	err = share_maps(o);
	if (!err)
		err = keep_maps(o, dp);
	if (!err)
		err = ox_object_ct(o->tc->obj, o->ct, o->xdp->obj);
	return err ? err : ovsxdp_tc__load(o->tc);
}

static int take_map(struct ox_dp *dp, enum ox_map i, struct bpf_object *obj)
{
	int fd;

	if (dp->map_fd[i] >= 0)
		return 0;
	fd = bpf_object__find_map_fd_by_name(obj, ox_map_object_name(i));
	if (fd < 0)
		return fd;
	dp->map_fd[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return dp->map_fd[i] < 0 ? -errno : 0;
}

/* The skeletons go when the datapath is made. */
static int take_maps(struct ox_objects *o, struct ox_dp *dp)
{
	int err = 0;
	int i;

	for (i = 0; !err && i < OX_M_TC_JMP; i++)
		err = take_map(dp, i, o->xdp->obj);
	for (i = OX_M_TC_JMP; !err && i < OX_M_FIRST_USER; i++)
		err = take_map(dp, i, o->tc->obj);
	return err;
}

static const struct {
	enum ox_map jump;
	uint32_t at;
	enum ox_prog_nr to;
} jumps[] = {
	{ OX_M_XDP_JMP, OX_JUMP_RUN, OX_P_XDP_RUN },
	{ OX_M_XDP_JMP, OX_JUMP_CT, OX_P_XDP_CT },
	{ OX_M_TC_JMP, OX_JUMP_RUN, OX_P_TC_RUN },
	{ OX_M_TC_JMP, OX_JUMP_CT, OX_P_TC_CT },
	{ OX_M_TC_JMP, OX_JUMP_RX, OX_P_TC_RX },
	{ OX_M_TC_JMP, OX_JUMP_ENCAP, OX_P_TC_ENCAP },
	{ OX_M_TC_JMP, OX_JUMP_TUN, OX_P_TC_TUN },
};

/* The arrays hold the programs from now on, as long as they are pinned. */
static int set_jumps(struct ox_dp *dp)
{
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(jumps) / sizeof(jumps[0]); i++)
		err = bpf_map_update_elem(dp->map_fd[jumps[i].jump],
					  &jumps[i].at,
					  &dp->prog[jumps[i].to].fd, BPF_ANY);
	return err;
}

/* What an administrator can do about maps that couldn't be made. */
static const char *maps_hint(int err)
{
	switch (err) {
	case -EPERM:
		return "run as root or with CAP_BPF, CAP_PERFMON and "
		       "CAP_NET_ADMIN; on old kernels ulimit -l unlimited";
	case -ENOMEM:
	case -E2BIG:
		return "too little memory: ask for less max_flows, or raise "
		       "the memory limit of the service";
	default:
		return strerror(-err);
	}
}

int ox_objects_load(struct ox_objects *o, struct ox_dp *dp,
		    const struct ox_config *c, struct ox_err *e)
{
	int err;

	ox_print_begin();
	err = load_xdp(o, dp, c);
	if (!err)
		err = load_tc(o, dp);
	if (!err)
		err = take_maps(o, dp);
	if (err)
		return ox_err_set(e, err,
				  "can't make the maps of datapath %s (%s): %s",
				  dp->name, maps_hint(err), ox_print_end());
	ox_print_end();
	err = ox_progs_load(o, dp, c, e);
	if (err)
		return err;
	err = set_jumps(dp);
	return err ? ox_err_set(e, err, "can't set the tail calls of %s: %s",
				dp->name, strerror(-err))
		   : 0;
}
