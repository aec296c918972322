// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * maps.c - which maps a datapath has, and mapping their memory.
 */
#include "loader/priv.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
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

static uint32_t n_prune(const struct ox_config *c)
{
	return 2 * OX_PRUNE_HALF(c->max_masks);
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

static uint32_t n_listen(const struct ox_config *c)
{
	(void)c;
	return OX_LISTEN_MAX;
}

static uint32_t n_ipsec(const struct ox_config *c)
{
	(void)c;
	return OX_IPSEC_MAX;
}

static uint32_t n_jumps(const struct ox_config *c)
{
	(void)c;
	return OX_JUMPS;
}

static uint32_t n_injects(const struct ox_config *c)
{
	(void)c;
	return OX_INJECTS;
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
	[OX_M_PRUNE] = { "prune", BPF_MAP_TYPE_ARRAY, sizeof(struct ox_prune),
			 n_prune, IN_MEM(prune) },
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
	[OX_M_UPCALLS] = { "upcalls", BPF_MAP_TYPE_PERCPU_ARRAY,
			   sizeof(struct ox_port_upcalls), n_ports, 0 },
	[OX_M_RXPORTS] = { "rxports", BPF_MAP_TYPE_HASH, sizeof(uint32_t),
			   n_ports, 0 },
	[OX_M_TX] = { "tx", BPF_MAP_TYPE_DEVMAP, sizeof(uint32_t), n_ports, 0 },
	[OX_M_SKB_TX] = { "skb_tx", BPF_MAP_TYPE_DEVMAP, sizeof(uint32_t),
			  n_ports, 0 },
	[OX_M_XSKS] = { "xsks", BPF_MAP_TYPE_XSKMAP, sizeof(uint32_t), n_xsks,
			0 },
	[OX_M_DPSTATS] = { "dpstats", BPF_MAP_TYPE_PERCPU_ARRAY,
			   sizeof(struct ox_cpu_mem), one, 0 },
	[OX_M_CACHE] = { "cache", BPF_MAP_TYPE_PERCPU_ARRAY,
			 sizeof(struct ox_cache), one, 0 },
	[OX_M_GROUPS] = { "groups", BPF_MAP_TYPE_ARRAY_OF_MAPS,
			  sizeof(uint32_t), n_groups, 0 },
	[OX_M_RING] = { "ring", BPF_MAP_TYPE_RINGBUF, 0, ring_bytes, 0 },
	[OX_M_METERS] = { "meters", BPF_MAP_TYPE_HASH, sizeof(struct ox_meter),
			  n_meters, 0 },
	[OX_M_XDP_JMP] = { "xdp_jmp", BPF_MAP_TYPE_PROG_ARRAY, sizeof(uint32_t),
			   n_jumps, 0 },
	[OX_M_TC_JMP] = { "tc_jmp", BPF_MAP_TYPE_PROG_ARRAY, sizeof(uint32_t),
			  n_jumps, 0 },
	[OX_M_INJECT] = { "inject", BPF_MAP_TYPE_ARRAY,
			  sizeof(struct ox_inject), n_injects, IN_MEM(inject) },
	[OX_M_LISTEN] = { "listen", BPF_MAP_TYPE_HASH, sizeof(uint32_t),
			  n_listen, 0 },
	[OX_M_IPSEC] = { "ipsec", BPF_MAP_TYPE_LPM_TRIE, sizeof(uint32_t),
			 n_ipsec, 0 },
	[OX_M_UPORTS] = { "uports", BPF_MAP_TYPE_ARRAY, sizeof(struct ox_uport),
			  n_ports, IN_MEM(uports) },
	[OX_M_SYNC] = { "sync", BPF_MAP_TYPE_ARRAY_OF_MAPS, sizeof(uint32_t),
			one, 0 },
	[OX_M_BUILD] = { "build", BPF_MAP_TYPE_ARRAY,
			 sizeof(struct ox_build_rec), one, 0 },
};

const enum ox_map ox_set_maps[OX_SET_MAPS] = {
	OX_M_XDP_JMP,
	OX_M_TC_JMP,
	OX_M_DPSTATS,
	OX_M_BUILD,
};

const char *ox_map_object_name(enum ox_map i)
{
	return i == OX_M_CONFIG ? OX_CONFIG_SECTION : ox_map_defs[i].name;
}

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

void ox_maps_warm(struct ox_dp *dp)
{
	for (int i = 0; i < OX_M_COUNT; i++) {
		const struct ox_map_def *def = &ox_map_defs[i];

		if (def->mapped && i != OX_M_CONFIG)
			/* no program looks into "uports" */
			ox_map_warm(i == OX_M_UPORTS ? -1 : dp->map_fd[i],
				    *mapped_field(dp, def), def->value_size,
				    def->entries(ox_config_of(dp)));
	}
}

void ox_maps_close(struct ox_dp *dp)
{
	/* config last: the others' sizes are in it */
	for (int i = OX_M_COUNT - 1; i >= 0; i--) {
		const struct ox_map_def *def = &ox_map_defs[i];

		if (def->mapped && *mapped_field(dp, def))
			ox_map_munmap(*mapped_field(dp, def), def->value_size,
				      def->entries(ox_config_of(dp)));
		if (dp->map_fd[i] >= 0)
			close(dp->map_fd[i]);
	}
}
