// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ahead.c - the part of a datapath's creation that takes long, done by a
 * thread: the verifier looks at the programs for most of a second. Nothing of
 * it is pinned before it gets its name, so a process that dies leaves nothing.
 *
 * The thread writes only what nobody looks at before its fd is readable.
 */
#include "loader/priv.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

struct ox_ahead {
	struct ox_creation c;
	int done_fd;
	int niceness;
	bool joined;
	pthread_t tid;
	int rc; /* of the thread */
	struct ox_err err;
};

static void *ahead_run(void *arg)
{
	struct ox_ahead *a = arg;
	uint64_t one = 1;

	/* of this thread, and of those that it starts */
	setpriority(PRIO_PROCESS, 0, a->niceness);
	a->rc = ox_creation_make(&a->c, &a->err);
	/* can't fail: it is the first of 2^64 - 1 */
	if (write(a->done_fd, &one, sizeof(one)) != sizeof(one))
		abort();
	return NULL;
}

static int thread_start(struct ox_ahead *a)
{
	int err = ox_thread_start(&a->tid, ahead_run, a);

	a->joined = err;
	return err;
}

int ox_ahead_start(const struct ox_dp_params *p, int niceness,
		   struct ox_ahead **out, struct ox_err *e)
{
	struct ox_ahead *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return ox_err_set(e, -ENOMEM, "out of memory");
	a->niceness = niceness;
	a->joined = true;
	a->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = ox_creation_begin(&a->c, p, e);
	if (!err && a->done_fd < 0)
		err = -errno;
	if (!err)
		err = thread_start(a);
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
	return a->done_fd;
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

static void join(struct ox_ahead *a)
{
	if (!a->joined)
		pthread_join(a->tid, NULL);
	a->joined = true;
}

int ox_ahead_create(struct ox_ahead *a, const char *root,
		    const struct ox_dp_params *p, struct ox_dp **dp,
		    struct ox_err *e)
{
	int err;

	join(a);
	if (a->rc)
		err = ox_err_set(e, a->rc, "%s", a->err.msg);
	else
		err = ox_creation_end(&a->c, root, p, dp, e);
	ox_ahead_free(a);
	return err;
}

void ox_ahead_free(struct ox_ahead *a)
{
	if (!a)
		return;
	join(a);
	ox_creation_clear(&a->c);
	ox_closep(&a->done_fd);
	free(a);
}
