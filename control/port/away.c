// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * away.c - a thread that does jobs in other network namespaces, one after the
 * other; see away.h. The loop gets them back through an eventfd.
 */
#include "control/port/away.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "control/base/loop.h"
#include "control/port/netns.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/thread.h"

struct queue {
	struct ox_away_job *first, **end;
};

struct ox_away {
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t more;  /* to do, or the end */
	pthread_cond_t idle;  /* a job is finished */
	struct queue todo, finished;
	struct ox_away_job *now; /* in the thread's hands */
	bool running, stop;
	pthread_t thread;
	int fd; /* eventfd: something is finished */
	struct ox_watch *watch;
};

static void put(struct queue *q, struct ox_away_job *job)
{
	job->next = NULL;
	*q->end = job;
	q->end = &job->next;
}

static struct ox_away_job *take(struct queue *q)
{
	struct ox_away_job *job = q->first;

	if (!job)
		return NULL;
	q->first = job->next;
	if (!q->first)
		q->end = &q->first;
	return job;
}

static void *work(void *arg)
{
	struct ox_away *a = arg;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		a->now = take(&a->todo);
		if (!a->now && a->stop)
			break;
		if (!a->now) {
			pthread_cond_wait(&a->more, &a->lock);
			continue;
		}
		pthread_mutex_unlock(&a->lock);
		a->now->result =
			ox_netns_visit(a->now->netnsid, a->now->run, a->now);
		pthread_mutex_lock(&a->lock);
		put(&a->finished, take_ptr(a->now));
		pthread_cond_broadcast(&a->idle);
		eventfd_write(a->fd, 1);
	}
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* Gives jobs back, outside of the lock: done() may add others. */
static void give_back(struct ox_away *a)
{
	struct ox_away_job *job;

	for (;;) {
		pthread_mutex_lock(&a->lock);
		job = take(&a->finished);
		pthread_mutex_unlock(&a->lock);
		if (!job)
			return;
		job->done(job, job->result);
	}
}

static void on_finished(void *arg, uint32_t events)
{
	struct ox_away *a = arg;
	eventfd_t n;

	(void)events;
	eventfd_read(a->fd, &n);
	give_back(a);
}

int ox_away_open(struct ox_loop *loop, struct ox_away **out)
{
	struct ox_away *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->more, NULL);
	pthread_cond_init(&a->idle, NULL);
	a->todo.end = &a->todo.first;
	a->finished.end = &a->finished.first;
	a->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = a->fd < 0 ? -errno
			: ox_loop_add(loop, a->fd, EPOLLIN, on_finished, a,
				      &a->watch);
	if (err) {
		ox_away_close(a);
		return err;
	}
	*out = a;
	return 0;
}

static int start(struct ox_away *a)
{
	int err;

	if (a->running)
		return 0;
	err = ox_thread_start(&a->thread, work, a);
	a->running = !err;
	return err;
}

void ox_away_add(struct ox_away *a, struct ox_away_job *job)
{
	int err = a ? start(a) : -ESRCH;

	if (err) {
		job->done(job, err);
		return;
	}
	pthread_mutex_lock(&a->lock);
	put(&a->todo, job);
	pthread_cond_signal(&a->more);
	pthread_mutex_unlock(&a->lock);
}

static bool has_job(const struct ox_away *a, const struct ox_datapath *dp)
{
	const struct ox_away_job *job;

	for (job = a->todo.first; job; job = job->next)
		if (job->dp == dp)
			return true;
	return a->now && a->now->dp == dp;
}

bool ox_away_is_busy(struct ox_away *a, const struct ox_datapath *dp)
{
	bool busy;

	if (!a)
		return false;
	pthread_mutex_lock(&a->lock);
	busy = has_job(a, dp);
	pthread_mutex_unlock(&a->lock);
	return busy;
}

void ox_away_wait(struct ox_away *a, const struct ox_datapath *dp)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	while (has_job(a, dp))
		pthread_cond_wait(&a->idle, &a->lock);
	pthread_mutex_unlock(&a->lock);
	give_back(a);
}

void ox_away_close(struct ox_away *a)
{
	if (!a)
		return;
	if (a->running) {
		pthread_mutex_lock(&a->lock);
		a->stop = true;
		pthread_cond_signal(&a->more);
		pthread_mutex_unlock(&a->lock);
		pthread_join(a->thread, NULL);
	}
	give_back(a);
	ox_loop_del(a->watch);
	if (a->fd >= 0)
		close(a->fd);
	free(a);
}
