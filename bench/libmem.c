// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * libmem.c - memory of BPF maps, as /proc/self/fdinfo tells it of each.
 */
#include "bench/libmem.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>
#include <bpf/bpf.h>

static uint64_t memlock(int fd)
{
	unsigned long long bytes = 0;
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "memlock: %llu", &bytes) == 1)
			break;
	}
	if (f)
		fclose(f);
	return bytes;
}

static bool is_per_cpu(int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) &&
	       (info.type == BPF_MAP_TYPE_PERCPU_ARRAY ||
		info.type == BPF_MAP_TYPE_PERCPU_HASH);
}

struct ox_bench_maps ox_bench_maps(void)
{
	struct ox_bench_maps m = { 0 };
	uint32_t id = 0;

	while (!bpf_map_get_next_id(id, &id)) {
		int fd = bpf_map_get_fd_by_id(id);

		if (fd < 0)
			continue;
		*(is_per_cpu(fd) ? &m.per_cpu : &m.shared) += memlock(fd);
		close(fd);
	}
	return m;
}
