// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_ct_nat_edit.c - what NAT does to ICMP errors, and to checksums that are
 * none.
 */
#include "tests/unit/ct_nat_make.h"

/* ---- ICMP errors ---- */

#define UNREACHABLE 3
#define REDIRECT    5

/* An error from a router to the source of the packet in f, of which it has
 * "keep" bytes from the transport header on. */
static void error(uint8_t router, uint8_t type, uint32_t keep)
{
	uint32_t hdr = f.v6 ? 40 : 20, inner = hdr + keep;
	uint8_t was[128], proto = f.proto, *l4;

	memcpy(was, f.b + 14, inner);
	f.proto = f.v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	l4 = ct_put_ip(&f, 0, 8 + inner);
	put_host(at_addr(0), router);
	memcpy(at_addr(1), was + (f.v6 ? 8 : 12), f.v6 ? 16 : 4);
	l4[0] = f.v6 ? 1 : type;
	memcpy(l4 + 8, was, inner);
	ct_sum_fill_icmp(f.b, f.len);
	receive();
	f.proto = proto;
}

/* The error in f goes to "to", from "from", about a packet of these ends. */
static void assert_error(uint8_t from, uint8_t to, struct end in_from,
			 struct end in_to)
{
	const uint8_t *in = l4_of() + 8, *l4 = in + (f.v6 ? 40 : 20);
	uint8_t addr[16];
	int n = f.v6 ? 16 : 4;

	put_host(addr, from);
	assert_memory_equal(at_addr(0), addr, n);
	put_host(addr, to);
	assert_memory_equal(at_addr(1), addr, n);
	put_host(addr, in_from.host);
	assert_memory_equal(in + (f.v6 ? 8 : 12), addr, n);
	put_host(addr, in_to.host);
	assert_memory_equal(in + (f.v6 ? 24 : 16), addr, n);
	if (is_icmp()) {
		assert_int_equal(l4[4] << 8 | l4[5], in_from.port + in_to.port);
	} else if (has_ports()) {
		assert_int_equal(l4[0] << 8 | l4[1], in_from.port);
		assert_int_equal(l4[2] << 8 | l4[3], in_to.port);
	}
	assert_int_equal(ct_sum_wrong_icmp(f.b, f.len), 0);
}

/* A router on the far side tells the source; who is behind it hears of it. */
static void error_to_source(void **state)
{
	struct ox_ct_act a;
	struct end in, out, to;

	(void)state;
	for (uint32_t i = 0; i < 2 * sizeof(protos); i++) {
		for (uint32_t cut = 0; cut < 2; cut++) {
			if (!next_kind(i))
				continue;
			in = client(1);
			out = client(2);
			to = server(3);
			a = nat(0, 2, 2, 0, 0);
			packet(in, to);
			assert_int_equal(ct(&a), 0);
			assert_ends(out, to);
			error(50, UNREACHABLE,
			      cut ? 8 : f.len - 14 - (f.v6 ? 40 : 20));
			assert_int_equal(ct(&plain), 0);
			assert_state(REL | OX_CS_REPLY | DNAT);
			assert_error(50, 1, in, to);
			/* a second ct() leaves it so */
			assert_int_equal(ct(&plain), 0);
			assert_state(REL | OX_CS_REPLY | DNAT);
			assert_error(50, 1, in, to);
		}
	}
}

/* The same of a virtual destination: the error comes from that one then. */
static void error_of_virtual(void **state)
{
	struct end in = { 1, 4000 }, virt = { 7, 80 }, to = { 2, 8080 };
	struct ox_ct_act a;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		next_kind(i);
		a = nat(1, 2, 2, 8080, 8080);
		packet(in, virt);
		assert_int_equal(ct(&a), 0);
		assert_ends(in, to);
		error(50, UNREACHABLE, 8);
		assert_int_equal(ct(&plain), 0);
		assert_state(REL | OX_CS_REPLY | SNAT);
		assert_error(7, 1, in, virt);
	}
}

/* About an answer: only a commit translates it, and both ends of both. */
static void error_about_answer(void **state)
{
	struct ox_ct_act a, d;
	struct end to = { 2, 8080 }, back;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		next_kind(i);
		a = nat(1, 2, 2, 8080, 8080);
		packet((struct end){ 1, 1000 }, (struct end){ 7, 80 });
		assert_int_equal(ct(&a), 0);
		packet((struct end){ 1, 1000 }, (struct end){ 8, 80 });
		assert_int_equal(ct(&a), 0);
		back = (struct end){ 1, src_port() };
		packet(to, back);
		assert_int_equal(ct(&plain), 0);
		error(60, UNREACHABLE, 8);
		assert_int_equal(ct(&plain), 0);
		assert_state(REL);
		assert_error(60, 8, (struct end){ 8, 80 },
			     (struct end){ 1, 1000 });
		pkt.key.ct_state = 0;
		d = plain;
		d.flags |= OX_CT_F_COMMIT;
		assert_int_equal(ct(&d), 0);
		assert_state(REL | SNAT | DNAT);
		assert_error(1, 2, to, back);
	}
}

/* One about a packet that is cut in its ports is dropped, as is a redirect. */
static void error_refused(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 0, 0);

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	error(50, UNREACHABLE, 4);
	assert_int_equal(ct(&plain), -EINVAL);
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	error(50, REDIRECT, 8);
	assert_int_equal(ct(&plain), -EINVAL);
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	assert_int_equal(ct(&a), 0);
	error(50, REDIRECT, 8);
	assert_int_equal(ct(&look), 0);
	assert_state(REL | OX_CS_REPLY);
}

/* ---- checksums that aren't ---- */

static void no_checksum(void **state)
{
	struct ox_ct_act a = nat(0, 2, 2, 5000, 5001);
	uint8_t *l4;

	(void)state;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	l4 = l4_of();
	ct_put16(l4 + 6, 0);
	assert_int_equal(ct(&a), 0);
	assert_int_equal(l4[6] << 8 | l4[7], 0);
	/* nor is a wrong one made right */
	packet((struct end){ 1, 1001 }, (struct end){ 3, 80 });
	l4[15] ^= 1;
	assert_int_equal(ct(&a), 0);
	assert_int_equal(ct_sum_wrong(f.b, f.len), 1);
	l4[15] ^= 1;
	assert_int_equal(ct_sum_wrong(f.b, f.len), 0);
	/* the CRC that a device fills in */
	f.proto = IPPROTO_SCTP;
	packet((struct end){ 1, 1000 }, (struct end){ 3, 80 });
	ct_put32(l4 + 8, 0);
	assert_int_equal(ct(&a), 0);
	assert_in_range(src_port(), 5000, 5001);
	assert_int_equal(l4[8] | l4[9] | l4[10] | l4[11], 0);
	/* bytes after the packet aren't its own */
	packet((struct end){ 1, 1001 }, (struct end){ 3, 80 });
	f.len += 6;
	pkt.len = f.len;
	assert_int_equal(ct(&a), 0);
	assert_int_equal(ct_sum_wrong(f.b, f.len - 6), 0);
}

static const struct CMUnitTest tests[] = {
	OX_TEST_WITH("unit.ct_nat_edit.error_to_source", error_to_source, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat_edit.error_of_virtual", error_of_virtual,
		     setup, teardown),
	OX_TEST_WITH("unit.ct_nat_edit.error_about_answer", error_about_answer,
		     setup, teardown),
	OX_TEST_WITH("unit.ct_nat_edit.error_refused", error_refused, setup,
		     teardown),
	OX_TEST_WITH("unit.ct_nat_edit.no_checksum", no_checksum, setup,
		     teardown),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
