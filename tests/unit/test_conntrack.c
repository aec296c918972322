// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_conntrack.c - connections as netlink shows, finds, makes, changes and
 * ends them, over the tracker's host build, which packets fill; and timeout
 * policies.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "control/conntrack/change.h"
#include "control/conntrack/limit.h"
#include "control/conntrack/policy.h"
#include "tests/lib/ct_heap.h"
#include "tests/unit/ct_make.h"

static struct ct_heap *h;
static struct ox_ct_mem *m;
static struct ct_frame f;
static struct ox_ct_users users;
static struct ox_err err;

static int setup(void **state)
{
	(void)state;
	h = ct_heap_new(8192, CT_HZ);
	h->host->now = 4000000000u; /* its low half wraps within a minute */
	m = &h->mem;
	memset(&f, 0, sizeof(f));
	f.proto = IPPROTO_UDP;
	f.port[0] = 1000;
	f.port[1] = 53;
	err.msg[0] = '\0';
	memset(&users, 0, sizeof(users));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ct_heap_free(h);
	return 0;
}

static void udp(int from)
{
	ct_put16(ct_put_ports(&f, from, 16) + 4, 16);
}

/* n connections in CT_ZONE. */
static void many(uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		f.port[0] = (uint16_t)(1000 + i);
		udp(0);
		assert_string_equal(ct_run_frame(h->host, &f), "new");
	}
}

static uint32_t n_shown(void)
{
	struct ox_ctnl_entry e;
	uint32_t n = 0, i;

	for (i = ox_ct_next(m, 0); i != OX_CT_NONE; i = ox_ct_next(m, i + 1))
		n += !ox_ct_view(m, i, &e, NULL);
	return n;
}

static struct ox_ctnl_entry only(void)
{
	struct ox_ctnl_entry e;
	uint32_t i = ox_ct_next(m, 0);

	assert_int_equal(n_shown(), 1);
	/* others may wait for the sweep */
	while (ox_ct_view(m, i, &e, NULL))
		i = ox_ct_next(m, i + 1);
	return e;
}

/* ---- what is shown ---- */

static void shown(void **state)
{
	struct ox_ctnl_entry e;

	(void)state;
	udp(0);
	assert_string_equal(ct_run_frame(h->host, &f), "new");
	e = only();
	assert_int_equal(e.zone, CT_ZONE);
	assert_int_equal(e.tuple[0].l3, AF_INET);
	assert_int_equal(e.tuple[0].proto, IPPROTO_UDP);
	assert_int_equal(e.tuple[0].src[0], htonl(0x0a000001));
	assert_int_equal(e.tuple[0].dst[0], htonl(0x14000001));
	assert_int_equal(e.tuple[0].sport, htons(1000));
	assert_int_equal(e.tuple[0].dport, htons(53));
	assert_int_equal(e.tuple[1].src[0], htonl(0x14000001));
	assert_int_equal(e.tuple[1].sport, htons(53));
	assert_int_equal(e.tuple[1].dport, htons(1000));
	assert_int_equal(e.timeout, 30);
	assert_int_equal(e.status, OX_IPS_CONFIRMED);
	assert_false(e.has & (OX_CTNL_COUNTERS | OX_CTNL_LABELS |
			      OX_CTNL_PROTOINFO | OX_CTNL_MASTER));
	udp(1);
	ct_run_frame(h->host, &f);
	assert_int_equal(only().status, OX_IPS_CONFIRMED | OX_IPS_SEEN_REPLY);
	h->host->now += 10 * CT_HZ + 1;
	assert_int_equal(only().timeout, 19);
	h->host->now += 20 * CT_HZ;
	assert_int_equal(n_shown(), 0);
}

/* The larger address may begin. */
static void shown_swapped(void **state)
{
	struct ox_ctnl_entry e;

	(void)state;
	f.swap = 1;
	f.v6 = 1;
	udp(0);
	ct_run_frame(h->host, &f);
	e = only();
	assert_int_equal(e.tuple[0].l3, AF_INET6);
	assert_int_equal(e.tuple[0].src[3], htonl(2));
	assert_int_equal(e.tuple[0].dst[3], htonl(1));
	assert_int_equal(e.tuple[0].sport, htons(1000));
	assert_int_equal(e.tuple[1].sport, htons(53));
}

static void shown_icmp(void **state)
{
	struct ox_ctnl_entry e;
	uint8_t *l4;

	(void)state;
	for (int i = 0; i < 4; i++) {
		f.v6 = i & 1;
		f.swap = i >> 1;
		f.proto = f.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		l4 = ct_put_ip(&f, 0, 16);
		l4[0] = f.v6 ? 128 : 8;
		ct_put16(l4 + 4, 77);
		assert_string_equal(ct_run_frame(h->host, &f), "new");
		e = only();
		assert_int_equal(e.tuple[0].icmp_type, f.v6 ? 128 : 8);
		assert_int_equal(e.tuple[1].icmp_type, f.v6 ? 129 : 0);
		assert_int_equal(e.tuple[0].sport, htons(77));
		assert_int_equal(e.tuple[1].sport, htons(77));
		assert_int_equal(e.tuple[0].dport, 0);
		assert_int_equal(e.tuple[0].src[f.v6 ? 3 : 0],
				 htonl(f.v6	? (f.swap ? 2 : 1)
				       : f.swap ? 0x14000001
						: 0x0a000001));
		ox_ct_flush_zone(m, CT_ZONE);
	}
}

static void shown_rest(void **state)
{
	struct ox_ctnl_entry e;
	struct ox_ct *c;

	(void)state;
	m->conf->flags |= OX_CT_CONF_ACCT | OX_CT_CONF_TIMESTAMP;
	f.proto = IPPROTO_TCP;
	ct_put_ports(&f, 0, 20)[12] = 0x50;
	f.b[14 + 20 + 13] = SYN;
	assert_string_equal(ct_run_frame(h->host, &f), "new");
	c = ox_ct_mem_at(m, ox_ct_next(m, 0));
	c->labels[3] = 9;
	c->mark = 5;
	c->helper = OX_CT_HELPER_FTP;
	c->tcp.scale = 0x73;
	e = only();
	assert_int_equal(e.has & OX_CTNL_COUNTERS, OX_CTNL_COUNTERS);
	assert_int_equal(e.packets[0], 1);
	assert_int_equal(e.bytes[0], 40);
	assert_int_equal(e.packets[1], 0);
	assert_int_equal(e.has & OX_CTNL_TIMESTAMP, OX_CTNL_TIMESTAMP);
	assert_int_equal(e.has & OX_CTNL_LABELS, OX_CTNL_LABELS);
	assert_int_equal(e.labels[3], 9);
	assert_int_equal(e.mark, 5);
	assert_string_equal(e.helper, "ftp");
	assert_int_equal(e.has & OX_CTNL_PROTOINFO, OX_CTNL_PROTOINFO);
	assert_int_equal(e.proto.state, 1); /* SYN_SENT */
	assert_int_equal(e.proto.wscale[0], 3);
	assert_int_equal(e.proto.wscale[1], 7);
}

/* ---- finding ---- */

/* The tuple of netlink is that of the packet, whichever end is the larger. */
static void tuples_agree(void **state)
{
	struct ox_ct_pkt p;
	struct ox_ct_tuple t;
	struct ox_ctnl_entry e;
	bool from_b;

	(void)state;
	for (int i = 0; i < 8; i++) {
		f.v6 = i & 1;
		f.swap = i >> 1 & 1;
		f.proto = IPPROTO_UDP;
		udp(0);
		if (i >> 2) {
			f.proto = f.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
			ct_put_ip(&f, 0, 16)[0] = f.v6 ? 128 : 8;
		}
		ct_parse_frame(&f, &p);
		ct_run_frame(h->host, &f);
		e = only();
		for (int dir = 0; dir < 2; dir++) {
			assert_int_equal(ox_ct_tuple_make(&e.tuple[dir],
							  CT_ZONE, &t, &from_b),
					 0);
			assert_memory_equal(&t, &p.t, sizeof(t));
			assert_int_equal(from_b, p.from_b != dir);
		}
		ox_ct_flush_zone(m, CT_ZONE);
	}
	e.tuple[0].icmp_type = 3;
	assert_int_equal(ox_ct_tuple_make(&e.tuple[0], 0, &t, &from_b),
			 -EOPNOTSUPP);
}

static void found(void **state)
{
	struct ox_ctnl_which w = { .zone = CT_ZONE };
	struct ox_ctnl_entry e, got;
	uint32_t idx;
	uint16_t gen;

	(void)state;
	udp(0);
	ct_run_frame(h->host, &f);
	e = only();
	for (int dir = 0; dir < 2; dir++) {
		w.tuple = e.tuple[dir];
		assert_int_equal(ox_ct_find(m, &w, &got, &idx, &gen), 0);
		assert_int_equal(got.id, e.id);
		assert_int_equal(idx, ox_ct_next(m, 0));
	}
	w.has_id = true;
	w.id = e.id;
	assert_int_equal(ox_ct_find(m, &w, &got, &idx, &gen), 0);
	w.id++;
	assert_int_equal(ox_ct_find(m, &w, &got, &idx, &gen), -ENOENT);
	w.has_id = false;
	w.zone++;
	assert_int_equal(ox_ct_find(m, &w, &got, &idx, &gen), -ENOENT);
	w.zone--;
	w.tuple.sport++;
	assert_int_equal(ox_ct_find(m, &w, &got, &idx, &gen), -ENOENT);
}

/* Ids of connections that live differ, also of one place's users. */
static void ids(void **state)
{
	struct ox_ctnl_entry e;
	__be32 first;

	(void)state;
	udp(0);
	ct_run_frame(h->host, &f);
	first = only().id;
	h->host->now += 60 * CT_HZ;
	assert_int_equal(ox_ct_host_sweep(h->host), 1);
	ct_run_frame(h->host, &f);
	e = only();
	assert_int_not_equal(e.id, first);
}

/* ---- ending ---- */

static int flush(const struct ox_ctnl_filter *filter)
{
	uint32_t at = 0;
	int rc, turns = 0;

	do {
		rc = ox_ct_flush(m, filter, false, &at);
		turns++;
	} while (rc == -EINPROGRESS);
	assert_int_equal(rc, 0);
	return turns;
}

static void flush_zone(void **state)
{
	struct ox_ctnl_filter filter = { .given = true,
					 .has_zone = true,
					 .zone = CT_ZONE + 1 };

	(void)state;
	many(100);
	assert_int_equal(ox_ct_zone_count(m, CT_ZONE), 100);
	flush(&filter);
	assert_int_equal(n_shown(), 100);
	filter.zone = CT_ZONE;
	flush(&filter);
	assert_int_equal(n_shown(), 0);
	assert_int_equal(ox_ct_count(m), 0);
	/* their places are still taken; new ones are shown, the old not */
	many(3);
	assert_int_equal(n_shown(), 3);
	flush(&(struct ox_ctnl_filter){ 0 });
	assert_int_equal(n_shown(), 0);
}

/* While somebody listens, each one's end is told. */
static void flush_each(void **state)
{
	static struct ox_ct_event told[256];
	struct ox_ctnl_filter filter = { .given = true,
					 .has_zone = true,
					 .zone = CT_ZONE };
	struct ox_ctnl_entry e;
	uint32_t at = 0;

	(void)state;
	h->host->events = told;
	h->host->max_events = 256;
	m->conf->flags |= OX_CT_CONF_LISTEN | OX_CT_CONF_TIMESTAMP;
	many(100);
	h->host->now += CT_HZ;
	h->host->n_events = 0;
	while (ox_ct_flush(m, &filter, true, &at) == -EINPROGRESS)
		;
	assert_int_equal(n_shown(), 0);
	assert_int_equal(ox_ct_next(m, 0), OX_CT_NONE);
	assert_int_equal(h->host->n_events, 100);
	for (int i = 0; i < 100; i++)
		assert_int_equal(told[i].what, OX_CT_EV_DESTROY);
	/* what is told then is of that moment */
	h->host->now += 5 * CT_HZ;
	ox_ct_event_view(m, &told[0], &e);
	assert_int_equal(e.zone, CT_ZONE);
	assert_int_equal(e.timeout, 29);
	assert_int_equal(e.stop_ns - e.start_ns, 1000000000);
	/* of one that was found to be over, its time was before */
	told[0].e.expires = told[0].now - CT_HZ / 2;
	ox_ct_event_view(m, &told[0], &e);
	assert_int_equal(e.timeout, 0);
	assert_int_equal(e.stop_ns - e.start_ns, 500000000);
	h->host->events = NULL;
	h->host->max_events = 0;
}

static void flush_filter(void **state)
{
	struct ox_ctnl_filter filter = { .given = true };

	(void)state;
	many(5000);
	for (uint32_t i = ox_ct_next(m, 0); i != OX_CT_NONE;
	     i = ox_ct_next(m, i + 1))
		ox_ct_mem_at(m, i)->mark = i & 3;
	filter.mark = 2;
	filter.mark_mask = 3;
	assert_true(flush(&filter) > 1);
	assert_int_equal(n_shown(), 3750);
	assert_int_equal(ox_ct_count(m), 3750);
	filter = (struct ox_ctnl_filter){ .given = true, .family = AF_INET6 };
	flush(&filter);
	assert_int_equal(n_shown(), 3750);
	filter.family = AF_INET;
	flush(&filter);
	assert_int_equal(n_shown(), 0);
}

/* ---- making and changing ---- */

static struct ox_ctnl_entry wanted(void)
{
	struct ox_ctnl_entry e = {
		.has = OX_CTNL_TIMEOUT,
		.zone = 3,
		.timeout = 600,
		.mark = 5,
	};

	e.tuple[0] = (struct ox_ctnl_tuple){ .l3 = AF_INET,
					     .proto = IPPROTO_TCP,
					     .src[0] = htonl(0x0a000002),
					     .dst[0] = htonl(0x0a000001),
					     .sport = htons(80),
					     .dport = htons(90) };
	e.tuple[1] = (struct ox_ctnl_tuple){ .l3 = AF_INET,
					     .proto = IPPROTO_TCP,
					     .src[0] = htonl(0x0a000001),
					     .dst[0] = htonl(0x0a000002),
					     .sport = htons(90),
					     .dport = htons(80) };
	return e;
}

static void created(void **state)
{
	struct ox_ctnl_entry e = wanted(), got;

	(void)state;
	e.has |= OX_CTNL_STATUS | OX_CTNL_PROTOINFO;
	e.status = OX_IPS_ASSURED | OX_IPS_SEEN_REPLY;
	e.proto.state = 3;
	e.proto.given = OX_CTNL_PROTO_STATE;
	e.labels[0] = 1;
	assert_int_equal(ox_ct_create(m, &e, &err), 0);
	got = only();
	assert_memory_equal(got.tuple, e.tuple, sizeof(e.tuple));
	assert_int_equal(got.zone, 3);
	assert_int_equal(got.timeout, 600);
	assert_int_equal(got.mark, 5);
	assert_int_equal(got.labels[0], 1);
	assert_int_equal(got.proto.state, 3);
	assert_int_equal(got.status,
			 OX_IPS_CONFIRMED | OX_IPS_ASSURED | OX_IPS_SEEN_REPLY);
	assert_int_equal(ox_ct_zone_count(m, 3), 1);
	assert_int_equal(ox_ct_mem_at(m, ox_ct_next(m, 0))->tp, OX_CT_TP_TCP);
	assert_int_equal(ox_ct_create(m, &e, &err), -EEXIST);
}

static void create_refused(void **state)
{
	struct ox_ctnl_entry e = wanted();

	(void)state;
	e.has = 0;
	assert_int_equal(ox_ct_create(m, &e, &err), -EINVAL);
	e = wanted();
	e.tuple[1].sport++;
	assert_int_equal(ox_ct_create(m, &e, &err), -EOPNOTSUPP);
	e = wanted();
	e.has |= OX_CTNL_HELPER;
	strcpy(e.helper, "sip");
	assert_int_equal(ox_ct_create(m, &e, &err), -EOPNOTSUPP);
	assert_non_null(strstr(err.msg, "sip"));
	e = wanted();
	e.has |= OX_CTNL_STATUS;
	e.status = OX_IPS_DYING;
	assert_int_equal(ox_ct_create(m, &e, &err), -EBUSY);
	e = wanted();
	m->zones[3].flags = OX_CT_ZONE_LIMIT;
	m->zones[3].limit = 1;
	assert_int_equal(ox_ct_create(m, &e, &err), 0);
	e.tuple[0].sport = e.tuple[1].dport = htons(81);
	assert_int_equal(ox_ct_create(m, &e, &err), -ENOMEM);
	assert_int_equal(n_shown(), 1);
	assert_int_equal(ox_ct_count(m), 1);
}

static int update(const struct ox_ctnl_entry *e, const struct ox_ct_masks *mk)
{
	uint32_t idx = ox_ct_next(m, 0);
	struct ox_ctnl_entry old;
	uint16_t gen;

	assert_int_equal(ox_ct_view(m, idx, &old, &gen), 0);
	return ox_ct_update(m, idx, gen, &old, e, mk, &err);
}

static void updated(void **state)
{
	struct ox_ct_masks mk;
	struct ox_ctnl_entry e = wanted(), got;

	(void)state;
	memset(&mk, 0xff, sizeof(mk));
	e.mark = 0x55;
	e.labels[0] = 0xf0;
	assert_int_equal(ox_ct_create(m, &e, &err), 0);
	e.has = OX_CTNL_MARK;
	e.mark = 0x0a;
	mk.mark = 0x0f;
	assert_int_equal(update(&e, &mk), 0);
	got = only();
	assert_int_equal(got.mark, 0x5a);
	assert_int_equal(got.timeout, 600);
	e.has = OX_CTNL_LABELS;
	memset(mk.labels, 0, sizeof(mk.labels));
	mk.labels[0] = 0x30;
	e.labels[0] = 0x10;
	assert_int_equal(update(&e, &mk), 0);
	assert_int_equal(only().labels[0], 0xd0);
	e.has = OX_CTNL_TIMEOUT | OX_CTNL_STATUS;
	e.timeout = 50;
	e.status = OX_IPS_CONFIRMED | OX_IPS_ASSURED | OX_IPS_FIXED_TIMEOUT;
	assert_int_equal(update(&e, &mk), 0);
	got = only();
	assert_int_equal(got.timeout, 50);
	assert_int_equal(got.status, e.status);
	/* a timeout that is fixed stays; ASSURED can't be taken away */
	assert_int_equal(update(&e, &mk), -EPERM);
	e.has = OX_CTNL_STATUS;
	e.status = OX_IPS_CONFIRMED;
	assert_int_equal(update(&e, &mk), -EBUSY);
	e.status = OX_IPS_ASSURED;
	assert_int_equal(update(&e, &mk), -EBUSY);
	e.has = OX_CTNL_HELPER;
	strcpy(e.helper, "ftp");
	assert_int_equal(update(&e, &mk), -EOPNOTSUPP);
	assert_int_equal(only().status, got.status);
}

/* ---- policies ---- */

static struct ox_ctnl_timeout policy(const char *name)
{
	struct ox_ctnl_timeout t = { .l3 = AF_INET, .l4 = IPPROTO_UDP };

	strcpy(t.name, name);
	t.given = 1;
	t.seconds[0] = 7;
	return t;
}

static void policies(void **state)
{
	struct ox_ctnl_timeout t = policy("one"), got;
	uint16_t at;

	(void)state;
	assert_int_equal(ox_ct_policy_set(m, &t, true, false, &err), 0);
	assert_int_equal(ox_ct_policy_set(m, &t, true, false, &err), -EEXIST);
	assert_int_equal(ox_ct_policy_set(m, &t, false, false, &err), -EBUSY);
	at = ox_ct_policy_find(m, "one", AF_INET, IPPROTO_UDP);
	assert_true(at >= OX_CT_TP_DEFAULTS);
	assert_int_equal(ox_ct_policy_find(m, "one", 0, IPPROTO_UDP), at);
	assert_int_equal(ox_ct_policy_find(m, "one", AF_INET6, IPPROTO_UDP), 0);
	assert_int_equal(ox_ct_policy_find(m, "one", 0, IPPROTO_TCP), 0);
	assert_int_equal(ox_ct_policy_find(m, "on", 0, IPPROTO_UDP), 0);
	ox_ct_policy_view(m, at, &users, &got);
	assert_string_equal(got.name, "one");
	assert_int_equal(got.seconds[0], 7);
	assert_int_equal(got.seconds[1], 120);
	assert_int_equal(got.use, 1);
	/* nothing of the old one stays */
	t.given = 2;
	t.seconds[1] = 9;
	assert_int_equal(ox_ct_policy_set(m, &t, false, true, &err), 0);
	ox_ct_policy_view(m, at, &users, &got);
	assert_int_equal(got.seconds[0], 30);
	assert_int_equal(got.seconds[1], 9);
	t.l4 = IPPROTO_TCP;
	assert_int_equal(ox_ct_policy_set(m, &t, false, true, &err), -EINVAL);
}

static void policies_deleted(void **state)
{
	struct ox_ctnl_timeout t = policy("one");
	struct ox_ct *e;
	uint16_t at;

	(void)state;
	assert_int_equal(ox_ct_policy_set(m, &t, true, false, &err), 0);
	t = policy("two");
	assert_int_equal(ox_ct_policy_set(m, &t, true, false, &err), 0);
	at = ox_ct_policy_named(m, "one");
	assert_int_equal(ox_ct_policy_next(m, 0), at);
	assert_int_equal(ox_ct_policy_next(m, at + 1),
			 ox_ct_policy_named(m, "two"));
	many(1);
	e = ox_ct_mem_at(m, ox_ct_next(m, 0));
	e->tp = at;
	users.n[at] = 2;
	assert_int_equal(ox_ct_policy_del(m, "one", &users, &err), -EBUSY);
	assert_non_null(strstr(err.msg, "one"));
	assert_int_equal(ox_ct_policy_del(m, NULL, &users, &err), 0);
	assert_int_equal(ox_ct_policy_named(m, "one"), at);
	assert_int_equal(ox_ct_policy_named(m, "two"), 0);
	assert_int_equal(ox_ct_policy_del(m, "two", &users, &err), -ENOENT);
	users.n[at] = 0;
	assert_int_equal(ox_ct_policy_del(m, "one", &users, &err), 0);
	assert_int_equal(ox_ct_policy_next(m, 0), 0);
	/* no entry keeps the place */
	assert_int_not_equal(e->tp, at);
}

static void defaults(void **state)
{
	struct ox_ctnl_timeout t = { .l3 = AF_INET, .l4 = IPPROTO_TCP };

	(void)state;
	ox_ct_default_view(m, &t);
	assert_int_equal(t.seconds[3], 432000);
	t.given = 1 << 3;
	t.seconds[3] = UINT32_MAX;
	ox_ct_default_set(m, &t);
	assert_true(m->tps[OX_CT_TP_TCP].timeout[3] <= INT32_MAX);
	t.seconds[3] = 600;
	ox_ct_default_set(m, &t);
	assert_int_equal(m->tps[OX_CT_TP_TCP].timeout[3], 600 * CT_HZ);
	assert_int_equal(m->tps[OX_CT_TP_TCP].timeout[4], 120 * CT_HZ);
	/* 255: all protocols without timeouts of their own */
	t = (struct ox_ctnl_timeout){ .l3 = AF_INET, .l4 = 255 };
	ox_ct_default_view(m, &t);
	assert_int_equal(t.seconds[0], 600);
}

/* Packets of the policy's protocols get its timeouts, others don't. */
static void policies_used(void **state)
{
	struct ox_ctnl_timeout t = policy("one");
	uint16_t at;
	static const struct {
		uint8_t v6, proto;
		uint32_t timeout;
	} cases[] = {
		{ 0, IPPROTO_UDP, 7 },
		{ 1, IPPROTO_UDP, 30 },
		{ 0, 99, 600 },
	};

	(void)state;
	assert_int_equal(ox_ct_policy_set(m, &t, true, false, &err), 0);
	at = ox_ct_policy_named(m, "one");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ox_ct_run r = { .now = h->host->now, .tp = at };

		f.v6 = cases[i].v6;
		f.proto = cases[i].proto;
		udp(0);
		ct_parse_frame(&f, &r.p);
		assert_int_equal(ox_ct_host_in(h->host, &r), 0);
		assert_int_equal(ox_ct_host_commit(h->host, &r), 0);
		assert_int_equal(only().timeout, cases[i].timeout);
		ox_ct_flush_zone(m, CT_ZONE);
	}
}

static void policies_full(void **state)
{
	struct ox_ctnl_timeout t = policy("x");

	(void)state;
	for (int i = OX_CT_TP_DEFAULTS; i < OX_CT_TPS; i++) {
		sprintf(t.name, "p%d", i);
		assert_int_equal(ox_ct_policy_set(m, &t, true, false, &err), 0);
	}
	strcpy(t.name, "y");
	assert_int_equal(ox_ct_policy_set(m, &t, true, false, &err), -ENOSPC);
	assert_int_equal(ox_ct_policy_del(m, NULL, &users, &err), 0);
	assert_int_equal(ox_ct_policy_next(m, 0), 0);
}

/* ---- limits ---- */

static void limits(void **state)
{
	struct ox_ct_limit l = { .zone = CT_ZONE, .limit = 2 };

	(void)state;
	assert_int_equal(ox_ct_limit_next_zone(m, 0), -1);
	ox_ct_limit_set(m, &l);
	many(2);
	f.port[0] = 9;
	udp(0);
	assert_string_equal(ct_run_frame(h->host, &f), "!");
	ox_ct_limit_view(m, CT_ZONE, &l);
	assert_int_equal(l.limit, 2);
	assert_int_equal(l.count, 2);
	l = (struct ox_ct_limit){ .zone = OX_CT_LIMIT_DEFAULT, .limit = 3 };
	ox_ct_limit_set(m, &l);
	assert_int_equal(ox_ct_limit_next_zone(m, 0), CT_ZONE);
	assert_int_equal(ox_ct_limit_next_zone(m, CT_ZONE + 1), -1);
	/* the default holds where there is no other */
	ox_ct_limit_del(m, CT_ZONE);
	ox_ct_limit_view(m, CT_ZONE, &l);
	assert_int_equal(l.limit, 3);
	assert_string_equal(ct_run_frame(h->host, &f), "new");
	f.port[0] = 10;
	udp(0);
	assert_string_equal(ct_run_frame(h->host, &f), "!");
	ox_ct_limit_del(m, OX_CT_LIMIT_DEFAULT);
	assert_string_equal(ct_run_frame(h->host, &f), "new");
	ox_ct_limit_view(m, OX_CT_LIMIT_DEFAULT, &l);
	assert_int_equal(l.limit, 0);
	/* 0 of its own: no limit, whatever the default is */
	l = (struct ox_ct_limit){ .zone = CT_ZONE, .limit = 0 };
	ox_ct_limit_set(m, &l);
	l = (struct ox_ct_limit){ .zone = OX_CT_LIMIT_DEFAULT, .limit = 1 };
	ox_ct_limit_set(m, &l);
	f.port[0] = 11;
	udp(0);
	assert_string_equal(ct_run_frame(h->host, &f), "new");
}

#define CASE(id, fn) OX_TEST_WITH("unit.conntrack." id, fn, setup, teardown)

static const struct CMUnitTest tests[] = {
	CASE("shown", shown),
	CASE("shown_swapped", shown_swapped),
	CASE("shown_icmp", shown_icmp),
	CASE("shown_rest", shown_rest),
	CASE("tuples_agree", tuples_agree),
	CASE("found", found),
	CASE("ids", ids),
	CASE("flush_zone", flush_zone),
	CASE("flush_each", flush_each),
	CASE("flush_filter", flush_filter),
	CASE("created", created),
	CASE("create_refused", create_refused),
	CASE("updated", updated),
	CASE("policies", policies),
	CASE("policies_deleted", policies_deleted),
	CASE("policies_full", policies_full),
	CASE("policies_used", policies_used),
	CASE("defaults", defaults),
	CASE("limits", limits),
};

OX_TEST_MAIN(tests)
