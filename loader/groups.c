// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * groups.c - the map "groups": sets of devices that XDP redirects copies to
 * in one go. A set is never changed under programs that read it: a new one
 * takes its place.
 */
#include "loader/priv.h"

#include <errno.h>
#include <bpf/bpf.h>

/* A port without a device is no error, nor is one whose device has just gone
 * (EINVAL): the program looks before it sends. */
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
		if (err && err != -EINVAL)
			return err;
	}
	return 0;
}

/* An fd of a new set, or -errno. */
static int set_make(struct ox_mem *m, const struct ox_group_ports *g)
{
	/* as the template in maps.h, or the kernel refuses it */
	const struct ox_inner_def def = {
		.type = BPF_MAP_TYPE_DEVMAP_HASH,
		.value_size = sizeof(uint32_t),
		.max_entries = OX_GROUP_PORTS,
	};
	_cleanup_fd_ int fd = -1;
	int err;

	if (g->slot >= OX_MAX_GROUPS || g->n > OX_GROUP_PORTS)
		return -EINVAL;
	fd = ox_inner_create(&def, "group");
	if (fd < 0)
		return take_fd(fd);
	err = set_fill(m, fd, g->ports, g->n);
	return err ? err : take_fd(fd);
}

static int sets_enter(struct ox_mem *m, const struct ox_group_ports *sets,
		      uint32_t n, const int *fds)
{
	int outer = ox_dp_of(m)->map_fd[OX_M_GROUPS], err = 0;
	uint32_t slots[OX_GROUPS_AT_ONCE], done = n;

	for (uint32_t i = 0; i < n; i++)
		slots[i] = sets[i].slot;
	if (n > 1 && !bpf_map_update_batch(outer, slots, fds, &done, NULL))
		return 0;
	for (uint32_t i = 0; !err && i < n; i++)
		err = ox_outer_set(outer, slots[i], fds[i]);
	return err;
}

int ox_groups_set(struct ox_mem *m, const struct ox_group_ports *sets,
		  uint32_t n)
{
	int fds[OX_GROUPS_AT_ONCE], err = 0;
	uint32_t made;

	if (n > OX_GROUPS_AT_ONCE)
		return -EINVAL;
	for (made = 0; !err && made < n; made++) {
		fds[made] = set_make(m, &sets[made]);
		if (fds[made] < 0) {
			err = fds[made];
			break;
		}
	}
	if (!err)
		err = sets_enter(m, sets, n, fds);
	while (made--)
		close(fds[made]);
	return err;
}
