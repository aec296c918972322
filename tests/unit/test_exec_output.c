// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * test_exec_output.c - frames of the user tier on real devices: they leave, in
 * batches, and what a device refuses is counted and holds up nothing else.
 * In a network namespace of its own; skipped without the privilege.
 */
#include "tests/lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include "control/packet/output.h"
#include "tests/lib/mem_heap.h"

#define PORT	  1
#define DOWN_PORT 2
#define L3_PORT	  3
#define FRAMES	  150 /* more than a batch */

struct fixture {
	struct ox_mem *mem;
	struct ox_output *output;
	int rx;	 /* on the far end of PORT */
	int tun; /* behind L3_PORT, or -1 */
};

static void add_port(struct fixture *f, uint32_t port_no, const char *ifname)
{
	f->mem->ports[port_no] = (struct ox_port){
		.ifindex = if_nametoindex(ifname),
		.flags = OX_PORT_UP,
		.mtu = 1500,
	};
}

static int far_end(const char *ifname)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = if_nametoindex(ifname) };
	struct timeval wait = { .tv_usec = 300000 };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	int size = 8 << 20; /* holds all that a test sends */

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	return fd;
}

/* Opens the program's end of an L3 device. */
static int tun_open(const char *ifname)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);

	strcpy(ifr.ifr_name, ifname);
	if (fd < 0 || !ioctl(fd, TUNSETIFF, &ifr))
		return fd;
	close(fd);
	return -1;
}

/* A veth keeps the order of what one CPU sends, no other. */
static void one_cpu(void)
{
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	assert_int_equal(sched_setaffinity(0, sizeof(cpu), &cpu), 0);
}

static int setup(void **state)
{
	static struct fixture f;

	*state = NULL;
	/* without IPv6 no frames but the test's; with its far end up, s1 has
	 * its queue at once and not when the kernel gets round to it */
	if (unshare(CLONE_NEWNET) ||
	    system("sysctl -qw net.ipv6.conf.default.disable_ipv6=1;"
		   "ip link add s1 mtu 9000 type veth peer name s1-far mtu 9000 &&"
		   "ip link add s2 type veth peer name s2-far &&"
		   "ip link set s1-far up && ip link set s1 up"))
		return 0;
	one_cpu();
	if (ox_mem_heap_new(&(struct ox_mem_heap_params){ 0 }, &f.mem) ||
	    ox_output_open(&f.output, NULL))
		return -1;
	add_port(&f, PORT, "s1");
	add_port(&f, DOWN_PORT, "s2");
	f.rx = far_end("s1-far");
	f.tun = tun_open("s3");
	if (f.tun >= 0 && system("ip link set s3 mtu 1400 up"))
		return -1;
	add_port(&f, L3_PORT, "s3");
	f.mem->ports[L3_PORT].flags |= OX_PORT_L3;
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (!f)
		return 0;
	ox_output_close(f->output);
	ox_mem_heap_free(f->mem);
	close(f->rx);
	if (f->tun >= 0)
		close(f->tun);
	return 0;
}

#define NEED(f)                                                     \
	do {                                                        \
		if (!(f))                                           \
			ox_skip("needs to make network namespaces " \
				"and veth pairs: run as root");     \
	} while (0)

/* Frame i: an experimental Ethertype, its number, filled up to len. */
static void put_meta(struct fixture *f, uint32_t port_no, uint32_t i,
		     uint32_t len, uint32_t priority, uint32_t mark)
{
	uint8_t frame[9014] = { 0x02, 0, 0, 0, 0, 2,	0x02,
				0,    0, 0, 0, 1, 0x88, 0xb5 };
	const struct ox_output_pkt tx = { .frame = frame,
					  .len = len,
					  .mac_proto = 1,
					  .priority = priority,
					  .mark = mark };

	memcpy(frame + ETH_HLEN, &i, sizeof(i));
	ox_output_put(f->output, f->mem, port_no, &tx);
}

static void put(struct fixture *f, uint32_t port_no, uint32_t i, uint32_t len)
{
	put_meta(f, port_no, i, len, 0, 0);
}

/* Number of the next frame, or -1. */
static int64_t next(struct fixture *f, size_t *len)
{
	uint8_t buf[9014];
	uint32_t i;
	ssize_t n;

	do {
		n = recv(f->rx, buf, sizeof(buf), 0);
		if (n < 0)
			return -1;
	} while (buf[12] != 0x88 || buf[13] != 0xb5);
	memcpy(&i, buf + ETH_HLEN, sizeof(i));
	*len = n;
	return i;
}

static void batches(void **state)
{
	struct fixture *f = *state;
	const struct ox_port_stats *st;
	size_t len;

	NEED(f);
	st = &f->mem->uports[PORT].host;
	for (uint32_t i = 0; i < FRAMES; i++)
		put(f, PORT, i, 60 + i);
	ox_output_flush(f->output);
	for (uint32_t i = 0; i < FRAMES; i++) {
		assert_int_equal(next(f, &len), i);
		assert_int_equal(len, 60 + i);
	}
	assert_int_equal(st->tx_packets, FRAMES);
	assert_int_equal(st->tx_bytes, 60 * FRAMES + FRAMES * (FRAMES - 1) / 2);
	assert_int_equal(st->tx_dropped, 0);
}

/* Large ones: the room for copies runs out before the batch is full. */
static void large(void **state)
{
	struct fixture *f = *state;
	size_t len;

	NEED(f);
	f->mem->ports[PORT].mtu = 9000;
	for (uint32_t i = 0; i < 60; i++)
		put(f, PORT, i, 9014);
	ox_output_flush(f->output);
	for (uint32_t i = 0; i < 60; i++) {
		assert_int_equal(next(f, &len), i);
		assert_int_equal(len, 9014);
	}
}

/* The device went down a moment ago: its frames are lost and counted, those
 * of the others leave. */
static void refused(void **state)
{
	struct fixture *f = *state;
	const struct ox_config *cfg;
	size_t len;

	NEED(f);
	cfg = f->mem->config;
	for (uint32_t i = 0; i < 10; i++)
		put(f, i % 2 ? DOWN_PORT : PORT, i, 100);
	ox_output_flush(f->output);
	for (uint32_t i = 0; i < 10; i += 2)
		assert_int_equal(next(f, &len), i);
	assert_int_equal(f->mem->uports[DOWN_PORT].host.tx_dropped, 5);
	assert_int_equal(f->mem->uports[DOWN_PORT].host.tx_packets, 0);
	assert_int_equal(f->mem->uports[PORT].host.tx_packets, 5);
	assert_int_equal(cfg->host.reason[OX_R_SEND], 5);
}

static void checked(void **state)
{
	struct fixture *f = *state;
	const struct ox_config *cfg;
	size_t len;

	NEED(f);
	cfg = f->mem->config;
	put(f, 9, 1, 60);
	put(f, PORT, 2, 1515);
	f->mem->ports[DOWN_PORT].flags = 0;
	put(f, DOWN_PORT, 3, 60);
	ox_output_flush(f->output);
	assert_int_equal(next(f, &len), -1);
	assert_int_equal(cfg->host.reason[OX_R_NO_PORT], 1);
	assert_int_equal(cfg->host.reason[OX_R_OVER_MTU], 1);
	assert_int_equal(cfg->host.reason[OX_R_PORT_DOWN], 1);
	assert_int_equal(f->mem->uports[PORT].host.tx_errors, 1);
	assert_int_equal(cfg->host.reason[OX_R_SEND], 0);
}

/* A tap on s1 that sees only packets with v in that word of __sk_buff. */
static int meta_tap(size_t word, uint32_t v)
{
	const struct bpf_insn code[] = {
		/* r0 = word; if r0 == v goto +2 */
		{ .code = BPF_LDX | BPF_MEM | BPF_W, 0, 1, (short)word, 0 },
		{ .code = BPF_JMP32 | BPF_JEQ | BPF_K, 0, 0, 2, (int)v },
		/* else none of it: r0 = 0 */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0 },
		{ .code = BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
		/* all of it */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0xffff },
		{ .code = BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
	};
	int prog = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", code,
				 sizeof(code) / sizeof(code[0]), NULL);
	int fd = far_end("s1");

	assert_true(prog >= 0);
	assert_int_equal(
		setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog)),
		0);
	close(prog);
	return fd;
}

static int tap_count(int fd)
{
	uint8_t buf[64];
	int n = 0;

	while (recv(fd, buf, sizeof(buf), n ? MSG_DONTWAIT : 0) > 0)
		n++;
	close(fd);
	return n;
}

#define MARK	 offsetof(struct __sk_buff, mark)
#define PRIORITY offsetof(struct __sk_buff, priority)

/* Queueing disciplines and filters see what the actions set. */
static void metadata(void **state)
{
	struct fixture *f = *state;
	int mark5, mark0, prio7, prio0, prio_large;
	size_t len;

	NEED(f);
	mark5 = meta_tap(MARK, 5);
	mark0 = meta_tap(MARK, 0);
	prio7 = meta_tap(PRIORITY, 7);
	prio0 = meta_tap(PRIORITY, 0);
	prio_large = meta_tap(PRIORITY, 0xffff0001);
	put_meta(f, PORT, 0, 60, 7, 0);
	put_meta(f, PORT, 1, 60, 0xffff0001, 5);
	put_meta(f, PORT, 2, 60, 0xffff0001, 5);
	put_meta(f, PORT, 3, 60, 0xffff0001, 0);
	put_meta(f, PORT, 4, 60, 0, 0);
	ox_output_flush(f->output);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(next(f, &len), i);
	assert_int_equal(tap_count(mark5), 2);
	assert_int_equal(tap_count(mark0), 3);
	assert_int_equal(tap_count(prio7), 1);
	assert_int_equal(tap_count(prio0), 1);
	assert_int_equal(tap_count(prio_large), 3);
	assert_int_equal(f->mem->uports[PORT].host.tx_packets, 5);
}

/* The next packet out of the L3 device: its protocol. -1: none. */
static int tun_next(struct fixture *f, uint8_t *buf, size_t *len)
{
	uint8_t room[2048];
	ssize_t n = read(f->tun, room, sizeof(room));

	if (n < 4)
		return -1;
	*len = n - 4;
	memcpy(buf, room + 4, *len);
	return room[2] << 8 | room[3];
}

/* ovs_vport_send(): packets as they are, frames as bridged Ethernet; and
 * nothing without Ethernet to a device that wants it. */
static void l3(void **state)
{
	struct fixture *f = *state;
	uint8_t ip[100] = { 0x45, 0, 0, 100, [9] = 200 }, got[2048];
	struct ox_output_pkt tx = { .frame = ip,
				    .len = sizeof(ip),
				    .eth_type = htons(ETH_P_IP) };
	size_t len;

	NEED(f);
	if (f->tun < 0)
		ox_skip("needs /dev/net/tun");
	f->mem->ports[L3_PORT].mtu = 1400;
	ox_output_put(f->output, f->mem, L3_PORT, &tx);
	ox_output_put(f->output, f->mem, PORT, &tx);
	put(f, L3_PORT, 7, 60);
	put(f, L3_PORT, 8, 1401);
	ox_output_flush(f->output);
	assert_int_equal(tun_next(f, got, &len), ETH_P_IP);
	assert_int_equal(len, sizeof(ip));
	assert_memory_equal(got, ip, len);
	assert_int_equal(tun_next(f, got, &len), ETH_P_TEB);
	assert_int_equal(len, 60);
	assert_int_equal(got[12], 0x88);
	assert_int_equal(tun_next(f, got, &len), -1);
	assert_int_equal(next(f, &len), -1);
	assert_int_equal(f->mem->config->host.reason[OX_R_NO_ETH], 1);
	assert_int_equal(f->mem->config->host.reason[OX_R_OVER_MTU], 1);
	assert_int_equal(f->mem->uports[L3_PORT].host.tx_packets, 2);
	assert_int_equal(f->mem->config->host.reason[OX_R_SEND], 0);
}

#define T(id, fn) OX_TEST_WITH("unit.output." id, fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T("batches", batches),	 T("large", large),
		T("refused", refused),	 T("checked", checked),
		T("metadata", metadata), T("l3", l3),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
