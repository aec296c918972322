// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * load.c - creating a datapath: sizes, programs, maps; then name, pins, and
 * last the magic in "config" that says all of it is there. What comes before
 * the name takes long, so ahead.c has it done by a thread.
 */
#include "loader/priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <bpf/bpf.h>

#define DEFAULT_FLOWS 1048576
#define DEFAULT_MASKS 8192
#define DEFAULT_PORTS 4096
#define MAX_MASKS     65536
#define MAX_PORTS     65535 /* ox_upcall_md.port_no has 16 bits */
#define BUCKET_FLOWS  5
#define CHUNK_MIN     12
#define CHUNK_MAX     16
#define CHUNK_GOOD    15 /* long enough to make the next one meanwhile */
#define CHUNKS_FEW    8u /* of less than that */
#define CHUNKS_WANTED 32u
#define XSKS_MIN      4096

static uint32_t or_default(uint32_t v, uint32_t def)
{
	return v ? v : def;
}

/*
 * Chunks large enough that their number stays small (each costs grace
 * periods to add), small enough that a small datapath takes little. At
 * most five flows a bucket of eight places: few overflow, and what is smaller
 * stays in the CPU's caches longer.
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
	c->n_buckets = c->max_flows / BUCKET_FLOWS + 1;
	return 0;
}

int ox_config_fill(struct ox_config *c, const struct ox_dp_params *p,
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

/* Maps that no program uses. */
static int make_user_maps(struct ox_creation *c)
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
	if (dp->map_fd[OX_M_SYNC] < 0)
		return dp->map_fd[OX_M_SYNC];
	dp->map_fd[OX_M_BUILD] = ox_build_make();
	if (dp->map_fd[OX_M_BUILD] < 0)
		return dp->map_fd[OX_M_BUILD];
	return ox_build_read(dp->map_fd[OX_M_BUILD], &dp->build);
}

/* In the order of enum ox_map: config is the first. */
static int pin_all(struct ox_dp *dp, struct ox_err *e)
{
	int err = 0;
	int i;

	for (i = 0; !err && i < OX_M_COUNT; i++)
		err = ox_pin_fd(dp->path, ox_map_defs[i].name, dp->map_fd[i],
				e);
	return err ? err : ox_progs_pin(dp, e);
}

static int make_maps(struct ox_creation *c, struct ox_err *e)
{
	int err = ox_objects_load(&c->objects, c->dp, &c->cfg, e);

	if (err)
		return err;
	err = make_user_maps(c);
	return err ? ox_err_set(e, err, "can't make the maps of %s: %s",
				c->dp->name, strerror(-err))
		   : 0;
}

static int map_all(struct ox_creation *c, struct ox_err *e)
{
	struct ox_dp *dp = c->dp;
	int err;

	dp->mem.config = ox_map_mmap(dp->map_fd[OX_M_CONFIG],
				     sizeof(struct ox_config), 1);
	if (!dp->mem.config)
		return ox_err_set(e, -errno, "can't map memory of %s: %s",
				  dp->name, strerror(errno));
	*dp->mem.config = c->cfg; /* magic is still 0 */
	err = ox_maps_mmap(dp, e);
	if (!err)
		ox_maps_warm(dp);
	return err;
}

void ox_creation_clear(struct ox_creation *c)
{
	ox_objects_clear(&c->objects);
	ox_closep(&c->uflows_fd);
	ox_dp_close(c->dp);
	c->dp = NULL;
}

int ox_creation_begin(struct ox_creation *c, const struct ox_dp_params *p,
		      struct ox_err *e)
{
	int err;

	*c = (struct ox_creation){ .uflows_fd = -1 };
	ox_objects_init(&c->objects);
	c->objects.ct = p->ct;
	err = ox_config_fill(&c->cfg, p, e);
	if (err)
		return err;
	c->dp = ox_dp_alloc("", p->name);
	return c->dp ? 0 : -ENOMEM;
}

int ox_creation_make(struct ox_creation *c, struct ox_err *e)
{
	int err = ox_clock_open(&c->dp->clock, e);

	if (!err)
		err = make_maps(c, e);
	if (!err)
		err = map_all(c, e);
	if (err)
		return err;
	err = ox_chunks_first(c->dp, c->objects.flows_fd, c->objects.fstats_fd,
			      c->objects.acts_fd, &c->uflows_fd);
	/* dp has fds of its own, and the rest takes its time to go */
	ox_objects_clear(&c->objects);
	return err ? ox_err_set(e, err, "can't make the chunks of %s: %s",
				c->dp->name, strerror(-err))
		   : 0;
}

/* Called with the folder there; the caller removes it on failure. */
static int fill_folder(struct ox_creation *c, const struct ox_dp_params *p,
		       struct ox_err *e)
{
	struct ox_config *cfg = c->dp->mem.config;
	int err = pin_all(c->dp, e);

	if (!err)
		err = ox_pin_fd(c->dp->path, OX_UFLOWS "0", c->uflows_fd, e);
	if (err)
		return err;
	memcpy(cfg->name, p->name, sizeof(cfg->name));
	cfg->netns_cookie = p->netns_cookie;
	cfg->cache_size = p->cache_size;
	ox_grow_init(c->dp);
	c->dp->mem.fresh = true;
	/* the commit: from here on it is a datapath */
	__atomic_store_n(&cfg->magic, OX_ABI_MAGIC, __ATOMIC_RELEASE);
	return 0;
}

/* First, so that nothing is made for a name that is taken. */
static int name_folder(struct ox_creation *c, const char *root,
		       const char *name, struct ox_err *e)
{
	struct ox_dp *dp = c->dp;
	int err = ox_pin_check_name(name, e);

	if (err)
		return err;
	free(dp->path);
	strcpy(dp->name, name);
	dp->path = ox_pin_folder(root, name);
	return dp->path ? ox_pin_mkdir(dp->path, e) : -ENOMEM;
}

int ox_creation_end(struct ox_creation *c, const char *root,
		    const struct ox_dp_params *p, struct ox_dp **dp,
		    struct ox_err *e)
{
	int err = name_folder(c, root, p->name, e);

	if (err)
		return err;
	err = fill_folder(c, p, e);
	if (err) {
		ox_pin_remove_folder(c->dp->path, NULL);
		return err;
	}
	*dp = take_ptr(c->dp);
	return 0;
}

int ox_dp_create(const char *root, const struct ox_dp_params *p,
		 struct ox_dp **dp, struct ox_err *e)
{
	_cleanup_(ox_creation_clear) struct ox_creation c;
	int err = ox_creation_begin(&c, p, e);

	if (!err)
		err = name_folder(&c, root, p->name, e);
	if (err)
		return err;
	err = ox_creation_make(&c, e);
	if (!err)
		err = fill_folder(&c, p, e);
	if (err) {
		ox_pin_remove_folder(c.dp->path, NULL);
		return err;
	}
	*dp = take_ptr(c.dp);
	return 0;
}

int ox_dp_try(struct ox_err *e)
{
	_cleanup_(ox_creation_clear) struct ox_creation c;
	const struct ox_dp_params p = {
		.name = "try",
		.max_flows = 1,
		.max_masks = 64,
		.max_ports = 64,
	};
	int err = ox_creation_begin(&c, &p, e);

	return err ? err : make_maps(&c, e);
}
