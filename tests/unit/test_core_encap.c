// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_core_encap.c - what only the user tier does to headers in front (push
 * NSH), and packets without an Ethernet header. Also the key that a
 * recirculated packet has after an op left it stale.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "tests/bpf/fixtures.h"

struct buf {
	uint8_t room[512];
	uint8_t b[PKT_MAX];
};

static struct buf buf;
static struct ox_mem *mem;

static int setup(void **state)
{
	(void)state;
	return ox_mem_heap_new(NULL, &mem);
}

static int teardown(void **state)
{
	(void)state;
	ox_mem_heap_free(mem);
	return 0;
}

/* The packet that came out last, and by which way. */
struct seen {
	int n_output, n_miss;
	struct frame frame;
	struct ox_key key;
	uint8_t nsh[256]; /* header for a PUSH_NSH */
	uint32_t nsh_len;
};

static struct seen seen;

static void see(const struct ox_host_pkt *p)
{
	seen.frame.len = p->len;
	memcpy(seen.frame.b, p->data, p->len);
	seen.key = p->key;
}

static void see_output(void *arg, uint32_t port, const struct ox_host_pkt *p,
		       uint32_t cutlen)
{
	(void)arg;
	(void)port;
	(void)cutlen;
	seen.n_output++;
	see(p);
}

static void see_miss(void *arg, const struct ox_host_pkt *p)
{
	(void)arg;
	seen.n_miss++;
	see(p);
}

static uint32_t nsh_header(void *arg, uint32_t flow, uint32_t off, uint8_t *hdr)
{
	(void)arg;
	(void)flow;
	assert_int_equal(off, 24);
	memcpy(hdr, seen.nsh, seen.nsh_len);
	return seen.nsh_len;
}

static struct ox_host_pkt packet(const struct desc *d)
{
	struct ox_host_pkt p = { .data = buf.b,
				 .headroom = sizeof(buf.room),
				 .in_port = FX_IN };
	static struct frame f;

	build(d, &f);
	memcpy(buf.b, f.b, f.len);
	p.len = f.len;
	if (d->no_eth)
		assert_int_equal(ox_host_extract_l3(p.data, p.len,
						    htons(d->type), FX_IN,
						    &p.key),
				 0);
	else
		assert_int_equal(ox_host_extract(p.data, p.len, FX_IN, &p.key),
				 0);
	return p;
}

static int execute(const struct ox_op *ops, uint32_t n, struct ox_host_pkt *p)
{
	const struct ox_host_sink sink = { .output = see_output,
					   .miss = see_miss,
					   .nsh = nsh_header };
	const struct ox_host_list l = {
		.flow = OX_NONE, .ops = ops, .n_ops = n, .end = OX_NONE
	};

	seen.n_output = 0;
	seen.n_miss = 0;
	return ox_host_run(mem, &l, p, &sink);
}

static void nsh_prepare(const struct desc *d)
{
	memcpy(seen.nsh, d->nsh, d->nsh_len);
	seen.nsh_len = d->nsh_len;
	seen.nsh[3] = 0; /* the op puts the next protocol there */
}

static void push_nsh_ethernet(void **state)
{
	struct desc d = desc_ip4(6), e = desc_nsh(d, 1);
	struct ox_op ops[] = {
		{ .code = OX_OP_PUSH_NSH, .arg = 24 },
		{ .code = OX_OP_PUSH_ETH },
		{ .code = OX_OP_OUTPUT, .arg = 4 },
	};
	struct ox_host_pkt p = packet(&d);
	static struct frame want;

	(void)state;
	memcpy(&ops[1].val, d.dst, 6);
	memcpy(&ops[1].mask, d.src, 6);
	nsh_prepare(&e);
	assert_int_equal(execute(ops, 3, &p), 0);
	assert_int_equal(seen.n_output, 1);
	build(&e, &want);
	assert_int_equal(seen.frame.len, want.len);
	assert_memory_equal(seen.frame.b, want.b, want.len);
}

/* The next protocol is the packet's, or there is none for it. */
static void push_nsh_l3(void **state)
{
	const struct ox_op ops[] = {
		{ .code = OX_OP_PUSH_NSH, .arg = 24 },
		{ .code = OX_OP_OUTPUT, .arg = 4 },
	};
	struct desc d = desc_ip6(17), e = desc_nsh(d, 2);
	struct ox_host_pkt p;

	(void)state;
	d.no_eth = true;
	p = packet(&d);
	nsh_prepare(&e);
	assert_int_equal(execute(ops, 2, &p), 0);
	assert_int_equal(seen.n_output, 1);
	assert_int_equal(seen.frame.b[3], 2);
	assert_int_equal(seen.frame.len, p.len);
	assert_memory_equal(seen.frame.b + 4, e.nsh + 4, 4);

	d.type = 0x0806;
	p = packet(&d);
	assert_int_equal(execute(ops, 2, &p), -EAFNOSUPPORT);
	assert_int_equal(seen.n_output, 0);
}

static void push_nsh_longest(void **state)
{
	const struct ox_op ops[] = {
		{ .code = OX_OP_PUSH_NSH, .arg = 24 },
		{ .code = OX_OP_OUTPUT, .arg = 4 },
	};
	struct desc d = desc_ip4(17);
	struct ox_host_pkt p = packet(&d);
	uint32_t i, len = p.len;

	(void)state;
	for (i = 0; i < 252; i++)
		seen.nsh[i] = i;
	seen.nsh_len = 252;
	assert_int_equal(execute(ops, 2, &p), 0);
	assert_int_equal(seen.frame.len, 252 + len);
	seen.nsh[3] = 3;
	assert_memory_equal(seen.frame.b, seen.nsh, 252);
	assert_memory_equal(seen.frame.b + 252, buf.b, len);
}

/* A frame with a tag can't get NSH in front: in the module it would keep the
 * tag and take no Ethernet header any more, so no port takes it. */
static void push_nsh_vlan(void **state)
{
	const struct ox_op ops[] = {
		{ .code = OX_OP_PUSH_NSH, .arg = 24 },
		{ .code = OX_OP_OUTPUT, .arg = 4 },
	};
	struct desc d = desc_tag(desc_ip4(17), 0x8100, 5);
	struct desc e = desc_nsh(d, 1);
	struct ox_host_pkt p = packet(&d);

	(void)state;
	nsh_prepare(&e);
	assert_int_equal(execute(ops, 2, &p), 0);
	assert_int_equal(seen.n_output, 0);
}

static void push_nsh_refused(void **state)
{
	const struct ox_op op = { .code = OX_OP_PUSH_NSH, .arg = 24 };
	struct desc d = desc_ip4(17);
	struct ox_host_pkt p = packet(&d);

	(void)state;
	seen.nsh_len = 0;
	assert_int_equal(execute(&op, 1, &p), -ENOMEM);
	seen.nsh_len = 24;
	p = packet(&d);
	p.headroom = 23;
	assert_int_equal(execute(&op, 1, &p), -ENOMEM);
}

/* Key of a packet without Ethernet: no addresses, nothing shifted. */
static void extract_l3(void **state)
{
	static const uint16_t types[] = { 0x0800, 0x86dd, 0x0806 };
	struct ox_key want;
	struct ox_host_pkt p;
	struct desc d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		d = types[i] == 0x86dd ? desc_ip6(6) : desc_ip4(17);
		d.type = types[i];
		d.sport = 2;
		d.no_eth = true;
		p = packet(&d);
		want = desc_key(&d, FX_IN);
		assert_memory_equal(&p.key, &want, sizeof(want));
	}
}

static void extract_l3_odd(void **state)
{
	static const uint8_t b[24] = { 0x45 };
	struct ox_key key;

	(void)state;
	/* a tag can't be a network protocol */
	assert_int_equal(ox_host_extract_l3(b, 24, htons(0x8100), FX_IN, &key),
			 -EINVAL);
	/* shorter than Ethernet is fine here */
	assert_int_equal(ox_host_extract_l3(b, 4, htons(0x0800), FX_IN, &key),
			 0);
	assert_int_equal(key.eth_type, htons(0x0800));
	assert_int_equal(key.w[3], 0);
	assert_int_equal(ox_host_extract_l3(b, 24, htons(0x894f), FX_IN, &key),
			 -EINVAL);
}

/* Runs ops, then recirculates: what misses has the key that a fresh packet
 * of those bytes would have, and the metadata of this one. */
static void recirc(const struct desc *d, struct ox_op *ops, uint32_t n,
		   const struct desc *e)
{
	struct ox_host_pkt p = packet(d);
	struct ox_key want;

	ops[n] = (struct ox_op){ .code = OX_OP_RECIRC, .arg = 7 };
	p.key.skb_mark = 0x1234;
	p.key.skb_priority = 5;
	p.key.dp_hash = 0xabcd;
	p.key.ct_state = 2;
	p.key.ct_mark = 99;
	p.key.ct_orig_src[0] = 77;
	p.key.w[OX_W_TUN] = 6;
	want = desc_key(e, FX_IN);
	want.skb_mark = 0x1234;
	want.skb_priority = 5;
	want.dp_hash = 0xabcd;
	want.ct_state = 2;
	want.ct_mark = 99;
	want.ct_orig_src[0] = 77;
	want.w[OX_W_TUN] = 6;
	want.has_tun = 1;
	want.recirc_id = 7;
	assert_int_equal(execute(ops, n + 1, &p), 0);
	assert_int_equal(seen.n_miss, 1);
	assert_memory_equal(&seen.key, &want, sizeof(want));
}

static void reparse_push_mpls(void **state)
{
	struct ox_op ops[3] = { { .code = OX_OP_PUSH_MPLS, .arg = 0x8847 } };
	struct desc d = desc_ip6(6), e = desc_mpls(d, 5, true);
	uint32_t lse = htonl(e.mpls[0]);

	(void)state;
	memcpy(&ops[0].val, &lse, 4);
	recirc(&d, ops, 1, &e);
}

static void reparse_pop_mpls(void **state)
{
	struct ox_op ops[3] = { { .code = OX_OP_POP_MPLS, .arg = 0x86dd } };
	struct desc e = desc_ip6(17), d = desc_mpls(e, 5, true);

	(void)state;
	recirc(&d, ops, 1, &e);
}

static void reparse_pop_eth(void **state)
{
	struct ox_op ops[3] = { { .code = OX_OP_POP_ETH } };
	struct desc d = desc_ip6(17), e = d;

	(void)state;
	e.no_eth = true;
	recirc(&d, ops, 1, &e);
}

/* The type of what is behind the label comes from the op. */
static void reparse_l3_mpls(void **state)
{
	struct ox_op ops[4] = { { .code = OX_OP_POP_ETH },
				{ .code = OX_OP_PUSH_MPLS, .arg = 0x8848 },
				{ .code = OX_OP_POP_MPLS, .arg = 0x0800 } };
	struct desc d = desc_ip4(6), e = d;

	(void)state;
	e.no_eth = true;
	recirc(&d, ops, 3, &e);
}

static void reparse_pop_nsh(void **state)
{
	struct ox_op ops[4] = { { .code = OX_OP_POP_ETH },
				{ .code = OX_OP_POP_NSH } };
	struct desc e = desc_tag(desc_ip4(6), 0x8100, 5), d;
	static struct frame inner;
	struct ox_host_pkt p;
	struct ox_key want;

	(void)state;
	/* inside is a frame with a tag */
	d = desc_nsh(desc_ip4(6), 1);
	p = packet(&d);
	build(&e, &inner);
	memcpy(p.data + 14 + 24, inner.b, inner.len);
	p.len = 14 + 24 + inner.len;
	ops[2] = (struct ox_op){ .code = OX_OP_RECIRC, .arg = 7 };
	want = desc_key(&e, FX_IN);
	want.recirc_id = 7;
	assert_int_equal(execute(ops, 3, &p), 0);
	assert_int_equal(seen.n_miss, 1);
	assert_memory_equal(&seen.key, &want, sizeof(want));
}

/* A tag of what was inside is none to pop, until the key is made anew. */
static void pop_inner_vlan(void **state)
{
	struct ox_op ops[] = {
		{ .code = OX_OP_POP_ETH },
		{ .code = OX_OP_POP_NSH },
		{ .code = OX_OP_POP_VLAN },
		{ .code = OX_OP_PUSH_VLAN, .arg = 0x8100u << 16 | 0x1007 },
		{ .code = OX_OP_POP_VLAN },
		{ .code = OX_OP_OUTPUT, .arg = 3 },
	};
	struct desc d = desc_nsh(desc_ip4(17), 1);
	struct desc e = desc_tag(desc_ip4(17), 0x8100, 5);
	struct ox_host_pkt p = packet(&d);
	static struct frame tagged;

	(void)state;
	build(&e, &tagged);
	memcpy(p.data + 14 + 24, tagged.b, tagged.len);
	p.len = 14 + 24 + tagged.len;
	assert_int_equal(execute(ops, 6, &p), 0);
	assert_int_equal(seen.frame.len, tagged.len);
	assert_memory_equal(seen.frame.b, tagged.b, tagged.len);
}

#define PUSH_TAG(id)                                                 \
	{                                                            \
		.code = OX_OP_PUSH_VLAN, .arg = 0x8100u << 16 | (id) \
	}

/* Under two tags the packet's protocol is the inner one's: a label can't be
 * set there. Under one it can. */
static void set_mpls_under_tags(void **state)
{
	const struct ox_op set = { .code = OX_OP_SET_MPLS,
				   .val = htonl(0x5140),
				   .mask = UINT32_MAX };
	const struct ox_op ops[] = {
		{ .code = OX_OP_PUSH_MPLS, .arg = 0x8847 },
		PUSH_TAG(5),
		PUSH_TAG(6),
		{ .code = OX_OP_POP_VLAN },
		set,
		{ .code = OX_OP_POP_VLAN },
		{ .code = OX_OP_POP_VLAN },
		{ .code = OX_OP_OUTPUT, .arg = 3 },
	};
	const struct ox_op under_two[] = { ops[0], ops[1], ops[2], set,
					   ops[7] };
	struct desc d = desc_ip4(17), e = desc_mpls(d, 5, true);
	struct ox_host_pkt p = packet(&d);
	static struct frame want;

	(void)state;
	assert_int_equal(execute(under_two, 5, &p), -EINVAL);
	assert_int_equal(seen.n_output, 0);
	e.mpls[0] = 0x5140;
	build(&e, &want);
	p = packet(&d);
	assert_int_equal(execute(ops, 8, &p), 0);
	assert_int_equal(seen.n_output, 1);
	assert_int_equal(seen.frame.len, want.len);
	assert_memory_equal(seen.frame.b, want.b, want.len);
}

/* The TTL of IP, not of what stands behind a label. */
static void dec_ttl_mpls(void **state)
{
	struct ox_op ops[] = {
		{ .code = OX_OP_PUSH_MPLS, .arg = 0x8847 },
		{ .code = OX_OP_DEC_TTL, .arg = 0 },
		{ .code = OX_OP_OUTPUT, .arg = 3 },
	};
	struct desc d = desc_ip4(17), e = desc_mpls(d, 5, true);
	uint32_t lse = htonl(e.mpls[0]);
	struct ox_host_pkt p = packet(&d);
	static struct frame want;

	(void)state;
	memcpy(&ops[0].val, &lse, 4);
	assert_int_equal(execute(ops, 3, &p), 0);
	build(&e, &want);
	assert_int_equal(seen.frame.len, want.len);
	assert_memory_equal(seen.frame.b, want.b, want.len);
}

static void reparse_vlan(void **state)
{
	struct ox_op ops[3] = { { .code = OX_OP_PUSH_VLAN,
				  .arg = 0x88a8u << 16 | 0x1007 } };
	struct desc d = desc_tag(desc_ip4(17), 0x8100, 5);
	struct desc e = desc_tag(desc_tag(desc_ip4(17), 0x88a8, 7), 0x8100, 5);
	struct ox_op pop[3] = { { .code = OX_OP_POP_VLAN } };

	(void)state;
	recirc(&d, ops, 1, &e);
	recirc(&e, pop, 1, &d);
}

/* What has no key after an op can't be looked up: it is dropped. */
static void reparse_fails(void **state)
{
	const struct ox_op ops[] = {
		{ .code = OX_OP_PUSH_NSH, .arg = 24 },
		{ .code = OX_OP_RECIRC, .arg = 7 },
	};
	struct desc d = desc_ip4(17), e = desc_nsh(d, 1);
	struct ox_host_pkt p = packet(&d);

	(void)state;
	nsh_prepare(&e);
	seen.nsh[2] = 5; /* MD type */
	execute(ops, 2, &p);
	assert_int_equal(seen.n_miss, 0);
	assert_int_equal(seen.n_output, 0);
}

/* As in the module, an upcall tells the key from before. */
static void stale_key(void **state)
{
	struct ox_op ops[] = {
		{ .code = OX_OP_PUSH_MPLS, .arg = 0x8847 },
		{ .code = OX_OP_OUTPUT, .arg = 3 },
	};
	struct desc d = desc_ip4(17);
	struct ox_key want = desc_key(&d, FX_IN);
	struct ox_host_pkt p = packet(&d);

	(void)state;
	assert_int_equal(execute(ops, 2, &p), 0);
	assert_memory_equal(&seen.key, &want, sizeof(want));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("host.push_nsh.ethernet", push_nsh_ethernet),
		OX_TEST("host.push_nsh.l3", push_nsh_l3),
		OX_TEST("host.push_nsh.longest", push_nsh_longest),
		OX_TEST("host.push_nsh.vlan", push_nsh_vlan),
		OX_TEST("host.push_nsh.refused", push_nsh_refused),
		OX_TEST("host.extract.l3", extract_l3),
		OX_TEST("host.extract.l3_odd", extract_l3_odd),
		OX_TEST("host.reparse.push_mpls", reparse_push_mpls),
		OX_TEST("host.reparse.pop_mpls", reparse_pop_mpls),
		OX_TEST("host.reparse.pop_eth", reparse_pop_eth),
		OX_TEST("host.reparse.l3_mpls", reparse_l3_mpls),
		OX_TEST("host.reparse.pop_nsh", reparse_pop_nsh),
		OX_TEST("host.encap.pop_inner_vlan", pop_inner_vlan),
		OX_TEST("host.encap.set_mpls_under_tags", set_mpls_under_tags),
		OX_TEST("host.encap.dec_ttl_mpls", dec_ttl_mpls),
		OX_TEST("host.reparse.vlan", reparse_vlan),
		OX_TEST("host.reparse.fails", reparse_fails),
		OX_TEST("host.reparse.stale_key", stale_key),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
