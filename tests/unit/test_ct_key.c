// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_key.c - the action ct() and what it leaves in a packet's key, as
 * net/openvswitch/conntrack.c decides it.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <linux/openvswitch.h>

#include "bpf/core/ct_key.h"
#include "tests/unit/ct_make.h"

#define ZONE 9

static struct ox_ct_host_mem *m;
static struct ct_frame f;
static struct ox_host_pkt pkt;

_Static_assert(OX_CS_NEW == OVS_CS_F_NEW, "ct_state");
_Static_assert(OX_CS_ESTABLISHED == OVS_CS_F_ESTABLISHED, "ct_state");
_Static_assert(OX_CS_RELATED == OVS_CS_F_RELATED, "ct_state");
_Static_assert(OX_CS_REPLY == OVS_CS_F_REPLY_DIR, "ct_state");
_Static_assert(OX_CS_INVALID == OVS_CS_F_INVALID, "ct_state");
_Static_assert(OX_CS_TRACKED == OVS_CS_F_TRACKED, "ct_state");
_Static_assert(OX_CS_SRC_NAT == OVS_CS_F_SRC_NAT, "ct_state");
_Static_assert(OX_CS_DST_NAT == OVS_CS_F_DST_NAT, "ct_state");

#define TRK_NEW	  (OX_CS_TRACKED | OX_CS_NEW)
#define TRK_EST	  (OX_CS_TRACKED | OX_CS_ESTABLISHED)
#define TRK_REPLY (TRK_EST | OX_CS_REPLY)
#define TRK_INV	  (OX_CS_TRACKED | OX_CS_INVALID)

static int setup(void **state)
{
	(void)state;
	m = ox_ct_host_open(1024, CT_HZ);
	assert_non_null(m);
	f = (struct ct_frame){ .proto = IPPROTO_UDP, .port = { 1024, 53 } };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ox_ct_host_close(m);
	return 0;
}

/* A packet that was just received. */
static void receive(void)
{
	pkt = (struct ox_host_pkt){ .data = f.b, .len = f.len };
	assert_int_equal(ox_host_extract(f.b, f.len, 0, &pkt.key), 0);
}

static void udp(int from)
{
	ct_put16(ct_put_ports(&f, from, 8) + 4, 8);
	receive();
}

static int ct(const struct ox_ct_act *a)
{
	return ox_ct_host_execute(m, &pkt, a);
}

static const struct ox_ct_act plain = { .zone = ZONE };
static const struct ox_ct_act commit = { .zone = ZONE,
					 .flags = OX_CT_F_COMMIT };

static void without_commit(void **state)
{
	(void)state;
	udp(0);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
	assert_int_equal(pkt.key.ct_zone, ZONE);
	assert_int_equal(ox_ct_host_count(m, ZONE), 0);
	udp(1);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
}

static void with_commit(void **state)
{
	(void)state;
	udp(0);
	assert_int_equal(ct(&commit), 0);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
	assert_int_equal(ox_ct_host_count(m, ZONE), 1);
	udp(0);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
	udp(1);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_REPLY);
	udp(0);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_EST);
}

/* The tuple of who began, in both directions. */
static void orig_tuple(void **state)
{
	__be32 src, dst;

	(void)state;
	for (int swap = 0; swap < 2; swap++) {
		f.swap = swap;
		udp(0);
		src = pkt.key.ipv4.src;
		dst = pkt.key.ipv4.dst;
		assert_int_equal(ct(&commit), 0);
		udp(1);
		assert_int_equal(ct(&plain), 0);
		assert_int_equal(pkt.key.ct_orig_src[0], src);
		assert_int_equal(pkt.key.ct_orig_dst[0], dst);
		assert_int_equal(pkt.key.ct_orig_sport, htons(1024));
		assert_int_equal(pkt.key.ct_orig_dport, htons(53));
		assert_int_equal(pkt.key.ct_orig_proto, IPPROTO_UDP);
	}
}

static void icmp(int from, uint8_t type)
{
	uint8_t *l4;

	f.proto = f.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	l4 = ct_put_ip(&f, from, 8);
	l4[0] = type;
	receive();
}

/* Type and code are where ports are. */
static void orig_tuple_icmp(void **state)
{
	(void)state;
	icmp(0, 8);
	assert_int_equal(ct(&commit), 0);
	icmp(1, 0);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_REPLY);
	assert_int_equal(pkt.key.ct_orig_sport, htons(8));
	assert_int_equal(pkt.key.ct_orig_dport, 0);
	assert_int_equal(pkt.key.ct_orig_proto, IPPROTO_ICMP);
	f.v6 = 1;
	icmp(0, 128);
	assert_int_equal(ct(&commit), 0);
	assert_int_equal(pkt.key.ct_orig_sport, htons(128));
	assert_int_equal(pkt.key.ct_orig_proto, IPPROTO_ICMPV6);
	assert_int_equal(pkt.key.ct_orig_src[0], pkt.key.ipv6.src[0]);
	assert_int_equal(pkt.key.ct_orig_dst[3], pkt.key.ipv6.dst[3]);
}

static void invalid(void **state)
{
	static const struct ox_key none;

	(void)state;
	icmp(1, 0);
	pkt.key.ct_mark = 5;
	assert_int_equal(ct(&commit), 0);
	assert_int_equal(pkt.key.ct_state, TRK_INV);
	assert_int_equal(pkt.key.ct_zone, ZONE);
	assert_int_equal(pkt.key.ct_mark, 0);
	assert_memory_equal(&pkt.key.w[16], &none.w[16], 7 * 8);
	assert_int_equal(ox_ct_host_count(m, ZONE), 0);
}

static void mark_and_labels(void **state)
{
	struct ox_ct_act a = commit;

	(void)state;
	a.mark = 0x12;
	a.mark_mask = 0xff;
	a.flags |= OX_CT_F_LABELS;
	a.labels[3] = 0x34;
	a.labels_mask[3] = 0xff;
	udp(0);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(pkt.key.ct_mark, 0x12);
	assert_int_equal(pkt.key.ct_labels[3], 0x34);
	/* other bits, on a connection that is in the table */
	a.mark = 0x5600;
	a.mark_mask = 0xff00;
	a.labels[3] = 0;
	a.labels_mask[3] = 0x30;
	udp(1);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(pkt.key.ct_mark, 0x5612);
	assert_int_equal(pkt.key.ct_labels[3], 0x04);
	udp(0);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_mark, 0x5612);
	assert_int_equal(pkt.key.ct_labels[3], 0x04);
}

/* A second ct() in the same zone changes nothing; in another it is a run of
 * its own. */
static void twice(void **state)
{
	struct ox_ct_act other = { .zone = ZONE + 1 };

	(void)state;
	udp(0);
	assert_int_equal(ct(&commit), 0);
	udp(1);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_REPLY);
	m->now += 20 * CT_HZ;
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_REPLY);
	m->now += 11 * CT_HZ;
	/* it wasn't kept alive */
	udp(1);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
	assert_int_equal(ct(&other), 0);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
	assert_int_equal(pkt.key.ct_zone, ZONE + 1);
}

/* new in one list, committed by the next one. */
static void commit_later(void **state)
{
	(void)state;
	udp(0);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(ct(&commit), 0);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
	assert_int_equal(ox_ct_host_count(m, ZONE), 1);
}

static void force(void **state)
{
	struct ox_ct_act a = commit;

	(void)state;
	a.flags |= OX_CT_F_FORCE;
	udp(0);
	assert_int_equal(ct(&commit), 0);
	/* in its own direction it stays */
	udp(0);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(m->stats.n[OX_CT_S_DELETE], 0);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
	udp(1);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(m->stats.n[OX_CT_S_DELETE], 1);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
	assert_int_equal(pkt.key.ct_orig_sport, htons(53));
	assert_int_equal(ox_ct_host_count(m, ZONE), 1);
	/* and from a key that was tracked already */
	udp(0);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_REPLY);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
	assert_int_equal(pkt.key.ct_orig_sport, htons(1024));
}

static void limit(void **state)
{
	(void)state;
	m->zones[ZONE].limit = 1;
	m->zones[ZONE].flags = OX_CT_ZONE_LIMIT;
	udp(0);
	assert_int_equal(ct(&commit), 0);
	f.port[0]++;
	udp(0);
	assert_int_equal(ct(&commit), -ENOMEM);
	udp(0);
	assert_int_equal(ct(&plain), 0);
}

/* A policy's timeouts are the connection's for life. */
static void policy(void **state)
{
	struct ox_ct_act a = commit;

	(void)state;
	a.tp = OX_CT_TP_DEFAULTS + 3;
	m->tps[a.tp].timeout[0] = 5 * CT_HZ;
	m->tps[a.tp].state = 1;
	m->tps[a.tp].l3 = AF_INET;
	m->tps[a.tp].l4 = IPPROTO_UDP;
	udp(0);
	assert_int_equal(ct(&a), 0);
	m->now += 4 * CT_HZ;
	udp(0);
	assert_int_equal(ct(&plain), 0);
	m->now += 4 * CT_HZ;
	udp(1);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_REPLY);
	m->now += 3 * CT_HZ;
	/* tracked already: not again, except with another policy */
	assert_int_equal(ct(&a), 0);
	m->now += 2 * CT_HZ;
	udp(0);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(pkt.key.ct_state, TRK_NEW);
	a.tp++;
	a.flags = 0;
	m->now += 3 * CT_HZ;
	assert_int_equal(ct(&a), 0);
	m->now += 3 * CT_HZ;
	udp(1);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(pkt.key.ct_state, TRK_REPLY);
}

/* The RST that is the only answer: its key still knows the connection. */
static void only_a_reset(void **state)
{
	uint8_t *t;

	(void)state;
	f.proto = IPPROTO_TCP;
	for (int from = 0; from < 2; from++) {
		t = ct_put_ports(&f, from, 20);
		ct_put32(t + 4, from ? 0 : 100);
		ct_put32(t + 8, from ? 101 : 0);
		t[12] = 5 << 4;
		t[13] = from ? RST | ACK : SYN;
		receive();
		assert_int_equal(ct(&commit), 0);
	}
	assert_int_equal(pkt.key.ct_state, TRK_REPLY);
	assert_int_equal(pkt.key.ct_orig_sport, htons(1024));
	assert_int_equal(ox_ct_host_count(m, ZONE), 0);
}

static void cleared(void **state)
{
	static const struct ox_key none;

	(void)state;
	udp(0);
	assert_int_equal(ct(&commit), 0);
	key_ct_clear(&pkt.key);
	assert_memory_equal(&pkt.key.w[11], &none.w[11], 8);
	assert_memory_equal(&pkt.key.w[16], &none.w[16], 7 * 8);
}

#define CASE(name) OX_TEST_WITH("unit.ct_key." #name, name, setup, teardown)

static const struct CMUnitTest tests[] = {
	CASE(without_commit),  CASE(with_commit),  CASE(orig_tuple),
	CASE(orig_tuple_icmp), CASE(invalid),	   CASE(mark_and_labels),
	CASE(twice),	       CASE(commit_later), CASE(force),
	CASE(limit),	       CASE(policy),	   CASE(only_a_reset),
	CASE(cleared),
};

OX_TEST_MAIN(tests)
