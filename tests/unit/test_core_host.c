// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_core_host.c - what only the host build offers: lists with several
 * outputs, checksum completion, frames too short for an XDP program.
 */
#include "tests/lib/test.h"

#include <errno.h>

#include "tests/bpf/fixtures.h"

struct buf {
	uint8_t room[OX_HOST_HEADROOM];
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

static struct ox_host_pkt packet(const struct desc *d)
{
	struct ox_host_pkt p = { .data = buf.b,
				 .headroom = OX_HOST_HEADROOM,
				 .in_port = FX_IN };
	static struct frame f;

	build(d, &f);
	memcpy(buf.b, f.b, f.len);
	p.len = f.len;
	assert_int_equal(ox_host_extract(p.data, p.len, FX_IN, &p.key), 0);
	return p;
}

/* What a sink saw. */
struct seen {
	int n;
	uint32_t arg[4];
	struct frame frame[4];
	struct ox_key key[4];
};

static void see(void *arg, uint32_t v, const struct ox_host_pkt *p,
		uint32_t cutlen)
{
	struct seen *s = arg;

	s->arg[s->n] = v;
	s->frame[s->n].len = p->len - cutlen;
	memcpy(s->frame[s->n].b, p->data, p->len - cutlen);
	s->key[s->n++] = p->key;
}

static void see_user(void *arg, uint32_t flow, uint32_t off,
		     const struct ox_host_pkt *p, uint32_t cutlen)
{
	assert_int_equal(flow, OX_NONE);
	see(arg, 1000 + off, p, cutlen);
}

/* An EXECUTE's list. */
static int execute(const struct ox_op *ops, uint32_t n, struct ox_host_pkt *p,
		   struct seen *s)
{
	const struct ox_host_sink sink = { .output = see,
					   .userspace = see_user,
					   .arg = s };
	const struct ox_host_list l = {
		.flow = OX_NONE, .ops = ops, .n_ops = n, .end = OX_NONE
	};

	s->n = 0;
	return ox_host_run(mem, &l, p, &sink);
}

static void ignore_user(void *arg, uint32_t flow, uint32_t off,
			const struct ox_host_pkt *p, uint32_t cutlen)
{
	(void)arg;
	(void)flow;
	(void)off;
	(void)p;
	(void)cutlen;
}

struct drop {
	int n;
	uint32_t reason, flow;
	struct ox_key key;
};

static void see_drop(void *arg, uint32_t reason, uint32_t flow,
		     const struct ox_host_pkt *p)
{
	struct drop *d = arg;

	d->n++;
	d->reason = reason;
	d->flow = flow;
	d->key = p->key;
}

/* What is counted is told, with the key as it is then; once, and only what is
 * lost. */
static void tells_drops(void **state)
{
	static const struct {
		uint32_t n_ops, reason;
		struct ox_op op[3];
	} lists[] = {
		{ 1, OX_R_EXPLICIT, { { .code = OX_OP_DROP } } },
		{ 1,
		  OX_R_EXPLICIT_ERROR,
		  { { .code = OX_OP_DROP, .arg = 5 } } },
		{ 2,
		  OX_R_EXPLICIT,
		  { { .code = OX_OP_HASH, .arg = 1 },
		    { .code = OX_OP_DROP } } },
		{ 1, OX_R_BAD_FLOW, { { .code = 200 } } },
		{ 3,
		  OX_R_EXPLICIT,
		  { { .code = OX_OP_CLONE, .arg = 1 },
		    { .code = OX_OP_DROP },
		    { .code = OX_OP_USERSPACE, .flags = OX_OPF_LAST } } },
		{ 1, OX_R_NONE, { { .code = OX_OP_USERSPACE } } },
	};
	struct desc d = desc_ip4(6);

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct drop drop = { .reason = OX_R_NONE };
		const struct ox_host_sink sink = { .userspace = ignore_user,
						   .drop = see_drop,
						   .arg = &drop };
		const struct ox_host_list l = { .flow = 9,
						.ops = lists[i].op,
						.n_ops = lists[i].n_ops,
						.end = OX_NONE };
		struct ox_host_pkt p = packet(&d);
		uint64_t before = 0;

		if (lists[i].reason != OX_R_NONE)
			before = mem->config->host.reason[lists[i].reason];
		ox_host_run(mem, &l, &p, &sink);
		assert_int_equal(drop.reason, lists[i].reason);
		assert_int_equal(drop.n, lists[i].reason != OX_R_NONE);
		if (!drop.n)
			continue;
		assert_int_equal(drop.flow, 9);
		assert_int_equal(!!drop.key.dp_hash,
				 lists[i].op[0].code == OX_OP_HASH);
		assert_int_equal(mem->config->host.reason[lists[i].reason],
				 before + 1);
	}
}

static void assert_frame(const struct frame *f, const struct desc *d)
{
	static struct frame want;

	build(d, &want);
	assert_int_equal(f->len, want.len);
	assert_memory_equal(f->b, want.b, want.len);
}

static void see_miss(void *arg, const struct ox_host_pkt *p)
{
	see(arg, 2000, p, 0);
}

/* A list that another tier has begun and stopped with a key that lags behind
 * (OX_MD_STALE): what it sets then isn't the key's to know. */
static void goes_on_stale(void **state)
{
	struct desc d = desc_mpls(desc_mpls(desc_ip4(6), 100, 0), 101, 1);
	const struct ox_host_sink sink = { .miss = see_miss,
					   .arg = &(struct seen){ 0 } };
	const struct ox_op ops[] = {
		{ .code = OX_OP_SET_MPLS,
		  .arg = 0,
		  .val = htonl(0x100),
		  .mask = htonl(0x100) },
		{ .code = OX_OP_RECIRC, .arg = 7 },
	};
	struct ox_host_list l = {
		.flow = OX_NONE, .ops = ops, .n_ops = 2, .end = OX_NONE
	};
	const struct seen *s = sink.arg;
	struct ox_host_pkt p = packet(&d);
	struct ox_key want;

	(void)state;
	l.stale = 1;
	assert_int_equal(ox_host_run(mem, &l, &p, &sink), 0);
	assert_int_equal(s->n, 1);
	assert_int_equal(ox_host_extract(p.data, p.len, FX_IN, &want), 0);
	want.recirc_id = 7;
	assert_memory_equal(&s->key[0], &want, sizeof(want));
}

/* What is kept is counted at the output, not where the list was taken up. */
static void goes_on_cut(void **state)
{
	struct desc d = desc_ip4(6);
	const struct ox_op ops[] = {
		{ .code = OX_OP_PUSH_MPLS, .arg = 0x8847 },
		{ .code = OX_OP_OUTPUT, .arg = 3 },
	};
	static struct seen s;
	const struct ox_host_sink sink = { .output = see, .arg = &s };
	struct ox_host_pkt p = packet(&d);
	const struct ox_host_list l = { .flow = OX_NONE,
					.ops = ops,
					.n_ops = 2,
					.end = OX_NONE,
					.keep = p.len + 1 };
	uint32_t len = p.len;

	(void)state;
	s.n = 0;
	assert_int_equal(ox_host_run(mem, &l, &p, &sink), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.frame[0].len, len + 1);
}

/* Ports of a header that is none are set where something changes, only. */
static void sets_nothing(void **state)
{
	struct desc d = desc_ip4(6);
	struct ox_host_pkt p = packet(&d);
	static struct seen s;
	struct ox_op ops[] = {
		{ .code = OX_OP_SET_TP_SRC, .arg = 6 },
		{ .code = OX_OP_USERSPACE },
	};

	(void)state;
	p.data[OX_ETH_LEN + 20 + 12] = 0x30; /* 12 bytes of header */
	assert_int_equal(ox_host_extract(p.data, p.len, FX_IN, &p.key), 0);
	assert_int_equal(p.key.tp_src, 0);
	assert_int_equal(execute(ops, 2, &p, &s), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.key[0].tp_src, 0);
}

/* User space is told of the label that was set, though one more is in front
 * than the key knows. */
static void sets_stale_label(void **state)
{
	struct desc d = desc_mpls(desc_ip4(6), 100, 1);
	struct ox_host_pkt p = packet(&d);
	static struct seen s;
	struct ox_op ops[] = {
		{ .code = OX_OP_ADD_MPLS, .arg = 0x8847 | OX_MPLS_L3 },
		{ .code = OX_OP_SET_MPLS,
		  .val = htonl(0x12345640),
		  .mask = UINT32_MAX },
		{ .code = OX_OP_USERSPACE },
	};

	(void)state;
	assert_int_equal(execute(ops, 3, &p, &s), 0);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.key[0].mpls.lse[0], htonl(0x12345640));
}

static void execute_outputs(void **state)
{
	struct desc d = desc_ip4(17), tagged;
	struct ox_host_pkt p = packet(&d);
	static struct seen s;
	const uint16_t port = htons(99);
	struct ox_op ops[] = {
		{ .code = OX_OP_OUTPUT, .arg = 3 },
		{ .code = OX_OP_SET_TP_DST, .arg = 17, .mask = 0xffff },
		{ .code = OX_OP_USERSPACE, .arg = 24 },
		{ .code = OX_OP_PUSH_VLAN, .arg = 0x8100u << 16 | 0x1007 },
		{ .code = OX_OP_OUTPUT, .arg = 4 },
	};
	struct ox_key key;

	(void)state;
	memcpy(&ops[1].val, &port, 2);
	assert_int_equal(execute(ops, 5, &p, &s), 0);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.arg[0], 3);
	assert_frame(&s.frame[0], &d);
	d.dport = 99;
	assert_int_equal(s.arg[1], 1024);
	assert_frame(&s.frame[1], &d);
	assert_int_equal(s.key[1].tp_dst, port);
	tagged = desc_tag(d, 0x8100, 7);
	assert_int_equal(s.arg[2], 4);
	assert_frame(&s.frame[2], &tagged);
	key = desc_key(&tagged, FX_IN);
	assert_memory_equal(&s.key[2], &key, sizeof(key));
}

static void execute_completes(void **state)
{
	struct desc d = desc_ip6(6);
	const struct ox_op op = { .code = OX_OP_OUTPUT, .arg = 3 };
	static struct seen s;
	struct ox_host_pkt p;

	(void)state;
	d.partial = true;
	p = packet(&d);
	assert_int_equal(execute(&op, 1, &p, &s), 0);
	d.partial = false;
	assert_frame(&s.frame[0], &d);
}

static void execute_fails(void **state)
{
	struct desc d = desc_ip4(17);
	const struct ox_op ops[] = {
		{ .code = OX_OP_SET_TP_DST, .arg = 6 },
		{ .code = OX_OP_OUTPUT, .arg = 3 },
	};
	static struct seen s;
	struct ox_host_pkt p;

	(void)state;
	d.payload = 4; /* no room for a TCP header */
	p = packet(&d);
	assert_int_equal(execute(ops, 2, &p, &s), -ENOMEM);
	assert_int_equal(s.n, 0);
}

static void no_head_room(void **state)
{
	struct desc d = desc_ip4(17);
	const struct ox_op op = { .code = OX_OP_PUSH_VLAN, .arg = 0x81000001 };
	static struct seen s;
	struct ox_host_pkt p = packet(&d);

	(void)state;
	p.headroom = 3;
	assert_int_equal(execute(&op, 1, &p, &s), -ENOMEM);
}

/* Every complete checksum survives, also one that looks open by chance. */
static void csum_idempotent(void **state)
{
	struct desc d = desc_ip4(17);
	static struct frame before, open;
	struct ox_host_pkt p;
	uint32_t v, met = 0;

	(void)state;
	d.payload = 16;
	d.body[1] = 1;
	for (v = 0; v < 0x10000; v++) {
		put16(d.body + 2, v);
		build(&d, &before);
		d.partial = true;
		build(&d, &open);
		d.partial = false;
		met += !memcmp(before.b + 40, open.b + 40, 2);
		p = packet(&d);
		ox_host_csum_complete(&p);
		assert_memory_equal(p.data, before.b, before.len);
	}
	assert_true(met > 0);
}

static void runt(void **state)
{
	struct ox_key key;
	struct ox_host_rx_out out;
	struct ox_host_pkt p = { .data = buf.b, .len = 13, .in_port = FX_IN };
	struct ox_mem *m = mem;

	(void)state;
	m->ports[FX_IN].ifindex = 1;
	assert_int_equal(ox_host_extract(buf.b, 13, FX_IN, &key), -EINVAL);
	assert_int_equal(ox_host_rx(m, NULL, &p, &out), OX_V_DROP);
	assert_int_equal(out.arg, OX_R_RUNT);
	assert_int_equal(out.dp.reason[OX_R_RUNT], 1);
	assert_int_equal(out.in.rx_packets, 1);
	assert_int_equal(out.in.rx_errors, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OX_TEST("host.goes_on_stale", goes_on_stale),
		OX_TEST("host.goes_on_cut", goes_on_cut),
		OX_TEST("host.execute.sets_nothing", sets_nothing),
		OX_TEST("host.execute.sets_stale_label", sets_stale_label),
		OX_TEST("host.execute.outputs", execute_outputs),
		OX_TEST("host.execute.completes_csum", execute_completes),
		OX_TEST("host.execute.fails", execute_fails),
		OX_TEST("host.execute.no_head_room", no_head_room),
		OX_TEST("host.csum.idempotent", csum_idempotent),
		OX_TEST("host.drop.runt", runt),
		OX_TEST("host.drop.told", tells_drops),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
