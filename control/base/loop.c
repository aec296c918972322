// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * loop.c - one epoll set. A timer is a timerfd, a signal a signalfd. Watches
 * removed inside a callback are freed after the round, so that events of the
 * same round which still point at them do no harm.
 */
#include "control/base/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "ovsxdp/cleanup.h"
#include "ovsxdp/now.h"

#define ROUND_EVENTS 64

struct ox_watch {
	struct ox_loop *loop;
	struct ox_watch *next, **pprev; /* loop->watches or ->dead */
	int fd;
	bool own_fd;
	bool dead;
	void (*on_fd)(void *arg, uint32_t events);
	void (*on_tick)(void *arg); /* timers and signals */
	void *arg;
};

struct ox_loop {
	int epfd;
	bool stop;
	bool in_round;
	struct ox_watch *watches;
	struct ox_watch *dead;
	struct ox_turns turns;
	uint64_t did[OX_DID_COUNT]; /* in this turn */
};

int ox_loop_new(struct ox_loop **out)
{
	_cleanup_free_ struct ox_loop *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epfd < 0)
		return -errno;
	*out = take_ptr(l);
	return 0;
}

static void unlink_watch(struct ox_watch *w)
{
	*w->pprev = w->next;
	if (w->next)
		w->next->pprev = w->pprev;
}

/* pprev makes removal O(1) without knowing the list's head. */
static void link_watch(struct ox_watch **head, struct ox_watch *w)
{
	w->next = *head;
	w->pprev = head;
	if (w->next)
		w->next->pprev = &w->next;
	*head = w;
}

/* Frees what callbacks took out; no event of the round refers to it now. */
static void reap(struct ox_loop *l)
{
	struct ox_watch *w, *next;

	for (w = l->dead; w; w = next) {
		next = w->next;
		free(w);
	}
	l->dead = NULL;
}

void ox_loop_free(struct ox_loop *l)
{
	struct ox_watch *w, *next;

	if (!l)
		return;
	for (w = l->watches; w; w = next) {
		next = w->next;
		if (w->own_fd)
			close(w->fd);
		free(w);
	}
	reap(l);
	close(l->epfd);
	free(l);
}

void ox_loop_stop(struct ox_loop *l)
{
	l->stop = true;
}

/* Empties a timerfd or signalfd; both hand out records of at least 8 bytes
 * and at most one signalfd_siginfo. */
static bool drain(int fd)
{
	char buf[sizeof(struct signalfd_siginfo)];

	return read(fd, buf, sizeof(buf)) > 0;
}

/* Another callback of this round may have removed w, or read its tick. */
static void fire(struct ox_watch *w, uint32_t events)
{
	if (w->dead)
		return;
	if (w->on_fd)
		w->on_fd(w->arg, events);
	else if (drain(w->fd))
		w->on_tick(w->arg);
}

const struct ox_turns *ox_loop_turns(const struct ox_loop *l)
{
	return &l->turns;
}

void ox_loop_did(struct ox_loop *l, enum ox_did what, uint32_t n)
{
	l->did[what] += n;
}

/* A turn has ended, of n events. */
static void turn_note(struct ox_loop *l, int n, uint64_t ns)
{
	struct ox_turns *t = &l->turns;
	bool longest = ns / 1000 > t->longest_us;

	t->turns++;
	t->events += (uint64_t)n;
	if (longest) {
		t->longest_us = ns / 1000;
		t->longest_events = (uint64_t)n;
		memcpy(t->longest_did, l->did, sizeof(l->did));
	}
	for (int i = 0; i < OX_DID_COUNT; i++)
		if (l->did[i] > t->most_did[i])
			t->most_did[i] = l->did[i];
	memset(l->did, 0, sizeof(l->did));
}

static int run_round(struct ox_loop *l, int most, int timeout)
{
	struct epoll_event ev[ROUND_EVENTS];
	int n = epoll_wait(l->epfd, ev, most, timeout);
	uint64_t from;

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	from = ox_now_ns();
	l->in_round = true;
	for (int i = 0; i < n; i++)
		fire(ev[i].data.ptr, ev[i].events);
	l->in_round = false;
	reap(l);
	if (n)
		turn_note(l, n, ox_now_ns() - from);
	return n;
}

int ox_loop_run(struct ox_loop *l)
{
	int n = 0;

	l->stop = false;
	while (!l->stop && n >= 0)
		n = run_round(l, ROUND_EVENTS, -1);
	return n < 0 ? n : 0;
}

int ox_loop_fd(const struct ox_loop *l)
{
	return l->epfd;
}

int ox_loop_turn(struct ox_loop *l)
{
	return run_round(l, 1, 0);
}

int ox_loop_add(struct ox_loop *l, int fd, uint32_t events,
		void (*fn)(void *arg, uint32_t events), void *arg,
		struct ox_watch **out)
{
	_cleanup_free_ struct ox_watch *w = calloc(1, sizeof(*w));
	struct epoll_event ev = { .events = events };

	if (!w)
		return -ENOMEM;
	w->loop = l;
	w->fd = fd;
	w->on_fd = fn;
	w->arg = arg;
	ev.data.ptr = w;
	if (epoll_ctl(l->epfd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return -errno;
	link_watch(&l->watches, w);
	if (out)
		*out = w;
	take_ptr(w);
	return 0;
}

/* A watch that owns its fd and calls fn(arg) for each record. */
static int add_tick(struct ox_loop *l, int fd, void (*fn)(void *arg), void *arg,
		    struct ox_watch **out)
{
	_cleanup_fd_ int own = fd;
	struct ox_watch *w = NULL;
	int err = ox_loop_add(l, own, EPOLLIN, NULL, arg, &w);

	if (err)
		return err;
	w->on_tick = fn;
	w->own_fd = true;
	take_fd(own);
	*out = w;
	return 0;
}

static struct timespec from_ms(uint32_t ms)
{
	return (struct timespec){ .tv_sec = ms / 1000,
				  .tv_nsec = (long)(ms % 1000) * 1000000 };
}

int ox_loop_timer_set(struct ox_watch *timer, uint32_t first_ms,
		      uint32_t interval_ms)
{
	struct itimerspec its = { .it_value = from_ms(first_ms),
				  .it_interval = from_ms(interval_ms) };

	return timerfd_settime(timer->fd, 0, &its, NULL) < 0 ? -errno : 0;
}

int ox_loop_timer_now(struct ox_watch *timer)
{
	struct itimerspec its = { .it_value = { .tv_nsec = 1 } };

	return timerfd_settime(timer->fd, 0, &its, NULL) < 0 ? -errno : 0;
}

int ox_loop_timer(struct ox_loop *l, uint32_t first_ms, uint32_t interval_ms,
		  void (*fn)(void *arg), void *arg, struct ox_watch **out)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	struct ox_watch *w = NULL;
	int err;

	if (fd < 0)
		return -errno;
	err = add_tick(l, fd, fn, arg, &w);
	if (err)
		return err;
	err = ox_loop_timer_set(w, first_ms, interval_ms);
	if (err) {
		ox_loop_del(w);
		return err;
	}
	if (out)
		*out = w;
	return 0;
}

int ox_loop_signal(struct ox_loop *l, int signo, void (*fn)(void *arg),
		   void *arg, struct ox_watch **out)
{
	struct ox_watch *w = NULL;
	sigset_t set;
	int fd, err;

	sigemptyset(&set);
	sigaddset(&set, signo);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	err = add_tick(l, fd, fn, arg, &w);
	if (!err && out)
		*out = w;
	return err;
}

void ox_loop_del(struct ox_watch *w)
{
	struct ox_loop *l;

	if (!w || w->dead)
		return;
	l = w->loop;
	w->dead = true;
	unlink_watch(w);
	epoll_ctl(l->epfd, EPOLL_CTL_DEL, w->fd, NULL);
	if (w->own_fd)
		close(w->fd);
	link_watch(&l->dead, w);
	if (!l->in_round)
		reap(l);
}
