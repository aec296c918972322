// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_skb_tier.c - what BPF_PROG_TEST_RUN can't show of the skb tier. That is
 * tags in an skb's metadata, branches on clones, and what a ring record says of
 * a list that user space goes on with. On real devices, in a network namespace
 * of its own; needs root, a bpffs, iproute2, ethtool.
 */
#include "tests/lib/test.h"

#include <linux/openvswitch.h>

#include "bpf/core/pkt.h"
#include "tests/bpf/packets.h"
#include "tests/lib/dp.h"
#include "tests/lib/wires.h"

static struct ox_wires w;
static struct frame in, out;
static struct ox_make list;
static struct ox_wire_rec rec;

static void up(void)
{
	ox_wires_up(&w, "skb", OX_MODE_TC);
	ox_make_start(&list, OVS_FLOW_ATTR_ACTIONS);
}

/* Also after a failure, so that the next test finds no devices. */
static int teardown(void **state)
{
	(void)state;
	ox_wires_down(&w);
	memset(&w, 0, sizeof(w));
	return 0;
}

static void output(uint32_t port)
{
	ox_make_u32(&list, OVS_ACTION_ATTR_OUTPUT, port);
}

static void recirc(uint32_t id)
{
	ox_make_u32(&list, OVS_ACTION_ATTR_RECIRC, id);
}

static void userspace(void)
{
	uint32_t at = ox_make_nest(&list, OVS_ACTION_ATTR_USERSPACE);

	ox_make_u32(&list, OVS_USERSPACE_ATTR_PID, 5);
	ox_make_nest_end(&list, at);
}

/* Of a packet without a UDP header it is an error. */
static void set_udp(void)
{
	const struct ovs_key_udp udp = { htons(7), htons(8) };
	uint32_t at = ox_make_nest(&list, OVS_ACTION_ATTR_SET);

	ox_make_put(&list, OVS_KEY_ATTR_UDP, &udp, sizeof(udp));
	ox_make_nest_end(&list, at);
}

static uint32_t clone_begin(void)
{
	return ox_make_nest(&list, OVS_ACTION_ATTR_CLONE);
}

static uint32_t flow(uint32_t recirc_id)
{
	uint32_t f = ox_wires_flow(&w, recirc_id, 0x0800, &list);

	ox_make_start(&list, OVS_FLOW_ATTR_ACTIONS);
	return f;
}

static void send_frame(struct desc d)
{
	build(&d, &in);
	ox_wires_send(&w, in.b, in.len);
}

static struct desc tagged(void)
{
	return desc_tag(desc_ip4(17), 0x8100, 5);
}

/* UDP whose header has only 4 of its 8 bytes. */
static void send_cut_udp(void)
{
	struct desc d = desc_ip4(17);

	build(&d, &in);
	in.len = OX_ETH_LEN + 20 + 4;
	ox_wires_send(&w, in.b, in.len);
}

/* ---- tags ---- */

/* Four bytes that aren't in line are bytes all the same. */
static void tag_counts(void **state)
{
	uint32_t f;

	(void)state;
	up();
	output(2);
	f = flow(0);
	send_frame(tagged());
	ox_wires_expect(&w, 2, in.b, in.len);
	ox_wires_rx(&w, 1, 1, in.len);
	ox_wires_tx(&w, 2, 1, in.len);
	ox_wires_flow_is(&w, f, 1, in.len);
}

static void tag_counts_copies(void **state)
{
	uint32_t f;

	(void)state;
	up();
	output(2);
	output(3);
	f = flow(0);
	send_frame(tagged());
	ox_wires_expect(&w, 2, in.b, in.len);
	ox_wires_expect(&w, 3, in.b, in.len);
	ox_wires_tx(&w, 2, 1, in.len);
	ox_wires_tx(&w, 3, 1, in.len);
	ox_wires_flow_is(&w, f, 1, in.len);
}

/* A pushed and a popped one make the difference at the output alone. */
static void tag_counts_edits(void **state)
{
	const struct ovs_action_push_vlan v = { htons(0x8100), htons(0x1005) };
	uint32_t f;

	(void)state;
	up();
	ox_make_put(&list, OVS_ACTION_ATTR_PUSH_VLAN, &v, sizeof(v));
	output(2);
	ox_make_put(&list, OVS_ACTION_ATTR_POP_VLAN, NULL, 0);
	output(3);
	f = flow(0);
	send_frame(desc_ip4(17));
	ox_wires_expect(&w, 3, in.b, in.len);
	ox_wires_rx(&w, 1, 1, in.len);
	ox_wires_flow_is(&w, f, 1, in.len);
	ox_wires_tx(&w, 2, 1, in.len + OX_VLAN_LEN);
	ox_wires_tx(&w, 3, 1, in.len);
}

/* User space gets the tag in its place, and is told what to cut with it. */
static void tag_in_record(void **state)
{
	(void)state;
	up();
	ox_make_u32(&list, OVS_ACTION_ATTR_TRUNC, 60);
	userspace();
	flow(0);
	send_frame(tagged());
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.md.reason, OX_UP_ACTION);
	assert_int_equal(rec.rec.len, in.len);
	assert_memory_equal(rec.frame, in.b, in.len);
	assert_int_equal(rec.rec.cutlen, in.len - 60);
}

/* ---- branches ---- */

/* Runs on a copy: what it edits isn't seen behind it. */
static void branch(void **state)
{
	struct desc d = desc_ip4(17);
	uint32_t at;

	(void)state;
	up();
	at = clone_begin();
	set_udp();
	output(2);
	ox_make_nest_end(&list, at);
	output(3);
	flow(0);
	send_frame(d);
	d.sport = 7;
	d.dport = 8;
	build(&d, &out);
	ox_wires_expect(&w, 2, out.b, out.len);
	ox_wires_expect(&w, 3, in.b, in.len);
	ox_wires_rx(&w, 1, 1, in.len);
}

/* An edit that fails in a branch ends the list around it. */
static void branch_fails(void **state)
{
	uint32_t at;

	(void)state;
	up();
	output(2);
	at = clone_begin();
	set_udp();
	output(3);
	ox_make_nest_end(&list, at);
	output(3);
	flow(0);
	send_cut_udp();
	ox_wires_expect(&w, 2, in.b, in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_EDIT, 1), 1);
	/* a list that went on would be done before the next packet is */
	send_frame(desc_ip4(17));
	ox_wires_expect(&w, 2, in.b, in.len);
	ox_wires_tx(&w, 3, 2, 2ull * in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_EDIT, 1), 1);
}

/* One that fails after a recirculation in the branch is another list's. */
static void branch_recirculates(void **state)
{
	uint32_t at;

	(void)state;
	up();
	at = clone_begin();
	recirc(4);
	ox_make_nest_end(&list, at);
	output(2);
	flow(0);
	set_udp();
	output(3);
	flow(4);
	send_cut_udp();
	ox_wires_expect(&w, 2, in.b, in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_EDIT, 1), 1);
	ox_wires_quiet(&w, 3);
}

/* ---- devices that have gone ---- */

/* As the kernel leaves it: no device in the devmap, the ifindex as it was. */
static void device_ends(uint32_t port_no)
{
	assert_int_equal(w.m->ops->port_device(w.m, port_no, 0, 0), 0);
}

/* Whoever has the ifindex now gets nothing: no last output, and no copy. */
static void device_gone(void **state)
{
	(void)state;
	up();
	output(3);
	output(2);
	output(3);
	flow(0);
	device_ends(3);
	send_frame(desc_ip4(17));
	ox_wires_expect(&w, 2, in.b, in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_NO_PORT, 2), 2);
	ox_wires_quiet(&w, 3);
}

/* Without the clone device a branch is user space's. */
static void clone_device_gone(void **state)
{
	uint32_t at;

	(void)state;
	up();
	at = clone_begin();
	set_udp();
	output(2);
	ox_make_nest_end(&list, at);
	output(3);
	flow(0);
	device_ends(OVSP_LOCAL);
	send_frame(desc_ip4(17));
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.md.reason, OX_UP_FLOW);
	assert_int_equal(rec.rec.md.pc, 0);
	ox_wires_quiet(&w, 2);
}

/* ---- records ---- */

/* A list that user space goes on with: where, in which pass, of which flow. */
static void record(void **state)
{
	const struct ovs_action_push_mpls m = { htonl(0x100), htons(0x8847) };
	uint32_t f;

	(void)state;
	up();
	recirc(1);
	flow(0);
	recirc(2);
	flow(1);
	ox_make_u32(&list, OVS_ACTION_ATTR_TRUNC, 60);
	ox_make_put(&list, OVS_ACTION_ATTR_PUSH_MPLS, &m, sizeof(m));
	output(2);
	f = flow(2);
	send_frame(desc_ip4(17));
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.md.reason, OX_UP_FLOW);
	assert_int_equal(rec.rec.md.flow, f);
	assert_int_equal(rec.rec.md.acts, ox_mem_uflow(w.m, f)->acts);
	assert_int_equal(rec.rec.md.pc, 1);
	assert_int_equal(rec.rec.gen,
			 ox_mem_acts(w.m, rec.rec.md.acts)->flags >>
				 OX_ACTS_GEN_SHIFT);
	/* two passes, their lists of one op, and an op of the third list */
	assert_int_equal(rec.rec.work, 1 + 2 + 1 + 1);
	assert_int_equal(rec.rec.md.deferred, 0);
	assert_int_equal(rec.rec.key.recirc_id, 2);
	assert_int_equal(rec.rec.cutlen, 60);
	assert_memory_equal(rec.frame, in.b, in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_USER, 1), 1);
}

#define T(id, fn) OX_TEST_WITH("bpf.skb_tier." id, fn, NULL, teardown)

static const struct CMUnitTest tests[] = {
	T("tag_counts", tag_counts),
	T("tag_counts_copies", tag_counts_copies),
	T("tag_counts_edits", tag_counts_edits),
	T("tag_in_record", tag_in_record),
	T("branch", branch),
	T("branch_fails", branch_fails),
	T("branch_recirculates", branch_recirculates),
	T("device_gone", device_gone),
	T("clone_device_gone", clone_device_gone),
	T("record", record),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, ox_test_dp_setup,
				      ox_test_dp_cleanup);
}
