// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_handover.c - from the XDP tier to the skb tier, on real devices: what
 * XDP can't do leaves by the skb tier, as the list says, and is counted once.
 * In a network namespace of its own; needs root, a bpffs, iproute2, ethtool.
 */
#include "tests/lib/test.h"

#include <linux/openvswitch.h>
#include <net/if.h>
#include <unistd.h>

#include "bpf/core/pkt.h"
#include "tests/bpf/packets.h"
#include "tests/lib/dp.h"
#include "tests/lib/wires.h"

static struct ox_wires w;
static struct frame in, out;
static struct ox_make list;

/* ---- lists and packets ---- */

static void output(uint32_t port)
{
	ox_make_u32(&list, OVS_ACTION_ATTR_OUTPUT, port);
}

static void set_src(uint8_t last)
{
	struct ovs_key_ethernet key[2] = { { .eth_src = { 2, 0, 0, 0, 0 } } };
	uint32_t at = ox_make_nest(&list, OVS_ACTION_ATTR_SET_MASKED);

	key[0].eth_src[5] = last;
	memset(key[1].eth_src, 0xff, 6);
	ox_make_put(&list, OVS_KEY_ATTR_ETHERNET, key, sizeof(key));
	ox_make_nest_end(&list, at);
}

static void push_vlan(void)
{
	const struct ovs_action_push_vlan v = { htons(0x8100), htons(0x1005) };

	ox_make_put(&list, OVS_ACTION_ATTR_PUSH_VLAN, &v, sizeof(v));
}

static uint32_t flow(uint32_t recirc_id)
{
	uint32_t f = ox_wires_flow(&w, recirc_id, 0x0800, &list);

	ox_make_start(&list, OVS_FLOW_ATTR_ACTIONS);
	return f;
}

/* Sends a frame; out is the same with the last byte of the source's. */
static void send_udp(struct desc d)
{
	build(&d, &in);
	out = in;
	ox_wires_send(&w, in.b, in.len);
}

/* 16 bytes are the least that the stack takes a tag off from. */
static void send_cut_tag(void)
{
	struct desc d = desc_tag(desc_ip4(17), 0x8100, 5);

	build(&d, &in);
	in.len = OX_ETH_LEN + 2;
	out = in;
	ox_wires_send(&w, in.b, in.len);
}

static void leaves(uint32_t port, uint8_t last)
{
	static const uint8_t mac[5] = { 2 };

	memcpy(out.b + 6, mac, 5);
	out.b[11] = last;
	ox_wires_expect(&w, port, out.b, out.len);
}

static void leaves_tagged(uint32_t port)
{
	struct desc d = desc_tag(desc_ip4(17), 0x8100, 5);

	build(&d, &out);
	ox_wires_expect(&w, port, out.b, out.len);
}

static void no_xmit(uint32_t port)
{
	w.m->ports[port].flags |= OX_PORT_NO_XMIT;
}

/* n packets like in, each counted once where it came in and was looked up. */
static void counted(uint32_t f, uint32_t n, uint32_t n_cached)
{
	struct ox_dp_stats s = ox_wires_stats(&w);
	uint64_t bytes = (uint64_t)n * in.len;

	ox_wires_rx(&w, 1, n, bytes);
	if (f != OX_NONE)
		ox_wires_flow_is(&w, f, n, bytes);
	assert_int_equal(s.n_hit, f == OX_NONE ? 0 : n);
	assert_int_equal(s.n_missed, f == OX_NONE ? n : 0);
	assert_int_equal(s.n_mask_hit, f == OX_NONE ? 0 : n);
	assert_int_equal(s.n_cache_hit, n_cached);
	assert_int_equal(s.n_lost, 0);
}

/* ---- with metadata ---- */

/* The whole list is left to the skb tier. */
static void one_output(void)
{
	uint32_t f;

	no_xmit(2);
	output(2);
	f = flow(0);
	for (int i = 0; i < 3; i++) {
		send_udp(desc_ip4(17));
		ox_wires_expect(&w, 2, in.b, in.len);
	}
	counted(f, 3, 0);
	ox_wires_tx(&w, 2, 3, 3ull * in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_SKB, 3), 3);
	assert_int_equal(ox_wires_reason(&w, OX_R_NO_XMIT, 3), 3);
}

/* XDP makes the edit, which isn't made again. */
static void from_the_middle(void)
{
	uint32_t f;

	no_xmit(2);
	push_vlan();
	output(2);
	f = flow(0);
	send_udp(desc_ip4(17));
	leaves_tagged(2);
	counted(f, 1, 0);
	ox_wires_tx(&w, 2, 1, in.len + OX_VLAN_LEN);
	assert_int_equal(ox_wires_reason(&w, OX_R_SKB, 1), 1);
}

/* The same from the interpreter, as the set of ports isn't there yet. */
static void from_the_list(void)
{
	uint32_t f;

	push_vlan();
	output(2);
	output(3);
	f = flow(0);
	send_udp(desc_ip4(17));
	leaves_tagged(2);
	leaves_tagged(3);
	counted(f, 1, 0);
	ox_wires_tx(&w, 2, 1, in.len + OX_VLAN_LEN);
	ox_wires_tx(&w, 3, 1, in.len + OX_VLAN_LEN);
	assert_int_equal(ox_wires_reason(&w, OX_R_SKB, 1), 1);
}

/* A second pass goes on with its own id, hash and flow. */
static void recirculated(void)
{
	static struct ox_wire_rec rec;
	uint32_t first, second;

	ox_make_u32(&list, OVS_ACTION_ATTR_RECIRC, 7);
	first = flow(0);
	set_src(9);
	output(2);
	ox_make_u32(&list, OVS_ACTION_ATTR_RECIRC, 8);
	second = flow(7);
	send_udp(desc_ip4(17));
	leaves(2, 9);
	/* the third one finds no flow */
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.md.reason, OX_UP_MISS);
	assert_int_equal(rec.rec.key.recirc_id, 8);
	assert_int_equal(rec.rec.key.in_port, 1);
	ox_wires_flow_is(&w, first, 1, in.len);
	ox_wires_flow_is(&w, second, 1, in.len);
	ox_wires_rx(&w, 1, 1, in.len);
	assert_int_equal(ox_wires_stats(&w).n_hit, 2);
	assert_int_equal(ox_wires_stats(&w).n_missed, 1);
}

static void miss(void)
{
	static struct ox_wire_rec rec;

	send_udp(desc_ip4(17));
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.md.reason, OX_UP_MISS);
	assert_int_equal(rec.rec.len, in.len);
	assert_memory_equal(rec.frame, in.b, in.len);
	counted(OX_NONE, 1, 0);
}

/* Through generic XDP, which wraps it in a tag. */
static void generic(void)
{
	uint32_t f;

	push_vlan();
	output(2);
	output(3);
	f = flow(0);
	send_udp(desc_ip4(17));
	leaves_tagged(2);
	leaves_tagged(3);
	counted(f, 1, 0);
}

/* The frame has an Ethertype of a tag and ends there. When the kernel takes our
 * tag off it looks for that one, and fails. */
static void generic_cut_tag(void)
{
	uint32_t f;

	set_src(1);
	output(2);
	set_src(2);
	output(3);
	f = ox_wires_flow(&w, 0, 0x8100, &list);
	send_cut_tag();
	/* the far end drops it before it shows it to a packet socket */
	assert_int_equal(ox_wires_reason(&w, OX_R_SKB, 1), 1);
	ox_wires_tx(&w, 2, 1, in.len);
	ox_wires_tx(&w, 3, 1, in.len);
	counted(f, 1, 0);
}

/* What one datapath has noted on a packet is nothing to the next one. */
static void wiped(void)
{
	struct ox_dp *other = ox_test_dp_new("next");
	struct ox_mem *m = ox_dp_mem(other);
	struct ox_dp_stats s;
	uint32_t far = if_nametoindex("f2");

	m->ports[1].ifindex = far;
	m->ports[1].flags = OX_PORT_UP;
	m->ports[1].mtu = 1500;
	assert_int_equal(m->ops->port_device(m, 1, far, 0), 0);
	assert_int_equal(ox_tc_attach(other, far, NULL), 0);
	no_xmit(2);
	output(2);
	flow(0);
	send_udp(desc_ip4(17));
	ox_wires_expect(&w, 2, in.b, in.len);
	/* packet sockets are in front of tc */
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(m->ops->dp_stats(m, &s), 0);
		if (s.n_missed || s.reason[OX_R_BAD_FLOW])
			break;
		usleep(1000);
	}
	assert_int_equal(s.n_missed, 1);
	assert_int_equal(s.reason[OX_R_BAD_FLOW], 0);
	ox_test_dp_end(other, "next");
}

/* ---- without metadata ---- */

/* It is looked up again, and counted once all the same. */
static void no_meta_output(void)
{
	uint32_t f;

	ox_wires_no_meta(&w);
	no_xmit(2);
	output(2);
	f = flow(0);
	assert_int_equal(w.m->ports[1].no_meta, 0);
	for (int i = 0; i < 2; i++) {
		send_udp(desc_ip4(17));
		ox_wires_expect(&w, 2, in.b, in.len);
	}
	counted(f, 2, 0);
	assert_int_equal(ox_wires_reason(&w, OX_R_SKB, 0), 0);
	assert_int_equal(w.m->ports[1].no_meta, 1);
}

/* The same with what the cache found. */
static void no_meta_cached(void)
{
	uint32_t f, before, n = 8;

	ox_wires_no_meta(&w);
	w.m->config->cache_size = 256;
	no_xmit(2);
	output(2);
	f = flow(0);
	send_udp(desc_ip4(17));
	ox_wires_expect(&w, 2, in.b, in.len);
	/* XDP's lookup has filled the cache for the skb tier's, or not yet */
	before = (uint32_t)ox_wires_stats(&w).n_cache_hit;
	assert_in_range(before, 0, 1);
	for (uint32_t i = 1; i < n; i++) {
		send_udp(desc_ip4(17));
		ox_wires_expect(&w, 2, in.b, in.len);
	}
	ox_wires_rx(&w, 1, n, (uint64_t)n * in.len);
	ox_wires_flow_is(&w, f, n, (uint64_t)n * in.len);
	assert_int_equal(ox_wires_stats(&w).n_hit, n);
	/* the cache is a CPU's own */
	assert_true(ox_wires_stats(&w).n_cache_hit <= n);
	assert_true(ox_wires_stats(&w).n_cache_hit > 0);
}

static void no_meta_miss(void)
{
	static struct ox_wire_rec rec;

	ox_wires_no_meta(&w);
	send_udp(desc_ip4(17));
	ox_wires_ring(&w, 1, &rec);
	assert_memory_equal(rec.frame, in.b, in.len);
	counted(OX_NONE, 1, 0);
}

/* A list that XDP has begun is lost the first time. Then the port is known,
 * and the skb tier begins with it. */
static void no_meta_noted(void)
{
	uint32_t f;

	ox_wires_no_meta(&w);
	no_xmit(2);
	set_src(1);
	output(2);
	f = flow(0);
	send_udp(desc_ip4(17));
	assert_int_equal(ox_wires_reason(&w, OX_R_NO_META, 1), 1);
	ox_wires_quiet(&w, 2);
	send_udp(desc_ip4(17));
	leaves(2, 1);
	counted(f, 2, 0);
	assert_int_equal(ox_wires_reason(&w, OX_R_NO_META, 1), 1);
}

/* ---- notes that aren't what they seem ---- */

/* What XDP would write for a list at its op pc. */
static struct ox_upcall_md note(uint32_t f, uint32_t pc)
{
	uint32_t slot = ox_mem_uflow(w.m, f)->acts;
	const struct ox_acts *a = ox_mem_acts(w.m, slot);
	struct ox_upcall_md md = { .magic = OX_MD_MAGIC,
				   .port_no = 1,
				   .reason = OX_UP_FLOW,
				   .flow = f,
				   .acts = slot,
				   .pc = (uint16_t)pc };

	md.gen = a->flags >> OX_ACTS_GEN_SHIFT;
	return md;
}

/* A list whose second part is known by its source address. */
static uint32_t two_parts(void)
{
	set_src(1);
	output(2);
	set_src(2);
	output(3);
	return flow(0);
}

static void note_good(void)
{
	struct ox_upcall_md md = note(two_parts(), 2);

	ox_wires_forge(&w, &md);
	send_udp(desc_ip4(17));
	leaves(3, 2);
	ox_wires_quiet(&w, 2);
	/* it was counted by who wrote the note */
	ox_wires_rx(&w, 1, 0, 0);
	assert_int_equal(ox_wires_stats(&w).n_hit, 0);
}

/* The list has gone since, and its slot has another one. */
static void note_of_old_list(void)
{
	struct ox_upcall_md md = note(two_parts(), 2);

	md.gen++;
	ox_wires_forge(&w, &md);
	send_udp(desc_ip4(17));
	assert_int_equal(ox_wires_reason(&w, OX_R_BAD_FLOW, 1), 1);
	ox_wires_quiet(&w, 2);
	ox_wires_quiet(&w, 3);
}

/* The same before any of its ops was done: the packet meets what is in force
 * now, and is counted once. */
static void note_of_old_start(void)
{
	struct ox_upcall_md md = note(two_parts(), 0);

	md.gen++;
	ox_wires_forge(&w, &md);
	send_udp(desc_ip4(17));
	leaves(2, 1);
	leaves(3, 2);
	/* the note's writer counted it, here nobody did */
	assert_int_equal(ox_wires_stats(&w).n_hit, 0);
	ox_wires_rx(&w, 1, 0, 0);
}

/* What XDP would write for a flow that is one output. */
static struct ox_upcall_md note_of_output(uint32_t f)
{
	return (struct ox_upcall_md){ .magic = OX_MD_MAGIC,
				      .port_no = 1,
				      .reason = OX_UP_FLOW,
				      .flow = f,
				      .acts = OX_NONE };
}

/* The flow of a note has gone, and its place is another flow's: the packet
 * goes by its own, or is a miss. */
static void note_of_other_flow(void)
{
	static struct ox_wire_rec rec;
	struct ox_upcall_md md;

	output(3);
	md = note_of_output(ox_wires_flow(&w, 0, 0x86dd, &list));
	ox_make_start(&list, OVS_FLOW_ATTR_ACTIONS);
	ox_wires_forge(&w, &md);
	send_udp(desc_ip4(17));
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.md.reason, OX_UP_MISS);
	output(2);
	flow(0);
	send_udp(desc_ip4(17));
	ox_wires_expect(&w, 2, in.b, in.len);
	ox_wires_quiet(&w, 3);
}

/* The same after a recirculation: the lookup has its id. */
static void note_of_other_recirc(void)
{
	struct ox_upcall_md md;

	output(3);
	flow(0);
	output(2);
	flow(7);
	output(3);
	md = note_of_output(ox_wires_flow(&w, 7, 0x86dd, &list));
	md.recirc_id = 7;
	ox_wires_forge(&w, &md);
	send_udp(desc_ip4(17));
	ox_wires_expect(&w, 2, in.b, in.len);
	ox_wires_quiet(&w, 3);
}

/* What the packet has cost goes on counting. */
static void note_of_work(void)
{
	struct ox_upcall_md md;

	ox_make_u32(&list, OVS_ACTION_ATTR_RECIRC, 7);
	flow(7);
	ox_make_u32(&list, OVS_ACTION_ATTR_RECIRC, 7);
	md = note(flow(0), 0);
	for (uint32_t n = 0; n <= OX_MAX_DEFERRED; n += 3) {
		uint64_t hits = ox_wires_stats(&w).n_hit;

		md.deferred = n & 15;
		ox_wires_forge(&w, &md);
		send_udp(desc_ip4(17));
		ox_wires_reason(&w, OX_R_RECIRC, 1 + n / 3);
		assert_int_equal(ox_wires_stats(&w).n_hit - hits,
				 3 + 3 * (OX_MAX_DEFERRED - n));
	}
}

/* Another port's, and none at all: the packet is one like others. */
static void note_of_others(void)
{
	struct ox_upcall_md md = note(two_parts(), 2), bad = md;

	bad.port_no = 2;
	for (int i = 0; i < 2; i++) {
		ox_wires_forge(&w, &bad);
		send_udp(desc_ip4(17));
		leaves(2, 1);
		leaves(3, 2);
		bad = md;
		bad.magic ^= 1;
	}
	ox_wires_rx(&w, 1, 2, 2ull * in.len);
	assert_int_equal(ox_wires_stats(&w).n_hit, 2);
}

/* What a note says of the packet reaches user space. */
static void note_of_miss(void)
{
	static struct ox_wire_rec rec;
	struct ox_upcall_md md = { .magic = OX_MD_MAGIC,
				   .port_no = 1,
				   .reason = OX_UP_MISS,
				   .flow = OX_NONE,
				   .acts = OX_NONE,
				   .hash = 0x12345678,
				   .recirc_id = 77,
				   .dp_hash = 0x55 };

	ox_wires_forge(&w, &md);
	send_udp(desc_ip4(17));
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.md.reason, OX_UP_MISS);
	assert_int_equal(rec.rec.md.hash, 0x12345678);
	assert_int_equal(rec.rec.key.recirc_id, 77);
	assert_int_equal(rec.rec.key.dp_hash, 0x55);
	assert_int_equal(rec.rec.md.flow, OX_NONE);
}

/* ---- sets of ports ---- */

/* In one redirect, as long as the set's devices are the ports'. */
/* The port has the device of that wire now, as the daemon enters it. */
static void device_changes(uint32_t port_no, uint32_t wire)
{
	uint32_t ifindex = w.wire[wire].ifindex;

	w.m->ports[port_no].ifindex = ifindex;
	assert_int_equal(w.m->ops->port_device(w.m, port_no, ifindex, 0), 0);
}

static void group(void)
{
	output(2);
	output(3);
	flow(0);
	ox_table_tick(w.t);
	send_udp(desc_ip4(17));
	ox_wires_expect(&w, 2, in.b, in.len);
	ox_wires_expect(&w, 3, in.b, in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_SKB, 0), 0);
	/* port 3 has a new device, and the set isn't made anew yet */
	device_changes(3, 4);
	send_udp(desc_ip4(17));
	ox_wires_expect(&w, 2, in.b, in.len);
	ox_wires_expect(&w, 4, in.b, in.len);
	ox_wires_quiet(&w, 3);
	assert_int_equal(ox_wires_reason(&w, OX_R_SKB, 1), 1);
	ox_wires_tx(&w, 2, 2, 2ull * in.len);
	ox_wires_tx(&w, 3, 2, 2ull * in.len);
}

/* One of the ports takes no frames of XDP's, or not this one. */
static void group_refused(void)
{
	struct desc d = desc_ip4(17);

	output(2);
	output(3);
	flow(0);
	ox_table_tick(w.t);
	no_xmit(3);
	send_udp(d);
	ox_wires_expect(&w, 2, in.b, in.len);
	ox_wires_expect(&w, 3, in.b, in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_SKB, 1), 1);
	w.m->ports[3].flags = 0;
	send_udp(d);
	ox_wires_expect(&w, 2, in.b, in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_PORT_DOWN, 1), 1);
	ox_wires_quiet(&w, 3);
	w.m->ports[3].flags = OX_PORT_UP;
	w.m->ports[3].mtu = in.len - OX_ETH_LEN - 1;
	send_udp(d);
	ox_wires_expect(&w, 2, in.b, in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_OVER_MTU, 1), 1);
	ox_wires_quiet(&w, 3);
}

struct test {
	const char *id;
	void (*fn)(void);
	enum ox_attach_mode mode;
};

static const struct test all[] = {
	{ "bpf.handover.one_output", one_output, OX_MODE_XDP },
	{ "bpf.handover.from_the_middle", from_the_middle, OX_MODE_XDP },
	{ "bpf.handover.from_the_list", from_the_list, OX_MODE_XDP },
	{ "bpf.handover.recirculated", recirculated, OX_MODE_XDP },
	{ "bpf.handover.miss", miss, OX_MODE_XDP },
	{ "bpf.handover.generic", generic, OX_MODE_XDP_GENERIC },
	{ "bpf.handover.generic_cut_tag", generic_cut_tag,
	  OX_MODE_XDP_GENERIC },
	{ "bpf.handover.wiped", wiped, OX_MODE_XDP },
	{ "bpf.handover.no_meta_output", no_meta_output, OX_MODE_XDP },
	{ "bpf.handover.no_meta_cached", no_meta_cached, OX_MODE_XDP },
	{ "bpf.handover.no_meta_miss", no_meta_miss, OX_MODE_XDP },
	{ "bpf.handover.no_meta_noted", no_meta_noted, OX_MODE_XDP },
	{ "bpf.handover.note_good", note_good, OX_MODE_XDP },
	{ "bpf.handover.note_of_old_list", note_of_old_list, OX_MODE_XDP },
	{ "bpf.handover.note_of_others", note_of_others, OX_MODE_XDP },
	{ "bpf.handover.note_of_old_start", note_of_old_start, OX_MODE_XDP },
	{ "bpf.handover.note_of_other_flow", note_of_other_flow, OX_MODE_XDP },
	{ "bpf.handover.note_of_other_recirc", note_of_other_recirc,
	  OX_MODE_XDP },
	{ "bpf.handover.note_of_work", note_of_work, OX_MODE_XDP },
	{ "bpf.handover.note_of_miss", note_of_miss, OX_MODE_XDP },
	{ "bpf.handover.group", group, OX_MODE_XDP },
	{ "bpf.handover.group_refused", group_refused, OX_MODE_XDP },
};
#define N_TESTS (sizeof(all) / sizeof(all[0]))

static void run(void **state)
{
	const struct test *t = *state;

	ox_wires_up(&w, "hand", t->mode);
	ox_make_start(&list, OVS_FLOW_ATTR_ACTIONS);
	t->fn();
}

/* Also after a failure, so that the next one finds no devices. */
static int teardown(void **state)
{
	(void)state;
	ox_wires_down(&w);
	memset(&w, 0, sizeof(w));
	return 0;
}

int main(void)
{
	struct CMUnitTest tests[N_TESTS];

	for (size_t i = 0; i < N_TESTS; i++)
		tests[i] = (struct CMUnitTest){
			.name = all[i].id,
			.test_func = run,
			.teardown_func = teardown,
			.initial_state = (void *)(uintptr_t)&all[i],
		};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, ox_test_dp_setup,
				      ox_test_dp_cleanup);
}
