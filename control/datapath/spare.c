// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * spare.c - see spare.h. A request that finds a set ready takes milliseconds.
 * Another one waits for its thread, and other clients are answered meanwhile.
 */
#include "control/datapath/spare.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "control/base/loop.h"
#include "ovsxdp/log.h"

#define NICE_AHEAD 5 /* nobody waits for it */
/* Ticks that a set is kept for whoever asked for it. */
#define KEEP 10
/* Ticks after a datapath came: who has just got it wants the CPUs. */
#define REST 10

static void spare_drop(struct ox_spare *sp)
{
	ox_loop_del(sp->watch);
	sp->watch = NULL;
	ox_ahead_free(sp->ahead);
	sp->ahead = NULL;
}

static void on_made(void *arg, uint32_t events)
{
	struct ox_spare *sp = arg;
	struct ox_spares *s = sp->all;

	(void)events;
	ox_loop_del(sp->watch);
	sp->watch = NULL;
	sp->age = 0;
	ox_log_dbg("a datapath is made, and waits for its name");
	if (s->ready)
		s->ready(s->arg);
}

static int start(struct ox_spares *s, struct ox_spare *sp,
		 const struct ox_dp_params *p, int niceness, struct ox_err *e)
{
	int err = ox_ahead_start(p, niceness, &sp->ahead, e);

	if (err)
		return err;
	sp->all = s;
	err = ox_loop_add(s->loop, ox_ahead_fd(sp->ahead), EPOLLIN, on_made, sp,
			  &sp->watch);
	if (err)
		spare_drop(sp);
	return err;
}

/* The set that p's limits are, or will be; NULL: there is none. */
static struct ox_spare *find(struct ox_spares *s, const struct ox_dp_params *p)
{
	if (s->ahead.ahead && ox_ahead_fits(s->ahead.ahead, p))
		return &s->ahead;
	if (s->on_demand.ahead && ox_ahead_fits(s->on_demand.ahead, p))
		return &s->on_demand;
	return NULL;
}

static int take(struct ox_spare *sp, const char *root,
		const struct ox_dp_params *p, struct ox_dp **dp,
		struct ox_err *e)
{
	struct ox_ahead *a = sp->ahead;
	struct ox_spares *s = sp->all;

	sp->ahead = NULL;
	ox_spare_rest(s);
	/* who has waited for the place with other limits */
	if (sp == &s->on_demand && s->ready)
		s->ready(s->arg);
	return ox_ahead_create(a, root, p, dp, e);
}

int ox_spare_create(struct ox_spares *s, const char *root,
		    const struct ox_dp_params *p, struct ox_dp **dp,
		    struct ox_err *e)
{
	struct ox_spare *sp;
	int err;

	if (!s->loop)
		return ox_dp_create(root, p, dp, e);
	sp = find(s, p);
	if (sp)
		return sp->watch ? -EINPROGRESS : take(sp, root, p, dp, e);
	if (s->on_demand.ahead)
		return -EINPROGRESS;
	err = start(s, &s->on_demand, p, 0, e);
	return err ? err : -EINPROGRESS;
}

/* Nobody came back for it: its client has ended, or asks for another name. */
static void expire(struct ox_spares *s)
{
	struct ox_spare *sp = &s->on_demand;

	if (!sp->ahead || sp->watch || ++sp->age < KEEP)
		return;
	spare_drop(sp);
	if (s->ready)
		s->ready(s->arg);
}

void ox_spare_rest(struct ox_spares *s)
{
	s->rest = REST;
}

void ox_spare_tick(struct ox_spares *s)
{
	struct ox_err e = { 0 };

	expire(s);
	if (s->rest) {
		s->rest--;
		return;
	}
	/* one thread at a time: who waits comes first */
	if (!s->loop || !s->wanted || s->ahead.ahead || s->on_demand.watch)
		return;
	if (start(s, &s->ahead, &s->usual, NICE_AHEAD, &e)) {
		ox_log_warn("no datapath is made ahead: %s", e.msg);
		s->wanted = false;
	}
}

void ox_spare_close(struct ox_spares *s)
{
	spare_drop(&s->ahead);
	spare_drop(&s->on_demand);
}
