// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_exec_ring.c - packets of the skb tier in the user tier: upcalls, lists
 * from where that tier stopped, lists that have gone meanwhile, GSO.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>

#include "control/flow/table.h"
#include "tests/lib/exec_env.h"

#define MSS 100

/* TCP 10.0.0.1:1000 > 10.0.0.2:2000 with 250 bytes, FIN PSH ACK. */
static uint8_t tcp_frame[54 + 250] = {
	0x02, 0,    0,	  0,	0,  2, 0x02, 0, 0,  0, 0, 1,
	0x08, 0x00,					     /* Ethernet */
	0x45, 0,    1,	  34,	0,  7, 0x40, 0, 64, 6, 0, 0, /* IPv4, 290 */
	10,   0,    0,	  1,	10, 0, 0,    2,		     /* addresses */
	0x03, 0xe8, 0x07, 0xd0, 0,  0, 0,    1, 0,  0, 0, 1, /* TCP */
	0x50, 0x19, 0xff, 0xff,
};
#define TCP_LEN ((uint32_t)sizeof(tcp_frame))
#define DST	30

struct fixture {
	struct ox_exec_env *e;
	struct ox_ring_rec rec; /* but for the frame */
	uint32_t flow;
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	f.flow = OX_NONE;
	if (ox_env_new(&f.e))
		return -1;
	f.rec = (struct ox_ring_rec){
		.md = { .magic = OX_MD_MAGIC,
			.port_no = 1,
			.hash = 0x1234,
			.flow = OX_NONE,
			.acts = OX_NONE },
		.len = TCP_LEN,
		.end = OX_NONE,
		.tun_out = OX_NONE,
	};
	*state = &f;
	return ox_host_extract(tcp_frame, TCP_LEN, 1, &f.rec.key);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ox_env_free(f->e);
	return 0;
}

/* The record, exactly as large as it says, comes in. */
static void ring(struct fixture *f, enum ox_upcall why, uint32_t pc)
{
	struct ox_ring_rec *rec = malloc(sizeof(*rec) + f->rec.len);

	assert_non_null(rec);
	*rec = f->rec;
	rec->md.reason = why;
	rec->md.pc = (uint16_t)pc;
	memcpy(rec->frame, tcp_frame, rec->len);
	ox_exec_ring(&f->e->dp, &f->e->out, rec);
	free(rec);
}

/* The flow that the packet is in, and what the record says of it. */
static void flow(struct fixture *f)
{
	f->flow = ox_env_flow(f->e, &f->rec.key, ox_acts_end(f->e));
	ox_env_md(f->e, f->flow, &f->rec.md);
	f->rec.gen = f->rec.md.gen;
	f->rec.md.hash = 0x1234;
}

static uint32_t pc_of(struct fixture *f, int code, int n)
{
	return ox_env_op(f->e, f->flow, code, n);
}

static uint64_t count(struct fixture *f, enum ox_reason why)
{
	return f->e->cfg->host.reason[why];
}

/* Frame of message i. */
static const uint8_t *msg_frame(struct fixture *f, int i, uint32_t *len)
{
	const struct nlattr *a = ox_env_attr(f->e, i, OVS_PACKET_ATTR_PACKET);

	assert_non_null(a);
	*len = mnl_attr_get_payload_len(a);
	return mnl_attr_get_payload(a);
}

/* ---- upcalls ---- */

static void miss(void **state)
{
	struct fixture *f = *state;
	const struct nlattr *a;
	uint32_t len;

	f->rec.key.skb_mark = 5;
	f->rec.key.skb_priority = 6;
	f->rec.key.recirc_id = 7;
	f->rec.mru = 1400;
	ring(f, OX_UP_MISS, 0);
	assert_int_equal(f->e->n_msgs, 1);
	assert_int_equal(f->e->msgs[0].portid, 101);
	assert_int_equal(ox_env_cmd(f->e, 0), OVS_PACKET_CMD_MISS);
	assert_int_equal(ox_env_key_u32(f->e, 0, OVS_KEY_ATTR_SKB_MARK), 5);
	assert_int_equal(ox_env_key_u32(f->e, 0, OVS_KEY_ATTR_PRIORITY), 6);
	assert_int_equal(ox_env_key_u32(f->e, 0, OVS_KEY_ATTR_RECIRC_ID), 7);
	assert_true((uint32_t)ox_env_hash(f->e, 0) == 0x1234);
	a = ox_env_attr(f->e, 0, OVS_PACKET_ATTR_MRU);
	assert_non_null(a);
	assert_int_equal(mnl_attr_get_u16(a), 1400);
	msg_frame(f, 0, &len);
	assert_int_equal(len, TCP_LEN);
	/* the skb tier has counted it */
	assert_int_equal(f->e->cfg->host.n_missed, 0);
}

/* A local stack leaves the pseudo-header sum where the checksum belongs. */
static void miss_partial(void **state)
{
	struct fixture *f = *state;
	const uint8_t *p;
	uint32_t len, s = 0;

	/* 0a00 + 0001 + 0a00 + 0002 + 0006 + 270 */
	tcp_frame[50] = 0x15, tcp_frame[51] = 0x17;
	ring(f, OX_UP_MISS, 0);
	tcp_frame[50] = 0, tcp_frame[51] = 0;
	p = msg_frame(f, 0, &len);
	for (uint32_t i = 26; i < len; i += 2)
		s += p[i] * 256u + p[i + 1];
	s += 6 + len - 34;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	assert_int_equal(s, 0xffff);
}

static void miss_gso(void **state)
{
	struct fixture *f = *state;
	uint32_t len;

	f->rec.gso_size = MSS;
	ring(f, OX_UP_MISS, 0);
	assert_int_equal(f->e->n_msgs, 3);
	for (int i = 0; i < 3; i++) {
		const uint8_t *p = msg_frame(f, i, &len);

		assert_int_equal(len, 54 + (i < 2 ? MSS : 50));
		assert_int_equal(p[16] * 256 + p[17], len - 14);
		assert_int_equal(p[41], 1 + i * MSS);
		assert_int_equal(p[47], i < 2 ? 0x10 : 0x19);
	}
	assert_int_equal(f->e->dp.mem->uports[1].upcall_success, 1);
}

/* GSO of what has no segments: one upcall is lost. */
static void miss_gso_bad(void **state)
{
	struct fixture *f = *state;

	f->rec.gso_size = MSS;
	f->rec.len = 40;
	ring(f, OX_UP_MISS, 0);
	assert_int_equal(f->e->n_msgs, 0);
	assert_int_equal(f->e->cfg->host.n_lost, 1);
	assert_int_equal(count(f, OX_R_EDIT), 1);
}

static void action(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	const struct nlattr *a;
	uint32_t len;

	ox_acts_userspace(b, 777, false);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_acts_userspace(b, 778, true);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	flow(f);
	f->rec.cutlen = TCP_LEN - 60;
	ring(f, OX_UP_ACTION, pc_of(f, OX_OP_USERSPACE, 1));
	assert_int_equal(f->e->n_sent, 0);
	assert_int_equal(f->e->n_msgs, 1);
	assert_int_equal(f->e->msgs[0].portid, 778);
	assert_int_equal(ox_env_cmd(f->e, 0), OVS_PACKET_CMD_ACTION);
	msg_frame(f, 0, &len);
	assert_int_equal(len, 60);
	a = ox_env_attr(f->e, 0, OVS_PACKET_ATTR_LEN);
	assert_non_null(a);
	assert_int_equal(mnl_attr_get_u32(a), TCP_LEN);
	assert_non_null(ox_env_attr(f->e, 0, OVS_PACKET_ATTR_ACTIONS));
	/* no USERSPACE op there */
	ring(f, OX_UP_ACTION, pc_of(f, OX_OP_OUTPUT, 0));
	ring(f, OX_UP_ACTION, 1000);
	assert_int_equal(f->e->n_msgs, 1);
	assert_int_equal(count(f, OX_R_BAD_FLOW), 2);
}

/* Far down a list of several slots. */
static void action_far(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	uint32_t n = 3 * OX_ACTS_OPS;

	for (uint32_t i = 0; i < n; i++)
		ox_acts_userspace(b, 1000 + i, false);
	flow(f);
	for (uint32_t i = 0; i < n; i++) {
		ox_env_forget(f->e);
		ring(f, OX_UP_ACTION, i);
		assert_int_equal(f->e->msgs[0].portid, 1000 + i);
	}
}

static void action_per_cpu(void **state)
{
	struct fixture *f = *state;

	f->e->cfg->user_features = OVS_DP_F_DISPATCH_UPCALL_PER_CPU;
	f->e->cfg->n_cpu_pids = 2;
	f->e->cfg->cpu_pids[0] = 500;
	f->e->cfg->cpu_pids[1] = 501;
	f->rec.md.cpu = 1;
	ox_acts_userspace(ox_acts_begin(f->e), 777, false);
	flow(f);
	ring(f, OX_UP_ACTION, 0);
	assert_int_equal(f->e->msgs[0].portid, 501);
}

static void action_gso(void **state)
{
	struct fixture *f = *state;

	ox_acts_userspace(ox_acts_begin(f->e), 777, false);
	flow(f);
	f->rec.gso_size = MSS;
	ring(f, OX_UP_ACTION, 0);
	assert_int_equal(f->e->n_msgs, 3);
}

/* ---- lists ---- */

static void three_outputs(struct fixture *f, uint32_t first)
{
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	struct ovs_key_ethernet eth = { .eth_src = { 2, 9 },
					.eth_dst = { 2, 8 } };
	uint32_t mark;

	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, first);
	ox_nl_nest(b, OVS_ACTION_ATTR_SET, &mark);
	ox_nl_put(b, OVS_KEY_ATTR_ETHERNET, &eth, sizeof(eth));
	ox_nl_nest_end(b, mark);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
}

static void list(void **state)
{
	struct fixture *f = *state;

	three_outputs(f, 0);
	flow(f);
	f->rec.key.skb_mark = 9;
	ring(f, OX_UP_FLOW, 0);
	assert_int_equal(f->e->n_sent, 3);
	assert_memory_equal(f->e->sent[0].frame, tcp_frame, 14);
	assert_int_equal(f->e->sent[1].frame[7], 9);
	assert_int_equal(f->e->sent[1].frame[1], 8);
	assert_int_equal(f->e->sent[2].port_no, 3);
	assert_int_equal(f->e->sent[2].tx.mark, 9);

	/* from the middle on, with bytes to cut off at the next output */
	ox_env_forget(f->e);
	f->rec.cutlen = TCP_LEN - 10;
	ring(f, OX_UP_FLOW, pc_of(f, OX_OP_OUTPUT, 1));
	assert_int_equal(f->e->n_sent, 2);
	assert_int_equal(f->e->sent[0].port_no, 2);
	assert_int_equal(f->e->sent[0].tx.len, TCP_LEN - 10);
	assert_memory_equal(f->e->sent[0].frame, tcp_frame, 14);
	assert_int_equal(f->e->sent[1].tx.len, TCP_LEN);

	/* up to an end */
	ox_env_forget(f->e);
	f->rec.cutlen = OX_NONE;
	f->rec.end = pc_of(f, OX_OP_OUTPUT, 1) + 1;
	ring(f, OX_UP_FLOW, pc_of(f, OX_OP_OUTPUT, 1));
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->sent[0].port_no, 2);
}

/* The slots' lists have gone: other slots, the same slot in another use. */
static void list_replaced(void **state)
{
	struct fixture *f = *state;
	struct ox_key exact;
	struct ox_actions a = { 0 };

	three_outputs(f, 0);
	flow(f);
	memset(&exact, 0xff, sizeof(exact));
	three_outputs(f, 1);
	assert_int_equal(ox_actions_compile(f->e->acts_room, ox_acts_end(f->e),
					    &f->rec.key, &exact, &a, NULL),
			 0);
	assert_int_equal(
		ox_table_set_actions(f->e->dp.table, f->flow, &a, NULL), 0);
	ox_actions_free(&a);
	/* half done: nobody can go on with it */
	ring(f, OX_UP_FLOW, 2);
	assert_int_equal(count(f, OX_R_BAD_FLOW), 1);
	assert_int_equal(f->e->n_sent, 0);
	ring(f, OX_UP_ACTION, 0);
	assert_int_equal(count(f, OX_R_BAD_FLOW), 2);
	/* not begun: by the new list */
	ring(f, OX_UP_FLOW, 0);
	assert_int_equal(f->e->n_sent, 3);
	assert_int_equal(f->e->sent[0].port_no, 1);
	/* a branch isn't the flow's list */
	f->rec.end = 3;
	ring(f, OX_UP_FLOW, 0);
	assert_int_equal(count(f, OX_R_BAD_FLOW), 3);
	assert_int_equal(f->e->n_sent, 3);
}

static void list_reused(void **state)
{
	struct fixture *f = *state;
	struct ox_acts *s;

	three_outputs(f, 0);
	flow(f);
	s = ox_mem_acts(f->e->dp.mem, f->rec.md.acts);
	s->flags += 1 << OX_ACTS_GEN_SHIFT;
	ring(f, OX_UP_FLOW, 2);
	assert_int_equal(count(f, OX_R_BAD_FLOW), 1);
	assert_int_equal(f->e->n_sent, 0);
	f->rec.gen++;
	ring(f, OX_UP_FLOW, pc_of(f, OX_OP_OUTPUT, 2));
	assert_int_equal(f->e->n_sent, 1);
}

static void list_removed(void **state)
{
	struct fixture *f = *state;

	three_outputs(f, 0);
	flow(f);
	ox_table_remove(f->e->dp.table, f->flow);
	ring(f, OX_UP_FLOW, 2);
	assert_int_equal(count(f, OX_R_BAD_FLOW), 1);
	ring(f, OX_UP_FLOW, 0);
	assert_int_equal(f->e->n_msgs, 1);
	assert_int_equal(ox_env_cmd(f->e, 0), OVS_PACKET_CMD_MISS);
}

/* A single output stands in the flow itself. */
static void list_inline(void **state)
{
	struct fixture *f = *state;

	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_OUTPUT, 3);
	flow(f);
	assert_int_equal(f->rec.md.acts, OX_NONE);
	ring(f, OX_UP_FLOW, 0);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->sent[0].port_no, 3);
	/* the index is another flow's by now: that one doesn't match */
	f->rec.key.recirc_id = 5;
	ring(f, OX_UP_FLOW, 0);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->n_msgs, 1);
}

/* The list runs once, segments leave. */
static void list_gso(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);

	ox_acts_userspace(b, 777, false);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_RECIRC, 9);
	flow(f);
	f->rec.key.recirc_id = 9;
	three_outputs(f, 0);
	ox_env_flow(f->e, &f->rec.key, ox_acts_end(f->e));
	f->rec.key.recirc_id = 0;
	f->rec.gso_size = MSS;
	ring(f, OX_UP_FLOW, 0);
	assert_int_equal(f->e->n_msgs, 3);
	assert_int_equal(f->e->n_sent, 9);
	assert_int_equal(f->e->cfg->host.n_hit, 1);
	assert_int_equal(f->e->sent[3].port_no, 2);
	assert_int_equal(f->e->sent[3].tx.len, 54 + MSS);
	assert_int_equal(f->e->sent[5].port_no, 2);
	assert_int_equal(f->e->sent[5].tx.len, 54 + 50);
	assert_int_equal(f->e->sent[5].frame[1], 8);
}

/* What no program of ours writes. */
static void broken(void **state)
{
	struct fixture *f = *state;

	f->rec.md.port_no = 60000;
	ring(f, OX_UP_MISS, 0);
	f->rec.md.port_no = 1;
	ring(f, 99, 0);
	f->rec.md.flow = 0x7fffffff;
	f->rec.md.acts = 0x7fffffff;
	ring(f, OX_UP_ACTION, 0);
	ring(f, OX_UP_FLOW, 4);
	assert_int_equal(count(f, OX_R_BAD_FLOW), 4);
	assert_int_equal(f->e->n_msgs, 0);
	assert_int_equal(f->e->n_sent, 0);
}

/* ---- statistics ---- */

/* The user tier's share, over a clear. */
static void stats(void **state)
{
	struct fixture *f = *state;
	struct ox_table *t = f->e->dp.table;
	struct ox_flow_stats *map, st;

	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_RECIRC, 9);
	flow(f);
	f->rec.key.recirc_id = 9;
	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_OUTPUT, 2);
	f->flow = ox_env_flow(f->e, &f->rec.key, ox_acts_end(f->e));
	f->rec.key.recirc_id = 0;
	map = &ox_mem_heap(f->e->dp.mem)->flow_stats[f->flow];
	*map = (struct ox_flow_stats){ .packets = 10,
				       .bytes = 1000,
				       .used = 1 };
	ring(f, OX_UP_FLOW, 0);
	ring(f, OX_UP_FLOW, 0);
	assert_int_equal(ox_table_stats(t, f->flow, &st), 0);
	assert_int_equal(st.packets, 12);
	assert_int_equal(st.bytes, 1000 + 2 * TCP_LEN);
	assert_true(st.used > 1);
	assert_int_equal(ntohs(st.tcp_flags), 0x19);

	assert_int_equal(ox_table_stats_clear(t, f->flow), 0);
	assert_int_equal(ox_table_stats(t, f->flow, &st), 0);
	assert_int_equal(st.packets, 0);
	assert_int_equal(st.bytes, 0);
	assert_int_equal(st.used, 0);
	assert_int_equal(st.tcp_flags, 0);

	map->packets += 3;
	map->bytes += 300;
	ring(f, OX_UP_FLOW, 0);
	assert_int_equal(ox_table_stats(t, f->flow, &st), 0);
	assert_int_equal(st.packets, 4);
	assert_int_equal(st.bytes, 300 + TCP_LEN);
	assert_int_equal(ntohs(st.tcp_flags), 0x19);
}

/* From any id to another one, without end. */
static void for_ever(struct fixture *f)
{
	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_RECIRC, 9);
	flow(f);
	f->rec.key.recirc_id = 9;
	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_RECIRC, 9);
	f->flow = ox_env_flow(f->e, &f->rec.key, ox_acts_end(f->e));
	f->rec.key.recirc_id = 0;
}

/* Passes of one record. */
static uint64_t passes(struct fixture *f)
{
	uint64_t hits = f->e->cfg->host.n_hit;

	ring(f, OX_UP_FLOW, 0);
	return f->e->cfg->host.n_hit - hits;
}

/* A list that recirculates goes on with what the packet has left of lists to
 * put off: three passes each, beside the three that need none. */
static void passes_left(void **state)
{
	struct fixture *f = *state;

	for_ever(f);
	for (uint32_t n = 0; n <= OX_MAX_DEFERRED; n++) {
		f->rec.packet++;
		f->rec.md.deferred = n & 15;
		assert_int_equal(passes(f), 3 + 3 * (OX_MAX_DEFERRED - n));
	}
	assert_int_equal(count(f, OX_R_RECIRC), 1 + OX_MAX_DEFERRED);
}

/* Copies of a packet share what it may cost; another packet has its own. */
static void copies_share(void **state)
{
	struct fixture *f = *state;

	for_ever(f);
	assert_int_equal(passes(f), 3 + 3 * OX_MAX_DEFERRED);
	assert_int_equal(passes(f), 3);
	f->rec.md.cpu = 1;
	assert_int_equal(passes(f), 3 + 3 * OX_MAX_DEFERRED);
	f->rec.packet++;
	assert_int_equal(passes(f), 3 + 3 * OX_MAX_DEFERRED);
}

/* A list costs its ops, and a pass one. */
static void work_left(void **state)
{
	struct fixture *f = *state;

	for_ever(f);
	f->rec.work = OX_MAX_WORK - 5;
	assert_int_equal(passes(f), 2);
	assert_int_equal(count(f, OX_R_WORK), 1);
	f->rec.packet++;
	f->rec.work = OX_MAX_WORK;
	assert_int_equal(passes(f), 0);
	assert_int_equal(count(f, OX_R_WORK), 2);
}

#define T(id, fn) OX_TEST_WITH("unit.exec_ring." id, fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T("miss", miss),
		T("miss_partial", miss_partial),
		T("miss_gso", miss_gso),
		T("miss_gso_bad", miss_gso_bad),
		T("action", action),
		T("action_far", action_far),
		T("action_per_cpu", action_per_cpu),
		T("action_gso", action_gso),
		T("list", list),
		T("list_replaced", list_replaced),
		T("list_reused", list_reused),
		T("list_removed", list_removed),
		T("list_inline", list_inline),
		T("list_gso", list_gso),
		T("broken", broken),
		T("stats", stats),
		T("passes_left", passes_left),
		T("copies_share", copies_share),
		T("work_left", work_left),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
