// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libmem.c - memory of BPF maps, as /proc/self/fdinfo tells it of each: those
 * pinned in a folder, and those that stand in them.
 */
#include "bench/libmem.h"

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "bench/libframes.h"

static struct ox_bench_maps sum;
static uint32_t *seen, n_seen; /* ids: a map may stand in several places */

static bool is_new(uint32_t id)
{
	for (uint32_t i = 0; i < n_seen; i++) {
		if (seen[i] == id)
			return false;
	}
	seen = realloc(seen, (n_seen + 1) * sizeof(*seen));
	if (!seen)
		ox_bench_die("no memory for the ids of maps");
	seen[n_seen++] = id;
	return true;
}

/* fdinfo's memlock; *id is 0 for what is no map. */
static uint64_t memlock(int fd, uint32_t *id)
{
	unsigned long long bytes = 0;
	char path[64], line[128];
	FILE *f;

	*id = 0;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			continue;
		(void)sscanf(line, "map_id: %u", id);
	}
	if (f)
		fclose(f);
	return bytes;
}

static void add(int fd);

/* The maps in an array of maps, by their ids. */
static void add_inner(int fd, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint32_t id;
		int inner;

		if (bpf_map_lookup_elem(fd, &i, &id))
			continue;
		inner = bpf_map_get_fd_by_id(id);
		if (inner < 0)
			continue;
		add(inner);
		close(inner);
	}
}

static void add(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info), id;
	uint64_t bytes = memlock(fd, &id);

	if (!id || !is_new(id) || bpf_obj_get_info_by_fd(fd, &info, &len))
		return;
	if (info.type == BPF_MAP_TYPE_PERCPU_ARRAY ||
	    info.type == BPF_MAP_TYPE_PERCPU_HASH)
		sum.per_cpu += bytes;
	else
		sum.shared += bytes;
	if (info.type == BPF_MAP_TYPE_ARRAY_OF_MAPS)
		add_inner(fd, info.max_entries);
}

static int pin(const char *path, const struct stat *st, int type,
	       struct FTW *ftw)
{
	int fd = type == FTW_F ? bpf_obj_get(path) : -1;

	(void)st;
	(void)ftw;
	if (fd >= 0) {
		add(fd);
		close(fd);
	}
	return 0;
}

struct ox_bench_maps ox_bench_maps(const char *folder)
{
	sum = (struct ox_bench_maps){ 0 };
	n_seen = 0;
	if (nftw(folder, pin, 8, FTW_PHYS))
		ox_bench_die("can't read %s", folder);
	if (!sum.shared)
		ox_bench_die("no maps in %s", folder);
	return sum;
}
