// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * event.c - from the ring, where programs tell what happens, to those who
 * listen. As long as nobody does there is no ring. Who leaves doesn't say so:
 * the list of sockets is looked at once per second, or less often where that is
 * long.
 */
#include "control/conntrack/event.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <linux/netfilter/nfnetlink.h>

#include "control/base/loop.h"
#include "control/codec/ctnl_exp.h"
#include "control/conntrack/exp_view.h"
#include "control/conntrack/view.h"
#include "control/packet/ct_exp.h"
#include "ovsxdp/ct_set.h"
#include "ovsxdp/log.h"
#include "ovsxdp/now.h"

#define BUDGET	256  /* records in a turn of the loop */
#define LOOK_MS 1000 /* at who listens */
#define EARS	256  /* whose losses are counted; any number may listen */

static struct {
	struct ox_datapaths *all;
	struct ox_genl *genl;
	struct ox_watch *watch;
	int64_t look_ms; /* when to look again */
	struct ox_nfnl_ear ears[EARS];
	int n_ears;
	uint64_t unread;
} ev;

/* ---- messages ---- */

/* The group that hears of it; of more than one, as the kernel chooses. */
static uint32_t group_of(uint32_t what)
{
	if (what & OX_CT_EV_DESTROY)
		return NFNLGRP_CONNTRACK_DESTROY;
	return what & (OX_CT_EV_NEW | OX_CT_EV_RELATED)
		       ? NFNLGRP_CONNTRACK_NEW
		       : NFNLGRP_CONNTRACK_UPDATE;
}

static void send_to(uint32_t group, const struct ox_nlbuf *b)
{
	int err = ox_nfnl_tell(ev.genl, group, b->data, b->len);

	if (err)
		ox_log_dbg("event of a connection: %s", strerror(-err));
}

/* ---- expectations ---- */

/* A master may be gone before what it expects: its tuple is kept. */
static struct {
	uint32_t word; /* of the expectation; 0: not known */
	struct ox_ctnl_tuple tuple;
} masters[OX_CT_EXPS];

/* The master's tuple, of one that tells what it expects. */
static const struct ox_ctnl_tuple *master_of(uint32_t at,
					     const struct ox_ct_exp *x)
{
	const struct ox_ct *e = ox_ct_mem_at(ev.all->ct, x->master);
	struct ox_ctnl_entry master;
	uint16_t gen;

	if (masters[at].word == x->word)
		return &masters[at].tuple;
	if (!e || !(e->eventmask & OX_CT_EV_TELLS) ||
	    ox_ct_view(ev.all->ct, x->master, &master, &gen) ||
	    gen != x->master_gen)
		return NULL;
	masters[at].tuple = master.tuple[OX_CTNL_ORIG];
	masters[at].word = x->word;
	return &masters[at].tuple;
}

/* ctnetlink_expect_event() */
static void tell_exp(uint32_t at, const struct ox_ct_exp *x, uint32_t portid,
		     bool made)
{
	static uint8_t data[4096] __attribute__((aligned(8)));
	struct ox_nlbuf b = { .data = data, .size = sizeof(data) };
	struct ox_ctnl_to to = { .portid = portid };
	const struct ox_ctnl_tuple *master = master_of(at, x);
	struct ox_ctnl_exp e;

	if (!master)
		return;
	ox_ct_exp_copy_show(ev.all->ct, at, x, master, &e);
	if (made)
		to.flags = NLM_F_CREATE | NLM_F_EXCL;
	if (!ox_ctnl_exp_put(&b, &to,
			     made ? IPCTNL_MSG_EXP_NEW : IPCTNL_MSG_EXP_DELETE,
			     &e))
		send_to(made ? NFNLGRP_CONNTRACK_EXP_NEW
			     : NFNLGRP_CONNTRACK_EXP_DESTROY,
			&b);
}

/* ---- the ring ---- */

static void tell(const struct ox_ct_event *r, void *arg)
{
	static uint8_t data[4096] __attribute__((aligned(8)));
	struct ox_ctnl_to to = { .portid = r->portid };
	struct ox_nlbuf b = { .data = data, .size = sizeof(data) };
	struct ox_ctnl_entry e;

	(void)arg;
	if (r->what & OX_CT_EV_EXP_TAKEN) {
		tell_exp(r->idx & (OX_CT_EXPS - 1), &r->x, 0, false);
		return;
	}
	ox_ct_event_view(ev.all->ct, r, &e);
	if (!ox_ctnl_event_put(&b, &to, r->what, &e))
		send_to(group_of(r->what), &b);
}

static void on_ring(void *arg, uint32_t events)
{
	(void)arg;
	(void)events;
	ox_ct_ring_read(ev.all->ct_set, BUDGET, tell, NULL);
}

/* What the daemon itself does to expectations; after what is in the ring. */
static void on_exp(struct ox_ct_mem *m, uint32_t at, const struct ox_ct_exp *x,
		   bool made)
{
	if (!ev.watch)
		return;
	ox_ct_ring_read(ev.all->ct_set, BUDGET, tell, NULL);
	tell_exp(at, x, m->portid, made);
}

/* ---- who listens ---- */

static int begin(void)
{
	int err = ox_ct_ring_open(ev.all->ct_set);

	if (err || ev.watch)
		return err;
	err = ox_loop_add(ev.all->packets.loop, ox_ct_ring_fd(ev.all->ct_set),
			  EPOLLIN, on_ring, NULL, &ev.watch);
	if (err)
		ox_ct_ring_stop(ev.all->ct_set);
	return err;
}

static void end(void)
{
	ox_loop_del(ev.watch);
	ev.watch = NULL;
	ox_ct_ring_stop(ev.all->ct_set);
}

static int on_join(void *arg)
{
	(void)arg;
	return begin();
}

static uint32_t drops_before(uint64_t inode)
{
	for (int i = 0; i < ev.n_ears; i++)
		if (ev.ears[i].inode == inode)
			return ev.ears[i].drops;
	return 0;
}

/* How many listen, or -errno; counts what they have lost since the last look.
 */
static int look(void)
{
	static struct ox_nfnl_ear now[EARS];
	int64_t began = ox_now_ms(), took;
	int n = ox_nfnl_ears(now, EARS);

	for (int i = 0; i < n; i++)
		ev.unread += now[i].drops - drops_before(now[i].inode);
	if (n >= 0) {
		memcpy(ev.ears, now, (size_t)n * sizeof(*now));
		ev.n_ears = n;
	}
	/* any user can make that list long */
	took = ox_now_ms() - began;
	ev.look_ms = began + took + LOOK_MS + took * 50;
	return n;
}

void ox_ct_events_tick(void)
{
	if (ev.watch && ox_now_ms() >= ev.look_ms && !look())
		end();
}

bool ox_ct_events_heard(void)
{
	return ev.watch;
}

uint64_t ox_ct_events_unread(void)
{
	if (ev.watch)
		look();
	return ev.unread;
}

void ox_ct_events_open(struct ox_datapaths *all, struct ox_genl *genl)
{
	int err = 0;

	ev.all = all;
	ev.genl = genl;
	ox_nfnl_on_join(genl, on_join, NULL);
	ox_ct_exp_told = on_exp;
	if (look())
		err = begin();
	else if (ox_ct_ring_left(all->ct_set))
		ox_ct_ring_stop(all->ct_set);
	if (err)
		ox_log_warn("events of connections: %s", strerror(-err));
}

void ox_ct_events_close(void)
{
	ox_loop_del(ev.watch);
	ev.watch = NULL;
	ox_ct_exp_told = NULL;
	ev.all = NULL;
}
