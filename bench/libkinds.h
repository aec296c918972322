/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libkinds.h - a program that measures several kinds of things, each over
 * some counts: PROGRAM ROOT [KIND [COUNT...]]...; all, if none is named.
 */
#ifndef OVSXDP_BENCH_LIBKINDS_H
#define OVSXDP_BENCH_LIBKINDS_H

#include <stddef.h>
#include <stdint.h>

struct ox_bench_kind {
	const char *name;
	void (*run)(void *bench, uint32_t count);
	uint32_t counts[12]; /* where none is given; 0 ends them */
};

/* argv[0] is the first KIND. Ends the program if there is no such one. */
void ox_bench_kinds(const struct ox_bench_kind *kinds, size_t n, void *bench,
		    int argc, char **argv);

#endif /* OVSXDP_BENCH_LIBKINDS_H */
