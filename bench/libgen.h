/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libgen.h - a program that makes another packet of each run of
 * BPF_PROG_TEST_RUN: source address and ports from a list, then a tail call
 * into the program that is measured. So one call takes many flows.
 */
#ifndef OVSXDP_BENCH_LIBGEN_H
#define OVSXDP_BENCH_LIBGEN_H

#include <stdint.h>

#define OX_GEN_LEN (1 << 20) /* packets of the list; then again */

/* What differs; in network order, as in the frame. */
struct ox_gen_pkt {
	uint32_t saddr;
	uint16_t sport, dport;
};

struct ox_gen {
	int prog_fd;		 /* for ox_frames_best() */
	int entry_fd;		 /* prog array: what is called */
	struct ox_gen_pkt *list; /* [OX_GEN_LEN] */
};

void ox_gen_open(struct ox_gen *g);
/* XDP programs that know frags only. */
void ox_gen_target(struct ox_gen *g, int prog_fd);

/* Numbers below n; the same ones in each run. */
uint32_t ox_gen_uniform(uint32_t n);
/* By Zipf's law with exponent 1: 0 is the most frequent. */
uint32_t ox_gen_zipf(uint32_t n);

#endif /* OVSXDP_BENCH_LIBGEN_H */
