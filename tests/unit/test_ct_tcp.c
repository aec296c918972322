// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_tcp.c - TCP through connection tracking, by hand: what the comments
 * of nf_conntrack_proto_tcp.c say, one case each. test_ct_oracle.c compares at
 * random with the kernel.
 */
#include "tests/lib/test.h"

#include "tests/unit/ct_make.h"

static struct ox_ct_host_mem *m;
static struct ct_frame f;

/* A segment of an end. */
static const char *seg(int from, uint8_t flags, uint32_t seq, uint32_t ack,
		       uint32_t len)
{
	uint8_t *t = ct_put_ports(&f, from, 20 + len);

	ct_put32(t + 4, seq);
	ct_put32(t + 8, ack);
	t[12] = 5 << 4;
	t[13] = flags;
	ct_put16(t + 14, 1000);
	return ct_run_frame(m, &f);
}

/* A SYN with or without ACK that offers a scale. */
static const char *syn(int from, uint8_t flags, uint32_t seq, uint32_t ack,
		       int scale)
{
	uint8_t *t = ct_put_ports(&f, from, 28);

	ct_put32(t + 4, seq);
	ct_put32(t + 8, ack);
	t[12] = 7 << 4;
	t[13] = flags;
	ct_put16(t + 14, 1000);
	t[20] = 1;
	t[21] = 3;
	t[22] = 3;
	t[23] = scale;
	t[24] = 1;
	t[25] = 1;
	t[26] = 4;
	t[27] = 2;
	return ct_run_frame(m, &f);
}

static const struct ox_ct *entry(void)
{
	return ct_entry(m, &f);
}

/* State and seconds that are left; "-": no entry. */
#define want(state, seconds)                                       \
	do {                                                       \
		const struct ox_ct *e_ = entry();                  \
                                                                   \
		assert_non_null(e_);                               \
		assert_int_equal(e_->proto_state, OX_TCP_##state); \
		assert_int_equal(ct_left(m, e_), seconds);         \
	} while (0)
enum {
	OX_TCP_SYN_SENT = 1,
	OX_TCP_SYN_RECV,
	OX_TCP_ESTABLISHED,
	OX_TCP_FIN_WAIT,
	OX_TCP_CLOSE_WAIT,
	OX_TCP_LAST_ACK,
	OX_TCP_TIME_WAIT,
	OX_TCP_CLOSE,
	OX_TCP_SYN_SENT2,
};

static void handshake(void)
{
	assert_string_equal(seg(0, SYN, 100, 0, 0), "new");
	assert_string_equal(seg(1, SYN | ACK, 500, 101, 0), "est|rpl");
	assert_string_equal(seg(0, ACK, 101, 501, 0), "est");
}

static void whole_life(void **state)
{
	(void)state;
	assert_string_equal(seg(0, SYN, 100, 0, 0), "new");
	want(SYN_SENT, 120);
	assert_string_equal(seg(1, SYN | ACK, 500, 101, 0), "est|rpl");
	want(SYN_RECV, 60);
	assert_false(entry()->status & OX_IPS_ASSURED);
	assert_string_equal(seg(0, ACK, 101, 501, 0), "est");
	want(ESTABLISHED, 432000);
	assert_true(entry()->status & OX_IPS_ASSURED);
	assert_string_equal(seg(0, FIN | ACK, 101, 501, 0), "est");
	want(FIN_WAIT, 120);
	assert_string_equal(seg(1, ACK, 501, 102, 0), "est|rpl");
	want(CLOSE_WAIT, 60);
	assert_string_equal(seg(1, FIN | ACK, 501, 102, 0), "est|rpl");
	want(LAST_ACK, 30);
	assert_string_equal(seg(0, ACK, 102, 502, 0), "est");
	want(TIME_WAIT, 120);
}

/* Data that isn't acknowledged shortens the time. */
static void unacknowledged(void **state)
{
	(void)state;
	handshake();
	assert_string_equal(seg(0, ACK | PSH, 101, 501, 50), "est");
	want(ESTABLISHED, 300);
	assert_string_equal(seg(1, ACK, 501, 151, 0), "est|rpl");
	want(ESTABLISHED, 432000);
}

/* The same ACK three times is a sign of loss. */
static void retransmits(void **state)
{
	int i;

	(void)state;
	handshake();
	for (i = 0; i < 2; i++) {
		assert_string_equal(seg(0, ACK, 101, 501, 0), "est");
		want(ESTABLISHED, 432000);
	}
	assert_string_equal(seg(0, ACK, 101, 501, 0), "est");
	want(ESTABLISHED, 300);
}

static void syn_again(void **state)
{
	(void)state;
	assert_string_equal(seg(0, SYN, 100, 0, 0), "new");
	m->now += 50 * CT_HZ;
	assert_string_equal(seg(0, SYN, 100, 0, 0), "new");
	want(SYN_SENT, 70);
}

static void only_a_reset(void **state)
{
	(void)state;
	assert_string_equal(seg(0, SYN, 100, 0, 0), "new");
	assert_string_equal(seg(1, RST | ACK, 0, 101, 0), "est|rpl");
	assert_null(entry());
}

static void bad_flags(void **state)
{
	static const uint8_t flags[] = {
		0,   FIN,	SYN | FIN, SYN | RST,	   FIN | URG,
		PSH, RST | FIN, URG,	   SYN | ACK | FIN
	};
	size_t i;

	(void)state;
	handshake();
	for (i = 0; i < sizeof(flags); i++)
		assert_string_equal(seg(0, flags[i], 101, 501, 0), "inv");
	/* ECE, CWR and PSH don't matter */
	assert_string_equal(seg(0, ACK | PSH | 0xc0, 101, 501, 0), "est");
	want(ESTABLISHED, 432000);
}

static void out_of_window(void **state)
{
	(void)state;
	handshake();
	assert_string_equal(seg(0, ACK, 101 + 200000, 501, 0), "inv");
	/* acknowledges what wasn't sent */
	assert_string_equal(seg(0, ACK, 101, 502, 0), "inv");
	/* old ones are only ignored */
	m->now += CT_HZ;
	assert_string_equal(seg(0, ACK, 101 - 200000, 501, 0), "est");
	want(ESTABLISHED, 431999);
	m->conf->flags |= OX_CT_CONF_LIBERAL;
	assert_string_equal(seg(0, ACK, 101 + 200000, 501, 0), "est");
}

/* As the module: established connections aren't held to their window. */
static void liberal_when_established(void **state)
{
	(void)state;
	m->conf->flags |= OX_CT_CONF_EST_LIBERAL;
	assert_string_equal(seg(0, SYN, 100, 0, 0), "new");
	assert_string_equal(seg(1, SYN | ACK, 500, 101, 0), "est|rpl");
	assert_string_equal(seg(0, ACK, 101 + 200000, 501, 0), "inv");
	assert_string_equal(seg(0, ACK, 101, 501, 0), "est");
	assert_string_equal(seg(0, ACK, 101 + 200000, 501, 0), "est");
}

static void scaling(void **state)
{
	(void)state;
	assert_string_equal(syn(0, SYN, 100, 0, 7), "new");
	assert_string_equal(syn(1, SYN | ACK, 500, 101, 20), "est|rpl");
	assert_int_equal(entry()->tcp.scale, 14 << 4 | 7);
	assert_string_equal(seg(0, ACK, 101, 501, 0), "est");
	/* 1000 << 7 is open */
	assert_string_equal(seg(1, ACK, 501 + 127000, 101, 0), "est|rpl");
	assert_int_equal(entry()->tcp.seen[0].td_maxwin, 128000);
}

static void one_sided_scaling(void **state)
{
	(void)state;
	assert_string_equal(syn(0, SYN, 100, 0, 7), "new");
	assert_string_equal(seg(1, SYN | ACK, 500, 101, 0), "est|rpl");
	assert_int_equal(entry()->tcp.scale, 0);
}

/* Picked up in the middle, if tcp_loose. */
static void loose(void **state)
{
	(void)state;
	assert_string_equal(seg(0, ACK, 101, 501, 10), "new");
	want(ESTABLISHED, 300);
	assert_true(entry()->tcp.flags[0] & OX_CT_TCP_BE_LIBERAL);
	assert_string_equal(seg(1, ACK, 501, 111, 0), "est|rpl");
	assert_string_equal(seg(0, ACK, 111, 501, 0), "est");
	assert_true(entry()->status & OX_IPS_ASSURED);
	f.port[0]++;
	m->conf->flags &= ~OX_CT_CONF_LOOSE;
	assert_string_equal(seg(0, ACK, 101, 501, 0), "inv");
	assert_string_equal(seg(1, SYN | ACK, 500, 101, 0), "inv");
}

static void simultaneous_open(void **state)
{
	(void)state;
	assert_string_equal(seg(0, SYN, 100, 0, 0), "new");
	assert_string_equal(seg(1, SYN, 500, 0, 0), "est|rpl");
	want(SYN_SENT2, 120);
	assert_string_equal(seg(0, SYN | ACK, 100, 501, 0), "est");
	want(SYN_RECV, 60);
	assert_string_equal(seg(1, ACK, 501, 101, 0), "est|rpl");
	want(ESTABLISHED, 432000);
}

static void close_it(void)
{
	handshake();
	seg(0, FIN | ACK, 101, 501, 0);
	seg(1, FIN | ACK, 501, 102, 0);
	seg(0, ACK, 102, 502, 0);
	want(TIME_WAIT, 120);
}

/* A SYN on a closed connection begins another one, with an entry of its own. */
static void reopened(void **state)
{
	uint16_t gen;

	(void)state;
	close_it();
	gen = entry()->gen;
	assert_string_equal(seg(0, SYN, 9000, 0, 0), "new");
	want(SYN_SENT, 120);
	assert_true(entry()->gen != gen || !(entry()->status & OX_IPS_ASSURED));
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 1);
}

/* Also from the other end, who is the one that began then. */
static void reopened_by_the_other(void **state)
{
	uint8_t init_b;

	(void)state;
	close_it();
	init_b = entry()->init_b;
	assert_string_equal(seg(1, SYN, 9000, 0, 0), "new");
	assert_int_equal(entry()->init_b, !init_b);
	assert_int_equal(ox_ct_host_count(m, CT_ZONE), 1);
}

/* A SYN on an established connection is let through; the SYN-ACK that answers
 * it brings the entry in step again. */
static void resync(void **state)
{
	(void)state;
	handshake();
	assert_string_equal(syn(0, SYN, 70000, 0, 3), "est");
	want(ESTABLISHED, 432000);
	assert_string_equal(syn(1, SYN | ACK, 90000, 70001, 4), "est|rpl");
	want(SYN_RECV, 60);
	assert_int_equal(entry()->tcp.scale, 4 << 4 | 3);
	assert_string_equal(seg(0, ACK, 70001, 90001, 0), "est");
	want(ESTABLISHED, 432000);
}

/* A challenge ACK (RFC 5961) isn't the ACK of the last FIN. */
static void challenge_ack(void **state)
{
	(void)state;
	handshake();
	seg(0, FIN | ACK, 101, 501, 0);
	seg(1, FIN | ACK, 501, 102, 0);
	want(LAST_ACK, 30);
	assert_string_equal(seg(0, SYN, 9000, 0, 0), "est");
	assert_string_equal(seg(1, ACK, 502, 102, 0), "est|rpl");
	want(LAST_ACK, 30);
	assert_string_equal(seg(0, ACK, 102, 502, 0), "est");
	want(TIME_WAIT, 120);
}

/* A RST below what the other end has acknowledged is invalid; one above keeps
 * the state, as a challenge ACK may follow; one that fits ends it. */
static void resets(void **state)
{
	(void)state;
	handshake();
	seg(1, ACK | PSH, 501, 101, 100);
	seg(0, ACK, 101, 601, 0);
	assert_string_equal(seg(1, RST, 550, 0, 0), "inv");
	want(ESTABLISHED, 432000);
	assert_string_equal(seg(1, RST, 700, 0, 0), "est|rpl");
	want(ESTABLISHED, 10);
	assert_string_equal(seg(1, RST, 601, 0, 0), "est|rpl");
	want(CLOSE, 10);
}

/* A FIN and its answer that don't fit end an established one sooner. */
static void invalid_fins(void **state)
{
	(void)state;
	handshake();
	assert_string_equal(seg(0, FIN | ACK, 101 + 200000, 501, 0), "inv");
	want(ESTABLISHED, 432000);
	assert_string_equal(seg(1, FIN | ACK, 501 + 200000, 101, 0), "inv");
	want(ESTABLISHED, 300);
}

/* An acknowledged-by-SACK edge counts as acknowledged for the window. */
static void sack(void **state)
{
	uint8_t *t;

	(void)state;
	assert_string_equal(syn(0, SYN, 100, 0, 0), "new");
	assert_string_equal(syn(1, SYN | ACK, 500, 101, 0), "est|rpl");
	assert_string_equal(seg(0, ACK, 101, 501, 0), "est");
	assert_string_equal(seg(0, ACK, 101, 501, 100), "est");
	t = ct_put_ports(&f, 1, 32);
	ct_put32(t + 4, 501);
	ct_put32(t + 8, 101);
	t[12] = 8 << 4;
	t[13] = ACK;
	ct_put16(t + 14, 1000);
	t[20] = 1;
	t[21] = 1;
	t[22] = 5;
	t[23] = 10;
	ct_put32(t + 24, 151);
	ct_put32(t + 28, 202); /* one more than was sent */
	assert_string_equal(ct_run_frame(m, &f), "inv");
	ct_put32(t + 28, 201);
	assert_string_equal(ct_run_frame(m, &f), "est|rpl");
	assert_int_equal(entry()->tcp.seen[0].td_maxend, 1201);
	assert_int_equal(entry()->tcp.seen[1].td_maxwin, 1100);
}

/* Cut and malformed headers. */
static void truncated(void **state)
{
	uint8_t *t;

	(void)state;
	t = ct_put_ports(&f, 0, 20);
	t[12] = 4 << 4;
	t[13] = SYN;
	assert_string_equal(ct_run_frame(m, &f), "inv");
	t[12] = 6 << 4;
	assert_string_equal(ct_run_frame(m, &f), "inv");
	t[12] = 5 << 4;
	assert_string_equal(ct_run_frame(m, &f), "new");
}

static int setup(void **state)
{
	(void)state;
	m = ox_ct_host_open(4096, CT_HZ);
	assert_non_null(m);
	m->now = 0xfffff000; /* wraps soon */
	f = (struct ct_frame){ .proto = IPPROTO_TCP, .port = { 1024, 80 } };
	return 0;
}

static int setup_v6_swapped(void **state)
{
	setup(state);
	f.v6 = 1;
	f.swap = 1;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ox_ct_host_close(m);
	return 0;
}

#define CASE(name)                                                            \
	OX_TEST_WITH("unit.ct_tcp." #name, name, setup, teardown),            \
		OX_TEST_WITH("unit.ct_tcp.v6." #name, name, setup_v6_swapped, \
			     teardown)

static const struct CMUnitTest tests[] = {
	CASE(whole_life),    CASE(unacknowledged),
	CASE(retransmits),   CASE(syn_again),
	CASE(only_a_reset),  CASE(bad_flags),
	CASE(out_of_window), CASE(liberal_when_established),
	CASE(scaling),	     CASE(one_sided_scaling),
	CASE(loose),	     CASE(simultaneous_open),
	CASE(reopened),	     CASE(reopened_by_the_other),
	CASE(resync),	     CASE(challenge_ack),
	CASE(resets),	     CASE(invalid_fins),
	CASE(sack),	     CASE(truncated),
};

OX_TEST_MAIN(tests)
