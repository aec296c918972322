// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_exec_tun.c - tunnels in the user tier: lists with set(tunnel()), records
 * of packets that came by a tunnel, and upcalls with either key.
 */
#include "tests/lib/test.h"

#include <net/if.h> /* in front of the kernel's */

#include <arpa/inet.h>
#include <linux/if_tunnel.h>

#include "control/flow/table.h"
#include "tests/lib/exec_env.h"

#define TUN 3 /* a tunnel's port */

/* UDP 10.0.0.1:1000 > 10.0.0.2:2000, no data. */
static uint8_t frame[42] = {
	2,    0, 0,  0,	 0, 2, 2,    0,	   0,	 0,    0,    1,	   8,  0,
	0x45, 0, 0,  28, 0, 0, 0,    0,	   64,	 17,   0x66, 0xcf, 10, 0,
	0,    1, 10, 0,	 0, 2, 0x03, 0xe8, 0x07, 0xd0, 0,    8,	   0,  0,
};

struct fixture {
	struct ox_exec_env *e;
	struct ox_ring_rec rec; /* but for what follows it */
	struct ox_tun tun;
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	if (ox_env_new(&f.e))
		return -1;
	f.e->dp.mem->ports[TUN].flags |= OX_PORT_TUNNEL;
	f.e->dp.mem->ports[TUN].tun_kind = OVS_VPORT_TYPE_VXLAN;
	f.e->dp.mem->ports[TUN].tun_port = htons(4789);
	f.rec = (struct ox_ring_rec){
		.md = { .magic = OX_MD_MAGIC,
			.port_no = 1,
			.hash = 0x1234,
			.flow = OX_NONE,
			.acts = OX_NONE },
		.len = sizeof(frame),
		.end = OX_NONE,
		.tun_out = OX_NONE,
	};
	*state = &f;
	return ox_host_extract(frame, sizeof(frame), 1, &f.rec.key);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ox_env_free(f->e);
	return 0;
}

static void set_tunnel(struct ox_nlbuf *b, uint32_t id)
{
	const uint64_t be = __builtin_bswap64(id);
	uint32_t set, nest;

	ox_nl_nest(b, OVS_ACTION_ATTR_SET, &set);
	ox_nl_nest(b, OVS_KEY_ATTR_TUNNEL, &nest);
	ox_nl_put(b, OVS_TUNNEL_KEY_ATTR_ID, &be, sizeof(be));
	ox_nl_put_u32(b, OVS_TUNNEL_KEY_ATTR_IPV4_SRC, htonl(0x7f000001));
	ox_nl_put_u32(b, OVS_TUNNEL_KEY_ATTR_IPV4_DST, htonl(0x7f000002));
	ox_nl_put(b, OVS_TUNNEL_KEY_ATTR_TTL, "\100", 1);
	ox_nl_nest_end(b, nest);
	ox_nl_nest_end(b, set);
}

static void output(struct ox_nlbuf *b, uint32_t port)
{
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, port);
}

static void egress_upcall(struct ox_nlbuf *b)
{
	uint32_t mark;

	ox_nl_nest(b, OVS_ACTION_ATTR_USERSPACE, &mark);
	ox_nl_put_u32(b, OVS_USERSPACE_ATTR_PID, 77);
	ox_nl_put_u32(b, OVS_USERSPACE_ATTR_EGRESS_TUN_PORT, TUN);
	ox_nl_nest_end(b, mark);
}

static void execute(struct fixture *f)
{
	const struct nlattr *acts = ox_acts_end(f->e);
	struct ox_execute rq = { .frame = frame,
				 .len = sizeof(frame),
				 .key = f->rec.key,
				 .tun = f->tun };
	struct ox_key exact;
	struct ox_err err;

	memset(&exact, 0xff, sizeof(exact));
	assert_int_equal(ox_actions_compile(f->e->acts_room, acts, &rq.key,
					    &exact, &rq.actions, &err),
			 0);
	assert_int_equal(ox_exec_request(&f->e->dp, &f->e->out, &rq), 0);
	ox_execute_done(&rq);
}

/* Output i went to a port with this tunnel id, or without a key. */
static void sent_by(struct fixture *f, int i, uint32_t port, uint32_t id)
{
	const struct ox_env_sent *s = &f->e->sent[i];

	assert_true(i < f->e->n_sent);
	assert_int_equal(s->port_no, port);
	if (!id) {
		assert_null(s->tx.tunnel);
		return;
	}
	assert_non_null(s->tx.tunnel);
	assert_int_equal(s->tunnel.tun.tun_id, __builtin_bswap64(id));
	assert_int_equal(s->tunnel.proto, AF_INET);
	assert_int_equal(s->tunnel.ttl, 64);
	assert_int_equal(s->tunnel.tun.ipv4.dst, htonl(0x7f000002));
}

/* The key outlives an output, and a branch's is its own. */
static void executed(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	uint32_t mark;

	output(b, TUN);
	set_tunnel(b, 1);
	output(b, TUN);
	ox_nl_nest(b, OVS_ACTION_ATTR_CLONE, &mark);
	output(b, TUN);
	set_tunnel(b, 2);
	output(b, TUN);
	ox_nl_nest_end(b, mark);
	output(b, TUN);
	execute(f);
	assert_int_equal(f->e->n_sent, 5);
	sent_by(f, 0, TUN, 0);
	sent_by(f, 1, TUN, 1);
	sent_by(f, 2, TUN, 1);
	sent_by(f, 3, TUN, 2);
	sent_by(f, 4, TUN, 1);
}

/* A key that an EXECUTE's list has set, in the flow's list after it. */
static void recirculated(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	struct ox_key key = f->rec.key;

	output(b, TUN);
	set_tunnel(b, 6);
	output(b, TUN);
	key.recirc_id = 9;
	ox_env_flow(f->e, &key, ox_acts_end(f->e));
	b = ox_acts_begin(f->e);
	set_tunnel(b, 5);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_RECIRC, 9);
	execute(f);
	assert_int_equal(f->e->n_sent, 2);
	sent_by(f, 0, TUN, 5);
	sent_by(f, 1, TUN, 6);
}

/* The record, exactly as large as it says, comes in. */
static void ring(struct fixture *f, enum ox_upcall why)
{
	struct ox_ring_rec *rec =
		malloc(sizeof(*rec) + f->rec.tun_len + sizeof(frame));

	assert_non_null(rec);
	*rec = f->rec;
	rec->md.reason = why;
	memcpy(rec->frame, &f->tun, rec->tun_len);
	memcpy(rec->frame + rec->tun_len, frame, sizeof(frame));
	ox_exec_ring(&f->e->dp, &f->e->out, rec);
	free(rec);
}

/* The list of the flow that the packet is in, after its set(tunnel()). */
static uint32_t in_flow(struct fixture *f)
{
	uint32_t flow = ox_env_flow(f->e, &f->rec.key, ox_acts_end(f->e));

	ox_env_md(f->e, flow, &f->rec.md);
	f->rec.gen = f->rec.md.gen;
	f->rec.md.hash = 0x1234;
	f->rec.md.pc = ox_env_op(f->e, flow, OX_OP_TUN, 0) + 1;
	f->rec.tun_out = OX_TUN_REF(f->rec.md.acts, f->rec.md.pc - 1);
	f->rec.tun_gen = f->rec.gen;
	return flow;
}

/* Where the skb tier stopped, its key is in force; until its list has gone. */
static void went_on(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);

	set_tunnel(b, 8);
	output(b, TUN);
	in_flow(f);
	ring(f, OX_UP_FLOW);
	assert_int_equal(f->e->n_sent, 1);
	sent_by(f, 0, TUN, 8);
	f->rec.tun_gen++;
	ring(f, OX_UP_FLOW);
	assert_int_equal(f->e->n_sent, 2);
	sent_by(f, 1, TUN, 0);
}

/* ---- upcalls ---- */

static void came_by_tunnel(struct fixture *f)
{
	f->rec.key.tun_proto = AF_INET;
	f->rec.key.tun_ttl = 3;
	f->rec.key.tun_flags = TUNNEL_KEY;
	f->rec.key.has_tun = 1;
	f->tun.tun_id = __builtin_bswap64(0x99);
	f->tun.ipv4.src = htonl(0x7f000005);
	f->tun.ipv4.dst = htonl(0x7f000006);
	f->rec.tun_len = sizeof(f->tun);
}

/* Attribute "type" of the tunnel in message i: in its key, or the egress one.
 */
static const struct nlattr *tun_attr(struct fixture *f, int i, int nest,
				     int type)
{
	const struct nlattr *in = ox_env_attr(f->e, i, nest), *a;

	if (nest == OVS_PACKET_ATTR_KEY) {
		mnl_attr_for_each_nested (a, in)
			if (mnl_attr_get_type(a) == OVS_KEY_ATTR_TUNNEL)
				break;
		in = a;
	}
	assert_non_null(in);
	mnl_attr_for_each_nested (a, in)
		if (mnl_attr_get_type(a) == type)
			return a;
	return NULL;
}

static void miss(void **state)
{
	struct fixture *f = *state;
	const struct nlattr *a;
	uint64_t id;

	came_by_tunnel(f);
	ring(f, OX_UP_MISS);
	assert_int_equal(f->e->n_msgs, 1);
	a = tun_attr(f, 0, OVS_PACKET_ATTR_KEY, OVS_TUNNEL_KEY_ATTR_ID);
	assert_non_null(a);
	memcpy(&id, mnl_attr_get_payload(a), sizeof(id));
	assert_int_equal(id, __builtin_bswap64(0x99));
	a = tun_attr(f, 0, OVS_PACKET_ATTR_KEY, OVS_TUNNEL_KEY_ATTR_IPV4_SRC);
	assert_int_equal(mnl_attr_get_u32(a), htonl(0x7f000005));
	a = ox_env_attr(f->e, 0, OVS_PACKET_ATTR_PACKET);
	assert_int_equal(mnl_attr_get_payload_len(a), sizeof(frame));
	assert_memory_equal(mnl_attr_get_payload(a), frame, sizeof(frame));
}

/* A record that says less or more than there can be. */
static void bad_record(void **state)
{
	struct fixture *f = *state;

	came_by_tunnel(f);
	f->rec.tun_len = 8;
	ring(f, OX_UP_MISS);
	assert_int_equal(f->e->n_msgs, 0);
	assert_int_equal(f->e->cfg->host.reason[OX_R_BAD_FLOW], 1);
}

static void egress_is(struct fixture *f, int i, uint32_t src)
{
	const struct nlattr *a;
	uint16_t port;

	a = tun_attr(f, i, OVS_PACKET_ATTR_EGRESS_TUN_KEY,
		     OVS_TUNNEL_KEY_ATTR_IPV4_SRC);
	assert_non_null(a);
	assert_int_equal(mnl_attr_get_u32(a), htonl(src));
	a = tun_attr(f, i, OVS_PACKET_ATTR_EGRESS_TUN_KEY,
		     OVS_TUNNEL_KEY_ATTR_TP_DST);
	assert_non_null(a);
	memcpy(&port, mnl_attr_get_payload(a), sizeof(port));
	assert_int_equal(port, htons(4789));
}

/* userspace(egress_tun_port): the key in force, in an EXECUTE's list, and in
 * one that the skb tier goes on with. Without one there is none. */
static void egress(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	uint32_t flow;

	egress_upcall(b);
	set_tunnel(b, 4);
	egress_upcall(b);
	execute(f);
	assert_int_equal(f->e->n_msgs, 2);
	assert_null(ox_env_attr(f->e, 0, OVS_PACKET_ATTR_EGRESS_TUN_KEY));
	egress_is(f, 1, 0x7f000001);
	b = ox_acts_begin(f->e);
	set_tunnel(b, 4);
	egress_upcall(b);
	output(b, 2);
	flow = in_flow(f);
	f->rec.md.pc = ox_env_op(f->e, flow, OX_OP_USERSPACE, 0);
	ring(f, OX_UP_ACTION);
	assert_int_equal(f->e->n_msgs, 3);
	egress_is(f, 2, 0x7f000001);
}

#define T(id, fn) OX_TEST_WITH("unit.exec_tun." id, fn, setup, teardown)

static const struct CMUnitTest tests[] = {
	T("executed", executed),     T("recirculated", recirculated),
	T("went_on", went_on),	     T("miss", miss),
	T("bad_record", bad_record), T("egress", egress),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
