/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_obj.h - the programs of ct.bpf.c in the kernel, with a table of a chosen
 * size: for tests/bpf/test_ct.c and bench/ct.c.
 */
#ifndef OVSXDP_TESTS_CT_OBJ_H
#define OVSXDP_TESTS_CT_OBJ_H

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/ct_host.h"
#include "tests/bpf/ct_run.h"
#include "tests/bpf/ct.skel.h"

/* Only what connection tracking needs: the datapath's maps stay out. */
static inline void ct_obj_choose(struct ovsxdp_ct *o)
{
	struct bpf_map *map;

	bpf_object__for_each_map (map, o->obj) {
		const char *name = bpf_map__name(map);

		if (strncmp(name, "ct_", 3) && strcmp(name, "works") &&
		    !bpf_map__is_internal(map))
			bpf_map__set_autocreate(map, false);
	}
}

static inline int ct_obj_chunk(struct ovsxdp_ct *o, uint32_t i)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "ct_chunk", 4,
				sizeof(struct ox_ct), 1 << OX_CT_CHUNK_SHIFT,
				&opts);
	int err;

	if (fd < 0)
		return -errno;
	err = bpf_map_update_elem(bpf_map__fd(o->maps.ct_ents), &i, &fd, 0);
	close(fd);
	return err;
}

/* Knobs and timeouts as the host build's. */
static inline int ct_obj_fill(struct ovsxdp_ct *o, uint32_t max, uint32_t hz)
{
	struct ox_ct_host_mem *m = ox_ct_host_open(64, hz);
	struct ox_ct_conf *conf = &o->data_ct_conf->ct_conf_mem;
	int err = m ? 0 : -ENOMEM;

	for (uint32_t i = 0; !err && i < OX_CT_TP_DEFAULTS; i++)
		err = bpf_map_update_elem(bpf_map__fd(o->maps.ct_tps), &i,
					  &m->tps[i], 0);
	if (!err) {
		*conf = *m->conf;
		conf->n_buckets = max / 2;
		conf->n_chunks = max >> OX_CT_CHUNK_SHIFT;
		conf->max = max;
	}
	ox_ct_host_close(m);
	return err;
}

/* A table of "max" entries, a power of two and whole chunks. NULL: errno. */
static inline struct ovsxdp_ct *ct_obj_open(uint32_t max, uint32_t hz)
{
	struct ovsxdp_ct *o = ovsxdp_ct__open();
	uint32_t n_chunks = max >> OX_CT_CHUNK_SHIFT;
	int err;

	if (!o)
		return NULL;
	ct_obj_choose(o);
	o->rodata->ox_ct_rc_n_buckets = max / 2;
	bpf_map__set_max_entries(o->maps.ct_bkts, max / 2);
	bpf_map__set_max_entries(o->maps.ct_bits, max / 64);
	bpf_map__set_max_entries(o->maps.ct_ents, n_chunks);
	err = ovsxdp_ct__load(o);
	for (uint32_t i = 0; !err && i < n_chunks; i++)
		err = ct_obj_chunk(o, i);
	if (!err)
		err = ct_obj_fill(o, max, hz);
	if (!err)
		return o;
	ovsxdp_ct__destroy(o);
	errno = -err;
	return NULL;
}

/* Runs a program "repeat" times over a frame. ns a run, or -errno. */
static inline int ct_obj_run(struct bpf_program *p, const void *data,
			     uint32_t len, uint32_t repeat)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .data_in = data, .data_size_in = len,
		    .repeat = repeat);

	return bpf_prog_test_run_opts(bpf_program__fd(p), &o) ? -errno
							      : (int)o.duration;
}

#endif /* OVSXDP_TESTS_CT_OBJ_H */
