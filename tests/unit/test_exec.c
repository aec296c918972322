// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_exec.c - the user tier's decisions on heap memory: packets of the XDP
 * tier, EXECUTE, output's checks. The test takes the frames and messages.
 * Those of the skb tier are in test_exec_ring.c.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>

#include "control/packet/output.h"
#include "tests/lib/exec_env.h"

static const uint8_t udp_frame[] = {
	0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00,
	/* IPv4 10.0.0.1 > 10.0.0.2, UDP, 29 bytes */
	0x45, 0, 0, 29, 0, 0, 0x40, 0, 64, 17, 0x26, 0xce, 10, 0, 0, 1, 10, 0,
	0, 2,
	/* UDP 1000 > 2000, one byte; no checksum */
	0x03, 0xe8, 0x07, 0xd0, 0, 9, 0, 0, 'x'
};
#define UDP_LEN	 ((uint32_t)sizeof(udp_frame))
#define UDP_CSUM 40 /* offset of the checksum */
#define DST	 30 /* of the destination address */

struct fixture {
	struct ox_exec_env *e;
	/* what comes in */
	uint8_t room[OX_HOST_HEADROOM + 256];
	struct ox_upcall_md md;
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	*state = &f;
	return ox_env_new(&f.e);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ox_env_free(f->e);
	return 0;
}

static struct ox_key udp_key(void)
{
	struct ox_key key;

	assert_int_equal(ox_host_extract(udp_frame, UDP_LEN, 1, &key), 0);
	return key;
}

/* The frame arrives by port 1. */
static void rx(struct fixture *f, const struct ox_upcall_md *md)
{
	struct ox_rx r = {
		.md = md,
		.data = f->room + OX_HOST_HEADROOM,
		.len = UDP_LEN,
	};

	memcpy(r.data, udp_frame, UDP_LEN);
	ox_exec_rx(&f->e->dp, &f->e->out, 1, &r);
}

static struct ox_upcall_md *md(struct fixture *f, enum ox_upcall why,
			       uint32_t flow)
{
	f->md = (struct ox_upcall_md){
		.magic = OX_MD_MAGIC,
		.port_no = 1,
		.reason = why,
		.cpu = 1,
	};
	ox_env_md(f->e, flow, &f->md);
	if (why == OX_UP_MISS)
		f->md.hash = 0xabcd1234;
	return &f->md;
}

static uint32_t add_flow(struct fixture *f, const struct nlattr *nest)
{
	struct ox_key key = udp_key();

	return ox_env_flow(f->e, &key, nest);
}

static uint32_t add_output_flow(struct fixture *f, uint32_t port)
{
	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_OUTPUT, port);
	return add_flow(f, ox_acts_end(f->e));
}

/* ---- from the XDP tier ---- */

static void miss(void **state)
{
	struct fixture *f = *state;
	const struct nlmsghdr *nlh = (const void *)f->e->msgs[0].data;

	rx(f, md(f, OX_UP_MISS, OX_NONE));
	assert_int_equal(f->e->n_msgs, 1);
	assert_int_equal(f->e->n_sent, 0);
	assert_int_equal(f->e->msgs[0].portid, 101);
	assert_int_equal(ox_env_cmd(f->e, 0), OVS_PACKET_CMD_MISS);
	assert_int_equal(nlh->nlmsg_len, f->e->msgs[0].len);
	/* software made it, from the ports too */
	assert_true(
		ox_env_hash(f->e, 0) ==
		(0xabcd1234 | OVS_PACKET_HASH_SW_BIT | OVS_PACKET_HASH_L4_BIT));
	/* XDP has counted it */
	assert_int_equal(f->e->cfg->host.n_missed, 0);
}

/* A miss after a recirculation says so. */
static void miss_recirc(void **state)
{
	struct fixture *f = *state;

	md(f, OX_UP_MISS, OX_NONE);
	f->md.recirc_id = 77;
	f->md.dp_hash = 88;
	rx(f, &f->md);
	assert_int_equal(ox_env_key_u32(f->e, 0, OVS_KEY_ATTR_RECIRC_ID), 77);
	assert_int_equal(ox_env_key_u32(f->e, 0, OVS_KEY_ATTR_DP_HASH), 88);
}

/* A flow came while the packet was queued: the client gets it anyway. */
static void miss_stays_miss(void **state)
{
	struct fixture *f = *state;

	add_output_flow(f, 2);
	rx(f, md(f, OX_UP_MISS, OX_NONE));
	assert_int_equal(f->e->n_msgs, 1);
	assert_int_equal(f->e->n_sent, 0);
}

static void miss_per_cpu(void **state)
{
	struct fixture *f = *state;

	f->e->cfg->user_features = OVS_DP_F_DISPATCH_UPCALL_PER_CPU;
	f->e->cfg->n_cpu_pids = 2;
	f->e->cfg->cpu_pids[0] = 500;
	f->e->cfg->cpu_pids[1] = 501;
	rx(f, md(f, OX_UP_MISS, OX_NONE));
	assert_int_equal(f->e->msgs[0].portid, 501);
}

static void miss_nobody(void **state)
{
	struct fixture *f = *state;

	f->e->dp.mem->uports[1].pids[0] = 0;
	rx(f, md(f, OX_UP_MISS, OX_NONE));
	assert_int_equal(f->e->n_msgs, 0);
	assert_int_equal(f->e->cfg->host.n_lost, 1);
}

/* Without metadata the user tier looks for itself. */
static void no_metadata(void **state)
{
	struct fixture *f = *state;

	rx(f, NULL);
	assert_int_equal(f->e->n_msgs, 1);
	add_output_flow(f, 2);
	rx(f, NULL);
	assert_int_equal(f->e->n_msgs, 1);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->sent[0].port_no, 2);
}

static void user_flow(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	const struct nlattr *nest, *a;
	uint32_t flow;

	ox_acts_ipv4_dst(b, 0x0a090909);
	ox_acts_userspace(b, 777, true);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	nest = ox_acts_end(f->e);
	flow = add_flow(f, nest);
	rx(f, md(f, OX_UP_FLOW, flow));
	assert_int_equal(f->e->msgs[0].portid, 777);
	assert_int_equal(ox_env_cmd(f->e, 0), OVS_PACKET_CMD_ACTION);
	a = ox_env_attr(f->e, 0, OVS_PACKET_ATTR_USERDATA);
	assert_non_null(a);
	assert_memory_equal(mnl_attr_get_payload(a), "cookie", 6);
	a = ox_env_attr(f->e, 0, OVS_PACKET_ATTR_ACTIONS);
	assert_non_null(a);
	assert_int_equal(mnl_attr_get_payload_len(a),
			 mnl_attr_get_payload_len(nest));
	assert_memory_equal(mnl_attr_get_payload(a), mnl_attr_get_payload(nest),
			    mnl_attr_get_payload_len(nest));
	/* the packet is the rewritten one, its old hash void */
	a = ox_env_attr(f->e, 0, OVS_PACKET_ATTR_PACKET);
	assert_int_equal(((uint8_t *)mnl_attr_get_payload(a))[DST + 1], 9);
	assert_true(ox_env_hash(f->e, 0) == 0);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->sent[0].port_no, 3);
	assert_int_equal(f->e->sent[0].frame[DST + 1], 9);
}

/* XDP has done the edit: the list goes on behind it. */
static void user_flow_middle(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	uint32_t flow;

	ox_acts_ipv4_dst(b, 0x0a090909);
	ox_acts_userspace(b, 777, false);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	flow = add_flow(f, ox_acts_end(f->e));
	md(f, OX_UP_FLOW, flow);
	f->md.pc = ox_env_op(f->e, flow, OX_OP_USERSPACE, 0);
	assert_true(f->md.pc > 0);
	rx(f, &f->md);
	assert_int_equal(f->e->n_msgs, 1);
	assert_int_equal(f->e->n_sent, 1);
	assert_memory_equal(f->e->sent[0].frame, udp_frame, UDP_LEN);
}

/* More ops than a slot holds. */
static void long_flow(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	uint32_t flow, n = 2 * OX_ACTS_OPS, last;

	for (uint32_t i = 0; i < n; i++)
		ox_acts_userspace(b, 1000 + i, false);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	flow = add_flow(f, ox_acts_end(f->e));
	rx(f, md(f, OX_UP_FLOW, flow));
	assert_int_equal(f->e->n_msgs, n);
	last = (n - 1) % OX_ENV_KEPT;
	assert_int_equal(f->e->msgs[last].portid, 1000 + n - 1);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->sent[0].port_no, 3);
}

/* The index that XDP named is another flow's by now, or none. */
static void stale_flow(void **state)
{
	struct fixture *f = *state;
	uint32_t flow = add_output_flow(f, 2);

	md(f, OX_UP_FLOW, flow);
	f->md.flow = flow + 1;
	rx(f, &f->md);
	assert_int_equal(f->e->n_sent, 1); /* found afresh */
	md(f, OX_UP_FLOW, flow);
	ox_table_remove(f->e->dp.table, flow);
	rx(f, &f->md);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->n_msgs, 1);
	assert_int_equal(ox_env_cmd(f->e, 0), OVS_PACKET_CMD_MISS);
}

/* A local stack leaves the pseudo-header sum where the checksum belongs. */
static void partial_checksum(void **state)
{
	struct fixture *f = *state;
	struct ox_rx r = { .data = f->room + OX_HOST_HEADROOM, .len = UDP_LEN };
	/* 0a00 + 0001 + 0a00 + 0002 + 0011 + 0009 */
	static const uint8_t pseudo[2] = { 0x14, 0x1d };
	/* and 03e8 + 07d0 + 0009 + 7800 = 97de: the complement */
	static const uint8_t whole[2] = { 0x68, 0x21 };
	const uint8_t *got;

	r.md = md(f, OX_UP_MISS, OX_NONE);
	f->e->dp.mem->ports[1].flags |= OX_PORT_SKB_RX;
	memcpy(r.data, udp_frame, UDP_LEN);
	memcpy(r.data + UDP_CSUM, pseudo, 2);
	ox_exec_rx(&f->e->dp, &f->e->out, 1, &r);
	got = mnl_attr_get_payload(
		ox_env_attr(f->e, 0, OVS_PACKET_ATTR_PACKET));
	assert_memory_equal(got + UDP_CSUM, whole, 2);

	/* a wire's frame is left as it came */
	f->e->dp.mem->ports[1].flags &= ~OX_PORT_SKB_RX;
	memcpy(r.data + UDP_CSUM, pseudo, 2);
	ox_exec_rx(&f->e->dp, &f->e->out, 1, &r);
	got = mnl_attr_get_payload(
		ox_env_attr(f->e, 1, OVS_PACKET_ATTR_PACKET));
	assert_memory_equal(got + UDP_CSUM, pseudo, 2);
}

static void runt(void **state)
{
	struct fixture *f = *state;
	struct ox_rx r = { .data = f->room + OX_HOST_HEADROOM, .len = 13 };

	ox_exec_rx(&f->e->dp, &f->e->out, 1, &r);
	assert_int_equal(f->e->n_msgs, 0);
	assert_int_equal(f->e->cfg->host.reason[OX_R_RUNT], 1);
}

/* ---- EXECUTE ---- */

static int request_x(struct fixture *f, struct ox_execute *x,
		     const struct nlattr *nest)
{
	struct ox_key exact;
	int err;

	memset(&exact, 0xff, sizeof(exact));
	assert_int_equal(ox_actions_compile(f->e->acts_room, nest, &x->key,
					    &exact, &x->actions, NULL),
			 0);
	err = ox_exec_request(&f->e->dp, &f->e->out, x);
	ox_execute_done(x);
	return err;
}

static int request(struct fixture *f, const struct nlattr *nest)
{
	struct ox_execute x = { .frame = udp_frame,
				.len = UDP_LEN,
				.key = udp_key() };

	return request_x(f, &x, nest);
}

static void execute_output(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);

	ox_acts_ipv4_dst(b, 0x0a090909);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	assert_int_equal(request(f, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->sent[0].tx.len, UDP_LEN);
	assert_int_equal(f->e->sent[0].tx.mac_proto, 1);
	assert_int_equal(f->e->sent[0].frame[DST + 3], 9);
}

/* The client's metadata goes with the packet, and actions change it. */
static void execute_meta(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	struct ox_execute x = { .frame = udp_frame,
				.len = UDP_LEN,
				.key = udp_key() };

	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_acts_set_u32(b, OVS_KEY_ATTR_SKB_MARK, 0x55);
	ox_acts_set_u32(b, OVS_KEY_ATTR_PRIORITY, 6);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	x.key.skb_priority = 3;
	x.key.skb_mark = 4;
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 2);
	assert_int_equal(f->e->sent[0].tx.priority, 3);
	assert_int_equal(f->e->sent[0].tx.mark, 4);
	assert_int_equal(f->e->sent[1].tx.priority, 6);
	assert_int_equal(f->e->sent[1].tx.mark, 0x55);
}

static void execute_userspace(void **state)
{
	struct fixture *f = *state;
	struct ox_execute x = { .frame = udp_frame,
				.len = UDP_LEN,
				.hash = 0x55,
				.key = udp_key() };

	ox_acts_userspace(ox_acts_begin(f->e), 777, false);
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->msgs[0].portid, 777);
	assert_null(ox_env_attr(f->e, 0, OVS_PACKET_ATTR_ACTIONS));
	assert_true(ox_env_hash(f->e, 0) == 0x55);
	x.upcall_pid = 888;
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->msgs[1].portid, 888);
	assert_int_equal(f->e->dp.mem->uports[1].upcall_success, 2);
}

/* trunc holds for the next output or upcall alone. */
static void execute_trunc(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	const struct nlattr *a;

	ox_acts_trunc(b, 20);
	ox_acts_userspace(b, 777, false);
	ox_acts_trunc(b, 30);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	ox_acts_userspace(b, 777, false);
	assert_int_equal(request(f, ox_acts_end(f->e)), 0);
	a = ox_env_attr(f->e, 0, OVS_PACKET_ATTR_LEN);
	assert_non_null(a);
	assert_int_equal(mnl_attr_get_u32(a), UDP_LEN);
	a = ox_env_attr(f->e, 0, OVS_PACKET_ATTR_PACKET);
	assert_int_equal(mnl_attr_get_payload_len(a), 20);
	assert_int_equal(f->e->sent[0].tx.len, 30);
	assert_int_equal(f->e->sent[1].tx.len, UDP_LEN);
	assert_null(ox_env_attr(f->e, 1, OVS_PACKET_ATTR_LEN));
}

/* What a branch does to its copy stays there. Its list is what its upcalls
 * show. */
static void execute_clone(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	const struct nlattr *inner, *a;
	uint32_t mark;

	ox_nl_nest(b, OVS_ACTION_ATTR_CLONE, &mark);
	ox_acts_ipv4_dst(b, 0x0a090909);
	ox_acts_userspace(b, 777, true);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_nl_nest_end(b, mark);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	inner = (const void *)(f->e->acts_room + mark);
	assert_int_equal(request(f, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 2);
	assert_int_equal(f->e->sent[0].port_no, 2);
	assert_int_equal(f->e->sent[0].frame[DST + 1], 9);
	assert_int_equal(f->e->sent[1].port_no, 3);
	assert_memory_equal(f->e->sent[1].frame, udp_frame, UDP_LEN);
	a = ox_env_attr(f->e, 0, OVS_PACKET_ATTR_ACTIONS);
	assert_non_null(a);
	assert_int_equal(a->nla_len, inner->nla_len);
	assert_memory_equal(mnl_attr_get_payload(a),
			    mnl_attr_get_payload(inner),
			    mnl_attr_get_payload_len(a));
}

/* A clone in a clone, depth of them, each with an output behind the inner one;
 * innermost an edit of a header that isn't there. */
static void put_clones(struct ox_nlbuf *b, int depth)
{
	const struct ovs_key_udp udp = { 0 };
	uint32_t mark;

	if (!depth) {
		ox_nl_nest(b, OVS_ACTION_ATTR_SET, &mark);
		ox_nl_put(b, OVS_KEY_ATTR_UDP, &udp, sizeof(udp));
		ox_nl_nest_end(b, mark);
		return;
	}
	ox_nl_nest(b, OVS_ACTION_ATTR_CLONE, &mark);
	put_clones(b, depth - 1);
	ox_nl_nest_end(b, mark);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
}

/* An edit that fails ends the lists around it, unless its own is so far in
 * that the module puts it off. */
static void execute_fails_deferred(void **state)
{
	struct fixture *f = *state;
	struct ox_execute x = { .frame = udp_frame,
				.len = UDP_LEN - 5,
				.key = udp_key() };

	put_clones(ox_acts_begin(f->e), OX_MAX_LEVEL);
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), -ENOMEM);
	assert_int_equal(f->e->n_sent, 0);
	put_clones(ox_acts_begin(f->e), OX_MAX_LEVEL + 1);
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, OX_MAX_LEVEL + 1);
}

/* An error after a recirculation isn't the request's. Nor does it end a list
 * around a branch that has recirculated, only the one that it happens in. */
static void execute_fails_away(void **state)
{
	struct fixture *f = *state;
	struct ox_execute x = { .frame = udp_frame,
				.len = UDP_LEN - 5,
				.key = udp_key() };
	struct ox_key key = udp_key();
	struct ox_nlbuf *b;
	uint32_t mark;

	key.recirc_id = 9;
	put_clones(ox_acts_begin(f->e), 1);
	ox_env_flow(f->e, &key, ox_acts_end(f->e));
	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_RECIRC, 9);
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 0);
	assert_int_equal(f->e->cfg->host.reason[OX_R_EDIT], 1);
	b = ox_acts_begin(f->e);
	ox_nl_nest(b, OVS_ACTION_ATTR_CLONE, &mark);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_RECIRC, 9);
	ox_nl_nest_end(b, mark);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->sent[0].port_no, 3);
	assert_int_equal(f->e->cfg->host.reason[OX_R_EDIT], 2);
}

/* What the request is answered if an edit fails: the module's errno. */
static void execute_errno(void **state)
{
	static const uint8_t tags[] = { 0x88, 0xa8, 0x10, 1, 0x81, 0, 0x10, 2 };
	struct fixture *f = *state;
	uint8_t tagged[UDP_LEN + sizeof(tags)];
	struct ox_execute x = { .frame = tagged, .len = sizeof(tagged) };
	struct ox_nlbuf *b = ox_acts_begin(f->e);

	memcpy(tagged, udp_frame, 12);
	memcpy(tagged + 12, tags, sizeof(tags));
	memcpy(tagged + 12 + sizeof(tags), udp_frame + 12, UDP_LEN - 12);
	assert_int_equal(ox_host_extract(tagged, x.len, 1, &x.key), 0);
	ox_nl_put(b, OVS_ACTION_ATTR_POP_VLAN, NULL, 0);
	ox_nl_put(b, OVS_ACTION_ATTR_POP_ETH, NULL, 0); /* over a tag */
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), -EPROTO);
	assert_int_equal(f->e->n_sent, 0);
}

/* A label in front of a tag can go to no port; the list around it goes on. */
static void execute_label_before_tag(void **state)
{
	static const uint8_t tag[] = { 0x81, 0, 0x10, 1 };
	const struct ovs_action_add_mpls label = {
		.mpls_lse = htonl(0x140),
		.mpls_ethertype = htons(ETH_P_MPLS_UC),
	};
	struct fixture *f = *state;
	uint8_t tagged[UDP_LEN + sizeof(tag)];
	struct ox_execute x = { .frame = tagged, .len = sizeof(tagged) };
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	uint32_t mark;

	memcpy(tagged, udp_frame, 12);
	memcpy(tagged + 12, tag, sizeof(tag));
	memcpy(tagged + 12 + sizeof(tag), udp_frame + 12, UDP_LEN - 12);
	assert_int_equal(ox_host_extract(tagged, x.len, 1, &x.key), 0);
	ox_nl_nest(b, OVS_ACTION_ATTR_CLONE, &mark);
	ox_nl_put(b, OVS_ACTION_ATTR_ADD_MPLS, &label, sizeof(label));
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_nl_nest_end(b, mark);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 1);
}

/* Nor can a packet that has lost its MACs and got a tag. */
static void execute_tag_without_macs(void **state)
{
	struct fixture *f = *state;
	struct ox_execute x = { .frame = udp_frame,
				.len = UDP_LEN,
				.key = udp_key() };
	struct ovs_action_push_vlan tag = { htons(ETH_P_8021Q), htons(0x1001) };
	const struct ovs_action_push_eth macs = { { { 2 }, { 4 } } };
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	uint32_t mark;

	ox_nl_put(b, OVS_ACTION_ATTR_POP_ETH, NULL, 0);
	ox_nl_nest(b, OVS_ACTION_ATTR_CLONE, &mark);
	ox_nl_put(b, OVS_ACTION_ATTR_PUSH_VLAN, &tag, sizeof(tag));
	ox_nl_put_u32(b, OVS_ACTION_ATTR_RECIRC, 9);
	ox_nl_nest_end(b, mark);
	ox_nl_put(b, OVS_ACTION_ATTR_PUSH_ETH, &macs, sizeof(macs));
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->cfg->host.reason[OX_R_NO_ETH], 1);
}

static void recirc_list(struct fixture *f)
{
	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_RECIRC, 9);
	ox_acts_end(f->e);
}

static const struct nlattr *acts(struct fixture *f)
{
	return (const void *)(f->e->acts_room + f->e->acts_mark);
}

static void execute_recirc_miss(void **state)
{
	struct fixture *f = *state;

	recirc_list(f);
	assert_int_equal(request(f, acts(f)), 0);
	assert_int_equal(f->e->n_msgs, 1);
	assert_int_equal(f->e->msgs[0].portid, 101);
	assert_int_equal(ox_env_cmd(f->e, 0), OVS_PACKET_CMD_MISS);
	assert_int_equal(ox_env_key_u32(f->e, 0, OVS_KEY_ATTR_RECIRC_ID), 9);
	assert_int_equal(f->e->cfg->host.n_missed, 1);
}

/* Into a flow with a single output, and into one with a list. */
static void execute_recirc_flow(void **state)
{
	struct fixture *f = *state;
	struct ox_table *t = f->e->dp.table;
	struct ox_key key = udp_key();
	struct ox_flow_stats st;
	struct ox_nlbuf *b;
	uint32_t flow;

	key.recirc_id = 9;
	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_OUTPUT, 2);
	flow = ox_env_flow(f->e, &key, ox_acts_end(f->e));
	recirc_list(f);
	assert_int_equal(request(f, acts(f)), 0);
	assert_int_equal(f->e->n_sent, 1);
	assert_int_equal(f->e->sent[0].port_no, 2);
	assert_int_equal(f->e->cfg->host.n_hit, 1);

	ox_table_remove(t, flow);
	b = ox_acts_begin(f->e);
	ox_acts_userspace(b, 777, false);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	flow = ox_env_flow(f->e, &key, ox_acts_end(f->e));
	recirc_list(f);
	assert_int_equal(request(f, acts(f)), 0);
	assert_int_equal(request(f, acts(f)), 0);
	assert_int_equal(f->e->n_msgs, 2);
	assert_int_equal(f->e->n_sent, 3);
	assert_int_equal(f->e->sent[2].port_no, 3);

	/* the user tier's share of the flow's statistics */
	assert_int_equal(ox_table_stats(t, flow, &st), 0);
	assert_int_equal(st.packets, 2);
	assert_int_equal(st.bytes, 2 * UDP_LEN);
	assert_true(st.used > 0);
}

/* What was put together from fragments is as long as they are. */
static void execute_check_len_mru(void **state)
{
	static const uint16_t most[] = { 1514, 1513 };
	struct fixture *f = *state;
	struct ox_execute x = { .frame = udp_frame,
				.len = UDP_LEN,
				.mru = 1500,
				.key = udp_key() };
	uint32_t mark, in;

	for (uint32_t i = 0; i < 2; i++) {
		struct ox_nlbuf *b = ox_acts_begin(f->e);

		ox_nl_nest(b, OVS_ACTION_ATTR_CHECK_PKT_LEN, &mark);
		ox_nl_put_u16(b, OVS_CHECK_PKT_LEN_ATTR_PKT_LEN, most[i]);
		ox_nl_nest(b, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_GREATER, &in);
		ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
		ox_nl_nest_end(b, in);
		ox_nl_nest(b, OVS_CHECK_PKT_LEN_ATTR_ACTIONS_IF_LESS_EQUAL,
			   &in);
		ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
		ox_nl_nest_end(b, in);
		ox_nl_nest_end(b, mark);
		assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
		assert_int_equal(f->e->n_sent, i + 1);
		assert_int_equal(f->e->sent[i].port_no, 2 + i);
	}
}

/* A trunc in front of a recirculation is for the first use in the list there
 * and in each of its branches. */
static void execute_recirc_trunc(void **state)
{
	static const uint32_t len[] = { 20, UDP_LEN, 20, UDP_LEN };
	struct fixture *f = *state;
	struct ox_key key = udp_key();
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	const struct nlattr *a;
	uint32_t mark;

	key.recirc_id = 9;
	ox_nl_nest(b, OVS_ACTION_ATTR_CLONE, &mark);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	ox_nl_nest_end(b, mark);
	ox_nl_nest(b, OVS_ACTION_ATTR_CLONE, &mark);
	ox_acts_userspace(b, 777, false);
	ox_acts_userspace(b, 777, false);
	ox_nl_nest_end(b, mark);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	ox_env_flow(f->e, &key, ox_acts_end(f->e));
	b = ox_acts_begin(f->e);
	ox_acts_trunc(b, 20);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_RECIRC, 9);
	assert_int_equal(request(f, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(f->e->sent[i].tx.len, len[i]);
	assert_int_equal(f->e->n_msgs, 2);
	for (int i = 0; i < 2; i++) {
		a = ox_env_attr(f->e, i, OVS_PACKET_ATTR_PACKET);
		assert_int_equal(mnl_attr_get_payload_len(a), len[i]);
	}
}

/* No such input port: the local one stands in; none at all: ENODEV. */
static void execute_in_port(void **state)
{
	struct fixture *f = *state;
	struct ox_execute x = { .frame = udp_frame,
				.len = UDP_LEN,
				.key = udp_key() };

	ox_acts_userspace(ox_acts_begin(f->e), 777, false);
	x.key.in_port = OX_NONE;
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->dp.mem->uports[0].upcall_success, 1);
	f->e->dp.mem->uports[0].type = 0;
	x.key.in_port = 50;
	assert_int_equal(request_x(f, &x, acts(f)), -ENODEV);
	assert_int_equal(f->e->n_msgs, 1);
}

static void execute_nothing(void **state)
{
	struct fixture *f = *state;

	ox_acts_begin(f->e);
	assert_int_equal(request(f, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 0);
	assert_int_equal(f->e->n_msgs, 0);
}

/* A packet of an L3 port: no Ethernet header until an action puts one on. */
static void execute_l3(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	struct ovs_action_push_eth eth = {
		.addresses = { { 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 } }
	};
	struct ox_execute x = { .frame = udp_frame + 14, .len = UDP_LEN - 14 };

	assert_int_equal(
		ox_host_extract_l3(x.frame, x.len, htons(ETH_P_IP), 1, &x.key),
		0);
	assert_int_equal(x.key.mac_proto, 0);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_nl_put(b, OVS_ACTION_ATTR_PUSH_ETH, &eth, sizeof(eth));
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	assert_int_equal(request_x(f, &x, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 2);
	assert_int_equal(f->e->sent[0].tx.mac_proto, 0);
	assert_int_equal(f->e->sent[0].tx.eth_type, htons(ETH_P_IP));
	assert_int_equal(f->e->sent[0].tx.len, UDP_LEN - 14);
	assert_memory_equal(f->e->sent[0].frame, udp_frame + 14, UDP_LEN - 14);
	assert_int_equal(f->e->sent[1].tx.mac_proto, 1);
	assert_int_equal(f->e->sent[1].tx.len, UDP_LEN);
	assert_memory_equal(f->e->sent[1].frame + 12, udp_frame + 12,
			    UDP_LEN - 12);
}

static void execute_nsh(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	struct ovs_nsh_key_base base = { .flags = 1,
					 .ttl = 0x3e,
					 .mdtype = 1,
					 .np = 3,
					 .path_hdr = htonl(0x123456ff) };
	uint8_t context[16] = { 0xc1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	static const uint8_t head[] = {
		0x1f, 0x86, 1, 3, 0x12, 0x34, 0x56, 0xff
	};
	uint32_t push, mark;
	const uint8_t *p;

	ox_nl_nest(b, OVS_ACTION_ATTR_PUSH_NSH, &push);
	ox_nl_nest(b, OVS_KEY_ATTR_NSH, &mark);
	ox_nl_put(b, OVS_NSH_KEY_ATTR_BASE, &base, sizeof(base));
	ox_nl_put(b, OVS_NSH_KEY_ATTR_MD1, context, sizeof(context));
	ox_nl_nest_end(b, mark);
	ox_nl_nest_end(b, push);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	assert_int_equal(request(f, ox_acts_end(f->e)), 0);
	assert_int_equal(f->e->n_sent, 1);
	/* it begins with the NSH, so it is an L3 packet */
	p = f->e->sent[0].frame;
	assert_int_equal(f->e->sent[0].tx.len, 24 + UDP_LEN);
	assert_int_equal(f->e->sent[0].tx.mac_proto, 0);
	assert_int_equal(f->e->sent[0].tx.eth_type, htons(0x894f));
	assert_memory_equal(p, head, sizeof(head));
	assert_memory_equal(p + 8, context, sizeof(context));
	assert_memory_equal(p + 24, udp_frame, UDP_LEN);
}

/* What came in fragments leaves in such, if it is longer than they were. */
static void execute_mru(void **state)
{
	struct fixture *f = *state;
	struct ox_execute x = { .frame = udp_frame,
				.len = UDP_LEN,
				.mru = UDP_LEN - 14,
				.key = udp_key() };
	const struct nlattr *nest;

	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_OUTPUT, 2);
	nest = ox_acts_end(f->e);
	assert_int_equal(request_x(f, &x, nest), 0);
	assert_int_equal(f->e->n_sent, 1);

	ox_env_forget(f->e);
	x.mru--;
	assert_int_equal(request_x(f, &x, nest), 0);
	assert_int_equal(f->e->n_sent, 2);
	assert_int_equal(f->e->sent[0].tx.len, 14 + 20 + 8);
	assert_int_equal(f->e->sent[0].frame[20], 0x20); /* more */
	assert_int_equal(f->e->sent[1].tx.len, 14 + 20 + 1);
	assert_int_equal(f->e->sent[1].frame[21], 1); /* place */
	assert_int_equal(f->e->sent[1].frame[34], 'x');

	/* that large the fragments can't leave by this port */
	ox_env_forget(f->e);
	f->e->dp.mem->ports[2].mtu = x.mru - 1;
	assert_int_equal(request_x(f, &x, nest), 0);
	assert_int_equal(f->e->n_sent, 0);
	assert_int_equal(f->e->cfg->host.reason[OX_R_OVER_MTU], 1);
}

/* ---- output's checks ---- */

static enum ox_reason can_send(const struct ox_mem *m, uint32_t port_no,
			       const uint8_t *frame, uint32_t len, bool eth)
{
	const struct ox_output_pkt tx = { .frame = frame,
					  .len = len,
					  .mac_proto = eth };

	return ox_output_check(m, port_no, &tx);
}

static void send_checks(void **state)
{
	struct fixture *f = *state;
	static uint8_t tagged[16] = { [12] = 0x81 };
	struct ox_mem *m = f->e->dp.mem;

	assert_int_equal(can_send(m, 2, udp_frame, 43, true), OX_R_NONE);
	assert_int_equal(can_send(m, 9, udp_frame, 43, true), OX_R_NO_PORT);
	assert_int_equal(can_send(m, OX_NONE, udp_frame, 43, true),
			 OX_R_NO_PORT);
	assert_int_equal(can_send(m, 2, udp_frame, 1514, true), OX_R_NONE);
	assert_int_equal(can_send(m, 2, udp_frame, 1515, true), OX_R_OVER_MTU);
	/* a tag doesn't count */
	assert_int_equal(can_send(m, 2, tagged, 1518, true), OX_R_NONE);
	assert_int_equal(can_send(m, 2, tagged, 1519, true), OX_R_OVER_MTU);
	assert_int_equal(can_send(m, 2, udp_frame, 43, false), OX_R_NO_ETH);
	m->ports[2].flags |= OX_PORT_L3;
	assert_int_equal(can_send(m, 2, udp_frame, 1500, false), OX_R_NONE);
	assert_int_equal(can_send(m, 2, udp_frame, 1501, false), OX_R_OVER_MTU);
	assert_int_equal(can_send(m, 2, udp_frame, 1500, true), OX_R_NONE);
	m->ports[2].flags = OX_PORT_UP | OX_PORT_TUNNEL;
	assert_int_equal(can_send(m, 2, udp_frame, 43, true), OX_R_NO_TUNNEL);
	/* one without a device has no ifindex, as the daemon writes it */
	m->ports[2].flags = OX_PORT_UP | OX_PORT_NATIVE;
	m->ports[2].ifindex = 0;
	assert_int_equal(can_send(m, 2, udp_frame, 43, true), OX_R_NO_TUNNEL);
	m->ports[2].flags = 0;
	m->ports[2].ifindex = 12;
	assert_int_equal(can_send(m, 2, udp_frame, 43, true), OX_R_PORT_DOWN);
}

#define T(id, fn) OX_TEST_WITH("unit.exec." id, fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T("miss", miss),
		T("miss_recirc", miss_recirc),
		T("miss_stays_miss", miss_stays_miss),
		T("miss_per_cpu", miss_per_cpu),
		T("miss_nobody", miss_nobody),
		T("no_metadata", no_metadata),
		T("user_flow", user_flow),
		T("user_flow_middle", user_flow_middle),
		T("long_flow", long_flow),
		T("stale_flow", stale_flow),
		T("partial_checksum", partial_checksum),
		T("runt", runt),
		T("execute_output", execute_output),
		T("execute_meta", execute_meta),
		T("execute_userspace", execute_userspace),
		T("execute_trunc", execute_trunc),
		T("execute_recirc_trunc", execute_recirc_trunc),
		T("execute_check_len_mru", execute_check_len_mru),
		T("execute_clone", execute_clone),
		T("execute_fails_deferred", execute_fails_deferred),
		T("execute_fails_away", execute_fails_away),
		T("execute_errno", execute_errno),
		T("execute_label_before_tag", execute_label_before_tag),
		T("execute_tag_without_macs", execute_tag_without_macs),
		T("execute_recirc_miss", execute_recirc_miss),
		T("execute_recirc_flow", execute_recirc_flow),
		T("execute_in_port", execute_in_port),
		T("execute_nothing", execute_nothing),
		T("execute_l3", execute_l3),
		T("execute_nsh", execute_nsh),
		T("execute_mru", execute_mru),
		T("send_checks", send_checks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
