// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * maps.c - the handle of a datapath: which maps there are, opening them from
 * their pins, checking that they are what abi.h says, mapping their memory.
 */
#include "loader/priv.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/*
 * Entries of each map for a configuration: what creation sets before load,
 * and what opening wants to find.
 */
static uint32_t one(const struct ox_config *c)
{
	(void)c;
	return 1;
}

static uint32_t n_masks(const struct ox_config *c)
{
	return c->max_masks;
}

static uint32_t n_scan(const struct ox_config *c)
{
	return 2 * c->max_masks;
}

static uint32_t n_buckets(const struct ox_config *c)
{
	return c->n_buckets;
}

static uint32_t n_chunks(const struct ox_config *c)
{
	(void)c;
	return OX_MAX_CHUNKS;
}

static uint32_t n_acts_chunks(const struct ox_config *c)
{
	(void)c;
	return OX_ACTS_CHUNKS;
}

static uint32_t n_ports(const struct ox_config *c)
{
	return c->max_ports;
}

static uint32_t n_xsks(const struct ox_config *c)
{
	return c->n_xsks;
}

static uint32_t n_groups(const struct ox_config *c)
{
	(void)c;
	return OX_MAX_GROUPS;
}

static uint32_t n_meters(const struct ox_config *c)
{
	(void)c;
	return OX_MAX_METERS;
}

static uint32_t ring_bytes(const struct ox_config *c)
{
	(void)c;
	return 8 << 20;
}

#define IN_MEM(field) offsetof(struct ox_mem, field)

/* All that is pinned in a datapath's folder but programs and chunks. */
const struct ox_map_def ox_map_defs[OX_M_COUNT] = {
	[OX_M_CONFIG] = { "config", BPF_MAP_TYPE_ARRAY,
			  sizeof(struct ox_config), one, IN_MEM(config) },
	[OX_M_MASKS] = { "masks", BPF_MAP_TYPE_ARRAY, sizeof(struct ox_mask),
			 n_masks, IN_MEM(masks) },
	[OX_M_SCAN] = { "scan", BPF_MAP_TYPE_ARRAY, sizeof(struct ox_mask),
			n_scan, IN_MEM(scan) },
	[OX_M_MASK_HITS] = { "mask_hits", BPF_MAP_TYPE_PERCPU_ARRAY,
			     sizeof(uint64_t), n_masks, 0 },
	[OX_M_BUCKETS] = { "buckets", BPF_MAP_TYPE_ARRAY,
			   sizeof(struct ox_bucket), n_buckets,
			   IN_MEM(buckets) },
	[OX_M_FLOWS] = { "flows", BPF_MAP_TYPE_ARRAY_OF_MAPS, sizeof(uint32_t),
			 n_chunks, 0 },
	[OX_M_FSTATS] = { "fstats", BPF_MAP_TYPE_ARRAY_OF_MAPS,
			  sizeof(uint32_t), n_chunks, 0 },
	[OX_M_ACTS] = { "acts", BPF_MAP_TYPE_ARRAY_OF_MAPS, sizeof(uint32_t),
			n_acts_chunks, 0 },
	[OX_M_PORTS] = { "ports", BPF_MAP_TYPE_ARRAY, sizeof(struct ox_port),
			 n_ports, IN_MEM(ports) },
	[OX_M_PSTATS] = { "pstats", BPF_MAP_TYPE_PERCPU_ARRAY,
			  sizeof(struct ox_port_stats), n_ports, 0 },
	[OX_M_RXPORTS] = { "rxports", BPF_MAP_TYPE_HASH, sizeof(uint32_t),
			   n_ports, 0 },
	[OX_M_TX] = { "tx", BPF_MAP_TYPE_DEVMAP, sizeof(uint32_t), n_ports, 0 },
	[OX_M_XSKS] = { "xsks", BPF_MAP_TYPE_XSKMAP, sizeof(uint32_t), n_xsks,
			0 },
	[OX_M_DPSTATS] = { "dpstats", BPF_MAP_TYPE_PERCPU_ARRAY,
			   sizeof(struct ox_dp_stats), one, 0 },
	[OX_M_CACHE] = { "cache", BPF_MAP_TYPE_PERCPU_ARRAY,
			 sizeof(struct ox_cache), one, 0 },
	[OX_M_GROUPS] = { "groups", BPF_MAP_TYPE_ARRAY_OF_MAPS,
			  sizeof(uint32_t), n_groups, 0 },
	[OX_M_RING] = { "ring", BPF_MAP_TYPE_RINGBUF, 0, ring_bytes, 0 },
	[OX_M_METERS] = { "meters", BPF_MAP_TYPE_HASH, sizeof(struct ox_meter),
			  n_meters, 0 },
	[OX_M_XDP_JMP] = { "xdp_jmp", BPF_MAP_TYPE_PROG_ARRAY, sizeof(uint32_t),
			   one, 0 },
	[OX_M_TC_JMP] = { "tc_jmp", BPF_MAP_TYPE_PROG_ARRAY, sizeof(uint32_t),
			  one, 0 },
	[OX_M_UPORTS] = { "uports", BPF_MAP_TYPE_ARRAY, sizeof(struct ox_uport),
			  n_ports, IN_MEM(uports) },
	[OX_M_SYNC] = { "sync", BPF_MAP_TYPE_ARRAY_OF_MAPS, sizeof(uint32_t),
			one, 0 },
};

int ox_map_info(int fd, struct bpf_map_info *info)
{
	uint32_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(fd, info, &len);
}

int ox_map_inner_def(int fd, struct ox_inner_def *def)
{
	struct bpf_map_info info;
	int err = ox_map_info(fd, &info);

	if (err)
		return err;
	def->type = info.type;
	def->value_size = info.value_size;
	def->max_entries = info.max_entries;
	def->flags = info.map_flags;
	return 0;
}

/* As the kernel lays an array out: elements of whole words, whole pages. */
static size_t mmap_size(uint32_t value_size, uint32_t entries)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t n = (size_t)((value_size + 7) & ~7u) * entries;

	return (n + page - 1) & ~(page - 1);
}

/* The mapping keeps the map alive; its fd may be closed. */
void *ox_map_mmap(int fd, uint32_t value_size, uint32_t entries)
{
	void *p = mmap(NULL, mmap_size(value_size, entries),
		       PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

void ox_map_munmap(void *p, uint32_t value_size, uint32_t entries)
{
	if (p)
		munmap(p, mmap_size(value_size, entries));
}

/* The pointer in struct ox_mem that a mapped map fills in. */
static void **mapped_field(struct ox_dp *dp, const struct ox_map_def *def)
{
	return (void **)((char *)&dp->mem + def->mapped);
}

/* What is mapped already (config) stays. On failure ox_dp_close() unmaps. */
int ox_maps_mmap(struct ox_dp *dp, struct ox_err *e)
{
	int i;

	for (i = 0; i < OX_M_COUNT; i++) {
		const struct ox_map_def *def = &ox_map_defs[i];
		void **p = mapped_field(dp, def);

		if (!def->mapped || *p)
			continue;
		*p = ox_map_mmap(
			dp->map_fd[i], def->value_size,
			i == OX_M_CONFIG ? 1 : def->entries(ox_config_of(dp)));
		if (!*p)
			return ox_err_set(e, -errno,
					  "can't map memory of %s/%s: %s",
					  dp->path, def->name, strerror(errno));
	}
	return 0;
}

/* Everything that ox_dp_close() looks at is set, so it can be called at any
 * time from here on. */
struct ox_dp *ox_dp_alloc(const char *root, const char *name)
{
	struct ox_dp *dp = calloc(1, sizeof(*dp));
	int i;

	if (!dp)
		return NULL;
	for (i = 0; i < OX_M_COUNT; i++)
		dp->map_fd[i] = -1;
	for (i = 0; i < OX_MAX_CHUNKS; i++)
		dp->fstats_fd[i] = -1;
	for (i = 0; i < OX_P_COUNT; i++)
		dp->prog[i].fd = -1;
	dp->sync_fd = -1;
	dp->n_cpus = libbpf_num_possible_cpus();
	dp->mem.ops = &ox_dp_ops;
	dp->mem.owner = dp;
	strncpy(dp->name, name, sizeof(dp->name) - 1);
	dp->path = ox_pin_folder(root, name);
	if (!dp->path) {
		ox_dp_close(dp);
		return NULL;
	}
	return dp;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void ox_dp_close(struct ox_dp *dp)
{
	int i;

	if (!dp)
		return;
	ox_chunks_close(dp);
	/* config last: the others' sizes are in it */
	for (i = OX_M_COUNT - 1; i >= 0; i--) {
		const struct ox_map_def *def = &ox_map_defs[i];

		if (def->mapped && *mapped_field(dp, def))
			ox_map_munmap(*mapped_field(dp, def), def->value_size,
				      def->entries(ox_config_of(dp)));
		close_fd(dp->map_fd[i]);
	}
	ox_progs_close(dp);
	close_fd(dp->sync_fd);
	free(dp->batch);
	free(dp->path);
	free(dp);
}

/* A creation that a crash cut short, or a folder that someone tidied. */
static int torn(const struct ox_dp *dp, const char *what, struct ox_err *e)
{
	return ox_err_set(e, -EILSEQ,
			  "%s was left half made (%s): remove it with "
			  "'rm -r %s'",
			  dp->path, what, dp->path);
}

static int open_map(struct ox_dp *dp, enum ox_map i, struct ox_err *e)
{
	const char *name = ox_map_defs[i].name;
	int fd = ox_pin_get(dp->path, name);

	if (fd == -ENOENT)
		return torn(dp, name, e);
	if (fd < 0)
		return ox_err_set(e, fd, "can't open %s/%s: %s", dp->path, name,
				  strerror(-fd));
	dp->map_fd[i] = fd;
	return 0;
}

static int bad_abi(const struct ox_dp *dp, uint32_t version, struct ox_err *e)
{
	return ox_err_set(e, -EPROTO,
			  "%s has ABI version %u, this is %u: use the version "
			  "that made it, or remove it with 'rm -r %s'",
			  dp->path, version, OX_ABI_VERSION, dp->path);
}

/* Another version's config may have another size: looks at its head only. */
static int open_config(struct ox_dp *dp, struct ox_err *e)
{
	const struct ox_config *c;
	struct bpf_map_info info;
	uint32_t head[2];
	void *p;
	int err = open_map(dp, OX_M_CONFIG, e);

	if (err)
		return err;
	err = ox_map_info(dp->map_fd[OX_M_CONFIG], &info);
	if (err)
		return err;
	p = ox_map_mmap(dp->map_fd[OX_M_CONFIG], info.value_size, 1);
	if (!p || info.value_size < sizeof(head)) {
		ox_map_munmap(p, info.value_size, 1);
		return bad_abi(dp, 0, e);
	}
	memcpy(head, p, sizeof(head));
	ox_map_munmap(p, info.value_size, 1);
	if (!head[0])
		return torn(dp, "not committed", e);
	if (head[0] != OX_ABI_MAGIC || head[1] != OX_ABI_VERSION)
		return bad_abi(dp, head[0] == OX_ABI_MAGIC ? head[1] : 0, e);
	if (info.value_size != sizeof(*c))
		return bad_abi(dp, head[1], e);
	dp->mem.config = ox_map_mmap(dp->map_fd[OX_M_CONFIG], sizeof(*c), 1);
	if (!dp->mem.config)
		return ox_err_set(e, -errno, "can't map %s/config: %s",
				  dp->path, strerror(errno));
	c = dp->mem.config;
	if (!c->n_buckets || (c->n_buckets & (c->n_buckets - 1)) ||
	    c->chunk_shift > 31 || !c->max_flows || !c->max_masks)
		return ox_err_set(e, -EPROTO,
				  "%s/config holds senseless sizes: remove it "
				  "with 'rm -r %s'",
				  dp->path, dp->path);
	return 0;
}

/* A program or a person may have put anything in the folder: believe sizes
 * only after the kernel has confirmed them, the memory depends on them. */
static int check_map(const struct ox_dp *dp, enum ox_map i, struct ox_err *e)
{
	const struct ox_map_def *def = &ox_map_defs[i];
	uint32_t want = def->entries(ox_config_of(dp));
	struct bpf_map_info info;
	int err = ox_map_info(dp->map_fd[i], &info);

	if (err)
		return ox_err_set(e, err, "can't ask about %s/%s: %s", dp->path,
				  def->name, strerror(-err));
	if (info.type == def->type && info.value_size == def->value_size &&
	    info.max_entries == want)
		return 0;
	return ox_err_set(e, -EPROTO,
			  "%s/%s is of another ABI (type %u, %u x %u bytes, "
			  "not %u, %u x %u): remove with 'rm -r %s'",
			  dp->path, def->name, info.type, info.max_entries,
			  info.value_size, def->type, want, def->value_size,
			  dp->path);
}

/* A tail-call array loses its program with its last user: a pin that was
 * taken away and put back. */
static int check_jump(const struct ox_dp *dp, enum ox_map i, struct ox_err *e)
{
	uint32_t zero = 0, id;

	if (bpf_map_lookup_elem(dp->map_fd[i], &zero, &id) == -ENOENT)
		return torn(dp, ox_map_defs[i].name, e);
	return 0;
}

static int open_progs(struct ox_dp *dp, struct ox_err *e)
{
	const char *missing;
	int err = ox_progs_open(dp, &missing, e);

	if (err == -ENOENT)
		return torn(dp, missing, e);
	if (!err)
		err = check_jump(dp, OX_M_XDP_JMP, e);
	return err ? err : check_jump(dp, OX_M_TC_JMP, e);
}

/* config first, because it says how large the others must be. */
static int open_all(struct ox_dp *dp, struct ox_err *e)
{
	int err = open_config(dp, e);
	int i;

	for (i = OX_M_CONFIG; !err && i < OX_M_COUNT; i++) {
		if (dp->map_fd[i] < 0)
			err = open_map(dp, i, e);
		if (!err)
			err = check_map(dp, i, e);
	}
	if (!err)
		err = open_progs(dp, e);
	if (!err)
		err = ox_maps_mmap(dp, e);
	if (!err)
		err = ox_chunks_open(dp, e);
	if (err)
		return err;
	dp->sync_fd = ox_outer_get(dp->map_fd[OX_M_SYNC], 0);
	return dp->sync_fd < 0 ? torn(dp, "sync", e) : 0;
}

static int open_once(const char *root, const char *name, struct ox_dp **out,
		     struct ox_err *e)
{
	struct ox_dp *dp;
	struct stat st;
	int err = ox_pin_check_name(name, e);

	if (err)
		return err;
	dp = ox_dp_alloc(root, name);
	if (!dp)
		return -ENOMEM;
	if (stat(dp->path, &st))
		err = ox_err_set(e, -errno, "no datapath in %s: %s", dp->path,
				 strerror(errno));
	else
		err = ox_clock_open(&dp->clock, e);
	if (!err)
		err = open_all(dp, e);
	if (err) {
		ox_dp_close(dp);
		return err;
	}
	*out = dp;
	return 0;
}

/* What looks torn may be a creation under way: it is once that has ended. */
int ox_dp_open(const char *root, const char *name, struct ox_dp **out,
	       struct ox_err *e)
{
	int err = open_once(root, name, out, e);
	_cleanup_fd_ __attribute__((unused)) int lock = -1;

	if (err != -EILSEQ)
		return err;
	lock = ox_pin_lock(root);
	return open_once(root, name, out, e);
}

struct ox_mem *ox_dp_mem(struct ox_dp *dp)
{
	return &dp->mem;
}

int ox_dp_prog_fd(const struct ox_dp *dp)
{
	return dp->prog[OX_P_XDP].fd;
}

uint32_t ox_dp_prog_id(const struct ox_dp *dp)
{
	return dp->prog[OX_P_XDP].id;
}

uint32_t ox_dp_tc_id(const struct ox_dp *dp)
{
	return dp->prog[OX_P_TC].id;
}

const char *ox_dp_path(const struct ox_dp *dp)
{
	return dp->path;
}
