// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_nat.c - NAT by hand: which ends a connection gets, and its packets in
 * both directions. test_ct_nat_oracle.c compares with the kernel.
 */
#include "tests/unit/ct_nat_make.h"

/* ---- both directions ---- */

/* Its source is another one for all that the other end sees. */
static void snat(uint8_t inside, uint8_t outside, uint8_t far)
{
	struct ox_ct_act a = nat(0, outside, outside, 0, 0);
	struct end in = client(inside), out = client(outside);
	struct end to = server(far);
	uint64_t before[2];

	packet(in, to);
	before[0] = f.v6 ? pkt.key.net[0] : pkt.key.ipv4.src;
	before[1] = f.v6 ? pkt.key.net[2] : pkt.key.ipv4.dst;
	assert_int_equal(ct(&a), 0);
	assert_state(NEW | SNAT);
	assert_ends(out, to);
	/* the tuple is that of who began */
	assert_int_equal(pkt.key.ct_orig_src[0], before[0]);
	assert_int_equal(pkt.key.ct_orig_dst[0], before[1]);
	assert_table(1, 2);
	assert_int_equal(entry(0)->status & (OX_IPS_SRC_NAT | OX_IPS_DST_NAT |
					     OX_IPS_SRC_NAT_DONE),
			 OX_IPS_SRC_NAT | OX_IPS_SRC_NAT_DONE);
	packet(to, out);
	assert_int_equal(ct(&plain), 0);
	assert_state(REPLY | DNAT);
	assert_ends(to, in);
	packet(in, to);
	assert_int_equal(ct(&plain), 0);
	assert_state(EST | SNAT);
	assert_ends(out, to);
	/* without nat nothing is translated */
	packet(to, out);
	assert_int_equal(ct(&look), 0);
	assert_state(REPLY);
	assert_ends(to, out);
	/* nobody has these ends: each tuple is for one direction */
	packet(to, in);
	assert_int_equal(ct(&look), 0);
	assert_true(pkt.key.ct_state & (OX_CS_NEW | OX_CS_INVALID));
	packet(out, to);
	assert_int_equal(ct(&look), 0);
	assert_state(NEW);
}

static void source(void **state)
{
	static const uint8_t ends[][3] = { { 1, 2, 3 }, { 2, 1, 3 },
					   { 3, 2, 1 }, { 2, 3, 1 },
					   { 1, 3, 2 }, { 3, 1, 2 } };

	(void)state;
	for (uint32_t e = 0; e < 6; e++)
		for (uint32_t i = 0; i < 2 * sizeof(protos); i++)
			if (next_kind(i))
				snat(ends[e][0], ends[e][1], ends[e][2]);
}

/* Its destination is another one than the first packet's. */
static void destination(void **state)
{
	struct end in, virt, to;
	struct ox_ct_act a;

	(void)state;
	for (uint32_t i = 0; i < 2 * sizeof(protos); i++) {
		if (!next_kind(i))
			continue;
		in = client(1);
		virt = server(7);
		to = server(2);
		a = nat(1, 2, 2, 0, 0);
		if (has_ports() && !is_icmp()) {
			a = nat(1, 2, 2, 8080, 8080);
			to.port = 8080;
		}
		packet(in, virt);
		assert_int_equal(ct(&a), 0);
		assert_state(NEW | DNAT | SNAT);
		assert_ends(in, to);
		packet(to, in);
		assert_int_equal(ct(&plain), 0);
		assert_state(REPLY | SNAT);
		assert_ends(virt, in);
		packet(in, virt);
		assert_int_equal(ct(&plain), 0);
		assert_state(EST | DNAT | SNAT);
		assert_ends(in, to);
		assert_table(1, 2);
	}
}

/* Once a packet and zone; what is translated is found by its other end. */
static void once(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0), mark = look;
	struct end in = { 1, 1000 }, out = { 2, 1000 }, to = { 3, 80 };

	(void)state;
	mark.flags = OX_CT_F_COMMIT | OX_CT_F_NAT;
	mark.mark = 5;
	mark.mark_mask = 0xff;
	packet(in, to);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(ct(&plain), 0);
	assert_state(NEW | SNAT);
	assert_int_equal(ct(&mark), 0);
	assert_ends(out, to);
	assert_int_equal(pkt.key.ct_mark, 5);
	assert_int_equal(entry(0)->mark, 5);
	assert_table(1, 2);
	packet(to, out);
	assert_int_equal(ct(&plain), 0);
	assert_int_equal(ct(&look), 0);
	assert_state(REPLY | DNAT);
	assert_int_equal(pkt.key.ct_mark, 5);
	/* the other direction is forced: the connection goes */
	mark.flags = OX_CT_F_COMMIT | OX_CT_F_FORCE;
	assert_int_equal(ct(&mark), 0);
	assert_state(NEW);
	assert_table(1, 1);
}

/* Another zone knows the translated packet only. */
static void zones(void **state)
{
	struct ox_ct_act a = nat(1, 2, 2, 0, 0), b = nat(0, 9, 9, 0, 0);
	struct end in = { 1, 1000 }, virt = { 7, 80 }, to = { 2, 80 };

	(void)state;
	b.zone = ZONE + 1;
	packet(in, virt);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(ct(&b), 0);
	assert_state(NEW | SNAT);
	assert_ends((struct end){ 9, 1000 }, to);
	packet(to, (struct end){ 9, 1000 });
	b.flags = OX_CT_F_NAT;
	assert_int_equal(ct(&b), 0);
	assert_state(REPLY | DNAT);
	assert_int_equal(ct(&plain), 0);
	assert_state(REPLY | SNAT);
	assert_ends(virt, in);
}

/* ---- which ports ---- */

/* Ten ports serve ten connections to one place, and no more. */
static void exhausted(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 5000, 5009);
	uint32_t seen = 0;
	int err;

	(void)state;
	for (f.v6 = 0; f.v6 < 2; f.v6++) {
		next_kind(f.v6);
		a = nat(0, 2, 2, 5000, 5009);
		for (uint32_t i = 0; i < 14; i++) {
			packet((struct end){ 1, 1000 + i },
			       (struct end){ 3, 80 });
			err = ct(&a);
			assert_int_equal(err, i < 10 ? 0 : -EINVAL);
			if (!err) {
				assert_in_range(src_port(), 5000, 5009);
				seen |= 1u << (src_port() - 5000);
			}
		}
		assert_int_equal(seen, 0x3ff);
		assert_int_equal(m->stats.n[OX_CT_S_INSERT_FAILED], 4);
		assert_table(10, 20);
		/* to another place they are free */
		packet((struct end){ 1, 1010 }, (struct end){ 4, 80 });
		assert_int_equal(ct(&a), 0);
		/* and here, when their time has come */
		m->now += 31 * CT_HZ;
		packet((struct end){ 1, 1011 }, (struct end){ 3, 80 });
		assert_int_equal(ct(&a), 0);
	}
}

/* 128 tries, then half of it, and so on: a nearly full range of many ports may
 * fail, but no used port is ever taken. */
static void nearly_full(void **state)
{
	static uint8_t used[65536];
	struct ox_ct_act a = nat(0, 2, 2, 2000, 2899);
	uint32_t n = 0, failed = 0;

	(void)state;
	memset(used, 0, sizeof(used));
	for (uint32_t i = 0; i < 900; i++) {
		packet((struct end){ 1, 10000 + i }, (struct end){ 3, 80 });
		if (ct(&a)) {
			failed++;
			continue;
		}
		assert_int_equal(used[src_port()]++, 0);
		n++;
	}
	assert_int_equal(n + failed, 900);
	assert_true(n > 800);
	assert_table(n, 2 * n);
}

/* A single port isn't sought: the second connection fails. */
static void one_port(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 5000, 5000);

	(void)state;
	packet((struct end){ 1, 5000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	packet((struct end){ 4, 1001 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), -EINVAL);
	assert_table(1, 2);
}

/* A free port stays; one that isn't free gives way to one of its kind. */
static void port_kinds(void **state)
{
	static const uint16_t kinds[][3] = { { 300, 1, 511 },
					     { 700, 600, 1023 },
					     { 512, 600, 1023 },
					     { 1024, 1024, 65535 },
					     { 60000, 1024, 65535 } };
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		uint16_t port = kinds[i][0];

		packet((struct end){ 1, port }, (struct end){ 3, 80 });
		assert_int_equal(ct(&a), 0);
		assert_ends((struct end){ 2, port }, (struct end){ 3, 80 });
		for (uint32_t j = 0; j < 8; j++) {
			packet((struct end){ 10 + j, port },
			       (struct end){ 3, 80 });
			assert_int_equal(ct(&a), 0);
			assert_int_not_equal(src_port(), port);
			assert_in_range(src_port(), kinds[i][1], kinds[i][2]);
			assert_int_equal(ct_sum_wrong(f.b, f.len), 0);
		}
	}
}

/* A port in the range stays, a reversed range is one, too. */
static void port_in_range(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 5000, 5999);

	(void)state;
	packet((struct end){ 1, 5000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_equal(src_port(), 5000);
	packet((struct end){ 1, 5999 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_equal(src_port(), 5999);
	packet((struct end){ 1, 6000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_in_range(src_port(), 5001, 5998);
	a = nat(0, 2, 2, 7003, 7000);
	for (uint32_t i = 0; i < 4; i++) {
		packet((struct end){ 1, 100 + i }, (struct end){ 4, 80 });
		assert_int_equal(ct(&a), 0);
		assert_in_range(src_port(), 7000, 7003);
	}
	packet((struct end){ 1, 104 }, (struct end){ 4, 80 });
	assert_int_equal(ct(&a), -EINVAL);
	/* ports without an address are none */
	a = nat(0, 0, 0, 7000, 7001);
	packet((struct end){ 1, 105 }, (struct end){ 4, 80 });
	assert_int_equal(ct(&a), 0);
	assert_ends((struct end){ 1, 105 }, (struct end){ 4, 80 });
}

/* random and hash: any port, though its own is free. */
static void any_port(void **state)
{
	static const uint16_t flags[] = { OX_CT_F_RANDOM, OX_CT_F_HASH };
	struct ox_ct_act a;
	uint32_t kept = 0;

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		a = nat(0, 2, 2, i & 2 ? 1024 : 0, 65535);
		a.flags |= flags[i & 1];
		packet((struct end){ 1, 2000 + i }, (struct end){ 3, 80 });
		assert_int_equal(ct(&a), 0);
		assert_in_range(src_port(), 1024, 65535);
		kept += src_port() == 2000 + i;
	}
	assert_true(kept < 3);
}

/* The id of ICMP is its port: any one where it isn't free, or in its range. */
static void ids(void **state)
{
	struct ox_ct_act a;
	const uint8_t *l4;

	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		next_kind(12 + v6);
		a = nat(0, 2, 2, 0, 0);
		packet((struct end){ 1, 77 }, server(3));
		assert_int_equal(ct(&a), 0);
		assert_ends((struct end){ 2, 77 }, server(3));
		packet((struct end){ 4, 77 }, server(3));
		assert_int_equal(ct(&a), 0);
		l4 = l4_of();
		assert_int_not_equal(l4[4] << 8 | l4[5], 77);
		assert_int_equal(ct_sum_wrong(f.b, f.len), 0);
		a = nat(0, 2, 2, 500, 501);
		for (int i = 0; i < 3; i++) {
			packet((struct end){ 5 + i, 500 }, server(3));
			assert_int_equal(ct(&a), i < 2 ? 0 : -EINVAL);
			if (i < 2)
				assert_in_range(l4[4] << 8 | l4[5], 500, 501);
		}
	}
}

/* ---- which addresses ---- */

/* All of a range are used; with "persistent" one source has one of them. */
static void addresses(void **state)
{
	struct ox_ct_act a;
	uint32_t seen, kept;

	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		next_kind(v6);
		a = nat(0, 100, 107, 0, 0);
		seen = 0;
		for (uint32_t i = 0; i < 90; i++) {
			packet((struct end){ 1, 1000 + i },
			       (struct end){ 3 + i, 80 });
			assert_int_equal(ct(&a), 0);
			assert_in_range(src_host(), 100, 107);
			assert_int_equal(src_port(), 1000 + i);
			seen |= 1u << (src_host() - 100);
		}
		assert_int_equal(seen, 0xff);
		a.flags |= OX_CT_F_PERSISTENT;
		kept = 0;
		for (uint32_t i = 0; i < 90; i++) {
			packet((struct end){ 2, 1000 + i },
			       (struct end){ 3 + i, 80 });
			assert_int_equal(ct(&a), 0);
			if (!i)
				kept = src_host();
			assert_int_equal(src_host(), kept);
		}
	}
}

/* A source that is in the range stays what it is. */
static void already_there(void **state)
{
	struct ox_ct_act a = nat(0, 100, 107, 0, 0);

	(void)state;
	packet((struct end){ 103, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_ends((struct end){ 103, 1000 }, (struct end){ 3, 80 });
	assert_state(NEW | SNAT);
	assert_int_equal(entry(0)->status & OX_IPS_NAT, 0);
	assert_table(1, 1);
	packet((struct end){ 3, 80 }, (struct end){ 103, 1000 });
	assert_int_equal(ct(&plain), 0);
	assert_state(REPLY);
	/* nor does one that talks to itself change */
	packet((struct end){ 103, 1000 }, (struct end){ 103, 1000 });
	assert_int_equal(ct(&a), 0);
	assert_ends((struct end){ 103, 1000 }, (struct end){ 103, 1000 });
	assert_int_equal(entry(1)->status & OX_IPS_NAT, 0);
	assert_table(2, 2);
}

/* A source keeps its mapping, to whomever it speaks, while one of its
 * connections lives. */
static void mapping(void **state)
{
	struct ox_ct_act a = nat(0, 100, 107, 20000, 29999);
	uint16_t port;
	uint8_t host;

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	port = src_port();
	host = src_host();
	for (uint32_t i = 0; i < 20; i++) {
		packet((struct end){ 1, 1000 }, (struct end){ 4 + i, 80 });
		assert_int_equal(ct(&a), 0);
		assert_int_equal(src_port(), port);
		assert_int_equal(src_host(), host);
	}
	/* not that of another port, nor another range */
	packet((struct end){ 1, 1001 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_not_equal(src_port(), port);
	a = nat(0, 110, 110, 0, 0);
	packet((struct end){ 1, 1000 }, (struct end){ 40, 80 });
	assert_int_equal(ct(&a), 0);
	assert_ends((struct end){ 110, 1000 }, (struct end){ 40, 80 });
	/* nor of the dead */
	a = nat(0, 110, 110, 20000, 29999);
	m->now += 31 * CT_HZ;
	packet((struct end){ 1, 1000 }, (struct end){ 41, 80 });
	assert_int_equal(ct(&a), 0);
	port = src_port();
	m->now += 31 * CT_HZ;
	packet((struct end){ 1, 1000 }, (struct end){ 42, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_not_equal(src_port(), port);
}

/* ---- the null binding, and both ends at once ---- */

static void null_binding(void **state)
{
	struct ox_ct_act a = nat(0, 0, 0, 0, 0), b = nat(0, 1, 1, 0, 0);

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_state(NEW | SNAT);
	assert_ends((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(entry(0)->status & (OX_IPS_NAT | OX_IPS_SRC_NAT_DONE),
			 OX_IPS_SRC_NAT_DONE);
	assert_int_equal(entry(0)->nat, 0);
	assert_table(1, 1);
	/* its answers are somebody else's: the port gives way */
	packet((struct end){ 2, 1001 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&b), 0);
	assert_ends((struct end){ 1, 1001 }, (struct end){ 3, 80 });
	packet((struct end){ 1, 1001 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_int_not_equal(src_port(), 1001);
	assert_int_equal(entry(2)->status & OX_IPS_NAT, OX_IPS_SRC_NAT);
	/* without a type it is none: this one clashes */
	packet((struct end){ 2, 1002 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&b), 0);
	packet((struct end){ 1, 1002 }, (struct end){ 3, 80 });
	a.flags = OX_CT_F_COMMIT | OX_CT_F_NAT;
	assert_int_equal(ct(&a), -EINVAL);
}

/* Plain nat on a new connection is nothing. */
static void plain_new(void **state)
{
	struct ox_ct_act a = plain;

	(void)state;
	a.flags |= OX_CT_F_COMMIT;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&plain), 0);
	assert_state(NEW);
	assert_int_equal(ct(&a), 0);
	assert_state(NEW);
	assert_int_equal(entry(0)->status, OX_IPS_CONFIRMED);
}

/* One source port to two virtual ends of one server: the second connection has
 * another source port, too, and both ends are translated back. */
static void both_ends(void **state)
{
	struct ox_ct_act a;
	uint16_t port;

	(void)state;
	for (int v6 = 0; v6 < 2; v6++) {
		next_kind(v6);
		a = nat(1, 2, 2, 8080, 8080);
		packet((struct end){ 1, 1000 }, (struct end){ 7, 80 });
		assert_int_equal(ct(&a), 0);
		assert_ends((struct end){ 1, 1000 }, (struct end){ 2, 8080 });
		packet((struct end){ 1, 1000 }, (struct end){ 8, 80 });
		assert_int_equal(ct(&a), 0);
		assert_state(NEW | SNAT | DNAT);
		port = src_port();
		assert_int_not_equal(port, 1000);
		assert_ends((struct end){ 1, port }, (struct end){ 2, 8080 });
		assert_int_equal(entry(1)->status & OX_IPS_NAT, OX_IPS_NAT);
		packet((struct end){ 2, 8080 }, (struct end){ 1, port });
		assert_int_equal(ct(&plain), 0);
		assert_state(REPLY | SNAT | DNAT);
		assert_ends((struct end){ 8, 80 }, (struct end){ 1, 1000 });
		packet((struct end){ 1, 1000 }, (struct end){ 8, 80 });
		assert_int_equal(ct(&plain), 0);
		assert_state(EST | SNAT | DNAT);
		assert_ends((struct end){ 1, port }, (struct end){ 2, 8080 });
		assert_table(2, 4);
	}
}

/* Before an answer a packet is new: it is translated if the action has a type,
 * by the side that it names. */
static void before_answer(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0), d = nat(1, 5, 5, 0, 0);

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&plain), 0);
	assert_state(NEW);
	assert_ends((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	assert_ends((struct end){ 2, 1000 }, (struct end){ 3, 80 });
	/* a binding that is there isn't made again */
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&d), 0);
	assert_state(NEW | DNAT);
	assert_ends((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_table(1, 2);
}

static const struct CMUnitTest tests[] = {
	OX_TEST_WITH("unit.ct_nat.source", source, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.destination", destination, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.once", once, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.zones", zones, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.exhausted", exhausted, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.nearly_full", nearly_full, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.one_port", one_port, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.port_kinds", port_kinds, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.port_in_range", port_in_range, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat.any_port", any_port, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.ids", ids, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.addresses", addresses, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.already_there", already_there, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat.mapping", mapping, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.null_binding", null_binding, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.plain_new", plain_new, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.both_ends", both_ends, setup, teardown),
	OX_TEST_WITH("unit.ct_nat.before_answer", before_answer, setup,
		     teardown),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
