// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_tunnel.c - a tunnel's device as a port of the skb tier. That is a vxlan
 * device which takes its key from each packet, over a veth pair whose far end
 * shows the outer headers and sends some. In a network namespace of its own;
 * needs root, a bpffs, iproute2, ethtool.
 */
#include "tests/lib/test.h"

#include <net/if.h> /* in front of the kernel's */

#include <linux/if_tunnel.h>
#include <linux/openvswitch.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "bpf/core/pkt.h"
#include "control/packet/output.h"
#include "tests/bpf/packets.h"
#include "tests/lib/dp.h"
#include "tests/lib/netns.h"
#include "tests/lib/wires.h"

#define TUN	 5 /* the tunnel's port */
#define UNDER	 4 /* wire that carries it */
#define VXLAN	 4789
#define NEAR	 0x0a010001 /* addresses of the underlay */
#define FAR	 0x0a010002
#define OUTER4	 (OX_ETH_LEN + 20 + 8)
#define OUTER6	 (OX_ETH_LEN + 40 + 8)
#define VXLAN_HL 8

static struct ox_wires w;
static struct frame in;
static struct ox_make list;
static struct ox_wire_rec rec;
static uint8_t near_mac[6];
static uint8_t got[OX_WIRE_MAX];

static const uint8_t near6[16] = { 0xfd, 1, [15] = 1 };
static const uint8_t far6[16] = { 0xfd, 1, [15] = 2 };

static void run(const char *cmd)
{
	if (ox_test_run(cmd))
		fail_msg("%s", cmd);
}

static void near_mac_read(void)
{
	struct ifreq r = { .ifr_name = "w4" };

	assert_int_equal(ioctl(w.wire[UNDER].fd, SIOCGIFHWADDR, &r), 0);
	memcpy(near_mac, r.ifr_hwaddr.sa_data, 6);
}

static void tunnel_up(const char *options)
{
	struct ox_err err;
	struct ox_port *p = &w.m->ports[TUN];
	char cmd[128];

	run("ip addr add 10.1.0.1/24 dev w4");
	run("ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:99 dev w4");
	snprintf(cmd, sizeof(cmd),
		 "ip link add tv type vxlan external dstport %u%s", VXLAN,
		 options);
	run(cmd);
	run("ip link set tv up");
	near_mac_read();
	p->flags = OX_PORT_UP | OX_PORT_TUNNEL | OX_PORT_NO_XMIT;
	p->mtu = 65000;
	p->tun_kind = OVS_VPORT_TYPE_VXLAN;
	p->ifindex = if_nametoindex("tv");
	assert_true(p->ifindex);
	assert_int_equal(w.m->ops->port_device(w.m, TUN, p->ifindex, 0), 0);
	assert_int_equal(ox_tc_attach(w.dp, p->ifindex, &err), 0);
}

static void up_with(const char *options)
{
	ox_wires_up(&w, "tun", OX_MODE_TC);
	ox_make_start(&list, OVS_FLOW_ATTR_ACTIONS);
	tunnel_up(options);
}

static void up(void)
{
	up_with(" udp6zerocsumrx");
}

static int teardown(void **state)
{
	(void)state;
	ox_test_run("ip link del tv");
	ox_wires_down(&w);
	memset(&w, 0, sizeof(w));
	return 0;
}

static void output(uint32_t port)
{
	ox_make_u32(&list, OVS_ACTION_ATTR_OUTPUT, port);
}

/* An op that a TUN or its argument takes the place of. */
static void place(void)
{
	ox_make_u32(&list, OVS_ACTION_ATTR_METER, 1);
}

static uint32_t flow(uint32_t recirc_id)
{
	uint32_t f = ox_wires_flow(&w, recirc_id, 0x0800, &list);

	ox_make_start(&list, OVS_FLOW_ATTR_ACTIONS);
	return f;
}

static void send_frame(void)
{
	struct desc d = desc_ip4(17);

	build(&d, &in);
	ox_wires_send(&w, in.b, in.len);
}

/* ---- lists with a TUN ---- */

/* Op i of a flow's list. */
static struct ox_op *op_of(uint32_t f, uint32_t i)
{
	struct ox_acts *a = ox_mem_acts(w.m, ox_mem_uflow(w.m, f)->acts);

	for (; i >= OX_ACTS_OPS; i -= OX_ACTS_OPS)
		a = ox_mem_acts(w.m, a->next);
	return &a->ops[i];
}

static struct ox_op_tun *tun_at(uint32_t f, uint32_t i, uint32_t vni)
{
	struct ox_op_tun *t = (void *)op_of(f, i);

	*t = (struct ox_op_tun){
		.code = OX_OP_TUN,
		.tun_flags = TUNNEL_KEY | TUNNEL_CSUM,
		.ttl = 61,
		.tun_id = __builtin_bswap64(vni),
		.dst = htonl(FAR),
	};
	return t;
}

static struct ox_op_tun_arg *arg_at(uint32_t f, uint32_t i, uint8_t what)
{
	struct ox_op_tun_arg *a = (void *)op_of(f, i);

	*a = (struct ox_op_tun_arg){ .code = OX_OP_TUN_ARG, .what = what };
	return a;
}

/* ---- the underlay ---- */

/* The next frame on it; its length. */
static uint32_t outer_recv(void)
{
	struct pollfd p = { .fd = w.wire[UNDER].fd, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, 5000) != 1)
		fail_msg("nothing came out of the tunnel");
	n = recv(p.fd, got, sizeof(got), 0);
	assert_in_range(n, OUTER4, sizeof(got));
	return (uint32_t)n;
}

static uint32_t get24(const uint8_t *p)
{
	return (uint32_t)p[0] << 16 | p[1] << 8 | p[2];
}

/* A frame with this VNI around what was sent. */
static void outer_expect(uint32_t vni)
{
	uint32_t n = outer_recv();
	const uint8_t *ip = got + OX_ETH_LEN, *vx = got + OUTER4;

	assert_int_equal(n, OUTER4 + VXLAN_HL + in.len);
	assert_int_equal(ip[9], 17);
	assert_int_equal(get24(vx + 4), vni);
	assert_memory_equal(vx + VXLAN_HL, in.b, in.len);
}

/* ---- out ---- */

static void encap(void **state)
{
	const uint8_t *ip = got + OX_ETH_LEN;
	struct ox_op_tun *t;
	uint32_t f;

	(void)state;
	up();
	place();
	output(TUN);
	f = flow(0);
	t = tun_at(f, 0, 0x123456);
	t->tos = 0x28;
	t->tun_flags |= TUNNEL_DONT_FRAGMENT;
	t->src = htonl(NEAR);
	send_frame();
	outer_expect(0x123456);
	assert_int_equal(ip[1], 0x28);
	assert_int_equal(ip[8], 61);
	assert_int_equal(ip[6] & 0x40, 0x40); /* DF */
	assert_memory_equal(ip + 12, "\x0a\x01\x00\x01\x0a\x01\x00\x02", 8);
	assert_true(ip[20 + 6] || ip[20 + 7]); /* UDP checksum */
	ox_wires_tx(&w, TUN, 1, in.len);
	assert_int_equal(ox_wires_stats(&w).reason[OX_R_TUNNEL], 0);
}

static void encap_no_csum_no_df(void **state)
{
	const uint8_t *ip = got + OX_ETH_LEN;
	uint32_t f;

	(void)state;
	up();
	place();
	output(TUN);
	f = flow(0);
	tun_at(f, 0, 1)->tun_flags = 0; /* nor a key: VXLAN has always one */
	send_frame();
	outer_expect(1);
	assert_int_equal(ip[6] & 0x40, 0);
	assert_int_equal(ip[20 + 6] | ip[20 + 7], 0);
}

/* One metadata_dst a CPU: each output has its own key all the same. */
static void several(void **state)
{
	uint32_t f, at;

	(void)state;
	up();
	place();
	output(TUN);
	output(TUN);
	place();
	output(TUN);
	at = ox_make_nest(&list, OVS_ACTION_ATTR_CLONE);
	place();
	output(TUN);
	ox_make_nest_end(&list, at);
	output(TUN);
	output(2);
	f = flow(0);
	tun_at(f, 0, 11);
	tun_at(f, 3, 12);
	tun_at(f, 6, 13);
	send_frame();
	outer_expect(11);
	outer_expect(11);
	outer_expect(12);
	outer_expect(13);
	outer_expect(12);
	ox_wires_expect(&w, 2, in.b, in.len);
	ox_wires_tx(&w, TUN, 5, 5ull * in.len);
}

/* It outlives a recirculation, and a list in several slots. */
static void recirculated(void **state)
{
	uint32_t f;

	(void)state;
	up();
	for (int i = 0; i < OX_ACTS_OPS - 1; i++)
		output(2);
	place();
	ox_make_u32(&list, OVS_ACTION_ATTR_RECIRC, 1);
	f = flow(0);
	output(TUN);
	flow(1);
	tun_at(f, OX_ACTS_OPS - 1, 77);
	send_frame();
	outer_expect(77);
}

static void encap6(void **state)
{
	const uint8_t *ip = got + OX_ETH_LEN;
	struct ox_op_tun *t;
	uint32_t f;

	(void)state;
	up();
	run("sysctl -qw net.ipv6.conf.w4.disable_ipv6=0");
	run("ip addr add fd01::1/64 dev w4 nodad");
	run("ip neigh add fd01::2 lladdr 02:00:00:00:00:99 dev w4");
	place();
	place();
	place();
	place();
	output(TUN);
	f = flow(0);
	t = tun_at(f, 0, 9);
	t->flags |= OX_OPF_TUN6;
	t->n_args = 3;
	t->dst = 0;
	memcpy(arg_at(f, 1, OX_TUN_ARG_SRC6)->w, near6, 16);
	memcpy(arg_at(f, 2, OX_TUN_ARG_DST6)->w, far6, 16);
	arg_at(f, 3, OX_TUN_ARG_PORTS)->label = htonl(0x12345);
	send_frame();
	do
		outer_recv();
	while (ip[6] != 17 || got[12] != 0x86); /* neighbour discovery, MLD */
	assert_int_equal(get24(ip + 1) & 0xfffff, 0x12345);
	assert_int_equal(ip[7], 61);
	assert_memory_equal(ip + 8, near6, 16);
	assert_memory_equal(ip + 24, far6, 16);
	assert_int_equal(get24(got + OUTER6 + 4), 9);
	assert_memory_equal(got + OUTER6 + VXLAN_HL, in.b, in.len);
}

/* Options: of this kind of device, or none. */
static void gbp(void **state)
{
	const uint32_t policy = 0x00080077;
	struct ox_op_tun *t;
	uint32_t f;

	(void)state;
	up_with(" gbp");
	place();
	place();
	output(TUN);
	f = flow(0);
	t = tun_at(f, 0, 3);
	t->n_args = 1;
	t->opts_len = 4;
	t->tun_flags |= TUNNEL_VXLAN_OPT;
	memcpy(arg_at(f, 1, OX_TUN_ARG_OPTS)->w, &policy, 4);
	send_frame();
	outer_expect(3);
	assert_memory_equal(got + OUTER4, "\x88\x08\x00\x77", 4);
	t->tun_flags = TUNNEL_KEY | TUNNEL_GENEVE_OPT;
	send_frame();
	outer_expect(3);
	assert_memory_equal(got + OUTER4, "\x08\x00\x00\x00", 4);
}

static void no_key(void **state)
{
	(void)state;
	up();
	output(TUN);
	flow(0);
	send_frame();
	assert_int_equal(ox_wires_reason(&w, OX_R_NO_TUNNEL, 1), 1);
	ox_wires_tx(&w, TUN, 0, 0);
	ox_wires_quiet(&w, UNDER);
}

/* Nor has a copy one; the list goes on. */
static void no_key_copy(void **state)
{
	(void)state;
	up();
	output(TUN);
	output(2);
	flow(0);
	send_frame();
	ox_wires_expect(&w, 2, in.b, in.len);
	assert_int_equal(ox_wires_reason(&w, OX_R_NO_TUNNEL, 1), 1);
	ox_wires_tx(&w, TUN, 0, 0);
	ox_wires_quiet(&w, UNDER);
}

/* A list that isn't whole any more. */
static void torn(void **state)
{
	uint32_t f;

	(void)state;
	up();
	place();
	place();
	output(TUN);
	f = flow(0);
	tun_at(f, 0, 11)->n_args = 1;
	send_frame();
	assert_int_equal(ox_wires_reason(&w, OX_R_BAD_FLOW, 1), 1);
	arg_at(f, 1, OX_TUN_ARG_PORTS);
	send_frame();
	outer_expect(11);
	ox_wires_tx(&w, TUN, 1, in.len);
}

/* ---- in ---- */

static uint16_t ip_sum(const uint8_t *p)
{
	uint32_t s = 0;

	for (int i = 0; i < 20; i += 2)
		s += (uint32_t)p[i] << 8 | p[i + 1];
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return (uint16_t)~s;
}

/* What was built last, in VXLAN, from the far end. word: the first four bytes
 * of the VXLAN header. */
static void outer_send(uint32_t vni, uint8_t tos, uint32_t word)
{
	static const uint8_t from[6] = { 2, 0, 0, 0, 0, 0x99 };
	uint8_t b[OUTER4 + VXLAN_HL + 256] = { 0 }, *ip = b + OX_ETH_LEN,
				      *udp = ip + 20, *vx = udp + 8;
	uint32_t len = OUTER4 + VXLAN_HL + in.len;

	assert_true(in.len <= 256);
	memcpy(b, near_mac, 6);
	memcpy(b + 6, from, 6);
	b[12] = 8;
	ip[0] = 0x45;
	ip[1] = tos;
	put16(ip + 2, (uint16_t)(len - OX_ETH_LEN));
	ip[8] = 33;
	ip[9] = 17;
	memcpy(ip + 12, "\x0a\x01\x00\x02\x0a\x01\x00\x01", 8);
	put16(ip + 10, ip_sum(ip));
	put16(udp, 5000);
	put16(udp + 2, VXLAN);
	put16(udp + 4, (uint16_t)(len - OX_ETH_LEN - 20));
	word = htonl(word);
	memcpy(vx, &word, 4);
	vx[4] = (uint8_t)(vni >> 16);
	vx[5] = (uint8_t)(vni >> 8);
	vx[6] = (uint8_t)vni;
	memcpy(vx + VXLAN_HL, in.b, in.len);
	assert_int_equal(ox_test_send(w.wire[UNDER].fd, b, len), 0);
}

static void inner(void)
{
	struct desc d = desc_ip4(17);

	build(&d, &in);
}

/* The key of a packet without a flow, as user space gets it. */
static void decap(void **state)
{
	const struct ox_key *k = &rec.rec.key;

	(void)state;
	up();
	inner();
	outer_send(0xabcdef, 0x28, 0x08000000);
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.md.reason, OX_UP_MISS);
	assert_int_equal(rec.rec.tun_len, sizeof(struct ox_tun));
	assert_int_equal(k->in_port, TUN);
	assert_int_equal(k->tun_proto, AF_INET);
	assert_int_equal(k->tun_opts_len, 0);
	assert_int_equal(k->tun_flags, TUNNEL_KEY);
	assert_int_equal(k->tun_tos, 0x28);
	assert_int_equal(k->tun_ttl, 33);
	assert_int_equal(k->tun_at, 0);
	assert_int_equal(rec.tun.tun_id, __builtin_bswap64(0xabcdef));
	assert_int_equal(rec.tun.ipv4.src, htonl(FAR));
	assert_int_equal(rec.tun.ipv4.dst, htonl(NEAR));
	for (int i = 2; i < OX_TUN_WORDS; i++)
		assert_int_equal(rec.tun.x[i], 0);
	assert_memory_equal(rec.frame, in.b, in.len);
	ox_wires_rx(&w, TUN, 1, in.len);
}

/* Options of one packet are none of the next one's. */
static void decap_gbp(void **state)
{
	const uint32_t policy = 0x00080077;

	(void)state;
	up_with(" gbp");
	inner();
	outer_send(1, 0, 0x88080077);
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.key.tun_opts_len, 4);
	assert_int_equal(rec.rec.key.tun_flags, TUNNEL_KEY | TUNNEL_VXLAN_OPT);
	assert_memory_equal(rec.tun.opts, &policy, 4);
	outer_send(1, 0, 0x08000000);
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.key.tun_opts_len, 0);
	for (int i = 0; i < 264; i++)
		assert_int_equal(rec.tun.opts[i], 0);
}

/* The next packet, that comes without a tunnel, has nothing of it. */
static void decap_then_plain(void **state)
{
	(void)state;
	up();
	inner();
	outer_send(1, 0, 0x08000000);
	ox_wires_ring(&w, 1, &rec);
	send_frame();
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.key.in_port, 1);
	assert_int_equal(rec.rec.key.w[OX_W_TUN], 0);
	assert_int_equal(rec.rec.tun_len, 0);
	assert_memory_equal(rec.frame, in.b, in.len);
}

/* Packets that differ in their tunnel alone are of two hashes. */
static void decap_hash(void **state)
{
	uint32_t first;

	(void)state;
	up();
	inner();
	outer_send(1, 0, 0x08000000);
	ox_wires_ring(&w, 1, &rec);
	first = rec.rec.md.hash;
	outer_send(2, 0, 0x08000000);
	ox_wires_ring(&w, 1, &rec);
	assert_int_not_equal(rec.rec.md.hash, first);
	outer_send(1, 0, 0x08000000);
	ox_wires_ring(&w, 1, &rec);
	assert_int_equal(rec.rec.md.hash, first);
}

/* ---- frames of the user tier ---- */

static struct ox_tun_key key_to_far(uint32_t vni)
{
	struct ox_tun_key k = { 0 };

	k.proto = AF_INET;
	k.flags = TUNNEL_KEY;
	k.ttl = 62;
	k.tun.tun_id = __builtin_bswap64(vni);
	k.tun.ipv4.dst = htonl(FAR);
	return k;
}

static void injected(void **state)
{
	const struct ox_tun_key a = key_to_far(0x51), b = key_to_far(0x52);
	struct ox_output_pkt tx = { .mac_proto = 1, .mark = 7 };
	struct ox_output *o;
	struct ox_err err;

	(void)state;
	up();
	inner();
	tx.frame = in.b;
	tx.len = in.len;
	assert_int_equal(ox_output_open(&o, &err), 0);
	tx.tunnel = &a;
	ox_output_put(o, w.m, TUN, &tx);
	ox_output_flush(o);
	outer_expect(0x51);
	/* a batch, with one that isn't for a tunnel in between */
	ox_output_put(o, w.m, TUN, &tx);
	ox_output_put(o, w.m, 2, &tx);
	tx.tunnel = &b;
	ox_output_put(o, w.m, TUN, &tx);
	tx.tunnel = NULL;
	ox_output_put(o, w.m, TUN, &tx);
	ox_output_flush(o);
	outer_expect(0x51);
	outer_expect(0x52);
	ox_wires_expect(&w, 2, in.b, in.len);
	ox_wires_quiet(&w, UNDER);
	assert_int_equal(w.m->uports[TUN].host.tx_packets, 3);
	assert_int_equal(w.m->uports[TUN].host.tx_bytes, 3 * in.len);
	assert_int_equal(w.m->uports[TUN].host.tx_dropped, 1);
	assert_int_equal(w.m->config->host.reason[OX_R_NO_TUNNEL], 1);
	for (int i = 0; i < OX_INJECTS; i++)
		assert_int_equal(w.m->inject[i].token, 0);
	ox_output_close(o);
}

/* A key that the kernel doesn't take is counted, and so is a port that has
 * gone. */
static void injected_wrong(void **state)
{
	struct ox_tun_key k = key_to_far(1);
	struct ox_output_pkt tx = { .mac_proto = 1, .tunnel = &k };
	struct ox_output *o;
	struct ox_err err;

	(void)state;
	up();
	inner();
	tx.frame = in.b;
	tx.len = in.len;
	k.flags |= TUNNEL_VXLAN_OPT;
	k.opts_len = 3;
	assert_int_equal(ox_output_open(&o, &err), 0);
	ox_output_put(o, w.m, TUN, &tx);
	ox_output_flush(o);
	assert_int_equal(w.m->config->host.reason[OX_R_TUNNEL], 1);
	assert_int_equal(w.m->config->host.reason[OX_R_SEND], 0);
	assert_int_equal(w.m->ops->port_device(w.m, TUN, 0, 0), 0);
	ox_output_put(o, w.m, TUN, &tx);
	ox_output_flush(o);
	assert_int_equal(w.m->config->host.reason[OX_R_NO_PORT], 1);
	assert_int_equal(w.m->uports[TUN].host.tx_packets, 0);
	assert_int_equal(w.m->uports[TUN].host.tx_dropped, 2);
	ox_wires_quiet(&w, UNDER);
	ox_output_close(o);
}

/* A frame with a mark of its sender's choice, as wait for none. */
static void not_injected(void **state)
{
	uint32_t mark = OX_INJECT_TOKEN(3, 0x12345678);
	int fd;

	(void)state;
	up();
	inner();
	w.m->inject[3].port_no = TUN;
	w.m->inject[3].key = key_to_far(1);
	w.m->inject[3].token = mark ^ 0x80000000;
	fd = ox_test_packet_socket("wc");
	assert_true(fd >= 0);
	assert_int_equal(
		setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), 0);
	assert_int_equal(ox_test_send(fd, in.b, in.len), 0);
	ox_wires_quiet(&w, UNDER);
	assert_int_equal(w.m->inject[3].token, mark ^ 0x80000000);
	/* the token itself is good for one frame */
	w.m->inject[3].token = mark;
	assert_int_equal(ox_test_send(fd, in.b, in.len), 0);
	outer_expect(1);
	assert_int_equal(ox_test_send(fd, in.b, in.len), 0);
	ox_wires_quiet(&w, UNDER);
	close(fd);
}

#define T(id, fn) OX_TEST_WITH("bpf.tunnel." id, fn, NULL, teardown)

static const struct CMUnitTest tests[] = {
	T("encap", encap),
	T("encap_no_csum_no_df", encap_no_csum_no_df),
	T("several", several),
	T("recirculated", recirculated),
	T("encap6", encap6),
	T("gbp", gbp),
	T("no_key", no_key),
	T("no_key_copy", no_key_copy),
	T("torn", torn),
	T("decap", decap),
	T("decap_gbp", decap_gbp),
	T("decap_then_plain", decap_then_plain),
	T("decap_hash", decap_hash),
	T("injected", injected),
	T("injected_wrong", injected_wrong),
	T("not_injected", not_injected),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, ox_test_dp_setup,
				      ox_test_dp_cleanup);
}
