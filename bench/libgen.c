// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libgen.c - a packet generator in front of the program that is measured.
 */
#include "bench/libgen.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "bench/libframes.h"
#include "bench/libinsn.h"

#define OFF_SADDR 26 /* IPv4 without options behind Ethernet */
#define OFF_PORTS 34
#define OFF_END	  38

/* Where each CPU is in the list: far from the others, lest one of them bring
 * into the shared cache what the next one is about to need. */
static int places(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "ox_gen_at", 4, 8, 1,
				NULL);
	int n = libbpf_num_possible_cpus();
	uint64_t at[n > 0 ? n : 1];
	uint32_t zero = 0;

	for (int i = 0; i < n; i++)
		at[i] = (uint64_t)i * OX_GEN_LEN / n;
	if (fd < 0 || bpf_map_update_elem(fd, &zero, at, BPF_ANY))
		ox_bench_die("can't make the places: %s", strerror(errno));
	return fd;
}

void ox_gen_open(struct ox_gen *g)
{
	int at = places();
	int list = ox_insn_array("ox_gen_list", sizeof(*g->list), OX_GEN_LEN);
	int entry = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "ox_gen", 4, 4, 1,
				   NULL);
	const struct bpf_insn insns[] = {
		MOV(BPF_REG_6, BPF_REG_1),
		ALU_IMM(BPF_MOV, BPF_REG_7, 0),
		ELEMENT(at),
		JUMP_EQ0(BPF_REG_0, 26),
		/* r7: which packet; the count goes on */
		LOAD(BPF_DW, BPF_REG_7, BPF_REG_0, 0),
		MOV(BPF_REG_1, BPF_REG_7),
		ALU_IMM(BPF_ADD, BPF_REG_1, 1),
		STORE(BPF_DW, BPF_REG_0, 0, BPF_REG_1),
		ALU_IMM(BPF_AND, BPF_REG_7, OX_GEN_LEN - 1),
		ELEMENT(list),
		JUMP_EQ0(BPF_REG_0, 14),
		LOAD(BPF_W, BPF_REG_8, BPF_REG_0, 0),
		LOAD(BPF_W, BPF_REG_9, BPF_REG_0, 4),
		LOAD(BPF_W, BPF_REG_2, BPF_REG_6, 0), /* data */
		LOAD(BPF_W, BPF_REG_3, BPF_REG_6, 4), /* data_end */
		MOV(BPF_REG_4, BPF_REG_2),
		ALU_IMM(BPF_ADD, BPF_REG_4, OFF_END),
		JUMP_GT(BPF_REG_4, BPF_REG_3, 7),
		STORE(BPF_W, BPF_REG_2, OFF_SADDR, BPF_REG_8),
		STORE(BPF_W, BPF_REG_2, OFF_PORTS, BPF_REG_9),
		MOV(BPF_REG_1, BPF_REG_6),
		MAP(BPF_REG_2, entry),
		ALU_IMM(BPF_MOV, BPF_REG_3, 0),
		CALL(BPF_FUNC_tail_call),
		ALU_IMM(BPF_MOV, BPF_REG_0, XDP_ABORTED),
		EXIT(),
	};

	g->prog_fd =
		ox_insn_load("ox_gen", insns, sizeof(insns) / sizeof(insns[0]));
	g->entry_fd = entry;
	g->list = mmap(NULL, sizeof(*g->list) * OX_GEN_LEN,
		       PROT_READ | PROT_WRITE, MAP_SHARED, list, 0);
	if (g->list == MAP_FAILED)
		ox_bench_die("can't map the list: %s", strerror(errno));
}

void ox_gen_target(struct ox_gen *g, int prog_fd)
{
	uint32_t zero = 0;

	if (bpf_map_update_elem(g->entry_fd, &zero, &prog_fd, BPF_ANY))
		ox_bench_die("can't enter the program: %s", strerror(errno));
}

/* xorshift64*: no call of the C library a number. */
static uint64_t next(void)
{
	static uint64_t s = 0x2545f4914f6cdd1dull;

	s ^= s >> 12;
	s ^= s << 25;
	s ^= s >> 27;
	return s * 0x2545f4914f6cdd1dull;
}

uint32_t ox_gen_uniform(uint32_t n)
{
	return (uint32_t)((next() >> 32) * n >> 32);
}

/* Weights 1/1, 1/2, ... added up; found by bisection. */
static const double *weights(uint32_t n)
{
	static double *sum;
	static uint32_t have;

	if (n > have) {
		sum = realloc(sum, n * sizeof(*sum));
		if (!sum)
			ox_bench_die("no memory for %u weights", n);
		for (; have < n; have++)
			sum[have] =
				(have ? sum[have - 1] : 0) + 1.0 / (have + 1);
	}
	return sum;
}

uint32_t ox_gen_zipf(uint32_t n)
{
	const double *sum = weights(n);
	double at = (double)(next() >> 11) / (double)(1ull << 53) * sum[n - 1];
	uint32_t low = 0, high = n - 1;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (sum[mid] > at)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}
