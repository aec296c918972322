/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libmem.h - what BPF maps take of memory.
 */
#ifndef OVSXDP_BENCH_LIBMEM_H
#define OVSXDP_BENCH_LIBMEM_H

#include <stdint.h>

struct ox_bench_maps {
	uint64_t shared;  /* bytes of maps that all CPUs share */
	uint64_t per_cpu; /* of the others, all CPUs together */
};

/* Of those pinned below a folder of bpffs, and those that stand in them, by
 * what the kernel accounts. Ends the program if there are none. */
struct ox_bench_maps ox_bench_maps(const char *folder);

#endif /* OVSXDP_BENCH_LIBMEM_H */
