// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * handle.c - struct ox_dp from its making to its closing, and what others may
 * know of it.
 */
#include "loader/priv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/libbpf.h>

/* Everything that ox_dp_close() looks at is set, so it can be called at any
 * time from here on. */
struct ox_dp *ox_dp_alloc(const char *root, const char *name)
{
	struct ox_dp *dp = calloc(1, sizeof(*dp));
	int i;

	if (!dp)
		return NULL;
	for (i = 0; i < OX_M_COUNT; i++)
		dp->map_fd[i] = -1;
	for (i = 0; i < OX_P_COUNT; i++)
		dp->prog[i].fd = -1;
	dp->sync_fd = -1;
	dp->n_cpus = libbpf_num_possible_cpus();
	dp->mem.ops = &ox_dp_ops;
	dp->mem.owner = dp;
	strncpy(dp->name, name, sizeof(dp->name) - 1);
	dp->path = ox_pin_folder(root, name);
	if (!dp->path) {
		ox_dp_close(dp);
		return NULL;
	}
	return dp;
}

void ox_dp_close(struct ox_dp *dp)
{
	if (!dp)
		return;
	ox_grow_wait(dp);
	ox_sync_wait(dp);
	ox_chunks_close(dp);
	ox_maps_close(dp);
	ox_progs_close(dp);
	ox_sum_close(dp);
	if (dp->sync_fd >= 0)
		close(dp->sync_fd);
	free(dp->batch);
	free(dp->path);
	free(dp);
}

struct ox_mem *ox_dp_mem(struct ox_dp *dp)
{
	return &dp->mem;
}

int ox_dp_prog_fd(const struct ox_dp *dp)
{
	return dp->prog[OX_P_XDP].fd;
}

uint32_t ox_dp_prog_id(const struct ox_dp *dp)
{
	return dp->prog[OX_P_XDP].id;
}

uint32_t ox_dp_tc_id(const struct ox_dp *dp)
{
	return dp->prog[OX_P_TC].id;
}

const char *ox_dp_build(const struct ox_dp *dp)
{
	return dp->build.id;
}

const char *ox_dp_path(const struct ox_dp *dp)
{
	return dp->path;
}
