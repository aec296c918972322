// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * serve.c - the supervisor's loop. One thread receives; what concerns no
 * socket of ours it lets go on at once. The others go to threads, one more
 * whenever all are busy, so that no client waits for another one's memory or
 * daemon.
 */
#include "seccomp.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <syslog.h>
#include <unistd.h>

#include "ovsxdp/cleanup.h"

#define THREADS 64 /* calls beyond wait for a thread */
#define STACK	(256 << 10)

static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct ox_call *head, **tail;
	int threads, idle, queued;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER,
	   .more = PTHREAD_COND_INITIALIZER,
	   .tail = &pool.head };

static struct ox_call *take(void)
{
	struct ox_call *c;

	pthread_mutex_lock(&pool.lock);
	pool.idle++;
	while (!pool.head)
		pthread_cond_wait(&pool.more, &pool.lock);
	pool.idle--;
	c = pool.head;
	pool.head = c->next;
	if (!pool.head)
		pool.tail = &pool.head;
	pool.queued--;
	pthread_mutex_unlock(&pool.lock);
	return c;
}

static void *work(void *arg)
{
	(void)arg;
	for (;;) {
		struct ox_call *c = take();

		ox_call_handle(c);
		close(c->sock);
		free(c);
	}
	return NULL;
}

static int add_thread(void)
{
	pthread_attr_t attr;
	pthread_t t;
	int err;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK);
	err = pthread_create(&t, &attr, work, NULL);
	pthread_attr_destroy(&attr);
	return err;
}

/* Hands a call over; false: nobody would ever take it. */
static bool give(struct ox_call *c)
{
	pthread_mutex_lock(&pool.lock);
	if (pool.queued >= pool.idle && pool.threads < THREADS) {
		if (!add_thread()) {
			pool.threads++;
		} else if (!pool.threads) {
			pthread_mutex_unlock(&pool.lock);
			return false;
		}
	}
	*pool.tail = c;
	pool.tail = &c->next;
	pool.queued++;
	pthread_cond_signal(&pool.more);
	pthread_mutex_unlock(&pool.lock);
	return true;
}

/* 0 or -errno: receiving is at its end. */
static int receive(int listener)
{
	struct ox_call call = { .listener = listener, .slot = -1, .sock = -1 };
	struct seccomp_notif n = { 0 };
	struct ox_call *c;

	/* ENOENT: its process was killed, or the call interrupted */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n))
		return errno == ENOENT || errno == EINTR ? 0 : -errno;
	call.id = n.id;
	call.tid = (pid_t)n.pid;
	call.data = n.data;
	call.slot = ox_served_note(n.id);
	if (ox_caller_socket(&call)) {
		ox_call_continue(&call);
		return 0;
	}
	c = malloc(sizeof(*c));
	if (c)
		*c = call;
	if (!c || !give(c)) {
		syslog(LOG_ERR, "a call of process %d isn't served: no memory",
		       (int)call.tgid);
		ox_call_return(&call, -ENOMEM);
		close(call.sock);
		free(c);
	}
	return 0;
}

int ox_serve(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	int err = 0;

	while (!err) {
		if (poll(&p, 1, -1) < 0)
			err = errno == EINTR ? 0 : -errno;
		else if (p.revents & POLLIN)
			err = receive(listener);
		else if (p.revents)
			return 0; /* POLLHUP */
	}
	syslog(LOG_ERR, "seccomp notifications: %s", strerror(-err));
	return 1;
}
