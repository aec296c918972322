// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libkinds.c - which kinds are measured, over which counts.
 */
#include "bench/libkinds.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bench/libframes.h"

static void all_counts(const struct ox_bench_kind *kind, void *bench)
{
	for (const uint32_t *n = kind->counts; *n; n++)
		kind->run(bench, *n);
}

static const struct ox_bench_kind *find(const struct ox_bench_kind *kinds,
					size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	ox_bench_die("%s: nothing of that name is measured", name);
}

void ox_bench_kinds(const struct ox_bench_kind *kinds, size_t n, void *bench,
		    int argc, char **argv)
{
	for (size_t i = 0; argc < 1 && i < n; i++)
		all_counts(&kinds[i], bench);
	for (int i = 0; i < argc;) {
		const struct ox_bench_kind *kind = find(kinds, n, argv[i++]);

		if (i == argc || !isdigit((unsigned char)argv[i][0]))
			all_counts(kind, bench);
		for (; i < argc && isdigit((unsigned char)argv[i][0]); i++)
			kind->run(bench, (uint32_t)strtoul(argv[i], NULL, 10));
	}
}
