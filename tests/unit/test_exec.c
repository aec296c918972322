// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_exec.c - the user tier's decisions on heap memory: misses, flows that
 * run in user space, ready frames, EXECUTE. The test takes the frames and
 * the messages.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>

#include "control/exec.h"
#include "control/send.h"
#include "tests/lib/mem_heap.h"

static const uint8_t udp_frame[] = {
	0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00,
	/* IPv4 10.0.0.1 > 10.0.0.2, UDP, 29 bytes */
	0x45, 0, 0, 29, 0, 0, 0x40, 0, 64, 17, 0x26, 0xce, 10, 0, 0, 1, 10, 0,
	0, 2,
	/* UDP 1000 > 2000, one byte; no checksum */
	0x03, 0xe8, 0x07, 0xd0, 0, 9, 0, 0, 'x'
};
#define UDP_CSUM 40 /* offset of the checksum */

struct fixture {
	struct ox_datapath dp;
	struct ox_config *cfg;
	struct ox_out out;
	/* what left */
	int n_sent;
	uint32_t sent_port; /* the last one's */
	uint8_t sent[128];  /* the last one */
	uint32_t sent_len;
	int n_msgs;
	uint32_t portid;
	uint8_t msg[70000];
	size_t msg_len;
	/* what comes in */
	uint8_t room[OX_HOST_HEADROOM + 256];
	struct ox_upcall_md md;
};

static void fake_send(void *arg, struct ox_datapath *dp, uint32_t port_no,
		      const uint8_t *frame, uint32_t len)
{
	struct fixture *f = arg;

	assert_ptr_equal(dp, &f->dp);
	assert_true(len <= sizeof(f->sent));
	f->n_sent++;
	f->sent_port = port_no;
	memcpy(f->sent, frame, len);
	f->sent_len = len;
}

static int fake_unicast(void *arg, uint32_t portid, const struct iovec *iov,
			int n)
{
	struct fixture *f = arg;

	f->n_msgs++;
	f->portid = portid;
	f->msg_len = 0;
	for (int i = 0; i < n; i++) {
		memcpy(f->msg + f->msg_len, iov[i].iov_base, iov[i].iov_len);
		f->msg_len += iov[i].iov_len;
	}
	return 0;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f ||
	    ox_mem_heap_new(&(struct ox_mem_heap_params){ 0 }, &f->dp.mem))
		return -1;
	if (ox_table_open(f->dp.mem, &f->dp.table, NULL))
		return -1;
	f->cfg = f->dp.mem->config;
	f->dp.ifindex = 42;
	f->out = (struct ox_out){ fake_send, fake_unicast, f };
	for (uint32_t i = 0; i < 4; i++) {
		struct ox_uport *up = &f->dp.mem->uports[i];

		up->type = i ? OVS_VPORT_TYPE_NETDEV : OVS_VPORT_TYPE_INTERNAL;
		up->n_pids = 1;
		up->pids[0] = 100 + i;
		f->dp.mem->ports[i] = (struct ox_port){
			.ifindex = 10 + i,
			.flags = OX_PORT_UP,
			.mtu = 1500,
		};
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ox_table_close(f->dp.table);
	ox_mem_heap_free(f->dp.mem);
	free(f);
	return 0;
}

/* The frame arrives by port 1. */
static void rx(struct fixture *f, const struct ox_upcall_md *md)
{
	struct ox_rx r = {
		.md = md,
		.data = f->room + OX_HOST_HEADROOM,
		.len = sizeof(udp_frame),
	};

	memcpy(r.data, udp_frame, sizeof(udp_frame));
	ox_exec_rx(&f->dp, &f->out, 1, &r);
}

static const struct ox_upcall_md *md(struct fixture *f, enum ox_upcall why,
				     uint32_t flow)
{
	f->md = (struct ox_upcall_md){
		.magic = OX_ABI_MAGIC,
		.port_no = 1,
		.reason = why,
		.flow = flow,
		.hash = 0xabcd1234,
		.cpu = 1,
	};
	return &f->md;
}

static const struct nlattr *attr(const struct fixture *f, int type)
{
	const struct nlattr *a;

	mnl_attr_for_each (a, (const struct nlmsghdr *)f->msg,
			   4 + sizeof(struct ovs_header)) {
		if (mnl_attr_get_type(a) == type)
			return a;
	}
	return NULL;
}

static uint64_t msg_hash(const struct fixture *f)
{
	uint64_t h;

	memcpy(&h, mnl_attr_get_payload(attr(f, OVS_PACKET_ATTR_HASH)), 8);
	return h;
}

/* ---- action lists ---- */

static uint8_t acts_room[40000] __attribute__((aligned(4)));

static struct ox_nlbuf *acts_begin(uint32_t *mark)
{
	static struct ox_nlbuf b;

	b = (struct ox_nlbuf){ .data = acts_room, .size = sizeof(acts_room) };
	ox_nl_begin(&b, 1, 0, 0, 0, 1, 1, 4, NULL);
	ox_nl_nest(&b, OVS_FLOW_ATTR_ACTIONS, mark);
	return &b;
}

static const struct nlattr *acts_end(struct ox_nlbuf *b, uint32_t mark)
{
	ox_nl_nest_end(b, mark);
	return (const struct nlattr *)(acts_room + mark);
}

static void put_userspace(struct ox_nlbuf *b, uint32_t pid, bool actions)
{
	uint32_t mark;

	ox_nl_nest(b, OVS_ACTION_ATTR_USERSPACE, &mark);
	ox_nl_put_u32(b, OVS_USERSPACE_ATTR_PID, pid);
	ox_nl_put(b, OVS_USERSPACE_ATTR_USERDATA, "cookie", 6);
	if (actions)
		ox_nl_put_flag(b, OVS_USERSPACE_ATTR_ACTIONS);
	ox_nl_nest_end(b, mark);
}

static void put_set_ipv4_dst(struct ox_nlbuf *b)
{
	/* 10.0.0.1 > 10.9.9.9 */
	struct ovs_key_ipv4 ip = { .ipv4_src = htonl(0x0a000001),
				   .ipv4_dst = htonl(0x0a090909),
				   .ipv4_proto = 17,
				   .ipv4_ttl = 64 };
	uint32_t mark;

	ox_nl_nest(b, OVS_ACTION_ATTR_SET, &mark);
	ox_nl_put(b, OVS_KEY_ATTR_IPV4, &ip, sizeof(ip));
	ox_nl_nest_end(b, mark);
}

/* A flow for the test frame, by in_port, type and protocol. */
static uint32_t add_flow(struct fixture *f, const struct nlattr *nest)
{
	struct ox_flow_spec spec = { 0 };
	struct ox_actions a = { 0 };
	uint32_t flow;

	assert_int_equal(
		ox_host_extract(udp_frame, sizeof(udp_frame), 1, &spec.key), 0);
	spec.mask.in_port = UINT32_MAX;
	spec.mask.eth_type = UINT16_MAX;
	spec.mask.ip_proto = UINT8_MAX;
	assert_int_equal(ox_actions_compile(acts_room, nest, &spec.key,
					    &spec.mask, &a, NULL),
			 0);
	spec.actions = &a;
	assert_int_equal(ox_table_insert(f->dp.table, &spec, &flow, NULL), 0);
	ox_actions_free(&a);
	return flow;
}

static uint32_t add_output_flow(struct fixture *f, uint32_t port)
{
	uint32_t mark;
	struct ox_nlbuf *b = acts_begin(&mark);

	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, port);
	return add_flow(f, acts_end(b, mark));
}

/* ---- from the data plane ---- */

static void miss(void **state)
{
	struct fixture *f = *state;
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)f->msg;

	rx(f, md(f, OX_UP_MISS, OX_NONE));
	assert_int_equal(f->n_msgs, 1);
	assert_int_equal(f->n_sent, 0);
	assert_int_equal(f->portid, 101);
	assert_int_equal(f->msg[NLMSG_HDRLEN], OVS_PACKET_CMD_MISS);
	assert_int_equal(nlh->nlmsg_len, f->msg_len);
	/* software made it, from the ports too */
	assert_true(msg_hash(f) == (0xabcd1234 | OVS_PACKET_HASH_SW_BIT |
				    OVS_PACKET_HASH_L4_BIT));
	/* XDP has counted it */
	assert_int_equal(f->cfg->host.n_missed, 0);
}

/* A flow came while the packet was queued: the client gets it anyway. */
static void miss_stays_miss(void **state)
{
	struct fixture *f = *state;

	add_output_flow(f, 2);
	rx(f, md(f, OX_UP_MISS, OX_NONE));
	assert_int_equal(f->n_msgs, 1);
	assert_int_equal(f->n_sent, 0);
}

static void miss_per_cpu(void **state)
{
	struct fixture *f = *state;

	f->cfg->user_features = OVS_DP_F_DISPATCH_UPCALL_PER_CPU;
	f->cfg->n_cpu_pids = 2;
	f->cfg->cpu_pids[0] = 500;
	f->cfg->cpu_pids[1] = 501;
	rx(f, md(f, OX_UP_MISS, OX_NONE));
	assert_int_equal(f->portid, 501);
}

static void miss_nobody(void **state)
{
	struct fixture *f = *state;

	f->dp.mem->uports[1].pids[0] = 0;
	rx(f, md(f, OX_UP_MISS, OX_NONE));
	assert_int_equal(f->n_msgs, 0);
	assert_int_equal(f->cfg->host.n_lost, 1);
}

static void ready_frame(void **state)
{
	struct fixture *f = *state;

	md(f, OX_UP_SEND, OX_NONE);
	f->md.out_port = 3;
	rx(f, &f->md);
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(f->sent_port, 3);
	assert_memory_equal(f->sent, udp_frame, sizeof(udp_frame));
	assert_int_equal(f->n_msgs, 0);
}

/* Without metadata the user tier looks for itself. */
static void no_metadata(void **state)
{
	struct fixture *f = *state;

	rx(f, NULL);
	assert_int_equal(f->n_msgs, 1);
	add_output_flow(f, 2);
	rx(f, NULL);
	assert_int_equal(f->n_msgs, 1);
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(f->sent_port, 2);
}

static void user_flow(void **state)
{
	struct fixture *f = *state;
	uint32_t mark, flow;
	struct ox_nlbuf *b = acts_begin(&mark);
	const struct nlattr *nest, *a;

	put_set_ipv4_dst(b);
	put_userspace(b, 777, true);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	nest = acts_end(b, mark);
	flow = add_flow(f, nest);
	rx(f, md(f, OX_UP_FLOW, flow));
	assert_int_equal(f->portid, 777);
	assert_int_equal(f->msg[NLMSG_HDRLEN], OVS_PACKET_CMD_ACTION);
	a = attr(f, OVS_PACKET_ATTR_USERDATA);
	assert_non_null(a);
	assert_memory_equal(mnl_attr_get_payload(a), "cookie", 6);
	a = attr(f, OVS_PACKET_ATTR_ACTIONS);
	assert_non_null(a);
	assert_int_equal(mnl_attr_get_payload_len(a),
			 mnl_attr_get_payload_len(nest));
	assert_memory_equal(mnl_attr_get_payload(a), mnl_attr_get_payload(nest),
			    mnl_attr_get_payload_len(nest));
	/* the packet is the rewritten one, its old hash void */
	a = attr(f, OVS_PACKET_ATTR_PACKET);
	assert_int_equal(((uint8_t *)mnl_attr_get_payload(a))[31], 9);
	assert_true(msg_hash(f) == 0);
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(f->sent_port, 3);
	assert_int_equal(f->sent[31], 9);
}

/* More ops than a slot holds: compiled again from the verbatim list. */
static void long_flow(void **state)
{
	struct fixture *f = *state;
	uint32_t mark, flow;
	struct ox_nlbuf *b = acts_begin(&mark);

	for (int i = 0; i < 2 * OX_ACTS_OPS; i++)
		put_userspace(b, 1000 + i, false);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	flow = add_flow(f, acts_end(b, mark));
	rx(f, md(f, OX_UP_FLOW, flow));
	assert_int_equal(f->n_msgs, 2 * OX_ACTS_OPS);
	assert_int_equal(f->portid, 1000 + 2 * OX_ACTS_OPS - 1);
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(f->sent_port, 3);
}

/* The index that XDP named is another flow's by now, or none. */
static void stale_flow(void **state)
{
	struct fixture *f = *state;
	uint32_t flow = add_output_flow(f, 2);
	uint32_t other = flow + 1;

	rx(f, md(f, OX_UP_FLOW, other));
	assert_int_equal(f->n_sent, 1); /* found afresh */
	ox_table_remove(f->dp.table, flow);
	rx(f, md(f, OX_UP_FLOW, flow));
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(f->n_msgs, 1);
	assert_int_equal(f->msg[NLMSG_HDRLEN], OVS_PACKET_CMD_MISS);
}

/* A local stack leaves the pseudo-header sum where the checksum belongs. */
static void partial_checksum(void **state)
{
	struct fixture *f = *state;
	struct ox_rx r = { .data = f->room + OX_HOST_HEADROOM,
			   .len = sizeof(udp_frame) };
	/* 0a00 + 0001 + 0a00 + 0002 + 0011 + 0009 */
	static const uint8_t pseudo[2] = { 0x14, 0x1d };
	/* and 03e8 + 07d0 + 0009 + 7800 = 97de: the complement */
	static const uint8_t whole[2] = { 0x68, 0x21 };

	f->dp.mem->ports[1].flags |= OX_PORT_SKB_RX;
	md(f, OX_UP_SEND, OX_NONE);
	f->md.out_port = 2;
	r.md = &f->md;
	memcpy(r.data, udp_frame, sizeof(udp_frame));
	memcpy(r.data + UDP_CSUM, pseudo, 2);
	ox_exec_rx(&f->dp, &f->out, 1, &r);
	assert_memory_equal(f->sent + UDP_CSUM, whole, 2);
	assert_int_equal(f->cfg->host.reason[OX_R_CSUM_PARTIAL], 1);

	/* a wire's frame is left as it came */
	f->dp.mem->ports[1].flags &= ~OX_PORT_SKB_RX;
	memcpy(r.data + UDP_CSUM, pseudo, 2);
	ox_exec_rx(&f->dp, &f->out, 1, &r);
	assert_memory_equal(f->sent + UDP_CSUM, pseudo, 2);
	assert_int_equal(f->cfg->host.reason[OX_R_CSUM_PARTIAL], 1);
}

static void runt(void **state)
{
	struct fixture *f = *state;
	struct ox_rx r = { .data = f->room + OX_HOST_HEADROOM, .len = 13 };

	ox_exec_rx(&f->dp, &f->out, 1, &r);
	assert_int_equal(f->n_msgs, 0);
	assert_int_equal(f->cfg->host.reason[OX_R_RUNT], 1);
}

/* ---- EXECUTE ---- */

static int request(struct fixture *f, uint32_t in_port,
		   const struct nlattr *nest, uint64_t hash,
		   uint32_t upcall_pid)
{
	struct ox_execute x = {
		.frame = udp_frame,
		.len = sizeof(udp_frame),
		.hash = hash,
		.upcall_pid = upcall_pid,
	};
	struct ox_key exact;
	int err;

	memset(&exact, 0xff, sizeof(exact));
	assert_int_equal(ox_host_extract(x.frame, x.len, in_port, &x.key), 0);
	assert_int_equal(ox_actions_compile(acts_room, nest, &x.key, &exact,
					    &x.actions, NULL),
			 0);
	err = ox_exec_request(&f->dp, &f->out, &x);
	ox_execute_done(&x);
	return err;
}

static void execute_output(void **state)
{
	struct fixture *f = *state;
	uint32_t mark;
	struct ox_nlbuf *b = acts_begin(&mark);
	const struct nlattr *nest;

	put_set_ipv4_dst(b);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	nest = acts_end(b, mark);
	assert_int_equal(request(f, 1, nest, 0, 0), 0);
	assert_int_equal(f->n_sent, 1);
	assert_int_equal(f->sent_len, sizeof(udp_frame));
	assert_int_equal(f->sent[33], 9);
}

static void execute_userspace(void **state)
{
	struct fixture *f = *state;
	uint32_t mark;
	struct ox_nlbuf *b = acts_begin(&mark);
	const struct nlattr *nest;

	put_userspace(b, 777, false);
	nest = acts_end(b, mark);
	assert_int_equal(request(f, 1, nest, 0x55, 0), 0);
	assert_int_equal(f->portid, 777);
	assert_null(attr(f, OVS_PACKET_ATTR_ACTIONS));
	assert_true(msg_hash(f) == 0x55);
	assert_int_equal(request(f, 1, nest, 0, 888), 0);
	assert_int_equal(f->portid, 888);
	assert_int_equal(f->dp.mem->uports[1].upcall_success, 2);
}

/* No such input port: the local one stands in; none at all: ENODEV. */
static void execute_in_port(void **state)
{
	struct fixture *f = *state;
	uint32_t mark;
	struct ox_nlbuf *b = acts_begin(&mark);
	const struct nlattr *nest;

	put_userspace(b, 777, false);
	nest = acts_end(b, mark);
	assert_int_equal(request(f, OX_NONE, nest, 0, 0), 0);
	assert_int_equal(f->dp.mem->uports[0].upcall_success, 1);
	f->dp.mem->uports[0].type = 0;
	assert_int_equal(request(f, 50, nest, 0, 0), -ENODEV);
	assert_int_equal(f->n_msgs, 1);
}

static void execute_nothing(void **state)
{
	struct fixture *f = *state;
	uint32_t mark;
	struct ox_nlbuf *b = acts_begin(&mark);

	assert_int_equal(request(f, 1, acts_end(b, mark), 0, 0), 0);
	assert_int_equal(f->n_sent, 0);
	assert_int_equal(f->n_msgs, 0);
}

/* ---- output's checks ---- */

static void send_checks(void **state)
{
	struct fixture *f = *state;
	static uint8_t tagged[16] = { [12] = 0x81 };
	struct ox_mem *m = f->dp.mem;

	assert_int_equal(ox_send_check(m, 2, udp_frame, 43), OX_R_COUNT);
	assert_int_equal(ox_send_check(m, 9, udp_frame, 43), OX_R_NO_PORT);
	assert_int_equal(ox_send_check(m, OX_NONE, udp_frame, 43),
			 OX_R_NO_PORT);
	assert_int_equal(ox_send_check(m, 2, udp_frame, 1514), OX_R_COUNT);
	assert_int_equal(ox_send_check(m, 2, udp_frame, 1515), OX_R_OVER_MTU);
	/* a tag doesn't count */
	assert_int_equal(ox_send_check(m, 2, tagged, 1518), OX_R_COUNT);
	assert_int_equal(ox_send_check(m, 2, tagged, 1519), OX_R_OVER_MTU);
	m->ports[2].flags = 0;
	assert_int_equal(ox_send_check(m, 2, udp_frame, 43), OX_R_PORT_DOWN);
}

#define T(id, fn) OX_TEST_WITH("unit.exec." id, fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T("miss", miss),
		T("miss_stays_miss", miss_stays_miss),
		T("miss_per_cpu", miss_per_cpu),
		T("miss_nobody", miss_nobody),
		T("ready_frame", ready_frame),
		T("no_metadata", no_metadata),
		T("user_flow", user_flow),
		T("long_flow", long_flow),
		T("stale_flow", stale_flow),
		T("partial_checksum", partial_checksum),
		T("runt", runt),
		T("execute_output", execute_output),
		T("execute_userspace", execute_userspace),
		T("execute_in_port", execute_in_port),
		T("execute_nothing", execute_nothing),
		T("send_checks", send_checks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
