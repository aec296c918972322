// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_loader_ring.c - upcalls of the skb tier: packets that really come in
 * by a veth, read from the ring. In a network namespace of its own; needs
 * root, a bpffs and iproute2.
 */
#include "tests/lib/test.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include <net/if.h>
#include <bpf/bpf.h>
#include <linux/pkt_cls.h>

#include "loader/tc.h"
#include "tests/lib/dp.h"
#include "tests/lib/netns.h"

#define PORT 3

static struct ox_err err;

/* Port 3 of dp on t0, the skb tier attached; frames go in by t1. */
struct rig {
	struct ox_dp *dp;
	uint32_t t0;
	int tx;
	struct ox_ring *ring;
};

static void rig_up(struct rig *r, const char *name)
{
	struct ox_port *port;

	memset(r, 0, sizeof(*r));
	r->dp = ox_test_dp_new(name);
	r->t0 = ox_test_dp_veth("t0", "t1");
	r->tx = ox_test_packet_socket("t1");
	assert_true(r->tx >= 0);
	port = &ox_dp_mem(r->dp)->ports[PORT];
	port->flags = OX_PORT_UP | OX_PORT_SKB_RX;
	port->mtu = 1500;
	port->ifindex = r->t0;
	assert_int_equal(
		ox_dp_mem(r->dp)->ops->port_device(&r->dp->mem, PORT, r->t0, 0),
		0);
	assert_int_equal(ox_tc_attach(r->dp, r->t0, &err), 0);
	assert_int_equal(ox_ring_open(r->dp, &r->ring, &err), 0);
}

static void rig_down(struct rig *r, const char *name)
{
	ox_ring_close(r->ring);
	close(r->tx);
	assert_int_equal(ox_test_run("ip link del t0"), 0);
	ox_test_dp_end(r->dp, name);
}

struct got {
	uint32_t n;
	struct ox_ring_rec rec; /* of the last */
	uint8_t frame[9000];
	uint32_t sum; /* of the bytes at place 14, which number the frames */
};

static uint32_t take(const struct ox_ring_rec *rec, void *arg)
{
	struct got *g = arg;

	g->n++;
	memcpy(&g->rec, rec, sizeof(*rec));
	memcpy(g->frame, rec->frame,
	       rec->len < sizeof(g->frame) ? rec->len : sizeof(g->frame));
	g->sum += rec->frame[14];
	return 1;
}

static int ring_read(struct ox_ring *ring, uint32_t budget,
		     uint32_t (*fn)(const struct ox_ring_rec *rec, void *arg),
		     void *arg)
{
	int n = ox_ring_rx(ring, budget, fn, arg);

	ox_ring_release(ring);
	return n;
}

/* Reads until n records are there or half a second has passed in vain. */
static void receive(struct rig *r, struct got *g, uint32_t n)
{
	struct pollfd p = { .fd = ox_ring_fd(r->ring), .events = POLLIN };

	while (g->n < n && poll(&p, 1, 500) > 0)
		ring_read(r->ring, 1000, take, g);
}

/* Frames of an Ethertype that nobody else sends. */
static void send_one(const struct rig *r, uint32_t len, uint8_t number)
{
	static uint8_t frame[9000] = { 0x02, 0, 0, 0, 0, 2,    0x02,
				       0,    0, 0, 0, 1, 0x88, 0xb5 };

	frame[14] = number;
	frame[len - 1] = 0xa5;
	assert_int_equal(ox_test_send(r->tx, frame, len), 0);
	frame[len - 1] = 0;
}

static void send_many(const struct rig *r, uint32_t len, uint32_t n)
{
	while (n--)
		send_one(r, len, 1);
}

static void ring_miss(void **state)
{
	struct ox_dp_stats st;
	struct got g = { 0 };
	struct rig r;

	(void)state;
	rig_up(&r, "miss");
	assert_int_equal(ring_read(r.ring, 10, take, &g), 0);
	send_one(&r, 64, 7);
	receive(&r, &g, 1);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.rec.md.magic, OX_MD_MAGIC);
	assert_int_equal(g.rec.md.reason, OX_UP_MISS);
	assert_int_equal(g.rec.md.port_no, PORT);
	assert_int_equal(g.rec.md.flow, OX_NONE);
	assert_int_equal(g.rec.key.in_port, PORT);
	assert_int_equal(g.rec.key.eth_type, htobe16(0x88b5));
	assert_int_equal(g.rec.len, 64);
	assert_int_equal(g.rec.gso_size, 0);
	assert_int_equal(g.frame[5], 2);
	assert_int_equal(g.frame[14], 7);
	assert_int_equal(g.frame[63], 0xa5);
	assert_int_equal(r.dp->mem.ops->dp_stats(&r.dp->mem, &st), 0);
	assert_int_equal(st.n_missed, 1);
	assert_int_equal(st.n_lost, 0);
	rig_down(&r, "miss");
}

/* Every size of record that the program has. */
static void ring_sizes(void **state)
{
	static const uint32_t len[] = { 15,  60,   480,	 481,  512,
					513, 1500, 2048, 2100, 8000 };
	struct got g = { 0 };
	struct rig r;
	size_t i;

	(void)state;
	rig_up(&r, "sizes");
	assert_int_equal(ox_test_run("ip link set t0 mtu 9000"), 0);
	assert_int_equal(ox_test_run("ip link set t1 mtu 9000"), 0);
	for (i = 0; i < sizeof(len) / sizeof(*len); i++) {
		send_one(&r, len[i], i);
		receive(&r, &g, i + 1);
		assert_int_equal(g.n, i + 1);
		assert_int_equal(g.rec.len, len[i]);
		assert_int_equal(g.frame[len[i] - 1], 0xa5);
		if (len[i] > 15)
			assert_int_equal(g.frame[14], i);
	}
	rig_down(&r, "sizes");
}

static void ring_budget(void **state)
{
	struct pollfd p = { .events = POLLIN };
	struct got g = { 0 };
	struct rig r;

	(void)state;
	rig_up(&r, "budget");
	p.fd = ox_ring_fd(r.ring);
	send_many(&r, 64, 10);
	assert_int_equal(poll(&p, 1, 500), 1);
	assert_int_equal(ring_read(r.ring, 3, take, &g), 3);
	/* what is left still shows */
	assert_int_equal(poll(&p, 1, 0), 1);
	assert_int_equal(ring_read(r.ring, 100, take, &g), 7);
	assert_int_equal(poll(&p, 1, 0), 0);
	assert_int_equal(ring_read(r.ring, 100, take, &g), 0);
	assert_int_equal(ring_read(r.ring, 0, take, &g), 0);
	assert_int_equal(g.n, 10);
	rig_down(&r, "budget");
}

/* A new daemon finds what the last one left, and nothing twice. */
static void ring_reopen(void **state)
{
	struct got g = { 0 };
	struct rig r;

	(void)state;
	rig_up(&r, "reopen");
	send_one(&r, 64, 1);
	send_one(&r, 64, 10);
	assert_int_equal(ring_read(r.ring, 1, take, &g), 1);
	/* killed over the second one */
	assert_int_equal(ox_ring_rx(r.ring, 1, take, &(struct got){ 0 }), 1);
	ox_ring_close(r.ring);
	r.ring = NULL;
	ox_dp_close(r.dp);
	send_one(&r, 64, 100);
	assert_int_equal(ox_dp_open(ox_test_dp_root(), "reopen", &r.dp, &err),
			 0);
	assert_int_equal(ox_ring_open(r.dp, &r.ring, &err), 0);
	receive(&r, &g, 3);
	assert_int_equal(g.n, 3);
	assert_int_equal(g.sum, 111);
	rig_down(&r, "reopen");
}

/*
 * Nobody reads: the port's share fills, which is half of what it leaves free on
 * each CPU that it sends from. The rest is counted, and it goes on after.
 */
static void ring_full(void **state)
{
	const uint32_t rec = sizeof(struct ox_ring_rec) + 2048 + 8;
	const uint32_t room = (8 << 20) / rec, n = room + 500;
	struct ox_dp_stats st;
	struct got g = { 0 };
	uint64_t lost;
	struct rig r;

	(void)state;
	rig_up(&r, "full");
	send_many(&r, 1500, n);
	assert_int_equal(r.dp->mem.ops->dp_stats(&r.dp->mem, &st), 0);
	assert_int_equal(st.n_missed, n);
	assert_in_range(n - st.n_lost, room / 3 - 2, 2 * room / 3);
	assert_int_equal(st.reason[OX_R_RING_SHARE], st.n_lost);
	assert_int_equal(r.dp->mem.ops->port_lost(&r.dp->mem, PORT, &lost), 0);
	assert_int_equal(lost, st.n_lost);
	receive(&r, &g, n - st.n_lost);
	assert_int_equal(g.n, n - st.n_lost);
	/* round and round the edge */
	while (g.sum < 3 * n) {
		uint32_t want = g.n + 100;

		send_many(&r, 1400, 100);
		receive(&r, &g, want);
		assert_int_equal(g.n, want);
		assert_int_equal(g.rec.len, 1400);
	}
	rig_down(&r, "full");
}

/* A program that takes every packet. */
static int shot_prog(void)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = TC_ACT_SHOT },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "shot", "GPL", insns, 2,
			     NULL);
}

/* Ours is in front of a program that was there before. */
static void ring_first(void **state)
{
	struct got g = { 0 };
	struct ox_prog shot;
	struct rig r;
	bool tcx;

	(void)state;
	rig_up(&r, "first");
	shot.fd = shot_prog();
	assert_true(shot.fd >= 0);
	assert_int_equal(ox_prog_id(&shot), 0);
	assert_int_equal(ox_tc_detach(r.dp, r.t0, &err), 0);
	tcx = ox_tcx_query(r.t0, OX_TC_INGRESS, &shot) != -EOPNOTSUPP;
	assert_int_equal(tcx ? ox_tcx_attach(r.t0, OX_TC_INGRESS, &shot)
			     : ox_clsact_attach(r.t0, OX_TC_INGRESS, &shot),
			 0);
	send_one(&r, 64, 1);
	assert_int_equal(ox_tc_attach(r.dp, r.t0, &err), 0);
	send_one(&r, 64, 10);
	receive(&r, &g, 2);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.sum, 10);
	close(shot.fd);
	rig_down(&r, "first");
}

static const struct CMUnitTest tests[] = {
	OX_TEST("loader.ring.miss", ring_miss),
	OX_TEST("loader.ring.sizes", ring_sizes),
	OX_TEST("loader.ring.budget", ring_budget),
	OX_TEST("loader.ring.reopen", ring_reopen),
	OX_TEST("loader.ring.full", ring_full),
	OX_TEST("loader.ring.first", ring_first),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, ox_test_dp_setup,
				      ox_test_dp_cleanup);
}
