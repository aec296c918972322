// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * renew.c - this process's programs over the maps of a datapath that runs those
 * of another build. The verifier takes most of a second, so a thread loads
 * them. It has fds of its own of all that it reads.
 */
#include "loader/priv.h"
#include "loader/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct ox_renewal {
	struct ox_objects objects;
	struct ox_dp *dp; /* a handle that nobody else has */
	struct ox_config cfg;
	struct ox_worker worker;
};

static int load(void *arg, struct ox_err *e)
{
	struct ox_renewal *r = arg;
	int err = ox_objects_load(&r->objects, r->dp, &r->cfg, e);

	ox_objects_clear(&r->objects);
	return err;
}

static void renewal_free(struct ox_renewal *r)
{
	if (!r)
		return;
	ox_worker_close(&r->worker);
	ox_objects_clear(&r->objects);
	ox_dp_close(r->dp);
	free(r);
}

static bool of_a_build(enum ox_map i)
{
	for (int k = 0; k < OX_SET_MAPS; k++)
		if (ox_set_maps[k] == i)
			return true;
	return false;
}

/* All maps that the new programs share with the old ones. */
static int take_maps(struct ox_renewal *r, const struct ox_dp *dp)
{
	for (int i = 0; i < OX_M_COUNT; i++) {
		if (of_a_build(i))
			continue;
		r->dp->map_fd[i] = fcntl(dp->map_fd[i], F_DUPFD_CLOEXEC, 3);
		if (r->dp->map_fd[i] < 0)
			return -errno;
	}
	r->dp->map_fd[OX_M_BUILD] = ox_build_make();
	return r->dp->map_fd[OX_M_BUILD] < 0 ? r->dp->map_fd[OX_M_BUILD] : 0;
}

static int begin(struct ox_renewal *r, const struct ox_dp *dp, int niceness)
{
	int err;

	r->dp = ox_dp_alloc("", dp->name);
	if (!r->dp)
		return -ENOMEM;
	err = take_maps(r, dp);
	return err ? err : ox_worker_start(&r->worker, load, r, niceness);
}

int ox_renew_start(struct ox_dp *dp, struct ox_ct_set *ct, int niceness,
		   struct ox_err *e)
{
	struct ox_renewal *r;
	int err;

	if (dp->renewal)
		return -EBUSY;
	r = calloc(1, sizeof(*r));
	if (!r)
		return ox_err_set(e, -ENOMEM, "out of memory");
	ox_worker_init(&r->worker);
	ox_objects_init(&r->objects);
	r->objects.ct = ct;
	r->cfg = *dp->mem.config;
	err = begin(r, dp, niceness);
	if (err) {
		renewal_free(r);
		return ox_err_set(e, err, "can't begin to load programs: %s",
				  strerror(-err));
	}
	dp->renewal = r;
	return 0;
}

int ox_renew_fd(const struct ox_dp *dp)
{
	return dp->renewal ? dp->renewal->worker.done_fd : -1;
}

/* What of r's handle is to be dp's. */
static void take_set(struct ox_renewal *r, struct ox_set *s)
{
	ox_set_init(s);
	for (int i = 0; i < OX_P_COUNT; i++) {
		s->prog[i] = r->dp->prog[i];
		r->dp->prog[i].fd = -1;
	}
	for (int i = 0; i < OX_SET_MAPS; i++) {
		s->map_fd[i] = r->dp->map_fd[ox_set_maps[i]];
		r->dp->map_fd[ox_set_maps[i]] = -1;
	}
}

int ox_renew_end(struct ox_dp *dp, uint32_t *n_devices, struct ox_err *e)
{
	struct ox_renewal *r = dp->renewal;
	struct ox_set s;
	int err;

	*n_devices = 0;
	if (!r)
		return -ENOENT;
	ox_worker_join(&r->worker);
	dp->renewal = NULL;
	if (r->worker.rc) {
		err = ox_err_set(e, r->worker.rc, "%s", r->worker.err.msg);
	} else {
		take_set(r, &s);
		err = ox_next_enter(dp, &s, n_devices, e);
		if (err)
			ox_set_close(&s);
	}
	renewal_free(r);
	return err;
}

void ox_renew_drop(struct ox_dp *dp)
{
	renewal_free(dp->renewal);
	dp->renewal = NULL;
}
