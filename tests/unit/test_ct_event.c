// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_event.c - what those who listen are told of connections, and when:
 * nf_conntrack_ecache.c, and ovs_ct_commit() of the module.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>

#include "bpf/core/ct_key.h"
#include "tests/unit/ct_make.h"

#define ZONE   9
#define EVENTS 64

_Static_assert(OX_CT_EV_NEW == 1 << IPCT_NEW, "events");
_Static_assert(OX_CT_EV_RELATED == 1 << IPCT_RELATED, "events");
_Static_assert(OX_CT_EV_DESTROY == 1 << IPCT_DESTROY, "events");
_Static_assert(OX_CT_EV_REPLY == 1 << IPCT_REPLY, "events");
_Static_assert(OX_CT_EV_ASSURED == 1 << IPCT_ASSURED, "events");
_Static_assert(OX_CT_EV_PROTOINFO == 1 << IPCT_PROTOINFO, "events");
_Static_assert(OX_CT_EV_HELPER == 1 << IPCT_HELPER, "events");
_Static_assert(OX_CT_EV_MARK == 1 << IPCT_MARK, "events");
_Static_assert(OX_CT_EV_SEQADJ == 1 << IPCT_SEQADJ, "events");
_Static_assert(OX_CT_EV_LABEL == 1 << IPCT_LABEL, "events");

static struct ox_ct_host_mem *m;
static struct ct_frame f;
static struct ox_host_pkt pkt;
static struct ox_ct_event events[EVENTS];

static int setup(void **state)
{
	(void)state;
	m = ox_ct_host_open(1024, CT_HZ);
	assert_non_null(m);
	m->events = events;
	m->max_events = EVENTS;
	m->conf->flags |= OX_CT_CONF_LISTEN | OX_CT_CONF_ACCT;
	f = (struct ct_frame){ .proto = IPPROTO_UDP, .port = { 1024, 53 } };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ox_ct_host_close(m);
	return 0;
}

static const struct ox_ct_act plain = { .zone = ZONE };
static const struct ox_ct_act commit = { .zone = ZONE,
					 .flags = OX_CT_F_COMMIT };

static void ct(const struct ox_ct_act *a)
{
	pkt = (struct ox_host_pkt){ .data = f.b, .len = f.len };
	assert_int_equal(ox_host_extract(f.b, f.len, 0, &pkt.key), 0);
	assert_int_equal(ox_ct_host_execute(m, &pkt, a), 0);
}

static void udp(int from, const struct ox_ct_act *a)
{
	ct_put16(ct_put_ports(&f, from, 8) + 4, 8);
	ct(a);
}

/* The events since the last call are these: what, and a 0 at the end. */
#define expect_told(...) \
	told_are((const uint32_t[]){ __VA_ARGS__ 0 }, __func__, __LINE__)

static void told_are(const uint32_t *want, const char *fn, int line)
{
	uint32_t n = 0;

	while (want[n])
		n++;
	if (m->n_events != n)
		fail_msg("%s:%d: %u events, not %u", fn, line, m->n_events, n);
	for (uint32_t i = 0; i < n; i++)
		if (events[i].what != want[i])
			fail_msg("%s:%d: event %u is 0x%x, not 0x%x", fn, line,
				 i, events[i].what, want[i]);
	m->n_events = 0;
}

/* ---- when ---- */

static void udp_life(void **state)
{
	(void)state;
	udp(0, &plain);
	expect_told();
	udp(0, &commit);
	expect_told(OX_CT_EV_NEW, );
	assert_int_equal(events[0].e.orig.zone, ZONE);
	assert_int_equal(events[0].now, m->now);
	udp(0, &commit);
	expect_told();
	udp(1, &commit);
	expect_told(OX_CT_EV_REPLY, );
	assert_true(events[0].e.status & OX_IPS_SEEN_REPLY);
	m->now += 3 * CT_HZ;
	udp(0, &commit);
	expect_told(OX_CT_EV_ASSURED, );
	udp(0, &commit);
	expect_told();
}

/* What happens without a commit is told by the next one. */
static void kept_for_commit(void **state)
{
	(void)state;
	udp(0, &commit);
	expect_told(OX_CT_EV_NEW, );
	udp(1, &plain);
	m->now += 3 * CT_HZ;
	udp(0, &plain);
	expect_told();
	udp(0, &commit);
	expect_told(OX_CT_EV_REPLY | OX_CT_EV_ASSURED, );
}

static void nobody_listens(void **state)
{
	(void)state;
	m->conf->flags &= ~OX_CT_CONF_LISTEN;
	udp(0, &commit);
	udp(1, &commit);
	expect_told();
	/* of those that began before anybody did, none ever tells */
	m->conf->flags |= OX_CT_CONF_LISTEN;
	m->now += 3 * CT_HZ;
	udp(0, &commit);
	m->now += 1000 * CT_HZ;
	assert_int_equal(ox_ct_host_sweep(m), 1);
	expect_told();
	assert_int_equal(m->stats.n[OX_CT_S_EVENT_LOST], 0);
}

/* nf_conntrack_events=1: those that began before tell, too */
static void always(void **state)
{
	(void)state;
	m->conf->flags &= ~OX_CT_CONF_LISTEN;
	m->conf->flags |= OX_CT_CONF_EVENTS;
	udp(0, &commit);
	expect_told();
	m->conf->flags |= OX_CT_CONF_LISTEN;
	udp(1, &commit);
	expect_told(OX_CT_EV_REPLY, );
}

static void never(void **state)
{
	(void)state;
	m->conf->flags |= OX_CT_CONF_NO_EVENTS;
	udp(0, &commit);
	udp(1, &commit);
	expect_told();
}

/* ---- what ends them ---- */

static void ends(void **state)
{
	struct ox_ct *e;

	(void)state;
	udp(0, &commit);
	m->n_events = 0;
	e = &m->ents[events[0].idx];
	assert_int_equal(ox_ct_host_kill(m, e), 0);
	expect_told(OX_CT_EV_DESTROY, );
	assert_int_equal(events[0].e.packets[0], 1);
	assert_true(events[0].e.status & OX_IPS_DYING);
	udp(0, &commit);
	m->now += 31 * CT_HZ;
	assert_int_equal(ox_ct_host_sweep(m), 1);
	expect_told(OX_CT_EV_NEW, OX_CT_EV_DESTROY, );
	udp(0, &commit);
	assert_int_equal(ox_ct_host_flush(m, ZONE), 1);
	expect_told(OX_CT_EV_NEW, );
	assert_int_equal(ox_ct_host_sweep(m), 1);
	expect_told(OX_CT_EV_DESTROY, );
}

/* The other direction's commit by force ends it and begins another one. */
static void force(void **state)
{
	static const struct ox_ct_act by_force = {
		.zone = ZONE, .flags = OX_CT_F_COMMIT | OX_CT_F_FORCE
	};

	(void)state;
	udp(0, &commit);
	udp(1, &by_force);
	expect_told(OX_CT_EV_NEW, OX_CT_EV_DESTROY, OX_CT_EV_NEW, );
}

/* ---- what the action sets ---- */

static void mark_and_labels(void **state)
{
	struct ox_ct_act a = { .zone = ZONE,
			       .flags = OX_CT_F_COMMIT | OX_CT_F_LABELS,
			       .mark = 5,
			       .mark_mask = 0xff,
			       .labels = { 1 },
			       .labels_mask = { 0xff } };

	(void)state;
	udp(0, &a);
	expect_told(OX_CT_EV_NEW | OX_CT_EV_LABEL, );
	assert_int_equal(events[0].e.mark, 5);
	assert_int_equal(events[0].e.labels[0], 1);
	udp(0, &a);
	expect_told();
	a.mark = 6;
	udp(0, &a);
	expect_told(OX_CT_EV_MARK, );
	a.labels[0] = 2;
	udp(1, &a);
	expect_told(OX_CT_EV_LABEL | OX_CT_EV_REPLY, );
	assert_int_equal(events[0].e.labels[0], 2);
}

/* A mask decides whether, not what. */
static void eventmask(void **state)
{
	struct ox_ct_act a = { .zone = ZONE,
			       .flags = OX_CT_F_COMMIT | OX_CT_F_EVENTMASK,
			       .eventmask = OX_CT_EV_DESTROY | OX_CT_EV_MARK };

	(void)state;
	udp(0, &a);
	expect_told();
	udp(1, &commit);
	expect_told();
	a.eventmask = OX_CT_EV_ASSURED;
	udp(0, &a);
	expect_told();
	m->now += 3 * CT_HZ;
	a.mark_mask = a.mark = 1;
	udp(1, &a);
	expect_told(OX_CT_EV_ASSURED | OX_CT_EV_MARK, );
	m->now += 1000 * CT_HZ;
	assert_int_equal(ox_ct_host_sweep(m), 1);
	expect_told();
	/* none at all, and all again */
	a.eventmask = 0;
	udp(0, &a);
	expect_told();
	a.eventmask = ~0u;
	udp(1, &a);
	expect_told(OX_CT_EV_REPLY, );
}

/* The mask of one that tells nobody is none. */
static void eventmask_alone(void **state)
{
	struct ox_ct_act a = { .zone = ZONE,
			       .flags = OX_CT_F_COMMIT | OX_CT_F_EVENTMASK,
			       .eventmask = ~0u };

	(void)state;
	m->conf->flags &= ~OX_CT_CONF_LISTEN;
	udp(0, &a);
	m->conf->flags |= OX_CT_CONF_LISTEN;
	udp(1, &a);
	expect_told();
}

/* ---- TCP ---- */

static void tcp(int from, uint8_t flags, uint32_t seq, uint32_t ack)
{
	uint8_t *l4 = ct_put_ports(&f, from, 20);

	ct_put32(l4 + 4, seq);
	ct_put32(l4 + 8, ack);
	l4[12] = 5 << 4;
	l4[13] = flags;
	ct_put16(l4 + 14, 1000);
	ct(&commit);
}

static void tcp_life(void **state)
{
	(void)state;
	f.proto = IPPROTO_TCP;
	tcp(0, OX_TH_SYN, 1, 0);
	expect_told(OX_CT_EV_NEW | OX_CT_EV_PROTOINFO, );
	assert_int_equal(events[0].e.proto_state, 1);
	tcp(1, OX_TH_SYN | OX_TH_ACK, 100, 2);
	expect_told(OX_CT_EV_REPLY | OX_CT_EV_PROTOINFO, );
	tcp(0, OX_TH_ACK, 2, 101);
	expect_told(OX_CT_EV_ASSURED | OX_CT_EV_PROTOINFO, );
	tcp(1, OX_TH_ACK, 101, 2);
	expect_told();
	tcp(0, OX_TH_FIN | OX_TH_ACK, 2, 101);
	expect_told(OX_CT_EV_PROTOINFO, );
	tcp(1, OX_TH_FIN | OX_TH_ACK, 101, 3);
	expect_told(OX_CT_EV_PROTOINFO, );
	tcp(0, OX_TH_ACK, 3, 102);
	expect_told(OX_CT_EV_PROTOINFO, );
	/* begun anew */
	tcp(0, OX_TH_SYN, 5000, 0);
	expect_told(OX_CT_EV_DESTROY, OX_CT_EV_NEW | OX_CT_EV_PROTOINFO, );
	/* a RST is the only answer */
	tcp(1, OX_TH_RST | OX_TH_ACK, 0, 5001);
	expect_told(OX_CT_EV_DESTROY, );
}

/* ---- no room ---- */

static void lost(void **state)
{
	(void)state;
	m->max_events = 1;
	udp(0, &commit);
	udp(1, &commit);
	expect_told(OX_CT_EV_NEW, );
	assert_int_equal(m->stats.n[OX_CT_S_EVENT_LOST], 1);
	/* it isn't told later */
	udp(0, &commit);
	expect_told();
}

/* Who makes one for a client tells of it himself. */
static void quiet(void **state)
{
	struct ox_ct e = { .alg = OX_CT_NONE };
	uint32_t idx;

	(void)state;
	udp(0, &commit);
	e.orig = events[0].e.orig;
	e.orig.pa = 7;
	m->n_events = 0;
	e.eventmask = ct_event_mask(m->conf);
	e.events = OX_CT_EV_QUIET;
	assert_int_equal(ox_ct_host_make(m, &e, &idx), 0);
	expect_told();
	assert_int_equal(m->ents[idx].events, 0);
}

#define CASE(name) OX_TEST_WITH("unit.ct_event." #name, name, setup, teardown)

static const struct CMUnitTest tests[] = {
	CASE(udp_life),	       CASE(kept_for_commit), CASE(nobody_listens),
	CASE(always),	       CASE(never),	      CASE(ends),
	CASE(force),	       CASE(mark_and_labels), CASE(eventmask),
	CASE(eventmask_alone), CASE(tcp_life),	      CASE(lost),
	CASE(quiet),
};

OX_TEST_MAIN(tests)
