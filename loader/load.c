// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * load.c - creating a datapath: sizes, program, maps, pins, and last the
 * magic in "config" that says all of it is there.
 */
#include "loader/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <bpf/bpf.h>

#include "bpf/xdp.skel.h"

#define DEFAULT_FLOWS 1048576
#define DEFAULT_MASKS 4096
#define DEFAULT_PORTS 4096
#define MAX_MASKS     65536
#define MAX_PORTS     65535 /* ox_upcall_md.port_no has 16 bits */
#define CHUNK_MIN     12
#define CHUNK_MAX     16
#define CHUNK_GOOD    15 /* long enough to make the next one meanwhile */
#define CHUNKS_FEW    8u /* of less than that */
#define CHUNKS_WANTED 32u
#define XSKS_MIN      4096

/* What is under way; fds and mappings are owned by dp, the rest here. */
struct creation {
	struct ox_dp *dp;
	struct ovsxdp_xdp *skel;
	struct ox_config cfg;
	int flows_fd; /* first chunks, the templates of the outer maps */
	int fstats_fd;
	int acts_fd;
};

/* At the end of a creation that failed; after one that didn't, dp is taken
 * and the rest isn't needed any more. */
static void creation_clear(struct creation *c)
{
	ox_closep(&c->flows_fd);
	ox_closep(&c->fstats_fd);
	ox_closep(&c->acts_fd);
	ovsxdp_xdp__destroy(c->skel);
	ox_dp_close(c->dp);
}

static uint32_t or_default(uint32_t v, uint32_t def)
{
	return v ? v : def;
}

static uint32_t pow2_up(uint32_t v)
{
	uint32_t p = 1;

	while (p < v)
		p *= 2;
	return p;
}

/*
 * Chunks large enough that their number stays small (each costs grace
 * periods to add), small enough that a small datapath takes little. Four
 * flows a bucket of eight places: it rarely overflows.
 */
static int size_flows(struct ox_config *c, uint32_t want, struct ox_err *e)
{
	uint32_t most = OX_MAX_CHUNKS << CHUNK_MAX;
	uint32_t n = or_default(want, DEFAULT_FLOWS);

	if (n > most)
		return ox_err_set(e, -EINVAL,
				  "max_flows %u is over the most, %u", n, most);
	c->chunk_shift = CHUNK_MIN;
	while (c->chunk_shift < CHUNK_MAX &&
	       n > (c->chunk_shift < CHUNK_GOOD ? CHUNKS_FEW : CHUNKS_WANTED)
			       << c->chunk_shift)
		c->chunk_shift++;
	n += (1u << c->chunk_shift) - 1;
	c->max_flows = n >> c->chunk_shift << c->chunk_shift;
	c->n_buckets = pow2_up(c->max_flows / 4);
	return 0;
}

static int config_fill(struct ox_config *c, const struct ox_dp_params *p,
		       struct ox_err *e)
{
	int err = size_flows(c, p->max_flows, e);

	if (err)
		return err;
	c->version = OX_ABI_VERSION;
	memcpy(c->name, p->name, sizeof(c->name));
	c->netns_cookie = p->netns_cookie;
	c->max_masks = or_default(p->max_masks, DEFAULT_MASKS);
	c->max_ports = or_default(p->max_ports, DEFAULT_PORTS);
	if (c->max_masks > MAX_MASKS)
		return ox_err_set(e, -EINVAL,
				  "max_masks %u is over the most, %u",
				  c->max_masks, MAX_MASKS);
	if (c->max_ports > MAX_PORTS)
		return ox_err_set(e, -EINVAL,
				  "max_ports %u is over the most, %u",
				  c->max_ports, MAX_PORTS);
	if (p->cache_size > OX_CACHE_MAX ||
	    (p->cache_size & (p->cache_size - 1)))
		return ox_err_set(e, -EINVAL,
				  "cache size %u is no power of two up to %u",
				  p->cache_size, OX_CACHE_MAX);
	c->cache_size = p->cache_size;
	/* two receive queues a port in the mean */
	c->n_xsks = 2 * c->max_ports;
	if (c->n_xsks < XSKS_MIN)
		c->n_xsks = XSKS_MIN;
	if (getrandom(&c->hash_seed, sizeof(c->hash_seed), 0) < 0)
		return ox_err_set(e, -errno, "no random numbers: %s",
				  strerror(errno));
	c->hash_seed |= 1;
	return 0;
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

static int make_inners(struct creation *c)
{
	uint32_t n = 1u << c->cfg.chunk_shift;
	struct ox_dp *dp = c->dp;
	int err;

	err = make_inner(c->skel->maps.flows, n, &dp->inner_flows,
			 &c->flows_fd);
	if (!err)
		err = make_inner(c->skel->maps.fstats, n, &dp->inner_fstats,
				 &c->fstats_fd);
	if (!err)
		err = make_inner(c->skel->maps.acts, 1 << OX_ACTS_SHIFT,
				 &dp->inner_acts, &c->acts_fd);
	return err;
}

/* The templates of maps.h and the program's constants, for these sizes. */
static int set_sizes(struct creation *c)
{
	int i, err;

	for (i = 0; i < OX_M_FIRST_USER; i++) {
		const struct ox_map_def *def = &ox_map_defs[i];
		struct bpf_map *map =
			bpf_object__find_map_by_name(c->skel->obj, def->name);

		if (!map)
			return -ENOENT;
		err = bpf_map__set_max_entries(map, def->entries(&c->cfg));
		if (err)
			return err;
	}
	c->skel->rodata->ox_rc_n_buckets = c->cfg.n_buckets;
	c->skel->rodata->ox_rc_chunk_shift = c->cfg.chunk_shift;
	c->skel->rodata->ox_rc_max_ports = c->cfg.max_ports;
	c->skel->rodata->ox_rc_max_masks = c->cfg.max_masks;
	return 0;
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

static int load(struct creation *c, struct ox_err *e)
{
	int err = 0;

	ox_print_begin();
	c->skel = ovsxdp_xdp__open();
	if (!c->skel)
		err = -errno;
	if (!err)
		err = set_sizes(c);
	if (!err)
		err = make_inners(c);
	if (!err)
		err = ovsxdp_xdp__load(c->skel);
	if (err)
		return ox_err_set(e, err,
				  "can't load the program of datapath %s "
				  "(%s): %s",
				  c->dp->name, load_hint(err), ox_print_end());
	ox_print_end();
	return 0;
}

/* Maps that no program uses. */
static int make_user_maps(struct creation *c)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	LIBBPF_OPTS(bpf_map_create_opts, outer);
	struct ox_dp *dp = c->dp;

	dp->map_fd[OX_M_UPORTS] = bpf_map_create(
		BPF_MAP_TYPE_ARRAY, "uports", sizeof(uint32_t),
		sizeof(struct ox_uport), c->cfg.max_ports, &opts);
	if (dp->map_fd[OX_M_UPORTS] < 0)
		return dp->map_fd[OX_M_UPORTS];
	dp->sync_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "sync_inner",
				     sizeof(uint32_t), sizeof(uint32_t), 1,
				     NULL);
	if (dp->sync_fd < 0)
		return dp->sync_fd;
	outer.inner_map_fd = dp->sync_fd;
	dp->map_fd[OX_M_SYNC] = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS,
					       "sync", sizeof(uint32_t),
					       sizeof(uint32_t), 1, &outer);
	return dp->map_fd[OX_M_SYNC] < 0 ? dp->map_fd[OX_M_SYNC] : 0;
}

/* The skeleton goes when the datapath is made, so dp gets its own fds. */
static int take_fds(struct creation *c)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	struct ox_dp *dp = c->dp;
	int i;

	for (i = 0; i < OX_M_FIRST_USER; i++) {
		int fd = bpf_object__find_map_fd_by_name(c->skel->obj,
							 ox_map_defs[i].name);

		dp->map_fd[i] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (dp->map_fd[i] < 0)
			return -errno;
	}
	dp->prog_fd = fcntl(bpf_program__fd(c->skel->progs.ovsxdp_rx),
			    F_DUPFD_CLOEXEC, 3);
	if (dp->prog_fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(dp->prog_fd, &info, &len))
		return -errno;
	dp->prog_id = info.id;
	return 0;
}

/* In the order of enum ox_map: config is the first. */
static int pin_all(struct ox_dp *dp, struct ox_err *e)
{
	int err = 0;
	int i;

	for (i = 0; !err && i < OX_M_COUNT; i++)
		err = ox_pin_fd(dp->path, ox_map_defs[i].name, dp->map_fd[i],
				e);
	return err ? err : ox_pin_fd(dp->path, OX_PIN_PROG, dp->prog_fd, e);
}

/* Called with the folder there; the caller removes it on failure. */
static int fill_folder(struct creation *c, struct ox_err *e)
{
	struct ox_dp *dp = c->dp;
	int err = pin_all(dp, e);

	if (err)
		return err;
	dp->mem.config = ox_map_mmap(dp->map_fd[OX_M_CONFIG],
				     sizeof(struct ox_config), 1);
	if (!dp->mem.config)
		return ox_err_set(e, -errno, "can't map %s/config: %s",
				  dp->path, strerror(errno));
	*dp->mem.config = c->cfg; /* magic is still 0 */
	err = ox_maps_mmap(dp, e);
	if (err)
		return err;
	err = ox_chunks_first(dp, c->flows_fd, c->fstats_fd, c->acts_fd);
	if (err)
		return ox_err_set(e, err, "can't make the chunks of %s: %s",
				  dp->path, strerror(-err));
	/* the commit: from here on it is a datapath */
	__atomic_store_n(&dp->mem.config->magic, OX_ABI_MAGIC,
			 __ATOMIC_RELEASE);
	return 0;
}

static int make_maps(struct creation *c, struct ox_err *e)
{
	int err = load(c, e);

	if (err)
		return err;
	err = make_user_maps(c);
	if (!err)
		err = take_fds(c);
	return err ? ox_err_set(e, err, "can't make the maps of %s: %s",
				c->dp->name, strerror(-err))
		   : 0;
}

int ox_dp_create(const char *root, const struct ox_dp_params *p,
		 struct ox_dp **dp, struct ox_err *e)
{
	_cleanup_(creation_clear) struct creation c = {
		.flows_fd = -1,
		.fstats_fd = -1,
		.acts_fd = -1,
	};
	int err = ox_pin_check_name(p->name, e);
	_cleanup_fd_ __attribute__((unused)) int lock = -1;

	if (!err)
		err = config_fill(&c.cfg, p, e);
	if (err)
		return err;
	c.dp = ox_dp_alloc(root, p->name);
	if (!c.dp)
		return -ENOMEM;
	lock = ox_pin_lock(root);
	/* first, so that only one of two creators goes on */
	err = ox_pin_mkdir(c.dp->path, e);
	if (err)
		return err;
	err = ox_clock_open(&c.dp->clock, e);
	if (!err)
		err = make_maps(&c, e);
	if (!err)
		err = fill_folder(&c, e);
	if (err) {
		ox_pin_remove_folder(c.dp->path, NULL);
		return err;
	}
	*dp = take_ptr(c.dp);
	return 0;
}
