// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * groups.c - the map "groups": sets of devices that XDP redirects copies to
 * in one go. A set is never changed under programs that read it: a new one
 * takes its place.
 */
#include "loader/priv.h"

#include <errno.h>
#include <bpf/bpf.h>

/* A port without a device is no error: the program looks before it sends. */
static int set_fill(struct ox_mem *m, int fd, const uint32_t *ports, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint32_t ifindex;
		int err;

		if (ports[i] >= m->config->max_ports)
			return -EINVAL;
		ifindex = m->ports[ports[i]].ifindex;
		if (!ifindex)
			continue;
		err = bpf_map_update_elem(fd, &ports[i], &ifindex, BPF_ANY);
		if (err)
			return err;
	}
	return 0;
}

int ox_group_set(struct ox_mem *m, uint32_t slot, const uint32_t *ports,
		 uint32_t n)
{
	/* as the template in maps.h, or the kernel refuses it */
	const struct ox_inner_def def = {
		.type = BPF_MAP_TYPE_DEVMAP_HASH,
		.value_size = sizeof(uint32_t),
		.max_entries = OX_GROUP_PORTS,
	};
	_cleanup_fd_ int fd = -1;
	int err;

	if (slot >= OX_MAX_GROUPS || n > OX_GROUP_PORTS)
		return -EINVAL;
	fd = ox_inner_create(&def, "group");
	if (fd < 0)
		return take_fd(fd);
	err = set_fill(m, fd, ports, n);
	return err ? err
		   : ox_outer_set(ox_dp_of(m)->map_fd[OX_M_GROUPS], slot, fd);
}
