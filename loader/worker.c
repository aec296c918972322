// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* worker.c - see worker.h. */
#include "loader/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/thread.h"

static void *run(void *arg)
{
	struct ox_worker *w = arg;
	uint64_t one = 1;

	/* of this thread, and of those that it starts */
	setpriority(PRIO_PROCESS, 0, w->niceness);
	w->rc = w->work(w->arg, &w->err);
	/* can't fail: it is the first of 2^64 - 1 */
	if (write(w->done_fd, &one, sizeof(one)) != sizeof(one))
		abort();
	return NULL;
}

void ox_worker_init(struct ox_worker *w)
{
	*w = (struct ox_worker){ .done_fd = -1, .joined = true };
}

int ox_worker_start(struct ox_worker *w,
		    int (*work)(void *arg, struct ox_err *e), void *arg,
		    int niceness)
{
	int err;

	w->work = work;
	w->arg = arg;
	w->niceness = niceness;
	w->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->done_fd < 0)
		return -errno;
	err = ox_thread_start(&w->tid, run, w);
	w->joined = err;
	return err;
}

void ox_worker_join(struct ox_worker *w)
{
	if (!w->joined)
		pthread_join(w->tid, NULL);
	w->joined = true;
}

void ox_worker_close(struct ox_worker *w)
{
	ox_worker_join(w);
	ox_closep(&w->done_fd);
}
