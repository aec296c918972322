/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * thread.h - threads beside the daemon's loop. Signals are for the loop.
 */
#ifndef OVSXDP_THREAD_H
#define OVSXDP_THREAD_H

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

/* As pthread_create(), with all signals blocked in the thread; 0 or -errno. */
static inline int ox_thread_start(pthread_t *tid, void *(*fn)(void *arg),
				  void *arg)
{
	sigset_t all, was;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &was);
	err = pthread_create(tid, NULL, fn, arg);
	pthread_sigmask(SIG_SETMASK, &was, NULL);
	return -err;
}

#endif /* OVSXDP_THREAD_H */
