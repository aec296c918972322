// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ahead.c - the part of a datapath's creation that takes long, done by a
 * thread: the verifier looks at the programs for most of a second. Nothing of
 * it is pinned before it gets its name, so a process that dies leaves nothing.
 */
#include "loader/priv.h"
#include "loader/worker.h"

#include <errno.h>
#include <string.h>

struct ox_ahead {
	struct ox_creation c;
	struct ox_worker worker;
};

static int make(void *arg, struct ox_err *e)
{
	struct ox_ahead *a = arg;

	return ox_creation_make(&a->c, e);
}

int ox_ahead_start(const struct ox_dp_params *p, int niceness,
		   struct ox_ahead **out, struct ox_err *e)
{
	struct ox_ahead *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return ox_err_set(e, -ENOMEM, "out of memory");
	ox_worker_init(&a->worker);
	err = ox_creation_begin(&a->c, p, e);
	if (!err)
		err = ox_worker_start(&a->worker, make, a, niceness);
	if (err) {
		ox_ahead_free(a);
		return ox_err_set(e, err, "no thread for a new datapath: %s",
				  strerror(-err));
	}
	*out = a;
	return 0;
}

int ox_ahead_fd(const struct ox_ahead *a)
{
	return a->worker.done_fd;
}

bool ox_ahead_fits(const struct ox_ahead *a, const struct ox_dp_params *p)
{
	const struct ox_config *have = &a->c.cfg;
	struct ox_config want = { 0 };

	return !ox_config_fill(&want, p, NULL) &&
	       want.max_flows == have->max_flows &&
	       want.max_masks == have->max_masks &&
	       want.max_ports == have->max_ports;
}

int ox_ahead_create(struct ox_ahead *a, const char *root,
		    const struct ox_dp_params *p, struct ox_dp **dp,
		    struct ox_err *e)
{
	int err;

	ox_worker_join(&a->worker);
	if (a->worker.rc)
		err = ox_err_set(e, a->worker.rc, "%s", a->worker.err.msg);
	else
		err = ox_creation_end(&a->c, root, p, dp, e);
	ox_ahead_free(a);
	return err;
}

void ox_ahead_free(struct ox_ahead *a)
{
	if (!a)
		return;
	ox_worker_close(&a->worker);
	ox_creation_clear(&a->c);
	free(a);
}
