// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ct_maps.c - which maps connection tracking has, and mapping their memory.
 */
#include "loader/ct_int.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static uint32_t one(const struct ox_ct_conf *c)
{
	(void)c;
	return 1;
}

static uint32_t n_buckets(const struct ox_ct_conf *c)
{
	return c->n_buckets;
}

static uint32_t n_words(const struct ox_ct_conf *c)
{
	return c->max / 64;
}

static uint32_t n_zones(const struct ox_ct_conf *c)
{
	(void)c;
	return OX_CT_ZONES;
}

static uint32_t n_tps(const struct ox_ct_conf *c)
{
	(void)c;
	return OX_CT_TPS;
}

static uint32_t n_exps(const struct ox_ct_conf *c)
{
	(void)c;
	return OX_CT_EXPS;
}

static uint32_t n_algs(const struct ox_ct_conf *c)
{
	(void)c;
	return OX_CT_ALGS;
}

uint32_t ox_ct_chunks_max(const struct ox_ct_conf *c)
{
	return c->max >> OX_CT_CHUNK_SHIFT;
}

#define IN_MEM(field) offsetof(struct ox_ct_mem, field)

const struct ox_ct_map_def ox_ct_map_defs[OX_CT_M_COUNT] = {
	/* this pin goes first where a folder is removed */
	[OX_CT_M_CONF] = { OX_CT_CONF_SECTION, "config", BPF_MAP_TYPE_ARRAY,
			   sizeof(struct ox_ct_conf), one, IN_MEM(conf) },
	[OX_CT_M_ENTS] = { "ct_ents", "ents", BPF_MAP_TYPE_ARRAY_OF_MAPS,
			   sizeof(uint32_t), ox_ct_chunks_max, 0 },
	[OX_CT_M_BKTS] = { "ct_bkts", "bkts", BPF_MAP_TYPE_ARRAY,
			   sizeof(struct ox_ct_bucket), n_buckets, 0 },
	[OX_CT_M_BITS] = { "ct_bits", "bits", BPF_MAP_TYPE_ARRAY,
			   sizeof(uint64_t), n_words, IN_MEM(bits) },
	[OX_CT_M_ZONES] = { "ct_zones", "zones", BPF_MAP_TYPE_ARRAY,
			    sizeof(struct ox_ct_zone), n_zones, IN_MEM(zones) },
	[OX_CT_M_TPS] = { "ct_tps", "tps", BPF_MAP_TYPE_ARRAY,
			  sizeof(struct ox_ct_tp), n_tps, IN_MEM(tps) },
	[OX_CT_M_CURSOR] = { "ct_cursor", "cursor", BPF_MAP_TYPE_PERCPU_ARRAY,
			     sizeof(uint32_t), one, 0 },
	[OX_CT_M_STATS] = { "ct_stats", "stats", BPF_MAP_TYPE_PERCPU_ARRAY,
			    sizeof(struct ox_ct_stats), one, 0 },
	[OX_CT_M_SWEEP] = { "ct_sweep", "sweep", BPF_MAP_TYPE_ARRAY,
			    sizeof(struct ox_ct_sweep), one, 0 },
	[OX_CT_M_EXPS] = { "ct_exps", "exps", BPF_MAP_TYPE_ARRAY,
			   sizeof(struct ox_ct_exp), n_exps, IN_MEM(exps) },
	[OX_CT_M_ALGS] = { "ct_algs", "algs", BPF_MAP_TYPE_ARRAY,
			   sizeof(struct ox_ct_alg), n_algs, IN_MEM(algs) },
	[OX_CT_M_RING] = { "ct_ring", "ring", BPF_MAP_TYPE_ARRAY_OF_MAPS,
			   sizeof(uint32_t), one, 0 },
};

static void **mapped_field(struct ox_ct_set *s, const struct ox_ct_map_def *def)
{
	return (void **)((char *)&s->mem + def->mapped);
}

int ox_ct_maps_mmap(struct ox_ct_set *s, const struct ox_ct_conf *c,
		    struct ox_err *e)
{
	for (int i = 0; i < OX_CT_M_COUNT; i++) {
		const struct ox_ct_map_def *def = &ox_ct_map_defs[i];
		void **p = mapped_field(s, def);

		if (!def->mapped || *p)
			continue;
		*p = ox_map_mmap(s->map_fd[i], def->value_size,
				 def->entries(c));
		if (!*p)
			return ox_err_set(e, -errno,
					  "can't map memory of %s/%s: %s",
					  s->path, def->pin, strerror(errno));
	}
	return 0;
}

static int check_one(const struct ox_ct_set *s, enum ox_ct_map i,
		     const struct ox_ct_conf *c, struct ox_err *e)
{
	const struct ox_ct_map_def *def = &ox_ct_map_defs[i];
	uint32_t want = def->entries(c);
	struct bpf_map_info info;
	int err = ox_map_info(s->map_fd[i], &info);

	if (err)
		return ox_err_set(e, err, "can't ask about %s/%s: %s", s->path,
				  def->pin, strerror(-err));
	if (info.type == def->type && info.value_size == def->value_size &&
	    info.max_entries == want)
		return 0;
	return ox_err_set(e, -EPROTO,
			  "%s/%s is of another ABI (type %u, %u x %u bytes, "
			  "not %u, %u x %u): use the version that made it",
			  s->path, def->pin, info.type, info.max_entries,
			  info.value_size, def->type, want, def->value_size);
}

int ox_ct_maps_check(const struct ox_ct_set *s, const struct ox_ct_conf *c,
		     struct ox_err *e)
{
	int err = 0;

	for (int i = 0; !err && i < OX_CT_M_COUNT; i++)
		err = check_one(s, i, c, e);
	return err;
}

void ox_ct_maps_close(struct ox_ct_set *s)
{
	/* conf last: the others' sizes are in it */
	for (int i = OX_CT_M_COUNT - 1; i >= 0; i--) {
		const struct ox_ct_map_def *def = &ox_ct_map_defs[i];

		if (def->mapped && *mapped_field(s, def))
			ox_map_munmap(*mapped_field(s, def), def->value_size,
				      def->entries(s->mem.conf));
		ox_closep(&s->map_fd[i]);
	}
}
