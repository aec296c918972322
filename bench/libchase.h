/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libchase.h - what this machine's memory takes: one load that depends on the
 * one before, in a BPF array, which is what a lookup is held to.
 */
#ifndef OVSXDP_BENCH_LIBCHASE_H
#define OVSXDP_BENCH_LIBCHASE_H

#include <stdint.h>

/* ns a load, in an array of so many bytes. Each element is a cache line, and
 * names the next one, at random. Ends the program on any error. */
double ox_bench_chase(uint64_t bytes);

#endif /* OVSXDP_BENCH_LIBCHASE_H */
