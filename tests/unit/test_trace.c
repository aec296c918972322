// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_trace.c - a packet is followed on heap memory: its steps, the tiers, and
 * that the datapath is byte for byte as it was.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>

#include "control/packet/trace.h"
#include "ovsxdp/uapi.h"
#include "tests/lib/ct_heap.h"
#include "tests/lib/exec_env.h"

static const uint8_t udp_frame[] = {
	0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00,
	/* IPv4 10.0.0.1 > 10.0.0.2, UDP, 29 bytes */
	0x45, 0, 0, 29, 0, 0, 0x40, 0, 64, 17, 0x26, 0xce, 10, 0, 0, 1, 10, 0,
	0, 2,
	/* UDP 1000 > 2000, one byte; no checksum */
	0x03, 0xe8, 0x07, 0xd0, 0, 9, 0, 0, 'x'
};

struct fixture {
	struct ox_exec_env *e;
	struct ct_heap *ct;
	struct ox_execute rq;
	struct ox_trace *t;
	char *text; /* its steps, a line each */
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	*state = &f;
	if (ox_env_new(&f.e))
		return -1;
	f.ct = ct_heap_new(4096, 250);
	if (!f.ct)
		return -1;
	f.e->dp.ct = &f.ct->mem;
	for (uint32_t i = 0; i < 4; i++) {
		f.e->dp.mem->ports[i].flags |= OX_PORT_SKB_TIER;
		f.e->dp.mem->ports[i].n_xsk = 1;
		f.e->dp.mem->uports[i].mode = OX_MODE_XDP;
		snprintf((char *)f.e->dp.mem->uports[i].name, OX_NAME_LEN,
			 "p%u", i);
	}
	f.rq.frame = udp_frame;
	f.rq.len = sizeof(udp_frame);
	assert_int_equal(
		ox_host_extract(udp_frame, sizeof(udp_frame), 1, &f.rq.key), 0);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ox_trace_free(f->t);
	free(f->text);
	ct_heap_free(f->ct);
	ox_env_free(f->e);
	return 0;
}

static uint32_t add_flow(struct fixture *f, const struct ox_key *key)
{
	return ox_env_flow(f->e, key, ox_acts_end(f->e));
}

/* "TIER STEP [TEXT][: RESULT][! REASON]" of each step. */
static const char *follow(struct fixture *f)
{
	static const char *const steps[] = { "?",    "packet", "pass", "op",
					     "down", "drop",   "end" };
	size_t size;
	FILE *out;

	ox_trace_free(f->t);
	free(f->text);
	assert_int_equal(ox_trace_run(&f->e->dp, &f->rq, &f->t), 0);
	out = open_memstream(&f->text, &size);
	for (uint32_t i = 0; i < f->t->n; i++) {
		const struct ox_trace_rec *r = &f->t->v[i];

		fprintf(out, "%s %s", ox_tier_name(r->tier), steps[r->step]);
		if (r->text)
			fprintf(out, " %s", r->text);
		if (r->result)
			fprintf(out, ": %s", r->result);
		if (r->reason != OX_R_NONE)
			fprintf(out, "! %s", ox_reason_name(r->reason));
		fputc('\n', out);
	}
	fclose(out);
	return f->text;
}

#define HEAD "xdp packet mode xdp: 43 bytes\nxdp pass\n"

static void miss(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(
		follow(f),
		"xdp packet mode xdp: 43 bytes\nxdp pass\n"
		"xdp op upcall: a miss for port id 101\n"
		"xdp end goes to user space: a miss for port id 101\n");
	/* no socket takes it: by the skb tier; and without one nowhere */
	f->e->dp.mem->ports[1].n_xsk = 0;
	assert_non_null(strstr(follow(f), "skb down no AF_XDP socket"));
	f->e->dp.mem->ports[1].flags &= ~(uint32_t)OX_PORT_SKB_TIER;
	assert_string_equal(
		follow(f),
		HEAD "xdp drop! no_socket\n"
		     "xdp end is dropped: no_socket (no AF_XDP socket takes "
		     "it: ovsxdpd isn't running)\n");
}

static void output(void **state)
{
	struct fixture *f = *state;

	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_OUTPUT, 2);
	add_flow(f, &f->rq.key);
	assert_string_equal(follow(f),
			    HEAD "xdp op output 2 (p2): leaves, 43 bytes\n"
				 "xdp end leaves by 2 (p2)\n");
	f->e->dp.mem->ports[2].flags |= OX_PORT_NO_XMIT;
	assert_string_equal(follow(f), HEAD
			    "skb down XDP_REDIRECT doesn't reach the output\n"
			    "skb op output 2 (p2): leaves, 43 bytes\n"
			    "skb end leaves by 2 (p2)\n");
	f->e->dp.mem->uports[1].mode = OX_MODE_TC;
	assert_string_equal(follow(f),
			    "skb packet mode tc: 43 bytes\nskb pass\n"
			    "skb op output 2 (p2): leaves, 43 bytes\n"
			    "skb end leaves by 2 (p2)\n");
	f->e->dp.mem->ports[2].flags = 0;
	assert_non_null(
		strstr(follow(f), "skb op output 2 (p2): dropped: port_down"));
}

/* What goes down where there is no skb tier is lost, and the list ends. */
static void no_skb_tier(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);

	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 3);
	add_flow(f, &f->rq.key);
	f->e->dp.mem->ports[1].flags &= ~(uint32_t)OX_PORT_SKB_TIER;
	assert_string_equal(
		follow(f),
		HEAD "xdp drop! no_skb_tier\n"
		     "xdp end is dropped: no_skb_tier (XDP can't do it, and "
		     "the port has no skb tier)\n");
}

/* A mark is the skb tier's: such a list begins there. */
static void edits(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);

	ox_acts_ipv4_dst(b, 0x0a000009);
	ox_acts_set_u32(b, OVS_KEY_ATTR_SKB_MARK, 7);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	add_flow(f, &f->rq.key);
	assert_string_equal(
		follow(f),
		HEAD "skb down a frame of XDP has no priority and no mark\n"
		     "skb op set(ipv4(src=10.0.0.1))\n"
		     "skb op set(ipv4(dst=10.0.0.9))\n"
		     "skb op set(ipv4(tos=0))\n"
		     "skb op set(ipv4(ttl=64))\n"
		     "skb op set(skb_mark(0x7))\n"
		     "skb op output 2 (p2): leaves, 43 bytes\n"
		     "skb end leaves by 2 (p2)\n");
}

/* Lists that go round are ended as the data plane ends them. */
static void recirculate(void **state)
{
	struct fixture *f = *state;
	struct ox_key again = f->rq.key;
	const char *text;
	uint32_t passes = 0;

	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_RECIRC, 7);
	add_flow(f, &f->rq.key);
	again.recirc_id = 7;
	ox_nl_put_u32(ox_acts_begin(f->e), OVS_ACTION_ATTR_RECIRC, 7);
	add_flow(f, &again);
	text = follow(f);
	assert_non_null(strstr(text, "xdp drop! recirc_limit\n"
				     "xdp end is dropped: recirc_limit"));
	for (uint32_t i = 0; i < f->t->n; i++)
		passes += f->t->v[i].step == OX_STEP_PASS;
	assert_int_equal(passes, 31);
}

/* More steps than are kept: the last one is there all the same. */
static void many_steps(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);

	for (uint32_t i = 0; i < OX_TRACE_MAX + 100; i++)
		ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	add_flow(f, &f->rq.key);
	follow(f);
	assert_int_equal(f->t->n, OX_TRACE_MAX);
	assert_int_equal(f->t->v[f->t->n - 1].step, OX_STEP_END);
	assert_true(f->t->left_out > 100);
	assert_non_null(strstr(f->text, "steps are left out"));
}

static void ct_act(struct ox_nlbuf *b, uint16_t zone)
{
	uint32_t mark;

	ox_nl_nest(b, OVS_ACTION_ATTR_CT, &mark);
	ox_nl_put_flag(b, OVS_CT_ATTR_COMMIT);
	ox_nl_put_u16(b, OVS_CT_ATTR_ZONE, zone);
	ox_nl_nest_end(b, mark);
}

/* The copy keeps a connection for the rest of the packet's way, and the table
 * of the datapath doesn't change. */
static void connection(void **state)
{
	struct fixture *f = *state;
	struct ox_ct_host_mem *host = f->ct->host;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	struct ox_ct before;
	struct ox_ct_pkt p;
	const struct ox_host_pkt pkt = {
		.data = (uint8_t *)(uintptr_t)udp_frame,
		.len = sizeof(udp_frame),
		.in_port = 1
	};
	struct ox_ct *e;

	ct_act(b, 5);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	add_flow(f, &f->rq.key);
	host->now = 1000;
	assert_non_null(strstr(follow(f), "ct(commit,zone=5): ct_state "
					  "+new+trk, would be committed\n"));
	assert_int_equal(ox_ct_host_count(host, 5), 0);
	assert_int_equal(ox_ct_host_parse(&pkt, 5, &p), 0);
	assert_null(ox_ct_host_find(host, &p));
	/* now there is one, which has had an answer */
	{
		struct ox_ct_run r = { .p = p, .now = 1000 };

		assert_int_equal(ox_ct_host_in(host, &r), 0);
		assert_int_equal(ox_ct_host_commit(host, &r), 0);
	}
	e = ox_ct_host_find(host, &p);
	assert_non_null(e);
	e->status |= 0x2; /* IPS_SEEN_REPLY */
	e->mark = 9;
	host->now = 1100;
	before = *e;
	assert_non_null(strstr(follow(f), "ct(commit,zone=5): ct_state "
					  "+est+trk, ct_mark 0x9\n"));
	assert_memory_equal(&before, e, sizeof(before));
	assert_int_equal(ox_ct_host_count(host, 5), 1);
}

/* A zone's limit holds in the copy, too. */
static void zone_limit(void **state)
{
	struct fixture *f = *state;
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	struct ox_ct_zone *z = &f->ct->host->zones[5];

	ct_act(b, 5);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	add_flow(f, &f->rq.key);
	z->word = 3;
	z->limit = 3;
	z->flags = OX_CT_ZONE_LIMIT;
	assert_non_null(strstr(follow(f), "drop! ct_limit\n"));
	z->limit = 4;
	assert_non_null(strstr(follow(f), "would be committed"));
	assert_int_equal(z->word, 3);
}

/* Byte for byte, all that packets may change. */
static void nothing_changes(void **state)
{
	struct fixture *f = *state;
	struct ox_mem *m = f->e->dp.mem;
	struct ox_mem_heap *h = ox_mem_heap(m);
	struct ox_nlbuf *b = ox_acts_begin(f->e);
	const struct ox_meter meter = {
		.flags = OX_METER_BAND, .rate = 1, .burst = 1, .bucket = 1000
	};
	struct ox_flow_base base;
	struct ox_config config;
	struct ox_uport uport;
	struct ox_meter got;
	uint32_t flow;

	assert_int_equal(m->ops->meter_set(m, 4, &meter), 0);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_METER, 4);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_OUTPUT, 2);
	ox_nl_put_u32(b, OVS_ACTION_ATTR_RECIRC, 7);
	flow = add_flow(f, &f->rq.key);
	base = ox_mem_flow_more(m, flow)->base;
	config = *m->config;
	uport = m->uports[1];
	assert_non_null(strstr(follow(f), "meter(4): within its rate"));
	assert_non_null(strstr(f->text, "a miss for port id 101"));
	assert_memory_equal(&base, &ox_mem_flow_more(m, flow)->base,
			    sizeof(base));
	assert_memory_equal(&config, m->config, sizeof(config));
	assert_memory_equal(&uport, &m->uports[1], sizeof(uport));
	assert_int_equal(h->flow_stats[flow].packets, 0);
	assert_int_equal(m->ops->meter_get(m, 4, &got), 0);
	assert_int_equal(got.bucket, 1000);
	assert_int_equal(got.packets, 0);
	assert_int_equal(f->e->n_sent, 0);
	assert_int_equal(f->e->n_msgs, 0);
}

static void too_long(void **state)
{
	struct fixture *f = *state;
	struct ox_trace *t = NULL;

	f->rq.len = 0x20000;
	assert_int_equal(ox_trace_run(&f->e->dp, &f->rq, &t), -EMSGSIZE);
	assert_null(t);
}

#define T(id, fn) OX_TEST_WITH("unit.trace." id, fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T("miss", miss),
		T("output", output),
		T("no_skb_tier", no_skb_tier),
		T("edits", edits),
		T("recirculate", recirculate),
		T("many_steps", many_steps),
		T("connection", connection),
		T("zone_limit", zone_limit),
		T("nothing_changes", nothing_changes),
		T("too_long", too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
