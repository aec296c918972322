/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ct_set_run.h - the programs of ct.bpf.c over a pinned set of maps
 * (ovsxdp/ct_set.h), to fill its table.
 */
#ifndef OVSXDP_TESTS_CT_SET_RUN_H
#define OVSXDP_TESTS_CT_SET_RUN_H

#include "ovsxdp/ct_set.h"
#include "tests/bpf/ct_obj.h"

/* NULL: errno. */
static inline struct ovsxdp_ct *ct_set_progs(struct ox_ct_set *s)
{
	struct ovsxdp_ct *o = ovsxdp_ct__open();
	struct bpf_map *map;
	int err = 0;

	if (!o)
		return NULL;
	ct_obj_choose(o);
	o->rodata->ox_ct_rc_n_buckets = ox_ct_set_mem(s)->conf->n_buckets;
	bpf_object__for_each_map (map, o->obj) {
		int fd = ox_ct_set_fd(s, bpf_map__name(map));

		if (fd >= 0 && !err)
			err = bpf_map__reuse_fd(map, fd);
	}
	if (!err)
		err = ovsxdp_ct__load(o);
	if (!err)
		return o;
	ovsxdp_ct__destroy(o);
	errno = -err;
	return NULL;
}

/* Commits the next n connections of ct_commit; how many were made, or -errno.
 */
static inline int ct_set_commit(struct ovsxdp_ct *o, uint32_t n)
{
	uint8_t frame[64] = { 0 };
	uint32_t before = o->bss->out.made;
	int rc;

	o->bss->in.repeat = 1;
	rc = ct_obj_run(o->progs.ct_commit, frame, sizeof(frame), n);
	return rc < 0 ? rc : (int)(o->bss->out.made - before);
}

#endif /* OVSXDP_TESTS_CT_SET_RUN_H */
