// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_exec_frag.c - fragments in front of a ct() of the user tier: the list
 * goes on with the whole packet, which leaves in such pieces again.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>

#include "ovsxdp/ct_pkt.h"
#include "tests/lib/exec_env.h"

#define L2    14
#define FIRST 808 /* bytes of payload in the first fragment */
#define REST  400
#define MRU   (20 + FIRST)

struct fixture {
	struct ox_exec_env *e;
	struct ox_upcall_md md;
	struct ox_ct_mem ct;
	int n_met; /* packets that the table met, and the last one */
	struct ox_ct_req met;
};
static struct fixture f;

/* A table that knows everybody. */
static int meet(struct ox_ct_mem *m, struct ox_ct_req *rq)
{
	(void)m;
	f.n_met++;
	f.met = *rq;
	rq->key.ct_state = 0x21; /* trk, new */
	rq->key.ct_zone = rq->act.zone;
	return 0;
}

static int setup(void **state)
{
	static const struct ox_ct_mem_ops ops = { .meet = meet };

	(void)state;
	memset(&f, 0, sizeof(f));
	f.ct.ops = &ops;
	if (ox_env_new(&f.e))
		return -1;
	f.e->dp.ct = &f.ct;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	ox_env_free(f.e);
	return 0;
}

static uint32_t build(uint8_t *frame, uint32_t off, uint32_t n, bool more)
{
	static const uint8_t head[] = {
		0x02, 0, 0,  0, 0, 2,  0x02, 0,	   0,  0,    0, 1,   0x08, 0,
		0x45, 0, 0,  0, 0, 77, 0,    0,	   64, 17,   0, 0,   10,   0,
		0,    1, 10, 0, 0, 2,  0x03, 0xe8, 7,  0xd0, 4, 0xb8
	};
	uint32_t at = off / 8 | (more ? 0x2000 : 0);

	memset(frame, 7, L2 + 20 + n);
	memcpy(frame, head, off ? L2 + 20 : sizeof(head));
	if (!off)
		memset(frame + L2 + 26, 0, 2);
	frame[L2 + 2] = (uint8_t)((20 + n) >> 8);
	frame[L2 + 3] = (uint8_t)(20 + n);
	frame[L2 + 6] = (uint8_t)(at >> 8);
	frame[L2 + 7] = (uint8_t)at;
	return L2 + 20 + n;
}

/* It arrives by port 1, and XDP came to the flow's list. */
static void rx(uint32_t flow, uint32_t off, uint32_t n, bool more)
{
	static uint8_t room[OX_HOST_HEADROOM + 2000];
	struct ox_rx r = { .md = &f.md, .data = room + OX_HOST_HEADROOM };

	r.len = build(r.data, off, n, more);
	f.md = (struct ox_upcall_md){ .magic = OX_MD_MAGIC,
				      .port_no = 1,
				      .reason = OX_UP_FLOW,
				      .hash = 0x1234 };
	ox_env_md(f.e, flow, &f.md);
	ox_exec_rx(&f.e->dp, &f.e->out, 1, &r);
}

static void put_ct(struct ox_nlbuf *b, uint16_t zone)
{
	uint32_t mark;

	ox_nl_nest(b, OVS_ACTION_ATTR_CT, &mark);
	ox_nl_put_u16(b, OVS_CT_ATTR_ZONE, zone);
	ox_nl_nest_end(b, mark);
}

static uint32_t add_flow(void)
{
	uint8_t frame[2000];
	struct ox_key key;

	assert_int_equal(
		ox_host_extract(frame, build(frame, 0, FIRST, true), 1, &key),
		0);
	return ox_env_flow(f.e, &key, ox_acts_end(f.e));
}

static uint64_t drops(void)
{
	uint64_t n = 0;

	for (int i = 0; i < OX_R_COUNT; i++)
		n += f.e->cfg->host.reason[i];
	return n;
}

static void whole(void **state)
{
	struct ox_nlbuf *b = ox_acts_begin(f.e);
	const struct nlattr *a;
	uint32_t flow;

	(void)state;
	put_ct(b, 5);
	ox_acts_userspace(b, 9, false);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	flow = add_flow();
	rx(flow, 0, FIRST, true);
	assert_int_equal(f.n_met, 0);
	assert_int_equal(f.e->n_sent, 0);
	assert_int_equal(f.e->n_msgs, 0);
	rx(flow, FIRST, REST, false);
	assert_int_equal(f.n_met, 1);
	assert_int_equal(drops(), 0);
	/* what the table met */
	assert_int_equal(f.met.act.zone, 5);
	assert_int_equal(f.met.key.ip_frag, OVS_FRAG_TYPE_NONE);
	assert_int_equal(ntohs(f.met.key.tp_dst), 2000);
	assert_int_equal(f.met.p.len, 20 + FIRST + REST);
	/* what clients are told */
	assert_int_equal(f.e->n_msgs, 1);
	a = ox_env_attr(f.e, 0, OVS_PACKET_ATTR_MRU);
	assert_non_null(a);
	assert_int_equal(mnl_attr_get_u16(a), MRU);
	a = ox_env_attr(f.e, 0, OVS_PACKET_ATTR_PACKET);
	assert_int_equal(mnl_attr_get_payload_len(a), L2 + 20 + FIRST + REST);
	assert_int_equal(ox_env_hash(f.e, 0), 0);
	/* and what leaves */
	assert_int_equal(f.e->n_sent, 2);
	assert_int_equal(f.e->sent[0].tx.len, L2 + MRU);
	assert_int_equal(f.e->sent[1].tx.len, L2 + 20 + REST);
}

/* Around a clone that is put together, the packet stays a fragment. */
static void in_clone(void **state)
{
	struct ox_nlbuf *b = ox_acts_begin(f.e);
	uint32_t mark, flow;

	(void)state;
	ox_nl_nest(b, OVS_ACTION_ATTR_CLONE, &mark);
	put_ct(b, 5);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_nl_nest_end(b, mark);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	flow = add_flow();
	rx(flow, 0, FIRST, true);
	assert_int_equal(f.e->n_sent, 1);
	assert_int_equal(f.e->sent[0].port_no, 3);
	rx(flow, FIRST, REST, false);
	assert_int_equal(f.e->n_sent, 4);
	assert_int_equal(f.e->sent[1].port_no, 2);
	assert_int_equal(f.e->sent[2].port_no, 2);
	assert_int_equal(f.e->sent[3].port_no, 3);
	assert_int_equal(f.e->sent[3].tx.len, L2 + 20 + REST);
	assert_int_equal(drops(), 0);
}

static int request(uint32_t off, uint32_t n, bool more)
{
	uint8_t frame[2000];
	struct ox_execute x = { .frame = frame };
	struct ox_nlbuf *b = ox_acts_begin(f.e);
	struct ox_key exact;
	int err;

	x.len = build(frame, off, n, more);
	ox_host_extract(frame, x.len, 1, &x.key);
	put_ct(b, 6);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	memset(&exact, 0xff, sizeof(exact));
	assert_int_equal(ox_actions_compile(f.e->acts_room, ox_acts_end(f.e),
					    &x.key, &exact, &x.actions, NULL),
			 0);
	err = ox_exec_request(&f.e->dp, &f.e->out, &x);
	ox_execute_done(&x);
	return err;
}

/* A client isn't told that its fragment was taken, but that it was lost. */
static void execute(void **state)
{
	(void)state;
	assert_int_equal(request(0, FIRST, true), 0);
	assert_int_equal(drops(), 0);
	assert_int_equal(request(0, FIRST, true), -EINVAL);
	assert_int_equal(f.e->cfg->host.reason[OX_R_FRAG_DUP], 1);
	assert_int_equal(drops(), 1);
	assert_int_equal(request(FIRST, REST, false), 0);
	assert_int_equal(f.e->n_sent, 2);
	assert_int_equal(f.n_met, 1);
}

/* The datapath goes before the rest has come. */
static void forget(void **state)
{
	(void)state;
	assert_int_equal(request(0, FIRST, true), 0);
	ox_exec_forget(&f.e->dp);
	assert_int_equal(f.e->cfg->host.reason[OX_R_CT_FRAG], 1);
	assert_int_equal(request(FIRST, REST, false), 0);
	assert_int_equal(f.n_met, 0);
}

#define T(name) OX_TEST_WITH("unit.exec_frag." #name, name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(whole),
		T(in_clone),
		T(execute),
		T(forget),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
