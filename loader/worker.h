/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * worker.h - one piece of work in a thread of its own, that whoever started it
 * waits for with poll(2): the verifier takes most of a second. The thread
 * writes only what nobody looks at before the fd is readable.
 */
#ifndef OVSXDP_WORKER_H
#define OVSXDP_WORKER_H

#include <pthread.h>
#include <stdbool.h>

#include "ovsxdp/dp.h"

struct ox_worker {
	int (*work)(void *arg, struct ox_err *e); /* 0 or a negative errno */
	void *arg;
	int done_fd; /* readable when the work has ended */
	int niceness;
	bool joined; /* no thread is there */
	pthread_t tid;
	int rc;		   /* of work; valid after ox_worker_join() */
	struct ox_err err; /* the same */
};

/* No thread and no fd yet. */
void ox_worker_init(struct ox_worker *w);
/* Starts work(arg) with this nice value; 0 or -errno, then no thread is there.
 */
int ox_worker_start(struct ox_worker *w,
		    int (*work)(void *arg, struct ox_err *e), void *arg,
		    int niceness);
/* Waits for the end of the work. */
void ox_worker_join(struct ox_worker *w);
/* The same, and closes the fd. */
void ox_worker_close(struct ox_worker *w);

#endif /* OVSXDP_WORKER_H */
