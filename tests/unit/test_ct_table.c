// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_table.c - the table of connections: tuples, places, clashes, expiry,
 * early drop, zones with their limits and flushes.
 */
#include "tests/lib/test.h"

#include "tests/unit/ct_make.h"

#define MAX 1024

static struct ox_ct_host_mem *m;
static struct ct_frame f;

static int setup(void **state)
{
	(void)state;
	m = ox_ct_host_open(MAX, CT_HZ);
	assert_non_null(m);
	m->now = 0xffffffff - 10 * CT_HZ;
	f = (struct ct_frame){ .proto = IPPROTO_UDP, .port = { 1024, 53 } };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ox_ct_host_close(m);
	return 0;
}

static void make_udp(int from)
{
	uint8_t *l4 = ct_put_ports(&f, from, 8);

	ct_put16(l4 + 4, 8);
}

static const char *udp(int from)
{
	make_udp(from);
	return ct_run_frame(m, &f);
}

static uint32_t n_claimed(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < MAX / 64; i++)
		n += __builtin_popcountll(m->bits[i]);
	return n;
}

/* Nothing is left of anything. */
static void assert_empty(void)
{
	static const struct ox_ct_bucket none;

	assert_int_equal(n_claimed(), 0);
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 0);
	for (uint32_t i = 0; i < m->conf->n_buckets; i++) {
		assert_memory_equal(m->bkts[i].ref, none.ref, sizeof(none.ref));
		assert_memory_equal(m->bkts[i].lanes, none.lanes,
				    sizeof(none.lanes));
	}
}

/* Both directions are one tuple, whichever end is the larger one. */
static void both_ends(void **state)
{
	(void)state;
	for (int swap = 0; swap < 2; swap++) {
		f.swap = swap;
		f.port[0]++;
		assert_string_equal(udp(0), "new");
		assert_string_equal(udp(0), "new");
		assert_string_equal(udp(1), "est|rpl");
		assert_string_equal(udp(0), "est");
	}
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 2);
}

/* An end that talks to itself: nf finds its original tuple first. */
static void to_itself(void **state)
{
	uint8_t *l4;

	(void)state;
	f.port[1] = f.port[0];
	for (int i = 0; i < 3; i++) {
		l4 = ct_put_ports(&f, 0, 8);
		ct_put16(l4 + 4, 8);
		memcpy(f.b + 30, f.b + 26, 4);
		/* as nf_conntrack, which finds the answers' tuple first */
		assert_string_equal(ct_run_frame(m, &f), i ? "est|rpl" : "new");
	}
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 1);
}

static void zones_are_apart(void **state)
{
	struct ox_host_pkt pkt = { .data = f.b };
	struct ox_ct_pkt p;

	(void)state;
	assert_string_equal(udp(0), "new");
	pkt.len = f.len;
	assert_int_equal(ox_ct_host_parse(&pkt, CT_ZONE + 1, &p), 0);
	assert_null(ox_ct_host_find(m, &p));
}

/* As many as the table has places, and the same number again. */
static void full(void **state)
{
	uint32_t i, round;

	(void)state;
	for (round = 0; round < 2; round++) {
		for (i = 0; i < MAX; i++) {
			f.port[0] = 1000 + i;
			assert_string_equal(udp(0), "new");
		}
		assert_int_equal(n_claimed(), MAX);
		for (i = 0; i < MAX; i++) {
			f.port[0] = 1000 + i;
			assert_string_equal(udp(1), "est|rpl");
		}
		m->now += 31 * CT_HZ;
		assert_null(ct_entry(m, &f));
		assert_int_equal(ox_ct_host_sweep(m), MAX);
		assert_empty();
	}
	assert_int_equal(m->stats.n[OX_CT_S_EARLY_DROP], 0);
}

/* More than its bucket has room for: an entry goes on to the next ones, and is
 * found there; when it goes, nothing of it stays. */
static void overflow(void **state)
{
	uint32_t i;

	(void)state;
	m->conf->n_buckets = 128;
	for (i = 0; i < 600; i++) {
		f.port[0] = 1000 + i;
		assert_string_equal(udp(0), "new");
	}
	for (i = 0; i < 600; i++) {
		f.port[0] = 1000 + i;
		assert_string_equal(udp(1), "est|rpl");
	}
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 600);
	m->now += 31 * CT_HZ;
	assert_int_equal(ox_ct_host_sweep(m), 600);
	assert_empty();
}

/* A table that is full gives up who isn't assured, and no one else. */
static void early_drop(void **state)
{
	uint32_t i, n = 0;

	(void)state;
	for (i = 0; i < MAX; i++) {
		f.port[0] = 1000 + i;
		assert_string_equal(udp(0), "new");
	}
	for (i = 0; i < 100; i++) {
		f.port[0] = 5000 + i;
		n += !strcmp(udp(0), "new");
	}
	assert_int_equal(n, 100);
	assert_int_equal(m->stats.n[OX_CT_S_EARLY_DROP], 100);
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), MAX);
	for (i = 0; i < MAX; i++)
		m->ents[i].status |= OX_IPS_ASSURED;
	f.port[0] = 6000;
	assert_string_equal(udp(0), "!");
	assert_int_equal(m->stats.n[OX_CT_S_DROP], 1);
	assert_int_equal(n_claimed(), MAX);
	/* those whose time has come go in any case */
	m->now += 31 * CT_HZ;
	assert_string_equal(udp(0), "new");
}

static void limits(void **state)
{
	struct ox_ct_zone *z = &m->zones[CT_ZONE];
	uint32_t i;

	(void)state;
	m->conf->default_limit = 3;
	for (i = 0; i < 5; i++) {
		f.port[0] = 1000 + i;
		assert_string_equal(udp(0), i < 3 ? "new" : "!");
	}
	assert_int_equal(m->stats.n[OX_CT_S_LIMIT], 2);
	z->limit = 4;
	z->flags = OX_CT_ZONE_LIMIT;
	assert_string_equal(udp(0), "new");
	f.port[0]++;
	assert_string_equal(udp(0), "!");
	z->limit = 0; /* none */
	assert_string_equal(udp(0), "new");
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 5);
	/* who is in already isn't asked */
	z->limit = 1;
	assert_string_equal(udp(1), "est|rpl");
}

/* A flush is seen at once; what is committed after it stays. */
static void flush(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 100; i++) {
		f.port[0] = 1000 + i;
		assert_string_equal(udp(0), "new");
	}
	assert_int_equal(ox_ct_host_flush(m, CT_ZONE + 1), 0);
	assert_int_equal(ox_ct_host_flush(m, CT_ZONE), 100);
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 0);
	assert_int_equal(ox_ct_host_flush(m, CT_ZONE), 0);
	/* the first half begins again, and takes the places of its old ones */
	for (i = 0; i < 50; i++) {
		f.port[0] = 1000 + i;
		make_udp(0);
		assert_null(ct_entry(m, &f));
		assert_string_equal(udp(0), "new");
	}
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 50);
	assert_int_equal(ox_ct_host_sweep(m), 50);
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 50);
	assert_int_equal(n_claimed(), 50);
}

/* More flushes than a generation counts. */
static void many_flushes(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 70000; i++) {
		assert_string_equal(udp(0), "new");
		assert_int_equal(ox_ct_host_flush(m, CT_ZONE), 1);
	}
	assert_null(ct_entry(m, &f));
	assert_int_equal(n_claimed(), 1);
}

/* Another one commits the same connection between a packet's tracking and its
 * own commit: UDP takes that, TCP is dropped. */
static void clash(void **state)
{
	struct ox_ct_run a = { .now = m->now }, b = { .now = m->now };

	(void)state;
	udp(0);
	ox_ct_host_flush(m, CT_ZONE);
	ox_ct_host_sweep(m);
	ct_parse_frame(&f, &a.p);
	b.p = a.p;
	assert_int_equal(ox_ct_host_in(m, &a), 0);
	assert_int_equal(ox_ct_host_in(m, &b), 0);
	assert_true(a.made && b.made);
	assert_int_equal(ox_ct_host_commit(m, &a), 0);
	assert_int_equal(ox_ct_host_commit(m, &b), 0);
	assert_int_equal(a.idx, b.idx);
	assert_int_equal(m->stats.n[OX_CT_S_CLASH], 1);
	assert_int_equal(n_claimed(), 1);
	/* from the other end it is another connection */
	make_udp(1);
	ct_parse_frame(&f, &b.p);
	ox_ct_host_flush(m, CT_ZONE);
	assert_int_equal(ox_ct_host_in(m, &b), 0);
	a.now = b.now = m->now;
	assert_true(b.made);
	udp(0);
	assert_true(ox_ct_host_commit(m, &b) != 0);
	assert_int_equal(m->stats.n[OX_CT_S_INSERT_FAILED], 1);
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 1);
}

/* Two-way for two seconds is a stream: assured, and lives longer. */
static void udp_stream(void **state)
{
	struct ox_ct *e;

	(void)state;
	udp(0);
	udp(1);
	udp(0);
	e = ct_entry(m, &f);
	assert_non_null(e);
	assert_int_equal(ct_left(m, e), 30);
	assert_false(e->status & OX_IPS_ASSURED);
	m->now += 2001;
	udp(1);
	assert_int_equal(ct_left(m, e), 120);
	assert_true(e->status & OX_IPS_ASSURED);
}

/* The module takes no lock for these; a packet that moves only the time of its
 * connection takes none here. */
static void steady_no_lock(void **state)
{
	struct ox_ct *e;
	uint32_t locks;

	(void)state;
	udp(0);
	e = ct_entry(m, &f);
	locks = m->locks;
	for (int i = 0; i < 3; i++) {
		m->now += 10 * CT_HZ;
		assert_string_equal(udp(0), "new");
		assert_int_equal(ct_left(m, e), 30);
	}
	assert_int_equal(m->locks, locks);
	/* the first answer, and the stream's begin, are for the lock */
	assert_string_equal(udp(1), "est|rpl");
	assert_int_equal(m->locks, locks + 1);
	assert_int_equal(ct_left(m, e), 30);
	assert_string_equal(udp(0), "est");
	assert_int_equal(ct_left(m, e), 120);
	assert_int_equal(m->locks, locks + 2);
	assert_true(e->status & OX_IPS_ASSURED);
	for (int i = 0; i < 4; i++) {
		m->now += 50 * CT_HZ;
		assert_string_equal(udp(i & 1), i & 1 ? "est|rpl" : "est");
		assert_int_equal(ct_left(m, e), 120);
	}
	assert_int_equal(m->locks, locks + 2);
	/* a time that is fixed stays */
	e->status |= OX_IPS_FIXED_TIMEOUT;
	m->now += 7 * CT_HZ;
	udp(0);
	assert_int_equal(ct_left(m, e), 113);
	assert_int_equal(m->locks, locks + 2);
	e->status &= ~OX_IPS_FIXED_TIMEOUT;
	/* counters belong to the entry */
	m->conf->flags |= OX_CT_CONF_ACCT;
	udp(0);
	assert_int_equal(e->packets[0], 1);
	assert_int_equal(m->locks, locks + 3);
}

/* ---- ICMP ---- */

static const char *icmp(int from, uint8_t type, uint8_t code, uint16_t id)
{
	uint8_t *l4;

	f.proto = f.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	l4 = ct_put_ip(&f, from, 8);
	l4[0] = type;
	l4[1] = code;
	ct_put16(l4 + 4, id);
	return ct_run_frame(m, &f);
}

static void icmp_queries(void **state)
{
	static const uint8_t asks[] = { 8, 13, 15, 17 };

	(void)state;
	for (size_t i = 0; i < sizeof(asks); i++) {
		uint8_t answer = asks[i] == 8 ? 0 : asks[i] + 1;

		assert_string_equal(icmp(1, answer, 0, i), "inv");
		assert_string_equal(icmp(0, asks[i], 0, i), "new");
		assert_string_equal(icmp(1, answer, 0, i), "est|rpl");
		assert_string_equal(icmp(0, asks[i], 0, i), "est");
		/* other id, other code: another one */
		assert_string_equal(icmp(1, answer, 0, 99), "inv");
		assert_string_equal(icmp(1, answer, 1, i), "inv");
		/* the other end asks with the same id */
		assert_string_equal(icmp(1, asks[i], 0, i), "new");
	}
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 8);
	for (int type = 1; type < 256; type++)
		if (!strchr("\x08\x0d\x0e\x0f\x10\x11\x12", type))
			assert_string_equal(icmp(0, type, 0, 50), "inv");
}

/* A host that pings itself: the answer is one, between equal addresses. */
static void icmp_to_itself(void **state)
{
	static const uint8_t types[] = { 8, 0, 8 };
	static const char *const what[] = { "new", "est|rpl", "est" };

	(void)state;
	f.proto = IPPROTO_ICMP;
	for (int i = 0; i < 3; i++) {
		ct_put_ip(&f, 0, 8)[0] = types[i];
		memcpy(f.b + 30, f.b + 26, 4);
		assert_string_equal(ct_run_frame(m, &f), what[i]);
	}
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 1);
}

static void icmpv6_queries(void **state)
{
	(void)state;
	f.v6 = 1;
	assert_string_equal(icmp(0, 128, 0, 1), "new");
	assert_string_equal(icmp(1, 129, 0, 1), "est|rpl");
	assert_string_equal(icmp(0, 139, 0, 1), "new");
	assert_string_equal(icmp(1, 140, 0, 1), "est|rpl");
	assert_string_equal(icmp(1, 129, 0, 2), "inv");
	/* neighbour discovery and multicast listeners aren't tracked */
	for (int type = 130; type < 138; type++)
		assert_string_equal(icmp(0, type, 0, 3), "inv");
}

/* An error about a packet of end 0, to the end that "to" is. */
static const char *icmp_error(uint8_t type, int to)
{
	struct ct_frame inner = f, out = { .v6 = f.v6, .swap = f.swap };
	uint32_t n = inner.len - 14;
	uint8_t *l4;

	out.proto = f.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	l4 = ct_put_ip(&out, !to, 8 + n);
	l4[0] = type;
	memcpy(l4 + 8, inner.b + 14, n);
	return ct_run_frame(m, &out);
}

static void icmp_errors(void **state)
{
	static const uint8_t types[] = { 3, 4, 5, 11, 12 };

	(void)state;
	udp(0);
	udp(1);
	udp(0);
	for (size_t i = 0; i < sizeof(types); i++) {
		udp(0);
		assert_string_equal(icmp_error(types[i], 0), "rel|rpl");
		/* not to who sent the packet */
		assert_string_equal(icmp_error(types[i], 1), "inv");
		udp(1);
		assert_string_equal(icmp_error(types[i], 1), "rel");
	}
	f.port[0]++;
	make_udp(0);
	assert_string_equal(icmp_error(3, 0), "inv");
	f.v6 = 1;
	udp(0);
	assert_string_equal(icmp_error(1, 0), "rel|rpl");
	/* about a ping */
	f.v6 = 0;
	icmp(0, 8, 0, 7);
	assert_string_equal(icmp_error(3, 0), "rel|rpl");
	icmp(1, 0, 0, 7);
	assert_string_equal(icmp_error(3, 1), "rel");
}

/* ---- others ---- */

static const char *other(int from, uint8_t proto)
{
	f.proto = proto;
	ct_put_ip(&f, from, 8);
	return ct_run_frame(m, &f);
}

static void other_protocols(void **state)
{
	(void)state;
	assert_string_equal(other(0, 99), "new");
	assert_int_equal(ct_left(m, ct_entry(m, &f)), 600);
	assert_string_equal(other(1, 99), "est|rpl");
	assert_string_equal(other(0, IPPROTO_GRE), "new");
	assert_int_equal(ct_left(m, ct_entry(m, &f)), 30);
	other(1, IPPROTO_GRE);
	assert_string_equal(other(0, IPPROTO_GRE), "est");
	assert_int_equal(ct_left(m, ct_entry(m, &f)), 180);
	assert_true(ct_entry(m, &f)->status & OX_IPS_ASSURED);
}

/* PPTP: each direction has the other end's call id, so they are two. */
static void gre_calls(void **state)
{
	uint8_t *l4;

	(void)state;
	f.proto = IPPROTO_GRE;
	for (int call = 1; call < 3; call++) {
		l4 = ct_put_ip(&f, 0, 8);
		l4[0] = 0x30;
		l4[1] = 1;
		ct_put16(l4 + 2, 0x880b);
		ct_put16(l4 + 6, call);
		assert_string_equal(ct_run_frame(m, &f), "new");
	}
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 2);
	ct_put16(l4 + 2, 0x0800);
	assert_string_equal(ct_run_frame(m, &f), "inv");
}

static void bad_udp(void **state)
{
	uint8_t *l4;

	(void)state;
	l4 = ct_put_ports(&f, 0, 8);
	ct_put16(l4 + 4, 9);
	assert_string_equal(ct_run_frame(m, &f), "inv");
	ct_put16(l4 + 4, 7);
	assert_string_equal(ct_run_frame(m, &f), "inv");
	f.len += 4; /* padding of the frame isn't the packet's */
	ct_put16(l4 + 4, 8);
	assert_string_equal(ct_run_frame(m, &f), "new");
	f.proto = 136;
	l4 = ct_put_ports(&f, 0, 8);
	ct_put16(l4 + 6, 0); /* UDPlite without a checksum */
	assert_string_equal(ct_run_frame(m, &f), "inv");
	ct_put16(l4 + 6, 1);
	assert_string_equal(ct_run_frame(m, &f), "new");
}

static void counters(void **state)
{
	struct ox_ct *e;

	(void)state;
	m->conf->flags |= OX_CT_CONF_ACCT;
	udp(0);
	udp(1);
	udp(1);
	e = ct_entry(m, &f);
	assert_non_null(e);
	assert_int_equal(e->packets[0], 1);
	assert_int_equal(e->packets[1], 2);
	assert_int_equal(e->bytes[1], 56);
}

#define CASE(name) OX_TEST_WITH("unit.ct_table." #name, name, setup, teardown)

static const struct CMUnitTest tests[] = {
	CASE(both_ends),    CASE(to_itself),	   CASE(zones_are_apart),
	CASE(full),	    CASE(overflow),	   CASE(early_drop),
	CASE(limits),	    CASE(flush),	   CASE(many_flushes),
	CASE(clash),	    CASE(udp_stream),	   CASE(steady_no_lock),
	CASE(icmp_queries), CASE(icmp_to_itself),  CASE(icmpv6_queries),
	CASE(icmp_errors),  CASE(other_protocols), CASE(gre_calls),
	CASE(bad_udp),	    CASE(counters),
};

OX_TEST_MAIN(tests)
