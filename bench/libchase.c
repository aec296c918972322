// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libchase.c - a chain of loads through a BPF array.
 */
#include "bench/libchase.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "bench/libframes.h"
#include "bench/libgen.h"
#include "bench/libinsn.h"

#define LINE  64
#define LOADS 256 /* a run */

/* Each element names another one, in a single ring (Sattolo's shuffle). */
static void ring(uint8_t *list, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		memcpy(list + (size_t)LINE * i, &i, sizeof(i));
	for (uint32_t i = n - 1; i; i--) {
		uint8_t *a = list + (size_t)LINE * i;
		uint8_t *b = list + (size_t)LINE * ox_gen_uniform(i);
		uint32_t t;

		memcpy(&t, a, sizeof(t));
		memcpy(a, b, sizeof(t));
		memcpy(b, &t, sizeof(t));
	}
}

static int chaser(int list, int at)
{
	const struct bpf_insn insns[] = {
		/* r6: where the last run ended */
		MOV_IMM(BPF_REG_7, 0),
		ELEMENT(at),
		JUMP_EQ0(BPF_REG_0, 15),
		MOV(BPF_REG_6, BPF_REG_0),
		LOAD(BPF_W, BPF_REG_7, BPF_REG_6, 0),
		MOV_IMM(BPF_REG_8, 0),
		ELEMENT(list),
		JUMP_EQ0(BPF_REG_0, 4),
		LOAD(BPF_W, BPF_REG_7, BPF_REG_0, 0),
		ALU_IMM(BPF_ADD, BPF_REG_8, 1),
		JUMP_LT_IMM(BPF_REG_8, LOADS, -10),
		STORE(BPF_W, BPF_REG_6, 0, BPF_REG_7),
		MOV_IMM(BPF_REG_0, XDP_DROP),
		EXIT(),
	};

	return ox_insn_load("ox_chase", insns,
			    sizeof(insns) / sizeof(insns[0]));
}

double ox_bench_chase(uint64_t bytes)
{
	uint32_t n = (uint32_t)(bytes / LINE);
	int list = ox_insn_array("ox_chase_list", LINE, n);
	int at = ox_insn_array("ox_chase_at", 8, 1);
	int prog = chaser(list, at);
	uint8_t *mem = mmap(NULL, (size_t)LINE * n, PROT_READ | PROT_WRITE,
			    MAP_SHARED, list, 0);
	double ns;

	if (mem == MAP_FAILED)
		ox_bench_die("can't map an array of %u lines: %s", n,
			     strerror(errno));
	ring(mem, n);
	ns = ox_frames_best(ox_frames_plain, prog, 0);
	munmap(mem, (size_t)LINE * n);
	close(prog);
	close(at);
	close(list);
	return ns / LOADS;
}
