// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libframes.c - frames by BPF_PROG_TEST_RUN (docs/facts.md, B5): works
 * on every kernel from 5.18, without a second machine and without pktgen.
 */
#include "bench/libframes.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#ifndef BPF_F_TEST_XDP_LIVE_FRAMES
#define BPF_F_TEST_XDP_LIVE_FRAMES (1U << 1)
#endif

#define RESTORED 32 /* bytes of a frame that a program may have edited */

uint32_t ox_frame_len = OX_FRAME_LEN;
uint8_t ox_frame[OX_FRAME_MAX] = {
	0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00,
	/* IPv4, 50 bytes */
	0x45, 0, 0, 50, 0, 0, 0x40, 0, 64, 17, 0x26, 0xb9, 10, 0, 0, 1, 10, 0,
	0, 2,
	/* UDP 1000 > 2000, no checksum, 22 bytes of payload */
	0x03, 0xe8, 0x07, 0xd0, 0, 30, 0, 0
};

void ox_frames_use(const void *frame, uint32_t len)
{
	if (len > OX_FRAME_MAX)
		ox_bench_die("a frame of %u bytes", len);
	memset(ox_frame, 0, sizeof(ox_frame));
	memcpy(ox_frame, frame, len);
	ox_frame_len = len;
}

void ox_bench_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "bench: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	exit(1);
}

void ox_bench_sh(const char *fmt, ...)
{
	char cmd[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	if (system(cmd))
		ox_bench_die("'%s' failed", cmd);
}

void ox_bench_netns(void)
{
	if (unshare(CLONE_NEWNET))
		ox_bench_die("can't make a network namespace: %s; run as root",
			     strerror(errno));
	ox_bench_sh("ip link set lo up");
}

uint32_t ox_bench_veth(const char *a, const char *b)
{
	ox_bench_sh("ip link add %s type veth peer name %s", a, b);
	ox_bench_sh("sysctl -qw net.ipv6.conf.%s.disable_ipv6=1 "
		    "net.ipv6.conf.%s.disable_ipv6=1",
		    a, b);
	ox_bench_sh("ethtool -K %s gro on && ethtool -K %s gro on", a, b);
	ox_bench_sh("ip link set %s up && ip link set %s up", a, b);
	return if_nametoindex(a);
}

void ox_bench_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		ox_bench_die("can't run on CPU %d: %s", cpu, strerror(errno));
}

void ox_bench_pin_others(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (i != cpu)
			CPU_SET(i, &set);
	}
	/* fails where there is no other */
	sched_setaffinity(0, sizeof(set), &set);
}

uint64_t ox_bench_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static int prog_load(const struct bpf_insn *insns, size_t n)
{
	LIBBPF_OPTS(bpf_prog_load_opts, o, .prog_flags = BPF_F_XDP_HAS_FRAGS,
		    .expected_attach_type = BPF_XDP);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "ox_bench", "Dual BSD/GPL",
			       insns, n, &o);

	if (fd < 0)
		ox_bench_die("can't load a program: %s", strerror(errno));
	return fd;
}

#define MOV_IMM(reg, i)                                          \
	((struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, \
			    .dst_reg = (reg),                    \
			    .imm = (int)(i) })
#define MOV_REG(d, s)                                            \
	((struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X, \
			    .dst_reg = (d),                      \
			    .src_reg = (s) })
#define LOAD_W(d, s, o)                                        \
	((struct bpf_insn){ .code = BPF_LDX | BPF_MEM | BPF_W, \
			    .dst_reg = (d),                    \
			    .src_reg = (s),                    \
			    .off = (o) })
#define CALL(fn) ((struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = (fn) })
#define EXIT()	 ((struct bpf_insn){ .code = BPF_JMP | BPF_EXIT })

int ox_frames_prog(uint32_t verdict)
{
	const struct bpf_insn insns[] = { MOV_IMM(BPF_REG_0, verdict), EXIT() };

	return prog_load(insns, 2);
}

int ox_frames_prog_redirect(uint32_t ifindex)
{
	int map =
		bpf_map_create(BPF_MAP_TYPE_DEVMAP, "ox_bench", 4, 4, 1, NULL);
	uint32_t key = 0;
	struct bpf_insn insns[] = {
		/* a 64-bit immediate takes two */
		{ .code = BPF_LD | BPF_IMM | BPF_DW,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map },
		{ 0 },
		MOV_IMM(BPF_REG_2, 0),
		MOV_IMM(BPF_REG_3, 0),
		CALL(BPF_FUNC_redirect_map),
		EXIT(),
	};

	if (map < 0 || bpf_map_update_elem(map, &key, &ifindex, 0))
		ox_bench_die("can't make a devmap: %s", strerror(errno));
	return prog_load(insns, sizeof(insns) / sizeof(insns[0]));
}

/* Stores the word of ox_frame at off; r2 is the frame's start. */
static struct bpf_insn restore(uint32_t off)
{
	struct bpf_insn insn = { .code = BPF_ST | BPF_MEM | BPF_W,
				 .dst_reg = BPF_REG_2,
				 .off = (int16_t)off };

	memcpy(&insn.imm, ox_frame + off, sizeof(insn.imm));
	return insn;
}

int ox_frames_prog_restore(int moved)
{
	const struct bpf_insn start[] = {
		MOV_REG(BPF_REG_6, BPF_REG_1),
		MOV_IMM(BPF_REG_2, -moved),
		CALL(BPF_FUNC_xdp_adjust_head),
	};
	const struct bpf_insn check[] = {
		LOAD_W(BPF_REG_2, BPF_REG_6, offsetof(struct xdp_md, data)),
		LOAD_W(BPF_REG_3, BPF_REG_6, offsetof(struct xdp_md, data_end)),
		MOV_REG(BPF_REG_4, BPF_REG_2),
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K,
		  .dst_reg = BPF_REG_4,
		  .imm = RESTORED },
		{ .code = BPF_JMP | BPF_JGT | BPF_X,
		  .dst_reg = BPF_REG_4,
		  .src_reg = BPF_REG_3,
		  .off = RESTORED / 4 },
	};
	struct bpf_insn insns[32];
	size_t n = 0;

	memcpy(insns, start, sizeof(start));
	n += moved ? 3 : 1;
	memcpy(insns + n, check, sizeof(check));
	n += sizeof(check) / sizeof(check[0]);
	for (uint32_t off = 0; off < RESTORED; off += 4)
		insns[n++] = restore(off);
	insns[n++] = MOV_IMM(BPF_REG_0, XDP_DROP);
	insns[n++] = EXIT();
	return prog_load(insns, n);
}

void ox_frames_attach(int prog_fd, uint32_t ifindex)
{
	int err = bpf_xdp_attach(ifindex, prog_fd, XDP_FLAGS_DRV_MODE, NULL);

	if (err)
		ox_bench_die("can't attach a program to device %u: %s", ifindex,
			     strerror(-err));
}

static void test_run(int prog_fd, struct bpf_test_run_opts *o, uint32_t ifindex)
{
	struct xdp_md ctx = { .data_end = ox_frame_len,
			      .ingress_ifindex = ifindex };

	o->data_in = ox_frame;
	o->data_size_in = ox_frame_len;
	o->ctx_in = &ctx;
	o->ctx_size_in = sizeof(ctx);
	if (bpf_prog_test_run_opts(prog_fd, o))
		ox_bench_die("BPF_PROG_TEST_RUN: %s", strerror(errno));
}

/* The kernel's own clock around the loop (whole nanoseconds a run): the
 * call itself takes milliseconds, which wait for a grace period. */
double ox_frames_plain(int prog_fd, uint32_t ifindex, uint32_t n)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .repeat = n);

	test_run(prog_fd, &o, ifindex);
	return o.duration;
}

static atomic_uint sent; /* cores.c has several threads */

uint32_t ox_frames_sent(void)
{
	return sent;
}

double ox_frames_live(int prog_fd, uint32_t ifindex, uint32_t n)
{
	LIBBPF_OPTS(bpf_test_run_opts, o, .repeat = n,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 64);

	test_run(prog_fd, &o, ifindex);
	sent += n;
	return o.duration;
}

uint32_t ox_bench_number(const char *name, uint32_t otherwise)
{
	const char *s = getenv(name);
	int n = s ? atoi(s) : (int)otherwise;

	if (n < 1)
		ox_bench_die("%s=%s: a number from 1 on", name, s);
	return n;
}

uint32_t ox_frames_rounds(void)
{
	return ox_bench_number("ROUNDS", 7);
}

uint32_t ox_frames_round(double ns)
{
	uint32_t n = ox_bench_number("ROUND_MS", 30) * 1e6 / (ns < 1 ? 1 : ns);

	return n < 2000 ? 2000 : n;
}

double ox_frames_best(double (*run)(int, uint32_t, uint32_t), int prog_fd,
		      uint32_t ifindex)
{
	double best = run(prog_fd, ifindex, 2000), ns;
	uint32_t n = ox_frames_round(best);

	for (uint32_t i = 0; i < ox_frames_rounds(); i++) {
		ns = run(prog_fd, ifindex, n);
		if (ns < best || !i)
			best = ns;
	}
	return best;
}

uint32_t ox_frames_received(const char *dev)
{
	const struct rtnl_link_stats *stats = NULL;
	struct ifaddrs *all, *a;
	uint32_t n = 0;

	if (getifaddrs(&all))
		ox_bench_die("can't read the devices' counters: %s",
			     strerror(errno));
	for (a = all; a; a = a->ifa_next) {
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_PACKET &&
		    !strcmp(a->ifa_name, dev))
			stats = a->ifa_data;
	}
	if (!stats)
		ox_bench_die("no device %s", dev);
	n = stats->rx_packets;
	freeifaddrs(all);
	return n;
}
