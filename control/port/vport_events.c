// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vport_events.c - a queue of ports to be looked at; see vport_events.h. What
 * an event carries is taken over at once, which costs no system call. All else
 * waits for its turn here.
 */
#include "control/port/vport_events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "control/base/loop.h"
#include "control/port/away.h"
#include "control/port/rtnl.h"
#include "control/port/underlay.h"
#include "control/port/upper.h"
#include "control/port/vport_dev.h"
#include "control/port/vport_index.h"
#include "control/port/vport_watch.h"
#include "ovsxdp/cleanup.h"
#include "ovsxdp/log.h"
#include "ovsxdp/now.h"
#include "ovsxdp/uapi.h"

#define LOOK_MS	    1000 /* in which a port is looked at */
#define LOOK_BURST  4	 /* so often at most, and once if many wait */
#define LOOK_MANY   64
#define ROUND_MS    5000 /* between two rounds */
#define ROUND_SLOTS 1024 /* port numbers, used or not, a turn */

/* A place in the queue, one a port. */
struct ox_look {
	struct ox_look *next;
	struct ox_datapath *dp;
	uint32_t port_no;
	bool wanted;	   /* it is in the queue */
	uint64_t since_ms; /* of so many looks the first */
	uint32_t looks;
};

struct ox_port_events {
	struct ox_look *first, **end;
	uint32_t n; /* in the queue */
	struct ox_watch *look;
	struct ox_watch *features;
	struct ox_watch *clock; /* begins a round */
	struct ox_watch *round; /* goes on with it */
	struct ox_datapath *round_dp;
	uint32_t round_no;
};

static void push(struct ox_port_events *ev, struct ox_look *k)
{
	k->wanted = true;
	k->next = NULL;
	*ev->end = k;
	ev->end = &k->next;
	ev->n++;
}

static struct ox_look *pop(struct ox_port_events *ev)
{
	struct ox_look *k = ev->first;

	ev->first = k->next;
	if (!ev->first)
		ev->end = &ev->first;
	ev->n--;
	k->wanted = false;
	return k;
}

void ox_vport_look(struct ox_datapath *dp, uint32_t port_no)
{
	struct ox_port_events *ev = dp->ports->events;
	struct ox_look *k;

	if (!dp->looks)
		dp->looks = calloc(dp->mem->config->max_ports, sizeof(*k));
	/* without memory the next round finds it */
	if (!ev || !dp->looks)
		return;
	k = &dp->looks[port_no];
	if (k->wanted)
		return;
	k->dp = dp;
	k->port_no = port_no;
	push(ev, k);
	ox_loop_timer_now(ev->look);
}

static void look_all(struct ox_datapath *dp)
{
	for (uint32_t i = 0; i < dp->mem->config->max_ports; i++)
		if (ox_vport_exists(dp, i))
			ox_vport_look(dp, i);
}

void ox_ports_look(struct ox_ports *ps)
{
	for (struct ox_datapath *dp = ps->datapaths; dp; dp = dp->next)
		look_all(dp);
}

void ox_vport_knobs_changed(struct ox_datapath *dp)
{
	const struct ox_mem *m = dp->mem;

	if (m->config->knobs & OX_KNOB_REDIRECT_PEER) {
		look_all(dp);
		return;
	}
	for (uint32_t i = 0; i < m->config->max_ports; i++)
		__atomic_fetch_and(&m->ports[i].flags, ~OX_PORT_PEER,
				   __ATOMIC_RELAXED);
}

/* May this port be looked at now? Else in *wait ms. */
static bool is_due(struct ox_look *k, uint32_t waiting, uint64_t now,
		   uint32_t *wait)
{
	uint64_t end = k->since_ms + LOOK_MS + waiting / 2;

	if (!k->looks || now >= end) {
		k->since_ms = now;
		k->looks = 0;
	} else if (k->looks >= (waiting < LOOK_MANY ? LOOK_BURST : 1)) {
		*wait = end - now < *wait ? (uint32_t)(end - now) : *wait;
		return false;
	}
	k->looks++;
	return true;
}

/*
 * As many as the budget allows of those whose time has come. The more ports
 * wait, the longer is the time between two looks at one.
 */
static void look_turn(void *arg)
{
	struct ox_ports *ps = arg;
	struct ox_port_events *ev = ps->events;
	uint32_t looks = 0, waiting = ev->n, wait = LOOK_MS;
	uint64_t now = ox_now_ms();

	for (uint32_t n = waiting; n && looks < OX_LOOKS_TURN; n--) {
		struct ox_look *k = pop(ev);

		if (is_due(k, waiting, now, &wait)) {
			looks++;
			ox_vport_refresh(k->dp, k->port_no);
		} else {
			push(ev, k);
		}
	}
	if (ev->n && looks == OX_LOOKS_TURN)
		ox_loop_timer_now(ev->look);
	else if (ev->n)
		ox_loop_timer_set(ev->look, wait, 0);
}

static void link_event(void *arg, const struct ox_link *l, bool gone)
{
	struct ox_ports *ps = arg;
	struct ox_datapath *dp = NULL, *on = NULL;
	uint32_t no = ox_vport_by_ifindex(ps, l->ifindex, &dp);
	uint32_t lower = ox_upper_lower(l);

	/* It has come to a port's device or left that. */
	if (lower && ox_vport_by_ifindex(ps, lower, &on) != OX_NONE)
		ox_vport_look(on, ox_vport_by_ifindex(ps, lower, &on));
	if (no == OX_NONE)
		return;
	/* once a device, so it may cost something */
	if (gone)
		ox_vport_left(dp, no, l);
	else if (ox_vport_event(dp, no, l))
		ox_vport_look(dp, no);
}

/* A qdisc has come or gone, or a filter has gone. Packets must meet a port's
 * qdisc (OX_PORT_PEER passes it by). */
static void tc_event(void *arg, uint32_t ifindex)
{
	struct ox_datapath *dp = NULL;
	uint32_t no = ox_vport_by_ifindex(arg, ifindex, &dp);

	if (no != OX_NONE)
		ox_vport_look(dp, no);
}

static void events_lost(void *arg)
{
	ox_log_dbg("link events were lost: looking at every port");
	ox_ports_look(arg);
}

/* ---- XDP features ---- */

/* Frames to a veth vanish from the moment on at which the other end has no NAPI
 * any more, so the flag changes here and doesn't wait for a look. */
static void features_event(void *arg, uint32_t ifindex, bool xmit)
{
	struct ox_datapath *dp = NULL;
	uint32_t no = ox_vport_by_ifindex(arg, ifindex, &dp);

	if (no != OX_NONE && dp->mem->ports[no].ifindex == ifindex)
		ox_vport_xmit_set(dp, no, xmit);
}

static void features_read(void *arg, uint32_t events)
{
	struct ox_ports *ps = arg;

	(void)events;
	if (ox_features_read(ps->features, OX_FEATURES_TURN, features_event,
			     ps))
		events_lost(ps);
}

static int features_open(struct ox_ports *ps, struct ox_loop *loop)
{
	int err = ox_features_open(&ps->features);

	/* the rounds ask, then */
	if (err == -EOPNOTSUPP)
		return 0;
	return err
		       ?: ox_loop_add(loop, ox_features_fd(ps->features),
				      EPOLLIN, features_read, ps,
				      &ps->events->features);
}

/* ---- rounds ---- */

static void round_turn(void *arg)
{
	struct ox_ports *ps = arg;
	struct ox_port_events *ev = ps->events;
	uint32_t ports = OX_ROUND_TURN, slots = ROUND_SLOTS;

	while (ev->round_dp && ports && slots--) {
		struct ox_datapath *dp = ev->round_dp;
		uint32_t no = ev->round_no++;

		if (no >= dp->mem->config->max_ports) {
			ev->round_dp = dp->next;
			ev->round_no = 0;
		} else if (ox_vport_exists(dp, no)) {
			ports--;
			if (ox_vport_differs(dp, no))
				ox_vport_look(dp, no);
		}
	}
	if (ev->round_dp)
		ox_loop_timer_now(ev->round);
}

static void round_begin(void *arg)
{
	struct ox_ports *ps = arg;
	struct ox_port_events *ev = ps->events;

	if (ev->round_dp)
		return;
	ev->round_dp = ps->datapaths;
	ev->round_no = 0;
	round_turn(ps);
}

void ox_vport_events_forget(struct ox_datapath *dp)
{
	struct ox_port_events *ev = dp->ports ? dp->ports->events : NULL;

	if (dp->ports)
		ox_vport_index_stale(dp->ports);
	for (uint32_t n = ev ? ev->n : 0; n; n--) {
		struct ox_look *k = pop(ev);

		if (k->dp != dp)
			push(ev, k);
	}
	if (ev && ev->round_dp == dp) {
		ev->round_dp = dp->next;
		ev->round_no = 0;
	}
	free(take_ptr(dp->looks));
	if (dp->ports)
		ox_away_wait(dp->ports->away, dp);
}

int ox_ports_open(struct ox_ports *ps, struct ox_loop *loop)
{
	const struct ox_rtnl_events tell = { link_event, tc_event, events_lost,
					     ps };
	struct ox_port_events *ev = calloc(1, sizeof(*ev));
	int err;

	if (!ev)
		return -ENOMEM;
	ps->events = ev;
	ev->end = &ev->first;
	err = ox_away_open(loop, &ps->away);
	if (!err)
		err = ox_loop_timer(loop, 0, 0, look_turn, ps, &ev->look);
	if (!err)
		err = ox_loop_timer(loop, 0, 0, round_turn, ps, &ev->round);
	if (!err)
		err = ox_loop_timer(loop, ROUND_MS, ROUND_MS, round_begin, ps,
				    &ev->clock);
	if (!err)
		err = ox_rtnl_open(loop, &tell, &ps->rtnl);
	if (!err)
		err = features_open(ps, loop);
	if (!err)
		err = ox_uppers_open(&ps->uppers);
	if (!err)
		err = ox_underlay_open(ps, loop, &ps->underlay);
	if (err)
		ox_ports_close(ps);
	return err;
}

void ox_ports_close(struct ox_ports *ps)
{
	struct ox_port_events *ev = ps->events;

	ox_underlay_close(take_ptr(ps->underlay));
	ox_away_close(take_ptr(ps->away));
	ox_rtnl_close(take_ptr(ps->rtnl));
	ox_uppers_close(take_ptr(ps->uppers));
	if (ev) {
		ox_loop_del(ev->features);
		ox_loop_del(ev->look);
		ox_loop_del(ev->round);
		ox_loop_del(ev->clock);
	}
	ox_features_close(take_ptr(ps->features));
	free(take_ptr(ps->events));
	ox_vport_index_free(ps);
}
